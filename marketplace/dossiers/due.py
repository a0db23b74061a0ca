"""When a dossier is due: one rule, in office time.

The rule (Decree 118/2025/NĐ-CP on the one-stop mechanism; slip of Circular 03/2025/TT-VPCP, form 01): a result is due
at the same clock time N working days after the papers came in. What arrives after closing, before opening or on a day
off counts from the next opening. While papers are missing the clock stands still, and the due moment moves on by the
office time that passed.

Office time is all the hours between opening and closing of working days laid end to end, so N working days are N times
the length of a day, and "the same clock time N days later" comes out by itself. The lunch break is inside the day: it
moves nobody's due moment. The closing hour belongs to the next day: a dossier handed in at 17:00 sharp is tomorrow's.

Working days are `clock.is_working_day`: Monday to Friday, without public holidays (24 November since 2026, Tết), with
the days the Government swapped.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from marketplace.foundation import clock

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficeHours:
    """From when to when the office takes papers in, on a Vietnamese wall clock."""

    opens: time = time(7, 30)
    closes: time = time(17, 0)

    @property
    def day_length(self) -> timedelta:
        return _into(self.closes) - _into(self.opens)


def due_moment(handed_in_at: datetime, working_days: int, office: OfficeHours) -> datetime:
    """When the result is due for papers handed in at a moment."""
    return after(handed_in_at, working_days * office.day_length, office)


def counts_from(moment: datetime, office: OfficeHours) -> datetime:
    """The moment itself while the office is open, else the next opening (on a Vietnamese wall clock)."""
    there = clock.local(moment)
    day = there.date()
    if clock.is_working_day(day) and there.time() < office.closes:
        return max(there, clock.local(clock.at(day, office.opens)))
    return clock.local(clock.at(clock.next_working_day(day + ONE_DAY), office.opens))


def moved_on(due_at: datetime, paused_at: datetime, resumed_at: datetime, office: OfficeHours) -> datetime:
    """The due moment after a pause: later by the office time that passed meanwhile."""
    return after(due_at, office_time(paused_at, resumed_at, office), office)


def office_time(begin: datetime, end: datetime, office: OfficeHours) -> timedelta:
    """How much office time lies between two moments; none when the end comes first."""
    begins, ends = counts_from(begin, office), counts_from(end, office)
    if ends <= begins:
        return timedelta()
    whole_days = 0
    day = begins.date()
    while (day := day + ONE_DAY) <= ends.date():
        whole_days += clock.is_working_day(day)
    return whole_days * office.day_length + _into(ends.time()) - _into(begins.time())


def after(moment: datetime, span: timedelta, office: OfficeHours) -> datetime:
    """The moment when so much office time has passed since another."""
    begins = counts_from(moment, office)
    whole_days, rest = divmod(_into(begins.time()) - _into(office.opens) + span, office.day_length)
    day = begins.date()
    if whole_days:
        day = clock.add_working_days(day, whole_days)
    return clock.at(day, office.opens) + rest


def _into(hour: time) -> timedelta:
    """How far into the day a wall-clock time is."""
    return datetime.combine(date.min, hour) - datetime.combine(date.min, time.min)
