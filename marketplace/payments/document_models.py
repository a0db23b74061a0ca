"""The tables of papers, numbered without gaps."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.db import Record, Row, state_column


class DocumentSeries(StrEnum):
    """Papers the market writes, each numbered without gaps in its year."""

    CONFIRMATION = "XN"
    DELIVERY_NOTE = "GH"
    RECEIPT = "BN"
    STATEMENT = "SK"
    PAYOUT = "PT"
    TAX_MONTH = "TT"
    TAX_YEAR = "CT"


class DocumentCounter(Row):
    """The last number given in a series and year; its row is locked until the document is written."""

    __tablename__ = "document_counter"

    series: Mapped[str] = mapped_column(String(4), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


class Document(Record):
    """A paper as it was written: what stands on it never changes. `key` says what it is about, once a series."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("series", "key"), UniqueConstraint("series", "year", "number"))

    series: Mapped[DocumentSeries] = state_column(DocumentSeries, index=False)
    year: Mapped[int]
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    @property
    def title_number(self) -> str:
        """`XN/2026/000001`."""
        return f"{self.series.value}/{self.year}/{self.number:06d}"
