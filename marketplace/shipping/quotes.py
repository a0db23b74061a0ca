"""What it costs to send goods and when they arrive: questions to the carrier, nothing is written."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Protocol

from sqlalchemy import Select, bindparam, or_, select

from marketplace.catalog.models import Lot, Variant
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.shipping import fees, packing, port
from marketplace.shipping.models import Tariff
from marketplace.shipping.port import Place, QuoteRequest, Quotes

CUT_OFF = time(15, 0)
"""Orders until this wall-clock time count as placed today: later ones miss the farm's walk to the post office."""


class Origin(Protocol):
    """What the day of arrival asks of a farm."""

    @property
    def province_code(self) -> str | None: ...

    @property
    def handling_days(self) -> int: ...


def quote_farm(
    farm: Farm,
    lines: Sequence[tuple[Variant, int]],
    commune_code: str,
    is_cod: bool = False,
    at: datetime | None = None,
) -> Quotes:
    """What it costs to send these packs from the farm to a commune, when they arrive, and which services cannot."""
    return quote_cart([(farm, lines)], commune_code, is_cod, at)[0]


def quote_cart(
    parts: Sequence[tuple[Farm, Sequence[tuple[Variant, int]]]],
    commune_code: str,
    is_cod: bool = False,
    at: datetime | None = None,
    carrier: port.Carrier | None = None,
) -> list[Quotes]:
    """The same for every farm of a cart, asked together: as many statements and as long a wait as for one. `carrier` is
    who is asked, the market's own unless told."""
    destination = places.commune(commune_code)
    if destination is None:
        raise Refusal(_("Hãy chọn xã, phường nơi nhận để tính cước."), field="commune")
    at = at or clock.now()
    to = Place(destination.province_code, destination.code)
    asked = [(place, farm, lines) for place, (farm, lines) in enumerate(parts) if farm.commune_code and lines]
    if not asked:
        return [Quotes() for _part in parts]
    use_by = _use_by({variant.product_id for _place, _farm, lines in asked for variant, _count in lines})
    cartons = fees.cartons_on(clock.local(at).date())
    questions = [_question(farm, lines, to, is_cod, at, use_by, cartons) for _place, farm, lines in asked]
    found = [Quotes() for _part in parts]
    for (place, _farm, _lines), quotes in zip(
        asked, (carrier or port.carrier()).quote_all(questions), strict=True
    ):
        found[place] = quotes
    return found


def reckon_farm(farm: Farm, lines: Sequence[tuple[Variant, int]], commune_code: str) -> Quotes:
    """About what it would cost, by our own tariff: for pages that must not wait for a carrier outside."""
    (found,) = quote_cart([(farm, lines)], commune_code, carrier=port.tariff())
    return found


def asks_outside() -> bool:
    """Must prices be asked over the network, so before the deed that needs them?"""
    return port.carrier().asks_outside


def _question(
    farm: Farm,
    lines: Sequence[tuple[Variant, int]],
    to: Place,
    is_cod: bool,
    at: datetime,
    use_by: Mapping[int, date],
    cartons: Sequence[tuple[int, int, int]],
) -> QuoteRequest:
    assert farm.commune_code is not None and farm.province_code is not None
    ready_on = hand_over_day(farm, at, days_to_make(lines))
    within, perishable = _keeps(lines, ready_on, use_by)
    return QuoteRequest(
        origin=Place(farm.province_code, farm.commune_code),
        destination=to,
        parcels=packing.parcels(lines, cartons),
        value_dong=sum(variant.price_dong * quantity for variant, quantity in lines),
        is_cod=is_cod,
        handling=frozenset(variant.product.handling.value for variant, _quantity in lines),
        at=at,
        ready_on=ready_on,
        within_days=within,
        perishable=perishable,
    )


def days_to_make(lines: Sequence[tuple[Variant, int]]) -> int:
    """Working days until the last of these packs is made; none for what lies there."""
    return max((variant.product.making_days for variant, _quantity in lines), default=0)


def hand_over_day(farm: Origin, at: datetime, making_days: int = 0) -> date:
    """The day the farm brings the goods to the post: what making them takes and its handling days after today, or after
    the next working day when it is past the cut-off."""
    moment = clock.local(at)
    first = clock.next_working_day(moment.date())
    if first == moment.date() and moment.time() >= CUT_OFF:
        first = clock.add_working_days(first, 1)
    days = making_days + farm.handling_days
    return clock.add_working_days(first, days) if days else first


def keeps_for(lines: Sequence[tuple[Variant, int]], ready_on: date) -> int | None:
    """How many calendar days these goods stay fit on the way: what their kind allows, and no longer than the use-by
    of the lot on the shelf; None when they keep."""
    return _keeps(lines, ready_on, _use_by({variant.product_id for variant, _quantity in lines}))[0]


def _keeps(
    lines: Sequence[tuple[Variant, int]], ready_on: date, use_by: Mapping[int, date]
) -> tuple[int | None, str]:
    """How long the goods stay fit, and the name of those that stay fit the shortest."""
    limits: list[tuple[int, str]] = []
    for product in {variant.product_id: variant.product for variant, _quantity in lines}.values():
        if (days := fees.within_days(product.handling.value)) is not None:
            limits.append((days, product.name))
        if (last := use_by.get(product.id)) is not None:
            limits.append((max(0, (last - ready_on).days), product.name))
    return min(limits, default=(None, ""))


def _use_by(product_ids: Collection[int]) -> dict[int, date]:
    """The use-by of the lot each product is sold from (the last harvested that is still good), in one statement."""
    lots = db.session.execute(_good_lots(), {"ids": list(product_ids), "today": clock.today()})
    on_the_shelf: dict[int, date | None] = {row.product_id: row.use_by for row in lots}
    return {product_id: use_by for product_id, use_by in on_the_shelf.items() if use_by is not None}


@cache
def _good_lots() -> Select[int, date | None]:
    return (
        select(Lot.product_id, Lot.use_by)
        .where(
            Lot.product_id.in_(bindparam("ids", expanding=True)),
            Lot.recalled_at.is_(None),
            or_(Lot.use_by.is_(None), Lot.use_by >= bindparam("today")),
        )
        .order_by(Lot.harvested_on, Lot.id)
    )


def arrivals(
    origins: Sequence[tuple[Origin, str]], province_code: str, at: datetime | None = None
) -> list[date | None]:
    """For a shelf of goods: the day each would arrive in a province by the cheapest service that may carry it, from
    the farm and the handling of each. One read of the tariff for all."""
    at = at or clock.now()
    tariff = fees.tariff_on(clock.local(at).date())
    if tariff is None:
        return [None] * len(origins)
    known: dict[tuple[str | None, int, str], date | None] = {}
    for farm, handling in origins:
        alike = (farm.province_code, farm.handling_days, handling)
        if alike not in known:
            known[alike] = _arrival(tariff, farm, handling, province_code, at)
    return [known[farm.province_code, farm.handling_days, handling] for farm, handling in origins]


def _arrival(tariff: Tariff, farm: Origin, handling: str, province_code: str, at: datetime) -> date | None:
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
