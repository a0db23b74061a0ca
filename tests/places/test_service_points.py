"""The counters of the post: opened, found, open now or not, closed; and what is refused changes nothing."""

from collections import Counter
from datetime import date, datetime, time

import pytest
from sqlalchemy import func, select

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import SYSTEM, Actor, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.rules import DayOverride
from marketplace.places import queries, service
from marketplace.places.gazetteer import DATA
from marketplace.places.models import ServicePoint, ServicePointState
from marketplace.places.queries import Position, Span

TAN_CUONG, AN_XUYEN, PHAN_NGOC_HIEN, HA_NOI = "05503", "32002", "32244", "00004"
CLERK = Actor.of(5)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


def open_point(commune_code=TAN_CUONG, name="Bưu cục Tân Cương", **more):
    with transaction():
        return service.open_point(
            name=name, commune_code=commune_code, street="Xóm Hồng Thái 2", by=CLERK, **more
        )


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


# --- opening ----------------------------------------------------------------------------------------------------


def test_a_point_takes_place_and_postcode_from_its_commune(app):
    point = queries.service_point(open_point().code)
    assert point.state is ServicePointState.OPEN
    assert (point.province_code, point.postcode, point.picks_up_from) == ("19", "24129", (TAN_CUONG,))
    assert queries.distance_km(point, queries.commune(TAN_CUONG)) == 0
    assert len(point.weekly_hours) == 11
    entry = audit.trail(point)[0]
    assert (entry.verb, entry.actor_id) == ("service_point.opened", 5)


def test_a_point_with_everything_said(app):
    point = open_point(
        phone="+842083831234",
        position=Position(21.53, 105.79),
        postcode="24130",
        hours=service.read_hours("1-7 07:00-19:00"),
        picks_up_from=[TAN_CUONG, "05500"],
    )
    assert (point.lat, point.lon, point.postcode) == (21.53, 105.79, "24130")
    assert point.picks_up_from == ("05500", TAN_CUONG)
    assert len(point.weekly_hours) == 7


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"commune_code": "99999"}, "commune"),
        ({"commune_code": ""}, "commune"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"phone": "12"}, "phone"),
        ({"position": Position(9.18, 105.15)}, "position"),
        ({"position": Position(float("nan"), 105.15)}, "position"),
        ({"hours": [service.WeeklyHours(0, time(17), time(8))]}, "hours"),
        ({"hours": [service.WeeklyHours(7, time(8), time(17))]}, "hours"),
        ({"hours": service.read_hours("1 08:00-12:00 11:00-17:00")}, "hours"),
        ({"picks_up_from": ["nowhere"]}, "picks_up_from"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_opened(app, wrong, field):
    with pytest.raises(Refusal) as refusal:
        open_point(**wrong)
    assert refusal.value.field == field and str(refusal.value)
    assert count(ServicePoint) == 0 and count(AuditEntry) == 0


def test_two_points_of_a_commune_have_two_names(app):
    open_point()
    with pytest.raises(Conflict):
        open_point()
    open_point(name="Bưu cục Tân Cương 2")
    open_point(commune_code=AN_XUYEN)
    assert count(ServicePoint) == 3


@pytest.mark.parametrize(
    "text", ["always", "0 08:00-12:00", "1-8 08:00-12:00", "1 8-12", "1 25:00-26:00", "1-5"]
)
def test_hours_that_cannot_be_read(text):
    with pytest.raises(Refusal):
        service.read_hours(text)


def test_hours_as_a_clerk_writes_them():
    assert service.read_hours("") == []
    assert service.read_hours("5-6 07:30-11:30 13:30-17:00; 7 08:00-11:00") == [
        (4, time(7, 30), time(11, 30)),
        (4, time(13, 30), time(17)),
        (5, time(7, 30), time(11, 30)),
        (5, time(13, 30), time(17)),
        (6, time(8), time(11)),
    ]


# --- open now? --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open", "next_opening"),
    [
        ("2026-11-23 08:00", True, "2026-11-23 08:00"),  # a Monday
        ("2026-11-23 11:30", False, "2026-11-23 13:30"),  # lunch
        ("2026-11-23 17:00", False, "2026-11-25 07:30"),  # tomorrow is Vietnam Culture Day
        ("2026-11-24 09:00", False, "2026-11-25 07:30"),
        ("2026-11-28 09:00", True, "2026-11-28 09:00"),  # Saturday morning
        ("2026-11-28 12:00", False, "2026-11-30 07:30"),  # over Sunday
        ("2026-11-29 09:00", False, "2026-11-30 07:30"),
        ("2027-02-05 09:00", False, "2027-02-11 07:30"),  # Tết Đinh Mùi
        ("2026-08-22 15:00", True, "2026-08-22 15:00"),  # a Saturday worked in place of 31 August
        ("2026-08-31 09:00", False, "2026-09-03 07:30"),
    ],
)
def test_open_now_and_next(app, moment, is_open, next_opening):
    point = open_point()
    assert queries.is_open(point, at(moment)) is is_open
    assert queries.opens_next(point, at(moment)) == at(next_opening)


def test_hours_of_a_day_say_why(app):
    point = open_point()
    assert queries.hours_on(point, date(2026, 11, 24)).reason == "Ngày Văn hóa Việt Nam"
    assert queries.hours_on(point, date(2026, 8, 22)).reason == "Làm bù"
    assert queries.hours_on(point, date(2026, 11, 23)).reason is None
    assert queries.closes_next(point, at("2026-11-23 08:00")) == at("2026-11-23 11:30")
    assert queries.closes_next(point, at("2026-11-23 12:00")) is None


def test_a_day_the_government_swaps(app):
    with transaction():
        for day, is_working in ((date(2026, 11, 27), False), (date(2026, 11, 29), True)):
            db.session.add(DayOverride(valid_from=day, valid_to=day, is_working=is_working))
    point = open_point()
    assert not queries.is_open(point, at("2026-11-27 09:00"))
    assert queries.is_open(point, at("2026-11-29 15:00"))


def test_a_point_without_hours_is_never_open(app):
    point = open_point(hours=[])
    assert not queries.is_open(point, at("2026-11-23 08:00"))
    assert queries.opens_next(point, at("2026-11-23 08:00")) is None


def test_change_hours(app):
    point = open_point()
    with transaction():
        service.change_hours(point, service.read_hours("7 20:00-22:00"), by=CLERK)
    assert queries.opens_next(point, at("2026-11-23 08:00")) == at("2026-11-29 20:00")
    assert audit.trail(point)[-1].details["hours"] == ["6 20:00-22:00"]


def test_hours_that_are_refused_leave_the_old_ones(app):
    point = open_point()
    with pytest.raises(Refusal), transaction():
        service.change_hours(point, [service.WeeklyHours(0, time(9), time(8))], by=CLERK)
    assert len(point.weekly_hours) == 11 and point.hours_changed_at is None
    assert [entry.verb for entry in audit.trail(point)] == ["service_point.opened"]


# --- days unlike the others -------------------------------------------------------------------------------------


def test_exceptions_come_before_holidays_and_weekly_hours(app, clock):
    clock.set("2026-11-22 08:00")
    point = open_point()
    with transaction():
        service.make_exception(point, date(2026, 11, 24), Span(time(8), time(10)), "Trực lễ", by=CLERK)
        service.make_exception(point, date(2026, 11, 25), None, "Mất điện", by=CLERK)
    assert queries.is_open(point, at("2026-11-24 09:00"))
    assert not queries.is_open(point, at("2026-11-25 09:00"))
    assert queries.hours_on(point, date(2026, 11, 25)).reason == "Mất điện"
    with transaction():
        service.make_exception(point, date(2026, 11, 25), Span(time(13), time(15)), "", by=CLERK)
        service.drop_exception(point, date(2026, 11, 24), by=CLERK)
        service.drop_exception(point, date(2026, 11, 26), by=CLERK)
    assert len(point.exceptions) == 1
    assert queries.opens_next(point, at("2026-11-24 09:00")) == at("2026-11-25 13:00")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 11, 21), None), (date(2026, 11, 23), Span(time(9), time(9)))],
)
def test_an_exception_that_is_refused_is_not_kept(app, clock, day, hours):
    clock.set("2026-11-22 08:00")
    point = open_point()
    with pytest.raises(Refusal), transaction():
        service.make_exception(point, day, hours, "", by=CLERK)
    assert point.exceptions == []


# --- finding ----------------------------------------------------------------------------------------------------


def test_the_point_of_a_commune(app):
    assert queries.service_point_for(TAN_CUONG) is None
    far = open_point(AN_XUYEN, "Bưu cục An Xuyên")
    assert queries.service_point_for(TAN_CUONG) is far
    same_province = open_point("05443", "Bưu cục Phan Đình Phùng")
    assert queries.service_point_for(TAN_CUONG) is same_province
    collecting = open_point("02143", "Bưu cục Văn Lang", picks_up_from=["02143", TAN_CUONG])
    assert queries.service_point_for(TAN_CUONG) is collecting
    own = open_point()
    open_point(name="Bưu cục Tân Cương 2", position=Position(21.55, 105.80))
    assert queries.service_point_for(TAN_CUONG) is own
    with pytest.raises(Missing):
        queries.service_point_for("99999")


def test_points_are_found_by_place_words_and_distance(app):
    tan_cuong = open_point()
    an_xuyen = open_point(AN_XUYEN, "Bưu cục An Xuyên")
    hien = open_point(PHAN_NGOC_HIEN, "Điểm BĐ-VHX Phan Ngọc Hiển")
    assert queries.service_points(province="96") == [an_xuyen, hien]
    assert queries.service_points(commune=TAN_CUONG) == [tan_cuong]
    assert queries.service_points(text="tan cuong") == queries.service_points(text="Tân Cương") == [tan_cuong]
    assert queries.service_points(text="an xuyên, cà mau") == [an_xuyen]
    assert queries.service_points(text="%") == queries.service_points(text="_") == []
    ca_mau = Position(9.1769, 105.1524)
    assert queries.service_points(near=ca_mau) == [an_xuyen, hien, tan_cuong]
    assert queries.service_points(near=ca_mau, limit=1, offset=1) == [hien]
    assert queries.service_points(limit=2, offset=2) == queries.service_points()[2:]
    assert queries.count_service_points() == 3
    assert queries.count_service_points(province="96", text="bưu cục") == 1
    assert queries.service_points_by_province() == {"19": 1, "96": 2}


def test_an_unknown_code_is_missing(app):
    with pytest.raises(Missing):
        queries.service_point("BC000000")


# --- closing ----------------------------------------------------------------------------------------------------


def test_a_closed_point_is_no_longer_chosen(app):
    point = open_point()
    with transaction():
        service.close_point(point, by=CLERK, why="Dời về trung tâm")
    assert queries.service_points() == [] and queries.service_points_by_province() == {}
    assert queries.service_point_for(TAN_CUONG) is None
    assert not queries.is_open(point, at("2026-11-23 08:00"))
    assert queries.service_point(point.code).closed_at is not None
    assert audit.trail(point)[-1].details["why"] == "Dời về trung tâm"


def test_it_is_closed_once_and_can_open_again(app):
    point = open_point()
    with transaction():
        service.close_point(point, by=CLERK)
    with pytest.raises(Conflict), transaction():
        service.close_point(point, by=CLERK)
    with transaction():
        service.reopen_point(point, by=SYSTEM)
    assert point.closed_at is None and queries.service_points() == [point]
    verbs = [entry.verb for entry in audit.trail(point)]
    assert verbs == ["service_point.opened", "service_point.closed", "service_point.open"]


def test_pickups_change_and_stay_their_rows(app):
    point = open_point(picks_up_from=[TAN_CUONG, "05500"])
    with transaction():
        service.change_pickups(point, ["05500", "05443"], by=CLERK)
    assert queries.service_point(point.code).picks_up_from == ("05443", "05500")
    with pytest.raises(Refusal), transaction():
        service.change_pickups(point, ["nowhere"], by=CLERK)
    assert queries.service_point(point.code).picks_up_from == ("05443", "05500")
    with transaction():
        service.change_pickups(point, [], by=CLERK)
    assert queries.service_point(point.code).picks_up_from == (TAN_CUONG,)


# --- the demo's points ------------------------------------------------------------------------------------------


def test_the_illustrative_points_can_all_be_opened(app):
    lines = (DATA / "demo_service_points.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Illustrative")
    with transaction():
        for line in lines[2:]:
            name, commune_code, street, lat, lon, hours = line.split("\t")
            service.open_point(
                name=name,
                commune_code=commune_code,
                street=street,
                position=Position(float(lat), float(lon)),
                hours=service.read_hours(hours),
                by=SYSTEM,
            )
    assert queries.service_points_by_province() == {"19": 92, "96": 127}
    per_commune = Counter(point.commune_code for point in queries.service_points())
    for province in ("19", "96"):
        assert all(per_commune[commune.code] for commune in queries.communes(province))
