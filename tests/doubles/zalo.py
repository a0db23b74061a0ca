"""Zalo's notices (ZNS) as a process of its own, for tests: it checks the token and the form, and fails when told.

python -m tests.doubles.zalo --secret TOKEN [--port 0]      prints the port it listens on

POST /          {phone, template_id, template_data, tracking_id} with `access_token`; the answer is 200 {"error": …}
GET /messages   what it took, oldest first
POST /faults    {"kind": "no_account" | "no_token" | "garbled" | "error" | "busy" | "slow" | "hang_up", "times": 2}
"""

import hmac
import json
from contextlib import AbstractContextManager

from tests.doubles import sms_gateway
from tests.doubles.sms_gateway import Double

FORMS = {"301", "302"}
SAYS = {"no_account": -118, "no_token": -124}


class Handler(sms_gateway.Handler):
    def _judge(self, body: bytes, fault: str | None) -> None:
        asked = json.loads(body)
        if fault == "garbled":
            self._answer(200, {"message": "?"})
        elif fault in SAYS:
            self._answer(200, {"error": SAYS[fault], "message": fault})
        elif not hmac.compare_digest(self.headers.get("access_token", "").encode(), self.server.secret):
            self._answer(200, {"error": -124, "message": "Access token invalid"})
        elif asked["template_id"] not in FORMS:
            self._answer(200, {"error": -109, "message": "Template ID invalid"})
        elif not asked["phone"].startswith("84") or not all(asked["template_data"].values()):
            self._answer(200, {"error": -132, "message": "Parameter invalid"})
        else:
            self.server.messages.append(asked)
            self._answer(200, {"error": 0, "message": "Success", "data": {"msg_id": asked["tracking_id"]}})


def running(token: str = "a-token") -> AbstractContextManager[Double]:
    """Zalo in its own process, until the block ends."""
    return sms_gateway.running(token, "zalo")


if __name__ == "__main__":
    sms_gateway.main(Handler)
