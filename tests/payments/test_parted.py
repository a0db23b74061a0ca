"""Parcels of one order that end differently: one taken, one refused. Money, freight, stock and the voucher follow."""

import pytest

from marketplace.catalog import service as catalog
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict
from marketplace.orders.models import FarmOrderState
from marketplace.payments import ledger, service
from marketplace.payments.models import LedgerEntry, Payment, PaymentState, Payout, Refund
from marketplace.shipping import parting, queries
from tests import cast, make, parcels
from tests.payments.test_service import one
from tests.shopping import counted

pytestmark = pytest.mark.database("sqlite")

TAKEN = ("dropped_off", "in_transit", "at_point", "delivered")
CAME_BACK = ("dropped_off", "in_transit", "out_for_delivery", "failed", "returning", "returned")


def parted(first=TAKEN, second=CAME_BACK, **how):
    """Two boxes of 12 kg, a parcel each; with cash, the first parcel takes it."""
    heavy = make.product(
        make.farm("Chè Hảo Đạt", owner=cast.farmer_an()),
        stock=10,
        packs=[make.PackDetails(500_000, grams=12_000)],
    )
    story = parcels.Story((heavy, 2), **how)
    for parcel, ways in zip(story.parcels, (first, second), strict=True):
        for kind in ways:
            story.machine(kind, parcel=parcel)
    db.session.expire_all()
    return story


def say_what_came_back(visit, story, status=200, goods="good", **typed):
    farmer = visit.sign_in(cast.farmer_an())
    at = f"/sell/orders/{story.farm_order.code}"
    (line,) = story.farm_order.lines
    return (
        farmer(at)
        .form(f"{at}/parcels-back")
        .submit(status, **{f"back-{line.code}": "1", "goods": goods, **typed})
    )


def well(story):
    db.session.expire_all()
    assert story.farm_order.state is FarmOrderState.DELIVERED
    assert service.check_ledger() == [] and catalog.check_stock() == []


def test_cash_was_taken_with_the_parcel_that_was_kept(visit):
    story = parted()
    with transaction():
        service.collect_cod(story.farm_order, story.clerk)
    whole = one(Payment).received_dong
    say_what_came_back(visit, story)
    well(story)
    payment, refund, payout = one(Payment), one(Refund), one(Payout)
    assert (payment.state, payment.received_dong) == (PaymentState.COLLECTED, whole)
    assert refund.amount_dong == 500_000 == whole - story.farm_order.total_dong
    assert payout.amount_dong == 500_000
    assert counted()["on hand"] == 9
    # The buyer paid the way there; the way back of half the weight is half of it, by the dated rule half of that.
    (back,) = [
        line
        for line in db.session.query(LedgerEntry).filter_by(kind="carried_back").one().lines
        if line.account == ledger.CARRIER
    ]
    assert 0 <= -4 * back.amount_dong - story.farm_order.shipping_dong <= 3
    # Said again it is the same.
    with transaction():
        parting.part_ways(story.farm_order, {story.farm_order.lines[0].id: 1}, True, story.clerk)
    well(story)
    assert counted()["on hand"] == 9


def test_the_parcel_with_the_cash_was_refused_and_only_what_was_kept_is_asked_of_the_post(visit):
    story = parted(first=CAME_BACK, second=TAKEN)
    assert one(Payment).state is PaymentState.EXPECTED
    say_what_came_back(visit, story, goods="spoilt")
    well(story)
    payment = one(Payment)
    assert (payment.state, payment.received_dong) == (PaymentState.COLLECTED, story.farm_order.total_dong)
    assert db.session.query(Refund).count() == 0
    assert counted()["on hand"] == 8


def test_paid_before_with_a_voucher_which_stays_used(visit):
    story = parted(payment_method="vietqr", is_paid=True, voucher_code="CHEMOI", market_discount_dong=100_000)
    say_what_came_back(visit, story)
    well(story)
    # Half of the goods, half of what was given off for them; the way there stays paid.
    assert one(Refund).amount_dong == 450_000 == one(Payment).received_dong - story.farm_order.total_dong
    assert (story.farm_order.market_discount_dong, story.order.voucher_code) == (50_000, "CHEMOI")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"back": "0"}, "Hãy ghi món nào đã về"),
        ({"back": "2"}, "không thể mọi món đều về"),
        ({"back": "3"}, "ghi từ 0 đến 2"),
        ({"back": "một"}, "hãy ghi số nguyên"),
        ({"goods": ""}, "Hãy chọn hàng còn tốt hay hỏng"),
    ],
)
def test_what_cannot_have_come_back_is_said_and_nothing_moves(visit, typed, says):
    story = parted()
    (line,) = story.farm_order.lines
    if "back" in typed:
        typed = {f"back-{line.code}": typed["back"]}
    assert says in say_what_came_back(visit, story, 422, **typed)
    db.session.expire_all()
    assert story.farm_order.state is FarmOrderState.RETURNING
    assert db.session.query(Payout).count() == 0 and counted()["on hand"] == 8


def test_not_while_a_parcel_is_still_on_its_way(app):
    story = parted(second=CAME_BACK[:-1])
    with pytest.raises(Conflict, match="Còn kiện đang trên đường"), transaction():
        parting.part_ways(story.farm_order, {story.farm_order.lines[0].id: 1}, True, story.clerk)
    assert not parting.ended_differently(story.farm_order)
    assert queries.parcels_of(story.farm_order)[0].state.value == "delivered"
