"""What this room keeps about people, for how long, and how it lets go (Law 91/2025/QH15, Law 122/2025/QH15)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.rules import kept_for
from marketplace.foundation.words import _
from marketplace.orders.models import Order

KEEP_CONTRACTS = timedelta(days=3 * 365 + 1)
"""Contracts made on the market are kept three years (Law 122/2025/QH15 with Decree 248/2026/NĐ-CP), unless a dated rule
says otherwise."""


def gather(person_id: int) -> list[dict[str, Any]]:
    """What the person bought, where it went, and what became of it."""
    found = db.session.scalars(select(Order).where(Order.buyer_id == person_id).order_by(Order.id))
    return [
        {
            "code": order.code,
            "at": order.created_at.isoformat(),
            "name": order.name,
            "phone": order.phone,
            "street": order.street,
            "commune": order.commune_code,
            "note": order.note,
            "total_dong": order.total_dong,
            "parts": [
                {"farm": part.farm.name, "goods": part.goods_in_words, "state": part.state.value}
                for part in order.farm_orders
            ],
        }
        for order in found
    ]


def forget(person_id: int) -> None:
    """Forget notes at once, names and addresses when the law lets us; refused while an order is under way."""
    found = list(db.session.scalars(select(Order).where(Order.buyer_id == person_id).order_by(Order.id)))
    if any(order.is_open for order in found):
        raise Refusal(_("Bạn còn đơn hàng chưa xong. Hãy đợi nhận hàng hoặc hủy đơn rồi xóa tài khoản."))
    for order in found:
        order.note = ""
    forget_old(person_id)


def forget_old(person_id: int | None = None) -> None:
    """Take names, telephones and streets out of orders of forgotten people once their contracts need not be kept."""
    old = select(Order).where(
        Order.created_at < clock.now() - kept_for("contracts", KEEP_CONTRACTS),
        Order.phone != "",
        Order.buyer_id.is_not(None),
    )
    if person_id is not None:
        old = old.where(Order.buyer_id == person_id)
    else:
        old = old.join(Person, Person.id == Order.buyer_id).where(Person.forgotten_at.is_not(None))
    for order in db.session.scalars(old):
        order.name = order.phone = order.street = order.note = ""
