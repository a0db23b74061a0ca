"""A database migrated from nothing is the one the models describe, on both engines, and there is a way back."""

from datetime import date, datetime
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, Table, create_engine, insert, inspect, text
from sqlalchemy.pool import NullPool

from config import Settings
from marketplace.app import create_app
from marketplace.foundation import clock
from marketplace.foundation.db import db
from tests.conftest import ROOT, import_models
from tests.database import Database


def differences(url: str) -> list[str]:
    """What the database has that the models have not, and the other way round."""
    import_models()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _is_other_type})
        return [repr(one)[:300] for one in compare_metadata(context, db.metadata)]


def _is_other_type(context, column, model, found, wanted):
    # A state is text: a state more is no other column.
    return False if getattr(wanted, "enum_class", None) else None


def test_migrations_equal_models(empty_database: Database, tmp_path):
    settings = Settings(app_env="test", database_url=empty_database.url, instance_path=tmp_path)
    app = create_app(settings)
    with app.app_context():
        upgrade()
        found = differences(empty_database.url)
        assert not found, "\n" + "\n".join(found)
        downgrade(revision="base")
        tables = inspect(db.engine).get_table_names()
        db.engine.dispose()
    assert set(tables) <= {"alembic_version"}


def test_a_missing_column_is_found(empty_database: Database, tmp_path):
    settings = Settings(app_env="test", database_url=empty_database.url, instance_path=tmp_path)
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        found = differences(empty_database.url)
        assert not found, "\n" + "\n".join(found)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE farm_order ADD COLUMN planted INTEGER")
        found = differences(empty_database.url)
        db.engine.dispose()
    assert len(found) == 1
    assert "planted" in found[0]


FULL = ("person", "farm", "order_", "farm_order", "parcel", "payment", "refund", "cart")
"""Tables that others point to, and that later migrations of SQLite make anew."""

KNOWN = {
    "person": {"phone": "+84900000001"},
    "order_": {"total_dong": 2},
    "farm_order": {"market_discount_dong": 0, "market_freight_discount_dong": 0},
    "refund": {"carrier_bears_dong": 0, "market_bears_dong": 0},
}
"""What else their checks ask of a row."""


def _row(table: Table) -> dict[str, Any]:
    """A row of a table as it was, whatever the models say today: numbers 1, words of the column's name."""
    example = {bool: True, int: 1, datetime: clock.now(), date: clock.today(), object: None}
    row = {
        column.name: column.name[: column.type.length or 40] if kind is str else example[kind]
        for column in table.columns
        if not column.nullable and (kind := column.type.python_type)
    }
    return row | KNOWN.get(table.name, {})


def test_what_is_in_a_market_stays_on_the_way_up(empty_database: Database, tmp_path):
    settings = Settings(app_env="test", database_url=empty_database.url, instance_path=tmp_path)
    app = create_app(settings)
    with app.app_context():
        upgrade(revision="0001")
        tables = MetaData()
        tables.reflect(db.engine, only=FULL)
        with db.engine.begin() as connection:
            for name in FULL:
                connection.execute(insert(tables.tables[name]).values(_row(tables.tables[name])))
        db.engine.dispose()
        upgrade()
        with db.engine.connect() as connection:
            counts = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in FULL}
        db.engine.dispose()
    assert counts == dict.fromkeys(FULL, 1)


def test_migrations_follow_each_other():
    """One line of numbers, no forks."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert scripts.get_heads() == [numbers[0]]
    assert numbers == [f"{number:04d}" for number in range(len(numbers), 0, -1)]
