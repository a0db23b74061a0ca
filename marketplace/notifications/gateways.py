"""One JSON POST to a gateway, and what a status without more to say means."""

import http.client
from collections.abc import Mapping
from urllib.parse import SplitResult

from marketplace.notifications.port import Away, Undeliverable

ACCEPTED = range(200, 300)
TRY_LATER = {408, 423, 425, 429}
LONGEST_ANSWER = 4096


def post(to: SplitResult, body: bytes, headers: Mapping[str, str], timeout: float) -> tuple[int, bytes]:
    """Status and body of the answer. Raises Away where nobody answers."""
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    connection = kind(to.hostname or "", to.port, timeout=timeout)
    path = (to.path or "/") + (f"?{to.query}" if to.query else "")
    try:
        connection.request(
            "POST", path, body, {"Content-Type": "application/json", "Connection": "close", **headers}
        )
        answer = connection.getresponse()
        return answer.status, answer.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as problem:
        raise Away(f"the gateway cannot be reached: {type(problem).__name__}") from problem
    finally:
        connection.close()


def refused(status: int, who: str = "the gateway") -> Away | Undeliverable:
    """What a status that is no yes means for the letter."""
    if status >= 500 or status in TRY_LATER:
        return Away(f"{who} answered {status}")
    return Undeliverable(f"{who} answered {status}")
