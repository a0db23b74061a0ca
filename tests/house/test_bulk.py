"""`flask seed catalog`: goods by the thousand, the same from the same number, and whole."""

import json
import random
from pathlib import Path

import pytest
from sqlalchemy import func, select

from marketplace import bulk, invented
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Certificate, Product, Variant
from marketplace.farmers.models import Farm
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Refusal
from marketplace.places import queries as places
from marketplace.search import service as search
from marketplace.search.port import SearchQuery
from tests import make


def test_goods_of_every_province_whole_and_found(app):
    made = bulk.generate(products=60, shops=40, buyers=2, orders=0, seed=3)
    assert made == {"products": 60, "shops": 40, "buyers": 2, "orders": 0}
    assert set(db.session.scalars(select(Farm.province_code))) == {p.code for p in places.provinces()}
    assert not catalog.check_stock()
    found = search.find(SearchQuery())
    assert found.total == 60 and found.facets["stars"] and not search.check()
    assert db.session.scalar(select(func.count(Certificate.id)).where(Certificate.stars.is_not(None)))
    # Numbers go on behind the generated ones, also where the database gives them.
    product = make.product()
    assert product.id > 60 and product.variants[0].id > db.session.scalar(
        select(func.max(Variant.id)).where(Variant.product_id != product.id)
    )
    with pytest.raises(Refusal):
        bulk.generate(1, 1, 0, 0, seed=3)


@pytest.mark.database("sqlite")
def test_what_was_written_in_bulk_is_in_the_file_not_in_its_log(app):
    bulk.generate(products=20, shops=5, buyers=0, orders=0, seed=1)
    log = Path(f"{db.engine.url.database}-wal")
    assert not log.exists() or log.stat().st_size == 0


@pytest.mark.database("sqlite")
def test_the_same_number_makes_the_same_market_another_makes_another(app):
    def names(seed: int) -> list[str]:
        bulk.generate(products=30, shops=5, buyers=0, orders=0, seed=seed)
        rows = select(Product.name).where(Product.demo_id.startswith(f"G{seed}-")).order_by(Product.id)
        return list(db.session.scalars(rows))

    first = names(5)
    inventor = invented.read(bulk.WORDS, bulk.PHRASES)
    again = [_one(inventor, random.Random(9)) for _ in range(2)]
    assert again[0] == again[1]
    assert names(6) != first and len(set(first)) > 20


def _one(inventor: invented.Inventor, chance: random.Random) -> list[invented.Invented]:
    return [inventor.product(chance, "96", "Cà Mau", "Tân Ân", "HTX Tân Ân") for _ in range(50)]


@pytest.mark.database("sqlite")
def test_descriptions_have_40_to_120_words_and_prices_are_round(app):
    inventor = invented.read(bulk.WORDS, bulk.PHRASES)
    chance = random.Random(1)
    for province in places.provinces():
        for _ in range(20):
            made = inventor.product(chance, province.code, province.name, "Tân Tiến", "Cơ sở Văn An")
            assert 40 <= len(made.description.split()) <= 120, made.description
            assert "{" not in made.description and 3 <= len(made.name) <= 120
            assert all(price % 1000 == 0 and 0 < price <= 50_000_000 for _, price in made.packs)


@pytest.mark.database("sqlite")
def test_another_list_of_words_and_a_list_that_cannot_be_read(app, tmp_path: Path):
    words = tmp_path / "words.tsv"
    words.write_text("Trái xay\t1\t80\t500,1000\tfresh\t4\t96:Khánh An|Đá Bạc,*:nhà vườn\n")
    bulk.generate(products=5, shops=2, buyers=0, orders=0, seed=1, words=words)
    assert all(name.startswith("Trái xay") for name in db.session.scalars(select(Product.name)))
    words.write_text("Trái xay\tchín\n")
    with pytest.raises(Refusal, match="line 1"):
        bulk.generate(1, 1, 0, 0, seed=2, words=words)


@pytest.mark.database("sqlite")
def test_a_file_of_goods_goes_on_sale_once(app, tmp_path: Path):
    line = {
        "name": "Trà hoa vàng Ba Chẽ", "description": "Hoa sấy khô.", "set": 12, "province": "22", "commune": "07030",
        "stars": 4, "price_dong": 350_000, "grams": 50, "stock": 3, "producer": "HTX Ba Chẽ",
    }  # fmt: skip
    line["commune"] = places.communes("22")[0].code
    file = tmp_path / "goods.jsonl"
    file.write_text(json.dumps(line, ensure_ascii=False) + "\n\n" + json.dumps({**line, "name": "Trà dây"}))
    assert bulk.load(file) == (2, 0) and bulk.load(file) == (0, 2)
    assert search.find(SearchQuery(text="tra hoa vang", stars=4)).total == 1
    file.write_text("{}")
    with pytest.raises(Refusal, match="line 1"):
        bulk.load(file)
