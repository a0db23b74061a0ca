"""A lot is called back: others for what is still here, warnings for what is gone, and the sums stay right."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.catalog import service as catalog
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.notifications.models import Message
from marketplace.orders import recall as recalls
from marketplace.orders.models import FarmOrderState, OrderLine
from tests import cast, make

F = FarmOrderState


def lot(product, quantity: int, days: int):
    today = clock.today()
    with transaction():
        return catalog.supply(
            product, {product.packs[0]: quantity}, SYSTEM,
            harvested_on=today - timedelta(days=1), use_by=today + timedelta(days=days),
        )  # fmt: skip


def line_of(order) -> OrderLine:
    return order.farm_orders[0].lines[0]


def call_back(lot, reason="Nghi nhiễm nấm mốc"):
    with transaction():
        done = recalls.recall(lot, reason, SYSTEM)
    db.session.expire_all()
    return done


def messages(template: str) -> list[Message]:
    return db.session.scalars(select(Message).where(Message.template == template)).all()


@pytest.fixture
def product(app):
    return make.product(stock=0)


def test_who_bought_hears_and_what_is_here_is_replaced_or_called_off(product):
    bad, good = lot(product, 6, 5), lot(product, 2, 30)
    gone = make.order((product, 2), state=F.HANDED_OVER)
    first = make.order((product, 2), state=F.ACCEPTED)
    last = make.order((product, 2), state=F.CONFIRMED)
    assert {line_of(one).lot_code for one in (gone, first, last)} == {bad.code}
    done = call_back(bad)
    assert (done.warned, done.replaced, done.called_off) == (1, 1, 1)
    assert line_of(first).lot_code == good.code
    assert line_of(gone).lot_code == bad.code
    assert (first.farm_orders[0].state, last.farm_orders[0].state) == (F.ACCEPTED, F.CANCELLED)
    assert bad.recall_reason in (last.farm_orders[0].reason or "")
    assert len(messages("orders/lot_recalled")) == 1
    assert len(messages("orders/lot_replaced")) == 1
    pack = product.packs[0]
    assert (pack.on_hand, pack.held) == (2, 2)
    assert catalog.check_stock() == []
    with pytest.raises(Conflict, match="đã được thu hồi"):
        call_back(bad)


def test_of_a_part_with_other_goods_only_the_line_goes(product):
    other = make.product(product.farm, name="Chè nõn tôm", stock=5)
    bad = lot(product, 3, 5)
    order = make.order((product, 2), (other, 1), state=F.ACCEPTED)
    done = call_back(bad)
    assert done.called_off == 1
    (part,) = order.farm_orders
    assert part.state is F.ACCEPTED
    assert sorted(line.quantity for line in part.lines) == [0, 1]
    assert (product.packs[0].on_hand, product.packs[0].held) == (0, 0)
    assert catalog.check_stock() == []


def test_a_reason_is_asked_for_and_a_lot_nobody_bought_just_goes(product):
    bad = lot(product, 3, 5)
    with pytest.raises(Refusal, match="Ghi rõ"):
        call_back(bad, "x")
    assert call_back(bad).warned == 0
    assert product.packs[0].on_hand == 0
    assert catalog.check_stock() == []


def test_the_farms_page_and_the_reviewers(visit, app):
    farm = make.farm(owner=cast.farmer_an())
    product = make.product(farm, stock=0)
    bad = lot(product, 3, 5)
    make.order((product, 1), state=F.HANDED_OVER)
    code = bad.code
    other = visit.sign_in(cast.farmer_binh())
    assert other(f"/sell/lots/{code}/recall", status=404)
    farmer = type(visit)(app).sign_in(cast.farmer_an())
    assert "Ghi rõ" in farmer(f"/sell/lots/{code}/recall").form(f"/sell/lots/{code}/recall").submit(
        status=422
    )
    reviewer = type(visit)(app).sign_in(cast.reviewer())
    reviewer("/admin/listings").follow("Thu hồi một lô hàng")
    assert "Không có lô nào mang mã LOKHONGCO" in reviewer("/admin/lots?code=lokhongco", status=404)
    assert "Ai đã mua" in reviewer(f"/admin/lots?code={code.lower()}")
    assert f"/admin/lots/{code}/recall" in reviewer.last.path
    assert not messages("orders/lot_recalled") and bad.recalled_at is None
    page = (
        farmer(f"/sell/lots/{code}/recall")
        .form(f"/sell/lots/{code}/recall")
        .submit(reason="Nghi nhiễm nấm mốc")
    )
    assert "Đã thu hồi" in page
    anybody = type(visit)(app)(f"/trace/{code}")
    assert "đã thu hồi" in anybody
    assert "Tân Cương" in anybody
    shop = re.search(r'href="[^"]*(/shops/\w+)"', anybody.html)
    assert shop is not None and type(visit)(app)(shop[1]).status == 200
    assert "Nguyễn Văn An" not in anybody
    assert anybody.html.count("<svg") >= 1
    assert Actor.guest().person_id is None
    assert type(visit)(app)("/trace/LOKHONGCO", status=404)
