"""What is sold, what proves it, and how much of it there is."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.dossiers.models import Dossier
from marketplace.farmers.models import Farm
from marketplace.foundation import clock, states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.files import StoredPaper, StoredPhoto
from marketplace.foundation.money import number
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _


class ProductState(State):
    DRAFT = "draft"
    WAITING = "waiting"
    CHECKING = "checking"
    ON_SALE = "on_sale"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


states.label(
    {
        ProductState.DRAFT: _("Bản nháp"),
        ProductState.WAITING: (_("Chờ người bán đồng ý"), "warm"),
        ProductState.CHECKING: (_("Chợ đang xem"), "warm"),
        ProductState.ON_SALE: (_("Đang bán"), "good"),
        ProductState.PAUSED: _("Tạm dừng bán"),
        ProductState.WITHDRAWN: (_("Đã gỡ"), "bad"),
    }
)


P = ProductState


class Handling(StrEnum):
    """How a product must travel; decides which services may carry it."""

    DRY = "dry"
    FRESH = "fresh"
    CHILLED = "chilled"
    FROZEN = "frozen"
    LIVE = "live"
    LIQUID = "liquid"
    FRAGILE = "fragile"
    BULKY = "bulky"


HANDLING_WORDS: dict[Handling, Text] = {
    Handling.DRY: _("Hàng khô"),
    Handling.FRESH: _("Hàng tươi"),
    Handling.CHILLED: _("Giữ mát"),
    Handling.FROZEN: _("Đông lạnh"),
    Handling.LIVE: _("Còn sống"),
    Handling.LIQUID: _("Chất lỏng"),
    Handling.FRAGILE: _("Dễ vỡ"),
    Handling.BULKY: _("Cồng kềnh"),
}


class StockBy(StrEnum):
    """How a product is counted: each pack by itself, all packs out of one heap of grams (millilitres, pieces), or made
    when ordered, so many packs a day."""

    PACKS = "packs"
    HEAP = "heap"
    ORDER = "order"


STOCK_BY_WORDS: dict[StockBy, Text] = {
    StockBy.PACKS: _("Đếm từng loại gói"),
    StockBy.HEAP: _("Các cỡ gói lấy chung một đống hàng"),
    StockBy.ORDER: _("Làm khi có người đặt"),
}


class CountsOfProduct:
    """What can still be ordered of a product, worked out of its columns (the record's, or a shelf row's)."""

    if TYPE_CHECKING:
        stock_by: Any
        heap_on_hand: Any
        heap_held: Any
        daily_capacity: Any
        taken_on: Any
        taken_count: Any
        lead_days: Any
        sale_from: Any
        sale_until: Any

    @property
    def heap_free(self) -> int:
        """How much of the heap nobody has ordered, in grams, millilitres or pieces."""
        return self.heap_on_hand - self.heap_held

    @property
    def capacity_left(self) -> int:
        """How many more packs can be promised today."""
        taken = self.taken_count if self.taken_on == clock.today() else 0
        return max(0, (self.daily_capacity or 0) - taken)

    @property
    def making_days(self) -> int:
        """Working days it takes to make what is ordered; none for what lies there."""
        return self.lead_days if self.stock_by is StockBy.ORDER else 0

    @property
    def may_be_ordered_today(self) -> bool:
        """Is today inside the days it is sold?"""
        if self.sale_from is None and self.sale_until is None:
            return True
        today = clock.today()
        return (self.sale_from or today) <= today <= (self.sale_until or today)


MOST_AT_ONCE = 999
"""More of one pack than this no cart takes."""


class CountsOfPack:
    """How many packs can still be ordered, worked out of the columns of a pack and its product."""

    if TYPE_CHECKING:
        product: Any
        grams: Any
        millilitres: Any
        pieces: Any
        on_hand: Any
        held: Any

    @property
    def size(self) -> int:
        """How much is in a pack: grams, millilitres or pieces."""
        return self.grams or self.millilitres or self.pieces or 1

    @property
    def in_stock(self) -> int:
        """How many of this pack nobody has ordered yet, whether it is sold today or not."""
        product = self.product
        if product.stock_by is StockBy.HEAP:
            return product.heap_free // self.size
        if product.stock_by is StockBy.ORDER:
            return product.capacity_left
        return self.on_hand - self.held

    @property
    def available(self) -> int:
        """How many of this pack can be ordered today."""
        return self.in_stock if self.product.may_be_ordered_today else 0


class Product(CountsOfProduct, Record):
    """A product of a farm. `set_no` is one of the 26 OCOP sets or none (other goods); set 26 is a service and is shown
    with "contact", never sold through the cart. `is_categorised`: the farmer has said which. `season_months` are months
    1–12, empty: all year; `is_own_unprocessed`: the farm's own produce, not processed (decides the tax rule).

    `heap_on_hand`, `heap_held` count what all packs share when `stock_by` is HEAP, in grams, millilitres or pieces
    like its packs. When it is ORDER, `daily_capacity` packs can be promised a day, `taken_count` were on `taken_on`,
    and making takes `lead_days`. `sale_from`, `sale_until`: the days it may be ordered (none: always)."""

    __tablename__ = "product"
    __table_args__ = (
        Index("ix_product_shelf", "state", "published_at"),
        CheckConstraint("heap_held >= 0", name="heap_held_not_negative"),
        CheckConstraint("heap_on_hand >= heap_held", name="heap_not_oversold"),
        CheckConstraint("taken_count >= 0", name="taken_not_negative"),
        CheckConstraint("daily_capacity IS NULL OR taken_count <= daily_capacity", name="day_not_oversold"),
        CheckConstraint(
            "sale_from IS NULL OR sale_until IS NULL OR sale_from <= sale_until", name="sale_window_in_order"
        ),
    )
    CODE_PREFIX = "SP"
    MOVES: ClassVar[Mapping[ProductState, frozenset[ProductState]]] = {
        P.DRAFT: frozenset({P.WAITING, P.CHECKING, P.ON_SALE, P.WITHDRAWN}),
        P.WAITING: frozenset({P.DRAFT, P.CHECKING, P.ON_SALE, P.WITHDRAWN}),
        P.CHECKING: frozenset({P.DRAFT, P.ON_SALE, P.PAUSED, P.WITHDRAWN}),
        P.ON_SALE: frozenset({P.PAUSED, P.CHECKING, P.WITHDRAWN}),
        P.PAUSED: frozenset({P.ON_SALE, P.CHECKING, P.WITHDRAWN}),
    }

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), index=True)
    name: Mapped[str] = mapped_column(Line(120), default="")
    description: Mapped[str] = mapped_column(Prose, default="")
    set_no: Mapped[int | None] = mapped_column(index=True)
    handling: Mapped[Handling] = state_column(Handling, default=Handling.DRY, index=False)
    state: Mapped[ProductState] = state_column(ProductState, default=ProductState.DRAFT)
    ingredients: Mapped[str] = mapped_column(Prose, default="")
    storage: Mapped[str] = mapped_column(Line(300), default="")
    shelf_life_days: Mapped[int | None]
    season_months: Mapped[list[int]] = mapped_column(JSON, default=list)
    stock_by: Mapped[StockBy] = state_column(StockBy, default=StockBy.PACKS, index=False)
    heap_on_hand: Mapped[int] = mapped_column(BigInteger, default=0)
    heap_held: Mapped[int] = mapped_column(BigInteger, default=0)
    daily_capacity: Mapped[int | None]
    taken_on: Mapped[date | None] = mapped_column(Date)
    taken_count: Mapped[int] = mapped_column(default=0)
    lead_days: Mapped[int] = mapped_column(default=0)
    sale_from: Mapped[date | None] = mapped_column(Date)
    sale_until: Mapped[date | None] = mapped_column(Date)
    is_for_adults: Mapped[bool] = mapped_column(default=False)
    sold_count: Mapped[int] = mapped_column(default=0)
    is_categorised: Mapped[bool] = mapped_column(default=False)
    is_own_unprocessed: Mapped[bool] = mapped_column(default=False)
    is_illustration: Mapped[bool] = mapped_column(default=False)
    demo_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    typed: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """What stands on the one page of listing while somebody is still typing; none once it was sent."""
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    first_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    """When somebody who is not of the farm first opened its page."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    farm: Mapped[Farm] = relationship()
    variants: Mapped[list["Variant"]] = relationship(
        back_populates="product", order_by="Variant.position, Variant.id"
    )
    lots: Mapped[list["Lot"]] = relationship(back_populates="product", order_by="Lot.harvested_on.desc()")
    photos: Mapped[list["ProductPhoto"]] = relationship(
        primaryjoin="and_(ProductPhoto.product_id == Product.id, ProductPhoto.removed_at.is_(None))",
        order_by="ProductPhoto.position, ProductPhoto.id",
        viewonly=True,
    )
    certificates: Mapped[list["Certificate"]] = relationship(back_populates="product")

    @property
    def is_service(self) -> bool:
        return self.set_no == 26

    @property
    def packs(self) -> list["Variant"]:
        """The packs offered today, in the farmer's order."""
        return [variant for variant in self.variants if variant.removed_at is None]

    @property
    def heap_pack(self) -> "Variant | None":
        """A pack that tells what the heap is measured in: one that is offered, else the first there was."""
        return next(iter(self.packs or self.variants), None)

    @property
    def is_half_typed(self) -> bool:
        """Was it left on the one page of listing, to be gone on with there?"""
        return self.state is ProductState.DRAFT and bool(self.typed) and not self.variants

    @property
    def photo(self) -> StoredPhoto | None:
        """The first picture: what a card shows."""
        return self.photos[0].photo if self.photos else None

    @property
    def available(self) -> int:
        """How many packs of any size are free to buy; of what packs share, how many of the smallest."""
        if self.stock_by is StockBy.PACKS:
            return sum(variant.available for variant in self.packs)
        return max((variant.available for variant in self.packs), default=0)


class Variant(CountsOfPack, Record):
    """A pack of a product: its size, its price, how many there are. Exactly one of grams, millilitres, pieces gives
    the unit price; `weight_grams` is what the post weighs, packing included; sides in millimetres, optional."""

    __tablename__ = "variant"
    __table_args__ = (
        CheckConstraint("held >= 0", name="held_not_negative"),
        CheckConstraint("on_hand >= held", name="not_oversold"),
        CheckConstraint("price_dong > 0", name="price_positive"),
        CheckConstraint("least_per_order >= 1", name="least_positive"),
        CheckConstraint(
            "most_per_order IS NULL OR most_per_order >= least_per_order", name="limits_in_order"
        ),
    )
    CODE_PREFIX = "QC"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(Line(80))
    price_dong: Mapped[int] = mapped_column(Dong)
    grams: Mapped[int | None]
    millilitres: Mapped[int | None]
    pieces: Mapped[int | None]
    weight_grams: Mapped[int]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    on_hand: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    least_per_order: Mapped[int] = mapped_column(default=1)
    most_per_order: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    product: Mapped[Product] = relationship(back_populates="variants")

    @property
    def most_at_once(self) -> int:
        """The most a quantity box offers: what one order may have of it, never more than there is."""
        return max(1, min(self.available, self.most_per_order or MOST_AT_ONCE, MOST_AT_ONCE))

    @property
    def limits_in_words(self) -> Text | None:
        """How few or how many one order may have of it; none when nothing limits it."""
        facts = {"least": number(self.least_per_order), "most": number(self.most_per_order or 0)}
        if self.least_per_order > 1 and self.most_per_order is not None:
            return _("Mỗi đơn từ %(least)s đến %(most)s.", **facts)
        if self.least_per_order > 1:
            return _("Mỗi đơn ít nhất %(least)s.", least=facts["least"])
        return _("Mỗi đơn tối đa %(most)s.", most=facts["most"]) if self.most_per_order is not None else None


class StockKind(StrEnum):
    RECEIVED = "received"
    CORRECTED = "corrected"
    SOLD = "sold"
    RETURNED = "returned"
    SPOILT = "spoilt"
    MADE = "made"
    EXPIRED = "expired"
    RECALLED = "recalled"
    POURED = "poured"


class StockMove(Record):
    """A change of what is on hand, append-only: `on_hand` is always the sum of its moves. It is of a pack, or of the
    heap of a product (`product_id`), then in the heap's own unit. `once` names the form that said so: sent twice it
    counts once. POURED: packs opened into a heap, or a heap packed up again."""

    __tablename__ = "stock_move"
    __table_args__ = (
        UniqueConstraint("variant_id", "once"),
        UniqueConstraint("product_id", "once"),
        CheckConstraint("(variant_id IS NULL) <> (product_id IS NULL)", name="one_shelf"),
    )

    variant_id: Mapped[int | None] = mapped_column(ForeignKey("variant.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    kind: Mapped[StockKind] = state_column(StockKind)
    quantity: Mapped[int]
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("stock_hold.id"), index=True)
    once: Mapped[str | None] = mapped_column(String(40))


class HoldState(State):
    HELD = "held"
    USED = "used"
    FREED = "freed"


states.label(
    {
        HoldState.HELD: (_("Đang giữ"), "warm"),
        HoldState.USED: (_("Đã bán"), "good"),
        HoldState.FREED: _("Đã trả lại kho"),
    }
)


class StockHold(Record):
    """Some of a pack kept for an order line until it is used (sold) or freed; `held` is the sum of what is held.

    `taken_from` and `amount` say what was taken and from where, as it was counted that day: packs, or so much of the
    heap, or of one day's capacity (`capacity_on`). `expires_at`: not confirmed yet; after that it is freed."""

    __tablename__ = "stock_hold"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )
    MOVES: ClassVar[Mapping[HoldState, frozenset[HoldState]]] = {
        HoldState.HELD: frozenset({HoldState.USED, HoldState.FREED}),
    }

    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), index=True)
    quantity: Mapped[int]
    taken_from: Mapped[StockBy] = state_column(StockBy, default=StockBy.PACKS, index=False)
    amount: Mapped[int] = mapped_column(
        BigInteger, default=lambda context: context.get_current_parameters()["quantity"]
    )
    capacity_on: Mapped[date | None] = mapped_column(Date)
    expires_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    state: Mapped[HoldState] = state_column(HoldState, default=HoldState.HELD)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    freed_at: Mapped[datetime | None] = mapped_column(Moment)
    variant: Mapped[Variant] = relationship()
    lots: Mapped[list["HoldLot"]] = relationship(back_populates="hold", order_by="HoldLot.id")


class Lot(Record):
    """A batch: when it was harvested or made, until when it is good. Its code is on the label. A recalled lot is sold
    no more, and everybody who bought of it is told."""

    __tablename__ = "lot"
    CODE_PREFIX = "LO"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(Line(80), default="")
    harvested_on: Mapped[date] = mapped_column(Date)
    use_by: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Line(300), default="")
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    is_counted: Mapped[bool] = mapped_column(default=False)
    recalled_at: Mapped[datetime | None] = mapped_column(Moment)
    recall_reason: Mapped[str] = mapped_column(Line(300), default="")
    product: Mapped[Product] = relationship(back_populates="lots")
    shares: Mapped[list["LotShare"]] = relationship(back_populates="lot", order_by="LotShare.id")

    @property
    def is_good(self) -> bool:
        """May it be sold today: not recalled, not past its day?"""
        return self.recalled_at is None and (self.use_by is None or self.use_by >= clock.today())


class LotShare(Record):
    """How much of a lot lies in a pack's shelf, or in the product's heap (no pack), in packs or in the heap's unit.

    on_hand = received − written off − what was sold of it and did not come back."""

    __tablename__ = "lot_share"
    __table_args__ = (
        UniqueConstraint("lot_id", "variant_id"),
        CheckConstraint("held >= 0", name="held_not_negative"),
        CheckConstraint("on_hand >= held", name="not_oversold"),
        Index("ix_lot_share_one_heap", "lot_id", unique=True, sqlite_where=text("variant_id IS NULL"),
              postgresql_where=text("variant_id IS NULL")),
    )  # fmt: skip

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("variant.id"), index=True)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    written_off: Mapped[int] = mapped_column(BigInteger, default=0)
    on_hand: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    lot: Mapped[Lot] = relationship(back_populates="shares")
    variant: Mapped[Variant | None] = relationship()


class HoldLot(Record):
    """So much of a hold comes from this lot; `returned` of it came back good."""

    __tablename__ = "hold_lot"
    __table_args__ = (
        UniqueConstraint("hold_id", "share_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("returned >= 0 AND returned <= amount", name="returned_within"),
    )

    hold_id: Mapped[int] = mapped_column(ForeignKey("stock_hold.id"), index=True)
    share_id: Mapped[int] = mapped_column(ForeignKey("lot_share.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger, default=0)
    hold: Mapped[StockHold] = relationship(back_populates="lots")
    share: Mapped[LotShare] = relationship()
    lot: Mapped[Lot] = relationship(lazy="joined")


class CertificateKind(StrEnum):
    OCOP = "ocop"
    VIETGAP = "vietgap"
    ORGANIC = "organic"
    FOOD_SAFETY = "food_safety"
    GEOGRAPHICAL = "geographical"
    GROWING_AREA = "growing_area"


CERTIFICATE_WORDS: dict[CertificateKind, Text] = {
    CertificateKind.OCOP: _("OCOP"),
    CertificateKind.VIETGAP: _("VietGAP"),
    CertificateKind.ORGANIC: _("Hữu cơ"),
    CertificateKind.FOOD_SAFETY: _("An toàn thực phẩm"),
    CertificateKind.GEOGRAPHICAL: _("Chỉ dẫn địa lý"),
    CertificateKind.GROWING_AREA: _("Mã số vùng trồng"),
}


class Evidence(StrEnum):
    """How well a certificate is proved (the grades of public OCOP portals): A the signed decision, B the press or a
    state site confirms it, C only the seller says so. C never shows as proof."""

    A = "A"
    B = "B"
    C = "C"


EVIDENCE_WORDS: dict[Evidence, Text] = {
    Evidence.A: _("A: quyết định hoặc giấy có chữ ký"),
    Evidence.B: _("B: báo chí hoặc trang của cơ quan nhà nước xác nhận"),
    Evidence.C: _("C: chỉ lời người bán, không hiện cho người mua"),
}


class CertificateState(State):
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    NOTED = "noted"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


states.label(
    {
        CertificateState.SUBMITTED: (_("Chờ kiểm tra"), "warm"),
        CertificateState.VERIFIED: (_("Đã kiểm tra"), "good"),
        CertificateState.NOTED: _("Ghi nhận, chưa đủ bằng chứng"),
        CertificateState.LAPSED: _("Hết hạn"),
        CertificateState.WITHDRAWN: (_("Đã thu hồi"), "bad"),
    }
)


class Certificate(Record):
    """A proof of a product or of a farm. The number alone is not unique: issuer, number and day are.
    Stars only for OCOP (3, 4, 5), shown while verified and inside the dates. `reason` is what the reviewer wrote when
    it was not accepted; `legal_basis` the rule that gave `valid_until`."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("(product_id IS NULL) <> (farm_id IS NULL)", name="one_subject"),
        CheckConstraint("stars IS NULL OR stars BETWEEN 3 AND 5", name="stars_3_to_5"),
        CheckConstraint(
            "state <> 'verified' OR grade IS NULL OR grade <> 'C'", name="hearsay_proves_nothing"
        ),
        Index("ix_certificate_number", "issuer", "number", "issued_on"),
    )
    CODE_PREFIX = "CN"
    MOVES: ClassVar[Mapping[CertificateState, frozenset[CertificateState]]] = {
        CertificateState.SUBMITTED: frozenset(
            {CertificateState.VERIFIED, CertificateState.NOTED, CertificateState.WITHDRAWN}
        ),
        CertificateState.VERIFIED: frozenset({CertificateState.LAPSED, CertificateState.WITHDRAWN}),
    }

    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    farm_id: Mapped[int | None] = mapped_column(ForeignKey("farm.id"), index=True)
    kind: Mapped[CertificateKind] = state_column(CertificateKind)
    number: Mapped[str] = mapped_column(Line(60))
    issuer: Mapped[str] = mapped_column(Line(160))
    issued_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date, index=True)
    stars: Mapped[int | None]
    source_note: Mapped[str] = mapped_column(Line(300), default="")
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("stored_paper.id"))
    state: Mapped[CertificateState] = state_column(CertificateState, default=CertificateState.SUBMITTED)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    lapsed_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Prose, default="")
    legal_basis: Mapped[str] = mapped_column(Line(300), default="")
    grade: Mapped[Evidence | None] = state_column(Evidence, nullable=True, index=False)
    evidence: Mapped[str] = mapped_column(Line(300), default="")
    """Where the reviewer saw it confirmed: an address, the name of a paper."""
    score: Mapped[int | None]
    """Points out of 100 that gave an OCOP product its stars, where the paper names them."""
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    """The one it follows: that one stays, and holds to its own last day."""
    reminded_days: Mapped[int | None]
    """How many days before its end the farm was told last: 90, 30, 7."""
    dossier: Mapped[Dossier | None] = relationship()
    renews: Mapped["Certificate | None"] = relationship(remote_side="Certificate.id")
    decided_by: Mapped[Person | None] = relationship()
    product: Mapped[Product | None] = relationship(back_populates="certificates")
    farm: Mapped[Farm | None] = relationship()
    paper: Mapped[StoredPaper | None] = relationship()

    @property
    def proves_now(self) -> bool:
        """Is it verified and inside its dates today?"""
        return self.state is CertificateState.VERIFIED and self.issued_on <= clock.today() <= self.valid_until


class ProductPhoto(Record):
    """A picture of a product, in the order the farmer wants. One taken away waits a day, so that it can come back."""

    __tablename__ = "product_photo"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("stored_photo.id"))
    alt: Mapped[str] = mapped_column(Line(160), default="")
    position: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    product: Mapped[Product] = relationship()
    photo: Mapped[StoredPhoto] = relationship(lazy="joined")


class RuleKind(StrEnum):
    """Why a listing is looked at: goods nobody may sell here, words nobody may say, goods for adults."""

    FORBIDDEN = "forbidden"
    CLAIM = "claim"
    ALCOHOL = "alcohol"


class ListingRule(DatedRule):
    """Words that send a listing to a person before it shows (ALCOHOL: behind the age gate). `words` are whole words
    without marks, any one of them is enough; `unless` are words around them that make them harmless; `set_nos` are
    OCOP sets the rule is about (none: all goods)."""

    __tablename__ = "listing_rule"

    kind: Mapped[RuleKind] = state_column(RuleKind)
    key: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Line(160))
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    unless: Mapped[list[str]] = mapped_column(JSON, default=list)
    set_nos: Mapped[list[int]] = mapped_column(JSON, default=list)


class ListingPolicy(DatedRule):
    """The market's own rule: how many first listings of a new farm are looked at before they show, whether a new name
    is, and how many times off the median a price is asked about."""

    __tablename__ = "listing_policy"

    first_listings: Mapped[int]
    names_are_checked: Mapped[bool] = mapped_column(default=True)
    odd_price_factor: Mapped[int]


class ReviewState(State):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"
    DROPPED = "dropped"


states.label(
    {
        ReviewState.WAITING: (_("Chờ xem"), "warm"),
        ReviewState.ACCEPTED: (_("Đã nhận"), "good"),
        ReviewState.SENT_BACK: (_("Đã gửi lại"), "bad"),
        ReviewState.DROPPED: _("Người bán thôi"),
    }
)


class ListingReview(Record):
    """A listing, or a change of what it is, that a person looks at. `reasons` name the rules that asked for it; a
    `new_name` and another word on where it comes from (`new_origin`: the farm's own, unprocessed, or not) wait here
    while buyers go on seeing the old ones."""

    __tablename__ = "listing_review"
    __table_args__ = (
        Index("ix_listing_review_one_waiting", "product_id", unique=True,
              sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
    )  # fmt: skip
    CODE_PREFIX = "XM"
    MOVES: ClassVar[Mapping[ReviewState, frozenset[ReviewState]]] = {
        ReviewState.WAITING: frozenset({ReviewState.ACCEPTED, ReviewState.SENT_BACK, ReviewState.DROPPED}),
    }

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    new_name: Mapped[str | None] = mapped_column(Line(120))
    new_origin: Mapped[bool | None]
    state: Mapped[ReviewState] = state_column(ReviewState, default=ReviewState.WAITING)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Prose, default="")
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_back_at: Mapped[datetime | None] = mapped_column(Moment)
    product: Mapped[Product] = relationship()

    @property
    def is_of_identity(self) -> bool:
        """Does a change of what the goods are wait in it?"""
        return self.new_name is not None or self.new_origin is not None
