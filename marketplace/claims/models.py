"""A claim of a buyer about a farm's order, and how far it has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Moment, Prose, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder


class ClaimState(State):
    OPENED = "opened"
    ANSWERED = "answered"
    DECIDED = "decided"
    APPEALED = "appealed"
    CLOSED = "closed"


states.label(
    {
        ClaimState.OPENED: (_("Mới gửi"), "warm"),
        ClaimState.ANSWERED: (_("Đã trả lời"), "warm"),
        ClaimState.DECIDED: (_("Đã quyết định"), "good"),
        ClaimState.APPEALED: (_("Xin xem lại"), "bad"),
        ClaimState.CLOSED: _("Đã khép"),
    }
)


class Claim(Record):
    """What a buyer says is wrong with a delivery, what was answered, what was decided."""

    __tablename__ = "claim"
    CODE_PREFIX = "KN"
    MOVES: ClassVar[Mapping[ClaimState, frozenset[ClaimState]]] = {
        ClaimState.OPENED: frozenset({ClaimState.ANSWERED, ClaimState.DECIDED, ClaimState.CLOSED}),
        ClaimState.ANSWERED: frozenset({ClaimState.DECIDED, ClaimState.CLOSED}),
        ClaimState.DECIDED: frozenset({ClaimState.APPEALED, ClaimState.CLOSED}),
        ClaimState.APPEALED: frozenset({ClaimState.DECIDED, ClaimState.CLOSED}),
    }

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    state: Mapped[ClaimState] = state_column(ClaimState, default=ClaimState.OPENED)
    complaint: Mapped[str] = mapped_column(Prose)
    answer: Mapped[str] = mapped_column(Prose, default="")
    decision: Mapped[str] = mapped_column(Prose, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    farm_order: Mapped[FarmOrder] = relationship()
