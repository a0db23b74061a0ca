"""Sets and orders as whole numbers do what lists would do."""

from hypothesis import given
from hypothesis import strategies as st

from marketplace.search.ranking import add_up, bits_of, numbers_of, planes_of, top

numbers = st.sets(st.integers(0, 90), max_size=60)


@given(numbers)
def test_a_set_is_read_as_it_was_written(members):
    assert list(numbers_of(bits_of(members, 91))) == sorted(members)


@given(st.permutations(range(40)), st.sets(st.integers(0, 39)), st.integers(0, 45), st.integers(0, 12))
def test_an_order_is_read_page_by_page(order, among, skip, take):
    expected = [number for number in order if number in among][skip : skip + take]
    assert top(planes_of(order, 40), bits_of(among, 40), skip, take) == expected


@given(st.lists(st.tuples(st.integers(0, 3), numbers), max_size=9), numbers, st.permutations(range(91)))
def test_scores_add_up_and_equal_ones_follow_the_order(signals, among, order):
    score = {number: sum(1 << power for power, having in signals if number in having) for number in among}
    expected = sorted(among, key=lambda number: (-score[number], order.index(number)))
    planes = add_up((power, bits_of(having, 91)) for power, having in signals) + planes_of(order, 91)
    assert top(planes, bits_of(among, 91), 0, 91) == expected


def test_a_score_beyond_the_last_plane_stays_the_highest():
    everything = [(6, 0b1), (6, 0b1), (5, 0b10)]
    assert top(add_up(everything), 0b11, 0, 2) == [0, 1]
