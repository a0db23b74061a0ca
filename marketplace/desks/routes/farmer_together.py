"""Sending together with neighbours: where and when in the commune, who opens a place, bringing parcels there."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.desks.forms import CollectionPointForm
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmKind, FarmRight
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder
from marketplace.places import queries as places
from marketplace.shipping import queries, service
from marketplace.shipping.models import CollectionPoint

bp = Blueprint("desks_together", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.PACK))


def _farm() -> Farm:
    farm = farmers.my_farm(person())
    if farm is None or farm.commune_code is None:
        raise Missing(_("Bạn chưa có gian hàng. Hãy mở gian hàng trước."))
    return farm


@bp.route("/collection-points", methods=["GET", "POST"])
def collection_points() -> Any:
    """The places of the farm's commune; a cooperative opens one for its neighbours."""
    farm, form = _farm(), CollectionPointForm()
    if form.validate_on_submit():
        try:
            with transaction():
                _open(farm, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            notice(_("Đã mở nơi gom. Các nhà vườn trong xã chọn được ngay khi gửi hàng."))
            return redirect_to("desks_together.collection_points")
    return page(
        "desks/farmer/collection_points.html",
        422 if form.is_submitted() else 200,
        farm=farm,
        form=form,
        places=queries.collection_points_near(farm),
        may_open=farm.kind is FarmKind.COOPERATIVE,
        now=clock.now(),
    )


def _open(farm: Farm, form: CollectionPointForm) -> None:
    if farm.kind is not FarmKind.COOPERATIVE:
        raise Refusal(_("Chỉ hợp tác xã hoặc bưu điện mở nơi gom. Hãy nhờ hợp tác xã hoặc bưu cục trong xã."))
    commune_code = farm.commune_code or ""
    point = places.service_point_for(commune_code)
    if point is None:
        raise Conflict(_("Xã của bạn chưa có bưu cục nào tới lấy hàng."))
    service.open_collection_point(
        **form.facts(), commune_code=commune_code, service_point=point, farm=farm, by=current_actor()
    )


@bp.post("/collection-points/<code>/ending")
def ending(code: str) -> Response:
    farm = _farm()
    with transaction():
        place = _place(farm, code)
        if place.farm_id != farm.id:
            raise Missing(_("Nơi gom này do người khác mở."))
        service.end_collection_point(place, current_actor())
    notice(_("Nơi gom này không mở nữa. Nhà vườn đã chọn nơi này được báo."))
    return redirect_to("desks_together.collection_points")


@bp.post("/orders/<code>/bringing")
def bringing(code: str) -> Response:
    """The parcels of an order are brought to a place (`place`: its code), or the postman comes to the farm."""
    wanted = request.form.get("place", "")[:20]
    with transaction():
        farm_order = _farm_order(code)
        place = _place(farm_order.farm, wanted) if wanted else None
        service.bring_to(farm_order, place, current_actor())
        name = place.name if place is not None else ""
    notice(
        _("Đã ghi: bạn mang hàng tới %(place)s.", place=name) if name else _("Đã ghi: chờ bưu tá tới lấy.")
    )
    return redirect_to("desks_farmer.order", code=code)


def _place(farm: Farm, code: str) -> CollectionPoint:
    found = next((place for place in queries.collection_points_near(farm) if place.code == code), None)
    if found is None:
        raise Missing(_("Nơi gom này không còn nhận. Hãy tải lại trang."))
    return found


def _farm_order(code: str) -> FarmOrder:
    for farm in farmers.farms_of(person()):
        try:
            return orders.farm_order_for(farm, code)
        except Missing:
            continue
    raise Missing(_("Không tìm thấy đơn này trong gian hàng của bạn."))
