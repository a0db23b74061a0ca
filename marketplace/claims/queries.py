"""What can be seen of claims and complaints: by the buyer, the farm, the market's staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from marketplace.catalog.models import Handling
from marketplace.claims import deadlines
from marketplace.claims.models import (
    BEARER_WORDS,
    REASON_WORDS,
    SHOWN_WORDS,
    Claim,
    ClaimReason,
    ClaimRule,
    ClaimState,
    Complaint,
    ComplaintState,
    EvidencePhoto,
    Shown,
)
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import queries as money
from marketplace.payments.models import Refund, RefundState
from marketplace.shipping import queries as shipping
from marketplace.shipping.dispatch_models import Dispatch
from marketplace.shipping.models import SCAN_WORDS

C = ClaimState
SOON = frozenset({Handling.FRESH, Handling.CHILLED, Handling.FROZEN, Handling.LIVE})
"""Goods that do not wait: their policy is in hours."""
UNDER_WAY = frozenset({C.OPENED, C.ANSWERED, C.DECIDED, C.APPEALED})


near_or_late, promised_by_us = deadlines.near_or_late, deadlines.ours


def rule(day: date) -> ClaimRule:
    """The market's times on a day."""
    found = rule_on(ClaimRule, day)
    if found is None:
        raise LookupError("no ClaimRule: claims.service.load_rules was not run")
    return found


def rule_now() -> ClaimRule | None:
    """Today's times for a page that also opens before a market has any."""
    return rule_on(ClaimRule, clock.today())


# -- may it be claimed ---------------------------------------------------------------------------------------------


def claim_until(farm_order: FarmOrder, reason: ClaimReason) -> datetime | None:
    """Until when a delivered part may be claimed for a reason, by the rule of the day it was delivered."""
    delivered = farm_order.delivered_at
    if delivered is None:
        return None
    times = rule(clock.local(delivered).date())
    if reason is ClaimReason.NOT_AS_DESCRIBED:
        return delivered + timedelta(days=times.not_as_described_days)
    is_soon = any(line.variant.product.handling in SOON for line in farm_order.lines)
    return delivered + (timedelta(hours=times.fresh_hours) if is_soon else timedelta(days=times.dry_days))


def reasons_open(farm_order: FarmOrder) -> list[ClaimReason]:
    """The reasons a part may be claimed for now; none while a claim of it is under way."""
    if farm_order.state is not FarmOrderState.DELIVERED or open_claim(farm_order) is not None:
        return []
    now = clock.now()
    return [one for one in ClaimReason if (until := claim_until(farm_order, one)) and now <= until]


def open_claim(farm_order: FarmOrder) -> Claim | None:
    return db.session.scalars(
        select(Claim).where(Claim.farm_order_id == farm_order.id, Claim.state.in_(UNDER_WAY)).limit(1)
    ).first()


# -- who may look --------------------------------------------------------------------------------------------------


def claims_of_order(order: Order) -> Sequence[Claim]:
    return list(db.session.scalars(_of_order(), {"order": order.id}))


@cache
def _of_order() -> Select[Claim]:
    return (
        select(Claim)
        .join(FarmOrder, FarmOrder.id == Claim.farm_order_id)
        .where(FarmOrder.order_id == bindparam("order"))
        .order_by(Claim.id)
    )


def claim_of_order(order: Order, code: str) -> Claim:
    """One of an order's claims; another's is Missing."""
    return _one(
        select(Claim)
        .join(FarmOrder, FarmOrder.id == Claim.farm_order_id)
        .where(Claim.code == code, FarmOrder.order_id == order.id)
    )


def claims_of_farm(farm: Farm) -> Sequence[Claim]:
    """Claims about a farm's orders, those under way first."""
    found = db.session.scalars(
        select(Claim)
        .join(FarmOrder, FarmOrder.id == Claim.farm_order_id)
        .where(FarmOrder.farm_id == farm.id)
        .order_by(Claim.id.desc())
        .limit(100)
    )
    return sorted(found, key=lambda claim: claim.state is C.CLOSED)


def claim_of_farm(farm: Farm, code: str) -> Claim:
    return _one(
        select(Claim)
        .join(FarmOrder, FarmOrder.id == Claim.farm_order_id)
        .where(Claim.code == code, FarmOrder.farm_id == farm.id)
    )


def claim(code: str) -> Claim:
    """Any claim, for the market's staff."""
    return _one(select(Claim).where(Claim.code == code))


def to_decide() -> Sequence[Claim]:
    """Claims the staff must decide now: answered, appealed, or left unanswered; the soonest due first."""
    return list(
        db.session.scalars(
            select(Claim)
            .where(
                Claim.state.in_((C.ANSWERED, C.APPEALED))
                | ((Claim.state == C.OPENED) & (Claim.answer_by <= clock.now()))
            )
            .options(joinedload(Claim.farm_order))
            .order_by(Claim.decide_by, Claim.id)
        )
    )


def waiting_elsewhere() -> Sequence[Claim]:
    """Claims under way that wait for a farm, for goods to come back, or for the time of appeal to pass."""
    decide = {one.id for one in to_decide()}
    found = db.session.scalars(
        select(Claim)
        .where(Claim.state.in_(UNDER_WAY))
        .options(joinedload(Claim.farm_order))
        .order_by(Claim.id)
    )
    return [one for one in found if one.id not in decide]


def closed_lately(limit: int = 30) -> Sequence[Claim]:
    return list(
        db.session.scalars(
            select(Claim)
            .where(Claim.state == C.CLOSED)
            .options(joinedload(Claim.farm_order))
            .order_by(Claim.id.desc())
            .limit(limit)
        )
    )


def to_close(now: datetime) -> Sequence[int]:
    """Ids of decided claims nobody appealed in time."""
    return list(
        db.session.scalars(
            select(Claim.id).where(Claim.state == C.DECIDED, Claim.appeal_by <= now).order_by(Claim.id)
        )
    )


def unanswered(now: datetime) -> Sequence[int]:
    """Ids of claims whose farm let its time pass."""
    return list(
        db.session.scalars(
            select(Claim.id).where(Claim.state == C.OPENED, Claim.answer_by <= now).order_by(Claim.id)
        )
    )


@dataclass(frozen=True)
class SentBack:
    """The parcel in which goods go back to their farm: what carrying it costs (none: nothing yet), and who bears it."""

    dispatch: Dispatch
    fee_dong: int | None
    is_by_farm: bool


def sent_back(claim: Claim) -> SentBack | None:
    """The parcel a decision asked the buyer to send back; None where it asked for none."""
    found = db.session.scalars(
        select(Dispatch).where(Dispatch.farm_order_id == claim.farm_order_id)
    ).one_or_none()
    if found is None:
        return None
    asked = money.way_back(claim.farm_order)
    return SentBack(found, asked[0] if asked else None, bool(asked and asked[1].prepaid_back == "farm"))


# -- the timeline --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """One thing that happened to the goods or the claim: what, when, in whose words, with which pictures."""

    at: datetime
    title: Text | str
    note: Text | str = ""
    photos: Sequence[EvidencePhoto] = field(default_factory=tuple)


def borne_by(claim: Claim) -> list[tuple[Text, int]]:
    """Who bears what was decided to go back, in đồng; nobody before anything is promised."""
    sums = dict.fromkeys(BEARER_WORDS, 0)
    for refund in refunds_of(claim):
        sums["carrier"] += refund.carrier_bears_dong
        sums["farm"] += refund.farm_bears_dong
        sums["market"] += refund.market_bears_dong
    return [(BEARER_WORDS[bearer], dong) for bearer, dong in sums.items() if dong]


def refunds_of(claim: Claim) -> list[Refund]:
    """What was promised or sent back for a claim."""
    key = f"claim:{claim.code}:"
    return [
        refund
        for refund in money.refunds_of(claim.farm_order.order)
        if (refund.key or "").startswith(key) and refund.state is not RefundState.WITHDRAWN
    ]


def photos_of(farm_order: FarmOrder) -> Sequence[EvidencePhoto]:
    return list(
        db.session.scalars(
            select(EvidencePhoto)
            .where(EvidencePhoto.farm_order_id == farm_order.id)
            .options(joinedload(EvidencePhoto.photo))
            .order_by(EvidencePhoto.id)
        )
    )


def evidence(farm_order: FarmOrder) -> list[Fact]:
    """Packing, hand-over, every scan of the post, opening, and what was said: one timeline."""
    facts = [Fact(at, title) for title, at in _deeds(farm_order) if at is not None]
    for parcel in shipping.parcels_of(farm_order):
        for scan in parcel.scans:
            if scan.taken_back_at is None:
                weight = _("cân được %(grams)s g", grams=scan.weight_grams) if scan.weight_grams else ""
                where = scan.service_point.name if scan.service_point is not None else ""
                note = ", ".join(str(part) for part in (parcel.tracking, where, weight, scan.note) if part)
                facts.append(Fact(scan.at, SCAN_WORDS[scan.kind], note))
    by_moment: dict[tuple[Shown, datetime], list[EvidencePhoto]] = {}
    for photo in photos_of(farm_order):
        by_moment.setdefault((photo.shown, photo.created_at.replace(second=0, microsecond=0)), []).append(
            photo
        )
    for (shown, at), photos in by_moment.items():
        facts.append(Fact(at, SHOWN_WORDS[shown], "", photos))
    for one in db.session.scalars(select(Claim).where(Claim.farm_order_id == farm_order.id)):
        facts.extend(_said(one))
    return sorted(facts, key=lambda fact: fact.at)


def _deeds(farm_order: FarmOrder) -> list[tuple[Text, datetime | None]]:
    return [
        (_("Đã đặt hàng"), farm_order.order.created_at),
        (_("Nhà vườn nhận đơn"), farm_order.accepted_at),
        (_("Gói xong"), farm_order.packed_at),
        (_("Đã gửi bưu điện"), farm_order.handed_over_at),
        (_("Giao tới người nhận"), farm_order.delivered_at),
        (_("Đã hoàn về nhà vườn"), farm_order.returned_at),
    ]


def _said(claim: Claim) -> list[Fact]:
    found = [
        Fact(
            claim.created_at,
            _("Khách khiếu nại: %(reason)s", reason=REASON_WORDS[claim.reason]),
            claim.complaint,
        )
    ]
    if claim.answered_at is not None:
        found.append(
            Fact(
                claim.answered_at,
                _("Nhà vườn đồng ý")
                if claim.agrees
                else _("Nhà vườn không đồng ý")
                if claim.agrees is False
                else _("Nhà vườn không trả lời trong hạn"),
                claim.answer,
            )
        )
    if claim.decided_at is not None and claim.verdict is not None:
        found.append(Fact(claim.decided_at, claim.verdict.words, claim.decision))
    if claim.appealed_at is not None:
        found.append(Fact(claim.appealed_at, _("Xin xem lại quyết định"), claim.appeal))
    if claim.came_back_at is not None:
        words = _("Hàng trả lại còn tốt") if claim.came_back_good else _("Hàng trả lại đã hỏng")
        found.append(Fact(claim.came_back_at, words))
    return found


# -- complaints ----------------------------------------------------------------------------------------------------


def complaint(code: str) -> Complaint:
    return _one(select(Complaint).where(Complaint.code == code))


def complaint_by(code: str, phone_end: str) -> Complaint | None:
    """A complaint by its code and the last four digits of the telephone that was given."""
    found = db.session.scalars(select(Complaint).where(Complaint.code == code.strip().upper())).one_or_none()
    end = phone_end.strip()
    return found if found is not None and len(end) == 4 and found.phone.endswith(end) else None


def complaints_in(*states: ComplaintState, limit: int = 100) -> Sequence[Complaint]:
    return list(
        db.session.scalars(
            select(Complaint).where(Complaint.state.in_(states)).order_by(Complaint.answer_by).limit(limit)
        )
    )


def _one(rows: Select[tuple[Claim]] | Select[tuple[Complaint]]):  # type: ignore[no-untyped-def]
    found = db.session.scalars(rows).one_or_none()
    if found is None:
        raise Missing()
    return found
