"""At the counter: somebody who lost their telephone or password signs in again after showing their identity paper."""

from typing import Any

from flask import Blueprint

from marketplace.accounts import queries, service
from marketplace.accounts.forms import FindPersonForm, PaperSeenForm
from marketplace.foundation.access import current_actor, limiter
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("accounts_post", __name__)


@bp.route("/people", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["POST"])
def people() -> Any:
    form = FindPersonForm()
    if form.validate_on_submit():
        found = queries.person_by_login(form.login.login)
        if found is not None and found.is_active:
            return redirect_to("accounts_post.sign_in_code", code=found.code)
        form.refuse(
            Refusal(
                _("Không có tài khoản nào với số hay e-mail này. Khách có thể đăng ký mới."), field="login"
            )
        )
    return page("accounts/post/people.html", 422 if form.is_submitted() else 200, form=form)


@bp.route("/people/<code>/sign-in-code", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
def sign_in_code(code: str) -> Any:
    """The person before the counter, and after their paper was seen, a code to type on their telephone."""
    customer, form, digits = queries.person(code), PaperSeenForm(), None
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction():
                digits = service.help_sign_in(queries.person(code), current_actor())
            status = 200
        except Refusal as refusal:
            form.refuse(refusal)
        customer = queries.person(code)
    return page("accounts/post/sign_in_code.html", status, form=form, customer=customer, digits=digits)
