"""The tables of what freight costs in the end: places and trips that neighbours share, what each order saves, and what
a parcel cost otherwise than was quoted."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.farmers.models import Farm
from marketplace.foundation import clock, states
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.rules import ApprovedRule, DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder
from marketplace.places.models import ServicePoint

WEEKDAYS: tuple[Text, ...] = (
    _("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật"),
)  # fmt: skip


WEIGHT, CARRIER_FEE, SPLIT = "weight", "carrier_fee", "split"
CAUSE_WORDS: Mapping[str, Text] = {
    WEIGHT: _("Cân thật khác cân khai"),
    CARRIER_FEE: _("Hãng vận chuyển tính khác báo giá"),
    SPLIT: _("Nhà vườn chia gói sau khi khách đặt"),
}
"""Why carrying a parcel can cost another sum than was quoted."""
BEARERS: Mapping[str, tuple[str, ...]] = {"more_by": ("farm", "market"), "less_to": ("buyer", "market")}
"""Who may pay what it costs more, and who may be given what it costs less: never the buyer and the farm."""


class SharingRule(DatedRule):
    """What a trip that several farms share saves, in hundredths of a percent of their freight: `[[from how many farms,
    per 10,000], …]`, the fewest farms first."""

    __tablename__ = "sharing_rule"

    steps: Mapped[list[list[int]]] = mapped_column(JSON)

    def per_10_000(self, farm_count: int) -> int:
        """What so many farms save together."""
        return max((rate for least, rate in self.steps if farm_count >= least), default=0)


class CollectionPoint(Record):
    """Where neighbours bring parcels together, opened by an association or the post: "every Tuesday 7–9, the village
    hall". The postmen of `service_point` come there; `ended_on` is the last day."""

    __tablename__ = "collection_point"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens < closes", name="opens_first"),
    )
    CODE_PREFIX = "DG"

    name: Mapped[str] = mapped_column(Line(120))
    commune_code: Mapped[str] = mapped_column(String(5), index=True)
    street: Mapped[str] = mapped_column(Line(160), default="")
    weekday: Mapped[int]
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    farm_id: Mapped[int | None] = mapped_column(ForeignKey("farm.id"))
    ended_on: Mapped[date | None] = mapped_column(Date)
    service_point: Mapped[ServicePoint] = relationship()
    farm: Mapped[Farm | None] = relationship()

    @property
    def weekday_in_words(self) -> Text:
        return WEEKDAYS[self.weekday]

    def next_day(self, since: datetime) -> date | None:
        """The next day parcels may be brought, one that is still open today included; days on which its postmen do not
        work are left out; None when it has ended."""
        moment = clock.local(since)
        day = moment.date() + timedelta(days=(self.weekday - moment.weekday()) % 7)
        if day == moment.date() and moment.strftime("%H:%M") >= self.closes:
            day += timedelta(days=7)
        while self.is_off(day):
            day += timedelta(days=7)
        return None if self.ended_on is not None and day > self.ended_on else day

    def is_off(self, day: date) -> bool:
        """Does nobody come on that day: a holiday, or one on which the postmen's own point is closed?"""
        closed = [one.day for one in self.service_point.exceptions if one.opens is None]
        return clock.is_holiday(day) or day in closed


class RunState(State):
    OPEN = "open"
    CLOSED = "closed"


states.label(
    {
        RunState.OPEN: (_("Đang gom hàng"), "warm"),
        RunState.CLOSED: (_("Đã chốt"), "good"),
    }
)


class PickupRun(Record):
    """One trip of a postman to the farms of a commune. Every parcel picked up that day rides along; when the trip is
    closed the freight it saved is split among the orders by weight. The rule used is stamped on it."""

    __tablename__ = "pickup_run"
    __table_args__ = (
        Index(
            "ix_pickup_run_open",
            "service_point_id",
            "commune_code",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    CODE_PREFIX = "CG"
    MOVES: ClassVar[Mapping[RunState, frozenset[RunState]]] = {RunState.OPEN: frozenset({RunState.CLOSED})}

    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"))
    commune_code: Mapped[str] = mapped_column(String(5))
    on_day: Mapped[date] = mapped_column(Date, index=True)
    state: Mapped[RunState] = state_column(RunState, default=RunState.OPEN)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("sharing_rule.id"))
    farm_count: Mapped[int] = mapped_column(default=0)
    grams: Mapped[int] = mapped_column(default=0)
    freight_dong: Mapped[int] = mapped_column(Dong, default=0)
    saved_dong: Mapped[int] = mapped_column(Dong, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    service_point: Mapped[ServicePoint] = relationship()
    rule: Mapped[SharingRule | None] = relationship()
    shares: Mapped[list["RunShare"]] = relationship(back_populates="run", order_by="RunShare.id")


class RunShare(Record):
    """One order's part of a closed trip: what its parcels weighed, what its freight was, and how much of it the buyer
    no longer pays. An order shares once."""

    __tablename__ = "run_share"
    __table_args__ = (
        CheckConstraint("saved_dong >= 0 AND saved_dong <= freight_dong", name="within_freight"),
        CheckConstraint("grams > 0", name="has_weight"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("pickup_run.id"), index=True)
    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), unique=True)
    grams: Mapped[int]
    freight_dong: Mapped[int] = mapped_column(Dong)
    saved_dong: Mapped[int] = mapped_column(Dong)
    run: Mapped[PickupRun] = relationship(back_populates="shares")
    farm_order: Mapped[FarmOrder] = relationship()


class DifferenceRule(DatedRule):
    """Who bears it when carrying a parcel costs another sum than was quoted, by why (`cause`): `more_by` pays what it
    costs more (`farm` or `market`), `less_to` is given what it costs less (`buyer` or `market`). Below `least_dong`
    nobody is asked."""

    __tablename__ = "freight_difference_rule"

    cause: Mapped[str] = mapped_column(String(16))
    more_by: Mapped[str] = mapped_column(String(16))
    less_to: Mapped[str] = mapped_column(String(16))
    least_dong: Mapped[int] = mapped_column(Dong, default=0)


class FreightDifference(Record):
    """Carrying a parcel cost another sum than was quoted: why, by how much (plus: more), who bears it by which rule.
    Written once for a parcel and a cause, when it leaves the point it was sent from."""

    __tablename__ = "freight_difference"
    __table_args__ = (
        UniqueConstraint("parcel_id", "cause"),
        CheckConstraint("difference_dong <> 0", name="differs"),
    )
    CODE_PREFIX = "CL"

    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    cause: Mapped[str] = mapped_column(String(16))
    quoted_dong: Mapped[int] = mapped_column(Dong)
    difference_dong: Mapped[int] = mapped_column(Dong)
    borne_by: Mapped[str] = mapped_column(String(16))
    rule_id: Mapped[int] = mapped_column(ForeignKey("freight_difference_rule.id"))
    farm_order: Mapped[FarmOrder] = relationship()
    rule: Mapped[DifferenceRule] = relationship()


class PerishableRule(DatedRule):
    """How long fresh, chilled, frozen or live goods may lie at a counter: after `call_after_hours` the buyer is called,
    after `give_up_after_hours` they may be thrown away there, with the reason."""

    __tablename__ = "perishable_rule"

    call_after_hours: Mapped[int]
    give_up_after_hours: Mapped[int]


ONLY_THERE, ANY_OF_PROVINCE = "point", "province"
WITHIN_WORDS: Mapping[str, Text] = {
    ANY_OF_PROVINCE: _("Mọi bưu cục cùng tỉnh"),
    ONLY_THERE: _("Chỉ bưu cục đã chọn"),
}


class HandInRule(DatedRule):
    """Which counters may take in a parcel that was to be brought to another one: any of the same province (`province`)
    or none (`point`). Another province never may, for its freight is reckoned from there."""

    __tablename__ = "hand_in_rule"

    within: Mapped[str] = mapped_column(String(16))


REST_BY = ("market", "farm")
"""Who may bear what the post does not make good: never the buyer."""


class CompensationRule(ApprovedRule):
    """What the post makes good of goods it lost or broke: so many hundredths of a percent of a value that was declared;
    else so many times the freight, or so much a kilogram, whichever is more; never more than they were sold for. What
    is left is borne by `rest_by` (`market` or `farm`); the buyer gets everything back either way.

    `is_freight_within`: the freight that is given back counts towards it (Decree 47/2011/NĐ-CP Art. 25, as `source`
    reports it). `is_confirmed`: somebody who answers for it read the law. `is_off`: known, but nothing is asked of
    the post."""

    __tablename__ = "compensation_rule"

    declared_per_10_000: Mapped[int]
    freight_times: Mapped[int]
    per_kg_dong: Mapped[int] = mapped_column(Dong)
    rest_by: Mapped[str] = mapped_column(String(16))
    is_freight_within: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_confirmed: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    source: Mapped[str] = mapped_column(Line(500), default="", server_default="")
    """Where it was read, when nobody has confirmed it yet."""
