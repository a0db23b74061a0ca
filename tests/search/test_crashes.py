"""kill -9 at any point of a commit, a rebuild and the switch: the index is always that of some mark, whole, and what
came after the mark is followed again."""

import os
import random
import signal
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.search.port import Changes, Document, Mark, SearchQuery
from tests.search import goods

START = datetime(2026, 11, 1, tzinfo=UTC)
PRODUCTS = 60
STEP = 7
ENDLESS = 10**6


def product(number: int, touch: int) -> Document:
    """The product as its touch left it."""
    name = f"{goods.documents()[number].name} lần {touch}"
    return Document(id=number + 1, code=f"SP{number}", name=name, price_dong=touch + 1, created_at=START)


def market(seq: int) -> dict[int, Document]:
    """What is on sale after so many touches: the n-th touches product n of 60, each seventh takes it off the shelf."""
    there = {number: product(number, 0) for number in range(PRODUCTS)}
    for touch in range(max(1, seq - 2 * PRODUCTS), seq + 1):
        if touch % 7:
            there[touch % PRODUCTS] = product(touch % PRODUCTS, touch)
        else:
            there.pop(touch % PRODUCTS, None)
    return {document.id: document for document in there.values()}


def follow(until: int) -> Callable[[Mark], Changes | None]:
    def changes_since(mark: Mark) -> Changes | None:
        if mark.seq >= until:
            return None
        seq = min(until, mark.seq + STEP)
        now = market(seq)
        touched = {touch % PRODUCTS + 1 for touch in range(mark.seq + 1, seq + 1)}
        return Changes(
            documents=[now[number] for number in sorted(touched & now.keys())],
            gone=sorted(touched - now.keys()),
            mark=Mark(seq, START),
        )

    return changes_since


def commit(engine: WhooshEngine) -> None:
    engine.update(follow(ENDLESS))


def rebuild(engine: WhooshEngine) -> None:
    while True:
        seq = engine.mark().seq + 1
        engine.rebuild(market(seq).values(), Mark(seq, START))


def switch(engine: WhooshEngine) -> None:
    """Hardly anything but renaming."""
    name = engine._current()
    while True:
        engine._swap(name)


def test_killed_at_any_point(tmp_path, full):
    folder = tmp_path / "search"
    WhooshEngine(folder).rebuild(market(0).values(), Mark(0, START))
    chance = random.Random(7)
    seq = 0
    counted = {commit: 0, rebuild: 0, switch: 0}
    for trial in range(100 if full else 8):
        deed = (commit, rebuild, commit, switch, rebuild)[trial % 5]
        killed(folder, deed, chance.random() * (0.25 if full else 0.12))
        counted[deed] += 1
        reader = WhooshEngine(folder)
        mark = reader.mark()
        assert mark.seq >= seq, "what was followed is lost"
        seq = mark.seq
        now = {number: document.digest for number, document in market(seq).items()}
        assert reader.digests() == now, f"trial {trial}: not the market of touch {seq}"
        assert reader.find(SearchQuery()).total == len(now)
        seq += chance.randrange(12)  # the market goes on; the next worker follows
        WhooshEngine(folder).update(follow(seq))
        assert WhooshEngine(folder).digests() == {n: d.digest for n, d in market(seq).items()}
    WhooshEngine(folder).rebuild(market(seq).values(), Mark(seq, START))
    assert len(list(folder.glob("gen-*"))) <= 2, "left over by killed rebuilds"


def killed(folder: Path, deed: Callable[[WhooshEngine], None], after: float) -> None:
    """A process of its own begins the deed and is killed in the middle."""
    ready, begin = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking while another test's thread ends
        child = os.fork()
    if not child:
        try:
            engine = WhooshEngine(folder)
            engine.mark()
            os.write(begin, b"!")
            deed(engine)
        finally:
            os._exit(1)
    os.read(ready, 1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(ready)
    os.close(begin)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "it ended by itself"
