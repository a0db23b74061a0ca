"""Who did what with a listing, for whom, and when: the goods themselves, their packs, lots, looks and proofs in one row
of time; and what of it stands on the trace page of a lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person, Role
from marketplace.catalog import queries
from marketplace.catalog.models import (
    STOCK_BY_WORDS,
    Certificate,
    ListingReview,
    Lot,
    Product,
    StockBy,
    Variant,
)
from marketplace.farmers.models import Farm
from marketplace.foundation import audit
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db
from marketplace.foundation.money import dong, number
from marketplace.foundation.words import Text, _

DEEDS: dict[str, Text] = {
    "product.drafted": _("Bắt đầu đăng"),
    "product.duplicated": _("Chép từ món khác"),
    "product.imported": _("Nhập từ danh sách"),
    "product.described": _("Sửa lời"),
    "product.marked_as_illustration": _("Ghi là hàng minh họa"),
    "product.photos_added": _("Thêm hình"),
    "product.photo_removed": _("Bỏ một hình"),
    "product.photo_brought_back": _("Lấy lại một hình"),
    "product.photos_ordered": _("Xếp lại hình"),
    "product.renamed": _("Đổi tên"),
    "product.origin_changed": _("Đổi nguồn gốc"),
    "product.counted_by": _("Đổi cách đếm kho"),
    "product.sold_between": _("Đặt mùa bán"),
    "product.received": _("Nhập kho"),
    "product.heap_corrected": _("Đếm lại kho"),
    "product.draft": _("Trở lại bản nháp"),
    "product.waiting": _("Gửi cho người bán đồng ý"),
    "product.checking": _("Gửi cho chợ xem"),
    "product.on_sale": _("Đăng bán"),
    "product.paused": _("Tạm dừng bán"),
    "product.withdrawn": _("Gỡ khỏi chợ"),
    "variant.added": _("Thêm gói"),
    "variant.changed": _("Sửa gói"),
    "variant.priced": _("Đổi giá"),
    "variant.limited": _("Đặt số lượng mỗi đơn"),
    "variant.received": _("Nhập kho"),
    "variant.corrected": _("Đếm lại kho"),
    "variant.removed": _("Bỏ gói"),
    "variant.brought_back": _("Bán lại gói"),
    "lot.added": _("Ghi lô hàng"),
    "lot.expired": _("Hết hạn, ngừng bán"),
    "lot.recalled": _("Thu hồi"),
    "lot.seen_off": _("Báo cho người mua"),
    "listing_review.asked": _("Nhờ chợ xem"),
    "listing_review.accepted": _("Chợ nhận"),
    "listing_review.sent_back": _("Chợ gửi lại"),
    "listing_review.dropped": _("Thôi không nhờ xem"),
    "certificate.submitted": _("Gửi giấy chứng nhận"),
    "certificate.looked_at": _("Xem tờ giấy"),
    "certificate.verified": _("Xác nhận giấy đúng"),
    "certificate.withdrawn": _("Không nhận hoặc thu hồi giấy"),
    "certificate.noted": _("Ghi nhận giấy, chưa đủ bằng chứng"),
    "certificate.reminded": _("Nhắc giấy sắp hết hạn"),
    "certificate.lapsed": _("Giấy hết hạn"),
}
"""Every verb of a listing, as its farmer says it."""

FIELDS: dict[str, Text] = {
    "name": _("Tên món"),
    "description": _("Giới thiệu"),
    "set_no": _("Loại hàng"),
    "handling": _("Hàng này khi gửi đi"),
    "ingredients": _("Thành phần"),
    "storage": _("Cách bảo quản"),
    "shelf_life_days": _("Hạn dùng kể từ ngày làm ra"),
    "season_months": _("Mùa thu hoạch"),
    "is_own_unprocessed": _("Nhà tôi tự trồng, nuôi hoặc đánh bắt, chưa chế biến"),
}
THE_MARKETS_OWN = (Role.REVIEWER, Role.ADMIN)


@dataclass(frozen=True)
class Written:
    """A line of a listing's history: what was done to what of it (`about`: a pack, a lot, a paper; empty: the goods
    themselves), the facts of it, when, by whom, for whom, why. `who` is none when the market itself did it."""

    at: datetime
    what: Text | str
    about: str
    facts: tuple[Text | str, ...]
    who: str | None
    for_whom: str | None
    why: str


def count_written(product: Product) -> int:
    """How many lines its history has."""
    return queries.count(_entries(product))


def written(product: Product, offset: int, limit: int, names_reviewers: bool) -> list[Written]:
    """A page of its history, the last deed first. Its farm sees its people and helpers by name, and whoever decides for
    the market as the market; reviewers see every name."""
    rows = _entries(product).order_by(AuditEntry.id.desc()).offset(offset).limit(limit)
    entries = db.session.scalars(rows).all()
    known = people.people_in(entries)
    parts = _parts(product)
    return [
        Written(
            at=entry.at,
            what=DEEDS.get(entry.verb, entry.verb),
            about=parts.get((entry.record_type, entry.record_id), ""),
            facts=tuple(_facts(entry, product)),
            who=_name(entry, known, product.farm, names_reviewers),
            for_whom=known[entry.for_id].name if entry.for_id in known else None,
            why=str(entry.details.get("why") or ""),
        )
        for entry in entries
    ]


def _entries(product: Product) -> Select[AuditEntry]:
    def ids(model: type[Variant | Lot | ListingReview | Certificate]) -> Sequence[int]:
        return db.session.scalars(select(model.id).where(model.product_id == product.id)).all()

    return audit.of(
        {"product": [product.id], "variant": ids(Variant), "lot": ids(Lot),
         "listing_review": ids(ListingReview), "certificate": ids(Certificate)}
    )  # fmt: skip


def _parts(product: Product) -> dict[tuple[str, int], str]:
    """What the lines that are not of the goods themselves are about."""
    return (
        {("variant", pack.id): pack.name for pack in product.variants}
        | {("lot", lot.id): lot.code for lot in product.lots}
        | {("certificate", paper.id): paper.number for paper in product.certificates}
    )


def _name(
    entry: AuditEntry, known: Mapping[int | None, Person], farm: Farm, names_reviewers: bool
) -> str | None:
    person = known.get(entry.actor_id)
    if person is None:
        return None
    return person.name if names_reviewers or not _is_the_market(entry, person, farm) else None


def _is_the_market(entry: AuditEntry, person: Person, farm: Farm) -> bool:
    """Did somebody act for the market, and not for a farm?"""
    is_of_farm = any(member.person_id == person.id for member in farm.members)
    return entry.for_id is None and not is_of_farm and person.has_role(*THE_MARKETS_OWN)


def _facts(entry: AuditEntry, product: Product) -> list[Text | str]:
    """What a line says beyond its verb, in the reader's words."""
    told = entry.details
    facts: list[Text | str] = []
    if "price_dong" in told:
        facts.append(_change(told.get("price_before_dong"), told["price_dong"], dong))
    if "quantity" in told:
        facts.append(_("%(n)s gói", n=number(told["quantity"])))
    if entry.verb == "product.received":
        facts.append(queries.heap_words(told["amount"], product))
    if entry.verb == "variant.corrected":
        facts.append(_change(told["before"], told["after"], number))
    if entry.verb == "product.heap_corrected":
        facts.append(
            _change(told["before"], told["after"], lambda amount: queries.heap_words(amount, product))
        )
    if entry.verb == "product.counted_by":
        facts.append(_change(told["before"], told["after"], lambda how: STOCK_BY_WORDS[StockBy(how)]))
    if entry.verb == "product.renamed":
        facts.append(_change(told["before"], told["after"], str))
    if entry.verb == "product.duplicated":
        facts.append(told["origin"])
    if entry.verb == "variant.limited":
        facts.append(_limits(told))
    if entry.verb == "product.sold_between":
        facts.append(f"{told['first'] or '…'} – {told['last'] or '…'}")
    if told.get("lot"):
        facts.append(_("Lô %(code)s", code=told["lot"]))
    facts.extend(FIELDS[name] for name in told.get("changed", ()) if name in FIELDS)
    return facts


def _change(before: Any, after: Any, words: Any) -> Text | str:
    if before is None or before == after:
        return words(after)
    return _("từ %(before)s thành %(after)s", before=words(before), after=words(after))


def _limits(told: Mapping[str, Any]) -> Text:
    if told.get("most") is None:
        return _("Mỗi đơn ít nhất %(least)s.", least=number(told["least"]))
    return _("Mỗi đơn từ %(least)s đến %(most)s.", least=number(told["least"]), most=number(told["most"]))


# -- the trace page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something that was written down about a lot: when, what, by whom."""

    at: datetime
    words: Text | str
    who: Text | str


ON_THE_PACK = ("lot.added", "lot.expired", "lot.recalled", "lot.seen_off")
RECEIVED = ("variant.received", "product.received")


def trail_of_lot(lot: Lot) -> list[Step]:
    """Who wrote down what of a lot, and when, oldest first. Everybody reads it, so people stand there by the farm they
    write for; what the market did is the market's."""
    farm = lot.product.farm
    shelves = audit.of({"product": [lot.product_id], "variant": [pack.id for pack in lot.product.variants]})
    received = db.session.scalars(
        shelves.where(AuditEntry.verb.in_(RECEIVED), AuditEntry.at >= lot.created_at).order_by(AuditEntry.id)
    )
    entries = [entry for entry in audit.trail(lot) if entry.verb in ON_THE_PACK]
    entries += [entry for entry in received if entry.details.get("lot") == lot.code]
    known = people.people_in(entries)
    return [
        Step(entry.at, DEEDS[entry.verb], _side(entry, known.get(entry.actor_id), farm))
        for entry in sorted(entries, key=lambda entry: entry.id)
    ]


def _side(entry: AuditEntry, person: Person | None, farm: Farm) -> Text | str:
    if person is None or _is_the_market(entry, person, farm):
        return _("phía chợ")
    if entry.for_id is not None and entry.for_id != entry.actor_id:
        return _("%(farm)s, có người ghi giúp", farm=farm.name)
    return farm.name
