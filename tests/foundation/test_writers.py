"""Many who write at once."""

import threading

from sqlalchemy import event, func, select

from marketplace.accounts.models import Person
from marketplace.foundation import audit
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from tests import cast

WRITERS, TIMES = 8, 4


def test_the_writers_of_a_process_queue_up(app):
    """Here the database itself has no patience: whoever came beside another would be told that it is locked. One of
    them is refused each time, and gives its turn on all the same."""

    def impatient(connection, *_others) -> None:
        if db.engine.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout = 0")

    who = cast.buyer().id
    gate = threading.Barrier(WRITERS)
    told: list[BaseException] = []

    def write(number: int) -> None:
        with app.app_context():
            gate.wait()
            for _time in range(TIMES):
                try:
                    with transaction():
                        audit.record(SYSTEM, "test.written", db.session.get_one(Person, who))
                        if not number:
                            raise Refusal("No.")
                except Exception as problem:
                    told.append(problem)
            db.session.remove()

    before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    db.session.rollback()
    event.listen(db.engine, "checkout", impatient)
    threads = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    event.remove(db.engine, "checkout", impatient)
    db.engine.dispose()
    assert [str(one) for one in told] == ["No."] * TIMES
    after = db.session.scalar(select(func.count()).select_from(AuditEntry))
    assert after - before == (WRITERS - 1) * TIMES
