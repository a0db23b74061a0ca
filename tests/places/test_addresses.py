"""Reading addresses: today's and yesterday's, with and without accents, and what only a person can decide."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.places.addresses import LONGEST_TEXT, parse, print_address
from marketplace.places.gazetteer import gazetteer
from marketplace.places.names import folded_key

COMMUNES = sorted(gazetteer().communes.values(), key=lambda commune: commune.code)
OLD_UNITS = gazetteer().old.units


def codes(text):
    return [candidate.commune.code for candidate in parse(text).candidates]


# --- printing ---------------------------------------------------------------------------------------------------


def test_an_address_as_it_stands_on_a_parcel():
    assert (
        print_address("Xóm Hồng Thái 2", gazetteer().communes["05503"])
        == "Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129"
    )
    assert (
        print_address(" Ấp Rạch Gốc, ", gazetteer().communes["32244"])
        == "Ấp Rạch Gốc, Xã Phan Ngọc Hiển, Cà Mau 98913"
    )
    assert print_address("", gazetteer().communes["00004"]) == "Phường Ba Đình, Hà Nội"


# --- what is certain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "street"),
    [
        ("Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129", "05503", "Xóm Hồng Thái 2"),
        ("xom hong thai 2, xa tan cuong, thai nguyen", "05503", "xom hong thai 2"),
        ("Xã Tân Cương, tỉnh Thái Nguyên, Việt Nam", "05503", ""),
        ("Xã Tân Cương - TP. Thái Nguyên - tỉnh Thái Nguyên", "05503", ""),
        ("Tân Cương, Thái Nguyên", "05503", ""),
        ("xã Tân Cương, Thái Nguyên, ĐT 0912 345 678", "05503", ""),
        ("x. Tân Cương, t. Thái Nguyên", "05503", ""),
        ("12 Nguyễn Huệ, P. Bến Nghé, Q.1, TP.HCM", "26740", "12 Nguyễn Huệ"),
        ("12 nguyen hue p ben nghe q1 tphcm", "26740", "12 nguyen hue"),
        ("5 Thảo Điền, phường Thảo Điền, Quận 2, Sài Gòn", "27094", "5 Thảo Điền"),
        ("P5, TP Cà Mau, tỉnh Cà Mau", "32025", ""),
        ("Phường 05, TP. Cà Mau", "32025", ""),
        ("thôn 3, xã Ea H’leo, Đắc Lắc", "24184", "thôn 3"),
        ("thon 3, xa ea hleo, dac lac", "24184", "thon 3"),
        ("x. Tam Giang, h. Năm Căn, t. Cà Mau", "32206", ""),
        ("Khánh An, U Minh, Cà Mau", "32059", ""),
        ("phường Phú Hội, TP Huế, Thừa Thiên Huế", "19789", ""),
        ("Phường 1, TX. Bảo Lộc, Lâm Đồng", "24823", ""),
        ("Phường Lâm Viên - Đà Lạt, Lâm Đồng", "24778", ""),
        ("Xã Hòa Bình, Bạc Liêu", "31891", ""),
        ("Ấp 3\nXã Khánh An\nCà Mau", "32059", "Ấp 3"),
    ],
)
def test_one_answer(text, code, street):
    parsed = parse(text)
    assert [candidate.commune.code for candidate in parsed.candidates] == [code]
    assert not parsed.needs_choice
    assert parsed.default is not None
    assert parsed.default.street == street
    assert parsed.province is parsed.default.commune.province


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Huyện đảo Lý Sơn, Quảng Ngãi", "21548"),
        ("huyện Lý Sơn, tỉnh Quảng Ngãi", "21548"),
        ("Huyện Côn Đảo, Bà Rịa - Vũng Tàu", "26732"),
        ("con dao, brvt", "26732"),
        ("Huyện Cồn Cỏ, Quảng Trị", "19742"),
        ("Huyện Bạch Long Vĩ, TP Hải Phòng", "11948"),
        ("huyện Hoàng Sa, Đà Nẵng", "20333"),
        ("Huyện Vân Đồn, Quảng Ninh", "06994"),
        ("P. Dương Đông, TP. Phú Quốc, Kiên Giang", "31078"),
    ],
)
def test_islands_that_were_districts(text, code):
    assert codes(text) == [code]
    assert not parse(text).needs_choice


# --- what was divided -------------------------------------------------------------------------------------------


def test_a_divided_unit_gives_all_its_parts_with_the_default_first():
    parsed = parse("xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau")
    assert parsed.needs_choice
    assert [candidate.commune.name for candidate in parsed.candidates] == ["Xã Phan Ngọc Hiển", "Xã Đất Mũi"]
    assert [candidate.is_default for candidate in parsed.candidates] == [True, False]
    assert parsed.default is parsed.candidates[0]
    assert parsed.default.commune.code == "32244"
    assert parsed.default.converted_from == "Xã Tân Ân, Huyện Ngọc Hiển, Tỉnh Cà Mau"


def test_a_postcode_settles_a_choice():
    parsed = parse("xã Tân Ân, huyện Ngọc Hiển, tỉnh Cà Mau 98912")
    assert [candidate.commune.name for candidate in parsed.candidates] == ["Xã Đất Mũi"]
    assert not parsed.needs_choice


# --- what accents decide ----------------------------------------------------------------------------------------


def _traps():
    """Communes of one province that are told apart by accents (or by kind) alone."""
    alike = defaultdict(list)
    for commune in COMMUNES:
        alike[commune.province.code, commune.folded].append(commune)
    return [communes for communes in alike.values() if len(communes) > 1]


def test_the_known_traps_are_in_the_data():
    assert {tuple(sorted(commune.short_name for commune in trap)) for trap in _traps()} >= {
        ("Văn Lang", "Văn Lăng"),
        ("Cẩm Giang", "Cẩm Giàng"),
        ("Ba Tô", "Ba Tơ"),
        ("Sơn Hà", "Sơn Hạ"),
        ("Thanh An", "Thạnh An"),
        ("Tân Thành", "Tân Thạnh"),
        ("Mỹ Tho", "Mỹ Thọ"),
    }


@pytest.mark.parametrize("trap", _traps(), ids=lambda trap: " ".join(commune.short_name for commune in trap))
def test_exact_accents_win_and_folded_names_ask(trap):
    for commune in trap:
        assert codes(f"{commune.name}, {commune.province.full_name}") == [commune.code]
        assert not parse(print_address("Thôn 1", commune)).needs_choice
    bare = parse(f"{trap[0].folded}, {folded_key(trap[0].province.name)}")
    assert {candidate.commune.code for candidate in bare.candidates} == {commune.code for commune in trap}
    assert bare.needs_choice
    assert not any(candidate.is_exact for candidate in bare.candidates)


def test_the_kind_decides_where_accents_do_not():
    assert codes("phuong my tho, dong thap") == ["28261"]
    assert codes("xa my tho, dong thap") == ["30076"]


def test_a_name_of_many_places_asks():
    parsed = parse("Xã Tân Tiến")
    assert parsed.needs_choice and len(parsed.candidates) == 7
    assert parsed.default is None and parsed.province is None


def test_a_district_alone_offers_what_it_became():
    parsed = parse("Huyện Ngọc Hiển, Cà Mau")
    assert parsed.needs_choice
    assert {candidate.commune.name for candidate in parsed.candidates} >= {"Xã Phan Ngọc Hiển", "Xã Đất Mũi"}


def test_a_commune_is_not_taken_from_another_province():
    parsed = parse("xã La Hà, Hà Nội")
    assert parsed.candidates == ()
    assert parsed.province is not None and parsed.province.name == "Hà Nội"


def test_streets_are_not_communes():
    assert parse("12 Lê Lợi").candidates == ()
    only_province = parse("đường Lê Lợi, Thái Nguyên")
    assert only_province.candidates == () and not only_province.needs_choice
    assert only_province.province is not None and only_province.province.code == "19"


# --- everything -------------------------------------------------------------------------------------------------


def test_every_commune_is_read_back_from_its_own_name():
    for commune in COMMUNES:
        for text in (
            f"{commune.name}, {commune.province.full_name}",
            f"{commune.name} {commune.province.name}",
        ):
            assert codes(text) == [commune.code], text
        plain = folded_key(print_address("so 5", commune))
        assert commune.code in codes(plain), plain


def test_every_old_unit_becomes_what_the_decree_says():
    for unit in OLD_UNITS:
        parsed = parse(unit.full_name)
        assert {candidate.commune.code for candidate in parsed.candidates} == set(unit.new_codes), (
            unit.full_name
        )
        assert parsed.default is not None and parsed.default.commune.code == unit.new_codes[0]
        assert parsed.needs_choice == unit.was_split


def test_every_old_unit_is_found_without_accents():
    for unit in OLD_UNITS[::7]:
        assert set(unit.new_codes) <= set(codes(folded_key(unit.full_name))), unit.full_name


hamlets = st.builds(
    "{} {}{}".format,
    st.sampled_from(["Xóm", "Ấp", "Thôn", "Tổ dân phố", "Khóm", "Bản", "Số nhà"]),
    st.one_of(
        st.sampled_from(["Hồng Thái", "Rạch Gốc", "Đông", "Bình Minh", "Tân Lập", "Nà Lẹng"]),
        st.integers(1, 300).map(str),
    ),
    st.one_of(st.just(""), st.integers(1, 30).map(" {}".format), st.just(", đường Lê Lợi")),
)


@given(commune=st.sampled_from(COMMUNES), street=hamlets)
@settings(deadline=None, max_examples=300)
def test_what_is_printed_is_read_back(commune, street):
    parsed = parse(print_address(street, commune))
    assert [candidate.commune for candidate in parsed.candidates] == [commune]
    assert parsed.candidates[0].street == street
    assert parsed.candidates[0].is_exact
    assert not parsed.needs_choice


words = st.sampled_from(
    [
        "xã",
        "phường",
        "thị",
        "trấn",
        "huyện",
        "quận",
        "tp.",
        "tỉnh",
        "ấp",
        "đường",
        "số",
        "1",
        "24129",
        "p5",
        "q1",
        ",",
        ";",
        "-",
        ".",
        "(",
        "/",
        "'x",
        "Tân",
        "Thành",
        "Cà",
        "Mau",
        "Hà",
        "Nội",
        "Hồ",
        "Chí",
        "Minh",
        "xa",
        "phuong",
        "thanh",
        "pho",
        "viet",
        "nam",
        "\n",
        "0912345678",
        "h",
        "t",
        ".",
        "Đắk",
        "Lắk",
        "🍵",
        "\x00",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(words, max_size=40).map(" ".join)))
@settings(deadline=None, max_examples=500)
def test_junk_is_never_an_error(text):
    parsed = parse(text)
    assert len(parsed.candidates) <= 30
    assert parsed.candidates or not parsed.needs_choice


def test_very_long_texts_are_read_from_their_end():
    text = "rất dài " * 2_000 + ", Xã Tân Cương, Thái Nguyên"
    assert codes(text) == ["05503"]
    assert len(parse(text).text) <= LONGEST_TEXT


def test_composed_or_not_is_the_same():
    assert codes("xa\u0303 Ta\u0302n Cu\u031bo\u031bng, Tha\u0301i Nguye\u0302n") == ["05503"]


@pytest.mark.parametrize(
    ("text", "commune", "street", "asks"),
    [
        ("K8, P8, TPCM, Cà Mau", "Phường Lý Văn Lâm", "K8", False),
        ("ấp Tân Hiệp, xã Tân Ân, Ngọc Hiển, CM", "Xã Tân Ân", "ấp Tân Hiệp", False),
        ("xã La Bằng, H. Đại Từ, TN", "Xã La Bằng", "", False),
        ("TT Hương Sơn, Phú Bình, TN", "Xã Phú Bình", "", False),
        ("ấp Cây Thơ xã Phong Điền h.TVT Cà Mau", "Xã Sông Đốc", "ấp Cây Thơ", True),
        ("36 Hàng Bạc, Hoàn Kiếm, HN", "Phường Hoàn Kiếm", "36 Hàng Bạc", True),
        ("số 8 ngõ 12 Láng Hạ, Đống Đa, HN", "Phường Láng", "số 8 ngõ 12 Láng Hạ", True),
        ("xom hong thai 2 tan cuong thai nguyen", "Xã Tân Cương", "xom hong thai 2", True),
        ("thôn Nà Ca, xã Yên Đĩnh, Chợ Mới, Bắc Kạn", "Xã Chợ Mới", "thôn Nà Ca, xã Yên Đĩnh", True),
        ("227 nguyen van cu p4 q5 tp hcm", "Phường Chợ Quán", "227 nguyen van cu", False),
        ("P.Thắng Nhất, TP Vũng Tàu", "Phường Rạch Dừa", "", False),
    ],
)
def test_as_people_write_it_in_a_hurry(text, commune, street, asks):
    """The district or province said again by its initials is no street; a house's street is not lost for a ward of its
    name; a commune nobody knows is never passed over in silence."""
    parsed = parse(text)
    assert parsed.default is not None or parsed.needs_choice
    found = parsed.default or parsed.candidates[0]
    assert (found.commune.name, found.street, parsed.needs_choice) == (commune, street, asks)
