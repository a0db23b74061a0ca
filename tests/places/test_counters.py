"""Going to a counter: open, shut for the day, shut on the day promised; where else one could go."""

from datetime import date, time, timedelta

import pytest

from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.foundation.words import in_language
from marketplace.places import counters, service
from marketplace.places.queries import Span
from tests import parcels

MONDAY = "2026-12-07 09:00"


@pytest.fixture
def usual(app, clock):
    clock.set(MONDAY)
    return parcels.point(parcels.CAU_GIAY)


@pytest.fixture
def nearby(usual):
    return parcels.point("00160")


def shut(point, day, why="Mất điện"):
    with transaction():
        service.make_exception(point, day, None, why, SYSTEM)


def test_an_open_counter_says_its_hours_and_proposes_nobody_else(usual, nearby):
    going = counters.going_to(usual)
    assert not going.is_shut and going.instead is None
    assert str(going.says) == "Hôm nay mở cửa 07:30–11:30, 13:30–17:00."


def test_shut_today_says_why_and_when_it_opens_again_and_who_is_open(usual, nearby):
    shut(usual, wall.today())
    going = counters.going_to(usual)
    assert going.is_shut and going.instead.point.id == nearby.id
    assert "đóng cửa hôm nay (Mất điện), mở lại Thứ Ba, 8/12 lúc 07:30." in str(going.says)


def test_after_hours_is_not_a_day_off(usual, nearby, clock):
    clock.set("2026-12-07 18:00")
    going = counters.going_to(usual)
    assert going.is_shut and going.instead is None
    assert "đã hết giờ hôm nay, mở lại Thứ Ba, 8/12 lúc 07:30." in str(going.says)


def test_a_day_promised_on_which_it_is_shut(usual, nearby):
    friday = date(2026, 12, 11)
    shut(usual, friday, "")
    going = counters.going_to(usual, friday)
    assert going.is_shut and going.instead.point.id == nearby.id
    assert str(going.says).startswith("Thứ Sáu, 11/12") and "mở lại Thứ Bảy, 12/12" in str(going.says)
    assert counters.first_day_open(usual, friday) == date(2026, 12, 12)


def test_tet_shuts_every_counter(usual, nearby):
    new_year = date(2027, 2, 6)  # the first of the first month, a Saturday
    going = counters.going_to(usual, new_year)
    assert going.is_shut and going.instead is None
    assert counters.first_day_open(usual, new_year) > new_year + timedelta(days=3)


def test_a_counter_without_hours_has_no_day(usual):
    with transaction():
        service.change_hours(usual, [], SYSTEM)
    going = counters.going_to(usual, date(2026, 12, 11))
    assert going.is_shut and going.opens_at is None and counters.first_day_open(usual, wall.today()) is None
    assert "chưa có ngày mở lại" in str(going.says)


def test_a_holiday_on_which_one_counter_opens_all_the_same(usual, nearby):
    tet = date(2027, 2, 6)
    with transaction():
        service.make_exception(nearby, tet, Span(time(8), time(10)), "Trực Tết", SYSTEM)
    assert counters.going_to(usual, tet).instead.point.id == nearby.id
    assert "mở cửa 08:00–10:00" in str(counters.going_to(nearby, tet).says)


def test_the_pages_say_so(usual, nearby, visit):
    shut(usual, wall.today())
    page = visit(f"/service-points/{usual.code}")
    assert "đóng cửa hôm nay (Mất điện)" in page and nearby.name in page
    with in_language("en"):
        assert "Mất điện" in str(counters.going_to(usual).says)
