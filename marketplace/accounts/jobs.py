"""What happens without a person: stale codes, tries and sessions are forgotten."""

from marketplace.accounts import keeping
from marketplace.foundation.db import transaction


def clear_stale() -> None:
    """Every night."""
    with transaction():
        keeping.clear_stale()
