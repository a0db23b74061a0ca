"""A parcel to tell stories with: An's tea, from Tân Cương to Cầu Giấy, and the counters on its way."""

from typing import Any

from sqlalchemy import select

from marketplace.catalog.models import Product
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.notifications.models import Message
from marketplace.orders import service as orders
from marketplace.orders.details import PartDetails
from marketplace.orders.models import FarmOrder, Order
from marketplace.payments import service as payments
from marketplace.places import queries as places
from marketplace.places import service as places_service
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries, quotes, service
from marketplace.shipping.models import Parcel, ParcelState, Scan, ScanKind
from tests import cast, make

TAN_CUONG, CAU_GIAY, NAM_CAN = "05503", "00166", "32191"
CARRIER = Actor("carrier")


def rules() -> None:
    """The dated tables an order and its freight go by."""
    make.rules()
    with transaction():
        service.load_rules(SYSTEM)
        service.load_tables(SYSTEM)


def point(commune_code: str = TAN_CUONG, name: str | None = None) -> ServicePoint:
    """The counter of the post in a commune."""
    found = places.service_points(commune=commune_code)
    if found and name in (None, found[0].name):
        return found[0]
    commune = places.commune(commune_code)
    assert commune is not None
    with transaction():
        return places_service.open_point(
            name=name or f"Bưu cục {commune.name}",
            commune_code=commune_code,
            street="Trung tâm xã",
            by=SYSTEM,
        )


def order(
    *goods: tuple[Product, int], commune_code: str = CAU_GIAY, is_paid: bool = False, **details: Any
) -> Order:
    """An order with the freight the tariff asks, confirmed; a transfer waits for its money unless it is paid."""
    rules()
    details.setdefault("phone", "+84987654321")
    payment_method = details.setdefault("payment_method", "cod")
    commune = places.commune(commune_code)
    assert commune is not None
    off = details.pop("market_discount_dong", 0)
    goods = goods or ((make.product(), 1),)
    parts = make.part_details(goods, is_cod=payment_method == "cod", market_discount_dong=off)
    where = {"commune_code": commune_code, "province_code": commune.province_code}
    with transaction():
        parts = [_quoted(part, commune_code, payment_method == "cod") for part in parts]
        made = orders.place(make.place_details(**details, **where), parts, SYSTEM)
        payments.open(made, SYSTEM)
    if is_paid:
        make.pay(made)
    return made


def _quoted(part: PartDetails, commune_code: str, is_cod: bool) -> PartDetails:
    from marketplace.catalog.models import Variant

    lines = [(db.session.get_one(Variant, line.variant_id), line.quantity) for line in part.lines]
    best = quotes.quote_farm(lines[0][0].product.farm, lines, commune_code, is_cod).services[0]
    return PartDetails(
        farm_id=part.farm_id,
        lines=part.lines,
        service_code=best.code,
        service_name=best.name,
        shipping_dong=best.fee_dong,
        cod_fee_dong=(best.cod_fee_dong or 0) if is_cod else 0,
        promised_from=best.arrives_from,
        promised_to=best.arrives_to,
        quote=best.facts(),
    )


def accept(made: Order) -> FarmOrder:
    """Its first farm says yes; the parcels are booked with it."""
    with transaction():
        farm_order = made.farm_orders[0]
        orders.accept(farm_order, make.actor_of(farm_order.farm))
    return farm_order


class Story:
    """One order's parcels, accepted and booked; the counters at both ends and one that has nothing to do with it."""

    def __init__(self, *goods: tuple[Product, int], **details: Any) -> None:
        self.here, self.there, self.elsewhere = point(), point(CAU_GIAY), point(NAM_CAN)
        self.order = order(*goods, **details)
        self.farm_order = accept(self.order)
        self.parcels: list[Parcel] = list(queries.parcels_of(self.farm_order))
        self.parcel = self.parcels[0]
        self.person = cast.clerk(self.here)
        self.clerk = cast.by(self.person)

    def scan(
        self,
        kind: str,
        point: ServicePoint | None = None,
        by: Actor | None = None,
        parcel: Parcel | None = None,
        **more: Any,
    ) -> Scan:
        with transaction():
            return service.record_scan(
                (parcel or self.parcel).tracking, ScanKind(kind), by or self.clerk, point, **more
            )

    def machine(self, kind: str, **more: Any) -> Scan:
        return self.scan(kind, by=CARRIER, **more)

    @property
    def states(self) -> tuple[ParcelState, Any]:
        """The parcel's state and its order's, as they are in the database."""
        db.session.expire_all()
        return self.parcel.state, self.farm_order.state

    def said(self) -> list[str]:
        """The templates of what the buyer was told about the way."""
        asked = select(Message.template).where(Message.template.startswith("shipping/")).order_by(Message.id)
        return list(db.session.scalars(asked))
