"""Dated rules: new ones come in from a day to come, what held stays as it was."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.foundation import audit, clock, rules
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.rules import DayOverride


def swap(days: int, basis: str = "Thông báo 100/TB-BNV", is_working: bool = True) -> DayOverride:
    with transaction():
        return rules.swap_day(clock.today() + timedelta(days), is_working, "Làm bù", basis, SYSTEM)


def test_a_rule_of_tomorrow_comes_in_and_is_written_down(app):
    rule = swap(1)
    assert rules.rule_on(DayOverride, clock.today()) is None
    assert rules.rule_on(DayOverride, clock.today() + timedelta(1)) == rule
    assert [entry.verb for entry in audit.trail(rule)] == ["day_override.adopted"]
    assert clock.is_working_day(rule.valid_from)


@pytest.mark.parametrize(
    ("days", "basis", "field"), [(0, "x", "valid_from"), (-1, "x", "valid_from"), (1, " ", "legal_basis")]
)
def test_the_past_and_rules_without_a_basis_are_refused(app, days, basis, field):
    with pytest.raises(Refusal) as no:
        swap(days, basis)
    assert no.value.field == field
    assert db.session.scalar(select(func.count(DayOverride.id))) == 0
    assert db.session.scalar(select(func.count(AuditEntry.id))) == 0


def test_two_rules_of_one_thing_never_begin_on_one_day(app):
    swap(3)
    with pytest.raises(Refusal, match="Đã có quy định"):
        swap(3, is_working=False)
    assert db.session.scalar(select(func.count(DayOverride.id))) == 1


def test_a_rule_that_has_not_begun_may_be_taken_back_another_not(app, clock):
    coming, begun = swap(2), swap(1)
    clock.forward(days=1)
    with pytest.raises(Conflict), transaction():
        rules.drop(db.session.get_one(DayOverride, begun.id), SYSTEM)
    with transaction():
        rules.drop(db.session.get_one(DayOverride, coming.id), SYSTEM)
    assert [row.id for row in rules.history(DayOverride)] == [begun.id]
    assert db.session.scalar(select(func.count()).where(AuditEntry.verb == "day_override.dropped")) == 1


def test_a_rule_ends_on_a_day_that_is_not_past(app):
    rule = swap(2)
    with pytest.raises(Refusal), transaction():
        rules.end(rule, clock.today(), SYSTEM)
    db.session.rollback()
    with transaction():
        rules.end(rule, clock.today() + timedelta(5), SYSTEM)
    assert rule.valid_to == clock.today() + timedelta(5)
