"""One word, told a hundred times at the same moment over real connections: it counts once."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from marketplace.foundation.db import db, transaction
from marketplace.foundation.market import plug
from marketplace.payments import jobs, ledger, queries, service
from marketplace.payments.models import BankNotice, CardEvent, LedgerEntry, PaymentState
from tests import make
from tests.payments.test_cards import Scripted


def at_once(app, deed, times):
    """The deed by many threads, each with a connection of its own; what they gave back."""

    def one(number):
        with app.app_context():
            try:
                return deed(number)
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(max_workers=12) as everyone:
        answers = list(everyone.map(one, range(times)))
    db.session.rollback()
    return answers


def test_a_transfer_told_a_hundred_times_at_once(app, full):
    order = make.order(state="placed", payment_method="vietqr")
    payment = queries.payments_of(order)[0]
    code, amount = payment.code, payment.amount_dong

    def tell(number):
        # Two messengers, each many times.
        source = ("sepay", "payos")[number % 2]
        with transaction():  # what the webhook does, and then the job
            notice, is_new = service.keep_bank_notice(source, "77", amount, code, "", {}, "FT26112500")
            notice_id = notice.id
        jobs.settle_notice(notice_id)
        return is_new

    news = at_once(app, tell, 100 if full else 30)
    assert sum(news) == 1
    assert db.session.scalar(select(func.count(BankNotice.id))) == 1
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1
    assert queries.payments_of(order)[0].state is PaymentState.PAID
    assert service.check_ledger() == []


def test_an_event_of_the_card_company_told_a_hundred_times_at_once(app, full):
    company = Scripted()
    plug(app, "payments.cards", company)
    try:
        order = make.order(state="placed", payment_method="card")
        payment = queries.payments_of(order)[0]
        code, amount = payment.code, payment.amount_dong

        def tell(number):
            from datetime import UTC, datetime

            from marketplace.payments.port import CardNews

            # Three events of one charge, each many times.
            news = CardNews(f"evt_{number % 3}", "paid", datetime(2026, 11, 25, tzinfo=UTC), "cs_1", "pi_1", code,
                            "cs_1", amount, "vnd")  # fmt: skip
            with transaction():
                event, is_new = service.keep_card_news(news)
                event_id = event.id
            jobs.settle_card_event(event_id)
            return is_new

        assert sum(at_once(app, tell, 100 if full else 30)) == 3
        assert db.session.scalar(select(func.count(CardEvent.id))) == 3
        assert ledger.balance(ledger.STRIPE) == amount
        assert queries.payments_of(order)[0].received_dong == amount
        assert service.check_ledger() == []
    finally:
        plug(app, "payments.cards", None)
