"""The databases of a test run: every test that touches one runs on SQLite and, with `--db=both` (what `make test`
says), on a real PostgreSQL too. Each test begins with the database as it is after installation."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from tests import machine, postgres

Kind = Literal["sqlite", "postgresql"]
KINDS: dict[str, tuple[Kind, ...]] = {
    "sqlite": ("sqlite",),
    "postgresql": ("postgresql",),
    "both": ("sqlite", "postgresql"),
}
SERVER = "CHOQUE_TEST_POSTGRES"
"""Where the run's PostgreSQL is, or why there is none: told by the first process to pytest-xdist's others."""


class Database(Protocol):
    """A database for the tests of one process."""

    kind: Kind
    url: str

    def install(self, fill: Callable[[], None]) -> None:
        """Make it what it is after installation, once: `fill` makes tables and rows through the application."""

    def reset(self, engine: Engine) -> None:
        """Back to what it was after `install`."""

    def drop(self) -> None: ...


class Sqlite:
    """A file, and a copy of it as it was after installation: copying it back takes a millisecond."""

    kind: Kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.file, self.installed = folder / "test.db", folder / "installed.db"
        self.url = f"sqlite:///{self.file}"
        event.listen(Engine, "connect", self._without_waiting_for_the_disk)

    def install(self, fill: Callable[[], None]) -> None:
        fill()
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.file, self.installed)

    def reset(self, engine: Engine) -> None:
        engine.dispose()
        for rest in ("-wal", "-shm"):
            self.file.with_name(self.file.name + rest).unlink(missing_ok=True)
        shutil.copyfile(self.installed, self.file)

    def drop(self) -> None:
        """The folder goes with pytest's."""
        event.remove(Engine, "connect", self._without_waiting_for_the_disk)

    @staticmethod
    def _without_waiting_for_the_disk(connection: Any, _: Any) -> None:
        """What a power cut would leave is not asked here; a killed process leaves what it had committed all the same."""
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")


class Postgresql:
    """A database of its own on the run's server. Rows are deleted where there are any; tables that have rows after
    installation are put back from a copy when a test wrote to them.

    Deleted rows stay in the files until they are vacuumed, and every look at a table reads past them: after a thousand
    tests that would be most of the time. So what was emptied is vacuumed every so many tests.
    """

    kind: Kind = "postgresql"
    VACUUM_EVERY = 20

    def __init__(self, server: str, name: str) -> None:
        self.name = name
        self.url = server.format(database=name)
        self.server = create_engine(server.format(database="postgres"), isolation_level="AUTOCOMMIT")
        self.admin = create_engine(self.url, isolation_level="AUTOCOMMIT", pool_size=1)
        self.given: set[str] = set()
        self.others: list[str] = []
        self.written: set[str] = set()
        self.emptied: set[str] = set()
        self.resets = 0
        event.listen(Engine, "before_cursor_execute", self._watch)

    def install(self, fill: Callable[[], None]) -> None:
        with self.server.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{self.name}"'))
        fill()
        with self.admin.connect() as connection:
            tables = connection.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).all()
            self.given = self._with_rows(connection, list(tables))
            self.others = [table for table in tables if table not in self.given]
            connection.execute(text("CREATE SCHEMA installed"))
            for table in self.given:
                connection.execute(text(f'CREATE TABLE installed."{table}" AS TABLE public."{table}"'))

    def reset(self, engine: Engine) -> None:
        with self.admin.connect() as connection:
            dirty = self._with_rows(connection, self.others)
            spoilt = self.written & self.given
            if not dirty and not spoilt:
                return
            orders = [f'DELETE FROM public."{table}"' for table in dirty | spoilt]
            orders += [f'INSERT INTO public."{table}" SELECT * FROM installed."{table}"' for table in spoilt]
            # As a replica, so that foreign keys do not ask for an order.
            orders = ["SET lock_timeout = '10s'", "SET session_replication_role = replica", *orders]
            connection.exec_driver_sql("; ".join([*orders, "RESET session_replication_role"]))
            self.written.clear()
            self.emptied |= dirty | spoilt
            self.resets += 1
            if self.resets % self.VACUUM_EVERY == 0:
                connection.exec_driver_sql(
                    "VACUUM " + ", ".join(f'public."{table}"' for table in self.emptied)
                )
                self.emptied.clear()

    def drop(self) -> None:
        event.remove(Engine, "before_cursor_execute", self._watch)
        self.admin.dispose()
        with self.server.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'))
        self.server.dispose()

    @staticmethod
    def _with_rows(connection: Connection, tables: list[str]) -> set[str]:
        if not tables:
            return set()
        question = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM public.\"{table}\")" for table in tables
        )
        return set(connection.scalars(text(question)))

    def _watch(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found = re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', statement, re.IGNORECASE)
        if found:
            self.written.add(found[1])


# -- the pytest plugin --------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=list(KINDS),
        default="sqlite",
        help="databases to run on: sqlite (default), postgresql, both",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The first process starts PostgreSQL, once, before pytest-xdist starts its others."""
    if (
        "postgresql" not in KINDS[config.option.db]
        or hasattr(config, "workerinput")
        or config.option.collectonly
    ):
        return
    try:
        url, stop = postgres.start()
    except postgres.NoPostgres as reason:
        if machine.IS_CI:
            pytest.exit(f"no PostgreSQL for the tests: {reason}", returncode=1)
        os.environ[SERVER] = f"not on this machine: PostgreSQL ({reason})"
        return
    os.environ[SERVER] = url
    config.add_cleanup(stop)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that reaches the database runs once per kind."""
    if "database" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("database")
    kinds = [kind for kind in KINDS[metafunc.config.option.db] if only is None or kind in only.args]
    metafunc.parametrize("database", kinds, indirect=True, scope="session")


_made: dict[str, Database] = {}
before_drop: list[Callable[[], None]] = []
"""Who holds connections lets go of them here."""


def pytest_sessionfinish() -> None:
    for deed in (*before_drop, *(database.drop for database in _made.values())):
        deed()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The database of this test, of the kind it runs on; empty until the application installs it."""
    kind: Kind = request.param
    if kind not in _made:
        _made[kind] = _make(kind, tmp_path_factory)
    return _made[kind]


def _make(kind: Kind, folders: pytest.TempPathFactory) -> Database:
    if kind == "sqlite":
        return Sqlite(folders.mktemp("sqlite"))
    server = os.environ.get(SERVER, "")
    if "://" not in server:
        pytest.skip(server or "PostgreSQL was not started: run with --db=both")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    return Postgresql(server, f"choque_test_{os.getpid()}_{worker}")


@pytest.fixture
def empty_database(database: Database, tmp_path: Path) -> Iterator[Database]:
    """One more of the same kind with nothing in it, for a test that installs it itself."""
    if database.kind == "sqlite":
        yield Sqlite(tmp_path)
        return
    empty = Postgresql(os.environ[SERVER], f"choque_test_{os.getpid()}_empty")
    empty.install(lambda: None)
    yield empty
    empty.drop()


@pytest.fixture
def database_url(database: Database) -> str:
    """Its SQLAlchemy address, for a test that starts a process of its own."""
    return database.url
