"""Stocktaking: where what is written on the shelves says something else than the moves, holds and lots behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, case, func, select, update

from marketplace.catalog.events import ProductChanged
from marketplace.catalog.models import (
    HoldLot,
    HoldState,
    Lot,
    LotShare,
    Product,
    StockBy,
    StockHold,
    StockKind,
    StockMove,
    Variant,
)
from marketplace.foundation.db import db
from marketplace.foundation.events import publish as tell


@dataclass(frozen=True)
class Drift:
    """A pack, heap or lot whose numbers do not add up."""

    variant_code: str
    what: str
    is_now: int
    should_be: int


def check() -> list[Drift]:
    """Every shelf whose on_hand is not the sum of its moves, or whose held is not the sum of what is held; every sold
    hold without its one move; every lot and every day of making whose numbers say something else than their holds."""
    return [*_check_shelves(), *_check_sales(), *_check_days(), *_check_lots()]


def _check_shelves() -> Iterable[Drift]:
    for shelves in _shelves():
        for code, is_there, moves, is_held, holds in db.session.execute(shelves):
            if is_there != moves:
                yield Drift(code, "on_hand", is_there, int(moves))
            if is_held != holds:
                yield Drift(code, "held", is_held, int(holds))


@cache
def _shelves() -> list[Select[str, int, int, int, int]]:
    """Shelves that say something else than their moves and holds: packs, heaps. (Statements are built once.)"""
    made: list[Select[str, int, int, int, int]] = []
    for record, on_hand, held, source, own in (
        (Variant, Variant.on_hand, Variant.held, StockBy.PACKS, StockHold.variant_id),
        (Product, Product.heap_on_hand, Product.heap_held, StockBy.HEAP, Variant.product_id),
    ):
        shelf = StockMove.variant_id if record is Variant else StockMove.product_id
        moved = (
            select(shelf.label("id"), func.sum(StockMove.quantity).label("total")).group_by(shelf).subquery()
        )
        kept = (
            select(own.label("id"), func.sum(StockHold.amount).label("total"))
            .join(Variant, Variant.id == StockHold.variant_id)
            .where(StockHold.state == HoldState.HELD, StockHold.taken_from == source)
            .group_by(own)
            .subquery()
        )
        moves, holds = func.coalesce(moved.c.total, 0), func.coalesce(kept.c.total, 0)
        made.append(
            select(record.code, on_hand, moves, held, holds)
            .outerjoin(moved, moved.c.id == record.id)
            .outerjoin(kept, kept.c.id == record.id)
            .where((on_hand != moves) | (held != holds))
            .order_by(record.id)
        )
    return made


def _check_sales() -> Iterable[Drift]:
    for code, amount, state, sold in db.session.execute(_sales()):
        yield Drift(code, "sold", -int(sold), amount if state is HoldState.USED else 0)


@cache
def _sales() -> Select[str, int, HoldState, int]:
    """Sold holds without their one move, and moves of what was not sold."""
    sales = (
        select(StockMove.hold_id, func.sum(StockMove.quantity).label("total"))
        .where(StockMove.kind == StockKind.SOLD)
        .group_by(StockMove.hold_id)
        .subquery()
    )
    sold = func.coalesce(sales.c.total, 0)
    return (
        select(Variant.code, StockHold.amount, StockHold.state, sold)
        .join(Variant, Variant.id == StockHold.variant_id)
        .outerjoin(sales, sales.c.hold_id == StockHold.id)
        .where(
            ((StockHold.state == HoldState.USED) & (sold != -StockHold.amount))
            | ((StockHold.state != HoldState.USED) & (sold != 0))
        )
        .order_by(StockHold.id)
    )


def _check_days() -> Iterable[Drift]:
    for code, taken, promised in db.session.execute(_days()):
        yield Drift(code, "day", taken, int(promised))


@cache
def _days() -> Select[str, int, int]:
    """Days of making whose count is not what was promised of them."""
    promised = (
        select(Variant.product_id, StockHold.capacity_on, func.sum(StockHold.amount).label("total"))
        .join(Variant, Variant.id == StockHold.variant_id)
        .where(StockHold.taken_from == StockBy.ORDER, StockHold.state != HoldState.FREED)
        .group_by(Variant.product_id, StockHold.capacity_on)
        .subquery()
    )
    total = func.coalesce(promised.c.total, 0)
    return (
        select(Product.code, Product.taken_count, total)
        .outerjoin(
            promised, and_(promised.c.product_id == Product.id, promised.c.capacity_on == Product.taken_on)
        )
        .where(Product.taken_on.is_not(None), Product.taken_count != total)
        .order_by(Product.id)
    )


def _check_lots() -> Iterable[Drift]:
    for code, on_hand, should, kept, holds in db.session.execute(_shares()):
        if on_hand != should:
            yield Drift(code, "lot", on_hand, int(should))
        if kept != holds:
            yield Drift(code, "lot_held", kept, int(holds))
    for fuller in _fuller_than_their_shelf():
        for code, is_there, lots_say, is_held, lots_hold in db.session.execute(fuller):
            if lots_say > is_there:
                yield Drift(code, "in_lots", int(lots_say), is_there)
            if lots_hold > is_held:
                yield Drift(code, "held_in_lots", int(lots_hold), is_held)


@cache
def _shares() -> Select[str, int, int, int, Any]:
    """Shares of lots that say something else than what came, left and is held of them."""
    held_ = func.sum(HoldLot.amount).filter(StockHold.state == HoldState.HELD)
    gone_ = func.sum(HoldLot.amount - HoldLot.returned).filter(StockHold.state == HoldState.USED)
    of_holds = (
        select(HoldLot.share_id, func.coalesce(held_, 0).label("held"), func.coalesce(gone_, 0).label("gone"))
        .join(HoldLot.hold)
        .group_by(HoldLot.share_id)
        .subquery()
    )
    held, gone = func.coalesce(of_holds.c.held, 0), func.coalesce(of_holds.c.gone, 0)
    there = LotShare.received - LotShare.written_off - gone
    return (
        select(Lot.code, LotShare.on_hand, there, LotShare.held, held)
        .join(LotShare.lot)
        .outerjoin(of_holds, of_holds.c.share_id == LotShare.id)
        .where((LotShare.on_hand != there) | (LotShare.held != held))
        .order_by(LotShare.id)
    )


@cache
def _fuller_than_their_shelf() -> list[Select[str, int, int, int, int]]:
    """Packs and heaps whose lots together are more than what lies there."""
    in_lots, held_in_lots = func.sum(LotShare.on_hand), func.sum(LotShare.held)
    of_heap = and_(LotShare.product_id == Product.id, LotShare.variant_id.is_(None))
    return [
        select(record.code, on_hand, in_lots, held, held_in_lots)
        .join(LotShare, own)
        .group_by(record.id, record.code, on_hand, held)
        .having((in_lots > on_hand) | (held_in_lots > held))
        .order_by(record.id)
        for record, on_hand, held, own in (
            (Variant, Variant.on_hand, Variant.held, LotShare.variant_id == Variant.id),
            (Product, Product.heap_on_hand, Product.heap_held, of_heap),
        )
    ]


def count_sales() -> None:
    """Bring `sold_count` of every product up to what was sold and not returned (for sorting by popularity)."""
    kinds = (StockKind.SOLD, StockKind.RETURNED)
    packs = case((StockMove.kind == StockKind.SOLD, StockHold.quantity), else_=-StockHold.quantity)
    sold = (
        select(Variant.product_id, func.sum(packs).label("count"))
        .select_from(StockMove)
        .join(StockHold, StockHold.id == StockMove.hold_id)
        .join(Variant, Variant.id == StockHold.variant_id)
        .where(StockMove.kind.in_(kinds))
        .group_by(Variant.product_id)
        .subquery()
    )
    stale = db.session.execute(
        select(Product.id, sold.c.count)
        .join(sold, sold.c.product_id == Product.id)
        .where(Product.sold_count != sold.c.count)
        .order_by(Product.id)
    ).all()
    products = Product.__table__
    for product_id, count in stale:
        db.session.execute(
            update(products).where(products.c.id == product_id).values(sold_count=max(0, int(count)))
        )
        tell(ProductChanged(product_id))
