"""What was said to whom, and how it got there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Prose, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _


@dataclass(frozen=True)
class Recipient:
    """Whom to tell: a person of the house, or a guest by phone or e-mail alone. Who chose Zalo for what would be an SMS
    gets it there, as far as it goes there."""

    person_id: int | None = None
    phone: str | None = None
    email: str | None = None
    language: str = "vi"
    is_on_zalo: bool = False


class Channel(StrEnum):
    """How a message leaves the house."""

    SMS = "sms"
    ZALO = "zalo"
    EMAIL = "email"


CHANNEL_WORDS: dict[Channel, Text] = {
    Channel.SMS: _("Tin nhắn"),
    Channel.ZALO: _("Zalo"),
    Channel.EMAIL: _("E-mail"),
}


class DeliveryState(State):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


states.label(
    {
        DeliveryState.WAITING: (_("Đang chờ gửi"), "warm"),
        DeliveryState.SENT: (_("Đã gửi"), "good"),
        DeliveryState.FAILED: (_("Gửi không được"), "bad"),
    }
)


class Message(Record):
    """A notice as its reader sees it in the inbox. Without a person (a guest, a code) only its deliveries matter."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_inbox", "person_id", "read_at"),)
    CODE_PREFIX = "TN"

    person_id: Mapped[int | None] = mapped_column(BigInteger)
    template: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(Line(200))
    body: Mapped[str] = mapped_column(Prose)
    path: Mapped[str | None] = mapped_column(Line(300))
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    deliveries: Mapped[list["Delivery"]] = relationship(
        back_populates="message", order_by="Delivery.id", cascade="all, delete-orphan"
    )


class Delivery(Record):
    """One message on one channel: its text as sent, how often it was tried, and whether it went.

    A secret one (a code, a one-time link) loses its text once it has gone, and does not go after `use_until`. One by
    Zalo holds the parameters of its form, a line each, and what the SMS says that goes if Zalo cannot deliver it.
    """

    __tablename__ = "delivery"
    CODE_PREFIX = "GT"
    MOVES: ClassVar[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
        DeliveryState.WAITING: frozenset({DeliveryState.SENT, DeliveryState.FAILED}),
    }

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    channel: Mapped[Channel] = state_column(Channel, index=False)
    address: Mapped[str] = mapped_column(Line(254))
    text: Mapped[str] = mapped_column(Prose)
    sms_instead: Mapped[str | None] = mapped_column(Prose)
    is_secret: Mapped[bool] = mapped_column(default=False)
    use_until: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[DeliveryState] = state_column(DeliveryState, default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str | None] = mapped_column(Line(300))
    message: Mapped[Message] = relationship(back_populates="deliveries")
