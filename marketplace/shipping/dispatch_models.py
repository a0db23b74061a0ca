"""The tables of parcels that carry no sale: a dossier's result to its applicant, goods a claim sends back to their
farm."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.dossiers.models import Dossier
from marketplace.foundation.db import Dong, Line, Moment, Record, state_column
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder
from marketplace.places.models import ServicePoint
from marketplace.shipping import s10
from marketplace.shipping.models import ENDED, Parcel, ParcelState, ScanKind


class DispatchPurpose(StrEnum):
    RESULT = "result"
    RETURN = "return"


PURPOSE_WORDS: Mapping[DispatchPurpose, Text] = {
    DispatchPurpose.RESULT: _("Kết quả hồ sơ"),
    DispatchPurpose.RETURN: _("Hàng khách trả lại"),
}


UNDER_WAY = "state NOT IN ('delivered', 'returned', 'lost', 'damaged', 'cancelled')"


class Dispatch(Record):
    """A parcel that carries no sale, so no cash is taken at its door. It lives by the same states and scans as a
    parcel of goods. Sender and recipient are written down as they were when it was made; `fee_dong` is what the market
    pays for carrying a result (what goods that go back cost is reckoned when they are back)."""

    __tablename__ = "dispatch"
    __table_args__ = (
        CheckConstraint("weight_grams > 0", name="has_weight"),
        CheckConstraint("(dossier_id IS NULL) <> (farm_order_id IS NULL)", name="carries_one_thing"),
        # One on its way at a time; what came back may be sent again.
        Index(
            "ix_dispatch_dossier_under_way",
            "dossier_id",
            unique=True,
            sqlite_where=text(UNDER_WAY),
            postgresql_where=text(UNDER_WAY),
        ),
        UniqueConstraint("farm_order_id"),
    )
    CODE_PREFIX = "BK"
    MOVES: ClassVar[Mapping[ParcelState, frozenset[ParcelState]]] = Parcel.MOVES

    tracking: Mapped[str] = mapped_column(String(20), unique=True)
    purpose: Mapped[DispatchPurpose] = state_column(DispatchPurpose, index=False)
    state: Mapped[ParcelState] = state_column(ParcelState, default=ParcelState.ASKED)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    farm_order_id: Mapped[int | None] = mapped_column(ForeignKey("farm_order.id"))
    weight_grams: Mapped[int]
    fee_dong: Mapped[int | None] = mapped_column(Dong)
    sender_name: Mapped[str] = mapped_column(Line(160))
    sender_phone: Mapped[str] = mapped_column(String(20), default="")
    sender_address: Mapped[str] = mapped_column(Line(300), default="")
    recipient_name: Mapped[str] = mapped_column(Line(160))
    recipient_phone: Mapped[str] = mapped_column(String(20), default="")
    recipient_address: Mapped[str] = mapped_column(Line(300), default="")
    origin_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"), index=True)
    last_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"), index=True)
    failed_count: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    dossier: Mapped[Dossier | None] = relationship()
    farm_order: Mapped[FarmOrder | None] = relationship()
    origin_point: Mapped[ServicePoint | None] = relationship(foreign_keys=[origin_point_id])
    last_point: Mapped[ServicePoint | None] = relationship(foreign_keys=[last_point_id])
    scans: Mapped[list["DispatchScan"]] = relationship(
        back_populates="dispatch", order_by="DispatchScan.at, DispatchScan.id"
    )

    @property
    def number_in_groups(self) -> str:
        return s10.grouped(self.tracking)

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def purpose_in_words(self) -> Text:
        return PURPOSE_WORDS[self.purpose]


class DispatchScan(Record):
    """Somebody saw it: what, when, where, by whom; `note` says whose paper was looked at when it was handed out, `once`
    is the mark of a scan that was kept on a device."""

    __tablename__ = "dispatch_scan"

    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"), index=True)
    kind: Mapped[ScanKind] = state_column(ScanKind, index=False)
    at: Mapped[datetime] = mapped_column(Moment)
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Line(300), default="")
    moved: Mapped[bool] = mapped_column(default=True)
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    dispatch: Mapped[Dispatch] = relationship(back_populates="scans")
    service_point: Mapped[ServicePoint | None] = relationship()
