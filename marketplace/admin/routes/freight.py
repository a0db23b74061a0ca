"""Dated rules of freight: the price list, communes that are far, cartons, what neighbours save together, who bears a
difference, how long fresh goods wait. Lists come in as files and are shown beside what holds before they are kept."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from marketplace.admin import law, wording
from marketplace.admin.forms import (
    BEARER_WORDS,
    CompensationForm,
    DifferenceForm,
    HandInForm,
    LastDayForm,
    ListFileForm,
    ListForm,
    PerishableForm,
    PriceListFileForm,
    PriceListForm,
    RemoteCommuneForm,
    SharingForm,
    SurchargesForm,
)
from marketplace.admin.routes.adopting import ADOPTED, PROPOSED, adopt_on, typed
from marketplace.foundation import clock, sheets
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.shipping import fees as freight
from marketplace.shipping import price_list, tables
from marketplace.shipping import queries as shipping_queries
from marketplace.shipping import service as shipping
from marketplace.shipping.models import (
    CAUSE_WORDS,
    WITHIN_WORDS,
    CartonList,
    CompensationRule,
    DifferenceRule,
    HandInRule,
    PerishableRule,
    RemoteCommune,
    SharingRule,
    Tariff,
)
from marketplace.shipping.tables import Change

bp = Blueprint("freight", __name__)
bp.before_request(lambda: require_role("admin"))

KINDS: Mapping[str, type[DatedRule]] = {
    "cartons": CartonList,
    "differences": DifferenceRule,
    "compensation": CompensationRule,
    "hand-in": HandInRule,
    "perishables": PerishableRule,
    "remote-communes": RemoteCommune,
    "sharing": SharingRule,
    "tariff": Tariff,
}


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
                writer.writerow([sheet.code, zone.value, f"'+{more[0]}", more[1]])
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
            return redirect_to("admin.freight.tariff")
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
    return adopt_on(
        form,
        adopt,
        "admin.freight.remote_communes",
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
    return redirect_to("admin.freight.remote_communes")


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
    "remote_communes": (_("Xã tính phụ phí vùng xa"), "admin.freight.adopt_remote_list"),
    "cartons": (_("Cỡ thùng đóng hàng"), "admin.freight.adopt_cartons"),
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
        return redirect_to(f"admin.freight.{kind}")
    return _list_page(kind, rows, ListForm(formdata=None, data={"table": _packed(rows)}))


def _list_page(kind: str, rows: Any, form: ListForm, status: int = 200) -> Any:
    title, adopts = LISTS[kind]
    return page(
        "admin/admin/rules_list_preview.html",
        status,
        form=form,
        title=title,
        adopts=adopts,
        back=f"admin.freight.{kind}",
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
            return redirect_to(f"admin.freight.{kind}")
        except Refusal as refusal:
            form.refuse(refusal)
    return _list_page(kind, rows, form, 422)


# -- the market's own policies -------------------------------------------------------------------------------------


@bp.route("/sharing", methods=["GET", "POST"])
def sharing() -> Any:
    now = law.standing(SharingRule).now
    form: Any = SharingForm(data={"levels": wording.sharing_levels(now.steps) if now else ""})

    def adopt() -> None:
        shipping.adopt_sharing_rule(
            steps=form.steps,
            valid_from=form.valid_from.data,
            legal_basis=form.legal_basis.data or "",
            by=current_actor(),
        )

    return adopt_on(
        form,
        adopt,
        "admin.freight.sharing",
        "admin/admin/rules_sharing.html",
        lambda: {"standing": law.standing(SharingRule), "percent": wording.percent},
    )


@bp.route("/differences", methods=["GET", "POST"])
def differences() -> Any:
    asked = request.args.get("cause", "")
    now = law.standing(DifferenceRule, DifferenceRule.cause == asked).now
    form = DifferenceForm(
        data={"cause": asked, "more_by": now.more_by, "less_to": now.less_to, "least_dong": now.least_dong}
        if now is not None
        else None
    )

    def adopt() -> None:
        shipping.adopt_difference_rule(**typed(form), by=current_actor())

    return adopt_on(
        form,
        adopt,
        "admin.freight.differences",
        "admin/admin/rules_differences.html",
        lambda: {
            "rows": [
                (cause, words, law.standing(DifferenceRule, DifferenceRule.cause == cause))
                for cause, words in CAUSE_WORDS.items()
            ],
            "bearers": BEARER_WORDS,
        },
    )


@bp.route("/perishables", methods=["GET", "POST"])
def perishables() -> Any:
    now = law.standing(PerishableRule).now
    hours = ("call_after_hours", "give_up_after_hours")
    form = PerishableForm(data={name: getattr(now, name) for name in hours} if now else None)

    def adopt() -> None:
        shipping.adopt_perishable_rule(**typed(form), by=current_actor())

    return adopt_on(
        form,
        adopt,
        "admin.freight.perishables",
        "admin/admin/rules_perishables.html",
        lambda: {"standing": law.standing(PerishableRule)},
    )


@bp.route("/hand-in", methods=["GET", "POST"])
def hand_in() -> Any:
    now = law.standing(HandInRule).now
    form = HandInForm(data={"within": now.within} if now else None)

    def adopt() -> None:
        shipping.adopt_hand_in_rule(**typed(form), by=current_actor())

    return adopt_on(
        form,
        adopt,
        "admin.freight.hand_in",
        "admin/admin/rules_hand_in.html",
        lambda: {"standing": law.standing(HandInRule), "words": WITHIN_WORDS},
    )


@bp.route("/compensation", methods=["GET", "POST"])
def compensation() -> Any:
    now = law.standing(CompensationRule).now
    form = CompensationForm(
        data={
            "declared": wording.percent(now.declared_per_10_000),
            "freight_times": now.freight_times,
            "per_kg_dong": now.per_kg_dong,
            "rest_by": now.rest_by,
            "is_freight_within": now.is_freight_within,
            "source": now.source,
        }
        if now
        else {"is_freight_within": True}
    )

    def propose() -> None:
        facts = typed(form)
        del facts["declared"]
        shipping.propose_compensation_rule(
            **facts, declared_per_10_000=form.declared.per_10_000, by=current_actor()
        )

    return adopt_on(
        form,
        propose,
        "admin.freight.compensation",
        "admin/admin/rules_compensation.html",
        lambda: {
            "standing": law.standing(CompensationRule),
            "bearers": BEARER_WORDS,
            "percent": wording.percent,
        },
        says=PROPOSED,
    )


@bp.post("/compensation/<code>/switch")
def switch_compensation(code: str) -> Any:
    """What nobody confirmed is asked of the post no more, or again: from tomorrow, when another admin approves."""
    with transaction():
        shipping.switch_compensation_rule(law.rule(CompensationRule, code), current_actor())
    notice(PROPOSED)
    return redirect_to("admin.freight.compensation")
