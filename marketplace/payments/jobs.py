"""What happens to money without a person. Safe to run twice."""

from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.payments import service
from marketplace.payments.models import BankNotice


def settle_notice(notice_id: int) -> None:
    """A transfer was reported: see what it is for."""
    with transaction():
        service.settle_bank_notice(db.session.get_one(BankNotice, notice_id))


def batch_due() -> None:
    """Every morning: put what is due today on the lists the cashier sends."""
    with transaction():
        service.batch_due(clock.today(), SYSTEM)
