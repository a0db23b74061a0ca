"""The books: balanced or not written at all, never changed, and an auditor who finds every planted mistake."""

import json
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.payments import guards, ledger, service
from marketplace.payments.models import ClosedMonth, LedgerEntry, LedgerLine
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


REFUSED = {
    "a line is changed": "UPDATE ledger_line SET amount_dong = 6 WHERE account = 'bank'",
    "a line goes to another account": "UPDATE ledger_line SET account = 'x' WHERE account = 'bank'",
    "a line is taken away": "DELETE FROM ledger_line WHERE account = 'bank'",
    "an entry is changed": "UPDATE ledger_entry SET note = 'else'",
    "an entry is moved to another day": "UPDATE ledger_entry SET month = '2020-01'",
    "an entry says it adds up": "UPDATE ledger_entry SET off_dong = 0, kind = 'x'",
    "an entry says it does not": "UPDATE ledger_entry SET off_dong = 1",
    "an entry is taken away": "DELETE FROM ledger_entry",
    "a line is added": "INSERT INTO ledger_line (code, created_at, version, entry_id, account, amount_dong) SELECT 'L', created_at, 1, id, 'bank', 7 FROM ledger_entry",
    "an entry without lines": "INSERT INTO ledger_entry (code, created_at, version, kind, reference, at, month, off_dong, note) SELECT 'E', created_at, 1, 'x', 'x', at, month, 1, '' FROM ledger_entry",
    "an entry that pretends": "INSERT INTO ledger_entry (code, created_at, version, kind, reference, at, month, off_dong, note) SELECT 'E', created_at, 1, 'x', 'x', at, month, 0, '' FROM ledger_entry",
    "an entry in another month": "INSERT INTO ledger_entry (code, created_at, version, kind, reference, at, month, off_dong, note) SELECT 'E', created_at, 1, 'x', 'x', at, '2020-01', 1, '' FROM ledger_entry",
    "one line only": "INSERT INTO ledger_entry (code, created_at, version, kind, reference, at, month, off_dong, note) SELECT 'E', created_at, 1, 'x', 'x', at, month, 1, '' FROM ledger_entry; INSERT INTO ledger_line (code, created_at, version, entry_id, account, amount_dong) SELECT 'L', created_at, 1, id, 'bank', 7 FROM ledger_entry WHERE code = 'E'",
}


@pytest.mark.parametrize("deed", REFUSED)
def test_the_database_itself_refuses(app, deed):
    post("paid", "A", {ledger.BANK: 5, ledger.CARRIER: -5})
    with pytest.raises(IntegrityError), transaction():
        for statement in REFUSED[deed].split(";"):
            db.session.execute(text(statement))
    assert service.check_ledger() == [] and ledger.balance(ledger.BANK) == 5


def test_an_entry_of_many_lines_whose_parts_add_up_too(app):
    post("paid", "A", {"a": 5, "b": -5, "c": 3, "d": -3, "e": 1, "f": -1})
    assert ledger.balance("e") == 1
    off = db.session.execute(text("SELECT off_dong FROM ledger_entry")).scalar_one()
    assert off == 0


def test_nothing_is_written_into_a_closed_month(app, clock):
    clock.set("2026-10-31 23:30")
    post("paid", "A", {ledger.BANK: 5, ledger.CARRIER: -5})
    with transaction():
        db.session.add(ClosedMonth(month="2026-10", sums=ledger.standing("2026-10"), entry_count=1))
    with pytest.raises(IntegrityError):
        post("paid", "B", {ledger.BANK: 5, ledger.CARRIER: -5})
    for change in ("UPDATE closed_month SET month = '2026-09'", "DELETE FROM closed_month"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(change))
    clock.set("2026-11-01 00:10")
    post("paid", "B", {ledger.BANK: 5, ledger.CARRIER: -5})
    assert service.check_ledger() == []


@contextmanager
def behind_its_back():
    """Somebody at the database itself, with its guards switched off."""
    dialect = db.engine.dialect.name
    with transaction():
        if dialect == "postgresql":
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for statement in guards.drop(dialect):
                db.session.execute(text(statement))
        yield


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
    with behind_its_back():
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
    assert rules == len(json.loads((service.DATA / "tax_rules.json").read_text("utf8")))
    assert db.session.execute(text("SELECT count(*) FROM transfer_rule")).scalar_one() == 9
