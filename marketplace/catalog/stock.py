"""The only writer of quantities: what is on hand, and what of it is held for orders.

What is counted stands on a shelf: a pack by itself (Variant.on_hand, held), or the heap all packs of a product come
out of (Product.heap_on_hand, heap_held, in grams, millilitres or pieces); goods made when ordered have so many packs a
day (Product.taken_count under daily_capacity). A lot lies on a shelf in shares; what is in no share has no lot.

These hold at every commit and are asked by stocktaking.check():

    on_hand = Σ stock_move.quantity            held = Σ stock_hold.amount where it is still held
    lot_share.on_hand = received − written_off − Σ (hold_lot.amount − returned) of what was sold
    lot_share.held = Σ hold_lot.amount of what is held;  Σ shares of a shelf never above the shelf itself

Nothing is read, decided upon and written back: a hold is one conditional UPDATE per pack, heaps in id order, then packs
in id order (the same order everywhere, so nobody waits in a circle), and the table's CHECK stands under it. Shares of
lots are only touched by who has just changed, so locked, their shelf.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager
from sqlalchemy.orm.util import identity_key

from marketplace.catalog.events import StockFlipped
from marketplace.catalog.models import (
    HoldLot,
    HoldState,
    Lot,
    Product,
    StockBy,
    StockHold,
    StockKind,
    StockMove,
    Variant,
)
from marketplace.catalog.packs import measure_of
from marketplace.catalog.shelves import (
    MOST,
    change_heap,
    change_pack,
    change_share,
    check_count,
    claimed,
    first_to_expire,
    give_capacity_back,
    lose,
    parts_from,
    put_in_lot,
    shelf_of,
    take_capacity,
    trim_lots,
    unlotted_free,
    why_bad,
    write_move,
    write_off,
)
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.money import number
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import Text, _

MOST_IN_HEAP = 1_000_000_000
"""A thousand tons in grams."""


class OutOfStock(Conflict):
    """Some packs do not reach: `left` says how many of each there still are (pack id → count)."""

    def __init__(self, shortages: Sequence[tuple[Variant, int]]) -> None:
        self.left = {variant.id: left for variant, left in shortages}
        super().__init__(" ".join(str(_shortage(variant, left)) for variant, left in shortages))


def _shortage(variant: Variant, left: int) -> Text:
    facts = {"name": variant.product.name, "pack": variant.name}
    if left <= 0 and variant.product.stock_by is StockBy.ORDER:
        return _("Hôm nay nhà vườn đã nhận đủ đơn “%(name)s” (%(pack)s). Mai bạn đặt lại nhé.", **facts)
    if left <= 0:
        return _("“%(name)s” (%(pack)s) vừa hết hàng. Hãy bỏ món này hoặc chọn món khác.", **facts)
    return _("“%(name)s” (%(pack)s) chỉ còn %(left)s. Hãy giảm số lượng.", left=left, **facts)


# -- holding for orders ------------------------------------------------------------------------------------------


def hold(wanted: Mapping[int, int], by: Actor, until: datetime | None = None) -> dict[int, StockHold]:
    """Keep so many of each pack (pack id → quantity) for an order: all of them, or none and OutOfStock says which.

    `until`: nobody has confirmed the order yet; a hold nobody keeps (`keep`) is free again after that moment.
    """
    for quantity in wanted.values():
        check_count(quantity)
    packs = _packs_of(wanted)
    for pack in packs:
        _check_limits(pack, wanted[pack.id])
    made: dict[int, StockHold] = {}
    short: list[tuple[Variant, int]] = []
    for pack in packs:
        kept = _hold_one(pack, wanted[pack.id], until)
        if kept is None:
            db.session.refresh(pack)
            db.session.refresh(pack.product)
            short.append((pack, max(0, _sellable(pack))))
        else:
            made[pack.id] = kept
    if short:
        for kept in made.values():
            _let_go(kept)
        raise OutOfStock(sorted(short, key=lambda found: found[0].id))
    db.session.add_all(made.values())
    return {variant_id: made[variant_id] for variant_id in sorted(made)}


def _packs_of(ids: Iterable[int]) -> list[Variant]:
    """The packs with their products, in the order shelves are locked; those the deed has in hand are not asked for
    again."""
    wanted = list(ids)
    found = (db.session.identity_map.get(identity_key(Variant, id_)) for id_ in wanted)
    packs = [pack for pack in found if pack is not None and "product" in vars(pack)]
    if len(packs) < len(wanted):
        packs = list(db.session.scalars(_packs_by_id(), {"ids": wanted}))
    return sorted(packs, key=_shelf_order)


def claim_packs(ids: Iterable[int]) -> dict[int, Variant]:
    """These packs with their products as they are now, locked until the end of the deed."""
    return {pack.id: pack for pack in db.session.scalars(_claimed_packs(), {"ids": sorted(ids)})}


@cache
def _claimed_packs() -> Select[Variant]:
    asked = _packs_by_id().order_by(Variant.id).with_for_update(of=Variant)
    return asked.execution_options(populate_existing=True)


@cache
def _packs_by_id() -> Select[Variant]:
    return (
        select(Variant)
        .join(Variant.product)
        .where(Variant.id.in_(bindparam("ids", expanding=True)))
        .options(contains_eager(Variant.product))
    )


def _shelf_order(pack: Variant) -> tuple[int, int, int]:
    return (
        (0, pack.product_id, pack.id) if pack.product.stock_by is not StockBy.PACKS else (1, pack.id, pack.id)
    )


def _check_limits(pack: Variant, quantity: int) -> None:
    product = pack.product
    facts = {"name": product.name, "pack": pack.name}
    if quantity < pack.least_per_order:
        raise Conflict(
            _("“%(name)s” (%(pack)s) đặt ít nhất %(least)s mỗi đơn. Hãy thêm số lượng.",
              least=number(pack.least_per_order), **facts)
        )  # fmt: skip
    if pack.most_per_order is not None and quantity > pack.most_per_order:
        raise Conflict(
            _("“%(name)s” (%(pack)s) mỗi đơn tối đa %(most)s. Hãy bớt số lượng.",
              most=number(pack.most_per_order), **facts)
        )  # fmt: skip
    if not product.may_be_ordered_today:
        raise Conflict(
            _("“%(name)s” chưa tới mùa bán hoặc đã hết mùa. Hãy bỏ món này khỏi giỏ.", name=product.name)
        )


def _hold_one(pack: Variant, quantity: int, until: datetime | None) -> StockHold | None:
    """One hold with its lots, not yet written; None when it does not fit, and then nothing was taken."""
    source = pack.product.stock_by
    amount = quantity * pack.size if source is StockBy.HEAP else quantity
    kept = StockHold(
        variant=pack, variant_id=pack.id, quantity=quantity, taken_from=source, amount=amount, expires_at=until,
        capacity_on=clock.today() if source is StockBy.ORDER else None, state=HoldState.HELD, lots=[],
    )  # fmt: skip
    if source is StockBy.ORDER:
        return kept if take_capacity(pack.product_id, quantity) else None
    if source is StockBy.HEAP:
        fits = pack.removed_at is None and change_heap(pack.product_id, held=amount, only_if_kept=True)
    else:
        fits = change_pack(pack.id, held=amount, only_if_kept=True)
    if not fits:
        return None
    found = first_to_expire(pack.product_id, pack.id if source is StockBy.PACKS else None)
    if not found:
        return kept
    parts = parts_from(found, amount, unlotted_free(pack, found) + amount)
    if parts is None:  # what is left lies in lots past their day
        _let_go(kept)
        return None
    for share, part in parts:
        change_share(share.id, held=part)
        kept.lots.append(HoldLot(share_id=share.id, lot_id=share.lot_id, lot=share.lot, amount=part))
    return kept


def _sellable(pack: Variant) -> int:
    """How many of a pack are really free: without lots past their day."""
    if pack.product.stock_by is StockBy.ORDER:
        return pack.product.capacity_left
    in_heap = pack.product.stock_by is StockBy.HEAP
    found = first_to_expire(pack.product_id, None if in_heap else pack.id)
    stale = sum(share.on_hand - share.held for share in found if not share.lot.is_good)
    if in_heap:
        return (pack.product.heap_free - stale) // pack.size
    return pack.on_hand - pack.held - stale


def keep(holds: Iterable[StockHold], by: Actor) -> None:
    """The order is confirmed: these holds do not expire any more. Conflict when one was freed meanwhile."""
    for kept in claimed(holds):
        if kept.state is HoldState.FREED:
            raise Conflict(_("Hàng giữ cho đơn này đã hết hạn giữ. Hãy đặt lại."))
        kept.expires_at = None


def put_off(holds: Iterable[StockHold], until: datetime) -> None:
    """The order waits longer: so do its holds, those that were not freed meanwhile."""
    for kept in holds:
        if kept.state is HoldState.HELD:
            kept.expires_at = until


def expire(by: Actor, limit: int = 200) -> int:
    """Free what nobody confirmed in time; how many holds."""
    late = db.session.scalars(
        select(StockHold)
        .where(StockHold.state == HoldState.HELD, StockHold.expires_at <= clock.now())
        .order_by(StockHold.id)
        .limit(limit)
    ).all()
    free(late, by)
    return len(late)


def use(holds: Iterable[StockHold], by: Actor) -> None:
    """What was held is sold: it leaves the shelf. Using twice sells once."""
    for kept in claimed(holds):
        if kept.state is HoldState.USED:
            continue
        states.move(kept, HoldState.USED, by)
        kept.expires_at = None
        if kept.taken_from is StockBy.HEAP:
            change_heap(kept.variant.product_id, on_hand=-kept.amount, held=-kept.amount)
        elif kept.taken_from is StockBy.PACKS:
            change_pack(kept.variant_id, on_hand=-kept.amount, held=-kept.amount)
        else:
            write_move(kept.variant_id, None, StockKind.MADE, kept.amount, hold=kept)
        write_move(*shelf_of(kept), StockKind.SOLD, -kept.amount, hold=kept)
        for part in kept.lots:
            change_share(part.share_id, on_hand=-part.amount, held=-part.amount)


def free(holds: Iterable[StockHold], by: Actor) -> None:
    """What was held may be bought by others again. Freeing twice frees once; what was sold comes back by
    `take_back` instead."""
    for kept in claimed(holds):
        if kept.state is HoldState.FREED:
            continue
        states.move(kept, HoldState.FREED, by)
        kept.expires_at = None
        if kept.taken_from is not kept.variant.product.stock_by:
            claim(Product, [kept.variant.product_id])
        _let_go(kept)
        _follow_the_product(kept)


def _let_go(kept: StockHold) -> None:
    """Everything of a hold back to where it was taken; of lots that are good no more, off the shelf."""
    product_id = kept.variant.product_id
    if kept.taken_from is StockBy.ORDER:
        give_capacity_back(product_id, kept.amount, kept.capacity_on)
        return
    if kept.taken_from is StockBy.HEAP:
        change_heap(product_id, held=-kept.amount)
    else:
        change_pack(kept.variant_id, held=-kept.amount)
    for part in kept.lots:
        change_share(part.share_id, held=-part.amount)
        if not part.lot.is_good and kept.state is HoldState.FREED:
            write_off(part.share_id, part.amount, why_bad(part.lot))


def _follow_the_product(kept: StockHold) -> None:
    """Freed packs of a product that is a heap by now go into the heap, and the other way round."""
    product = kept.variant.product
    if StockBy.ORDER in (kept.taken_from, product.stock_by) or kept.taken_from is product.stock_by:
        return
    if product.stock_by is StockBy.HEAP:
        _pour(product)
        return
    change_heap(product.id, on_hand=-kept.amount)
    change_pack(kept.variant_id, on_hand=kept.quantity)
    write_move(None, product.id, StockKind.POURED, -kept.amount)
    write_move(kept.variant_id, None, StockKind.POURED, kept.quantity)
    for part in kept.lots:
        if part.lot.is_good:
            lose(part.share_id, part.amount)


def lessen(hold: StockHold, quantity: int, by: Actor, is_there: bool = False) -> None:
    """Of what was held only so many packs are sent. The rest was counted wrongly or is spoilt, so it leaves the shelf
    and is sold to nobody else; or it is free for others when it `is_there`. Saying the same again changes nothing."""
    (kept,) = claimed([hold])
    if kept.state is not HoldState.HELD or not 0 <= quantity <= kept.quantity:
        raise Conflict(_("Số hàng giữ cho đơn này vừa thay đổi. Hãy tải lại trang."))
    if quantity == kept.quantity:
        return
    if quantity == 0 and any(not part.lot.is_good for part in kept.lots):
        free([kept], by)  # only what is of the bad lot leaves the shelf
        return
    audit.record(by, "stock_hold.lessened", kept, before=kept.quantity, after=quantity, is_there=is_there)
    if quantity == 0:
        states.move(kept, HoldState.FREED, by)
        kept.expires_at = None
    less = kept.amount - kept.amount * quantity // kept.quantity
    if quantity:
        kept.quantity = quantity
    _shrink(kept, less, is_there)


def weigh(hold: StockHold, amount: int, by: Actor) -> None:
    """What is sent weighs so much in truth (a crab, a fish): the heap follows, in its own unit. More than was held is
    taken from what is free; what the heap never knew of is counted in."""
    (kept,) = claimed([hold])
    if kept.state is not HoldState.HELD or kept.taken_from is not StockBy.HEAP:
        raise Conflict(_("Chỉ ghi lại cân thật cho hàng tính theo cân và chưa gửi đi."))
    check_count(amount, MOST_IN_HEAP)
    before = kept.amount
    if amount == before:
        return
    audit.record(by, "stock_hold.weighed", kept, before=before, after=amount)
    if amount < before:
        _shrink(kept, before - amount, is_there=True)
        return
    product_id, more = kept.variant.product_id, amount - before
    if not change_heap(product_id, held=more, only_if_kept=True):
        change_heap(product_id, on_hand=more, held=more)
        write_move(None, product_id, StockKind.CORRECTED, more)
    kept.amount = amount


def _shrink(kept: StockHold, less: int, is_there: bool) -> None:
    """So much less of a hold, taken from what was taken last; a freed hold keeps its words, its lots are let go."""
    product_id, is_over = kept.variant.product_id, kept.state is HoldState.FREED
    was = kept.amount
    if not is_over:
        kept.amount -= less
    if kept.taken_from is StockBy.ORDER:
        give_capacity_back(product_id, less, kept.capacity_on)
        return
    gone = 0 if is_there else -less
    if kept.taken_from is StockBy.HEAP:
        change_heap(product_id, on_hand=gone, held=-less)
    else:
        change_pack(kept.variant_id, on_hand=gone, held=-less)
    if gone:
        write_move(*shelf_of(kept), StockKind.CORRECTED, gone)
    less -= min(less, was - sum(part.amount for part in kept.lots))  # what has no lot was taken last
    for part in reversed(list(kept.lots)):
        drop = min(less, part.amount)
        if not drop:
            break
        change_share(part.share_id, held=-drop)
        if gone:
            lose(part.share_id, drop)
        less -= drop
        if is_over:
            continue
        if part.amount == drop:
            kept.lots.remove(part)
            db.session.delete(part)
        else:
            part.amount -= drop


def take_back(hold: StockHold, by: Actor, spoilt: int = 0, back: int | None = None) -> None:
    """What was sold came back (`back`: only so many of its packs), `spoilt` packs of it not fit to sell again. No more
    comes back than was sold: taking back twice takes back once. What is of a recalled lot, or of one past its day, is
    never sold again."""
    (kept,) = claimed([hold])
    if kept.state is not HoldState.USED:
        raise Conflict(_("Hàng này chưa bán nên không có gì để nhận lại."))
    back = kept.quantity if back is None else back
    if not 0 <= spoilt <= back <= kept.quantity:
        raise Refusal(_("Số hàng hỏng phải từ 0 đến %(most)s.", most=back))
    came = kept.amount * back // kept.quantity
    before = _came_back(kept)
    if not came or before + came > kept.amount:
        return
    good = came - (came if spoilt == back else kept.amount * spoilt // kept.quantity)
    stale = sum(part.amount for part in kept.lots if not part.lot.is_good)
    good = max(0, min(good, came - stale))
    if good and kept.taken_from is StockBy.HEAP:
        change_heap(kept.variant.product_id, on_hand=good)
    elif good:
        change_pack(kept.variant_id, on_hand=good)
    write_move(*shelf_of(kept), StockKind.RETURNED, came, hold=kept)
    if spoilt_amount := came - good:
        write_move(*shelf_of(kept), StockKind.SPOILT, -spoilt_amount, hold=kept)
    of_no_lot = kept.amount - sum(part.amount for part in kept.lots)
    left = good - max(0, of_no_lot - before)
    for part in kept.lots:
        share = min(max(0, left), part.amount - part.returned) if part.lot.is_good else 0
        if share:
            change_share(part.share_id, on_hand=share)
            part.returned += share
            left -= share


def _came_back(kept: StockHold) -> int:
    """How much of what was sold came back already, in the shelf's own unit."""
    moved = db.session.scalar(
        select(func.sum(StockMove.quantity)).where(
            StockMove.hold_id == kept.id, StockMove.kind == StockKind.RETURNED
        )
    )
    return int(moved or 0)


# -- the farmer's own shelf --------------------------------------------------------------------------------------


def receive(
    variant: Variant,
    quantity: int,
    by: Actor,
    kind: StockKind = StockKind.RECEIVED,
    lot: Lot | None = None,
    once: str | None = None,
) -> None:
    """So many more of a pack are there: a new harvest, a new batch. `once` names the form that said so. Packs of a
    product that is one heap go into the heap."""
    check_count(quantity)
    product = variant.product
    if product.stock_by is StockBy.HEAP:
        receive_heap(product, quantity * variant.size, by, lot, once and f"{once}-{variant.id}"[-40:])
        return
    if variant.on_hand + quantity > MOST:
        raise Refusal(_("Nhiều quá: mỗi gói tối đa %(most)s trong kho.", most=number(MOST)))
    change_pack(variant.id, on_hand=quantity)
    write_move(variant.id, None, kind, quantity, lot=lot, once=once)
    if lot is not None:
        put_in_lot(lot, variant.id, quantity)
    audit.record(by, "variant.received", variant, quantity=quantity, lot=lot.code if lot else None)


def begin_with(quantities: Mapping[Variant, int], by: Actor) -> None:
    """So many of packs that are new in this deed, many at once."""
    wanted = {variant: quantity for variant, quantity in quantities.items() if quantity}
    for variant, quantity in wanted.items():
        check_count(quantity)
        variant.on_hand = quantity
        db.session.add(StockMove(variant_id=variant.id, kind=StockKind.RECEIVED, quantity=quantity))
    db.session.flush()


def receive_heap(
    product: Product, amount: int, by: Actor, lot: Lot | None = None, once: str | None = None
) -> None:
    """So much more lies on the heap, in grams, millilitres or pieces."""
    check_count(amount, MOST_IN_HEAP)
    if product.stock_by is not StockBy.HEAP:
        raise Conflict(_("Món này đếm theo từng loại gói. Hãy ghi số gói."))
    if product.heap_on_hand + amount > MOST_IN_HEAP:
        raise Refusal(_("Nhiều quá: một đống hàng tối đa 1.000 tấn."), "amount")
    change_heap(product.id, on_hand=amount)
    write_move(None, product.id, StockKind.RECEIVED, amount, lot=lot, once=once)
    if lot is not None:
        put_in_lot(lot, None, amount)
    audit.record(by, "product.received", product, amount=amount, lot=lot.code if lot else None)


def was_received(product_id: int, once: str) -> bool:
    """Did this form already count, as a lot or as something received?"""
    lots = select(Lot.id).where(Lot.product_id == product_id, Lot.once == once)
    moves = (
        select(StockMove.id)
        .outerjoin(Variant, Variant.id == StockMove.variant_id)
        .where(
            or_(Variant.product_id == product_id, StockMove.product_id == product_id),
            or_(StockMove.once == once, StockMove.once.startswith(f"{once}-", autoescape=True)),
        )
    )
    return db.session.scalar(lots.union_all(moves).limit(1)) is not None


def correct(variant: Variant, on_hand: int, by: Actor, seen: int | None = None) -> None:
    """So many are really there, counted by hand; never fewer than are held for orders.

    `seen` is the number the farmer's page showed: when orders changed it meanwhile, nothing is corrected.
    """
    if not 0 <= on_hand <= MOST:
        raise Refusal(_("Số lượng trong kho phải từ 0 đến %(most)s.", most=number(MOST)))
    if variant.product.stock_by is StockBy.HEAP:
        raise Conflict(_("Các cỡ gói của món này lấy chung một đống hàng. Hãy ghi số của cả đống."))
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
        change_pack(variant.id, on_hand=difference)
        write_move(variant.id, None, StockKind.CORRECTED, difference)
        trim_lots(now.product_id, now.id, on_hand)
        audit.record(by, "variant.corrected", variant, before=on_hand - difference, after=on_hand)


def correct_heap(product: Product, on_hand: int, by: Actor, seen: int | None = None) -> None:
    """So much really lies on the heap, weighed by hand; never less than is held for orders."""
    if not 0 <= on_hand <= MOST_IN_HEAP:
        raise Refusal(_("Một đống hàng từ 0 đến 1.000 tấn."), "amount")
    (now,) = claim(Product, [product.id])
    if now.stock_by is not StockBy.HEAP:
        raise Conflict(_("Món này đếm theo từng loại gói. Hãy ghi số gói."))
    if seen is not None and seen != now.heap_on_hand:
        raise Conflict(
            _("Kho của “%(name)s” vừa đổi vì có đơn hàng. Hãy xem lại rồi ghi số mới.", name=now.name)
        )
    if on_hand < now.heap_held:
        raise Refusal(
            _("Đã có người đặt mua nhiều hơn số này. Số trong kho không thể ít hơn số đã đặt."), "amount"
        )
    difference = on_hand - now.heap_on_hand
    if difference:
        change_heap(product.id, on_hand=difference)
        write_move(None, product.id, StockKind.CORRECTED, difference)
        trim_lots(product.id, None, on_hand)
        audit.record(by, "product.heap_corrected", product, before=on_hand - difference, after=on_hand)


def count_by(
    product: Product, how: StockBy, by: Actor, daily_capacity: int | None = None, lead_days: int = 0
) -> None:
    """Count the product another way from now on; orders placed keep what they hold. Packs that are free are poured into
    the heap. A heap that is packed up again begins with no packs: the farmer counts them."""
    (now,) = claim(Product, [product.id])
    if how is StockBy.HEAP:
        _one_unit(now)
    if how is StockBy.ORDER:
        _check_capacity(now, daily_capacity, lead_days)
        now.daily_capacity, now.lead_days = daily_capacity, lead_days
    before = now.stock_by
    now.stock_by = how
    db.session.flush()
    if how is not before:
        audit.record(by, "product.counted_by", now, before=before.value, after=how.value)
    if how is StockBy.HEAP:
        claim(Variant, [variant.id for variant in now.variants])
        _pour(now)
    elif before is StockBy.HEAP and how is StockBy.PACKS and now.heap_free:
        for share in first_to_expire(now.id, None):
            lose(share.id, share.on_hand - share.held)
        gone = now.heap_free
        change_heap(now.id, on_hand=-gone)
        write_move(None, now.id, StockKind.POURED, -gone)
    publish(StockFlipped(now.id))


def _one_unit(product: Product) -> None:
    kinds = {"g" if pack.grams else "ml" if pack.millilitres else "piece" for pack in product.packs}
    if len(kinds) > 1:
        raise Refusal(
            _(
                "Muốn lấy chung một đống, mọi cỡ gói phải cùng tính theo cân, theo dung tích, hoặc theo số cái."
            ),
            "stock_by",
        )


def _check_capacity(product: Product, daily_capacity: int | None, lead_days: int) -> None:
    if daily_capacity is None or not 1 <= daily_capacity <= MOST:
        raise Refusal(_("Hãy ghi mỗi ngày làm được mấy gói, từ 1 trở lên."), "daily_capacity")
    taken = product.taken_count if product.taken_on == clock.today() else 0
    if daily_capacity < taken:
        raise Refusal(
            _("Hôm nay đã nhận %(taken)s gói rồi. Hãy ghi từ số đó trở lên, ngày mai giảm sau.", taken=taken),
            "daily_capacity",
        )
    if product.taken_on != clock.today():
        product.taken_on, product.taken_count = None, 0
    if not 0 <= lead_days <= 60:
        raise Refusal(_("Thời gian làm từ 0 đến 60 ngày."), "lead_days")


def _pour(product: Product) -> None:
    """Whatever lies free in packs of a product that is one heap goes into the heap, lots with it."""
    told_by = product.heap_pack
    for pack in sorted(product.variants, key=lambda pack: pack.id):
        free_packs = pack.on_hand - pack.held
        if free_packs <= 0 or told_by is None or measure_of(pack) != measure_of(told_by):
            continue  # what was offered by another measure once is left where it is
        for share in first_to_expire(product.id, pack.id):
            part = share.on_hand - share.held
            if part:
                change_share(share.id, on_hand=-part, received=-part)
                put_in_lot(share.lot, None, part * pack.size)
        change_pack(pack.id, on_hand=-free_packs)
        change_heap(product.id, on_hand=free_packs * pack.size)
        write_move(pack.id, None, StockKind.POURED, -free_packs)
        write_move(None, product.id, StockKind.POURED, free_packs * pack.size)
