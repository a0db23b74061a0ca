"""A counter's computer that was left alone: it is locked, and the clerk comes back with their password alone. Whose it
is stands on the page; what waited on the device or in the drawer waits."""

from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.accounts.forms import UnlockForm
from marketplace.accounts.models import Person
from marketplace.foundation import access
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import page, redirect_to, safe_path
from marketplace.foundation.words import _

bp = Blueprint("lock", __name__)


@bp.get("/lock")
def locked() -> Any:
    """The page of a locked counter; a clerk who leaves locks it (`?now=1`)."""
    if "now" in request.args:
        access.lock()
        return redirect_to("lock.locked", next=safe_path(request.args.get("next")))
    clerk = _whose()
    if clerk is None:
        return redirect_to("accounts.sign_in", next=safe_path(request.args.get("next")))
    return page(
        "accounts/public/locked.html", form=UnlockForm(next=request.args.get("next", "")), clerk=clerk
    )


@bp.post("/lock")
@access.limiter.limit("60 per minute")
def unlock() -> Any:
    """The password alone: the same session goes on where it stood. Tries count as those of signing in do."""
    clerk, form = _whose(), UnlockForm()
    if clerk is None:
        return redirect_to("accounts.sign_in")
    status = 422
    if form.validate_on_submit():
        login = str(clerk.phone or clerk.email)
        try:
            with transaction():
                service.count_try(login)
        except Refusal as refusal:
            form.refuse(refusal)
            return page("accounts/public/locked.html", 429, form=form, clerk=clerk)
        clerk = _whose()
        if clerk is not None and queries.is_password_of(clerk, form.password.data or ""):
            with transaction():
                service.clear_tries(login)
            access.unlock()
            return redirect(safe_path(form.next.data) or url_for("desks_post.counter"), 303)
        form.refuse(Refusal(_("Mật khẩu chưa đúng. Hãy thử lại."), field="password"))
    return page("accounts/public/locked.html", status, form=form, clerk=clerk)


@bp.get("/presence")
def presence() -> Response:
    """A clerk types or moves: the counter is not alone."""
    if access.PRESENT_AT in session:
        access.note_presence()
    return Response(status=204)


def _whose() -> Person | None:
    token = access.locked_session()
    return queries.sign_in_person(token) if token else None
