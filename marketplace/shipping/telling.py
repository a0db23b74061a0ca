"""What the buyer is told of a parcel on its way: where it waits, who brings it, what went wrong."""

from collections.abc import Sequence
from typing import Any

from marketplace.foundation import clock
from marketplace.foundation.money import dong
from marketplace.notifications import service as notifications
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder
from marketplace.shipping import fees, queries, spoiling, way
from marketplace.shipping.models import Parcel, ParcelState, Scan, ScanKind

K, P = ScanKind, ParcelState


def was_told(scan: Scan) -> bool:
    """Was the buyer told of this scan?"""
    return (scan.kind is K.AT_POINT and scan.service_point_id == scan.parcel.destination_point_id) or (
        scan.kind in (K.OUT_FOR_DELIVERY, K.FAILED, K.RETURNING)
    )


def of_scan(scan: Scan, farm_order: FarmOrder) -> None:
    """The buyer hears when the parcel waits for them, when the postman sets out with it, when it could not be handed
    out, and when it goes back."""
    parcel = scan.parcel
    if parcel.state is P.RETURNING:
        buyer(farm_order, "shipping/returning", parcel)
    elif not was_told(scan):
        return
    elif scan.kind is K.AT_POINT and parcel.is_for_pickup:
        of_pickup(farm_order, parcel, "shipping/pickup_ready")
    elif scan.kind is K.AT_POINT:
        buyer(farm_order, "shipping/at_point", parcel)
    elif scan.kind is K.OUT_FOR_DELIVERY:
        buyer(farm_order, "shipping/out_for_delivery", parcel)
    else:
        buyer(farm_order, "shipping/failed", parcel, why=scan.note, left=way.MAX_FAILED - parcel.failed_count)


def of_missing(farm_order: FarmOrder, missing: Sequence[Parcel]) -> None:
    """Some of its parcels never came, and nobody knows what lay in them: the buyer is shown where to claim it."""
    numbers = ", ".join(one.number_in_groups for one in missing)
    buyer(farm_order, "shipping/part_lost", missing[0], numbers=numbers)


def of_pickup(farm_order: FarmOrder, parcel: Parcel, template: str) -> None:
    until = queries.kept_until(parcel)
    buyer(
        farm_order,
        template,
        parcel,
        pickup_code=queries.pickup_code(parcel),
        until=until.strftime("%d/%m") if until is not None else "",
    )


def buyer(farm_order: FarmOrder, template: str, parcel: Parcel, **facts: Any) -> None:
    order, point = farm_order.order, parcel.destination_point
    notifications.send(
        orders.buyer_recipient(order),
        template,
        path=order.path,
        code=order.code,
        farm=farm_order.farm.name,
        number=parcel.number_in_groups,
        cod=dong(parcel.cod_dong) if parcel.cod_dong else "",
        point=point.name if point else "",
        point_address=queries.address_of_point(point) if point else "",
        is_fresh=spoiling.is_perishable(parcel),
        days=fees.keeps_at_point_days(clock.today()),
        **facts,
    )
