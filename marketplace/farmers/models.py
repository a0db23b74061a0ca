"""A farm, its members, who stands behind it, and where its money goes."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import JSON, Date, Float, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Prose, Record, state_column
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _


class FarmKind(StrEnum):
    """Who sells; decides which papers and which tax rule (Decree 252/2026 Art. 43–45: companies and co-operatives
    are outside withholding at source)."""

    HOUSEHOLD = "household"
    COOPERATIVE = "cooperative"
    COMPANY = "company"


KIND_WORDS: dict[FarmKind, Text] = {
    FarmKind.HOUSEHOLD: _("Hộ gia đình, hộ kinh doanh"),
    FarmKind.COOPERATIVE: _("Hợp tác xã, tổ hợp tác"),
    FarmKind.COMPANY: _("Công ty, doanh nghiệp"),
}


class FarmState(State):
    APPLYING = "applying"
    OPEN = "open"
    ON_HOLIDAY = "on_holiday"
    SUSPENDED = "suspended"
    CLOSED = "closed"


states.label(
    {
        FarmState.APPLYING: (_("Đang làm thủ tục"), "warm"),
        FarmState.OPEN: (_("Đang bán"), "good"),
        FarmState.ON_HOLIDAY: _("Đang tạm nghỉ"),
        FarmState.SUSPENDED: (_("Bị tạm dừng"), "bad"),
        FarmState.CLOSED: _("Đã đóng"),
    }
)


class Farm(Record):
    """A farm shop. Its address is where parcels are picked up; lat and lon are degrees."""

    __tablename__ = "farm"
    CODE_PREFIX = "NV"
    MOVES: ClassVar[Mapping[FarmState, frozenset[FarmState]]] = {
        FarmState.APPLYING: frozenset({FarmState.OPEN, FarmState.CLOSED}),
        FarmState.OPEN: frozenset({FarmState.SUSPENDED, FarmState.ON_HOLIDAY, FarmState.CLOSED}),
        FarmState.ON_HOLIDAY: frozenset({FarmState.OPEN, FarmState.SUSPENDED, FarmState.CLOSED}),
        FarmState.SUSPENDED: frozenset({FarmState.OPEN, FarmState.CLOSED}),
    }

    name: Mapped[str] = mapped_column(Line(120), default="")
    kind: Mapped[FarmKind | None] = state_column(FarmKind, nullable=True, index=False)
    story: Mapped[str] = mapped_column(Prose, default="")
    state: Mapped[FarmState] = state_column(FarmState, default=FarmState.APPLYING)
    phone: Mapped[str | None] = mapped_column(String(20))
    province_code: Mapped[str | None] = mapped_column(String(2), index=True)
    commune_code: Mapped[str | None] = mapped_column(String(5), index=True)
    street: Mapped[str] = mapped_column(Line(200), default="")
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    pin_is_own: Mapped[bool] = mapped_column(default=False)
    """Did somebody set the pin? Otherwise it is the middle of the commune."""
    vpostcode: Mapped[str | None] = mapped_column(String(12))
    """The house's own code on the post's map, where the farm has one."""
    handling_days: Mapped[int] = mapped_column(default=1)
    is_illustration: Mapped[bool] = mapped_column(default=False)
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_photo.id"))
    suspended_because: Mapped[str | None] = mapped_column(Prose)
    open_at: Mapped[datetime | None] = mapped_column(Moment)
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    back_on: Mapped[date | None] = mapped_column(Date)
    """The day a resting farm sells again by itself."""
    members: Mapped[list["FarmMember"]] = relationship(back_populates="farm", order_by="FarmMember.id")
    identity: Mapped["Identity | None"] = relationship(back_populates="farm")
    bank_account: Mapped["BankAccount | None"] = relationship(back_populates="farm")
    photo: Mapped[StoredPhoto | None] = relationship()
    """The cover of its story."""
    more_photos: Mapped[list["FarmPhoto"]] = relationship(
        order_by="FarmPhoto.id", cascade="all, delete-orphan"
    )

    @property
    def photos(self) -> list[StoredPhoto]:
        """The pictures of its story, the cover first."""
        return [*([self.photo] if self.photo is not None else []), *(row.photo for row in self.more_photos)]

    @property
    def may_sell(self) -> bool:
        return self.state is FarmState.OPEN


MOST_PHOTOS = 8


class FarmPhoto(Record):
    """A picture of a farm's story, after its cover."""

    __tablename__ = "farm_photo"
    __table_args__ = (UniqueConstraint("farm_id", "photo_id"),)

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("stored_photo.id"))
    photo: Mapped[StoredPhoto] = relationship(lazy="joined")


class FarmRight(StrEnum):
    """What a member of a farm's team may do. The owner may do everything."""

    LIST = "list"
    PACK = "pack"
    MONEY = "money"


RIGHT_WORDS: dict[FarmRight, Text] = {
    FarmRight.LIST: _("Đăng và sửa nông sản, kho"),
    FarmRight.PACK: _("Trả lời và gói đơn hàng"),
    FarmRight.MONEY: _("Xem tiền bán hàng"),
}


class FarmMember(Record):
    """A person who works for a farm, with their own sign-in and rights. The owner is the first."""

    __tablename__ = "farm_member"
    __table_args__ = (UniqueConstraint("farm_id", "person_id"),)

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    is_owner: Mapped[bool] = mapped_column(default=False)
    rights: Mapped[list[str]] = mapped_column(JSON, default=list)
    farm: Mapped[Farm] = relationship(back_populates="members", lazy="joined")
    person: Mapped[Person] = relationship()


class Identity(Record):
    """Who stands behind a farm (Law 122/2025/QH15 Art. 17). The personal id is encrypted; its end is kept to show."""

    __tablename__ = "identity"

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), unique=True)
    full_name: Mapped[str] = mapped_column(Line(120))
    born_on: Mapped[date | None] = mapped_column(Date)
    personal_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    personal_id_end: Mapped[str] = mapped_column(String(4), default="")
    tax_code: Mapped[str | None] = mapped_column(String(14))
    personal_id_print: Mapped[str | None] = mapped_column(String(64), index=True)
    """A keyed fingerprint of the number: two farms of one person are seen without opening either."""

    @property
    def personal_id_shown(self) -> str:
        """Only its end is ever shown."""
        return f"•••• •••• {self.personal_id_end}" if self.personal_id_end else ""

    farm: Mapped[Farm] = relationship(back_populates="identity")


class PayBy(StrEnum):
    """How a farm is paid."""

    BANK = "bank"
    CASH = "cash"


PAY_BY_WORDS: dict[PayBy, Text] = {
    PayBy.BANK: _("Chuyển khoản ngân hàng"),
    PayBy.CASH: _("Tiền mặt tại điểm bưu điện"),
}


class BankAccount(Record):
    """Where a farm is paid: a bank account, or cash at its service point. The number is encrypted.

    After a change no money is paid out until `payouts_held_until`, so that a stolen telephone does not empty a farm.
    """

    __tablename__ = "bank_account"

    farm_id: Mapped[int] = mapped_column(ForeignKey("farm.id"), unique=True)
    method: Mapped[PayBy] = state_column(PayBy, default=PayBy.BANK, index=False)
    bank_bin: Mapped[str | None] = mapped_column(String(6))
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_end: Mapped[str] = mapped_column(String(4), default="")
    holder: Mapped[str] = mapped_column(Line(120), default="")
    number_print: Mapped[str | None] = mapped_column(String(64), index=True)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    payouts_held_until: Mapped[datetime | None] = mapped_column(Moment)
    holder_asked_at: Mapped[datetime | None] = mapped_column(Moment)
    """It is somebody else's, and no reviewer has agreed to it yet: nothing is paid out before."""

    @property
    def number_shown(self) -> str:
        """Only its end is ever shown."""
        return f"•••• {self.number_end}" if self.number_end else ""

    farm: Mapped[Farm] = relationship(back_populates="bank_account")
