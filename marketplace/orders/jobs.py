"""What happens to orders without a person: farms are reminded, unpaid orders are given up. Safe to run twice."""

from marketplace.foundation import clock
from marketplace.foundation.db import db, transaction
from marketplace.orders import keeping, queries, service
from marketplace.orders.models import FarmOrder, Order


def remind_farms() -> None:
    """Every ten minutes: remind farms, ask points to call, call off what nobody answered."""
    for farm_order_id in queries.waiting_for_answer(clock.now()):
        with transaction():
            service.remind_farm(db.session.get_one(FarmOrder, farm_order_id))


def ask_for_word(order_id: int) -> None:
    """Right after somebody new ordered to pay at the door: send the code that gives their word."""
    with transaction():
        service.ask_for_word(db.session.get_one(Order, order_id))


def ask_for_call(order_id: int) -> None:
    """A while after somebody new ordered to pay at the door: ask the farms to call, if no code was typed."""
    with transaction():
        service.ask_farms_to_call(db.session.get_one(Order, order_id))


def expire_unpaid() -> None:
    """Every minute: give up orders whose time to pay is over."""
    now = clock.now()
    for order_id in queries.waiting_for_money(now):
        with transaction():
            order = db.session.get_one(Order, order_id)
            if queries.unpaid_until(order) <= now:
                service.expire(order)


def forget_old() -> None:
    """Every night: names leave the orders of forgotten people when the law no longer asks us to keep them."""
    with transaction():
        keeping.forget_old()
