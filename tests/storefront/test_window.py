"""The shop window as a visitor sees it: home, shelf, product, farm; what may be seen, at once; in few statements."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from marketplace.catalog import service as catalog
from marketplace.catalog.models import CertificateKind, Product
from marketplace.catalog.service import PackDetails
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.show import slug
from marketplace.search import service as search
from marketplace.shipping import service as shipping
from tests import cast, make

CEILINGS = {"/": 16, "/products": 12, "/products?q=tra": 12, "product": 18, "farm": 10}
"""Statements a page may send, whatever there is to show. Sessions and the facts every page shows are in it."""


@pytest.fixture(autouse=True)
def rules(app):
    make.rules()


@pytest.fixture
def statements(app):
    seen: list[str] = []
    listen = lambda connection, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(db.engine, "before_cursor_execute", listen)


def star(product: Product, stars: int = 4, days_old: int = 30) -> None:
    with transaction():
        proof = catalog.add_certificate(
            product, CertificateKind.OCOP, "2361/QĐ-UBND", "UBND tỉnh Thái Nguyên",
            wall_clock.today() - timedelta(days=days_old), make.actor_of(product.farm), stars=stars,
            source_note="báo tỉnh",
        )  # fmt: skip
        catalog.verify_certificate(proof, SYSTEM)


def address(product: Product) -> str:
    return f"/products/{product.code}-{slug(product.name)}"


def farm_address(farm: Farm) -> str:
    return f"/shops/{farm.code}-{slug(farm.name)}"


# -- home and shelf -----------------------------------------------------------------------------------------------


def test_an_empty_market_invites_the_first_farmer(visit):
    assert "Chợ vừa mở, chưa có món nào bày bán." in visit("/")


def test_home_shows_what_is_in_season_starred_and_new(visit):
    month = wall_clock.today().month
    tea = make.product(name="Trà đinh Tân Cương", season_months=[month])
    honey = make.product(name="Mật ong rừng tràm")
    star(tea, stars=5)
    page = visit("/")
    assert "Tháng này đang vào mùa" in page and "Được chứng nhận OCOP 5 sao" in page
    for product in (tea, honey):
        assert address(product) in page.links.values()


def test_the_shelf_filters_sorts_and_remembers(visit, run_jobs):
    cheap = make.product(name="Trà móc câu", price_dong=100_000)
    dear = make.product(name="Trà đinh", price_dong=900_000)
    honey = make.product(
        make.farm("Rừng tràm", commune_code="32002", province_code="96"), name="Mật ong", set_no=7
    )
    run_jobs()
    page = visit("/products", sort="price_asc")
    places = [page.text.index(product.name) for product in (cheap, dear)]
    assert places == sorted(places)
    page = visit("/products", q="tra")
    assert "2 món" in page and honey.name not in page
    page = visit("/products", province="96")
    assert "1 món" in page and honey.name in page and "Cà Mau" in page
    assert "Chưa tìm thấy món nào như vậy." in visit("/products", q="xe máy")
    assert visit("/products", price_max="200000").text.count("Trà móc câu")


@pytest.mark.parametrize("query", [
    {"q": "<script>alert(1)</script>"}, {"q": "x" * 10_000}, {"q": "a\x00b"}, {"q": "???"}, {"q": "%_\\'\""},
    {"set": "99"}, {"set": "-1"}, {"group": "nothing"}, {"province": "00"}, {"stars": "6"}, {"sort": "drop table"},
    {"price_min": "nhiều"}, {"price_min": "9" * 40}, {"page": "0"}, {"page": "999999"}, {"page": "1.5"},
    {"certificate": "?"},
])  # fmt: skip
def test_odd_questions_get_a_shelf(visit, query):
    make.product()
    visit("/products", **query)


def test_without_an_index_the_database_is_browsed_and_the_page_says_so(visit, app, run_jobs):
    product = make.product(name="Trà đinh")
    run_jobs()
    assert "Bộ tìm kiếm đang được dựng lại" not in visit("/products", q="trà")
    shutil.rmtree(Path(app.instance_path) / "search")
    page = visit("/products", q="trà")
    assert "Bộ tìm kiếm đang được dựng lại" in page and product.name in page
    assert "0 món" in visit("/products", q="mật")
    assert visit("/products", province="19").text.count(product.name)


# -- a product ----------------------------------------------------------------------------------------------------


def test_a_product_says_price_unit_price_place_lot_and_what_the_farm_gets(visit):
    product = make.product(packs=[PackDetails(450_000, grams=100), PackDetails(2_000_000, grams=500)])
    with transaction():
        catalog.add_lot(
            db.session.merge(product), wall_clock.today() - timedelta(days=5), make.actor_of(product.farm)
        )
    page = visit(address(product))
    assert page.h1 == product.name
    assert "450.000 ₫" in page and "4.500.000 ₫/kg" in page
    assert "Xã Tân Cương" in page and "Thái Nguyên" in page and "thu hoạch" in page
    assert "Người trồng nhận" in page
    assert "chưa có giấy chứng nhận nào được kiểm tra" in page


def test_freight_is_for_the_visitors_province(visit):
    with transaction():
        shipping.load_tables(SYSTEM)
    product = make.product()
    page = visit(address(product))
    assert "Chọn nơi nhận để biết phí giao" in page
    page = page.form("/my-province").submit(province="01")
    assert "tới Hà Nội" in page and "Cước minh họa" in page


def test_the_right_address_of_a_thing_is_one(visit):
    product = make.product()
    for wrong in (
        f"/products/{product.code}",
        f"/products/{product.code}-sai",
        f"/products/{product.code}-Tra?pack=x",
    ):
        answer = visit.raw("GET", wrong)
        assert answer.status_code == 301 and answer.headers["Location"].startswith(address(product))
    answer = visit.raw("GET", f"/shops/{product.farm.code}-x")
    assert (answer.status_code, answer.headers["Location"]) == (301, farm_address(product.farm))


@pytest.mark.parametrize(
    "path",
    ["/products/SPKHONGCO", "/products/SPKHONGCO-tra", "/shops/XXXX", "/products/%00", "/products/a'b"],
)
def test_an_unknown_code_is_a_page_with_a_search_box(visit, path):
    page = visit(path, status=404)
    assert page.all("input", name="q")


def test_a_draft_is_nobodys_to_see(visit):
    product = make.product(published=False)
    visit(address(product), status=404)


def test_the_star_shows_only_while_it_proves(visit, clock):
    product = make.product()
    clock.set("2026-11-20 08:00")
    star(product, stars=4, days_old=30)
    assert "4 sao" in visit(address(product)) and "2361/QĐ-UBND" in visit(address(product))
    clock.set("2029-10-22 09:00")  # its 36 months are over
    page = visit(address(product))
    assert "4 sao" not in page and "2361/QĐ-UBND" not in page
    assert "4 sao" not in visit("/")


def test_a_withdrawn_product_is_gone_at_once_though_the_index_still_has_it(visit, run_jobs):
    product = make.product(name="Trà đinh")
    run_jobs()
    assert product.name in visit("/products", q="trà đinh")
    with transaction():
        catalog.withdraw(db.session.merge(product), make.actor_of(product.farm))
    visit(address(product), status=404)
    assert address(product) not in visit("/products", q="trà đinh").links.values()
    assert address(product) not in visit("/").links.values()
    assert address(product) not in visit(farm_address(product.farm)).links.values()


def test_a_suspended_farm_is_gone_at_once_with_all_it_sells(visit, run_jobs):
    product = make.product(name="Trà đinh")
    run_jobs()
    with transaction():
        farmers.suspend(db.session.merge(product.farm), "Giấy tờ không đúng với hàng bán", SYSTEM)
    visit(address(product), status=404)
    visit(farm_address(product.farm), status=404)
    assert address(product) not in visit("/products", q="trà").links.values()
    assert address(product) not in visit("/").links.values()
    assert visit.json("/api/v1/products")["items"] == []


def test_what_a_farmer_wrote_is_shown_as_written(visit):
    product = make.product(
        name='Trà <b>ngon</b> & "sạch"', description="<script>alert('x')</script>\n\nUống nóng."
    )
    page = visit(address(product))
    assert 'Trà <b>ngon</b> & "sạch"' in page and "<script>alert('x')</script>" in page


def test_a_service_is_shown_with_contact_and_no_cart(visit):
    product = make.product(name="Nghỉ lại nhà sàn", set_no=26)
    page = visit(address(product))
    assert "Liên hệ để đặt" in page and not page.all("form", id="buy")


# -- a farm -------------------------------------------------------------------------------------------------------


def test_a_farms_page_shows_who_where_and_what_it_sells(visit):
    farm = make.farm(owner=cast.farmer_an(), story="Bốn đời làm chè.")
    tea = make.product(farm, name="Trà đinh")
    other = make.product(name="Mật ong")
    page = visit(farm_address(farm))
    assert "Bốn đời làm chè." in page and "1 món đang bán" in page
    assert address(tea) in page.links.values() and address(other) not in page.links.values()
    assert cast.farmer_an().phone not in page.html.replace(farm.phone or "", "")


# -- machines read it too -----------------------------------------------------------------------------------------


def test_linked_data_says_what_the_page_shows(visit):
    product = make.product(name="Trà </script><b>đinh", stock=0)
    star(product, stars=5)
    page = visit(address(product))
    told, way = [
        json.loads("".join(script.itertext())) for script in page.all("script", type="application/ld+json")
    ]
    assert told["@type"] == "Product" and told["name"] == product.name
    assert (
        told["url"]
        == f"http://127.0.0.1:8000{address(product)}"
        == page.one("link", rel="canonical").get("href")
    )
    (offer,) = told["offers"]
    assert (offer["price"], offer["priceCurrency"]) == (450_000, "VND")
    assert offer["availability"].endswith("OutOfStock")
    assert told["hasCertification"]["certificationIdentification"] == "2361/QĐ-UBND"
    assert [step["position"] for step in way["itemListElement"]] == [1, 2, 3]
    assert all(script.get("nonce") for script in page.all("script", type="application/ld+json"))


# -- few statements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [3, 15])
def test_pages_send_few_statements_whatever_there_is(visit, statements, run_jobs, many):
    farm = make.farm(story="Bốn đời làm chè.")
    products = [
        make.product(farm, name=f"Trà số {number}", season_months=[wall_clock.today().month])
        for number in range(many)
    ]
    star(products[0], stars=5)
    run_jobs()
    search.rebuild()
    db.session.rollback()
    pages = {"product": address(products[0]), "farm": farm_address(farm)}
    for name, ceiling in CEILINGS.items():
        path = pages.get(name, name)
        visit.raw("GET", path)
        statements.clear()
        assert visit.raw("GET", path).status_code == 200
        sent = [
            one
            for one in statements
            if one.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
        ]
        assert len(sent) <= ceiling, f"{path}: {len(sent)} statements\n" + "\n".join(sent)
