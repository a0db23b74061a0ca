"""What happens without a person: an outbox row in the caller's transaction, a worker that runs it, a schedule.

`enqueue("shipping.book", parcel.id)` writes a row together with the deed, so nothing fires for a deed that was rolled
back and nothing is forgotten. After the commit the row is handed to huey (SQLite storage by default, Redis at scale);
a sweeper hands over again what was lost on the way. A job is safe to run twice.
"""

import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, BigInteger, Index, Integer, String, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import Moment, Prose, Row, after_commit, change, db, transaction, write
from marketplace.foundation.refusal import Missing

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
HAND_OVER_AGAIN = timedelta(minutes=2)
KEEP_DONE = timedelta(days=7)

Job = Callable[..., None]
HandOver = Callable[[int, bool], None]
"""Tells the worker about a row: its id, and whether it may wait until nothing quicker is left to do."""
_jobs: Mapping[str, Job] = {}
_hand_over: "HandOver | None" = None
_slow: frozenset[str] = frozenset()


class OutboxJob(Row):
    """A job to run: its name in the switchboard, its arguments, and how it fares."""

    __tablename__ = "outbox_job"
    __table_args__ = (Index("ix_outbox_job_waiting", "done_at", "run_after"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    arguments: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    run_after: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    given_up_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(Prose)

    @property
    def code(self) -> str:
        return str(self.id)


class WorkerBeat(Row):
    """The worker's sign of life: one row, renewed every few seconds."""

    __tablename__ = "worker_beat"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)


def connect(jobs: Mapping[str, Job], hand_over: HandOver | None, slow: frozenset[str] = frozenset()) -> None:
    """Plug in the switchboard's table of jobs, how a row reaches the worker at once (None: the sweeper only), and which
    jobs are slow: a bank's notice never waits behind a hundred pictures."""
    global _jobs, _hand_over, _slow
    _jobs, _hand_over, _slow = jobs, hand_over, slow


def _tell_worker(row_id: int, name: str) -> None:
    """Once the deed is committed, the worker hears of the row."""
    if _hand_over is not None:
        hand_over, is_slow = _hand_over, name in _slow
        after_commit(lambda: hand_over(row_id, is_slow))


def enqueue(name: str, *arguments: int | str, at: datetime | None = None) -> None:
    """Ask for a job by its name in `wiring.JOBS`, in the caller's transaction; `at` puts it off."""
    if name not in _jobs:
        raise LookupError(f"no job is called {name!r}")
    row_id = write(OutboxJob, name=name, arguments=list(arguments), run_after=at or clock.now())
    if at is None:
        _tell_worker(row_id, name)


def is_waiting(name: str, soon: bool = False) -> bool:
    """Is a job of this name still to be begun? Spares a second row where one will do. `soon`: within a minute, so
    that one put off after a failure does not count."""
    latest = clock.now() + timedelta(minutes=1)
    return (
        db.session.scalar(
            select(OutboxJob.id)
            .where(
                OutboxJob.name == name,
                OutboxJob.done_at.is_(None),
                OutboxJob.given_up_at.is_(None),
                OutboxJob.claimed_until.is_(None),
                *([OutboxJob.run_after <= latest] if soon else []),
            )
            .limit(1)
        )
        is not None
    )


def run(row_id: int) -> bool:
    """Run one outbox row unless it is done, not due, or in somebody's hands. True when it ran to its end."""
    with transaction():
        now = clock.now()
        taken = change(
            update(OutboxJob)
            .where(
                OutboxJob.id == row_id,
                OutboxJob.done_at.is_(None),
                OutboxJob.given_up_at.is_(None),
                OutboxJob.run_after <= now,
                (OutboxJob.claimed_until.is_(None)) | (OutboxJob.claimed_until < now),
            )
            .values(claimed_until=now + timedelta(minutes=10), attempts=OutboxJob.attempts + 1)
        )
        if not taken:
            return False
        row = db.session.get_one(OutboxJob, row_id)
        name, arguments, attempts = row.name, list(row.arguments), row.attempts
    try:
        job = _jobs[name]
        job(*arguments)
    except Exception as error:
        db.session.rollback()
        log.error("job failed", job=name, arguments=arguments, attempt=attempts, error=repr(error))
        with transaction():
            row = db.session.get_one(OutboxJob, row_id)
            row.claimed_until = None
            row.last_error = traceback.format_exc(limit=20)[-4000:]
            row.run_after = clock.now() + FIRST_PAUSE * 3 ** (attempts - 1)
            if attempts >= MAX_ATTEMPTS:
                row.given_up_at = clock.now()
        return False
    db.session.rollback()
    with transaction():
        row = db.session.get_one(OutboxJob, row_id)
        row.done_at = clock.now()
        row.claimed_until = None
        row.last_error = None
    return True


def due(limit: int = 200) -> list[int]:
    """Rows that are due and in nobody's hands: quick ones before slow ones, oldest first."""
    now = clock.now()
    return list(
        db.session.scalars(
            select(OutboxJob.id)
            .where(
                OutboxJob.done_at.is_(None),
                OutboxJob.given_up_at.is_(None),
                OutboxJob.run_after <= now,
                (OutboxJob.claimed_until.is_(None)) | (OutboxJob.claimed_until < now),
            )
            .order_by(OutboxJob.name.in_(_slow), OutboxJob.id)
            .limit(limit)
        )
    )


def run_due(rounds: int = 50, at_most: timedelta | None = None) -> int:
    """Run everything that is due, and what that asks for in turn, or until `at_most` is over. Returns how many ran
    (the sweeper, tests)."""
    ran, until = 0, clock.now() + at_most if at_most else None
    for _ in range(rounds):
        rows = due()
        db.session.rollback()
        if not rows:
            break
        for row_id in rows:
            if until is not None and clock.now() > until:
                return ran
            ran += run(row_id)
    return ran


def forget_done() -> None:
    """Clear away jobs done more than a week ago. Those given up stay until somebody looks."""
    with transaction():
        db.session.execute(delete(OutboxJob).where(OutboxJob.done_at < clock.now() - KEEP_DONE))


def beat() -> None:
    """The worker is alive."""
    with transaction():
        row = db.session.get(WorkerBeat, 1)
        if row is None:
            db.session.add(WorkerBeat(id=1, at=clock.now()))
        else:
            row.at = clock.now()


def database_answers() -> bool:
    """Can the database be read now?"""
    try:
        db.session.execute(select(OutboxJob.id).limit(1))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def worker_is_alive() -> bool:
    row = db.session.get(WorkerBeat, 1)
    return row is not None and row.at > clock.now() - timedelta(seconds=150)


def given_up() -> list[OutboxJob]:
    """Jobs nobody will try again without a person's word."""
    return list(
        db.session.scalars(select(OutboxJob).where(OutboxJob.given_up_at.is_not(None)).order_by(OutboxJob.id))
    )


def waiting_count() -> int:
    return (
        db.session.query(OutboxJob)
        .filter(OutboxJob.done_at.is_(None), OutboxJob.given_up_at.is_(None))
        .count()
    )


def job_given_up(code: str) -> OutboxJob:
    """One of the jobs that were given up, or Missing."""
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 19 else 0
    row = db.session.get(OutboxJob, number)
    if row is None or row.given_up_at is None:
        raise Missing()
    return row


def try_again(row: OutboxJob, by: Actor) -> None:
    """Give a job that was given up its attempts back, and hand it over again."""
    audit.record(by, "outbox_job.tried_again", row, job=row.name)  # type: ignore[arg-type]
    row.given_up_at = None
    row.attempts = 0
    row.run_after = clock.now()
    row.claimed_until = None
    _tell_worker(row.id, row.name)
