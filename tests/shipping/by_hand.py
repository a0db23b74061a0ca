"""The tariff's arithmetic once more, by another hand: from data/tariff.json alone, in fractions, sharing nothing with the
market. It writes golden_quotes.csv (`python -m tests.shipping.by_hand`), where every sum stands written out.

A half is rounded up; every component by itself; the whole is the sum of the rounded components.
"""

import csv
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE / "golden_quotes.csv"
TABLE = json.loads((HERE.parents[1] / "marketplace/shipping/data/tariff.json").read_text("utf-8"))

# Commune, province: Tân Cương (Thái Nguyên), Tích Lương, Cầu Giấy (Hà Nội), Hải Vân (Đà Nẵng), Năm Căn (Cà Mau),
# and islands: Côn Đảo (TP.HCM), Bạch Long Vĩ (Hải Phòng), Lý Sơn (Quảng Ngãi).
FROM = ("05503", "19")
TO = {
    "noi_tinh": ("05500", "19", False),
    "noi_vung": ("00166", "01", False),
    "can_vung": ("20194", "48", False),
    "cach_vung": ("32191", "96", False),
    "dao_cach_vung": ("26732", "79", True),
    "dao_noi_vung": ("11948", "31", True),
    "dao_can_vung": ("21548", "51", True),
}
COLUMNS = (
    "no", "service", "to", "province", "zone", "is_remote", "parcels", "is_cold", "value", "day", "main", "fuel", "remote",
    "cold", "declared", "vat", "fee", "cod", "cod_vat", "arithmetic",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`parcels` is `grams@length×width×height` in millimetres, several with `+`."""

    service: str
    where: str
    parcels: str
    is_cold: bool = False
    value: int = 100_000
    day: str = "2026-12-31"


def half_up(exact: Fraction) -> int:
    whole = exact.numerator // exact.denominator
    return whole + (exact - whole >= Fraction(1, 2))


def fraction(written: float) -> Fraction:
    return Fraction(str(written))


def zone_of(where: str) -> str:
    return where.removeprefix("dao_")


def reckon(case: Case) -> dict[str, object]:
    service = next(row for row in TABLE["services"] if row["code"] == case.service)
    steps = service["table"][zone_of(case.where)]
    rates = {row["code"]: fraction(row["value"]) for row in TABLE["surcharges"]}
    said: list[str] = []
    main = 0
    boxes = case.parcels.split("+")
    for box in boxes:
        grams, weighs = _pays_for(box)
        fee, how = _main(steps, weighs)
        main += fee
        said.append(f"{grams}; {how}")
    commune, province, is_remote = TO[case.where]
    fuel = half_up(main * rates["fuel"] / 100)
    remote = half_up(main * rates["remote"] / 100) if is_remote else 0
    cold = int(rates["cold"]) * len(boxes) if case.is_cold else 0
    declared = _declared(case.value)
    vat_rate = fraction(TABLE["vat"]["rate" if case.day <= TABLE["vat"]["valid_to"] else "after"])
    before = main + fuel + remote + cold + declared
    vat = half_up(before * vat_rate)
    fee = before + vat
    cod = _cod(case.value + fee)
    cod_vat = None if cod is None else half_up(cod * vat_rate)
    said.append(f"xăng dầu {main}×{_say(rates['fuel'])}%={fuel}")
    if is_remote:
        said.append(f"vùng xa {main}×{_say(rates['remote'])}%={remote}")
    if cold:
        said.append(f"lạnh {len(boxes)}×{int(rates['cold'])}={cold}")
    if declared:
        said.append(f"khai giá {case.value}×0.5%, ít nhất 5000 → {declared}")
    said.append(f"GTGT {before}×{_say(vat_rate * 100)}%={_say(before * vat_rate)} → {vat}")
    said.append(f"cộng {before}+{vat}={fee}")
    said.append(
        f"thu hộ {case.value}+{fee}={case.value + fee} → {cod} + GTGT {cod_vat}"
        if cod is not None
        else f"thu hộ {case.value + fee}: trên mức 50000000, không nhận"
    )
    return {
        "service": case.service, "to": commune, "province": province, "zone": zone_of(case.where),
        "is_remote": int(is_remote), "parcels": case.parcels, "is_cold": int(case.is_cold), "value": case.value,
        "day": case.day, "main": main, "fuel": fuel, "remote": remote, "cold": cold, "declared": declared, "vat": vat,
        "fee": fee, "cod": "" if cod is None else cod, "cod_vat": "" if cod_vat is None else cod_vat,
        "arithmetic": " | ".join(said),
    }  # fmt: skip


def _pays_for(box: str) -> tuple[str, int]:
    actual, _at, sides = box.partition("@")
    length, width, height = (Fraction(side) / 10 for side in sides.split("×"))
    by_volume = length * width * height * 1000 / TABLE["chargeable_weight"]["divisor"]
    rounded_up = -(-by_volume.numerator // by_volume.denominator)
    weighs = max(int(actual), rounded_up)
    return f"{actual} g, thể tích {rounded_up} g → {weighs} g", weighs


def _main(steps: dict[str, int], grams: int) -> tuple[int, str]:
    limits = [int(key) for key in steps if key not in ("step", "step_fee")]
    for limit in sorted(limits):
        if grams <= limit:
            return steps[str(limit)], f"đến {limit} g: {steps[str(limit)]}"
    last, fee, more = max(limits), steps[str(max(limits))], 0
    weight = last
    while weight < grams:
        weight += steps["step"]
        more += 1
    fee += more * steps["step_fee"]
    return fee, f"{steps[str(last)]}+{more}×{steps['step_fee']}={fee}"


def _declared(value: int) -> int:
    row = next(row for row in TABLE["addons"] if row["code"] == "DECLARED")
    return (
        max(row["min"], half_up(value * fraction(row["percent"]) / 100)) if value >= row["from_dong"] else 0
    )


def _cod(cash: int) -> int | None:
    row = next(row for row in TABLE["addons"] if row["code"] == "COD")
    for tier in row["tiers"]:
        if cash <= tier["up_to"]:
            if "fee" in tier:
                return tier["fee"]
            return max(tier["min"], half_up(cash * fraction(tier["percent"]) / 100))
    return None


def _say(number: Fraction) -> str:
    return f"{float(number):g}" if number.denominator > 1 else str(number.numerator)


SMALL = "@150×100×80"
LANES = [
    (code, zone)
    for code, zones in (
        ("TIEU_CHUAN", ("noi_tinh", "noi_vung", "can_vung", "cach_vung")),
        ("EMS", ("noi_tinh", "noi_vung", "can_vung", "cach_vung")),
        ("HOA_TOC", ("noi_tinh",)),
    )
    for zone in zones
]


def cases() -> list[Case]:
    steps = (1, 499, 500, 501, 1000, 1001, 1500, 1999, 2000, 2001, 2500, 2501, 5300, 10209, 19999, 20000)
    made = [Case(code, zone, f"{grams}{SMALL}") for code, zone in LANES for grams in steps]
    for code in ("TIEU_CHUAN", "EMS"):
        made += [Case(code, zone, f"30000{SMALL}") for other, zone in LANES if other == code]
        for sides in (
            "200×200×200",
            "300×200×100",
            "400×300×200",
            "333×217×151",
            "600×400×400",
            "101×101×101",
        ):
            made.append(Case(code, "noi_vung", f"500@{sides}"))
            made.append(Case(code, "cach_vung", f"500@{sides}+1200{SMALL}"))
        for island in ("dao_cach_vung", "dao_noi_vung", "dao_can_vung"):
            made += [Case(code, island, f"{grams}{SMALL}") for grams in (300, 1700, 2600, 7777)]
        for day in ("2026-12-31", "2027-01-01", "2027-03-15"):
            made.append(Case(code, "can_vung", f"800{SMALL}", day=day))
            made.append(Case(code, "dao_can_vung", f"3333{SMALL}", is_cold=True, day=day))
            made.append(Case(code, "noi_vung", f"800{SMALL}+900{SMALL}+1000{SMALL}", is_cold=True, day=day))
        worth = (2_999_999, 3_000_000, 3_000_100, 3_333_333, 12_345_678, 49_000_000)
        made += [Case(code, "cach_vung", f"1500{SMALL}", value=value) for value in worth]
        cash = (200_000, 260_000, 280_000, 940_000, 960_000, 4_900_000, 7_654_321, 49_990_000, 60_000_000)
        made += [Case(code, "noi_tinh", f"700{SMALL}", value=value) for value in cash]
    return made


def write() -> None:
    with FILE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for number, case in enumerate(cases(), 1):
            writer.writerow({"no": number, **reckon(case)})


def read() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as kept:
        return list(csv.DictReader(kept))


if __name__ == "__main__":
    write()
