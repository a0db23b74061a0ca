"""What the tests of the search room share."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from marketplace.foundation.db import db
from marketplace.search.adapters.postgres import PostgresEngine


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch) -> None:
    """Indexes of tests need not outlast a power cut (what is killed is killed in processes of their own)."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def search_in_postgres(app) -> Iterator[PostgresEngine]:
    """The engine in PostgreSQL, on a database without its schema."""
    engine = PostgresEngine()
    _drop()
    yield engine
    db.session.rollback()
    _drop()


def _drop() -> None:
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS search CASCADE"))
