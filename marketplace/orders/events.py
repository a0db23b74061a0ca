"""What orders tell upstairs. Each is said in the transaction of the deed itself."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    order_id: int


@dataclass(frozen=True)
class OrderExpired(Event):
    """Nobody paid in time; the stock is free again."""

    order_id: int


@dataclass(frozen=True)
class FarmOrderConfirmed(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderAccepted(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderHandedOver(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderDelivered(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderRefused(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderUnanswered(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderCancelled(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderReturned(Event):
    """The goods are back at the farm; `was_delivered` when the buyer had them first, `is_disposed` when they were
    thrown away and went no way back."""

    farm_order_id: int
    was_delivered: bool = False
    is_disposed: bool = False


@dataclass(frozen=True)
class FarmOrderFreightLowered(Event):
    """Carrying it came to less than was quoted (shared with neighbours, or lighter): the part costs so much less."""

    farm_order_id: int
    less_dong: int


@dataclass(frozen=True)
class FarmOrderLost(Event):
    farm_order_id: int


@dataclass(frozen=True)
class FarmOrderShort(Event):
    """The part costs `less_dong` less than before; `supply_change_id` is the trail of it. Why: the farm supplies less
    (`short`), some of its parcels came back (`returned`), or the post lost some (`lost`)."""

    farm_order_id: int
    supply_change_id: int
    less_dong: int
    why: str = "short"


@dataclass(frozen=True)
class FarmOrderParted(Event):
    """Some of its parcels were taken by the buyer, the others came back; what came back is off the order."""

    farm_order_id: int
