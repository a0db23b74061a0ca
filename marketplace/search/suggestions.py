"""What to offer while somebody types: names that begin with the typed syllables, or have a word that does."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from typing import Any, NamedTuple

from marketplace.search.port import Document, Kind, Suggestion, Wording
from marketplace.search.spelling import Vocabulary
from marketplace.search.vietnamese import Syllable, syllables, words

MOST_OTHERS = 2
MOST_WHOLE = 20_000
"""So many names, the best sold ones, are found by any of their words; the others by their first."""
MOST_ANSWERS = 5_000
SAID_OF_ALL = frozenset(s.exact for s in syllables("chế biến từ sản phẩm khác các dạng sơ và"))
"""Words in the names of kinds that tell nothing apart: who types `che` means tea, not what is made ("chế biến")."""
ORDER: dict[Kind, int] = {"category": 0, "place": 1, "farm": 2, "product": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    suggestion: Suggestion
    written: str
    weight: int


class Card(NamedTuple):
    """What suggestions and spellings know of a product."""

    name: str
    code: str
    shop: str = ""
    shop_code: str = ""
    category: str = ""
    set: int | None = None
    place: str = ""
    province: str | None = None
    sales: int = 0

    @classmethod
    def of(cls, document: Document) -> "Card":
        return cls(
            name=document.name,
            code=document.code,
            shop=document.shop,
            shop_code=document.shop_code,
            category=document.category,
            set=document.set,
            place=document.places[0] if document.places else "",
            province=document.province,
            sales=document.sales,
        )


class Ranked(NamedTuple):
    """A suggestion and how well it fits; the least comes first."""

    rank: tuple[bool, bool, int, int, str, str]
    suggestion: Suggestion


class Prefixes:
    """A sorted list of names, each under its words."""

    def __init__(self, products: Iterable[Card]) -> None:
        weights: dict[Suggestion, int] = {}
        for card in products:
            for suggestion in _suggestions(card):
                weights[suggestion] = weights.get(suggestion, 0) + card.sales + 1
        keys: list[tuple[str, int, Entry]] = []
        whole = 0
        for suggestion, weight in sorted(weights.items(), key=lambda item: -item[1]):
            name = syllables(suggestion.text)
            folded = [syllable.folded for syllable in name]
            entry = Entry(suggestion, " ".join(words(suggestion.text)), weight)
            whole += suggestion.kind == "product"
            starts = _starts(suggestion, name)
            if suggestion.kind == "product" and whole > MOST_WHOLE:
                starts = starts[:1]
            keys.extend((" ".join(folded[start:]), place, entry) for place, start in enumerate(starts))
        keys.sort(key=lambda key: key[:2])
        self._keys = [key for key, _, _ in keys]
        self._places = [(place, entry) for _, place, entry in keys]
        self._known: dict[str, list[Ranked]] = {}

    def ranked(self, text: str, most: int) -> list[Ranked]:
        """The best names for what was typed so far; accents count when they were typed."""
        typed = syllables(text[:100])
        if not typed:
            return []
        written = " ".join(words(text[:100]))
        known = self._known.get(written)
        if known is not None and len(known) <= most:
            return known
        prefix = " ".join(syllable.folded for syllable in typed)
        first = bisect_left(self._keys, prefix)
        last = bisect_left(self._keys, prefix + "\U0010ffff", first)
        found = nsmallest(
            most,
            (
                Ranked(
                    (
                        written not in entry.written,
                        place > 0,
                        ORDER[entry.suggestion.kind],
                        -entry.weight,
                        entry.suggestion.text,
                        entry.suggestion.key,
                    ),
                    entry.suggestion,
                )
                for place, entry in self._places[first:last]
            ),
            key=_rank,
        )
        if len(self._known) >= MOST_ANSWERS:
            self._known.clear()
        self._known[written] = found
        return found


def best(ranked: Iterable[Ranked], limit: int, is_live: Callable[[Suggestion], bool]) -> list[Suggestion]:
    """The best, each text once, and of kinds, farms and places two at most, so that products have room."""
    chosen: dict[str, Suggestion] = {}
    others: dict[Kind, int] = {}
    for _, suggestion in ranked:
        if suggestion.text in chosen or not is_live(suggestion):
            continue
        if suggestion.kind != "product":
            others[suggestion.kind] = others.get(suggestion.kind, 0) + 1
            if others[suggestion.kind] > MOST_OTHERS:
                continue
        chosen[suggestion.text] = suggestion
        if len(chosen) == limit:
            break
    return list(chosen.values())


def _starts(suggestion: Suggestion, name: Sequence[Syllable]) -> list[int]:
    """At which of its words somebody may begin to type a name."""
    is_kind = suggestion.kind == "category"
    return [start for start, one in enumerate(name) if not (is_kind and one.exact in SAID_OF_ALL)]


def _rank(ranked: Ranked) -> tuple[Any, ...]:
    return ranked.rank


class Names:
    """The names of one part of an index, as suggestions and as spellings; each is worked out when first asked for."""

    def __init__(self, cards: Callable[[], Iterable[Card]]) -> None:
        self._cards = cards

    @cached_property
    def prefixes(self) -> Prefixes:
        return Prefixes(self._cards())

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(syllables(card.name) for card in self._cards())


class NamesLexicon:
    """A port.Lexicon over the parts of an index."""

    def __init__(
        self, wording: Wording, parts: Sequence[Names], is_live: Callable[[Suggestion], bool] = lambda _: True
    ) -> None:
        self.wording = wording
        self._parts = parts
        self._is_live = is_live

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        if limit <= 0:
            return []
        found = [ranked for part in self._parts for ranked in part.prefixes.ranked(text, 8 * limit)]
        return best(sorted(found, key=_rank) if len(self._parts) > 1 else found, limit, self._is_live)

    def respell(self, text: str) -> list[str]:
        found: dict[str, None] = {}
        for part in self._parts:
            found.update(dict.fromkeys(part.vocabulary.respell(text)))
        return list(found)


def _suggestions(card: Card) -> Iterable[Suggestion]:
    yield Suggestion(card.name, "product", card.code)
    if card.category and card.set is not None:
        yield Suggestion(card.category, "category", str(card.set))
    if card.shop and card.shop_code:
        yield Suggestion(card.shop, "farm", card.shop_code)
    if card.place and card.province:
        yield Suggestion(card.place, "place", card.province)
