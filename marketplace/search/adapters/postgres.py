"""The index in PostgreSQL: for markets with more than one web machine, or more writing than one folder takes.

    search.state          which generation is in use, how far it has followed, the wording it was built with
    search.entry_000012   one row a product: what it is found by (t, with a GIN index), ordered (r: its name), filtered
                          and counted
    search.fact_000012    the same rows without the words: what is read when nothing was typed
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
    at timestamptz NOT NULL, wording jsonb NOT NULL, kinds text[] NOT NULL, browse jsonb
)
"""
TABLES = """
CREATE TABLE search.entry_{n} (
    id bigint NOT NULL, price bigint NOT NULL, created bigint NOT NULL, sales bigint NOT NULL, kinds integer NOT NULL,
    set_no smallint, stars smallint, sold smallint NOT NULL, month smallint NOT NULL, months smallint NOT NULL,
    stock smallint NOT NULL, band smallint NOT NULL, province text, grp text, grams bigint[] NOT NULL,
    r tsvector NOT NULL, t tsvector NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE search.entry_{n} ALTER t SET STORAGE EXTERNAL, ALTER r SET STORAGE MAIN;
CREATE TABLE search.fact_{n} AS SELECT {facts} FROM search.entry_{n} WITH NO DATA;
CREATE TABLE search.card_{n} (id bigint NOT NULL, code text NOT NULL, digest text NOT NULL, card jsonb NOT NULL)
"""
INDEXES = """
ALTER TABLE search.entry_{n} ADD PRIMARY KEY (id);
ALTER TABLE search.fact_{n} ADD PRIMARY KEY (id);
ALTER TABLE search.card_{n} ADD PRIMARY KEY (id);
CREATE INDEX ON search.fact_{n} (created DESC, id DESC);
CREATE INDEX ON search.fact_{n} (price, stock DESC, sales DESC, id DESC);
CREATE INDEX ON search.fact_{n} (price DESC, stock DESC, sales DESC, id DESC);
CREATE INDEX ON search.fact_{n} (sales DESC, stock DESC, (coalesce(stars, 0)) DESC, id DESC);
CREATE INDEX ON search.entry_{n} USING gin (t) WITH (fastupdate = off);
CREATE INDEX ON search.card_{n} (code);
ANALYZE search.entry_{n};
ANALYZE search.fact_{n};
ANALYZE search.card_{n}
"""
COLUMNS = (
    "id", "price", "created", "sales", "kinds", "set_no", "stars", "sold", "month", "months", "stock", "band",
    "province", "grp", "grams", "r", "t",
)  # fmt: skip
FACT_COLUMNS = COLUMNS[:-2]
BOUNDS = sorted({bound for band in PRICE_BANDS for bound in band if bound is not None})
BROWSED = 2_000
"""So many of the first products are kept in order for who browses without a word."""
CARD_COLUMNS = ("id", "code", "digest", "card")
GROUPED: dict[Facet, str] = {"group": "grp", "set": "set_no", "province": "province", "stars": "stars"}


class State(NamedTuple):
    """What the state row says."""

    generation: int
    mark: Mark
    wording: Wording
    kinds: tuple[str, ...]
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
            kinds: dict[str, int] = {}
            with connection.begin():
                _run(connection, TABLES, generation)
                count = _copy(connection, generation, documents, concepts, kinds)
                _run(connection, INDEXES, generation)
                held = connection.scalar(text(f"SELECT count(*) FROM search.entry_{generation:06}"))
                if held != count:
                    raise RuntimeError(f"built an index of {held} documents out of {count}")
                previous = connection.scalar(text("SELECT generation FROM search.state"))
                connection.execute(
                    text(
                        "INSERT INTO search.state (generation, seq, at, wording, kinds) "
                        "VALUES (:generation, :seq, :at, :wording, :kinds) ON CONFLICT (one) DO UPDATE SET "
                        "generation = :generation, seq = :seq, at = :at, wording = :wording, kinds = :kinds"
                    ),
                    {
                        "generation": generation,
                        "seq": mark.seq,
                        "at": mark.at,
                        "wording": json.dumps(asdict(wording)),
                        "kinds": list(kinds),
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
            text("SELECT generation, seq, at, wording, kinds, browse FROM search.state")
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
    return State(row.generation, Mark(row.seq, row.at), wording, tuple(row.kinds), row.browse)


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
    kinds: dict[str, int],
) -> int:
    """All documents into the tables, in bulk."""
    count = 0
    waiting: list[Document] = []
    for document in documents:
        waiting.append(document)
        if len(waiting) == STEP:
            count += _copy_some(connection, f"{generation:06}", waiting, concepts, kinds)
            waiting = []
    return count + _copy_some(connection, f"{generation:06}", waiting, concepts, kinds)


def _copy_some(
    connection: Connection,
    generation: str,
    documents: Sequence[Document],
    concepts: Concepts,
    kinds: dict[str, int],
) -> int:
    raw: Any = connection.connection.driver_connection
    for table, columns, row in (
        ("entry", COLUMNS, lambda one: _row(one, concepts, kinds)),
        ("fact", FACT_COLUMNS, lambda one: _row(one, None, kinds)),
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
        kinds = {kind: place for place, kind in enumerate(state.kinds)}
        _copy_some(connection, f"{state.generation:06}", fresh, concepts_of(state.wording), kinds)
        if len(kinds) > len(state.kinds):
            connection.execute(text("UPDATE search.state SET kinds = :kinds"), {"kinds": list(kinds)})
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


def _row(document: Document, concepts: Concepts | None, kinds: dict[str, int]) -> tuple[Any, ...]:
    """With its words, or without concepts to read them by, its facts alone."""
    created = max(0, int(document.created_at.timestamp()) - EPOCH)
    sales = max(0, document.sales)
    facts = (
        document.id,
        max(0, document.price_dong),
        created,
        sales,
        sum(1 << kinds.setdefault(kind, len(kinds)) for kind in sorted(document.certificates)),
        document.set,
        document.stars,
        min(31, sales.bit_length()),
        created // MONTH,
        sum(1 << month for month in document.season),
        int(document.in_stock),
        sum((document.price_dong > bound) + (document.price_dong >= bound) for bound in BOUNDS),
        document.province,
        document.group,
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
    is_ranked = bool(asked) and query.sort == Sort.RELEVANCE
    score = _score(asked, given) if is_ranked else "0"
    flags = "".join(f", ({condition}) IS TRUE AS is_{name}" for name, condition in filters.items())
    columns = (
        "id, price, created, sales, kinds, set_no, stars, sold, month, months, stock, band, province, grp"
        f"{flags}, ({score})::integer AS score"
    )
    ok = " AND ".join(f"is_{name}" for name in filters) or "true"
    key = ", ".join(
        ["grp", "set_no", "province", "stars", "kinds", "band", *(f"is_{name}" for name in filters)]
    )
    parts = ["SELECT 'all' AS what, NULL::text AS value, sum(n)::bigint AS n, NULL::bigint[] AS ids FROM a"]
    parts += [_counted("facet", ok), _banded("facet", ok), _kinds_counted("facet", ok, state)]
    for facet in FACETS:
        if facet in filters:
            others = " AND ".join(f"is_{name}" for name in filters if name != facet) or "true"
            if facet == "price":
                parts.append(_banded("choice", others))
            elif facet == "certificate":
                parts.append(_kinds_counted("choice", others, state))
            else:
                parts.append(_counted("choice", others, (facet,)))
    order = _order(query.sort, nearness, given)
    parts.append(
        "SELECT 'page', NULL, NULL, ARRAY(SELECT id FROM m WHERE "
        f"{ok} ORDER BY score DESC, {order} LIMIT :take OFFSET :skip)"
    )
    sql = (
        f"WITH {_matching(asked, widely, state, columns, given)}, "
        f"a AS MATERIALIZED (SELECT {key}, count(*) AS n FROM m GROUP BY {key}) {' UNION ALL '.join(parts)}"
    )
    connection.execute(text("SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"))
    return _results(connection.execute(text(sql), given).all(), filters)


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
        order = _order(query.sort, nearness, given)
        rows = connection.execute(
            text(f"SELECT id FROM {state.fact} ORDER BY {order} LIMIT :take OFFSET :skip"), given
        )
        ids = list(rows.scalars())
    return Results(ids=ids, total=kept["total"], facets=facets, choices=facets, matching=kept["total"])


def _matching(asked: Asked, widely: bool, state: State, columns: str, given: dict[str, Any]) -> str:
    """What fits the text: where there are any, those that mean what was typed (Asked.doubts)."""
    if not asked:
        return f"m AS MATERIALIZED (SELECT {columns} FROM {state.fact})"
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
    worth: dict[str, int] = {}
    for power, terms in asked.signals():
        wanted = " & ".join(dict.fromkeys(_lexeme(term) for term in terms))
        worth[wanted] = worth.get(wanted, 0) + (1 << power)
    parts = []
    for place, (wanted, points) in enumerate(worth.items()):
        given[f"w{place}"] = wanted
        parts.append(f"CASE WHEN r @@ CAST(:w{place} AS tsquery) THEN {points} ELSE 0 END")
    return f"least(255, {' + '.join(parts)})"


def _filters(query: SearchQuery, state: State, given: dict[str, Any]) -> dict[str, str]:
    filters: dict[str, str] = {}
    for name, column in GROUPED.items():
        value = getattr(query, name)
        if value is not None:
            is_number = column in ("set_no", "stars")
            given[name] = value if not is_number or abs(value) < 2**15 else -1
            filters[name] = f"{column} = :{name}"
    if query.certificate is not None:
        bit = 1 << state.kinds.index(query.certificate) if query.certificate in state.kinds else 0
        filters["certificate"] = f"kinds & {bit} <> 0"
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


def _order(sort: Sort, nearness: Mapping[str, int], given: dict[str, Any]) -> str:
    parts = []
    for name in ORDERS[sort.value]:
        if name == "season":
            parts.append(f"(months >> {clock.today().month}) & 1 DESC")
        elif name == "near":
            if nearness:
                given["near"] = json.dumps({code: near for code, near in nearness.items() if near})
                parts.append("coalesce((CAST(:near AS jsonb) ->> province)::integer, 0) DESC")
        elif name == "stars":
            parts.append("coalesce(stars, 0) DESC")
        elif name == "-price":
            parts.append("price")
        else:
            parts.append(f"{name} DESC")
    return ", ".join(parts)


def _counted(what: str, condition: str, facets: Sequence[Facet] = tuple(GROUPED)) -> str:
    """Counts by the plain columns, and the total where all are asked for, in one pass."""
    columns = [GROUPED[facet] for facet in facets]
    kind = " ".join(
        f"WHEN grouping({column}) = 0 THEN '{what}:{facet}'"
        for facet, column in zip(facets, columns, strict=True)
    )
    value = ", ".join(f"{column}::text" for column in columns)
    sets = ", ".join(f"({column})" for column in columns) + (", ()" if what == "facet" else "")
    return (
        f"SELECT CASE {kind} ELSE 'total' END, coalesce({value}), sum(n)::bigint, NULL FROM a WHERE {condition} "
        f"GROUP BY GROUPING SETS ({sets})"
    )


def _banded(what: str, condition: str) -> str:
    sums = {}
    for band in PRICE_BANDS:
        low = 0 if band.low is None else 2 * BOUNDS.index(band.low) + 1
        high = 2 * len(BOUNDS) if band.high is None else 2 * BOUNDS.index(band.high) + 1
        sums[band.key] = f"coalesce(sum(n) FILTER (WHERE band BETWEEN {low} AND {high}), 0)::bigint"
    return _summed(what, "price", sums, condition)


def _kinds_counted(what: str, condition: str, state: State) -> str:
    sums = {
        kind.replace("'", ""): f"coalesce(sum(n) FILTER (WHERE kinds & {1 << place} <> 0), 0)::bigint"
        for place, kind in enumerate(state.kinds)
    }
    return (
        _summed(what, "certificate", sums, condition)
        if sums
        else "SELECT 'none', NULL, NULL, NULL WHERE false"
    )


def _summed(what: str, facet: str, sums: Mapping[str, str], condition: str) -> str:
    """Several sums of one pass, as rows."""
    inner = ", ".join(f"{one} AS c{number}" for number, one in enumerate(sums.values()))
    values = ", ".join(f"('{name}', b.c{number})" for number, name in enumerate(sums))
    return (
        f"SELECT '{what}:{facet}', v.value, v.n, NULL FROM (SELECT {inner} FROM a WHERE {condition}) b, "
        f"LATERAL (VALUES {values}) AS v (value, n)"
    )


def _results(rows: Sequence[Any], filters: Mapping[str, str]) -> Results:
    ids: list[int] = []
    total = matching = 0
    facets: dict[Facet, dict[str | int, int]] = _nothing()
    choices: dict[Facet, dict[str | int, int]] = _nothing()
    for what, value, n, page in rows:
        if what == "page":
            ids = list(page)
        elif what == "all":
            matching = n or 0
        elif what == "total":
            total = n or 0
        elif value is not None and n:
            kind, facet = what.split(":")
            counts = facets if kind == "facet" else choices
            counts[facet][int(value) if facet in ("set", "stars") else value] = n
    for facet in FACETS:
        if facet not in filters:
            choices[facet] = facets[facet]
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
