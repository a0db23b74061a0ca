"""The walk of the day, and the parcels that need a person."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as some

from marketplace.desks import runs
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.places.queries import Position
from marketplace.shipping import service
from tests import make, parcels
from tests.parcels import Story

HOME = Position(21.5, 105.7)
somewhere = some.builds(Position, some.floats(21.3, 21.7), some.floats(105.5, 105.9))


@settings(deadline=None, max_examples=25)
@given(some.lists(somewhere, max_size=6))
def test_everybody_is_visited_once_and_the_walk_is_short(stops):
    order = runs.walk(HOME, stops)
    assert sorted(order) == list(range(len(stops)))
    best = min(
        (runs._length(HOME, stops, list(way)) for way in itertools.permutations(range(len(stops)))), default=0
    )
    assert runs._length(HOME, stops, order) <= best * 1.25 + 1e-6


def test_the_walk_of_the_day(app, visit):
    story = Story()
    far = make.farm("Vườn xa")
    with transaction():
        far.lat, far.lon = 21.60, 105.80
        story.farm_order.farm.lat, story.farm_order.farm.lon = story.here.lat + 0.001, story.here.lon
    parcels.accept(parcels.order((make.product(far), 1)))
    run = runs.run_of(story.here)
    assert [stop.name for stop in run.stops] == [story.farm_order.farm.name, "Vườn xa"]
    assert run.parcel_count == 2
    assert run.stops[0].km < 0.2 < run.stops[1].km
    visit.sign_in(story.person)
    page = visit("/post/run")
    for words in ("Vườn xa", story.parcel.number_in_groups, "2 bưu gửi"):
        assert words in page
    story.scan("picked_up", point=story.here)
    db.session.expire_all()
    assert [stop.name for stop in runs.run_of(story.here).stops] == ["Vườn xa"]


def test_places_where_neighbours_bring_theirs_are_stops_on_their_day(app, visit, clock):
    clock.set("2026-11-23 06:00")  # a Monday
    story = Story()
    with transaction():
        place = service.open_collection_point(
            name="Nhà văn hóa", street="Xóm 2", commune_code=parcels.TAN_CUONG, weekday=2, opens="07:00",
            closes="09:00", service_point=story.here, farm=None, by=SYSTEM,
        )  # fmt: skip
        service.bring_to(story.farm_order, place, make.actor_of(story.farm_order.farm))
    assert runs.run_of(story.here).stops == []
    clock.set("2026-11-26 06:00")
    assert [stop.name for stop in runs.run_of(story.here).stops] == [story.farm_order.farm.name]
    clock.set("2026-11-25 06:00")
    (stop,) = runs.run_of(story.here).stops
    assert (stop.name, stop.parcels) == ("Nhà văn hóa", [story.parcel])
    visit.sign_in(story.person)
    assert "Nơi gom, mở 07:00–09:00" in visit("/post/run")


def test_what_needs_a_person(app, visit, clock):
    clock.set("2026-11-25 09:00")
    story = Story()
    assert runs.troubles_of(story.here) == []
    story.scan("dropped_off", point=story.here, weight_grams=9_000)
    (one,) = runs.troubles_of(story.here)
    assert "Lệch cân" in str(one.why)
    clock.set("2026-12-02 09:00")
    (one,) = runs.troubles_of(story.here)
    assert "Không ai thấy" in str(one.why)
    visit.sign_in(story.person)
    assert story.parcel.number_in_groups in visit("/post/troubles")
    story.scan("out_for_delivery", point=story.here)
    story.scan("failed", point=story.here)
    assert "lần 1 trên 3" in visit("/post/troubles")
