"""Numbers that say who somebody is: what is taken, in which form, and what is refused."""

from datetime import date

import pytest

from marketplace.farmers import identity
from marketplace.foundation.refusal import Refusal

BORN = date(1980, 5, 20)


@pytest.mark.parametrize(
    ("typed", "born_on", "expected"),
    [
        ("019080000001", BORN, "019080000001"),
        ("019 180 000 001", BORN, "019180000001"),
        ("096.302.123456", date(2002, 1, 1), "096302123456"),
        ("001-299-999999", date(2099, 1, 1), "001299999999"),
    ],
)
def test_a_personal_id_that_fits(typed, born_on, expected):
    assert identity.read_personal_id(typed, born_on) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "", "01908000000", "0190800000012", "O19080000001", "٠١٩٠٨٠٠٠٠٠٠١",
        "000080000001", "097080000001", "019081000001", "019280000001", "12345678901a",
    ],
)  # fmt: skip
def test_a_personal_id_that_does_not(typed):
    with pytest.raises(Refusal) as refusal:
        identity.read_personal_id(typed, BORN)
    assert refusal.value.field == "personal_id"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0100233488", "0100233488"),
        ("0100 109 106", "0100109106"),
        ("0314409058-002", "0314409058-002"),
        ("0314409058002", "0314409058-002"),
        ("019080000001", "019080000001"),
    ],
)
def test_a_tax_code(typed, expected):
    assert identity.read_tax_code(typed) == expected


@pytest.mark.parametrize("typed", ["0100109107", "", "123", "abcdefghij", "999080000001", "0314409058-999x"])
def test_no_tax_code(typed):
    with pytest.raises(Refusal) as refusal:
        identity.read_tax_code(typed)
    assert refusal.value.field == "tax_code"


def test_old_enough_to_answer_for_a_shop(clock):
    clock.set("2026-11-21 10:00")
    identity.check_born_on(date(2008, 11, 21))
    for born_on in (date(2008, 11, 22), date(2030, 1, 1), date(1890, 1, 1)):
        with pytest.raises(Refusal) as refusal:
            identity.check_born_on(born_on)
        assert refusal.value.field == "born_on"
