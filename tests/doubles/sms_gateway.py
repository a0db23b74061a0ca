"""An SMS gateway as a process of its own, for tests: it checks signatures, drops an id it has seen, fails when told.

python -m tests.doubles.sms_gateway --secret S [--port 0]      prints the port it listens on

POST /sms       {id, to, text}, signed: `X-Signature: sha256=<hex>` over "<X-Timestamp>.<body>"
GET /messages   what it took, oldest first
POST /faults    {"kind": "error" | "busy" | "refuse" | "slow" | "hang_up", "times": 2}: the next calls go wrong
"""

import argparse
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.doubles import in_its_own_process

ANSWERS = {"error": 500, "busy": 429, "refuse": 400}
OLDEST_SECONDS = 300
SLOW_SECONDS = 3.0


class Gateway(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, secret: str, handler: "type[Handler]") -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.secret = secret.encode()
        self.messages: list[dict[str, Any]] = []
        self.calls = 0
        self.faults: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        self._answer(200, {"messages": self.server.messages, "calls": self.server.calls})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/faults":
            asked = json.loads(body)
            self.server.faults += [asked["kind"]] * asked.get("times", 1)
            self._answer(200, {})
            return
        self.server.calls += 1
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault == "hang_up":
            self.connection.close()
            return
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        if fault in ANSWERS:
            self._answer(ANSWERS[fault], {"error": fault})
        else:
            self._judge(body, fault)

    def _judge(self, body: bytes, fault: str | None) -> None:
        if not self._is_signed(body):
            self._answer(401, {"error": "signature"})
        else:
            self._take(json.loads(body))

    def _take(self, message: dict[str, str]) -> None:
        if any(message["id"] == known["id"] for known in self.server.messages):
            self._answer(409, {"error": "seen before"})
            return
        self.server.messages.append(message)
        self._answer(202, {"id": message["id"]})

    def _is_signed(self, body: bytes) -> bool:
        timestamp = self.headers.get("X-Timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > OLDEST_SECONDS:
            return False
        right = hmac.new(self.server.secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers.get("X-Signature", ""), f"sha256={right}")

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *words: Any) -> None:
        """Nothing: who runs the test reads its own output."""


# -- for the tests that start it --


class Double:
    """A running gateway."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret
        self.url = f"http://127.0.0.1:{port}/sms"

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/messages")["messages"])

    @property
    def calls(self) -> int:
        return int(self._ask("GET", "/messages")["calls"])

    def fail(self, kind: str, times: int = 1) -> None:
        """The next calls go wrong this way."""
        self._ask("POST", "/faults", {"kind": kind, "times": times})

    def _ask(self, method: str, path: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, json.dumps(told) if told is not None else None)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()


@contextmanager
def running(secret: str = "a-shared-secret", name: str = "sms_gateway") -> Iterator[Double]:
    """A gateway in its own process, until the block ends."""
    with in_its_own_process(name, "--secret", secret) as port:
        yield Double(port, secret)


def main(handler: type[Handler] = Handler) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--secret", required=True)
    asked = options.parse_args()
    gateway = Gateway(asked.port, asked.secret, handler)
    print(gateway.server_address[1], flush=True)  # noqa: T201 (whoever started it reads the port)
    gateway.serve_forever()


if __name__ == "__main__":
    main()
