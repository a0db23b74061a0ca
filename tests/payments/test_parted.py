"""Parcels of one order that end differently: one taken, one refused, lost or thrown away. Money, freight, stock, the
voucher and what the farm is paid follow by themselves."""

import pytest

from marketplace.catalog import service as catalog
from marketplace.catalog.models import Handling
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.orders.supply import Supplied
from marketplace.payments import ledger, service
from marketplace.payments import queries as money
from marketplace.payments.models import (
    LedgerEntry,
    Payment,
    PaymentState,
    Payout,
    PayoutKind,
    Refund,
    RefundCause,
)
from marketplace.shipping import parting, queries
from marketplace.shipping import service as shipping
from marketplace.shipping.models import Parcel
from tests import cast, make, parcels
from tests.payments.test_service import one
from tests.shopping import counted

pytestmark = pytest.mark.database("sqlite")

TAKEN = ("dropped_off", "in_transit", "at_point", "delivered")
CAME_BACK = ("dropped_off", "in_transit", "out_for_delivery", "failed", "returning", "returned")
LOST = ("dropped_off", "in_transit", "lost")


def heavy(packs=2, **how):
    """Boxes of 12 kg, a parcel each; with cash, the first parcel takes it."""
    made = make.product(
        make.farm("Chè Hảo Đạt", owner=cast.farmer_an()),
        stock=10,
        packs=[make.PackDetails(500_000, grams=12_000)],
    )
    return parcels.Story((made, packs), **how)


def parted(first=TAKEN, second=CAME_BACK, *others, **how):
    story = heavy(2 + len(others), **how)
    for parcel, ways in zip(story.parcels, (first, second, *others), strict=True):
        for kind in ways:
            story.machine(kind, parcel=parcel)
    db.session.expire_all()
    return story


def look(visit, story, goods="good"):
    """The farm says what came back with the parcel nobody took: good, or spoilt."""
    farmer = visit.sign_in(cast.farmer_an())
    says = "Còn tốt, nhập lại kho" if goods == "good" else "Hỏng, không bán được"
    at = f"/sell/orders/{story.farm_order.code}"
    page = farmer(at).form(f"{at}/restocking", says).submit()
    db.session.expire_all()
    return page


def well(story, state=FarmOrderState.DELIVERED):
    db.session.expire_all()
    assert story.farm_order.state is state
    assert service.check_ledger() == [] and catalog.check_stock() == []


def test_a_parcel_knows_its_packs(app):
    story = heavy(3)
    assert [[line.quantity for line in parcel.lines] for parcel in story.parcels] == [[1], [1], [1]]


def test_cash_was_taken_with_the_parcel_that_was_kept(visit):
    story = heavy()
    first, second = story.parcels
    for kind in TAKEN:
        story.machine(kind, parcel=first)
    whole = one(Payment).received_dong
    assert (one(Payment).state, whole) == (PaymentState.COLLECTED, first.cod_dong)
    for kind in CAME_BACK:
        story.machine(kind, parcel=second)
    well(story)
    payment, refund, payout = one(Payment), one(Refund), one(Payout)
    assert (payment.state, payment.received_dong) == (PaymentState.COLLECTED, whole)
    assert refund.amount_dong == 500_000 == whole - story.farm_order.total_dong
    assert refund.cause is RefundCause.RETURNED and payout.amount_dong == 500_000
    # The buyer paid the way there; the way back of half the weight is half of it, by the dated rule half of that.
    (back,) = [
        line
        for line in db.session.query(LedgerEntry).filter_by(kind="carried_back").one().lines
        if line.account == ledger.CARRIER
    ]
    assert 0 <= -4 * back.amount_dong - story.farm_order.shipping_dong <= 3
    # The farm looks at what came back; said again it is the same.
    assert counted()["on hand"] == 8
    assert "Khách đã nhận một phần" in visit.sign_in(cast.farmer_an())(
        f"/sell/orders/{story.farm_order.code}"
    )
    look(visit, story)
    assert counted()["on hand"] == 9
    with transaction():
        parting.look_at(story.farm_order, True, story.clerk)
        parting.settle(story.farm_order, story.clerk)
    well(story)
    assert counted()["on hand"] == 9


def test_the_parcel_with_the_cash_was_refused_and_only_what_was_kept_is_asked_of_the_post(visit):
    """A carrier's machine says it handed out the other one: the post answers for the cash."""
    story = parted(first=CAME_BACK, second=TAKEN)
    well(story)
    payment = one(Payment)
    assert (payment.state, payment.received_dong) == (PaymentState.COLLECTED, story.farm_order.total_dong)
    assert db.session.query(Refund).count() == 0
    look(visit, story, "spoilt")
    assert counted()["on hand"] == 8
    well(story)


@pytest.mark.parametrize(
    ("paying", "says"),
    [(TAKEN[:3], "Tiền cả đơn thu cùng kiện"), (CAME_BACK[:5], "Hãy chuyển hoàn cả kiện này")],
)
def test_nobody_hands_out_a_parcel_before_the_one_that_takes_the_cash(app, paying, says):
    story = parted(first=paying, second=TAKEN[:3])
    with pytest.raises(Conflict, match=says):
        story.scan("delivered", story.there, parcel=story.parcels[1])
    assert queries.parcels_of(story.farm_order)[1].state.value == "at_point"
    assert one(Payment).state is PaymentState.EXPECTED


def test_paid_before_with_a_voucher_which_stays_used(visit):
    story = parted(payment_method="vietqr", is_paid=True, voucher_code="CHEMOI", market_discount_dong=100_000)
    well(story)
    # Half of the goods, half of what was given off for them; the way there stays paid.
    assert one(Refund).amount_dong == 450_000 == one(Payment).received_dong - story.farm_order.total_dong
    assert (story.farm_order.market_discount_dong, story.order.voucher_code) == (50_000, "CHEMOI")


def test_one_lost_and_one_taken(visit):
    """Paid before: the lost one's goods and its half of the freight go back at once; the post makes it good."""
    story = parted(first=LOST, second=(), payment_method="vietqr", is_paid=True)
    shipping_dong = story.farm_order.shipping_dong
    refund = one(Refund)
    assert refund.cause is RefundCause.LOST
    assert abs(refund.amount_dong - 500_000 - shipping_dong // 2) <= 1
    assert story.farm_order.state is FarmOrderState.HANDED_OVER
    page = visit(story.order.path)
    assert "Có món không tới tay bạn" in page and "Đã đặt 2, nay tính 1." in page
    assert "Nhà vườn gửi ít hơn" not in page and "nhà vườn gửi 1" not in page, "the post lost it"
    for kind in TAKEN:
        story.machine(kind, parcel=story.parcels[1])
    well(story)
    assert (one(Payout).amount_dong, story.farm_order.lost_dong) == (500_000, 500_000)
    assert one(Payment).received_dong - refund.amount_dong == story.farm_order.total_dong
    assert -ledger.balance(ledger.CARRIER) == shipping_dong // 2 or -ledger.balance(ledger.CARRIER) == -(
        -shipping_dong // 2
    )
    admin = visit.sign_in(cast.admin())
    admin("/admin/money/payouts").form(f"/admin/money/lost/{story.farm_order.code}/compensation").submit()
    made_good = db.session.query(Payout).filter_by(kind=PayoutKind.COMPENSATION).one()
    assert made_good.amount_dong == 500_000
    assert money.lost_without_compensation() == []
    well(story)
    assert counted()["on hand"] == 8


def test_the_parcel_with_the_cash_is_lost_and_the_next_one_takes_what_is_left(app):
    story = parted(first=LOST, second=TAKEN[:3])
    lost, other = story.parcels
    assert (lost.cod_dong, other.cod_dong) == (0, story.farm_order.total_dong)
    assert one(Payment).amount_dong == story.farm_order.total_dong < story.order.total_dong
    story.machine("delivered", parcel=other)
    well(story)
    assert one(Payment).received_dong == story.farm_order.total_dong
    assert db.session.query(Refund).count() == 0


def test_the_cash_was_taken_and_then_the_other_parcel_is_lost(visit):
    """A carrier's machine says so: the post has the whole sum, and what was lost goes back to the buyer."""
    story = parted(first=TAKEN, second=LOST)
    well(story)
    payment, refund = one(Payment), one(Refund)
    assert (payment.state, payment.received_dong) == (PaymentState.COLLECTED, story.parcels[0].cod_dong)
    assert refund.cause is RefundCause.LOST
    assert refund.amount_dong == payment.received_dong - story.farm_order.total_dong
    assert f"{refund.amount_dong:,}".replace(",", ".") in visit(story.order.path)
    with transaction():
        assert service.remit_cod([payment], story.clerk) == payment.received_dong
    well(story)
    assert (one(Payment).state, one(Payout).amount_dong) == (PaymentState.REMITTED, 500_000)


def test_one_lost_and_one_back(visit):
    """The buyer has nothing and pays nothing; the farm looks at one, the post makes the other good."""
    story = parted(first=CAME_BACK, second=LOST)
    well(story, FarmOrderState.RETURNED)
    assert one(Payment).state is PaymentState.CANCELLED
    look(visit, story)
    assert counted()["on hand"] == 9
    with transaction():
        assert service.compensate(story.farm_order, story.clerk).amount_dong == 500_000
    well(story, FarmOrderState.RETURNED)


def test_one_taken_one_back_one_lost_then_all_claimed_back(visit):
    story = parted(TAKEN, CAME_BACK, LOST, payment_method="vietqr", is_paid=True)
    well(story)
    assert one(Payout).amount_dong == 500_000
    refunds = db.session.query(Refund).order_by(Refund.id).all()
    assert (
        sum(refund.amount_dong for refund in refunds)
        == one(Payment).received_dong - story.farm_order.total_dong
    )
    look(visit, story)
    assert counted()["on hand"] == 8


def test_both_lost_one_after_the_other(app):
    story = parted(LOST, LOST, payment_method="vietqr", is_paid=True)
    well(story, FarmOrderState.LOST)
    assert sum(one.amount_dong for one in db.session.query(Refund)) == one(Payment).received_dong
    with transaction():
        assert service.compensate(story.farm_order, story.clerk).amount_dong == 1_000_000
    well(story, FarmOrderState.LOST)


def test_cold_goods_are_thrown_away_and_the_dry_ones_come_back(visit, monkeypatch):
    """The disposal ends the order by itself; only what truly came back can be sold again."""
    farm = make.farm("Chè Hảo Đạt", owner=cast.farmer_an())
    dry, cold = make.product(farm, stock=5), make.product(farm, stock=5, handling=Handling.FRESH)
    story = parcels.Story((dry, 1), (cold, 1), payment_method="vietqr", is_paid=True)
    chilled, boxed = sorted(story.parcels, key=lambda parcel: "fresh" not in parcel.signs)
    for kind, point in zip(TAKEN[:3], (story.here, story.here, story.there), strict=True):
        story.scan(kind, point, parcel=chilled)
    for kind in CAME_BACK:
        story.machine(kind, parcel=boxed)
    monkeypatch.setattr("marketplace.shipping.spoiling.is_given_up", lambda *_: True)
    with transaction():
        shipping.dispose(chilled.tracking, "hỏng", story.clerk, story.there)
    well(story, FarmOrderState.RETURNED)
    look(visit, story)
    assert [variant.on_hand for product in (dry, cold) for variant in product.variants] == [5, 4]
    well(story, FarmOrderState.RETURNED)


# -- where nobody knows what lay in a parcel ------------------------------------------------------------------------


def unknown(first=TAKEN, second=CAME_BACK, **how):
    """Parcels made before it was kept what lies in them."""
    story = heavy(**how)
    with transaction():
        for parcel in story.parcels:
            parcel.lines.clear()
    for parcel, ways in zip(story.parcels, (first, second), strict=True):
        for kind in ways:
            story.machine(kind, parcel=parcel)
    db.session.expire_all()
    return story


def say_what_lay_in(visit, story, count, status=200):
    (asked,) = parting.parcels_to_ask(story.farm_order)
    (line,) = story.farm_order.lines
    name = f"in-{asked.code}-{line.code}"
    at = f"/sell/orders/{story.farm_order.code}"
    page = visit.sign_in(cast.farmer_an())(at).form(f"{at}/parcels-back").submit(status, **{name: count})
    db.session.expire_all()
    return page


def test_the_farm_is_asked_and_the_rest_follows(visit):
    story = unknown(payment_method="vietqr", is_paid=True)
    assert story.farm_order.state is not FarmOrderState.DELIVERED and db.session.query(Payout).count() == 0
    say_what_lay_in(visit, story, "1")
    well(story)
    assert one(Payout).amount_dong == 500_000


def test_what_was_lost_the_buyer_claims(visit):
    story = unknown(second=LOST, payment_method="vietqr", is_paid=True)
    well(story)
    assert one(Payout).amount_dong == 1_000_000 and story.said()[-1] == "shipping/part_lost"


@pytest.mark.parametrize(
    ("count", "says"),
    [
        ("0", "Hãy ghi món nào nằm trong kiện"),
        ("2", "không thể mọi món đều về"),
        ("3", "ghi từ 0 đến 2"),
        ("một", "hãy ghi số nguyên"),
    ],
)
def test_what_cannot_have_lain_there_is_said_and_nothing_moves(visit, count, says):
    story = unknown()
    assert says in say_what_lay_in(visit, story, count, 422)
    assert story.farm_order.state is FarmOrderState.RETURNING
    assert db.session.query(Payout).count() == 0 and counted()["on hand"] == 8


def test_not_while_a_parcel_is_still_on_its_way(app):
    story = unknown(second=CAME_BACK[:-1])
    back = story.parcels[1]
    with pytest.raises(Conflict, match="Còn kiện đang trên đường"), transaction():
        parting.say_what_lay_in(story.farm_order, {back.id: {story.farm_order.lines[0].id: 1}}, story.clerk)
    assert parting.parcels_to_ask(story.farm_order) == []
    assert queries.parcels_of(story.farm_order)[0].state.value == "delivered"


# -- packs move between boxes ---------------------------------------------------------------------------------------


def packs():
    return make.product(
        make.farm(owner=cast.farmer_an()), stock=9, packs=[make.PackDetails(90_000, grams=1_000)]
    )


def test_a_split_says_which_packs_go(visit):
    story = parcels.Story((packs(), 3))
    (line,) = story.farm_order.lines
    path = f"/sell/orders/{story.farm_order.code}"
    farmer = visit.sign_in(cast.farmer_an())
    form = farmer(f"{path}/label").form(f"{path}/parcels/{story.parcel.tracking}/pieces")
    for typed, says in (
        ("0", "món nào sang gói thứ hai"),
        ("3", "còn lại ít nhất một món"),
        ("4", "ghi từ 0 đến 3"),
    ):
        assert says in form.submit(422, **{f"packs-{line.code}": typed})
        db.session.expire_all()
        assert [
            [one.quantity for one in parcel.lines] for parcel in queries.parcels_of(story.farm_order)
        ] == [[3]]
    form.submit(**{f"packs-{line.code}": "1"})
    db.session.expire_all()
    first, second = queries.parcels_of(story.farm_order)
    assert ([one.quantity for one in first.lines], [one.quantity for one in second.lines]) == ([2], [1])
    assert second.weight_grams == line.weight_grams
    with transaction():
        renewed = shipping.rebook(second, story.clerk)
    assert [one.quantity for one in renewed.lines] == [1]
    with pytest.raises(Refusal, match="ghi từ 0 đến 1"), transaction():
        shipping.split(renewed, 100, story.clerk, {line.id: 2})


def test_a_parcel_with_nothing_left_in_it_is_not_sent_and_its_cash_goes_with_the_next(app):
    story = heavy(3)
    (line,) = story.farm_order.lines
    with transaction():
        orders.supply_less(story.farm_order, {line.id: Supplied(1)}, "bão", story.clerk, is_agreed=True)
    (parcel,) = queries.parcels_of(story.farm_order)
    assert ([one.quantity for one in parcel.lines], parcel.cod_dong) == ([1], story.farm_order.total_dong)
    assert db.session.query(Parcel).filter_by(cod_dong=0).count() == 2
    well(story, FarmOrderState.ACCEPTED)
