"""The line at the counter drops: ten scans wait on the device, the page is loaded again without a line, and they count
once each when it is back. There is no signal in the hall: who is here is tapped all the same, and noted once each."""

import contextvars

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from marketplace.demo import PASSWORD
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db
from marketplace.training.models import Learner
from tests import cast, classes
from tests.journeys.conftest import Way
from tests.journeys.test_buying import TEA, put_in, to_the_till
from tests.journeys.test_classes import TRAINER, open_class
from tests.journeys.test_delivering import CLERK, FARMER, call_the_buyer, calls_to_make, new_orders
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser


def test_ten_scans_wait_for_the_line(somebody, way):
    if not way.has_script:
        pytest.skip("without scripts a scan is sent as it is made")
    wait_for_the_post(somebody(), somebody())
    clerk = somebody().sign_in(CLERK, PASSWORD).open("/post")
    here = clerk.page.locator('form[action="/post/point"] button', has_text="Tân Cương")
    if here.count():
        clerk.press(here.first)
    clerk.open("/post/run")
    number = clerk.page.locator("li.block a.mono").first.inner_text().replace(" ", "")
    page = clerk.open("/post?mode=dropped_off").page
    kept = page.locator("[data-kept-list]")
    assert page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.active.state)")
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    scan(page, number, 3)
    page.reload()
    expect(kept.locator("li")).to_have_count(3)
    page.select_option("[name=event]", "dropped_off")
    scan(page, number, 7)
    expect(kept.locator("[data-kept-waiting] b")).to_have_text("10")
    page.context.set_offline(False)
    page.wait_for_url(clerk.town.address + "/post", timeout=20_000)
    expect(kept).to_be_hidden(timeout=20_000)
    # What the browser says of the line itself was the story.
    clerk.trouble.clear()
    clerk.open(f"/post/parcels/{number}")
    assert page.locator("main .timeline li").count() == 1


def scan(page: Page, number: str, times: int) -> None:
    """The scanner types the number and presses Enter."""
    for _time in range(times):
        page.fill("#tracking", number)
        page.press("#tracking", "Enter")


def wait_for_the_post(farmer: Walker, buyer: Walker) -> None:
    """Tea that was ordered and accepted, and lies at the farm."""
    farmer.sign_in(FARMER, PASSWORD)
    before, calls = new_orders(farmer), calls_to_make(farmer)
    put_in(buyer, "che tan cuong", TEA)
    to_the_till(buyer, "cod")
    buyer.send("/checkout")
    call_the_buyer(farmer, calls)
    (order,) = new_orders(farmer) - before
    farmer.open(order).send(f"{order}/acceptance")


HALL = "http://127.0.0.1:8000"
"""Where the market of the one process is: no server is started for one page."""


def test_who_is_in_a_hall_without_signal_is_noted_once_each(visit, clock, browser: Browser):
    clock.set("2026-11-20 08:00")
    lesson = classes.plan()
    names = ("Hoàng Thị Mơ", "Lý Văn Páo", "Nông Thị Thắm")
    learners = [classes.join(lesson, cast.another(name, f"091200006{at}")) for at, name in enumerate(names)]
    codes = [one.code for one in learners]
    clock.set("2026-11-25 08:10")
    visit.sign_in(classes.trainer())
    taps = f"/train/classes/{lesson.code}/attendance/taps"
    sent: list[str] = []
    has_line = True

    def answer(route: Route) -> None:
        asked = route.request
        path = asked.url.removeprefix(HALL)
        if not has_line and asked.method == "POST":
            route.abort("internetdisconnected")
            return
        if path == taps:
            sent.append(asked.post_data or "")
        # As from outside: apart from the test's own context.
        told = contextvars.Context().run(
            visit.client.open, path, method=asked.method, data=asked.post_data_buffer,
            content_type=asked.headers.get("content-type"), buffered=True,
        )  # fmt: skip
        route.fulfill(status=told.status_code, headers=dict(told.headers), body=told.get_data())

    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(f"{HALL}/train/classes/{lesson.code}/attendance")
    has_line = False
    state = page.locator("[data-taps-state]")
    for code in codes[:2]:
        page.locator(f'[value="{code}"]').check()
    expect(state).to_contain_text("2")
    # The button does not lose what waits, and neither does the page loaded again.
    page.locator("form[data-taps] button").click()
    expect(state).to_contain_text("2")
    page.reload()
    expect(page.locator(f'[value="{codes[1]}"]')).to_be_checked()
    page.locator(f'[value="{codes[2]}"]').check()
    expect(state).to_contain_text("3")
    assert not sent and not db.session.query(AuditEntry).filter_by(verb="learner.attended").count()

    has_line = True
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(state).to_be_empty()
    page.locator("form[data-taps] button").click()
    page.wait_for_url(f"{HALL}/train/classes/{lesson.code}")
    context.close()
    db.session.rollback()
    assert len(sent) == 3 and {code for code in codes if any(code in one for one in sent)} == set(codes)
    assert db.session.query(AuditEntry).filter_by(verb="learner.attended").count() == 3
    assert all(one.attended_at is not None for one in db.session.query(Learner))


@pytest.mark.parametrize("way", [Way(360, True, "vi")], ids=str)
def test_the_list_opens_again_without_a_line_until_its_trainer_signs_out(somebody, way):
    """The window was closed, there is no signal: the list is there all the same, with what was tapped; whoever takes
    the telephone after its trainer signed out sees no name."""
    trainer = somebody().sign_in(TRAINER, PASSWORD)
    board, _digits = open_class(trainer)
    trainer.open(board)
    trainer.form(f"{board}/learners").locator("xpath=ancestor::details").evaluate("fold => fold.open = true")
    trainer.tell(f"{board}/learners", name="Hoàng Thị Mơ", phone="0978 123 456")
    page = trainer.open(f"{board}/attendance").page
    address = page.url
    page.wait_for_function("caches.open('hall').then(kept => kept.match(location.pathname)).then(Boolean)")
    page.wait_for_function("navigator.serviceWorker.ready.then(Boolean)")
    hall = page.context
    hall.set_offline(True)
    page.locator("[name=present]").check()
    expect(page.locator("[data-taps-state]")).to_contain_text("1")
    page.goto("about:blank")

    reopened = hall.new_page()
    reopened.goto(address)
    expect(reopened.locator("main")).to_contain_text("Hoàng Thị Mơ")
    expect(reopened.locator("[name=present]")).to_be_checked()
    expect(reopened.locator("[data-taps-state]")).to_contain_text("1")
    expect(reopened.locator("h1")).to_have_css("font-weight", "700")

    hall.set_offline(False)
    trainer.trouble.clear()
    trainer.open("/account")
    trainer.press(trainer.page.locator('form[action$="/logout"] button').first)
    assert page.evaluate("caches.has('hall')") is False
    hall.set_offline(True)
    with pytest.raises(Error, match=r"ERR_(INTERNET_DISCONNECTED|FAILED)"):
        reopened.goto(address)
    trainer.trouble.clear()
