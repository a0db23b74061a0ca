"""The tables of what farms are paid: payouts, lists, slips, debts, and the tax withheld."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder


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
    CARD_DISPUTED = "card_disputed"
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
    HoldReason.CARD_DISPUTED: _(
        "Ngân hàng của khách đang đòi lại tiền thẻ của đơn này; chợ đang trả lời, có kết quả thì tiền được trả."
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
    oldest first, until nothing is left. A farm that sells no more pays it in by transfer, or two people write it off:
    `settled_dong`."""

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
    settled_dong: Mapped[int] = mapped_column(Dong, default=0, server_default="0")
    write_off_reason: Mapped[str] = mapped_column(Line(300), default="", server_default="")
    write_off_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
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
    """What a farm is paid for one order: the net, when it is due, why it is held, how it went out. What the post makes
    good for goods it lost on the way is a payout of its own. `is_disputed`: a claim of these goods is under way, so it
    waits whatever else held it before."""

    __tablename__ = "payout"
    __table_args__ = (Index("ix_payout_farm", "farm_id", "state"), UniqueConstraint("farm_order_id", "kind"))
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
    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    kind: Mapped[PayoutKind] = state_column(PayoutKind, default=PayoutKind.EARNED, index=False)
    amount_dong: Mapped[int] = mapped_column(Dong)
    commission_dong: Mapped[int] = mapped_column(Dong, default=0)
    tax_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[PayoutState] = state_column(PayoutState, default=PayoutState.DUE)
    due_on: Mapped[date] = mapped_column(Date)
    held_because: Mapped[HoldReason | None] = state_column(HoldReason, nullable=True, index=False)
    held_reason: Mapped[str | None] = mapped_column(Line(300))
    is_disputed: Mapped[bool] = mapped_column(default=False, server_default=false())
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
