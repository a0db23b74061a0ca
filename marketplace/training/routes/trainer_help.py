"""At a farmer's side in class: consent, an application or a product prepared for them, their orders, their own yes;
paper slips of numbers."""

from typing import Any

from flask import Blueprint, request

from marketplace.accounts import queries as people
from marketplace.accounts.models import HelpScope, Person
from marketplace.farmers import queries as farms
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import notice, page
from marketplace.foundation.words import _
from marketplace.training import assisted, queries, slips
from marketplace.training.forms import CodeForm, helped_shop_form
from marketplace.training.models import Learner, LearnerState, TrainingClass
from marketplace.training.routes.helping import Helping, me

bp = Blueprint("training_help", __name__)

HELP = "/classes/<code>/learners/<learner_code>/help"


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


# -- the page -----------------------------------------------------------------------------------------------------


def _page(
    code: str, learner_code: str, status: int = 200, typed: CodeForm | None = None, at: str = "", **forms: Any
) -> Any:
    learner, farmer = _learner(code, learner_code), _farmer(code, learner_code)
    facts = HELPING.facts(farmer, typed, at, **forms)
    return page(
        "training/trainer/help.html",
        status,
        training_class=learner.training_class,
        learner=learner,
        is_handed_in=not facts["is_open"] and "papers" in queries.steps_of(farmer),
        **facts,
    )


@bp.get(HELP)
def help_learner(code: str, learner_code: str) -> Any:
    return _page(code, learner_code)


HELPING = Helping(_farmer, _page, "training_help.help_learner", "trainer")
HELPING.add_to(bp, HELP)


@bp.route(f"{HELP}/shop", methods=["GET", "POST"])
def shop(code: str, learner_code: str) -> Any:
    """The application for a shop, but for how it is paid."""
    here = {"code": code, "learner_code": learner_code}
    HELPING.must_not_speak_of_money(here)
    learner, farmer = _learner(code, learner_code), _farmer(code, learner_code)
    if not people.may_act(person(), farmer, HelpScope.PAPERS):
        return HELPING.back(here) if request.method == "GET" else _not_allowed(farmer)
    form, status = helped_shop_form(learner, farms.applying_farm(farmer)), 200
    if form.is_submitted() and not form.asks_for_communes:
        status = 422
        if form.validate():
            try:
                with transaction():
                    assisted.fill_in(me(), _farmer(code, learner_code), form.facts())
                notice(_("Đã soạn hồ sơ. Chưa nộp cho tới khi chủ hộ đồng ý."))
                return HELPING.back(here)
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
    assisted.must_be_allowed(me(), farmer, HelpScope.PAPERS)


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
