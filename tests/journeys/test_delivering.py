"""An order on its way: the farmer says yes and hands it over, the clerk scans it and takes the cash, the farmer sees the
money."""

import pytest

from marketplace.demo import PASSWORD
from tests.journeys.test_buying import TEA, amount, put_in, to_the_till
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

FARMER, CLERK = "0900000002", "0900000005"
PHONE_ENDS = "0001"
YES = 'form[action$="/word"]:has(input[value="yes"])'


def test_accept_hand_over_scan_delivered_money(somebody):
    farmer = somebody().sign_in(FARMER, PASSWORD)
    before, calls = new_orders(farmer), calls_to_make(farmer)
    buyer = somebody()
    put_in(buyer, "che tan cuong", TEA)
    total = to_the_till(buyer, "cod")
    buyer.send("/checkout")
    order_page = buyer.page.url
    call_the_buyer(farmer, calls)

    (order,) = new_orders(farmer) - before
    number = send(farmer, order)
    deliver(somebody(), number, total)

    buyer.open(order_page).sees({"vi": "Đã giao", "en": "Delivered"}[buyer.language])
    code = order.rsplit("/", 1)[1]
    farmer.open("/sell/money").sees(code)
    row = farmer.page.locator(".row", has_text=code).first
    assert 0 < amount(row.locator(".end").inner_text()) < amount(total)


def calls_to_make(farmer: Walker) -> set[str]:
    """Where the farmer says what a buyer they called answered, one address an order."""
    forms = farmer.open("/sell/orders").page.locator(YES)
    return {str(form.get_attribute("action")) for form in forms.all()}


def call_the_buyer(farmer: Walker, before: set[str]) -> None:
    """Somebody new pays at the door: the farmer calls, and says that the buyer wants it. Others may be waiting, too."""
    (answer,) = calls_to_make(farmer) - before
    farmer.press(farmer.page.locator(f'form[action="{answer}"]:has(input[value="yes"]) button'))


def new_orders(farmer: Walker) -> set[str]:
    links = farmer.open("/sell/orders?view=new").page.locator('main a[href^="/sell/orders/"]')
    return {
        str(link.get_attribute("href")) for link in links.all() if "?" not in str(link.get_attribute("href"))
    }


def send(farmer: Walker, order: str) -> str:
    """Accepted, packed, handed to the postman; the number on the parcel."""
    farmer.open(order)
    for deed in ("acceptance", "packing", "handover"):
        farmer.send(f"{order}/{deed}")
    return farmer.page.locator("main").get_by_text("VN").first.inner_text().strip()


def deliver(clerk: Walker, number: str, total: str) -> None:
    """The parcel arrives at the buyer's counter; they say who they are, pay, and take it."""
    clerk.sign_in(CLERK, PASSWORD).open("/post")
    clerk.press(clerk.page.get_by_role("button", name="Cầu Giấy"))
    clerk.fill(tracking=number, event="at_point").send("/post/scans")
    clerk.follow(f"/post/parcels/{number}/handout").sees(total)
    clerk.fill(proof=PHONE_ENDS).send(f"/post/parcels/{number}/handout")
    clerk.is_at("/post")
    clerk.sees(total)
