"""Slips repaired by the words of the names on sale: Telex and VNI keys, glued words, letters missing, doubled or turned
round, sounds that regions mix (tr and ch, s and x, l and n, i and y).

Every typed word gets candidates with a cost; the path of candidates whose neighbours stand side by side in real names
wins. A word that is known may be changed too (`nuoc nam` → `nuoc mam`), but it costs as much as any slip.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from marketplace.search.vietnamese import TONES, Syllable, exact, fold, plain, syllables, written

LONGEST = 120
MOST_WORDS = 8
MOST_CANDIDATES = 6
TOGETHER = 3.0
"""What it is worth when two words stand side by side in names."""
STRANGERS = 3.0
"""What it costs to part glued words that stand nowhere side by side."""
SLIP, SOUND, KEYS, GLUED, ACCENT = 2.2, 1.4, 0.6, 1.0, 0.3

_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_SOUNDS = (
    ("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("l", "n"), ("n", "l"), ("d", "gi"), ("gi", "d"), ("d", "r"),
    ("r", "d"), ("gi", "r"), ("r", "gi"), ("f", "ph"), ("k", "c"), ("c", "k"), ("j", "gi"), ("z", "d"), ("w", "qu"),
    ("q", "c"), ("kh", "k"), ("v", "d"), ("v", "gi"), ("ng", "ngh"), ("ngh", "ng"), ("g", "gh"),
)  # fmt: skip
_ENDINGS = (
    ("n", "ng"),
    ("ng", "n"),
    ("t", "c"),
    ("c", "t"),
    ("y", "i"),
    ("i", "y"),
    ("n", "nh"),
    ("nh", "n"),
)
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ph|th|tr|ch|kh|gh|gi|qu|[bcdghklmnprstvxđ])?[aăâeêioôơuưy]{1,3}(?:ng|nh|ch|[mnptc])?"
)


class Word(NamedTuple):
    """A candidate for a typed word: one or more syllables (`nuocmam` is two), and what it costs to believe it."""

    folded: tuple[str, ...]
    exact: tuple[str, ...] | None  # None: no accents known
    cost: float


class Vocabulary:
    """The syllables of names, which stand side by side, and how each is mostly written."""

    def __init__(self, names: Iterable[Sequence[Syllable]]) -> None:
        self.known: dict[str, int] = {}
        self.beside: dict[tuple[str, str], int] = {}
        ways: dict[str, dict[str, int]] = {}
        self._pair_written: dict[tuple[str, str], tuple[str, str]] = {}
        for name in names:
            for syllable in name:
                self.known[syllable.folded] = self.known.get(syllable.folded, 0) + 1
                way = ways.setdefault(syllable.folded, {})
                way[syllable.exact] = way.get(syllable.exact, 0) + 1
            for one, two in pairwise(name):
                pair = (one.folded, two.folded)
                self.beside[pair] = self.beside.get(pair, 0) + 1
                if one.is_accented or two.is_accented:
                    self._pair_written.setdefault(pair, (one.exact, two.exact))
        self.ways = {folded: frozenset(way) for folded, way in ways.items()}
        self._mostly = {folded: max(way, key=lambda one: (way[one], one)) for folded, way in ways.items()}
        self._without_one: dict[str, list[str]] | None = None

    # -- the text -------------------------------------------------------------------------------------------------

    def respell(self, text: str) -> list[str]:
        """Other spellings of the text, the most likely first; the text as it stands is not among them."""
        words = plain(text[:LONGEST]).split()
        if not words or len(words) > MOST_WORDS:
            return []
        choices = [self._candidates(word) for word in words]
        if not all(choices):
            return []
        is_accented = any(exact(word) != fold(word) for word in words)
        typed = " ".join(syllable.exact for syllable in syllables(text))
        found: dict[str, None] = {}
        for path in self._best(choices):
            slips = sum(word.cost == SLIP for word in path)
            if slips * 2 > len(path) > 1 or (slips and len(path) == 1 and len(words[0]) < 4):
                continue  # too much of it would be guessed
            spelt = self._written(path, is_accented)
            if " ".join(s.exact for s in syllables(spelt)) != typed:
                found.setdefault(spelt)
        return list(found)

    def _best(self, choices: Sequence[Sequence[Word]], keep: int = 3) -> list[tuple[Word, ...]]:
        """The cheapest ways through the candidates (a beam is wide enough for eight words)."""
        paths: list[tuple[float, tuple[Word, ...]]] = [(0.0, ())]
        for words in choices:
            longer = []
            for cost, path in paths:
                before = path[-1].folded[-1] if path else None
                for word in words:
                    gain = sum(TOGETHER for pair in pairwise(word.folded) if pair in self.beside)
                    if before is not None and (before, word.folded[0]) in self.beside:
                        gain += TOGETHER
                    gain += (
                        0.15 * sum(log(1 + self.known.get(one, 0)) for one in word.folded) / len(word.folded)
                    )
                    longer.append((cost + word.cost - gain, (*path, word)))
            longer.sort(key=lambda one: one[0])
            paths = longer[:24]
        return [path for _, path in paths[:keep]]

    def _written(self, path: Sequence[Word], is_accented: bool) -> str:
        """The words of a path as people write them: with accents where the keys gave them, or where others are."""
        folded = [one for word in path for one in word.folded]
        given = [one for word in path for one in (word.exact or (None,) * len(word.folded))]
        ways = list(given)
        if is_accented or any(
            way is not None and way != bare for way, bare in zip(given, folded, strict=True)
        ):
            for place, bare in enumerate(folded):
                if ways[place] is None:
                    ways[place] = self._way(folded, place) or self._mostly.get(bare, bare)
        return " ".join(
            written(way) if way is not None else bare for way, bare in zip(ways, folded, strict=True)
        )

    def _way(self, folded: Sequence[str], place: int) -> str | None:
        if place and (pair := self._pair_written.get((folded[place - 1], folded[place]))):
            return pair[1]
        if place + 1 < len(folded) and (pair := self._pair_written.get((folded[place], folded[place + 1]))):
            return pair[0]
        return None

    # -- one word -------------------------------------------------------------------------------------------------

    def _candidates(self, word: str) -> list[Word]:
        parts = syllables(word)
        found: dict[tuple[str, ...], Word] = {}

        def add(folded: tuple[str, ...], ways: tuple[str, ...] | None, cost: float) -> None:
            if folded not in found or found[folded].cost > cost:
                found[folded] = Word(folded, ways, cost)

        if not parts:
            return []
        as_typed = tuple(part.folded for part in parts)
        is_known = all(part.folded in self.known or part.folded.isdigit() for part in parts)
        if is_known:
            ways = tuple(part.exact for part in parts)
            add(as_typed, ways if any(part.is_accented for part in parts) else None, 0.0)
        for spelt in _decoded(word):
            folded = fold(spelt)
            if folded in self.known and spelt in self.ways[folded]:
                add((folded,), (spelt,), KEYS)
            elif folded in self.known:
                add((folded,), (self._with_tone_of(spelt, folded),), KEYS + ACCENT)
        if len(parts) == 1 and not as_typed[0].isdigit():
            bare = as_typed[0]
            for near, cost in self._near(bare):
                add((near,), None, cost)
            if not is_known or len(bare) > 5:
                for split in self._split(bare):
                    add(split, None, GLUED)
        if not found and len(parts) > 1:  # `nh01x`: kept as it is, for others may be wrong
            add(as_typed, None, SLIP)
        ranked = sorted(
            found.values(), key=lambda one: (one.cost, -min(self.known.get(part, 0) for part in one.folded))
        )
        return ranked[:MOST_CANDIDATES]

    def _with_tone_of(self, spelt: str, folded: str) -> str:
        """A known way to write it, with the tone that was typed if there is one (`cheef` is chè, not chề)."""
        tone = spelt[-1:] if spelt[-1:] in TONES else ""
        ways = sorted(way for way in self.ways[folded] if (way[-1:] if way[-1:] in TONES else "") == tone)
        return ways[0] if ways else self._mostly[folded]

    def _near(self, bare: str) -> Iterator[tuple[str, float]]:
        """Known syllables that sound like this one, or are one slip away."""
        for one, other in _SOUNDS:
            if bare.startswith(one) and other + bare[len(one) :] in self.known:
                yield other + bare[len(one) :], SOUND
        for one, other in _ENDINGS:
            if bare.endswith(one) and bare[: -len(one)] + other in self.known:
                yield bare[: -len(one)] + other, SOUND
        if 2 <= len(bare) <= 10:
            near = self._deletions()
            for shorter in {bare, *_shorter(bare)}:
                if shorter != bare and shorter in self.known and len(shorter) > 1:
                    doubled = any(bare == shorter[:n] + shorter[n - 1 :] for n in range(1, len(shorter) + 1))
                    yield shorter, SOUND if doubled else SLIP
                for known in near.get(shorter, ()):
                    if known != bare and _is_one_slip(bare, known):
                        yield known, SLIP

    def _deletions(self) -> dict[str, list[str]]:
        if self._without_one is None:
            made: dict[str, list[str]] = {}
            for known in self.known:
                if 2 <= len(known) <= 8 and not known.isdigit():
                    for shorter in _shorter(known):
                        made.setdefault(shorter, []).append(known)
            self._without_one = made
        return self._without_one

    def _split(self, glued: str) -> list[tuple[str, ...]]:
        """`nuocmam` → nuoc, mam: known syllables only, neighbours in names, in at most four parts."""
        if not 4 <= len(glued) <= 24:
            return []
        ways: list[tuple[float, tuple[str, ...]]] = []

        def walk(rest: str, parts: tuple[str, ...], worth: float) -> None:
            if not rest:
                if len(parts) > 1:
                    ways.append((worth - len(parts), parts))
                return
            if len(parts) == 4 or len(ways) > 50:
                return
            for length in range(min(7, len(rest)), 0, -1):
                part = rest[:length]
                if part in self.known and (length > 1 or len(rest) == length or parts):
                    pair = (parts[-1], part) if parts else None
                    beside = self.beside.get(pair, 0) if pair else 1
                    if not beside and (length < 2 or len(parts[-1]) < 2):
                        continue
                    walk(rest[length:], (*parts, part), worth + (log(1 + beside) if beside else -STRANGERS))

        walk(glued, (), 0.0)
        ways = [way for way in ways if any(pair in self.beside for pair in pairwise(way[1]))]
        ways.sort(key=lambda way: -way[0])
        return [parts for _, parts in ways[:2]]


def _shorter(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


@lru_cache(maxsize=20_000)
def _is_one_slip(one: str, other: str) -> bool:
    """One letter more, less, other, or two turned round."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


# -- keys pressed with the keyboard program off -------------------------------------------------------------------


@lru_cache(maxsize=5000)
def _decoded(word: str) -> tuple[str, ...]:
    """What Telex or VNI would have made of the keys, as `exact` spellings; only what can be a Vietnamese syllable."""
    if not word.isascii() or not 2 <= len(word) <= 10:
        return ()
    found = []
    for decode in (_telex, _vni):
        spelt = decode(word)
        if spelt is not None and spelt != word:
            found.append(spelt)
    return tuple(found)


def _telex(word: str) -> str | None:
    letters, tone = "", ""
    for letter in word:
        if letter in _TELEX_TONES and any(one in "aăâeêioôơuưy" for one in letters):
            # a tone key; r, s and x also begin a syllable, but never follow its vowel
            tone = _TELEX_TONES[letter]
        elif letter == "w":
            letters = _with_hook(letters)
        elif letter in "aeo" and letters[-1:] == letter:
            letters = letters[:-1] + {"a": "â", "e": "ê", "o": "ô"}[letter]
        elif letter in "aeo" and letter in letters and not letters.endswith(tuple("aăâeêioôơuưy")):
            letters = letters.replace(letter, {"a": "â", "e": "ê", "o": "ô"}[letter], 1)
        elif letter == "d" and letters.startswith("d"):
            letters = "đ" + letters[1:]
        else:
            letters += letter
    return letters + tone if _SYLLABLE.fullmatch(letters) else None


def _vni(word: str) -> str | None:
    if not any(letter.isdigit() for letter in word):
        return None
    letters, tone = "", ""
    for letter in word:
        if letter in _VNI_TONES:
            tone = _VNI_TONES[letter]
        elif letter == "6":
            letters = _last(letters, {"a": "â", "e": "ê", "o": "ô"})
        elif letter == "7":
            letters = _last(letters, {"u": "ư", "o": "ơ"})
        elif letter == "8":
            letters = _last(letters, {"a": "ă"})
        elif letter == "9" and "d" in letters:
            letters = letters.replace("d", "đ", 1)
        else:
            letters += letter
    return letters + tone if _SYLLABLE.fullmatch(letters) else None


def _with_hook(letters: str) -> str:
    """Telex w: ow ơ, uw ư, aw ă, and both of uo."""
    if "uo" in letters:
        return letters.replace("uo", "ươ", 1)
    if "ưo" in letters:
        return letters.replace("ưo", "ươ", 1)
    return _last(letters, {"a": "ă", "o": "ơ", "u": "ư"})


def _last(letters: str, change: dict[str, str]) -> str:
    for place in range(len(letters) - 1, -1, -1):
        if letters[place] in change:
            return letters[:place] + change[letters[place]] + letters[place + 1 :]
    return letters
