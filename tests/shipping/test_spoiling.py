"""A perishable nobody collects: the buyer is called, then it is thrown away with the reason; never before its time."""

import pytest

from marketplace.catalog.models import Handling
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.notifications.models import Message
from marketplace.orders.models import FarmOrderState
from marketplace.payments import ledger
from marketplace.payments import service as payments
from marketplace.shipping import jobs, service
from marketplace.shipping.models import ParcelState
from tests import make, parcels
from tests.parcels import Story

F, P = FarmOrderState, ParcelState


@pytest.fixture
def crab(app, clock):
    """Chilled goods that lie at the counter of their buyer since nine in the morning."""
    clock.set("2026-11-25 07:00")
    goods = make.product(
        handling=Handling.CHILLED, packs=[make.PackDetails(450_000, grams=1_000)], name="Chả cua"
    )
    story = Story((goods, 1), commune_code=parcels.TAN_CUONG)
    story.there = story.here
    story.scan("dropped_off", story.here)
    story.scan("in_transit", story.here)
    clock.set("2026-11-25 09:00")
    story.scan("at_point", story.there)
    return story


def test_the_buyer_of_what_spoils_is_not_told_it_keeps_for_days(crab):
    arrived = db.session.query(Message).filter_by(template="shipping/at_point").one()
    assert "Hàng tươi không để lâu" in arrived.body
    assert "trong 10 ngày" not in arrived.body


def test_the_buyer_is_called_after_four_hours_and_once(crab, clock):
    clock.set("2026-11-25 12:59")
    jobs.call_for_perishables()
    assert "shipping/perishable" not in crab.said()
    clock.set("2026-11-25 13:01")
    jobs.call_for_perishables()
    jobs.call_for_perishables()

    assert crab.said().count("shipping/perishable") == 1


def test_what_keeps_is_not_called_for(app, clock):
    clock.set("2026-11-25 07:00")
    story = Story(commune_code=parcels.TAN_CUONG)
    story.scan("dropped_off", story.here)
    story.scan("in_transit", story.here)
    story.scan("at_point", story.here)
    clock.set("2026-11-25 20:00")
    jobs.call_for_perishables()

    assert "shipping/perishable" not in story.said()


def test_after_a_day_it_is_thrown_away_with_the_reason(crab, clock):
    clock.set("2026-11-26 09:05")
    with transaction():
        service.dispose(crab.parcel.tracking, "gọi ba lần không ai tới", crab.clerk, crab.there)

    assert crab.states == (P.RETURNED, F.RETURNED)
    assert crab.farm_order.restocked_at is not None
    assert crab.said()[-1] == "shipping/disposed"
    # Nobody carried it back: the post has earned the way there alone.
    assert ledger.balance("carrier") == -crab.farm_order.freight_dong
    assert payments.check_ledger() == []


def test_not_before_its_time_not_elsewhere_and_not_without_a_reason(crab, clock):
    clock.set("2026-11-26 08:59")
    with pytest.raises(Conflict, match="quá giờ quy định"), transaction():
        service.dispose(crab.parcel.tracking, "hỏng", crab.clerk, crab.there)
    clock.set("2026-11-26 09:01")
    with pytest.raises(Conflict, match="quá giờ quy định"), transaction():
        service.dispose(crab.parcel.tracking, "hỏng", crab.clerk, crab.elsewhere)
    with pytest.raises(Refusal, match="vì sao hủy"), transaction():
        service.dispose(crab.parcel.tracking, " ", crab.clerk, crab.there)

    assert crab.states == (P.AT_POINT, F.HANDED_OVER)


def test_the_clerk_sees_it_among_the_troubles_and_throws_it_away(crab, clock, visit):
    clock.set("2026-11-25 14:00")
    jobs.call_for_perishables()
    visit.sign_in(crab.person)
    assert "Hàng tươi chờ người nhận" in visit("/post/troubles")
    clock.set("2026-11-26 10:00")
    visit.sign_in(crab.person)
    page = visit(f"/post/parcels/{crab.parcel.tracking}")
    page = page.form(f"/post/parcels/{crab.parcel.tracking}/disposal").submit(why="cua đã chết")
    assert "Đã ghi hủy hàng tươi" in page
    db.session.expire_all()
    assert crab.states == (P.RETURNED, F.RETURNED)
