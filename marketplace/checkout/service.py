"""What can be done at the till, in the order of life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.events import SignedIn
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Variant
from marketplace.checkout import queries
from marketplace.checkout.models import Cart, CartLine
from marketplace.checkout.queries import Till, TillPart
from marketplace.foundation import clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db, new_code
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import queries as order_queries
from marketplace.orders import service as orders
from marketplace.orders.models import Order
from marketplace.orders.service import LineDetails, PartDetails, PlaceDetails
from marketplace.payments import service as payments
from marketplace.shipping import quotes as shipping_quotes
from marketplace.shipping.port import Quotes, Service

MOST_LINES = 50
MOST_OF_ONE = 999
GUEST_CARTS_KEPT = timedelta(days=60)


@dataclass(frozen=True)
class Details:
    """What the buyer filled in at the till. `services` is farm code → service code; `expected_total_dong` is the sum
    the page showed, `once` the token that makes the same form count once."""

    name: str
    phone: str
    province_code: str
    commune_code: str
    street: str
    note: str
    payment_method: str
    services: Mapping[str, str]
    expected_total_dong: int | None
    once: str
    language: str = "vi"


# -- the cart -----------------------------------------------------------------------------------------------------


def open_cart(person_id: int | None, token: str | None) -> Cart:
    """The cart of a person or of a guest's browser, made when there is none; locked, so that two presses of one button
    follow one another."""
    cart = queries.find_cart(person_id, token)
    if cart is None:
        cart = Cart(
            person_id=person_id,
            token=None if person_id is not None else (token or new_code(length=32)),
            touched_at=clock.now(),
        )
        try:
            with db.session.begin_nested():
                db.session.add(cart)
        except IntegrityError:  # the other press was first
            cart = queries.find_cart(person_id, token)
            if cart is None:
                raise
    claim(Cart, [cart.id])
    return cart


def add(cart: Cart, variant_code: str, quantity: int) -> CartLine:
    """Put so many more of a pack into the cart. Refuses what is not on sale, and more than there is."""
    variant = catalog.variant_on_sale(variant_code)
    line = db.session.scalars(
        select(CartLine).where(CartLine.cart_id == cart.id, CartLine.variant_id == variant.id)
    ).one_or_none()
    wanted = quantity + (line.quantity if line else 0)
    _judge(variant, wanted)
    if line is None:
        if len(cart.lines) >= MOST_LINES:
            raise Refusal(_("Giỏ hàng đã có %(most)s món. Hãy đặt bớt rồi chọn tiếp.", most=MOST_LINES))
        line = CartLine(cart=cart, variant=variant, quantity=wanted, seen_price_dong=variant.price_dong)
        db.session.add(line)
    else:
        line.quantity, line.seen_price_dong = wanted, variant.price_dong
    cart.touched_at = clock.now()
    return line


def set_quantity(cart: Cart, variant_code: str, quantity: int) -> None:
    """So many of a pack; none takes it out. What is not in the cart is put in only if it may be bought."""
    line = db.session.scalars(
        select(CartLine).join(Variant).where(CartLine.cart_id == cart.id, Variant.code == variant_code)
    ).one_or_none()
    cart.touched_at = clock.now()
    if quantity == 0:
        if line is not None:
            cart.lines.remove(line)
        return
    if line is None:
        add(cart, variant_code, quantity)
        return
    _judge(line.variant, quantity)
    line.quantity, line.seen_price_dong = quantity, line.variant.price_dong


def _judge(variant: Variant, quantity: int) -> None:
    if quantity > MOST_OF_ONE:
        raise Refusal(_("Mỗi món tối đa %(most)s.", most=MOST_OF_ONE), field="quantity")
    if problem := queries.problem_with(variant, quantity):
        raise Refusal(problem, field="quantity")


def when_signed_in(event: SignedIn) -> None:
    """Pour the guest's cart of this browser into the person's own; what is in both keeps the larger number."""
    guest = queries.find_cart(None, event.visit)
    if guest is None:
        return
    own = open_cart(event.person_id, None)
    there = {line.variant_id: line for line in own.lines}
    for line in list(guest.lines):
        if (same := there.get(line.variant_id)) is not None:
            same.quantity = max(same.quantity, line.quantity)
        else:
            own.lines.append(
                CartLine(
                    variant_id=line.variant_id, quantity=line.quantity, seen_price_dong=line.seen_price_dong
                )
            )
    db.session.delete(guest)


def forget_old_carts() -> None:
    """Guests' carts nobody touched for sixty days are cleared away."""
    old = select(Cart.id).where(Cart.person_id.is_(None), Cart.touched_at < clock.now() - GUEST_CARTS_KEPT)
    db.session.execute(delete(CartLine).where(CartLine.cart_id.in_(old)))
    db.session.execute(
        delete(Cart).where(Cart.person_id.is_(None), Cart.touched_at < clock.now() - GUEST_CARTS_KEPT)
    )


# -- the till -----------------------------------------------------------------------------------------------------


def prepare(
    cart: Cart | None, commune_code: str | None, is_cod: bool, chosen: Mapping[str, str] | None = None
) -> Till:
    """The till for a destination: every farm's lines, how they can be sent, the service chosen (the cheapest unless
    told). Nothing is written."""
    till = Till(queries.lines_now(cart), is_cod)
    asked = [part for part in till.parts if part.buyable] if commune_code is not None else []
    if commune_code is None or not asked:
        return till
    parts = [(part.farm, part.buyable) for part in asked]
    for part, quotes in zip(asked, shipping_quotes.quote_cart(parts, commune_code, is_cod), strict=True):
        part.quotes = quotes
        part.chosen = _chosen(part, (chosen or {}).get(part.farm.code))
    return till


def _chosen(part: TillPart, code: str | None) -> Service | None:
    quotes: Quotes = part.quotes
    wanted = quotes.service(code) if code else None
    return wanted or (quotes.services[0] if quotes.services else None)


def place_order(cart: Cart, details: Details, by: Actor) -> Order:
    """Place the order: all of it happens, or nothing does.

    The same `once` sent again finds the same order. Raises Conflict when stock, price or freight changed since the
    page was shown, Refusal when something is missing.
    """
    # The cart first: who presses twice at once waits here, and then finds what the first press placed.
    claim(Cart, [cart.id])
    if (placed := order_queries.order_of_once(details.once)) is not None and placed.phone == details.phone:
        return placed
    till = prepare(cart, details.commune_code, details.payment_method == "cod", details.services)
    _everything_as_shown(till, details)
    order = orders.place(_buyer(details, by), [_frozen(part, till.is_cod) for part in till.parts], by)
    payments.open(order, by)
    cart.lines.clear()
    cart.touched_at = clock.now()
    return order


def _everything_as_shown(till: Till, details: Details) -> None:
    if not till.parts:
        raise Conflict(_("Giỏ hàng đang trống. Có thể đơn này đã được đặt ở một trang khác."))
    if till.problems:
        raise Conflict(till.problems[0])
    for part in till.parts:
        asked = details.services.get(part.farm.code)
        if part.chosen is None:
            raise Conflict(_("Hàng của %(farm)s chưa gửi được tới địa chỉ này.", farm=part.farm.name))
        if asked and part.chosen.code != asked:
            raise Conflict(
                _(
                    "Cách giao đã chọn cho %(farm)s không còn nhận. Hãy xem lại cách giao.",
                    farm=part.farm.name,
                )
            )
    if details.payment_method == "cod" and not till.may_pay_at_door:
        raise Refusal(
            _("Đơn này vượt mức thu hộ của bưu điện. Hãy chọn chuyển khoản."), field="payment_method"
        )
    if details.expected_total_dong != till.total_dong:
        raise Conflict(
            _(
                "Tổng tiền đã thay đổi theo giá và cách giao bây giờ. Hãy xem lại tổng mới rồi bấm Đặt hàng lần nữa."
            )
        )


def _buyer(details: Details, by: Actor) -> PlaceDetails:
    return PlaceDetails(
        once=details.once,
        buyer_id=by.person_id,
        name=details.name,
        phone=details.phone,
        province_code=details.province_code,
        commune_code=details.commune_code,
        street=details.street,
        payment_method=details.payment_method,
        note=details.note,
        language=details.language,
    )


def _frozen(part: TillPart, is_cod: bool) -> PartDetails:
    """One farm's part with its quote as it is now: what the buyer pays whatever the carrier says later."""
    service = part.chosen
    assert service is not None
    return PartDetails(
        farm_id=part.farm.id,
        lines=[LineDetails(line.variant.id, line.quantity, line.variant.price_dong) for line in part.lines],
        service_code=service.code,
        service_name=service.name,
        shipping_dong=service.fee_dong,
        cod_fee_dong=(service.cod_fee_dong or 0) if is_cod else 0,
        promised_from=service.arrives_from,
        promised_to=service.arrives_to,
        quote=service.facts(),
    )
