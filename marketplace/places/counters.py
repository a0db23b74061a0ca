"""Going to a counter: is it open on the day somebody wants to come, and where else could they go?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from marketplace.foundation import clock
from marketplace.foundation.show import day as day_said
from marketplace.foundation.show import hour as hour_said
from marketplace.foundation.words import Text, _
from marketplace.places import queries
from marketplace.places.models import ServicePoint
from marketplace.places.queries import DayHours, Located, PointNow

POINTS_ASKED = 12
"""So many counters around a closed one are looked at for one that is open."""


@dataclass(frozen=True, slots=True)
class Going:
    """A counter on the day somebody means to come: today, or a day they were promised. Shut today is also what has
    closed for the rest of the day. `opens_at` is the first moment it can be used (None while it is open)."""

    seen: PointNow
    hours: DayHours
    is_today: bool
    is_shut: bool
    opens_at: datetime | None

    @property
    def instead(self) -> PointNow | None:
        """The nearest other counter of the province that works on that day; looked for only when this one does not."""
        if not self.is_shut:
            return None
        return next(iter(open_near(self.seen.point, self.hours.day, limit=1)), None)

    @property
    def open_words(self) -> str:
        """`07:30–11:30, 13:30–17:00`; nothing on a day off."""
        return ", ".join(f"{span.opens:%H:%M}–{span.closes:%H:%M}" for span in self.hours.spans)

    @property
    def says(self) -> Text:
        """The day's hours in a sentence, or that it is shut, why, and when it opens again."""
        if self.is_shut:
            return self._shut_words()
        if self.is_today:
            return _("Hôm nay mở cửa %(hours)s.", hours=self.open_words)
        return _("%(day)s mở cửa %(hours)s.", day=day_said(self.hours.day), hours=self.open_words)

    def _shut_words(self) -> Text:
        name, why = self.seen.point.name, str(self.hours.reason) if self.hours.reason else ""
        if self.opens_at is None:
            return _("%(point)s đang tạm đóng cửa, chưa có ngày mở lại.", point=name)
        again = {"day": day_said(self.opens_at), "at": hour_said(self.opens_at)}
        if self.is_today and self.hours.spans:
            return _("%(point)s đã hết giờ hôm nay, mở lại %(day)s lúc %(at)s.", point=name, **again)
        if self.is_today and why:
            return _(
                "%(point)s đóng cửa hôm nay (%(why)s), mở lại %(day)s lúc %(at)s.",
                point=name,
                why=why,
                **again,
            )
        if self.is_today:
            return _("%(point)s đóng cửa hôm nay, mở lại %(day)s lúc %(at)s.", point=name, **again)
        on = day_said(self.hours.day)
        if why:
            return _(
                "%(on)s %(point)s đóng cửa (%(why)s), mở lại %(day)s lúc %(at)s.",
                on=on, point=name, why=why, **again,
            )  # fmt: skip
        return _("%(on)s %(point)s đóng cửa, mở lại %(day)s lúc %(at)s.", on=on, point=name, **again)


def going_to(point: ServicePoint, on: date | None = None, near: Located | None = None) -> Going:
    """The counter today, or on a day to come (`on`); how far it is from `near`."""
    today, seen = clock.today(), queries.seen_now(point, near)
    if on is None or on <= today:
        is_shut = not seen.is_open and not seen.opens_today
        return Going(seen, queries.hours_on(point, today), True, is_shut, seen.opens_at)
    hours = queries.hours_on(point, on)
    opens_at = queries.opens_next(point, clock.start_of_day(on))
    return Going(seen, hours, False, not hours.spans, opens_at)


def open_near(point: ServicePoint, on: date, limit: int = 2) -> Sequence[PointNow]:
    """The nearest other counters of its province that work on a day; today only those that still do."""
    near = queries.service_points(province=point.province_code, near=point, limit=POINTS_ASKED)
    if on <= clock.today():
        seen = [queries.seen_now(one, point) for one in near if one.id != point.id]
        return [one for one in seen if one.is_open or one.opens_today][:limit]
    working = [one for one in near if one.id != point.id and queries.hours_on(one, on).spans]
    return [queries.seen_now(one, point) for one in working[:limit]]


def first_day_open(point: ServicePoint, day: date) -> date | None:
    """The first day from this one on when people can come; None when none is known."""
    opening = queries.opens_next(point, clock.start_of_day(day))
    return clock.local(opening).date() if opening is not None else None
