"""The index in a folder, kept by Whoosh 2.7.4: its files, segments and posting lists, but not its searcher.

    instance/search/CURRENT              names the generation in use
    instance/search/DAMAGED              names a generation a reader found damaged: the next follow builds another
    instance/search/gen-000012-5f0c1a/   one generation: built beside, checked, then swapped in by renaming CURRENT

Each process reads the index as a Snapshot (sets of products as whole numbers, see ranking.py) made of Segments. A
segment never changes, so a commit costs a reader the new segment and a mask of what was deleted; a new snapshot is
opened in a thread of its own while the old one goes on answering. Whoosh never calls fsync: its storage here syncs
every file before the table of contents that names it is renamed into place.

The engine is here; what is on the disk in index_folder.py, the sets in segments.py, the answers in snapshots.py.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from marketplace.search.adapters.index_folder import (
    WAIT_SECONDS,
    Written,
    build,
    open_generation,
    sync,
    sync_folder,
    write_step,
)
from marketplace.search.adapters.segments import Damaged
from marketplace.search.adapters.snapshots import Snapshot
from marketplace.search.port import (
    Changes,
    Document,
    Mark,
    Results,
    SearchBusy,
    SearchQuery,
    SearchUnavailable,
    Suggestion,
    Wording,
)

NO_WORDING = Wording()
ANSWERS = 1_000


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
        self._written: Written | None = None

    # -- reading --------------------------------------------------------------------------------------------------

    def find(
        self, query: SearchQuery, nearness: Mapping[str, int] | None = None, *, widely: bool = False
    ) -> Results:
        return self._read(lambda snapshot: snapshot.find(query, nearness or {}, widely))

    def lexicon(self) -> "Words":
        return Words(self._read)

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
                        commit = write_step(there, fresh, gone, changes.mark)
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

    def _there(self, folder: Path) -> "Written":
        """What the generation holds, remembered from the last writing when nobody else wrote since."""
        opened = open_generation(folder)
        known = self._written
        if known is not None and known.folder == folder and known.commit == opened.latest_generation():
            return known
        snapshot = Snapshot(folder)
        self._written = Written(
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
            count = build(building, documents, mark, wording)
            sync(building)
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
        sync_folder(self.folder)
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


class Words:
    """The Lexicon of an engine: each question is a reading of its own, so damage that shows only now is reported, and
    the generation before answers."""

    def __init__(self, read: Callable[[Callable[[Snapshot], Any]], Any]) -> None:
        self._read = read
        self.wording: Wording = read(lambda snapshot: snapshot.wording)

    def respell(self, text: str) -> list[str]:
        return self._read(lambda snapshot: snapshot.respell(text))

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        return self._read(lambda snapshot: snapshot.suggest(text, limit))
