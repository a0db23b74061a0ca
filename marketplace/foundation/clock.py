"""The only reader of time. Moments are UTC; days and opening hours are Vietnam's (UTC+7, no summer time).

Working days follow the public holidays of Vietnam (package `holidays`, Labour Code 45/2019/QH14 Art. 112; 24 November,
Vietnam Culture Day, since 2026 by Resolution 80-NQ/TW) with an override table for swapped days the Government
announces each year.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from marketplace.foundation.words import language

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

Overrides = Mapping[date, bool]
_overrides: Callable[[], Overrides] = dict


def use_overrides(read: Callable[[], Overrides]) -> None:
    """Where the dated table of swapped days comes from: `{day: is it a working day}`."""
    global _overrides
    _overrides = read


_away: ContextVar[timedelta] = ContextVar("away", default=timedelta())


@contextmanager
def looking_back(by: timedelta) -> Iterator[None]:
    """What is done inside was done so long ago: for the demo market alone, whose people have a past."""
    token = _away.set(-by)
    try:
        yield
    finally:
        _away.reset(token)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC) + _away.get()


def today() -> date:
    """Today in Vietnam."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The moment on a Vietnamese wall clock."""
    return moment.astimezone(ZONE)


def start_of_day(day: date) -> datetime:
    """The moment the day begins in Vietnam, in UTC."""
    return at(day, time.min)


def at(day: date, hour: time) -> datetime:
    """The moment of a Vietnamese wall-clock time on a day, in UTC."""
    return datetime.combine(day, hour, ZONE).astimezone(UTC)


def is_working_day(day: date) -> bool:
    """Monday to Friday that is no public holiday, unless the override table says otherwise."""
    override = _overrides().get(day)
    if override is not None:
        return override
    return _is_worked(day)


@lru_cache(maxsize=4096)
def _is_worked(day: date) -> bool:
    return _holidays(day.year).is_working_day(day)


def is_holiday(day: date) -> bool:
    """A public holiday (a weekend alone is none)."""
    override = _overrides().get(day)
    if override is not None:
        return not override
    return day in _holidays(day.year)


def holiday_name(day: date) -> str | None:
    """In the reader's language."""
    return _holidays(day.year, "en_US" if language() == "en" else "vi").get(day)


def next_working_day(day: date) -> date:
    """The day itself when people work on it, else the first that follows."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`; zero is the day itself or the next one people work on."""
    if count < 0:
        raise ValueError("working days are counted forwards")
    day = next_working_day(day) if count == 0 else day
    while count:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day


@lru_cache(maxsize=32)
def _holidays(year: int, names: str = "vi") -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=year, language=names)  # not that of the machine
