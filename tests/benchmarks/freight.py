"""Freight under `make bench`: how fast the tariff answers, and eight buyers at the till while a carrier outside is well,
slow, wrong, dead and back again.

python -m tests.benchmarks.freight      by itself
"""

import http.client
import json
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event, select

BUYERS, PHASE_SECONDS, BACK_SECONDS = 8, 8.0, 40.0
MOBILES = ("086", "090", "091", "093", "096", "097", "098")
"""Numbers that are given out: the till refuses others (0992… belongs to nobody), as it should."""
PHASES: list[tuple[str, str | None]] = [
    ("well", None), ("slow", "slow"), ("wrong", "negative"), ("half", "half"), ("dead", "hang_up"),
]  # fmt: skip
HOW_MANY = 1_500


def tariff_speed() -> dict[str, Any]:
    """Three-farm quotes a second by the pure tariff, in one process."""
    from marketplace.foundation import clock
    from marketplace.shipping import fees
    from marketplace.shipping.adapters import tariff
    from marketplace.shipping.port import Goods, Place, QuoteRequest

    listed = tariff.PriceList(fees.shipped_tariff(), "bench", True)
    asked = [
        QuoteRequest(
            Place(province, commune), Place("01", "00166"), [Goods(500 + n * 700, 250, 200, 150)], 450_000, True,
            frozenset({"dry"}), clock.at(date(2026, 11, 25), datetime.min.time()), date(2026, 11, 25),
        )
        for n, (province, commune) in enumerate((("19", "05503"), ("96", "32191"), ("48", "20194")))
    ]  # fmt: skip
    rates = []
    for _ in range(3):
        begun = time.process_time()
        for _ in range(HOW_MANY):
            for request in asked:
                tariff.answer(listed, request, False)
        rates.append(HOW_MANY / (time.process_time() - begun))
    return {"three_farm_quotes_per_second": round(statistics.median(rates))}


def cart_statements(app: Any) -> dict[str, Any]:
    """SQL statements of a tariff quote for a cart of three farms."""
    from marketplace.foundation.db import db
    from marketplace.shipping import port, quotes

    with app.app_context():
        parts = [(goods.product.farm, [(goods, 1)]) for goods in _variants()[:3]]
        quotes.quote_cart(parts, "00166", carrier=port.tariff())
        said: list[str] = []

        def note(*facts: Any) -> None:
            said.append(facts[2])

        event.listen(db.engine, "before_cursor_execute", note)
        quotes.quote_cart(parts, "00166", carrier=port.tariff())
        event.remove(db.engine, "before_cursor_execute", note)
        return {"three_farm_quote_sql": len(said)}


def _variants() -> list[Any]:
    """A pack of each of several farms, on sale, that travels anywhere."""
    from marketplace.catalog.models import Handling, Variant
    from marketplace.catalog.queries import on_sale
    from marketplace.foundation.db import db

    found: dict[int, Variant] = {}
    for product in db.session.scalars(on_sale()).unique():
        variants = [v for v in product.variants if v.removed_at is None]
        if product.handling is Handling.DRY and not product.is_service and variants:
            found.setdefault(product.farm_id, variants[0])
    return list(found.values())


class Buyer(threading.Thread):
    """Orders from three farms, to somewhere else each time, until told to stop."""

    def __init__(self, port: int, codes: list[str], until: "Phase", number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.codes, self.phase, self.drawn = port, codes, until, random.Random(number)
        self.jar: dict[str, str] = {}
        self.places = _places()
        self.said: list[str] = []

    def run(self) -> None:
        while self.phase.name != "over":
            name = self.phase.name
            self.jar, self.said = {}, []
            try:
                self._order(name)
            except (OSError, http.client.HTTPException, AttributeError, IndexError) as problem:
                self.phase.failed.append(f"{name}: {type(problem).__name__} {problem}")

    def _order(self, name: str) -> None:
        token: dict[str, str] = {}
        for code in self.drawn.sample(self.codes, 3):
            self._send("POST", "/cart/lines", {"variant": code, "quantity": "1", **token})
            if not token:
                token = {
                    key: value
                    for key, value in _hidden(self._send("GET", "/cart")[1]).items()
                    if key == "csrf_token"
                }
        province, commune = self.drawn.choice(self.places)
        where = {"province": province, "commune": commune, "street": "12 Chợ", "payment_method": "cod"}
        phone = f"{self.drawn.choice(MOBILES)}{self.drawn.randrange(10**7):07d}"
        person = {"name": "Người thử", "phone": phone}
        page, took = self._timed("GET", "/checkout?" + urlencode({**where, **person}))
        self.phase.note(name, took, page)
        if len(_chosen(page)) < 3:
            # The till itself says that a farm's goods cannot go there: nobody presses, and it is counted apart.
            self.phase.not_deliverable += 1
            return
        for _try in range(3):
            form = {**where, **person, **_hidden(page), **_chosen(page)}
            self.phase.asked += _try == 0
            status, page, took = self._post(form)
            self.phase.times.append((name, took))
            if status == 303:
                self.phase.placed += 1
                return
            if status != 409:
                break
        self.phase.failed.append(f"{name}: {self.said} {_problems(page)}")

    def _post(self, form: dict[str, str]) -> tuple[int, str, float]:
        begun = time.monotonic()
        status, page = self._send("POST", "/checkout", form)
        return status, page, time.monotonic() - begun

    def _timed(self, method: str, path: str) -> tuple[str, float]:
        begun = time.monotonic()
        _status, page = self._send(method, path)
        return page, time.monotonic() - begun

    def _send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()),
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        self.said.append(f"{method} {path[:24]} {answer.status}")
        for cookie in answer.msg.get_all("Set-Cookie") or []:
            name, _is, value = cookie.partition(";")[0].partition("=")
            self.jar[name] = value
        connection.close()
        return answer.status, page


class Phase:
    """What the buyers saw, and what is going on."""

    def __init__(self) -> None:
        self.name, self.asked, self.placed, self.not_deliverable = "well", 0, 0, 0
        self.times: list[tuple[str, float]] = []
        self.failed: list[str] = []
        self.pages: dict[str, list[bool]] = {}
        self.back_at = self.live_again_at = 0.0

    def note(self, name: str, took: float, page: str) -> None:
        is_live = "VNPost" in page and "tạm tính theo biểu cước" not in page
        self.times.append((name, took))
        self.pages.setdefault(name, []).append(is_live)
        if name == "back" and is_live and not self.live_again_at:
            self.live_again_at = time.monotonic()


def _hidden(page: str) -> dict[str, str]:
    found = {}
    for field in re.findall(r"<input[^>]*type=.hidden.[^>]*>", page):
        name, value = (re.search(rf'{what}="([^"]*)"', field) for what in ("name", "value"))
        if name and name[1] in ("csrf_token", "once", "expected_total"):
            found[name[1]] = value[1] if value else ""
    return found


def _chosen(page: str) -> dict[str, str]:
    return {
        name[1]: value[1]
        for field in re.findall(r"<input[^>]*type=.radio.[^>]*>", page)
        if " checked" in field
        and (name := re.search(r'name="(service-[^"]*)"', field))
        and (value := re.search(r'value="([^"]*)"', field))
    }


def _problems(page: str) -> list[str]:
    """What the till says is wrong, in its own words."""
    summary = re.search(r'<[^>]*role="alert"[^>]*>.*?</(?:div|section)>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", summary[0]).strip()[:200]] if summary else []


def _places() -> list[tuple[str, str]]:
    """Somewhere in every province, several times."""
    from marketplace.places import queries as places

    return [
        (province.code, commune.code)
        for province in places.provinces()
        for commune in [c for c in places.communes(province.code) if not c.is_special_zone][:4]
    ]


def faults(env: dict[str, str], app: Any) -> dict[str, Any]:
    """Eight buyers while the carrier is well, slow, wrong, dead and back."""
    from tests.benchmarks.__main__ import served
    from tests.doubles import carrier

    with app.app_context():
        codes = [variant.code for variant in _variants()[:12]]
    phase = Phase()
    with ExitStack() as stack:
        double = stack.enter_context(carrier.running())
        live = {
            **env, "CARRIER": "vnpost", "VNPOST_BASE_URL": double.url, "VNPOST_USERNAME": "a",
            "VNPOST_PASSWORD": "b", "VNPOST_CUSTOMER_CODE": "c",
        }  # fmt: skip
        market = stack.enter_context(served("wsgi:app", live, threads=BUYERS))
        buyers = [Buyer(market.port, codes, phase, number) for number in range(BUYERS)]
        buyers[0]._order("warm")  # a process that has just started is nobody's fault
        phase.__init__()  # type: ignore[misc]
        for buyer in buyers:
            buyer.start()
        for name, fault in PHASES:
            double.fail(fault)
            phase.name = name
            time.sleep(PHASE_SECONDS)
        double.fail(None)
        phase.name, phase.back_at = "back", time.monotonic()
        while time.monotonic() - phase.back_at < BACK_SECONDS and not phase.live_again_at:
            time.sleep(0.1)
        time.sleep(PHASE_SECONDS / 2)
        phase.name = "over"
        for buyer in buyers:
            buyer.join(40)
    with app.app_context():
        wrong, live_orders, orders = _judged()
    took = sorted(seconds for _name, seconds in phase.times)
    return {
        "buyers": BUYERS,
        "orders_asked": phase.asked,
        "orders_placed": phase.placed,
        "not_deliverable": phase.not_deliverable,
        "not_placed": phase.failed[:5],
        "p50_seconds": round(statistics.median(took), 3),
        "p95_seconds": _p95(took),
        "slowest_seconds": round(took[-1], 3),
        "p95_by_phase": {
            name: _p95([seconds for one, seconds in phase.times if one == name]) for name in phase.pages
        },
        "live_share_by_phase": {n: round(sum(seen) / len(seen), 2) for n, seen in phase.pages.items()},
        "live_share_of_orders": round(live_orders / max(1, orders), 2),
        "seconds_to_recover": round(phase.live_again_at - phase.back_at, 1) if phase.live_again_at else None,
        "wrong_quotes": wrong,
    }


def _p95(seconds: list[float]) -> float:
    return round(sorted(seconds)[int(len(seconds) * 0.95)], 3)


def _judged() -> tuple[int, int, int]:
    """Frozen quotes that are neither what the carrier's double reckons nor, marked as estimate, what the tariff says."""
    from marketplace.foundation.db import db
    from marketplace.orders.models import FarmOrder, Order
    from marketplace.shipping import fees, packing, post_words
    from tests.doubles.carrier import fee_of

    wrong = live = count = 0
    theirs = post_words.words()["services"]
    for farm_order in db.session.scalars(select(FarmOrder).join(Order).where(Order.name == "Người thử")):
        quote = farm_order.quote
        count += 1
        goods = packing.parcels(
            [(line.variant, line.quantity) for line in farm_order.lines], fees.shipped_cartons()
        )
        if quote["source"] == "vnpost":
            live += 1
            right = sum(fee_of(theirs[quote["code"]], one.grams) for one in goods)
            wrong += quote["is_estimate"] or quote["fee_dong"] != right
        else:
            wrong += not quote["is_estimate"] or quote["fee_dong"] != sum(
                p["amount_dong"] for p in quote["parts"]
            )
        wrong += farm_order.shipping_dong != quote["fee_dong"]
    return int(wrong), live, count


def measured(env: dict[str, str]) -> dict[str, Any]:
    """Everything, on a market that is migrated and seeded."""
    from config import Settings
    from marketplace.app import create_app
    from marketplace.catalog import service as catalog
    from marketplace.foundation.audit import SYSTEM
    from marketplace.foundation.db import transaction

    app = create_app(Settings(instance_path=Path(env["INSTANCE_PATH"]), app_env="development", limits="off"))
    with app.app_context(), transaction():
        for variant in _variants()[:12]:
            catalog.receive_stock(variant, 5_000, SYSTEM)
    return {**tariff_speed(), **cart_statements(app), **faults(env, app)}


def report(found: dict[str, Any]) -> None:
    print("\nFreight")
    for name, value in found.items():
        print(f"  {name:32} {value}")


def main() -> None:
    from tests.benchmarks.__main__ import market_env, prepare

    with tempfile.TemporaryDirectory() as folder:
        env = market_env(os.environ.get("BENCH_INSTANCE", folder))
        if "BENCH_INSTANCE" not in os.environ:
            prepare(env)
        found = measured(env)
        report(found)
        json.dump(found, sys.stderr, indent=1)


if __name__ == "__main__":
    main()
