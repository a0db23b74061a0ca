"""Where buyers want money back: theirs to write, signed in or with the order's secret; only its end is ever shown."""

import re

from sqlalchemy import select

from marketplace.farmers import queries as farmers
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.sealing import seal
from marketplace.foundation.words import _
from marketplace.orders.models import Order
from marketplace.payments.models import Payment, Refund, RefundAccount, RefundState
from marketplace.payments.telling import tell_buyer


def of(order: Order) -> RefundAccount | None:
    """Where the buyer of an order wants money back, when they said so."""
    return db.session.scalars(select(RefundAccount).where(RefundAccount.order_id == order.id)).one_or_none()


def are_asked(order: Order) -> bool:
    """Is there money that goes back to this buyer by bank and is not approved yet?"""
    return (
        db.session.scalar(
            select(Refund.id)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(
                Payment.order_id == order.id, Refund.state == RefundState.DUE, Refund.card_intent.is_(None)
            )
            .limit(1)
        )
        is not None
    )


def tell(order: Order, bank_bin: str, number: str, holder: str, by: Actor) -> RefundAccount:
    """The buyer writes where they want their money back. The trail and a message to their telephone say that it was
    written or changed, never the number. Raises Refusal for a bank or number that cannot be, Conflict when nothing
    goes back by bank."""
    if not are_asked(order):
        raise Conflict(_("Đơn này không có khoản nào đang chờ chuyển lại qua ngân hàng."))
    bank = farmers.bank(bank_bin)
    if bank is None:
        raise Refusal(_("Hãy chọn ngân hàng."), field="bank")
    digits = re.sub(r"[\s.\-]", "", number)
    if not re.fullmatch(r"[0-9]{6,19}", digits):
        raise Refusal(_("Số tài khoản chỉ gồm chữ số, từ 6 đến 19 số."), field="number")
    holder = " ".join(holder.split())[:120]
    if not holder:
        raise Refusal(_("Hãy ghi tên chủ tài khoản, như ngân hàng in."), field="holder")
    account = of(order)
    is_change = account is not None
    if account is None:
        account = RefundAccount(order=order)
        db.session.add(account)
    account.bank_bin, account.holder, account.told_at = bank_bin, holder, clock.now()
    account.number_sealed, account.number_end = seal(digits), digits[-4:]
    db.session.flush()
    audit.record(
        by,
        "refund_account.changed" if is_change else "refund_account.told",
        account,
        order=order.code,
        bank=bank.short_name,
        number_end=account.number_end,
    )
    tell_buyer(order, "payments/refund_account", bank=bank.short_name, end=account.number_end)
    return account


def give(refund: Refund, typed: str = "") -> None:
    """Fix where a refund goes: what a cashier typed after asking the buyer, else what the buyer wrote."""
    typed = typed.strip()
    if typed:
        refund.account_sealed, refund.account_end = seal(typed), typed[-4:]
        refund.account_bin, refund.account_holder = None, ""
        return
    account = of(refund.payment.order) if refund.payment is not None else None
    if account is not None and refund.card_intent is None:
        refund.account_sealed, refund.account_end = account.number_sealed, account.number_end
        refund.account_bin, refund.account_holder = account.bank_bin, account.holder


def forget(refund: Refund) -> None:
    """The bank could not pay it there: the account is gone, and the buyer is asked for another."""
    refund.account_sealed, refund.account_end, refund.account_bin, refund.account_holder = None, "", None, ""
    if refund.payment is not None and (account := of(refund.payment.order)) is not None:
        db.session.delete(account)
