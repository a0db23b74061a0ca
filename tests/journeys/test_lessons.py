"""Every lesson in a browser: read by everybody, light on a telephone, whole on paper."""

import contextlib
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from marketplace.training import lessons
from tests import machine
from tests.journeys.town import Town
from tests.journeys.walker import AXE

pytestmark = pytest.mark.browser

LIGHT = 200_000


def test_every_lesson_on_a_telephone_and_on_paper(town: Town, browser: Browser, tmp_path):
    """axe finds nothing, a telephone loads less than 200 KB, no picture is cut by the edge of an A4 sheet."""
    pdfimages = machine.program("pdfimages", "poppler-utils")
    trouble = []
    for lesson in lessons.lessons():
        with telephone(browser) as page:
            weights = []
            page.on("requestfinished", lambda done, to=weights: to.append(done.sizes()["responseBodySize"]))
            page.goto(f"{town.address}/lessons/{lesson.key}", wait_until="load")
            for picture in page.locator(".lesson img").all():
                picture.scroll_into_view_if_needed()
            page.wait_for_function(
                "[...document.querySelectorAll('.lesson img')].every(i => i.complete && i.naturalWidth)"
            )
            page.wait_for_load_state("networkidle")
            if sum(weights) >= LIGHT:
                trouble.append(f"{lesson.key} weighs {sum(weights)} bytes")
            found = Axe().run(page, options=AXE)
            if found.violations_count:
                trouble.append(f"{lesson.key}: {found.generate_report()}")
            trouble += [f"{lesson.key}: {wrong}" for wrong in printed(page, lesson, pdfimages, tmp_path)]
    assert not trouble, "\n".join(trouble)


@contextlib.contextmanager
def telephone(browser: Browser):
    """A new one each time: nothing is in its cache."""
    context = browser.new_context(
        viewport={"width": 360, "height": 800}, is_mobile=True, has_touch=True, locale="vi-VN"
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def printed(page: Page, lesson, pdfimages, tmp_path):
    """What is wrong with the lesson on A4: a picture that is cut is drawn on two sheets, or is wider than one."""
    sheet = tmp_path / f"{lesson.key}.pdf"
    page.pdf(path=sheet, format="A4")
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
