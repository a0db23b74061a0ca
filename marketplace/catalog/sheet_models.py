"""Lists of goods that farms send as files, kept while they are looked at and written."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _


class SheetState(State):
    READ = "read"
    WAITING = "waiting"
    DONE = "done"
    DROPPED = "dropped"


states.label(
    {
        SheetState.READ: (_("Chờ bạn xem lại"), "warm"),
        SheetState.WAITING: (_("Đang nhập"), "warm"),
        SheetState.DONE: (_("Đã nhập"), "good"),
        SheetState.DROPPED: _("Đã bỏ"),
    }
)


class GoodsSheet(Record):
    """A list of goods a farm sent as a file: its rows as they were read, which column is what, and how far they are
    written. Nothing of it is on sale before its farmer has seen the preview and said yes."""

    __tablename__ = "goods_sheet"
    CODE_PREFIX = "BK"
    MOVES: ClassVar[Mapping[SheetState, frozenset[SheetState]]] = {
        SheetState.READ: frozenset({SheetState.WAITING, SheetState.DROPPED}),
        SheetState.WAITING: frozenset({SheetState.DONE}),
    }

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), index=True)
    filename: Mapped[str] = mapped_column(Line(120))
    heads: Mapped[list[str]] = mapped_column(JSON)
    rows: Mapped[list[list[str]]] = mapped_column(JSON, deferred=True)
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    state: Mapped[SheetState] = state_column(SheetState, default=SheetState.READ)
    row_count: Mapped[int]
    done_count: Mapped[int] = mapped_column(default=0)
    added_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    same_count: Mapped[int] = mapped_column(default=0)
    faults: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    farm: Mapped[Farm] = relationship()
