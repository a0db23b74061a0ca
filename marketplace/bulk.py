"""Goods by the thousand for trying things at scale: generated (`generate`), or read from a file (`load`).

`generate` writes rows in bulk, deterministically from a seed, and leaves the books whole: on hand is the sum of its
moves, orders go through the till. `load` goes through the services like a farmer would, one farm per producer. Neither
ever runs in production; all of it is marked as illustration.
"""

import hashlib
import itertools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import func, insert, select

from config import ROOT
from marketplace import invented
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.catalog import service as catalog
from marketplace.catalog.models import (
    Certificate,
    CertificateKind,
    CertificateState,
    Handling,
    Lot,
    Product,
    ProductPhoto,
    ProductState,
    StockKind,
    StockMove,
    Variant,
)
from marketplace.catalog.service import PackDetails
from marketplace.checkout import service as checkout
from marketplace.checkout.models import Cart
from marketplace.checkout.service import Details
from marketplace.farmers import queries as farm_queries
from marketplace.farmers.models import Farm, FarmKind, FarmMember, FarmState
from marketplace.foundation import clock, market
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, put_away, transaction
from marketplace.foundation.files import StoredPhoto, keep_photo
from marketplace.foundation.photos import read_photo
from marketplace.foundation.refusal import Refusal
from marketplace.invented import Inventor
from marketplace.orders.models import FarmOrder
from marketplace.places import queries as places
from marketplace.search import service as search
from marketplace.shipping import service as shipping
from marketplace.shipping.models import ScanKind

STEP = 5_000
"""Rows of one bulk insert."""

PICTURE = ROOT / "demo" / "pictures" / "DEMO-005.webp"


def _not_in_production() -> None:
    if market.settings().app_env == "production":
        raise Refusal("Sample goods are never put into production.")


# -- from a file --------------------------------------------------------------------------------------------------


class Row(BaseModel):
    """A line of the file (CONTRACT: flask seed catalog --from)."""

    name: str = Field(min_length=3, max_length=120)
    description: str = Field(default="", max_length=4000)
    set_no: int | None = Field(default=None, alias="set", ge=1, le=26)
    province: str
    commune: str
    stars: int | None = Field(default=None, ge=3, le=5)
    price_dong: int
    grams: int = Field(ge=1, le=1_000_000)
    stock: int = Field(ge=0, le=1_000_000)
    producer: str = Field(min_length=1, max_length=120)

    @property
    def key(self) -> str:
        """The same line twice is the same product."""
        facts = [self.name, self.producer, self.province, self.commune, self.grams]
        return "file-" + hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]


def load(file: Path) -> tuple[int, int]:
    """Put every line on sale through the services, then build the index. How many were added, how many were there."""
    _not_in_production()
    rows = list(_read(file))
    added = known = 0
    for producer, lines in itertools.groupby(sorted(rows, key=_farm_key), key=_farm_key):
        wanted = list(lines)
        with transaction():
            farm = _farm(producer)
            there = set(db.session.scalars(select(Product.demo_id).where(Product.farm_id == farm.id)))
            for row in wanted:
                if row.key in there:
                    known += 1
                    continue
                there.add(row.key)
                _list(farm, row)
                added += 1
    if added:
        search.rebuild()
        put_away()
    return added, known


def _read(file: Path) -> Iterator[Row]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = Row.model_validate_json(line)
        except ValidationError as wrong:
            first = wrong.errors()[0]
            raise Refusal(f"line {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        commune = places.commune(row.commune)
        if commune is None or commune.province_code != row.province:
            raise Refusal(f"line {number}: commune {row.commune} is not in province {row.province}")
        yield row


def _farm_key(row: Row) -> tuple[str, str, str]:
    return (row.producer, row.province, row.commune)


def _farm(key: tuple[str, str, str]) -> Farm:
    """The farm of a producer in a commune, found again by its owner's number."""
    producer, province, commune = key
    digits = int(hashlib.sha256("|".join(key).encode()).hexdigest(), 16) % 10_000_000
    owner = accounts.add_person(producer, f"096{digits:07d}", [], SYSTEM)
    known = farm_queries.my_farm(owner)
    if known is not None:
        return known
    return _open_farm(owner, producer, province, commune)


def _open_farm(owner: Person, name: str, province: str, commune: str) -> Farm:
    """A farm of test data, open at once: its papers were never anybody's."""
    farm = Farm(
        name=name,
        kind=FarmKind.COOPERATIVE,
        state=FarmState.OPEN,
        province_code=province,
        commune_code=commune,
        street="Thôn 1",
        phone=owner.phone,
        open_at=clock.now(),
        is_illustration=True,
    )
    db.session.add_all([farm, FarmMember(farm=farm, person=owner, is_owner=True)])
    db.session.flush()
    return farm


def _list(farm: Farm, row: Row) -> None:
    by = SYSTEM
    product = catalog.draft(farm, by)
    catalog.describe(
        product, by, name=row.name, description=row.description, set_no=row.set_no, handling=Handling.DRY
    )
    catalog.mark_as_illustration(product, row.key, by)
    (pack,) = catalog.set_variants(product, [PackDetails(price_dong=row.price_dong, grams=row.grams)], by)
    catalog.add_photos(product, [_picture()], by)
    if row.stock:
        lot = catalog.add_lot(product, clock.today(), by)
        catalog.receive_stock(pack, row.stock, by, lot=lot)
    if row.stars is not None:
        certificate = catalog.add_certificate(
            product,
            CertificateKind.OCOP,
            f"TEST-{row.key[5:17]}",
            "Dữ liệu thử",
            clock.today() - timedelta(days=30),
            by,
            stars=row.stars,
            source_note="Dữ liệu thử, không phải giấy chứng nhận thật.",
        )
        catalog.verify_certificate(certificate, by)
    catalog.publish(product, by)


def _picture() -> StoredPhoto:
    """One picture for all of it."""
    known = db.session.scalars(
        select(StoredPhoto).where(StoredPhoto.purpose == "bulk").order_by(StoredPhoto.id).limit(1)
    ).first()
    return known or keep_photo(_ready(), PICTURE.name, SYSTEM, purpose="bulk")


@lru_cache(maxsize=1)
def _ready() -> Any:
    with PICTURE.open("rb") as file:
        return read_photo(file, PICTURE.name)


# -- generated ----------------------------------------------------------------------------------------------------

WORDS, PHRASES = ROOT / "demo" / "catalog_words.tsv", ROOT / "demo" / "catalog_phrases.tsv"
EPOCH_DAYS = 400


@dataclass(frozen=True, slots=True)
class Grower:
    """A farm goods are invented for."""

    farm_id: int
    name: str
    province: str
    province_name: str
    commune: str


def generate(
    products: int, shops: int, buyers: int, orders: int, seed: int, words: Path | None = None
) -> dict[str, int]:
    """So many products of so many shops in bulk, then orders through the till, then one index. The same seed makes
    the same market; what a seed made once is not made again. `words`: another list of goods than the house's own."""
    _not_in_production()
    inventor = invented.read(words or WORDS, PHRASES)
    chance = random.Random(seed)
    prefix = f"G{seed}-"
    if db.session.scalar(select(Product.id).where(Product.demo_id == f"{prefix}0")) is not None:
        raise Refusal(f"Seed {seed} was planted here already; choose another.")
    db.session.rollback()
    with transaction():
        farms = _shops(shops, chance, prefix)
        photo = _picture()
        db.session.flush()
        _products(products, farms, inventor, photo.id, chance, prefix)
        people = _buyers(buyers, prefix)
    placed = _orders(orders, people, chance, prefix)
    search.rebuild()
    put_away()
    return {"products": products, "shops": shops, "buyers": buyers, "orders": placed}


def _shops(count: int, chance: random.Random, prefix: str) -> Sequence[Grower]:
    """New open farms, some in every province as far as they reach, the more the earlier a province was drawn."""
    now = clock.now()
    mainland = [[c for c in places.communes(p.code) if not c.is_special_zone] for p in places.provinces()]
    chance.shuffle(mainland)
    provinces = invented.Zipf(mainland)
    chosen = [
        chance.choice(mainland[n] if n < len(mainland) else provinces.draw(chance)) for n in range(count)
    ]
    names = [invented.farm_name(chance, commune.short_name) for commune in chosen]
    person_ids = _insert(
        Person,
        [
            _row(
                f"{prefix}N{n}",
                now,
                name=invented.owner_name(chance),
                email=f"farm{n}.{prefix.lower()}@example.vn",
                language="vi",
            )
            for n in range(count)
        ],
    )
    farm_ids = _insert(
        Farm,
        [
            _row(
                f"{prefix}NV{n}".replace("-", ""),
                now,
                name=names[n],
                kind=FarmKind.COOPERATIVE,
                state=FarmState.OPEN,
                province_code=commune.province_code,
                commune_code=commune.code,
                street=f"Thôn {1 + n % 12}",
                phone=f"+8497{_hash_of(f'{prefix}{n}') % 10_000_000:07d}",
                open_at=now,
                is_illustration=True,
                story="",
            )
            for n, commune in enumerate(chosen)
        ],
    )
    _insert(
        FarmMember,
        [
            _row(f"{prefix}M{n}", now, farm_id=farm, person_id=person, is_owner=True)
            for n, (farm, person) in enumerate(zip(farm_ids, person_ids, strict=True))
        ],
    )
    _insert(
        Certificate,
        [
            _proof(f"{prefix}FC{n}", now, chance.choice(FARM_PROOFS), farm_id=farm)
            for n, farm in enumerate(farm_ids)
            if chance.random() < 0.25
        ],
    )
    return [
        Grower(farm, name, commune.province_code, commune.province.name, commune.short_name)
        for farm, name, commune in zip(farm_ids, names, chosen, strict=True)
    ]


FARM_PROOFS = (
    CertificateKind.VIETGAP, CertificateKind.VIETGAP, CertificateKind.FOOD_SAFETY, CertificateKind.ORGANIC,
    CertificateKind.GEOGRAPHICAL,
)  # fmt: skip


def _proof(
    code: str, now: Any, kind: CertificateKind, stars: int | None = None, **of: int | None
) -> dict[str, Any]:
    """A certificate of test data, good for two years from last month on."""
    begin = clock.today() - timedelta(days=30)
    return _row(
        code,
        now,
        kind=kind,
        number=f"TEST-{code}",
        issuer="Dữ liệu thử",
        issued_on=begin,
        valid_until=begin + timedelta(days=730),
        stars=stars,
        source_note="Dữ liệu thử, không phải giấy chứng nhận thật.",
        state=CertificateState.VERIFIED,
        verified_at=now,
        **{"farm_id": None, "product_id": None, **of},
    )


def _products(
    count: int,
    farms: Sequence[Grower],
    inventor: Inventor,
    photo_id: int,
    chance: random.Random,
    prefix: str,
) -> None:
    """Products in bulk: a third with several packs, a quarter with stars, one in twelve sold out."""
    now, today, plain = clock.now(), clock.today(), prefix.replace("-", "")
    popular = invented.Zipf(farms)
    handling = {way.value: way for way in Handling}
    rows = Sheets(Product, Variant, Lot, StockMove, ProductPhoto, Certificate)
    add = rows.add
    for start in range(0, count, STEP):
        for n in range(start, min(start + STEP, count)):
            grower = farms[n] if n < len(farms) else popular.draw(chance)
            made = inventor.product(
                chance, grower.province, grower.province_name, grower.commune, grower.name
            )
            product = add(
                Product,
                f"{plain}SP{n}",
                farm_id=grower.farm_id,
                name=made.name,
                description=made.description,
                set_no=made.set_no,
                handling=handling[made.handling],
                state=ProductState.ON_SALE,
                is_categorised=True,
                is_illustration=True,
                demo_id=f"{prefix}{n}",
                season_months=list(made.season),
                sold_count=int(3 * chance.paretovariate(0.9)) if chance.random() < 0.7 else 0,
                published_at=now - timedelta(minutes=chance.randrange(EPOCH_DAYS * 1440)),
            )
            lot = add(Lot, f"{plain}LO{n}", product_id=product, harvested_on=today)
            add(ProductPhoto, f"{prefix}PH{n}", product_id=product, photo_id=photo_id, alt="", position=0)
            is_out = chance.random() < 0.08
            for position, (grams, price) in enumerate(made.packs):
                stock = 0 if is_out else 1 + int(chance.random() * 200)
                pack = add(
                    Variant,
                    f"{plain}QC{n}X{position}",
                    product_id=product,
                    name=f"{grams} g" if grams < 1000 else f"{grams // 1000} kg",
                    price_dong=price,
                    grams=grams,
                    weight_grams=grams + max(50, grams // 10),
                    on_hand=stock,
                    held=0,
                    position=position,
                )
                if stock:
                    add(
                        StockMove,
                        f"{prefix}ST{n}-{position}",
                        variant_id=pack,
                        lot_id=lot,
                        kind=StockKind.RECEIVED,
                        quantity=stock,
                    )
            if made.set_no is not None and chance.random() < 0.25:
                stars = 3 if (dice := chance.random()) < 0.68 else 4 if dice < 0.95 else 5
                rows.add_row(
                    Certificate,
                    _proof(f"{prefix}CN{n}", now, CertificateKind.OCOP, stars, product_id=product),
                )
        rows.write()
    rows.hand_back()


class Sheets:
    """Rows of several tables that name each other, written in bulk: their ids are given here, not by the database."""

    def __init__(self, *models: type[Any]) -> None:
        self._next = {model: (db.session.scalar(select(func.max(model.id))) or 0) + 1 for model in models}
        self._rows: dict[type[Any], list[dict[str, Any]]] = {model: [] for model in models}
        self._now = clock.now()

    def add(self, model: type[Any], code: str, **values: Any) -> int:
        """A new row; its id."""
        return self.add_row(model, {"code": code, "created_at": self._now, "version": 1, **values})

    def add_row(self, model: type[Any], values: dict[str, Any]) -> int:
        number = self._next[model]
        values["id"] = number
        self._rows[model].append(values)
        self._next[model] = number + 1
        return number

    def write(self) -> None:
        """All of them into the database, the tables in the order they were named in."""
        for model, values in self._rows.items():
            if values:
                db.session.execute(insert(model.__table__), values)
                values.clear()

    def hand_back(self) -> None:
        """PostgreSQL hands out its own numbers: it goes on behind ours."""
        if db.session.get_bind().dialect.name == "postgresql":
            for model, following in self._next.items():
                sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
                db.session.execute(select(func.setval(sequence, following, False)))


def _buyers(count: int, prefix: str) -> list[int]:
    now = clock.now()
    return _insert(
        Person,
        [
            _row(
                f"{prefix}B{n}",
                now,
                name=f"Người mua {n}",
                email=f"buyer{n}.{prefix.lower()}@example.vn",
                language="vi",
            )
            for n in range(count)
        ],
    )


def _orders(count: int, people: Sequence[int], chance: random.Random, prefix: str) -> int:
    """Orders through the till, two of three delivered; how many could be placed."""
    mainland = [c for p in places.provinces() for c in places.communes(p.code) if not c.is_special_zone]
    products = list(
        db.session.scalars(
            select(Variant.code)
            .join(Product)
            .where(Product.demo_id.startswith(prefix, autoescape=True), Variant.on_hand >= 5)
            .order_by(Variant.id)
            .limit(20_000)
        )
    )
    db.session.rollback()
    placed = 0
    for n in range(count if products else 0):
        commune = chance.choice(mainland)
        buyer = chance.choice(people) if people else None
        wanted = {chance.choice(products) for _ in range(chance.randint(1, 3))}
        try:
            with transaction():
                part_ids = _one_order(f"{prefix}order-{n}", wanted, commune, buyer)
        except Refusal:
            continue  # what it wanted was sold out before
        placed += 1
        if n % 3:
            _deliver(part_ids)
    return placed


def _one_order(once: str, wanted: set[str], commune: Any, buyer: int | None) -> list[int]:
    cart = Cart(token=once, touched_at=clock.now())
    db.session.add(cart)
    db.session.flush()
    for code in sorted(wanted):
        checkout.add(cart, code, 1)
    till = checkout.prepare(cart, commune.code, True)
    checkout.keep_quotes(cart.code, till)
    order = checkout.place_order(
        cart,
        Details(
            name="Người mua minh họa",
            phone="+84912345678",
            province_code=commune.province_code,
            commune_code=commune.code,
            street="Số 1",
            note="",
            payment_method="cod",
            services={part.farm.code: part.chosen.code for part in till.parts if part.chosen},
            expected_total_dong=till.total_dong,
            once=once,
            is_word_given=True,
        ),
        Actor.of(buyer) if buyer else Actor.guest(),
    )
    db.session.delete(cart)
    return [part.id for part in order.farm_orders]


def _deliver(part_ids: Sequence[int]) -> None:
    with transaction():
        for part_id in part_ids:
            part = db.session.get_one(FarmOrder, part_id)
            for parcel in shipping.drop_off_without_booking(part, SYSTEM):
                for kind in (ScanKind.DROPPED_OFF, ScanKind.IN_TRANSIT, ScanKind.DELIVERED):
                    shipping.record_scan(parcel.tracking, kind, Actor("carrier"))


def _hash_of(text: str) -> int:
    """The same number for the same text in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _row(code: str, now: Any, **values: Any) -> dict[str, Any]:
    return {"code": code, "created_at": now, "version": 1, **values}


def _insert(model: type[Any], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Bulk insert; the new ids in the order of the rows."""
    if not rows:
        return []
    table = model.__table__
    db.session.execute(insert(table), list(rows))
    codes = [row["code"] for row in rows]
    found: dict[str, int] = {}
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        found.update(db.session.execute(select(table.c.code, table.c.id).where(table.c.code.in_(part))).all())
    return [found[code] for code in codes]
