"""Catalogues of any size as documents, without a database: the goods of `flask seed catalog`, and what people would ask
of them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from marketplace import bulk, invented
from marketplace.catalog import kinds, ocop
from marketplace.places import queries as places
from marketplace.search.port import Document, SearchQuery, Sort, Wording
from marketplace.search.vietnamese import fold
from marketplace.search.words import written_words
from marketplace.storefront.documents import names_of_place, provinces

START = datetime(2026, 11, 1, tzinfo=UTC)


def wording() -> Wording:
    return Wording(words=written_words(), provinces=tuple(provinces()))


def documents(count: int, seed: int = 1) -> Iterator[Document]:
    """So many products of a twentieth as many farms; the same seed makes the same."""
    chance = random.Random(seed)
    inventor = invented.read(bulk.WORDS, bulk.PHRASES)
    mainland = [[c for c in places.communes(p.code) if not c.is_special_zone] for p in places.provinces()]
    chance.shuffle(mainland)
    drawn = invented.Zipf(mainland)
    farms = []
    for _ in range(max(1, count // 20)):
        commune = chance.choice(drawn.draw(chance))
        farms.append((commune, invented.farm_name(chance, commune.short_name), names_of_place(commune.code)))
    popular = invented.Zipf(farms)
    for number in range(1, count + 1):
        commune, farm, names = popular.draw(chance)
        made = inventor.product(
            chance, commune.province_code, commune.province.name, commune.short_name, farm
        )
        stars = chance.choices((None, 3, 4, 5), (75, 15, 8, 2))[0]
        yield Document(
            id=number,
            code=f"SP{number}",
            name=made.name,
            description=made.description,
            shop=farm,
            shop_code=f"F{abs(hash(farm)) % 10**8}",
            category=ocop.category_name(made.set_no) if made.set_no is not None else "",
            called=kinds.called(made.name, made.set_no),
            places=names,
            group=ocop.group_of(made.set_no),
            set=made.set_no,
            province=commune.province_code,
            stars=stars,
            price_dong=min(price for _, price in made.packs),
            grams=frozenset(grams for grams, _ in made.packs),
            certificates=frozenset({"ocop"} if stars else ())
            | frozenset({"vietgap"} if number % 9 == 0 else ()),
            in_stock=chance.random() > 0.08,
            sales=int(3 * chance.paretovariate(0.9)) if chance.random() < 0.7 else 0,
            created_at=START - timedelta(minutes=chance.randrange(400 * 1440)),
            season=frozenset(made.season),
        )


def queries(names: list[str], count: int = 240, seed: int = 2) -> list[SearchQuery]:
    """What people ask: one to four syllables of a name, half of them without accents; four in ten with filters, three
    in ten in another order, one in seven page 20, one in fifteen without a word."""
    chance = random.Random(seed)
    asked = []
    for number in range(count):
        words = chance.choice(names).split()
        length = min(len(words), chance.choice((1, 2, 2, 3, 3, 4)))
        start = 0 if chance.random() < 0.7 else chance.randrange(len(words) - length + 1)
        text = " ".join(words[start : start + length])
        if number % 2:
            text = fold(text)
        if number % 15 == 7:
            text = ""
        filters: dict[str, object] = {}
        if chance.random() < 0.4:
            filters = dict(
                chance.sample(
                    [
                        ("province", chance.choice(["19", "96", "66", "01", "68"])),
                        ("group", chance.choice(["thuc-pham", "do-uong"])),
                        ("stars", chance.choice([3, 4])),
                        ("price_max", chance.choice([100_000, 200_000, 500_000])),
                        ("certificate", "ocop"),
                        ("in_season", True),
                        ("set", chance.choice([1, 3, 7, 11])),
                    ],
                    chance.choice((1, 1, 2)),
                )
            )
        sort = Sort.RELEVANCE
        if chance.random() < 0.3:
            sort = chance.choice([Sort.PRICE_ASC, Sort.PRICE_DESC, Sort.NEWEST, Sort.POPULAR])
        page = 20 if chance.random() < 0.15 else 1
        asked.append(SearchQuery(text=text, sort=sort, page=page, **filters))  # type: ignore[arg-type]
    return asked
