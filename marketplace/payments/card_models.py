"""The tables of cards: tries to pay, what the card company told, money asked back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.payments.payment_models import (
    Payment,
)


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
        DisputeState.OPENED: (_("Đang bị đòi lại"), "bad"),
        DisputeState.WON: (_("Chợ được giữ tiền"), "good"),
        DisputeState.LOST: (_("Ngân hàng đã lấy lại tiền"), "bad"),
    }
)


DISPUTE_WORDS: Mapping[str, Text] = {
    "bank_cannot_process": _("Ngân hàng không xử lý được"),
    "credit_not_processed": _("Khách nói chưa được hoàn tiền"),
    "customer_initiated": _("Khách đòi lại"),
    "duplicate": _("Khách nói bị trừ hai lần"),
    "fraudulent": _("Chủ thẻ nói không mua"),
    "general": _("Không nói rõ"),
    "incorrect_account_details": _("Sai tài khoản"),
    "insufficient_funds": _("Không đủ tiền"),
    "noncompliant": _("Không đúng quy định thẻ"),
    "product_not_received": _("Khách nói chưa nhận được hàng"),
    "product_unacceptable": _("Khách nói hàng không như mô tả"),
    "subscription_canceled": _("Khách nói đã hủy đăng ký"),
    "unrecognized": _("Chủ thẻ không nhớ khoản này"),
}
"""Why a buyer's bank asks for the money back (Stripe's `reason`, docs.stripe.com/api/disputes/object)."""


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
