"""Every state has words and a way to get there. A state without a row in its table of moves is an end."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import pytest

from marketplace.foundation import states
from marketplace.foundation.db import Record
from marketplace.foundation.states import State
from marketplace.foundation.words import _
from tests.conftest import import_models

import_models()


def subclasses(kind: type) -> list[Any]:
    found = [one for child in kind.__subclasses__() for one in (child, *subclasses(child))]
    return [one for one in found if one.__module__.startswith("marketplace.")]


LIVES = [
    record
    for record in subclasses(Record)
    if hasattr(record, "MOVES") and not vars(record).get("__abstract__")
]


def faults(moves: Mapping[Any, Any], members: Sequence[Any], first: Sequence[Any]) -> list[str]:
    """What is wrong with a table of moves, a line each."""
    strange = {state for row in moves.values() for state in row} | set(moves)
    found = [f"{state!r} in the table is no state" for state in sorted(strange - set(members))]
    reached, ahead = set(first), list(first)
    while ahead:
        for state in moves.get(ahead.pop(), ()):
            if state not in reached:
                reached.add(state)
                ahead.append(state)
    return found + [f"{state.name} cannot be reached" for state in members if state not in reached]


@pytest.mark.parametrize("kind", subclasses(State), ids=lambda kind: kind.__name__)
def test_every_state_has_words(kind):
    for state in kind:
        assert str(state.label), state


@pytest.mark.parametrize("record", LIVES, ids=lambda record: record.__name__)
def test_every_state_can_be_reached(record):
    column = record.__table__.c.state
    default = column.default.arg if column.default is not None else None
    members = list(column.type.enum_class)
    # Where the life begins: the default, or the states nothing leads to.
    led_to = {to for row in record.MOVES.values() for to in row}
    first = [default] if default is not None else [state for state in members if state not in led_to]
    found = faults(record.MOVES, members, first)
    assert not found, "\n" + "\n".join(found)


def test_every_state_belongs_to_a_life():
    used = {record.__table__.c.state.type.enum_class for record in LIVES}
    kept = {
        column.type.enum_class
        for record in subclasses(Record)
        if "__tablename__" in vars(record)
        for column in record.__table__.c
        if column.name == "state"
    }
    found = [kind.__name__ for kind in subclasses(State) if kind in kept and kind not in used]
    assert not found, "\n" + "\n".join(found)


def test_states_with_the_same_value_keep_their_own_words():
    kind, other = State("kind", {"DONE": "done"}), State("other", {"DONE": "done"})
    states.label({kind.DONE: _("Xong")})
    states.label({other.DONE: (_("Đã hết"), "bad")})
    assert (str(kind.DONE.label), kind.DONE.tone) == ("Xong", "calm")
    assert (str(other.DONE.label), other.DONE.tone) == ("Đã hết", "bad")


def test_a_planted_mistake_is_found():
    kind = StrEnum("kind", {"A": "a", "B": "b", "C": "c"})
    assert faults({kind.A: {kind.B}, kind.B: set(), kind.C: set()}, list(kind), [kind.A]) == [
        "C cannot be reached"
    ]
    assert faults({kind.A: {kind.B, kind.C, "d"}}, list(kind), [kind.A]) == ["'d' in the table is no state"]
