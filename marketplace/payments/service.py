"""What can be done with money, in the order of life: asked for, paid, collected, given back, paid out.

Rows are locked in one order everywhere: the order's parts, its stock, its payments, then payouts.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Role
from marketplace.farmers import queries as farmers
from marketplace.farmers.events import BankAccountChanged, FarmResumed, FarmSuspended
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import CODE_LETTERS, claim, db
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.orders import queries as orders_seen
from marketplace.orders import service as orders
from marketplace.orders.events import (
    FarmOrderCancelled,
    FarmOrderDelivered,
    FarmOrderLost,
    FarmOrderRefused,
    FarmOrderReturned,
    FarmOrderShort,
    FarmOrderUnanswered,
    OrderExpired,
)
from marketplace.orders.models import CALLED_OFF, FarmOrder, Order
from marketplace.payments import ledger, payouts, queries, till, vietqr
from marketplace.payments.models import (
    BankNotice,
    FeeRule,
    HoldReason,
    NoticeProblem,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    Refund,
    RefundCause,
    RefundState,
    TaxRule,
)
from marketplace.payments.payouts import batch_due, bounce, hand_out, hold, release, take_out
from marketplace.payments.rates import TaxRates, adopt_fee_rule, adopt_tax_rule
from marketplace.payments.till import close as close_till
from marketplace.payments.till import count as count_till
from marketplace.payments.till import explain as explain_till
from marketplace.payments.till import give, take
from marketplace.payments.till import reopen as reopen_till
from marketplace.payments.till import start as start_till

__all__ = [
    "TaxRates", "accept_transfers", "adopt_fee_rule", "adopt_tax_rule", "attach_notice", "batch_due", "bounce",
    "cancel_for", "check_ledger", "close_till", "collect_cod", "count_till", "explain_till", "give", "hand_out", "hold",
    "keep_bank_notice", "load_rules", "open", "qr_payload", "release", "remit_cod", "reopen_till", "send_back",
    "send_batch", "send_refund", "settle_bank_notice", "start_till", "take", "take_out",
]  # fmt: skip

DATA = Path(__file__).parent / "data"
S = PaymentState


def load_rules(by: Actor) -> None:
    """Put the rates of commission, holding time and tax in place, once, each with its legal basis."""
    _load(FeeRule, "fee_rules.json", ("valid_from",), by)
    _load(TaxRule, "tax_rules.json", ("valid_from", "farm_kind", "tax_class"), by)


def _load(kind: type[DatedRule], file: str, key: Sequence[str], by: Actor) -> None:
    for row in json.loads((DATA / file).read_text("utf8")):
        for name in ("valid_from", "valid_to"):
            if row.get(name):
                row[name] = date.fromisoformat(row[name])
        same = [getattr(kind, name) == row[name] for name in key]
        if db.session.scalar(select(kind.id).where(*same)) is None:
            rule = kind(**row)
            db.session.add(rule)
            audit.record(by, f"{kind.__tablename__}.loaded", rule)


# -- asking for money ----------------------------------------------------------------------------------------------


def open(order: Order, by: Actor) -> list[Payment]:  # noqa: A001  the word people use
    """Ask for the order's money: one transfer for all of it (VietQR), or cash at the door for each farm's part (COD;
    the order is confirmed at once, unless somebody new must give their word first). Called twice it asks once."""
    existing = queries.payments_of(order)
    if existing:
        return list(existing)
    if order.payment_method == "vietqr":
        return [_ask(order, None, order.total_dong)]
    if order.payment_method != "cod":
        raise Refusal(_("Hãy chọn cách trả tiền khác."), field="payment_method")
    payments = [_ask(order, part, part.total_dong) for part in order.farm_orders]
    if order.confirm_by is None:
        orders.confirm_order(order, by)
    return payments


def _ask(order: Order, part: FarmOrder | None, amount_dong: int) -> Payment:
    payment = Payment(
        order=order,
        farm_order=part,
        method=order.payment_method,
        amount_dong=amount_dong,
        state=S.EXPECTED,
        expires_at=orders_seen.unpaid_until(order) if part is None else None,
    )
    db.session.add(payment)
    db.session.flush()
    return payment


def qr_payload(payment: Payment) -> str:
    """The text of the payment's VietQR code: our account, the amount, and the code the transfer is known by."""
    bank = queries.bank()
    if bank is None:
        raise Refusal(_("Chợ chưa nhận chuyển khoản. Hãy chọn trả tiền khi nhận hàng."))
    return vietqr.payload(bank.bin, bank.account, payment.amount_dong, payment.code)


# -- transfers -----------------------------------------------------------------------------------------------------


def keep_bank_notice(
    source: str, external_id: str, amount_dong: int, content: str, account: str, raw: Mapping[str, Any]
) -> tuple[BankNotice, bool]:
    """Keep the bank's word under its own id. The second time it is the first one again, and False."""
    same = (BankNotice.source == source, BankNotice.external_id == external_id)
    known = db.session.scalars(select(BankNotice).where(*same)).one_or_none()
    if known is not None:
        return known, False
    notice = BankNotice(
        source=source,
        external_id=external_id,
        amount_dong=amount_dong,
        content=content[:500],
        account=account[:40],
        raw=dict(raw),
    )
    try:
        with db.session.begin_nested():
            db.session.add(notice)
    except IntegrityError:
        return db.session.scalars(select(BankNotice).where(*same)).one(), False
    return notice, True


def settle_bank_notice(notice: BankNotice, by: Actor = Actor("bank")) -> None:  # noqa: B008  a frozen value
    """Look what a transfer is for. The right sum for one waiting payment pays it and confirms the order; anything else
    is kept for a person and moves nothing. Safe to run twice."""
    db.session.flush()
    (notice,) = claim(BankNotice, [notice.id])
    if notice.handled_at is not None or notice.problem is not None:
        return
    payment, problem = _match(notice)
    notice.payment_id = payment.id if payment else None
    if problem is None:
        assert payment is not None
        ledger.post(
            "paid",
            payment.code,
            {ledger.BANK: notice.amount_dong, ledger.buyer(payment.order_id): -notice.amount_dong},
            order_id=payment.order_id,
            note=notice.code,
        )
        notice.handled_at = clock.now()
        _paid(payment, notice.amount_dong, by)
        return
    notice.problem = problem
    ledger.post(
        "unmatched",
        notice.code,
        {ledger.BANK: notice.amount_dong, ledger.UNMATCHED: -notice.amount_dong},
        note=problem.value,
    )
    audit.record(by, "bank_notice.kept", notice, problem=problem.value, amount_dong=notice.amount_dong)
    _tell_of_problem(notice, payment)


def _match(notice: BankNotice) -> tuple[Payment | None, NoticeProblem | None]:
    """The payment a transfer's text names, locked, and what is wrong with it, if anything."""
    named = _named(notice)
    if len(named) != 1:
        return None, NoticeProblem.SEVERAL if named else NoticeProblem.NO_CODE
    payment = _lock(named[0])
    bank = queries.bank()
    if bank is not None and notice.account and notice.account != bank.account:
        return payment, NoticeProblem.OTHER_ACCOUNT
    if payment.state in (S.EXPIRED, S.CANCELLED, S.FAILED):
        return payment, NoticeProblem.LATE
    if payment.state is not S.EXPECTED:
        return payment, NoticeProblem.AGAIN
    if notice.amount_dong != payment.amount_dong:
        return (
            payment,
            NoticeProblem.UNDER if notice.amount_dong < payment.amount_dong else NoticeProblem.OVER,
        )
    return payment, None


_CODE = re.compile(rf"(?={Payment.CODE_PREFIX}[{CODE_LETTERS}]{{{Payment.CODE_LENGTH}}})")


def _named(notice: BankNotice) -> list[Payment]:
    """Payments whose code stands in the transfer's text, however a bank broke it (`MBVCB.12.CQ7K 2M9PX4AB CT tu`)."""
    text = re.sub(r"[^0-9A-Z]", "", notice.content.upper())
    length = len(Payment.CODE_PREFIX) + Payment.CODE_LENGTH
    codes = {text[found.start() : found.start() + length] for found in _CODE.finditer(text)}
    if not codes:
        return []
    return list(
        db.session.scalars(
            select(Payment)
            .where(Payment.code.in_(codes), Payment.farm_order_id.is_(None))
            .order_by(Payment.id)
        )
    )


def _lock(payment: Payment) -> Payment:
    """The payment's order first, then the payment: everybody locks in this order."""
    parts = db.session.scalars(select(FarmOrder.id).where(FarmOrder.order_id == payment.order_id))
    claim(FarmOrder, list(parts))
    (payment,) = claim(Payment, [payment.id])
    return payment


def _paid(payment: Payment, received_dong: int, by: Actor) -> None:
    payment.received_dong = received_dong
    states.move(payment, S.PAID, by)
    if received_dong > payment.amount_dong:
        _owe_back(RefundCause.SURPLUS, received_dong - payment.amount_dong, by, payment=payment)
    orders.confirm_order(payment.order, by)


def accept_transfers(payment: Payment, by: Actor) -> None:
    """A cashier takes the transfers kept for a payment, together, as its money. What is too much goes back; too little
    is not taken."""
    payment = _lock(payment)
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
    ledger.post(
        "paid",
        payment.code,
        {ledger.UNMATCHED: received, ledger.buyer(payment.order_id): -received},
        order_id=payment.order_id,
        note=", ".join(notice.code for notice in kept)[:300],
    )
    for notice in kept:
        notice.handled_at = clock.now()
    audit.record(by, "payment.accepted_by_hand", payment, received_dong=received)
    _paid(payment, received, by)


def attach_notice(notice: BankNotice, code: str, by: Actor) -> None:
    """A cashier says which payment a transfer without a readable code is for."""
    (notice,) = claim(BankNotice, [notice.id])
    _still_waiting(notice)
    payment = db.session.scalars(
        select(Payment).where(Payment.code == code.strip().upper(), Payment.farm_order_id.is_(None))
    ).one_or_none()
    if payment is None:
        raise Refusal(_("Không có khoản chờ trả nào mang mã này. Hãy xem lại mã."), field="code")
    notice.payment_id = payment.id
    audit.record(by, "bank_notice.attached", notice, payment=payment.code)
    if payment.state is S.EXPECTED and notice.amount_dong == payment.amount_dong:
        accept_transfers(payment, by)
    else:
        difference = notice.amount_dong - payment.amount_dong
        notice.problem = (
            NoticeProblem.LATE if payment.state in (S.EXPIRED, S.CANCELLED)
            else NoticeProblem.AGAIN if payment.state is not S.EXPECTED
            else NoticeProblem.UNDER if difference < 0
            else NoticeProblem.OVER
        )  # fmt: skip


def send_back(notice: BankNotice, by: Actor) -> Refund:
    """A transfer belongs to no order: it goes back to whoever sent it."""
    (notice,) = claim(BankNotice, [notice.id])
    _still_waiting(notice)
    notice.handled_at = clock.now()
    payment = db.session.get(Payment, notice.payment_id) if notice.payment_id else None
    return _owe_back(RefundCause.SENT_BACK, notice.amount_dong, by, payment=payment, notice=notice)


def _still_waiting(notice: BankNotice) -> None:
    if notice.handled_at is not None or notice.problem is None:
        raise Conflict(_("Khoản này đã có người xử lý. Hãy tải lại trang."))


# -- cash at the door ----------------------------------------------------------------------------------------------


def collect_cod(farm_order: FarmOrder, by: Actor) -> Payment:
    """The postman took the cash for a farm's part: it lies at the post until it is paid in."""
    payment = _cod_of(farm_order)
    if payment.state is not S.EXPECTED:
        return payment
    states.move(payment, S.COLLECTED, by)
    payment.received_dong = payment.amount_dong
    ledger.post(
        "cod_collected",
        payment.code,
        {ledger.POST_COD: payment.amount_dong, ledger.buyer(payment.order_id): -payment.amount_dong},
        order_id=payment.order_id,
        farm_order_id=farm_order.id,
    )
    return payment


def remit_cod(payments: Iterable[Payment], by: Actor, reference: str = "") -> int:
    """The post paid collected cash in: it is on our account, and farms that waited for it are paid. Returns the sum in
    đồng; payments already paid in are passed over."""
    total = 0
    for payment in claim(Payment, [payment.id for payment in payments]):
        if payment.state is not S.COLLECTED:
            continue
        states.move(payment, S.REMITTED, by, reference or None)
        ledger.post(
            "cod_remitted",
            payment.code,
            {ledger.BANK: payment.amount_dong, ledger.POST_COD: -payment.amount_dong},
            order_id=payment.order_id,
            farm_order_id=payment.farm_order_id,
            note=reference,
        )
        total += payment.amount_dong
        for payout in claim(Payout, list(queries.payout_ids_of(payment.farm_order_id))):
            payouts.review(payout, by)
    return total


def _cod_of(farm_order: FarmOrder) -> Payment:
    ids = db.session.scalars(select(Payment.id).where(Payment.farm_order_id == farm_order.id))
    (payment,) = claim(Payment, list(ids))
    return payment


# -- back to the buyer ---------------------------------------------------------------------------------------------


def cancel_for(farm_order: FarmOrder, cause: RefundCause, by: Actor) -> None:
    """A farm's part will not be: nothing is taken at the door for it, or what was paid for it goes back."""
    if farm_order.order.payment_method == "cod":
        payment = _cod_of(farm_order)
        if payment.state is S.EXPECTED:
            states.move(payment, S.CANCELLED, by)
        return
    payment = _transfer_of(farm_order)
    if payment.received_dong:
        _owe_back(cause, _price_of(farm_order, cause), by, payment=payment, farm_order=farm_order)
    elif payment.state is S.EXPECTED and all(
        part.state in CALLED_OFF for part in farm_order.order.farm_orders
    ):
        states.move(payment, S.CANCELLED, by)


def _price_of(farm_order: FarmOrder, cause: RefundCause) -> int:
    """What goes back: everything, but the freight when the parcel was carried there and back in vain."""
    return farm_order.paid_for_goods_dong if cause is RefundCause.RETURNED else farm_order.total_dong


def _transfer_of(farm_order: FarmOrder) -> Payment:
    ids = db.session.scalars(
        select(Payment.id).where(Payment.order_id == farm_order.order_id, Payment.farm_order_id.is_(None))
    )
    (payment,) = claim(Payment, list(ids))
    return payment


def _owe_back(
    cause: RefundCause,
    amount_dong: int,
    by: Actor,
    payment: Payment | None = None,
    farm_order: FarmOrder | None = None,
    notice: BankNotice | None = None,
) -> Refund:
    """Write down that money goes back, once for each farm's part and each transfer."""
    if farm_order is not None:
        known = db.session.scalars(select(Refund).where(Refund.farm_order_id == farm_order.id)).one_or_none()
        if known is not None:
            return known
    refund = Refund(
        cause=cause,
        amount_dong=amount_dong,
        state=RefundState.DUE,
        payment=payment,
        farm_order=farm_order,
        notice=notice,
    )
    db.session.add(refund)
    audit.record(by, "refund.due", refund, amount_dong=amount_dong, cause=cause.value)
    return refund


def send_refund(refund: Refund, reference: str, by: Actor) -> None:
    """The cashier sent the money back, under this bank reference. Twice is once."""
    (refund,) = claim(Refund, [refund.id])
    if refund.state is RefundState.SENT:
        return
    reference = reference.strip()[:80]
    if not reference:
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    states.move(refund, RefundState.SENT, by)
    refund.sent_reference = reference
    payment = refund.payment
    from_whom = ledger.UNMATCHED
    if refund.cause is not RefundCause.SENT_BACK:
        assert payment is not None
        from_whom = ledger.buyer(payment.order_id)
    ledger.post(
        "refund",
        refund.code,
        {from_whom: refund.amount_dong, ledger.BANK: -refund.amount_dong},
        order_id=payment.order_id if payment else None,
        farm_order_id=refund.farm_order_id,
        note=reference,
    )
    if refund.cause is not RefundCause.SENT_BACK:
        assert payment is not None
        db.session.flush()
        (payment,) = claim(Payment, [payment.id])
        payment.refunded_dong = queries.sent_back_of(payment)
        whole = payment.refunded_dong >= payment.received_dong
        states.move(payment, S.REFUNDED if whole else S.PARTLY_REFUNDED, by)
    if payment is not None:
        _tell_buyer(payment.order, "payments/refunded", amount=dong(refund.amount_dong), reference=reference)


# -- to the farm ---------------------------------------------------------------------------------------------------


def send_batch(batch: PayoutBatch, reference: str, by: Actor) -> None:
    """The day's list went to the bank under this reference: every farm on it is told what it is paid for."""
    for payout in payouts.send_batch(batch, reference, by):
        _tell_farm(
            payout.farm,
            "payments/paid_out" if batch.method == "bank" else "payments/cash_ready",
            amount=dong(payout.amount_dong),
            code=payout.farm_order.code,
            reference=reference,
        )


# -- reactions to what happens below -------------------------------------------------------------------------------


def when_delivered(event: FarmOrderDelivered) -> None:
    """The buyer has the goods: cash at the door is collected, and the farm is owed its net."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    if farm_order.order.payment_method == "cod":
        collect_cod(farm_order, SYSTEM)
    else:
        _transfer_of(farm_order)
    payout = payouts.owe(farm_order, SYSTEM)
    _tell_farm(
        farm_order.farm,
        "payments/earned",
        amount=dong(payout.amount_dong),
        code=farm_order.code,
        day=payout.due_on.strftime("%d/%m/%Y"),
    )


def when_called_off(event: FarmOrderCancelled | FarmOrderRefused | FarmOrderUnanswered) -> None:
    """The part was called off before it left the farm."""
    cancel_for(db.session.get_one(FarmOrder, event.farm_order_id), RefundCause.CALLED_OFF, SYSTEM)


def when_short(event: FarmOrderShort) -> None:
    """The farm supplies less: less is taken at the door, or the difference goes back."""
    if not event.less_dong:
        return
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    if farm_order.order.payment_method == "cod":
        payment = _cod_of(farm_order)
        if payment.state is S.EXPECTED:
            payment.amount_dong = farm_order.total_dong
        return
    _owe_back(RefundCause.SHORT, event.less_dong, SYSTEM, payment=_transfer_of(farm_order))


def when_lost(event: FarmOrderLost) -> None:
    """The post lost it: the buyer pays nothing."""
    cancel_for(db.session.get_one(FarmOrder, event.farm_order_id), RefundCause.LOST, SYSTEM)


def when_returned(event: FarmOrderReturned) -> None:
    """The goods are back. Never delivered: the buyer gets the goods' price back, the post has earned its freight.
    Delivered before: the farm's money waits for a person's decision."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    if event.was_delivered:
        for payout in claim(Payout, list(queries.payout_ids_of(farm_order.id))):
            if payout.state in payouts.OPEN:
                hold(payout, HoldReason.RETURNED, None, SYSTEM)
        return
    cancel_for(farm_order, RefundCause.RETURNED, SYSTEM)
    if farm_order.order.payment_method != "cod" and farm_order.freight_dong:
        ledger.post(
            "carried_in_vain",
            farm_order.code,
            {
                ledger.buyer(farm_order.order_id): farm_order.paid_for_freight_dong,
                # Whoever gave the voucher: freight of a parcel carried in vain is never asked of the farm.
                ledger.DISCOUNTS: farm_order.freight_discount_dong,
                ledger.CARRIER: -farm_order.freight_dong,
            },
            order_id=farm_order.order_id,
            farm_order_id=farm_order.id,
        )


def when_expired(event: OrderExpired) -> None:
    """Nobody paid in time: the transfer is no longer expected; one that comes late is kept for a person."""
    ids = db.session.scalars(select(Payment.id).where(Payment.order_id == event.order_id))
    for payment in claim(Payment, list(ids)):
        if payment.state is S.EXPECTED:
            states.move(payment, S.EXPIRED, SYSTEM)


def when_farm_changed(event: FarmSuspended | FarmResumed | BankAccountChanged) -> None:
    """A farm was suspended, opened again or changed its account: its money is held or let go."""
    payouts.review_farm(db.session.get_one(Farm, event.farm_id), SYSTEM)


# -- the auditor, and whom we tell ---------------------------------------------------------------------------------


def check_ledger() -> list[str]:
    """All that does not add up in the books; empty when they are right."""
    return [*ledger.check(), *till.check()]


def _tell_of_problem(notice: BankNotice, payment: Payment | None) -> None:
    assert notice.problem is not None
    facts: dict[str, Any] = {"amount": dong(notice.amount_dong), "problem": notice.problem.value}
    if payment is not None:
        _tell_buyer(payment.order, "payments/transfer_kept", expected=dong(payment.amount_dong), **facts)
    for cashier in accounts.people_with_role(Role.CASHIER):
        notifications.send(
            accounts.recipient_of(cashier),
            "payments/transfer_waiting",
            path="/admin/money",
            why=notice.problem.label,
            content=notice.content,
            **facts,
        )


def _tell_buyer(order: Order, template: str, **facts: Any) -> None:
    notifications.send(orders.buyer_recipient(order), template, path=order.path, order=order.code, **facts)


def _tell_farm(farm: Farm, template: str, **facts: Any) -> None:
    for recipient in farmers.members_recipients(farm):
        notifications.send(recipient, template, path="/sell/money", **facts)
