"""What this room keeps about people, and how it lets go: a claim belongs to its order's contract and is kept as long;
a complaint that was answered a year ago is forgotten."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.claims.models import Claim, ClaimState, Complaint, ComplaintState
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.rules import kept_for
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder, Order

KEEP_COMPLAINTS = timedelta(days=366)


def gather(person_id: int) -> list[dict[str, Any]]:
    """What the person claimed and complained of."""
    claims = db.session.scalars(
        select(Claim)
        .join(FarmOrder, FarmOrder.id == Claim.farm_order_id)
        .join(Order, Order.id == FarmOrder.order_id)
        .where(Order.buyer_id == person_id)
        .order_by(Claim.id)
    )
    found: list[dict[str, Any]] = [
        {
            "claim": claim.code,
            "order": claim.farm_order.code,
            "words": claim.complaint,
            "state": claim.state.value,
            "refund_dong": claim.refund_dong,
        }
        for claim in claims
    ]
    complaints = db.session.scalars(
        select(Complaint).where(Complaint.person_id == person_id).order_by(Complaint.id)
    )
    found += [
        {"complaint": one.code, "words": one.words, "answer": one.answer, "state": one.state.value}
        for one in complaints
    ]
    return found


def forget(person_id: int) -> None:
    """Complaints lose their name; refused while a claim or a complaint of theirs is under way."""
    under_way = (
        select(Claim.id)
        .join(FarmOrder, FarmOrder.id == Claim.farm_order_id)
        .join(Order, Order.id == FarmOrder.order_id)
        .where(Order.buyer_id == person_id, Claim.state != ClaimState.CLOSED)
    )
    if db.session.scalar(under_way.limit(1)) is not None:
        raise Refusal(
            _("Bạn còn khiếu nại chưa xong. Hãy đợi khép lại hoặc rút khiếu nại rồi xóa tài khoản.")
        )
    for one in db.session.scalars(select(Complaint).where(Complaint.person_id == person_id)):
        one.name, one.phone, one.person_id = "", "", None


def forget_old() -> int:
    """Take names and telephones out of complaints answered more than a year ago; how many."""
    old = select(Complaint).where(
        Complaint.answered_at < clock.now() - kept_for("complaints", KEEP_COMPLAINTS),
        Complaint.state != ComplaintState.RECEIVED,
        Complaint.phone != "",
    )
    found = list(db.session.scalars(old))
    for one in found:
        one.name, one.phone = "", ""
    return len(found)
