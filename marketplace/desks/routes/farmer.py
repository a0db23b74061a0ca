"""The farmer's desk: today's work in the order to do it, the orders, one order with its deeds."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.desks import queries
from marketplace.desks.forms import RefusalForm
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import FarmState
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as seen
from marketplace.orders import service as deeds
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.payments import queries as payments
from marketplace.places import queries as places
from marketplace.shipping import queries as shipping
from marketplace.shipping import service as post
from marketplace.shipping.models import ParcelState, ScanKind

bp = Blueprint("desks_farmer", __name__)


@bp.get("")
def today() -> tuple[str, int]:
    farm = farmers.my_farm(person())
    is_selling = farm is not None and farm.state is not FarmState.APPLYING
    return page(
        "desks/farmer/today.html",
        farm=farm,
        day=queries.farm_day(farm) if farm is not None and is_selling else None,
        hour=clock.local(clock.now()).hour,
    )


# -- orders --------------------------------------------------------------------------------------------------------


@bp.get("/orders")
def orders() -> Any:
    farm = farmers.my_farm(person())
    if farm is None:
        return redirect_to("desks_farmer.today")
    views = queries.views_of(farm)
    wanted = request.args.get("view", "")
    # The first tab with something to do, unless one is asked for.
    view = next((one for one in views if one.key == wanted), None) or next(
        (one for one in views if one.count), views[0]
    )
    pager = Pager(view.count, per_page=20)
    found = db.session.scalars(
        seen.farm_orders_of(farm, view.states).offset(pager.offset).limit(pager.limit)
    ).all()
    return page("desks/farmer/orders.html", farm=farm, views=views, view=view, found=found, pager=pager)


@bp.get("/orders/<code>")
def order(code: str) -> tuple[str, int]:
    return _order_page(_farm_order(code), RefusalForm(formdata=None))


def _order_page(farm_order: FarmOrder, form: RefusalForm, status: int = 200) -> tuple[str, int]:
    parcels = shipping.parcels_of(farm_order)
    commune = places.commune(farm_order.order.commune_code)
    farm_commune = farm_order.farm.commune_code
    return page(
        "desks/farmer/order.html",
        status,
        farm_order=farm_order,
        order=farm_order.order,
        steps=seen.timeline(farm_order),
        earning=payments.earning_of(farm_order),
        parcels=parcels,
        commune=commune,
        address=places.print_address(farm_order.order.street, commune)
        if commune
        else farm_order.order.street,
        point=places.service_point_for(farm_commune) if farm_commune else None,
        form=form,
    )


@bp.get("/orders/<code>/slip")
def slip(code: str) -> tuple[str, int]:
    """The packing slip, for the printer."""
    farm_order = _farm_order(code)
    if farm_order.accepted_at is None:
        raise Missing(_("Hãy nhận đơn trước khi in phiếu gói hàng."))
    commune = places.commune(farm_order.order.commune_code)
    return page(
        "desks/farmer/slip.html",
        farm_order=farm_order,
        order=farm_order.order,
        address=places.print_address(farm_order.order.street, commune)
        if commune
        else farm_order.order.street,
        farm_address=farmers.address_of(farm_order.farm),
        parcels=shipping.parcels_of(farm_order),
    )


# -- deeds ---------------------------------------------------------------------------------------------------------


@bp.post("/orders/<code>/acceptance")
def acceptance(code: str) -> Response:
    with transaction():
        deeds.accept(_farm_order(code), current_actor())
    notice(_("Đã nhận đơn. Bây giờ gói hàng, gói xong thì bấm “Đã gói xong”."))
    return redirect_to("desks_farmer.order", code=code)


@bp.post("/orders/<code>/refusal")
def refusal(code: str) -> Response | tuple[str, int]:
    form = RefusalForm()
    if not form.validate_on_submit():
        return _order_page(_farm_order(code), form, 422)
    try:
        with transaction():
            deeds.refuse(_farm_order(code), form.reason.data, current_actor())
    except Refusal as refused:
        if refused.field is None:
            raise
        form.refuse(refused)
        return _order_page(_farm_order(code), form, refused.status)
    notice(_("Đã báo cho người mua. Hàng của đơn này đã trở lại kho của bạn."), "warn")
    return redirect_to("desks_farmer.today")


@bp.post("/orders/<code>/packing")
def packing(code: str) -> Response:
    with transaction():
        deeds.mark_packed(_farm_order(code), current_actor())
    notice(_("Đã ghi gói xong. Đưa gói hàng cho bưu tá, hoặc mang tới điểm bưu điện."))
    return redirect_to("desks_farmer.order", code=code)


@bp.post("/orders/<code>/handover")
def handover(code: str) -> Response:
    """The farmer says the postman took it: the same scan the postman would make."""
    with transaction():
        farm_order = _farm_order(code)
        by = current_actor()
        for parcel in shipping.parcels_of(farm_order):
            if parcel.state in (ParcelState.ASKED, ParcelState.BOOKED):
                post.record_scan(parcel.tracking, ScanKind.PICKED_UP, by, note="người bán báo đã đưa bưu tá")
        if farm_order.state is not FarmOrderState.HANDED_OVER:
            deeds.hand_over(farm_order, by)
    notice(_("Đã ghi: hàng đã gửi đi. Chợ báo cho bạn khi người mua nhận được."))
    return redirect_to("desks_farmer.order", code=code)


@bp.post("/orders/<code>/restocking")
def restocking(code: str) -> Response:
    """What came back: `good` or `spoilt`."""
    goods = request.form.get("goods")
    is_good = goods == "good"
    with transaction():
        farm_order = _farm_order(code)
        if goods not in ("good", "spoilt"):
            raise Refusal(_("Hãy tải lại trang rồi chọn lại."))
        deeds.restock(farm_order, is_good, current_actor())
    notice(_("Đã nhập lại kho.") if is_good else _("Đã ghi hàng hỏng."))
    return redirect_to("desks_farmer.order", code=code)


def _farm_order(code: str) -> FarmOrder:
    """One of the orders of the person's own farms."""
    for farm in farmers.farms_of(person()):
        try:
            return seen.farm_order_for(farm, code)
        except Missing:
            continue
    raise Missing(_("Không tìm thấy đơn này trong gian hàng của bạn."))
