"""Lines into parcels: fresh apart from dry, and no parcel heavier or bulkier than the carrier takes.

Boxes come from the packs' own sides or the usual carton of their kind (catalog.boxes). A parcel's box has the largest
footprint among its packs and the height that holds the volume of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.catalog import boxes
from marketplace.catalog.models import Handling, Variant
from marketplace.shipping.port import Goods

COLD = frozenset({Handling.FRESH, Handling.CHILLED, Handling.FROZEN, Handling.LIVE})
MAX_PARCEL_GRAMS = 20_000
MAX_PARCEL_MM3 = 120_000_000
"""20 kg by volume too, at 6000 cm³ a kilogram."""


def parcels(lines: Sequence[tuple[Variant, int]]) -> list[Goods]:
    """The parcels that so many of these packs make, the heaviest packs laid first, each into the first box with room
    for it. A single pack over the limit stands alone."""
    packed: list[Goods] = []
    for is_cold in (True, False):
        group = [(variant, n) for variant, n in lines if (variant.product.handling in COLD) is is_cold]
        packed.extend(box.closed(is_cold) for box in _fill(group))
    return packed


@dataclass
class _Box:
    grams: int = 0
    mm3: int = 0
    length_mm: int = 0
    width_mm: int = 0
    highest_mm: int = 0

    def holds(self, grams: int, sides: tuple[int, int, int]) -> bool:
        """Is there room for one more pack?"""
        if not self.grams:
            return True
        length, width, height = self._grown(sides)
        mm3 = length * width * height
        return self.grams + grams <= MAX_PARCEL_GRAMS and mm3 <= MAX_PARCEL_MM3

    def lay(self, grams: int, sides: tuple[int, int, int]) -> None:
        """Put a pack on top, or beside where the layer has room."""
        length, width, height = sides
        self.grams += grams
        self.mm3 += length * width * height
        self.length_mm, self.width_mm = max(self.length_mm, length), max(self.width_mm, width)
        self.highest_mm = max(self.highest_mm, height)

    def _grown(self, sides: tuple[int, int, int]) -> tuple[int, int, int]:
        length, width = max(self.length_mm, sides[0]), max(self.width_mm, sides[1])
        volume = self.mm3 + sides[0] * sides[1] * sides[2]
        return length, width, max(self.highest_mm, sides[2], -(-volume // (length * width)))

    def closed(self, is_cold: bool) -> Goods:
        length, width, height = self._grown((0, 0, 0))
        return Goods(self.grams, length, width, height, is_cold)


def _fill(lines: Sequence[tuple[Variant, int]]) -> list[_Box]:
    filled: list[_Box] = []
    for variant, quantity in sorted(lines, key=lambda line: (-line[0].weight_grams, line[0].id)):
        length, width, height = sorted(boxes.box_of(variant), reverse=True)
        sides = (length, width, height)
        first = 0
        for _ in range(quantity):
            # Boxes a pack of this kind did not fit into are full for the next of them too.
            while first < len(filled) and not filled[first].holds(variant.weight_grams, sides):
                first += 1
            if first == len(filled):
                filled.append(_Box())
            filled[first].lay(variant.weight_grams, sides)
    return filled
