"""What can be seen of money: by the buyer who pays, the farm that earns, the cashier who looks after it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

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
    BatchState,
    FarmDebt,
    HoldReason,
    LedgerEntry,
    LedgerLine,
    LineTax,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    PayoutSlip,
    PayoutState,
    Refund,
    RefundCause,
    RefundState,
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
    """The ways to pay that are offered now: `cod`, and `vietqr` where there is a bank account."""
    return ["cod", "vietqr"] if bank() is not None else ["cod"]


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
    """Cash postmen of one service point took and the point has not paid in."""

    point: ServicePoint | None
    payments: list[Payment]

    @property
    def total_dong(self) -> int:
        return sum(payment.amount_dong for payment in self.payments)


def cod_to_remit() -> list[CodAtPoint]:
    """Cash at the door that was collected and not paid in, by the service point that delivered."""
    rows = db.session.execute(
        select(Payment, ServicePoint)
        .outerjoin(
            Parcel,
            (Parcel.farm_order_id == Payment.farm_order_id)
            & (Parcel.cod_dong > 0)
            & (Parcel.state != ParcelState.CANCELLED),
        )
        .outerjoin(ServicePoint, ServicePoint.id == Parcel.destination_point_id)
        .where(Payment.state == PaymentState.COLLECTED)
        .order_by(ServicePoint.id, Payment.id)
    )
    points: dict[int | None, CodAtPoint] = {}
    for payment, point in rows:
        key = point.id if point is not None else None
        points.setdefault(key, CodAtPoint(point, [])).payments.append(payment)
    return list(points.values())


def cod_payments(codes: Sequence[str]) -> Sequence[Payment]:
    """Collected COD payments by their codes."""
    return list(
        db.session.scalars(
            select(Payment)
            .where(Payment.code.in_(codes), Payment.farm_order_id.is_not(None))
            .order_by(Payment.id)
        )
    )


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
