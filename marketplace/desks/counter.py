"""A service point's day as its clerk sees it: what comes in, what goes on, what is handed out, whom to call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person, PostHeld
from marketplace.farmers.models import Farm
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db
from marketplace.foundation.phones import parse_phone
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries as shipping
from marketplace.shipping import s10
from marketplace.shipping.models import Parcel, ParcelState, ScanKind

P, K = ParcelState, ScanKind
MOST_ROWS = 50
"""A list shows so many; the rest is found by scanning."""


# -- where the clerk stands ---------------------------------------------------------------------------------------


def points_of(clerk: Person) -> list[ServicePoint]:
    """The service points this clerk works at, in order of name."""
    ids = [post.service_point_id for post in accounts.posts_of(clerk) if post.service_point_id is not None]
    if not ids:
        return []
    asked = select(ServicePoint).where(ServicePoint.id.in_(ids)).order_by(ServicePoint.name, ServicePoint.id)
    return list(db.session.scalars(asked))


def colleagues(point: ServicePoint, clerk: Person) -> list[Person]:
    """The others who work at a point."""
    asked = (
        select(Person)
        .join(PostHeld, PostHeld.person_id == Person.id)
        .where(PostHeld.service_point_id == point.id, Person.id != clerk.id)
        .order_by(Person.name)
    )
    return [one for one in db.session.scalars(asked) if one.is_active]


def point_for(points: Sequence[ServicePoint], parcel: Parcel, kind: ScanKind | None) -> ServicePoint:
    """At which of their points a clerk of several stands who did not say: where the parcel is or goes, or at a first
    scan where it was to be brought."""
    begins = kind in (K.PICKED_UP, K.DROPPED_OFF)
    ends = [parcel.last_point_id, parcel.destination_point_id, parcel.origin_point_id]
    for wanted in reversed(ends) if begins else ends:
        for point in points:
            if point.id == wanted:
                return point
    return points[0]


# -- the lists of the day -----------------------------------------------------------------------------------------


@dataclass
class Counter:
    """Today's work at a point, each list oldest first."""

    point: ServicePoint
    coming: list[Parcel] = field(default_factory=list)
    to_weigh: list[Parcel] = field(default_factory=list)
    to_send: list[Parcel] = field(default_factory=list)
    to_hand_out: list[Parcel] = field(default_factory=list)
    out: list[Parcel] = field(default_factory=list)
    failed: list[Parcel] = field(default_factory=list)
    going_back: list[Parcel] = field(default_factory=list)
    arriving_count: int = 0
    calls: list["Call"] = field(default_factory=list)
    cash_dong: int = 0
    cash_count: int = 0


def counter_of(point: ServicePoint) -> Counter:
    """The point's lists, in a fixed number of statements however long they are."""
    counter = Counter(point, calls=calls_to_make(point))
    counter.cash_dong, counter.cash_count = shipping.cod_taken_today(point.id)
    for parcel in shipping.point_parcels(point.id):
        _sort_in(counter, parcel, point.id)
    return counter


def _sort_in(counter: Counter, parcel: Parcel, here: int) -> None:
    state = parcel.state
    goes_here, came_from_here = parcel.destination_point_id == here, parcel.origin_point_id == here
    is_here = parcel.last_point_id == here
    # A carrier does not say at which of our counters it saw the parcel.
    if parcel.last_point_id is None:
        is_here = came_from_here if state in (P.PICKED_UP, P.DROPPED_OFF) else goes_here
    if state in (P.ASKED, P.BOOKED):
        if came_from_here:
            counter.coming.append(parcel)
    elif state in (P.PICKED_UP, P.DROPPED_OFF):
        if is_here:
            (counter.to_weigh if parcel.weighed_grams is None else counter.to_send).append(parcel)
    elif state is P.IN_TRANSIT:
        counter.arriving_count += goes_here
    elif state is P.AT_POINT:
        if is_here:
            (counter.to_hand_out if goes_here else counter.to_send).append(parcel)
    elif state is P.OUT_FOR_DELIVERY:
        if is_here or goes_here:
            counter.out.append(parcel)
    elif state in (P.FAILED, P.UNCLAIMED):
        if is_here or goes_here:
            counter.failed.append(parcel)
    elif state is P.RETURNING and (came_from_here or is_here):
        counter.going_back.append(parcel)


# -- what to do with one parcel -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deeds:
    """What a clerk may do with a parcel now: the usual next step (scanning again does it) and the others.

    `asks_who` when the next step is handing it out, which asks the recipient something first.
    """

    usual: ScanKind | None = None
    others: Sequence[ScanKind] = ()

    @property
    def asks_who(self) -> bool:
        return self.usual is K.DELIVERED

    def may(self, kind: ScanKind) -> bool:
        return kind is self.usual or kind in self.others


def deeds_for(parcel: Parcel, point: ServicePoint) -> Deeds:
    """The sensible next deeds with a parcel at this counter."""
    state, goes_here = parcel.state, parcel.destination_point_id == point.id
    is_here = point.id in (parcel.last_point_id, parcel.destination_point_id)
    if state in (P.ASKED, P.BOOKED):
        return Deeds(K.DROPPED_OFF, (K.PICKED_UP,))
    if state is P.PICKED_UP:
        return Deeds(K.DROPPED_OFF, (K.IN_TRANSIT, K.AT_POINT))
    if state is P.DROPPED_OFF:
        return Deeds(K.AT_POINT, (K.IN_TRANSIT,)) if goes_here else Deeds(K.IN_TRANSIT, (K.AT_POINT,))
    if state is P.RETURNING:
        here = parcel.origin_point_id == point.id
        return Deeds(K.RETURNED, (K.AT_POINT,)) if here else Deeds(K.AT_POINT, (K.IN_TRANSIT,))
    if state is P.IN_TRANSIT or (not is_here and state in shipping.OPEN):
        return Deeds(K.AT_POINT) if state is not P.AT_POINT else Deeds(K.IN_TRANSIT)
    if state is P.AT_POINT:
        if goes_here and parcel.is_for_pickup:
            return Deeds(K.DELIVERED, (K.RETURNING,))
        if goes_here:
            return Deeds(K.DELIVERED, (K.OUT_FOR_DELIVERY, K.FAILED, K.RETURNING))
        return Deeds(K.IN_TRANSIT, (K.DELIVERED, K.OUT_FOR_DELIVERY))
    if state is P.OUT_FOR_DELIVERY:
        return Deeds(K.DELIVERED, (K.FAILED, K.AT_POINT, K.RETURNING))
    if state is P.FAILED:
        return Deeds(K.OUT_FOR_DELIVERY, (K.DELIVERED, K.AT_POINT, K.RETURNING))
    if state is P.UNCLAIMED:
        return Deeds(K.RETURNING, (K.DELIVERED,))
    return Deeds()


# -- goods brought without a booking ------------------------------------------------------------------------------


def orders_to_drop_off(text: str) -> list[FarmOrder]:
    """Orders whose goods a farmer may be bringing, by the order's code or the farm's telephone."""
    code, phone = s10.tidy(text), parse_phone(text)
    asked = (
        select(FarmOrder)
        .join(Farm, Farm.id == FarmOrder.farm_id)
        .where(
            FarmOrder.state.in_((FarmOrderState.CONFIRMED, FarmOrderState.ACCEPTED)),
            or_(FarmOrder.code == code, Farm.phone == phone) if phone else FarmOrder.code == code,
        )
        .options(selectinload(FarmOrder.lines))
        .order_by(FarmOrder.id)
        .limit(MOST_ROWS)
    )
    return list(db.session.scalars(asked))


def order_by_code(code: str) -> FarmOrder | None:
    """A farm's order by the code on its slip."""
    return db.session.scalar(select(FarmOrder).where(FarmOrder.code == s10.tidy(code)))


# -- farms that do not answer -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A farm to be called about orders it has not answered, the most pressing first, and when somebody last did."""

    farm: Farm
    farm_orders: Sequence[FarmOrder]
    called_at: datetime | None

    @property
    def answer_by(self) -> datetime | None:
        return self.farm_orders[0].answer_by


def calls_to_make(point: ServicePoint) -> list[Call]:
    """Farms this point looks after that were reminded and still say nothing."""
    by_farm: dict[int, list[FarmOrder]] = {}
    for farm_order in orders.to_be_called(_communes_of(point)):
        by_farm.setdefault(farm_order.farm_id, []).append(farm_order)
    called = _last_calls([one.id for waiting in by_farm.values() for one in waiting])
    return [
        # An order that came in after the last call is one to call about.
        Call(
            waiting[0].farm,
            waiting,
            min(called[one.id] for one in waiting) if all(one.id in called for one in waiting) else None,
        )
        for waiting in by_farm.values()
    ]


def _last_calls(farm_order_ids: Sequence[int]) -> dict[int, datetime]:
    """When somebody last called about each of these orders; those nobody called about are not in it."""
    if not farm_order_ids:
        return {}
    asked = (
        select(AuditEntry.record_id, func.max(AuditEntry.at))
        .where(
            AuditEntry.record_type == FarmOrder.__tablename__,
            AuditEntry.record_id.in_(farm_order_ids),
            AuditEntry.verb == "farm_order.called",
        )
        .group_by(AuditEntry.record_id)
    )
    return {row[0]: row[1] for row in db.session.execute(asked)}


def _communes_of(point: ServicePoint) -> list[str]:
    """The communes this point looks after: those it collects in, and those without a point that are nearest to it."""
    own = set(point.picks_up_from) | {point.commune_code}
    asked = (
        select(Farm.commune_code)
        .join(FarmOrder, FarmOrder.farm_id == Farm.id)
        .where(
            FarmOrder.state == FarmOrderState.CONFIRMED,
            FarmOrder.reminded_count >= orders.POINT_CALLS_AFTER,
            Farm.commune_code.is_not(None),
            Farm.commune_code.not_in(own),
        )
        .distinct()
        .limit(MOST_ROWS)
    )
    for code in filter(None, db.session.scalars(asked)):
        nearest = places.service_point_for(code)
        if nearest is not None and nearest.id == point.id:
            own.add(code)
    return sorted(own)
