"""From the packs in a cart to what it costs and when it arrives."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from marketplace.catalog import service as catalog
from marketplace.catalog.models import Handling
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.shipping import quotes
from tests import make, parcels

CAU_GIAY = "00166"


@pytest.fixture
def tables(app):
    parcels.rules()


def lot(product, use_by, harvested_on=date(2026, 11, 1)):
    with transaction():
        return catalog.add_lot(product, harvested_on, make.actor_of(product.farm), use_by=use_by)


@pytest.mark.parametrize(
    ("moment", "handling_days", "ready_on"),
    [
        ("2026-11-18 09:00", 0, date(2026, 11, 18)),
        ("2026-11-18 14:59", 0, date(2026, 11, 18)),
        ("2026-11-18 15:00", 0, date(2026, 11, 19)),
        ("2026-11-18 09:00", 1, date(2026, 11, 19)),
        ("2026-11-20 16:00", 0, date(2026, 11, 23)),  # Friday afternoon: Monday
        ("2026-11-20 16:00", 1, date(2026, 11, 25)),  # Tuesday is Vietnam Culture Day
        ("2026-11-22 09:00", 0, date(2026, 11, 23)),  # Sunday
        ("2026-11-22 23:00", 0, date(2026, 11, 23)),
        ("2027-02-05 09:00", 0, date(2027, 2, 11)),  # in the Tết holidays
    ],
)
def test_the_day_the_farm_hands_over(tables, clock, moment, handling_days, ready_on):
    farm = make.farm(handling_days=handling_days)
    assert quotes.hand_over_day(farm, clock.set(moment)) == ready_on


def test_a_quote_for_a_farm(tables, clock):
    clock.set("2026-11-18 09:00")
    product = make.product()
    found = quotes.quote_farm(product.farm, [(product.variants[0], 2)], CAU_GIAY)
    assert [one.code for one in found.services] == ["EMS", "TIEU_CHUAN"]
    ems = found.services[0]
    assert (ems.ready_on, ems.arrives_from, ems.arrives_to) == (
        date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 23),
    )  # fmt: skip
    assert ems.fee_dong == sum(part.amount_dong for part in ems.parts)


def test_an_unknown_commune_is_refused_beside_its_field(tables):
    product = make.product()
    with pytest.raises(Refusal) as no:
        quotes.quote_farm(product.farm, [(product.variants[0], 1)], "99999")
    assert no.value.field == "commune"


def test_nothing_to_send_needs_no_carrier(tables):
    assert not quotes.quote_farm(make.farm(), [], CAU_GIAY).services


@pytest.mark.parametrize(
    ("handling", "days"),
    [
        (Handling.DRY, None),
        (Handling.LIVE, 1),
        (Handling.FROZEN, 1),
        (Handling.CHILLED, 2),
        (Handling.FRESH, 3),
    ],
)
def test_how_long_a_kind_of_goods_keeps(tables, handling, days):
    product = make.product(handling=handling)
    assert quotes.keeps_for([(product.variants[0], 1)], date(2026, 11, 20)) == days


def test_the_lots_use_by_and_the_most_delicate_goods_decide(tables, clock):
    clock.set("2026-11-10 09:00")
    tea, crab = make.product(), make.product(name="Cua sống Năm Căn", handling=Handling.LIVE)
    ready_on = date(2026, 11, 20)
    lines = [(tea.variants[0], 1)]
    lot(tea, ready_on + timedelta(days=4))
    assert quotes.keeps_for(lines, ready_on) == 4
    assert quotes.keeps_for([*lines, (crab.variants[0], 1)], ready_on) == 1
    assert quotes.keeps_for(lines, ready_on + timedelta(days=9)) == 0
    # a newer harvest is what is sold now
    newer = lot(tea, None, harvested_on=date(2026, 11, 5))
    assert quotes.keeps_for(lines, ready_on) is None
    # what was called back is sold no more
    with transaction():
        catalog.recall_lot(newer, "Lẫn tạp chất khi sấy", SYSTEM)
    assert quotes.keeps_for(lines, ready_on) == 4


def test_live_crab_is_not_sent_over_a_weekend(tables, clock):
    product = make.product(name="Cua sống Năm Căn", handling=Handling.LIVE)
    clock.set("2026-11-18 09:00")  # handed over on Thursday
    found = quotes.quote_farm(product.farm, [(product.variants[0], 1)], "05500")
    assert {one.code for one in found.services} == {"HOA_TOC", "EMS"}
    clock.set("2026-11-19 09:00")  # handed over on Friday: Monday is too late
    found = quotes.quote_farm(product.farm, [(product.variants[0], 1)], "05500")
    assert {one.code for one in found.services} == {"HOA_TOC"}
    assert {one.code for one in found.refused} == {"TIEU_CHUAN", "EMS"}
    assert "Đi mất tới 3 ngày" in str(found.refused[1].reason)


def test_a_shelf_says_when_things_arrive(tables, clock):
    at = clock.set("2026-11-18 09:00")
    farm = make.farm()
    origins = [(farm, "dry"), (farm, "live")]
    assert quotes.arrivals(origins, "19", at) == [date(2026, 11, 23), date(2026, 11, 20)]
    assert quotes.arrivals(origins, "96", at) == [date(2026, 11, 30), None]


def test_a_cart_of_three_farms_asks_the_database_little(tables, clock):
    clock.set("2026-11-18 09:00")
    parts = []
    for number in range(3):
        farm = make.farm()
        goods = [make.product(farm, name=f"Trà {number} {n}").variants[0] for n in range(5)]
        parts.append((farm, [(variant, 1) for variant in goods]))
    alone = [quotes.quote_farm(farm, lines, CAU_GIAY) for farm, lines in parts]
    asked = []

    def note(*facts):
        asked.append(facts[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        together = quotes.quote_cart(parts, CAU_GIAY)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) == 4, asked  # lots, cartons, tariff, remote communes
    assert [[s.fee_dong for s in one.services] for one in together] == [
        [s.fee_dong for s in one.services] for one in alone
    ]


@pytest.mark.parametrize(
    ("at", "handling", "is_sent"),
    [
        ("2027-01-25 09:00", Handling.CHILLED, True),  # a week of work before Tết
        ("2027-02-03 14:59", Handling.CHILLED, False),  # two days before the eve: it would lie over Tết
        ("2027-02-03 14:59", Handling.DRY, True),
        ("2027-02-07 09:00", Handling.DRY, True),
    ],
)
def test_around_tet_only_what_keeps_is_sent_and_the_day_promised_is_one_of_work(
    tables, clock, at, handling, is_sent
):
    clock.set(at)
    goods = make.product(name="Chả mực", handling=handling)
    found = quotes.quote_farm(goods.farm, [(goods.variants[0], 1)], CAU_GIAY)
    assert bool(found.services) is is_sent
    for one in found.services:
        assert wall.is_working_day(one.arrives_to) and wall.is_working_day(one.ready_on)
    if not is_sent:
        assert any("quá hạn giữ của Chả mực" in str(no.reason) for no in found.refused)
