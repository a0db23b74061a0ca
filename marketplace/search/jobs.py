"""What search does without a person."""

from marketplace.foundation.db import transaction
from marketplace.search import service


def follow() -> None:
    """After every touch, and every minute in case one was missed or the index was lost: bring the index up to date."""
    service.follow()


def rebuild() -> None:
    """Every night: a new index out of the database, and the touches of last week cleared away."""
    service.rebuild()
    with transaction():
        service.forget_followed()
