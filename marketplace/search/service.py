"""The verbs of search. Reading asks the index alone; writing is a row in the caller's transaction, and a job."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.jobs import enqueue, is_waiting
from marketplace.search import answers, own_words, port
from marketplace.search.models import SearchTouch
from marketplace.search.port import (
    Changes,
    Document,
    Mark,
    Reading,
    Results,
    SearchQuery,
    SearchUnavailable,
    Suggestion,
    Wording,
)
from marketplace.search.words import written_words

STEP = 500
LATE = timedelta(minutes=5)
"""On PostgreSQL a row with a smaller number may be committed after a larger one: rows this young are read again."""
KEEP_TOUCHES = timedelta(days=7)


def find(query: SearchQuery) -> Results:
    """One page of products for what a visitor asks: filters in the text are read, slips repaired unless `literal`.
    Raises SearchUnavailable: then browse in SQL (`read` still works)."""
    return answers.find(port.engine(), query, _nearness(query.near))


def read(text: str) -> Reading:
    """How a typed text is understood, without looking for anything; without an index no places are known."""
    try:
        wording = port.engine().lexicon().wording
    except SearchUnavailable:
        wording = Wording()
    return answers.read(text, wording)


def suggest(text: str, limit: int = 8) -> list[Suggestion]:
    """Names to offer while somebody types; nothing when the index is away."""
    try:
        return port.engine().lexicon().suggest(text, limit)
    except SearchUnavailable:
        return []


def can_serve() -> bool:
    """Is there an index that can be read now?"""
    try:
        port.engine().mark()
    except SearchUnavailable:
        return False
    return True


def touch(kind: str, *record_ids: int) -> None:
    """Say that these records changed ("product", "farm" …): the index follows once the deed is committed."""
    db.session.add_all(
        [SearchTouch(kind=kind, record_id=record_id, at=clock.now()) for record_id in record_ids]
    )
    if record_ids and not is_waiting("search.follow", soon=True):
        enqueue("search.follow")


def follow() -> int:
    """Bring the index up to date with all touches; a missing or damaged index is built anew. How many documents."""
    try:
        return port.engine().update(_follower())
    except SearchUnavailable:
        return rebuild()


def rebuild() -> int:
    """Build a new index from the database beside the old one and swap them. How many products are in it."""
    mark = Mark(_last_touch(), clock.now())
    count = port.engine().rebuild(_all_documents(), mark, _wording())
    port.engine().update(_follower())  # what was touched meanwhile
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Where index and database differ, by product id; touched products that wait for the worker are no drift."""

    missing: Sequence[int]
    left_over: Sequence[int]
    outdated: Sequence[int]
    waiting: int
    documents: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.left_over or self.outdated)


def check() -> Drift:
    """Compare every document of the index with the database. Raises SearchUnavailable when it cannot be read."""
    indexed = port.engine().digests()
    today = {document.id: document.digest for document in _all_documents()}
    waiting = _waiting_products()
    return Drift(
        missing=sorted(today.keys() - indexed.keys() - waiting),
        left_over=sorted(indexed.keys() - today.keys() - waiting),
        outdated=sorted(
            number
            for number in today.keys() & indexed.keys()
            if today[number] != indexed[number] and number not in waiting
        ),
        waiting=len(waiting),
        documents=len(indexed),
    )


def forget_followed() -> None:
    """Clear away touches every index has long followed."""
    db.session.execute(delete(SearchTouch).where(SearchTouch.at < clock.now() - KEEP_TOUCHES))


def _follower() -> Callable[[Mark], Changes | None]:
    """A reader of touches, step by step: each call gives the products of the next rows as they are now."""
    read: set[int] = set()

    def changes_since(mark: Mark) -> Changes | None:
        now = clock.now()
        rows = db.session.execute(
            select(SearchTouch.id, SearchTouch.kind, SearchTouch.record_id)
            .where(_not_followed(mark), SearchTouch.id.not_in(read))
            .order_by(SearchTouch.id)
            .limit(STEP)
        ).all()
        if not rows:
            return None
        read.update(row.id for row in rows)
        products = _products({(row.kind, row.record_id) for row in rows})
        documents = port.documents().documents(sorted(products))
        return Changes(
            documents=documents,
            gone=sorted(products - {document.id for document in documents}),
            mark=Mark(max(mark.seq, rows[-1].id), now),
        )

    return changes_since


def _not_followed(mark: Mark) -> ColumnElement[bool]:
    if db.session.get_bind().dialect.name == "sqlite":  # one writer: numbers are committed in order
        return SearchTouch.id > mark.seq
    return or_(SearchTouch.id > mark.seq, SearchTouch.at > mark.at - LATE)


def _products(touched: Iterable[tuple[str, int]]) -> set[int]:
    return {product for kind, number in touched for product in port.documents().touched(kind, number)}


def _waiting_products() -> set[int]:
    rows = db.session.execute(
        select(SearchTouch.kind, SearchTouch.record_id).where(SearchTouch.id > port.engine().mark().seq)
    )
    return _products({(row.kind, row.record_id) for row in rows})


def _all_documents() -> Iterator[Document]:
    numbers = port.documents().all_ids()
    for start in range(0, len(numbers), STEP):
        yield from port.documents().documents(numbers[start : start + STEP])


def version() -> Hashable:
    """What changes whenever goods on sale change: the last touch. What was chosen under one version is still the choice
    (on PostgreSQL a touch with a smaller number may come later, so nobody keeps a choice for long)."""
    last = select(SearchTouch.id, SearchTouch.at).order_by(SearchTouch.id.desc()).limit(1)
    row = db.session.execute(last).first()
    return tuple(row) if row else None


def _last_touch() -> int:
    return db.session.scalar(select(func.max(SearchTouch.id))) or 0


def _wording() -> Wording:
    return Wording(
        words=(*own_words.same_words(), *written_words()), provinces=tuple(port.documents().provinces())
    )


def _nearness(province: str | None) -> Mapping[str, int]:
    return port.documents().nearness(province) if province else {}
