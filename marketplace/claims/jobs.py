"""What happens to claims by the clock. Safe to run twice."""

from marketplace.claims import keeping, queries, service
from marketplace.claims.models import Claim
from marketplace.foundation import clock
from marketplace.foundation.db import db, transaction


def keep_deadlines() -> None:
    """Every hour: farms that did not answer in time, decisions nobody appealed, goods that never came back; then what
    was promised and is near or late is spoken of."""
    now = clock.now()
    for claim_id in queries.unanswered(now):
        with transaction():
            service.leave_unanswered(db.session.get_one(Claim, claim_id))
    for claim_id in queries.to_close(now):
        with transaction():
            service.close(db.session.get_one(Claim, claim_id))
    with transaction():
        for due in queries.near_or_late():
            service.speak_of(due)


def forget_old() -> None:
    """Every night: names leave complaints that were answered long ago."""
    with transaction():
        keeping.forget_old()
