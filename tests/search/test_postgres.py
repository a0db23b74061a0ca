"""The engine in PostgreSQL answers as Whoosh does: the same found, counted and ordered; kept in step; one writer."""

import random
from datetime import UTC, datetime

import pytest

from marketplace.search import answers
from marketplace.search.adapters.postgres import PostgresEngine
from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.search.port import Changes, Mark, SearchBusy, SearchQuery, SearchUnavailable, Sort
from tests.benchmarks import catalogue
from tests.search import goods

pytestmark = pytest.mark.database("postgresql")
START = datetime(2026, 11, 1, tzinfo=UTC)


def once(*steps: Changes):
    waiting = list(steps)
    return lambda mark: waiting.pop(0) if waiting else None


def test_both_engines_answer_alike(search_in_postgres, tmp_path, full):
    documents = [*goods.documents(), *catalogue.documents(3000 if full else 400, seed=5)]
    documents = [
        document.__class__(**{**_facts(document), "id": n}) for n, document in enumerate(documents, 1)
    ]
    whoosh = WhooshEngine(tmp_path / "search", answers=0)
    for engine in (whoosh, search_in_postgres):
        engine.rebuild(documents[:-40], Mark(0, START), goods.wording())
        engine.update(once(Changes(documents=documents[-60:], gone=[3, 5], mark=Mark(7, START))))
        assert engine.mark().seq == 7
    assert whoosh.digests() == search_in_postgres.digests()
    asked = catalogue.queries([document.name for document in documents], 400 if full else 120, seed=9)
    asked += [SearchQuery(sort=sort, page=page) for sort in Sort for page in (1, 2)]
    asked += [
        SearchQuery(text=text) for text in ("thịt heo", "dứa", "na rì", "mật ong 1kg", "ocop cà mau", "cheef")
    ]
    asked += [
        SearchQuery(text=text, **several)
        for text in ("", "chè", "mat ong")
        for several in (
            {"province": ("19", "96")},
            {"stars": (3, 4), "certificate": ("ocop", "vietgap")},
            {"group": ("thuc-pham", "do-uong"), "set": (1, 4, 8), "province": ("96", "none such")},
        )
    ]
    chance = random.Random(4)
    for query in asked:
        near = {"19": 3, "20": 2, "96": 1} if chance.random() < 0.3 else {}
        one, other = (answers.find(engine, query, near) for engine in (whoosh, search_in_postgres))
        assert one == other, query


def _facts(document):
    return {name: getattr(document, name) for name in document.__slots__}


def test_there_is_none_at_first(search_in_postgres):
    for look in (
        lambda: search_in_postgres.find(SearchQuery()),
        search_in_postgres.mark,
        search_in_postgres.digests,
    ):
        with pytest.raises(SearchUnavailable):
            look()
    with pytest.raises(SearchUnavailable):
        search_in_postgres.update(once())


def test_generations_are_switched_at_once_and_old_ones_cleared(search_in_postgres):
    documents = list(goods.documents())
    reader = PostgresEngine(refresh_seconds=60)
    for count in (5, 6, 7):
        search_in_postgres.rebuild(documents[:count], Mark(count, START), goods.wording())
        assert reader.find(SearchQuery()).total <= count  # its generation went: it looks again
        assert search_in_postgres.find(SearchQuery()).total == count
    assert {one.text for one in search_in_postgres.lexicon().suggest("bap", 8)} >= {"Bắp cải trái tim Đà Lạt"}


def test_a_failed_rebuild_leaves_the_old_one(search_in_postgres):
    documents = list(goods.documents())
    search_in_postgres.rebuild(documents[:5], Mark(1, START), goods.wording())

    def half():
        yield documents[0]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        search_in_postgres.rebuild(half(), Mark(2, START), goods.wording())
    assert search_in_postgres.find(SearchQuery()).total == 5 and search_in_postgres.mark().seq == 1


def test_only_one_writes(search_in_postgres, monkeypatch):
    monkeypatch.setattr("marketplace.search.adapters.postgres.WAIT_SECONDS", 0.1)
    search_in_postgres.rebuild(list(goods.documents())[:5], Mark(1, START), goods.wording())

    def meanwhile(mark):
        with pytest.raises(SearchBusy):
            PostgresEngine().update(once())

    search_in_postgres.update(meanwhile)
    assert PostgresEngine().update(once()) == 0


def test_what_went_is_not_suggested(search_in_postgres):
    documents = list(goods.documents())[:5]
    reader = PostgresEngine(refresh_seconds=60)
    search_in_postgres.rebuild(documents, Mark(1, START), goods.wording())
    name = documents[0].name
    assert name in {one.text for one in reader.lexicon().suggest(name[:6], 8)}
    search_in_postgres.update(once(Changes(gone=[documents[0].id], mark=Mark(2, START))))
    assert name not in {one.text for one in reader.lexicon().suggest(name[:6], 8)}


@pytest.mark.parametrize("typed", ["'", "\\", "a' | 'b", "!", "&", ":*", "x" * 10_000, "😀", "%s", ":loose"])
def test_nothing_typed_is_a_command(search_in_postgres, typed):
    search_in_postgres.rebuild(list(goods.documents())[:5], Mark(1, START), goods.wording())
    assert (
        search_in_postgres.find(SearchQuery(text=typed, page=10**9, set=10**9, price_max=10**30)).total == 0
    )
