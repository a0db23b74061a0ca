"""Who is told what of an order: its buyer (an account, or a guest's telephone) and the people of a farm."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person, PostHeld
from marketplace.farmers import queries as farmers
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.money import dong
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient
from marketplace.orders.models import FarmOrder, Order
from marketplace.places import queries as places


def buyer_recipient(order: Order) -> Recipient:
    """Whom to tell about an order: the buyer's own account, or the guest's telephone."""
    if order.buyer is not None:
        return accounts.recipient_of(order.buyer)
    return Recipient(phone=order.phone, language=order.language)


def tell_buyer(order: Order, template: str, **facts: Any) -> None:
    notifications.send(
        buyer_recipient(order), template, path=order.path, code=order.code, name=order.name, **facts
    )


def tell_farm(farm_order: FarmOrder, template: str, **facts: Any) -> None:
    for recipient in farmers.members_recipients(farm_order.farm):
        notifications.send(
            recipient,
            template,
            path=f"/sell/orders/{farm_order.code}",
            code=farm_order.code,
            **{**facts_of(farm_order), "total": dong(farm_order.goods_dong), **facts},
        )


def facts_of(farm_order: FarmOrder) -> dict[str, Any]:
    """What a notice about one farm's part says."""
    return {
        "farm": farm_order.farm.name,
        "goods": farm_order.goods_in_words,
        "total": dong(farm_order.total_dong),
        "reason": farm_order.reason or "",
        "paid": farm_order.order.payment_method != "cod",
        "promised_to": farm_order.promised_to.strftime("%d/%m/%Y"),
    }


def moment_in_words(moment: datetime) -> str:
    """`14:05 25/11/2026`, the same in every language."""
    return clock.local(moment).strftime("%H:%M %d/%m/%Y")


def ask_point_to_call(farm_order: FarmOrder) -> None:
    """The clerks of the farm's commune are asked to telephone a farm that does not answer."""
    farm = farm_order.farm
    point = places.service_point_for(farm.commune_code) if farm.commune_code else None
    if point is None:
        return
    clerks = db.session.scalars(
        select(Person)
        .join(PostHeld, PostHeld.person_id == Person.id)
        .where(PostHeld.service_point_id == point.id)
    )
    for clerk in clerks:
        if clerk.is_active:
            notifications.send(
                accounts.recipient_of(clerk),
                "orders/call_farm",
                path="/post",
                farm=farm.name,
                phone=farm.phone or "",
                code=farm_order.code,
                goods=farm_order.goods_in_words,
            )
