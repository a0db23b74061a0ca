"""Goods leave the farm, by the word of who packed them."""

from marketplace.foundation.audit import Actor
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.shipping import queries, service
from marketplace.shipping.models import ParcelState, ScanKind


def give_to_postman(farm_order: FarmOrder, by: Actor, note: str) -> None:
    """Whoever packed says the postman took it: the same scan the postman would make."""
    for parcel in queries.parcels_of(farm_order):
        if parcel.state in (ParcelState.ASKED, ParcelState.BOOKED):
            service.record_scan(parcel.tracking, ScanKind.PICKED_UP, by, note=note)
    if farm_order.state is not FarmOrderState.HANDED_OVER:
        orders.hand_over(farm_order, by)
