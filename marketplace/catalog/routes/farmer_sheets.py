"""Goods as a list: a template, a file in, which column is what, a look before anything is written, a bar while it is
written; and everything out again."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from flask import Blueprint, Response

from marketplace.catalog import importing
from marketplace.catalog.forms import ColumnsForm, SheetForm, StartForm, YesForm
from marketplace.catalog.service import size_words
from marketplace.catalog.sheet_models import GoodsSheet, SheetState
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmRight
from marketplace.foundation import sheets
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("catalog_sheets", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.LIST))


@bp.route("/products/import", methods=["GET", "POST"])
def new() -> Any:
    """Send a file."""
    farm = _farm()
    form = SheetForm()
    if form.validate_on_submit():
        try:
            file = form.file.data
            with file.stream as stream:
                sheet = sheets.read(stream, file.filename or "", importing.MOST_ROWS)
            with transaction():
                code = importing.keep(farm, sheet, file.filename or "", current_actor()).code
            return redirect_to("catalog_sheets.sheet", code=code)
        except Refusal as refusal:
            form.refuse(Refusal(refusal.sentence, "file"))
    status = 422 if form.is_submitted() else 200
    return page("catalog/farmer/import.html", status, form=form, most=importing.MOST_ROWS)


@bp.get("/products/import/template.<any(csv, xlsx):kind>")
def template(kind: str) -> Any:
    """An empty list with two examples."""
    return _file("cho-que-mau", kind, importing.heads(), importing.EXAMPLE)


@bp.get("/products/export.<any(csv, xlsx):kind>")
def export(kind: str) -> Any:
    """All packs of the farm; sent back in, nothing changes."""
    return _file("nong-san", kind, importing.heads(), importing.export(_farm()))


@bp.route("/products/import/<code>", methods=["GET", "POST"])
def sheet(code: str) -> Any:
    """Which column is what, and what would happen; later how far it is."""
    found = importing.sheet_of(_farm(), code)
    form = ColumnsForm.of(found)
    if found.state is SheetState.READ and form.validate_on_submit():
        try:
            with transaction():
                importing.map_columns(importing.sheet_of(_farm(), code), form.columns())
            return redirect_to("catalog_sheets.sheet", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.is_submitted() else 200
    return page(
        "catalog/farmer/sheet.html",
        status,
        sheet=found,
        form=form,
        yes=YesForm(),
        columns=importing.COLUMNS,
        plan=_plan(found),
        left_out=importing.faults_of(found),
        size_words=size_words,
    )


def _plan(found: GoodsSheet) -> importing.Plan | None:
    needed = {key for key, (_word, _names, must) in importing.COLUMNS.items() if must}
    if found.state is not SheetState.READ or not needed <= set(found.columns):
        return None
    return importing.plan(found)


@bp.get("/products/import/<code>/progress")
def progress(code: str) -> Any:
    """How many rows are written, for the page that waits."""
    return Response(str(importing.sheet_of(_farm(), code).done_count), mimetype="text/plain")


@bp.get("/products/import/<code>/faults.<any(csv, xlsx):kind>")
def faults(code: str, kind: str) -> Any:
    """Every row that was left out, and why."""
    heads = [_("Dòng"), _("Ô"), _("Cột"), _("Ô ghi"), _("Vì sao")]
    left_out = importing.faults_of(importing.sheet_of(_farm(), code))
    return _file("dong-can-sua", kind, heads, [list(astuple(fault)) for fault in left_out])


@bp.post("/products/import/<code>/start")
def start(code: str) -> Any:
    """Yes: write it, in the background."""
    found, form = importing.sheet_of(_farm(), code), StartForm()
    if not form.validate_on_submit():
        return redirect_to("catalog_sheets.sheet", code=code)
    if _plan(found) is None and found.state is SheetState.READ:
        notice(_("Hãy chọn đủ cột trước khi nhập."), "bad")
        return redirect_to("catalog_sheets.sheet", code=code)
    with transaction():
        sheet = importing.sheet_of(_farm(), code)
        importing.start(sheet, current_actor(), without_odd=form.without_odd.data == "y")
        enqueue("catalog.write_sheet", found.id)
    return redirect_to("catalog_sheets.sheet", code=code)


@bp.post("/products/import/<code>/removal")
def drop(code: str) -> Any:
    """Not this list after all."""
    if YesForm().validate_on_submit():
        with transaction():
            importing.drop(importing.sheet_of(_farm(), code), current_actor())
        notice(_("Đã bỏ danh sách này. Chưa có gì được ghi."))
    return redirect_to("catalog_sheets.new")


def _farm() -> Farm:
    farm = farmers.my_farm(person())
    if farm is None:
        raise Missing(_("Bạn chưa có gian hàng. Hãy mở gian hàng trước."))
    return farm


def _file(name: str, kind: str, heads: Sequence[object], rows: list[list[object]]) -> Response:
    if kind == "csv":
        answer = Response(sheets.as_csv([heads, *rows]), content_type=sheets.CSV)
    else:
        answer = Response(sheets.as_xlsx("nong-san", heads, rows), content_type=sheets.XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{kind}")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
