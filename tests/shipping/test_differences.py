"""The scales, or the carrier, say otherwise than the quote: who bears it, what stands in the books, who is told."""

import pytest
from sqlalchemy import select

from marketplace.foundation.db import db, transaction
from marketplace.notifications.models import Message
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger
from marketplace.payments import queries as payments_seen
from marketplace.payments import service as payments
from marketplace.payments.models import FarmDebt, RefundCause
from marketplace.shipping import service
from marketplace.shipping.models import FreightDifference, Parcel
from tests import make
from tests.parcels import Story


def heavy(**order) -> Story:
    """Three kilos of tea, declared."""
    return Story((make.product(packs=[make.PackDetails(450_000, grams=3_000)]), 1), **order)


def difference() -> FreightDifference | None:
    return db.session.scalars(select(FreightDifference)).one_or_none()


def sent(story: Story, grams: int) -> None:
    story.scan("dropped_off", story.here, weight_grams=grams)
    story.scan("in_transit", story.here)


def told(template: str) -> int:
    return len(db.session.scalars(select(Message.id).where(Message.template == template)).all())


def test_heavier_than_declared_is_the_farms(app):
    story = heavy()
    asked = story.farm_order.total_dong
    sent(story, 4_100)

    found = difference()
    # Thái Nguyên to Hà Nội, standard: from 38.500 (3,5 kg, box and all) to 45.500 (4,5 kg); 15 % fuel, 8 % VAT.
    assert (found.cause, found.difference_dong, found.borne_by) == ("weight", 56_511 - 47_817, "farm")
    (debt,) = db.session.scalars(select(FarmDebt))
    assert (debt.farm_id, debt.amount_dong) == (story.farm_order.farm_id, found.difference_dong)
    assert ledger.balance("carrier") == -found.difference_dong
    assert story.farm_order.total_dong == asked, "the buyer pays what was shown"
    assert told("shipping/heavier") == 1
    assert payments.check_ledger() == []


def test_lighter_than_declared_is_the_buyers(app):
    story = heavy()
    asked = story.farm_order.total_dong
    sent(story, 2_000)

    found = difference()
    # Not to 28.000: by its size the box counts for 2,5 kg, 31.500.
    assert (found.difference_dong, found.borne_by) == (39_123 - 47_817, "buyer")
    assert story.farm_order.total_dong == asked - 8_694 == story.parcel.cod_dong
    assert told("shipping/lighter") == 1
    story.scan("at_point", story.there)
    story.machine("delivered")
    assert ledger.balance("carrier") == -story.farm_order.freight_dong
    assert payments.check_ledger() == []


def test_lighter_and_paid_before_the_buyer_gets_it_back(app):
    story = heavy(payment_method="vietqr", is_paid=True)
    sent(story, 2_000)

    (refund,) = payments_seen.refunds_of(story.order)
    assert (refund.cause, refund.amount_dong) == (RefundCause.FREIGHT, 8_694)
    assert payments.check_ledger() == []


@pytest.mark.parametrize("grams", [3_500, 3_200, 3_001])
def test_within_the_same_step_nothing_differs(app, grams):
    story = heavy()
    sent(story, grams)

    assert difference() is None


def test_until_it_leaves_the_weight_is_corrected_and_after_that_said_once(app):
    story = heavy()
    story.scan("dropped_off", story.here, weight_grams=9_000)
    with transaction():
        service.weigh(story.parcel.tracking, 4_100, story.clerk)
    assert difference() is None
    story.scan("in_transit", story.here)
    first = difference().difference_dong
    with transaction():
        service.weigh(story.parcel.tracking, 9_000, story.clerk)

    assert difference().difference_dong == first


def test_weighed_only_on_the_way_it_is_written_then(app):
    story = heavy()
    story.scan("dropped_off", story.here)
    story.scan("in_transit", story.here)
    assert difference() is None
    with transaction():
        service.weigh(story.parcel.tracking, 4_100, story.clerk)

    assert difference().borne_by == "farm"


def test_a_carrier_that_asks_more_than_the_estimate_is_the_markets(app):
    story = heavy()
    with transaction():
        parcel = db.session.get_one(Parcel, story.parcel.id)
        parcel.carrier, parcel.carrier_fee_dong = "vnpost", story.farm_order.shipping_dong + 7_000
    asked = story.farm_order.total_dong
    sent(story, 3_000)

    found = difference()
    assert (found.cause, found.difference_dong, found.borne_by) == ("carrier_fee", 7_000, "market")
    assert ledger.balance("losses") == 7_000
    assert db.session.get_one(FarmOrder, story.farm_order.id).total_dong == asked
    assert payments.check_ledger() == []


def test_a_carrier_that_asks_less_leaves_it_with_the_market(app):
    story = heavy()
    with transaction():
        parcel = db.session.get_one(Parcel, story.parcel.id)
        parcel.carrier, parcel.carrier_fee_dong = "vnpost", story.farm_order.shipping_dong - 4_000
    sent(story, 3_000)

    assert ledger.balance("losses") == -4_000
    assert payments.check_ledger() == []
