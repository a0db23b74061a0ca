"""How a new rate comes in: a row from a day to come, with its legal basis. What was sold before keeps its own."""

from dataclasses import dataclass
from datetime import date

from marketplace.foundation import rules
from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Refusal
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
        **about,
    )
    return rules.adopt(rule, by, same=about)


def _check_rate(per_10_000: int, field: str) -> None:
    if not 0 <= per_10_000 <= MOST_PER_10_000:
        raise Refusal(_("Tỷ lệ từ 0 đến %(most)s %%.", most=MOST_PER_10_000 // 100), field)
