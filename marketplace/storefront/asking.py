"""What an address asks for: `/products?q=&group=&set=&province=&stars=&certificate=&grams=&price_min=&price_max=
&in_season=1&sort=&page=&literal=1`, the same for the page and for partners' programs.

What makes no sense is left aside, and said in one sentence each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from marketplace.catalog import ocop
from marketplace.catalog.models import CertificateKind
from marketplace.foundation.money import parse_dong
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.search.port import PER_PAGE, SearchQuery, Sort

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


@dataclass(frozen=True)
class Asked:
    """The question, the parts of the address that made sense (in one order, without the page), and a sentence for each
    that made none."""

    query: SearchQuery
    given: Mapping[str, str]
    odd: tuple[Text, ...]

    def without(self, *names: str) -> str:
        """The part behind the question mark without these, on the first page."""
        return urlencode([(name, value) for name, value in self.given.items() if name not in names])


def read(ask: Mapping[str, str], near: str | None = None, per_page: int = PER_PAGE) -> Asked:
    """What the address asks. `near`: the visitor's province, for the order among equals."""
    reader = _Reader(ask)
    text = " ".join(ask.get("q", "").replace("\x00", "").split())[:MOST_LETTERS].strip()
    if text:
        reader.given["q"] = text
    low, high = reader.dong("price_min"), reader.dong("price_max")
    if low is not None and high is not None and low > high:
        low, high = high, low
        reader.given.update(price_min=str(low), price_max=str(high))
        reader.odd.append(_("Giá từ lớn hơn giá đến, nên hai số đã được đổi chỗ."))
    sort = reader.one_of("sort", {one.value: one for one in Sort})
    if ask.get("literal") == "1" and text:
        reader.given["literal"] = "1"
    if ask.get("in_season") == "1":
        reader.given["in_season"] = "1"
    query = SearchQuery(
        text=text,
        group=reader.one_of("group", {one.slug: one.slug for one in ocop.groups()}),
        set=reader.one_of("set", {str(one.no): one.no for one in ocop.sets()}),
        province=reader.one_of("province", {one.code: one.code for one in places.provinces()}),
        stars=reader.one_of("stars", {str(stars): stars for stars in (3, 4, 5)}),
        price_min=low,
        price_max=high,
        certificate=reader.one_of("certificate", {kind.value: kind.value for kind in CertificateKind}),
        grams=reader.number("grams", 1, 1_000_000),
        in_season="in_season" in reader.given,
        sort=sort or (Sort.RELEVANCE if text else Sort.POPULAR),
        page=reader.number("page", 1, MOST_PAGES) or 1,
        per_page=per_page,
        literal="literal" in reader.given,
        near=near,
    )
    reader.given.pop("page", None)
    return Asked(query, reader.given, tuple(reader.odd))


class _Reader:
    """Takes values out of an address and remembers what it could not read."""

    def __init__(self, ask: Mapping[str, str]) -> None:
        self._ask = ask
        self.given: dict[str, str] = {}
        self.odd: list[Text] = []

    def one_of(self, name: str, known: Mapping[str, Any]) -> Any:
        asked = self._ask.get(name, "").strip()
        if not asked:
            return None
        if asked not in known:
            return self._leave(name, asked)
        self.given[name] = asked
        return known[asked]

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
        self.odd.append(
            _("Không hiểu “%(value)s” ở mục %(field)s, nên đã bỏ qua mục này.",
              value=shown, field=FIELD_WORDS[name])
        )  # fmt: skip


def quoted(value: object) -> str:
    return quote_plus(str(value))
