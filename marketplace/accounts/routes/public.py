"""The door: signing in and out, registering, codes, forgotten passwords, links and invitations."""

from typing import Any

from flask import Blueprint, make_response, redirect, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.accounts.devices import device_name
from marketplace.accounts.forms import (
    AskCodeForm,
    CodeForm,
    InvitationForm,
    RegisterForm,
    ResetForm,
    SignInForm,
)
from marketplace.accounts.models import ROLE_WORDS, Person, Role
from marketplace.foundation import clock, market
from marketplace.foundation.access import ask_login, asked_login, current_actor, current_person, limiter
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to, safe_path
from marketplace.foundation.words import _, language
from marketplace.notifications.models import Channel
from marketplace.notifications.port import carrier

bp = Blueprint("accounts", __name__)

SEEN_EVERY_MINUTES = 15
NOT_RIGHT = _("Số điện thoại, e-mail hoặc mật khẩu chưa đúng. Hãy thử lại, hoặc đăng nhập bằng mã.")
WRONG_CODE = _("Mã chưa đúng hoặc đã quá 10 phút. Hãy xem lại tin nhắn mới nhất, hoặc xin mã mới.")
DESKS = (
    (Role.CLERK, "/post", _("Bưu cục")),
    (Role.TRAINER, "/train", _("Lớp học")),
    (Role.FARMER, "/sell", _("Gian hàng")),
    (Role.REVIEWER, "/admin", _("Quản trị")),
    (Role.CASHIER, "/admin", _("Quản trị")),
    (Role.OFFICER, "/admin/dossiers", _("Hồ sơ")),
    (Role.ADMIN, "/admin", _("Quản trị")),
)
"""A role's own desk: the first one is the page its holder opens first."""


def my_desks() -> list[dict[str, Any]]:
    """The desks of the signed-in person (a fact of every page)."""
    person = current_person()
    desks = {href: label for role, href, label in DESKS if person is not None and role in person.roles}
    return [{"href": request.script_root + href, "label": label} for href, label in desks.items()]


@bp.before_app_request
def keep_seen() -> None:
    """A signed-in person's session says when it was last used, and their language follows the switch."""
    if "_user_id" not in session or request.endpoint in ("static", "media.photo"):
        return
    person = current_person()
    if person is None:
        return
    speaks = (request.view_args or {}).get("code") if request.endpoint == "speak" else None
    is_due = (clock.now() - person.sign_in_seen_at).total_seconds() > SEEN_EVERY_MINUTES * 60
    if is_due or (speaks and speaks != person.language):
        token = person.sign_in_token
        with transaction():
            service.seen(token)
            if speaks:
                service.speak(db.session.get_one(Person, person.id), speaks)


# -- in and out ---------------------------------------------------------------------------------------------------


@bp.route("/login", methods=["GET", "POST"])
@limiter.limit("200 per minute", methods=["POST"])
def sign_in() -> Any:
    here = current_person()
    if here is not None and request.method == "GET":
        return _onward(here, request.args.get("next"))
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        login, password = form.login.login, form.password.data
        try:
            # Counted before the password is looked at, so that a hundred at once are not tried either.
            with transaction():
                service.count_try(login)
        except Refusal as refusal:
            form.refuse(refusal)
            return page("accounts/public/sign_in.html", 429, form=form)
        person = queries.person_by_password(login, password)
        if person is not None:
            return _come_in(person, form.next.data, login=login, password=password)
        form.refuse(Refusal(NOT_RIGHT))
    return page("accounts/public/sign_in.html", 422 if form.is_submitted() else 200, form=form)


@bp.post("/logout")
def sign_out() -> Response:
    person = current_person()
    if person is not None:
        token = person.sign_in_token
        with transaction():
            service.sign_out(token)
    logout_user()
    session.clear()
    notice(_("Bạn đã đăng xuất."))
    return redirect(request.script_root + "/", 303)


@bp.route("/register", methods=["GET", "POST"])
@limiter.limit("120 per minute", methods=["POST"])
def register() -> Any:
    here = current_person()
    if here is not None and request.method == "GET":
        return _onward(here, request.args.get("next"))
    form = RegisterForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            with transaction():
                person = service.register(
                    form.name.data or "", form.phone.data or "", form.password.data or "", form.agree.data,
                    current_actor(), language(),
                )  # fmt: skip
            return _come_in(person, url_for("accounts_buyer.phone", next=safe_path(form.next.data)))
        except Refusal as refusal:
            form.refuse(refusal)
            return page("accounts/public/register.html", refusal.status, form=form)
    return page("accounts/public/register.html", 422 if form.is_submitted() else 200, form=form)


def _come_in(
    person: Person, wanted: str | None, login: str | None = None, password: str | None = None
) -> Response:
    """Begin the session and go on. The browser's session is made new, so that nobody who set it before knows it."""
    visit = session.get("cart") or ""
    with transaction():
        person = db.session.get_one(Person, person.id)
        token = service.sign_in(
            person, device_name(request.user_agent.string), str(visit), login=login, password=password
        )
    session.clear()
    session.permanent = True
    person.sign_in_token, person.sign_in_seen_at = token, clock.now()
    login_user(person)
    answer = _onward(person, wanted)
    answer.set_cookie(
        "lang", person.language, max_age=31_536_000, samesite="Lax", secure=market.settings().is_secure
    )
    return answer


def _onward(person: Person, wanted: str | None) -> Response:
    path = safe_path(wanted)
    if path is None:
        desk = next((href for role, href, _words in DESKS if role in person.roles), "/")
        path = request.script_root + desk
    return make_response(redirect(path, 303))


# -- codes and forgotten passwords --------------------------------------------------------------------------------


@bp.route("/login/code", methods=["GET", "POST"])
@limiter.limit("100 per minute", methods=["POST"])
def ask_code() -> Any:
    form = AskCodeForm(next=request.args.get("next", ""), login=asked_login())
    if form.validate_on_submit() and (_has_code(form) or _send_code(form, "sign_in")):
        return redirect_to("accounts.enter_code", next=safe_path(form.next.data))
    return page("accounts/public/ask_code.html", _status(form), form=form)


@bp.route("/login/code/entry", methods=["GET", "POST"])
@limiter.limit("100 per minute", methods=["POST"])
def enter_code() -> Any:
    form = CodeForm(next=request.args.get("next", ""))
    login = asked_login()
    if not login:
        return redirect_to("accounts.ask_code", next=safe_path(form.next.data))
    if form.validate_on_submit():
        with transaction():
            person = service.use_code(login, "sign_in", form.code.data, current_actor())
        if person is not None:
            return _come_in(person, form.next.data, login=login)
        form.refuse(Refusal(WRONG_CODE, field="code"))
    return page(
        "accounts/public/enter_code.html",
        _status(form),
        form=form,
        login=login,
        shows_outbox=shows_outbox(login),
    )


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("100 per minute", methods=["POST"])
def forgotten() -> Any:
    form = AskCodeForm(login=asked_login())
    if form.validate_on_submit() and _send_code(form, "reset"):
        return redirect_to("accounts.reset")
    return page("accounts/public/forgotten.html", _status(form), form=form)


@bp.route("/new-password", methods=["GET", "POST"])
@limiter.limit("100 per minute", methods=["POST"])
def reset() -> Any:
    form = ResetForm()
    login = asked_login()
    if not login:
        return redirect_to("accounts.forgotten")
    if form.validate_on_submit():
        person = _reset(login, form)
        if person is not None:
            notice(_("Đã đổi mật khẩu. Các máy khác đã được đăng xuất."))
            return _come_in(person, None, login=login)
    return page(
        "accounts/public/reset.html", _status(form), form=form, login=login, shows_outbox=shows_outbox(login)
    )


def _reset(login: str, form: ResetForm) -> Person | None:
    """The code and the new password go together: a password that is refused does not use the code up."""
    try:
        with transaction():
            person = service.use_code(login, "reset", form.code.data, current_actor())
            if person is not None:
                service.set_password(person, form.password.data, Actor.of(person.id))
                return person
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    form.refuse(Refusal(WRONG_CODE, field="code"))
    return None


def _has_code(form: AskCodeForm) -> bool:
    """A code from the counter is in hand: a new one would make it void."""
    if "have" not in request.form:
        return False
    session["asked_login"] = form.login.login
    return True


def _send_code(form: AskCodeForm, purpose: str) -> bool:
    login = form.login.login
    try:
        with transaction():
            service.send_code(login, purpose)
    except Refusal as refusal:
        form.refuse(refusal)
        form.status = refusal.status
        return False
    ask_login(login)
    return True


def _status(form: Form) -> int:
    return getattr(form, "status", 422) if form.is_submitted() else 200


def shows_outbox(login: str) -> bool:
    """Is the message read on /dev/outbox, because this machine has no gateway?"""
    channel = Channel.EMAIL if "@" in login else Channel.SMS
    return market.settings().app_env != "production" and not carrier(channel).is_real


# -- links and invitations ----------------------------------------------------------------------------------------


@bp.route("/login/links/<secret>", methods=["GET", "POST"])
@limiter.limit("60 per minute")
def link(secret: str) -> Any:
    """A one-time sign-in link. Opening it does nothing yet: programs that preview links open them too."""
    form = Form()
    if form.validate_on_submit():
        with transaction():
            person = service.use_link(secret, current_actor())
        if person is not None:
            first = None if person.password_hash else url_for("accounts_buyer.password")
            return _come_in(person, request.args.get("next") or first)
    row = queries.sign_in_link(secret)
    owner = db.session.get(Person, row.person_id) if row is not None else None
    return page("accounts/public/link.html", 200 if owner else 410, form=form, owner=owner)


@bp.route("/invitations/<secret>", methods=["GET", "POST"])
@limiter.limit("60 per minute")
def invitation(secret: str) -> Any:
    try:
        invited = queries.open_invitation(secret)
    except Missing:
        return page("accounts/public/invitation_over.html", 410)
    known, person = queries.person_by_login(invited.phone), current_person()
    form = InvitationForm() if known is None else Form()
    if form.validate_on_submit():
        try:
            with transaction():
                accepted = service.accept_invitation(
                    secret, current_actor(),
                    person=db.session.get_one(Person, person.id) if person is not None else None,
                    password=form.password.data if known is None else "",
                    agree=known is None and form.agree.data,
                )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
            form.status = refusal.status
        else:
            notice(_("Chào mừng bạn. Đây là bàn làm việc của bạn."))
            return _onward(accepted, None) if person is not None else _come_in(accepted, None)
    # What a deed refused has been rolled back: read again.
    invited = queries.open_invitation(secret)
    return page(
        "accounts/public/invitation.html", _status(form), form=form, invited=invited, is_known=known is not None,
        is_theirs=person is not None and known is not None and person.id == known.id,
        role=ROLE_WORDS[invited.role], place=queries.place_of(invited), path=request.script_root + request.path,
    )  # fmt: skip
