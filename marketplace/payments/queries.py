"""What can be seen of money: by the buyer who pays, the farm that earns, the cashier who looks after it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.farmers.models import Farm
from marketplace.foundation import clock, market
from marketplace.foundation.db import db
from marketplace.foundation.money import percent
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder, Order
from marketplace.payments import documents
from marketplace.payments import till as drawers
from marketplace.payments.books import (
    Account,
    Book,
    account_of,
    book_of,
    closed_months,
    correction,
    corrections_proposed,
    months,
)
from marketplace.payments.cashier import (
    AGES,
    Aged,
    Bag,
    CodAtPoint,
    FeesAtPoint,
    account_number,
    bags,
    balances,
    bank_statement,
    batch,
    batches_sent,
    batches_waiting,
    card_event,
    card_events_early,
    card_events_waiting,
    card_payments_lately,
    cash_for,
    cod_ages,
    cod_payments,
    cod_to_remit,
    disputes,
    fees,
    fees_to_remit,
    line_counts,
    losses_to_make_good,
    lost_without_compensation,
    notice_waiting,
    notices_for_list,
    notices_waiting,
    one,
    payment_by_code,
    payout,
    payouts_in,
    refund,
    refund_account_number,
    refund_accounts,
    refund_batch,
    refund_batches_waiting,
    refunds_due,
    refunds_sent,
    refunds_to_list,
    remittance,
    remittance_line,
    remittances_lately,
    slip,
    slips_in,
    statements_lately,
    surpluses,
    told_accounts,
    write_offs_asked,
)
from marketplace.payments.earnings import (
    UNDER_WAY,
    Coming,
    Earning,
    FarmMoney,
    Split,
    StatementLine,
    balance_before,
    cash_code,
    debt,
    debts_of,
    debts_open,
    earning_of,
    farm_money,
    holding_days,
    net_split,
    paid_since,
    pay_day,
    payout_ids_of,
    payouts_of,
    rates_of,
    split_of,
    statement,
)
from marketplace.payments.models import (
    BankNotice,
    CarriageRule,
    LineTax,
    Payment,
    PaymentState,
    Payout,
    PayoutSlip,
    Refund,
    RefundCause,
    RefundState,
    Till,
)
from marketplace.payments.refund_accounts import are_asked as asks_for_account
from marketplace.payments.refund_accounts import of as refund_account_of
from marketplace.places.models import ServicePoint

__all__ = [
    "AGES",
    "UNDER_WAY",
    "Account",
    "Aged",
    "Bag",
    "Book",
    "CodAtPoint",
    "Coming",
    "Earning",
    "FarmMoney",
    "FeesAtPoint",
    "Split",
    "StatementLine",
    "account_number",
    "account_of",
    "asks_for_account",
    "bags",
    "balance_before",
    "balances",
    "bank_statement",
    "batch",
    "batches_sent",
    "batches_waiting",
    "book_of",
    "card_event",
    "card_events_early",
    "card_events_waiting",
    "card_payments_lately",
    "cash_code",
    "cash_for",
    "closed_months",
    "cod_ages",
    "cod_payments",
    "cod_to_remit",
    "correction",
    "corrections_proposed",
    "debt",
    "debts_of",
    "debts_open",
    "disputes",
    "earning_of",
    "farm_money",
    "fees",
    "fees_to_remit",
    "holding_days",
    "line_counts",
    "losses_to_make_good",
    "lost_without_compensation",
    "months",
    "net_split",
    "notice_waiting",
    "notices_for_list",
    "notices_waiting",
    "paid_since",
    "pay_day",
    "payment_by_code",
    "payout",
    "payout_ids_of",
    "payouts_in",
    "payouts_of",
    "rates_of",
    "refund",
    "refund_account_number",
    "refund_account_of",
    "refund_accounts",
    "refund_batch",
    "refund_batches_waiting",
    "refunds_due",
    "refunds_sent",
    "refunds_to_list",
    "remittance",
    "remittance_line",
    "remittances_lately",
    "slip",
    "slips_in",
    "split_of",
    "statement",
    "statements_lately",
    "surpluses",
    "told_accounts",
    "write_offs_asked",
]

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
    return list(db.session.scalars(_of_order(), {"order": order.id}))


@cache
def _of_order() -> Select[Payment]:
    return select(Payment).where(Payment.order_id == bindparam("order")).order_by(Payment.id)


def to_pay_now(order: Order, known: Sequence[Payment] | None = None) -> Payment | None:
    """The transfer the buyer should make now; none when the postman takes the money or nothing is owed."""
    return next(
        (
            payment
            for payment in (payments_of(order) if known is None else known)
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


def delivered_part(code: str) -> FarmOrder:
    """A farm's part of an order that was delivered, by its code as typed. Raises Refusal naming the field otherwise."""
    found = db.session.scalars(
        select(FarmOrder).where(FarmOrder.code == code.strip().upper(), FarmOrder.delivered_at.is_not(None))
    ).one_or_none()
    if found is None:
        raise Refusal(
            _("Không có đơn nào đã giao mang mã này. Hãy xem lại mã bắt đầu bằng DH."), field="part"
        )
    return found


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


def way_back(farm_order: FarmOrder) -> tuple[int, CarriageRule] | None:
    """What it costs to send delivered goods back to their farm, in đồng, and the rule that says who bears it; None
    where nothing is asked for it."""
    rule = rule_on(CarriageRule, clock.today())
    back = percent(farm_order.shipping_dong, rule.back_per_10_000) if rule is not None else 0
    return (back, rule) if rule is not None and back else None


def carrier_bore(farm_order: FarmOrder) -> int:
    """What the post already bears of refunds of this part, in đồng."""
    borne = db.session.scalar(
        select(func.sum(Refund.carrier_bears_dong)).where(
            Refund.farm_order_id == farm_order.id, Refund.state != RefundState.WITHDRAWN
        )
    )
    return int(borne or 0)


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


# -- the drawers at the counters -----------------------------------------------------------------------------------


def till_at(point: ServicePoint) -> Till | None:
    """The drawer that is open (or counted and not closed) at a point."""
    return drawers.open_at(point.id)


def till_to_take_over(point: ServicePoint) -> Till | None:
    """The drawer the last clerk closed there and nobody took over."""
    return drawers.waiting_at(point.id)


def till_of(points: Sequence[ServicePoint], code: str) -> Till:
    """A drawer of one of these points by its code, with its moves."""
    return one(
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


def drawers_held() -> Sequence[Till]:
    """Drawers somebody holds now, or was given and has not opened, the longest held first."""
    later = aliased(Till)
    given = and_(
        Till.handed_to_id.is_not(None),
        ~select(later.id).where(later.taken_from_id == Till.id).exists(),
    )
    return list(
        db.session.scalars(
            select(Till)
            .where(or_(Till.closed_at.is_(None), given))
            .options(joinedload(Till.point), joinedload(Till.clerk))
            .order_by(Till.created_at, Till.id)
        )
    )


def drawer(code: str) -> Till:
    """Any drawer, for the market's desk."""
    return one(select(Till).where(Till.code == code))


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
    return one(select(PayoutSlip).where(PayoutSlip.code == code, PayoutSlip.farm_id == farm.id))


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
