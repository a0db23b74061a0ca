"""The database: typed columns, the Record base, one transaction per deed, row locks.

SQLite runs in WAL with `BEGIN IMMEDIATE` for writers, so that two writers queue up instead of failing half-way;
PostgreSQL is the same code at scale.
"""

import enum
import secrets
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Enum,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Text,
    TypeDecorator,
    Update,
    bindparam,
    insert,
    select,
)
from sqlalchemy.dialects import registry
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

from marketplace.foundation import clock
from marketplace.foundation.sqlite import BUSY_SECONDS

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0/O, 1/I: a code is read out over the telephone."""

registry.register("sqlite", "marketplace.foundation.sqlite", "Dialect")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class OneDatabase(Session):
    """A market has one database: nobody needs to look which, statement by statement."""

    def get_bind(self, *_asked: Any, bind: Any = None, **_how: Any) -> Any:
        if bind is not None:
            return bind
        if (engine := self.info.get("engine")) is None:
            engine = self.info["engine"] = self._db.engine
        return engine


db = SQLAlchemy(model_class=Base, session_options={"class_": OneDatabase})


class Moment(TypeDecorator[datetime]):
    """A moment, always aware and in UTC on the Python side; naive datetimes are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Line(TypeDecorator[str]):
    """One line of text up to a length, stored NFC. PostgreSQL cannot hold NUL, so neither do we."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean_text(value)


class Prose(TypeDecorator[str]):
    """Text of any length, stored NFC."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean_text(value)


def clean_text(text: str) -> str:
    """NFC, without NUL and without halves of surrogate pairs (which no database can store)."""
    text = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    return unicodedata.normalize("NFC", text)


Dong = BigInteger
"""Whole đồng. BIGINT: a large co-operative's year does not fit 32 bits."""


def state_column(
    states: type[enum.Enum], default: enum.Enum | None = None, index: bool = True, nullable: bool = False
) -> MappedColumn[Any]:
    """A state kept by its value, as text, so that a row can be read with any tool."""
    return mapped_column(
        Enum(
            states,
            native_enum=False,
            create_constraint=False,
            length=32,
            values_callable=lambda members: [member.value for member in members],
        ),
        default=default,
        index=index,
        nullable=nullable,
    )


def new_code(prefix: str = "", length: int = 8) -> str:
    """A public code people can read out: 32 letters, so 8 of them are a trillion codes."""
    # 32 letters: every byte chooses one of them as often as any other.
    return prefix + "".join(CODE_LETTERS[byte & 31] for byte in secrets.token_bytes(length))


class Row(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy makes it at run time
    """A table's row without the four columns of a Record: what is counted, queued or only written once."""

    __abstract__ = True


class Record(Row):
    """What every record has: an id that never leaves the house, a public code, when it was made, and a version
    that makes the second of two people saving the same record hear "someone just changed this"."""

    __abstract__ = True
    CODE_PREFIX: ClassVar[str] = ""
    CODE_LENGTH: ClassVar[int] = 8

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("code", new_code(self.CODE_PREFIX, self.CODE_LENGTH))
        values.setdefault("created_at", clock.now())
        super().__init__(**values)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.code}>"


class TransactionOpen(RuntimeError):
    """A deed was begun inside another: one deed, one transaction."""


@contextmanager
def transaction() -> Iterator[None]:
    """One deed: everything inside is written together or not at all. The only place that commits.

    Opened by routes and jobs, never inside a rule. On SQLite the write lock is taken at once (`BEGIN IMMEDIATE`),
    waiting up to `sqlite.BUSY_SECONDS`; afterwards the jobs enqueued inside are handed to the worker.
    """
    session = db.session()
    if session.info.get("deed"):
        raise TransactionOpen("a transaction is already open")
    # What was only read before must be read again under the lock.
    session.rollback()
    session.info["deed"] = True
    try:
        with turn_to_write(), _together_or_not_at_all(session):
            session.connection(execution_options={"begin": "IMMEDIATE"})
            yield
            session.commit()
    except BaseException:
        session.info.pop("handed_over", None)
        raise
    finally:
        session.info.pop("deed", None)
        session.info.pop("claimed", None)
        session.info.pop("begun", None)
    for hand_over in session.info.pop("handed_over", []):
        hand_over()


@contextmanager
def _together_or_not_at_all(session: Session) -> Iterator[None]:
    """What failed is taken back before the next one's turn, who would find the database locked."""
    try:
        yield
    except BaseException:
        session.rollback()
        raise


_turns: dict[str, threading.Lock] = defaultdict(threading.Lock)


@contextmanager
def turn_to_write() -> Iterator[None]:
    """SQLite lets one write at a time and has the others look again after naps of up to 0.1 s, so that under a rush a
    writer comes too late again and again. The writers of one process queue up here instead: the next begins at once.
    Whoever waits longer than BUSY_SECONDS is told so by the database itself."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    turn = _turns[str(db.engine.url)]
    is_ours = turn.acquire(timeout=BUSY_SECONDS)
    try:
        yield
    finally:
        if is_ours:
            turn.release()


def after_commit(action: Any) -> None:
    """Call `action()` once the deed is committed, and never when it is rolled back."""
    db.session().info.setdefault("handed_over", []).append(action)


def change(statement: Update | Delete) -> int:
    """How many rows one UPDATE or DELETE changed: what a conditional change is won or lost by."""
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount


def write(model: type[Row], **facts: Any) -> int:
    """Write one row that the deed does not look at again (its trail, its jobs), and give its number. Past the session,
    which would keep an object of it and look through it at every flush: a sixth of the work."""
    if issubclass(model, Record):
        facts.setdefault("code", new_code(model.CODE_PREFIX, model.CODE_LENGTH))
    asked = _writing(model)  # type: ignore[arg-type]  # a class is hashable
    key = db.session.connection().execute(asked, facts).inserted_primary_key
    return int(key[0]) if key else 0


@cache
def _writing(model: Any) -> Insert:
    return insert(model.__table__)


@contextmanager
def apart() -> Iterator[None]:
    """Write what another writer may just have written: a unique key taken meanwhile raises IntegrityError, and the deed
    goes on. On SQLite writers queue up from the first line of their deed (`transaction`), so who looked and found none
    is alone, and it is written with the rest."""
    if db.session.connection().dialect.name == "sqlite" and in_transaction():
        yield
        return
    with db.session.begin_nested():
        yield


def in_transaction() -> bool:
    return bool(db.session().info.get("deed"))


R = TypeVar("R", bound=Record)


def claim(model: type[R], ids: Sequence[int]) -> list[R]:
    """The rows locked until the end of the deed, in id order (one order everywhere, so nobody waits in a circle),
    with the values they have now."""
    asked: Select[R] = _claiming(model)  # type: ignore[arg-type]  # a class is hashable
    return list(db.session.scalars(asked, {"ids": sorted(set(ids))}))


def claim_found(asked: Select[R], **facts: Any) -> R | None:
    """The one row a question finds, locked like `claim`; who meets it later in the deed need not lock it again
    (`is_claimed`)."""
    asked = asked.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(asked, facts).one_or_none()
    if found is not None and in_transaction():
        db.session().info["claimed"] = {(type(found), found.id)}
    return found


def is_claimed(row: Record) -> bool:
    """Was this row locked by `claim_found` in this deed?"""
    return (type(row), row.id) in db.session().info.get("claimed", ())


def note_begun(*rows: Record) -> None:
    """This deed made these rows: nobody else has seen them, so nothing hangs on them but what the deed hangs there."""
    if in_transaction():
        db.session().info.setdefault("begun", []).extend(rows)


def begun(model: type[R]) -> list[R]:
    """The rows this deed made itself (`note_begun`)."""
    return [row for row in db.session().info.get("begun", ()) if isinstance(row, model)]


@cache
def _claiming(model: Any) -> Select[Any]:
    return (
        select(model)
        .where(model.id.in_(bindparam("ids", expanding=True)))
        .order_by(model.id)
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    )


def put_away() -> None:
    """After writing in bulk, outside any deed: SQLite moves what it wrote from its log into the file, for as long as it
    lies there every page of every reader is looked up in the log first."""
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()  # a reader, also this one, holds the log
        with closing(db.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
