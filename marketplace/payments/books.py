"""What is seen of the books: a month's entries and sums, the months that are closed, the corrections asked for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, selectinload

from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import Text, _
from marketplace.orders.models import Order
from marketplace.payments.book_words import ACCOUNT_NAMES
from marketplace.payments.cashier import one
from marketplace.payments.models import ClosedMonth, Correction, CorrectionState, LedgerEntry, LedgerLine

OF_EACH = {"buyer": Order, "farm": Farm}
"""Accounts there is one of for each order or farm: `buyer:<order>`, `farm:<id>`. In an address they go by its code."""
MOST_PARTS = 200


@dataclass(frozen=True)
class Book:
    """A month of the books: its entries (the latest ones), what stood on each account at its end, and of whom the
    accounts in its entries are."""

    month: str
    entries: list[LedgerEntry]
    count: int
    sums: dict[str, int]
    is_closed: bool
    names: Mapping[str, Text | str]


@dataclass(frozen=True)
class Part:
    """One order's or farm's share of an account."""

    code: str
    name: str
    dong: int


@dataclass(frozen=True)
class Account:
    """An account in a month: what stood on it before and after, its parts where there is one for each order or farm,
    and the lines between, oldest first."""

    name: str
    words: Text | str
    month: str
    of: str
    opening_dong: int
    closing_dong: int
    parts: list[Part]
    lines: Sequence[LedgerLine]
    count: int
    names: Mapping[str, Text | str]


def month_asked(typed: str) -> str:
    """The month as it was asked for; this one when that is none."""
    return typed if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", typed) else f"{clock.today():%Y-%m}"


def book_of(month: str, limit: int = 100) -> Book:
    """One month of the books; this one when the asked one is none."""
    month = month_asked(month)
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
    standing = {name: sum_ for name, sum_ in sorted(sums.items()) if sum_}
    return Book(month, entries, count, standing, is_closed, names_of(entries))


def account_of(name: str, month: str, of: str = "", offset: int = 0, limit: int | None = None) -> Account:
    """An account's lines of a month (`of`: those of one order or farm, by its code). Missing when there is none."""
    if name not in ACCOUNT_NAMES or (of and name not in OF_EACH):
        raise Missing(_("Sổ không có tài khoản này."))
    month = month_asked(month)
    is_of_each, whose = name in OF_EACH, f"{name}:{_id_of(name, of)}" if of else name
    exactly = LedgerLine.account == whose
    theirs = LedgerLine.account.startswith(f"{name}:", autoescape=True) if is_of_each and not of else exactly
    its_lines = select(LedgerLine).join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id).where(theirs)
    this_month = its_lines.where(LedgerEntry.month == month)
    lines = db.session.scalars(
        this_month.options(contains_eager(LedgerLine.entry).selectinload(LedgerEntry.lines))
        .order_by(LedgerLine.id)
        .offset(offset)
        .limit(limit)
    ).all()
    return Account(
        name=name,
        words=_name(whose, {}),
        month=month,
        of=of,
        opening_dong=_sum(its_lines.where(LedgerEntry.month < month)),
        closing_dong=_sum(its_lines.where(LedgerEntry.month <= month)),
        parts=_parts(name, month) if is_of_each and not of else [],
        lines=lines,
        count=db.session.scalar(this_month.with_only_columns(func.count(LedgerLine.id))) or 0,
        names=names_of([line.entry for line in lines]),
    )


def names_of(entries: Iterable[LedgerEntry]) -> Mapping[str, Text | str]:
    """What people call every account these entries touch."""
    accounts = {line.account for entry in entries for line in entry.lines}
    codes: dict[str, str] = {}
    for kind, record in OF_EACH.items():
        ids = [int(one.partition(":")[2]) for one in accounts if one.startswith(f"{kind}:")]
        called = record.code if record is Order else record.name
        for id_, word in db.session.execute(select(record.id, called).where(record.id.in_(ids))):
            codes[f"{kind}:{id_}"] = word
    return {account: _name(account, codes) for account in accounts}


def _name(account: str, codes: Mapping[str, str]) -> Text | str:
    words = ACCOUNT_NAMES.get(account.partition(":")[0], account)
    return _("%(account)s: %(of)s", account=words, of=codes[account]) if account in codes else words


def _parts(name: str, month: str) -> list[Part]:
    """Whose money makes the sum on an account, the largest first."""
    record = OF_EACH[name]
    amount = func.sum(LedgerLine.amount_dong)
    rows = db.session.execute(
        select(LedgerLine.account, amount)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerLine.account.startswith(f"{name}:", autoescape=True), LedgerEntry.month <= month)
        .group_by(LedgerLine.account)
        .having(amount != 0)
        .order_by(func.abs(amount).desc(), LedgerLine.account)
        .limit(MOST_PARTS)
    ).all()
    ids = {int(account.partition(":")[2]): int(dong) for account, dong in rows}
    found = {one.id: one for one in db.session.scalars(select(record).where(record.id.in_(ids)))}
    return [
        Part(one.code, one.name, dong) for id_, dong in ids.items() if (one := found.get(id_)) is not None
    ]


def _id_of(name: str, code: str) -> int:
    return one(select(OF_EACH[name]).where(OF_EACH[name].code == code)).id


def _sum(lines: Select[LedgerLine]) -> int:
    return int(db.session.scalar(lines.with_only_columns(func.sum(LedgerLine.amount_dong))) or 0)


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
