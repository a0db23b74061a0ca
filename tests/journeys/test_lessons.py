"""Every lesson in a browser: read by everybody, light on a telephone, whole on paper."""

import contextlib
import subprocess
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from marketplace.foundation.words import LANGUAGES, in_language
from marketplace.training import lessons
from tests import machine
from tests.journeys.town import Town
from tests.journeys.walker import AXE

pytestmark = pytest.mark.browser

LIGHT = 200_000
NAVIGATION = ("English", "Tiếng Việt", "Giỏ hàng", "Cart", "In bài này", "Print this", "‹", "›")


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_lesson_on_a_telephone_and_on_paper(town: Town, browser: Browser, tmp_path, spoken):
    """axe finds nothing, a telephone loads less than 200 KB, no picture is cut by the edge of an A4 sheet, and what is
    for pressing is not on it."""
    pdfimages, pdftotext = (machine.program(name, "poppler-utils") for name in ("pdfimages", "pdftotext"))
    with in_language(spoken):
        told = lessons.lessons()
    trouble = []
    with telephone(browser, town, spoken) as page:
        for lesson in told:
            weights: list[int] = []

            def weigh(done, to=weights):
                sizes = done.sizes()
                to.append(sizes["responseBodySize"] + sizes["responseHeadersSize"])

            page.on("requestfinished", weigh)
            page.goto(f"{town.address}/lessons/{lesson.key}", wait_until="load")
            for picture in page.locator(".lesson img").all():
                picture.scroll_into_view_if_needed()
            page.wait_for_function(
                "[...document.querySelectorAll('.lesson img')].every(i => i.complete && i.naturalWidth)"
            )
            page.wait_for_load_state("networkidle")
            page.remove_listener("requestfinished", weigh)
            if len(weights) < 3 + len(lesson.pictures):
                trouble.append(f"{lesson.key}: only {len(weights)} files were weighed")
            if sum(weights) >= LIGHT:
                trouble.append(f"{lesson.key} weighs {sum(weights)} bytes")
            # As it is first seen: scrolled down, the bar lies over what is passing below it.
            page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            found = Axe().run(page, options=AXE)
            if found.violations_count:
                trouble.append(f"{lesson.key}: {found.generate_report()}")
            sheet = tmp_path / f"{lesson.key}.pdf"
            page.pdf(path=sheet, format="A4")
            trouble += [f"{lesson.key}: {wrong}" for wrong in cut(sheet, lesson, pdfimages)]
            trouble += [f"{lesson.key}: {wrong}" for wrong in said(sheet, lesson, pdftotext)]
    assert not trouble, "\n".join(trouble)


@contextlib.contextmanager
def telephone(browser: Browser, town: Town, spoken: str):
    """One that keeps nothing: each lesson is loaded as by somebody who comes for the first time."""
    context = browser.new_context(
        viewport={"width": 360, "height": 800},
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "lang", "value": spoken, "url": town.address}])
    try:
        page = context.new_page()
        context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        yield page
    finally:
        context.close()


def said(sheet: Path, lesson, pdftotext):
    """What is wrong with the words on paper: an empty sheet, a menu, a lesson that is not whole."""
    pages = subprocess.run(
        [pdftotext, "-layout", sheet, "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")[:-1]
    if not all(len(one.split()) > 5 for one in pages):
        yield "an empty sheet"
    words = " ".join(" ".join(pages).split())
    yield from (f"{gone!r} is missing" for gone in (lesson.title, lesson.deed) if gone not in words)
    yield from (f"{menu!r} is printed" for menu in NAVIGATION if menu in words)


def cut(sheet: Path, lesson, pdfimages):
    """What is wrong with the pictures on A4: one that is cut is drawn on two sheets, or is wider than one."""
    listed = subprocess.run([pdfimages, "-list", sheet], capture_output=True, text=True, check=True).stdout
    drawn = [line.split() for line in listed.splitlines()[2:] if line.split()[2] == "image"]
    wide = [line for line in drawn if int(line[3]) == 2 * lessons.PICTURE_WIDTH]
    if len(wide) != len(lesson.pictures):
        yield f"{len(wide)} pictures on paper, not {len(lesson.pictures)}"
    if len({line[0] for line in drawn}) > 3:
        yield "more than three sheets of pictures"
    # At 200 points a inch the 720 points across are 91 mm: less is a picture spread over the edge of the sheet.
    yield from (
        f"a picture {int(line[3]) / int(line[12]) * 25.4:.0f} mm wide" for line in wide if int(line[12]) < 110
    )
