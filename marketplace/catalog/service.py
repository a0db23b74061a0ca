"""What can be done with goods: list, price, stock, prove, sell, pause, withdraw.

The quantities behind it are in stock.py, sizes and prices in packs.py, certificates in proofs.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from sqlalchemy import func, select, update

from marketplace.catalog import checks, ocop, queries, recalls, stock, stocktaking
from marketplace.catalog.checks import UsualPrices, load_rules, odd_price
from marketplace.catalog.checks import accept as accept_listing
from marketplace.catalog.checks import send_back as send_listing_back
from marketplace.catalog.events import ProductChanged
from marketplace.catalog.models import (
    Handling,
    ListingPolicy,
    Lot,
    Product,
    ProductPhoto,
    ProductState,
    RuleKind,
    StockBy,
    StockHold,
    StockKind,
    Variant,
)
from marketplace.catalog.packs import (
    PackDetails,
    check_price,
    check_sides,
    check_size,
    measure_of,
    size_words,
)
from marketplace.catalog.proofs import (
    add_certificate,
    lapse_certificates,
    look_at_certificate,
    send_certificate,
    verify_certificate,
    watch_certificates,
    withdraw_certificate,
)
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db
from marketplace.foundation.events import publish as tell
from marketplace.foundation.files import StoredPhoto, drop_photo, keep_photo
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications

__all__ = [
    "MOST_PACKS",
    "MOST_PHOTOS",
    "Description",
    "PackDetails",
    "UsualPrices",
    "accept_listing",
    "add_certificate",
    "add_lot",
    "add_photos",
    "bring_back_pack",
    "bring_back_photo",
    "check_stock",
    "clear_removed_photos",
    "correct_heap",
    "correct_stock",
    "count_by",
    "count_sales",
    "describe",
    "draft",
    "draft_many",
    "expire_holds",
    "expire_lots",
    "free_hold",
    "free_holds",
    "hold_stock",
    "keep_holds",
    "lapse_certificates",
    "lessen_hold",
    "limit_orders",
    "load_rules",
    "look_at_certificate",
    "mark_as_illustration",
    "odd_price",
    "order_photos",
    "pause",
    "publish",
    "recall_lot",
    "receive_heap",
    "receive_stock",
    "remove_pack",
    "remove_photo",
    "resume",
    "return_stock",
    "save_pack",
    "sell_between",
    "send_certificate",
    "send_listing_back",
    "set_price",
    "set_variants",
    "size_words",
    "supply",
    "use_hold",
    "use_holds",
    "verify_certificate",
    "watch_certificates",
    "weigh_hold",
    "withdraw",
    "withdraw_certificate",
]

MOST_PHOTOS = 10
MOST_PACKS = 12
PHOTOS_COME_BACK_FOR = timedelta(days=1)

# -- listing ------------------------------------------------------------------------------------------------------


class Description(TypedDict, total=False):
    """What a farmer says of a product; only what is given is changed."""

    name: str
    description: str
    set_no: int | None
    handling: Handling
    ingredients: str
    storage: str
    shelf_life_days: int | None
    season_months: list[int]
    is_own_unprocessed: bool


def draft(farm: Farm, by: Actor, once: str | None = None) -> Product:
    """Begin a product: an empty draft, filled in step by step. The same form (`once`) sent twice begins one."""
    if once:
        begun = db.session.scalar(select(Product).where(Product.once == once))
        if begun is not None and begun.farm_id != farm.id:
            raise Conflict(_("Trang này đã cũ. Hãy mở lại trang đăng món."))
        if begun is not None:
            return begun
    product = Product(farm=farm, once=once or None)
    db.session.add(product)
    audit.record(by, "product.drafted", product)
    return product


def describe(product: Product, by: Actor, **said: Unpack[Description]) -> None:
    """Write down what the farmer says of it. Giving `set_no` (1–26, or None for goods outside OCOP) chooses the
    category."""
    _editable(product)
    if "name" in said:
        _check_name(said["name"])
    if "set_no" in said:
        _check_set(product, said["set_no"])
        product.is_categorised = True
    days = said.get("shelf_life_days")
    if days is not None and not 1 <= days <= 3650:
        raise Refusal(_("Hạn dùng phải từ 1 ngày đến 10 năm."), "shelf_life_days")
    if any(not 1 <= month <= 12 for month in said.get("season_months", ())):
        raise Refusal(_("Hãy chọn các tháng từ 1 đến 12."), "season_months")
    if (policy := checks.identity_waits(product, by)) is not None:
        _ask_for_new_identity(product, policy, by, said)
    changed = [key for key, value in said.items() if getattr(product, key) != value]
    for key, value in said.items():
        setattr(product, key, value)
    if changed:
        audit.record(by, "product.described", product, changed=changed)
        product.is_for_adults = checks.is_for_adults(product)
    if changed:
        _look_again(product, by)
    _changed(product)


def _ask_for_new_identity(product: Product, policy: ListingPolicy, by: Actor, said: Description) -> None:
    """A new name, or another word on where it comes from, waits for a look; the rest is written at once."""
    name, is_own = said.pop("name", product.name), said.pop("is_own_unprocessed", product.is_own_unprocessed)
    if name != product.name:
        checks.wait_for_new_name(product, name, policy, by)
    if is_own != product.is_own_unprocessed:
        checks.wait_for_new_origin(product, is_own, policy, by)


def _look_again(product: Product, by: Actor) -> None:
    """New words of a listing on sale that meet a rule take it off the shelf until somebody has looked; of one that
    waits for a look already, the reviewer is told what stands there now."""
    if product.state is ProductState.CHECKING:
        checks.look_at_new_words(product, checks.reasons_to_look(product, by), by)
    elif product.state is ProductState.ON_SALE and (reasons := checks.reasons_to_look(product, by)):
        states.move(product, ProductState.CHECKING, by)
        checks.ask_for_look(product, reasons, by)


@dataclass(frozen=True)
class NewGoods:
    """A product with its one pack, as a list says it."""

    name: str
    set_no: int | None
    handling: Handling
    description: str
    pack: PackDetails
    stock: int


def draft_many(farm: Farm, goods: Sequence[NewGoods], by: Actor) -> list[Product]:
    """Many drafts with a pack each, in a few statements: what `draft`, `describe`, `save_pack` and `receive_stock`
    would make, refused by the same rules."""
    alcohol = [rule for rule in checks.rules_on(clock.today()) if rule.kind is RuleKind.ALCOHOL]
    made: list[Product] = []
    stocks: dict[Variant, int] = {}
    for one in goods:
        _check_name(one.name)
        check_price(one.pack.price_dong)
        product = Product(
            farm=farm, name=one.name, set_no=one.set_no, handling=one.handling, description=one.description,
            is_categorised=True, is_for_adults=bool(checks.hits(alcohol, one.set_no, one.name)),
        )  # fmt: skip
        variant = Variant(
            product=product, name=one.pack.name or size_words(one.pack), price_dong=one.pack.price_dong,
            grams=one.pack.grams, millilitres=one.pack.millilitres, pieces=one.pack.pieces,
            weight_grams=check_size(one.pack, is_service=False), on_hand=0, held=0,
        )  # fmt: skip
        made.append(product)
        stocks[variant] = one.stock
    db.session.add_all(made)
    db.session.flush()
    stock.begin_with(stocks, by)
    for product in made:
        audit.record(by, "product.imported", product)
    return made


def _check_name(name: str) -> None:
    if sum(letter.isalpha() for letter in name) < 3:
        raise Refusal(_("Ghi tên món, ít nhất 3 chữ cái. Ví dụ: Chè búp Tân Cương."), "name")
    if len(name) > 120:
        raise Refusal(_("Tên dài quá: tối đa %(most)s ký tự.", most=120), "name")


def _check_set(product: Product, set_no: int | None) -> None:
    if set_no is not None and not ocop.is_set(set_no):
        raise Refusal(_("Hãy chọn một loại hàng có trong danh sách."), "set_no")
    if set_no == ocop.SERVICE_SET and product.state is ProductState.ON_SALE and not product.is_service:
        raise Refusal(
            _("Món đang bán không đổi thành dịch vụ được. Hãy đăng dịch vụ thành một mục mới."), "set_no"
        )


# -- packs --------------------------------------------------------------------------------------------------------


def set_variants(product: Product, packs: Sequence[PackDetails], by: Actor) -> list[Variant]:
    """The product is sold in exactly these packs: known sizes are changed, new ones added, the others removed."""
    known = {(pack.grams, pack.millilitres, pack.pieces): pack for pack in product.packs}
    kept = [
        save_pack(product, pack, by, known.get((pack.grams, pack.millilitres, pack.pieces))) for pack in packs
    ]
    for variant in product.packs:
        if variant not in kept:
            remove_pack(variant, by)
    for position, variant in enumerate(kept):
        variant.position = position
    return kept


def save_pack(product: Product, details: PackDetails, by: Actor, variant: Variant | None = None) -> Variant:
    """Add a pack, or change one: its size, price, weight and sides. Its stock is another matter."""
    _editable(product)
    check_price(details.price_dong)
    weight_grams = check_size(details, product.is_service)
    check_sides(details)
    name = details.name.strip() or size_words(details)
    if len(name) > 80:
        raise Refusal(_("Tên gói dài quá: tối đa %(most)s ký tự.", most=80), "name")
    _not_the_same_pack(product, details, name, variant)
    _fits_the_heap(product, details, variant)
    if variant is None:
        if len(product.packs) >= MOST_PACKS:
            raise Refusal(
                _("Mỗi món tối đa %(most)s loại gói. Hãy bỏ bớt gói không bán nữa.", most=MOST_PACKS)
            )
        variant = Variant(product=product, on_hand=0, held=0, position=len(product.variants))
        db.session.add(variant)
        verb, before = "variant.added", None
    else:
        verb, before = "variant.changed", variant.price_dong
    is_renamed = variant.name != name
    variant.name = name
    variant.price_dong = details.price_dong
    variant.grams, variant.millilitres, variant.pieces = details.grams, details.millilitres, details.pieces
    variant.weight_grams = weight_grams
    variant.length_mm, variant.width_mm, variant.height_mm = (
        details.length_mm, details.width_mm, details.height_mm
    )  # fmt: skip
    audit.record(by, verb, variant, price_dong=details.price_dong, price_before_dong=before)
    if is_renamed:
        _look_again(product, by)
    _changed(product)
    return variant


def _not_the_same_pack(product: Product, details: PackDetails, name: str, variant: Variant | None) -> None:
    size = (details.grams, details.millilitres, details.pieces)
    for other in product.packs:
        if other is not variant and other.name == name and size == (
            other.grams, other.millilitres, other.pieces
        ):  # fmt: skip
            raise Refusal(
                _("Đã có gói “%(name)s” này rồi. Hãy sửa gói đó, hoặc ghi tên khác.", name=name), "amount"
            )


def _fits_the_heap(product: Product, pack: PackDetails | Variant, known: Variant | None) -> None:
    """All packs of one heap are of one measure; the heap's own changes only while nothing lies there."""
    if product.stock_by is not StockBy.HEAP:
        return
    others = [other for other in product.packs if other is not known]
    told_by = others[0] if others else product.heap_pack if product.heap_on_hand else None
    if told_by is not None and measure_of(told_by) != measure_of(pack):
        raise Refusal(
            _("Các cỡ gói của món này lấy chung một đống hàng, nên phải cùng tính theo cân, dung tích hoặc số cái."),
            "unit",
        )  # fmt: skip


def set_price(variant: Variant, price_dong: int, by: Actor) -> None:
    """Ask another price for a pack, from now on; orders placed keep theirs. 1.000 đ to 10 billion."""
    _editable(variant.product)
    check_price(price_dong)
    if price_dong == variant.price_dong:
        return
    audit.record(by, "variant.priced", variant, price_dong=price_dong, price_before_dong=variant.price_dong)
    variant.price_dong = price_dong
    _changed(variant.product)


def remove_pack(variant: Variant, by: Actor) -> None:
    """Stop offering a pack. What is ordered of it is still delivered."""
    product = variant.product
    if variant.removed_at is not None:
        return
    if product.state is ProductState.ON_SALE and len(product.packs) == 1:
        raise Refusal(
            _("Món đang bán cần ít nhất một gói. Hãy thêm gói khác trước, hoặc tạm dừng bán món này.")
        )
    variant.removed_at = clock.now()
    audit.record(by, "variant.removed", variant)
    _changed(product)


def bring_back_pack(variant: Variant, by: Actor) -> None:
    """Offer a removed pack again."""
    _editable(variant.product)
    if variant.removed_at is None:
        return
    _fits_the_heap(variant.product, variant, variant)
    variant.removed_at = None
    audit.record(by, "variant.brought_back", variant)
    _changed(variant.product)


# -- photos -------------------------------------------------------------------------------------------------------


def add_photos(
    product: Product, photos: Sequence[ReadyPhoto | StoredPhoto], by: Actor, alt: str = ""
) -> list[ProductPhoto]:
    """Put pictures behind those there are; the first of all is the one on the shelf. The same picture counts once."""
    _editable(product)
    if len(product.photos) + len(photos) > MOST_PHOTOS:
        raise Refusal(
            _("Mỗi món tối đa %(most)s tấm hình. Hãy bỏ bớt hình cũ rồi thêm.", most=MOST_PHOTOS), "photos"
        )
    added: list[ProductPhoto] = []
    position = max((photo.position for photo in product.photos), default=-1)
    shown = {photo.photo_id for photo in product.photos}
    for ready in photos:
        stored = ready if isinstance(ready, StoredPhoto) else keep_photo(ready, "", by, "product")
        if stored.id in shown:
            continue
        shown.add(stored.id)
        position += 1
        added.append(ProductPhoto(product=product, photo=stored, position=position, alt=alt))
    db.session.add_all(added)
    if added:
        audit.record(by, "product.photos_added", product, count=len(added))
    _pictures_changed(product)
    return added


def remove_photo(photo: ProductPhoto, by: Actor) -> None:
    """Take a picture away. For a day it can come back."""
    product = photo.product
    _editable(product)
    if photo.removed_at is not None:
        return
    if product.state is ProductState.ON_SALE and len(product.photos) == 1:
        raise Refusal(_("Món đang bán cần ít nhất một tấm hình. Hãy thêm hình mới trước khi bỏ hình này."))
    photo.removed_at = clock.now()
    audit.record(by, "product.photo_removed", product, photo=photo.code)
    _pictures_changed(product)


def bring_back_photo(photo: ProductPhoto, by: Actor) -> None:
    """Undo: a picture taken away is shown again, where it was."""
    _editable(photo.product)
    if photo.removed_at is None:
        return
    photo.removed_at = None
    audit.record(by, "product.photo_brought_back", photo.product, photo=photo.code)
    _pictures_changed(photo.product)


def order_photos(product: Product, codes: Sequence[str], by: Actor) -> None:
    """Show the pictures in this order; those not named follow as they were."""
    _editable(product)
    rank = {code: at for at, code in enumerate(codes)}
    wanted = sorted(product.photos, key=lambda photo: (rank.get(photo.code, len(rank)), photo.position))
    for position, photo in enumerate(wanted):
        photo.position = position
    audit.record(by, "product.photos_ordered", product)
    _pictures_changed(product)


def _pictures_changed(product: Product) -> None:
    db.session.flush()
    db.session.expire(product, ["photos"])
    _changed(product)


def clear_removed_photos() -> None:
    """Drop the files of pictures taken away more than a day ago that no other product shows."""
    gone = db.session.scalars(
        select(ProductPhoto)
        .where(ProductPhoto.removed_at < clock.now() - PHOTOS_COME_BACK_FOR)
        .order_by(ProductPhoto.id)
        .limit(500)
    ).all()
    for photo in gone:
        stored = photo.photo
        db.session.delete(photo)
        db.session.flush()
        if not db.session.scalar(select(func.count()).where(ProductPhoto.photo_id == stored.id)):
            drop_photo(stored)


# -- lots ---------------------------------------------------------------------------------------------------------


def add_lot(
    product: Product,
    harvested_on: date,
    by: Actor,
    use_by: date | None = None,
    name: str = "",
    note: str = "",
    once: str | None = None,
) -> Lot:
    """A new batch: harvested or made on a day, good until another (by default the shelf life after the harvest)."""
    _editable(product)
    if harvested_on > clock.today():
        raise Refusal(_("Ngày thu hoạch không thể ở tương lai."), "harvested_on")
    if harvested_on < clock.today() - timedelta(days=3650):
        raise Refusal(_("Ngày thu hoạch lâu quá rồi. Hãy xem lại năm."), "harvested_on")
    if use_by is None and product.shelf_life_days:
        use_by = harvested_on + timedelta(days=product.shelf_life_days)
    if use_by is not None and use_by <= harvested_on:
        raise Refusal(_("Hạn dùng phải sau ngày thu hoạch."), "use_by")
    checks.check_note(f"{name}\n{note}")
    lot = Lot(
        product=product, harvested_on=harvested_on, use_by=use_by, name=name, note=note, once=once or None
    )
    db.session.add(lot)
    audit.record(by, "lot.added", lot)
    db.session.expire(product, ["lots"])
    _changed(product)
    return lot


def expire_lots() -> None:
    """Lots past their last day leave the shelf, and their farm hears of it."""
    for lot, amount in recalls.write_off_expired(clock.today()):
        audit.record(SYSTEM, "lot.expired", lot, amount=amount)
        product = lot.product
        for member in farmers.members_recipients(product.farm):
            notifications.send(
                member,
                "catalog/lot_expired",
                f"/sell/products/{product.code}",
                product=product.name,
                lot=lot.code,
                use_by=lot.use_by,
            )
        _changed(product)


def recall_lot(lot: Lot, reason: str, by: Actor) -> list[StockHold]:
    """Nothing of the lot is sold any more; what was held of it is replaced by other goods where there are some.

    The holds that could not be replaced come back, oldest first: whoever keeps the orders calls those off."""
    reason = reason.strip()
    if len(reason) < 5:
        raise Refusal(_("Ghi rõ vì sao thu hồi, để người mua hiểu và làm đúng."), "reason")
    db.session.refresh(lot, with_for_update=True)
    if lot.recalled_at is not None:
        raise Conflict(_("Lô này đã được thu hồi rồi."))
    lot.recalled_at, lot.recall_reason = clock.now(), reason[:300]
    db.session.flush()
    left = recalls.recall(lot)
    audit.record(by, "lot.recalled", lot, why=reason, not_replaced=len(left))
    _changed(lot.product)
    return left


# -- selling ------------------------------------------------------------------------------------------------------


def mark_as_illustration(product: Product, demo_id: str, by: Actor) -> None:
    """The product is made up for looking round: its page says so, and the same data makes it only once."""
    product.is_illustration, product.demo_id = True, demo_id
    audit.record(by, "product.marked_as_illustration", product)


def publish(product: Product, by: Actor) -> None:
    """Offer the product to everybody. A helper's product waits for the farmer's own yes; a new farm's first ones, and
    what a rule about words asks for, wait until a reviewer has looked.

    Refuses with the first thing that is missing: a photo, a name, a category, a pack with a price, an open farm.
    """
    _editable(product)
    for gap in queries.gaps(product):
        raise Refusal(gap.sentence)
    if by.for_id is not None and product.published_at is None:
        states.move(product, ProductState.WAITING, by)
        return
    if reasons := checks.reasons_to_look(product, by):
        states.move(product, ProductState.CHECKING, by)
        checks.ask_for_look(product, reasons, by)
        _changed(product)
        return
    states.move(product, ProductState.ON_SALE, by)
    product.published_at = product.published_at or clock.now()
    _changed(product)


def note_first_view(product: Product) -> None:
    """Somebody who is not of the farm has opened its page; kept once, whoever looks afterwards."""
    db.session.execute(
        update(Product)
        .where(Product.id == product.id, Product.first_seen_at.is_(None))
        .values(first_seen_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def pause(product: Product, by: Actor) -> None:
    """Stop selling for a while; orders placed go on."""
    states.move(product, ProductState.PAUSED, by)
    _changed(product)


def resume(product: Product, by: Actor) -> None:
    """Sell again what was paused."""
    publish(product, by)


def withdraw(product: Product, by: Actor, why: str | None = None) -> None:
    """Take the product off the market for good; orders placed go on, and its page says it is gone."""
    states.move(product, ProductState.WITHDRAWN, by, why)
    checks.drop_look(product, by)
    _changed(product)


# -- stock (the numbers change in stock.py) --------------------------------------------------------------------------


def supply(
    product: Product,
    quantities: Mapping[Variant, int],
    by: Actor,
    harvested_on: date | None = None,
    use_by: date | None = None,
    note: str = "",
    once: str | None = None,
    heap: int = 0,
) -> Lot | None:
    """A harvest or a batch comes in: so many more of each pack, or so much more on the heap (in its own unit), and a
    lot when its day is given. The same form (`once`) sent twice counts once."""
    _editable(product)
    wanted = {variant: quantity for variant, quantity in quantities.items() if quantity}
    if not wanted and not heap and harvested_on is None:
        raise Refusal(_("Ghi số lượng của ít nhất một gói, hoặc ngày thu hoạch."))
    if once and stock.was_received(product.id, once):
        return None
    if once and db.session.scalar(select(Lot.id).where(Lot.once == once)) is not None:
        raise Conflict(_("Trang này đã cũ. Hãy mở lại trang nhập hàng của món."))
    lot = add_lot(product, harvested_on, by, use_by, note=note, once=once) if harvested_on else None
    db.session.flush()
    for variant in sorted(wanted, key=lambda variant: variant.id):
        stock.receive(variant, wanted[variant], by, lot=lot, once=once)
    if heap:
        stock.receive_heap(product, heap, by, lot, once)
    _changed(product)
    return lot


def receive_stock(
    variant: Variant,
    quantity: int,
    by: Actor,
    kind: StockKind = StockKind.RECEIVED,
    lot: Lot | None = None,
) -> None:
    """So many more of a pack are there."""
    db.session.flush()
    stock.receive(variant, quantity, by, kind, lot)


def receive_heap(product: Product, amount: int, by: Actor, lot: Lot | None = None) -> None:
    """So much more lies on the heap all packs share, in grams, millilitres or pieces."""
    db.session.flush()
    stock.receive_heap(product, amount, by, lot)


def correct_heap(product: Product, on_hand: int, by: Actor, seen: int | None = None) -> None:
    """So much really lies on the heap. `seen`: what the page showed; Conflict when orders changed it."""
    db.session.flush()
    stock.correct_heap(product, on_hand, by, seen)


def count_by(
    product: Product, how: StockBy, by: Actor, daily_capacity: int | None = None, lead_days: int = 0
) -> None:
    """Count the product by packs, as one heap all packs come out of, or as made when ordered (so many packs a day,
    ready after so many days)."""
    _editable(product)
    db.session.flush()
    stock.count_by(product, how, by, daily_capacity, lead_days)
    _changed(product)


def limit_orders(variant: Variant, by: Actor, least: int = 1, most: int | None = None) -> None:
    """Nobody may order fewer or more of this pack at once."""
    _editable(variant.product)
    if not 1 <= least <= 10_000:
        raise Refusal(_("Số ít nhất mỗi đơn phải từ 1 đến 10.000."), "least_per_order")
    if most is not None and not least <= most <= 100_000:
        raise Refusal(_("Số nhiều nhất mỗi đơn không thể nhỏ hơn số ít nhất."), "most_per_order")
    if (least, most) != (variant.least_per_order, variant.most_per_order):
        variant.least_per_order, variant.most_per_order = least, most
        audit.record(by, "variant.limited", variant, least=least, most=most)


def sell_between(product: Product, by: Actor, first: date | None, last: date | None) -> None:
    """Take orders only from this day to that one (none: without end)."""
    _editable(product)
    if first and last and last < first:
        raise Refusal(_("Ngày cuối bán phải sau ngày bắt đầu."), "sale_until")
    if (first, last) != (product.sale_from, product.sale_until):
        product.sale_from, product.sale_until = first, last
        audit.record(by, "product.sold_between", product, first=str(first or ""), last=str(last or ""))
        _changed(product)


def correct_stock(variant: Variant, on_hand: int, by: Actor, seen: int | None = None) -> None:
    """So many of a pack are really there. `seen`: the number the page showed; Conflict when orders changed it."""
    db.session.flush()
    stock.correct(variant, on_hand, by, seen)


def hold_stock(wanted: Mapping[int, int], by: Actor, until: datetime | None = None) -> dict[int, StockHold]:
    """Keep so many of each pack for an order: all, or none with a Conflict that names what is short. `until`: freed
    after that moment unless `keep_holds` was said. Who gathers their writes (`no_autoflush`) has the rows written with
    the rest."""
    holds = stock.hold(wanted, by, until)
    if db.session.autoflush:
        db.session.flush()
    return holds


def use_hold(hold: StockHold, by: Actor) -> None:
    """What was held is sold. Twice sells once."""
    stock.use([hold], by)


def free_hold(hold: StockHold, by: Actor) -> None:
    """What was held is free again. Twice frees once."""
    stock.free([hold], by)


def return_stock(
    hold: StockHold, is_good: bool, by: Actor, back: int | None = None, thrown_away: int = 0
) -> None:
    """What was sold came back (`back`: only so many of its packs): good goods are on sale again, spoilt ones and those
    thrown away on the way are written off. Twice returns once."""
    back = hold.quantity if back is None else back
    stock.take_back(hold, by, spoilt=min(back, thrown_away) if is_good else back, back=back)


claim_packs = stock.claim_packs
keep_holds, put_off_holds, expire_holds = stock.keep, stock.put_off, stock.expire
use_holds, free_holds, lessen_hold, weigh_hold = stock.use, stock.free, stock.lessen, stock.weigh
check_stock, count_sales = stocktaking.check, stocktaking.count_sales


# -- every verb ---------------------------------------------------------------------------------------------------


def _editable(product: Product) -> None:
    if product.state is ProductState.WITHDRAWN:
        raise Conflict(_("Món này đã gỡ khỏi chợ nên không sửa được nữa. Hãy đăng món mới."))


def _changed(product: Product) -> None:
    """Tell upstairs, once the row has its number. Drafts are nobody's business."""
    db.session.flush()
    if product.published_at is not None:
        tell(ProductChanged(product.id))
