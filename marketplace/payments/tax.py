"""What the market keeps and the State takes of a sale, by the dated rules of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from marketplace.foundation.db import db
from marketplace.foundation.money import percent
from marketplace.foundation.rules import rule_held, rule_on
from marketplace.payments.models import FeeRule, TaxRule


@dataclass(frozen=True)
class Tax:
    """The tax withheld on an amount, and the rule it rests on."""

    rule: TaxRule
    base_dong: int
    vat_dong: int
    pit_dong: int

    @property
    def dong(self) -> int:
        return self.vat_dong + self.pit_dong


def on(farm_kind: str | None, tax_class: str, amount_dong: int, day: date) -> Tax:
    """The tax on what a farm of this kind sold. A kind or class the rules do not know pays the highest rate of the day
    (Decree 117/2025/NĐ-CP, Decree 252/2026/NĐ-CP: what cannot be told apart is taxed at the highest)."""
    rule = rule_of(farm_kind, tax_class, day) or _highest(day)
    if rule.is_off:
        return Tax(rule, amount_dong, 0, 0)
    return Tax(
        rule,
        amount_dong,
        percent(amount_dong, rule.vat_per_10_000),
        percent(amount_dong, rule.pit_per_10_000),
    )


def rule_of(farm_kind: str | None, tax_class: str, day: date) -> TaxRule | None:
    """The approved rule in force on a day for who sells what."""
    return rule_on(
        TaxRule,
        day,
        TaxRule.farm_kind == farm_kind,
        TaxRule.tax_class == tax_class,
        TaxRule.approved_at.is_not(None),
    )


def part_of(amounts: Sequence[int], part_dong: int, whole_dong: int) -> list[int]:
    """So much of each amount as `part` is of `whole`, rounded down: what goes back for a refund never exceeds what was
    taken, and is everything when everything goes back."""
    return [amount * part_dong // whole_dong if whole_dong else 0 for amount in amounts]


def _highest(day: date) -> TaxRule:
    found = db.session.scalars(
        select(TaxRule)
        .where(
            TaxRule.valid_from <= day,
            (TaxRule.valid_to.is_(None)) | (TaxRule.valid_to >= day),
            TaxRule.approved_at.is_not(None),
        )
        .order_by((TaxRule.vat_per_10_000 + TaxRule.pit_per_10_000).desc(), TaxRule.id)
        .limit(1)
    ).first()
    if found is None:
        raise LookupError("no TaxRule: payments.service.load_rules was not run")
    return found


def fees(day: date) -> FeeRule:
    """What the market keeps of the goods, and how long money is held."""
    rule = rule_held(FeeRule, day)
    if rule is None:
        raise LookupError("no FeeRule: payments.service.load_rules was not run")
    return rule


def commission(goods_dong: int, rule: FeeRule) -> int:
    """What the market keeps of the goods' price."""
    return percent(goods_dong, rule.commission_per_10_000)
