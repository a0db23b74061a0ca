"""For reviewers and admins: a lot called back when its farm does not, or cannot."""

from typing import Any

from flask import Blueprint, request

from marketplace.catalog import queries as catalog
from marketplace.desks.routes import recalling
from marketplace.foundation.access import require_role
from marketplace.foundation.form import tidy
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page, redirect_to

bp = Blueprint("desks_admin", __name__)
bp.before_request(lambda: require_role("reviewer", "admin"))


@bp.get("/lots")
def lots() -> Any:
    """A lot by the code on its pack; below it what was called back lately."""
    typed = tidy(request.args.get("code", "")).upper()[:40]
    if typed:
        try:
            return redirect_to("desks_admin.recall", code=catalog.lot_of(typed).code)
        except Missing:
            pass  # said on the page, where the code can be typed again
    return page("desks/admin/lots.html", 404 if typed else 200, typed=typed, recalled=catalog.lots_recalled())


@bp.route("/lots/<code>/recall", methods=["GET", "POST"])
def recall(code: str) -> Any:
    """Who bought of the lot; and calling it back."""
    return recalling.recall_page(catalog.lot_of(code), "admin")
