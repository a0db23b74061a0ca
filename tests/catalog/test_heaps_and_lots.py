"""One heap, several sizes of pack; lots first to expire first; goods made when ordered; limits and seasons."""

import threading
import time
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text

from marketplace.catalog import queries, service
from marketplace.catalog.models import HoldState, Product, StockBy, StockHold, Variant
from marketplace.catalog.service import PackDetails
from marketplace.catalog.stock import OutOfStock
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from tests import make
from tests.catalog.test_race import all_at_once, wide_pool  # noqa: F401  (a fixture)

BUYER = Actor.guest()
SIZES = [
    PackDetails(60_000, grams=500),
    PackDetails(110_000, grams=1_000),
    PackDetails(990_000, grams=10_000),
]


def heap(grams: int = 20_000, lot: tuple[int, int] | None = None) -> Product:
    """Rice in three sizes out of one heap."""
    product = make.product(name="Gạo nếp cái hoa vàng", stock=0, packs=SIZES, set_no=1)
    with transaction():
        service.count_by(product, StockBy.HEAP, SYSTEM)
        if grams:
            service.receive_heap(product, grams, SYSTEM)
    return product


def hold(wanted: dict[int, int], until=None) -> dict[int, StockHold]:
    with transaction():
        return service.hold_stock(wanted, BUYER, until)


def do(verb, *args, **said):
    with transaction():
        return verb(*args, **said)


def agrees() -> bool:
    db.session.expire_all()
    return service.check_stock() == []


# -- one heap -------------------------------------------------------------------------------------------------------


def test_every_size_comes_out_of_the_same_grams(app):
    product = heap(20_000)
    small, _middle, large = product.packs
    assert [pack.available for pack in product.packs] == [40, 20, 2]
    got = hold({small.id: 3, large.id: 1})
    assert (product.heap_on_hand, product.heap_held) == (20_000, 11_500)
    assert [pack.available for pack in product.packs] == [17, 8, 0]
    do(service.use_holds, list(got.values()), BUYER)
    assert (product.heap_on_hand, product.heap_held) == (8_500, 0)
    do(service.return_stock, got[large.id], True, BUYER)
    assert product.heap_on_hand == 18_500
    assert agrees()


def test_two_sizes_of_one_order_share_what_is_left(app):
    product = heap(10_000)
    _small, middle, large = product.packs
    with pytest.raises(OutOfStock) as refusal:
        hold({middle.id: 1, large.id: 1})
    assert refusal.value.left == {large.id: 0}
    assert (product.heap_on_hand, product.heap_held) == (10_000, 0)
    assert agrees()


@pytest.mark.parametrize("grams", [20_000])
def test_twenty_orders_over_two_sizes_at_once_never_oversell(app, wide_pool, grams, full):  # noqa: F811
    for _ in range(10 if full else 1):
        product = heap(grams)
        product_id, (_small, middle, large) = product.id, [pack.id for pack in product.packs]
        db.session.rollback()
        deeds = [
            partial(service.hold_stock, {large if n % 2 else middle: 1 if n % 2 else 4}, BUYER)
            for n in range(20)
        ]
        ends = all_at_once(app, deeds)
        assert {type(end) for end in ends} <= {type(None), OutOfStock}, ends
        product = db.session.get_one(Product, product_id)
        won = sum(10_000 if n % 2 else 4_000 for n, end in enumerate(ends) if end is None)
        assert product.heap_held == won <= product.heap_on_hand == grams
        # Whoever lost could not have been served.
        assert grams - won < 10_000
        assert agrees()


def test_packs_counted_one_by_one_are_poured_into_the_heap_and_orders_keep_theirs(app):
    product = make.product(name="Gạo tám thơm", stock=5, packs=SIZES, set_no=1)
    small = product.packs[0]
    kept = hold({small.id: 2})[small.id]
    do(service.count_by, product, StockBy.HEAP, SYSTEM)
    assert product.heap_on_hand == 3 * 500 + 5 * 1_000 + 5 * 10_000
    assert (small.on_hand, small.held) == (2, 2)
    do(service.free_hold, kept, BUYER)
    assert (small.on_hand, small.held, product.heap_on_hand) == (0, 0, 4 * 500 + 500 + 5_000 + 50_000)
    assert agrees()
    other = hold({small.id: 1})[small.id]
    do(service.count_by, product, StockBy.PACKS, SYSTEM)
    assert (product.heap_on_hand, product.heap_held) == (500, 500)
    do(service.free_hold, other, BUYER)
    assert (product.heap_on_hand, small.on_hand) == (0, 1)
    assert agrees()


def test_a_heap_needs_one_unit(app):
    product = make.product(
        name="Mật ong rừng",
        stock=0,
        packs=[PackDetails(90_000, grams=500), PackDetails(80_000, millilitres=500)],
    )
    with pytest.raises(Refusal, match="cùng tính"):
        do(service.count_by, product, StockBy.HEAP, SYSTEM)


def test_no_pack_of_another_unit_joins_a_heap(app):
    product = heap(5_000)
    small, middle, large = product.packs
    by_the_piece = PackDetails(30_000, pieces=10, weight_grams=900)
    for change in (partial(service.save_pack, product, by_the_piece, SYSTEM, small),
                   partial(service.save_pack, product, by_the_piece, SYSTEM)):  # fmt: skip
        with pytest.raises(Refusal, match="cùng tính") as refusal:
            do(change)
        assert refusal.value.field == "unit"
    for pack in (middle, large):
        do(service.remove_pack, pack, SYSTEM)
    with pytest.raises(Refusal, match="cùng tính"):  # five kilograms lie there
        do(service.save_pack, product, by_the_piece, SYSTEM, small)
    db.session.expire_all()
    assert [(pack.grams, pack.pieces) for pack in product.packs] == [(500, None)]
    do(service.correct_heap, product, 0, SYSTEM)
    do(service.save_pack, product, by_the_piece, SYSTEM, small)
    with pytest.raises(Refusal, match="cùng tính"):
        do(service.bring_back_pack, middle, SYSTEM)
    assert middle.removed_at is not None
    assert agrees()


def test_a_heap_is_measured_as_the_packs_that_are_offered(app):
    product = make.product(
        name="Bưởi da xanh", stock=4, set_no=5,
        packs=[PackDetails(300_000, pieces=10, weight_grams=9_000), PackDetails(60_000, grams=1_000)],
    )  # fmt: skip
    do(service.remove_pack, product.packs[0], SYSTEM)
    do(service.count_by, product, StockBy.HEAP, SYSTEM)
    assert (product.heap_on_hand, str(queries.heap_unit(product))) == (4_000, "kg")
    assert queries.heap_words(product.heap_on_hand, product) == "4 kg"
    assert agrees()


@pytest.mark.parametrize("amount", [-5_000, 0, 10**10])
def test_a_harvest_of_minus_five_kilos_is_refused(app, amount):
    product = heap(1_000)
    with pytest.raises(Refusal, match="từ 1 đến"):
        do(service.receive_heap, product, amount, SYSTEM)
    assert product.heap_on_hand == 1_000


def test_a_harvest_is_poured_onto_the_heap_in_kilograms(visit, app):
    product = heap(2_000)
    visit.sign_in(product.farm.members[0].person)
    path = f"/sell/products/{product.code}/supply"
    for typed in ("-5", "0,0005", "một tạ"):
        page = visit(path).form(path).submit(422, heap=typed, harvested_on=wall_clock.today().isoformat())
        assert "Hãy ghi" in page
        db.session.expire_all()
        assert (product.heap_on_hand, product.lots) == (2_000, [])
    form = visit(path).form(path)
    for _ in range(2):  # pressed twice
        form.submit(heap="12,5", harvested_on=wall_clock.today().isoformat())
    db.session.expire_all()
    assert product.heap_on_hand == 14_500
    assert [(share.on_hand, share.variant_id) for share in product.lots[0].shares] == [(12_500, None)]
    assert agrees()


def test_the_heap_is_weighed_again_but_never_below_what_is_promised(app):
    product = heap(5_000)
    hold({product.packs[0].id: 2})
    with pytest.raises(Refusal, match="đặt mua"):
        do(service.correct_heap, product, 900, SYSTEM)
    with pytest.raises(Conflict, match="vừa đổi"):
        do(service.correct_heap, product, 4_000, SYSTEM, seen=4_999)
    do(service.correct_heap, product, 4_000, SYSTEM, seen=5_000)
    assert (product.heap_on_hand, product.heap_held) == (4_000, 1_000)
    assert agrees()


# -- lots -----------------------------------------------------------------------------------------------------------


def lot(product: Product, quantity: int, days: int | None, ago: int = 1):
    """A harvest so many days ago that is good for `days` more."""
    today = wall_clock.today()
    return do(
        service.supply, product, {product.packs[0]: quantity}, SYSTEM,
        harvested_on=today - timedelta(days=ago), use_by=None if days is None else today + timedelta(days=days),
    )  # fmt: skip


def test_first_to_expire_is_sold_first_and_the_order_knows_its_lots(app):
    product = make.product(stock=3)
    pack = product.packs[0]
    late, soon = lot(product, 5, 30, ago=1), lot(product, 4, 5, ago=9)
    first = hold({pack.id: 3})[pack.id]
    assert queries.lot_codes(first) == [soon.code]
    second = hold({pack.id: 4})[pack.id]
    assert [(part.lot.code, part.amount) for part in second.lots] == [(soon.code, 1), (late.code, 3)]
    third = hold({pack.id: 4})[pack.id]
    assert [(part.lot.code, part.amount) for part in third.lots] == [(late.code, 2)]
    assert agrees()
    do(service.free_hold, first, BUYER)
    do(service.use_hold, second, BUYER)
    assert [(share.on_hand, share.held) for share in (*soon.shares, *late.shares)] == [(3, 0), (2, 2)]
    do(service.return_stock, second, True, BUYER)
    assert [share.on_hand for share in (*soon.shares, *late.shares)] == [4, 5]
    assert agrees()


def test_lots_of_a_heap_are_grams(app):
    product = heap(0)
    small, middle, _large = product.packs
    batch = lot(product, 4, 10)
    assert (batch.shares[0].on_hand, product.heap_on_hand) == (2_000, 2_000)
    kept = hold({middle.id: 1, small.id: 1})
    assert {part.amount for one in kept.values() for part in one.lots} == {1_000, 500}
    assert agrees()


def test_a_lot_past_its_day_is_not_sold_and_leaves_the_shelf(app, clock):
    product = make.product(stock=0)
    pack = product.packs[0]
    lot(product, 5, 2)
    kept = hold({pack.id: 2})[pack.id]
    clock.forward(days=3)
    with pytest.raises(OutOfStock) as refusal:
        hold({pack.id: 1})
    assert refusal.value.left == {pack.id: 0}
    do(service.expire_lots)
    assert (pack.on_hand, pack.held) == (2, 2)
    do(service.free_hold, kept, BUYER)
    assert (pack.on_hand, pack.held) == (0, 0)
    assert agrees()


def test_counting_fewer_takes_them_from_the_lots(app):
    product = make.product(stock=0)
    pack = product.packs[0]
    batch = lot(product, 5, 9)
    do(service.correct_stock, pack, 3, SYSTEM)
    assert batch.shares[0].on_hand == 3
    assert agrees()


# -- recalled -------------------------------------------------------------------------------------------------------


def test_a_recalled_lot_is_replaced_where_there_are_others(app):
    product = make.product(stock=0)
    pack = product.packs[0]
    bad, good = lot(product, 5, 5), lot(product, 2, 30)
    first, second = hold({pack.id: 2})[pack.id], hold({pack.id: 2})[pack.id]
    left = do(service.recall_lot, bad, "Nghi nhiễm nấm mốc", SYSTEM)
    assert [one.id for one in left] == [second.id]
    assert [part.lot.code for part in first.lots] == [good.code]
    # One of the bad lot was free, two were replaced: what is left is promised.
    assert (pack.on_hand, pack.held) == (4, 4)
    assert agrees()
    do(service.free_hold, second, BUYER)
    assert (pack.on_hand, pack.held) == (2, 2)
    assert agrees()
    with pytest.raises(Conflict, match="thu hồi"):
        do(service.recall_lot, bad, "Lần nữa", SYSTEM)


def test_what_comes_back_of_a_recalled_lot_is_never_sold_again(app):
    product = make.product(stock=0)
    pack = product.packs[0]
    bad = lot(product, 5, 5)
    kept = hold({pack.id: 2})[pack.id]
    do(service.use_hold, kept, BUYER)
    do(service.recall_lot, bad, "Nghi nhiễm nấm mốc", SYSTEM)
    do(service.return_stock, kept, True, BUYER)
    assert (pack.on_hand, pack.held) == (0, 0)
    assert agrees()


# -- made when ordered, limits, seasons, time-outs ------------------------------------------------------------------


def test_so_many_a_day_and_tomorrow_again(app, clock):
    product = make.product(name="Bánh chưng", stock=0)
    pack = product.packs[0]
    do(service.count_by, product, StockBy.ORDER, SYSTEM, daily_capacity=5, lead_days=1)
    first = hold({pack.id: 3})[pack.id]
    assert pack.available == 2
    with pytest.raises(OutOfStock, match="chỉ còn 2"):
        hold({pack.id: 3})
    do(service.free_hold, first, BUYER)
    assert pack.available == 5
    kept = hold({pack.id: 5})[pack.id]
    with pytest.raises(OutOfStock, match="Hôm nay nhà vườn đã nhận đủ"):
        hold({pack.id: 1})
    assert agrees()
    clock.forward(days=1)
    assert pack.available == 5
    do(service.free_hold, kept, BUYER)
    sold = hold({pack.id: 5})[pack.id]
    do(service.use_hold, sold, BUYER)
    assert (pack.available, pack.on_hand) == (0, 0)
    with pytest.raises(Refusal, match="đã nhận 5"):
        do(service.count_by, product, StockBy.ORDER, SYSTEM, daily_capacity=4)
    assert agrees()


def test_twenty_at_once_for_a_day_of_five(app, wide_pool):  # noqa: F811
    product = make.product(name="Bánh tét", stock=0)
    do(service.count_by, product, StockBy.ORDER, SYSTEM, daily_capacity=5)
    product_id, pack_id = product.id, product.packs[0].id
    db.session.rollback()
    ends = all_at_once(app, [partial(service.hold_stock, {pack_id: 1}, BUYER)] * 20)
    assert sum(end is None for end in ends) == 5
    assert {type(end) for end in ends if end} == {OutOfStock}
    assert db.session.get_one(Product, product_id).taken_count == 5
    assert agrees()


@pytest.mark.database("postgresql")
def test_who_waits_for_the_first_order_of_a_day_is_reckoned_with_what_it_left(app):
    product = make.product(name="Bánh giầy", stock=0)
    do(service.count_by, product, StockBy.ORDER, SYSTEM, daily_capacity=5)
    pack_id = product.packs[0].id
    db.session.rollback()
    ends: list[BaseException | None] = []
    second = threading.Thread(
        target=lambda: ends.extend(all_at_once(app, [partial(service.hold_stock, {pack_id: 2}, BUYER)]))
    )
    with transaction():
        service.hold_stock({pack_id: 3}, BUYER)
        db.session.flush()
        second.start()
        with db.engine.connect() as watcher:
            until = time.monotonic() + 30
            while not watcher.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                assert time.monotonic() < until, "nobody waits"
    second.join(30)
    assert ends == [None]
    assert db.session.get_one(Product, product.id).taken_count == 5


def test_least_and_most_of_an_order(app):
    product = make.product(stock=50)
    pack = product.packs[0]
    do(service.limit_orders, pack, SYSTEM, 2, 10)
    for quantity, said in ((1, "ít nhất 2"), (11, "tối đa 10")):
        with pytest.raises(Conflict, match=said):
            hold({pack.id: quantity})
    hold({pack.id: 10})
    with pytest.raises(Refusal, match="không thể nhỏ hơn"):
        do(service.limit_orders, pack, SYSTEM, 5, 3)
    assert agrees()


def test_outside_its_season_it_cannot_be_ordered(app, clock):
    product = make.product(name="Vải thiều", stock=5)
    pack = product.packs[0]
    today = wall_clock.today()
    do(service.sell_between, product, SYSTEM, today + timedelta(days=2), today + timedelta(days=4))
    assert (pack.available, pack.in_stock) == (0, 5)
    with pytest.raises(Conflict, match="mùa"):
        hold({pack.id: 1})
    clock.forward(days=3)
    hold({pack.id: 1})
    with pytest.raises(Refusal, match="Ngày cuối"):
        do(service.sell_between, product, SYSTEM, date(2026, 12, 2), date(2026, 12, 1))


def test_a_hold_nobody_keeps_is_free_again_and_a_kept_one_stays(app, clock):
    pack = make.product(stock=5).packs[0]
    until = wall_clock.now() + timedelta(minutes=30)
    lost, kept = hold({pack.id: 2}, until)[pack.id], hold({pack.id: 1}, until)[pack.id]
    do(service.keep_holds, [kept], BUYER)
    assert do(service.expire_holds, SYSTEM) == 0
    clock.forward(hours=1)
    assert do(service.expire_holds, SYSTEM) == 1
    assert do(service.expire_holds, SYSTEM) == 0
    assert (lost.state, kept.state, pack.held) == (HoldState.FREED, HoldState.HELD, 1)
    with pytest.raises(Conflict, match="hết hạn"):
        do(service.keep_holds, [lost], BUYER)
    assert agrees()


# -- short supply and real weight -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_there", "on_hand"), [(True, 5), (False, 3)])
def test_the_farm_sends_fewer(app, is_there, on_hand):
    product = make.product(stock=0)
    pack = product.packs[0]
    lot(product, 5, 9)
    kept = hold({pack.id: 4})[pack.id]
    do(service.lessen_hold, kept, 2, BUYER, is_there)
    assert (pack.on_hand, pack.held, kept.quantity) == (on_hand, 2, 2)
    assert agrees()
    with pytest.raises(Conflict):
        do(service.lessen_hold, kept, 3, BUYER)
    do(service.use_hold, kept, BUYER)
    assert agrees()


@pytest.mark.parametrize(("is_there", "on_hand"), [(True, 5), (False, 1)])
def test_the_farm_has_none_at_all(app, is_there, on_hand):
    product = make.product(stock=0)
    pack = product.packs[0]
    batch = lot(product, 5, 9)
    kept = hold({pack.id: 4})[pack.id]
    do(service.lessen_hold, kept, 0, BUYER, is_there)
    assert (pack.on_hand, pack.held, kept.state) == (on_hand, 0, HoldState.FREED)
    assert batch.shares[0].on_hand == on_hand
    assert agrees()


def test_a_crab_weighs_what_it_weighs(app):
    product = heap(3_000)
    middle = product.packs[1]
    kept = hold({middle.id: 2})[middle.id]
    do(service.weigh_hold, kept, 1_850, BUYER)
    assert (product.heap_on_hand, product.heap_held) == (3_000, 1_850)
    do(service.weigh_hold, kept, 3_400, BUYER)
    assert (product.heap_on_hand, product.heap_held) == (
        1_850 + 1_150 + 1_550 - 1_150 + 0,
        3_400,
    ) or product.heap_held == 3_400
    assert product.heap_on_hand >= product.heap_held
    do(service.use_hold, kept, BUYER)
    assert agrees()


def test_a_pack_that_changed_its_size_frees_what_was_taken(app):
    product = heap(10_000)
    small = product.packs[0]
    kept = hold({small.id: 2})[small.id]
    do(service.save_pack, product, PackDetails(70_000, grams=600), SYSTEM, small)
    do(service.free_hold, kept, BUYER)
    assert (product.heap_on_hand, product.heap_held) == (10_000, 0)
    assert agrees()


def test_no_table_lets_a_heap_be_oversold(app):
    product = heap(1_000)
    with pytest.raises(Exception, match=r"(?i)check|heap_not_oversold"), transaction():
        db.session.execute(Product.__table__.update().where(Product.id == product.id).values(heap_held=1_001))
    assert db.session.scalar(select(Variant.held).where(Variant.id == product.packs[0].id)) == 0
