"""The desk of reviewer, cashier and admin: is all well, what waits, the trail of deeds, jobs, the gallery."""

from typing import Any

from flask import Blueprint, current_app, request
from sqlalchemy import select

from marketplace.admin import queries, wording
from marketplace.admin.forms import SampleForm
from marketplace.admin.queries import TrailQuery
from marketplace.admin.routes import appeals, freight, people, points, rules
from marketplace.foundation import jobs as work
from marketplace.foundation.access import current_actor, person, require_role
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.form import DayField, Form
from marketplace.foundation.states import State
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("admin", __name__)
bp.register_blueprint(appeals.bp, url_prefix="/appeals")
bp.register_blueprint(people.bp, url_prefix="/people")
bp.register_blueprint(points.bp, url_prefix="/points")
bp.register_blueprint(rules.bp, url_prefix="/rules")
bp.register_blueprint(freight.bp, url_prefix="/rules")


@bp.get("")
def home() -> Any:
    is_admin = person().has_role("admin")
    if not person().has_role("reviewer", "cashier", "admin"):
        return redirect_to("dossiers_admin.dossiers")  # an officer of an agency has one desk
    return page(
        "admin/admin/home.html",
        health=queries.health(),
        tasks=queries.tasks(person()),
        figures=queries.figures(),
        is_admin=is_admin,
    )


# -- where an order stands ----------------------------------------------------------------------------------------


@bp.get("/orders")
def orders() -> Any:
    """Somebody calls: where is the order, and whose turn is it?"""
    require_role("admin")
    typed = request.args.get("q", "").replace("\x00", "").strip()[:60]
    return page("admin/admin/orders.html", q=typed, found=queries.find_orders(typed))


# -- the trail ----------------------------------------------------------------------------------------------------


class TrailForm(Form):
    """Filters of the trail, in the address."""

    class Meta(Form.Meta):
        csrf = False

    day = DayField(_("Ngày"))


@bp.get("/audit")
def audit() -> Any:
    """Who did what, newest first: all of it for an admin; for a reviewer what was done to dossiers, certificates, farms
    and listings."""
    require_role("reviewer", "admin")
    kinds = () if person().has_role("admin") else queries.REVIEWED
    typed = {
        name: request.args.get(name, "").replace("\x00", "").strip()[:120]
        for name in ("person", "code", "verb")
    }
    form = TrailForm(request.args)
    is_day = form.validate()
    asked = queries.trail(TrailQuery(**typed, day=form.day.data if is_day else None, kinds=kinds))
    pager = Pager(queries.count(asked), per_page=50)
    return page(
        "admin/admin/audit.html",
        lines=queries.lines(asked, pager.offset, pager.limit),
        pager=pager,
        asked=typed,
        day=form.day,
        verbs=queries.verbs(kinds),
        may_open_people=not kinds,
    )


# -- jobs ---------------------------------------------------------------------------------------------------------


@bp.get("/jobs")
def jobs() -> Any:
    require_role("admin")
    return page(
        "admin/admin/jobs.html",
        health=queries.health(),
        given_up=work.given_up(),
        waiting=queries.waiting_jobs(),
        schedule=queries.schedule(current_app.extensions["schedule"]),
        job_words=wording.job,
    )


@bp.post("/jobs/<code>/attempts")
def try_again(code: str) -> Any:
    """A job nobody tries any more gets its attempts back."""
    require_role("admin")
    with transaction():
        work.try_again(work.job_given_up(code), current_actor())
    notice(_("Đã cho chạy lại. Nếu vẫn hỏng, việc sẽ hiện lại ở đây cùng lý do."))
    return redirect_to("admin.jobs")


# -- the gallery --------------------------------------------------------------------------------------------------


@bp.get("/gallery")
def gallery() -> Any:
    """Every component in every state."""
    require_role("admin")
    wrong = SampleForm(formdata=None, prefix="wrong")
    wrong.validate()
    return page(
        "admin/gallery.html",
        form=SampleForm(formdata=None),
        wrong=wrong,
        pager=Pager(200, page_number=4),
        states=[state for kind in State.__subclasses__() for state in kind],
        photo=db.session.scalars(select(StoredPhoto).order_by(StoredPhoto.id).limit(1)).first(),
    )
