"""The index in a folder, kept by Whoosh 2.7.4: its files, segments and posting lists, but not its searcher.

    instance/search/CURRENT              names the generation in use
    instance/search/gen-000012-5f0c1a/   one generation: built beside, checked, then swapped in by renaming CURRENT

Each process opens the index once as a Snapshot (whole numbers as sets, see ranking.py) and opens it anew when a commit
or another generation appears. Whoosh never calls fsync, so a generation is synced here before it is swapped in.
"""

import fcntl
import os
import secrets
import shutil
import time
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, reduce
from operator import and_, or_
from pathlib import Path
from threading import Lock
from typing import Any

from marketplace.foundation import clock
from marketplace.search.port import (
    FACETS,
    PRICE_BANDS,
    Changes,
    Counts,
    Document,
    Facet,
    Mark,
    Results,
    SearchBusy,
    SearchQuery,
    SearchUnavailable,
    Sort,
    Suggestion,
    Wording,
)
from marketplace.search.ranking import Bits, add_up, bits_of, planes_of, top
from marketplace.search.suggestions import Prefixes
from marketplace.search.terms import FEW, FIELDS, Asked, terms_of

with warnings.catch_warnings():
    # Whoosh 2.7.4 is from 2016: five old spellings in it make newer Pythons warn when they compile it.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from whoosh import fields, index
    from whoosh.writing import SegmentWriter

MARK = "mark"
KNOWN_TERMS = 20_000
WAIT_SECONDS = 3.0

SCHEMA = fields.Schema(
    id=fields.ID(unique=True, stored=True),
    facts=fields.STORED(),
    **{field: fields.ID() for field in FIELDS},
)


class WhooshEngine:
    """A SearchEngine in a folder of this machine. Made once per process and market."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._snapshot: Snapshot | None = None
        self._opening = Lock()

    # -- reading --------------------------------------------------------------------------------------------------

    def find(self, query: SearchQuery, nearness: Mapping[str, int] | None = None) -> Results:
        return self._read(lambda snapshot: snapshot.find(query))

    def lexicon(self) -> "Snapshot":
        return self._read(lambda snapshot: snapshot)

    def digests(self) -> dict[int, str]:
        return self._read(lambda snapshot: snapshot.digests())

    def mark(self) -> Mark:
        return self._read(lambda snapshot: snapshot.mark)

    def _read(self, look: Callable[["Snapshot"], Any]) -> Any:
        try:
            return look(self._newest())
        except Exception as error:
            # Damaged files raise a dozen kinds of exceptions (SEARCH: struct, zlib, pickle, EOF, assertion …).
            self._snapshot = None
            raise SearchUnavailable(f"the index in {self.folder} cannot be read: {error!r}") from error

    def _newest(self) -> "Snapshot":
        try:
            return self._open()
        except Exception:
            return self._open()  # the generation may have been swapped and cleared away between two looks

    def _open(self) -> "Snapshot":
        known, name = self._snapshot, self._current()
        if known is not None and known.name == name and known.commit == known.index.latest_generation():
            return known
        if known is not None and not self._opening.acquire(blocking=False):
            return known  # another thread is opening the new one; this visitor need not wait for it
        if known is None:
            self._opening.acquire()
        try:
            if self._snapshot is known:
                self._snapshot = Snapshot(self.folder / name)
            assert self._snapshot is not None
            return self._snapshot
        finally:
            self._opening.release()

    def _current(self) -> str:
        return (self.folder / "CURRENT").read_text("ascii").strip()

    # -- writing --------------------------------------------------------------------------------------------------

    def update(self, changes_since: Callable[[Mark], Changes | None]) -> int:
        written = 0
        with self._only_writer():
            try:
                folder = self.folder / self._current()
                snapshot = Snapshot(folder)
            except Exception as error:
                raise SearchUnavailable(f"the index in {self.folder} cannot be written: {error!r}") from error
            mark, known = snapshot.mark, {facts["id"]: facts["digest"] for facts in snapshot.facts.values()}
            while (changes := changes_since(mark)) is not None:
                fresh = [
                    document for document in changes.documents if known.get(document.id) != document.digest
                ]
                gone = [number for number in changes.gone if number in known]
                if fresh or gone or changes.mark.seq != mark.seq:
                    try:
                        _commit(folder, fresh, gone, changes.mark)
                    except Exception as error:
                        raise SearchUnavailable(
                            f"the index in {folder} cannot be written: {error!r}"
                        ) from error
                known.update((document.id, document.digest) for document in fresh)
                for number in gone:
                    del known[number]
                mark = changes.mark
                written += len(fresh) + len(gone)
        return written

    def rebuild(self, documents: Iterable[Document], mark: Mark, wording: Wording | None = None) -> int:
        with self._only_writer():
            number = 1 + max((int(path.name[4:10]) for path in self.folder.glob("gen-??????*")), default=0)
            name = f"gen-{number:06}-{secrets.token_hex(3)}"  # never the name of one a reader may have open
            building = self.folder / f"{name}.tmp"
            building.mkdir()
            count = _build(building, documents, mark)
            _sync(building)
            built = Snapshot(building)
            if len(built.digests()) != count:
                raise RuntimeError(f"built an index of {len(built.digests())} documents out of {count}")
            building.rename(self.folder / name)
            self._swap(name)
        return count

    def _swap(self, name: str) -> None:
        previous = self._current() if (self.folder / "CURRENT").exists() else None
        pointer = self.folder / "CURRENT.tmp"
        with pointer.open("w", encoding="ascii") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        pointer.replace(self.folder / "CURRENT")
        _sync_folder(self.folder)
        for path in self.folder.glob("gen-*"):
            if path.name not in (name, previous):
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        """One writer at a time, over all processes; the kernel lets go when a process dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "WRITING").open("w") as file:
            patience = time.monotonic() + WAIT_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > patience:
                        raise SearchBusy("the index is being written by somebody else") from None
                    time.sleep(0.05)
            yield


def _commit(folder: Path, documents: Iterable[Document], gone: Iterable[int], mark: Mark) -> None:
    """Write one step: all of it is there after the commit, or nothing."""
    with _writer(index.open_dir(str(folder))) as writer:
        for number in gone:
            writer.delete_by_term("id", str(number))
        for document in documents:
            writer.update_document(**_entry(document))
        writer.update_document(id=MARK, facts=_mark_facts(mark))
        writer.commit()


def _build(folder: Path, documents: Iterable[Document], mark: Mark) -> int:
    count = 0
    with _writer(index.create_in(str(folder), SCHEMA)) as writer:
        for document in documents:
            writer.add_document(**_entry(document))
            count += 1
        writer.add_document(id=MARK, facts=_mark_facts(mark))
        writer.commit()
    return count


@contextmanager
def _writer(opened: index.FileIndex) -> Iterator[SegmentWriter]:
    """A writer that lets go of its files also when what is written with it fails."""
    writer = opened.writer(limitmb=256, timeout=WAIT_SECONDS)
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise


def _entry(document: Document) -> dict[str, Any]:
    """A document as Whoosh keeps it: lists of ready terms, which its analyzers leave alone, and the plain facts."""
    facts = {
        "id": document.id,
        "digest": document.digest,
        "code": document.code,
        "name": document.name,
        "shop": document.shop,
        "shop_code": document.shop_code,
        "category": document.category[:1],
        "place": document.places[:1],
        "group": document.group,
        "set": document.set,
        "province": document.province,
        "stars": document.stars,
        "price": document.price_dong,
        "certificates": sorted(document.certificates),
        "in_stock": document.in_stock,
        "sales": document.sales,
        "created": document.created_at.timestamp(),
        "season": sorted(document.season),
    }
    return {"id": str(document.id), "facts": facts, **terms_of(document)}


def _mark_facts(mark: Mark) -> dict[str, Any]:
    return {"seq": mark.seq, "at": mark.at.isoformat()}


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Snapshot:
    """One commit of the index, opened for reading: every filter a set, every order a list of planes."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.index = index.open_dir(str(folder))
        self.reader = self.index.reader()
        self.commit = self.reader.generation()
        self.size = self.reader.doc_count_all()
        self.facts: dict[int, dict[str, Any]] = {}
        self._terms: dict[tuple[str, str], Bits] = {}
        self._looking_up = Lock()
        mark = None
        for leaf, offset in self.reader.leaf_readers():
            deleted = set(leaf.segment().deleted_docs())
            for number in range(leaf.doc_count_all()):
                if number in deleted:
                    continue
                stored = leaf.stored_fields(number)
                if stored["id"] == MARK:
                    mark = Mark(stored["facts"]["seq"], datetime.fromisoformat(stored["facts"]["at"]))
                else:
                    self.facts[offset + number] = stored["facts"]
        if mark is None:
            raise ValueError("the index does not say how far it has followed")
        self.mark = mark
        self.live = bits_of(self.facts, self.size)
        self.columns: dict[str, dict[Any, Bits]] = {
            column: self._column(column)
            for column in ("group", "set", "province", "stars", "certificates", "season")
        }
        self.columns["certificate"] = self.columns["certificates"]
        self.wording = Wording()
        by_price = sorted((facts["price"], number) for number, facts in self.facts.items())
        self._prices = [price for price, _ in by_price]
        self._by_price = [number for _, number in by_price]
        self.columns["price"] = {band.key: self._priced(band.low, band.high) for band in PRICE_BANDS}

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        return self.prefixes.suggest(text, limit)

    def respell(self, text: str) -> str | None:
        return None

    def _priced(self, low: int | None, high: int | None) -> Bits:
        first = 0 if low is None else bisect_left(self._prices, low)
        last = self.size if high is None else bisect_right(self._prices, high)
        return bits_of(self._by_price[first:last], self.size)

    def find(self, query: SearchQuery) -> Results:
        asked = Asked.of(query.text)
        matching = self._matching(asked) if asked else self.live
        if query.text.strip() and not asked:
            matching = 0  # something was typed, but no word: "???"
        filters = self._filters(query)
        found = reduce(and_, filters.values(), matching)
        planes = self._orders(query.sort)
        if asked and query.sort == Sort.RELEVANCE:
            planes = self._scores(asked, found) + planes
        numbers = top(planes, found, skip=max(0, query.page - 1) * query.per_page, take=query.per_page)
        return Results(
            ids=[self.facts[number]["id"] for number in numbers],
            total=found.bit_count(),
            facets={facet: self._counts(facet, found) for facet in FACETS},
            choices=self._choices(matching, filters),
        )

    def digests(self) -> dict[int, str]:
        """Every document's digest; walks every posting, so that damage anywhere shows."""
        with self._looking_up:
            for leaf, _ in self.reader.leaf_readers():
                for field, term in leaf.all_terms():
                    for _number in leaf.postings(field, term).all_ids():
                        pass
        return {facts["id"]: facts["digest"] for facts in self.facts.values()}

    @cached_property
    def prefixes(self) -> Prefixes:
        return Prefixes(self.facts.values())

    def _matching(self, asked: Asked) -> Bits:
        found = self._covered(asked, widely=False)
        return found if found.bit_count() >= FEW else self._covered(asked, widely=True)

    def _covered(self, asked: Asked, widely: bool) -> Bits:
        found = self.live
        for terms in asked.covers(widely):
            found &= reduce(or_, (self._having(field, term) for field, term in terms))
            if not found:
                break
        return found

    def _scores(self, asked: Asked, among: Bits) -> list[Bits]:
        return add_up(
            (power, reduce(and_, (self._having(field, term) for field, term in terms), among))
            for power, terms in asked.signals()
        )

    def _filters(self, query: SearchQuery) -> dict[str, Bits]:
        filters: dict[str, Bits] = {
            facet: self.columns[facet].get(getattr(query, facet), 0)
            for facet in FACETS
            if facet != "price" and getattr(query, facet) is not None
        }
        if query.in_season:
            filters["season"] = self.columns["season"].get(clock.today().month, 0)
        if query.price_min is not None or query.price_max is not None:
            filters["price"] = self._priced(query.price_min, query.price_max)
        return filters

    def _choices(self, matching: Bits, filters: dict[str, Bits]) -> Counts:
        return {
            facet: self._counts(
                facet, reduce(and_, (bits for name, bits in filters.items() if name != facet), matching)
            )
            for facet in FACETS
        }

    def _counts(self, facet: Facet, among: Bits) -> dict[str | int, int]:
        return {value: n for value, bits in self.columns[facet].items() if (n := (among & bits).bit_count())}

    def _orders(self, sort: Sort) -> list[Bits]:
        return {
            Sort.RELEVANCE: self._best,
            Sort.NEWEST: self._newest,
            Sort.PRICE_ASC: self._cheapest,
            Sort.PRICE_DESC: self._dearest,
            Sort.POPULAR: self._popular,
        }[sort]()

    def _best(self) -> list[Bits]:
        return self._order(
            "best", lambda f: (f["in_stock"], f["stars"] or 0, f["sales"], f["created"], f["id"])
        )

    def _newest(self) -> list[Bits]:
        return self._order("newest", lambda f: (f["created"], f["id"]))

    def _cheapest(self) -> list[Bits]:
        return self._order("cheapest", lambda f: (-f["price"], f["in_stock"], f["sales"], f["id"]))

    def _dearest(self) -> list[Bits]:
        return self._order("dearest", lambda f: (f["price"], f["in_stock"], f["sales"], f["id"]))

    def _popular(self) -> list[Bits]:
        return self._order("popular", lambda f: (f["sales"], f["in_stock"], f["stars"] or 0, f["id"]))

    def _order(self, name: str, key: Callable[[dict[str, Any]], Any]) -> list[Bits]:
        """The planes of an order, worked out when first asked for; the greatest key comes first."""
        orders: dict[str, list[Bits]] = self.__dict__.setdefault("_known_orders", {})
        if name not in orders:
            order = sorted(self.facts, key=lambda number: key(self.facts[number]), reverse=True)
            orders[name] = planes_of(order, self.size)
        return orders[name]

    def _column(self, column: str) -> dict[Any, Bits]:
        """For each value of a column the set of documents that have it."""
        numbers: dict[Any, list[int]] = {}
        for number, facts in self.facts.items():
            value = facts[column]
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    numbers.setdefault(one, []).append(number)
        return {value: bits_of(having, self.size) for value, having in numbers.items()}

    def _having(self, field: str, term: str) -> Bits:
        """The documents whose field has the term; read from the index once."""
        known = self._terms.get((field, term))
        if known is not None:
            return known
        with self._looking_up:  # Whoosh's files have one reading position
            if (field, term) not in self.reader:
                return 0
            bits = bits_of(self.reader.postings(field, term).all_ids(), self.size)
            if len(self._terms) >= KNOWN_TERMS:
                self._terms.clear()
            self._terms[field, term] = bits
        return bits
