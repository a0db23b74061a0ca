"""What can be done with the counters of the post. The gazetteer has no verbs: it changes by decree and
release."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import select

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.states import move
from marketplace.foundation.words import _
from marketplace.places import queries
from marketplace.places.models import (
    ServicePoint,
    ServicePointException,
    ServicePointHours,
    ServicePointPickup,
    ServicePointState,
)
from marketplace.places.names import folded_key
from marketplace.places.queries import Commune, Located, Span

FARTHEST_FROM_COMMUNE_KM = 60
"""A pin farther than this from the middle of its commune was set in the wrong place."""


_DAYS_AND_SPANS = re.compile(r"[1-7](-[1-7])?( ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)+")


class WeeklyHours(NamedTuple):
    """One span of a weekday; 0 is Monday."""

    weekday: int
    opens: time
    closes: time


STANDARD_HOURS: Sequence[WeeklyHours] = (
    *(WeeklyHours(day, time(7, 30), time(11, 30)) for day in range(6)),
    *(WeeklyHours(day, time(13, 30), time(17, 0)) for day in range(5)),
)
"""Monday to Friday with a lunch break, and Saturday morning: what a commune's point keeps when nothing is
said."""


def open_point(
    *,
    name: str,
    commune_code: str,
    street: str,
    by: Actor,
    phone: str | None = None,
    position: Located | None = None,
    postcode: str | None = None,
    vpostcode: str | None = None,
    hours: Iterable[WeeklyHours] = STANDARD_HOURS,
    picks_up_from: Iterable[str] = (),
) -> ServicePoint:
    """Opens a counter of the post in a commune, with its hours and the communes its carriers collect from.

    Without a position it stands in the middle of its commune, without a postcode it has the commune's.
    `phone` is E.164 ("+84290…"). Raises Refusal beside the field that is wrong, Conflict when the commune has
    a point of that name.
    """
    commune = _commune(commune_code, "commune")
    name, street = _line(name, "name"), _line(street, "street")
    if phone and not re.fullmatch(r"\+84\d{8,10}", phone):
        raise Refusal(
            _("Số điện thoại của điểm không đúng. Hãy ghi số của Việt Nam, ví dụ 0290 383 1234."), "phone"
        )
    place = position or commune
    _check_position(place, commune)
    taken = db.session.scalar(
        select(ServicePoint.id).where(ServicePoint.commune_code == commune_code, ServicePoint.name == name)
    )
    if taken is not None:
        raise Conflict(
            _(
                "%(commune)s đã có điểm tên “%(name)s”. Hãy đặt tên khác, ví dụ thêm số.",
                commune=commune.name,
                name=name,
            ),
            "name",
        )
    point = ServicePoint(
        state=ServicePointState.OPEN,
        name=name,
        commune_code=commune.code,
        province_code=commune.province_code,
        street=street,
        phone=phone or None,
        postcode=postcode or commune.postcode,
        vpostcode=vpostcode or None,
        lat=place.lat,
        lon=place.lon,
        commune_key=commune.folded,
        search_key=folded_key(f"{name} {street} {commune.name} {commune.province.name}"),
        weekly_hours=_hour_rows(hours),
        pickups=_pickup_rows(picks_up_from),
    )
    db.session.add(point)
    audit.record(by, "service_point.opened", point, name=name, commune=commune.code)
    return point


def correct_point(
    point: ServicePoint,
    *,
    street: str,
    by: Actor,
    phone: str | None = None,
    position: Located | None = None,
    vpostcode: str | None = None,
) -> None:
    """Says better where a counter is and how it is called; what is left out stays."""
    commune = _commune(point.commune_code, "commune")
    street = _line(street, "street")
    if position is not None:
        _check_position(position, commune)
    _claim(point)
    point.street, point.phone = street, phone or point.phone
    point.vpostcode = vpostcode or point.vpostcode
    if position is not None:
        point.lat, point.lon = position.lat, position.lon
    point.search_key = folded_key(f"{point.name} {street} {commune.name} {commune.province.name}")
    audit.record(by, "service_point.corrected", point, street=street)


def read_hours(text: str) -> list[WeeklyHours]:
    """Weekly hours as a clerk writes them: "1-5 07:30-11:30 13:30-17:00; 6 07:30-11:30", where 1 is Monday.

    Raises Refusal when it cannot be read; an empty text is a week without hours.
    """
    week: list[WeeklyHours] = []
    for part in filter(None, map(str.strip, text.split(";"))):
        if not _DAYS_AND_SPANS.fullmatch(part):
            raise Refusal(_("Chưa đọc được giờ mở cửa. Hãy ghi như: 1-5 07:30-11:30 13:30-17:00"), "hours")
        days, *spans = part.split()
        first, last = int(days[0]), int(days[-1])
        hours = [tuple(time.fromisoformat(hour) for hour in span.split("-")) for span in spans]
        week += [WeeklyHours(day - 1, *span) for day in range(first, last + 1) for span in hours]
    return week


def change_hours(point: ServicePoint, hours: Iterable[WeeklyHours], by: Actor) -> None:
    """Gives a counter other weekly hours, from now on."""
    rows = _hour_rows(hours)
    _claim(point)
    point.weekly_hours = rows
    point.hours_changed_at = clock.now()
    shown = [f"{row.weekday} {row.opens:%H:%M}-{row.closes:%H:%M}" for row in rows]
    audit.record(by, "service_point.hours_changed", point, hours=shown)


def make_exception(point: ServicePoint, day: date, hours: Span | None, reason: str, by: Actor) -> None:
    """Says that one day is unlike the others: open at these hours (on a holiday, too), or closed when there
    are none.

    A second word on the same day replaces the first.
    """
    if day < clock.today():
        raise Refusal(_("Ngày này đã qua. Hãy chọn hôm nay hoặc một ngày sắp tới."), "day")
    if hours is not None and hours.opens >= hours.closes:
        raise Refusal(_("Giờ đóng cửa phải sau giờ mở cửa."), "closes")
    _claim(point)
    exception = next((one for one in point.exceptions if one.day == day), None)
    if exception is None:
        exception = ServicePointException(day=day)
        point.exceptions.append(exception)
    exception.opens, exception.closes = hours if hours is not None else (None, None)
    exception.reason = " ".join(reason.split())[:120]
    point.hours_changed_at = clock.now()
    shown = f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" if hours is not None else "closed"
    audit.record(by, "service_point.exception_made", point, day=day.isoformat(), hours=shown, reason=reason)


def drop_exception(point: ServicePoint, day: date, by: Actor) -> None:
    """Makes a day like the others again; nothing happens when it already is."""
    _claim(point)
    exception = next((one for one in point.exceptions if one.day == day), None)
    if exception is None:
        return
    point.exceptions.remove(exception)
    point.hours_changed_at = clock.now()
    audit.record(by, "service_point.exception_dropped", point, day=day.isoformat())


def change_pickups(point: ServicePoint, commune_codes: Iterable[str], by: Actor) -> None:
    """Says which communes the point's carriers collect from; none named means its own."""
    rows = _pickup_rows(commune_codes)
    _claim(point)
    # Rows are keyed by commune, so those that stay must stay the same rows.
    kept = {row.commune_code: row for row in point.pickups}
    point.pickups = [kept.get(row.commune_code, row) for row in rows]
    audit.record(by, "service_point.pickups_changed", point, communes=[row.commune_code for row in rows])


def close_point(point: ServicePoint, by: Actor, why: str | None = None) -> None:
    """Closes a counter for good: it is no longer listed nor chosen; what was done there stays on record."""
    _claim(point)
    move(point, ServicePointState.CLOSED, by, why)


def reopen_point(point: ServicePoint, by: Actor) -> None:
    """Opens a closed counter again, with the hours it had."""
    _claim(point)
    move(point, ServicePointState.OPEN, by)
    point.closed_at = None


def _claim(point: ServicePoint) -> None:
    """Locks the point's row, so that two people changing it come one after the other."""
    db.session.flush()
    claim(ServicePoint, [point.id])


def _commune(code: str, field: str) -> Commune:
    commune = queries.commune(code)
    if commune is None:
        raise Refusal(_("Không có xã, phường nào mang mã này. Hãy chọn lại xã, phường."), field)
    return commune


def _line(text: str, field: str) -> str:
    line = " ".join(text.split())
    longest = 120 if field == "name" else 200
    if not line:
        raise Refusal(_("Hãy ghi tên và địa chỉ của điểm phục vụ."), field)
    if len(line) > longest:
        raise Refusal(_("Dài quá: tối đa %(max)s ký tự.", max=longest), field)
    return line


def _check_position(place: Located, commune: Commune) -> None:
    if not queries.distance_km(place, commune) <= FARTHEST_FROM_COMMUNE_KM:
        raise Refusal(
            _(
                "Vị trí trên bản đồ cách %(commune)s quá xa. Hãy chấm lại vị trí của điểm.",
                commune=commune.name,
            ),
            "position",
        )


def _hour_rows(hours: Iterable[WeeklyHours]) -> list[ServicePointHours]:
    """The rows of a week, in order; refuses spans that end before they begin or lie over one another."""
    week = sorted(hours)
    for span in week:
        if not 0 <= span.weekday <= 6 or span.opens >= span.closes:
            raise Refusal(_("Giờ đóng cửa phải sau giờ mở cửa."), "hours")
    for one, following in pairwise(week):
        if one.weekday == following.weekday and following.opens < one.closes:
            raise Refusal(
                _("Hai khoảng giờ trong cùng một ngày bị chồng lên nhau. Hãy sửa lại giờ."), "hours"
            )
    return [ServicePointHours(weekday=one.weekday, opens=one.opens, closes=one.closes) for one in week]


def _pickup_rows(commune_codes: Iterable[str]) -> list[ServicePointPickup]:
    codes = sorted(set(commune_codes))
    return [ServicePointPickup(commune_code=_commune(code, "picks_up_from").code) for code in codes]
