"""The tables of money from and to a buyer: payments, the bank's word that they came, refunds."""

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
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder, Order


class PaymentState(State):
    EXPECTED = "expected"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"
    EXPIRED = "expired"
    COLLECTED = "collected"
    REMITTED = "remitted"
    CANCELLED = "cancelled"
    WRITTEN_OFF = "written_off"


states.label(
    {
        PaymentState.EXPECTED: (_("Chờ trả tiền"), "warm"),
        PaymentState.PAID: (_("Đã trả tiền"), "good"),
        PaymentState.PARTLY_REFUNDED: _("Đã hoàn một phần"),
        PaymentState.REFUNDED: _("Đã hoàn tiền"),
        PaymentState.FAILED: (_("Trả tiền không được"), "bad"),
        PaymentState.EXPIRED: _("Quá hạn trả tiền"),
        PaymentState.COLLECTED: (_("Bưu tá đã thu"), "good"),
        PaymentState.REMITTED: (_("Bưu điện đã nộp"), "good"),
        PaymentState.CANCELLED: _("Đã hủy"),
        PaymentState.WRITTEN_OFF: (_("Đã xóa nợ"), "bad"),
    }
)

S = PaymentState


class Payment(Record):
    """Money expected for an order. VietQR, card, counter: one payment of the whole order. COD: one per farm's order,
    taken at the door by the postman. `code` is the transfer's content a bank notice is matched by, and what is said at
    a counter. `received_dong` is what came in, `refunded_dong` the sum of what went back; of cash at the door,
    `remitted_dong` is what the post paid in so far and `written_off_dong` what it never will."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount_dong >= 0", name="not_negative"),)
    CODE_PREFIX = "CQ"
    CODE_LENGTH = 10
    MOVES: ClassVar[Mapping[PaymentState, frozenset[PaymentState]]] = {
        S.EXPECTED: frozenset({S.PAID, S.FAILED, S.EXPIRED, S.COLLECTED, S.CANCELLED}),
        # A card may be charged in the moment its order is given up: then it is paid, and goes back.
        S.EXPIRED: frozenset({S.PAID}),
        S.CANCELLED: frozenset({S.PAID}),
        S.PAID: frozenset({S.PARTLY_REFUNDED, S.REFUNDED}),
        S.PARTLY_REFUNDED: frozenset({S.PARTLY_REFUNDED, S.REFUNDED, S.PAID, S.REMITTED}),
        # A refund may come back from the buyer's bank.
        S.REFUNDED: frozenset({S.PARTLY_REFUNDED, S.PAID, S.REMITTED}),
        S.COLLECTED: frozenset({S.REMITTED, S.WRITTEN_OFF}),
        S.REMITTED: frozenset({S.PARTLY_REFUNDED, S.REFUNDED}),
    }

    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), index=True)
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"), unique=True)
    method: Mapped[str] = mapped_column(String(16))
    amount_dong: Mapped[int] = mapped_column(Dong)
    received_dong: Mapped[int] = mapped_column(Dong, default=0)
    refunded_dong: Mapped[int] = mapped_column(Dong, default=0)
    remitted_dong: Mapped[int] = mapped_column(Dong, default=0)
    written_off_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[PaymentState] = state_column(PaymentState, default=PaymentState.EXPECTED)
    expires_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    paid_at: Mapped[datetime | None] = mapped_column(Moment)
    collected_at: Mapped[datetime | None] = mapped_column(Moment)
    remitted_at: Mapped[datetime | None] = mapped_column(Moment)
    expired_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    refunded_at: Mapped[datetime | None] = mapped_column(Moment)
    written_off_at: Mapped[datetime | None] = mapped_column(Moment)
    card_intent: Mapped[str | None] = mapped_column(Line(120), unique=True)
    write_off_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    write_off_reason: Mapped[str] = mapped_column(Line(300), default="")
    paid_in_at_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    paid_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    order: Mapped[Order] = relationship(lazy="joined")
    farm_order: Mapped[FarmOrder | None] = relationship()

    @property
    def at_the_post_dong(self) -> int:
        """Cash taken at the door or a counter that is still with the post."""
        is_cash = self.farm_order_id is not None or self.paid_in_at_id is not None
        return self.received_dong - self.remitted_dong - self.written_off_dong if is_cash else 0


class NoticeProblem(State):
    """Why a transfer waits for a person: nothing moves until a cashier decides."""

    NO_CODE = "no_code"
    SEVERAL = "several"
    UNDER = "under"
    OVER = "over"
    LATE = "late"
    CANCELLED = "cancelled"
    AGAIN = "again"
    OTHER_ACCOUNT = "other_account"
    SAME_REFERENCE = "same_reference"


states.label(
    {
        NoticeProblem.NO_CODE: (_("Không thấy mã đơn trong nội dung"), "warm"),
        NoticeProblem.SEVERAL: (_("Nội dung có nhiều mã đơn"), "warm"),
        NoticeProblem.UNDER: (_("Chuyển thiếu"), "warm"),
        NoticeProblem.OVER: (_("Chuyển thừa"), "warm"),
        NoticeProblem.LATE: (_("Quá giờ trả tiền, đơn đã hủy trước khi tiền tới"), "warm"),
        NoticeProblem.CANCELLED: (_("Đơn đã hủy"), "warm"),
        NoticeProblem.AGAIN: (_("Đơn này đã được trả rồi"), "warm"),
        NoticeProblem.OTHER_ACCOUNT: (_("Tiền vào tài khoản khác"), "warm"),
        NoticeProblem.SAME_REFERENCE: (_("Cùng mã giao dịch nhưng khác số tiền"), "bad"),
    }
)


class BankNotice(Record):
    """A bank's word that money came in, kept raw under its own id so that it counts once. `payment_id` is the payment
    its text names; `problem` says why a person must look, `handled_at` that nothing is left to do. `reference` is the
    bank's own number: the same transfer told by two messengers, or by one and the statement, has one `fingerprint`."""

    __tablename__ = "bank_notice"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_bank_notice_waiting", "handled_at", "id"),
    )
    CODE_PREFIX = "BN"

    source: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(Line(80))
    raw: Mapped[dict[str, Any]] = mapped_column(JSON)
    amount_dong: Mapped[int] = mapped_column(Dong)
    content: Mapped[str] = mapped_column(Line(500), default="")
    account: Mapped[str] = mapped_column(Line(40), default="")
    reference: Mapped[str | None] = mapped_column(Line(80), index=True)
    fingerprint: Mapped[str | None] = mapped_column(Line(120), unique=True)
    told_by: Mapped[str] = mapped_column(Line(120), default="")
    booked_at: Mapped[datetime | None] = mapped_column(Moment)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_rule.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[NoticeProblem | None] = state_column(NoticeProblem, nullable=True, index=False)
    payment: Mapped[Payment | None] = relationship()


class BankStatementState(State):
    READ = "read"
    SETTLED = "settled"
    DROPPED = "dropped"


states.label(
    {
        BankStatementState.READ: (_("Đã đọc, chờ ghi sổ"), "warm"),
        BankStatementState.SETTLED: (_("Đã ghi sổ"), "good"),
        BankStatementState.DROPPED: _("Đã bỏ"),
    }
)


class BankStatement(Record):
    """The bank's statement of our account as a cashier uploaded it: read and shown first, then settled. The same file
    again is the same statement (`digest`)."""

    __tablename__ = "bank_statement"
    CODE_PREFIX = "SK"
    MOVES: ClassVar[Mapping[BankStatementState, frozenset[BankStatementState]]] = {
        BankStatementState.READ: frozenset({BankStatementState.SETTLED, BankStatementState.DROPPED}),
    }

    filename: Mapped[str] = mapped_column(Line(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account: Mapped[str] = mapped_column(Line(40), default="")
    state: Mapped[BankStatementState] = state_column(BankStatementState, default=BankStatementState.READ)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lines: Mapped[list["StatementLine"]] = relationship(
        back_populates="statement", order_by="StatementLine.number"
    )


class StatementLine(Record):
    """One line of a bank's statement: plus came in, minus went out. `notice_id` is the transfer it tells of, whoever
    told of it first (`is_new`: this statement did)."""

    __tablename__ = "statement_line"
    __table_args__ = (
        UniqueConstraint("statement_id", "number"),
        CheckConstraint("amount_dong <> 0", name="not_zero"),
    )

    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"))
    number: Mapped[int]
    booked_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str] = mapped_column(Line(80), default="")
    content: Mapped[str] = mapped_column(Line(500), default="")
    amount_dong: Mapped[int] = mapped_column(Dong)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("bank_notice.id"), index=True)
    is_new: Mapped[bool] = mapped_column(default=False)
    statement: Mapped[BankStatement] = relationship(back_populates="lines")
    notice: Mapped[BankNotice | None] = relationship()


class RefundState(State):
    DUE = "due"
    APPROVED = "approved"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


states.label(
    {
        RefundState.DUE: (_("Chờ duyệt chuyển lại"), "warm"),
        RefundState.APPROVED: (_("Đã duyệt, chờ chuyển"), "warm"),
        RefundState.WITHDRAWN: _("Đã rút lại"),
        RefundState.SENT: (_("Đã chuyển lại"), "good"),
    }
)


class RefundCause(StrEnum):
    CALLED_OFF = "called_off"
    LOST = "lost"
    RETURNED = "returned"
    SHORT = "short"
    FREIGHT = "freight"
    SURPLUS = "surplus"
    SENT_BACK = "sent_back"
    CLAIM = "claim"
    GOODWILL = "goodwill"


MAY_BE_WITHDRAWN = frozenset({RefundCause.GOODWILL, RefundCause.SENT_BACK})
"""A person at the desk decided them; the others the market owes by the order itself, or by the decision of a claim."""

REFUND_WORDS: dict[RefundCause, Text] = {
    RefundCause.CALLED_OFF: _("Phần hàng đã hủy"),
    RefundCause.LOST: _("Bưu gửi thất lạc hoặc hư hỏng"),
    RefundCause.RETURNED: _("Hàng đã hoàn về nhà vườn"),
    RefundCause.SHORT: _("Nhà vườn gửi thiếu hoặc cân nhẹ hơn"),
    RefundCause.FREIGHT: _("Cước gửi thấp hơn đã thu"),
    RefundCause.SURPLUS: _("Tiền chuyển thừa"),
    RefundCause.SENT_BACK: _("Khoản chuyển không dùng cho đơn nào"),
    RefundCause.CLAIM: _("Theo quyết định khiếu nại"),
    RefundCause.GOODWILL: _("Chợ hoàn thêm cho khách"),
}


class Refund(Record):
    """Money that goes back to a buyer: for a part of an order that will not be, for goods not as described, or for a
    transfer that belongs to no order (then `notice_id` says which). `key` is the fact it rests on, so that one
    fact gives money back once. One person approves it, another sends it.

    After delivery the money is no longer the buyer's: `farm_bears_dong`, `carrier_bears_dong` and `market_bears_dong`
    say who gives it (they add up to the amount; before delivery all are 0). What a farm bears is a FarmDebt, taken off
    its next payouts. `account_*` is where it goes as it was approved; `batch_id` the list it is sent by."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_dong > 0", name="positive"),
        CheckConstraint(
            "farm_bears_dong >= 0 AND carrier_bears_dong >= 0 AND market_bears_dong >= 0",
            name="borne_by_somebody",
        ),
        CheckConstraint(
            "farm_bears_dong + carrier_bears_dong + market_bears_dong IN (0, amount_dong)", name="borne_whole"
        ),
    )
    CODE_PREFIX = "HT"
    MOVES: ClassVar[Mapping[RefundState, frozenset[RefundState]]] = {
        RefundState.DUE: frozenset({RefundState.APPROVED, RefundState.SENT, RefundState.WITHDRAWN}),
        RefundState.APPROVED: frozenset({RefundState.SENT, RefundState.DUE}),
        RefundState.SENT: frozenset({RefundState.DUE}),
    }

    cause: Mapped[RefundCause] = state_column(RefundCause, index=False)
    key: Mapped[str | None] = mapped_column(Line(120), unique=True)
    why: Mapped[str] = mapped_column(Line(300), default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"), index=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("bank_notice.id"), index=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    farm_bears_dong: Mapped[int] = mapped_column(Dong, default=0)
    carrier_bears_dong: Mapped[int] = mapped_column(Dong, default=0)
    market_bears_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[RefundState] = state_column(RefundState, default=RefundState.DUE)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    card_intent: Mapped[str | None] = mapped_column(Line(120))
    account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    account_end: Mapped[str] = mapped_column(String(8), default="")
    account_bin: Mapped[str | None] = mapped_column(String(6))
    account_holder: Mapped[str] = mapped_column(Line(120), default="", server_default="")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("refund_batch.id"), index=True)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_reference: Mapped[str | None] = mapped_column(Line(80))
    sent_count: Mapped[int] = mapped_column(default=0)
    payment: Mapped[Payment | None] = relationship()
    farm_order: Mapped[FarmOrder | None] = relationship()
    notice: Mapped[BankNotice | None] = relationship()

    @property
    def borne_dong(self) -> int:
        """What others than the buyer's own money give for it: all of it, or nothing."""
        return self.farm_bears_dong + self.carrier_bears_dong + self.market_bears_dong
