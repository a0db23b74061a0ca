"""A buyer writes where they want their money back: signed in, or a guest with the key that was sent along."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from marketplace.foundation.access import current_actor, current_person, limiter
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as orders
from marketplace.orders.models import Order
from marketplace.payments import queries, service
from marketplace.payments.forms import RefundAccountForm

bp = Blueprint("payments_refunds", __name__)


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


@bp.get("/account/orders/<code:code>/refund-account")
def account(code: str) -> Response | tuple[str, int]:
    key = request.args.get("key", "")
    if current_person() is None and not key:
        return redirect_to("accounts.sign_in", next=request.path)
    return _page(_order(code, key), RefundAccountForm(formdata=None, key=key))


def _page(order: Order, form: RefundAccountForm, status: int = 200) -> tuple[str, int]:
    return page(
        "payments/public/refund_account.html",
        status,
        order=order,
        form=form,
        key=form.key.data or "",
        account=queries.refund_account_of(order),
        refunds=[one for one in queries.refunds_of(order) if one.state.value == "due"],
        is_asked=queries.asks_for_account(order),
    )


@bp.post("/account/orders/<code:code>/refund-account")
@limiter.limit("10 per hour")
def tell(code: str) -> Response | tuple[str, int]:
    form = RefundAccountForm()
    key = form.key.data or ""
    order = _order(code, key)
    if form.validate_on_submit():
        try:
            with transaction():
                service.tell_refund_account(
                    _order(code, key),
                    form.bank.data or "",
                    form.number.data or "",
                    form.holder.data or "",
                    current_actor(),
                )
            notice(_("Đã ghi tài khoản. Chợ chuyển lại tiền cho bạn qua tài khoản này."))
            return redirect_to("desks_public.order", code=code, **({"key": key} if key else {}))
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(order, form, 422)
