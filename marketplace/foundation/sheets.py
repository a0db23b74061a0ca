"""Sheets, in and out: CSV and XLSX as people send them, and as a spreadsheet opens them.

Written: text stays text, never a formula (OWASP, "CSV injection"). Read: a file of another kind, too many rows, a bomb
that unpacks to gigabytes, a heading over several columns each get one sentence; nothing is evaluated.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from marketplace.foundation import clock
from marketplace.foundation.db import clean_text
from marketplace.foundation.money import number as number_words
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _

MOST_BYTES = 10_000_000
MOST_UNPACKED = 60_000_000
TAGS_OF_A_ROW, TAGS_BESIDE = 160, 200_000
"""What reading a workbook costs is its tags, not its bytes: 100 kB can hold millions of them. So many for each row
there may be, and for what stands beside the rows."""
MOST_EMPTY_LINES = 20_000
MOST_COLUMNS = 60
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FIRST_SHEET, MERGED = "xl/worksheets/sheet", b"<mergeCell "
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


# -- out ----------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A cell no spreadsheet runs: text that begins like a formula gets an apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = str(value)
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return value


def as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with the byte-order mark that makes Excel read Vietnamese."""
    out = io.StringIO()
    csv.writer(out).writerows([plain(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(title: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a bold line of headings that stays in view; text cells are marked as text."""
    # Slow to import, and most processes never write one.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(letter for letter in title if letter not in r"[]:*?/\ ")[:31] or "1")
    sheet.freeze_panes = "A2"

    def cell(value: Any, bold: bool = False) -> Any:
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        if isinstance(value, datetime):
            value = clock.local(value).replace(tzinfo=None) if value.tzinfo else value
        elif not isinstance(value, date):
            value = "".join(letter for letter in str(value) if letter >= " " or letter in "\n\t")
        made = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            # Not as a formula, whatever it begins with.
            made.data_type = "s"
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(head if isinstance(head, (int, float)) else str(head), bold=True) for head in heads])
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# -- in -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet: its number as the person sees it (the headings are line 1), and its cells as text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was sent: the headings and the lines below them, empty ones left out."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def wrong(number: int, column: str, why: Text | str) -> Refusal:
    """What is wrong with a sheet, by its row and its column."""
    sentence = _(
        "Dòng %(number)s, cột “%(column)s”: %(why)s. Hãy sửa tệp rồi gửi lại.",
        number=number,
        column=column,
        why=why,
    )
    return Refusal(sentence, "file")


def read(stream: IO[bytes], filename: str, most_rows: int) -> Sheet:
    """Read a CSV (UTF-8, with or without its mark, or UTF-16; commas, semicolons or tabs) or an XLSX (its first sheet).

    Formulas come as their text, for the caller to refuse. Raises Refusal when it is neither, too big, or has headings
    over several columns.
    """
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refusal(_("Tệp quá lớn: tối đa %(most)s MB.", most=MOST_BYTES // 1_000_000))
    if not data.strip():
        raise Refusal(_("Tệp này trống."))
    lines = (
        _xlsx(data, TAGS_BESIDE + TAGS_OF_A_ROW * most_rows)
        if data[:4] == b"PK\x03\x04"
        else _csv(data, filename)
    )
    return _sheet(lines, most_rows)


def _sheet(lines: Iterator[Sequence[Any]], most_rows: int) -> Sheet:
    heads: tuple[str, ...] | None = None
    rows: list[Row] = []
    empty = 0
    for number, line in enumerate(lines, 1):
        cells = tuple(_text(value) for value in line[:MOST_COLUMNS])
        if not any(cells):
            empty += 1
            if empty > MOST_EMPTY_LINES:
                raise Refusal(_("Tệp có quá nhiều dòng trống. Hãy xóa các dòng trống rồi gửi lại."))
            continue
        if heads is None:
            heads = tuple(cells[: max(i + 1 for i, cell in enumerate(cells) if cell)])
            continue
        if len(rows) >= most_rows:
            raise Refusal(
                _("Tệp có hơn %(most)s dòng. Hãy chia thành nhiều tệp.", most=number_words(most_rows))
            )
        rows.append(Row(number, cells))
    if heads is None:
        raise Refusal(_("Tệp này trống."))
    return Sheet(heads, tuple(rows))


def _text(value: Any) -> str:
    """As the person typed it: a whole number without its `.0`, a day as 2026-11-22."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, float) and re.fullmatch(r"\d{1,3}\.\d{3}", str(value)):
        return f"{value}0"  # a number, and not the thousands that somebody typed as 1.234
    if isinstance(value, datetime):
        value = value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else value
    return (
        " ".join(clean_text(str(value)).split()) if "\n" not in str(value) else clean_text(str(value)).strip()
    )


def _csv(data: bytes, filename: str) -> Iterator[Sequence[str]]:
    text = _decode(data)
    if "\x00" in text or not filename.lower().endswith((".csv", ".txt", ".tsv")):
        raise Refusal(_("Chỉ nhận tệp CSV hoặc Excel (.xlsx)."))
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except csv.Error:
        raise Refusal(_("Tệp CSV bị hỏng: có dấu ngoặc kép chưa khép. Hãy lưu lại từ Excel.")) from None


def _decode(data: bytes) -> str:
    codings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    for coding in codings:
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            continue
    raise Refusal(_("Không đọc được chữ trong tệp. Khi lưu từ Excel, hãy chọn “CSV UTF-8”."))


def _xlsx(data: bytes, most_tags: int) -> Iterator[Sequence[Any]]:
    too_large = Refusal(_("Tệp Excel này mở ra quá lớn. Hãy chia nhỏ hoặc lưu thành CSV."))
    damaged = Refusal(_("Tệp Excel này bị hỏng hoặc không phải .xlsx. Hãy mở ra và lưu lại."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise too_large
            if "xl/workbook.xml" not in packed.namelist():
                raise damaged
            first = min(
                (name for name in packed.namelist() if name.startswith(FIRST_SHEET)), key=len, default=""
            )
            tags = 0
            for part in parts:
                found, is_merged = _look_over(packed, part.filename)
                tags += found
                if tags > most_tags:
                    raise too_large
                if is_merged and part.filename == first:
                    raise Refusal(_("Bảng có ô gộp. Hãy bỏ gộp ô để mỗi cột có một tên riêng, rồi gửi lại."))
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ):  # not packed as it says, or locked
        raise damaged from None
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        yield from book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)
    except Refusal:
        raise
    except Exception as error:
        # A library reading what a stranger sent fails in many ways; all of them are one sentence to the person.
        raise damaged from error


def _look_over(packed: zipfile.ZipFile, name: str, most: int = 1_000_000) -> tuple[int, bool]:
    """How many tags a part of a workbook has, and whether cells are merged in it; unpacked a little at a time."""
    tags, is_merged, last = 0, False, b""
    with packed.open(name) as part:
        while chunk := part.read(most):
            tags += chunk.count(b"<")
            is_merged = is_merged or MERGED in last + chunk
            last = chunk[-len(MERGED) :]
    return tags, is_merged
