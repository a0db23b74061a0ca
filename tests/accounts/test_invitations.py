"""Work: roles and posts held, invitations, one-time links, and the first admin from the command line."""

import threading

import pytest
from sqlalchemy import text

from marketplace.accounts import queries, service
from marketplace.accounts.models import Invitation, Person, Role, SignIn
from marketplace.foundation.audit import SYSTEM, Actor, trail
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from tests import cast

PASSWORD = "sương sớm đầu làng"


@pytest.fixture
def admin(app):
    return cast.admin()


def invite(admin, phone="0912000051", role=Role.TRAINER, **where):
    with transaction():
        return service.invite("Lò Thị Mai", phone, role, cast.by(admin), **where)[1]


def person_with(phone="0912000051"):
    db.session.rollback()
    return queries.person_by_login(phone)


def accept(visit, path, status=303, **changes):
    return visit(path).form(path).submit(status=status, **({"password": PASSWORD, "agree": "y"} | changes))


# -- invitations --


def test_an_invitation_by_sms_makes_an_account_with_its_work(visit, admin, sent):
    path = invite(admin, commune_code="05503")
    text_ = sent.text("+84912000051", "sms")
    assert text_ == f"Cho Que moi ban lam can bo huong dan. Mo trong 7 ngay: http://127.0.0.1:8000{path}"
    page = visit(path)
    assert "Lò Thị Mai" in page
    assert "Xã Tân Cương" in page
    assert accept(visit, path).answer.headers["Location"] == "/train"
    mai = person_with()
    assert mai.has_role("trainer")
    assert [post.commune_code for post in mai.posts] == ["05503"]
    assert mai.phone_verified_at is not None
    assert queries.person_by_password("0912000051", PASSWORD) is not None
    assert "Lò Thị Mai" in visit("/account")


def test_it_opens_once(visit, admin):
    path = invite(admin)
    accept(visit, path)
    assert "không dùng được nữa" in visit.another()(path, status=410)


def test_for_seven_days(visit, admin, clock):
    clock.set("2026-11-01 08:00")
    path = invite(admin)
    clock.set("2026-11-08 07:59")
    visit(path)
    clock.set("2026-11-08 08:01")
    visit(path, status=410)
    with pytest.raises(Missing), transaction():
        service.accept_invitation(path.rpartition("/")[2], Actor.guest(), password=PASSWORD, agree=True)
    assert person_with() is None


def test_withdrawn_it_opens_nothing(visit, admin):
    path = invite(admin)
    with transaction():
        service.withdraw_invitation(db.session.query(Invitation).one(), cast.by(admin))
    visit(path, status=410)
    assert queries.invitations() == []


@pytest.mark.parametrize("changes", [{"password": "x"}, {"password": "12345678"}, {"agree": None}])
def test_what_is_wrong_is_said_and_it_stays_open(visit, admin, changes):
    path = invite(admin)
    accept(visit, path, status=422, **changes)
    assert person_with() is None
    accept(visit, path)


def test_who_has_an_account_takes_it_with_that_account(visit, admin):
    lan = cast.buyer()
    path = invite(admin, phone=lan.phone, role=Role.CLERK)
    page = visit(path)
    assert "đã có tài khoản" in page
    assert page.follow("Đăng nhập").path == f"/login?next={path}"
    visit.sign_in(lan)
    page = visit(path).form(path).submit(status=303)
    assert person_with(lan.phone).has_role("clerk")


def test_another_account_cannot_take_it(visit, admin):
    lan, an = cast.buyer(), cast.farmer_an()
    path = invite(admin, phone=lan.phone, role=Role.ADMIN)
    visit.sign_in(an)(path)
    visit.post(path, status=409)
    assert not person_with(lan.phone).has_role("admin")
    assert not person_with(an.phone).has_role("admin")
    assert len(queries.invitations()) == 1


def test_unknown_secrets(visit):
    for secret in ("x", "a" * 500, "khong-co", "%27"):
        visit(f"/invitations/{secret}", status=410)


def test_the_secret_is_not_in_the_table_nor_in_the_trail(admin):
    secret = invite(admin).rpartition("/")[2]
    for table in ("invitation", "audit_entry"):
        assert secret not in str(db.session.execute(text(f"SELECT * FROM {table}")).all())


def test_two_at_once(app, admin):
    secret = invite(admin).rpartition("/")[2]
    said, begin = [], threading.Barrier(3)

    def go():
        with app.app_context():
            begin.wait()
            try:
                with transaction():
                    service.accept_invitation(secret, Actor.guest(), password=PASSWORD, agree=True)
                said.append("in")
            except Refusal as refusal:
                said.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["Missing", "Missing", "in"]
    db.session.rollback()
    assert db.session.query(Person).filter_by(phone="+84912000051").count() == 1


# -- roles and posts --


def test_a_role_is_held_once_and_written_down(app, admin):
    lan = cast.buyer()
    for _ in range(2):
        with transaction():
            service.give_role(queries.person(lan.code), Role.FARMER, cast.by(admin))
    lan = queries.person(lan.code)
    assert lan.roles == {Role.BUYER, Role.FARMER}
    assert [entry.verb for entry in trail(lan)].count("person.role_given") == 1
    with transaction():
        service.take_role(queries.person(lan.code), Role.FARMER, cast.by(admin))
    assert queries.person(lan.code).roles == {Role.BUYER}


def test_a_post_is_held_once(app, admin):
    trainer = cast.trainer()
    for _ in range(2):
        with transaction():
            service.hold_post(queries.person(trainer.code), SYSTEM, commune_code="05503")
    (post,) = queries.posts_of(queries.person(trainer.code))
    assert queries.place_of(post) == "Xã Tân Cương, Thái Nguyên"
    with transaction():
        service.leave_post(queries.posts_of(queries.person(trainer.code))[0], SYSTEM)
    assert queries.posts_of(queries.person(trainer.code)) == []


@pytest.mark.parametrize(
    "where", [{}, {"commune_code": "99999"}, {"commune_code": "05503", "service_point_id": 1}]
)
def test_a_post_is_one_real_place(app, admin, where):
    trainer = cast.trainer()
    with pytest.raises(Refusal), transaction():
        service.hold_post(queries.person(trainer.code), SYSTEM, **where)
    assert queries.posts_of(queries.person(trainer.code)) == []


def test_the_last_admin_stays(app, admin):
    reviewer = cast.reviewer()
    for deed in (
        lambda: service.take_role(queries.person(admin.code), Role.ADMIN, cast.by(reviewer)),
        lambda: service.block(queries.person(admin.code), "x", cast.by(reviewer)),
        lambda: service.forget_person(queries.person(admin.code), cast.by(admin)),
    ):
        with pytest.raises(Refusal, match="quản trị cuối cùng"), transaction():
            deed()
    assert queries.person(admin.code).has_role("admin")
    with transaction():
        service.give_role(queries.person(reviewer.code), Role.ADMIN, cast.by(admin))
        service.take_role(queries.person(admin.code), Role.ADMIN, cast.by(reviewer))
    assert not queries.person(admin.code).has_role("admin")


def test_nobody_locks_themselves_out(app, admin):
    with pytest.raises(Refusal), transaction():
        service.block(queries.person(admin.code), "x", cast.by(admin))


def test_people_are_found(app):
    lan, an = cast.buyer(), cast.farmer_an()
    assert [person.id for person in queries.people("0912 000 001")] == [lan.id]
    assert [person.id for person in queries.people("Thị")] == [lan.id]
    assert [person.id for person in queries.people(lan.code.lower())] == [lan.id]
    assert [person.id for person in queries.people("", Role.FARMER)] == [an.id]
    assert queries.people("%") == []
    assert queries.people_count() == 2


# -- one-time links --


def link_for(person):
    with transaction():
        return service.make_link(queries.person(person.code), SYSTEM)


def test_a_link_opens_once_after_a_press(visit, admin):
    path = link_for(admin)
    visit(path)
    visit(path)
    assert db.session.query(SignIn).count() == 0
    assert visit(path).form(path).submit(status=303).answer.headers["Location"] == "/admin"
    assert "Bùi Gia Minh" in visit("/account")
    stranger = visit.another()
    assert "không dùng được nữa" in stranger(path, status=410)


def test_for_24_hours(visit, admin, clock):
    clock.set("2026-11-01 08:00")
    path = link_for(admin)
    clock.set("2026-11-02 08:01")
    visit(path, status=410)


def test_without_a_password_one_is_asked_for(visit, admin):
    with transaction():
        queries.person(admin.code).password_hash = None
    path = link_for(admin)
    assert visit(path).form(path).submit(status=303).answer.headers["Location"] == "/account/password"


def test_not_for_the_blocked(visit):
    lan, boss = cast.buyer(), cast.admin()
    path = link_for(lan)
    with transaction():
        service.block(queries.person(lan.code), "x", cast.by(boss))
    page = visit(path)
    visit.post(path, status=410, csrf_token=page.form(path).fields["csrf_token"])
    assert db.session.query(SignIn).count() == 0


# -- flask people add --


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["people", "add", *arguments])


def test_the_first_admin(app, visit):
    done = run(
        app, "--name", "Bùi Gia Minh", "--phone", "0912 000 061", "--role", "admin", "--role", "reviewer"
    )
    assert done.exit_code == 0, done.output
    path = done.output.strip().splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    assert visit(path).form(path).submit(status=303).answer.headers["Location"] == "/account/password"
    assert person_with("0912000061").roles == {Role.BUYER, Role.ADMIN, Role.REVIEWER}


def test_twice_is_one_person_with_a_new_link(app):
    for _ in range(2):
        assert run(app, "--name", "Minh", "--phone", "0912000061", "--role", "clerk").exit_code == 0
    assert db.session.query(Person).count() == 1


def test_a_trainer_with_her_commune(app):
    assert (
        run(app, "--name", "Hà", "--phone", "0912000061", "--role", "trainer", "--commune", "05503").exit_code
        == 0
    )
    assert person_with("0912000061").posts[0].commune_code == "05503"


@pytest.mark.parametrize(
    "arguments",
    [("--name", "x", "--phone", "123"), ("--name", " ", "--phone", "0912000061"), ("--phone", "0912000061"),
     ("--name", "x", "--phone", "0912000061", "--role", "king"),
     ("--name", "x", "--phone", "0912000061", "--post", "BC999999"),
     ("--name", "x", "--phone", "0912000061", "--commune", "00000")],
)  # fmt: skip
def test_what_is_wrong_makes_nobody(app, arguments):
    done = run(app, *arguments)
    assert done.exit_code != 0
    assert "Traceback" not in done.output
    db.session.rollback()
    assert db.session.query(Person).count() == 0
