"""Neighbours that send together in the demo market: two tea farms of one commune on one closed trip, and the places
where parcels are brought together. Built by calling services; asked for twice it adds nothing."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmKind
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.orders import queries as orders_seen
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, Order
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries, service
from marketplace.shipping.models import CollectionPoint, ScanKind

TAN_CUONG = "05503"
GOODS, NEXT_DOOR = ("DEMO-007", "DEMO-008"), "05830"
"""Of two farms of one commune; the postman of Tân Cương comes by."""
HALL, GATE = "Nhà văn hóa xóm Hồng Thái 2", "Sân hợp tác xã"


def neighbours(people: Mapping[str, Person], order: Callable[..., Order]) -> None:
    """Places to bring parcels to, and a trip that was shared; `order` places one of the demo's orders."""
    if db.session.scalar(select(CollectionPoint.id).limit(1)) is not None:
        return
    shared = [part for number in (0, 1) for part in _accepted(order, number)]
    point = places.service_point_for(TAN_CUONG)
    assert point is not None, "the demo has a counter in Tân Cương"
    clerk = Actor.of(people["0900000005"].id)
    with transaction():
        _open(HALL, 1, point, None)
        _open(GATE, 4, point, _cooperative())
        for part in shared:
            for parcel in queries.parcels_of(part):
                service.record_scan(
                    parcel.tracking, ScanKind.PICKED_UP, clerk, point, weight_grams=parcel.weight_grams
                )
        runs = {parcel.run for part in shared for parcel in queries.parcels_of(part) if parcel.run}
        for run in sorted(runs, key=lambda one: one.id):
            service.close_run(run, clerk)


def _accepted(order: Callable[..., Order], number: int) -> list[FarmOrder]:
    """The part of an order that a farm of that commune sends, accepted."""
    once = f"demo-together-{number}"
    with transaction():
        made = orders_seen.order_of_once(once) or order(once, number, "cod", wanted=(GOODS[number],))
        parts = [part for part in made.farm_orders if part.farm.commune_code == NEXT_DOOR]
        for part in parts:
            orders.accept(part, Actor.of(farmers.owner_of(part.farm).id))
    return parts


def _cooperative() -> Farm | None:
    """An association of Tân Cương that opens a place itself."""
    return db.session.scalars(
        select(Farm)
        .where(Farm.commune_code == TAN_CUONG, Farm.kind == FarmKind.COOPERATIVE)
        .order_by(Farm.id)
        .limit(1)
    ).first()


def _open(name: str, weekday: int, point: ServicePoint, farm: Farm | None) -> None:
    service.open_collection_point(
        name=name,
        commune_code=TAN_CUONG,
        street="Xóm Hồng Thái 2",
        weekday=weekday,
        opens="07:00",
        closes="09:00",
        service_point=point,
        farm=farm,
        by=SYSTEM,
    )
