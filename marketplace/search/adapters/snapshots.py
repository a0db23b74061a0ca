"""What a reader answers from: the segments of one commit side by side, filtered, counted and ordered."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial, reduce
from operator import and_, or_
from pathlib import Path
from threading import Lock
from typing import Any

from marketplace.foundation import clock
from marketplace.search.adapters.index_folder import open_generation
from marketplace.search.adapters.segments import MONTH, Segment
from marketplace.search.port import FACETS, PRICE_BANDS, Mark, Results, SearchQuery, Sort, Suggestion, Wording
from marketplace.search.ranking import ORDERS, Bits, add_up, at_most, bits_of, numbers_of, top
from marketplace.search.suggestions import NamesLexicon
from marketplace.search.terms import Asked, Term
from marketplace.search.words import concepts_of


class Snapshot:
    """One commit of the index: its segments side by side, without what was deleted. It knows its words, too."""

    def __init__(self, folder: Path, before: "Snapshot | None" = None, answers: int = 0) -> None:
        self.name = folder.name
        self.index = open_generation(folder)
        self.reader = self.index.reader()
        self.commit = self.reader.generation()
        known = {one.leaf.segment().segment_id(): one for one in before.segments} if before else {}
        self.segments: list[Segment] = []
        self.offsets: list[int] = []
        self.size, self.live = 0, 0
        found: tuple[Mark, Wording] | None = None
        for leaf, _ in self.reader.leaf_readers():
            segment = known.get(leaf.segment().segment_id()) or Segment(leaf)
            deleted = bits_of(leaf.segment().deleted_docs(), segment.size)
            live = (1 << segment.size) - 1 & ~deleted
            marks = bits_of((n for n, number in enumerate(segment.ids) if not number), segment.size)
            if live & marks and segment.mark is not None:
                found = segment.mark
            self.segments.append(segment)
            self.offsets.append(self.size)
            self.live |= (live & ~marks) << self.size
            self.size += segment.size
        if found is None:
            raise ValueError("the index does not say how far it has followed")
        self.mark, self.wording = found
        self.concepts = concepts_of(self.wording)
        self._answers: OrderedDict[Any, Results] = OrderedDict()
        self._answering = Lock()
        self._most_answers = answers
        self._ranges: dict[tuple[int | None, int | None], Bits] = {}
        self.columns = {
            column: self._sets_of(column)
            for column in ("group", "set", "province", "stars", "certificate", "grams", "season")
        }
        widths = {
            name: max((len(s.planes[name]) for s in self.segments), default=1)
            for name in ("stock", "stars", "sold", "month", "price", "sales", "created", "id")
        }
        self.planes = {
            name: [self._plane_of(name, depth) for depth in range(width, 0, -1)]
            for name, width in widths.items()
        }
        self.columns["price"] = {
            band.key: self._priced(band.low, band.high) & self.live for band in PRICE_BANDS
        }

    def _sets_of(self, column: str) -> dict[Any, Bits]:
        values = dict.fromkeys(value for segment in self.segments for value in segment.columns[column])
        sets = {value: self.live & self._set_of(column, value) for value in values}
        return {value: bits for value, bits in sets.items() if bits}

    def _set_of(self, column: str, value: Any) -> Bits:
        return self._side_by_side(lambda segment: segment.columns[column].get(value, 0))

    def _plane_of(self, name: str, depth: int) -> Bits:
        return self._side_by_side(lambda segment: _plane(segment.planes[name], depth))

    def _side_by_side(self, part: Callable[[Segment], Bits]) -> Bits:
        whole = 0
        for segment, offset in zip(self.segments, self.offsets, strict=True):
            bits = part(segment)
            if bits:
                whole |= bits << offset if offset else bits
        return whole

    # -- finding --------------------------------------------------------------------------------------------------

    def find(self, query: SearchQuery, nearness: Mapping[str, int], widely: bool) -> Results:
        if not self._most_answers:
            return self._find(query, nearness, widely)
        asked = (query, widely, clock.today().month)
        known = self._answers.get(asked)
        if known is None:
            known = self._find(query, nearness, widely)
        with self._answering:  # the one asked for longest ago goes first
            self._answers[asked] = known
            self._answers.move_to_end(asked)
            if len(self._answers) > self._most_answers:
                self._answers.popitem(last=False)
        return known

    def _find(self, query: SearchQuery, nearness: Mapping[str, int], widely: bool) -> Results:
        asked = Asked.of(query.text, None if query.literal else self.concepts)
        matching = self._covered(asked, widely) if asked else self.live
        if query.text.strip() and not asked:
            matching = 0  # something was typed, but no word: "???"
        filters = self._filters(query)
        found = reduce(and_, filters.values(), matching)
        facets = {facet: self._counts(facet, found) for facet in FACETS}
        return Results(
            ids=self._page(query, asked, found, nearness),
            total=found.bit_count(),
            facets=facets,
            choices={
                facet: self._counts(
                    facet, reduce(and_, (bits for name, bits in filters.items() if name != facet), matching)
                )
                if facet in filters
                else facets[facet]
                for facet in FACETS
            },
            matching=matching.bit_count(),
        )

    def _covered(self, asked: Asked, widely: bool) -> Bits:
        found = self.live
        for terms in asked.covers(widely):
            covering = 0
            for term in terms:
                covering |= self._having(term)
            found &= covering
            if not found:
                return found
        sure = found
        for lone, others in asked.doubts():
            doubtful = sure & self._having(lone)
            for term in others:
                if not doubtful:
                    break
                doubtful &= ~self._having(term)
            sure &= ~doubtful
        return sure or found

    def _filters(self, query: SearchQuery) -> dict[str, Bits]:
        filters: dict[str, Bits] = {
            name: reduce(or_, (self.columns[name].get(value, 0) for value in values))
            for name in ("group", "set", "province", "stars", "certificate", "grams")
            if (values := query.values(name))
        }
        if query.in_season:
            filters["season"] = self.columns["season"].get(clock.today().month, 0)
        if query.price_min is not None or query.price_max is not None:
            filters["price"] = self._priced(query.price_min, query.price_max)
        return filters

    def _priced(self, low: int | None, high: int | None) -> Bits:
        known = self._ranges.get((low, high))
        if known is None:
            planes = self.planes["price"]
            known = self.live if high is None else at_most(planes, high, self.live)
            if low is not None and low > 0:
                known &= ~at_most(planes, low - 1, self.live)
            if len(self._ranges) > 200:
                self._ranges.clear()
            self._ranges[low, high] = known
        return known

    def _counts(self, facet: str, among: Bits) -> dict[str | int, int]:
        if not among:
            return {}
        return {value: n for value, bits in self.columns[facet].items() if (n := (among & bits).bit_count())}

    # -- ordering -------------------------------------------------------------------------------------------------

    def _page(self, query: SearchQuery, asked: Asked, found: Bits, nearness: Mapping[str, int]) -> list[int]:
        skip = max(0, query.page - 1) * query.per_page
        if skip >= found.bit_count():
            return []
        scores = self._scores(asked, found) if asked and query.sort == Sort.RELEVANCE else []
        rest, key = self._order(query.sort, nearness)
        numbers = top([*scores, *rest], found, skip, query.per_page, key, first=len(scores))
        return [self._ids[number] for number in numbers]

    def _scores(self, asked: Asked, among: Bits) -> list[Bits]:
        return add_up(
            (power, reduce(and_, (self._having(term) for term in terms), among))
            for power, terms in asked.signals()
        )

    def _order(self, sort: Sort, nearness: Mapping[str, int]) -> tuple[list[Bits], Callable[[int], Any]]:
        """What decides among equals, as planes and as a key of one number."""
        planes: list[Bits] = []
        parts: list[Callable[[int], Any]] = []
        for name in ORDERS[sort.value]:
            if name == "season":
                month = clock.today().month
                planes.append(self.columns["season"].get(month, 0))
                parts.append(partial(_in_month, self._months, month))
            elif name == "near":
                if nearness:
                    planes += self._near(nearness)
                    nearer = bytes(nearness.get(province, 0) for province in self._province_names)
                    parts.append(partial(_looked_up, nearer, self._provinces))
            elif name == "-price":
                planes += [self.live & ~plane for plane in self.planes["price"]]
                parts.append(partial(_negative, self._prices))
            else:
                planes += self.planes[name]
                parts.append(self._value[name])
        return planes, lambda n: [part(n) for part in parts]

    def _near(self, nearness: Mapping[str, int]) -> list[Bits]:
        provinces = self.columns["province"]
        return [
            reduce(or_, (provinces.get(code, 0) for code, near in nearness.items() if near & bit), 0)
            for bit in (2, 1)
        ]

    @cached_property
    def _value(self) -> dict[str, Callable[[int], int]]:
        """What the planes of a name say of one number."""
        sales, created = self._sales, self._created
        return {
            "stock": self._in_stock.__getitem__,
            "stars": self._stars.__getitem__,
            "sold": lambda n: min(31, sales[n].bit_length()),
            "month": lambda n: created[n] // MONTH,
            "price": self._prices.__getitem__,
            "sales": sales.__getitem__,
            "created": created.__getitem__,
            "id": self._ids.__getitem__,
        }

    @cached_property
    def _ids(self) -> "array[int]":
        return self._joined("ids", "q")

    @cached_property
    def _prices(self) -> "array[int]":
        return self._joined("prices", "Q")

    @cached_property
    def _sales(self) -> "array[int]":
        return self._joined("sales", "Q")

    @cached_property
    def _created(self) -> "array[int]":
        return self._joined("created", "Q")

    @cached_property
    def _months(self) -> "array[int]":
        return self._joined("months", "H")

    @cached_property
    def _stars(self) -> bytes:
        return b"".join(segment.stars for segment in self.segments)

    @cached_property
    def _in_stock(self) -> bytes:
        return b"".join(segment.in_stock for segment in self.segments)

    @cached_property
    def _province_names(self) -> list[str]:
        names = dict.fromkeys(name for segment in self.segments for name in segment.province_codes)
        return ["", *names]

    @cached_property
    def _provinces(self) -> bytes:
        places = {name: place for place, name in enumerate(self._province_names)}
        parts = []
        for segment in self.segments:
            table = bytearray(256)
            for name, code in segment.province_codes.items():
                table[code] = places[name]
            parts.append(segment.provinces.translate(bytes(table)))
        return b"".join(parts)

    def _joined(self, column: str, kind: str) -> "array[int]":
        if len(self.segments) == 1:
            return getattr(self.segments[0], column)
        whole = array(kind)
        for segment in self.segments:
            whole.extend(getattr(segment, column))
        return whole

    # -- words ----------------------------------------------------------------------------------------------------

    @cached_property
    def _lexicon(self) -> NamesLexicon:
        parts = sorted(self.segments, key=lambda segment: -segment.size)
        return NamesLexicon(self.wording, [segment.names for segment in parts], self._is_live)

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        return self._lexicon.suggest(text, limit)

    def respell(self, text: str) -> list[str]:
        return self._lexicon.respell(text)

    def _is_live(self, suggestion: Suggestion) -> bool:
        names, shops = self._gone
        if suggestion.kind == "farm":
            return suggestion.key not in shops
        return suggestion.kind != "product" or (suggestion.key, suggestion.text) not in names

    @cached_property
    def _gone(self) -> tuple[set[tuple[str, str]], set[str]]:
        """(code, name) of products that are there no more under that name, and codes of shops without products."""
        dead: set[tuple[str, str]] = set()
        there: set[tuple[str, str]] = set()
        shops: set[str] = set()
        for segment, offset in zip(self.segments, self.offsets, strict=True):
            live = self._live_of(segment, offset)
            for number in numbers_of(((1 << segment.size) - 1) & ~live):
                if segment.ids[number]:
                    card = segment.card(number)
                    dead.add((card.code, card.name))
                    shops.add(card.shop_code)
        if dead:
            for segment, offset in zip(self.segments, self.offsets, strict=True):
                live = self._live_of(segment, offset)
                if segment is not self.segments[0]:  # what is written anew stands in a later segment
                    for number in numbers_of(live):
                        card = segment.card(number)
                        there.add((card.code, card.name))
                having = {segment.shops[number] for number in numbers_of(live)}
                shops -= {segment.shop_codes[shop] for shop in having}
        return dead - there, shops

    def _live_of(self, segment: Segment, offset: int) -> Bits:
        return self.live >> offset & ((1 << segment.size) - 1)

    # -- the whole ------------------------------------------------------------------------------------------------

    def warm_up(self, before: "Snapshot") -> None:
        """Read what the one before was asked for, so that the first visitors need not wait."""
        if self.segments and before.segments:
            for term in before.segments[0].known_terms():
                self._having(term)
        for segment in self.segments:
            _ = segment.names.prefixes, segment.names.vocabulary

    def digests(self, deeply: bool = True) -> dict[int, str]:
        """Every document's digest; walks every posting, so that damage anywhere shows."""
        found: dict[int, str] = {}
        for segment, offset in zip(self.segments, self.offsets, strict=True):
            if deeply:
                segment.walk()
            found.update(
                (segment.ids[number], segment.digest(number))
                for number in numbers_of(self._live_of(segment, offset))
            )
        return found

    def _having(self, term: Term) -> Bits:
        if len(self.segments) == 1:
            return self.segments[0].having(term)
        return self._side_by_side(lambda segment: segment.having(term))


def _plane(planes: Sequence[Bits], depth: int) -> Bits:
    """A plane by its place from the lowest, which is 1."""
    return planes[-depth] if depth <= len(planes) else 0


def _in_month(months: Sequence[int], month: int, number: int) -> int:
    return months[number] >> month & 1


def _looked_up(values: bytes, codes: bytes, number: int) -> int:
    return values[codes[number]]


def _negative(values: Sequence[int], number: int) -> int:
    return -values[number]
