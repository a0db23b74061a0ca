"""Signing in and out: by phone or e-mail, by password."""

import pytest

from marketplace.accounts import passwords, queries, service
from marketplace.accounts.models import Role, SignIn, Throttle
from marketplace.foundation.db import db, transaction
from tests import cast

NOT_RIGHT = "Số điện thoại, e-mail hoặc mật khẩu chưa đúng."


def sign_in(visit, login="0912 000 001", password=cast.PASSWORD, status=303, **query):
    return visit("/login", **query).form("/login").submit(login=login, password=password, status=status)


def where(page):
    return page.answer.headers["Location"]


def sessions():
    db.session.rollback()
    return db.session.query(SignIn).filter(SignIn.ended_at.is_(None)).count()


@pytest.mark.parametrize(
    "typed", ["0912000001", "0912 000 001", "+84 912 000 001", "84912000001", " 0912.000.001 "]
)
def test_by_phone_however_it_is_written(visit, typed):
    cast.buyer()
    assert where(sign_in(visit, typed)) == "/"
    assert "Trần Thị Lan" in visit("/account")
    assert sessions() == 1


@pytest.mark.parametrize("typed", ["lan@example.vn", "Lan@Example.VN"])
def test_by_email(visit, typed):
    lan = cast.buyer()
    with transaction():
        db.session.get_one(type(lan), lan.id).email = "lan@example.vn"
    assert where(sign_in(visit, typed)) == "/"


@pytest.mark.parametrize(
    ("who", "desk"),
    [(cast.clerk, "/post"), (cast.farmer_an, "/sell"), (cast.trainer, "/train"), (cast.reviewer, "/admin"),
     (cast.cashier, "/admin"), (cast.admin, "/admin"), (cast.buyer, "/")],
)  # fmt: skip
def test_the_page_each_role_opens_first(visit, who, desk):
    person = who()
    assert where(sign_in(visit, person.phone)) == desk


@pytest.mark.parametrize(
    ("login", "password"),
    [("0912000001", "not this one"), ("0912999999", cast.PASSWORD), ("nobody@example.vn", cast.PASSWORD)],
)
def test_wrong_or_unknown_is_one_sentence(visit, login, password):
    cast.buyer()
    page = sign_in(visit, login, password, status=422)
    assert NOT_RIGHT in page
    assert sessions() == 0
    visit("/account", status=303)


def test_unknown_costs_the_same_work(app, monkeypatch):
    """The password is looked at twice whoever is named: the holder's, and that of a second person with the number."""
    cast.buyer()
    looked = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda kept, typed: looked.append(kept) or real(kept, typed))
    for login in ("0912000001", "0912999999", "nobody@example.vn"):
        looked.clear()
        assert queries.person_by_password(login, "not this one") is None
        assert len(looked) == 2


@pytest.mark.parametrize("typed", ["lan", "12345", "@", "0912", "+1 650 253 0000", "a@b@c"])
def test_what_is_neither_phone_nor_email(visit, typed):
    assert "số điện thoại" in sign_in(visit, typed, status=422)
    assert db.session.query(Throttle).count() == 0


def test_blocked_looks_like_wrong(visit):
    lan, admin = cast.buyer(), cast.admin()
    with transaction():
        service.block(db.session.get_one(type(lan), lan.id), "lừa đảo", cast.by(admin))
    assert NOT_RIGHT in sign_in(visit, status=422)
    assert sessions() == 0


def test_ten_wrong_tries_then_a_wait_with_the_time(visit, clock):
    cast.buyer()
    clock.set("2026-11-25 08:00")
    for _ in range(10):
        assert NOT_RIGHT in sign_in(visit, password="not this one", status=422)
    page = sign_in(visit, status=429)
    assert "Hãy chờ 15 phút" in page
    assert sessions() == 0
    clock.set("2026-11-25 08:10")
    assert "Hãy chờ 5 phút" in sign_in(visit, status=429)
    clock.set("2026-11-25 08:15:01")
    sign_in(visit)
    assert sessions() == 1


def test_a_number_nobody_has_is_throttled_alike(visit):
    for _ in range(10):
        sign_in(visit, "0912999999", "x" * 9, status=422)
    assert "Hãy chờ" in sign_in(visit, "0912999999", status=429)


def test_one_account_locked_leaves_the_others(visit):
    cast.buyer()
    an = cast.farmer_an()
    for _ in range(11):
        visit.post("/login", login="0912000001", password="not this one", status=429 if _ == 10 else 422)
    sign_in(visit, an.phone)
    assert sessions() == 1


def test_coming_in_clears_the_wrong_tries(visit):
    cast.buyer()
    for _ in range(3):
        for _ in range(9):
            sign_in(visit, password="not this one", status=422)
        sign_in(visit.another())
    assert sessions() == 3


def test_no_number_lies_in_the_throttle(visit):
    sign_in(visit, "0912999999", status=422)
    assert "912999999" not in db.session.query(Throttle).one().account


def test_on_to_the_page_that_was_asked_for(visit):
    cast.buyer()
    assert where(visit("/account/addresses?x=1", status=303)) == "/login?next=/account/addresses?x%3D1"
    assert where(sign_in(visit, next="/account/addresses?x=1")) == "/account/addresses?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example", "evil",
     "http:evil.example", "/\t/evil.example", "///evil.example"],
)  # fmt: skip
def test_never_to_another_site(visit, elsewhere):
    cast.buyer()
    assert where(sign_in(visit, next=elsewhere)) in ("/", "/evil.example")


def test_who_is_in_is_not_asked_again(visit):
    visit.sign_in(cast.buyer())
    assert where(visit("/login?next=/account", status=303)) == "/account"
    assert where(visit("/register", status=303)) == "/"


def test_the_browsers_session_is_made_new(visit):
    cast.buyer()
    visit("/login")
    with visit.client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
        token = kept["csrf_token"]
    sign_in(visit)
    with visit.client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.get("csrf_token") != token


def test_the_cookie_holds_no_name_and_the_table_no_token(visit):
    lan = cast.buyer()
    sign_in(visit)
    with visit.client.session_transaction() as kept:
        token = kept["_user_id"]
    assert lan.code not in token
    assert lan.phone not in str(dict(kept))
    assert token not in db.session.query(SignIn).one().token_hash


def test_the_carts_token_is_told_before_the_session_goes(app, visit, monkeypatch):
    from marketplace.accounts.events import SignedIn
    from marketplace.foundation import events

    heard = []
    monkeypatch.setattr(events, "_now", {SignedIn: [heard.append]})
    lan = cast.buyer()
    visit("/login")
    with visit.client.session_transaction() as kept:
        kept["cart"] = "a-guests-cart"
    sign_in(visit)
    assert heard == [SignedIn(lan.id, "a-guests-cart")]


def test_the_language_comes_along(visit):
    lan = cast.buyer()
    with transaction():
        service.speak(db.session.get_one(type(lan), lan.id), "en")
    sign_in(visit)
    assert visit.client.get_cookie("lang").value == "en"


def test_the_switch_is_remembered_with_the_person(visit):
    lan = cast.buyer()
    visit.sign_in(lan)
    visit.post("/lang/en", status=303)
    db.session.rollback()
    assert queries.person(lan.code).language == "en"


def test_a_hash_of_yesterdays_cost_is_made_again(visit, monkeypatch):
    lan = cast.buyer()
    before = lan.password_hash
    monkeypatch.setattr(
        passwords, "_hasher", type(passwords._hasher)(time_cost=2, memory_cost=16, parallelism=1)
    )
    sign_in(visit)
    db.session.rollback()
    after = queries.person(lan.code).password_hash
    assert after != before
    assert "m=16,t=2" in after
    sign_in(visit.another())


# -- out --


def test_signing_out_ends_the_session(visit):
    visit.sign_in(cast.buyer())
    cookie = visit.client.get_cookie("market").value
    visit("/account").form("/logout").submit(status=303)
    assert sessions() == 0
    visit("/account", status=303)
    # The cookie somebody copied opens nothing either.
    visit.client.set_cookie("market", cookie)
    visit("/account", status=303)


def test_signing_out_needs_a_post_and_the_token(visit):
    visit.sign_in(cast.buyer())
    assert visit.raw("GET", "/logout").status_code == 405
    visit.post("/logout", token=False, status=400)
    assert sessions() == 1


@pytest.mark.parametrize("path", ["/login", "/register", "/login/code", "/password"])
def test_without_the_token_nothing_happens(visit, path):
    cast.buyer()
    fields = {
        "login": "0912000001",
        "password": cast.PASSWORD,
        "name": "Lan",
        "phone": "0912000031",
        "agree": "y",
    }
    visit.post(path, token=False, status=400, **fields)
    db.session.rollback()
    assert sessions() == 0
    assert db.session.query(Throttle).count() == 0


@pytest.mark.parametrize(
    "typed", ["'; DROP TABLE person; --", "<script>alert(1)</script>", "\x00", "\ud800", "x" * 10_000]
)
def test_odd_input(visit, typed):
    cast.buyer()
    data = {
        "login": typed.encode("utf-8", "surrogatepass"),
        "password": typed.encode("utf-8", "surrogatepass"),
    }
    visit("/login")
    answer = visit.raw("POST", "/login", data={**data, "csrf_token": visit.token()})
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert sessions() == 0


def test_an_idle_session_ends(visit, clock):
    clock.set("2026-11-25 08:00")
    visit.sign_in(cast.buyer())
    clock.set("2026-12-20 08:00")
    visit("/account")
    clock.set("2027-01-19 08:00")
    visit("/account")
    clock.set("2027-02-20 08:00")
    visit("/account", status=303)


def test_looking_at_pages_writes_seldom(visit, clock):
    clock.set("2026-11-25 08:00")
    lan = cast.buyer()
    visit.sign_in(lan)
    clock.set("2026-11-25 08:10")
    visit("/account")
    assert queries.sign_ins_of(lan)[0].last_seen_at < clock.set("2026-11-25 08:01")
    clock.set("2026-11-25 08:20")
    visit("/account")
    db.session.rollback()
    assert queries.sign_ins_of(lan)[0].last_seen_at > clock.set("2026-11-25 08:19")


def test_roles_are_read_anew_on_every_page(visit):
    clerk, admin = cast.clerk(), cast.admin()
    visit.sign_in(clerk)("/post/people")
    with transaction():
        service.take_role(db.session.get_one(type(clerk), clerk.id), Role.CLERK, cast.by(admin))
    visit("/post/people", status=403)
