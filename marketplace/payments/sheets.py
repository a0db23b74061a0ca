"""Sheets for Excel: the farm's statement, the list for the bank. Text stays text, never a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def write(rows: Iterable[Sequence[Any]]) -> str:
    """CSV with the byte-order mark that makes Excel read Vietnamese."""
    out = io.StringIO()
    out.write("\ufeff")
    sheet = csv.writer(out)
    sheet.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, int):
        return value
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
