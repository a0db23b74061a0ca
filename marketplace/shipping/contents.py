"""What lies in which parcel: packs of an order's lines, from the packing to the end of the way."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.shipping import carriers, queries
from marketplace.shipping.models import Parcel, ParcelLine, ParcelState, ScanKind

Packs = Mapping[int, int]
"""Line id → packs."""

WAITS = frozenset({ParcelState.ASKED, ParcelState.BOOKED})


def packs_in(parcels: Iterable[Parcel]) -> Counter[int]:
    """What these parcels hold together."""
    found: Counter[int] = Counter()
    for parcel in parcels:
        for line in parcel.lines:
            found[line.order_line_id] += line.quantity
    return found


def is_known(farm_order: FarmOrder, parcels: Sequence[Parcel]) -> bool:
    """Do its parcels say of every pack of the order, as it stands, in which of them it lies?"""
    held = packs_in(parcel for parcel in parcels if parcel.taken_off_at is None)
    return held == Counter({line.id: line.quantity for line in farm_order.lines if line.quantity})


def write(parcel: Parcel, packs: Packs) -> None:
    """These packs lie in it, whatever was said before."""
    known = {line.order_line_id: line for line in parcel.lines}
    for line_id, quantity in packs.items():
        if quantity and line_id in known:
            known[line_id].quantity = quantity
        elif quantity:
            parcel.lines.append(ParcelLine(order_line_id=line_id, quantity=quantity))
    for line_id, line in known.items():
        if not packs.get(line_id):
            parcel.lines.remove(line)


def check_split(parcel: Parcel, packs: Packs) -> None:
    """May these packs travel in a box of their own? Raises Refusal when more than one pack lies in the parcel and it is
    not said which, when one is named too often, and when nothing would be left."""
    inside = packs_in([parcel])
    for line in parcel.lines:
        if not 0 <= packs.get(line.order_line_id, 0) <= line.quantity:
            raise Refusal(
                _(
                    "“%(name)s”: ghi từ 0 đến %(most)s.",
                    name=line.order_line.product_name,
                    most=line.quantity,
                ),
                field=f"packs-{line.order_line.code}",
            )
    if inside.total() > 1 and not any(packs.values()):
        raise Refusal(_("Hãy ghi món nào sang gói thứ hai."), field="packs")
    if any(packs.values()) and inside == Counter(packs):
        raise Refusal(_("Gói thứ nhất phải còn lại ít nhất một món."), field="packs")


def grams_of(parcel: Parcel, packs: Packs) -> int:
    """What these packs weigh, as they say; never all that the parcel weighs."""
    said = sum(line.order_line.weight_grams * packs.get(line.order_line_id, 0) for line in parcel.lines)
    return min(said, parcel.weight_grams - 1)


def move(parcel: Parcel, into: Parcel, packs: Packs) -> None:
    """These packs leave a parcel for another. Of the one pack that was opened nobody can say where it lies."""
    left = packs_in([parcel])
    left.subtract(packs)
    write(parcel, left if any(packs.values()) else {})
    write(into, packs)


def move_all(parcel: Parcel, into: Parcel) -> None:
    """Everything in a parcel goes into another."""
    inside = packs_in([parcel])
    write(parcel, {})
    write(into, inside)


def lessen(farm_order: FarmOrder, parcels: Sequence[Parcel], by: Actor) -> None:
    """The farm sends fewer packs than its parcels were made for: the last boxes are emptied first, and one with nothing
    left in it is not sent. The cash at the door is what the order now comes to, taken with the first that is sent."""
    if all(parcel.lines and parcel.state in WAITS for parcel in parcels):
        over = packs_in(parcels)
        over.subtract({line.id: line.quantity for line in farm_order.lines})
        for parcel in reversed(parcels):
            _take_out(parcel, over)
        for parcel in [one for one in parcels if not one.lines]:
            parcel.cod_dong = 0
            carriers.let_go(parcel, by)
    ask_cash(farm_order, [one for one in parcels if one.state in WAITS])


def ask_cash(farm_order: FarmOrder, parcels: Sequence[Parcel]) -> None:
    """What the order comes to is taken at the door with one of these parcels: that which takes it already, or the first
    of them. Paid before, nothing is."""
    if farm_order.order.payment_method != "cod" or not parcels:
        return
    takes = next((parcel for parcel in parcels if parcel.cod_dong), parcels[0])
    takes.cod_dong = farm_order.total_dong


def _take_out(parcel: Parcel, over: Counter[int]) -> None:
    """Take as many packs out of a box as there are too many."""
    inside = packs_in([parcel])
    for line in parcel.lines:
        off = min(line.quantity, over[line.order_line_id])
        inside[line.order_line_id] -= off
        over[line.order_line_id] -= off
        parcel.weight_grams = max(1, parcel.weight_grams - off * line.order_line.weight_grams)
    write(parcel, inside)


def check_cash_first(parcel: Parcel, kind: ScanKind) -> None:
    """Cash at the door is taken with one parcel of an order: the others are not handed out before it, for whoever does
    not take that one has not paid for these."""
    if kind is not ScanKind.DELIVERED or parcel.cod_dong or parcel.farm_order.order.payment_method != "cod":
        return
    others = queries.parcels_of(parcel.farm_order)
    unpaid = next((one for one in others if one.cod_dong and one.state is not ParcelState.DELIVERED), None)
    if unpaid is None:
        return
    if unpaid.state in (ParcelState.RETURNING, ParcelState.RETURNED):
        raise Conflict(
            _(
                "Khách không nhận kiện thu tiền %(cash)s nên chưa trả kiện %(number)s. Hãy chuyển hoàn cả kiện này.",
                cash=unpaid.number_in_groups,
                number=parcel.number_in_groups,
            )
        )
    raise Conflict(
        _(
            "Tiền cả đơn thu cùng kiện %(cash)s. Hãy phát và ghi kiện đó trước, rồi mới tới kiện %(number)s.",
            cash=unpaid.number_in_groups,
            number=parcel.number_in_groups,
        )
    )
