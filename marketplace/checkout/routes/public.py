"""The cart and the till, for everybody: guests buy too."""

from typing import Any

from flask import Blueprint, g, request, session
from werkzeug.datastructures import MultiDict

from marketplace.accounts import queries as accounts
from marketplace.campaigns.queries import people_of
from marketplace.checkout import queries, service, shown
from marketplace.checkout.forms import AppealForm, CheckoutForm, DestinationForm, LineForm, QuantityForm
from marketplace.checkout.models import Cart
from marketplace.checkout.queries import Till
from marketplace.checkout.shown import Shown
from marketplace.foundation import clock, faults
from marketplace.foundation.access import current_actor, current_person, limiter, said_of_age
from marketplace.foundation.db import new_code, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.web import csrf, notice, page, redirect_to, require_same_origin
from marketplace.foundation.words import _, language
from marketplace.orders import service as orders
from marketplace.orders.models import IfShort, Order
from marketplace.payments import queries as payments
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.shipping import fees
from marketplace.shipping import quotes as freight

bp = Blueprint("checkout", __name__)

POINTS_NEAR = 6
KEPT = ("name", "phone", "note", "voucher", "payment_method")
"""What was typed so far and goes along."""
METHOD_WORDS = {
    "cod": _("Khi nhận hàng (bưu tá thu tiền mặt)"),
    "vietqr": _("Chuyển khoản bằng mã VietQR"),
    "card": _("Thẻ Visa, Mastercard, JCB"),
    "counter": _("Tiền mặt tại điểm bưu điện"),
}


def cart_count() -> int:
    """How many things are in the visitor's cart (a fact of every page)."""
    if "cart_count" not in g:
        person = current_person()
        g.cart_count = queries.item_count(person.id if person else None, session.get("cart"))
    count: int = g.cart_count
    return count


@bp.get("/cart")
def cart() -> Any:
    return _cart_page()


def _cart_page(problem: Any = None, status: int = 200) -> Any:
    till = service.prepare(_cart(), None, False)
    g.cart_count = sum(line.quantity for part in till.parts for line in part.lines)
    return page("checkout/public/cart.html", status, till=till, problem=problem)


@bp.post("/cart/lines")
@csrf.exempt
@limiter.limit("240 per minute")
def add_line() -> Any:
    """Put a pack into the cart. A visitor without a session has no token yet: our own page must have sent the form."""
    if session:
        csrf.protect()
    else:
        require_same_origin()
    form = LineForm(meta={"csrf": False})
    if not form.validate():
        return _cart_page(form.problems[0][1], 422)
    try:
        with transaction():
            service.add(_open_cart(), form.variant.data or "", form.quantity.data or 0, said_of_age())
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _cart_page(refusal.sentence, refusal.status)
    notice(_("Đã thêm vào giỏ."))
    return redirect_to("checkout.cart")


@bp.post("/cart/lines/<variant>")
def change_line(variant: str) -> Any:
    form = QuantityForm()
    if not form.validate_on_submit():
        return _cart_page(form.problems[0][1], 422)
    if _cart() is None and form.quantity.data == 0:
        return redirect_to("checkout.cart")
    try:
        with transaction():
            service.set_quantity(_open_cart(), variant, form.quantity.data or 0, said_of_age())
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _cart_page(refusal.sentence, refusal.status)
    return redirect_to("checkout.cart")


@bp.get("/checkout")
def till() -> Any:
    """Where to, and with that known: how each farm's goods travel, what it costs, when it arrives."""
    asked = _with_known_address(request.args)
    if asked.get("pick_province") == "whole" and not asked.get("whole"):
        asked.pop("pick_province")  # Enter presses a form's first button
    if not _is_whole(asked):
        prepared = service.prepare(_cart(), None, False)
        if not prepared.parts:
            return redirect_to("checkout.cart")
        form = DestinationForm(asked)
        if form.whole.data and asked.get("pick_province") == "whole":
            form.read_whole()
        return page(
            "checkout/public/destination.html", form=form, addresses=_saved_addresses(), till=prepared
        )
    form = _form_for(asked)
    prepared = _prepare(form, asked.get("payment_method", "cod") == "cod", _wanted_services(asked))
    if not prepared.parts:
        return redirect_to("checkout.cart")
    form.payment_method.data = _asked_method(prepared)
    form.expected_total.data = prepared.total_dong
    return _till_page(form, prepared)


@bp.post("/checkout")
@limiter.limit("60 per minute")
def place() -> Any:
    """Place the order."""
    form = CheckoutForm(methods=_methods())
    if "recount" in request.form and places.commune(form.commune.data or "") is not None:
        # What the chosen services and the typed voucher come to; nothing is placed.
        return _till_page(form, _prepared(form))
    if not form.validate_on_submit():
        if not form.commune.data or form.commune.errors or form.province.errors:
            form.ask_only_where_to()
            return page(
                "checkout/public/destination.html",
                422,
                form=form,
                addresses=_saved_addresses(),
                till=service.prepare(_cart(), None, False),
            )
        return _till_page(form, _prepared(form), 422)
    details = service.Details(
        name=form.name.data,
        phone=form.phone.data or "",
        province_code=form.province.data,
        commune_code=form.commune.data,
        street=form.street.data,
        note=form.note.data or "",
        payment_method=form.payment_method.data,
        services=_wanted_services(request.form),
        expected_total_dong=form.expected_total.data,
        once=form.once.data,
        language=language(),
        voucher=form.voucher.data or "",
        if_short=IfShort(form.if_short.data or IfShort.CALL),
        round=form.round.data,
        pickup_point_id=form.pickup.point.id if form.pickup.point is not None else None,
        is_of_age=said_of_age() or bool(form.of_age.data),
        shown=_shown(request.form),
    )
    if freight.asks_outside():
        # A carrier is asked before the deed, never while it holds the database.
        _keep(_prepared(form))
    try:
        try:
            with transaction():
                after = _after(service.place_order(_open_cart(), details, current_actor()))
        except service.StaleQuotes:
            # Outside of any transaction: carriers are asked anew, then the order is written by what they said.
            _ask_again(form)
            with transaction():
                after = _after(service.place_order(_open_cart(), details, current_actor()))
        faults.point("checkout.committed")
    except Conflict as changed:
        if queries.find_cart(*_whose()) is None:
            raise
        form.form_errors.append(changed.sentence)
        fresh = _prepared(form)
        form.expected_total.data, form.expected_total.typed = fresh.total_dong, None
        form.once.data = new_code(length=20)
        return _till_page(form, fresh, 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _till_page(form, _prepared(form), refusal.status, may_appeal=refusal.field == "payment_method")
    endpoint, address = after
    if endpoint == "desks_public.order":
        notice(_("Đã đặt hàng. Cảm ơn bạn!"))
    return redirect_to(endpoint, **address)


@bp.get("/checkout/points")
def points() -> Any:
    """Counters near the buyer where they can come for the goods."""
    asked = request.args.get("q", "").strip()[:200]
    near: places.Located | None = places.commune(request.args.get("commune", "")[:5])
    if asked:
        near = places.read_position(asked, near) or places.commune_meant(asked)
    found = places.service_points(near=near, limit=POINTS_NEAR) if near is not None else []
    return page(
        "checkout/public/points.html",
        asked=asked,
        near=near,
        points=[counters.going_to(one, near=near) for one in found],
        kept={name: request.args[name] for name in KEPT if request.args.get(name)},
        days=fees.keeps_at_point_days(clock.today()),
    )


@bp.route("/checkout/appeal", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
def door_appeal() -> Any:
    """Whom the rule for paying at the door stops asks a person to look again."""
    form = AppealForm() if request.method == "POST" else AppealForm(MultiDict(request.args))
    if request.method == "POST" and form.validate():
        with transaction():
            made = orders.appeal(
                form.phone.data or "",
                form.name.data or "",
                form.words.data or "",
                current_actor(),
                language(),
            )
            answer_by = made.answer_by
        return page("checkout/public/appeal_sent.html", answer_by=answer_by, phone=form.phone.data)
    if request.method == "GET":
        for each in form:
            each.errors = []
    return page("checkout/public/appeal.html", 422 if request.method == "POST" else 200, form=form)


def _after(order: Order) -> tuple[str, dict[str, str]]:
    """Where to go from here: to the pay page, or to the order; a guest's key opens it. Asked while the order is at
    hand."""
    key = {} if order.buyer_id is not None else {"key": order.secret}
    if order.payment_method != "cod":
        return "payments.pay", {"code": payments.payments_of(order)[0].code, **key}
    return "desks_public.order", {"code": order.code, **key}


def _prepared(form: CheckoutForm) -> Till:
    return _prepare(form, form.payment_method.data in (None, "", "cod"), _wanted_services(request.form))


def _prepare(form: CheckoutForm, is_cod: bool, services: dict[str, str]) -> Till:
    """The till as it is to be shown; a carrier is asked where no quote is kept."""
    person = current_person()
    people = people_of(person.id if person else None, form.phone.data or "", queries.browser_of(_cart()))
    return service.prepare(
        _cart(), form.commune.data, is_cod, services, form.voucher.data or "", people, form.pickup.point
    )


def _ask_again(form: CheckoutForm) -> None:
    """Ask carriers anew where a quote is stale, before the order is written: inside, nobody outside is asked."""
    stale = service.stale_quotes(_cart(), form.commune.data, form.payment_method.data == "cod")
    if stale is not None:
        _keep(stale)


def _keep(till: Till) -> None:
    """What a carrier was just asked is kept: the order is written by it."""
    cart = _cart()
    if cart is not None and till.new_quotes:
        cart_code = cart.code
        with transaction():
            service.keep_quotes(cart_code, till)


def _till_page(form: CheckoutForm, prepared: Till, status: int = 200, may_appeal: bool = False) -> Any:
    cart = _cart()
    form.round.data = cart.round if cart is not None else None
    if prepared.voucher_problem is not None and not form.voucher.errors:
        form.voucher.errors = [str(prepared.voucher_problem)]
    g.cart_count = prepared.count
    shown = page(
        "checkout/public/till.html",
        status,
        form=form,
        till=prepared,
        methods=dict(_methods()),
        may_appeal=may_appeal,
        pickup=counters.going_to(form.pickup.point) if form.pickup.point is not None else None,
        pickup_days=fees.keeps_at_point_days(clock.today()),
        asks_age=prepared.has_alcohol and not said_of_age(),
    )
    _keep(prepared)
    return shown


ASKED_BEFORE = ("name", "phone", "province", "commune", "street", "note", "voucher", "pickup")
"""What the page before the till asked for, and the address bar keeps."""


def _form_for(asked: MultiDict[str, str]) -> CheckoutForm:
    """The order's form as it is first shown: what was typed so far, or is known of who is signed in."""
    typed = MultiDict({name: asked[name] for name in ASKED_BEFORE if asked.get(name)})
    form = CheckoutForm(typed, methods=_methods())
    form.name.data = form.name.data or _known("name")
    form.phone.data = form.phone.data or _known("contact_phone")
    form.once.data = new_code(length=20)
    return form


def _asked_method(prepared: Till) -> str:
    asked = request.args.get("payment_method", "")
    return "cod" if prepared.is_cod else asked if asked in payments.methods() else "vietqr"


def _is_whole(asked: MultiDict[str, str]) -> bool:
    """Is it known where to, and nobody wants to change it?"""
    if "pick_province" in asked or "edit" in asked:
        return False
    commune = places.commune(asked.get("commune", ""))
    return commune is not None and commune.province_code == asked.get("province")


def _with_known_address(arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was asked for; for a signed-in person who asked for nothing, their usual address; else the province they
    chose on a product's page."""
    known = MultiDict(arguments)
    if (point := places.point_at_work(arguments.get("pickup", "")[:12])) is not None:
        known["province"], known["commune"] = point.province_code, point.commune_code
        known["street"] = f"{point.name}, {point.street}"
        return known
    known.pop("pickup", None)
    if arguments.get("province") or arguments.get("commune") or arguments.get("whole"):
        return known
    person = current_person()
    usual = accounts.usual_address(person) if person is not None else None
    if usual is None:
        chosen = places.province(request.cookies.get("province", ""))
        if chosen is not None:
            known["province"] = chosen.code
        return known
    known.update(
        {
            "name": usual.name,
            "phone": usual.phone,
            "province": usual.province_code,
            "commune": usual.commune_code,
            "street": usual.street,
        }
    )
    return known


def _saved_addresses() -> Any:
    person = current_person()
    return accounts.addresses_of(person) if person else []


def _known(what: str) -> str | None:
    person = current_person()
    return getattr(person, what, None) if person else None


def _methods() -> list[tuple[str, Any]]:
    return [(method, METHOD_WORDS[method]) for method in payments.methods()]


def _wanted_services(arguments: MultiDict[str, str]) -> dict[str, str]:
    return {
        key.removeprefix("service-"): value[:32]
        for key, value in arguments.items()
        if key.startswith("service-")
    }


def _shown(arguments: MultiDict[str, str]) -> dict[str, Shown]:
    """What the page showed of each farm's part, by the farm's code."""
    read = {
        key.removeprefix("shown-"): shown.read(value)
        for key, value in arguments.items()
        if key.startswith("shown-")
    }
    return {farm: said for farm, said in read.items() if said is not None}


def _whose() -> tuple[int | None, str | None]:
    person = current_person()
    return (person.id if person else None, session.get("cart"))


def _cart() -> Cart | None:
    """The visitor's cart, found once for a page."""
    if "cart" not in g:
        g.cart = queries.find_cart(*_whose())
    found: Cart | None = g.cart
    return found


def _open_cart() -> Cart:
    cart = service.open_cart(*_whose())
    if cart.token is not None:
        session["cart"] = cart.token
        session.permanent = True
    return cart
