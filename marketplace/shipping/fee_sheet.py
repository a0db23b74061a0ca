"""The main fees of a price list as a sheet (CSV or XLSX), laid over the list in force. A zone of a service that stands
in the sheet is given whole, with all its weight steps:

    service,zone,grams,fee_dong
    TIEU_CHUAN,noi_tinh,2000,20000
    TIEU_CHUAN,noi_tinh,+500,2500        every further 500 g

A spreadsheet makes 500 of +500: written as text ('+500) it stays what it is. What is wrong is named by
its row and its column.
"""

import copy
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from marketplace.foundation import sheets
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.sheets import wrong
from marketplace.foundation.words import _
from marketplace.places.queries import Zone

COLUMNS = ("service", "zone", "grams", "fee_dong")
SERVICE, ZONE, GRAMS, FEE = COLUMNS
MOST_ROWS = 5_000
MOST_GRAMS = 1_000_000
MOST_DONG = 100_000_000

Place = tuple[str, str]
"""A service and a zone."""


@dataclass
class _Fees:
    """The fees of one zone of a service: (row, grams, fee) of each step, and of what is added above the last."""

    steps: list[tuple[int, int, int]] = field(default_factory=list)
    more: tuple[int, int, int] | None = None

    @property
    def first_row(self) -> int:
        return min([row for row, _grams, _fee in self.steps] + ([self.more[0]] if self.more else []))

    def table(self) -> dict[str, int]:
        assert self.more is not None
        found = {str(grams): fee for _row, grams, fee in self.steps}
        return {**found, "step": self.more[1], "step_fee": self.more[2]}


def laid_over(now: Mapping[str, Any] | None, data: bytes, filename: str) -> dict[str, Any]:
    """The list in force with the main fees of a sheet laid over it."""
    if now is None:
        raise Refusal(_("Chưa có biểu cước nào để ghép bảng tính vào. Hãy gửi tệp JSON đầy đủ."), "file")
    try:
        sheet = sheets.read(io.BytesIO(data), filename, MOST_ROWS)
    except Refusal as refusal:
        raise Refusal(refusal.sentence, "file") from None
    table: dict[str, Any] = copy.deepcopy(dict(now))
    known = {service["code"]: service for service in table["services"]}
    found = _read(sheet, known)
    for place, fees in found.items():
        _check(place, fees)
    _same_steps(found)
    for (service, zone), fees in found.items():
        known[service]["table"] = known[service]["table"] | {zone: fees.table()}
    return table


def _read(sheet: sheets.Sheet, known: Mapping[str, Any]) -> dict[Place, _Fees]:
    heads = [head.strip().lower() for head in sheet.heads]
    missing = [name for name in COLUMNS if name not in heads]
    twice = [name for name in COLUMNS if heads.count(name) > 1]
    if missing or twice:
        raise Refusal(
            _(
                "Dòng đầu của tệp phải có các cột, mỗi cột một lần: %(columns)s. Đang thiếu hoặc thừa: %(wrong)s.",
                columns=", ".join(COLUMNS),
                wrong=", ".join([*missing, *twice]),
            ),
            "file",
        )
    if not sheet.rows:
        raise Refusal(_("Tệp chưa có dòng nào dưới dòng đầu."), "file")
    at = [heads.index(name) for name in COLUMNS]
    found: dict[Place, _Fees] = {}
    for row in sheet.rows:
        cells = [row.cells[place].strip() if place < len(row.cells) else "" for place in at]
        _read_row(row.number, cells, known, found)
    return found


def _read_row(number: int, cells: list[str], known: Mapping[str, Any], found: dict[Place, _Fees]) -> None:
    service, zone, grams, fee = cells
    grams = grams.lstrip("'")  # put before “+500”, so that a spreadsheet does not reckon with it
    if service not in known:
        raise wrong(
            number, SERVICE, _("dịch vụ “%(code)s” không có trong biểu cước đang dùng", code=service[:40])
        )
    if zone not in set(Zone):
        zones = ", ".join(Zone)
        raise wrong(
            number, ZONE, _("vùng “%(zone)s” phải là một trong: %(zones)s", zone=zone[:40], zones=zones)
        )
    if zone not in known[service]["sla_days"]:
        raise wrong(
            number, ZONE, _("dịch vụ này chưa có thời gian giao ở vùng ấy, hãy gửi cả biểu cước bằng JSON")
        )
    weight = _whole(grams.removeprefix("+"), 1, MOST_GRAMS)
    if weight is None:
        raise wrong(number, GRAMS, _("“%(typed)s” phải là số gam, từ 1 đến 1.000.000", typed=grams[:40]))
    amount = _whole(fee, 0, MOST_DONG)
    if amount is None:
        raise wrong(number, FEE, _("“%(typed)s” phải là số đồng, không âm", typed=fee[:40]))
    fees = found.setdefault((service, zone), _Fees())
    if not grams.startswith("+"):
        _not_twice(number, weight, fees)
        fees.steps.append((number, weight, amount))
    elif fees.more is None:
        fees.more = (number, weight, amount)
    else:
        raise wrong(number, GRAMS, _("bước cân thêm của vùng này đã có ở dòng %(row)s", row=fees.more[0]))


def _not_twice(number: int, weight: int, fees: _Fees) -> None:
    for row, grams, _fee in fees.steps:
        if grams == weight:
            raise wrong(
                number, GRAMS, _("nấc %(grams)s g của vùng này đã có ở dòng %(row)s", grams=grams, row=row)
            )


def _whole(typed: str, least: int, most: int) -> int | None:
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 12):
        return None
    return int(typed) if least <= int(typed) <= most else None


def _check(place: Place, fees: _Fees) -> None:
    """A zone is whole: steps that rise in weight and do not fall in price, and what every further step costs."""
    where = f"{place[0]}, {place[1]}"
    if not fees.steps:
        raise wrong(fees.first_row, GRAMS, _("%(where)s chưa có nấc cân nào", where=where))
    if fees.more is None:
        no_more = _("%(where)s thiếu dòng “+”: mỗi bao nhiêu gam thêm thì thêm bao nhiêu tiền", where=where)
        raise wrong(max(row for row, _grams, _fee in fees.steps), GRAMS, no_more)
    for (before, _lighter, less), (row, _heavier, fee) in pairwise(
        sorted(fees.steps, key=lambda one: one[1])
    ):
        if fee < less:
            cheaper = _(
                "%(fee)s thấp hơn nấc nhẹ hơn ở dòng %(before)s (%(less)s)",
                fee=dong(fee),
                before=before,
                less=dong(less),
            )
            raise wrong(row, FEE, cheaper)


def _same_steps(found: Mapping[Place, _Fees]) -> None:
    """A step that other zones of a service have and one has not is a hole."""
    for (service, zone), fees in found.items():
        here = {grams for _row, grams, _fee in fees.steps}
        for (other, other_zone), others in found.items():
            gaps = [grams for _row, grams, _fee in others.steps if grams not in here]
            if other == service and gaps:
                hole = _(
                    "%(where)s thiếu nấc %(grams)s g mà vùng %(zone)s có",
                    where=f"{service}, {zone}",
                    grams=min(gaps),
                    zone=other_zone,
                )
                raise wrong(fees.first_row, GRAMS, hole)
