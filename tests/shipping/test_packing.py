"""Lines into parcels: nothing is lost, nothing is too heavy, fresh goods travel apart."""

from hypothesis import given, settings
from hypothesis import strategies as some

from marketplace.catalog.models import Handling, Product, Variant
from marketplace.shipping import fees, packing

CARTONS = fees.shipped_cartons()


def pack(grams, sides=(200, 150, 100), handling=Handling.DRY, id=1):
    product = Product(handling=handling, set_no=11)
    variant = Variant(
        product=product, weight_grams=grams, length_mm=sides[0], width_mm=sides[1], height_mm=sides[2]
    )
    variant.id = id
    return variant


packs = some.builds(
    pack,
    grams=some.integers(10, 25_000),
    sides=some.tuples(*[some.integers(20, 700)] * 3),
    handling=some.sampled_from(Handling),
    id=some.integers(1, 50),
)


@settings(deadline=None)
@given(some.lists(some.tuples(packs, some.integers(1, 12)), max_size=5))
def test_weight_is_kept_and_no_parcel_is_too_much_unless_one_pack_is(lines):
    parcels = packing.parcels(lines, CARTONS)
    assert sum(parcel.grams for parcel in parcels) == sum(variant.weight_grams * n for variant, n in lines)
    heaviest = max((variant.weight_grams for variant, _n in lines), default=0)
    bulkiest = max((v.length_mm * v.width_mm * v.height_mm for v, _n in lines), default=0)
    for parcel in parcels:
        volume = parcel.length_mm * parcel.width_mm * parcel.height_mm
        assert 0 < parcel.grams <= max(packing.MAX_PARCEL_GRAMS, heaviest)
        assert volume <= max(packing.MAX_PARCEL_MM3, bulkiest)
    volume = sum(p.length_mm * p.width_mm * p.height_mm for p in parcels)
    assert volume >= sum(v.length_mm * v.width_mm * v.height_mm * n for v, n in lines)


@settings(deadline=None)
@given(some.lists(some.tuples(packs, some.integers(1, 5)), max_size=5))
def test_cool_goods_travel_apart(lines):
    cold = sum(v.weight_grams * n for v, n in lines if v.product.handling in packing.COLD)
    assert sum(parcel.grams for parcel in packing.parcels(lines, CARTONS) if parcel.is_cold) == cold


def test_heavy_packs_first_and_light_ones_beside_them():
    found = packing.parcels([(pack(12_000, id=1), 2), (pack(8_000, id=2), 2)], CARTONS)
    assert [parcel.grams for parcel in found] == [20_000, 20_000]


def test_a_pack_over_the_limit_stands_alone():
    found = packing.parcels([(pack(25_000, id=1), 1), (pack(500, id=2), 1)], CARTONS)
    assert sorted(parcel.grams for parcel in found) == [500, 25_000]


def test_a_few_equal_packs_are_taped_together():
    (parcel,) = packing.parcels([(pack(100, (50, 200, 150)), 4)], CARTONS)
    assert sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm)) == [150, 200, 200]


def test_bottles_stand():
    (parcel,) = packing.parcels([(pack(700, (90, 90, 240), handling=Handling.LIQUID), 6)], CARTONS)
    assert parcel.height_mm == 240
    assert parcel.signs == {"liquid"}


def test_packs_of_all_kinds_lie_in_the_carton_that_makes_the_smallest_parcel():
    lines = [(pack(900, (300, 200, 50), id=1), 1), (pack(100, (100, 100, 10), id=2), 5)]
    (parcel,) = packing.parcels(lines, CARTONS)
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (300, 200, 60)


def test_what_must_travel_apart_travels_apart():
    kinds = [Handling.FRESH, Handling.LIQUID, Handling.FRAGILE, Handling.DRY, Handling.BULKY]
    lines = [(pack(500, handling=kind, id=number), 2) for number, kind in enumerate(kinds)]
    found = packing.parcels(lines, CARTONS)
    assert [parcel.signs for parcel in found] == [{"fresh"}, {"liquid"}, {"fragile"}, {"dry", "bulky"}]
    assert [parcel.is_cold for parcel in found] == [True, False, False, False]


blocks = some.tuples(some.tuples(*[some.integers(10, 300)] * 3), some.integers(1, 40), some.booleans())


@settings(deadline=None, max_examples=60)
@given(some.lists(blocks, min_size=1, max_size=6), some.sampled_from(CARTONS))
def test_no_two_packs_share_a_place_and_all_stand_inside(rows, carton):
    room = packing.Room(carton)
    laid = [room.lay(*row) for row in rows]
    assert all(0 <= count <= most for count, (_sides, most, _up) in zip(laid, rows, strict=True))
    ends = [(x, x + a, y, y + b, z, z + c) for x, y, z, a, b, c in room.laid]
    for x0, x1, y0, y1, z0, z1 in ends:
        assert x1 <= carton[0]
        assert y1 <= carton[1]
        assert z1 <= carton[2]
        # on the floor, or squarely on another
        assert z0 == 0 or any(
            o[5] == z0 and o[0] <= x0 and o[1] >= x1 and o[2] <= y0 and o[3] >= y1 for o in ends
        ), (x0, x1, y0, y1, z0, z1)
    for n, one in enumerate(ends):
        for other in ends[:n]:
            assert (
                one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2]
                or other[3] <= one[2] or one[5] <= other[4] or other[5] <= one[4]
            )  # fmt: skip


def test_nothing_makes_no_parcel():
    assert packing.parcels([], CARTONS) == []
