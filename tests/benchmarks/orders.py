"""A whole guest order through its pages, on SQLite and PostgreSQL: what it costs the server, how many a second with 1, 4
and 16 buyers at once, and who gets the last two.

Run alone: `python -m tests.benchmarks.orders [sqlite|postgresql]`."""

import http.client
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from config import Settings
from marketplace.app import create_app
from marketplace.catalog import service as catalog
from marketplace.foundation.db import db, transaction
from tests import make, postgres, shopping
from tests.conftest import import_models

ORDERS, ADDS = 30, 100
BUYERS = (1, 4, 16)
EACH = {1: 12, 4: 6, 16: 3}
LAST, RIVALS = 2, 20
AIMS = {"sqlite": 30.0, "postgresql": 40.0, "add": 3.0}
_numbers = count(1)

Row = dict[str, float | int | str]


def measured(env: dict[str, str], kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> list[Row]:
    return [row for kind in kinds for row in _on(kind, env)]


def report(rows: list[Row]) -> None:
    print(f"\n{'a guest orders':34} {'measured':>12} {'aim':>8}")
    for row in rows:
        print(f"{row['what']:34} {row['measured']:>12} {row.get('aim', ''):>8}")


def _on(kind: str, env: dict[str, str]) -> Iterator[Row]:
    from tests.benchmarks.__main__ import served

    with tempfile.TemporaryDirectory() as folder, _database(kind, folder) as url:
        goods, last = _fill(url, folder)
        env = {**env, "INSTANCE_PATH": folder, "DATABASE_URL": url, "DEBUG_HEADERS": ""}
        with served("wsgi:app", env) as market:
            base = ("127.0.0.1", market.port)
            for _time in range(8):
                Buyer(base).orders(goods[0])
            before = market._cpu()
            for number in range(ORDERS):
                Buyer(base).orders(goods[number % len(goods)])
            spent = (market._cpu() - before) / ORDERS * 1000
            yield {
                "what": f"{kind}: whole order, CPU ms",
                "measured": round(spent, 1),
                "aim": f"≤ {AIMS[kind]:g}",
            }
            yield {
                "what": f"{kind}: add to cart, CPU ms",
                "measured": _adding(market, base, goods),
                "aim": "≤ 3",
            }
            for buyers in BUYERS:
                yield from _together(kind, base, goods, buyers)
            answers = _last_units(base, last)
            yield {
                "what": f"{kind}: {RIVALS} buyers, {LAST} units: sold",
                "measured": answers[303],
                "aim": f"= {LAST}",
            }
            yield {"what": f"{kind}: of those, errors", "measured": _errors(answers), "aim": "= 0"}


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{Path(folder) / 'market.db'}"
        return
    address, stop = postgres.start()
    try:
        engine = create_engine(address.format(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE bench"))
        engine.dispose()
        yield address.format(database="bench")
    finally:
        stop()


def _fill(url: str, folder: str) -> tuple[list[tuple[str, str]], tuple[str, str]]:
    """A small market: goods of four farms, and one of which two are left; (product, pack) codes."""
    market = create_app(Settings(app_env="development", database_url=url, instance_path=Path(folder)))
    with market.app_context():
        import_models()
        db.create_all()
        shopping.rules()
        made = [make.product(name=f"Chè vụ {number}", stock=900_000) for number in range(4)]
        goods = [(product.code, product.variants[0].code) for product in made]
        last = make.product(name="Hai gói cuối", stock=RIVALS)
        found = (last.code, last.variants[0].code)
        _LAST_ID.append((url, last.id, make.actor_of(last.farm)))
        db.session.remove()
        db.engine.dispose()
    return goods, found


_LAST_ID: list[tuple[str, int, object]] = []


class Buyer:
    """A guest's browser: cookies, forms, redirects."""

    def __init__(self, base: tuple[str, int]) -> None:
        self.connection = http.client.HTTPConnection(*base, timeout=120)
        self.origin = f"http://{base[0]}:{base[1]}"
        self.cookies: dict[str, str] = {}
        self.phone = f"09{next(_numbers):08d}"

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {"Origin": self.origin, "Referer": f"{self.origin}/"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
        for cookie in answer.msg.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, said, answer.getheader("Location", "")

    def add(self, pack: str, token: str = "") -> int:
        return self.ask("POST", "/cart/lines", {"variant": pack, "quantity": "1", "csrf_token": token})[0]

    def to_the_till(self, goods: tuple[str, str]) -> dict[str, str]:
        """The product, the cart, the till: its form, filled in."""
        status, said, where = self.ask("GET", f"/products/{goods[0]}")
        if status == 301:
            status, said, where = self.ask("GET", where)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', said)
        if self.add(goods[1], found[1] if found else "") != 303:
            raise RuntimeError("the cart took nothing")
        self.ask("GET", "/cart")
        home = {
            "province": "01", "commune": "00166", "street": "Số 12 Cầu Giấy", "name": "Trần Thị Lan",
            "phone": self.phone, "payment_method": "cod",
        }  # fmt: skip
        status, said, where = self.ask("GET", f"/checkout?{urlencode(home)}")
        return {**_fields(said), **home}

    def orders(self, goods: tuple[str, str]) -> int:
        """One whole order; the status of its last page."""
        status, said, where = self.ask("POST", "/checkout", self.to_the_till(goods))
        if status != 303:
            raise RuntimeError(f"the till answered {status}: {re.sub('<[^>]+>', ' ', said)[:900]}")
        return self.ask("GET", where.replace(self.origin, ""))[0]


def _fields(page: str) -> dict[str, str]:
    form = page[page.index('action="/checkout"') :]
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form[: form.index("</form>")]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="radio"' in tag and "checked" not in tag):
            fields[name[1]] = value[1] if value else ""
    return fields


def _adding(market, base: tuple[str, int], goods: list[tuple[str, str]]) -> float:  # type: ignore[no-untyped-def]
    """CPU of one more press of “into the cart”."""
    buyers = [Buyer(base) for _number in range(ADDS)]
    before = market._cpu()
    for number, buyer in enumerate(buyers):
        if buyer.add(goods[number % len(goods)][1]) != 303:
            raise RuntimeError("the cart took nothing")
    return round((market._cpu() - before) / ADDS * 1000, 2)


def _together(kind: str, base: tuple[str, int], goods: list[tuple[str, str]], buyers: int) -> Iterator[Row]:
    """So many buyers at once, each ordering again and again."""
    gate, took, wrong = threading.Barrier(buyers + 1), [], []

    def shop(number: int) -> None:
        gate.wait()
        for turn in range(EACH[buyers]):
            began = time.perf_counter()
            try:
                if Buyer(base).orders(goods[(number + turn) % len(goods)]) != 200:
                    wrong.append(number)
            except (RuntimeError, OSError) as error:
                wrong.append(error)
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=shop, args=[number]) for number in range(buyers)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - began
    p95 = sorted(took)[max(0, round(len(took) * 0.95) - 1)]
    words = f"{kind}: {buyers} buyers"
    yield {"what": f"{words}, orders a second", "measured": round(len(took) / whole, 1)}
    yield {
        "what": f"{words}, one order p50 / p95 s",
        "measured": f"{statistics.median(took):.2f} / {p95:.2f}",
    }
    yield {"what": f"{words}, errors", "measured": len(wrong), "aim": "= 0"}


def _last_units(base: tuple[str, int], last: tuple[str, str]) -> Counter[int]:
    """Twenty at the till, then two are left, then all press."""
    rivals = [Buyer(base) for _number in range(RIVALS)]
    forms = [rival.to_the_till(last) for rival in rivals]
    for rival in rivals:
        rival.connection.close()  # the server does not wait for those who think it over
    url, product_id, by = _LAST_ID[-1]
    market = create_app(
        Settings(app_env="development", database_url=url, instance_path=Path(tempfile.mkdtemp()))
    )
    with market.app_context(), transaction():
        from marketplace.catalog.models import Product

        catalog.correct_stock(db.session.get_one(Product, product_id).variants[0], LAST, by)  # type: ignore[arg-type]
    gate, answers = threading.Barrier(RIVALS), Counter[int]()

    def press(number: int) -> None:
        gate.wait()
        answers[rivals[number].ask("POST", "/checkout", forms[number])[0]] += 1

    threads = [threading.Thread(target=press, args=[number]) for number in range(RIVALS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _errors(answers: Counter[int]) -> int:
    return sum(times for status, times in answers.items() if status not in (303, 409))


if __name__ == "__main__":
    from tests.benchmarks.__main__ import market_env

    with tempfile.TemporaryDirectory() as place:
        report(measured(market_env(place), tuple(sys.argv[1:]) or ("sqlite", "postgresql")))
    os._exit(0)
