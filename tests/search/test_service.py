"""The room: touches are followed once the deed is committed, drift is seen, a lost index comes back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from marketplace.foundation import jobs
from marketplace.foundation.db import db, transaction
from marketplace.search import port, service
from marketplace.search.models import SearchTouch
from marketplace.search.port import Document, SearchQuery, SearchUnavailable

START = datetime(2026, 11, 1, tzinfo=UTC)


class Shelf(port.NothingOnSale):
    """What storefront would know: products by id, all of farm 1."""

    def __init__(self) -> None:
        self.products = {
            n: Document(id=n, code=f"SP{n}", name=f"Chè {n}", created_at=START) for n in range(1, 4)
        }

    def documents(self, ids):
        return [self.products[n] for n in ids if n in self.products]

    def all_ids(self):
        return list(self.products)

    def touched(self, kind, record_id):
        return [record_id] if kind == "product" else list(self.products)

    def change(self, number: int, **facts) -> None:
        self.products[number] = replace(self.products[number], **facts)


@pytest.fixture
def shelf(app, monkeypatch):
    shelf = Shelf()
    monkeypatch.setitem(app.extensions["ports"], "search.documents", shelf)
    return shelf


def found(text: str = "") -> set[int]:
    return set(service.find(SearchQuery(text=text)).ids)


def touch(kind: str = "product", *ids: int) -> None:
    with transaction():
        service.touch(kind, *ids)


def test_before_the_first_touch_there_is_no_index_and_following_builds_one(shelf, run_jobs):
    with pytest.raises(SearchUnavailable):
        found()
    assert service.suggest("chè") == []
    touch("product", 1)
    run_jobs()
    assert found() == {1, 2, 3}
    assert not service.check()


def test_a_change_is_found_once_the_worker_followed_it(shelf, run_jobs):
    service.rebuild()
    shelf.change(2, name="Mật ong")
    touch("product", 2)
    assert found("mat ong") == set()
    assert service.check().waiting == 1
    run_jobs()
    assert found("mat ong") == {2}
    assert service.suggest("mậ")[0].key == "SP2"


def test_what_is_no_longer_on_sale_goes(shelf, run_jobs):
    service.rebuild()
    del shelf.products[2]
    touch("product", 2)
    run_jobs()
    assert found() == {1, 3} and not service.check()


def test_a_touch_of_a_farm_reaches_its_products(shelf, run_jobs):
    service.rebuild()
    for number in (1, 2, 3):
        shelf.change(number, province="19")
    touch("farm", 1)
    run_jobs()
    assert service.find(SearchQuery(province="19")).total == 3


def test_a_deed_undone_touches_nothing(shelf, run_jobs):
    service.rebuild()
    shelf.change(1, name="Muối")
    with pytest.raises(RuntimeError), transaction():
        service.touch("product", 1)
        raise RuntimeError
    assert run_jobs() == 0
    assert found("muoi") == set()


def test_many_touches_ask_for_one_job(shelf, run_jobs):
    service.rebuild()
    for number in (1, 2, 3):
        touch("product", number)
    touch("product")
    assert db.session.scalar(select(func.count()).select_from(jobs.OutboxJob)) == 1
    assert run_jobs() == 1
    assert port.engine().mark().seq == db.session.scalar(select(func.max(SearchTouch.id)))


def test_more_touches_than_fit_one_step(shelf, run_jobs, monkeypatch):
    monkeypatch.setattr(service, "STEP", 2)
    service.rebuild()
    shelf.products = {n: Document(id=n, code=f"SP{n}", name="Muối", created_at=START) for n in range(1, 10)}
    touch("product", *range(1, 10))
    run_jobs()
    assert found("muoi") == set(range(1, 10)) and not service.check()


def test_following_twice_writes_nothing_twice(shelf, run_jobs):
    touch("product", 1)
    run_jobs()
    assert service.follow() == 0


@pytest.mark.database("postgresql")
def test_a_row_committed_late_is_still_followed(shelf, run_jobs):
    service.rebuild()
    touch("product", 1)
    touch("product", 2)
    run_jobs()
    shelf.change(1, name="Muối")
    with transaction():  # a row with a smaller number than the last one followed
        db.session.execute(SearchTouch.__table__.insert().values(id=-1, kind="product", record_id=1))
    service.follow()
    assert found("muoi") == {1}


def test_drift_is_seen_product_by_product(shelf):
    service.rebuild()
    del shelf.products[1]
    shelf.change(2, price_dong=5)
    shelf.products[9] = Document(id=9, code="SP9", name="Mới", created_at=START)
    drift = service.check()
    assert (drift.left_over, drift.outdated, drift.missing) == ([1], [2], [9])
    assert drift and drift.documents == 3


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Whoosh leaves a broken file open
def test_a_damaged_index_is_built_anew_by_the_next_follow(app, shelf, run_jobs):
    service.rebuild()
    folder = port.engine().folder
    for file in (folder / (folder / "CURRENT").read_text()).glob("*.toc"):
        file.write_bytes(b"")
    port.engine()._snapshot = None
    with pytest.raises(SearchUnavailable):
        found()
    touch("product", 1)
    run_jobs()
    assert found() == {1, 2, 3}


def test_the_nightly_rebuild_clears_old_touches_and_loses_none(shelf, run_jobs, clock):
    touch("product", 1)
    run_jobs()
    clock.forward(days=8)
    with transaction():
        jobs.enqueue("search.rebuild")
    run_jobs()
    assert db.session.scalar(select(func.count()).select_from(SearchTouch)) == 0
    shelf.change(3, name="Muối")
    touch("product", 3)
    run_jobs()
    assert found("muoi") == {3}


def test_the_commands_say_what_they_did(app, shelf):
    runner = app.test_cli_runner()
    missing = runner.invoke(args=["search", "check"])
    assert missing.exit_code == 1 and "flask search rebuild" in missing.output
    assert "3 products" in runner.invoke(args=["search", "rebuild"]).output
    assert runner.invoke(args=["search", "check"]).exit_code == 0
    shelf.change(2, price_dong=5)
    drifted = runner.invoke(args=["search", "check"])
    assert drifted.exit_code == 1 and "out of date, by id: 2" in drifted.output
