"""Neighbours send together: one trip, what it saves, split openly, and what every door and book says of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.money import percent
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.notifications.models import Message
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger
from marketplace.payments import queries as payments_seen
from marketplace.payments import service as payments
from marketplace.payments.models import LedgerEntry, RefundCause
from marketplace.shipping import jobs, queries, service, sharing
from marketplace.shipping.models import Parcel, PickupRun, RunState, ScanKind
from marketplace.shipping.sharing import Load
from tests import cast, make, parcels

K = ScanKind
LOADS = some.lists(
    some.builds(Load, some.integers(1, 30_000), some.integers(0, 200_000)), min_size=1, max_size=12
)


class Trip:
    """Orders of several farms of one commune, accepted, and the postman of their point."""

    def __init__(self, *grams: int, is_paid: bool = False, payment_method: str = "cod") -> None:
        self.here, self.there = parcels.point(), parcels.point(parcels.CAU_GIAY)
        self.orders = []
        for number, weight in enumerate(grams):
            farm = make.farm(f"Vườn số {number + 1}", owner=make.person(f"Chủ vườn {number + 1}"))
            goods = make.product(farm, packs=[make.PackDetails(100_000, grams=weight)])
            made = parcels.order((goods, 1), payment_method=payment_method, is_paid=is_paid)
            self.orders.append(parcels.accept(made))
        self.clerk = cast.by(cast.clerk(self.here))
        self.parcels = [queries.parcels_of(farm_order)[0] for farm_order in self.orders]

    def scan(self, kind: ScanKind, *which: Parcel, by=None, point=None) -> None:
        for parcel in which or self.parcels:
            with transaction():
                service.record_scan(parcel.tracking, kind, by or self.clerk, point or self.here)

    @property
    def run(self) -> PickupRun:
        return db.session.scalars(select(PickupRun).order_by(PickupRun.id.desc())).first()

    def close(self) -> PickupRun:
        with transaction():
            return service.close_run(self.run, self.clerk)


@given(saved=some.integers(0, 500_000), loads=LOADS)
def test_what_is_split_is_all_given_and_nobody_gets_more_than_their_freight(saved, loads):
    given_ = sharing.split(saved, loads)

    assert sum(given_) == min(saved, sum(load.freight_dong for load in loads))
    assert all(0 <= part <= load.freight_dong for part, load in zip(given_, loads, strict=True))


@given(saved=some.integers(0, 500_000), weights=some.lists(some.integers(1, 30_000), min_size=1, max_size=12))
def test_with_freight_enough_each_is_within_a_dong_of_its_weight(saved, weights):
    given_ = sharing.split(saved, [Load(grams, 1_000_000) for grams in weights])

    for part, grams in zip(given_, weights, strict=True):
        exact = saved * grams / sum(weights)
        assert abs(part - exact) < 1


@given(saved=some.integers(0, 500_000), loads=LOADS)
def test_heavier_for_the_same_freight_is_never_given_less(saved, loads):
    same = [Load(load.grams, 50_000) for load in loads]
    given_ = sharing.split(saved, same)

    for one, mine in zip(same, given_, strict=True):
        assert all(mine >= other for two, other in zip(same, given_, strict=True) if one.grams > two.grams)


def test_three_farms_of_a_commune_share_a_trip_and_its_saving_by_weight(app):
    trip = Trip(1_000, 2_000, 3_000)
    asked = [farm_order.total_dong for farm_order in trip.orders]
    trip.scan(K.PICKED_UP)
    run = trip.close()

    assert (run.state, run.farm_count) == (RunState.CLOSED, 3)
    assert run.saved_dong == percent(run.freight_dong, 800)
    by_weight = [share.saved_dong for share in run.shares]
    assert by_weight == sharing.split(run.saved_dong, [Load(s.grams, s.freight_dong) for s in run.shares])
    assert by_weight[0] < by_weight[1] < by_weight[2]
    for farm_order, before, saved in zip(trip.orders, asked, by_weight, strict=True):
        assert farm_order.total_dong == before - saved
        (parcel,) = queries.parcels_of(farm_order)
        (payment,) = payments_seen.payments_of(farm_order.order)
        assert parcel.cod_dong == payment.amount_dong == farm_order.total_dong
    assert payments.check_ledger() == []


def test_what_was_saved_stands_in_the_books_by_itself(app):
    trip = Trip(1_000, 2_000)
    trip.scan(K.PICKED_UP)
    run = trip.close()
    for kind, point in ((K.IN_TRANSIT, trip.here), (K.AT_POINT, trip.there), (K.DELIVERED, trip.there)):
        trip.scan(kind, point=point, by=cast.by(cast.clerk(trip.there)) if point is trip.there else None)

    entries = db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "freight_saved")).all()
    saved = {
        entry.farm_order_id: {line.account: line.amount_dong for line in entry.lines} for entry in entries
    }
    assert saved == {
        share.farm_order_id: {
            "carrier": share.saved_dong,
            f"buyer:{share.farm_order.order_id}": -share.saved_dong,
        }
        for share in run.shares
    }
    assert -ledger.balance("carrier") == sum(farm_order.freight_dong for farm_order in trip.orders)
    assert payments.check_ledger() == []


def test_who_paid_before_gets_the_saving_back(app):
    trip = Trip(1_000, 2_000, payment_method="vietqr", is_paid=True)
    trip.scan(K.PICKED_UP)
    run = trip.close()

    for share in run.shares:
        (refund,) = payments_seen.refunds_of(share.farm_order.order)
        assert (refund.cause, refund.amount_dong) == (RefundCause.FREIGHT, share.saved_dong)
    assert payments.check_ledger() == []


def test_closed_twice_it_is_split_once_and_both_sides_are_told_once(app):
    trip = Trip(1_000, 2_000)
    trip.scan(K.PICKED_UP)
    trip.close()
    before = [farm_order.total_dong for farm_order in trip.orders]
    trip.close()

    assert [farm_order.total_dong for farm_order in trip.orders] == before
    told = db.session.scalars(select(Message.template).where(Message.template.startswith("shipping/shared")))
    assert sorted(told) == ["shipping/shared"] * 2 + ["shipping/shared_farm"] * 2


def test_a_farm_alone_saves_nothing(app):
    trip = Trip(1_000)
    trip.scan(K.PICKED_UP)
    run = trip.close()

    assert (run.farm_count, run.saved_dong) == (1, 0)
    assert trip.orders[0].freight_saved_dong == 0


def test_a_parcel_that_goes_on_ends_its_trip(app):
    trip = Trip(1_000, 2_000, 3_000)
    trip.scan(K.PICKED_UP, *trip.parcels[:2])
    trip.scan(K.IN_TRANSIT, trip.parcels[0])
    first = trip.parcels[0].run
    trip.scan(K.PICKED_UP, trip.parcels[2])

    assert (first.state, first.farm_count) == (RunState.CLOSED, 2)
    assert trip.parcels[2].run is not first


def test_a_parcel_brought_to_the_counter_rides_on_no_trip(app):
    trip = Trip(1_000, 2_000)
    trip.scan(K.DROPPED_OFF)

    assert [parcel.run for parcel in trip.parcels] == [None, None]


def test_an_order_whose_other_parcel_stayed_behind_does_not_share(app):
    trip = Trip(1_000, 2_000)
    mine = trip.parcels[0]
    with transaction():
        db.session.add(
            Parcel(
                farm_order=mine.farm_order,
                tracking="CA999999999VN",
                service_code=mine.service_code,
                weight_grams=500,
                state=mine.state,
                origin_point_id=trip.here.id,
            )
        )
    trip.scan(K.PICKED_UP)
    run = trip.close()

    assert [share.farm_order for share in run.shares] == [trip.orders[1]]
    assert mine.farm_order.freight_saved_dong == 0


def test_trips_nobody_closed_are_closed_at_night(app, clock):
    clock.set("2026-11-25 09:00")
    trip = Trip(1_000, 2_000)
    trip.scan(K.PICKED_UP)
    jobs.close_runs()
    assert trip.run.state is RunState.OPEN, "today's is left to the clerk"
    clock.set("2026-11-26 00:05")
    jobs.close_runs()

    assert trip.run.state is RunState.CLOSED
    assert trip.orders[0].freight_saved_dong > 0


def test_freight_is_lowered_only_on_the_way_and_never_below_nothing(app):
    trip = Trip(1_000)
    (farm_order,) = trip.orders
    before = farm_order.total_dong
    for less in (1_000, 0, -1, 10_000_000):
        with pytest.raises(Conflict, match="không giảm được nữa"), transaction():
            orders.lower_freight(farm_order, less, "thử", SYSTEM)
    trip.scan(K.PICKED_UP)
    with pytest.raises(Conflict, match="không giảm được nữa"), transaction():
        orders.lower_freight(farm_order, farm_order.shipping_dong + 1, "thử", SYSTEM)

    assert db.session.get_one(FarmOrder, farm_order.id).total_dong == before


# -- where neighbours bring parcels together ----------------------------------------------------------------------


def hall(**said):
    known = {
        "name": "Nhà văn hóa xóm Hồng Thái",
        "commune_code": parcels.TAN_CUONG,
        "street": "Xóm Hồng Thái 2",
        "weekday": 3,
        "opens": "07:00",
        "closes": "09:00",
        "service_point": parcels.point(),
        "farm": None,
        "by": SYSTEM,
    }
    with transaction():
        return service.open_collection_point(**{**known, **said})


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-25 08:00", date(2026, 11, 26)),
        ("2026-11-26 08:59", date(2026, 11, 26)),
        ("2026-11-26 09:00", date(2026, 12, 3)),
        ("2027-02-03 08:00", date(2027, 2, 11)),  # Tết is 4 to 10 February
    ],
)
def test_the_next_day_parcels_may_be_brought(app, clock, now, day):
    clock.set(now)

    assert hall().next_day(wall.now()) == day


def test_a_farmer_brings_the_parcels_there_or_lets_the_postman_come(app, clock):
    clock.set("2026-11-25 09:00")
    trip, place = Trip(1_000), hall()
    (parcel,) = trip.parcels
    with transaction():
        service.bring_to(trip.orders[0], place, SYSTEM)
    assert (parcel.collection_point, parcel.collect_on) == (place, date(2026, 11, 26))
    with transaction():
        service.bring_to(trip.orders[0], None, SYSTEM)
    assert (parcel.collection_point, parcel.collect_on) == (None, None)


def test_a_place_that_comes_too_late_or_is_no_more_is_refused(app, clock):
    clock.set("2026-11-25 09:00")
    trip, late = Trip(1_000), hall(weekday=1)
    (parcel,) = trip.parcels
    with pytest.raises(Conflict, match="trễ hẹn với khách"), transaction():
        service.bring_to(trip.orders[0], late, SYSTEM)
    with transaction():
        service.end_collection_point(late, SYSTEM)
    with pytest.raises(Conflict, match="không còn nhận"), transaction():
        service.bring_to(trip.orders[0], late, SYSTEM)
    trip.scan(K.PICKED_UP)
    with pytest.raises(Conflict, match="không còn gói nào chờ gửi"), transaction():
        service.bring_to(trip.orders[0], late, SYSTEM)

    assert db.session.get_one(Parcel, parcel.id).collection_point is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "tên nơi gom hàng"),
        ({"commune_code": "99999"}, "chọn xã, phường"),
        ({"opens": "09:00", "closes": "09:00"}, "sau giờ bắt đầu"),
    ],
)
def test_a_place_that_cannot_be_is_refused(app, wrong, words):
    with pytest.raises(Refusal, match=words):
        hall(**wrong)

    assert queries.collection_points(parcels.point()) == []


def test_the_same_place_and_day_is_opened_once(app):
    hall()
    with pytest.raises(Conflict, match="đã mở vào ngày ấy"):
        hall()

    assert len(queries.collection_points(parcels.point())) == 1


def test_who_was_to_come_to_a_place_that_ends_is_told(app, clock):
    clock.set("2026-11-25 09:00")
    trip, place = Trip(1_000), hall()
    with transaction():
        service.bring_to(trip.orders[0], place, SYSTEM)
    with transaction():
        service.end_collection_point(place, SYSTEM)

    assert trip.parcels[0].collection_point is None
    assert "shipping/collection_ended" in list(db.session.scalars(select(Message.template)))


def test_neighbours_are_counted_before_the_postman_comes(app):
    trip = Trip(1_000, 2_000, 500)

    assert [queries.neighbours(farm_order) for farm_order in trip.orders] == [2, 2, 2]
    trip.scan(K.PICKED_UP, trip.parcels[1])
    assert queries.neighbours(trip.orders[0]) == 1
