"""Money back to the buyer.

Before delivery what goes back is never counted up step by step: it is what came in, less what the order's parts still
come to, less what goes back already. So a cancelled part, a smaller delivery and a surplus are one rule, and said twice
they give once. After delivery the farm, the carrier or the market bears it, as a decision says.

One person approves (or a rule does, for cards), another sends: money never leaves by one pair of hands.
"""

from collections.abc import Mapping

from sqlalchemy import func, select

from marketplace.foundation import audit, faults, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import CALLED_OFF, FarmOrder, FarmOrderState
from marketplace.payments import debts, ledger, queries, refund_accounts
from marketplace.payments.models import (
    MAY_BE_WITHDRAWN,
    REFUND_WORDS,
    BankNotice,
    Payment,
    PaymentState,
    Refund,
    RefundCause,
    RefundState,
)
from marketplace.payments.telling import tell_buyer

S, R = PaymentState, RefundState
BEARERS = ("farm", "carrier", "market")


# -- before delivery: what came in less what the order comes to -----------------------------------------------------


def kept_for_part(part: FarmOrder) -> int:
    """What of the buyer's money a part of the order still takes: nothing when it was called off or lost, the freight
    when the parcel was carried there and back in vain, else its whole price."""
    if part.state in CALLED_OFF or part.state is FarmOrderState.LOST:
        return 0
    if part.state is FarmOrderState.RETURNED and part.delivered_at is None:
        return part.paid_for_freight_dong
    return part.total_dong


def owed_back(payment: Payment) -> int:
    """What of a payment the market has no reason to keep and has not promised back yet, in đồng."""
    parts = [payment.farm_order] if payment.farm_order is not None else payment.order.farm_orders
    promised = db.session.scalar(
        select(func.sum(Refund.amount_dong)).where(
            Refund.payment_id == payment.id,
            Refund.state != R.WITHDRAWN,
            Refund.cause != RefundCause.SENT_BACK,
            Refund.farm_bears_dong + Refund.carrier_bears_dong + Refund.market_bears_dong == 0,
        )
    )
    return payment.received_dong - sum(kept_for_part(part) for part in parts) - int(promised or 0)


def settle_up(
    payment: Payment,
    cause: RefundCause,
    by: Actor,
    farm_order: FarmOrder | None = None,
    card_intent: str | None = None,
) -> Refund | None:
    """Promise back what the payment holds too much, if anything. The payment is locked by the caller."""
    db.session.flush()
    amount = owed_back(payment)
    if amount <= 0:
        return None
    made = Refund(
        cause=cause,
        amount_dong=amount,
        payment=payment,
        farm_order=farm_order,
        card_intent=card_intent or payment.card_intent,
    )
    return _promise(made, by)


def send_notice_back(notice: BankNotice, payment: Payment | None, by: Actor) -> Refund:
    """A transfer that is used for no order goes back to whoever sent it."""
    refund = Refund(
        cause=RefundCause.SENT_BACK, amount_dong=notice.amount_dong, payment=payment, notice=notice
    )
    return _promise(refund, by)


def _promise(refund: Refund, by: Actor) -> Refund:
    refund.state = R.DUE
    refund.asked_by_id = by.person_id if refund.cause in (RefundCause.CLAIM, RefundCause.GOODWILL) else None
    db.session.add(refund)
    audit.record(by, "refund.due", refund, amount_dong=refund.amount_dong, cause=refund.cause.value)
    if _goes_by_card(refund) and refund.asked_by_id is None:
        states.move(refund, R.APPROVED, by, "rule")
        enqueue("payments.send_card_refund", refund.id)
    return refund


def _goes_by_card(refund: Refund) -> bool:
    return refund.card_intent is not None


# -- after delivery: somebody bears it ------------------------------------------------------------------------------


def refund(
    farm_order: FarmOrder,
    amount_dong: int,
    cause: RefundCause,
    by: Actor,
    *,
    key: str,
    borne: Mapping[str, int],
    why: str = "",
) -> Refund:
    """Give the buyer part of a delivered order's price back; `borne` says who gives it (`farm`, `carrier`, `market`;
    whole đồng that add up to the amount), `key` the fact it rests on (`claim:KN7…`), so that it is given once.

    Raises Refusal when it is more than was paid for this part and not given back yet; Conflict when the same fact was
    told before with another amount, or the goods are not delivered (then change or cancel the part instead).
    """
    claim(FarmOrder, [farm_order.id])
    (payment,) = claim(Payment, [queries.payment_of_part(farm_order).id])
    known = db.session.scalars(select(Refund).where(Refund.key == key)).one_or_none()
    if known is not None:
        if known.amount_dong != amount_dong:
            raise Conflict(
                _("Việc này đã hoàn %(known)s rồi. Hãy tải lại trang.", known=dong(known.amount_dong))
            )
        return known
    if farm_order.delivered_at is None:
        raise Conflict(_("Hàng chưa giao tới khách: hãy hủy hoặc sửa phần hàng, tiền sẽ tự hoàn theo."))
    if amount_dong <= 0:
        raise Refusal(_("Số tiền hoàn phải lớn hơn 0."), field="amount")
    left = queries.refundable(farm_order)
    if amount_dong > left:
        raise Refusal(
            _("Khách chỉ còn được hoàn nhiều nhất %(left)s cho phần hàng này.", left=dong(left)),
            field="amount",
        )
    if set(borne) - set(BEARERS) or min(borne.values(), default=0) < 0 or sum(borne.values()) != amount_dong:
        raise Refusal(_("Phần của nhà vườn, bưu điện và chợ phải cộng lại bằng số tiền hoàn."), field="borne")
    made = _promise(
        Refund(
            cause=cause,
            key=key,
            why=why[:300],
            amount_dong=amount_dong,
            payment=payment,
            farm_order=farm_order,
            card_intent=payment.card_intent,
            farm_bears_dong=borne.get("farm", 0),
            carrier_bears_dong=borne.get("carrier", 0),
            market_bears_dong=borne.get("market", 0),
        ),
        by,
    )
    db.session.flush()
    _bear(made, 1)
    if made.farm_bears_dong:
        _farm_owes(made, farm_order, by)
    return made


def _farm_owes(refund: Refund, part: FarmOrder, by: Actor) -> None:
    """What a farm bears it owes, less the tax that is its own again; and with the price it gives its share of the
    market's voucher back."""
    why = refund.why or REFUND_WORDS[refund.cause]
    borne = db.session.scalar(
        select(func.sum(Refund.farm_bears_dong)).where(
            Refund.farm_order_id == part.id, Refund.state != R.WITHDRAWN
        )
    )
    voucher = debts.voucher_back(part, int(borne or 0))
    back = debts.tax_back(part, refund.farm_bears_dong + voucher, f"refund:{refund.code}")
    words = _("Hoàn tiền cho khách: %(why)s", why=why)
    debts.write_debt(part, refund.farm_bears_dong - back, words, f"refund:{refund.code}", by)
    if voucher:
        words = _("Phiếu giảm giá của chợ cho phần đã hoàn: %(why)s", why=why)
        debts.charge(part, voucher, words, f"{debts.VOUCHER}{refund.code}", ledger.DISCOUNTS, by)


def _bear(refund: Refund, sign: int) -> None:
    """Who bears a refund gives it into the buyer's account, from where it is sent (or takes it back again)."""
    assert refund.farm_order is not None
    part = refund.farm_order
    ledger.post(
        "compensated" if sign > 0 else "compensation_withdrawn",
        refund.code,
        {
            ledger.farm(part.farm_id): sign * refund.farm_bears_dong,
            ledger.CARRIER: sign * refund.carrier_bears_dong,
            ledger.LOSSES: sign * refund.market_bears_dong,
            ledger.buyer(part.order_id): -sign * refund.amount_dong,
        },
        order_id=part.order_id,
        farm_order_id=part.id,
        note=refund.why,
    )


# -- approved by one, sent by another -------------------------------------------------------------------------------


def approve(refund: Refund, by: Actor, account: str = "", in_list: bool = False) -> None:
    """Say that the money may go back. Where to: `account`, as a cashier was told it, else what the buyer wrote
    themselves (kept sealed). `in_list`: with the whole list it stands on, to the account it was listed with."""
    (refund,) = claim(Refund, [refund.id])
    if refund.state is R.APPROVED:
        return
    _by_itself(refund, in_list)
    if by.person_id is not None and by.person_id == refund.asked_by_id:
        raise Refusal(_("Bạn là người đề nghị khoản này. Hãy nhờ người khác duyệt."))
    states.move(refund, R.APPROVED, by)
    refund.approved_by_id = by.person_id
    if not in_list:
        refund_accounts.give(refund, account)
    if _goes_by_card(refund):
        enqueue("payments.send_card_refund", refund.id)


def _by_itself(refund: Refund, in_list: bool) -> None:
    """What stands on a list is approved and sent with the list, by the same two people as everything on it."""
    if refund.batch_id is not None and not in_list:
        raise Conflict(
            _("Khoản này nằm trong một danh sách chuyển lại. Hãy làm cả danh sách, hoặc bỏ danh sách đó.")
        )


def withdraw(refund: Refund, by: Actor, is_appealed: bool = False) -> None:
    """Take a promise back while nothing was sent: a gift that was a mistake, a transfer that has an owner. What was
    decided on a claim only falls with its decision, when that `is_appealed`: the buyer was promised it."""
    (refund,) = claim(Refund, [refund.id])
    if refund.cause is RefundCause.CLAIM and not is_appealed:
        raise Refusal(
            _("Khoản này theo quyết định khiếu nại: chỉ đổi được khi một bên xin xem lại quyết định đó.")
        )
    if refund.cause not in (*MAY_BE_WITHDRAWN, RefundCause.CLAIM):
        raise Refusal(_("Khoản này chợ phải hoàn theo đơn hàng, không rút lại được."))
    debts.forgive_debt(f"refund:{refund.code}", by)
    debts.take_charge_back(f"{debts.VOUCHER}{refund.code}", ledger.DISCOUNTS, by)
    debts.take_tax_back(f"refund:{refund.code}")
    states.move(refund, R.WITHDRAWN, by)
    refund.batch_id = None
    if refund.notice is not None:
        (notice,) = claim(BankNotice, [refund.notice.id])
        notice.handled_at = None
    elif refund.borne_dong:
        _bear(refund, -1)


def unapprove(refund: Refund, by: Actor, in_list: bool = False) -> None:
    """Take the approval back before the money was sent."""
    (refund,) = claim(Refund, [refund.id])
    _by_itself(refund, in_list)
    states.move(refund, R.DUE, by)
    refund.approved_by_id = None


def send(refund: Refund, reference: str, by: Actor, in_list: bool = False) -> None:
    """The money went back, under this reference of the bank (or the card company). Twice is once."""
    payment = refund.payment
    if payment is not None:
        (payment,) = claim(Payment, [payment.id])
    (refund,) = claim(Refund, [refund.id])
    if refund.state is R.SENT:
        return
    _by_itself(refund, in_list)
    reference = reference.strip()[:80]
    if not reference:
        raise Refusal(_("Hãy ghi mã giao dịch của ngân hàng."), field="reference")
    if by.person_id is not None:
        _two_people(refund, by)
    states.move(refund, R.SENT, by)
    refund.sent_reference = reference
    refund.sent_count += 1
    _post_sent(refund, 1, reference)
    faults.point("refund.posted")
    if payment is not None and refund.cause is not RefundCause.SENT_BACK:
        _sum_up(payment, by)
    if payment is not None:
        tell_buyer(payment.order, "payments/refunded", amount=dong(refund.amount_dong), reference=reference)


def _two_people(refund: Refund, by: Actor) -> None:
    if refund.state is not R.APPROVED:
        raise Refusal(
            _("Khoản này chưa có người duyệt. Tiền chuyển ra cần hai người: một duyệt, một chuyển.")
        )
    if refund.approved_by_id == by.person_id:
        raise Refusal(_("Bạn đã duyệt khoản này. Hãy để người khác chuyển: tiền ra cần hai người."))


def bounced(refund: Refund, why: str, by: Actor) -> None:
    """The bank (or the card company) could not give the money back: it is ours to send again."""
    payment = refund.payment
    if payment is not None:
        (payment,) = claim(Payment, [payment.id])
    (refund,) = claim(Refund, [refund.id])
    if refund.state is R.DUE:
        return
    states.move(refund, R.DUE, by, why[:300])
    _post_sent(refund, -1, why[:200])
    refund.approved_by_id = refund.sent_reference = refund.batch_id = None
    if not _goes_by_card(refund) and refund.account_end:
        refund_accounts.forget(refund)
        if payment is not None:
            tell_buyer(
                payment.order, "payments/refund_bounced", amount=dong(refund.amount_dong), why=why[:120]
            )
    if payment is not None and refund.cause is not RefundCause.SENT_BACK:
        _sum_up(payment, by)


def _post_sent(refund: Refund, sign: int, note: str) -> None:
    payment = refund.payment
    from_whom, out_of = ledger.UNMATCHED, ledger.BANK
    if refund.cause is not RefundCause.SENT_BACK:
        assert payment is not None
        from_whom = ledger.buyer(payment.order_id)
        out_of = ledger.STRIPE if _goes_by_card(refund) else ledger.BANK
    ledger.post(
        "refund" if sign > 0 else "refund_bounced",
        f"{refund.code}:{refund.sent_count}",
        {from_whom: sign * refund.amount_dong, out_of: -sign * refund.amount_dong},
        order_id=payment.order_id if payment else None,
        farm_order_id=refund.farm_order_id,
        note=note,
    )


def _sum_up(payment: Payment, by: Actor) -> None:
    """What went back of a payment is the sum of its refunds, and its state follows."""
    db.session.flush()
    payment.refunded_dong = queries.sent_back_of(payment)
    if payment.state is S.COLLECTED:  # the cash is still with the post: that is what its state says
        return
    base = S.REMITTED if payment.farm_order_id else S.PAID
    whole = payment.refunded_dong >= payment.received_dong
    to = base if not payment.refunded_dong else S.REFUNDED if whole else S.PARTLY_REFUNDED
    if payment.state is not to or to is S.PARTLY_REFUNDED:
        states.move(payment, to, by)
