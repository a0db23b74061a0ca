"""A claim of a buyer about a farm's order, what was said and shown, what was decided; complaints; their dated times."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import clock, states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.rules import ApprovedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder


class ClaimState(State):
    OPENED = "opened"
    ANSWERED = "answered"
    DECIDED = "decided"
    APPEALED = "appealed"
    CLOSED = "closed"


states.label(
    {
        ClaimState.OPENED: (_("Chờ nhà vườn trả lời"), "warm"),
        ClaimState.ANSWERED: (_("Chờ chợ quyết định"), "warm"),
        ClaimState.DECIDED: (_("Đã quyết định"), "good"),
        ClaimState.APPEALED: (_("Xin xem lại"), "bad"),
        ClaimState.CLOSED: _("Đã khép"),
    }
)


class ClaimReason(StrEnum):
    """What was wrong with the delivery."""

    NOT_AS_DESCRIBED = "not_as_described"
    SPOILED = "spoiled"
    DAMAGED = "damaged"
    MISSING = "missing"
    LATE = "late"


REASON_WORDS: dict[ClaimReason, Text] = {
    ClaimReason.NOT_AS_DESCRIBED: _("Hàng không đúng mô tả, hoặc giao nhầm"),
    ClaimReason.SPOILED: _("Hàng hỏng, ôi, héo"),
    ClaimReason.DAMAGED: _("Gói bị vỡ, ướt, rách"),
    ClaimReason.MISSING: _("Thiếu hàng, thiếu kiện"),
    ClaimReason.LATE: _("Giao trễ nên không dùng được"),
}
WITH_PHOTO = frozenset(
    {ClaimReason.NOT_AS_DESCRIBED, ClaimReason.SPOILED, ClaimReason.DAMAGED, ClaimReason.MISSING}
)
"""Without a picture nobody could decide these."""


class CancelReason(StrEnum):
    """Why a buyer calls an order off before it leaves."""

    CHANGED_MIND = "changed_mind"
    WRONG = "wrong"
    TOO_SLOW = "too_slow"
    ELSEWHERE = "elsewhere"
    OTHER = "other"


CANCEL_WORDS: dict[CancelReason, Text] = {
    CancelReason.CHANGED_MIND: _("Không cần nữa"),
    CancelReason.WRONG: _("Đặt nhầm món, số lượng hoặc địa chỉ"),
    CancelReason.TOO_SLOW: _("Chờ lâu quá"),
    CancelReason.ELSEWHERE: _("Đã mua chỗ khác"),
    CancelReason.OTHER: _("Lý do khác"),
}


class Payer(StrEnum):
    FARM = "farm"
    CARRIER = "carrier"
    MARKET = "market"
    NOBODY = "nobody"


PAYER_WORDS: dict[Payer, Text] = {
    Payer.FARM: _("Nhà vườn trả"),
    Payer.CARRIER: _("Bưu điện trả"),
    Payer.MARKET: _("Chợ trả"),
    Payer.NOBODY: _("Không hoàn tiền"),
}


BEARER_WORDS: dict[str, Text] = {
    "carrier": _("Bưu điện trả"),
    "farm": _("Nhà vườn trả"),
    "market": _("Chợ trả"),
}
"""Who bears a refund, as the books call them."""


class DecisionCode(StrEnum):
    """How claims are decided; each code says who pays."""

    FARM_AGREES = "farm_agrees"
    NOT_AS_DESCRIBED = "not_as_described"
    BAD_FROM_FARM = "bad_from_farm"
    MISSING_FROM_FARM = "missing_from_farm"
    DAMAGED_ON_THE_WAY = "damaged_on_the_way"
    LOST_ON_THE_WAY = "lost_on_the_way"
    TOO_LATE_ON_THE_WAY = "too_late_on_the_way"
    GOODWILL = "goodwill"
    NOT_SHOWN = "not_shown"
    AS_DESCRIBED = "as_described"


class Verdict(NamedTuple):
    """What a code says, and who pays."""

    words: Text
    payer: Payer


VERDICTS: dict[DecisionCode, Verdict] = {
    DecisionCode.FARM_AGREES: Verdict(_("Nhà vườn đồng ý hoàn tiền"), Payer.FARM),
    DecisionCode.NOT_AS_DESCRIBED: Verdict(_("Hàng không đúng mô tả"), Payer.FARM),
    DecisionCode.BAD_FROM_FARM: Verdict(_("Hàng hỏng từ lúc gói"), Payer.FARM),
    DecisionCode.MISSING_FROM_FARM: Verdict(_("Nhà vườn gói thiếu"), Payer.FARM),
    DecisionCode.DAMAGED_ON_THE_WAY: Verdict(_("Hư hỏng khi vận chuyển"), Payer.CARRIER),
    DecisionCode.LOST_ON_THE_WAY: Verdict(_("Mất kiện khi vận chuyển"), Payer.CARRIER),
    DecisionCode.TOO_LATE_ON_THE_WAY: Verdict(_("Bưu điện giao trễ hạn"), Payer.CARRIER),
    DecisionCode.GOODWILL: Verdict(_("Chợ hỗ trợ khách"), Payer.MARKET),
    DecisionCode.NOT_SHOWN: Verdict(_("Không đủ bằng chứng"), Payer.NOBODY),
    DecisionCode.AS_DESCRIBED: Verdict(_("Hàng đúng như mô tả"), Payer.NOBODY),
}


class Claim(Record):
    """What a buyer says is wrong with a delivery, what the farm answered, what was decided and who pays it.

    `answer_by` is the farm's time, `decide_by` the market's, `appeal_by` the buyer's and the farm's. With `is_return`
    the goods come back first (`return_by`) and the money follows when they are there."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("asked_dong >= 0 AND refund_dong >= 0", name="not_negative"),
        Index("ix_claim_due", "state", "answer_by"),
    )
    CODE_PREFIX = "KN"
    MOVES: ClassVar[Mapping[ClaimState, frozenset[ClaimState]]] = {
        ClaimState.OPENED: frozenset({ClaimState.ANSWERED, ClaimState.DECIDED, ClaimState.CLOSED}),
        ClaimState.ANSWERED: frozenset({ClaimState.DECIDED, ClaimState.CLOSED}),
        ClaimState.DECIDED: frozenset({ClaimState.APPEALED, ClaimState.CLOSED}),
        ClaimState.APPEALED: frozenset({ClaimState.DECIDED, ClaimState.CLOSED}),
    }

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    state: Mapped[ClaimState] = state_column(ClaimState, default=ClaimState.OPENED)
    reason: Mapped[ClaimReason] = state_column(ClaimReason, index=False)
    complaint: Mapped[str] = mapped_column(Prose)
    asked_dong: Mapped[int] = mapped_column(Dong)
    wants_return: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(Prose, default="")
    agrees: Mapped[bool | None]
    answer_by: Mapped[datetime] = mapped_column(Moment)
    decide_by: Mapped[datetime] = mapped_column(Moment)
    decision_code: Mapped[DecisionCode | None] = state_column(DecisionCode, nullable=True, index=False)
    decision: Mapped[str] = mapped_column(Prose, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    refund_dong: Mapped[int] = mapped_column(Dong, default=0)
    is_return: Mapped[bool] = mapped_column(default=False)
    return_by: Mapped[datetime | None] = mapped_column(Moment)
    came_back_at: Mapped[datetime | None] = mapped_column(Moment)
    came_back_good: Mapped[bool | None]
    appeal: Mapped[str] = mapped_column(Prose, default="")
    appeal_by: Mapped[datetime | None] = mapped_column(Moment)
    round: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    appealed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    farm_order: Mapped[FarmOrder] = relationship()

    @property
    def is_late(self) -> bool:
        """Has the time passed by which the market promised to decide?"""
        return self.state in (ClaimState.ANSWERED, ClaimState.APPEALED) and self.decide_by <= clock.now()

    @property
    def verdict(self) -> Verdict | None:
        return VERDICTS[self.decision_code] if self.decision_code is not None else None


class Shown(StrEnum):
    """When a picture was taken: it stands there on the timeline."""

    PACKING = "packing"
    HAND_OVER = "hand_over"
    OPENING = "opening"
    ANSWER = "answer"


SHOWN_WORDS: dict[Shown, Text] = {
    Shown.PACKING: _("Ảnh lúc gói"),
    Shown.HAND_OVER: _("Ảnh lúc gửi bưu điện"),
    Shown.OPENING: _("Ảnh lúc mở gói"),
    Shown.ANSWER: _("Ảnh nhà vườn gửi khi trả lời"),
}


class EvidencePhoto(Record):
    """A picture of a part of an order: packed, handed over, opened, answered with."""

    __tablename__ = "evidence_photo"

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("stored_photo.id"))
    shown: Mapped[Shown] = state_column(Shown, index=False)
    photo: Mapped[StoredPhoto] = relationship()


class ClaimRule(ApprovedRule):
    """The market's own times, dated: for buyers to claim, farms to answer, the market to decide, both to appeal, goods
    to come back; working days within which a complaint is answered (one about personal data sooner) and money that was
    decided on is sent; and how many hours before a promised time whoever must act is reminded."""

    __tablename__ = "claim_rule"

    fresh_hours: Mapped[int]
    dry_days: Mapped[int]
    not_as_described_days: Mapped[int]
    answer_hours: Mapped[int]
    decide_days: Mapped[int]
    appeal_days: Mapped[int]
    return_days: Mapped[int]
    complaint_days: Mapped[int]
    privacy_days: Mapped[int] = mapped_column(default=2, server_default="2")
    refund_days: Mapped[int] = mapped_column(default=3, server_default="3")
    remind_hours: Mapped[int] = mapped_column(default=24, server_default="24")


class DeadlineNotice(Record):
    """That a promised time was spoken of: once when it came near, once when it had passed. A time promised anew is
    another one."""

    __tablename__ = "deadline_notice"
    __table_args__ = (UniqueConstraint("about", "due_at", "is_late"),)

    about: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime] = mapped_column(Moment)
    is_late: Mapped[bool]


class ComplaintState(State):
    RECEIVED = "received"
    ANSWERED = "answered"
    CLOSED = "closed"


states.label(
    {
        ComplaintState.RECEIVED: (_("Đã nhận, chờ trả lời"), "warm"),
        ComplaintState.ANSWERED: (_("Đã trả lời"), "good"),
        ComplaintState.CLOSED: _("Đã khép"),
    }
)


class ComplaintAbout(StrEnum):
    SHOP = "shop"
    PRODUCT = "product"
    ORDER = "order"
    PRIVACY = "privacy"
    MARKET = "market"


ABOUT_WORDS: dict[ComplaintAbout, Text] = {
    ComplaintAbout.SHOP: _("Một gian hàng"),
    ComplaintAbout.PRODUCT: _("Một món hàng, giá hoặc quảng cáo"),
    ComplaintAbout.ORDER: _("Một đơn hàng"),
    ComplaintAbout.PRIVACY: _("Dữ liệu cá nhân của tôi"),
    ComplaintAbout.MARKET: _("Chợ và người của chợ"),
}


class Complaint(Record):
    """What anybody complains of, signed in or not. Found again by its code and the end of the telephone number given;
    `answer_by` is the promised day (Decree 248/2026/NĐ-CP Art. 7)."""

    __tablename__ = "complaint"
    __table_args__ = (Index("ix_complaint_due", "state", "answer_by"),)
    CODE_PREFIX = "PA"
    MOVES: ClassVar[Mapping[ComplaintState, frozenset[ComplaintState]]] = {
        ComplaintState.RECEIVED: frozenset({ComplaintState.ANSWERED}),
        ComplaintState.ANSWERED: frozenset({ComplaintState.RECEIVED, ComplaintState.CLOSED}),
    }

    about: Mapped[ComplaintAbout] = state_column(ComplaintAbout, index=False)
    subject: Mapped[str] = mapped_column(Line(200), default="")
    words: Mapped[str] = mapped_column(Prose)
    name: Mapped[str] = mapped_column(Line(120))
    phone: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    language: Mapped[str] = mapped_column(String(2), default="vi")
    state: Mapped[ComplaintState] = state_column(ComplaintState, default=ComplaintState.RECEIVED)
    answer_by: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Prose, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def is_late(self) -> bool:
        """Has the time passed by which the market promised to answer?"""
        return self.state is ComplaintState.RECEIVED and self.answer_by <= clock.now()
