"""A farmer's orders, done by a helper while the farmer's consent to it holds.

To take an order binds the farm to a buyer, so the helper only gets it ready and the farmer says yes to this one order:
on their telephone, by a code, by the next number of their slip; for a day, until the goods have left, they take it
back. What was taken may then be packed and given to the postman under the consent alone, and the farmer is told of
each. The trail names both. What the helper sees are goods and where to: no name, number or door of the buyer, no money.

Verbs: answer, pack, hand_over.
"""

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.accounts import queries as people
from marketplace.accounts.models import HelpScope, Person
from marketplace.farmers import queries as farms
from marketplace.farmers.models import FarmRight
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Missing
from marketplace.foundation.words import Text, _, in_language
from marketplace.notifications import service as notifications
from marketplace.orders import queries as orders_seen
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.shipping import leaving
from marketplace.training.assisted import between, must_be_allowed, prepared, tell
from marketplace.training.models import HelpedOrder, HelpedState

TO_DO = (FarmOrderState.CONFIRMED, FarmOrderState.ACCEPTED)


def to_do(person: Person) -> Sequence[FarmOrder]:
    """The orders of this farmer that wait to be answered, packed or handed over, the oldest first."""
    farm = farms.my_farm(person)
    if farm is None:
        return []
    asked = (
        orders_seen.farm_orders_of(farm, TO_DO).order_by(None).order_by(FarmOrder.confirmed_at, FarmOrder.id)
    )
    return db.session.scalars(asked).all()


def order_of(person: Person, code: str) -> FarmOrder:
    """One of the orders of this farmer's own shop; raises Missing for anybody else's, and Forbidden where they only
    work for the shop and orders are not theirs to answer."""
    farm = farms.my_farm(person)
    if farm is None:
        raise Missing()
    farms.must_have_right(person, FarmRight.PACK)
    return orders_seen.farm_order_for(farm, code)


def answer(helper: Person, person: Person, farm_order: FarmOrder) -> HelpedOrder:
    """Get the yes to an order ready: the farmer is told, and the order waits for their word. Twice it is one."""
    must_be_allowed(helper, person, HelpScope.ORDERS)
    claim(FarmOrder, [farm_order.id])
    if farm_order.state is not FarmOrderState.CONFIRMED:
        raise Conflict(_("Đơn này không còn chờ trả lời. Hãy tải lại trang."))
    known = waiting_answer(farm_order)
    if known is not None:
        return known
    made = HelpedOrder(farm_order_id=farm_order.id, farm_order=farm_order, **between(helper, person))
    prepared(made, Actor.of(helper.id, for_id=person.id), farm_order=farm_order.code)
    tell(made, "training/order_waits")
    return made


def waiting_answer(farm_order: FarmOrder) -> HelpedOrder | None:
    """The yes a helper got ready for this order, while it waits for the farmer."""
    return db.session.scalar(
        select(HelpedOrder).where(
            HelpedOrder.farm_order_id == farm_order.id, HelpedOrder.state == HelpedState.ASKED
        )
    )


def pack(helper: Person, person: Person, farm_order: FarmOrder) -> None:
    """The helper packed what the farm accepted."""
    must_be_allowed(helper, person, HelpScope.ORDERS)
    if farm_order.packed_at is None:
        orders.mark_packed(farm_order, Actor.of(helper.id, for_id=person.id))
        _tell_done(helper, person, farm_order, _("đã gói xong"))


def hand_over(helper: Person, person: Person, farm_order: FarmOrder) -> None:
    """The helper gave the parcels to the postman: the same scan the farmer would make."""
    must_be_allowed(helper, person, HelpScope.ORDERS)
    if farm_order.state is FarmOrderState.HANDED_OVER:
        return
    if farm_order.packed_at is None:
        raise Conflict(_("Hãy gói hàng trước, rồi mới đưa bưu tá."))
    by = Actor.of(helper.id, for_id=person.id)
    leaving.give_to_postman(farm_order, by, "người giúp nhà vườn báo đã đưa bưu tá")
    _tell_done(helper, person, farm_order, _("đã đưa cho bưu tá"))


def _tell_done(helper: Person, person: Person, farm_order: FarmOrder, what: Text) -> None:
    with in_language(person.language):
        said = str(what)
    notifications.send(
        people.recipient_of(person), "training/order_done", f"/sell/orders/{farm_order.code}",
        helper=helper.name, code=farm_order.code, what=said,
    )  # fmt: skip
