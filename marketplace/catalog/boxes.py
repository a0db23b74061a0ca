"""The box a pack travels in: the farmer's own sides, or the smallest usual carton that holds such goods."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from marketplace.catalog.models import Variant

FILE = Path(__file__).parent / "data" / "boxes.json"


class Box(NamedTuple):
    """Outer sides in millimetres."""

    length_mm: int
    width_mm: int
    height_mm: int


def box_of(variant: Variant) -> Box:
    """The sides of one pack: as given by the farmer, else by weight and OCOP set."""
    if variant.length_mm and variant.width_mm and variant.height_mm:
        return Box(variant.length_mm, variant.width_mm, variant.height_mm)
    return default_box(variant.product.set_no, variant.weight_grams)


def default_box(set_no: int | None, weight_grams: int) -> Box:
    """The smallest carton that holds so many grams of such goods; heavier than any carton holds: a cube."""
    data = _read()
    room: dict[str, int] = data["room_cm3_per_100g"]
    needed_mm3 = weight_grams * room.get(str(set_no), room["other"]) * 10
    for length, width, height in data["cartons"]:
        if length * width * height >= needed_mm3:
            return Box(length, width, height)
    side = 10
    while side**3 < needed_mm3:
        side += 10
    return Box(side, side, side)


def cartons() -> list[tuple[int, int, int]]:
    """The usual cartons, outside, in millimetres."""
    return [(sides[0], sides[1], sides[2]) for sides in _read()["cartons"]]


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text("utf8"))
    return data
