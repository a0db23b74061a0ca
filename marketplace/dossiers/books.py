"""Numbers that run on without a gap: a line in the register, a hand-over list. One locked row per book."""

from sqlalchemy.dialects import postgresql, sqlite

from marketplace.dossiers.models import Book
from marketplace.foundation import clock
from marketplace.foundation.db import db, new_code


def next_number(key: str) -> int:
    """The next number of a book, from 1; given back when the deed is."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        insert(Book)
        .values(code=new_code(), created_at=clock.now(), version=1, key=key, last=0)
        .on_conflict_do_nothing(index_elements=["key"])
    )
    book = db.session.query(Book).filter_by(key=key).with_for_update().populate_existing().one()
    book.last += 1
    db.session.flush()
    return book.last


def year_now() -> int:
    return clock.today().year
