"""What is in a cart now: prices, stock and problems as the database has them this moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import contains_eager

from marketplace.campaigns import discounts
from marketplace.campaigns.discounts import Share
from marketplace.campaigns.models import VoucherKind
from marketplace.campaigns.queries import Applied
from marketplace.catalog import queries as catalog
from marketplace.catalog.models import Product, ProductState, Variant
from marketplace.checkout import shown
from marketplace.checkout.models import Cart, CartLine, Placing
from marketplace.checkout.quotes import Asked
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation.db import claim_found, db
from marketplace.foundation.files import ShownPhoto, StoredPhoto
from marketplace.foundation.money import number
from marketplace.foundation.words import Text, _
from marketplace.shipping.port import Quotes, Service


@dataclass(frozen=True)
class TillLine:
    """A line as it stands now: `problem` says why it cannot be bought, `was_dong` the price when it was put in."""

    variant: Variant
    quantity: int
    problem: Text | None
    was_dong: int | None
    photo: ShownPhoto | None

    @property
    def product(self) -> Product:
        return self.variant.product

    @property
    def total_dong(self) -> int:
        return self.variant.price_dong * self.quantity


@dataclass
class TillPart:
    """One farm's lines, how they can be sent, and the service chosen."""

    farm: Farm
    lines: list[TillLine]
    quotes: Quotes = field(default_factory=Quotes)
    chosen: Service | None = None
    asked: Asked | None = None
    share: Share | None = None

    @property
    def field_name(self) -> str:
        return f"service-{self.farm.code}"

    @property
    def as_shown(self) -> str:
        """What the page shows of it, for its form to bring back."""
        return shown.write(self.goods_dong, self.quotes.services)

    @property
    def goods_dong(self) -> int:
        return sum(line.total_dong for line in self.lines)

    @property
    def discount_dong(self) -> int:
        return self.share.total_dong if self.share else 0

    @property
    def for_voucher(self) -> discounts.Part:
        """What a voucher is worked out by."""
        shipping = self.chosen.fee_dong if self.chosen else 0
        return discounts.Part(self.farm.id, [line.total_dong for line in self.lines], shipping)

    @property
    def buyable(self) -> list[tuple[Variant, int]]:
        return [(line.variant, line.quantity) for line in self.lines if line.problem is None]


@dataclass
class Till:
    """The whole cart by farm, and what it comes to with the services chosen."""

    parts: list[TillPart]
    is_cod: bool
    applied: Applied | None = None
    voucher_problem: Text | str | None = None

    @property
    def new_quotes(self) -> list[Asked]:
        """What carriers were asked while the till was made, to be kept."""
        return [part.asked for part in self.parts if part.asked is not None and part.asked.is_new]

    @property
    def count(self) -> int:
        return sum(line.quantity for part in self.parts for line in part.lines)

    @property
    def has_alcohol(self) -> bool:
        """Is something in it that only adults may buy?"""
        return any(line.product.is_for_adults for part in self.parts for line in part.lines)

    @property
    def problems(self) -> list[Text]:
        return [line.problem for part in self.parts for line in part.lines if line.problem is not None]

    @property
    def goods_dong(self) -> int:
        return sum(part.goods_dong for part in self.parts)

    @property
    def shipping_dong(self) -> int:
        return sum(part.chosen.fee_dong for part in self.parts if part.chosen)

    @property
    def cod_fee_at_door_dong(self) -> int:
        """What paying at the door would add with the services chosen."""
        return sum(part.chosen.cod_fee_dong or 0 for part in self.parts if part.chosen)

    @property
    def cod_fee_dong(self) -> int:
        return self.cod_fee_at_door_dong if self.is_cod else 0

    @property
    def discount_dong(self) -> int:
        """What the voucher takes off, whoever bears it."""
        return sum(part.discount_dong for part in self.parts)

    @property
    def freight_voucher_dong(self) -> int:
        """The most a voucher for freight takes off, for the page to count along; 0 when the voucher is another."""
        if self.applied is None or self.applied.voucher.kind is not VoucherKind.FREIGHT:
            return 0
        return self.applied.voucher.amount_dong

    @property
    def total_dong(self) -> int:
        return self.goods_dong + self.shipping_dong + self.cod_fee_dong - self.discount_dong

    @property
    def may_pay_at_door(self) -> bool:
        """Does every chosen service take cash for what it carries?"""
        return all(part.chosen is None or part.chosen.cod_fee_dong is not None for part in self.parts)

    @property
    def can_be_sent(self) -> bool:
        return bool(self.parts) and all(part.chosen is not None for part in self.parts)


def find_cart(person_id: int | None, token: str | None) -> Cart | None:
    """The cart of a person, or of a guest's browser."""
    if person_id is None and not token:
        return None
    asked = _cart_of(is_person=person_id is not None)
    return db.session.scalars(asked, {"whose": token if person_id is None else person_id}).one_or_none()


def claim_cart(person_id: int | None, token: str | None) -> Cart | None:
    """The same, locked until the end of the deed."""
    if person_id is None and not token:
        return None
    asked = _cart_of(is_person=person_id is not None)
    return claim_found(asked, whose=token if person_id is None else person_id)


@cache
def _cart_of(is_person: bool) -> Select[Cart]:
    if is_person:
        return select(Cart).where(Cart.person_id == bindparam("whose"))
    return select(Cart).where(Cart.token == bindparam("whose"), Cart.person_id.is_(None))


def browser_of(cart: Cart | None) -> str | None:
    """What a guest's browser is known by: its cart, which stays with it from order to order. A cart filled for a caller
    is nobody's browser."""
    return cart.code if cart is not None and cart.person_id is None and cart.helper_id is None else None


def item_count(person_id: int | None, token: str | None) -> int:
    """How many things are in the cart, for the dot on the bar."""
    if person_id is None and not token:
        return 0
    asked = _count_of(is_person=person_id is not None)
    whose = {"whose": token if person_id is None else person_id}
    return db.session.connection().scalar(asked, whose) or 0


@cache
def _count_of(is_person: bool) -> Select[int]:
    mine = (Cart.person_id if is_person else Cart.token) == bindparam("whose")
    return select(func.coalesce(func.sum(CartLine.quantity), 0)).join(Cart).where(mine)


def lines_now(cart: Cart | None) -> list[TillPart]:
    """The cart's lines by farm, each judged against what is on sale this moment; one statement."""
    if cart is None:
        return []
    parts: dict[int, TillPart] = {}
    for line, key, width, sizes_made_at in db.session.execute(_lines_of(), {"cart": cart.id}):
        variant, farm = line.variant, line.variant.product.farm
        part = parts.setdefault(farm.id, TillPart(farm, []))
        changed = line.seen_price_dong if line.seen_price_dong != variant.price_dong else None
        problem, photo = problem_with(variant, line.quantity), ShownPhoto.of(key, width, sizes_made_at)
        part.lines.append(TillLine(variant, line.quantity, problem, changed, photo))
    return list(parts.values())


@cache
def _lines_of() -> Select[CartLine, str, int, datetime | None]:
    return (
        select(CartLine, StoredPhoto.key, StoredPhoto.width, StoredPhoto.sizes_made_at)
        .where(CartLine.cart_id == bindparam("cart"))
        .join(CartLine.variant)
        .join(Variant.product)
        .join(Product.farm)
        .outerjoin(StoredPhoto, StoredPhoto.id == catalog.FIRST_PHOTO)
        .options(
            contains_eager(CartLine.variant).contains_eager(Variant.product).contains_eager(Product.farm)
        )
        .order_by(CartLine.id)
        .execution_options(populate_existing=True)
    )


def problem_with(variant: Variant, quantity: int) -> Text | None:
    """Why so many of this pack cannot be bought now, in one sentence, or None."""
    product = variant.product
    is_there = product.state is ProductState.ON_SALE and variant.removed_at is None
    if is_there and product.farm.state is FarmState.ON_HOLIDAY:
        return farmers.rest_said(product.farm, product.name)
    if (
        product.state is not ProductState.ON_SALE
        or not product.farm.may_sell
        or variant.removed_at is not None
    ):
        return _("“%(name)s” không còn bán. Hãy bỏ món này khỏi giỏ.", name=product.name)
    if product.is_service:
        return _("“%(name)s” là dịch vụ, hãy liên hệ trực tiếp với nhà vườn.", name=product.name)
    if variant.available <= 0:
        return _("“%(name)s” vừa hết hàng. Hãy bỏ món này khỏi giỏ.", name=product.name)
    if quantity < variant.least_per_order:
        return _(
            "“%(name)s” đặt ít nhất %(least)s mỗi đơn. Hãy thêm số lượng.",
            name=product.name,
            least=number(variant.least_per_order),
        )
    if variant.most_per_order is not None and quantity > variant.most_per_order:
        return _(
            "“%(name)s” mỗi đơn tối đa %(most)s. Hãy bớt số lượng.",
            name=product.name,
            most=number(variant.most_per_order),
        )
    if variant.available < quantity:
        return _(
            "“%(name)s” chỉ còn %(count)s. Hãy bớt số lượng.", name=product.name, count=variant.available
        )
    return None


# -- what came of a cart -------------------------------------------------------------------------------------------


def placing_of(cart_code: str, round_: int) -> Placing | None:
    """The order one round of a cart became."""
    return db.session.scalars(
        select(Placing).where(Placing.cart_code == cart_code, Placing.round == round_)
    ).one_or_none()


def unfinished(before: datetime) -> Sequence[int]:
    """Ids of placings nobody finished, placed before a moment, oldest first."""
    return list(
        db.session.scalars(
            select(Placing.id)
            .where(Placing.finished_at.is_(None), Placing.created_at < before)
            .order_by(Placing.id)
            .limit(200)
        )
    )
