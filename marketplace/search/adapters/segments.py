"""The documents of one commit of a generation, read into sets and planes."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from marketplace.search.adapters.index_folder import MARK, Facts, wording_of
from marketplace.search.port import Mark, Wording
from marketplace.search.ranking import Bits, bits_of, planes_of, where
from marketplace.search.suggestions import Card, Names
from marketplace.search.terms import Term

TERM_BYTES = 24 * 1024 * 1024
"""What the sets of terms of one segment may take in memory; those asked for longest ago go first."""
MONTH = 30 * 24 * 3600


class Damaged(Exception):
    """A file of the index cannot be read: any of a dozen kinds of exceptions (struct, zlib, pickle, EOF …)."""


class Segment:
    """The documents of one commit, as sets and planes. It never changes; which of them were deleted since is known to
    the snapshot."""

    def __init__(self, leaf: Any) -> None:
        self.leaf = leaf
        self.size: int = leaf.doc_count_all()
        self.bytes_per_set = self.size // 8 + 40
        self._terms: OrderedDict[Term, Bits] = OrderedDict()
        self._looking_up = Lock()
        self.mark: tuple[Mark, Wording] | None = None
        facts = [self._facts(number) for number in range(self.size)]
        self.ids = array("q", (one.id for one in facts))
        self._witness: Term = ("id", str(next(filter(None, self.ids), MARK)))  # a term that must be there
        self.prices = array("Q", (one.price for one in facts))
        self.sales = array("Q", (one.sales for one in facts))
        self.created = array("Q", (one.created for one in facts))
        self.stars = bytes((one.stars or 0) & 255 for one in facts)
        self.in_stock = bytes(one.in_stock for one in facts)
        self.months = array("H", (sum(1 << month for month in one.season) for one in facts))
        self.provinces, self.province_codes = _coded([one.province for one in facts])
        shops: dict[str, int] = {}
        self.shops = array(
            "I", (shops.setdefault(one.card[3] if one.id else "", len(shops)) for one in facts)
        )
        self.shop_codes = list(shops)
        self.columns: dict[str, dict[Any, Bits]] = {
            "province": _sets(self.provinces, self.province_codes),
            "group": _sets(*_coded([one.group for one in facts])),
            "set": _sets(*_coded([one.set for one in facts])),
            "stars": _sets(*_coded([one.stars for one in facts])),
            "certificate": _many(
                ((n, kind) for n, one in enumerate(facts) for kind in one.certificates), self.size
            ),
            "grams": _many(((n, grams) for n, one in enumerate(facts) for grams in one.grams), self.size),
            "season": _many(((n, month) for n, one in enumerate(facts) for month in one.season), self.size),
        }
        self.planes: dict[str, list[Bits]] = {
            "stock": [where(self.in_stock, 1)],
            "stars": planes_of(self.stars, 3),
            "sold": planes_of([one.bit_length() for one in self.sales], 5),
            "month": planes_of([one // MONTH for one in self.created], 8),
            "price": _planes(self.prices),
            "sales": _planes(self.sales),
            "created": _planes(self.created),
            "id": _planes(self.ids),
        }
        self.names = Names(lambda: (Card(*one.card) for n in range(self.size) if (one := self._facts(n)).id))

    def card(self, number: int) -> Card:
        return Card(*self._facts(number).card)

    def _facts(self, number: int) -> Facts:
        try:
            with self._looking_up:  # Whoosh's files have one reading position
                stored = self.leaf.stored_fields(number)
            facts = stored["facts"]
        except Exception as error:
            raise Damaged(repr(error)) from error
        if stored["id"] == MARK:
            self.mark = (
                Mark(facts["seq"], datetime.fromisoformat(facts["at"])),
                wording_of(facts["wording"]),
            )
            return NOBODY
        return Facts(*facts)

    def digest(self, number: int) -> str:
        return self._facts(number).digest

    def having(self, term: Term) -> Bits:
        """The documents whose field has the term; read from the index once."""
        known = self._terms.get(term)
        if known is not None:
            return known
        with self._looking_up:
            bits = 0
            try:
                if term in self.leaf:
                    bits = bits_of(self.leaf.postings(*term).all_ids(), self.size)
                elif self._witness not in self.leaf:
                    # A file of zeros knows no word at all: not "nothing found", but nothing left to look in.
                    raise LookupError("the words of a segment are gone")
            except Exception as error:
                raise Damaged(repr(error)) from error
            self._terms[term] = bits
            while len(self._terms) * self.bytes_per_set > TERM_BYTES and len(self._terms) > 64:
                self._terms.popitem(last=False)
        return bits

    def known_terms(self) -> list[Term]:
        return list(self._terms)

    def walk(self) -> None:
        """Read every posting, so that damage anywhere shows."""
        try:
            with self._looking_up:
                for field, term in self.leaf.all_terms():
                    for _number in self.leaf.postings(field, term).all_ids():
                        pass
        except Exception as error:
            raise Damaged(repr(error)) from error


NOBODY = Facts(0, "", (), None, None, None, None, 0, (), (), False, 0, 0, ())


def _coded(values: Sequence[Any]) -> tuple[bytes, dict[Any, int]]:
    """Each value as a byte; 0 is none. (More than 255 different ones do not occur: sets, provinces, stars, groups.)"""
    codes: dict[Any, int] = {}
    coded = bytearray()
    for value in values:
        coded.append(0 if value is None else codes.setdefault(value, len(codes) + 1))
    return bytes(coded), codes


def _sets(coded: bytes, codes: Mapping[Any, int]) -> dict[Any, Bits]:
    return {value: where(coded, code) for value, code in codes.items()}


def _many(pairs: Iterable[tuple[int, Any]], size: int) -> dict[Any, Bits]:
    numbers: dict[Any, list[int]] = {}
    for number, value in pairs:
        numbers.setdefault(value, []).append(number)
    return {value: bits_of(having, size) for value, having in numbers.items()}


def _planes(values: "array[int]") -> list[Bits]:
    return planes_of(values, max(values, default=0).bit_length())
