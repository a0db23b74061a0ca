"""What a visitor means: filters read, slips repaired with a way back, something to try when nothing is found; and nothing
typed breaks it."""

import unicodedata

import pytest

from marketplace.search import answers
from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.search.port import Mark, SearchQuery, Sort
from tests.search import goods


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhooshEngine:
    engine = WhooshEngine(tmp_path_factory.mktemp("search"), refresh_seconds=3600)
    engine.rebuild(goods.documents(), Mark(0, goods.START), goods.wording())
    return engine


def ask(engine, text="", **more):
    return answers.find(engine, SearchQuery(text=text, **more), {})


def names(results):
    known = {document.id: document.name for document in goods.documents()}
    return [known[number] for number in results.ids]


def test_filters_come_out_of_the_text_as_chips_that_can_be_taken_off(engine):
    found = ask(engine, "mật ong dưới 200k")
    (chip,) = found.reading.chips
    assert (found.reading.text, chip.values) == ("mật ong", {"price_max": 200_000})
    assert (chip.words, chip.without) == ("dưới 200k", "mật ong")
    assert 0 < found.total < ask(engine, chip.without).total


def test_a_filter_given_by_itself_wins_over_a_read_one(engine):
    found = ask(engine, "cà phê dưới 150k", price_max=1_000_000)
    assert found.reading.chips == () and found.total > ask(engine, "cà phê dưới 150k").total


def test_a_repair_is_said_and_can_be_taken_back(engine):
    found = ask(engine, "cheef")
    assert found.repaired == "chè" and found.total > 5
    literal = ask(engine, "cheef", literal=True)
    assert (literal.total, literal.repaired, literal.reading) == (0, None, None)


def test_a_pack_nobody_sells_is_left_off_and_said(engine):
    found = ask(engine, "mật ong 77 kg")
    assert found.total and [chip.words for chip in found.left_off] == ["77 kg"]


def test_what_to_take_off_when_filters_leave_nothing(engine):
    found = ask(engine, "mật ong", province="01", stars=5)
    assert found.total == 0 and found.matching > 0
    assert all(drop.total > 0 for drop in found.drops) and found.drops


def test_another_text_when_nothing_is_found(engine):
    found = ask(engine, "gạo st25 zzzz")
    assert found.total == 0 and found.nearest is not None
    assert ask(engine, found.nearest).total


@pytest.mark.parametrize("typed", ["name:chè", "zzzz/chè/qqqq", "chè OR zzzz"])
def test_what_stands_in_a_foreign_language_of_search_leaves_its_words(engine, typed):
    found = ask(engine, typed)
    assert (found.total, found.nearest) == (0, "chè")


def test_a_span_of_prices_the_wrong_way_round_is_turned(engine):
    (chip,) = ask(engine, "mật ong từ 200k đến 100k").reading.chips
    assert chip.values == {"price_min": 100_000, "price_max": 200_000}


def test_the_nearer_comes_first_among_equals(engine):
    for home in ("19", "96"):
        found = answers.find(engine, SearchQuery(near=home), {home: 3})
        assert found.total == ask(engine).total


@pytest.mark.parametrize(
    "typed",
    ["a" * 10_000, "chè " * 2_500, "???", "😀🍍", '"', "*", "a OR b", "NOT x", "name:chè", "(((((", "[a-z]+$" * 50,
     "((a+)+)+$", "\0", "\u202eabc", "1" * 5_000, "9" * 400 + "k", "dưới -5k", "0 sao", "%", "'; DROP TABLE x;--",
     "\ud800", "①②③", "ﷺ" * 30, "e\u0301" * 500],
)  # fmt: skip
def test_nothing_typed_breaks_it(engine, typed):
    for sort in (Sort.RELEVANCE, Sort.PRICE_ASC):
        found = ask(engine, typed, sort=sort)
        assert found.total >= len(found.ids)
    assert engine.lexicon().suggest(typed, 8) is not None


@pytest.mark.parametrize(
    "filters",
    [{"page": 10**9}, {"page": -1}, {"price_min": 500_000, "price_max": 1}, {"group": "no-such"}, {"set": 10**9},
     {"province": "??"}, {"stars": -4}, {"grams": 10**30}, {"price_max": 10**40}, {"certificate": "x"}],
)  # fmt: skip
def test_no_filter_breaks_it(engine, filters):
    found = ask(engine, "chè", **filters)
    assert found.total >= len(found.ids)


def test_composed_or_not_is_the_same(engine):
    assert ask(engine, unicodedata.normalize("NFD", "chè tân cương")).ids == ask(engine, "chè tân cương").ids
