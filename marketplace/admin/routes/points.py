"""Service points: opening one, its hours, days unlike the others, where it collects, closing it."""

import json
import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

from flask import Blueprint, Response, request

from marketplace.admin import point_sheets, queries
from marketplace.admin.forms import (
    ClosingForm,
    ExceptionForm,
    HoursForm,
    ListFileForm,
    PickupsForm,
    PointForm,
    PointListForm,
    PointPlaceForm,
)
from marketplace.foundation import clock, sheets
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import db, transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.places import service
from marketplace.places.models import ServicePoint, ServicePointState
from marketplace.places.queries import Position, Span

bp = Blueprint("points", __name__)
bp.before_request(lambda: require_role("admin"))

MOST_SHOWN = 300
STANDARD_HOURS = "1-5 07:30-11:30 13:30-17:00; 6 07:30-11:30"


@bp.get("")
def points() -> Any:
    asked = {
        name: request.args.get(name, "").replace("\x00", "").strip()[:100]
        for name in ("q", "province", "state")
    }
    rows = queries.points(asked["q"], asked["province"], asked["state"] == ServicePointState.CLOSED)
    pager = Pager(queries.count(rows), per_page=50)
    found = list(db.session.scalars(rows.offset(pager.offset).limit(pager.limit)))
    return page(
        "admin/admin/points.html",
        points=[(point, places.commune(point.commune_code)) for point in found],
        written_hours=queries.written_hours,
        pager=pager,
        asked=asked,
        provinces=places.provinces(),
    )


@bp.get("/sheet.xlsx")
def sheet() -> Response:
    """Every counter with who works there, to be kept or filled in and sent back."""
    data = sheets.as_xlsx("diem-phuc-vu", point_sheets.HEADS, point_sheets.rows())
    name = "attachment; filename=diem-phuc-vu.xlsx"
    return Response(data, mimetype=sheets.XLSX, headers={"Content-Disposition": name})


@bp.route("/sheet", methods=["GET", "POST"])
def read_sheet() -> Any:
    """A sheet is read, each line shown beside what there is. Nothing is kept yet."""
    form = ListFileForm()
    if form.validate_on_submit():
        try:
            with form.file.data.stream as sent:
                table = point_sheets.cells_of(
                    sheets.read(sent, form.file.data.filename or "", point_sheets.MOST_ROWS)
                )
            return _compared(table)
        except Refusal as refusal:
            form.refuse(Refusal(refusal.sentence, "file"))
    status = 422 if form.is_submitted() else 200
    return page("admin/admin/points_sheet.html", status, form=form, heads=point_sheets.HEADS)


def _compared(table: list[list[str]]) -> Any:
    lines = point_sheets.compared(table)
    return page(
        "admin/admin/points_preview.html",
        form=PointListForm(formdata=None, data={"table": json.dumps(table, ensure_ascii=False)}),
        lines=[line for line in lines if line.change is not point_sheets.Change.SAME][:MOST_SHOWN],
        counts={kind: sum(line.change is kind for line in lines) for kind in point_sheets.Change},
        words=point_sheets.CHANGE_WORDS,
        most=MOST_SHOWN,
        left_out=point_sheets.not_in(lines),
    )


@bp.post("/sheet/adoption")
def adopt_sheet() -> Any:
    """The sheet that was shown is taken over; a line that could not be read is left out."""
    form = PointListForm()
    try:
        table = form.rows if form.validate_on_submit() else None
    except (ValueError, TypeError, RecursionError):
        table = None
    if table is None:
        raise Refusal(_("Không đọc lại được tệp đã xem. Hãy gửi tệp lần nữa."))
    with transaction():
        count, asked = point_sheets.take_over(point_sheets.compared(table), current_actor())
    notice(_("Đã ghi %(count)s điểm, mời %(asked)s nhân viên.", count=count, asked=asked))
    return redirect_to("admin.points.points")


@bp.route("/opening", methods=["GET", "POST"])
def open_point() -> Any:
    form = PointForm(data={"hours": STANDARD_HOURS})
    if request.method == "POST" and not form.asks_for_communes and form.validate():
        try:
            with transaction():
                point = service.open_point(
                    name=form.name.data,
                    commune_code=form.commune.data,
                    street=form.street.data,
                    phone=form.phone.data,
                    position=_position(form.position.data, form.commune.data),
                    vpostcode=form.vpostcode.data,
                    hours=service.read_hours(form.hours.data),
                    by=current_actor(),
                )
            notice(_("Đã mở điểm. Khách và nhà vườn trong vùng thấy ngay."))
            return redirect_to("admin.points.point", code=point.code)
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.problems else 200
    return page("admin/admin/point_opening.html", status, form=form)


@bp.get("/<code>")
def point(code: str) -> Any:
    return _show(places.service_point(code))


@bp.post("/<code>/place")
def correct_point(code: str) -> Any:
    """Where the counter is, said better."""
    form = PointPlaceForm()

    def deed(found: ServicePoint) -> None:
        service.correct_point(
            found,
            street=form.street.data or "",
            phone=form.phone.data or None,
            position=_position(form.position.data, found.commune_code),
            vpostcode=form.vpostcode.data or None,
            by=current_actor(),
        )

    return _deed(code, form, deed, _("Đã sửa địa chỉ, vị trí của điểm."), place_form=form)


@bp.post("/<code>/hours")
def change_hours(code: str) -> Any:
    form = HoursForm()
    return _deed(
        code,
        form,
        lambda found: service.change_hours(found, service.read_hours(form.hours.data), current_actor()),
        _("Đã đổi giờ mở cửa."),
        hours_form=form,
    )


@bp.post("/<code>/exceptions")
def make_exception(code: str) -> Any:
    form: Any = ExceptionForm()

    def deed(found: ServicePoint) -> None:
        hours = _span(form.opens.data, form.closes.data)
        service.make_exception(found, form.day.data, hours, form.reason.data, current_actor())

    return _deed(code, form, deed, _("Đã ghi ngày đặc biệt."), exception_form=form)


@bp.post("/<code>/exceptions/<day>/removal")
def drop_exception(code: str, day: str) -> Any:
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise Missing() from None
    return _deed(
        code,
        None,
        lambda found: service.drop_exception(found, when, current_actor()),
        _("Ngày này lại như thường lệ."),
    )


@bp.post("/<code>/pickups")
def change_pickups(code: str) -> Any:
    form = PickupsForm()
    return _deed(
        code,
        form,
        lambda found: service.change_pickups(found, _communes(form.communes.data, found), current_actor()),
        _("Đã đổi các xã lấy hàng tận nơi."),
        pickups_form=form,
    )


@bp.post("/<code>/closing")
def close_point(code: str) -> Any:
    form = ClosingForm()
    return _deed(
        code,
        form,
        lambda found: service.close_point(found, current_actor(), form.reason.data),
        _("Đã đóng điểm. Việc đã làm ở đây vẫn còn trong sổ."),
        closing_form=form,
    )


@bp.post("/<code>/reopening")
def reopen_point(code: str) -> Any:
    return _deed(
        code, None, lambda found: service.reopen_point(found, current_actor()), _("Điểm mở cửa trở lại.")
    )


# -- together -----------------------------------------------------------------------------------------------------


def _deed(
    code: str, form: Form | None, deed: Callable[[ServicePoint], None], said: Text, **shown: Form
) -> Any:
    """One deed on one point: what was typed is judged, done, said; or shown again with the reason."""
    if form is None:
        with transaction():
            deed(places.service_point(code))
    elif not form.does(lambda: deed(places.service_point(code))):
        return _show(places.service_point(code), 422, **shown)
    notice(said)
    return redirect_to("admin.points.point", code=code)


def _show(found: ServicePoint, status: int = 200, **forms: Form) -> Any:
    collects_in = [places.commune(code) for code in found.picks_up_from]
    written = "\n".join(
        f"{one.name} ({one.code})" for one in collects_in if one is not None and found.pickups
    )
    place = {"street": found.street, "phone": found.phone or "", "vpostcode": found.vpostcode or ""}
    shown = {
        "place_form": PointPlaceForm(formdata=None, data=place),
        "hours_form": HoursForm(formdata=None, data={"hours": queries.written_hours(found)}),
        "exception_form": ExceptionForm(formdata=None),
        "pickups_form": PickupsForm(formdata=None, data={"communes": written}),
        "closing_form": ClosingForm(formdata=None),
        **forms,
    }
    return page(
        "admin/admin/point.html",
        status,
        seen=places.seen_now(found),
        point=found,
        is_closed=found.state is ServicePointState.CLOSED,
        exceptions=[one for one in found.exceptions if one.day >= clock.today()],
        collects_in=[one for one in collects_in if one is not None],
        **shown,
    )


def _position(typed: str | None, commune_code: str) -> Position | None:
    """A code, a map's link or `21.5305, 105.7636`; nothing typed means the middle of the commune (or where it is)."""
    if not typed:
        return None
    found = places.read_position(typed, places.commune(commune_code))
    if found is None:
        raise Refusal(
            _("Vị trí chưa đúng. Hãy dán mã vị trí, liên kết bản đồ, hoặc ghi như 21.5305, 105.7636."),
            "position",
        )
    return found


def _span(opens: str | None, closes: str | None) -> Span | None:
    if not opens and not closes:
        return None
    times = [_time(text, field) for text, field in ((opens, "opens"), (closes, "closes"))]
    return Span(*times)


def _time(text: str | None, field: str) -> time:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text or ""):
        raise Refusal(_("Hãy ghi cả giờ mở và giờ đóng, ví dụ 07:30; hoặc để trống cả hai nếu nghỉ."), field)
    return time.fromisoformat(str(text).zfill(5))


def _communes(typed: str | None, point: ServicePoint) -> list[str]:
    """A commune per line, by name or code; names are looked for in the point's own province first."""
    codes = []
    for line in filter(None, map(str.strip, (typed or "").splitlines())):
        in_brackets = re.search(r"\b(\d{5})\b", line)
        commune = (
            places.commune(in_brackets[1])
            if in_brackets
            else places.commune_meant(line[:100], point.province_code)
        )
        if commune is None:
            raise Refusal(
                _("Không thấy xã “%(name)s” trong tỉnh của điểm. Hãy ghi mã xã.", name=line[:60]), "communes"
            )
        codes.append(commune.code)
    return codes
