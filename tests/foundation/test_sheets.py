"""Sheets in and out: what a person sends comes back as they typed it, and nothing that leaves is ever run."""

import io
import zipfile
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from marketplace.foundation import sheets
from marketplace.foundation.refusal import Refusal

cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8)


def read(data: bytes, name: str = "a.csv", most: int = 100) -> sheets.Sheet:
    return sheets.read(io.BytesIO(data), name, most)


def book(*rows, merge: str | None = None) -> bytes:
    made, out = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(list(row))
    if merge:
        made.active.merge_cells(merge)
    made.save(out)
    return out.getvalue()


@given(tables)
def test_no_cell_that_leaves_is_a_formula(rows):
    for line in sheets.as_csv(rows).decode("utf-8-sig").splitlines():
        assert not line.startswith(sheets.FORMULA_STARTS)
    for row in load_workbook(io.BytesIO(sheets.as_xlsx("a", ["x", "y", "z"], rows))).active.iter_rows():
        assert all(cell.data_type != "f" for cell in row)


def test_numbers_stay_numbers_and_vietnamese_is_read():
    data = sheets.as_xlsx("Kết quả: lớp/1", ["Tên", "Tiền"], [["Chè Tân Cương", 125000], ["=1+1", -3]])
    found = load_workbook(io.BytesIO(data)).active
    assert [[cell.value for cell in row] for row in found.iter_rows()] == [
        ["Tên", "Tiền"], ["Chè Tân Cương", 125000], ["=1+1", -3]
    ]  # fmt: skip
    assert found["A3"].data_type == "s"
    assert sheets.as_csv([["Chè", -3, "-3"]]).decode("utf-8-sig") == "Chè,-3,'-3\r\n"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_of_any_spreadsheet(coding, separator):
    text = separator.join(("Tên", "Giá")) + "\r\n\r\n" + separator.join(("Chè  móc câu", "50000")) + "\r\n"
    found = read(text.encode(coding))
    assert found.heads == ("Tên", "Giá")
    assert found.rows == (sheets.Row(3, ("Chè móc câu", "50000")),)


def test_an_xlsx_says_what_was_typed():
    found = read(book(("Tên", "Số", None), ("Chè", 3.0), (None, None), ("=HYPERLINK(1)", 4)), "a.xlsx")
    assert found.heads == ("Tên", "Số")
    assert [(row.number, row.cells[:2]) for row in found.rows] == [
        (2, ("Chè", "3")),
        (4, ("=HYPERLINK(1)", "4")),
    ]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<a/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.csv", "trống"),
        (b"\n\n", "a.csv", "trống"),
        ("Tên".encode("cp1258", "ignore") + b"\xe9\xff", "a.csv", "CSV UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00", "a.xlsx", "CSV"),
        (b"%PDF-1.7", "a.pdf", "CSV hoặc Excel"),
        (b"PK\x03\x04 broken", "a.xlsx", "bị hỏng"),
        (b'a,b\n"c,d\n', "a.csv", "ngoặc kép"),
        (b"a\n" + b"1\n" * 101, "a.csv", "hơn 100 dòng"),
        (book(("a", "b"), ("1", "2"), merge="A1:B1"), "a.xlsx", "ô gộp"),
        (b"x" * (sheets.MOST_BYTES + 1), "a.csv", "quá lớn"),
    ],
)
def test_what_is_no_sheet_gets_a_sentence(data, name, said):
    with pytest.raises(Refusal) as refused:
        read(data, name)
    assert said in str(refused.value.sentence)


def small_bomb(name: str, tags: str) -> bytes:
    """A workbook of a few kilobytes with so many tags that reading it would take minutes."""
    out = io.BytesIO(book(("a", "b"), ("1", "2")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, f"<x>{tags * 300_000}</x>")
    assert len(out.getvalue()) < 100_000
    return out.getvalue()


def empty_lines() -> bytes:
    made = Workbook()
    made.active.append(["a"])
    made.active.cell(row=sheets.MOST_EMPTY_LINES + 10, column=1, value="x")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bomb(), "quá lớn"),
        (small_bomb("xl/sharedStrings2.xml", "<si/>"), "quá lớn"),
        (small_bomb("xl/worksheets/sheet9.xml", "<row/>"), "quá lớn"),
        (empty_lines(), "dòng trống"),
    ],
    ids=["bytes", "texts", "rows", "empty"],
)
def test_a_bomb_is_not_opened(data, said):
    began = process_time()
    with pytest.raises(Refusal, match=said):
        read(data, "a.xlsx")
    assert process_time() - began < 5


def test_a_number_of_a_workbook_is_not_taken_for_thousands():
    """1.234 as a number is one and a bit; typed as text it is what was typed."""
    found = read(book(("Nặng",), (1.234,), ("1.234",), (0.5,), (1234.0,)), "a.xlsx")
    assert [row.cells[0] for row in found.rows] == ["1.2340", "1.234", "0.5", "1234"]
