"""One order, for its buyer: signed in, or a guest with the key that was sent along. And what a counter without a line
opens: its page and the script that keeps it; there is nothing of anybody on them."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog import queries as catalog
from marketplace.claims import queries as claims
from marketplace.claims import service as wrongs
from marketplace.claims.models import CancelReason
from marketplace.desks.forms import CancellationForm, ScanForm, WordForm
from marketplace.foundation.access import current_actor, current_person, limiter
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as orders
from marketplace.orders import service as deeds
from marketplace.orders.models import Order
from marketplace.payments import queries as payments
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.shipping import queries as shipping
from marketplace.shipping.models import ScanKind

bp = Blueprint("desks_public", __name__)


@bp.get("/account/orders/<code>")
def order(code: str) -> Any:
    key = request.args.get("key", "")
    if current_person() is None and not key:
        return redirect_to("accounts.sign_in", next=request.path)
    return _order_page(_order(code, key), key, CancellationForm(formdata=None))


def _order_page(
    order: Order, key: str, form: CancellationForm, status: int = 200, word: WordForm | None = None
) -> tuple[str, int]:
    commune = places.commune(order.commune_code)
    asked = payments.payments_of(order)
    # Only what was delivered can be claimed for.
    made = claims.claims_of_order(order) if any(part.delivered_at for part in order.farm_orders) else []
    goods = {line.variant.product_id for part in order.farm_orders for line in part.lines}
    refunds = payments.refunds_of(order) if any(one.received_dong for one in asked) else []
    return page(
        "desks/public/order.html",
        status,
        pickup_code=shipping.pickup_code,
        pickup=counters.going_to(order.pickup_point) if order.pickup_point is not None else None,
        kept_until=shipping.kept_until,
        order=order,
        key=key,
        parts=[
            {
                "farm_order": part,
                "steps": orders.timeline(part),
                "parcels": shipping.parcels_of(part) if part.accepted_at else [],
                "share": shipping.share_of(part) if part.freight_saved_dong else None,
                "changes": orders.supply_changes_of(part) if part.short_dong else [],
                "claim": next((one for one in reversed(made) if one.farm_order_id == part.id), None),
                "may_claim": bool(claims.reasons_open(part)),
            }
            for part in order.farm_orders
        ],
        address=[order.street, commune.name if commune else "", commune.province.name if commune else ""],
        payments=asked,
        pictures=catalog.covers(goods),
        to_pay=payments.to_pay_now(order, asked),
        refunds=refunds,
        refund_account=payments.refund_account_of(order) if refunds else None,
        asks_for_account=any(one.state.value == "due" and one.card_intent is None for one in refunds),
        form=form,
        word=word or WordForm(formdata=None),
    )


@bp.post("/account/orders/<code>/confirmation")
@limiter.limit("30 per hour")
def confirmation(code: str) -> Any:
    """Somebody new who pays at the door types the code from the message, or asks for another (`again`)."""
    form = WordForm()
    key = form.key.data or ""
    if "again" in request.form:
        with transaction():
            deeds.send_code(_order(code, key))
        notice(_("Chợ vừa gửi mã mới tới số điện thoại nhận hàng."))
        return redirect_to("desks_public.order", code=code, **({"key": key} if key else {}))
    is_right = False
    if form.validate_on_submit():
        # A wrong code is counted, so this is written either way.
        with transaction():
            is_right = deeds.confirm_by_code(_order(code, key), form.digits.data or "", current_actor())
        if not is_right:
            form.digits.errors = [str(_("Mã chưa đúng hoặc đã cũ. Hãy xem lại tin nhắn, hoặc xin mã mới."))]
    if not is_right:
        return _order_page(_order(code, key), key, CancellationForm(formdata=None), 422, form)
    notice(_("Đã xác nhận. Nhà vườn đã được báo để chuẩn bị hàng."))
    return redirect_to("desks_public.order", code=code, **({"key": key} if key else {}))


@bp.post("/account/orders/<code>/cancellation")
def cancellation(code: str) -> Response | tuple[str, int]:
    """Call off one farm's part (its code in `part`), or everything that has not left yet."""
    form = CancellationForm()
    key = form.key.data or ""
    if not form.validate_on_submit():
        return _order_page(_order(code, key), key, form, 422)
    with transaction():
        order, part = _order(code, key), None
        if form.part.data:
            part = next((one for one in order.farm_orders if one.code == form.part.data), None)
            if part is None:
                raise Missing()
        why = CancelReason(form.why.data or CancelReason.OTHER.value)
        wrongs.cancel(order, why, form.reason.data or "", current_actor(), part)
    notice(_("Đã hủy. Nhà vườn đã được báo để không gói nữa."))
    return redirect_to("desks_public.order", code=code, **({"key": key} if key else {}))


def _order(code: str, key: str) -> Order:
    """The buyer's own order, or the one the key opens; anybody else's is Missing."""
    person = current_person()
    if person is not None:
        try:
            return orders.order_for(person, code)
        except Missing:
            if not key:
                raise
    return orders.order_by_secret(code, key)


# -- a counter without a line -------------------------------------------------------------------------------------


@bp.get("/post/offline")
def counter_offline() -> tuple[str, int]:
    """The page the counter's own script keeps on the device. Who waits to be handed a parcel waits for the line: a code
    has to be asked."""
    form = ScanForm(formdata=None)
    form.offer_piles(but=ScanKind.DELIVERED)
    form.event.choices = [("", _("Bước tiếp theo như thường lệ")), *(form.event.choices or ())[1:]]
    return page("desks/public/counter_offline.html", form=form)


@bp.get("/post/worker.js")
def counter_worker() -> Response:
    """The counter's service worker: from here it may answer for every page of the counter. Its address names the
    release and the language, so that each gets its own."""
    script = current_app.send_static_file("js/counter_worker.js")
    script.headers["Service-Worker-Allowed"] = url_for("desks_post.counter")
    script.headers["Cache-Control"] = "no-cache"
    return script
