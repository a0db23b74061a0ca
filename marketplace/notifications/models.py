"""What was said to whom, and how it got there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import states
from marketplace.foundation.db import Line, Moment, Prose, Record, state_column
from marketplace.foundation.states import State
from marketplace.foundation.words import _


@dataclass(frozen=True)
class Recipient:
    """Whom to tell: a person of the house, or a guest by phone or e-mail alone."""

    person_id: int | None = None
    phone: str | None = None
    email: str | None = None
    language: str = "vi"


class DeliveryState(State):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


states.label(
    {
        DeliveryState.WAITING: _("Đang chờ gửi"),
        DeliveryState.SENT: (_("Đã gửi"), "good"),
        DeliveryState.FAILED: (_("Gửi không được"), "bad"),
    }
)


class Message(Record):
    """A notice as its reader sees it in the inbox. Without a person (a guest) only its deliveries matter."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_inbox", "person_id", "read_at"),)
    CODE_PREFIX = "TN"

    person_id: Mapped[int | None] = mapped_column(BigInteger)
    template: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(Line(200))
    body: Mapped[str] = mapped_column(Prose)
    path: Mapped[str | None] = mapped_column(Line(300))
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="message")


class Delivery(Record):
    """One message on one channel: its text as sent, and whether it went."""

    __tablename__ = "delivery"
    CODE_PREFIX = "GT"
    MOVES: ClassVar[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
        DeliveryState.WAITING: frozenset({DeliveryState.SENT, DeliveryState.FAILED}),
    }

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Line(200))
    text: Mapped[str] = mapped_column(Prose)
    state: Mapped[DeliveryState] = state_column(DeliveryState, default=DeliveryState.WAITING)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    problem: Mapped[str | None] = mapped_column(Line(300))
    message: Mapped[Message] = relationship(back_populates="deliveries")
