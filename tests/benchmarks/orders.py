"""A whole guest order through its pages, on SQLite and PostgreSQL: what it costs the server, how many a second with 1, 4
and 16 buyers at once, and who gets the last two.

Costs are processor time of the server's own processes. The aims were set on a machine where bare Flask costs 0.19 ms;
bare Flask is measured in the same round here, so that each can be judged as milliseconds and as a multiple of it.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from config import Settings
from marketplace.app import create_app
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Product
from marketplace.foundation.db import db, transaction
from marketplace.foundation.show import slug
from tests import make, postgres, shopping
from tests.conftest import import_models

if TYPE_CHECKING:
    from tests.benchmarks.__main__ import Server

ORDERS, ADDS, HELLOS, ROUNDS = 20, 60, 1_000, 3
BARE_FLASK_MS = 0.19
"""What bare Flask cost on the machine the aims come from."""
BUYERS = (1, 4, 16)
EACH = {1: 12, 4: 6, 16: 3}
LAST, RIVALS = 2, 20
AIMS = {"sqlite": 30.0, "postgresql": 40.0, "add": 3.0}
_numbers = count(1)

Row = dict[str, float | int | str]


class Goods(NamedTuple):
    """One thing on sale: where its page stands, and the pack's code."""

    address: str
    pack: str


def measured(env: dict[str, str], kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> list[Row]:
    return [row for kind in kinds for row in _on(kind, env)]


def report(rows: list[Row]) -> None:
    print(f"\n{'a guest orders':38} {'measured':>12} {'aim':>8} {'× bare':>8} {'aim':>8}")
    for row in rows:
        print(
            f"{row['what']:38} {row['measured']:>12} {row.get('aim', ''):>8}"
            f" {row.get('times_bare_flask', ''):>8} {row.get('aim_times', ''):>8}"
        )


def _on(kind: str, env: dict[str, str]) -> Iterator[Row]:
    from tests.benchmarks.__main__ import served

    with tempfile.TemporaryDirectory() as folder, _database(kind, folder) as url:
        goods, last = _fill(url, folder)
        env = {**env, "INSTANCE_PATH": folder, "DATABASE_URL": url, "DEBUG_HEADERS": ""}
        with served("tests.benchmarks.hello:app", env) as hello, served("wsgi:app", env) as market:
            base = ("127.0.0.1", market.port)
            yield from _costs(kind, hello, market, goods)
            for buyers in BUYERS:
                yield from _together(kind, base, goods, buyers)
            answers = _last_units(base, last)
            yield {
                "what": f"{kind}: {RIVALS} buyers, {LAST} units: sold",
                "measured": answers[303],
                "aim": f"= {LAST}",
            }
            yield {"what": f"{kind}: of those, errors", "measured": _errors(answers), "aim": "= 0"}


def _costs(kind: str, hello: "Server", market: "Server", goods: list[Goods]) -> Iterator[Row]:
    """A whole order and one more press of “into the cart”, beside bare Flask, in turn. The buyers of a stretch come
    over one line kept open, as they do from a proxy."""
    with _line_to(market) as line:
        for number in range(8):
            Buyer(line).orders(goods[number % len(goods)])
    bare, orders, adds = [], [], []
    for _round in range(ROUNDS):
        bare.append(hello.cpu_of(["/hello"] * HELLOS) * 1000)
        with _line_to(market) as line:
            orders.append(_order_ms(market, line, goods))
        with _line_to(market) as line:
            adds.append(_add_ms(market, line, goods))
    yield {"what": f"{kind}: bare Flask, CPU ms", "measured": round(statistics.median(bare), 2)}
    yield _cost(f"{kind}: whole order, CPU ms", orders, bare, AIMS[kind])
    yield _cost(f"{kind}: add to cart, CPU ms", adds, bare, AIMS["add"])


@contextmanager
def _line_to(market: "Server") -> Iterator[http.client.HTTPConnection]:
    """Opened for a stretch: the server hangs up on who says nothing for two seconds."""
    line = _line(("127.0.0.1", market.port))
    try:
        yield line
    finally:
        line.close()


def _cost(what: str, measured_ms: list[float], bare_ms: list[float], aim: float) -> Row:
    """The middle of the rounds, each beside its own bare Flask."""
    return {
        "what": what,
        "measured": round(statistics.median(measured_ms), 1),
        "aim": f"≤ {aim:g}",
        "times_bare_flask": round(
            statistics.median(ms / bare for ms, bare in zip(measured_ms, bare_ms, strict=True)), 1
        ),
        "aim_times": f"≤ {aim / BARE_FLASK_MS:.0f}",
    }


def _order_ms(market: "Server", line: http.client.HTTPConnection, goods: list[Goods]) -> float:
    return _spent(market, [partial(Buyer(line).orders, goods[n % len(goods)]) for n in range(ORDERS)])


def _add_ms(market: "Server", line: http.client.HTTPConnection, goods: list[Goods]) -> float:
    """CPU of one more press of “into the cart” by buyers who have a page of the shop before them."""
    presses = []
    for number in range(ADDS):
        buyer, one = Buyer(line), goods[number % len(goods)]
        buyer.to_the_cart(one)
        token = _token(buyer.ask("GET", "/cart")[1])
        presses.append(partial(buyer.add, one.pack, token))
    return _spent(market, presses)


def _spent(market: "Server", deeds: Sequence[Callable[[], object]]) -> float:
    """Milliseconds of the server's processor time for each."""
    before = market.cpu()
    for deed in deeds:
        deed()
    return (market.cpu() - before) / len(deeds) * 1000


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


def _fill(url: str, folder: str) -> tuple[list[Goods], Goods]:
    """A small market: goods of four farms, and one of which two will be left."""
    market = create_app(Settings(app_env="development", database_url=url, instance_path=Path(folder)))
    with market.app_context():
        import_models()
        db.create_all()
        shopping.rules()
        made = [make.product(name=f"Chè vụ {number}", stock=900_000) for number in range(4)]
        goods = [_goods(product) for product in made]
        last = make.product(name="Hai gói cuối", stock=RIVALS)
        found = _goods(last)
        _LAST_ID.append((url, last.id, make.actor_of(last.farm)))
        db.session.remove()
        db.engine.dispose()
    return goods, found


_LAST_ID: list[tuple[str, int, object]] = []


def _goods(product: Product) -> Goods:
    """As a card of the shelf links to it."""
    return Goods(f"/products/{product.code}-{slug(product.name)}", product.variants[0].code)


class Buyer:
    """A guest's browser: cookies, forms, redirects."""

    def __init__(self, line: http.client.HTTPConnection) -> None:
        self.connection = line
        self.origin = f"http://{line.host}:{line.port}"
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

    def add(self, pack: str, token: str = "") -> None:
        """Press “into the cart”."""
        fields = {"variant": pack, "quantity": "1", "csrf_token": token}
        if self.ask("POST", "/cart/lines", fields)[0] != 303:
            raise RuntimeError("the cart took nothing")

    def to_the_cart(self, goods: Goods) -> None:
        """The product's page, and into the cart."""
        status, said, _where = self.ask("GET", goods.address)
        if status != 200:
            raise RuntimeError(f"{goods.address} answered {status}")
        self.add(goods.pack, _token(said))

    def to_the_till(self, goods: Goods) -> dict[str, str]:
        """The product, the cart, the till: its form, filled in."""
        self.to_the_cart(goods)
        self.ask("GET", "/cart")
        home = {
            "province": "01", "commune": "00166", "street": "Số 12 Cầu Giấy", "name": "Trần Thị Lan",
            "phone": self.phone, "payment_method": "cod",
        }  # fmt: skip
        said = self.ask("GET", f"/checkout?{urlencode(home)}")[1]
        return {**_fields(said), **home}

    def orders(self, goods: Goods) -> int:
        """One whole order; the status of its last page."""
        status, said, where = self.ask("POST", "/checkout", self.to_the_till(goods))
        if status != 303:
            raise RuntimeError(f"the till answered {status}: {re.sub('<[^>]+>', ' ', said)[:900]}")
        return self.ask("GET", where.replace(self.origin, ""))[0]


def _line(base: tuple[str, int]) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(*base, timeout=120)


def _token(page: str) -> str:
    """The token of a page's forms; none while the visitor has no session."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def _fields(page: str) -> dict[str, str]:
    form = page[page.index('action="/checkout"') :]
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form[: form.index("</form>")]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="radio"' in tag and "checked" not in tag):
            fields[name[1]] = value[1] if value else ""
    return fields


def _together(kind: str, base: tuple[str, int], goods: list[Goods], buyers: int) -> Iterator[Row]:
    """So many buyers at once, each ordering again and again."""
    gate = threading.Barrier(buyers + 1)
    took: list[float] = []
    wrong: list[object] = []

    def shop(number: int) -> None:
        gate.wait()
        for turn in range(EACH[buyers]):
            began = time.perf_counter()
            try:
                if Buyer(_line(base)).orders(goods[(number + turn) % len(goods)]) != 200:
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


def _last_units(base: tuple[str, int], last: Goods) -> Counter[int]:
    """Twenty at the till, then two are left, then all press."""
    rivals = [Buyer(_line(base)) for _number in range(RIVALS)]
    forms = [rival.to_the_till(last) for rival in rivals]
    for rival in rivals:
        rival.connection.close()  # the server does not wait for those who think it over
    url, product_id, by = _LAST_ID[-1]
    market = create_app(
        Settings(app_env="development", database_url=url, instance_path=Path(tempfile.mkdtemp()))
    )
    with market.app_context(), transaction():
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
