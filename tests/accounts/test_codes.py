"""One-time codes: to sign in without a password, and for a password that was forgotten."""

import threading

import pytest

from marketplace.accounts import codes, queries, service
from marketplace.accounts.models import OneTimeCode, SignIn
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from tests import cast

PHONE = "+84912000001"
WRONG = "Mã chưa đúng hoặc đã quá 10 phút."


def ask(visit, login="0912000001", status=303, path="/login/code"):
    return visit(path).form(path).submit(login=login, status=status)


def code_in(sent, template="accounts/sign_in_code", to=PHONE):
    return sent.text(to, "sms", template)[:6]


def sessions():
    db.session.rollback()
    return db.session.query(SignIn).filter(SignIn.ended_at.is_(None)).count()


def enter(visit, code, status=303, path="/login/code/entry"):
    return visit(path).form(path).submit(code=code, status=status)


def test_signing_in_with_a_code(visit, sent):
    cast.buyer()
    ask(visit)
    assert sent.text(PHONE, "sms").endswith("Khong dua ma cho bat cu ai.")
    assert enter(visit, code_in(sent)).answer.headers["Location"] == "/"
    assert "Trần Thị Lan" in visit("/account")


@pytest.mark.parametrize("how", ["{0}{1}{2} {3}{4}{5}", "{0}{1}{2}-{3}{4}{5}", " {0}{1}{2}{3}{4}{5} "])
def test_however_it_is_typed(visit, sent, how):
    cast.buyer()
    ask(visit)
    enter(visit, how.format(*code_in(sent)))
    assert sessions() == 1


def test_by_email_the_code_goes_there_only(visit, sent):
    lan = cast.buyer()
    with transaction():
        db.session.get_one(type(lan), lan.id).email = "lan@example.vn"
    ask(visit, "Lan@example.vn")
    assert [(letter.channel, letter.address) for letter in sent()] == [("email", "lan@example.vn")]
    subject = sent(channel="email")[0].message.subject
    enter(visit, subject.rsplit(" ", 1)[1])
    assert sessions() == 1


def test_without_an_account_the_same_pages_and_no_message(visit, sent, clock):
    cast.buyer()
    clock.set("2026-11-25 08:00")
    known = [ask(visit).answer.headers["Location"], visit("/login/code/entry").text]
    wrong = enter(visit, "000000", 422).text
    stranger = visit.another()
    unknown = [ask(stranger, "0912999999").answer.headers["Location"], stranger("/login/code/entry").text]
    assert [text.replace("0912 999 999", "0912 000 001") for text in unknown] == known
    assert enter(stranger, "000000", 422).text.replace("0912 999 999", "0912 000 001") == wrong
    assert sent("+84912999999") == []


def test_a_code_is_used_once(visit, sent):
    cast.buyer()
    ask(visit)
    code = code_in(sent)
    enter(visit, code)
    other = visit.another()
    with other.client.session_transaction() as kept:
        kept["asked_login"] = PHONE
    assert WRONG in enter(other, code, 422)
    assert sessions() == 1


def test_after_ten_minutes_it_is_stale(visit, sent, clock):
    cast.buyer()
    clock.set("2026-11-25 08:00")
    ask(visit)
    clock.set("2026-11-25 08:10:05")
    assert WRONG in enter(visit, code_in(sent), 422)
    assert sessions() == 0


def test_five_wrong_tries_and_it_is_void(visit, sent):
    cast.buyer()
    ask(visit)
    right = code_in(sent)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert WRONG in enter(visit, wrong, 422)
    assert WRONG in enter(visit, right, 422)
    assert sessions() == 0


def test_a_new_code_makes_the_old_one_void(visit, sent):
    cast.buyer()
    ask(visit)
    old = code_in(sent)
    ask(visit)
    new = code_in(sent)
    if old != new:
        assert WRONG in enter(visit, old, 422)
    enter(visit, new)


def test_five_codes_an_hour(visit, sent, clock):
    cast.buyer()
    clock.set("2026-11-25 08:00")
    for _ in range(5):
        ask(visit)
    clock.set("2026-11-25 08:20")
    assert "Hãy chờ 40 phút" in ask(visit, status=429)
    assert len(sent(PHONE)) == 5
    clock.set("2026-11-25 09:00:01")
    ask(visit)
    assert len(sent(PHONE)) == 6


def test_a_code_for_one_thing_does_nothing_else(visit, sent):
    cast.buyer()
    ask(visit, path="/password")
    with visit.client.session_transaction() as kept:
        assert kept["asked_login"] == PHONE
    assert WRONG in enter(visit, code_in(sent, "accounts/reset_code"), 422)


def test_only_a_fingerprint_is_kept(app, sent):
    cast.buyer()
    with transaction():
        service.send_code(PHONE, "sign_in")
    code = code_in(sent)
    row = db.session.query(OneTimeCode).one()
    assert code not in row.secret_hash
    assert len(row.secret_hash) == 64


def test_it_proves_the_number(visit, sent):
    visit("/register").form("/register").submit(
        name="Thụ", phone="0912000031", password="nương chè sau nhà", agree="y"
    )
    other = visit.another()
    ask(other, "0912000031")
    enter(other, code_in(sent, to="+84912000031"))
    db.session.rollback()
    assert queries.person_by_login("0912000031").phone_verified_at is not None


def test_blocked_gets_no_code(visit, sent):
    lan, admin = cast.buyer(), cast.admin()
    with transaction():
        service.block(db.session.get_one(type(lan), lan.id), "lừa đảo", cast.by(admin))
    ask(visit)
    assert sent(PHONE) == []
    assert WRONG in enter(visit, "123456", 422)


def test_two_at_once_with_one_code(app, sent):
    """One code opens one session, on real threads."""
    cast.buyer()
    with transaction():
        service.send_code(PHONE, "sign_in")
    code, found, begin = code_in(sent), [], threading.Barrier(4)

    def go():
        with app.app_context():
            begin.wait()
            with transaction():
                found.append(service.use_code(PHONE, "sign_in", code, Actor.guest()) is not None)
            db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, False, False, True]


def test_nobody_asked_for_a_code_here(visit):
    assert visit("/login/code/entry", status=303).answer.headers["Location"] == "/login/code"
    assert visit("/new-password", status=303).answer.headers["Location"] == "/password"


@pytest.mark.parametrize("typed", ["", "abc", "12345", "１２３４５６", "'; --", "1" * 10_000, "\x00"])
def test_odd_codes(visit, sent, typed):
    cast.buyer()
    ask(visit)
    enter(visit, typed, 422)
    assert sessions() == 0


# -- a forgotten password --


def test_a_new_password_ends_every_session_and_tells_the_person(visit, sent):
    lan = cast.buyer()
    thief = visit.another().sign_in(lan)
    ask(visit, path="/password")
    page = visit("/new-password").form("/new-password")
    page.submit(code=code_in(sent, "accounts/reset_code"), password="một câu mới dễ nhớ", status=303)
    thief("/account", status=303)
    assert "Trần Thị Lan" in visit("/account")
    assert queries.person_by_password(PHONE, "một câu mới dễ nhớ") is not None
    assert queries.person_by_password(PHONE, cast.PASSWORD) is None
    assert "mat khau cua ban vua doi" in sent.text(PHONE, "sms", "accounts/password_changed")


def test_a_weak_new_password_leaves_the_code_good(visit, sent):
    cast.buyer()
    ask(visit, path="/password")
    code = code_in(sent, "accounts/reset_code")
    page = visit("/new-password").form("/new-password").submit(code=code, password="12345678", status=422)
    assert "dễ đoán" in page
    assert queries.person_by_password(PHONE, cast.PASSWORD) is not None
    visit("/new-password").form("/new-password").submit(code=code, password="một câu mới dễ nhớ", status=303)


def test_a_wrong_code_changes_nothing(visit, sent):
    cast.buyer()
    ask(visit, path="/password")
    page = visit("/new-password").form("/new-password")
    assert WRONG in page.submit(code="abcdef", password="một câu mới dễ nhớ", status=422)
    db.session.rollback()
    assert queries.person_by_password(PHONE, cast.PASSWORD) is not None
    assert sessions() == 0


# -- the clerk's help --


def test_a_clerk_gives_a_code_after_seeing_the_paper(visit, sent):
    lan, clerk = cast.buyer(), cast.clerk()
    desk = visit.another().sign_in(clerk)
    page = desk("/post/people").form("/post/people").submit(login="0912000001")
    assert page.h1 == "Trần Thị Lan"
    form = page.form(says="Cấp mã đăng nhập")
    assert "Hãy xem giấy tờ" in form.submit(status=422)
    assert db.session.query(OneTimeCode).count() == 0
    page = form.submit(checked="y")
    code = page.one("strong", class_="code").text
    visit("/login/code").form("/login/code").submit(button=("have", "1"), login="0912000001", status=303)
    enter(visit, code)
    assert "Trần Thị Lan" in visit("/account")
    assert "buu dien vua cap ma" in sent.text(lan.phone, "sms")
    assert sent(template="accounts/sign_in_code") == []


def test_a_clerk_helps_no_staff(visit, sent):
    admin = cast.admin()
    page = visit.sign_in(cast.clerk())(f"/post/people/{admin.code}/sign-in-code")
    page = page.form(says="Cấp mã đăng nhập").submit(checked="y", status=422)
    assert "Hãy nhờ quản trị" in page
    assert db.session.query(OneTimeCode).count() == 0
    assert sent() == []


@pytest.mark.parametrize("who", [cast.buyer, cast.farmer_an, cast.trainer, cast.reviewer])
def test_nobody_else_does(visit, who):
    lan = cast.buyer()
    visit.sign_in(who())("/post/people", status=403)
    visit.post(f"/post/people/{lan.code}/sign-in-code", checked="y", status=403)
    assert db.session.query(OneTimeCode).count() == 0


def test_a_number_nobody_has_is_said_to_the_clerk(visit):
    page = (
        visit.sign_in(cast.clerk())("/post/people")
        .form("/post/people")
        .submit(login="0912999999", status=422)
    )
    assert "Không có tài khoản nào" in page


def test_clean():
    assert codes.clean(" 12-34.5\u00a06 ") == "123456"
