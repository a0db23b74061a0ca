"""Fees of dossiers, paid in cash at counters: through the drawer, into the books, and from the post to us.

An authority's fee is not ours: it stands as owed to the agency until it is passed on. A fee of the market's own
procedures is its income.
"""

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.dossiers.models import FeeReceipt
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.payments import ledger, till
from marketplace.payments.models import FeePayment, TillCause


def take(receipt: FeeReceipt) -> FeePayment:
    """The fee on this receipt was taken: into the point's drawer and into the books, once."""
    known = db.session.scalars(select(FeePayment).where(FeePayment.receipt_id == receipt.id)).one_or_none()
    if known is not None:
        return known
    dossier, by = receipt.dossier, Actor.of(receipt.taken_by_id) if receipt.taken_by_id else audit.SYSTEM
    number = receipt.number or receipt.code
    made = FeePayment(receipt=receipt, point=receipt.point, amount_dong=receipt.amount_dong)
    db.session.add(made)
    owed_to = ledger.AGENCY_FEES if dossier.procedure.is_public else ledger.COMMISSION
    ledger.post(
        "dossier_fee",
        number,
        {ledger.COUNTER_CASH: receipt.amount_dong, owed_to: -receipt.amount_dong},
        note=dossier.code,
    )
    if receipt.point is not None:
        till.cash_in(receipt.point, receipt.amount_dong, TillCause.FEE, by, number, dossier.code)
    return made


def remit(fees: Sequence[FeePayment], reference: str, by: Actor) -> int:
    """The post paid fees in that its counters took, under this reference of the bank. Returns the sum in đồng; what was
    paid in before is passed over."""
    reference = reference.strip()[:80]
    if not reference:
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    total = 0
    for fee in claim(FeePayment, [fee.id for fee in fees]):
        left = fee.at_the_post_dong
        if not left:
            continue
        ledger.post("fee_remitted", fee.code, {ledger.BANK: left, ledger.COUNTER_CASH: -left}, note=reference)
        fee.remitted_dong, fee.remitted_at = fee.amount_dong, clock.now()
        audit.record(by, "fee_payment.remitted", fee, amount_dong=left, reference=reference)
        total += left
    if not total:
        raise Conflict(_("Các khoản lệ phí này đã nộp rồi. Hãy tải lại trang."))
    return total
