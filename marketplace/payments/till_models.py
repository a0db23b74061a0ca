"""The tables of cash at the counters: the drawers, and the fees of dossiers."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.dossiers.models import FeeReceipt
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.places.models import ServicePoint


class TillState(State):
    OPENED = "opened"
    COUNTED = "counted"
    BALANCED = "balanced"
    SHORT = "short"
    OVER = "over"
    CLOSED = "closed"


states.label(
    {
        TillState.OPENED: (_("Đang mở"), "warm"),
        TillState.COUNTED: (_("Đã đếm, lệch sổ"), "warm"),
        TillState.BALANCED: (_("Khớp sổ"), "good"),
        TillState.SHORT: (_("Thiếu tiền, đã giải trình"), "bad"),
        TillState.OVER: (_("Thừa tiền, đã giải trình"), "bad"),
        TillState.CLOSED: _("Đã đóng"),
    }
)

TS = TillState

LOOSE = 1
BANKNOTES = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, LOOSE)
"""Notes in use, the largest first: what a drawer is counted by. Freight is reckoned to the đồng, so an order paid at
the door may end in a few loose ones; they are counted by their sum."""


class Till(Record):
    """The cash drawer of a service point, from when a clerk takes it over until it is counted and closed.

    `float_dong` lay in it at the beginning. What should be in it is the float and the sum of its moves; what was
    counted, note by note, stands beside it (`difference_dong`), and what is missing or too much is explained before it
    is closed. `taken_from_id` is the drawer this one goes on from, `handed_to_id` the clerk it was given to.
    """

    __tablename__ = "till"
    __table_args__ = (
        Index(
            "uq_till_open",
            "service_point_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("float_dong >= 0", name="float_not_negative"),
    )
    CODE_PREFIX = "KQ"
    MOVES: ClassVar[Mapping[TillState, frozenset[TillState]]] = {
        TS.OPENED: frozenset({TS.COUNTED, TS.BALANCED}),
        TS.COUNTED: frozenset({TS.OPENED, TS.SHORT, TS.OVER}),
        TS.BALANCED: frozenset({TS.OPENED, TS.CLOSED}),
        TS.SHORT: frozenset({TS.CLOSED}),
        TS.OVER: frozenset({TS.CLOSED}),
    }

    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    clerk_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    opened_on: Mapped[date] = mapped_column(Date)
    state: Mapped[TillState] = state_column(TillState, default=TillState.OPENED)
    float_dong: Mapped[int] = mapped_column(Dong, default=0)
    counted_dong: Mapped[int | None] = mapped_column(Dong)
    counted_notes: Mapped[dict[str, int] | None] = mapped_column(JSON)
    expected_dong: Mapped[int | None] = mapped_column(Dong)
    explanation: Mapped[str] = mapped_column(Prose, default="")
    taken_from_id: Mapped[int | None] = mapped_column(ForeignKey("till.id"), unique=True)
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    counted_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    clerk: Mapped[Person] = relationship(foreign_keys=[clerk_id])
    handed_to: Mapped[Person | None] = relationship(foreign_keys=[handed_to_id])
    taken_from: Mapped["Till | None"] = relationship(remote_side="Till.id")
    point: Mapped[ServicePoint] = relationship()
    moves: Mapped[list["TillMove"]] = relationship(back_populates="till", order_by="TillMove.id")

    @property
    def difference_dong(self) -> int | None:
        """Counted less expected: minus is missing."""
        if self.counted_dong is None or self.expected_dong is None:
            return None
        return self.counted_dong - self.expected_dong


class TillCause(StrEnum):
    """Why cash goes into a drawer or out of it."""

    COD = "cod"
    PAY_IN = "pay_in"
    PAYOUT = "payout"
    REFUND = "refund"
    FEE = "fee"
    FROM_SAFE = "from_safe"
    TO_SAFE = "to_safe"


TILL_WORDS: dict[TillCause, Text] = {
    TillCause.COD: _("Thu hộ khi phát hàng"),
    TillCause.PAY_IN: _("Khách trả tiền đơn tại quầy"),
    TillCause.PAYOUT: _("Trả tiền nhà vườn"),
    TillCause.REFUND: _("Hoàn tiền cho khách"),
    TillCause.FEE: _("Lệ phí hồ sơ"),
    TillCause.FROM_SAFE: _("Lấy thêm từ két"),
    TillCause.TO_SAFE: _("Nộp vào két"),
}


class TillMove(Record):
    """So much cash into a drawer (+) or out of it (-), why, and for which code. One cause and reference count once."""

    __tablename__ = "till_move"
    __table_args__ = (
        CheckConstraint("amount_dong <> 0", name="not_zero"),
        UniqueConstraint("cause", "reference"),
    )

    till_id: Mapped[int] = mapped_column(ForeignKey("till.id"), index=True)
    cause: Mapped[TillCause] = state_column(TillCause, index=False)
    amount_dong: Mapped[int] = mapped_column(Dong)
    reference: Mapped[str] = mapped_column(Line(80))
    note: Mapped[str] = mapped_column(Line(200), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    till: Mapped[Till] = relationship(back_populates="moves")


class FeePayment(Record):
    """A dossier's fee, paid in cash at a counter: what the receipt says, and how much of it the post has paid in."""

    __tablename__ = "fee_payment"
    CODE_PREFIX = "LP"
    __table_args__ = (CheckConstraint("amount_dong > 0", name="positive"),)

    receipt_id: Mapped[int] = mapped_column(ForeignKey("fee_receipt.id"), unique=True)
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"), index=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    remitted_dong: Mapped[int] = mapped_column(Dong, default=0)
    remitted_at: Mapped[datetime | None] = mapped_column(Moment)
    receipt: Mapped[FeeReceipt] = relationship()
    point: Mapped[ServicePoint | None] = relationship()

    @property
    def at_the_post_dong(self) -> int:
        """What of it is still with the post."""
        return self.amount_dong - self.remitted_dong


@event.listens_for(TillMove, "before_update")
@event.listens_for(TillMove, "before_delete")
def _kept(mapper: Any, connection: Any, row: Record) -> None:
    raise RuntimeError(f"{row!r}: what went through a drawer stays written")
