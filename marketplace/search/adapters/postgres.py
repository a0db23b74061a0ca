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
from dataclasses import asdict, replace
from threading import Lock, Thread
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.search.port import (
    FACETS,
    PRICE_BANDS,
    Changes,
    Document,
    Facet,
    Mark,
    ProvinceNames,
    Results,
    SameWords,
    SearchBusy,
    SearchQuery,
    SearchUnavailable,
    Sort,
    Suggestion,
    Wording,
)
from marketplace.search.ranking import ORDERS
from marketplace.search.suggestions import Card, Names, NamesLexicon
from marketplace.search.terms import Asked, Term, terms_of
from marketplace.search.words import Concepts, concepts_of

WAIT_SECONDS = 3.0
LOCK = 7_310_001
"""The advisory lock of the one writer."""
NO_WORDING = Wording()
EPOCH, MONTH = 1_600_000_000, 30 * 24 * 3600
LEXICON_SECONDS = 300
STEP = 2_000

LETTER = {
    "key": "k", "key_exact": "e", "body": "b", "name": "n", "name_exact": "x", "pair": "p", "pair_exact": "q",
    "start": "s", "concept": "c", "told": "d",
}  # fmt: skip
FOUND_BY = ("key", "key_exact", "body", "concept")
RANKED_BY = ("name", "name_exact", "pair", "pair_exact", "start", "concept", "told")

STATE = """
CREATE SCHEMA IF NOT EXISTS search;
CREATE TABLE IF NOT EXISTS search.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), generation integer NOT NULL, seq bigint NOT NULL,
    at timestamptz NOT NULL, wording jsonb NOT NULL, codes jsonb, browse jsonb
);
ALTER TABLE search.state ADD COLUMN IF NOT EXISTS codes jsonb;
ALTER TABLE search.state DROP COLUMN IF EXISTS kinds
"""
TABLES = """
CREATE TABLE search.entry_{n} (
    id bigint NOT NULL, facts bigint NOT NULL, price bigint NOT NULL, created bigint NOT NULL, sales bigint NOT NULL,
    worth integer NOT NULL, months smallint NOT NULL, grams bigint[] NOT NULL, r tsvector NOT NULL, t tsvector NOT NULL
) WITH (toast_tuple_target = 1400);
ALTER TABLE search.entry_{n} ALTER t SET STORAGE EXTERNAL, ALTER r SET STORAGE MAIN;
CREATE TABLE search.fact_{n} AS SELECT {facts} FROM search.entry_{n} WITH NO DATA;
CREATE TABLE search.card_{n} (id bigint NOT NULL, code text NOT NULL, digest text NOT NULL, card jsonb NOT NULL)
"""
# Goods of one kind lie beside one another: who looks for rice reads few pages.
INDEXES = """
CREATE INDEX entry_{n}_kind ON search.entry_{n} (((facts >> 8) & 65535));
CLUSTER search.entry_{n} USING entry_{n}_kind;
DROP INDEX search.entry_{n}_kind;
ALTER TABLE search.entry_{n} ADD PRIMARY KEY (id);
ALTER TABLE search.fact_{n} ADD PRIMARY KEY (id);
ALTER TABLE search.card_{n} ADD PRIMARY KEY (id);
CREATE INDEX ON search.fact_{n} (created DESC, id DESC);
CREATE INDEX ON search.fact_{n} (price, (worth >> 29) DESC, sales DESC, id DESC);
CREATE INDEX ON search.fact_{n} (price DESC, (worth >> 29) DESC, sales DESC, id DESC);
CREATE INDEX ON search.fact_{n} (sales DESC, (worth >> 29) DESC, ((worth >> 25) & 15) DESC, id DESC);
CREATE INDEX ON search.entry_{n} USING gin (t) WITH (fastupdate = off);
CREATE INDEX ON search.card_{n} (code);
ANALYZE search.entry_{n};
ANALYZE search.fact_{n};
ANALYZE search.card_{n}
"""
COLUMNS = ("id", "facts", "price", "created", "sales", "worth", "months", "grams", "r", "t")
FACT_COLUMNS = COLUMNS[:-2]
BOUNDS = sorted({bound for band in PRICE_BANDS for bound in band if bound is not None})
BROWSED = 2_000
"""So many of the first products are kept in order for who browses without a word."""
CARD_COLUMNS = ("id", "code", "digest", "card")
PLACES: dict[Facet, tuple[int, int]] = {
    "price": (0, 4), "stars": (4, 4), "group": (8, 6), "set": (14, 10), "province": (24, 10), "certificate": (34, 20),
}  # fmt: skip
"""Facet → where its number stands in `facts`: from which bit, how many. Prices count by their place among BOUNDS, stars
by themselves, of certificates each kind has a bit; the others have numbers from 1 (Codes)."""
FLAGS = 54
"""From this bit on a query notes which filters a product passes."""
STOCK, STARS, SOLD = 29, 25, 20
"""`worth`: stock, stars, sold and month of ranking.ORDERS, each from its bit on, the month below."""


class Codes:
    """Numbers of what facets count, in the order in which they were first seen."""

    def __init__(self, known: Mapping[str, Sequence[str | int]] | None = None) -> None:
        self.known: dict[str, list[str | int]] = {
            name: list(values) for name, values in (known or {}).items()
        }
        self._number = {(n, value): at for n, all_ in self.known.items() for at, value in enumerate(all_, 1)}

    def number(self, facet: Facet, value: str | int | None) -> int:
        """Of a product's value; a new one is noted. None is 0, and so is what there is no more room for."""
        if value is None:
            return 0
        number = self._number.get((facet, value), 0)
        width = PLACES[facet][1]
        values = self.known.setdefault(facet, [])
        if not number and len(values) < (width if facet == "certificate" else (1 << width) - 1):
            values.append(value)
            number = self._number[facet, value] = len(values)
        return number

    def asked(self, facet: Facet, value: str | int) -> int:
        """Of a filter's value; -1 when no product has it."""
        return self._number.get((facet, value), -1)

    def facts(self, document: Document) -> int:
        kinds = {self.number("certificate", kind) for kind in sorted(document.certificates)} - {0}
        numbers: dict[Facet, int] = {
            "price": sum((document.price_dong > bound) + (document.price_dong >= bound) for bound in BOUNDS),
            "stars": min(15, document.stars or 0),
            "certificate": sum(1 << number - 1 for number in kinds),
            "group": self.number("group", document.group),
            "set": self.number("set", document.set),
            "province": self.number("province", document.province),
        }
        return sum(number << PLACES[facet][0] for facet, number in numbers.items())

    def values(self, facet: Facet, number: int) -> list[str | int]:
        """What a number out of `facts` stands for."""
        if facet == "price":
            return [key for key, (low, high) in _BANDS.items() if low <= number <= high]
        if facet == "stars":
            return [number] if number else []
        known = self.known.get(facet, [])
        if facet == "certificate":
            return [kind for place, kind in enumerate(known) if number >> place & 1]
        return known[number - 1 : number] if number else []


_BANDS = {
    band.key: (
        0 if band.low is None else 2 * BOUNDS.index(band.low) + 1,
        2 * len(BOUNDS) if band.high is None else 2 * BOUNDS.index(band.high) + 1,
    )
    for band in PRICE_BANDS
}


class State(NamedTuple):
    """What the state row says."""

    generation: int
    mark: Mark
    wording: Wording
    codes: Codes
    browse: Mapping[str, Any] | None = None

    @property
    def fact(self) -> str:
        return f"search.fact_{self.generation:06}"

    @property
    def entry(self) -> str:
        return f"search.entry_{self.generation:06}"

    @property
    def card(self) -> str:
        return f"search.card_{self.generation:06}"


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
    return " ".join(_lexeme((field, value)) for field in fields for value in terms.get(field, ()))


def _lexeme(term: Term) -> str:
    field, value = term
    quoted = f"{LETTER[field]}{value}".replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"


SETTINGS = (
    "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true), "
    "set_config('max_parallel_workers_per_gather', '0', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)


# -- finding ------------------------------------------------------------------------------------------------------


def _find(
    connection: Connection, state: State, query: SearchQuery, nearness: Mapping[str, int], widely: bool
) -> Results:
    asked = Asked.of(query.text, None if query.literal else concepts_of(state.wording))
    if query.text.strip() and not asked:
        return Results(ids=[], total=0, facets=_nothing(), choices=_nothing())
    given: dict[str, Any] = {"skip": max(0, query.page - 1) * query.per_page, "take": query.per_page}
    filters = _filters(query, state, given)
    if not asked and not filters and state.browse is not None:
        return _browsed(connection, state, query, nearness, given)
    score = _score(asked, given) if asked and query.sort == Sort.RELEVANCE else "0"
    flags = "".join(
        f" | CASE WHEN {condition} THEN {1 << FLAGS + place} ELSE 0 END"
        for place, condition in enumerate(filters.values())
    )
    order, needed = _order(query.sort, state, nearness, given, score)
    columns = f"id, facts{flags} AS facts, {needed}"
    passed = (1 << len(filters)) - 1
    browse = None if asked else state.browse
    kept = ""
    if browse is not None:
        # all products are counted already: of one filter's choices, and in all
        nearly = [" AND ".join(c for c in filters.values() if c != one) or one for one in filters.values()]
        kept = f" WHERE {' OR '.join(f'({one})' for one in nearly)}"
    counted = {facet: f"(facts >> {first}) & {(1 << width) - 1}" for facet, (first, width) in PLACES.items()}
    sql = (
        f"WITH {_matching(asked, widely, state, columns, given, kept)}, "
        "a AS MATERIALIZED (SELECT facts, count(*) AS n FROM m GROUP BY facts), "
        f"b AS (SELECT (facts >> {FLAGS})::integer AS passed, n, "
        f"{', '.join(f'({bits})::integer AS f_{facet}' for facet, bits in counted.items())} FROM a) "
        f"SELECT passed, sum(n)::bigint, grouping({', '.join(f'f_{facet}' for facet in PLACES)}), "
        f"coalesce({', '.join(f'f_{facet}' for facet in PLACES)}), NULL::bigint[] FROM b "
        f"GROUP BY GROUPING SETS ((passed), {', '.join(f'(passed, f_{facet})' for facet in PLACES)}) UNION ALL "
        "SELECT NULL, NULL, NULL, NULL, ARRAY(SELECT id FROM m WHERE "
        f"facts >> {FLAGS} = {passed} ORDER BY {order} LIMIT :take OFFSET :skip)"
    )
    connection.execute(text(SETTINGS))
    results = _results(connection.execute(text(sql), given).all(), tuple(filters), state.codes)
    if browse is None:
        return results
    choices = dict(results.choices)
    if len(filters) == 1:
        choices |= {facet: dict(browse["facets"][facet]) for facet in FACETS if facet in filters}
    return replace(results, matching=browse["total"], choices=choices)


def _browsed(
    connection: Connection,
    state: State,
    query: SearchQuery,
    nearness: Mapping[str, int],
    given: dict[str, Any],
) -> Results:
    """Everything, in one of the orders: the counts are kept with the mark, and an index or the kept beginning has the
    page."""
    kept: Mapping[str, Any] = state.browse or {}
    facets: dict[Facet, dict[str | int, int]] = {facet: dict(kept["facets"][facet]) for facet in FACETS}
    start, end = given["skip"], given["skip"] + given["take"]
    is_kept = query.sort == Sort.RELEVANCE and not nearness and kept["month"] == clock.today().month
    if is_kept and (end <= BROWSED or kept["total"] <= BROWSED):
        ids = kept["ids"][start:end]
    else:
        order, _ = _order(query.sort, state, nearness, given)
        rows = connection.execute(
            text(f"SELECT id FROM {state.fact} ORDER BY {order} LIMIT :take OFFSET :skip"), given
        )
        ids = list(rows.scalars())
    return Results(ids=ids, total=kept["total"], facets=facets, choices=facets, matching=kept["total"])


def _matching(
    asked: Asked, widely: bool, state: State, columns: str, given: dict[str, Any], kept: str = ""
) -> str:
    """What fits the text: where there are any, those that mean what was typed (Asked.doubts)."""
    if not asked:
        return f"m AS MATERIALIZED (SELECT {columns} FROM {state.fact}{kept})"
    loose = " & ".join(f"({' | '.join(_lexeme(term) for term in terms)})" for terms in asked.covers(widely))
    given["loose"] = loose
    doubts = [
        f"(!{_lexeme(lone)} | {' | '.join(_lexeme(term) for term in others)})"
        for lone, others in asked.doubts()
    ]
    if not doubts:
        return f"m AS MATERIALIZED (SELECT {columns} FROM {state.entry} WHERE t @@ CAST(:loose AS tsquery))"
    given["strict"] = " & ".join((loose, *doubts))
    return (
        f"s AS MATERIALIZED (SELECT {columns} FROM {state.entry} WHERE t @@ CAST(:strict AS tsquery)), "
        "m AS MATERIALIZED (SELECT * FROM s UNION ALL "
        f"SELECT {columns} FROM {state.entry} "
        "WHERE NOT EXISTS (SELECT FROM s) AND t @@ CAST(:loose AS tsquery))"
    )


def _score(asked: Asked, given: dict[str, Any]) -> str:
    lone: dict[Term, int] = {}
    whole: dict[str, tuple[list[Term], int]] = {}
    for power, terms in asked.signals():
        if len(set(terms)) == 1:
            lone[terms[0]] = lone.get(terms[0], 0) + (1 << power)
        else:
            whole[terms[0][0]] = list(dict.fromkeys(terms)), 1 << power

    def is_there(terms: Iterable[Term]) -> str:
        name = f"w{sum(known[0] == 'w' for known in given)}"
        given[name] = " & ".join(map(_lexeme, terms))
        return f"r @@ CAST(:{name} AS tsquery)"

    def each(terms: Iterable[Term]) -> list[str]:
        return [f"CASE WHEN {is_there([term])} THEN {lone[term]} ELSE 0 END" for term in terms]

    def group(fields: Sequence[str]) -> tuple[str, int]:
        """Who has all of the first field has all of the next: of most that were found one look tells."""
        if not fields:
            return "0", 0
        singles = [term for term in lone if term[0] == fields[0]]
        terms, points = whole.get(fields[0], (singles, 0))
        less, fewer = group(fields[1:])
        if not terms:
            return less, fewer
        points += fewer + sum(lone[term] for term in singles)
        some = each(singles) if len(terms) > 1 else []
        return f"CASE WHEN {is_there(terms)} THEN {points} ELSE {' + '.join((*some, less))} END", points

    others = [term for term in lone if term[0] in ("start", "told", "concept")]
    cases = [group(("name_exact", "name"))[0], group(("pair_exact", "pair"))[0], *each(others)]
    return f"least(255, {' + '.join(cases)})"


def _filters(query: SearchQuery, state: State, given: dict[str, Any]) -> dict[str, str]:
    filters: dict[str, str] = {}
    for name in ("group", "set", "province", "stars"):
        value = getattr(query, name)
        if value is not None:
            first, width = PLACES[name]
            number = state.codes.asked(name, value) if name != "stars" else value if 0 < value < 16 else -1
            filters[name] = f"facts & {((1 << width) - 1) << first} = {number << first}"
    if query.certificate is not None:
        number = state.codes.asked("certificate", query.certificate)
        bit = 1 << PLACES["certificate"][0] + number - 1 if number > 0 else 0
        filters["certificate"] = f"facts & {bit} <> 0"
    if query.grams is not None:
        given["grams"] = min(query.grams, 2**62)
        filters["grams"] = ":grams = ANY(grams)"
    if query.in_season:
        filters["season"] = f"(months >> {clock.today().month}) & 1 = 1"
    if query.price_min is not None or query.price_max is not None:
        given["low"] = min(max(0, query.price_min or 0), 2**62)
        given["high"] = 2**62 if query.price_max is None else max(-1, min(query.price_max, 2**62))
        filters["price"] = "price BETWEEN :low AND :high"
    return filters


def _order(
    sort: Sort, state: State, nearness: Mapping[str, int], given: dict[str, Any], score: str | None = None
) -> tuple[str, str]:
    """The order of rows of fact; or with a score that of rows of m, and the columns m needs for it."""
    near = []
    if nearness:
        given["near"] = [0, *(nearness.get(str(code), 0) for code in state.codes.known.get("province", []))]
        first, width = PLACES["province"]
        place = f"((facts >> {first}) & {(1 << width) - 1})::integer + 1"
        near = [f"coalesce((CAST(:near AS smallint[]))[{place}], 0) DESC"]
    # score, stock, season, stars, sold and month in one number
    best = (
        f"(({score or '0'})::bigint << {STOCK + 2}) | ((worth >> {STOCK})::bigint << {STOCK + 1}) | "
        f"(((months >> {clock.today().month}) & 1)::bigint << {STOCK}) | (worth & {(1 << STOCK) - 1})"
    )
    if sort == Sort.RELEVANCE:
        names = ORDERS[sort.value][ORDERS[sort.value].index("near") :]
        first_ = ["best DESC" if score else f"({best}) DESC"]
    else:
        names, first_ = ORDERS[sort.value], []
    parts = {
        "-price": ["price"],
        "stock": [f"(worth >> {STOCK}) DESC"],
        "stars": [f"((worth >> {STARS}) & 15) DESC"],
        "near": near,
    }
    order = [*first_, *(one for name in names for one in parts.get(name, [f"{name} DESC"]))]
    needed = {
        Sort.RELEVANCE: f"{best} AS best, created",
        Sort.NEWEST: "created",
        Sort.POPULAR: "sales, worth",
    }
    return ", ".join(order), needed.get(sort, "price, sales, worth")


def _results(rows: Sequence[Any], filters: Sequence[str], codes: Codes) -> Results:
    """The rows: what was counted, by which filters were passed; and the page."""
    ids: list[int] = []
    total = matching = 0
    facets: dict[Facet, dict[str | int, int]] = _nothing()
    choices: dict[Facet, dict[str | int, int]] = _nothing()
    all_passed = (1 << len(filters)) - 1
    but = {name: all_passed & ~(1 << place) for place, name in enumerate(filters)}
    grouped = {1 << place: facet for place, facet in enumerate(reversed(PLACES))}
    every = sum(grouped)
    for passed, n, grouping, number, page in rows:
        if page is not None:
            ids = list(page)
        elif grouping == every:
            matching += n
            total += n if passed == all_passed else 0
        else:
            facet = grouped[every - grouping]
            needed = but.get(facet, all_passed)
            if passed & needed == needed:
                for value in codes.values(facet, number):
                    choices[facet][value] = choices[facet].get(value, 0) + n
                    if passed == all_passed:
                        facets[facet][value] = facets[facet].get(value, 0) + n
    return Results(ids=ids, total=total, facets=facets, choices=choices, matching=matching)


def _nothing() -> dict[Facet, dict[str | int, int]]:
    return {facet: {} for facet in FACETS}


# -- words --------------------------------------------------------------------------------------------------------


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
