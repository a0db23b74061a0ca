"""/api/v1 as partners read it: the shapes of the contract, and nothing of anybody's session."""

import json
from datetime import timedelta

import pytest

from marketplace.catalog import service as catalog
from marketplace.catalog.models import CertificateKind
from marketplace.catalog.service import PackDetails
from marketplace.farmers import service as farmers
from marketplace.foundation import access, clock
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from tests import cast, make, shopping

ITEM = {
    "code": str, "name": str, "url": str, "price_dong": int, "unit": str, "unit_price_dong": int | None,
    "stars": int | None, "group": str, "set": int | None, "province": dict, "shop": dict, "image": str | None,
    "available": bool,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _rules(app):
    shopping.rules()


@pytest.fixture
def goods(app):
    tea = make.product(
        name="Trà đinh Tân Cương",
        price_dong=450_000,
        packs=[PackDetails(450_000, grams=100), PackDetails(860_000, grams=200)],
    )
    shrimp_farm = make.farm("Tôm khô Rạch Gốc", commune_code="32191", province_code="96")
    shrimp = make.product(of=shrimp_farm, name="Tôm khô loại một", price_dong=800_000, set_no=8, stock=0)
    return tea, shrimp


@pytest.fixture
def indexed(goods, run_jobs):
    run_jobs()
    return goods


def starred(product, stars=4):
    with transaction():
        certificate = catalog.add_certificate(
            product, CertificateKind.OCOP, "123/QĐ-UBND", "UBND tỉnh Thái Nguyên",
            clock.today() - timedelta(days=30), make.actor_of(product.farm), stars=stars, source_note="Báo Thái Nguyên",
        )  # fmt: skip
        catalog.verify_certificate(certificate, SYSTEM)


def test_a_list_of_products(visit, indexed):
    tea, _shrimp = indexed
    found = visit.json("/api/v1/products")
    assert set(found) == {"items", "total", "page", "pages", "facets"}
    assert (found["total"], found["page"], found["pages"]) == (2, 1, 1)
    for item in found["items"]:
        assert set(item) == set(ITEM)
        for name, kind in ITEM.items():
            assert isinstance(item[name], kind), (name, item[name])
        assert set(item["province"]) == set(item["shop"]) == {"code", "name"}
        assert item["url"].startswith("http") and item["image"].startswith("http")
    item = next(item for item in found["items"] if item["code"] == tea.code)
    assert (item["price_dong"], item["unit"], item["unit_price_dong"]) == (450_000, "kg", 4_500_000)
    assert item["province"] == {"code": "19", "name": "Thái Nguyên"}
    assert item["shop"]["code"] == tea.farm.code
    assert item["available"] is True and item["stars"] is None
    assert next(item for item in found["items"] if item["code"] != tea.code)["available"] is False
    for name in ("group", "province", "stars"):
        assert all(set(one) == {"value", "count"} for one in found["facets"][name])
    assert {one["value"]: one["count"] for one in found["facets"]["province"]} == {"19": 1, "96": 1}


def test_the_same_questions_as_the_page(visit, indexed):
    tea, shrimp = indexed

    def codes(**query):
        return [item["code"] for item in visit.json("/api/v1/products", **query)["items"]]

    assert codes(q="tra dinh") == [tea.code]
    assert codes(province="96") == [shrimp.code]
    assert codes(set="8") == [shrimp.code]
    assert codes(price_max="500000") == [tea.code]
    assert codes(sort="price_desc") == [shrimp.code, tea.code]
    assert codes(sort="price_asc", per_page="1", page="2") == [shrimp.code]
    assert visit.json("/api/v1/products", per_page="1")["pages"] == 2


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"}, {"q": '"*:()[]{}~^\\' * 50}, {"q": "AND OR NOT"}, {"q": "chè " * 2500}, {"per_page": "100000"},
        {"page": "999"}, {"price_min": "9", "price_max": "1"}, {"province": ""}, {"literal": "x"}, {"foo": "bar"},
    ],
    ids=lambda query: json.dumps(query)[:30],
)  # fmt: skip
def test_odd_questions_get_an_answer(visit, indexed, query):
    assert set(visit.json("/api/v1/products", **query)) == {"items", "total", "page", "pages", "facets"}


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page": "9" * 30}, {"per_page": "0"}, {"per_page": "x"},
        {"set": "99"}, {"set": "x"}, {"province": "zz"}, {"stars": "9"}, {"sort": "'"}, {"price_min": "x"},
        {"price_max": "9" * 40}, {"group": "x" * 9000}, {"certificate": "x"}, {"grams": "-1"}, {"province": "19,zz"},
    ],
    ids=lambda query: json.dumps(query)[:30],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused_by_name(visit, indexed, query):
    """A program would take the goods of another question for those it asked for."""
    said = problem(visit, visit.raw("GET", "/api/v1/products", query_string=query), 422)
    assert said.startswith(f"{next(iter(query))}: cannot read ") and len(said) < 100


def test_at_most_a_hundred_a_page(visit, indexed):
    assert len(visit.json("/api/v1/products", per_page="100000")["items"]) <= 100


def test_one_product(visit, goods):
    tea, _shrimp = goods
    starred(tea)
    found = visit.json(f"/api/v1/products/{tea.code}")
    assert found["code"] == tea.code and found["stars"] == 4
    assert [
        (pack["code"], pack["grams"], pack["price_dong"], pack["available"]) for pack in found["variants"]
    ] == [(pack.code, pack.grams, pack.price_dong, 10) for pack in tea.variants]
    (certificate,) = found["certificates"]
    assert (certificate["kind"], certificate["number"], certificate["stars"]) == ("ocop", "123/QĐ-UBND", 4)
    assert found["photos"] and found["lots"] == []


def test_a_star_is_shown_only_while_it_is_proved(visit, goods, clock):
    tea, _shrimp = goods
    starred(tea)
    clock.forward(days=37 * 31)
    assert visit.json(f"/api/v1/products/{tea.code}")["stars"] is None


def test_what_is_not_on_sale_is_not_there(visit, indexed):
    tea, shrimp = indexed
    draft = make.product(of=tea.farm, name="Chè chưa bày bán", published=False)
    with transaction():
        farmers.suspend(shrimp.farm, "đang kiểm tra", SYSTEM)
    for code in (draft.code, shrimp.code, "NOBODY99", "%00", "a" * 3000):
        problem(visit, visit.raw("GET", f"/api/v1/products/{code}"), 404)
    # The index follows later; the database is asked at once.
    assert [item["code"] for item in visit.json("/api/v1/products")["items"]] == [tea.code]


def problem(visit, answer, status):
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    said = answer.get_json(force=True)
    assert said["status"] == status and "type" in said and "detail" in said
    return said["detail"]


def test_suggestions(visit, indexed):
    found = visit.json("/api/v1/suggestions", q="tra")
    assert found["items"] and all(set(item) == {"text", "kind", "url"} for item in found["items"])
    for item in found["items"]:
        visit(item["url"])
    assert visit.json("/api/v1/suggestions") == {"items": []}
    visit.json("/api/v1/suggestions", q="\x00" * 50 + "'\"<b>" * 100)


def test_whoever_has_the_answer_is_not_sent_it_again(visit, indexed):
    tea, _shrimp = indexed
    for path in (
        "/api/v1/products?q=tra",
        f"/api/v1/products/{tea.code}",
        "/api/v1/provinces",
        "/openapi.json",
    ):
        first = visit.raw("GET", path)
        assert first.headers["ETag"], path
        again = visit.raw("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
    name = visit.raw("GET", "/api/v1/products?q=tra").headers["ETag"]
    with transaction():
        db.session.merge(tea).variants[0].price_dong = 1_000
    changed = visit.raw("GET", "/api/v1/products?q=tra", headers={"If-None-Match": name})
    assert changed.status_code == 200 and changed.get_json()["items"][0]["price_dong"] == 1_000


def test_too_many_questions_are_told_when_to_come_back(visit, indexed, app):
    access.limiter.enabled = True
    try:
        for _ in range(241):
            answer = visit.client.get("/api/v1/tracking/NOBODY")
    finally:
        access.limiter.enabled = app.config["RATELIMIT_ENABLED"]
        access.limiter.reset()
    problem(visit, answer, 429)
    assert answer.headers["Retry-After"] == "60"


def test_the_description_names_every_read_and_every_filter(visit):
    told = visit.json("/openapi.json")
    assert told["openapi"].startswith("3.1")
    for path in ("/products", "/products/{code}", "/suggestions", "/provinces", "/provinces/{code}/communes"):
        assert {"200", "304", "429", "default"} <= set(told["paths"][f"/api/v1{path}"]["get"]["responses"])
    names = {one["name"] for one in told["paths"]["/api/v1/products"]["get"]["parameters"]}
    assert names == {
        "q", "group", "set", "province", "stars", "price_min", "price_max", "certificate", "grams", "literal",
        "in_season", "sort", "page", "per_page",
    }  # fmt: skip


def test_facets_hold_what_the_page_filters_by(visit, indexed):
    found = visit.json("/api/v1/products")["facets"]
    assert set(found) == {"group", "set", "province", "stars", "certificate", "price"}
    assert {one["value"] for one in found["price"]} == {"200000-500000", "500000-1000000"}


# -- the session is never looked at -------------------------------------------------------------------------------


def test_the_answer_is_the_same_for_everybody_and_sets_no_cookie(visit, indexed):
    tea, _shrimp = indexed
    shopping.put_in(visit, tea)
    buyer = visit.another().sign_in(cast.buyer())
    for path in ("/api/v1/products", f"/api/v1/products/{tea.code}", "/api/v1/provinces", "/openapi.json"):
        answers = [one.raw("GET", path) for one in (visit.another(), visit, buyer)]
        assert len({answer.data for answer in answers}) == 1
        for answer in answers:
            assert "Set-Cookie" not in answer.headers
            assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_call_that_changes_nothing_needs_no_token(visit, goods):
    tea, _shrimp = goods
    asked = {"commune": "00166", "lines": [{"variant": tea.variants[0].code, "quantity": 1}]}
    buyer = visit.sign_in(cast.buyer())
    answer = buyer.raw(
        "POST", "/api/v1/shipping-quotes", json=asked, headers={"Origin": "https://partner.example"}
    )
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
