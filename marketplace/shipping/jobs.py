"""What happens to parcels without a person. Safe to run twice."""

from marketplace.foundation import clock
from marketplace.foundation.db import db, transaction
from marketplace.shipping import asking, queries, service
from marketplace.shipping.models import Parcel


def leave_unclaimed() -> None:
    """Every night: parcels nobody came for in the time the post keeps them."""
    for parcel_id in queries.waiting_too_long(clock.now()):
        with transaction():
            service.leave_unclaimed(db.session.get_one(Parcel, parcel_id))


def forget_kept_quotes() -> None:
    """Every hour: carriers' answers whose price holds no more."""
    with transaction():
        asking.forget(clock.now())
