"""Goods the post lost or broke: what it makes good by the dated rule, who bears the rest, and the money of it."""

import pytest

from marketplace.claims import service as claims
from marketplace.claims.models import ClaimReason, DecisionCode
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders.models import FarmOrderState
from marketplace.payments import ledger
from marketplace.payments import service as payments
from marketplace.payments.models import FarmDebt, LedgerEntry, Payout, Refund
from marketplace.shipping import compensation, service
from marketplace.shipping.models import CompensationRule, ParcelState
from tests import cast, make, parcels
from tests.parcels import Story

P, F = ParcelState, FarmOrderState


def by_rule(**changes):
    """The rule of today, changed."""
    with transaction():
        rule = db.session.query(CompensationRule).one()
        for name, value in changes.items():
            setattr(rule, name, value)


def lost(**details) -> Story:
    story = Story(**details)
    story.scan("dropped_off", point=story.here)
    story.scan("lost", point=story.here)
    return story


def entry(kind):
    found = db.session.query(LedgerEntry).filter_by(kind=kind).one()
    return {line.account.split(":")[0]: line.amount_dong for line in found.lines}


def test_undeclared_goods_are_made_good_by_freight_or_weight_and_the_market_bears_the_rest(app, sent):
    story = lost()
    most = 3 * story.farm_order.shipping_dong  # four times, of which the freight given back is one
    whole = story.farm_order.sold_for_dong
    share = compensation.share(story.farm_order, whole)
    assert (share.carrier_dong, share.market_dong, share.farm_dong) == (most, whole - most, 0)
    assert 0 < most < whole
    with transaction():
        payout = payments.compensate(story.farm_order, SYSTEM)
    assert payout.amount_dong == whole
    assert entry("loss_made_good") == {"carrier": most, "losses": whole - most, "farm": -whole}
    assert payments.check_ledger() == []


def test_declared_goods_are_made_good_at_their_value(app):
    dear = make.product(packs=[make.PackDetails(4_000_000, grams=500)])
    story = Story((dear, 1))
    assert compensation.is_declared(story.farm_order)
    share = compensation.share(story.farm_order, story.farm_order.sold_for_dong)
    assert (share.carrier_dong, share.market_dong) == (4_000_000, 0)


def test_the_rule_may_leave_the_rest_to_the_farm(app):
    story = lost()
    by_rule(rest_by="farm", freight_times=2)
    with transaction():
        payout = payments.compensate(story.farm_order, SYSTEM)
    assert payout.amount_dong == story.farm_order.shipping_dong
    assert entry("loss_made_good") == {"carrier": payout.amount_dong, "farm": -payout.amount_dong}
    assert payments.check_ledger() == []


def test_by_weight_where_a_contract_says_so_and_more_than_by_freight(app):
    story = lost()
    by_rule(per_kg_dong=900_000)
    by_weight = 900_000 * story.parcel.grams_now // 1000
    assert compensation.share(story.farm_order, 10**9).carrier_dong == by_weight > 0


def test_freight_that_is_not_given_back_does_not_count_towards_it(app):
    story = lost()
    by_rule(is_freight_within=False)
    assert compensation.share(story.farm_order, 10**9).carrier_dong == 4 * story.farm_order.shipping_dong


def test_switched_off_nothing_is_asked_of_the_post_and_the_ledger_says_so(app):
    story = lost()
    by_rule(is_off=True, is_confirmed=True)
    with transaction():
        payout = payments.compensate(story.farm_order, SYSTEM)
    assert payout.amount_dong == story.farm_order.sold_for_dong
    assert entry("loss_made_good") == {"losses": payout.amount_dong, "farm": -payout.amount_dong}
    assert "(đang tắt)" in db.session.query(LedgerEntry).filter_by(kind="loss_made_good").one().note
    assert payments.check_ledger() == []


def test_without_a_rule_the_post_bears_it_all(app):
    story = lost()
    with transaction():
        db.session.query(CompensationRule).delete()
    assert compensation.share(story.farm_order, 450_000) == compensation.Share(450_000)


def test_a_claim_of_what_was_broken_is_borne_by_the_same_rule_and_never_twice(app):
    story = Story()
    story.scan("at_point", point=story.there)
    story.scan("delivered", point=story.there)
    part = story.farm_order
    most = compensation.share(part, part.sold_for_dong).carrier_dong
    with transaction():
        made = claims.open(part, ClaimReason.LATE, "Vỡ hết", part.sold_for_dong, [], SYSTEM)
        claims.answer(made, False, "Bưu điện làm vỡ", [], SYSTEM)
        claims.decide(
            made, DecisionCode.DAMAGED_ON_THE_WAY, part.sold_for_dong, False, "Hộp bị bẹp", cast.by(cast.reviewer())
        )  # fmt: skip
    refund = db.session.query(Refund).one()
    assert (refund.carrier_bears_dong, refund.market_bears_dong) == (most, part.sold_for_dong - most)
    assert compensation.share(part, 50_000, borne_dong=most).carrier_dong == 0
    assert payments.check_ledger() == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"declared_per_10_000": 10_001}, "declared"),
        ({"freight_times": 0}, "freight_times"),
        ({"per_kg_dong": 2_000_000}, "per_kg_dong"),
        ({"rest_by": "buyer"}, "rest_by"),
        ({"source": " "}, "source"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(app, wrong, field):
    parcels.rules()
    right = {"declared_per_10_000": 10_000, "freight_times": 4, "per_kg_dong": 0, "rest_by": "market"}
    right["source"] = "Công văn 5/BĐ"
    with pytest.raises(Refusal) as no, transaction():
        service.propose_compensation_rule(
            **{**right, **wrong},
            valid_from=wall.add_working_days(wall.today(), 2),
            legal_basis="thử",
            by=SYSTEM,
        )
    assert no.value.field == field
    assert db.session.query(CompensationRule).count() == 1


def test_the_clerk_and_the_cashier_read_who_pays(app, visit):
    story = lost()
    visit.sign_in(story.person)
    page = visit(f"/post/parcels/{story.parcel.tracking}")
    assert "Bưu điện đền" in page and "Nghị định 47/2011" in page
    visit.sign_in(cast.cashier())
    page = visit("/admin/money/payouts")
    assert "Bưu điện trả" in page and "Nghị định 47/2011" in page
    page.form(f"/admin/money/lost/{story.farm_order.code}/compensation").submit()
    assert db.session.query(Payout).one().amount_dong == story.farm_order.sold_for_dong
    assert db.session.query(FarmDebt).count() == 0
    assert ledger.balance(ledger.CARRIER) > 0


def test_one_of_two_parcels_is_lost_the_buyer_claims_it_and_the_cash_goes_with_the_other(app):
    """Nobody knows what lay in it. (Where it is known, money follows by itself: tests/payments/test_parted.py.)"""
    heavy = make.product(packs=[make.PackDetails(500_000, grams=12_000)])
    story = Story((heavy, 2))
    with transaction():
        for parcel in story.parcels:
            parcel.lines.clear()
    first, second = story.parcels
    for parcel in story.parcels:
        story.scan("at_point", point=story.there, parcel=parcel)
    story.scan("lost", point=story.there, parcel=first)
    assert story.states[1] is F.HANDED_OVER
    assert (first.cod_dong, second.cod_dong) == (0, story.order.total_dong)
    story.scan("delivered", point=story.there, parcel=second)
    assert story.states[1] is F.DELIVERED
    assert story.said()[-1] == "shipping/part_lost"
