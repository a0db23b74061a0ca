"""What the index has still to follow: one row per touch, in the order of touching."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation import clock
from marketplace.foundation.db import Moment, db


class SearchTouch(db.Model):  # type: ignore[name-defined,misc]
    """This record changed; its number is its place in the order of touches."""

    __tablename__ = "search_touch"
    __table_args__ = (
        {"sqlite_autoincrement": True},
    )  # a number is never given twice, also after clearing away

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)
