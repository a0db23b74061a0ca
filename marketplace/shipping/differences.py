"""What carrying a parcel cost in the end, where it is not what was quoted: the scales say another weight, or the
carrier asks another fee than the estimate. Who bears it is a dated rule; the buyer never pays more than was shown.

Reckoned once, when the parcel has left the point it was sent from and its weight can no longer be corrected.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from marketplace.catalog.models import Handling
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.events import publish
from marketplace.foundation.money import dong
from marketplace.foundation.rules import rule_on
from marketplace.orders import telling
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.shipping import packing, port, queries, sharing
from marketplace.shipping.events import FreightDiffered
from marketplace.shipping.models import (
    CARRIER_FEE,
    SPLIT,
    WEIGHT,
    DifferenceRule,
    FreightDifference,
    Parcel,
)
from marketplace.shipping.port import Goods, Place, QuoteRequest


class Found(NamedTuple):
    """Why it differs, what was quoted, and by how much it is more."""

    cause: str
    quoted_dong: int
    more_dong: int


def settle(parcel: Parcel, farm_order: FarmOrder, by: Actor) -> None:
    """Write down what the parcel cost otherwise, each cause once."""
    for found in _differences(parcel, farm_order):
        rule = rule_on(DifferenceRule, clock.today(), DifferenceRule.cause == found.cause)
        if rule is None or abs(found.more_dong) < max(1, rule.least_dong):
            continue
        known = select(FreightDifference.id).where(
            FreightDifference.parcel_id == parcel.id, FreightDifference.cause == found.cause
        )
        if db.session.scalar(known) is None:
            _write(parcel, farm_order, found, rule, by)


def _differences(parcel: Parcel, farm_order: FarmOrder) -> Iterator[Found]:
    if parcel.split_more_dong:
        yield Found(SPLIT, 0, parcel.split_more_dong)
    if parcel.carrier == "tariff":
        yield from _by_weight(parcel, farm_order)
        return
    # A carrier outside is asked for the whole order: said once, with its first parcel, when every fee is known.
    parcels = queries.parcels_of(farm_order)
    theirs = [one.carrier_fee_dong for one in parcels if one.carrier_fee_dong is not None]
    if parcels[0].id == parcel.id and len(theirs) == len(parcels):
        yield Found(CARRIER_FEE, farm_order.shipping_dong, sum(theirs) - farm_order.shipping_dong)


def _by_weight(parcel: Parcel, farm_order: FarmOrder) -> Iterator[Found]:
    """By our own tariff: the parcel as it was declared beside the parcel as it was weighed."""
    if not parcel.weighed_grams or parcel.weighed_grams == parcel.weight_grams:
        return
    fees = [fee(parcel, farm_order, grams) for grams in (parcel.weight_grams, parcel.weighed_grams)]
    if fees[0] is not None and fees[1] is not None:
        yield Found(WEIGHT, fees[0], fees[1] - fees[0])


def fee(parcel: Parcel, farm_order: FarmOrder, grams: int) -> int | None:
    """What the tariff of the day it was ordered asks for such a parcel; None where it has the service no more."""
    farm, order = farm_order.farm, farm_order.order
    signs = frozenset(parcel.signs)
    quoted = farm_order.quote.get("ready_on")
    asked = QuoteRequest(
        origin=Place(farm.province_code or "", farm.commune_code or ""),
        destination=Place(order.province_code, order.commune_code),
        parcels=[
            Goods(
                grams,
                parcel.length_mm or 1,
                parcel.width_mm or 1,
                parcel.height_mm or 1,
                bool(signs & {handling.value for handling in packing.COLD}),
                signs,
            )
        ],
        value_dong=0,
        is_cod=False,
        handling=frozenset({Handling.DRY.value}),
        at=order.created_at,
        ready_on=date.fromisoformat(quoted) if quoted else clock.local(order.created_at).date(),
    )
    service = port.tariff().quote(asked).service(parcel.service_code)
    return service.fee_dong if service is not None else None


def _write(parcel: Parcel, farm_order: FarmOrder, found: Found, rule: DifferenceRule, by: Actor) -> None:
    borne_by = rule.more_by if found.more_dong > 0 else rule.less_to
    more = found.more_dong
    if borne_by == "buyer":
        left = farm_order.shipping_dong - farm_order.freight_discount_dong - farm_order.freight_saved_dong
        if farm_order.state is not FarmOrderState.HANDED_OVER or left <= 0:
            return
        more = -min(-more, left)
    made = FreightDifference(
        parcel_id=parcel.id,
        farm_order=farm_order,
        cause=found.cause,
        quoted_dong=found.quoted_dong,
        difference_dong=more,
        borne_by=borne_by,
        rule=rule,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(by, "freight.differed", made, cause=found.cause, dong=more, borne_by=borne_by)
    if borne_by == "buyer":
        sharing.lower_freight(farm_order, -more, f"{found.cause} {made.code}", by)
        _tell_buyer(parcel, farm_order, -more)
        return
    publish(FreightDiffered(made.id))
    if borne_by == "farm":
        _tell_farm(parcel, farm_order, more, rule)


def _tell_buyer(parcel: Parcel, farm_order: FarmOrder, less_dong: int) -> None:
    telling.tell_buyer(
        farm_order.order,
        "shipping/lighter",
        farm=farm_order.farm.name,
        number=parcel.number_in_groups,
        less=dong(less_dong),
        cod=dong(farm_order.total_dong) if farm_order.order.payment_method == "cod" else "",
    )


def _tell_farm(parcel: Parcel, farm_order: FarmOrder, more_dong: int, rule: DifferenceRule) -> None:
    telling.tell_farm(
        farm_order,
        "shipping/heavier",
        number=parcel.number_in_groups,
        declared=parcel.weight_grams,
        weighed=parcel.grams_now,
        more=dong(more_dong),
        basis=rule.legal_basis,
    )
