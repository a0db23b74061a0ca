"""The tables of the PostgreSQL engine: what a row holds, how facets become one number, which generation is read."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from marketplace.search.port import (
    PRICE_BANDS,
    Document,
    Facet,
    Mark,
    Wording,
)
from marketplace.search.terms import Term

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
        if facet == "stars":
            return int(value) if 0 < int(value) < 16 else -1
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


SETTINGS = (
    "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true), "
    "set_config('max_parallel_workers_per_gather', '0', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)


def lexeme(term: Term) -> str:
    field, value = term
    quoted = f"{LETTER[field]}{value}".replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"
