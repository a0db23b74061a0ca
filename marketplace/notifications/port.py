"""Whom we ask to carry a message out of the house, in our words. One adapter per vendor fills it."""

from dataclasses import dataclass
from typing import Protocol

from marketplace.foundation import market
from marketplace.notifications.models import Channel


@dataclass(frozen=True)
class Letter:
    """What is carried. The same `id` twice is the same letter: the carrier drops the second. `template` names the
    notice, for a carrier that wants a registered form and its parameters instead of a text."""

    id: str
    to: str
    text: str
    subject: str = ""
    template: str = ""


class Away(Exception):
    """The carrier cannot be reached or is busy: try again later."""


class Undeliverable(Exception):
    """This letter will never go: the address or the text is refused."""


class Carrier(Protocol):
    """A gateway for SMS, a mail server. `is_real` is False where letters stay in the house (a developer's outbox)."""

    is_real: bool

    def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises Away or Undeliverable."""


class FormCarrier(Carrier, Protocol):
    """A carrier of registered forms (Zalo): it takes a notice only where a form is registered for it."""

    def takes(self, template: str) -> bool:
        """Is a form registered for this notice?"""


def zalo() -> FormCarrier | None:
    """Who carries to Zalo; none where its keys are not set, and then nobody is offered it."""
    found: FormCarrier | None = market.plugged(f"notifications.{Channel.ZALO}")
    return found


def carrier(channel: Channel) -> Carrier:
    """Who carries this channel in the market that is running."""
    found: Carrier = market.plugged(f"notifications.{channel}")
    return found
