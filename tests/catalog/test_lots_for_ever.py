"""One heap in two sizes, packs with lots, goods made when ordered: in any order of deeds, day after day, what the market
counts is what a farmer with paper and pencil would count, lot by lot, and never less than nothing."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from marketplace.catalog import service
from marketplace.catalog.models import HoldState, Lot, Product, StockBy, StockHold, Variant
from marketplace.catalog.service import PackDetails
from marketplace.catalog.stock import OutOfStock
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict
from tests import make

BUYER = Actor.guest()
A_DAY = 6
"""So many cakes are made in a day."""


@dataclass
class Batch:
    """A lot on paper."""

    use_by: date | None
    harvested_on: date
    on_hand: int = 0
    held: int = 0
    is_recalled: bool = False

    @property
    def is_good(self) -> bool:
        return not self.is_recalled and (self.use_by is None or self.use_by >= wall_clock.today())


@dataclass
class Kept:
    """A hold on paper: which lots, how much of each, and what has no lot."""

    shelf: str
    amount: int
    parts: dict[int, int] = field(default_factory=dict)
    day: date | None = None
    state: HoldState = HoldState.HELD
    has_come_back: bool = False

    @property
    def loose(self) -> int:
        return self.amount - sum(self.parts.values())


def _soonest(known: tuple[int, Batch]) -> tuple[date, date, int]:
    """First to expire first; of one day the older harvest, then the one written down first."""
    lot_id, batch = known
    return batch.use_by or date.max, batch.harvested_on, lot_id


@dataclass
class Shelf:
    """A shelf on paper: its lots, and what lies there without one."""

    lots: dict[int, Batch] = field(default_factory=dict)
    loose: int = 0

    def take(self, amount: int) -> dict[int, int] | None:
        """First to expire first, what has no lot last; all of it or nothing."""
        parts, left = {}, amount
        for lot_id, batch in sorted(self.lots.items(), key=_soonest):
            part = min(left, batch.on_hand - batch.held) if batch.is_good else 0
            if part:
                parts[lot_id] = part
                left -= part
        if left > self.loose:
            return None
        self.loose -= left
        for lot_id, part in parts.items():
            self.lots[lot_id].held += part
        return parts


class Barn(RuleBasedStateMachine):
    """Rice in two sizes out of one heap, tea in packs, cakes when somebody wants them."""

    clock: ClassVar
    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.clock.set("2026-11-02 09:00")
        rice = make.product(name="Gạo nếp", stock=0, set_no=1,
                            packs=[PackDetails(60_000, grams=500), PackDetails(110_000, grams=1_000)])  # fmt: skip
        cake = make.product(name="Bánh tét", stock=0, packs=[PackDetails(90_000, grams=800)], set_no=5)
        tea = make.product(name="Chè búp", stock=3)
        with transaction():
            service.count_by(rice, StockBy.HEAP, SYSTEM)
            service.receive_heap(rice, 2_000, SYSTEM)
            service.count_by(cake, StockBy.ORDER, SYSTEM, daily_capacity=A_DAY)
        self.ids = {"rice": rice.id, "cake": cake.id, "tea": tea.id}
        self.packs = [*((pack.id, "rice", pack.grams) for pack in rice.packs), (cake.packs[0].id, "cake", 1),
                      (tea.packs[0].id, "tea", 1)]  # fmt: skip
        self.paper = {"rice": Shelf(loose=2_000), "tea": Shelf(loose=3)}
        self.promised: tuple[date | None, int] = (None, 0)
        self.kept: dict[int, Kept] = {}
        db.session.rollback()

    def teardown(self) -> None:
        self.clock.back()

    # -- orders --

    @rule(target=holds, counts=st.tuples(*[st.integers(0, 3)] * 2, st.integers(0, 4), st.integers(0, 4)))
    def order(self, counts):
        wanted = {pack: count for (pack, _, _), count in zip(self.packs, counts, strict=True) if count}
        on_paper = self._on_paper(wanted)
        try:
            with transaction():
                got = service.hold_stock(wanted, BUYER)
                made = {pack: (hold.id, {part.lot_id: part.amount for part in hold.lots})
                        for pack, hold in got.items()}  # fmt: skip
        except OutOfStock:
            assert on_paper is None
            return multiple()
        assert on_paper is not None
        for pack, (hold_id, parts) in made.items():
            assert parts == on_paper[pack].parts
            self.kept[hold_id] = on_paper[pack]
        return multiple(*(hold_id for hold_id, _parts in made.values()))

    def _on_paper(self, wanted: dict[int, int]) -> dict[int, Kept] | None:
        before = {name: Shelf({lot: replace(batch) for lot, batch in shelf.lots.items()}, shelf.loose)
                  for name, shelf in self.paper.items()}  # fmt: skip
        promised, today, made = self.promised, wall_clock.today(), {}
        for pack, name, size in self.packs:
            if pack not in wanted:
                continue
            amount = wanted[pack] * size
            if name == "cake":
                count = amount + (self.promised[1] if self.promised[0] == today else 0)
                parts = {} if count <= A_DAY else None
                self.promised = (today, count)
            else:
                parts = self.paper[name].take(amount)
            if parts is None:
                self.paper, self.promised = before, promised
                return None
            made[pack] = Kept(name, amount, parts, today if name == "cake" else None)
        return made

    @rule(hold_id=holds, verb=st.sampled_from(["use", "free"]))
    def settle(self, hold_id, verb):
        kept = self.kept[hold_id]
        wanted = HoldState.USED if verb == "use" else HoldState.FREED
        try:
            with transaction():
                hold = db.session.get_one(StockHold, hold_id)
                (service.use_hold if verb == "use" else service.free_hold)(hold, BUYER)
        except Conflict:
            assert kept.state not in (HoldState.HELD, wanted)
            return
        assert kept.state in (HoldState.HELD, wanted)
        if kept.state is HoldState.HELD:
            self._let_go(kept, is_sold=verb == "use")
        kept.state = wanted

    def _let_go(self, kept: Kept, is_sold: bool) -> None:
        if kept.shelf == "cake":
            if not is_sold and kept.day == self.promised[0]:
                self.promised = (kept.day, self.promised[1] - kept.amount)
            return
        shelf = self.paper[kept.shelf]
        for lot_id, part in kept.parts.items():
            batch = shelf.lots[lot_id]
            batch.held -= part
            if is_sold or not batch.is_good:
                batch.on_hand -= part
        if not is_sold:
            shelf.loose += kept.loose

    @rule(hold_id=holds, is_good=st.booleans())
    def come_back(self, hold_id, is_good):
        kept = self.kept[hold_id]
        try:
            with transaction():
                service.return_stock(db.session.get_one(StockHold, hold_id), is_good, BUYER)
        except Conflict:
            assert kept.state is not HoldState.USED
            return
        assert kept.state is HoldState.USED
        if is_good and not kept.has_come_back and kept.shelf != "cake":
            shelf = self.paper[kept.shelf]
            shelf.loose += kept.loose
            for lot_id, part in kept.parts.items():
                if shelf.lots[lot_id].is_good:
                    shelf.lots[lot_id].on_hand += part
        kept.has_come_back = True

    # -- harvests --

    @rule(which=st.sampled_from([0, 1, 3]), count=st.integers(1, 4), days=st.sampled_from([None, 1, 2, 5]))
    def harvest(self, which, count, days):
        pack, name, size = self.packs[which]
        today = wall_clock.today()
        use_by = None if days is None else today + timedelta(days=days)
        with transaction():
            product = db.session.get_one(Product, self.ids[name])
            lot = service.supply(product, {db.session.get_one(Variant, pack): count}, SYSTEM, today, use_by)
            db.session.flush()
            lot_id = lot.id
        self.paper[name].lots[lot_id] = Batch(use_by, today, count * size)

    @rule(days=st.integers(1, 3))
    def days_go_by(self, days):
        """At midnight what is past its day leaves the shelf, except what is promised."""
        self.clock.forward(days=days)
        with transaction():
            service.expire_lots()
        for shelf in self.paper.values():
            for batch in shelf.lots.values():
                if batch.use_by is not None and batch.use_by < wall_clock.today():
                    batch.on_hand = batch.held

    @rule(which=st.integers(0, 50))
    def recall(self, which):
        """The free part leaves; orders get other goods where there are some, in the order they were placed."""
        known = [(name, lot_id) for name, shelf in self.paper.items() for lot_id, batch in shelf.lots.items()
                 if not batch.is_recalled]  # fmt: skip
        if not known:
            return
        name, lot_id = known[which % len(known)]
        with transaction():
            left = service.recall_lot(db.session.get_one(Lot, lot_id), "Có cát trong gạo", SYSTEM)
            not_replaced = [hold.id for hold in left]
        shelf, batch = self.paper[name], self.paper[name].lots[lot_id]
        batch.is_recalled, batch.on_hand = True, batch.held
        expected = []
        for hold_id, kept in sorted(self.kept.items()):
            if kept.state is not HoldState.HELD or lot_id not in kept.parts:
                continue
            others = shelf.take(kept.parts[lot_id])
            if others is None:
                expected.append(hold_id)
                continue
            gone = kept.parts.pop(lot_id)
            batch.on_hand -= gone
            batch.held -= gone
            for other, part in others.items():
                kept.parts[other] = kept.parts.get(other, 0) + part
        assert sorted(not_replaced) == expected

    # -- after every step --

    @invariant()
    def numbers_agree(self):
        db.session.rollback()
        rice, tea = (
            db.session.get_one(Product, self.ids["rice"]),
            db.session.get_one(Variant, self.packs[3][0]),
        )
        cake = db.session.get_one(Product, self.ids["cake"])
        assert (rice.heap_on_hand, rice.heap_held) == self._sums("rice")
        assert (tea.on_hand, tea.held) == self._sums("tea")
        assert (cake.taken_on, cake.taken_count) == self.promised
        for shelf in self.paper.values():
            for lot_id, batch in shelf.lots.items():
                (share,) = db.session.get_one(Lot, lot_id).shares
                assert (share.on_hand, share.held) == (batch.on_hand, batch.held)
                assert 0 <= share.held <= share.on_hand
        assert service.check_stock() == []
        db.session.rollback()

    def _sums(self, name: str) -> tuple[int, int]:
        held = [kept for kept in self.kept.values() if kept.shelf == name and kept.state is HoldState.HELD]
        shelf = self.paper[name]
        there = sum(batch.on_hand for batch in shelf.lots.values()) + shelf.loose
        return there + sum(kept.loose for kept in held), sum(kept.amount for kept in held)


def test_any_order_of_deeds_is_what_paper_says(app, clock, full):
    Barn.clock = clock
    run_state_machine_as_test(
        Barn,
        settings=settings(
            max_examples=150 if full else 6,
            stateful_step_count=40 if full else 20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
