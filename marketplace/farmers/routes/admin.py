"""For the market's staff: every farm, and stopping one with a reason."""

from typing import Any

from flask import Blueprint, request

from marketplace.farmers import queries, service
from marketplace.farmers.forms import ReasonForm
from marketplace.farmers.models import KIND_WORDS, FarmState
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.form import tidy
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("farmers_admin", __name__)
bp.before_request(lambda: require_role("reviewer", "admin"))


@bp.get("/farms")
def farms() -> Any:
    asked = {name: tidy(request.args.get(name, ""))[:80] for name in ("q", "state")}
    state = next((state for state in FarmState if state.value == asked["state"]), None)
    wanted = queries.farms(asked["q"], state)
    pager = Pager(queries.count(wanted), per_page=50)
    return page(
        "farmers/admin/farms.html",
        farms=queries.rows(wanted, pager.offset, pager.limit),
        pager=pager,
        asked=asked,
        states=list(FarmState),
        address_of=queries.address_of,
    )


@bp.get("/farms/<code>")
def farm(code: str) -> Any:
    return _show(code)


@bp.post("/farms/<code>/suspension")
def suspend(code: str) -> Any:
    """Stop the farm from selling, with the reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.suspend(queries.farm_by_code(code), form.reason.data, current_actor())
            notice(_("Đã tạm dừng gian hàng và báo lý do cho người bán."))
            return redirect_to("farmers_admin.farm", code=code)
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _show(code, 422, form)


@bp.post("/farms/<code>/resumption")
def resume(code: str) -> Any:
    with transaction():
        service.resume(queries.farm_by_code(code), current_actor())
    notice(_("Gian hàng bán lại rồi."))
    return redirect_to("farmers_admin.farm", code=code)


def _show(code: str, status: int = 200, form: ReasonForm | None = None) -> Any:
    found = queries.farm_by_code(code)
    return page(
        "farmers/admin/farm.html",
        status,
        farm=found,
        owner=queries.owner_of(found),
        dossier=queries.dossier_of(found),
        bank=queries.bank_of(found),
        address=queries.address_of(found),
        plus_code=queries.plus_code_of(found),
        trail=queries.trail(found),
        kind_words=KIND_WORDS,
        form=form or ReasonForm(formdata=None),
    )
