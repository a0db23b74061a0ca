"""Whom a claim or a complaint is told to, and with which facts."""

from datetime import datetime
from typing import Any

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person, Role
from marketplace.claims.deadlines import Due, Promise
from marketplace.claims.models import REASON_WORDS, Claim, Complaint
from marketplace.farmers import queries as farmers
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.money import dong
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient
from marketplace.orders import service as orders
from marketplace.orders.models import DoorAppeal
from marketplace.payments.models import Refund


def moment(at: datetime | None) -> str:
    """`14:05 25/11/2026`, the same in every language."""
    return clock.local(at).strftime("%H:%M %d/%m/%Y") if at is not None else ""


def path(claim: Claim) -> str:
    """The buyer's page of a claim; a guest's opens with the order's secret."""
    order = claim.farm_order.order
    key = "" if order.buyer_id else f"?key={order.secret}"
    return f"/account/orders/{order.code}/claims/{claim.code}{key}"


def buyer(claim: Claim, template: str, **facts: Any) -> None:
    to = orders.buyer_recipient(claim.farm_order.order)
    notifications.send(to, template, path=path(claim), **_facts(claim), **facts)


def farm(claim: Claim, template: str, **facts: Any) -> None:
    for to in farmers.members_recipients(claim.farm_order.farm):
        notifications.send(to, template, path=f"/sell/claims/{claim.code}", **_facts(claim), **facts)


def staff(claim: Claim, template: str, **facts: Any) -> None:
    for person in accounts.people_with_role(Role.ADMIN):
        to = accounts.recipient_of(person)
        notifications.send(to, template, path=f"/admin/claims/{claim.code}", **_facts(claim), **facts)


def deadline(due: Due) -> None:
    """A promised time is near: whoever must act is reminded. It is over: the market's desk, and whoever waits."""
    record = due.record
    if due.promise is Promise.FARM_ANSWERS:
        assert isinstance(record, Claim)
        if not due.is_late:  # what happens when it is over has a message of its own
            farm(record, "claims/answer_soon", answer_by=moment(due.at))
        return
    if due.promise is Promise.GOODS_COME_BACK:
        assert isinstance(record, Claim)
        if not due.is_late:
            buyer(record, "claims/return_soon", return_by=moment(due.at))
        return
    _desk(due)
    if due.is_late:
        _whoever_waits(due)


def _desk(due: Due) -> None:
    is_money = due.promise in (Promise.REFUND_SENT, Promise.CARD_EVIDENCE_SENT)
    desk = {one.id: one for role in ((Role.ADMIN, Role.CASHIER) if is_money else (Role.ADMIN,))
            for one in accounts.people_with_role(role)}  # fmt: skip
    for person in desk.values():
        notifications.send(
            accounts.recipient_of(person),
            "claims/deadline_late" if due.is_late else "claims/deadline_near",
            path=due.path,
            what=due.words,
            code=due.record.code,
            at=moment(due.at),
        )


def _whoever_waits(due: Due) -> None:
    record = due.record
    if isinstance(record, Claim):
        buyer(record, "claims/decision_late")
        farm(record, "claims/decision_late")
    elif isinstance(record, Complaint):
        complainant(record, "claims/complaint_late")
    elif isinstance(record, DoorAppeal):
        orders.tell_appeal_is_late(record)
    elif isinstance(record, Refund) and record.farm_order is not None:
        order = record.farm_order.order
        notifications.send(
            orders.buyer_recipient(order),
            "claims/refund_late",
            path=order.path,
            order=order.code,
            amount=dong(record.amount_dong),
        )


def _facts(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim.code,
        "code": claim.farm_order.code,
        "farm": claim.farm_order.farm.name,
        "reason": REASON_WORDS[claim.reason],
        "asked": dong(claim.asked_dong),
        "decide_by": moment(claim.decide_by),
    }


def complainant(complaint: Complaint, template: str) -> None:
    person = db.session.get(Person, complaint.person_id) if complaint.person_id else None
    to = (
        accounts.recipient_of(person)
        if person is not None
        else Recipient(phone=complaint.phone, language=complaint.language)
    )
    notifications.send(
        to,
        template,
        path=f"/complaints/{complaint.code}",
        code=complaint.code,
        until=clock.local(complaint.answer_by).strftime("%d/%m/%Y"),
    )
