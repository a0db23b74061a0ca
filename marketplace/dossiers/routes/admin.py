"""For handlers: what waits, one dossier beside its decision, the papers, the register."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, url_for

from marketplace.accounts import queries as people
from marketplace.dossiers import points as seen_at
from marketplace.dossiers import queries, service, slips
from marketplace.dossiers.forms import (
    DecisionForm,
    ExtensionForm,
    ReassignForm,
    RefusalForm,
    RequestForm,
    StopForm,
)
from marketplace.dossiers.models import Dossier
from marketplace.dossiers.reasons import DELAYS, REFUSALS, REQUESTS
from marketplace.dossiers.routes.registers import hang_register
from marketplace.foundation.access import current_actor, person, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.files import check_paper_token, paper_token
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.web import notice, page, private_file, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("dossiers_admin", __name__)
bp.before_request(lambda: require_role("reviewer", "officer", "admin"))


@bp.get("/dossiers")
def dossiers() -> Any:
    """What waits, the late ones first."""
    waiting = queries.to_handle(person())
    mine = [one for one in waiting if one.handler_id == person().id]
    return page(
        "dossiers/admin/dossiers.html",
        waiting=waiting,
        late=[one for one in waiting if one.is_late],
        soon=[one for one in waiting if one.is_due_soon],
        mine=mine,
        with_applicants=queries.with_applicants(person()),
    )


hang_register(bp, "admin", lambda: queries.handled_by(person()), seen_at.points_with_dossiers)


@bp.get("/dossiers/<code>")
def dossier(code: str) -> Any:
    return _show(_reach(code))


@bp.get("/dossiers/papers/<token>")
def paper(token: str) -> Any:
    """One paper, by a link that opens for this person for five minutes. Each look is written down."""
    with transaction():
        found = queries.paper_to_view(person(), check_paper_token(token, person().id))
        data, stored = service.view_paper(found, current_actor()), found.paper
        kind, name = stored.content_type, stored.filename
    return private_file(data, kind, name)


@bp.post("/dossiers/<code>/reception")
def receive(code: str) -> Any:
    return _decide(
        code, lambda found: service.receive(found, current_actor()), lambda _found: _("Đã tiếp nhận hồ sơ.")
    )


@bp.post("/dossiers/<code>/appraisal")
def appraise(code: str) -> Any:
    return _decide(
        code, lambda found: service.appraise(found, current_actor()), lambda _found: _("Đã thẩm định xong.")
    )


@bp.post("/dossiers/<code>/approval")
def approve(code: str) -> Any:
    return _decide(code, lambda found: service.approve(found, current_actor()), _said_approved)


@bp.post("/dossiers/<code>/request")
def ask_for_papers(code: str) -> Any:
    """Send it back for something that is missing."""
    found = _reach(code)
    form = RequestForm(found)
    if form.does(
        lambda: service.ask_for_papers(
            _seen(code, form), form.reason.data, current_actor(), form.missing.data or ()
        )
    ):
        notice(_("Đã gửi yêu cầu bổ sung. Thời gian tạm dừng tính."))
        return redirect_to("dossiers_admin.dossiers")
    return _show(_reach(code), 422, request_form=form)


@bp.post("/dossiers/<code>/refusal")
def refuse(code: str) -> Any:
    form = RefusalForm()
    if form.does(lambda: service.refuse(_seen(code, form), form.reason.data, current_actor())):
        notice(_("Đã từ chối hồ sơ và báo lý do cho người nộp."))
        return redirect_to("dossiers_admin.dossiers")
    return _show(_reach(code), 422, refusal_form=form)


@bp.post("/dossiers/<code>/extension")
def extend(code: str) -> Any:
    """Apologise and promise another moment."""
    form = ExtensionForm()
    if form.does(lambda: service.extend(_seen(code, form), form.until, form.reason.data, current_actor())):
        notice(_("Đã xin lỗi và hẹn lại. Người nộp nhận tin và phiếu hẹn mới."))
        return redirect_to("dossiers_admin.dossier", code=code)
    return _show(_reach(code), 422, extension_form=form)


@bp.post("/dossiers/<code>/handler")
def reassign(code: str) -> Any:
    """Somebody else handles it from here."""
    found = _reach(code)
    form = _reassign_form(found, is_sent=True)

    def give_away() -> None:
        to = people.person(form.handler.data)
        service.reassign(_seen(code, form), to, current_actor(), form.why.data or "")

    if form.does(give_away):
        notice(_("Đã giao hồ sơ cho người khác."))
        return redirect_to("dossiers_admin.dossier", code=code)
    return _show(_reach(code), 422, reassign_form=form)


@bp.post("/dossiers/<code>/stop")
def stop(code: str) -> Any:
    """It cannot go on."""
    form = StopForm()
    if form.does(lambda: service.stop(_seen(code, form), form.reason.data, current_actor())):
        notice(_("Đã dừng giải quyết và báo lý do cho người nộp."))
        return redirect_to("dossiers_admin.dossiers")
    return _show(_reach(code), 422, stop_form=form)


def _reassign_form(found: Dossier, is_sent: bool = False) -> ReassignForm:
    form = ReassignForm() if is_sent else ReassignForm(formdata=None, data={"seen": found.version})
    others = [one for one in queries.handlers_of(found.procedure) if one.id != found.handler_id]
    form.handler.choices = [("", _("Chọn người nhận")), *((one.code, one.name) for one in others)]
    return form


def _decide(code: str, verb: Any, said: Callable[[Dossier], Any]) -> Any:
    """A decision that is one press of a button; `said` puts in words what came of it."""
    form = DecisionForm()
    form.validate()
    with transaction():
        found = _seen(code, form)
        verb(found)
    notice(said(found))
    return redirect_to("dossiers_admin.dossier", code=code)


def _said_approved(found: Dossier) -> Any:
    """Only a result on the page is returned with the yes; the others still go over a counter or by post."""
    if found.returned_at is not None:
        return _("Đã duyệt và trả kết quả.")
    return _("Đã duyệt. Kết quả được trả theo cách người nộp đã chọn.")


def _reach(code: str) -> Dossier:
    return queries.dossier_to_handle(person(), code)


def _seen(code: str, form: DecisionForm) -> Dossier:
    """The dossier, if it is still what the page showed."""
    found = _reach(code)
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
        slips=slips.slips_of(found),
        requests=REQUESTS,
        refusals=REFUSALS,
        delays=DELAYS,
        decided_at=_decided_at(found),
        may_decide=queries.may_decide(person(), found),
        extension_form=forms.get("extension_form")
        or ExtensionForm(formdata=None, data=shown | {"hour": "16:00"}),
        reassign_form=forms.get("reassign_form") or _reassign_form(found),
        stop_form=forms.get("stop_form") or StopForm(formdata=None, data=shown),
        decision_form=DecisionForm(formdata=None, data=shown),
        request_form=forms.get("request_form") or RequestForm(found, formdata=None, data=shown),
        refusal_form=forms.get("refusal_form") or RefusalForm(formdata=None, data=shown),
    )


def _decided_at(found: Dossier) -> str | None:
    """The page that decides it, where that is not this one (a certificate's own page)."""
    endpoint = found.procedure.decided_at
    return url_for(endpoint, code=found.code) if endpoint in current_app.view_functions else None
