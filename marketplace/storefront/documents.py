"""What search knows of the products on sale: the port of the search room, filled from the shop window's side."""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.catalog import kinds, ocop
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Certificate, Product
from marketplace.foundation.db import db
from marketplace.foundation.words import in_language
from marketplace.places import queries as places
from marketplace.search.port import Document, ProvinceNames

NEIGHBOURHOOD_KM = 150
"""Between the middles of two provinces."""

OTHER_NAMES = {
    "79": ("Sài Gòn", "TP HCM", "TPHCM", "Hồ Chí Minh"),
    "66": ("Đắc Lắc", "Đăk Lăk", "Daklak"),
    "68": ("Đắc Nông", "Đăk Nông"),
}
"""Spellings and names that no list of units has, by province."""


class ShopDocuments:
    """Products on sale as documents (search.port.Documents)."""

    def documents(self, ids: Sequence[int]) -> list[Document]:
        products = db.session.scalars(
            catalog.on_sale()
            .where(Product.id.in_(ids))
            .options(selectinload(Product.variants))
            .execution_options(populate_existing=True)
        ).unique()
        found = list(products)
        stars = catalog.stars_of([product.id for product in found])
        kinds = catalog.certificate_kinds_of([product.id for product in found])
        with in_language("vi"):
            return [
                _document(
                    product,
                    stars.get(product.id),
                    frozenset(kind.value for kind in kinds.get(product.id, ())),
                )
                for product in found
            ]

    def all_ids(self) -> list[int]:
        return list(db.session.scalars(catalog.on_sale().with_only_columns(Product.id).order_by(Product.id)))

    def touched(self, kind: str, record_id: int) -> Sequence[int]:
        if kind == "farm":
            return list(db.session.scalars(select(Product.id).where(Product.farm_id == record_id)))
        if kind == "certificate":
            certificate = db.session.get(Certificate, record_id)
            if certificate is None:
                return ()
            if certificate.product_id is not None:
                return (certificate.product_id,)
            return self.touched("farm", certificate.farm_id) if certificate.farm_id is not None else ()
        return (record_id,)

    def provinces(self) -> Sequence[ProvinceNames]:
        return provinces()

    def nearness(self, province: str) -> Mapping[str, int]:
        return _nearness(province)


@cache
def provinces() -> tuple[ProvinceNames, ...]:
    return tuple(
        ProvinceNames(
            one.code,
            one.name,
            tuple(
                dict.fromkeys(
                    [*(old for old in one.merged_from if old != one.name), *OTHER_NAMES.get(one.code, ())]
                )
            ),
        )
        for one in places.provinces()
    )


@cache
def _nearness(province: str) -> Mapping[str, int]:
    """By how far the middles of the provinces lie apart."""
    here = places.province(province)
    if here is None:
        return {}
    near: dict[str, int] = {}
    for one in places.provinces():
        apart = places.distance_km(_middle(province), _middle(one.code))
        near[one.code] = 2 if apart < NEIGHBOURHOOD_KM else int(one.region is here.region)
    near[province] = 3
    return near


def _middle(province: str) -> places.Position:
    communes = places.communes(province)
    return places.Position(
        sum(one.lat for one in communes) / len(communes), sum(one.lon for one in communes) / len(communes)
    )


def names_of_place(commune_code: str) -> tuple[str, ...]:
    """The province and the commune, and what people still call the place: its communes, districts and provinces of
    before July 2025."""
    commune = places.commune(commune_code)
    if commune is None:
        return ()
    others = (*places.old_names(commune_code), *OTHER_NAMES.get(commune.province_code, ()))
    return (commune.province.name, commune.name, *others)


def _document(product: Product, stars: int | None, certificates: frozenset[str]) -> Document:
    farm = product.farm
    packs = [variant for variant in product.variants if variant.removed_at is None]
    return Document(
        id=product.id,
        code=product.code,
        name=product.name,
        description=product.description,
        shop=farm.name,
        shop_code=farm.code,
        category=ocop.category_name(product.set_no) if product.set_no is not None else "",
        called=kinds.called(product.name, product.set_no),
        places=names_of_place(farm.commune_code or ""),
        group=ocop.group_of(product.set_no),
        set=product.set_no,
        province=farm.province_code,
        stars=stars,
        price_dong=min((variant.price_dong for variant in packs), default=0),
        grams=frozenset(variant.grams for variant in packs if variant.grams),
        certificates=certificates,
        in_stock=any(variant.available > 0 for variant in packs),
        sales=product.sold_count,
        created_at=product.published_at or product.created_at,
        season=frozenset(product.season_months or ()),
    )
