"""People on the desk: roles, posts, blocking, sessions, links, invitations. Deeds are written down, refusals change
nothing."""

import pytest
from sqlalchemy import func, select

from marketplace.accounts import queries as accounts
from marketplace.accounts import service
from marketplace.accounts.models import Invitation, OneTimeCode, Person, PostHeld, Role, RoleHeld, SignIn
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.notifications.models import Message
from marketplace.places import service as places
from tests import cast


@pytest.fixture
def admin(visit):
    visit.sign_in(cast.admin())
    return visit


@pytest.fixture
def point(app):
    with transaction():
        return places.open_point(name="Bưu cục Tân Cương", commune_code="05503", street="Xóm 2", by=SYSTEM)


def path(person: Person, rest: str = "") -> str:
    return f"/admin/people/{person.code}{rest}"


def written(verb: str) -> AuditEntry | None:
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id.desc())
    ).first()


def count(kind) -> int:
    return db.session.scalar(select(func.count(kind.id))) or 0


def test_people_are_found_by_name_number_code_and_role(admin):
    lan, an = cast.buyer(), cast.farmer_an()
    page = admin("/admin/people")
    assert lan.name in page and an.name in page
    assert an.name not in admin("/admin/people", q="Trần Thị")
    assert lan.name in admin("/admin/people", q="0912 000 001") and lan.name in admin(
        "/admin/people", q=lan.code
    )
    page = admin("/admin/people", role="farmer")
    assert an.name in page and lan.name not in page
    assert "Không tìm thấy ai như vậy." in admin("/admin/people", q="100%_")
    admin("/admin/people", q="a\x00b", role="king", page="x")


def test_a_role_is_given_and_taken_and_both_are_written(admin):
    lan = cast.buyer()
    page = admin(path(lan)).form(path(lan, "/roles")).submit(role="clerk")
    assert "Đã giao việc." in page and "giao việc cho tài khoản" in page
    assert written("person.role_given").actor_id == cast.admin().id
    page = page.form(path(lan, "/roles/clerk/removal")).submit()
    assert "Đã lấy lại việc" in page
    assert written("person.role_taken") and not accounts.person(lan.code).has_role("clerk")


@pytest.mark.parametrize("role", ["", "farmer", "buyer", "king"])
def test_only_work_is_given_as_a_role(admin, role):
    lan = cast.buyer()
    admin.post(path(lan, "/roles"), status=422, role=role)
    assert written("person.role_given") is None or written("person.role_given").record_code != lan.code
    assert accounts.person(lan.code).roles == {Role.BUYER}


def test_nobody_takes_the_last_admins_role_or_blocks_the_last_admin(admin):
    last = cast.admin()
    page = admin.post(path(last, "/roles/admin/removal"), status=422)
    assert "quản trị cuối cùng" in page
    admin.post(path(last, "/block"), status=422, reason="thử")
    again = accounts.person(last.code)
    assert again.has_role("admin") and again.blocked_at is None
    assert written("person.role_taken") is None and written("person.blocked") is None
    with transaction():
        service.give_role(accounts.person(cast.buyer().code), Role.ADMIN, SYSTEM)
    admin.post(path(last, "/roles/admin/removal"), status=403)  # done: the desk is closed to them now
    assert not accounts.person(last.code).has_role("admin")


def test_a_post_is_a_point_or_a_commune_by_name_or_code(admin, point):
    clerk, trainer = cast.clerk(), cast.trainer()
    page = admin(path(clerk)).form(path(clerk, "/posts")).submit(post=point.code.lower())
    assert "Bưu cục Tân Cương" in page
    admin(path(trainer)).form(path(trainer, "/posts")).submit(post="05503")
    assert [(post.service_point_id, post.commune_code) for post in accounts.person(trainer.code).posts] == [
        (None, "05503")
    ]
    held = accounts.person(clerk.code).posts[0]
    page = admin(path(clerk)).form(path(clerk, f"/posts/{held.code}/departure")).submit()
    assert "Đã gỡ nơi làm việc." in page and count(PostHeld) == 1
    assert written("person.post_left")


@pytest.mark.parametrize("typed", ["", "không nơi nào như vậy", "tân", "tân cương", "99999", "BCXXXXXX"])
def test_a_place_that_is_not_clear_is_asked_again(admin, point, typed):
    clerk = cast.clerk()
    admin.post(path(clerk, "/posts"), status=422, post=typed)
    assert count(PostHeld) == 0 and written("person.post_given") is None


def test_another_ones_post_is_not_found(admin, point):
    clerk = cast.clerk(point)
    held = accounts.person(clerk.code).posts[0]
    admin.post(path(cast.buyer(), f"/posts/{held.code}/departure"), status=404)
    assert count(PostHeld) == 1


def test_a_blocked_person_is_out_at_once_and_comes_back(admin):
    lan = cast.buyer()
    browser = admin.another()
    browser.sign_in(lan)
    browser("/account")
    admin.post(path(lan, "/block"), status=422, reason="")
    browser("/account")
    page = admin(path(lan)).form(path(lan, "/block")).submit(reason="Đặt hàng rồi không nhận nhiều lần")
    assert "Đang khóa" in page and "Đặt hàng rồi không nhận nhiều lần" in page
    assert browser.raw("GET", "/account").status_code == 303
    page = page.form(path(lan, "/unblocking")).submit()
    assert "Đã mở khóa" in page and accounts.person(lan.code).blocked_at is None


def test_sessions_are_ended(admin):
    lan = cast.buyer()
    browser = admin.another()
    browser.sign_in(lan)
    page = admin(path(lan)).form(path(lan, "/sign-outs")).submit()
    assert "Đã kết thúc mọi phiên" in page and "Không có phiên đăng nhập nào." in page
    assert browser.raw("GET", "/account").status_code == 303
    assert (
        db.session.scalar(
            select(func.count(SignIn.id)).where(SignIn.person_id == lan.id, SignIn.ended_at.is_(None))
        )
        == 0
    )


def test_a_link_needs_a_look_at_the_paper_is_shown_once_and_the_person_is_told(admin):
    lan = cast.buyer()
    admin.post(path(lan, "/sign-in-links"), status=422)
    assert count(OneTimeCode) == 0 and written("person.link_made") is None
    page = admin.post(path(lan, "/sign-in-links"), checked="y")
    link = next(word for word in page.text.split() if "/login/links/" in word)
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert written("person.link_made").actor_id == cast.admin().id
    assert db.session.scalar(select(func.count(Message.id)).where(Message.person_id == lan.id)) == 1
    assert "/login/links/" not in admin(path(lan)).text
    browser = admin.another()
    browser(link.removeprefix("http://127.0.0.1:8000"))


def test_no_link_for_a_blocked_account(admin):
    lan = cast.buyer()
    with transaction():
        service.block(accounts.person(lan.code), "thử", SYSTEM)
    admin.post(path(lan, "/sign-in-links"), status=422, checked="y")
    assert count(OneTimeCode) == 0


def test_somebody_is_invited_with_a_role_and_a_post_and_comes_in(admin, point):
    page = admin("/admin/people/invitations").form("/admin/people/invitations")
    page = page.submit(name="Đỗ Thị Mới", phone="0987 654 321", role="clerk", post=point.code)
    assert "Đã gửi lời mời tới Đỗ Thị Mới" in page and "Bưu cục Tân Cương" in page
    link = next(word for word in page.text.split() if "/invitations/" in word)
    browser = admin.another()
    page = browser(link.removeprefix("http://127.0.0.1:8000"))
    page.form(page.path).submit(password="mat-khau-dai-va-la", agree="y")
    newcomer = accounts.person_by_login("0987654321")
    assert newcomer.has_role("clerk") and newcomer.posts[0].service_point_id == point.id


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"phone": "123"}, {"role": "farmer"}, {"post": "không đâu cả"}]
)
def test_an_invitation_that_is_not_right_is_not_sent(admin, wrong):
    fields = {"name": "Đỗ Thị Mới", "phone": "0987654321", "role": "clerk", "post": "", **wrong}
    admin.post("/admin/people/invitations", status=422, **fields)
    assert count(Invitation) == 0 and count(Message) == 0 and written("invitation.sent") is None


def test_an_invitation_is_withdrawn(admin):
    with transaction():
        invitation, link = service.invite("Đỗ Thị Mới", "0987654321", Role.TRAINER, SYSTEM)
    page = (
        admin("/admin/people/invitations")
        .form(f"/admin/people/invitations/{invitation.code}/withdrawal")
        .submit()
    )
    assert "Đã rút lời mời" in page and "Không có lời mời nào" in page
    admin.another()(link, status=410)


def test_deeds_are_refused_to_everybody_else(visit, point):
    lan = cast.buyer()
    for somebody in (cast.reviewer(), cast.cashier(), cast.clerk(), lan):
        before = (
            count(RoleHeld),
            db.session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.verb.like("person.role%"))),
        )
        browser = visit.another()
        browser.sign_in(somebody)
        for deed, fields in (
            ("/roles", {"role": "admin"}), ("/posts", {"post": point.code}), ("/block", {"reason": "x"}),
            ("/sign-in-links", {"checked": "y"}), ("/sign-outs", {}),
        ):  # fmt: skip
            browser.post(path(lan, deed), status=403, **fields)
        browser.post("/admin/people/invitations", status=403, name="A", phone="0987654321", role="admin")
        after = (
            count(RoleHeld),
            db.session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.verb.like("person.role%"))),
        )
        assert after == before
    assert count(PostHeld) == 0 and count(Invitation) == 0 and count(OneTimeCode) == 0


def test_an_unknown_person_is_not_found(admin):
    admin("/admin/people/NKHONGCO", status=404)
    admin.post("/admin/people/NKHONGCO/roles", status=404, role="clerk")
    admin.post(path(cast.buyer(), "/roles/king/removal"), status=404)
