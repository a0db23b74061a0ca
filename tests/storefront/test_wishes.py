"""Tell me when it appears: kept, told once, taken back, forgotten with the account."""

import pytest
from sqlalchemy import select

from marketplace.foundation import personal
from marketplace.foundation.db import db, transaction
from marketplace.search import service as search
from marketplace.search import wishes
from marketplace.search.models import Wish
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


# -- without an account -------------------------------------------------------------------------------------------


def ask(visit, contact="0912 000 111", q="sâm Ngọc Linh", status=200, **more):
    form = visit("/products", q=q).follow("Nhắn tôi khi có").form("/wishes")
    return form.submit(status=status, contact=contact, **{"agree": "y", **more})


def all_wishes():
    db.session.rollback()
    return db.session.scalars(select(Wish)).all()


def test_a_visitor_leaves_a_phone_is_told_once_and_stops_it_with_one_click(visit, run_jobs, sent):
    page = ask(visit)
    assert "chợ sẽ nhắn" in page and all_wishes()[0].phone == "+84912000111"
    make.product(name="Sâm Ngọc Linh lát", price_dong=2_000_000)
    search.rebuild()
    for _ in range(2):
        jobs.grant_wishes()
    run_jobs()
    text = sent.text(to="+84912000111", template="storefront/wish_granted_visitor")
    assert "Sam Ngoc Linh lat" in text and len(text) <= 160
    (wish,) = all_wishes()
    assert wish.told_at and wish.phone is None
    link = f"/wishes/{wish.code}?key={wish.key}"
    assert link in text
    page = visit.another()(link)
    assert "Xem hàng" in page
    page = page.form(says="đừng nhắn").submit()
    assert "Chợ không nhắn cho bạn về hàng mới nữa." in page
    # Nobody can put that phone on the list again.
    page = ask(visit, q="nấm tùng nhung", status=422)
    assert "đã nhờ chợ thôi nhắn" in page and len(all_wishes()) == 1


def test_an_e_mail_will_do_and_the_message_says_how_to_stop(visit, run_jobs, sent):
    ask(visit, contact="Ba@Example.com")
    make.product(name="Sâm Ngọc Linh lát", price_dong=2_000_000)
    search.rebuild()
    jobs.grant_wishes()
    run_jobs()
    text = sent.text(to="ba@example.com")
    assert "/wishes/" in text and "thôi nhận" in text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"contact": ""}, "Hãy ghi số điện thoại hoặc e-mail."),
        ({"contact": "số nhà tôi"}, "Chưa đúng."),
        ({"agree": None}, "Hãy đánh dấu đồng ý"),
    ],
)
def test_without_a_way_to_tell_or_consent_nothing_is_kept(visit, typed, sentence):
    page = ask(visit, status=422, **typed)
    assert sentence in page and "sâm Ngọc Linh" in page and not all_wishes()


def test_a_visitor_asks_for_few_things_and_each_once(visit, monkeypatch):
    monkeypatch.setattr(wishes, "MOST_OF_VISITOR", 1)
    ask(visit)
    ask(visit)
    page = ask(visit, q="nấm tùng nhung", status=422)
    assert "đã nhờ nhắn 1 món" in page and len(all_wishes()) == 1


def test_a_link_opens_only_with_its_key_and_old_wishes_go(visit, clock):
    ask(visit)
    (wish,) = all_wishes()
    visit(f"/wishes/{wish.code}", status=404)
    visit(f"/wishes/{wish.code}?key=khong-phai", status=404)
    assert "Chợ sẽ nhắn một lần" in visit(f"/wishes/{wish.code}?key={wish.key}")
    clock.forward(days=181)
    jobs.forget_old_words()
    assert not all_wishes()


def test_what_is_on_sale_needs_no_wish(visit):
    make.product(name="Trà đinh")
    search.rebuild()
    assert "có bán rồi" in visit("/wishes?q=trà+đinh")
    assert visit("/wishes").path == "/products"
