"""Stock in any order of deeds: the two sums hold after every step, and nothing is sold that is not there."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.catalog import service
from marketplace.catalog.models import HoldState, StockHold, Variant
from marketplace.catalog.service import PackDetails
from marketplace.catalog.stock import OutOfStock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from tests import make

BUYER = Actor.guest()
quantities = st.integers(1, 6)


class Shelf(RuleBasedStateMachine):
    """Two packs, and a ledger on paper beside them."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        product = make.product(
            stock=4, packs=[PackDetails(20_000, grams=100), PackDetails(90_000, grams=500)]
        )
        self.packs = [pack.id for pack in product.packs]
        self.on_hand = dict.fromkeys(self.packs, 4)
        self.kept: dict[int, tuple[int, int, HoldState, bool]] = {}
        db.session.rollback()

    def held(self, pack: int) -> int:
        return sum(q for p, q, state, _ in self.kept.values() if p == pack and state is HoldState.HELD)

    @rule(target=holds, first=st.integers(0, 6), second=st.integers(0, 6))
    def order(self, first, second):
        wanted = {pack: q for pack, q in zip(self.packs, (first, second), strict=True) if q}
        try:
            with transaction():
                got = service.hold_stock(wanted, BUYER)
                ids = {pack: hold.id for pack, hold in got.items()}
        except OutOfStock as refusal:
            left = refusal.left
        else:
            left = {}
        short = {pack for pack, q in wanted.items() if self.on_hand[pack] - self.held(pack) < q}
        assert left == {pack: self.on_hand[pack] - self.held(pack) for pack in short}
        if short:
            return multiple()
        for pack, hold_id in ids.items():
            self.kept[hold_id] = (pack, wanted[pack], HoldState.HELD, False)
        return multiple(*ids.values())

    @rule(hold_id=holds, verb=st.sampled_from(["use", "free"]))
    def settle(self, hold_id, verb):
        pack, quantity, state, back = self.kept[hold_id]
        wanted = HoldState.USED if verb == "use" else HoldState.FREED
        may = state in (HoldState.HELD, wanted)
        try:
            with transaction():
                hold = db.session.get_one(StockHold, hold_id)
                (service.use_hold if verb == "use" else service.free_hold)(hold, BUYER)
        except Conflict:
            assert not may
            return
        assert may
        if state is HoldState.HELD and verb == "use":
            self.on_hand[pack] -= quantity
        self.kept[hold_id] = (pack, quantity, wanted, back)

    @rule(hold_id=holds, is_good=st.booleans())
    def come_back(self, hold_id, is_good):
        pack, quantity, state, back = self.kept[hold_id]
        try:
            with transaction():
                service.return_stock(db.session.get_one(StockHold, hold_id), is_good, BUYER)
        except Conflict:
            assert state is not HoldState.USED
            return
        assert state is HoldState.USED
        if not back and is_good:
            self.on_hand[pack] += quantity
        self.kept[hold_id] = (pack, quantity, state, True)

    @rule(hold_id=consumes(holds))
    def forget(self, hold_id):
        """An order nobody speaks of any more."""

    @rule(which=st.integers(0, 1), quantity=quantities)
    def harvest(self, which, quantity):
        with transaction():
            service.receive_stock(db.session.get_one(Variant, self.packs[which]), quantity, BUYER)
        self.on_hand[self.packs[which]] += quantity

    @rule(which=st.integers(0, 1), count=st.integers(-1, 12))
    def count_by_hand(self, which, count):
        pack = self.packs[which]
        try:
            with transaction():
                service.correct_stock(db.session.get_one(Variant, pack), count, BUYER)
        except Refusal:
            assert count < max(0, self.held(pack))
            return
        assert count >= self.held(pack)
        self.on_hand[pack] = count

    @precondition(lambda self: self.kept)
    @rule(hold_id=holds)
    def regret(self, hold_id):
        """A deed that breaks half-way leaves nothing behind."""
        with pytest.raises(ZeroDivisionError), transaction():
            hold = db.session.get_one(StockHold, hold_id)
            if hold.state is HoldState.HELD:
                service.use_hold(hold, BUYER)
            raise ZeroDivisionError

    @invariant()
    def numbers_agree(self):
        db.session.rollback()
        for pack in db.session.query(Variant).filter(Variant.id.in_(self.packs)):
            assert (pack.on_hand, pack.held) == (self.on_hand[pack.id], self.held(pack.id))
            assert 0 <= pack.held <= pack.on_hand
        assert service.check_stock() == []
        db.session.rollback()


def test_any_order_of_deeds_keeps_the_sums(app, full):
    run_state_machine_as_test(
        Shelf,
        settings=settings(
            max_examples=150 if full else 12,
            stateful_step_count=40 if full else 20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
