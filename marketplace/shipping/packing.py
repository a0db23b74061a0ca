"""Lines into parcels: what must travel apart travels apart, and every parcel is one that can really be packed.

The rule, in order:
1. Cold goods, liquids, fragile goods and dry goods each travel by themselves.
2. The heaviest packs are laid first, each into the first parcel that has room for it and stays within 20 kg, by the
   scales and by volume. A single pack over a limit, or longer than any carton, stands alone in its own box.
3. A parcel of one pack goes as it is. A parcel of more goes in the carton that makes the smallest parcel, cut down to
   the height of what lies in it: a pack stands on the floor or squarely on another, turned as it fits, liquids upright.
   Up to a dozen equal packs that make a whole block are taped together instead when that is smaller.

Only true places count: the room left beside, before and on top of what was laid is cut off and filled again (guillotine
cuts), so two packs never share a place. Libraries were looked at: py3dbp (1.1.2, of 2021) lets packs hang in the air
and reckons in Decimal; this is shorter, proves its result, and takes a thousand packs in a moment.

Boxes come from the packs' own sides or the usual carton of their kind (catalog.boxes).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import NamedTuple

from marketplace.catalog import boxes
from marketplace.catalog.models import Handling, Variant
from marketplace.shipping.port import Goods

COLD = frozenset({Handling.FRESH, Handling.CHILLED, Handling.FROZEN, Handling.LIVE})
APART = (
    COLD,
    frozenset({Handling.LIQUID}),
    frozenset({Handling.FRAGILE}),
    frozenset({Handling.DRY, Handling.BULKY}),
)
MAX_PARCEL_GRAMS = 20_000
MAX_PARCEL_MM3 = 120_000_000
"""20 kg by volume too, at 6000 cm³ a kilogram."""
MOST_TAPED = 12

Sides = tuple[int, int, int]


class Packed(NamedTuple):
    """A parcel in its box, and how many of each pack lie in it (variant id → packs)."""

    goods: Goods
    packs: Mapping[int, int]


def parcels(lines: Sequence[tuple[Variant, int]], cartons: Sequence[Sides]) -> list[Goods]:
    """The parcels that so many of these packs make, in cartons (smallest first)."""
    return [packed.goods for packed in pack(lines, cartons)]


def pack(lines: Sequence[tuple[Variant, int]], cartons: Sequence[Sides]) -> list[Packed]:
    """The same, each with what lies in it."""
    fitting = [sides for sides in cartons if _volume(sides) <= MAX_PARCEL_MM3]
    packed: list[Packed] = []
    for together in APART:
        group = [(variant, n) for variant, n in lines if variant.product.handling in together]
        packed.extend(Packed(parcel.closed(fitting), parcel.packs) for parcel in _fill(group, fitting))
    return packed


class Room:
    """The inside of a carton and the places still free in it: (x, y, z, length, width, height)."""

    def __init__(self, sides: Sides) -> None:
        self.free: list[tuple[int, int, int, int, int, int]] = [(0, 0, 0, *sides)]
        self.laid: list[tuple[int, int, int, int, int, int]] = []

    def lay(self, sides: Sides, most: int, is_upright: bool) -> int:
        """Lay as many of `most` equal packs as go side by side into the lowest free place; returns how many."""
        turned = set(permutations(sides)) if not is_upright else {sides, (sides[1], sides[0], sides[2])}
        for place in sorted(self.free, key=lambda p: (p[2], p[3] * p[4] * p[5])):
            x, y, z, length, width, height = place
            ways = [(a, b, c) for a, b, c in turned if a <= length and b <= width and c <= height]
            if not ways:
                continue
            a, b, c = min(ways, key=lambda way: _lost(place, way))
            along = min(length // a, most)
            across = min(width // b, -(-most // along))
            up = min(height // c, -(-most // (along * across)))
            count = min(most, along * across * up)
            block = (along * a, across * b, up * c)
            self.free.remove(place)
            self.laid.append((x, y, z, *block))
            for rest in (
                (x + block[0], y, z, length - block[0], width, height),
                (x, y + block[1], z, block[0], width - block[1], height),
                (x, y, z + block[2], block[0], block[1], height - block[2]),
            ):
                if all(side > 0 for side in rest[3:]):
                    self.free.append(rest)
            return count
        return 0


@dataclass
class _Parcel:
    """Packs laid together: (how many, sides, upright), in the order in which they were laid."""

    room: Room | None
    grams: int = 0
    count: int = 0
    laid: list[tuple[int, Sides, bool]] = field(default_factory=list)
    signs: set[str] = field(default_factory=set)
    packs: Counter[int] = field(default_factory=Counter)

    def take(self, variant: Variant, sides: Sides, most: int) -> int:
        """Lay as many of these packs as there is room for, in weight and in place; returns how many."""
        by_weight = (MAX_PARCEL_GRAMS - self.grams) // max(1, variant.weight_grams)
        is_upright = variant.product.handling is Handling.LIQUID
        taken = 0
        while self.room is not None and (wanted := min(most, by_weight) - taken) > 0:
            if not (count := self.room.lay(sides, wanted, is_upright)):
                break
            self._note(variant, sides, count, is_upright)
            taken += count
        return taken

    def stand_alone(self, variant: Variant, sides: Sides) -> None:
        self.room = None
        self._note(variant, sides, 1, True)

    def _note(self, variant: Variant, sides: Sides, count: int, is_upright: bool) -> None:
        self.laid.append((count, sides, is_upright))
        self.grams += variant.weight_grams * count
        self.count += count
        self.signs.add(variant.product.handling.value)
        self.packs[variant.id] += count

    def closed(self, cartons: Sequence[Sides]) -> Goods:
        """The parcel in its box."""
        length, width, height = self.laid[0][1] if self.count == 1 else self._carton(cartons)
        signs = frozenset(self.signs)
        return Goods(self.grams, length, width, height, bool(signs & COLD), signs)

    def _carton(self, cartons: Sequence[Sides]) -> Sides:
        volume = sum(count * _volume(sides) for count, sides, _up in self.laid)
        largest_first = sorted(self.laid, key=lambda row: -_volume(row[1]))
        heights = [
            (carton, _height(largest_first, carton)) for carton in cartons if _volume(carton) >= volume
        ]
        # In the largest they were laid in the first place, in this order.
        heights.append((cartons[-1], _height(self.laid, cartons[-1])))
        found = [(carton[0], carton[1], high) for carton, high in heights if high is not None]
        return min([*_block(self.laid), *found], key=_volume)


def _block(rows: Sequence[tuple[int, Sides, bool]]) -> list[Sides]:
    """Equal packs taped together, the block with the shortest longest side; none when they differ or are many."""
    count, kinds = sum(row[0] for row in rows), {row[1] for row in rows}
    if len(kinds) > 1 or count > MOST_TAPED:
        return []
    length, width, height = kinds.pop()
    is_upright = any(row[2] for row in rows)
    blocks = [
        (length * along, width * across, height * (count // (along * across)))
        for along in range(1, count + 1)
        for across in range(1, count + 1)
        if count % (along * across) == 0 and (not is_upright or along * across == count)
    ]
    return [min(blocks, key=lambda block: (max(block), block))]


def _height(rows: Sequence[tuple[int, Sides, bool]], carton: Sides) -> int | None:
    """How high these packs stand in a carton, up to a whole centimetre; None when they do not all go in."""
    room = Room(carton)
    for count, sides, is_upright in rows:
        left = count
        while left:
            if not (laid := room.lay(sides, left, is_upright)):
                return None
            left -= laid
    high = max(z + height for _x, _y, z, _length, _width, height in room.laid)
    return min(carton[2], -(-high // 10) * 10)


def _fill(lines: Sequence[tuple[Variant, int]], cartons: Sequence[Sides]) -> list[_Parcel]:
    filled: list[_Parcel] = []
    for variant, quantity in sorted(lines, key=lambda line: (-line[0].weight_grams, line[0].id)):
        box = boxes.box_of(variant)
        sides = (box.length_mm, box.width_mm, box.height_mm)
        left = quantity
        for parcel in filled:
            if left:
                left -= parcel.take(variant, sides, left)
        while left:
            parcel = _Parcel(Room(cartons[-1]) if cartons else None)
            filled.append(parcel)
            taken = parcel.take(variant, sides, left)
            if not taken:
                parcel.stand_alone(variant, sides)
            left -= taken or 1
    return filled


def _lost(place: tuple[int, int, int, int, int, int], way: Sides) -> tuple[int, Sides]:
    """What of a place packs turned this way cannot use."""
    _x, _y, _z, length, width, height = place
    used = (length // way[0] * way[0]) * (width // way[1] * way[1]) * (height // way[2] * way[2])
    return length * width * height - used, way


def _volume(sides: Sides) -> int:
    return sides[0] * sides[1] * sides[2]
