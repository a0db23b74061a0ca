"""The walk a postman takes today, and what a clerk must look at: read off the parcels of a point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.places.queries import Position
from marketplace.shipping import carriers, spoiling
from marketplace.shipping import queries as shipping
from marketplace.shipping.models import CollectionPoint, Parcel, ParcelState

P = ParcelState
MOST_TURNS = 40
"""Stops on a walk that is still straightened; more are walked nearest first."""


@dataclass
class Stop:
    """A farm on the walk, or a place where neighbours bring theirs; its parcels, and how far it is from the stop
    before."""

    farm: Farm | None
    position: Position
    place: CollectionPoint | None = None
    parcels: list[Parcel] = field(default_factory=list)
    km: float = 0.0

    @property
    def name(self) -> str:
        return self.place.name if self.place is not None else self.farm.name if self.farm is not None else ""

    @property
    def grams(self) -> int:
        return sum(parcel.grams_now for parcel in self.parcels)


@dataclass(frozen=True)
class Run:
    """Today's pick-up run of a point, in walking order; `back_km` is the way home."""

    point: ServicePoint
    stops: Sequence[Stop]
    back_km: float

    @property
    def km(self) -> float:
        return sum(stop.km for stop in self.stops) + self.back_km

    @property
    def farm_count(self) -> int:
        return len({parcel.farm_order.farm_id for stop in self.stops for parcel in stop.parcels})

    @property
    def parcel_count(self) -> int:
        return sum(len(stop.parcels) for stop in self.stops)

    @property
    def grams(self) -> int:
        return sum(stop.grams for stop in self.stops)


def run_of(point: ServicePoint) -> Run:
    """Every farm with parcels booked from this point, and every place that is open today where neighbours bring theirs,
    walked as short as a few turns make it. What is brought to a place on another day waits for that day. Distances are
    as the crow flies: an order to walk in, not a promise of kilometres."""
    today = clock.today()
    stops: dict[tuple[str, int], Stop] = {
        ("place", place.id): Stop(None, _middle_of(place.commune_code, point), place)
        for place in shipping.collection_points(point)
        if place.weekday == today.weekday() and not place.is_off(today)
    }
    for parcel in shipping.point_parcels(point.id, {P.ASKED, P.BOOKED}):
        key = _stop_of(parcel, point, today)
        if key is not None:
            farm = parcel.farm_order.farm
            stops.setdefault(key, Stop(farm, _where(farm, point))).parcels.append(parcel)
    home = Position(point.lat, point.lon)
    order = walk(home, [stop.position for stop in stops.values()])
    walked, here = [], home
    for number in order:
        stop = list(stops.values())[number]
        stop.km = places.distance_km(here, stop.position)
        walked.append(stop)
        here = stop.position
    return Run(point, walked, places.distance_km(here, home) if walked else 0.0)


def _stop_of(parcel: Parcel, point: ServicePoint, today: date) -> tuple[str, int] | None:
    """Where the postman gets it today: at its farm, at the place it is brought to; None when not today or not here."""
    place = parcel.collection_point
    if place is not None and place.service_point_id == point.id and parcel.collect_on is not None:
        if parcel.collect_on > today:
            return None
        if parcel.collect_on == today and not place.is_off(today):
            return "place", place.id
    return ("farm", parcel.farm_order.farm_id) if parcel.origin_point_id == point.id else None


def _where(farm: Farm, point: ServicePoint) -> Position:
    """Where a farm is: its own pin, else the middle of its commune."""
    if farm.lat is not None and farm.lon is not None:
        return Position(farm.lat, farm.lon)
    return _middle_of(farm.commune_code, point)


def _middle_of(commune_code: str | None, point: ServicePoint) -> Position:
    commune = places.commune(commune_code or "")
    return Position(commune.lat, commune.lon) if commune else Position(point.lat, point.lon)


def walk(home: Position, stops: Sequence[Position]) -> list[int]:
    """In which order to walk: the nearest next, then pieces turned round while that makes the round shorter."""
    left, order, here = list(range(len(stops))), [], home
    while left:
        number = min(left, key=lambda one: (places.distance_km(here, stops[one]), one))
        left.remove(number)
        order.append(number)
        here = stops[number]
    is_better = 2 < len(order) <= MOST_TURNS
    while is_better:
        is_better = False
        for first in range(len(order) - 1):
            for last in range(first + 1, len(order)):
                turned = [*order[:first], *reversed(order[first : last + 1]), *order[last + 1 :]]
                if _length(home, stops, turned) < _length(home, stops, order) - 1e-9:
                    order, is_better = turned, True
    return order


def _length(home: Position, stops: Sequence[Position], order: Sequence[int]) -> float:
    ways = [home, *(stops[number] for number in order), home]
    return sum(places.distance_km(one, other) for one, other in pairwise(ways))


# -- what needs a person --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """A parcel somebody must look at, why, since when, and what to do."""

    parcel: Parcel
    why: Text
    what: Text
    since: datetime | None


def troubles_of(point: ServicePoint) -> list[Trouble]:
    """Parcels of this point that do not go on by themselves, the oldest first; each stands once."""
    found: dict[int, Trouble] = {}
    silent = {parcel.id for parcel in shipping.silent_parcels(clock.now(), point.id)}
    for parcel in shipping.point_parcels(point.id):
        told = _trouble(parcel, parcel.id in silent)
        if told is not None:
            found[parcel.id] = told
    return sorted(found.values(), key=lambda one: (one.since or one.parcel.created_at, one.parcel.id))


def _trouble(parcel: Parcel, is_silent: bool) -> Trouble | None:
    if spoiling.is_given_up(parcel, clock.now()):
        return Trouble(
            parcel,
            _("Hàng tươi quá giờ giữ"),
            _("Gọi lần cuối; không ai tới thì hủy tại bưu cục, ghi lý do."),
            spoiling.lies_since(parcel),
        )
    if parcel.called_at is not None and spoiling.lies_since(parcel) is not None:
        return Trouble(
            parcel,
            _("Hàng tươi chờ người nhận"),
            _("Gọi người nhận tới lấy ngay trong ngày."),
            spoiling.lies_since(parcel),
        )
    last = parcel.last_scan
    since = last.at if last is not None else parcel.created_at
    if parcel.state is P.UNCLAIMED:
        return Trouble(
            parcel, _("Không ai tới nhận"), _("Gọi người nhận lần cuối, không được thì chuyển hoàn."), since
        )
    if parcel.state is P.FAILED:
        return Trouble(
            parcel,
            _("Phát chưa được, lần %(count)s trên 3", count=parcel.failed_count),
            _("Gọi người nhận hẹn lại, hoặc để tại bưu cục."),
            since,
        )
    if is_silent:
        return Trouble(
            parcel,
            _("Không ai thấy đã %(days)s ngày làm việc", days=shipping.SILENT_WORKING_DAYS),
            _("Tìm trong kho; không thấy thì ghi thất lạc."),
            since,
        )
    if parcel.weight_differs and parcel.state in (P.DROPPED_OFF, P.PICKED_UP):
        return Trouble(parcel, _("Lệch cân hơn 10%%"), _("Cân lại; vẫn lệch thì báo nhà vườn."), since)
    if carriers.waits_for_number(parcel):
        return Trouble(
            parcel,
            _("Hãng vận chuyển chưa cấp số"),
            _("Nhận bằng mã %(code)s viết trên kiện.", code=parcel.code),
            since,
        )
    return None
