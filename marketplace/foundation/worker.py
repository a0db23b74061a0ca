"""The worker: huey behind the outbox, with the schedule. One per market, held by a file lock."""

import fcntl
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from flask import Flask, current_app
from huey import Huey, PriorityRedisHuey, SqliteHuey, crontab

from marketplace.foundation import clock, jobs
from marketplace.foundation.db import db, transaction

log = structlog.get_logger(__name__)

Schedule = Mapping[str, Mapping[str, str]]
"""Job name → crontab fields in Vietnamese local time (`{"minute": "0", "hour": "0"}`)."""


SWEEP = timedelta(seconds=30)
"""A sweep makes room for the next one, so that the sign of life is never late."""


def attach(app: Flask, schedule: Schedule) -> Huey:
    """Give the application its queue: SQLite in the instance folder, or Redis at scale."""
    settings = app.extensions["settings"]
    name = "practice" if settings.practice else "market"
    queue: Huey = (
        PriorityRedisHuey(name, url=settings.redis_url)
        if settings.redis_url
        else SqliteHuey(name, filename=str(settings.instance_path / f"{name}-jobs.db"))
    )

    @queue.task(name="run_row")  # type: ignore[untyped-decorator]
    def run_row(row_id: int) -> None:
        with app.app_context():
            jobs.run(row_id)

    @queue.periodic_task(crontab(minute="*"), name="sweep")  # type: ignore[untyped-decorator]
    def sweep() -> None:
        """Every minute: say we are alive, and run what was put off or lost on the way."""
        with app.app_context():
            jobs.beat()
            jobs.run_due(at_most=SWEEP)

    for job, when in schedule.items():
        _schedule(app, queue, job, when)
    app.extensions["schedule"] = schedule
    app.extensions["queue"] = queue
    app.extensions["run_row"] = run_row
    return queue


def _schedule(app: Flask, queue: Huey, job: str, when: Mapping[str, str]) -> None:
    def begin() -> None:
        with app.app_context(), transaction():
            if not jobs.is_waiting(job):
                jobs.enqueue(job)

    is_due = crontab(**when)
    queue.periodic_task(lambda moment: is_due(on_the_wall(moment)), name=f"begin {job}")(begin)


def on_the_wall(moment: datetime) -> datetime:
    """huey tells the time in UTC; the schedule is written for Vietnamese wall clocks."""
    return clock.local(moment.replace(tzinfo=UTC)).replace(tzinfo=None)


def hand_over(row_id: int, is_slow: bool) -> None:
    """Tell the worker about a row now; slow ones stand behind all others. A queue that cannot be reached loses
    nothing: the sweeper finds the row."""
    try:
        current_app.extensions["run_row"](row_id, priority=0 if is_slow else 10)
    except Exception as error:
        log.warning("job not handed over, the sweeper will find it", row=row_id, error=repr(error))


def work(app: Flask, wait: bool = False) -> None:
    """Run the worker until it is stopped. A second worker for the same market says so and ends, or `wait`s until the
    first has ended."""
    settings = app.extensions["settings"]
    path = settings.instance_path / ("practice-worker.lock" if settings.practice else "worker.lock")
    lock = _only_one(path)
    if lock is None and wait:
        log.warning("a worker is already running for this market; this one begins when that one ends")
        lock = _only_one(path, wait=True)
    if lock is None:
        sys.exit("A worker is already running for this market; nothing to do.")
    with app.app_context():
        jobs.beat()
        db.session.remove()
    queue: Huey = app.extensions["queue"]
    consumer = queue.create_consumer(
        workers=2, worker_type="thread", periodic=True, initial_delay=0.1, max_delay=1.0
    )
    consumer.run()


def _only_one(path: Path, wait: bool = False) -> IO[Any] | None:
    """A lock the kernel lets go of when the process dies, however it dies."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
