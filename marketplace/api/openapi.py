"""The description partners generate their clients from (OpenAPI 3.1), made of the same models that judge requests."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from marketplace.api import schemas

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def _several(**items: Any) -> dict[str, Any]:
    """Several values with commas between, any of which will do."""
    return {"type": "array", "items": items, "minItems": 1}


FILTERS: dict[str, dict[str, Any]] = {
    "q": TEXT,
    "group": _several(**TEXT),
    "set": _several(type="integer", minimum=1, maximum=26),
    "province": _several(type="string", pattern=r"^\d{2}$"),
    "stars": _several(type="integer", enum=[3, 4, 5]),
    "price_min": NUMBER,
    "price_max": NUMBER,
    "certificate": _several(
        type="string", enum=["ocop", "vietgap", "organic", "food_safety", "geographical"]
    ),
    "grams": {"type": "integer", "minimum": 1, "description": "Products with a pack of this weight"},
    "literal": {
        "type": "string",
        "enum": ["1"],
        "description": "The words as they stand: no filters read out of them, no slips repaired",
    },
    "in_season": {"type": "string", "enum": ["1"]},
    "sort": {"type": "string", "enum": ["relevance", "newest", "price_asc", "price_desc", "popular"]},
    "page": {"type": "integer", "minimum": 1},
    "per_page": {"type": "integer", "minimum": 1, "maximum": 100},
}

READS: dict[str, tuple[str, type[BaseModel], dict[str, dict[str, Any]]]] = {
    "/products": ("Products on sale, filtered and sorted", schemas.ProductList, FILTERS),
    "/products/{code}": (
        "One product with its packs, certificates, lots and photos",
        schemas.ProductFacts,
        {},
    ),
    "/suggestions": ("Texts to offer while somebody types", schemas.Suggestions, {"q": TEXT}),
    "/provinces": ("Provinces and centrally-run cities", schemas.ProvinceList, {}),
    "/provinces/{code}/communes": (
        "Communes, wards and special zones of a province",
        schemas.CommuneList,
        {},
    ),
    "/tracking/{number}": ("The events of a parcel", schemas.TrackingAnswer, {}),
}
ASKS: dict[str, tuple[str, type[BaseModel], type[BaseModel]]] = {
    "/shipping-quotes": ("What it costs to send packs to a commune", schemas.QuoteAsk, schemas.QuoteAnswer),
    "/addresses/parse": (
        "Read an address of today or of before July 2025",
        schemas.AddressText,
        schemas.AddressAnswer,
    ),
    "/positions/parse": (
        "Read a map code, a map's link or degrees, and name the nearest communes",
        schemas.PositionText,
        schemas.PositionAnswer,
    ),
}


def describe(title: str, site_url: str) -> dict[str, Any]:
    """The whole description as a JSON object."""
    models: list[Any] = [*(answer for _, answer, _ in READS.values()), schemas.Problem]
    for _summary, asked, answer in ASKS.values():
        models.extend((asked, answer))
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, Any] = {}
    for path, (summary, answer, filters) in READS.items():
        paths[f"/api/v1{path}"] = {"get": _operation(summary, answer, _parameters(path, filters))}
    for path, (summary, asked, answer) in ASKS.items():
        operation = _operation(summary, answer, [])
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(asked)}},
        }
        paths[f"/api/v1{path}"] = {"post": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title}: API", "version": "1"},
        "servers": [{"url": site_url}],
        "paths": paths,
        "components": {"schemas": definitions["$defs"]},
    }


def _operation(summary: str, answer: type[BaseModel], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    problem = {
        "description": "A problem",
        "content": {"application/problem+json": {"schema": _ref(schemas.Problem)}},
    }
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "OK",
                "headers": {"ETag": {"schema": TEXT}},
                "content": {"application/json": {"schema": _ref(answer)}},
            },
            "304": {"description": "The answer named in If-None-Match still holds"},
            "429": {
                "description": "Too many questions: wait as long as Retry-After says",
                "headers": {"Retry-After": {"schema": NUMBER}},
                "content": problem["content"],
            },
            "default": problem,
        },
    }


def _parameters(path: str, filters: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    in_path = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [
        *({"name": name, "in": "path", "required": True, "schema": TEXT} for name in in_path),
        *(
            {"name": name, "in": "query", "required": False, "schema": schema, **_written(schema)}
            for name, schema in filters.items()
        ),
    ]


def _written(schema: dict[str, Any]) -> dict[str, Any]:
    return {"style": "form", "explode": False} if schema.get("type") == "array" else {}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
