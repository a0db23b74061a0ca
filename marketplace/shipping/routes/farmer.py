"""The farmer prints the labels of an order: on any printer, or as A6 sheets."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.farmers import queries as farmers
from marketplace.farmers.models import FarmRight
from marketplace.foundation.access import person
from marketplace.foundation.refusal import Conflict, Missing
from marketplace.foundation.web import page
from marketplace.foundation.words import _
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder
from marketplace.shipping import carriers, labels, queries
from marketplace.shipping.labels import Label

bp = Blueprint("shipping_farmer", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.PACK))


@bp.get("/orders/<code>/label")
def label(code: str) -> tuple[str, int]:
    farm_order = _farm_order(code)
    return page("shipping/farmer/label.html", farm_order=farm_order, labels=_labels(farm_order))


@bp.get("/orders/<code>/label.pdf")
def label_pdf(code: str) -> Response:
    farm_order = _farm_order(code)
    found = _labels(farm_order)
    drawn = labels.pdf_on_a4(found) if request.args.get("paper") == "a4" else labels.pdf(found)
    made = Response(drawn, mimetype="application/pdf")
    made.headers["Content-Disposition"] = f'inline; filename="nhan-{farm_order.code}.pdf"'
    return made


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
