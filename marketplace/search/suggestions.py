"""What to offer while somebody types: names that begin with the typed syllables, or have a word that does."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.search.port import Kind, Suggestion
from marketplace.search.vietnamese import syllables, words

MOST_ENTRIES = 3000
MOST_OTHERS = 2
ORDER: dict[Kind, int] = {"category": 0, "place": 1, "farm": 2, "product": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    suggestion: Suggestion
    written: str
    weight: int


class Prefixes:
    """A sorted list of names, each under every one of its words."""

    def __init__(self, products: Iterable[Mapping[str, Any]]) -> None:
        weights: dict[Suggestion, int] = {}
        for facts in products:
            for suggestion in _suggestions(facts):
                weights[suggestion] = weights.get(suggestion, 0) + facts["sales"] + 1
        keys: list[tuple[str, int, Entry]] = []
        for suggestion, weight in weights.items():
            name = [syllable.folded for syllable in syllables(suggestion.text)]
            entry = Entry(suggestion, " ".join(words(suggestion.text)), weight)
            keys.extend((" ".join(name[place:]), place, entry) for place in range(len(name)))
        keys.sort(key=lambda key: key[:2])
        self._keys = [key for key, _, _ in keys]
        self._places = [(place, entry) for _, place, entry in keys]

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """The best names for what was typed so far; accents count when they were typed."""
        typed = syllables(text[:100])
        if not typed:
            return []
        prefix, written = " ".join(syllable.folded for syllable in typed), " ".join(words(text[:100]))
        first = bisect_left(self._keys, prefix)
        last = bisect_left(
            self._keys, prefix + "\U0010ffff", first, min(len(self._keys), first + MOST_ENTRIES)
        )
        ranked = sorted(
            self._places[first:last],
            key=lambda found: (
                written not in found[1].written,
                found[0] > 0,
                ORDER[found[1].suggestion.kind],
                -found[1].weight,
                found[1].suggestion.text,
            ),
        )
        return _mixed(ranked, limit)


def _mixed(ranked: Iterable[tuple[int, Entry]], limit: int) -> list[Suggestion]:
    """The best, each once, and of kinds, farms and places two at most, so that products have room."""
    chosen: dict[Suggestion, None] = {}
    others: dict[Kind, int] = {}
    for _, entry in ranked:
        suggestion = entry.suggestion
        if suggestion in chosen:
            continue
        if suggestion.kind != "product":
            others[suggestion.kind] = others.get(suggestion.kind, 0) + 1
            if others[suggestion.kind] > MOST_OTHERS:
                continue
        chosen[suggestion] = None
        if len(chosen) == limit:
            break
    return list(chosen)


def _suggestions(facts: Mapping[str, Any]) -> Iterable[Suggestion]:
    yield Suggestion(facts["name"], "product", facts["code"])
    if facts["category"] and facts["set"] is not None:
        yield Suggestion(facts["category"][0], "category", str(facts["set"]))
    if facts["shop"] and facts["shop_code"]:
        yield Suggestion(facts["shop"], "farm", facts["shop_code"])
    if facts["place"] and facts["province"]:
        yield Suggestion(facts["place"][0], "place", facts["province"])
