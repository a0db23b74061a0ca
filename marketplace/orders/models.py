"""An order, its part for each farm, and the lines as they were on the day."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.catalog.models import StockHold, Variant
from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _


class FarmOrderState(State):
    PLACED = "placed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"
    REFUSED_AT_DOOR = "refused_at_door"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"


states.label(
    {
        FarmOrderState.PLACED: (_("Chờ trả tiền"), "warm"),
        FarmOrderState.CONFIRMED: (_("Chờ nhà vườn nhận đơn"), "warm"),
        FarmOrderState.ACCEPTED: _("Nhà vườn đang gói hàng"),
        FarmOrderState.HANDED_OVER: _("Đang trên đường"),
        FarmOrderState.DELIVERED: (_("Đã giao"), "good"),
        FarmOrderState.REFUSED: (_("Nhà vườn không nhận được đơn"), "bad"),
        FarmOrderState.UNANSWERED: (_("Nhà vườn không trả lời"), "bad"),
        FarmOrderState.CANCELLED: _("Đã hủy"),
        FarmOrderState.REFUSED_AT_DOOR: (_("Khách không nhận hàng"), "bad"),
        FarmOrderState.RETURNING: (_("Đang chuyển hoàn"), "warm"),
        FarmOrderState.RETURNED: _("Đã hoàn về nhà vườn"),
        FarmOrderState.LOST: (_("Thất lạc"), "bad"),
    }
)

F = FarmOrderState

OPEN = frozenset({F.PLACED, F.CONFIRMED, F.ACCEPTED, F.HANDED_OVER, F.REFUSED_AT_DOOR, F.RETURNING})
"""Somebody still has something to do."""
BEFORE_HAND_OVER = frozenset({F.PLACED, F.CONFIRMED, F.ACCEPTED})
"""The goods are still with the farm: the buyer may cancel, and the stock is only held."""
CALLED_OFF = frozenset({F.REFUSED, F.UNANSWERED, F.CANCELLED})
"""It ended before the goods left the farm."""


class EndedBy(StrEnum):
    """Who called an order off, or that nobody paid in time."""

    BUYER = "buyer"
    FARM = "farm"
    MARKET = "market"
    UNPAID = "unpaid"


class TaxClass(StrEnum):
    """How the tax law sees what is sold, by product and seller together (Law 48/2024/QH15 Art. 5(1), Decree
    252/2026/NĐ-CP): stamped on each line, so that history is never computed again."""

    FARM_OWN_UNPROCESSED = "farm_own_unprocessed"
    FARM_TRADED = "farm_traded"
    PROCESSED = "processed"
    SERVICE = "service"


TAX_CLASS_WORDS: dict[TaxClass, Text] = {
    TaxClass.FARM_OWN_UNPROCESSED: _("Nông sản tự trồng, chưa chế biến"),
    TaxClass.FARM_TRADED: _("Nông sản mua đi bán lại"),
    TaxClass.PROCESSED: _("Hàng đã chế biến"),
    TaxClass.SERVICE: _("Dịch vụ"),
}


class Order(Record):
    """What one buyer (or guest) bought at once, and where it goes. `secret` opens a guest's page; `once` makes the
    same checkout sent twice find the same order; `payment_method` is cod or vietqr."""

    __tablename__ = "order_"
    CODE_PREFIX = "CQ"

    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    secret: Mapped[str] = mapped_column(String(32))
    once: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(Line(120))
    phone: Mapped[str] = mapped_column(String(20))
    province_code: Mapped[str] = mapped_column(String(2))
    commune_code: Mapped[str] = mapped_column(String(5))
    street: Mapped[str] = mapped_column(Line(200))
    note: Mapped[str] = mapped_column(Prose, default="")
    language: Mapped[str] = mapped_column(String(2), default="vi")
    payment_method: Mapped[str] = mapped_column(String(16))
    goods_dong: Mapped[int] = mapped_column(Dong)
    shipping_dong: Mapped[int] = mapped_column(Dong)
    cod_fee_dong: Mapped[int] = mapped_column(Dong, default=0)
    total_dong: Mapped[int] = mapped_column(Dong)
    farm_orders: Mapped[list["FarmOrder"]] = relationship(back_populates="order", order_by="FarmOrder.id")
    buyer: Mapped[Person | None] = relationship()

    @property
    def is_waiting_for_payment(self) -> bool:
        return any(part.state is F.PLACED for part in self.farm_orders)

    @property
    def is_open(self) -> bool:
        return any(part.state in OPEN for part in self.farm_orders)

    @property
    def path(self) -> str:
        """The buyer's page of this order; a guest's opens with its secret."""
        return f"/account/orders/{self.code}" + ("" if self.buyer_id else f"?key={self.secret}")


class FarmOrder(Record):
    """One farm's part of an order: its lines, the delivery service the buyer chose (frozen), and its life."""

    __tablename__ = "farm_order"
    __table_args__ = (
        Index("ix_farm_order_desk", "farm_id", "state"),
        CheckConstraint("goods_dong >= 0 AND shipping_dong >= 0", name="not_negative"),
    )
    CODE_PREFIX = "DH"
    MOVES: ClassVar[Mapping[FarmOrderState, frozenset[FarmOrderState]]] = {
        F.PLACED: frozenset({F.CONFIRMED, F.CANCELLED}),
        F.CONFIRMED: frozenset({F.ACCEPTED, F.REFUSED, F.UNANSWERED, F.CANCELLED}),
        F.ACCEPTED: frozenset({F.HANDED_OVER, F.REFUSED, F.CANCELLED}),
        F.HANDED_OVER: frozenset({F.DELIVERED, F.REFUSED_AT_DOOR, F.RETURNING, F.LOST}),
        F.REFUSED_AT_DOOR: frozenset({F.RETURNING, F.RETURNED, F.DELIVERED, F.LOST}),
        F.RETURNING: frozenset({F.RETURNED, F.DELIVERED, F.LOST}),
        F.DELIVERED: frozenset({F.RETURNED}),
    }

    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), index=True)
    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"))
    state: Mapped[FarmOrderState] = state_column(FarmOrderState, default=FarmOrderState.PLACED)
    goods_dong: Mapped[int] = mapped_column(Dong)
    shipping_dong: Mapped[int] = mapped_column(Dong)
    cod_fee_dong: Mapped[int] = mapped_column(Dong, default=0)
    service_code: Mapped[str] = mapped_column(String(32))
    service_name: Mapped[str] = mapped_column(Line(120))
    quote: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    promised_from: Mapped[date] = mapped_column(Date)
    promised_to: Mapped[date] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(Prose)
    ended_by: Mapped[EndedBy | None] = state_column(EndedBy, nullable=True, index=False)
    answer_by: Mapped[datetime | None] = mapped_column(Moment, index=True)
    reminded_count: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    packed_at: Mapped[datetime | None] = mapped_column(Moment)
    handed_over_at: Mapped[datetime | None] = mapped_column(Moment)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    unanswered_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at_door_at: Mapped[datetime | None] = mapped_column(Moment)
    returning_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    lost_at: Mapped[datetime | None] = mapped_column(Moment)
    restocked_at: Mapped[datetime | None] = mapped_column(Moment)
    order: Mapped[Order] = relationship(back_populates="farm_orders", lazy="joined")
    farm: Mapped[Farm] = relationship(lazy="joined")
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="farm_order", order_by="OrderLine.id")

    @property
    def total_dong(self) -> int:
        """What the buyer pays for this farm's part: goods, freight and the COD fee."""
        return self.goods_dong + self.shipping_dong + self.cod_fee_dong

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in BEFORE_HAND_OVER

    @property
    def goods_in_words(self) -> str:
        """`2 × Trà đinh 100 g, 1 × Mật ong chai 500 ml`."""
        return ", ".join(f"{line.quantity} × {line.product_name} {line.variant_name}" for line in self.lines)


class OrderLine(Record):
    """So many of a pack at a price, as it was called and weighed on the day."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("total_dong = unit_price_dong * quantity", name="adds_up"),
    )

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), index=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("stock_hold.id"), unique=True)
    product_code: Mapped[str] = mapped_column(String(40))
    product_name: Mapped[str] = mapped_column(Line(120))
    variant_name: Mapped[str] = mapped_column(Line(80))
    lot_code: Mapped[str | None] = mapped_column(String(40))
    quantity: Mapped[int]
    unit_price_dong: Mapped[int] = mapped_column(Dong)
    total_dong: Mapped[int] = mapped_column(Dong)
    weight_grams: Mapped[int]
    tax_class: Mapped[TaxClass] = state_column(TaxClass, default=TaxClass.PROCESSED, index=False)
    farm_order: Mapped[FarmOrder] = relationship(back_populates="lines")
    variant: Mapped[Variant] = relationship()
    hold: Mapped[StockHold] = relationship()


class AnswerRule(DatedRule):
    """The market's own rule, dated: how long a farm has to answer an order (reminders after so many hours, then the
    point calls, then the order is cancelled), and how long an unpaid order waits."""

    __tablename__ = "answer_rule"

    first_reminder_hours: Mapped[int]
    second_reminder_hours: Mapped[int]
    point_calls_hours: Mapped[int]
    cancel_hours: Mapped[int]
    unpaid_minutes: Mapped[int]
