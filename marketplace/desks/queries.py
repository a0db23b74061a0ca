"""What a person at a desk has to do now, gathered from the rooms below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import selectinload

from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Product, ProductState
from marketplace.claims import queries as claims
from marketplace.claims.models import Claim, ClaimState
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.words import Text, _
from marketplace.orders import queries as orders
from marketplace.orders.models import CALLED_OFF, FarmOrder, FarmOrderState
from marketplace.payments import queries as payments
from marketplace.payments.queries import Earning, FarmMoney
from marketplace.shipping import queries as shipping
from marketplace.shipping.models import CollectionPoint, Parcel, ParcelState

F = FarmOrderState

# -- the farmer's orders -------------------------------------------------------------------------------------------

VIEWS: Mapping[str, tuple[Text, frozenset[FarmOrderState]]] = {
    "new": (_("Chờ nhận"), frozenset({F.CONFIRMED})),
    "packing": (_("Cần gói"), frozenset({F.ACCEPTED})),
    "sent": (_("Đã gửi"), frozenset({F.HANDED_OVER, F.REFUSED_AT_DOOR, F.RETURNING})),
    "done": (_("Đã giao"), frozenset({F.DELIVERED})),
    "off": (_("Không thành"), CALLED_OFF | {F.RETURNED, F.LOST}),
}
"""The farmer's orders by what is to be done: key in the address → words, states."""


@dataclass(frozen=True)
class View:
    """One tab of the farmer's orders, with how many there are."""

    key: str
    words: Text
    states: frozenset[FarmOrderState]
    count: int


def views_of(farm: Farm) -> list[View]:
    counts = orders.counts_of(farm)
    return [
        View(key, words, states, sum(counts.get(state, 0) for state in states))
        for key, (words, states) in VIEWS.items()
    ]


# -- sending together ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Together:
    """How an order's parcels may leave together with the neighbours': how many other farms wait for the same postmen,
    the places they may be brought to with their next day, and the one that was chosen."""

    neighbour_count: int
    places: Sequence[tuple[CollectionPoint, date]]
    chosen: CollectionPoint | None
    chosen_on: date | None

    @property
    def is_off(self) -> bool:
        """Was the chosen day called off after it was chosen?"""
        return self.chosen is not None and self.chosen_on is not None and self.chosen.is_off(self.chosen_on)


def together_of(farm_order: FarmOrder, parcels: Sequence[Parcel]) -> Together | None:
    """None when nothing waits to be sent any more."""
    waiting = [one for one in parcels if one.state in (ParcelState.ASKED, ParcelState.BOOKED)]
    if not waiting:
        return None
    days = [
        (place, place.next_day(clock.now())) for place in shipping.collection_points_near(farm_order.farm)
    ]
    return Together(
        neighbour_count=shipping.neighbours(farm_order),
        places=[
            (place, day) for place, day in days if day is not None and shipping.is_in_time(farm_order, day)
        ],
        chosen=waiting[0].collection_point,
        chosen_on=waiting[0].collect_on,
    )


# -- the farmer's day ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToAnswer:
    farm_order: FarmOrder
    earning: Earning


@dataclass(frozen=True)
class ToSend:
    farm_order: FarmOrder
    parcels: Sequence[Parcel]


@dataclass(frozen=True)
class FarmDay:
    """A farmer's day, in the order to do things: answer, pack and send, look at what came back, fill the shelf."""

    to_call: Sequence[FarmOrder]
    to_answer: list[ToAnswer]
    to_send: list[ToSend]
    came_back: list[FarmOrder]
    sold_out: list[Product]
    claims: list[Claim]
    has_products: bool
    money: FarmMoney
    month_dong: int
    month_count: int
    last_month_count: int

    @property
    def task_count(self) -> int:
        return (
            len(self.to_call)
            + len(self.to_answer)
            + len(self.to_send)
            + len(self.came_back)
            + bool(self.sold_out)
            + len(self.claims)
        )


def farm_day(farm: Farm) -> FarmDay:
    """Everything /sell shows."""
    oldest_first = FarmOrder.id
    open_orders = list(
        db.session.scalars(
            orders.farm_orders_of(farm, {F.CONFIRMED, F.ACCEPTED, F.RETURNED})
            .order_by(None)
            .order_by(oldest_first)
        )
    )
    goods = catalog.of_farm(farm)
    on_sale = db.session.scalars(
        goods.where(Product.state == ProductState.ON_SALE).options(selectinload(Product.variants))
    )
    today = clock.today()
    first = today.replace(day=1)
    last_month_ends = first - timedelta(days=1)
    month_dong, month_count = orders.sold_between(farm, first, today)
    _before_dong, before_count = orders.sold_between(farm, last_month_ends.replace(day=1), last_month_ends)
    return FarmDay(
        to_call=orders.waiting_for_a_call(farm),
        to_answer=[
            ToAnswer(one, payments.earning_of(one)) for one in open_orders if one.state is F.CONFIRMED
        ],
        to_send=[ToSend(one, shipping.parcels_of(one)) for one in open_orders if one.state is F.ACCEPTED],
        came_back=[one for one in open_orders if one.state is F.RETURNED and one.restocked_at is None],
        sold_out=[product for product in on_sale if _is_sold_out(product)],
        claims=[
            one for one in claims.claims_of_farm(farm) if one.state is ClaimState.OPENED or one.is_return
        ],
        has_products=bool(catalog.count(goods)),
        money=payments.farm_money(farm, paid_limit=1),
        month_dong=month_dong,
        month_count=month_count,
        last_month_count=before_count,
    )


def _is_sold_out(product: Product) -> bool:
    packs = [variant for variant in product.variants if variant.removed_at is None]
    return (
        product.state is ProductState.ON_SALE
        and not product.is_service
        and bool(packs)
        and all(variant.available <= 0 for variant in packs)
    )
