"""The pictures of the lessons: real screenshots of this product, taken from the demo market with a telephone's screen,
the control a lesson speaks of marked with a ring (`flask lessons illustrate`).

The browser is Chromium with Playwright, both for development only. A lesson whose control is gone stops the command,
as it stops the tests.
"""

import io
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import which
from typing import Any

from flask import Flask
from PIL import Image

from config import ROOT
from marketplace.accounts import queries as accounts
from marketplace.accounts import service as accounts_service
from marketplace.foundation import logs, market
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import LANGUAGES, in_language
from marketplace.training import lessons
from marketplace.training.lessons import PICTURE_HEIGHT, PICTURE_WIDTH, Picture

PEOPLE = {"farmer": "0900000002", "newcomer": "0900000200", "unproved": "0900000201"}
"""Who looks at the demo market for a picture; `anybody` has not signed in."""

QUALITY = 52
MOST_BYTES = 45_000
"""Two pictures, the page, its looks and its type stay under 200 KB."""

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=vi",
]  # fmt: skip

RING = """element => {
    const shown = e => { const r = e.getBoundingClientRect(); return r.width > 8 && r.height > 8 };
    let target = element;
    if (!shown(target) || getComputedStyle(target).opacity === '0')
        target = element.closest('label') ?? element.labels?.[0] ?? element.parentElement;
    for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
    if (element.type === 'file') target = element.parentElement;
    if (element.type === 'radio') target = element.closest('fieldset') ?? target;
    if (element.type === 'checkbox') target = element.closest('label') ?? element.parentElement;
    // Where no gateway is plugged in a developer is told where codes are read: not a thing of the lesson.
    document.querySelector('main a[href$="/dev/outbox"]')?.closest('.notice')?.remove();
    target.scrollIntoView({block: 'center', behavior: 'instant'});
    const at = target.getBoundingClientRect(), ring = document.createElement('div');
    Object.assign(ring.style, {
        position: 'fixed', zIndex: 99999, left: `${Math.max(3, at.left - 7)}px`, top: `${at.top - 7}px`,
        width: `${Math.min(at.width + 14, innerWidth - 6)}px`, height: `${at.height + 14}px`, boxSizing: 'border-box',
        border: '5px solid #d9480f', borderRadius: '14px', boxShadow: '0 0 0 3px #fff', pointerEvents: 'none',
    });
    document.body.append(ring);
}"""


def illustrate(app: Flask, say: Callable[[str], None] = print) -> int:
    """Take every picture anew into static/lessons; how many. Raises Refusal without a demo market or a browser, and for
    a lesson whose control is gone."""
    if market.settings().app_env == "production":
        raise Refusal("Pictures are taken from the demo market, which is never put into production.")
    static = ROOT / "static"
    wanted = pictures()
    with _served(app) as address, _telephone(address) as as_whom:
        for picture in wanted:
            data = _shoot(as_whom(picture.who, picture.language), address, picture)
            kept = static / picture.path
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
            say(f"{picture.language}/{picture.key}: {len(data) // 1024} KB")
    shown = {picture.path for picture in wanted}
    for old in (static / "lessons").rglob("*.webp"):
        if old.relative_to(static).as_posix() not in shown:
            old.unlink()
    return len(wanted)


def pictures() -> list[Picture]:
    """Every picture of every lesson, in each language."""
    found = []
    for spoken in LANGUAGES:
        with in_language(spoken):
            found += [picture for lesson in lessons.lessons() for picture in lesson.pictures]
    return found


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    """The market on a port of this machine, until the block ends."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    # What is said is which pictures were taken, not every page on the way.
    logs.configure("text", "WARNING")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def _telephone(address: str) -> Iterator[Callable[[str, str], Any]]:
    """A browser with a small screen; asked for somebody and a language it gives a page on which they are signed in and
    read so. Whose language was changed for a picture has the old one again after the last."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Refusal("Playwright is not installed: make dev, then run this again.") from None
    chromium = which("chromium")
    if chromium is None:
        raise Refusal("Chromium is not installed: apt install chromium, then run this again.")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        pages: dict[str, Any] = {}

        def as_whom(who: str, spoken: str) -> Any:
            if who not in pages:
                pages[who] = browser.new_context(
                    viewport={"width": PICTURE_WIDTH, "height": PICTURE_HEIGHT}, device_scale_factor=2,
                    is_mobile=True, has_touch=True, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh",
                ).new_page()  # fmt: skip
                if who in PEOPLE:
                    pages[who].goto(address + _link_for(PEOPLE[who]))
                    pages[who].locator("main form button").first.click()
            return _reading(pages[who], address, spoken)

        yield as_whom
        for page in pages.values():
            _reading(page, address, "vi")
        browser.close()


def _reading(page: Any, address: str, spoken: str) -> Any:
    """The page of somebody who reads this language: pressed at the foot, as anybody does."""
    page.wait_for_load_state()
    if not page.url.startswith(address):
        page.goto(f"{address}/join")
    if page.evaluate("document.documentElement.lang") != spoken:
        with page.expect_navigation():
            page.locator(f'button[formaction="/lang/{spoken}"]').first.evaluate("button => button.click()")
    return page


def _link_for(phone: str) -> str:
    with transaction():
        person = accounts.person_by_login(phone)
        if person is None:
            raise Refusal("There is no demo market here: flask seed demo, then run this again.")
        return accounts_service.make_link(person, SYSTEM)


def _shoot(page: Any, address: str, picture: Picture) -> bytes:
    start, *presses = picture.way
    page.goto(address + start)
    for press in presses:
        page.goto(address + page.locator(f"main {press}").first.get_attribute("href"))
    control = page.locator(f"main {picture.control}")
    if not control.count():
        raise Refusal(f"{picture.key}: {picture.control} is not on {page.url}. Mend the lesson or the page.")
    control.first.evaluate(RING)
    with Image.open(io.BytesIO(page.screenshot())) as seen:
        out = io.BytesIO()
        seen.convert("RGB").save(out, "WEBP", quality=QUALITY, method=6)
    if out.tell() > MOST_BYTES:
        raise Refusal(f"{picture.key}: {out.tell()} bytes are too many for a telephone on 3G.")
    return out.getvalue()
