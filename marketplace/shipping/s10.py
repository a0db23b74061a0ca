"""Item numbers of the UPU S10 standard: two letters for the service, eight digits, a check digit, the country."""

import re

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def check_digit(serial: int) -> int:
    """UPU S10: 11 − (weighted sum mod 11); 10 becomes 0, 11 becomes 5."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, f"{serial:08d}", strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def item_number(indicator: str, serial: int, country: str = "VN") -> str:
    """`item_number("EA", 47312482)` is `EA473124829VN`."""
    if not re.fullmatch(r"[A-Z]{2}", indicator) or not 0 <= serial <= 99_999_999:
        raise ValueError("an S10 number has two letters and a serial of eight digits")
    return f"{indicator}{serial:08d}{check_digit(serial)}{country}"


def tidy(typed: str) -> str:
    """A number as scanned or typed with spaces, in one piece."""
    return re.sub(r"[\s.\-]", "", typed).upper()


def is_item_number(text: str) -> bool:
    """Has it the shape and the right check digit?"""
    found = re.fullmatch(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}", text)
    return bool(found) and check_digit(int(found[1])) == int(found[2])  # type: ignore[index]
