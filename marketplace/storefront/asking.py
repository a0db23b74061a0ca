"""What an address asks for: `/products?q=&group=&set=&province=&stars=&certificate=&grams=&price_min=&price_max=
&in_season=1&sort=&page=&literal=1`, the same for the page and for partners' programs. Several values of one filter
stand with commas between (`province=19,96`) or one after the other, as a form's check-boxes send them.

What makes no sense is left aside, and said in one sentence each.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote_plus, urlencode

from werkzeug.datastructures import MultiDict

from marketplace.catalog import ocop
from marketplace.catalog.models import CertificateKind
from marketplace.foundation.db import clean_text
from marketplace.foundation.money import parse_dong
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.search.port import PER_PAGE, SearchQuery, Sort
from marketplace.search.vietnamese import seen

MOST_LETTERS = 200
MOST_PAGES = 4_000
"""A hundred thousand goods have no more."""

FIELD_WORDS: Mapping[str, Text] = {
    "group": _("Loại hàng"),
    "set": _("Bộ sản phẩm"),
    "province": _("Tỉnh, thành"),
    "stars": _("Sao OCOP"),
    "certificate": _("Giấy chứng nhận"),
    "grams": _("Cỡ gói"),
    "price_min": _("Giá từ"),
    "price_max": _("Giá đến"),
    "sort": _("Xếp theo"),
    "page": _("Trang"),
}


SEVERAL = ("group", "set", "province", "stars", "certificate")
"""Filters that take several values, any of which will do."""


@dataclass(frozen=True)
class Asked:
    """The question, the parts of the address that made sense (in one order, without the page), a sentence for each
    that made none, and by name the values nothing could be made of."""

    query: SearchQuery
    given: Mapping[str, str]
    odd: tuple[Text, ...]
    left_aside: Mapping[str, str]

    def without(self, *names: str) -> str:
        """The part behind the question mark without these, on the first page."""
        return "&".join(part for name, part in self._parts.items() if name not in names)

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        return {name: _behind({name: value}) for name, value in self.given.items()}

    def having(self, name: str, values: Collection[str]) -> str:
        """The same with a filter at these values. Sets go with the last group they belong to."""
        changed = {**self.given, name: ",".join(one for one in _known(name) if one in values)}
        if name == "group" and "set" in changed:
            sets = changed["set"].split(",")
            changed["set"] = ",".join(no for no in sets if ocop.group_of(int(no)) in values)
        return _behind({name: value for name, value in changed.items() if value})


def read(ask: Mapping[str, str], near: str | None = None, per_page: int = PER_PAGE) -> Asked:
    """What the address asks. `near`: the visitor's province, for the order among equals."""
    reader = _Reader(ask)
    text = reader.text("q")
    low, high = reader.dong("price_min"), reader.dong("price_max")
    if low is not None and high is not None and low > high:
        low, high = high, low
        reader.given.update(price_min=str(low), price_max=str(high))
        reader.odd.append(_("Giá từ lớn hơn giá đến, nên hai số đã được đổi chỗ."))
    sort = reader.one_of("sort")
    if ask.get("literal") == "1" and text:
        reader.given["literal"] = "1"
    if ask.get("in_season") == "1":
        reader.given["in_season"] = "1"
    query = SearchQuery(
        text=text,
        group=reader.any_of("group"),
        set=reader.any_of("set"),
        province=reader.any_of("province"),
        stars=reader.any_of("stars"),
        price_min=low,
        price_max=high,
        certificate=reader.any_of("certificate"),
        grams=reader.number("grams", 1, 1_000_000),
        in_season="in_season" in reader.given,
        sort=sort or (Sort.RELEVANCE if text else Sort.POPULAR),
        page=reader.number("page", 1, MOST_PAGES) or 1,
        per_page=per_page,
        literal="literal" in reader.given,
        near=near,
    )
    reader.given.pop("page", None)
    return Asked(query, reader.given, tuple(reader.odd), reader.left_aside)


def is_scattered(ask: "MultiDict[str, str]") -> bool:
    """Do several values of one filter stand one after the other, as a form sends them?"""
    return any(len(ask.getlist(name)) > 1 for name in SEVERAL)


def only(value: Any) -> Any:
    """The one value of a filter; None when it is off or there are several."""
    return None if isinstance(value, tuple) else value


@cache
def _known(name: str) -> Mapping[str, Any]:
    """What may stand in an address for a field, in one order, and what it means."""
    known: Mapping[str, Mapping[str, Any]] = {
        "sort": {one.value: one for one in Sort},
        "group": {one.slug: one.slug for one in ocop.groups()},
        "set": {str(one.no): one.no for one in ocop.sets()},
        "province": {one.code: one.code for one in places.provinces()},
        "stars": {str(stars): stars for stars in (3, 4, 5)},
        "certificate": {kind.value: kind.value for kind in CertificateKind},
    }
    return known[name]


def _behind(given: Mapping[str, str]) -> str:
    return urlencode(given, safe=",") if given else ""


class _Reader:
    """Takes values out of an address and remembers what it could not read."""

    def __init__(self, ask: Mapping[str, str]) -> None:
        self._ask = ask
        self.given: dict[str, str] = {}
        self.odd: list[Text] = []
        self.left_aside: dict[str, str] = {}

    def text(self, name: str) -> str:
        words = " ".join(seen(clean_text(self._ask.get(name, ""))).split())
        text = words[:MOST_LETTERS].strip()
        if len(words) > MOST_LETTERS:
            self.odd.append(_("Câu tìm dài quá, nên chỉ lấy %(n)s chữ cái đầu.", n=MOST_LETTERS))
        if text:
            self.given[name] = text
        return text

    def one_of(self, name: str) -> Any:
        asked = self._ask.get(name, "").strip()
        if not asked:
            return None
        if asked not in _known(name):
            return self._leave(name, asked)
        self.given[name] = asked
        return _known(name)[asked]

    def any_of(self, name: str) -> Any:
        if not self._ask.get(name):
            return None
        asked = self._ask.getlist(name) if isinstance(self._ask, MultiDict) else [self._ask[name]]
        parts = dict.fromkeys(part for one in asked for given in one.split(",") if (part := given.strip()))
        known = _known(name)
        odd = [part for part in parts if part not in known]
        if odd:
            self._leave(name, ",".join(odd))
        found = [part for part in known if part in parts]
        if not found:
            return None
        self.given[name] = ",".join(found)
        return known[found[0]] if len(found) == 1 else tuple(known[part] for part in found)

    def number(self, name: str, least: int, most: int) -> int | None:
        asked = self._ask.get(name, "").strip()
        if not asked:
            return None
        if not (asked.isascii() and asked.isdigit() and len(asked) < 12 and least <= int(asked) <= most):
            self._leave(name, asked)
            return None
        self.given[name] = asked
        return int(asked)

    def dong(self, name: str) -> int | None:
        asked = self._ask.get(name, "").strip()
        if not asked:
            return None
        found = parse_dong(asked)
        if found is None or found < 0:
            self._leave(name, asked)
            return None
        self.given[name] = str(found)
        return found

    def _leave(self, name: str, asked: str) -> None:
        shown = asked if len(asked) <= 40 else asked[:40] + "…"
        self.left_aside[name] = shown
        self.odd.append(
            _("Không hiểu “%(value)s” ở mục %(field)s, nên đã bỏ qua mục này.",
              value=shown, field=FIELD_WORDS[name])
        )  # fmt: skip


def quoted(value: object) -> str:
    return quote_plus(str(value))
