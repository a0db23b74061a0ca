"""Transfers that come in: who told of them, what they are for, and what the dated rules do with one that is not right.

Locked in one order: the order's parts, its payment, then the transfers that name it.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.foundation import audit, clock, faults, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import CODE_LETTERS, claim, db
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger, queries, refunds
from marketplace.payments.models import (
    BankNotice,
    NoticeProblem,
    Payment,
    PaymentState,
    PayTimeRule,
    Refund,
    RefundCause,
    TransferAction,
    TransferRule,
)
from marketplace.payments.telling import tell_buyer, tell_cashiers

S, N, A = PaymentState, NoticeProblem, TransferAction
HALF_A_DAY = timedelta(hours=12)
SAME_WITHIN = timedelta(days=2)
"""Two messengers tell of one transfer within this time."""


# -- kept once, whoever tells ---------------------------------------------------------------------------------------


def keep(
    source: str,
    external_id: str,
    amount_dong: int,
    content: str,
    account: str,
    raw: Mapping[str, Any],
    reference: str = "",
    booked_at: datetime | None = None,
) -> tuple[BankNotice, bool]:
    """Keep the bank's word once. Told again under its own id, by another messenger, or by the statement, it is the
    first one again, and False. Raises Conflict when the same id comes with another amount: then somebody is wrong."""
    known = _known(source, external_id)
    if known is None:
        print_ = fingerprint(reference, amount_dong)
        known = told_by_another(source, amount_dong, content, print_, booked_at or clock.now())
        if known is not None:
            (known,) = claim(BankNotice, [known.id])
            if source not in known.told_by.split():
                known.told_by = f"{known.told_by} {source}".strip()
            return known, False
        notice = BankNotice(
            source=source,
            told_by=source,
            external_id=external_id,
            amount_dong=amount_dong,
            content=content[:500],
            account=account[:40],
            reference=_plain(reference) or None,
            fingerprint=print_,
            booked_at=booked_at,
            raw=dict(raw),
        )
        try:
            with db.session.begin_nested():
                db.session.add(notice)
        except IntegrityError:  # told twice at once: the other was first
            known = (
                _known(source, external_id)
                or db.session.scalars(select(BankNotice).where(BankNotice.fingerprint == print_)).one()
            )
        else:
            return notice, True
    if known.amount_dong != amount_dong:
        raise Conflict(_("Ngân hàng báo lại cùng một giao dịch với số tiền khác."))
    return known, False


def _known(source: str, external_id: str) -> BankNotice | None:
    return db.session.scalars(
        select(BankNotice).where(BankNotice.source == source, BankNotice.external_id == external_id)
    ).one_or_none()


def told_by_another(
    source: str, amount_dong: int, content: str, print_: str | None, at: datetime
) -> BankNotice | None:
    """The same transfer as another messenger told it: by the bank's number, else by sum, text and time."""
    if print_ is not None:
        same = db.session.scalars(select(BankNotice).where(BankNotice.fingerprint == print_)).one_or_none()
        if same is not None:
            return same
    text = _plain(content)
    if len(text) < 8:
        return None
    near = select(BankNotice).where(
        BankNotice.amount_dong == amount_dong,
        BankNotice.source != source,
        func.coalesce(BankNotice.booked_at, BankNotice.created_at).between(
            at - SAME_WITHIN, at + SAME_WITHIN
        ),
    )
    for one in db.session.scalars(near.order_by(BankNotice.id)):
        theirs = _plain(one.content)
        if source not in one.told_by.split() and len(theirs) >= 8 and (text in theirs or theirs in text):
            return one
    return None


def fingerprint(reference: str, amount_dong: int) -> str | None:
    """The bank's own number and the sum: one transfer, whoever tells of it. None when the number says too little."""
    plain = _plain(reference)
    return f"{plain}:{amount_dong}" if len(plain) >= 8 else None


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


# -- what it is for ------------------------------------------------------------------------------------------------

_CODE = re.compile(rf"(?={Payment.CODE_PREFIX}[{CODE_LETTERS}]{{{Payment.CODE_LENGTH}}})")


def codes_in(text: str) -> set[str]:
    """What may be payment codes in a transfer's text, however a bank broke it (`MBVCB.12.CQ7K 2M9PX4AB CT tu`)."""
    plain = _plain(text)
    length = len(Payment.CODE_PREFIX) + Payment.CODE_LENGTH
    return {plain[found.start() : found.start() + length] for found in _CODE.finditer(plain)}


def named(notice: BankNotice) -> list[Payment]:
    """Payments whose code stands in the transfer's text."""
    codes = codes_in(notice.content)
    if not codes:
        return []
    return list(
        db.session.scalars(
            select(Payment)
            .where(Payment.code.in_(codes), Payment.farm_order_id.is_(None))
            .order_by(Payment.id)
        )
    )


def settle(notice: BankNotice, by: Actor) -> None:
    """Look what a transfer is for. The right sum for one waiting payment pays it and confirms the order; anything else
    goes by the dated rule of its case, or waits for a person. Safe to run twice."""
    db.session.flush()
    found = named(notice)
    payment = lock(found[0]) if len(found) == 1 else None
    (notice,) = claim(BankNotice, [notice.id])
    if notice.handled_at is not None or notice.problem is not None:
        return
    problem = _problem(notice, payment, len(found))
    notice.payment_id = payment.id if payment else None
    if problem is None:
        assert payment is not None
        _post_paid(payment, {ledger.BANK: notice.amount_dong}, [notice])
        faults.point("settlement.posted")
        paid(payment, notice.amount_dong, by)
        return
    notice.problem = problem
    ledger.post(
        "unmatched",
        notice.code,
        {ledger.BANK: notice.amount_dong, ledger.UNMATCHED: -notice.amount_dong},
        note=problem.value,
    )
    audit.record(by, "bank_notice.kept", notice, problem=problem.value, amount_dong=notice.amount_dong)
    db.session.flush()
    if not _by_rule(notice, payment, by):
        _tell_of_problem(notice, payment)


def _problem(notice: BankNotice, payment: Payment | None, count: int) -> NoticeProblem | None:
    if _is_reference_again(notice):
        return N.SAME_REFERENCE
    if payment is None:
        return N.SEVERAL if count else N.NO_CODE
    bank = queries.bank()
    if bank is not None and notice.account and notice.account != bank.account:
        return N.OTHER_ACCOUNT
    if payment.state is S.CANCELLED:
        return N.CANCELLED
    if payment.state in (S.EXPIRED, S.FAILED):
        return N.LATE
    if payment.state is not S.EXPECTED:
        return N.AGAIN
    difference = notice.amount_dong - payment.amount_dong
    return None if difference == 0 else N.UNDER if difference < 0 else N.OVER


def _is_reference_again(notice: BankNotice) -> bool:
    """The bank's number of this transfer was told before with another sum."""
    if notice.fingerprint is None:
        return False
    other = select(BankNotice.id).where(
        BankNotice.reference == notice.reference,
        BankNotice.id < notice.id,
        BankNotice.amount_dong != notice.amount_dong,
    )
    return db.session.scalar(other.limit(1)) is not None


def rule_for(problem: NoticeProblem) -> TransferRule | None:
    """The dated rule for a transfer that is not right; none: a person is asked."""
    return rule_on(TransferRule, clock.today(), TransferRule.case == problem.value)


def _by_rule(notice: BankNotice, payment: Payment | None, by: Actor) -> bool:
    """Do what the rule says without a person; False when a person has to look. The rule used is stamped on it."""
    assert notice.problem is not None
    rule = rule_for(notice.problem)
    notice.rule_id = rule.id if rule is not None else None
    if rule is None or rule.action is A.ASK or payment is None:
        return False
    if rule.action is A.SEND_BACK:
        if rule.limit_dong is not None and notice.amount_dong > rule.limit_dong:
            return False
        notice.handled_at = clock.now()
        refunds.send_notice_back(notice, payment, by)
        _tell_buyer_of(notice, payment)
        return True
    # Under and over: what was kept for this payment, together with this one.
    kept = kept_for(payment)
    received = sum(one.amount_dong for one in kept)
    surplus = received - payment.amount_dong
    if surplus < 0:
        return False
    over = rule_for(N.OVER)
    if surplus and (
        over is None
        or over.action is not A.TAKE_AND_RETURN
        or (over.limit_dong is not None and surplus > over.limit_dong)
    ):
        return False
    _take(payment, kept, received, by)
    return True


def kept_for(payment: Payment) -> list[BankNotice]:
    """The transfers that wait for a person and name this payment, locked."""
    kept = claim(BankNotice, list(queries.kept_for(payment)))
    return [
        one
        for one in kept
        if one.handled_at is None and one.problem not in (None, N.OTHER_ACCOUNT, N.SAME_REFERENCE)
    ]


def lock(payment: Payment) -> Payment:
    """The payment's order first, then the payment: everybody locks in this order."""
    parts = db.session.scalars(select(FarmOrder.id).where(FarmOrder.order_id == payment.order_id))
    claim(FarmOrder, list(parts))
    (payment,) = claim(Payment, [payment.id])
    return payment


def paid(payment: Payment, received_dong: int, by: Actor) -> None:
    """The payment's money is here: the farms are asked; what is too much goes back. The ledger knows already."""
    payment.received_dong = received_dong
    states.move(payment, S.PAID, by)
    refunds.settle_up(payment, RefundCause.SURPLUS, by)
    db.session.flush()
    for one in kept_for(payment):  # halves that were kept before the whole sum came
        one.problem = N.AGAIN
        _by_rule(one, payment, by)
    faults.point("settlement.paid")
    orders.confirm_order(payment.order, by)
    faults.point("settlement.confirmed")


def _take(payment: Payment, kept: list[BankNotice], received: int, by: Actor) -> None:
    _post_paid(payment, {ledger.UNMATCHED: received}, kept)
    audit.record(by, "payment.accepted", payment, received_dong=received)
    paid(payment, received, by)


def _post_paid(payment: Payment, out_of: Mapping[str, int], kept: list[BankNotice]) -> None:
    received = sum(out_of.values())
    ledger.post(
        "paid",
        payment.code,
        {**out_of, ledger.buyer(payment.order_id): -received},
        order_id=payment.order_id,
        note=", ".join(one.code for one in kept)[:300],
    )
    for one in kept:
        one.handled_at = clock.now()


# -- what a person decides -------------------------------------------------------------------------------------------


def accept(payment: Payment, by: Actor) -> None:
    """A cashier takes the transfers kept for a payment, together, as its money. What is too much goes back; too little
    is not taken."""
    payment = lock(payment)
    kept = claim(BankNotice, list(queries.kept_for(payment)))
    kept = [notice for notice in kept if notice.handled_at is None and notice.problem is not None]
    received = sum(notice.amount_dong for notice in kept)
    if payment.state is not S.EXPECTED:
        raise Conflict(
            _(
                "Đơn này không còn chờ tiền (%(state)s). Hãy chuyển lại tiền cho khách.",
                state=payment.state.label,
            )
        )
    if not kept or received < payment.amount_dong:
        raise Refusal(
            _("Mới nhận %(received)s, còn thiếu %(missing)s. Chờ khách chuyển thêm hoặc chuyển lại tiền.",
              received=dong(received), missing=dong(payment.amount_dong - received))
        )  # fmt: skip
    _take(payment, kept, received, by)


def attach(notice: BankNotice, code: str, by: Actor) -> None:
    """A cashier says which payment a transfer without a readable code is for."""
    payment = db.session.scalars(
        select(Payment).where(Payment.code == _plain(code), Payment.farm_order_id.is_(None))
    ).one_or_none()
    if payment is None:
        raise Refusal(_("Không có khoản chờ trả nào mang mã này. Hãy xem lại mã."), field="code")
    payment = lock(payment)
    (notice,) = claim(BankNotice, [notice.id])
    still_waiting(notice)
    notice.payment_id = payment.id
    audit.record(by, "bank_notice.attached", notice, payment=payment.code)
    db.session.flush()
    together = sum(one.amount_dong for one in kept_for(payment))
    if payment.state is S.EXPECTED and together == payment.amount_dong:
        accept(payment, by)
        return
    difference = notice.amount_dong - payment.amount_dong
    notice.problem = (
        N.CANCELLED if payment.state is S.CANCELLED
        else N.LATE if payment.state in (S.EXPIRED, S.FAILED)
        else N.AGAIN if payment.state is not S.EXPECTED
        else N.UNDER if difference < 0
        else N.OVER
    )  # fmt: skip


def detach(notice: BankNotice, by: Actor) -> None:
    """The wrong order was named: the transfer is nobody's again, while its money was not taken."""
    (notice,) = claim(BankNotice, [notice.id])
    still_waiting(notice)
    if notice.payment_id is None:
        return
    audit.record(by, "bank_notice.detached", notice)
    notice.payment_id = None
    notice.problem = N.NO_CODE


def send_back(notice: BankNotice, by: Actor) -> Refund:
    """A transfer belongs to no order: it goes back to whoever sent it."""
    (notice,) = claim(BankNotice, [notice.id])
    still_waiting(notice)
    notice.handled_at = clock.now()
    payment = db.session.get(Payment, notice.payment_id) if notice.payment_id else None
    return refunds.send_notice_back(notice, payment, by)


def ask_for_rest(payment: Payment, by: Actor) -> datetime:
    """Ask the buyer for what is missing, and keep the goods for as long as the dated rule says; returns until when."""
    payment = lock(payment)
    received = sum(one.amount_dong for one in kept_for(payment))
    if payment.state is not S.EXPECTED or not 0 < received < payment.amount_dong:
        raise Conflict(_("Đơn này không thiếu tiền nữa. Hãy tải lại trang."))
    rule = pay_time(payment.method)
    minutes = rule.top_up_minutes if rule is not None else 0
    until = max(payment.expires_at or clock.now(), clock.now() + timedelta(minutes=minutes))
    payment.expires_at = until
    orders.wait_for_money(payment.order, until)
    audit.record(by, "payment.rest_asked", payment, received_dong=received)
    tell_buyer(
        payment.order,
        "payments/rest_asked",
        received=dong(received),
        missing=dong(payment.amount_dong - received),
        content=payment.code,
        until=clock.local(until).strftime("%H:%M %d/%m/%Y"),
    )
    return until


def pay_time(method: str) -> PayTimeRule | None:
    """How long an order waits for its money today, by the way it is paid."""
    return rule_on(PayTimeRule, clock.today(), PayTimeRule.method == method)


def still_waiting(notice: BankNotice) -> None:
    if notice.handled_at is not None or notice.problem is None:
        raise Conflict(_("Khoản này đã có người xử lý. Hãy tải lại trang."))


def _tell_of_problem(notice: BankNotice, payment: Payment | None) -> None:
    assert notice.problem is not None
    if payment is not None:
        _tell_buyer_of(notice, payment)
    tell_cashiers(
        "payments/transfer_waiting",
        amount=dong(notice.amount_dong),
        problem=notice.problem.value,
        why=notice.problem.label,
        content=notice.content,
    )


def _tell_buyer_of(notice: BankNotice, payment: Payment) -> None:
    assert notice.problem is not None
    tell_buyer(
        payment.order,
        "payments/transfer_kept",
        expected=dong(payment.amount_dong),
        amount=dong(notice.amount_dong),
        problem=notice.problem.value,
    )
