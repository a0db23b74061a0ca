"""The line at the counter drops: ten scans wait on the device, the page is loaded again without a line, and they count
once each when it is back."""

import pytest
from playwright.sync_api import Page, expect

from marketplace.demo import PASSWORD
from tests.journeys.test_buying import TEA, put_in, to_the_till
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
