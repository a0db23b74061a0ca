"""What it costs to send goods and when they arrive: questions to the carrier, nothing is written."""

from collections.abc import Sequence
from datetime import date, datetime, time

from marketplace.catalog.models import Variant
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.shipping import fees, packing, port
from marketplace.shipping.models import Tariff
from marketplace.shipping.port import Place, QuoteRequest, Quotes

CUT_OFF = time(15, 0)
"""Orders until this wall-clock time count as placed today (the farm's day at the post office)."""


def quote_farm(
    farm: Farm,
    lines: Sequence[tuple[Variant, int]],
    commune_code: str,
    is_cod: bool = False,
    at: datetime | None = None,
) -> Quotes:
    """What it costs to send these packs from the farm to a commune, when they arrive, and which services cannot."""
    destination = places.commune(commune_code)
    if destination is None:
        raise Refusal(_("Hãy chọn xã, phường nơi nhận để tính cước."), field="commune")
    if farm.commune_code is None or farm.province_code is None or not lines:
        return Quotes()
    at = at or clock.now()
    ready_on = hand_over_day(farm, at)
    return port.carrier().quote(
        QuoteRequest(
            origin=Place(farm.province_code, farm.commune_code),
            destination=Place(destination.province_code, destination.code),
            parcels=packing.parcels(lines),
            value_dong=sum(variant.price_dong * quantity for variant, quantity in lines),
            is_cod=is_cod,
            handling=frozenset(variant.product.handling.value for variant, _quantity in lines),
            at=at,
            ready_on=ready_on,
            within_days=keeps_for(lines, ready_on),
        )
    )


def hand_over_day(farm: Farm, at: datetime) -> date:
    """The day the farm brings the goods to the post: its handling days after today, or after tomorrow past the cut-off."""
    moment = clock.local(at)
    first = clock.next_working_day(moment.date())
    if first == moment.date() and moment.time() >= CUT_OFF:
        first = clock.add_working_days(first, 1)
    return clock.add_working_days(first, farm.handling_days) if farm.handling_days else first


def keeps_for(lines: Sequence[tuple[Variant, int]], ready_on: date) -> int | None:
    """How many calendar days these goods stay fit on the way: the nearest of their lots' use-by and what their kind
    allows; None when they keep."""
    limits: list[int] = []
    for variant, _quantity in lines:
        product = variant.product
        if (days := fees.within_days(product.handling.value)) is not None:
            limits.append(days)
            if product.lots and product.lots[0].use_by is not None:
                limits.append((product.lots[0].use_by - ready_on).days)
    return max(0, min(limits)) if limits else None


def arrivals(
    origins: Sequence[tuple[Farm, str]], province_code: str, at: datetime | None = None
) -> list[date | None]:
    """For a shelf of goods: the day each would arrive in a province by the cheapest service that may carry it, from
    the farm and the handling of each. One read of the tariff for all."""
    at = at or clock.now()
    tariff = fees.tariff_on(clock.local(at).date())
    return [
        _arrival(tariff, farm, handling, province_code, at) if tariff else None for farm, handling in origins
    ]


def _arrival(tariff: Tariff, farm: Farm, handling: str, province_code: str, at: datetime) -> date | None:
    if farm.province_code is None:
        return None
    zone = places.zone_between(farm.province_code, province_code)
    ready_on = hand_over_day(farm, at)
    within = fees.within_days(handling)
    for row in tariff.table["services"]:
        if zone in row["table"]:
            day = clock.add_working_days(ready_on, row["sla_days"][zone][1])
            if within is None or (day - ready_on).days <= within:
                return day
    return None
