"""Item numbers: the standard's vectors, and what a scanner or a person types."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from marketplace.shipping import s10

VECTORS = [
    "RR473124829GB",
    "EA123456785VN",
    "CA000000014VN",
    "CN987654326VN",
    "EB000000005VN",
]  # data/s10.json


@pytest.mark.parametrize("number", VECTORS)
def test_the_vectors(number):
    assert s10.is_item_number(number)
    assert s10.item_number(number[:2], int(number[2:10]), number[11:]) == number


@given(some.integers(0, s10.LAST_SERIAL), some.sampled_from(["EA", "CA", "HZ"]))
def test_what_we_make_is_right_and_any_other_check_digit_is_wrong(serial, letters):
    number = s10.item_number(letters, serial)
    assert s10.is_item_number(number)
    for digit in set("0123456789") - {number[10]}:
        assert not s10.is_item_number(number[:10] + digit + number[11:])


@pytest.mark.parametrize(
    "wrong", ["", "EA12345678VN", "EA1234567855VN", "ea123456785vn", "EA١٢٣٤٥٦٧٨٥VN", "EA123456785VN\n"]
)
def test_other_shapes_are_none(wrong):
    assert not s10.is_item_number(wrong)


@pytest.mark.parametrize(("letters", "serial"), [("E", 1), ("EA", -1), ("EA", 100_000_000), ("éa", 1)])
def test_a_number_that_cannot_be_is_not_made(letters, serial):
    with pytest.raises(ValueError, match="S10"):
        s10.item_number(letters, serial)


@pytest.mark.parametrize(
    "typed",
    [
        "CA000000014VN", " ca 000 000 014 vn ", "CA-000-000-014-VN", "CA\u00a0000\u00a0000\u00a0014\u00a0VN",
        "http://127.0.0.1:8000/tracking/CA000000014VN", "https://choque.example/tracking/CA000000014VN?x=1",
    ],
)  # fmt: skip
def test_as_scanned_or_typed(typed):
    assert s10.tidy(typed) == "CA000000014VN"


def test_read_out_in_groups():
    assert s10.grouped("CA000000014VN") == "CA 000 000 014 VN"
    assert s10.grouped("BG7K2M9QXA") == "BG7K2M9QXA"
