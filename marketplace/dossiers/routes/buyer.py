"""For whoever hands in papers: my dossiers, one being put together, its papers; and for a helper those of the people
who agreed to be helped."""

from typing import Any

from flask import Blueprint, request

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts import yes
from marketplace.accounts.models import HelpScope, Role
from marketplace.dossiers import fetching, helped, queries, service, slips
from marketplace.dossiers.forms import (
    HelpForm,
    PaperForm,
    ReturnForm,
    YesCodeForm,
    facts_form,
)
from marketplace.dossiers.models import RETURN_WORDS, Dossier, Intake, ReturnWay
from marketplace.dossiers.routes.filling import Filling
from marketplace.foundation.access import current_actor, limiter, person
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import transaction
from marketplace.foundation.files import check_paper_token, paper_token
from marketplace.foundation.refusal import Conflict, Forbidden, Missing, Refusal
from marketplace.foundation.web import notice, page, private_file, redirect_to
from marketplace.foundation.words import _
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint

bp = Blueprint("dossiers_buyer", __name__)


@bp.get("/dossiers")
def dossiers() -> Any:
    """My dossiers, and what can be begun; for a helper also the people helped."""
    return _list()


@bp.post("/dossiers")
def begin() -> Any:
    """Begin one, for oneself or for somebody who agreed; one already begun is gone on with."""
    key, code = request.form.get("procedure", "")[:60], request.form.get("for", "")[:40]
    with transaction():
        if code:
            applicant = people.person(code)
            by, intake = Actor.of(person().id, for_id=applicant.id), Intake.HELPER
        else:
            applicant, by, intake = people.person(person().code), current_actor(), Intake.WEB
        found = service.open_for(key, applicant, by, intake)
        code = found.code
    return redirect_to("dossiers_buyer.dossier", code=code)


@bp.post("/dossiers/help")
@limiter.limit("20 per minute")
def ask_to_help() -> Any:
    """A helper asks somebody for their consent."""
    form = HelpForm()

    def ask() -> None:
        found = people.person_by_login(form.phone.data or "")
        if found is None:
            raise Refusal(_("Không có tài khoản nào với số này. Người ấy cần đăng ký trước."), "phone")
        me = people.person(person().code)
        accounts.ask_to_help(me, people.person(found.code), HelpScope.PAPERS, current_actor())

    if form.does(ask):
        notice(_("Đã gửi lời xin. Người ấy đồng ý ở mục Tài khoản, phần Cho phép giúp."))
        return redirect_to("dossiers_buyer.dossiers")
    return _list(422, form)


@bp.get("/dossiers/<code>")
def dossier(code: str) -> Any:
    return _show(_reach(code))


@bp.post("/dossiers/<code>/facts")
def describe(code: str) -> Any:
    return FILLING.describe(code)


@bp.post("/dossiers/<code>/papers/<kind>")
def add_paper(code: str, kind: str) -> Any:
    return FILLING.add_paper(code, kind)


@bp.route("/dossiers/<code>/return", methods=["GET", "POST"])
def result(code: str) -> Any:
    """How and where the result is wanted: the commune says which counter looks after it."""
    home = people.usual_address(_reach(code).applicant)
    known = (
        {"province": home.province_code, "commune": home.commune_code, "street": home.street} if home else {}
    )
    return FILLING.choose_way(code, known)


def _choose(found: Dossier, form: ReturnForm) -> None:
    commune = places.commune(form.commune.data)
    usual = places.service_point_for(form.commune.data)
    if commune is None or usual is None:
        raise Refusal(_("Chưa có điểm bưu điện nào phục vụ xã này. Hãy chọn xã khác."), "commune")
    point = _counter(found, usual, form)
    service.choose_return(
        found,
        ReturnWay(form.way.data),
        _actor(found),
        address=places.print_address(form.street.data, commune),
        service_point_id=point.id,
        street=form.street.data,
        commune_code=commune.code,
    )


def _counter(found: Dossier, usual: ServicePoint, form: ReturnForm) -> ServicePoint:
    """The counter of the commune; where it is shut on the day the result is promised, the applicant says whether they
    come there all the same, later, or to one nearby that is open."""
    if form.way.data != ReturnWay.COUNTER or found.intake is Intake.COUNTER:
        return usual
    day = fetching.day_promised(found)
    going = counters.going_to(usual, day)
    if not going.is_shut:
        return usual
    others = [counters.going_to(one.point, day, usual) for one in counters.open_near(usual, day)]
    form.offers = [*others, going]
    chosen = next((one.seen.point for one in form.offers if one.seen.point.code == form.point.data), None)
    if chosen is None:
        raise Refusal(going.says, "point")
    return chosen


@bp.post("/dossiers/<code>/submission")
def submit(code: str) -> Any:
    """Hand it in."""
    try:
        with transaction():
            found = _reach(code)
            service.must_be_ready(found)
            service.submit(found, _actor(found))
    except (Conflict, Forbidden):
        raise
    except Refusal as refusal:
        return _show(_reach(code), 422, refusal=refusal.sentence)
    notice(_("Đã nộp hồ sơ. Giấy hẹn ở ngay dưới đây."))
    return redirect_to("dossiers_buyer.dossier", code=code)


@bp.post("/dossiers/<code>/submission/code")
def send_code(code: str) -> Any:
    """A helper asks for the applicant's yes to what was put together."""
    try:
        with transaction():
            found = _helped(code)
            helped.send_code(found, _actor(found))
    except Conflict:
        raise
    except Refusal as refusal:
        return _show(_reach(code), refusal.status, refusal=refusal.sentence)
    notice(_("Đã gửi mã về điện thoại của họ. Mã này chỉ dùng cho đúng hồ sơ này, như nó đang có."))
    return redirect_to("dossiers_buyer.dossier", code=code, _anchor="yes")


@bp.post("/dossiers/<code>/submission/agreement")
@limiter.limit("20 per minute")
def agree_by_code(code: str) -> Any:
    """The applicant read the code out: it is handed in as theirs."""
    _helped(code)
    form, is_handed_in = YesCodeForm(), False

    def hand_in() -> None:
        nonlocal is_handed_in
        found = _helped(code)
        is_handed_in = helped.hand_in_by_code(found, form.code.data or "", _actor(found))

    if form.does(hand_in):
        if is_handed_in:
            notice(_("Đã nộp hồ sơ. Giấy hẹn ở ngay dưới đây."))
            return redirect_to("dossiers_buyer.dossier", code=code)
        wrong = yes.WRONG_NUMBER if yes.is_number(form.code.data or "") else helped.WRONG_CODE
        form.refuse(Refusal(wrong, "code"))
    return _show(_reach(code), 422, yes_form=form)


def _helped(code: str) -> Dossier:
    found = _reach(code)
    if found.applicant_id == person().id or found.subject_type != service.PERSON:
        raise Missing()
    return found


@bp.post("/dossiers/<code>/withdrawal")
def withdraw(code: str) -> Any:
    with transaction():
        found = _reach(code)
        service.withdraw(found, _actor(found))
    notice(_("Đã rút hồ sơ."))
    return redirect_to("dossiers_buyer.dossiers")


@bp.get("/dossiers/papers/<token>")
def paper(token: str) -> Any:
    """One of my papers, or the result; each look is written down, one's own too."""
    with transaction():
        found = queries.own_paper(person(), check_paper_token(token, person().id))
        by = _actor(found.dossier)
        data, stored = service.view_paper(found, by), found.paper
        kind, name = stored.content_type, stored.filename
    return private_file(data, kind, name)


def _reach(code: str) -> Dossier:
    return queries.reached_by(person(), code)


def _actor(found: Dossier) -> Actor:
    """Who does it: the applicant, or a helper for them."""
    if found.applicant_id == person().id:
        return current_actor()
    return Actor.of(person().id, for_id=found.applicant_id)


def _list(status: int = 200, form: HelpForm | None = None) -> Any:
    me = person()
    is_helper = me.has_role(Role.TRAINER, Role.CLERK)
    return page(
        "dossiers/buyer/dossiers.html",
        status,
        dossiers=list(reversed(queries.dossiers_of(me.id))),
        procedures=[one for one in queries.procedures() if one.takes(Intake.WEB)],
        for_helpers=[one for one in queries.procedures() if one.takes(Intake.HELPER)],
        helped=[(one, queries.dossiers_of(one.id)) for one in queries.helped_by(me)] if is_helper else [],
        help_form=(form or HelpForm(formdata=None)) if is_helper else None,
    )


def _show(found: Dossier, status: int = 200, **forms: Any) -> Any:
    if found.subject_type != service.PERSON:
        # It has pages of its own: this one only says how far it is.
        if status != 200:
            raise Missing()
        return redirect_to("dossiers.dossier", code=found.code, key=found.secret)
    return page(
        "dossiers/buyer/dossier.html",
        status,
        dossier=found,
        sections=queries.sections(found),
        stages=queries.stages(found),
        missing=queries.missing_names(found),
        slips=slips.slips_of(found),
        tokens={one.id: paper_token(one.paper, person().id) for one in found.papers},
        return_words=RETURN_WORDS,
        goings=fetching.goings(found),
        form=forms.get("form") or facts_form(found.procedure, found.facts),
        paper_form=forms.get("paper_form") or PaperForm(formdata=None),
        paper_kind=forms.get("paper_kind", ""),
        refusal=forms.get("refusal"),
        is_mine=found.applicant_id == person().id,
        has_phone=found.applicant.phone_verified_at is not None,
        next_number=yes.next_number(found.applicant),
        yes_form=forms.get("yes_form") or YesCodeForm(formdata=None),
    )


FILLING = Filling(_reach, _actor, _show, _choose, "dossiers_buyer.dossier", "dossiers/buyer/result.html")
