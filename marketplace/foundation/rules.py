"""Rules are dated data: a row says what held from when to when, and by which decree. Rooms build their tables on it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from flask import g, has_app_context
from sqlalchemy import Date, Select, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import Line, Record, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _


class DatedRule(Record):
    """A row that holds from `valid_from` up to and including `valid_to` (none: until replaced)."""

    __abstract__ = True

    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    legal_basis: Mapped[str] = mapped_column(Line(300), default="")


D = TypeVar("D", bound=DatedRule)


def rule_on(kind: type[D], day: date, *conditions: Any) -> D | None:
    """The rule of this kind in force on a day: the one that began last."""
    asked: Select[D] = _in_force(kind)  # type: ignore[arg-type]  # a class is hashable
    return db.session.scalars(asked.where(*conditions) if conditions else asked, {"day": day}).first()


@cache
def _in_force(kind: Any) -> Select[Any]:
    day = bindparam("day", type_=Date)
    return (
        select(kind)
        .where(kind.valid_from <= day, (kind.valid_to.is_(None)) | (kind.valid_to >= day))
        .order_by(kind.valid_from.desc(), kind.id.desc())
        .limit(1)
    )


def put_in_place(kind: type[D], rows: Iterable[Mapping[str, Any]], by: Actor, key: Sequence[str] = ()) -> int:
    """Add those of the shipped rows that are not there yet; returns how many.

    A row is known by its first day and the columns of `key`. One that is there is left alone: it may have been approved
    since, and what was decided stands on it. Days are ISO text, as JSON has them.
    """
    about = ("valid_from", *key)
    known = {tuple(row) for row in db.session.execute(select(*(getattr(kind, name) for name in about)))}
    added = 0
    for row in rows:
        facts = {
            name: _day(value) if name in ("valid_from", "valid_to") else value for name, value in row.items()
        }
        rule = kind(**facts)
        if tuple(getattr(rule, name) for name in about) not in known:
            db.session.add(rule)
            audit.record(by, f"{kind.__tablename__}.loaded", rule)
            added += 1
    return added


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def adopt(rule: D, by: Actor, same: Mapping[str, Any] | None = None) -> D:
    """Put a new rule in place from a day to come; what has held until then stays as it was.

    `same` names the columns that say what the rule is about (none: there is one rule of the kind at a time). Raises
    Refusal beside the field that is wrong.
    """
    if rule.valid_from <= clock.today():
        raise Refusal(
            _("Quy định mới chỉ có hiệu lực từ ngày mai trở đi, vì việc đã làm không tính lại."), "valid_from"
        )
    if not rule.legal_basis.strip():
        raise Refusal(_("Hãy ghi căn cứ: số văn bản, hợp đồng hoặc quyết định."), "legal_basis")
    kind = type(rule)
    about = [getattr(kind, name) == value for name, value in (same or {}).items()]
    with db.session.no_autoflush:
        taken = db.session.scalar(select(kind.id).where(kind.valid_from == rule.valid_from, *about))
    if taken is not None:
        raise Refusal(
            _("Đã có quy định bắt đầu từ ngày này. Hãy chọn ngày khác, hoặc bỏ quy định đó trước."),
            "valid_from",
        )
    db.session.add(rule)
    audit.record(by, f"{kind.__tablename__}.adopted", rule, valid_from=rule.valid_from.isoformat())
    return rule


def drop(rule: DatedRule, by: Actor) -> None:
    """Take back a rule that has not begun. One that holds, or held, stays: it decided things."""
    if rule.valid_from <= clock.today():
        raise Conflict(_("Quy định này đã có hiệu lực nên không bỏ được. Hãy thêm quy định mới thay nó."))
    audit.record(by, f"{rule.__tablename__}.dropped", rule, valid_from=rule.valid_from.isoformat())
    db.session.delete(rule)


def end(rule: DatedRule, last_day: date, by: Actor) -> None:
    """The rule holds up to and including a day that is not past."""
    if last_day < max(clock.today(), rule.valid_from):
        raise Refusal(_("Ngày cuối phải từ hôm nay và không trước ngày bắt đầu."), "last_day")
    rule.valid_to = last_day
    audit.record(by, f"{rule.__tablename__}.ended", rule, valid_to=last_day.isoformat())


def history(kind: type[D], *conditions: Any) -> Sequence[D]:
    """Every row of the kind, the latest to begin first."""
    return list(
        db.session.scalars(select(kind).where(*conditions).order_by(kind.valid_from.desc(), kind.id.desc()))
    )


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


def swap_day(day: date, is_working: bool, name: str, legal_basis: str, by: Actor) -> DayOverride:
    """Says that one day to come is worked or free, unlike its weekday or the list of public holidays."""
    rule = DayOverride(
        valid_from=day, valid_to=day, is_working=is_working, name=name, legal_basis=legal_basis
    )
    return adopt(rule, by)


class KeepingRule(DatedRule):
    """How many days something about people is kept before it is forgotten (`contracts`, `complaints`, `notices`, …)."""

    __tablename__ = "keeping_rule"

    what: Mapped[str] = mapped_column(Line(40), index=True)
    days: Mapped[int]
    name: Mapped[str] = mapped_column(Line(200), default="")


def kept_for(what: str, otherwise: timedelta) -> timedelta:
    """How long something is kept today; `otherwise` where a market has no rule for it."""
    rule = rule_on(KeepingRule, clock.today(), KeepingRule.what == what)
    return timedelta(days=rule.days) if rule is not None else otherwise
