"""Lines into parcels: fresh apart from dry, and no parcel heavier than the carrier takes.

Boxes come from the packs' own sides or the default box of their set (catalog.boxes); a parcel's box has the largest
footprint among its packs and as much height as they need together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.catalog import boxes
from marketplace.catalog.models import Variant
from marketplace.shipping.port import Goods

COLD = frozenset({"fresh", "chilled", "frozen", "live"})
MAX_PARCEL_GRAMS = 20_000


@dataclass
class _Open:
    grams: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


def parcels(lines: Sequence[tuple[Variant, int]]) -> list[Goods]:
    """The parcels that so many of these packs make, heaviest packs first. A single pack over the limit stands alone."""
    packed: list[Goods] = []
    for is_cold in (True, False):
        group = [(v, n) for v, n in lines if (v.product.handling.value in COLD) is is_cold]
        packed.extend(_fill(group))
    return packed


def _fill(lines: Sequence[tuple[Variant, int]]) -> list[Goods]:
    done: list[Goods] = []
    box = _Open()
    for variant, quantity in sorted(lines, key=lambda line: (-line[0].weight_grams, line[0].id)):
        length, width, height = boxes.box_of(variant)
        for _ in range(quantity):
            if box.grams and box.grams + variant.weight_grams > MAX_PARCEL_GRAMS:
                done.append(_closed(box))
                box = _Open()
            box.grams += variant.weight_grams
            _lay(box, sorted((length, width, height), reverse=True))
    if box.grams:
        done.append(_closed(box))
    return done


def _lay(box: _Open, sides: list[int]) -> None:
    """Put a pack on top, or beside where the layer has room: volume grows by the pack's own, the footprint never
    shrinks."""
    length, width, height = sides
    volume = box.length_mm * box.width_mm * box.height_mm + length * width * height
    box.length_mm, box.width_mm = max(box.length_mm, length), max(box.width_mm, width)
    box.height_mm = max(box.height_mm, height, -(-volume // (box.length_mm * box.width_mm)))


def _closed(box: _Open) -> Goods:
    return Goods(box.grams, box.length_mm, box.width_mm, box.height_mm)
