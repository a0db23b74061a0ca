"""Rules that meet: a voucher, less sent than ordered, all of it given back; goods returned after their farm was paid. The
books and the stock add up, and nobody gains by it."""

from dataclasses import replace

import pytest

from marketplace.catalog import service as catalog
from marketplace.claims import service as claims
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders import service as orders
from marketplace.orders.supply import Supplied
from marketplace.payments import ledger, queries, service
from marketplace.payments.models import FarmDebt, Payout, PayoutState, RefundCause
from tests import make
from tests.claims.test_claims import answered, decide
from tests.claims.test_claims import delivered as claimable
from tests.payments.test_payouts import listed, send
from tests.payments.test_service import with_account
from tests.shopping import counted

pytestmark = pytest.mark.database("sqlite")


def well(part):
    """The books add up, and the farm's account is what it is still paid less what it owes."""
    db.session.expire_all()
    assert service.check_ledger() == [] and catalog.check_stock() == []
    owed = sum(debt.left_dong for debt in db.session.query(FarmDebt))
    coming = sum(
        payout.amount_dong
        for payout in db.session.query(Payout)
        if payout.state in (PayoutState.DUE, PayoutState.HELD)
    )
    assert ledger.balance(ledger.farm(part.farm_id)) == owed - coming


def bear(part, dong, key):
    with transaction():
        return service.refund(part, dong, RefundCause.GOODWILL, SYSTEM, key=key, borne={"farm": dong})


def test_a_voucher_less_sent_paid_at_the_door_and_all_given_back(app, clock):
    """The farm that gives the whole price back keeps nothing of the market's voucher either."""
    clock.set("2026-11-20 10:00")
    product = make.product(stock=10)
    with_account(product.farm)
    parts = make.part_details(((product, 3),), market_discount_dong=30_000)
    parts[0].lines[0] = replace(parts[0].lines[0], farm_discount_dong=20_000)
    make.rules()
    with transaction():
        order = orders.place(make.place_details(), parts, SYSTEM)
        service.open(order, SYSTEM)
    (part,) = order.farm_orders
    with transaction():
        orders.accept(part, SYSTEM)
        orders.supply_less(part, {part.lines[0].id: Supplied(2)}, "thiếu", SYSTEM, is_agreed=True)
        orders.hand_over(part, SYSTEM)
        orders.deliver(part, SYSTEM)
        service.collect_cod(part, SYSTEM)
    well(part)
    assert (part.market_discount_dong, part.farm_discount_dong) == (20_000, 13_333)
    goods, discounts = part.paid_for_goods_dong, ledger.balance(ledger.DISCOUNTS)
    with pytest.raises(Refusal):
        bear(part, queries.refundable(part) + 1, "more")
    assert db.session.query(FarmDebt).count() == 0
    # A third, all of it, a third taken back and given again: the voucher follows the price, to the đồng.
    third = bear(part, goods // 3, "a")
    assert ledger.balance(ledger.DISCOUNTS) == discounts - 6_666
    well(part)
    rest = bear(part, goods - goods // 3, "b")
    assert ledger.balance(ledger.DISCOUNTS) == discounts - 20_000
    assert ledger.balance(ledger.farm(part.farm_id)) == 0
    well(part)
    with transaction():
        service.withdraw_refund(rest, SYSTEM)
    assert ledger.balance(ledger.DISCOUNTS) == discounts - 6_666
    well(part)
    with transaction():
        service.withdraw_refund(third, SYSTEM)
    assert ledger.balance(ledger.DISCOUNTS) == discounts and db.session.query(FarmDebt).count() == 0
    well(part)


def test_goods_returned_after_their_farm_was_paid(app, clock):
    """It owes what it bears, then more: its balance is below zero, its debts say so, and its stock has the goods."""
    part = claimable(clock)
    (batch,) = listed(clock)
    make.approve(batch)
    send(batch)
    made = answered(part, asked=450_000, wants_return=True)
    decide(made, is_return=True)
    on_hand = counted()["on hand"]
    with transaction():
        claims.receive_back(made, True, SYSTEM)
    assert counted()["on hand"] == on_hand + 1
    well(part)
    bear(part, queries.refundable(part), "freight too")
    assert ledger.balance(ledger.farm(part.farm_id)) == part.total_dong
    well(part)
