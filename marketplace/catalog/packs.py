"""Packs: the sizes and prices goods may have, and what the post will weigh."""

from dataclasses import dataclass
from typing import Literal, Self

from marketplace.catalog.models import Variant
from marketplace.foundation.money import MAX_PRICE_DONG, dong, number
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

MIN_PRICE_DONG = 1_000
MOST_GRAMS = 1_000_000
MOST_PIECES = 100_000
PACKING_PER_100 = 10
LEAST_PACKING_GRAMS = 50

Measure = Literal["grams", "millilitres", "pieces"]
"""What a size is counted in."""


@dataclass(frozen=True)
class PackDetails:
    """A pack as the farmer gives it: exactly one of grams, millilitres, pieces; `weight_grams` is what the scale at
    the post will say (None: content plus packing); sides in millimetres, all three or none."""

    price_dong: int
    grams: int | None = None
    millilitres: int | None = None
    pieces: int | None = None
    name: str = ""
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None

    @classmethod
    def sized(cls, measure: Measure, amount: int, price_dong: int, weight_grams: int | None = None) -> Self:
        """A pack of so many grams, millilitres or pieces."""
        return cls(
            price_dong,
            grams=amount if measure == "grams" else None,
            millilitres=amount if measure == "millilitres" else None,
            pieces=amount if measure == "pieces" else None,
            weight_grams=weight_grams,
        )


def check_price(price_dong: int) -> None:
    if not MIN_PRICE_DONG <= price_dong <= MAX_PRICE_DONG:
        raise Refusal(
            _("Giá phải từ %(least)s đến %(most)s.", least=dong(MIN_PRICE_DONG), most=dong(MAX_PRICE_DONG)),
            "price_dong",
        )


def check_size(details: PackDetails, is_service: bool) -> int:
    """What the post will weigh, when exactly one size is given and it is a sensible one."""
    sizes = [size for size in (details.grams, details.millilitres, details.pieces) if size is not None]
    if len(sizes) != 1:
        raise Refusal(_("Mỗi gói ghi một cỡ: theo cân nặng, theo dung tích, hoặc theo số cái."), "amount")
    if details.pieces is not None and not 1 <= details.pieces <= MOST_PIECES:
        raise Refusal(_("Số cái trong gói phải từ 1 đến %(most)s.", most=number(MOST_PIECES)), "amount")
    content = details.grams if details.grams is not None else details.millilitres
    if content is not None and not 1 <= content <= MOST_GRAMS:
        raise Refusal(_("Mỗi gói từ 1 g (1 ml) đến 1 tấn (1.000 lít)."), "amount")
    if details.weight_grams is None:
        if content is not None:
            # One millilitre counts as one gram: near enough for water, milk, fish sauce and spirits.
            return content + max(LEAST_PACKING_GRAMS, -(-content * PACKING_PER_100 // 100))
        if is_service:
            return 0
        raise Refusal(
            _("Hàng bán theo cái cần ghi cân nặng cả bao bì, để bưu điện tính cước đúng."), "weight_grams"
        )
    if not 1 <= details.weight_grams <= 2 * MOST_GRAMS:
        raise Refusal(_("Cân nặng cả bao bì phải từ 1 g đến 2 tấn."), "weight_grams")
    if details.grams is not None and details.weight_grams < details.grams:
        raise Refusal(_("Cân nặng cả bao bì không thể nhẹ hơn hàng bên trong."), "weight_grams")
    return details.weight_grams


def check_sides(details: PackDetails) -> None:
    sides = (details.length_mm, details.width_mm, details.height_mm)
    if any(sides) and not all(sides):
        raise Refusal(_("Ghi đủ dài, rộng, cao của hộp, hoặc để trống cả ba."), "length_cm")
    if any(side is not None and not 1 <= side <= 3_000 for side in sides):
        raise Refusal(_("Mỗi cạnh hộp từ 1 cm đến 300 cm."), "length_cm")


def measure_of(pack: PackDetails | Variant) -> Measure:
    """What its size is counted in."""
    return "grams" if pack.grams else "millilitres" if pack.millilitres else "pieces"


def size_words(pack: PackDetails | Variant) -> str:
    """The size in figures, the same in every language: `500 g`, `1,5 kg`, `750 ml`; pieces: `10 cái`."""
    if pack.grams:
        return _decimal(pack.grams, "g", "kg")
    if pack.millilitres:
        return _decimal(pack.millilitres, "ml", "l")
    return f"{number(pack.pieces or 1)} cái"


def _decimal(amount: int, small: str, large: str) -> str:
    if amount < 1000:
        return f"{amount} {small}"
    return f"{amount / 1000:.3f}".rstrip("0").rstrip(".").replace(".", ",") + f" {large}"
