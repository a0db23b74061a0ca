"""What a rule says before an order is placed: eighteen for alcohol, so few and so many an order, goods that are made
first; and how long stock waits for its order."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.catalog import service as catalog
from marketplace.catalog.models import HoldState, StockBy, StockHold
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import service as payments
from marketplace.payments.models import Payment
from tests import make, shopping
from tests.shopping import counted, till, till_page

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def tea(app):
    return make.product(name="Trà đinh Tân Cương", price_dong=450_000, stock=30)


@pytest.fixture
def wine(app):
    return make.product(name="Rượu nếp Kim Sơn", set_no=14, price_dong=200_000, stock=30)


def is_of_age(visit):
    assert visit.raw("POST", "/of-age", headers=SAME_ORIGIN).status_code == 303


def order_of(visit, *products) -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order)).one()


# -- eighteen -----------------------------------------------------------------------------------------------------


def test_wine_sent_past_its_door_goes_into_no_cart(app, visit, wine):
    assert wine.is_for_adults
    before = counted()
    answer = visit.raw(
        "POST", "/cart/lines", data={"variant": wine.variants[0].code, "quantity": 1}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 422 and "có cồn, chỉ bán cho người từ 18 tuổi" in answer.text
    assert counted() == before
    code = wine.variants[0].code
    page = visit.post(f"/cart/lines/{code}", 422, quantity="2")
    assert "có cồn, chỉ bán cho người từ 18 tuổi" in page and counted() == before
    is_of_age(visit)
    assert "Rượu nếp" in shopping.put_in(visit, wine)


def test_who_has_wine_in_an_old_cart_says_it_again_at_the_till(visit, wine):
    is_of_age(visit)
    shopping.put_in(visit, wine)
    assert "of_age" not in till(visit).fields
    visit.client.delete_cookie("of-age")
    form = till(visit)
    before = counted()
    page = form.submit(422)
    assert "hãy đánh dấu rằng bạn đã đủ 18 tuổi" in page and counted() == before
    page.form("/checkout", says="Đặt hàng").submit(of_age="y")
    assert order_of(visit).goods_dong == 200_000


# -- so few, so many ----------------------------------------------------------------------------------------------


@pytest.fixture
def crates(tea):
    with transaction():
        by = make.actor_of(tea.farm)
        catalog.limit_orders(tea.variants[0], by, 3, 5)
    return tea


def test_the_box_says_how_few_and_how_many_and_the_cart_refuses_others(visit, crates):
    page = visit(f"/products/{crates.code}")
    assert "Mỗi đơn từ 3 đến 5." in page
    assert 'min="3" max="5"' in page.html and 'value="3"' in page.html
    before = counted()
    assert "đặt ít nhất 3 mỗi đơn" in shopping.put_in(visit, crates, 1, status=422)
    assert "mỗi đơn tối đa 5" in shopping.put_in(visit, crates, 6, status=422)
    assert counted() == before
    page = shopping.put_in(visit, crates, 3)
    assert "Mỗi đơn từ 3 đến 5." in page and 'min="3" max="5"' in page.html


def test_the_till_says_it_before_anything_is_placed(visit, tea):
    shopping.put_in(visit, tea, 2)
    with transaction():
        by = make.actor_of(tea.farm)
        catalog.limit_orders(tea.variants[0], by, 3)
    page = till_page(visit)
    assert "đặt ít nhất 3 mỗi đơn" in page
    before = counted()
    page = page.form("/checkout", says="Đặt hàng").submit(409)
    assert "đặt ít nhất 3 mỗi đơn" in page and counted() == before


def test_back_from_the_till_the_cart_is_kept(visit, tea):
    shopping.put_in(visit, tea, 2)
    before = counted()
    page = till_page(visit).follow("Sửa giỏ hàng")
    assert page.path == "/cart" and page.form(f"/cart/lines/{tea.variants[0].code}").fields["quantity"] == "2"
    assert counted() == before


# -- made when it is ordered --------------------------------------------------------------------------------------


def test_what_is_made_first_is_promised_later(visit, tea, clock):
    clock.set("2026-11-23 09:00")  # a Monday
    shopping.put_in(visit, tea)
    till(visit, "vietqr").submit()
    soon = db.session.scalars(select(FarmOrder.promised_to)).one()
    with transaction():
        catalog.count_by(tea, StockBy.ORDER, make.actor_of(tea.farm), daily_capacity=9, lead_days=4)
    shopping.put_in(visit, tea)
    till(visit, "vietqr").submit()
    late = db.session.scalars(select(FarmOrder.promised_to).order_by(FarmOrder.id.desc())).first()
    days = sum(
        wall_clock.is_working_day(soon + timedelta(days=number + 1)) for number in range((late - soon).days)
    )
    assert days == 4


# -- stock waits as long as its order -----------------------------------------------------------------------------


def hold() -> StockHold:
    db.session.rollback()
    return db.session.scalars(select(StockHold).order_by(StockHold.id.desc())).first()


def test_a_hold_outlives_its_order_by_an_hour_and_is_freed_once(visit, tea, clock):
    shopping.put_in(visit, tea)
    till(visit, "vietqr").submit()
    payment = db.session.scalars(select(Payment)).one()
    assert hold().expires_at == payment.expires_at + orders.HOLD_LONGER
    clock.set(hold().expires_at + timedelta(seconds=1))
    with transaction():
        assert catalog.expire_holds(SYSTEM) == 1
    with transaction():
        assert catalog.expire_holds(SYSTEM) == 0
        assert orders.expire(order_of(visit))
    assert hold().state is HoldState.FREED and counted()["held"] == 0
    assert catalog.check_stock() == []


def test_a_confirmed_order_keeps_its_stock(visit, tea, clock):
    order = shopping.place(visit, tea)
    assert order.farm_orders[0].state is FarmOrderState.CONFIRMED and hold().expires_at is None
    clock.forward(days=3)
    with transaction():
        assert catalog.expire_holds(SYSTEM) == 0
    assert counted()["held"] == 1


def test_who_is_asked_for_the_rest_has_the_stock_as_long(visit, tea, clock):
    shopping.put_in(visit, tea)
    till(visit, "vietqr").submit()
    payment = db.session.scalars(select(Payment)).one()
    with transaction():
        notice, _new = payments.keep_bank_notice(
            "test", "n1", payment.amount_dong - 1, f"CT {payment.code}", "", {}
        )
        payments.settle_bank_notice(notice)
    before = hold().expires_at
    clock.set(payment.expires_at - timedelta(seconds=5))
    with transaction():
        until = payments.ask_for_rest(db.session.scalars(select(Payment)).one(), SYSTEM)
    assert hold().expires_at == until + orders.HOLD_LONGER > before
