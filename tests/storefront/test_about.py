"""The pages a platform owes the public: there, linked from every page, with today's figures."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from marketplace import rulebook
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.foundation.rules import kept_for
from marketplace.payments import service as payments
from marketplace.shipping import service as shipping
from marketplace.storefront import duties
from tests import make

PAGES = ("", "/terms", "/ranking", "/fees", "/complaints", "/privacy", "/duties", "/licences")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def rules(app):
    make.rules()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_page_is_there_and_in_the_foot_of_every_page(visit, path, language):
    visit.client.set_cookie("lang", language)
    page = visit(f"/about{path}")
    assert f"/about{path}" in visit("/").links.values()
    assert page.one("link", rel="canonical").get("href") == f"http://127.0.0.1:8000/about{path}"


@pytest.mark.parametrize("path", ["", "/terms", "/ranking", "/fees", "/complaints", "/privacy"])
def test_what_a_lawyer_must_see_is_marked(visit, path):
    assert "Cần cơ quan pháp chế duyệt" in visit(f"/about{path}")


def test_who_runs_it_is_said_or_said_to_be_missing(visit, app, monkeypatch):
    assert "chưa ghi đơn vị vận hành" in visit("/about")
    known = app.extensions["settings"].model_copy(
        update={
            "owner_name": "Bưu điện tỉnh Cà Mau",
            "owner_address": "Số 1 Lưu Tấn Tài",
            "owner_phone": "0290 383 1234",
        }
    )
    monkeypatch.setitem(app.extensions, "settings", known)
    for path in ("", "/complaints", "/privacy", "/terms"):
        page = visit(f"/about{path}")
        assert "Bưu điện tỉnh Cà Mau" in page and "chưa ghi đơn vị vận hành" not in page


def test_fees_are_those_of_the_day(visit, clock):
    page = visit("/about/fees")
    assert "Không thu phí" in page and "sau 2 ngày làm việc" in page
    assert "Hôm nay chưa có biểu cước nào" in page
    with transaction():
        shipping.load_tables(SYSTEM)
        payments.adopt_fee_rule(
            valid_from=clock_today() + timedelta(days=1), legal_basis="Quyết định 12", commission_per_10_000=150,
            holding_days=3, by=SYSTEM,
        )  # fmt: skip
    page = visit("/about/fees")
    assert "Không thu phí" in page and "chỉ là minh họa, không phải giá của bưu điện" in page
    assert "Phụ phí vùng xa" in page and "20 %" in page
    clock.forward(days=1)
    page = visit("/about/fees")
    assert "Phí bán hàng: 1,5 % tiền hàng" in page and "Quyết định 12" in page
    assert "sau 3 ngày làm việc" in visit("/about/terms")


def clock_today():
    return clock.today()


def test_tax_rows_say_whether_somebody_confirmed_them(visit):
    page = visit("/about/fees")
    assert "Hộ gia đình, hộ kinh doanh" in page and "kế toán chưa xác nhận" in page


def test_every_library_that_is_asked_for_stands_on_the_page(visit):
    page = visit("/about/licences")
    for name in re.findall(r"^([a-z][\w.-]*)", (ROOT / "requirements.in").read_text(), re.MULTILINE):
        assert name.lower().replace("_", "-") in page.text.lower().replace("_", "-"), name


def test_ranking_says_what_the_search_does():
    """The engine's orders are the page's sentences: whoever changes one finds the other here."""
    orders = (ROOT / "marketplace/search/ranking.py").read_text()
    assert '"relevance": ("stock", "season", "stars", "sold", "month", "near", "created", "id")' in orders
    assert '"popular": ("sales", "stock", "stars", "id")' in orders
    words = (ROOT / "templates/storefront/public/about/ranking.html").read_text()
    assert "còn hàng, đang vào mùa, số sao OCOP còn hạn, số đã bán, ngày bày bán mới hơn, gần tỉnh" in words
    assert "Bằng nhau thì xét còn hàng, rồi số sao OCOP còn hạn" in words


def test_each_duty_names_pages_that_are_there(visit):
    """One page maps what the law asks to where it is done; what is kept, and how long, is dated data."""
    with transaction():
        rulebook.load(SYSTEM)
    page = visit("/about/duties")
    assert "Hợp đồng, đơn hàng, khiếu nại" in page and "1.096" in page
    for duty in duties.DUTIES:
        for _words, path in duty.where:
            assert visit.raw("GET", path).status_code in (200, 303), path


def test_how_long_something_is_kept_is_dated(app, clock):
    clock.set("2026-11-20 10:00")
    assert kept_for("letters", timedelta(days=5)) == timedelta(days=5)
    with transaction():
        rulebook.load(SYSTEM)
    assert kept_for("letters", timedelta(days=5)) == timedelta(days=90)
