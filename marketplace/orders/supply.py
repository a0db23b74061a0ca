"""Short supply and real weight: a farm sends less than was ordered, or a crab weighs less than its pack says.

The buyer never pays more than was agreed, and never for what does not come:

- fewer packs: each at its price; a lighter pack: its price by true weight, half up; a heavier one costs no more;
- discounts shrink with their line, in proportion; the voucher's minimum counts as met, for it is not the buyer's fault;
- freight and the fee for cash are those of the lighter parcel by the same service, never more than before;
- what the farm does not have leaves its shelf too.

How far a farm may go alone is what the buyer chose at the till (`Order.if_short`), and never past half of the goods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketplace.catalog import service as stock
from marketplace.catalog.models import StockBy
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.money import divide_half_up, dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import telling
from marketplace.orders.events import FarmOrderFreightLowered, FarmOrderShort
from marketplace.orders.models import FarmOrder, FarmOrderState, IfShort, OrderLine, SupplyChange

MAY_BE_SHORT = frozenset({FarmOrderState.CONFIRMED, FarmOrderState.ACCEPTED})
SHORT, RETURNED, LOST = "short", "returned", "lost"
TOLD = {SHORT: "orders/short", RETURNED: "orders/parted", LOST: "orders/part_lost"}
"""Why a part came to less, and the letter that tells the buyer."""
ALONE_PER_10_000 = 5_000
"""Past half of the goods a farm always asks first, whatever was ticked at the till."""


@dataclass(frozen=True)
class Supplied:
    """What a farm has of one line: so many packs, and what they truly weigh together (none: as the packs say)."""

    quantity: int
    grams: int | None = None


@dataclass(frozen=True)
class Freight:
    """What carrying the lighter parcel costs by the service the buyer chose."""

    shipping_dong: int
    cod_fee_dong: int
    quote: Mapping[str, Any] = field(default_factory=dict)


def supply_less(
    farm_order: FarmOrder,
    supplied: Mapping[int, Supplied],
    reason: str,
    by: Actor,
    is_agreed: bool = False,
    freight: Freight | None = None,
) -> SupplyChange | None:
    """The farm sends less than was ordered (line id → what there is): price, discounts, freight and stock follow.

    `is_agreed`: the farm called and the buyer said yes. Said again as it already is, nothing happens (None). Raises
    Refusal when the buyer did not agree to it, when nothing is left to send, when more is named than was ordered.
    """
    db.session.flush()
    claim(FarmOrder, [farm_order.id])
    if farm_order.state not in MAY_BE_SHORT:
        raise Conflict(_("Chỉ ghi giao thiếu trước khi hàng rời nhà vườn. Hãy tải lại trang."))
    lines = claim(OrderLine, [line.id for line in farm_order.lines])
    if not set(supplied) <= {line.id for line in lines}:
        raise Refusal(_("Có món không thuộc đơn này. Hãy tải lại trang."))
    wanted = {line.id: supplied.get(line.id, Supplied(line.quantity, line.real_grams)) for line in lines}
    for line in lines:
        _judge(line, wanted[line.id])
    if not any(each.quantity for each in wanted.values()):
        raise Refusal(_("Không còn món nào để gửi. Hãy bấm “Không gửi được nữa” để báo cho khách."))
    after = {line.id: _price(line, wanted[line.id]) for line in lines}
    if all(
        (line.quantity, line.total_dong, line.real_grams)
        == (wanted[line.id].quantity, after[line.id], wanted[line.id].grams)
        for line in lines
    ):
        return None
    _buyer_agrees(farm_order, sum(after.values()), is_agreed)
    return _write(farm_order, lines, wanted, after, reason, by, is_agreed, freight)


def take_off(
    farm_order: FarmOrder,
    lines: Sequence[OrderLine],
    kept: Mapping[int, Supplied],
    reason: str,
    by: Actor,
    *,
    why: str,
    freight_less_dong: int = 0,
) -> SupplyChange:
    """Goods that were sent and came back, or were lost, are not asked for any more: price and discounts follow, and so
    much freight with them; the shelf is the caller's. The rows are locked by the caller."""
    after = {line.id: _price(line, kept[line.id]) for line in lines}
    return _write(
        farm_order, lines, kept, after, reason, by, is_agreed=False, freight=None, why=why,
        freight_less_dong=freight_less_dong,
    )  # fmt: skip


def _judge(line: OrderLine, has: Supplied) -> None:
    if not 0 <= has.quantity <= line.quantity:
        raise Refusal(
            _("“%(name)s”: ghi từ 0 đến %(most)s.", name=line.product_name, most=line.quantity),
            field=f"quantity-{line.code}",
        )
    if has.grams is None:
        return
    if line.variant.grams is None:
        raise Refusal(
            _("“%(name)s” không bán theo cân nên không ghi số cân.", name=line.product_name),
            field=f"grams-{line.code}",
        )
    stated = line.variant.grams * has.quantity
    if not stated <= has.grams * 2 <= stated * 4:
        raise Refusal(
            _(
                "“%(name)s”: ghi số gam cân được cả thảy, khoảng %(stated)s g; chưa tới nửa thì ghi ít gói hơn.",
                name=line.product_name,
                stated=stated or line.variant.grams,
            ),
            field=f"grams-{line.code}",
        )


def _price(line: OrderLine, has: Supplied) -> int:
    """What so many packs of such a weight cost; never more than their packs say, or than was said before."""
    whole = min(line.unit_price_dong * has.quantity, line.total_dong)
    if has.grams is None or line.variant.grams is None or not has.quantity:
        return whole
    by_weight = divide_half_up(line.unit_price_dong * has.grams, line.variant.grams)
    return min(whole, by_weight)


def _buyer_agrees(farm_order: FarmOrder, goods_dong: int, is_agreed: bool) -> None:
    """Within what the buyer ticked at the till, or after a call."""
    order = farm_order.order
    if is_agreed:
        return
    if order.if_short is IfShort.CANCEL:
        raise Refusal(
            _(
                "Khách đã chọn: thiếu thì hủy. Hãy bấm “Không gửi được nữa”, hoặc gọi khách và đánh dấu khách đồng ý."
            ),
            field="is_agreed",
        )
    if order.if_short is IfShort.CALL:
        raise Refusal(
            _("Khách muốn được gọi trước khi gửi thiếu. Hãy gọi khách, rồi đánh dấu khách đồng ý."),
            field="is_agreed",
        )
    ordered = sum(line.unit_price_dong * line.ordered_quantity for line in farm_order.lines)
    if goods_dong * 10_000 < ordered * ALONE_PER_10_000:
        raise Refusal(
            _("Thiếu quá nửa đơn thì phải hỏi khách. Hãy gọi khách, rồi đánh dấu khách đồng ý."),
            field="is_agreed",
        )


def _write(
    farm_order: FarmOrder,
    lines: Sequence[OrderLine],
    wanted: Mapping[int, Supplied],
    after: Mapping[int, int],
    reason: str,
    by: Actor,
    is_agreed: bool,
    freight: Freight | None,
    why: str = SHORT,
    freight_less_dong: int = 0,
) -> SupplyChange:
    is_sent = why != SHORT
    total_before, goods_before = farm_order.total_dong, farm_order.goods_dong
    freight_before = farm_order.paid_for_freight_dong
    trail: list[dict[str, Any]] = []
    for line in sorted(lines, key=lambda one: one.variant_id):
        has, before = wanted[line.id], _as_it_stands(line)
        if has.quantity < line.quantity and not is_sent:
            stock.lessen_hold(line.hold, has.quantity, by)
        of_heap = line.hold.taken_from is StockBy.HEAP and not is_sent
        if of_heap and has.quantity and has.grams is not None:
            stock.weigh_hold(line.hold, has.grams, by)
        _set_price(line, has, after[line.id])
        if _as_it_stands(line) != before:
            trail.append({"line": line.code, "was": before, "is": _as_it_stands(line)})
    farm_order.goods_dong = sum(line.total_dong for line in lines)
    farm_order.farm_discount_dong = sum(line.farm_discount_dong for line in lines)
    farm_order.market_discount_dong = sum(line.market_discount_dong for line in lines)
    _set_freight(farm_order, freight)
    farm_order.freight_saved_dong += freight_less_dong
    less = total_before - farm_order.total_dong
    assert less >= 0, "a part never grows"
    farm_order.short_dong += less
    change = SupplyChange(
        farm_order=farm_order,
        lines=trail,
        reason=reason.strip()[:300],
        is_agreed_by_call=is_agreed,
        goods_less_dong=goods_before - farm_order.goods_dong,
        freight_less_dong=freight_before - farm_order.paid_for_freight_dong,
        less_dong=less,
    )
    db.session.add(change)
    db.session.flush()
    audit.record(by, "farm_order.short", farm_order, less_dong=less, lines=trail, why=change.reason or None)
    publish(FarmOrderShort(farm_order.id, change.id, less, why))
    telling.tell_buyer(
        farm_order.order,
        TOLD[why],
        **{**telling.facts_of(farm_order), "reason": change.reason},
        less=dong(less),
    )
    return change


def _as_it_stands(line: OrderLine) -> dict[str, int | None]:
    return {
        "quantity": line.quantity,
        "grams": line.real_grams,
        "total_dong": line.total_dong,
        "farm_discount_dong": line.farm_discount_dong,
        "market_discount_dong": line.market_discount_dong,
    }


def _set_price(line: OrderLine, has: Supplied, total_dong: int) -> None:
    before = line.total_dong
    line.quantity, line.real_grams = has.quantity, has.grams
    line.total_dong = total_dong
    line.less_dong = line.unit_price_dong * has.quantity - total_dong
    if before and (line.farm_discount_dong or line.market_discount_dong):
        farm = divide_half_up(line.farm_discount_dong * total_dong, before)
        market = divide_half_up(line.market_discount_dong * total_dong, before)
        line.farm_discount_dong, line.market_discount_dong = farm, min(market, total_dong - farm)


def _set_freight(farm_order: FarmOrder, freight: Freight | None) -> None:
    """Freight by the lighter parcel; a farm never gives more freight away than half of what it still sells."""
    if freight is not None:
        farm_order.shipping_dong = min(farm_order.shipping_dong, freight.shipping_dong)
        farm_order.cod_fee_dong = min(farm_order.cod_fee_dong, freight.cod_fee_dong)
        farm_order.quote = dict(freight.quote) or farm_order.quote
    given = min(farm_order.freight_discount_dong, farm_order.shipping_dong)
    by_farm = min(farm_order.farm_freight_discount_dong, given, farm_order.sold_for_dong // 2)
    farm_order.farm_freight_discount_dong = by_farm
    farm_order.market_freight_discount_dong = given - by_farm


# -- freight that came to less -----------------------------------------------------------------------------------


def lower_freight(farm_order: FarmOrder, less_dong: int, why: str, by: Actor) -> None:
    """Carrying the goods comes to less than the buyer was asked: the part costs so much less. Only on the way, and
    never below what the buyer pays for carrying it."""
    left = farm_order.shipping_dong - farm_order.freight_discount_dong - farm_order.freight_saved_dong
    if farm_order.state is not FarmOrderState.HANDED_OVER or not 0 < less_dong <= left:
        raise Conflict(_("Cước của đơn này không giảm được nữa. Hãy tải lại trang."))
    farm_order.freight_saved_dong += less_dong
    farm_order.short_dong += less_dong
    audit.record(by, "farm_order.freight_lowered", farm_order, less_dong=less_dong, why=why)
    publish(FarmOrderFreightLowered(farm_order.id, less_dong))
