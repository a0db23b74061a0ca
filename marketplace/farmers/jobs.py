"""What happens to farms without a person."""

from marketplace.farmers import service
from marketplace.foundation.db import transaction


def end_holidays() -> None:
    """Every morning: farms whose rest is over sell again."""
    with transaction():
        service.end_holidays()
