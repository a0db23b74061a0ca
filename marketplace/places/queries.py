"""What can be seen: the gazetteer, addresses, distances, and the counters of the post with their hours.

The module itself satisfies `foundation.form.Gazetteer`: provinces(), communes(province_code), commune(code).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from heapq import nsmallest
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple, Protocol

import openlocationcode.openlocationcode as plus_codes  # type: ignore[import-untyped]
from sqlalchemy import Select, func, or_, select

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import Text, _
from marketplace.places.addresses import ParsedAddress, print_address, province_named, split_province
from marketplace.places.addresses import parse as parse_address
from marketplace.places.gazetteer import KIND_NAMES, Commune, Province, Region, gazetteer, short_name
from marketplace.places.models import ServicePoint, ServicePointPickup, ServicePointState
from marketplace.places.names import exact_key, fold, folded_key

__all__ = [
    "Commune",
    "DayHours",
    "Located",
    "ParsedAddress",
    "PointNow",
    "Position",
    "Province",
    "Region",
    "Span",
    "Zone",
    "closes_next",
    "commune",
    "commune_meant",
    "communes",
    "count_service_points",
    "distance_km",
    "find_communes",
    "find_provinces",
    "hours_on",
    "is_open",
    "is_special_zone",
    "nearest_communes",
    "old_names",
    "opens_next",
    "parse_address",
    "plus_code",
    "point_at_work",
    "postcode",
    "print_address",
    "province",
    "provinces",
    "read_position",
    "seen_now",
    "service_point",
    "service_point_for",
    "service_points",
    "service_points_by_province",
    "zone_between",
]  # fmt: skip

LONGEST_SEARCH = 100
_DAYS_AHEAD = 60


class Located(Protocol):
    """Anything that has a place on the map: a commune, a service point, a Position."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


class Position(NamedTuple):
    lat: float
    lon: float


# --- the gazetteer ------------------------------------------------------------------------------------------


def provinces() -> Sequence[Province]:
    """The 34, in alphabetical order."""
    return gazetteer().provinces_in_order


def province(code: str) -> Province | None:
    return gazetteer().provinces.get(code)


def communes(province_code: str) -> Sequence[Commune]:
    """All of a province: wards, communes, special zones, each alphabetically; none for an unknown
    province."""
    return gazetteer().communes_in_order.get(province_code, ())


def commune(code: str) -> Commune | None:
    return gazetteer().communes.get(code)


def commune_words(code: str) -> str:
    """`Phường Cầu Giấy, Hà Nội`: a commune of today with its province, from its code."""
    found = commune(code)
    return f"{found.name}, {found.province.name}" if found else ""


def old_names(commune_code: str) -> tuple[str, ...]:
    """What a commune of today was called, or belonged to, before July 2025: communes, districts, provinces, without
    what kind of unit each was."""
    return _old_names().get(commune_code, ())


@cache
def _old_names() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for unit in gazetteer().old.units:
        for code in unit.new_codes:
            names = found.setdefault(code, {})
            for name in (unit.name, unit.district.name, unit.district.province_name):
                if name:
                    names[short_name(name)] = None
    return {code: tuple(names) for code, names in found.items()}


def postcode(commune_code: str) -> str | None:
    """The national postcode of a commune (Decision 2334/QĐ-BKHCN of 2025), where the data has it."""
    found = commune(commune_code)
    return found.postcode if found is not None else None


def is_special_zone(commune_code: str) -> bool:
    """Is it a đặc khu: an island, where the carriers add a remote surcharge?"""
    found = commune(commune_code)
    return found is not None and found.is_special_zone


def find_provinces(text: str) -> list[Province]:
    """Provinces by name, its beginning, an old or a short one ("hcm"), with or without accents, best first."""
    exact, folded = _search_keys(text)
    if not folded:
        return []
    ranked = []
    for one in provinces():
        keys = [exact_key(name) for name in (one.name, *one.merged_from)]
        ranks = [_rank(exact, folded, key, fold(key)) for key in keys]
        if min(ranks) < _NO_MATCH:
            ranked.append((min(ranks), ranks[0], one))
    found = [one for *_order, one in sorted(ranked, key=lambda row: row[:2])]
    named = province_named(text)
    return found if named is None else [named, *(one for one in found if one is not named)]


def find_communes(text: str, province: str | None = None, limit: int = 10) -> list[Commune]:
    """Communes by name or the beginning of a word in it, for a type-ahead; those whose accents agree come
    first.

    "tan cuong", "xã Tân C" and "tân cương, thái nguyên" all find Xã Tân Cương. `province` is a code.
    """
    text = text[:LONGEST_SEARCH]
    found = _communes_like(text, province)
    if province is None:
        head, written = split_province(text)
        if written is not None:
            found = _communes_like(head, written.code) + [one for one in found if one.province is not written]
    return found[:limit]


def _communes_like(text: str, province_code: str | None) -> list[Commune]:
    exact, folded = _search_keys(text)
    if not folded:
        return []
    ranked = []
    for place, found in enumerate(gazetteer().communes.values()):
        if province_code is None or found.province.code == province_code:
            rank = _rank(exact, folded, found.exact, found.folded)
            if rank < _NO_MATCH:
                ranked.append((rank, len(found.folded), place, found))
    return [found for *_order, found in sorted(ranked)]


_PREFIXES = tuple(sorted((f"{exact_key(label)} " for label in KIND_NAMES.values()), key=len, reverse=True))
_FOLDED_PREFIXES = tuple(fold(prefix) for prefix in _PREFIXES)
_NO_MATCH = 8


def _search_keys(text: str) -> tuple[str, str]:
    """The two keys of what was typed, without "xã", "tỉnh" … in front."""
    key = exact_key(text)
    folded = fold(key)
    for prefix, plain in zip(_PREFIXES, _FOLDED_PREFIXES, strict=True):
        if key.startswith((prefix, plain)):
            return key[len(prefix) :], folded[len(plain) :]
    return key, folded


def _rank(exact: str, folded: str, name: str, folded_name: str) -> int:
    """How well a typed name fits: the same accents before none, whole before beginning before inside."""
    for start, (typed, whole) in enumerate(((exact, name), (folded, folded_name))):
        if typed == whole:
            return 3 * start
        if whole.startswith(typed):
            return 3 * start + 1
        if f" {typed}" in whole:
            return 3 * start + 2
    return 6 if folded in folded_name else _NO_MATCH


# --- on the map ---------------------------------------------------------------------------------------------


def distance_km(here: Located, there: Located) -> float:
    """As the crow flies, on a round earth of 6,371 km."""
    lat_a, lat_b = radians(here.lat), radians(there.lat)
    half = sin((lat_b - lat_a) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin(radians(there.lon - here.lon) / 2) ** 2
    return 12_742 * asin(sqrt(min(half, 1.0)))


def plus_code(lat: float, lon: float) -> str:
    """The Open Location Code of a place, 14 m wide: "7PH7GQJ7+6C". Maps and the postman's phone understand
    it."""
    return str(plus_codes.encode(lat, lon))


_IN_A_LINK = re.compile(
    r"(?:^geo:|/@|[?&](?:q|ll|query|destination|center)=|!3d|#map=\d{1,2}/|mlat=)"
    r"(?P<lat>-?\d{1,2}\.\d{2,15})(?:,|%2C|!4d|/|&mlon=)\s*(?P<lon>-?\d{1,3}\.\d{2,15})",
    re.IGNORECASE,
)
"""How maps write a place into an address: Google's, OpenStreetMap's, Apple's, and `geo:`."""
_DEGREES = re.compile(r"(-?\d{1,3}(?:\.\d{1,15})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,15})?)")


def read_position(text: str, near: Located | None = None) -> Position | None:
    """A place somebody wrote: "21.5305, 105.7636", a map's link, a whole Open Location Code, or the short one maps
    show ("GQJ7+6C", "GQJ7+6C Tân Cương, Thái Nguyên") near another place. None when it is nothing of these, or not in
    Vietnam."""
    if linked := _IN_A_LINK.search(text):
        text = ",".join(linked.group("lat", "lon"))
    code, _space, locality = text.strip().partition(" ")
    if locality and "+" in code:
        near = commune_meant(locality) or near
        text = code
    text = text.strip().upper()
    found: Position | None = None
    if degrees := _DEGREES.fullmatch(text):
        found = Position(float(degrees[1]), float(degrees[2]))
    elif code := next(iter(text.split()), ""):
        if plus_codes.isShort(code) and near is not None:
            code = plus_codes.recoverNearest(code, near.lat, near.lon)
        if plus_codes.isFull(code):
            area = plus_codes.decode(code)
            found = Position(round(area.latitudeCenter, 6), round(area.longitudeCenter, 6))
    if found is None or not (6 <= found.lat <= 24 and 102 <= found.lon <= 118):
        return None
    return found


def nearest_communes(place: Located, limit: int = 3) -> list[Commune]:
    """The communes whose middle is nearest to a place: to suggest, for a border may run in between."""
    return nsmallest(limit, gazetteer().communes.values(), key=lambda one: distance_km(place, one))


class Zone(StrEnum):
    """Freight zones of the post, the nearest first."""

    SAME_PROVINCE = "noi_tinh"
    SAME_REGION = "noi_vung"
    NEXT_REGION = "can_vung"
    FAR = "cach_vung"


_NORTH_TO_SOUTH = (Region.NORTH, Region.CENTRE, Region.SOUTH)


def zone_between(one_province: str, other_province: str) -> Zone:
    """The freight zone between two provinces, by code: Bắc, Trung and Nam, of which Bắc and Nam do not
    touch."""
    if one_province == other_province:
        return Zone.SAME_PROVINCE
    one, other = (gazetteer().provinces[code].region for code in (one_province, other_province))
    steps = abs(_NORTH_TO_SOUTH.index(one) - _NORTH_TO_SOUTH.index(other))
    return (Zone.SAME_REGION, Zone.NEXT_REGION, Zone.FAR)[steps]


# --- service points -----------------------------------------------------------------------------------------


def service_points(
    province: str | None = None,
    commune: str | None = None,
    near: Located | None = None,
    text: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> list[ServicePoint]:
    """Points at work, by commune, or the nearest first.

    `province` and `commune` are codes; `text` is searched in name and address, with or without accents.
    """
    asked = _asked_points(province, commune, text).order_by(
        ServicePoint.province_code, ServicePoint.commune_key, ServicePoint.id
    )
    if near is None:
        return list(db.session.scalars(asked.limit(limit).offset(offset)))
    found = sorted(db.session.scalars(asked), key=lambda point: (distance_km(near, point), point.id))
    return found[offset : None if limit is None else offset + limit]


def count_service_points(province: str | None = None, commune: str | None = None, text: str = "") -> int:
    asked = _asked_points(province, commune, text).with_only_columns(func.count())
    return db.session.scalar(asked) or 0


def service_points_by_province() -> dict[str, int]:
    """How many points are at work in each province that has any, by code."""
    rows = db.session.execute(
        select(ServicePoint.province_code, func.count())
        .where(ServicePoint.state == ServicePointState.OPEN)
        .group_by(ServicePoint.province_code)
    )
    return {row[0]: row[1] for row in rows}


def service_point(code: str) -> ServicePoint:
    """The point with this code, closed ones too; raises Missing."""
    found: ServicePoint | None = db.session.scalar(select(ServicePoint).where(ServicePoint.code == code))
    if found is None:
        raise Missing(_("Không có điểm phục vụ nào mang mã này. Hãy tìm trong danh sách các điểm."))
    return found


def point_at_work(code: str) -> ServicePoint | None:
    """The point with this code, if it is open for business; None otherwise."""
    if not code:
        return None
    found: ServicePoint | None = db.session.scalar(
        select(ServicePoint).where(ServicePoint.code == code, ServicePoint.state == ServicePointState.OPEN)
    )
    return found


def service_point_for(commune_code: str) -> ServicePoint | None:
    """The point that serves a commune: its own, else one that collects there, else the nearest.

    The nearest of its province comes before any other. None when no point is at work; raises Missing for an
    unknown commune.
    """
    place = commune(commune_code)
    if place is None:
        raise Missing(_("Không có xã, phường nào mang mã này. Hãy chọn lại xã, phường."))
    collecting = select(ServicePointPickup.point_id).where(ServicePointPickup.commune_code == commune_code)
    at_work = select(ServicePoint).where(ServicePoint.state == ServicePointState.OPEN)
    serving = at_work.where(or_(ServicePoint.commune_code == commune_code, ServicePoint.id.in_(collecting)))
    candidates = (
        db.session.scalars(serving).all()
        or db.session.scalars(at_work.where(ServicePoint.province_code == place.province_code)).all()
        or db.session.scalars(at_work).all()
    )
    return min(
        candidates,
        key=lambda point: (point.commune_code != commune_code, distance_km(place, point), point.id),
        default=None,
    )


def _asked_points(province: str | None, commune: str | None, text: str) -> Select[ServicePoint]:
    asked = select(ServicePoint).where(ServicePoint.state == ServicePointState.OPEN)
    if province is not None:
        asked = asked.where(ServicePoint.province_code == province)
    if commune is not None:
        asked = asked.where(ServicePoint.commune_code == commune)
    for word in folded_key(text[:LONGEST_SEARCH]).replace(",", " ").split():
        asked = asked.where(ServicePoint.search_key.contains(word, autoescape=True))
    return asked


# --- opening hours ------------------------------------------------------------------------------------------


class Span(NamedTuple):
    """From when to when, on a Vietnamese clock."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class DayHours:
    """When a point is open on one day, and why that day is unlike others, if it is."""

    day: date
    spans: tuple[Span, ...]
    reason: Text | str | None = None


def hours_on(point: ServicePoint, day: date) -> DayHours:
    """The hours of a day.

    Its own exception first; then public holidays (closed); then a weekend the Government swapped for a
    working day (open as on a Monday); then the weekly hours.
    """
    if point.state is not ServicePointState.OPEN:
        return DayHours(day, (), point.state.label)
    exception = next((one for one in point.exceptions if one.day == day), None)
    if exception is not None:
        if exception.opens is None or exception.closes is None:
            return DayHours(day, (), exception.reason or None)
        only = Span(exception.opens, exception.closes)
        return DayHours(day, (only,), exception.reason or None)
    if clock.is_holiday(day):
        return DayHours(day, (), clock.holiday_name(day) or _("Nghỉ lễ"))
    if day.weekday() >= 5 and clock.is_working_day(day):
        return DayHours(day, _weekly(point, 0), _("Làm bù"))
    return DayHours(day, _weekly(point, day.weekday()))


def is_open(point: ServicePoint, moment: datetime) -> bool:
    """Is the counter open at this moment?"""
    return closes_next(point, moment) is not None


def closes_next(point: ServicePoint, moment: datetime) -> datetime | None:
    """When the counter that is open now closes; None when it is not open."""
    there = clock.local(moment)
    for span in hours_on(point, there.date()).spans:
        if span.opens <= there.time() < span.closes:
            return clock.at(there.date(), span.closes)
    return None


def opens_next(point: ServicePoint, moment: datetime) -> datetime | None:
    """When the counter opens next (the moment itself while it is open); None when not within sixty days."""
    if is_open(point, moment):
        return moment
    first = clock.local(moment).date()
    for day in (first + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD)):
        for span in hours_on(point, day).spans:
            opening = clock.at(day, span.opens)
            if opening > moment:
                return opening
    return None


@dataclass(frozen=True, slots=True)
class PointNow:
    """A counter as a visitor sees it at one moment: open until `closes_at`, or closed until `opens_at` (if ever)."""

    point: ServicePoint
    commune: Commune
    closes_at: datetime | None
    opens_at: datetime | None
    distance_km: float | None = None

    @property
    def is_open(self) -> bool:
        return self.closes_at is not None

    @property
    def opens_today(self) -> bool:
        return self.opens_at is not None and clock.local(self.opens_at).date() == clock.today()

    @property
    def address(self) -> str:
        return print_address(self.point.street, self.commune, self.point.postcode)

    @property
    def plus_code(self) -> str:
        return plus_code(self.point.lat, self.point.lon)


def seen_now(point: ServicePoint, near: Located | None = None) -> PointNow:
    """The counter as it is at this moment, and how far it is from a place."""
    place = commune(point.commune_code)
    assert place is not None, f"{point.code} stands in no commune"
    moment = clock.now()
    closes_at = closes_next(point, moment)
    return PointNow(
        point=point,
        commune=place,
        closes_at=closes_at,
        opens_at=None if closes_at is not None else opens_next(point, moment),
        distance_km=distance_km(near, point) if near is not None else None,
    )


def commune_meant(text: str, province: str | None = None) -> Commune | None:
    """The commune a search most likely means: a whole address, old or new, else the nearest name."""
    parsed = parse_address(text)
    if parsed.default is not None and province in (None, parsed.default.commune.province_code):
        return parsed.default.commune
    return next(iter(find_communes(text, province, limit=1)), None)


def _weekly(point: ServicePoint, weekday: int) -> tuple[Span, ...]:
    return tuple(Span(row.opens, row.closes) for row in point.weekly_hours if row.weekday == weekday)
