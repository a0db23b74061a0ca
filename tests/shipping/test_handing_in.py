"""A parcel handed in at another counter than it was to be brought to: taken and told, or refused with one sentence."""

from datetime import timedelta

import pytest

from marketplace.foundation import audit
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.orders.models import FarmOrderState
from marketplace.shipping import service
from marketplace.shipping.models import ParcelState
from tests import parcels
from tests.shipping.test_scans import refused, story, story_scan

__all__ = ["story"]

P, F = ParcelState, FarmOrderState


@pytest.mark.parametrize("kind", sorted(service.TAKES_IN))
def test_handed_in_at_another_counter_of_the_province_its_way_begins_there(story, kind):
    near = parcels.point("05533")
    story.scan(kind, point=near)
    assert (story.parcel.origin_point_id, story.parcel.last_point_id) == (near.id, near.id)
    assert story.said() == ["shipping/handed_in_elsewhere_farm", "shipping/handed_in_elsewhere"]
    assert audit.trail(story.parcel)[-2].verb == "parcel.handed_in_elsewhere"
    for kind, at in (("at_point", story.there), ("returning", story.there), ("returned", near)):
        story.scan(kind, point=at)
    assert story.states == (P.RETURNED, F.RETURNED)


@pytest.mark.parametrize("kind", sorted(service.TAKES_IN))
def test_handed_in_in_another_province_or_against_the_rule_it_is_refused(story, kind, clock):
    no = refused(
        story, lambda: story_scan(story, kind, point=story.elsewhere), "không nhận ở đây được. Hãy gửi tại"
    )
    assert no.status == 409
    near = parcels.point("05533")
    with transaction():
        service.adopt_hand_in_rule(
            within="point", valid_from=wall.today() + timedelta(1), legal_basis="thử", by=SYSTEM
        )
    clock.set(wall.now() + timedelta(days=1))
    refused(story, lambda: story_scan(story, kind, point=near), "phải gửi tại Bưu cục Xã Tân Cương")
    assert story.scan(kind, point=story.here).moved


def test_brought_to_the_counter_instead_of_the_place_neighbours_chose(story):
    with transaction():
        place = service.open_collection_point(
            name="Nhà văn hóa", street="", commune_code=parcels.TAN_CUONG, weekday=1, opens="07:00",
            closes="09:00", service_point=story.here, farm=None, by=SYSTEM,
        )  # fmt: skip
        story.parcel.collection_point = place
    story.scan("dropped_off", point=story.here)
    assert story.said() == []
