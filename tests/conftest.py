"""What tests are given: the market on a fresh database, a visitor, the worker's hand, the messages, the clock.

def test_a_buyer_sees_the_shelf(visit):         pages, fetched and checked as a browser would show them
def test_accept(app): ...                       rules: services and queries, inside the application
def test_reminder(app, run_jobs, clock): ...    time passes when the test says so
"""

import contextvars
import importlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from flask import Flask
from hypothesis import settings as draws
from sqlalchemy import delete, select

import marketplace
from config import Settings
from marketplace.app import create_app
from marketplace.foundation import access, jobs
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db
from marketplace.notifications.models import Delivery, Message
from scripts import compress, translations
from tests.visit import Visitor

if TYPE_CHECKING:
    from tests.database import Database

pytest_plugins = ["tests.database"]

ROOT = Path(__file__).parents[1]

draws.register_profile("house", deadline=None)  # a busy machine is no bug
draws.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="nothing shortened: tests marked full, and long loops"
    )


def pytest_configure(config: pytest.Config) -> None:
    # Settings of whoever runs the tests are not the tests'.
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    os.environ["APP_ENV"] = "test"
    if not hasattr(config, "workerinput"):
        # Made once, before any server runs: a served file must not change under it.
        translations.compile_new()
        compress.compress_new()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.option.full:
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="in make test-all (--full)"))


# -- the market ---------------------------------------------------------------------------------------------------

_markets: dict[str, Flask] = {}


@pytest.fixture(scope="session")
def market(database: "Database", tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One application per database and process; `app` puts it back to the beginning for each test."""
    from tests.database import before_drop

    if database.kind not in _markets:
        settings = Settings(
            app_env="test", database_url=database.url, instance_path=tmp_path_factory.mktemp("instance")
        )
        made = create_app(settings)

        def fill() -> None:
            import_models()
            from tests import make

            with made.app_context():
                db.create_all()
                make.rules()
                db.session.execute(delete(AuditEntry))
                db.session.commit()
                db.session.remove()
                db.engine.dispose()

        def let_go() -> None:
            with made.app_context():
                db.engine.dispose()

        before_drop.append(let_go)
        database.install(fill)
        _markets[database.kind] = made
    return _markets[database.kind]


def import_models() -> None:
    """Every room's tables, whether its pages are plugged in yet or not."""
    for room in Path(marketplace.__path__[0]).glob("*/models.py"):
        importlib.import_module(f"marketplace.{room.parent.name}.models")


@pytest.fixture
def app(market: Flask, database: "Database") -> Iterator[Flask]:
    """The market as it is after installation, with its context pushed: call services and queries straight away."""
    instance = Path(market.instance_path)
    shutil.rmtree(instance)
    instance.mkdir()
    with market.app_context():
        database.reset(db.engine)
        access.limiter.reset()
        yield market
        db.session.remove()


@pytest.fixture
def visit(app: Flask) -> Visitor:
    """Somebody at a browser: `visit("/products")`. Every page fetched is checked; see tests/visit.py."""
    return Visitor(app)


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """The worker's hand: runs everything that is due, and what that asks for; returns how many ran. A job that fails
    fails the test."""

    def in_the_worker() -> int:
        with app.app_context():
            ran = jobs.run_due()
            failed = [row for row in db.session.query(jobs.OutboxJob) if row.last_error]
            assert not failed, f"{failed[0].name} failed:\n{failed[0].last_error}"
            return ran

    def run() -> int:
        db.session.rollback()
        ran = contextvars.Context().run(in_the_worker)
        db.session.rollback()
        return ran

    return run


class Sent:
    """What was said to whom: `sent(template="orders/placed")`, `sent.text(to="+84900000001")`."""

    def __call__(
        self, to: str | None = None, channel: str | None = None, template: str | None = None
    ) -> list[Delivery]:
        """Deliveries on a channel to an address, oldest first, whether they went out yet or not."""
        db.session.rollback()
        wanted = select(Delivery).join(Message).order_by(Delivery.id)
        if to is not None:
            wanted = wanted.where(Delivery.address == to)
        if channel is not None:
            wanted = wanted.where(Delivery.channel == channel)
        if template is not None:
            wanted = wanted.where(Message.template == template)
        return list(db.session.scalars(wanted))

    def text(self, to: str | None = None, channel: str | None = None, template: str | None = None) -> str:
        """The text of the newest."""
        found = self(to, channel, template)
        assert found, f"nothing was sent (to={to}, channel={channel}, template={template})"
        return found[-1].text

    def inbox(self, person_id: int) -> list[Message]:
        """What a person finds under their bell."""
        db.session.rollback()
        return list(
            db.session.scalars(select(Message).where(Message.person_id == person_id).order_by(Message.id))
        )


@pytest.fixture
def sent(app: Flask) -> Sent:
    """The messages of this test. Jobs send them: `run_jobs()` first."""
    return Sent()


# -- time ---------------------------------------------------------------------------------------------------------


class Clock:
    """The test's own time. It runs on from where it was put."""

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None

    def set(self, moment: datetime | str) -> datetime:
        """Go to a moment; a text is Vietnam's wall clock: `clock.set("2026-11-25 08:00")`."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=wall_clock.ZONE)
        self.back()
        self._travel = time_machine.travel(moment, tick=True)
        self._travel.start()
        return moment

    def forward(self, **by: float) -> datetime:
        """`clock.forward(hours=4)`."""
        return self.set(wall_clock.now() + timedelta(**by))

    def back(self) -> None:
        """Back to the real now."""
        if self._travel is not None:
            self._travel.stop()
            self._travel = None


@pytest.fixture
def clock() -> Iterator[Clock]:
    own = Clock()
    yield own
    own.back()


# -- no network ---------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test opens no socket. Marked `network_double` or `browser` it may reach this machine, and nothing else does.
    (PostgreSQL is reached by its own library, not by Python's sockets.)"""
    loopback = any(request.node.get_closest_marker(name) for name in ("network_double", "browser"))
    connect, make = socket.socket.connect, socket.socket.__init__

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            ("127.", "::1", "localhost")
        ):
            self.close()
            raise AssertionError(f"a test reached for {address}: tests speak to doubles on this machine only")
        connect(self, address)

    def refuse(self: socket.socket, family: int = -1, *rest: Any, **named: Any) -> None:
        if family in (-1, socket.AF_INET, socket.AF_INET6) and not named.get("fileno"):
            raise AssertionError(
                "a test opened a socket: mark it network_double or browser, or use the port's fake"
            )
        make(self, family, *rest, **named)

    if loopback:
        monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    else:
        monkeypatch.setattr(socket.socket, "__init__", refuse)


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether this run takes its time (`make test-all`): loops may be long."""
    return bool(request.config.option.full)
