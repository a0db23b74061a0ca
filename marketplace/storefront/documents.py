"""What search knows of the products on sale: the port of the search room, filled from the shop window's side."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.catalog import ocop
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Certificate, Product
from marketplace.foundation.db import db
from marketplace.foundation.words import in_language
from marketplace.places import queries as places
from marketplace.search.port import Document


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


def _document(product: Product, stars: int | None, certificates: frozenset[str]) -> Document:
    farm = product.farm
    commune = places.commune(farm.commune_code or "")
    packs = [variant for variant in product.variants if variant.removed_at is None]
    category = (ocop.category_name(product.set_no),) if product.set_no is not None else ()
    return Document(
        id=product.id,
        code=product.code,
        name=product.name,
        description=product.description,
        shop=farm.name,
        shop_code=farm.code,
        category=category,
        places=(commune.province.name, commune.name) if commune else (),
        group=ocop.group_of(product.set_no),
        set=product.set_no,
        province=farm.province_code,
        stars=stars,
        price_dong=min((variant.price_dong for variant in packs), default=0),
        certificates=certificates,
        in_stock=any(variant.available > 0 for variant in packs),
        sales=product.sold_count,
        created_at=product.published_at or product.created_at,
        season=frozenset(product.season_months or ()),
    )
