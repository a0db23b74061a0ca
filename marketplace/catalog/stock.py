"""The only writer of quantities: what is on hand of a pack, and what of it is held for orders.

Two sums hold at every commit and are asked by `check()`:

    on_hand = Σ stock_move.quantity            held = Σ stock_hold.quantity where it is still held

Nothing is read, decided upon and written back: a hold is one conditional UPDATE per pack, packs in id order (the same
order everywhere, so nobody waits in a circle), and the table's CHECK stands under it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm.util import identity_key

from marketplace.catalog.events import StockFlipped
from marketplace.catalog.models import HoldState, Lot, StockHold, StockKind, StockMove, Variant
from marketplace.foundation import audit, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.money import number
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import Text, _

MOST = 1_000_000
"""More of one pack than this is a slip of the finger."""

variants = Variant.__table__


class OutOfStock(Conflict):
    """Some packs do not reach: `left` says how many of each there still are (pack id → count)."""

    def __init__(self, shortages: Sequence[tuple[Variant, int]]) -> None:
        self.left = {variant.id: left for variant, left in shortages}
        super().__init__(" ".join(str(_shortage(variant, left)) for variant, left in shortages))


def _shortage(variant: Variant, left: int) -> Text:
    facts = {"name": variant.product.name, "pack": variant.name}
    if left <= 0:
        return _("“%(name)s” (%(pack)s) vừa hết hàng. Hãy bỏ món này hoặc chọn món khác.", **facts)
    return _("“%(name)s” (%(pack)s) chỉ còn %(left)s. Hãy giảm số lượng.", left=left, **facts)


# -- holding for orders -------------------------------------------------------------------------------------------


def hold(wanted: Mapping[int, int], by: Actor) -> dict[int, StockHold]:
    """Keep so many of each pack (pack id → quantity) for an order: all of them, or none and OutOfStock says which."""
    for quantity in wanted.values():
        _count(quantity)
    taken: list[int] = []
    short: list[int] = []
    for variant_id in sorted(wanted):
        fits = _change(variant_id, held=wanted[variant_id], only_if_kept=True)
        (taken if fits else short).append(variant_id)
    if short:
        for variant_id in taken:
            _change(variant_id, held=-wanted[variant_id])
        raise OutOfStock([(variant, variant.available) for variant in _fresh(short)])
    holds = {
        variant_id: StockHold(variant_id=variant_id, quantity=wanted[variant_id]) for variant_id in taken
    }
    db.session.add_all(holds.values())
    db.session.flush()
    return holds


def use(holds: Iterable[StockHold], by: Actor) -> None:
    """What was held is sold: it leaves the shelf. Using twice sells once."""
    for kept in _claimed(holds):
        if kept.state is HoldState.USED:
            continue
        states.move(kept, HoldState.USED, by)
        _change(kept.variant_id, on_hand=-kept.quantity, held=-kept.quantity)
        _write(kept.variant_id, StockKind.SOLD, -kept.quantity, hold=kept)


def free(holds: Iterable[StockHold], by: Actor) -> None:
    """What was held may be bought by others again. Freeing twice frees once; what was sold comes back by
    `take_back` instead."""
    for kept in _claimed(holds):
        if kept.state is HoldState.FREED:
            continue
        states.move(kept, HoldState.FREED, by)
        _change(kept.variant_id, held=-kept.quantity)


def lessen(hold: StockHold, quantity: int, by: Actor) -> None:
    """Of what was held only `quantity` is there: the rest was counted wrongly or is spoilt, so it leaves the shelf and
    is sold to nobody else. Saying the same again changes nothing."""
    (kept,) = _claimed([hold])
    missing = kept.quantity - quantity
    if kept.state is not HoldState.HELD or quantity < 0 or missing < 0:
        raise Conflict(_("Số hàng giữ cho đơn này vừa thay đổi. Hãy tải lại trang."))
    if not missing:
        return
    if quantity:
        kept.quantity = quantity
    else:
        states.move(kept, HoldState.FREED, by)
    _change(kept.variant_id, on_hand=-missing, held=-missing)
    _write(kept.variant_id, StockKind.CORRECTED, -missing, hold=kept)


def take_back(hold: StockHold, by: Actor, spoilt: int = 0) -> None:
    """What was sold came back, `spoilt` of it not fit to sell again. Taking back twice takes back once."""
    (kept,) = _claimed([hold])
    if kept.state is not HoldState.USED:
        raise Conflict(_("Hàng này chưa bán nên không có gì để nhận lại."))
    if not 0 <= spoilt <= kept.quantity:
        raise Refusal(_("Số hàng hỏng phải từ 0 đến %(most)s.", most=kept.quantity))
    already = db.session.scalar(
        select(StockMove.id)
        .where(StockMove.hold_id == kept.id, StockMove.kind == StockKind.RETURNED)
        .limit(1)
    )
    if already is not None:
        return
    if good := kept.quantity - spoilt:
        _change(kept.variant_id, on_hand=good)
    _write(kept.variant_id, StockKind.RETURNED, kept.quantity, hold=kept)
    if spoilt:
        _write(kept.variant_id, StockKind.SPOILT, -spoilt, hold=kept)


# -- the farmer's own shelf ---------------------------------------------------------------------------------------


def receive(
    variant: Variant,
    quantity: int,
    by: Actor,
    kind: StockKind = StockKind.RECEIVED,
    lot: Lot | None = None,
    once: str | None = None,
) -> None:
    """So many more of a pack are there: a new harvest, a new batch. `once` names the form that said so."""
    _count(quantity)
    if variant.on_hand + quantity > MOST:
        raise Refusal(_("Nhiều quá: mỗi gói tối đa %(most)s trong kho.", most=number(MOST)))
    _change(variant.id, on_hand=quantity)
    _write(variant.id, kind, quantity, lot=lot, once=once)
    audit.record(by, "variant.received", variant, quantity=quantity, lot=lot.code if lot else None)


def was_received(product_id: int, once: str) -> bool:
    """Did this form already count, as a lot or as something received?"""
    lots = select(Lot.id).where(Lot.product_id == product_id, Lot.once == once)
    moves = (
        select(StockMove.id)
        .join(Variant, Variant.id == StockMove.variant_id)
        .where(Variant.product_id == product_id, StockMove.once == once)
    )
    return db.session.scalar(lots.union_all(moves).limit(1)) is not None


def correct(variant: Variant, on_hand: int, by: Actor, seen: int | None = None) -> None:
    """So many are really there, counted by hand; never fewer than are held for orders.

    `seen` is the number the farmer's page showed: when orders changed it meanwhile, nothing is corrected.
    """
    if not 0 <= on_hand <= MOST:
        raise Refusal(_("Số lượng trong kho phải từ 0 đến %(most)s.", most=number(MOST)))
    (now,) = claim(Variant, [variant.id])
    if seen is not None and seen != now.on_hand:
        raise Conflict(
            _(
                "Kho của “%(pack)s” vừa đổi từ %(seen)s thành %(now)s vì có đơn hàng. Hãy xem lại rồi ghi số mới.",
                pack=now.name,
                seen=seen,
                now=now.on_hand,
            )
        )
    if on_hand < now.held:
        raise Refusal(
            _(
                "“%(pack)s” có %(held)s đã được đặt mua. Số trong kho không thể ít hơn số đó.",
                pack=now.name,
                held=now.held,
            )
        )
    difference = on_hand - now.on_hand
    if difference:
        _change(variant.id, on_hand=difference)
        _write(variant.id, StockKind.CORRECTED, difference)
        audit.record(by, "variant.corrected", variant, before=on_hand - difference, after=on_hand)


# -- the auditor --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drift:
    """A pack whose numbers do not add up."""

    variant_code: str
    what: str
    is_now: int
    should_be: int


def check() -> list[Drift]:
    """Every pack whose on_hand is not the sum of its moves, or whose held is not the sum of what is held; and every
    sold hold without its one move."""
    moved = (
        select(StockMove.variant_id, func.sum(StockMove.quantity).label("total"))
        .group_by(StockMove.variant_id)
        .subquery()
    )
    kept = (
        select(StockHold.variant_id, func.sum(StockHold.quantity).label("total"))
        .where(StockHold.state == HoldState.HELD)
        .group_by(StockHold.variant_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Variant.code,
            Variant.on_hand,
            func.coalesce(moved.c.total, 0),
            Variant.held,
            func.coalesce(kept.c.total, 0),
        )
        .outerjoin(moved, moved.c.variant_id == Variant.id)
        .outerjoin(kept, kept.c.variant_id == Variant.id)
        .where(
            (Variant.on_hand != func.coalesce(moved.c.total, 0))
            | (Variant.held != func.coalesce(kept.c.total, 0))
        )
        .order_by(Variant.id)
    )
    found: list[Drift] = []
    for code, on_hand, moves, held, holds in rows:
        if on_hand != moves:
            found.append(Drift(code, "on_hand", on_hand, int(moves)))
        if held != holds:
            found.append(Drift(code, "held", held, int(holds)))
    sales = (
        select(StockMove.hold_id, func.sum(StockMove.quantity).label("total"))
        .where(StockMove.kind == StockKind.SOLD)
        .group_by(StockMove.hold_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Variant.code, StockHold.quantity, StockHold.state, func.coalesce(sales.c.total, 0))
        .join(Variant, Variant.id == StockHold.variant_id)
        .outerjoin(sales, sales.c.hold_id == StockHold.id)
        .where(
            ((StockHold.state == HoldState.USED) & (func.coalesce(sales.c.total, 0) != -StockHold.quantity))
            | ((StockHold.state != HoldState.USED) & (func.coalesce(sales.c.total, 0) != 0))
        )
        .order_by(StockHold.id)
    )
    for code, quantity, state, sold in rows:
        found.append(Drift(code, "sold", -int(sold), quantity if state is HoldState.USED else 0))
    return found


# -- the statements -----------------------------------------------------------------------------------------------


def _change(variant_id: int, on_hand: int = 0, held: int = 0, only_if_kept: bool = False) -> bool:
    """One UPDATE of one pack. `only_if_kept`: only while the pack is offered and so many are free.

    False when the row did not fit; what the session knew of the pack is forgotten.
    """
    change = update(variants).where(variants.c.id == variant_id)
    if on_hand:
        change = change.values(on_hand=variants.c.on_hand + on_hand)
    if held:
        change = change.values(held=variants.c.held + held)
    if only_if_kept:
        change = change.where(variants.c.removed_at.is_(None), variants.c.on_hand - variants.c.held >= held)
    row = db.session.execute(
        change.returning(variants.c.product_id, variants.c.on_hand - variants.c.held)
    ).first()
    known = db.session.identity_map.get(identity_key(Variant, variant_id))
    if known is not None:
        db.session.expire(known, ["on_hand", "held"])
    if row is None:
        return False
    product_id, available = row
    before = available - on_hand + held
    if (before > 0) != (available > 0):
        publish(StockFlipped(product_id))
    return True


def _write(
    variant_id: int,
    kind: StockKind,
    quantity: int,
    hold: StockHold | None = None,
    lot: Lot | None = None,
    once: str | None = None,
) -> None:
    db.session.add(
        StockMove(
            variant_id=variant_id,
            kind=kind,
            quantity=quantity,
            hold_id=hold.id if hold else None,
            lot_id=lot.id if lot else None,
            once=once,
        )
    )
    db.session.flush()


def _claimed(holds: Iterable[StockHold]) -> list[StockHold]:
    """The holds, locked and fresh, in the order of their packs: everybody locks packs in the same order."""
    return sorted(claim(StockHold, [kept.id for kept in holds]), key=lambda kept: (kept.variant_id, kept.id))


def _fresh(variant_ids: Sequence[int]) -> list[Variant]:
    return list(db.session.scalars(select(Variant).where(Variant.id.in_(variant_ids)).order_by(Variant.id)))


def _count(quantity: int) -> None:
    if not 1 <= quantity <= MOST:
        raise Refusal(_("Hãy ghi số lượng từ 1 đến %(most)s.", most=number(MOST)), "quantity")
