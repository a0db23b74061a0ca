"""Quick ways to list, each made of the service's verbs: everything on one page, a copy of another product, many prices
and counts at once, and the draft that is kept while somebody is still typing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from marketplace.catalog import kinds, ocop, service
from marketplace.catalog.kinds import Kind
from marketplace.catalog.models import Handling, Product, ProductState, Variant
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import Farm
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _


@dataclass(frozen=True)
class Listing:
    """What the one page says of a product. `set_no` None with `is_other`: goods outside OCOP; None without: as the name
    suggests. `quantity` packs are there."""

    name: str
    pack: PackDetails
    set_no: int | None = None
    is_other: bool = False
    quantity: int = 0
    harvested_on: date | None = None
    is_own_unprocessed: bool = False


def list_at_once(farm: Farm, said: Listing, photos: Sequence[ReadyPhoto], once: str, by: Actor) -> Product:
    """A product from one page: words, pictures, pack, price, stock, and on sale when nothing is missing. Sent twice it
    is one product; what is missing (a farm that waits) leaves a draft behind."""
    product = service.draft(farm, by, once)
    if product.published_at is not None or product.state is not ProductState.DRAFT:
        return product
    product.typed = None
    kind = kinds.suggest(said.name)
    set_no = said.set_no
    if set_no is None and not said.is_other:
        if kind is None:
            raise Refusal(_("Chọn loại hàng: chợ chưa đoán được từ tên món."), "set_no")
        set_no = kind.set_no
    service.describe(
        product, by, name=said.name, set_no=set_no, is_own_unprocessed=said.is_own_unprocessed,
        handling=_handling(kind, set_no),
    )  # fmt: skip
    if kind is not None and kind.set_no == set_no and not product.storage:
        service.describe(product, by, storage=kind.storage, shelf_life_days=kind.shelf_life_days)
    if photos:
        service.add_photos(product, photos, by)
    if not product.photos:
        raise Refusal(_("Hãy chụp hoặc chọn ít nhất một tấm hình."), "photos")
    (pack,) = service.set_variants(product, [said.pack], by)
    db.session.flush()
    if said.quantity and not pack.on_hand:
        service.supply(product, {pack: said.quantity}, by, said.harvested_on, once=once)
    if product.farm.may_sell:
        service.publish(product, by)
    return product


def _handling(kind: Kind | None, set_no: int | None) -> Handling:
    if kind is not None and kind.set_no == set_no:
        return Handling(kind.handling)
    return Handling(ocop.set_of(set_no).handling) if set_no else Handling.DRY


MOST_TYPED = 200
"""Letters of one field that are kept while somebody is typing; no field of the page takes more."""


def keep_draft(farm: Farm, once: str, typed: Mapping[str, str], by: Actor) -> Product:
    """What is typed so far, kept on the server: the list of goods shows it, another phone can go on with it."""
    product = service.draft(farm, by, once)
    db.session.flush()
    if product.state is not ProductState.DRAFT or product.variants:
        return product
    product.typed = {key: value[:MOST_TYPED] for key, value in typed.items()}
    name = typed.get("name", "").strip()[:120]
    if sum(letter.isalpha() for letter in name) >= 3:
        service.describe(product, by, name=name)
        if not product.is_categorised and (kind := kinds.suggest(name)) is not None:
            service.describe(product, by, set_no=kind.set_no)
    return product


def add_uploaded(farm: Farm, once: str, photo: StoredPhoto, by: Actor) -> Product:
    """A picture that came piece by piece belongs to the draft of its page."""
    product = service.draft(farm, by, once)
    db.session.flush()
    if product.state is not ProductState.DRAFT:
        raise Conflict(_("Món này đã đăng rồi. Muốn thêm hình, hãy mở trang của món."))
    service.add_photos(product, [photo], by)
    return product


def begun(farm: Farm, once: str) -> Product | None:
    """The draft this page began before, on this phone or another."""
    return db.session.scalar(select(Product).where(Product.farm_id == farm.id, Product.once == once))


# -- another like it ----------------------------------------------------------------------------------------------


def duplicate(product: Product, by: Actor, once: str) -> Product:
    """A draft like this one: words, pictures, packs and limits; no stock, no lots, no proofs. Twice makes one."""
    known = begun(product.farm, once)
    if known is not None:
        return known
    copy = service.draft(product.farm, by, once)
    name = product.name
    said: service.Description = {
        "description": product.description, "handling": product.handling, "ingredients": product.ingredients,
        "storage": product.storage, "shelf_life_days": product.shelf_life_days,
        "season_months": list(product.season_months), "is_own_unprocessed": product.is_own_unprocessed,
    }  # fmt: skip
    if name:
        said["name"] = f"{name} (2)"[:120]
    if product.is_categorised:
        said["set_no"] = product.set_no
    service.describe(copy, by, **said)
    service.add_photos(copy, [shown.photo for shown in product.photos], by)
    for pack in product.packs:
        made = service.save_pack(copy, _details(pack), by)
        service.limit_orders(made, by, pack.least_per_order, pack.most_per_order)
    audit.record(by, "product.duplicated", copy, origin=product.code)
    return copy


def _details(pack: Variant) -> PackDetails:
    return PackDetails(
        price_dong=pack.price_dong, grams=pack.grams, millilitres=pack.millilitres, pieces=pack.pieces, name=pack.name,
        weight_grams=pack.weight_grams, length_mm=pack.length_mm, width_mm=pack.width_mm, height_mm=pack.height_mm,
    )  # fmt: skip


# -- many at once -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GridRow:
    """What was typed for a pack in the grid, and what the page had shown."""

    price_dong: int
    on_hand: int | None
    seen_price_dong: int
    seen_on_hand: int


def save_grid(rows: Mapping[Variant, GridRow], by: Actor) -> int:
    """Prices and counts of many packs, all or none; only what was changed is touched, and a count orders have moved
    meanwhile is a Conflict. How many packs changed."""
    changed = 0
    for pack in sorted(rows, key=lambda pack: pack.id):
        row = rows[pack]
        is_changed = False
        if row.price_dong != row.seen_price_dong:
            if pack.price_dong != row.seen_price_dong:
                raise Conflict(_("Giá của “%(pack)s” vừa được sửa ở chỗ khác. Hãy xem lại.", pack=pack.name))
            service.set_price(pack, row.price_dong, by)
            is_changed = True
        if row.on_hand is not None and row.on_hand != row.seen_on_hand:
            service.correct_stock(pack, row.on_hand, by, row.seen_on_hand)
            is_changed = True
        changed += is_changed
    return changed
