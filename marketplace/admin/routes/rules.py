"""Dated rules in one place: what holds today and why, what comes, and a new one from a day to come. Nothing that holds
or held is edited here. What rules freight stands in freight.py."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, request

from marketplace.admin import law, wording
from marketplace.admin.forms import (
    CLAIM_TIMES,
    AnswerForm,
    ClaimRuleForm,
    DoorForm,
    FeeForm,
    KeepingForm,
    ProcedureForm,
    SwappedDayForm,
    TaxForm,
)
from marketplace.admin.routes import freight
from marketplace.admin.routes.adopting import PROPOSED, adopt_on, typed
from marketplace.claims import service as claim_deeds
from marketplace.claims.models import ClaimRule
from marketplace.dossiers import queries as dossiers
from marketplace.dossiers import service as dossiers_service
from marketplace.dossiers.models import Procedure
from marketplace.farmers.models import KIND_WORDS
from marketplace.foundation import rules as dated
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.rules import ApprovedRule, DatedRule, DayOverride, KeepingRule
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.orders.models import TAX_CLASS_WORDS, AnswerRule, DoorRule
from marketplace.payments import service as payments
from marketplace.payments.models import FeeRule, TaxRule
from marketplace.payments.service import TaxRates

bp = Blueprint("rules", __name__)
bp.before_request(lambda: require_role("admin"))

KINDS: Mapping[str, type[DatedRule]] = {
    "answers": AnswerRule,
    "claims": ClaimRule,
    "days": DayOverride,
    "door": DoorRule,
    "fees": FeeRule,
    "keeping": KeepingRule,
    "procedures": Procedure,
    "taxes": TaxRule,
}


@bp.get("")
def rules() -> Any:
    return page("admin/admin/rules.html", lines=law.rule_lines())


@bp.post("/<kind>/<code>/withdrawal")
def drop(kind: str, code: str) -> Any:
    """Take back a rule that has not begun."""
    found = KINDS.get(kind) or freight.KINDS.get(kind)
    if found is None:
        raise Missing()
    with transaction():
        dated.drop(law.rule(found, code), current_actor())
    notice(_("Đã bỏ quy định chưa có hiệu lực."))
    return redirect_to(_page_of(kind))


# -- fees, answers, days, taxes -----------------------------------------------------------------------------------


@bp.route("/fees", methods=["GET", "POST"])
def fees() -> Any:
    now = law.standing(FeeRule).now
    form: Any = FeeForm(
        data={
            "commission": wording.percent(now.commission_per_10_000) if now else "0",
            "holding_days": now.holding_days if now else 2,
        }
    )

    def adopt() -> None:
        payments.adopt_fee_rule(
            valid_from=form.valid_from.data,
            legal_basis=form.legal_basis.data,
            commission_per_10_000=form.commission.per_10_000,
            holding_days=form.holding_days.data,
            by=current_actor(),
        )

    return adopt_on(
        form,
        adopt,
        "admin.rules.fees",
        "admin/admin/rules_fees.html",
        lambda: {"standing": law.standing(FeeRule), "percent": wording.percent},
    )


@bp.route("/answers", methods=["GET", "POST"])
def answers() -> Any:
    form = AnswerForm(obj=None if request.method == "POST" else law.standing(AnswerRule).now)
    if request.method == "GET":
        form.valid_from.process_data(None)
        form.legal_basis.process_data("")

    def adopt() -> None:
        orders.adopt_answer_rule(**typed(form), by=current_actor())

    return adopt_on(
        form,
        adopt,
        "admin.rules.answers",
        "admin/admin/rules_answers.html",
        lambda: {"standing": law.standing(AnswerRule)},
    )


@bp.route("/door", methods=["GET", "POST"])
def door() -> Any:
    form = DoorForm(obj=None if request.method == "POST" else law.standing(DoorRule).now)
    if request.method == "GET":
        form.valid_from.process_data(None)
        form.legal_basis.process_data("")

    def adopt() -> None:
        orders.adopt_door_rule(**typed(form), by=current_actor())

    return adopt_on(
        form,
        adopt,
        "admin.rules.door",
        "admin/admin/rules_door.html",
        lambda: {"standing": law.standing(DoorRule)},
    )


@bp.route("/days", methods=["GET", "POST"])
def days() -> Any:
    form: Any = SwappedDayForm()

    def adopt() -> None:
        dated.swap_day(
            form.valid_from.data,
            form.kind.data == "work",
            form.name.data,
            form.legal_basis.data,
            current_actor(),
        )

    return adopt_on(
        form,
        adopt,
        "admin.rules.days",
        "admin/admin/rules_days.html",
        lambda: {"standing": law.standing(DayOverride), "holidays": law.coming_holidays()},
    )


@bp.route("/taxes", methods=["GET", "POST"])
def taxes() -> Any:
    form: Any = TaxForm(
        formdata=request.form if request.method == "POST" else None,
        data={"farm_kind": request.args.get("farm_kind"), "tax_class": request.args.get("tax_class")},
    )

    def adopt() -> None:
        payments.adopt_tax_rule(
            farm_kind=form.farm_kind.data,
            tax_class=form.tax_class.data,
            valid_from=form.valid_from.data,
            legal_basis=form.legal_basis.data,
            rates=TaxRates(
                form.vat.per_10_000, form.pit.per_10_000, form.is_confirmed.data, form.note.data or ""
            ),
            by=current_actor(),
        )

    return adopt_on(
        form,
        adopt,
        "admin.rules.taxes",
        "admin/admin/rules_taxes.html",
        lambda: {
            "cells": law.tax_cells(),
            "kinds": {kind.value: words for kind, words in KIND_WORDS.items()},
            "classes": {kind.value: words for kind, words in TAX_CLASS_WORDS.items()},
            "percent": wording.percent,
        },
    )


@bp.post("/taxes/<code>/approval")
def approve_tax(code: str) -> Any:
    """The second pair of eyes on a new rate."""
    with transaction():
        payments.approve_tax_rule(law.rule(TaxRule, code), current_actor())
    notice(_("Đã duyệt. Mức này có hiệu lực từ ngày của nó."))
    return redirect_to("admin.rules.taxes")


@bp.post("/taxes/<code>/switch")
def switch_tax(code: str) -> Any:
    with transaction():
        payments.switch_tax_rule(law.rule(TaxRule, code), current_actor())
    notice(_("Đã ghi. Một quản trị khác duyệt thì mức mới có hiệu lực từ ngày mai."))
    return redirect_to("admin.rules.taxes")


# -- claims and keeping: two people, and what changes is shown first -----------------------------------------------


@bp.route("/claims", methods=["GET", "POST"])
def claims() -> Any:
    now = law.standing(ClaimRule).now
    form = ClaimRuleForm(obj=None if request.method == "POST" else now)
    if request.method == "GET":
        form.valid_from.process_data(None)
        form.legal_basis.process_data("")

    def propose() -> None:
        claim_deeds.propose_claim_rule(
            valid_from=_day(form),
            legal_basis=form.legal_basis.data or "",
            times=form.times,
            by=current_actor(),
        )

    changes = [
        (form[name].label.text, getattr(now, name) if now else None, form.times[name]) for name in CLAIM_TIMES
    ]
    return _propose(
        form,
        propose,
        "admin.rules.claims",
        "admin/admin/rules_claims.html",
        {"standing": law.standing(ClaimRule), "changes": changes},
    )


@bp.route("/keeping", methods=["GET", "POST"])
def keeping() -> Any:
    form = KeepingForm()
    rows = law.kept()
    form.what.choices = [("", _("Chọn")), *((one.what, one.name) for one in rows)]

    def propose() -> None:
        dated.propose_keeping(
            what=form.what.data or "",
            days=form.days.data or 0,
            valid_from=_day(form),
            legal_basis=form.legal_basis.data or "",
            by=current_actor(),
        )

    asked = next((one for one in rows if one.what == form.what.data), None)
    before = asked.standing.now.days if asked is not None and asked.standing.now is not None else None
    changes = [(asked.name, before, form.days.data)] if asked is not None else []
    return _propose(
        form,
        propose,
        "admin.rules.keeping",
        "admin/admin/rules_keeping.html",
        {"rows": rows, "changes": changes},
    )


def _day(form: Any) -> date:
    assert form.valid_from.data is not None
    return form.valid_from.data


def _propose(
    form: Any, propose: Callable[[], None], endpoint: str, template: str, facts: Mapping[str, Any]
) -> Any:
    """The first press shows what changes and writes nothing; the second, on that page, writes it for approval."""
    if not form.validate_on_submit():
        return page(template, 422 if form.problems else 200, form=form, is_preview=False, **facts)
    try:
        with transaction():
            propose()
            if form.sure.data != "1":
                raise _OnlyShown()
    except _OnlyShown:
        form.sure.data = "1"
        return page(template, form=form, is_preview=True, **facts)
    except Refusal as refusal:
        form.refuse(refusal)
        return page(template, refusal.status, form=form, is_preview=False, **facts)
    notice(PROPOSED)
    return redirect_to(endpoint)


class _OnlyShown(Exception):
    """A preview: tried with every check, and taken back."""


@bp.post("/<kind>/<code>/approval")
def approve(kind: str, code: str) -> Any:
    """The second pair of eyes on a new rule."""
    found = KINDS.get(kind) or freight.KINDS.get(kind)
    if found is None or not issubclass(found, ApprovedRule):
        raise Missing()
    with transaction():
        dated.approve(law.rule(found, code), current_actor())
    notice(_("Đã duyệt. Quy định này có hiệu lực từ ngày của nó."))
    return redirect_to(_page_of(kind))


def _page_of(kind: str) -> str:
    return f"admin.{'rules' if kind in KINDS else 'freight'}.{kind.replace('-', '_')}"


# -- procedures ---------------------------------------------------------------------------------------------------


@bp.get("/procedures")
def procedures() -> Any:
    rows = [(row, law.standing(Procedure, Procedure.key == row.key)) for row in dossiers.procedures()]
    return page("admin/admin/rules_procedures.html", rows=rows)


@bp.route("/procedures/<key>", methods=["GET", "POST"])
def procedure(key: str) -> Any:
    old = dossiers.procedure(key)
    form = ProcedureForm(data={"fee_dong": old.fee_dong, "working_days": old.working_days})

    def adopt() -> None:
        dossiers_service.adopt_procedure(dossiers.procedure(key), **typed(form), by=current_actor())

    return adopt_on(
        form,
        adopt,
        "admin.rules.procedure",
        "admin/admin/rules_procedure.html",
        lambda: {"procedure": old, "standing": law.standing(Procedure, Procedure.key == key)},
        back_to={"key": key},
    )
