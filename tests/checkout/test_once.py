"""One press, one order: the token of the form, sent twice, at once, too long or not at all."""

from functools import partial

import pytest
from sqlalchemy import func, select

from marketplace.checkout import service
from marketplace.checkout.models import Cart
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, new_code, transaction
from marketplace.orders.models import Order
from tests import make, shopping
from tests.orders.test_life import at_once


@pytest.mark.parametrize("once", ["", "A" * 41, "A" * 5000, "ă", "\x00"])
def test_a_form_without_its_token_is_shown_again_with_one(visit, once):
    shopping.put_in(visit, make.product(stock=5))
    form = shopping.till(visit)
    page = form.submit(422, once=once)
    assert db.session.scalar(select(func.count(Order.id))) == 0
    page.form("/checkout", says="Đặt hàng").submit()
    assert db.session.scalar(select(func.count(Order.id))) == 1


def details(total_dong: int, once: str) -> service.Details:
    home = shopping.HOME
    return service.Details(
        name=home["name"], phone="+84912000001", province_code=home["province"], commune_code=home["commune"],
        street=home["street"], note="", payment_method="cod", services={}, expected_total_dong=total_dong, once=once,
    )  # fmt: skip


def test_the_same_form_at_the_same_moment_finds_the_same_order(app):
    """The second press waits for the cart; what it then finds is the order, not an empty cart."""
    for _trial in range(3):
        product, buyer = make.product(stock=10), make.person("Trần Thị Lan")
        with transaction():
            service.add(service.open_cart(buyer.id, None), product.variants[0].code, 2)
        with transaction():
            cart = service.open_cart(buyer.id, None)
            till = service.prepare(cart, shopping.HOME["commune"], True)
            service.keep_quotes(cart.code, till)
            total = till.total_dong
        buyer_id, once = buyer.id, new_code(length=20)

        def place(buyer_id: int, total: int, once: str) -> int:
            return service.place_order(
                service.open_cart(buyer_id, None), details(total, once), Actor.of(buyer_id)
            ).id

        made = at_once(app, *[partial(place, buyer_id, total, once)] * 4)
        assert len(set(made)) == 1 and isinstance(made[0], int), made


def test_a_first_press_on_two_products_at_once_makes_one_cart(app):
    products, buyer = [make.product(name=f"Trà số {n}", stock=9) for n in range(4)], make.person("Lê Văn Tám")
    buyer_id, codes = buyer.id, [product.variants[0].code for product in products]

    def add(code: str) -> None:
        service.add(service.open_cart(buyer_id, None), code, 1)

    at_once(app, *[partial(add, code) for code in codes])
    cart = db.session.scalars(select(Cart).where(Cart.person_id == buyer_id)).one()
    assert len(cart.lines) == 4


def test_two_presses_on_one_product_are_added_up(app):
    product, buyer = make.product(stock=9), make.person("Lê Văn Tám")
    buyer_id, code = buyer.id, product.variants[0].code

    def add() -> None:
        service.add(service.open_cart(buyer_id, None), code, 1)

    at_once(app, add, add, add)
    cart = db.session.scalars(select(Cart).where(Cart.person_id == buyer_id)).one()
    assert [line.quantity for line in cart.lines] == [3]
