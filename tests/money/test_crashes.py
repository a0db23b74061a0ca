"""The process is killed with SIGKILL at every named point of checkout, settlement, delivery, payout and refund, and
started again: one order, one charge, one payout."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config import Settings
from marketplace.app import create_app
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Voucher, VoucherKind
from marketplace.campaigns.service import Terms
from marketplace.catalog import service as catalog
from marketplace.checkout import jobs as checkout_jobs
from marketplace.checkout.models import Placing
from marketplace.foundation import clock as wall_clock
from marketplace.foundation import faults
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import jobs as payments_jobs
from marketplace.payments import ledger, queries, refunds, service
from marketplace.payments.models import LedgerEntry, Payment, PaymentState, Payout, Refund, RefundState
from tests import cast, make, shopping
from tests.money.kill import killed_at
from tests.payments.test_service import with_account

ROOT = Path(__file__).parents[2]


def points(of: str) -> list[str]:
    return [name for name in faults.POINTS if name.startswith(f"{of}.")]


def all_is_well() -> None:
    db.session.rollback()
    assert ledger.check() == []
    assert catalog.check_stock() == []
    assert campaigns.check() == []


def count(kind, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(kind).where(*conditions)) or 0


@pytest.fixture
def tea(app):
    shopping.rules()
    tea = make.product(stock=10)
    with_account(tea.farm)
    with transaction():
        today = wall_clock.today()
        campaigns.make(
            Terms("CHEMOI", VoucherKind.PERCENT, today, today, 5, per_10_000=1_000, most_dong=50_000), SYSTEM
        )
    return tea


# -- the points themselves ----------------------------------------------------------------------------------------


def test_every_point_stands_in_the_code_once_and_has_its_words():
    found = [
        node.args[0].value
        for source in (ROOT / "marketplace").rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "faults.point"
    ]
    assert sorted(found) == sorted(faults.POINTS)


def test_no_setting_switches_a_point_on_and_a_market_that_is_no_test_refuses(tmp_path):
    assert not any("fault" in name for name in Settings.model_fields)
    market = create_app(Settings(app_env="development", instance_path=tmp_path))
    with market.app_context(), pytest.raises(RuntimeError):
        faults.arm(print)


# -- checkout -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [pytest.param("cod", marks=pytest.mark.full), "vietqr"])
@pytest.mark.parametrize("name", points("checkout"))
def test_killed_while_an_order_is_placed(app, visit, tea, name, method, run_jobs):
    shopping.put_in(visit, tea, 2)
    form = shopping.till(visit, method, voucher="chemoi")
    killed_at(app, name, form.submit)
    all_is_well()
    assert count(Order) == (name == "checkout.committed")

    page = form.submit()
    checkout_jobs.finish_placings()
    order = db.session.scalars(select(Order)).one()
    assert order.code in page.text or page.path.startswith("/pay/")
    assert order.discount_dong == 50_000 and db.session.scalars(select(Voucher.used_count)).one() == 1
    assert count(Payment) == 1 and count(Placing) == 1
    assert shopping.counted()["held"] == 2
    run_jobs()
    all_is_well()


def test_what_was_left_undone_after_an_order_is_finished_by_the_sweeper(app, visit, tea, clock):
    order = shopping.place(visit, tea, payment_method="vietqr")
    with transaction():
        db.session.scalars(select(Placing).where(Placing.order_id == order.id)).one().finished_at = None
    checkout_jobs.finish_placings()
    assert count(Placing, Placing.finished_at.is_(None)) == 1, "the request still had its minute"
    db.session.rollback()
    clock.forward(minutes=2)
    for _time in range(2):
        checkout_jobs.finish_placings()
    assert count(Placing, Placing.finished_at.is_(None)) == 0 and count(Payment) == 1
    all_is_well()


# -- money in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", points("settlement"))
def test_killed_while_a_transfer_is_settled(app, tea, name):
    order = make.order((tea, 1), state="placed", payment_method="vietqr")
    (payment,) = queries.payments_of(order)
    with transaction():
        notice, _is_new = service.keep_bank_notice(
            "test", "FT1", payment.amount_dong, f"CT {payment.code}", "", {}
        )
        notice_id = notice.id
    killed_at(app, name, lambda: payments_jobs.settle_notice(notice_id))
    all_is_well()
    assert count(LedgerEntry) == 0
    for _time in range(2):
        payments_jobs.settle_notice(notice_id)
    assert count(LedgerEntry, LedgerEntry.kind == "paid") == 1
    assert db.session.scalars(select(Payment.state)).one() is PaymentState.PAID
    assert db.session.scalars(select(FarmOrder.state)).one() is FarmOrderState.CONFIRMED
    all_is_well()


@pytest.mark.parametrize("name", points("delivery"))
def test_killed_while_a_parcel_is_handed_to_the_buyer(app, tea, name):
    part_id = make.order((tea, 1), state="handed_over").farm_orders[0].id

    def deliver():
        with transaction():
            orders.deliver(db.session.get_one(FarmOrder, part_id), SYSTEM)

    killed_at(app, name, deliver)
    all_is_well()
    assert (count(Payout), count(LedgerEntry)) == (0, 0)
    deliver()
    deliver()
    assert count(Payout) == 1 and count(LedgerEntry, LedgerEntry.kind == "delivered") == 1
    all_is_well()


# -- money out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", points("payout"))
def test_killed_while_a_farm_is_paid(app, tea, name, clock):
    clock.set("2026-11-20 10:00")
    make.order((tea, 1), state="delivered", payment_method="vietqr")
    clock.set("2026-11-26 07:00")
    admin_id = cast.admin().id

    def approve():
        with transaction():
            (batch,) = queries.batches_waiting()
            service.approve_batch(batch, cast.by(db.session.get_one(type(cast.admin()), admin_id)))

    def send():
        with transaction():
            (batch,) = queries.batches_waiting()
            service.send_batch(batch, "FT9", SYSTEM)

    for step, deed in {"batched": payments_jobs.batch_due, "approved": approve, "sent": send}.items():
        if name == f"payout.{step}":
            killed_at(app, name, deed)
            all_is_well()
            assert count(LedgerEntry, LedgerEntry.kind == "payout") == 0
        deed()
    payments_jobs.batch_due()
    assert queries.batches_waiting() == []
    assert count(LedgerEntry, LedgerEntry.kind == "payout") == 1
    all_is_well()


@pytest.mark.parametrize("name", points("refund"))
def test_killed_while_money_goes_back(app, tea, name):
    make.order((tea, 1), state="cancelled", payment_method="vietqr")
    refund_id = db.session.scalars(select(Refund.id)).one()
    with transaction():
        refunds.approve(db.session.get_one(Refund, refund_id), SYSTEM)

    def send():
        with transaction():
            service.send_refund(db.session.get_one(Refund, refund_id), "FT7", SYSTEM)

    killed_at(app, name, send)
    all_is_well()
    send()
    send()
    assert count(LedgerEntry, LedgerEntry.kind == "refund") == 1
    assert db.session.get_one(Refund, refund_id).state is RefundState.SENT
    all_is_well()
