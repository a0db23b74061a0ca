"""The bank's double against the market over real HTTP, signed both ways, told several times at once."""

import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from sqlalchemy import func, select

from marketplace.foundation.db import db
from marketplace.payments import queries
from marketplace.payments.models import BankNotice, LedgerEntry, PaymentState
from tests import make
from tests.doubles import bank

KEY = "a-key-from-sepay"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def market_url(app):
    """The market of this test on a port of this machine."""
    real = app.extensions["settings"]
    app.extensions["settings"] = real.model_copy(update={"sepay_webhook_key": KEY})
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["settings"] = real


@pytest.mark.network_double
@pytest.mark.parametrize("sign", ["apikey", "hmac"])
def test_a_transfer_told_five_times_at_once_pays_once(market_url, run_jobs, sign):
    order = make.order(state="placed", payment_method="vietqr")
    payment = queries.payments_of(order)[0]
    code, amount = payment.code, payment.amount_dong
    db.session.rollback()
    with bank.running(KEY, market_url, sign) as client:
        assert client.transfer(f"CT DEN {code}", amount, times=5) == [200] * 5
        run_jobs()
    assert payment.state is PaymentState.PAID
    assert db.session.scalar(select(func.count(BankNotice.id))) == 1
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1


@pytest.mark.network_double
def test_a_stranger_is_sent_away(market_url):
    with bank.running("another key", market_url) as client:
        assert client.transfer("CQ", 1_000) == [401]
    assert db.session.scalar(select(func.count(BankNotice.id))) == 0
