"""Lists of money back for the bank: one person draws a list up, another approves it, the first sends it.

What is on a list keeps the account it was listed with: one that a buyer changes afterwards is for the next list.
"""

from sqlalchemy import select

from marketplace.foundation import audit, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.payments import refund_accounts, refunds
from marketplace.payments.models import (
    Payment,
    Refund,
    RefundAccount,
    RefundBatch,
    RefundBatchState,
    RefundState,
)

R, B = RefundState, RefundBatchState
OPEN = (R.DUE, R.APPROVED)


def prepare(by: Actor) -> RefundBatch | None:
    """Put every refund whose buyer wrote an account on a list for the bank; none when there is nothing to list."""
    ids = db.session.scalars(
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(RefundAccount, RefundAccount.order_id == Payment.order_id)
        .where(Refund.state == R.DUE, Refund.card_intent.is_(None), Refund.batch_id.is_(None))
    )
    found = [one for one in claim(Refund, list(ids)) if one.state is R.DUE and one.batch_id is None]
    if not found:
        return None
    made = RefundBatch(state=B.PREPARED, prepared_by_id=by.person_id)
    db.session.add(made)
    db.session.flush()
    for refund in found:
        refund.batch_id = made.id
        refund_accounts.give(refund)
    audit.record(by, "refund_batch.prepared", made, count=len(found))
    return made


def approve(batch: RefundBatch, by: Actor) -> None:
    """Another person looked at the list: its money may go. Twice is once."""
    batch, found = _claim(batch)
    if batch.state is B.APPROVED:
        return
    if by.person_id is not None and by.person_id == batch.prepared_by_id:
        raise Refusal(_("Bạn là người lập danh sách này. Hãy nhờ người khác duyệt."))
    states.move(batch, B.APPROVED, by)
    batch.approved_by_id = by.person_id
    for refund in found:
        refunds.approve(refund, by, in_list=True)


def send(batch: RefundBatch, reference: str, by: Actor) -> int:
    """The list went to the bank under this reference: every refund on it is sent, every buyer told. Returns the sum in
    đồng. Raises Refusal for whoever approved it."""
    batch, found = _claim(batch)
    if batch.state is B.SENT:
        return 0
    if not reference.strip():
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    if batch.state is not B.APPROVED:
        raise Conflict(_("Danh sách này chưa có người thứ hai duyệt, hoặc đã bỏ. Hãy tải lại trang."))
    states.move(batch, B.SENT, by, reference)
    batch.reference = reference.strip()[:80]
    for refund in found:
        refunds.send(refund, batch.reference, by, in_list=True)
    return sum(refund.amount_dong for refund in found)


def drop(batch: RefundBatch, by: Actor) -> None:
    """The list is not sent: its refunds wait again, each for an approval of its own."""
    batch, found = _claim(batch)
    if batch.state is B.DROPPED:
        return
    states.move(batch, B.DROPPED, by)
    for refund in found:
        if refund.state is R.APPROVED:
            refunds.unapprove(refund, by, in_list=True)
        refund.batch_id = None


def _claim(batch: RefundBatch) -> tuple[RefundBatch, list[Refund]]:
    """The list and what still waits on it, locked: payments before refunds, as everywhere."""
    asked = select(Refund.payment_id).where(Refund.batch_id == batch.id, Refund.state.in_(OPEN))
    claim(Payment, [one for one in db.session.scalars(asked) if one is not None])
    (batch,) = claim(RefundBatch, [batch.id])
    ids = db.session.scalars(select(Refund.id).where(Refund.batch_id == batch.id, Refund.state.in_(OPEN)))
    return batch, claim(Refund, list(ids))
