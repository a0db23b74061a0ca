"""Lines into parcels: nothing is lost, nothing is too heavy, fresh goods travel apart."""

from hypothesis import given, settings
from hypothesis import strategies as some

from marketplace.catalog.models import Handling, Product, Variant
from marketplace.shipping import packing


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
    parcels = packing.parcels(lines)
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
    assert sum(parcel.grams for parcel in packing.parcels(lines) if parcel.is_cold) == cold


def test_heavy_packs_first_and_light_ones_beside_them():
    found = packing.parcels([(pack(12_000, id=1), 2), (pack(8_000, id=2), 2)])
    assert [parcel.grams for parcel in found] == [20_000, 20_000]


def test_a_pack_over_the_limit_stands_alone():
    found = packing.parcels([(pack(25_000, id=1), 1), (pack(500, id=2), 1)])
    assert sorted(parcel.grams for parcel in found) == [500, 25_000]


def test_flat_packs_make_a_pile():
    (parcel,) = packing.parcels([(pack(100, (50, 200, 150)), 4)])
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (200, 150, 200)


def test_small_packs_fill_the_layer_beside_a_large_one():
    (parcel,) = packing.parcels([(pack(900, (300, 200, 50), id=1), 1), (pack(100, (100, 100, 10), id=2), 5)])
    # 3.000.000 + 5 × 100.000 mm³ on 300 × 200
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (300, 200, 59)


def test_nothing_makes_no_parcel():
    assert packing.parcels([]) == []
