"""Everything a shop-window page shows, as one plain object each, in a fixed small number of statements."""

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import selectinload

from marketplace.catalog import ocop
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import (
    MOST_AT_ONCE,
    Certificate,
    CertificateKind,
    CertificateState,
    Handling,
    Lot,
    Product,
    ProductPhoto,
    ProductState,
    Variant,
)
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import clock, market
from marketplace.foundation.db import db
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import Text, _
from marketplace.payments import queries as payments
from marketplace.places import queries as places
from marketplace.search import service as search
from marketplace.search.port import (
    Chip,
    Drop,
    Reading,
    Results,
    SearchQuery,
    SearchUnavailable,
    Sort,
    Suggestion,
)
from marketplace.search.vietnamese import fold
from marketplace.shipping import quotes
from marketplace.shipping.port import Quotes
from marketplace.storefront import asking
from marketplace.storefront.cards import Card, cards, ids_by

PER_PAGE = 24
SEEN_FARMS = (FarmState.OPEN, FarmState.ON_HOLIDAY)


# -- home ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    """The first page: what is in season, what is certified, one farm's story, the latest."""

    in_season: Sequence[Card]
    five_stars: Sequence[Card]
    newest: Sequence[Card]
    story: Farm | None
    story_product: Card | None
    point_count: int


class Chosen(NamedTuple):
    """Which goods stand on the first page, by id: the same for everybody. What is said of them is read each time."""

    in_season: Sequence[int]
    five_stars: Sequence[int]
    newest: Sequence[int]
    story: int | None
    story_product: Sequence[int]
    point_count: int


class FrontWindow:
    """Remembers the choice as long as no product, farm or certificate was touched and the day is the same, a minute at
    most (one per market and process; wiring plugs it in)."""

    PORT = "storefront.front"
    KEEP_SECONDS = 60.0

    def __init__(self) -> None:
        self._under: object = None
        self._until = 0.0
        self._chosen: Chosen | None = None

    def chosen(self) -> Chosen:
        under = (search.version(), clock.today())
        if self._chosen is None or self._under != under or time.monotonic() > self._until:
            self._chosen, self._under = _choose(), under
            self._until = time.monotonic() + self.KEEP_SECONDS
        return self._chosen


def home(province_code: str | None = None) -> Home:
    """The home page, arrival days for the visitor's province."""
    front: FrontWindow = market.plugged(FrontWindow.PORT)
    chosen = front.chosen()
    wanted = [*chosen.in_season, *chosen.five_stars, *chosen.newest, *chosen.story_product]
    shown = {card.id: card for card in cards(wanted, province_code)}

    def there(ids: Sequence[int]) -> list[Card]:
        return [shown[number] for number in ids if number in shown]

    story = db.session.get(Farm, chosen.story) if chosen.story is not None else None
    return Home(
        in_season=there(chosen.in_season),
        five_stars=there(chosen.five_stars),
        newest=there(chosen.newest),
        story=story if story is not None and story.state is FarmState.OPEN else None,
        story_product=next(iter(there(chosen.story_product)), None),
        point_count=chosen.point_count,
    )


def _choose() -> Chosen:
    story = db.session.scalars(
        select(Farm.id)
        .where(Farm.state == FarmState.OPEN, Farm.story != "")
        .order_by(func.length(Farm.story).desc(), Farm.id)
        .limit(1)
    ).first()
    return Chosen(
        in_season=_in_season(8),
        five_stars=_starred(8),
        newest=ids_by(
            8,
            Product.set_no.is_distinct_from(ocop.SERVICE_SET),
            order=[Product.published_at.desc(), Product.id.desc()],
        ),
        story=story,
        story_product=ids_by(1, Product.farm_id == story, order=[Product.sold_count.desc()]) if story else (),
        point_count=places.count_service_points(),
    )


def _starred(limit: int) -> list[int]:
    """Products whose five stars a certificate proves today, one of each farm, the most bought first."""
    today = clock.today()
    proof = select(Certificate.product_id).where(
        Certificate.kind == CertificateKind.OCOP,
        Certificate.state == CertificateState.VERIFIED,
        Certificate.stars == 5,
        Certificate.issued_on <= today,
        Certificate.valid_until >= today,
    )
    return _one_of_each_farm(
        catalog.on_sale()
        .with_only_columns(Product.id, Product.farm_id)
        .where(Product.id.in_(proof))
        .order_by(Product.sold_count.desc(), Product.id)
        .limit(200),
        limit,
    )


def _in_season(limit: int) -> list[int]:
    """Products whose harvest is this month and that are there: fresh ones first, one of each farm."""
    month = clock.today().month
    in_stock = catalog.ids_in_stock()
    rows = db.session.execute(
        catalog.on_sale()
        .with_only_columns(Product.id, Product.farm_id, Product.season_months)
        .where(Product.id.in_(in_stock))
        .order_by(Product.handling != Handling.FRESH, Product.sold_count.desc(), Product.id)
        .limit(2_000)
    )
    seen: dict[int, int] = {}
    for number, farm, months in rows:
        if months and month in months and len(seen) < limit:
            seen.setdefault(farm, number)
    return list(seen.values())


def _one_of_each_farm(rows: Select[int, int], limit: int) -> list[int]:
    seen: dict[int, int] = {}
    for number, farm in db.session.execute(rows):
        seen.setdefault(farm, number)
    return list(seen.values())[:limit]


def illustration_note() -> Text | None:
    """The sentence every page of a demo market carries; none in production, where no demo goods can be."""
    if market.settings().app_env == "production":
        return None
    return _("Chợ mẫu: giá, hình và một số nhà sản xuất là dữ liệu minh họa.")


# -- shelf --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """A page of products, how many there are in all, and what each filter would leave. `query` is what was looked for:
    what was asked, with what was read out of the text."""

    query: SearchQuery
    cards: Sequence[Card]
    total: int
    choices: Mapping[str, Mapping[str | int, int]]
    facets: Mapping[str, Mapping[str | int, int]]
    reading: Reading
    is_fallback: bool = False
    repaired: str | None = None
    left_off: Sequence[Chip] = ()
    nearest: str | None = None
    drops: Sequence[Drop] = ()
    nearby: Sequence[Card] = field(default_factory=tuple)


def shelf(query: SearchQuery, province_code: str | None = None) -> Shelf:
    """What a visitor asked for. When the index is away, the database is browsed and the page says so."""
    try:
        found, is_fallback = search.find(query), False
    except SearchUnavailable:
        found, is_fallback = _browse(query), True
    reading = found.reading or Reading(typed=query.text, text=query.text)
    nearby: Sequence[Card] = ()
    if not found.total:
        nearby = cards(_loved(8), province_code)
    return Shelf(
        query=_as_read(query, reading),
        cards=cards(found.ids, province_code),
        total=found.total,
        choices={name: dict(counts) for name, counts in found.choices.items()},
        facets={name: dict(counts) for name, counts in found.facets.items()},
        reading=reading,
        is_fallback=is_fallback,
        repaired=found.repaired,
        left_off=found.left_off,
        nearest=found.nearest,
        drops=found.drops,
        nearby=nearby,
    )


def suggestions(text: str, limit: int = 8) -> list[Suggestion]:
    """Names to offer while somebody types. The index may be some seconds late: what is not on sale now, and whose farm
    is not to be seen, is left out here."""
    found = search.suggest(text, limit + 4)
    codes = [one.key for one in found if one.kind in ("product", "farm")]
    if codes:
        goods = select(Product.code).join(Product.farm).where(*catalog.ON_SALE, Product.code.in_(codes))
        farms = select(Farm.code).where(Farm.code.in_(codes), Farm.state.in_(SEEN_FARMS))
        there = set(db.session.scalars(goods.union_all(farms)))
        found = [one for one in found if one.kind not in ("product", "farm") or one.key in there]
    return found[:limit]


class Granted(NamedTuple):
    """Goods somebody waited for: the first of them, how many there are, and the address of all."""

    first: Card
    total: int
    path: str


def granted(asked: Mapping[str, str]) -> Granted | None:
    """Is there what an address asks for, exactly that and on sale now? None while there is not, or nobody can say."""
    query = asking.read(asked).query
    try:
        found = search.find(query)
    except SearchUnavailable:
        return None
    if found.repaired or found.left_off:
        return None
    there = [card for card in cards(found.ids) if not card.gone]
    return Granted(there[0], found.total, f"/products?{urlencode(dict(asked))}") if there else None


def _as_read(query: SearchQuery, reading: Reading) -> SearchQuery:
    """The query with the filters that were read out of its text; what was given by itself wins."""
    read = {name: value for name, value in reading.filters.items() if getattr(query, name) in (None, False)}
    return replace(query, **read) if read else query


def _loved(limit: int) -> list[int]:
    """What most people buy, for a shelf with nothing on it."""
    try:
        return search.find(SearchQuery(sort=Sort.POPULAR, per_page=limit)).ids
    except SearchUnavailable:
        return ids_by(limit, order=[Product.sold_count.desc(), Product.id])


def _browse(query: SearchQuery) -> Results:
    """The same question asked of the database alone: names only, no facets, newest first."""
    reading = search.read(query.text)
    query = _as_read(query, reading)
    statement = catalog.on_sale()
    if sets := query.values("set"):
        statement = statement.where(Product.set_no.in_(sets))
    elif groups := query.values("group"):
        in_groups = Product.set_no.in_([one.no for one in ocop.sets() if one.group in groups])
        statement = statement.where(
            or_(in_groups, Product.set_no.is_(None)) if ocop.OTHER in groups else in_groups
        )
    if provinces := query.values("province"):
        statement = statement.where(Farm.province_code.in_(provinces))
    prices = select(Variant.product_id).where(Variant.removed_at.is_(None))
    if query.price_min is not None:
        statement = statement.where(Product.id.in_(prices.where(Variant.price_dong >= query.price_min)))
    if query.price_max is not None:
        statement = statement.where(Product.id.in_(prices.where(Variant.price_dong <= query.price_max)))
    rows = db.session.execute(
        statement.with_only_columns(Product.id, Product.name).order_by(
            Product.published_at.desc(), Product.id.desc()
        )
    )
    words = fold(reading.text).split()
    ids = [number for number, name in rows if all(word in fold(name) for word in words)]
    start = (query.page - 1) * query.per_page
    return Results(
        ids=ids[start : start + query.per_page], total=len(ids), facets={}, choices={}, reading=reading
    )


# -- product ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pack:
    """A pack one can choose, with what it makes per kilogram, litre or piece."""

    variant: Variant
    unit_price_dong: int | None
    unit: str


@dataclass(frozen=True)
class ProductPage:
    """All of a product's page."""

    product: Product
    packs: Sequence[Pack]
    chosen: Pack
    stars: Certificate | None
    certificates: Sequence[Certificate]
    lot: Lot | None
    place: str
    province: str
    quotes: Quotes | None
    split: payments.Split
    related: Sequence[Card]
    category: str

    @property
    def is_gone(self) -> bool:
        return all(pack.variant.available <= 0 for pack in self.packs)

    @property
    def lat(self) -> float | None:
        return self._position()[0]

    @property
    def lon(self) -> float | None:
        return self._position()[1]

    def _position(self) -> tuple[float | None, float | None]:
        farm = self.product.farm
        if farm.lat is not None:
            return farm.lat, farm.lon
        commune = places.commune(farm.commune_code or "")
        return (commune.lat, commune.lon) if commune else (None, None)


def product_name(code: str) -> str:
    """What a product on sale is called, or Missing."""
    name = db.session.scalar(
        select(Product.name).join(Product.farm).where(*catalog.ON_SALE, Product.code == code)
    )
    if name is None:
        raise _missing(code)
    return name


def _missing(code: str) -> Missing:
    """There is no such product; or its farm rests, and then one is told until when."""
    of_resting = (Product.state == ProductState.ON_SALE, Farm.state == FarmState.ON_HOLIDAY)
    asked = select(Product).join(Product.farm).where(Product.code == code, *of_resting)
    product = db.session.scalars(asked).one_or_none()
    return Missing(farmers.rest_said(product.farm, product.name) if product is not None else None)


def product_stamp(code: str) -> Hashable:
    """What decides a product's page, in one statement: the versions of all it shows, and every pack's stock as far as
    it is told (no more than fits in a cart)."""
    rows = db.session.connection().execute(_stamp(), {"code": code})
    return tuple((*facts, min(free, MOST_AT_ONCE)) for *facts, free in rows)


@cache
def _stamp() -> Select[Any]:
    def changes(kind: Any, mine: ColumnElement[bool]) -> Any:
        # One row more, one gone or one changed is another number.
        told = func.max(kind.id) * 1_000_000_000 + func.count() * 1_000_000 + func.sum(kind.version)
        return select(told).where(mine).correlate(Product).scalar_subquery()

    return (
        select(
            *(
                Product.version,
                Product.heap_on_hand,
                Product.heap_held,
                Product.taken_count,
                Product.taken_on,
            ),
            *(Farm.version, Variant.id, Variant.version),
            changes(Lot, Lot.product_id == Product.id),
            changes(ProductPhoto, ProductPhoto.product_id == Product.id),
            changes(
                Certificate, or_(Certificate.product_id == Product.id, Certificate.farm_id == Product.farm_id)
            ),
            Variant.on_hand - Variant.held,
        )
        .select_from(Product)
        .join(Farm, Farm.id == Product.farm_id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Product.code == bindparam("code"))
        .order_by(Variant.id)
    )


def product_page(code: str, province_code: str | None = None, variant_code: str | None = None) -> ProductPage:
    """A product on sale, or Missing; freight and arrival for the visitor's province when it is known."""
    product = db.session.scalars(_on_page(), {"code": code}).unique().one_or_none()
    if product is None:
        raise _missing(code)
    catalog.load_photos([product])
    proofs = catalog.certificates_now(product)
    packs = [
        Pack(variant, *catalog.unit_price(variant))
        for variant in product.variants
        if variant.removed_at is None
    ]
    in_stock = [pack for pack in packs if pack.variant.available > 0]
    chosen = next((pack for pack in packs if pack.variant.code == variant_code), (in_stock or packs)[0])
    farm = product.farm
    commune = places.commune(farm.commune_code or "")
    return ProductPage(
        product=product,
        packs=packs,
        chosen=chosen,
        stars=catalog.star_among(proof for proof in proofs if proof.product_id == product.id),
        certificates=proofs,
        lot=catalog.current_lot(product),
        place=commune.name if commune else "",
        province=commune.province.name if commune else "",
        quotes=_estimate(product, chosen.variant, province_code),
        split=payments.split_of(product, chosen.variant.price_dong),
        related=cards(
            ids_by(
                4,
                or_(Product.farm_id == farm.id, Farm.province_code == farm.province_code),
                Product.id != product.id,
                order=[(Product.farm_id != farm.id), Product.sold_count.desc(), Product.id],
            ),
            province_code,
        ),
        category=ocop.category_name(product.set_no),
    )


@cache
def _on_page() -> Select[Product]:
    return (
        catalog.on_sale()
        .where(Product.code == bindparam("code"))
        .options(selectinload(Product.variants), selectinload(Product.lots))
    )


def _estimate(product: Product, variant: Variant, province_code: str | None) -> Quotes | None:
    """Freight of one pack to a province, reckoned to its first commune on the mainland."""
    if province_code is None or product.is_service:
        return None
    destination = next((c for c in places.communes(province_code) if not c.is_special_zone), None)
    return quotes.reckon_farm(product.farm, [(variant, 1)], destination.code) if destination else None


# -- farm ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FarmPage:
    """A farm's page: who they are, where, since when, and everything they sell."""

    farm: Farm
    place: str
    since: date | None
    photos: Sequence[StoredPhoto]
    cards: Sequence[Card]
    certificates: Sequence[Certificate]
    lat: float | None
    lon: float | None


def farm_page(code: str, province_code: str | None = None) -> FarmPage:
    """An open farm (one on holiday is shown too, saying so), or Missing."""
    farm = db.session.scalars(select(Farm).where(Farm.code == code, Farm.state.in_(SEEN_FARMS))).one_or_none()
    if farm is None:
        raise Missing()
    commune = places.commune(farm.commune_code or "")
    return FarmPage(
        farm=farm,
        place=f"{commune.name}, {commune.province.name}" if commune else "",
        since=clock.local(farm.open_at).date() if farm.open_at else None,
        photos=farm.photos,
        cards=cards(
            ids_by(96, Product.farm_id == farm.id, order=[Product.sold_count.desc(), Product.id]),
            province_code,
        ),
        certificates=catalog.farm_certificates_now(farm),
        lat=farm.lat if farm.lat is not None else (commune.lat if commune else None),
        lon=farm.lon if farm.lon is not None else (commune.lon if commune else None),
    )
