"""Service points on the desk: opened, hours changed, holidays, pickups, closed and opened again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.admin import queries
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.places import queries as places
from marketplace.places import service
from marketplace.places.models import ServicePoint, ServicePointException, ServicePointState
from tests import cast

FIELDS = {
    "name": "Bưu cục Tân Cương", "phone": "0208 383 1234", "province": "19", "commune": "05503",
    "street": "Xóm Hồng Thái 2", "position": "21.5305, 105.7636", "hours": "1-5 07:30-11:30 13:30-17:00; 6 07:30-11:30",
}  # fmt: skip


@pytest.fixture
def admin(visit):
    visit.sign_in(cast.admin())
    return visit


@pytest.fixture
def point(app):
    with transaction():
        return service.open_point(
            name="Bưu cục Tân Cương", commune_code="05503", street="Xóm Hồng Thái 2", by=SYSTEM
        )


def again(point: ServicePoint) -> ServicePoint:
    return places.service_point(point.code)


def written(verb: str) -> int:
    return db.session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.verb == verb)) or 0


def test_a_point_is_opened_without_javascript_and_everybody_sees_it(admin):
    form = admin("/admin/points/opening").form("/admin/points/opening")
    page = form.submit(province="19", button=("pick_province", "1"))
    assert (
        "Chọn xã, phường" in page
        and page.form("/admin/points/opening").choices("commune")["05503"] == "Xã Tân Cương"
    )
    page = page.form("/admin/points/opening").submit(**FIELDS)
    assert page.h1 == "Bưu cục Tân Cương" and "Đã mở điểm" in page
    assert "Bưu cục Tân Cương" in admin.another()("/service-points")
    made = db.session.scalars(select(ServicePoint)).one()
    assert (made.lat, made.phone) == (21.5305, "+842083831234") and queries.written_hours(made) == FIELDS[
        "hours"
    ]
    assert written("service_point.opened") == 1


@pytest.mark.parametrize("wrong", [
    {"name": ""}, {"commune": "32002"}, {"commune": ""}, {"province": "99"}, {"street": ""}, {"phone": "12"},
    {"position": "10.0, 106.0"}, {"position": "ở đâu đó"}, {"hours": "cả ngày"}, {"hours": "1-5 11:00-07:00"},
    {"hours": "1-5 07:00-12:00 11:00-17:00"}, {"name": "x" * 10_000}, {"hours": ""},
])  # fmt: skip
def test_a_point_that_is_not_right_is_not_opened(admin, wrong):
    admin.post("/admin/points/opening", status=422, **{**FIELDS, **wrong})
    assert (
        db.session.scalar(select(func.count(ServicePoint.id))) == 0 and written("service_point.opened") == 0
    )


def test_two_points_of_one_name_in_one_commune_are_refused(admin, point):
    page = admin.post("/admin/points/opening", status=422, **FIELDS)
    assert "đã có điểm tên" in page and db.session.scalar(select(func.count(ServicePoint.id))) == 1


def test_hours_are_read_back_as_they_are_typed(admin, point):
    page = admin(f"/admin/points/{point.code}")
    form = page.form(f"/admin/points/{point.code}/hours")
    assert form.fields["hours"] == "1-5 07:30-11:30 13:30-17:00; 6 07:30-11:30"
    page = form.submit(hours="1-6 07:00-18:00; 7 08:00-11:00")
    assert "Đã đổi giờ" in page and queries.written_hours(again(point)) == "1-6 07:00-18:00; 7 08:00-11:00"
    admin.post(f"/admin/points/{point.code}/hours", status=422, hours="8 07:00-18:00")
    assert queries.written_hours(again(point)) == "1-6 07:00-18:00; 7 08:00-11:00"
    assert written("service_point.hours_changed") == 1


def test_a_holiday_is_made_and_dropped(admin, point):
    day = wall_clock.today() + timedelta(days=3)
    page = admin(f"/admin/points/{point.code}").form(f"/admin/points/{point.code}/exceptions")
    page = page.submit(day=day.isoformat(), reason="Nghỉ hội làng")
    assert "Nghỉ hội làng" in page and places.hours_on(again(point), day).spans == ()
    page = page.form(f"/admin/points/{point.code}/exceptions").submit(
        day=day.isoformat(), opens="08:00", closes="10:30", reason="Mở nửa buổi"
    )
    assert "08:00–10:30" in page and len(again(point).exceptions) == 1
    page = page.form(f"/admin/points/{point.code}/exceptions/{day.isoformat()}/removal").submit()
    assert "như thường lệ" in page and again(point).exceptions == []
    admin.post(f"/admin/points/{point.code}/exceptions/mai/removal", status=404)


@pytest.mark.parametrize("wrong", [
    {"day": "2020-01-01"}, {"day": ""}, {"opens": "08:00"}, {"closes": "10:00"}, {"opens": "11:00", "closes": "10:00"},
    {"opens": "25:00", "closes": "26:00"}, {"reason": ""},
])  # fmt: skip
def test_a_day_that_is_not_right_changes_nothing(admin, point, wrong):
    fields = {
        "day": (wall_clock.today() + timedelta(days=3)).isoformat(),
        "opens": "",
        "closes": "",
        "reason": "Tết",
        **wrong,
    }
    admin.post(f"/admin/points/{point.code}/exceptions", status=422, **fields)
    assert db.session.scalar(select(func.count(ServicePointException.id))) == 0


def test_communes_to_collect_from_are_named(admin, point):
    page = admin.post(f"/admin/points/{point.code}/pickups", communes="Xã Tân Cương (05503)\nLa Bằng")
    assert "Đã đổi các xã" in page
    names = [places.commune(code).name for code in again(point).picks_up_from]
    assert sorted(names) == ["Xã La Bằng", "Xã Tân Cương"]
    form = page.form(f"/admin/points/{point.code}/pickups")
    assert "Xã La Bằng" in form.fields["communes"]
    admin.post(f"/admin/points/{point.code}/pickups", status=422, communes="99999")
    assert len(again(point).picks_up_from) == 2


def test_a_point_is_closed_with_a_reason_and_opened_again(admin, point):
    admin.post(f"/admin/points/{point.code}/closing", status=422, reason="")
    assert again(point).state is ServicePointState.OPEN
    page = (
        admin(f"/admin/points/{point.code}")
        .form(f"/admin/points/{point.code}/closing")
        .submit(reason="Sáp nhập hai điểm")
    )
    assert "Đã đóng điểm" in page and not page.all("form", action=f"/admin/points/{point.code}/hours")
    assert point.name not in admin("/admin/points") and point.name in admin("/admin/points", state="closed")
    page = page.form(f"/admin/points/{point.code}/reopening").submit()
    assert again(point).state is ServicePointState.OPEN and written("service_point.open") == 1


def test_points_are_found_by_words_and_code(admin, point):
    with transaction():
        db.session.merge(point).code = "BCEHMMRY"
    for typed in ("tan cuong", "bcehmmry", "tan, BCEHMMRY"):
        assert "Bưu cục Tân Cương" in admin("/admin/points", q=typed)
    assert "Không có điểm nào như vậy" in admin("/admin/points", q="cà mau", province="96")
    admin("/admin/points", q="%_\x00" + "x" * 500, province="'", page="-1")
    admin("/admin/points/BCKHONGCO", status=404)


def test_deeds_are_refused_to_everybody_else(visit, point):
    for somebody in (cast.reviewer(), cast.cashier(), cast.clerk(point), cast.buyer()):
        browser = visit.another()
        browser.sign_in(somebody)
        browser.post("/admin/points/opening", status=403, **{**FIELDS, "name": "Điểm lạ"})
        browser.post(f"/admin/points/{point.code}/hours", status=403, hours="1 08:00-09:00")
        browser.post(f"/admin/points/{point.code}/closing", status=403, reason="x")
    assert again(point).state is ServicePointState.OPEN and written("service_point.hours_changed") == 0
    assert db.session.scalar(select(func.count(ServicePoint.id))) == 1


def test_a_point_is_set_right_by_a_code_a_link_or_degrees_and_has_its_vpostcode(admin, point):
    page = admin(f"/admin/points/{point.code}")
    action = f"/admin/points/{point.code}/place"
    for typed in ("7PH7GQJ7+6C", "https://www.google.com/maps/@21.5305,105.7636,17z", "21.5305, 105.7636"):
        page = page.form(action).submit(street="Xóm mới", position=typed, vpostcode="24129 abc1234")
        assert "Đã sửa địa chỉ" in page
        made = again(point)
        assert (round(made.lat, 2), made.street, made.vpostcode) == (21.53, "Xóm mới", "24129ABC1234")
    assert "24129ABC1234" in admin(f"/service-points/{point.code}")
    for wrong in ({"position": "ở kia"}, {"vpostcode": "12"}, {"position": "10.0, 106.0"}, {"street": ""}):
        admin.post(action, status=422, **{"street": "Xóm khác", **wrong})
    assert again(point).street == "Xóm mới"
