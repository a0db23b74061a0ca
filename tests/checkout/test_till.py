"""The till: address, freight per farm, the sum, an order that is placed whole and once, or not at all."""

import re

import pytest
from sqlalchemy import select

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.catalog import service as catalog
from marketplace.catalog.service import PackDetails
from marketplace.checkout import shown
from marketplace.farmers import service as farmers
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.money import dong
from marketplace.orders.models import FarmOrderState, Order
from marketplace.payments import ledger
from tests import cast, make, shopping
from tests.shopping import HOME, counted, till, till_page


@pytest.fixture
def tea(app):
    return make.product(name="Trà đinh Tân Cương", price_dong=450_000, stock=10)


@pytest.fixture
def shrimp(app):
    farm = make.farm("Tôm khô Rạch Gốc", commune_code="32191", province_code="96")
    return make.product(of=farm, name="Tôm khô loại một", price_dong=800_000, stock=10)


def the_order() -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order)).one()


# -- where to -----------------------------------------------------------------------------------------------------


def test_an_empty_cart_has_no_till(visit):
    assert visit("/checkout").path == "/cart"


def test_without_a_script_the_province_comes_first(visit, tea):
    shopping.put_in(visit, tea)
    page = visit("/checkout")
    assert page.h1 == "Nhận hàng ở đâu?"
    asked = page.form("/checkout")
    page = asked.submit(
        button=("pick_province", "1"), province="01", name="Lan", phone="0912000001", street="12 Hàng Bông"
    )
    asked = page.form("/checkout")
    assert "00166" in asked.choices("commune") and "05503" not in asked.choices("commune")
    assert asked.fields["name"] == "Lan" and asked.fields["street"] == "12 Hàng Bông"
    page = asked.submit(commune="00166")
    assert page.form("/checkout", says="Đặt hàng").fields["street"] == "12 Hàng Bông"


def test_an_address_in_one_piece_fills_in_the_rest(visit, tea):
    """An old one too; where the old unit was divided the buyer is asked, and nothing is chosen for them."""
    shopping.put_in(visit, tea)
    fill = ("pick_province", "whole")
    asked = visit("/checkout").form("/checkout").submit(
        button=fill, whole="P8, TPCM, Cà Mau", name="Lan", phone="0912000001", street="12 Lý Bôn"
    )  # fmt: skip
    filled = asked.form("/checkout").fields
    assert filled["province"] == "96" and filled["commune"]
    assert filled["street"] == "12 Lý Bôn" and filled["name"] == "Lan"
    page = asked.form("/checkout").submit(button=fill, whole="ấp 7, xã Nguyễn Phích, U Minh, Cà Mau")
    assert "nay thuộc về nhiều xã" in page and not page.form("/checkout").fields["commune"]
    assert len(page.form("/checkout").choices("commune")) == 4
    page = page.form("/checkout").submit(button=fill, whole="zzz")
    assert "Chưa đọc được địa chỉ này" in page
    page = visit("/checkout", pick_province="whole", whole="", **HOME)
    assert page.form("/checkout", says="Đặt hàng"), "nothing typed: Enter goes on"


def test_a_commune_that_is_not_in_the_province(visit, tea):
    shopping.put_in(visit, tea)
    before = counted()
    page = till_page(visit, commune="05503")
    assert page.h1 == "Nhận hàng ở đâu?", "quotes for a commune of another province"
    asked = till(visit)
    for province, commune in (
        ("01", "05503"),
        ("19", "00166"),
        ("99", "00166"),
        ("", ""),
        ("01", "99999"),
        ("01", "x"),
    ):
        page = asked.submit(422, province=province, commune=commune)
        assert page.all(class_="error") or page.all(role="alert"), "nothing says what is wrong"
        assert counted() == before


def test_a_signed_in_buyer_starts_with_the_usual_address(visit, tea):
    lan = cast.buyer()
    visit.sign_in(lan)
    with transaction():
        me = db.session.get_one(Person, lan.id)
        accounts.save_address(
            me, "Trần Thị Lan", "0912000001", "00166", "Số 12 Cầu Giấy", cast.by(lan), is_default=True
        )
    shopping.put_in(visit, tea)
    form = visit("/checkout").form("/checkout", says="Đặt hàng")
    assert form.fields["commune"] == "00166" and form.fields["street"] == "Số 12 Cầu Giấy"


# -- what it comes to ---------------------------------------------------------------------------------------------


def test_each_farm_has_its_services_and_the_sum_follows_the_choice(visit, tea, shrimp):
    shopping.put_in(visit, tea)
    shopping.put_in(visit, shrimp, 2)
    form = till(visit)
    sums = set()
    for farm in (tea.farm, shrimp.farm):
        offered = form.page.all("input", name=f"service-{farm.code}")
        services = [radio.get("value") for radio in offered if "disabled" not in radio.attrib]
        assert len(services) >= 2, services
        for service in services:
            page = form.submit(button=("recount", "1"), **{f"service-{farm.code}": service})
            again = page.form("/checkout", says="Đặt hàng")
            assert again.fields[f"service-{farm.code}"] == service
            sums.add(again.fields["expected_total"])
    assert len(sums) >= 2, "the sum does not follow the service"
    assert counted()[Order.__tablename__] == 0


def test_cash_at_the_door_costs_its_fee_per_farm(visit, tea, shrimp):
    shopping.put_in(visit, tea)
    shopping.put_in(visit, shrimp)
    by_transfer, at_the_door = till(visit, "vietqr"), till(visit, "cod")
    more = int(at_the_door.fields["expected_total"]) - int(by_transfer.fields["expected_total"])
    assert more > 0
    at_the_door.submit()
    order = the_order()
    assert sum(part.cod_fee_dong for part in order.farm_orders) == more
    assert all(part.cod_fee_dong > 0 for part in order.farm_orders)
    assert order.total_dong == int(at_the_door.fields["expected_total"])
    assert sum(part.total_dong for part in order.farm_orders) == order.total_dong


def test_more_than_the_post_collects_is_not_offered_at_the_door(visit):
    gold = make.product(name="Trầm hương", price_dong=60_000_000, stock=5)
    shopping.put_in(visit, gold)
    form = till(visit, "cod")
    before = counted()
    page = form.submit(422, payment_method="cod")
    assert "chuyển khoản" in page.text.lower()
    assert counted() == before
    till(visit, "vietqr").submit()
    assert the_order().payment_method == "vietqr"


# -- placing ------------------------------------------------------------------------------------------------------


def test_a_guest_pays_at_the_door(visit, tea, shrimp):
    shopping.put_in(visit, tea)
    shopping.put_in(visit, shrimp, 2)
    form = till(visit)
    page = form.submit(note="Gọi trước khi giao")
    order = the_order()
    assert page.path == f"/account/orders/{order.code}?key={order.secret}"
    assert {part.state for part in order.farm_orders} == {FarmOrderState.PLACED}
    assert order.is_waiting_for_word
    assert [(part.farm.name, part.goods_dong) for part in order.farm_orders] == [
        (tea.farm.name, 450_000),
        (shrimp.farm.name, 1_600_000),
    ]
    assert order.note == "Gọi trước khi giao" and order.phone == "+84912000001"
    assert "Giỏ hàng chưa có gì" in visit("/cart")
    found = counted()
    assert (found["on hand"], found["held"]) == (20, 3)
    assert catalog.check_stock() == [] and ledger.check() == []


def test_a_guests_order_opens_with_its_key_only(visit, tea):
    order = shopping.place(visit, tea)
    stranger = visit.another()
    assert (
        stranger(f"/account/orders/{order.code}", status=303).answer.headers["Location"].startswith("/login")
    )
    stranger(f"/account/orders/{order.code}?key=wrong", status=404)
    stranger.sign_in(cast.buyer())(f"/account/orders/{order.code}", status=404)
    stranger(f"/account/orders/{order.code}?key=wrong", status=404)
    assert tea.name in visit.another()(f"/account/orders/{order.code}?key={order.secret}")


def test_by_transfer_one_comes_to_the_pay_page_and_the_farm_is_not_asked_yet(visit, tea):
    shopping.put_in(visit, tea)
    page = till(visit, "vietqr").submit()
    order = the_order()
    assert page.path.startswith("/pay/")
    assert order.farm_orders[0].state is FarmOrderState.PLACED
    page.follow("Xem đơn hàng")
    assert counted()["held"] == 1


def test_the_same_form_sent_twice_is_one_order(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    first, second = form.submit(), form.submit()
    assert first.path == second.path
    assert counted()["held"] == 1
    the_order()


def test_sent_again_from_another_browser_the_order_is_not_shown(visit, tea):
    """`once` is a token, not a key: with it alone nobody opens an order."""
    shopping.put_in(visit, tea)
    form = till(visit)
    form.submit()
    order = the_order()
    thief = visit.another()
    shopping.put_in(thief, tea)
    mine = till(thief)
    page = mine.submit(409, once=form.fields["once"], phone="0987 654 321")
    assert order.code not in page.text and order.secret not in page.html


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"phone": ""},
        {"phone": "12"},
        {"phone": "0912 000 0011 22"},
        {"street": ""},
        {"name": "a" * 10_000},
        {"street": "a" * 10_000},
        {"note": "a" * 10_000},
        {"payment_method": ""},
        {"payment_method": "card"},
        {"payment_method": "gold"},
        {"expected_total": ""},
        {"expected_total": "nhiều"},
        {"expected_total": "-1"},
        {"once": ""},
        {"once": "x" * 500},
    ],
    ids=lambda changes: f"{next(iter(changes))}={next(iter(changes.values()))[:12]}",
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_placed(visit, tea, changes):
    shopping.put_in(visit, tea)
    form = till(visit)
    before = counted()
    page = form.submit(422, **changes)
    assert page.all(class_="error") or page.all(role="alert"), "nothing says what is wrong"
    assert counted() == before
    again = page.form("/checkout", says="Đặt hàng")
    for name in ("name", "phone", "street", "note"):
        assert again.fields[name] == changes.get(name, form.fields[name]), "what was typed is gone"
    assert (again.fields["once"] == form.fields["once"]) == ("once" not in changes)
    again.submit(**{name: form.fields[name] for name in (*changes, "expected_total")})
    the_order()


# -- what changed since the page was shown ------------------------------------------------------------------------


def refused_and_kept(form, **changes):
    """409: a sentence, the filled form with a new `once` and the new sum, nothing placed; sent again it is."""
    before = counted()
    page = form.submit(409, **changes)
    assert counted() == before
    assert page.all(role="alert") or page.all(class_="error"), "nothing says what changed"
    again = page.form("/checkout", says="Đặt hàng")
    for name in ("name", "phone", "street", "note", "commune", "payment_method"):
        assert again.fields[name] == {**form.fields, **changes}[name]
    assert again.fields["once"] != form.fields["once"]
    return page, again


def test_the_price_changed(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    with transaction():
        catalog.set_variants(tea, [PackDetails(480_000, grams=100)], make.actor_of(tea.farm))
    page, again = refused_and_kept(form, note="để cổng")
    assert "Tổng tiền đã thay đổi" in page
    was = int(form.fields[f"shown-{tea.farm.code}"].split()[0])
    assert f"{tea.farm.name} nay là {dong(480_000)} (trang cũ: {dong(was)})" in page
    assert int(again.fields["expected_total"]) > int(form.fields["expected_total"])
    again.submit()
    assert the_order().farm_orders[0].goods_dong == 480_000


def test_the_stock_is_gone(visit, tea):
    shopping.put_in(visit, tea, 2)
    form = till(visit)
    with transaction():
        catalog.correct_stock(tea.variants[0], 1, make.actor_of(tea.farm))
    page, _again = refused_and_kept(form)
    assert "chỉ còn 1" in page
    visit("/cart").form(f"/cart/lines/{tea.variants[0].code}").submit(quantity=1)
    till(visit).submit()
    assert counted()["held"] == 1


def test_somebody_else_took_the_last(visit, tea):
    with transaction():
        catalog.correct_stock(tea.variants[0], 1, make.actor_of(tea.farm))
    slow, fast = visit, visit.another()
    for one in (slow, fast):
        shopping.put_in(one, tea)
    form = till(slow)
    till(fast).submit()
    page, _again = refused_and_kept(form)
    assert "vừa hết hàng" in page
    the_order()


def test_the_product_was_withdrawn(visit, tea, shrimp):
    shopping.put_in(visit, tea)
    shopping.put_in(visit, shrimp)
    form = till(visit)
    with transaction():
        catalog.withdraw(tea, make.actor_of(tea.farm))
    page, _again = refused_and_kept(form)
    assert "không còn bán" in page


def test_the_farm_was_suspended(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    with transaction():
        farmers.suspend(tea.farm, "đang kiểm tra nguồn gốc", SYSTEM)
    page, _again = refused_and_kept(form)
    assert "không còn bán" in page


def test_a_service_nobody_quoted(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    name = f"service-{tea.farm.code}"
    page, again = refused_and_kept(form, **{name: "TELEPORT"})
    assert "Cách giao đã chọn" in page
    assert again.fields[name] in form.choices(name)
    again.submit()
    the_order()


def test_what_the_page_showed_is_compared_and_never_believed(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    name = f"shown-{tea.farm.code}"
    _goods, *services = form.fields[name].split()
    cheaper = [re.sub(r"=\d+=", "=1=", one) for one in services]
    page, again = refused_and_kept(form, **{name: " ".join(["1", *cheaper])})
    assert f"(trang cũ: {dong(1)})" in page
    assert again.fields[name] == form.fields[name]
    for nonsense in ("", "x", "480000 EMS=1=2026-02-31", "9" * 5_000):
        assert shown.read(nonsense) is None
    again.submit(**{name: "nonsense"})
    assert the_order().total_dong == int(form.fields["expected_total"])


def test_another_sum_than_the_one_shown(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    page, again = refused_and_kept(form, expected_total="1")
    assert "Tổng tiền đã thay đổi" in page
    assert again.fields["expected_total"] == form.fields["expected_total"]


def test_the_cart_was_emptied_in_another_window(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    visit("/cart").form(f"/cart/lines/{tea.variants[0].code}", says="Bỏ").submit()
    before = counted()
    page = form.submit(409)
    assert "Giỏ hàng đang trống" in page
    assert counted() == before


def test_who_never_had_a_cart(visit):
    before = counted()
    fields = {**HOME, "payment_method": "cod", "expected_total": "1", "once": "A" * 20}
    visit.post("/checkout", 409, **fields)
    assert counted() == before


# -- tokens -------------------------------------------------------------------------------------------------------


def test_without_the_right_token_nothing_is_placed(visit, tea):
    shopping.put_in(visit, tea)
    form = till(visit)
    before = counted()
    for token in (None, "", "wrong", "'\"><b>"):
        page = form.submit(400, csrf_token=token)
        assert "biểu mẫu hết hiệu lực" in page
        assert counted() == before
    form.submit()
    the_order()
