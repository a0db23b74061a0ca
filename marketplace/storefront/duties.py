"""Facts of the pages a platform owes the public (Law 122/2025/QH15, Decree 248/2026/NĐ-CP Arts. 4–16): who runs it,
what it takes, how long things take, what it is made of. Figures come from today's rules, never from a page's text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from marketplace.farmers.models import KIND_WORDS, FarmKind
from marketplace.foundation import clock, market
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import Text
from marketplace.orders.models import TAX_CLASS_WORDS, AnswerRule, TaxClass
from marketplace.payments.models import FeeRule, TaxRule
from marketplace.shipping import price_list
from marketplace.shipping.models import Tariff
from marketplace.shipping.price_list import Sheet

ASKED_FOR = Path(__file__).parents[2] / "requirements.in"


@dataclass(frozen=True)
class Owner:
    """Who runs the market, as the law wants it said. Empty: nobody filled it in yet."""

    name: str
    address: str
    phone: str
    email: str
    registration: str

    @property
    def is_known(self) -> bool:
        return bool(self.name and self.address and (self.phone or self.email))


def owner() -> Owner:
    """The operator, from the settings."""
    said = market.settings()
    return Owner(
        said.owner_name, said.owner_address, said.owner_phone, said.owner_email, said.owner_registration
    )


@dataclass(frozen=True)
class TaxRow:
    """What is withheld of one class of goods, by who sells it (in the order of `Fees.sellers`)."""

    goods: Text
    rules: Sequence[TaxRule | None]


@dataclass(frozen=True)
class Fees:
    """What is taken today, of whom: the market's share, tax at source, carriage."""

    fee: FeeRule | None
    sellers: Sequence[Text]
    taxes: Sequence[TaxRow]
    tariff: Tariff | None
    sheets: Sequence[Sheet]

    @property
    def tax_bases(self) -> Sequence[str]:
        """The laws the tax rows rest on, each once."""
        return list(
            dict.fromkeys(rule.legal_basis for row in self.taxes for rule in row.rules if rule is not None)
        )

    @property
    def is_all_confirmed(self) -> bool:
        """Has an accountant confirmed every rate?"""
        return all(rule is not None and rule.is_confirmed for row in self.taxes for rule in row.rules)


def fees() -> Fees:
    """Every rate of today, each with its basis."""
    today = clock.today()
    tariff = rule_on(Tariff, today)
    return Fees(
        fee=rule_on(FeeRule, today),
        sellers=[KIND_WORDS[kind] for kind in FarmKind],
        taxes=[
            TaxRow(
                TAX_CLASS_WORDS[goods],
                [
                    rule_on(
                        TaxRule,
                        today,
                        TaxRule.farm_kind == kind.value,
                        TaxRule.tax_class == goods.value,
                        TaxRule.approved_at.is_not(None),
                    )
                    for kind in FarmKind
                ],
            )
            for goods in TaxClass
        ],
        tariff=tariff,
        sheets=price_list.sheets(tariff.table) if tariff is not None else (),
    )


def answer_rule() -> AnswerRule | None:
    """How long farms may take to answer today."""
    return rule_on(AnswerRule, clock.today())


@dataclass(frozen=True)
class Package:
    """A library the market runs on: as it states its licence itself."""

    name: str
    version: str
    licence: str


@lru_cache(maxsize=1)
def packages() -> Sequence[Package]:
    """The libraries asked for by name, with the versions that are installed."""
    names = re.findall(r"^([A-Za-z][\w.-]*)", ASKED_FOR.read_text("utf8"), re.MULTILINE)
    found = [_package(name) for name in names]
    return sorted((one for one in found if one is not None), key=lambda one: one.name.lower())


def _package(name: str) -> Package | None:
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    return Package(said["Name"], said["Version"], _licence(said))


def _licence(said: Any) -> str:
    """As written: an expression, a short name, or the trove classifiers."""
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    classified = [
        line.split(" :: ")[-1].removesuffix(" License").removeprefix("The ")
        for line in said.get_all("Classifier") or ()
        if line.startswith("License ::") and line.count(" :: ") > 1
    ]
    short = (said.get("License") or "").strip()
    if short and "\n" not in short and len(short) < 60:
        return short
    return ", ".join(classified) or _read_licence(said["Name"])


def _read_licence(name: str) -> str:
    """What the licence file that came along says, for a package that states nothing else."""
    for file in metadata.files(name) or ():
        if file.name.upper().startswith("LICEN") and "Permission is hereby granted, free of charge" in (
            file.read_text()
        ):
            return "MIT"
    return "—"
