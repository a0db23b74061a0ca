"""The SMS gateway: a signed JSON POST `{id, to, text}`.

`X-Signature: sha256=<hex of HMAC-SHA256(secret, "<timestamp>.<body>")>` with `X-Timestamp` in seconds since 1970, so
that a call that was overheard is worth nothing later. The gateway drops an id it has seen.
"""

import hashlib
import hmac
import json
from urllib.parse import urlsplit

from marketplace.foundation import clock
from marketplace.notifications import gateways
from marketplace.notifications.port import Letter

TIMEOUT_SECONDS = 10
SEEN_BEFORE = 409


class SmsGateway:
    is_real = True

    def __init__(self, url: str, secret: str, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("SMS_GATEWAY_URL must be a whole http(s) address")
        self.parts, self.secret, self.timeout = parts, secret.encode(), timeout

    def send(self, letter: Letter) -> None:
        body = json.dumps({"id": letter.id, "to": letter.to, "text": letter.text}).encode()
        status, _answer = gateways.post(self.parts, body, self._signed(body), self.timeout)
        if status not in gateways.ACCEPTED and status != SEEN_BEFORE:
            raise gateways.refused(status)

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()))
        signature = hmac.new(self.secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Timestamp": timestamp, "X-Signature": f"sha256={signature}"}
