"""What a farm sees of its money: what is left of a price, what comes and when, what was paid, its account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from marketplace.catalog.models import Product
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.sealing import unseal
from marketplace.foundation.words import Text, _
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.payments import tax
from marketplace.payments.models import (
    HOLD_WORDS,
    PAID_OUT,
    FarmDebt,
    HoldReason,
    LedgerEntry,
    LedgerLine,
    Payout,
    PayoutKind,
    PayoutSlip,
    PayoutState,
    SlipState,
)


@dataclass(frozen=True)
class Split:
    """Where a price goes: tax and commission off, the rest is the farm's."""

    price_dong: int
    tax_dong: int
    commission_dong: int
    net_dong: int
    tax_basis: str = ""
    is_confirmed: bool = True


def split_of(product: Product, price_dong: int, day: date | None = None) -> Split:
    """Where the price of a product goes when its own farm sells it on a day (today)."""
    kind = product.farm.kind
    return net_split(price_dong, kind.value if kind else None, orders.tax_class(product), day)


@dataclass(frozen=True)
class Rates:
    """What is taken off a price today, in parts of 10.000: each is reckoned and rounded by itself."""

    vat: int
    pit: int
    commission: int

    @property
    def each(self) -> tuple[int, int, int]:
        return self.vat, self.pit, self.commission

    @property
    def tax(self) -> int:
        return self.vat + self.pit


def rates_of(product: Product) -> Rates:
    """The rates `split_of` goes by, for a page that reckons while a price is typed."""
    kind = product.farm.kind
    day = clock.today()
    rule = tax.on(kind.value if kind else None, orders.tax_class(product), 0, day).rule
    commission = tax.fees(day).commission_per_10_000
    if rule.is_off:
        return Rates(0, 0, commission)
    return Rates(rule.vat_per_10_000, rule.pit_per_10_000, commission)


def holding_days() -> int:
    """How many working days after delivery a farm's money goes out, by today's rule."""
    return tax.fees(clock.today()).holding_days


def net_split(price_dong: int, farm_kind: str | None, tax_class: str, day: date | None = None) -> Split:
    """Where a price goes by who sells (`household`, `cooperative`, `company`) and what (a TaxClass)."""
    day = day or clock.today()
    taken = tax.on(farm_kind, tax_class, price_dong, day)
    commission = tax.commission(price_dong, tax.fees(day))
    return Split(
        price_dong=price_dong,
        tax_dong=taken.dong,
        commission_dong=commission,
        net_dong=price_dong - taken.dong - commission,
        tax_basis=taken.rule.legal_basis,
        is_confirmed=taken.rule.is_confirmed,
    )


@dataclass(frozen=True)
class Earning:
    """What a farm receives for one order, and on which day; `is_certain` once the goods are delivered."""

    net_dong: int
    tax_dong: int
    commission_dong: int
    on_day: date
    is_certain: bool
    payout: Payout | None = None


def earning_of(farm_order: FarmOrder) -> Earning:
    """ "You will receive so much on that day": from the payout once delivered, by today's rules before."""
    payout = db.session.scalar(
        select(Payout)
        .where(Payout.farm_order_id == farm_order.id)
        .order_by(Payout.kind != PayoutKind.EARNED)
        .limit(1)
    )
    if payout is not None:
        return Earning(
            payout.amount_dong, payout.tax_dong, payout.commission_dong, pay_day(payout), True, payout
        )
    return _estimate(farm_order)


def _estimate(farm_order: FarmOrder) -> Earning:
    day = clock.today()
    kind = farm_order.farm.kind.value if farm_order.farm.kind else None
    taxes = sum(tax.on(kind, line.tax_class, line.sold_for_dong, day).dong for line in farm_order.lines)
    fees = tax.fees(day)
    commission = tax.commission(farm_order.sold_for_dong, fees)
    arrives = max(farm_order.promised_to, day)
    return Earning(
        net_dong=farm_order.goods_dong - farm_order.farm_bears_dong - taxes - commission,
        tax_dong=taxes,
        commission_dong=commission,
        on_day=clock.add_working_days(arrives, fees.holding_days),
        is_certain=False,
    )


def pay_day(payout: Payout) -> date:
    """The day a payout goes out: its due day, or the next working day when that has passed."""
    return (
        max(payout.due_on, clock.next_working_day(clock.today()))
        if payout.state not in PAID_OUT
        else payout.due_on
    )


# -- the farm's money ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coming:
    """One sentence of the farmer's money page: so much, for this order, on that day, or why not yet."""

    farm_order: FarmOrder
    amount_dong: int
    on_day: date
    why: Text | str = ""
    payout: Payout | None = None


@dataclass(frozen=True)
class FarmMoney:
    """A farm's money: on its way to the account (`coming`), held and why, paid lately, and what orders under way will
    bring (`expected`, by today's rules)."""

    coming: list[Coming]
    held: list[Coming]
    paid: list[Coming]
    expected: list[Coming]
    paid_this_month_dong: int
    debts: Sequence[FarmDebt] = ()
    at_counters: Sequence[PayoutSlip] = ()

    @property
    def coming_dong(self) -> int:
        return sum(item.amount_dong for item in self.coming)

    @property
    def held_dong(self) -> int:
        return sum(item.amount_dong for item in self.held)

    @property
    def expected_dong(self) -> int:
        return sum(item.amount_dong for item in self.expected)

    @property
    def next_day(self) -> date | None:
        """The next day money goes out."""
        return min((item.on_day for item in self.coming), default=None)


UNDER_WAY = (FarmOrderState.CONFIRMED, FarmOrderState.ACCEPTED, FarmOrderState.HANDED_OVER)


def farm_money(farm: Farm, paid_limit: int = 30) -> FarmMoney:
    """All a farm wants to know about its money, newest payments last come first."""
    open_payouts = list(
        db.session.scalars(
            _payouts(farm).where(Payout.state.not_in(PAID_OUT)).order_by(Payout.due_on, Payout.id)
        )
    )
    coming: list[Coming] = []
    held: list[Coming] = []
    for payout in open_payouts:
        item = Coming(payout.farm_order, payout.amount_dong, pay_day(payout), _why(payout), payout)
        (held if payout.state is PayoutState.HELD else coming).append(item)
    paid = [
        Coming(payout.farm_order, payout.amount_dong, clock.local(_paid_at(payout)).date(), "", payout)
        for payout in db.session.scalars(
            _payouts(farm).where(Payout.state.in_(PAID_OUT)).order_by(Payout.id.desc()).limit(paid_limit)
        )
    ]
    under_way = orders.farm_orders_of(farm, UNDER_WAY).order_by(None).order_by(FarmOrder.promised_to)
    expected = []
    for farm_order in db.session.scalars(under_way):
        earning = _estimate(farm_order)
        expected.append(Coming(farm_order, earning.net_dong, earning.on_day))
    return FarmMoney(
        coming,
        held,
        paid,
        expected,
        paid_since(farm, clock.today().replace(day=1)),
        debts_of(farm),
        list(
            db.session.scalars(
                select(PayoutSlip).where(PayoutSlip.farm_id == farm.id, PayoutSlip.state == SlipState.READY)
            )
        ),
    )


def debts_of(farm: Farm) -> Sequence[FarmDebt]:
    """What a farm still owes, oldest first."""
    return list(
        db.session.scalars(
            select(FarmDebt).where(FarmDebt.farm_id == farm.id, FarmDebt.left_dong > 0).order_by(FarmDebt.id)
        )
    )


def cash_code(slip: PayoutSlip) -> str:
    """The six digits a farmer says at the counter: for the farm's own page only."""
    return unseal(slip.cash_code_sealed) if slip.cash_code_sealed is not None else ""


def _payouts(farm: Farm) -> Select[Payout]:
    return (
        select(Payout)
        .where(Payout.farm_id == farm.id)
        .options(
            joinedload(Payout.farm_order).selectinload(FarmOrder.lines),
            joinedload(Payout.farm),
            joinedload(Payout.slip),
        )
    )


def _why(payout: Payout) -> Text | str:
    """In the farmer's words, why this money is where it is."""
    if payout.state is PayoutState.HELD:
        because = payout.held_because or HoldReason.BY_HAND
        return payout.held_reason or HOLD_WORDS[because]
    if payout.state is PayoutState.READY:
        return _("Đã có tiền ở điểm bưu điện. Đọc mã nhận tiền và nhớ mang giấy tờ khi tới nhận.")
    if payout.state is PayoutState.BATCHED:
        return _("Đã lên danh sách, chờ duyệt và chuyển.")
    return ""


def _paid_at(payout: Payout) -> datetime:
    return payout.settled_at or payout.sent_at or payout.created_at


def paid_since(farm: Farm, first: date) -> int:
    """What reached a farm since the beginning of a day, in đồng: without what was taken off for its debts."""
    at = func.coalesce(PayoutSlip.settled_at, PayoutSlip.sent_at)
    total = select(func.sum(PayoutSlip.net_dong)).where(
        PayoutSlip.farm_id == farm.id,
        PayoutSlip.state.in_((SlipState.SENT, SlipState.SETTLED)),
        at >= clock.start_of_day(first),
    )
    return int(db.session.scalar(total) or 0)


def payouts_of(farm: Farm) -> Sequence[Payout]:
    """All payouts of a farm, newest first."""
    return list(db.session.scalars(_payouts(farm).order_by(Payout.id.desc())))


def payout_ids_of(farm_order_id: int | None) -> Sequence[int]:
    return list(db.session.scalars(select(Payout.id).where(Payout.farm_order_id == farm_order_id)))


@dataclass(frozen=True)
class StatementLine:
    """A line of a farm's account: what happened, for which order, plus or minus, and what stands after it."""

    at: datetime
    kind: str
    order_code: str
    amount_dong: int
    balance_dong: int
    note: str


def statement(farm: Farm, first: date, last: date) -> list[StatementLine]:
    """The farm's account in the ledger from one day to another: earned is plus, paid out is minus."""
    begin, end = clock.start_of_day(first), clock.start_of_day(last + timedelta(days=1))
    mine = LedgerLine.farm_id == farm.id
    rows = db.session.execute(
        select(LedgerEntry.at, LedgerEntry.kind, LedgerEntry.note, LedgerLine.amount_dong, FarmOrder.code)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .outerjoin(FarmOrder, FarmOrder.id == LedgerEntry.farm_order_id)
        .where(mine, LedgerEntry.at >= begin, LedgerEntry.at < end)
        .order_by(LedgerLine.id)
    )
    standing = balance_before(farm, first)
    lines = []
    for at, kind, note, amount, code in rows:
        standing -= amount
        lines.append(StatementLine(at, kind, code or "", -amount, standing, note))
    return lines


def balance_before(farm: Farm, day: date) -> int:
    """What stood on the farm's account when the day began, in đồng: also before a month in which nothing moved."""
    before = db.session.scalar(
        select(func.sum(LedgerLine.amount_dong))
        .join(LedgerEntry)
        .where(LedgerLine.farm_id == farm.id, LedgerEntry.at < clock.start_of_day(day))
    )
    return -int(before or 0)


def debts_open() -> Sequence[FarmDebt]:
    """What farms owe the market, the oldest first."""
    return list(
        db.session.scalars(
            select(FarmDebt)
            .where(FarmDebt.left_dong > 0)
            .options(joinedload(FarmDebt.farm), joinedload(FarmDebt.farm_order))
            .order_by(FarmDebt.id)
        )
    )


def debt(code: str) -> FarmDebt:
    """A farm's debt, or Missing."""
    found = db.session.scalars(select(FarmDebt).where(FarmDebt.code == code)).one_or_none()
    if found is None:
        raise Missing()
    return found
