"""Pages for everybody: where the counters of the post are and when they are open."""

from datetime import timedelta

from flask import Blueprint, request

from marketplace.foundation import clock
from marketplace.foundation.web import Pager, page
from marketplace.foundation.words import _
from marketplace.places import counters, queries
from marketplace.places.forms import PointSearchForm
from marketplace.places.models import ServicePointState

bp = Blueprint("places", __name__)

POINTS_NEAR = 6


@bp.get("/service-points")
def service_points() -> tuple[str, int]:
    counts = queries.service_points_by_province()
    form = PointSearchForm(request.args)
    form.province.choices = [("", _("Tất cả tỉnh, thành"))] + [
        (one.code, f"{one.name} ({counts[one.code]})") for one in queries.provinces() if one.code in counts
    ]
    form.validate()
    province = queries.province(form.province.data or "") if not form.province.errors else None
    text = form.q.data or "" if not form.q.errors else ""
    code = province.code if province is not None else None
    pager = Pager(queries.count_service_points(code, text=text))
    points = queries.service_points(code, text=text, limit=pager.limit, offset=pager.offset)
    here = queries.read_position(text) if text else None
    near = queries.commune_meant(text, code) if text and not points and here is None else None
    if here is not None:
        near = queries.nearest_communes(here, 1)[0]
        points = queries.service_points(near=here, limit=POINTS_NEAR)
    elif near is not None:
        points = queries.service_points(near=near, limit=POINTS_NEAR)
    return page(
        "places/public/service_points.html",
        form=form,
        province=province,
        near=near,
        here=here,
        pager=pager,
        points=[queries.seen_now(point, here or near) for point in points],
    )


@bp.get("/service-points/<code>")
def service_point(code: str) -> tuple[str, int]:
    seen = queries.seen_now(queries.service_point(code))
    is_closed = seen.point.state is ServicePointState.CLOSED
    instead = queries.service_point_for(seen.commune.code) if is_closed else None
    today = clock.today()
    return page(
        "places/public/service_point.html",
        seen=seen,
        point=seen.point,
        is_closed=is_closed,
        instead=queries.seen_now(instead, seen.point) if instead is not None else None,
        going=counters.going_to(seen.point),
        week=[queries.hours_on(seen.point, today + timedelta(days=ahead)) for ahead in range(7)],
        collects_in=[queries.commune(commune_code) for commune_code in seen.point.picks_up_from],
    )
