"""A buyer finds goods of two farms, sees what it costs to have them sent, and pays at the door or by transfer."""

import re

import pytest

from tests.doubles import bank
from tests.journeys.town import BANK_ACCOUNT, BANK_KEY, Town
from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

TEA, SHRIMP = "Trà đinh Tân Cương", "Tôm khô Rạch Gốc nguyên vỏ"
HOME = {"province": "01", "commune": "00166", "street": "Số 12, ngõ 8, đường Cầu Giấy"}


def test_from_home_to_an_order_over_two_farms_paid_at_the_door(somebody):
    buyer = somebody()
    fill_the_cart(buyer)
    total = to_the_till(buyer, "cod")
    buyer.send("/checkout")
    buyer.is_at(r"/account/orders/\w+")
    buyer.sees(TEA, SHRIMP, total)


def test_from_home_to_an_order_over_two_farms_paid_by_transfer(somebody, town: Town):
    buyer = somebody()
    fill_the_cart(buyer)
    total = to_the_till(buyer, "vietqr")
    buyer.send("/checkout")
    code = buyer.is_at(r"/pay/(?P<code>\w+)")["code"]
    buyer.sees(total)
    assert buyer.page.locator("main svg path").count(), "no QR is drawn"

    transfer = {"content": f"MBVCB.1 {code} CT", "amount": amount(total), "account": BANK_ACCOUNT}
    with bank.running("somebody else's key", town.address, "hmac") as impostor:
        assert impostor.transfer(**transfer) == [401]
    with bank.running(BANK_KEY, town.address, "hmac") as ours:
        assert ours.transfer(**transfer, times=2) == [200, 200]
    buyer.wait_for(lambda: not buyer.page.locator("[data-follow]").count(), "the bank's word is heard")
    buyer.follow("/account/orders/")
    buyer.sees(TEA, SHRIMP, total)


def fill_the_cart(buyer: Walker) -> None:
    """Two products of two farms: one by a search from the first page, one from the shelf of a province."""
    put_in(buyer, "che tan cuong", TEA)
    buyer.open("/products?province=96")
    buyer.follow(buyer.page.get_by_role("link", name=SHRIMP)).fill(quantity="2").send("/cart/lines")
    buyer.is_at("/cart")
    buyer.sees(TEA, SHRIMP)


def put_in(buyer: Walker, search: str, name: str) -> None:
    """From the first page: look for it, look at it, put it into the cart."""
    buyer.open("/")
    buyer.page.locator("header [name=q]").fill(search)
    buyer.send("/products")
    buyer.sees(name)
    buyer.follow(buyer.page.get_by_role("link", name=name)).send("/cart/lines")
    buyer.is_at("/cart")
    buyer.sees(name)


def to_the_till(buyer: Walker, payment_method: str, farms: int = 2, phone: str = "0912 000 001") -> str:
    """The address, then a service per farm and how to pay; the sum as it stands on the page."""
    buyer.follow("/checkout")
    buyer.choose_address("/checkout", **HOME)
    buyer.fill(name="Trần Thị Lan", phone=phone).send("/checkout")
    buyer.is_at("/checkout")
    assert buyer.form("/checkout").locator("[name^=service-]").count() >= farms, "no services per farm"
    buyer.fill(payment_method=payment_method)
    if not buyer.has_script:
        buyer.send("/checkout", "[name=recount]")
    total = buyer.page.locator("[data-till-total]").inner_text()
    assert amount(total) > 400_000
    return total


def amount(shown: str) -> int:
    return int(re.sub(r"\D", "", shown))
