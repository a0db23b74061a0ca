"""A buyer's way through the pages: into the cart, to the till, an order.

shopping.put_in(visit, product, 2)          the cart
till = shopping.till(visit)                 the form at the till, with prices and freight as they are now
shopping.place(visit, product)              an order, at the door, of a guest or of who is signed in
"""

from typing import Any

from sqlalchemy import func, select

from marketplace import rulebook
from marketplace.catalog.models import Product, StockHold, Variant
from marketplace.checkout.models import CartLine
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, Order, OrderLine
from marketplace.payments.models import Payment
from tests.visit import Form, Page, Visitor

HOME = {
    "province": "01",
    "commune": "00166",
    "street": "Số 12, ngõ 8, đường Cầu Giấy",
    "name": "Trần Thị Lan",
    "phone": "0912 000 001",
}


def rules() -> None:
    """The dated rules a market goes by, its tariff included."""
    with transaction():
        rulebook.load(SYSTEM)


def put_in(visit: Visitor, product: Product, quantity: int | str = 1, status: int = 200) -> Page:
    """Press “into the cart” on the product's page."""
    form = visit(f"/products/{product.code}").form("/cart/lines")
    return form.submit(status, quantity=quantity)


def till(visit: Visitor, payment_method: str = "cod", **address: str) -> Form:
    """The till for an address, ready to be sent."""
    return till_page(visit, payment_method, **address).form("/checkout", says="Đặt hàng")


def till_page(visit: Visitor, payment_method: str = "cod", **address: str) -> Page:
    return visit("/checkout", **{**HOME, "payment_method": payment_method, **address})


def place(
    visit: Visitor, *products: Product, payment_method: str = "cod", is_confirmed: bool = True, **address: str
) -> Order:
    """An order of one of each. Paid at the door it is confirmed, as by somebody who called, unless told."""
    before = last_order_id()
    for product in products:
        put_in(visit, product)
    till(visit, payment_method, **address).submit()
    order = db.session.scalars(select(Order).where(Order.id > before)).one()
    if is_confirmed and order.is_waiting_for_word:
        with transaction():
            orders.confirm_by_market(order, SYSTEM)
    assert len(order.farm_orders) == len({product.farm_id for product in products})
    return order


def last_order_id() -> int:
    return db.session.scalar(select(func.coalesce(func.max(Order.id), 0))) or 0


def counted(*models: Any) -> dict[str, int]:
    """How many rows of everything a checkout writes (or of these), and what is on hand and held, to be compared."""
    db.session.rollback()
    kinds = models or (Order, FarmOrder, OrderLine, StockHold, Payment, CartLine)
    found = {
        kind.__tablename__: db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds
    }
    on_hand, held = db.session.execute(
        select(func.coalesce(func.sum(Variant.on_hand), 0), func.coalesce(func.sum(Variant.held), 0))
    ).one()
    return {**found, "on hand": on_hand, "held": held}
