"""Goods as a list: what is read, what would happen, what happens; and every file that cannot be, in one sentence."""

import csv
import io
import zipfile
from time import process_time

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from marketplace.catalog import importing, jobs, service
from marketplace.catalog.models import Product, ProductState, Variant
from marketplace.catalog.service import PackDetails
from marketplace.catalog.sheet_models import GoodsSheet, SheetState
from marketplace.foundation import sheets
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from tests import cast, make

HEADS = ["Tên món", "Trong gói có", "Tính bằng", "Giá một gói", "Có sẵn mấy gói", "Loại hàng OCOP (1–26)"]
ROWS = [
    ["Chè búp Tân Cương", "100", "g", "145.000", "20", "11"],
    ["Chè búp Tân Cương", "0,5", "kg", "600000", "5", ""],
    ["Mật ong rừng", "500", "ml", "180.000đ", "", ""],
]


@pytest.fixture
def farm(app):
    make.rules()
    return make.farm(owner=cast.farmer_an())


@pytest.fixture
def farmer(visit, farm):
    return visit.sign_in(cast.farmer_an())


def as_csv(rows, heads=HEADS, coding: str = "utf-8-sig", separator: str = ",") -> io.BytesIO:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([heads, *rows])
    return io.BytesIO(out.getvalue().encode(coding))


def as_xlsx(rows, heads=HEADS, merged: str = "") -> io.BytesIO:
    book = Workbook()
    sheet = book.active
    for row in [heads, *rows]:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def send(farmer, file: io.BytesIO, name: str = "hang.csv", status: int = 200):
    return (
        farmer("/sell/products/import").form("/sell/products/import").submit(status=status, file=(file, name))
    )


def take(farmer, page, run_jobs):
    page = page.form(f"{page.path}/start").submit()
    run_jobs()
    db.session.expire_all()
    return farmer(page.path)


def packs() -> dict[tuple[str, str], tuple[int, int]]:
    db.session.expire_all()
    return {
        (pack.product.name, pack.name): (pack.price_dong, pack.on_hand)
        for pack in db.session.scalars(select(Variant))
    }


EXPECTED = {
    ("Chè búp Tân Cương", "100 g"): (145_000, 20),
    ("Chè búp Tân Cương", "500 g"): (600_000, 5),
    ("Mật ong rừng", "500 ml"): (180_000, 0),
}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (as_csv(ROWS), "hang.csv"),
        (as_csv(ROWS, separator=";"), "hang.csv"),
        (as_csv(ROWS, coding="utf-16"), "hang.csv"),
        (as_csv(ROWS, separator="\t", coding="utf-16"), "hang.txt"),
        (as_xlsx(ROWS), "hang.xlsx"),
    ],
)
def test_a_list_is_seen_first_and_written_after(farmer, run_jobs, file, name):
    page = send(farmer, io.BytesIO(file.getvalue()), name)
    assert "Chưa ghi gì. Sẽ thêm 3 gói" in page
    assert db.session.scalar(select(func.count(Product.id))) == 0
    page = take(farmer, page, run_jobs)
    assert "Đã thêm 3 gói" in page
    assert packs() == EXPECTED
    states = {product.state for product in db.session.scalars(select(Product))}
    assert states == {ProductState.DRAFT}
    assert service.check_stock() == []


def test_the_same_list_twice_changes_nothing_and_another_price_changes_that(farmer, run_jobs):
    take(farmer, send(farmer, as_csv(ROWS)), run_jobs)
    page = send(farmer, as_csv(ROWS))
    assert "Sẽ thêm 0 gói, sửa 0 gói, giữ nguyên 3 gói" in page
    assert page.path + "/start" not in page.html
    changed = [[*ROWS[0][:3], "150k".replace("k", "000"), *ROWS[0][4:]], *ROWS[1:]]
    page = take(farmer, send(farmer, as_csv(changed)), run_jobs)
    assert "sửa 1 gói, giữ nguyên 2 gói" in page
    assert packs() == {**EXPECTED, ("Chè búp Tân Cương", "100 g"): (150_000, 20)}


def test_what_goes_out_comes_back_and_changes_nothing(farmer, farm, run_jobs):
    make.product(farm, name="=HYPERLINK chè", description="-5 độ", stock=7)
    for kind, read in (("csv", "xuat.csv"), ("xlsx", "xuat.xlsx")):
        answer = farmer.raw("GET", f"/sell/products/export.{kind}")
        data = answer.get_data()
        if kind == "csv":
            assert b"'=HYPERLINK" in data
        page = send(farmer, io.BytesIO(data), read)
        if kind == "csv":
            assert "giữ nguyên 1 gói" in page
    assert farmer.raw("GET", "/sell/products/import/template.xlsx").status_code == 200


@pytest.mark.parametrize(
    ("at", "value", "column", "why"),
    [
        (0, "x", "Tên món", "từ 3 chữ cái"),
        (1, "nửa", "Trong gói có", "Hãy ghi một số"),
        (1, "0", "Trong gói có", "Hãy ghi một số"),
        (1, "-5", "Trong gói có", "Hãy ghi một số"),
        (2, "chục", "Tính bằng", "Chỉ nhận g, kg"),
        (3, "rẻ", "Giá một gói", "Giá là số đồng"),
        (3, "500", "Giá một gói", "Giá là số đồng"),
        (3, "=1+1", "Giá một gói", "công thức"),
        (0, '=HYPERLINK("http://x","chè")', "Tên món", "công thức"),
        (0, "+cmd|' /C calc'!A0", "Tên món", "công thức"),
        (4, "-5", "Có sẵn mấy gói", "Số gói là số nguyên"),
        (4, "1,5", "Có sẵn mấy gói", "Số gói là số nguyên"),
        (5, "27", "Loại hàng OCOP (1–26)", "từ 1 đến 26"),
        (5, "26", "Loại hàng OCOP (1–26)", "Dịch vụ"),
    ],
)
def test_a_cell_that_cannot_be_is_named_with_its_row_and_reason(farm, at, value, column, why):
    row = [*ROWS[0]]
    row[at] = value
    sheet = GoodsSheet(farm=farm, filename="a.csv", heads=HEADS, rows=[["2", *row]], row_count=1,
                       columns=importing.guess(HEADS))  # fmt: skip
    (fault,) = importing.plan(sheet).faults
    assert (fault.row, fault.cell, fault.column, fault.value) == (2, f"{'ABCDEF'[at]}2", column, value)
    assert why in fault.why
    db.session.rollback()


def test_good_rows_are_written_and_bad_ones_listed(farmer, run_jobs):
    rows = [
        ROWS[0],
        ["", "1", "kg", "100000", "", ""],
        ROWS[2],
        ROWS[0],
        ["Đồ lạ", "1", "kg", "90000", "", ""],
    ]
    page = send(farmer, as_csv(rows))
    assert "3 dòng không nhập được" in page
    assert "Trùng tên và cỡ gói với dòng 2" in page
    page = take(farmer, page, run_jobs)
    assert len(packs()) == 2
    assert "Chợ chưa đoán được loại hàng" in page
    # What the preview left out is left out, and can be taken home as a file.
    listed = [line.split(",")[:3] for line in
              farmer.raw("GET", f"{page.path}/faults.csv").get_data(as_text=True).splitlines()[1:]]  # fmt: skip
    assert listed == [["3", "A3", "Tên món"], ["5", "A5", "Tên món"], ["6", "F6", "Loại hàng OCOP (1–26)"]]
    assert farmer.raw("GET", f"{page.path}/faults.xlsx").status_code == 200


def test_a_price_far_from_its_set_is_said_for_its_row_before_anything_is_written(farmer, run_jobs):
    with transaction():
        service.load_rules(SYSTEM)
    usual = (20_000, 25_000, 28_000, 30_000, 35_000)
    make.product(
        make.farm(name="Vườn khác", owner=make.person()), name="Chè vườn khác",
        packs=[PackDetails(price, grams=100, name=f"Gói {price}") for price in usual],
    )  # fmt: skip
    before = packs()
    rows = [
        ["Chè búp đồi", "100", "g", "2500000", "3", "11"],
        ["Chè nõn đồi", "100", "g", "27000", "3", "11"],
    ]
    page = send(farmer, as_csv(rows))
    assert "Sẽ thêm 2 gói" in page and "1 dòng có giá khác xa hàng cùng loại" in page
    assert "D2" in page and "2500000" in page and "Có phải bạn muốn ghi" in page and "D3" not in page
    assert packs() == before
    # Without that row: it is listed with its reason, the other one is written.
    farmer.post(f"{page.path}/start", without_odd="y")
    run_jobs()
    assert packs() == {**before, ("Chè nõn đồi", "100 g"): (27_000, 3)}
    left = farmer.raw("GET", f"{page.path}/faults.csv").get_data(as_text=True).splitlines()[1:]
    assert len(left) == 1 and left[0].startswith("2,D2,") and "Có phải bạn muốn ghi" in left[0]
    # The price is right: said once, and a price that is there already is not asked about again.
    page = take(farmer, send(farmer, as_csv(rows)), run_jobs)
    assert packs()["Chè búp đồi", "100 g"] == (2_500_000, 3)
    assert "giá khác xa" not in send(farmer, as_csv(rows))


def test_a_list_never_renames_and_never_makes_a_pack_another_size(farmer, farm, run_jobs):
    product = make.product(farm, name="Trà đinh Tân Cương", stock=7)
    code = product.packs[0].code
    heads = [*HEADS, "Mã gói"]
    rows = [
        ["Trà đinh Thượng hạng", "100", "g", "450000", "7", "11", code],
        ["Trà đinh Tân Cương", "200", "g", "450000", "7", "11", code],
    ]
    page = send(farmer, as_csv(rows, heads))
    assert "Mã này là của món “Trà đinh Tân Cương”" in page
    assert "Mã này là của một gói cỡ khác" in page
    assert f"{page.path}/start" not in page.html
    db.session.expire_all()
    assert (product.name, [pack.name for pack in product.packs]) == ("Trà đinh Tân Cương", ["100 g"])
    # By its code and its own name the price is changed, whatever the capitals.
    page = take(
        farmer,
        send(farmer, as_csv([["TRÀ ĐINH tân cương", *rows[0][1:3], "460000", *rows[0][4:]]], heads)),
        run_jobs,
    )
    db.session.expire_all()
    assert (product.name, product.packs[0].price_dong) == ("Trà đinh Tân Cương", 460_000)


def test_a_product_says_one_thing_of_itself_and_an_empty_cell_says_nothing(farmer, farm, run_jobs):
    heads = [*HEADS, "Giới thiệu"]
    rows = [
        [*ROWS[0], "Hái tay"],
        [*ROWS[1], ""],
        ["Chè búp Tân Cương", "1", "kg", "1200000", "2", "", "Hái máy"],
    ]
    page = send(farmer, as_csv(rows, heads))
    assert "Món này có lời giới thiệu khác ở dòng 2" in page
    take(farmer, page, run_jobs)
    product = db.session.scalars(select(Product)).one()
    assert (product.description, len(product.packs)) == ("Hái tay", 2)
    assert "Sẽ thêm 0 gói, sửa 0 gói, giữ nguyên 2 gói" in send(farmer, as_csv(rows, heads))


def test_columns_past_z_have_two_letters():
    assert [importing._letters(at) for at in (0, 25, 26, 59)] == ["A", "Z", "AA", "BH"]


def test_columns_of_any_name_are_chosen_by_hand(farmer, run_jobs):
    heads = ["Hàng", "SL/gói", "ĐVT", "VND", "x", "y"]
    page = send(farmer, as_csv(ROWS, heads))
    assert "Sẽ thêm" not in page
    chosen = {"column_name": "0", "column_amount": "1", "column_unit": "2", "column_price": "3"}
    again = page.form(page.path).submit(status=422, **{**chosen, "column_price": "0"})
    assert "Mỗi cột chỉ dùng cho một mục" in again
    page = page.form(page.path).submit(**chosen, column_stock="4")
    assert "Sẽ thêm 3 gói" in page
    take(farmer, page, run_jobs)
    assert packs() == EXPECTED


def bomb() -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    out.seek(0)
    return out


@pytest.mark.parametrize(
    ("make_file", "name", "said"),
    [
        (bomb, "hang.xlsx", "mở ra quá lớn"),
        (lambda: io.BytesIO(b"PK\x03\x04 not a zip"), "hang.xlsx", "bị hỏng"),
        (lambda: as_xlsx(ROWS, merged="A1:B1"), "hang.xlsx", "ô gộp"),
        (lambda: as_csv([ROWS[0]] * (importing.MOST_ROWS + 1)), "hang.csv", "hơn 5.000 dòng"),
        (lambda: io.BytesIO(b"Chi\xe8,1\n"), "hang.csv", "Không đọc được chữ"),
        (lambda: io.BytesIO(b""), "hang.csv", "trống"),
        (lambda: as_csv([]), "hang.csv", "chưa có món nào"),
        (lambda: io.BytesIO(b"%PDF-1.4 xxxx"), "hang.pdf", "Chỉ nhận tệp CSV"),
        (lambda: io.BytesIO(b"\xd0\xcf\x11\xe0 old excel"), "hang.xls", "hãy"),
    ],
    ids=["bomb", "broken", "merged", "too-many", "latin", "empty", "heads-only", "pdf", "xls"],
)
def test_a_file_that_cannot_be_is_one_sentence(farmer, make_file, name, said):
    page = send(farmer, make_file(), name, status=422)
    assert said.lower() in page.text.lower()
    assert db.session.scalar(select(func.count(GoodsSheet.id))) == 0


def test_a_million_rows_are_refused_before_they_are_all_read(farmer, full):
    rows = 1_000_000 if full else 100_000
    data = (",".join(HEADS) + "\n" + (",".join(ROWS[0][:3]) + ",145000,1,11\n") * rows).encode()
    began = process_time()
    page = send(farmer, io.BytesIO(data), "hang.csv", status=422)
    assert "dòng" in page or "MB" in page
    assert process_time() - began < 10


def test_another_farms_list_is_not_there(farmer, visit, app):
    path = send(farmer, as_csv(ROWS)).path
    other = type(visit)(app)
    other.sign_in(cast.farmer_binh())
    make.farm(owner=cast.farmer_binh())
    assert other(path, status=404)
    assert other.post(f"{path}/start", status=404)


def test_a_list_that_was_dropped_writes_nothing(farmer, run_jobs):
    page = send(farmer, as_csv(ROWS))
    page.form(f"{page.path}/removal").submit()
    run_jobs()
    sheet = db.session.scalars(select(GoodsSheet)).one()
    assert sheet.state is SheetState.DROPPED
    assert packs() == {}


def test_the_job_goes_on_where_it_stopped(farm, full):
    count = 5_000 if full else 250
    rows = [[f"Chè vườn số {n}", "100", "g", str(100_000 + n * 1_000), "3", "11"] for n in range(count)]
    with transaction():
        sheet = importing.keep(farm, sheets.read(as_csv(rows), "hang.csv", importing.MOST_ROWS), "hang.csv",
                               make.actor_of(farm))  # fmt: skip
        importing.start(sheet, make.actor_of(farm))
    sheet_id = sheet.id
    turns = 0
    while db.session.get_one(GoodsSheet, sheet_id).state is SheetState.WAITING:
        jobs.write_sheet(sheet_id)
        turns += 1
    assert turns == -(-count // importing.AT_ONCE)
    jobs.write_sheet(sheet_id)
    sheet = db.session.get_one(GoodsSheet, sheet_id)
    assert (sheet.added_count, sheet.done_count, sheet.faults) == (count, count, [])
    assert len(packs()) == count
