"""What can be done at the till, in the order of life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.events import SignedIn
from marketplace.campaigns import queries as campaigns_seen
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.queries import VoucherRefused
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import MOST_AT_ONCE, Variant
from marketplace.checkout import queries, quotes, shown
from marketplace.checkout.models import Cart, CartLine, Placing
from marketplace.checkout.queries import Till, TillPart
from marketplace.checkout.shown import Shown
from marketplace.foundation import clock, faults
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import apart, claim, db, is_claimed, new_code, write
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import queries as order_queries
from marketplace.orders import service as orders
from marketplace.orders.details import LineDetails, PartDetails, PlaceDetails
from marketplace.orders.models import IfShort, Order
from marketplace.payments import service as payments
from marketplace.places.models import ServicePoint
from marketplace.shipping.at_counter import at_counter

MOST_LINES = 50
ASKS_OUTSIDE = frozenset({"card"})
"""Ways of paying that speak with somebody outside once the order is written."""
GUEST_CARTS_KEPT = timedelta(days=60)
TOUCHED_AGAIN = timedelta(hours=1)
"""That a cart was touched is written down no more often than this."""


@dataclass(frozen=True)
class Details:
    """What the buyer filled in at the till. `services` is farm code → service code; `expected_total_dong` is the sum
    the page showed and `shown` what it showed of each farm's part (by the farm's code), `once` the token that makes the
    same form count once, `round` the cart's round it was shown for; `is_word_given`: a person of the market spoke with
    the buyer, so nobody asks for a code; `helper_id`: a clerk orders for whom the deed is done (`by.for_id`, or a
    guest); `is_of_age`: who buys said that they are eighteen, or a person of the market saw it."""

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
    voucher: str = ""
    if_short: IfShort = IfShort.CALL
    round: int | None = None
    is_word_given: bool = False
    helper_id: int | None = None
    pickup_point_id: int | None = None
    is_of_age: bool = True
    shown: Mapping[str, Shown] = field(default_factory=dict)


lines: Any = CartLine.__table__
_EMPTYING = delete(lines).where(lines.c.cart_id == bindparam("cart"))
"""Past the session, which need not look for lines it holds: the cart's are read anew."""


class StaleQuotes(Conflict):
    """A quote the order needs no longer holds: ask the carrier (`stale_quotes`, `keep_quotes`) and place again."""


# -- the cart -----------------------------------------------------------------------------------------------------


def open_cart(person_id: int | None, token: str | None) -> Cart:
    """The cart of a person or of a guest's browser, made when there is none; locked, so that two presses of one button
    follow one another."""
    cart = queries.claim_cart(person_id, token)
    if cart is None:
        cart = Cart(
            person_id=person_id,
            token=None if person_id is not None else (token or new_code(length=32)),
            touched_at=clock.now(),
            lines=[],
        )
        if (
            person_id is None and token is None
        ):  # a name nobody else can have: it is written with what comes into it
            db.session.add(cart)
            return cart
        try:
            with apart():
                db.session.add(cart)
            return cart  # nobody else has seen it yet
        except IntegrityError:  # the other press was first
            cart = queries.claim_cart(person_id, token)
            if cart is None:
                raise
    return cart


def add(cart: Cart, variant_code: str, quantity: int, is_of_age: bool = True) -> CartLine:
    """Put so many more of a pack into the cart. Refuses what is not on sale, more than there is, and goods with alcohol
    for who has not said that they are eighteen (`is_of_age`)."""
    with db.session.no_autoflush:  # a cart begun for this line is written together with it
        variant = catalog.variant_on_sale(variant_code)
    if variant.product.is_for_adults and not is_of_age:
        raise Refusal(
            _(
                "“%(name)s” có cồn, chỉ bán cho người từ 18 tuổi. Hãy mở trang món này và cho biết bạn đã đủ tuổi.",
                name=variant.product.name,
            )
        )
    line = next((line for line in cart.lines if line.variant_id == variant.id), None)
    wanted = quantity + (line.quantity if line else 0)
    _judge(variant, wanted)
    if line is None:
        if len(cart.lines) >= MOST_LINES:
            raise Refusal(_("Giỏ hàng đã có %(most)s món. Hãy đặt bớt rồi chọn tiếp.", most=MOST_LINES))
        line = CartLine(cart=cart, variant=variant, quantity=wanted, seen_price_dong=variant.price_dong)
        db.session.add(line)
    else:
        line.quantity, line.seen_price_dong = wanted, variant.price_dong
    if cart.touched_at < clock.now() - TOUCHED_AGAIN:
        cart.touched_at = clock.now()
    return line


def set_quantity(cart: Cart, variant_code: str, quantity: int, is_of_age: bool = True) -> None:
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
        add(cart, variant_code, quantity, is_of_age)
        return
    _judge(line.variant, quantity)
    line.quantity, line.seen_price_dong = quantity, line.variant.price_dong


def _judge(variant: Variant, quantity: int) -> None:
    if quantity > MOST_AT_ONCE:
        raise Refusal(_("Mỗi món tối đa %(most)s.", most=MOST_AT_ONCE), field="quantity")
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
    """Guests' carts nobody touched for sixty days are cleared away, and quotes of no use any more."""
    quotes.forget_old()
    old = select(Cart.id).where(Cart.person_id.is_(None), Cart.touched_at < clock.now() - GUEST_CARTS_KEPT)
    db.session.execute(delete(CartLine).where(CartLine.cart_id.in_(old)))
    db.session.execute(
        delete(Cart).where(Cart.person_id.is_(None), Cart.touched_at < clock.now() - GUEST_CARTS_KEPT)
    )


# -- the till -----------------------------------------------------------------------------------------------------


def prepare(
    cart: Cart | None,
    commune_code: str | None,
    is_cod: bool,
    chosen: Mapping[str, str] | None = None,
    voucher: str = "",
    people: Sequence[str] = (),
    pickup: ServicePoint | None = None,
) -> Till:
    """The till for a destination: every farm's lines, how they can be sent, the service chosen (the cheapest unless
    told), what a voucher takes off; `pickup` is the counter the buyer comes to. A carrier is asked where no quote is
    kept; nothing is written (`keep_quotes`)."""
    till = Till(queries.lines_now(cart), is_cod)
    if cart is None:
        return till
    if commune_code is not None:
        _ask(till, cart, commune_code)
        for part in till.parts:
            _choose(part, chosen or {}, pickup)
    try:
        _use_voucher(till, voucher, people)
    except VoucherRefused as refused:
        till.voucher_problem = refused.sentence
    return till


def stale_quotes(cart: Cart | None, commune_code: str | None, is_cod: bool) -> Till | None:
    """The till with carriers asked anew, when a quote that is needed is stale; None when all still hold."""
    if cart is None or commune_code is None:
        return None
    till = Till(queries.lines_now(cart), is_cod)
    _ask(till, cart, commune_code)
    return till if till.new_quotes else None


def _ask(till: Till, cart: Cart, commune_code: str) -> None:
    """Every farm's quotes: those kept that still hold, and the carrier's word for the others, all asked in one go."""
    kept, parts = quotes.known(cart, till.is_cod), [part for part in till.parts if part.buyable]
    for part in parts:
        part.asked = quotes.asked(kept.get(part.farm.id), part.farm, part.buyable, commune_code, till.is_cod)
    stale = [part for part in parts if part.asked is None]
    said = quotes.ask([(part.farm, part.buyable) for part in stale], commune_code, till.is_cod)
    for part, one in zip(stale, said, strict=True):
        part.asked = one


def keep_quotes(cart_code: str, till: Till) -> None:
    """Write down what carriers were just asked about a cart, for the order to be written by."""
    quotes.keep(cart_code, till.new_quotes)


def _choose(part: TillPart, chosen: Mapping[str, str], pickup: ServicePoint | None) -> None:
    if part.asked is None:
        return
    part.quotes = part.asked.quotes
    if pickup is not None:
        part.quotes = at_counter(part.quotes, pickup, part.buyable)
    wanted = chosen.get(part.farm.code)
    found = part.quotes.service(wanted) if wanted else None
    part.chosen = found or (part.quotes.services[0] if part.quotes.services else None)


def _use_voucher(till: Till, typed: str, people: Sequence[str]) -> None:
    if not typed.strip() or not till.parts:
        return
    till.applied = campaigns_seen.apply(typed, [part.for_voucher for part in till.parts], people)
    for part, share in zip(till.parts, till.applied.shares, strict=True):
        part.share = share


def place_order(cart: Cart, details: Details, by: Actor) -> Order:
    """Place the order: all of it happens, or nothing does.

    The same `once` sent again finds the same order, and so does another window of the same round of the cart. Nobody
    outside is asked: quotes are those kept (`keep_quotes`). Raises Conflict when stock, price, voucher or freight
    changed since the page was shown, Refusal when something is missing.
    """
    # The cart first: who presses twice at once waits here, and then finds what the first press placed.
    if not is_claimed(cart):
        claim(Cart, [cart.id])
    known = order_queries.order_of_once(details.once)
    if (placed := _placed_already(cart, details, known)) is not None:
        return placed
    faults.point("checkout.begun")
    till = _till_as_kept(cart, details, by)
    _everything_as_shown(till, details)
    asks_until = None if details.is_word_given else _word_until(till, details, by)
    confirm_by = None if details.helper_id is not None else asks_until
    order = orders.place(
        _buyer(till, details, by, confirm_by, is_once_new=known is None),
        [_frozen(part, till) for part in till.parts],
        by,
    )
    faults.point("checkout.order_written")
    payments.open(order, by)
    faults.point("checkout.money_asked")
    if till.applied is not None:
        campaigns.use(till.applied, order, _people(cart, details, by), by)
        faults.point("checkout.voucher_used")
    write(
        Placing,
        cart_code=cart.code,
        round=cart.round,
        order_id=order.id,
        finished_at=None if details.payment_method in ASKS_OUTSIDE else clock.now(),
    )
    cart.round += 1
    cart.touched_at = clock.now()
    db.session.flush()
    db.session.connection().execute(_EMPTYING, {"cart": cart.id})
    db.session.expire(cart, ["lines"])
    faults.point("checkout.before_commit")
    return order


def _placed_already(cart: Cart, details: Details, known: Order | None) -> Order | None:
    """The order this form (`known`), or this round of the cart, became; only for whoever gave that telephone."""
    placed = known
    if placed is None and details.round is not None and details.round < cart.round:
        placing = queries.placing_of(cart.code, details.round)
        placed = db.session.get_one(Order, placing.order_id) if placing is not None else None
    return placed if placed is not None and placed.phone == details.phone else None


def _till_as_kept(cart: Cart, details: Details, by: Actor) -> Till:
    """The till by what is kept: prices, stock, the voucher and quotes as they are now, under the cart's lock."""
    is_cod = details.payment_method == "cod"
    till = Till(queries.lines_now(cart), is_cod)
    kept = quotes.known(cart, is_cod)
    pickup = db.session.get(ServicePoint, details.pickup_point_id) if details.pickup_point_id else None
    for part in till.parts:
        if not part.buyable:
            continue
        row = kept.get(part.farm.id)
        part.asked = quotes.asked(row, part.farm, part.buyable, details.commune_code, is_cod)
        if part.asked is None:
            raise StaleQuotes(
                _("Cước gửi hàng của %(farm)s vừa thay đổi. Hãy xem lại tổng mới.", farm=part.farm.name)
            )
        _choose(part, details.services, pickup)
    try:
        _use_voucher(till, details.voucher, _people(cart, details, by))
    except VoucherRefused as refused:
        raise Conflict(refused.sentence, field="voucher") from refused
    return till


def _word_until(till: Till, details: Details, by: Actor) -> datetime | None:
    """Until when somebody new who pays at the door must give their word; None: nobody asks."""
    if not till.is_cod:
        return None
    is_needed, hours = orders.word_until(_buyer_id(details, by), details.phone, till.total_dong)
    return clock.now() + timedelta(hours=hours) if is_needed else None


def _people(cart: Cart, details: Details, by: Actor) -> list[str]:
    return campaigns_seen.people_of(_buyer_id(details, by), details.phone, queries.browser_of(cart))


def _buyer_id(details: Details, by: Actor) -> int | None:
    return by.for_id if details.helper_id is not None else by.person_id


def finish(placing: Placing, by: Actor) -> None:
    """What is left after an order was written: nothing may be left half-way. Safe to run again, at any time."""
    (placing,) = claim(Placing, [placing.id])
    if placing.finished_at is None:
        payments.open(db.session.get_one(Order, placing.order_id), by)
        placing.finished_at = clock.now()


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
    if till.has_alcohol and not details.is_of_age:
        raise Refusal(
            _("Đơn có món chứa cồn: hãy đánh dấu rằng bạn đã đủ 18 tuổi rồi đặt lại."), field="of_age"
        )
    if details.payment_method == "cod" and not till.may_pay_at_door:
        raise Refusal(
            _("Đơn này vượt mức thu hộ của bưu điện. Hãy chọn chuyển khoản."), field="payment_method"
        )
    _nothing_changed(till, details)


def _nothing_changed(till: Till, details: Details) -> None:
    """Prices, freight and days are those the buyer saw; else Conflict says what is otherwise now."""
    changed = [
        change
        for part in till.parts
        if part.chosen is not None and (was := details.shown.get(part.farm.code)) is not None
        for change in shown.changes(was, part.farm.name, part.goods_dong, part.chosen)
    ]
    if details.expected_total_dong != till.total_dong:
        changed.append(
            _(
                "Tổng tiền đã thay đổi theo giá và cách giao bây giờ. Hãy xem lại tổng mới rồi bấm Đặt hàng lần nữa."
            )
        )
    elif changed:
        changed.append(_("Hãy xem lại rồi bấm Đặt hàng lần nữa."))
    if changed:
        raise Conflict(" ".join(map(str, changed)))


def _buyer(
    till: Till, details: Details, by: Actor, confirm_by: datetime | None, is_once_new: bool
) -> PlaceDetails:
    voucher = till.applied.voucher if till.applied else None
    return PlaceDetails(
        once=details.once,
        is_once_new=is_once_new,
        buyer_id=_buyer_id(details, by),
        helper_id=details.helper_id,
        pickup_point_id=details.pickup_point_id,
        name=details.name,
        phone=details.phone,
        province_code=details.province_code,
        commune_code=details.commune_code,
        street=details.street,
        payment_method=details.payment_method,
        note=details.note,
        language=details.language,
        if_short=details.if_short,
        voucher_code=voucher.word if voucher else None,
        voucher_least_dong=voucher.least_dong if voucher else 0,
        confirm_by=confirm_by,
    )


def _frozen(part: TillPart, till: Till) -> PartDetails:
    """One farm's part with its quote as it is now: what the buyer pays whatever the carrier says later. The voucher's
    share lies with who bears it."""
    service = part.chosen
    assert service is not None
    share = part.share
    by_farm = till.applied is not None and till.applied.voucher.farm_id is not None
    off = list(share.line_dong) if share else [0] * len(part.lines)
    off_freight = share.freight_dong if share else 0
    return PartDetails(
        farm_id=part.farm.id,
        lines=[
            LineDetails(
                line.variant.id,
                line.quantity,
                line.variant.price_dong,
                farm_discount_dong=less if by_farm else 0,
                market_discount_dong=0 if by_farm else less,
            )
            for line, less in zip(part.lines, off, strict=True)
        ],
        service_code=service.code,
        service_name=service.name,
        shipping_dong=service.fee_dong,
        cod_fee_dong=(service.cod_fee_dong or 0) if till.is_cod else 0,
        promised_from=service.arrives_from,
        promised_to=service.arrives_to,
        quote=service.facts(),
        farm_freight_discount_dong=off_freight if by_farm else 0,
        market_freight_discount_dong=0 if by_farm else off_freight,
    )
