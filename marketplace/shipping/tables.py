"""Lists of the post as sheets: the far communes and the cartons. Read, checked, and compared before anything stands on
them.

    commune_code,reached          length_mm,width_mm,height_mm
    26732,yes                     300,200,120
    22736,no
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.foundation.refusal import Refusal
from marketplace.foundation.sheets import Sheet, wrong
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.shipping import fees
from marketplace.shipping.fees import Cartons
from marketplace.shipping.models import RemoteCommune

MOST_ROWS = 4_000
MOST_CARTONS = 60
SIDES_MM = range(20, 3_001)
SIDES = ("length_mm", "width_mm", "height_mm")
YES = frozenset({"", "yes", "1", "có", "co", "y"})
"""Left empty: the commune is reached, at the surcharge."""
NO = frozenset({"no", "0", "không", "khong", "n"})

Remote = dict[str, bool]
"""Commune code → does the post reach it (at the remote surcharge)?"""


@dataclass(frozen=True)
class Change:
    """One line that would be different: what it is now and what it would be (none: not on the list)."""

    where: str
    now: Text | str | None
    then: Text | str | None


def read_remote(sheet: Sheet) -> Remote:
    """The far communes a sheet names, each once."""
    column, reached = _columns(sheet, ("commune_code", "reached"), needed=1)
    found: Remote = {}
    for row in sheet.rows:
        code = _cell(row.cells, column).zfill(5)
        commune = places.commune(code)
        if commune is None:
            raise wrong(row.number, "commune_code", _("không có xã nào mang mã %(code)s", code=code[:20]))
        if code in found:
            raise wrong(row.number, "commune_code", _("%(commune)s đứng hai lần", commune=commune.name))
        found[code] = _is_reached(row.number, _cell(row.cells, reached))
    return found


def read_cartons(sheet: Sheet) -> Cartons:
    """The cartons a sheet names, smallest first."""
    columns = _columns(sheet, SIDES, needed=3)
    rows: list[list[int]] = []
    for row in sheet.rows:
        sides = [
            _side(row.number, name, _cell(row.cells, column))
            for name, column in zip(SIDES, columns, strict=True)
        ]
        if sides in rows:
            raise wrong(row.number, SIDES[0], _("cỡ thùng này đã có ở một dòng trên"))
        rows.append(sides)
    return checked_cartons(rows)


def _side(number: int, column: str, typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 7 and int(typed) in SIDES_MM):
        raise wrong(
            number,
            column,
            _("mỗi cạnh là số nguyên từ %(least)s đến %(most)s mm", least=SIDES_MM[0], most=SIDES_MM[-1]),
        )
    return int(typed)


def _is_reached(number: int, typed: str) -> bool:
    said = typed.lower()
    if said not in NO | YES:
        raise wrong(number, "reached", _("“%(typed)s” phải là yes hoặc no", typed=typed[:20]))
    return said not in NO


def checked_cartons(rows: Sequence[Sequence[int]]) -> Cartons:
    """The cartons, when they are a list parcels can be packed by; else a Refusal."""
    fits = all(len(row) == 3 and all(type(side) is int and side in SIDES_MM for side in row) for row in rows)
    if not fits or not 1 <= len(rows) <= MOST_CARTONS:
        raise Refusal(
            _("Danh sách cần từ 1 đến %(most)s cỡ thùng, mỗi cỡ ba cạnh.", most=MOST_CARTONS), "file"
        )
    return fees.sort_cartons({tuple(row) for row in rows})


def checked_remote(rows: Any) -> Remote:
    """The same of the far communes."""
    if not isinstance(rows, dict) or not all(
        places.commune(str(code)) is not None and isinstance(reached, bool) for code, reached in rows.items()
    ):
        raise Refusal(_("Danh sách gửi lên không đọc được. Hãy gửi lại tệp."), "file")
    return rows


def remote_changes(now: Mapping[str, RemoteCommune], then: Remote) -> list[Change]:
    """What differs, by name of the commune."""

    def said(reached: bool | None) -> Text | None:
        if reached is None:
            return None
        return _("tính phụ phí vùng xa") if reached else _("chưa phát tới")

    codes = sorted({*now, *then}, key=lambda code: (places.commune_words(code), code))
    before = {code: rule.is_reached for code, rule in now.items()}
    return [
        Change(places.commune_words(code), said(before.get(code)), said(then.get(code)))
        for code in codes
        if before.get(code) != then.get(code)
    ]


def carton_changes(now: Cartons, then: Cartons) -> list[Change]:
    both = sorted({*now, *then}, key=lambda sides: (sides[0] * sides[1] * sides[2], sides))
    return [
        Change(
            carton_words(sides),
            _("đang dùng") if sides in now else None,
            _("sẽ dùng") if sides in then else None,
        )
        for sides in both
        if (sides in now) != (sides in then)
    ]


def carton_words(sides: tuple[int, int, int]) -> str:
    """`30 × 20 × 12 cm`."""
    return " × ".join(f"{side / 10:g}".replace(".", ",") for side in sides) + " cm"


def remote_now(rules: Sequence[RemoteCommune], day: date) -> dict[str, RemoteCommune]:
    """By commune, the rules that hold on a day."""
    codes = {rule.commune_code for rule in rules}
    held = {code: fees.remote_rule(rules, code, day) for code in codes}
    return {code: rule for code, rule in held.items() if rule is not None}


def _columns(sheet: Sheet, names: Sequence[str], needed: int) -> list[int | None]:
    heads = [head.strip().lower() for head in sheet.heads]
    found = [heads.index(name) if name in heads else None for name in names]
    if None in found[:needed]:
        raise Refusal(_("Dòng đầu của tệp phải có các cột: %(columns)s", columns=", ".join(names)), "file")
    if not sheet.rows:
        raise Refusal(_("Tệp chưa có dòng nào dưới dòng đầu."), "file")
    return found


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""
