"""Who did what to which record, for whom: append-only, written in the same transaction as the deed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, Index, Integer, Select, String, and_, false, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import clock
from marketplace.foundation.db import Line, Moment, Record, Row, db, write

Kind = Literal["person", "guest", "system", "carrier", "bank"]


@dataclass(frozen=True)
class Actor:
    """Who does a deed: a person (perhaps helping another), a guest, or a machine from outside.

    `for_id` is the person helped, when a helper acts with that person's consent.
    """

    kind: Kind
    person_id: int | None = None
    for_id: int | None = None
    label: str = ""

    @classmethod
    def of(cls, person_id: int, for_id: int | None = None) -> "Actor":
        return cls("person", person_id, for_id)

    @classmethod
    def guest(cls) -> "Actor":
        return cls("guest")


SYSTEM = Actor("system")


class AuditEntry(Row):
    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_record", "record_type", "record_id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    for_id: Mapped[int | None] = mapped_column(BigInteger)
    verb: Mapped[str] = mapped_column(String(80))
    record_type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int] = mapped_column(BigInteger)
    record_code: Mapped[str] = mapped_column(Line(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(by: Actor, verb: str, what: Record, **details: Any) -> None:
    """Write that `by` did `verb` to the record. Details are facts a reader of the trail needs, never secrets."""
    if what.id is None:
        # The trail names the row, so the row must have its number.
        db.session.flush()
    write(
        AuditEntry,
        at=clock.now(),
        actor_kind=by.kind,
        actor_id=by.person_id,
        for_id=by.for_id,
        verb=verb,
        record_type=what.__tablename__,
        record_id=what.id,
        record_code=what.code,
        details={key: value for key, value in details.items() if value is not None},
    )


def of(records: Mapping[str, Collection[int]]) -> Select[AuditEntry]:
    """What was done to any of these records (table → ids), in no order yet."""
    each = [
        and_(AuditEntry.record_type == table, AuditEntry.record_id.in_(ids))
        for table, ids in records.items()
        if ids
    ]
    return select(AuditEntry).where(or_(false(), *each))


def trail(what: Record) -> list[AuditEntry]:
    """All that was done to the record, oldest first."""
    return list(db.session.scalars(of({what.__tablename__: [what.id]}).order_by(AuditEntry.id)))
