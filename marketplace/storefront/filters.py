"""What stands around a shelf: filters to choose from with what each would leave, and chips for those that are on.

All of it is links: an address says everything, so a page can be shared, bookmarked and gone back to.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from marketplace.catalog import ocop
from marketplace.catalog.models import CERTIFICATE_WORDS, CertificateKind
from marketplace.foundation import money
from marketplace.foundation.show import grams as weight
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.search.port import PRICE_BANDS, Chip, SearchQuery
from marketplace.storefront.asking import Asked, quoted

Counts = Mapping[str, Mapping[str | int, int]]
TOGETHER = {
    "group": ("group", "set"),
    "price_min": ("price_min", "price_max"),
    "price_max": ("price_min", "price_max"),
}
"""Filters that are taken off together: a set belongs to its group, a price has two ends."""


class Option(NamedTuple):
    """One entry of a filter: how many goods it would leave; `href` puts it on, or off when it is on."""

    value: str
    label: str
    left: int
    is_on: bool
    href: str


class Filter(NamedTuple):
    """A filter with its entries. `name` is the field of the form; a filter without one is links only."""

    name: str
    legend: str
    options: tuple[Option, ...]


class Shown(NamedTuple):
    """A filter that is on, and the address without it."""

    label: str
    href: str


def filters(path: str, asked: Asked, query: SearchQuery, counts: Counts) -> list[Filter]:
    """The filters worth choosing. `query` is what is really looked for, with what was read out of the text."""
    return [
        found
        for found in (
            _filter(path, asked, counts, "group", _("Loại hàng"), query.group,
                    [(one.slug, one.short) for one in ocop.groups()]),
            _filter(path, asked, counts, "set", _("Bộ sản phẩm"), query.set,
                    [(one.no, one.name) for one in ocop.sets() if query.group in (None, one.group)])
            if query.group or query.set else None,
            _filter(path, asked, counts, "stars", _("Sao OCOP"), query.stars,
                    [(stars, str(_("%(n)s sao", n=stars))) for stars in (5, 4, 3)]),
            _filter(path, asked, counts, "certificate", _("Giấy chứng nhận"), query.certificate,
                    [(kind.value, str(CERTIFICATE_WORDS[kind])) for kind in CertificateKind]),
            _filter(path, asked, counts, "province", _("Tỉnh, thành"), query.province,
                    [(one.code, one.name) for one in places.provinces()], by_count=True),
            _prices(path, asked, counts, query),
        )
        if found is not None and found.options
    ]  # fmt: skip


def _filter(
    path: str,
    asked: Asked,
    counts: Counts,
    name: str,
    legend: Any,
    chosen: Any,
    entries: Iterable[tuple[str | int, str]],
    by_count: bool = False,
) -> Filter:
    there = counts.get(name, {})
    rest = asked.without(*TOGETHER.get(name, (name,)))
    begin = f"{path}?{rest}&{name}=" if rest else f"{path}?{name}="
    off = f"{path}?{rest}" if rest else path
    options = [
        Option(str(value), label, there.get(value, 0), value == chosen,
               off if value == chosen and name in asked.given else f"{begin}{value}")
        for value, label in entries
        if value in there or value == chosen
    ]  # fmt: skip
    if by_count:
        options.sort(key=lambda option: (not option.is_on, -option.left))
    return Filter(name, str(legend), tuple(options))


def _prices(path: str, asked: Asked, counts: Counts, query: SearchQuery) -> Filter:
    there = counts.get("price", {})
    rest = asked.without("price_min", "price_max")
    begin = f"{path}?{rest}&" if rest else f"{path}?"
    options = []
    for band in PRICE_BANDS:
        is_on = (band.low, band.high) == (query.price_min, query.price_max)
        if band.key in there or is_on:
            ends = [("price_min", band.low), ("price_max", band.high)]
            on = begin + "&".join(f"{name}={value}" for name, value in ends if value is not None)
            off = begin.rstrip("?&")
            options.append(
                Option(
                    band.key, _price(band.low, band.high), there.get(band.key, 0), is_on, off if is_on else on
                )
            )
    return Filter("", str(_("Giá một gói")), tuple(options))


# -- chips --------------------------------------------------------------------------------------------------------


def chips(path: str, asked: Asked, read: Sequence[Chip]) -> list[Shown]:
    """All that is on, each with the address without it: the words, what the address says, what was read out of the
    words."""
    shown: list[Shown] = []

    def address(query: str) -> str:
        return f"{path}?{query}" if query else path

    done: set[str] = set()
    for name in asked.given:
        if name in ("q", "sort", "literal") or name in done:
            continue
        together = TOGETHER.get(name, (name,)) if name != "group" else ("group", "set")
        values = {one: _value(one, asked.given[one]) for one in together if one in asked.given}
        if name == "group":
            values.pop("set", None)
            done.add("group")
        else:
            done.update(together)
        shown.append(Shown(words_of(values), address(asked.without(*together))))
    for chip in read:
        rest = asked.without("q", "literal")
        left = f"q={quoted(chip.without)}" if chip.without else ""
        shown.append(Shown(words_of(chip.values), address("&".join(part for part in (left, rest) if part))))
    return shown


def words_of(values: Mapping[str, Any]) -> str:
    """What filters say, by field of SearchQuery: "từ 50.000 ₫ đến 200.000 ₫", "4 sao", "Cà Mau"."""
    said = [
        WORDS[name](value)
        for name, value in values.items()
        if name in WORDS and value is not None and value is not False
    ]
    if "price_min" in values or "price_max" in values:
        said.append(_price(values.get("price_min"), values.get("price_max")))
    return ", ".join(said)


def words_of_wish(asked: Asked) -> str:
    """What an address asks for, in one line."""
    values = {name: _value(name, given) for name, given in asked.given.items() if name in WORDS}
    values |= {end: _value(end, asked.given[end]) for end in ("price_min", "price_max") if end in asked.given}
    return ", ".join(part for part in (asked.query.text, words_of(values)) if part)


def _value(name: str, given: str) -> Any:
    return int(given) if name in ("set", "stars", "price_min", "price_max", "grams") else given


def _group(slug: str) -> str:
    found = ocop.group(slug)
    return found.short if found else slug


def _province(code: str) -> str:
    found = places.province(code)
    return found.name if found else code


WORDS: Mapping[str, Callable[[Any], str]] = {
    "group": _group,
    "set": lambda no: ocop.set_of(no).name,
    "province": _province,
    "stars": lambda stars: str(_("%(n)s sao", n=stars)),
    "certificate": lambda kind: str(CERTIFICATE_WORDS[CertificateKind(kind)]),
    "grams": lambda grams: str(_("gói %(weight)s", weight=weight(grams))),
    "in_season": lambda _on: str(_("Đang vào mùa")),
}


def _price(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return str(_("đến %(high)s", high=money.dong(high or 0)))
    if high is None:
        return str(_("từ %(low)s", low=money.dong(low)))
    return str(_("%(low)s – %(high)s", low=money.dong(low), high=money.dong(high)))
