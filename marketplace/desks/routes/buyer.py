"""The signed-in buyer's orders."""

from flask import Blueprint

from marketplace.foundation.access import person
from marketplace.foundation.db import db
from marketplace.foundation.web import Pager, page
from marketplace.orders import queries as seen

bp = Blueprint("desks_buyer", __name__)


@bp.get("/account/orders")
def orders() -> tuple[str, int]:
    pager = Pager(seen.count_orders_of(person()), per_page=20)
    found = db.session.scalars(seen.orders_of(person()).offset(pager.offset).limit(pager.limit)).all()
    return page("desks/buyer/orders.html", found=found, pager=pager)
