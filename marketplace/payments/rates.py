"""How a new rate comes in: a row from a day to come, with its legal basis. What was sold before keeps its own."""

from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.foundation import audit, clock, rules
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.payments.models import FeeRule, TaxRule

MOST_PER_10_000 = 5_000
"""Half of the price: a slip of the finger, not a rate."""
MOST_HOLDING_DAYS = 30


@dataclass(frozen=True)
class TaxRates:
    """VAT and personal income tax withheld, in hundredths of a percent; confirmed by an accountant, or not yet."""

    vat_per_10_000: int
    pit_per_10_000: int
    is_confirmed: bool = False
    note: str = ""


def adopt_fee_rule(
    *, valid_from: date, legal_basis: str, commission_per_10_000: int, holding_days: int, by: Actor
) -> FeeRule:
    """What the market keeps of the goods from a day to come, and how many working days it holds the money."""
    _check_rate(commission_per_10_000, "commission")
    if not 0 <= holding_days <= MOST_HOLDING_DAYS:
        raise Refusal(_("Giữ tiền từ 0 đến %(most)s ngày làm việc.", most=MOST_HOLDING_DAYS), "holding_days")
    rule = FeeRule(
        valid_from=valid_from,
        legal_basis=legal_basis,
        commission_per_10_000=commission_per_10_000,
        holding_days=holding_days,
    )
    return rules.adopt(rule, by)


def adopt_tax_rule(
    *, farm_kind: str, tax_class: str, valid_from: date, legal_basis: str, rates: TaxRates, by: Actor
) -> TaxRule:
    """What is withheld from a day to come when a farm of this kind sells this class of goods."""
    _check_rate(rates.vat_per_10_000, "vat")
    _check_rate(rates.pit_per_10_000, "pit")
    about = {"farm_kind": farm_kind, "tax_class": tax_class}
    rule = TaxRule(
        valid_from=valid_from,
        legal_basis=legal_basis,
        vat_per_10_000=rates.vat_per_10_000,
        pit_per_10_000=rates.pit_per_10_000,
        is_confirmed=rates.is_confirmed,
        note=rates.note,
        asked_by_id=by.person_id,
        **about,
    )
    return rules.adopt(rule, by, same=about)


def approve_tax_rule(rule: TaxRule, by: Actor) -> None:
    """A second admin looked at a new rate: from its day it holds. Whoever asked for it cannot approve it."""
    (rule,) = claim(TaxRule, [rule.id])
    if rule.approved_at is not None:
        return
    if by.person_id is None or by.person_id == rule.asked_by_id:
        raise Conflict(_("Mức thuế cần hai người: hãy nhờ quản trị khác duyệt."))
    if rule.valid_from <= clock.today():
        raise Conflict(_("Mức này đã tới ngày mà chưa được duyệt nên không dùng. Hãy thêm mức mới."))
    rule.approved_by_id, rule.approved_at = by.person_id, clock.now()
    audit.record(by, "tax_rule.approved", rule)


def switch_tax_rule(rule: TaxRule, by: Actor) -> TaxRule:
    """Switch a rate nobody is sure of off, or on again, from tomorrow, once a second admin approves. What was sold
    keeps what stands on it."""
    if rule.is_confirmed:
        raise Conflict(_("Mức đã được kế toán xác nhận thì không tắt. Hãy thêm mức mới."))
    about = {"farm_kind": rule.farm_kind, "tax_class": rule.tax_class}
    switched = TaxRule(
        valid_from=clock.today() + timedelta(days=1),
        legal_basis=rule.legal_basis,
        vat_per_10_000=rule.vat_per_10_000,
        pit_per_10_000=rule.pit_per_10_000,
        is_confirmed=False,
        is_off=not rule.is_off,
        note=rule.note,
        asked_by_id=by.person_id,
        **about,
    )
    return rules.adopt(switched, by, same=about)


def _check_rate(per_10_000: int, field: str) -> None:
    if not 0 <= per_10_000 <= MOST_PER_10_000:
        raise Refusal(_("Tỷ lệ từ 0 đến %(most)s %%.", most=MOST_PER_10_000 // 100), field)
