"""The index in PostgreSQL: for markets with more than one web machine, or more writing than one folder takes.

    search.state          which generation is in use, how far it has followed, the wording it was built with
    search.entry_000012   one row a product: what it is found by (t, with a GIN index), ordered (r: its name), filtered
                          and counted
    search.fact_000012    the same rows without the words: what is read when nothing was typed
                          What is counted is one number a row (`facts`, see Codes), what is ordered by another (`worth`)
    search.card_000012    one row a product: its digest, and what suggestions know of it

The terms are those of terms.py, as lexemes with the field's letter before them, so that both engines find the same. One
statement finds, counts and orders. A generation is built beside and switched by the row that names it, in one
transaction; small changes are written into the generation in use, in the transaction that moves the mark.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.search.adapters.postgres_answers import _find
from marketplace.search.adapters.postgres_tables import (
    BROWSED,
    CARD_COLUMNS,
    COLUMNS,
    EPOCH,
    FACT_COLUMNS,
    FOUND_BY,
    INDEXES,
    LEXICON_SECONDS,
    LOCK,
    MONTH,
    NO_WORDING,
    RANKED_BY,
    SOLD,
    STARS,
    STATE,
    STEP,
    STOCK,
    TABLES,
    WAIT_SECONDS,
    Codes,
    State,
    lexeme,
)
from marketplace.search.port import (
    Changes,
    Document,
    Mark,
    ProvinceNames,
    Results,
    SameWords,
    SearchBusy,
    SearchQuery,
    SearchUnavailable,
    Suggestion,
    Wording,
)
from marketplace.search.suggestions import Card, Names, NamesLexicon
from marketplace.search.terms import terms_of
from marketplace.search.words import Concepts, concepts_of


class PostgresEngine:
    """A SearchEngine in the market's own database."""

    def __init__(
        self, refresh_seconds: float = 0.0, database: Callable[[], Engine] = lambda: db.engine
    ) -> None:
        self._database = database
        self._refresh_seconds = refresh_seconds
        self._state: State | None = None
        self._read_at = 0.0
        self._lexicon: tuple[State, float, PostgresLexicon] | None = None
        self._loading = Lock()

    # -- reading --------------------------------------------------------------------------------------------------

    def find(
        self, query: SearchQuery, nearness: Mapping[str, int] | None = None, *, widely: bool = False
    ) -> Results:
        return self._read(lambda connection, state: _find(connection, state, query, nearness or {}, widely))

    def lexicon(self) -> "PostgresLexicon":
        return self._read(self._lexicon_of)

    def mark(self) -> Mark:
        self._read_at = 0.0
        return self._read(lambda connection, state: state.mark)

    def digests(self) -> dict[int, str]:
        def read(connection: Connection, state: State) -> dict[int, str]:
            rows = connection.execute(
                text(
                    f"SELECT c.id, c.digest FROM {state.card} c JOIN {state.entry} e USING (id) "
                    "WHERE length(e.t) > 0 AND length(e.r) > 0"
                )
            )
            return {row.id: row.digest for row in rows}

        return self._read(read)

    def _read(self, look: Callable[[Connection, State], Any]) -> Any:
        for is_last in (False, True):
            try:
                with self._database().connect() as connection:
                    return look(connection, self._known(connection))
            except DBAPIError as error:
                self._state = None  # its tables may have gone with the generation
                if is_last:
                    raise SearchUnavailable(f"the index cannot be read: {error.orig!r}") from None
        raise AssertionError

    def _known(self, connection: Connection) -> State:
        known = self._state
        if known is None or time.monotonic() - self._read_at >= self._refresh_seconds:
            known = self._state = _state(connection)
            self._read_at = time.monotonic()
        return known

    def _lexicon_of(self, connection: Connection, state: State) -> "PostgresLexicon":
        known = self._lexicon
        if known is None or (not self._refresh_seconds and known[0].mark != state.mark):
            return self._load_lexicon(self._database(), state)
        loaded, loaded_at, lexicon = known
        is_old = loaded.mark.seq != state.mark.seq and time.monotonic() - loaded_at > LEXICON_SECONDS
        if (loaded.generation != state.generation or is_old) and self._loading.acquire(blocking=False):
            self._loading.release()
            Thread(target=self._load_lexicon, args=(self._database(), state), daemon=True).start()
        return lexicon

    def _load_lexicon(self, engine: Engine, state: State) -> "PostgresLexicon":
        with self._loading:
            lexicon = PostgresLexicon(engine, state)
            self._lexicon = (state, time.monotonic(), lexicon)
        return lexicon

    # -- writing --------------------------------------------------------------------------------------------------

    def update(self, changes_since: Callable[[Mark], Changes | None]) -> int:
        written = 0
        with self._only_writer() as connection:
            try:
                state = _state(connection)
                connection.rollback()
                mark = state.mark
                while (changes := changes_since(mark)) is not None:
                    with connection.begin():
                        written += _write(connection, state, changes)
                    mark = changes.mark
            except DBAPIError as error:
                raise SearchUnavailable(f"the index cannot be written: {error.orig!r}") from error
        self._read_at = 0.0
        return written

    def rebuild(self, documents: Iterable[Document], mark: Mark, wording: Wording = NO_WORDING) -> int:
        concepts = concepts_of(wording)
        with self._only_writer() as connection:
            with connection.begin():
                for statement in STATE.split(";"):
                    connection.execute(text(statement))
                last = connection.scalar(
                    text(
                        "SELECT max(substring(tablename FROM 7)::integer) FROM pg_tables "
                        "WHERE schemaname = 'search' AND tablename LIKE 'entry\\_%'"
                    )
                )
            generation = (last or 0) + 1
            codes = Codes()
            with connection.begin():
                _run(connection, TABLES, generation)
                count = _copy(connection, generation, documents, concepts, codes)
                _run(connection, INDEXES, generation)
                held = connection.scalar(text(f"SELECT count(*) FROM search.entry_{generation:06}"))
                if held != count:
                    raise RuntimeError(f"built an index of {held} documents out of {count}")
                previous = connection.scalar(text("SELECT generation FROM search.state"))
                connection.execute(
                    text(
                        "INSERT INTO search.state (generation, seq, at, wording, codes) "
                        "VALUES (:generation, :seq, :at, :wording, :codes) ON CONFLICT (one) DO UPDATE SET "
                        "generation = :generation, seq = :seq, at = :at, wording = :wording, codes = :codes"
                    ),
                    {
                        "generation": generation,
                        "seq": mark.seq,
                        "at": mark.at,
                        "wording": json.dumps(asdict(wording)),
                        "codes": json.dumps(codes.known),
                    },
                )
                _keep_browse(connection)
            with connection.begin():
                _clear(connection, {generation, previous})
        self._read_at = 0.0
        return count

    @contextmanager
    def _only_writer(self) -> Iterator[Connection]:
        """One writer at a time, over all machines; the lock goes with the connection."""
        with self._database().connect() as connection:
            patience = time.monotonic() + WAIT_SECONDS
            while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
                connection.rollback()
                if time.monotonic() > patience:
                    raise SearchBusy("the index is being written by somebody else")
                time.sleep(0.05)
            connection.rollback()
            try:
                yield connection
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
                connection.rollback()


def _run(connection: Connection, statements: str, generation: int) -> None:
    for statement in statements.format(n=f"{generation:06}", facts=", ".join(FACT_COLUMNS)).split(";"):
        connection.execute(text(statement))


def _state(connection: Connection) -> State:
    try:
        row = connection.execute(
            text("SELECT generation, seq, at, wording, codes, browse FROM search.state")
        ).one_or_none()
    except DBAPIError as error:
        connection.rollback()
        raise SearchUnavailable(f"there is no index: {error.orig!r}") from None
    if row is None:
        raise SearchUnavailable("there is no index")
    wording = Wording(
        words=tuple(SameWords(**_tuples(one)) for one in row.wording["words"]),
        provinces=tuple(ProvinceNames(**_tuples(one)) for one in row.wording["provinces"]),
    )
    return State(row.generation, Mark(row.seq, row.at), wording, Codes(row.codes), row.browse)


def _tuples(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}


def _clear(connection: Connection, keep: set[int | None]) -> None:
    names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'search'")).all()
    for name in names:
        if name != "state" and int(name[-6:]) not in keep:
            connection.execute(text(f"DROP TABLE IF EXISTS search.{name}"))


def _copy(
    connection: Connection,
    generation: int,
    documents: Iterable[Document],
    concepts: Concepts,
    codes: Codes,
) -> int:
    """All documents into the tables, in bulk."""
    count = 0
    waiting: list[Document] = []
    for document in documents:
        waiting.append(document)
        if len(waiting) == STEP:
            count += _copy_some(connection, f"{generation:06}", waiting, concepts, codes)
            waiting = []
    return count + _copy_some(connection, f"{generation:06}", waiting, concepts, codes)


def _copy_some(
    connection: Connection,
    generation: str,
    documents: Sequence[Document],
    concepts: Concepts,
    codes: Codes,
) -> int:
    raw: Any = connection.connection.driver_connection
    for table, columns, row in (
        ("entry", COLUMNS, lambda one: _row(one, concepts, codes)),
        ("fact", FACT_COLUMNS, lambda one: _row(one, None, codes)),
        ("card", CARD_COLUMNS, _card_row),
    ):
        with (
            raw.cursor() as cursor,
            cursor.copy(f"COPY search.{table}_{generation} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for document in documents:
                copy.write_row(row(document))
    return len(documents)


def _write(connection: Connection, state: State, changes: Changes) -> int:
    """One step: what changed, and the mark, in one transaction."""
    asked = [document.id for document in changes.documents]
    gone = list(changes.gone)
    known = {
        row.id: row.digest
        for row in connection.execute(
            text(f"SELECT id, digest FROM {state.card} WHERE id = ANY(:ids)"), {"ids": [*asked, *gone]}
        )
    }
    fresh = [document for document in changes.documents if known.get(document.id) != document.digest]
    gone = [number for number in gone if number in known]
    if fresh or gone:
        ids = {"ids": [*(document.id for document in fresh), *gone]}
        connection.execute(text(f"DELETE FROM {state.entry} WHERE id = ANY(:ids)"), ids)
        connection.execute(text(f"DELETE FROM {state.fact} WHERE id = ANY(:ids)"), ids)
        connection.execute(text(f"DELETE FROM {state.card} WHERE id = ANY(:ids)"), ids)
        codes = Codes(state.codes.known)
        _copy_some(connection, f"{state.generation:06}", fresh, concepts_of(state.wording), codes)
        if codes.known != state.codes.known:
            connection.execute(
                text("UPDATE search.state SET codes = :codes"), {"codes": json.dumps(codes.known)}
            )
    connection.execute(
        text("UPDATE search.state SET seq = :seq, at = :at"), {"seq": changes.mark.seq, "at": changes.mark.at}
    )
    if fresh or gone:
        _keep_browse(connection)
    return len(fresh) + len(gone)


def _keep_browse(connection: Connection) -> None:
    """What everybody sees who types nothing, kept with the mark: counts of everything, and the first in order."""
    state = _state(connection)._replace(browse=None)
    found = _find(connection, state, SearchQuery(per_page=BROWSED), {}, False)
    kept = {
        "month": clock.today().month,
        "total": found.total,
        "ids": found.ids,
        "facets": {facet: list(counts.items()) for facet, counts in found.facets.items()},
    }
    connection.execute(text("UPDATE search.state SET browse = :browse"), {"browse": json.dumps(kept)})


def _row(document: Document, concepts: Concepts | None, codes: Codes) -> tuple[Any, ...]:
    """With its words, or without concepts to read them by, its facts alone."""
    created = max(0, int(document.created_at.timestamp()) - EPOCH)
    sales = max(0, document.sales)
    facts = (
        document.id,
        codes.facts(document),
        max(0, document.price_dong),
        created,
        sales,
        int(document.in_stock) << STOCK
        | min(15, document.stars or 0) << STARS
        | min(31, sales.bit_length()) << SOLD
        | min((1 << SOLD) - 1, created // MONTH),
        sum(1 << month for month in document.season),
        "{" + ",".join(map(str, sorted(document.grams))) + "}",
    )
    if concepts is None:
        return facts
    terms = terms_of(document, concepts)
    return (*facts, _vector(terms, RANKED_BY), _vector(terms, FOUND_BY))


def _card_row(document: Document) -> tuple[Any, ...]:
    return document.id, document.code, document.digest, json.dumps(Card.of(document))


def _vector(terms: Mapping[str, Iterable[str]], fields: Iterable[str]) -> str:
    return " ".join(lexeme((field, value)) for field in fields for value in terms.get(field, ()))


# -- finding ------------------------------------------------------------------------------------------------------


class PostgresLexicon:
    """The names of a generation in memory. What was sold out of the market since is asked for, so that nothing is
    suggested that is gone."""

    def __init__(self, engine: Engine, state: State) -> None:
        self.wording = state.wording
        self._state, self._engine = state, engine
        self._names = Names(self._cards)
        self._lexicon = NamesLexicon(state.wording, [self._names])

    def _cards(self) -> list[Card]:
        with self._engine.connect() as connection:
            try:
                rows = connection.execute(text(f"SELECT card FROM {self._state.card} ORDER BY id"))
                return [Card(*row.card) for row in rows]
            except DBAPIError:
                return []  # the generation went; the next lexicon knows better

    def suggest(self, text_: str, limit: int) -> list[Suggestion]:
        found = self._lexicon.suggest(text_, limit)
        codes = [suggestion.key for suggestion in found if suggestion.kind == "product"]
        shops = [suggestion.key for suggestion in found if suggestion.kind == "farm"]
        if not codes and not shops:
            return found
        with self._engine.connect() as connection:
            try:
                rows = connection.execute(
                    text(
                        f"SELECT code, card ->> 0 AS name FROM {self._state.card} WHERE code = ANY(:codes) UNION ALL "
                        f"SELECT s.code, NULL FROM unnest(CAST(:shops AS text[])) AS s (code) WHERE EXISTS "
                        f"(SELECT FROM {self._state.card} c WHERE c.card ->> 3 = s.code)"
                    ),
                    {"codes": codes, "shops": shops},
                ).all()
            except DBAPIError:
                return found
        there = {(row.code, row.name) for row in rows}
        return [
            one
            for one in found
            if one.kind not in ("product", "farm")
            or (one.key, one.text if one.kind == "product" else None) in there
        ]

    def respell(self, text_: str) -> list[str]:
        return self._lexicon.respell(text_)
