"""For handlers: what waits, one dossier beside its decision, the papers, the register."""

from typing import Any

from flask import Blueprint, Response, request

from marketplace.dossiers import queries, service
from marketplace.dossiers.forms import DecisionForm, RefusalForm, RequestForm
from marketplace.dossiers.models import Dossier, DossierState
from marketplace.foundation.access import current_actor, person, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.files import check_paper_token, paper_token
from marketplace.foundation.form import tidy
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("dossiers_admin", __name__)
bp.before_request(lambda: require_role("reviewer", "admin"))


@bp.get("/dossiers")
def dossiers() -> Any:
    """What waits, the late ones first."""
    waiting = queries.to_handle(person())
    return page(
        "dossiers/admin/dossiers.html", waiting=waiting, with_applicants=queries.with_applicants(person())
    )


@bp.get("/dossiers/register")
def register() -> Any:
    """The register (sổ theo dõi hồ sơ) with its filters."""
    asked = {name: tidy(request.args.get(name, ""))[:80] for name in ("q", "state", "procedure")}
    state = next((state for state in DossierState if state.value == asked["state"]), None)
    wanted = queries.register(person(), state, asked["q"], asked["procedure"])
    pager = Pager(queries.count(wanted), per_page=50)
    return page(
        "dossiers/admin/register.html",
        dossiers=queries.rows(wanted, pager.offset, pager.limit),
        pager=pager,
        asked=asked,
        states=[state for state in DossierState if state is not DossierState.DRAFTING],
        procedures=queries.procedures(),
    )


@bp.get("/dossiers/<code>")
def dossier(code: str) -> Any:
    return _show(queries.dossier_to_handle(person(), code))


@bp.get("/dossiers/papers/<token>")
def paper(token: str) -> Any:
    """One paper, by a link that opens for this person for five minutes. Each look is written down."""
    with transaction():
        found = queries.paper_to_view(person(), check_paper_token(token, person().id))
        data, stored = service.view_paper(found, current_actor()), found.paper
        kind, name = stored.content_type, stored.filename
    answer = Response(data, mimetype=kind)
    answer.headers.set("Content-Disposition", "inline", filename=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.post("/dossiers/<code>/reception")
def receive(code: str) -> Any:
    return _decide(code, lambda found: service.receive(found, current_actor()), _("Đã tiếp nhận hồ sơ."))


@bp.post("/dossiers/<code>/appraisal")
def appraise(code: str) -> Any:
    return _decide(code, lambda found: service.appraise(found, current_actor()), _("Đã thẩm định xong."))


@bp.post("/dossiers/<code>/approval")
def approve(code: str) -> Any:
    return _decide(code, lambda found: service.approve(found, current_actor()), _("Đã duyệt và trả kết quả."))


@bp.post("/dossiers/<code>/request")
def ask_for_papers(code: str) -> Any:
    """Send it back for something that is missing."""
    found = queries.dossier_to_handle(person(), code)
    form = RequestForm(found)
    if form.validate_on_submit():
        try:
            with transaction():
                found = _seen(code, form)
                service.ask_for_papers(found, form.reason.data, current_actor(), form.missing.data or ())
            notice(_("Đã gửi yêu cầu bổ sung. Thời gian tạm dừng tính."))
            return redirect_to("dossiers_admin.dossiers")
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _show(queries.dossier_to_handle(person(), code), 422, request_form=form)


@bp.post("/dossiers/<code>/refusal")
def refuse(code: str) -> Any:
    form = RefusalForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.refuse(_seen(code, form), form.reason.data, current_actor())
            notice(_("Đã từ chối hồ sơ và báo lý do cho người nộp."))
            return redirect_to("dossiers_admin.dossiers")
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _show(queries.dossier_to_handle(person(), code), 422, refusal_form=form)


def _decide(code: str, verb: Any, said: Any) -> Any:
    """A decision that is one press of a button."""
    form = DecisionForm()
    form.validate()
    with transaction():
        verb(_seen(code, form))
    notice(said)
    return redirect_to("dossiers_admin.dossier", code=code)


def _seen(code: str, form: DecisionForm) -> Dossier:
    """The dossier, if it is still what the page showed."""
    found = queries.dossier_to_handle(person(), code)
    if form.seen.data != str(found.version):
        raise Conflict(_("Hồ sơ vừa có thay đổi. Hãy tải lại trang, xem bản mới rồi quyết định."))
    return found


def _show(found: Dossier, status: int = 200, **forms: Any) -> Any:
    papers = {paper.id: paper_token(paper.paper, person().id) for paper in found.papers}
    shown = {"seen": found.version}
    return page(
        "dossiers/admin/dossier.html",
        status,
        dossier=found,
        sections=queries.sections(found),
        stages=queries.stages(found),
        missing=queries.missing_names(found),
        tokens=papers,
        trail=queries.trail(found),
        is_own=found.applicant_id == person().id,
        decision_form=DecisionForm(formdata=None, data=shown),
        request_form=forms.get("request_form") or RequestForm(found, formdata=None, data=shown),
        refusal_form=forms.get("refusal_form") or RefusalForm(formdata=None, data=shown),
    )
