"""What the room asks of an engine, and of the rooms above: documents out of the database."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol

from marketplace.foundation import market

PER_PAGE = 24


class SearchUnavailable(Exception):
    """The index is missing or damaged. Pages browse in SQL meanwhile; following builds a new one."""


class SearchBusy(Exception):
    """Somebody else is writing the index; try again in a moment."""


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that search knows of one product on sale."""

    id: int
    code: str
    name: str
    description: str = ""
    shop: str = ""
    shop_code: str = ""
    category: str = ""  # the name of its set: shown, and suggested
    called: tuple[str, ...] = ()  # what else such goods are called: a mango is fruit
    places: tuple[str, ...] = ()  # names of its places, old ones too; the first is the province
    group: str | None = None  # slug of the industry, or "other"
    set: int | None = None
    province: str | None = None  # code
    stars: int | None = None
    price_dong: int = 0
    grams: frozenset[int] = frozenset()  # of its packs
    certificates: frozenset[str] = frozenset()  # kinds
    in_stock: bool = True
    sales: int = 0
    created_at: datetime
    season: frozenset[int] = frozenset()  # months of harvest, 1–12

    @property
    def digest(self) -> str:
        """A short fingerprint of everything above, to tell whether the index is up to date."""
        facts = [
            sorted(value) if isinstance(value, frozenset) else str(value)
            for value in (getattr(self, name) for name in Document.__slots__)
        ]
        return hashlib.blake2b(repr(facts).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What a visitor asks for. Filters are joined by "and", values of one (a tuple) by "or"; `page` counts from 1.

    `service.find` also reads filters out of the text ("dưới 200k"), asks for regional words and repairs slips;
    `literal` says: the text as it stands, word by word, nothing read into it and nothing repaired. `near` is the code
    of the visitor's province: among equals the nearer product comes first.
    """

    text: str = ""
    group: str | tuple[str, ...] | None = None
    set: int | tuple[int, ...] | None = None
    province: str | tuple[str, ...] | None = None
    stars: int | tuple[int, ...] | None = None
    price_min: int | None = None
    price_max: int | None = None
    certificate: str | tuple[str, ...] | None = None
    grams: int | None = None
    in_season: bool = False
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    per_page: int = PER_PAGE
    literal: bool = False
    near: str | None = None

    def values(self, name: str) -> tuple[Any, ...]:
        """The values of a filter, any of which will do; none when it is off."""
        given = getattr(self, name)
        return given if isinstance(given, tuple) else () if given is None else (given,)


FILTERS = (
    "group",
    "set",
    "province",
    "stars",
    "certificate",
    "grams",
    "price_min",
    "price_max",
    "in_season",
)
"""The fields of SearchQuery that filter."""

Facet = Literal["group", "set", "province", "stars", "certificate", "price"]
FACETS: tuple[Facet, ...] = ("group", "set", "province", "stars", "certificate", "price")
Counts = Mapping[Facet, Mapping[str | int, int]]
"""Facet → value → how many. Values are what the query's field takes; of "price" they are keys of PRICE_BANDS, of
"certificate" kinds (a product may count in several)."""


class PriceBand(NamedTuple):
    """From `low` to `high` đồng, both included: what price_min and price_max take. None is open."""

    low: int | None
    high: int | None

    @property
    def key(self) -> str:
        """`50000-100000`, `-50000`, `1000000-`."""
        return f"{'' if self.low is None else self.low}-{'' if self.high is None else self.high}"


PRICE_BANDS = (
    PriceBand(None, 50_000),
    PriceBand(50_000, 100_000),
    PriceBand(100_000, 200_000),
    PriceBand(200_000, 500_000),
    PriceBand(500_000, 1_000_000),
    PriceBand(1_000_000, None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that was read out of the typed text: the fields of SearchQuery it stands for, the words that said so
    as they were typed, and the whole typed text without them: what to ask for when the chip is taken off."""

    values: Mapping[
        str, Any
    ]  # {"price_max": 200000}, {"certificate": "ocop"}, {"price_min": 1, "price_max": 2}
    words: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a typed text was understood: words to look for, and filters."""

    typed: str
    text: str  # what is left to look for
    chips: tuple[Chip, ...] = ()

    @property
    def filters(self) -> dict[str, Any]:
        """All chips' values together, by field of SearchQuery."""
        return {field: value for chip in self.chips for field, value in chip.values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Without these filters so many products would be found: what to offer when nothing was."""

    fields: tuple[str, ...]  # ("price_min", "price_max"), ("province",) …
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One page of product ids in order, what was counted, and how the text was understood.

    `facets` counts what was found. `choices` counts, for each filter, what would be found if that filter alone were
    another: what a list of filters shows beside its entries.

    `reading` says which filters came out of the text (a filter given by itself wins over a read one; those are not
    among `reading.chips`). `repaired` is the text that was searched for instead of `reading.text`, as the typed one
    found too little: "showing … instead of …"; asking again with `literal` is the way back. `left_off` are chips that
    nothing on sale answered to (no pack of 1 kg): the results are without them, and the page says so. When nothing
    was found, `nearest` is another spelling that would find something, and `drops` the filters worth taking off, the
    most rewarding first.
    """

    ids: list[int]
    total: int
    facets: Counts
    choices: Counts
    matching: int = 0  # how many fit the text, filters aside
    reading: Reading | None = None
    repaired: str | None = None
    left_off: tuple[Chip, ...] = ()
    nearest: str | None = None
    drops: tuple[Drop, ...] = ()


Kind = Literal["product", "category", "farm", "place"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to offer while somebody types, and what it stands for: `key` is a product's code, a set's number, a
    shop's code or a province's code."""

    text: str
    kind: Kind
    key: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an index has followed the touches: the last row read, and when it was read."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What to write into an index in one step, and how far it has then followed."""

    documents: Sequence[Document] = ()
    gone: Iterable[int] = ()
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class SameWords:
    """Words for one thing: a search for one finds the others. `but_not` are phrases in which a word means something
    else (bắp: bắp cải); `bare` names those that also count when typed without accents although they are one syllable
    (heo), as no other common word folds to the same letters."""

    word: str
    same: tuple[str, ...]
    but_not: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvinceNames:
    """A province and everything people call it: old names, those of the provinces it was made of, short ones."""

    code: str
    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is known of words beside the products themselves. An index is built with one and keeps it, so that what it
    holds and what it is asked for agree; another one needs another index."""

    words: tuple[SameWords, ...] = ()
    provinces: tuple[ProvinceNames, ...] = ()


class Lexicon(Protocol):
    """The words of an index: its wording, its spellings and its names."""

    wording: Wording

    def respell(self, text: str) -> list[str]:
        """Other spellings of a text by the words of the names in the index, the most likely first."""

    def suggest(self, text: str, limit: int) -> list[Suggestion]: ...


class SearchEngine(Protocol):
    """An index of documents. Reading raises SearchUnavailable when it is missing or damaged."""

    def find(
        self, query: SearchQuery, nearness: Mapping[str, int] | None = None, *, widely: bool = False
    ) -> Results:
        """The query as it stands: the text's words and the filters given, nothing read into it, nothing repaired.
        `widely`: lone words of descriptions count too. `nearness` says of provinces how near they are (0–3); those
        left out are far."""

    def lexicon(self) -> Lexicon:
        """The words of the index as it is now."""

    def mark(self) -> Mark:
        """How far the index has followed the touches."""

    def update(self, changes_since: Callable[[Mark], Changes | None]) -> int:
        """Write the changes since the index's own mark, step by step until there are none; how many documents it
        wrote or removed. One writer at a time: SearchBusy when another does not finish soon."""

    def rebuild(self, documents: Iterable[Document], mark: Mark, wording: Wording = ...) -> int:
        """Build a new index beside the one in use and swap them; readers notice nothing. How many documents."""

    def digests(self) -> dict[int, str]:
        """Each document's id and digest, read with every entry of the index, so that damage shows."""


class Documents(Protocol):
    """What storefront fills: products on sale as documents, and the places they come from."""

    def documents(self, ids: Sequence[int]) -> list[Document]:
        """Those of the products that are on sale now; the others are left out."""

    def all_ids(self) -> list[int]:
        """Every product on sale now."""

    def touched(self, kind: str, record_id: int) -> Sequence[int]:
        """The products a change of this record shows in: itself, or all of a farm, of a certificate …"""

    def provinces(self) -> Sequence[ProvinceNames]:
        """Every province with what people call it."""

    def nearness(self, province: str) -> Mapping[str, int]:
        """How near the provinces are to this one: 3 itself, 2 its neighbourhood, 1 its part of the country."""


class NothingOnSale:
    """The documents of a market without a shop window."""

    def documents(self, ids: Sequence[int]) -> list[Document]:
        return []

    def all_ids(self) -> list[int]:
        return []

    def touched(self, kind: str, record_id: int) -> Sequence[int]:
        return ()

    def provinces(self) -> Sequence[ProvinceNames]:
        return ()

    def nearness(self, province: str) -> Mapping[str, int]:
        return {}


def engine() -> SearchEngine:
    """The engine of the market that is running (`market.plug(app, "search", …)` in wiring)."""
    found: SearchEngine = market.plugged("search")
    return found


def documents() -> Documents:
    """The products of its shop window (`market.plug(app, "search.documents", …)`)."""
    found: Documents = market.plugged("search.documents")
    return found
