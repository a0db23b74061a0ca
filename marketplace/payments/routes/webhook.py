"""What banks, the card company and the carrier tell: verified, kept once, queued, answered. Nothing is decided here.

/webhooks/sepay         the bank's word through SePay: a key, or an HMAC over time and body
/webhooks/payos         the bank's word through payOS: an HMAC over the sorted facts
/webhooks/stripe        events of the card company: Stripe's own signature
/webhooks/remittances   a carrier's list of cash it pays in: an HMAC over time and body
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import structlog
from flask import Blueprint, jsonify, request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from werkzeug.exceptions import BadRequest, NotFound, Unauthorized
from werkzeug.wrappers import Response

from marketplace.foundation import clock, market
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import transaction
from marketplace.foundation.jobs import enqueue
from marketplace.payments import service
from marketplace.payments.port import Cards, NotSigned
from marketplace.payments.remittance import Told

bp = Blueprint("payments_webhook", __name__)
log = structlog.get_logger(__name__)

UNSIGNED = "The signature or key is missing, wrong or too old. Nothing was kept."
UNREADABLE = "The facts are missing or of the wrong kind. Nothing was kept."
NOT_DONG = "Only whole VND is taken. Nothing was kept."
TOO_LONG = "This is longer than what is read here. Nothing was kept."

LARGEST = 64 * 1024
LARGEST_LIST = 1024 * 1024
OLDEST_SECONDS = 3600
"""SePay tries again for 33 minutes with Fibonacci gaps; a signature older than an hour is a replay."""
OLDEST_TRANSFER = timedelta(days=7)
"""payOS signs no time, only the transfer's own: one older than a week is a replay."""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


Text = Annotated[str, BeforeValidator(_text)]
Id = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=80)]
Dong = Annotated[int, Field(gt=0, le=10**13)]


def _body(largest: int = LARGEST) -> bytes:
    if (request.content_length or 0) > largest:
        raise BadRequest(TOO_LONG)
    request.max_content_length = largest  # a body that does not say how long it is, too
    return request.get_data(cache=False)


def _kept(
    source: str, external_id: str, amount: int, content: str, account: str, raw: Any, reference: str, at: str
) -> None:
    """Keep a transfer once and let a job look what it is for. The same id with another sum is answered 409."""
    with transaction():
        notice, is_new = service.keep_bank_notice(
            source, external_id, amount, content, account, raw, reference, _moment(at)
        )
        if is_new:
            enqueue("payments.settle_notice", notice.id)


def _moment(text: str) -> datetime | None:
    """`2026-11-25 14:02:37` on Vietnam's clocks; None when it is no such thing."""
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.ZONE)
    except ValueError:
        return None


# -- SePay ---------------------------------------------------------------------------------------------------------


class SepayNotice(BaseModel):
    """What SePay sends (developer.sepay.vn): `transferAmount` in whole đồng, `id` unique for ever."""

    id: Id
    transferType: Literal["in", "out"]  # noqa: N815  SePay's names
    transferAmount: Dong  # noqa: N815
    transactionDate: Text = ""  # noqa: N815
    content: Text = ""
    code: Text = ""
    accountNumber: Text = ""  # noqa: N815
    subAccount: Text = ""  # noqa: N815
    referenceCode: Text = ""  # noqa: N815


@bp.post("/sepay")
def sepay() -> Response:
    body = _body()
    if not _is_sepays(body):
        log.warning("bank notice with a wrong signature")
        raise Unauthorized(UNSIGNED)
    try:
        raw = json.loads(body)
        said = SepayNotice.model_validate(raw)
    except (ValueError, ValidationError, RecursionError):
        log.warning("bank notice that cannot be read", length=len(body))
        raise BadRequest(UNREADABLE) from None
    if said.transferType == "in":
        _kept(
            "sepay",
            said.id,
            said.transferAmount,
            f"{said.content} {said.code}".strip(),
            _account(said.accountNumber, said.subAccount),
            raw,
            said.referenceCode,
            said.transactionDate,
        )
    answer: Response = jsonify(success=True)
    return answer


def _account(number: str, sub_account: str) -> str:
    """Ours where one of the two is: transfers to a virtual account name the real one beside it."""
    ours = market.settings().bank_account
    return ours if ours and ours in (number, sub_account) else number


def _is_sepays(body: bytes) -> bool:
    """`Authorization: Apikey <key>`, or an HMAC over the time and the body; nothing is believed without a key."""
    key = market.settings().sepay_webhook_key.encode()
    if not key:
        return False
    given = request.headers.get("Authorization", "").encode("utf-8", "replace")
    if given:
        return hmac.compare_digest(given, b"Apikey " + key)
    return _is_signed(body, key, "X-SePay")


def _is_signed(body: bytes, key: bytes, prefix: str) -> bool:
    """An HMAC over `<time>.<body>`, not older than an hour."""
    at = request.headers.get(f"{prefix}-Timestamp", "")
    signature = request.headers.get(f"{prefix}-Signature", "").encode("utf-8", "replace")
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return False
    if abs(clock.now().timestamp() - int(at)) > OLDEST_SECONDS:
        return False
    right = hmac.new(key, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, b"sha256=" + right.encode())


# -- payOS ---------------------------------------------------------------------------------------------------------


class PayosData(BaseModel):
    """The transfer payOS tells of."""

    orderCode: Text = ""  # noqa: N815  payOS's names
    amount: Dong
    description: Text = ""
    accountNumber: Text = ""  # noqa: N815
    virtualAccountNumber: Text = ""  # noqa: N815
    reference: Id
    transactionDateTime: Text = ""  # noqa: N815
    currency: Text = "VND"


class PayosNotice(BaseModel):
    """What payOS sends: the facts, and a signature over them."""

    code: Text = ""
    success: bool = True
    data: dict[str, Any]
    signature: str


@bp.post("/payos")
def payos() -> Response:
    body = _body()
    key = market.settings().payos_checksum_key.encode()
    try:
        said = PayosNotice.model_validate(json.loads(body))
    except (ValueError, ValidationError, RecursionError):
        # Without its signature nobody is told what else is wrong.
        raise (BadRequest(UNREADABLE) if key else Unauthorized(UNSIGNED)) from None
    right = hmac.new(key, payos_facts(said.data).encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    if not key or not hmac.compare_digest(said.signature.encode("utf-8", "replace"), right.encode()):
        log.warning("payos notice with a wrong signature")
        raise Unauthorized(UNSIGNED)
    try:
        told = PayosData.model_validate(said.data)
    except ValidationError:
        raise BadRequest(UNREADABLE) from None
    at = _moment(told.transactionDateTime)
    if at is not None and clock.now() - at > OLDEST_TRANSFER:
        raise Unauthorized(UNSIGNED)
    if told.currency.upper() != "VND":
        log.warning("payos notice in another currency", currency=told.currency[:8])
        raise BadRequest(NOT_DONG)
    if said.success and said.code in ("", "00"):
        _kept(
            "payos",
            told.reference,
            told.amount,
            told.description,
            _account(told.accountNumber, told.virtualAccountNumber),
            said.data,
            told.reference,
            told.transactionDateTime,
        )
    answer: Response = jsonify(success=True)
    return answer


def payos_facts(data: dict[str, Any]) -> str:
    """What payOS signs (its package, 1.1.0): `k=v&k=v` sorted by key, nothing for null, lists as JSON with sorted
    keys."""
    facts = []
    for name in sorted(data):
        value = data[name]
        if value is None or value in ("null", "undefined"):
            value = ""
        elif isinstance(value, (list, dict)):
            value = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        elif isinstance(value, bool):
            value = "true" if value else "false"
        facts.append(f"{name}={value}")
    return "&".join(facts)


# -- Stripe --------------------------------------------------------------------------------------------------------


@bp.post("/stripe")
def stripe() -> Response:
    company: Cards | None = market.plugged("payments.cards")
    if company is None:
        raise NotFound()
    body = _body(LARGEST_LIST)
    try:
        news = company.read(body, request.headers.get("Stripe-Signature", ""))
    except NotSigned:
        log.warning("card event with a wrong signature")
        raise Unauthorized(UNSIGNED) from None
    except (ValueError, TypeError, RecursionError, OverflowError):
        log.warning("card event that cannot be read", length=len(body))
        raise BadRequest(UNREADABLE) from None
    with transaction():
        event, is_new = service.keep_card_news(news)
        if is_new:
            enqueue("payments.settle_card_event", event.id)
    answer: Response = jsonify(received=True)
    return answer


# -- a carrier's list ----------------------------------------------------------------------------------------------


class ListedParcel(BaseModel):
    tracking: Id
    amount: Dong


class CarriersList(BaseModel):
    """A carrier's list of the cash it took at doors: its own number, and so much for each parcel."""

    id: Id
    lines: Annotated[list[ListedParcel], Field(min_length=1, max_length=5_000)]


@bp.post("/remittances")
def remittances() -> Response:
    body = _body(LARGEST_LIST)
    key = market.settings().remittance_key.encode()
    if not key or not _is_signed(body, key, "X-Remittance"):
        log.warning("a carrier's list with a wrong signature")
        raise Unauthorized(UNSIGNED)
    try:
        said = CarriersList.model_validate(json.loads(body))
    except (ValueError, ValidationError, RecursionError):
        raise BadRequest(UNREADABLE) from None
    told = [Told(line.tracking.upper(), line.amount) for line in said.lines]
    with transaction():
        kept, is_new = service.keep_remittance(told, "api", said.id, Actor("carrier"))
        answer: Response = jsonify(success=True, code=kept.code, is_new=is_new)
    return answer
