"""Sets and orders as whole numbers do what lists would do."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.search.ranking import SMALL, add_up, at_most, bits_of, numbers_of, planes_of, top, where

numbers = st.sets(st.integers(0, 90), max_size=60)
values = st.lists(st.integers(0, 300), min_size=1, max_size=200)


@given(numbers)
def test_a_set_is_read_as_it_was_written(members):
    assert list(numbers_of(bits_of(members, 91))) == sorted(members)


@given(st.binary(max_size=40), st.integers(0, 255))
def test_where_a_byte_stands(codes, code):
    assert numbers_of(where(codes, code)) == [n for n, byte in enumerate(codes) if byte == code]


@given(values, st.integers(-1, 600), numbers)
def test_those_that_are_not_above_a_value(having, value, among):
    among = {n for n in among if n < len(having)}
    found = at_most(planes_of(having, 9), value, bits_of(among, len(having)))
    assert numbers_of(found) == sorted(n for n in among if having[n] <= value)


@given(values, st.integers(0, 205), st.integers(1, 30), st.booleans())
def test_an_order_is_read_page_by_page(having, skip, take, with_key):
    everything = bits_of(range(len(having)), len(having))
    best = sorted(range(len(having)), key=lambda n: (having[n], n), reverse=True)
    planes = planes_of(having, 9) + planes_of(range(len(having)), 8)
    key = (lambda n: (having[n], n)) if with_key else None
    assert top(planes, everything, skip, take, key) == best[skip : skip + take]


@given(
    st.lists(st.tuples(st.integers(0, 3), numbers), max_size=9),
    numbers,
    st.permutations(range(91)),
    st.integers(0, 60),
)
def test_scores_add_up_and_equal_ones_follow_the_order(signals, among, order, skip):
    score = {number: sum(1 << power for power, having in signals if number in having) for number in among}
    expected = sorted(among, key=lambda number: (score[number], order[number]), reverse=True)
    scores = add_up((power, bits_of(having, 91)) for power, having in signals)
    planes = scores + planes_of(order, 7)
    assert top(planes, bits_of(among, 91), skip, 91, order.__getitem__, len(scores)) == expected[skip:]
    assert top(planes, bits_of(among, 91), skip, 91) == expected[skip:]


def test_a_large_group_is_split_before_it_is_sorted():
    size = 40 * SMALL
    planes = planes_of(range(size), 13)
    best = top(planes, bits_of(range(size), size), 1000, 5, lambda n: n)
    assert best == [size - 1001 - n for n in range(5)]


def test_a_score_beyond_the_last_plane_stays_the_highest():
    everything = [(7, 0b1), (7, 0b1), (6, 0b10)]
    assert top(add_up(everything), 0b11, 0, 2) == [0, 1]
