"""What stands around a shelf: filters to choose from with what each would leave, and chips for those that are on.

All of it is links and check-boxes of one form: an address says everything, so a page can be shared, bookmarked and gone
back to. Several values of one filter widen it, every further filter narrows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from marketplace.catalog import ocop
from marketplace.catalog.models import CERTIFICATE_WORDS, CertificateKind
from marketplace.foundation import money
from marketplace.foundation.show import grams as weight
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.search.port import PRICE_BANDS, Chip, SearchQuery
from marketplace.storefront.asking import SEVERAL, Asked, quoted

Counts = Mapping[str, Mapping[str | int, int]]


class Option(NamedTuple):
    """One entry of a filter: how many goods it stands for; `href` puts it on beside others, or off when it is on."""

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


def filters(
    path: str, asked: Asked, query: SearchQuery, counts: Counts, read: Sequence[Chip] = ()
) -> list[Filter]:
    """The filters worth choosing. `query` is what is really looked for, with what was `read` out of the text."""
    shelf = _Links(path, asked, query, counts, read)
    groups = query.values("group")
    return [
        found
        for found in (
            shelf.filter("group", _("Loại hàng"), [(one.slug, one.short) for one in ocop.groups()]),
            shelf.filter("set", _("Bộ sản phẩm"),
                         [(one.no, one.name) for one in ocop.sets() if not groups or one.group in groups])
            if groups or query.set else None,
            shelf.filter("stars", _("Sao OCOP"),
                         [(stars, str(_("%(n)s sao", n=stars))) for stars in (5, 4, 3)]),
            shelf.filter("certificate", _("Giấy chứng nhận"),
                         [(kind.value, str(CERTIFICATE_WORDS[kind])) for kind in CertificateKind]),
            shelf.filter("province", _("Tỉnh, thành"), [(one.code, one.name) for one in places.provinces()],
                         by_count=True),
            _prices(path, asked, counts, query),
        )
        if found is not None and found.options
    ]  # fmt: skip


def in_season(path: str, asked: Asked) -> str:
    """The address that turns the season on, or off when it is on."""
    rest = asked.without("in_season")
    if "in_season" in asked.given:
        return _address(path, rest)
    return f"{path}?{rest}&in_season=1" if rest else f"{path}?in_season=1"


@dataclass(frozen=True)
class _Links:
    """The links of a shelf's filters."""

    path: str
    asked: Asked
    query: SearchQuery
    counts: Counts
    read: Sequence[Chip]

    def filter(
        self, name: str, legend: Any, entries: Iterable[tuple[str | int, str]], by_count: bool = False
    ) -> Filter:
        there = self.counts.get(name, {})
        chosen = self.query.values(name)
        href = self._toggling(name, chosen) if chosen else self._adding(name)
        options = [
            Option(str(value), label, there.get(value, 0), value in chosen, href(value))
            for value, label in entries
            if value in there or value in chosen
        ]
        if by_count:
            options.sort(key=lambda option: (not option.is_on, -option.left))
        return Filter(name, str(legend), tuple(options))

    def _adding(self, name: str) -> Callable[[str | int], str]:
        """The first value: nearly all links of a page are such. A group chosen over a set widens it."""
        rest = self.asked.without(name, "set") if name == "group" else self.asked.without(name)
        begin = f"{self.path}?{rest}&{name}=" if rest else f"{self.path}?{name}="
        return lambda value: f"{begin}{value}"

    def _toggling(self, name: str, chosen: tuple[Any, ...]) -> Callable[[str | int], str]:
        """One value more, or one less. What was read out of the text comes off with its words."""
        words = [chip for chip in self.read if name in chip.values]

        def href(value: str | int) -> str:
            if value in chosen and words:
                return _address(self.path, _without_words(self.asked, words[0]))
            others = {str(one) for one in chosen} ^ {str(value)}
            return _address(self.path, self.asked.having(name, others))

        return href


def _address(path: str, behind: str) -> str:
    return f"{path}?{behind}" if behind else path


def _without_words(asked: Asked, chip: Chip) -> str:
    """What is asked without the words that said a filter."""
    rest = asked.without("q", "literal")
    left = f"q={quoted(chip.without)}" if chip.without else ""
    return "&".join(part for part in (left, rest) if part)


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


NO_CHIP = ("q", "sort", "literal")
PRICES = ("price_min", "price_max")


def chips(path: str, asked: Asked, read: Sequence[Chip]) -> list[Shown]:
    """All that is on, each value with the address without it: what the address says, and what was read out of the
    words."""
    shown: list[Shown] = []
    for name, given in asked.given.items():
        if name in SEVERAL:
            chosen = set(given.split(","))
            shown += [
                Shown(words_of({name: _value(name, one)}), _address(path, asked.having(name, chosen - {one})))
                for one in given.split(",")
            ]
        elif name not in (*NO_CHIP, *PRICES):
            shown.append(Shown(words_of({name: _value(name, given)}), _address(path, asked.without(name))))
    ends = {name: int(asked.given[name]) for name in PRICES if name in asked.given}
    if ends:
        shown.append(Shown(words_of(ends), _address(path, asked.without(*PRICES))))
    shown += [Shown(words_of(chip.values), _address(path, _without_words(asked, chip))) for chip in read]
    return shown


def words_of(values: Mapping[str, Any]) -> str:
    """What filters say, by field of SearchQuery: "từ 50.000 ₫ đến 200.000 ₫", "4 sao", "Cà Mau hoặc An Giang"."""
    said = [
        _said(name, value)
        for name, value in values.items()
        if name in WORDS and value is not None and value is not False
    ]
    if "price_min" in values or "price_max" in values:
        said.append(_price(values.get("price_min"), values.get("price_max")))
    return ", ".join(said)


def _said(name: str, value: Any) -> str:
    first, *others = [WORDS[name](one) for one in (value if isinstance(value, tuple) else (value,))]
    for other in others:
        first = str(_("%(one)s hoặc %(other)s", one=first, other=other))
    return first


def words_of_wish(asked: Asked) -> str:
    """What an address asks for, in one line."""
    values = {name: _value(name, given) for name, given in asked.given.items() if name in WORDS}
    values |= {end: _value(end, asked.given[end]) for end in ("price_min", "price_max") if end in asked.given}
    return ", ".join(part for part in (asked.query.text, words_of(values)) if part)


def _value(name: str, given: str) -> Any:
    if name in SEVERAL and "," in given:
        return tuple(_value(name, one) for one in given.split(","))
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
