"""The label on a parcel: what stands on it, and its A6 sheet as a PDF.

A label speaks Vietnamese whoever prints it: the people who carry the parcel read it. The barcode is Code 128 of the
number, four dots wide a module on a 203 dpi printer; the QR code is the address of the parcel's public page, so that
the recipient's telephone can follow it and a counter's scanner can read it too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from marketplace.catalog.models import HANDLING_WORDS, Handling
from marketplace.farmers import queries as farmers
from marketplace.foundation import clock, market, qr
from marketplace.foundation.money import dong
from marketplace.foundation.phones import show_phone
from marketplace.foundation.printed import FONTS
from marketplace.foundation.show import grams
from marketplace.foundation.words import _, in_language
from marketplace.places import queries as places
from marketplace.shipping import fees, queries
from marketplace.shipping.dispatch_models import Dispatch
from marketplace.shipping.models import Parcel

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 105, 148, 5
MODULE_MM = 0.5
"""4 dots at 203 dpi."""
QUIET = 10
"""Modules of white on either side of a barcode (ISO/IEC 15417)."""

SIGNS = {
    Handling.FRESH: _("Hàng tươi, giao gấp"),
    Handling.CHILLED: _("Giữ mát"),
    Handling.FROZEN: _("Giữ đông lạnh"),
    Handling.LIVE: _("Còn sống, giao gấp"),
    Handling.LIQUID: _("Chất lỏng, để đứng"),
    Handling.FRAGILE: _("Dễ vỡ, nhẹ tay"),
    Handling.BULKY: HANDLING_WORDS[Handling.BULKY],
}


PICKUP_SIGN = _("Tự tới lấy, giữ tại bưu cục")


@dataclass(frozen=True)
class Side:
    """Who sends or who receives, and where."""

    title: str
    name: str
    phone: str
    street: str
    place: str


@dataclass(frozen=True)
class Label:
    """Everything that stands on one parcel's label, in words ready to print."""

    number: str
    groups: str
    written: str
    link: str
    service: str
    sender: Side
    recipient: Side
    postcode: str
    province: str
    cash_title: str
    cash: str
    weight: str
    count: str
    order: str
    signs: Sequence[str]
    made: str

    @property
    def bars(self) -> str:
        """The barcode as an SVG path, one unit high, and `bars_width` units wide with its quiet zones."""
        return "".join(f"M{where} 0h{wide}v1h-{wide}z" for where, wide in bars(self.number))

    @property
    def bars_width(self) -> int:
        return barcode_width(self.number)

    @property
    def qr(self) -> str:
        """The QR code as an SVG path, `qr_size` units square, without its quiet zone."""
        rows = enumerate(qr.rows(self.link))
        return "".join(f"M{x} {y}h1v1h-1z" for y, row in rows for x, is_dark in enumerate(row) if is_dark)

    @property
    def qr_size(self) -> int:
        return len(qr.rows(self.link))


def labels_of(parcels: Sequence[Parcel]) -> list[Label]:
    """The labels of parcels of one farm's order, in their order."""
    with in_language("vi"):
        return [_label(parcel, place + 1, len(parcels)) for place, parcel in enumerate(parcels)]


def label_of(parcel: Parcel) -> Label:
    """The label of one parcel; it says which of how many of its order it is."""
    whole = list(queries.parcels_of(parcel.farm_order))
    ids = [one.id for one in whole]
    with in_language("vi"):
        return _label(parcel, ids.index(parcel.id) + 1 if parcel.id in ids else 1, max(len(ids), 1))


def label_of_dispatch(found: Dispatch) -> Label:
    """The label of a parcel that carries no sale: nothing is taken at its door."""
    to = places.commune(_commune_to(found) or "")
    goods = queries.parcels_of(found.farm_order) if found.farm_order is not None else ()
    with in_language("vi"):
        return Label(
            number=found.tracking,
            groups=found.number_in_groups,
            written=found.code,
            link=f"{market.settings().site_url}/tracking/{found.tracking}",
            service=str(found.purpose_in_words),
            sender=Side(
                str(_("Người gửi")), found.sender_name, _phone(found.sender_phone), "", found.sender_address
            ),
            recipient=Side(
                str(_("Người nhận")),
                found.recipient_name,
                _phone(found.recipient_phone),
                "",
                found.recipient_address,
            ),
            postcode=to.postcode or "" if to is not None else "",
            province=to.province.name if to is not None else "",
            cash_title=str(_("Không thu tiền")),
            cash="",
            weight=grams(found.weight_grams),
            count=str(_("Kiện %(place)s/%(of)s", place=1, of=1)),
            order=str(
                _("Hồ sơ %(code)s", code=found.dossier.code)
                if found.dossier is not None
                else _("Trả về nhà vườn")
            ),
            signs=[str(_("Giao tận tay, xem căn cước"))]
            if found.dossier is not None
            else _signs_of({sign for parcel in goods for sign in parcel.signs}),
            made=found.created_at.astimezone(clock.ZONE).strftime("%d/%m/%Y"),
        )


def _commune_to(found: Dispatch) -> str | None:
    """Where it goes: to the applicant's home, or to the farm."""
    if found.farm_order is not None:
        return found.farm_order.farm.commune_code
    return found.dossier.return_commune_code if found.dossier is not None else None


def _phone(number: str) -> str:
    return show_phone(number) if number else ""


def _label(parcel: Parcel, place: int, of: int) -> Label:
    farm_order, farm, order = parcel.farm_order, parcel.farm_order.farm, parcel.farm_order.order
    commune = places.commune(order.commune_code)
    province = places.province(order.province_code)
    assert commune is not None and province is not None
    return Label(
        number=parcel.tracking,
        groups=parcel.number_in_groups,
        written=parcel.code,
        link=f"{market.settings().site_url}/tracking/{parcel.tracking}",
        service=fees.service_name(parcel.service_code, clock.today()),
        sender=Side(
            str(_("Người gửi")), farm.name, show_phone(farm.phone or ""), "", farmers.address_of(farm)
        ),
        recipient=Side(
            str(_("Người nhận")),
            order.name,
            show_phone(order.phone),
            order.street,
            places.print_address("", commune),
        ),
        postcode=commune.postcode or "",
        province=province.name,
        cash_title=str(_("Thu hộ") if parcel.cod_dong else _("Không thu tiền")),
        cash=dong(parcel.cod_dong) if parcel.cod_dong else "",
        weight=grams(parcel.grams_now),
        count=str(_("Kiện %(place)s/%(of)s", place=place, of=of)),
        order=str(_("Đơn %(code)s", code=farm_order.code)),
        signs=_signs(parcel),
        made=parcel.created_at.astimezone(clock.ZONE).strftime("%d/%m/%Y"),
    )


def _signs(parcel: Parcel) -> list[str]:
    fetched = [str(PICKUP_SIGN)] if parcel.is_for_pickup else []
    return fetched + _signs_of(parcel.signs)


def _signs_of(kinds: Collection[str]) -> list[str]:
    return [str(words) for kind, words in SIGNS.items() if kind.value in kinds]


# -- codes --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def bars(number: str) -> tuple[tuple[int, int], ...]:
    """The black bars of the number in Code 128: (where, how wide), in modules, quiet zone included."""
    from barcode.codex import Code128

    return _runs("".join(Code128(number).build()))


def barcode_width(number: str) -> int:
    """How many modules wide the barcode is with its quiet zones."""
    where, wide = bars(number)[-1]
    return where + wide + QUIET


def _runs(modules: str) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    place = 0
    while (begin := modules.find("1", place)) >= 0:
        end = modules.find("0", begin)
        end = len(modules) if end < 0 else end
        found.append((begin + QUIET, end - begin))
        place = end
    return tuple(found)


# -- on paper -----------------------------------------------------------------------------------------------------


def pdf(labels: Sequence[Label]) -> bytes:
    """The labels as a PDF, one A6 sheet each."""
    from fpdf import FPDF

    paper = FPDF(unit="mm", format=(WIDTH_MM, HEIGHT_MM))
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    paper.c_margin = 0
    paper.add_font("bvp", "", FONTS / "BeVietnamPro-400.ttf")
    paper.add_font("bvp", "B", FONTS / "BeVietnamPro-700.ttf")
    paper.set_title(", ".join(label.number for label in labels)[:200])
    paper.set_lang("vi")
    for label in labels:
        paper.add_page()
        _draw(paper, label)
    return bytes(paper.output())


def pdf_on_a4(labels: Sequence[Label]) -> bytes:
    """The labels four on an A4 sheet, to be cut apart: the same A6 sheets, none made smaller."""
    from fpdf import FPDF
    from fpdf.drawing_primitives import Transform

    paper = FPDF(unit="mm", format=(2 * WIDTH_MM, 2 * HEIGHT_MM))
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    paper.c_margin = 0
    paper.add_font("bvp", "", FONTS / "BeVietnamPro-400.ttf")
    paper.add_font("bvp", "B", FONTS / "BeVietnamPro-700.ttf")
    paper.set_title(", ".join(label.number for label in labels)[:200])
    paper.set_lang("vi")
    for first in range(0, len(labels), 4):
        paper.add_page()
        paper.set_line_width(0.1)
        paper.line(WIDTH_MM, 0, WIDTH_MM, 2 * HEIGHT_MM)
        paper.line(0, HEIGHT_MM, 2 * WIDTH_MM, HEIGHT_MM)
        for place, label in enumerate(labels[first : first + 4]):
            x, y = (place % 2) * WIDTH_MM, (place // 2) * HEIGHT_MM
            with paper.transform(Transform.translation(x, y)):
                _draw(paper, label)
    return bytes(paper.output())


def _draw(paper: "FPDF", label: Label) -> None:
    left, right = MARGIN_MM, WIDTH_MM - MARGIN_MM
    wide = right - left
    paper.set_line_width(0.3)
    _words(paper, label.service, left, 5, 60, 9, bold=True)
    _words(paper, f"{label.count} · {label.weight}", 60, 5, right - 60, 9, align="R")
    _draw_bars(paper, label.number, 11, 20)
    _words(paper, label.groups, left, 32, wide, 15, bold=True, align="C")
    paper.line(left, 41, right, 41)

    # Where it goes, for whoever sorts: province and postcode, readable from a step away.
    _words(paper, label.province, left, 42.5, 62, 22, bold=True)
    _words(paper, label.postcode, 68, 42.5, right - 68, 22, bold=True, align="R")
    paper.line(left, 54, right, 54)

    _side(paper, label.recipient, left, 55.5, wide, 12)
    paper.line(left, 87, right, 87)
    _side(paper, label.sender, left, 88, wide, 8)
    paper.line(left, 106, right, 106)

    size = 30.0
    _draw_qr(paper, label.link, right - size, 109, size)
    _words(paper, label.cash_title, left, 108, wide - size - 4, 10)
    if label.cash:
        _words(paper, label.cash, left, 113, wide - size - 4, 24, bold=True)
    for row, sign in enumerate(label.signs[:3]):
        _words(paper, sign.upper(), left, 124 + 5 * row, wide - size - 4, 11, bold=True)
    _words(paper, f"{label.order} · {label.written} · {label.made}", left, 140, wide, 7.5)


def _side(paper: "FPDF", side: Side, x: float, y: float, wide: float, size: float) -> None:
    _words(paper, side.title, x, y, 40, 7.5)
    height = size * 0.5
    in_one = " · ".join(filter(None, (side.name, side.phone)))
    paper.set_font("bvp", "B", size)
    if paper.get_string_width(in_one) <= wide * 1.3:
        _words(paper, in_one, x, y + 3.5, wide, size, bold=True)
    else:
        # A long name takes two lines; the telephone is never cut, it stands beside the title.
        _words(paper, side.phone, x + 40, y, wide - 40, 9, bold=True, align="R")
        _words(paper, side.name, x, y + 3.8, wide, max(6.5, size * 0.65), bold=True, lines=2)
        height = max(6.5, size * 0.65)
    below = y + 3.5 + height + 0.8
    if side.street:
        _words(paper, side.street, x, below, wide, size * 0.92, lines=2)
        below += height * (2 if paper.get_string_width(side.street) > wide else 1) + 0.3
    _words(paper, side.place, x, below, wide, size * 0.92, lines=2)


def _words(
    paper: "FPDF",
    text: str,
    x: float,
    y: float,
    wide: float,
    size: float,
    bold: bool = False,
    align: str = "L",
    lines: int = 1,
) -> None:
    """Words in a place of their own: smaller when they do not fit, cut at last."""
    paper.set_font("bvp", "B" if bold else "", size)
    while size > 6 and paper.get_string_width(text) > wide * lines * (1 if lines == 1 else 0.92):
        size -= 0.5
        paper.set_font_size(size)
    while text and paper.get_string_width(text) > wide * lines:
        text = text[:-2].rstrip() + "…"
    paper.set_xy(x, y)
    paper.multi_cell(wide, size * 0.5, text, align=align, max_line_height=size * 0.5)


def _draw_bars(paper: "FPDF", number: str, y: float, height: float) -> None:
    x = (WIDTH_MM - barcode_width(number) * MODULE_MM) / 2
    for where, wide in bars(number):
        paper.rect(x + where * MODULE_MM, y, wide * MODULE_MM, height, style="F")


def _draw_qr(paper: "FPDF", text: str, x: float, y: float, size: float) -> None:
    rows = qr.rows(text)
    cell = size / len(rows)
    for row, cells in enumerate(rows):
        modules = "".join("1" if is_dark else "0" for is_dark in cells)
        for where, wide in _runs(modules):
            paper.rect(x + (where - QUIET) * cell, y + row * cell, wide * cell, cell, style="F")
