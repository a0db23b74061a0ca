"""Whole results pages under `make bench`: words, filters, sorts and deep pages asked of the server, at 537 goods and at
100,000, beside bare Flask in the same round.

python -m tests.benchmarks.shelf [goods …]      by itself
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from tests.benchmarks.__main__ import Server

SIZES = (537, 100_000)
ROUNDS = 3
WORDS = (
    "che tan cuong", "mật ong rừng", "gao nep", "tom kho", "nước mắm phú quốc", "cà phê", "buoi da xanh", "cam sanh",
    "bánh tráng", "mien dong", "khô cá lóc", "hạt điều", "muc kho", "xoài", "trà hoa vàng", "măng khô", "nấm hương",
    "thịt heo", "trai thom", "nuoc mam duoi 200k", "chè 4 sao", "mật ong cà mau", "gạo 5kg", "cua ca mau", "vai thieu",
    "tiêu đen", "muối", "dầu dừa", "khoai lang", "sâm ngọc linh", "tinh dau tram", "chiếu cói", "hoi kho", "ruou nep",
    "đông trùng hạ thảo", "nem chua", "trứng gà ta", "rau muống", "bo", "hạt sen",
)  # fmt: skip
FILTERS = (
    {}, {}, {"province": "96"}, {"stars": "4"}, {"group": "thuc-pham"}, {"price_max": "200000"}, {"certificate": "vietgap"},
    {"set": "8"}, {"in_season": "1"},
)  # fmt: skip
SORTS = ({}, {}, {}, {"sort": "price_asc"}, {"sort": "newest"})
PAGES = ({}, {}, {}, {"page": "2"}, {"page": "20"})


def addresses(count: int = 200) -> list[str]:
    """The questions: the same ones every time, no two alike."""
    chance, found = random.Random(7), {}
    while len(found) < count:
        asked = {"q": chance.choice(WORDS)} if chance.random() < 0.85 else {}
        for part in (FILTERS, SORTS, PAGES):
            asked.update(chance.choice(part))
        found["/products?" + urlencode(asked)] = None
    return list(found)


def measured(sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    """One row per catalogue: milliseconds of processor time a page, as a multiple of bare Flask's, statements."""
    from tests.benchmarks.__main__ import market_env, served

    rows = []
    with ExitStack() as stack:
        for goods in sizes:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            env = market_env(folder)
            subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.shelf", "--seed", str(goods)], check=True, env=env
            )
            hello = stack.enter_context(served("tests.benchmarks.hello:app", env))
            market = stack.enter_context(served("wsgi:app", env))
            rows.append({"goods": goods, **_asked(hello, market)})
    for row in rows:
        row["times_the_smallest"] = round(row["cpu_ms"] / rows[0]["cpu_ms"], 2)
    return rows


def _asked(hello: "Server", market: "Server") -> dict[str, Any]:
    paths = addresses()
    sql = [int(market.get(path)[3].get("X-Sql-Count", 0)) for path in paths]  # also warms up
    ratios, costs, units = [], [], []
    for _ in range(ROUNDS):
        unit = hello.cpu_per_request("/hello")
        cost = market.cpu_of(paths)
        units.append(unit)
        costs.append(cost)
        ratios.append(cost / unit)
    return {
        "pages": len(paths),
        "cpu_ms": round(min(costs) * 1000, 2),
        "bare_flask_ms": round(min(units) * 1000, 2),
        "times_bare_flask": round(statistics.median(ratios), 1),
        "sql_most": max(sql),
        "worker_mb": market.megabytes(),
    }


def report(rows: list[dict[str, Any]]) -> None:
    print(
        f"\n{'results pages':>14} {'CPU ms':>8} {'× bare Flask':>14} {'× smallest':>12} {'SQL ≤':>6} {'PSS MB':>8}"
    )
    for row in rows:
        print(
            f"{row['goods']:>14} {row['cpu_ms']:>8} {row['times_bare_flask']:>14} {row['times_the_smallest']:>12}"
            f" {row['sql_most']:>6} {row['worker_mb']:>8}"
        )


def _seed(goods: int) -> None:
    """A market with so many goods, made in INSTANCE_PATH."""
    from marketplace import bulk, rulebook
    from marketplace.foundation.audit import SYSTEM
    from marketplace.foundation.db import db, transaction
    from wsgi import app

    with app.app_context():
        db.create_all()
        with transaction():
            rulebook.load(SYSTEM)
        bulk.generate(goods, max(20, goods // 20), 0, 0, seed=1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seed"]:
        assert Path(os.environ["INSTANCE_PATH"]).is_dir()
        _seed(int(sys.argv[2]))
    else:
        report(measured(tuple(int(one) for one in sys.argv[1:]) or SIZES))
