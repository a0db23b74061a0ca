"""Stocktaking: where what is written on the shelves says something else than the moves, holds and lots behind it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, select

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
        rows = db.session.execute(
            select(record.code, on_hand, moves, held, holds)
            .outerjoin(moved, moved.c.id == record.id)
            .outerjoin(kept, kept.c.id == record.id)
            .where((on_hand != moves) | (held != holds))
            .order_by(record.id)
        )
        for code, is_there, moves_, is_held, holds_ in rows:
            if is_there != moves_:
                yield Drift(code, "on_hand", is_there, int(moves_))
            if is_held != holds_:
                yield Drift(code, "held", is_held, int(holds_))


def _check_sales() -> Iterable[Drift]:
    sales = (
        select(StockMove.hold_id, func.sum(StockMove.quantity).label("total"))
        .where(StockMove.kind == StockKind.SOLD)
        .group_by(StockMove.hold_id)
        .subquery()
    )
    sold_ = func.coalesce(sales.c.total, 0)
    rows = db.session.execute(
        select(Variant.code, StockHold.amount, StockHold.state, sold_)
        .join(Variant, Variant.id == StockHold.variant_id)
        .outerjoin(sales, sales.c.hold_id == StockHold.id)
        .where(
            ((StockHold.state == HoldState.USED) & (sold_ != -StockHold.amount))
            | ((StockHold.state != HoldState.USED) & (sold_ != 0))
        )
        .order_by(StockHold.id)
    )
    for code, amount, state, sold in rows:
        yield Drift(code, "sold", -int(sold), amount if state is HoldState.USED else 0)


def _check_days() -> Iterable[Drift]:
    promised = (
        select(Variant.product_id, StockHold.capacity_on, func.sum(StockHold.amount).label("total"))
        .join(Variant, Variant.id == StockHold.variant_id)
        .where(StockHold.taken_from == StockBy.ORDER, StockHold.state != HoldState.FREED)
        .group_by(Variant.product_id, StockHold.capacity_on)
        .subquery()
    )
    total = func.coalesce(promised.c.total, 0)
    rows = db.session.execute(
        select(Product.code, Product.taken_count, total)
        .outerjoin(
            promised, and_(promised.c.product_id == Product.id, promised.c.capacity_on == Product.taken_on)
        )
        .where(Product.taken_on.is_not(None), Product.taken_count != total)
        .order_by(Product.id)
    )
    for code, taken, total_ in rows:
        yield Drift(code, "day", taken, int(total_))


def _check_lots() -> Iterable[Drift]:
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
    rows = db.session.execute(
        select(Lot.code, LotShare.on_hand, there, LotShare.held, held)
        .join(LotShare.lot)
        .outerjoin(of_holds, of_holds.c.share_id == LotShare.id)
        .where((LotShare.on_hand != there) | (LotShare.held != held))
        .order_by(LotShare.id)
    )
    for code, on_hand, should, kept, holds in rows:
        if on_hand != should:
            yield Drift(code, "lot", on_hand, int(should))
        if kept != holds:
            yield Drift(code, "lot_held", kept, int(holds))
    for record, on_hand_, held_now, own in (
        (Variant, Variant.on_hand, Variant.held, LotShare.variant_id == Variant.id),
        (
            Product,
            Product.heap_on_hand,
            Product.heap_held,
            and_(LotShare.product_id == Product.id, LotShare.variant_id.is_(None)),
        ),
    ):
        in_lots, held_in_lots = func.sum(LotShare.on_hand), func.sum(LotShare.held)
        rows = db.session.execute(
            select(record.code, on_hand_, in_lots, held_now, held_in_lots)
            .join(LotShare, own)
            .group_by(record.id, record.code, on_hand_, held_now)
            .having((in_lots > on_hand_) | (held_in_lots > held_now))
            .order_by(record.id)
        )
        for code, is_there, lots_say, is_held, lots_hold in rows:
            if lots_say > is_there:
                yield Drift(code, "in_lots", int(lots_say), is_there)
            if lots_hold > is_held:
                yield Drift(code, "held_in_lots", int(lots_hold), is_held)
