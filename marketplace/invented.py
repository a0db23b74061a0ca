"""Goods out of thin air, as farms might write them: names, descriptions of 40 to 120 syllables, prices, packs.

What they are made of stands in two lists anybody may replace by their own (`flask seed catalog --words`): goods with
where they are a speciality, and sentences. The first of a list are drawn most, the n-th about 1/n as often (Zipf), as
names and words are in real life. The same chance makes the same goods.
"""

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Generic, TypeVar

from marketplace.foundation.refusal import Refusal

LEAST_SYLLABLES, MOST_SYLLABLES = 40, 120
ANYWHERE = "*"
PARTS = ("where", "how", "taste", "use", "keep", "say", "how", "say", "taste", "use", "where", "say", "how")
"""What a description speaks of, one sentence after the other, until it is long enough."""
CRAFT, CRAFTS = "craft", range(19, 27)
"""What is made by hand is dry, too, but nobody roasts it."""
T = TypeVar("T")

QUALITIES = (
    "loại 1", "đặc biệt", "nhà làm", "vụ mới", "sạch", "thượng hạng", "truyền thống", "chọn lọc", "hữu cơ",
    "phơi nắng", "gia truyền", "quà biếu", "nguyên chất", "hộp quà", "túi zip", "sấy lạnh", "mini", "chính vụ",
)  # fmt: skip
FAMILIES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý", "Nông", "Lò", "Vàng", "Thạch", "Y", "H'", "Quách", "Tô",
)  # fmt: skip
GIVEN = (
    "An", "Bình", "Châu", "Dũng", "Hảo", "Hạnh", "Hiền", "Hoa", "Hùng", "Hương", "Khánh", "Lan", "Lâm", "Liên", "Long",
    "Mai", "Minh", "Nga", "Nhàn", "Phúc", "Phương", "Quang", "Sơn", "Tâm", "Thanh", "Thắm", "Thảo", "Thu", "Vân",
)  # fmt: skip
MIDDLE = ("Văn", "Thị", "Hữu", "Ngọc", "Đức", "Thanh", "Minh", "Xuân", "Kim", "Quốc")


class Zipf(Generic[T]):
    """A list whose n-th is drawn about 1/n as often as its first."""

    def __init__(self, items: Sequence[T]) -> None:
        self._items = items
        self._steps = list(accumulate(1 / (number + 2) for number in range(len(items))))

    def draw(self, chance: random.Random) -> T:
        return self._items[bisect(self._steps, chance.random() * self._steps[-1])]


@dataclass(frozen=True)
class Good:
    """A line of the list of goods."""

    name: str
    set_no: int | None
    price_per_kilo: int
    packs: Sequence[int]
    handling: str
    season: Sequence[int]
    places: Mapping[str, Sequence[str]] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Invented:
    """One product. `packs`: grams and price."""

    name: str
    description: str
    set_no: int | None
    handling: str
    season: Sequence[int]
    packs: Sequence[tuple[int, int]]


class Inventor:
    """Draws goods for farms."""

    def __init__(self, goods: Sequence[Good], phrases: Sequence[tuple[str, str, str]]) -> None:
        self._everything = Zipf(goods)
        self._of: dict[str, Zipf[Good]] = {}
        self._goods = goods
        self._phrases: dict[tuple[str, str], list[str]] = {}
        for part, of, sentence in phrases:
            self._phrases.setdefault((part, of), []).append(sentence)
        self._pools: dict[tuple[str, int | None, str], Zipf[tuple[str, int]]] = {}

    def product(
        self, chance: random.Random, province: str, province_name: str, commune: str, farm: str
    ) -> Invented:
        """Something this farm sells: mostly what its province is known for, now and then what grows anywhere."""
        good = (self._special(province) if chance.random() < 0.8 else self._everything).draw(chance)
        places = good.places.get(province)
        place = Zipf(places).draw(chance) if places and chance.random() < 0.8 else commune
        grams = chance.choice(good.packs)
        name = good.name
        dice = chance.random()
        if dice < 0.85:
            name += f" {place}"
        if 0.3 < dice < 0.55 or dice > 0.85:
            name += f" {QUALITIES[min(int(chance.expovariate(0.25)), len(QUALITIES) - 1)]}"
        if dice > 0.7:
            name += f" {grams} g" if grams < 1000 else f" {grams // 1000} kg"
        month = good.season[0] if good.season else 1 + int(chance.random() * 12)
        facts = {"good": good.name, "place": place, "farm": farm, "province": province_name, "month": month}
        level = chance.lognormvariate(0, 0.22)
        sizes = [grams]
        if chance.random() < 0.35:
            sizes.append(chance.choice(good.packs))
        return Invented(
            name=name[:120],
            description=self._description(good, chance, facts),
            set_no=good.set_no,
            handling=good.handling,
            season=good.season,
            packs=[(size, _price(good, size, level)) for size in sorted(set(sizes))],
        )

    def _special(self, province: str) -> Zipf[Good]:
        if province not in self._of:
            known = [good for good in self._goods if province in good.places or ANYWHERE in good.places]
            self._of[province] = Zipf(known) if known else self._everything
        return self._of[province]

    def _description(self, good: Good, chance: random.Random, facts: Mapping[str, object]) -> str:
        said: dict[str, int] = {}
        count, inside = 0, good.name[:1].lower() + good.name[1:]
        aim = chance.randint(LEAST_SYLLABLES + 10, MOST_SYLLABLES - 10)
        for part in (
            "where",
            "how",
            "taste",
            "use",
            "keep",
            "say",
            "how",
            "say",
            "taste",
            "use",
            "where",
            "say",
            "how",
        ):
            sentence, length = self._pool(part, good).draw(chance)
            if sentence not in said and count + length < MOST_SYLLABLES - 8:
                said[sentence] = length
                count += length
            if count >= aim:
                break
        return " ".join(
            sentence.format_map(facts if sentence.startswith("{good}") else {**facts, "good": inside})
            for sentence in said
        )

    def _pool(self, part: str, good: Good) -> Zipf[tuple[str, int]]:
        way = CRAFT if good.set_no in CRAFTS and good.handling == "dry" else good.handling
        key = (part, good.set_no, way)
        if key not in self._pools:
            fitting = [
                sentence
                for of in (str(good.set_no), way, ANYWHERE)
                for sentence in self._phrases.get((part, of), ())
            ]
            self._pools[key] = Zipf([(sentence, len(sentence.split()) + 1) for sentence in fitting or [""]])
        return self._pools[key]


def _price(good: Good, grams: int, level: float) -> int:
    """Larger packs are a little cheaper by the kilogram; people ask round sums."""
    price = good.price_per_kilo * grams * level * (1.06 if grams < 300 else 0.96 if grams >= 2000 else 1)
    step = 1_000 if price < 200_000 else 5_000
    return min(50_000_000, max(step, round(price / step) * step))


def farm_name(chance: random.Random, commune: str) -> str:
    """What a farm calls itself."""
    person = f"{chance.choice(MIDDLE)} {chance.choice(GIVEN)}"
    kind = chance.random()
    if kind < 0.4:
        return f"HTX {chance.choice(('nông sản', 'dịch vụ nông nghiệp', 'sản xuất', 'nông nghiệp sạch'))} {commune}"
    if kind < 0.65:
        return f"Cơ sở {person}"
    if kind < 0.85:
        return f"Hộ {owner_name(chance)}"
    if kind < 0.95:
        return f"Tổ hợp tác {commune} {person}"
    return f"Công ty TNHH {person} {commune}"


def owner_name(chance: random.Random) -> str:
    return f"{chance.choice(FAMILIES)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"


def read(goods: Path, phrases: Path) -> Inventor:
    """An inventor from two lists; a line that cannot be read is named."""
    return Inventor(
        [_good(goods, number, line) for number, line in _lines(goods)],
        [_phrase(phrases, number, line) for number, line in _lines(phrases)],
    )


def _lines(file: Path) -> list[tuple[int, str]]:
    lines = [
        (number, line)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise Refusal(f"{file}: nothing in it")
    return lines


def _good(file: Path, number: int, line: str) -> Good:
    try:
        name, set_no, price, packs, handling, season, places = line.split("\t")
        return Good(
            name=name,
            set_no=None if set_no == "-" else int(set_no),
            price_per_kilo=int(price),
            packs=[int(grams) for grams in packs.split(",")],
            handling=handling,
            season=[] if season == "-" else [int(month) for month in season.split(",")],
            places={
                province: names.split("|")
                for province, names in (one.split(":", 1) for one in places.split(","))
            },
        )
    except ValueError:
        raise Refusal(
            f"{file}, line {number}: name, set, price, packs, handling, months, places, with tabs between"
        ) from None


def _phrase(file: Path, number: int, line: str) -> tuple[str, str, str]:
    parts = line.split("\t")
    if len(parts) != 3:
        raise Refusal(f"{file}, line {number}: part, for which goods, sentence, with tabs between")
    return parts[0], parts[1], parts[2]
