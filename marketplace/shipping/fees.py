"""The dated tables of freight: which tariff holds on a day, which communes pay the remote surcharge."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.catalog import boxes
from marketplace.foundation.db import db
from marketplace.foundation.rules import rule_held, rules_held
from marketplace.foundation.words import language
from marketplace.shipping.models import CartonList, RemoteCommune, Tariff

Cartons = tuple[tuple[int, int, int], ...]

DATA = Path(__file__).parent / "data"


def tariff_on(day: date) -> Tariff | None:
    return rule_held(Tariff, day)


def remote_rules(commune_codes: Collection[str]) -> Sequence[RemoteCommune]:
    """What is said of these communes, of whatever day; one statement, once in a while."""
    codes = sorted(set(commune_codes))
    return rules_held(
        (RemoteCommune, *codes),
        select(RemoteCommune)
        .where(RemoteCommune.commune_code.in_(codes))
        .order_by(RemoteCommune.valid_from, RemoteCommune.id),
    )


def remote_rule(rules: Sequence[RemoteCommune], commune_code: str, day: date) -> RemoteCommune | None:
    """The one of them that holds for a commune on a day."""
    found = None
    for rule in rules:
        holds = rule.valid_from <= day and (rule.valid_to is None or rule.valid_to >= day)
        if rule.commune_code == commune_code and holds:
            found = rule
    return found


def is_remote(commune_code: str, day: date) -> bool:
    """Is the commune on the list of far ones on that day?"""
    return remote_rule(remote_rules([commune_code]), commune_code, day) is not None


def cartons_on(day: date) -> Cartons:
    """The cartons in use on a day, smallest first; the usual ones where no list was adopted."""
    adopted = rule_held(CartonList, day)
    return sort_cartons(adopted.cartons) if adopted is not None else shipped_cartons()


@lru_cache(maxsize=1)
def shipped_cartons() -> Cartons:
    """The cartons that come with the house."""
    return sort_cartons(boxes.cartons())


def sort_cartons(rows: Iterable[Sequence[int]]) -> Cartons:
    found = [(row[0], row[1], row[2]) for row in rows]
    return tuple(sorted(found, key=lambda sides: (sides[0] * sides[1] * sides[2], sides)))


def name_of(row: Mapping[str, Any]) -> str:
    """The name of a service or a surcharge in the reader's language."""
    return str(row.get("en", row["vi"]) if language() == "en" else row["vi"])


def service_name(code: str, day: date) -> str:
    """The name of a service by its code, in the reader's language; the code itself when the tariff has it no more."""
    tariff = tariff_on(day)
    rows = tariff.table["services"] if tariff else []
    return next((name_of(row) for row in rows if row["code"] == code), code)


def number_prefix(service_code: str, day: date) -> str:
    """The two letters a service's parcel numbers begin with (UPU S10); parcel post's when it has none of its own."""
    tariff = tariff_on(day)
    rows = tariff.table["services"] if tariff else []
    return next((str(row["number_prefix"]) for row in rows if row["code"] == service_code), "CA")


@lru_cache(maxsize=1)
def shipped_tariff() -> dict[str, Any]:
    """The illustrative tariff that comes with the house."""
    table: dict[str, Any] = json.loads((DATA / "tariff.json").read_text("utf-8"))
    return table


def has_tariff() -> bool:
    return db.session.scalar(select(Tariff.id).limit(1)) is not None


def within_days(handling: str) -> int | None:
    """How many calendar days goods of this kind stay fit once they left the farm; None: they keep."""
    days = shipped_tariff()["within_days"].get(handling)
    return None if days is None else int(days)


def reminds_days_before(day: date) -> int:
    """How many days before a parcel goes back its buyer is reminded to fetch it."""
    tariff = tariff_on(day)
    return int((tariff.table if tariff else shipped_tariff()).get("reminds_days_before", 3))


def keeps_at_point_days(day: date) -> int:
    """How many days the post keeps a parcel nobody comes for."""
    tariff = tariff_on(day)
    return int((tariff.table if tariff else shipped_tariff()).get("keeps_at_point_days", 10))
