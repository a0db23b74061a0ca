"""What happens without a person: stale codes, tries and sessions are forgotten."""

from marketplace.accounts import service
from marketplace.foundation.db import transaction


def clear_stale() -> None:
    """Every night."""
    with transaction():
        service.clear_stale()
