"""A procedure as dated data, a dossier and its papers."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.foundation import clock, states
from marketplace.foundation.db import Dong, Line, Moment, Prose, Record, state_column
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.rules import DatedRule
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _, in_language, language
from marketplace.places.models import ServicePoint


class ReturnWay(StrEnum):
    """How a result comes to the person."""

    PAGE = "page"
    COUNTER = "counter"
    POST = "post"


RETURN_WORDS: dict[ReturnWay, Text] = {
    ReturnWay.PAGE: _("Trên trang này, kèm tin báo"),
    ReturnWay.COUNTER: _("Nhận tại quầy bưu điện"),
    ReturnWay.POST: _("Gửi bưu điện về tận nhà"),
}


class Intake(StrEnum):
    """How a dossier came in: by the person on the web, by a clerk at a counter, by a helper with consent."""

    WEB = "web"
    COUNTER = "counter"
    HELPER = "helper"


INTAKE_WORDS: dict[Intake, Text] = {
    Intake.WEB: _("Tự nộp trên mạng"),
    Intake.COUNTER: _("Nộp tại quầy"),
    Intake.HELPER: _("Có người làm giúp"),
}

FORM_WORDS: dict[str, Text] = {
    "photo": _("ảnh chụp"),
    "scan": _("bản quét hoặc PDF"),
    "original": _("xem bản chính rồi trả lại"),
    "certified": _("bản sao chứng thực"),
    "signed": _("bản có chữ ký"),
}
"""In which form a paper is taken."""


class Procedure(DatedRule):
    """A procedure people can go through: its steps, papers, fee and time limit, by which law, from when to when.

    `sections` are the facts a dossier states, `papers` what is handed in, `steps` what happens; their texts stand
    beside an `…_en` and are read with `said`. `returned_by` says how the result comes when nobody asks otherwise,
    `return_ways` what may be asked for. `handlers` names the roles of the stages receive, appraise and approve.

    A procedure with an `agency` is a public one: the post receives the papers and returns the result on its behalf, and
    decides nothing. `decided_at` is the endpoint of the page that decides, where it is not the dossier's own.
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
    fee_varies: Mapped[bool] = mapped_column(default=False)
    """Each province sets it: nothing is promised here, it is paid as the agency says."""
    working_days: Mapped[int]
    opens: Mapped[time] = mapped_column(Time, default=time(7, 30))
    closes: Mapped[time] = mapped_column(Time, default=time(17, 0))
    handler_role: Mapped[str] = mapped_column(String(16), default="reviewer")
    returned_by: Mapped[str] = mapped_column(String(16), default="page")
    return_ways: Mapped[list[Any]] = mapped_column(JSON, default=list)
    handlers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    intakes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    agency: Mapped[str] = mapped_column(Line(200), default="")
    agency_en: Mapped[str] = mapped_column(Line(200), default="")
    decided_at: Mapped[str] = mapped_column(String(60), default="")
    starts_at: Mapped[str] = mapped_column(String(60), default="")
    """The endpoint of the page where a person begins; none: at a counter."""
    counter_starts_at: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The endpoint of the page where a clerk fills it in with somebody; none: the counter's own page of dossiers."""

    @property
    def title(self) -> str:
        return self.name_en if language() == "en" and self.name_en else self.name

    @property
    def is_public(self) -> bool:
        """Is it an authority's procedure, which the post only receives and returns?"""
        return bool(self.agency)

    @property
    def ways(self) -> list[ReturnWay]:
        """How a result may come."""
        return [ReturnWay(way) for way in self.return_ways or [self.returned_by]]

    def roles_for(self, stage: str) -> list[str]:
        """Who does a stage: receive, appraise, approve."""
        return list((self.handlers or {}).get(stage) or [self.handler_role])

    def takes(self, intake: Intake) -> bool:
        """May papers come in this way? One with a page of its own begins there."""
        return intake.value in (self.intakes or [])

    def section(self, key: str) -> Mapping[str, Any] | None:
        return next((section for section in self.sections if section["key"] == key), None)

    def paper(self, key: str) -> Mapping[str, Any] | None:
        return next((paper for paper in self.papers if paper["key"] == key), None)


def said(item: Any, text: str = "name") -> str:
    """A text of a procedure, or of one of its steps, papers and sections, in the reader's language."""

    def read(name: str) -> Any:
        return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)

    return str((language() == "en" and read(f"{text}_en")) or read(text) or "")


def in_every_language(say: Callable[[], str]) -> dict[str, str] | str:
    """What the market itself found out, for a dossier's facts: beside a `name_en` like a procedure's texts, so that
    `said` reads it out in the reader's language and not in the applicant's. Nothing found stays nothing."""
    with in_language("vi"):
        name = say()
    with in_language("en"):
        name_en = say()
    return {"name": name, "name_en": name_en} if name else ""


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
    intake: Mapped[Intake] = state_column(Intake, default=Intake.WEB, index=False)
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"), index=True)
    """Where it was handed in over a counter; there its result is given back."""
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """The clerk or helper who put it together, when the applicant did not."""
    book_no: Mapped[int | None]
    """Its line in the register of its point and year."""
    fee_dong: Mapped[int] = mapped_column(Dong, default=0)
    return_way: Mapped[ReturnWay] = state_column(ReturnWay, default=ReturnWay.PAGE, index=False)
    return_address: Mapped[str] = mapped_column(Line(300), default="")
    return_street: Mapped[str] = mapped_column(Line(200), default="", server_default="")
    return_commune_code: Mapped[str | None] = mapped_column(String(5))
    """The same address in its parts, for whoever carries the result there."""
    result_number: Mapped[str | None] = mapped_column(String(20))
    """The number of the parcel its result travels in."""
    promised_at: Mapped[datetime | None] = mapped_column(Moment)
    """The due moment of the first slip, whatever happened since."""
    sent_to_agency_at: Mapped[datetime | None] = mapped_column(Moment)
    back_from_agency_at: Mapped[datetime | None] = mapped_column(Moment)
    agency_no: Mapped[str] = mapped_column(Line(60), default="")
    agency_on: Mapped[date | None] = mapped_column(Date)
    """Number and day of the agency's paper that decided it."""
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    appraised_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    procedure: Mapped[Procedure] = relationship(lazy="joined")
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])
    handler: Mapped[Person | None] = relationship(foreign_keys=[handler_id])
    brought_by: Mapped[Person | None] = relationship(foreign_keys=[brought_by_id])
    point: Mapped[ServicePoint | None] = relationship()
    extensions: Mapped[list["DossierExtension"]] = relationship(
        back_populates="dossier", order_by="DossierExtension.id"
    )
    fee_receipt: Mapped["FeeReceipt | None"] = relationship(back_populates="dossier")
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

    @property
    def is_to_return(self) -> bool:
        """Is it decided, and the result not yet in the applicant's hands?"""
        return self.state in (DossierState.APPROVED, DossierState.REFUSED) and (
            self.return_way is not ReturnWay.PAGE
        )

    @property
    def is_at_agency(self) -> bool:
        """Is it on the agency's desk?"""
        return (
            self.procedure.is_public
            and self.is_with_us
            and self.sent_to_agency_at is not None
            and self.back_from_agency_at is None
        )

    @property
    def owes_fee(self) -> bool:
        return self.fee_dong > 0 and self.fee_receipt is None

    def current_paper(self, kind: str) -> "DossierPaper | None":
        """The paper of this kind that counts: handed in last."""
        return next(
            (paper for paper in reversed(self.papers) if paper.kind == kind and paper.replaced_at is None),
            None,
        )


WITH_APPLICANT = frozenset({DossierState.DRAFTING, DossierState.NEEDS_PAPERS})
WITH_US = frozenset({DossierState.SUBMITTED, DossierState.RECEIVED, DossierState.APPRAISED})


AGENCY_PAPER = "agency_decision"
"""The kind of the paper by which an agency decided: no procedure asks for it, the post adds it."""


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


class DossierExtension(Record):
    """An apology-and-extension slip (form 04): what was promised, what is promised now, and why."""

    __tablename__ = "dossier_extension"
    CODE_PREFIX = "GH"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    old_due_at: Mapped[datetime] = mapped_column(Moment)
    new_due_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Prose)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    dossier: Mapped[Dossier] = relationship(back_populates="extensions")


class FeeReceipt(Record):
    """A dossier's fee, taken once at a counter. What it does to the money's books is told by DossierFeePaid."""

    __tablename__ = "fee_receipt"
    CODE_PREFIX = "BL"

    number: Mapped[str | None] = mapped_column(Line(40), unique=True)
    """`LP-2026-000001`, without a gap in its year; receipts written before numbers were have their code."""
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), unique=True)
    amount_dong: Mapped[int] = mapped_column(Dong)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    service_point_id: Mapped[int | None] = mapped_column(ForeignKey("service_point.id"))
    dossier: Mapped[Dossier] = relationship(back_populates="fee_receipt")
    taken_by: Mapped[Person | None] = relationship()
    point: Mapped[ServicePoint | None] = relationship()


class Direction(StrEnum):
    TO_AGENCY = "to_agency"
    FROM_AGENCY = "from_agency"


DIRECTION_WORDS: dict[Direction, Text] = {
    Direction.TO_AGENCY: _("Bàn giao cho cơ quan giải quyết"),
    Direction.FROM_AGENCY: _("Nhận lại từ cơ quan giải quyết"),
}


class HandOver(Record):
    """A numbered list by which dossiers go to an agency or come back from it; both sides sign the printed sheet."""

    __tablename__ = "hand_over"
    CODE_PREFIX = "BG"

    number: Mapped[str] = mapped_column(Line(60), unique=True)
    service_point_id: Mapped[int] = mapped_column(ForeignKey("service_point.id"), index=True)
    direction: Mapped[Direction] = state_column(Direction, index=False)
    agency: Mapped[str] = mapped_column(Line(200))
    contact: Mapped[str] = mapped_column(Line(120), default="")
    """Who signs for the agency."""
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    point: Mapped[ServicePoint] = relationship()
    made_by: Mapped[Person | None] = relationship()
    lines: Mapped[list["HandOverLine"]] = relationship(
        back_populates="hand_over", order_by="HandOverLine.position"
    )


class HandOverLine(Record):
    """One dossier on a hand-over list."""

    __tablename__ = "hand_over_line"
    __table_args__ = (UniqueConstraint("hand_over_id", "dossier_id"),)

    hand_over_id: Mapped[int] = mapped_column(ForeignKey("hand_over.id"), index=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    position: Mapped[int]
    hand_over: Mapped[HandOver] = relationship(back_populates="lines")
    dossier: Mapped[Dossier] = relationship(lazy="joined")


class Book(Record):
    """The last number given in a book: the register of a point and year, its hand-over lists."""

    __tablename__ = "dossier_book"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    last: Mapped[int] = mapped_column(default=0)
