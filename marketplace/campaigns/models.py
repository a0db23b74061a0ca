"""A drive to sell a harvest by a day, and how it ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.catalog.models import Product
from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _


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
