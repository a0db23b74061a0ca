"""What can be seen of money: by the buyer who pays, the farm that earns, the cashier who looks after it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.catalog.models import Product
from marketplace.farmers.models import Farm
from marketplace.foundation import clock, market
from marketplace.foundation.db import Record, db
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Missing
from marketplace.foundation.sealing import unseal
from marketplace.foundation.words import Text, _
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import documents, tax
from marketplace.payments import till as drawers
from marketplace.payments.models import (
    HOLD_WORDS,
    PAID_OUT,
    BankNotice,
    BankStatement,
    BatchState,
    CardDispute,
    CardEvent,
    ClosedMonth,
    Correction,
    CorrectionState,
    DisputeState,
    FarmDebt,
    HoldReason,
    LedgerEntry,
    LedgerLine,
    LineOutcome,
    LineTax,
    NoticeProblem,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    PayoutSlip,
    PayoutState,
    Refund,
    RefundCause,
    RefundState,
    Remittance,
    RemittanceLine,
    SlipState,
    Till,
)
from marketplace.places.models import ServicePoint
from marketplace.shipping.models import Parcel, ParcelState

R = TypeVar("R", bound=Record)
DEMO_BIN, DEMO_ACCOUNT = "970405", "0000000000"


# -- how to pay ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bank:
    """The market's own account that transfers go to. A demo account takes no real money."""

    bin: str
    account: str
    holder: str
    is_demo: bool = False


def bank() -> Bank | None:
    """Where transfers go; a demo account while developing and in the practice market, none when a real market has no
    bank settings."""
    settings = market.settings()
    if settings.practice or (not settings.bank_bin and settings.app_env != "production"):
        return Bank(DEMO_BIN, DEMO_ACCOUNT, settings.site_name.upper(), is_demo=True)
    if not settings.bank_bin:
        return None
    return Bank(settings.bank_bin, settings.bank_account, settings.bank_account_name)


def methods() -> list[str]:
    """The ways to pay that are offered now: at the door and at a counter always, `vietqr` where there is a bank
    account, `card` where the card company's keys are."""
    offered = ["cod", "vietqr"] if bank() is not None else ["cod"]
    return [*offered, *(["card"] if market.plugged("payments.cards") is not None else []), "counter"]


def payment_for(code: str) -> Payment:
    """A transfer by its code, for its pay page; the code is a secret of sixteen digits' worth."""
    found = db.session.scalars(
        select(Payment).where(Payment.code == code.upper(), Payment.farm_order_id.is_(None))
    ).one_or_none()
    if found is None:
        raise Missing(_("Không tìm thấy khoản trả tiền này. Hãy mở lại liên kết trong tin nhắn."))
    return found


def payments_of(order: Order) -> Sequence[Payment]:
    return list(db.session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)))


def to_pay_now(order: Order) -> Payment | None:
    """The transfer the buyer should make now; none when the postman takes the money or nothing is owed."""
    return next(
        (
            payment
            for payment in payments_of(order)
            if payment.farm_order_id is None and payment.state is PaymentState.EXPECTED
        ),
        None,
    )


def refunds_of(order: Order) -> Sequence[Refund]:
    """What went or goes back to the buyer of an order."""
    return list(
        db.session.scalars(
            select(Refund)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(Payment.order_id == order.id)
            .order_by(Refund.id)
        )
    )


def payment_of_part(farm_order: FarmOrder) -> Payment:
    """The payment a farm's part is paid by: its own at the door, else the whole order's."""
    return db.session.scalars(
        select(Payment).where(
            Payment.order_id == farm_order.order_id,
            (Payment.farm_order_id == farm_order.id) | Payment.farm_order_id.is_(None),
        )
    ).one()


def kept_for(payment: Payment) -> Sequence[int]:
    """Ids of the transfers that wait for a person and name this payment."""
    return list(
        db.session.scalars(
            select(BankNotice.id).where(
                BankNotice.payment_id == payment.id,
                BankNotice.problem.is_not(None),
                BankNotice.handled_at.is_(None),
            )
        )
    )


def kept_notices_for(payment: Payment) -> Sequence[BankNotice]:
    """The transfers of this payment that wait for a person, for its pay page."""
    return list(db.session.scalars(select(BankNotice).where(BankNotice.id.in_(kept_for(payment)))))


def sent_back_of(payment: Payment) -> int:
    """What really went back of a payment, in đồng."""
    total = select(func.sum(Refund.amount_dong)).where(
        Refund.payment_id == payment.id,
        Refund.state == RefundState.SENT,
        Refund.cause != RefundCause.SENT_BACK,
    )
    return int(db.session.scalar(total) or 0)


def refundable(farm_order: FarmOrder) -> int:
    """The most a buyer of a delivered part can still be given back, in đồng: its price less what went or goes back."""
    given = db.session.scalar(
        select(func.sum(Refund.amount_dong)).where(
            Refund.farm_order_id == farm_order.id,
            Refund.state != RefundState.WITHDRAWN,
            Refund.farm_bears_dong + Refund.carrier_bears_dong + Refund.market_bears_dong > 0,
        )
    )
    return farm_order.total_dong - int(given or 0)


# -- what is left for the farm -------------------------------------------------------------------------------------


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
    payout = db.session.scalars(select(Payout).where(Payout.farm_order_id == farm_order.id)).one_or_none()
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
    """What was paid out to a farm since the beginning of a day, in đồng."""
    at = func.coalesce(Payout.settled_at, Payout.sent_at)
    total = select(func.sum(Payout.amount_dong)).where(
        Payout.farm_id == farm.id, Payout.state.in_(PAID_OUT), at >= clock.start_of_day(first)
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
    before = db.session.scalar(
        select(func.sum(LedgerLine.amount_dong)).join(LedgerEntry).where(mine, LedgerEntry.at < begin)
    )
    rows = db.session.execute(
        select(LedgerEntry.at, LedgerEntry.kind, LedgerEntry.note, LedgerLine.amount_dong, FarmOrder.code)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .outerjoin(FarmOrder, FarmOrder.id == LedgerEntry.farm_order_id)
        .where(mine, LedgerEntry.at >= begin, LedgerEntry.at < end)
        .order_by(LedgerLine.id)
    )
    standing = -int(before or 0)
    lines = []
    for at, kind, note, amount, code in rows:
        standing -= amount
        lines.append(StatementLine(at, kind, code or "", -amount, standing, note))
    return lines


# -- the cashier's desk --------------------------------------------------------------------------------------------


def notices_waiting() -> Sequence[BankNotice]:
    """Transfers a person must look at, oldest first."""
    return list(
        db.session.scalars(
            select(BankNotice)
            .where(BankNotice.problem.is_not(None), BankNotice.handled_at.is_(None))
            .options(joinedload(BankNotice.payment))
            .order_by(BankNotice.id)
        )
    )


def notice_waiting(code: str) -> BankNotice:
    return _one(select(BankNotice).where(BankNotice.code == code))


def refunds_due() -> Sequence[Refund]:
    """Money that has to go back, oldest first."""
    return list(
        db.session.scalars(
            select(Refund)
            .where(Refund.state.in_((RefundState.DUE, RefundState.APPROVED)))
            .options(joinedload(Refund.payment), joinedload(Refund.notice), joinedload(Refund.farm_order))
            .order_by(Refund.id)
        )
    )


def refunds_sent(limit: int = 20) -> Sequence[Refund]:
    """What went back lately, newest first: the bank may still return it."""
    return list(
        db.session.scalars(
            select(Refund)
            .where(Refund.state == RefundState.SENT)
            .options(joinedload(Refund.payment), joinedload(Refund.notice), joinedload(Refund.farm_order))
            .order_by(Refund.sent_at.desc())
            .limit(limit)
        )
    )


def refund_accounts() -> dict[str, str]:
    """Where approved refunds go, by their codes: read by who sends the money, kept sealed."""
    rows = db.session.execute(
        select(Refund.code, Refund.account_sealed).where(
            Refund.state == RefundState.APPROVED, Refund.account_sealed.is_not(None)
        )
    )
    return {code: unseal(sealed) for code, sealed in rows if sealed is not None}


def refund(code: str) -> Refund:
    return _one(select(Refund).where(Refund.code == code))


@dataclass(frozen=True)
class CodAtPoint:
    """Cash postmen of one service point took (or its counter was paid) and the point has not paid in."""

    point: ServicePoint | None
    payments: list[Payment]

    @property
    def total_dong(self) -> int:
        return sum(payment.at_the_post_dong for payment in self.payments)


AGES = ((3, _("tới 3 ngày")), (7, _("4–7 ngày")), (14, _("8–14 ngày")), (10**6, _("trên 14 ngày")))
"""How long cash may lie at the post, in days; each column up to its number."""


def _cash_at_the_post() -> Select[Payment, ServicePoint]:
    left = Payment.received_dong - Payment.remitted_dong - Payment.written_off_dong
    parcel = (
        select(func.min(Parcel.destination_point_id))
        .where(
            Parcel.farm_order_id == Payment.farm_order_id,
            Parcel.cod_dong > 0,
            Parcel.state != ParcelState.CANCELLED,
        )
        .scalar_subquery()
    )
    return (
        select(Payment, ServicePoint)
        .outerjoin(ServicePoint, ServicePoint.id == func.coalesce(Payment.paid_in_at_id, parcel))
        .where((Payment.farm_order_id.is_not(None)) | (Payment.paid_in_at_id.is_not(None)), left > 0)
        .order_by(ServicePoint.id, Payment.id)
    )


def cod_to_remit() -> list[CodAtPoint]:
    """Cash that was taken and not paid in, by the service point that delivered or took it."""
    points: dict[int | None, CodAtPoint] = {}
    for payment, point in db.session.execute(_cash_at_the_post()):
        key = point.id if point is not None else None
        points.setdefault(key, CodAtPoint(point, [])).payments.append(payment)
    return list(points.values())


@dataclass(frozen=True)
class Aged:
    """Cash at one point by how long it has been there."""

    point: ServicePoint | None
    columns: list[int]

    @property
    def total_dong(self) -> int:
        return sum(self.columns)


def cod_ages() -> list[Aged]:
    """The ageing report: cash at every point, by how many days it has been there; the oldest first."""
    today = clock.today()
    rows = []
    for at in cod_to_remit():
        columns = [0] * len(AGES)
        for payment in at.payments:
            taken_at = payment.collected_at or payment.paid_at or payment.created_at
            days = (today - clock.local(taken_at).date()).days
            columns[next(i for i, (most, _words) in enumerate(AGES) if days <= most)] += (
                payment.at_the_post_dong
            )
        rows.append(Aged(at.point, columns))
    return sorted(rows, key=lambda row: row.columns[::-1], reverse=True)


def cod_payments(codes: Sequence[str]) -> Sequence[Payment]:
    """Cash payments (at the door, at counters) by their codes."""
    return list(
        db.session.scalars(
            select(Payment)
            .where(
                Payment.code.in_(codes),
                Payment.farm_order_id.is_not(None) | Payment.paid_in_at_id.is_not(None),
            )
            .order_by(Payment.id)
        )
    )


def write_offs_asked() -> Sequence[Payment]:
    """Cash somebody says the post will never pay in; another person decides."""
    return list(
        db.session.scalars(
            select(Payment)
            .where(Payment.state == PaymentState.COLLECTED, Payment.write_off_reason != "")
            .order_by(Payment.id)
        )
    )


def remittances_lately(limit: int = 20) -> Sequence[Remittance]:
    return list(db.session.scalars(select(Remittance).order_by(Remittance.id.desc()).limit(limit)))


def remittance(code: str) -> Remittance:
    return _one(select(Remittance).where(Remittance.code == code).options(selectinload(Remittance.lines)))


def remittance_line(code: str) -> RemittanceLine:
    return _one(select(RemittanceLine).where(RemittanceLine.code == code))


def line_counts(remittance: Remittance) -> dict[LineOutcome, int]:
    """How many lines of each kind a carrier's list has."""
    counts: dict[LineOutcome, int] = {}
    for line in remittance.lines:
        counts[line.outcome] = counts.get(line.outcome, 0) + 1
    return counts


def notices_for_list(remittance: Remittance) -> Sequence[BankNotice]:
    """Transfers nobody could place that may be the money of a carrier's list: of its sum, without an order's code."""
    twice = sum(line.amount_dong for line in remittance.lines if line.outcome is LineOutcome.TWICE)
    return list(
        db.session.scalars(
            select(BankNotice)
            .where(
                BankNotice.problem == NoticeProblem.NO_CODE,
                BankNotice.handled_at.is_(None),
                BankNotice.amount_dong.in_((remittance.total_dong, remittance.total_dong - twice)),
            )
            .order_by(BankNotice.id)
        )
    )


def surpluses() -> Sequence[RemittanceLine]:
    """What carriers paid in too much and nobody has placed."""
    return list(
        db.session.scalars(
            select(RemittanceLine)
            .where(RemittanceLine.surplus_dong > RemittanceLine.cleared_dong)
            .order_by(RemittanceLine.id)
        )
    )


# -- the books -----------------------------------------------------------------------------------------------------


def statements_lately(limit: int = 20) -> Sequence[BankStatement]:
    return list(db.session.scalars(select(BankStatement).order_by(BankStatement.id.desc()).limit(limit)))


def bank_statement(code: str) -> BankStatement:
    return _one(
        select(BankStatement).where(BankStatement.code == code).options(selectinload(BankStatement.lines))
    )


def card_events_waiting() -> Sequence[CardEvent]:
    """What the card company told and a person must look at."""
    return list(
        db.session.scalars(
            select(CardEvent)
            .where(CardEvent.problem.is_not(None), CardEvent.handled_at.is_(None))
            .order_by(CardEvent.id)
        )
    )


def card_events_early(limit: int = 20) -> Sequence[CardEvent]:
    """What was told before what it is about; it is looked at again when that comes."""
    return list(
        db.session.scalars(
            select(CardEvent)
            .where(CardEvent.problem.is_(None), CardEvent.handled_at.is_(None))
            .order_by(CardEvent.id)
            .limit(limit)
        )
    )


def card_event(code: str) -> CardEvent:
    return _one(select(CardEvent).where(CardEvent.code == code))


def disputes(limit: int = 50) -> Sequence[CardDispute]:
    """Card money buyers' banks ask back, the open ones first."""
    return list(
        db.session.scalars(
            select(CardDispute)
            .options(joinedload(CardDispute.payment))
            .order_by((CardDispute.state != DisputeState.OPENED), CardDispute.id.desc())
            .limit(limit)
        )
    )


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
    return _one(select(Correction).where(Correction.code == code))


# -- at a counter --------------------------------------------------------------------------------------------------


def pay_in(typed: str) -> Payment | None:
    """The order a buyer wants to pay at a counter, by the code they say (the payment's, or the order's)."""
    code = re.sub(r"[^0-9A-Z]", "", typed.upper())
    return db.session.scalars(
        select(Payment)
        .join(Order, Order.id == Payment.order_id)
        .where(
            (Payment.code == code) | (Order.code == code),
            Payment.farm_order_id.is_(None),
            Payment.method == "counter",
        )
    ).one_or_none()


def paid_in_by(payment: Payment) -> dict[str, Any]:
    """Where and by whom an order was paid at a counter, for its receipt."""
    return {
        "point": db.session.get_one(ServicePoint, payment.paid_in_at_id),
        "clerk": db.session.get_one(Person, payment.paid_in_by_id),
    }


# -- lists for the bank --------------------------------------------------------------------------------------------


def batches_waiting() -> Sequence[PayoutBatch]:
    """Lists that are prepared, or approved, and not sent; one that lost all its lines is none."""
    found = db.session.scalars(
        select(PayoutBatch)
        .where(PayoutBatch.state.in_((BatchState.PREPARED, BatchState.APPROVED)))
        .options(selectinload(PayoutBatch.slips).selectinload(PayoutSlip.payouts))
        .order_by(PayoutBatch.id)
    )
    return [batch for batch in found if any(slip.state is SlipState.LISTED for slip in batch.slips)]


def batches_sent(limit: int = 20) -> Sequence[PayoutBatch]:
    return list(
        db.session.scalars(
            select(PayoutBatch)
            .where(PayoutBatch.state == BatchState.SENT)
            .options(selectinload(PayoutBatch.slips).selectinload(PayoutSlip.payouts))
            .order_by(PayoutBatch.id.desc())
            .limit(limit)
        )
    )


def batch(code: str) -> PayoutBatch:
    return _one(select(PayoutBatch).where(PayoutBatch.code == code))


def payout(code: str) -> Payout:
    return _one(select(Payout).where(Payout.code == code))


def slip(code: str) -> PayoutSlip:
    return _one(select(PayoutSlip).where(PayoutSlip.code == code))


def slips_in(*states: SlipState, limit: int = 200) -> Sequence[PayoutSlip]:
    """Slips in these states, oldest first."""
    return list(
        db.session.scalars(
            select(PayoutSlip)
            .where(PayoutSlip.state.in_(states))
            .options(
                joinedload(PayoutSlip.farm), joinedload(PayoutSlip.batch), selectinload(PayoutSlip.payouts)
            )
            .order_by(PayoutSlip.id)
            .limit(limit)
        )
    )


def cash_for(text: str) -> Sequence[PayoutSlip]:
    """Cash that waits at the counters, by a slip's code or the farm's telephone."""
    phone = parse_phone(text)
    asked = (
        select(PayoutSlip)
        .join(Farm, Farm.id == PayoutSlip.farm_id)
        .where(PayoutSlip.state == SlipState.READY)
    )
    known = PayoutSlip.code == text.strip().upper()
    return list(
        db.session.scalars(
            asked.where(or_(known, Farm.phone == phone) if phone else known).order_by(PayoutSlip.id)
        )
    )


def lost_without_compensation() -> Sequence[FarmOrder]:
    """Orders the post lost whose farms were not made good yet, oldest first."""
    return list(
        db.session.scalars(
            select(FarmOrder)
            .outerjoin(Payout, Payout.farm_order_id == FarmOrder.id)
            .where(FarmOrder.state == FarmOrderState.LOST, Payout.id.is_(None))
            .order_by(FarmOrder.id)
        )
    )


def account_number(farm: Farm) -> str:
    """The number a farm is paid at, in full: only for the list that goes to the bank."""
    account = farm.bank_account
    return unseal(account.number_sealed) if account is not None and account.number_sealed else ""


def payouts_in(*states: PayoutState) -> Sequence[Payout]:
    """Payouts in these states, the soonest first."""
    return list(
        db.session.scalars(
            select(Payout)
            .where(Payout.state.in_(states))
            .options(joinedload(Payout.farm), joinedload(Payout.farm_order))
            .order_by(Payout.due_on, Payout.id)
        )
    )


def payment_by_code(code: str) -> Payment:
    return _one(select(Payment).where(Payment.code == code))


def balances() -> dict[str, int]:
    """What stands on each kind of account (buyers and farms summed up): plus is ours, minus is owed."""
    rows = db.session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.amount_dong)).group_by(LedgerLine.account)
    )
    sums: dict[str, int] = {}
    for account, amount in rows:
        kind = account.partition(":")[0]
        sums[kind] = sums.get(kind, 0) + int(amount)
    return sums


def _one(rows: Select[R]) -> R:
    found = db.session.scalars(rows).one_or_none()
    if found is None:
        raise Missing()
    return found


# -- the drawers at the counters -----------------------------------------------------------------------------------


def till_at(point: ServicePoint) -> Till | None:
    """The drawer that is open (or counted and not closed) at a point."""
    return drawers.open_at(point.id)


def till_to_take_over(point: ServicePoint) -> Till | None:
    """The drawer the last clerk closed there and nobody took over."""
    return drawers.waiting_at(point.id)


def till_of(points: Sequence[ServicePoint], code: str) -> Till:
    """A drawer of one of these points by its code, with its moves."""
    return _one(
        select(Till)
        .where(Till.code == code, Till.service_point_id.in_([point.id for point in points]))
        .options(selectinload(Till.moves))
    )


def tills_of(point: ServicePoint, limit: int = 10) -> Sequence[Till]:
    """The drawers of a point, the latest first."""
    return list(
        db.session.scalars(
            select(Till).where(Till.service_point_id == point.id).order_by(Till.id.desc()).limit(limit)
        )
    )


def in_drawer(till: Till) -> int:
    """What should lie in it, in đồng."""
    return drawers.in_drawer(till)


def transfer_words(text: str) -> str:
    """Capitals without accents, letters, digits and spaces only: what banks take in a transfer."""
    flat = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(letter for letter in flat if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^0-9A-Za-z ]", " ", kept).upper().split())


# -- papers --------------------------------------------------------------------------------------------------------


def slip_of(farm: Farm, code: str) -> PayoutSlip:
    """One of a farm's own slips."""
    return _one(select(PayoutSlip).where(PayoutSlip.code == code, PayoutSlip.farm_id == farm.id))


def slips_of(farm: Farm, limit: int = 24) -> Sequence[PayoutSlip]:
    """A farm's slips that went out, the latest first."""
    return list(
        db.session.scalars(
            select(PayoutSlip)
            .where(PayoutSlip.farm_id == farm.id, PayoutSlip.sent_reference.is_not(None))
            .order_by(PayoutSlip.id.desc())
            .limit(limit)
        )
    )


def tax_rows(farm: Farm, first: date, last: date) -> list[list[Any]]:
    """What was withheld from a farm and given back, line by line as stamped."""
    return documents.tax_rows(farm, first, last)


TAX_HEADS = documents.TAX_HEADS


def farms_taxed(first: date, last: date) -> Sequence[Farm]:
    """Farms something was withheld from in a period, for the market's own declaration."""
    begin, end = clock.start_of_day(first), clock.start_of_day(last + timedelta(days=1))
    return list(
        db.session.scalars(
            select(Farm)
            .where(
                Farm.id.in_(
                    select(Payout.farm_id)
                    .join(LineTax, LineTax.payout_id == Payout.id)
                    .where(LineTax.created_at >= begin, LineTax.created_at < end)
                )
            )
            .order_by(Farm.id)
        )
    )
