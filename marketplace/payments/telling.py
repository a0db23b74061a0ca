"""Whom money's news is told: the buyer, the farm, the cashiers."""

from typing import Any

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Role
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.notifications import service as notifications
from marketplace.orders import service as orders
from marketplace.orders.models import Order


def tell_buyer(order: Order, template: str, **facts: Any) -> None:
    """Tell who bought, by account or telephone."""
    notifications.send(orders.buyer_recipient(order), template, path=order.path, order=order.code, **facts)


def tell_farm(farm: Farm, template: str, **facts: Any) -> None:
    """Tell everybody of a farm."""
    for recipient in farmers.members_recipients(farm):
        notifications.send(recipient, template, path="/sell/money", **facts)


def tell_cashiers(template: str, path: str = "/admin/money", **facts: Any) -> None:
    """Tell who looks after the money."""
    for cashier in accounts.people_with_role(Role.CASHIER):
        notifications.send(accounts.recipient_of(cashier), template, path=path, **facts)
