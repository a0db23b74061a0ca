"""Pages kept for visitors nobody knows: the same page again, never an old one, and none for somebody."""

import re

import pytest

from marketplace.catalog import service as catalog
from marketplace.catalog.service import PackDetails
from marketplace.farmers import service as farmers
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.foundation.kept_pages import KeptPages
from tests import make, shopping


@pytest.fixture
def tea(app, monkeypatch):
    made = make.product(name="Trà đinh", price_dong=450_000, stock=30)
    monkeypatch.setitem(app.extensions["ports"], KeptPages.PORT, KeptPages(60.0))
    return made


def address(tea) -> str:
    return f"/products/{tea.code}-tra-dinh"


def nonces(answer) -> set[str]:
    told = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    return {told[1], *re.findall(r'nonce="([^"]+)"', answer.text)}


def test_the_page_is_the_same_and_the_nonce_each_visitors_own(visit, tea):
    first, second = (one.raw("GET", address(tea)) for one in (visit, visit.another()))
    assert len(nonces(first)) == len(nonces(second)) == 1 and nonces(first) != nonces(second)
    assert first.text.replace(*nonces(first), "") == second.text.replace(*nonces(second), "")
    assert "Set-Cookie" not in second.headers


def test_price_stock_and_suspension_are_seen_at_once(visit, tea):
    by = make.actor_of(tea.farm)
    assert "450.000" in visit(address(tea))
    with transaction():
        catalog.set_variants(tea, [PackDetails(480_000, grams=100)], by)
    assert "480.000" in visit(address(tea))
    with transaction():
        catalog.correct_stock(tea.variants[0], 2, by)
    assert "Chỉ còn 2" in visit(address(tea))
    with transaction():
        farmers.suspend(tea.farm, "đang kiểm tra nguồn gốc", SYSTEM)
    visit(address(tea), status=404)


def test_whoever_has_a_cart_gets_a_page_of_their_own(visit, tea):
    visit.another()(address(tea))
    shopping.put_in(visit, tea, 3)
    page = visit(address(tea))
    assert "Giỏ hàng, 3 món" in page.html and "csrf_token" in page.form("/cart/lines").fields
    assert "Giỏ hàng, chưa có gì" in visit.another()(address(tea)).html
