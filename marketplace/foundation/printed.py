"""Sheets of paper as PDF, in Vietnamese type: lines of words, what is called what, tables, a QR code.

    paper = PrintedSheet("A5", title="…")
    paper.say("GIẤY TIẾP NHẬN", 13, bold=True, align="C")
    paper.fact("Mã hồ sơ", "HS7K2M")
    paper.qr("https://…", x=110, y=10, size=26)
    paper.done() -> bytes

What is too long goes on below; what does not fit a page goes on to the next.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from marketplace.foundation import qr

FONTS = Path(__file__).parent / "fonts"
FAMILY = "bvp"
SIZES = {"A4": (210, 297), "A5": (148, 210)}
"""Millimetres."""


def _is_money(column: Sequence[str]) -> bool:
    return all(cell.endswith("₫") for cell in column)


class PrintedSheet:
    """One document, written from top to bottom. Sizes are points, places millimetres."""

    def __init__(self, format: str = "A4", title: str = "", margin: float = 12) -> None:
        from marketplace.foundation.numbered_pages import NumberedPages

        self.pdf = NumberedPages(SIZES[format], FAMILY)
        self.pdf.set_margin(margin)
        self.pdf.set_auto_page_break(True, margin)
        self.pdf.add_font(FAMILY, "", FONTS / "BeVietnamPro-400.ttf")
        self.pdf.add_font(FAMILY, "B", FONTS / "BeVietnamPro-700.ttf")
        self.pdf.set_title(title)
        self.pdf.set_lang("vi")
        self.pdf.add_page()
        self.wide = float(self.pdf.epw)

    def say(
        self,
        text: str,
        size: float = 10,
        bold: bool = False,
        align: str = "L",
        wide: float = 0,
        gap: float = 0,
    ) -> None:
        """Words over the width of the sheet, or of `wide` millimetres."""
        self._font(size, bold)
        self.pdf.multi_cell(wide or self.wide, size * 0.5, text, align=align, new_x="LMARGIN", new_y="NEXT")
        if gap:
            self.pdf.ln(gap)

    def fact(self, name: str, value: str, size: float = 9.5, name_wide: float = 42) -> None:
        """What something is called, and what it is."""
        top = self.pdf.get_y()
        self._font(size, False)
        self.pdf.multi_cell(name_wide, size * 0.52, name, align="L", new_x="RIGHT", new_y="TOP")
        below = top + size * 0.52 * max(1, -(-int(self.pdf.get_string_width(name)) // int(name_wide)))
        self.pdf.set_xy(self.pdf.l_margin + name_wide, top)
        self._font(size, True)
        self.pdf.multi_cell(
            self.wide - name_wide, size * 0.52, value or "–", align="L", new_x="LMARGIN", new_y="NEXT"
        )
        self.pdf.set_y(max(self.pdf.get_y(), below) + 0.6)

    def rule(self, gap: float = 1.5) -> None:
        """A line across."""
        self.pdf.ln(gap)
        y = self.pdf.get_y()
        self.pdf.line(self.pdf.l_margin, y, self.pdf.l_margin + self.wide, y)
        self.pdf.ln(gap)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """A table with its heads on every page; `widths` are shares. Money stands on the right."""
        self._font(8.5, False)
        aligns = tuple("RIGHT" if _is_money(column) else "LEFT" for column in zip(*rows, strict=True))
        with self.pdf.table(
            col_widths=tuple(widths), line_height=5, text_align=aligns or "LEFT", padding=(0, 1)
        ) as table:
            for line in (heads, *rows):
                row = table.row()
                for cell in line:
                    row.cell(cell)

    def signatures(self, *who: str) -> None:
        """Room to sign, side by side."""
        self.pdf.ln(3)
        each = self.wide / len(who)
        self._font(9.5, True)
        for place, title in enumerate(who):
            self.pdf.set_x(self.pdf.l_margin + each * place)
            self.pdf.cell(each, 5, title, align="C")
        self.pdf.ln(20)

    def qr(self, text: str, x: float, y: float, size: float) -> None:
        """A QR code at its own place."""
        rows = qr.rows(text)
        cell = size / len(rows)
        for down, row in enumerate(rows):
            for across, is_dark in enumerate(row):
                if is_dark:
                    self.pdf.rect(x + across * cell, y + down * cell, cell, cell, style="F")

    def done(self) -> bytes:
        self.pdf.is_last = True
        return bytes(self.pdf.output())

    def _font(self, size: float, bold: bool) -> None:
        self.pdf.set_font(FAMILY, "B" if bold else "", size)

    def place(self) -> Any:
        """Where the next line begins (y)."""
        return self.pdf.get_y()
