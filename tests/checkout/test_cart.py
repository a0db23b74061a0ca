"""The cart: what may go in, whose it is, what is said when the world has changed meanwhile."""

import pytest
from sqlalchemy import select

from marketplace.catalog import service as catalog
from marketplace.catalog.service import PackDetails
from marketplace.checkout.models import Cart, CartLine
from marketplace.checkout.service import forget_old_carts
from marketplace.farmers import service as farmers
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from tests import cast, make, shopping
from tests.visit import HOST

TOKENLESS = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}


def lines() -> list[tuple[str, int]]:
    """(name, how many) of everything in every cart."""
    db.session.rollback()
    return [(line.variant.product.name, line.quantity) for line in db.session.scalars(select(CartLine))]


def test_a_guests_cart_over_two_farms(visit):
    tea = make.product(name="Trà đinh Tân Cương", price_dong=450_000)
    shrimp = make.product(of=make.farm("Tôm khô Rạch Gốc"), name="Tôm khô loại một", price_dong=800_000)
    shopping.put_in(visit, tea, 2)
    page = shopping.put_in(visit, shrimp)
    assert page.path == "/cart"
    assert "1.700.000 ₫" in page and "3 món" in page and "từ 2 nhà vườn" in page
    page = page.form(f"/cart/lines/{tea.variants[0].code}").submit(quantity=1)
    assert "1.250.000 ₫" in page
    page = page.form(f"/cart/lines/{tea.variants[0].code}", says="Bỏ").submit()
    assert "Trà đinh" not in page and "800.000 ₫" in page


def test_the_same_pack_again_is_added_up(visit):
    tea = make.product(stock=10)
    shopping.put_in(visit, tea, 2)
    shopping.put_in(visit, tea, 3)
    assert lines() == [(tea.name, 5)]


@pytest.mark.parametrize(
    "quantity",
    ["0", "-1", "1.5", "1,5", "1000000000", "nhiều", "", "1e3", "٣", "0x10", "999999999999999999999"],
)
def test_a_quantity_that_is_none(visit, quantity):
    tea = make.product(stock=20)
    page = shopping.put_in(visit, tea, quantity, status=422)
    assert page.all(class_="notice") or page.all(role="alert"), "nothing says why"
    assert lines() == []
    shopping.put_in(visit, tea, 2)
    refused = visit.post(
        f"/cart/lines/{tea.variants[0].code}", 422 if quantity != "0" else 200, quantity=quantity
    )
    assert lines() == ([(tea.name, 2)] if quantity != "0" else []), refused.text


def test_more_than_there_is(visit):
    tea = make.product(stock=3)
    page = shopping.put_in(visit, tea, 4, status=422)
    assert "chỉ còn 3" in page and lines() == []
    shopping.put_in(visit, tea, 3)
    assert "chỉ còn 3" in shopping.put_in(visit, tea, 1, status=422)
    assert lines() == [(tea.name, 3)]


def test_what_is_not_there(visit):
    for code in ("NOBODY99", "", "\x00", "' OR 1=1 --", "x" * 5000):
        visit.post("/cart/lines", 404, variant=code, quantity=1)
    assert lines() == []


def test_a_draft_a_paused_and_a_withdrawn_product_are_not_sold(visit):
    tea = make.product(published=False)
    visit.post("/cart/lines", 404, variant=tea.variants[0].code, quantity=1)
    gone = make.product(of=tea.farm, name="Chè vụ trước")
    with transaction():
        catalog.withdraw(gone, make.actor_of(gone.farm))
    visit.post("/cart/lines", 404, variant=gone.variants[0].code, quantity=1)
    assert lines() == []


def test_a_service_is_never_in_a_cart(visit):
    stay = make.product(name="Một ngày làm chè", set_no=26, packs=[PackDetails(500_000, pieces=1)], stock=0)
    page = visit(f"/products/{stay.code}")
    assert not [form for form in page.all("form") if form.get("action") == "/cart/lines"]
    visit.post("/cart/lines", 404, variant=stay.variants[0].code, quantity=1)
    assert lines() == []


# -- where the form comes from ------------------------------------------------------------------------------------


def test_a_visitor_without_a_session_needs_no_token_from_our_own_page(app, visit):
    code = make.product().variants[0].code
    answer = visit.raw("POST", "/cart/lines", data={"variant": code, "quantity": "1"}, headers=TOKENLESS)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/cart")
    assert len(lines()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": HOST + ".evil.example"},
        {"Origin": "https://evil.example/" + HOST},
        {"Referer": "https://evil.example/cart"},
        {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
        {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_from_another_origin_nothing_goes_in(visit, headers):
    code = make.product().variants[0].code
    answer = visit.raw("POST", "/cart/lines", data={"variant": code, "quantity": "1"}, headers=headers)
    assert answer.status_code == 400
    assert "không đến từ trang của chợ" in answer.text
    assert lines() == []


def test_with_a_session_the_token_is_asked_for(visit):
    tea = make.product()
    shopping.put_in(visit, tea)
    for token in (None, "", "no-token", "'\"><script>"):
        fields = {
            "variant": tea.variants[0].code,
            "quantity": "1",
            **({} if token is None else {"csrf_token": token}),
        }
        answer = visit.raw("POST", "/cart/lines", data=fields, headers=TOKENLESS)
        assert answer.status_code == 400 and "biểu mẫu" in answer.text
    assert lines() == [(tea.name, 1)]


def test_anothers_token_is_none_of_mine(visit):
    tea = make.product()
    shopping.put_in(visit, tea)
    other = visit.another()
    other("/cart")
    answer = visit.raw(
        "POST", f"/cart/lines/{tea.variants[0].code}", data={"quantity": "0", "csrf_token": other.token()}
    )
    assert answer.status_code == 400
    assert lines() == [(tea.name, 1)]


# -- what changes meanwhile ---------------------------------------------------------------------------------------


def test_a_product_withdrawn_while_in_the_cart(visit):
    tea = make.product()
    shopping.put_in(visit, tea)
    with transaction():
        catalog.withdraw(tea, make.actor_of(tea.farm))
    page = visit("/cart")
    assert "không còn bán" in page
    assert "Chọn nơi nhận hàng" not in page.links
    assert "không còn bán" in shopping.till_page(visit)


def test_a_farm_suspended_while_in_the_cart(visit):
    tea = make.product()
    shopping.put_in(visit, tea)
    with transaction():
        farmers.suspend(tea.farm, "đang kiểm tra nguồn gốc", SYSTEM)
    assert "không còn bán" in visit("/cart")


def test_a_new_price_is_said(visit):
    tea = make.product(price_dong=450_000)
    shopping.put_in(visit, tea)
    new_price(tea, 480_000)
    page = visit("/cart")
    assert "Giá lúc chọn là 450.000 ₫, nay là 480.000 ₫." in page
    assert "480.000 ₫" in page


def new_price(product, dong):
    with transaction():
        pack = product.variants[0]
        changed = PackDetails(dong, grams=pack.grams)
        catalog.set_variants(product, [changed], make.actor_of(product.farm))


# -- whose it is --------------------------------------------------------------------------------------------------


def test_a_guests_cart_is_poured_into_ones_own_on_sign_in(visit):
    lan = cast.buyer()
    tea, shrimp, honey = (
        make.product(name=name, stock=20) for name in ("Trà tân cương", "Tôm khô", "Mật ong")
    )
    at_home = visit.another().sign_in(lan)
    shopping.put_in(at_home, tea, 2)
    shopping.put_in(at_home, honey, 5)

    shopping.put_in(visit, tea, 3)
    shopping.put_in(visit, shrimp, 1)
    visit("/login").form("/login").submit(login="0912000001", password=cast.PASSWORD)
    page = visit("/cart")
    assert all(one.name in page for one in (tea, shrimp, honey))
    assert sorted(lines()) == sorted([(tea.name, 3), (shrimp.name, 1), (honey.name, 5)])
    assert db.session.query(Cart).count() == 1, "the guest's cart is left over"
    assert "Mật ong" in at_home("/cart")


def test_nobody_sees_anothers_cart(visit):
    shopping.put_in(visit, make.product())
    assert "Giỏ hàng chưa có gì" in visit.another()("/cart")
    assert "Giỏ hàng chưa có gì" in visit.another().sign_in(cast.buyer())("/cart")


def test_signed_out_the_cart_stays_with_the_person(visit):
    lan = cast.buyer()
    visit.sign_in(lan)
    shopping.put_in(visit, make.product())
    visit("/account").form("/logout").submit()
    assert "Giỏ hàng chưa có gì" in visit("/cart")


def test_at_most_fifty_kinds(visit):
    farm = make.farm()
    packs = [PackDetails(10_000 + n, grams=100 + n) for n in range(12)]
    products = [
        make.product(of=farm, name=f"Chè số {word}", packs=packs)
        for word in ("một", "hai", "ba", "bốn", "năm")
    ]
    codes = [pack.code for product in products for pack in product.variants]
    for code in codes[:50]:
        visit.post("/cart/lines", 303, variant=code, quantity=1)
    visit.post("/cart/lines", 422, variant=codes[50], quantity=1)
    assert len(lines()) == 50
    visit("/cart")


def test_old_guests_carts_are_cleared_away_and_peoples_are_kept(visit, clock):
    tea = make.product(stock=20)
    shopping.put_in(visit, tea)
    shopping.put_in(visit.another().sign_in(cast.buyer()), tea)
    clock.forward(days=61)
    with transaction():
        forget_old_carts()
    assert len(lines()) == 1
