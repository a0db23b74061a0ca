"""What can be done with an order, in the order of its life.

Every verb locks the farm's part first and then the stock in id order, so two people at once queue up; the second finds
the part already moved. A verb that was done already does nothing (a form sent twice, a scan after the button); one that
comes too late in the life is refused.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from marketplace.catalog import queries as catalog
from marketplace.catalog import service as stock
from marketplace.catalog.models import ProductState, StockHold, Variant
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, rules, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import apart, claim, db, new_code, note_begun
from marketplace.foundation.events import publish
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import answering, doors, parting, queries, supply, telling
from marketplace.orders.details import PartDetails, PlaceDetails
from marketplace.orders.events import (
    FarmOrderAccepted,
    FarmOrderCancelled,
    FarmOrderConfirmed,
    FarmOrderDelivered,
    FarmOrderHandedOver,
    FarmOrderLost,
    FarmOrderRefused,
    FarmOrderReturned,
    FarmOrderUnanswered,
    OrderExpired,
    OrderPlaced,
)
from marketplace.orders.models import (
    BEFORE_HAND_OVER,
    CALLED_OFF,
    AnswerRule,
    ConfirmedBy,
    DoorRule,
    EndedBy,
    FarmOrder,
    FarmOrderState,
    Order,
    OrderLine,
)

DATA = Path(__file__).parent / "data"
F = FarmOrderState


def load_rules(by: Actor) -> None:
    """Put the market's own times for answering and paying, and its trust at the door, in place, once."""
    rules.put_in_place(AnswerRule, json.loads((DATA / "answer_rules.json").read_text("utf8")), by)
    rules.put_in_place(DoorRule, json.loads((DATA / "door_rules.json").read_text("utf8")), by)


adopt_answer_rule = answering.adopt_answer_rule
adopt_door_rule = doors.adopt_door_rule
buyer_recipient = telling.buyer_recipient
supply_less = supply.supply_less
lower_freight = supply.lower_freight
part_ways, lose_some, put_back = parting.part_ways, parting.lose_some, parting.put_back
word_until = doors.word_until
ask_farms_to_call = doors.ask_farms_to_call
appeal, grant_appeal, decline_appeal = doors.appeal, doors.grant, doors.decline
tell_appeal_is_late = doors.tell_appeal_is_late


# -- placing -------------------------------------------------------------------------------------------------------


def place(details: PlaceDetails, parts: Sequence[PartDetails], by: Actor) -> Order:
    """A buyer orders from one or several farms: prices and names are written down and the stock is held.

    All of it or nothing; the same `once` again finds the order it made. Raises Conflict when a price changed, a
    product left the shelf, or the stock does not suffice (the sentence says what is short).
    """
    order, is_new = _begin(details, parts)
    if not is_new:
        return order
    wanted: dict[int, int] = {}
    for part in parts:
        for line in part.lines:
            wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if len(wanted) != sum(len(part.lines) for part in parts):
        raise Refusal(_("Một gói hàng bị ghi hai lần. Hãy mở lại giỏ hàng."))
    with db.session.no_autoflush:  # all of it goes to the database in one go
        holds = stock.hold_stock(wanted, by, _held_until(order))
        variants = stock.claim_packs(list(wanted))
        for part in parts:
            _write_part(order, part, variants, holds)
    db.session.flush()
    audit.record(by, "order.placed", order, total_dong=order.total_dong, farms=len(parts))
    publish(OrderPlaced(order.id))
    if order.is_waiting_for_word:
        enqueue("orders.ask_for_word", order.id)
    elif order.payment_method != "cod":
        telling.tell_buyer(
            order,
            "orders/placed",
            total=dong(order.total_dong),
            until=telling.moment_in_words(queries.unpaid_until(order)),
        )
    return order


HOLD_LONGER = timedelta(hours=1)
"""An order that nobody pays or confirms is ended by its own time-out, and its stock is free. A hold that outlives its
order by so long, because something was in the way, is freed by itself (`catalog.expire_holds`)."""


def _held_until(order: Order) -> datetime | None:
    """Until when stock is held for an order; none for one that is confirmed as it is placed."""
    if order.payment_method == "cod" and order.confirm_by is None:
        return None
    return queries.unpaid_until(order) + HOLD_LONGER


def wait_for_money(order: Order, until: datetime) -> None:
    """The buyer has until then to pay: the order waits, and so does its stock."""
    order.pay_until = until
    stock.put_off_holds(_holds(order.farm_orders), until + HOLD_LONGER)


def _holds(parts: Iterable[FarmOrder]) -> list[StockHold]:
    return [line.hold for part in parts for line in part.lines if line.hold is not None]


def _begin(details: PlaceDetails, parts: Sequence[PartDetails]) -> tuple[Order, bool]:
    """The order's row, made before anything else, so that the second of two equal forms waits for the first."""
    if not parts or not all(part.lines for part in parts):
        raise Refusal(_("Giỏ hàng đang trống. Hãy chọn ít nhất một món."))
    if any(line.quantity < 1 or line.unit_price_dong < 1 for part in parts for line in part.lines):
        raise Refusal(_("Số lượng phải từ 1 trở lên."))
    known = None if details.is_once_new else queries.order_of_once(details.once)
    if known is not None:
        return _same_buyer(known, details), False
    order = Order(
        once=details.once,
        secret=new_code(length=24),
        buyer_id=details.buyer_id,
        name=details.name,
        phone=details.phone,
        province_code=details.province_code,
        commune_code=details.commune_code,
        street=details.street,
        note=details.note,
        language=details.language,
        payment_method=details.payment_method,
        goods_dong=sum(part.goods_dong for part in parts),
        shipping_dong=sum(part.shipping_dong for part in parts),
        cod_fee_dong=sum(part.cod_fee_dong for part in parts),
        discount_dong=sum(part.discount_dong for part in parts),
        total_dong=sum(part.total_dong for part in parts),
        voucher_code=details.voucher_code,
        voucher_least_dong=details.voucher_least_dong,
        if_short=details.if_short,
        confirm_by=details.confirm_by,
        confirmed_by=ConfirmedBy.CODE if details.helper_id is not None else None,
        helper_id=details.helper_id,
        pickup_point_id=details.pickup_point_id,
        farm_orders=[],
    )
    try:
        with apart():
            db.session.add(order)
    except IntegrityError:
        known = queries.order_of_once(details.once)
        if known is None:
            raise
        return _same_buyer(known, details), False
    note_begun(order)
    return order, True


def _same_buyer(order: Order, details: PlaceDetails) -> Order:
    if (order.buyer_id, order.phone) != (details.buyer_id, details.phone):
        raise Conflict(_("Biểu mẫu này đã được gửi rồi. Hãy mở lại giỏ hàng để đặt đơn mới."))
    return order


def _write_part(
    order: Order, part: PartDetails, variants: Mapping[int, Variant], holds: Mapping[int, StockHold]
) -> None:
    farm = db.session.get_one(Farm, part.farm_id)
    if not farm.may_sell:
        raise Conflict(_("%(farm)s đang tạm nghỉ, chưa nhận đơn. Hãy bỏ món này khỏi giỏ.", farm=farm.name))
    farm_order = FarmOrder(
        order=order,
        farm=farm,
        state=F.PLACED,
        goods_dong=part.goods_dong,
        shipping_dong=part.shipping_dong,
        cod_fee_dong=part.cod_fee_dong,
        farm_discount_dong=sum(line.farm_discount_dong for line in part.lines),
        market_discount_dong=sum(line.market_discount_dong for line in part.lines),
        farm_freight_discount_dong=part.farm_freight_discount_dong,
        market_freight_discount_dong=part.market_freight_discount_dong,
        service_code=part.service_code,
        service_name=part.service_name,
        quote=dict(part.quote),
        promised_from=part.promised_from,
        promised_to=part.promised_to,
    )
    db.session.add(farm_order)
    for line in part.lines:
        variant = variants[line.variant_id]
        product = variant.product
        if (
            product.farm_id != farm.id
            or product.state is not ProductState.ON_SALE
            or product.is_service
            or variant.removed_at is not None
        ):
            raise Conflict(_("%(name)s không còn bán. Hãy bỏ món này khỏi giỏ.", name=product.name))
        if variant.price_dong != line.unit_price_dong:
            raise Conflict(_("Giá của %(name)s vừa thay đổi. Hãy xem lại giỏ hàng.", name=product.name))
        lots = catalog.lot_codes(holds[variant.id])
        db.session.add(
            OrderLine(
                farm_order=farm_order,
                variant=variant,
                hold=holds[variant.id],
                product_code=product.code,
                product_name=product.name,
                variant_name=variant.name,
                lot_code=lots[0] if lots else None,
                quantity=line.quantity,
                ordered_quantity=line.quantity,
                farm_discount_dong=line.farm_discount_dong,
                market_discount_dong=line.market_discount_dong,
                unit_price_dong=line.unit_price_dong,
                total_dong=line.quantity * line.unit_price_dong,
                weight_grams=variant.weight_grams,
                tax_class=queries.tax_class(product),
            )
        )


# -- somebody new pays at the door: their word ---------------------------------------------------------------------


def ask_for_word(order: Order) -> None:
    """Right after somebody new ordered to pay at the door: the code goes to their telephone, and farms are asked to
    call in a while. Asked twice it is sent once."""
    if doors.send_first_code(order):
        enqueue("orders.ask_for_call", order.id, at=order.created_at + doors.CODE_FIRST)


def send_code(order: Order) -> None:
    """Send the code that confirms the order again, to the telephone it goes to."""
    doors.send_code(order)


def confirm_by_code(order: Order, typed: str, by: Actor) -> bool:
    """The buyer types the code from the message: the farms are asked. False: the code is wrong, which is counted."""
    _claim_parts(order)
    if order.confirmed_by is not None:
        return True
    if not doors.is_code_right(order, typed):
        return False
    _give_word(order, ConfirmedBy.CODE, by)
    return True


def confirm_by_call(farm_order: FarmOrder, by: Actor) -> None:
    """The farm called the buyer, who does want the order: all of it is confirmed."""
    order = farm_order.order
    _claim_parts(order)
    if order.confirmed_by is None:
        _give_word(order, ConfirmedBy.FARM, by)


def confirm_by_market(order: Order, by: Actor) -> None:
    """A person of the market knows that the order is wanted."""
    _claim_parts(order)
    if order.confirmed_by is None:
        _give_word(order, ConfirmedBy.MARKET, by)


def _give_word(order: Order, how: ConfirmedBy, by: Actor) -> None:
    if queries.unpaid_until(order) <= clock.now():
        raise Conflict(_("Đã quá giờ xác nhận nên đơn này đang được hủy. Hãy đặt lại đơn mới."))
    doors.note_word(order, how, by)
    confirm_order(order, by)


# -- confirmed: the farm is asked ----------------------------------------------------------------------------------


def confirm_order(order: Order, by: Actor) -> None:
    """The order is paid, or will be paid at the door: every farm is asked, and the buyer is told."""
    parts = _claim_parts(order)
    if not any(part.state is F.PLACED for part in parts):
        return
    for part in parts:
        if part.state is F.PLACED:
            confirm(part, by)
    telling.tell_buyer(
        order,
        "orders/confirmed",
        total=dong(order.total_dong),
        is_cod=order.payment_method == "cod",
        is_guest=order.buyer_id is None,
    )


def confirm(farm_order: FarmOrder, by: Actor) -> None:
    """Ask the farm: from now its time to answer runs, by the dated rule."""
    if not _moved(farm_order, F.CONFIRMED, by):
        return
    if waiting := [hold for hold in _holds([farm_order]) if hold.expires_at is not None]:
        stock.keep_holds(waiting, by)
    rule = queries.answer_rule(clock.today())
    farm_order.answer_by = clock.now() + timedelta(hours=rule.cancel_hours)
    farm_order.reminded_count = 0
    publish(FarmOrderConfirmed(farm_order.id))
    telling.tell_farm(
        farm_order, "orders/new_for_farm", answer_by=telling.moment_in_words(farm_order.answer_by)
    )


# -- the farm answers ----------------------------------------------------------------------------------------------


def accept(farm_order: FarmOrder, by: Actor) -> None:
    """The farm takes the order and starts packing."""
    if not _moved(farm_order, F.ACCEPTED, by):
        return
    farm_order.answer_by = None
    publish(FarmOrderAccepted(farm_order.id))
    telling.tell_buyer(farm_order.order, "orders/accepted", **telling.facts_of(farm_order))


def refuse(farm_order: FarmOrder, reason: str, by: Actor) -> None:
    """The farm cannot deliver, and says why: its stock is free again, the other farms' parts go on."""
    reason = _reason(reason)
    if not _moved(farm_order, F.REFUSED, by, reason):
        return
    _call_off(farm_order, EndedBy.FARM, reason, by)
    publish(FarmOrderRefused(farm_order.id))
    telling.tell_buyer(farm_order.order, "orders/refused", **telling.facts_of(farm_order))


def mark_packed(farm_order: FarmOrder, by: Actor) -> None:
    """The parcel is packed and waits for the postman."""
    _lock(farm_order)
    if farm_order.state is not F.ACCEPTED:
        raise Conflict(_("Chỉ gói được đơn đã nhận và chưa gửi đi. Hãy tải lại trang."))
    if farm_order.packed_at is None:
        farm_order.packed_at = clock.now()
        audit.record(by, "farm_order.packed", farm_order)


def hand_over(farm_order: FarmOrder, by: Actor) -> None:
    """The goods leave the farm: what was held is sold, and the buyer can no longer cancel."""
    if not _moved(farm_order, F.HANDED_OVER, by):
        return
    stock.use_holds([line.hold for line in farm_order.lines if line.quantity], by)
    publish(FarmOrderHandedOver(farm_order.id))
    telling.tell_buyer(farm_order.order, "orders/handed_over", **telling.facts_of(farm_order))


# -- on the way ----------------------------------------------------------------------------------------------------


def deliver(farm_order: FarmOrder, by: Actor) -> None:
    """The buyer has the goods."""
    if not _moved(farm_order, F.DELIVERED, by):
        return
    publish(FarmOrderDelivered(farm_order.id))
    telling.tell_buyer(farm_order.order, "orders/delivered", **telling.facts_of(farm_order))


def refuse_at_door(farm_order: FarmOrder, by: Actor, reason: str = "") -> None:
    """The buyer would not take the parcel, or nobody was there."""
    if farm_order.state in (F.RETURNING, F.RETURNED):
        return
    if _moved(farm_order, F.REFUSED_AT_DOOR, by, reason or None):
        farm_order.reason = reason or farm_order.reason
        telling.tell_farm(farm_order, "orders/refused_at_door")


def start_return(farm_order: FarmOrder, by: Actor) -> None:
    """The parcel is on its way back to the farm."""
    _moved(farm_order, F.RETURNING, by)


def finish_return(farm_order: FarmOrder, by: Actor, is_disposed: bool = False) -> None:
    """The goods are back at the farm, which looks whether they can be sold again (`restock`); or they were thrown away
    on the way, and never will be."""
    _lock(farm_order)
    was_delivered = farm_order.delivered_at is not None
    if not _moved(farm_order, F.RETURNED, by):
        return
    publish(FarmOrderReturned(farm_order.id, was_delivered, is_disposed))
    if is_disposed:
        restock(farm_order, False, by)
        telling.tell_farm(farm_order, "orders/disposed")
    else:
        telling.tell_farm(farm_order, "orders/returned")


def restock(
    farm_order: FarmOrder, is_good: bool, by: Actor, thrown_away: Mapping[int, int] = parting.NOTHING
) -> None:
    """The farm looked at what came back: good goods are on sale again, spoilt ones are written down as lost, and so is
    what was `thrown_away` on the way (line id → packs)."""
    _lock(farm_order)
    if farm_order.state is not F.RETURNED:
        raise Conflict(_("Chỉ nhập lại kho khi hàng đã về tới nhà vườn."))
    if farm_order.restocked_at is not None:
        return
    farm_order.restocked_at = clock.now()
    put_back(farm_order, {line.id: line.quantity for line in farm_order.lines}, is_good, by, thrown_away)


def lose(farm_order: FarmOrder, by: Actor) -> None:
    """The post lost or broke the parcel."""
    if not _moved(farm_order, F.LOST, by):
        return
    publish(FarmOrderLost(farm_order.id))
    telling.tell_buyer(farm_order.order, "orders/lost", **telling.facts_of(farm_order))
    telling.tell_farm(farm_order, "orders/lost_for_farm")


# -- called off ----------------------------------------------------------------------------------------------------


def cancel(farm_order: FarmOrder, reason: str, by: Actor, ended_by: EndedBy = EndedBy.BUYER) -> None:
    """Call one farm's part off before the goods leave the farm; its stock is freed once, however often this is said.

    A part of an order that still waits for its one transfer cannot be taken out of it: `cancel_order` calls off all.
    """
    _lock(farm_order)
    if farm_order.state is F.PLACED and ended_by is EndedBy.BUYER and len(farm_order.order.farm_orders) > 1:
        raise Refusal(_("Đơn chưa trả tiền thì hủy cả đơn, rồi đặt lại những món bạn muốn."))
    if farm_order.state not in BEFORE_HAND_OVER and farm_order.state is not F.CANCELLED:
        raise Conflict(
            _("Không hủy được nữa: %(state)s. Nếu không muốn nhận, bạn có thể từ chối khi bưu tá tới.",
              state=str(farm_order.state.label).lower())
        )  # fmt: skip
    if farm_order.state is not F.CANCELLED and ended_by is EndedBy.BUYER:
        _voucher_still_met(farm_order)
    was_asked = farm_order.confirmed_at is not None
    if not _moved(farm_order, F.CANCELLED, by, reason or None):
        return
    _call_off(farm_order, ended_by, reason, by)
    publish(FarmOrderCancelled(farm_order.id))
    if was_asked:
        telling.tell_farm(farm_order, "orders/cancelled_for_farm", reason=reason)
        telling.tell_buyer(farm_order.order, "orders/cancelled", **telling.facts_of(farm_order))


def _voucher_still_met(farm_order: FarmOrder) -> None:
    """A buyer may not take a part out of an order so that its voucher's minimum is no longer met. (When a farm or the
    market ends a part, the minimum counts as met and the other parts keep their share.)"""
    order = farm_order.order
    rest = [part for part in order.farm_orders if part.id != farm_order.id and part.state not in CALLED_OFF]
    goods = sum(part.goods_dong for part in rest)
    if order.voucher_code and rest and goods < order.voucher_least_dong:
        raise Refusal(
            _(
                "Mã giảm giá của đơn cần từ %(least)s, hủy riêng phần này thì thiếu. Hãy hủy cả đơn rồi đặt lại.",
                least=dong(order.voucher_least_dong),
            )
        )


def cancel_order(order: Order, reason: str, by: Actor, ended_by: EndedBy = EndedBy.BUYER) -> None:
    """Call off everything of an order that has not left its farm yet."""
    parts = [part for part in _claim_parts(order) if part.state in BEFORE_HAND_OVER]
    if not parts:
        raise Conflict(_("Không còn phần nào hủy được: hàng đã gửi đi hoặc đơn đã kết thúc."))
    was_asked = [part for part in parts if part.confirmed_at is not None]
    for part in parts:
        states.move(part, F.CANCELLED, by, reason or None)
        part.reason, part.ended_by, part.answer_by = reason or None, ended_by, None
    _free(parts, by)
    for part in parts:
        publish(FarmOrderCancelled(part.id))
    for part in was_asked:
        telling.tell_farm(part, "orders/cancelled_for_farm", reason=reason)
        telling.tell_buyer(order, "orders/cancelled", **telling.facts_of(part))


def leave_unanswered(farm_order: FarmOrder, by: Actor = SYSTEM) -> None:
    """The farm's time is over: its part is called off, the stock is free, both sides are told."""
    if not _moved(farm_order, F.UNANSWERED, by):
        return
    _call_off(farm_order, EndedBy.MARKET, "", by)
    publish(FarmOrderUnanswered(farm_order.id))
    telling.tell_buyer(farm_order.order, "orders/unanswered", **telling.facts_of(farm_order))
    telling.tell_farm(farm_order, "orders/unanswered_for_farm")


def expire(order: Order, by: Actor = SYSTEM) -> bool:
    """Nobody paid, or gave their word, in time: the order is called off and its stock is free. True when it was still
    waiting."""
    parts = [part for part in _claim_parts(order) if part.state is F.PLACED]
    if not parts:
        return False
    why = EndedBy.UNPAID if order.confirm_by is None else EndedBy.UNCONFIRMED
    for part in parts:
        states.move(part, F.CANCELLED, by, why.value)
        part.ended_by = why
    _free(parts, by)
    publish(OrderExpired(order.id))
    for part in parts:
        publish(FarmOrderCancelled(part.id))
    telling.tell_buyer(order, "orders/expired" if why is EndedBy.UNPAID else "orders/unconfirmed")
    return True


# -- reminding -----------------------------------------------------------------------------------------------------


def remind_farm(farm_order: FarmOrder) -> None:
    """Do what the dated rule says is due for an order its farm has not answered: remind, remind again, ask the
    service point to call, and at last call it off. Safe to run at any time, any number of times."""
    _lock(farm_order)
    if farm_order.state is not F.CONFIRMED or farm_order.confirmed_at is None:
        return
    rule = queries.answer_rule(clock.local(farm_order.confirmed_at).date())
    waited = clock.now() - farm_order.confirmed_at
    if waited >= timedelta(hours=rule.cancel_hours):
        leave_unanswered(farm_order)
        return
    steps = (rule.first_reminder_hours, rule.second_reminder_hours, rule.point_calls_hours)
    due = sum(waited >= timedelta(hours=hours) for hours in steps)
    if due <= farm_order.reminded_count:
        return
    farm_order.reminded_count = due
    assert farm_order.answer_by is not None
    if due == len(steps):
        telling.ask_point_to_call(farm_order)
    telling.tell_farm(farm_order, "orders/reminder", answer_by=telling.moment_in_words(farm_order.answer_by))
    audit.record(SYSTEM, "farm_order.reminded", farm_order, time=due)


def note_call(farm_order: FarmOrder, by: Actor) -> None:
    """The service point called the farm about an order it has not answered."""
    _lock(farm_order)
    if farm_order.state is not F.CONFIRMED:
        raise Conflict(_("Đơn này đã có trả lời, không cần gọi nữa."))
    audit.record(by, "farm_order.called", farm_order)


# -- what every verb shares ----------------------------------------------------------------------------------------


def _lock(farm_order: FarmOrder) -> None:
    """Wait for whoever is at this part, then read it as it is now."""
    db.session.flush()
    claim(FarmOrder, [farm_order.id])


def _claim_parts(order: Order) -> list[FarmOrder]:
    db.session.flush()
    return claim(FarmOrder, [part.id for part in order.farm_orders])


def _moved(farm_order: FarmOrder, to: FarmOrderState, by: Actor, why: str | None = None) -> bool:
    """Move the part, locked; False when it is there already and there is nothing left to do."""
    _lock(farm_order)
    if farm_order.state is to:
        return False
    states.move(farm_order, to, by, why)
    return True


def _call_off(farm_order: FarmOrder, ended_by: EndedBy, reason: str, by: Actor) -> None:
    farm_order.reason = reason or None
    farm_order.ended_by = ended_by
    farm_order.answer_by = None
    _free([farm_order], by)


def _free(parts: Iterable[FarmOrder], by: Actor) -> None:
    stock.free_holds([line.hold for part in parts for line in part.lines], by)


def _reason(typed: str) -> str:
    reason = typed.strip()
    if not reason:
        raise Refusal(_("Hãy ghi lý do để người mua hiểu vì sao không nhận được đơn."), field="reason")
    return reason[:500]
