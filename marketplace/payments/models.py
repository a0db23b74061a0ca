"""Payments, the ledger, payouts, and the dated rates they follow."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, db, state_column
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder, Order
from marketplace.payments import guards  # noqa: F401  what the database refuses comes with the tables
from marketplace.places.models import ServicePoint


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
    SURPLUS = "surplus"
    SENT_BACK = "sent_back"
    CLAIM = "claim"
    GOODWILL = "goodwill"


MAY_BE_WITHDRAWN = frozenset({RefundCause.CLAIM, RefundCause.GOODWILL, RefundCause.SENT_BACK})
"""A person decided them; the others the market owes by the order itself."""

REFUND_WORDS: dict[RefundCause, Text] = {
    RefundCause.CALLED_OFF: _("Phần hàng đã hủy"),
    RefundCause.LOST: _("Bưu gửi thất lạc hoặc hư hỏng"),
    RefundCause.RETURNED: _("Hàng đã hoàn về nhà vườn"),
    RefundCause.SHORT: _("Nhà vườn gửi thiếu hoặc cân nhẹ hơn"),
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
    its next payouts."""

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


class AttemptState(State):
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"


states.label(
    {
        AttemptState.OPEN: (_("Chờ trả bằng thẻ"), "warm"),
        AttemptState.PAID: (_("Đã trả"), "good"),
        AttemptState.EXPIRED: _("Hết giờ"),
        AttemptState.FAILED: (_("Không được"), "bad"),
    }
)


class CardAttempt(Record):
    """One try to pay by card: `key` makes the card company open one page for it however often it is asked."""

    __tablename__ = "card_attempt"
    __table_args__ = (UniqueConstraint("payment_id", "number"),)
    MOVES: ClassVar[Mapping[AttemptState, frozenset[AttemptState]]] = {
        AttemptState.OPEN: frozenset({AttemptState.PAID, AttemptState.EXPIRED, AttemptState.FAILED}),
        # A page may be paid in the moment it is closed.
        AttemptState.EXPIRED: frozenset({AttemptState.PAID}),
        AttemptState.FAILED: frozenset({AttemptState.PAID}),
    }

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[AttemptState] = state_column(AttemptState, default=AttemptState.OPEN)
    session_id: Mapped[str | None] = mapped_column(Line(120), unique=True)
    url: Mapped[str | None] = mapped_column(Prose)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    payment: Mapped[Payment] = relationship()


class CardProblem(State):
    """Why what the card company told waits for a person."""

    AMOUNT = "amount"
    CURRENCY = "currency"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"


states.label(
    {
        CardProblem.AMOUNT: (_("Số tiền khác với khoản phải trả"), "bad"),
        CardProblem.CURRENCY: (_("Không phải tiền Việt Nam"), "bad"),
        CardProblem.UNKNOWN: (_("Không biết của đơn nào"), "warm"),
        CardProblem.OUTSIDE: (_("Hoàn tiền làm ngoài chợ"), "warm"),
    }
)


class CardEvent(Record):
    """What the card company told, kept under its own id so that it counts once. `handled_at` none and no problem: it
    came before what it is about, and waits for it."""

    __tablename__ = "card_event"
    __table_args__ = (Index("ix_card_event_waiting", "handled_at", "intent"),)
    CODE_PREFIX = "TE"

    event_id: Mapped[str] = mapped_column(Line(120), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    happened_at: Mapped[datetime] = mapped_column(Moment)
    session_id: Mapped[str] = mapped_column(Line(120), default="")
    intent: Mapped[str] = mapped_column(Line(120), default="")
    payment_code: Mapped[str] = mapped_column(Line(120), default="")
    reference: Mapped[str] = mapped_column(Line(120), default="")
    amount_dong: Mapped[int] = mapped_column(Dong, default=0)
    currency: Mapped[str] = mapped_column(Line(16), default="")
    status: Mapped[str] = mapped_column(Line(40), default="")
    why: Mapped[str] = mapped_column(Line(120), default="")
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[CardProblem | None] = state_column(CardProblem, nullable=True, index=False)
    payment: Mapped[Payment | None] = relationship()


class DisputeState(State):
    OPENED = "opened"
    WON = "won"
    LOST = "lost"


states.label(
    {
        DisputeState.OPENED: (_("Ngân hàng của khách đang đòi lại"), "bad"),
        DisputeState.WON: (_("Chợ được giữ tiền"), "good"),
        DisputeState.LOST: (_("Ngân hàng đã lấy lại tiền"), "bad"),
    }
)


class CardDispute(Record):
    """A buyer's bank takes card money back for now: how much, why, until when the market may answer, how it ended."""

    __tablename__ = "card_dispute"
    CODE_PREFIX = "TC"
    MOVES: ClassVar[Mapping[DisputeState, frozenset[DisputeState]]] = {
        DisputeState.OPENED: frozenset({DisputeState.WON, DisputeState.LOST}),
    }

    dispute_id: Mapped[str] = mapped_column(Line(120), unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    state: Mapped[DisputeState] = state_column(DisputeState, default=DisputeState.OPENED)
    why: Mapped[str] = mapped_column(Line(120), default="")
    answer_by: Mapped[datetime | None] = mapped_column(Moment)
    won_at: Mapped[datetime | None] = mapped_column(Moment)
    lost_at: Mapped[datetime | None] = mapped_column(Moment)
    payment: Mapped[Payment] = relationship()


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
    that came stands as the carrier's surplus until it is placed or given back (`cleared_dong`)."""

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
    remittance: Mapped[Remittance] = relationship(back_populates="lines")
    payment: Mapped[Payment | None] = relationship()

    @property
    def missing_dong(self) -> int:
        """By how much less than the door's cash the carrier pays in."""
        if self.outcome is not LineOutcome.SHORT or self.payment is None:
            return 0
        return max(0, self.payment.at_the_post_dong - (0 if self.settled_dong else self.amount_dong))


class LedgerZero(db.Model):  # type: ignore[name-defined,misc]
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


class PayoutState(State):
    DUE = "due"
    HELD = "held"
    BATCHED = "batched"
    SENT = "sent"
    READY = "ready"
    SETTLED = "settled"
    BOUNCED = "bounced"


states.label(
    {
        PayoutState.DUE: (_("Sắp trả"), "warm"),
        PayoutState.HELD: (_("Đang giữ"), "warm"),
        PayoutState.BATCHED: _("Đã lên danh sách"),
        PayoutState.SENT: _("Đã chuyển khoản"),
        PayoutState.READY: (_("Chờ nhận tại bưu cục"), "warm"),
        PayoutState.SETTLED: (_("Đã trả"), "good"),
        PayoutState.BOUNCED: (_("Ngân hàng trả lại"), "bad"),
    }
)

PS = PayoutState

PAID_OUT = frozenset({PS.SENT, PS.SETTLED})
"""The money has left us: in the ledger the farm is no longer owed."""


class HoldReason(StrEnum):
    """Why a farm's money waits. All but the last are found and lifted by the market itself."""

    FARM_SUSPENDED = "farm_suspended"
    NO_ACCOUNT = "no_account"
    ACCOUNT_CHANGED = "account_changed"
    COD_NOT_REMITTED = "cod_not_remitted"
    RETURNED = "returned"
    CLAIM = "claim"
    BY_HAND = "by_hand"


HOLD_WORDS: dict[HoldReason, Text] = {
    HoldReason.FARM_SUSPENDED: _("Gian hàng đang bị tạm dừng; mở lại thì tiền được trả."),
    HoldReason.NO_ACCOUNT: _("Chợ chưa biết trả tiền vào đâu. Hãy ghi tài khoản nhận tiền trong gian hàng."),
    HoldReason.ACCOUNT_CHANGED: _(
        "Tài khoản nhận tiền vừa thay đổi nên chợ chờ ba ngày cho chắc, phòng khi điện thoại rơi vào tay người khác."
    ),
    HoldReason.COD_NOT_REMITTED: _(
        "Bưu điện đã thu tiền của khách và đang nộp về chợ; nộp xong thì tiền được trả."
    ),
    HoldReason.RETURNED: _("Hàng đã giao lại bị trả về; chợ đang xem xét."),
    HoldReason.CLAIM: _("Người mua đang khiếu nại đơn này; chợ quyết định xong thì tiền được trả."),
    HoldReason.BY_HAND: _("Chợ đang giữ khoản này."),
}


class BatchState(State):
    PREPARED = "prepared"
    APPROVED = "approved"
    SENT = "sent"


states.label(
    {
        BatchState.PREPARED: (_("Chờ duyệt"), "warm"),
        BatchState.APPROVED: (_("Đã duyệt, chờ chuyển"), "warm"),
        BatchState.SENT: (_("Đã chuyển"), "good"),
    }
)


class PayoutBatch(Record):
    """The payouts of a day that go out together: by bank transfer, or as cash at the farms' service points. One person
    prepares it (or the market itself, every morning), an admin approves it, a cashier sends it: never the one who
    approved it."""

    __tablename__ = "payout_batch"
    CODE_PREFIX = "DC"
    MOVES: ClassVar[Mapping[BatchState, frozenset[BatchState]]] = {
        BatchState.PREPARED: frozenset({BatchState.APPROVED}),
        BatchState.APPROVED: frozenset({BatchState.PREPARED, BatchState.SENT}),
    }

    on_day: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(8), default="bank")
    state: Mapped[BatchState] = state_column(BatchState, default=BatchState.PREPARED)
    total_dong: Mapped[int] = mapped_column(Dong)
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_reference: Mapped[str | None] = mapped_column(Line(80))
    payouts: Mapped[list["Payout"]] = relationship(back_populates="batch", order_by="Payout.id")
    slips: Mapped[list["PayoutSlip"]] = relationship(back_populates="batch", order_by="PayoutSlip.id")
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])


class SlipState(State):
    LISTED = "listed"
    SENT = "sent"
    READY = "ready"
    NETTED = "netted"
    SETTLED = "settled"
    BOUNCED = "bounced"
    TAKEN_OUT = "taken_out"


states.label(
    {
        SlipState.LISTED: _("Trong danh sách"),
        SlipState.SENT: _("Đã chuyển khoản"),
        SlipState.READY: (_("Chờ nhận tại bưu cục"), "warm"),
        SlipState.NETTED: _("Bù trừ hết, không phải chuyển"),
        SlipState.SETTLED: (_("Đã nhận"), "good"),
        SlipState.BOUNCED: (_("Ngân hàng trả lại"), "bad"),
        SlipState.TAKEN_OUT: _("Đã rút khỏi danh sách"),
    }
)

SS = SlipState

SLIP_PAID = frozenset({SS.SENT, SS.SETTLED, SS.NETTED})
"""The money has left us, or there was nothing to send."""


class PayoutSlip(Record):
    """One farm on a list: what its payouts come to, what is taken off for what it owes, and what is really sent
    (`net_dong`). Its code stands in the transfer's content. For cash `cash_code_sealed` keeps the six digits the farmer
    says at the counter; `handed_by_id` is the clerk who looked at their paper and gave the money."""

    __tablename__ = "payout_slip"
    __table_args__ = (
        CheckConstraint("net_dong >= 0 AND net_dong = gross_dong - deducted_dong", name="adds_up"),
    )
    CODE_PREFIX = "PT"
    MOVES: ClassVar[Mapping[SlipState, frozenset[SlipState]]] = {
        SS.LISTED: frozenset({SS.SENT, SS.READY, SS.NETTED, SS.TAKEN_OUT}),
        SS.SENT: frozenset({SS.SETTLED, SS.BOUNCED}),
        SS.READY: frozenset({SS.SETTLED, SS.TAKEN_OUT}),
        SS.SETTLED: frozenset({SS.BOUNCED}),
    }

    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), index=True)
    state: Mapped[SlipState] = state_column(SlipState, default=SlipState.LISTED)
    gross_dong: Mapped[int] = mapped_column(Dong)
    deducted_dong: Mapped[int] = mapped_column(Dong, default=0)
    net_dong: Mapped[int] = mapped_column(Dong)
    sent_reference: Mapped[str | None] = mapped_column(Line(80))
    cash_code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    ready_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    bounced_at: Mapped[datetime | None] = mapped_column(Moment)
    batch: Mapped[PayoutBatch] = relationship(back_populates="slips")
    farm: Mapped[Farm] = relationship()
    payouts: Mapped[list["Payout"]] = relationship(back_populates="slip", order_by="Payout.id")
    deductions: Mapped[list["Deduction"]] = relationship(back_populates="slip", order_by="Deduction.id")


class FarmDebt(Record):
    """What a farm owes the market, for which order and why; the farmer reads it. It is taken off the next payouts,
    oldest first, until nothing is left."""

    __tablename__ = "farm_debt"
    __table_args__ = (
        CheckConstraint("amount_dong > 0 AND left_dong >= 0 AND left_dong <= amount_dong", name="sane"),
        Index("ix_farm_debt_open", "farm_id", "left_dong"),
        UniqueConstraint("reference"),
    )
    CODE_PREFIX = "KT"

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"))
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"), index=True)
    reference: Mapped[str] = mapped_column(String(80))
    amount_dong: Mapped[int] = mapped_column(Dong)
    left_dong: Mapped[int] = mapped_column(Dong)
    words: Mapped[str] = mapped_column(Line(300))
    farm: Mapped[Farm] = relationship()
    farm_order: Mapped[FarmOrder | None] = relationship()


class Deduction(Record):
    """So much of a debt taken off one slip. It counts once the slip is paid."""

    __tablename__ = "deduction"
    __table_args__ = (CheckConstraint("amount_dong > 0", name="positive"),)

    slip_id: Mapped[int] = mapped_column(ForeignKey("payout_slip.id"), index=True)
    debt_id: Mapped[int] = mapped_column(ForeignKey("farm_debt.id"), index=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    slip: Mapped[PayoutSlip] = relationship(back_populates="deductions")
    debt: Mapped[FarmDebt] = relationship()


class PayoutKind(StrEnum):
    """What a farm is paid for: goods that were delivered, or goods the post lost and makes good."""

    EARNED = "earned"
    COMPENSATION = "compensation"


class Payout(Record):
    """What a farm is paid for one order: the net, when it is due, why it is held, how it went out."""

    __tablename__ = "payout"
    __table_args__ = (Index("ix_payout_farm", "farm_id", "state"),)
    CODE_PREFIX = "CT"
    MOVES: ClassVar[Mapping[PayoutState, frozenset[PayoutState]]] = {
        PS.DUE: frozenset({PS.HELD, PS.BATCHED}),
        PS.HELD: frozenset({PS.DUE}),
        PS.BATCHED: frozenset({PS.SENT, PS.READY, PS.SETTLED, PS.DUE}),
        PS.SENT: frozenset({PS.SETTLED, PS.BOUNCED}),
        PS.READY: frozenset({PS.SETTLED, PS.DUE}),
        PS.SETTLED: frozenset({PS.BOUNCED}),
        PS.BOUNCED: frozenset({PS.DUE}),
    }

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"))
    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), unique=True)
    kind: Mapped[PayoutKind] = state_column(PayoutKind, default=PayoutKind.EARNED, index=False)
    amount_dong: Mapped[int] = mapped_column(Dong)
    commission_dong: Mapped[int] = mapped_column(Dong, default=0)
    tax_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[PayoutState] = state_column(PayoutState, default=PayoutState.DUE)
    due_on: Mapped[date] = mapped_column(Date)
    held_because: Mapped[HoldReason | None] = state_column(HoldReason, nullable=True, index=False)
    held_reason: Mapped[str | None] = mapped_column(Line(300))
    paid_reference: Mapped[str | None] = mapped_column(Line(80))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    slip_id: Mapped[int | None] = mapped_column(ForeignKey("payout_slip.id"), index=True)
    fee_rule_id: Mapped[int | None] = mapped_column(ForeignKey("fee_rule.id"))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    farm: Mapped[Farm] = relationship()
    farm_order: Mapped[FarmOrder] = relationship()
    batch: Mapped[PayoutBatch | None] = relationship(back_populates="payouts")
    slip: Mapped[PayoutSlip | None] = relationship(back_populates="payouts")


class LineTax(Record):
    """The tax withheld on one order line: class, rates, legal basis as they were on the day. Never computed again."""

    __tablename__ = "line_tax"

    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), unique=True)
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"), index=True)
    farm_kind: Mapped[str] = mapped_column(String(16))
    tax_class: Mapped[str] = mapped_column(String(32))
    base_dong: Mapped[int] = mapped_column(Dong)
    vat_per_10_000: Mapped[int]
    pit_per_10_000: Mapped[int]
    vat_dong: Mapped[int] = mapped_column(Dong)
    pit_dong: Mapped[int] = mapped_column(Dong)
    legal_basis: Mapped[str] = mapped_column(Line(300), default="")
    is_confirmed: Mapped[bool] = mapped_column(default=False)


class TaxReturned(Record):
    """Tax given back to a farm because it bore a refund: the sale was smaller than it seemed. Said in the month of the
    refund; what stands on the line stays. Minus when the refund was taken back."""

    __tablename__ = "tax_returned"
    __table_args__ = (UniqueConstraint("reference"),)

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"), index=True)
    reference: Mapped[str] = mapped_column(String(80))
    base_dong: Mapped[int] = mapped_column(Dong)
    vat_dong: Mapped[int] = mapped_column(Dong)
    pit_dong: Mapped[int] = mapped_column(Dong)
    farm_order: Mapped[FarmOrder] = relationship()


class DocumentSeries(StrEnum):
    """Papers the market writes, each numbered without gaps in its year."""

    CONFIRMATION = "XN"
    DELIVERY_NOTE = "GH"
    RECEIPT = "BN"
    STATEMENT = "SK"
    PAYOUT = "PT"
    TAX_MONTH = "TT"
    TAX_YEAR = "CT"


class DocumentCounter(db.Model):  # type: ignore[name-defined,misc]
    """The last number given in a series and year; its row is locked until the document is written."""

    __tablename__ = "document_counter"

    series: Mapped[str] = mapped_column(String(4), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


class Document(Record):
    """A paper as it was written: what stands on it never changes. `key` says what it is about, once a series."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("series", "key"), UniqueConstraint("series", "year", "number"))

    series: Mapped[DocumentSeries] = state_column(DocumentSeries, index=False)
    year: Mapped[int]
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def title_number(self) -> str:
        """`XN/2026/000001`."""
        return f"{self.series.value}/{self.year}/{self.number:06d}"


class FeeRule(DatedRule):
    """The market's own rule, dated: what the market keeps, in hundredths of a percent of the goods (0: free for
    farmers), and how many working days money is held after delivery."""

    __tablename__ = "fee_rule"

    commission_per_10_000: Mapped[int] = mapped_column(default=0)
    holding_days: Mapped[int] = mapped_column(default=2)


class PayTimeRule(DatedRule):
    """The market's own rule, dated: how many minutes an order waits for its money, by the way it is paid, and how many
    more when a person asked the buyer for what is missing."""

    __tablename__ = "pay_time_rule"

    method: Mapped[str] = mapped_column(String(16))
    minutes: Mapped[int]
    top_up_minutes: Mapped[int] = mapped_column(default=0)


class TransferAction(StrEnum):
    """What is done with a transfer without asking a person."""

    ADD_UP = "add_up"
    TAKE_AND_RETURN = "take_and_return"
    SEND_BACK = "send_back"
    ASK = "ask"


TRANSFER_ACTION_WORDS: dict[TransferAction, Text] = {
    TransferAction.ADD_UP: _("Chờ chuyển nốt; đủ tiền thì tự nhận"),
    TransferAction.TAKE_AND_RETURN: _("Nhận cho đơn, phần thừa đưa vào danh sách hoàn lại"),
    TransferAction.SEND_BACK: _("Đưa vào danh sách hoàn lại"),
    TransferAction.ASK: _("Chờ thủ quỹ xem"),
}


class TransferRule(DatedRule):
    """The market's own rule, dated: what is done with a transfer that is not simply right. `limit_dong`: up to this
    difference the rule acts, above it a person is asked (none: always acts)."""

    __tablename__ = "transfer_rule"

    case: Mapped[str] = mapped_column(String(32))
    action: Mapped[TransferAction] = state_column(TransferAction, index=False)
    limit_dong: Mapped[int | None] = mapped_column(Dong)


class CarriageRule(DatedRule):
    """The market's own rule, dated: who bears the freight of a parcel that was refused at the door (`farm` or
    `market`; the way there of an order paid before is the buyer's), and what the way back costs, in hundredths of a
    percent of the freight there."""

    __tablename__ = "carriage_rule"

    prepaid_back: Mapped[str] = mapped_column(String(16))
    cod_out: Mapped[str] = mapped_column(String(16))
    cod_back: Mapped[str] = mapped_column(String(16))
    back_per_10_000: Mapped[int] = mapped_column(default=0)


class TaxRule(DatedRule):
    """Tax withheld at source on a farm's sale, in hundredths of a percent, by who sells and what.
    Decree 117/2025/NĐ-CP until 30/6/2026, Decree 252/2026/NĐ-CP Art. 43–45 after. A row holds only once a second admin
    approved it; `is_off`: known, but switched off (rates nobody is sure of)."""

    __tablename__ = "tax_rule"
    __table_args__ = (Index("ix_tax_rule_class", "farm_kind", "tax_class", "valid_from"),)

    farm_kind: Mapped[str] = mapped_column(String(16))
    tax_class: Mapped[str] = mapped_column(String(32))
    vat_per_10_000: Mapped[int]
    pit_per_10_000: Mapped[int]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    is_off: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Prose, default="")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)


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

BANKNOTES = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500)
"""Notes in use, the largest first: what a drawer is counted by."""


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
    FROM_SAFE = "from_safe"
    TO_SAFE = "to_safe"


TILL_WORDS: dict[TillCause, Text] = {
    TillCause.COD: _("Thu hộ khi phát hàng"),
    TillCause.PAY_IN: _("Khách trả tiền đơn tại quầy"),
    TillCause.PAYOUT: _("Trả tiền nhà vườn"),
    TillCause.REFUND: _("Hoàn tiền cho khách"),
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


@event.listens_for(TillMove, "before_update")
@event.listens_for(TillMove, "before_delete")
def _kept(mapper: Any, connection: Any, row: Record) -> None:
    raise RuntimeError(f"{row!r}: what went through a drawer stays written")
