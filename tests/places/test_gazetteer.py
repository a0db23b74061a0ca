"""The gazetteer: the whole country, by official code, quickly."""

from collections import Counter
from datetime import date

import pytest

from marketplace.places import queries
from marketplace.places.gazetteer import Gazetteer, Kind, Region, gazetteer
from marketplace.places.names import exact_key, folded_key


def test_the_whole_country_is_there():
    kinds = Counter(commune.kind for commune in gazetteer().communes.values())
    assert kinds == {Kind.COMMUNE: 2_621, Kind.WARD: 687, Kind.SPECIAL_ZONE: 13}
    assert len(gazetteer().provinces) == 34
    assert len(gazetteer().old.units) == 10_040
    assert sum(unit.was_split for unit in gazetteer().old.units) == 471


def test_provinces_and_cities_as_they_are_called_in_november_2026():
    assert Counter(province.kind for province in queries.provinces()) == {Kind.PROVINCE: 25, Kind.CITY: 9}
    names = {province.code: province.full_name for province in queries.provinces()}
    assert names["22"] == "Thành phố Quảng Ninh"
    assert names["24"] == "Thành phố Bắc Ninh"
    assert names["75"] == "Thành phố Đồng Nai"
    assert names["19"] == "Tỉnh Thái Nguyên"


def test_a_name_has_its_day():
    quang_ninh = queries.province("22")
    assert quang_ninh is not None
    assert quang_ninh.full_name_on(date(2026, 8, 31)) == "Tỉnh Quảng Ninh"
    assert quang_ninh.full_name_on(date(2026, 9, 1)) == "Thành phố Quảng Ninh"


def test_the_two_provinces_of_the_project():
    assert Counter(commune.kind for commune in queries.communes("19")) == {Kind.COMMUNE: 77, Kind.WARD: 15}
    assert Counter(commune.kind for commune in queries.communes("96")) == {Kind.COMMUNE: 55, Kind.WARD: 9}
    assert all(commune.postcode for code in ("19", "96") for commune in queries.communes(code))


def test_codes_are_text_with_their_leading_zeros():
    tan_cuong = queries.commune("05503")
    assert tan_cuong is not None
    assert (tan_cuong.name, tan_cuong.province_code) == ("Xã Tân Cương", "19")
    assert queries.commune("5503") is None
    assert queries.commune("") is None
    assert queries.province("1") is None
    assert queries.communes("nowhere") == ()


def test_a_unit_is_what_its_name_says():
    """Four rows of the source carried the other kind beside the right name."""
    for code, name in {
        "10543": "Phường Việt Hòa",
        "11848": "Xã Vĩnh Hòa",
        "31213": "Phường Tân Lộc",
        "31299": "Xã Phong Điền",
    }.items():
        commune = queries.commune(code)
        assert commune is not None and commune.name == name


def test_every_place_lies_in_vietnam_and_every_old_unit_leads_somewhere():
    for commune in gazetteer().communes.values():
        assert 8 < commune.lat < 23.5 and 102 < commune.lon < 115
    for unit in gazetteer().old.units:
        assert unit.new_codes and all(code in gazetteer().communes for code in unit.new_codes)
        assert len(set(unit.new_codes)) == len(unit.new_codes)


def test_lists_are_in_the_order_a_person_reads():
    names = [province.name for province in queries.provinces()]
    assert names[:7] == ["An Giang", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk"]
    communes = [commune.name for commune in queries.communes("96")]
    assert communes[0] == "Phường An Xuyên" and communes[-1].startswith("Xã Vĩnh")
    assert queries.communes("91")[-1].kind is Kind.SPECIAL_ZONE


def test_regions():
    regions = {province.name: province.region for province in queries.provinces()}
    assert regions["Thái Nguyên"] is Region.NORTH
    assert regions["Thanh Hóa"] is Region.CENTRE
    assert regions["Cà Mau"] is Region.SOUTH


def test_it_is_read_once():
    assert gazetteer() is gazetteer()
    assert isinstance(gazetteer(), Gazetteer)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa Bình", "Hoà Bình"),
        ("Thúy", "Thuý"),
        ("Mỹ Tho", "Mĩ Tho"),
        ("Quy Nhơn", "QUI NHƠN"),
        ("Đắk Lắk", "đắc lắk"),
        ("Cư M'gar", "Cư M’gar"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa-Vũng Tàu"),
        ("Tân Cương", "Ta\u0302n Cu\u031bo\u031bng"),
    ],
)
def test_style_is_no_difference(one, other):
    assert exact_key(one) == exact_key(other)


def test_accents_are_a_difference_until_folded():
    assert exact_key("Văn Lang") != exact_key("Văn Lăng")
    assert folded_key("Văn Lang") == folded_key("Văn Lăng") == "van lang"
    assert folded_key("Đầm Dơi") == "dam doi"


# --- finding ----------------------------------------------------------------------------------------------------


def names(found):
    return [f"{commune.name}, {commune.province.name}" for commune in found]


def test_communes_are_found_with_or_without_accents():
    for typed in (
        "tan cuong",
        "Tân Cương",
        "xã tân cương",
        "xa tan cuong",
        "TAN CUONG",
        "tân cương, thái nguyên",
    ):
        assert names(queries.find_communes(typed))[0] == "Xã Tân Cương, Thái Nguyên", typed


def test_the_same_accents_come_first():
    assert names(queries.find_communes("văn lang", province="19")) == [
        "Xã Văn Lang, Thái Nguyên",
        "Xã Văn Lăng, Thái Nguyên",
    ]
    assert names(queries.find_communes("văn lăng", province="19"))[0] == "Xã Văn Lăng, Thái Nguyên"
    assert len(queries.find_communes("van lang", province="19")) == 2


def test_the_beginning_of_a_name_is_enough():
    assert "Xã Đầm Dơi, Cà Mau" in names(queries.find_communes("dam d", province="96"))
    assert "Đặc khu Phú Quốc, An Giang" in names(queries.find_communes("phú qu"))
    assert len(queries.find_communes("tân", limit=5)) == 5


@pytest.mark.parametrize("typed", ["", "   ", "%", "🍵", "zzzz", "\x00", "'", "xã", "a" * 10_000])
def test_odd_searches_find_little_and_break_nothing(typed):
    assert len(queries.find_communes(typed)) <= 10
    queries.find_provinces(typed)


def test_provinces_are_found_by_names_people_use():
    def first(typed):
        return queries.find_provinces(typed)[0].name

    assert first("hcm") == first("TP. HCM") == first("sài gòn") == first("ho chi") == "Hồ Chí Minh"
    assert first("đắc lắc") == first("dac lac") == first("daklak") == "Đắk Lắk"
    assert first("bạc liêu") == first("Cà Mau") == first("ca m") == "Cà Mau"
    assert first("bắc cạn") == first("thái ng") == "Thái Nguyên"
    assert first("vũng tàu") == "Hồ Chí Minh"


# --- on the map -------------------------------------------------------------------------------------------------


def test_postcodes_where_the_data_has_them():
    assert queries.postcode("05503") == "24129"
    assert queries.postcode("32191") == "98806"
    assert queries.postcode("00004") is None
    assert queries.postcode("99999") is None


def test_plus_code():
    assert queries.plus_code(21.5305, 105.7636) == "7PH7GQJ7+6C"
    assert queries.plus_code(9.1769, 105.1524) == "6PX755G2+QX"


def test_distance():
    hanoi, saigon = queries.Position(21.0285, 105.8542), queries.Position(10.7769, 106.7009)
    assert 1_130 < queries.distance_km(hanoi, saigon) < 1_150
    assert queries.distance_km(hanoi, hanoi) == 0
    assert queries.distance_km(hanoi, saigon) == queries.distance_km(saigon, hanoi)


def test_freight_zones():
    assert queries.zone_between("19", "19") == "noi_tinh"
    assert queries.zone_between("19", "01") == "noi_vung"
    assert queries.zone_between("19", "48") == queries.zone_between("48", "96") == "can_vung"
    assert queries.zone_between("19", "96") == queries.zone_between("96", "19") == "cach_vung"


def test_islands():
    assert queries.is_special_zone("31078")
    assert not queries.is_special_zone("05503")
    assert not queries.is_special_zone("nowhere")
