"""A carrier asked over real HTTP, with everything that goes wrong: prices that are true, or the tariff's as estimates."""

import time
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from marketplace.foundation import clock as wall_clock
from marketplace.foundation import market
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.shipping import asking, jobs, port, service
from marketplace.shipping.adapters.rate_hook import RateHook
from marketplace.shipping.adapters.tariff import TariffCarrier
from marketplace.shipping.adapters.vnpost import Vnpost
from marketplace.shipping.asking import AskedCarrier, Breaker
from marketplace.shipping.models import KeptQuote
from marketplace.shipping.port import Goods, Order, Place, QuoteRequest, Sender
from tests.doubles import carrier as double_of

pytestmark = pytest.mark.network_double
TAN_CUONG, CAU_GIAY, NAM_CAN = Place("19", "05503"), Place("01", "00166"), Place("96", "32191")
FAULTS = [
    "error",
    "html",
    "half",
    "negative",
    "currency",
    "empty",
    "huge",
    "hang_up",
    "refused",
    "nonsense",
    "cheap",
]


@pytest.fixture(scope="module")
def post():
    with double_of.running() as double:
        yield double


@pytest.fixture
def tables(app, post):
    post.fail(None)
    with transaction():
        service.load_tables(SYSTEM)
    db.session.rollback()


def vnpost(post) -> Vnpost:
    return Vnpost(post.url, "cho-que", "mat-khau", "C0001")


def hook(post) -> RateHook:
    return RateHook(f"{post.url}/rates", post.secret)


@pytest.fixture(params=[vnpost, hook], ids=["vnpost", "rate_hook"])
def asked(request, tables, post):
    return AskedCarrier(request.param(post), TariffCarrier(), deadline=1.5)


def question(grams=500, to=CAU_GIAY, **changes) -> QuoteRequest:
    facts = {
        "origin": TAN_CUONG,
        "destination": to,
        "parcels": [Goods(grams, 100, 100, 100)],
        "value_dong": 450_000,
        "is_cod": True,
        "handling": frozenset({"dry"}),
        "at": wall_clock.now(),
        "ready_on": date(2026, 11, 25),
    }
    return QuoteRequest(**{**facts, **changes})


def rested() -> None:
    db.session.rollback()


def is_live(quotes: port.Quotes) -> bool:
    return bool(quotes.services) and not any(one.is_estimate for one in quotes.services)


# -- when all is well ---------------------------------------------------------------------------------------------


def test_the_carriers_price_is_what_the_page_shows(tables, post):
    asked = AskedCarrier(vnpost(post), TariffCarrier())
    found = asked.quote(question(grams=2_300))
    assert {one.code: one.fee_dong for one in found.services} == {"TIEU_CHUAN": 21_900, "EMS": 28_800}
    one = found.service("EMS")
    assert one is not None
    assert (one.source, one.is_estimate, one.is_illustration, one.basis) == ("vnpost", False, False, "VNPost")
    assert one.cod_fee_dong == 11_000
    assert one.valid_until > wall_clock.now() + timedelta(minutes=14)
    # the days are our tariff's, in working days
    assert (one.days_min, one.days_max) == (1, 2)
    assert [str(no.reason) for no in found.refused] == ["Chỉ nhận gửi trong tỉnh."]


def test_a_hook_offers_services_of_its_own(tables, post):
    found = AskedCarrier(hook(post), TariffCarrier()).quote(question())
    assert [(one.code, one.name, one.fee_dong) for one in found.services] == [
        ("HOOK-TC", "Xe tải tỉnh", 21_000),
        ("HOOK-NHANH", "Xe tải nhanh", 27_000),
    ]
    assert found.services[0].arrives_to == date(2026, 11, 30)
    fresh = AskedCarrier(hook(post), TariffCarrier()).quote(question(grams=501, within_days=3))
    assert [one.code for one in fresh.services] == ["HOOK-NHANH"]
    assert "quá hạn giữ của hàng (3 ngày)" in str(fresh.refused[0].reason)


def test_a_hook_that_is_signed_with_another_secret_gets_no_price(tables, post):
    wrong = AskedCarrier(RateHook(f"{post.url}/rates", "another secret"), TariffCarrier())
    assert not is_live(wrong.quote(question(grams=502)))


def test_the_same_question_costs_the_same_until_it_holds_no_more(asked, post, clock):
    clock.set("2026-11-24 10:00")
    first = asked.quote(question(grams=700))
    before = post.told["prices"]
    rested()
    again = asked.quote(question(grams=700))
    assert is_live(again)
    assert [one.facts() for one in again.services] == [one.facts() for one in first.services]
    assert post.told["prices"] == before
    post.fail("error")
    clock.set("2026-11-24 10:14")
    rested()
    assert is_live(asked.quote(question(grams=700)))
    clock.set("2026-11-24 10:16")
    rested()
    assert not is_live(asked.quote(question(grams=700)))


def test_inside_a_deed_nobody_is_asked(asked, post):
    before = post.told["calls"]
    with transaction():
        inside = asked.quote(question(grams=800))
    assert not is_live(inside)
    assert post.told["calls"] == before
    outside = asked.quote(question(grams=800))
    assert is_live(outside)
    with transaction():
        assert [one.facts() for one in asked.quote(question(grams=800)).services] == [
            one.facts() for one in outside.services
        ]


def test_three_farms_are_asked_at_once(tables, post):
    asked = AskedCarrier(vnpost(post), TariffCarrier())
    requests = [question(grams=900 + n, to=to) for n, to in enumerate((CAU_GIAY, NAM_CAN, CAU_GIAY))]
    assert all(is_live(one) for one in asked.quote_all(requests))


def test_answers_that_hold_no_more_are_cleared_away(asked, clock):
    clock.set("2026-11-24 10:00")
    asked.quote(question(grams=950))
    rested()
    assert len(list(db.session.scalars(select(KeptQuote)))) == 1
    clock.set("2026-11-24 11:00")
    jobs.forget_kept_quotes()
    assert not list(db.session.scalars(select(KeptQuote)))


# -- when it is not -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_it_answers_the_tariff_stands_in(asked, post, fault):
    post.fail(fault)
    found = asked.quote(question(grams=1_000))
    base = TariffCarrier().quote(question(grams=1_000))
    assert [(s.code, s.fee_dong) for s in found.services] == [(s.code, s.fee_dong) for s in base.services]
    assert all(one.is_estimate for one in found.services)
    assert not list(db.session.scalars(select(KeptQuote)))
    post.fail(None)
    rested()
    assert is_live(asked.quote(question(grams=1_000)))


def test_a_carrier_that_takes_thirty_seconds_costs_the_deadline_and_then_nothing(tables, post):
    asked = AskedCarrier(vnpost(post), TariffCarrier(), deadline=0.4)
    post.fail("slow")
    begun = time.monotonic()
    found = asked.quote_all([question(grams=1_100 + n) for n in range(3)])
    assert time.monotonic() - begun < 1.0
    assert not any(is_live(one) for one in found)
    for _ in range(20):  # their own deadlines end a moment after the page's
        if not asked.breaker.is_closed:
            break
        time.sleep(0.05)
    rested()
    begun = time.monotonic()
    asked.quote(question(grams=1_200))
    assert time.monotonic() - begun < 0.2


def test_live_prices_return_by_themselves(tables, post):
    now = [0.0]
    asked = AskedCarrier(vnpost(post), TariffCarrier())
    asked.breaker = Breaker(lambda: now[0])
    post.fail("error")
    for n in range(3):
        asked.quote(question(grams=1_300 + n))
        rested()
    assert not asked.breaker.is_closed
    post.fail(None)
    assert not is_live(asked.quote(question(grams=1_310)))  # its rest is not over
    now[0] += asking.RESTS
    assert not is_live(asked.quote(question(grams=1_311)))  # the trial is on nobody's page
    asked._threads.shutdown(wait=True)
    assert asked.breaker.is_closed


def test_a_breaker_rests_longer_each_time_and_tries_once():
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(asking.FAILURES):
        assert breaker.is_closed
        breaker.went_wrong()
    rests = []
    for _ in range(6):
        assert not breaker.take_trial()
        before = now[0]
        while not breaker.take_trial():
            now[0] += 1
        assert not breaker.take_trial()  # one question, not everybody's
        rests.append(now[0] - before)
        breaker.went_wrong()
    assert rests == [5, 10, 20, 40, 60, 60]
    now[0] += 60
    assert breaker.take_trial()
    breaker.went_well()
    assert breaker.is_closed


# -- parcels ------------------------------------------------------------------------------------------------------


def an_order(code="BG7K2M9A") -> Order:
    return Order(
        code=code,
        service_code="EMS",
        sender=Sender("Trà An", "0987654321", "Xóm Hồng Thái 2", TAN_CUONG),
        recipient=Sender("Lan", "0912345678", "12 Cầu Giấy", CAU_GIAY),
        goods=Goods(500, 200, 150, 101),
        value_dong=450_000,
        cod_dong=490_000,
    )


def test_a_parcel_is_booked_once_however_often_it_is_asked(post):
    post.fail(None)
    until = time.monotonic() + 5
    first, again = vnpost(post).book(an_order(), until), vnpost(post).book(an_order(), until)
    assert first == again
    assert first.number.startswith("EV")
    told = post.told["orders"]["BG7K2M9A"]
    assert (told["serviceCode"], told["height"], told["receiverDistrictCode"]) == ("ETN001", 11, "VNPOST")
    assert {row["code"]: row["propertyValue"] for row in told["addonService"]} == {
        "GTG021": "490000",
        "GTG008": "450000",
    }
    vnpost(post).cancel(first.number, until)
    assert first.number in post.told["cancelled"]


@pytest.mark.parametrize("fault", ["error", "html", "half", "hang_up", "refused"])
def test_a_booking_that_goes_wrong_says_so(post, fault):
    post.fail(fault)
    with pytest.raises((port.Away, port.WrongAnswer)):
        vnpost(post).book(an_order("BG000001"), time.monotonic() + 3)
    post.fail(None)


def test_its_history_in_our_words(post):
    post.fail(None)
    post.say(
        "EV100000010VN",
        {"status": 14, "statusDate": "2026-11-27 09:00:00", "statusName": "Đã giao hàng"},
        {"status": 10, "statusDate": "2026-11-25 18:30:00"},
        {"status": 999, "statusDate": "2026-11-26 18:30:00"},
    )
    found = vnpost(post).history("EV100000010VN", time.monotonic() + 5)
    assert [one.kind for one in found] == ["in_transit", None, "delivered"]
    assert found[0].at == datetime(2026, 11, 25, 18, 30, tzinfo=wall_clock.ZONE)


def test_the_market_without_a_carrier_outside_asks_nobody(app):
    assert port.outside() is None
    assert not port.carrier().asks_outside
    assert market.plugged("shipping.carrier").source == "tariff"
