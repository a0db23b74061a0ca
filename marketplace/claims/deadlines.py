"""Every time that was promised about claims, complaints, appeals and card disputes, and is near or over.

The time itself stands on the record it was promised for, by the dated rule of that day; how long before it somebody is
reminded is `ClaimRule.remind_hours` of today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from marketplace.claims.models import Claim, ClaimRule, ClaimState, Complaint, ComplaintState
from marketplace.foundation import clock
from marketplace.foundation.db import Record, db
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import Text, _, ngettext
from marketplace.orders.models import AppealState, DoorAppeal
from marketplace.payments.models import (
    CardDispute,
    DisputeState,
    Payment,
    Refund,
    RefundAccount,
    RefundCause,
    RefundState,
)


class Promise(StrEnum):
    """What was promised, and by whom: the farm, the buyer, else the market."""

    FARM_ANSWERS = "farm_answers"
    GOODS_COME_BACK = "goods_come_back"
    CLAIM_DECIDED = "claim_decided"
    APPEAL_DECIDED = "appeal_decided"
    REFUND_SENT = "refund_sent"
    COMPLAINT_ANSWERED = "complaint_answered"
    DOOR_APPEAL_ANSWERED = "door_appeal_answered"
    CARD_EVIDENCE_SENT = "card_evidence_sent"


P = Promise

PROMISE_WORDS: dict[Promise, Text] = {
    P.FARM_ANSWERS: _("Nhà vườn trả lời khiếu nại"),
    P.GOODS_COME_BACK: _("Khách gửi trả hàng"),
    P.CLAIM_DECIDED: _("Quyết định khiếu nại"),
    P.APPEAL_DECIDED: _("Xem lại quyết định"),
    P.REFUND_SENT: _("Chuyển tiền hoàn theo quyết định"),
    P.COMPLAINT_ANSWERED: _("Trả lời phản ánh"),
    P.DOOR_APPEAL_ANSWERED: _("Trả lời người xin xem lại việc trả khi nhận"),
    P.CARD_EVIDENCE_SENT: _("Gửi bằng chứng cho ngân hàng của chủ thẻ"),
}
OURS = frozenset(P) - {P.FARM_ANSWERS, P.GOODS_COME_BACK}
"""What the market itself promised: it stands on top of its desk."""


@dataclass(frozen=True)
class Due:
    """One promised time that is near or over: what, of which record, by when, and where it is done."""

    promise: Promise
    record: Record
    at: datetime
    is_late: bool
    path: str

    @property
    def about(self) -> str:
        return f"{self.promise.value}:{self.record.code}"

    @property
    def words(self) -> Text:
        return PROMISE_WORDS[self.promise]

    @property
    def how_long(self) -> Text:
        """`quá hạn 3 ngày`, `còn 5 giờ`."""
        now = clock.now()
        if not self.is_late:
            hours = max(1, round((self.at - now) / timedelta(hours=1)))
            return ngettext("còn %(num)s giờ", "còn %(num)s giờ", hours)
        days = (clock.local(now).date() - clock.local(self.at).date()).days
        if days == 0:
            return _("quá hạn hôm nay")
        return ngettext("quá hạn %(num)s ngày", "quá hạn %(num)s ngày", days)


def near_or_late() -> list[Due]:
    """Everything promised whose time is near or over, the longest overdue first."""
    rule = rule_on(ClaimRule, clock.today())
    if rule is None:
        return []
    until = clock.now() + timedelta(hours=rule.remind_hours)
    found = [
        *_claims(until),
        *_refunds(until, rule.refund_days),
        *_complaints(until),
        *_door_appeals(until),
        *_card_disputes(until),
    ]
    return sorted(found, key=lambda due: (due.at, due.about))


def ours() -> Sequence[Due]:
    """Those the market itself must keep."""
    return [due for due in near_or_late() if due.promise in OURS]


def _due(promise: Promise, record: Record, at: datetime, path: str) -> Due:
    return Due(promise, record, at, at <= clock.now(), path)


def _claims(until: datetime) -> Iterator[Due]:
    opened, decided = Claim.state == ClaimState.OPENED, Claim.state == ClaimState.DECIDED
    waits = Claim.state.in_((ClaimState.ANSWERED, ClaimState.APPEALED))
    asked = (
        select(Claim)
        .where(
            or_(
                and_(opened, Claim.answer_by <= until),
                and_(waits, Claim.decide_by <= until),
                and_(decided, Claim.is_return, Claim.return_by <= until),
            )
        )
        .options(joinedload(Claim.farm_order))
    )
    for claim in db.session.scalars(asked):
        path = f"/admin/claims/{claim.code}"
        if claim.state is ClaimState.OPENED:
            yield _due(P.FARM_ANSWERS, claim, claim.answer_by, path)
        elif claim.state is ClaimState.DECIDED:
            assert claim.return_by is not None
            yield _due(P.GOODS_COME_BACK, claim, claim.return_by, path)
        else:
            is_appeal = claim.state is ClaimState.APPEALED
            yield _due(P.APPEAL_DECIDED if is_appeal else P.CLAIM_DECIDED, claim, claim.decide_by, path)


def _refunds(until: datetime, working_days: int) -> Iterator[Due]:
    """Money decided on that waits for us: by card, or to an account the buyer gave. From when we knew both."""
    asked = (
        select(Refund, RefundAccount.told_at)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(RefundAccount, RefundAccount.order_id == Payment.order_id, isouter=True)
        .where(
            Refund.cause == RefundCause.CLAIM,
            Refund.state.in_((RefundState.DUE, RefundState.APPROVED)),
            or_(Refund.card_intent.is_not(None), RefundAccount.id.is_not(None), Refund.account_end != ""),
        )
    )
    for refund, told_at in db.session.execute(asked):
        known = max(refund.created_at, told_at) if told_at and not refund.card_intent else refund.created_at
        last_day = clock.add_working_days(clock.local(known).date(), working_days)
        at = clock.start_of_day(last_day + timedelta(days=1))
        if at <= until:
            yield _due(P.REFUND_SENT, refund, at, "/admin/money")


def _complaints(until: datetime) -> Iterator[Due]:
    waits = Complaint.state == ComplaintState.RECEIVED
    for one in db.session.scalars(select(Complaint).where(waits, Complaint.answer_by <= until)):
        yield _due(P.COMPLAINT_ANSWERED, one, one.answer_by, f"/admin/complaints/{one.code}")


def _door_appeals(until: datetime) -> Iterator[Due]:
    waits = DoorAppeal.state == AppealState.ASKED
    for one in db.session.scalars(select(DoorAppeal).where(waits, DoorAppeal.answer_by <= until)):
        yield _due(P.DOOR_APPEAL_ANSWERED, one, one.answer_by, "/admin/appeals")


def _card_disputes(until: datetime) -> Iterator[Due]:
    waits = CardDispute.state == DisputeState.OPENED
    asked = select(CardDispute).where(waits, CardDispute.answer_by <= until)
    for one in db.session.scalars(asked.options(joinedload(CardDispute.payment))):
        assert one.answer_by is not None
        yield _due(P.CARD_EVIDENCE_SENT, one, one.answer_by, "/admin/money/cards")
