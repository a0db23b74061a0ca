"""What this room knows about people, and when it may let them go: not while the market owes them money."""

from typing import Any

from sqlalchemy import Select, select

from marketplace.accounts.models import Person
from marketplace.farmers import queries as farmers
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import OPEN, FarmOrder, Order
from marketplace.payments.models import PAID_OUT, Payment, Payout, Refund, RefundAccount, RefundState


def gather(person_id: int) -> list[dict[str, Any]]:
    """What the person's farms were paid and what is still to come; where the person wanted money back."""
    farms = [farm.id for farm in farmers.farms_of(db.session.get_one(Person, person_id))]
    found = db.session.scalars(select(Payout).where(Payout.farm_id.in_(farms)).order_by(Payout.id))
    told: list[dict[str, Any]] = [
        {
            "order": one.order.code,
            "refund_account": one.number_shown,
            "bank": one.bank_bin,
            "holder": one.holder,
        }
        for one in db.session.scalars(_refund_accounts(person_id))
    ]
    return told + [
        {
            "code": payout.code,
            "order": payout.farm_order.code,
            "amount_dong": payout.amount_dong,
            "tax_dong": payout.tax_dong,
            "commission_dong": payout.commission_dong,
            "state": payout.state.value,
            "due_on": payout.due_on.isoformat(),
        }
        for payout in found
    ]


def forget(person_id: int) -> None:
    """The books stay as the law asks, nameless here; accounts for refunds are gone. Refused while a farm has orders on
    their way or money to come, or money goes back to the person: without an account nobody could be paid."""
    back = _refunds(person_id).where(Refund.state.in_((RefundState.DUE, RefundState.APPROVED))).limit(1)
    if db.session.scalar(back) is not None:
        raise Refusal(_("Chợ còn tiền phải chuyển lại cho bạn. Hãy nhận xong rồi xóa tài khoản."))
    for farm in farmers.farms_of(db.session.get_one(Person, person_id)):
        on_the_way = select(FarmOrder.id).where(FarmOrder.farm_id == farm.id, FarmOrder.state.in_(OPEN))
        if db.session.scalar(on_the_way.limit(1)) is not None:
            raise Refusal(
                _("Gian hàng %(farm)s còn đơn chưa xong. Hãy giao xong rồi xóa tài khoản.", farm=farm.name)
            )
        to_come = select(Payout.id).where(Payout.farm_id == farm.id, Payout.state.not_in(PAID_OUT))
        if db.session.scalar(to_come.limit(1)) is not None:
            raise Refusal(
                _("Gian hàng %(farm)s còn tiền chưa nhận. Hãy nhận đủ rồi xóa tài khoản.", farm=farm.name)
            )
    for account in db.session.scalars(_refund_accounts(person_id)):
        db.session.delete(account)
    for refund in db.session.scalars(_refunds(person_id)):
        refund.account_sealed, refund.account_end, refund.account_holder = None, "", ""


def _refund_accounts(person_id: int) -> Select[RefundAccount]:
    return (
        select(RefundAccount)
        .join(Order, Order.id == RefundAccount.order_id)
        .where(Order.buyer_id == person_id)
    )


def _refunds(person_id: int) -> Select[Refund]:
    return (
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.buyer_id == person_id)
    )
