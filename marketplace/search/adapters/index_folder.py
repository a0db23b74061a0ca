"""One generation of the index on the disk: the files, what is stored in them, and how a step is written."""

import os
import warnings
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any, NamedTuple

from marketplace.search.port import Document, Mark, ProvinceNames, SameWords, Wording
from marketplace.search.suggestions import Card
from marketplace.search.terms import FIELDS, terms_of
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
WAIT_SECONDS = 3.0
EPOCH = 1_600_000_000
"""Seconds are counted from here, so that they need fewer planes."""

SCHEMA = fields.Schema(
    id=fields.ID(unique=True, stored=True),
    facts=fields.STORED(),
    **{field: fields.ID() for field in FIELDS},
)


class Written(NamedTuple):
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
        written_at = (folder / oldname).stat().st_mtime
        for path in folder.glob("*.seg"):
            if written_at - path.stat().st_mtime < 3600:
                _sync_file(path)
        _sync_file(folder / oldname)
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(folder)


def open_generation(folder: Path) -> index.FileIndex:
    return SyncedStorage(folder).open_index()


def write_step(there: Written, documents: Sequence[Document], gone: Iterable[int], mark: Mark) -> int:
    """Write one step: all of it is there after the commit, or nothing. The number of the commit."""
    opened, concepts = open_generation(there.folder), concepts_of(there.wording)
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


def build(folder: Path, documents: Iterable[Document], mark: Mark, wording: Wording) -> int:
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


def wording_of(stored: Mapping[str, Any]) -> Wording:
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


def sync(folder: Path) -> None:
    for path in folder.iterdir():
        _sync_file(path)
    sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
