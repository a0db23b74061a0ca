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

from marketplace.foundation import clock, market
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
    app.before_request(_lock_the_idle)


def guard(blueprint: Blueprint, audience: str) -> None:
    """Put the audience's guard before every page of the blueprint, and before what the blueprint asks itself."""
    if audience not in AUDIENCES:
        raise ValueError(f"no audience is called {audience!r}")
    questions = blueprint.before_request_funcs.setdefault(None, [])
    if audience in ("buyer", "farmer"):
        questions.insert(0, _signed_in)
    elif audience in ROLES_OF:
        roles = ROLES_OF[audience]
        at_counter = audience == "post"
        questions.insert(
            0, lambda: _signed_in() or require_role(*roles) or (note_presence() if at_counter else None)
        )


def _signed_in() -> Response | None:
    return _to_sign_in() if current_person() is None else None


def _to_sign_in() -> Response:
    wanted = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("lock.locked" if locked_session() else "accounts.sign_in", next=wanted), 303)


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
    person = current_user._get_current_object()
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


OF_AGE = "of-age"


def said_of_age() -> bool:
    """Did this visitor say today that they are eighteen?"""
    return request.cookies.get(OF_AGE) == "1"


def current_actor() -> Actor:
    """Who does what this request asks: the signed-in person or a guest."""
    found = current_person()
    return Actor.of(found.id) if found is not None else Actor.guest()


# -- a counter left alone -----------------------------------------------------------------------------------------

PRESENT_AT, LOCKED = "post_at", "post_locked"
NOTED_EVERY_SECONDS = 30


def lock_minutes() -> int:
    """How long a computer at a counter may be left alone (0: it is never locked)."""
    return market.settings().counter_lock_minutes


def note_presence() -> None:
    """A clerk is at the counter: from now on this browser is one that is locked when nobody touches it."""
    if not lock_minutes():
        return
    now = int(clock.now().timestamp())
    if now - session.get(PRESENT_AT, 0) >= NOTED_EVERY_SECONDS:
        session[PRESENT_AT] = now


def _lock_the_idle() -> None:
    """Whoever sits down at a counter that was left alone is nobody, on every page. What a page asks by itself is no
    sign of a person."""
    seen = session.get(PRESENT_AT)
    if seen is None or not lock_minutes():
        return
    if clock.now().timestamp() - seen >= lock_minutes() * 60:
        lock()
    elif request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and request.endpoint != "static":
        note_presence()


def lock() -> None:
    """The session rests: nobody is signed in until the clerk says who they are. Their work stays where it was."""
    token = session.pop("_user_id", None)
    session.pop(PRESENT_AT, None)
    if token is not None:
        session[LOCKED] = token


def locked_session() -> str | None:
    """The resting session's token, if this browser's counter is locked."""
    found: str | None = session.get(LOCKED)
    return found


def unlock() -> None:
    """The clerk is back: the same session goes on."""
    session["_user_id"] = session.pop(LOCKED)
    note_presence()
