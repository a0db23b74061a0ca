"""Payments, the ledger, payouts, and the dated rates they follow."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import _
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
    """Money expected for an order. VietQR: one payment of the whole order. COD: one per farm's order, taken at the
    door by the postman. `code` is the transfer's content a bank notice is matched by."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount_dong >= 0", name="not_negative"),)
    CODE_PREFIX = "CQ"
    CODE_LENGTH = 10
    MOVES: ClassVar[Mapping[PaymentState, frozenset[PaymentState]]] = {
        S.EXPECTED: frozenset({S.PAID, S.FAILED, S.EXPIRED, S.COLLECTED, S.CANCELLED}),
        S.PAID: frozenset({S.PARTLY_REFUNDED, S.REFUNDED}),
        S.PARTLY_REFUNDED: frozenset({S.PARTLY_REFUNDED, S.REFUNDED}),
        S.COLLECTED: frozenset({S.REMITTED, S.WRITTEN_OFF}),
        S.REMITTED: frozenset({S.PARTLY_REFUNDED, S.REFUNDED}),
        S.EXPIRED: frozenset({S.PAID}),
    }

    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), index=True)
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"), unique=True)
    method: Mapped[str] = mapped_column(String(16))
    amount_dong: Mapped[int] = mapped_column(Dong)
    refunded_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[PaymentState] = state_column(PaymentState, default=PaymentState.EXPECTED)
    expires_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    paid_at: Mapped[datetime | None] = mapped_column(Moment)
    collected_at: Mapped[datetime | None] = mapped_column(Moment)
    remitted_at: Mapped[datetime | None] = mapped_column(Moment)
    expired_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    refunded_at: Mapped[datetime | None] = mapped_column(Moment)
    order: Mapped[Order] = relationship(lazy="joined")
    farm_order: Mapped[FarmOrder | None] = relationship()


class BankNotice(Record):
    """A bank's word that money came in, kept raw under its own id so that it counts once. `payment_id` is set when it
    was matched; one without is money somebody must look at."""

    __tablename__ = "bank_notice"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    source: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(Line(80))
    raw: Mapped[dict[str, Any]] = mapped_column(JSON)
    amount_dong: Mapped[int] = mapped_column(Dong)
    content: Mapped[str] = mapped_column(Line(500), default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str | None] = mapped_column(Line(300))


class LedgerEntry(Record):
    """One fact about money: what happened, to which order or payout. Its lines add up to zero; it is never changed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    kind: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order_.id"), index=True)
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"), index=True)
    note: Mapped[str] = mapped_column(Line(300), default="")
    lines: Mapped[list["LedgerLine"]] = relationship(back_populates="entry", order_by="LedgerLine.id")


class LedgerLine(Record):
    """So much to (+, debit) or from (-, credit) an account. Accounts are names: `bank`, `post_cod`, `buyer`,
    `carrier`, `commission`, `tax_withheld`, `farm:<id>`; farm accounts also carry farm_id."""

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

O = PayoutState


class Payout(Record):
    """What a farm is paid for one delivered order: the net, when it is due, why it is held, how it went out."""

    __tablename__ = "payout"
    __table_args__ = (Index("ix_payout_farm", "farm_id", "state"),)
    CODE_PREFIX = "CT"
    MOVES: ClassVar[Mapping[PayoutState, frozenset[PayoutState]]] = {
        O.DUE: frozenset({O.HELD, O.BATCHED}),
        O.HELD: frozenset({O.DUE}),
        O.BATCHED: frozenset({O.SENT, O.READY, O.DUE}),
        O.SENT: frozenset({O.SETTLED, O.BOUNCED}),
        O.READY: frozenset({O.SETTLED, O.DUE}),
        O.BOUNCED: frozenset({O.DUE}),
    }

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"))
    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), unique=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    commission_dong: Mapped[int] = mapped_column(Dong, default=0)
    tax_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[PayoutState] = state_column(PayoutState, default=PayoutState.DUE)
    due_on: Mapped[date] = mapped_column(Date)
    held_reason: Mapped[str | None] = mapped_column(Line(300))
    paid_reference: Mapped[str | None] = mapped_column(Line(80))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    farm: Mapped[Farm] = relationship()
    farm_order: Mapped[FarmOrder] = relationship()


class FeeRule(DatedRule):
    """What the market keeps, in hundredths of a percent of the goods (0: free for farmers), and how many working days
    money is held after delivery."""

    __tablename__ = "fee_rule"

    commission_per_10_000: Mapped[int] = mapped_column(default=0)
    holding_days: Mapped[int] = mapped_column(default=2)


class TaxRule(DatedRule):
    """Tax withheld at source on a farm's sale, in hundredths of a percent, by who sells and what.
    Decree 117/2025/NĐ-CP until 30/6/2026, Decree 252/2026/NĐ-CP Art. 43–45 after."""

    __tablename__ = "tax_rule"
    __table_args__ = (Index("ix_tax_rule_class", "farm_kind", "tax_class", "valid_from"),)

    farm_kind: Mapped[str] = mapped_column(String(16))
    tax_class: Mapped[str] = mapped_column(String(32))
    vat_per_10_000: Mapped[int]
    pit_per_10_000: Mapped[int]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Prose, default="")
