"""Parcels of one order that ended differently: some with the buyer, the others back at the farm."""

from collections.abc import Mapping, Sequence

from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder
from marketplace.shipping import queries
from marketplace.shipping.models import Parcel, ParcelState

__all__ = ["ended_differently", "part_ways", "share_back"]

P = ParcelState


def _sent(farm_order: FarmOrder) -> Sequence[Parcel]:
    return [one for one in queries.parcels_of(farm_order) if one.state is not P.CANCELLED]


def ended_differently(farm_order: FarmOrder) -> bool:
    """Did the buyer take some of its parcels, while all the others are back at the farm?"""
    return {parcel.state for parcel in _sent(farm_order)} == {P.DELIVERED, P.RETURNED}


def share_back(farm_order: FarmOrder) -> tuple[int, int]:
    """How many grams came back, of how many that were sent."""
    parcels = _sent(farm_order)
    back = sum(parcel.grams_now for parcel in parcels if parcel.state is P.RETURNED)
    return back, sum(parcel.grams_now for parcel in parcels)


def part_ways(farm_order: FarmOrder, came_back: Mapping[int, int], is_good: bool, by: Actor) -> None:
    """The farm says which goods came back with the parcel the buyer did not take (line id → packs); the rest is
    delivered. Twice is once. Raises Conflict while a parcel is still on its way."""
    if not ended_differently(farm_order):
        raise Conflict(_("Còn kiện đang trên đường. Khi mọi kiện đã tới hoặc đã về thì hãy ghi."))
    orders.part_ways(farm_order, came_back, is_good, by)
    orders.deliver(farm_order, by)
