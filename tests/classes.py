"""Classes for tests: planned by a trainer of Tân Cương, joined by whom you like."""

from datetime import datetime, time
from typing import Any, TypeVar

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, in_transaction, transaction
from marketplace.training import service
from marketplace.training.models import Learner, TrainingClass
from marketplace.training.service import ClassFacts
from tests import cast

TAN_CUONG = "05503"
T = TypeVar("T")


def trainer() -> Person:
    """Hà teaches in Tân Cương."""
    found = cast.trainer()
    if not found.posts:
        with transaction():
            accounts.hold_post(again(found), SYSTEM, commune_code=TAN_CUONG)
    return again(found)


def trainer_gone() -> Person:
    """Hà, whatever work she has left."""
    found = people.person_by_login("0912000004")
    assert found is not None
    return found


def plan(
    day: str = "2026-11-25",
    begins: str = "08:00",
    ends: str = "11:00",
    by: Person | None = None,
    **facts: Any,
) -> TrainingClass:
    """A class of hers."""
    held = by or trainer()

    def at(hour: str) -> datetime:
        return datetime.combine(datetime.fromisoformat(day), time.fromisoformat(hour), clock.ZONE)

    asked: dict[str, Any] = {
        "title": "Bán chè trên chợ quê", "commune_code": TAN_CUONG, "place": "Nhà văn hóa xóm Hồng Thái 2",
        "begins_at": at(begins), "ends_at": at(ends), "seats": 30, **facts,
    }  # fmt: skip
    with transaction():
        return service.plan(again(held), ClassFacts(**asked), cast.by(held))


def join(lesson: TrainingClass, person: Person) -> Learner:
    """A farmer says yes."""
    if in_transaction():
        return service.join(again(lesson), again(person), cast.by(person))
    with transaction():
        return service.join(again(lesson), again(person), cast.by(person))


def again(record: T) -> T:
    """The same record in the session of now."""
    return db.session.get_one(type(record), record.id)  # type: ignore[attr-defined]
