"""Trips that neighbours share, and the places where they bring parcels together: the clerk's side."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, session
from werkzeug.wrappers import Response

from marketplace.desks import counter
from marketplace.desks.forms import CollectionPointForm, DisposalForm
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Forbidden, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries, service
from marketplace.shipping.models import CollectionPoint, PickupRun

bp = Blueprint("desks_runs", __name__)

SHOWN_FOR = timedelta(days=14)


def _here() -> ServicePoint:
    points = counter.points_of(person())
    if not points:
        raise Forbidden(_("Bạn chưa được phân về bưu cục nào. Hãy nhờ quản trị phân điểm cho bạn."))
    return next((one for one in points if one.code == session.get("post_point")), points[0])


def _run(code: str) -> PickupRun:
    """A trip of any point the clerk holds."""
    for point in counter.points_of(person()):
        try:
            return queries.run_at(point, code)
        except Missing:
            continue
    raise Missing(_("Không có chuyến này ở bưu cục của bạn."))


@bp.get("/shared-runs")
def runs() -> tuple[str, int]:
    """The trips of the point the clerk chose; of all of theirs when they did not."""
    held = counter.points_of(person())
    chosen = [point for point in held if point.code == session.get("post_point")] or held or [_here()]
    since = clock.today() - SHOWN_FOR
    return page(
        "desks/post/runs.html",
        points=chosen,
        runs=[run for point in chosen for run in queries.runs_of(point, since)],
    )


@bp.get("/shared-runs/<code>")
def run(code: str) -> tuple[str, int]:
    found = _run(code)
    return page("desks/post/shared_run.html", run=found, parcels=queries.parcels_on(found))


@bp.post("/shared-runs/<code>/closing")
def closing(code: str) -> Response:
    """The postman is back: what the trip saved is split."""
    with transaction():
        closed = service.close_run(_run(code), current_actor())
        is_shared = closed.saved_dong > 0
    notice(
        _("Đã chốt chuyến. Tiền cước giảm đã chia theo cân nặng; nhà vườn và khách đều được báo.")
        if is_shared
        else _("Đã chốt chuyến. Chỉ một nhà vườn nên không có phần giảm chung.")
    )
    return redirect_to("desks_runs.run", code=code)


@bp.post("/parcels/<tracking>/disposal")
def disposal(tracking: str) -> Response:
    """Fresh goods nobody came for are thrown away, with the reason."""
    form = DisposalForm()
    if not form.validate_on_submit():
        raise Refusal(_("Hãy ghi vì sao hủy: người mua và nhà vườn đọc được."))
    with transaction():
        parcel = queries.parcel_at(_here(), tracking[:100])
        service.dispose(parcel.tracking, form.why.data or "", current_actor(), _here())
    notice(_("Đã ghi hủy hàng tươi. Người mua và nhà vườn được báo."))
    return redirect_to("desks_post.parcel", tracking=tracking)


@bp.route("/collection-points", methods=["GET", "POST"])
def collection_points() -> Any:
    """Where the postmen of this point come for parcels of neighbours; a new one is opened here."""
    here, form = _here(), CollectionPointForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.open_collection_point(
                    **form.facts(),
                    commune_code=here.commune_code,
                    service_point=here,
                    farm=None,
                    by=current_actor(),
                )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            notice(_("Đã mở nơi gom. Nhà vườn trong xã chọn được ngay khi gửi hàng."))
            return redirect_to("desks_runs.collection_points")
    status = 422 if form.is_submitted() else 200
    return page(
        "desks/post/collection_points.html",
        status,
        form=form,
        point=here,
        places=queries.collection_points(here),
    )


@bp.post("/collection-points/<code>/ending")
def ending(code: str) -> Response:
    with transaction():
        service.end_collection_point(_place(code), current_actor())
    notice(_("Nơi gom này không mở nữa. Nhà vườn đã chọn nơi này được báo."))
    return redirect_to("desks_runs.collection_points")


def _place(code: str) -> CollectionPoint:
    found = next((place for place in queries.collection_points(_here()) if place.code == code), None)
    if found is None:
        raise Missing(_("Không có nơi gom này ở bưu cục của bạn."))
    return found
