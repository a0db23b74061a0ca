"""The dated tables of freight: which tariff holds on a day, which communes pay the remote surcharge."""

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.foundation.db import db
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import language
from marketplace.shipping.models import RemoteCommune, Tariff

DATA = Path(__file__).parent / "data"


def tariff_on(day: date) -> Tariff | None:
    return rule_on(Tariff, day)


def is_remote(commune_code: str, day: date) -> bool:
    """Does the commune pay the remote surcharge on that day?"""
    return rule_on(RemoteCommune, day, RemoteCommune.commune_code == commune_code) is not None


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


def keeps_at_point_days(day: date) -> int:
    """How many days the post keeps a parcel nobody comes for."""
    tariff = tariff_on(day)
    return int((tariff.table if tariff else shipped_tariff()).get("keeps_at_point_days", 10))
