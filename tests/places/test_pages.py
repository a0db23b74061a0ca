"""The two pages of the counters, as a visitor without JavaScript sees them."""

from datetime import date

import pytest

from marketplace.foundation.address_form import AddressFields
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.form import Form
from marketplace.places import service
from marketplace.places.queries import Position

TAN_CUONG, AN_XUYEN = "05503", "32002"


@pytest.fixture
def points(app):
    with transaction():
        tan_cuong = service.open_point(
            name="Bưu cục Tân Cương",
            commune_code=TAN_CUONG,
            street="Xóm Hồng Thái 2",
            phone="+842083831234",
            position=Position(21.5305, 105.7636),
            by=SYSTEM,
        )
        for number in range(30):
            service.open_point(
                name=f"Bưu cục An Xuyên {number}", commune_code=AN_XUYEN, street=f"Khóm {number}", by=SYSTEM
            )
    return tan_cuong


def test_the_list_by_province(visit, points, clock):
    clock.set("2026-11-25 08:00")
    page = visit("/service-points")
    assert page.h1 == "Điểm phục vụ của bưu điện"
    assert "31 điểm" in page and "Cà Mau (30)" in page
    page = page.form("/service-points").submit(province="19")
    assert "1 điểm ở Thái Nguyên" in page
    assert "Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129" in page
    assert "Đang mở cửa đến 11:30" in page and "An Xuyên" not in page.text.replace("Tìm điểm", "")


def test_a_long_list_has_pages(visit, points):
    page = visit("/service-points", province="96")
    assert len(page.all("li", class_="panel")) == 24
    assert len(visit("/service-points", province="96", page=2).all("li", class_="panel")) == 6
    visit("/service-points", province="96", page=99)


def test_search_by_words(visit, points):
    assert "1 điểm" in visit("/service-points", q="tan cuong")
    assert "1 điểm" in visit("/service-points", q="Hồng Thái")
    assert visit("/service-points", q="khom 29").links.keys() >= {"Bưu cục An Xuyên 29"}


def test_a_place_without_a_point_gets_the_nearest(visit, points):
    page = visit("/service-points", q="xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau")
    assert "Các điểm gần Xã Phan Ngọc Hiển" in page and "Chưa có điểm nào ở Xã Phan Ngọc Hiển, Cà Mau" in page
    assert len(page.all("li", class_="panel")) == 6 and "cách" in page
    assert "Các điểm gần Xã La Bằng" in visit("/service-points", q="la bằng", province="19")


@pytest.mark.parametrize(
    "query",
    [
        {"q": "không có nơi nào như thế"},
        {"q": "<script>alert(1)</script>"},
        {"q": "%_'\"\\"},
        {"q": "x" * 10_000},
        {"q": "a\nb"},
        {"q": "a\x00b"},
        {"province": "99"},
        {"province": "19'--"},
        {"page": "-1"},
        {"page": "abc"},
    ],
)
def test_odd_searches_get_a_page(visit, points, query):
    page = visit("/service-points", **query)
    assert "<script>alert" not in page.html


def test_no_points_at_all(visit):
    assert "Chưa tìm thấy điểm nào." in visit("/service-points")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-25 08:00", "Đang mở cửa đến 11:30"),
        ("2026-11-25 12:00", "Đang nghỉ mở lại lúc 13:30"),
        ("2026-11-23 18:00", "Đang nghỉ mở lại lúc 07:30, Thứ Tư, 25/11"),
    ],
)
def test_open_now_in_words(visit, points, clock, moment, said):
    clock.set(moment)
    assert said in visit(f"/service-points/{points.code}")


def test_one_point(visit, points, clock):
    clock.set("2026-11-23 09:00")
    page = visit("/service-points").follow("Bưu cục Tân Cương")
    assert page.h1 == "Bưu cục Tân Cương"
    assert "7PH7GQJ7+6C" in page and "0208 3831 234" in page
    assert "Thứ Ba, 24/11 Nghỉ Ngày Văn hóa Việt Nam" in page
    assert "07:30–11:30, 13:30–17:00" in page
    assert "Bưu tá của điểm này lấy hàng tận nơi ở: Xã Tân Cương." in page


def test_exceptions_are_told(visit, points, clock):
    clock.set("2026-11-23 09:00")
    with transaction():
        service.make_exception(points, date(2026, 11, 26), None, "Mất điện <b>", by=SYSTEM)
    assert "Thứ Năm, 26/11 Nghỉ Mất điện <b>" in visit(f"/service-points/{points.code}")


def test_a_closed_point_leads_to_another(visit, points):
    with transaction():
        service.close_point(points, by=SYSTEM)
    page = visit(f"/service-points/{points.code}")
    assert "Điểm này đã đóng" in page and "Điểm gần nhất:" in page
    assert "Bưu cục Tân Cương" not in visit("/service-points", q="tan cuong").links


def test_an_unknown_point(visit):
    assert "Không có điểm phục vụ nào mang mã này" in visit("/service-points/BC000000", status=404)


def test_in_english_it_is_still_a_page(visit, points):
    visit.speak("en")
    visit("/service-points")
    visit(f"/service-points/{points.code}")


def test_the_list_asks_the_database_a_fixed_number_of_times(visit, points, app):
    from sqlalchemy import event

    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    counts = []
    for query in ({"province": "19"}, {"province": "96"}):
        asked.clear()
        visit("/service-points", **query)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10, asked


def test_the_address_fields_are_filled(app):
    class AddressForm(AddressFields, Form):
        pass

    with app.test_request_context("/?province=19"):
        form = AddressForm(data={"province": "19", "commune": TAN_CUONG})
        assert (TAN_CUONG, "Xã Tân Cương") in form.commune.choices
        assert len(form.commune.choices) == 93
        assert len(form.province.choices) == 35
