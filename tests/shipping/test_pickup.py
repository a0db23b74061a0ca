"""Picked up in person: the buyer chooses a counter, comes with the code and a paper; it is kept, reminded of, sent back."""

from datetime import timedelta

import pytest

from marketplace.catalog.models import Handling
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.orders.models import FarmOrderState, Order
from marketplace.places import service as places
from marketplace.shipping import jobs, labels, queries, service
from marketplace.shipping.models import Parcel, ParcelState, ScanKind
from tests import cast, make, parcels

P, K = ParcelState, ScanKind


@pytest.fixture
def far(app):
    return parcels.point(parcels.CAU_GIAY)


@pytest.fixture
def waiting(far):
    """A parcel at the counter where its buyer comes for it, and the clerk of that counter."""
    farm_order = parcels.accept(parcels.order(pickup_point_id=far.id))
    parcel = queries.parcels_of(farm_order)[0]
    clerk = cast.clerk(far)
    with transaction():
        for kind in (K.DROPPED_OFF, K.IN_TRANSIT, K.AT_POINT):
            service.record_scan(parcel.tracking, kind, cast.by(clerk), far)
    return parcel.tracking, clerk


def now(tracking) -> Parcel:
    db.session.rollback()
    return queries.parcel_by_tracking(tracking)


def hand_out(waiting, far, code, paper="1234"):
    tracking, clerk = waiting
    with transaction():
        return service.hand_out(tracking, code, cast.by(clerk), far, paper)


def test_a_buyer_chooses_the_counter(far, visit):
    parcels.rules()
    tea = make.product()
    visit.post("/cart/lines", variant=tea.variants[0].code, quantity="1")
    page = visit("/checkout", pickup=far.code)
    assert far.name in page and "mã lấy hàng" in page
    page.form("/checkout").submit(name="Hoa", phone="0987111222", payment_method="cod")
    order = db.session.query(Order).one()
    assert (order.pickup_point_id, order.commune_code) == (far.id, parcels.CAU_GIAY)
    assert order.street.startswith(far.name)


def test_points_near_by_name_or_code(far, visit):
    page = visit("/checkout/points", q="cầu giấy, hà nội")
    assert far.name in page and f"/checkout?pickup={far.code}" in str(page.links)
    assert "Chưa đọc được nơi này" in visit("/checkout/points", q="zzzz")


def test_a_closed_counter_is_no_choice(far, visit):
    parcels.rules()
    tea = make.product()
    visit.post("/cart/lines", variant=tea.variants[0].code, quantity="1")
    form = visit("/checkout", pickup=far.code).form("/checkout")
    with transaction():
        places.close_point(db.session.merge(far), SYSTEM)
    assert "không còn nhận hàng" in form.submit(
        name="Hoa", phone="0987111222", payment_method="cod", status=422
    )
    assert not db.session.query(Order).count()


def test_a_counter_closed_today_offers_others_and_one_that_opens_no_more_is_no_choice(far, visit):
    parcels.rules()
    tea = make.product()
    near = parcels.point("00160")
    visit.post("/cart/lines", variant=tea.variants[0].code, quantity="1")
    with transaction():
        places.make_exception(db.session.merge(far), wall.today(), None, "Mất điện", SYSTEM)
    assert "Chọn bưu cục khác gần đó" in visit("/checkout", pickup=far.code)
    page = visit("/checkout/points", commune=far.commune_code)
    assert near.name in page and "Đang nghỉ" in page
    form = visit("/checkout", pickup=far.code).form("/checkout")
    with transaction():
        places.change_hours(db.session.merge(far), [], SYSTEM)
    assert "không còn nhận hàng" in form.submit(
        name="Hoa", phone="0987111222", payment_method="cod", status=422
    )
    assert not db.session.query(Order).count()


def test_it_is_told_with_a_code_and_stands_on_the_label(waiting, far, sent):
    tracking, _clerk = waiting
    assert queries.pickup_code(now(tracking)) in sent.text(template="shipping/pickup_ready", channel="sms")
    assert "Tự tới lấy, giữ tại bưu cục" in labels.label_of(now(tracking)).signs
    assert now(tracking).destination_point_id == far.id


def test_code_and_paper_give_it(waiting, far):
    code = queries.pickup_code(now(waiting[0]))
    hand_out(waiting, far, code)
    parcel = now(waiting[0])
    assert parcel.state is P.DELIVERED
    assert parcel.last_scan.note == "mã lấy hàng, giấy tờ …1234"


@pytest.mark.parametrize(("code", "paper"), [("000000", "1234"), (None, ""), (None, "12"), ("4321", "1234")])
def test_without_both_nothing_is_given(waiting, far, code, paper):
    with pytest.raises(Refusal):
        hand_out(waiting, far, code or queries.pickup_code(now(waiting[0])), paper)
    assert now(waiting[0]).state is P.AT_POINT


@pytest.mark.parametrize("kind", [K.DELIVERED, K.OUT_FOR_DELIVERY])
def test_a_pile_does_not_give_it_away(waiting, far, kind):
    with pytest.raises(Conflict), transaction():
        service.record_scan(waiting[0], kind, cast.by(waiting[1]), far)
    assert now(waiting[0]).state is P.AT_POINT


def test_kept_reminded_once_and_then_its_way_back_begins_by_itself(waiting, clock, sent):
    tracking = waiting[0]
    clock.forward(days=6)
    jobs.remind_of_waiting()
    assert not sent(template="shipping/pickup_reminder")
    clock.forward(days=2)
    jobs.remind_of_waiting()
    told = len(sent(template="shipping/pickup_reminder"))
    jobs.remind_of_waiting()
    assert told and len(sent(template="shipping/pickup_reminder")) == told
    last_day = queries.kept_until(now(tracking))
    clock.set(f"{last_day} 23:59")
    jobs.leave_unclaimed()
    assert now(tracking).state is P.AT_POINT, "kept to the end of the day the buyer was told"
    clock.set(f"{last_day + timedelta(days=1)} 01:10")
    jobs.leave_unclaimed()
    jobs.leave_unclaimed()
    parcel = now(tracking)
    assert (parcel.state, parcel.farm_order.state) == (P.RETURNING, FarmOrderState.RETURNING)
    assert [scan.kind for scan in parcel.scans].count(K.RETURNING) == 1
    assert parcel.last_scan.note == "Hết hạn giữ, không ai tới lấy"
    assert len(sent(template="shipping/returning", channel="sms")) == 1
    assert not sent(template="shipping/unclaimed"), "nobody is asked to come for what has gone"


def test_fresh_goods_nobody_fetched_are_not_sent_round_the_country(far, clock):
    fish = make.product(handling=Handling.FRESH, shelf_life_days=20)
    farm_order = parcels.accept(parcels.order((fish, 1), pickup_point_id=far.id))
    parcel = queries.parcels_of(farm_order)[0]
    with transaction():
        for kind in (K.DROPPED_OFF, K.IN_TRANSIT, K.AT_POINT):
            service.record_scan(parcel.tracking, kind, cast.by(cast.clerk(far)), far)
    clock.forward(days=12)
    jobs.leave_unclaimed()
    assert now(parcel.tracking).state is P.UNCLAIMED, "the clerk throws it away at the counter"


def test_the_desk_asks_for_both(waiting, far, visit):
    tracking, clerk = waiting
    visit.sign_in(clerk)
    page = visit(f"/post/parcels/{tracking}/handout")
    page.form(f"/post/parcels/{tracking}/handout").submit(proof="1111", paper_end="", status=422)
    page.form(f"/post/parcels/{tracking}/handout").submit(
        proof=queries.pickup_code(now(tracking)), paper_end="789B"
    )
    assert now(tracking).state is P.DELIVERED


def test_goods_are_promised_for_a_day_on_which_the_counter_is_open(far, visit):
    parcels.rules()
    tea = make.product()
    visit.post("/cart/lines", variant=tea.variants[0].code, quantity="1")
    usual = visit("/checkout", pickup=far.code).form("/checkout")
    usual.submit(name="Hoa", phone="0987111222", payment_method="cod")
    promised = db.session.query(Order).one().farm_orders[0].promised_to
    with transaction():
        for ahead in range(3):
            day = promised + timedelta(days=ahead)
            places.make_exception(db.session.merge(far), day, None, "Sửa chữa", SYSTEM)
    visit.post("/cart/lines", variant=tea.variants[0].code, quantity="1")
    visit("/checkout", pickup=far.code).form("/checkout").submit(
        name="Hoa", phone="0987111222", payment_method="cod"
    )
    later = db.session.query(Order).order_by(Order.id.desc()).first().farm_orders[0].promised_to
    assert later > promised + timedelta(days=2)


def test_fresh_goods_are_not_sent_to_a_counter_that_is_shut_until_they_spoil(far, visit):
    parcels.rules()
    crab = make.product(name="Cua gạch", handling=Handling.CHILLED)
    visit.post("/cart/lines", variant=crab.variants[0].code, quantity="1")
    assert "mới lấy được" not in visit("/checkout", pickup=far.code)
    with transaction():
        for ahead in range(1, 15):
            day = wall.today() + timedelta(days=ahead)
            places.make_exception(db.session.merge(far), day, None, "Sửa chữa", SYSTEM)
    page = visit("/checkout", pickup=far.code)
    assert "mới lấy được: quá hạn giữ của hàng" in page
    assert not db.session.query(Order).count()


def test_what_waits_is_kept_until_a_day_on_which_people_can_come(waiting, far, clock):
    last = queries.kept_until(now(waiting[0]))
    with transaction():
        places.make_exception(db.session.merge(far), last, None, "Mất điện", SYSTEM)
    later = queries.kept_until(now(waiting[0]))
    assert later > last
    clock.set(f"{last + timedelta(days=1)} 06:00")
    assert list(queries.waiting_too_long(wall.now())) == []
    clock.set(f"{later + timedelta(days=1)} 06:00")
    assert list(queries.waiting_too_long(wall.now())) == [now(waiting[0]).id]
