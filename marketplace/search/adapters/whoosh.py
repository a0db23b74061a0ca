"""The index in a folder, kept by Whoosh 2.7.4: its files, segments and posting lists, but not its searcher.

    instance/search/CURRENT              names the generation in use
    instance/search/DAMAGED              names a generation a reader found damaged: the next follow builds another
    instance/search/gen-000012-5f0c1a/   one generation: built beside, checked, then swapped in by renaming CURRENT

Each process reads the index as a Snapshot (sets of products as whole numbers, see ranking.py) made of Segments. A
segment never changes, so a commit costs a reader the new segment and a mask of what was deleted; a new snapshot is
opened in a thread of its own while the old one goes on answering. Whoosh never calls fsync: its storage here syncs
every file before the table of contents that names it is renamed into place.
"""

import fcntl
import os
import secrets
import shutil
import time
import warnings
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import cached_property, partial, reduce
from io import BufferedReader, FileIO
from operator import and_, or_
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

from marketplace.foundation import clock
from marketplace.search.port import (
    FACETS,
    PRICE_BANDS,
    Changes,
    Document,
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
from marketplace.search.ranking import (
    ORDERS,
    Bits,
    add_up,
    at_most,
    bits_of,
    numbers_of,
    planes_of,
    top,
    where,
)
from marketplace.search.suggestions import Card, Names, NamesLexicon
from marketplace.search.terms import FIELDS, Asked, Term, terms_of
from marketplace.search.words import Concepts, concepts_of

with warnings.catch_warnings():
    # Whoosh 2.7.4 is from 2016: five old spellings in it make newer Pythons warn when they compile it.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from whoosh import fields, index
    from whoosh.filedb.filestore import FileStorage
    from whoosh.filedb.structfile import StructFile
    from whoosh.writing import SegmentWriter

MARK = "mark"
NO_WORDING = Wording()
WAIT_SECONDS = 3.0
TERM_BYTES = 24 * 1024 * 1024
"""What the sets of terms of one segment may take in memory; those asked for longest ago go first."""
ANSWERS = 1_000
EPOCH = 1_600_000_000
"""Seconds are counted from here, so that they need fewer planes."""
MONTH = 30 * 24 * 3600

SCHEMA = fields.Schema(
    id=fields.ID(unique=True, stored=True),
    facts=fields.STORED(),
    **{field: fields.ID() for field in FIELDS},
)


class WhooshEngine:
    """A SearchEngine in a folder of this machine. Made once per process and market.

    Every `refresh_seconds` a reading looks whether there is something newer; with 0 every reading does, and waits for
    it.
    """

    def __init__(self, folder: Path, refresh_seconds: float = 0.0, answers: int = ANSWERS) -> None:
        self.folder = folder
        self._refresh_seconds = refresh_seconds
        self._answers = answers
        self._snapshot: Snapshot | None = None
        self._looked_at = 0.0
        self._opening = Lock()
        self._bad: set[str] = set()
        self._written: _Written | None = None

    # -- reading --------------------------------------------------------------------------------------------------

    def find(
        self, query: SearchQuery, nearness: Mapping[str, int] | None = None, *, widely: bool = False
    ) -> Results:
        return self._read(lambda snapshot: snapshot.find(query, nearness or {}, widely))

    def lexicon(self) -> "Snapshot":
        return self._read(lambda snapshot: snapshot)

    def digests(self) -> dict[int, str]:
        return self._read(lambda snapshot: snapshot.digests(), again=False)

    def mark(self) -> Mark:
        return self._read(lambda snapshot: snapshot.mark)

    def _read(self, look: Callable[["Snapshot"], Any], again: bool = True) -> Any:
        while True:
            snapshot = self._newest()
            try:
                return look(snapshot)
            except Damaged as error:
                self._snapshot = None
                self._report(snapshot.name)
                if not again:
                    raise SearchUnavailable(f"the index in {self.folder} is damaged: {error}") from None

    def _report(self, name: str) -> None:
        """This generation is damaged: nobody here reads it again, and the next follow builds another."""
        self._bad.add(name)
        try:
            (self.folder / "DAMAGED").write_text(name, "ascii")
        except OSError:
            pass  # a folder that cannot be written; the check by hand still tells

    def _newest(self) -> "Snapshot":
        known = self._snapshot
        if known is None:
            return self._open_first()
        if not self._refresh_seconds:
            self._open_newer(known)
        elif time.monotonic() - self._looked_at > self._refresh_seconds:
            self._looked_at = time.monotonic()
            if self._is_newer_than(known):
                Thread(target=self._open_newer, args=(known,), daemon=True).start()
        return self._snapshot or self._open_first()

    def _is_newer_than(self, known: "Snapshot") -> bool:
        current = self._current_or_none()
        if current is None or not (self.folder / current).exists():
            if not (self.folder / known.name).exists():
                self._snapshot = None  # taken away: say so, rather than answer from what nobody keeps up
            return False
        return current != known.name or known.index.latest_generation() != known.commit

    def _open_newer(self, known: "Snapshot") -> None:
        """Put the newest in place of the known one; what cannot be opened leaves it there."""
        if not self._is_newer_than(known) or not self._opening.acquire(blocking=False):
            return  # another thread is opening it; this visitor need not wait
        try:
            name = self._current()
            if name not in self._bad and self._snapshot is known:
                newer = Snapshot(self.folder / name, known, self._answers)
                if self._refresh_seconds:
                    newer.warm_up(known)
                self._snapshot = newer
        except Exception:
            current = self._current_or_none()
            if current is not None and current != known.name and (self.folder / current).exists():
                self._report(current)
        finally:
            self._opening.release()

    def _open_first(self) -> "Snapshot":
        """The generation in use, else the one before it."""
        with self._opening:
            if self._snapshot is not None:
                return self._snapshot
            wrong = "there is none"  # not the exception: it would hold on to files that Whoosh left open
            for _ in range(2):  # a generation may be swapped and cleared away between two looks
                for name in self._generations():
                    try:
                        self._snapshot = Snapshot(self.folder / name, None, self._answers)
                    except Exception as error:
                        wrong = repr(error)
                    else:
                        self._looked_at = time.monotonic()
                        return self._snapshot
            raise SearchUnavailable(f"the index in {self.folder} cannot be read: {wrong}")

    def _generations(self) -> list[str]:
        current = self._current_or_none()
        names = sorted(
            (path.name for path in self.folder.glob("gen-*") if path.suffix != ".tmp"), reverse=True
        )
        if current in names:
            names.remove(current)
            names.insert(0, current)
        return [name for name in names if name not in self._bad]

    def _current(self) -> str:
        return (self.folder / "CURRENT").read_text("ascii").strip()

    def _current_or_none(self) -> str | None:
        try:
            return self._current()
        except (OSError, ValueError):
            return None

    # -- writing --------------------------------------------------------------------------------------------------

    def update(self, changes_since: Callable[[Mark], Changes | None]) -> int:
        written = 0
        with self._only_writer():
            try:
                name = self._current()
                if self._is_reported(name):
                    raise ValueError("a reader found it damaged")
                there = self._there(self.folder / name)
            except Exception as error:
                raise SearchUnavailable(f"the index in {self.folder} cannot be written: {error!r}") from error
            while (changes := changes_since(there.mark)) is not None:
                known = there.digests
                fresh = [one for one in changes.documents if known.get(one.id) != one.digest]
                gone = [number for number in changes.gone if number in known]
                if fresh or gone or changes.mark.seq != there.mark.seq:
                    self._written = None
                    try:
                        commit = _commit(there, fresh, gone, changes.mark)
                    except Exception as error:
                        raise SearchUnavailable(
                            f"the index in {there.folder} cannot be written: {error!r}"
                        ) from error
                    known.update((one.id, one.digest) for one in fresh)
                    for number in gone:
                        del known[number]
                    there = self._written = there._replace(commit=commit, mark=changes.mark)
                else:
                    there = there._replace(mark=changes.mark)
                written += len(fresh) + len(gone)
        return written

    def _there(self, folder: Path) -> "_Written":
        """What the generation holds, remembered from the last writing when nobody else wrote since."""
        opened = _open(folder)
        known = self._written
        if known is not None and known.folder == folder and known.commit == opened.latest_generation():
            return known
        snapshot = Snapshot(folder)
        self._written = _Written(
            folder, snapshot.commit, snapshot.mark, snapshot.wording, snapshot.digests(deeply=False)
        )
        return self._written

    def _is_reported(self, name: str) -> bool:
        try:
            return (self.folder / "DAMAGED").read_text("ascii").strip() == name
        except (OSError, ValueError):
            return False

    def rebuild(self, documents: Iterable[Document], mark: Mark, wording: Wording = NO_WORDING) -> int:
        with self._only_writer():
            number = 1 + max((int(path.name[4:10]) for path in self.folder.glob("gen-??????*")), default=0)
            name = f"gen-{number:06}-{secrets.token_hex(3)}"  # never the name of one a reader may have open
            building = self.folder / f"{name}.tmp"
            building.mkdir()
            count = _build(building, documents, mark, wording)
            _sync(building)
            built = Snapshot(building)
            if built.live.bit_count() != count or built.mark.seq != mark.seq:
                raise RuntimeError(f"built an index of {built.live.bit_count()} documents out of {count}")
            building.rename(self.folder / name)
            self._swap(name)
        return count

    def _swap(self, name: str) -> None:
        previous = self._current_or_none()
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
        (self.folder / "DAMAGED").unlink(missing_ok=True)

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        """One writer at a time, over all processes; the kernel lets go when a process dies."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "WRITING").open("w")
        except OSError as error:
            raise SearchUnavailable(f"the index in {self.folder} cannot be written: {error!r}") from error
        with lock:
            patience = time.monotonic() + WAIT_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > patience:
                        raise SearchBusy("the index is being written by somebody else") from None
                    time.sleep(0.05)
            yield


class _Written(NamedTuple):
    """What a writer knows of the generation it writes."""

    folder: Path
    commit: int
    mark: Mark
    wording: Wording
    digests: dict[int, str]


class _Opened(FileIO):
    """A file that Whoosh forgets to close: it is closed with the last reader that knows it, and that is no fault."""

    def _dealloc_warn(self, source: Any) -> None: ...

    def __del__(self) -> None:
        self.close()


class SyncedStorage(FileStorage):  # type: ignore[misc]
    """Files that are on the disk before the table of contents names them; and read as files, for a file that is cut
    short while it is mapped into memory kills the process that reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), supports_mmap=False)

    def open_file(self, name: str, **options: Any) -> StructFile:
        return StructFile(BufferedReader(_Opened(self._fpath(name))), name=name, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        folder = Path(self.folder)
        for path in folder.glob("*.seg"):
            if time.time() - path.stat().st_mtime < 3600:
                _sync_file(path)
        _sync_file(folder / oldname)
        super().rename_file(oldname, newname, safe=safe)
        _sync_folder(folder)


def _open(folder: Path) -> index.FileIndex:
    return SyncedStorage(folder).open_index()


def _commit(there: _Written, documents: Sequence[Document], gone: Iterable[int], mark: Mark) -> int:
    """Write one step: all of it is there after the commit, or nothing. The number of the commit."""
    opened, concepts = _open(there.folder), concepts_of(there.wording)
    with _writer(opened) as writer:
        for number in gone:
            writer.delete_by_term("id", str(number))
        for document in documents:
            writer.delete_by_term("id", str(document.id))
        for document in documents:
            writer.write(document, concepts)
        writer.update_document(id=MARK, facts=_mark_facts(mark, there.wording))
        writer.commit()
    return int(opened.latest_generation())


def _build(folder: Path, documents: Iterable[Document], mark: Mark, wording: Wording) -> int:
    count, concepts = 0, concepts_of(wording)
    with _writer(SyncedStorage(folder).create_index(SCHEMA)) as writer:
        for document in documents:
            writer.write(document, concepts)
            count += 1
        writer.add_document(id=MARK, facts=_mark_facts(mark, wording))
        writer.commit()
    return count


@contextmanager
def _writer(opened: index.FileIndex) -> Iterator["TermWriter"]:
    """A writer that lets go of its files also when what is written with it fails."""
    writer = TermWriter(opened, timeout=WAIT_SECONDS)
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise


class TermWriter(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer for ready terms. Its own sorts a tuple for every word of every document; here the numbers of the
    documents are collected term by term, and written in whole blocks: a fifth of the work for the same files."""

    def __init__(self, opened: index.FileIndex, **options: Any) -> None:
        super().__init__(opened, **options)
        self.pool.cleanup()
        self.pool: Any = _Terms()

    def write(self, document: Document, concepts: Concepts) -> None:
        """Add a document that is not there."""
        self.add_document(id=str(document.id), facts=tuple(Facts.of(document)))
        self.pool.add_all(self.docnum - 1, terms_of(document, concepts))

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        field_writer = self.fieldwriter
        for name in sorted(self.pool.fields):
            terms = self.pool.fields[name]
            field_writer.start_field(name, self.schema[name])
            blocks = field_writer._postwriter
            blocks._mini_weights = _no_weights
            for term in sorted(terms):
                numbers = terms[term]
                field_writer.start_term(term)
                blocks._compression = 3 if len(numbers) > WORTH_COMPRESSING else 0
                for start in range(0, len(numbers), BLOCK):
                    if start:
                        blocks._write_block()
                    blocks._ids = numbers[start : start + BLOCK]
                    blocks._maxweight = 1.0
                field_writer.finish_term()
            field_writer.finish_field()
        field_writer.close()


class _Terms:
    """Which documents have which term, collected in memory; in place of Whoosh's PostingPool."""

    def __init__(self) -> None:
        self.fields: dict[str, dict[bytes, array[int]]] = {}

    def add_all(self, number: int, terms: Mapping[str, Iterable[str]]) -> None:
        for field, values in terms.items():
            having = self.fields.setdefault(field, {})
            for value in values:
                key = value.encode()
                if key in having:
                    having[key].append(number)
                else:
                    having[key] = array("I", (number,))

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """One entry as Whoosh gives it: the id of a document, and everything of segments that are merged."""
        field, term, number, _weight, _value = item
        having = self.fields.setdefault(field, {})
        if term in having:
            having[term].append(number)
        else:
            having[term] = array("I", (number,))

    def cleanup(self) -> None:
        self.fields.clear()


BLOCK, WORTH_COMPRESSING = 4096, 64


def _no_weights() -> None:
    return None


class Facts(NamedTuple):
    """What is stored of a document: what is shown while typing, filtered, counted and ordered by."""

    id: int
    digest: str
    card: tuple[Any, ...]
    group: str | None
    set: int | None
    province: str | None
    stars: int | None
    price: int
    grams: tuple[int, ...]
    certificates: tuple[str, ...]
    in_stock: bool
    sales: int
    created: int
    season: tuple[int, ...]

    @classmethod
    def of(cls, document: Document) -> "Facts":
        return cls(
            id=document.id,
            digest=document.digest,
            card=tuple(Card.of(document)),
            group=document.group,
            set=document.set,
            province=document.province,
            stars=document.stars,
            price=max(0, document.price_dong),
            grams=tuple(sorted(document.grams)),
            certificates=tuple(sorted(document.certificates)),
            in_stock=document.in_stock,
            sales=max(0, document.sales),
            created=max(0, int(document.created_at.timestamp()) - EPOCH),
            season=tuple(sorted(document.season)),
        )


def _mark_facts(mark: Mark, wording: Wording) -> dict[str, Any]:
    return {"seq": mark.seq, "at": mark.at.isoformat(), "wording": asdict(wording)}


def _wording(stored: Mapping[str, Any]) -> Wording:
    return Wording(
        words=tuple(
            SameWords(**{name: _tuple(value) for name, value in one.items()}) for one in stored["words"]
        ),
        provinces=tuple(
            ProvinceNames(**{name: _tuple(value) for name, value in one.items()})
            for one in stored["provinces"]
        ),
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        _sync_file(path)
    _sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Damaged(Exception):
    """A file of the index cannot be read: any of a dozen kinds of exceptions (struct, zlib, pickle, EOF …)."""


class Segment:
    """The documents of one commit, as sets and planes. It never changes; which of them were deleted since is known to
    the snapshot."""

    def __init__(self, leaf: Any) -> None:
        self.leaf = leaf
        self.size: int = leaf.doc_count_all()
        self.bytes_per_set = self.size // 8 + 40
        self._terms: OrderedDict[Term, Bits] = OrderedDict()
        self._looking_up = Lock()
        self.mark: tuple[Mark, Wording] | None = None
        facts = [self._facts(number) for number in range(self.size)]
        self.ids = array("q", (one.id for one in facts))
        self.prices = array("Q", (one.price for one in facts))
        self.sales = array("Q", (one.sales for one in facts))
        self.created = array("Q", (one.created for one in facts))
        self.stars = bytes((one.stars or 0) & 255 for one in facts)
        self.in_stock = bytes(one.in_stock for one in facts)
        self.months = array("H", (sum(1 << month for month in one.season) for one in facts))
        self.provinces, self.province_codes = _coded([one.province for one in facts])
        shops: dict[str, int] = {}
        self.shops = array(
            "I", (shops.setdefault(one.card[3] if one.id else "", len(shops)) for one in facts)
        )
        self.shop_codes = list(shops)
        self.columns: dict[str, dict[Any, Bits]] = {
            "province": _sets(self.provinces, self.province_codes),
            "group": _sets(*_coded([one.group for one in facts])),
            "set": _sets(*_coded([one.set for one in facts])),
            "stars": _sets(*_coded([one.stars for one in facts])),
            "certificate": _many(
                ((n, kind) for n, one in enumerate(facts) for kind in one.certificates), self.size
            ),
            "grams": _many(((n, grams) for n, one in enumerate(facts) for grams in one.grams), self.size),
            "season": _many(((n, month) for n, one in enumerate(facts) for month in one.season), self.size),
        }
        self.planes: dict[str, list[Bits]] = {
            "stock": [where(self.in_stock, 1)],
            "stars": planes_of(self.stars, 3),
            "sold": planes_of([one.bit_length() for one in self.sales], 5),
            "month": planes_of([one // MONTH for one in self.created], 8),
            "price": _planes(self.prices),
            "sales": _planes(self.sales),
            "created": _planes(self.created),
            "id": _planes(self.ids),
        }
        self.names = Names(lambda: (Card(*one.card) for n in range(self.size) if (one := self._facts(n)).id))

    def card(self, number: int) -> Card:
        return Card(*self._facts(number).card)

    def _facts(self, number: int) -> Facts:
        try:
            with self._looking_up:  # Whoosh's files have one reading position
                stored = self.leaf.stored_fields(number)
            facts = stored["facts"]
        except Exception as error:
            raise Damaged(repr(error)) from error
        if stored["id"] == MARK:
            self.mark = (
                Mark(facts["seq"], datetime.fromisoformat(facts["at"])),
                _wording(facts["wording"]),
            )
            return NOBODY
        return Facts(*facts)

    def digest(self, number: int) -> str:
        return self._facts(number).digest

    def having(self, term: Term) -> Bits:
        """The documents whose field has the term; read from the index once."""
        known = self._terms.get(term)
        if known is not None:
            return known
        with self._looking_up:
            bits = 0
            try:
                if term in self.leaf:
                    bits = bits_of(self.leaf.postings(*term).all_ids(), self.size)
            except Exception as error:
                raise Damaged(repr(error)) from error
            self._terms[term] = bits
            while len(self._terms) * self.bytes_per_set > TERM_BYTES and len(self._terms) > 64:
                self._terms.popitem(last=False)
        return bits

    def known_terms(self) -> list[Term]:
        return list(self._terms)

    def walk(self) -> None:
        """Read every posting, so that damage anywhere shows."""
        try:
            with self._looking_up:
                for field, term in self.leaf.all_terms():
                    for _number in self.leaf.postings(field, term).all_ids():
                        pass
        except Exception as error:
            raise Damaged(repr(error)) from error


NOBODY = Facts(0, "", (), None, None, None, None, 0, (), (), False, 0, 0, ())


def _coded(values: Sequence[Any]) -> tuple[bytes, dict[Any, int]]:
    """Each value as a byte; 0 is none. (More than 255 different ones do not occur: sets, provinces, stars, groups.)"""
    codes: dict[Any, int] = {}
    coded = bytearray()
    for value in values:
        coded.append(0 if value is None else codes.setdefault(value, len(codes) + 1))
    return bytes(coded), codes


def _sets(coded: bytes, codes: Mapping[Any, int]) -> dict[Any, Bits]:
    return {value: where(coded, code) for value, code in codes.items()}


def _many(pairs: Iterable[tuple[int, Any]], size: int) -> dict[Any, Bits]:
    numbers: dict[Any, list[int]] = {}
    for number, value in pairs:
        numbers.setdefault(value, []).append(number)
    return {value: bits_of(having, size) for value, having in numbers.items()}


def _planes(values: "array[int]") -> list[Bits]:
    return planes_of(values, max(values, default=0).bit_length())


class Snapshot:
    """One commit of the index: its segments side by side, without what was deleted. It is also the Lexicon."""

    def __init__(self, folder: Path, before: "Snapshot | None" = None, answers: int = 0) -> None:
        self.name = folder.name
        self.index = _open(folder)
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
            name: self.columns[name].get(value, 0)
            for name in ("group", "set", "province", "stars", "certificate", "grams")
            if (value := getattr(query, name)) is not None
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
