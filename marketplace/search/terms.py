"""What a product is found by: the terms of a document, and how a typed text asks for them. The same for all engines.

A product is found when every typed syllable is covered: by a word of its name, kind, place or shop, or by standing
beside its typed neighbour anywhere, description included. Lone words of descriptions do not count (folded, `chè` would
find every `chế biến`), unless almost nothing else was found. Accents that were typed are meant: a product in which the
syllable stands alone with other accents only (`dứa`, `dừa`) is left out, unless there are no others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from marketplace.search.port import Document
from marketplace.search.vietnamese import Syllable, pairs, syllables
from marketplace.search.words import Concepts, Found

MAX_SYLLABLES = 12
FEW = 3

FIELDS = ("key", "key_exact", "body", "name", "name_exact", "pair", "pair_exact", "start", "concept", "told")
"""key: what covers a syllable; key_exact: the lone ones of these with their accents; body: lone words of the
description; concept: what the name speaks of, whatever the region's word; told: neighbours in kind, place and shop; the
others only rank, by the name."""

Term = tuple[str, str]  # field, value


def terms_of(document: Document, concepts: Concepts) -> Mapping[str, list[str]]:
    """The terms of a document by field, each once."""
    name = syllables(document.name)
    told = [syllables(text) for text in (document.shop, *document.places, *document.called)]
    lone = [name, *told]
    description = syllables(document.description)
    exact, folded = [s.exact for s in name], [s.folded for s in name]
    key = {s.folded for text in lone for s in text}
    for text in (name, *told, description):
        key.update(pairs([s.folded for s in text]))
    found = {
        "key": key,
        "key_exact": {s.exact for text in lone for s in text if s.is_accented},
        "body": {s.folded for s in description},
        "name": set(folded),
        "name_exact": set(exact),
        "pair": set(pairs(folded)),
        "pair_exact": set(pairs(exact)),
        "start": {*folded[:1], *pairs(folded[:2])},
        "concept": _concepts(document, name, concepts),
        "told": {pair for text in told for pair in pairs([s.folded for s in text])},
    }
    return {field: sorted(terms) for field, terms in found.items() if terms}


def _concepts(document: Document, name: list[Syllable], concepts: Concepts) -> set[str]:
    """What a name speaks of; a lone syllable that belongs to the name of its place (Bảo Lạc) speaks of nothing."""
    places = {pair for text in document.places for pair in pairwise(s.exact for s in syllables(text))}
    found = set()
    for one in concepts.in_name(name):
        around = [s.exact for s in name[max(0, one.start - 1) : one.end + 1]]
        if one.end - one.start > 1 or places.isdisjoint(pairwise(around)):
            found.add(one.concept)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A typed text, taken apart."""

    syllables: tuple[Syllable, ...]
    concepts: tuple[Found, ...] = ()

    @classmethod
    def of(cls, text: str, concepts: Concepts | None = None) -> "Asked":
        """`concepts` are those to ask for; without them the words stand for themselves."""
        typed = tuple(syllables(text[:400])[:MAX_SYLLABLES])
        return cls(typed, tuple(concepts.in_query(typed)) if concepts else ())

    def __bool__(self) -> bool:
        return bool(self.syllables)

    def covers(self, widely: bool = False) -> Iterator[list[Term]]:
        """For each typed syllable the (field, term) pairs any of which covers it; `widely`: the description's too."""
        folded = [s.folded for s in self.syllables]
        for place, syllable in enumerate(folded):
            terms = [("key", syllable)]
            if place:
                terms.append(("key", f"{folded[place - 1]}_{syllable}"))
            if place + 1 < len(folded):
                terms.append(("key", f"{syllable}_{folded[place + 1]}"))
            terms.extend(("concept", one.concept) for one in self.concepts if one.start <= place < one.end)
            if widely:
                terms.append(("body", syllable))
            yield terms

    def doubts(self) -> Iterator[tuple[Term, list[Term]]]:
        """For each accented syllable: a product with the first term and none of the others means another word."""
        for syllable, (lone, *others) in zip(self.syllables, self.covers(), strict=True):
            if syllable.is_accented:
                yield lone, [("key_exact", syllable.exact), *others]

    def signals(self) -> Iterator[tuple[int, list[Term]]]:
        """What makes one product fit better than another: (power of two it is worth, terms that must all be there)."""
        folded = [s.folded for s in self.syllables]
        exact = [s.exact for s in self.syllables]
        for term in folded:
            yield 0, [("name", term)]
        yield 2, [("name", term) for term in folded]
        if any(s.is_accented for s in self.syllables):
            for s in self.syllables:
                if s.is_accented:
                    yield 0, [("name_exact", s.exact)]
            yield 3, [("name_exact", term) for term in exact]
            if len(exact) > 1:
                yield 2, [("pair_exact", term) for term in pairs(exact)]
        if len(folded) > 1:
            for term in pairs(folded):
                yield 1, [("pair", term)]
                yield 0, [("told", term)]
            yield 2, [("pair", term) for term in pairs(folded)]
        yield 1, [("start", "_".join(folded[:2]))]
        for one in self.concepts:
            is_all = one.end - one.start == len(folded)
            yield (5 if is_all else 3), [("concept", one.concept)]
