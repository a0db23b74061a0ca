"""Paying by card: the real stripe library against a double of Stripe, and every order in which Stripe may speak."""

import hashlib
import hmac
import json
import time
from itertools import count

import pytest
from sqlalchemy import func, select

from marketplace.foundation.db import db, transaction
from marketplace.foundation.market import plug
from marketplace.orders import jobs as orders_jobs
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.payments import jobs, ledger, queries, service
from marketplace.payments.adapters.stripe import StripeCards
from marketplace.payments.models import (
    AttemptState,
    CardAttempt,
    CardDispute,
    CardEvent,
    CardProblem,
    DisputeState,
    HoldReason,
    LedgerEntry,
    PaymentState,
    Payout,
    PayoutState,
    Refund,
    RefundCause,
    RefundState,
)
from marketplace.payments.port import CardRefund, CardSession, CardsRefuse, CardsUnavailable
from tests import make
from tests.doubles import stripe as double
from tests.payments.test_service import one, with_account

SECRET = "whsec_of_the_test"
S = PaymentState
_numbers = count(1)


class Scripted(StripeCards):
    """Stripe's own reading of events; what is asked of it is answered from a script."""

    def __init__(self):
        super().__init__("sk_test_x", SECRET)
        self.asked, self.refunded, self.fails = [], [], None

    def begin(self, ask):
        if self.fails:
            raise self.fails
        self.asked.append(ask)
        return CardSession(f"cs_{ask.key}", f"https://checkout.example/{ask.key}")

    def expire(self, session_id):
        self.asked.append(session_id)

    def refund(self, intent, amount_dong, key):
        if self.fails:
            raise self.fails
        self.refunded.append((intent, amount_dong, key))
        return CardRefund(f"re_{key}")


@pytest.fixture
def company(app):
    """A card company is plugged in; the books add up whatever was told."""
    plugged = Scripted()
    plug(app, "payments.cards", plugged)
    yield plugged
    plug(app, "payments.cards", None)
    db.session.rollback()
    assert service.check_ledger() == []


@pytest.fixture
def tell(company, visit):
    """Stripe tells; the market's answer."""

    def send(kind, about, event_id=None, at=None, secret=SECRET, signature=None):
        body = json.dumps(
            {
                "id": event_id or f"evt_{next(_numbers)}",
                "type": kind,
                "created": 1_790_000_000,
                "data": {"object": about},
            }
        ).encode()
        at = int(time.time()) if at is None else at
        made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={at},v1={made}"} if signature is None else signature
        return visit.raw(
            "POST", "/webhooks/stripe", data=body, headers=headers, content_type="application/json"
        ).status_code

    return send


def by_card():
    order = make.order(state="placed", payment_method="card")
    return order, queries.payments_of(order)[0]


def session_of(payment, intent="pi_1", **other):
    return {
        "id": f"cs_{payment.code}-1", "payment_status": "paid", "amount_total": payment.amount_dong, "currency": "vnd",
        "client_reference_id": payment.code, "payment_intent": intent, "metadata": {}, **other,
    }  # fmt: skip


def test_without_keys_cards_are_not_offered(app, visit):
    assert "card" not in queries.methods()
    assert visit.raw("POST", "/webhooks/stripe", data=b"{}").status_code == 404


def test_from_the_pay_page_to_stripe_and_back(company, tell, visit, run_jobs):
    order, payment = by_card()
    page = visit(f"/pay/{payment.code}", key=order.secret)
    assert "Sang trang trả tiền bằng thẻ" in page
    for _twice in range(2):
        answer = visit.raw("GET", f"/pay/{payment.code}/card?key={order.secret}")
        assert answer.location == f"https://checkout.example/{payment.code}-1"
    (ask,) = company.asked
    assert (ask.amount_dong, ask.key) == (payment.amount_dong, f"{payment.code}-1")
    # The page he comes back to decides nothing.
    assert "Đang chờ cổng thẻ" in visit(f"/pay/{payment.code}", key=order.secret, returned="1")
    db.session.rollback()
    assert payment.state is S.EXPECTED
    for _twice in range(3):
        assert tell("checkout.session.completed", session_of(payment), event_id="evt_same") == 200
    run_jobs()
    assert (payment.state, payment.card_intent) == (S.PAID, "pi_1")
    assert order.farm_orders[0].state is FarmOrderState.CONFIRMED
    assert one(CardAttempt).state is AttemptState.PAID
    assert ledger.balance(ledger.STRIPE) == payment.amount_dong
    assert db.session.scalar(select(func.count(CardEvent.id))) == 1
    # Told again under another number: still one payment.
    assert tell("checkout.session.async_payment_succeeded", session_of(payment)) == 200
    run_jobs()
    assert ledger.balance(ledger.STRIPE) == payment.amount_dong


@pytest.mark.parametrize(
    ("how", "status"),
    [({"signature": {}}, 401), ({"secret": "whsec_other"}, 401), ({"at": 1_000_000_000}, 401),
     ({"signature": {"Stripe-Signature": "t=1,v1=é"}}, 401)],
)  # fmt: skip
def test_without_with_a_wrong_or_with_an_old_signature(tell, how, status):
    _order, payment = by_card()
    assert tell("checkout.session.completed", session_of(payment), **how) == status
    assert db.session.scalar(select(func.count(CardEvent.id))) == 0


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [({"amount_total": 1}, CardProblem.AMOUNT), ({"currency": "usd"}, CardProblem.CURRENCY)],
)
def test_another_sum_or_another_currency_moves_nothing(tell, run_jobs, wrong, problem):
    _order, payment = by_card()
    tell("checkout.session.completed", {**session_of(payment), **wrong})
    tell(
        "checkout.session.completed",
        session_of(payment, intent="pi_9", id="cs_other", client_reference_id="CQNOTHERE234"),
    )
    run_jobs()
    assert {event.problem for event in queries.card_events_waiting()} == {problem, CardProblem.UNKNOWN}
    assert payment.state is S.EXPECTED
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 0


def test_the_same_reference_with_another_sum_is_an_error(tell, run_jobs):
    _order, payment = by_card()
    tell("checkout.session.completed", session_of(payment))
    tell("checkout.session.completed", {**session_of(payment), "amount_total": payment.amount_dong + 1})
    run_jobs()
    (event,) = queries.card_events_waiting()
    assert event.problem is CardProblem.AMOUNT
    assert payment.received_dong == payment.amount_dong


def test_a_refund_told_before_its_payment_waits_for_it(tell, run_jobs):
    _order, payment = by_card()
    tell(
        "refund.updated",
        {"id": "re_9", "payment_intent": "pi_1", "amount": 5_000, "currency": "vnd", "status": "succeeded"},
    )
    run_jobs()
    assert [event.handled_at for event in queries.card_events_early()] == [None]
    tell("checkout.session.completed", session_of(payment))
    run_jobs()
    assert queries.card_events_early() == []
    assert one(CardEvent, reference="").problem is CardProblem.OUTSIDE
    assert payment.state is S.PAID


def test_a_cancelled_part_goes_back_to_the_card_once(company, tell, run_jobs):
    order, payment = by_card()
    tell("checkout.session.completed", session_of(payment))
    run_jobs()
    with transaction():
        orders.cancel(order.farm_orders[0], "đổi ý", service.SYSTEM)
    company.fails = CardsUnavailable("busy")
    with pytest.raises(CardsUnavailable):
        jobs.send_card_refund(one(Refund).id)
    company.fails = None
    run_jobs()
    jobs.send_card_refund(one(Refund).id)
    refund = one(Refund)
    assert company.refunded == [("pi_1", payment.amount_dong, f"{refund.code}:0")]
    assert (refund.state, payment.state) == (RefundState.SENT, S.REFUNDED)
    assert ledger.balance(ledger.STRIPE) == ledger.balance(ledger.buyer(order.id)) == 0
    # The bank behind the card would not take it: it is ours to send again.
    tell("refund.failed", {"id": "re_1", "payment_intent": "pi_1", "amount": refund.amount_dong, "currency": "vnd",
                           "status": "failed", "failure_reason": "lost_or_stolen_card", "metadata": {"refund": refund.code}})  # fmt: skip
    run_jobs()
    assert (one(Refund).state, payment.state) == (RefundState.DUE, S.PAID)
    assert ledger.balance(ledger.STRIPE) == payment.amount_dong


def test_a_gift_taken_back_while_it_went_out_waits_for_a_person(company, tell, run_jobs):
    order, payment = by_card()
    tell("checkout.session.completed", session_of(payment))
    run_jobs()
    with transaction():
        for verb in (orders.accept, orders.hand_over, orders.deliver):
            verb(order.farm_orders[0], service.SYSTEM)
        gift = service.refund(
            order.farm_orders[0],
            20_000,
            RefundCause.GOODWILL,
            service.SYSTEM,
            key="g",
            borne={"market": 20_000},
        )
        service.unapprove_refund(gift, service.SYSTEM)
        service.withdraw_refund(gift, service.SYSTEM)
    about = {"id": "re_9", "payment_intent": "pi_1", "amount": 20_000, "currency": "vnd", "status": "succeeded",
             "metadata": {"refund": gift.code}}  # fmt: skip
    tell("refund.updated", about)
    run_jobs()
    assert (gift.state, gift.sent_count) == (RefundState.WITHDRAWN, 0)
    assert one(CardEvent, reference=gift.code).problem is CardProblem.OUTSIDE
    assert ledger.balance(ledger.STRIPE) == payment.amount_dong


def test_a_card_that_takes_nothing_back_is_paid_by_the_bank(company, tell, run_jobs):
    order, payment = by_card()
    tell("checkout.session.completed", session_of(payment))
    run_jobs()
    with transaction():
        orders.cancel(order.farm_orders[0], "đổi ý", service.SYSTEM)
    company.fails = CardsRefuse("charge is disputed")
    run_jobs()
    refund = one(Refund)
    assert (refund.state, refund.card_intent) == (RefundState.DUE, None)
    with transaction():
        service.send_refund(refund, "FT1", service.SYSTEM)
    assert ledger.balance(ledger.BANK) == -payment.amount_dong


@pytest.mark.parametrize("late", [True, False])
def test_paid_too_late_or_twice_goes_back(company, tell, run_jobs, clock, late):
    order, payment = by_card()
    if late:
        clock.forward(minutes=36)
        orders_jobs.expire_unpaid()
        assert payment.state is S.EXPIRED
    else:
        tell("checkout.session.completed", session_of(payment, intent="pi_0"))
    tell("checkout.session.completed", session_of(payment, intent="pi_2"))
    run_jobs()
    assert company.refunded[0][:2] == ("pi_2", payment.amount_dong)
    held = 0 if late else payment.amount_dong
    assert ledger.balance(ledger.STRIPE) == held
    assert order.farm_orders[0].state is (FarmOrderState.CANCELLED if late else FarmOrderState.CONFIRMED)


@pytest.mark.parametrize("end", ["won", "lost"])
def test_the_farms_money_waits_while_the_card_money_is_disputed(tell, run_jobs, end):
    """Also when the goods arrive after the dispute began; afterwards the market itself lets go."""
    order, payment = by_card()
    about = {"id": "dp_1", "payment_intent": "pi_1", "amount": payment.amount_dong, "currency": "vnd",
             "reason": "fraudulent", "status": "needs_response"}  # fmt: skip
    tell("checkout.session.completed", session_of(payment))
    tell("charge.dispute.created", about)
    run_jobs()
    with transaction():
        for verb in (orders.accept, orders.hand_over, orders.deliver):
            verb(order.farm_orders[0], service.SYSTEM)
    payout = one(Payout)
    if payout.farm.bank_account is None:
        assert payout.held_because is HoldReason.NO_ACCOUNT
        with_account(payout.farm)
    with transaction():
        service.batch_due(payout.due_on, service.SYSTEM)
    assert (payout.state, payout.held_because) == (PayoutState.HELD, HoldReason.CARD_DISPUTED)
    tell("charge.dispute.closed", {**about, "status": end})
    run_jobs()
    assert (payout.state, payout.held_because) == (PayoutState.DUE, None)
    with transaction():
        service.batch_due(payout.due_on, service.SYSTEM)
    assert payout.state is PayoutState.BATCHED
    # Asked back once more while the list is not sent: off it again.
    tell("charge.dispute.created", {**about, "id": "dp_2"})
    run_jobs()
    assert (payout.state, payout.held_because, payout.slip_id) == (
        PayoutState.HELD,
        HoldReason.CARD_DISPUTED,
        None,
    )
    assert queries.batches_waiting() == []


def test_a_dispute_is_kept_from_its_opening_to_its_end(tell, run_jobs):
    _order, payment = by_card()
    about = {"id": "dp_1", "payment_intent": "pi_1", "amount": payment.amount_dong, "currency": "vnd",
             "reason": "fraudulent", "status": "needs_response", "evidence_details": {"due_by": 1_791_000_000}}  # fmt: skip
    tell("charge.dispute.created", about)  # before its payment
    run_jobs()
    assert db.session.scalar(select(func.count(CardDispute.id))) == 0
    tell("checkout.session.completed", session_of(payment))
    run_jobs()
    dispute = one(CardDispute)
    assert (dispute.state, ledger.balance(ledger.DISPUTED)) == (DisputeState.OPENED, payment.amount_dong)
    tell("charge.dispute.closed", {**about, "status": "lost"})
    run_jobs()
    assert one(CardDispute).state is DisputeState.LOST
    assert (ledger.balance(ledger.DISPUTED), ledger.balance(ledger.LOSSES)) == (0, payment.amount_dong)


def test_an_order_given_up_closes_its_page_and_a_busy_company_is_said(company, visit, run_jobs):
    order, payment = by_card()
    company.fails = CardsUnavailable("busy")
    page = visit(f"/pay/{payment.code}/card?key={order.secret}")
    assert "Cổng thẻ đang bận" in page
    company.fails = None
    visit.raw("GET", f"/pay/{payment.code}/card")
    with transaction():
        orders.cancel_order(order, "", service.SYSTEM)
    run_jobs()
    assert company.asked[-1] == f"cs_{payment.code}-1"
    assert one(CardAttempt).state is AttemptState.EXPIRED
    visit(f"/pay/{payment.code}/card", status=409)


@pytest.mark.network_double
def test_the_real_library_against_stripes_double(app, run_jobs):
    with double.running(SECRET) as stripe:
        plug(app, "payments.cards", StripeCards("sk_test_x", SECRET, stripe.base))
        try:
            order, payment = by_card()
            with transaction():
                attempt = service.prepare_card(payment, service.SYSTEM)
            from marketplace.payments.port import CardAsk

            ask = CardAsk(
                attempt.key,
                payment.code,
                order.code,
                payment.amount_dong,
                attempt.expires_at,
                "http://x/ok",
                "http://x/back",
            )
            company = app.extensions["ports"]["payments.cards"]
            stripe.fail(500, 1)  # the library tries again with the same key
            session = company.begin(ask)
            assert company.begin(ask) == session
            with pytest.raises(CardsRefuse):
                company.begin(CardAsk(**{**ask.__dict__, "amount_dong": 999_000}))
            with transaction():
                service.card_page_opened(attempt, session)
            told = stripe.pay(session.id, tell=False)["session"]
            assert (told["amount_total"], told["currency"]) == (payment.amount_dong, "vnd")
            intent = told["payment_intent"]
            first = company.refund(intent, 1_000, "HTABC:0")
            assert company.refund(intent, 1_000, "HTABC:0") == first
            with pytest.raises(CardsRefuse):
                company.refund(intent, payment.amount_dong, "HTABD:0")
            company.expire(session.id)  # paid already: nothing happens
            asked = [call for call in stripe.calls() if call["path"] == "/v1/checkout/sessions"]
            assert {call["key"] for call in asked} == {attempt.key}
            assert asked[0]["said"]["line_items"]["0"]["price_data"]["unit_amount"] == str(
                payment.amount_dong
            )
        finally:
            plug(app, "payments.cards", None)
