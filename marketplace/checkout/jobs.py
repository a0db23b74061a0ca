"""What happens at the till without a person."""

from datetime import timedelta

from marketplace.checkout import queries, service
from marketplace.checkout.models import Placing
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction

LEFT_ALONE = timedelta(minutes=1)
"""So long the request that placed an order has for itself."""


def forget_old_carts() -> None:
    """Carts of guests who never came back are cleared away."""
    with transaction():
        service.forget_old_carts()


def finish_placings() -> None:
    """Every minute: what a process that was killed left undone after an order was written is done."""
    for placing_id in queries.unfinished(clock.now() - LEFT_ALONE):
        with transaction():
            service.finish(db.session.get_one(Placing, placing_id), SYSTEM)
