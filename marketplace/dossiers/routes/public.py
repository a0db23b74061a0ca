"""For everybody: which procedures there are, and how far a dossier is."""

from typing import Any

from flask import Blueprint, current_app, request, url_for

from marketplace.accounts.models import ROLE_WORDS, Role
from marketplace.dossiers import fetching, queries, slips
from marketplace.dossiers.forms import day_typed
from marketplace.dossiers.models import RETURN_WORDS, Dossier, Intake, said
from marketplace.foundation import clock, qr
from marketplace.foundation.access import current_person, limiter
from marketplace.foundation.form import tidy
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page, private_file, redirect_to

bp = Blueprint("dossiers", __name__)
bp.add_app_template_filter(said)
bp.add_app_template_filter(queries.forms_said, "forms_said")
bp.add_app_template_filter(queries.only_for_said, "only_for_said")


@bp.get("/procedures")
def procedures() -> Any:
    return page("dossiers/public/procedures.html", procedures=queries.procedures())


@bp.get("/procedures/<key>")
def procedure(key: str) -> Any:
    """Steps, papers, fee and time, as the law asks; with `on` the version of another day."""
    today, on = clock.today(), day_typed(request.args.get("on", ""))
    found = queries.procedure(key, on)
    begins = url_for(found.starts_at) if found.starts_at in current_app.view_functions else None
    return page(
        "dossiers/public/procedure.html",
        procedure=found,
        is_current=found.valid_from <= today and found is queries.procedure(key),
        coming=queries.procedure_to_come(key),
        begins=begins,
        on_web=found.takes(Intake.WEB),
        at_counter=found.takes(Intake.COUNTER),
        ways=[RETURN_WORDS[way] for way in found.ways],
        handlers=[
            (stage, [ROLE_WORDS[Role(role)] for role in found.roles_for(stage)])
            for stage in ("receive", "appraise", "approve")
        ],
    )


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
    person = current_person()
    found = _found(code)
    if found is None:
        return page("dossiers/public/lookup.html", 404, code=code[:40], refusal=None)
    return page(
        "dossiers/public/dossier.html",
        dossier=found,
        stages=queries.stages(found),
        missing=queries.missing_names(found),
        goings=fetching.goings(found),
        slips=slips.slips_of(found),
        is_generic=found.subject_type == "person",
        is_mine=person is not None and person.id == found.applicant_id,
    )


@bp.get("/dossiers/<code>/slips/<any(receipt,request,refusal,extension,stop,fee):kind>")
@limiter.limit("60 per minute")
def slip(code: str, kind: str) -> Any:
    """A slip as a page to read and print: for whoever holds the secret, and for the applicant."""
    found = _slip_of(code, kind)
    made = slips.slip(found, kind)
    path, size = qr.path(made.link)
    return page("dossiers/public/slip.html", dossier=found, slip=made, kind=kind, qr=path, qr_size=size)


@bp.get("/dossiers/<code>/slips/<any(receipt,request,refusal,extension,stop,fee):kind>.pdf")
@limiter.limit("30 per minute")
def slip_pdf(code: str, kind: str) -> Any:
    """The same on an A5 sheet."""
    found = _slip_of(code, kind)
    return private_file(slips.pdf(slips.slip(found, kind)), "application/pdf", f"{found.code}-{kind}.pdf")


def _slip_of(code: str, kind: str) -> Dossier:
    found = _found(code)
    if found is None or kind not in slips.slips_of(found):
        raise Missing()
    return found


def _found(code: str) -> Dossier | None:
    """The dossier for who asks; none when a visitor did not say the secret."""
    key, person = tidy(request.args.get("key", "")).upper(), current_person()
    if key:
        return queries.dossier_by_secret(code, key)
    return queries.dossier_for(person, code) if person is not None else None
