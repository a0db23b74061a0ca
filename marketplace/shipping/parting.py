"""Parcels of one order that end differently: what becomes of the order, by itself.

- Lost or broken: what lay in it is off the order at once, and its share of the freight. What the post lost is made good
  to the farm (`payments.compensate`).
- When the last one has ended: all that are left with the buyer, the order is delivered; all back, it is returned; some
  with the buyer and some back, what is back is off the order and the rest is delivered. The farm says what came back
  good or spoilt when it has looked.
- Where a parcel does not know what lies in it (an opened pack, a parcel older than that), the farm is asked what came
  back; what was lost the buyer claims.
"""

from collections.abc import Mapping, Sequence

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.money import share_out
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, OrderLine
from marketplace.orders.parting import UNDER_WAY, Lost
from marketplace.shipping import contents, queries
from marketplace.shipping.booking import lock
from marketplace.shipping.contents import Packs
from marketplace.shipping.models import ENDED, GoodsBack, Parcel, ParcelState

__all__ = ["asks_what_came_back", "look_at", "parcels_to_ask", "say_what_lay_in", "settle", "share_back"]

P = ParcelState
F = FarmOrderState
GONE = frozenset({P.LOST, P.DAMAGED})


def settle(farm_order: FarmOrder, by: Actor) -> Sequence[Parcel]:
    """One of its parcels has ended: do what follows for the order. Safe to call at any time. Returns the lost ones
    whose contents nobody knows while the buyer has all the others: the buyer has to claim what is missing."""
    db.session.flush()
    parcels = queries.parcels_of(farm_order)
    left = [one for one in parcels if one.state not in GONE]
    if not left:
        orders.lose(farm_order, by)
        return []
    ends = {one.state for one in left}
    lost = [one for one in parcels if one.state in GONE and one.taken_off_at is None]
    if lost and not (farm_order.state in UNDER_WAY and contents.is_known(farm_order, parcels)):
        if ends != {P.DELIVERED}:
            _note_difference(farm_order, parcels, by)
            return []
        orders.deliver(farm_order, by)
        return lost
    if lost:
        _take_off_lost(farm_order, lost, left, by)
    if ends == {P.DELIVERED}:
        orders.deliver(farm_order, by)
    elif ends == {P.RETURNED}:
        orders.finish_return(farm_order, by, is_disposed=all(_is_thrown_away(one) for one in left))
    elif ends == {P.DELIVERED, P.RETURNED}:
        _part_ways(farm_order, parcels, left, by)
    return []


def _take_off_lost(farm_order: FarmOrder, lost: Sequence[Parcel], left: Sequence[Parcel], by: Actor) -> None:
    """What lay in lost parcels is off the order, and its freight; the cash at the door follows."""
    packs, freight = contents.packs_in(lost), _freight_of(farm_order, lost, left)
    orders.lose_some(farm_order, Lost(packs, freight), by)
    for parcel in lost:
        parcel.taken_off_at = clock.now()
    for parcel in left:
        if parcel.cod_dong and parcel.state not in ENDED:
            parcel.cod_dong = farm_order.total_dong


def _freight_of(farm_order: FarmOrder, lost: Sequence[Parcel], left: Sequence[Parcel]) -> int:
    """The lost parcels' share, by weight, of what the buyer pays for carrying."""
    paid = farm_order.shipping_dong - farm_order.freight_discount_dong - farm_order.freight_saved_dong
    weights = [sum(one.grams_now for one in lost), sum(one.grams_now for one in left)]
    return share_out(max(0, paid), weights)[0]


def _part_ways(farm_order: FarmOrder, parcels: Sequence[Parcel], left: Sequence[Parcel], by: Actor) -> None:
    """The buyer has some of its parcels, the others are back at the farm."""
    if farm_order.state is F.DELIVERED:
        return
    if not contents.is_known(farm_order, parcels):
        _note_difference(farm_order, parcels, by)
        return
    back = [one for one in left if one.state is P.RETURNED]
    orders.part_ways(farm_order, contents.packs_in(back), by)
    for parcel in back:
        parcel.taken_off_at = clock.now()
    orders.deliver(farm_order, by)
    if all(_is_thrown_away(one) for one in back):
        orders.put_back(farm_order, contents.packs_in(back), False, by)


def _note_difference(farm_order: FarmOrder, parcels: Sequence[Parcel], by: Actor) -> None:
    ends = sorted({one.state.value for one in parcels})
    audit.record(by, "farm_order.parcels_differ", farm_order, ends=ends)


# -- where nobody knows what lay in a parcel -------------------------------------------------------------------------


def parcels_to_ask(farm_order: FarmOrder) -> list[Parcel]:
    """The parcels whose contents the farm is asked for, because they ended otherwise than the rest and nobody knows
    what lay in them; none while some are on the way."""
    parcels = queries.parcels_of(farm_order)
    if (
        farm_order.state not in UNDER_WAY
        or any(one.state not in ENDED for one in parcels)
        or contents.is_known(farm_order, parcels)
    ):
        return []
    ended = {P.LOST if one.state in GONE else one.state for one in parcels}
    usual = next((state for state in (P.DELIVERED, P.RETURNED) if state in ended), None)
    return [one for one in parcels if one.state is not usual and one.taken_off_at is None]


def say_what_lay_in(farm_order: FarmOrder, typed: Mapping[int, Packs], by: Actor) -> None:
    """The farm says what lay in the parcels that ended otherwise (parcel id → line id → packs); the rest lay in the
    others, and the order goes on by itself. Raises Conflict while a parcel is still on its way, Refusal for packs that
    cannot have been there."""
    lock(farm_order)
    if farm_order.state is F.DELIVERED:
        return
    asked = {parcel.id: parcel for parcel in parcels_to_ask(farm_order)}
    if not asked:
        raise Conflict(_("Còn kiện đang trên đường. Khi mọi kiện đã tới hoặc đã về thì hãy ghi."))
    rest = {line.id: line.quantity for line in farm_order.lines}
    for parcel_id, packs in typed.items():
        for line in farm_order.lines:
            rest[line.id] -= _counted(line, packs.get(line.id, 0), rest[line.id])
        if not any(packs.values()):
            raise Refusal(
                _("Hãy ghi món nào nằm trong kiện %(number)s.", number=asked[parcel_id].number_in_groups)
            )
    if not any(rest.values()):
        raise Refusal(_("Khách đã nhận một kiện, nên không thể mọi món đều về. Hãy đếm lại."))
    others = [
        one for one in queries.parcels_of(farm_order) if one.id not in asked and one.taken_off_at is None
    ]
    for parcel_id, packs in typed.items():
        contents.write(asked[parcel_id], packs)
    for place, parcel in enumerate(others):
        contents.write(parcel, rest if place == 0 else {})
    settle(farm_order, by)


def _counted(line: OrderLine, count: int, most: int) -> int:
    if not 0 <= count <= most:
        raise Refusal(_("“%(name)s”: ghi từ 0 đến %(most)s.", name=line.product_name, most=most))
    return count


# -- what came back ------------------------------------------------------------------------------------------------


def asks_what_came_back(farm_order: FarmOrder) -> bool:
    """Did goods come back that the farm has not looked at yet: all of the order, or a parcel of it?"""
    if farm_order.state is F.RETURNED:
        return farm_order.restocked_at is None
    return farm_order.state is F.DELIVERED and any(one.goods_back is None for one in _back(farm_order))


def look_at(farm_order: FarmOrder, is_good: bool, by: Actor) -> None:
    """The farm looked at what came back: good goods are on sale again, spoilt ones and those thrown away on the way are
    written off. Twice is once."""
    lock(farm_order)
    back = _back(farm_order)
    thrown_away = contents.packs_in(one for one in back if _is_thrown_away(one))
    if farm_order.state is not F.DELIVERED:
        orders.restock(farm_order, is_good, by, thrown_away)
    elif asks_what_came_back(farm_order):
        orders.put_back(farm_order, contents.packs_in(back), is_good, by, thrown_away)
    for parcel in back:
        parcel.goods_back = parcel.goods_back or (GoodsBack.GOOD if is_good else GoodsBack.SPOILT)


def share_back(farm_order: FarmOrder) -> tuple[int, int]:
    """How many grams went the way back, of how many that were sent."""
    parcels = queries.parcels_of(farm_order)
    back = [one for one in parcels if one.state is P.RETURNED and not _is_thrown_away(one)]
    return sum(one.grams_now for one in back), sum(one.grams_now for one in parcels)


def _back(farm_order: FarmOrder) -> list[Parcel]:
    """Its parcels that came back, while the buyer has the rest or has nothing."""
    parcels = queries.parcels_of(farm_order)
    is_parted = farm_order.state is F.DELIVERED
    return [one for one in parcels if one.state is P.RETURNED and (one.taken_off_at or not is_parted)]


def _is_thrown_away(parcel: Parcel) -> bool:
    return parcel.goods_back is GoodsBack.THROWN_AWAY
