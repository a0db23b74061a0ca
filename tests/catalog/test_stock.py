"""Quantities: held, used, freed, received, corrected; nothing twice, nothing below what is promised."""

import pytest
from sqlalchemy import func, select

from marketplace.catalog import queries, service
from marketplace.catalog.models import HoldState, Product, StockHold, StockKind, StockMove, Variant
from marketplace.catalog.service import PackDetails
from marketplace.catalog.stock import OutOfStock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.search.models import SearchTouch
from tests import make

BUYER = Actor.guest()


@pytest.fixture
def pack(app) -> Variant:
    return make.product(stock=10).packs[0]


def hold(pack: Variant, quantity: int = 1) -> StockHold:
    with transaction():
        return service.hold_stock({pack.id: quantity}, BUYER)[pack.id]


def numbers(pack: Variant) -> tuple[int, int]:
    db.session.expire_all()
    return pack.on_hand, pack.held


def agrees() -> bool:
    return service.check_stock() == []


def test_what_is_held_is_not_for_sale_and_still_on_hand(pack):
    kept = hold(pack, 3)
    assert numbers(pack) == (10, 3)
    assert pack.available == 7
    assert kept.state is HoldState.HELD
    assert agrees()


def test_what_was_held_is_sold_once(pack):
    kept = hold(pack, 3)
    for _ in range(2):
        with transaction():
            service.use_hold(kept, BUYER)
    assert numbers(pack) == (7, 0)
    assert db.session.scalars(select(StockMove.quantity).where(StockMove.kind == StockKind.SOLD)).all() == [
        -3
    ]
    assert agrees()


def test_what_is_not_there_leaves_the_shelf_too(pack):
    kept = hold(pack, 5)
    for _ in range(2):
        with transaction():
            service.lessen_hold(kept, 3, BUYER)
    assert numbers(pack) == (8, 3)
    with pytest.raises(Conflict), transaction():
        service.lessen_hold(kept, 4, BUYER)
    with transaction():
        service.use_hold(kept, BUYER)
    assert numbers(pack) == (5, 0)
    none_left = hold(pack, 2)
    with transaction():
        service.lessen_hold(none_left, 0, BUYER)
    assert numbers(pack) == (3, 0)
    assert none_left.state is HoldState.FREED
    assert agrees()


def test_what_was_held_is_freed_once(pack):
    first, second = hold(pack, 3), hold(pack, 2)
    for _ in range(3):
        with transaction():
            service.free_hold(first, BUYER)
    assert numbers(pack) == (10, 2)
    assert second.state is HoldState.HELD
    assert agrees()


def test_what_was_sold_cannot_be_freed_and_what_was_freed_cannot_be_sold(pack):
    sold, freed = hold(pack), hold(pack)
    with transaction():
        service.use_hold(sold, BUYER)
        service.free_hold(freed, BUYER)
    for verb, kept in ((service.free_hold, sold), (service.use_hold, freed)):
        with pytest.raises(Conflict), transaction():
            verb(kept, BUYER)
    assert numbers(pack) == (9, 0)
    assert agrees()


@pytest.mark.parametrize(("is_good", "left"), [(True, 10), (False, 7)])
def test_goods_that_came_back_are_counted_once(pack, is_good, left):
    kept = hold(pack, 3)
    with transaction():
        service.use_hold(kept, BUYER)
    for _ in range(2):
        with transaction():
            service.return_stock(kept, is_good, BUYER)
    assert numbers(pack) == (left, 0)
    assert agrees()


def test_goods_never_sold_do_not_come_back(pack):
    kept = hold(pack)
    with pytest.raises(Conflict), transaction():
        service.return_stock(kept, True, BUYER)
    assert numbers(pack) == (10, 1)


def test_the_loser_hears_what_is_short_and_how_many_remain(pack):
    hold(pack, 8)
    with pytest.raises(OutOfStock) as refusal, transaction():
        service.hold_stock({pack.id: 3}, BUYER)
    assert str(refusal.value) == "“Trà đinh Tân Cương” (100 g) chỉ còn 2. Hãy giảm số lượng."
    assert refusal.value.status == 409
    assert refusal.value.left == {pack.id: 2}
    assert numbers(pack) == (10, 8)


def test_all_packs_or_none_even_inside_a_deed_that_goes_on(app):
    first, second, third = (
        make.product(name=name, stock=5).packs[0] for name in ("Chè xanh", "Chè vàng", "Chè đen")
    )
    with transaction():
        with pytest.raises(OutOfStock) as refusal:
            service.hold_stock({third.id: 2, first.id: 6, second.id: 1}, BUYER)
        assert refusal.value.left == {first.id: 5}
    for pack in (first, second, third):
        assert numbers(pack) == (5, 0)
    assert db.session.scalar(select(func.count(StockHold.id))) == 0
    assert agrees()


def test_every_short_pack_is_named(app):
    first, second = (
        make.product(name=name, stock=stock).packs[0] for name, stock in (("Chè xanh", 1), ("Chè vàng", 0))
    )
    with pytest.raises(OutOfStock) as refusal, transaction():
        service.hold_stock({first.id: 2, second.id: 1}, BUYER)
    assert "Chè xanh" in str(refusal.value)
    assert "“Chè vàng” (100 g) vừa hết hàng" in str(refusal.value)


@pytest.mark.parametrize("quantity", [0, -1, 10**9, 10**30])
def test_an_impossible_quantity_holds_nothing(pack, quantity):
    with pytest.raises(Refusal), transaction():
        service.hold_stock({pack.id: quantity}, BUYER)
    assert numbers(pack) == (10, 0)


def test_a_removed_pack_cannot_be_held(app):
    product = make.product(packs=[PackDetails(50_000, grams=100), PackDetails(90_000, grams=200)])
    pack = product.packs[0]
    with transaction():
        service.remove_pack(pack, make.actor_of(product.farm))
    with pytest.raises(OutOfStock), transaction():
        service.hold_stock({pack.id: 1}, BUYER)
    assert numbers(pack) == (10, 0)


def test_counting_by_hand_never_goes_below_what_is_promised(pack):
    hold(pack, 4)
    with pytest.raises(Refusal, match="có 4 đã được đặt mua"), transaction():
        service.correct_stock(pack, 3, BUYER)
    assert numbers(pack) == (10, 4)
    with transaction():
        service.correct_stock(pack, 4, BUYER)
    assert numbers(pack) == (4, 4)
    assert agrees()


def test_counting_from_an_old_page_is_refused(pack):
    with transaction():
        service.use_hold(service.hold_stock({pack.id: 3}, BUYER)[pack.id], BUYER)
    with pytest.raises(Conflict, match="từ 10 thành 7"), transaction():
        service.correct_stock(pack, 12, BUYER, seen=10)
    assert numbers(pack) == (7, 0)


@pytest.mark.parametrize("on_hand", [-1, 1_000_001, 10**30])
def test_an_impossible_count_changes_nothing(pack, on_hand):
    with pytest.raises(Refusal), transaction():
        service.correct_stock(pack, on_hand, BUYER)
    assert numbers(pack) == (10, 0)


def test_price_and_holds_do_not_get_in_each_others_way(pack):
    price = pack.price_dong
    with transaction():
        service.hold_stock({pack.id: 1}, BUYER)
        service.set_price(pack, price + 1000, make.actor_of(pack.product.farm))
        service.hold_stock({pack.id: 1}, BUYER)
    assert numbers(pack) == (10, 2)
    assert pack.price_dong == price + 1000


def test_running_out_and_coming_back_touch_the_index(pack):
    db.session.query(SearchTouch).delete()
    db.session.commit()

    def touched() -> int:
        return db.session.query(SearchTouch).count()

    kept = hold(pack, 9)
    assert touched() == 0
    last = hold(pack, 1)
    assert touched() == 1
    with transaction():
        service.use_hold(kept, BUYER)
    assert touched() == 1
    with transaction():
        service.free_hold(last, BUYER)
    assert touched() == 2


def test_sales_are_counted_for_the_popular_shelf(pack):
    sold, back = hold(pack, 3), hold(pack, 2)
    with transaction():
        service.use_holds([sold, back], BUYER)
        service.return_stock(back, True, BUYER)
    with transaction():
        service.count_sales()
    assert db.session.get_one(Product, pack.product_id).sold_count == 3


def test_the_auditor_sees_numbers_that_were_tampered_with(pack, app):
    kept = hold(pack, 2)
    assert agrees()
    code = pack.code
    db.session.execute(Variant.__table__.update().values(on_hand=9, held=1))
    db.session.execute(
        StockHold.__table__.insert().values(
            code="X", created_at=kept.created_at, version=1, variant_id=pack.id, quantity=1, state="used"
        )
    )
    db.session.commit()
    assert {(d.variant_code, d.what, d.is_now, d.should_be) for d in service.check_stock()} == {
        (code, "on_hand", 9, 10),
        (code, "held", 1, 2),
        (code, "sold", 0, 1),
    }
    told = app.test_cli_runner().invoke(args=["stock", "check"])
    assert told.exit_code == 1
    assert f"{code}: on_hand is 9, should be 10" in told.output


def test_the_auditor_is_content(pack, app):
    hold(pack, 2)
    told = app.test_cli_runner().invoke(args=["stock", "check"])
    assert told.exit_code == 0
    assert "Stock agrees" in told.output


def test_a_pack_that_is_there_can_be_bought(pack):
    assert queries.variant_on_sale(pack.code).available == 10
