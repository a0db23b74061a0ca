"""Vouchers and who used them; a drive to sell a harvest by a day, and how it ended."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.catalog.models import Product
from marketplace.farmers.models import Farm
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import Order


class VoucherKind(StrEnum):
    PERCENT = "percent"
    DONG = "dong"
    FREIGHT = "freight"


VOUCHER_KIND_WORDS: dict[VoucherKind, Text] = {
    VoucherKind.PERCENT: _("Giảm theo phần trăm tiền hàng"),
    VoucherKind.DONG: _("Giảm một số tiền hàng"),
    VoucherKind.FREIGHT: _("Giảm cước gửi"),
}


class VoucherState(State):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


states.label(
    {
        VoucherState.OPEN: (_("Đang dùng được"), "good"),
        VoucherState.PAUSED: (_("Đang dừng"), "warm"),
        VoucherState.CLOSED: _("Đã khép"),
    }
)


class Voucher(Record):
    """A word that lowers what a buyer pays. `farm` bears it, or the market when there is none. `per_10_000` for a share
    of the goods, `amount_dong` for a sum (of goods, of freight); `most_dong` is the most a share comes to. The terms
    never change once it is made: it is paused or closed, and another is made."""

    __tablename__ = "voucher"
    __table_args__ = (
        CheckConstraint("used_count >= 0 AND used_count <= most_uses", name="within_uses"),
        CheckConstraint("used_dong >= 0 AND used_dong <= budget_dong", name="within_budget"),
        CheckConstraint(
            "per_10_000 BETWEEN 0 AND 5000 AND amount_dong >= 0 AND least_dong >= 0", name="sane"
        ),
    )
    CODE_PREFIX = "PG"
    MOVES: ClassVar[Mapping[VoucherState, frozenset[VoucherState]]] = {
        VoucherState.OPEN: frozenset({VoucherState.PAUSED, VoucherState.CLOSED}),
        VoucherState.PAUSED: frozenset({VoucherState.OPEN, VoucherState.CLOSED}),
    }

    word: Mapped[str] = mapped_column(String(20), unique=True)
    farm_id: Mapped[int | None] = mapped_column(ForeignKey("farm.id"), index=True)
    kind: Mapped[VoucherKind] = state_column(VoucherKind, index=False)
    per_10_000: Mapped[int] = mapped_column(default=0)
    amount_dong: Mapped[int] = mapped_column(Dong, default=0)
    most_dong: Mapped[int | None] = mapped_column(Dong)
    least_dong: Mapped[int] = mapped_column(Dong, default=0)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    most_uses: Mapped[int]
    most_per_person: Mapped[int] = mapped_column(default=1)
    budget_dong: Mapped[int] = mapped_column(Dong)
    used_count: Mapped[int] = mapped_column(default=0)
    used_dong: Mapped[int] = mapped_column(Dong, default=0)
    state: Mapped[VoucherState] = state_column(VoucherState, default=VoucherState.OPEN)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    farm: Mapped[Farm | None] = relationship()


class VoucherUse(Record):
    """One order's use of a voucher: what it took off, and that it was given back when the order never came to be."""

    __tablename__ = "voucher_use"

    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order_.id"), unique=True)
    people: Mapped[str] = mapped_column(String(80))
    discount_dong: Mapped[int] = mapped_column(Dong)
    freed_at: Mapped[datetime | None] = mapped_column(Moment)
    voucher: Mapped[Voucher] = relationship()
    order: Mapped[Order] = relationship()


class VoucherShare(Record):
    """How often one person (`person:12`, `phone:+84…`) used a voucher: raised by a conditional UPDATE."""

    __tablename__ = "voucher_share"
    __table_args__ = (
        UniqueConstraint("voucher_id", "who"),
        CheckConstraint("used_count >= 0", name="not_negative"),
    )

    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    who: Mapped[str] = mapped_column(String(40))
    used_count: Mapped[int] = mapped_column(default=0)


class CampaignState(State):
    DRAFT = "draft"
    OPEN = "open"
    REACHED = "reached"
    MISSED = "missed"
    CLOSED = "closed"


states.label(
    {
        CampaignState.DRAFT: _("Bản nháp"),
        CampaignState.OPEN: (_("Đang gom đơn"), "warm"),
        CampaignState.REACHED: (_("Đã đủ"), "good"),
        CampaignState.MISSED: (_("Không đủ"), "bad"),
        CampaignState.CLOSED: _("Đã khép"),
    }
)


class Campaign(Record):
    """So many grams of a product to be ordered until a moment; reached, or everybody is refunded."""

    __tablename__ = "campaign"
    CODE_PREFIX = "GH"
    MOVES: ClassVar[Mapping[CampaignState, frozenset[CampaignState]]] = {
        CampaignState.DRAFT: frozenset({CampaignState.OPEN, CampaignState.CLOSED}),
        CampaignState.OPEN: frozenset({CampaignState.REACHED, CampaignState.MISSED}),
        CampaignState.REACHED: frozenset({CampaignState.CLOSED}),
        CampaignState.MISSED: frozenset({CampaignState.CLOSED}),
    }

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(Line(120))
    state: Mapped[CampaignState] = state_column(CampaignState, default=CampaignState.DRAFT)
    target_grams: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(Moment)
    reached_at: Mapped[datetime | None] = mapped_column(Moment)
    missed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    product: Mapped[Product] = relationship()
