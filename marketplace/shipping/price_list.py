"""A price list of carriage as a file: read, checked and compared before anything stands on it.

JSON is the whole list, shaped like data/tariff.json. CSV and XLSX are the main fees alone (`fee_sheet`), laid over the
list in force.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from marketplace.catalog.models import Handling
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _
from marketplace.places.queries import Zone
from marketplace.shipping import fee_sheet
from marketplace.shipping.fees import name_of

LONGEST_FILE = 1_000_000
MOST_DONG = fee_sheet.MOST_DONG
COLUMNS = fee_sheet.COLUMNS

Table = dict[str, Any]


class _Part(BaseModel):
    """What is not named here (a note, a carrier's own code) is kept as it is."""

    model_config = ConfigDict(extra="allow")


class _Barred(_Part):
    handling: Handling
    zones: list[Zone] | None = None


class _Service(_Part):
    code: str = Field(pattern=r"^[A-Z0-9_]{2,32}$")
    vi: str = Field(min_length=1, max_length=120)
    max_grams: int = Field(default=30_000, ge=1, le=1_000_000)
    max_side_mm: int = Field(default=1_500, ge=100, le=20_000)
    cannot_carry: list[_Barred] = Field(default_factory=list)
    number_prefix: str = Field(pattern=r"^[A-Z]{2}$")
    table: dict[Zone, dict[str, StrictInt]] = Field(min_length=1)
    sla_days: dict[Zone, tuple[int, int]]

    @field_validator("table")
    @classmethod
    def _steps_rise(cls, zones: dict[Zone, dict[str, int]]) -> dict[Zone, dict[str, int]]:
        for zone, steps in zones.items():
            limits = sorted(int(limit) for limit in steps if limit.isdigit())
            if not limits:
                raise ValueError(str(_("%(zone)s: chưa có nấc cân nào", zone=zone)))
            if set(steps) != {*map(str, limits), "step", "step_fee"}:
                raise ValueError(str(_("%(zone)s: chỉ gồm các nấc cân, step và step_fee", zone=zone)))
            fees = [steps[str(limit)] for limit in limits]
            if fees != sorted(fees) or not all(0 <= fee <= MOST_DONG for fee in (*fees, steps["step_fee"])):
                raise ValueError(
                    str(_("%(zone)s: kiện nặng hơn không được rẻ hơn, cước không âm", zone=zone))
                )
            if steps["step"] < 1:
                raise ValueError(str(_("%(zone)s: step ít nhất 1 g", zone=zone)))
        return zones

    @model_validator(mode="after")
    def _days_for_every_zone(self) -> "_Service":
        for zone in self.table:
            first, last = self.sla_days.get(zone, (-1, -1))
            if not 0 <= first <= last <= 60:
                raise ValueError(str(_("%(zone)s: sla_days thiếu hoặc sai", zone=zone)))
        return self


class _Surcharge(_Part):
    code: str
    vi: str
    type: str = Field(pattern=r"^(percent_of_main|flat)$")
    value: float = Field(ge=0, le=MOST_DONG)

    @model_validator(mode="after")
    def _fits(self) -> "_Surcharge":
        if self.type == "percent_of_main" and self.value > 200:
            raise ValueError(str(_("không quá 200 %% cước chính")))
        if self.type == "flat" and self.value != int(self.value):
            raise ValueError(str(_("phụ phí cố định phải là số đồng nguyên")))
        return self


class _Tier(_Part):
    up_to: StrictInt = Field(ge=1)
    fee: StrictInt | None = Field(default=None, ge=0)
    percent: float | None = Field(default=None, ge=0, le=100)
    min: StrictInt | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_way(self) -> "_Tier":
        if (self.fee is None) == (self.percent is None) or (self.percent is not None and self.min is None):
            raise ValueError(str(_("hoặc fee, hoặc percent kèm min")))
        return self


class _Cod(_Part):
    code: str
    percent: float | None = Field(default=None, ge=0, le=100)
    min: StrictInt | None = Field(default=None, ge=0, le=MOST_DONG)
    from_dong: StrictInt | None = Field(default=None, ge=0)
    tiers: list[_Tier] = Field(default_factory=list)

    @field_validator("tiers")
    @classmethod
    def _tiers_rise(cls, tiers: list[_Tier]) -> list[_Tier]:
        limits = [tier.up_to for tier in tiers]
        if limits != sorted(set(limits)):
            raise ValueError(str(_("các bậc phải tăng dần")))
        return tiers


class _Vat(_Part):
    rate: float = Field(ge=0, le=0.3)
    valid_to: date
    after: float = Field(ge=0, le=0.3)


class _ChargeableWeight(_Part):
    divisor: StrictInt = Field(ge=1000, le=20_000)


class _PriceList(_Part):
    chargeable_weight: _ChargeableWeight
    services: list[_Service] = Field(min_length=1, max_length=40)
    surcharges: list[_Surcharge]
    addons: list[_Cod]
    vat: _Vat

    @model_validator(mode="after")
    def _whole(self) -> "_PriceList":
        codes = [service.code for service in self.services]
        if len(set(codes)) != len(codes):
            raise ValueError(str(_("một dịch vụ đứng hai lần")))
        kinds = {surcharge.code: surcharge.type for surcharge in self.surcharges}
        wanted = {"fuel": "percent_of_main", "remote": "percent_of_main", "cold": "flat"}
        if any(kinds.get(code) != kind for code, kind in wanted.items()):
            raise ValueError(str(_("cần các phụ phí fuel, remote (percent_of_main) và cold (flat)")))
        for addon in self.addons:
            if (
                addon.code == "DECLARED"
                and addon.from_dong is not None
                and None in (addon.percent, addon.min)
            ):
                raise ValueError(str(_("khai giá cần percent và min")))
        if not any(addon.code == "COD" and addon.tiers for addon in self.addons):
            raise ValueError(str(_("cần phần COD với các bậc của nó")))
        return self


def check(table: Mapping[str, Any]) -> None:
    """Is this a whole price list that quotes can stand on? Raises Refusal naming the first place that is wrong."""
    try:
        _PriceList.model_validate(table)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refusal(
            _(
                "Biểu cước chưa đúng ở “%(place)s” (%(why)s). Hãy sửa tệp rồi gửi lại.",
                place=place or "tệp",
                why=_why(first),
            ),
            "file",
        ) from None


def _why(wrong: Any) -> Text | str:
    """What pydantic found, in the reader's words."""
    if wrong["type"] == "value_error":
        return str(wrong["msg"]).removeprefix("Value error, ")
    facts = wrong.get("ctx", {})
    if wrong["type"] in ("greater_than_equal", "less_than_equal"):
        bound = facts.get("ge", facts.get("le"))
        return (
            _("không được dưới %(bound)s", bound=bound)
            if "ge" in facts
            else _("không được quá %(bound)s", bound=bound)
        )
    return _WHY.get(wrong["type"].partition("_")[0], _("chưa đúng"))


_WHY: Mapping[str, Text] = {
    "missing": _("còn thiếu"),
    "int": _("phải là số nguyên"),
    "float": _("phải là số"),
    "enum": _("không có trong các lựa chọn"),
    "string": _("chữ chưa đúng dạng"),
    "date": _("ngày chưa đúng"),
    "dict": _("sai dạng"),
    "list": _("sai dạng"),
    "model": _("sai dạng"),
    "tuple": _("sai dạng"),
}
"""By the first word of pydantic's kind of error."""


def read(data: bytes, now: Mapping[str, Any] | None) -> Table:
    """The price list a file holds, checked; `now` is the list in force, which a CSV of main fees is laid over."""
    if len(data) > LONGEST_FILE:
        raise Refusal(_("Tệp quá lớn: biểu cước tối đa 1 MB."), "file")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        table = _from_json(data)
    else:
        is_book = data.startswith(b"PK")
        table = fee_sheet.laid_over(now, data, "tariff.xlsx" if is_book else "tariff.csv")
    check(table)
    return table


def _from_json(data: bytes) -> Table:
    try:
        table = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refusal(_("Không đọc được tệp JSON này. Hãy kiểm tra dấu phẩy và ngoặc."), "file") from None
    assert isinstance(table, dict)
    return table


def with_surcharges(
    now: Mapping[str, Any], *, fuel_percent: float, remote_percent: float, cold_dong: int
) -> Table:
    """The same list with other surcharges: fuel and remote in percent of the main fee, cold in đồng a parcel."""
    table: Table = copy.deepcopy(dict(now))
    values: dict[str, float | int] = {"fuel": fuel_percent, "remote": remote_percent, "cold": cold_dong}
    for surcharge in table["surcharges"]:
        if surcharge["code"] in values:
            surcharge["value"] = values[surcharge["code"]]
    check(table)
    return table


@dataclass(frozen=True)
class Change:
    """One figure that would be different: where it stands, what it is now, what it would be (none: not there)."""

    where: Text | str
    now: int | float | None
    then: int | float | None
    is_dong: bool = True


def changes(now: Mapping[str, Any] | None, then: Mapping[str, Any]) -> list[Change]:
    """Every figure of two lists that differs, in the order of the list."""
    before = dict(_figures(now)) if now is not None else {}
    after = dict(_figures(then))
    return [
        Change(
            _said(place, now, then), before.get(place), after.get(place), place[0] not in ("percent", "days")
        )
        for place in [*after, *(place for place in before if place not in after)]
        if before.get(place) != after.get(place)
    ]


Place = tuple[str, ...]


def _figures(table: Mapping[str, Any]) -> Iterator[tuple[Place, int | float]]:
    for service in table["services"]:
        for zone, steps in service["table"].items():
            for step, fee in sorted(
                steps.items(), key=lambda item: (not item[0].isdigit(), item[0].zfill(9))
            ):
                yield ("fee" if step != "step" else "days", service["code"], zone, step), fee
            for end, days in zip(("min", "max"), service["sla_days"].get(zone, ()), strict=False):
                yield ("days", service["code"], zone, end), days
    for surcharge in table["surcharges"]:
        kind = "fee" if surcharge["type"] == "flat" else "percent"
        yield (kind, "surcharge", surcharge["code"]), surcharge["value"]
    for addon in table["addons"]:
        for tier in addon.get("tiers", ()):
            for name in ("fee", "percent", "min"):
                if tier.get(name) is not None:
                    kind = "percent" if name == "percent" else "fee"
                    yield (kind, "addon", addon["code"], str(tier["up_to"]), name), tier[name]
        for name in ("percent", "min", "from_dong"):
            if addon.get(name) is not None:
                yield ("percent" if name == "percent" else "fee", "plain", addon["code"], name), addon[name]
    for name in ("rate", "after"):
        yield ("percent", "vat", name), round(table["vat"][name] * 100, 2)


def _said(place: Place, now: Mapping[str, Any] | None, then: Mapping[str, Any]) -> Text | str:
    """Where a figure stands, in words."""
    _kind, first, *rest = place
    if first == "vat":
        return _("Thuế GTGT hiện nay") if rest[0] == "rate" else _("Thuế GTGT về sau")
    if first == "surcharge":
        return _name("surcharges", rest[0], now, then)
    if first == "plain":
        return f"{_name('addons', rest[0], now, then)} · {rest[1]}"
    if first == "addon":
        return f"{_name('addons', rest[0], now, then)} ≤ {int(rest[1]):,} · {rest[2]}".replace(",", ".")
    zone, step = rest
    name = _name("services", first, now, then)
    ends = {
        "step": _("bước cân thêm"),
        "step_fee": _("mỗi bước thêm"),
        "min": _("ngày, ít nhất"),
        "max": _("ngày, nhiều nhất"),
    }
    step_words = str(ends.get(step) or f"≤ {int(step):,} g".replace(",", "."))
    return f"{name} · {ZONE_WORDS[Zone(zone)]} · {step_words}"


def _name(part: str, code: str, *tables: Mapping[str, Any] | None) -> str:
    for table in tables:
        for row in table[part] if table is not None else ():
            if row["code"] == code:
                return name_of(row)
    return code


ZONE_WORDS: dict[Zone, Text] = {
    Zone.SAME_PROVINCE: _("Nội tỉnh"),
    Zone.SAME_REGION: _("Nội vùng"),
    Zone.NEXT_REGION: _("Cận vùng"),
    Zone.FAR: _("Cách vùng"),
}


@dataclass(frozen=True)
class Sheet:
    """The main fees of one service as a page shows them: a row per weight step, a column per zone."""

    name: str
    code: str
    zones: list[Zone]
    rows: list[tuple[int, list[int | None]]]
    more: list[tuple[int, int] | None]
    """Per zone: every so many grams above the last step, so much more."""
    days: list[tuple[int, int]]


def sheets(table: Mapping[str, Any]) -> list[Sheet]:
    """Every service of a price list, ready to be read."""
    found = []
    for service in table["services"]:
        zones = [zone for zone in Zone if zone.value in service["table"]]
        per_zone = [service["table"][zone.value] for zone in zones]
        limits = sorted({int(step) for steps in per_zone for step in steps if step.isdigit()})
        found.append(
            Sheet(
                name_of(service),
                service["code"],
                zones,
                [(limit, [steps.get(str(limit)) for steps in per_zone]) for limit in limits],
                [(steps["step"], steps["step_fee"]) if "step" in steps else None for steps in per_zone],
                [tuple(service["sla_days"][zone.value]) for zone in zones],
            )
        )
    return found
