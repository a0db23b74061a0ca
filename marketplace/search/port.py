"""What the room asks of an engine, and of the rooms above: documents out of the database."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

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
    category: tuple[str, ...] = ()  # words of its kind; the first is the name of its set
    places: tuple[str, ...] = ()  # names of its places, old ones too; the first is the province
    group: str | None = None  # slug of the industry, or "other"
    set: int | None = None
    province: str | None = None  # code
    stars: int | None = None
    price_dong: int = 0
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
    """What a visitor asks for. Filters are joined by "and"; `page` counts from 1."""

    text: str = ""
    group: str | None = None
    set: int | None = None
    province: str | None = None
    stars: int | None = None
    price_min: int | None = None
    price_max: int | None = None
    certificate: str | None = None
    in_season: bool = False
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    per_page: int = PER_PAGE


Facet = Literal["group", "set", "province", "stars"]
FACETS: tuple[Facet, ...] = ("group", "set", "province", "stars")
Counts = Mapping[Facet, Mapping[str | int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One page of product ids in order, and what was counted.

    `facets` counts what was found. `choices` counts, for each filter, what would be found if that filter alone were
    another: what a list of filters shows beside its entries.
    """

    ids: list[int]
    total: int
    facets: Counts
    choices: Counts
    repaired: str | None = None  # the text that was searched for instead, when the typed one found too little


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


class SearchEngine(Protocol):
    """An index of documents. Reading raises SearchUnavailable when it is missing or damaged."""

    def find(self, query: SearchQuery) -> Results: ...

    def suggest(self, text: str, limit: int) -> list[Suggestion]: ...

    def mark(self) -> Mark:
        """How far the index has followed the touches."""

    def update(self, changes_since: Callable[[Mark], Changes | None]) -> int:
        """Write the changes since the index's own mark, step by step until there are none; how many documents it
        wrote or removed. One writer at a time: SearchBusy when another does not finish soon."""

    def rebuild(self, documents: Iterable[Document], mark: Mark) -> int:
        """Build a new index beside the one in use and swap them; readers notice nothing. How many documents."""

    def digests(self) -> dict[int, str]:
        """Each document's id and digest, read with every entry of the index, so that damage shows."""


class Documents(Protocol):
    """What storefront fills: products on sale as documents."""

    def documents(self, ids: Sequence[int]) -> list[Document]:
        """Those of the products that are on sale now; the others are left out."""

    def all_ids(self) -> list[int]:
        """Every product on sale now."""

    def touched(self, kind: str, record_id: int) -> Sequence[int]:
        """The products a change of this record shows in: itself, or all of a farm, of a certificate …"""


class NothingOnSale:
    """The documents of a market without a shop window."""

    def documents(self, ids: Sequence[int]) -> list[Document]:
        return []

    def all_ids(self) -> list[int]:
        return []

    def touched(self, kind: str, record_id: int) -> Sequence[int]:
        return ()


def engine() -> SearchEngine:
    """The engine of the market that is running (`market.plug(app, "search", …)` in wiring)."""
    found: SearchEngine = market.plugged("search")
    return found


def documents() -> Documents:
    """The products of its shop window (`market.plug(app, "search.documents", …)`)."""
    found: Documents = market.plugged("search.documents")
    return found
