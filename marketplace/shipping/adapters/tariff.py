"""The embedded carrier: quotes from the dated tariff in the database, no network.

The rule: chargeable weight of a parcel = max(actual, ceil(cm³ / 6)) grams (MyVNPost order form, /6000 per kg); main fee
of each parcel by zone and weight step; fuel and remote are a percentage of all main fees, cold is flat for each parcel
kept cool; goods worth as much as the table says are declared, for a percentage of their value; VAT, by the rate of the
day the goods are handed over, on the sum of these. Taking cash at the door is reckoned by itself, with its own VAT.
Each component is rounded half up to 1 đ, the total is the sum of the rounded components.

`answer` is pure: a table, a question, what is said of the commune. Cases with the arithmetic written out stand in
tests/shipping/golden_quotes.csv.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from marketplace.catalog.models import HANDLING_WORDS, Handling
from marketplace.foundation import clock
from marketplace.foundation.money import percent
from marketplace.foundation.words import Text, _, language
from marketplace.places import queries as places
from marketplace.shipping import fees
from marketplace.shipping.port import FeePart, Goods, QuoteRequest, Quotes, RefusedService, Service, too_long

LONGEST_SIDE_MM = 1_500
"""Where the table does not say how long a parcel may be."""


@dataclass(frozen=True)
class PriceList:
    """A price list in force: its table and what is stamped on quotes."""

    table: Mapping[str, Any]
    basis: str
    is_illustration: bool


class TariffCarrier:
    """Answers from the tariff in force on the day."""

    source = "tariff"
    asks_outside = False

    def quote(self, request: QuoteRequest) -> Quotes:
        return self.quote_all([request])[0]

    def quote_all(self, requests: Sequence[QuoteRequest]) -> list[Quotes]:
        if not requests:
            return []
        tariff = fees.tariff_on(clock.local(requests[0].at).date())
        if tariff is None:
            return [Quotes()] * len(requests)
        listed = PriceList(tariff.table, f"{tariff.name} ({tariff.code})", tariff.is_illustration)
        said = fees.remote_rules({request.destination.commune_code for request in requests})
        found = []
        for request in requests:
            rule = fees.remote_rule(said, request.destination.commune_code, request.ready_on)
            found.append(answer(listed, request, rule is not None, rule is None or rule.is_reached))
        return found


def answer(listed: PriceList, request: QuoteRequest, is_remote: bool, is_reached: bool = True) -> Quotes:
    """Every service of the list for one farm's parcels: what it costs and when it arrives, or why it cannot."""
    zone = places.zone_between(request.origin.province_code, request.destination.province_code)
    divisor = listed.table["chargeable_weight"]["divisor"]
    weights = [chargeable_grams(parcel, divisor) for parcel in request.parcels]
    services: list[Service] = []
    refused: list[RefusedService] = []
    for row in listed.table["services"]:
        no = None if is_reached else _not_reached(request)
        no = no or _why_not(row, zone, weights, request)
        if no is None:
            services.append(_service(listed, row, zone, weights, is_remote, request))
        else:
            refused.append(RefusedService(row["code"], fees.name_of(row), no))
    services.sort(key=lambda s: (s.fee_dong, s.arrives_to))
    return Quotes(services, refused)


def _not_reached(request: QuoteRequest) -> Text:
    commune = places.commune_words(request.destination.commune_code)
    return _(
        "Bưu điện chưa phát tới %(commune)s. Hãy chọn nơi nhận khác hoặc nhận tại bưu cục.", commune=commune
    )


def _why_not(row: Mapping[str, Any], zone: str, weights: Sequence[int], request: QuoteRequest) -> Text | None:
    if zone not in row["table"]:
        return _("Chỉ nhận gửi trong tỉnh.")
    for barred in row.get("cannot_carry", ()):
        if barred["handling"] in request.handling and zone in barred.get("zones", (zone,)):
            kind = HANDLING_WORDS[Handling(barred["handling"])]
            return _("Dịch vụ này không nhận “%(kind)s” trên chặng này.", kind=kind)
    if any(weight <= 0 for weight in weights):
        return _("Kiện hàng chưa có cân nặng. Hãy báo nhà vườn ghi số gam của gói.")
    heaviest = row.get("max_grams", 30_000)
    if any(weight > heaviest for weight in weights):
        return _(
            "Kiện hàng quá nặng hoặc quá cồng kềnh: dịch vụ này nhận tới %(kilos)s kg mỗi kiện.",
            kilos=heaviest // 1000,
        )
    longest = row.get("max_side_mm", LONGEST_SIDE_MM)
    if any(max(box.length_mm, box.width_mm, box.height_mm) > longest for box in request.parcels):
        return _("Kiện hàng quá dài: dịch vụ này nhận tới %(cm)s cm mỗi cạnh.", cm=longest // 10)
    if request.within_days is None:
        return None
    on_the_way = (clock.add_working_days(request.ready_on, row["sla_days"][zone][1]) - request.ready_on).days
    if on_the_way <= request.within_days:
        return None
    return too_long(request, on_the_way)


def _service(
    listed: PriceList,
    row: Mapping[str, Any],
    zone: str,
    weights: Sequence[int],
    is_remote: bool,
    request: QuoteRequest,
) -> Service:
    cold_count = sum(parcel.is_cold for parcel in request.parcels)
    day = request.ready_on
    parts = fee_parts(
        listed.table, row["table"][zone], weights, is_remote, cold_count, day, request.value_dong
    )
    fee = sum(part.amount_dong for part in parts)
    cod_parts = cash_parts(listed.table, request.value_dong + fee, day)
    days_min, days_max = row["sla_days"][zone]
    return Service(
        code=row["code"],
        name=fees.name_of(row),
        fee_dong=fee,
        cod_fee_dong=None if cod_parts is None else sum(part.amount_dong for part in cod_parts),
        parts=parts,
        days_min=days_min,
        days_max=days_max,
        ready_on=day,
        arrives_from=clock.add_working_days(day, days_min),
        arrives_to=clock.add_working_days(day, days_max),
        source=TariffCarrier.source,
        basis=listed.basis,
        is_illustration=listed.is_illustration,
        valid_until=_midnight_after(request.at),
        cod_parts=cod_parts or (),
    )


@lru_cache(maxsize=64)
def _midnight(day: date) -> datetime:
    return clock.start_of_day(day)


def _midnight_after(at: datetime) -> datetime:
    """A quote holds to the end of the day it was given."""
    return _midnight(clock.local(at).date() + timedelta(days=1))


def chargeable_grams(parcel: Goods, divisor: int) -> int:
    """The weight that is paid for: the actual or the volumetric one, whichever is more. `divisor` is per kg and cm³."""
    cubic_mm = parcel.length_mm * parcel.width_mm * parcel.height_mm
    # mm³ / 1000 = cm³; cm³ / (divisor / 1000) = grams; so mm³ / divisor = grams, rounded up.
    return max(parcel.grams, -(-cubic_mm // divisor))


def main_fee(steps: Mapping[str, int], grams: int) -> int:
    """The main fee of one parcel: the first step that holds it, or the last step and so many more."""
    last = 0
    for limit in sorted(map(int, filter(str.isdigit, steps))):
        if grams <= limit:
            return steps[str(limit)]
        last = limit
    more = -(-(grams - last) // steps["step"])
    return steps[str(last)] + more * steps["step_fee"]


def fee_parts(
    table: Mapping[str, Any],
    steps: Mapping[str, int],
    weights: Sequence[int],
    is_remote: bool,
    cold_count: int,
    day: date,
    value_dong: int = 0,
) -> list[FeePart]:
    """Every component of the freight, rounded, VAT of the day included; components of nothing are left out."""
    surcharges = {surcharge["code"]: surcharge for surcharge in table["surcharges"]}
    fuel, remote, cold = surcharges["fuel"], surcharges["remote"], surcharges["cold"]
    main = sum(main_fee(steps, weight) for weight in weights)
    parts = [
        FeePart("main", _label("main", language()), main),
        FeePart("fuel", fees.name_of(fuel), percent(main, _rate(fuel["value"]))),
        FeePart("remote", fees.name_of(remote), percent(main, _rate(remote["value"])) if is_remote else 0),
        FeePart("cold", fees.name_of(cold), int(cold["value"]) * cold_count),
        FeePart("declared", _label("declared", language()), declared_fee(table, value_dong)),
    ]
    vat = percent(sum(part.amount_dong for part in parts), vat_on(table, day))
    parts.append(FeePart("vat", _label("vat", language()), vat))
    return [part for part in parts if part.amount_dong]


_LABELS = {
    "main": _("Cước chính"),
    "declared": _("Khai giá"),
    "cod": _("Phí thu hộ"),
    "vat": _("Thuế GTGT"),
}


@lru_cache(maxsize=16)
def _label(code: str, _language: str) -> str:
    return str(_LABELS[code])


def declared_fee(table: Mapping[str, Any], value_dong: int) -> int:
    """What declaring the value of goods costs; goods of little value are not declared (the add-on's `from_dong`)."""
    addon = _addon(table, "DECLARED")
    if addon is None or "from_dong" not in addon or value_dong < addon["from_dong"]:
        return 0
    return max(int(addon["min"]), percent(value_dong, _rate(addon["percent"])))


def _addon(table: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
    return next((addon for addon in table["addons"] if addon["code"] == code), None)


@lru_cache(maxsize=64)
def _rate(per_100: float) -> int:
    """Percent as written in the table, in hundredths of a percent."""
    return round(per_100 * 100)


def vat_on(table: Mapping[str, Any], day: date) -> int:
    """The VAT rate of postal services on a day, in hundredths of a percent (Resolution 204/2025/QH15: 8 % to the end
    of 2026)."""
    vat = table["vat"]
    rate = vat["rate"] if day.isoformat() <= vat["valid_to"] else vat["after"]
    return round(rate * 10_000)


def cash_parts(table: Mapping[str, Any], collected_dong: int, day: date) -> list[FeePart] | None:
    """What taking `collected_dong` (goods and freight) in cash at the door costs, and VAT on it; None above what the
    carrier takes."""
    addon = _addon(table, "COD")
    for tier in addon["tiers"] if addon is not None else ():
        if collected_dong <= tier["up_to"]:
            fee: int = (
                tier["fee"]
                if tier.get("fee") is not None
                else max(tier["min"], percent(collected_dong, _rate(tier["percent"])))
            )
            parts = [
                FeePart("cod", _label("cod", language()), fee),
                FeePart("vat", _label("vat", language()), percent(fee, vat_on(table, day))),
            ]
            return [part for part in parts if part.amount_dong]
    return None


def cod_fee(table: Mapping[str, Any], collected_dong: int, day: date) -> int | None:
    """The same, added up."""
    parts = cash_parts(table, collected_dong, day)
    return None if parts is None else sum(part.amount_dong for part in parts)
