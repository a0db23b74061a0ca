"""Dated rules in one place: what holds today and why, what comes, and a new one from a day to come. Nothing that holds
or held is edited here. The price of carriage, remote freight included, is the tariff."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from marketplace.admin import law, wording
from marketplace.admin.forms import (
    CLAIM_TIMES,
    AnswerForm,
    ClaimRuleForm,
    DoorForm,
    FeeForm,
    KeepingForm,
    LastDayForm,
    ListFileForm,
    ListForm,
    PriceListFileForm,
    PriceListForm,
    ProcedureForm,
    RemoteCommuneForm,
    SurchargesForm,
    SwappedDayForm,
    TaxForm,
)
from marketplace.claims import service as claim_deeds
from marketplace.claims.models import ClaimRule
from marketplace.dossiers import queries as dossiers
from marketplace.dossiers import service as dossiers_service
from marketplace.dossiers.models import Procedure
from marketplace.farmers.models import KIND_WORDS
from marketplace.foundation import clock, sheets
from marketplace.foundation import rules as dated
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.rules import ApprovedRule, DatedRule, DayOverride, KeepingRule
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.orders.models import TAX_CLASS_WORDS, AnswerRule, DoorRule
from marketplace.payments import service as payments
from marketplace.payments.models import FeeRule, TaxRule
from marketplace.payments.service import TaxRates
from marketplace.shipping import fees as freight
from marketplace.shipping import price_list, tables
from marketplace.shipping import queries as shipping_queries
from marketplace.shipping import service as shipping
from marketplace.shipping.models import CartonList, RemoteCommune, Tariff
from marketplace.shipping.tables import Change

bp = Blueprint("rules", __name__)
bp.before_request(lambda: require_role("admin"))

KINDS: Mapping[str, type[DatedRule]] = {
    "answers": AnswerRule,
    "cartons": CartonList,
    "claims": ClaimRule,
    "days": DayOverride,
    "door": DoorRule,
    "fees": FeeRule,
    "keeping": KeepingRule,
    "procedures": Procedure,
    "remote-communes": RemoteCommune,
    "tariff": Tariff,
    "taxes": TaxRule,
}
ADOPTED = _("Đã thêm. Quy định mới tự có hiệu lực từ ngày đã chọn.")


@bp.get("")
def rules() -> Any:
    return page("admin/admin/rules.html", lines=law.rule_lines())


@bp.post("/<kind>/<code>/withdrawal")
def drop(kind: str, code: str) -> Any:
    """Take back a rule that has not begun."""
    if kind not in KINDS:
        raise Missing()
    with transaction():
        dated.drop(law.rule(KINDS[kind], code), current_actor())
    notice(_("Đã bỏ quy định chưa có hiệu lực."))
    return redirect_to(f"admin.rules.{kind.replace('-', '_')}")


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

    return _adopt(
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
        orders.adopt_answer_rule(**_typed(form), by=current_actor())

    return _adopt(
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
        orders.adopt_door_rule(**_typed(form), by=current_actor())

    return _adopt(
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

    return _adopt(
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

    return _adopt(
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
    notice(_("Đã ghi. Một quản trị khác duyệt thì quy định có hiệu lực từ ngày của nó."))
    return redirect_to(endpoint)


class _OnlyShown(Exception):
    """A preview: tried with every check, and taken back."""


@bp.post("/<kind>/<code>/approval")
def approve(kind: str, code: str) -> Any:
    """The second pair of eyes on a new rule."""
    found = KINDS.get(kind)
    if found is None or not issubclass(found, ApprovedRule):
        raise Missing()
    with transaction():
        dated.approve(law.rule(found, code), current_actor())
    notice(_("Đã duyệt. Quy định này có hiệu lực từ ngày của nó."))
    return redirect_to(f"admin.rules.{kind}")


# -- remote communes ----------------------------------------------------------------------------------------------


@bp.route("/remote-communes", methods=["GET", "POST"])
def remote_communes() -> Any:
    form: Any = RemoteCommuneForm()

    def adopt() -> None:
        shipping.adopt_remote_commune(
            commune_code=form.commune.data,
            valid_from=form.valid_from.data,
            legal_basis=form.legal_basis.data,
            by=current_actor(),
        )

    tariff = law.standing(Tariff).now
    return _adopt(
        form,
        adopt,
        "admin.rules.remote_communes",
        "admin/admin/rules_remote_communes.html",
        lambda: {
            "places": law.remote_places(),
            "last_day_form": LastDayForm(formdata=None),
            "file_form": ListFileForm(formdata=None),
            "remote_percent": dict(law.surcharges(tariff)).get("remote") if tariff else None,
        },
    )


@bp.post("/remote-communes/<code>/end")
def end_remote_commune(code: str) -> Any:
    """The commune is no longer far after a day."""
    form: Any = LastDayForm()
    if not form.validate_on_submit():
        raise Refusal(str(form.problems[0][1]))
    with transaction():
        shipping.end_remote_commune(law.rule(RemoteCommune, code), form.last_day.data, current_actor())
    notice(_("Đã ghi ngày cuối còn tính phụ phí vùng xa."))
    return redirect_to("admin.rules.remote_communes")


@bp.post("/remote-communes/preview")
def read_remote_communes() -> Any:
    """A list of far communes is read, checked, and shown beside what holds. Nothing is kept yet."""
    return _preview_list("remote_communes", tables.read_remote)


@bp.post("/remote-communes/table")
def adopt_remote_list() -> Any:
    """The list that was shown comes in on a day to come."""
    return _adopt_list("remote_communes", tables.checked_remote, shipping.adopt_remote_list)


# -- cartons ------------------------------------------------------------------------------------------------------


@bp.get("/cartons")
def cartons() -> Any:
    return page(
        "admin/admin/rules_cartons.html",
        standing=law.standing(CartonList),
        cartons=[tables.carton_words(sides) for sides in freight.cartons_on(clock.today())],
        file_form=ListFileForm(formdata=None),
    )


@bp.post("/cartons/preview")
def read_cartons() -> Any:
    """A list of cartons is read, checked, and shown beside what holds. Nothing is kept yet."""
    return _preview_list("cartons", tables.read_cartons)


@bp.post("/cartons")
def adopt_cartons() -> Any:
    """The list that was shown comes in on a day to come."""
    return _adopt_list("cartons", tables.checked_cartons, shipping.adopt_cartons)


LISTS = {
    "remote_communes": (_("Xã tính phụ phí vùng xa"), "admin.rules.adopt_remote_list"),
    "cartons": (_("Cỡ thùng đóng hàng"), "admin.rules.adopt_cartons"),
}


def _preview_list(kind: str, read: Callable[[Any], Any]) -> Any:
    form = ListFileForm()
    try:
        if not form.validate_on_submit():
            raise Refusal(str(form.problems[0][1]), "file")
        with form.file.data.stream as sent:
            rows = read(sheets.read(sent, form.file.data.filename or "", tables.MOST_ROWS))
    except Refusal as refusal:
        notice(refusal.sentence, "bad")
        return redirect_to(f"admin.rules.{kind}")
    return _list_page(kind, rows, ListForm(formdata=None, data={"table": _packed(rows)}))


def _list_page(kind: str, rows: Any, form: ListForm, status: int = 200) -> Any:
    title, adopts = LISTS[kind]
    return page(
        "admin/admin/rules_list_preview.html",
        status,
        form=form,
        title=title,
        adopts=adopts,
        back=f"admin.rules.{kind}",
        count=len(rows),
        changes=_list_changes(kind, rows),
    )


def _list_changes(kind: str, rows: Any) -> list[Change]:
    if kind == "cartons":
        return tables.carton_changes(freight.cartons_on(clock.today()), rows)
    now = tables.remote_now(shipping_queries.remote_communes(), clock.today())
    return tables.remote_changes(now, rows)


def _adopt_list(kind: str, check: Callable[[Any], Any], adopt: Callable[..., Any]) -> Any:
    form: Any = ListForm()
    try:
        rows = check(json.loads(form.table.data or ""))
    except (ValueError, TypeError, RecursionError, Refusal):
        raise Refusal(_("Danh sách gửi lên không đọc được. Hãy gửi lại tệp.")) from None
    if form.validate_on_submit():
        try:
            with transaction():
                adopt(
                    rows,
                    valid_from=form.valid_from.data,
                    legal_basis=form.legal_basis.data,
                    by=current_actor(),
                )
            notice(ADOPTED)
            return redirect_to(f"admin.rules.{kind}")
        except Refusal as refusal:
            form.refuse(refusal)
    return _list_page(kind, rows, form, 422)


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
        dossiers_service.adopt_procedure(dossiers.procedure(key), **_typed(form), by=current_actor())

    return _adopt(
        form,
        adopt,
        "admin.rules.procedure",
        "admin/admin/rules_procedure.html",
        lambda: {"procedure": old, "standing": law.standing(Procedure, Procedure.key == key)},
        back_to={"key": key},
    )


# -- the tariff ---------------------------------------------------------------------------------------------------


@bp.get("/tariff")
def tariff() -> Any:
    return _show_tariff()


@bp.get("/tariff/<code>")
def one_tariff(code: str) -> Any:
    """Another price list than today's: one that comes, or one that held."""
    return _show_tariff(shown=law.rule(Tariff, code))


@bp.get("/tariff/<code>.json")
def tariff_file(code: str) -> Response:
    """The whole list as a file, to be changed and sent back."""
    found = law.rule(Tariff, code)
    body = json.dumps(found.table, ensure_ascii=False, indent=1)
    return _download(body, "application/json", f"{found.code}.json")


@bp.get("/tariff/<code>.csv")
def tariff_sheet(code: str) -> Response:
    """The main fees as a sheet."""
    found = law.rule(Tariff, code)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(price_list.COLUMNS)
    for sheet in price_list.sheets(found.table):
        for index, zone in enumerate(sheet.zones):
            for limit, fees in sheet.rows:
                if fees[index] is not None:
                    writer.writerow([sheet.code, zone.value, limit, fees[index]])
            more = sheet.more[index]
            if more is not None:
                writer.writerow([sheet.code, zone.value, f"+{more[0]}", more[1]])
    return _download("\ufeff" + out.getvalue(), "text/csv", f"{found.code}.csv")


@bp.post("/tariff/preview")
def read_tariff() -> Any:
    """A file is read, checked, and shown beside what holds today. Nothing is kept yet."""
    form = PriceListFileForm()
    if not form.validate_on_submit():
        return _show_tariff(422, file_form=form)
    now = law.standing(Tariff).now
    with form.file.data.stream as sent:
        data = sent.read(price_list.LONGEST_FILE + 1)
    try:
        table = price_list.read(data, now.table if now is not None else None)
    except Refusal as refusal:
        form.refuse(refusal)
        return _show_tariff(422, file_form=form)
    return _preview(table, PriceListForm(formdata=None, data={"table": _packed(table)}))


@bp.post("/tariff/surcharges")
def change_surcharges() -> Any:
    """Today's list with other surcharges, shown beside what holds. Nothing is kept yet."""
    form: Any = SurchargesForm()
    now = law.standing(Tariff).now
    if now is None:
        raise Missing()
    if not form.validate_on_submit():
        return _show_tariff(422, surcharges_form=form)
    table = price_list.with_surcharges(
        now.table,
        fuel_percent=form.fuel.per_10_000 / 100,
        remote_percent=form.remote.per_10_000 / 100,
        cold_dong=form.cold.data,
    )
    data = {"table": _packed(table), "name": now.name, "is_illustration": now.is_illustration}
    return _preview(table, PriceListForm(formdata=None, data=data))


@bp.post("/tariff")
def adopt_tariff() -> Any:
    """The list that was shown comes in on a day to come."""
    form: Any = PriceListForm()
    try:
        table = json.loads(form.table.data or "")
        price_list.check(table)
    except (ValueError, RecursionError, Refusal):
        raise Refusal(_("Biểu cước gửi lên không đọc được. Hãy gửi lại tệp.")) from None
    if form.validate_on_submit():
        try:
            with transaction():
                shipping.adopt_tariff(
                    name=form.name.data,
                    table=table,
                    valid_from=form.valid_from.data,
                    legal_basis=form.legal_basis.data,
                    is_illustration=form.is_illustration.data,
                    by=current_actor(),
                )
            notice(ADOPTED)
            return redirect_to("admin.rules.tariff")
        except Refusal as refusal:
            form.refuse(refusal)
    return _preview(table, form, 422)


def _show_tariff(status: int = 200, shown: Tariff | None = None, **forms: Form) -> Any:
    standing = law.standing(Tariff)
    shown = shown or standing.now
    figures = dict(law.surcharges(standing.now)) if standing.now is not None else {}
    data = {
        "fuel": wording.percent(round(figures.get("fuel", 0) * 100)),
        "remote": wording.percent(round(figures.get("remote", 0) * 100)),
        "cold": round(figures.get("cold", 0)),
    }
    return page(
        "admin/admin/rules_tariff.html",
        status,
        standing=standing,
        shown=shown,
        sheets=price_list.sheets(shown.table) if shown is not None else [],
        zones=price_list.ZONE_WORDS,
        **{
            "file_form": PriceListFileForm(formdata=None),
            "surcharges_form": SurchargesForm(formdata=None, data=data),
            **forms,
        },
    )


def _preview(table: Mapping[str, Any], form: PriceListForm, status: int = 200) -> Any:
    now = law.standing(Tariff).now
    return page(
        "admin/admin/rules_tariff_preview.html",
        status,
        form=form,
        now=now,
        changes=price_list.changes(now.table if now is not None else None, table),
        sheets=price_list.sheets(table),
        zones=price_list.ZONE_WORDS,
    )


def _packed(table: Any) -> str:
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


def _download(body: str, mimetype: str, filename: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


# -- together -----------------------------------------------------------------------------------------------------


def _adopt(
    form: Form,
    adopt: Callable[[], None],
    endpoint: str,
    template: str,
    facts: Callable[[], Mapping[str, Any]],
    back_to: Mapping[str, str] | None = None,
) -> Any:
    """A page of a kind of rule, and the form for a new one."""
    looks_for_communes = getattr(form, "asks_for_communes", False)
    if request.method == "POST" and not looks_for_communes and form.validate_on_submit():
        try:
            with transaction():
                adopt()
            notice(ADOPTED)
            return redirect_to(endpoint, **(back_to or {}))
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.problems and not looks_for_communes else 200
    return page(template, status, form=form, **facts())


def _typed(form: Form) -> dict[str, Any]:
    """What was typed, by the names of the verb's parameters."""
    return {name: value for name, value in form.data.items() if name != "csrf_token"}
