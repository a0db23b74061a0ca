"""Paying by card: one page of the card company for each try, and what it tells us afterwards.

The buyer's return page decides nothing: only a signed event does. Events come twice, late and in any order; each counts
once, and one that is about something we do not know yet waits for it. An event with another sum than was asked for
moves nothing and waits for a person.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import _
from marketplace.payments import ledger, payouts, refunds, transfers
from marketplace.payments.models import (
    AttemptState,
    CardAttempt,
    CardDispute,
    CardEvent,
    CardProblem,
    DisputeState,
    Payment,
    PaymentState,
    Refund,
    RefundCause,
    RefundState,
)
from marketplace.payments.port import CardNews, CardRefund, CardSession
from marketplace.payments.telling import tell_cashiers

S, C = PaymentState, CardProblem
STRIPE = Actor("bank", label="stripe")
SHORTEST = timedelta(minutes=31)
"""Stripe keeps a page open for half an hour at least."""


# -- a page to pay on ----------------------------------------------------------------------------------------------


def prepare(payment: Payment, by: Actor) -> CardAttempt:
    """The try that is under way, or a new one; the card company is asked outside of any transaction, then `opened` is
    told. Raises Conflict when the order no longer waits for money."""
    payment = transfers.lock(payment)
    now = clock.now()
    if payment.state is not S.EXPECTED or (payment.expires_at is not None and payment.expires_at <= now):
        raise Conflict(_("Đơn này không còn chờ trả tiền. Hãy mở lại đơn hàng để xem."))
    tries = list(
        db.session.scalars(
            select(CardAttempt).where(CardAttempt.payment_id == payment.id).order_by(CardAttempt.number)
        )
    )
    for attempt in tries:
        if attempt.state is AttemptState.OPEN and attempt.expires_at > now:
            return attempt
    number = len(tries) + 1
    attempt = CardAttempt(
        payment=payment,
        number=number,
        key=f"{payment.code}-{number}",
        state=AttemptState.OPEN,
        # Whole seconds: asked again, every fact must be the same.
        expires_at=(now + SHORTEST).replace(microsecond=0),
    )
    db.session.add(attempt)
    audit.record(by, "card_attempt.begun", attempt, amount_dong=payment.amount_dong)
    return attempt


def opened(attempt: CardAttempt, session: CardSession) -> None:
    """The card company opened its page for this try."""
    (attempt,) = claim(CardAttempt, [attempt.id])
    if attempt.session_id is None:
        attempt.session_id, attempt.url = session.id, session.url


def refused(attempt: CardAttempt, why: str) -> None:
    """The card company would not open a page for this try; the next one has a key of its own."""
    (attempt,) = claim(CardAttempt, [attempt.id])
    if attempt.state is AttemptState.OPEN:
        states.move(attempt, AttemptState.FAILED, STRIPE, why[:200])


def close_pages(payment: Payment) -> None:
    """Nobody may pay this any more: its open pages are closed by a job."""
    for attempt in db.session.scalars(
        select(CardAttempt).where(
            CardAttempt.payment_id == payment.id, CardAttempt.state == AttemptState.OPEN
        )
    ):
        enqueue("payments.close_card_page", attempt.id)


def closed(attempt: CardAttempt) -> None:
    (attempt,) = claim(CardAttempt, [attempt.id])
    if attempt.state is AttemptState.OPEN:
        states.move(attempt, AttemptState.EXPIRED, STRIPE)


# -- what we are told ----------------------------------------------------------------------------------------------


def keep(news: CardNews) -> tuple[CardEvent, bool]:
    """Keep an event under its own id; told again it is the first one, and False."""
    same = select(CardEvent).where(CardEvent.event_id == news.event_id)
    known = db.session.scalars(same).one_or_none()
    if known is not None:
        return known, False
    event = CardEvent(
        event_id=news.event_id,
        kind=news.kind,
        happened_at=news.at,
        session_id=news.session_id,
        intent=news.intent,
        payment_code=news.payment_code,
        reference=news.reference,
        amount_dong=news.amount_dong,
        currency=news.currency,
        status=news.status,
        why=news.why,
        due_at=news.due_at,
        raw=news.raw,
    )
    try:
        with db.session.begin_nested():
            db.session.add(event)
    except IntegrityError:
        return db.session.scalars(same).one(), False
    return event, True


def settle(event: CardEvent) -> None:
    """Do what an event says, once. What it is about is not known yet: it waits."""
    payment = _payment_of(event)
    if payment is not None:
        payment = transfers.lock(payment)
    (event,) = claim(CardEvent, [event.id])
    if event.handled_at is not None or event.problem is not None:
        return
    event.payment_id = payment.id if payment is not None else None
    if event.kind == "paid":
        _paid(event, payment)
    elif event.kind == "session_expired":
        _page_closed(event)
    elif event.kind == "refund":
        _refund(event, payment)
    elif event.kind == "dispute":
        _dispute(event, payment)
    else:
        event.handled_at = clock.now()


def _payment_of(event: CardEvent) -> Payment | None:
    if event.session_id:
        found = db.session.scalars(
            select(Payment)
            .join(CardAttempt, CardAttempt.payment_id == Payment.id)
            .where(CardAttempt.session_id == event.session_id)
        ).one_or_none()
        if found is not None:
            return found
    if event.payment_code:
        found = db.session.scalars(
            select(Payment).where(Payment.code == event.payment_code, Payment.farm_order_id.is_(None))
        ).one_or_none()
        if found is not None:
            return found
    if not event.intent:
        return None
    found = db.session.scalars(select(Payment).where(Payment.card_intent == event.intent)).one_or_none()
    if found is not None:
        return found
    other = db.session.scalars(
        select(CardEvent).where(
            CardEvent.intent == event.intent, CardEvent.kind == "paid", CardEvent.payment_id.is_not(None)
        )
    ).first()
    return other.payment if other is not None else None


def _paid(event: CardEvent, payment: Payment | None) -> None:
    """A buyer paid on the card company's page."""
    if payment is None:
        _wait_for_a_person(event, C.UNKNOWN)
        return
    before = db.session.scalars(
        select(CardEvent).where(
            CardEvent.kind == "paid",
            CardEvent.intent == event.intent,
            CardEvent.handled_at.is_not(None),
            CardEvent.id != event.id,
        )
    ).first()
    if event.currency != "vnd":
        _wait_for_a_person(event, C.CURRENCY)
        return
    if event.amount_dong != payment.amount_dong or (
        before is not None and before.amount_dong != event.amount_dong
    ):
        _wait_for_a_person(event, C.AMOUNT)
        return
    event.handled_at = clock.now()
    _attempt_paid(event)
    if before is not None:
        return
    ledger.post(
        "paid",
        f"{payment.code}:{event.intent}"[:80],
        {ledger.STRIPE: event.amount_dong, ledger.buyer(payment.order_id): -event.amount_dong},
        order_id=payment.order_id,
        note=event.intent[:300],
    )
    if payment.state is S.EXPECTED:
        payment.card_intent = event.intent or None
        transfers.paid(payment, event.amount_dong, STRIPE)
        close_pages(payment)
    else:
        # Too late, or once too often: the order takes none of it, so it goes back the way it came.
        payment.received_dong += event.amount_dong
        if payment.state in (S.EXPIRED, S.CANCELLED):
            payment.card_intent = event.intent or None
            states.move(payment, S.PAID, STRIPE, "late")
        refunds.settle_up(payment, RefundCause.SURPLUS, STRIPE, card_intent=event.intent)
    db.session.flush()
    for waiting in db.session.scalars(
        select(CardEvent)
        .where(
            CardEvent.intent == event.intent,
            CardEvent.handled_at.is_(None),
            CardEvent.problem.is_(None),
            CardEvent.id != event.id,
        )
        .order_by(CardEvent.happened_at, CardEvent.id)
    ):
        enqueue("payments.settle_card_event", waiting.id)


def _attempt_paid(event: CardEvent) -> None:
    attempt = db.session.scalars(
        select(CardAttempt).where(CardAttempt.session_id == event.session_id)
    ).one_or_none()
    if attempt is not None and attempt.state is not AttemptState.PAID:
        states.move(attempt, AttemptState.PAID, STRIPE)


def _page_closed(event: CardEvent) -> None:
    event.handled_at = clock.now()
    attempt = db.session.scalars(
        select(CardAttempt).where(CardAttempt.session_id == event.session_id)
    ).one_or_none()
    if attempt is not None and attempt.state is AttemptState.OPEN:
        states.move(attempt, AttemptState.EXPIRED, STRIPE)


def _refund(event: CardEvent, payment: Payment | None) -> None:
    """A refund went out, failed, or was made outside the market."""
    ours = db.session.scalars(select(Refund).where(Refund.code == event.reference)).one_or_none()
    if ours is None and payment is None:
        return  # told before the payment it is about: it waits
    if ours is None:
        _wait_for_a_person(event, C.OUTSIDE)
        return
    if event.amount_dong != ours.amount_dong:
        _wait_for_a_person(event, C.AMOUNT)
        return
    if event.status == "succeeded" and ours.state is RefundState.WITHDRAWN:
        # Taken back here in the very moment it went out there: the books do not know of it.
        _wait_for_a_person(event, C.OUTSIDE)
        return
    event.handled_at = clock.now()
    if event.status in ("failed", "canceled"):
        if ours.state is RefundState.SENT:
            refunds.bounced(ours, event.why or event.status, STRIPE)
            tell_cashiers(
                "payments/card_refund_failed", amount=dong(ours.amount_dong), code=ours.code, why=event.why
            )
    elif event.status == "succeeded" and ours.state is RefundState.APPROVED:
        refunds.send(ours, str(event.raw.get("object", "")) or event.event_id, STRIPE)


def _dispute(event: CardEvent, payment: Payment | None) -> None:
    """A buyer's bank takes the money back for now, or has decided."""
    if payment is None or not payment.received_dong:
        return  # told before the payment it is about: it waits
    event.handled_at = clock.now()
    known = db.session.scalars(
        select(CardDispute).where(CardDispute.dispute_id == event.reference)
    ).one_or_none()
    if known is None:
        known = _open_dispute(event, payment)
    elif known.amount_dong != event.amount_dong:
        event.handled_at = None
        _wait_for_a_person(event, C.AMOUNT)
        return
    known.why, known.answer_by = event.why or known.why, event.due_at or known.answer_by
    if event.status in ("won", "lost", "warning_closed") and known.state is DisputeState.OPENED:
        is_won = event.status != "lost"
        states.move(known, DisputeState.WON if is_won else DisputeState.LOST, STRIPE)
        ledger.post(
            "dispute_won" if is_won else "dispute_lost",
            known.code,
            {
                ledger.STRIPE if is_won else ledger.LOSSES: known.amount_dong,
                ledger.DISPUTED: -known.amount_dong,
            },
            order_id=payment.order_id,
            note=known.dispute_id,
        )
        _review_payouts(payment)


def _review_payouts(payment: Payment) -> None:
    """The farms' money waits while the buyer's bank asks for it back, and no longer."""
    db.session.flush()
    for part in payment.order.farm_orders:
        payouts.review_part(part.id, STRIPE)


def _open_dispute(event: CardEvent, payment: Payment) -> CardDispute:
    made = CardDispute(
        dispute_id=event.reference,
        payment=payment,
        amount_dong=event.amount_dong,
        state=DisputeState.OPENED,
        why=event.why,
        answer_by=event.due_at,
    )
    db.session.add(made)
    audit.record(STRIPE, "card_dispute.opened", made, amount_dong=made.amount_dong)
    ledger.post(
        "dispute_opened",
        made.code,
        {ledger.DISPUTED: made.amount_dong, ledger.STRIPE: -made.amount_dong},
        order_id=payment.order_id,
        note=made.dispute_id,
    )
    _review_payouts(payment)
    tell_cashiers(
        "payments/card_disputed", amount=dong(made.amount_dong), code=payment.order.code, why=made.why
    )
    return made


def _wait_for_a_person(event: CardEvent, problem: CardProblem) -> None:
    event.problem = problem
    audit.record(STRIPE, "card_event.kept", event, problem=problem.value, amount_dong=event.amount_dong)
    tell_cashiers(
        "payments/card_waiting",
        amount=dong(max(0, event.amount_dong)),
        why=problem.label,
        event=event.event_id,
    )


def look_away(event: CardEvent, note: str, by: Actor) -> None:
    """A person looked into it and says what was done; nothing is left to do here."""
    (event,) = claim(CardEvent, [event.id])
    if event.handled_at is not None:
        raise Conflict(_("Việc này đã có người xem. Hãy tải lại trang."))
    event.handled_at = clock.now()
    audit.record(by, "card_event.looked_at", event, why=note)


# -- back to a card ------------------------------------------------------------------------------------------------


def refund_to_send(refund_id: int) -> tuple[str, int, str] | None:
    """What is asked of the card company for an approved refund: intent, đồng, key; None when there is nothing to do."""
    refund = db.session.get_one(Refund, refund_id)
    if refund.state is not RefundState.APPROVED or refund.card_intent is None:
        return None
    return refund.card_intent, refund.amount_dong, f"{refund.code}:{refund.sent_count}"


def refund_answered(refund_id: int, answer: CardRefund) -> None:
    """The card company took the refund, or said no: then a person has to look."""
    refund = db.session.get_one(Refund, refund_id)
    if not answer.is_failed:
        refunds.send(refund, answer.id, STRIPE)
        return
    refund_refused(refund_id, answer.why)


def refund_refused(refund_id: int, why: str) -> None:
    """The card company will not give it back by card: from now on it goes by the bank, and is approved again."""
    (refund,) = claim(Refund, [refund_id])
    if refund.state is not RefundState.APPROVED:
        return
    refunds.unapprove(refund, STRIPE)
    refund.card_intent = None
    audit.record(STRIPE, "refund.card_refused", refund, why=why[:200])
    tell_cashiers(
        "payments/card_refund_failed", amount=dong(refund.amount_dong), code=refund.code, why=why[:200]
    )
