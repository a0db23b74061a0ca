"""The embedded carrier: quotes from the dated tariff in the database, no network.

The rule: chargeable weight of a parcel = max(actual, ceil(cm³ / 6)) grams (MyVNPost order form, /6000 per kg); main fee
of each parcel by zone and weight step; fuel and remote are a percentage of all main fees, cold is flat for each parcel
kept cool; VAT, by the rate of the day the goods are handed over, on their sum. Each component is rounded half up to
1 đ, the total is the sum of the rounded components.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from marketplace.foundation import clock
from marketplace.foundation.money import percent
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.shipping import fees
from marketplace.shipping.models import Tariff
from marketplace.shipping.port import FeePart, Goods, QuoteRequest, Quotes, RefusedService, Service


class TariffCarrier:
    """Answers from the tariff in force on the day."""

    source = "tariff"

    def quote(self, request: QuoteRequest) -> Quotes:
        tariff = fees.tariff_on(clock.local(request.at).date())
        if tariff is None:
            return Quotes()
        zone = places.zone_between(request.origin.province_code, request.destination.province_code)
        is_remote = fees.is_remote(request.destination.commune_code, request.ready_on)
        services, refused = [], []
        for row in tariff.table["services"]:
            answer = self._service(tariff, row, zone, is_remote, request)
            if isinstance(answer, Service):
                services.append(answer)
            else:
                refused.append(RefusedService(row["code"], fees.name_of(row), answer))
        return Quotes(sorted(services, key=lambda s: (s.fee_dong, s.arrives_to)), refused)

    def _service(
        self, tariff: Tariff, row: Mapping[str, Any], zone: str, is_remote: bool, request: QuoteRequest
    ) -> Service | Text:
        steps = row["table"].get(zone)
        if steps is None:
            return _("Chỉ nhận gửi trong tỉnh.")
        heaviest = row.get("max_grams", 30_000)
        weights = [
            chargeable_grams(parcel, tariff.table["chargeable_weight"]["divisor"])
            for parcel in request.parcels
        ]
        if any(weight > heaviest for weight in weights):
            return _(
                "Kiện hàng quá nặng hoặc quá cồng kềnh: dịch vụ này nhận tới %(kilos)s kg mỗi kiện.",
                kilos=heaviest // 1000,
            )
        days_min, days_max = row["sla_days"][zone]
        arrives_from = clock.add_working_days(request.ready_on, days_min)
        arrives_to = clock.add_working_days(request.ready_on, days_max)
        on_the_way = (arrives_to - request.ready_on).days
        if request.within_days is not None and on_the_way > request.within_days:
            return _(
                "Đi mất tới %(days)s ngày, quá hạn giữ của hàng (%(within)s ngày).",
                days=on_the_way,
                within=request.within_days,
            )
        cold_count = sum(parcel.is_cold for parcel in request.parcels)
        parts = fee_parts(tariff.table, row["table"][zone], weights, is_remote, cold_count, request.ready_on)
        fee = sum(part.amount_dong for part in parts)
        return Service(
            code=row["code"],
            name=fees.name_of(row),
            fee_dong=fee,
            cod_fee_dong=cod_fee(tariff.table, request.value_dong + fee, request.ready_on),
            parts=parts,
            days_min=days_min,
            days_max=days_max,
            ready_on=request.ready_on,
            arrives_from=arrives_from,
            arrives_to=arrives_to,
            source=self.source,
            basis=f"{tariff.name} ({tariff.code})",
            is_illustration=tariff.is_illustration,
            valid_until=clock.start_of_day(clock.local(request.at).date() + timedelta(days=1)),
        )


def chargeable_grams(parcel: Goods, divisor: int) -> int:
    """The weight that is paid for: the actual or the volumetric one, whichever is more. `divisor` is per kg and cm³."""
    cubic_mm = parcel.length_mm * parcel.width_mm * parcel.height_mm
    # mm³ / 1000 = cm³; cm³ / (divisor / 1000) = grams; so mm³ / divisor = grams, rounded up.
    return max(parcel.grams, -(-cubic_mm // divisor))


def main_fee(steps: Mapping[str, int], grams: int) -> int:
    """The main fee of one parcel: the first step that holds it, or the last step and so many more."""
    limits = sorted(int(limit) for limit in steps if limit.isdigit())
    for limit in limits:
        if grams <= limit:
            return steps[str(limit)]
    more = -(-(grams - limits[-1]) // steps["step"])
    return steps[str(limits[-1])] + more * steps["step_fee"]


def fee_parts(
    table: Mapping[str, Any],
    steps: Mapping[str, int],
    weights: Sequence[int],
    is_remote: bool,
    cold_count: int,
    day: date,
) -> list[FeePart]:
    """Every component of the freight, rounded, VAT of the day included; components of nothing are left out."""
    surcharges = {surcharge["code"]: surcharge for surcharge in table["surcharges"]}
    fuel, remote, cold = surcharges["fuel"], surcharges["remote"], surcharges["cold"]
    main = sum(main_fee(steps, weight) for weight in weights)
    parts = [
        FeePart("main", str(_("Cước chính")), main),
        FeePart("fuel", fees.name_of(fuel), percent(main, _rate(fuel["value"]))),
        FeePart("remote", fees.name_of(remote), percent(main, _rate(remote["value"])) if is_remote else 0),
        FeePart("cold", fees.name_of(cold), int(cold["value"]) * cold_count),
    ]
    vat = percent(sum(part.amount_dong for part in parts), vat_on(table, day))
    parts.append(FeePart("vat", str(_("Thuế GTGT")), vat))
    return [part for part in parts if part.amount_dong]


def _rate(per_100: float) -> int:
    """Percent as written in the table, in hundredths of a percent."""
    return round(per_100 * 100)


def vat_on(table: Mapping[str, Any], day: date) -> int:
    """The VAT rate of postal services on a day, in hundredths of a percent (Resolution 204/2025/QH15: 8 % to the end
    of 2026)."""
    vat = table["vat"]
    rate = vat["rate"] if day <= date.fromisoformat(vat["valid_to"]) else vat["after"]
    return round(rate * 10_000)


def cod_fee(table: Mapping[str, Any], collected_dong: int, day: date) -> int | None:
    """What taking `collected_dong` (goods and freight) in cash at the door costs, VAT included; None above what the
    carrier takes."""
    addon = next(addon for addon in table["addons"] if addon["code"] == "COD")
    for tier in addon["tiers"]:
        if collected_dong <= tier["up_to"]:
            fee: int = (
                tier["fee"]
                if "fee" in tier
                else max(tier["min"], percent(collected_dong, _rate(tier["percent"])))
            )
            return fee + percent(fee, vat_on(table, day))
    return None
