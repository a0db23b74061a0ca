"""For everybody: which procedures there are, and how far a dossier is."""

from typing import Any

from flask import Blueprint, current_app, request, url_for

from marketplace.dossiers import queries
from marketplace.dossiers.models import said
from marketplace.foundation.access import current_person, limiter
from marketplace.foundation.form import tidy
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page, redirect_to

bp = Blueprint("dossiers", __name__)
bp.add_app_template_filter(said)


@bp.get("/procedures")
def procedures() -> Any:
    return page("dossiers/public/procedures.html", procedures=queries.procedures())


@bp.get("/procedures/<key>")
def procedure(key: str) -> Any:
    """Steps, papers, fee and time, as the law asks."""
    found = queries.procedure(key)
    begins = url_for(found.starts_at) if found.starts_at in current_app.view_functions else None
    return page("dossiers/public/procedure.html", procedure=found, begins=begins)


@bp.get("/dossiers")
@limiter.limit("60 per minute")
def lookup() -> Any:
    """Look a dossier up by the two codes on its slip."""
    code, key = (tidy(request.args.get(name, "")).upper() for name in ("code", "key"))
    if not (code and key):
        return page("dossiers/public/lookup.html", code=code[:40], refusal=None)
    try:
        found = queries.dossier_by_secret(code, key)
    except Missing as refusal:
        return page("dossiers/public/lookup.html", 404, code=code[:40], refusal=refusal.sentence)
    return redirect_to("dossiers.dossier", code=found.code, key=found.secret)


@bp.get("/dossiers/<code>")
@limiter.limit("60 per minute")
def dossier(code: str) -> Any:
    """How far the dossier is: for whoever holds its secret, and for its applicant."""
    key, person = tidy(request.args.get("key", "")).upper(), current_person()
    if key:
        found = queries.dossier_by_secret(code, key)
    elif person is not None:
        found = queries.dossier_for(person, code)
    else:
        return page("dossiers/public/lookup.html", 404, code=code[:40], refusal=None)
    return page(
        "dossiers/public/dossier.html",
        dossier=found,
        stages=queries.stages(found),
        missing=queries.missing_names(found),
        is_mine=person is not None and person.id == found.applicant_id,
    )
