"""For the market's staff: every farm, and stopping one with a reason."""

from typing import Any

from flask import Blueprint, request

from marketplace.farmers import queries, service
from marketplace.farmers.forms import ReasonForm, RevealForm
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


@bp.get("/farms/by-dossier/<code>")
def of_dossier(code: str) -> Any:
    """From a dossier to the farm it is about."""
    return redirect_to("farmers_admin.farm", code=queries.farm_of_dossier(code).code)


@bp.post("/farms/<code>/reveal")
def reveal(code: str) -> Any:
    """The sealed numbers in full, once, to compare with a paper; who looked and why is written down."""
    form = RevealForm()
    if form.validate_on_submit():
        try:
            with transaction():
                numbers = service.reveal(queries.farm_by_code(code), form.why.data, current_actor())
            return _show(code, revealed=numbers)
        except Refusal as refusal:
            form.refuse(refusal)
    return _show(code, 422, reveal_form=form)


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
    why = tidy(request.form.get("reason", ""))[:500]
    with transaction():
        service.resume(queries.farm_by_code(code), current_actor(), why)
    notice(_("Gian hàng bán lại rồi."))
    return redirect_to("farmers_admin.farm", code=code)


def _show(
    code: str,
    status: int = 200,
    form: ReasonForm | None = None,
    reveal_form: RevealForm | None = None,
    revealed: dict[str, str] | None = None,
) -> Any:
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
        reveal_form=reveal_form or RevealForm(formdata=None),
        revealed=revealed,
        duplicates=queries.duplicates(found),
        holder_is_other=queries.holder_is_other(found),
    )
