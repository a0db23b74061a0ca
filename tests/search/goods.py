"""A catalogue to search in: the goods of the demo market, and goods.jsonl with the traps (the format of `flask seed
catalog --from`)."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from marketplace.catalog import kinds, ocop
from marketplace.search.port import Document, Wording
from marketplace.search.words import written_words
from marketplace.storefront.documents import names_of_place, provinces

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 1, tzinfo=UTC)


def wording() -> Wording:
    return Wording(words=written_words(), provinces=tuple(provinces()))


@cache
def documents() -> tuple[Document, ...]:
    rows = [json.loads(line) for line in (ROOT / "tests/search/goods.jsonl").read_text("utf-8").splitlines()]
    for name in ("ocop_goods", "other_goods"):
        rows += map(_like_a_line, json.loads((ROOT / f"demo/{name}.json").read_text("utf-8"))["products"])
    return tuple(as_documents(rows))


def _like_a_line(goods: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": goods["name"],
        "set": goods["ocop_set"],
        "province": goods["province_code"],
        "commune": goods["ward_code"],
        "stars": goods["stars"],
        "price_dong": goods["price_vnd"],
        "grams": goods.get("net_weight_g"),
        "stock": 9,
        "producer": goods["producer"],
    }


def as_documents(rows: Sequence[dict[str, Any]]) -> list[Document]:
    """Lines of a catalogue as storefront would tell them to search."""
    return [
        Document(
            id=number,
            code=f"SP{number}",
            name=row["name"],
            description=row.get("description", ""),
            shop=row["producer"],
            shop_code=f"F{row['producer']}",
            category=ocop.category_name(row["set"]) if row["set"] else "",
            called=kinds.called(row["name"], row["set"]),
            places=names_of_place(row["commune"]),
            group=ocop.group_of(row["set"]),
            set=row["set"],
            province=row["province"],
            stars=row["stars"],
            price_dong=row["price_dong"],
            grams=frozenset({row["grams"]} if row["grams"] else ()),
            certificates=frozenset({"ocop"} if row["stars"] else ()),
            in_stock=row["stock"] > 0,
            sales=(number * 37) % 101,
            created_at=START - timedelta(days=(number * 13) % 300),
        )
        for number, row in enumerate(rows, start=1)
    ]
