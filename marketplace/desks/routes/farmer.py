"""The farmer's desk: today's work in the order to do it, the orders, one order with its deeds."""

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.catalog import queries as catalog
from marketplace.desks import queries
from marketplace.desks.forms import PartingForm, RefusalForm, SupplyForm
from marketplace.desks.routes import recalling
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import FarmRight, FarmState
from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import Pager, notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as seen
from marketplace.orders import service as deeds
from marketplace.orders import supply as supply_rules
from marketplace.orders.models import EndedBy, FarmOrder
from marketplace.orders.supply import Freight, Supplied
from marketplace.payments import queries as payments
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.shipping import leaving
from marketplace.shipping import parting as shipping_parting
from marketplace.shipping import queries as shipping
from marketplace.shipping import quotes as shipping_quotes

bp = Blueprint("desks_farmer", __name__)


@bp.before_request
def _who_packs() -> None:
    """Today's page is for everybody of the farm; orders are for who packs."""
    if request.endpoint != "desks_farmer.today":
        farmers.must_have_right(person(), FarmRight.PACK)


@bp.get("")
def today() -> tuple[str, int]:
    farm = farmers.my_farm(person())
    is_selling = farm is not None and farm.state is not FarmState.APPLYING
    return page(
        "desks/farmer/today.html",
        farm=farm,
        day=queries.farm_day(farm) if farm is not None and is_selling else None,
        sees_money=farmers.has_right(person(), FarmRight.MONEY),
        may_list=farmers.has_right(person(), FarmRight.LIST),
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
    return page(
        "desks/farmer/orders.html",
        farm=farm,
        views=views,
        view=view,
        found=found,
        pager=pager,
        to_call=seen.waiting_for_a_call(farm),
    )


@bp.post("/orders/<code>/word")
def word(code: str) -> Response:
    """The farm called somebody new who pays at the door: they want the order (`yes`), or they do not (`no`)."""
    with transaction():
        farm_order = _to_call(code)
        answer = request.form.get("answer")
        if answer not in ("yes", "no"):
            raise Refusal(_("Hãy tải lại trang rồi chọn lại."))
        if answer == "yes":
            deeds.confirm_by_call(farm_order, current_actor())
        else:
            deeds.cancel_order(
                farm_order.order, str(_("Khách nói không đặt")), current_actor(), EndedBy.UNCONFIRMED
            )
    notice(
        _("Đã xác nhận. Bây giờ bạn có thể nhận đơn.")
        if answer == "yes"
        else _("Đã hủy đơn, hàng trở lại kho.")
    )
    return redirect_to("desks_farmer.orders")


def _to_call(code: str) -> FarmOrder:
    for farm in farmers.farms_of(person()):
        for farm_order in seen.waiting_for_a_call(farm):
            if farm_order.code == code:
                return farm_order
    raise Conflict(_("Đơn này không còn chờ gọi xác nhận. Hãy tải lại trang."))


@bp.get("/orders/<code>")
def order(code: str) -> tuple[str, int]:
    return _order_page(_farm_order(code), RefusalForm(formdata=None))


def _order_page(
    farm_order: FarmOrder,
    form: RefusalForm,
    status: int = 200,
    supply: SupplyForm | None = None,
    parting: PartingForm | None = None,
) -> tuple[str, int]:
    parcels = shipping.parcels_of(farm_order)
    commune = places.commune(farm_order.order.commune_code)
    farm_commune = farm_order.farm.commune_code
    point = places.service_point_for(farm_commune) if farm_commune else None
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
        point=point,
        drop_off=counters.going_to(point) if point is not None else None,
        together=queries.together_of(farm_order, parcels),
        share=shipping.share_of(farm_order) if farm_order.freight_saved_dong else None,
        form=form,
        supply=supply or SupplyForm(formdata=None),
        parting=parting or PartingForm(formdata=None),
        to_ask=shipping_parting.parcels_to_ask(farm_order),
        is_back=shipping_parting.asks_what_came_back(farm_order),
        may_be_short=farm_order.state in supply_rules.MAY_BE_SHORT,
    )


@bp.post("/orders/<code>/supply")
def supply(code: str) -> Response | tuple[str, int]:
    """The farm sends less than was ordered, or goods sold by weight weigh less."""
    form = SupplyForm()
    farm_order = _farm_order(code)
    supplied = _supplied(farm_order, form)
    if not form.validate_on_submit() or form.form_errors:
        return _order_page(farm_order, RefusalForm(formdata=None), 422, form)
    # The lighter parcel is quoted before anything is written: nobody outside is asked inside.
    freight = _lighter(farm_order, supplied)
    try:
        with transaction():
            deeds.supply_less(
                _farm_order(code),
                supplied,
                form.why.data or "",
                current_actor(),
                is_agreed=form.is_agreed.data,
                freight=freight,
            )
    except Refusal as refused:
        form.refuse(refused)
        return _order_page(_farm_order(code), RefusalForm(formdata=None), refused.status, form)
    notice(_("Đã ghi. Khách được báo và chỉ trả phần thật gửi."))
    return redirect_to("desks_farmer.order", code=code)


@bp.post("/orders/<code>/parcels-back")
def parcels_back(code: str) -> Response | tuple[str, int]:
    """Parcels ended differently and nobody knows what lay in them: the farm says it, and the rest follows."""
    form = PartingForm()
    farm_order = _farm_order(code)
    lay_in = _lay_in(farm_order, form)
    if not form.validate_on_submit() or form.form_errors:
        return _order_page(farm_order, RefusalForm(formdata=None), 422, parting=form)
    try:
        with transaction():
            shipping_parting.say_what_lay_in(_farm_order(code), lay_in, current_actor())
    except Refusal as refused:
        form.refuse(refused)
        return _order_page(_farm_order(code), RefusalForm(formdata=None), refused.status, parting=form)
    notice(_("Đã ghi. Khách chỉ trả phần đã nhận; phần đó tính tiền cho bạn."))
    return redirect_to("desks_farmer.order", code=code)


def _lay_in(farm_order: FarmOrder, form: PartingForm) -> dict[int, dict[int, int]]:
    """How many packs of each line lay in each parcel that is asked for, as typed."""
    return {
        parcel.id: form.whole_numbers(
            request.form,
            {line.id: (f"in-{parcel.code}-{line.code}", line.product_name) for line in farm_order.lines},
        )
        for parcel in shipping_parting.parcels_to_ask(farm_order)
    }


def _supplied(farm_order: FarmOrder, form: SupplyForm) -> dict[int, Supplied]:
    """What was typed beside each line; what is no whole number is said on top."""
    found: dict[int, Supplied] = {}
    for line in farm_order.lines:
        typed = request.form.get(f"quantity-{line.code}", "").strip() or str(line.quantity)
        weighed = request.form.get(f"grams-{line.code}", "").strip().replace(".", "")
        if not (typed.isascii() and typed.isdigit() and len(typed) < 7) or not (
            weighed == "" or (weighed.isascii() and weighed.isdigit() and len(weighed) < 9)
        ):
            form.form_errors.append(_("“%(name)s”: hãy ghi số nguyên.", name=line.product_name))
            continue
        found[line.id] = Supplied(int(typed), int(weighed) if weighed else line.real_grams)
    return found


def _lighter(farm_order: FarmOrder, supplied: dict[int, Supplied]) -> Freight | None:
    """What the buyer's service costs for what is really sent; none when it cannot be asked."""
    left = [
        (line.variant, supplied[line.id].quantity) for line in farm_order.lines if supplied[line.id].quantity
    ]
    if not left:
        return None
    order = farm_order.order
    try:
        quotes = shipping_quotes.quote_farm(
            farm_order.farm, left, order.commune_code, order.payment_method == "cod"
        )
    except Refusal:
        return None
    service = quotes.service(farm_order.service_code)
    if service is None:
        return None
    return Freight(service.fee_dong, service.cod_fee_dong or 0, service.facts())


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
        leaving.give_to_postman(_farm_order(code), current_actor(), "người bán báo đã đưa bưu tá")
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
        shipping_parting.look_at(farm_order, is_good, current_actor())
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


# -- a lot called back -----------------------------------------------------------------------------------------------


@bp.route("/lots/<code>/recall", methods=["GET", "POST"])
def recall(code: str) -> Any:
    """Who bought of the lot; and calling it back."""
    return recalling.recall_page(catalog.lot_for(person(), code), "farmer")
