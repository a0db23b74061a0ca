"""Fresh goods nobody comes for: the buyer is called soon, and what can no longer be eaten is not sent round the country
but thrown away at the counter, with the reason. After how many hours is a dated rule."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.rules import rule_on
from marketplace.orders import telling
from marketplace.shipping import packing, queries
from marketplace.shipping.models import Parcel, ParcelState, PerishableRule

P = ParcelState
LIES = frozenset({P.AT_POINT, P.UNCLAIMED, P.FAILED})
COLD = frozenset(handling.value for handling in packing.COLD)


def is_perishable(parcel: Parcel) -> bool:
    """Do the goods in it spoil?"""
    return bool(COLD & set(parcel.signs))


def lies_since(parcel: Parcel) -> datetime | None:
    """Since when it lies at the counter where its recipient should fetch it; None when it does not."""
    is_there = parcel.last_point_id is not None and parcel.last_point_id == parcel.destination_point_id
    return parcel.at_point_at if is_there and parcel.state in LIES else None


def is_given_up(parcel: Parcel, now: datetime) -> bool:
    """Fresh goods that lay longer than the rule lets them."""
    since, rule = lies_since(parcel), rule_on(PerishableRule, clock.local(now).date())
    if since is None or rule is None or not is_perishable(parcel):
        return False
    return now - since >= timedelta(hours=rule.give_up_after_hours)


def to_call(now: datetime) -> Sequence[int]:
    """Ids of the parcels whose buyers are to be called and were not yet."""
    rule = rule_on(PerishableRule, clock.local(now).date())
    if rule is None:
        return []
    lying = db.session.scalars(
        select(Parcel)
        .where(
            Parcel.state.in_(LIES),
            Parcel.called_at.is_(None),
            Parcel.at_point_at <= now - timedelta(hours=rule.call_after_hours),
        )
        .order_by(Parcel.id)
    )
    return [parcel.id for parcel in lying if is_perishable(parcel) and lies_since(parcel) is not None]


def call(parcel: Parcel, by: Actor) -> None:
    """The buyer reads that fresh goods wait and until when they are kept; the counter sees whom to telephone. Once."""
    (parcel,) = claim(Parcel, [parcel.id])
    since, rule = lies_since(parcel), rule_on(PerishableRule, clock.today())
    if since is None or rule is None or parcel.called_at is not None:
        return
    parcel.called_at = clock.now()
    audit.record(by, "parcel.called", parcel)
    point = parcel.destination_point
    telling.tell_buyer(
        parcel.farm_order.order,
        "shipping/perishable",
        farm=parcel.farm_order.farm.name,
        number=parcel.number_in_groups,
        point=point.name if point else "",
        point_address=queries.address_of_point(point) if point else "",
        until=telling.moment_in_words(since + timedelta(hours=rule.give_up_after_hours)),
    )
