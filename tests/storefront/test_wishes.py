"""Tell me when it appears: kept, told once, taken back, forgotten with the account."""

import pytest

from marketplace.foundation import personal
from marketplace.foundation.db import db, transaction
from marketplace.search import service as search
from marketplace.search import wishes
from marketplace.storefront import jobs
from tests import cast, make


@pytest.fixture(autouse=True)
def rules(app):
    make.rules()
    search.rebuild()


def wish(visit, **query):
    page = visit.sign_in(cast.buyer())("/products", **query)
    return page.form("/account/wishes").submit()


def test_whoever_found_nothing_is_told_once_when_it_is_there(visit, run_jobs, sent):
    page = wish(visit, q="sâm Ngọc Linh", price_max="5000000")
    assert "sâm Ngọc Linh" in page and "chợ sẽ nhắn" in page
    jobs.grant_wishes()
    assert not sent.inbox(cast.buyer().id)
    make.product(name="Sâm Ngọc Linh tươi", price_dong=9_000_000)
    search.rebuild()
    jobs.grant_wishes()
    assert not sent.inbox(cast.buyer().id), "too dear"
    make.product(name="Sâm Ngọc Linh lát", price_dong=2_000_000)
    search.rebuild()
    for _ in range(2):
        jobs.grant_wishes()
    (told,) = [m for m in sent.inbox(cast.buyer().id) if m.template == "storefront/wish_granted"]
    assert "Sâm Ngọc Linh lát" in told.body and "2.000.000" in told.body
    assert told.path.startswith("/products?") and "Sâm Ngọc Linh lát" in visit(told.path)
    assert "Đã nhắn" in visit("/account/wishes")


def test_the_same_wish_twice_is_one_and_it_can_be_taken_back(visit):
    wish(visit, q="sâm Ngọc Linh")
    page = wish(visit, q="sâm Ngọc Linh")
    me = cast.buyer().id
    (one,) = wishes.open_of(me)
    page = page.form(f"/account/wishes/{one.code}/withdrawal").submit()
    assert "Bạn chưa nhờ nhắn món nào." in page and not wishes.open_of(me)


def test_nobody_takes_back_anothers_wish(visit):
    wish(visit, q="sâm Ngọc Linh")
    (one,) = wishes.open_of(cast.buyer().id)
    visit.another().sign_in(cast.farmer_an()).post(f"/account/wishes/{one.code}/withdrawal", status=404)
    assert wishes.open_of(cast.buyer().id)


def test_what_is_there_needs_no_wish_and_nothing_is_no_wish(visit):
    make.product(name="Trà đinh")
    search.rebuild()
    visit.sign_in(cast.buyer())
    page = visit.post("/account/wishes", q="trà đinh")
    assert "có bán rồi" in page
    page = visit.post("/account/wishes", sort="newest")
    assert not wishes.open_of(cast.buyer().id)


def test_not_more_than_one_can_mean(visit, monkeypatch):
    monkeypatch.setattr(wishes, "MOST_OPEN", 1)
    wish(visit, q="sâm Ngọc Linh")
    page = wish(visit, q="nấm tùng nhung")
    assert "bỏ bớt" in page and len(wishes.open_of(cast.buyer().id)) == 1


def test_a_wish_is_in_the_copy_of_ones_data_and_goes_with_the_account(visit):
    wish(visit, q="sâm Ngọc Linh")
    me = cast.buyer().id
    assert personal.gather(me)["search"][0]["words"] == "sâm Ngọc Linh"
    with transaction():
        wishes.forget(me)
    assert not wishes.open_of(me)
    db.session.rollback()


def test_a_visitor_is_led_to_sign_in_and_back(visit):
    page = visit("/products", q="sâm Ngọc Linh")
    href = next(h for h in page.links.values() if "/login?next=" in h)
    assert "products" in href
    visit.post("/account/wishes", q="sâm", status=303)
