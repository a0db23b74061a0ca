"""The practice market: the same application on its own database, made when first asked for, in a coloured frame."""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config import Settings
from marketplace.app import create_app, make_ready
from marketplace.catalog.models import Product
from marketplace.foundation.db import db
from marketplace.orders.models import AnswerRule
from marketplace.shipping.models import Tariff


@pytest.mark.database("sqlite")
def test_it_makes_itself_ready_with_rules_and_an_index_and_twice_is_once(tmp_path: Path):
    settings = Settings(app_env="test", instance_path=tmp_path).for_practice()
    practice = create_app(settings)
    make_ready(practice)
    make_ready(practice)
    with practice.app_context():
        assert db.engine.url.database == str(tmp_path / "practice.db")
        assert db.session.scalar(select(func.count(AnswerRule.id))) == 1
        assert db.session.scalar(select(func.count(Tariff.id))) == 1
        assert db.session.scalar(select(func.count(Product.id))) == 0
        db.session.remove()
    browser = practice.test_client()
    answer = browser.get("/", base_url="http://localhost/practice")
    assert answer.status_code == 200 and "practice-strip" in answer.text
    assert "Chợ tập: không có hàng thật, không có tiền thật." in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    inside = re.findall(r'(?:href|src|action)="(/[^"]*)"', answer.text)
    assert inside and all(address.startswith("/practice/") for address in inside)
    assert '<link rel="canonical" href="http://127.0.0.1:8000/practice/">' in answer.text
    assert browser.get("/readyz", base_url="http://localhost/practice").json["ready"] is True
    with practice.app_context():
        db.session.remove()
        db.engine.dispose()


def test_the_real_market_has_no_frame(visit):
    page = visit("/about")
    assert not page.all(class_="practice-strip") and "X-Robots-Tag" not in page.answer.headers
