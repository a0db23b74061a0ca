"""What can be done in the practice market that nobody does in the real one: people and papers that come when asked."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.catalog import looks
from marketplace.catalog import queries as goods
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Product, ProductState
from marketplace.checkout import service as checkout
from marketplace.checkout.models import Cart
from marketplace.checkout.service import Details
from marketplace.farmers import queries as farm_queries
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm, FarmState, PayBy
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, new_code
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import service as payments
from marketplace.payments.models import Payment, PaymentState
from marketplace.places import queries as places
from marketplace.places import service as points
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries as parcels
from marketplace.shipping import service as shipping
from marketplace.shipping.models import Parcel, ParcelState, ScanKind
from marketplace.training.bridge import HandOff

HOME = "05503"
"""Where a learner's practice farm stands when their own commune is not known: Tân Cương."""
BUYER = ("Khách tập", "+84900000999", "01", "00166", "Số 1, phố Tập")
BANK_BIN = "970405"
PATIENCE = timedelta(days=60)
"""Longer than any money is held."""
HOURS = "1-7 07:00-21:00"


def come_in(hand_off: HandOff) -> Person:
    """The learner's practice self, with a farm that is open: made the first time, found again after. The number is made
    up, so that no practice message ever goes to a telephone."""
    person = db.session.scalar(select(Person).where(Person.code == hand_off.person))
    if person is None:
        person = Person(
            code=hand_off.person,
            name=hand_off.name,
            phone=_made_up_number(hand_off.person),
            phone_verified_at=clock.now(),
            data_consent_at=clock.now(),
            language=hand_off.language,
        )
        db.session.add(person)
        db.session.flush()
    # They read here as they read in the real market, whatever they read last time.
    person.language = hand_off.language
    if farm_queries.my_farm(person) is None:
        _open_farm(person, hand_off.commune or HOME)
    return person


def begin_again(person: Person) -> None:
    """All of it new by one tap: the old farm is closed with what was on its shelf, another one is opened."""
    by = Actor.of(person.id)
    farm = farm_queries.my_farm(person)
    commune = farm.commune_code if farm is not None else None
    if farm is not None:
        farmers.close(farm, by)
    _open_farm(person, commune or HOME)


def bring_order(person: Person) -> Order:
    """A practice buyer orders one pack of what the learner sells, to pay at the door; a practice reviewer has looked at
    what waited for it. Raises Refusal when nothing is on sale yet."""
    farm = _farm(person)
    _look_at_what_waits(farm)
    products = db.session.scalars(
        select(Product)
        .where(Product.farm_id == farm.id, Product.state == ProductState.ON_SALE)
        .order_by(Product.id.desc())
    )
    pack = next((pack for one in products for pack in one.packs if pack.available > 0), None)
    if pack is None:
        raise Refusal(_("Chưa có món nào đang bán còn hàng. Hãy đăng một món trước, rồi gọi khách tập."))
    name, phone, province, commune, street = BUYER
    cart = Cart(token=new_code(length=20), touched_at=clock.now())
    db.session.add(cart)
    db.session.flush()
    checkout.add(cart, pack.code, 1)
    till = checkout.prepare(cart, commune, True)
    if any(part.chosen is None for part in till.parts):
        raise Refusal(_("Món này không gửi được tới khách tập. Hãy thử một món khác."))
    details = Details(
        name=name, phone=phone, province_code=province, commune_code=commune, street=street,
        note=_("Đây là đơn tập: không có hàng thật, không có tiền thật.").text, payment_method="cod",
        services={part.farm.code: part.chosen.code for part in till.parts if part.chosen},
        expected_total_dong=till.total_dong, once=new_code(length=20), is_word_given=True,
    )  # fmt: skip
    checkout.keep_quotes(cart.code, till)
    order = checkout.place_order(cart, details, Actor.guest())
    db.session.delete(cart)
    return order


def _look_at_what_waits(farm: Farm) -> None:
    """A new farm's first goods are looked at by the market: in practice that takes no time."""
    reviewer = Actor.of(accounts.add_person("Người xem tập", "0900000995", [Role.REVIEWER], SYSTEM).id)
    for product in goods.products_of(farm):
        review = looks.waiting_for(product)
        if review is not None:
            catalog.accept_listing(review, reviewer)
    db.session.flush()


WAY: dict[ParcelState, tuple[ScanKind, ...]] = {
    ParcelState.BOOKED: (ScanKind.DROPPED_OFF,),
    ParcelState.ASKED: (ScanKind.DROPPED_OFF,),
    ParcelState.DROPPED_OFF: (ScanKind.IN_TRANSIT, ScanKind.AT_POINT),
    ParcelState.PICKED_UP: (ScanKind.IN_TRANSIT, ScanKind.AT_POINT),
    ParcelState.IN_TRANSIT: (ScanKind.AT_POINT,),
    ParcelState.AT_POINT: (ScanKind.OUT_FOR_DELIVERY, ScanKind.DELIVERED),
    ParcelState.OUT_FOR_DELIVERY: (ScanKind.DELIVERED,),
}


def carry_on(person: Person) -> Parcel:
    """The practice clerk takes the oldest parcel one stage further: taken at the counter, on its way, delivered and
    paid."""
    for parcel in _parcels(_farm(person)):
        for kind in WAY.get(parcel.state, ()):
            at_farm = kind in (ScanKind.DROPPED_OFF, ScanKind.IN_TRANSIT)
            shipping.record_scan(
                parcel.tracking,
                kind,
                Actor.of(_clerk().id),
                parcel.origin_point if at_farm else parcel.destination_point,
                weight_grams=parcel.weight_grams if kind is ScanKind.DROPPED_OFF else None,
            )
        if parcel.state in WAY or parcel.state is ParcelState.DELIVERED:
            return parcel
    raise Refusal(_("Chưa có bưu gửi nào. Hãy nhận đơn trước, rồi nhờ bưu điện tập lấy hàng."))


def pay_out(person: Person) -> None:
    """The days of waiting pass at once: the post pays its cash in, the list is made, approved, sent and settled. Other
    learners' money that waits comes too: there is one bank. Raises Refusal when nothing of this learner's waits."""
    farm = _farm(person)
    by, second = (Actor.of(one.id) for one in _office())
    with clock.looking_back(-PATIENCE):
        cash = db.session.scalars(
            select(Payment)
            .join(FarmOrder, FarmOrder.id == Payment.farm_order_id)
            .where(FarmOrder.farm_id == farm.id, Payment.state == PaymentState.COLLECTED)
        ).all()
        payments.remit_cod(cash, by)
        batches = payments.batch_due(clock.today(), by)
        if not any(slip.farm_id == farm.id for batch in batches for slip in batch.slips):
            raise Refusal(_("Chưa có khoản nào chờ trả. Hãy giao xong một đơn trước."))
        for batch in batches:
            payments.approve_batch(batch, second)
            payments.send_batch(batch, "TAP", by)
            for slip in batch.slips:
                payments.settle(slip, by)


def _office() -> tuple[Person, Person]:
    """Who makes the list of payments, and who looks at it a second time."""
    return (
        accounts.add_person("Thủ quỹ tập", "0900000997", [Role.CASHIER], SYSTEM),
        accounts.add_person("Quản trị tập", "0900000996", [Role.ADMIN], SYSTEM),
    )


def waiting(person: Person) -> Sequence[Parcel]:
    """The parcels the practice post has not finished with."""
    farm = farm_queries.my_farm(person)
    return [one for one in _parcels(farm) if one.state in WAY] if farm is not None else []


def _parcels(farm: Farm) -> Sequence[Parcel]:
    return [
        parcel
        for part in db.session.scalars(
            select(FarmOrder)
            .where(
                FarmOrder.farm_id == farm.id,
                FarmOrder.state.in_([FarmOrderState.ACCEPTED, FarmOrderState.HANDED_OVER]),
            )
            .order_by(FarmOrder.id)
        )
        for parcel in parcels.parcels_of(part)
        if parcel.state in WAY
    ]


def _farm(person: Person) -> Farm:
    farm = farm_queries.my_farm(person)
    if farm is None or farm.state is not FarmState.OPEN:
        raise Refusal(_("Gian hàng tập chưa mở. Hãy bấm “Làm lại từ đầu”."))
    return farm


def _open_farm(person: Person, commune_code: str) -> Farm:
    by = Actor.of(person.id)
    commune = places.commune(commune_code) or places.commune(HOME)
    assert commune is not None
    _point(commune.code)
    _point(BUYER[3])
    farm = farmers.start(person, by)
    farmers.save_farm(
        farm,
        _("Gian hàng tập của %(name)s", name=person.name).text % {"name": person.name},
        person.phone or "",
        by,
    )
    farmers.save_address(farm, commune.province_code, commune.code, "Xóm Tập", by)
    farmers.save_payment(farm, PayBy.BANK, by, bank_bin=BANK_BIN, number="0000000000", holder="CHO TAP")
    farmers.open_farm(farm, SYSTEM)
    return farm


def _point(commune_code: str) -> ServicePoint:
    """A counter in the commune, open all week: practice has no lunch break."""
    found = db.session.scalar(select(ServicePoint).where(ServicePoint.commune_code == commune_code))
    if found is not None:
        return found
    commune = places.commune(commune_code)
    assert commune is not None
    return points.open_point(
        name=f"Bưu điện tập {commune.short_name}",
        commune_code=commune_code,
        street="Quầy tập",
        position=places.Position(commune.lat, commune.lon),
        hours=points.read_hours(HOURS),
        by=SYSTEM,
    )


def _clerk() -> Person:
    return accounts.add_person("Giao dịch viên tập", "0900000998", [Role.CLERK], SYSTEM)


def _made_up_number(code: str) -> str:
    """A number of a range no operator gives out, always the same for one person."""
    return f"+8490{int(fingerprint(code, 'practice number')[:12], 16) % 10_000_000:07d}"
