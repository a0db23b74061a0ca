"""The gazetteer: provinces, communes and the units of before July 2025, from the files in `data/`, loaded
once when first asked.

They are not tables: they are the same in every market, nobody edits them in the course of a day, and they
change by decree (a resolution of the National Assembly), which arrives as new files, a review and a release.
Records keep the official code as text, leading zeros included; a foreign key would only tie the database to
the release it was filled by.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from pathlib import Path

from marketplace.places.names import alphabetical, exact_key, fold

DATA = Path(__file__).with_name("data")


class Region(StrEnum):
    """The three postal regions, from north to south."""

    NORTH = "bac"
    CENTRE = "trung"
    SOUTH = "nam"


class Kind(StrEnum):
    """What a unit is called by law; the last four ended on 1 July 2025, or survive at province level."""

    PROVINCE = "tinh"
    CITY = "thanh_pho"
    COMMUNE = "xa"
    WARD = "phuong"
    SPECIAL_ZONE = "dac_khu"
    TOWN = "thi_tran"
    TOWNSHIP = "thi_xa"
    DISTRICT = "huyen"
    URBAN_DISTRICT = "quan"


KIND_NAMES = {
    Kind.PROVINCE: "Tỉnh",
    Kind.CITY: "Thành phố",
    Kind.COMMUNE: "Xã",
    Kind.WARD: "Phường",
    Kind.SPECIAL_ZONE: "Đặc khu",
    Kind.TOWN: "Thị trấn",
    Kind.TOWNSHIP: "Thị xã",
    Kind.DISTRICT: "Huyện",
    Kind.URBAN_DISTRICT: "Quận",
}
_ORDER = {Kind.WARD: 0, Kind.COMMUNE: 1, Kind.SPECIAL_ZONE: 2}


@dataclass(frozen=True, slots=True)
class Province:
    """A province or centrally-run city of the list of 34."""

    code: str
    name: str
    full_name: str
    kind: Kind
    region: Region
    postcode_prefixes: tuple[str, ...]
    merged_from: tuple[str, ...]
    full_name_2025: str
    changed_on: date | None
    changed_by: str

    def full_name_on(self, day: date) -> str:
        """Its official name on a day since July 2025: three provinces became cities in 2026."""
        if self.changed_on is not None and day < self.changed_on:
            return self.full_name_2025
        return self.full_name


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, ward or special zone of today. `name` is as people write it, "Xã Tân Cương"; `short_name` is
    "Tân Cương"."""

    code: str
    province: Province = field(repr=False)
    kind: Kind
    short_name: str
    name: str
    lat: float
    lon: float
    postcode: str | None
    exact: str = field(repr=False)
    folded: str = field(repr=False)

    @property
    def province_code(self) -> str:
        return self.province.code

    @property
    def is_special_zone(self) -> bool:
        return self.kind is Kind.SPECIAL_ZONE


@dataclass(frozen=True, slots=True, eq=False)
class OldDistrict:
    """A district that ended on 30 June 2025, in one of the 63 provinces. There is one object for each, so it
    is its own key."""

    name: str
    kind: Kind
    province_name: str
    province_code: str
    exact: str = field(repr=False)
    folded: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A commune, ward or town that ended on 30 June 2025 and what became of it, the default first.

    Five island districts had no communes: their one unit has no code and no name.
    """

    code: str | None
    name: str | None
    kind: Kind | None
    district: OldDistrict
    new_codes: tuple[str, ...]
    exact: str = field(repr=False)
    folded: str = field(repr=False)

    @property
    def was_split(self) -> bool:
        return len(self.new_codes) > 1

    @property
    def full_name(self) -> str:
        return ", ".join(
            part for part in (self.name, self.district.name, self.district.province_name) if part
        )


class Gazetteer:
    """All of it in memory. `gazetteer()` gives the only one; the old units are read when an old name is first
    met."""

    def __init__(self) -> None:
        self.provinces: dict[str, Province] = {}
        self.communes: dict[str, Commune] = {}
        self.communes_by_name: dict[str, list[Commune]] = defaultdict(list)
        for row in _rows("provinces.tsv"):
            self.provinces[row[0]] = _province(row)
        for row in _rows("communes.tsv"):
            commune = _commune(row, self.provinces[row[1]])
            self.communes[commune.code] = commune
            self.communes_by_name[commune.folded].append(commune)

    @cached_property
    def provinces_in_order(self) -> tuple[Province, ...]:
        return tuple(sorted(self.provinces.values(), key=lambda province: alphabetical(province.name)))

    @cached_property
    def communes_in_order(self) -> dict[str, tuple[Commune, ...]]:
        """By province: wards, then communes, then special zones, each in alphabetical order, as a person
        reads down a list."""
        found: dict[str, list[Commune]] = defaultdict(list)
        for commune in sorted(
            self.communes.values(), key=lambda one: (_ORDER[one.kind], *alphabetical(one.short_name))
        ):
            found[commune.province.code].append(commune)
        return {code: tuple(communes) for code, communes in found.items()}

    @cached_property
    def old(self) -> "OldNames":
        return OldNames(self)


class OldNames:
    """The three-tier list of before July 2025, found by name."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.units: list[OldUnit] = []
        self.units_by_name: dict[str, list[OldUnit]] = defaultdict(list)
        self.units_of: dict[OldDistrict, list[OldUnit]] = defaultdict(list)
        self.districts_by_name: dict[str, list[OldDistrict]] = defaultdict(list)
        self.origins: dict[str, set[OldDistrict]] = defaultdict(set)
        new_province = {
            old: province.code for province in gazetteer.provinces.values() for old in province.merged_from
        }
        district: OldDistrict | None = None
        for row in _rows("old_units.tsv"):
            if len(row) == 2:
                district = _old_district(row, new_province)
                self.districts_by_name[district.folded].append(district)
                continue
            assert district is not None
            unit = _old_unit(row, district)
            self.units.append(unit)
            self.units_of[district].append(unit)
            if unit.name:
                self.units_by_name[unit.folded].append(unit)
            for code in unit.new_codes:
                self.origins[code].add(district)


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    return Gazetteer()


def short_name(full_name: str) -> str:
    """ "Tân Cương" of "Xã Tân Cương": the name without what the unit is."""
    return _split(full_name)[1]


def _rows(filename: str) -> list[list[str]]:
    lines = (DATA / filename).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def _province(row: list[str]) -> Province:
    code, name, kind, full_name, region, prefixes, merged, full_name_2025, changed_on, changed_by = row
    return Province(
        code=code,
        name=name,
        full_name=full_name,
        kind=Kind(kind),
        region=Region(region),
        postcode_prefixes=tuple(prefixes.split(",")),
        merged_from=tuple(merged.split(",")),
        full_name_2025=full_name_2025,
        changed_on=date.fromisoformat(changed_on) if changed_on else None,
        changed_by=changed_by,
    )


def _commune(row: list[str], province: Province) -> Commune:
    code, _, kind_text, name, lat, lon, postcode = row
    kind = _KINDS[kind_text]
    exact = exact_key(name)
    return Commune(
        code=code,
        province=province,
        kind=kind,
        short_name=name,
        name=f"{KIND_NAMES[kind]} {name}",
        lat=float(lat),
        lon=float(lon),
        postcode=postcode or None,
        exact=exact,
        folded=fold(exact),
    )


def _old_district(row: list[str], new_province: dict[str, str]) -> OldDistrict:
    name, province_name = row
    kind, short = _split(name)
    exact = exact_key(short)
    return OldDistrict(name, kind, province_name, new_province[short_name(province_name)], exact, fold(exact))


def _old_unit(row: list[str], district: OldDistrict) -> OldUnit:
    code, name, new_codes = row
    if not name:
        return OldUnit(None, None, None, district, tuple(new_codes.split(",")), "", "")
    kind, exact, folded = _keys(name)
    return OldUnit(code, name, kind, district, tuple(new_codes.split(",")), exact, folded)


@cache
def _keys(full_name: str) -> tuple[Kind, str, str]:
    """Kept, since four thousand of the old units share their names with another."""
    kind, short = _split(full_name)
    exact = exact_key(short)
    return kind, exact, fold(exact)


def _split(full_name: str) -> tuple[Kind, str]:
    first, _, rest = full_name.partition(" ")
    kind = _FIRST_WORDS.get(first.casefold())
    if kind is None:
        second, _, rest = rest.partition(" ")
        kind = _FIRST_WORDS[f"{first} {second}".casefold()]
    return kind, rest


_KINDS = {kind.value: kind for kind in Kind}
_FIRST_WORDS = {label.casefold(): kind for kind, label in KIND_NAMES.items()}
