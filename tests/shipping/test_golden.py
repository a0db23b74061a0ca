"""Quotes to the đồng: golden_quotes.csv, where each sum is written out, against the market and against another hand."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from marketplace.foundation import clock
from marketplace.places import queries as places
from marketplace.shipping import fees
from marketplace.shipping.adapters import tariff
from marketplace.shipping.adapters.tariff import PriceList
from marketplace.shipping.port import Goods, Place, QuoteRequest, Service
from tests.shipping import by_hand

LISTED = PriceList(fees.shipped_tariff(), "golden", True)
GOLDEN = by_hand.read()


def boxes(written: str, is_cold: bool) -> list[Goods]:
    found = []
    for one in written.split("+"):
        grams, _at, sides = one.partition("@")
        found.append(Goods(int(grams), *map(int, sides.split("×")), is_cold=is_cold))
    return found


def asked(case: dict[str, str], **changes) -> QuoteRequest:
    facts = {
        "origin": Place(by_hand.FROM[1], by_hand.FROM[0]),
        "destination": Place(case["province"], case["to"]),
        "parcels": boxes(case["parcels"], case["is_cold"] == "1"),
        "value_dong": int(case["value"]),
        "is_cod": True,
        "handling": frozenset({"fresh" if case["is_cold"] == "1" else "dry"}),
        "at": clock.at(date(2026, 11, 20), datetime.min.time()),
        "ready_on": date.fromisoformat(case["day"]),
    }
    return QuoteRequest(**{**facts, **changes})


def answered(case: dict[str, str]) -> Service:
    found = tariff.answer(LISTED, asked(case), case["is_remote"] == "1").service(case["service"])
    assert found is not None
    return found


def test_there_are_enough_of_every_kind():
    assert len(GOLDEN) >= 200
    assert len({case["service"] + case["zone"] for case in GOLDEN}) == 9
    for kind in ("remote", "cold", "declared"):
        assert sum(case[kind] != "0" for case in GOLDEN) >= 12, kind
    assert sum(case["cod"] == "" for case in GOLDEN) >= 2
    assert sum("+" in case["parcels"] for case in GOLDEN) >= 15
    assert sum("2027" in case["day"] for case in GOLDEN) >= 12
    assert len({case["to"] for case in GOLDEN if case["is_remote"] == "1"}) == 3


def test_the_other_hand_comes_to_the_same_file():
    again = [{"no": str(no), **by_hand.reckon(case)} for no, case in enumerate(by_hand.cases(), 1)]
    assert [{key: str(value) for key, value in row.items()} for row in again] == GOLDEN


def test_every_golden_quote_to_the_dong(app):
    for case in GOLDEN:
        found = answered(case)
        parts = {part.code: part.amount_dong for part in found.parts}
        wanted = {code: int(case[code]) for code in ("main", "fuel", "remote", "cold", "declared", "vat")}
        assert parts == {code: dong for code, dong in wanted.items() if dong}, case
        assert found.fee_dong == int(case["fee"]), case
        cash = {part.code: part.amount_dong for part in found.cod_parts}
        assert cash == {
            c: int(d) for c, d in (("cod", case["cod"]), ("vat", case["cod_vat"])) if int(d or 0)
        }, case
        assert found.cod_fee_dong == (int(case["cod"]) + int(case["cod_vat"]) if case["cod"] else None), case


def test_the_zones_of_the_file_are_those_of_the_map():
    for case in GOLDEN:
        assert places.zone_between(by_hand.FROM[1], case["province"]) == case["zone"]


parcels = some.lists(
    some.builds(
        Goods,
        grams=some.integers(1, 20_000),
        length_mm=some.integers(10, 600),
        width_mm=some.integers(10, 400),
        height_mm=some.integers(10, 400),
        is_cold=some.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=80)
@given(
    case=some.sampled_from(GOLDEN),
    goods=parcels,
    value=some.integers(0, 60_000_000),
    more=some.integers(1, 3_000),
    is_remote=some.booleans(),
    day=some.dates(date(2026, 11, 1), date(2027, 6, 30)),
)
def test_never_negative_monotone_in_weight_and_the_parts_are_the_whole(
    case, goods, value, more, is_remote, day
):
    heavier = [
        Goods(g.grams + (more if not n else 0), g.length_mm, g.width_mm, g.height_mm, g.is_cold)
        for n, g in enumerate(goods)
    ]
    light, heavy = (
        tariff.answer(LISTED, asked(case, parcels=some_, value_dong=value, ready_on=day), is_remote)
        for some_ in (goods, heavier)
    )
    # What takes the heavier takes the lighter, and for no more.
    for service in heavy.services:
        lighter = light.service(service.code)
        assert lighter is not None
        assert lighter.fee_dong <= service.fee_dong
    for service in light.services:
        assert all(part.amount_dong > 0 for part in (*service.parts, *service.cod_parts))
        assert sum(part.amount_dong for part in service.parts) == service.fee_dong
        if service.cod_fee_dong is not None:
            assert sum(part.amount_dong for part in service.cod_parts) == service.cod_fee_dong
        assert day <= service.ready_on <= service.arrives_from <= service.arrives_to
    codes = [one.code for one in (*light.services, *light.refused)]
    assert sorted(codes) == ["EMS", "HOA_TOC", "TIEU_CHUAN"]
    assert all(str(one.reason) for one in light.refused)


@pytest.mark.parametrize(
    ("changes", "is_reached", "reason"),
    [
        ({"parcels": [Goods(0, 0, 0, 0)]}, True, "chưa có cân nặng"),
        ({"parcels": [Goods(80_000, 300, 200, 200)]}, True, "nhận tới 30 kg mỗi kiện"),
        ({"parcels": [Goods(900, 3_000, 50, 50)]}, True, "quá dài: dịch vụ này nhận tới 150 cm"),
        ({}, False, "Bưu điện chưa phát tới"),
        ({"handling": frozenset({"live"})}, True, "không nhận “Còn sống” trên chặng này"),
        ({"within_days": 1, "perishable": "Cua gạch"}, True, "quá hạn giữ của Cua gạch (1 ngày)"),
    ],
)
def test_what_cannot_go_is_refused_with_the_reason(app, changes, is_reached, reason):
    """A parcel of 0 g, of 80 kg, of 3 m; a commune no service reaches; live goods; goods that would spoil."""
    case = next(case for case in GOLDEN if case["zone"] == "cach_vung" and case["is_remote"] == "0")
    found = tariff.answer(LISTED, asked(case, **changes), False, is_reached)
    said = {one.code: str(one.reason) for one in found.refused}
    assert reason in said["TIEU_CHUAN"]
    if "handling" not in changes:
        assert not found.services


def test_liquids_do_not_fly_far(app):
    case = next(case for case in GOLDEN if case["zone"] == "cach_vung" and case["is_remote"] == "0")
    found = tariff.answer(LISTED, asked(case, handling=frozenset({"liquid"})), False)
    assert [one.code for one in found.services] == ["TIEU_CHUAN"]
    assert "“Chất lỏng”" in str(found.refused[0].reason)
