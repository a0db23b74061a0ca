"""Whatever is added up, split or read: for all inputs, not for the few one thinks of."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.foundation.db import CODE_LETTERS
from marketplace.foundation.money import percent, share_out
from marketplace.payments import tables, transfers
from marketplace.payments.models import Payment
from marketplace.payments.routes.webhook import payos_facts

codes = st.text(CODE_LETTERS, min_size=10, max_size=10).map(lambda letters: Payment.CODE_PREFIX + letters)
marks = st.text(" .-_/:,;*#", max_size=3)


@settings(max_examples=200, deadline=None)
@given(codes, st.lists(marks, min_size=13, max_size=13), st.sampled_from(["", "MBVCB.123. ", "IBFT ", "0098765 "]),
       st.sampled_from(["", " CT tu 0011 toi 0022", "-FT26112512", " thanh toan"]), st.booleans())  # fmt: skip
def test_a_code_is_found_however_a_bank_breaks_it(code, between, before, after, is_small):
    broken = "".join(mark + letter for mark, letter in zip(between, code, strict=False))
    text = before + (broken.lower() if is_small else broken) + after
    assert code in transfers.codes_in(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_mistake(text):
    for code in transfers.codes_in(text):
        assert re.fullmatch(rf"CQ[{CODE_LETTERS}]{{10}}", code)
    transfers.fingerprint(text, 5)
    tables.fold(text)
    amount = tables.whole_dong(text)
    assert amount is None or isinstance(amount, int)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10**13),
    st.sampled_from([".", ",", " "]),
    st.sampled_from(["", " VND", " ₫", "đ"]),
    st.booleans(),
)
def test_an_amount_is_read_as_it_was_written(amount, mark, unit, has_decimals):
    written = f"{amount:,}".replace(",", mark)
    if has_decimals and mark != " ":
        written += {",": ".00", ".": ",00"}[mark]
    assert tables.whole_dong(written + unit) == amount


@given(st.integers(1, 10**12), st.integers(1, 99), st.sampled_from([".", ","]))
def test_parts_of_a_dong_are_refused(amount, rest, mark):
    other = "," if mark == "." else "."
    written = f"{amount:,}".replace(",", other) + f"{mark}{rest:02d}"
    assert tables.whole_dong(written) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_a_payment_over_many_farms_loses_no_dong(total, weights):
    shares = share_out(total, weights)
    assert sum(shares) == total and min(shares) >= 0
    assert all(
        share == 0 for share, weight in zip(shares, weights, strict=True) if weight == 0 and sum(weights)
    )
    assert 0 <= percent(total, 850) <= total


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=8)),
        max_size=6,
    )
)
def test_payos_facts_do_not_depend_on_their_order(data):
    assert payos_facts(data) == payos_facts(dict(reversed(list(data.items()))))
