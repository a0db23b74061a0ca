"""Short supply and true weight: price, discount, freight, refund and stock follow, with a trail, within what was agreed."""

import pytest
from sqlalchemy import select

from marketplace.catalog import service as catalog
from marketplace.catalog.service import PackDetails
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, IfShort, OrderLine, SupplyChange
from marketplace.orders.supply import Freight, Supplied
from marketplace.payments import ledger
from marketplace.payments.models import Payment, Payout, Refund
from marketplace.shipping.models import Parcel
from tests import cast, make, shopping


@pytest.fixture
def crab(app):
    """Crabs by the kilogram: a pack of 500 g at 400.000 đ."""
    shopping.rules()
    farm = make.farm("Vuông cua Năm Căn", owner=cast.farmer_an(), commune_code="32191", province_code="96")
    return make.product(of=farm, name="Cua gạch", stock=10, packs=[PackDetails(400_000, grams=500)])


def part_of(crab, quantity=4, state="accepted", if_short=IfShort.LESS, **order) -> FarmOrder:
    made = make.order((crab, quantity), state=state, if_short=if_short, **order)
    return made.farm_orders[0]


def supply(part, quantity, grams=None, freight=None, is_agreed=False, reason="bão"):
    with transaction():
        found = db.session.get_one(FarmOrder, part.id)
        line = found.lines[0]
        return orders.supply_less(
            found, {line.id: Supplied(quantity, grams)}, reason, SYSTEM, is_agreed=is_agreed, freight=freight
        )


def well():
    db.session.rollback()
    assert ledger.check() == []
    assert catalog.check_stock() == []


def numbers():
    found = shopping.counted()
    return found["on hand"], found["held"]


def test_fewer_at_the_door_costs_less_and_leaves_the_shelf(crab):
    part = part_of(crab)
    assert db.session.scalars(select(Parcel.cod_dong)).one() == 1_640_000
    supply(part, 3, freight=Freight(25_000, 10_000))
    db.session.expire_all()
    assert (part.goods_dong, part.shipping_dong, part.total_dong, part.short_dong) == (
        1_200_000, 25_000, 1_235_000, 405_000,
    )  # fmt: skip
    assert db.session.scalars(select(Payment.amount_dong)).one() == 1_235_000
    assert db.session.scalars(select(Parcel.cod_dong)).one() == 1_235_000
    assert numbers() == (9, 3)
    well()
    for deed in (orders.hand_over, orders.deliver):
        with transaction():
            deed(db.session.get_one(FarmOrder, part.id), SYSTEM)
    payout = db.session.scalars(select(Payout)).one()
    assert payout.amount_dong + payout.tax_dong + payout.commission_dong == 1_200_000
    assert numbers() == (6, 0)
    well()


def test_fewer_when_paid_before_gives_the_difference_back(crab, sent):
    part = part_of(crab, payment_method="vietqr")
    supply(part, 3)
    assert db.session.scalars(select(Refund.amount_dong)).one() == 400_000
    assert "400.000" in sent.text(template="orders/short")
    well()
    supply(part, 2)
    assert sum(db.session.scalars(select(Refund.amount_dong))) == 800_000
    well()
    with transaction():
        orders.cancel(db.session.get_one(FarmOrder, part.id), "", SYSTEM)
    received = db.session.scalars(select(Payment.received_dong)).one()
    assert sum(db.session.scalars(select(Refund.amount_dong))) == received
    assert numbers() == (8, 0)
    well()


def test_true_weight_makes_it_cheaper_and_never_dearer(crab):
    part = part_of(crab, 2)
    supply(part, 2, grams=940)
    db.session.expire_all()
    assert (part.goods_dong, part.lines[0].less_dong, part.lines[0].real_grams) == (752_000, 48_000, 940)
    supply(part, 2, grams=1_060)
    db.session.expire_all()
    assert part.goods_dong == 752_000, "what the buyer was told costs less does not cost more again"
    well()


def test_the_trail_says_what_was_and_what_is(crab):
    part = part_of(crab)
    supply(part, 3, reason="hai con chết")
    change = db.session.scalars(select(SupplyChange)).one()
    assert change.less_dong == 400_000 and change.reason == "hai con chết"
    assert change.lines[0]["was"]["quantity"] == 4 and change.lines[0]["is"]["quantity"] == 3
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "farm_order.short")).one()


def test_said_again_nothing_happens(crab):
    part = part_of(crab)
    assert supply(part, 3) is not None
    assert supply(part, 3) is None
    assert len(db.session.scalars(select(SupplyChange)).all()) == 1


@pytest.mark.parametrize("quantity", [-1, 5, 10**9])
def test_more_than_ordered_is_refused(crab, quantity):
    part = part_of(crab)
    with pytest.raises(Refusal):
        supply(part, quantity)
    assert numbers() == (10, 4)


@pytest.mark.parametrize("grams", [0, -5, 10**8])
def test_a_weight_that_cannot_be_is_refused(crab, grams):
    with pytest.raises(Refusal):
        supply(part_of(crab), 4, grams=grams)
    assert numbers() == (10, 4)


def test_nothing_left_is_a_refusal_of_the_order(crab):
    with pytest.raises(Refusal, match="Không còn món nào"):
        supply(part_of(crab), 0)


@pytest.mark.parametrize("if_short", [IfShort.CALL, IfShort.CANCEL])
def test_what_the_buyer_did_not_agree_to_needs_a_call(crab, if_short):
    part = part_of(crab, if_short=if_short)
    with pytest.raises(Refusal):
        supply(part, 3)
    assert supply(part, 3, is_agreed=True).is_agreed_by_call
    well()


def test_past_half_is_always_asked(crab):
    part = part_of(crab)
    with pytest.raises(Refusal, match="quá nửa"):
        supply(part, 1)
    supply(part, 1, is_agreed=True)


@pytest.mark.parametrize("state", ["handed_over", "cancelled", "delivered"])
def test_too_late(crab, state):
    with pytest.raises(Conflict):
        supply(part_of(crab, state=state), 3)


def test_freight_never_rises(crab):
    part = part_of(crab)
    supply(part, 3, freight=Freight(90_000, 90_000))
    db.session.expire_all()
    assert (part.shipping_dong, part.cod_fee_dong) == (30_000, 10_000)


def test_the_farms_page(visit, crab):
    part = part_of(crab, if_short=IfShort.CALL)
    farmer = visit.sign_in(cast.farmer_an())
    line = db.session.scalars(select(OrderLine)).one()
    action = f"/sell/orders/{part.code}/supply"
    form = farmer(f"/sell/orders/{part.code}").form(action)
    for changes in (
        {f"quantity-{line.code}": "ba"},
        {f"quantity-{line.code}": "9"},
        {f"grams-{line.code}": "-1"},
    ):
        form.submit(422, **changes)
    assert "được gọi trước" in form.submit(422, **{f"quantity-{line.code}": "3"})
    page = form.submit(**{f"quantity-{line.code}": "3", "is_agreed": "y", "why": "một con chết"})
    assert "Khách được báo" in page
    buyer = visit.another()
    shown = buyer(part.order.path)
    assert "một con chết" in shown and "Đã đặt 4, nhà vườn gửi 3." in shown
    form.submit(**{f"quantity-{line.code}": "3", "is_agreed": "y"})
    well()
