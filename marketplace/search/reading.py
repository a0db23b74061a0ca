"""Filters in a typed text: money, stars, packs, certificates, the season, a province. What is read becomes a chip that
can be taken off; what is left is looked for.

    mật ong u minh dưới 200k   →  mật ong u minh, price_max 200000
    ocop thái nguyên           →  certificate ocop, province 19
    đặc sản cà mau             →  province 96
    gạo st25 5kg               →  gạo st25, grams 5000
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from marketplace.search.port import Chip, Reading, Wording
from marketplace.search.vietnamese import exact, fold

LONGEST = 400
AROUND = 5
"""Prices "about" an amount: a fifth less to a fifth more."""

_NUMBER = r"\d{1,12}(?:[.,]\d{1,3}){0,4}"
_MONEY_UNIT = r"trieu|tr|cu|k|nghin|ngan|ng|dong|vnd|d|₫"


def _amount(number: int) -> str:
    """A number, its unit, and what follows "tr" (1tr5); in groups n, u and t with this number."""
    return (
        rf"(?P<n{number}>{_NUMBER})\s?(?:(?P<u{number}>(?:{_MONEY_UNIT}))(?:(?<=tr)(?P<t{number}>\d{{1,3}}))?(?![a-z\d]))?"
        r"(?:\s?(?:d|dong|vnd|₫)(?![a-z]))?"
    )


_OTHER_UNIT = (
    "sao|star|kg|ki|ky|kilo|can|g|gr|gam|gram|lang|yen|ta|tan|ml|lit|l|hop|goi|tui|chai|con|trai|qua"
)
_NOT_MONEY = rf"(?!\s?(?:{_OTHER_UNIT})(?![a-z]))(?![\d])"
_BEFORE = r"(?<![\w₫])(?:gia\s+)?"
_MAX = r"(?:duoi|toi da|khong qua|khong hon|re hon|nho hon|it hon|thap hon|<=?|≤)\s*"
_MIN = r"(?:tren|tu|hon|lon hon|cao hon|dat hon|mac hon|toi thieu|it nhat|>=?|≥)\s*"
_AFTER = r"(?:\s+(?:tro len|tro xuong))?(?![\w₫])"

_SPAN = re.compile(
    rf"{_BEFORE}(?:tu\s+|trong khoang\s+|khoang\s+)?{_amount(1)}\s*(?:-|–|—|den|toi|~)\s*{_amount(2)}{_NOT_MONEY}"
    r"(?![\w₫])"
)
_UP_TO = re.compile(rf"{_BEFORE}{_MAX}{_amount(1)}{_NOT_MONEY}{_AFTER}")
_FROM = re.compile(rf"{_BEFORE}{_MIN}{_amount(1)}{_NOT_MONEY}{_AFTER}")
_ABOUT = re.compile(rf"{_BEFORE}(?:khoang|tam|co|muc)?\s*{_amount(1)}{_NOT_MONEY}(?![\w₫])")
_STARS = re.compile(r"(?<!\w)(?P<n>[345]|ba|bon|nam)\s*(?:sao|stars?)(?!\w)")
_PACK = re.compile(
    rf"(?<![\w.,])(?P<n>{_NUMBER}|nua|mot|hai)\s?(?P<u>kg|kilo|kilogam|ki|ky|can|gram|gam|gr|g|lang|yen)(?!\w)"
)
_CERTIFICATES = (
    ("ocop", re.compile(r"(?<!\w)(?:dat\s+)?(?:chuan\s+)?ocop(?!\w)")),
    ("vietgap", re.compile(r"(?<!\w)(?:dat\s+)?(?:chuan\s+)?viet\s?gap(?!\w)")),
    ("organic", re.compile(r"(?<!\w)chung nhan huu co(?!\w)")),
    ("geographical", re.compile(r"(?<!\w)chi dan dia ly(?!\w)")),
)
_SEASON = re.compile(r"(?<!\w)(?:dang|dung|vao|trong)\s+(?P<n>mua)(?!\w)")
_AT = re.compile(r"(?<!\w)(?:o|tai|tinh|thanh pho|tp)\.?\s+(?P<name>[^\d_]{2,40})$")
_ANYTHING = re.compile(r"(?<!\w)(?:(?:dac san|nong san|san vat|san pham)(?!\w)\s*)+(?=\w)")
"""Says "goods" and nothing about them: what matters is what follows."""
_GRAMS = {
    "kg": 1000,
    "kilo": 1000,
    "kilogam": 1000,
    "ki": 1000,
    "ky": 1000,
    "can": 1000,
    "lang": 100,
    "yen": 10_000,
}
_STAR_WORDS = {"ba": 3, "bon": 4, "nam": 5}
_COUNTS = {"nua": 0.5, "mot": 1.0, "hai": 2.0}
_WRITTEN_UNITS = {"can": ("cân", "can"), "lang": ("lạng", "lang"), "yen": ("yến",), "nam": ("năm", "nam")}
"""Words that are something else with other accents (can, căn, cần)."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A typed text and the same folded, letter by letter, so that places in one are places in the other."""

    typed: str
    folded: str

    @classmethod
    def of(cls, text: str) -> "_Text":
        typed = unicodedata.normalize("NFC", text[:LONGEST])
        return cls(typed, "".join(_letter(letter) for letter in typed))


@lru_cache(maxsize=2000)
def _letter(letter: str) -> str:
    folded = fold(letter)
    return folded if len(folded) == 1 else " "


@dataclass(frozen=True, slots=True)
class _Read:
    start: int
    end: int
    values: Mapping[str, Any]


def read(text: str, wording: Wording) -> Reading:
    """How a text is understood."""
    whole = _Text.of(text)
    taken: list[_Read] = []
    for look in (_stars, _certificates, _prices, _packs, _season):
        for one in look(whole):
            if not any(one.start < other.end and other.start < one.end for other in taken):
                fields = {field for other in taken for field in other.values}
                if fields.isdisjoint(one.values):
                    taken.append(one)
    taken.extend(_anything(whole, taken))
    province = _province(whole, taken, _province_names(wording))
    if province is not None:
        taken.append(province)
    taken.sort(key=lambda one: one.start)
    return Reading(
        typed=text,
        text=_without(whole.typed, taken) if taken else text,
        chips=tuple(
            Chip(
                values=dict(one.values),
                words=whole.typed[one.start : one.end].strip(" ,;.-"),
                without=_without(whole.typed, [one]),
            )
            for one in taken
            if one.values
        ),
    )


def _without(typed: str, taken: list[_Read]) -> str:
    for one in sorted(taken, key=lambda read: -read.start):
        typed = f"{typed[: one.start]} {typed[one.end :]}"
    return " ".join(typed.split()).strip(" ,;-")


def _stars(text: _Text) -> Iterator[_Read]:
    for hit in _STARS.finditer(text.folded):
        number = hit["n"]
        if number.isdigit():
            yield _Read(*hit.span(), {"stars": int(number)})
        elif _is_written(text, hit, number):
            yield _Read(*hit.span(), {"stars": _STAR_WORDS[number]})


def _certificates(text: _Text) -> Iterator[_Read]:
    for kind, pattern in _CERTIFICATES:
        for hit in pattern.finditer(text.folded):
            yield _Read(*hit.span(), {"certificate": kind})
            return


def _prices(text: _Text) -> Iterator[_Read]:
    for hit in _SPAN.finditer(text.folded):
        if hit["u1"] or hit["u2"]:
            high = _dong(hit["n2"], hit["u2"] or hit["u1"], hit["t2"], is_price=True)
            low = _dong(hit["n1"], hit["u1"] or hit["u2"], hit["t1"], is_price=True)
            if low is not None and high is not None:
                yield _Read(*hit.span(), {"price_min": min(low, high), "price_max": max(low, high)})
    for pattern, field in ((_UP_TO, "price_max"), (_FROM, "price_min")):
        for hit in pattern.finditer(text.folded):
            amount = _dong(hit["n1"], hit["u1"], hit["t1"], is_price=True)
            if amount is not None:
                yield _Read(*hit.span(), {field: amount})
    for hit in _ABOUT.finditer(text.folded):
        amount = _dong(hit["n1"], hit["u1"], hit["t1"], is_price=False)
        if amount is not None:
            span = {"price_min": amount - amount // AROUND, "price_max": amount + amount // AROUND}
            yield _Read(*hit.span(), span)


def _dong(number: str, unit: str | None, tail: str | None, is_price: bool) -> int | None:
    """`200`, `k` → 200000; `1`, `tr`, `5` → 1500000; `500.000`, `đ` → 500000. None where it is no price."""
    million = unit in ("trieu", "tr", "cu")
    thousand = unit in ("k", "nghin", "ngan", "ng")
    if million or thousand:
        if re.fullmatch(r"\d+(?:[.,]\d{3})+", number) and not million:
            value = float(re.sub(r"[.,]", "", number))
        else:
            value = float(number.replace(",", ".")) if number.count(",") + number.count(".") < 2 else 0.0
        amount = round(value * (1_000_000 if million else 1000))
        if tail:
            amount += round(float(f"0.{tail}") * 1_000_000)
    else:
        digits = re.sub(r"[.,]", "", number)
        amount = int(digits)
        if unit is None and is_price and amount < 1000:
            amount *= 1000  # "dưới 200"
        elif unit is None and not is_price:
            return None
    return amount if 0 < amount <= 10**12 else None


def _packs(text: _Text) -> Iterator[_Read]:
    for hit in _PACK.finditer(text.folded):
        if not _is_written(text, hit, hit["u"], "u"):
            continue
        count = _COUNTS.get(hit["n"])
        if count is None:
            if re.fullmatch(r"\d+(?:[.,]\d{1,3})?", hit["n"]) is None:
                continue
            count = float(hit["n"].replace(",", "."))
        grams = round(count * _GRAMS.get(hit["u"], 1))
        if 0 < grams <= 10**9:
            yield _Read(*hit.span(), {"grams": grams})


def _season(text: _Text) -> Iterator[_Read]:
    for hit in _SEASON.finditer(text.folded):
        if text.typed[slice(*hit.span("n"))].lower() == "mùa" or text.typed.isascii():
            yield _Read(*hit.span(), {"in_season": True})


def _anything(text: _Text, taken: list[_Read]) -> Iterator[_Read]:
    hit = _ANYTHING.search(text.folded)
    if hit is not None and not any(hit.start() < one.end and one.start < hit.end() for one in taken):
        yield _Read(*hit.span(), {})


def _is_written(text: _Text, hit: "re.Match[str]", word: str, group: str = "n") -> bool:
    allowed = _WRITTEN_UNITS.get(word)
    return allowed is None or text.typed[slice(*hit.span(group))].lower() in allowed


def _province(text: _Text, taken: list[_Read], named: Callable[[str], str | None]) -> _Read | None:
    """A province that is all of the other words, when something else was read; or is said to be one: "ở Cà Mau"."""
    rest = list(text.folded)
    for one in taken:
        rest[one.start : one.end] = " " * (one.end - one.start)
    bare = "".join(rest)
    inside = bare.strip(" ,;.-")
    if not inside:
        return None
    start = bare.index(inside)
    end = start + len(inside)
    if taken:
        code = named(text.typed[start:end])
        if code is not None and not any(start < one.start < end for one in taken):
            return _Read(start, end, {"province": code})
    hit = _AT.search(bare[:end])
    if hit is not None:
        code = named(text.typed[slice(*hit.span("name"))].strip())
        if code is not None:
            return _Read(*hit.span(), {"province": code})
    return None


@lru_cache(maxsize=4)
def _province_names(wording: Wording) -> Callable[[str], str | None]:
    """Name → code; a name typed with accents must have the right ones."""
    spelt: dict[str, str] = {}
    bare: dict[str, str] = {}
    for province in wording.provinces:
        for name in (province.name, *province.also):
            spelt.setdefault(_spelt(name), province.code)
            bare.setdefault(" ".join(fold(name).replace("-", " ").split()), province.code)

    def named(text: str) -> str | None:
        words = text.lower().split()
        for kind in (["tỉnh"], ["tinh"], ["thành", "phố"], ["thanh", "pho"], ["tp"], ["tp."]):
            if words[: len(kind)] == kind and len(words) > len(kind):
                words = words[len(kind) :]
                break
        name = " ".join(words)
        if name.isascii():
            return bare.get(" ".join(name.replace("-", " ").split()))
        return spelt.get(_spelt(name))

    return named


def _spelt(name: str) -> str:
    return " ".join(exact(word) for word in name.replace("-", " ").split())
