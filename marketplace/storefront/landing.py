"""The text at the head of a category's or a province's shelf: what it is, and what there is of it today.

Every number is counted in the same answer the shelf shows; nothing is asked twice.
"""

from collections.abc import Mapping

from marketplace.catalog import ocop
from marketplace.foundation import money
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.places.gazetteer import Kind
from marketplace.search.port import SearchQuery
from marketplace.storefront.asking import Asked, only

MOST_NAMED = 3

GROUP_TEXTS: Mapping[str, Text] = {
    "thuc-pham": _(
        "Nông sản tươi và thức ăn chế biến: rau quả, gạo, thịt cá, mật ong, bún miến, mắm muối, chè, cà phê. "
        "Hàng tươi đi chặng ngắn; món nào giữ mát hay đông lạnh, trang món hàng đều ghi rõ."
    ),
    "do-uong": _("Rượu, nước khoáng và nước uống từ cây trái. Rượu chỉ bán cho người từ 18 tuổi."),
    "duoc-lieu": _(
        "Dược liệu, tinh dầu và mỹ phẩm từ cây thuốc. Đây không phải là thuốc và không thay thế thuốc chữa bệnh."
    ),
    "thu-cong-my-nghe": _(
        "Đồ thủ công: mây tre, gốm, chiếu, vải, thổ cẩm. Mỗi món một khác vì làm bằng tay."
    ),
    "sinh-vat-canh": _(
        "Hoa, cây cảnh và sinh vật cảnh từ nhà vườn. Cây lớn giao bằng dịch vụ hàng cồng kềnh."
    ),
    "du-lich": _("Du lịch cộng đồng và điểm du lịch nông thôn: hỏi và đặt trực tiếp với bà con."),
    ocop.OTHER: _("Hàng nông thôn không thuộc nhóm OCOP: vật tư, con giống, dụng cụ, đồ dùng hằng ngày."),
}
REGION_WORDS: Mapping[str, Text] = {
    "bac": _("miền Bắc"),
    "trung": _("miền Trung và Tây Nguyên"),
    "nam": _("miền Nam"),
}

Counts = Mapping[str, Mapping[str | int, int]]


def sentences(asked: Asked, total: int, facets: Counts) -> list[str]:
    """What to say at the head of the shelf, when it is one category's or one province's and nothing else."""
    named = [name for name in asked.given if name != "sort"]
    if len(named) != 1 or asked.query.page != 1:
        return []
    query = asked.query
    if only(query.province) is not None:
        return _of_province(only(query.province), total, facets)
    if only(query.group) is not None or only(query.set) is not None:
        return _of_category(query, total, facets)
    return []


def _of_province(code: str, total: int, facets: Counts) -> list[str]:
    province = places.province(code)
    if province is None:
        return []
    where = {"name": province.name, "region": REGION_WORDS.get(province.region, "")}
    said = [
        str(
            _("Thành phố %(name)s ở %(region)s.", **where)
            if province.kind is Kind.CITY
            else _("Tỉnh %(name)s ở %(region)s.", **where)
        )
    ]
    before = [name for name in province.merged_from if name != province.name]
    if before:
        names = _joined([*before, province.name])
        said.append(str(_("Từ tháng 7/2025 nơi này gồm %(names)s cũ.", names=names)))
    kinds = [(ocop.set_of(int(no)).name, count) for no, count in _top(facets.get("set", {}))]
    if total and kinds:
        said.append(
            str(
                _("Hôm nay có %(n)s món, nhiều nhất là %(kinds)s.", n=money.number(total), kinds=_list(kinds))
            )
        )
    return [*said, *_starred(facets)]


def _of_category(query: SearchQuery, total: int, facets: Counts) -> list[str]:
    said = []
    slug = only(query.group) or ocop.group_of(only(query.set))
    if query.set is None and slug in GROUP_TEXTS:
        said.append(str(GROUP_TEXTS[slug]))
    where = [
        (found.name, count)
        for code, count in _top(facets.get("province", {}))
        if (found := places.province(str(code)))
    ]
    if total and where:
        said.append(
            str(
                _(
                    "Hôm nay có %(n)s món, nhiều nhất từ %(places)s.",
                    n=money.number(total),
                    places=_list(where),
                )
            )
        )
    return [*said, *_starred(facets)]


def _starred(facets: Counts) -> list[str]:
    count = sum(facets.get("stars", {}).values())
    if not count:
        return []
    return [str(_("%(n)s món có sao OCOP còn hạn, bấm vào sao để xem giấy.", n=money.number(count)))]


def _top(counts: Mapping[str | int, int]) -> list[tuple[str | int, int]]:
    return sorted(counts.items(), key=lambda one: -one[1])[:MOST_NAMED]


def _list(named: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({money.number(count)})" for name, count in named)


def _joined(names: list[str]) -> str:
    return ", ".join(names)
