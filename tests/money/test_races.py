"""Real threads and processes on a bounded pool of real connections: everybody waits their turn, nobody waits for ever, and
what there is one of goes to one."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import func, select

from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Voucher, VoucherKind, VoucherUse
from marketplace.campaigns.service import Terms
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Variant
from marketplace.checkout import service as checkout
from marketplace.checkout.models import Cart
from marketplace.checkout.service import Details
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import jobs as payments_jobs
from marketplace.payments import ledger, queries, service
from marketplace.payments.models import LedgerEntry, Payment, PaymentState, PayoutBatch, Refund
from tests import cast, make, shopping
from tests.payments.test_service import with_account

POOL = 8
"""Connections for all of them together: far fewer than there are buyers."""


@pytest.fixture(autouse=True)
def _bounded_pool(app):
    pool = db.engine.pool
    before = pool._max_overflow, pool._timeout
    pool._max_overflow, pool._timeout = POOL - pool.size(), 300
    yield
    pool._max_overflow, pool._timeout = before


@pytest.fixture
def tea(app):
    shopping.rules()
    made = make.product(stock=50)
    with_account(made.farm)
    return made


def at_once(app, deeds: Sequence[Callable[[], object]]) -> Counter[str]:
    """Every deed in a thread of its own, all let go together: how often each ended well, and each refusal."""
    gate, ends = threading.Barrier(len(deeds)), [""] * len(deeds)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    deeds[number]()
                ends[number] = "done"
            except Refusal as refusal:
                ends[number] = type(refusal).__name__
            except Exception as error:
                ends[number] = repr(error)
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=run, args=[number]) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads), "somebody waits in a circle"
    return Counter(ends)


def well() -> None:
    db.session.rollback()
    assert ledger.check() == [] and catalog.check_stock() == [] and campaigns.check() == []
    db.session.rollback()


def carts(product, how_many: int, voucher: str = "") -> list[tuple[int, Details]]:
    """Filled carts, quoted, each ready to be placed by somebody else."""
    ready = []
    for number in range(how_many):
        with transaction():
            cart = Cart(token=f"{product.code}-{number}", touched_at=wall_clock.now())
            db.session.add(cart)
            db.session.flush()
            checkout.add(cart, product.variants[0].code, 1)
            till = checkout.prepare(cart, "00166", False, voucher=voucher)
            checkout.keep_quotes(cart.code, till)
            ready.append(
                (
                    cart.id,
                    Details(
                        name="Lan", phone=f"+8491{number:07d}", province_code="01", commune_code="00166", street="1",
                        note="", payment_method="vietqr", services={}, expected_total_dong=till.total_dong,
                        once=f"{product.code}{number}", voucher=voucher,
                    ),
                )
            )  # fmt: skip
    return ready


def placing(ready) -> list[Callable[[], object]]:
    def place(cart_id: int, details: Details) -> Callable[[], object]:
        return lambda: checkout.place_order(db.session.get_one(Cart, cart_id), details, Actor.guest())

    return [place(*one) for one in ready]


# -- stock --------------------------------------------------------------------------------------------------------


def test_many_buyers_for_a_few_units(app, tea, full):
    """200 for 50 (here 40 for 10) on eight connections."""
    buyers, units = (200, 50) if full else (40, 10)
    with transaction():
        catalog.correct_stock(db.session.merge(tea.variants[0]), units, make.actor_of(tea.farm))
    variant_id, ready = tea.variants[0].id, carts(tea, buyers)
    ends = at_once(app, placing(ready))
    assert ends["done"] == units and sum(ends.values()) == buyers
    assert set(ends) <= {"done", "Conflict", "OutOfStock"}, ends
    pack = db.session.get_one(Variant, variant_id)
    assert (pack.on_hand, pack.held) == (units, units)
    well()


def _in_a_process(url: str, instance: str, cart_ids: list[int], details: list[Details], ends) -> None:
    from config import Settings
    from marketplace.app import create_app

    market = create_app(Settings(app_env="test", database_url=url, instance_path=instance))
    with market.app_context():
        for cart_id, one in zip(cart_ids, details, strict=True):
            try:
                with transaction():
                    checkout.place_order(db.session.get_one(Cart, cart_id), one, Actor.guest())
                ends.put("done")
            except Refusal as refusal:
                ends.put(type(refusal).__name__)
            except Exception as error:
                ends.put(repr(error))


@pytest.mark.full
def test_buyers_of_several_processes(app, tea, database, tmp_path):
    with transaction():
        catalog.correct_stock(db.session.merge(tea.variants[0]), 10, make.actor_of(tea.farm))
    ready = carts(tea, 40)
    db.session.remove()
    spawn = multiprocessing.get_context("spawn")
    ends = spawn.Queue()
    processes = []
    for number in range(4):
        mine = ready[number::4]
        folder = tmp_path / str(number)
        folder.mkdir()
        processes.append(
            spawn.Process(
                target=_in_a_process,
                args=(database.url, str(folder), [one for one, _ in mine], [two for _, two in mine], ends),
            )
        )
    for process in processes:
        process.start()
    found = Counter(ends.get(timeout=120) for _one in ready)
    for process in processes:
        process.join(60)
    assert found["done"] == 10 and set(found) <= {"done", "Conflict", "OutOfStock"}, found
    well()


# -- money in -----------------------------------------------------------------------------------------------------


def test_the_buyers_page_against_the_webhook(app, tea, full):
    """The same transfer told many times at once, by two sources, while the buyer's page asks too."""
    for _trial in range(10 if full else 2):
        order = make.order((tea, 1), state="placed", payment_method="vietqr")
        (payment,) = queries.payments_of(order)
        amount, code = payment.amount_dong, payment.code
        order_id = order.id

        def told(amount=amount, code=code) -> None:
            notice, _new = service.keep_bank_notice("sepay", f"id-{code}", amount, f"CT {code}", "", {})
            service.settle_bank_notice(notice)

        def seen(order_id=order_id) -> None:
            queries.to_pay_now(db.session.get_one(Order, order_id))

        ends = at_once(app, [told] * 8 + [seen] * 4)
        assert ends == {"done": 12}, ends
        assert (
            db.session.scalar(
                select(func.count(LedgerEntry.id)).where(
                    LedgerEntry.order_id == order_id, LedgerEntry.kind == "paid"
                )
            )
            == 1
        )
        assert (
            db.session.scalars(select(Payment.state).where(Payment.order_id == order_id)).one()
            is PaymentState.PAID
        )
        well()


def test_a_transfer_against_the_end_of_its_time(app, tea, full):
    for trial in range(10 if full else 3):
        order = make.order((tea, 1), state="placed", payment_method="vietqr")
        (payment,) = queries.payments_of(order)
        amount, code, order_id = payment.amount_dong, payment.code, order.id

        def told(amount=amount, code=code, trial=trial) -> None:
            notice, _new = service.keep_bank_notice("sepay", f"t{trial}-{code}", amount, f"CT {code}", "", {})
            service.settle_bank_notice(notice)

        ends = at_once(
            app, [told, lambda order_id=order_id: orders.expire(db.session.get_one(Order, order_id))]
        )
        assert ends == {"done": 2}, ends
        state = db.session.scalars(select(FarmOrder.state).where(FarmOrder.order_id == order_id)).one()
        assert state in (FarmOrderState.CONFIRMED, FarmOrderState.CANCELLED)
        well()


# -- goods --------------------------------------------------------------------------------------------------------


def test_cancel_against_hand_over(app, tea, full):
    for _trial in range(15 if full else 3):
        part_id = make.order((tea, 1), state="accepted", payment_method="vietqr").farm_orders[0].id

        def cancel(part_id=part_id) -> None:
            orders.cancel(db.session.get_one(FarmOrder, part_id), "đổi ý", SYSTEM)

        def hand_over(part_id=part_id) -> None:
            orders.hand_over(db.session.get_one(FarmOrder, part_id), SYSTEM)

        ends = at_once(app, [cancel, hand_over])
        assert ends == {"done": 1, "Conflict": 1}, ends
        well()


# -- money out ----------------------------------------------------------------------------------------------------


def test_two_payouts(app, tea, clock, full):
    """Two workers make the day's list, two cashiers send it: one list, one payment."""
    clock.set("2026-11-20 10:00")
    make.order((tea, 1), state="delivered", payment_method="vietqr")
    clock.set("2026-11-26 07:00")
    day = wall_clock.today()
    ends = at_once(app, [lambda: service.batch_due(day, SYSTEM)] * (8 if full else 3))
    assert set(ends) == {"done"}, ends
    (batch,) = queries.batches_waiting()
    batch_id = batch.id
    by = cast.by(cast.admin())
    with transaction():
        service.approve_batch(db.session.get_one(PayoutBatch, batch_id), by)
    ends = at_once(
        app,
        [lambda: service.send_batch(db.session.get_one(PayoutBatch, batch_id), "FT1", SYSTEM)]
        * (8 if full else 3),
    )
    assert set(ends) == {"done"}, ends
    assert db.session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.kind == "payout")) == 1
    payments_jobs.batch_due()
    well()


def test_two_cashiers_send_one_refund(app, tea):
    make.order((tea, 1), state="cancelled", payment_method="vietqr")
    refund_id = db.session.scalars(select(Refund.id)).one()
    with transaction():
        service.approve_refund(db.session.get_one(Refund, refund_id), SYSTEM)
    ends = at_once(
        app, [lambda: service.send_refund(db.session.get_one(Refund, refund_id), "FT2", SYSTEM)] * 4
    )
    assert set(ends) == {"done"}, ends
    assert db.session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.kind == "refund")) == 1
    well()


# -- vouchers -----------------------------------------------------------------------------------------------------


def test_a_vouchers_last_use(app, tea, full):
    """Many tills, three uses: three orders have it, the others are told, and their goods are free."""
    today = wall_clock.today()
    with transaction():
        campaigns.make(
            Terms("BALUOT", VoucherKind.DONG, today, today, 3, amount_dong=20_000, least_dong=40_000), SYSTEM
        )
    buyers = 30 if full else 10
    ends = at_once(app, placing(carts(tea, buyers, "BALUOT")))
    assert ends == {"done": 3, "Conflict": buyers - 3}, ends
    assert db.session.scalars(select(Voucher.used_count)).one() == 3
    assert db.session.scalar(select(func.count(VoucherUse.id))) == 3
    assert shopping.counted()["held"] == 3
    well()


def test_one_person_and_one_use_in_many_windows(app, tea):
    today = wall_clock.today()
    with transaction():
        campaigns.make(
            Terms("MOTLAN", VoucherKind.DONG, today, today, 99, amount_dong=20_000, least_dong=40_000), SYSTEM
        )
    ready = [
        (cart_id, Details(**{**details.__dict__, "phone": "+84912999999"}))
        for cart_id, details in carts(tea, 6, "MOTLAN")
    ]
    ends = at_once(app, placing(ready))
    assert ends == {"done": 1, "Conflict": 5}, ends
    well()
