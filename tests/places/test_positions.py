"""A place on the map as people write it: codes, links, degrees; the nearest communes; counters near it."""

import pytest

from marketplace.accounts.models import SavedAddress
from marketplace.foundation.db import db
from marketplace.places import queries
from tests import cast, parcels

HERE = (21.5305, 105.7636)


@pytest.mark.parametrize(
    "typed",
    [
        "21.5305, 105.7636",
        "https://www.google.com/maps/@21.5305,105.7636,17z",
        "https://www.google.com/maps?q=21.5305,105.7636",
        "https://maps.google.com/?ll=21.5305,105.7636&z=15",
        "https://www.openstreetmap.org/#map=15/21.5305/105.7636",
        "https://www.openstreetmap.org/?mlat=21.5305&mlon=105.7636",
        "https://maps.apple.com/?ll=21.5305%2C105.7636",
        "geo:21.5305,105.7636",
        queries.plus_code(*HERE),
        f"{queries.plus_code(*HERE)[4:]} Tân Cương, Thái Nguyên",
    ],
)  # fmt: skip
def test_ways_to_write_a_place(typed):
    found = queries.read_position(typed)
    assert found is not None and queries.distance_km(found, queries.Position(*HERE)) < 0.02


@pytest.mark.parametrize(
    "typed", ["", "đâu đó", "48.85, 2.35", "https://example.com/@x,y", "https://evil/?q=1,2"]
)
def test_what_is_no_place(typed):
    assert queries.read_position(typed) is None


def test_the_nearest_communes_are_named(visit):
    body = {"text": f"{HERE[0]}, {HERE[1]}"}
    answer = visit.raw("POST", "/api/v1/positions/parse", json=body).get_json()
    assert answer["communes"][0]["name"] == "Xã Tân Cương"
    assert answer["plus_code"] == queries.plus_code(*HERE)
    assert visit.raw("POST", "/api/v1/positions/parse", json={"text": "x"}).status_code == 422


def test_counters_near_a_position(app, visit):
    near, far = parcels.point(), parcels.point(parcels.NAM_CAN)
    page = visit("/service-points", q="21.5305, 105.7636")
    assert page.text.index(near.name) < page.text.index(far.name)


def test_a_saved_address_keeps_its_place_and_codes(app, visit):
    visit.sign_in(cast.buyer())
    form = visit("/account/new-address").form("/account/new-address")
    where = {"province": "19", "commune": parcels.TAN_CUONG, "street": "Xóm Hồng Thái 2"}
    wrong = form.submit(**where, pin="ở kia", vpostcode="12", status=422)
    assert "Vị trí chưa đúng" in wrong and "5 chữ số" in wrong
    page = form.submit(**where, pin="21.5305, 105.7636", vpostcode="24129 abc1234")
    saved = db.session.query(SavedAddress).one()
    assert (round(saved.lat, 4), saved.vpostcode) == (21.5305, "24129ABC1234")
    assert "24129" in page and queries.plus_code(*HERE) in page


def test_an_old_address_is_converted_on_the_page_and_a_divided_one_asks(app, visit):
    visit.sign_in(cast.buyer())
    form = visit("/account/new-address").form("/account/new-address")
    one = form.submit(
        whole="xóm Hồng Thái 2, xã Tân Cương, thành phố Thái Nguyên", button=("pick_province", "whole")
    )
    filled = one.form("/account/new-address").fields
    assert (filled["province"], filled["commune"]) == ("19", parcels.TAN_CUONG)
    assert filled["street"].casefold() == "xóm hồng thái 2"

    asked = form.submit(
        whole="ấp 3, xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau", button=("pick_province", "whole")
    )
    assert "nay thuộc về nhiều xã" in asked
    filled = asked.form("/account/new-address").fields
    assert (filled["province"], filled["commune"]) == ("96", ""), "nobody guesses where the house stands"
    offered = [option.text for option in asked.all("option") if option.text and option.text.startswith("Xã ")]
    assert offered == ["Xã Đất Mũi", "Xã Phan Ngọc Hiển"]
    where = {"name": "Lan", "phone": "0912000001"}
    asked.form("/account/new-address").submit(422, **where)
    assert not db.session.query(SavedAddress).count()

    lost = form.submit(whole="zzzz qqqq", button=("pick_province", "whole"))
    assert "Chưa đọc được địa chỉ này" in lost
