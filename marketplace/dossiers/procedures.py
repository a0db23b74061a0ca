"""How a procedure comes into force: as it is shipped, or with a fee and time limit of the market's own. A version in
force is never rewritten, for dossiers stand on it; what changes is a new version from a day to come."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.dossiers.models import Procedure
from marketplace.foundation import audit, clock, rules
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.money import MAX_PRICE_DONG
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

PROCEDURES = Path(__file__).with_name("data") / "procedures.json"
MOST_WORKING_DAYS = 250


def load_procedures(by: Actor) -> int:
    """Put the procedures of data/procedures.json in place; returns how many rows were added.

    A change of law is a new row there with its own `valid_from`. A row a market has is never rewritten, for dossiers
    stand on it: where what it says was put differently since, a new version holds from tomorrow, with the fee and time
    the market rules by. What was begun by then keeps the words, fee and time it was begun under.
    """
    shipped: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(PROCEDURES.read_text(encoding="utf-8")):
        shipped.setdefault(row["key"], []).append(_typed(row))
    kept: dict[str, list[Procedure]] = {}
    for procedure in db.session.scalars(select(Procedure).order_by(Procedure.valid_from, Procedure.id)):
        kept.setdefault(procedure.key, []).append(procedure)
    return sum(_put_in_place(rows, kept.get(key, []), by) for key, rows in shipped.items())


NUMBERS = ("fee_dong", "working_days", "opens", "closes")
"""What a market rules itself (adopt_procedure), with the law it does so by. All else is how a procedure is said."""
DAYS = ("valid_from", "valid_to")


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        "opens": time.fromisoformat(row["opens"]),
        "closes": time.fromisoformat(row["closes"]),
    }


def _put_in_place(shipped: Sequence[Mapping[str, Any]], kept: Sequence[Procedure], by: Actor) -> int:
    """One procedure: the rows that are missing, and a version from tomorrow where it is said otherwise by now."""
    known, tomorrow = {row.valid_from for row in kept}, clock.today() + timedelta(days=1)
    made = [Procedure(**row) for row in shipped if row["valid_from"] not in known]
    for procedure in kept:
        source = _shipped_on(shipped, max(procedure.valid_from, tomorrow))
        if source is None or source["valid_from"] not in known:
            continue
        words = _said_anew(procedure, source)
        if words and procedure.valid_from >= tomorrow:
            # Nobody has begun under it, so nothing was promised: it begins with the new words.
            for name, value in words.items():
                setattr(procedure, name, value)
            audit.record(by, "procedure.reworded", procedure, key=procedure.key)
        elif words and _holds_until(procedure, kept, tomorrow):
            made.append(_again(procedure, valid_from=tomorrow, valid_to=procedure.valid_to, **words))
    for procedure in made:
        db.session.add(procedure)
        audit.record(by, "procedure.load", procedure, key=procedure.key)
    return len(made)


def _shipped_on(shipped: Sequence[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    begun = [row for row in shipped if row["valid_from"] <= day]
    return max(begun, key=lambda row: row["valid_from"], default=None)


def _holds_until(procedure: Procedure, kept: Sequence[Procedure], day: date) -> bool:
    """Is this the version in force on a day to come?"""
    begun = [row for row in kept if row.valid_from <= day]
    return begun[-1] is procedure and (procedure.valid_to is None or procedure.valid_to >= day)


def _said_anew(procedure: Procedure, source: Mapping[str, Any]) -> dict[str, Any]:
    """What the shipped row says otherwise than the market's. By which law a market asks another fee or time than was
    shipped is the market's to say."""
    own_numbers = any(getattr(procedure, name) != source[name] for name in NUMBERS)
    its_own = {*NUMBERS, *DAYS, *(["legal_basis"] if own_numbers else [])}
    return {
        name: value
        for name, value in source.items()
        if name not in its_own and getattr(procedure, name) != value
    }


def _again(old: Procedure, **changes: Any) -> Procedure:
    """Another version of a procedure, as it is but for the changes."""
    own = ("id", "code", "created_at", "version", "valid_to")
    kept = {
        column.key: getattr(old, column.key)
        for column in Procedure.__table__.columns
        if column.key not in own
    }
    return Procedure(**kept | changes)


def adopt_procedure(
    old: Procedure, *, valid_from: date, legal_basis: str, fee_dong: int, working_days: int, by: Actor
) -> Procedure:
    """A procedure with another fee or time limit from a day to come; steps and papers stay as they are."""
    if not 0 <= fee_dong <= MAX_PRICE_DONG:
        raise Refusal(_("Lệ phí không thể là số âm hay quá lớn."), "fee_dong")
    if not 1 <= working_days <= MOST_WORKING_DAYS:
        raise Refusal(_("Thời hạn từ 1 đến %(most)s ngày làm việc.", most=MOST_WORKING_DAYS), "working_days")
    adopted = _again(
        old, valid_from=valid_from, legal_basis=legal_basis, fee_dong=fee_dong, working_days=working_days
    )
    return rules.adopt(adopted, by, same={"key": old.key})
