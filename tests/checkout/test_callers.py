"""A clerk orders for somebody who telephones: both are named, and only the caller's own code places exactly that order."""

import re

import pytest

from marketplace.checkout.models import Cart
from marketplace.foundation import audit
from marketplace.foundation.db import db
from marketplace.orders.models import ConfirmedBy, Order
from tests import cast, make, parcels

CALLER = "0987 111 222"


@pytest.fixture
def tea(app):
    parcels.rules()
    return make.product()


@pytest.fixture
def at_counter(tea, visit):
    return visit.sign_in(cast.clerk(parcels.point()))


def to_the_code(visit, tea, method="cod", phone=CALLER):
    page = visit("/post/callers").form("/post/callers").submit(name="Bà Tư", phone=phone)
    visit.post(f"{page.path}/lines/{tea.variants[0].code}", quantity="2", add="1")
    page = visit(
        f"{page.path}/till", province="01", commune=parcels.CAU_GIAY, street="Số 3", payment_method=method
    )
    return page.form(says="gửi mã cho khách").submit()


def digits_of(sent):
    return re.search(r"\b\d{6}\b", sent.text(template="checkout/call_code"))[0]


def test_the_callers_code_places_exactly_this_order(at_counter, tea, sent):
    page = to_the_code(at_counter, tea)
    said = sent.text(template="checkout/call_code")
    assert "dat giup ban 2 x Tra dinh" in said and "Do Minh Chau" in said
    page.form(says="đặt đơn").submit(digits=digits_of(sent))
    order = db.session.query(Order).one()
    clerk = cast.clerk()
    assert (order.phone, order.name, order.buyer_id) == ("+84987111222", "Bà Tư", None)
    assert (order.helper_id, order.confirmed_by, order.confirm_by) == (clerk.id, ConfirmedBy.CODE, None)
    entry = next(one for one in audit.trail(order) if one.verb == "order.placed_for_caller")
    assert (entry.actor_id, entry.details["helper"], entry.details["caller"]) == (
        clerk.id,
        clerk.name,
        "Bà Tư",
    )
    assert not db.session.query(Cart).filter(Cart.helper_id.is_not(None)).count()


def test_somebody_known_finds_it_in_their_account(at_counter, tea, sent):
    buyer = cast.buyer()
    page = to_the_code(at_counter, tea, phone=buyer.phone)
    page.form(says="đặt đơn").submit(digits=digits_of(sent))
    order = db.session.query(Order).one()
    entry = next(one for one in audit.trail(order) if one.verb == "order.placed_for_caller")
    assert (order.buyer_id, entry.for_id) == (buyer.id, buyer.id)


def test_a_wrong_code_places_nothing_and_a_code_is_for_one_order(at_counter, tea, sent):
    page = to_the_code(at_counter, tea)
    assert "Mã chưa đúng" in page.form(says="đặt đơn").submit(digits="000000", status=422)
    changed = page.form(says="đặt đơn")
    refused = changed.submit(digits=digits_of(sent), street="Nhà khác", status=422)
    assert "Mã chưa đúng" in refused
    assert not db.session.query(Order).count()


def test_paid_at_a_counter_leads_to_the_cash(at_counter, tea, sent):
    page = to_the_code(at_counter, tea, "counter")
    page = page.form(says="đặt đơn").submit(digits=digits_of(sent))
    assert page.path.startswith("/post/till/pay-ins")
    assert db.session.query(Order).one().payment_method == "counter"


def test_a_clerk_does_not_call_themselves(at_counter):
    page = at_counter("/post/callers").form("/post/callers")
    assert "số của chính bạn" in page.submit(name="Tôi", phone=cast.clerk().phone, status=422)
    assert not db.session.query(Cart).count()


def test_anothers_call_is_not_there(at_counter, tea):
    page = at_counter("/post/callers").form("/post/callers").submit(name="Bà Tư", phone=CALLER)
    other = at_counter.another().sign_in(cast.another("Chị Sáu", "0912000555", cast.Role.CLERK))
    assert other.raw("GET", page.path).status_code == 404


def test_a_dearer_delivery_is_what_the_code_stands_for(at_counter, tea, sent):
    page = at_counter("/post/callers").form("/post/callers").submit(name="Bà Tư", phone=CALLER)
    at_counter.post(f"{page.path}/lines/{tea.variants[0].code}", quantity="1", add="1")
    where = {"province": "01", "commune": parcels.CAU_GIAY, "street": "Số 3", "payment_method": "cod"}
    form = at_counter(f"{page.path}/till", **where).form(says="gửi mã cho khách")
    (service,) = [name for name in form.fields if name.startswith("service-")]
    dearest = list(form.choices(service))[-1]
    form.submit(**{service: dearest}).form(says="đặt đơn").submit(digits=digits_of(sent))
    order = db.session.query(Order).one()
    assert order.farm_orders[0].service_code == dearest
