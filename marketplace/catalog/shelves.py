"""Shelves: the statements under stock.py. Each changes one counted row by one UPDATE, in the database; nothing is read,
decided upon and written back. Shares of lots are only touched by who has just changed, so locked, their shelf."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, bindparam, case, func, select, update
from sqlalchemy.orm import contains_eager, selectinload
from sqlalchemy.orm.util import identity_key

from marketplace.catalog.events import StockFlipped
from marketplace.catalog.models import (
    Lot,
    LotShare,
    Product,
    StockBy,
    StockHold,
    StockKind,
    StockMove,
    Variant,
)
from marketplace.foundation import clock
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.money import number
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

MOST = 1_000_000
"""More of one pack than this is a slip of the finger."""

variants: Any = Variant.__table__
products: Any = Product.__table__
shares: Any = LotShare.__table__


# -- the statements -----------------------------------------------------------------------------------------------


def change_pack(variant_id: int, on_hand: int = 0, held: int = 0, only_if_kept: bool = False) -> bool:
    """One UPDATE of one pack. `only_if_kept`: only while it is offered and so many are free.

    False when the row did not fit; what the session knew of the pack is forgotten.
    """
    if not (on_hand or held):
        return True
    row = db.session.execute(
        _pack_change(on_hand != 0, held != 0, only_if_kept),
        {"pack": variant_id, "more": on_hand, "more_held": held},
    ).first()
    _forget(Variant, variant_id, "on_hand", "held")
    if row is None:
        return False
    product_id, available = row
    before = available - on_hand + held
    if (before > 0) != (available > 0):
        publish(StockFlipped(product_id))
    return True


@cache
def _pack_change(is_shelf: bool, is_held: bool, only_if_kept: bool) -> Any:
    pack: Any = variants.c
    more: Any = bindparam("more")
    more_held: Any = bindparam("more_held")
    change = update(variants).where(pack.id == bindparam("pack"))
    if is_shelf:
        change = change.values(on_hand=pack.on_hand + more)
    if is_held:
        change = change.values(held=pack.held + more_held)
    if only_if_kept:
        change = change.where(pack.on_hand - pack.held >= more_held - more)
        if is_held:
            change = change.where(pack.removed_at.is_(None))
    return change.returning(pack.product_id, pack.on_hand - pack.held)


def change_heap(product_id: int, on_hand: int = 0, held: int = 0, only_if_kept: bool = False) -> bool:
    """One UPDATE of one heap. `only_if_kept`: only while so much of it is free. False when it did not fit."""
    if not (on_hand or held):
        return True
    heap = products.c
    change = (
        update(products)
        .where(heap.id == product_id)
        .values(heap_on_hand=heap.heap_on_hand + on_hand, heap_held=heap.heap_held + held)
    )
    if only_if_kept:
        change = change.where(heap.heap_on_hand - heap.heap_held >= held - on_hand)
    row = db.session.execute(change.returning(heap.heap_on_hand - heap.heap_held)).first()
    _forget(Product, product_id, "heap_on_hand", "heap_held")
    if row is None:
        return False
    is_free = row[0]
    before = is_free - on_hand + held
    size = func.coalesce(variants.c.grams, variants.c.millilitres, variants.c.pieces, 1)
    sizes = db.session.scalars(
        select(size).where(variants.c.product_id == product_id, variants.c.removed_at.is_(None))
    ).all()
    if any((before >= one) != (is_free >= one) for one in sizes):
        publish(StockFlipped(product_id))
    return True


def take_capacity(product_id: int, quantity: int) -> bool:
    """One UPDATE: so many more promised today, while the day's capacity allows."""
    today, day = clock.today(), products.c
    # A new day begins with nothing promised. Said in one statement: of two whom the first order of a day keeps waiting,
    # each is reckoned with what the one before it left.
    taken = case((day.taken_on == today, day.taken_count), else_=0) + quantity
    row = db.session.execute(
        update(products)
        .where(day.id == product_id, day.stock_by == StockBy.ORDER.value, day.daily_capacity >= taken)
        .values(taken_on=today, taken_count=taken)
        .returning(day.daily_capacity - day.taken_count)
    ).first()
    if row is None:
        return False
    _forget(Product, product_id, "taken_on", "taken_count")
    if row[0] == 0:
        publish(StockFlipped(product_id))
    return True


def give_capacity_back(product_id: int, quantity: int, day: date | None) -> None:
    """What is not made after all may be promised to others, on the same day."""
    known = products.c
    row = db.session.execute(
        update(products)
        .where(known.id == product_id, known.taken_on == day)
        .values(taken_count=known.taken_count - quantity)
        .returning(known.daily_capacity - known.taken_count)
    ).first()
    _forget(Product, product_id, "taken_on", "taken_count")
    if row is not None and row[0] == quantity:
        publish(StockFlipped(product_id))


def change_share(
    share_id: int, on_hand: int = 0, held: int = 0, received: int = 0, written_off: int = 0
) -> None:
    known = shares.c
    db.session.execute(
        update(shares)
        .where(known.id == share_id)
        .values(
            on_hand=known.on_hand + on_hand,
            held=known.held + held,
            received=known.received + received,
            written_off=known.written_off + written_off,
        )
    )
    _forget(LotShare, share_id, "on_hand", "held", "received", "written_off")


def _forget(record: type[Any], id_: int, *columns: str) -> None:
    known = db.session.identity_map.get(identity_key(record, id_))
    if known is not None:
        db.session.expire(known, list(columns))


def write_move(
    variant_id: int | None,
    product_id: int | None,
    kind: StockKind,
    quantity: int,
    hold: StockHold | None = None,
    lot: Lot | None = None,
    once: str | None = None,
    lot_id: int | None = None,
) -> None:
    db.session.add(
        StockMove(
            variant_id=variant_id,
            product_id=product_id,
            kind=kind,
            quantity=quantity,
            hold_id=hold.id if hold else None,
            lot_id=lot.id if lot else lot_id,
            once=once,
        )
    )
    db.session.flush()


def shelf_of(kept: StockHold) -> tuple[int | None, int | None]:
    """Whose moves a hold writes: its pack's, or its product's heap."""
    if kept.taken_from is StockBy.HEAP:
        return None, kept.variant.product_id
    return kept.variant_id, None


def claimed(holds: Iterable[StockHold]) -> list[StockHold]:
    """The holds, locked and fresh, in the order of their shelves: everybody locks shelves in the same order."""
    db.session.flush()
    ids = [kept.id for kept in holds]
    if not ids:
        return []
    found = db.session.scalars(
        select(StockHold)
        .where(StockHold.id.in_(sorted(set(ids))))
        .order_by(StockHold.id)
        .options(selectinload(StockHold.lots))
        .with_for_update(of=StockHold)
        .execution_options(populate_existing=True)
    ).all()
    return sorted(
        found,
        key=lambda kept: (
            (0, kept.variant.product_id, kept.id)
            if kept.taken_from is not StockBy.PACKS
            else (1, kept.variant_id, kept.id)
        ),
    )


def check_count(quantity: int, most: int = MOST) -> None:
    if not 1 <= quantity <= most:
        raise Refusal(_("Hãy ghi số lượng từ 1 đến %(most)s.", most=number(most)), "quantity")


# -- lots -----------------------------------------------------------------------------------------------------------


def parts_from(found: Sequence[LotShare], amount: int, unlotted: int) -> list[tuple[LotShare, int]] | None:
    """From which lots so much is taken, first to expire first; what has no lot comes last. None: it is not there."""
    parts: list[tuple[LotShare, int]] = []
    for share in found:
        part = min(amount, share.on_hand - share.held) if share.lot.is_good else 0
        if part > 0:
            parts.append((share, part))
            amount -= part
    return parts if amount <= unlotted else None


def first_to_expire(product_id: int, variant_id: int | None) -> list[LotShare]:
    """The shares of lots on a shelf, as they are now, in the order they are sold."""
    whose = {"product": product_id} if variant_id is None else {"product": product_id, "pack": variant_id}
    found = db.session.scalars(_shares_of(is_heap=variant_id is None), whose)
    return sorted(
        found, key=lambda share: (share.lot.use_by or date.max, share.lot.harvested_on, share.lot_id)
    )


@cache
def _shares_of(is_heap: bool) -> Select[LotShare]:
    whose = LotShare.variant_id.is_(None) if is_heap else LotShare.variant_id == bindparam("pack")
    return (
        select(LotShare)
        .join(LotShare.lot)
        .where(LotShare.product_id == bindparam("product"), whose, LotShare.on_hand > 0)
        .options(contains_eager(LotShare.lot))
        .execution_options(populate_existing=True)
    )


def why_bad(lot: Lot) -> StockKind:
    return StockKind.RECALLED if lot.recalled_at is not None else StockKind.EXPIRED


def put_in_lot(lot: Lot, variant_id: int | None, amount: int) -> None:
    lot.is_counted = True
    db.session.flush()
    share = db.session.scalar(
        select(LotShare).where(LotShare.lot_id == lot.id, LotShare.variant_id == variant_id)
    )
    if share is None:
        db.session.add(
            LotShare(
                lot_id=lot.id,
                product_id=lot.product_id,
                variant_id=variant_id,
                received=amount,
                on_hand=amount,
            )
        )
        db.session.flush()
        return
    change_share(share.id, on_hand=amount, received=amount)


def trim_lots(product_id: int, variant_id: int | None, on_hand: int) -> None:
    """Fewer are there than the lots say: what is missing is missing from those that expire first."""
    found = first_to_expire(product_id, variant_id)
    missing = sum(share.on_hand for share in found) - on_hand
    for share in found:
        part = min(missing, share.on_hand - share.held)
        if part > 0:
            lose(share.id, part)
            missing -= part


def lose(share_id: int, amount: int) -> None:
    """So much of a lot is not there (the shelf has been told already)."""
    if amount:
        change_share(share_id, on_hand=-amount, written_off=amount)


def write_off(share_id: int, amount: int | None, kind: StockKind) -> int:
    """What is free of a lot's share (or so much of it) leaves its shelf; how much that was."""
    row = db.session.execute(
        select(
            shares.c.lot_id, shares.c.product_id, shares.c.variant_id, (shares.c.on_hand - shares.c.held)
        ).where(shares.c.id == share_id)
    ).one()
    lot_id, product_id, variant_id, is_free = row
    amount = is_free if amount is None else min(amount, is_free)
    if amount <= 0:
        return 0
    lose(share_id, amount)
    if variant_id is None:
        change_heap(product_id, on_hand=-amount)
        write_move(None, product_id, kind, -amount, lot_id=lot_id)
    else:
        change_pack(variant_id, on_hand=-amount)
        write_move(variant_id, None, kind, -amount, lot_id=lot_id)
    return cast(int, amount)


def lock_shelf(product_id: int, variant_id: int | None) -> None:
    if variant_id is None:
        claim(Product, [product_id])
    else:
        claim(Variant, [variant_id])


def unlotted_free(pack: Variant, found: Sequence[LotShare]) -> int:
    """How much of the shelf nobody has ordered lies in no lot (fresh: the shelf was just changed)."""
    if pack.product.stock_by is StockBy.HEAP:
        free = pack.product.heap_on_hand - pack.product.heap_held
    else:
        free = pack.on_hand - pack.held
    return free - sum(share.on_hand - share.held for share in found)
