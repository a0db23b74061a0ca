"""The same words, however they were typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.search.vietnamese import exact, fold, pairs, plain, syllables

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
vietnamese = st.text(LETTERS + LETTERS.upper() + " ,.-0123456789", max_size=60)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Chè Tân Cương", "che tan cuong"),
        ("ĐẦM DƠI", "dam doi"),
        ("Đắk Lắk", "dak lak"),
        ("che`", "che`"),
        ("Ｇạo ＳＴ２５", "gao st25"),
        ("Ươm ươm", "uom uom"),
    ],
)
def test_folding(typed, folded):
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("thúy", "thuý"), ("khỏe", "khoẻ"), ("thủy", "thuỷ"), ("HÒA", "hoà"), ("tỏa", "toả")],
)
def test_the_tone_may_stand_on_either_vowel(one, other):
    assert exact(one) == exact(other)
    assert syllables(one) == syllables(other)


@pytest.mark.parametrize(
    ("one", "other"), [("dứa", "dừa"), ("dưa", "dừa"), ("mận", "mẫn"), ("chè", "che"), ("đa", "da")]
)
def test_different_words_stay_different_when_they_are_written_out(one, other):
    assert exact(one) != exact(other)
    assert fold(one) == fold(other)


def test_numbers_part_from_letters():
    assert [s.folded for s in syllables("Gạo ST25, túi 500g")] == ["gao", "st", "25", "tui", "500", "g"]
    assert pairs(["a", "b", "c"]) == ["a_b", "b_c"]
    assert syllables("  … ? ") == []


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=80))
def test_composed_or_not_is_the_same(text):
    composed, parted = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert fold(composed) == fold(parted)
    assert plain(composed) == plain(parted)
    assert syllables(composed) == syllables(parted)


@given(vietnamese)
def test_folded_vietnamese_is_plain_ascii(text):
    assert fold(text).isascii()
    assert [s.folded for s in syllables(text)] == [s.folded for s in syllables(fold(text))]


@given(vietnamese)
def test_case_and_spaces_do_not_matter(text):
    assert syllables(text.upper()) == syllables(text.lower()) == syllables(f"  {text}\n")


@given(st.text(max_size=200))
def test_any_text_can_be_taken_apart(text):
    for one in syllables(text):
        assert one.exact and one.folded is not None
        assert exact(one.exact) == one.exact
