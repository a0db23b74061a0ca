"""A lot is called back: nothing of it is sold any more, and everybody who bought of it hears.

What has not left the farm gets other goods of the same product where there are some (the oldest order first); a line
that cannot be replaced is taken out of its part, a part with nothing else left is called off. What is on its way or
delivered: its buyer is told not to use it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from marketplace.catalog import queries as catalog
from marketplace.catalog import service as stock
from marketplace.catalog.models import Lot
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.words import _
from marketplace.orders import service, supply, telling
from marketplace.orders.models import (
    BEFORE_HAND_OVER,
    CALLED_OFF,
    EndedBy,
    FarmOrder,
    FarmOrderState,
    OrderLine,
)
from marketplace.orders.supply import MAY_BE_SHORT, Supplied


@dataclass(frozen=True)
class Recalled:
    """What a recall did: lines that got other goods, lines taken out or called off, lines whose buyers were warned."""

    replaced: int
    called_off: int
    warned: int


SEEN_OFF = "lot.seen_off"


def lines_of(lot: Lot) -> list[OrderLine]:
    """Every line that takes, or took, from this lot, of parts that were not called off; newest first."""
    holds = list(catalog.holds_of_lot(lot))
    return list(
        db.session.scalars(
            select(OrderLine)
            .join(OrderLine.farm_order)
            .where(
                or_(OrderLine.hold_id.in_(holds), OrderLine.lot_code == lot.code),
                FarmOrder.state.not_in(CALLED_OFF),
            )
            .options(joinedload(OrderLine.farm_order).joinedload(FarmOrder.order))
            .order_by(OrderLine.id.desc())
        )
    )


def recall(lot: Lot, reason: str, by: Actor) -> Recalled:
    """Call the lot back, with a reason buyers read. Twice is refused; what nobody bought is only taken off the
    shelf."""
    lines = lines_of(lot)
    claim(FarmOrder, sorted({line.farm_order_id for line in lines}))
    here = [line for line in lines if line.farm_order.state in BEFORE_HAND_OVER]
    gone = [line for line in lines if line.farm_order.state not in BEFORE_HAND_OVER]
    not_replaced = {hold.id for hold in stock.recall_lot(lot, reason, by)}
    replaced = [line for line in here if line.hold_id not in not_replaced]
    for line in replaced:
        codes = catalog.lot_codes(line.hold)
        line.lot_code = codes[0] if codes else None
    _tell(lot, gone, "orders/lot_recalled")
    _tell(lot, replaced, "orders/lot_replaced")
    short = [line for line in here if line.hold_id in not_replaced]
    _call_off(lot, short, by)
    audit.record(by, SEEN_OFF, lot, replaced=len(replaced), called_off=len(short), warned=len(gone))
    return Recalled(len(replaced), len(short), len(gone))


def outcome(lot: Lot) -> Recalled | None:
    """What calling this lot back did; none while nobody has."""
    done = next((entry.details for entry in audit.trail(lot) if entry.verb == SEEN_OFF), None)
    return None if done is None else Recalled(done["replaced"], done["called_off"], done["warned"])


def _call_off(lot: Lot, lines: Sequence[OrderLine], by: Actor) -> None:
    why = str(_("Lô %(lot)s bị thu hồi: %(why)s", lot=lot.code, why=lot.recall_reason))[:300]
    parts: dict[int, list[OrderLine]] = {}
    for line in lines:
        parts.setdefault(line.farm_order_id, []).append(line)
    for part_id in sorted(parts):
        part = parts[part_id][0].farm_order
        rest = [line for line in part.lines if line not in parts[part_id] and line.quantity]
        if rest and part.state in MAY_BE_SHORT:
            supply.supply_less(
                part, {line.id: Supplied(0) for line in parts[part_id]}, why, by, is_agreed=True
            )
        elif part.state is FarmOrderState.PLACED and len(part.order.farm_orders) > 1:
            service.cancel_order(part.order, why, by, EndedBy.MARKET)
        elif part.state in BEFORE_HAND_OVER:
            service.cancel(part, why, by, EndedBy.MARKET)


def _tell(lot: Lot, lines: Sequence[OrderLine], template: str) -> None:
    for order_id in sorted({line.farm_order.order_id for line in lines}):
        mine = [line for line in lines if line.farm_order.order_id == order_id]
        telling.tell_buyer(
            mine[0].farm_order.order,
            template,
            lot=lot.code,
            reason=lot.recall_reason,
            goods=", ".join(f"{line.product_name} {line.variant_name}" for line in mine),
            trace=f"/trace/{lot.code}",
        )
