"""People: who they are, what they may do and where, letting in and keeping out. Every deed is in the trail."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request

from marketplace.accounts import queries as accounts
from marketplace.accounts import service
from marketplace.accounts.models import ROLE_WORDS, Person, PostHeld, Role
from marketplace.admin import queries
from marketplace.admin.forms import BlockForm, InvitationForm, LinkForm, PostForm, RoleForm
from marketplace.admin.queries import Post, TrailQuery
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import Text, _
from marketplace.notifications import service as notifications

bp = Blueprint("people", __name__)
bp.before_request(lambda: require_role("admin"))

PER_PAGE = 50


@bp.get("")
def people() -> Any:
    """Everybody, newest first, or whom one looks for."""
    text = request.args.get("q", "").replace("\x00", "").strip()[:120]
    role = next((role for role in Role if role.value == request.args.get("role")), None)
    pager = Pager(accounts.people_count(text, role), PER_PAGE)
    return page(
        "admin/admin/people.html",
        people=accounts.people(text, role, pager.limit, pager.offset),
        pager=pager,
        text=text,
        role=role,
        roles=ROLE_WORDS,
        place_of=accounts.place_of,
    )


@bp.get("/<code>")
def person(code: str) -> Any:
    return _show(accounts.person(code))


@bp.post("/<code>/roles")
def give_role(code: str) -> Any:
    form = RoleForm()
    return _deed(
        code,
        form,
        lambda found: service.give_role(found, Role(form.role.data), current_actor()),
        _("Đã giao việc."),
        role_form=form,
    )


@bp.post("/<code>/roles/<role>/removal")
def take_role(code: str, role: str) -> Any:
    taken = next((one for one in Role if one.value == role), None)
    if taken is None:
        raise Missing()
    return _deed(
        code,
        None,
        lambda found: service.take_role(found, taken, current_actor()),
        _("Đã lấy lại việc “%(role)s”.", role=ROLE_WORDS[taken]),
    )


@bp.post("/<code>/posts")
def give_post(code: str) -> Any:
    form = PostForm()

    def hold(found: Person) -> None:
        where = queries.read_post(form.post.data)
        service.hold_post(found, current_actor(), where.point_id, where.commune_code)

    return _deed(code, form, hold, _("Đã giao nơi làm việc."), post_form=form)


@bp.post("/<code>/posts/<post>/departure")
def leave_post(code: str, post: str) -> Any:
    return _deed(
        code,
        None,
        lambda found: service.leave_post(_post_of(found, post), current_actor()),
        _("Đã gỡ nơi làm việc."),
    )


@bp.post("/<code>/block")
def block(code: str) -> Any:
    form = BlockForm()
    return _deed(
        code,
        form,
        lambda found: service.block(found, form.reason.data, current_actor()),
        _("Đã khóa tài khoản và kết thúc mọi phiên đăng nhập."),
        block_form=form,
    )


@bp.post("/<code>/unblocking")
def unblock(code: str) -> Any:
    return _deed(
        code, None, lambda found: service.unblock(found, current_actor()), _("Đã mở khóa tài khoản.")
    )


@bp.post("/<code>/sign-outs")
def end_sign_ins(code: str) -> Any:
    return _deed(
        code,
        None,
        lambda found: service.end_sign_ins(found, current_actor()),
        _("Đã kết thúc mọi phiên đăng nhập của người này."),
    )


@bp.post("/<code>/sign-in-links")
def make_link(code: str) -> Any:
    """A link that lets the person in once, after somebody looked at their identity paper. It is shown once, here; the
    person is told."""
    form, found = LinkForm(), accounts.person(code)
    if not form.validate_on_submit():
        return _show(found, 422, link_form=form)
    if not found.is_active:
        raise Refusal(_("Tài khoản này đang khóa hoặc đã xóa nên không đăng nhập được. Hãy mở khóa trước."))
    with transaction():
        found = accounts.person(code)
        path = service.make_link(found, current_actor())
        notifications.send(
            accounts.recipient_of(found), "accounts/helped_to_sign_in", path="/account/security"
        )
    return _unkept(_show(found, link_path=path))


# -- invitations --------------------------------------------------------------------------------------------------


@bp.get("/invitations")
def invitations() -> Any:
    return _show_invitations(InvitationForm(formdata=None))


@bp.post("/invitations")
def invite() -> Any:
    """Ask somebody to work here; the link goes out by SMS and is shown once."""
    form: Any = InvitationForm()
    if form.validate_on_submit():
        try:
            with transaction():
                where = queries.read_post(form.post.data) if form.post.data else Post(None, None)
                _invitation, path = service.invite(
                    form.name.data,
                    form.phone.data,
                    Role(form.role.data),
                    current_actor(),
                    service_point_id=where.point_id,
                    commune_code=where.commune_code,
                )
            return _unkept(
                _show_invitations(InvitationForm(formdata=None), link_path=path, invited=form.name.data)
            )
        except Refusal as refusal:
            form.refuse(refusal)
    return _show_invitations(form, 422)


@bp.post("/invitations/<code>/withdrawal")
def withdraw_invitation(code: str) -> Any:
    with transaction():
        service.withdraw_invitation(accounts.invitation(code), current_actor())
    notice(_("Đã rút lời mời, đường dẫn không mở được nữa."))
    return redirect_to("admin.people.invitations")


# -- together -----------------------------------------------------------------------------------------------------


def _deed(code: str, form: Form | None, deed: Callable[[Person], object], said: Text, **shown: Form) -> Any:
    """One deed on one person: what was typed is judged, done, said; or shown again with the reason."""
    if form is None:
        with transaction():
            deed(accounts.person(code))
    elif not form.does(lambda: deed(accounts.person(code))):
        return _show(accounts.person(code), 422, **shown)
    notice(said)
    return redirect_to("admin.people.person", code=code)


def _post_of(found: Person, code: str) -> PostHeld:
    post = next((post for post in found.posts if post.code == code), None)
    if post is None:
        raise Missing()
    return post


def _show(found: Person, status: int = 200, **shown: Any) -> Any:
    forms = {
        "role_form": RoleForm(formdata=None),
        "post_form": PostForm(formdata=None),
        "block_form": BlockForm(formdata=None),
        "link_form": LinkForm(formdata=None),
    }
    return page(
        "admin/admin/person.html",
        status,
        found=found,
        roles=ROLE_WORDS,
        place_of=accounts.place_of,
        sign_ins=accounts.sign_ins_of(found),
        lines=queries.lines(queries.trail(TrailQuery(code=found.code)), limit=12),
        **{**forms, "link_path": None, **shown},
    )


def _show_invitations(form: Form, status: int = 200, **shown: Any) -> Any:
    return page(
        "admin/admin/invitations.html",
        status,
        form=form,
        invitations=accounts.invitations(),
        roles=ROLE_WORDS,
        place_of=accounts.place_of,
        now=clock.now(),
        **{"link_path": None, "invited": "", **shown},
    )


def _unkept(answer: tuple[str, int]) -> tuple[str, int, dict[str, str]]:
    """A page that shows a secret once is kept by no browser."""
    return (*answer, {"Cache-Control": "no-store"})
