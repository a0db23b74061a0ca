"""Goods with alcohol stand behind a question."""

from marketplace.catalog import service
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from tests import make


def test_alcohol_is_shown_to_adults_only(visit, app):
    make.rules()
    with transaction():
        service.load_rules(SYSTEM)
    wine = make.product(name="Rượu nếp Kim Sơn", set_no=14)
    tea = make.product(wine.farm, name="Chè nõn tôm")
    page = visit(f"/products/{wine.code}")
    assert "đủ 18 tuổi" in page
    assert "450.000" not in page
    assert "450.000" in visit(f"/products/{tea.code}")
    answer = visit.raw(
        "POST",
        "/of-age",
        headers={"Sec-Fetch-Site": "same-origin", "Referer": f"http://localhost/products/{wine.code}"},
    )
    assert answer.status_code == 303
    assert "450.000" in visit(f"/products/{wine.code}")
