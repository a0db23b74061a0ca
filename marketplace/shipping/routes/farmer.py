"""The farmer prints the labels of an order: on any printer, or as A6 sheets."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.farmers import queries as farmers
from marketplace.farmers.models import FarmRight
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder
from marketplace.shipping import carriers, labels, queries, service
from marketplace.shipping.forms import SplitForm
from marketplace.shipping.labels import Label
from marketplace.shipping.models import Parcel, ParcelState

bp = Blueprint("shipping_farmer", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.PACK))


@bp.get("/orders/<code>/label")
def label(code: str) -> tuple[str, int]:
    return _page(_farm_order(code))


@bp.get("/orders/<code>/label.pdf")
def label_pdf(code: str) -> Response:
    farm_order = _farm_order(code)
    found = _labels(farm_order)
    drawn = labels.pdf_on_a4(found) if request.args.get("paper") == "a4" else labels.pdf(found)
    made = Response(drawn, mimetype="application/pdf")
    made.headers["Content-Disposition"] = f'inline; filename="nhan-{farm_order.code}.pdf"'
    return made


@bp.post("/orders/<code>/parcels/<tracking>/pieces")
def pieces(code: str, tracking: str) -> tuple[str, int] | Response:
    """Part of a parcel travels in a box of its own."""
    farm_order, form = _farm_order(code), SplitForm()
    lines = _parcel(farm_order, tracking).lines
    packs = form.whole_numbers(
        request.form,
        {one.order_line_id: (f"packs-{one.order_line.code}", one.order_line.product_name) for one in lines},
    )
    form.validate_on_submit()
    problem = form.problems[0][1] if form.problems else None
    if problem is None:
        try:
            with transaction():
                service.split(_parcel(farm_order, tracking), form.grams.data or 0, current_actor(), packs)
        except Refusal as refusal:
            problem = refusal.sentence
        else:
            notice(_("Đã chia làm hai gói. Hãy in lại nhãn cho cả hai."))
            return redirect_to("shipping_farmer.label", code=code)
    return _page(farm_order, problem, 422)


@bp.post("/orders/<code>/parcels/<tracking>/renewal")
def renewal(code: str, tracking: str) -> Response:
    """The label is lost or on the wrong box: a new number, a new label."""
    with transaction():
        service.rebook(_parcel(_farm_order(code), tracking), current_actor())
    notice(_("Đã cấp số mới. Nhãn cũ không dùng được nữa: hãy bóc bỏ, dán nhãn mới."))
    return redirect_to("shipping_farmer.label", code=code)


def _page(farm_order: FarmOrder, problem: object = None, status: int = 200) -> tuple[str, int]:
    parcels = queries.parcels_of(farm_order)
    return page(
        "shipping/farmer/label.html",
        status,
        farm_order=farm_order,
        labels=_labels(farm_order),
        inside={one.tracking: one.lines for one in parcels},
        waiting=[one for one in parcels if one.state is ParcelState.BOOKED],
        problem=problem,
    )


def _parcel(farm_order: FarmOrder, tracking: str) -> Parcel:
    found = next((one for one in queries.parcels_of(farm_order) if one.tracking == tracking), None)
    if found is None:
        raise Missing(queries.NO_SUCH_PARCEL)
    return found


def _labels(farm_order: FarmOrder) -> list[Label]:
    parcels = queries.parcels_of(farm_order)
    waiting = [parcel.code for parcel in parcels if carriers.waits_for_number(parcel)]
    if waiting:
        raise Conflict(
            _(
                "Hãng vận chuyển chưa cấp số. Hãy ghi %(codes)s lên kiện bằng bút: quầy nhận bằng mã ấy.",
                codes=", ".join(waiting),
            )
        )
    found = labels.labels_of(parcels)
    if not found:
        raise Conflict(_("Đơn này không có nhãn: hãy nhận đơn trước, hoặc đơn đã hủy nên không gửi nữa."))
    return found


def _farm_order(code: str) -> FarmOrder:
    """One of the orders of the person's own farms."""
    for farm in farmers.farms_of(person()):
        try:
            return orders.farm_order_for(farm, code)
        except Missing:
            continue
    raise Missing(_("Không tìm thấy đơn này trong gian hàng của bạn."))
