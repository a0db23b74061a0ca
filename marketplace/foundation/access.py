"""Who is at the door: the signed-in person, and one guard per blueprint by its audience.

Two nets: the guard here, then reach (records are fetched through the person, what is not theirs is a 404).
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Blueprint, Flask, abort, redirect, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Forbidden
from marketplace.foundation.words import _


class Visitor(Protocol):
    """What the guards ask of a signed-in person."""

    id: int
    language: str

    def has_role(self, *roles: str) -> bool: ...


ROLES_OF: Mapping[str, tuple[str, ...]] = {
    "trainer": ("trainer", "admin"),
    "post": ("clerk", "admin"),
    "admin": ("reviewer", "cashier", "officer", "admin"),
}
"""Audiences that need a role. `buyer` and `farmer` need a signed-in person; what they see is by reach."""

AUDIENCES = ("public", "buyer", "farmer", "trainer", "post", "admin", "partner", "webhook")

login = LoginManager()
limiter = Limiter(get_remote_address, default_limits=["1200 per minute"], storage_uri="memory://")


def use_people(load: Callable[[str], Any | None]) -> None:
    """Where the person of a session comes from: by the session's own token, so that a session can be ended."""
    login.user_loader(load)


def attach(app: Flask) -> None:
    settings = app.extensions["settings"]
    # Templates ask PAGE_FACTS for the person; an error page asks nobody.
    login.init_app(app, add_context_processor=False)
    login.session_protection = None
    app.config["RATELIMIT_ENABLED"] = settings.limits == "on"
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    limiter.init_app(app)


def guard(blueprint: Blueprint, audience: str) -> None:
    """Put the audience's guard before every page of the blueprint, and before what the blueprint asks itself."""
    if audience not in AUDIENCES:
        raise ValueError(f"no audience is called {audience!r}")
    questions = blueprint.before_request_funcs.setdefault(None, [])
    if audience in ("buyer", "farmer"):
        questions.insert(0, _signed_in)
    elif audience in ROLES_OF:
        roles = ROLES_OF[audience]
        questions.insert(0, lambda: _signed_in() or require_role(*roles))


def _signed_in() -> Response | None:
    return _to_sign_in() if current_person() is None else None


def _to_sign_in() -> Response:
    wanted = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=wanted), 303)


def require_role(*roles: str) -> None:
    """Refuse (403) a person who has none of the roles; a visitor is asked to sign in first."""
    person = current_person()
    if person is None:
        abort(_to_sign_in())
    if not person.has_role(*roles):
        raise Forbidden(
            _("Trang này dành cho người khác. Nếu đây là việc của bạn, hãy nhờ quản trị cấp quyền.")
        )


def current_person() -> Any | None:
    """The signed-in person (accounts.models.Person), or None for a visitor."""
    person = current_user._get_current_object() if current_user else None
    return person if person is not None and person.is_authenticated else None


def person() -> Any:
    """The signed-in person, on pages behind a guard."""
    found = current_person()
    assert found is not None, "this page has no guard"
    return found


def ask_login(login: str) -> None:
    """This browser asked for a code to this phone or e-mail: the page that takes the code knows whose it is."""
    session["asked_login"] = login


def asked_login() -> str:
    """The phone or e-mail this browser asked a code for; empty when it did not."""
    return str(session.get("asked_login") or "")


def current_actor() -> Actor:
    """Who does what this request asks: the signed-in person or a guest."""
    found = current_person()
    return Actor.of(found.id) if found is not None else Actor.guest()
