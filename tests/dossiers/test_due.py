"""The due rule: golden rows counted by hand on a wall calendar, a naive count that shares no code, and properties."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.dossiers import due
from marketplace.dossiers.due import OfficeHours
from marketplace.foundation import clock

OFFICE = OfficeHours()

NEW_YEAR_SWAP = {date(2026, 1, 2): False, date(2026, 1, 10): True}
"""2 January 2026 off for Saturday 10 January: announced, and not in the package."""


@pytest.fixture(autouse=True)
def swapped_days():
    clock.use_overrides(lambda: NEW_YEAR_SWAP)
    yield
    clock.use_overrides(dict)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=clock.ZONE)


GOLDEN = [
    # handed in            days  due                  why
    ("25/11/2026 10:00", 3, "30/11/2026 10:00", "Thu, Fri, over the weekend to Monday"),
    ("23/11/2026 09:15", 3, "27/11/2026 09:15", "24 November is Vietnam Culture Day"),
    ("23/11/2026 16:59", 1, "25/11/2026 16:59", "one minute before closing, then the holiday"),
    ("23/11/2026 17:00", 1, "26/11/2026 07:30", "closed: counts from Wednesday's opening"),
    ("23/11/2026 06:00", 1, "25/11/2026 07:30", "before opening: counts from that day's opening"),
    ("24/11/2026 10:00", 3, "30/11/2026 07:30", "handed in on the holiday itself"),
    ("21/11/2026 12:00", 5, "01/12/2026 07:30", "a Saturday counts from Monday; 24 November is off"),
    ("20/11/2026 18:30", 1, "25/11/2026 07:30", "Friday evening counts from Monday; 24 November is off"),
    ("23/11/2026 12:00", 2, "26/11/2026 12:00", "the lunch break moves nothing"),
    ("03/02/2027 16:59", 1, "11/02/2027 16:59", "the eve of Tết 2027, one minute before closing"),
    ("03/02/2027 17:00", 1, "12/02/2027 07:30", "the eve of Tết 2027, at closing"),
    ("03/02/2027 10:00", 3, "15/02/2027 10:00", "Tết 2027 is 4 to 10 February"),
    ("06/02/2027 09:00", 3, "16/02/2027 07:30", "handed in on the first day of the year"),
    ("21/08/2026 15:00", 1, "22/08/2026 15:00", "a Saturday that is worked"),
    ("21/08/2026 15:00", 7, "03/09/2026 15:00", "31 August is off for it, then National Day"),
    ("22/08/2026 10:00", 1, "24/08/2026 10:00", "handed in on the worked Saturday"),
    ("28/08/2026 16:00", 1, "03/09/2026 16:00", "before National Day"),
    ("25/04/2025 09:00", 1, "26/04/2025 09:00", "a Saturday that is worked, 2025"),
    ("29/04/2025 11:00", 1, "05/05/2025 11:00", "2 May 2025 is off for it"),
    ("24/04/2026 08:00", 1, "28/04/2026 08:00", "the Hùng Kings' day on a Sunday gives Monday"),
    ("29/04/2026 16:30", 2, "05/05/2026 16:30", "30 April and 1 May"),
    ("31/12/2025 10:00", 1, "05/01/2026 10:00", "2 January 2026 is off by the override table"),
    ("09/01/2026 14:00", 1, "10/01/2026 14:00", "and its Saturday is worked"),
    ("23/11/2027 16:00", 1, "25/11/2027 16:00", "24 November 2027"),
    ("25/11/2026 10:00", 0, "25/11/2026 10:00", "no days: at once"),
    ("25/11/2026 19:00", 0, "26/11/2026 07:30", "no days, after closing: at the next opening"),
]


@pytest.mark.parametrize(("handed_in", "days", "expected", "why"), GOLDEN, ids=[row[3] for row in GOLDEN])
def test_golden_rows(handed_in, days, expected, why):
    assert clock.local(due.due_moment(at(handed_in), days, OFFICE)) == at(expected)


PAUSES = [
    # due                  paused              resumed             moves to
    ("27/11/2026 09:15", "23/11/2026 16:00", "25/11/2026 08:30", "27/11/2026 11:15"),
    ("27/11/2026 09:15", "25/11/2026 16:45", "26/11/2026 08:00", "27/11/2026 10:00"),
    ("27/11/2026 16:30", "25/11/2026 10:00", "25/11/2026 11:00", "30/11/2026 08:00"),
    ("27/11/2026 16:30", "27/11/2026 17:30", "30/11/2026 07:00", "27/11/2026 16:30"),
    ("03/02/2027 16:00", "03/02/2027 15:00", "11/02/2027 08:30", "11/02/2027 09:30"),
    ("27/11/2026 10:00", "23/11/2026 10:00", "23/11/2026 10:00", "27/11/2026 10:00"),
]


@pytest.mark.parametrize(("was", "paused", "resumed", "expected"), PAUSES)
def test_a_pause_moves_the_due_moment_by_the_office_time_that_passed(was, paused, resumed, expected):
    assert clock.local(due.moved_on(at(was), at(paused), at(resumed), OFFICE)) == at(expected)


def test_a_pause_that_ends_before_it_begins_moves_nothing():
    was = at("27/11/2026 10:00")
    assert due.moved_on(was, at("26/11/2026 10:00"), at("25/11/2026 10:00"), OFFICE) == was


def naive_due(handed_in: datetime, days: int) -> datetime:
    """Minute by minute, as somebody with a clock and a calendar would: shares no code with the rule."""
    minutes, there = days * 570, handed_in.astimezone(clock.ZONE).replace(second=0, microsecond=0)
    while not (clock.is_working_day(there.date()) and 450 <= there.hour * 60 + there.minute < 1020):
        there += timedelta(minutes=1)
    while minutes:
        there += timedelta(minutes=1)
        if clock.is_working_day(there.date()) and 450 < there.hour * 60 + there.minute <= 1020:
            minutes -= 1
    while not (clock.is_working_day(there.date()) and 450 <= there.hour * 60 + there.minute < 1020):
        there += timedelta(minutes=1)
    return there


minutes_of_three_years = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda count: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=count)
)
days = st.integers(0, 30)


@settings(max_examples=40, deadline=None)
@given(minutes_of_three_years, st.integers(0, 6))
def test_it_agrees_with_a_naive_count(handed_in, count):
    assert due.due_moment(handed_in, count, OFFICE) == naive_due(handed_in, count)


@settings(max_examples=200, deadline=None)
@given(minutes_of_three_years, days)
def test_it_is_always_in_office_hours_of_a_working_day(handed_in, count):
    there = clock.local(due.due_moment(handed_in, count, OFFICE))
    assert clock.is_working_day(there.date())
    assert OFFICE.opens <= there.time() < OFFICE.closes


@settings(max_examples=200, deadline=None)
@given(minutes_of_three_years, minutes_of_three_years, days)
def test_who_comes_first_is_due_first(one, other, count):
    first, second = sorted((one, other))
    assert due.due_moment(first, count, OFFICE) <= due.due_moment(second, count, OFFICE)


@settings(max_examples=200, deadline=None)
@given(minutes_of_three_years, days)
def test_the_promise_is_n_working_days_of_office_time(handed_in, count):
    due_at = due.due_moment(handed_in, count, OFFICE)
    assert due.office_time(handed_in, due_at, OFFICE) == count * OFFICE.day_length


@settings(max_examples=200, deadline=None)
@given(minutes_of_three_years, days, st.lists(minutes_of_three_years, min_size=2, max_size=6))
def test_paused_time_is_neither_lost_nor_won(handed_in, count, moments):
    due_at = due.due_moment(handed_in, count, OFFICE)
    moments, paused = sorted(moments), timedelta()
    for begin, end in zip(moments[::2], moments[1::2], strict=False):
        due_at = due.moved_on(due_at, begin, end, OFFICE)
        paused += due.office_time(begin, end, OFFICE)
    assert due.office_time(handed_in, due_at, OFFICE) == count * OFFICE.day_length + paused


@settings(max_examples=100, deadline=None)
@given(st.lists(minutes_of_three_years, min_size=3, max_size=3).map(sorted))
def test_office_time_adds_up(moments):
    a, b, c = moments
    whole = due.office_time(a, c, OFFICE)
    assert whole == due.office_time(a, b, OFFICE) + due.office_time(b, c, OFFICE)


# -- every minute of three years ------------------------------------------------------------------------------------
# The second count: a calendar written out by hand (data/holidays_vn.json, the notices of the Government), a list of the
# days people work, and nothing else. It shares no code with the rule, nor with clock.py.

OFF = [
    "2025-01-01",
    "2025-01-27",
    "2025-01-28",
    "2025-01-29",
    "2025-01-30",
    "2025-01-31",
    "2025-04-07",
    "2025-04-30",
    "2025-05-01",
    "2025-05-02",
    "2025-09-01",
    "2025-09-02",
    "2026-01-01",
    "2026-01-02",
    "2026-02-16",
    "2026-02-17",
    "2026-02-18",
    "2026-02-19",
    "2026-02-20",
    "2026-04-27",
    "2026-04-30",
    "2026-05-01",
    "2026-08-31",
    "2026-09-01",
    "2026-09-02",
    "2026-11-24",
    "2027-01-01",
    "2027-02-04",
    "2027-02-05",
    "2027-02-08",
    "2027-02-09",
    "2027-02-10",
    "2027-04-16",
    "2027-04-30",
    "2027-05-03",
    "2027-09-02",
    "2027-09-03",
    "2027-11-24",
    "2028-01-03",
    "2028-01-24",
    "2028-01-25",
    "2028-01-26",
    "2028-01-27",
    "2028-01-28",
]
WORKED = {"2025-04-26", "2026-01-10", "2026-08-22"}


def written_out_days() -> list[date]:
    """Every day people work from 2025 to the end of January 2028."""
    found, day = [], date(2025, 1, 1)
    while day < date(2028, 1, 22):
        name = day.isoformat()
        if name in WORKED or (day.weekday() < 5 and name not in OFF):
            found.append(day)
        day += timedelta(days=1)
    return found


def test_every_working_minute_of_three_years(full):
    """Every minute an office takes papers in, 2025–2027, with three time limits; a spread of them without --full."""
    days_worked = written_out_days()
    step = 1 if full else 95
    counted = 0
    for index, day in enumerate(days_worked):
        if day.year > 2027:
            break
        for minute in range(450, 1020, step):
            counted += 1
            handed_in = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=clock.ZONE)
            for limit in (1, 3, 10):
                then = days_worked[index + limit]
                expected = datetime(
                    then.year, then.month, then.day, minute // 60, minute % 60, tzinfo=clock.ZONE
                )
                assert due.due_moment(handed_in, limit, OFFICE) == expected, (handed_in, limit)
    assert counted > (400_000 if full else 4_000)


def test_every_closed_minute_counts_from_the_next_opening(full):
    """The other minutes, nights and days off: due as if handed in when the office opens next."""
    days_worked = written_out_days()
    moment = datetime(2025, 1, 2, 0, 0, tzinfo=clock.ZONE)
    step, place = timedelta(minutes=1 if full else 67), 0
    while moment.year < 2028:
        while days_worked[place] < moment.date() or (
            days_worked[place] == moment.date() and moment.hour >= 17
        ):
            place += 1
        opens = days_worked[place]
        is_open = opens == moment.date() and moment.hour * 60 + moment.minute >= 450
        if not is_open:
            then = days_worked[place + 3]
            expected = datetime(then.year, then.month, then.day, 7, 30, tzinfo=clock.ZONE)
            assert due.due_moment(moment, 3, OFFICE) == expected, moment
        moment += step


def test_the_written_out_calendar_is_that_of_the_market():
    """Where the two calendars differ, one of them is wrong."""
    worked = set(written_out_days())
    day, differ = date(2025, 1, 1), []
    while day < date(2028, 1, 1):
        if clock.is_working_day(day) != (day in worked):
            differ.append(day.isoformat())
        day += timedelta(days=1)
    assert not differ
