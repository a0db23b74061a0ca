"""One call to a carrier outside: JSON there, JSON back, by a deadline that holds whatever the other side does.

A carrier that drips its answer, sends a page instead of an answer, half an answer, or ten megabytes costs no more than
the deadline and no more memory than LARGEST.
"""

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marketplace.shipping.port import Away, WrongAnswer

LARGEST = 512 * 1024
CHUNK = 16 * 1024
REFUSED = frozenset({401, 403})


class NotLetIn(Away):
    """The carrier does not know our token (any more)."""


def call(url: str, body: Any, headers: Mapping[str, str], until: float, method: str = "POST") -> Any:
    """The answer of a carrier. Raises Away when there is none in time, WrongAnswer when it is no JSON or too long."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_left(until))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(
            method, path, data, {"Content-Type": "application/json", "Connection": "close", **headers}
        )
        answer = connection.getresponse()
        text = _read(connection, answer, until)
    except (OSError, http.client.HTTPException) as problem:
        raise Away(f"{type(problem).__name__}") from problem
    finally:
        connection.close()
    if answer.status in REFUSED:
        raise NotLetIn(f"status {answer.status}")
    if answer.status >= 300:
        raise Away(f"status {answer.status}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise WrongAnswer("not JSON") from None


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Away("out of time")
    return left


def _read(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, until: float) -> bytes:
    text = bytearray()
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(_left(until))
        else:
            _left(until)
        chunk = answer.read1(CHUNK)
        if not chunk:
            return bytes(text)
        text += chunk
        if len(text) > LARGEST:
            raise WrongAnswer("too long")
