"""Vietnamese telephone numbers: kept as E.164 (`+84912345678`), shown as people say them (`0912 345 678`)."""

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=1_000)
def parse_phone(typed: str) -> str | None:
    """E.164 of a valid Vietnamese number, or None."""
    try:
        parsed = phonenumbers.parse(typed, "VN")
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code != 84 or not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=1_000)
def show_phone(e164: str) -> str:
    """`0912 345 678`."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(e164, "VN"), phonenumbers.PhoneNumberFormat.NATIONAL
        )
    except phonenumbers.NumberParseException:
        return e164


def mask_phone(e164: str) -> str:
    """`*** *** 678`: enough for its owner to know it."""
    return f"*** *** {e164[-3:]}"
