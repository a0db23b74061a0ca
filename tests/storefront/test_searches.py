"""What people look for and do not find: counted, never by person; the association's own words."""

import csv
import io
from datetime import timedelta

import pytest

from marketplace.foundation import clock as wall_clock
from marketplace.foundation.db import db, transaction
from marketplace.search import own_words, searched
from marketplace.search import service as search
from marketplace.search.models import SearchedWords
from tests import cast, make


@pytest.fixture(autouse=True)
def rules(app):
    make.rules()
    searched.waiting().take()


def write():
    with transaction():
        searched.write(searched.waiting().take())


def test_words_are_counted_by_week_and_province_and_never_by_person(visit):
    tea = make.product(name="Trà đinh Tân Cương")
    search.rebuild()
    visit.client.set_cookie("province", "19")
    for _ in range(3):
        visit("/products", q="trà đinh")
        visit("/products", q="Sầu riêng")
    visit("/products", q="trà đinh", page="2")
    visit.raw("GET", f"/products/{tea.code}-tra-dinh-tan-cuong",
              headers={"Referer": "http://localhost/products?q=tr%C3%A0+%C4%91inh"})  # fmt: skip
    write()
    visit("/products", q="TRÀ ĐINH")
    write()
    rows = {row.words: row for row in searched.rows()}
    assert (rows["tra dinh"].asked, rows["tra dinh"].found_nothing, rows["tra dinh"].led_on) == (4, 0, 1)
    assert (rows["sau rieng"].asked, rows["sau rieng"].found_nothing) == (3, 3)
    kept = db.session.query(SearchedWords).filter_by(words="tra dinh").one()
    assert (kept.province, kept.week.weekday()) == ("19", 0)
    assert set(SearchedWords.__table__.columns.keys()) == {
        "id", "week", "province", "words", "written", "asked", "found_nothing", "led_on",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["0912 345 678", "lan@example.vn", "x", "   ", "số 0912345678 trà"])
def test_what_looks_like_somebodys_own_is_not_counted(app, text):
    searched.waiting().note(text, None, asked=1)
    assert not searched.waiting().take()


def test_few_askers_stay_unseen_and_old_numbers_go(visit, clock):
    for _ in range(2):
        searched.waiting().note("chè bà Tư", "19", asked=1)
    searched.waiting().note("trà đinh", "", asked=9)
    write()
    page = visit.sign_in(cast.admin())("/admin/searches")
    assert "trà đinh" in page and "chè bà Tư" not in page
    clock.forward(days=7 * 106)
    with transaction():
        searched.forget_old()
    assert not searched.rows(since=wall_clock.today() - timedelta(days=5000))


def test_counts_that_cannot_be_written_wait(app):
    waiting = searched.waiting()
    waiting.note("trà", None, asked=1)
    counts = waiting.take()
    waiting.note("trà", None, asked=1, found_nothing=1)
    waiting.give_back(counts)
    ((_key, count),) = waiting.take().items()
    assert (count.asked, count.found_nothing) == (2, 1)


def test_the_desk_shows_week_and_province_and_gives_a_sheet(visit):
    searched.waiting().note("sầu riêng", "96", asked=5, found_nothing=5)
    searched.waiting().note("=trà", "19", asked=4)
    write()
    visit.sign_in(cast.admin())
    page = visit("/admin/searches", only="nothing")
    assert "sầu riêng" in page and "=trà" not in page
    assert "sầu riêng" not in visit("/admin/searches", province="19")
    assert "sầu riêng" in visit("/admin/searches", week=wall_clock.today().isoformat(), province="96")
    assert "Chưa có gì" in visit("/admin/searches", week="2020-01-06")
    visit("/admin/searches", week="tuần này", province="zz")
    rows = list(csv.reader(io.StringIO(visit.raw("GET", "/admin/searches.csv").data.decode("utf-8-sig"))))
    assert ["sầu riêng", "5", "5", "0"] in rows and ["'=trà", "4", "0", "0"] in rows


def test_words_for_one_thing_are_looked_at_then_added_then_found(visit, run_jobs):
    ours = make.product(name="Bắp nếp Tủa Chùa", set_no=3)
    make.product(name="Bắp cải Đà Lạt", set_no=1)
    search.rebuild()
    visit.sign_in(cast.admin())
    page = visit("/admin/search-words", word="hạt vàng", same="bắp", but_not="bắp cải")
    assert (
        "hạt vàng" in page and "sẽ thêm 1 món" in page and ours.name in page and "Bắp cải Đà Lạt" not in page
    )
    page = visit.post("/admin/search-words", word="hạt vàng", same="bắp", but_not="bắp cải")
    assert "Đã thêm" in page and len(own_words.added()) == 1
    run_jobs()
    assert search.find(search.SearchQuery(text="hạt vàng")).ids[:1] == [ours.id]
    (one,) = own_words.added()
    page = page.form(f"/admin/search-words/{one.code}/removal").submit()
    run_jobs()
    assert "Đã bỏ" in page and not own_words.added()
    assert not search.find(search.SearchQuery(text="hạt vàng", literal=True)).total


def test_words_that_are_one_already_change_nothing_and_the_look_before_says_so(visit):
    make.product(name="Thịt lợn bản")
    make.product(name="Thịt heo gác bếp")
    search.rebuild()
    visit.sign_in(cast.admin())
    page = visit("/admin/search-words", word="heo", same="lợn")
    assert page.text.count("đang ra 2 món, sẽ thêm 0 món") == 2 and "thêm cũng không đổi gì" in page


@pytest.mark.parametrize(
    "typed",
    [
        {"word": "heo", "same": ""},
        {"word": "", "same": "lợn"},
        {"word": "!!!", "same": "lợn"},
        {"word": "heo", "same": ",".join(f"từ {n}" for n in range(20))},
        {"word": "một hai ba bốn năm sáu bảy", "same": "lợn"},
    ],
)
def test_words_that_are_none_are_refused_with_a_sentence(visit, typed):
    visit.sign_in(cast.admin())
    visit.post("/admin/search-words", status=422, **typed)
    assert not own_words.added()


def test_only_the_association_sees_it(visit):
    visit.sign_in(cast.buyer())
    for path in ("/admin/searches", "/admin/searches.csv", "/admin/search-words"):
        assert visit.raw("GET", path).status_code == 403
