"""Somebody new pays at the door: the stock is held, a code or the farm's call confirms, time and caps run, a person may
be asked. And the till's form replayed, in two windows, with stale quotes."""

import re

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.catalog import service as catalog
from marketplace.checkout.models import Placing, Quote
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, in_transaction, transaction
from marketplace.orders import jobs
from marketplace.orders import service as orders
from marketplace.orders.models import ConfirmedBy, DoorAppeal, EndedBy, FarmOrder, FarmOrderState, Order
from marketplace.payments import ledger
from marketplace.payments.models import Payment, PaymentState
from marketplace.shipping import quotes as shipping_quotes
from tests import cast, make, shopping
from tests.shopping import counted, till

F = FarmOrderState


@pytest.fixture
def tea(app):
    shopping.rules()
    return make.product(of=make.farm(owner=cast.farmer_an()), price_dong=450_000, stock=30)


def placed(visit, tea, **address):
    """The page of an order that waits for its buyer's word; the worker has sent the code."""
    shopping.put_in(visit, tea)
    page = till(visit, **address).submit()
    jobs.ask_for_word(the_order().id)
    return page


def the_order() -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order).order_by(Order.id.desc())).first()


def word_form(page):
    return page.form(f"/account/orders/{the_order().code}/confirmation")


def code_in(sent) -> str:
    return re.search(r"\d{6}", sent.text(template="orders/confirm_code"))[0]


def well():
    db.session.rollback()
    assert ledger.check() == [] and catalog.check_stock() == []


# -- the word -----------------------------------------------------------------------------------------------------


def test_the_code_confirms_and_the_farm_is_asked(visit, tea, sent):
    page = placed(visit, tea)
    order = the_order()
    assert order.farm_orders[0].state is F.PLACED and counted()["held"] == 1
    assert not sent(template="orders/new_for_farm") and not sent(template="orders/call_buyer")
    assert order.confirm_by is not None
    wrong = word_form(page).submit(422, digits="000000" if code_in(sent) != "000000" else "1")
    assert "Mã chưa đúng" in wrong and the_order().farm_orders[0].state is F.PLACED
    done = word_form(wrong).submit(digits=code_in(sent))
    assert "Đã xác nhận" in done
    order = the_order()
    assert order.confirmed_by is ConfirmedBy.CODE and order.farm_orders[0].state is F.CONFIRMED
    assert sent(template="orders/new_for_farm")
    well()


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_farms_are_asked_to_call_when_no_code_was_typed_for_a_while(
    visit, tea, sent, clock, run_jobs, is_confirmed
):
    page = placed(visit, tea)
    if is_confirmed:
        word_form(page).submit(digits=code_in(sent))
    clock.forward(minutes=16)
    run_jobs()
    assert bool(sent(template="orders/call_buyer")) is not is_confirmed


def test_after_five_wrong_codes_the_right_one_is_void_until_another_is_sent(visit, tea, sent):
    page = placed(visit, tea)
    code = code_in(sent)
    for _time in range(5):
        page = word_form(page).submit(422, digits="111111" if code != "111111" else "222222")
    page = word_form(page).submit(422, digits=code)
    page = word_form(page).submit(button=("again", "1"))
    word_form(page).submit(digits=code_in(sent))
    assert the_order().farm_orders[0].state is F.CONFIRMED


def test_the_worker_sends_the_first_code_once_and_none_when_the_word_was_given(visit, tea, sent):
    placed(visit, tea)
    jobs.ask_for_word(the_order().id)
    assert len(sent(template="orders/confirm_code")) == 1
    shopping.put_in(other := visit.another(), tea)
    till(other, phone="0912 000 056").submit()
    with transaction():
        orders.confirm_by_market(the_order(), SYSTEM)
    jobs.ask_for_word(the_order().id)
    assert len(sent(template="orders/confirm_code")) == 1


@pytest.mark.parametrize("typed", ["", "abc", "1" * 500, "<b>", "１２３４５６"])
def test_what_is_no_code_is_refused(visit, tea, typed):
    page = placed(visit, tea)
    word_form(page).submit(422, digits=typed)
    assert the_order().farm_orders[0].state is F.PLACED


def test_a_code_opens_only_its_own_order(visit, tea, sent):
    placed(visit, tea)
    code = code_in(sent)
    other = placed(visit.another(), tea, phone="0912 000 055")
    word_form(other).submit(422, digits=code)
    assert the_order().farm_orders[0].state is F.PLACED


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_the_farm_calls(visit, tea, answer):
    placed(visit, tea)
    farmer = visit.another().sign_in(cast.farmer_an())
    assert "Gọi khách mới xác nhận" in farmer("/sell")
    page = farmer("/sell/orders")
    assert "Trần Thị Lan" in page and "tel:+84912000001" in page.html
    says = "Khách đã xác nhận" if answer == "yes" else "Khách không đặt"
    code = the_order().farm_orders[0].code
    page.form(f"/sell/orders/{code}/word", says=says).submit()
    order = the_order()
    if answer == "yes":
        assert order.confirmed_by is ConfirmedBy.FARM and order.farm_orders[0].state is F.CONFIRMED
    else:
        assert order.farm_orders[0].state is F.CANCELLED
        assert order.farm_orders[0].ended_by is EndedBy.UNCONFIRMED and counted()["held"] == 0
    farmer.post(f"/sell/orders/{code}/word", 409, answer="yes")
    well()


def test_another_farm_sees_and_confirms_nothing(visit, tea):
    placed(visit, tea)
    make.product(of=make.farm("Vườn khác", owner=cast.farmer_binh()))
    other = visit.another().sign_in(cast.farmer_binh())
    assert "Trần Thị Lan" not in other("/sell/orders")
    other.post(f"/sell/orders/{the_order().farm_orders[0].code}/word", 409, answer="yes")
    assert the_order().farm_orders[0].state is F.PLACED


def test_when_nobody_confirms_the_stock_is_free_again(visit, tea, sent, clock):
    page = placed(visit, tea)
    clock.forward(hours=11)
    jobs.expire_unpaid()
    assert the_order().farm_orders[0].state is F.PLACED
    clock.forward(hours=2)
    jobs.expire_unpaid()
    jobs.expire_unpaid()
    order = the_order()
    assert order.farm_orders[0].state is F.CANCELLED and order.farm_orders[0].ended_by is EndedBy.UNCONFIRMED
    assert counted()["held"] == 0
    assert db.session.scalars(select(Payment.state)).one() is PaymentState.EXPIRED
    assert sent(template="orders/unconfirmed")
    word_form(page).submit(422, digits="123456")
    assert "Không ai xác nhận" in visit(order.path)
    well()


def test_somebody_known_is_not_asked(visit, tea):
    lan = cast.buyer()
    make.order((tea, 1), state="delivered", buyer=lan)
    with transaction():
        db.session.get_one(Person, lan.id).phone_verified_at = db.session.get_one(Person, lan.id).created_at
    visit.sign_in(lan)
    shopping.put_in(visit, tea)
    till(visit).submit()
    order = the_order()
    assert order.confirm_by is None and order.farm_orders[0].state is F.CONFIRMED


# -- caps, and a person to ask ------------------------------------------------------------------------------------


def test_so_many_open_and_a_way_out(visit, tea, clock):
    for _time in range(3):
        placed(visit, tea)
    shopping.put_in(visit, tea)
    form, before = till(visit), counted()
    page = form.submit(422)
    assert "3 đơn trả khi nhận chưa xác nhận" in page and counted() == before
    assert page.form("/checkout", says="Đặt hàng").fields["street"] == form.fields["street"]
    appeal = page.follow("Nhờ người của chợ xem lại")
    sent_page = appeal.form("/checkout/appeal").submit(words="Tôi mua cho cả xóm")
    assert "Chợ đã nhận lời nhắn" in sent_page
    admin = visit.another().sign_in(cast.admin())
    asked = db.session.scalars(select(DoorAppeal)).one()
    page = admin("/admin/appeals")
    assert "Tôi mua cho cả xóm" in page
    page.form(f"/admin/appeals/{asked.code}").submit(button=("verdict", "granted"))
    till(visit).submit()
    assert counted()["held"] == 4 and the_order().is_waiting_for_word, "the code is still asked for"
    clock.forward(days=120)
    jobs.expire_unpaid()
    well()


def test_an_appeal_is_declined_with_its_reason(visit, tea, sent):
    visit.post("/lang/en", 303)
    page = visit("/checkout/appeal")
    page.form("/checkout/appeal").submit(422, words="")
    page.form("/checkout/appeal").submit(name="Lan", phone="0912000001", words="Xin xem lại")
    page.form("/checkout/appeal").submit(name="Lan", phone="0912000001", words="Xin xem lại lần nữa")
    asked = db.session.scalars(select(DoorAppeal)).one()
    admin = visit.another().sign_in(cast.admin())
    form = admin("/admin/appeals").form(f"/admin/appeals/{asked.code}")
    form.submit(422, button=("verdict", "declined"))
    form.submit(button=("verdict", "declined"), answer="Ba gói không nhận tháng này")
    assert "The market" in sent.text(template="orders/appeal_answered"), "in the language it was asked in"
    form.submit(409, button=("verdict", "granted"))


def test_so_much_money_open(visit, tea):
    gold = make.product(of=tea.farm, name="Sâm", price_dong=12_000_000, stock=9)
    placed(visit, gold)
    shopping.put_in(visit, gold)
    before = counted()
    assert "tối đa 20.000.000" in till(visit).submit(422)
    assert counted() == before
    till(visit, "vietqr").submit()


def test_who_left_parcels_at_the_door_pays_ahead(visit, tea):
    for _time in range(2):
        make.order((tea, 1), state="refused_at_door", phone="+84912000001")
    shopping.put_in(visit, tea)
    assert "không nhận 2 gói hàng" in till(visit).submit(422)
    till(visit, "vietqr").submit()


# -- the form again -----------------------------------------------------------------------------------------------


def test_yesterdays_form(visit, tea, clock):
    """Placed yesterday: the same order again. Not placed: carriers are asked anew; the sum must be the same, and what is
    promised for a later day now is shown first."""
    clock.set("2026-11-20 10:00")
    shopping.put_in(visit, tea)
    form = till(visit, "vietqr")
    clock.set("2026-11-21 10:00")
    with transaction():
        db.session.scalars(select(Quote)).one().answer = {"services": [], "refused": []}
    page = form.submit(409)
    assert f"Hàng của {tea.farm.name} nay tới" in page and "Tổng tiền đã thay đổi" not in page
    assert counted()["held"] == 0
    form = page.form("/checkout", says="Đặt hàng")
    form.submit()
    order = the_order()
    assert order.total_dong == int(form.fields["expected_total"]), "the stale quote was not asked again"
    clock.set("2026-11-22 10:00")
    assert form.submit().path.startswith("/pay/")
    assert the_order().id == order.id


def test_two_windows_of_one_cart_are_one_order(visit, tea):
    shopping.put_in(visit, tea)
    one, two = till(visit, "vietqr"), till(visit, "vietqr")
    assert one.fields["once"] != two.fields["once"]
    assert one.submit().path == two.submit().path
    assert (
        len(db.session.scalars(select(Order)).all()) == 1
        and len(db.session.scalars(select(Placing)).all()) == 1
    )
    shopping.put_in(visit, tea)
    till(visit, "vietqr").submit()
    assert len(db.session.scalars(select(Order)).all()) == 2


@pytest.mark.parametrize(
    "changes", [{"round": "-1"}, {"round": "mười"}, {"if_short": "steal"}, {"voucher": "x" * 500}], ids=str
)
def test_odd_fields_are_refused(visit, tea, changes):
    shopping.put_in(visit, tea)
    form = till(visit, "vietqr")
    before = counted()
    visit.post("/checkout", 422, **{**form.fields, **changes})
    assert counted() == before


def test_nobody_outside_is_asked_while_an_order_is_written(visit, tea, monkeypatch):
    asked, ask = [], shipping_quotes.quote_cart

    def watched(*about):
        asked.append(in_transaction())
        return ask(*about)

    monkeypatch.setattr(shipping_quotes, "quote_cart", watched)
    shopping.put_in(visit, tea)
    form = till(visit, "vietqr")
    with transaction():
        db.session.scalars(select(Quote)).one().basis = "of other goods"
    form.submit()
    assert the_order() is not None and asked and not any(asked)


def test_confirmed_by_a_person_of_the_market_once(visit, tea):
    placed(visit, tea)
    for _time in range(2):
        with transaction():
            orders.confirm_by_market(the_order(), SYSTEM)
    assert db.session.scalars(select(FarmOrder.state)).one() is F.CONFIRMED
