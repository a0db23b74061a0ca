"""The market gives a buyer more back by itself: asked by one, approved by another, never more than was paid."""

import pytest

from marketplace.foundation.db import db
from marketplace.payments import ledger, service
from marketplace.payments.models import LedgerEntry, Refund, RefundCause, RefundState
from tests import cast, make

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def part(app):
    make.rules()
    return make.order(state="delivered", payment_method="vietqr").farm_orders[0]


def form(page):
    return page.form("/admin/money/refunds")


def test_asked_by_one_approved_by_another_and_sent_twice_it_counts_once(part, visit):
    visit.sign_in(cast.cashier())
    asked = form(visit("/admin/money"))
    typed = {"part": part.code.lower(), "amount": "20.000", "why": "Giao trễ"}
    asked.submit(**typed)
    asked.submit(**typed)
    refund = db.session.query(Refund).one()
    assert (refund.cause, refund.amount_dong, refund.market_bears_dong) == (
        RefundCause.GOODWILL,
        20_000,
        20_000,
    )
    assert "Bạn là người đề nghị khoản này" in visit("/admin/money").form(
        f"/admin/money/refunds/{refund.code}/approval"
    ).submit(422)
    db.session.expire_all()
    assert refund.state is RefundState.DUE
    visit.sign_in(cast.admin())
    visit("/admin/money").form(f"/admin/money/refunds/{refund.code}/approval").submit()
    db.session.expire_all()
    assert refund.state is RefundState.APPROVED and ledger.balance(ledger.LOSSES) == 20_000
    assert service.check_ledger() == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"part": "DH00000000"}, "Không có đơn nào đã giao mang mã này"),
        ({"part": ""}, "Hãy ghi mã đơn của nhà vườn"),
        ({"amount": "99.000.000"}, "chỉ còn được hoàn nhiều nhất"),
        ({"amount": "0"}, ""),
        ({"amount": "-5"}, ""),
        ({"why": ""}, "Hãy ghi vì sao"),
    ],
)
def test_what_cannot_be_given_is_said_and_nothing_happens(part, visit, typed, says):
    visit.sign_in(cast.cashier())
    before = db.session.query(LedgerEntry).count()
    right = {"part": part.code, "amount": "20000", "why": "Giao trễ"}
    assert says in form(visit("/admin/money")).submit(422, **{**right, **typed})
    assert db.session.query(Refund).count() == 0 and db.session.query(LedgerEntry).count() == before


def test_two_people_give_all_of_it_and_only_the_first_can(part, visit):
    typed = {"part": part.code, "amount": str(part.total_dong), "why": "Giao trễ"}
    visit.sign_in(cast.cashier())
    first = form(visit("/admin/money"))
    visit.sign_in(cast.admin())
    second = form(visit("/admin/money"))
    second.submit(**typed)
    visit.sign_in(cast.cashier())
    assert "chỉ còn được hoàn nhiều nhất 0" in form(visit("/admin/money")).submit(422, **typed)
    assert first.fields["once"] != second.fields["once"]
    assert db.session.query(Refund).count() == 1
