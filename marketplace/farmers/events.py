"""What is told upstairs about a farm. FarmChanged comes with every change that buyers see, after the more special
events too, so an index needs only that one."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class FarmOpened(Event):
    """It may sell now, for the first time."""

    farm_id: int


@dataclass(frozen=True)
class FarmSuspended(Event):
    """Its goods leave the window at once; payouts are held; open orders go on."""

    farm_id: int


@dataclass(frozen=True)
class FarmResumed(Event):
    """A suspension ended."""

    farm_id: int


@dataclass(frozen=True)
class FarmClosed(Event):
    """It ended. A reaction of now that raises Refusal (money due, orders under way) keeps it from ending."""

    farm_id: int


@dataclass(frozen=True)
class FarmChanged(Event):
    """Something buyers see is different: state, name, story, photo, address."""

    farm_id: int


@dataclass(frozen=True)
class BankAccountChanged(Event):
    """Where the farm is paid is different: nothing is paid out for three days (BankAccount.payouts_held_until)."""

    farm_id: int
