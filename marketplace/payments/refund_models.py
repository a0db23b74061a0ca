"""The tables of money that goes back by bank: where a buyer wants it, and the lists it is sent by."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _
from marketplace.orders.models import Order
from marketplace.payments.payment_models import Refund, RefundState


class RefundAccount(Record):
    """Where the buyer of an order wants money back, as they wrote it themselves: the number is encrypted, only its end
    is ever shown. One an order; what was approved before keeps the account it was approved for."""

    __tablename__ = "refund_account"
    CODE_PREFIX = "TN"

    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), unique=True)
    bank_bin: Mapped[str] = mapped_column(String(6))
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_end: Mapped[str] = mapped_column(String(4), default="")
    holder: Mapped[str] = mapped_column(Line(120), default="")
    told_at: Mapped[datetime] = mapped_column(Moment)
    order: Mapped[Order] = relationship()

    @property
    def number_shown(self) -> str:
        """Only its end is ever shown."""
        return f"•••• {self.number_end}" if self.number_end else ""


class RefundBatchState(State):
    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"
    DROPPED = "dropped"


RB = RefundBatchState

states.label(
    {
        RB.PREPARED: (_("Chờ người thứ hai duyệt"), "warm"),
        RB.APPROVED: (_("Đã duyệt, chờ chuyển"), "warm"),
        RB.SENT: (_("Đã chuyển"), "good"),
        RB.DROPPED: _("Đã bỏ"),
    }
)


class RefundBatch(Record):
    """A list of refunds for the bank: one person draws it up, another approves it, and not the approver sends it."""

    __tablename__ = "refund_batch"
    CODE_PREFIX = "LH"
    MOVES: ClassVar[Mapping[RefundBatchState, frozenset[RefundBatchState]]] = {
        RB.PREPARED: frozenset({RB.APPROVED, RB.DROPPED}),
        RB.APPROVED: frozenset({RB.SENT, RB.DROPPED}),
    }

    state: Mapped[RefundBatchState] = state_column(RefundBatchState, default=RefundBatchState.PREPARED)
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)
    reference: Mapped[str] = mapped_column(Line(80), default="")
    refunds: Mapped[list[Refund]] = relationship(order_by="Refund.id", viewonly=True)

    @property
    def open_refunds(self) -> list[Refund]:
        """Those still to be sent; one that was taken off the list stands in none."""
        return [one for one in self.refunds if one.state in (RefundState.DUE, RefundState.APPROVED)]

    @property
    def total_dong(self) -> int:
        return sum(one.amount_dong for one in self.refunds)
