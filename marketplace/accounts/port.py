"""What the house above knows of a person's yes: the paper slips of numbers handed out in class."""

from dataclasses import dataclass
from typing import Protocol

from marketplace.accounts.models import Person
from marketplace.foundation import market
from marketplace.foundation.audit import Actor


@dataclass(frozen=True, slots=True)
class NextNumber:
    """Whose turn it is: the slip's code and the place of its next number."""

    slip: str
    place: int


class Slips(Protocol):
    """Paper slips of numbers."""

    def is_number(self, typed: str) -> bool:
        """As long as a number of a slip, and so no code of an SMS?"""

    def use(self, person: Person, deed: str, typed: str, by: Actor) -> bool:
        """Did the person read out the number whose turn it is? It stands for this deed then, and is used."""

    def next_number(self, person: Person) -> NextNumber | None:
        """The number the person would read out now; none without a slip."""


def slips() -> Slips:
    """The slips of the market that is running."""
    found: Slips = market.plugged("accounts.slips")
    return found
