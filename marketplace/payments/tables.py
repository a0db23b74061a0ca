"""Tables other houses send (a bank's statement, a carrier's list): where the headings are, which column is which."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.foundation.refusal import Refusal
from marketplace.foundation.sheets import Row, Sheet
from marketplace.foundation.words import _

SEARCHED = 40
"""So far down a table's headings are looked for: above them stand names, addresses, accounts."""


class Cells(dict[str, str]):
    """A line's cells by what they mean; empty where there is none. `number` is its line in the file."""

    number: int = 0


@dataclass(frozen=True)
class Table:
    """The lines below the headings, and what stands above them."""

    rows: Sequence[Cells]
    above: Sequence[str]
    columns: frozenset[str]


def find(sheet: Sheet, columns: Mapping[str, Sequence[str]], must: Sequence[str]) -> Table:
    """Find the line of headings and read what is below it. `columns`: meaning → the names it may have, the first as
    people write it. Raises Refusal naming the columns that are missing."""
    lines = [Row(1, sheet.heads), *sheet.rows]
    best: dict[str, int] = {}
    for at, line in enumerate(lines[:SEARCHED]):
        places = _places(line.cells, columns)
        if all(name in places for name in must):
            rows = []
            for row in lines[at + 1 :]:
                cells = Cells(
                    {name: row.cells[i].strip() if i < len(row.cells) else "" for name, i in places.items()}
                )
                cells.number = row.number
                rows.append(cells)
            above = [cell for row in lines[:at] for cell in row.cells if cell]
            return Table(rows, above, frozenset(places))
        if len(places) > len(best):
            best = places
    missing = ", ".join(columns[name][0] for name in must if name not in best)
    raise Refusal(_("Không tìm thấy cột %(columns)s trong tệp.", columns=missing), field="file")


def _places(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    heads = [fold(cell) for cell in cells]
    places: dict[str, int] = {}
    for name, words in columns.items():
        for word in map(fold, words):
            found = next(
                (i for i, head in enumerate(heads) if head == word and i not in places.values()), None
            )
            if found is None:
                found = next(
                    (
                        i
                        for i, head in enumerate(heads)
                        if len(word) > 3 and word in head and i not in places.values()
                    ),
                    None,
                )
            if found is not None:
                places[name] = found
                break
    return places


def fold(text: str) -> str:
    """Without accents, in small letters and single spaces: `Số tiền (VND)` is `so tien vnd`."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", plain.lower()).split())


def whole_dong(typed: str) -> int | None:
    """Whole đồng as banks print them (`1.250.000`, `1,250,000.00 VND`, `+1250000`, `(5.000)`); None for parts of a
    đồng, another currency, or what is no amount. An empty cell is 0."""
    text = typed.strip().replace("\u00a0", " ")
    text = text.removeprefix("'")
    sign = -1 if text.startswith(("-", "(")) else 1
    text = re.sub(r"^[+\-(]\s*|\)$", "", text)
    text = re.sub(r"\s*(vnd|vnđ|đồng|đ|₫)\.?$", "", text, flags=re.IGNORECASE).strip().rstrip(")")
    if not text or text == "-":
        return 0
    if not re.fullmatch(r"\d[\d., ]*", text):
        return None
    text = text.replace(" ", "")
    # The last mark is a decimal one when it stands once and has not three digits behind it.
    if fraction := re.fullmatch(r"(.*)[.,](\d{1,2}|0{3,})", text):
        whole, rest = fraction.groups()
        if len(rest) != 3 and _mark(whole) == text[len(whole)]:
            return None
        is_decimal = len(rest) != 3 or (
            re.search(r"[.,]", whole) is not None and _mark(whole) != text[len(whole)]
        )
        if is_decimal:
            if rest.strip("0"):
                return None
            text = whole
    groups = re.split(r"[.,]", text)
    if len(groups) > 1 and (len(set(re.findall(r"[.,]", text))) > 1 or any(len(g) != 3 for g in groups[1:])):
        return None
    if len(groups) > 1 and not 0 < len(groups[0]) <= 3:
        return None
    digits = "".join(groups)
    return sign * int(digits) if len(digits) <= 15 else None


def _mark(text: str) -> str:
    marks = re.findall(r"[.,]", text)
    return marks[0] if marks else ""
