"""Up by event: a lower room says what happened, and the switchboard says who reacts, now or later."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from marketplace.foundation import jobs

E = TypeVar("E", bound="Event")
Reaction = Callable[[Any], None]

_now: Mapping[type["Event"], Sequence[Reaction]] = {}
_later: Mapping[type["Event"], Sequence[str]] = {}
_kinds: dict[str, type["Event"]] = {}


@dataclasses.dataclass(frozen=True)
class Event:
    """A small fact, holding ids. Subclasses are frozen dataclasses of ints and strings."""

    def __init_subclass__(cls) -> None:
        _kinds[cls.__name__] = cls


def connect(
    now: Mapping[type[Event], Sequence[Reaction]], later: Mapping[type[Event], Sequence[str]]
) -> None:
    """Plug in the switchboard's two tables: functions called at once, and names of jobs run later."""
    global _now, _later
    _now, _later = now, later


def publish(event: Event) -> None:
    """Call the reactions of now (same transaction, database only), then write one outbox row for each of later."""
    for react in _now.get(type(event), ()):
        react(event)
    for job in _later.get(type(event), ()):
        jobs.enqueue(job, type(event).__name__, *dataclasses.astuple(event))


def rebuild(kind: str, *facts: Any) -> Event:
    """The event a later reaction was told of, made again from its outbox row."""
    return _kinds[kind](*facts)
