"""What farms are paid: written when goods are delivered, held while there is a reason, batched by the day, sent."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger, tax
from marketplace.payments.models import (
    BatchState,
    HoldReason,
    LineTax,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    PayoutState,
)

P = PayoutState
OPEN = frozenset({P.DUE, P.HELD})


def owe(farm_order: FarmOrder, by: Actor) -> Payout:
    """The goods are with the buyer: from what we hold for the buyer the farm gets its net, the post its freight, the
    State its tax. Called twice it writes once."""
    known = db.session.scalars(select(Payout).where(Payout.farm_order_id == farm_order.id)).one_or_none()
    if known is not None:
        return known
    assert farm_order.delivered_at is not None
    day = clock.local(farm_order.delivered_at).date()
    farm, fees = farm_order.farm, tax.fees(day)
    kind = farm.kind.value if farm.kind else None
    taxes = [(line, tax.on(kind, line.tax_class, line.sold_for_dong, day)) for line in farm_order.lines]
    tax_dong = sum(taken.dong for _line, taken in taxes)
    commission_dong = tax.commission(farm_order.sold_for_dong, fees)
    payout = Payout(
        farm=farm,
        farm_order=farm_order,
        amount_dong=farm_order.goods_dong - farm_order.farm_bears_dong - commission_dong - tax_dong,
        commission_dong=commission_dong,
        tax_dong=tax_dong,
        due_on=clock.add_working_days(day, fees.holding_days),
        fee_rule_id=fees.id,
        state=P.DUE,
    )
    db.session.add(payout)
    db.session.flush()
    for line, taken in taxes:
        db.session.add(
            LineTax(
                order_line_id=line.id,
                payout_id=payout.id,
                farm_kind=taken.rule.farm_kind,
                tax_class=line.tax_class,
                base_dong=taken.base_dong,
                vat_per_10_000=taken.rule.vat_per_10_000,
                pit_per_10_000=taken.rule.pit_per_10_000,
                vat_dong=taken.vat_dong,
                pit_dong=taken.pit_dong,
                legal_basis=taken.rule.legal_basis,
                is_confirmed=taken.rule.is_confirmed,
            )
        )
    ledger.post(
        "delivered",
        farm_order.code,
        {
            ledger.buyer(farm_order.order_id): farm_order.total_dong,
            ledger.farm(farm.id): -payout.amount_dong,
            ledger.DISCOUNTS: farm_order.market_bears_dong,
            ledger.CARRIER: -farm_order.freight_dong,
            ledger.COMMISSION: -commission_dong,
            ledger.TAX_WITHHELD: -tax_dong,
        },
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
    )
    audit.record(by, "payout.owed", payout, amount_dong=payout.amount_dong)
    review(payout, by)
    return payout


# -- holding -------------------------------------------------------------------------------------------------------


def review(payout: Payout, by: Actor, is_time: bool = False) -> None:
    """Hold or let go by what the market itself can see. `is_time`: the day has come, so the cash must have too.
    What a person holds only a person lets go."""
    if payout.state not in OPEN or payout.held_because in (HoldReason.BY_HAND, HoldReason.RETURNED):
        return
    is_time = is_time or payout.due_on <= clock.today()
    reason = _reason(payout, is_time)
    if reason is None and payout.state is P.HELD:
        _let_go(payout, by)
    elif reason is not None and payout.held_because is not reason:
        _keep(payout, reason, None, by)


def _reason(payout: Payout, is_time: bool) -> HoldReason | None:
    farm = payout.farm
    if farm.state is FarmState.SUSPENDED:
        return HoldReason.FARM_SUSPENDED
    if farm.bank_account is None:
        return HoldReason.NO_ACCOUNT
    if farmers.payouts_held_until(farm) is not None:
        return HoldReason.ACCOUNT_CHANGED
    if is_time and _cash_is_away(payout):
        return HoldReason.COD_NOT_REMITTED
    return None


def _cash_is_away(payout: Payout) -> bool:
    state = db.session.scalar(select(Payment.state).where(Payment.farm_order_id == payout.farm_order_id))
    return state is PaymentState.COLLECTED


def hold(payout: Payout, because: HoldReason, words: str | None, by: Actor) -> None:
    """Keep a farm's money back, with the reason the farm will read."""
    (payout,) = claim(Payout, [payout.id])
    if payout.state is P.HELD and payout.held_because is because:
        return
    if payout.state not in OPEN:
        raise Conflict(_("Khoản này đã lên danh sách hoặc đã chuyển, không giữ lại được nữa."))
    if because is HoldReason.BY_HAND and not (words or "").strip():
        raise Refusal(_("Hãy ghi lý do giữ tiền: nhà vườn sẽ đọc được."), field="reason")
    _keep(payout, because, words, by)


def release(payout: Payout, by: Actor) -> None:
    """A person lets go of what a person held; what the market itself must hold stays held."""
    (payout,) = claim(Payout, [payout.id])
    if payout.state is not P.HELD:
        raise Conflict(_("Khoản này không bị giữ. Hãy tải lại trang."))
    _let_go(payout, by)
    review(payout, by)


def _keep(payout: Payout, because: HoldReason, words: str | None, by: Actor) -> None:
    if payout.state is not P.HELD:
        states.move(payout, P.HELD, by, because.value)
    payout.held_because, payout.held_reason = because, (words or "").strip()[:300] or None


def _let_go(payout: Payout, by: Actor) -> None:
    states.move(payout, P.DUE, by)
    payout.held_because = payout.held_reason = None


def review_farm(farm: Farm, by: Actor) -> None:
    """The farm was suspended, opened again, or changed its account: look at all its money again."""
    db.session.expire(farm, ["bank_account"])
    for payout in _claimed(Payout.farm_id == farm.id):
        review(payout, by)


# -- paying --------------------------------------------------------------------------------------------------------


def batch_due(day: date, by: Actor) -> list[PayoutBatch]:
    """Put everything that is due on a day on the day's lists: one for the bank, one for cash at the counters."""
    for payout in _claimed(Payout.state == P.HELD):
        review(payout, by)
    ready: dict[str, list[Payout]] = {}
    for payout in _claimed(Payout.state == P.DUE, Payout.due_on <= day):
        review(payout, by, is_time=True)
        if payout.state is P.DUE:
            assert payout.farm.bank_account is not None
            ready.setdefault(payout.farm.bank_account.method.value, []).append(payout)
    batches = []
    for method, payouts in sorted(ready.items()):
        batch = PayoutBatch(on_day=day, method=method, total_dong=sum(p.amount_dong for p in payouts))
        batch.state = BatchState.PREPARED
        db.session.add(batch)
        db.session.flush()
        for payout in payouts:
            states.move(payout, P.BATCHED, by)
            payout.batch_id = batch.id
        audit.record(by, "payout_batch.prepared", batch, total_dong=batch.total_dong, count=len(payouts))
        batches.append(batch)
    return batches


def take_out(payout: Payout, reason: str, by: Actor) -> None:
    """Take one payout off a list that has not been sent, and hold it with a reason."""
    if payout.batch_id is None:
        raise Conflict(_("Khoản này không nằm trong danh sách nào."))
    (batch,) = claim(PayoutBatch, [payout.batch_id])
    (payout,) = claim(Payout, [payout.id])
    if payout.state is not P.BATCHED or batch.state is not BatchState.PREPARED:
        raise Conflict(_("Danh sách đã được chuyển đi, không rút khoản này ra được nữa."))
    if not reason.strip():
        raise Refusal(_("Hãy ghi lý do giữ tiền: nhà vườn sẽ đọc được."), field="reason")
    batch.total_dong -= payout.amount_dong
    payout.batch_id = None
    states.move(payout, P.DUE, by, reason)
    _keep(payout, HoldReason.BY_HAND, reason, by)


def send_batch(batch: PayoutBatch, reference: str, by: Actor) -> list[Payout]:
    """The list went to the bank (or the cash to the counters), under this reference. Twice is once."""
    (batch,) = claim(PayoutBatch, [batch.id])
    if batch.state is BatchState.SENT:
        return []
    reference = reference.strip()[:80]
    if not reference:
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    payouts = _claimed(Payout.batch_id == batch.id)
    if any(payout.farm.state is FarmState.SUSPENDED for payout in payouts):
        raise Conflict(_("Danh sách có gian hàng vừa bị tạm dừng. Hãy rút khoản đó ra rồi chuyển."))
    if sum(payout.amount_dong for payout in payouts) != batch.total_dong:
        raise Conflict(_("Danh sách vừa thay đổi. Hãy tải lại trang."))
    states.move(batch, BatchState.SENT, by)
    batch.sent_reference = reference
    for payout in payouts:
        payout.paid_reference = reference
        if batch.method == "bank":
            states.move(payout, P.SENT, by)
            _paid(payout, ledger.BANK)
        else:
            states.move(payout, P.READY, by)
    return payouts


def hand_out(payout: Payout, by: Actor) -> None:
    """The farm took its cash at the counter."""
    (payout,) = claim(Payout, [payout.id])
    if payout.state is P.SETTLED:
        return
    if payout.state is not P.READY:
        raise Conflict(_("Khoản này chưa sẵn sàng để nhận tiền mặt. Hãy tải lại trang."))
    states.move(payout, P.SETTLED, by)
    _paid(payout, ledger.POST_CASH)


def bounce(payout: Payout, reason: str, by: Actor) -> None:
    """The bank sent it back: the farm is owed again, and a person finds out why before it goes out anew."""
    (payout,) = claim(Payout, [payout.id])
    states.move(payout, P.BOUNCED, by, reason)
    ledger.post(
        "payout_bounced",
        _reference(payout),
        {ledger.BANK: payout.amount_dong, ledger.farm(payout.farm_id): -payout.amount_dong},
        order_id=payout.farm_order.order_id,
        farm_order_id=payout.farm_order_id,
    )
    payout.batch_id = payout.paid_reference = None
    states.move(payout, P.DUE, by)
    _keep(payout, HoldReason.BY_HAND, reason, by)


def _paid(payout: Payout, out_of: str) -> None:
    ledger.post(
        "payout",
        _reference(payout),
        {ledger.farm(payout.farm_id): payout.amount_dong, out_of: -payout.amount_dong},
        order_id=payout.farm_order.order_id,
        farm_order_id=payout.farm_order_id,
        note=payout.paid_reference or "",
    )


def _reference(payout: Payout) -> str:
    """A payout may go out again after it bounced, each time in another batch."""
    return f"{payout.code}:{payout.batch_id}"


def _claimed(*conditions: object) -> list[Payout]:
    """Payouts locked in id order, with the values they have now."""
    ids: Iterable[int] = db.session.scalars(select(Payout.id).where(*conditions))  # type: ignore[arg-type]
    return claim(Payout, list(ids))
