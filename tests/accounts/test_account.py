"""One's own account: name, number, e-mail, password, sessions."""

import pytest

from marketplace.accounts import queries, service
from marketplace.accounts.models import SignIn
from marketplace.foundation.db import db, transaction
from tests import cast


def again(person):
    db.session.rollback()
    return queries.person(person.code)


@pytest.fixture
def lan(app):
    return cast.buyer()


def test_every_page_is_for_who_is_signed_in(visit):
    for path in ("", "/name", "/phone", "/email", "/password", "/security", "/addresses", "/new-address",
                 "/consents", "/data", "/data/file"):  # fmt: skip
        assert visit(f"/account{path}", status=303).answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("who", cast.EVERYBODY)
def test_everybody_has_one(visit, who):
    person = who()
    assert visit.sign_in(person)("/account").h1 == person.name


def test_a_new_name(visit, lan):
    visit.sign_in(lan)("/account/name").form("/account/name").submit(name="Trần Thị  Lan Anh")
    assert again(lan).name == "Trần Thị Lan Anh"
    assert "Dài quá" in visit("/account/name").form("/account/name").submit(name="x" * 10_000, status=422)
    assert again(lan).name == "Trần Thị Lan Anh"


# -- number --


def test_a_new_number_is_theirs_when_it_is_proved(visit, lan, sent):
    visit.sign_in(lan)("/account/phone").form("/account/phone").submit(phone="0912000041")
    assert (again(lan).phone, again(lan).claimed_phone) == ("+84912000001", "+84912000041")
    code = sent.text("+84912000041", "sms")[:6]
    visit("/account/phone").form("/account/phone/confirmation").submit(code=code)
    assert (again(lan).phone, again(lan).claimed_phone) == ("+84912000041", None)
    assert queries.person_by_login("0912000001") is None


def test_a_number_another_account_proved_stays_there(visit, lan, sent):
    an = cast.farmer_an()
    visit.sign_in(lan)("/account/phone").form("/account/phone").submit(phone=an.phone)
    assert "Co nguoi vua dang ky" in sent.text(an.phone, "sms")
    code = sent.text(an.phone, "sms").split("ma la ")[1][:6]
    page = visit("/account/phone").form("/account/phone/confirmation").submit(code=code, status=422)
    assert "Số này đã gắn với một tài khoản khác." in page
    assert again(an).phone == an.phone
    assert again(lan).phone == "+84912000001"


def test_the_old_number_again_ends_the_change(visit, lan):
    visit.sign_in(lan)("/account/phone").form("/account/phone").submit(phone="0912000041")
    with pytest.raises(service.Refusal), transaction():
        service.claim_phone(queries.person(lan.code), "0912000001", cast.by(lan))


def test_a_wrong_code_proves_nothing(visit, lan, sent):
    visit.sign_in(lan)("/account/phone").form("/account/phone").submit(phone="0912000041")
    page = visit("/account/phone").form("/account/phone/confirmation").submit(code="x", status=422)
    assert "Mã chưa đúng" in page
    assert again(lan).phone == "+84912000001"


def test_a_code_of_somebody_else_proves_nothing(app, lan, sent):
    an = cast.farmer_an()
    with transaction():
        service.claim_phone(queries.person(lan.code), "0912000041", cast.by(lan))
    code = sent.text("+84912000041", "sms")[:6]
    with transaction():
        other = queries.person(an.code)
        other.claimed_phone = "+84912000041"
        assert service.confirm_phone(other, code, cast.by(an)) is service.Confirmed.WRONG
    assert again(an).phone == an.phone


# -- e-mail --


def test_an_email_is_theirs_when_it_is_proved(visit, lan, sent):
    visit.sign_in(lan)("/account/email").form("/account/email").submit(email="Lan@Example.VN")
    assert again(lan).email is None
    code = sent(channel="email")[-1].message.subject.rsplit(" ", 1)[1]
    visit("/account/email").form("/account/email/confirmation").submit(code=code)
    assert again(lan).email == "lan@example.vn"
    assert queries.person_by_password("lan@example.vn", cast.PASSWORD).id == lan.id
    visit("/account/email").form("/account/email/removal").submit()
    assert again(lan).email is None


def test_an_email_of_another_account_looks_the_same_and_stays_there(visit, lan, sent):
    an = cast.farmer_an()
    with transaction():
        queries.person(an.code).email = "an@example.vn"
    page = visit.sign_in(lan)("/account/email").form("/account/email").submit(email="an@example.vn")
    assert "Đã gửi mã tới e-mail." in page
    assert "đã gắn với tài khoản của bạn" in sent.text("an@example.vn")
    assert again(lan).email is None
    assert again(an).email == "an@example.vn"


@pytest.mark.parametrize(
    "typed", ["", "lan", "lan@", "@example.vn", "a b@c.vn", "x" * 300 + "@example.vn", "a@b\r\nBcc:c@d.vn"]
)
def test_what_is_no_email(visit, lan, typed, sent):
    visit.sign_in(lan)("/account/email").form("/account/email").submit(email=typed, status=422)
    assert again(lan).claimed_email is None
    assert sent() == []


def test_the_last_way_in_stays(visit, lan):
    with transaction():
        person = queries.person(lan.code)
        person.phone, person.email = None, "lan@example.vn"
    visit.sign_in(lan).post("/account/email/removal", status=422)
    assert again(lan).email == "lan@example.vn"


# -- password --


def test_a_new_password_ends_the_other_sessions(visit, lan):
    other = visit.another().sign_in(lan)
    visit.sign_in(lan)("/account/password").form("/account/password").submit(
        old=cast.PASSWORD, password="một câu mới dễ nhớ"
    )
    visit("/account")
    other("/account", status=303)
    assert queries.person_by_password(lan.phone, "một câu mới dễ nhớ") is not None


def test_the_old_one_must_be_known_and_tries_are_counted(visit, lan):
    visit.sign_in(lan)
    for n in range(11):
        page = visit("/account/password").form("/account/password")
        page = page.submit(old="không phải", password="một câu mới dễ nhớ", status=422 if n < 10 else 429)
    assert "Hãy chờ" in page
    assert queries.person_by_password(lan.phone, cast.PASSWORD) is not None
    # Guessing here does not lock the door.
    assert (
        visit.another()("/login").form("/login").submit(login=lan.phone, password=cast.PASSWORD, status=303)
    )


def test_who_has_none_sets_one(visit, lan):
    with transaction():
        queries.person(lan.code).password_hash = None
    page = visit.sign_in(lan)("/account/password")
    assert page.h1 == "Đặt mật khẩu"
    page.form("/account/password").submit(password="một câu mới dễ nhớ")
    assert queries.person_by_password(lan.phone, "một câu mới dễ nhớ") is not None


# -- sessions --


def test_one_sees_and_ends_ones_sessions(visit, lan):
    other = visit.another().sign_in(lan)
    page = visit.sign_in(lan)("/account/security")
    assert page.text.count("Firefox · Linux") == 2
    assert page.text.count("Máy này") == 1
    page.form(says="Đăng xuất", action=_ending(page)).submit()
    visit("/account")
    other("/account", status=303)


def _ending(page):
    return next(form.get("action") for form in page.all("form") if "/sign-ins/" in form.get("action", "")
                and form.get("action") != "/account/sign-ins/ending")  # fmt: skip


def test_all_others_at_once(visit, lan):
    others = [visit.another().sign_in(lan) for _ in range(3)]
    visit.sign_in(lan)("/account/security").form("/account/sign-ins/ending").submit()
    visit("/account")
    for other in others:
        other("/account", status=303)


def test_a_session_of_another_person_is_not_there(visit, lan):
    an = cast.farmer_an()
    visit.another().sign_in(an)
    code = db.session.query(SignIn).filter_by(person_id=an.id).one().code
    visit.sign_in(lan).post(f"/account/sign-ins/{code}/ending", status=404)
    assert len(queries.sign_ins_of(an)) == 1


def test_a_blocked_person_is_out_at_once(visit, lan):
    visit.sign_in(lan)("/account")
    admin = cast.admin()
    with transaction():
        service.block(queries.person(lan.code), "lừa đảo", cast.by(admin))
    visit("/account", status=303)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A057F) Chrome/126.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/128 Chrome/122 Safari/537.36", "Cốc Cốc · Windows"),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/126 Safari/537.36 Zalo android/24", "Zalo · Android"),
        ("curl/8", ""),
        ("<script>", ""),
    ],
)  # fmt: skip
def test_a_browser_has_a_short_name(agent, name):
    from marketplace.accounts.devices import device_name

    assert device_name(agent) == name
