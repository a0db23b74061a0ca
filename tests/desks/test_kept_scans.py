"""The counter without a line: scans kept on the device, sent later, each exactly once."""

from datetime import timedelta

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.shipping.models import ParcelState, Scan
from tests.parcels import Story

P = ParcelState


@pytest.fixture
def story(app):
    return Story()


@pytest.fixture
def at_counter(story, visit):
    visit.sign_in(story.person)
    return visit


def tell(visit, **scan) -> dict:
    answer = visit.raw("POST", "/post/kept-scans", data={"csrf_token": visit.token(), **scan})
    db.session.rollback()
    return answer.get_json()


def kept(story, event="dropped_off", once="a-mark-1", minutes=30, **more) -> dict:
    made = wall_clock.now() - timedelta(minutes=minutes)
    return {"once": once, "tracking": story.parcel.tracking, "event": event, "at": made.isoformat(), **more}


def test_a_kept_scan_counts_once_and_at_its_own_hour(story, at_counter):
    scan = kept(story, weight_grams="530")
    for _time in range(5):
        assert tell(at_counter, **scan)["done"]
    assert story.states[0] is P.DROPPED_OFF
    (one,) = db.session.query(Scan).all()
    assert abs(one.at - (wall_clock.now() - timedelta(minutes=30))) < timedelta(minutes=1)
    assert (one.once, one.service_point_id, story.parcel.weighed_grams) == ("a-mark-1", story.here.id, 530)


def test_ten_scans_in_a_row_arrive_in_their_order(story, at_counter):
    for number, event in enumerate(("dropped_off", "in_transit")):
        assert tell(at_counter, **kept(story, event, f"mark-{number}", 20 - number))["done"]
    assert story.states[0] is P.IN_TRANSIT
    assert db.session.query(Scan).count() == 2


def test_what_was_scanned_meanwhile_is_said_and_not_done_twice(story, at_counter, clock):
    story.scan("dropped_off", point=story.here)
    clock.forward(minutes=2)
    said = tell(at_counter, **kept(story))
    assert not said["done"]
    assert "đã được ghi “Đã gửi tại bưu cục” rồi" in said["sentence"]
    assert db.session.query(Scan).count() == 1


def test_a_scanner_that_read_twice_is_no_mistake(story, at_counter):
    for number in range(10):
        assert tell(at_counter, **kept(story, once=f"mark-{number}"))["done"]
    assert db.session.query(Scan).count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tracking": "CA999999995VN"}, "Không có bưu gửi mang mã này"),
        ({"tracking": "CA99"}, "một phần mã"),
        ({"tracking": ""}, "Hãy quét hoặc gõ mã"),
        ({"once": ""}, "thiếu dấu"),
        ({"event": "eaten"}, ""),
        ({"weight_grams": "80000"}, "Cân nặng phải từ"),
        ({"weight_grams": "0"}, ""),
        ({"event": "delivered"}, "chưa tới điểm của bạn"),
    ],
)
def test_an_odd_scan_is_one_sentence_and_changes_nothing(story, at_counter, changes, sentence):
    said = tell(at_counter, **{**kept(story), **changes})
    assert not said["done"]
    assert sentence in said["sentence"]
    assert said["sentence"]
    assert story.states[0] is P.BOOKED
    assert not db.session.query(Scan).count()


@pytest.mark.parametrize("at", ["2031-01-01T00:00:00Z", "2001-01-01T00:00:00Z", "hôm qua", ""])
def test_a_device_with_a_wrong_clock_is_not_believed(story, at_counter, at):
    assert tell(at_counter, **{**kept(story), "at": at})["done"]
    (one,) = db.session.query(Scan).all()
    assert abs(one.at - wall_clock.now()) < timedelta(minutes=1)


def test_handing_out_is_not_guessed(story, visit):
    story.scan("at_point", point=story.there)
    visit.sign_in(story.person)
    with transaction():
        accounts.hold_post(
            db.session.get_one(Person, story.person.id), SYSTEM, service_point_id=story.there.id
        )
    said = tell(visit, **kept(story, event=""))
    assert not said["done"]
    assert "Hãy quét lại khi có mạng" in said["sentence"]
    assert story.states[0] is P.AT_POINT


def test_a_scan_whose_answer_got_lost_counts_once(story, at_counter):
    scan = {"tracking": story.parcel.tracking, "event": "dropped_off", "once": "the-mark"}
    at_counter.post("/post/scans", **scan)
    at_counter.post("/post/scans", **scan)
    assert tell(at_counter, **kept(story, once="the-mark"))["done"]
    (one,) = db.session.query(Scan).all()
    assert one.once == "the-mark"


def test_anothers_scan_on_this_machine_is_not_mine(story, at_counter):
    said = tell(at_counter, **kept(story, clerk="NOTME123"))
    assert not said["done"] and "Người khác" in said["sentence"]
    assert not db.session.query(Scan).count()


def test_a_scan_is_made_where_the_clerk_stood(story, at_counter):
    assert tell(at_counter, **kept(story, clerk=story.person.code, point=story.here.code))["done"]
    said = tell(at_counter, **kept(story, "in_transit", "mark-2", point="NOWHERE1"))
    assert not said["done"] and "không còn làm ở bưu cục" in said["sentence"]
    assert db.session.query(Scan).count() == 1


def test_the_page_without_a_line_knows_nobody(at_counter):
    page = at_counter.another()("/post/offline")
    assert page.one("form", id="scan")
    script = at_counter.raw("GET", "/post/worker.js")
    assert script.headers["Service-Worker-Allowed"] == "/post"
    assert script.mimetype in ("text/javascript", "application/javascript")
