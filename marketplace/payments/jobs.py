"""What happens to money without a person. Safe to run twice."""

from marketplace.foundation import clock, market
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.payments import service
from marketplace.payments.models import AttemptState, BankNotice, CardAttempt, CardEvent
from marketplace.payments.port import Cards, CardsRefuse, CardsUnavailable


def settle_notice(notice_id: int) -> None:
    """A transfer was reported: see what it is for."""
    with transaction():
        service.settle_bank_notice(db.session.get_one(BankNotice, notice_id))


def batch_due() -> None:
    """Every morning: put what is due today on the lists the cashier sends."""
    with transaction():
        service.batch_due(clock.today(), SYSTEM)


# -- the card company: asked between transactions, never inside one ------------------------------------------------


def settle_card_event(event_id: int) -> None:
    """The card company told us something: do what it says, once."""
    with transaction():
        service.settle_card_event(db.session.get_one(CardEvent, event_id))


def close_card_page(attempt_id: int) -> None:
    """Nobody may pay on this page any more."""
    attempt = db.session.get_one(CardAttempt, attempt_id)
    company: Cards | None = market.plugged("payments.cards")
    if company is not None and attempt.session_id and attempt.state is AttemptState.OPEN:
        session_id = attempt.session_id
        db.session.rollback()
        company.expire(session_id)
    with transaction():
        service.card_page_closed(db.session.get_one(CardAttempt, attempt_id))


def send_card_refund(refund_id: int) -> None:
    """Give an approved refund back to the card it was paid with; asked again with the same key it is given once."""
    wanted = service.card_refund_to_send(refund_id)
    company: Cards | None = market.plugged("payments.cards")
    db.session.rollback()
    if wanted is None:
        return
    if company is None:
        raise CardsUnavailable("no card company is plugged in")
    intent, amount_dong, key = wanted
    try:
        answer = company.refund(intent, amount_dong, key)
    except CardsRefuse as refusal:
        with transaction():
            service.card_refund_refused(refund_id, str(refusal))
        return
    with transaction():
        service.card_refund_answered(refund_id, answer)
