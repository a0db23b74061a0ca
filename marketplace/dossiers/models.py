"""A procedure as dated data, a dossier and its papers."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.foundation import clock, states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import _, language


class Procedure(DatedRule):
    """A procedure people can go through: its steps, papers, fee and time limit, by which law, from when to when.

    `sections` are the facts a dossier states, `papers` what is handed in, `steps` what happens; their texts stand
    beside an `…_en` and are read with `said`. `returned_by` says how the result comes: on the page, for now.
    """

    __tablename__ = "procedure"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)

    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Line(200))
    name_en: Mapped[str] = mapped_column(Line(200), default="")
    audience: Mapped[str] = mapped_column(Line(200), default="")
    audience_en: Mapped[str] = mapped_column(Line(200), default="")
    note: Mapped[str] = mapped_column(Prose, default="")
    note_en: Mapped[str] = mapped_column(Prose, default="")
    steps: Mapped[list[Any]] = mapped_column(JSON, default=list)
    sections: Mapped[list[Any]] = mapped_column(JSON, default=list)
    papers: Mapped[list[Any]] = mapped_column(JSON, default=list)
    fee_dong: Mapped[int] = mapped_column(Dong, default=0)
    working_days: Mapped[int]
    opens: Mapped[time] = mapped_column(Time, default=time(7, 30))
    closes: Mapped[time] = mapped_column(Time, default=time(17, 0))
    handler_role: Mapped[str] = mapped_column(String(16), default="reviewer")
    returned_by: Mapped[str] = mapped_column(String(16), default="page")
    starts_at: Mapped[str] = mapped_column(String(60), default="")
    """The endpoint of the page where a person begins; none: at a counter."""

    @property
    def title(self) -> str:
        return self.name_en if language() == "en" and self.name_en else self.name

    def section(self, key: str) -> Mapping[str, Any] | None:
        return next((section for section in self.sections if section["key"] == key), None)

    def paper(self, key: str) -> Mapping[str, Any] | None:
        return next((paper for paper in self.papers if paper["key"] == key), None)


def said(item: Any, text: str = "name") -> str:
    """A text of a procedure, or of one of its steps, papers and sections, in the reader's language."""

    def read(name: str) -> Any:
        return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)

    return str((language() == "en" and read(f"{text}_en")) or read(text) or "")


def is_asked(item: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Does this paper or fact concern the dossier? `only_for` names the facts it depends on: {"kind": ["company"]}."""
    return all(facts.get(key) in values for key, values in item.get("only_for", {}).items())


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
    STOPPED = "stopped"


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
        DossierState.STOPPED: (_("Dừng giải quyết"), "bad"),
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
            {
                DossierState.APPRAISED,
                DossierState.NEEDS_PAPERS,
                DossierState.REFUSED,
                DossierState.WITHDRAWN,
                DossierState.STOPPED,
            }
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
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Keys of the sections and papers the handler asked to be mended."""
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    appraised_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    procedure: Mapped[Procedure] = relationship(lazy="joined")
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])
    handler: Mapped[Person | None] = relationship(foreign_keys=[handler_id])
    papers: Mapped[list["DossierPaper"]] = relationship(back_populates="dossier", order_by="DossierPaper.id")

    @property
    def is_with_applicant(self) -> bool:
        """May the applicant change it? Before it is handed in, and while something is missing."""
        return self.state in WITH_APPLICANT

    @property
    def is_with_us(self) -> bool:
        """Is it a handler's turn?"""
        return self.state in WITH_US

    @property
    def is_over(self) -> bool:
        """Is there nothing left to decide?"""
        return not (self.is_with_applicant or self.is_with_us)

    @property
    def is_late(self) -> bool:
        return self.is_with_us and self.due_at is not None and self.due_at < clock.now()

    @property
    def is_due_soon(self) -> bool:
        """Due before tomorrow ends, and not late yet."""
        if not self.is_with_us or self.due_at is None or self.is_late:
            return False
        return (clock.local(self.due_at).date() - clock.today()).days <= 1

    def current_paper(self, kind: str) -> "DossierPaper | None":
        """The paper of this kind that counts: handed in last."""
        return next(
            (paper for paper in reversed(self.papers) if paper.kind == kind and paper.replaced_at is None),
            None,
        )


WITH_APPLICANT = frozenset({DossierState.DRAFTING, DossierState.NEEDS_PAPERS})
WITH_US = frozenset({DossierState.SUBMITTED, DossierState.RECEIVED, DossierState.APPRAISED})


class DossierPaper(Record):
    """A paper handed in: which one of the procedure's list, and the private file."""

    __tablename__ = "dossier_paper"
    CODE_PREFIX = "HG"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    paper_id: Mapped[int] = mapped_column(ForeignKey("stored_paper.id"), index=True)
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)
    dossier: Mapped[Dossier] = relationship(back_populates="papers")
    paper: Mapped[StoredPaper] = relationship(lazy="joined")
