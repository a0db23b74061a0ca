"""Zalo's notices for a telephone number (ZNS): a JSON POST `{phone, template_id, template_data, tracking_id}` with the
account's token in the header `access_token`.

Zalo carries no text of ours, only forms registered and approved before: `forms` says which of our notices has which
form. It answers 200 to nearly everything; what became of the letter is the `error` in the body. Nothing promises that
the same tracking_id twice is one notice, so a call whose answer was lost may tell somebody twice: better than not at
all.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from marketplace.notifications import gateways
from marketplace.notifications.port import Away, Letter, Undeliverable

TIMEOUT_SECONDS = 10
SENT = 0
TRY_LATER = {
    -100: "unknown error",
    -124: "the access token is not valid",
    -144: "the account's notices of this day are used up",
    -147: "the form's notices of this day are used up",
}
"""What passes by itself, or by an operator's hand. Everything else (no Zalo account on this number, the person wants
none, a form that was not approved) will not get better: the SMS goes."""


class ZaloNotices:
    is_real = True

    def __init__(
        self, url: str, token: str, forms: Mapping[str, str], timeout: float = TIMEOUT_SECONDS
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("ZALO_GATEWAY_URL must be a whole http(s) address")
        self.parts, self.token, self.forms, self.timeout = parts, token, dict(forms), timeout

    def takes(self, template: str) -> bool:
        return template in self.forms

    def send(self, letter: Letter) -> None:
        form = self.forms.get(letter.template)
        if form is None:
            raise Undeliverable("no form is registered for this notice")
        body = json.dumps(
            {
                "phone": letter.to.removeprefix("+"),
                "template_id": form,
                "template_data": parameters(letter.text),
                "tracking_id": letter.id,
            }
        ).encode()
        status, answer = gateways.post(self.parts, body, {"access_token": self.token}, self.timeout)
        if status not in gateways.ACCEPTED:
            raise gateways.refused(status, "Zalo")
        self._judge(answer)

    def _judge(self, answer: bytes) -> None:
        try:
            error = json.loads(answer)["error"]
        except (ValueError, KeyError, TypeError) as problem:
            raise Away("Zalo answered something that cannot be read") from problem
        if error == SENT:
            return
        if error in TRY_LATER:
            raise Away(f"Zalo answered {error}: {TRY_LATER[error]}")
        raise Undeliverable(f"Zalo answered {error}")


def parameters(text: str) -> dict[str, str]:
    """`name: value` lines as the form's parameters."""
    lines = (line.partition(": ") for line in text.splitlines())
    return {name: value for name, _colon, value in lines}
