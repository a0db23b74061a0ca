"""What happens without a person: letters are carried out of the house."""

from marketplace.foundation import clock
from marketplace.foundation.db import claim, db, transaction
from marketplace.notifications import queries, service
from marketplace.notifications.models import Delivery, DeliveryState
from marketplace.notifications.port import Away, Letter, Undeliverable, carrier


def deliver(delivery_id: int) -> None:
    """Hand one letter to its carrier. Run twice it sends once: the carrier drops an id it has seen.

    While the carrier is away the job fails and is tried again with growing pauses, eight times; one by Zalo three
    times, then it goes by SMS.
    """
    waiting = queries.delivery(delivery_id)
    if waiting is None or waiting.state is not DeliveryState.WAITING:
        return
    channel, letter = waiting.channel, _letter(waiting)
    is_too_late = waiting.use_until is not None and waiting.use_until < clock.now()
    db.session.rollback()  # no open read while the carrier answers
    problem: Exception | None = Undeliverable("too late to be of use") if is_too_late else None
    if problem is None:
        try:
            carrier(channel).send(letter)
        except (Away, Undeliverable) as said:
            problem = said
    with transaction():
        (still,) = claim(Delivery, [delivery_id]) or (None,)
        if still is None or still.state is not DeliveryState.WAITING:
            return
        if problem is None:
            service.mark_sent(still)
        elif isinstance(problem, Undeliverable):
            service.mark_failed(still, str(problem))
        elif service.note_attempt(still, str(problem)):
            return
    if isinstance(problem, Away):
        raise problem


def _letter(delivery: Delivery) -> Letter:
    message = delivery.message
    return Letter(delivery.code, delivery.address, delivery.text, message.subject, message.template)


def clear_old() -> None:
    """Every night: forget old letters and notices."""
    with transaction():
        service.clear_old()
