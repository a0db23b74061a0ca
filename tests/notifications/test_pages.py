"""The inbox and the developer's outbox."""

import pytest

from marketplace.accounts import queries as accounts
from marketplace.foundation.db import db, transaction
from marketplace.notifications import queries, service
from marketplace.notifications.models import Message
from tests import cast

HELP = {"helper": "Phạm Thu Hà", "what": "Đăng và sửa nông sản"}


def tell(person, path="/account/consents", **facts):
    to = accounts.recipient_of(person)
    with transaction():
        return service.send(to, "accounts/help_asked", path, **{**HELP, **facts})


def test_notices_newest_first_with_a_count_on_every_page(visit):
    lan = cast.buyer()
    tell(lan, helper="Thứ nhất")
    tell(lan, helper="Thứ hai")
    page = visit.sign_in(lan)("/account/notices")
    assert page.text.index("Thứ hai") < page.text.index("Thứ nhất")
    assert "2" in visit("/account").text
    assert queries.unread_count(lan.id) == 2


def test_reading_one_leads_to_its_page(visit):
    lan = cast.buyer()
    tell(lan)
    page = visit.sign_in(lan)("/account/notices")
    there = page.form(says="Xem").submit()
    assert there.path == "/account/consents"
    assert queries.unread_count(lan.id) == 0
    assert "Mới" not in visit("/account/notices")


def test_all_read_at_once(visit):
    lan = cast.buyer()
    tell(lan)
    tell(lan)
    visit.sign_in(lan)("/account/notices").form(says="Đánh dấu đã đọc hết").submit()
    assert queries.unread_count(lan.id) == 0


def test_nothing_yet(visit):
    assert "Chưa có thông báo nào." in visit.sign_in(cast.buyer())("/account/notices")


def test_a_notice_of_another_person_is_not_there(visit):
    lan, an = cast.buyer(), cast.farmer_an()
    code = tell(lan).code
    visit.sign_in(an)
    visit.post(f"/account/notices/{code}/reading", status=404)
    assert "Phạm Thu Hà" not in visit("/account/notices")
    assert queries.unread_count(lan.id) == 1


def test_a_notice_leads_nowhere_else(visit):
    lan = cast.buyer()
    tell(lan, path="https://elsewhere.example/x")
    page = visit.sign_in(lan)("/account/notices").form(says="Xem").submit()
    assert page.path == "/account/notices"


def test_markup_is_shown_as_typed(visit):
    lan = cast.buyer()
    tell(lan, helper="<script>alert(1)</script>")
    page = visit.sign_in(lan)("/account/notices")
    assert "<script>alert(1)</script> xin được giúp bạn" in page


def test_a_guest_is_asked_to_sign_in(visit):
    assert visit("/account/notices", status=303).answer.headers["Location"] == "/login?next=/account/notices"


def test_without_the_token_nothing_is_read(visit):
    lan = cast.buyer()
    tell(lan)
    visit.sign_in(lan).post("/account/notices/reading", token=False, status=400)
    assert queries.unread_count(lan.id) == 1


# -- the developer's outbox --


def test_codes_are_clearly_readable(visit):
    lan = accounts.recipient_of(cast.buyer())
    with transaction():
        service.send(lan, "accounts/sign_in_code", is_secret=True, code="048213")
    page = visit("/dev/outbox")
    assert [code.text for code in page.all("strong", class_="code")] == ["048213"]


def test_links_can_be_pressed_and_markup_is_shown(visit):
    tell(cast.buyer(), helper="<b>Hà</b>")
    page = visit("/dev/outbox")
    assert "<b>Ha</b>" in page
    assert page.all("a", href="http://127.0.0.1:8000/account/consents")


def test_in_production_there_is_no_such_page(app, visit, monkeypatch):
    settings = app.extensions["settings"]
    production = settings.model_copy(update={"app_env": "production"})
    monkeypatch.setitem(app.extensions, "settings", production)
    visit("/dev/outbox", status=404)


@pytest.mark.parametrize("page", ["0", "99999999999", "-1", "x", "%00"])
def test_odd_page_numbers(visit, page):
    tell(cast.buyer())
    visit.sign_in(cast.buyer())(f"/account/notices?page={page}")
    assert db.session.query(Message).count() == 1
