"""Stripe as a process of its own, as far as the market speaks to it: Checkout Sessions, PaymentIntents, refunds, signed
events, and failures on demand. The real `stripe` library talks to it (STRIPE_API_BASE).

python -m tests.doubles.stripe --secret whsec_… --market http://127.0.0.1:8000 [--port 0]
    prints the port it listens on

POST /v1/checkout/sessions, GET /v1/checkout/sessions/<id>, POST …/expire, GET /v1/payment_intents/<id>,
POST /v1/refunds, GET /v1/refunds/<id>      as Stripe answers them; Idempotency-Key as Stripe keeps it
GET  /c/pay/<session>                       the page a buyer pays on: a button to pay, a link back
POST /c/pay/<session>                       paid: the market is told, the browser goes to success_url
POST /test/pay        {"session", "amount"?, "currency"?, "tell": true, "times": 1}
POST /test/tell       {"type", "object", "age"?, "secret"?, "times"?}      any event, signed
POST /test/fail       {"status": 500, "times": 2}                          the next calls to /v1 fail
GET  /test/calls                                                           what was asked, oldest first
"""

import argparse
import hashlib
import hmac
import itertools
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from tests.doubles import in_its_own_process

SHORTEST = 30 * 60
LARGEST = 99_999_999


class Refused(Exception):
    """An answer of Stripe's that is no."""

    def __init__(self, status: int, kind: str, words: str) -> None:
        super().__init__(words)
        self.status, self.kind, self.words = status, kind, words


class Stripe(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, secret: str, market: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.secret, self.market = secret, market.rstrip("/")
        self.lock = Lock()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, dict[str, Any]]] = {}
        self.calls: list[dict[str, Any]] = []
        self.failures: list[int] = []
        begin = time.time_ns() % 10**10
        self.numbers = itertools.count(begin)

    def id(self, prefix: str) -> str:
        return f"{prefix}_test_{next(self.numbers)}"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    # -- what the market asks --------------------------------------------------------------------------------------

    def asked(self, method: str, path: str, said: dict[str, Any], key: str) -> dict[str, Any]:
        with self.lock:
            if self.failures:
                raise Refused(self.failures.pop(0), "api_error", "something went wrong on Stripe's end")
            facts = json.dumps([path, said], sort_keys=True)
            if key and key in self.answers:
                before, answer = self.answers[key]
                if before != facts:
                    raise Refused(400, "idempotency_error", "this key was used with other parameters")
                return answer
            answer = self._answer(method, path, said)
            if key:
                self.answers[key] = (facts, answer)
            return answer

    def _answer(self, method: str, path: str, said: dict[str, Any]) -> dict[str, Any]:
        parts = path.strip("/").split("/")[1:]
        match (method, parts):
            case ("POST", ["checkout", "sessions"]):
                return self._new_session(said)
            case ("GET", ["checkout", "sessions", number]):
                return self._found(self.sessions, number)
            case ("POST", ["checkout", "sessions", number, "expire"]):
                session = self._found(self.sessions, number)
                if session["status"] != "open":
                    raise Refused(400, "invalid_request_error", "only an open session can be expired")
                session["status"] = "expired"
                return session
            case ("GET", ["payment_intents", number]):
                return self._found(self.intents, number)
            case ("POST", ["refunds"]):
                return self._new_refund(said)
            case ("GET", ["refunds", number]):
                return self._found(self.refunds, number)
        raise Refused(404, "invalid_request_error", f"no such address: {method} {path}")

    @staticmethod
    def _found(shelf: dict[str, dict[str, Any]], number: str) -> dict[str, Any]:
        if number not in shelf:
            raise Refused(404, "invalid_request_error", f"no such object: {number}")
        return shelf[number]

    def _new_session(self, said: dict[str, Any]) -> dict[str, Any]:
        item = said["line_items"]["0"]
        price = item["price_data"]
        amount = int(price["unit_amount"]) * int(item["quantity"])
        if price["currency"] != "vnd" or not 0 < amount <= LARGEST:
            raise Refused(400, "invalid_request_error", "amount or currency out of range")
        expires = int(said["expires_at"])
        if not SHORTEST - 5 <= expires - time.time() <= 24 * 3600:
            raise Refused(400, "invalid_request_error", "expires_at must be 30 minutes to 24 hours from now")
        number = self.id("cs")
        self.sessions[number] = {
            "id": number, "object": "checkout.session", "status": "open", "payment_status": "unpaid",
            "amount_total": amount, "currency": price["currency"], "mode": "payment",
            "client_reference_id": said.get("client_reference_id"), "metadata": said.get("metadata", {}),
            "payment_intent": None, "success_url": said["success_url"], "cancel_url": said["cancel_url"],
            "expires_at": expires, "url": f"{self.base}/c/pay/{number}",
        }  # fmt: skip
        return self.sessions[number]

    def _new_refund(self, said: dict[str, Any]) -> dict[str, Any]:
        intent = self._found(self.intents, said["payment_intent"])
        amount = int(said.get("amount", intent["amount"]))
        if amount <= 0 or amount > intent["amount"] - intent["refunded"]:
            raise Refused(400, "invalid_request_error", "more than what is left of the charge")
        intent["refunded"] += amount
        number = self.id("re")
        self.refunds[number] = {
            "id": number, "object": "refund", "amount": amount, "currency": intent["currency"],
            "payment_intent": intent["id"], "status": "succeeded", "metadata": said.get("metadata", {}),
        }  # fmt: skip
        return self.refunds[number]

    # -- what the buyer does ---------------------------------------------------------------------------------------

    def pay(self, number: str, amount: int | None = None, currency: str | None = None) -> dict[str, Any]:
        """The buyer pays a session; the session as an event tells it."""
        with self.lock:
            session = self._found(self.sessions, number)
            if session["status"] == "open":
                intent = self.id("pi")
                self.intents[intent] = {
                    "id": intent, "object": "payment_intent", "amount": session["amount_total"],
                    "currency": session["currency"], "status": "succeeded", "refunded": 0,
                    "metadata": session["metadata"],
                }  # fmt: skip
                session.update(status="complete", payment_status="paid", payment_intent=intent)
            told = dict(session)
        if amount is not None:
            told["amount_total"] = amount
        if currency is not None:
            told["currency"] = currency
        return told

    # -- what the market is told -----------------------------------------------------------------------------------

    def tell(
        self, kind: str, about: dict[str, Any], times: int = 1, age: int = 0, secret: str | None = None,
        event_id: str | None = None,
    ) -> list[int]:  # fmt: skip
        """One event, as often as asked, all at once; what the market answered."""
        event = {
            "id": event_id or self.id("evt"), "object": "event", "type": kind,
            "created": int(time.time()), "data": {"object": about},
        }  # fmt: skip
        body = json.dumps(event).encode()
        at = int(time.time()) - age
        made = hmac.new(
            (secret or self.secret).encode(), f"{at}.".encode() + body, hashlib.sha256
        ).hexdigest()
        headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={made}"}

        def once(_time: int) -> int:
            try:
                with urlopen(Request(f"{self.market}/webhooks/stripe", body, headers), timeout=20) as answer:
                    return int(answer.status)
            except HTTPError as error:
                return error.code
            except URLError:
                return 0

        with ThreadPoolExecutor(max_workers=min(times, 16)) as everyone:
            return list(everyone.map(once, range(times)))


class Handler(BaseHTTPRequestHandler):
    server: Stripe

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/test/calls":
            self._json(200, {"calls": self.server.calls})
        elif path.startswith("/c/pay/"):
            self._page(path.rpartition("/")[2])
        else:
            self._api("GET", path, {})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if path.startswith("/c/pay/"):
            told = self.server.pay(path.rpartition("/")[2])
            self.server.tell("checkout.session.completed", told)
            self.send_response(303)
            self.send_header("Location", told["success_url"])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/test/"):
            self._test(path.removeprefix("/test/"), json.loads(body or b"{}"))
        else:
            self._api("POST", path, _nested(body.decode()))

    def _api(self, method: str, path: str, said: dict[str, Any]) -> None:
        key = self.headers.get("Idempotency-Key", "")
        self.server.calls.append({"method": method, "path": path, "said": said, "key": key})
        try:
            self._json(200, self.server.asked(method, path, said, key))
        except Refused as no:
            self._json(no.status, {"error": {"type": no.kind, "message": no.words}})

    def _test(self, deed: str, said: dict[str, Any]) -> None:
        if deed == "pay":
            told = self.server.pay(said["session"], said.get("amount"), said.get("currency"))
            answers = []
            if said.get("tell", True):
                answers = self.server.tell("checkout.session.completed", told, said.get("times", 1))
            self._json(200, {"session": told, "answers": answers})
        elif deed == "tell":
            answers = self.server.tell(
                said["type"], said["object"], said.get("times", 1), said.get("age", 0), said.get("secret"),
                said.get("event_id"),
            )  # fmt: skip
            self._json(200, {"answers": answers})
        else:
            self.server.failures = [said.get("status", 500)] * said.get("times", 1)
            self._json(200, {})

    def _page(self, number: str) -> None:
        session = self.server.sessions.get(number)
        if session is None or session["status"] == "expired":
            self._html(404, "<h1>This page is closed</h1>")
            return
        self._html(
            200,
            f"<h1>Test Stripe</h1><p id=amount>{session['amount_total']} VND</p>"
            f"<form method=post action='/c/pay/{number}'><button>Pay</button></form>"
            f"<a href='{session['cancel_url']}'>Back</a>",
        )

    def _html(self, status: int, words: str) -> None:
        self._send(
            status,
            "text/html; charset=utf-8",
            f"<!doctype html><link rel=icon href='data:,'><title>Stripe</title>{words}".encode(),
        )

    def _json(self, status: int, said: Any) -> None:
        self._send(status, "application/json", json.dumps(said).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def _nested(form: str) -> dict[str, Any]:
    """`a[b][0]=c` as Stripe's library sends it → {"a": {"b": {"0": "c"}}}."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        head, *rest = name.replace("]", "").split("[")
        shelf = found
        for part, following in zip([head, *rest], rest, strict=False):
            del following
            shelf = shelf.setdefault(part, {})
        shelf[(rest or [head])[-1]] = value
    return found


# -- in tests ------------------------------------------------------------------------------------------------------


class Client:
    """Stripe from a test's side."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.base = f"http://127.0.0.1:{port}"

    def _ask(self, path: str, **said: Any) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST" if said or path != "/test/calls" else "GET", path, json.dumps(said))
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def pay(self, session: str, **more: Any) -> dict[str, Any]:
        """The buyer pays a page; what the event says and what the market answered."""
        answer: dict[str, Any] = self._ask("/test/pay", session=session, **more)
        return answer

    def tell(self, kind: str, about: dict[str, Any], **more: Any) -> list[int]:
        """Any event; what the market answered."""
        answers: list[int] = self._ask("/test/tell", type=kind, object=about, **more)["answers"]
        return answers

    def fail(self, status: int = 500, times: int = 1) -> None:
        """The next calls fail."""
        self._ask("/test/fail", status=status, times=times)

    def calls(self) -> list[dict[str, Any]]:
        """What the market asked."""
        found: list[dict[str, Any]] = self._ask("/test/calls")["calls"]
        return found


@contextmanager
def running(secret: str, market: str = "http://127.0.0.1:9", port: int = 0) -> Iterator[Client]:
    """Stripe while a test lasts."""
    with in_its_own_process(
        "stripe", "--secret", secret, "--market", market, "--port", str(port)
    ) as listening:
        yield Client(listening)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--secret", required=True)
    options.add_argument("--market", required=True)
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    stripe = Stripe(given.port, given.secret, given.market)
    sys.stdout.write(f"{stripe.server_address[1]}\n")
    sys.stdout.flush()
    stripe.serve_forever()


if __name__ == "__main__":
    main()
