"""What happens to goods without a person."""

from marketplace.catalog import importing, service
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.foundation.jobs import enqueue


def lapse_certificates() -> None:
    """At midnight: certificates past their last day lapse, stars disappear."""
    with transaction():
        service.lapse_certificates()


def watch_certificates() -> None:
    """Every morning: proofs that run out in 90, 30 or 7 days are said to farm and trainer."""
    with transaction():
        service.watch_certificates()


def clear_removed_photos() -> None:
    """Every night: files of pictures taken away yesterday."""
    with transaction():
        service.clear_removed_photos()


def count_sales() -> None:
    """Every hour: how often each product was sold."""
    with transaction():
        service.count_sales()


def expire_lots() -> None:
    """At midnight: lots past their last day leave the shelf."""
    with transaction():
        service.expire_lots()


def expire_holds() -> None:
    """Every few minutes: what was kept for orders nobody confirmed in time is free again."""
    with transaction():
        service.expire_holds(SYSTEM)


def write_sheet(sheet_id: int) -> None:
    """A list of goods, a hundred rows at a time; the rest follows behind whatever else waits."""
    with transaction():
        if importing.write_some(sheet_id):
            enqueue("catalog.write_sheet", sheet_id)
