"""Registering: an account with a name, a number and a password; nobody learns whether a number has one already."""

import threading
import unicodedata

import pytest

from marketplace.accounts import queries, service
from marketplace.accounts.models import OneTimeCode, Person, SignIn
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from tests import cast

PAGE = "/register"
PRIVATE = ("/account/phone", "/account", "/account/security", "/account/email", "/account/password", "/account/data",
           "/account/addresses", "/account/new-address", "/account/consents", "/account/notices")  # fmt: skip
PASSWORD = "nương chè sau nhà"


def register(visit, status=303, **changes):
    fields = {"name": "Ma Văn Thụ", "phone": "0912 000 031", "password": PASSWORD, "agree": "y"} | changes
    return visit(PAGE).form(PAGE).submit(status=status, **fields)


def people(phone="+84912000031"):
    db.session.rollback()
    return db.session.query(Person).filter((Person.phone == phone) | (Person.claimed_phone == phone)).all()


def nothing_happened():
    db.session.rollback()
    return (
        db.session.query(Person).count() == 0
        and db.session.query(SignIn).count() == 0
        and db.session.query(OneTimeCode).count() == 0
    )


def test_a_new_person_is_in_and_is_asked_to_confirm_the_number(visit, sent):
    page = register(visit)
    assert page.answer.headers["Location"] == "/account/phone"
    assert "0912 000 031" in visit("/account/phone")
    (person,) = people()
    assert (person.name, person.phone, person.phone_verified_at) == ("Ma Văn Thụ", "+84912000031", None)
    assert person.data_consent_at is not None
    assert person.password_hash.startswith("$argon2id$")
    assert "ma xac nhan so dien thoai" in sent.text("+84912000031", "sms")
    assert "Ma Văn Thụ" in visit("/account")


def test_the_code_on_the_developers_outbox_confirms_it(visit, sent):
    page = register(visit, status=200)
    assert page.all("a", href="/dev/outbox")
    code = visit("/dev/outbox").one("strong", class_="code").text
    page = visit("/account/phone").form("/account/phone/confirmation").submit(code=code)
    assert "Số điện thoại đã được xác nhận." in page
    assert people()[0].phone_verified_at is not None


def test_on_to_the_page_that_was_asked_for(visit):
    fields = {"name": "Thụ", "phone": "0912000031", "password": PASSWORD, "agree": "y"}
    page = visit("/register", next="/account/addresses").form(PAGE).submit(status=303, **fields)
    assert page.answer.headers["Location"] == "/account/phone?next=/account/addresses"
    assert visit("/account/phone?next=/account/addresses").links["Để sau"] == "/account/addresses"


def test_the_same_registration_sent_twice_is_one_account(visit):
    first = register(visit)
    second = register(visit.another())
    assert first.answer.headers["Location"] == second.answer.headers["Location"]
    assert len(people()) == 1
    assert db.session.query(SignIn).count() == 2


def shown(visit):
    """What a stranger can tell apart: the answer, and the pages after it."""
    answer = register(visit, phone="0912000001")
    cookies = sorted(cookie.key for cookie in visit.client._cookies.values())
    pages = [visit(path).text for path in PRIVATE]
    return answer.status, answer.answer.headers["Location"], cookies, pages


def test_a_number_with_an_account_looks_the_same_to_a_stranger(visit, clock):
    clock.set("2026-11-25 08:00")
    free = shown(visit)
    with transaction():
        (made,) = db.session.query(Person)
        made.phone, made.claimed_phone = "+84912000099", None
    cast.buyer()
    clock.set("2026-11-25 08:00")
    taken = shown(visit.another())
    assert taken == free


def test_the_owner_is_told_and_keeps_the_account(visit, sent):
    lan = cast.buyer()
    before = (lan.name, lan.phone, lan.password_hash)
    register(visit, phone="0912000001")
    text = sent.text("+84912000001", "sms")
    assert text.startswith("Co nguoi vua dang ky Cho Que bang so nay.")
    db.session.rollback()
    lan = queries.person(lan.code)
    assert (lan.name, lan.phone, lan.password_hash) == before
    assert queries.person_by_password("0912000001", cast.PASSWORD).id == lan.id
    assert "Trần Thị Lan" not in visit("/account")


def test_two_people_with_one_phone_each_have_their_own_account(visit, sent):
    lan = cast.buyer()
    register(visit, name="Chồng chị Lan", phone="0912000001")
    other = visit.another()
    visit_lan = other("/login").form("/login").submit(login="0912000001", password=cast.PASSWORD)
    assert visit_lan.status == 200
    assert "Trần Thị Lan" in other("/account")
    third = visit.another()
    third("/login").form("/login").submit(login="0912000001", password=PASSWORD)
    assert "Chồng chị Lan" in third("/account")
    # Codes go to the telephone and open the account that proved it.
    assert queries.person_by_login("0912000001").id == lan.id


def test_who_proves_to_hold_a_shared_phone_is_told_what_to_do(visit, sent):
    cast.buyer()
    register(visit, phone="0912000001")
    code = sent.text("+84912000001", "sms").split("ma la ")[1][:6]
    page = visit("/account/phone").form("/account/phone/confirmation").submit(code=code, status=422)
    assert "Nếu hai người dùng chung một số, hãy thêm e-mail" in page
    assert "điểm bưu điện" in page
    assert queries.person_by_login("0912000001").name == "Trần Thị Lan"


def test_a_number_somebody_only_said_was_theirs_goes_to_who_proves_it(visit, sent):
    register(visit, name="Người lạ", phone="0912000031", password="mật khẩu của kẻ lạ")
    mine = visit.another()
    register(mine, name="Chủ số", phone="0912000031")
    code = sent.text("+84912000031", "sms")[:6]
    mine("/account/phone").form("/account/phone/confirmation").submit(code=code)
    db.session.rollback()
    holder = queries.person_by_login("0912000031")
    assert holder.name == "Chủ số"
    assert holder.phone_verified_at is not None
    assert {person.name: person.phone for person in people()} == {"Chủ số": "+84912000031", "Người lạ": None}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "Hãy ghi họ tên."),
        ({"name": "x" * 10_000}, "Dài quá: tối đa 120 ký tự."),
        ({"name": "Lan\nBình"}, "Chỉ ghi một dòng"),
        ({"phone": ""}, "Hãy ghi số điện thoại."),
        ({"phone": "12345"}, "Số điện thoại chưa đúng."),
        ({"phone": "0912 000 03a"}, "Số điện thoại chưa đúng."),
        ({"phone": "+1 650 253 0000"}, "Số điện thoại chưa đúng."),
        ({"password": ""}, "Hãy ghi mật khẩu."),
        ({"password": "ngắn"}, "Mật khẩu cần ít nhất 8 ký tự."),
        ({"password": "matkhau123"}, "Mật khẩu này dễ đoán."),
        ({"password": "0912000031"}, "Mật khẩu này dễ đoán."),
        ({"password": "Ma Văn Thụ"}, "Mật khẩu này dễ đoán."),
        ({"password": "x" * 201}, "Dài quá: tối đa 200 ký tự."),
        ({"agree": None}, "Hãy đọc và đồng ý"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(visit, changes, says):
    page = register(visit, status=422, **changes)
    assert says in page
    assert nothing_happened()


def test_what_was_typed_is_kept_but_for_the_password(visit):
    page = register(visit, status=422, password="ngắn")
    form = page.form(PAGE)
    assert form.fields["name"] == "Ma Văn Thụ"
    assert form.fields["phone"] == "0912 000 031"
    assert form.fields["password"] == ""


@pytest.mark.parametrize("name", ['<script>alert("x")</script>', "Thụ & 'Hà' \"Bé\"", "100% của tôi %d"])
def test_a_name_is_shown_as_typed(visit, name):
    register(visit, name=name)
    page = visit("/account")
    assert page.h1 == name


def test_a_name_is_kept_nfc_without_nul(visit):
    register(visit, name=unicodedata.normalize("NFD", "Ma Văn Thụ") + "\x00")
    assert people()[0].name == "Ma Văn Thụ"


def test_a_password_is_the_same_from_every_keyboard(visit):
    register(visit, password=unicodedata.normalize("NFD", PASSWORD))
    assert queries.person_by_password("0912000031", PASSWORD) is not None


def test_a_number_is_not_registered_without_end(visit):
    for n in range(10):
        register(visit.another(), password=f"mật khẩu thứ {n}")
    page = register(visit, status=429, password="mật khẩu thứ mười")
    assert "Hãy chờ 60 phút" in page
    assert len(people()) == 10


def test_a_rule_asked_directly_refuses_too(app):
    for wrong in ({"name": " "}, {"phone": "1"}, {"password": "x"}, {"agree": False}):
        fields = {"name": "Thụ", "phone": "0912000031", "password": PASSWORD, "agree": True} | wrong
        with pytest.raises(Refusal), transaction():
            service.register(**fields, by=Actor.guest())
    assert nothing_happened()


@pytest.mark.parametrize("passwords_", [(PASSWORD, PASSWORD), (PASSWORD, "một mật khẩu khác")])
def test_two_at_once_with_one_number(app, passwords_):
    """On real threads and connections: the number is one account's, and a form sent twice is one account."""
    errors = []
    begin = threading.Barrier(len(passwords_))

    def go(password):
        with app.app_context():
            begin.wait()
            try:
                with transaction():
                    service.register("Thụ", "0912000031", password, True, Actor.guest())
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go, args=(password,)) for password in passwords_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    made = people()
    assert len(made) == len(set(passwords_))
    assert [person.phone for person in made].count("+84912000031") == 1
