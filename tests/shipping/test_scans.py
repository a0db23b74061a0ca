"""A parcel's life by scans: in order, out of order, twice, at once; and the farm's order beside it."""

import threading
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from marketplace.catalog.models import Variant
from marketplace.foundation import audit
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.notifications.models import Message
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.places.models import ServicePoint
from marketplace.shipping import booking, queries, service
from marketplace.shipping.models import ENDED, Parcel, ParcelState, Scan, ScanKind
from tests import cast, make, parcels
from tests.parcels import Story

P, K, F = ParcelState, ScanKind, FarmOrderState


@pytest.fixture
def story(app):
    """A parcel of An's tea, booked at Tân Cương for Cầu Giấy, paid at the door."""
    return Story()


def count():
    return [db.session.query(kind).count() for kind in (Scan, AuditEntry, Message)]


def refused(story, deed, sentence=""):
    """The deed is refused with these words, and nothing happened."""
    before, states = count(), story.states
    with pytest.raises(Refusal) as no, transaction():
        deed()
    assert sentence in str(no.value)
    assert count() == before
    assert story.states == states
    return no.value


# -- booking ------------------------------------------------------------------------------------------------------


def test_an_accepted_order_has_its_parcels_with_numbers(story):
    parcel = story.parcel
    assert story.states == (P.BOOKED, F.ACCEPTED)
    assert parcel.tracking == "EA000000014VN"
    assert parcel.number_in_groups == "EA 000 000 014 VN"
    assert parcel.cod_dong == story.order.total_dong
    assert (parcel.origin_point_id, parcel.destination_point_id) == (story.here.id, story.there.id)
    assert parcel.weight_grams == story.farm_order.lines[0].weight_grams


def test_booking_twice_books_once(story):
    with transaction():
        again = service.book(story.farm_order, SYSTEM)
    assert [parcel.id for parcel in again] == [story.parcel.id]
    assert db.session.query(Parcel).count() == 1


def test_heavy_orders_are_several_parcels_and_cash_is_taken_once(app):
    farm = make.farm()
    heavy = make.product(farm, name="Miến Việt Cường", packs=[make.PackDetails(500_000, grams=9_000)])
    story = Story((heavy, 5))
    assert len(story.parcels) > 1
    assert [parcel.cod_dong for parcel in story.parcels] == [story.order.total_dong] + [0] * (
        len(story.parcels) - 1
    )
    assert sum(parcel.weight_grams for parcel in story.parcels) == 5 * heavy.variants[0].weight_grams
    numbers = [parcel.tracking for parcel in story.parcels]
    assert len(set(numbers)) == len(numbers)


def test_only_an_accepted_order_is_booked(app):
    order = parcels.order(payment_method="vietqr")
    with pytest.raises(Conflict), transaction():
        service.book(order.farm_orders[0], SYSTEM)
    assert db.session.query(Parcel).count() == 0


@pytest.mark.parametrize("deed", ["cancel", "refuse"])
def test_an_order_called_off_takes_its_parcels_with_it(story, deed):
    with transaction():
        getattr(orders, deed)(story.farm_order, "Hết hàng", story.clerk)
    assert story.states[0] is P.CANCELLED
    assert not queries.parcels_of(story.farm_order)
    refused(story, lambda: story_scan(story, "dropped_off"), "thuộc đơn đã hủy")


def story_scan(story, kind, **more):
    return service.record_scan(story.parcel.tracking, K(kind), story.clerk, **more)


def test_numbers_rest_a_year_before_they_come_again(story, clock):
    from marketplace.shipping.models import ServiceNumber

    with transaction():
        row = db.session.query(ServiceNumber).filter_by(indicator="EA").one()
        row.next_serial = 100_000_000
    with pytest.raises(Conflict), transaction():
        booking.next_number("EMS")
    clock.forward(days=367)
    with transaction():
        assert booking.next_number("EMS") == "EA000000014VN"
        assert booking.next_number("EMS") == "EA000000028VN"


# -- a whole happy life -------------------------------------------------------------------------------------------


def test_from_the_farms_counter_to_the_buyers_hands(story):
    steps = [
        ("dropped_off", story.here, P.DROPPED_OFF, F.HANDED_OVER),
        ("in_transit", story.here, P.IN_TRANSIT, F.HANDED_OVER),
        ("at_point", story.there, P.AT_POINT, F.HANDED_OVER),
        ("out_for_delivery", story.there, P.OUT_FOR_DELIVERY, F.HANDED_OVER),
        ("delivered", story.there, P.DELIVERED, F.DELIVERED),
    ]
    for kind, point, parcel, farm_order in steps:
        scan = story.scan(kind, point=point)
        assert scan.moved
        assert story.states == (parcel, farm_order)
        assert story.parcel.last_point_id == point.id
    assert story.parcel.delivered_at is not None
    assert story.said() == ["shipping/at_point", "shipping/out_for_delivery"]
    verbs = [entry.verb for entry in audit.trail(story.parcel) if not entry.verb.startswith("parcel.scan")]
    assert verbs == ["parcel.booked", *(f"parcel.{kind}" for kind, *_rest in steps)]


def test_what_is_sold_leaves_the_shelf_with_the_first_scan(story):
    variant_id = story.farm_order.lines[0].variant_id
    assert (
        db.session.get_one(Variant, variant_id).on_hand,
        db.session.get_one(Variant, variant_id).held,
    ) == (10, 1)
    story.scan("picked_up", point=story.here)
    db.session.expire_all()
    assert (
        db.session.get_one(Variant, variant_id).on_hand,
        db.session.get_one(Variant, variant_id).held,
    ) == (9, 0)


def test_the_first_scan_was_missed(story):
    story.scan("at_point", point=story.there)
    assert story.states == (P.AT_POINT, F.HANDED_OVER)
    assert story.parcel.picked_up_at is not None


def test_a_number_typed_with_spaces_or_written_by_hand(story):
    for typed in (story.parcel.number_in_groups.lower(), story.parcel.code):
        assert queries.parcel_by_tracking(typed).id == story.parcel.id
    with pytest.raises(Missing):
        queries.parcel_by_tracking("EA999999999VN")


def test_an_order_of_two_parcels_is_delivered_when_both_are(app):
    heavy = make.product(packs=[make.PackDetails(500_000, grams=12_000)])
    story = Story((heavy, 2))
    first, second = story.parcels
    for parcel in (first, second):
        story.scan("at_point", point=story.there, parcel=parcel)
    story.scan("delivered", point=story.there, parcel=first)
    assert story.states == (P.DELIVERED, F.HANDED_OVER)
    story.scan("delivered", point=story.there, parcel=second)
    assert story.states == (P.DELIVERED, F.DELIVERED)


def test_parcels_that_end_differently_leave_the_order_to_a_person_only_when_nobody_knows_what_lay_in_them(
    app,
):
    heavy = make.product(packs=[make.PackDetails(500_000, grams=12_000)])
    story = Story((heavy, 2))
    with transaction():
        for parcel in story.parcels:
            parcel.lines.clear()
    for parcel in story.parcels:
        story.scan("at_point", point=story.there, parcel=parcel)
    story.scan("delivered", point=story.there, parcel=story.parcels[0])
    story.scan("returning", point=story.there, parcel=story.parcels[1])
    story.scan("returned", point=story.here, parcel=story.parcels[1])
    assert story.states[1] is F.RETURNING
    assert audit.trail(story.farm_order)[-1].verb == "farm_order.parcels_differ"


# -- it does not go well ------------------------------------------------------------------------------------------


def test_the_third_failed_attempt_sends_it_back(story):
    story.scan("at_point", point=story.there)
    for attempt in (1, 2, 3):
        story.scan("out_for_delivery", point=story.there)
        story.scan("failed", point=story.there, note="Không ai ở nhà")
        assert story.parcel.failed_count == attempt
    assert story.states == (P.RETURNING, F.RETURNING)
    out = "shipping/out_for_delivery"
    assert story.said() == [
        "shipping/at_point", out, "shipping/failed", out, "shipping/failed", out, "shipping/returning",
    ]  # fmt: skip
    story.scan("returned", point=story.here)
    assert story.states == (P.RETURNED, F.RETURNED)


def test_after_two_failures_it_can_still_be_delivered(story):
    story.scan("at_point", point=story.there)
    for _attempt in (1, 2):
        story.scan("out_for_delivery", point=story.there)
        story.scan("failed", point=story.there)
    story.scan("delivered", point=story.there)
    assert story.states == (P.DELIVERED, F.DELIVERED)


def test_the_buyer_changes_their_mind_while_it_goes_back(story):
    story.scan("at_point", point=story.there)
    story.scan("returning", point=story.there)
    assert story.states == (P.RETURNING, F.RETURNING)
    story.scan("delivered", point=story.there)
    assert story.states == (P.DELIVERED, F.DELIVERED)


@pytest.mark.parametrize("end", ["lost", "damaged"])
def test_lost_or_broken(story, end):
    story.scan("dropped_off", point=story.here)
    story.scan(end, point=story.here)
    assert story.states == (P(end), F.LOST)


def test_nobody_comes_for_it(story, clock, run_jobs):
    story.scan("at_point", point=story.there)
    assert queries.waiting_too_long(wall.now()) == []
    clock.forward(days=11)
    from marketplace.shipping import jobs

    jobs.leave_unclaimed()
    jobs.leave_unclaimed()
    assert story.states[0] is P.UNCLAIMED
    assert story.said() == ["shipping/at_point", "shipping/unclaimed"]
    story.scan("returning", point=story.there)
    assert story.states == (P.RETURNING, F.RETURNING)


# -- said twice, late, or not true --------------------------------------------------------------------------------


def test_a_clerk_is_told_what_was_said_already(story):
    story.scan("dropped_off", point=story.here)
    no = refused(story, lambda: story_scan(story, "dropped_off"), "đã được ghi “Đã gửi tại bưu cục” rồi")
    assert no.status == 409


def test_a_clerk_is_told_what_cannot_be(story):
    story.scan("at_point", point=story.there)
    story.scan("delivered", point=story.there)
    for kind in set(K) - {K.DELIVERED}:
        refused(story, lambda kind=kind: story_scan(story, kind), "đang ở bước “Đã phát”")


def test_a_machine_may_say_it_fifty_times(story):
    for _time in range(50):
        story.machine("in_transit")
    assert story.states == (P.IN_TRANSIT, F.HANDED_OVER)
    assert [scan.moved for scan in story.parcel.scans].count(True) == 1


def test_late_news_from_a_machine_is_kept_and_moves_nothing(story):
    now = wall.now()
    story.machine("at_point", at=now)
    scan = story.machine("in_transit", at=now - timedelta(hours=3))
    assert not scan.moved
    assert story.states[0] is P.AT_POINT
    assert [event.kind for event in queries.tracking_events(story.parcel.tracking)] == ["booked", "at_point"]


def test_a_machine_contradicting_the_end_is_kept_and_moves_nothing(story):
    story.machine("delivered")
    for kind in K:
        assert not story.machine(kind).moved
    assert story.states == (P.DELIVERED, F.DELIVERED)


def test_news_from_the_future_counts_as_now(story):
    assert story.machine("in_transit", at=wall.now() + timedelta(days=400)).at <= wall.now()


def test_whatever_machines_say_the_order_follows_the_parcel(app, full):
    goods = make.product(stock=1000)
    follows = {
        P.BOOKED: F.ACCEPTED, P.DELIVERED: F.DELIVERED, P.RETURNING: F.RETURNING, P.RETURNED: F.RETURNED,
        P.LOST: F.LOST, P.DAMAGED: F.LOST,
    }  # fmt: skip

    @settings(deadline=None, max_examples=300 if full else 15)
    @given(kinds=some.lists(some.sampled_from(K), max_size=10))
    def try_it(kinds):
        farm_order = parcels.accept(parcels.order((goods, 1)))
        (parcel,) = queries.parcels_of(farm_order)
        for kind in kinds:
            with transaction():
                service.record_scan(parcel.tracking, kind, parcels.CARRIER)
        assert farm_order.state is follows.get(parcel.state, F.HANDED_OVER)
        assert [scan.kind for scan in parcel.scans] == kinds
        assert parcel.failed_count <= 3

    try_it()


# -- which counter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(service.ANYWHERE - service.TAKES_IN))
def test_any_counter_may_say_it_holds_the_parcel(story, kind):
    assert story.scan(kind, point=story.elsewhere).moved
    assert story.parcel.last_point_id == story.elsewhere.id


@pytest.mark.parametrize("kind", sorted(set(K) - service.ANYWHERE))
def test_a_counter_that_never_held_it_may_say_nothing_else(story, kind):
    story.scan("dropped_off", point=story.here)
    no = refused(story, lambda: story_scan(story, kind, point=story.elsewhere), "chưa tới điểm của bạn")
    assert no.status == 409


def test_once_it_is_at_a_counter_it_may_be_handed_out_there(story):
    story.scan("at_point", point=story.elsewhere)
    assert story.scan("delivered", point=story.elsewhere).moved


def test_the_point_it_came_from_gives_it_back_to_the_farm(story):
    story.scan("at_point", point=story.there)
    story.scan("returning", point=story.there)
    refused(story, lambda: story_scan(story, "delivered", point=story.here), "chưa tới điểm của bạn")
    assert story.scan("returned", point=story.here).moved


def test_a_parcel_on_its_way_back_is_seen_at_counters_and_stays_on_its_way_back(story):
    story.scan("at_point", point=story.there)
    story.scan("returning", point=story.there)
    scan = story.scan("at_point", point=story.elsewhere)
    assert not scan.moved
    assert story.states == (P.RETURNING, F.RETURNING)
    assert story.parcel.last_point_id == story.elsewhere.id
    assert [event.kind for event in queries.tracking_events(story.parcel.tracking)][-1] == "returning"


def test_the_van_passes_over_what_somebody_else_scanned(story):
    story.scan("dropped_off", point=story.here)
    seen = list(story.parcels)
    story.scan("at_point", point=story.elsewhere)
    story.scan("out_for_delivery", point=story.elsewhere)
    with transaction():
        assert service.send_on(seen, story.clerk, story.here) == 0
    assert story.states[0] is P.OUT_FOR_DELIVERY


# -- on the scales ------------------------------------------------------------------------------------------------


def test_the_scales_are_believed_and_a_tenth_is_let_pass(story):
    declared = story.parcel.weight_grams
    story.scan("dropped_off", point=story.here, weight_grams=declared + declared // 10)
    assert (story.parcel.grams_now, story.parcel.weight_differs) == (declared + declared // 10, False)
    with transaction():
        service.weigh(story.parcel.tracking, declared * 2, story.clerk)
    assert (story.parcel.grams_more, story.parcel.weight_differs) == (declared, True)


@pytest.mark.parametrize("grams", [0, -1, 50_001, 80_000])
def test_weights_that_cannot_be(story, grams):
    no = refused(story, lambda: story_scan(story, "dropped_off", weight_grams=grams), "Cân nặng phải từ")
    assert no.field == "weight_grams"
    refused(story, lambda: service.weigh(story.parcel.tracking, grams, story.clerk))


def test_what_has_ended_is_weighed_no_more(story):
    story.scan("at_point", point=story.there)
    story.scan("delivered", point=story.there)
    refused(story, lambda: service.weigh(story.parcel.tracking, 500, story.clerk), "đã được ghi")


# -- handing out --------------------------------------------------------------------------------------------------


def hand_out(story, proof):
    return service.hand_out(story.parcel.tracking, proof, story.clerk, story.there)


@pytest.mark.parametrize("proof", ["4321", " 4321 ", "order", "farm_order"])
def test_handed_out_to_who_can_say_it(story, proof):
    story.scan("at_point", point=story.there)
    said = {"order": story.order.code.lower(), "farm_order": story.farm_order.code}.get(proof, proof)
    with transaction():
        scan = hand_out(story, said)
    assert story.states == (P.DELIVERED, F.DELIVERED)
    assert scan.note in ("4 số cuối điện thoại", "mã đơn")


@pytest.mark.parametrize("proof", ["", "  ", "1234", "321", "84987654321", "CQXXXXXXXX", "%", "４３２１"])
def test_not_handed_out_to_who_cannot(story, proof):
    story.scan("at_point", point=story.there)
    assert refused(story, lambda: hand_out(story, proof)).field == "proof"


# -- taken back ---------------------------------------------------------------------------------------------------


def take_back(story, scan, by=None):
    with transaction():
        service.take_back(db.session.get_one(Scan, scan.id), by or story.clerk)


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        (["dropped_off"], "at_point"), (["dropped_off", "in_transit"], "at_point"),
        (["at_point"], "out_for_delivery"), (["at_point", "out_for_delivery"], "failed"), (["at_point"], "failed"),
    ],
)  # fmt: skip
def test_a_wrong_scan_is_taken_back(story, before, kind):
    for step in before:
        story.scan(step, point=story.here if step == "dropped_off" else story.there)
    state, count = story.states[0], story.parcel.failed_count
    scan = story.scan(kind, point=story.there)
    take_back(story, scan)
    assert story.states == (state, F.HANDED_OVER)
    assert story.parcel.failed_count == count
    assert story.said()[-1] == "shipping/taken_back"
    assert (
        kind
        not in [event.kind for event in queries.tracking_events(story.parcel.tracking)][len(before) + 1 :]
    )


def test_a_first_scan_taken_back_leaves_it_with_the_post(story):
    scan = story.scan("at_point", point=story.here)
    take_back(story, scan)
    assert story.states == (P.PICKED_UP, F.HANDED_OVER)
    assert story.parcel.last_point_id is None
    story.scan("dropped_off", point=story.here)


def test_not_by_another_not_later_not_twice_and_not_after_it_went_on(story, clock):
    scan = story.scan("at_point", point=story.there)
    other = cast.by(cast.another("Clerk khác", "0912000055"))
    refused(story, lambda: service.take_back(scan, other), "Chỉ người vừa quét")
    on = story.scan("out_for_delivery", point=story.there)
    refused(story, lambda: service.take_back(scan, story.clerk), "đã đi tiếp")
    clock.forward(minutes=6)
    refused(story, lambda: service.take_back(on, story.clerk), "trong vòng 5 phút")
    clock.back()
    take_back(story, on)
    refused(story, lambda: service.take_back(on, story.clerk), "đã đi tiếp")


@pytest.mark.parametrize("kind", ["delivered", "returning", "lost"])
def test_what_money_hangs_on_is_not_taken_back(story, kind):
    story.scan("at_point", point=story.there)
    scan = story.scan(kind, point=story.there)
    refused(story, lambda: service.take_back(scan, story.clerk), "không lùi lại được")


def test_the_third_failure_is_not_taken_back(story):
    story.scan("at_point", point=story.there)
    for _attempt in range(3):
        story.scan("out_for_delivery", point=story.there)
        scan = story.scan("failed", point=story.there)
    refused(story, lambda: service.take_back(scan, story.clerk), "đã đi tiếp")


# -- brought without a booking ------------------------------------------------------------------------------------


def test_bringing_the_goods_is_the_answer(app):
    here = parcels.point()
    order = parcels.order()
    farm_order = order.farm_orders[0]
    clerk = cast.by(cast.clerk(here))
    with transaction():
        (parcel,) = service.drop_off_without_booking(farm_order, clerk)
        service.record_scan(parcel.tracking, K.DROPPED_OFF, clerk, here)
    assert farm_order.state is F.HANDED_OVER
    assert parcel.state is P.DROPPED_OFF
    with transaction():
        assert service.drop_off_without_booking(farm_order, clerk)[0].id == parcel.id


def test_goods_of_an_unpaid_or_cancelled_order_stay_with_the_farm(app):
    order = parcels.order(payment_method="vietqr")
    farm_order = order.farm_orders[0]
    with pytest.raises(Conflict, match="chưa trả tiền"), transaction():
        service.drop_off_without_booking(farm_order, SYSTEM)
    with transaction():
        orders.cancel(farm_order, "", SYSTEM)
    with pytest.raises(Conflict, match="đã khép lại"), transaction():
        service.drop_off_without_booking(farm_order, SYSTEM)
    assert db.session.query(Parcel).count() == 0


# -- at the same moment -------------------------------------------------------------------------------------------


def at_once(app, deeds):
    """Every deed on a thread of its own, all let go at once; gives what each came to."""
    gate, results = threading.Barrier(len(deeds)), []

    def run(deed):
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    results.append(deed())
            except Refusal as no:
                results.append(no)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_two_clerks_scan_at_once_and_it_moves_once(app, story):
    number, by, here = story.parcel.tracking, story.clerk, story.here.id

    def scan():
        point = db.session.get_one(ServicePoint, here)
        return service.record_scan(number, K.DROPPED_OFF, by, point).id

    results = at_once(app, [scan] * 6)
    assert sum(isinstance(one, Conflict) for one in results) == 5
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)
    assert len(story.parcel.scans) == 1
    variant = db.session.get_one(Variant, story.farm_order.lines[0].variant_id)
    assert (variant.on_hand, variant.held) == (9, 0)


def test_a_scan_and_a_cancellation_at_once_end_in_one_of_the_two(app, story):
    number, by, order_id = story.parcel.tracking, story.clerk, story.farm_order.id

    def scan():
        service.record_scan(number, K.DROPPED_OFF, by)

    def cancel():
        orders.cancel(db.session.get_one(FarmOrder, order_id), "", by)

    results = at_once(app, [scan, cancel] * 2)
    assert story.states in {(P.DROPPED_OFF, F.HANDED_OVER), (P.CANCELLED, F.CANCELLED)}
    assert any(result is None for result in results)
    variant = db.session.get_one(Variant, story.farm_order.lines[0].variant_id)
    assert (variant.on_hand, variant.held) == ((9, 0) if story.states[1] is F.HANDED_OVER else (10, 0))


def test_many_first_parcels_at_once_have_different_numbers(app):
    parcels.rules()
    from marketplace.shipping.models import ServiceNumber

    with transaction():
        db.session.query(ServiceNumber).delete()
    numbers = at_once(app, [lambda: booking.next_number("EMS")] * 8)
    assert len(set(numbers)) == 8


# -- what anybody may see -----------------------------------------------------------------------------------------


def test_the_public_way_names_no_person(story):
    for kind, point in (("dropped_off", story.here), ("in_transit", story.here), ("at_point", story.there)):
        story.scan(kind, point=point, note="Đưa cho chị Lan 0987654321")
    seen = queries.tracking(story.parcel.number_in_groups)
    assert (seen.number, seen.state) == (story.parcel.tracking, P.AT_POINT)
    assert [event.kind for event in seen.events] == ["booked", "dropped_off", "in_transit", "at_point"]
    assert seen.events[1].place == f"{story.here.name}, Thái Nguyên"
    assert "Lan" not in repr(seen)
    assert "0987654321" not in repr(seen)


def test_a_cancelled_parcels_way_says_so(story):
    with transaction():
        orders.cancel(story.farm_order, "", SYSTEM)
    assert [event.kind for event in queries.tracking_events(story.parcel.tracking)] == ["booked", "cancelled"]


def test_ended_states_have_no_way_on():
    assert {state for state in P if state not in Parcel.MOVES} == ENDED
