"""The shelf: filters, chips, the way back from a repair, what makes no sense, nothing found; what it shows is always the
database's."""

from urllib.parse import parse_qs, urlsplit

import pytest

from marketplace.catalog import service as catalog
from marketplace.catalog.models import CertificateKind
from marketplace.catalog.service import PackDetails
from marketplace.farmers import service as farmers
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.search import service as search
from marketplace.storefront import asking, queries
from marketplace.storefront.cards import cards
from tests import make


@pytest.fixture(autouse=True)
def rules(app):
    make.rules()


@pytest.fixture
def goods(app):
    """Tea of Thái Nguyên, honey and shrimp of Cà Mau, in the index."""
    tea_farm = make.farm()
    forest = make.farm("Rừng tràm U Minh", commune_code="32002", province_code="96")
    made = {
        "tea": make.product(tea_farm, name="Trà đinh Tân Cương", price_dong=450_000),
        "hook": make.product(tea_farm, name="Trà móc câu", price_dong=90_000),
        "honey": make.product(forest, name="Mật ong rừng tràm", price_dong=180_000, set_no=4,
                              packs=[PackDetails(180_000, grams=500), PackDetails(340_000, grams=1000)]),
        "shrimp": make.product(forest, name="Tôm khô Rạch Gốc", price_dong=800_000, set_no=8, stock=0),
    }  # fmt: skip
    star(made["tea"], 5)
    search.rebuild()
    db.session.rollback()
    return made


def star(product, stars):
    with transaction():
        product = db.session.merge(product)
        proof = catalog.add_certificate(
            product, CertificateKind.OCOP, "2361/QĐ-UBND", "UBND tỉnh", wall_clock.today(),
            make.actor_of(product.farm), stars=stars, source_note="báo tỉnh",
        )  # fmt: skip
        catalog.verify_certificate(proof, SYSTEM)


def option(page, label):
    """The link of a filter's entry."""
    return next(a for a in page.all("a", rel="nofollow") if "".join(a.itertext()).startswith(label))


# -- filters and chips --------------------------------------------------------------------------------------------


def test_every_filter_is_a_link_that_says_what_it_leaves_and_a_box(visit, goods):
    page = visit("/products")
    assert {"Cà Mau", "Thái Nguyên", "5 sao", "OCOP", "Thực phẩm"} <= {
        "".join(a[0].itertext()) for a in page.all("a", rel="nofollow")
    }
    link = option(page, "Cà Mau")
    assert "".join(link.itertext()) == "Cà Mau2"
    assert page.one("input", name="province", value="96").get("aria-label") == "Cà Mau"
    page = visit(link.get("href"))
    assert "2 món" in page and goods["honey"].name in page and goods["tea"].name not in page
    # Taken off by its chip, and by itself.
    assert option(page, "Cà Mau").get("href") == "/products" and option(page, "Cà Mau").get("aria-current")
    page = page.follow("Bỏ lọc Cà Mau")
    assert page.path == "/products" and "4 món" in page


def test_filters_join_and_the_address_says_everything(visit, goods):
    page = visit("/products?province=96")
    price = next(
        a.get("href") for a in page.all("a", rel="nofollow") if "price_min=100000" in a.get("href", "")
    )
    assert parse_qs(urlsplit(price).query) == {
        "province": ["96"],
        "price_min": ["100000"],
        "price_max": ["200000"],
    }
    page = visit(price)
    assert "1 món" in page and goods["honey"].name in page
    assert "100.000" in page.text and "Bỏ lọc Cà Mau" in page
    shared = visit.another()(page.path)
    assert goods["honey"].name in shared


def test_several_values_of_one_filter_widen_it_and_come_off_singly(visit, goods):
    page = visit("/products?province=96")
    link = option(page, "Thái Nguyên")
    assert "".join(link.itertext()) == "Thái Nguyên2" and link.get("href") == "/products?province=96,19"
    page = visit(link.get("href"))
    assert "4 món" in page and option(page, "Cà Mau").get("aria-current")
    assert page.h1 == "Tất cả nông sản" and page.all("meta", name="robots")
    assert all(
        page.one("input", name="province", value=code).get("checked") is not None for code in ("19", "96")
    )
    # Across filters it narrows; what a filter would leave counts the others alone.
    page = visit(option(page, "5 sao").get("href"))
    assert "1 món" in page and goods["tea"].name in page
    assert "".join(option(page, "Thái Nguyên").itertext()) == "Thái Nguyên1"
    # Each chip takes its own value off.
    page = page.follow("Bỏ lọc Cà Mau")
    assert page.path == "/products?province=19&stars=5" and "1 món" in page


def test_a_forms_boxes_come_to_the_same_address(visit, goods):
    page = visit("/products?province=96&province=19&q=&price_min=&stars=5")
    assert page.path == "/products?province=96,19&stars=5"
    assert (
        visit("/products?province=96,zz,19&province=x").text.count("Không hiểu “zz,x” ở mục Tỉnh, thành") == 1
    )


def test_sets_go_with_their_group(visit, goods):
    page = visit("/products?group=thuc-pham,do-uong&set=4,14")
    page = page.follow("Bỏ lọc Đồ uống")
    assert page.path == "/products?group=thuc-pham&set=4"
    assert page.follow("Bỏ lọc Thực phẩm").path == "/products"


def test_what_the_words_said_comes_off_with_them_and_joins_others(visit, goods):
    page = visit("/products", q="tra 5 sao")
    five = option(page, "5 sao")
    assert five.get("aria-current") and five.get("href") == "/products?q=tra"
    star(goods["hook"], 4)
    search.rebuild()
    db.session.rollback()
    page = visit(option(visit("/products", q="tra 5 sao"), "4 sao").get("href"))
    assert page.path == "/products?q=tra+5+sao&stars=4,5" and "2 món" in page


@pytest.mark.parametrize(
    ("typed", "chip", "name"),
    [
        ("mat ong duoi 200k", "đến 200.000", "honey"),
        ("tra 5 sao", "5 sao", "tea"),
        ("mat ong 1kg", "gói 1", "honey"),
        ("mat ong o ca mau", "Cà Mau", "honey"),
    ],
)
def test_what_was_read_out_of_the_words_is_a_chip_that_comes_off(visit, goods, typed, chip, name):
    page = visit("/products", q=typed)
    assert goods[name].name in page
    (found,) = [
        a for a in page.all("a") if "Bỏ lọc" in "".join(a.itertext()) and chip in "".join(a.itertext())
    ]
    rest = visit(found.get("href"))
    assert chip not in " ".join(
        "".join(a.itertext()) for a in rest.all("a") if "Bỏ lọc" in "".join(a.itertext())
    )


def test_a_repair_says_so_and_knows_the_way_back(visit, goods):
    page = visit("/products", q="mật ogn")
    assert "thay cho" in page
    assert "Đang xem kết quả cho" in page and goods["honey"].name in page
    page = page.follow("Tìm đúng “mật ogn”")
    assert "thay cho" not in page and "literal=1" in page.path and "0 món" in page


def test_pages_can_be_shared_and_the_count_is_announced(visit, goods):
    page = visit("/products?sort=price_asc")
    status = next(p for p in page.all("p", role="status"))
    assert status.get("aria-live") == "polite" and "4 món" in "".join(status.itertext())


# -- what makes no sense ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "sentence"), [
    ({"group": "khong-co"}, "Không hiểu “khong-co” ở mục Loại hàng"),
    ({"set": "99"}, "Không hiểu “99” ở mục Bộ sản phẩm"),
    ({"province": "zz"}, "ở mục Tỉnh, thành"),
    ({"stars": "9"}, "ở mục Sao OCOP"),
    ({"certificate": "x" * 90}, "ở mục Giấy chứng nhận"),
    ({"price_min": "nhiều"}, "ở mục Giá từ"),
    ({"price_max": "-5"}, "ở mục Giá đến"),
    ({"price_min": "200000", "price_max": "100k"}, "hai số đã được đổi chỗ"),
    ({"page": "x"}, "Không hiểu “x” ở mục Trang"),
    ({"page": "-1"}, "Không hiểu “-1” ở mục Trang"),
    ({"page": "1000000000"}, "Không hiểu “1000000000” ở mục Trang"),
    ({"sort": "drop table"}, "ở mục Xếp theo"),
    ({"q": "chè " * 2_500}, "Câu tìm dài quá, nên chỉ lấy 200 chữ cái đầu."),
    ({"page": "7"}, "Chỉ có 1 trang; trang 7 không có món nào."),
    ({"group": "thuc-pham", "set": "11", "stars": "3"}, "Chưa tìm thấy món nào như vậy."),
])  # fmt: skip
def test_one_clear_sentence_for_what_makes_no_sense(visit, goods, query, sentence):
    page = visit("/products", **query)
    assert page.text.count(sentence) == 1


def test_swapped_prices_filter_between_the_two(visit, goods):
    page = visit("/products", price_min="500k", price_max="100000")
    assert goods["honey"].name in page and goods["tea"].name in page and goods["hook"].name not in page


def test_letters_nobody_sees_are_no_part_of_a_question(visit, goods):
    page = visit(
        "/products", q="\u202etra\u0300 \ufeffđi\u200bnh"
    )  # turned about, NFD, with a break of no width
    assert page.h1 == "“trà đinh”" and goods["tea"].name in page


def test_an_address_reads_the_same_for_the_page_and_for_programs(app):
    asked = asking.read({"q": "  trà\x00  đinh ", "province": "19", "page": "2", "sort": "newest", "x": "y"})
    assert (asked.query.text, asked.query.province, asked.query.page) == ("trà đinh", "19", 2)
    assert list(asked.given) == ["q", "sort", "province"] and not asked.odd
    assert asked.without("q", "sort") == "province=19"


# -- landing pages ------------------------------------------------------------------------------------------------


def test_a_provinces_page_says_what_it_is_and_what_there_is(visit, goods):
    page = visit("/products?province=19")
    assert page.h1 == "Đặc sản Thái Nguyên"
    assert "Bắc Kạn" in page and "Hôm nay có 2 món" in page and "1 món có sao OCOP" in page
    assert page.one("link", rel="canonical").get("href").endswith("/products?province=19")
    assert not page.all("meta", name="robots") and '"CollectionPage"' in page.html
    assert "Tỉnh Thái Nguyên ở miền Bắc." in page
    assert "Thành phố Hồ Chí Minh ở miền Nam." in visit("/products?province=79")
    page = visit("/products?group=thuc-pham&page=1")
    assert "Cà Mau (2)" in page and "Thái Nguyên (2)" in page
    # Filtered further it is no landing page, and crawlers are told so.
    page = visit("/products?province=19&stars=5")
    assert page.one("meta", name="robots").get("content").startswith("noindex")
    assert page.one("link", rel="canonical").get("href").endswith("/products?province=19")


# -- nothing found ------------------------------------------------------------------------------------------------


def test_nothing_found_offers_what_can_be_done(visit, goods):
    page = visit("/products", q="trà đinh", province="96")
    assert "Chưa tìm thấy món nào như vậy." in page and "0 món" in page
    assert any("còn 1 món" in "".join(a.itertext()) for a in page.all("a"))
    assert "Có thể bạn thích" in page and "Nhắn tôi khi có" in page
    page = visit("/products", q="xe đạp điện")
    assert "Xem tất cả nông sản" in page


# -- always the database's ----------------------------------------------------------------------------------------


def test_cards_say_what_the_records_say(visit, goods):
    with transaction():
        heap = make_heap(goods["honey"])
    for card in cards([product.id for product in goods.values()]):
        product = db.session.get_one(type(heap), card.id)
        assert card.gone == (not any(pack.available > 0 for pack in product.packs)), product.name
        assert card.price_dong in {pack.price_dong for pack in product.packs}
    assert [card.stars for card in cards([goods["tea"].id])] == [5]


def make_heap(product):
    product = db.session.merge(product)
    catalog.count_by(product, catalog.StockBy.HEAP, SYSTEM) if hasattr(catalog, "StockBy") else None
    return product


def test_price_stock_and_stars_are_the_databases_at_once(visit, goods):
    address = "/products?q=tr%C3%A0+%C4%91inh"
    assert "450.000" in visit(address)
    with transaction():
        tea = db.session.merge(goods["tea"])
        tea.variants[0].price_dong = 470_000
    page = visit(address)
    assert "470.000" in page and "450.000" not in page and "5 sao OCOP" in page
    assert visit.json("/api/v1/products", q="trà đinh")["items"][0]["price_dong"] == 470_000
    with transaction():
        (proof,) = db.session.merge(goods["tea"]).certificates
        catalog.withdraw_certificate(proof, SYSTEM, "giấy đã bị thu hồi")
    assert "5 sao OCOP" not in visit(address)


@pytest.mark.parametrize("deed", ["withdrawn", "suspended"])
def test_what_may_not_be_sold_is_gone_from_everywhere_at_once(visit, goods, deed):
    tea = goods["tea"]
    here = f"/products/{tea.code}"
    assert any(here in href for href in visit("/products?q=tra").links.values())
    with transaction():
        product = db.session.merge(tea)
        if deed == "withdrawn":
            catalog.withdraw(product, make.actor_of(product.farm))
        else:
            farmers.suspend(product.farm, "Giấy tờ không đúng với hàng bán", SYSTEM)
    for path in ("/", "/products", "/products?q=tra", "/products?province=19", "/products?stars=5"):
        assert not any(here in href for href in visit(path).links.values()), path
    assert tea.code not in visit.raw("GET", "/api/v1/products").text
    assert visit.raw("GET", f"/api/v1/products/{tea.code}").status_code == 404
    assert tea.code not in visit.raw("GET", "/api/v1/suggestions?q=tra").text
    assert tea.code not in visit.raw("GET", "/sitemaps/products-1.xml").text
    if deed == "suspended":
        assert tea.farm.code not in visit.raw("GET", "/api/v1/suggestions?q=hop+tac").text


def test_a_visitor_without_a_session_is_given_none(visit, goods):
    for path in ("/", "/products", "/products?q=tra", f"/products/{goods['tea'].code}"):
        answer = visit.another().raw("GET", path)
        while answer.status_code == 301:
            answer = visit.another().raw("GET", answer.headers["Location"])
        assert "Set-Cookie" not in answer.headers, path


def test_language_and_province_want_our_own_page(visit):
    for path in ("/lang/en", "/my-province"):
        stranger = visit.raw("POST", path, headers={"Origin": "https://elsewhere.example"})
        assert stranger.status_code == 400
        ours = visit.raw(
            "POST", path, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        )
        assert ours.status_code in (302, 303)


def test_few_cards_of_a_long_page_cost_two_statements(app, goods):
    assert queries.shelf(asking.read({"q": "tra"}).query).total == 2
