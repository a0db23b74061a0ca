"""Lists of the post as sheets: read, shown beside what holds, in force from a day to come; anything odd is one sentence."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from marketplace.foundation import clock as wall_clock
from marketplace.foundation import sheets
from marketplace.foundation.db import db
from marketplace.places import queries as places
from marketplace.shipping import fees, price_list, queries, tables
from marketplace.shipping.models import CartonList, RemoteCommune, Tariff
from tests.admin.test_rules import BASIS, admin, count, day, on

__all__ = ["admin"]  # a fixture

REMOTE = "/admin/rules/remote-communes"


def test_far_communes_from_a_sheet(admin, clock):
    gone, kept = "26732", [c for c in codes() if c != "26732"]
    rows = [["commune_code", "reached"], *[[code, "yes"] for code in kept], ["22736", "no"], ["05503", "yes"]]
    rows = [row for row in rows if row != ["22736", "yes"]]
    page = admin.post(
        f"{REMOTE}/preview", file=(io.BytesIO(sheets.as_xlsx("xa", rows[0], rows[1:])), "xa.xlsx")
    )
    for words in ("Đặc khu Côn Đảo", "Xã Tân Cương", "chưa phát tới", "3 chỗ khác"):
        assert words in page
    assert count(RemoteCommune) == 13  # only shown
    page.form(f"{REMOTE}/table").submit(valid_from=day(3), **BASIS)
    said = queries.remote_communes()
    today, then = wall_clock.today(), wall_clock.today() + timedelta(days=3)
    assert set(tables.remote_now(said, today)) == {*kept, gone}
    after = tables.remote_now(said, then)
    assert set(after) == {*kept, "05503"}
    assert not after["22736"].is_reached
    assert fees.remote_rule(said, gone, then) is None
    assert "chưa phát tới" in admin(REMOTE)


def codes() -> list[str]:
    return sorted(rule.commune_code for rule in queries.remote_communes())


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        ("xa,vung\n26732,yes\n", "Dòng đầu của tệp phải có các cột"),
        ("commune_code,reached\n", "chưa có dòng nào"),
        ("commune_code,reached\n99999,yes\n", "Dòng 2, cột “commune_code”: không có xã nào mang mã 99999"),
        (
            "commune_code,reached\n26732,yes\n26732,no\n",
            "Dòng 3, cột “commune_code”: Đặc khu Côn Đảo đứng hai lần",
        ),
        ("commune_code,reached\n\n26732,perhaps\n", "Dòng 3, cột “reached”: “perhaps” phải là yes hoặc no"),
        ("", "trống"),
    ],
)
def test_a_sheet_that_is_wrong_is_one_sentence_and_changes_nothing(admin, sheet, sentence):
    answer = admin.post(f"{REMOTE}/preview", file=(io.BytesIO(sheet.encode()), "xa.csv"))
    assert sentence in answer
    assert count(RemoteCommune) == 13


def test_the_same_list_again_is_said(admin):
    sheet = "commune_code\n" + "\n".join(codes())
    page = admin.post(f"{REMOTE}/preview", file=(io.BytesIO(sheet.encode()), "xa.csv"))
    assert "giống hệt danh sách đang dùng" in page
    answer = page.form(f"{REMOTE}/table").submit(status=422, valid_from=day(3), **BASIS)
    assert "giống hệt danh sách đang dùng" in answer
    assert count(RemoteCommune) == 13


def test_cartons_from_a_sheet_hold_from_their_day(admin):
    sheet = "length_mm,width_mm,height_mm\n400,300,200\n200,150,100\n"
    page = admin.post("/admin/rules/cartons/preview", file=(io.BytesIO(sheet.encode()), "thung.csv"))
    assert "20 × 15 × 10 cm" in page
    page.form("/admin/rules/cartons").submit(valid_from=day(2), **BASIS)
    assert count(CartonList) == 2
    assert fees.cartons_on(wall_clock.today()) == fees.shipped_cartons()
    later = wall_clock.today() + timedelta(days=2)
    assert fees.cartons_on(later) == ((200, 150, 100), (400, 300, 200))
    page = admin("/admin/rules/cartons")
    assert "2 cỡ thùng" in page and "Cỡ thùng thường bán (minh họa" in page


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("0,10,10", "length_mm"),
        ("200,abc,10", "width_mm"),
        ("200,150", "height_mm"),
        ("9999,100,100", "length_mm"),
    ],
)
def test_a_carton_that_is_none_is_refused(admin, row, column):
    sheet = f"length_mm,width_mm,height_mm\n{row}\n"
    answer = admin.post("/admin/rules/cartons/preview", file=(io.BytesIO(sheet.encode()), "thung.csv"))
    assert f"Dòng 2, cột “{column}”: mỗi cạnh là số nguyên" in answer
    assert count(CartonList) == 1


def test_what_was_packed_into_the_form_is_checked_again(admin):
    for path in (f"{REMOTE}/table", "/admin/rules/cartons"):
        for table in ("", "[1]", '{"99999": true}', "[[0, 1, 2]]", "null"):
            admin.post(path, status=422, table=table, valid_from=day(3), **BASIS)
    assert (count(RemoteCommune), count(CartonList)) == (13, 1)


def test_main_fees_from_an_excel_sheet(admin):
    rows = [
        ["TIEU_CHUAN", "noi_tinh", "2000", 21_000],
        ["TIEU_CHUAN", "noi_tinh", "+500", 2_600],
    ]
    data = sheets.as_xlsx("cuoc", price_list.COLUMNS, rows)
    assert load_workbook(io.BytesIO(data)).worksheets[0].max_row == 3
    page = admin.post("/admin/rules/tariff/preview", file=(io.BytesIO(data), "cuoc.xlsx"))
    assert "2 chỗ khác" in page
    assert "21.000" in page
    page.form("/admin/rules/tariff").submit(valid_from=day(3), name="Cước mới", **BASIS)
    steps = on(Tariff, 3).table["services"][0]["table"]["noi_tinh"]
    assert steps == {"2000": 21_000, "step": 500, "step_fee": 2_600}
    broken = admin.post(
        "/admin/rules/tariff/preview", status=422, file=(io.BytesIO(b"PK\x03\x04 nothing"), "cuoc.xlsx")
    )
    assert "bị hỏng" in broken
    assert db.session.query(Tariff).count() == 2
    assert places.commune("26732") is not None
