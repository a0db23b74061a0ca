"""The books: balanced or not written at all, never changed, and an auditor who finds every planted mistake."""

import pytest
from sqlalchemy import select, text

from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.payments import ledger, service
from marketplace.payments.models import LedgerEntry, LedgerLine
from tests import make


def post(*arguments, **more):
    with transaction():
        return ledger.post(*arguments, **more)


def test_an_entry_adds_up_to_zero_and_is_summed(app):
    farm = make.farm()
    post("paid", "A", {ledger.BANK: 100_000, ledger.buyer(1): -100_000})
    post(
        "delivered",
        "B",
        {ledger.buyer(1): 100_000, ledger.farm(farm.id): -90_000, ledger.CARRIER: -10_000, "x": 0},
    )
    assert ledger.balance(ledger.BANK) == 100_000
    assert ledger.balance(ledger.buyer(1)) == 0
    assert ledger.balance(ledger.farm(farm.id)) == -90_000
    assert ledger.balance("nobody") == 0
    line = db.session.scalars(select(LedgerLine).where(LedgerLine.account == f"farm:{farm.id}")).one()
    assert line.farm_id == farm.id


@pytest.mark.parametrize("lines", [{}, {"bank": 0}, {"bank": 1}, {"bank": 2, "carrier": -1}])
def test_what_does_not_add_up_is_not_written(app, lines):
    with pytest.raises(ledger.NotBalanced):
        post("paid", "A", lines)
    assert db.session.scalars(select(LedgerEntry)).all() == []


def test_the_same_fact_twice_is_written_once_and_with_other_sums_it_is_a_bug(app):
    first = post("paid", "A", {ledger.BANK: 5, ledger.CARRIER: -5})
    again = post("paid", "A", {ledger.BANK: 5, ledger.CARRIER: -5})
    assert first.id == again.id
    with pytest.raises(ledger.NotBalanced):
        post("paid", "A", {ledger.BANK: 6, ledger.CARRIER: -6})
    assert ledger.balance(ledger.BANK) == 5


def test_an_entry_is_never_changed_nor_deleted(app):
    entry = post("paid", "A", {ledger.BANK: 5, ledger.CARRIER: -5})
    for change in (
        lambda: setattr(entry, "note", "else"),
        lambda: setattr(entry.lines[0], "amount_dong", 6),
        lambda: db.session.delete(entry.lines[0]),
    ):
        with pytest.raises(RuntimeError, match="append-only"), transaction():
            change()
    assert ledger.balance(ledger.BANK) == 5


PLANTED = {
    "a line changed behind our back": "UPDATE ledger_line SET amount_dong = amount_dong + 1 WHERE account = 'bank'",
    "an entry without its lines": "DELETE FROM ledger_line",
    "an order's total": "UPDATE order_ SET total_dong = total_dong + 1, goods_dong = goods_dong + 1",
    "a line's quantity": "UPDATE order_line SET quantity = quantity + 1, ordered_quantity = ordered_quantity + 1,"
    " total_dong = total_dong + unit_price_dong",
    "a payment's sum": "UPDATE payment SET amount_dong = amount_dong - 1",
    "more received than written": "UPDATE payment SET received_dong = received_dong + 1",
    "a refund nobody sent": "UPDATE payment SET refunded_dong = 1",
    "a payout that grew": "UPDATE payout SET amount_dong = amount_dong + 1",
    "a payout that was lost": "DELETE FROM line_tax; DELETE FROM payout",
    "tax without its lines": "UPDATE line_tax SET vat_dong = vat_dong + 1",
    "a payout paid without an entry": "UPDATE payout SET state = 'sent'",
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_the_auditor_finds_a_planted_mistake(app, mistake):
    make.order(state="delivered", payment_method="vietqr")
    make.order(state="delivered")
    assert service.check_ledger() == []
    db.session.rollback()
    with transaction():
        for statement in PLANTED[mistake].split(";"):
            db.session.execute(text(statement))
    assert service.check_ledger() != []


def test_flask_ledger_check_ends_with_1_when_something_is_wrong(app):
    make.order(state="delivered")
    db.session.rollback()
    run = app.test_cli_runner()
    fine = run.invoke(args=["ledger", "check"])
    assert (fine.exit_code, "The books add up" in fine.output) == (0, True)
    with transaction():
        db.session.execute(text("UPDATE order_ SET total_dong = total_dong + 1, goods_dong = goods_dong + 1"))
    wrong = run.invoke(args=["ledger", "check"])
    assert wrong.exit_code == 1


def test_rules_are_loaded_once(app):
    for _time in range(2):
        with transaction():
            service.load_rules(SYSTEM)
    rules = db.session.execute(text("SELECT count(*) FROM tax_rule")).scalar_one()
    assert rules == 24
