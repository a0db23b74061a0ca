"""The till while a carrier outside is asked: its price is what the order costs; when it dies every order is placed."""

import pytest

from marketplace.shipping.adapters.tariff import TariffCarrier
from marketplace.shipping.adapters.vnpost import Vnpost
from marketplace.shipping.asking import AskedCarrier
from tests import make, shopping
from tests.doubles import carrier as double_of

pytestmark = pytest.mark.network_double


@pytest.fixture(scope="module")
def post():
    with double_of.running() as double:
        yield double


@pytest.fixture
def asked(app, post, monkeypatch):
    shopping.rules()
    post.fail(None)
    carrier = Vnpost(post.url, "cho-que", "mat-khau", "C0001")
    monkeypatch.setitem(app.extensions["ports"], "shipping.carrier", AskedCarrier(carrier, TariffCarrier()))


def test_the_price_shown_is_frozen_into_the_order(asked, post, visit):
    shopping.put_in(visit, make.product())
    page = shopping.till_page(visit)
    for words in ("Giá do VNPost báo, giữ đến", "21.000 ₫", "Cước trọn gói, đã gồm thuế"):
        assert words.replace(" ₫", "\u00a0₫") in page
    post.fail("error")  # it dies between the page and the press
    before = shopping.last_order_id()
    page.form("/checkout", says="Đặt hàng").submit()
    (part,) = _order_after(before).farm_orders
    assert (part.quote["source"], part.quote["is_estimate"], part.shipping_dong) == ("vnpost", False, 21_000)


@pytest.mark.parametrize("fault", ["error", "html", "negative", "currency", "empty", "hang_up"])
def test_every_order_is_placed_whatever_the_carrier_says(asked, post, visit, fault):
    post.fail(fault)
    shopping.put_in(visit, make.product())
    page = shopping.till_page(visit)
    assert "Cước tạm tính theo biểu cước" in page
    before = shopping.last_order_id()
    page.form("/checkout", says="Đặt hàng").submit()
    (part,) = _order_after(before).farm_orders
    assert (part.quote["source"], part.quote["is_estimate"]) == ("tariff", True)
    assert part.shipping_dong == sum(one["amount_dong"] for one in part.quote["parts"])


def _order_after(last: int):
    from marketplace.foundation.db import db
    from marketplace.orders.models import Order

    return db.session.query(Order).filter(Order.id > last).one()
