"""An order of several parcels that ended differently: the buyer took some, others came back or were lost.

What came back or was lost is taken off the order as if it had never been asked for: lines, discounts and money follow
as with short supply (the voucher stays used and its minimum met: part of the goods was taken). Freight of what came
back stays, for it was carried; the freight of what was lost is given back. The rest is delivered, or comes back
whole. What lay in which parcel, and whether they ended differently, is known upstairs (`shipping.parting`), not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from marketplace.catalog import service as stock
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import supply
from marketplace.orders.events import FarmOrderParted
from marketplace.orders.models import FarmOrder, FarmOrderState, OrderLine, SupplyChange

F = FarmOrderState
NOTHING: Mapping[int, int] = MappingProxyType({})
UNDER_WAY = frozenset({F.HANDED_OVER, F.REFUSED_AT_DOOR, F.RETURNING})


@dataclass(frozen=True)
class Lost:
    """So many packs of each line (line id → packs) the post lost, and the freight the buyer gets back for them."""

    packs: Mapping[int, int]
    freight_dong: int


def part_ways(farm_order: FarmOrder, came_back: Mapping[int, int], by: Actor) -> SupplyChange | None:
    """So many packs of each line came back with their parcel; the buyer has the rest. Once delivered it was said
    already, and nothing happens. Raises Refusal when nothing came back, or everything did. Delivering the rest is the
    caller's next line; whether what came back is good the farm says when it has looked (`put_back`)."""
    if (lines := _under_way(farm_order)) is None:
        return None
    reason = str(_("Kiện khách không nhận đã về nhà vườn"))
    change = supply.take_off(farm_order, lines, _kept(lines, came_back), reason, by, why=supply.RETURNED)
    publish(FarmOrderParted(farm_order.id))
    return change


def lose_some(farm_order: FarmOrder, lost: Lost, by: Actor) -> SupplyChange | None:
    """The post lost some of an order's parcels and has others: the buyer pays neither for what was in them nor for
    carrying it; the rest goes on. Raises Refusal when nothing was lost, or everything."""
    if (lines := _under_way(farm_order)) is None:
        return None
    sold_for = farm_order.sold_for_dong
    change = supply.take_off(
        farm_order, lines, _kept(lines, lost.packs), str(_("Bưu điện làm mất hoặc hỏng một kiện")), by,
        why=supply.LOST, freight_less_dong=lost.freight_dong,
    )  # fmt: skip
    farm_order.lost_dong += sold_for - farm_order.sold_for_dong
    return change


def put_back(
    farm_order: FarmOrder,
    came_back: Mapping[int, int],
    is_good: bool,
    by: Actor,
    thrown_away: Mapping[int, int] = NOTHING,
) -> None:
    """The farm looked at what came back with a parcel nobody took: good goods are on sale again, spoilt ones are
    written off, and so is what was `thrown_away` on the way. That it is said once is the caller's care."""
    for line in sorted(farm_order.lines, key=lambda one: one.variant_id):
        if back := came_back.get(line.id, 0):
            gone = thrown_away.get(line.id, 0)
            stock.return_stock(line.hold, is_good, by, back=back, thrown_away=gone)
    audit.record(by, "farm_order.restocked", farm_order, is_good=is_good)


def _under_way(farm_order: FarmOrder) -> list[OrderLine] | None:
    """Its lines, locked, while some of it is on the way; None when it was delivered already."""
    db.session.flush()
    claim(FarmOrder, [farm_order.id])
    if farm_order.state is F.DELIVERED:
        return None
    if farm_order.state not in UNDER_WAY:
        raise Conflict(_("Đơn này không có kiện nào đang về. Hãy tải lại trang."))
    return claim(OrderLine, [line.id for line in farm_order.lines])


def _kept(lines: list[OrderLine], gone: Mapping[int, int]) -> dict[int, supply.Supplied]:
    """What is left of each line without what is gone: not all of it, and not nothing less."""
    less = {line.id: gone.get(line.id, 0) for line in lines}
    for line in lines:
        if not 0 <= less[line.id] <= line.quantity:
            raise Refusal(
                _("“%(name)s”: ghi từ 0 đến %(most)s.", name=line.product_name, most=line.quantity),
                field=f"back-{line.code}",
            )
    if not any(less.values()):
        raise Refusal(_("Hãy ghi món nào đã về theo kiện khách không nhận."))
    if all(less[line.id] == line.quantity for line in lines):
        raise Refusal(_("Khách đã nhận một kiện, nên không thể mọi món đều về. Hãy đếm lại."))
    return {line.id: _left(line, less[line.id]) for line in lines}


def _left(line: OrderLine, less: int) -> supply.Supplied:
    quantity = line.quantity - less
    grams = line.real_grams * quantity // line.quantity if line.real_grams is not None and quantity else None
    return supply.Supplied(quantity, grams)
