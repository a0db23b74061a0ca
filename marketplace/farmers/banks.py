"""The banks a farm can be paid at, by BIN (NAPAS). From npm vietnam-qr-pay 1.5.1 (MIT), those that have a BIN."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data") / "banks.json"
COMMON = ("970405", "970449", "970436", "970415", "970418")
"""Agribank, LPBank (the post's), Vietcombank, VietinBank, BIDV: what most farmers have, first in the list."""


@dataclass(frozen=True)
class Bank:
    bin: str
    short_name: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.short_name}: {self.name}"


@cache
def banks() -> dict[str, Bank]:
    """By BIN: the common ones first, then by name."""
    rows = [Bank(**row) for row in json.loads(DATA.read_text(encoding="utf-8"))]
    place = {code: i for i, code in enumerate(COMMON)}
    rows.sort(key=lambda bank: (place.get(bank.bin, len(COMMON)), bank.short_name.lower()))
    return {bank.bin: bank for bank in rows}
