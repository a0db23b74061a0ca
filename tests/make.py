"""What tests need to stand on, made the way people make it: plain functions that call services.

Each opens its own transaction and gives back the record, to be read by the test.
"""

import io
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

from PIL import Image

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person, Role, RoleHeld
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Handling, Product
from marketplace.catalog.service import PackDetails
from marketplace.claims import service as claims
from marketplace.dossiers import service as dossiers
from marketplace.farmers import queries as farm_queries
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm, FarmKind, FarmMember, FarmState, PayBy
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.photos import ReadyPhoto, read_photo
from marketplace.foundation.show import slug
from marketplace.orders import service as orders
from marketplace.orders.details import LineDetails, PartDetails, PlaceDetails
from marketplace.orders.models import FarmOrderState, Order
from marketplace.payments import queries as payments_seen
from marketplace.payments import service as payments
from marketplace.payments.models import PaymentState, PayoutBatch

_numbers = count(1)


def person(name: str = "Nguyễn Thị Lan", *roles: Role) -> Person:
    """Somebody with a phone of their own."""
    with transaction():
        made = Person(name=name, phone=f"+8490{next(_numbers):07d}")
        made.roles_held = [RoleHeld(role=role) for role in roles]
        db.session.add(made)
    return made


def farm(
    name: str = "Hợp tác xã chè Tân Cương",
    owner: Person | None = None,
    state: FarmState = FarmState.OPEN,
    commune_code: str = "05503",
    province_code: str = "19",
    **facts: Any,
) -> Farm:
    """A farm that may sell, with its owner."""
    owner = owner or person("Trần Văn Hảo", Role.FARMER)
    with transaction():
        made = Farm(
            name=name,
            kind=facts.pop("kind", FarmKind.COOPERATIVE),
            state=state,
            phone=owner.phone,
            province_code=province_code,
            commune_code=commune_code,
            street=facts.pop("street", "Xóm Hồng Thái 2"),
            lat=facts.pop("lat", 21.55),
            lon=facts.pop("lon", 105.75),
            **facts,
        )
        db.session.add(made)
        db.session.flush()
        db.session.add(FarmMember(farm_id=made.id, person_id=owner.id, is_owner=True))
    return made


def actor_of(farm: Farm) -> Actor:
    """The owner of a farm at work."""
    return Actor.of(farm.members[0].person_id)


def product(
    of: Farm | None = None,
    name: str = "Trà đinh Tân Cương",
    price_dong: int = 450_000,
    stock: int = 10,
    packs: list[PackDetails] | None = None,
    published: bool = True,
    is_looked_at: bool = True,
    **said: Any,
) -> Product:
    """A product with one photo and one pack of 100 g (or `packs`), so many of each there; on sale unless told, as one
    a reviewer has looked at (else as its farm puts it up)."""
    of = of or farm()
    by = actor_of(of)
    said.setdefault("set_no", 11)
    said.setdefault("handling", Handling.DRY)
    with transaction():
        made = catalog.draft(of, by)
        catalog.describe(made, by, name=name, **said)
        catalog.add_photos(made, [photo()], by)
        for variant in catalog.set_variants(made, packs or [PackDetails(price_dong, grams=100)], by):
            if stock:
                catalog.receive_stock(variant, stock, by)
        if published:
            catalog.publish(made, SYSTEM if is_looked_at else by)
    return made


def rules() -> None:
    """The dated rules orders and money go by."""
    with transaction():
        orders.load_rules(SYSTEM)
        payments.load_rules(SYSTEM)
        claims.load_rules(SYSTEM)


def order(
    *goods: tuple[Product, int],
    state: FarmOrderState | str = FarmOrderState.CONFIRMED,
    buyer: Person | None = None,
    payment_method: str = "cod",
    shipping_dong: int = 30_000,
    **details: Any,
) -> Order:
    """An order of so many packs of these products (one pack of a new one), every farm's part as far as `state`.

    Paid at the door, or by a transfer (`vietqr`): then `placed` waits for the money.
    """
    rules()
    parts = part_details(goods or ((product(), 1),), shipping_dong, is_cod=payment_method == "cod")
    with transaction():
        made = orders.place(place_details(buyer, payment_method, **details), parts, SYSTEM)
        payments.open(made, SYSTEM)
    bring_to(made, FarmOrderState(state))
    return made


def place_details(buyer: Person | None = None, payment_method: str = "cod", **details: Any) -> PlaceDetails:
    """What a buyer, or a guest, writes at the till."""
    known: dict[str, Any] = {
        "once": f"once-{next(_numbers)}",
        "buyer_id": buyer.id if buyer else None,
        "name": buyer.name if buyer else "Khách qua đường",
        "phone": buyer.phone if buyer else "+84987000001",
        "province_code": "01",
        "commune_code": "00004",
        "street": "12 Hàng Bông",
        "payment_method": payment_method,
    }
    return PlaceDetails(**{**known, **details})


def part_details(
    goods: tuple[tuple[Product, int], ...],
    shipping_dong: int = 30_000,
    is_cod: bool = True,
    market_discount_dong: int = 0,
) -> list[PartDetails]:
    """These packs, farm by farm, at today's prices; a voucher of the market gives so much off each line."""
    by_farm: dict[int, list[LineDetails]] = {}
    for of, quantity in goods:
        variant = of.variants[0]
        line = LineDetails(
            variant.id, quantity, variant.price_dong, market_discount_dong=market_discount_dong
        )
        by_farm.setdefault(of.farm_id, []).append(line)
    today = clock.today()
    return [
        PartDetails(
            farm_id=farm_id,
            lines=lines,
            service_code="standard",
            service_name="Chuyển phát tiêu chuẩn",
            shipping_dong=shipping_dong,
            cod_fee_dong=10_000 if is_cod else 0,
            promised_from=today,
            promised_to=clock.add_working_days(today, 3),
        )
        for farm_id, lines in by_farm.items()
    ]


def pay(order: Order, amount_dong: int | None = None, **notice: Any) -> None:
    """The bank says that the buyer's transfer came in."""
    (payment,) = payments_seen.payments_of(order)
    known = {"external_id": f"bank-{next(_numbers)}", "content": f"CT {payment.code} FT1", "account": ""}
    with transaction():
        kept, _is_new = payments.keep_bank_notice(
            source="test", amount_dong=amount_dong or payment.amount_dong, raw={}, **{**known, **notice}
        )
        payments.settle_bank_notice(kept)


def approve(batch: PayoutBatch) -> None:
    """An admin looks at a list of payouts and approves it."""
    boss = people.person_by_login("0912000008") or person("Bùi Gia Minh", Role.ADMIN)
    with transaction():
        payments.approve_batch(batch, Actor.of(boss.id))


def bring_to(order: Order, state: FarmOrderState) -> None:
    """Bring every farm's part to a state by the deeds that lead there."""
    is_prepaid = state is not FarmOrderState.PLACED and order.payment_method != "cod"
    if is_prepaid and payments_seen.payments_of(order)[0].state is PaymentState.EXPECTED:
        pay(order)
    ways = {
        "accepted": "accept", "handed_over": "accept hand_over", "delivered": "accept hand_over deliver",
        "refused": "refuse", "unanswered": "leave_unanswered", "cancelled": "cancel",
        "refused_at_door": "accept hand_over refuse_at_door",
        "returning": "accept hand_over refuse_at_door start_return",
        "returned": "accept hand_over refuse_at_door start_return finish_return",
        "lost": "accept hand_over lose",
    }  # fmt: skip
    for part in order.farm_orders:
        for deed in ways.get(state.value, "").split():
            reason = ["hết hàng"] if deed in ("refuse", "cancel") else []
            with transaction():
                getattr(orders, deed)(part, *reason, SYSTEM)


@lru_cache(maxsize=8)
def photo(colour: int = 160) -> ReadyPhoto:
    """A small picture as a phone sends it, read and judged."""
    return read_photo(picture(colour), "hinh.jpg")


def picture(colour: int = 160, width: int = 900, height: int = 700, kind: str = "JPEG") -> io.BytesIO:
    """The bytes of a picture, to be uploaded."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (20, colour % 256, 40)).save(out, kind)
    out.seek(0)
    return out


# -- farms that come on board -------------------------------------------------------------------------------------


def procedures() -> None:
    """The procedures of the market, as they are loaded on installation."""
    with transaction():
        dossiers.load_procedures(SYSTEM)


def personal_id(born_on: date, province: str = "019", last: int = 1) -> str:
    """A personal id number that fits a date of birth."""
    century = {19: 0, 20: 2}[born_on.year // 100]
    return f"{province}{century}{born_on.year % 100:02d}{last:06d}"


def application(
    owner: Person | None = None, submitted: bool = True, name: str = "Chè Hảo Đạt", **who: Any
) -> Farm:
    """A household's farm with all its steps filled in, and handed in unless told."""
    owner = owner or person("Trần Văn Hảo")
    by, born_on = Actor.of(owner.id), date(1980, 5, 20)
    procedures()
    with transaction():
        db.session.get_one(Person, owner.id).phone_verified_at = clock.now()
        made = farmers.start(owner, by)
        farmers.save_who(
            made,
            **{
                "kind": FarmKind.HOUSEHOLD,
                "full_name": owner.name,
                "born_on": born_on,
                "personal_id": personal_id(born_on),
                "by": by,
                **who,
            },
        )
        farmers.save_farm(made, name, "0912345678", by, story="Ba đời làm chè.")
        farmers.save_address(made, "19", "05503", "Xóm Hồng Thái 2", by)
        farmers.save_payment(
            made, PayBy.BANK, by, bank_bin="970405", number="1234567890", holder=as_printed(owner.name)
        )
        if submitted:
            farmers.submit(made, by)
    return made


def as_printed(name: str) -> str:
    """A name as a bank prints it: TRAN VAN HAO."""
    return slug(name).replace("-", " ").upper()


def approved_farm(owner: Person | None = None, reviewer: Person | None = None, **facts: Any) -> Farm:
    """A farm that came on board the whole way: its dossier received, appraised, approved."""
    made = application(owner, **facts)
    by = Actor.of((reviewer or person("Lê Thị Thẩm", Role.REVIEWER)).id)
    with transaction():
        dossier = farm_queries.dossier_of(made)
        assert dossier is not None
        dossiers.receive(dossier, by)
        dossiers.appraise(dossier, by)
        dossiers.approve(dossier, by)
    return made
