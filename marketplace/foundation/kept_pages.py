"""Whole pages kept for visitors nobody knows: who looks around without a session gets the page the last one got.

A page is kept under its address, language, place and day, together with a *stamp*: what decides its content, read by
one short statement (versions, stock). Another stamp is another page, so a new price, a pack sold out or a closed farm
is seen at once; what no stamp covers (other goods beside it) is a minute old at most. The nonce is each visitor's own.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from flask import current_app, g, request, session

from marketplace.foundation import clock, market, words
from marketplace.foundation.access import OF_AGE
from marketplace.foundation.web import csp_nonce

MOST = 400
"""Some thirty kilobytes each."""
KEEP_SECONDS = 60.0


class _Kept(NamedTuple):
    stamp: Hashable
    until: float
    nonce: str
    page: str


class KeptPages:
    """The pages of one market and process (wiring plugs it in). With `keep_seconds=0` none is kept."""

    PORT = "foundation.kept_pages"

    def __init__(self, keep_seconds: float = KEEP_SECONDS) -> None:
        self._keep_seconds = keep_seconds
        self._pages: dict[Hashable, _Kept] = {}

    @property
    def is_open(self) -> bool:
        return self._keep_seconds > 0

    def get(self, key: Hashable, stamp: Hashable) -> _Kept | None:
        """The page with this key, if it was made under this stamp and not long ago."""
        found = self._pages.get(key)
        return found if found and found.stamp == stamp and found.until > time.monotonic() else None

    def put(self, key: Hashable, stamp: Hashable, nonce: str, page: str) -> None:
        """Keep a page; the oldest goes when there are too many."""
        self._pages.pop(key, None)
        self._pages[key] = _Kept(stamp, time.monotonic() + self._keep_seconds, nonce, page)
        while len(self._pages) > MOST:
            self._pages.pop(next(iter(self._pages)), None)


def for_anybody(place: str | None, stamp: Callable[[], Hashable], make: Callable[[], Any]) -> Any:
    """The page of this address: a kept one for a visitor nobody knows, else as `make` makes it. The stamp is read
    before: what changes while a page is made makes the next one new."""
    pages: KeptPages = market.plugged(KeptPages.PORT)
    if not pages.is_open or not _is_anybody():
        return make()
    key = (request.script_root, request.path, words.language(), place, clock.today())
    under = stamp()
    if (kept := pages.get(key, under)) is not None:
        return kept.page.replace(kept.nonce, csp_nonce()) if kept.nonce else kept.page
    made = make()
    if isinstance(made, tuple) and made[1] == 200 and not session:
        pages.put(key, under, str(g.get("csp_nonce", "")), made[0])
    return made


def _is_anybody() -> bool:
    """No session, no word about their age, and no question behind the address."""
    known = (current_app.config["SESSION_COOKIE_NAME"], OF_AGE)
    return not request.args and not any(name in request.cookies for name in known)
