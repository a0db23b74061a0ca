"""The shipping-quote hook: what we ask of a carrier, in our words. One adapter per carrier fills it, and the
switchboard plugs it in as `shipping.carrier`.

Weights are whole grams, sides whole millimetres, money whole đồng, days working days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from marketplace.foundation import market
from marketplace.foundation.words import Text, _


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

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Service":
        """The quote again, from what was kept of it."""
        known = dict(facts)
        for key in ("ready_on", "arrives_from", "arrives_to"):
            known[key] = date.fromisoformat(known[key])
        known["valid_until"] = datetime.fromisoformat(known["valid_until"])
        for key in ("parts", "cod_parts"):
            known[key] = [FeePart(**part) for part in known.get(key, ())]
        return cls(**known)

    def facts(self) -> dict[str, Any]:
        """The quote as it is frozen into an order."""
        facts: dict[str, Any] = dict(vars(self))
        for key in ("ready_on", "arrives_from", "arrives_to", "valid_until"):
            facts[key] = facts[key].isoformat()
        for key in ("parts", "cod_parts"):
            facts[key] = [dict(vars(part)) for part in facts[key]]
        return facts


@dataclass(frozen=True)
class RefusedService:
    """A way it cannot go, and why."""

    code: str
    name: str
    reason: Text | str


def too_long(request: QuoteRequest, days: int) -> Text:
    """Why goods that do not keep so long cannot go by a service that takes so many calendar days."""
    if request.perishable and not request.within_days:
        return _(
            "Đi mất tới %(days)s ngày, mà %(what)s chỉ còn hạn trong ngày gửi.",
            days=days,
            what=request.perishable,
        )
    if request.perishable:
        return _(
            "Đi mất tới %(days)s ngày, quá hạn giữ của %(what)s (%(within)s ngày).",
            days=days,
            what=request.perishable,
            within=request.within_days,
        )
    return _(
        "Đi mất tới %(days)s ngày, quá hạn giữ của hàng (%(within)s ngày).",
        days=days,
        within=request.within_days,
    )


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
    asks_outside: bool
    """Does an answer need the network? Then a page asks before it opens its transaction, never inside."""

    def quote(self, request: QuoteRequest) -> Quotes: ...

    def quote_all(self, requests: Sequence[QuoteRequest]) -> list[Quotes]:
        """Answers for all farms of a cart, in their order, together."""


# -- carriers outside the house -----------------------------------------------------------------------------------


class Away(Exception):
    """The carrier cannot be reached, or does not answer in time."""


class WrongAnswer(Exception):
    """The carrier answered something no price may be read from."""


@dataclass(frozen=True)
class Rate:
    """What a carrier outside asks for one of its services, VAT and all surcharges included. The days only where it
    says them; else those of our own tariff's service of the same code hold."""

    code: str
    fee_dong: int
    cod_fee_dong: int | None
    name: str = ""
    arrives_from: date | None = None
    arrives_to: date | None = None


@dataclass(frozen=True)
class Sender:
    """Who sends or receives a parcel, as a carrier writes it down."""

    name: str
    phone: str
    street: str
    place: Place


@dataclass(frozen=True)
class Order:
    """A parcel to be taken by a carrier; `code` is ours and makes that asking twice makes one."""

    code: str
    service_code: str
    sender: Sender
    recipient: Sender
    goods: Goods
    value_dong: int
    cod_dong: int
    note: str = ""


@dataclass(frozen=True)
class Booked:
    """The carrier's number for a parcel, and what it asks for it (none: it did not say)."""

    number: str
    fee_dong: int | None = None


@dataclass(frozen=True)
class Seen:
    """What a carrier says happened to a parcel: its number, our word for it (none: it moves no parcel), when."""

    number: str
    kind: str | None
    at: datetime
    note: str = ""


class OutsideCarrier(Protocol):
    """A carrier asked over the network. Every call ends by `until` (`time.monotonic()`) or raises Away; an answer that
    is no answer raises WrongAnswer. Called from threads: it touches neither database nor application."""

    source: str
    name: str
    takes_orders: bool

    def rates(self, request: QuoteRequest, until: float) -> Sequence[Rate]: ...

    def book(self, order: Order, until: float) -> Booked: ...

    def cancel(self, number: str, until: float) -> None: ...

    def history(self, number: str, until: float) -> Sequence[Seen]: ...


def outside() -> OutsideCarrier | None:
    """The carrier outside the house this market works with; None: the tariff alone."""
    found: OutsideCarrier | None = market.plugged("shipping.outside")
    return found


def carrier() -> Carrier:
    """The carrier this market asks."""
    found: Carrier = market.plugged("shipping.carrier")
    return found


def tariff() -> Carrier:
    """Our own tariff, whichever carrier the market asks."""
    found: Carrier = market.plugged("shipping.tariff")
    return found
