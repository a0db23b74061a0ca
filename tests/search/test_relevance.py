"""What shoppers type, held against what they must see: relevance.txt, on both engines and on other catalogues."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest

from marketplace.search import answers
from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.search.port import Document, Mark, SearchEngine, SearchQuery
from marketplace.search.vietnamese import fold, syllables
from tests.benchmarks import catalogue
from tests.search import goods

CASES = Path(__file__).with_name("relevance.txt")
MUST_PASS = 0.97
ELSEWHERE = 0.97
NOTHING = "nothing"


@dataclass(frozen=True)
class Case:
    kind: str
    typed: str
    wanted: Sequence[str]
    unwanted: Sequence[str]
    why: str
    place: int = field(compare=False, default=0)

    def __str__(self) -> str:
        return f"line {self.place}: {self.kind}: {self.typed!r} ({self.why})"


def cases() -> list[Case]:
    found = []
    for place, line in enumerate(CASES.read_text("utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            kind, typed, wanted, unwanted, why = line.split("|")
            parted = (wanted,) if kind.strip() == "reads" else wanted.split(",")
            found.append(
                Case(
                    kind.strip(),
                    typed[1:-1],
                    [one.strip() for one in parted if one.strip()],
                    [one.strip() for one in unwanted.split(",") if one.strip()],
                    why.strip(),
                    place,
                )
            )
    return found


def holds(text: str, words: str) -> bool:
    """Do these words stand in the text, side by side?"""
    return said(words) in said(text)


@lru_cache(maxsize=20_000)
def said(text: str) -> str:
    """Its syllables, so that words side by side are found as a piece of it."""
    return "".join(f" {s.exact} " for s in syllables(text))


@lru_cache(maxsize=20_000)
def told(document: Document) -> str:
    return " . ".join((document.name, document.shop, document.category, *document.called, *document.places))


def applies(case: Case, documents: Sequence[Document]) -> bool:
    """Is there what is wanted first? And where a place is asked for: is it there?"""
    if case.kind in ("reads", "nothing"):
        return True
    first = [words for words in case.wanted if not words.startswith("+")] or [w[1:] for w in case.wanted]
    typed = set(fold(case.typed).split()) if case.kind == "place" else set()
    return any(
        holds(told(document), words) and (not typed or typed <= set(fold(told(document)).split()))
        for document in documents
        for words in first
        if words != NOTHING
    )


def failure(case: Case, engine: SearchEngine, known: dict[int, Document]) -> str | None:
    """What is wrong, or None."""
    if case.kind == "reads":
        reading = answers.read(case.typed, engine.lexicon().wording)
        got = "; ".join([f"text={reading.text}", *(f"{k}={v}" for k, v in sorted(reading.filters.items()))])
        wanted = sorted(one.strip() for one in case.wanted[0].split(";"))
        return None if sorted(one.strip() for one in got.split(";")) == wanted else f"read as {got}"
    if case.kind == "suggest":
        texts = [suggestion.text for suggestion in engine.lexicon().suggest(case.typed, 8)][:5]
        good = any(holds(text, words) for text in texts for words in case.wanted)
        return None if good else f"suggested {texts}"
    found = [known[number] for number in answers.find(engine, SearchQuery(text=case.typed), {}).ids]
    names = [document.name for document in found[:10]]
    if not found:
        return None if NOTHING in case.wanted else "found nothing"
    first = [words for words in case.wanted if not words.startswith("+") and words != NOTHING]
    if NOTHING in case.wanted and not first and len(case.wanted) == 1:
        return f"found {names[:3]}"
    if first and not any(holds(told(found[0]), words) for words in first):
        return f"first is {names[:3]}"
    for words in case.wanted:
        is_there = words.startswith("+") and any(holds(d.name, words[1:]) for d in known.values())
        is_full = len(names) == 10 and all(holds(name, one) for name in names for one in first[:1])
        if is_there and not is_full and not any(holds(name, words[1:]) for name in names):
            return f"{words[1:]!r} is not among {names}"
    for words in case.unwanted:
        if any(holds(name, words) for name in names[:5]):
            return f"{words!r} is among {names[:5]}"
    return None


def held_against(engine: SearchEngine, documents: Iterable[Document]) -> tuple[int, list[str]]:
    """How many lines there were to hold, and what failed."""
    known = {document.id: document for document in documents}
    told_ = list(known.values())
    asked = [case for case in cases() if applies(case, told_)]
    failed = [f"{case}: {wrong}" for case in asked if (wrong := failure(case, engine, known))]
    return len(asked), failed


def test_there_are_enough_lines_and_each_says_why():
    found = cases()
    assert len(found) >= 200
    assert all(case.why and (case.wanted or case.unwanted) for case in found)
    assert len({(case.kind, case.typed) for case in found}) == len(found)


def test_shoppers_see_what_they_meant(tmp_path):
    check(WhooshEngine(tmp_path / "search"))


def test_it_holds_on_goods_it_was_not_written_for(tmp_path, full):
    documents = list(catalogue.documents(3000 if full else 800, seed=11))
    engine = WhooshEngine(tmp_path / "search", refresh_seconds=60)
    engine.rebuild(documents, Mark(0, goods.START), goods.wording())
    asked, failed = held_against(engine, documents)
    assert asked > 100
    assert len(failed) <= (1 - ELSEWHERE) * asked, "\n".join(failed)


@pytest.mark.database("postgresql")
def test_shoppers_see_the_same_in_postgresql(search_in_postgres):
    check(search_in_postgres)


def check(engine: SearchEngine) -> None:
    documents = goods.documents()
    engine.rebuild(documents, Mark(0, goods.START), goods.wording())
    asked, failed = held_against(engine, documents)
    print(f"{asked - len(failed)} of {asked} pass", *failed, sep="\n")  # noqa: T201
    assert asked >= 200
    assert len(failed) <= (1 - MUST_PASS) * asked, "\n".join(failed)
