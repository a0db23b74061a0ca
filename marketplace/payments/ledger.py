"""The ledger: the only place where money is written down.

Double entry in whole đồng: plus is debit (what we have), minus is credit (what we owe or earned). Every entry adds up
to zero and is never changed; a mistake is corrected by another entry. A balance is a sum, never a stored number.

    bank           what is on our bank account            post_cod     cash postmen took, not yet paid in
    buyer:<order>  what we hold for a buyer               farm:<id>    what we owe a farm
    carrier        freight we owe the post                tax_withheld tax we owe the State
    commission     what the market earned                 unmatched    transfers no order is known for
    post_cash      what counters paid out to farms for us, still to be made good
    counter_cash   what buyers paid in at counters, not yet with us
    stripe         what the card company holds for us     disputed     card money a buyer's bank took back for now
    cod_surplus    what the post paid in too much         losses       what the market itself bears
    discounts      what the market gives off for vouchers fees         what banks and the card company keep
    agency_fees    fees of dossiers we owe to agencies
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import ColumnElement, case, func, select

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.orders.models import FarmOrder, FarmOrderState, Order, OrderLine
from marketplace.payments.models import (
    PAID_OUT,
    SLIP_PAID,
    BankNotice,
    ClosedMonth,
    Deduction,
    FarmDebt,
    FeePayment,
    LedgerEntry,
    LedgerLine,
    LineTax,
    Payment,
    Payout,
    PayoutKind,
    PayoutSlip,
    Refund,
    RefundCause,
    RefundState,
    RemittanceLine,
    SlipState,
)

BANK = "bank"
POST_COD = "post_cod"
POST_CASH = "post_cash"
COUNTER_CASH = "counter_cash"
STRIPE = "stripe"
DISPUTED = "disputed"
COD_SURPLUS = "cod_surplus"
LOSSES = "losses"
DISCOUNTS = "discounts"
FEES = "fees"
CARRIER = "carrier"
COMMISSION = "commission"
TAX_WITHHELD = "tax_withheld"
UNMATCHED = "unmatched"
AGENCY_FEES = "agency_fees"


def buyer(order_id: int) -> str:
    return f"buyer:{order_id}"


def farm(farm_id: int) -> str:
    return f"farm:{farm_id}"


class NotBalanced(ValueError):
    """A bug: an entry whose lines do not add up to zero, or a reference used for two different facts."""


def post(
    kind: str,
    reference: str,
    lines: Mapping[str, int],
    order_id: int | None = None,
    farm_order_id: int | None = None,
    note: str = "",
) -> LedgerEntry:
    """Write one fact about money: account → đồng, plus is debit. Lines of nothing are left out.

    The same kind and reference again is the same fact and writes nothing; with other amounts it is a bug.
    """
    amounts = {account: amount for account, amount in lines.items() if amount}
    if not amounts or sum(amounts.values()) != 0:
        raise NotBalanced(f"{kind} {reference}: {amounts} is {sum(amounts.values())} off")
    known = db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.kind == kind, LedgerEntry.reference == reference)
    ).one_or_none()
    if known is not None:
        if {line.account: line.amount_dong for line in known.lines} != amounts:
            raise NotBalanced(f"{kind} {reference} was posted before with other amounts")
        return known
    now = clock.now()
    entry = LedgerEntry(
        kind=kind,
        reference=reference,
        at=now,
        month=month_of(clock.local(now)),
        order_id=order_id,
        farm_order_id=farm_order_id,
        note=note,
        lines=[
            LedgerLine(account=account, farm_id=_farm_id(account), amount_dong=amount)
            # Debits first: the sum is nought only with the last line, and then the entry takes no more.
            for account, amount in sorted(amounts.items(), key=lambda one: one[1] < 0)
        ],
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def month_of(day: date) -> str:
    """The month of the books a day falls into: `2026-11`."""
    return f"{day:%Y-%m}"


def balance(account: str) -> int:
    """What stands on an account now: plus is ours, minus is owed."""
    return int(
        db.session.scalar(select(func.sum(LedgerLine.amount_dong)).where(LedgerLine.account == account)) or 0
    )


def standing(month: str) -> dict[str, int]:
    """What stood on each account at the end of a month."""
    rows = db.session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.amount_dong))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.month <= month)
        .group_by(LedgerLine.account)
    )
    return {account: int(dong) for account, dong in rows if dong}


def _farm_id(account: str) -> int | None:
    kind, _, number = account.partition(":")
    return int(number) if kind == "farm" else None


# -- the auditor ---------------------------------------------------------------------------------------------------


def check() -> list[str]:
    """All that does not add up, one sentence each; empty when the books are right. Asked by `flask ledger check`."""
    return [*_entries(), *_orders(), *_buyers(), *_farms(), *_sums()]


def _entries() -> Iterator[str]:
    """Every entry adds up, and every month that was closed stands as it stood then."""
    yield from _closed_months()
    for code, total in db.session.execute(
        select(LedgerEntry.code, func.coalesce(func.sum(LedgerLine.amount_dong), 0))
        .outerjoin(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .group_by(LedgerEntry.code)
        .having((func.sum(LedgerLine.amount_dong) != 0) | (func.count(LedgerLine.id) == 0))
    ):
        yield f"entry {code} is {total} đồng off"


def _closed_months() -> Iterator[str]:
    for closed in db.session.scalars(select(ClosedMonth).order_by(ClosedMonth.month)):
        if standing(closed.month) != closed.sums:
            yield f"month {closed.month} is closed, and its balances are no longer what they were"


def _orders() -> Iterator[str]:
    """An order is the sum of its parts, a part the sum of its lines, and payments are asked for all of it."""
    lines = (
        select(OrderLine.farm_order_id, func.sum(OrderLine.total_dong).label("dong"))
        .group_by(OrderLine.farm_order_id)
        .subquery()
    )
    for code in db.session.scalars(
        select(FarmOrder.code)
        .outerjoin(lines, lines.c.farm_order_id == FarmOrder.id)
        .where(FarmOrder.goods_dong != func.coalesce(lines.c.dong, 0))
    ):
        yield f"farm order {code} is not the sum of its lines"
    parts = (
        select(
            FarmOrder.order_id,
            func.sum(_part_total() + FarmOrder.short_dong).label("dong"),
            func.sum(FarmOrder.short_dong).label("short"),
        )
        .group_by(FarmOrder.order_id)
        .subquery()
    )
    # What a farm did not supply is not asked for at the door; what was paid before goes back as a refund.
    not_asked = case((Order.payment_method == "cod", func.coalesce(parts.c.short, 0)), else_=0)
    asked = (
        select(Payment.order_id, func.sum(Payment.amount_dong).label("dong"))
        .group_by(Payment.order_id)
        .subquery()
    )
    for code, total, whole, parts_dong, asked_dong in db.session.execute(
        select(
            Order.code,
            Order.total_dong,
            Order.goods_dong + Order.shipping_dong + Order.cod_fee_dong - Order.discount_dong,
            func.coalesce(parts.c.dong, 0),
            func.coalesce(asked.c.dong, 0) + not_asked,
        )
        .outerjoin(parts, parts.c.order_id == Order.id)
        .outerjoin(asked, asked.c.order_id == Order.id)
        .where(
            (
                Order.total_dong
                != Order.goods_dong + Order.shipping_dong + Order.cod_fee_dong - Order.discount_dong
            )
            | (Order.total_dong != func.coalesce(parts.c.dong, 0))
            | (Order.total_dong != func.coalesce(asked.c.dong, 0) + not_asked)
        )
    ):
        yield f"order {code} is {total}, its sums {whole}, its parts {parts_dong}, its payments {asked_dong}"


def _buyers() -> Iterator[str]:
    """What we hold for each buyer is what came in, less what was delivered, carried in vain, and given back."""
    owed: Counter[str] = Counter()
    for order_id, dong in db.session.execute(
        select(Payment.order_id, func.sum(Payment.received_dong)).group_by(Payment.order_id)
    ):
        owed[buyer(order_id)] += int(dong)
    earned = select(FarmOrder.order_id, func.sum(_part_total())).where(FarmOrder.delivered_at.is_not(None))
    for order_id, dong in db.session.execute(earned.group_by(FarmOrder.order_id)):
        owed[buyer(order_id)] -= int(dong)
    carried = (
        select(FarmOrder.order_id, func.sum(_freight_paid()))
        .join(Payment, (Payment.order_id == FarmOrder.order_id) & Payment.farm_order_id.is_(None))
        .where(
            FarmOrder.state == FarmOrderState.RETURNED,
            FarmOrder.delivered_at.is_(None),
            Payment.received_dong > 0,
        )
    )
    for order_id, dong in db.session.execute(carried.group_by(FarmOrder.order_id)):
        owed[buyer(order_id)] -= int(dong)
    borne = (
        select(Payment.order_id, func.sum(_borne()))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state != RefundState.WITHDRAWN)
    )
    for order_id, dong in db.session.execute(borne.group_by(Payment.order_id)):
        owed[buyer(order_id)] += int(dong)
    given_back = (
        select(Payment.order_id, func.sum(Refund.amount_dong))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == RefundState.SENT, Refund.cause != RefundCause.SENT_BACK)
    )
    for order_id, dong in db.session.execute(given_back.group_by(Payment.order_id)):
        owed[buyer(order_id)] -= int(dong)
    yield from _differences("buyer:", owed)


def _farms() -> Iterator[str]:
    """Every delivered part has one payout of the right sum, and what we owe a farm is its payouts not yet paid."""
    for code in db.session.scalars(
        select(FarmOrder.code)
        .outerjoin(Payout, (Payout.farm_order_id == FarmOrder.id) & (Payout.kind == PayoutKind.EARNED))
        .where(
            FarmOrder.delivered_at.is_not(None) & Payout.id.is_(None)
            | FarmOrder.delivered_at.is_(None) & Payout.id.is_not(None)
            | Payout.id.is_not(None)
            & (
                FarmOrder.goods_dong - FarmOrder.farm_discount_dong - FarmOrder.farm_freight_discount_dong
                != Payout.amount_dong + Payout.commission_dong + Payout.tax_dong
            )
        )
    ):
        yield f"farm order {code} and its payout do not agree"
    for code in db.session.scalars(
        select(Payout.code)
        .join(FarmOrder, FarmOrder.id == Payout.farm_order_id)
        .where(
            Payout.kind == PayoutKind.COMPENSATION,
            Payout.amount_dong > _lost_goods(),
        )
    ):
        yield f"payout {code}: more is made good than was lost"
    taxed = select(LineTax.payout_id, func.sum(LineTax.vat_dong + LineTax.pit_dong).label("dong")).group_by(
        LineTax.payout_id
    )
    tax = taxed.subquery()
    for code in db.session.scalars(
        select(Payout.code)
        .outerjoin(tax, tax.c.payout_id == Payout.id)
        .where(Payout.tax_dong != func.coalesce(tax.c.dong, 0))
    ):
        yield f"payout {code}: the tax is not the sum of its lines"
    owed: Counter[str] = Counter()
    for farm_id, dong in db.session.execute(
        select(Payout.farm_id, func.sum(Payout.amount_dong))
        .where(Payout.state.not_in(PAID_OUT))
        .group_by(Payout.farm_id)
    ):
        owed[farm(farm_id)] += int(dong)
    taken = (
        select(Deduction.debt_id, func.sum(Deduction.amount_dong).label("dong"))
        .join(PayoutSlip, PayoutSlip.id == Deduction.slip_id)
        .where(PayoutSlip.state.in_(SLIP_PAID))
        .group_by(Deduction.debt_id)
        .subquery()
    )
    for farm_id, dong in db.session.execute(
        select(
            FarmDebt.farm_id,
            func.sum(FarmDebt.amount_dong - FarmDebt.settled_dong - func.coalesce(taken.c.dong, 0)),
        )
        .outerjoin(taken, taken.c.debt_id == FarmDebt.id)
        .group_by(FarmDebt.farm_id)
    ):
        owed[farm(farm_id)] -= int(dong)
    yield from _differences("farm:", owed)
    yield from _debts()


def _debts() -> Iterator[str]:
    """What is left of a debt is what no slip that still counts took off; a slip is the sum of its payouts."""
    taken = (
        select(Deduction.debt_id, func.sum(Deduction.amount_dong).label("dong"))
        .join(PayoutSlip, PayoutSlip.id == Deduction.slip_id)
        .where(PayoutSlip.state.not_in((SlipState.TAKEN_OUT, SlipState.BOUNCED)))
        .group_by(Deduction.debt_id)
        .subquery()
    )
    for code in db.session.scalars(
        select(FarmDebt.code)
        .outerjoin(taken, taken.c.debt_id == FarmDebt.id)
        .where(
            FarmDebt.left_dong
            != FarmDebt.amount_dong - FarmDebt.settled_dong - func.coalesce(taken.c.dong, 0)
        )
    ):
        yield f"debt {code}: what is left is not what was not taken off"
    listed = (
        select(Payout.slip_id, func.sum(Payout.amount_dong).label("dong")).group_by(Payout.slip_id).subquery()
    )
    for code in db.session.scalars(
        select(PayoutSlip.code)
        .outerjoin(listed, listed.c.slip_id == PayoutSlip.id)
        .where(
            PayoutSlip.state.not_in((SlipState.TAKEN_OUT, SlipState.BOUNCED)),
            PayoutSlip.gross_dong != func.coalesce(listed.c.dong, 0),
        )
    ):
        yield f"slip {code} is not the sum of its payouts"


def _sums() -> Iterator[str]:
    """Cash at the post is what was collected and not paid in; unmatched money waits for a cashier."""
    collected = db.session.scalar(
        select(func.sum(Payment.received_dong - Payment.remitted_dong - Payment.written_off_dong)).where(
            Payment.farm_order_id.is_not(None)
        )
    )
    if balance(POST_COD) != (collected or 0):
        yield f"post_cod stands at {balance(POST_COD)}, collected and not paid in is {collected or 0}"
    taken = db.session.scalar(
        select(func.sum(Payment.received_dong - Payment.remitted_dong)).where(
            Payment.paid_in_at_id.is_not(None)
        )
    )
    fees = db.session.scalar(select(func.sum(FeePayment.amount_dong - FeePayment.remitted_dong)))
    at_counters = (taken or 0) + (fees or 0)
    if balance(COUNTER_CASH) != at_counters:
        yield f"counter_cash stands at {balance(COUNTER_CASH)}, taken and not paid in is {at_counters}"
    surplus = db.session.scalar(select(func.sum(RemittanceLine.surplus_dong - RemittanceLine.cleared_dong)))
    if -balance(COD_SURPLUS) != (surplus or 0):
        yield f"cod_surplus stands at {balance(COD_SURPLUS)}, lists say {surplus or 0}"
    waiting = db.session.scalar(
        select(func.sum(BankNotice.amount_dong))
        .outerjoin(Refund, (Refund.notice_id == BankNotice.id) & (Refund.state != RefundState.WITHDRAWN))
        .where(
            BankNotice.problem.is_not(None),
            BankNotice.handled_at.is_(None) | Refund.state.in_((RefundState.DUE, RefundState.APPROVED)),
        )
    )
    if -balance(UNMATCHED) != (waiting or 0):
        yield f"unmatched stands at {balance(UNMATCHED)}, transfers waiting are {waiting or 0}"
    for code, noted, sent in db.session.execute(
        select(Payment.code, Payment.refunded_dong, func.coalesce(func.sum(Refund.amount_dong), 0))
        .outerjoin(
            Refund,
            (Refund.payment_id == Payment.id)
            & (Refund.state == RefundState.SENT)
            & (Refund.cause != RefundCause.SENT_BACK),
        )
        .group_by(Payment.code, Payment.refunded_dong)
        .having(Payment.refunded_dong != func.coalesce(func.sum(Refund.amount_dong), 0))
    ):
        yield f"payment {code} says {noted} went back, its refunds say {sent}"


def _differences(prefix: str, owed: Mapping[str, int]) -> Iterator[str]:
    """Accounts of this kind whose balance is not what we owe."""
    standing: dict[str, int] = {
        account: int(dong)
        for account, dong in db.session.execute(
            select(LedgerLine.account, func.sum(LedgerLine.amount_dong))
            .where(LedgerLine.account.startswith(prefix, autoescape=True))
            .group_by(LedgerLine.account)
        )
    }
    for account in sorted({*standing, *owed}):
        if -standing.get(account, 0) != owed.get(account, 0):
            yield f"{account} stands at {standing.get(account, 0)}, owed is {owed.get(account, 0)}"


def _borne() -> ColumnElement[int]:
    return Refund.farm_bears_dong + Refund.carrier_bears_dong + Refund.market_bears_dong


def _part_total() -> ColumnElement[int]:
    on_goods = FarmOrder.farm_discount_dong + FarmOrder.market_discount_dong
    return FarmOrder.goods_dong - on_goods + _freight_paid()


def _lost_goods() -> ColumnElement[int]:
    rest = case(
        (FarmOrder.state == FarmOrderState.LOST, FarmOrder.goods_dong - FarmOrder.farm_discount_dong), else_=0
    )
    return FarmOrder.lost_dong + rest


def _freight_paid() -> ColumnElement[int]:
    discount = FarmOrder.farm_freight_discount_dong + FarmOrder.market_freight_discount_dong
    return FarmOrder.shipping_dong + FarmOrder.cod_fee_dong - FarmOrder.freight_saved_dong - discount
