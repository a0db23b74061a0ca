"""What can be done with money, in the order of life: asked for, paid, collected, given back, paid out.

Rows are locked in one order everywhere: the order's parts, its stock, its payments, then payouts.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.dossiers.events import DossierFeePaid
from marketplace.dossiers.models import FeeReceipt
from marketplace.farmers.events import BankAccountChanged, FarmResumed, FarmSuspended
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, faults, rules, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import begun, claim, db, note_begun
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.sealing import unseal
from marketplace.foundation.words import _
from marketplace.orders import queries as orders_seen
from marketplace.orders import service as orders
from marketplace.orders.events import (
    FarmOrderCancelled,
    FarmOrderDelivered,
    FarmOrderFreightLowered,
    FarmOrderLost,
    FarmOrderParted,
    FarmOrderRefused,
    FarmOrderReturned,
    FarmOrderShort,
    FarmOrderUnanswered,
    OrderExpired,
)
from marketplace.orders.models import CALLED_OFF, FarmOrder, Order
from marketplace.payments import (
    cards,
    debts,
    documents,
    fees,
    ledger,
    owing,
    payouts,
    queries,
    refunds,
    remittance,
    till,
    transfers,
    vietqr,
)
from marketplace.payments.cards import closed as card_page_closed
from marketplace.payments.cards import keep as keep_card_news
from marketplace.payments.cards import look_away as look_away_from_card
from marketplace.payments.cards import opened as card_page_opened
from marketplace.payments.cards import prepare as prepare_card
from marketplace.payments.cards import refund_answered as card_refund_answered
from marketplace.payments.cards import refund_refused as card_refund_refused
from marketplace.payments.cards import refund_to_send as card_refund_to_send
from marketplace.payments.cards import refused as card_page_refused
from marketplace.payments.cards import settle as settle_card_event
from marketplace.payments.closing import (
    approve_correction,
    close_month,
    decline_correction,
    propose_correction,
)
from marketplace.payments.closing import months_open as months_to_close
from marketplace.payments.debts import ask_write_off as ask_debt_write_off
from marketplace.payments.debts import pay_in as pay_debt_in
from marketplace.payments.debts import write_off as write_debt_off
from marketplace.payments.documents import confirmation, delivery_note, receipt, tax_month, tax_year
from marketplace.payments.documents import payout_slip as payout_paper
from marketplace.payments.documents import pdf as document_pdf
from marketplace.payments.documents import statement as statement_paper
from marketplace.payments.fees import remit as remit_fees
from marketplace.payments.models import (
    BankNotice,
    CarriageRule,
    FeeRule,
    Payment,
    PaymentState,
    PayoutBatch,
    PayTimeRule,
    RefundCause,
    TaxRule,
    TillCause,
    TransferRule,
)
from marketplace.payments.owing import compensate
from marketplace.payments.payouts import approve as approve_batch
from marketplace.payments.payouts import (
    batch_due,
    bounce,
    dispute,
    end_dispute,
    hand_out,
    hold,
    new_cash_code,
    release,
    settle,
    settle_by_statement,
    take_out,
)
from marketplace.payments.rates import (
    TaxRates,
    adopt_fee_rule,
    adopt_tax_rule,
    approve_tax_rule,
    switch_tax_rule,
)
from marketplace.payments.refund_accounts import tell as tell_refund_account
from marketplace.payments.refund_lists import approve as approve_refund_batch
from marketplace.payments.refund_lists import drop as drop_refund_batch
from marketplace.payments.refund_lists import prepare as prepare_refund_batch
from marketplace.payments.refund_lists import send as send_refund_batch
from marketplace.payments.refunds import approve as approve_refund
from marketplace.payments.refunds import bounced as refund_bounced
from marketplace.payments.refunds import refund
from marketplace.payments.refunds import send as send_refund
from marketplace.payments.refunds import unapprove as unapprove_refund
from marketplace.payments.refunds import withdraw as withdraw_refund
from marketplace.payments.remittance import (
    Told,
    ask_carrier,
    ask_return,
    ask_write_off,
    keep_surplus,
    place_surplus,
    send_surplus_back,
    write_off,
)
from marketplace.payments.remittance import collect as collect_cod
from marketplace.payments.remittance import drop as drop_remittance
from marketplace.payments.remittance import keep as keep_remittance
from marketplace.payments.remittance import read_sheet as read_remittance
from marketplace.payments.remittance import remit as remit_cod
from marketplace.payments.remittance import settle as settle_remittance
from marketplace.payments.statements import drop as drop_statement
from marketplace.payments.statements import preview as preview_statement
from marketplace.payments.statements import read as read_statement
from marketplace.payments.statements import settle as settle_statement
from marketplace.payments.telling import tell_buyer, tell_farm
from marketplace.payments.till import cash_in, give, take
from marketplace.payments.till import close as close_till
from marketplace.payments.till import count as count_till
from marketplace.payments.till import explain as explain_till
from marketplace.payments.till import pass_on as pass_till_on
from marketplace.payments.till import reopen as reopen_till
from marketplace.payments.till import start as start_till
from marketplace.payments.transfers import accept as accept_transfers
from marketplace.payments.transfers import ask_for_rest, send_back
from marketplace.payments.transfers import attach as attach_notice
from marketplace.payments.transfers import detach as detach_notice
from marketplace.payments.transfers import keep as keep_bank_notice
from marketplace.places.models import ServicePoint
from marketplace.shipping.dispatch_models import Dispatch
from marketplace.shipping.events import CashTaken, FreightDiffered, GoodsSentBack, ResultPosted
from marketplace.shipping.models import FreightDifference

__all__ = [
    "TaxRates",
    "Told",
    "accept_transfers",
    "adopt_fee_rule",
    "adopt_tax_rule",
    "approve_batch",
    "approve_correction",
    "approve_refund",
    "approve_refund_batch",
    "approve_tax_rule",
    "ask_carrier",
    "ask_debt_write_off",
    "ask_for_rest",
    "ask_return",
    "ask_write_off",
    "attach_notice",
    "batch_due",
    "bounce",
    "cancel_for",
    "card_page_closed",
    "card_page_opened",
    "card_page_refused",
    "card_refund_answered",
    "card_refund_refused",
    "card_refund_to_send",
    "cash_in",
    "check_ledger",
    "close_month",
    "close_till",
    "collect_cod",
    "compensate",
    "confirmation",
    "count_till",
    "decline_correction",
    "delivery_note",
    "detach_notice",
    "dispute",
    "document_pdf",
    "drop_refund_batch",
    "drop_remittance",
    "drop_statement",
    "end_dispute",
    "explain_till",
    "give",
    "hand_in",
    "hand_out",
    "hold",
    "keep_bank_notice",
    "keep_card_news",
    "keep_remittance",
    "keep_surplus",
    "load_rules",
    "look_away_from_card",
    "months_to_close",
    "new_cash_code",
    "open",
    "pass_till_on",
    "pay_debt_in",
    "pay_in",
    "payout_paper",
    "place_surplus",
    "prepare_card",
    "prepare_refund_batch",
    "preview_statement",
    "propose_correction",
    "qr_payload",
    "read_remittance",
    "read_statement",
    "receipt",
    "refund",
    "refund_bounced",
    "release",
    "remit_cod",
    "remit_fees",
    "reopen_till",
    "reprice",
    "send_back",
    "send_batch",
    "send_refund",
    "send_refund_batch",
    "send_surplus_back",
    "settle",
    "settle_bank_notice",
    "settle_by_statement",
    "settle_card_event",
    "settle_remittance",
    "settle_statement",
    "start_till",
    "statement_paper",
    "switch_tax_rule",
    "take",
    "take_door_cash",
    "take_out",
    "tax_month",
    "tax_year",
    "tell_buyer",
    "tell_refund_account",
    "unapprove_refund",
    "withdraw_refund",
    "write_debt_off",
    "write_off",
]

LEAST_BY_CARD, MOST_BY_CARD = 15_000, 99_999_999
"""What Stripe takes in one payment in đồng: about half a dollar, and eight digits."""
DATA = Path(__file__).parent / "data"
S = PaymentState


def load_rules(by: Actor) -> None:
    """Put the rates of commission, holding time and tax in place, once, each with its legal basis."""
    rules.put_in_place(FeeRule, _shipped("fee_rules.json"), by)
    taxes = [{**row, "approved_at": clock.now()} for row in _shipped("tax_rules.json")]
    rules.put_in_place(TaxRule, taxes, by, key=("farm_kind", "tax_class"))
    rules.put_in_place(PayTimeRule, _shipped("pay_time_rules.json"), by, key=("method",))
    rules.put_in_place(TransferRule, _shipped("transfer_rules.json"), by, key=("case",))
    rules.put_in_place(CarriageRule, _shipped("carriage_rules.json"), by)


def _shipped(file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / file).read_text("utf8"))
    return found


# -- asking for money ----------------------------------------------------------------------------------------------


def open(order: Order, by: Actor) -> list[Payment]:  # noqa: A001  the word people use
    """Ask for the order's money: one payment for all of it (by transfer, card, or at a counter), or cash at the door
    for each farm's part (COD; the order is confirmed at once, unless somebody new must give their word first). Called
    twice it asks once."""
    if existing := _asked_already(order):
        return existing
    if order.payment_method not in queries.methods():
        raise Refusal(_("Hãy chọn cách trả tiền khác."), field="payment_method")
    if order.payment_method == "card" and not LEAST_BY_CARD <= order.total_dong <= MOST_BY_CARD:
        raise Refusal(
            _("Thẻ chỉ nhận từ %(least)s đến %(most)s. Hãy chọn cách trả tiền khác.",
              least=dong(LEAST_BY_CARD), most=dong(MOST_BY_CARD)), field="payment_method",
        )  # fmt: skip
    if order.payment_method != "cod":
        rule = transfers.pay_time(order.payment_method)
        if rule is not None:
            orders.wait_for_money(order, order.created_at + timedelta(minutes=rule.minutes))
        payment = _payment(order, None, order.total_dong)
        db.session.add(payment)
        note_begun(payment)
        db.session.flush()
        if order.total_dong == 0:  # vouchers pay for all of it
            transfers.paid(payment, 0, by)
        return [payment]
    payments = [_payment(order, part, part.total_dong) for part in order.farm_orders]
    db.session.add_all(payments)  # written with what follows, in one go
    note_begun(*payments)
    if order.confirm_by is None:
        orders.confirm_order(order, by)
    return payments


def _asked_already(order: Order) -> list[Payment]:
    """What was asked for this order; of one that was begun in this very deed, what the deed asked."""
    made = [one for one in begun(Payment) if one.order is order]
    if made or any(one is order for one in begun(Order)):
        return made
    return list(queries.payments_of(order))


def _payment(order: Order, part: FarmOrder | None, amount_dong: int) -> Payment:
    return Payment(
        order=order,
        farm_order=part,
        method=order.payment_method,
        amount_dong=amount_dong,
        state=S.EXPECTED,
        expires_at=orders_seen.unpaid_until(order) if part is None else None,
    )


def qr_payload(payment: Payment) -> str:
    """The text of the payment's VietQR code: our account, the amount, and the code the transfer is known by."""
    bank = queries.bank()
    if bank is None:
        raise Refusal(_("Chợ chưa nhận chuyển khoản. Hãy chọn trả tiền khi nhận hàng."))
    return vietqr.payload(bank.bin, bank.account, payment.amount_dong, payment.code)


# -- at a counter --------------------------------------------------------------------------------------------------


def pay_in(payment: Payment, point: ServicePoint, by: Actor) -> Payment:
    """A buyer pays an order's whole sum in cash at any service point: it goes into the clerk's drawer, the farms are
    asked. Said twice it is taken once. Raises Conflict when the order no longer waits for money."""
    payment = transfers.lock(payment)
    if payment.state is S.PAID and payment.paid_in_at_id is not None:
        raise Conflict(_("Đơn này đã được trả tại quầy rồi."))
    if payment.state is not S.EXPECTED:
        raise Conflict(
            _("Đơn này không còn chờ tiền (%(state)s). Đừng thu tiền của khách.", state=payment.state.label)
        )
    payment.paid_in_at_id, payment.paid_in_by_id = point.id, by.person_id
    ledger.post(
        "paid",
        payment.code,
        {ledger.COUNTER_CASH: payment.amount_dong, ledger.buyer(payment.order_id): -payment.amount_dong},
        order_id=payment.order_id,
        note=point.code,
    )
    transfers.paid(payment, payment.amount_dong, by)
    take(point, payment.amount_dong, TillCause.PAY_IN, by, payment.code, payment.order.code)
    return payment


def take_door_cash(farm_order: FarmOrder, point: ServicePoint, by: Actor) -> Payment:
    """A parcel was handed out over the counter against cash: it is collected, and lies in the clerk's drawer. Said
    twice it is taken once."""
    payment = remittance.collect(farm_order, by)
    cash_in(point, payment.received_dong, TillCause.COD, by, payment.code, farm_order.code)
    return payment


def hand_in(payments: Iterable[Payment], point: ServicePoint, by: Actor) -> int:
    """A postman comes back and gives the clerk the cash they took at doors: into the drawer, each order once. Returns
    the sum in đồng; what went through a drawer before, or was never taken, is passed over."""
    total = 0
    for payment in claim(Payment, [one.id for one in payments]):
        if payment.at_the_post_dong and not till.took(TillCause.COD, payment.code):
            assert payment.farm_order is not None
            cash_in(point, payment.received_dong, TillCause.COD, by, payment.code, payment.farm_order.code)
            total += payment.received_dong
    if not total:
        raise Conflict(_("Tiền này đã vào quỹ rồi. Hãy tải lại trang."))
    return total


# -- transfers -----------------------------------------------------------------------------------------------------


def settle_bank_notice(notice: BankNotice, by: Actor = Actor("bank")) -> None:  # noqa: B008  a frozen value
    """Look what a transfer is for: the right sum pays its order, anything else goes by its dated rule or waits for a
    person. Safe to run twice."""
    transfers.settle(notice, by)


# -- back to the buyer ---------------------------------------------------------------------------------------------


def cancel_for(farm_order: FarmOrder, cause: RefundCause, by: Actor) -> None:
    """A farm's part will not be: nothing is taken at the door for it, or what was paid for it goes back."""
    if farm_order.order.payment_method == "cod":
        payment = remittance.payment_of(farm_order)
        if payment.state is S.EXPECTED:
            states.move(payment, S.CANCELLED, by)
        return
    payment = _whole_of(farm_order)
    if payment.received_dong:
        refunds.settle_up(payment, cause, by, farm_order)
    elif payment.state is S.EXPECTED and all(
        part.state in CALLED_OFF for part in farm_order.order.farm_orders
    ):
        states.move(payment, S.CANCELLED, by)
        cards.close_pages(payment)


def reprice(farm_order: FarmOrder, cause: RefundCause, by: Actor) -> None:
    """A farm's part came to less than was asked (short supply, real weight): so much less is taken at the door, or what
    was paid too much goes back. Said twice it does nothing more."""
    if farm_order.order.payment_method != "cod":
        refunds.settle_up(_whole_of(farm_order), cause, by, farm_order)
        return
    payment = remittance.payment_of(farm_order)
    if payment.amount_dong != farm_order.total_dong:
        audit.record(by, "payment.repriced", payment, was_dong=payment.amount_dong)
        payment.amount_dong = farm_order.total_dong
    if payment.state is not S.EXPECTED:  # taken at the door with the parcel that was kept
        refunds.settle_up(payment, cause, by, farm_order)


def _whole_of(farm_order: FarmOrder) -> Payment:
    ids = db.session.scalars(
        select(Payment.id).where(Payment.order_id == farm_order.order_id, Payment.farm_order_id.is_(None))
    )
    (payment,) = claim(Payment, [*ids])
    return payment


# -- to the farm ---------------------------------------------------------------------------------------------------


def send_batch(batch: PayoutBatch, reference: str, by: Actor) -> None:
    """The day's approved list went to the bank under this reference: every farm on it is told what it is paid for. Who
    takes cash is told the code to say at the counter."""
    for slip in payouts.send_batch(batch, reference, by):
        facts = {
            "amount": dong(slip.net_dong),
            "code": ", ".join(payout.farm_order.code for payout in slip.payouts),
            "reference": reference,
            "deducted": dong(slip.deducted_dong) if slip.deducted_dong else "",
        }
        if slip.cash_code_sealed is not None:
            tell_farm(
                slip.farm,
                "payments/cash_ready",
                slip=slip.code,
                digits=unseal(slip.cash_code_sealed),
                **facts,
            )
        else:
            tell_farm(slip.farm, "payments/paid_out", **facts)


# -- reactions to what happens below -------------------------------------------------------------------------------


def when_delivered(event: FarmOrderDelivered) -> None:
    """The buyer has the goods: cash at the door is collected, and the farm is owed its net."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    if farm_order.order.payment_method == "cod":
        remittance.collect(farm_order, SYSTEM)
    else:
        _whole_of(farm_order)
    faults.point("delivery.collected")
    payout = owing.owe(farm_order, SYSTEM)
    faults.point("delivery.owed")
    tell_farm(
        farm_order.farm,
        "payments/earned",
        amount=dong(payout.amount_dong),
        code=farm_order.code,
        day=payout.due_on.strftime("%d/%m/%Y"),
    )


def when_cash_taken(event: CashTaken) -> None:
    """The post has an order's cash, also while other parcels of it are on their way: what those come to less goes back
    to the buyer."""
    remittance.collect(db.session.get_one(FarmOrder, event.farm_order_id), SYSTEM)


def when_called_off(event: FarmOrderCancelled | FarmOrderRefused | FarmOrderUnanswered) -> None:
    """The part was called off before it left the farm."""
    cancel_for(db.session.get_one(FarmOrder, event.farm_order_id), RefundCause.CALLED_OFF, SYSTEM)


def when_short(event: FarmOrderShort) -> None:
    """The part came to less (short supply, a parcel that came back or was lost): less is taken at the door, or the
    difference goes back."""
    if not event.less_dong:
        return
    reprice(db.session.get_one(FarmOrder, event.farm_order_id), RefundCause(event.why), SYSTEM)


def when_freight_lowered(event: FarmOrderFreightLowered) -> None:
    """Carrying it came to less: less is taken at the door, or the difference goes back."""
    reprice(db.session.get_one(FarmOrder, event.farm_order_id), RefundCause.FREIGHT, SYSTEM)


def when_freight_differed(event: FreightDiffered) -> None:
    """Carrying it cost another sum than the buyer was quoted."""
    debts.bear_freight(db.session.get_one(FreightDifference, event.difference_id), SYSTEM)


def when_parted(event: FarmOrderParted) -> None:
    """Some of its parcels came back: the carrier has earned their way back."""
    remittance.carried_back(db.session.get_one(FarmOrder, event.farm_order_id), SYSTEM)


def when_sent_back(event: GoodsSentBack) -> None:
    """Goods a claim sent back are with their farm: the way back is the carrier's, borne as the dated rule says."""
    remittance.claimed_back(db.session.get_one(FarmOrder, event.farm_order_id), SYSTEM)


def when_result_posted(event: ResultPosted) -> None:
    """A dossier's result went by post: the market bears what carrying it costs."""
    found = db.session.get_one(Dispatch, event.dispatch_id)
    if found.fee_dong:
        ledger.post(
            "result_posted",
            found.code,
            {ledger.LOSSES: found.fee_dong, ledger.CARRIER: -found.fee_dong},
            note=str(_("Cước gửi kết quả hồ sơ %(number)s, chợ chịu", number=found.tracking)),
        )


def when_lost(event: FarmOrderLost) -> None:
    """The post lost it: the buyer pays nothing."""
    cancel_for(db.session.get_one(FarmOrder, event.farm_order_id), RefundCause.LOST, SYSTEM)


def when_returned(event: FarmOrderReturned) -> None:
    """The goods are back. Never delivered: the buyer gets the goods' price back, the post has earned its freight.
    Delivered before: the farm's money waits for a person's decision."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    if event.was_delivered:
        payouts.hold_returned(farm_order.id, SYSTEM)
        return
    cancel_for(farm_order, RefundCause.RETURNED, SYSTEM)
    remittance.carried_in_vain(farm_order, SYSTEM, is_back=not event.is_disposed)


def when_expired(event: OrderExpired) -> None:
    """Nobody paid in time: the transfer is no longer expected; one that comes late is kept for a person."""
    ids = db.session.scalars(select(Payment.id).where(Payment.order_id == event.order_id))
    for payment in claim(Payment, list(ids)):
        if payment.state is S.EXPECTED:
            states.move(payment, S.EXPIRED, SYSTEM)
            cards.close_pages(payment)


def when_fee_paid(event: DossierFeePaid) -> None:
    """A dossier's fee was taken at a counter: into the drawer and the books."""
    fees.take(db.session.get_one(FeeReceipt, event.receipt_id))


def when_farm_changed(event: FarmSuspended | FarmResumed | BankAccountChanged) -> None:
    """A farm was suspended, opened again or changed its account: its money is held or let go."""
    payouts.review_farm(db.session.get_one(Farm, event.farm_id), SYSTEM)


# -- the auditor, and whom we tell ---------------------------------------------------------------------------------


def check_ledger() -> list[str]:
    """All that does not add up in the books; empty when they are right."""
    return [*ledger.check(), *till.check(), *documents.gaps()]
