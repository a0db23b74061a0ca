"""Product cards: what a shelf shows of each product, read for many at once in two plain statements.

Nothing of it is remembered: price, stock, stars and whether it is on sale at all are the database's at this moment.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from marketplace.catalog import queries as catalog
from marketplace.catalog.models import (
    Certificate,
    CertificateKind,
    CertificateState,
    CountsOfPack,
    CountsOfProduct,
    Product,
    Variant,
)
from marketplace.catalog.ocop import SERVICE_SET
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.files import ShownPhoto, StoredPhoto
from marketplace.foundation.show import day_short, slug
from marketplace.places import queries as places
from marketplace.shipping import quotes


class Card(NamedTuple):
    """A product on a shelf. `unit` is kg, l or piece; `stars` only while a certificate proves them. Two cards that are
    equal look the same."""

    id: int
    code: str
    name: str
    place: str
    farm_code: str
    farm_name: str
    price_dong: int
    unit_price_dong: int | None
    unit: str
    starting: bool
    photo: ShownPhoto | None
    stars: int | None
    gone: bool
    contact: bool
    arrives_on: date | None
    set_no: int | None = None
    province_code: str = ""

    @property
    def slug(self) -> str:
        return slug(self.name)

    @property
    def arrives(self) -> str | None:
        return day_short(self.arrives_on) if self.arrives_on else None


class _Origin(NamedTuple):
    """What the day of arrival asks of a farm."""

    province_code: str | None
    handling_days: int


class _Goods(CountsOfProduct):
    """A row of a product, able to say what can still be ordered of it."""

    def __init__(self, row: Any) -> None:
        self.__dict__.update(row._mapping)
        self.packs: list[_Pack] = []


class _Pack(CountsOfPack):
    """A row of a pack."""

    def __init__(self, row: Any, product: _Goods) -> None:
        (_, self.price_dong, self.grams, self.millilitres, self.pieces, self.on_hand, self.held) = row
        self.product = product


_stars = (
    select(Certificate.stars)
    .where(
        Certificate.product_id == Product.id,
        Certificate.kind == CertificateKind.OCOP,
        Certificate.state == CertificateState.VERIFIED,
        Certificate.issued_on <= bindparam("today"),
        Certificate.valid_until >= bindparam("today"),
        Certificate.stars.is_not(None),
    )
    .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
)
# Built once: what a statement is made of is then worked out once, too.
_PRODUCTS = (
    select(
        Product.id, Product.code, Product.name, Product.set_no, Product.handling, Farm.code.label("farm_code"),
        Farm.name.label("farm_name"), Farm.province_code, Farm.handling_days, _stars.label("stars"), StoredPhoto.key,
        StoredPhoto.width, StoredPhoto.sizes_made_at, Product.stock_by, Product.heap_on_hand, Product.heap_held,
        Product.daily_capacity, Product.lead_days, Product.taken_on, Product.taken_count, Product.sale_from,
        Product.sale_until,
    )
    .join(Farm, Farm.id == Product.farm_id)
    .outerjoin(StoredPhoto, StoredPhoto.id == catalog.FIRST_PHOTO)
    .where(Product.id.in_(bindparam("ids", expanding=True)), *catalog.ON_SALE)
)  # fmt: skip
_PACKS = (
    select(
        Variant.product_id, Variant.price_dong, Variant.grams, Variant.millilitres, Variant.pieces, Variant.on_hand,
        Variant.held,
    )
    .where(Variant.product_id.in_(bindparam("ids", expanding=True)), Variant.removed_at.is_(None))
    .order_by(Variant.position, Variant.id)
)  # fmt: skip


def cards(ids: Sequence[int], province_code: str | None = None) -> list[Card]:
    """The cards of these products in this order; those no longer on sale are left out. With a province, the day each
    arrives there."""
    if not ids:
        return []
    asked = list(dict.fromkeys(ids))
    connection = db.session.connection()
    rows = connection.execute(_PRODUCTS, {"ids": asked, "today": clock.today()}).all()
    found = {row.id: _Goods(row) for row in rows}
    for row in connection.execute(_PACKS, {"ids": asked}).all():
        if (goods := found.get(row.product_id)) is not None:
            goods.packs.append(_Pack(row, goods))
    products: list[Any] = [found[number] for number in ids if number in found and found[number].packs]
    days: Sequence[date | None] = [None] * len(products)
    if province_code is not None and products:
        origins = [
            (_Origin(one.province_code, one.making_days + one.handling_days), one.handling.value)
            for one in products
        ]
        days = quotes.arrivals(origins, province_code)
    return [_card(one, day) for one, day in zip(products, days, strict=True)]


def _card(product: Any, arrives_on: date | None) -> Card:
    packs = product.packs
    cheapest = packs[0] if len(packs) == 1 else min(packs, key=lambda p: (p.available <= 0, p.price_dong))
    unit_price, unit = catalog.unit_price(cheapest)
    province = places.province(product.province_code or "")
    is_service = product.set_no == SERVICE_SET
    return Card(
        id=product.id,
        code=product.code,
        name=product.name,
        place=province.name if province else "",
        farm_code=product.farm_code,
        farm_name=product.farm_name,
        price_dong=cheapest.price_dong,
        unit_price_dong=unit_price if unit != "piece" or (cheapest.pieces or 0) > 1 else None,
        unit=unit,
        starting=len(packs) > 1 and len({pack.price_dong for pack in packs}) > 1,
        photo=ShownPhoto.of(product.key, product.width, product.sizes_made_at),
        stars=product.stars,
        gone=not is_service and all(pack.available <= 0 for pack in packs),
        contact=is_service,
        arrives_on=None if is_service else arrives_on,
        set_no=product.set_no,
        province_code=product.province_code or "",
    )


def ids_by(statement_limit: int, *conditions: object, order: Sequence[object] = ()) -> list[int]:
    """Ids of products on sale under conditions, in an order."""
    statement = catalog.on_sale().with_only_columns(Product.id).where(*conditions)  # type: ignore[arg-type]
    return list(db.session.scalars(statement.order_by(*order).limit(statement_limit)))  # type: ignore[arg-type]
