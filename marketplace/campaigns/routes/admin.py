"""Vouchers of the market, and those its farms give: made, paused, closed; what they cost so far."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.campaigns import queries, service
from marketplace.campaigns.forms import VoucherForm
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("campaigns_admin", __name__)
bp.before_request(lambda: require_role("admin"))
DEEDS = {"pause": service.pause, "resume": service.resume, "close": service.close}


@bp.route("/vouchers", methods=["GET", "POST"])
def vouchers() -> Any:
    form = VoucherForm(data={"most_per_person": 1})
    if request.method == "POST":
        if not form.validate_on_submit():
            return _page(form, 422)
        try:
            with transaction():
                service.make(form.terms, current_actor())
        except Refusal as refused:
            form.refuse(refused)
            return _page(form, refused.status)
        notice(_("Đã tạo mã. Chợ chịu phần giảm của mã này."))
        return redirect_to("campaigns_admin.vouchers")
    return _page(form)


def _page(form: VoucherForm, status: int = 200) -> Any:
    found = db.session.scalars(queries.vouchers_of_market().limit(200)).all()
    return page("campaigns/admin/vouchers.html", status, form=form, found=found, terms=queries.terms)


@bp.post("/vouchers/<code>/<deed>")
def change(code: str, deed: str) -> Response:
    """`pause`, `resume` or `close` any voucher."""
    if deed not in DEEDS:
        raise Missing()
    with transaction():
        DEEDS[deed](queries.voucher(code), current_actor())
    notice(_("Đã ghi."))
    return redirect_to("campaigns_admin.vouchers")
