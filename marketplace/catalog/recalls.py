"""Goods that leave the shelf by their lot: past their last day, or called back."""

from datetime import date

from sqlalchemy import select

from marketplace.catalog.models import HoldLot, HoldState, Lot, LotShare, StockHold, StockKind
from marketplace.catalog.shelves import (
    change_heap,
    change_pack,
    change_share,
    first_to_expire,
    lock_shelf,
    parts_from,
    shelf_of,
    unlotted_free,
    write_move,
    write_off,
)
from marketplace.foundation.db import claim, db


def write_off_expired(day: date, limit: int = 500) -> list[tuple[Lot, int]]:
    """Lots past their last day leave the shelf; which, and how much of each (packs, or the heap's unit)."""
    late = db.session.execute(
        select(LotShare.id, LotShare.lot_id, LotShare.product_id, LotShare.variant_id)
        .join(LotShare.lot)
        .where(Lot.use_by < day, LotShare.on_hand > LotShare.held)
        .order_by(LotShare.product_id, LotShare.variant_id, LotShare.id)
        .limit(limit)
    ).all()
    gone: dict[int, int] = {}
    for share_id, lot_id, product_id, variant_id in late:
        lock_shelf(product_id, variant_id)
        gone[lot_id] = gone.get(lot_id, 0) + write_off(share_id, None, StockKind.EXPIRED)
    return [(db.session.get_one(Lot, lot_id), amount) for lot_id, amount in gone.items() if amount]


def recall(lot: Lot) -> list[StockHold]:
    """Nothing of the lot is sold any more: what is free leaves the shelf; holds that are not sent yet get other goods
    of the same product, oldest first. What could not be replaced comes back, for somebody to decide."""
    (lot,) = claim(Lot, [lot.id])
    for share in sorted(lot.shares, key=lambda share: share.variant_id or 0):
        lock_shelf(share.product_id, share.variant_id)
        write_off(share.id, None, StockKind.RECALLED)
    parts = db.session.scalars(
        select(HoldLot)
        .join(HoldLot.hold)
        .where(HoldLot.lot_id == lot.id, StockHold.state == HoldState.HELD)
        .order_by(HoldLot.hold_id)
    ).all()
    return [part.hold for part in parts if not _replace(part)]


def _replace(part: HoldLot) -> bool:
    """Other goods of the shelf for what a hold had of a bad lot; False when there are not enough."""
    kept, share = part.hold, part.share
    pack = kept.variant
    found = [one for one in first_to_expire(share.product_id, share.variant_id) if one.id != share.id]
    unlotted = unlotted_free(pack, [*found, share])
    parts = parts_from(found, part.amount, unlotted)
    if parts is None:
        return False
    if share.variant_id is not None:
        fits = change_pack(share.variant_id, on_hand=-part.amount, only_if_kept=True)
    else:
        fits = change_heap(share.product_id, on_hand=-part.amount, only_if_kept=True)
    if not fits:
        return False
    write_move(*shelf_of(kept), StockKind.RECALLED, -part.amount, lot=part.lot)
    change_share(share.id, on_hand=-part.amount, held=-part.amount, written_off=part.amount)
    for other, amount in parts:
        change_share(other.id, held=amount)
        if (known := next((one for one in kept.lots if one.share_id == other.id), None)) is not None:
            known.amount += amount
        else:
            kept.lots.append(HoldLot(share_id=other.id, lot_id=other.lot_id, lot=other.lot, amount=amount))
    kept.lots.remove(part)
    db.session.delete(part)
    db.session.flush()
    return True
