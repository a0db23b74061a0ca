"""Many at the till at once: real threads, each a browser of its own, on connections of their own."""

import threading
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from marketplace.catalog import service as catalog
from marketplace.catalog.models import Variant
from marketplace.foundation import access
from marketplace.foundation.db import db
from marketplace.orders.models import Order, OrderLine
from marketplace.payments import ledger
from tests import make, shopping
from tests.visit import HOST, Form

BUYERS, UNITS = 50, 10


@pytest.fixture(autouse=True)
def _wide_pool(app):
    """Enough connections that every thread has one of its own; put back as it was afterwards."""
    pool = db.engine.pool
    before = pool._max_overflow
    pool._max_overflow = 60
    yield
    pool._max_overflow = before


def sent_at_once(app, forms: Sequence[Form]) -> list[tuple[int, str, str]]:
    """Every form from a thread of its own, all let go at the same moment: (status, where to, what it says) of each."""
    gate = threading.Barrier(len(forms))
    answers: list[tuple[int, str, str]] = [(0, "", "")] * len(forms)

    def send(at: int) -> None:
        form = forms[at]
        client = form.page.visitor.client
        gate.wait()
        answer = client.post(form.action, data=form.fields, headers={"Origin": HOST}, buffered=True)
        answers[at] = (answer.status_code, answer.headers.get("Location", ""), answer.text)

    threads = [threading.Thread(target=send, args=[at]) for at in range(len(forms))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody waits in a circle"
    db.session.rollback()
    return answers


def at_the_till(visit, product, payment_method: str = "cod", **address: str) -> Form:
    shopping.put_in(visit, product)
    return shopping.till(visit, payment_method, **address)


def test_fifty_buyers_for_ten_units(app, visit, full):
    for trial in range(3 if full else 1):
        access.limiter.reset()
        tea = make.product(name=f"Trà đinh vụ {'xuân' * (trial + 1)}", stock=UNITS)
        variant_id = tea.variants[0].id
        before = shopping.last_order_id()
        methods = ("cod", "vietqr")
        forms = [
            at_the_till(visit.another(), tea, methods[number % 2], phone=f"0912 1{trial}0 {number:03d}")
            for number in range(BUYERS)
        ]
        access.limiter.reset()

        answers = sent_at_once(app, forms)

        assert Counter(status for status, _, _ in answers) == {303: UNITS, 409: BUYERS - UNITS}
        for status, where, says in answers:
            if status == 303:
                assert urlsplit(where).path.startswith(("/account/orders/", "/pay/"))
                assert parse_qs(urlsplit(where).query)["key"]
            else:
                assert "vừa hết hàng" in says, says[:2000]
        orders = list(db.session.scalars(select(Order).where(Order.id > before)))
        assert len(orders) == UNITS
        sold = select(func.sum(OrderLine.quantity)).where(OrderLine.variant_id == variant_id)
        assert db.session.scalar(sold) == UNITS
        pack = db.session.get_one(Variant, variant_id, populate_existing=True)
        assert (pack.on_hand, pack.held) == (UNITS, UNITS)
        assert catalog.check_stock() == []
        assert ledger.check() == []
        db.session.rollback()


def test_the_same_checkout_pressed_at_once_is_one_order(app, visit, full):
    for trial in range(10 if full else 1):
        access.limiter.reset()
        browser = visit.another()
        form = at_the_till(browser, make.product(stock=UNITS), phone=f"0912 3{trial}0 000")
        before = shopping.last_order_id()
        again = []
        for _ in range(6):
            # The same person's browser, as many times: each with the same cookies.
            window = visit.another()
            window.client._cookies = dict(browser.client._cookies)
            again.append(Form(form.page, form.element))
            again[-1].page = _seen_by(form.page, window)

        answers = sent_at_once(app, again)

        assert Counter(status for status, _, _ in answers) == {303: 6}
        assert len({where for _, where, _ in answers}) == 1
        assert len(list(db.session.scalars(select(Order).where(Order.id > before)))) == 1
        assert catalog.check_stock() == []
        assert ledger.check() == []
        db.session.rollback()


def _seen_by(page, visitor):
    seen = type(page).__new__(type(page))
    seen.__dict__ = {**page.__dict__, "visitor": visitor}
    return seen
