"""What a farm owes the market: written, charged, forgiven, taken off what it is paid; and the tax it gets back."""

from collections.abc import Sequence

from sqlalchemy import func, select

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import Text, _, in_language
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger, tax
from marketplace.payments.models import (
    BankNotice,
    FarmDebt,
    LineTax,
    Payout,
    PayoutKind,
    TaxReturned,
)
from marketplace.shipping.models import FreightDifference


def write_debt(
    farm_order: FarmOrder, amount_dong: int, words: Text | str, reference: str, by: Actor
) -> FarmDebt:
    """The farm owes the market something for an order (a refund it bears): taken off its next payouts. The ledger entry
    is the caller's. The same reference again is the same debt. What it is for is kept as the farm reads it and as it
    stands on its numbered papers: in Vietnamese, whoever writes it down."""
    known = db.session.scalars(select(FarmDebt).where(FarmDebt.reference == reference)).one_or_none()
    if known is not None:
        return known
    debt = FarmDebt(
        farm_id=farm_order.farm_id,
        farm_order=farm_order,
        reference=reference,
        amount_dong=amount_dong,
        left_dong=amount_dong,
        words=_in_vietnamese(words),
    )
    db.session.add(debt)
    audit.record(by, "farm_debt.written", debt, amount_dong=amount_dong)
    return debt


def _in_vietnamese(words: Text | str) -> str:
    with in_language("vi"):
        return str(words)[:300]


def tax_back(farm_order: FarmOrder, borne_dong: int, reference: str) -> int:
    """The farm gives part of its price back, so part of the tax withheld is its own again: in đồng. What stands on the
    lines stays; the month of the refund says what was given back."""
    payout = db.session.scalar(
        select(Payout).where(Payout.farm_order_id == farm_order.id, Payout.kind == PayoutKind.EARNED)
    )
    if payout is None:
        return 0
    taken = db.session.execute(
        select(
            func.coalesce(func.sum(LineTax.vat_dong), 0), func.coalesce(func.sum(LineTax.pit_dong), 0)
        ).where(LineTax.payout_id == payout.id)
    ).one()
    # PostgreSQL sums to a decimal: đồng are whole.
    was_base, was_vat, was_pit = map(
        int,
        db.session.execute(
            select(
                func.coalesce(func.sum(TaxReturned.base_dong), 0),
                func.coalesce(func.sum(TaxReturned.vat_dong), 0),
                func.coalesce(func.sum(TaxReturned.pit_dong), 0),
            ).where(TaxReturned.payout_id == payout.id)
        ).one(),
    )
    whole = farm_order.sold_for_dong
    base = min(was_base + borne_dong, whole)
    parts = tax.part_of([int(taken[0]), int(taken[1])], base, whole)
    vat, pit = parts[0] - was_vat, parts[1] - was_pit
    if base == was_base:
        return 0
    # Also of what is taxed at nothing: the month's turnover is smaller by what went back.
    db.session.add(
        TaxReturned(
            farm_order=farm_order,
            payout_id=payout.id,
            reference=reference,
            base_dong=base - was_base,
            vat_dong=vat,
            pit_dong=pit,
        )
    )
    _post_tax_back(farm_order, reference, vat + pit)
    return vat + pit


def take_tax_back(reference: str) -> None:
    """The refund was taken back, so the tax is withheld again."""
    given = db.session.scalars(select(TaxReturned).where(TaxReturned.reference == reference)).one_or_none()
    if given is None:
        return
    again = f"{reference}:withdrawn"
    db.session.add(
        TaxReturned(
            farm_order=given.farm_order,
            payout_id=given.payout_id,
            reference=again,
            base_dong=-given.base_dong,
            vat_dong=-given.vat_dong,
            pit_dong=-given.pit_dong,
        )
    )
    _post_tax_back(given.farm_order, again, -(given.vat_dong + given.pit_dong))


def _post_tax_back(farm_order: FarmOrder, reference: str, amount_dong: int) -> None:
    if not amount_dong:
        return
    ledger.post(
        "tax_returned",
        reference,
        {ledger.TAX_WITHHELD: amount_dong, ledger.farm(farm_order.farm_id): -amount_dong},
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
    )


def bear_freight(found: FreightDifference, by: Actor) -> None:
    """Freight cost more than the buyer was quoted: the farm owes the difference, or the market bears it, as the dated
    rule says."""
    part, more = found.farm_order, found.difference_dong
    words = _("Cước chênh của đơn %(code)s: %(basis)s", code=part.code, basis=found.rule.legal_basis)
    if found.borne_by == "farm":
        charge(part, more, words, f"freight:{found.code}", ledger.CARRIER, by)
        return
    ledger.post(
        "freight_differed",
        found.code,
        {ledger.LOSSES: more, ledger.CARRIER: -more},
        order_id=part.order_id,
        farm_order_id=part.id,
        note=str(words)[:300],
    )


def voucher_back(farm_order: FarmOrder, borne_dong: int) -> int:
    """How much of the market's voucher a farm gives back, in đồng, when it bears so much in all of what the buyer paid
    for its goods: the same share of the voucher as of the price, less what it gave back before. Else goods that were
    paid back whole would still earn their farm the voucher, and a voucher would be cash."""
    paid = farm_order.paid_for_goods_dong
    if not paid or not farm_order.market_discount_dong:
        return 0
    given = db.session.scalar(
        select(func.coalesce(func.sum(FarmDebt.amount_dong), 0)).where(
            FarmDebt.farm_order_id == farm_order.id, FarmDebt.reference.startswith(VOUCHER)
        )
    )
    (share,) = tax.part_of([farm_order.market_discount_dong], min(borne_dong, paid), paid)
    return max(0, share - int(given or 0))


VOUCHER = "voucher:"
"""How the debt for the market's voucher on goods that were paid back is known."""


def take_charge_back(reference: str, to_whom: str, by: Actor) -> None:
    """A charge falls with what it was for: the debt is no more, and the account that was given it gives it back."""
    debt = db.session.scalars(select(FarmDebt).where(FarmDebt.reference == reference)).one_or_none()
    if debt is None:
        return
    part, amount_dong = debt.farm_order, debt.amount_dong
    assert part is not None
    forgive_debt(reference, by)
    ledger.post(
        "compensation_withdrawn",
        reference,
        {ledger.farm(part.farm_id): -amount_dong, to_whom: amount_dong},
        order_id=part.order_id,
        farm_order_id=part.id,
    )


def forgive_debt(reference: str, by: Actor) -> None:
    """A debt was a mistake: it is no more, as long as nothing was taken off for it."""
    ids = db.session.scalars(select(FarmDebt.id).where(FarmDebt.reference == reference))
    for debt in claim(FarmDebt, list(ids)):
        if debt.left_dong != debt.amount_dong:
            raise Conflict(_("Khoản này đã trừ vào tiền trả nhà vườn, không rút lại được."))
        audit.record(by, "farm_debt.forgiven", debt, amount_dong=debt.amount_dong)
        db.session.delete(debt)


def pay_in(debt: FarmDebt, notice: BankNotice, by: Actor) -> None:
    """The farm paid what it owes by a transfer that waited for a person; never more than is left of the debt."""
    (debt,) = claim(FarmDebt, [debt.id])
    (notice,) = claim(BankNotice, [notice.id])
    if notice.handled_at is not None or notice.problem is None:
        raise Conflict(_("Khoản này đã có người xử lý. Hãy tải lại trang."))
    if notice.amount_dong > debt.left_dong:
        raise Refusal(
            _(
                "Khoản chuyển %(amount)s nhiều hơn số còn nợ %(left)s. Hãy chuyển lại, xin họ chuyển đúng.",
                amount=dong(notice.amount_dong),
                left=dong(debt.left_dong),
            ),
            field="transfer",
        )
    notice.handled_at = clock.now()
    _settle(debt, "debt_paid_in", notice.code, notice.amount_dong, ledger.UNMATCHED, by)


def ask_write_off(debt: FarmDebt, reason: str, by: Actor) -> None:
    """Somebody sees that a farm will not pay any more; another person decides."""
    (debt,) = claim(FarmDebt, [debt.id])
    if not debt.left_dong:
        raise Conflict(_("Khoản nợ này không còn gì để xóa. Hãy tải lại trang."))
    if not reason.strip():
        raise Refusal(_("Hãy ghi vì sao nhà vườn không trả được nữa."), field="reason")
    debt.write_off_asked_by_id, debt.write_off_reason = by.person_id, reason.strip()[:300]
    audit.record(by, "farm_debt.write_off_asked", debt, why=debt.write_off_reason)


def write_off(debt: FarmDebt, by: Actor) -> None:
    """A second person agrees: the market bears what is left."""
    (debt,) = claim(FarmDebt, [debt.id])
    if not debt.left_dong or not debt.write_off_reason:
        raise Conflict(_("Khoản nợ này không còn gì để xóa. Hãy tải lại trang."))
    if by.person_id is None or by.person_id == debt.write_off_asked_by_id:
        raise Refusal(_("Bạn là người đề nghị xóa khoản này. Hãy nhờ người khác duyệt."))
    _settle(debt, "debt_written_off", debt.code, debt.left_dong, ledger.LOSSES, by)


def _settle(debt: FarmDebt, kind: str, fact: str, amount_dong: int, out_of: str, by: Actor) -> None:
    debt.left_dong -= amount_dong
    debt.settled_dong += amount_dong
    ledger.post(
        kind,
        f"{debt.code}:{fact}",
        {out_of: amount_dong, ledger.farm(debt.farm_id): -amount_dong},
        order_id=debt.farm_order.order_id if debt.farm_order else None,
        farm_order_id=debt.farm_order_id,
        note=(debt.write_off_reason if kind == "debt_written_off" else debt.words)[:300],
    )
    audit.record(
        by,
        f"farm_debt.{kind.removeprefix('debt_')}",
        debt,
        amount_dong=amount_dong,
    )


def charge(
    farm_order: FarmOrder, amount_dong: int, words: Text | str, reference: str, from_whom: str, by: Actor
) -> FarmDebt:
    """The farm owes the market something that somebody else is given: what the account `from_whom` gets."""
    debt = write_debt(farm_order, amount_dong, words, reference, by)
    ledger.post(
        "farm_charged",
        reference,
        {ledger.farm(farm_order.farm_id): amount_dong, from_whom: -amount_dong},
        order_id=farm_order.order_id,
        farm_order_id=farm_order.id,
        note=debt.words,
    )
    return debt


def net(gross_dong: int, debts: Sequence[int]) -> list[int]:
    """How much is taken off for each debt, in their order, out of a sum: never more than there is."""
    taken = []
    for debt in debts:
        part = min(debt, gross_dong)
        taken.append(part)
        gross_dong -= part
    return taken
