"""Goods on the one page: what a farmer fills in, and what came of it."""

import io

from sqlalchemy import select

from marketplace.catalog import service
from marketplace.catalog.models import ListingReview, Product, ReviewState
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from tests import make

GOOD = {"name": "Chè búp Tân Cương", "amount": "100", "unit": "g", "price_dong": "145k", "quantity": "20"}


def photo(number: int = 1) -> tuple[io.BytesIO, str]:
    return make.picture(number), "che.jpg"


def the_product() -> Product:
    db.session.expire_all()
    return db.session.scalars(select(Product)).one()


def new(farmer, **fields):
    return farmer("/sell/products/new").form("/sell/products/new").submit(**fields)


def owner(farm) -> Actor:
    return make.actor_of(farm)


def trusted(farm, **said) -> Product:
    """A product of a farm whose first listings were looked at."""
    product = make.product(farm, is_looked_at=False, **said)
    for review in db.session.scalars(select(ListingReview)).all():
        with transaction():
            if review.state is ReviewState.WAITING:
                service.accept_listing(review, SYSTEM)
    return product
