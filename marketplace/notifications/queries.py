"""What can be seen: a person's notices, and what leaves the house."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.notifications.models import Delivery, DeliveryState, Message


def unread_count(person_id: int) -> int:
    """How many notices the person has not read."""
    return db.session.scalar(
        select(func.count()).select_from(Message).where(Message.person_id == person_id, Message.read_at.is_(None))
    ) or 0  # fmt: skip


def inbox(person_id: int, limit: int = 20, offset: int = 0) -> Sequence[Message]:
    """The person's notices, newest first."""
    return db.session.scalars(
        select(Message)
        .where(Message.person_id == person_id)
        .order_by(Message.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def inbox_count(person_id: int) -> int:
    return (
        db.session.scalar(select(func.count()).select_from(Message).where(Message.person_id == person_id))
        or 0
    )


def message_of(person_id: int, code: str) -> Message:
    """A notice of the person, or Missing."""
    found = db.session.scalar(select(Message).where(Message.person_id == person_id, Message.code == code))
    if found is None:
        raise Missing()
    return found


def delivery(delivery_id: int) -> Delivery | None:
    return db.session.get(Delivery, delivery_id)


def outbox(limit: int = 50) -> Sequence[Delivery]:
    """The last letters that left or wait, newest first."""
    return db.session.scalars(
        select(Delivery).options(joinedload(Delivery.message)).order_by(Delivery.id.desc()).limit(limit)
    ).all()


def failed_count() -> int:
    """Letters that never went: for the admin's desk."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.FAILED)
        )
        or 0
    )
