"""The 26 OCOP sets in their six industries (Decision 26/2026/QĐ-TTg), and what holds for OCOP certificates on a day.

The sets are law, so they are data (data/ocop.json); goods outside OCOP belong to the group `other`.
"""

import json
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from marketplace.foundation.words import language

FILE = Path(__file__).parent / "data" / "ocop.json"
OTHER = "other"
SERVICE_SET = 26
"""Community tourism: shown with "contact", never in a cart."""


@dataclass(frozen=True)
class Group:
    """One of the six industries, or other goods."""

    slug: str
    _name: tuple[str, str]
    _short: tuple[str, str]

    @property
    def name(self) -> str:
        return self._name[language() == "en"]

    @property
    def short(self) -> str:
        """A word for a chip: "Thực phẩm", "Thủ công"."""
        return self._short[language() == "en"]


@dataclass(frozen=True)
class ProductSet:
    """One of the 26 sets of criteria. `handling` is how such goods usually travel; `said_of_all` are words a buyer may
    call any of its goods by (its name lists several sorts: a dried shrimp stands in the set that names honey)."""

    no: int
    slug: str
    group: str
    is_goods: bool
    handling: str
    lead_ministry: str
    said_of_all: tuple[str, ...]
    _name: tuple[str, str]

    @property
    def name(self) -> str:
        return self._name[language() == "en"]


OTHER_GROUP = Group(
    OTHER, ("Hàng khác (không thuộc OCOP)", "Other goods (outside OCOP)"), ("Hàng khác", "Other goods")
)


def sets() -> tuple[ProductSet, ...]:
    """All 26 sets, by number."""
    return _read().sets


def set_of(no: int) -> ProductSet:
    """The set with this number, 1–26."""
    return _read().sets[no - 1]


def is_set(no: int) -> bool:
    return 1 <= no <= len(_read().sets)


def groups() -> tuple[Group, ...]:
    """The six industries in the decision's order, then other goods."""
    return (*_read().groups, OTHER_GROUP)


def group(slug: str) -> Group | None:
    return next((found for found in groups() if found.slug == slug), None)


def group_of(set_no: int | None) -> str:
    """The slug of the industry a set belongs to; `other` for goods outside OCOP."""
    return OTHER if set_no is None else set_of(set_no).group


def sets_in(group: str) -> tuple[ProductSet, ...]:
    """The sets of one industry."""
    return tuple(found for found in sets() if found.group == group)


def category_name(set_no: int | None) -> str:
    """What a product's category is called on its page."""
    return OTHER_GROUP.name if set_no is None else set_of(set_no).name


# -- certificates -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Validity:
    """How long a recognition holds, by which decision."""

    months: int
    legal_basis: str


@dataclass(frozen=True)
class Authority:
    """Who recognised so many stars on a day, by which decision."""

    name: str
    legal_basis: str


def validity_on(issued_on: date) -> Validity | None:
    """The rule in force on the day of the recognition decision; none before the programme began."""
    row = _row_on(_read().validity, issued_on)
    return Validity(row["months"], row["legal_basis"]) if row else None


def authority_on(issued_on: date, stars: int) -> Authority | None:
    """Who could grant 3, 4 or 5 stars on that day (1 and 2 stars have no certificate)."""
    row = _row_on(_read().authorities, issued_on)
    return Authority(row[str(stars)], row["legal_basis"]) if row and str(stars) in row else None


def stars_of_score(score: int) -> int | None:
    """The stars a score gives (Decision 26/2026/QĐ-TTg): 90–100 five, 70–89 four, 50–69 three; less has none."""
    return next((stars for least, stars in ((90, 5), (70, 4), (50, 3)) if least <= score <= 100), None)


def valid_until(issued_on: date) -> date | None:
    """The last day a recognition decision of that day proves its stars; None before the programme began."""
    rule = validity_on(issued_on)
    return None if rule is None else add_months(issued_on, rule.months)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# -- the file -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    groups: tuple[Group, ...]
    sets: tuple[ProductSet, ...]
    validity: tuple[dict[str, Any], ...]
    authorities: tuple[dict[str, Any], ...]


@lru_cache(maxsize=1)
def _read() -> _File:
    data = json.loads(FILE.read_text("utf8"))
    return _File(
        groups=tuple(
            Group(row["slug"], (row["name"], row["name_en"]), (row["short"], row["short_en"]))
            for row in data["groups"]
        ),
        sets=tuple(
            ProductSet(
                row["no"],
                row["slug"],
                row["group"],
                row["is_goods"],
                row["handling"],
                row["lead_ministry"],
                tuple(row.get("said_of_all", ())),
                (row["name"], row["name_en"]),
            )
            for row in data["sets"]
        ),
        validity=tuple(data["certificates"]["validity"]),
        authorities=tuple(data["certificates"]["authorities"]),
    )


def _row_on(rows: tuple[dict[str, Any], ...], day: date) -> dict[str, Any] | None:
    written = day.isoformat()
    return next(
        (
            row
            for row in rows
            if row["valid_from"] <= written and (row["valid_to"] is None or written <= row["valid_to"])
        ),
        None,
    )
