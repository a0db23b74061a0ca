"""Service points of the post: where a parcel is dropped off, collected and handed out, and when.

Only these are tables: provinces and communes are reference data in `data/` (see `gazetteer`), kept in records
by their official code as text.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation.db import Line, Moment, Record, Row, state_column
from marketplace.foundation.states import State, label
from marketplace.foundation.words import _


class ServicePointState(State):
    OPEN = "open"
    CLOSED = "closed"


label(
    {
        ServicePointState.OPEN: (_("Đang hoạt động"), "good"),
        ServicePointState.CLOSED: _("Đã đóng điểm"),
    }
)


class ServicePoint(Record):
    """A counter of the post in one commune."""

    __tablename__ = "service_point"
    __table_args__ = (UniqueConstraint("commune_code", "name"),)
    CODE_PREFIX = "BC"
    CODE_LENGTH = 6
    MOVES: ClassVar[Mapping[ServicePointState, frozenset[ServicePointState]]] = {
        ServicePointState.OPEN: frozenset({ServicePointState.CLOSED}),
        ServicePointState.CLOSED: frozenset({ServicePointState.OPEN}),
    }

    state: Mapped[ServicePointState] = state_column(ServicePointState, default=ServicePointState.OPEN)
    name: Mapped[str] = mapped_column(Line(120))
    commune_code: Mapped[str] = mapped_column(String(5), index=True)
    province_code: Mapped[str] = mapped_column(String(2), index=True)
    street: Mapped[str] = mapped_column(Line(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    postcode: Mapped[str | None] = mapped_column(String(5))
    vpostcode: Mapped[str | None] = mapped_column(String(12))
    lat: Mapped[float]
    lon: Mapped[float]
    commune_key: Mapped[str] = mapped_column(Line(60))
    """The commune's name without accents: lists are in the order of communes."""
    search_key: Mapped[str] = mapped_column(Line(500))
    """All that a person may look for, without accents."""
    hours_changed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    weekly_hours: Mapped[list["ServicePointHours"]] = relationship(
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="ServicePointHours.weekday, ServicePointHours.opens",
    )
    exceptions: Mapped[list["ServicePointException"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ServicePointException.day"
    )
    pickups: Mapped[list["ServicePointPickup"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="ServicePointPickup.commune_code"
    )

    @property
    def picks_up_from(self) -> tuple[str, ...]:
        """Codes of the communes its carriers collect from: its own unless others were named."""
        return tuple(pickup.commune_code for pickup in self.pickups) or (self.commune_code,)


class ServicePointHours(Row):
    """One span of a weekday (0 is Monday); a lunch break makes two of them."""

    __tablename__ = "service_point_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="opens_before_it_closes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id", ondelete="CASCADE"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)


class ServicePointException(Row):
    """One day unlike the others: open at these hours (on a holiday, say), or closed when there are none."""

    __tablename__ = "service_point_exception"
    __table_args__ = (UniqueConstraint("point_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    opens: Mapped[time | None] = mapped_column(Time)
    closes: Mapped[time | None] = mapped_column(Time)
    reason: Mapped[str] = mapped_column(Line(120), default="")


class ServicePointPickup(Row):
    """A commune the point's carriers collect from."""

    __tablename__ = "service_point_pickup"

    point_id: Mapped[int] = mapped_column(
        ForeignKey("service_point.id", ondelete="CASCADE"), primary_key=True
    )
    commune_code: Mapped[str] = mapped_column(String(5), primary_key=True, index=True)
