"""What shipping tells upstairs."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class FreightDiffered(Event):
    """Carrying a parcel cost another sum than was quoted, and it is not the buyer's: `difference_id` says whose."""

    difference_id: int


@dataclass(frozen=True)
class ResultPosted(Event):
    """A dossier's result is with the post: carrying it costs what its dispatch says."""

    dispatch_id: int


@dataclass(frozen=True)
class CashTaken(Event):
    """The parcel that takes an order's cash was handed out; others of the order may still be on their way."""

    farm_order_id: int


@dataclass(frozen=True)
class GoodsSentBack(Event):
    """Goods a claim sent back are with their farm again: the post has earned the way."""

    farm_order_id: int


@dataclass(frozen=True)
class ParcelScanned(Event):
    parcel_id: int
    kind: str
