"""Whom the rule for paying at the door stopped and who asked a person: looked at, and answered."""

from datetime import timedelta
from typing import Any

from flask import Blueprint

from marketplace.admin.forms import AppealAnswerForm
from marketplace.claims import queries as claims
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as seen
from marketplace.orders import service as orders

bp = Blueprint("appeals", __name__)
bp.before_request(lambda: require_role("admin"))


@bp.get("")
def appeals() -> Any:
    form = AppealAnswerForm(formdata=None, data={"until": clock.today() + timedelta(days=90)})
    return _page(form)


def _page(form: AppealAnswerForm, status: int = 200) -> Any:
    return page(
        "admin/admin/appeals.html",
        status,
        found=seen.appeals(),
        late={due.record.code: due.how_long for due in claims.promised_by_us() if due.is_late},
        orders_by=seen.at_the_door_of,
        form=form,
    )


@bp.post("/<code>")
def answer(code: str) -> Any:
    """`granted` until a day, or `declined` with the reason."""
    form = AppealAnswerForm()
    if not form.validate_on_submit():
        # The same fields stand beside every question, so what is wrong is said on top.
        form.form_errors = [sentence for _id, sentence in form.problems]
        for field in form:
            field.errors = []
        return _page(form, 422)
    try:
        with transaction():
            appeal = seen.appeal(code)
            if form.verdict.data == "granted":
                orders.grant_appeal(
                    appeal, form.until.data or clock.today(), form.answer.data or "", current_actor()
                )
            else:
                orders.decline_appeal(appeal, form.answer.data or "", current_actor())
    except Refusal as refused:
        if refused.status == 404:
            raise
        form.form_errors.append(refused.sentence)
        return _page(form, refused.status)
    notice(_("Đã trả lời. Người hỏi được báo qua tin nhắn."))
    return redirect_to("admin.appeals.appeals")
