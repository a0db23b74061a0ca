"""Rules are dated data: a row says what held from when to when, and by which decree. Rooms build their tables on it."""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from flask import g, has_app_context
from sqlalchemy import Date, Select, bindparam, event, false, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import audit, clock, market
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


class ApprovedRule(DatedRule):
    """A dated rule that two people put in place: one writes it, another approves it; until then it does not hold."""

    __abstract__ = True

    is_waiting: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_by_id: Mapped[int | None] = mapped_column()
    approved_by_id: Mapped[int | None] = mapped_column()


D = TypeVar("D", bound=DatedRule)
A = TypeVar("A", bound=ApprovedRule)


def rule_on(kind: type[D], day: date, *conditions: Any) -> D | None:
    """The rule of this kind in force on a day: the one that began last."""
    asked: Select[D] = _in_force(kind)  # type: ignore[arg-type]  # a class is hashable
    return db.session.scalars(asked.where(*conditions) if conditions else asked, {"day": day}).first()


@cache
def _in_force(kind: Any) -> Select[Any]:
    day = bindparam("day", type_=Date)
    approved = [kind.is_waiting.is_(False)] if issubclass(kind, ApprovedRule) else []
    return (
        select(kind)
        .where(kind.valid_from <= day, (kind.valid_to.is_(None)) | (kind.valid_to >= day), *approved)
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


def rule_held(kind: type[D], day: date) -> D | None:
    """The same for reading only, asked of the database once in a while: a rule that holds today cannot be changed
    today (`adopt`, `end` and `drop` see to it), so what was read half a minute ago still holds."""
    kept: KeptRules = market.plugged(KeptRules.PORT)
    found: D | None = kept.read((kind, day), lambda: (rule := rule_on(kind, day)) and _copy(rule))
    return found


def rules_held(key: Hashable, asked: Select[D]) -> Sequence[D]:
    """Several of them, for reading only, under a key that says what was asked."""
    kept: KeptRules = market.plugged(KeptRules.PORT)
    found: Sequence[D] = kept.read(key, lambda: [_copy(rule) for rule in db.session.scalars(asked)])
    return found


def _copy(rule: D) -> D:
    """A rule of no session: nobody can change the table by it."""
    names = [column.key for column in inspect(type(rule)).column_attrs]
    return type(rule)(**{name: getattr(rule, name) for name in names})


class KeptRules:
    """What was read of the dated tables a moment ago, for one market and process (wiring plugs it in). With
    `keep_seconds=0` everything is read again."""

    PORT = "foundation.kept_rules"
    MOST = 500

    def __init__(self, keep_seconds: float = 30.0) -> None:
        self._keep_seconds = keep_seconds
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    def read(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """What is kept under the key, else as `read` finds it."""
        until, found = self._kept.get(key, (0.0, None))
        if until < time.monotonic():
            found = read()
            if len(self._kept) >= self.MOST:
                self._kept.clear()
            if self._keep_seconds > 0:
                self._kept[key] = (time.monotonic() + self._keep_seconds, found)
        return found

    def forget(self) -> None:
        """Read everything again: a rule of this market is being written."""
        self._kept.clear()


@event.listens_for(DatedRule, "after_insert", propagate=True)
@event.listens_for(DatedRule, "after_update", propagate=True)
@event.listens_for(DatedRule, "after_delete", propagate=True)
def _written(_mapper: Any, _connection: Any, _rule: DatedRule) -> None:
    if has_app_context():
        market.plugged(KeptRules.PORT).forget()


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


def propose(rule: A, by: Actor, same: Mapping[str, Any] | None = None) -> A:
    """Write a rule down that another person has to approve before its day."""
    rule.is_waiting, rule.asked_by_id = True, by.person_id
    return adopt(rule, by, same)


def approve(rule: ApprovedRule, by: Actor) -> None:
    """A second person looked at a new rule: from its day it holds. Twice is once; whoever wrote it cannot."""
    if not rule.is_waiting:
        return
    if by.person_id is None or by.person_id == rule.asked_by_id:
        raise Conflict(_("Quy định này cần hai người: hãy nhờ quản trị khác duyệt."))
    if rule.valid_from <= clock.today():
        raise Conflict(_("Đã tới ngày mà chưa ai duyệt nên quy định này không dùng. Hãy thêm quy định mới."))
    rule.is_waiting, rule.approved_by_id = False, by.person_id
    audit.record(by, f"{rule.__tablename__}.approved", rule)


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
        g.day_overrides = market.plugged(KeptRules.PORT).read(DayOverride, _swapped_days)
    return g.day_overrides


def _swapped_days() -> dict[date, bool]:
    rows = db.session.execute(select(DayOverride.valid_from, DayOverride.is_working).order_by(DayOverride.id))
    return {row.valid_from: row.is_working for row in rows}


def swap_day(day: date, is_working: bool, name: str, legal_basis: str, by: Actor) -> DayOverride:
    """Says that one day to come is worked or free, unlike its weekday or the list of public holidays."""
    rule = DayOverride(
        valid_from=day, valid_to=day, is_working=is_working, name=name, legal_basis=legal_basis
    )
    return adopt(rule, by)


class KeepingRule(ApprovedRule):
    """How many days something about people is kept before it is forgotten (`contracts`, `complaints`, `notices`, …)."""

    __tablename__ = "keeping_rule"

    what: Mapped[str] = mapped_column(Line(40), index=True)
    days: Mapped[int]
    name: Mapped[str] = mapped_column(Line(200), default="")


def kept_for(what: str, otherwise: timedelta) -> timedelta:
    """How long something is kept today; `otherwise` where a market has no rule for it."""
    rule = rule_on(KeepingRule, clock.today(), KeepingRule.what == what)
    return timedelta(days=rule.days) if rule is not None else otherwise


LONGEST_DAYS = 3_660
SHORTEST_DAYS = 7


def propose_keeping(*, what: str, days: int, valid_from: date, legal_basis: str, by: Actor) -> KeepingRule:
    """Keep something so many days from a day to come, once another person approves it. Raises Refusal for what the
    market does not keep, or for days nobody can mean."""
    name = db.session.scalar(select(KeepingRule.name).where(KeepingRule.what == what).limit(1))
    if name is None:
        raise Refusal(_("Chợ không giữ loại thông tin này."), "what")
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise Refusal(
            _("Số ngày giữ từ %(least)s đến %(most)s.", least=SHORTEST_DAYS, most=LONGEST_DAYS), "days"
        )
    rule = KeepingRule(what=what, name=name, days=days, valid_from=valid_from, legal_basis=legal_basis)
    return propose(rule, by, same={"what": what})
