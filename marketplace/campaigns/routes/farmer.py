"""A farm's own vouchers: what it gives its buyers, how often it was used, what it cost."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.campaigns import queries, service
from marketplace.campaigns.forms import VoucherForm
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmRight
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("campaigns_farmer", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.MONEY))
DEEDS = {"pause": service.pause, "resume": service.resume, "close": service.close}


@bp.route("/vouchers", methods=["GET", "POST"])
def vouchers() -> Any:
    farm = farmers.my_farm(person())
    if farm is None:
        return redirect_to("desks_farmer.today")
    form = VoucherForm(data={"most_per_person": 1})
    if request.method == "POST":
        if not form.validate_on_submit():
            return _page(farm, form, 422)
        try:
            with transaction():
                service.make(form.terms, current_actor(), db.session.get_one(Farm, farm.id))
        except Refusal as refused:
            form.refuse(refused)
            return _page(farmers.my_farm(person()), form, refused.status)
        notice(_("Đã tạo mã. Hãy gửi mã này cho khách của bạn."))
        return redirect_to("campaigns_farmer.vouchers")
    return _page(farm, form)


def _page(farm: Farm | None, form: VoucherForm, status: int = 200) -> Any:
    assert farm is not None
    return page(
        "campaigns/farmer/vouchers.html",
        status,
        farm=farm,
        form=form,
        found=queries.vouchers_of(farm),
        terms=queries.terms,
    )


@bp.post("/vouchers/<code>/<deed>")
def change(code: str, deed: str) -> Response:
    """`pause`, `resume` or `close` one of the farm's own."""
    if deed not in DEEDS:
        raise Missing()
    with transaction():
        farm = farmers.my_farm(person())
        if farm is None:
            raise Missing()
        DEEDS[deed](queries.voucher_for(farm, code), current_actor())
    notice(_("Đã ghi."))
    return redirect_to("campaigns_farmer.vouchers")
