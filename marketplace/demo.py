"""A small believable market for looking round and for browser tests, built only by calling services.

Safe to run again: what is there is found and left alone, so a start that was cut short goes on where it stopped. Prices
and some producers are illustrations and say so; a certificate is made only where a public source confirms the star
(`star_confidence` verified or partial), and where the decision's number was not found it says that too.
"""

import csv
import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from config import ROOT
from marketplace import (
    demo_classes,
    demo_listing,
    demo_money,
    demo_papers,
    demo_searches,
    demo_together,
    rulebook,
)
from marketplace.accounts import queries as account_queries
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.catalog import ocop
from marketplace.catalog import service as catalog
from marketplace.catalog.models import CertificateKind, Evidence, Handling, Product, Variant
from marketplace.catalog.service import PackDetails
from marketplace.checkout import service as checkout
from marketplace.checkout.models import Cart
from marketplace.checkout.service import Details
from marketplace.dossiers import service as dossiers
from marketplace.farmers import queries as farm_queries
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm, FarmKind, FarmState, PayBy
from marketplace.foundation import audit, clock, market
from marketplace.foundation.audit import SYSTEM, Actor, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.photos import read_photo
from marketplace.foundation.refusal import Refusal
from marketplace.orders import queries as order_queries
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState, Order
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.places import queries as places
from marketplace.places import service as points
from marketplace.places.models import ServicePoint
from marketplace.search import service as search
from marketplace.shipping import queries as parcels
from marketplace.shipping import service as shipping
from marketplace.shipping.models import ScanKind

FOLDER = ROOT / "demo"
PASSWORD = "demo-cho-que"  # noqa: S105

SIGN_INS: Mapping[str, tuple[str, Role]] = {
    "0900000001": ("Trần Thị Mua", Role.BUYER),
    "0900000002": ("Nguyễn Văn Chè", Role.FARMER),
    "0900000003": ("Lê Thị Tôm", Role.FARMER),
    "0900000004": ("Phạm Hội Nông", Role.TRAINER),
    "0900000005": ("Hoàng Thị Bưu", Role.CLERK),
    "0900000006": ("Vũ Thẩm Định", Role.REVIEWER),
    "0900000007": ("Đỗ Thủ Quỹ", Role.CASHIER),
    "0900000008": ("Bùi Quản Trị", Role.ADMIN),
    "0900000009": ("Cao Thị Duyệt", Role.ADMIN),
    demo_papers.OFFICER: ("Ma Thị Vấn", Role.OFFICER),
    "0900000013": ("Lý Thị Ca", Role.CLERK),
}
"""Who may sign in to the demo market, all with PASSWORD. Two admins, because what one decides or writes another looks
at; two clerks at one counter, because a till is handed over from shift to shift."""

OWNED: Mapping[str, str] = {"HTX Chè Hảo Đạt": "0900000002", "HTX Tân Phát Lợi": "0900000003"}
LISTED_BY: Mapping[str, str] = {"DEMO-024": "HTX Tân Phát Lợi"}
"""The honey is listed by the dried-shrimp farm, so that one demo farmer has both."""

COMPLETE = "demo.complete"

Say = Callable[[str], None]


def seed(say: Say = print) -> None:
    """Fill the market: rules, service points, people, farms, goods, orders in every state, then the search index."""
    if market.settings().app_env == "production":
        raise Refusal("The demo market is never put into production.")
    with transaction():
        rulebook.load(SYSTEM)
    service_points(say)
    people = staff()
    goods(people, say)
    demo_papers.papers(people.by_phone)
    some_orders(people, say)
    demo_money.money_and_quarrels(people.by_phone)
    demo_listing.stock(people.by_phone, partial(_order, people=people))
    demo_together.neighbours(people.by_phone, partial(_order, people=people))
    demo_classes.make(people["0900000004"], say)
    if not is_complete():
        demo_classes.help_given(people["0900000004"], say)
        demo_searches.searches()
        with transaction():
            audit.record(SYSTEM, COMPLETE, people["0900000008"])
    # Only what was read is left open here; the index reads the database anew.
    db.session.rollback()
    search.rebuild()
    say("\n".join(accounts_in_words()))


def accounts_in_words() -> Iterator[str]:
    """Who may sign in, a line each."""
    for phone, (name, role) in SIGN_INS.items():
        yield f"  {role.value:<9} {phone}   {name}"
    yield f"  all with the password {PASSWORD}"


def is_complete() -> bool:
    """Whether the demo market was once made to its end. What people did with it since is theirs."""
    return db.session.scalar(select(AuditEntry.id).where(AuditEntry.verb == COMPLETE).limit(1)) is not None


# -- places ---------------------------------------------------------------------------------------------


def service_points(say: Say) -> None:
    """219 counters: 127 in Cà Mau, 92 in Thái Nguyên. Their addresses and hours are illustrations."""
    with transaction():
        if places.count_service_points():
            return
        for row in _rows(Path(places.__file__).parent / "data" / "demo_service_points.tsv"):
            points.open_point(
                name=row["name"],
                commune_code=row["commune_code"],
                street=row["street"],
                position=places.Position(float(row["lat"]), float(row["lon"])),
                hours=points.read_hours(row["hours"]),
                by=SYSTEM,
            )
    say("219 service points")


# -- people -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Staff:
    """The people of the demo by the last digit of their number."""

    by_phone: Mapping[str, Person]

    def __getitem__(self, phone: str) -> Person:
        return self.by_phone[phone]

    def actor(self, phone: str) -> Actor:
        return Actor.of(self.by_phone[phone].id)


def staff() -> Staff:
    """One person for each role, and where they work."""
    found = {}
    with transaction():
        for phone, (name, role) in SIGN_INS.items():
            given: list[Role] = [] if role in (Role.BUYER, Role.FARMER) else [role]
            person = accounts.add_person(name, phone, given, SYSTEM)
            if person.password_hash is None:
                accounts.set_password(person, PASSWORD, SYSTEM)
            found[phone] = person
        clerk, trainer, buyer = found["0900000005"], found["0900000004"], found["0900000001"]
        if not clerk.posts:
            tan_cuong = places.service_point_for("05503")
            assert tan_cuong is not None
            accounts.hold_post(clerk, SYSTEM, service_point_id=tan_cuong.id)
            ha_noi = _hanoi_point()
            accounts.hold_post(clerk, SYSTEM, service_point_id=ha_noi.id)
        if not found["0900000013"].posts:
            db.session.flush()
            for post in account_queries.posts_of(clerk):
                accounts.hold_post(found["0900000013"], SYSTEM, service_point_id=post.service_point_id)
        if not trainer.posts:
            for commune in {commune for commune, *_rest in demo_classes.CLASSES}:
                accounts.hold_post(trainer, SYSTEM, commune_code=commune)
        if not buyer.data_consent_at:
            accounts.save_address(
                buyer, buyer.name, "0900000001", HOME_COMMUNE, HOME_STREET, SYSTEM, is_default=True
            )
            buyer.data_consent_at = clock.now()
    return Staff(found)


HOME_COMMUNE, HOME_STREET = "00166", "Số 12, ngõ 8, đường Cầu Giấy"


def _hanoi_point() -> ServicePoint:
    """A counter at the buyer's end, so that the demo clerk can hand out what they took in."""
    return points.open_point(
        name="Bưu cục Cầu Giấy (minh họa)", commune_code=HOME_COMMUNE, street="Số 165 Cầu Giấy", by=SYSTEM
    )


# -- farms and goods ----------------------------------------------------------------------------------------------


@dataclass
class Goods:
    """A product of the data with what is said of it, and the farm that lists it."""

    facts: Mapping[str, Any]
    story: Mapping[str, str]
    producer: str = field(init=False)

    def __post_init__(self) -> None:
        self.producer = LISTED_BY.get(self.facts["id"], self.facts["producer"])


@lru_cache(maxsize=1)
def _all_goods() -> list[Goods]:
    stories = {row["id"]: row for row in _rows(FOLDER / "stories.tsv")}
    return [
        Goods(facts, stories[facts["id"]])
        for file in ("ocop_goods.json", "other_goods.json")
        for facts in json.loads((FOLDER / file).read_text("utf-8"))["products"]
    ]


def goods(people: Staff, say: Say, only: Container[str] | None = None) -> None:
    """Every farm with its goods (or those of some producers), one transaction each."""
    by_producer: dict[str, list[Goods]] = {}
    for one in _all_goods():
        if only is None or one.producer in only:
            by_producer.setdefault(one.producer, []).append(one)
    for number, (producer, listed) in enumerate(by_producer.items()):
        missing = [one for one in listed if not _is_there(one)]
        if not missing:
            continue
        pictures = {one.facts["id"]: _picture(one) for one in missing}
        with transaction():
            farm = _farm(number, producer, missing[0], people)
            for one in missing:
                _list(farm, one, pictures[one.facts["id"]], people)
    say(f"{len(by_producer)} farms, {sum(map(len, by_producer.values()))} products")


def _is_there(one: Goods) -> bool:
    found = db.session.scalar(select(Product.id).where(Product.demo_id == one.facts["id"]))
    db.session.rollback()
    return found is not None


def _picture(one: Goods) -> Any:
    with (FOLDER / "pictures" / f"{one.facts['id']}.webp").open("rb") as file:
        return read_photo(file, file.name)


KINDS = {
    "ho_gia_dinh": FarmKind.HOUSEHOLD,
    "ho_kinh_doanh": FarmKind.HOUSEHOLD,
    "hop_tac_xa": FarmKind.COOPERATIVE,
    "to_hop_tac": FarmKind.COOPERATIVE,
    "doanh_nghiep": FarmKind.COMPANY,
}
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
GIVEN = (
    "Văn Hòa",
    "Thị Lan",
    "Văn Đức",
    "Thị Mai",
    "Quang Vinh",
    "Thị Hồng",
    "Minh Tâm",
    "Thị Ngọc",
    "Văn Sơn",
)


def _farm(number: int, producer: str, first: Goods, people: Staff) -> Farm:
    """The farm of a producer, come on board by the same steps as everybody."""
    phone = OWNED.get(producer)
    name = f"{FAMILY[number % len(FAMILY)]} {GIVEN[number % len(GIVEN)]}"
    owner = people[phone] if phone else accounts.add_person(name, f"09{11_000_000 + number:08d}", [], SYSTEM)
    known = farm_queries.my_farm(owner)
    if known is not None and known.state is FarmState.OPEN:
        return known
    by = Actor.of(owner.id)
    farm = known or farmers.start(owner, by)
    kind = KINDS[first.facts["producer_type"]]
    farmers.save_who(
        farm,
        kind,
        owner.name,
        date(1975, 5, 19) + timedelta(days=37 * number),
        by,
        personal_id=_personal_id(number) if kind is FarmKind.HOUSEHOLD else None,
        tax_code=_tax_code(number) if kind is not FarmKind.HOUSEHOLD else None,
        registration=None
        if kind is FarmKind.HOUSEHOLD
        else demo_papers.drawn_paper("GIẤY ĐĂNG KÝ (minh họa)"),
    )
    farmers.save_farm(farm, producer, owner.phone or "", by, story=_farm_story(producer, first))
    farmers.save_address(
        farm, first.facts["province_code"], first.facts["ward_code"], f"Thôn {1 + number % 9}", by
    )
    farmers.save_payment(
        farm, PayBy.BANK, by, bank_bin="970405", number=f"8500205{number:06d}", holder=owner.name
    )
    farm.is_illustration = True
    dossier = farmers.submit(farm, by)
    reviewer = people.actor("0900000006")
    dossiers.receive(dossier, reviewer)
    dossiers.appraise(dossier, reviewer)
    dossiers.approve(dossier, reviewer)
    return farm


def _farm_story(producer: str, first: Goods) -> str:
    commune = places.commune(first.facts["ward_code"])
    where = f"{commune.name}, {commune.province.name}" if commune else ""
    return (
        f"{producer} ở {where}. {first.story['description']} "
        "Thông tin nhà vườn trên chợ mẫu là dữ liệu minh họa, không thay cho lời của nhà sản xuất."
    )


def _personal_id(number: int) -> str:
    """Twelve digits of the right shape for the birth year of farm `number` (DOMAIN: identifiers.json)."""
    born = date(1975, 5, 19) + timedelta(days=37 * number)
    return f"019{number % 2}{born.year % 100:02d}{number:06d}"


def _tax_code(number: int) -> str:
    """Ten digits whose last one fits (weights of the tax authority)."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    for serial in range(460_000_010 + number * 10, 460_000_020 + number * 10):
        digits = f"{serial:09d}"
        check = 10 - sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"
    raise AssertionError("ten serials in a row without a check digit")


def _list(farm: Farm, one: Goods, picture: Any, people: Staff) -> None:
    """List a product: described, packed, photographed, with a lot, its proof where there is one, and on sale."""
    facts, story = one.facts, one.story
    owner = farm_queries.owner_of(farm)
    by = Actor.of(owner.id)
    months = [int(month) for month in story["season months"].split(",") if month]
    product = catalog.draft(farm, by)
    catalog.describe(
        product,
        by,
        name=facts["name"],
        description=story["description"],
        set_no=facts["ocop_set"],
        handling=Handling(story["handling"]),
        storage=story["storage"],
        season_months=months,
        shelf_life_days=int(story["shelf life (days)"]) if story["shelf life (days)"] else None,
        is_own_unprocessed=story["handling"] in ("fresh", "live"),
    )
    catalog.mark_as_illustration(product, facts["id"], by)
    packs = catalog.set_variants(product, list(_packs(facts)), by)
    catalog.add_photos(product, [picture], by)
    _certificate(product, facts, by, people)
    if not product.is_service:
        _stock(product, packs, story, months, by)
    catalog.publish(product, by)


def _packs(facts: Mapping[str, Any]) -> Iterator[PackDetails]:
    """The pack of the data, and for what sells by weight a larger one a little cheaper by the kilogram."""
    grams, price, pack = facts["net_weight_g"], facts["price_vnd"], facts["pack"]
    words = pack.split()
    pack = pack[0].upper() + pack[1:]
    if grams is None or pack.startswith(("Chiếc", "Vé", "Cuộn", "Hộp 35x")) or facts["ocop_set"] in (21, 22):
        sides = {"length_mm": 350, "width_mm": 350, "height_mm": 500} if pack.startswith("Hộp 35x") else {}
        yield PackDetails(price_dong=price, pieces=1, weight_grams=(grams or 50) + 100, name=pack, **sides)
    elif "ml" in words:
        amount = int(words[words.index("ml") - 1])
        yield PackDetails(price_dong=price, millilitres=amount, weight_grams=grams + 150, name=pack)
    elif "quả" in words:
        yield PackDetails(price_dong=price, pieces=10, weight_grams=grams + 150, name=pack)
    else:
        yield PackDetails(
            price_dong=price, grams=grams, name=f"{pack} {_weight(grams)}" if "kg" not in pack else pack
        )
        if grams <= 500:
            larger = round(price * 2 * 0.95 / 1000) * 1000
            yield PackDetails(price_dong=larger, grams=grams * 2, name=f"{pack} {_weight(grams * 2)}")


def _weight(grams: int) -> str:
    return f"{grams} g" if grams < 1000 else f"{grams / 1000:g} kg".replace(".", ",")


def _stock(
    product: Product, packs: list[Variant], story: Mapping[str, str], months: list[int], by: Actor
) -> None:
    """What is there: out of season fresh goods are sold out, the rest has a lot and some stock."""
    today = clock.today()
    is_fresh = product.handling in (Handling.FRESH, Handling.LIVE)
    if is_fresh and months and today.month not in months:
        return
    age = 0 if is_fresh or product.handling is Handling.CHILLED else 9
    lot = catalog.add_lot(product, today - timedelta(days=age), by)
    for number, pack in enumerate(packs):
        catalog.receive_stock(pack, 60 if number == 0 else 24, by, lot=lot)


def _certificate(product: Product, facts: Mapping[str, Any], by: Actor, people: Staff) -> None:
    """A proof only where a source confirms the star, and only while it holds; it says what was not found."""
    if facts.get("star_confidence") not in ("verified", "partial"):
        return
    proof = demo_papers.PROOFS[facts["id"]]
    last_day = ocop.valid_until(proof.confirmed_on)
    if last_day is None or last_day < clock.today():
        return
    number = f"{proof.number} ({facts['id']})" if proof.number.startswith("chưa") else proof.number
    note = f"Dữ liệu minh họa. Nguồn: {facts['star_source']}. Ngày ghi là ngày nguồn tin xác nhận."
    certificate = catalog.add_certificate(
        product, CertificateKind.OCOP, number, proof.issuer, proof.confirmed_on, by,
        stars=facts["stars"], source_note=note[:300],
    )  # fmt: skip
    graded = (
        Evidence.A if facts["star_confidence"] == "verified" and "nguồn" not in proof.number else Evidence.B
    )
    catalog.verify_certificate(
        certificate, people.actor("0900000006"), graded, str(facts["star_source"])[:300]
    )


# -- orders -------------------------------------------------------------------------------------------------------

BUYERS = (
    ("Phạm Thu Hà", "0912345601", "01", "00166", "Số 3, ngõ 20, Cầu Giấy"),
    ("Nguyễn Minh Khôi", "0912345602", "79", None, "Số 45, đường số 7"),
    ("Đinh Thị Ngân", "0912345603", "48", None, "Số 8, kiệt 12"),
    ("Hà Văn Lộc", "0912345604", "92", None, "Ấp 3"),
)


def some_orders(people: Staff, say: Say) -> None:
    """Orders in every state a farm's order can be in, made and moved as people and parcels move them."""
    made = 0
    for number, (end, method) in enumerate(ENDS):
        once = f"demo-order-{number:02d}"
        with transaction():
            order = order_queries.order_of_once(once)
            if order is None:
                with demo_money.cards_offered():
                    order = _order(once, number, method, people)
                made += 1
        with transaction():
            for part in order_queries.order_of_once(once).farm_orders:  # type: ignore[union-attr]
                _lead(part, end, people)
    say(f"{made} orders" if made else "orders are there")


S = FarmOrderState
ENDS: tuple[tuple[FarmOrderState, str], ...] = (
    (S.PLACED, "vietqr"),
    (S.CONFIRMED, "cod"),
    (S.CONFIRMED, "vietqr"),
    (S.CONFIRMED, "cod"),
    (S.ACCEPTED, "cod"),
    (S.ACCEPTED, "vietqr"),
    (S.HANDED_OVER, "cod"),
    (S.HANDED_OVER, "vietqr"),
    (S.DELIVERED, "cod"),
    (S.DELIVERED, "vietqr"),
    (S.DELIVERED, "cod"),
    (S.REFUSED, "cod"),
    (S.REFUSED, "vietqr"),
    (S.UNANSWERED, "cod"),
    (S.CANCELLED, "cod"),
    (S.REFUSED_AT_DOOR, "cod"),
    (S.RETURNING, "cod"),
    (S.RETURNED, "cod"),
    (S.LOST, "vietqr"),
    (S.PLACED, "counter"),
    (S.DELIVERED, "card"),
    (S.HANDED_OVER, "card"),
)


def _order(once: str, number: int, method: str, people: Staff, wanted: Sequence[str] = ()) -> Order:
    """Two farms in one cart: tea from Thái Nguyên, and something from Cà Mau or elsewhere."""
    buyer = people["0900000001"] if number % 3 == 0 else None
    name, phone, province, commune, street = BUYERS[number % len(BUYERS)]
    if buyer is not None:
        name, phone, province, commune, street = (
            buyer.name, "0900000001", "01", HOME_COMMUNE, HOME_STREET,
        )  # fmt: skip
    commune = commune or next(c.code for c in places.communes(province) if not c.is_special_zone)
    by = Actor.of(buyer.id) if buyer else Actor.guest()
    cart = Cart(token=f"{once}-cart", touched_at=clock.now())
    db.session.add(cart)
    db.session.flush()
    usual = f"DEMO-00{1 + number % 3}", ("DEMO-011", "DEMO-024", "DEMO-032", "DEMO-012")[number % 4]
    for demo_id in wanted or usual:
        product = db.session.scalars(select(Product).where(Product.demo_id == demo_id)).one()
        checkout.add(cart, product.variants[0].code, 1 + number % 2)
    till = checkout.prepare(cart, commune, method == "cod")
    details = Details(
        name=name,
        phone=_e164(phone),
        province_code=province,
        commune_code=commune,
        street=street,
        note="",
        payment_method=method,
        services={part.farm.code: part.chosen.code for part in till.parts if part.chosen},
        expected_total_dong=till.total_dong,
        once=once,
        is_word_given=True,
    )
    checkout.keep_quotes(cart.code, till)
    order = checkout.place_order(cart, details, by)
    db.session.delete(cart)
    return order


def _e164(phone: str) -> str:
    return "+84" + phone[1:]


def _lead(part: Any, end: FarmOrderState, people: Staff) -> None:
    """Bring a farm's order to the state it is to show, by the deeds of the people and machines concerned."""
    if end is S.PLACED or part.state not in (S.PLACED, S.CONFIRMED):
        return
    clerk = people.actor("0900000005")
    farmer = Actor.of(farm_queries.owner_of(part.farm).id)
    if part.state is S.PLACED:
        _pay(part.order)
    if end is S.REFUSED:
        orders.refuse(part, "Mưa bão nên chưa sao kịp mẻ chè mới", farmer)
    elif end is S.UNANSWERED:
        orders.leave_unanswered(part)
    elif end is S.CANCELLED:
        orders.cancel(part, "Tôi đặt nhầm số lượng", Actor.guest())
    if end in (S.CONFIRMED, S.REFUSED, S.UNANSWERED, S.CANCELLED):
        return
    orders.accept(part, farmer)
    if end is S.ACCEPTED:
        return
    for parcel in parcels.parcels_of(part):
        for kind in _way(end):
            is_first = kind is ScanKind.DROPPED_OFF
            at_farm = kind in (ScanKind.DROPPED_OFF, ScanKind.IN_TRANSIT, ScanKind.RETURNED)
            shipping.record_scan(
                parcel.tracking,
                kind,
                clerk if is_first else Actor("carrier"),
                parcel.origin_point if at_farm else parcel.destination_point,
                weight_grams=parcel.weight_grams if is_first else None,
            )


def _way(end: FarmOrderState) -> tuple[ScanKind, ...]:
    kind = ScanKind
    begun = (kind.DROPPED_OFF, kind.IN_TRANSIT)
    ways: dict[FarmOrderState, tuple[ScanKind, ...]] = {
        S.HANDED_OVER: (*begun, kind.AT_POINT),
        S.DELIVERED: (*begun, kind.AT_POINT, kind.OUT_FOR_DELIVERY, kind.DELIVERED),
        S.REFUSED_AT_DOOR: (*begun, kind.OUT_FOR_DELIVERY, kind.FAILED),
        S.RETURNING: (*begun, kind.OUT_FOR_DELIVERY, kind.FAILED, kind.RETURNING),
        S.RETURNED: (*begun, kind.OUT_FOR_DELIVERY, kind.FAILED, kind.RETURNING, kind.RETURNED),
        S.LOST: (*begun, kind.LOST),
    }
    return ways[end]


def _pay(order: Order) -> None:
    """The buyer's bank, or the card company, says the money came in."""
    payment = payment_queries.payments_of(order)[0]
    if order.payment_method == "card":
        demo_money.card_says("paid", payment, payment.amount_dong)
        db.session.refresh(order)
        return
    bank = payment_queries.bank()
    notice, _is_new = payments.keep_bank_notice(
        "demo", payment.code, payment.amount_dong, payment.code, bank.account if bank else "", {"demo": True}
    )
    payments.settle_bank_notice(notice)
    db.session.refresh(order)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """Rows of a tab-separated file: a comment, the names of the columns, then the rows."""
    return csv.DictReader(file.read_text("utf-8").splitlines()[1:], delimiter="\t")
