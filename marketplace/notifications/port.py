"""Whom we ask to carry a message out of the house, in our words. One adapter per vendor fills it."""

from dataclasses import dataclass
from typing import Protocol

from marketplace.foundation import market
from marketplace.notifications.models import Channel


@dataclass(frozen=True)
class Letter:
    """What is carried. The same `id` twice is the same letter: the carrier drops the second."""

    id: str
    to: str
    text: str
    subject: str = ""


class Away(Exception):
    """The carrier cannot be reached or is busy: try again later."""


class Undeliverable(Exception):
    """This letter will never go: the address or the text is refused."""


class Carrier(Protocol):
    """A gateway for SMS, a mail server. `is_real` is False where letters stay in the house (a developer's outbox)."""

    is_real: bool

    def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises Away or Undeliverable."""


def carrier(channel: Channel) -> Carrier:
    """Who carries this channel in the market that is running."""
    found: Carrier = market.plugged(f"notifications.{channel}")
    return found
