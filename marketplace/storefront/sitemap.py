"""What crawlers may know: every public page, category, product on sale and open farm, in parts of ten thousand."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import func, select

from marketplace.catalog import ocop
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Product
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation.db import db
from marketplace.foundation.show import slug
from marketplace.places import queries as places

PER_PART = 10_000
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"

SEEN = (FarmState.OPEN, FarmState.ON_HOLIDAY)


def parts() -> Iterator[tuple[str, int]]:
    """The parts there are: kind and number."""
    yield "pages", 1
    products = db.session.scalar(
        select(func.count(Product.id)).join(Farm, Farm.id == Product.farm_id).where(*catalog.ON_SALE)
    )
    farms = db.session.scalar(select(func.count(Farm.id)).where(Farm.state.in_(SEEN)))
    for kind, count in (("products", products or 0), ("farms", farms or 0)):
        for number in range(1, -(-count // PER_PART) + 1):
            yield kind, number


def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    """The public pages that are no record: endpoint and values."""
    yield "storefront.home", {}
    yield "storefront.shelf", {}
    for group in ocop.groups():
        yield "storefront.shelf", {"group": group.slug}
    for one in ocop.sets():
        yield "storefront.shelf", {"set": one.no}
    for province in places.provinces():
        yield "storefront.shelf", {"province": province.code}
    for page in ("about", "ranking", "fees", "complaints", "privacy", "terms", "licences"):
        yield f"storefront.about.{page}", {}
    yield "places.service_points", {}
    yield "dossiers.procedures", {}


def records(kind: str, number: int) -> Iterator[tuple[str, str]]:
    """One part of the products on sale, or of the farms one may see: code and slug of each. Read at once (two short
    columns), because the page that is sent bit by bit outlives its transaction."""
    if kind == "products":
        rows = (
            select(Product.code, Product.name)
            .join(Farm, Farm.id == Product.farm_id)
            .where(*catalog.ON_SALE)
            .order_by(Product.id)
        )
    else:
        rows = select(Farm.code, Farm.name).where(Farm.state.in_(SEEN)).order_by(Farm.id)
    found = db.session.execute(rows.limit(PER_PART).offset((number - 1) * PER_PART)).all()
    return ((code, slug(name)) for code, name in found)


def index(addresses: Iterable[str]) -> str:
    """The list of parts."""
    body = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in addresses)
    return f'{HEAD}<sitemapindex xmlns="{SCHEMA}">\n{body}</sitemapindex>\n'


def urls(addresses: Iterable[str]) -> Iterator[str]:
    """One part, line by line."""
    yield f'{HEAD}<urlset xmlns="{SCHEMA}">\n'
    for address in addresses:
        yield f"<url><loc>{escape(address)}</loc></url>\n"
    yield "</urlset>\n"
