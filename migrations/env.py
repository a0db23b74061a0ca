"""How `flask db …` reaches the database: through the application, its settings and its tables."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.operations import MigrationScript
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.types import TypeEngine

from marketplace.foundation.db import Line, Moment, Prose, db

for tables in Path(current_app.root_path).glob("*/models.py"):
    import_module(f"marketplace.{tables.parent.name}.models")


def plain_type(kind: str, item: Any, _: Any) -> str | bool:
    """A migration speaks of plain columns: it must still run when the house calls its types something else."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Line):
        return f"sa.String(length={item.impl.length})"
    if isinstance(item, Prose):
        return "sa.Text()"
    if isinstance(item, sa.Enum) and not item.native_enum:
        return f"sa.String(length={item.length})"
    return False


def is_other_type(_: Any, __: Any, ___: Any, found: TypeEngine[Any], wanted: TypeEngine[Any]) -> bool | None:
    """States are kept as text: a new state is no new column."""
    if isinstance(wanted, sa.Enum) and not wanted.native_enum:
        return not isinstance(found, sa.String) or found.length != wanted.length
    return None


def numbered(_: Any, __: Any, scripts: Iterable[MigrationScript]) -> None:
    """0001, 0002, …: migrations are read in their order. Nothing to change writes no file."""
    if not getattr(context.config.cmd_opts, "autogenerate", False):
        return
    for script in scripts:
        if script.upgrade_ops is not None and script.upgrade_ops.is_empty():
            scripts[:] = []  # type: ignore[index]
            print("The migrations equal the models already.")  # noqa: T201
            return
        known = [int(one.revision) for one in ScriptDirectory.from_config(context.config).walk_revisions()]
        script.rev_id = f"{max(known, default=0) + 1:04d}"


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            _mind_foreign_keys(connection, False)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=is_sqlite,
            render_item=plain_type,
            compare_type=is_other_type,
            process_revision_directives=numbered,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if is_sqlite:
            connection.commit()
            _mind_foreign_keys(connection, True)


def _mind_foreign_keys(connection: sa.Connection, do: bool) -> None:
    """A table that is made anew must not take along the rows that point to it. SQLite hears this only between
    transactions, so it is said past SQLAlchemy, which would begin one."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys = {'ON' if do else 'OFF'}")  # type: ignore[attr-defined]  # sqlite3's own
    if do:
        lost = driver.execute("PRAGMA foreign_key_check").fetchall()  # type: ignore[attr-defined]
        if lost:
            raise SystemExit(f"After the migration {len(lost)} rows point to what is not there: {lost[:5]}")


if context.is_offline_mode():
    raise SystemExit("Migrations run against the database itself, not into a file.")
run()
