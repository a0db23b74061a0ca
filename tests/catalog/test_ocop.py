"""The sets, and the rules of certificates, as they stood on a day."""

from datetime import date

import pytest

from marketplace.catalog import ocop
from marketplace.catalog.boxes import box_of, default_box
from marketplace.catalog.models import Handling, Product, Variant
from marketplace.foundation.words import in_language


@pytest.mark.parametrize(
    ("issued", "months", "until"),
    [
        (date(2025, 6, 26), 36, date(2028, 6, 26)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_so_many_months_later(issued, months, until):
    assert ocop.add_months(issued, months) == until


def test_a_recognition_holds_thirty_six_months_and_says_why():
    assert ocop.valid_until(date(2026, 6, 1)) == date(2029, 6, 1)
    rule = ocop.validity_on(date(2026, 6, 1))
    assert rule is not None
    assert "26/2026/QĐ-TTg" in rule.legal_basis
    assert ocop.valid_until(date(2017, 1, 1)) is None


@pytest.mark.parametrize(
    ("day", "stars", "who"),
    [
        (date(2024, 5, 1), 3, "UBND cấp huyện"),
        (date(2024, 5, 1), 4, "UBND cấp tỉnh"),
        (date(2026, 1, 1), 3, "UBND cấp tỉnh"),
        (date(2026, 6, 1), 5, "Bộ Nông nghiệp và Môi trường"),
    ],
)
def test_who_could_grant_it_then(day, stars, who):
    authority = ocop.authority_on(day, stars)
    assert authority is not None
    assert authority.name == who


def test_one_and_two_stars_are_granted_by_nobody():
    assert ocop.authority_on(date(2026, 6, 1), 2) is None


def test_names_in_the_readers_language():
    assert ocop.set_of(11).name == "Chè tươi, chè chế biến"
    assert ocop.category_name(None) == "Hàng khác (không thuộc OCOP)"
    with in_language("en"):
        assert ocop.set_of(11).name == "Fresh and processed tea"
        assert ocop.category_name(None) == "Other goods (outside OCOP)"
        assert all(found.name for found in (*ocop.sets(), *ocop.groups()))


def test_every_set_suggests_a_way_to_travel():
    assert all(found.handling in set(Handling) for found in ocop.sets())


def test_the_farmers_own_sides_come_first():
    pack = Variant(length_mm=300, width_mm=200, height_mm=150, weight_grams=9_000, product=Product(set_no=3))
    assert box_of(pack) == (300, 200, 150)
    pack.height_mm = None
    assert box_of(pack) == default_box(3, 9_000)


@pytest.mark.parametrize("set_no", [None, *range(1, 26)])
def test_a_heavier_pack_never_gets_a_smaller_box(set_no):
    volumes = [
        box[0] * box[1] * box[2]
        for box in (default_box(set_no, grams) for grams in (1, 150, 1_100, 22_000, 900_000))
    ]
    assert volumes == sorted(volumes)
    assert volumes[0] > 0
