"""What is seen of the books: a month's entries and sums, the months that are closed, the corrections asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.payments.cashier import one
from marketplace.payments.models import ClosedMonth, Correction, CorrectionState, LedgerEntry, LedgerLine


@dataclass(frozen=True)
class Book:
    """A month of the books: its entries (the latest ones), and what stood on each account at its end."""

    month: str
    entries: list[LedgerEntry]
    count: int
    sums: dict[str, int]
    is_closed: bool


def book_of(month: str, limit: int = 100) -> Book:
    """One month of the books; this one when the asked one is none."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        month = f"{clock.today():%Y-%m}"
    entries = list(
        db.session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.month == month)
            .options(selectinload(LedgerEntry.lines))
            .order_by(LedgerEntry.id.desc())
            .limit(limit)
        )
    )
    count = db.session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.month == month)) or 0
    rows = db.session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.amount_dong))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.month <= month)
        .group_by(LedgerLine.account)
    )
    sums: dict[str, int] = {}
    for account, amount in rows:
        kind = account.partition(":")[0]
        sums[kind] = sums.get(kind, 0) + int(amount)
    is_closed = db.session.scalar(select(ClosedMonth.id).where(ClosedMonth.month == month)) is not None
    return Book(month, entries, count, {name: sum_ for name, sum_ in sorted(sums.items()) if sum_}, is_closed)


def months() -> Sequence[str]:
    """Months that have entries, the latest first."""
    return list(db.session.scalars(select(LedgerEntry.month).distinct().order_by(LedgerEntry.month.desc())))


def closed_months() -> Sequence[ClosedMonth]:
    return list(db.session.scalars(select(ClosedMonth).order_by(ClosedMonth.month.desc())))


def corrections_proposed() -> Sequence[Correction]:
    return list(
        db.session.scalars(
            select(Correction).where(Correction.state == CorrectionState.PROPOSED).order_by(Correction.id)
        )
    )


def correction(code: str) -> Correction:
    return one(select(Correction).where(Correction.code == code))
