"""A market on paper: any order of place, pay, confirm, supply less, cancel, hand over, return, refund, remit, pay out,
expire, and a process that dies in the middle. After every step the books are whole: the ledger sums to zero, no stock is
below zero, no đồng is lost or made, every order's money adds up."""

import contextlib
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from marketplace.accounts.models import Person, Role
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import VoucherKind
from marketplace.campaigns.service import Terms
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Variant
from marketplace.catalog.service import PackDetails
from marketplace.checkout import service as checkout
from marketplace.checkout.models import Cart
from marketplace.checkout.service import Details
from marketplace.farmers.models import Farm
from marketplace.foundation import clock as wall_clock
from marketplace.foundation import faults
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders import service as orders
from marketplace.orders.models import CALLED_OFF, FarmOrder, FarmOrderState, IfShort, Order
from marketplace.orders.supply import Freight, Supplied
from marketplace.payments import ledger, queries
from marketplace.payments import service as payments
from marketplace.payments.models import (
    LedgerLine,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    PayoutSlip,
    Refund,
    RefundCause,
    RefundState,
    SlipState,
)
from marketplace.shipping import parting
from marketplace.shipping import queries as shipping
from marketplace.shipping import service as scans
from marketplace.shipping.models import ScanKind
from tests import make, shopping
from tests.payments.test_service import with_account

numbers = count(1)
picks = st.integers(0, 7)
WAY = ("accept", "hand_over", "deliver", "refuse_at_door", "start_return", "finish_return", "lose")
CARRIER = Actor("carrier")
END_SCANS = {
    "taken": (ScanKind.DELIVERED,),
    "back": (ScanKind.RETURNING, ScanKind.RETURNED),
    "lost": (ScanKind.LOST,),
    "under way": (ScanKind.IN_TRANSIT,),
}
ENDS = ("taken", "taken", "back", "lost", "under way")
NEXT = {"accept": "hand_over", "hand_over": "deliver"}


class Killed(BaseException):
    """The process is gone: what it had not committed never was."""


class Market(RuleBasedStateMachine):
    """Two farms, three vouchers, buyers who come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh()
        shopping.rules()
        self.packs: list[str] = []
        for name, commune, province in (("Chè", "05503", "19"), ("Cua", "32191", "96")):
            farm = with_account(make.farm(name, commune_code=commune, province_code=province))
            packs = [PackDetails(333_333, grams=500)] if name == "Cua" else None
            made = make.product(of=farm, name=name, price_dong=101_001, stock=6, packs=packs)
            self.packs.append(made.variants[0].code)
        # Sacks: two of them are two parcels.
        sacks = make.product(of=farm, name="Muối", stock=9, packs=[PackDetails(77_777, grams=12_000)])
        self.packs.append(sacks.variants[0].code)
        self.admins = [make.person(name, Role.ADMIN, Role.CASHIER).id for name in ("Một", "Hai", "Ba")]
        today = wall_clock.today()
        days = {
            "starts_on": today,
            "ends_on": today + timedelta(days=300),
            "most_uses": 4,
            "most_per_person": 4,
        }
        with transaction():
            farm = db.session.scalars(select(Farm).order_by(Farm.id)).first()
            campaigns.make(
                Terms("CHOTANG", VoucherKind.PERCENT, per_10_000=1_234, most_dong=77_777, **days), SYSTEM
            )
            campaigns.make(
                Terms("FARMTANG", VoucherKind.DONG, amount_dong=20_001, least_dong=50_000, **days),
                SYSTEM,
                farm,
            )
            campaigns.make(Terms("CUOCTANG", VoucherKind.FREIGHT, amount_dong=13_333, **days), SYSTEM)
        # Something to do from the first step on.
        for first, second, is_cod, voucher in (
            (1, 1, True, "CHOTANG"),
            (1, 1, False, "FARMTANG"),
            (1, 2, False, "CUOCTANG"),
        ):
            self.place(first, second, 2, is_cod, True, voucher, IfShort.LESS, 0)
        self.pay(0, 0, 0)

    # -- doing --

    def do(self, deed, dies_at: int = 0) -> None:
        """One deed, one transaction; a rule may say no, and the process may die at its n-th point."""
        reached = count(1)

        def die(_name: str) -> None:
            if next(reached) == dies_at:
                raise Killed

        faults.arm(die if dies_at else None)
        try:
            with contextlib.suppress(Refusal, Killed), transaction():
                deed()
        finally:
            faults.arm(None)
            db.session.rollback()

    def some(self, kind, pick: int, *conditions):
        """One of the rows, by number; none when there is none."""
        ids = db.session.scalars(select(kind.id).where(*conditions).order_by(kind.id)).all()
        return ids[pick % len(ids)] if ids else None

    def part(self, pick: int, *states: FarmOrderState) -> int | None:
        return self.some(FarmOrder, pick, FarmOrder.state.in_(states or list(FarmOrderState)))

    # -- buyers --

    @rule(
        first=st.integers(0, 3),
        second=st.integers(0, 3),
        sacks=st.integers(0, 3),
        is_cod=st.booleans(),
        is_known=st.booleans(),
        voucher=st.sampled_from(["", "", "CHOTANG", "FARMTANG", "CUOCTANG"]),
        if_short=st.sampled_from(list(IfShort)),
        dies_at=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5]),
    )
    def place(self, first, second, sacks, is_cod, is_known, voucher, if_short, dies_at):
        number = next(numbers)

        def deed():
            cart = Cart(token=f"cart-{number}", touched_at=wall_clock.now())
            db.session.add(cart)
            db.session.flush()
            for code, quantity in zip(self.packs, (first, second, sacks), strict=True):
                if quantity:
                    checkout.add(cart, code, quantity)
            till = checkout.prepare(cart, "00166", is_cod, voucher=voucher)
            checkout.keep_quotes(cart.code, till)
            details = Details(
                name="Lan", phone=f"+84912{number % 3:06d}", province_code="01", commune_code="00166", street="1",
                note="", payment_method="cod" if is_cod else "vietqr", services={}, once=f"o{number}",
                expected_total_dong=till.total_dong, voucher=voucher if till.applied else "", if_short=if_short,
                is_word_given=is_known,
            )  # fmt: skip
            checkout.place_order(cart, details, Actor.guest())

        self.do(deed, dies_at)

    @rule(
        pick=picks,
        off=st.sampled_from([0, 0, 0, 0, -1, 1, 50_000]),
        dies_at=st.sampled_from([0, 0, 0, 1, 2, 3]),
    )
    def pay(self, pick, off, dies_at):
        payment_id = self.some(Payment, pick, Payment.farm_order_id.is_(None))
        if payment_id is None:
            return

        def deed():
            payment = db.session.get_one(Payment, payment_id)
            notice, _new = payments.keep_bank_notice(
                "test", f"n{next(numbers)}", max(1, payment.amount_dong + off), f"CT {payment.code}", "", {}
            )
            payments.settle_bank_notice(notice)

        self.do(deed, dies_at)

    @rule(pick=picks)
    def give_word(self, pick):
        order_id = self.some(Order, pick, Order.confirm_by.is_not(None))
        if order_id is not None:
            self.do(lambda: orders.confirm_by_market(db.session.get_one(Order, order_id), SYSTEM))

    @rule(pick=picks)
    def expire(self, pick):
        order_id = self.some(Order, pick)
        if order_id is not None:
            self.do(lambda: orders.expire(db.session.get_one(Order, order_id)))

    @rule(pick=picks, is_whole=st.booleans())
    def cancel(self, pick, is_whole):
        part_id = self.part(pick)
        if part_id is None:
            return

        def deed():
            part = db.session.get_one(FarmOrder, part_id)
            if is_whole:
                orders.cancel_order(part.order, "đổi ý", SYSTEM)
            else:
                orders.cancel(part, "đổi ý", SYSTEM)

        self.do(deed)

    # -- farms --

    @rule(pick=picks, verb=st.sampled_from([*WAY, "accept", "accept", "hand_over", "hand_over", "deliver", "deliver"]),
          dies_at=st.sampled_from([0, 0, 0, 1, 2]))  # fmt: skip
    def move(self, pick, verb, dies_at):
        part_id = self.part(pick, *(set(FarmOrderState) - CALLED_OFF))
        if part_id is not None:
            self.do(lambda: getattr(orders, verb)(db.session.get_one(FarmOrder, part_id), SYSTEM), dies_at)

    @rule(pick=picks)
    def whole_way(self, pick):
        part_id = self.part(pick, FarmOrderState.CONFIRMED)
        if part_id is not None:
            for verb in ("accept", "hand_over", "deliver"):
                self.do(
                    lambda verb=verb: getattr(orders, verb)(db.session.get_one(FarmOrder, part_id), SYSTEM)
                )

    @rule(pick=picks, ends=st.lists(st.sampled_from(ENDS), min_size=3, max_size=3), is_good=st.booleans())
    def parcels_end(self, pick, ends, is_good):
        """Every parcel of an order goes its own way: handed out, back, lost, or it is still on the way."""
        part_id = self.part(pick, FarmOrderState.ACCEPTED, FarmOrderState.HANDED_OVER)
        if part_id is None:
            return
        parcels = shipping.parcels_of(db.session.get_one(FarmOrder, part_id))
        for tracking, end in zip([parcel.tracking for parcel in parcels], ends, strict=False):
            for kind in (ScanKind.DROPPED_OFF, *END_SCANS[end]):
                self.do(lambda kind=kind, tracking=tracking: scans.record_scan(tracking, kind, CARRIER))
        self.do(lambda: parting.look_at(db.session.get_one(FarmOrder, part_id), is_good, SYSTEM))

    @rule(pick=picks)
    def make_good(self, pick):
        lost = queries.lost_without_compensation()
        if lost:
            part_id = lost[pick % len(lost)].id
            self.do(lambda: payments.compensate(db.session.get_one(FarmOrder, part_id), SYSTEM))

    @rule(pick=picks, verb=st.sampled_from(["refuse", "leave_unanswered"]))
    def no(self, pick, verb):
        part_id = self.part(pick, FarmOrderState.CONFIRMED, FarmOrderState.ACCEPTED)
        if part_id is not None:
            why = ["hết hàng"] if verb == "refuse" else []
            self.do(lambda: getattr(orders, verb)(db.session.get_one(FarmOrder, part_id), *why, SYSTEM))

    @rule(
        pick=picks, less=st.integers(0, 2), grams=st.none() | st.integers(200, 1_700), fee=st.integers(0, 60_000),
        is_agreed=st.booleans(),
    )  # fmt: skip
    def supply_less(self, pick, less, grams, fee, is_agreed):
        part_id = self.part(pick, FarmOrderState.CONFIRMED, FarmOrderState.ACCEPTED)
        if part_id is None:
            return

        def deed():
            part = db.session.get_one(FarmOrder, part_id)
            line = part.lines[pick % len(part.lines)]
            orders.supply_less(
                part,
                {line.id: Supplied(line.quantity - less, grams)},
                "bão",
                SYSTEM,
                is_agreed,
                Freight(fee, 5_000),
            )

        self.do(deed)

    @rule(pick=picks, is_good=st.booleans())
    def restock(self, pick, is_good):
        part_id = self.part(pick, FarmOrderState.RETURNED)
        if part_id is not None:
            self.do(lambda: orders.restock(db.session.get_one(FarmOrder, part_id), is_good, SYSTEM))

    # -- money --

    @rule()
    def remit(self):
        self.do(
            lambda: payments.remit_cod(
                db.session.scalars(select(Payment).where(Payment.state == PaymentState.COLLECTED)).all(),
                SYSTEM,
                "R",
            )
        )

    @rule(pick=picks, share=st.integers(1, 100), bearer=st.sampled_from(["farm", "market", "carrier"]))
    def refund(self, pick, share, bearer):
        part_id = self.part(pick, FarmOrderState.DELIVERED)
        if part_id is None:
            return

        def deed():
            part = db.session.get_one(FarmOrder, part_id)
            amount = max(1, part.total_dong * share // 100)
            payments.refund(
                part, amount, RefundCause.CLAIM, SYSTEM, key=f"t{next(numbers)}", borne={bearer: amount}
            )

        self.do(deed)

    @rule(pick=picks, dies_at=st.sampled_from([0, 0, 1]))
    def send_refund(self, pick, dies_at):
        refund_id = self.some(Refund, pick, Refund.state.in_([RefundState.DUE, RefundState.APPROVED]))
        if refund_id is None:
            return
        if db.session.get_one(Refund, refund_id).state is RefundState.DUE:
            self.do(lambda: payments.approve_refund(db.session.get_one(Refund, refund_id), SYSTEM))
        self.do(
            lambda: payments.send_refund(db.session.get_one(Refund, refund_id), f"F{pick}", SYSTEM), dies_at
        )

    @rule(dies_at=st.sampled_from([0, 0, 0, 1]))
    def batch(self, dies_at):
        self.do(lambda: payments.batch_due(wall_clock.today() + timedelta(days=30), SYSTEM), dies_at)

    @precondition(lambda self: queries.batches_waiting())
    @rule(dies_at=st.sampled_from([0, 0, 0, 1]))
    def pay_out(self, dies_at):
        batch_id = queries.batches_waiting()[0].id
        by, other = (Actor.of(one) for one in self.admins[:2])
        self.do(lambda: payments.approve_batch(db.session.get_one(PayoutBatch, batch_id), by), dies_at)
        self.do(lambda: payments.send_batch(db.session.get_one(PayoutBatch, batch_id), "FT", other), dies_at)

    @rule(pick=picks, is_back=st.booleans())
    def end_payout(self, pick, is_back):
        slip_id = self.some(PayoutSlip, pick, PayoutSlip.state == SlipState.SENT)
        if slip_id is None:
            return
        if is_back:
            self.do(lambda: payments.bounce(db.session.get_one(PayoutSlip, slip_id), "sai số", SYSTEM))
        else:
            self.do(lambda: payments.settle(db.session.get_one(PayoutSlip, slip_id), SYSTEM))

    # -- after every step --

    @invariant()
    def the_books_are_whole(self):
        db.session.rollback()
        assert ledger.check() == []
        assert catalog.check_stock() == []
        assert campaigns.check() == []
        assert not db.session.scalar(select(func.sum(LedgerLine.amount_dong)))
        for account, dong in db.session.execute(
            select(LedgerLine.account, func.sum(LedgerLine.amount_dong)).group_by(LedgerLine.account)
        ):
            if account.startswith("buyer:"):
                assert dong <= 0, f"{account}: more went out than came in"
        assert not db.session.scalar(select(func.count(Variant.id)).where(Variant.on_hand < Variant.held))
        for order in db.session.scalars(select(Order)):
            now = sum(part.total_dong + part.short_dong for part in order.farm_orders)
            assert order.total_dong == now, f"{order.code} is not the sum of its parts"
        assert all(dong >= 0 for dong in db.session.scalars(select(Payout.amount_dong)))
        db.session.rollback()


def test_any_order_of_deeds_keeps_every_dong(app, database, full):
    assert db.session.scalar(select(func.count(Person.id))) is not None
    db.session.rollback()

    class Fresh(Market):
        def fresh(self) -> None:
            db.session.remove()
            database.reset(db.engine)

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=120 if full else 3,
            stateful_step_count=60 if full else 30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
