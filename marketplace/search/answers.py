"""From a typed text to an answer: filters read out of it, slips repaired, and what to try when nothing was found.

read filters → ask strictly → (nothing: another spelling) → (few: descriptions too) → (nothing: the words that name
no goods left out) → what to try instead
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from marketplace.search import reading
from marketplace.search.port import (
    FILTERS,
    Chip,
    Drop,
    Reading,
    Results,
    SearchEngine,
    SearchQuery,
    Wording,
)
from marketplace.search.terms import FEW
from marketplace.search.vietnamese import WORD, plain
from marketplace.search.words import CLASSIFIERS

MOST_SPELLINGS = 3
LONGEST_NEAREST = 6
TOGETHER = (("price_min", "price_max"),)
IDLE = (
    "mua", "bán", "giá", "giá rẻ", "rẻ", "giá tốt", "đặc sản", "ở", "tại", "của", "cho", "ngon", "chính gốc",
    "chính hãng", "chính hiệu", "online", "loại ngon", "loại", "làm quà", "quà", "quà tặng", "tphcm", "ở đâu",
    "shop", "bao nhiêu", "nhà làm", "sạch", "nguyên chất", "thật", "uy tín",
)  # fmt: skip
"""Words around goods that name none; left out only when nothing is found with them."""
_IDLE = {tuple(phrase.split()) for phrase in IDLE}


@lru_cache(maxsize=4096)
def read(text: str, wording: Wording) -> Reading:
    """How a text is understood."""
    return reading.read(text, wording)


def find(engine: SearchEngine, query: SearchQuery, nearness: Mapping[str, int]) -> Results:
    """The answer to a query as a visitor means it."""
    if not query.text.strip():
        return _with_drops(engine, query, nearness, engine.find(query, nearness))
    if query.literal:
        found = engine.find(query, nearness)
        found = engine.find(query, nearness, widely=True) if found.matching < FEW else found
        return _with_drops(engine, query, nearness, found)
    lexicon = engine.lexicon()
    understood = _without_given(read(query.text, lexicon.wording), query)
    asked = _asked(query, understood)
    found, repaired = _found(engine, asked, nearness)
    left_off: tuple[Chip, ...] = ()
    if not found.total and found.matching:
        asked, found, left_off = _without_packs(engine, asked, nearness, found, understood, repaired)
    if repaired is not None:
        asked = replace(asked, text=repaired)
    found = replace(found, reading=understood, repaired=repaired, left_off=left_off)
    if found.total:
        return found
    found = replace(found, nearest=_nearest(engine, asked, nearness) if not found.matching else None)
    return _with_drops(engine, asked, nearness, found)


def _without_given(understood: Reading, query: SearchQuery) -> Reading:
    """A filter given by itself wins over one that was read."""
    given = {field for field in FILTERS if getattr(query, field) not in (None, False)}
    if given & {"price_min", "price_max"}:
        given |= {"price_min", "price_max"}
    return replace(
        understood, chips=tuple(chip for chip in understood.chips if given.isdisjoint(chip.values))
    )


def _asked(query: SearchQuery, understood: Reading, but: tuple[Chip, ...] = ()) -> SearchQuery:
    filters: dict[str, Any] = {}
    for chip in understood.chips:
        if chip not in but:
            filters.update(chip.values)
    return replace(query, text=understood.text, **filters)


def _found(
    engine: SearchEngine, asked: SearchQuery, nearness: Mapping[str, int]
) -> tuple[Results, str | None]:
    found = engine.find(asked, nearness)
    if found.matching >= FEW or not asked.text.strip():
        return found, None
    if not found.matching:
        for spelling in engine.lexicon().respell(asked.text)[:MOST_SPELLINGS]:
            other = engine.find(replace(asked, text=spelling), nearness)
            if other.matching:
                return other, spelling
    wider = engine.find(asked, nearness, widely=True)
    if wider.matching:
        return wider, None
    for text in _said_less(asked.text):
        other = engine.find(replace(asked, text=text), nearness)
        if other.matching:
            return other, text
    return found, None


def _said_less(text: str) -> Iterator[str]:
    """The text without words that name no goods: `quả dứa` → `dứa`, `mua mật ong ngon` → `mật ong`."""
    words = WORD.findall(plain(text)[:400])
    if len(words) > 1 and words[0] in CLASSIFIERS:
        yield " ".join(words[1:])
    kept: list[str] = []
    place = 0
    while place < len(words):
        for length in (3, 2, 1):
            if tuple(words[place : place + length]) in _IDLE:
                place += length
                break
        else:
            kept.append(words[place])
            place += 1
    if kept and len(kept) < len(words):
        yield " ".join(kept)


def _without_packs(
    engine: SearchEngine,
    asked: SearchQuery,
    nearness: Mapping[str, int],
    found: Results,
    understood: Reading,
    repaired: str | None,
) -> tuple[SearchQuery, Results, tuple[Chip, ...]]:
    """Nobody sells that pack: the goods in other packs, and the page says so."""
    packs = tuple(chip for chip in understood.chips if "grams" in chip.values)
    if packs and asked.grams is not None:
        other = replace(asked, grams=None, text=repaired or asked.text)
        results = engine.find(other, nearness)
        if results.total:
            return replace(asked, grams=None), results, packs
    return asked, found, ()


def _nearest(engine: SearchEngine, asked: SearchQuery, nearness: Mapping[str, int]) -> str | None:
    """The text that would find something when words are left out, or spelt another way."""
    words = WORD.findall(plain(asked.text))
    if not 1 < len(words) <= LONGEST_NEAREST:
        return None
    for texts in _shorter(words):
        best: tuple[int, str] | None = None
        for text in texts:
            for spelling in (text, *engine.lexicon().respell(text)[:1]):
                found = engine.find(replace(asked, text=spelling, page=1), nearness)
                if found.total and (best is None or found.total < best[0]):
                    best = (found.total, spelling)
                    break
        if best:
            return best[1]
    return None


def _shorter(words: Sequence[str]) -> Iterator[list[str]]:
    """One word left out, any of them; then what stands side by side, the longest first."""
    count = len(words)
    yield [" ".join((*words[:place], *words[place + 1 :])) for place in range(count)]
    for length in range(count - 2, 0, -1):
        yield [" ".join(words[start : start + length]) for start in range(count - length + 1)]


def _with_drops(
    engine: SearchEngine, query: SearchQuery, nearness: Mapping[str, int], found: Results
) -> Results:
    """Which filters are worth taking off, when they leave nothing."""
    if found.total or not found.matching:
        return found
    given = [field for field in FILTERS if getattr(query, field) not in (None, False)]
    groups: list[tuple[str, ...]] = [fields for fields in TOGETHER if set(fields) <= set(given)] or []
    taken = {field for fields in groups for field in fields}
    groups += [(field,) for field in given if field not in taken]
    if len(groups) > 1:
        groups.append(tuple(given))
    drops = []
    for fields in groups:
        without: dict[str, Any] = {field: False if field == "in_season" else None for field in fields}
        total = engine.find(replace(query, page=1, **without), nearness).total
        if total:
            drops.append(Drop(fields=fields, total=total))
    single = [drop for drop in drops if len(drop.fields) < len(given) or len(groups) == 1]
    drops = sorted(single or drops, key=lambda drop: (-drop.total, drop.fields))
    return replace(found, drops=tuple(drops))
