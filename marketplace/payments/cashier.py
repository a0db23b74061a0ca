"""What the cashier sees of money: what waits for a person, what goes back, cash at the post, the books, the lists for
the bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import Record, db
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Missing
from marketplace.foundation.sealing import unseal
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.payments.models import (
    BankNotice,
    BankStatement,
    BatchState,
    CardDispute,
    CardEvent,
    DisputeState,
    FeePayment,
    LedgerLine,
    LineOutcome,
    NoticeProblem,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    PayoutKind,
    PayoutSlip,
    PayoutState,
    Refund,
    RefundAccount,
    RefundBatch,
    RefundBatchState,
    RefundState,
    Remittance,
    RemittanceLine,
    SlipState,
    TillCause,
    TillMove,
)
from marketplace.places.models import ServicePoint
from marketplace.shipping import compensation
from marketplace.shipping.models import Parcel, ParcelState, Scan, ScanKind

R = TypeVar("R", bound=Record)


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
    return one(select(BankNotice).where(BankNotice.code == code))


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
    return one(select(Refund).where(Refund.code == code))


def refund_batches_waiting() -> Sequence[RefundBatch]:
    """Lists of refunds that are drawn up, or approved, and not sent."""
    return list(
        db.session.scalars(
            select(RefundBatch)
            .where(RefundBatch.state.in_((RefundBatchState.PREPARED, RefundBatchState.APPROVED)))
            .options(selectinload(RefundBatch.refunds).joinedload(Refund.payment))
            .order_by(RefundBatch.id)
        )
    )


def refund_batch(code: str) -> RefundBatch:
    return one(select(RefundBatch).where(RefundBatch.code == code))


def refunds_to_list() -> int:
    """How many refunds could go on a list for the bank now: their buyers wrote an account."""
    return int(
        db.session.scalar(
            select(func.count(Refund.id))
            .join(Payment, Payment.id == Refund.payment_id)
            .join(RefundAccount, RefundAccount.order_id == Payment.order_id)
            .where(Refund.state == RefundState.DUE, Refund.card_intent.is_(None), Refund.batch_id.is_(None))
        )
        or 0
    )


def told_accounts() -> dict[int, RefundAccount]:
    """Accounts buyers wrote for money that waits, by their orders."""
    found = db.session.scalars(
        select(RefundAccount)
        .join(Payment, Payment.order_id == RefundAccount.order_id)
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.state == RefundState.DUE)
    )
    return {account.order_id: account for account in found}


@dataclass(frozen=True)
class FeesAtPoint:
    """Fees of dossiers a counter took and the post has not paid in."""

    point: ServicePoint | None
    fees: list[FeePayment]

    @property
    def total_dong(self) -> int:
        return sum(fee.at_the_post_dong for fee in self.fees)


def fees_to_remit() -> list[FeesAtPoint]:
    """Fees taken at counters and not paid in, by point."""
    points: dict[int | None, FeesAtPoint] = {}
    asked = (
        select(FeePayment)
        .where(FeePayment.amount_dong > FeePayment.remitted_dong)
        .options(joinedload(FeePayment.point), joinedload(FeePayment.receipt))
        .order_by(FeePayment.service_point_id, FeePayment.id)
    )
    for fee in db.session.scalars(asked):
        points.setdefault(fee.service_point_id, FeesAtPoint(fee.point, [])).fees.append(fee)
    return list(points.values())


def fees(codes: Sequence[str]) -> Sequence[FeePayment]:
    return list(db.session.scalars(select(FeePayment).where(FeePayment.code.in_(codes))))


@dataclass(frozen=True)
class Bag:
    """Cash one postman took at doors and has not brought to the drawer."""

    postman: Person
    payments: list[Payment]

    @property
    def total_dong(self) -> int:
        return sum(payment.received_dong for payment in self.payments)


def bags(point: ServicePoint) -> list[Bag]:
    """Cash taken at doors by people of this point that went through no drawer yet, by who took it."""
    through_a_drawer = select(TillMove.id).where(
        TillMove.cause == TillCause.COD, TillMove.reference == Payment.code
    )
    rows = db.session.execute(
        select(Payment, Person)
        .join(Parcel, (Parcel.farm_order_id == Payment.farm_order_id) & (Parcel.cod_dong > 0))
        .join(Scan, Scan.parcel_id == Parcel.id)
        .join(Person, Person.id == Scan.person_id)
        .where(
            Scan.kind == ScanKind.DELIVERED,
            Scan.service_point_id == point.id,
            Scan.taken_back_at.is_(None),
            Payment.state == PaymentState.COLLECTED,
            Payment.remitted_dong == 0,
            ~through_a_drawer.exists(),
        )
        .order_by(Person.id, Payment.id)
    )
    found: dict[int, Bag] = {}
    for payment, postman in rows:
        found.setdefault(postman.id, Bag(postman, [])).payments.append(payment)
    return list(found.values())


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
    return one(select(Remittance).where(Remittance.code == code).options(selectinload(Remittance.lines)))


def remittance_line(code: str) -> RemittanceLine:
    return one(select(RemittanceLine).where(RemittanceLine.code == code))


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
    return one(
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


def card_payments_lately(limit: int = 50) -> Sequence[Payment]:
    """What was paid by card, the latest first."""
    return list(
        db.session.scalars(
            select(Payment)
            .where(Payment.card_intent.is_not(None))
            .options(joinedload(Payment.order))
            .order_by(Payment.id.desc())
            .limit(limit)
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
    return one(select(CardEvent).where(CardEvent.code == code))


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
    return one(select(PayoutBatch).where(PayoutBatch.code == code))


def payout(code: str) -> Payout:
    return one(select(Payout).where(Payout.code == code))


def slip(code: str) -> PayoutSlip:
    return one(select(PayoutSlip).where(PayoutSlip.code == code))


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
            .outerjoin(
                Payout, (Payout.farm_order_id == FarmOrder.id) & (Payout.kind == PayoutKind.COMPENSATION)
            )
            .where(
                (FarmOrder.state == FarmOrderState.LOST)
                | (FarmOrder.lost_dong > 0)
                & FarmOrder.state.in_((FarmOrderState.DELIVERED, FarmOrderState.RETURNED)),
                Payout.id.is_(None),
            )
            .order_by(FarmOrder.id)
        )
    )


def losses_to_make_good() -> Sequence[tuple[FarmOrder, compensation.Share]]:
    """The same, each with who pays how much of it today, and by which rule."""
    return [(part, compensation.share(part, part.lost_goods_dong)) for part in lost_without_compensation()]


def refund_account_number(refund: Refund) -> str:
    """The number a refund goes to, in full: only for the list that goes to the bank."""
    return unseal(refund.account_sealed) if refund.account_sealed else ""


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
    return one(select(Payment).where(Payment.code == code))


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


def one(rows: Select[R]) -> R:
    """The row that was asked for; none is none of ours."""
    found = db.session.scalars(rows).one_or_none()
    if found is None:
        raise Missing()
    return found
