"""Rules are dated data: a row says what held from when to when, and by which decree. Rooms build their tables on it."""

from datetime import date
from typing import Any, TypeVar

from flask import g, has_app_context
from sqlalchemy import Date, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db import Line, Record, db


class DatedRule(Record):
    """A row that holds from `valid_from` up to and including `valid_to` (none: until replaced)."""

    __abstract__ = True

    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    legal_basis: Mapped[str] = mapped_column(Line(300), default="")


D = TypeVar("D", bound=DatedRule)


def rule_on(kind: type[D], day: date, *conditions: Any) -> D | None:
    """The rule of this kind in force on a day: the one that began last."""
    return db.session.scalars(
        select(kind)
        .where(kind.valid_from <= day, (kind.valid_to.is_(None)) | (kind.valid_to >= day), *conditions)
        .order_by(kind.valid_from.desc(), kind.id.desc())
        .limit(1)
    ).first()


class DayOverride(DatedRule):
    """A day the Government swapped: a weekend that is worked, a weekday that is off."""

    __tablename__ = "day_override"

    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(Line(120), default="")


def day_overrides() -> dict[date, bool]:
    """`{day: is it a working day}` of all swapped days; small, and read once per request or job."""
    if not has_app_context():
        return {}
    if "day_overrides" not in g:
        rows = db.session.execute(
            select(DayOverride.valid_from, DayOverride.is_working).order_by(DayOverride.id)
        )
        g.day_overrides = {row.valid_from: row.is_working for row in rows}
    return g.day_overrides
