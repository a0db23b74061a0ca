"""Many buyers at once for few goods: exactly what is there is sold. Real threads, each on a connection of its own."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from marketplace.catalog import service
from marketplace.catalog.models import StockHold, Variant
from marketplace.catalog.stock import OutOfStock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from tests import make

BUYER = Actor.guest()


@pytest.fixture
def wide_pool(app):
    """Enough connections that every thread has one of its own; put back as it was afterwards."""
    pool = db.engine.pool
    before = pool._max_overflow
    pool._max_overflow = 60
    yield
    pool._max_overflow = before


def all_at_once(app, deeds: list[Callable[[], object]]) -> list[BaseException | None]:
    """Every deed in a thread of its own, all let go at the same moment; what each of them ended with."""
    gate = threading.Barrier(len(deeds))
    ends: list[BaseException | None] = [None] * len(deeds)

    def run(at: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    deeds[at]()
            except BaseException as error:
                ends[at] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=[at]) for at in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits in a circle"
    return ends


def test_fifty_buyers_for_ten(app, wide_pool, full):
    for _ in range(20 if full else 1):
        pack = make.product(stock=10).packs[0]
        pack_id = pack.id
        db.session.rollback()
        wanted = {pack_id: 1}
        ends = all_at_once(app, [partial(service.hold_stock, wanted, BUYER)] * 50)
        lost = [end for end in ends if end is not None]
        assert {type(end) for end in lost} == {OutOfStock}, lost
        assert len(lost) == 40
        pack = db.session.get_one(Variant, pack_id)
        assert (pack.on_hand, pack.held) == (10, 10)
        assert service.check_stock() == []


def test_buyers_of_several_packs_in_any_order_never_wait_in_a_circle(app, wide_pool, full):
    ids = [make.product(name=f"Chè {letter}{letter}{letter}", stock=12).packs[0].id for letter in "abc"]
    db.session.rollback()
    chance = random.Random(7)

    def buyer() -> Callable[[], object]:
        wanted = {id_: chance.randint(1, 2) for id_ in chance.sample(ids, chance.randint(1, 3))}
        return partial(service.hold_stock, wanted, BUYER)

    ends = all_at_once(app, [buyer() for _ in range(48 if full else 24)])
    assert {type(end) for end in ends} <= {type(None), OutOfStock}, ends
    assert service.check_stock() == []
    for id_ in ids:
        pack = db.session.get_one(Variant, id_)
        assert 0 <= pack.held <= pack.on_hand == 12


def test_a_sale_and_a_release_of_the_same_hold_end_one_way(app, wide_pool):
    pack = make.product(stock=10).packs[0]
    with transaction():
        kept = service.hold_stock({pack.id: 4}, BUYER)[pack.id]
    pack_id, hold_id = pack.id, kept.id
    db.session.rollback()

    def the_hold() -> StockHold:
        return db.session.get_one(StockHold, hold_id)

    ends = all_at_once(
        app,
        [lambda: service.use_hold(the_hold(), BUYER), lambda: service.free_hold(the_hold(), BUYER)] * 6,
    )
    states = Counter("done" if end is None else type(end).__name__ for end in ends)
    assert states == {"done": 6, "Conflict": 6}
    pack = db.session.get_one(Variant, pack_id)
    assert (pack.on_hand, pack.held) in {(6, 0), (10, 0)}
    assert service.check_stock() == []
