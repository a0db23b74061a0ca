"""What catalog tells upstairs."""

from dataclasses import dataclass

from marketplace.foundation.events import Event


@dataclass(frozen=True)
class ProductChanged(Event):
    """Something a buyer sees of a product is different now: words, price, photos, proof, state."""

    product_id: int


@dataclass(frozen=True)
class StockFlipped(Event):
    """A pack of the product has just run out, or is there again."""

    product_id: int
