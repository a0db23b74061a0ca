"""What happens at the till without a person."""

from marketplace.checkout import service
from marketplace.foundation.db import transaction


def forget_old_carts() -> None:
    """Carts of guests who never came back are cleared away."""
    with transaction():
        service.forget_old_carts()
