"""The shipping-quote hook: what we ask of a carrier, in our words. One adapter per carrier fills it, and the
switchboard plugs it in as `shipping.carrier`.

Weights are whole grams, sides whole millimetres, money whole đồng, days working days.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from marketplace.foundation import market
from marketplace.foundation.words import Text


@dataclass(frozen=True)
class Place:
    """Where goods leave from or go to, by official codes."""

    province_code: str
    commune_code: str


@dataclass(frozen=True)
class Goods:
    """One parcel to be carried: its weight, the box around it, whether it must be kept cool, and the kinds of goods in
    it (`catalog.models.Handling`)."""

    grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    is_cold: bool = False
    signs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class QuoteRequest:
    """A question to a carrier. `within_days` is how many calendar days the goods stay fit once they left the farm
    (none: they keep) and `perishable` the name of what keeps the shortest; `ready_on` is the day the farm hands them
    over; `value_dong` what the goods cost."""

    origin: Place
    destination: Place
    parcels: Sequence[Goods]
    value_dong: int
    is_cod: bool
    handling: frozenset[str]
    at: datetime
    ready_on: date
    within_days: int | None = None
    perishable: str = ""


@dataclass(frozen=True)
class FeePart:
    """One component of a fee, already rounded."""

    code: str
    label: str
    amount_dong: int


@dataclass(frozen=True)
class Service:
    """A way to send it: what it costs, when it arrives, on which table that rests and until when it holds.

    `fee_dong` is the freight with VAT, the sum of `parts`; `cod_fee_dong` what taking cash at the door adds, the sum of
    `cod_parts` (none: this service takes no cash). An estimate comes from the tariff because the carrier did not
    answer: the buyer pays it as shown, and the market bears the difference to what the carrier asks later.
    """

    code: str
    name: str
    fee_dong: int
    cod_fee_dong: int | None
    parts: Sequence[FeePart]
    days_min: int
    days_max: int
    ready_on: date
    arrives_from: date
    arrives_to: date
    source: str
    basis: str
    is_illustration: bool
    valid_until: datetime
    cod_parts: Sequence[FeePart] = ()
    is_estimate: bool = False

    def facts(self) -> dict[str, Any]:
        """The quote as it is frozen into an order."""
        facts = asdict(self)
        for key in ("ready_on", "arrives_from", "arrives_to", "valid_until"):
            facts[key] = facts[key].isoformat()
        for key in ("parts", "cod_parts"):
            facts[key] = [asdict(part) for part in getattr(self, key)]
        return facts


@dataclass(frozen=True)
class RefusedService:
    """A way it cannot go, and why."""

    code: str
    name: str
    reason: Text


@dataclass(frozen=True)
class Quotes:
    """All answers for one farm's parcels, cheapest first."""

    services: Sequence[Service] = ()
    refused: Sequence[RefusedService] = field(default_factory=tuple)

    def service(self, code: str) -> Service | None:
        return next((service for service in self.services if service.code == code), None)


class Carrier(Protocol):
    """What a market quotes from. It never raises for goods it cannot take: it says so in `refused`."""

    source: str

    def quote(self, request: QuoteRequest) -> Quotes: ...

    def quote_all(self, requests: Sequence[QuoteRequest]) -> list[Quotes]:
        """Answers for all farms of a cart, in their order, together."""


def carrier() -> Carrier:
    """The carrier this market asks."""
    found: Carrier = market.plugged("shipping.carrier")
    return found
