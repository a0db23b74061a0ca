"""Product cards: what a shelf shows of each product, read for many at once in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import selectinload

from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Product, ProductPhoto
from marketplace.foundation.db import db
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.show import day_short, slug
from marketplace.places import queries as places
from marketplace.shipping import quotes


@dataclass(frozen=True)
class Card:
    """A product on a shelf. `unit` is kg, l or piece; `stars` only while a certificate proves them."""

    id: int
    code: str
    name: str
    slug: str
    place: str
    farm_code: str
    farm_name: str
    price_dong: int
    unit_price_dong: int | None
    unit: str
    starting: bool
    photo: StoredPhoto | None
    stars: int | None
    gone: bool
    contact: bool
    arrives_on: date | None
    set_no: int | None = None
    province_code: str = ""

    @property
    def arrives(self) -> str | None:
        return day_short(self.arrives_on) if self.arrives_on else None


def cards(ids: Sequence[int], province_code: str | None = None) -> list[Card]:
    """The cards of these products in this order; those no longer on sale are left out. With a province, the day each
    arrives there."""
    if not ids:
        return []
    found = db.session.scalars(
        catalog.on_sale()
        .where(Product.id.in_(ids))
        .options(
            selectinload(Product.variants),
            selectinload(Product.photos).joinedload(ProductPhoto.photo),
        )
    ).unique()
    by_id = {product.id: product for product in found}
    products = [by_id[number] for number in ids if number in by_id]
    stars = catalog.stars_of([product.id for product in products])
    days: Sequence[date | None] = [None] * len(products)
    if province_code is not None:
        origins = [(product.farm, product.handling.value) for product in products]
        days = quotes.arrivals(origins, province_code)
    return [_card(product, stars.get(product.id), day) for product, day in zip(products, days, strict=True)]


def _card(product: Product, stars: int | None, arrives_on: date | None) -> Card:
    packs = [variant for variant in product.variants if variant.removed_at is None]
    cheapest = min(packs, key=lambda variant: (variant.available <= 0, variant.price_dong))
    unit_price, unit = catalog.unit_price(cheapest)
    province = places.province(product.farm.province_code or "")
    return Card(
        id=product.id,
        code=product.code,
        name=product.name,
        slug=slug(product.name),
        place=province.name if province else "",
        farm_code=product.farm.code,
        farm_name=product.farm.name,
        price_dong=cheapest.price_dong,
        unit_price_dong=unit_price if unit != "piece" or (cheapest.pieces or 0) > 1 else None,
        unit=unit,
        starting=len({variant.price_dong for variant in packs}) > 1,
        photo=product.photos[0].photo if product.photos else None,
        stars=stars,
        gone=all(variant.available <= 0 for variant in packs) and not product.is_service,
        contact=product.is_service,
        arrives_on=None if product.is_service else arrives_on,
        set_no=product.set_no,
        province_code=product.farm.province_code or "",
    )


def ids_by(statement_limit: int, *conditions: object, order: Sequence[object] = ()) -> list[int]:
    """Ids of products on sale under conditions, in an order."""
    statement = catalog.on_sale().with_only_columns(Product.id).where(*conditions)  # type: ignore[arg-type]
    return list(db.session.scalars(statement.order_by(*order).limit(statement_limit)))  # type: ignore[arg-type]
