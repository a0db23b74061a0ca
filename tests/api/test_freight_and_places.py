"""Freight, places and tracking for partners; the description of it all."""

import pytest

from marketplace.api import schemas
from tests import make, parcels, shopping
from tests.api.test_products import problem

CAU_GIAY = "00166"


@pytest.fixture(autouse=True)
def _rules(app):
    shopping.rules()


def test_quotes_per_shop(visit):
    tea = make.product(stock=10)
    shrimp = make.product(of=make.farm("Tôm khô", commune_code="32191", province_code="96"), name="Tôm khô")
    lines = [{"variant": one.variants[0].code, "quantity": 2} for one in (tea, shrimp)]
    answer = visit.raw("POST", "/api/v1/shipping-quotes", json={"commune": CAU_GIAY, "lines": lines})
    shops = answer.get_json()["shops"]
    assert {one["shop"]["code"] for one in shops} == {tea.farm.code, shrimp.farm.code}
    for one in shops:
        assert one["services"]
        for service in one["services"]:
            assert service["source"] == "tariff" and service["fee_dong"] > 0
            assert 0 < service["days_min"] <= service["days_max"]
        assert all(refused["reason"] for refused in one["refused"])
    assert "Set-Cookie" not in answer.headers


def test_a_quote_is_what_the_till_asks(visit):
    tea = make.product(stock=10)
    shopping.put_in(visit, tea, 2)
    form = shopping.till(visit, "vietqr")
    lines = [{"variant": tea.variants[0].code, "quantity": 2}]
    answer = visit.raw("POST", "/api/v1/shipping-quotes", json={"commune": CAU_GIAY, "lines": lines})
    fees = {one["code"]: one["fee_dong"] for one in answer.get_json()["shops"][0]["services"]}
    chosen = form.fields[f"service-{tea.farm.code}"]
    assert int(form.fields["expected_total"]) == 2 * tea.variants[0].price_dong + fees[chosen]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ([], 400),
        ("x", 400),
        ({"commune": "99999", "lines": [{"variant": "X", "quantity": 1}]}, 422),
        ({"commune": "166", "lines": [{"variant": "X", "quantity": 1}]}, 422),
        ({"commune": CAU_GIAY, "lines": []}, 422),
        ({"commune": CAU_GIAY, "lines": [{"variant": "NOBODY99", "quantity": 1}]}, 404),
        ({"commune": CAU_GIAY, "lines": [{"variant": "\x00", "quantity": 1}]}, 404),
        *(
            ({"commune": CAU_GIAY, "lines": [{"variant": "X", "quantity": quantity}]}, 422)
            for quantity in (0, -1, 1.5, 10**9, "two", None)
        ),
        ({"commune": CAU_GIAY, "lines": [{"variant": "X", "quantity": 1, "price": 1}]}, 422),
        ({"commune": CAU_GIAY, "lines": [{"variant": "X", "quantity": 1}] * 51}, 422),
    ],
)
def test_what_cannot_be_quoted(visit, asked, status):
    detail = problem(visit, visit.raw("POST", "/api/v1/shipping-quotes", json=asked), status)
    assert detail


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"[" * 5000])
def test_a_body_that_is_no_json(visit, body):
    answer = visit.raw("POST", "/api/v1/shipping-quotes", data=body, content_type="application/json")
    problem(visit, answer, 400)


def test_provinces_and_communes(visit):
    found = visit.json("/api/v1/provinces")["items"]
    assert len(found) == 34 and {"code": "96", "name": "Cà Mau"}.items() <= found[-1].items() | {
        ("code", "96"),
        ("name", "Cà Mau"),
    }
    communes = visit.json("/api/v1/provinces/19/communes")["items"]
    assert len(communes) == 92 and "05503" in {one["code"] for one in communes}
    problem(visit, visit.raw("GET", "/api/v1/provinces/zz/communes"), 404)
    assert problem(
        visit, visit.raw("GET", "/api/v1/no-such-thing"), 404
    )  # says why, also where no rule was asked


def test_an_old_address_is_read(visit):
    answer = visit.raw(
        "POST", "/api/v1/addresses/parse", json={"text": "xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau"}
    )
    found = answer.get_json()
    assert set(found) == {"candidates", "needs_choice"}
    assert found["candidates"] and all(one["province"]["code"] == "96" for one in found["candidates"])
    for text in ("", "\x00", "a" * 100_000, "🍵" * 100):
        assert visit.raw("POST", "/api/v1/addresses/parse", json={"text": text}).status_code in (200, 422)


def test_tracking(visit):
    story = parcels.Story()
    story.scan("dropped_off")
    found = visit.json(f"/api/v1/tracking/{story.parcel.tracking}")
    assert found["number"] == story.parcel.tracking and found["events"][0]["event"] == "dropped_off"
    assert story.person.name not in str(found), "the clerk's name is none of the public's"
    problem(visit, visit.raw("GET", "/api/v1/tracking/EA000000000VN"), 404)
    problem(visit, visit.raw("GET", "/api/v1/tracking/%00"), 404)


def test_unknown_addresses_and_wrong_methods_are_problems(visit):
    problem(visit, visit.raw("GET", "/api/v1/nothing"), 404)
    problem(visit, visit.raw("DELETE", "/api/v1/products"), 405)
    problem(visit, visit.raw("GET", "/api/v1/shipping-quotes"), 405)


# -- the description ----------------------------------------------------------------------------------------------


def test_every_address_of_the_api_is_described_and_every_reference_leads_somewhere(visit, app):
    described = visit.json("/openapi.json")
    assert described["openapi"].startswith("3.")
    assert described["info"]["title"] and described["info"]["version"]
    mapped = {
        (rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    said = {
        (path.removeprefix("/api/v1"), method) for path, way in described["paths"].items() for method in way
    }
    assert mapped == said
    names = set(described["components"]["schemas"])
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in names, reference
    for path, way in described["paths"].items():
        for method, told in way.items():
            gaps = {part[1:-1] for part in path.split("/") if part.startswith("{")}
            given = {one["name"] for one in told.get("parameters", []) if one["in"] == "path"}
            assert gaps == given, (path, method)
            assert "200" in told["responses"]


def references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_answers_are_what_the_description_says(visit, run_jobs):
    tea = make.product()
    run_jobs()
    schemas.ProductList.model_validate(visit.json("/api/v1/products"))
    schemas.ProductFacts.model_validate(visit.json(f"/api/v1/products/{tea.code}"))
    schemas.ProvinceList.model_validate(visit.json("/api/v1/provinces"))
