"""The dated tariff, parcels and their scans."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder, OrderLine
from marketplace.places.models import ServicePoint
from marketplace.shipping import s10
from marketplace.shipping.run_models import (
    ANY_OF_PROVINCE,
    BEARERS,
    CARRIER_FEE,
    CAUSE_WORDS,
    ONLY_THERE,
    REST_BY,
    SPLIT,
    WEEKDAYS,
    WEIGHT,
    WITHIN_WORDS,
    CollectionPoint,
    CompensationRule,
    DifferenceRule,
    FreightDifference,
    HandInRule,
    PerishableRule,
    PickupRun,
    RunShare,
    RunState,
    SharingRule,
)

__all__ = [
    "ANY_OF_PROVINCE",
    "BEARERS",
    "CARRIER_FEE",
    "CAUSE_WORDS",
    "ONLY_THERE",
    "REST_BY",
    "SPLIT",
    "WEEKDAYS",
    "WEIGHT",
    "WITHIN_WORDS",
    "CarrierCall",
    "CartonList",
    "CollectionPoint",
    "CompensationRule",
    "DifferenceRule",
    "FreightDifference",
    "GoodsBack",
    "HandInRule",
    "KeptQuote",
    "Manifest",
    "ManifestState",
    "Parcel",
    "ParcelLine",
    "ParcelState",
    "PerishableRule",
    "PickupRun",
    "RemoteCommune",
    "RunShare",
    "RunState",
    "Scan",
    "ScanKind",
    "ServiceNumber",
    "SharingRule",
    "Tariff",
]


class Tariff(DatedRule):
    """A price list of the embedded carrier: zones, weight steps, surcharges, COD fees, VAT, as in
    data/tariff.json. The row used is stamped on every quote; a new list is a new row."""

    __tablename__ = "tariff"

    name: Mapped[str] = mapped_column(Line(120))
    is_illustration: Mapped[bool] = mapped_column(default=True)
    table: Mapped[dict[str, Any]] = mapped_column(JSON)


class RemoteCommune(DatedRule):
    """A commune that pays the remote surcharge, or that the post does not reach at all."""

    __tablename__ = "remote_commune"
    __table_args__ = (Index("ix_remote_commune_code", "commune_code", "valid_from"),)

    commune_code: Mapped[str] = mapped_column(String(5))
    is_reached: Mapped[bool] = mapped_column(default=True, server_default=true())


class CartonList(DatedRule):
    """The cartons parcels are packed into: `[[length, width, height], …]` in millimetres. A new list is a new row."""

    __tablename__ = "carton_list"

    cartons: Mapped[list[list[int]]] = mapped_column(JSON)


class KeptQuote(Record):
    """What a carrier outside answered to a question (`key`), kept until its price holds no more, so that what a page
    showed is what the order costs."""

    __tablename__ = "kept_quote"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(16))
    services: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    refused: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    valid_until: Mapped[datetime] = mapped_column(Moment, index=True)


class ParcelState(State):
    ASKED = "asked"
    BOOKED = "booked"
    DROPPED_OFF = "dropped_off"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    AT_POINT = "at_point"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"
    UNCLAIMED = "unclaimed"
    LOST = "lost"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"


states.label(
    {
        ParcelState.ASKED: _("Đang đặt chuyển phát"),
        ParcelState.BOOKED: (_("Chờ gửi"), "warm"),
        ParcelState.DROPPED_OFF: _("Đã gửi tại bưu cục"),
        ParcelState.PICKED_UP: _("Bưu tá đã lấy hàng"),
        ParcelState.IN_TRANSIT: _("Đang vận chuyển"),
        ParcelState.AT_POINT: (_("Tới bưu cục"), "warm"),
        ParcelState.OUT_FOR_DELIVERY: _("Đang đi phát"),
        ParcelState.DELIVERED: (_("Đã phát"), "good"),
        ParcelState.FAILED: (_("Phát không được"), "bad"),
        ParcelState.RETURNING: (_("Đang chuyển hoàn"), "warm"),
        ParcelState.RETURNED: _("Đã hoàn"),
        ParcelState.UNCLAIMED: (_("Không ai nhận"), "bad"),
        ParcelState.LOST: (_("Thất lạc"), "bad"),
        ParcelState.DAMAGED: (_("Hư hỏng"), "bad"),
        ParcelState.CANCELLED: _("Đã hủy"),
    }
)

P = ParcelState
_FINAL = frozenset({P.LOST, P.DAMAGED})
_ON_THE_WAY = _FINAL | {
    P.IN_TRANSIT, P.AT_POINT, P.OUT_FOR_DELIVERY, P.DELIVERED, P.FAILED, P.RETURNING,
}  # fmt: skip
_BEHIND = frozenset({P.PICKED_UP, P.DROPPED_OFF, P.IN_TRANSIT, P.AT_POINT, P.OUT_FOR_DELIVERY, P.FAILED})

SCANS_LEAD: Mapping[ParcelState, frozenset[ParcelState]] = {
    P.ASKED: frozenset({P.DROPPED_OFF, P.PICKED_UP}),
    P.BOOKED: frozenset({P.DROPPED_OFF, P.PICKED_UP}),
    P.PICKED_UP: _ON_THE_WAY | {P.DROPPED_OFF},
    P.DROPPED_OFF: _ON_THE_WAY,
    P.IN_TRANSIT: _ON_THE_WAY - {P.IN_TRANSIT},
    P.AT_POINT: _ON_THE_WAY - {P.AT_POINT},
    P.OUT_FOR_DELIVERY: _ON_THE_WAY - {P.OUT_FOR_DELIVERY},
    P.FAILED: _FINAL | {P.IN_TRANSIT, P.OUT_FOR_DELIVERY, P.AT_POINT, P.DELIVERED, P.RETURNING},
    P.UNCLAIMED: _FINAL | {P.RETURNING, P.DELIVERED},
    P.RETURNING: _FINAL | {P.RETURNED, P.DELIVERED},
}
"""Where a scan may lead from each state: forwards, and round again after a failed attempt."""

TAKING_BACK_LEADS: Mapping[ParcelState, frozenset[ParcelState]] = {
    P.AT_POINT: _BEHIND - {P.AT_POINT},
    P.OUT_FOR_DELIVERY: _BEHIND - {P.OUT_FOR_DELIVERY},
    P.FAILED: _BEHIND - {P.FAILED},
}
"""The scans a clerk may take back, and where the parcel then is again: nobody's money or stock hangs on these."""

_WITHOUT_SCAN: Mapping[ParcelState, frozenset[ParcelState]] = {
    P.ASKED: frozenset({P.BOOKED, P.CANCELLED}),
    P.BOOKED: frozenset({P.CANCELLED}),
    P.AT_POINT: frozenset({P.UNCLAIMED}),
}

ENDED = frozenset({P.DELIVERED, P.RETURNED, P.LOST, P.DAMAGED, P.CANCELLED})
"""Nobody has anything to do with the parcel any more."""


class GoodsBack(StrEnum):
    """What became of goods that came back: fit to be sold again, spoilt, or thrown away on the way."""

    GOOD = "good"
    SPOILT = "spoilt"
    THROWN_AWAY = "thrown_away"


class Parcel(Record):
    """A parcel of a farm's order. `tracking` is the number on the label (UPU S10 shape); weights in grams, sides in
    millimetres; `cod_dong` is what the post takes from the recipient. The last point is where it was last seen.
    `split_more_dong` is what carrying it costs more than when it lay in the parcel it was taken out of. `taken_off_at`
    is when what was in it was taken off the order (lost, or back while the buyer has the rest), `goods_back` what
    became of what came back."""

    __tablename__ = "parcel"
    __table_args__ = (
        Index("ix_parcel_point", "origin_point_id", "state"),
        CheckConstraint("weight_grams > 0", name="has_weight"),
        CheckConstraint("cod_dong >= 0", name="cod_not_negative"),
    )
    CODE_PREFIX = "BG"
    MOVES: ClassVar[Mapping[ParcelState, frozenset[ParcelState]]] = {
        state: SCANS_LEAD.get(state, frozenset())
        | TAKING_BACK_LEADS.get(state, frozenset())
        | _WITHOUT_SCAN.get(state, frozenset())
        for state in ParcelState
        if state not in ENDED
    }

    farm_order_id: Mapped[int] = mapped_column(ForeignKey("farm_order.id"), index=True)
    tracking: Mapped[str] = mapped_column(String(20), unique=True)
    carrier: Mapped[str] = mapped_column(String(16), default="tariff")
    carrier_fee_dong: Mapped[int | None] = mapped_column(Dong)
    state: Mapped[ParcelState] = state_column(ParcelState, default=ParcelState.ASKED)
    service_code: Mapped[str] = mapped_column(String(32))
    weight_grams: Mapped[int]
    weighed_grams: Mapped[int | None]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    signs: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    cod_dong: Mapped[int] = mapped_column(Dong, default=0)
    origin_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    destination_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"), index=True)
    last_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"), index=True)
    manifest_id: Mapped[int | None] = mapped_column(ForeignKey("manifest.id"), index=True)
    collection_point_id: Mapped[int | None] = mapped_column(ForeignKey("collection_point.id"), index=True)
    collect_on: Mapped[date | None] = mapped_column(Date)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_run.id"), index=True)
    called_at: Mapped[datetime | None] = mapped_column(Moment)
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("parcel.id"))
    split_more_dong: Mapped[int | None] = mapped_column(Dong)
    failed_count: Mapped[int] = mapped_column(default=0)
    booked_at: Mapped[datetime | None] = mapped_column(Moment)
    dropped_off_at: Mapped[datetime | None] = mapped_column(Moment)
    picked_up_at: Mapped[datetime | None] = mapped_column(Moment)
    at_point_at: Mapped[datetime | None] = mapped_column(Moment)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_off_at: Mapped[datetime | None] = mapped_column(Moment)
    goods_back: Mapped[GoodsBack | None] = state_column(GoodsBack, nullable=True, index=False)
    farm_order: Mapped[FarmOrder] = relationship()
    lines: Mapped[list["ParcelLine"]] = relationship(
        back_populates="parcel", order_by="ParcelLine.order_line_id", cascade="all, delete-orphan"
    )
    origin_point: Mapped[ServicePoint | None] = relationship(foreign_keys=[origin_point_id])
    destination_point: Mapped[ServicePoint | None] = relationship(foreign_keys=[destination_point_id])
    last_point: Mapped[ServicePoint | None] = relationship(foreign_keys=[last_point_id])
    manifest: Mapped["Manifest | None"] = relationship()
    collection_point: Mapped[CollectionPoint | None] = relationship()
    run: Mapped[PickupRun | None] = relationship()
    scans: Mapped[list["Scan"]] = relationship(back_populates="parcel", order_by="Scan.at, Scan.id")

    @property
    def last_scan(self) -> "Scan | None":
        """The last scan that counts, by the order in which they were written down."""
        return max((scan for scan in self.scans if scan.counts), key=lambda scan: scan.id, default=None)

    @property
    def is_for_pickup(self) -> bool:
        """Does its buyer come to the counter for it?"""
        return self.farm_order.order.pickup_point_id is not None

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def number_in_groups(self) -> str:
        """`EA 473 124 829 VN`, as it is read out."""
        return s10.grouped(self.tracking)

    @property
    def grams_now(self) -> int:
        """What the scales said, else what the farm declared."""
        return self.weighed_grams or self.weight_grams

    @property
    def grams_more(self) -> int | None:
        """How much heavier (or lighter, below zero) than declared it is; None before it was weighed."""
        return None if self.weighed_grams is None else self.weighed_grams - self.weight_grams

    @property
    def weight_differs(self) -> bool:
        """Is it more than a tenth off what was declared, so that freight may be wrong?"""
        return self.grams_more is not None and abs(self.grams_more) * 10 > self.weight_grams


class ParcelLine(Record):
    """So many packs of an order's line lie in this parcel. A parcel without any was made before this was kept, or out
    of an opened pack: what lies in it is asked only when it does not end as the others do."""

    __tablename__ = "parcel_line"
    __table_args__ = (
        UniqueConstraint("parcel_id", "order_line_id"),
        CheckConstraint("quantity > 0", name="some"),
    )

    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), index=True)
    quantity: Mapped[int]
    parcel: Mapped[Parcel] = relationship(back_populates="lines")
    order_line: Mapped[OrderLine] = relationship()


class ScanKind(StrEnum):
    """What a scan says (CONTRACT: `event` of POST /post/scans)."""

    PICKED_UP = "picked_up"
    DROPPED_OFF = "dropped_off"
    IN_TRANSIT = "in_transit"
    AT_POINT = "at_point"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    DAMAGED = "damaged"


SCAN_WORDS: Mapping[ScanKind, Text] = {
    ScanKind.PICKED_UP: _("Bưu tá lấy hàng"),
    ScanKind.DROPPED_OFF: _("Nhận gửi tại quầy"),
    ScanKind.IN_TRANSIT: _("Chuyển đi"),
    ScanKind.AT_POINT: _("Tới bưu cục"),
    ScanKind.OUT_FOR_DELIVERY: _("Đi phát"),
    ScanKind.DELIVERED: _("Đã phát"),
    ScanKind.FAILED: _("Phát không được"),
    ScanKind.RETURNING: _("Chuyển hoàn"),
    ScanKind.RETURNED: _("Đã trả nhà vườn"),
    ScanKind.LOST: _("Thất lạc"),
    ScanKind.DAMAGED: _("Hư hỏng"),
}
"""What a clerk presses."""


class Scan(Record):
    """Somebody saw the parcel: what, when, where, by whom. Every scan is kept, also one that moves nothing and one
    that was taken back; `once` is the mark of one that was kept on a device, `came_from` the state before it and
    `last_point_before` where the parcel was then."""

    __tablename__ = "scan"

    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"), index=True)
    kind: Mapped[ScanKind] = state_column(ScanKind, index=False)
    at: Mapped[datetime] = mapped_column(Moment)
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    weight_grams: Mapped[int | None]
    note: Mapped[str] = mapped_column(Line(300), default="")
    moved: Mapped[bool] = mapped_column(default=True)
    came_from: Mapped[ParcelState | None] = state_column(ParcelState, nullable=True, index=False)
    last_point_before_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    taken_back_at: Mapped[datetime | None] = mapped_column(Moment)
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    parcel: Mapped[Parcel] = relationship(back_populates="scans")
    service_point: Mapped[ServicePoint | None] = relationship(foreign_keys=[service_point_id])

    @property
    def counts(self) -> bool:
        """Did it move the parcel, and was it not taken back?"""
        return self.moved and self.taken_back_at is None


class ServiceNumber(Record):
    """The next serial of a service's S10 numbers (UPU S10: no number again within twelve months)."""

    __tablename__ = "service_number"

    indicator: Mapped[str] = mapped_column(String(2), unique=True)
    next_serial: Mapped[int] = mapped_column(default=1)
    begun_on: Mapped[date] = mapped_column(Date)


class CarrierCall(Record):
    """A carrier's word, kept raw under its own mark so that it counts once. Its signature covers the first row; the
    rest is asked back. `problem` says why a person may want to look."""

    __tablename__ = "carrier_call"

    source: Mapped[str] = mapped_column(String(16))
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    raw: Mapped[dict[str, Any]] = mapped_column(JSON)
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str] = mapped_column(Line(200), default="")


class ManifestState(State):
    OPEN = "open"
    CLOSED = "closed"
    COLLECTED = "collected"


states.label(
    {
        ManifestState.OPEN: (_("Đang gom"), "warm"),
        ManifestState.CLOSED: _("Đã chốt"),
        ManifestState.COLLECTED: (_("Xe đã lấy"), "good"),
    }
)


class Manifest(Record):
    """The parcels that leave a service point together: gathered, closed with a count, collected by the van."""

    __tablename__ = "manifest"
    CODE_PREFIX = "CH"
    MOVES: ClassVar[Mapping[ManifestState, frozenset[ManifestState]]] = {
        ManifestState.OPEN: frozenset({ManifestState.CLOSED}),
        ManifestState.CLOSED: frozenset({ManifestState.COLLECTED}),
    }

    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    state: Mapped[ManifestState] = state_column(ManifestState, default=ManifestState.OPEN)
    parcel_count: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    collected_at: Mapped[datetime | None] = mapped_column(Moment)
