"""The bank's word, through SePay: verified, kept once, queued, answered. Nothing is decided here."""

import hashlib
import hmac
import json
from typing import Annotated, Any, Literal

import structlog
from flask import Blueprint, jsonify, request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from werkzeug.exceptions import BadRequest, Unauthorized
from werkzeug.wrappers import Response

from marketplace.foundation import clock, market
from marketplace.foundation.db import transaction
from marketplace.foundation.jobs import enqueue
from marketplace.payments import service

bp = Blueprint("payments_webhook", __name__)
log = structlog.get_logger(__name__)

LARGEST = 64 * 1024
OLDEST_SECONDS = 3600
"""SePay tries again for 33 minutes with Fibonacci gaps; a signature older than an hour is a replay."""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


Text = Annotated[str, BeforeValidator(_text)]


class SepayNotice(BaseModel):
    """What SePay sends (developer.sepay.vn): `transferAmount` in whole đồng, `id` unique for ever."""

    id: Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=80)]
    transferType: Literal["in", "out"]  # noqa: N815  SePay's names
    transferAmount: Annotated[int, Field(gt=0, le=10**13)]  # noqa: N815
    content: Text = ""
    code: Text = ""
    accountNumber: Text = ""  # noqa: N815
    subAccount: Text = ""  # noqa: N815


@bp.post("/sepay")
def sepay() -> Response:
    if (request.content_length or 0) > LARGEST:
        raise BadRequest()
    request.max_content_length = LARGEST  # a body that does not say how long it is, too
    body = request.get_data(cache=False)
    if not _is_signed(body):
        log.warning("bank notice with a wrong signature")
        raise Unauthorized()
    try:
        raw = json.loads(body)
        said = SepayNotice.model_validate(raw)
    except (ValueError, ValidationError, RecursionError):
        log.warning("bank notice that cannot be read", length=len(body))
        raise BadRequest() from None
    if said.transferType == "in":
        with transaction():
            notice, is_new = service.keep_bank_notice(
                "sepay",
                said.id,
                said.transferAmount,
                f"{said.content} {said.code}".strip(),
                _account(said),
                raw,
            )
            if is_new:
                enqueue("payments.settle_notice", notice.id)
    answer: Response = jsonify(success=True)
    return answer


def _account(said: SepayNotice) -> str:
    """Ours where one of the two is: transfers to a virtual account name the real one beside it."""
    ours = market.settings().bank_account
    return ours if ours and ours in (said.accountNumber, said.subAccount) else said.accountNumber


def _is_signed(body: bytes) -> bool:
    """`Authorization: Apikey <key>`, or an HMAC over the time and the body; nothing is believed without a key."""
    key = market.settings().sepay_webhook_key.encode()
    if not key:
        return False
    given = request.headers.get("Authorization", "").encode("utf-8", "replace")
    if given:
        return hmac.compare_digest(given, b"Apikey " + key)
    at = request.headers.get("X-SePay-Timestamp", "")
    signature = request.headers.get("X-SePay-Signature", "").encode("utf-8", "replace")
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return False
    if abs(clock.now().timestamp() - int(at)) > OLDEST_SECONDS:
        return False
    right = hmac.new(key, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, b"sha256=" + right.encode())
