"""A bank behind SePay as a process of its own, for journeys: somebody transfers money, the bank tells the market.

python -m tests.doubles.bank --key K --market http://127.0.0.1:8000 [--sign hmac] [--port 0]
    prints the port it listens on

POST /transfers   {"content", "amount", "account": "…", "times": 1, "direction": "in"}: the market is told, as often as
                  asked, all at once; answers what the market answered. Like SePay it tries again after a 5xx.
GET /transfers    what was transferred, oldest first
"""

import argparse
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.doubles import in_its_own_process

VIETNAM = timezone(timedelta(hours=7))
TRIES = 3


class Bank(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, key: str, market: str, sign: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.key, self.market, self.sign = key, market.rstrip("/"), sign
        self.transfers: list[dict[str, Any]] = []
        # Each bank begins elsewhere: two of them telling one market never use the same number.
        self.numbers = count(time.time_ns() % 10**12)

    def tell(self, transfer: dict[str, Any]) -> int:
        """Tell the market of a transfer; its last answer's status."""
        body = json.dumps(transfer).encode()
        for attempt in range(TRIES):
            request = Request(
                f"{self.market}/webhooks/sepay",
                body,
                {"Content-Type": "application/json", **self._signature(body)},
            )
            try:
                with urlopen(request, timeout=10) as answer:
                    return int(answer.status)
            except HTTPError as error:
                if error.code < 500:
                    return error.code
            time.sleep(0.2 * attempt)
        return 0

    def _signature(self, body: bytes) -> dict[str, str]:
        if self.sign == "apikey":
            return {"Authorization": f"Apikey {self.key}"}
        at = str(int(datetime.now(UTC).timestamp()))
        made = hmac.new(self.key.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"X-SePay-Timestamp": at, "X-SePay-Signature": f"sha256={made}"}


class Handler(BaseHTTPRequestHandler):
    server: Bank

    def do_GET(self) -> None:
        self._answer(200, {"transfers": self.server.transfers})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        number = next(self.server.numbers)
        transfer = {
            "id": number,
            "gateway": "Agribank",
            "transactionDate": datetime.now(VIETNAM).strftime("%Y-%m-%d %H:%M:%S"),
            "accountNumber": asked.get("account", ""),
            "code": None,
            "content": asked["content"],
            "transferType": asked.get("direction", "in"),
            "transferAmount": asked["amount"],
            "accumulated": 0,
            "subAccount": None,
            "referenceCode": f"FT{number}",
            "description": "",
        }
        self.server.transfers.append(transfer)
        times = asked.get("times", 1)
        with ThreadPoolExecutor(max_workers=times) as everyone:
            answers = list(everyone.map(self.server.tell, [transfer] * times))
        self._answer(200, {"answers": answers, "transfer": transfer})

    def _answer(self, status: int, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


# -- in tests ------------------------------------------------------------------------------------------------------


class Client:
    """The bank from a test's side."""

    def __init__(self, port: int) -> None:
        self.port = port

    def transfer(self, content: str, amount: int, **more: Any) -> list[int]:
        """Somebody transfers money; the statuses the market answered."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/transfers", json.dumps({"content": content, "amount": amount, **more}))
        answers: list[int] = json.loads(connection.getresponse().read())["answers"]
        connection.close()
        return answers


@contextmanager
def running(key: str, market: str, sign: str = "apikey") -> Iterator[Client]:
    """The bank while a test lasts."""
    with in_its_own_process("bank", "--key", key, "--market", market, "--sign", sign) as port:
        yield Client(port)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--key", required=True)
    options.add_argument("--market", required=True)
    options.add_argument("--sign", choices=["apikey", "hmac"], default="apikey")
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    bank = Bank(given.port, given.key, given.market, given.sign)
    sys.stdout.write(f"{bank.server_address[1]}\n")
    sys.stdout.flush()
    bank.serve_forever()


if __name__ == "__main__":
    main()
