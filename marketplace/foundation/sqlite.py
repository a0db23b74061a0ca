"""SQLite as the market uses it: a log written ahead, foreign keys, and transactions begun by us: as a reader, or at
once as the writer (`execution_options(begin="IMMEDIATE")`), so that two writers queue up instead of failing half-way.

A dialect and no listeners on the engine: with a single one SQLAlchemy asks at every statement, on PostgreSQL too, who
else wants to hear of it, and an order has some forty statements.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL

BUSY_SECONDS = 20


class Connection(sqlite3.Connection):
    """A connection that knows how its next transaction begins."""

    next_begin = "DEFERRED"


class Dialect(SQLiteDialect_pysqlite):
    supports_statement_cache = True

    def create_connect_args(self, url: URL) -> Any:
        positional, named = super().create_connect_args(url)
        return positional, {**named, "factory": Connection}

    def on_connect(self) -> Callable[[Any], None]:
        inherited = super().on_connect()

        def prepare(connection: Any) -> None:
            inherited(connection)
            # We say BEGIN ourselves: the driver's own habit would start every transaction as a reader.
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")

        return prepare

    def set_connection_execution_options(self, connection: Any, opts: Any) -> None:
        super().set_connection_execution_options(connection, opts)
        if "begin" in opts:
            connection.connection.dbapi_connection.next_begin = opts["begin"]

    def do_begin(self, dbapi_connection: Any) -> None:
        connection: Connection = dbapi_connection.dbapi_connection
        how, connection.next_begin = connection.next_begin, Connection.next_begin
        connection.execute(f"BEGIN {how}")
