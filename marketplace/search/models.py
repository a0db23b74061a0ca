"""What the index has still to follow (one row per touch, in the order of touching); what people look for, counted
without saying who; what somebody wants to be told of; words the association adds."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import clock
from marketplace.foundation.db import Line, Moment, Record, Row


class SearchTouch(Row):
    """This record changed; its number is its place in the order of touches."""

    __tablename__ = "search_touch"
    __table_args__ = (
        {"sqlite_autoincrement": True},
    )  # a number is never given twice, also after clearing away

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)


class SearchedWords(Row):
    """How often some words were looked for in a week from a province: found nothing, led to a product. Whose they were
    is nowhere. `words` without marks is the key, `written` as somebody wrote them; `province` is "" where unknown."""

    __tablename__ = "searched_words"
    __table_args__ = (UniqueConstraint("week", "province", "words"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    week: Mapped[date] = mapped_column(Date)
    province: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(Line(160))
    written: Mapped[str] = mapped_column(Line(160))
    asked: Mapped[int] = mapped_column(default=0)
    found_nothing: Mapped[int] = mapped_column(default=0)
    led_on: Mapped[int] = mapped_column(default=0)


class Wish(Record):
    """Somebody wants to be told when such goods appear: words and filters, as their address says them. `told_at`: they
    were told, and the wish is done.

    A visitor without an account left a phone or an e-mail, which is forgotten once they were told; what it was is
    remembered as a fingerprint only. `key` opens the page that stops it; `stopped_at`: they want nothing more."""

    __tablename__ = "wish"
    CODE_PREFIX = "MM"

    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    phone: Mapped[str | None] = mapped_column(Line(20))
    email: Mapped[str | None] = mapped_column(Line(254))
    contact_print: Mapped[str | None] = mapped_column(String(64), index=True)
    key: Mapped[str | None] = mapped_column(Line(20))
    language: Mapped[str | None] = mapped_column(String(2))
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Line(300))
    told_at: Mapped[datetime | None] = mapped_column(Moment)


class OwnWords(Record):
    """Words for one thing that the association added to those the house came with (port.SameWords)."""

    __tablename__ = "own_words"
    CODE_PREFIX = "TN"

    word: Mapped[str] = mapped_column(Line(60))
    same: Mapped[list[str]] = mapped_column(JSON)
    but_not: Mapped[list[str]] = mapped_column(JSON, default=list)
    taken_off_at: Mapped[datetime | None] = mapped_column(Moment)
