"""What people type: numbers, e-mails, codes, passwords, names. Whatever it is, an answer comes."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.accounts import codes, passwords, queries
from marketplace.accounts.typed import LONGEST_NAME, read_name, read_phone
from marketplace.foundation.phones import mask_phone, parse_phone, show_phone
from marketplace.foundation.refusal import Refusal

pytestmark = pytest.mark.database("sqlite")
MOBILES = st.from_regex(r"0(3[2-9]|5[689]|7[06-9]|8[1-8]|9[0-8])[0-9]{7}", fullmatch=True)
ANYTHING = st.text(max_size=80) | st.text("0123456789+ .-()đĐ@ab\x00\u200b\u00a0１２", max_size=40)


@given(
    MOBILES,
    st.lists(st.sampled_from(" .-\u00a0"), min_size=9, max_size=9),
    st.sampled_from(["0", "+84", "84", "0084"]),
)
def test_a_mobile_is_one_number_however_it_is_written(number, gaps, start):
    typed = start + "".join(digit + gap for digit, gap in zip(number[1:], gaps, strict=True))
    assert parse_phone(typed) == "+84" + number[1:]


@given(MOBILES)
def test_shown_and_read_it_is_the_same(number):
    e164 = parse_phone(number)
    assert parse_phone(show_phone(e164)) == e164
    assert number[:7] not in mask_phone(e164)
    assert mask_phone(e164).endswith(number[-3:])


@given(ANYTHING)
def test_anything_is_a_number_an_email_or_neither(typed):
    login = queries.read_login(typed)
    if login is not None:
        assert (login.startswith("+84") and login[1:].isascii() and login[1:].isdigit()) or "@" in login
        assert queries.read_login(login) == login
    with suppress(Refusal):
        assert read_phone(typed).startswith("+84")


@given(st.text(max_size=200))
def test_a_name_is_one_line_nfc_without_nul_or_refused(typed):
    try:
        name = read_name(typed)
    except Refusal:
        return
    assert 0 < len(name) <= LONGEST_NAME
    assert unicodedata.is_normalized("NFC", name)
    assert not set(name) & set("\x00\n\r\t")
    assert read_name(name) == name


@given(st.text(max_size=40))
def test_a_typed_code_keeps_its_digits_only_in_order(typed):
    assert "".join(c for c in codes.clean(typed) if c.isdigit()) == "".join(c for c in typed if c.isdigit())
    assert " " not in codes.clean(typed)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=80))
def test_a_password_opens_and_another_does_not(password):
    kept = passwords.make(password)
    assert password not in kept
    assert passwords.matches(kept, password)
    assert not passwords.matches(kept, password + "x")
    assert not passwords.matches(None, password)


@pytest.mark.parametrize("easy", ["12345678", "matkhau123", "MatKhau123", "aaaaaaaa", "abababab", "0912 345 678",
                                  "+84912345678", "Lan Trần Thị", "lan@example.vn", "short"])  # fmt: skip
def test_what_anybody_would_try_first(easy):
    assert passwords.problem(easy, ["Lan Trần Thị", "+84912345678", "lan@example.vn", None]) is not None


@pytest.mark.parametrize("good", ["demo-cho-que", "trà xanh sau mưa", "ba con bò vàng", "Kx9!pq2z"])
def test_what_is_good_enough(good):
    assert passwords.problem(good, ["Lan", "+84912345678", None]) is None


def test_something_that_is_no_hash_opens_nothing():
    for kept in ("", "x", "$argon2id$broken", "plain password"):
        assert not passwords.matches(kept, "plain password")
