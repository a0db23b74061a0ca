"""What the market asks of a card company, in our own words, and what it is told. No call of these is made inside a
transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class CardsUnavailable(Exception):
    """The card company did not answer, or not in a way we understand: try again later with the same key."""


class CardsRefuse(Exception):
    """The card company answered no; trying again will not help."""


class NotSigned(Exception):
    """The word is not the card company's: no signature, a wrong one, or one that is too old."""


@dataclass(frozen=True)
class CardAsk:
    """Ask for so much by card. The same `key` with the same facts is the same session, however often it is asked."""

    key: str
    payment_code: str
    order_code: str
    amount_dong: int
    expires_at: datetime
    paid_url: str
    back_url: str
    language: str = "vi"


@dataclass(frozen=True)
class CardSession:
    """A page of the card company where the buyer pays."""

    id: str
    url: str


@dataclass(frozen=True)
class CardRefund:
    """Money on its way back to a card: `sent`, or `failed` with why."""

    id: str
    is_failed: bool = False
    why: str = ""


@dataclass(frozen=True)
class CardNews:
    """What the card company tells: a kind of ours (`paid`, `session_expired`, `refund`, `dispute`, else `other`), and
    the facts that came with it. `intent` is the payment as the card company knows it."""

    event_id: str
    kind: str
    at: datetime
    session_id: str = ""
    intent: str = ""
    payment_code: str = ""
    reference: str = ""
    amount_dong: int = 0
    currency: str = ""
    status: str = ""
    why: str = ""
    due_at: datetime | None = None
    raw: dict[str, Any] = field(default_factory=dict)


class Cards(Protocol):
    """A card company."""

    def begin(self, ask: CardAsk) -> CardSession:
        """Open a page to pay on. Raises CardsUnavailable, CardsRefuse."""

    def expire(self, session_id: str) -> None:
        """Close a page nobody may pay on any more; one that is paid or closed already stays as it is."""

    def refund(self, intent: str, amount_dong: int, key: str) -> CardRefund:
        """Give so much of a payment back; the same key is the same refund. Raises CardsUnavailable, CardsRefuse."""

    def read(self, body: bytes, signature: str) -> CardNews:
        """What a call of theirs says. Raises NotSigned; ValueError when it is signed and cannot be read."""
