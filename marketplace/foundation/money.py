"""Đồng is a whole int everywhere: no floats, no cents. Rounding is half up to 1 đ, splitting loses nothing."""

import re
import unicodedata
from collections.abc import Sequence

MAX_PRICE_DONG = 10_000_000_000
"""No price on the market is higher (10 billion): a slip of the finger, not an offer."""

NBSP = "\u00a0"


def dong(amount: int) -> str:
    """`125.000 ₫`, as written in Vietnam; the space does not break."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{number(abs(amount))}{NBSP}₫"


def number(amount: int) -> str:
    """`1.440.000`."""
    return f"{amount:,}".replace(",", ".")


def divide_half_up(amount: int, divisor: int) -> int:
    """`amount / divisor`, rounded half up (away from zero), in whole numbers only."""
    if divisor <= 0:
        raise ValueError("the divisor must be positive")
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) + divisor) // (2 * divisor))


def percent(amount: int, per_10_000: int) -> int:
    """A rate in hundredths of a percent of an amount: `percent(100_000, 850)` is 8.5 %, 8.500 đ. Half up."""
    return divide_half_up(amount * per_10_000, 10_000)


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by weights without losing a đồng: largest remainder, ties to the earlier share.

    The shares always add up to `total`; all weights zero means equal shares.
    """
    if not weights:
        raise ValueError("nobody to share with")
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is never negative")
    if sum(weights) == 0:
        weights = [1] * len(weights)
    sign, total = (-1, -total) if total < 0 else (1, total)
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:left]:
        shares[i] += 1
    return [sign * share for share in shares]


# -- as people type it --------------------------------------------------------------------------------------------

_UNITS = {
    "k": 1_000,
    "ngàn": 1_000,
    "nghìn": 1_000,
    "tr": 1_000_000,
    "triệu": 1_000_000,
    "tỷ": 10**9,
    "tỉ": 10**9,
}


def parse_dong(typed: str) -> int | None:
    """A typed amount in whole đồng, or None when it is no amount: `145k`, `1tr2`, `1,44 tỷ`, `125.000 ₫`."""
    text = re.sub(r"[\s\u00a0]*(₫|đồng|đ|vnd|vnđ)$", "", unicodedata.normalize("NFC", typed).lower().strip())
    if shorthand := re.fullmatch(
        r"(\d{1,6})(?:,(\d{1,3}))?\s*(k|ngàn|nghìn|tr|triệu|tỷ|tỉ)\s*(\d{1,3})?", text
    ):
        whole, fraction, unit, tail = shorthand.groups()
        if fraction and tail:
            return None
        digits = fraction or tail or ""
        return int(whole) * _UNITS[unit] + (int(digits) * _UNITS[unit] // 10 ** len(digits) if digits else 0)
    whole = re.sub(r"(?<=\d)[.\s\u00a0](?=\d{3}(\D|$))", "", text)
    return int(whole) if re.fullmatch(r"-?[0-9]{1,15}", whole) else None
