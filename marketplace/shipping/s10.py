"""Item numbers of the UPU S10 standard: two letters for the service, eight digits, a check digit, the country.

Domestic numbers of the post are widely seen in this shape, but that every one has the check digit is not confirmed
(data/s10.json): ours have it; a number that is typed is looked up as it is.
"""

import re

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
LAST_SERIAL = 99_999_999


def check_digit(serial: int) -> int:
    """UPU S10: 11 − (weighted sum mod 11); 10 becomes 0, 11 becomes 5."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, f"{serial:08d}", strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def item_number(indicator: str, serial: int, country: str = "VN") -> str:
    """`item_number("EA", 47312482)` is `EA473124829VN`."""
    if not re.fullmatch(r"[A-Z]{2}", indicator) or not 0 <= serial <= LAST_SERIAL:
        raise ValueError("an S10 number has two letters and a serial of eight digits")
    return f"{indicator}{serial:08d}{check_digit(serial)}{country}"


def is_item_number(text: str) -> bool:
    """Has it the shape and the right check digit?"""
    found = re.fullmatch(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}", text, re.ASCII)
    return bool(found) and check_digit(int(found[1])) == int(found[2])  # type: ignore[index]


def tidy(typed: str) -> str:
    """A number in one piece, as scanned from the barcode, from the QR code (an address that ends in the number), or
    typed with spaces."""
    text = re.sub(r"[\s.\-]", "", typed).upper()
    return text.rpartition("/TRACKING/")[2].partition("?")[0].partition("/")[0]


def is_part(text: str) -> bool:
    """Is it a piece of such a number, as a camera reads half a barcode?"""
    return len(text) < 13 and bool(
        re.fullmatch(r"[A-Z]{2}\d{1,9}|\d{1,9}[A-Z]{1,2}|[A-Z]{2}\d{9}[A-Z]", text, re.ASCII)
    )


def grouped(number: str) -> str:
    """`EA 473 124 829 VN`: how a number is written for people; anything else stays as it is."""
    found = re.fullmatch(r"([A-Z]{2})(\d{3})(\d{3})(\d{3})([A-Z]{2})", number, re.ASCII)
    return " ".join(found.groups()) if found else number
