"""Common goods to start from: what a name suggests about set, size of pack, handling and keeping (data/kinds.json).

Suggestions only: nothing here decides anything, and every word of it can be changed on the page.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from marketplace.foundation.words import language
from marketplace.search import vietnamese

FILE = Path(__file__).parent / "data" / "kinds.json"


@dataclass(frozen=True)
class Kind:
    """A common sort of goods: `amount` and `unit` as typed in a form, `unit` one of g, kg, ml, l, piece."""

    key: str
    names: tuple[str, str]
    words: tuple[str, ...]
    unless: tuple[str, ...]
    set_no: int
    amount: str
    unit: str
    handling: str
    shelf_life_days: int | None
    storage: str
    is_own_unprocessed: bool
    weight_grams: int | None
    icon: str
    is_offered: bool

    @property
    def name(self) -> str:
        return self.names[language() == "en"]

    @property
    def suggestion(self) -> dict[str, Any]:
        """What a page needs to suggest it while a name is typed."""
        return {
            "key": self.key,
            "words": [vietnamese.plain(word) for word in self.words],
            "unless": [vietnamese.plain(word) for word in self.unless],
            "set_no": str(self.set_no),
            "amount": self.amount,
            "unit": self.unit,
            "weight_grams": self.weight_grams,
            "own": self.is_own_unprocessed,
        }


def kinds() -> tuple[Kind, ...]:
    """All of them, in the order they are offered."""
    return _read()


def kind_of(key: str) -> Kind | None:
    return next((kind for kind in kinds() if kind.key == key), None)


def suggest(name: str) -> Kind | None:
    """The sort a name speaks of: the longest words win, those with their marks before those without."""
    for fold in (vietnamese.plain, vietnamese.fold):
        text = fold(name)
        if fold is vietnamese.fold and text != vietnamese.plain(name):
            break  # written with marks: guessing without them would take "tra" for "trà"
        found = [
            (len(fold(word)), kind)
            for kind in kinds()
            for word in kind.words
            if has_word(text, fold(word)) and not any(has_word(text, fold(other)) for other in kind.unless)
        ]
        if found:
            return max(found, key=lambda one: one[0])[1]
    return None


def has_word(text: str, word: str) -> bool:
    """Does the text hold these words whole? Both folded the same way."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


@lru_cache(maxsize=1)
def _read() -> tuple[Kind, ...]:
    rows: list[dict[str, Any]] = json.loads(FILE.read_text("utf8"))["kinds"]
    return tuple(
        Kind(
            key=row["key"],
            names=(row["name"], row["name_en"]),
            words=tuple(row["words"]),
            unless=tuple(row.get("unless", ())),
            set_no=row["set_no"],
            amount=row["amount"],
            unit=row["unit"],
            handling=row["handling"],
            shelf_life_days=row["shelf_life_days"],
            storage=row["storage"],
            is_own_unprocessed=row.get("is_own_unprocessed", False),
            weight_grams=row.get("weight_grams"),
            icon=row.get("icon", "leaf"),
            is_offered=row.get("is_offered", False),
        )
        for row in rows
    )
