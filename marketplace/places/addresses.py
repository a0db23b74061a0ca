"""Reading an address as people write it, and writing one as the post wants it.

`parse` takes free text of today's two tiers ("Xã Tân Cương, Thái Nguyên") or of the three tiers before July
2025 ("xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau"), with or without accents, commas and abbreviations, and never
raises. It reads from the right, as an address is built: province, district, commune; what stands before them
is the street. Every way to read the end of the text becomes a `_Reading` with a score; the best ones give the
candidates. When several are left the person chooses.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from marketplace.places.gazetteer import (
    KIND_NAMES,
    Commune,
    Kind,
    OldDistrict,
    OldUnit,
    Province,
    gazetteer,
    short_name,
)
from marketplace.places.names import exact_key, fold, folded_key, has_marks

LONGEST_TEXT = 1_000
MOST_CANDIDATES = 30
_MOST_WORDS_AFTER = 10
_MOST_WORDS_BETWEEN = 6
_LONGEST_NAME = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """One commune of today that the text may mean. `converted_from` is the old unit the person wrote, if it
    was one."""

    commune: Commune
    street: str
    is_exact: bool
    is_default: bool = False
    converted_from: str | None = None

    @property
    def printed(self) -> str:
        return print_address(self.street, self.commune)


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """What was understood. `needs_choice`: the text alone does not settle which of the candidates is meant,
    so ask the person."""

    text: str
    candidates: tuple[Candidate, ...] = ()
    needs_choice: bool = False
    province: Province | None = None

    @property
    def default(self) -> Candidate | None:
        """The candidate to offer first: the only one, or the one most of a divided unit went to."""
        if len(self.candidates) == 1:
            return self.candidates[0]
        return next((candidate for candidate in self.candidates if candidate.is_default), None)


def print_address(street: str, commune: Commune, postcode: str | None = None) -> str:
    """The address as it stands on a parcel: "Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129".

    The postcode is the commune's unless the place has its own.
    """
    place = f"{commune.name}, {commune.province.name}"
    if postcode or commune.postcode:
        place = f"{place} {postcode or commune.postcode}"
    street = " ".join(street.split()).strip(" ,;")
    return f"{street}, {place}" if street else place


def parse(text: str) -> ParsedAddress:
    """Finds the communes a written address may mean. Old names are converted; a divided unit gives all its
    parts."""
    text = unicodedata.normalize("NFC", text)[-LONGEST_TEXT:]
    words, postcode = _words(text)
    marked = has_marks(text)
    readings = [
        reading
        for end in range(len(words), max(len(words) - _MOST_WORDS_AFTER, 0), -1)
        for reading in _readings(words, end, marked)
    ]
    if not readings:
        return ParsedAddress(text, province=_province_named_last(words))
    best = max(reading.score for reading in readings)
    kept = _undominated([reading for reading in readings if reading.score > best - 0.01])
    kept = _with_postcode(kept, postcode)
    candidates = _candidates(kept, words, text)
    provinces = {candidate.commune.province.code: candidate.commune.province for candidate in candidates}
    return ParsedAddress(
        text,
        candidates[:MOST_CANDIDATES],
        needs_choice=len(candidates) > 1
        or all(reading.is_guess or _leaves_a_commune(reading, words) for reading in kept),
        province=next(iter(provinces.values())) if len(provinces) == 1 else None,
    )


def province_named(text: str) -> Province | None:
    """The province that all of the text names, an old or short name too: "TP. HCM", "sài gòn", "tỉnh Bạc Liêu"."""
    words, _ = _words(text)
    hits = _provinces_ending(words, len(words))
    return next((hit.province for start, hit, _ in hits if hit is not None and start == 0), None)


def split_province(text: str) -> tuple[str, Province | None]:
    """Takes a province written last off a search text: "tân cương, thái nguyên" → ("tân cương", Thái
    Nguyên)."""
    words, _ = _words(text)
    for start, hit, _ in _provinces_ending(words, len(words)):
        if hit is not None and start > 0:
            return text[: words[start].start].strip(" ,;-"), hit.province
    return text, None


# --- words --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    exact: str
    folded: str
    opens: bool  # a comma, a semicolon or a new line stands before it
    may_open: bool  # … or a hyphen, a bracket


_WORD = re.compile(r"[tT]\s?\.\s?[pPxXtT](?![^\W_])|[^\W_]+(?:['’‘ʼ`´][^\W_]+)*")
_NUMBERED = re.compile(r"(p|ph|q|f|phuong|quan)(\d{1,2})")
_COUNTRY = {"viet nam", "vietnam", "vn"}


def _words(text: str) -> tuple[list[_Word], str | None]:
    words: list[_Word] = []
    reached = 0
    for found in _WORD.finditer(text):
        between = text[reached : found.start()]
        opens = not words or any(mark in between for mark in ",;\n\r|")
        may_open = opens or any(mark in between for mark in "-–—(/")
        reached = found.end()
        exact = exact_key(re.sub(r"[\s.]", "", found[0]))
        folded = fold(exact)
        numbered = _NUMBERED.fullmatch(folded)
        if numbered:
            words.append(_Word(found.start(), numbered[1], numbered[1], opens, may_open))
            exact = folded = numbered[2]
            opens = may_open = False
        if folded.isdigit() and len(folded) < 4:
            exact = folded = folded.lstrip("0") or "0"
        words.append(_Word(found.start(), exact, folded, opens, may_open))
    return _without_tail(words)


def _without_tail(words: list[_Word]) -> tuple[list[_Word], str | None]:
    """Takes the country and the postcode off the end."""
    postcode = None
    while words:
        if words[-1].folded in _COUNTRY:
            words = words[:-1]
        elif len(words) > 1 and f"{words[-2].folded} {words[-1].folded}" in _COUNTRY:
            words = words[:-2]
        elif len(words) > 1 and postcode is None and re.fullmatch(r"[0-9]{5,6}", words[-1].folded):
            postcode = words[-1].folded[:5]
            words = words[:-1]
        else:
            break
    return words, postcode


_PREFIXES = {
    "tinh": Kind.PROVINCE,
    "t": Kind.PROVINCE,
    "thanh pho": Kind.CITY,
    "tp": Kind.CITY,
    "thu do": Kind.CITY,
    "huyen dao": Kind.DISTRICT,
    "huyen": Kind.DISTRICT,
    "h": Kind.DISTRICT,
    "quan": Kind.URBAN_DISTRICT,
    "q": Kind.URBAN_DISTRICT,
    "thi xa": Kind.TOWNSHIP,
    "tx": Kind.TOWNSHIP,
    "phuong": Kind.WARD,
    "ph": Kind.WARD,
    "p": Kind.WARD,
    "f": Kind.WARD,
    "thi tran": Kind.TOWN,
    "tt": Kind.TOWN,
    "dac khu": Kind.SPECIAL_ZONE,
    "dak khu": Kind.SPECIAL_ZONE,  # the comparing keys write đắc and dac as đắk and dak
    "dk": Kind.SPECIAL_ZONE,
    "xa": Kind.COMMUNE,
    "x": Kind.COMMUNE,
}
# With accents or with none, but never with others: the end of "Kim Phượng" and of "Tràng Xá" says nothing of
# what follows.
_PREFIX_WORDS = {word for prefix in _PREFIXES for word in prefix.split()}
_PREFIX_WORDS |= {word for label in KIND_NAMES.values() for word in exact_key(label).split()} | {
    "thủ",
    "đô",
    "đảo",
}
_OF_PROVINCES = {Kind.PROVINCE, Kind.CITY}
_OF_DISTRICTS = {Kind.DISTRICT, Kind.URBAN_DISTRICT, Kind.TOWNSHIP, Kind.CITY}
_OF_COMMUNES = {Kind.WARD, Kind.COMMUNE, Kind.TOWN, Kind.SPECIAL_ZONE}
# A name right after one of these is a street or a hamlet: "đường Lê Lợi", "ấp Tân Châu".
_SMALL_PLACES = {
    "đường",
    "phố",
    "ngõ",
    "ngách",
    "hẻm",
    "kiệt",
    "số",
    "ấp",
    "thôn",
    "xóm",
    "khóm",
    "tổ",
    "bản",
    "buôn",
    "làng",
}
_SMALL_PLACES |= {"khu", "chợ", "cầu", "bến", "khu phố", "chung cư"}
# Without accents only those that are no common syllable of names: "lang" may end Văn Lăng.
_SMALL_PLACES |= {
    "duong",
    "pho",
    "ngo",
    "ngach",
    "hem",
    "kiet",
    "so",
    "ap",
    "thon",
    "xom",
    "khom",
    "khu pho",
    "chung cu",
}


@dataclass(frozen=True, slots=True)
class _Name:
    """A run of words that is a known name, with the word before it that says what it is ("huyện", "TP.")."""

    start: int
    first: int
    exact: str
    folded: str
    prefix: Kind | None
    after_small_place: bool
    after_number: bool
    opens: bool
    may_open: bool

    @property
    def is_number(self) -> bool:
        return self.folded.isdigit()

    @property
    def length(self) -> int:
        return self.folded.count(" ") + 1


def _names_ending(words: Sequence[_Word], end: int, is_known: Callable[[str], bool]) -> Iterator[_Name]:
    """Known names whose last word is just before `end`, the longest first. No name runs across a comma."""
    for first in range(max(end - _LONGEST_NAME, 0), end):
        run = words[first:end]
        if any(word.opens for word in run[1:]):
            continue
        folded = " ".join(word.folded for word in run)
        if not is_known(folded):
            continue
        prefix, start = _prefix_before(words, first)
        before = [word.exact for word in words[max(first - 2, 0) : first]] if not words[first].opens else []
        yield _Name(
            start=start,
            first=first,
            exact=" ".join(word.exact for word in run),
            folded=folded,
            prefix=prefix,
            after_small_place=prefix is None
            and not _SMALL_PLACES.isdisjoint((*before[-1:], " ".join(before))),
            after_number=prefix is None and _is_house_number(words, first),
            opens=words[start].opens,
            may_open=words[start].may_open,
        )


def _is_house_number(words: Sequence[_Word], first: int) -> bool:
    """Does the number of a house or a lane stand before this word: "36 Hàng Bạc", "ngõ 12 Láng Hạ"?"""
    number = first - 1
    if number < 0 or words[first].opens or not words[number].folded[0].isdigit():
        return False
    return words[number].opens or number == 0 or words[number - 1].exact in _SMALL_PLACES


def _prefix_before(words: Sequence[_Word], first: int) -> tuple[Kind | None, int]:
    for length in (2, 1):
        start = first - length
        if start >= 0 and not any(word.opens for word in words[start + 1 : first + 1]):
            kind = _PREFIXES.get(" ".join(word.folded for word in words[start:first]))
            if kind is not None and all(word.exact in _PREFIX_WORDS for word in words[start:first]):
                return kind, start
    return None, first


# --- readings -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the text: this commune, named from the word at `start`; `between` are words skipped
    after the name.

    `exactness` is 1 when the accents agree; `fit` is 2 when "xã" or "phường" agrees, 1 when nothing was said,
    0 when not. `kept_to` is where the street ends, when the name is a street's as well.
    """

    commune: Commune
    unit: OldUnit | None
    start: int
    between: tuple[int, int] | None
    score: float
    exactness: int
    fit: int
    is_guess: bool
    kept_to: int | None = None


@dataclass(frozen=True, slots=True)
class _ProvinceName:
    """A name of a province, of the 34 or of the 63; `old` says which of the 63 was meant."""

    province: Province
    old: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Around:
    """What is already read to the right of a commune's name."""

    province: _ProvinceName | None
    district: OldDistrict | None
    score: float
    marked: bool
    may_skip: bool

    @property
    def is_empty(self) -> bool:
        return self.province is None and self.district is None

    def settles(self, exactness: int, fit: int) -> bool:
        """Is a name that matches like this beyond doubt here? Missing accents count only where others are
        typed."""
        return fit > 0 and (exactness > 0 or not self.marked)


def _readings(words: Sequence[_Word], end: int, marked: bool) -> Iterator[_Reading]:
    dropped = len(words) - end
    provinces = list(_provinces_ending(words, end))
    for province_start, province, province_score in provinces:
        if dropped and province is None:
            continue
        for district_start, district, district_score in _districts_ending(words, province_start, province):
            score = province_score + district_score - 0.4 * dropped
            # A province that was written is not skipped over to look for the commune elsewhere.
            may_skip = province is not None or district is not None or len(provinces) == 1
            around = _Around(province, district, score, marked, may_skip)
            if district_start > 0:
                yield from _commune_readings(words, district_start, around)
            if district is not None and (province is not None or district.folded not in _province_names()):
                yield from _whole_district(district, district_start, score)


def _provinces_ending(words: Sequence[_Word], end: int) -> Iterator[tuple[int, _ProvinceName | None, float]]:
    """The provinces that may be written just before `end`, and that none is."""
    known = _province_names()
    for name in _names_ending(words, end, known.__contains__):
        if name.after_small_place:
            continue
        hit = known[name.folded]
        if name.prefix is not None and name.prefix not in _OF_PROVINCES:
            yield name.first, hit, 2.0  # "xa bach xa tuyen quang": the word before it belongs to another name
            continue
        score = 3.0
        if name.prefix is Kind.CITY and not (hit.is_current and hit.province.kind is Kind.CITY):
            score = 1.0  # "TP. Cà Mau" is the city inside the province
        elif name.prefix is not None:
            score = 3.5
        yield name.start, hit, score
        # "TP. Hà Nội, Hà Nội": the province written twice
        for again in _names_ending(words, name.start, known.__contains__):
            if known[again.folded].province is hit.province and again.prefix in _OF_PROVINCES:
                yield again.start, hit, score
    yield end, None, 0.0


def _districts_ending(
    words: Sequence[_Word], end: int, province: _ProvinceName | None
) -> Iterator[tuple[int, OldDistrict | None, float]]:
    """The old districts that may be written just before `end`, and that none is."""
    known = gazetteer().old.districts_by_name
    for name in _names_ending(words, end, lambda folded: folded in known or folded in _MERGED_DISTRICTS):
        if name.after_small_place or name.prefix not in {None, *_OF_DISTRICTS}:
            continue
        if name.is_number and name.prefix is None:
            continue
        for district in known.get(name.folded) or known[_MERGED_DISTRICTS[name.folded]]:
            if province is not None and not _lies_in(district, province):
                continue
            score = 3.0
            if name.prefix is not None:
                score += 1.0 if name.prefix is district.kind else -1.0
            if name.exact == district.exact:
                score += 0.25
            yield name.start, district, score
    yield end, None, 0.0


def _lies_in(district: OldDistrict, province: _ProvinceName) -> bool:
    if province.is_current:
        return district.province_code == province.province.code
    return short_name(district.province_name) == province.old


def _commune_readings(words: Sequence[_Word], end: int, around: _Around) -> Iterator[_Reading]:
    """Communes named just before `end`; failing that a little further left, if the text says "xã" or "phường"
    there."""
    communes = gazetteer().communes_by_name
    old_units = gazetteer().old.units_by_name
    most_between = _MOST_WORDS_BETWEEN if around.may_skip else 1
    for last in range(end, max(end - most_between, 0), -1):
        found: list[_Reading] = []
        for name in _names_ending(words, last, lambda folded: folded in communes or folded in old_units):
            if last < end and name.prefix not in _OF_COMMUNES:
                continue
            found += _readings_of_name(name, around, (last, end) if last < end else None)
        if found:
            yield from found
            return


def _readings_of_name(name: _Name, around: _Around, between: tuple[int, int] | None) -> list[_Reading]:
    """What the name may mean here: communes of today, units of before, and which of the two comes first."""
    if name.after_small_place or (name.prefix is None and not _may_stand_bare(name, around)):
        return []
    is_of_communes = name.prefix is None or name.prefix in _OF_COMMUNES
    today = [
        _reading(name, commune, None, around, between)
        for commune in _communes_named(name, around)
        if is_of_communes or commune.is_special_zone
    ]
    certain = [one for one in today if around.settles(one.exactness, one.fit)]
    if certain and around.district is None:
        return certain
    before = [
        _reading(name, gazetteer().communes[code], unit, around, between)
        for unit in _units_named(name, around)
        for code in unit.new_codes
        if is_of_communes
    ]
    if around.district is not None and any(around.settles(one.exactness, one.fit) for one in before):
        return before
    return before + today


def _communes_named(name: _Name, around: _Around) -> list[Commune]:
    found = gazetteer().communes_by_name.get(name.folded, [])
    origins = gazetteer().old.origins
    if around.district is not None:
        return [commune for commune in found if around.district in origins[commune.code]]
    province = around.province
    if province is None:
        return found
    found = [commune for commune in found if commune.province is province.province]
    if province.is_current:
        return found
    from_there = [one for one in found if any(_lies_in(origin, province) for origin in origins[one.code])]
    return from_there or found


def _units_named(name: _Name, around: _Around) -> list[OldUnit]:
    found = gazetteer().old.units_by_name.get(name.folded, [])
    if around.district is not None:
        return [unit for unit in found if unit.district is around.district]
    province = around.province
    if province is None:
        return found
    return [unit for unit in found if _lies_in(unit.district, province)]


def _reading(
    name: _Name, commune: Commune, unit: OldUnit | None, around: _Around, between: tuple[int, int] | None
) -> _Reading:
    kind = unit.kind if unit is not None else commune.kind
    if name.prefix is None:
        fit = 1
    elif name.prefix is kind or (unit is None and commune.is_special_zone and name.prefix in _OF_DISTRICTS):
        fit = 2
    else:
        fit = 0
    exactness = int(around.marked and name.exact == (unit.exact if unit is not None else commune.exact))
    score = around.score + 0.1 * name.length + (-1.0, 0.0, 2.0)[fit]
    if between is not None:
        score -= 1.5
    if unit is None and around.district is None and around.settles(exactness, fit):
        score += 1.0  # today's own name, rightly written, comes before any older meaning
    if fit == 1 and not name.opens:
        score -= 0.2 if name.may_open else 0.5
    kept_to = name.first + name.length if name.after_number else None
    return _Reading(
        commune, unit, name.start, between, score, exactness, fit, _is_guess(name, around), kept_to
    )


def _may_stand_bare(name: _Name, around: _Around) -> bool:
    """Without "xã" or "phường" before it: no number, and with nothing around it no street and no province."""
    if name.is_number:
        return False
    return not around.is_empty or (name.may_open and name.folded not in _province_names())


def _is_guess(name: _Name, around: _Around) -> bool:
    """A bare name with nothing around it, or in the middle of a phrase, may well be a street."""
    if name.prefix is not None:
        return around.is_empty and name.is_number
    return not name.may_open or around.is_empty


def _whole_district(district: OldDistrict, start: int, score: float) -> Iterator[_Reading]:
    """A district without its commune: an island that had none, else all it became, for the person to choose
    from."""
    communes = gazetteer().communes
    units = gazetteer().old.units_of[district]
    if units[0].name is None:
        yield _Reading(communes[units[0].new_codes[0]], units[0], start, None, score, 1, 2, is_guess=False)
        return
    for code in dict.fromkeys(code for unit in units for code in unit.new_codes):
        yield _Reading(communes[code], None, start, None, score - 4.0, 0, 1, is_guess=True)


# --- from readings to candidates ----------------------------------------------------------------------------


def _undominated(readings: list[_Reading]) -> list[_Reading]:
    """Drops a reading when another is as good in accents and in kind, and better in one of them."""
    return [
        one
        for one in readings
        if not any(
            other.exactness >= one.exactness
            and other.fit >= one.fit
            and (other.exactness, other.fit) != (one.exactness, one.fit)
            for other in readings
        )
    ]


def _with_postcode(readings: list[_Reading], postcode: str | None) -> list[_Reading]:
    """A postcode names one commune: it settles a choice that the names left open."""
    if postcode is None:
        return readings
    return [reading for reading in readings if reading.commune.postcode == postcode] or readings


def _candidates(readings: list[_Reading], words: Sequence[_Word], text: str) -> tuple[Candidate, ...]:
    found: dict[str, Candidate] = {}
    units = {reading.unit for reading in readings}
    only_unit = next(iter(units)) if len(units) == 1 else None
    for reading in sorted(readings, key=lambda one: one.start):
        commune = reading.commune
        if commune.code not in found:
            found[commune.code] = Candidate(
                commune=commune,
                street=_street(reading, words, text),
                is_exact=bool(reading.exactness),
                is_default=only_unit is not None and commune.code == only_unit.new_codes[0],
                converted_from=reading.unit.full_name if reading.unit is not None else None,
            )
    return tuple(
        sorted(
            found.values(),
            key=lambda one: (not one.is_default, not one.is_exact, one.commune.name, one.commune.code),
        )
    )


def _street(reading: _Reading, words: Sequence[_Word], text: str) -> str:
    parts = [_text_of(text, words, 0, reading.kept_to or reading.start)]
    if reading.between is not None:
        parts += [
            _text_of(text, words, first, last)
            for first, last in _segments(words, *reading.between)
            if not _is_around(words[first:last], reading.commune)
        ]
    cleaned = (" ".join(part.split()).strip(" ,;-–—|(/") for part in parts)
    return ", ".join(part for part in cleaned if part)


def _text_of(text: str, words: Sequence[_Word], first: int, last: int) -> str:
    begin = words[first].start if first else 0
    return text[begin : words[last].start] if last < len(words) else text[begin:]


def _segments(words: Sequence[_Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    """What stands between commas."""
    begin = first
    for place in range(first + 1, last):
        if words[place].opens:
            yield begin, place
            begin = place
    yield begin, last


def _is_around(words: Sequence[_Word], commune: Commune) -> bool:
    """Do these words only say again in which district or province the commune lies, by its initials too: "H. Đại Từ",
    "TN", "h.TVT"?"""
    said = [word.folded for word in words]
    while len(said) > 1 and said[0] in _PREFIXES:
        said = said[1:]
    return "".join(said) in _squeezed_around(commune)


@lru_cache(maxsize=512)
def _squeezed_around(commune: Commune) -> frozenset[str]:
    names = {folded_key(old) for old in commune.province.merged_from}
    names |= {district.folded for district in gazetteer().old.origins[commune.code]}
    initials = {"".join(word[0] for word in name.split()) for name in names if " " in name}
    squeezed = {name.replace(" ", "") for name in names} | initials
    return frozenset(squeezed | {f"{kind}{short}" for kind in ("tp", "tx", "tt") for short in initials})


def _leaves_a_commune(reading: _Reading, words: Sequence[_Word]) -> bool:
    """Was a bare name read as the commune although another one, said to be a commune, stands before it? Then the bare
    name may be its district: "xã Yên Đĩnh, Chợ Mới"."""
    if reading.fit == 2:
        return False
    starts = [place for place in range(reading.start) if words[place].opens]
    return any(_PREFIXES.get(words[place].folded) in _OF_COMMUNES for place in starts)


def _province_named_last(words: Sequence[_Word]) -> Province | None:
    return next((hit.province for _, hit, _ in _provinces_ending(words, len(words)) if hit is not None), None)


# --- names people use for provinces -------------------------------------------------------------------------

_OTHER_PROVINCE_NAMES = {
    "hcm": "Hồ Chí Minh",
    "tphcm": "Hồ Chí Minh",
    "sài gòn": "Hồ Chí Minh",
    "sg": "Hồ Chí Minh",
    "hn": "Hà Nội",
    "đắc lắc": "Đắk Lắk",
    "đắk lắc": "Đắk Lắk",
    "đắc nông": "Đắk Nông",
    "bắc cạn": "Bắc Kạn",
    "thừa thiên huế": "Huế",
    "thừa thiên": "Huế",
    "tt huế": "Huế",
    "brvt": "Bà Rịa - Vũng Tàu",
    "bà rịa": "Bà Rịa - Vũng Tàu",
    "vũng tàu": "Bà Rịa - Vũng Tàu",
    "công tum": "Kon Tum",
}
# Districts that were merged into others shortly before 2025 and are still on people's envelopes.
_MERGED_DISTRICTS = {"2": "thu duc", "9": "thu duc"}  # Thành phố Hồ Chí Minh, 2021


@lru_cache(maxsize=1)
def _province_names() -> dict[str, _ProvinceName]:
    by_old_name: dict[str, _ProvinceName] = {}
    for province in gazetteer().provinces.values():
        for old in province.merged_from:
            by_old_name[old] = _ProvinceName(province, old, is_current=old == province.name)
    names = {folded_key(old): hit for old, hit in by_old_name.items()}
    names |= {folded_key(other): by_old_name[old] for other, old in _OTHER_PROVINCE_NAMES.items()}
    squeezed = {key.replace(" ", ""): hit for key, hit in names.items()}
    return squeezed | names
