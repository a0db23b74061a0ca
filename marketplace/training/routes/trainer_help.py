"""At a farmer's side: consent, an application or a product prepared for them, their own yes to it; paper slips of
numbers."""

from typing import Any

from flask import Blueprint, request

from marketplace.accounts import queries as people
from marketplace.accounts.models import HELP_WORDS, ConsentState, HelpScope, Person
from marketplace.farmers import queries as farms
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, private_file, redirect_to
from marketplace.foundation.words import _
from marketplace.training import assisted, queries, slips
from marketplace.training.forms import (
    CodeForm,
    ConsentPaperForm,
    HelpedListingForm,
    helped_shop_form,
)
from marketplace.training.models import HelpedWork, Learner, LearnerState, TrainingClass

bp = Blueprint("training_help", __name__)

HELP = "/classes/<code>/learners/<learner_code>/help"
SCOPE = "<any(list,papers):scope>"
MONEY_FIELDS = frozenset({"method", "bank_bin", "number", "holder", "account", "payout"})
"""Fields of the pages on which a farm says how it is paid: no page here has one."""


def _me() -> Person:
    return db.session.get_one(Person, person().id)


def _class(code: str) -> TrainingClass:
    return queries.class_for(person(), code)


def _learner(code: str, learner_code: str) -> Learner:
    """A learner of the class who said yes to being in it."""
    learner = queries.learner_in(_class(code), learner_code)
    if learner.state is not LearnerState.JOINED or learner.person is None:
        raise Refusal(_("%(name)s chưa xác nhận vào lớp nên chưa giúp được.", name=learner.name))
    return learner


def _farmer(code: str, learner_code: str) -> Person:
    found = _learner(code, learner_code).person
    assert found is not None
    return found


def _back(code: str, learner_code: str) -> Any:
    return redirect_to("training_help.help_learner", code=code, learner_code=learner_code)


# -- the page -----------------------------------------------------------------------------------------------------


def _help_page(
    code: str,
    learner_code: str,
    status: int = 200,
    form: HelpedListingForm | None = None,
    typed: CodeForm | None = None,
    at: str = "",
    signed: ConsentPaperForm | None = None,
) -> Any:
    """`at` says which of the page's code forms was sent: its refusal stands there and nowhere else."""
    learner = _learner(code, learner_code)
    farmer = _farmer(code, learner_code)
    farm = farms.my_farm(farmer)
    is_open = farm is not None and farm.may_sell
    scopes = [HelpScope.LIST] if is_open else list(assisted.SCOPES[:1])
    return page(
        "training/trainer/help.html",
        status,
        training_class=learner.training_class,
        learner=learner,
        asked=[
            (
                scope,
                HELP_WORDS[scope],
                consent := queries.consent_between(person(), farmer, scope),
                people.may_act(person(), farmer, scope),
                queries.consent_paper(consent) if consent else None,
            )
            for scope in scopes
        ],
        is_open=is_open,
        is_handed_in=not is_open and "papers" in queries.steps_of(farmer),
        drawn=queries.helped_by(person(), farmer),
        slip=slips.slip_of(farmer),
        has_phone=farmer.phone_verified_at is not None,
        form=form or HelpedListingForm(formdata=None),
        typed=typed or CodeForm(formdata=None),
        at=at,
        signed=signed or ConsentPaperForm(formdata=None),
    )


@bp.get(HELP)
def help_learner(code: str, learner_code: str) -> Any:
    return _help_page(code, learner_code)


@bp.route(f"{HELP}/<any(payment,'bank-account',money,payouts):what>", methods=["GET", "POST"])
def no_money(code: str, learner_code: str, what: str) -> Any:
    """There is no such page: money and the bank account are in no scope. Who tried is written down."""
    _refuse_money(code, learner_code)


def _refuse_money(code: str, learner_code: str) -> None:
    with transaction():
        assisted.refuse_money(_me(), _farmer(code, learner_code))
    raise Missing()


def _must_not_speak_of_money(code: str, learner_code: str) -> None:
    if MONEY_FIELDS & request.form.keys():
        _refuse_money(code, learner_code)


# -- consent ------------------------------------------------------------------------------------------------------


@bp.post(f"{HELP}/consents/{SCOPE}")
def ask_consent(code: str, learner_code: str, scope: str) -> Any:
    with transaction():
        farmer = _farmer(code, learner_code)
        assisted.ask_consent(_me(), farmer, HelpScope(scope), current_actor())
        has_phone = farmer.phone_verified_at is not None
    if has_phone:
        notice(_("Đã gửi mã về điện thoại của họ. Nhờ họ đọc mã, hoặc tự bấm Đồng ý trên máy của họ."))
    else:
        notice(_("Đã ghi lời xin. Nhờ họ đọc số trên tờ mã, hoặc ký giấy đồng ý."))
    return _back(code, learner_code)


@bp.post(f"{HELP}/consents/{SCOPE}/code")
def give_consent(code: str, learner_code: str, scope: str) -> Any:
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            consent = queries.consent_between(person(), _farmer(code, learner_code), HelpScope(scope))
            is_given = consent is not None and assisted.give_consent(consent, form.code.data or "")
        if is_given:
            notice(_("Họ đã đồng ý. Họ xem và rút lại được ở trang Những điều tôi đã đồng ý."))
            return _back(code, learner_code)
        form.refuse(_wrong(form))
    return _help_page(code, learner_code, 422, typed=form, at=scope)


def _wrong(form: CodeForm) -> Refusal:
    is_number = sum(letter.isdigit() for letter in form.code.data or "") == slips.DIGITS
    return Refusal(assisted.WRONG_NUMBER if is_number else assisted.WRONG_CODE, field="code")


@bp.get(f"{HELP}/consents/{SCOPE}/form")
def consent_form(code: str, learner_code: str, scope: str) -> Any:
    """The paper to sign, with nothing left to fill in but a name and a day."""
    learner = _learner(code, learner_code)
    consent = queries.consent_between(person(), _farmer(code, learner_code), HelpScope(scope))
    if consent is None:
        raise Missing()
    return page(
        "training/trainer/consent_form.html",
        training_class=learner.training_class,
        learner=learner,
        consent=consent,
        what=HELP_WORDS[consent.scope],
    )


@bp.post(f"{HELP}/consents/{SCOPE}/paper")
def sign(code: str, learner_code: str, scope: str) -> Any:
    """The signed paper, photographed."""
    form = ConsentPaperForm()
    if form.validate_on_submit():
        assert form.signed.data is not None
        with transaction():
            consent = queries.consent_between(person(), _farmer(code, learner_code), HelpScope(scope))
            if consent is None:
                raise Missing()
            assisted.give_consent_on_paper(consent, form.signed.data)
        notice(_("Đã giữ giấy đồng ý, chỉ bạn và người ký xem được. Họ vừa được báo tin."))
        return _back(code, learner_code)
    return _help_page(code, learner_code, 422, signed=form, at=scope)


@bp.get(f"{HELP}/consents/{SCOPE}/paper")
def consent_paper(code: str, learner_code: str, scope: str) -> Any:
    with transaction():
        consent = queries.consent_between(person(), _farmer(code, learner_code), HelpScope(scope))
        kept = queries.consent_paper(consent) if consent is not None else None
        if kept is None or consent is None or consent.state is not ConsentState.GIVEN:
            raise Missing()
        by = Actor.of(person().id, for_id=consent.person_id)
        data, stored = assisted.view_consent_paper(kept, by)
        kind, name = stored.content_type, stored.filename
    return private_file(data, kind, name)


# -- what is prepared ---------------------------------------------------------------------------------------------


@bp.post(f"{HELP}/listings")
def draw_up(code: str, learner_code: str) -> Any:
    _must_not_speak_of_money(code, learner_code)
    form = HelpedListingForm()
    if form.validate_on_submit():
        try:
            with transaction():
                assisted.draw_up(
                    _me(), _farmer(code, learner_code), form.listing(), form.photos.data, form.once.data
                )
            notice(_("Đã soạn xong. Chưa ai thấy cho tới khi chủ hàng đồng ý."))
            return _back(code, learner_code)
        except Refusal as refusal:
            form.refuse(refusal)
            return _help_page(code, learner_code, refusal.status, form=form)
    return _help_page(code, learner_code, 422, form=form)


@bp.route(f"{HELP}/shop", methods=["GET", "POST"])
def shop(code: str, learner_code: str) -> Any:
    """The application for a shop, but for how it is paid."""
    _must_not_speak_of_money(code, learner_code)
    learner, farmer = _learner(code, learner_code), _farmer(code, learner_code)
    if not people.may_act(person(), farmer, HelpScope.PAPERS):
        return _back(code, learner_code) if request.method == "GET" else _not_allowed(farmer)
    form, status = helped_shop_form(learner, farms.applying_farm(farmer)), 200
    if form.is_submitted() and not form.asks_for_communes:
        status = 422
        if form.validate():
            try:
                with transaction():
                    assisted.fill_in(_me(), _farmer(code, learner_code), form.facts())
                notice(_("Đã soạn hồ sơ. Chưa nộp cho tới khi chủ hộ đồng ý."))
                return _back(code, learner_code)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    learner = _learner(code, learner_code)
    return page(
        "training/trainer/shop.html",
        status,
        training_class=learner.training_class,
        learner=learner,
        form=form,
        farm=farms.applying_farm(_farmer(code, learner_code)),
    )


def _not_allowed(farmer: Person) -> Any:
    assisted.must_be_allowed(_me(), farmer, HelpScope.PAPERS)


# -- the farmer's yes ---------------------------------------------------------------------------------------------


def _drawn(code: str, learner_code: str, work_code: str) -> HelpedWork:
    found = queries.helped_of(_farmer(code, learner_code), work_code)
    if found.helper_id != person().id:
        raise Missing()
    return found


@bp.post(f"{HELP}/work/<work_code>/code")
def send_code(code: str, learner_code: str, work_code: str) -> Any:
    with transaction():
        assisted.send_code(_drawn(code, learner_code, work_code))
    notice(_("Đã gửi mã về điện thoại của họ. Mã này chỉ dùng cho đúng việc này."))
    return _back(code, learner_code)


@bp.post(f"{HELP}/work/<work_code>/agreement")
def agree_by_code(code: str, learner_code: str, work_code: str) -> Any:
    form = CodeForm()
    if form.validate_on_submit():
        try:
            with transaction():
                is_agreed = assisted.agree_by_code(
                    _drawn(code, learner_code, work_code), _me(), form.code.data or ""
                )
            if is_agreed:
                notice(_("Chủ hàng đã đồng ý. Họ vừa được báo tin và có 24 giờ để lấy lại."))
                return _back(code, learner_code)
            form.refuse(_wrong(form))
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            form.refuse(Refusal(refusal.sentence, field="code"))
    return _help_page(code, learner_code, 422, typed=form, at=work_code)


# -- paper slips --------------------------------------------------------------------------------------------------


@bp.get("/classes/<code>/slips")
def slips_page(code: str) -> Any:
    """Who has a slip, and whom to print one for."""
    found = _class(code)
    learners = [
        one for one in queries.learners_of(found) if one.state is LearnerState.JOINED and one.person_id
    ]
    return page(
        "training/trainer/slips.html",
        training_class=found,
        learners=learners,
        held=slips.slips_of([one.person_id for one in learners if one.person_id]),
        most=slips.NUMBERS,
    )


@bp.post("/classes/<code>/slips")
def print_slips(code: str) -> Any:
    """New slips, shown this once and then gone: what is kept opens nothing."""
    wanted = set(request.form.getlist("learner"))
    with transaction():
        found = _class(code)
        learners = [one for one in queries.learners_of(found) if one.code in wanted]
        made = slips.hand_out(found, learners, current_actor())
        printed = [(one.slip.person.name, one.slip.code, one.numbers) for one in made]
    return page("training/trainer/slip_sheet.html", training_class=_class(code), printed=printed)
