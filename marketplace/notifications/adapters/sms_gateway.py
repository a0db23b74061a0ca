"""The SMS gateway: a signed JSON POST `{id, to, text}`.

`X-Signature: sha256=<hex of HMAC-SHA256(secret, "<timestamp>.<body>")>` with `X-Timestamp` in seconds since 1970, so
that a call that was overheard is worth nothing later. The gateway drops an id it has seen.
"""

import hashlib
import hmac
import http.client
import json
from urllib.parse import urlsplit

from marketplace.foundation import clock
from marketplace.notifications.port import Away, Letter, Undeliverable

TIMEOUT_SECONDS = 10
ACCEPTED = range(200, 300)
SEEN_BEFORE = 409
TRY_LATER = {408, 423, 425, 429}


class SmsGateway:
    is_real = True

    def __init__(self, url: str, secret: str, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("SMS_GATEWAY_URL must be a whole http(s) address")
        self.scheme, self.host, self.port = parts.scheme, parts.hostname, parts.port
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.secret, self.timeout = secret.encode(), timeout

    def send(self, letter: Letter) -> None:
        body = json.dumps({"id": letter.id, "to": letter.to, "text": letter.text}).encode()
        status = self._post(body)
        if status in ACCEPTED or status == SEEN_BEFORE:
            return
        if status >= 500 or status in TRY_LATER:
            raise Away(f"the gateway answered {status}")
        raise Undeliverable(f"the gateway answered {status}")

    def _post(self, body: bytes) -> int:
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=self.timeout)
        try:
            connection.request("POST", self.path, body, self._headers(body))
            answer = connection.getresponse()
            answer.read(4096)
        except (OSError, http.client.HTTPException) as problem:
            raise Away(f"the gateway cannot be reached: {type(problem).__name__}") from problem
        finally:
            connection.close()
        return answer.status

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()))
        signature = hmac.new(self.secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "X-Timestamp": timestamp,
            "X-Signature": f"sha256={signature}",
            "Connection": "close",
        }
