"""What leaves a point together: counted, signed for, handed to the van once."""

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict
from marketplace.shipping import manifests
from marketplace.shipping.models import Manifest, ManifestState, ParcelState
from tests import cast
from tests.parcels import Story

P, M = ParcelState, ManifestState


@pytest.fixture
def story(app):
    made = Story()
    made.scan("dropped_off", point=made.here, weight_grams=520)
    return made


@pytest.fixture
def at_counter(story, visit):
    visit.sign_in(story.person)
    return visit


def another_clerk(point):
    person = cast.another("Clerk khác", "0912000055", Role.CLERK)
    with transaction():
        accounts.hold_post(db.session.get_one(Person, person.id), SYSTEM, service_point_id=point.id)
    return person


def the_manifest() -> Manifest:
    db.session.expire_all()
    return db.session.query(Manifest).one()


def test_closed_printed_handed_over(story, at_counter):
    page = at_counter("/post/manifests")
    assert story.parcel.number_in_groups in page
    page = page.form("/post/manifests").submit()
    manifest = the_manifest()
    assert (manifest.state, manifest.parcel_count) == (M.CLOSED, 1)
    assert story.states[0] is P.DROPPED_OFF
    sheet = at_counter.raw("GET", f"/post/manifests/{manifest.code}.pdf")
    assert sheet.data.startswith(b"%PDF")
    page = page.form(f"/post/manifests/{manifest.code}/collection").submit()
    assert "Đã giao xe: 1 bưu gửi" in page
    assert (the_manifest().state, story.states[0]) == (M.COLLECTED, P.IN_TRANSIT)
    again = at_counter.post(f"/post/manifests/{manifest.code}/collection", status=409)
    assert "đã giao cho xe rồi" in again
    assert len(story.parcel.scans) == 2


def test_one_press_does_both(story, at_counter):
    page = at_counter("/post").form("/post/departures").submit()
    assert "1 bưu gửi rời" in page
    assert (the_manifest().state, story.states[0]) == (M.COLLECTED, P.IN_TRANSIT)


def test_a_parcel_stands_on_one_manifest_and_may_be_left_behind(story, at_counter):
    at_counter("/post/manifests").form("/post/manifests").submit()
    code = the_manifest().code
    assert "Không có bưu gửi nào chờ chuyển đi" in at_counter.post("/post/manifests", status=409)
    at_counter.post(f"/post/manifests/{code}/removals", tracking=story.parcel.tracking)
    assert the_manifest().parcel_count == 0
    assert "ở bước" in at_counter.post(
        "/post/scans", status=409, tracking=story.parcel.tracking, event="returned"
    )
    with transaction():
        again = manifests.close([story.parcel], story.here, story.clerk)
        assert again.parcel_count == 1


def test_what_was_scanned_elsewhere_meanwhile_is_passed_over(story, at_counter):
    at_counter("/post/manifests").form("/post/manifests").submit()
    story.scan("at_point", point=story.there)
    story.scan("delivered", point=story.there)
    at_counter.post(f"/post/manifests/{the_manifest().code}/collection")
    assert story.states[0] is P.DELIVERED


def test_another_point_does_not_see_it(story, at_counter, visit):
    at_counter("/post/manifests").form("/post/manifests").submit()
    other = visit.another()
    other.sign_in(another_clerk(story.elsewhere))
    other(f"/post/manifests/{the_manifest().code}", status=404)
    with pytest.raises(Conflict), transaction():
        manifests.close([], story.here, story.clerk)
