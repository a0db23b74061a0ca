"""Words for one thing that the association adds (`heo` is `lợn`), with a look before at what they would change."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.foundation import clock
from marketplace.foundation.audit import Actor, record
from marketplace.foundation.db import db
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.words import _
from marketplace.search import port
from marketplace.search.models import OwnWords
from marketplace.search.port import SameWords, SearchQuery, SearchUnavailable
from marketplace.search.vietnamese import plain, syllables

MOST_WORDS, MOST_SYLLABLES = 8, 5
MOST_LOOKED_AT = 2_000
EXAMPLES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a word finds today, how much more it would find, and some of it (product ids)."""

    word: str
    today: int
    more: int
    examples: Sequence[int]


def added() -> Sequence[OwnWords]:
    """The association's own, newest first."""
    return list(
        db.session.scalars(
            select(OwnWords).where(OwnWords.taken_off_at.is_(None)).order_by(OwnWords.id.desc())
        )
    )


def same_words() -> tuple[SameWords, ...]:
    """The same as the index takes them."""
    return tuple(
        SameWords(word=one.word, same=tuple(one.same), but_not=tuple(one.but_not))
        for one in sorted(added(), key=lambda one: one.id)
    )


def read(word: str, same: str, but_not: str = "") -> SameWords:
    """What was typed, several with commas between. Refusal when it is no word, or too many."""
    first = _tidy([word])
    others = [one for one in _tidy(same.split(",")) if one not in first]
    exceptions = _tidy(but_not.split(","))
    if not first or not others:
        raise Refusal(_("Hãy ghi từ gốc và ít nhất một cách gọi khác."), field="same" if first else "word")
    if len(others) > MOST_WORDS or len(exceptions) > MOST_WORDS:
        raise Refusal(_("Tối đa %(n)s từ trong một ô.", n=MOST_WORDS), field="same")
    for one in (*first, *others, *exceptions):
        if not 1 <= len(syllables(one)) <= MOST_SYLLABLES:
            raise Refusal(
                _("“%(one)s” không phải một từ tìm được: dùng từ 1 đến 5 tiếng.", one=one), field="same"
            )
    known = {form for group in same_words() for form in (group.word, *group.same)}
    for one in (*first, *others):
        if one in known:
            raise Refusal(
                _("“%(one)s” đã có trong một nhóm khác. Hãy bỏ nhóm đó trước.", one=one), field="word"
            )
    return SameWords(word=first[0], same=tuple(others), but_not=tuple(exceptions))


def _tidy(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(" ".join(plain(word).split())[:60] for word in words if word.strip()))


def preview(words: SameWords) -> list[Change]:
    """What would change: for each word the goods it does not find today, with all that is one already, and would find
    then. Raises SearchUnavailable."""
    forms = (words.word, *words.same)
    out = {number for exception in words.but_not for number in _found(exception, literal=True)}
    named = dict.fromkeys(
        number for form in forms for number in _found(form, literal=True) if number not in out
    )
    changes = []
    for form in forms:
        today = dict.fromkeys(_found(form))
        new = [number for number in named if number not in today]
        changes.append(Change(word=form, today=len(today), more=len(new), examples=new[:EXAMPLES]))
    return changes


def _found(form: str, literal: bool = False) -> Sequence[int]:
    """The goods a word finds; `literal`: those that say this very word."""
    return port.engine().find(SearchQuery(text=form, literal=literal, per_page=MOST_LOOKED_AT)).ids


def may_preview() -> bool:
    """Is there an index to look into?"""
    try:
        port.engine().mark()
    except SearchUnavailable:
        return False
    return True


def add(words: SameWords, by: Actor) -> OwnWords:
    """The words are one from the next index on, which is built at once."""
    made = OwnWords(word=words.word, same=list(words.same), but_not=list(words.but_not))
    db.session.add(made)
    record(by, "own_words.add", made, word=words.word, same=", ".join(words.same))
    enqueue("search.rebuild")
    return made


def take_off(code: str, by: Actor) -> None:
    """They are different words again."""
    found = db.session.scalar(select(OwnWords).where(OwnWords.code == code, OwnWords.taken_off_at.is_(None)))
    if found is None:
        raise Missing()
    found.taken_off_at = clock.now()
    record(by, "own_words.take_off", found, word=found.word)
    enqueue("search.rebuild")
