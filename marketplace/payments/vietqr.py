"""VietQR: the text behind a Vietnamese bank QR code (EMVCo merchant-presented mode, NAPAS QRIBFTTA).

Checked against data/vietqr_vectors.json, made with the npm package vietnam-qr-pay.
"""

import re

NAPAS = "A000000727"
TO_ACCOUNT = "QRIBFTTA"
VND = "704"
LONGEST_CONTENT = 25


def payload(bank_bin: str, account: str, amount_dong: int | None = None, content: str = "") -> str:
    """The text of the code. With an amount it is a dynamic code (12), without one a static code (11).

    `content` is the transfer's text: letters, digits and spaces without accents, at most 25, so that every bank
    carries it unharmed.
    """
    if not re.fullmatch(r"\d{6}", bank_bin) or not re.fullmatch(r"[0-9A-Za-z]{1,19}", account):
        raise ValueError("a bank is six digits, an account up to nineteen letters and digits")
    if not re.fullmatch(rf"[0-9A-Za-z ]{{0,{LONGEST_CONTENT}}}", content):
        raise ValueError(f"{content!r} may be changed by a bank on the way")
    if amount_dong is not None and amount_dong <= 0:
        raise ValueError("an amount is more than nothing")
    ours = _field("00", bank_bin) + _field("01", account)
    parts = [
        _field("00", "01"),
        _field("01", "11" if amount_dong is None else "12"),
        _field(
            "38",
            _field("00", NAPAS) + _field("01", ours) + _field("02", TO_ACCOUNT),
        ),
        _field("53", VND),
        _field("54", str(amount_dong)) if amount_dong is not None else "",
        _field("58", "VN"),
        _field("62", _field("08", content)) if content else "",
    ]
    text = "".join(parts) + "6304"
    return text + f"{crc16(text.encode('ascii')):04X}"


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc
