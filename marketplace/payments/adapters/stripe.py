"""Stripe: Checkout Sessions by redirect, refunds, signed events. VND has no decimals there: 165000 is 165.000 đ."""

import json
from datetime import UTC, datetime
from typing import Any

import stripe

from marketplace.payments.port import (
    CardAsk,
    CardNews,
    CardRefund,
    CardSession,
    CardsRefuse,
    CardsUnavailable,
    NotSigned,
)

KINDS = {
    "checkout.session.completed": "paid",
    "checkout.session.async_payment_succeeded": "paid",
    "checkout.session.async_payment_failed": "session_expired",
    "checkout.session.expired": "session_expired",
    "refund.created": "refund",
    "refund.updated": "refund",
    "refund.failed": "refund",
    "charge.dispute.created": "dispute",
    "charge.dispute.updated": "dispute",
    "charge.dispute.closed": "dispute",
}
"""Their words for what happened → ours; anything else is kept and not acted on."""
OLDEST_SECONDS = 300
TIMEOUT_SECONDS = 10


class StripeCards:
    """Talks to Stripe, or to a double of it at `api_base`."""

    def __init__(self, secret_key: str, webhook_secret: str, api_base: str = "") -> None:
        self.webhook_secret = webhook_secret
        self.client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    def begin(self, ask: CardAsk) -> CardSession:
        facts = {"payment": ask.payment_code, "order": ask.order_code}
        made = self._call(
            lambda: self.client.v1.checkout.sessions.create(
                params={
                    "mode": "payment",
                    "client_reference_id": ask.payment_code,
                    "metadata": facts,
                    "payment_intent_data": {"metadata": facts},
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": "vnd",
                                "unit_amount": ask.amount_dong,
                                "product_data": {"name": ask.order_code},
                            },
                        }
                    ],
                    "locale": "vi" if ask.language == "vi" else "en",
                    "success_url": ask.paid_url,
                    "cancel_url": ask.back_url,
                    "expires_at": int(ask.expires_at.timestamp()),
                },
                options={"idempotency_key": ask.key},
            )
        )
        return CardSession(id=made.id, url=made.url or "")

    def expire(self, session_id: str) -> None:
        try:
            self._call(lambda: self.client.v1.checkout.sessions.expire(session_id))
        except CardsRefuse:
            pass  # paid, or closed already: its own event says which

    def refund(self, intent: str, amount_dong: int, key: str) -> CardRefund:
        made = self._call(
            lambda: self.client.v1.refunds.create(
                params={
                    "payment_intent": intent,
                    "amount": amount_dong,
                    "metadata": {"refund": key.partition(":")[0]},
                },
                options={"idempotency_key": key},
            )
        )
        return CardRefund(
            made.id,
            is_failed=made.status in ("failed", "canceled"),
            why=getattr(made, "failure_reason", None) or "",
        )

    def read(self, body: bytes, signature: str) -> CardNews:
        try:
            stripe.WebhookSignature.verify_header(body, signature, self.webhook_secret, OLDEST_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeError, TypeError):
            raise NotSigned() from None
        said = json.loads(body)
        return _news(said)

    @staticmethod
    def _call(deed: Any) -> Any:
        try:
            return deed()
        except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            raise CardsRefuse(error.user_message or str(error)) from error
        except stripe.StripeError as error:
            raise CardsUnavailable(str(error)) from error


def _news(said: dict[str, Any]) -> CardNews:
    """Their event in our words. ValueError (or a kind of it) when it is not one."""
    if (
        not isinstance(said, dict)
        or not isinstance(said.get("id"), str)
        or not isinstance(said.get("type"), str)
    ):
        raise ValueError("no event")
    found = (said.get("data") or {}).get("object")
    if not isinstance(found, dict):
        raise ValueError("an event about nothing")
    kind = KINDS.get(said["type"], "other")
    if said["type"] == "checkout.session.completed" and found.get("payment_status") != "paid":
        kind = "other"  # paid later: another event says so
    facts = found.get("metadata") or {}
    amount = found.get("amount_total", found.get("amount", 0))
    evidence = found.get("evidence_details") or {}
    due = evidence.get("due_by")
    return CardNews(
        event_id=said["id"][:120],
        kind=kind,
        at=datetime.fromtimestamp(int(said.get("created") or 0), UTC),
        session_id=_text(found.get("id")) if kind in ("paid", "session_expired") else "",
        intent=_text(found.get("payment_intent")),
        payment_code=_text(found.get("client_reference_id") or facts.get("payment")),
        reference=_text(facts.get("refund")) if kind == "refund" else _text(found.get("id")),
        amount_dong=amount if isinstance(amount, int) else -1,
        currency=_text(found.get("currency")).lower(),
        status=_text(found.get("status")),
        why=_text(found.get("failure_reason") or found.get("reason")),
        due_at=datetime.fromtimestamp(due, UTC) if isinstance(due, int) else None,
        raw={"type": said["type"], "object": _text(found.get("id"))},
    )


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("id")
    return "" if value is None else str(value)[:120]
