"""Whatever people do and in whatever order: stock is freed once and sold once, the books add up, every order's money
adds up. Random lives, and people at the same moment on real threads."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from marketplace.catalog import service as catalog
from marketplace.catalog.models import HoldState, StockHold, StockKind, StockMove, Variant
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders import queries, service
from marketplace.orders.models import BEFORE_HAND_OVER, CALLED_OFF, FarmOrder, FarmOrderState, Order
from marketplace.payments import jobs as payments_jobs
from marketplace.payments import ledger
from marketplace.payments import queries as payments
from marketplace.payments import service as money
from marketplace.payments.models import BankNotice, LedgerEntry, Payment
from tests import make

F = FarmOrderState
numbers = count(1)


def truth() -> None:
    """What holds after every step."""
    db.session.rollback()
    assert catalog.check_stock() == []
    assert money.check_ledger() == []
    for part in db.session.scalars(select(FarmOrder)):
        for line in part.lines:
            state = line.hold.state
            if part.state in BEFORE_HAND_OVER:
                assert state is HoldState.HELD, (part.state, state)
            elif part.state in CALLED_OFF:
                assert state is HoldState.FREED, (part.state, state)
            else:
                assert state is HoldState.USED, (part.state, state)
    db.session.rollback()


def pay(order: Order, difference: int = 0) -> None:
    payment = payments.payments_of(order)[0]
    if payment.farm_order_id is None:
        with transaction():
            notice, _new = money.keep_bank_notice(
                "life", str(next(numbers)), payment.amount_dong + difference, payment.code, "", {}
            )
            money.settle_bank_notice(notice)


DEEDS: dict[str, Callable[[Order, FarmOrder], object]] = {
    "pay": lambda order, part: pay(order),
    "pay too little": lambda order, part: pay(order, -1_000),
    "pay too much": lambda order, part: pay(order, 1_000),
    "accept": lambda order, part: service.accept(part, SYSTEM),
    "refuse": lambda order, part: service.refuse(part, "hết", SYSTEM),
    "pack": lambda order, part: service.mark_packed(part, SYSTEM),
    "hand over": lambda order, part: service.hand_over(part, SYSTEM),
    "deliver": lambda order, part: service.deliver(part, SYSTEM),
    "refuse at door": lambda order, part: service.refuse_at_door(part, SYSTEM),
    "start return": lambda order, part: service.start_return(part, SYSTEM),
    "finish return": lambda order, part: service.finish_return(part, SYSTEM),
    "restock": lambda order, part: service.restock(part, True, SYSTEM),
    "write off": lambda order, part: service.restock(part, False, SYSTEM),
    "lose": lambda order, part: service.lose(part, SYSTEM),
    "cancel": lambda order, part: service.cancel(part, "", SYSTEM),
    "cancel all": lambda order, part: service.cancel_order(order, "", SYSTEM),
    "no answer": lambda order, part: service.leave_unanswered(part),
    "expire": lambda order, part: service.expire(order),
    "accept transfers": lambda order, part: money.accept_transfers(payments.payments_of(order)[0], SYSTEM),
    "send back": lambda order, part: [money.send_back(one, SYSTEM) for one in payments.notices_waiting()],
    "refund": lambda order, part: [money.send_refund(one, "FT", SYSTEM) for one in payments.refunds_due()],
    "remit": lambda order, part: money.remit_cod(payments.payments_of(order), SYSTEM, "FT"),
}
OWN_TRANSACTION = ("pay", "pay too little", "pay too much")


def live(order: Order, steps: list[tuple[str, int]]) -> None:
    for deed, which in steps:
        part = order.farm_orders[which % len(order.farm_orders)]
        try:
            if deed in OWN_TRANSACTION:
                DEEDS[deed](order, part)
            else:
                with transaction():
                    DEEDS[deed](order, part)
        except Refusal:
            pass
        truth()


def new_order(method: str) -> Order:
    tea, honey = make.product(stock=9), make.product(make.farm("Ong rừng"), "Mật ong", 300_000, stock=9)
    return make.order(
        (tea, 2), (honey, 3), payment_method=method, state="placed" if method == "vietqr" else "confirmed"
    )


@given(method=st.sampled_from(["cod", "vietqr"]),
       steps=st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 1)), max_size=14))  # fmt: skip
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_sequence_of_deeds_frees_twice_or_loses_a_dong(app, method, steps):
    live(new_order(method), steps)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(60))
def test_long_lives(app, seed):
    """Sensible deeds are likelier, so that lives get far."""
    chance = random.Random(seed)
    order = new_order(chance.choice(["cod", "vietqr"]))
    way = ["pay", "accept", "hand over", "deliver", "refuse at door", "finish return", "refund", "remit"]
    steps = [
        (chance.choice(way) if chance.random() < 0.6 else chance.choice(sorted(DEEDS)), chance.randrange(2))
        for _step in range(40)
    ]
    live(order, steps)


# -- at the same moment --------------------------------------------------------------------------------------------


def at_once(app: Flask, *deeds: Callable[[], object]) -> list[object]:
    """Do all of this at the same moment, each on its own thread and connection; what came of each (or its refusal)."""
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        with app.app_context():
            try:
                gate.wait(timeout=20)
                with transaction():
                    return deed()
            except Refusal as refusal:
                return refusal
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(max_workers=len(deeds)) as everyone:
        return list(everyone.map(run, deeds))


def part_of(part_id: int) -> FarmOrder:
    return db.session.get_one(FarmOrder, part_id)


def on_part(deed, part_id, *rest):
    return deed(part_of(part_id), *rest, SYSTEM)


def cancel_all(order_id):
    service.cancel_order(db.session.get_one(Order, order_id), "", SYSTEM)


def give_up(order_id):
    service.expire(db.session.get_one(Order, order_id))


def hear(number, amount, code):
    notice, _new = money.keep_bank_notice("sepay", number, amount, code, "", {})
    money.settle_bank_notice(notice)


def settle(notice_id):
    money.settle_bank_notice(db.session.get_one(BankNotice, notice_id))


def place(details, parts):
    return service.place(details, parts, SYSTEM).id


TRIALS = 5


@pytest.fixture
def trials(full) -> int:
    return 100 if full else TRIALS


def test_accept_against_cancel_has_one_winner(app, trials):
    for _trial in range(trials):
        part_id = make.order().farm_orders[0].id
        came = at_once(
            app,
            partial(on_part, service.accept, part_id),
            partial(on_part, service.refuse, part_id, "hết hàng"),
        )
        db.session.expire_all()
        state = part_of(part_id).state
        # Accepting first and refusing after is a life too; refusing first shuts the door.
        assert state is F.REFUSED
        assert isinstance(came[0], Refusal) or part_of(part_id).accepted_at is not None
        truth()


def test_hand_over_against_the_buyers_cancel_has_one_winner(app, trials):
    for _trial in range(trials):
        part_id = make.order(state="accepted").farm_orders[0].id
        came = at_once(
            app,
            partial(on_part, service.hand_over, part_id),
            partial(on_part, service.cancel, part_id, ""),
        )
        assert sum(isinstance(one, Refusal) for one in came) == 1
        db.session.expire_all()
        assert part_of(part_id).state is (F.CANCELLED if isinstance(came[0], Refusal) else F.HANDED_OVER)
        truth()


def test_no_answer_against_accept_has_one_winner(app, trials):
    for _trial in range(trials):
        part_id = make.order().farm_orders[0].id
        came = at_once(
            app,
            partial(on_part, service.leave_unanswered, part_id),
            partial(on_part, service.accept, part_id),
        )
        assert sum(isinstance(one, Refusal) for one in came) == 1
        truth()


def test_two_farms_of_one_order_do_their_deeds_at_once(app, trials):
    for _trial in range(trials):
        order = new_order("vietqr")
        make.pay(order)
        first, second = (part.id for part in order.farm_orders)
        came = at_once(
            app,
            partial(on_part, service.accept, first),
            partial(on_part, service.refuse, second, "hết"),
        )
        assert not [one for one in came if isinstance(one, Refusal)]
        db.session.expire_all()
        assert [part_of(id_).state for id_ in (first, second)] == [F.ACCEPTED, F.REFUSED]
        truth()


def test_cancelling_at_once_from_two_windows_frees_once(app, trials):
    for _trial in range(trials):
        order = new_order("cod")
        order_id, part_id = order.id, order.farm_orders[0].id
        at_once(
            app,
            partial(cancel_all, order_id),
            partial(cancel_all, order_id),
            partial(on_part, service.cancel, part_id, ""),
        )
        truth()
        assert db.session.scalar(select(func.sum(Variant.held))) == 0


def test_a_bank_notice_delivered_twice_at_once_is_one_entry(app, trials):
    for _trial in range(trials):
        order = make.order(state="placed", payment_method="vietqr")
        payment = payments.payments_of(order)[0]
        code, amount, number = payment.code, payment.amount_dong, f"twice-{next(numbers)}"
        at_once(app, *[partial(hear, number, amount, code)] * 4)
        assert (
            db.session.scalar(select(func.count(BankNotice.id)).where(BankNotice.external_id == number)) == 1
        )
        entries = select(func.count(LedgerEntry.id)).where(LedgerEntry.reference == code)
        assert db.session.scalar(entries) == 1
        assert ledger.balance(ledger.buyer(order.id)) == -amount
        truth()


def test_money_against_the_end_of_its_time_has_one_winner(app, trials):
    for _trial in range(trials):
        order = make.order(state="placed", payment_method="vietqr")
        order_id, payment = order.id, payments.payments_of(order)[0]
        payment_id = payment.id
        with transaction():
            notice, _new = money.keep_bank_notice(
                "sepay", f"late-{next(numbers)}", payment.amount_dong, payment.code, "", {}
            )
            notice_id = notice.id
        at_once(
            app,
            partial(settle, notice_id),
            partial(give_up, order_id),
        )
        db.session.expire_all()
        state = db.session.get_one(Payment, payment_id).state.value
        parts = {part.state for part in db.session.get_one(Order, order_id).farm_orders}
        assert (state, parts) in (("paid", {F.CONFIRMED}), ("expired", {F.CANCELLED}))
        truth()


def test_the_same_checkout_at_once_makes_one_order(app, trials):
    make.rules()
    for _trial in range(trials):
        product = make.product(stock=10)
        details, parts = make.place_details(), make.part_details(((product, 2),))
        made = at_once(app, *[partial(place, details, parts)] * 4)
        assert len(set(made)) == 1
        held = select(func.count(StockHold.id)).where(StockHold.variant_id == product.variants[0].id)
        assert db.session.scalar(held) == 1


def test_fifty_buyers_for_ten_units(app):
    make.rules()
    product = make.product(stock=10)
    variant_id = product.variants[0].id
    parts = make.part_details(((product, 1),))
    made = at_once(app, *[partial(place, make.place_details(), parts) for _buyer in range(50)])
    assert sum(isinstance(one, int) for one in made) == 10
    assert all("hết" in str(one) or "chỉ còn" in str(one) for one in made if isinstance(one, Refusal))
    variant = db.session.get_one(Variant, variant_id, populate_existing=True)
    assert (variant.on_hand, variant.held) == (10, 10)
    assert catalog.check_stock() == []
    sold = select(func.count(StockMove.id)).where(StockMove.kind == StockKind.SOLD)
    assert db.session.scalar(sold) == 0


def test_payouts_batched_at_once_go_out_once(app, clock, trials):
    from tests.payments.test_service import with_account

    clock.set("2026-11-20 10:00")
    product = make.product()
    with_account(product.farm)
    make.order((product, 1), state="delivered", payment_method="vietqr")
    clock.set("2026-11-25 07:00")
    day = payments_jobs.clock.today()
    at_once(app, *[lambda: money.batch_due(day, SYSTEM)] * 3)
    (batch,) = payments.batches_waiting()
    batch_id = batch.id
    make.approve(batch)
    db.session.rollback()
    at_once(app, *[lambda: money.send_batch(db.session.get_one(type(batch), batch_id), "FT", SYSTEM)] * 3)
    assert ledger.balance(ledger.farm(product.farm_id)) == 0
    assert queries.counts_of(product.farm)[F.DELIVERED] == 1
    truth()
