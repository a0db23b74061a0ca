"""A state is a value in an enum, and a life is a table of moves beside the record. `move` is the only mover."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import Record
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import Text, _

Tone = Literal["calm", "good", "warm", "bad"]
_labels: dict[tuple[type[StrEnum], str], Text] = {}
_tones: dict[tuple[type[StrEnum], str], Tone] = {}
"""By enum and name: as text, the "delivered" of a parcel would equal that of an order."""


class State(StrEnum):
    """A state with words a person reads: `ProductState.ON_SALE.label`."""

    @property
    def label(self) -> Text:
        return _labels[type(self), self.name]

    @property
    def tone(self) -> Tone:
        """How a tag for it looks: calm, good, warm (somebody must act) or bad."""
        return _tones.get((type(self), self.name), "calm")


def label(words: Mapping[Any, Text | tuple[Text, Tone]]) -> None:
    """Give states their words, and a tone where it is not calm. Called once beside the enum."""
    for state, word in words.items():
        key = (type(state), state.name)
        if isinstance(word, tuple):
            _labels[key], _tones[key] = word
        else:
            _labels[key] = word


Moves = Mapping[Any, frozenset[Any]]


def move(record: Any, to: State, by: Actor, why: str | None = None) -> None:
    """Move the record to a state its MOVES table allows, stamp `<state>_at` if it has one, write the audit entry.

    Raises Conflict when the record is elsewhere in its life: somebody was faster, or the page was old.
    """
    moves: Moves = record.MOVES
    origin: State = record.state
    if to not in moves.get(origin, frozenset()):
        raise Conflict(
            _(
                "Việc này không làm được nữa vì đang ở bước “%(state)s”. Hãy tải lại trang để xem tình trạng mới.",
                state=origin.label,
            )
        )
    record.state = to
    stamp = f"{to.value}_at"
    if hasattr(type(record), stamp):
        setattr(record, stamp, clock.now())
    assert isinstance(record, Record)
    audit.record(by, f"{record.__tablename__}.{to.value}", record, origin=origin.value, why=why)
