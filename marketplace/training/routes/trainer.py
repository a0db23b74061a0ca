"""The trainer's desk: today, classes, the board of who stands where, attendance, sheets to print, results."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person
from marketplace.foundation import clock, qr, sheets
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Forbidden, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to, whole_url
from marketplace.foundation.words import _, ngettext
from marketplace.places import queries as places
from marketplace.training import charts, outcomes, queries, report, service
from marketplace.training.forms import (
    CancelForm,
    ClassForm,
    ColleagueForm,
    LearnerForm,
    SheetForm,
)
from marketplace.training.models import (
    MOST_SEATS,
    ClassState,
    Learner,
    TrainingClass,
)
from marketplace.training.steps import BY_KEY, STEPS

bp = Blueprint("training_trainer", __name__)

GROUPS = {
    "class": _("Theo lớp"),
    "commune": _("Theo xã, phường"),
    "province": _("Theo tỉnh"),
    "trainer": _("Theo cán bộ"),
}


def _me() -> Person:
    return db.session.get_one(Person, person().id)


def _class(code: str) -> TrainingClass:
    return queries.class_for(person(), code)


# -- today and the classes ----------------------------------------------------------------------------------------


@bp.get("")
def today() -> Any:
    return page(
        "training/trainer/today.html",
        day=queries.today(person()),
        places=places,
        after=queries.STUCK_AFTER_DAYS,
    )


@bp.get("/classes")
def classes() -> Any:
    asked = queries.classes_of(person())
    pager = Pager(queries.count(asked), per_page=20)
    found = db.session.scalars(asked.offset(pager.offset).limit(pager.limit)).unique().all()
    return page("training/trainer/classes.html", found=found, seats=queries.seats_taken(found), pager=pager)


@bp.route("/classes/new", methods=["GET", "POST"])
def new() -> Any:
    me = person()
    held = next((post.commune_code for post in people.posts_of(me) if post.commune_code), None)
    commune = places.commune(held) if held else None
    form = ClassForm(
        province=commune.province_code if commune else None, commune=commune.code if commune else None
    )
    if not form.asks_for_communes and form.validate_on_submit():
        try:
            with transaction():
                made = service.plan(_me(), form.facts(), current_actor())
                code = made.code
            notice(_("Đã mở lớp. In tờ mời hoặc đọc mã lớp cho mọi người."))
            return redirect_to("training_trainer.board", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return page("training/trainer/class_form.html", _status(form), form=form, training_class=None)


def _pin(found: TrainingClass) -> str:
    return f"{found.lat:.6f}, {found.lon:.6f}" if found.lat is not None and found.lon is not None else ""


@bp.route("/classes/<code>/details", methods=["GET", "POST"])
def edit(code: str) -> Any:
    found = _class(code)
    begins, ends = clock.local(found.begins_at), clock.local(found.ends_at)
    form = ClassForm(
        title=found.title, province=found.province_code, commune=found.commune_code, street=found.place,
        day=begins.date(), begins=begins.strftime("%H:%M"), ends=ends.strftime("%H:%M"), seats=found.seats,
        note=found.note, pin=_pin(found),
    )  # fmt: skip
    if not form.asks_for_communes and form.validate_on_submit():
        try:
            with transaction():
                service.change(_class(code), form.facts(), current_actor())
            notice(_("Đã lưu. Nếu đổi giờ hoặc nơi học, học viên đã được báo."))
            return redirect_to("training_trainer.board", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return page("training/trainer/class_form.html", _status(form), form=form, training_class=found)


def _status(form: Any) -> int:
    return 422 if form.is_submitted() and not form.asks_for_communes else 200


# -- one class ----------------------------------------------------------------------------------------------------


@bp.get("/classes/<code>")
def board(code: str) -> Any:
    return _board(_class(code))


def _board(
    found: TrainingClass,
    status: int = 200,
    learner: LearnerForm | None = None,
    colleague: ColleagueForm | None = None,
    cancelling: CancelForm | None = None,
) -> Any:
    rows = queries.progress(queries.learners_of(found))
    return page(
        "training/trainer/board.html",
        status,
        training_class=found,
        commune=places.commune(found.commune_code),
        plus_code=queries.plus_code(found),
        rows=rows,
        steps=STEPS,
        counts=charts.funnel(rows),
        is_open=found.state is ClassState.OPEN,
        may_attend=clock.now() >= found.begins_at - service.HERE_BEFORE,
        present=sum(one.learner.attended_at is not None for one in rows),
        learner=learner or LearnerForm(formdata=None),
        colleague=colleague or ColleagueForm(formdata=None),
        cancelling=cancelling or CancelForm(formdata=None),
        join_url=whole_url(url_for("training.join", code=found.join_code)),
    )


@bp.post("/classes/<code>/learners")
def write_down(code: str) -> Any:
    form = LearnerForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.write_down(
                    _class(code), form.name.data or "", form.phone.data or "", current_actor()
                )
                name = made.name
            notice(_("Đã ghi %(name)s vào lớp. Khi đăng nhập bằng số này, họ tự xác nhận.", name=name))
            return redirect_to("training_trainer.board", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return _board(_class(code), 422, learner=form)


@bp.route("/classes/<code>/imports", methods=["GET", "POST"])
def imports(code: str) -> Any:
    """A whole list from a sheet: first shown, line by line with what is wrong, then written down."""
    found, form = _class(code), SheetForm()
    if "list" in request.form:
        with transaction():
            count = service.write_down_all(_class(code), request.form["list"], current_actor())
        notice(ngettext("Đã ghi %(num)s người vào lớp.", "Đã ghi %(num)s người vào lớp.", count))
        return redirect_to("training_trainer.board", code=code)
    sent, rows = form.sheet.data if form.is_submitted() else None, None
    if form.is_submitted():
        try:
            if not sent:
                raise Refusal(_("Hãy chọn một tệp."), field="sheet")
            rows = service.read_list(found, sheets.read(sent.stream, sent.filename or "", MOST_SEATS * 2))
        except Refusal as refusal:
            form.refuse(Refusal(refusal.sentence, field="sheet"))
    good = [row for row in rows or () if row.why is None]
    return page(
        "training/trainer/imports.html",
        422 if form.errors or form.form_errors else 200,
        training_class=found,
        form=form,
        rows=rows,
        good=len(good),
        listed="\n".join(f"{row.name}\t{row.phone}" for row in good),
    )


@bp.post("/classes/<code>/assistants")
def add_assistant(code: str) -> Any:
    form = ColleagueForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.add_assistant(_class(code), form.phone.data or "", current_actor())
            return redirect_to("training_trainer.board", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    return _board(_class(code), 422, colleague=form)


@bp.post("/classes/<code>/assistants/<person_code>/departure")
def remove_assistant(code: str, person_code: str) -> Any:
    with transaction():
        service.remove_assistant(_class(code), person_code, current_actor())
    return redirect_to("training_trainer.board", code=code)


@bp.post("/classes/<code>/handing-over")
def hand_over(code: str) -> Any:
    """Another trainer takes the class."""
    form = ColleagueForm()
    if form.validate_on_submit():
        try:
            with transaction():
                to = people.person_by_login(parse_phone(form.phone.data or "") or "")
                if to is None:
                    raise Refusal(_("Không có cán bộ hướng dẫn nào mang số này."), field="phone")
                service.hand_over(_class(code), to, current_actor())
                name = to.name
            notice(_("Đã giao lớp cho %(name)s.", name=name))
            return redirect_to("training_trainer.classes")
        except Refusal as refusal:
            form.refuse(refusal)
    return _board(_class(code), 422, colleague=form)


@bp.post("/classes/<code>/cancellation")
def cancel(code: str) -> Any:
    form = CancelForm()
    if form.validate_on_submit():
        with transaction():
            service.cancel(_class(code), form.reason.data or "", current_actor())
        notice(_("Đã hủy lớp và báo cho học viên."))
        return redirect_to("training_trainer.classes")
    return _board(_class(code), 422, cancelling=form)


@bp.post("/classes/<code>/closing")
def close(code: str) -> Any:
    with transaction():
        service.close(_class(code), current_actor())
    notice(_("Đã khép lớp: không ai vào thêm. Mở lại lúc nào cũng được."))
    return redirect_to("training_trainer.board", code=code)


@bp.post("/classes/<code>/opening")
def reopen(code: str) -> Any:
    with transaction():
        service.reopen(_class(code), current_actor())
    return redirect_to("training_trainer.board", code=code)


@bp.post("/classes/<code>/learners/<learner_code>/nudge")
def nudge(code: str, learner_code: str) -> Any:
    with transaction():
        found = queries.progress([queries.learner_in(_class(code), learner_code)])[0]
        service.nudge(found, _me(), current_actor())
        name = found.learner.name
    notice(_("Đã nhắn cho %(name)s.", name=name))
    return redirect_to("training_trainer.board", code=code)


@bp.post("/classes/<code>/learners/<learner_code>/departure")
def remove(code: str, learner_code: str) -> Any:
    """Written down by mistake."""
    with transaction():
        service.leave(queries.learner_in(_class(code), learner_code), current_actor())
    notice(_("Đã bỏ khỏi lớp."))
    return redirect_to("training_trainer.board", code=code)


# -- attendance ---------------------------------------------------------------------------------------------------


@bp.get("/classes/<code>/attendance")
def attendance(code: str) -> Any:
    found = _class(code)
    opens = found.begins_at - service.HERE_BEFORE
    return page(
        "training/trainer/attendance.html",
        training_class=found,
        learners=queries.learners_of(found),
        opens=opens if clock.now() < opens else None,
    )


@bp.post("/classes/<code>/attendance")
def take_attendance(code: str) -> Any:
    """The whole list at once."""
    with transaction():
        count = service.take_attendance(_class(code), request.form.getlist("present"), current_actor())
    notice(_("Đã lưu điểm danh: %(count)s người có mặt.", count=count))
    return redirect_to("training_trainer.board", code=code)


@bp.post("/classes/<code>/attendance/taps")
def tap(code: str) -> Any:
    """One tap of the list, sent by a script as soon as there is a line: who, here or not, and when it was tapped.
    Sent twice it is the same tap. What one trainer tapped is never sent as another's, who signed in on the same
    telephone since: it waits there for the one who tapped."""
    if request.form.get("owner", person().code) != person().code:
        raise Forbidden(_("Những lần chấm này là của cán bộ khác. Khi họ đăng nhập lại, máy sẽ gửi."))
    with transaction():
        learner = queries.learner_in(_class(code), request.form.get("learner", ""))
        note = service.attend if request.form.get("here") == "1" else service.miss
        note(learner, current_actor(), _moment(request.form.get("at", "")))
        is_here = learner.attended_at is not None
    return {"learner": learner.code, "here": is_here}


def _moment(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


# -- to print -----------------------------------------------------------------------------------------------------


@bp.get("/classes/<code>/poster")
def poster(code: str) -> Any:
    """The invitation for the wall: day, place, six digits, a QR code."""
    found = _class(code)
    url = whole_url(url_for("training.join", code=found.join_code))
    return page(
        "training/trainer/poster.html",
        training_class=found,
        commune=places.commune(found.commune_code),
        join_url=url,
        qr=qr.svg(url),
    )


@bp.get("/classes/<code>/roster")
def roster(code: str) -> Any:
    """The attendance list on paper, with empty lines for who comes unannounced."""
    found = _class(code)
    return page(
        "training/trainer/roster.html",
        training_class=found,
        commune=places.commune(found.commune_code),
        learners=queries.learners_of(found),
    )


@bp.get("/classes/<code>/learners/<learner_code>/certificate")
def certificate(code: str, learner_code: str) -> Any:
    """A certificate of completion, to print."""
    learner: Learner = queries.learner_in(_class(code), learner_code)
    one = queries.completion(learner.code)
    check = whole_url(url_for("training.completion", code=one.code))
    return page("training/_certificate.html", one=one, qr=qr.svg(check))


@bp.get("/classes/<code>/report.pdf")
def report_pdf(code: str) -> Response:
    """One sheet for the association and the post office."""
    found = _class(code)
    rows = queries.progress(queries.learners_of(found))
    _rows, result = outcomes.of([found], "class")
    return _download(report.class_report(found, rows, result), "application/pdf", f"bao-cao-{found.code}.pdf")


# -- results ------------------------------------------------------------------------------------------------------


def _grouping() -> str:
    by = request.args.get("by", "class")
    return by if by in GROUPS else "class"


def _results() -> tuple[list[outcomes.Results], outcomes.Results]:
    classes = db.session.scalars(queries.classes_of(person())).unique().all()
    return outcomes.of(classes, _grouping())


@bp.get("/results")
def results() -> Any:
    by, (rows, whole) = _grouping(), _results()
    return page(
        "training/trainer/results.html",
        rows=rows,
        whole=whole,
        by=by,
        groups=GROUPS,
        steps=[BY_KEY[key] for key in ("approved", "listing", "delivered")],
        chart=charts.bars([(row.name, row.steps.get("delivered", 0), row.learners) for row in rows[:20]]),
    )


@bp.get("/results.csv")
def results_csv() -> Response:
    """The same as a file a spreadsheet opens; a name that begins like a formula is text."""
    rows = [charts.result_cells(row) for row in _results()[0]]
    return _download(sheets.as_csv([charts.RESULT_HEADS, *rows]), sheets.CSV, "ket-qua.csv")


@bp.get("/results.xlsx")
def results_xlsx() -> Response:
    rows = [charts.result_cells(row) for row in _results()[0]]
    return _download(
        sheets.as_xlsx(str(GROUPS[_grouping()]), charts.RESULT_HEADS, rows), sheets.XLSX, "ket-qua.xlsx"
    )


def _download(data: bytes, kind: str, name: str) -> Response:
    return Response(data, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
