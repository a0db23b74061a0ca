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
from marketplace.places.models import ServicePoint


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
    """Who called an order off, or that nobody paid it or gave word for it in time."""

    BUYER = "buyer"
    FARM = "farm"
    MARKET = "market"
    UNPAID = "unpaid"
    UNCONFIRMED = "unconfirmed"


class IfShort(StrEnum):
    """What the buyer agreed to at the till, should a farm have less than was ordered or a crab weigh less."""

    LESS = "less"
    CALL = "call"
    CANCEL = "cancel"


IF_SHORT_WORDS: dict[IfShort, Text] = {
    IfShort.LESS: _("Thiếu cũng được: gửi phần có, tính đúng phần đó"),
    IfShort.CALL: _("Gọi cho tôi hỏi trước"),
    IfShort.CANCEL: _("Hủy phần của nhà vườn đó"),
}


class ConfirmedBy(StrEnum):
    """How an order paid at the door was confirmed: by the code sent to the buyer's phone, by a call of the farm, by a
    person of the market."""

    CODE = "code"
    FARM = "farm"
    MARKET = "market"


class TaxClass(StrEnum):
    """How the tax law sees what is sold, by product and seller together (Law 48/2024/QH15 Art. 5(1), Decree
    252/2026/NĐ-CP): stamped on each line, so that history is never computed again."""

    FARM_OWN_UNPROCESSED = "farm_own_unprocessed"
    FARM_TRADED = "farm_traded"
    PROCESSED = "processed"
    SERVICE = "service"
    SHIPPING = "shipping"


TAX_CLASS_WORDS: dict[TaxClass, Text] = {
    TaxClass.FARM_OWN_UNPROCESSED: _("Nông sản tự trồng, chưa chế biến"),
    TaxClass.FARM_TRADED: _("Nông sản mua đi bán lại"),
    TaxClass.PROCESSED: _("Hàng đã chế biến"),
    TaxClass.SERVICE: _("Dịch vụ"),
    TaxClass.SHIPPING: _("Vận chuyển, dịch vụ đi kèm hàng"),
}


class Order(Record):
    """What one buyer (or guest) bought at once, and where it goes. `secret` opens a guest's page; `once` makes the
    same checkout sent twice find the same order; `payment_method` is cod, vietqr, card or counter, `pay_until` when an
    unpaid order is given up where payments says so (else by the AnswerRule). The sums are those agreed to when it was
    placed and never change: what a farm's part comes to today stands on the part. `confirm_by` is the moment until
    which somebody who pays at the door must say yes, none when nobody asks. `helper` is who ordered for a buyer that
    telephoned, `pickup_point` the counter where the buyer comes for it (the address is then the counter's)."""

    __tablename__ = "order_"
    __table_args__ = (
        CheckConstraint(
            "discount_dong >= 0 AND total_dong >= 0"
            " AND total_dong = goods_dong + shipping_dong + cod_fee_dong - discount_dong",
            name="adds_up",
        ),
        Index("ix_order_phone", "phone", "id"),
    )
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
    pay_until: Mapped[datetime | None] = mapped_column(Moment, index=True)
    goods_dong: Mapped[int] = mapped_column(Dong)
    shipping_dong: Mapped[int] = mapped_column(Dong)
    cod_fee_dong: Mapped[int] = mapped_column(Dong, default=0)
    discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    total_dong: Mapped[int] = mapped_column(Dong)
    voucher_code: Mapped[str | None] = mapped_column(String(40))
    voucher_least_dong: Mapped[int] = mapped_column(Dong, default=0)
    if_short: Mapped[IfShort] = state_column(IfShort, default=IfShort.CALL, index=False)
    confirm_by: Mapped[datetime | None] = mapped_column(Moment, index=True)
    confirmed_by: Mapped[ConfirmedBy | None] = state_column(ConfirmedBy, nullable=True, index=False)
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    farm_orders: Mapped[list["FarmOrder"]] = relationship(back_populates="order", order_by="FarmOrder.id")
    buyer: Mapped[Person | None] = relationship(foreign_keys=[buyer_id])
    helper: Mapped[Person | None] = relationship(foreign_keys=[helper_id])
    pickup_point: Mapped[ServicePoint | None] = relationship()

    @property
    def is_waiting_for_payment(self) -> bool:
        return any(part.state is F.PLACED for part in self.farm_orders)

    @property
    def is_waiting_for_word(self) -> bool:
        """It will be paid at the door, and nobody has said yet that it is really wanted."""
        return self.confirm_by is not None and self.is_waiting_for_payment

    @property
    def is_open(self) -> bool:
        return any(part.state in OPEN for part in self.farm_orders)

    @property
    def path(self) -> str:
        """The buyer's page of this order; a guest's opens with its secret."""
        return f"/account/orders/{self.code}" + ("" if self.buyer_id else f"?key={self.secret}")


class FarmOrder(Record):
    """One farm's part of an order: its lines, the delivery service the buyer chose (frozen), and its life.

    Discounts are kept apart by who bears them (`farm_…`, `market_…`) and by what they lower (goods, freight); those
    on goods are the sum of the lines'. `short_dong` is by how much the part fell since it was placed (the farm
    supplied less, or its freight came to less); `freight_saved_dong` is what of that is freight saved on the way.
    `lost_dong` is what the farm sold goods for that the post lost on the way while the rest of the part went on."""

    __tablename__ = "farm_order"
    __table_args__ = (
        Index("ix_farm_order_desk", "farm_id", "state"),
        CheckConstraint("goods_dong >= 0 AND shipping_dong >= 0 AND short_dong >= 0", name="not_negative"),
        CheckConstraint(
            "farm_discount_dong >= 0 AND market_discount_dong >= 0"
            " AND farm_discount_dong + market_discount_dong <= goods_dong",
            name="discount_within_goods",
        ),
        CheckConstraint(
            "farm_freight_discount_dong >= 0 AND market_freight_discount_dong >= 0"
            " AND farm_freight_discount_dong + market_freight_discount_dong <= shipping_dong",
            name="discount_within_freight",
        ),
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
    farm_discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    market_discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    farm_freight_discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    market_freight_discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    short_dong: Mapped[int] = mapped_column(Dong, default=0)
    freight_saved_dong: Mapped[int] = mapped_column(Dong, default=0, server_default="0")
    lost_dong: Mapped[int] = mapped_column(Dong, default=0, server_default="0")
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
        """What the buyer pays for this farm's part: goods, freight and the COD fee, less what others bear of it."""
        return self.freight_dong + self.goods_dong - self.farm_bears_dong - self.market_bears_dong

    @property
    def freight_dong(self) -> int:
        """What the post gets for carrying it and taking the cash, whoever pays it."""
        return self.shipping_dong + self.cod_fee_dong - self.freight_saved_dong

    @property
    def freight_discount_dong(self) -> int:
        return self.farm_freight_discount_dong + self.market_freight_discount_dong

    @property
    def discount_dong(self) -> int:
        return self.farm_bears_dong + self.market_bears_dong

    @property
    def farm_bears_dong(self) -> int:
        """Discounts that come out of the farm's own money."""
        return self.farm_discount_dong + self.farm_freight_discount_dong

    @property
    def market_bears_dong(self) -> int:
        """Discounts the market pays for: the farm earns as if there were none."""
        return self.market_discount_dong + self.market_freight_discount_dong

    @property
    def paid_for_goods_dong(self) -> int:
        """What the buyer pays for the goods alone."""
        return self.goods_dong - self.farm_discount_dong - self.market_discount_dong

    @property
    def paid_for_freight_dong(self) -> int:
        """What the buyer pays for carrying it and for paying at the door."""
        return self.freight_dong - self.freight_discount_dong

    @property
    def sold_for_dong(self) -> int:
        """What the farm sells its goods for: its own discount lowers its price, the market's does not."""
        return self.goods_dong - self.farm_discount_dong

    @property
    def lost_goods_dong(self) -> int:
        """What the farm sold goods for that the post lost: all of them, or those of some parcels."""
        return self.lost_dong + (self.sold_for_dong if self.state is F.LOST else 0)

    @property
    def may_be_cancelled(self) -> bool:
        return self.state in BEFORE_HAND_OVER

    @property
    def goods_in_words(self) -> str:
        """`2 × Trà đinh 100 g, 1 × Mật ong chai 500 ml`: what is supplied."""
        return ", ".join(
            f"{line.quantity} × {line.product_name} {line.variant_name}"
            for line in self.lines
            if line.quantity
        )


class OrderLine(Record):
    """So many of a pack at a price, as it was called and weighed on the day.

    `quantity` is what the farm supplies, `ordered_quantity` what was asked for; `real_grams` is what goods sold by
    weight truly weighed, and `less_dong` what the price falls for it. Each line carries its share of the discounts."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND quantity <= ordered_quantity", name="quantity_within_order"),
        CheckConstraint(
            "less_dong >= 0 AND total_dong >= 0 AND total_dong = unit_price_dong * quantity - less_dong",
            name="adds_up",
        ),
        CheckConstraint(
            "farm_discount_dong >= 0 AND market_discount_dong >= 0"
            " AND farm_discount_dong + market_discount_dong <= total_dong",
            name="discount_within_line",
        ),
    )

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variant.id"), index=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("stock_hold.id"), unique=True)
    product_code: Mapped[str] = mapped_column(String(40))
    product_name: Mapped[str] = mapped_column(Line(120))
    variant_name: Mapped[str] = mapped_column(Line(80))
    lot_code: Mapped[str | None] = mapped_column(String(40))
    quantity: Mapped[int]
    ordered_quantity: Mapped[int]
    unit_price_dong: Mapped[int] = mapped_column(Dong)
    less_dong: Mapped[int] = mapped_column(Dong, default=0)
    total_dong: Mapped[int] = mapped_column(Dong)
    farm_discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    market_discount_dong: Mapped[int] = mapped_column(Dong, default=0)
    weight_grams: Mapped[int]
    real_grams: Mapped[int | None]
    tax_class: Mapped[TaxClass] = state_column(TaxClass, default=TaxClass.PROCESSED, index=False)
    farm_order: Mapped[FarmOrder] = relationship(back_populates="lines")
    variant: Mapped[Variant] = relationship()
    hold: Mapped[StockHold] = relationship()

    @property
    def sold_for_dong(self) -> int:
        """What the farm sells the line for: the base of its tax."""
        return self.total_dong - self.farm_discount_dong

    @property
    def paid_dong(self) -> int:
        """What the buyer pays for the line."""
        return self.sold_for_dong - self.market_discount_dong

    @property
    def is_short(self) -> bool:
        return self.quantity < self.ordered_quantity or self.less_dong > 0


class SupplyChange(Record):
    """The trail of one deed by which a farm supplied less: what each line was before and after, who said so, why, and
    what it made of the money."""

    __tablename__ = "supply_change"
    __table_args__ = (CheckConstraint("less_dong >= 0", name="never_more"),)

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Line(300), default="")
    is_agreed_by_call: Mapped[bool] = mapped_column(default=False)
    goods_less_dong: Mapped[int] = mapped_column(Dong)
    freight_less_dong: Mapped[int] = mapped_column(Dong)
    less_dong: Mapped[int] = mapped_column(Dong)
    farm_order: Mapped[FarmOrder] = relationship()

    @property
    def is_on_the_way(self) -> bool:
        """Did it come to less after the farm had handed the goods over: lost, broken, or not taken at the door?"""
        handed_over_at = self.farm_order.handed_over_at
        return handed_over_at is not None and self.created_at > handed_over_at


class DoorRule(DatedRule):
    """The market's own rule, dated, for who pays at the door: after so many delivered orders somebody is known and
    nobody asks; others give their word within so many hours, may have so many such orders open, of so much together,
    and pay ahead once they left so many parcels at the door within so many days. Who asks a person to look again is
    answered within `appeal_days` working days."""

    __tablename__ = "door_rule"
    __table_args__ = (
        CheckConstraint("confirm_hours > 0 AND most_open > 0 AND most_open_dong > 0", name="sane"),
    )

    known_after: Mapped[int] = mapped_column(default=1)
    confirm_hours: Mapped[int]
    most_open: Mapped[int]
    most_open_dong: Mapped[int] = mapped_column(Dong)
    most_refused: Mapped[int]
    refused_days: Mapped[int]
    appeal_days: Mapped[int] = mapped_column(default=2, server_default="2")


class DoorPhone(Record):
    """A telephone somebody pays at the door with: the row that is locked while its open orders are counted."""

    __tablename__ = "door_phone"

    phone: Mapped[str] = mapped_column(String(20), unique=True)


class AppealState(State):
    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"


states.label(
    {
        AppealState.ASKED: (_("Chờ người của chợ xem"), "warm"),
        AppealState.GRANTED: (_("Đã đồng ý"), "good"),
        AppealState.DECLINED: (_("Không đồng ý"), "bad"),
    }
)


class DoorAppeal(Record):
    """Somebody the rule for paying at the door stopped asks a person to look: granted, the rule lets this telephone be
    until a day."""

    __tablename__ = "door_appeal"
    CODE_PREFIX = "XX"
    MOVES: ClassVar[Mapping[AppealState, frozenset[AppealState]]] = {
        AppealState.ASKED: frozenset({AppealState.GRANTED, AppealState.DECLINED}),
    }

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    phone: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(Line(120))
    words: Mapped[str] = mapped_column(Prose)
    language: Mapped[str] = mapped_column(String(2), default="vi", server_default="vi")
    state: Mapped[AppealState] = state_column(AppealState, default=AppealState.ASKED)
    answer_by: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(Prose)
    until: Mapped[date | None] = mapped_column(Date)
    granted_at: Mapped[datetime | None] = mapped_column(Moment)
    declined_at: Mapped[datetime | None] = mapped_column(Moment)


class AnswerRule(DatedRule):
    """The market's own rule, dated: how long a farm has to answer an order (reminders after so many hours, then the
    point calls, then the order is cancelled), and how long an unpaid order waits."""

    __tablename__ = "answer_rule"

    first_reminder_hours: Mapped[int]
    second_reminder_hours: Mapped[int]
    point_calls_hours: Mapped[int]
    cancel_hours: Mapped[int]
    unpaid_minutes: Mapped[int]
