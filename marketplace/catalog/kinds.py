"""Common goods to start from: what a name suggests about set, size of pack, handling and keeping (data/kinds.json).

Suggestions only: nothing here decides anything, and every word of it can be changed on the page.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from marketplace.catalog import ocop
from marketplace.foundation.words import language
from marketplace.search import vietnamese

FILE = Path(__file__).parent / "data" / "kinds.json"


@dataclass(frozen=True)
class Kind:
    """A common sort of goods: `amount` and `unit` as typed in a form, `unit` one of g, kg, ml, l, piece. Whatever
    `words` it is known by, a buyer may call it by those `said_of_all` of its goods too."""

    key: str
    names: tuple[str, str]
    words: tuple[str, ...]
    unless: tuple[str, ...]
    said_of_all: tuple[str, ...]
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
    text = vietnamese.plain(name)
    if found := _longest(text, _known(vietnamese.plain)):
        return found
    if vietnamese.fold(name) != text:
        return None  # written with marks: guessing without them would take "tra" for "trà"
    return _longest(text, _known(vietnamese.fold))


def called(name: str, set_no: int | None) -> tuple[str, ...]:
    """What a buyer may call goods of this name and set that their name does not say: a mango is fruit."""
    kind = suggest(name)
    return (*(ocop.set_of(set_no).said_of_all if set_no else ()), *(kind.said_of_all if kind else ()))


def has_word(text: str, word: str) -> bool:
    """Does the text hold these words whole? Both folded the same way."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


@dataclass(frozen=True)
class _Known:
    """The words of all sorts, folded one way."""

    kinds: Mapping[str, tuple[Kind, ...]]
    unless: Mapping[str, frozenset[str]]
    longest: int
    """The most words of any."""


@cache
def _known(fold: Callable[[str], str]) -> _Known:
    by_words: dict[str, tuple[Kind, ...]] = {}
    for kind in kinds():
        for word in map(fold, kind.words):
            by_words[word] = (*by_words.get(word, ()), kind)
    unless = {kind.key: frozenset(map(fold, kind.unless)) for kind in kinds()}
    return _Known(by_words, unless, max(len(text.split()) for text in (*by_words, *chain(*unless.values()))))


def _longest(text: str, known: _Known) -> Kind | None:
    """Every goods ever listed passes here when the search is built: so no pattern, only looking up."""
    words = re.findall(r"\w+", text)
    runs = {
        " ".join(words[at : at + size]) for at in range(len(words)) for size in range(1, known.longest + 1)
    }
    found = [
        (len(run), kind)
        for run in runs
        for kind in known.kinds.get(run, ())
        if runs.isdisjoint(known.unless[kind.key])
    ]
    order = kinds()
    return min(found, key=lambda one: (-one[0], order.index(one[1])))[1] if found else None


@lru_cache(maxsize=1)
def _read() -> tuple[Kind, ...]:
    rows: list[dict[str, Any]] = json.loads(FILE.read_text("utf8"))["kinds"]
    return tuple(
        Kind(
            key=row["key"],
            names=(row["name"], row["name_en"]),
            words=tuple(row["words"]),
            unless=tuple(row.get("unless", ())),
            said_of_all=tuple(row.get("said_of_all", ())),
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
