"""Who did what with a listing, for whom, when: read by its farm and by reviewers, and on the trace page by everybody."""

import ast
import re
from datetime import timedelta

import pytest

from config import ROOT
from marketplace.catalog import history, looks, service
from marketplace.catalog.models import Certificate, ListingReview, Product, ProductState
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from tests import cast, make


@pytest.fixture
def farm(app):
    return make.farm(owner=cast.farmer_an())


def an() -> Actor:
    return Actor.of(cast.farmer_an().id)


def helper() -> Actor:
    return Actor.of(cast.trainer().id, for_id=cast.farmer_an().id)


@pytest.fixture
def product(farm) -> Product:
    """Listed by a helper, agreed to by the farmer, looked at by a reviewer, priced by the farmer."""
    with transaction():
        service.load_rules(SYSTEM)
    product = make.product(farm, published=False)
    for by in (helper(), an()):
        with transaction():
            service.publish(product, by)
    with transaction():
        service.accept_listing(_waiting(product), Actor.of(cast.reviewer().id))
    with transaction():
        service.set_price(product.packs[0], 465_000, an())
    assert product.state is ProductState.ON_SALE
    return product


def _waiting(product: Product) -> ListingReview:
    found = looks.waiting_for(product)
    assert found is not None
    return found


def test_its_farm_reads_who_did_what_for_whom_and_when(product, visit):
    page = visit.sign_in(cast.farmer_an())(f"/sell/products/{product.code}")
    page = page.follow("Ai đã làm gì với món này")
    assert "Đổi giá 100 g: từ 450.000 ₫ thành 465.000 ₫" in page
    assert "Gửi cho người bán đồng ý" in page
    assert "Phạm Thu Hà (thay cho Nguyễn Văn An)" in page
    assert "Chợ nhận" in page
    # Whoever decides for the market stands there as the market; reviewers see each other.
    assert "Vũ Quốc Dũng" not in page
    reviewer = visit.another().sign_in(cast.reviewer())
    assert "Vũ Quốc Dũng" in reviewer(f"/admin/products/{product.code}/history")


def test_nobody_else_reads_it(product, visit):
    stranger = visit.sign_in(cast.farmer_binh())
    assert stranger(f"/sell/products/{product.code}/history", status=404)
    assert stranger(f"/admin/products/{product.code}/history", status=403)
    assert visit.another()(f"/sell/products/{product.code}/history", status=303)
    assert visit.another().sign_in(cast.reviewer())("/admin/products/SPKHONGCO/history", status=404)


def test_reviewers_find_it_from_the_look(product, visit):
    look = db.session.query(ListingReview).one()
    page = visit.sign_in(cast.reviewer())(f"/admin/listings/{look.code}").follow("Ai đã làm gì với món này")
    assert "Nguyễn Văn An" in page


def test_a_long_history_is_in_pages_the_last_deed_first(product):
    with transaction():
        for at in range(60):
            service.set_price(product.packs[0], 470_000 + at * 1_000, an())
    total = history.count_written(product)
    first, second = (history.written(product, start, 50, names_reviewers=False) for start in (0, 50))
    assert (len(first), len(second)) == (50, total - 50)
    assert [line.at for line in (*first, *second)] == sorted(
        (line.at for line in (*first, *second)), reverse=True
    )
    assert second[-1].what == history.DEEDS["product.drafted"]


def test_the_trace_page_says_who_wrote_a_lot_down_and_names_no_person(product, visit):
    today = wall_clock.today()
    with transaction():
        lot = service.supply(product, {product.packs[0]: 3}, helper(), today - timedelta(days=2))
    with transaction():
        service.supply(product, {product.packs[0]: 5}, an())  # of no lot: not of this page
    assert lot is not None
    with transaction():
        service.recall_lot(lot, "Nghi nhiễm nấm mốc", Actor.of(cast.reviewer().id))
    farm = product.farm.name
    assert [(str(step.words), str(step.who)) for step in history.trail_of_lot(lot)] == [
        ("Ghi lô hàng", f"{farm}, có người ghi giúp"),
        ("Nhập kho", f"{farm}, có người ghi giúp"),
        ("Thu hồi", "phía chợ"),
    ]
    page = visit(f"/trace/{lot.code}")
    for person in (cast.trainer(), cast.farmer_an(), cast.reviewer()):
        assert person.name not in page


def test_every_deed_with_a_listing_has_words():
    """Whatever catalog writes into the trail of a listing is said in words, and so is every state it moves to."""
    moved = {
        f"{model.__tablename__}.{state.value}"
        for model in (Product, ListingReview, Certificate)
        for ends in model.MOVES.values()
        for state in ends
    }
    written = {
        verb
        for source in (*(ROOT / "marketplace/catalog").glob("*.py"), ROOT / "marketplace/orders/recall.py")
        if source.name != "history.py"
        for verb in _verbs(source.read_text())
        if verb.partition(".")[0] in ("product", "variant", "lot", "listing_review", "certificate")
    }
    assert len(written) > 20
    assert sorted((moved | written) - set(history.DEEDS)) == []


def _verbs(source: str) -> set[str]:
    """Every text like `product.priced` in it; `product.id` is a column."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_]+\.(?!id$)[a-z_]+", str(node.value))
    }
