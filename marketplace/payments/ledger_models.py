"""The tables of the books: entries, their lines, closed months, corrections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Record, Row, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _
from marketplace.payments import guards  # noqa: F401  what the database refuses comes with the tables


class LedgerZero(Row):
    """Holds the number 0 and nothing else: what every entry must add up to when it is committed (see guards.py)."""

    __tablename__ = "ledger_zero"

    dong: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ClosedMonth(Record):
    """A month of the books that is closed: nothing is written into it any more, corrections go into the next. `sums`
    are the balances as they were when it was closed."""

    __tablename__ = "closed_month"

    month: Mapped[str] = mapped_column(String(7), unique=True)
    sums: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    entry_count: Mapped[int] = mapped_column(default=0)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class CorrectionState(State):
    PROPOSED = "proposed"
    POSTED = "posted"
    DECLINED = "declined"


states.label(
    {
        CorrectionState.PROPOSED: (_("Chờ người khác duyệt"), "warm"),
        CorrectionState.POSTED: (_("Đã ghi sổ"), "good"),
        CorrectionState.DECLINED: _("Không duyệt"),
    }
)


class Correction(Record):
    """A person's own entry in the books, between accounts of the market itself: proposed by one, posted by another.
    It goes into the month it is posted in, whatever month it puts right."""

    __tablename__ = "correction"
    __table_args__ = (CheckConstraint("amount_dong > 0", name="positive"),)
    CODE_PREFIX = "BT"
    MOVES: ClassVar[Mapping[CorrectionState, frozenset[CorrectionState]]] = {
        CorrectionState.PROPOSED: frozenset({CorrectionState.POSTED, CorrectionState.DECLINED}),
    }

    to_account: Mapped[str] = mapped_column(String(40))
    from_account: Mapped[str] = mapped_column(String(40))
    amount_dong: Mapped[int] = mapped_column(Dong)
    reason: Mapped[str] = mapped_column(Line(300))
    state: Mapped[CorrectionState] = state_column(CorrectionState, default=CorrectionState.PROPOSED)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    posted_at: Mapped[datetime | None] = mapped_column(Moment)
    declined_at: Mapped[datetime | None] = mapped_column(Moment)


class LedgerEntry(Record):
    """One fact about money: what happened, to which order or payout. Its lines add up to zero; it is never changed, and
    the database sees to both (guards.py keeps `off_dong`). `month` is the month of the books, `2026-11`."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    kind: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    month: Mapped[str] = mapped_column(String(7), index=True)
    off_dong: Mapped[int] = mapped_column(
        ForeignKey("ledger_zero.dong", deferrable=True, initially="DEFERRED"), default=1
    )
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order_.id"), index=True)
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"), index=True)
    note: Mapped[str] = mapped_column(Line(300), default="")
    lines: Mapped[list["LedgerLine"]] = relationship(back_populates="entry", order_by="LedgerLine.id")


class LedgerLine(Record):
    """So much to (+, debit) or from (-, credit) an account. Accounts are names, listed at the top of ledger.py; farm
    accounts also carry farm_id."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        CheckConstraint("amount_dong <> 0", name="not_zero"),
        Index("ix_ledger_line_account", "account", "id"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    account: Mapped[str] = mapped_column(String(40))
    farm_id: Mapped[int | None] = mapped_column(ForeignKey("farm.id"), index=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    entry: Mapped[LedgerEntry] = relationship(back_populates="lines")


@event.listens_for(LedgerEntry, "before_update")
@event.listens_for(LedgerEntry, "before_delete")
@event.listens_for(LedgerLine, "before_update")
@event.listens_for(LedgerLine, "before_delete")
def _append_only(mapper: Any, connection: Any, row: Record) -> None:
    raise RuntimeError(f"{row!r}: the ledger is append-only, correct it with another entry")
