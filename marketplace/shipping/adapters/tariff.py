"""The embedded carrier: quotes from the dated tariff in the database, no network.

The rule: chargeable weight of a parcel = max(actual, ceil(cm³ / 6)) grams (MyVNPost order form, /6000 per kg); main fee
by zone and weight step; fuel and remote are a percentage of the main fee, cold is flat; VAT by the day's rate on their
sum. Each component is rounded half up to 1 đ, the total is the sum of the rounded components.
"""

from collections.abc import Mapping
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
                "Kiện hàng quá nặng: dịch vụ này nhận tới %(kilos)s kg mỗi kiện.", kilos=heaviest // 1000
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
        parts = fee_parts(tariff.table, row, zone, weights, is_remote, request)
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


COLD = frozenset({"fresh", "chilled", "frozen", "live"})


def fee_parts(
    table: Mapping[str, Any],
    row: Mapping[str, Any],
    zone: str,
    weights: list[int],
    is_remote: bool,
    request: QuoteRequest,
) -> list[FeePart]:
    """Every component of the freight, rounded; zero components are left out."""
    surcharges = {surcharge["code"]: surcharge for surcharge in table["surcharges"]}
    main = sum(main_fee(row["table"][zone], weight) for weight in weights)
    parts = [FeePart("main", "Cước chính", main)]
    fuel = percent(main, round(surcharges["fuel"]["value"] * 100))
    parts.append(FeePart("fuel", surcharges["fuel"]["vi"], fuel))
    if is_remote:
        remote = percent(main, round(surcharges["remote"]["value"] * 100))
        parts.append(FeePart("remote", surcharges["remote"]["vi"], remote))
    if request.handling & COLD:
        parts.append(FeePart("cold", surcharges["cold"]["vi"], surcharges["cold"]["value"] * len(weights)))
    before_tax = sum(part.amount_dong for part in parts)
    parts.append(FeePart("vat", "Thuế GTGT", percent(before_tax, vat_on(table, request.ready_on))))
    return [part for part in parts if part.amount_dong]


def vat_on(table: Mapping[str, Any], day: date) -> int:
    """The VAT rate of postal services on a day, in hundredths of a percent (Resolution 204/2025/QH15: 8 % to the end
    of 2026)."""
    vat = table["vat"]
    rate = vat["rate"] if day <= date.fromisoformat(vat["valid_to"]) else vat["after"]
    return round(rate * 10_000)


def cod_fee(table: Mapping[str, Any], collected_dong: int, day: date) -> int | None:
    """What taking `collected_dong` in cash at the door costs, VAT included; None above what the carrier takes."""
    addon = next(addon for addon in table["addons"] if addon["code"] == "COD")
    for tier in addon["tiers"]:
        if collected_dong <= tier["up_to"]:
            fee = (
                tier["fee"]
                if "fee" in tier
                else max(tier["min"], percent(collected_dong, round(tier["percent"] * 100)))
            )
            return int(fee + percent(fee, vat_on(table, day)))
    return None
