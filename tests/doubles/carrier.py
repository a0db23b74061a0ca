"""A carrier as a process of its own, for tests and development: MyVNPost's shapes and a rate hook, and every way in which
they go wrong.

python -m tests.doubles.carrier --secret S [--port 0]      prints the port it listens on

POST /GetAccessToken · /ServicesCharge · /CreateOrder · /orderCancel, GET /GetStatusHistoryOrder     as MyVNPost
POST /rates                                                                                          as a rate hook
GET  /told      what it was asked: {"calls", "prices", "orders", "cancelled"}
POST /history   {"itemCode", "rows": [...]}: what it says of a parcel from now on
POST /faults    {"kind": ..., "times": 2}: the next calls go wrong; without times: until {"kind": null}
  slow (30 s), error (500), html, half (half a JSON), negative (fees), currency (USD), empty (list), huge (10 MB), hang_up,
  refused (401), nonsense (fees of other types), cheap (a hundredth of the price)
"""

import argparse
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.doubles import in_its_own_process

SLOW_SECONDS = 30.0
TOKEN = "a-token-of-the-double"
SERVICES = {"CTN009": (21_000, 3), "ETN001": (27_000, 6), "ETN004": (66_000, 9)}
"""MyVNPost's service → the fee for the first two kilos, and for every further 100 g in hundreds of đồng."""


def fee_of(service: str, grams: int, cod_dong: int = 0) -> int:
    first, more = SERVICES[service]
    return first + max(0, -(-(grams - 2_000) // 100)) * more * 100 + (11_000 if cod_dong else 0)


class Carrier(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, secret: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.secret = secret.encode()
        self.lock = threading.Lock()
        self.calls = self.prices = 0
        self.orders: dict[str, dict[str, Any]] = {}
        self.cancelled: list[str] = []
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.faults: list[str] = []
        self.always: str | None = None

    def next_fault(self) -> str | None:
        with self.lock:
            self.calls += 1
            return self.faults.pop(0) if self.faults else self.always


class Handler(BaseHTTPRequestHandler):
    server: Carrier

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/told":
            s = self.server
            told = {"calls": s.calls, "prices": s.prices, "orders": s.orders, "cancelled": s.cancelled}
            self._answer(200, told)
        elif url.path == "/GetStatusHistoryOrder" and not self._goes_wrong() and self._is_let_in():
            number = parse_qs(url.query).get("itemCode", [""])[0]
            self._answer(200, self.server.history.get(number, []))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/faults":
            asked = json.loads(body)
            self.server.faults.clear()
            self.server.always = None
            if "times" in asked:
                self.server.faults += [asked["kind"]] * asked["times"]
            else:
                self.server.always = asked["kind"]
            self._answer(200, {})
        elif self.path == "/history":
            asked = json.loads(body)
            self.server.history[asked["itemCode"]] = asked["rows"]
            self._answer(200, {})
        elif self._goes_wrong():
            return
        elif self.path == "/rates":
            self._rates(body)
        elif self.path == "/GetAccessToken":
            asked = json.loads(body)
            whole = all(asked.get(key) for key in ("username", "password", "customerCode"))
            self._answer(200 if whole else 401, {"success": whole, "token": TOKEN if whole else None})
        elif self._is_let_in():
            self._post(json.loads(body))

    def _post(self, asked: dict[str, Any]) -> None:
        server = self.server
        if self.path == "/ServicesCharge":
            data = asked["data"]
            cod = sum(int(row["propertyValue"]) for row in data["addonService"] if row["code"] == "GTG021")
            rows = [
                {
                    "serviceCode": code,
                    "totalFee": fee_of(code, data["weight"], cod),
                    "weightConvert": data["weight"],
                }
                for code in SERVICES
            ]
            if data["senderProvinceCode"] != data["receiverProvinceCode"]:
                rows = [row for row in rows if row["serviceCode"] != "ETN004"]
            server.prices += 1
            self._answer(200, self._spoilt(rows, "totalFee"))
        elif self.path == "/CreateOrder":
            told = asked["informationOrder"]
            with server.lock:
                known = server.orders.get(told["saleOrderCode"])
                if known is None:
                    number = f"EV{len(server.orders) + 10_000_001:08d}0VN"
                    known = {
                        **told,
                        "itemCode": number,
                        "totalFee": fee_of(told["serviceCode"], told["weight"]),
                    }
                    server.orders[told["saleOrderCode"]] = known
            self._answer(200, {"itemCode": known["itemCode"], "originalID": 1, "totalFee": known["totalFee"]})
        elif self.path == "/orderCancel":
            server.cancelled.append(asked["itemCode"])
            self._answer(200, {"success": True})
        else:
            self._answer(404, {"message": "no such call"})

    def _rates(self, body: bytes) -> None:
        timestamp = self.headers.get("X-Timestamp", "")
        right = hmac.new(self.server.secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(self.headers.get("X-Signature", ""), f"sha256={right}"):
            self._answer(401, {"error": "signature"})
            return
        asked = json.loads(body)["rate"]
        ready = date.fromisoformat(asked["ready_on"])
        grams = sum(item["grams"] * item["quantity"] for item in asked["items"])
        rates = [
            {
                "service_name": name,
                "service_code": code,
                "total_price": str(fee_of(theirs, grams) * 100),
                "cod_price": "1100000",
                "currency": "VND",
                "min_delivery_date": f"{ready + timedelta(first)} 08:00:00 +0700",
                "max_delivery_date": f"{ready + timedelta(last)} 17:00:00 +0700",
            }
            for code, theirs, name, first, last in (
                ("HOOK-TC", "CTN009", "Xe tải tỉnh", 2, 5),
                ("HOOK-NHANH", "ETN001", "Xe tải nhanh", 1, 2),
            )
        ]
        self.server.prices += 1
        spoilt = self._spoilt(rates, "total_price")
        self._answer(200, {"rates": spoilt})

    # -- what goes wrong --

    def _goes_wrong(self) -> bool:
        self.fault = fault = self.server.next_fault()
        if fault == "hang_up":
            self.connection.close()
            return True
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
            return False
        if fault == "error":
            self._answer(500, {"message": "error"})
        elif fault == "refused":
            self._answer(401, {"message": "who are you"})
        elif fault == "html":
            self._write(200, b"<html><body>Bao tri he thong</body></html>", "text/html")
        elif fault == "half":
            self._write(200, b'[{"serviceCode": "CTN009", "totalFee": 21')
        elif fault == "huge":
            self._write(200, b"[" + b" " * 10_000_000 + b"]")
        else:
            return False
        return True

    def _spoilt(self, rows: list[dict[str, Any]], price: str) -> list[dict[str, Any]]:
        fault = getattr(self, "fault", None)
        if fault == "empty":
            return []
        for row in rows:
            was = int(row[price])
            row.update(
                {
                    "negative": {price: type(row[price])(-was)},
                    "currency": {"currency": "USD"},
                    "nonsense": {price: {"about": was}},
                    "cheap": {price: type(row[price])(was // 100)},
                }.get(fault or "", {})
            )
        return rows

    def _is_let_in(self) -> bool:
        if self.headers.get("token") == TOKEN:
            return True
        self._answer(401, {"message": "token"})
        return False

    def _answer(self, status: int, told: Any) -> None:
        self._write(status, json.dumps(told).encode())

    def _write(self, status: int, body: bytes, kind: str = "application/json") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *words: Any) -> None:
        """Nothing: who runs the test reads its own output."""


# -- for the tests that start it --


class Double:
    """A running carrier."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret
        self.url = f"http://127.0.0.1:{port}"

    @property
    def told(self) -> dict[str, Any]:
        return dict(self._ask("GET", "/told"))

    def fail(self, kind: str | None, times: int | None = None) -> None:
        """The next calls go wrong this way; without `times` until told otherwise (None: all is well)."""
        self._ask("POST", "/faults", {"kind": kind, **({} if times is None else {"times": times})})

    def say(self, number: str, *rows: dict[str, Any]) -> None:
        """What the history of a parcel says from now on."""
        self._ask("POST", "/history", {"itemCode": number, "rows": list(rows)})

    def _ask(self, method: str, path: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, json.dumps(told) if told is not None else None)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()


@contextmanager
def running(secret: str = "a-shared-secret", port: int = 0) -> Iterator[Double]:
    """A carrier in its own process, until the block ends."""
    with in_its_own_process("carrier", "--secret", secret, "--port", str(port)) as listening:
        yield Double(listening, secret)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--secret", required=True)
    asked = options.parse_args()
    carrier = Carrier(asked.port, asked.secret)
    print(carrier.server_address[1], flush=True)  # noqa: T201 (whoever started it reads the port)
    carrier.serve_forever()


if __name__ == "__main__":
    main()
