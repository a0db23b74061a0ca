"""The engine: what is found, in which order, how it is counted; and an index damaged, missing or being built."""

import gc
import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.foundation import clock
from marketplace.search.adapters.whoosh import WhooshEngine
from marketplace.search.port import (
    FACETS,
    PRICE_BANDS,
    Changes,
    Document,
    Mark,
    SameWords,
    SearchBusy,
    SearchQuery,
    SearchUnavailable,
    Sort,
    Wording,
)
from marketplace.search.vietnamese import Syllable, fold, syllables

START = datetime(2026, 11, 1, tzinfo=UTC)


def product(number: int, name: str, **facts) -> Document:
    return Document(**{"id": number, "code": f"SP{number}", "name": name, "created_at": START, **facts})


TEA = product(
    1, "Chè Tân Cương đặc biệt", description="Chè xanh một tôm hai lá, chế biến thủ công", shop="HTX Hảo Đạt",
    shop_code="F1", category="Chè", called=("chè", "trà"), places=("Tỉnh Thái Nguyên", "Xã Tân Cương", "thành phố Thái Nguyên"),
    group="do-uong", set=11, province="19", stars=5, price_dong=450_000, sales=9,
    certificates=frozenset({"ocop", "vietgap"}),
    season=frozenset({3, 4, 11}),
)  # fmt: skip
HONEY = product(
    2, "Mật ong rừng U Minh Hạ", description="Mật ong hoa tràm", shop="HTX U Minh", shop_code="F2",
    category="Mật ong", places=("Tỉnh Cà Mau", "Xã U Minh"), group="thuc-pham", set=7, province="96", stars=4,
    price_dong=180_000, certificates=frozenset({"ocop"}), sales=30, created_at=START + timedelta(days=1),
    season=frozenset({1, 2, 3}),
)  # fmt: skip
PINEAPPLE = product(
    3,
    "Dứa mật Tắc Cậu",
    price_dong=30_000,
    group="thuc-pham",
    set=1,
    province="91",
    created_at=START + timedelta(days=2),
)
COCONUT = product(
    4, "Dừa sáp Cầu Kè", price_dong=120_000, group="thuc-pham", set=1, province="86", sales=50, stars=3
)
MELON = product(
    5,
    "Dưa lưới ruột cam",
    price_dong=60_000,
    in_stock=False,
    group="thuc-pham",
    set=1,
    province="96",
    sales=70,
)
COFFEE = product(
    6,
    "Cà phê rang mộc",
    description="Chế biến ướt. Hợp với dứa sấy.",
    price_dong=95_000,
    group="do-uong",
    set=12,
    province="66",
)
ALL = [TEA, HONEY, PINEAPPLE, COCONUT, MELON, COFFEE]


@pytest.fixture
def engine(tmp_path) -> WhooshEngine:
    engine = WhooshEngine(tmp_path / "search")
    engine.rebuild(ALL, Mark(0, START))
    return engine


def names(engine: WhooshEngine, text: str = "", **filters) -> list[str]:
    known = {document.id: document.name for document in ALL}
    return [known[number] for number in engine.find(SearchQuery(text=text, **filters)).ids]


def once(*steps: Changes):
    waiting = list(steps)
    return lambda mark: waiting.pop(0) if waiting else None


# -- finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["che tan cuong", "CHÈ TÂN CƯƠNG", "Chè  Tân-Cương!", "tân cương chè", "che Thái Nguyên", "trà hảo đạt"],
)
def test_words_find_a_product_however_they_are_typed(engine, typed):
    assert names(engine, typed)[:1] == [TEA.name]


def test_without_accents_every_reading_is_found_and_with_them_the_written_one_comes_first(engine):
    assert set(names(engine, "dua")) == {PINEAPPLE.name, COCONUT.name, MELON.name}
    for typed, first in (("dứa", PINEAPPLE), ("dừa", COCONUT), ("dưa", MELON)):
        assert names(engine, typed)[0] == first.name
        assert names(engine, typed) == [first.name]


def test_the_tone_may_stand_on_either_vowel(engine):
    engine.update(once(Changes(documents=[product(9, "Rượu Hoà Long")], mark=Mark(1, START))))
    assert engine.find(SearchQuery(text="rượu hòa long")).ids == [9]


def test_a_lone_word_of_a_description_does_not_count_unless_little_else_is_found(engine):
    assert COFFEE.name not in names(engine, "dua")  # its description says "dứa sấy"
    assert names(engine, "sấy") == []
    assert engine.find(SearchQuery(text="sấy"), widely=True).ids == [COFFEE.id]
    assert names(engine, "hoa tràm") == [HONEY.name]


def test_every_typed_word_must_be_there(engine):
    assert names(engine, "che u minh") == []
    assert names(engine, "không có gì như thế") == []
    assert names(engine, "???") == [] and len(names(engine, "   ")) == 6


@pytest.mark.parametrize(
    "typed",
    ["*", "id:1", "name:(a OR", '"', "\\", "%", "a" * 10_000, "\0", "x " * 500, "\u202e", "_", "mark"],
)
def test_nothing_typed_is_a_command(engine, typed):
    assert engine.find(SearchQuery(text=typed)).total == 0


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"group": "do-uong"}, {1, 6}),
        ({"set": 1}, {3, 4, 5}),
        ({"province": "96"}, {2, 5}),
        ({"stars": 4}, {2}),
        ({"certificate": "vietgap"}, {1}),
        ({"certificate": "ocop", "stars": 4}, {2}),
        ({"price_min": 95_000, "price_max": 180_000}, {2, 4, 6}),
        ({"price_max": 29_999}, set()),
        ({"price_min": 180_001}, {1}),
        ({"price_min": 200_000, "price_max": 100_000}, set()),
        ({"group": "no-such"}, set()),
        ({"stars": 9}, set()),
        ({"text": "dua", "province": "86"}, {4}),
    ],
)
def test_filters(engine, filters, found):
    results = engine.find(SearchQuery(**filters))
    assert set(results.ids) == found and results.total == len(found)


def test_in_season_is_this_month_in_vietnam(engine, monkeypatch):
    for month, found in ((11, [1]), (2, [2]), (7, [])):
        monkeypatch.setattr(clock, "today", lambda month=month: datetime(2026, month, 5, tzinfo=UTC).date())
        assert engine.find(SearchQuery(in_season=True)).ids == found


def test_orders(engine):
    def ids(sort):
        return engine.find(SearchQuery(sort=sort)).ids

    assert ids(Sort.PRICE_ASC) == [3, 5, 6, 4, 2, 1]
    assert ids(Sort.PRICE_DESC) == [1, 2, 4, 6, 5, 3]
    assert ids(Sort.NEWEST)[:2] == [3, 2]
    assert ids(Sort.POPULAR)[:3] == [5, 4, 2]
    assert ids(Sort.RELEVANCE)[0] == 1 and ids(Sort.RELEVANCE)[-1] == 5  # most stars first, sold out last


def test_counts(engine):
    results = engine.find(SearchQuery(text="dua", province="96"))
    assert results.total == 1
    assert results.facets["province"] == {"96": 1}
    assert results.choices["province"] == {"91": 1, "86": 1, "96": 1}
    assert results.choices["set"] == {1: 1}
    assert engine.find(SearchQuery()).facets["stars"] == {3: 1, 4: 1, 5: 1}


def test_pages(engine):
    pages = [
        engine.find(SearchQuery(sort=Sort.PRICE_ASC, per_page=2, page=page)).ids
        for page in (1, 2, 3, 4, 1000)
    ]
    assert pages == [[3, 5], [6, 4], [2, 1], [], []]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("tan c", ["Chè Tân Cương đặc biệt"]),
        ("mật o", ["Mật ong", "Mật ong rừng U Minh Hạ"]),
        ("thai", ["Tỉnh Thái Nguyên"]),
        ("HTX h", ["HTX Hảo Đạt"]),
        ("", []),
        ("?", []),
        ("xyz", []),
    ],
)
def test_suggestions(engine, typed, texts):
    assert [suggestion.text for suggestion in engine.lexicon().suggest(typed, 8)] == texts


def test_suggestions_follow_the_accents_and_name_what_they_stand_for(engine):
    assert engine.lexicon().suggest("dứ", 8)[0].text == PINEAPPLE.name
    assert {(s.kind, s.key) for s in engine.lexicon().suggest("mat ong", 8)} == {
        ("category", "7"),
        ("product", "SP2"),
    }
    assert len(engine.lexicon().suggest("d", 2)) == 2


def test_the_name_of_a_set_is_no_word_of_its_goods_but_what_they_are_called_is(engine):
    shrimp = product(50, "Tôm khô", category="Chế biến từ thịt, các sản phẩm từ mật ong", called=("đồ khô",))
    engine.rebuild([shrimp, product(51, "Mật ong")], Mark(1, START))
    assert engine.find(SearchQuery(text="mat ong")).ids == [51]
    assert engine.find(SearchQuery(text="do kho")).ids == [50]


def test_a_kind_is_suggested_by_the_words_that_tell_it_apart(engine):
    noodles = product(50, "Bún khô", category="Chế biến từ gạo, ngũ cốc", set=3)
    engine.rebuild([noodles, product(51, "Chè búp")], Mark(1, START))
    assert [one.text for one in engine.lexicon().suggest("che", 8)] == ["Chè búp"]
    assert [one.text for one in engine.lexicon().suggest("gao ngu", 8)] == ["Chế biến từ gạo, ngũ cốc"]


def test_goods_of_the_same_name_are_suggested_once(engine):
    twins = [product(n, "Chè búp", shop="HTX Một", shop_code="F9") for n in range(50, 70)]
    engine.rebuild(twins, Mark(1, START))
    assert [one.text for one in engine.lexicon().suggest("che", 8)] == ["Chè búp"]


# -- against brute force ------------------------------------------------------------------------------------------

TEA_WORDS = Wording(words=(SameWords(word="chè", same=("trà",), but_not=("trà đá",), bare=("che",)),))
WORDS = [
    "chè",
    "che",
    "trà",
    "dứa",
    "dừa",
    "dưa",
    "mật",
    "ong",
    "rừng",
    "tân",
    "cương",
    "tấn",
    "đá",
    "da",
    "hoà",
    "hòa",
]
phrase = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@st.composite
def catalogues(draw):
    count = draw(st.integers(1, 25))
    return [
        product(
            number,
            draw(phrase),
            description=draw(phrase),
            shop=draw(phrase),
            called=(draw(phrase),),
            group=draw(st.sampled_from(["a", "b", None])),
            set=draw(st.sampled_from([1, 2, None])),
            province=draw(st.sampled_from(["01", "02"])),
            stars=draw(st.sampled_from([3, 4, 5, None])),
            price_dong=draw(st.integers(1, 6)) * 1000,
            sales=draw(st.integers(0, 3)),
            in_stock=draw(st.booleans()),
            created_at=START + timedelta(days=draw(st.integers(0, 4))),
            certificates=frozenset(draw(st.lists(st.sampled_from(["ocop", "vietgap"]), max_size=2))),
        )
        for number in range(1, count + 1)
    ]


queries = st.builds(
    SearchQuery,
    text=st.one_of(st.just(""), phrase),
    group=st.sampled_from([None, None, "a", "b", ("a", "b"), ("b", "none such")]),
    set=st.sampled_from([None, None, 1, 2, (1, 2)]),
    province=st.sampled_from([None, None, "01", ("01", "02")]),
    stars=st.sampled_from([None, None, 4, (3, 5)]),
    price_min=st.sampled_from([None, 3000]),
    price_max=st.sampled_from([None, 4000]),
    certificate=st.sampled_from([None, None, "ocop", ("ocop", "vietgap"), ("vietgap", "none such")]),
    sort=st.sampled_from(list(Sort)),
    page=st.integers(1, 3),
    per_page=st.just(5),
)


def parts_of(document: Document) -> list[list[Syllable]]:
    told = (document.name, document.shop, *document.called, *document.places, document.description)
    return [syllables(part) for part in told]


def slowly_covers(document: Document, text: str) -> bool:
    """The rule of terms.py said again, as plainly as possible."""
    parts = parts_of(document)
    loose = {s.folded for part in parts[:-1] for s in part}
    typed = fold(text).split()
    return all(
        word in loose or stands_beside(parts, typed, place) or slowly_meant(document, text, place)
        for place, word in enumerate(typed)
    )


def stands_beside(parts: list[list[Syllable]], typed: list[str], place: int) -> bool:
    beside = {(one.folded, two.folded) for part in parts for one, two in pairwise(part)}
    return (place > 0 and (typed[place - 1], typed[place]) in beside) or (
        place + 1 < len(typed) and (typed[place], typed[place + 1]) in beside
    )


def slowly_meant(document: Document, text: str, place: int) -> bool:
    """chè and trà are one, but in "trà đá"."""
    name, typed = ([s.exact for s in syllables(part)] for part in (document.name, text))
    tea, iced = {syllables(word)[0].exact for word in ("chè", "trà")}, [s.exact for s in syllables("trà đá")]

    def tells(words: list[str], at: int) -> bool:
        return words[at] in tea and words[at : at + 2] != iced

    bare = typed[place] == "che"  # named in `bare`
    return (bare or tells(typed, place)) and any(tells(name, at) for at in range(len(name)))


def slowly_doubts(document: Document, text: str) -> bool:
    """An accented syllable stands alone in it with other accents only."""
    parts = parts_of(document)
    lone = {s for part in parts[:-1] for s in part}
    typed = syllables(text)
    return any(
        s.is_accented
        and s.folded in {other.folded for other in lone}
        and s.exact not in {other.exact for other in lone}
        and not stands_beside(parts, [other.folded for other in typed], place)
        and not slowly_meant(document, text, place)
        for place, s in enumerate(typed)
    )


def slowly(documents: list[Document], query: SearchQuery) -> tuple[list[Document], list[Document]]:
    """What fits the text, and what fits the filters too."""
    fits = [d for d in documents if not query.text or slowly_covers(d, query.text)]
    fits = [d for d in fits if not slowly_doubts(d, query.text)] or fits
    return fits, [d for d in fits if slowly_filtered(d, query)]


def slowly_filtered(document: Document, query: SearchQuery, but: str = "") -> bool:
    plain = ("group", "set", "province", "stars")
    return (
        all(getattr(document, f) in query.values(f) for f in plain if f != but and query.values(f))
        and (
            but == "certificate"
            or not query.values("certificate")
            or any(kind in document.certificates for kind in query.values("certificate"))
        )
        and (but == "price" or query.price_min is None or document.price_dong >= query.price_min)
        and (but == "price" or query.price_max is None or document.price_dong <= query.price_max)
    )


def counted(documents, facet):
    if facet == "certificate":
        return Counter(kind for document in documents for kind in document.certificates)
    if facet == "price":
        return Counter(
            band.key
            for document in documents
            for band in PRICE_BANDS
            if (band.low or 0) <= document.price_dong <= (band.high or 10**9)
        )
    values = [getattr(document, facet) for document in documents if getattr(document, facet) is not None]
    return {value: values.count(value) for value in values}


@given(catalogues(), st.lists(queries, min_size=3, max_size=3), st.randoms())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_engine_finds_and_counts_what_brute_force_does(tmp_path_factory, documents, asked, rng):
    engine = WhooshEngine(tmp_path_factory.mktemp("search"))
    old = [product(d.id, "cũ rồi", price_dong=1) for d in documents if rng.random() < 0.5] + [
        product(99, "dứa đã bán")
    ]
    engine.rebuild(old, Mark(0, START), TEA_WORDS)
    half = len(documents) // 2  # two commits on top: several segments, with deletions
    engine.update(
        once(
            Changes(documents=documents[:half], gone=[99], mark=Mark(1, START)),
            Changes(documents=documents[half:], mark=Mark(2, START)),
        )
    )
    assert engine.digests() == {d.id: d.digest for d in documents}
    keys = {
        Sort.NEWEST: lambda d: (d.created_at, d.id),
        Sort.PRICE_ASC: lambda d: (-d.price_dong,),
        Sort.PRICE_DESC: lambda d: (d.price_dong,),
        Sort.POPULAR: lambda d: (d.sales,),
    }
    for query in asked:
        fits, found = slowly(documents, query)
        results = engine.find(query)
        assert results.total == len(found)
        assert len(results.ids) == len(set(results.ids)) == max(0, min(5, len(found) - 5 * (query.page - 1)))
        assert set(results.ids) <= {d.id for d in found}
        for facet in FACETS:
            assert results.facets[facet] == counted(found, facet)
            others = [d for d in fits if slowly_filtered(d, query, but=facet)]
            assert results.choices[facet] == counted(others, facet)
        if query.sort in keys:
            key = keys[query.sort]
            ranked = sorted((key(d) for d in found), reverse=True)
            by_id = {d.id: d for d in found}
            assert [key(by_id[n]) for n in results.ids] == ranked[5 * (query.page - 1) : 5 * query.page]


# -- an index that is missing, damaged, busy or being built --------------------------------------------------------


def test_a_missing_index_is_said_to_be_unavailable(tmp_path):
    engine = WhooshEngine(tmp_path / "nothing")
    for look in (
        lambda: engine.find(SearchQuery()),
        lambda: engine.lexicon().suggest("a", 5),
        engine.digests,
        engine.mark,
    ):
        with pytest.raises(SearchUnavailable):
            look()
    with pytest.raises(SearchUnavailable):
        engine.update(once())


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Whoosh leaves a broken file open
@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_index_is_said_to_be_unavailable_and_can_be_built_anew(engine, seed):
    rng = random.Random(seed)
    generation = engine.folder / (engine.folder / "CURRENT").read_text()
    victim = rng.choice([*generation.glob("*.seg"), *generation.glob("*.toc")])
    data = victim.read_bytes()
    victim.write_bytes(rng.choice([b"", data[: len(data) // 2], bytes(len(data))]))
    with pytest.raises(SearchUnavailable):
        WhooshEngine(engine.folder).digests()
    engine.rebuild(ALL, Mark(5, START))
    assert WhooshEngine(engine.folder).find(SearchQuery()).total == 6
    gc.collect()


@pytest.mark.parametrize("ask", [lambda words: words.respell("cheef"), lambda words: words.suggest("che", 8)])
def test_damage_that_shows_only_when_the_words_are_read_is_no_accident_either(engine, ask):
    reader = WhooshEngine(engine.folder, refresh_seconds=3600)
    words = reader.lexicon()
    for segment in reader._newest().segments:
        segment.leaf = None  # as when its file is overwritten while it serves
    with pytest.raises(SearchUnavailable):
        ask(words)
    assert (engine.folder / "DAMAGED").read_text() == (engine.folder / "CURRENT").read_text()


def test_a_word_first_asked_for_after_the_files_were_zeroed_is_not_said_to_be_nowhere(engine):
    reader = WhooshEngine(engine.folder, refresh_seconds=3600)
    assert reader.find(SearchQuery()).total == 6
    assert reader.find(SearchQuery(text="xyz")).total == 0  # that nobody has it is no damage
    generation = engine.folder / (engine.folder / "CURRENT").read_text()
    for path in generation.glob("*.seg"):
        with path.open("r+b") as file:  # as it is, while it is open
            file.write(bytes(path.stat().st_size))
    with pytest.raises(SearchUnavailable):
        reader.find(SearchQuery(text="tôm"))
    assert (engine.folder / "DAMAGED").read_text() == generation.name


def test_a_reader_sees_the_next_commit_and_the_next_generation(engine):
    reader = WhooshEngine(engine.folder)
    assert reader.find(SearchQuery()).total == 6
    engine.update(once(Changes(documents=[product(7, "Muối")], gone=[1], mark=Mark(8, START))))
    assert reader.find(SearchQuery()).total == 6 and reader.mark().seq == 8
    assert reader.find(SearchQuery(text="muối")).ids == [7]
    engine.rebuild(ALL[:2], Mark(9, START))
    assert reader.find(SearchQuery()).total == 2 and reader.mark().seq == 9


def test_what_did_not_change_is_not_written_again(engine):
    before = engine.find(SearchQuery()) and engine._newest().commit
    assert engine.update(once(Changes(documents=[TEA], gone=[77], mark=Mark(0, START)))) == 0
    assert engine._newest().commit == before


def test_old_generations_and_half_built_ones_are_cleared_away(engine):
    (engine.folder / "gen-000099.tmp").mkdir()
    for _ in range(3):
        engine.rebuild(ALL, Mark(0, START))
    kept = sorted(path.name for path in engine.folder.glob("gen-*"))
    assert len(kept) == 2 and kept[-1] == (engine.folder / "CURRENT").read_text()


def test_a_failed_rebuild_leaves_the_old_index_in_use(engine):
    def half():
        yield TEA
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        engine.rebuild(half(), Mark(1, START))
    assert engine.find(SearchQuery()).total == 6
    engine.rebuild(ALL, Mark(1, START))
    assert engine.find(SearchQuery()).total == 6


def test_a_failed_step_changes_nothing(engine):
    broken = product(8, "Hỏng", price_dong=1, created_at=START)
    object.__setattr__(broken, "created_at", "yesterday")
    with pytest.raises(SearchUnavailable):
        engine.update(once(Changes(documents=[product(7, "Muối"), broken], gone=[1], mark=Mark(3, START))))
    assert engine.find(SearchQuery()).total == 6 and engine.mark().seq == 0
    engine.update(once(Changes(documents=[product(7, "Muối")], mark=Mark(3, START))))
    assert engine.find(SearchQuery()).total == 7


def test_only_one_writer_at_a_time(engine, monkeypatch):
    monkeypatch.setattr("marketplace.search.adapters.whoosh.WAIT_SECONDS", 0.1)
    other = WhooshEngine(engine.folder)

    def meanwhile(mark):
        with pytest.raises(SearchBusy):
            other.update(once())

    engine.update(meanwhile)
    assert other.update(once()) == 0


def test_readers_go_on_while_the_index_is_rebuilt_and_followed(engine):
    wrong: list[object] = []
    done = threading.Event()

    def read(reader: WhooshEngine) -> None:
        while not done.is_set():
            try:
                results = reader.find(SearchQuery(text="dua"))
                if results.total != 3 or len(results.ids) != 3:
                    wrong.append(results)
            except Exception as error:
                wrong.append(error)

    shared = WhooshEngine(engine.folder)
    threads = [
        threading.Thread(target=read, args=(r,)) for r in (shared, shared, WhooshEngine(engine.folder))
    ]
    for thread in threads:
        thread.start()
    try:
        for turn in range(6):
            engine.rebuild(ALL, Mark(turn, START))
            engine.update(once(Changes(documents=[product(20 + turn, "Muối")], mark=Mark(100 + turn, START))))
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []
