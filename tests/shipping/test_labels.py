"""Labels: what stands on them, and that machines read them."""

import subprocess
from dataclasses import replace

import pytest

from marketplace.catalog.models import Handling
from marketplace.foundation.db import db, transaction
from marketplace.foundation.words import in_language
from marketplace.shipping import labels, queries, s10, service
from tests import cast, machine, make
from tests.parcels import Story


@pytest.fixture
def story(app):
    """An's fish sauce in a jar, paid at the door."""
    farm = make.farm("HTX chè Hảo Đạt", owner=cast.farmer_an())
    return Story((make.product(farm, name="Mật ong hoa nhãn", handling=Handling.LIQUID), 1))


def read(made: bytes, tmp_path) -> tuple[list[str], str]:
    """What a scanner reads off the sheets at 203 dots an inch, sheet by sheet, and the words on them."""
    to_png, scanner = machine.program("pdftoppm", "poppler-utils"), machine.program("zbarimg", "zbar-tools")
    sheet = tmp_path / "label.pdf"
    sheet.write_bytes(made)
    subprocess.run([to_png, "-r", "203", "-mono", "-png", sheet, tmp_path / "sheet"], check=True)
    found = []
    for png in sorted(tmp_path.glob("sheet*.png")):
        done = subprocess.run([scanner, "-q", "--raw", png], check=False, capture_output=True, text=True)
        found += sorted(done.stdout.split())
    words = subprocess.run(
        [machine.program("pdftotext", "poppler-utils"), "-layout", sheet, "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return found, " ".join(words.split())


def test_barcode_and_qr_are_read_at_203_dpi(story, tmp_path):
    label = labels.label_of(story.parcel)
    codes, words = read(labels.pdf([label]), tmp_path)
    number = story.parcel.tracking
    assert codes == [number, f"http://127.0.0.1:8000/tracking/{number}"]
    assert {s10.tidy(code) for code in codes} == {number}
    stands = [
        story.parcel.number_in_groups, story.parcel.code, "HTX chè Hảo Đạt", "Kiện 1/1", "Hà Nội", "Phường Cầu Giấy",
        "Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129", "0987 654 321", "CHẤT LỎNG, ĐỂ ĐỨNG", "Thu hộ", label.cash,
    ]  # fmt: skip
    for said in stands:
        assert said.replace("\u00a0", " ") in words.replace("\u00a0", " ")


def test_four_on_an_a4_sheet_are_read_too(story, tmp_path):
    label = labels.label_of(story.parcel)
    numbers = [s10.item_number("EA", serial) for serial in (1, 47312482, 3, 99_999_999, 5)]
    many = [replace(label, number=one, link=f"http://127.0.0.1:8000/tracking/{one}") for one in numbers]
    made = labels.pdf_on_a4(many)
    codes, _words = read(made, tmp_path)
    assert sorted(s10.tidy(code) for code in codes) == sorted(numbers * 2)
    assert len(list(tmp_path.glob("sheet*.png"))) == 2


def test_every_kind_of_number_is_read(story, tmp_path):
    label = labels.label_of(story.parcel)
    numbers = [
        s10.item_number(kind, serial) for kind, serial in (("CA", 0), ("EB", 99_999_999), ("EA", 47_312_482))
    ]
    made = labels.pdf([replace(label, number=number) for number in numbers])
    codes, _words = read(made, tmp_path)
    assert [code for code in codes if "/" not in code] == numbers


def test_the_longest_names_stay_on_the_sheet(story, tmp_path):
    label = labels.label_of(story.parcel)
    long = replace(
        label,
        sender=replace(label.sender, name="Hợp tác xã " * 11, place="Tổ dân phố số mười bảy " * 12),
        recipient=replace(label.recipient, name="Công Tằng Tôn Nữ " * 7, street="Ấp Rạch Gốc " * 16),
        province="Thành phố Hồ Chí Minh " * 3,
        signs=["Còn sống, giao gấp", "Chất lỏng, để đứng", "Dễ vỡ, nhẹ tay", "Cồng kềnh"],
        cash="10.000.000.000\u00a0₫",
    )
    codes, words = read(labels.pdf([long]), tmp_path)
    assert codes[0] == label.number
    assert label.order in words
    assert label.recipient.phone in words, "whom the postman calls is never cut off"
    assert label.sender.phone in words


def test_a_parcel_paid_already_asks_for_nothing(app, tmp_path):
    story = Story(payment_method="vietqr", is_paid=True)
    label = labels.label_of(story.parcel)
    assert (label.cash_title, label.cash) == ("Không thu tiền", "")
    assert "Thu hộ" not in read(labels.pdf([label]), tmp_path)[1]


def test_a_label_speaks_vietnamese_whoever_prints_it(story):
    with in_language("en"):
        label = labels.label_of(story.parcel)
    assert (label.sender.title, label.signs) == ("Người gửi", ["Chất lỏng, để đứng"])


def test_the_scales_are_on_the_label(story):
    with transaction():
        service.weigh(story.parcel.tracking, 1250, story.clerk)
    assert labels.label_of(story.parcel).weight == "1,25\u00a0kg"


# -- pages --------------------------------------------------------------------------------------------------------


def test_the_farmer_prints_all_labels_of_an_order(app, visit, tmp_path):
    farm = make.farm(owner=cast.farmer_an())
    heavy = make.product(farm, packs=[make.PackDetails(500_000, grams=12_000)])
    story = Story((heavy, 2))
    visit.sign_in(cast.farmer_an())
    page = visit(f"/sell/orders/{story.farm_order.code}").follow("In nhãn")
    assert page.h1 == "Nhãn dán 2 gói hàng"
    for parcel in story.parcels:
        assert parcel.number_in_groups in page
        assert parcel.code in page
    assert "Kiện 2/2" in page
    assert page.text.count("1 × Trà đinh Tân Cương") >= 2, "whose number goes on which box"
    answer = visit.raw("GET", f"/sell/orders/{story.farm_order.code}/label.pdf")
    assert answer.mimetype == "application/pdf"
    codes, _words = read(answer.data, tmp_path)
    assert [code for code in codes if "/" not in code] == [parcel.tracking for parcel in story.parcels]


def test_another_farms_label_is_not_there(story, visit):
    visit.sign_in(cast.farmer_binh())
    for path in ("label", "label.pdf"):
        visit(f"/sell/orders/{story.farm_order.code}/{path}", 404)
    visit.another()(f"/sell/orders/{story.farm_order.code}/label", 303)


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_label_before_yes_nor_after_no(app, visit, when):
    from marketplace.orders import service as orders
    from tests import parcels

    farm = make.farm(owner=cast.farmer_an())
    order = parcels.order((make.product(farm), 1))
    if when == "after":
        farm_order = parcels.accept(order)
        with transaction():
            orders.cancel(farm_order, "", make.actor_of(farm))
    visit.sign_in(cast.farmer_an())
    page = visit(f"/sell/orders/{order.farm_orders[0].code}/label", 409)
    assert "Đơn này không có nhãn" in page


def test_anybody_follows_a_parcel_by_its_number(story, visit):
    story.scan("dropped_off", point=story.here)
    number = story.parcel.tracking
    page = visit(f"/tracking/{number}")
    assert "Đã gửi tại bưu cục" in page
    assert story.here.name in page
    for secret in (story.order.name, story.order.phone, "0987", story.order.street, story.farm_order.code):
        assert secret not in page
    assert visit("/tracking", number=story.parcel.number_in_groups).path == f"/tracking/{number}"
    assert visit(f"/tracking/{number.lower()}").path == f"/tracking/{number}"


def test_where_it_waits_or_went_wrong_the_page_says_what_comes(story, visit):
    address = f"/tracking/{story.parcel.tracking}"
    for kind in ("dropped_off", "in_transit"):
        story.scan(kind, point=story.here)
    story.scan("at_point", point=story.there)
    assert "Bưu cục giữ tới hết" in visit(address)
    for count in (1, 2):
        for kind in ("out_for_delivery", "failed"):
            story.scan(kind, point=story.there)
        assert f"Phát chưa được, lần {count} trên 3" in visit(address)
    for kind in ("out_for_delivery", "failed"):
        story.scan(kind, point=story.there)
    assert "Hàng đang quay về nhà vườn" in visit(address)


@pytest.mark.parametrize("number", ["EA999999999VN", "x" * 5000, "<script>", "%00", "ＥＡ１２３"])
def test_a_number_nobody_knows(app, visit, number):
    page = visit("/tracking", 404, number=number)
    assert "Không có bưu gửi nào mang mã này" in page


def test_the_way_of_a_lost_parcel(story, visit):
    story.scan("dropped_off", point=story.here)
    story.scan("lost", point=story.here)
    assert "Thất lạc" in visit(f"/tracking/{story.parcel.tracking}")
    assert queries.tracking(story.parcel.tracking).went_wrong
    assert db.session.query(type(story.parcel)).count() == 1
