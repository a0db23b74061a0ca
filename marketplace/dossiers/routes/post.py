"""The counter: papers of a walk-in taken and photographed, the slip printed, lists to an agency and back, what the
agency decided, fees, results given out. Nobody here decides a public procedure."""

from typing import Any

from flask import Blueprint, request, session, url_for

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.dossiers import points as seen_at
from marketplace.dossiers import queries, service, slips
from marketplace.dossiers.forms import (
    AgencyForm,
    DecisionForm,
    ExtensionForm,
    ListForm,
    PaperForm,
    RefusalForm,
    ResultForm,
    ReturnForm,
    WalkInForm,
    facts_form,
)
from marketplace.dossiers.models import (
    DIRECTION_WORDS,
    INTAKE_WORDS,
    RETURN_WORDS,
    Direction,
    Dossier,
    Intake,
    ReturnWay,
)
from marketplace.dossiers.reasons import DELAYS, REFUSALS
from marketplace.dossiers.routes.filling import Filling
from marketplace.dossiers.routes.registers import hang_register
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import transaction
from marketplace.foundation.files import check_paper_token, paper_token
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.web import notice, page, private_file, redirect_to
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint

WALK_IN = "walk_in"
"""In the clerk's session: the code of the person before the counter whose identity paper was seen."""

bp = Blueprint("dossiers_post", __name__)


@bp.before_request
def stands_somewhere() -> Any:
    """Who has no counter yet is told so at the counter's own page."""
    return None if seen_at.points_of(person()) else redirect_to("desks_post.counter")


def _points() -> list[ServicePoint]:
    points = seen_at.points_of(person())
    if not points:
        raise Forbidden(_("Bạn chưa được phân về bưu cục nào. Hãy nhờ quản trị phân điểm cho bạn."))
    return points


def _ids() -> list[int]:
    return [point.id for point in _points()]


def _point() -> ServicePoint:
    """Where the clerk stands: the point chosen at the counter, else the first they hold with a dossier to do."""
    points = _points()
    chosen = next((point for point in points if point.code == session.get("post_point")), None)
    if chosen is not None or len(points) == 1:
        return chosen or points[0]
    busy = seen_at.busy_points([point.id for point in points])
    return next((point for point in points if point.id in busy), points[0])


# -- the day ------------------------------------------------------------------------------------------------------


@bp.get("/dossiers")
def dossiers() -> Any:
    """What this counter has to do with dossiers today."""
    point = _point()
    return page(
        "dossiers/post/dossiers.html", point=point, points=_points(), day=seen_at.counter_day([point.id])
    )


hang_register(bp, "post", lambda: seen_at.at_points(_ids()), _points)


@bp.route("/dossiers/new", methods=["GET", "POST"])
def new() -> Any:
    """Somebody is at the counter: what for, and who."""
    form, point = WalkInForm(data={"procedure": request.args.get("procedure", "")[:60]}), _point()
    listed = [one for one in queries.procedures() if one.takes(Intake.COUNTER)]
    form.procedure.choices = [("", _("Chọn thủ tục")), *((one.key, one.title) for one in listed)]
    if form.does(lambda: _take_in(form, point)):
        return _on_with(form)
    return page("dossiers/post/new.html", 422 if form.is_submitted() else 200, form=form, point=point)


def _take_in(form: WalkInForm, point: ServicePoint) -> None:
    applicant = people.person_by_login(form.phone.data or "")
    if applicant is None:
        applicant = accounts.add_person(form.name.data, form.phone.data or "", [], current_actor())
    if queries.procedure(form.procedure.data).counter_starts_at:
        return
    by = Actor.of(person().id, for_id=applicant.id)
    found = service.open_for(form.procedure.data, applicant, by, Intake.COUNTER, point.id)
    if not found.facts.get("full_name"):
        service.describe(found, {**found.facts, "full_name": form.name.data}, by)


def _on_with(form: WalkInForm) -> Any:
    """To the dossier, or to the page where a clerk fills this one in: whose paper was seen is kept for it."""
    procedure, applicant = (
        queries.procedure(form.procedure.data),
        people.person_by_login(form.phone.data or ""),
    )
    assert applicant is not None
    if procedure.counter_starts_at:
        session[WALK_IN] = applicant.code
        return redirect_to(procedure.counter_starts_at)
    begun = queries.begun(procedure, applicant, Intake.COUNTER)
    assert begun is not None
    return redirect_to("dossiers_post.dossier", code=begun.code)


# -- one dossier --------------------------------------------------------------------------------------------------


@bp.get("/dossiers/<code>")
def dossier(code: str) -> Any:
    return _show(_reach(code))


@bp.post("/dossiers/<code>/facts")
def describe(code: str) -> Any:
    return FILLING.describe(code)


@bp.post("/dossiers/<code>/papers/<kind>")
def add_paper(code: str, kind: str) -> Any:
    """Photograph one paper."""
    return FILLING.add_paper(code, kind)


@bp.route("/dossiers/<code>/return", methods=["GET", "POST"])
def result_way(code: str) -> Any:
    """How the person wants the result."""
    return FILLING.choose_way(code, {})


def _choose(found: Dossier, form: ReturnForm) -> None:
    commune = places.commune(form.commune.data)
    address = places.print_address(form.street.data, commune) if commune else ""
    service.choose_return(
        found,
        ReturnWay(form.way.data),
        _for(found),
        address=address,
        street=form.street.data,
        commune_code=form.commune.data,
    )


@bp.post("/dossiers/<code>/reception")
def receive(code: str) -> Any:
    """Take it in: handed in and received in one press, and the slip is ready to print."""
    try:
        with transaction():
            found = _reach(code)
            if found.is_with_applicant:
                service.submit(_filled_in_here(found), _for(found))
            service.receive(found, current_actor())
    except Conflict:
        raise
    except Refusal as refusal:
        return _show(_reach(code), 422, refusal=refusal.sentence)
    notice(_("Đã tiếp nhận. In giấy hẹn cho khách."))
    return redirect_to("dossiers_post.dossier", code=code)


@bp.post("/dossiers/<code>/refusal")
def refuse(code: str) -> Any:
    """Not taken in, with the slip that says why (form 03)."""
    form = RefusalForm()
    if form.does(lambda: service.refuse(_seen(code, form), form.reason.data, current_actor())):
        notice(_("Đã từ chối tiếp nhận. In phiếu cho khách."))
        return redirect_to("dossiers_post.dossier", code=code)
    return _show(_reach(code), 422, refusal_form=form)


@bp.post("/dossiers/<code>/extension")
def extend(code: str) -> Any:
    """Apologise to somebody whose result is not there, and promise another moment, with its slip (form 04)."""
    form = ExtensionForm()
    if form.does(lambda: service.extend(_seen(code, form), form.until, form.reason.data, current_actor())):
        notice(_("Đã xin lỗi và hẹn lại. Người nộp nhận tin và phiếu hẹn mới."))
        return redirect_to("dossiers_post.dossier", code=code)
    return _show(_reach(code), 422, extension_form=form)


@bp.post("/dossiers/<code>/fee")
def take_fee(code: str) -> Any:
    """Take the fee in cash, with a receipt."""
    with transaction():
        found = _reach(code)
        service.take_fee(found, current_actor(), _point())
    notice(_("Đã thu lệ phí. In biên lai cho khách."))
    return redirect_to("dossiers_post.dossier", code=code)


@bp.post("/dossiers/<code>/agency-decision")
def record_decision(code: str) -> Any:
    """What the agency's paper says, with its scan."""
    _reach(code)
    form = AgencyForm()

    def write_down() -> None:
        assert form.scan.data is not None and form.signed_on.data is not None
        service.record_decision(
            _seen(code, form),
            form.outcome.data,
            form.number.data,
            form.signed_on.data,
            form.scan.data,
            current_actor(),
            form.reason.data or "",
        )

    if form.does(write_down):
        notice(_("Đã ghi kết quả theo văn bản của cơ quan và báo cho người nộp."))
        return redirect_to("dossiers_post.dossier", code=code)
    return _show(_reach(code), 422, agency_form=form)


@bp.post("/dossiers/<code>/result")
def give_result(code: str) -> Any:
    """The result is handed out over the counter."""
    form = ResultForm()
    if form.does(lambda: service.hand_over_result(_seen(code, form), current_actor(), form.taker.data)):
        notice(_("Đã trả kết quả."))
        return redirect_to("dossiers_post.dossiers")
    return _show(_reach(code), 422, result_form=form)


@bp.get("/dossiers/papers/<token>")
def paper(token: str) -> Any:
    """One paper of a dossier of this counter. Each look is written down."""
    ids = _ids()
    with transaction():
        found = seen_at.paper_at_points(ids, check_paper_token(token, person().id))
        data, stored = service.view_paper(found, current_actor()), found.paper
        kind, name = stored.content_type, stored.filename
    return private_file(data, kind, name)


# -- lists to an agency and back ----------------------------------------------------------------------------------


@bp.get("/hand-overs")
def hand_overs() -> Any:
    """What may be put on a list, and the lists there are."""
    return _lists()


@bp.post("/hand-overs/<any(to_agency,from_agency):direction>")
def make_list(direction: str) -> Any:
    """A numbered list of the chosen dossiers."""
    form, point = ListForm(), _point()
    day = seen_at.counter_day([point.id])
    open_ones = {one.code: one for one in (*day.to_hand_over, *day.at_agency)}
    form.dossiers.choices = [(code, code) for code in open_ones]
    if form.validate_on_submit():
        try:
            with transaction():
                chosen = [seen_at.dossier_at([point.id], code) for code in form.dossiers.data or ()]
                verb = service.hand_to_agency if direction == "to_agency" else service.take_from_agency
                code = verb(chosen, point, current_actor(), form.contact.data or "").code
            notice(_("Đã lập danh sách. In ra cho hai bên ký."))
            return redirect_to("dossiers_post.hand_over", code=code)
        except Refusal as refusal:
            notice(refusal.sentence, "bad")
            return redirect_to("dossiers_post.hand_overs")
    return _lists(422)


@bp.get("/hand-overs/<code>")
def hand_over(code: str) -> Any:
    return page(
        "dossiers/post/hand_over.html",
        handed=seen_at.hand_over(_ids(), code),
        direction_words=DIRECTION_WORDS,
    )


@bp.get("/hand-overs/<code>.pdf")
def hand_over_pdf(code: str) -> Any:
    """The list as a sheet for both sides to sign."""
    made = seen_at.hand_over(_ids(), code)
    return private_file(slips.hand_over_pdf(made), "application/pdf", f"{made.number}.pdf")


def _lists(status: int = 200) -> Any:
    point = _point()
    day = seen_at.counter_day([point.id])
    groups = [
        (Direction.TO_AGENCY, _by_agency(day.to_hand_over)),
        (Direction.FROM_AGENCY, _by_agency(day.at_agency)),
    ]
    return page(
        "dossiers/post/hand_overs.html",
        status,
        point=point,
        groups=groups,
        lists=seen_at.hand_overs([point.id]),
        direction_words=DIRECTION_WORDS,
    )


def _by_agency(dossiers: list[Dossier]) -> dict[str, list[Dossier]]:
    found: dict[str, list[Dossier]] = {}
    for one in dossiers:
        found.setdefault(one.procedure.agency, []).append(one)
    return found


# -- what the pages share -----------------------------------------------------------------------------------------


def _reach(code: str) -> Dossier:
    return seen_at.dossier_at(_ids(), code)


def _reach_to_fill(code: str) -> Dossier:
    return _filled_in_here(_reach(code))


def _filled_in_here(found: Dossier) -> Dossier:
    if found.procedure.counter_starts_at:
        raise Conflict(
            _("Hồ sơ này ghi theo từng mục ở trang riêng. Hãy mở hồ sơ và bấm “Ghi tiếp cùng khách”.")
        )
    return found


def _for(found: Dossier) -> Actor:
    """The clerk, for the person before the counter."""
    return Actor.of(person().id, for_id=found.applicant_id)


def _seen(code: str, form: DecisionForm) -> Dossier:
    """The dossier, if it is still what the page showed."""
    found = _reach(code)
    if form.seen.data != str(found.version):
        raise Conflict(_("Hồ sơ vừa có thay đổi. Hãy tải lại trang, xem bản mới rồi quyết định."))
    return found


def _show(found: Dossier, status: int = 200, **forms: Any) -> Any:
    shown = {"seen": found.version}
    return page(
        "dossiers/post/dossier.html",
        status,
        dossier=found,
        sections=queries.sections(found),
        stages=queries.stages(found),
        missing=queries.missing_names(found),
        slips=slips.slips_of(found),
        tokens={one.id: paper_token(one.paper, person().id) for one in found.papers},
        trail=queries.trail(found),
        return_words=RETURN_WORDS,
        intake_words=INTAKE_WORDS,
        refusals=REFUSALS,
        delays=DELAYS,
        extension_form=forms.get("extension_form")
        or ExtensionForm(formdata=None, data=shown | {"hour": "16:00"}),
        form=forms.get("form") or facts_form(found.procedure, found.facts),
        paper_form=forms.get("paper_form") or PaperForm(formdata=None),
        paper_kind=forms.get("paper_kind", ""),
        refusal=forms.get("refusal"),
        refusal_form=forms.get("refusal_form") or RefusalForm(formdata=None, data=shown),
        result_form=forms.get("result_form") or ResultForm(formdata=None, data=shown),
        agency_form=forms.get("agency_form") or AgencyForm(formdata=None, data=shown),
        is_own=found.applicant_id == person().id,
        counter_page=_counter_page(found),
    )


def _counter_page(found: Dossier) -> str | None:
    """The page where a clerk fills it in, where that is not this one (a farm's steps)."""
    endpoint = found.procedure.counter_starts_at
    return url_for(endpoint, dossier=found.code) if endpoint else None


FILLING = Filling(
    _reach_to_fill, _for, _show, _choose, "dossiers_post.dossier", "dossiers/post/result_way.html"
)
