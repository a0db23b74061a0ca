"""Sending together: the clerk closes a trip, everybody reads how its saving was split; places are opened and chosen."""

from datetime import timedelta

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.farmers.models import FarmKind
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.money import dong
from marketplace.orders import service as orders_service
from marketplace.places import service as places
from marketplace.shipping import queries, service
from marketplace.shipping.models import CollectionPoint, ParcelState, PickupRun, RunState, ScanKind
from tests import cast, make, parcels

HALL = {
    "name": "Nhà văn hóa xóm Hồng Thái",
    "street": "Xóm Hồng Thái 2",
    "weekday": "2",
    "opens": "07:00",
    "closes": "09:00",
}


@pytest.fixture
def two(app):
    """Two farms' orders, picked up on one trip that is not closed yet; the clerk, the first farm's owner."""
    here = parcels.point()
    clerk = cast.clerk(here)
    orders = []
    for number in (1, 2):
        farm = make.farm(
            f"Vườn {number}", owner=cast.another(f"Chủ {number}", f"091200010{number}", Role.FARMER)
        )
        goods = make.product(farm, packs=[make.PackDetails(100_000, grams=number * 1_000)])
        orders.append(parcels.accept(parcels.order((goods, 1))))
    for farm_order in orders:
        (parcel,) = queries.parcels_of(farm_order)
        with transaction():
            service.record_scan(parcel.tracking, ScanKind.PICKED_UP, cast.by(clerk), here)
    return orders, clerk


def test_the_clerk_closes_a_trip_and_all_read_the_same_split(two, visit):
    (first, second), clerk = two
    visit.sign_in(clerk)
    listed = visit("/post/shared-runs")
    code = db.session.query(PickupRun).one().code
    assert code in listed
    closed = visit(f"/post/shared-runs/{code}").form(f"/post/shared-runs/{code}/closing").submit()
    assert "chia theo cân nặng" in closed
    shares = [queries.share_of(one).saved_dong for one in (first, second)]
    for saved in shares:
        assert dong(saved) in closed
    seen = visit.another()(f"/account/orders/{first.order.code}?key={first.order.secret}")
    assert "bạn được giảm" in seen
    assert dong(shares[0]) in seen
    assert "Vườn 2" in seen, "open to everybody: who shared, and how it was split"


def test_another_points_trip_is_not_there(two, visit):
    code = db.session.query(PickupRun).one().code
    parcels.point(parcels.NAM_CAN)
    elsewhere = cast.another("Clerk nơi khác", "0912000056", Role.CLERK)
    with transaction():
        accounts.hold_post(
            db.session.get_one(Person, elsewhere.id),
            SYSTEM,
            service_point_id=parcels.point(parcels.NAM_CAN).id,
        )
    visit.sign_in(elsewhere)
    visit(f"/post/shared-runs/{code}", 404)
    visit.post(f"/post/shared-runs/{code}/closing", 404)
    assert db.session.query(PickupRun).filter_by(code=code).one().state is RunState.OPEN


def test_the_post_opens_a_place_and_ends_it(app, visit):
    here = parcels.point()
    visit.sign_in(cast.clerk(here))
    page = visit("/post/collection-points").form("/post/collection-points").submit(**HALL)
    assert "Thứ Tư, 07:00–09:00" in page
    (place,) = queries.collection_points(here)
    page = page.form(f"/post/collection-points/{place.code}/ending").submit()
    assert queries.collection_points(here) == []


def test_hours_that_run_backwards_are_refused(app, visit):
    here = parcels.point()
    visit.sign_in(cast.clerk(here))
    page = visit("/post/collection-points").form("/post/collection-points")
    page = page.submit(422, **{**HALL, "closes": "06:00"})
    assert "Giờ kết thúc phải sau giờ bắt đầu." in page
    assert db.session.query(CollectionPoint).count() == 0


def test_a_cooperative_opens_a_place_and_a_farmer_brings_parcels_there(app, visit, clock):
    clock.set("2026-11-23 08:00")
    owner = cast.another("Chủ hợp tác xã", "0912000110", Role.FARMER)
    farm = make.farm(owner=owner)
    farm_order = parcels.accept(parcels.order((make.product(farm), 1)))
    parcels.point()
    visit.sign_in(owner)
    visit("/sell/collection-points").form("/sell/collection-points").submit(**HALL)
    with transaction():
        orders_service.mark_packed(farm_order, make.actor_of(farm))
    (place,) = queries.collection_points_near(farm)
    page = visit(f"/sell/orders/{farm_order.code}")
    assert f"Mang tới {HALL['name']}" in page
    page = page.form(f"/sell/orders/{farm_order.code}/bringing").submit()
    (parcel,) = queries.parcels_of(farm_order)
    assert (parcel.collection_point, parcel.state) == (place, ParcelState.BOOKED)
    page.form(f"/sell/orders/{farm_order.code}/bringing").submit()
    db.session.expire_all()
    assert parcel.collection_point is None


def test_a_household_opens_no_place(app, visit):
    owner = cast.another("Chủ hộ", "0912000111", Role.FARMER)
    make.farm("Hộ ông Ba", owner=owner, kind=FarmKind.HOUSEHOLD)
    visit.sign_in(owner)
    page = visit("/sell/collection-points")
    assert "Mở nơi gom cho cả xã" not in page
    assert "Chỉ hợp tác xã hoặc bưu điện" in visit.post("/sell/collection-points", 422, **HALL).text
    assert db.session.query(CollectionPoint).count() == 0


def test_on_a_day_the_point_is_closed_the_farmer_is_told_not_to_go_there(app, visit, clock):
    clock.set("2026-11-23 10:00")
    owner = cast.another("Chủ vườn", "0912000112", Role.FARMER)
    farm_order = parcels.accept(parcels.order((make.product(make.farm(owner=owner)), 1)))
    with transaction():
        orders_service.mark_packed(farm_order, make.actor_of(farm_order.farm))
    visit.sign_in(owner)
    path = f"/sell/orders/{farm_order.code}"
    assert "đang đóng cửa" not in visit(path)
    here = parcels.point()
    with transaction():
        places.make_exception(here, wall.today(), None, "Mất điện", SYSTEM)
    assert "đóng cửa hôm nay (Mất điện), mở lại" in visit(path)
    assert "Gần nhất còn mở" not in visit(path)
    parcels.point("05533")
    assert "Gần nhất còn mở hôm nay: Bưu cục Phường Bá Xuyên" in visit(path)
    visit.sign_in(cast.clerk(here))
    assert "hôm nay Bưu cục Xã Tân Cương nghỉ" in visit("/post")


def test_a_place_keeps_the_holidays_of_the_postmen_who_come_there(app, visit, clock):
    clock.set("2026-11-23 10:00")  # a Monday; the place is open on Tuesdays
    owner = cast.another("Chủ vườn", "0912000112", Role.FARMER)
    farm_order = parcels.accept(parcels.order((make.product(make.farm(owner=owner)), 1)))
    here = parcels.point()
    place = CollectionPoint(
        name="Nhà văn hóa", commune_code=parcels.TAN_CUONG, weekday=2, opens="07:00", closes="09:00",
        service_point=here,
    )  # fmt: skip
    with transaction():
        orders_service.mark_packed(farm_order, make.actor_of(farm_order.farm))
        db.session.add(place)
        service.bring_to(farm_order, place, make.actor_of(farm_order.farm))
    day = place.next_day(wall.now())
    with transaction():
        places.make_exception(here, day, None, "Mất điện", SYSTEM)
    assert place.next_day(wall.now()) == day + timedelta(days=7)
    visit.sign_in(owner)
    assert "nơi gom này nghỉ. Hãy chọn lại" in visit(f"/sell/orders/{farm_order.code}")
