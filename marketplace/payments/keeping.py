"""What this room knows about people, and when it may let them go: not while the market owes them money."""

from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.farmers import queries as farmers
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import OPEN, FarmOrder
from marketplace.payments.models import PAID_OUT, Payout


def gather(person_id: int) -> list[dict[str, Any]]:
    """What the person's farms were paid, and what is still to come."""
    farms = [farm.id for farm in farmers.farms_of(db.session.get_one(Person, person_id))]
    found = db.session.scalars(select(Payout).where(Payout.farm_id.in_(farms)).order_by(Payout.id))
    return [
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
    """The books stay as the law asks, nameless here. Refused while a farm has orders on their way or money to come:
    without its account nobody could be paid."""
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
