"""What happened to people, told upstairs."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class SignedIn(Event):
    """A person signed in. `visit` is the cart token their browser held as a guest, or empty."""

    person_id: int
    visit: str
