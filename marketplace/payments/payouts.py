"""How farms are paid what they are owed (see `owing`): held while there is a reason, batched by the day, sent."""

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import audit, clock, faults, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import CODE_LETTERS, claim, db
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.sealing import seal, unseal
from marketplace.foundation.words import _
from marketplace.payments import ledger, till
from marketplace.payments.debts import net
from marketplace.payments.models import (
    BatchState,
    CardDispute,
    Deduction,
    DisputeState,
    FarmDebt,
    HoldReason,
    Payment,
    PaymentState,
    Payout,
    PayoutBatch,
    PayoutSlip,
    PayoutState,
    SlipState,
    TillCause,
)
from marketplace.places.models import ServicePoint

P = PayoutState
OPEN = frozenset({P.DUE, P.HELD})


# -- holding -------------------------------------------------------------------------------------------------------


def review(payout: Payout, by: Actor, is_time: bool = False) -> None:
    """Hold or let go by what the market itself can see. `is_time`: the day has come, so the cash must have too.
    What a person holds only a person lets go."""
    if payout.state not in OPEN or payout.held_because in (
        HoldReason.BY_HAND,
        HoldReason.RETURNED,
        HoldReason.CLAIM,
    ):
        return
    is_time = is_time or payout.due_on <= clock.today()
    reason = _reason(payout, is_time)
    if reason is None and payout.state is P.HELD:
        _let_go(payout, by)
    elif reason is not None and payout.held_because is not reason:
        _keep(payout, reason, None, by)


def _reason(payout: Payout, is_time: bool) -> HoldReason | None:
    farm = payout.farm
    if payout.is_disputed:
        return HoldReason.CLAIM
    if farm.state is FarmState.SUSPENDED:
        return HoldReason.FARM_SUSPENDED
    if farm.bank_account is None:
        return HoldReason.NO_ACCOUNT
    if farmers.holds_payouts(farm):
        return HoldReason.ACCOUNT_CHANGED
    if is_time and _cash_is_away(payout):
        return HoldReason.COD_NOT_REMITTED
    if _is_card_disputed(payout):
        return HoldReason.CARD_DISPUTED
    return None


def _is_card_disputed(payout: Payout) -> bool:
    return bool(
        db.session.scalar(
            select(CardDispute.id)
            .join(Payment, Payment.id == CardDispute.payment_id)
            .where(
                Payment.order_id == payout.farm_order.order_id,
                CardDispute.state == DisputeState.OPENED,
            )
            .limit(1)
        )
    )


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
    if payout.held_because is HoldReason.CLAIM:
        raise Conflict(_("Khoản này chờ khiếu nại của khách. Khiếu nại có quyết định thì tự thôi giữ."))
    _let_go(payout, by)
    review(payout, by)


def dispute(farm_order_id: int, by: Actor) -> None:
    """A claim of an order's goods is under way: what its farm is still to get waits, also after a person let go, and
    comes off a list that was not sent. What went out before stays out: what must come back of it is a debt."""
    for payout in _off_lists(farm_order_id, HoldReason.CLAIM, by):
        payout.is_disputed = True
        if payout.state in OPEN and payout.held_because is not HoldReason.BY_HAND:
            _keep(payout, HoldReason.CLAIM, None, by)


def hold_returned(farm_order_id: int, by: Actor) -> None:
    """Goods that were delivered came back: what their farm is still to get waits for a person's decision, also where it
    stands on a list that was not sent."""
    for payout in _off_lists(farm_order_id, HoldReason.RETURNED, by):
        if payout.state in OPEN:
            _keep(payout, HoldReason.RETURNED, None, by)


def review_part(farm_order_id: int, by: Actor) -> None:
    """The buyer's bank asks for an order's money back, or asks no more: look again at what its farm is still to get.
    With a reason to hold it, it comes off a list that was not sent."""
    mine = Payout.farm_order_id == farm_order_id
    # Only looked at: whoever sends a list locks it before what stands on it, and so does _off_lists.
    standing = db.session.scalars(select(Payout).where(mine).order_by(Payout.id)).all()
    reason = next((found for one in standing if (found := _reason(one, is_time=True))), None)
    for payout in _claimed(mine) if reason is None else _off_lists(farm_order_id, reason, by):
        review(payout, by)


def _off_lists(farm_order_id: int, reason: HoldReason, by: Actor) -> list[Payout]:
    """What a farm is paid for a part of an order, locked, and off its list where that was not sent. What else the farm
    is paid stays on the list, which must be approved again."""
    mine = Payout.farm_order_id == farm_order_id
    listed = select(PayoutSlip.id).join(PayoutSlip.payouts).where(mine, PayoutSlip.state == SlipState.LISTED)
    for slip_id in sorted(set(db.session.scalars(listed))):
        slip = _claim_slip(slip_id)
        if slip.state is SlipState.LISTED:
            theirs = [payout.id for payout in slip.payouts if payout.farm_order_id == farm_order_id]
            _strike(slip, theirs, reason.value, by)
    return _claimed(mine)


def end_dispute(farm_order_id: int, by: Actor) -> None:
    """The claim was decided or withdrawn: what waited for it waits no longer; what a person holds stays held."""
    for payout in _claimed(Payout.farm_order_id == farm_order_id):
        payout.is_disputed = False
        if payout.state is P.HELD and payout.held_because in (HoldReason.CLAIM, HoldReason.RETURNED):
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
    """The farm was suspended, opened again, or changed its account: look at all its money again. What was on a list
    that has not gone out, or waits at a counter, comes off it when there is a reason to hold it."""
    db.session.expire(farm, ["bank_account"])
    standing = select(PayoutSlip.id).where(
        PayoutSlip.farm_id == farm.id, PayoutSlip.state.in_((SlipState.LISTED, SlipState.READY))
    )
    for slip_id in sorted(db.session.scalars(standing)):
        slip = _claim_slip(slip_id)
        if slip.state not in (SlipState.LISTED, SlipState.READY):
            continue
        payouts = _claimed(Payout.slip_id == slip.id)
        reason = next((found for one in payouts if (found := _reason(one, is_time=True))), None)
        if reason is not None:
            _take_slip_out(slip, by, reason.value)
    for payout in _claimed(Payout.farm_id == farm.id):
        review(payout, by)


# -- paying ----------------------------------------------------------------------------------------------------


def batch_due(day: date, by: Actor) -> list[PayoutBatch]:
    """Put everything that is due on a day on the day's lists: one for the bank, one for cash at the counters. Each farm
    stands on it once, with what it owes taken off."""
    for payout in _claimed(Payout.state == P.HELD):
        review(payout, by)
    ready: dict[str, dict[int, list[Payout]]] = {}
    for payout in _claimed(Payout.state == P.DUE, Payout.due_on <= day):
        review(payout, by, is_time=True)
        if payout.state is P.DUE:
            assert payout.farm.bank_account is not None
            method = payout.farm.bank_account.method.value
            ready.setdefault(method, {}).setdefault(payout.farm_id, []).append(payout)
    batches = []
    for method, by_farm in sorted(ready.items()):
        batch = PayoutBatch(on_day=day, method=method, total_dong=0, prepared_by_id=by.person_id)
        batch.state = BatchState.PREPARED
        db.session.add(batch)
        db.session.flush()
        for _farm_id, payouts in sorted(by_farm.items()):
            batch.total_dong += _slip(batch, payouts, by).net_dong
        audit.record(by, "payout_batch.prepared", batch, total_dong=batch.total_dong, count=len(by_farm))
        batches.append(batch)
    faults.point("payout.batched")
    return batches


def _slip(batch: PayoutBatch, payouts: Sequence[Payout], by: Actor) -> PayoutSlip:
    """One farm's line of a list: its payouts, less what it owes, oldest debt first."""
    farm_id = payouts[0].farm_id
    owed = select(FarmDebt.id).where(FarmDebt.farm_id == farm_id, FarmDebt.left_dong > 0)
    debts = claim(FarmDebt, list(db.session.scalars(owed)))
    gross = sum(payout.amount_dong for payout in payouts)
    taken = net(gross, [debt.left_dong for debt in debts])
    slip = PayoutSlip(
        batch_id=batch.id,
        farm=payouts[0].farm,
        state=SlipState.LISTED,
        gross_dong=gross,
        deducted_dong=sum(taken),
        net_dong=gross - sum(taken),
    )
    db.session.add(slip)
    db.session.flush()
    for debt, part in zip(debts, taken, strict=True):
        if part:
            debt.left_dong -= part
            db.session.add(Deduction(slip=slip, debt=debt, amount_dong=part))
    for payout in payouts:
        states.move(payout, P.BATCHED, by)
        payout.batch_id, payout.slip_id = batch.id, slip.id
    return slip


def approve(batch: PayoutBatch, by: Actor) -> None:
    """A second person looked at the list: an admin, never the one who prepared it."""
    (batch,) = claim(PayoutBatch, [batch.id])
    if batch.state is not BatchState.PREPARED:
        return
    person = db.session.get(Person, by.person_id) if by.person_id else None
    if person is None or not person.has_role("admin"):
        raise Forbidden(_("Danh sách trả tiền do quản trị duyệt."))
    if batch.prepared_by_id == person.id:
        raise Conflict(_("Bạn đã lập danh sách này. Hãy nhờ một quản trị khác duyệt."))
    if not any(slip.state is SlipState.LISTED for slip in batch.slips):
        raise Conflict(_("Danh sách không còn khoản nào để chuyển."))
    states.move(batch, BatchState.APPROVED, by)
    batch.approved_by_id = person.id
    audit.record(by, "payout_batch.sum_approved", batch, total_dong=batch.total_dong)
    faults.point("payout.approved")


def take_out(payout: Payout, reason: str, by: Actor) -> None:
    """Take one payout off a list that has not been sent, and hold it with a reason. What else its farm is paid stays on
    the list, which must be approved again."""
    if payout.slip_id is None:
        raise Conflict(_("Khoản này không nằm trong danh sách nào."))
    if not reason.strip():
        raise Refusal(_("Hãy ghi lý do giữ tiền: nhà vườn sẽ đọc được."), field="reason")
    slip = _claim_slip(payout.slip_id)
    if slip.state is not SlipState.LISTED:
        raise Conflict(_("Danh sách đã được chuyển đi, không rút khoản này ra được nữa."))
    _strike(slip, [payout.id], reason, by)
    (payout,) = claim(Payout, [payout.id])
    _keep(payout, HoldReason.BY_HAND, reason, by)


def _strike(slip: PayoutSlip, payout_ids: Collection[int], reason: str, by: Actor) -> None:
    """Some payouts of a farm come off a list that was not sent; its others stay, with its debts taken off anew."""
    batch, others = slip.batch, [one for one in slip.payouts if one.id not in payout_ids]
    _take_slip_out(slip, by, reason)
    if others:
        batch.total_dong += _slip(batch, others, by).net_dong


def _claim_slip(slip_id: int) -> PayoutSlip:
    """The slip, locked after its list: everybody locks in this order."""
    batch_id = db.session.scalar(select(PayoutSlip.batch_id).where(PayoutSlip.id == slip_id))
    claim(PayoutBatch, [batch_id] if batch_id else [])
    (slip,) = claim(PayoutSlip, [slip_id])
    return slip


def _take_slip_out(slip: PayoutSlip, by: Actor, reason: str) -> None:
    """The slip is off its list: its payouts are due again and what was taken off is owed again."""
    batch = slip.batch
    was_listed = slip.state is SlipState.LISTED
    states.move(slip, SlipState.TAKEN_OUT, by, reason)
    _owe_again(slip)
    for payout in _claimed(Payout.slip_id == slip.id):
        payout.batch_id = payout.slip_id = payout.paid_reference = None
        states.move(payout, P.DUE, by, reason)
    if was_listed:
        batch.total_dong -= slip.net_dong
        if batch.state is BatchState.APPROVED:
            states.move(batch, BatchState.PREPARED, by, "changed")
            batch.approved_by_id = batch.approved_at = None


def _owe_again(slip: PayoutSlip) -> None:
    debts = {debt.id: debt for debt in claim(FarmDebt, [one.debt_id for one in slip.deductions])}
    for one in slip.deductions:
        debts[one.debt_id].left_dong += one.amount_dong


def send_batch(batch: PayoutBatch, reference: str, by: Actor) -> list[PayoutSlip]:
    """The approved list went to the bank (or the cash to the counters), under this reference. Twice is once."""
    (batch,) = claim(PayoutBatch, [batch.id])
    if batch.state is BatchState.SENT:
        return []
    if batch.state is not BatchState.APPROVED:
        raise Conflict(_("Danh sách chưa được quản trị duyệt, hoặc vừa thay đổi nên phải duyệt lại."))
    if batch.approved_by_id is not None and batch.approved_by_id == by.person_id:
        raise Conflict(_("Bạn đã duyệt danh sách này. Người chuyển tiền phải là người khác."))
    reference = reference.strip()[:80]
    if not reference:
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    ids = db.session.scalars(
        select(PayoutSlip.id).where(PayoutSlip.batch_id == batch.id, PayoutSlip.state == SlipState.LISTED)
    )
    slips = claim(PayoutSlip, list(ids))
    if any(slip.farm.state is FarmState.SUSPENDED for slip in slips):
        raise Conflict(_("Danh sách có gian hàng vừa bị tạm dừng. Hãy rút khoản đó ra rồi chuyển."))
    if sum(slip.net_dong for slip in slips) != batch.total_dong:
        raise Conflict(_("Danh sách vừa thay đổi. Hãy tải lại trang."))
    states.move(batch, BatchState.SENT, by)
    batch.sent_reference = reference
    for slip in slips:
        _send_slip(slip, reference, by)
        faults.point("payout.sent")
    return slips


def _send_slip(slip: PayoutSlip, reference: str, by: Actor) -> None:
    slip.sent_reference = reference
    payouts = _claimed(Payout.slip_id == slip.id)
    if any(payout.is_disputed for payout in payouts):
        # Claimed while the list was just being written, so that the claim could not see it there.
        raise Conflict(_("Khách vừa khiếu nại một đơn trong danh sách. Hãy giữ khoản đó lại rồi chuyển."))
    for payout in payouts:
        payout.paid_reference = reference
    if slip.net_dong == 0:
        states.move(slip, SlipState.NETTED, by)
        to = P.SETTLED
    elif slip.batch.method == "bank":
        states.move(slip, SlipState.SENT, by)
        to = P.SENT
        _paid(slip, ledger.BANK)
    else:
        states.move(slip, SlipState.READY, by)
        slip.cash_code_sealed = seal(f"{secrets.randbelow(10**6):06d}")
        to = P.READY
    for payout in payouts:
        states.move(payout, to, by)


MOST_TRIES = 5


def hand_out(slip: PayoutSlip, digits: str, id_end: str, point: ServicePoint, by: Actor) -> bool:
    """The farmer came to a counter, said the code and showed their identity paper: they get their cash out of the
    clerk's drawer. False when the digits are wrong: that is counted, and after five times the slip is closed to
    guessing."""
    slip = _claim_slip(slip.id)
    if slip.state is SlipState.SETTLED:
        raise Conflict(_("Khoản này đã được nhận rồi."))
    if slip.state is not SlipState.READY or slip.cash_code_sealed is None:
        raise Conflict(_("Khoản này chưa sẵn sàng để nhận tiền mặt. Hãy tải lại trang."))
    if slip.farm.state is FarmState.SUSPENDED:
        raise Conflict(_("Gian hàng này đang bị tạm dừng nên chưa trả tiền. Hãy mời họ gọi cho chợ."))
    if slip.tries >= MOST_TRIES:
        raise Conflict(_("Mã sai quá năm lần nên khoản này bị khóa. Hãy gọi thủ quỹ của chợ."))
    identity = slip.farm.identity
    if identity is not None and identity.personal_id_end and identity.personal_id_end != id_end.strip():
        slip.tries += 1
        return False
    if not secrets.compare_digest(unseal(slip.cash_code_sealed).encode(), digits.strip().encode()):
        slip.tries += 1
        return False
    states.move(slip, SlipState.SETTLED, by)
    slip.handed_by_id, slip.service_point_id = by.person_id, point.id
    for payout in _claimed(Payout.slip_id == slip.id):
        states.move(payout, P.SETTLED, by)
    _paid(slip, ledger.POST_CASH)
    till.give(point, slip.net_dong, TillCause.PAYOUT, by, reference=slip.code, note=slip.farm.name)
    return True


def new_cash_code(slip: PayoutSlip, by: Actor) -> str:
    """The farmer lost the code, or it was guessed at: a new one, and the old one is dead."""
    slip = _claim_slip(slip.id)
    if slip.state is not SlipState.READY:
        raise Conflict(_("Khoản này không chờ nhận tiền mặt."))
    digits = f"{secrets.randbelow(10**6):06d}"
    slip.cash_code_sealed, slip.tries = seal(digits), 0
    audit.record(by, "payout_slip.new_code", slip)
    return digits


def settle(slip: PayoutSlip, by: Actor) -> None:
    """The bank's statement shows the transfer: it arrived. Twice is once."""
    slip = _claim_slip(slip.id)
    if slip.state is SlipState.SETTLED:
        return
    if slip.state is not SlipState.SENT:
        raise Conflict(_("Khoản này chưa được chuyển. Hãy tải lại trang."))
    states.move(slip, SlipState.SETTLED, by)
    for payout in _claimed(Payout.slip_id == slip.id):
        states.move(payout, P.SETTLED, by)


def bounce(slip: PayoutSlip, reason: str, by: Actor) -> None:
    """The bank sent it back: the farm is owed again, and a person finds out why before it goes out anew."""
    slip = _claim_slip(slip.id)
    if slip.state is SlipState.BOUNCED:
        return
    if slip.batch.method != "bank":
        raise Conflict(_("Chỉ khoản chuyển khoản mới bị ngân hàng trả lại."))
    states.move(slip, SlipState.BOUNCED, by, reason)
    _owe_again(slip)
    ledger.post(
        "payout_bounced",
        slip.code,
        {ledger.BANK: slip.net_dong, ledger.farm(slip.farm_id): -slip.net_dong},
        **_about(slip),
    )
    for payout in _claimed(Payout.slip_id == slip.id):
        states.move(payout, P.BOUNCED, by, reason)
        payout.batch_id = payout.slip_id = payout.paid_reference = None
        payout.sent_at = payout.settled_at = None
        states.move(payout, P.DUE, by)
        _keep(payout, HoldReason.BY_HAND, reason, by)


def settle_by_statement(rows: Iterable[tuple[str, int]], by: Actor) -> tuple[int, int]:
    """The bank's statement, a line each: text and đồng, minus is out. A transfer that names a slip and is of its sum
    arrived; money that came back under a slip's code bounced. How many of each; other lines are not ours to judge."""
    settled = bounced = 0
    for words, amount_dong in rows:
        text = re.sub(r"[^0-9A-Z]", "", words.upper())
        codes = {found.group(1) for found in _SLIP.finditer(text)}
        slips = db.session.scalars(select(PayoutSlip).where(PayoutSlip.code.in_(codes)))
        for slip in [one for one in slips if one.net_dong == abs(amount_dong)]:
            if amount_dong < 0 and slip.state is SlipState.SENT:
                settle(slip, by)
                settled += 1
            elif amount_dong > 0 and slip.state in (SlipState.SENT, SlipState.SETTLED):
                bounce(slip, str(_("Ngân hàng trả lại theo sao kê.")), by)
                bounced += 1
    return settled, bounced


_SLIP = re.compile(rf"(?=({PayoutSlip.CODE_PREFIX}[{CODE_LETTERS}]{{{PayoutSlip.CODE_LENGTH}}}))")


def _paid(slip: PayoutSlip, out_of: str) -> None:
    ledger.post(
        "payout",
        slip.code,
        {ledger.farm(slip.farm_id): slip.net_dong, out_of: -slip.net_dong},
        **_about(slip),
    )


def _about(slip: PayoutSlip) -> dict[str, Any]:
    """What a ledger entry says of a slip: its one order, or the codes of all."""
    parts = [payout.farm_order for payout in _claimed(Payout.slip_id == slip.id)]
    codes = ", ".join([slip.sent_reference or "", *(part.code for part in parts)])
    one = parts[0] if len(parts) == 1 else None
    return {
        "order_id": one.order_id if one else None,
        "farm_order_id": one.id if one else None,
        "note": codes[:300],
    }


def _claimed(*conditions: object) -> list[Payout]:
    """Payouts locked in id order, with the values they have now."""
    ids: Iterable[int] = db.session.scalars(select(Payout.id).where(*conditions))  # type: ignore[arg-type]
    return claim(Payout, list(ids))
