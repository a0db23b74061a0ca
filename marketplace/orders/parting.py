"""An order of several parcels that ended differently: the buyer took some, the others came back to the farm.

What came back is taken off the order as if it had never been asked for: lines, discounts and money follow as with short
supply (the voucher stays used and its minimum met: part of the goods was taken); freight stays, for it was carried. The
rest is delivered. Whether parcels have ended differently is known upstairs (`shipping.parting`), not here.
"""

from collections.abc import Mapping

from marketplace.catalog import service as stock
from marketplace.catalog.models import StockBy, StockKind
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import supply
from marketplace.orders.events import FarmOrderParted
from marketplace.orders.models import FarmOrder, FarmOrderState, OrderLine, SupplyChange

F = FarmOrderState
UNDER_WAY = frozenset({F.HANDED_OVER, F.REFUSED_AT_DOOR, F.RETURNING})


def part_ways(
    farm_order: FarmOrder, came_back: Mapping[int, int], is_good: bool, by: Actor
) -> SupplyChange | None:
    """So many packs of each line came back with their parcel, good or spoilt; the buyer has the rest. Once delivered it
    was said already, and nothing happens. Raises Refusal when nothing came back, or everything did. Delivering the rest
    is the caller's next line."""
    db.session.flush()
    claim(FarmOrder, [farm_order.id])
    if farm_order.state is F.DELIVERED:
        return None
    if farm_order.state not in UNDER_WAY:
        raise Conflict(_("Đơn này không có kiện nào đang về. Hãy tải lại trang."))
    lines = claim(OrderLine, [line.id for line in farm_order.lines])
    back = {line.id: came_back.get(line.id, 0) for line in lines}
    for line in lines:
        if not 0 <= back[line.id] <= line.quantity:
            raise Refusal(
                _("“%(name)s”: ghi từ 0 đến %(most)s.", name=line.product_name, most=line.quantity),
                field=f"back-{line.code}",
            )
    if not any(back.values()):
        raise Refusal(_("Hãy ghi món nào đã về theo kiện khách không nhận."))
    if all(back[line.id] == line.quantity for line in lines):
        raise Refusal(_("Khách đã nhận một kiện, nên không thể mọi món đều về. Hãy đếm lại."))
    kept = {line.id: _kept(line, back[line.id]) for line in lines}
    change = supply.take_off(farm_order, lines, kept, str(_("Kiện khách không nhận đã về nhà vườn")), by)
    for line in sorted(lines, key=lambda one: one.variant_id):
        if back[line.id] and is_good and line.hold.taken_from is not StockBy.ORDER:
            stock.receive_stock(line.variant, back[line.id], by, StockKind.RETURNED)
    publish(FarmOrderParted(farm_order.id))
    return change


def _kept(line: OrderLine, back: int) -> supply.Supplied:
    quantity = line.quantity - back
    grams = line.real_grams * quantity // line.quantity if line.real_grams is not None else None
    return supply.Supplied(quantity, grams if quantity else None)
