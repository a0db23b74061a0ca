"""What can be seen of goods: by anybody (only what is on sale of open farms), and by their own farm."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.base import ExecutableOption

from marketplace.accounts.models import Person
from marketplace.catalog import ocop
from marketplace.catalog.models import (
    Certificate,
    CertificateKind,
    CertificateState,
    HoldLot,
    HoldState,
    Lot,
    Product,
    ProductPhoto,
    ProductState,
    StockBy,
    StockHold,
    Variant,
)
from marketplace.catalog.packs import Measure, PackDetails, measure_of, size_words
from marketplace.farmers.models import Farm, FarmMember, FarmState
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.files import ShownPhoto, StoredPhoto
from marketplace.foundation.money import divide_half_up
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import Text, _
from marketplace.search import vietnamese

Unit = Literal["kg", "l", "piece"]
NOT_ON_SALE = _("Món này không còn bán. Có thể người bán đã gỡ hoặc đang tạm nghỉ.")
UNIT_WORDS: dict[Unit, Text] = {"kg": _("kg"), "l": _("lít"), "piece": _("cái")}

# -- what buyers see ----------------------------------------------------------------------------------------------


ON_SALE = (Product.state == ProductState.ON_SALE, Farm.state == FarmState.OPEN)
"""What makes a product one anybody may see and buy: it is on sale, and its farm is open."""


def on_sale() -> Select[Product]:
    """Products anybody may see now: on sale, of an open farm. The farm comes with them; add `shelf_parts()` to load
    packs and pictures of a whole page in two more statements."""
    return select(Product).join(Product.farm).where(*ON_SALE).options(contains_eager(Product.farm))


def shelf_parts() -> tuple[ExecutableOption, ...]:
    """Loader options for what a card shows: packs and pictures, two statements however many products."""
    return (selectinload(Product.variants), selectinload(Product.photos).joinedload(ProductPhoto.photo))


def page_parts() -> tuple[ExecutableOption, ...]:
    """Loader options for what a product's own page shows: packs, pictures, lots and certificates."""
    return (*shelf_parts(), selectinload(Product.lots), selectinload(Product.certificates))


def products_on_sale(ids: Collection[int]) -> list[Product]:
    """Those of these products that may be seen now, in the order of `ids`, ready for cards (three statements)."""
    if not ids:
        return []
    found = db.session.scalars(on_sale().where(Product.id.in_(ids)).options(*shelf_parts()))
    by_id = {product.id: product for product in found}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def product_on_sale(code: str) -> Product:
    """The product with this code with all its page shows; Missing when it is not on sale now."""
    found = db.session.scalar(on_sale().where(Product.code == code).options(*page_parts()))
    if found is None:
        raise Missing(NOT_ON_SALE)
    return found


def variant_on_sale(code: str) -> Variant:
    """The pack with this code while it may be bought: offered, its product on sale, its farm open, no service."""
    found = db.session.scalar(_buyable_by_code(), {"code": code})
    if found is None:
        raise Missing(NOT_ON_SALE)
    return found


def variants_on_sale(ids: Collection[int]) -> dict[int, Variant]:
    """Those of these packs that may be bought now, by id, in one statement."""
    return {variant.id: variant for variant in db.session.scalars(_buyable().where(Variant.id.in_(ids)))}


FIRST_PHOTO = (
    select(ProductPhoto.photo_id)
    .where(ProductPhoto.product_id == Product.id, ProductPhoto.removed_at.is_(None))
    .order_by(ProductPhoto.position, ProductPhoto.id)
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
)
"""The id of the picture a product is known by, within a statement about products."""


def load_photos(products: Collection[Product]) -> None:
    """The pictures of these products, in one statement."""
    by_product: dict[int, list[ProductPhoto]] = {product.id: [] for product in products}
    for photo in db.session.scalars(_photos_of(), {"ids": list(by_product)}) if by_product else ():
        by_product[photo.product_id].append(photo)
    for product in products:
        set_committed_value(product, "photos", by_product[product.id])


def covers(product_ids: Collection[int]) -> dict[int, ShownPhoto | None]:
    """The picture each of these products is known by, where it has one; in one plain statement, without the others."""
    asked = {"ids": list(product_ids)}
    rows = db.session.connection().execute(_covers_of(), asked) if product_ids else ()
    return {id_: ShownPhoto.of(key, width, sizes_made_at) for id_, key, width, sizes_made_at in rows}


@cache
def _covers_of() -> Select[int, str, int, datetime | None]:
    return (
        select(Product.id, StoredPhoto.key, StoredPhoto.width, StoredPhoto.sizes_made_at)
        .join(StoredPhoto, StoredPhoto.id == FIRST_PHOTO)
        .where(Product.id.in_(bindparam("ids", expanding=True)))
    )


@cache
def _photos_of() -> Select[ProductPhoto]:
    return (
        select(ProductPhoto)
        .where(
            ProductPhoto.product_id.in_(bindparam("ids", expanding=True)), ProductPhoto.removed_at.is_(None)
        )
        .order_by(ProductPhoto.position, ProductPhoto.id)
        .options(joinedload(ProductPhoto.photo))
    )


@cache
def _buyable_by_code() -> Select[Variant]:
    return _buyable().where(Variant.code == bindparam("code"))


def _buyable() -> Select[Variant]:
    return (
        select(Variant)
        .join(Variant.product)
        .join(Product.farm)
        .where(
            Variant.removed_at.is_(None),
            *ON_SALE,
            or_(Product.set_no.is_(None), Product.set_no != ocop.SERVICE_SET),
        )
        .options(contains_eager(Variant.product).contains_eager(Product.farm))
        .execution_options(populate_existing=True)
    )


def unit_price(variant: Variant | PackDetails) -> tuple[int, Unit]:
    """What the pack makes per kilogram, litre or piece, half up to 1 đ."""
    if variant.grams:
        return divide_half_up(variant.price_dong * 1000, variant.grams), "kg"
    if variant.millilitres:
        return divide_half_up(variant.price_dong * 1000, variant.millilitres), "l"
    return divide_half_up(variant.price_dong, variant.pieces or 1), "piece"


def cheapest(product: Product) -> Variant | None:
    """The pack a card shows: the cheapest that is there, else the cheapest of all."""
    return min(product.packs, key=lambda pack: (pack.available <= 0, pack.price_dong), default=None)


def current_lot(product: Product) -> Lot | None:
    """The batch on the shelf now: the last harvested that is still good."""
    return next((lot for lot in product.lots if lot.is_good), None)


def lot_of(code: str) -> Lot:
    """The batch with the code on a label (the trace page)."""
    found = db.session.scalar(select(Lot).where(Lot.code == code).options(joinedload(Lot.product)))
    if found is None:
        raise Missing()
    return found


def lots_recalled(limit: int = 50) -> list[Lot]:
    """Lots called back, the last one first."""
    return list(
        db.session.scalars(
            select(Lot)
            .where(Lot.recalled_at.is_not(None))
            .options(joinedload(Lot.product).joinedload(Product.farm))
            .order_by(Lot.recalled_at.desc(), Lot.id.desc())
            .limit(limit)
        )
    )


def is_on_sale(product: Product) -> bool:
    """May anybody see its page now?"""
    return product.state is ProductState.ON_SALE and product.farm.state is FarmState.OPEN


def lot_for(person: Person, code: str) -> Lot:
    """A lot of a farm this person works for; anybody else's is Missing."""
    found = db.session.scalar(
        select(Lot)
        .join(Lot.product)
        .join(FarmMember, FarmMember.farm_id == Product.farm_id)
        .where(FarmMember.person_id == person.id, Lot.code == code)
    )
    if found is None:
        raise Missing()
    return found


def holds_of_lot(lot: Lot) -> Sequence[int]:
    """Ids of the holds that take, or took, from this lot."""
    return db.session.scalars(select(HoldLot.hold_id).where(HoldLot.lot_id == lot.id)).all()


def heap_words(amount: int, product: Product) -> str:
    """So much of a heap in figures: `12,5 kg`, `3 l`, `40 cái`."""
    pack = product.heap_pack
    if not amount:
        return f"0 {_HEAP_UNITS[measure_of(pack) if pack else 'grams']}"
    return size_words(PackDetails.sized(measure_of(pack) if pack else "grams", amount, 0))


_HEAP_UNITS: dict[Measure, str] = {"grams": "kg", "millilitres": "l", "pieces": "cái"}


def heap_unit(product: Product) -> Text:
    """What a heap is weighed or counted in."""
    pack = product.heap_pack
    return UNIT_WORDS["kg" if pack is None or pack.grams else "l" if pack.millilitres else "piece"]


def ids_in_stock() -> CompoundSelect[int]:
    """Ids of products of which something is there, however it is counted (a day's capacity is not looked at)."""
    counted = select(Variant.product_id).where(Variant.removed_at.is_(None), Variant.on_hand > Variant.held)
    otherwise = select(Product.id).where(
        or_(
            Product.stock_by == StockBy.ORDER,
            and_(Product.stock_by == StockBy.HEAP, Product.heap_on_hand > Product.heap_held),
        )
    )
    return counted.union_all(otherwise)


def lot_codes(hold: StockHold) -> list[str]:
    """From which lots a hold takes, first to expire first; when lots are not counted: the one on the shelf."""
    if hold.lots:
        return [part.lot.code for part in hold.lots]
    asked = {"product": hold.variant.product_id, "today": clock.today()}
    lot = db.session.execute(_lot_on_the_shelf(), asked).first()
    return [lot.code] if lot is not None and not lot.is_counted else []


@cache
def _lot_on_the_shelf() -> Select[str, bool]:
    """The same lot as `current_lot` finds."""
    return (
        select(Lot.code, Lot.is_counted)
        .where(
            Lot.product_id == bindparam("product"),
            Lot.recalled_at.is_(None),
            or_(Lot.use_by.is_(None), Lot.use_by >= bindparam("today")),
        )
        .order_by(Lot.harvested_on.desc(), Lot.id)
        .limit(1)
    )


def in_season(product: Product, day: date | None = None) -> bool:
    """Is it harvested this month? Without months it is there all year."""
    return not product.season_months or (day or clock.today()).month in product.season_months


# -- what proves it -----------------------------------------------------------------------------------------------


def _proving(day: date) -> Select[Certificate]:
    return select(Certificate).where(
        Certificate.state == CertificateState.VERIFIED,
        Certificate.issued_on <= day,
        Certificate.valid_until >= day,
    )


def star_certificate(product: Product) -> Certificate | None:
    """The OCOP certificate that proves the product's stars today: the most recent one."""
    return star_among(product.certificates)


def star_among(certificates: Iterable[Certificate]) -> Certificate | None:
    """Of a product's certificates the OCOP one that proves its stars today."""
    return max(
        (c for c in certificates if c.kind is CertificateKind.OCOP and c.proves_now),
        key=lambda c: (c.issued_on, c.id),
        default=None,
    )


def stars_now(product: Product) -> int | None:
    """Its OCOP stars, while a certificate proves them."""
    proof = star_certificate(product)
    return proof.stars if proof else None


def stars_of(product_ids: Collection[int]) -> dict[int, int]:
    """The stars of many products at once (one statement); those without a proof are not in it."""
    if not product_ids:
        return {}
    rows = db.session.scalars(
        _proving(clock.today())
        .where(Certificate.product_id.in_(product_ids), Certificate.kind == CertificateKind.OCOP)
        .order_by(Certificate.issued_on, Certificate.id)
    )
    return {row.product_id: row.stars for row in rows if row.product_id and row.stars}


def certificates_now(product: Product) -> list[Certificate]:
    """All that proves something of the product today, its own and its farm's, OCOP first."""
    rows = db.session.scalars(
        _proving(clock.today())
        .where(or_(Certificate.product_id == product.id, Certificate.farm_id == product.farm_id))
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    )
    return sorted(rows, key=lambda row: row.kind is not CertificateKind.OCOP)


def farm_certificates_now(farm: Farm) -> list[Certificate]:
    """What proves something of the farm itself today."""
    return list(
        db.session.scalars(
            _proving(clock.today())
            .where(Certificate.farm_id == farm.id)
            .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
        )
    )


def certificate_kinds_of(product_ids: Collection[int]) -> dict[int, set[CertificateKind]]:
    """Which kinds of proof each of many products has today, its own or through its farm (two statements)."""
    today = clock.today()
    found: dict[int, set[CertificateKind]] = {id_: set() for id_ in product_ids}
    if not found:
        return found
    own = select(Product.id, Certificate.kind).join(Product, Product.id == Certificate.product_id)
    farms = select(Product.id, Certificate.kind).join(Product, Product.farm_id == Certificate.farm_id)
    for rows in (own.where(Product.id.in_(found)), farms.where(Product.id.in_(found))):
        proving = rows.where(
            Certificate.state == CertificateState.VERIFIED,
            Certificate.issued_on <= today,
            Certificate.valid_until >= today,
        )
        for product_id, kind in db.session.execute(proving):
            found[product_id].add(kind)
    return found


# -- the farmer's own ---------------------------------------------------------------------------------------------


def of_farm(farm: Farm, words: str = "") -> Select[Product]:
    """The farm's products that are not withdrawn, drafts first, then as last made; with `words` those whose name has
    them, with or without their marks."""
    return (
        select(Product)
        .where(Product.farm_id == farm.id, Product.state != ProductState.WITHDRAWN, *_named(farm, words))
        .order_by(*AS_LISTED)
    )


def packs_of(farm: Farm, words: str = "") -> Select[Variant]:
    """Every pack the farm offers, with its product, in the same order; services have none that is counted."""
    return (
        select(Variant)
        .join(Variant.product)
        .where(
            Product.farm_id == farm.id,
            Product.state != ProductState.WITHDRAWN,
            Variant.removed_at.is_(None),
            or_(Product.set_no.is_(None), Product.set_no != ocop.SERVICE_SET),
            *_named(farm, words),
        )
        .order_by(*AS_LISTED, Variant.position, Variant.id)
        .options(contains_eager(Variant.product))
    )


AS_LISTED = (
    case((Product.state.in_((ProductState.DRAFT, ProductState.WAITING)), 0), else_=1),
    Product.id.desc(),
)


def _named(farm: Farm, words: str) -> list[ColumnElement[bool]]:
    """Names are compared here, for a database knows little of Vietnamese marks."""
    wanted = vietnamese.fold(words).strip()
    if not wanted:
        return []
    names = db.session.execute(select(Product.id, Product.name).where(Product.farm_id == farm.id))
    return [Product.id.in_([id_ for id_, name in names if wanted in vietnamese.fold(name)])]


def count(asked: Select[Any]) -> int:
    """How many there are, however many a page shows."""
    return db.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0


def products_of(farm: Farm) -> list[Product]:
    """All products of the farm that are not withdrawn, drafts first, then as last made (three statements)."""
    return list(db.session.scalars(of_farm(farm).options(*shelf_parts())))


def product_of(farm: Farm, code: str) -> Product:
    """The farm's product with this code; another farm's is Missing."""
    found = db.session.scalar(
        select(Product)
        .where(Product.farm_id == farm.id, Product.code == code)
        .options(joinedload(Product.farm), *page_parts())
    )
    if found is None:
        raise Missing()
    return found


def product_for(person: Person, code: str) -> Product:
    """A product of a farm this person works for; anybody else's is Missing."""
    found = db.session.scalar(
        select(Product)
        .join(FarmMember, FarmMember.farm_id == Product.farm_id)
        .where(FarmMember.person_id == person.id, Product.code == code)
        .options(joinedload(Product.farm), *page_parts())
    )
    if found is None:
        raise Missing()
    return found


def pack_of(product: Product, code: str) -> Variant:
    """The product's pack with this code, removed ones included (to bring one back)."""
    for pack in product.variants:
        if pack.code == code:
            return pack
    raise Missing()


def photo_of(product: Product, code: str) -> ProductPhoto:
    """The product's picture with this code, removed ones included (to bring one back)."""
    found = db.session.scalar(
        select(ProductPhoto).where(ProductPhoto.product_id == product.id, ProductPhoto.code == code)
    )
    if found is None:
        raise Missing()
    return found


def certificate_of(farm: Farm, code: str) -> Certificate:
    """A certificate of the farm or of one of its products; another's is Missing."""
    found = db.session.scalar(
        select(Certificate)
        .outerjoin(Product, Product.id == Certificate.product_id)
        .where(Certificate.code == code, or_(Certificate.farm_id == farm.id, Product.farm_id == farm.id))
    )
    if found is None:
        raise Missing()
    return found


def certificates_of(product: Product) -> list[Certificate]:
    """Every certificate ever sent for the product, newest first."""
    return sorted(product.certificates, key=lambda row: row.id, reverse=True)


def held_orders(product: Product) -> int:
    """How many order lines hold or wait for packs of this product."""
    return (
        db.session.scalar(
            select(func.count(StockHold.id))
            .join(Variant, Variant.id == StockHold.variant_id)
            .where(Variant.product_id == product.id, StockHold.state == HoldState.HELD)
        )
        or 0
    )


@dataclass(frozen=True)
class Gap:
    """What a product still lacks before it may be sold, and the step where it is given."""

    step: Literal["photos", "details", "packs", "farm"]
    sentence: Text


def gaps(product: Product) -> list[Gap]:
    """What must be filled in before it may go on sale, in the order of the steps."""
    found: list[Gap] = []
    if not product.photos:
        found.append(Gap("photos", _("Thêm ít nhất một tấm hình thật của món này.")))
    if sum(letter.isalpha() for letter in product.name) < 3:
        found.append(Gap("details", _("Ghi tên món, ít nhất 3 chữ cái.")))
    if not product.is_categorised:
        found.append(Gap("details", _("Chọn loại hàng.")))
    if not product.packs and not product.is_service:
        found.append(Gap("packs", _("Thêm một gói với giá bán.")))
    if not product.farm.may_sell:
        found.append(Gap("farm", farm_sentence(product.farm)))
    return found


def farm_sentence(farm: Farm) -> Text:
    """Why the farm's goods cannot be sold now, and what to do."""
    if farm.state is FarmState.APPLYING:
        return _("Gian hàng của bạn chưa được duyệt. Khi được duyệt, bạn đăng bán được ngay.")
    if farm.state is FarmState.ON_HOLIDAY:
        return _("Gian hàng đang tạm nghỉ. Hãy mở bán lại rồi đăng món này.")
    if farm.state is FarmState.SUSPENDED:
        return _("Gian hàng đang bị tạm dừng. Hãy liên hệ điểm bưu điện để biết lý do.")
    return _("Gian hàng đã đóng nên không đăng bán được nữa.")


# -- the reviewer's and the index's --------------------------------------------------------------------------------


def product_to_look_at(code: str) -> Product:
    """Any product, for a reviewer."""
    found = db.session.scalar(
        select(Product).where(Product.code == code).options(joinedload(Product.farm), *page_parts())
    )
    if found is None:
        raise Missing()
    return found


def count_to_check() -> int:
    """How many certificates wait for a reviewer."""
    return (
        db.session.scalar(
            select(func.count(Certificate.id)).where(Certificate.state == CertificateState.SUBMITTED)
        )
        or 0
    )


def all_ids() -> Sequence[int]:
    """Ids of all products on sale, for a rebuild of the index."""
    return db.session.scalars(
        select(Product.id)
        .join(Product.farm)
        .where(Product.state == ProductState.ON_SALE, Farm.state == FarmState.OPEN)
        .order_by(Product.id)
    ).all()
