"""What people look for and do not find, counted by word, week and province, and never by person.

A search only counts up in memory; the numbers are written every half minute, so looking costs no writing. Numbers that
a killed process had not written yet are lost: they are numbers of a trend, not of money. What looks like somebody's own
(a phone number, an address of e-mail) is not counted at all.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from marketplace.foundation import clock, market
from marketplace.foundation.db import change, db
from marketplace.search.models import SearchedWords
from marketplace.search.vietnamese import fold, plain

PORT = "search.searched"
MOST_LETTERS = 80
MOST_WAITING = 200
KEEP_WEEKS = 104
LEAST_SHOWN = 3
"""Words fewer people asked for may be somebody's name: they are counted, but not shown."""
PERSONAL = re.compile(r"@|\d(?:[\s.\-]?\d){6}|https?:")


class Key(NamedTuple):
    week: date
    province: str
    words: str


@dataclass
class Count:
    written: str
    asked: int = 0
    found_nothing: int = 0
    led_on: int = 0


class Searched:
    """Counts that are not written yet (one per market and process; wiring plugs it in)."""

    def __init__(self, wait_seconds: float = 30.0) -> None:
        self._wait = wait_seconds
        self._since = 0.0
        self._counts: dict[Key, Count] = {}
        self._lock = Lock()

    def note(self, text: str, province: str | None, **what: int) -> None:
        """Count up for these words: asked=1, found_nothing=1, led_on=1."""
        written = " ".join(plain(text[:MOST_LETTERS]).split())
        words = fold(written)
        if len(words) < 2 or PERSONAL.search(written):
            return
        key = Key(week_of(clock.today()), province or "", words[:160])
        with self._lock:
            if not self._counts:
                self._since = time.monotonic()
            count = self._counts.setdefault(key, Count(written))
            for name, more in what.items():
                setattr(count, name, getattr(count, name) + more)

    @property
    def is_due(self) -> bool:
        """Is it time to write?"""
        return bool(self._counts) and (
            time.monotonic() - self._since > self._wait or len(self._counts) > MOST_WAITING
        )

    def take(self) -> dict[Key, Count]:
        """All counts; from now on they are the caller's to write."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken

    def give_back(self, counts: dict[Key, Count]) -> None:
        """They could not be written: keep them for the next time."""
        for key, count in counts.items():
            with self._lock:
                known = self._counts.setdefault(key, Count(count.written))
                known.asked += count.asked
                known.found_nothing += count.found_nothing
                known.led_on += count.led_on


def waiting() -> Searched:
    found: Searched = market.plugged(PORT)
    return found


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def write(counts: dict[Key, Count]) -> None:
    """Add the counts to the table. In the caller's transaction."""
    for key, count in sorted(counts.items()):
        same = (
            SearchedWords.week == key.week,
            SearchedWords.province == key.province,
            SearchedWords.words == key.words,
        )
        more = {"asked": count.asked, "found_nothing": count.found_nothing, "led_on": count.led_on}
        added = {name: getattr(SearchedWords, name) + number for name, number in more.items()}
        if change(update(SearchedWords).where(*same).values(added)):
            continue
        try:
            with db.session.begin_nested():
                db.session.execute(
                    insert(SearchedWords).values(**key._asdict(), written=count.written, **more)
                )
        except Exception:  # another process was faster with the same words
            db.session.execute(update(SearchedWords).where(*same).values(added))


class Row(NamedTuple):
    """Some words over the weeks and provinces asked for."""

    written: str
    words: str
    asked: int
    found_nothing: int
    led_on: int


def rows(
    since: date | None = None,
    until: date | None = None,
    province: str | None = None,
    only_nothing: bool = False,
    limit: int = 200,
) -> Sequence[Row]:
    """What was looked for most (or in vain most), weeks from `since` to `until`, those few asked for left out."""
    asked, nothing = func.sum(SearchedWords.asked), func.sum(SearchedWords.found_nothing)
    wanted: Any = (
        select(
            func.min(SearchedWords.written),
            SearchedWords.words,
            asked,
            nothing,
            func.sum(SearchedWords.led_on),
        )
        .group_by(SearchedWords.words)
        .having(asked >= LEAST_SHOWN)
        .order_by((nothing if only_nothing else asked).desc(), SearchedWords.words)
        .limit(limit)
    )
    if only_nothing:
        wanted = wanted.having(nothing > 0)
    if since is not None:
        wanted = wanted.where(SearchedWords.week >= since)
    if until is not None:
        wanted = wanted.where(SearchedWords.week <= until)
    if province is not None:
        wanted = wanted.where(SearchedWords.province == province)
    return [Row(w, k, int(a), int(n), int(c)) for w, k, a, n, c in db.session.execute(wanted)]


def weeks() -> Sequence[date]:
    """The weeks there are numbers of, newest first."""
    return list(
        db.session.scalars(
            select(SearchedWords.week).distinct().order_by(SearchedWords.week.desc()).limit(60)
        )
    )


def forget_old() -> None:
    """Numbers of more than two years ago go."""
    oldest = week_of(clock.today()) - timedelta(weeks=KEEP_WEEKS)
    db.session.execute(delete(SearchedWords).where(SearchedWords.week < oldest))
