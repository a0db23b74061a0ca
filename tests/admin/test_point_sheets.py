"""Counters and staff by a sheet: shown first, taken over line by line, the same sheet twice changes nothing."""

import io

import pytest

from marketplace.accounts.models import Invitation
from marketplace.admin import point_sheets
from marketplace.foundation import sheets
from marketplace.foundation.db import db
from marketplace.places.models import ServicePoint
from tests import cast, parcels

GOOD = [
    "Bưu cục La Bằng",
    "05620",
    "",
    "Xóm Tiến Thành",
    "0208 383 1234",
    "",
    "1-5 07:30-17:00",
    "Lê Thị Hoa 0912777001",
    "24618ABC1234",
]


@pytest.fixture
def desk(app, visit):
    parcels.point()
    cast.clerk(parcels.point())
    return visit.sign_in(cast.admin())


def send(desk, *rows, heads=point_sheets.HEADS, status=200):
    data = sheets.as_csv([heads, *rows])
    return (
        desk("/admin/points/sheet")
        .form("/admin/points/sheet")
        .submit(status=status, file=(io.BytesIO(data), "diem.csv"))
    )


def counts():
    db.session.rollback()
    return db.session.query(ServicePoint).count(), db.session.query(Invitation).count()


def test_shown_then_taken_over_and_the_same_again_changes_nothing(desk):
    page = send(desk, GOOD)
    assert "Điểm mới" in page and "Lê Thị Hoa" in page
    assert counts() == (1, 0)
    page.form("/admin/points/sheet/adoption").submit()
    assert counts() == (2, 1)
    made = db.session.query(ServicePoint).filter_by(name="Bưu cục La Bằng").one()
    assert (made.street, made.phone, len(made.weekly_hours)) == ("Xóm Tiến Thành", "+842083831234", 5)
    assert made.vpostcode == "24618ABC1234"
    assert "giống hệt" in send(desk, GOOD)
    assert counts() == (2, 1)


def test_what_is_taken_out_is_read_back_unchanged(desk):
    data = desk.raw("GET", "/admin/points/sheet.xlsx").data
    sheet = sheets.read(io.BytesIO(data), "a.xlsx", 10)
    db.session.rollback()
    lines = point_sheets.compared(point_sheets.cells_of(sheet))
    assert [line.change for line in lines] == [point_sheets.Change.SAME]
    assert lines[0].staff[0][1] == cast.clerk().phone


def test_a_change_is_a_change_and_empty_cells_stay(desk):
    send(desk, GOOD).form("/admin/points/sheet/adoption").submit()
    page = send(desk, [*GOOD[:3], "Xóm khác", "", "", "", "", ""])
    assert "Có thay đổi" in page
    page.form("/admin/points/sheet/adoption").submit()
    db.session.rollback()
    made = db.session.query(ServicePoint).filter_by(name="Bưu cục La Bằng").one()
    assert (made.street, made.phone, len(made.weekly_hours)) == ("Xóm khác", "+842083831234", 5)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (0, "", "Hãy ghi tên"),
        (1, "99999", "Không có xã"),
        (4, "12", "Số điện thoại của điểm chưa đúng"),
        (5, "đâu đó", "Vị trí chưa đọc được"),
        (6, "sáng", "Chưa đọc được giờ"),
        (7, "Hoa", "Nhân viên “Hoa” chưa đúng"),
    ],
)
def test_a_line_that_is_wrong_says_why_and_the_others_go_on(desk, column, value, said):
    wrong = [*GOOD]
    wrong[column] = value
    other = ["Điểm La Bằng 2", *GOOD[1:7], "", ""]
    page = send(desk, wrong, other)
    assert said in page
    page.form("/admin/points/sheet/adoption").submit()
    assert counts() == (2, 0)


def test_a_sheet_of_something_else_is_refused(desk):
    assert "Tệp thiếu cột" in send(desk, ["a"], heads=["Giá"], status=422)
    desk.post("/admin/points/sheet/adoption", table='[["1"]]', status=422)
    assert counts() == (1, 0)


@pytest.mark.parametrize(
    "typed", ["Lê Thị Hoa 0912 777 001", "Lê Thị Hoa: +84 912.777.001", "Lê Thị Hoa +84912777001"]
)
def test_phones_as_people_write_them(typed):
    assert list(point_sheets._people(typed)) == [("Lê Thị Hoa", "+84912777001")]


def test_one_phone_is_one_person(desk):
    second = ["Điểm La Bằng 2", *GOOD[1:7], "Trần Văn Bé 0912 777 001", ""]
    page = send(desk, GOOD, second, ["Điểm 3", *GOOD[1:7], "Tô A 0912777002; Tô A +84912777002", ""])
    assert "số 0912777001 đã ghi cho “Lê Thị Hoa” ở dòng 2" in page and "số 0912777002 đứng hai lần" in page
    assert "Cột “Nhân viên”" in page
    page.form("/admin/points/sheet/adoption").submit()
    assert counts() == (2, 1)


def test_who_is_named_elsewhere_moves_and_who_is_left_out_stays(desk):
    """At a counter whose staff is left empty everybody stays; a counter the sheet leaves out stays too, and is named."""
    here, clerk = parcels.point(), cast.clerk(parcels.point())
    there = [*GOOD[:7], f"{clerk.name} {clerk.phone}", ""]
    page = send(desk, there)
    assert here.name in page and "không có trong tệp" in page and "chuyển từ" not in page
    mine = [here.name, here.commune_code, "", here.street, "", "", "", "Lê Thị Hoa 0912777001", ""]
    page = send(desk, mine, there)
    assert f"chuyển từ {here.name}" in page and "không có trong tệp" not in page
    page.form("/admin/points/sheet/adoption").submit()
    db.session.rollback()
    assert [post.point.name for post in cast.clerk().posts] == ["Bưu cục La Bằng"]
    assert "giống hệt" in send(desk, mine, there)
