"""Amounts as farmers write them, of packs and of heaps."""

import re
from decimal import Decimal

from marketplace.catalog.models import Product, StockBy
from marketplace.catalog.packs import Measure, PackDetails
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

GRAMS, KILOS, MILLILITRES, LITRES, PIECES = "g", "kg", "ml", "l", "piece"
UNITS: dict[str, tuple[Measure, int]] = {
    GRAMS: ("grams", 1), KILOS: ("grams", 1000),
    MILLILITRES: ("millilitres", 1), LITRES: ("millilitres", 1000),
    PIECES: ("pieces", 1),
}  # fmt: skip
"""What each unit of a form measures, and how many of it one is."""


def read_amount(typed: str) -> Decimal | None:
    """A typed number with a comma or a point; points between groups of three are thousands, as Vietnamese write."""
    typed = re.sub(r"\s", "", typed)
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", typed):
        return Decimal(typed.replace(".", ""))
    if re.fullmatch(r"\d{1,9}([.,]\d{1,3})?", typed):
        return Decimal(typed.replace(",", "."))
    return None


def pack_details(
    amount: Decimal | None, unit: str, price_dong: int | None, weight_grams: int | None
) -> PackDetails:
    """A pack as typed; Refusal when it is no whole gram, millilitre or piece."""
    assert price_dong is not None
    assert amount is not None, "the form was not validated"
    measure, factor = UNITS[unit]
    whole = amount * factor
    if whole != int(whole):
        raise Refusal(_("Hãy ghi số chẵn gam, mi-li-lít hoặc số cái."), "amount")
    return PackDetails.sized(measure, int(whole), price_dong, weight_grams)


def show_amount(amount: Decimal) -> str:
    """`1,5`."""
    return f"{amount.normalize():f}".replace(".", ",")


def whole_heap(number: Decimal | None, product: Product) -> int | None:
    """What was typed of a heap in the heap's own unit; none when nothing was, or the product is no heap."""
    if product.stock_by is not StockBy.HEAP or number is None:
        return None
    whole = number * heap_factor(product)
    if whole != int(whole):
        raise Refusal(_("Hãy ghi số chẵn gam, mi-li-lít hoặc số cái."), "heap")
    return int(whole)


def heap_factor(product: Product) -> int:
    """A heap is typed in kilograms, litres or pieces: how many of its own unit one of them is."""
    pack = product.heap_pack
    return 1 if pack is not None and pack.pieces else 1000
