"""The drawer of cash on the clerk's desk."""

import pytest

from marketplace.foundation.db import transaction
from marketplace.payments import service
from marketplace.payments.models import TillCause
from tests import cast, parcels
from tests.payments.test_till import second_clerk

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def point(app):
    return parcels.point()


@pytest.fixture
def clerk(visit, point):
    visit.sign_in(cast.clerk(point))
    return visit


def open_it(clerk, amount="500.000"):
    return clerk("/post/till").form("/post/till/opening").submit(float=amount)


def test_a_shift_through_the_pages(clerk, point):
    page = open_it(clerk)
    assert "Theo sổ, trong ngăn có" in page
    page = page.form("/post/till/moves").submit(cause="from_safe", amount="200.000", note="Phiếu 12")
    assert "Lấy thêm từ két" in page and "700.000" in page
    with transaction():
        service.take(point, 30_000, TillCause.COD, cast.by(cast.clerk()), reference="P7")
    page = clerk("/post/till").form("/post/till/count").submit(n500000="1", n200000="1", n10000="2")
    assert "thiếu 10.000" in page
    page = page.form("/post/till/explanation").submit(reason="Trả thừa cho khách")
    other = second_clerk(point)
    page = clerk("/post/till").form("/post/till/closing").submit(hand_to=other.code)
    assert page.h1.startswith("Phiếu quỹ")
    assert "Đỗ Minh Châu" in page and "Mai Thị Hoa" in page and "Trả thừa cho khách" in page
    next_clerk = clerk.another().sign_in(other)
    page = next_clerk("/post/till").form("/post/till/opening").submit(422, float="730.000")
    assert "để lại 720.000" in page
    assert "Mai Thị Hoa giữ từ" in page.form("/post/till/opening").submit(float="720.000")


def test_another_clerk_finds_it_open(clerk, point):
    open_it(clerk)
    other = clerk.another().sign_in(second_clerk(point))
    assert "đếm và đóng quỹ thì bạn mới nhận ca được" in other("/post/till")
    assert "phải đếm và đóng quỹ" in other.post("/post/till/opening", 409, float="1.000")


@pytest.mark.parametrize(
    ("address", "typed", "says"),
    [
        ("opening", {"float": "nhiều"}, "Hãy ghi số tiền bằng đồng"),
        ("opening", {}, "Hãy đếm và ghi tiền"),
        ("opening", {"float": "-5"}, "Phải từ"),
    ],
)
def test_what_cannot_be_is_said(clerk, address, typed, says):
    assert says in clerk.post(f"/post/till/{address}", 422, **typed)


@pytest.mark.parametrize(
    ("address", "typed", "says"),
    [
        ("moves", {"cause": "to_safe", "amount": "900.000"}, "không đủ"),
        ("moves", {"cause": "payout", "amount": "5.000"}, "Hãy chọn"),
        ("count", {"n500000": "một"}, "số nguyên"),
        ("count", {"n500000": "-1"}, "Phải từ"),
    ],
)
def test_what_cannot_be_in_an_open_drawer_is_said(clerk, address, typed, says):
    open_it(clerk)
    assert says in clerk.post(f"/post/till/{address}", 422, **typed)


def test_closing_an_uncounted_drawer_is_refused(clerk, point):
    open_it(clerk)
    assert "đếm tiền trước" in clerk.post("/post/till/closing", 409)
    assert "Đang mở" in clerk("/post/till")
