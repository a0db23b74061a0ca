"""A clerk orders for somebody who telephones or stands at the counter: a cart of its own, and the caller's yes to
exactly this order, by a code that went to the caller's telephone and is read out."""

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.accounts import queries as accounts
from marketplace.accounts import service as codes
from marketplace.accounts.models import Person
from marketplace.checkout import service
from marketplace.checkout.models import Cart
from marketplace.checkout.queries import Till
from marketplace.checkout.service import Details
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, new_code
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient
from marketplace.orders.models import Order

METHODS = ("cod", "counter")
"""How a caller may pay: no screen, no card."""
WRONG_CODE = _(
    "Mã chưa đúng, đã quá 10 phút, hoặc đơn đã đổi sau khi gửi mã. Hãy gửi mã mới rồi nhờ khách đọc lại."
)


def begin(helper: Person, name: str, phone: str, by: Actor) -> Cart:
    """The clerk begins a cart for a caller; one that the same clerk left open for the same telephone goes on."""
    if phone == helper.phone:
        raise Refusal(_("Đây là số của chính bạn. Hãy ghi số điện thoại của khách."), field="phone")
    known = next((cart for cart in open_calls(helper) if cart.for_phone == phone), None)
    if known is not None:
        known.for_name = name
        return known
    cart = Cart(
        token=new_code(length=32),
        helper_id=helper.id,
        for_name=name,
        for_phone=phone,
        touched_at=clock.now(),
        lines=[],
    )
    db.session.add(cart)
    db.session.flush()
    audit.record(by, "call.begun", cart, caller=name)
    return cart


def open_calls(helper: Person) -> Sequence[Cart]:
    """The callers this clerk has not finished with."""
    return list(db.session.scalars(select(Cart).where(Cart.helper_id == helper.id).order_by(Cart.id)))


def call_of(helper: Person, code: str) -> Cart:
    """One of them; anybody else's is not there."""
    found = db.session.scalar(select(Cart).where(Cart.helper_id == helper.id, Cart.code == code))
    if found is None:
        raise Missing(_("Cuộc gọi này đã xong hoặc không phải của bạn. Hãy bắt đầu lại."))
    return found


def drop(cart: Cart, by: Actor) -> None:
    """The caller does not want it after all."""
    audit.record(by, "call.dropped", cart)
    db.session.delete(cart)


def caller_of(cart: Cart) -> Person | None:
    """The caller's account, when the telephone is proved to be theirs: the order is then in it."""
    found = accounts.person_by_login(cart.for_phone or "")
    return found if found is not None and found.phone_verified_at is not None else None


def actor(helper: Person, cart: Cart) -> Actor:
    """The clerk, for the caller: both stand in the trail."""
    caller = caller_of(cart)
    return Actor.of(helper.id, for_id=caller.id if caller is not None else None)


def send_code(cart: Cart, till: Till, details: Details, helper: Person) -> None:
    """The caller gets what is ordered, what it costs and a code; reading the code out is their yes."""
    caller = caller_of(cart)
    notifications.send(
        Recipient(phone=cart.for_phone, language=caller.language if caller is not None else "vi"),
        "checkout/call_code",
        is_secret=True,
        digits=codes.new_code_for(cart.for_phone or "", _purpose(cart, details)),
        helper=helper.name,
        goods=", ".join(
            f"{line.quantity} × {line.product.name}" for part in till.parts for line in part.lines
        ),
        total=dong(till.total_dong),
        at_door="yes" if details.payment_method == "cod" else "",
    )


def place(cart: Cart, details: Details, helper: Person) -> Order:
    """The caller said yes (`is_yes`): the order is theirs, and both stand in the trail. The call is over."""
    by = actor(helper, cart)
    code = cart.code
    order = service.place_order(cart, details, by)
    audit.record(
        by, "order.placed_for_caller", order, helper=helper.name, caller=details.name, yes="code", call=code
    )
    db.session.delete(cart)
    return order


def is_yes(cart: Cart, details: Details, digits: str) -> bool:
    """Is it the code of exactly this order? A wrong try counts, and after five the code is void."""
    return codes.is_code_for(cart.for_phone or "", _purpose(cart, details), digits)


def _purpose(cart: Cart, details: Details) -> str:
    """What the code stands for: this cart, sent there, paid so, at this sum."""
    lines = sorted((line.variant_id, line.quantity) for line in cart.lines)
    what = (lines, details.commune_code, details.street, details.payment_method, details.expected_total_dong)
    return f"call {cart.code} {fingerprint(repr(what), 'call')[:12]}"
