"""At the counter of the post: a clerk orders for somebody who telephones or walks in."""

from typing import Any

from flask import Blueprint, request

from marketplace.catalog import queries as catalog
from marketplace.checkout import helped, service
from marketplace.checkout.forms import CallDetailsForm, CallerForm, QuantityForm
from marketplace.checkout.models import Cart
from marketplace.checkout.queries import Till
from marketplace.foundation.access import current_actor, limiter, person
from marketplace.foundation.db import new_code, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.search import service as search
from marketplace.search.port import SearchQuery, SearchUnavailable

bp = Blueprint("checkout_post", __name__)

MOST_FOUND = 8


@bp.route("", methods=["GET", "POST"])
def callers() -> Any:
    """Who is calling? And the calls this clerk has not finished."""
    form = CallerForm()
    if form.validate_on_submit():
        try:
            with transaction():
                code = helped.begin(person(), form.name.data, form.phone.data or "", current_actor()).code
            return redirect_to("checkout_post.goods", code=code)
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.is_submitted() else 200
    return page("checkout/post/callers.html", status, form=form, calls=helped.open_calls(person()))


@bp.get("/<code>")
def goods(code: str) -> Any:
    return _goods(_call(code))


def _call(code: str) -> Cart:
    return helped.call_of(person(), code)


def _goods(call: Cart, problem: Any = None, status: int = 200) -> Any:
    asked = request.args.get("q", "")[:100]
    return page(
        "checkout/post/call_goods.html",
        status,
        call=call,
        asked=asked,
        found=_found(asked) if asked.strip() else [],
        till=service.prepare(call, None, False),
        problem=problem,
    )


def _found(asked: str) -> list[Any]:
    """Goods by words as on the shelf, or by a product's code."""
    try:
        ids = search.find(SearchQuery(text=asked, per_page=MOST_FOUND)).ids
    except SearchUnavailable:
        ids = []
    return catalog.products_on_sale(ids)


@bp.post("/<code>/lines/<variant>")
def change_line(code: str, variant: str) -> Any:
    form = QuantityForm()
    if not form.validate_on_submit():
        return _goods(_call(code), form.problems[0][1], 422)
    try:
        with transaction():
            call = _call(code)
            if "add" in request.form:
                service.add(call, variant, form.quantity.data or 1)
            else:
                service.set_quantity(call, variant, form.quantity.data or 0)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _goods(_call(code), refusal.sentence, refusal.status)
    return redirect_to("checkout_post.goods", code=code)


@bp.get("/<code>/till")
def till(code: str) -> Any:
    """Where to, how it is paid, what it comes to."""
    call = _call(code)
    if not call.lines:
        return redirect_to("checkout_post.goods", code=code)
    form = CallDetailsForm(request.args, meta={"csrf": False})
    is_whole = form.is_whole and not form.asks_for_communes
    if is_whole:
        form = CallDetailsForm(request.args)
        form.once.data = new_code(length=20)
    return _till(call, form, None if not is_whole else _prepared(call, form))


def _prepared(call: Cart, form: CallDetailsForm) -> Till:
    """The sum as it is now; what a carrier was asked is kept, for the order to be written by."""
    code = call.code
    made = _counted(call, form)
    if not any(part.asked is not None and part.asked.is_new for part in made.parts):
        return made
    with transaction():
        service.keep_quotes(code, made)
    return _counted(_call(code), form)


def _counted(call: Cart, form: CallDetailsForm) -> Till:
    return service.prepare(call, form.commune.data, form.payment_method.data != "counter", _services())


def _services() -> dict[str, str]:
    return {
        key.removeprefix("service-"): value[:32]
        for key, value in request.values.items()
        if key.startswith("service-")
    }


def _till(call: Cart, form: CallDetailsForm, made: Till | None, status: int = 200) -> Any:
    return page(
        "checkout/post/call_till.html", status, call=call, form=form, till=made, caller=helped.caller_of(call)
    )


@bp.post("/<code>/words")
@limiter.limit("30 per minute")
def send_code(code: str) -> Any:
    """The caller gets the code that stands for exactly this order."""
    call, form = _call(code), CallDetailsForm()
    if not form.validate_on_submit():
        return _till(call, form, _shown(call, form), 422)
    made = _prepared(call, form)
    # The code stands for the sum with the delivery the caller chose just now.
    form.expected_total.data = made.total_dong
    try:
        with transaction():
            call = _call(code)
            helped.send_code(call, _counted(call, form), _details(call, form), person())
    except Refusal as refusal:
        form.refuse(refusal)
        return _till(_call(code), form, made, refusal.status)
    form.is_sent = True
    return _till(_call(code), form, _prepared(_call(code), form))


def _shown(call: Cart, form: CallDetailsForm) -> Till | None:
    return _prepared(call, form) if places.commune(form.commune.data or "") is not None else None


@bp.post("/<code>/order")
@limiter.limit("30 per minute")
def place(code: str) -> Any:
    """The caller read the code out."""
    call, form = _call(code), CallDetailsForm()
    form.is_sent = True
    if not form.validate_on_submit():
        return _till(call, form, _shown(call, form), 422)
    details = _details(call, form)
    with transaction():
        # A wrong try counts whatever happens next.
        is_yes = helped.is_yes(_call(code), details, form.digits.data or "")
    if not is_yes:
        form.refuse(Refusal(helped.WRONG_CODE, field="digits"))
        return _till(_call(code), form, _prepared(_call(code), form), 422)
    try:
        with transaction():
            order = helped.place(_call(code), details, person())
            placed, is_cash = order.code, details.payment_method == "counter"
    except Conflict as changed:
        form.form_errors.append(changed.sentence)
        form.is_sent, form.once.data = False, new_code(length=20)
        return _till(_call(code), form, _prepared(_call(code), form), 409)
    except Refusal as refusal:
        form.refuse(refusal)
        return _till(_call(code), form, _prepared(_call(code), form), refusal.status)
    notice(_("Đã đặt đơn %(code)s cho %(name)s. Tin nhắn đã gửi tới khách.", code=placed, name=details.name))
    return redirect_to("desks_till.pay_ins", q=placed) if is_cash else redirect_to("checkout_post.callers")


def _details(call: Cart, form: CallDetailsForm) -> service.Details:
    return service.Details(
        name=call.for_name or "",
        phone=call.for_phone or "",
        province_code=form.province.data,
        commune_code=form.commune.data,
        street=form.street.data,
        note=form.note.data or "",
        payment_method=form.payment_method.data,
        services=_services(),
        expected_total_dong=form.expected_total.data,
        once=form.once.data,
        round=call.round,
        helper_id=person().id,
    )


@bp.post("/<code>/withdrawal")
def drop(code: str) -> Any:
    with transaction():
        helped.drop(_call(code), current_actor())
    notice(_("Đã bỏ giỏ hàng của khách."))
    return redirect_to("checkout_post.callers")
