"""How place names are compared.

Two keys for every name. `exact_key` keeps the diacritics and forgets what is only a matter of style: letter
case, Hòa or Hoà, Mỹ or Mĩ, Đắk or Đắc, an apostrophe, a hyphen. `folded_key` forgets the diacritics too, for
people who type without them. Văn Lang and Văn Lăng share a folded key inside one province, so a folded match
alone never decides between them.
"""

import re
import unicodedata

_FAMILIES = {
    "a": "aàáảãạăằắẳẵặâầấẩẫậ",
    "d": "dđ",
    "e": "eèéẻẽẹêềếểễệ",
    "i": "iìíỉĩị",
    "o": "oòóỏõọôồốổỗộơờớởỡợ",
    "u": "uùúủũụưừứửữự",
    "y": "yỳýỷỹỵ",
}
_PLAIN = str.maketrans({letter: plain for plain, family in _FAMILIES.items() for letter in family})
_STYLE = str.maketrans({"-": " ", "–": " ", "—": " ", **dict.fromkeys("'’‘ʼ`´")})
_ALPHABET = {letter: place for place, letter in enumerate("0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

_Y, _I = _FAMILIES["y"], _FAMILIES["i"]
_LAST_Y = re.compile(rf"(?:(?<=[bcdđghklmnpqrstvx])|(?<=\bqu))[{_Y}](?!\w)")
_Y_TO_I = dict(zip(_Y, _I, strict=True))
_TONE_ON_FIRST = {
    f"{first}{vowel}": f"{marked}{plain}"
    for first, plain, vowels, marks in (
        ("o", "a", "àáảãạ", "òóỏõọ"),
        ("o", "e", "èéẻẽẹ", "òóỏõọ"),
        ("u", "y", "ỳýỷỹỵ", "ùúủũụ"),
    )
    for vowel, marked in zip(vowels, marks, strict=True)
}
_TONE_PAIR = re.compile("|".join(_TONE_ON_FIRST))
_DAC = re.compile(r"\b([đd][ắa])c\b")


def exact_key(name: str) -> str:
    """The name with its diacritics, one style of writing."""
    key = unicodedata.normalize("NFC", name).casefold().translate(_STYLE)
    key = _LAST_Y.sub(_as_i, key)
    key = _TONE_PAIR.sub(_as_old_style, key)
    if "ắc" in key or "ac" in key:
        key = _DAC.sub(r"\1k", key)
    return " ".join(key.split())


def _as_i(found: re.Match[str]) -> str:
    return _Y_TO_I[found[0]]


def _as_old_style(found: re.Match[str]) -> str:
    return _TONE_ON_FIRST[found[0]]


def folded_key(name: str) -> str:
    """The name without diacritics; đ becomes d by hand, since Unicode does not take it apart."""
    return fold(exact_key(name))


def fold(key: str) -> str:
    """An exact key without its diacritics."""
    folded = key.translate(_PLAIN)
    if folded.isascii():
        return folded
    parts = unicodedata.normalize("NFD", folded)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def has_marks(text: str) -> bool:
    """Whether somebody typed Vietnamese letters here, so that missing marks mean something."""
    return any(letter in _MARKED for letter in unicodedata.normalize("NFC", text).casefold())


def alphabetical(name: str) -> tuple[list[int], list[int]]:
    """Sort key of the Vietnamese alphabet: a ă â b c d đ …, tones after the letters."""
    places: list[int] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", name).casefold():
        parts = unicodedata.normalize("NFD", letter)
        tone = next((_TONES[mark] for mark in parts if mark in _TONES), 0)
        bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        places.append(_ALPHABET.get(bare, -1))
        tones.append(tone)
    return places, tones


_MARKED = frozenset("".join(_FAMILIES.values())) - frozenset(_FAMILIES)
