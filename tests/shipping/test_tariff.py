"""The embedded carrier: its arithmetic to the đồng, and what no table may break."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.words import in_language
from marketplace.shipping import fees, port, price_list, service
from marketplace.shipping.adapters import tariff
from marketplace.shipping.adapters.tariff import TariffCarrier
from marketplace.shipping.models import RemoteCommune, ServiceNumber, Tariff
from marketplace.shipping.port import Goods, Place, QuoteRequest, Service

TABLE = fees.shipped_tariff()
TAN_CUONG, CAU_GIAY, LONG_HAI, NAM_CAN, CON_DAO = "05503", "00166", "26662", "32191", "26732"
WEDNESDAY = date(2026, 11, 25)

# data/tariff_example.json, worked_examples: service, zone, grams, main, fuel, VAT, whole
GOLDEN = [
    ("TIEU_CHUAN", "noi_tinh", 500, 20000, 3000, 1840, 24840),
    ("TIEU_CHUAN", "cach_vung", 5300, 77000, 11550, 7084, 95634),
    ("EMS", "can_vung", 1800, 62000, 9300, 5704, 77004),
    ("EMS", "cach_vung", 10209, 249500, 37425, 22954, 309879),
]
# worked out by hand from the same table, VAT 8 % until 31/12/2026 and 10 % after
MORE = [
    # at, just over and far over a step; the last step is not free of the one before
    ("TIEU_CHUAN", "noi_tinh", 2000, date(2026, 12, 31), False, 0, [20000, 3000, 0, 0, 1840], 24840),
    ("TIEU_CHUAN", "noi_tinh", 2001, date(2026, 12, 31), False, 0, [22500, 3375, 0, 0, 2070], 27945),
    ("TIEU_CHUAN", "noi_vung", 2501, date(2026, 12, 31), False, 0, [35000, 5250, 0, 0, 3220], 43470),
    ("TIEU_CHUAN", "can_vung", 30000, date(2026, 12, 31), False, 0, [312000, 46800, 0, 0, 28704], 387504),
    ("EMS", "noi_tinh", 500, date(2026, 12, 31), False, 0, [18000, 2700, 0, 0, 1656], 22356),
    ("EMS", "noi_tinh", 501, date(2026, 12, 31), False, 0, [22000, 3300, 0, 0, 2024], 27324),
    ("EMS", "noi_vung", 1500, date(2026, 12, 31), False, 0, [40000, 6000, 0, 0, 3680], 49680),
    ("HOA_TOC", "noi_tinh", 2600, date(2026, 12, 31), False, 0, [72000, 10800, 0, 0, 6624], 89424),
    # remote: 20 % of the main fee; cold: 15.000 ₫ a parcel
    ("TIEU_CHUAN", "cach_vung", 800, date(2026, 12, 31), True, 0, [35000, 5250, 7000, 0, 3780], 51030),
    ("EMS", "noi_vung", 800, date(2026, 12, 31), False, 1, [33000, 4950, 0, 15000, 4236], 57186),
    ("EMS", "noi_vung", 800, date(2026, 12, 31), True, 1, [33000, 4950, 6600, 15000, 4764], 64314),
    # the day VAT goes back to 10 %
    ("TIEU_CHUAN", "noi_tinh", 500, date(2027, 1, 1), False, 0, [20000, 3000, 0, 0, 2300], 25300),
    ("TIEU_CHUAN", "cach_vung", 5300, date(2027, 1, 1), False, 0, [77000, 11550, 0, 0, 8855], 97405),
]
PARTS = ["main", "fuel", "remote", "cold", "vat"]


def steps(service: str, zone: str) -> dict[str, int]:
    return next(row for row in TABLE["services"] if row["code"] == service)["table"][zone]


def parts_of(service, zone, grams, day, is_remote=False, cold=0):
    found = tariff.fee_parts(TABLE, steps(service, zone), [grams], is_remote, cold, day)
    return {part.code: part.amount_dong for part in found}


@pytest.mark.parametrize(("code", "zone", "grams", "main", "fuel", "vat", "whole"), GOLDEN)
def test_the_worked_examples_to_the_dong(code, zone, grams, main, fuel, vat, whole):
    parts = parts_of(code, zone, grams, date(2026, 12, 31))
    assert parts == {"main": main, "fuel": fuel, "vat": vat}
    assert sum(parts.values()) == whole


@pytest.mark.parametrize(("code", "zone", "grams", "day", "is_remote", "cold", "parts", "whole"), MORE)
def test_worked_out_by_hand(code, zone, grams, day, is_remote, cold, parts, whole):
    found = parts_of(code, zone, grams, day, is_remote, cold)
    assert found == {name: amount for name, amount in zip(PARTS, parts, strict=True) if amount}
    assert sum(found.values()) == whole


def test_each_component_is_rounded_half_up_before_they_are_added():
    table = {
        **TABLE,
        "surcharges": [
            {**one, "value": 0.05} if one["code"] == "fuel" else one for one in TABLE["surcharges"]
        ],
    }
    found = tariff.fee_parts(table, {"2000": 1001, "step": 500, "step_fee": 1}, [1], False, 0, WEDNESDAY)
    # 1001 × 0,05 % = 0,5005 → 1; (1001 + 1) × 8 % = 80,16 → 80
    assert [part.amount_dong for part in found] == [1001, 1, 80]


def test_two_parcels_pay_two_main_fees_and_one_rounding():
    found = tariff.fee_parts(TABLE, steps("EMS", "noi_vung"), [500, 800], False, 0, WEDNESDAY)
    assert [part.amount_dong for part in found] == [26000 + 33000, 8850, 5428]


@pytest.mark.parametrize(
    ("goods", "pays_for"),
    [
        (Goods(500, 100, 100, 100), 500),  # 1.000 cm³ → 167 g: the scales win
        (Goods(100, 100, 100, 100), 167),  # rounded up
        (Goods(500, 200, 200, 200), 1334),  # 8.000 cm³ / 6 = 1.333,3
        (Goods(500, 600, 100, 100), 1000),
    ],
)
def test_volumetric_weight(goods, pays_for):
    assert tariff.chargeable_grams(goods, 6000) == pays_for


@pytest.mark.parametrize(
    ("collected", "fee"),
    [
        (0, 0),
        (300_000, 0),
        (300_001, 10_800),
        (1_000_000, 10_800),
        (1_000_001, 10_800),
        (1_500_000, 16_200),
        (5_000_000, 54_000),
        (5_000_001, 54_000),
        (10_000_000, 86_400),
        (50_000_000, 432_000),
        (50_000_001, None),
    ],
)
def test_cash_at_the_door(collected, fee):
    assert tariff.cod_fee(TABLE, collected, WEDNESDAY) == fee


def test_cash_at_the_door_pays_ten_percent_from_the_new_year():
    assert tariff.cod_fee(TABLE, 500_000, date(2026, 12, 31)) == 10_800
    assert tariff.cod_fee(TABLE, 500_000, date(2027, 1, 1)) == 11_000


@settings(deadline=None)
@given(some.integers(0, 50_000_000), some.integers(0, 1_000_000))
def test_more_cash_never_costs_less(collected, more):
    less, fee = (tariff.cod_fee(TABLE, dong, WEDNESDAY) for dong in (collected, collected + more))
    assert less is not None
    assert fee is None or fee >= less


LANES = [(row["code"], zone) for row in TABLE["services"] for zone in row["table"]]


@settings(deadline=None)
@given(
    some.sampled_from(LANES),
    some.integers(1, 40_000),
    some.integers(0, 5_000),
    some.booleans(),
    some.booleans(),
)
def test_more_weight_never_costs_less_and_the_parts_are_never_negative(lane, grams, more, is_remote, is_cold):
    lighter, heavier = (parts_of(*lane, g, WEDNESDAY, is_remote, int(is_cold)) for g in (grams, grams + more))
    assert sum(lighter.values()) <= sum(heavier.values())
    assert all(amount > 0 for amount in lighter.values())


# -- asked through the port ---------------------------------------------------------------------------------------


@pytest.fixture
def tables(app):
    with transaction():
        service.load_tables(SYSTEM)


def request(to=CAU_GIAY, province="01", **changes) -> QuoteRequest:
    asked = QuoteRequest(
        origin=Place("19", TAN_CUONG),
        destination=Place(province, to),
        parcels=[Goods(500, 100, 100, 100)],
        value_dong=450_000,
        is_cod=True,
        handling=frozenset({"dry"}),
        at=clock.at(date(2026, 11, 20), datetime.min.time()),
        ready_on=date(2026, 11, 20),
    )
    return replace(asked, **changes)


@pytest.mark.parametrize(
    ("to", "province", "fees_dong", "days"),
    [
        (
            "05500",
            "19",
            {"EMS": 22_356, "TIEU_CHUAN": 24_840, "HOA_TOC": 74_520},
            {"EMS": (1, 1), "HOA_TOC": (0, 0)},
        ),
        (CAU_GIAY, "01", {"EMS": 32_292, "TIEU_CHUAN": 34_776}, {"EMS": (1, 2), "TIEU_CHUAN": (2, 3)}),
        ("20194", "48", {"EMS": 39_744, "TIEU_CHUAN": 39_744}, {"EMS": (2, 3), "TIEU_CHUAN": (3, 5)}),
        (NAM_CAN, "96", {"EMS": 43_470, "TIEU_CHUAN": 43_470}, {"EMS": (2, 3), "TIEU_CHUAN": (4, 6)}),
    ],
)
def test_every_zone(tables, to, province, fees_dong, days):
    found = port.carrier().quote(request(to, province))
    assert {one.code: one.fee_dong for one in found.services} == fees_dong
    for code, ends in days.items():
        one = found.service(code)
        assert one is not None
        assert (one.days_min, one.days_max) == ends
    for one in found.services:
        assert sum(part.amount_dong for part in one.parts) == one.fee_dong
        assert one.is_illustration
        assert one.source == "tariff"
        assert "Biểu cước minh họa" in one.basis
    assert [one.fee_dong for one in found.services] == sorted(one.fee_dong for one in found.services)
    refused = {one.code: str(one.reason) for one in found.refused}
    assert refused == ({} if province == "19" else {"HOA_TOC": "Chỉ nhận gửi trong tỉnh."})


def test_an_island_pays_the_remote_surcharge(tables):
    remote = db.session.query(RemoteCommune.commune_code).all()
    assert len(remote) == 13
    assert (CON_DAO,) in remote
    parts = {
        part.code: part.amount_dong for part in port.carrier().quote(request(CON_DAO, "79")).services[0].parts
    }
    assert parts["remote"] == parts["main"] // 5


def test_vat_is_that_of_the_day_the_goods_are_handed_over(tables):
    last, first = (
        port.carrier().quote(request(ready_on=day)).service("EMS")
        for day in (date(2026, 12, 31), date(2027, 1, 4))
    )
    assert last is not None
    assert first is not None
    assert {part.code: part.amount_dong for part in last.parts}["vat"] == 2392
    assert {part.code: part.amount_dong for part in first.parts}["vat"] == 2990


def test_days_promised_are_working_days(tables):
    # Friday 20/11; Tuesday 24/11 is Vietnam Culture Day
    ems = port.carrier().quote(request()).service("EMS")
    assert ems is not None
    assert (ems.arrives_from, ems.arrives_to) == (date(2026, 11, 23), date(2026, 11, 25))


@pytest.mark.parametrize(
    ("within", "offered"),
    [(None, {"EMS", "TIEU_CHUAN"}), (6, {"EMS", "TIEU_CHUAN"}), (5, {"EMS"}), (4, set()), (0, set())],
)
def test_only_what_arrives_while_the_goods_are_fit_is_offered(tables, within, offered):
    # over the weekend and the holiday: EMS at most 5 calendar days, standard at most 6
    found = port.carrier().quote(request(within_days=within, handling=frozenset({"fresh"})))
    assert {one.code for one in found.services} == offered
    for one in found.refused:
        if one.code != "HOA_TOC":
            assert f"quá hạn giữ của hàng ({within} ngày)" in str(one.reason)


def test_tet_is_counted(tables):
    # Wednesday 3/2/2027; the office is shut 4–10 February
    ems = port.carrier().quote(request(ready_on=date(2027, 2, 3))).service("EMS")
    assert ems is not None
    assert ems.arrives_from > date(2027, 2, 8)
    found = port.carrier().quote(request(ready_on=date(2027, 2, 3), within_days=3))
    assert not found.services


def test_too_heavy_and_too_bulky_are_refused_with_the_reason(tables):
    for goods in (Goods(30_001, 100, 100, 100), Goods(500, 1000, 600, 400)):
        found = port.carrier().quote(request(parcels=[goods]))
        assert not found.services
        assert "tới 30 kg mỗi kiện" in str(found.refused[0].reason)


def test_only_cold_parcels_pay_for_cold(tables):
    two = [Goods(500, 100, 100, 100, is_cold=True), Goods(500, 100, 100, 100)]
    found = port.carrier().quote(request(parcels=two)).services[0]
    assert {part.code: part.amount_dong for part in found.parts}["cold"] == 15_000


def test_more_than_fifty_million_cannot_be_paid_at_the_door(tables):
    found = port.carrier().quote(request(value_dong=50_000_000))
    assert found.services[0].cod_fee_dong is None


def test_names_follow_the_reader(tables):
    with in_language("en"):
        found = port.carrier().quote(request())
    assert [one.name for one in found.services] == ["Express (EMS)", "Standard delivery"]


def test_without_a_tariff_nothing_is_offered_and_nothing_breaks(app):
    assert port.carrier().quote(request()) == port.Quotes()


def test_a_quote_can_be_frozen_into_an_order(tables):
    found = port.carrier().quote(request()).services[0]
    facts = found.facts()
    assert facts["fee_dong"] == sum(part["amount_dong"] for part in facts["parts"])
    assert facts["ready_on"] == "2026-11-20"
    assert isinstance(found, Service)


def test_the_tables_are_loaded_once(tables):
    before = [db.session.query(kind).count() for kind in (Tariff, RemoteCommune, ServiceNumber)]
    with transaction():
        service.load_tables(SYSTEM)
    assert (
        [db.session.query(kind).count() for kind in (Tariff, RemoteCommune, ServiceNumber)]
        == before
        == [1, 13, 3]
    )


def test_the_tariff_of_the_house_is_a_whole_price_list():
    price_list.check(TABLE)


def test_a_new_tariff_holds_from_its_day(tables):
    dearer = price_list.with_surcharges(TABLE, fuel_percent=17.65, remote_percent=20, cold_dong=15_000)
    begins = clock.today().replace(year=clock.today().year + 1)
    with transaction():
        service.adopt_tariff(
            name="Biểu cước mới", table=dearer, valid_from=begins, legal_basis="Hợp đồng 12/2027",
            is_illustration=False, by=SYSTEM,
        )  # fmt: skip
    before, after = (
        TariffCarrier().quote(request(at=clock.start_of_day(day))).services[0]
        for day in (clock.today(), begins)
    )
    assert {part.code: part.amount_dong for part in after.parts}["fuel"] > before.parts[1].amount_dong
    assert "Biểu cước mới" in after.basis
    assert not after.is_illustration
