"""Vietnamese as people write it: with and without accents, composed or not, the tone on either vowel.

A word is cut into syllables, each in two spellings: *exact* (hòa = hoà, the tone moved to the end) and *folded*
(without any mark, đ as d). Every engine uses these, so every engine finds the same.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # huyền, sắc, ngã, hỏi, nặng
WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+")
MAX_TEXT = 20_000


class Syllable(NamedTuple):
    """One syllable (or number) in both spellings."""

    exact: str
    folded: str

    @property
    def is_accented(self) -> bool:
        return self.exact != self.folded


def syllables(text: str) -> list[Syllable]:
    """The syllables of a text in order; letters and digits part (`500g` is `500`, `g`)."""
    return [_syllable(word) for word in words(text)]


def words(text: str) -> list[str]:
    """The same as they are written, in lower case."""
    return WORD.findall(plain(text[:MAX_TEXT]))


@lru_cache(maxsize=20_000)  # Vietnamese has some seven thousand syllables
def _syllable(word: str) -> Syllable:
    return Syllable(exact(word), fold(word))


def plain(text: str) -> str:
    """One spelling for what looks the same: composed, lower case, no full-width letters."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen(text)).lower())


def seen(text: str) -> str:
    """Without the letters nobody sees, which come along when text is copied: breaks of no width, marks that turn the
    direction of writing, soft hyphens."""
    return text if text.isascii() else text.translate(_UNSEEN)


_UNSEEN = dict.fromkeys(
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)


def fold(text: str) -> str:
    """Without any mark, lower case, đ as d: `Chè Đinh` and `che dinh` are the same. Folding twice changes nothing."""
    letters = unicodedata.normalize("NFKD", plain(text))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain(bare.replace("đ", "d"))


def exact(word: str) -> str:
    """One syllable with its tone moved to the end, so that `hoà` and `hòa`, `thuý` and `thúy` are the same."""
    letters = unicodedata.normalize("NFD", plain(word))
    tones = "".join(sorted(letter for letter in letters if letter in TONES))
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in TONES)) + tones


def pairs(words: list[str]) -> list[str]:
    """Neighbours as one term each: `tân cương` is `tân_cương`."""
    return [f"{one}_{two}" for one, two in pairwise(words)]


VOWELS = "aăâeêioôơuưy"
_MARKED = "ăâêôơư"


def written(exact_syllable: str) -> str:
    """A syllable as people write it, from its `exact` spelling: the tone back on its vowel (hòa, thuế, giá)."""
    letters, tones = (
        exact_syllable.rstrip("".join(TONES)),
        exact_syllable[len(exact_syllable.rstrip("".join(TONES))) :],
    )
    if not tones:
        return letters
    start = 2 if letters[:2] in ("qu", "gi") and len(letters) > 2 and letters[2] in VOWELS else 0
    places = [place for place in range(start, len(letters)) if letters[place] in VOWELS]
    if not places:
        return unicodedata.normalize("NFC", letters + tones)
    marked = [place for place in places if letters[place] in _MARKED]
    if marked:
        place = marked[-1]
    elif len(places) == 1 or (len(places) == 2 and places[-1] == len(letters) - 1):
        place = places[0]
    else:
        place = places[1] if len(places) > 2 or places[-1] < len(letters) - 1 else places[0]
    return unicodedata.normalize("NFC", letters[: place + 1] + tones + letters[place + 1 :])
