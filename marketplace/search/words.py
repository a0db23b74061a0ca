"""Words for one thing: *heo* is *lợn*, *khóm* is *dứa*, but *bắp cải* is no *bắp*.

A group of words (`port.SameWords`) is a *concept*, named by its first word. Texts are read from the left, the longest
known phrase first; a phrase of `but_not` is such a phrase too, and says nothing. A document carries the concepts of its
name, a typed text asks for those it holds.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from marketplace.search.port import SameWords, Wording
from marketplace.search.vietnamese import Syllable, fold, syllables

DATA = Path(__file__).with_name("data") / "synonyms.json"
AT_START = "^"
CLASSIFIERS = frozenset({"quả", "trái"})
"""Words before a fruit's name that shops leave out."""


@lru_cache(maxsize=1)
def written_words() -> tuple[SameWords, ...]:
    """The groups the market ships with."""
    return tuple(
        SameWords(
            word=group["word"],
            same=tuple(group["same"]),
            but_not=tuple(group.get("but_not", ())),
            bare=tuple(group.get("bare", ())),
        )
        for group in json.loads(DATA.read_text("utf-8"))["groups"]
    )


class Found(NamedTuple):
    """A concept in a text: the syllables `start` to `end` (not included) say it."""

    start: int
    end: int
    concept: str


class Concepts:
    """The concepts of a wording, found in texts."""

    def __init__(self, words: Iterable[SameWords]) -> None:
        self._exact: dict[tuple[str, ...], str | None] = {}
        self._folded: dict[tuple[str, ...], str | None] = {}
        self._at_start: dict[tuple[str, ...], str] = {}
        for group in words:
            forms = (group.word, *group.same)
            known = (self._exact.get(tuple(s.exact for s in syllables(form))) for form in forms)
            # groups that share a word are one
            concept = next(filter(None, known), None) or "_".join(s.exact for s in syllables(group.word))
            for form in forms:
                self._add(form, concept, {fold(one) for one in group.bare})
        for group in words:
            for phrase in group.but_not:
                self._veto(phrase)
        self._longest = max(map(len, (*self._exact, *self._at_start)), default=0)
        self._first = {key[0] for key in (*self._exact, *self._at_start, *self._folded)}

    def _add(self, form: str, concept: str, bare: set[str]) -> None:
        parts = syllables(form)
        exact, folded = tuple(s.exact for s in parts), tuple(s.folded for s in parts)
        if not exact:
            return
        if form.startswith(AT_START):
            self._at_start[exact] = concept
            return
        self._exact.setdefault(exact, concept)
        if len(folded) > 1 or folded[0] in bare:
            self._folded.setdefault(folded, concept)

    def _veto(self, phrase: str) -> None:
        parts = syllables(phrase)
        if parts:
            self._exact.setdefault(tuple(s.exact for s in parts), None)
            if len(parts) > 1:
                self._folded.setdefault(tuple(s.folded for s in parts), None)

    def in_name(self, name: Sequence[Syllable]) -> list[Found]:
        """The concepts of a text whose accents can be trusted."""
        return self._find([s.exact for s in name], None)

    def in_query(self, typed: Sequence[Syllable]) -> list[Found]:
        """The concepts of a typed text: words without accents count where they leave no doubt."""
        return self._find([s.exact for s in typed], [s.folded for s in typed])

    def _find(self, exact: list[str], folded: list[str] | None) -> list[Found]:
        found: list[Found] = []
        place = 0
        while place < len(exact):
            if exact[place] not in self._first:
                place += 1
                continue
            for length in range(min(self._longest, len(exact) - place), 0, -1):
                span = tuple(exact[place : place + length])
                if span in self._exact:
                    concept = self._exact[span]
                elif not place and span in self._at_start:
                    concept = self._at_start[span]
                elif folded is not None and span == (bare := tuple(folded[place : place + length])):
                    if bare not in self._folded:
                        continue
                    concept = self._folded[bare]
                else:
                    continue
                if concept is not None:
                    found.append(Found(place, place + length, concept))
                place += length
                break
            else:
                place += 1
        return found


@lru_cache(maxsize=4)
def concepts_of(wording: Wording) -> Concepts:
    return Concepts(wording.words)
