"""A procedure as dated data, a dossier and its papers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.foundation import states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import _


class Procedure(DatedRule):
    """A procedure people can go through: its steps, papers, fee and time limit, by which law, from when to when."""

    __tablename__ = "procedure"
    __table_args__ = (Index("ix_procedure_key", "key", "valid_from"),)

    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Line(200))
    name_en: Mapped[str] = mapped_column(Line(200), default="")
    audience: Mapped[str] = mapped_column(Line(200), default="")
    steps: Mapped[list[Any]] = mapped_column(JSON, default=list)
    papers: Mapped[list[Any]] = mapped_column(JSON, default=list)
    fee_dong: Mapped[int] = mapped_column(Dong, default=0)
    working_days: Mapped[int]
    handler_role: Mapped[str] = mapped_column(String(16), default="reviewer")


class DossierState(State):
    DRAFTING = "drafting"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    NEEDS_PAPERS = "needs_papers"
    APPRAISED = "appraised"
    APPROVED = "approved"
    REFUSED = "refused"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


states.label(
    {
        DossierState.DRAFTING: _("Đang soạn"),
        DossierState.SUBMITTED: (_("Đã nộp, chờ tiếp nhận"), "warm"),
        DossierState.RECEIVED: (_("Đã tiếp nhận"), "warm"),
        DossierState.NEEDS_PAPERS: (_("Cần bổ sung"), "bad"),
        DossierState.APPRAISED: (_("Đã thẩm định"), "warm"),
        DossierState.APPROVED: (_("Đã duyệt"), "good"),
        DossierState.REFUSED: (_("Không duyệt"), "bad"),
        DossierState.RETURNED: (_("Đã trả kết quả"), "good"),
        DossierState.WITHDRAWN: _("Đã rút"),
    }
)


class Dossier(Record):
    """One person's papers on their way through a procedure. `secret` opens its tracking page without signing in."""

    __tablename__ = "dossier"
    __table_args__ = (Index("ix_dossier_subject", "subject_type", "subject_id"),)
    CODE_PREFIX = "HS"
    MOVES: ClassVar[Mapping[DossierState, frozenset[DossierState]]] = {
        DossierState.DRAFTING: frozenset({DossierState.SUBMITTED, DossierState.WITHDRAWN}),
        DossierState.SUBMITTED: frozenset(
            {DossierState.RECEIVED, DossierState.REFUSED, DossierState.WITHDRAWN}
        ),
        DossierState.RECEIVED: frozenset(
            {DossierState.APPRAISED, DossierState.NEEDS_PAPERS, DossierState.REFUSED, DossierState.WITHDRAWN}
        ),
        DossierState.NEEDS_PAPERS: frozenset({DossierState.SUBMITTED, DossierState.WITHDRAWN}),
        DossierState.APPRAISED: frozenset(
            {DossierState.APPROVED, DossierState.NEEDS_PAPERS, DossierState.REFUSED, DossierState.WITHDRAWN}
        ),
        DossierState.APPROVED: frozenset({DossierState.RETURNED}),
        DossierState.REFUSED: frozenset({DossierState.RETURNED}),
    }

    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[DossierState] = state_column(DossierState, default=DossierState.DRAFTING)
    secret: Mapped[str] = mapped_column(String(16))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str | None] = mapped_column(Prose)
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    appraised_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    procedure: Mapped[Procedure] = relationship(lazy="joined")
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])
    papers: Mapped[list["DossierPaper"]] = relationship(back_populates="dossier", order_by="DossierPaper.id")


class DossierPaper(Record):
    """A paper handed in: which one of the procedure's list, and the private file."""

    __tablename__ = "dossier_paper"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    paper_id: Mapped[int] = mapped_column(ForeignKey("stored_paper.id"))
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)
    dossier: Mapped[Dossier] = relationship(back_populates="papers")
