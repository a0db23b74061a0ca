"""The search engine alone: one warm process, 240 questions with filters, orders, facets and page 20, no answer kept.

    python -m tests.benchmarks.search [--sizes 17000,100000] [--million] [--postgres no]

Quoted is the best of three rounds of each question: processor time for what runs in the process, time on the clock for
PostgreSQL, whose work is elsewhere, and the processor time of its server. Beside it, on the same goods and questions:
SQLite's FTS5 with facets in SQL, and Whoosh's own search() over the same index, which counts no facets. The rebuild
runs in a process of its own at the lowest priority, and the questions are asked again while it does.
"""

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from whoosh import query as plain
from whoosh.index import open_dir

from marketplace.search.adapters.postgres import PostgresEngine
from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.search.answers import find
from marketplace.search.port import Document, Mark, SearchQuery, Sort
from marketplace.search.terms import Asked
from marketplace.search.vietnamese import syllables
from tests import postgres
from tests.benchmarks import catalogue

ROOT = Path(__file__).resolve().parents[2]
SIZES = (17_000, 100_000)
ROUNDS = 3


def measured(sizes: Sequence[int] = SIZES, with_postgres: bool = True) -> list[dict[str, Any]]:
    return [row for size in sizes for row in _of_size(size, with_postgres)]


def _of_size(size: int, with_postgres: bool) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "search"
        built = _built(folder, size).communicate()[0]
        engine = WhooshEngine(folder, refresh_seconds=3600, answers=0)
        names = [document.name for document in catalogue.documents(size)]
        asked = catalogue.queries(names)
        begun = time.process_time()
        engine.lexicon()
        opened = time.process_time() - begun
        engine.lexicon().respell("cheef")
        idle = _times(lambda query: engine.find(query), asked, time.process_time)
        rows.append(_row(size, "Whoosh, bit sets", idle, **json.loads(built), open_cpu_s=round(opened, 2)))
        read = _times(lambda query: find(engine, query, {}), asked, time.process_time)
        rows.append(_row(size, "… with the text read and repaired", read))
        rows.append(_while_built(size, engine, asked, idle))
        rows.append(_row(size, "Whoosh's own search(), no facets", _own_search(engine, asked)))
    rows.append(_fts5(size, asked))
    if with_postgres:
        rows.append(_postgres(size, asked))
    return rows


def _times(
    ask: Callable[[SearchQuery], Any], asked: Sequence[SearchQuery], clock: Callable[[], float]
) -> list[float]:
    """The best of some rounds for each question, after one that is not counted."""
    best = [float("inf")] * len(asked)
    for number in range(ROUNDS + 1):
        for place, query in enumerate(asked):
            begun = clock()
            ask(query)
            took = clock() - begun
            if number:
                best[place] = min(best[place], took)
    return best


def _row(size: int, what: str, times: Sequence[float], **more: Any) -> dict[str, Any]:
    ordered = sorted(times)
    at = {share: round(1000 * ordered[int(len(ordered) * share / 100)], 3) for share in (50, 95, 99)}
    return {"goods": size, "engine": what, "p50": at[50], "p95": at[95], "p99": at[99], **more}


def _built(folder: Path, size: int) -> "subprocess.Popen[bytes]":
    command = ["nice", "-n", "19", sys.executable, "-m", "tests.benchmarks.search", "--build", str(folder)]
    return subprocess.Popen([*command, "--sizes", str(size)], cwd=ROOT, stdout=subprocess.PIPE)


def build(folder: Path, size: int) -> None:
    """What the process for building does; the goods are thought up in it, too, and that time is taken off."""
    inventing = 0.0

    def invented() -> Iterator[Document]:
        nonlocal inventing
        goods = catalogue.documents(size)
        while True:
            started = time.process_time()
            one = next(goods, None)
            inventing += time.process_time() - started
            if one is None:
                return
            yield one

    begun = time.process_time()
    WhooshEngine(folder).rebuild(invented(), Mark(0, catalogue.START), catalogue.wording())
    print(
        json.dumps(
            {
                "build_cpu_s": round(time.process_time() - begun - inventing, 1),
                "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "index_mb": round(sum(file.stat().st_size for file in folder.rglob("*.*")) / 1e6, 1),
            }
        )
    )


def _while_built(
    size: int, engine: WhooshEngine, asked: Sequence[SearchQuery], idle: Sequence[float]
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as other:
        builder = _built(Path(other) / "search", size)
        time.sleep(3)
        during = _times(lambda query: engine.find(query), asked, time.process_time)
        was_building = builder.poll() is None
        builder.terminate()  # what it builds is nobody's
        builder.communicate()
    return _row(
        size,
        "Whoosh, bit sets, while one is built" + ("" if was_building else " (it ended before)"),
        during,
        times_idle=round(sum(during) / sum(idle), 2),
    )


def _own_search(engine: WhooshEngine, asked: Sequence[SearchQuery]) -> list[float]:
    opened = open_dir(str(engine.folder / engine._current()))
    with opened.searcher() as searcher:

        def ask(query: SearchQuery) -> None:
            words = Asked.of(query.text)
            if words:
                covers = [plain.Or([plain.Term(*term) for term in terms]) for terms in words.covers()]
                searcher.search(plain.And(covers), limit=24)

        return _times(ask, asked[:60], time.process_time)


FACTS = ("grp", "set_no", "province", "stars")


def _fts5(size: int, asked: Sequence[SearchQuery]) -> dict[str, Any]:
    with sqlite3.connect(":memory:") as books:
        books.execute("CREATE VIRTUAL TABLE words USING fts5(name, told, body, content='')")
        books.execute(
            "CREATE TABLE facts (id INTEGER PRIMARY KEY, grp, set_no, province, stars, ocop, season, price, created, "
            "sales, stock)"
        )
        begun = time.process_time()
        for one in catalogue.documents(size):
            told = " ".join((one.shop, *one.called, *one.places))
            folded = [
                " ".join(s.folded for s in syllables(part)) for part in (one.name, told, one.description)
            ]
            books.execute(
                "INSERT INTO words (rowid, name, told, body) VALUES (?, ?, ?, ?)", (one.id, *folded)
            )
            books.execute(
                f"INSERT INTO facts VALUES ({', '.join('?' * 11)})",
                (one.id, one.group, one.set, one.province, one.stars, "ocop" in one.certificates, 11 in one.season,
                 one.price_dong, one.created_at.timestamp(), one.sales, one.in_stock),
            )  # fmt: skip
        built = time.process_time() - begun
        times = _times(lambda query: _ask_fts5(books, query), asked, time.process_time)
    return _row(size, "SQLite FTS5, facets in SQL", times, build_cpu_s=round(built, 1))


def _ask_fts5(books: sqlite3.Connection, query: SearchQuery) -> None:
    words = " ".join(f'"{s.folded}"' for s in syllables(query.text))
    source = (
        "words JOIN facts ON facts.id = words.rowid WHERE words MATCH :words" if words else "facts WHERE 1"
    )
    given: dict[str, Any] = {"words": words}
    for name, column in (("group", "grp"), ("set", "set_no"), ("province", "province"), ("stars", "stars")):
        if getattr(query, name) is not None:
            given[name] = getattr(query, name)
            source += f" AND {column} = :{name}"
    if query.price_max is not None:
        given["high"] = query.price_max
        source += " AND price <= :high"
    source += " AND ocop" if query.certificate else ""
    source += " AND season" if query.in_season else ""
    order = {
        Sort.RELEVANCE: "bm25(words)" if words else "stock DESC, stars DESC, sales DESC",
        Sort.NEWEST: "created DESC",
        Sort.PRICE_ASC: "price",
        Sort.PRICE_DESC: "price DESC",
        Sort.POPULAR: "sales DESC",
    }[query.sort]
    page = f"SELECT facts.id FROM {source} ORDER BY {order} LIMIT 24 OFFSET {24 * (query.page - 1)}"
    books.execute(page, given).fetchall()
    columns = ", ".join(f"facts.{column}" for column in FACTS)
    books.execute(f"CREATE TEMP TABLE m AS SELECT {columns} FROM {source}", given)
    counts = " UNION ALL ".join(f"SELECT {column}, count(*) FROM m GROUP BY 1" for column in FACTS)
    books.execute(f"SELECT 0, count(*) FROM m UNION ALL {counts}").fetchall()
    books.execute("DROP TABLE m")


def _postgres(size: int, asked: Sequence[SearchQuery]) -> dict[str, Any]:
    try:
        address, stop = postgres.start()
    except postgres.NoPostgres as reason:
        return {"goods": size, "engine": f"PostgreSQL: not measured, {reason}"}
    try:
        with create_engine(
            address.format(database="postgres"), isolation_level="AUTOCOMMIT"
        ).connect() as first:
            first.execute(text("CREATE DATABASE bench"))
        database = create_engine(address.format(database="bench"))
        engine = PostgresEngine(3600, lambda: database)
        begun = time.process_time()
        engine.rebuild(catalogue.documents(size), Mark(0, catalogue.START), catalogue.wording())
        built = time.process_time() - begun
        times = _times(lambda query: engine.find(query), asked, time.perf_counter)
        inside = _times(lambda query: engine.find(query), asked, _clock_of(database))
        database.dispose()
    finally:
        stop()
    server = _row(size, "", inside)
    return _row(
        size,
        "PostgreSQL (on the clock)",
        times,
        **{f"server_cpu_{name}": server[name] for name in ("p50", "p95", "p99")},
        build_cpu_s=round(built, 1),
    )


def _clock_of(database: Engine) -> Callable[[], float]:
    """The processor time of the server's process behind the one connection that is asked through; where the system
    does not tell, time on the clock."""
    with database.connect() as connection:
        told = Path(f"/proc/{connection.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    return (lambda: int(told.read_text().split()[0]) / 1e9) if told.exists() else time.perf_counter


def report(rows: Sequence[dict[str, Any]]) -> None:
    print(f"\n{'goods':>9}  {'engine alone, ms':45} {'p50':>8} {'p95':>8} {'p99':>8}")
    for row in rows:
        more = ", ".join(
            f"{name.replace('_', ' ')} {value}"
            for name, value in row.items()
            if name not in ("goods", "engine", "p50", "p95", "p99")
        )
        figures = " ".join(f"{row.get(name, ''):>8}" for name in ("p50", "p95", "p99"))
        print(f"{row['goods']:>9}  {row['engine']:45} {figures}  {more}")


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--sizes", default=",".join(map(str, SIZES)))
    wanted.add_argument("--million", action="store_true")
    wanted.add_argument("--postgres", default="yes", choices=("yes", "no"))
    wanted.add_argument("--build", type=Path)
    options = wanted.parse_args()
    sizes = [int(size) for size in options.sizes.split(",") if size]
    if options.build:
        build(options.build, sizes[0])
        return
    rows = measured(sizes, options.postgres == "yes")
    if options.million:
        rows += _million()
    report(rows)


def _million() -> list[dict[str, Any]]:
    size = 1_000_000
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "search"
        built = _built(folder, size).communicate()[0]
        engine = WhooshEngine(folder, refresh_seconds=3600, answers=0)
        names = [document.name for document in catalogue.documents(size)]
        times = _times(lambda query: engine.find(query), catalogue.queries(names), time.process_time)
    return [_row(size, "Whoosh, bit sets", times, **json.loads(built))]


if __name__ == "__main__":
    main()
