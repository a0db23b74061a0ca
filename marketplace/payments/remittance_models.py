"""The tables of cash at the door: a carrier's lists of what it pays in."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _
from marketplace.payments.payment_models import (
    Payment,
)


class RemittanceState(State):
    READ = "read"
    SETTLED = "settled"
    DROPPED = "dropped"


states.label(
    {
        RemittanceState.READ: (_("Đã đọc, chờ ghi sổ"), "warm"),
        RemittanceState.SETTLED: (_("Đã ghi sổ"), "good"),
        RemittanceState.DROPPED: _("Đã bỏ"),
    }
)


class Remittance(Record):
    """A carrier's list of the cash it took at doors and pays in: read first, settled when the money is here. The same
    file read again is the same list (`digest`). `notice_id` is the transfer the money came by, where the bank told
    us."""

    __tablename__ = "remittance"
    CODE_PREFIX = "NT"
    MOVES: ClassVar[Mapping[RemittanceState, frozenset[RemittanceState]]] = {
        RemittanceState.READ: frozenset({RemittanceState.SETTLED, RemittanceState.DROPPED}),
    }

    source: Mapped[str] = mapped_column(String(16))
    filename: Mapped[str] = mapped_column(Line(200), default="")
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    reference: Mapped[str] = mapped_column(Line(80), default="")
    total_dong: Mapped[int] = mapped_column(Dong)
    received_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[RemittanceState] = state_column(RemittanceState, default=RemittanceState.READ)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("bank_notice.id"), unique=True)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    lines: Mapped[list["RemittanceLine"]] = relationship(
        back_populates="remittance", order_by="RemittanceLine.number"
    )


class LineOutcome(State):
    """What a line of a carrier's list is, held against our books."""

    MATCHED = "matched"
    SHORT = "short"
    OVER = "over"
    TWICE = "twice"
    UNKNOWN = "unknown"
    ALREADY = "already"
    NOT_COLLECTED = "not_collected"


states.label(
    {
        LineOutcome.MATCHED: (_("Khớp"), "good"),
        LineOutcome.SHORT: (_("Nộp thiếu"), "bad"),
        LineOutcome.OVER: (_("Nộp thừa"), "warm"),
        LineOutcome.TWICE: (_("Trùng trong danh sách"), "bad"),
        LineOutcome.UNKNOWN: (_("Không có vận đơn này"), "bad"),
        LineOutcome.ALREADY: (_("Đã nộp từ trước"), "warm"),
        LineOutcome.NOT_COLLECTED: (_("Chưa ghi nhận đã phát"), "warm"),
    }
)


class RemittanceLine(Record):
    """One parcel of a carrier's list. `settled_dong` went to its order's cash at the door; what is more of the money
    that came stands as the carrier's surplus until it is placed or given back (`cleared_dong`). `asked_carrier_at`: it
    is nobody's until the carrier says whose; `return_reason`: one person wants it sent back, another sends it
    (`returned_dong`)."""

    __tablename__ = "remittance_line"
    __table_args__ = (UniqueConstraint("remittance_id", "number"),)

    remittance_id: Mapped[int] = mapped_column(ForeignKey("remittance.id"))
    number: Mapped[int]
    tracking: Mapped[str] = mapped_column(Line(40), index=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    outcome: Mapped[LineOutcome] = state_column(LineOutcome, index=False)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    settled_dong: Mapped[int] = mapped_column(Dong, default=0)
    surplus_dong: Mapped[int] = mapped_column(Dong, default=0)
    cleared_dong: Mapped[int] = mapped_column(Dong, default=0)
    asked_carrier_at: Mapped[datetime | None] = mapped_column(Moment)
    return_reason: Mapped[str] = mapped_column(Line(300), default="", server_default="")
    return_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned_dong: Mapped[int] = mapped_column(Dong, default=0, server_default="0")
    return_reference: Mapped[str] = mapped_column(Line(80), default="", server_default="")
    remittance: Mapped[Remittance] = relationship(back_populates="lines")
    payment: Mapped[Payment | None] = relationship()

    @property
    def left_dong(self) -> int:
        """What of the surplus is still nobody's."""
        return self.surplus_dong - self.cleared_dong

    @property
    def missing_dong(self) -> int:
        """By how much less than the door's cash the carrier pays in."""
        if self.outcome is not LineOutcome.SHORT or self.payment is None:
            return 0
        return max(0, self.payment.at_the_post_dong - (0 if self.settled_dong else self.amount_dong))
