"""The end of a month in the books: closed by a person, then nothing is written into it; corrections go into the next.

A correction is a person's own entry between accounts of the market itself (bank charges, what the card company kept and
paid out, what the post made good). One proposes it, another posts it.
"""

from datetime import date, timedelta

from sqlalchemy import func, select

from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.money import MAX_PRICE_DONG
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import Text, _
from marketplace.payments import ledger
from marketplace.payments.book_words import ACCOUNT_NAMES
from marketplace.payments.models import ClosedMonth, Correction, CorrectionState, LedgerEntry

ACCOUNT_WORDS: dict[str, Text] = {
    account: ACCOUNT_NAMES[account]
    for account in (
        ledger.BANK,
        ledger.STRIPE,
        ledger.FEES,
        ledger.LOSSES,
        ledger.COMMISSION,
        ledger.CARRIER,
        ledger.TAX_WITHHELD,
        ledger.DISCOUNTS,
        ledger.AGENCY_FEES,
        ledger.POST_CASH,
    )
}
"""Accounts a person may correct. Those of buyers, farms and cash at the door follow their orders, never a hand."""


def close_month(month: str, by: Actor) -> ClosedMonth:
    """Close a month that is over, and every month before it is closed already: from now on nothing goes into it. Raises
    Conflict when it is not over, was closed, or the books do not add up."""
    try:
        year, number = (int(part) for part in month.split("-"))
        first = date(year, number, 1)
    except ValueError:
        raise Refusal(_("Tháng chưa đúng. Ví dụ 2026-10."), field="month") from None
    month = ledger.month_of(first)
    if month >= ledger.month_of(clock.today()):
        raise Conflict(_("Tháng này chưa hết nên chưa khóa sổ được."))
    known = db.session.scalar(select(ClosedMonth.id).where(ClosedMonth.month == month))
    if known is not None:
        raise Conflict(_("Sổ tháng này đã khóa rồi."))
    if earlier := next((one for one in months_open() if one < month), None):
        raise Conflict(_("Hãy khóa sổ tháng %(month)s trước.", month=earlier))
    if wrong := ledger.check():
        raise Conflict(
            _("Sổ chưa khớp (%(count)s chỗ), chưa khóa được. Chạy kiểm tra sổ để xem.", count=len(wrong))
        )
    count = db.session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.month == month))
    made = ClosedMonth(
        month=month, sums=ledger.standing(month), entry_count=int(count or 0), closed_by_id=by.person_id
    )
    db.session.add(made)
    audit.record(by, "ledger.month_closed", made, month=month, entries=made.entry_count)
    return made


def months_open() -> list[str]:
    """Months of the books that are over, have entries and are not closed, oldest first."""
    this = ledger.month_of(clock.today())
    rows = db.session.scalars(
        select(LedgerEntry.month)
        .where(LedgerEntry.month < this, LedgerEntry.month.not_in(select(ClosedMonth.month)))
        .distinct()
        .order_by(LedgerEntry.month)
    )
    return list(rows)


def propose_correction(
    from_account: str, to_account: str, amount_dong: int, reason: str, by: Actor
) -> Correction:
    """Ask for an entry between two accounts of the market; nothing is written until another person posts it."""
    if from_account not in ACCOUNT_WORDS or to_account not in ACCOUNT_WORDS:
        raise Refusal(_("Chỉ điều chỉnh được các tài khoản của chợ trong danh sách."), field="to_account")
    if from_account == to_account:
        raise Refusal(_("Hai tài khoản phải khác nhau."), field="to_account")
    if not 0 < amount_dong <= MAX_PRICE_DONG:
        raise Refusal(_("Số tiền phải lớn hơn 0."), field="amount")
    if not reason.strip():
        raise Refusal(_("Hãy ghi lý do và chứng từ."), field="reason")
    made = Correction(
        from_account=from_account,
        to_account=to_account,
        amount_dong=amount_dong,
        reason=reason.strip()[:300],
        state=CorrectionState.PROPOSED,
        proposed_by_id=by.person_id,
    )
    db.session.add(made)
    audit.record(by, "correction.proposed", made, amount_dong=amount_dong)
    return made


def approve_correction(correction: Correction, by: Actor) -> None:
    """Another person posts it, into the month of today."""
    (correction,) = claim(Correction, [correction.id])
    if by.person_id is not None and by.person_id == correction.proposed_by_id:
        raise Refusal(_("Bạn là người đề nghị điều chỉnh này. Hãy nhờ người khác duyệt."))
    states.move(correction, CorrectionState.POSTED, by)
    correction.approved_by_id = by.person_id
    ledger.post(
        "correction",
        correction.code,
        {correction.to_account: correction.amount_dong, correction.from_account: -correction.amount_dong},
        note=correction.reason,
    )


def decline_correction(correction: Correction, by: Actor) -> None:
    """Nothing is written for it."""
    (correction,) = claim(Correction, [correction.id])
    states.move(correction, CorrectionState.DECLINED, by)


def last_day_of(month: str) -> date:
    """The last day of a month of the books."""
    year, number = (int(part) for part in month.split("-"))
    return (date(year, number, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
