"""What can be seen of procedures and dossiers: by their applicant, by whoever holds the secret, by handlers."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts import queries as people
from marketplace.accounts.models import Consent, ConsentState, HelpScope, Person, PostHeld, Role
from marketplace.accounts.queries import Deed
from marketplace.dossiers.models import (
    FORM_WORDS,
    WITH_US,
    Dossier,
    DossierPaper,
    DossierState,
    Intake,
    Procedure,
    is_asked,
    said,
)
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.files import StoredPaper
from marketplace.foundation.refusal import Missing
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import Text, _
from marketplace.places.models import ServicePoint

# -- procedures ---------------------------------------------------------------------------------------------------


def procedure(key: str, on_day: date | None = None) -> Procedure:
    """The procedure as it holds on a day (today); raises Missing."""
    found = rule_on(Procedure, on_day or clock.today(), Procedure.key == key)
    if found is None:
        raise Missing(_("Không có thủ tục này. Hãy xem danh sách các thủ tục."))
    return found


def procedure_to_come(key: str) -> Procedure | None:
    """The next version of a procedure, whose day has not come."""
    found: Procedure | None = db.session.scalar(
        select(Procedure)
        .where(Procedure.key == key, Procedure.valid_from > clock.today())
        .order_by(Procedure.valid_from, Procedure.id)
        .limit(1)
    )
    return found


def procedures(on_day: date | None = None) -> list[Procedure]:
    """Every procedure in force on a day (today), by name."""
    day = on_day or clock.today()
    rows = db.session.scalars(
        select(Procedure)
        .where(Procedure.valid_from <= day, (Procedure.valid_to.is_(None)) | (Procedure.valid_to >= day))
        .order_by(Procedure.valid_from, Procedure.id)
    )
    return sorted({row.key: row for row in rows}.values(), key=lambda row: row.name)


# -- one dossier --------------------------------------------------------------------------------------------------


def dossier(dossier_id: int) -> Dossier:
    """The dossier an event speaks of."""
    return db.session.get_one(Dossier, dossier_id)


def dossier_for(person: Person, code: str) -> Dossier:
    """A dossier of this applicant; raises Missing for anybody else's."""
    return _found(select(Dossier).where(Dossier.code == code, Dossier.applicant_id == person.id))


def dossier_by_secret(code: str, key: str) -> Dossier:
    """The dossier for whoever knows the secret printed on its slip; raises Missing."""
    found = db.session.scalar(select(Dossier).where(Dossier.code == code))
    if found is None or not secrets.compare_digest(found.secret.encode(), key.encode()):
        raise Missing(_("Không tìm thấy hồ sơ. Hãy xem lại mã hồ sơ và mã tra cứu trên phiếu hẹn."))
    return found


def dossier_of(subject_type: str, subject_id: int) -> Dossier | None:
    """The latest dossier about a subject (a farm)."""
    found: Dossier | None = db.session.scalar(
        select(Dossier)
        .where(Dossier.subject_type == subject_type, Dossier.subject_id == subject_id)
        .order_by(Dossier.id.desc())
        .limit(1)
    )
    return found


def dossiers_of(person_id: int) -> list[Dossier]:
    """All dossiers of an applicant, oldest first."""
    return list(
        db.session.scalars(select(Dossier).where(Dossier.applicant_id == person_id).order_by(Dossier.id))
    )


def begun(procedure: Procedure, applicant: Person, intake: Intake) -> Dossier | None:
    """A dossier of this procedure, in any version of it, the person began in this way and has not handed in."""
    found: Dossier | None = db.session.scalar(
        select(Dossier)
        .join(Dossier.procedure)
        .where(
            Dossier.applicant_id == applicant.id,
            Procedure.key == procedure.key,
            Dossier.intake == intake,
            Dossier.state == DossierState.DRAFTING,
        )
        .order_by(Dossier.id.desc())
        .limit(1)
    )
    return found


def papers_to_reuse(applicant: Person, procedure: Procedure) -> list[DossierPaper]:
    """Papers of the person's earlier dossiers that prove the same here: the latest of each kind the procedure takes."""
    kinds = [paper["key"] for paper in procedure.papers if paper["key"] in REUSED]
    rows = db.session.scalars(
        select(DossierPaper)
        .join(DossierPaper.dossier)
        .where(
            Dossier.applicant_id == applicant.id,
            DossierPaper.kind.in_(kinds),
            DossierPaper.replaced_at.is_(None),
        )
        .order_by(DossierPaper.id)
    )
    return list({row.kind: row for row in rows}.values())


REUSED = ("id_photo", "registration", "business")
"""Papers that say the same in every dossier; others belong to the one thing they were made for."""


def reached_by(person: Person, code: str) -> Dossier:
    """A dossier of this person, or of somebody who agreed that they do their papers; raises Missing."""
    found = _found(select(Dossier).where(Dossier.code == code))
    if found.applicant_id != person.id and not people.may_act(person, found.applicant, HelpScope.PAPERS):
        raise Missing(_("Không tìm thấy hồ sơ này. Hãy xem lại mã hồ sơ."))
    return found


def helped_by(helper: Person) -> list[Person]:
    """Who agreed that this helper does their papers."""
    return list(
        db.session.scalars(
            select(Person)
            .join(Consent, Consent.person_id == Person.id)
            .where(
                Consent.helper_id == helper.id,
                Consent.scope == HelpScope.PAPERS,
                Consent.state == ConsentState.GIVEN,
                Consent.until > clock.now(),
            )
            .order_by(Person.name, Person.id)
            .distinct()
        )
    )


def own_paper(person: Person, stored: StoredPaper) -> DossierPaper:
    """The paper in a dossier of this person, or of somebody they help; raises Missing."""
    for found in db.session.scalars(
        select(DossierPaper).where(DossierPaper.paper_id == stored.id).order_by(DossierPaper.id.desc())
    ):
        applicant = found.dossier.applicant
        if applicant.id == person.id or people.may_act(person, applicant, HelpScope.PAPERS):
            return found
    raise Missing()


def is_shared(paper: DossierPaper) -> bool:
    """Does another dossier hold the same file?"""
    others = select(DossierPaper.id).where(
        DossierPaper.paper_id == paper.paper_id, DossierPaper.id != paper.id
    )
    return db.session.scalar(others.limit(1)) is not None


def dossier_to_handle(person: Person, code: str) -> Dossier:
    """A dossier whose procedure this person handles; raises Missing."""
    return _found(handled_by(person).where(Dossier.code == code))


def paper_to_view(person: Person, stored: StoredPaper) -> DossierPaper:
    """The paper in a dossier this person handles; raises Missing."""
    found = db.session.scalar(
        select(DossierPaper)
        .join(DossierPaper.dossier)
        .join(Dossier.procedure)
        .where(DossierPaper.paper_id == stored.id, _is_handler(person))
        .order_by(DossierPaper.id.desc())
        .limit(1)
    )
    if found is None:
        raise Missing()
    return found


def _found(asked: Select[Any]) -> Dossier:
    found: Dossier | None = db.session.scalar(asked)
    if found is None:
        raise Missing(_("Không tìm thấy hồ sơ này. Hãy xem lại mã hồ sơ."))
    return found


@dataclass(frozen=True)
class ResultByPost:
    """What a carrier must know of a result that goes home. The envelope is handed over against an identity paper; a fee
    not taken yet is collected with it, and nothing else is."""

    code: str
    name: str
    phone: str
    street: str
    commune_code: str | None
    address: str
    service_point_id: int | None
    """The counter that has the result."""
    fee_due_dong: int
    needs_identity: bool = True


def result_by_post(dossier: Dossier) -> ResultByPost:
    """The parcel a result wanted at home becomes (DossierResultByPost)."""
    return ResultByPost(
        code=dossier.code,
        name=str(dossier.facts.get("full_name") or dossier.applicant.name),
        phone=dossier.applicant.contact_phone or "",
        street=dossier.return_street,
        commune_code=dossier.return_commune_code,
        address=dossier.return_address,
        service_point_id=dossier.service_point_id,
        fee_due_dong=dossier.fee_dong if dossier.owes_fee else 0,
    )


# -- the handlers' lists ------------------------------------------------------------------------------------------


def waiting_for(role: str) -> list[Dossier]:
    """What waits for handlers with this role: the late ones first, then by due moment."""
    return list(
        db.session.scalars(
            select(Dossier)
            .join(Dossier.procedure)
            .where(Procedure.handler_role == role, Dossier.state.in_(WITH_US))
            .options(joinedload(Dossier.applicant), joinedload(Dossier.handler))
            .order_by(Dossier.due_at, Dossier.id)
        )
    )


def to_handle(person: Person) -> list[Dossier]:
    """What waits for this handler and colleagues: the late ones first, then by due moment."""
    asked = handled_by(person).where(Dossier.state.in_(WITH_US)).order_by(Dossier.due_at, Dossier.id)
    return list(db.session.scalars(asked))


def with_applicants(person: Person) -> list[Dossier]:
    """What this handler asked papers for and has not got yet, the oldest pause first."""
    asked = handled_by(person).where(Dossier.state == DossierState.NEEDS_PAPERS)
    return list(db.session.scalars(asked.order_by(Dossier.paused_at, Dossier.id)))


def waiting_count(person: Person) -> int:
    """How many dossiers wait for this handler and colleagues."""
    asked = select(func.count()).select_from(Dossier).join(Dossier.procedure)
    return db.session.scalar(asked.where(_is_handler(person), Dossier.state.in_(WITH_US))) or 0


def handlers_of(procedure: Procedure) -> list[Person]:
    """Who may handle it, by name."""
    found = {
        person.id: person
        for role in {*procedure.roles_for("appraise"), procedure.handler_role}
        for person in people.people_with_role(Role(role))
    }
    return sorted(found.values(), key=lambda person: (person.name, person.id))


def may_decide(person: Person, dossier: Dossier) -> bool:
    """Is the decision this person's? A public procedure's is an officer's, and an officer is nobody of the post."""
    if not dossier.procedure.is_public:
        return True
    of_the_post = (Role.CLERK, Role.REVIEWER, Role.CASHIER, Role.ADMIN)
    return person.has_role(Role.OFFICER) and not person.has_role(*of_the_post)


def forms_said(paper: Any) -> str:
    """In which forms a paper is taken, in words."""
    return ", ".join(str(FORM_WORDS[form]) for form in paper.get("forms", ()) if form in FORM_WORDS)


def only_for_said(procedure: Procedure, paper: Mapping[str, Any]) -> str:
    """When a paper is asked for, in words: “Ai bán: Hợp tác xã, Công ty”; nothing where everybody hands it in."""
    fields = {field["key"]: field for section in procedure.sections for field in section["fields"]}
    found = []
    for key, values in paper.get("only_for", {}).items():
        names = {choice["value"]: said(choice) for choice in fields.get(key, {}).get("choices", ())}
        found.append(f"{said(fields.get(key))}: {', '.join(names.get(value, value) for value in values)}")
    return "; ".join(found)


@dataclass(frozen=True)
class RegisterQuery:
    """What of the register is wanted. `text` is a dossier's code or part of the applicant's name or telephone."""

    state: DossierState | None = None
    text: str = ""
    procedure_key: str = ""
    point_code: str = ""
    handler_code: str = ""
    when: str = ""
    """`late` and `soon`: what its handlers must see first."""
    begins: date | None = None
    ends: date | None = None


def narrowed(asked: Select[Dossier], by: RegisterQuery) -> Select[Dossier]:
    """The register's rows that are wanted, newest first."""
    asked = asked.where(Dossier.state != DossierState.DRAFTING)
    if by.point_code:
        asked = asked.join(ServicePoint, ServicePoint.id == Dossier.service_point_id).where(
            ServicePoint.code == by.point_code
        )
    if by.handler_code:
        asked = asked.where(
            Dossier.handler_id == select(Person.id).where(Person.code == by.handler_code).scalar_subquery()
        )
    if by.when:
        asked = asked.where(Dossier.state.in_(WITH_US))
        now = clock.now()
        if by.when == "late":
            asked = asked.where(Dossier.due_at < now)
        else:
            soon = clock.start_of_day(clock.next_working_day(clock.today() + timedelta(days=1)))
            asked = asked.where(Dossier.due_at >= now, Dossier.due_at < soon + timedelta(days=1))
    if by.begins:
        asked = asked.where(Dossier.submitted_at >= clock.start_of_day(by.begins))
    if by.ends:
        asked = asked.where(Dossier.submitted_at < clock.start_of_day(by.ends + timedelta(days=1)))
    return _narrowed(asked, by.state, by.text, by.procedure_key)


def register(
    person: Person, state: DossierState | None = None, text: str = "", procedure_key: str = ""
) -> Select[Dossier]:
    """The register (sổ theo dõi hồ sơ, form 07): every dossier handed in that this person may see, newest first.

    `text` is a dossier's code or part of the applicant's name or telephone.
    """
    return narrowed(handled_by(person), RegisterQuery(state, text, procedure_key))


def _narrowed(
    asked: Select[Dossier], state: DossierState | None, text: str, procedure_key: str
) -> Select[Dossier]:
    if state is not None:
        asked = asked.where(Dossier.state == state)
    if procedure_key:
        asked = asked.where(Procedure.key == procedure_key)
    if text:
        asked = asked.join(Person, Person.id == Dossier.applicant_id).where(
            or_(
                Dossier.code == text.upper(),
                Person.name.icontains(text, autoescape=True),
                Person.phone.contains(text.removeprefix("0"), autoescape=True),
            )
        )
    return asked.order_by(Dossier.submitted_at.desc(), Dossier.id.desc())


def count(asked: Select[Dossier]) -> int:
    ids = asked.with_only_columns(Dossier.id).order_by(None)
    return db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def rows(asked: Select[Dossier], offset: int, limit: int) -> list[Dossier]:
    return list(db.session.scalars(asked.offset(offset).limit(limit)))


def handled_by(person: Person) -> Select[Dossier]:
    """Every dossier this person handles, with colleagues."""
    return (
        select(Dossier)
        .join(Dossier.procedure)
        .where(_is_handler(person))
        .options(joinedload(Dossier.applicant), joinedload(Dossier.handler))
    )


def _is_handler(person: Person) -> Any:
    """Handlers hold the procedure's role; an admin may look into any. An officer sees what was handed in at the
    counters of the communes they work in."""
    if person.has_role(Role.ADMIN):
        return Procedure.id.is_not(None)
    roles = [role.value for role in person.roles if role is not Role.OFFICER]
    mine = Procedure.handler_role.in_(roles)
    if not person.has_role(Role.OFFICER):
        return mine
    communes = select(PostHeld.commune_code).where(
        PostHeld.person_id == person.id, PostHeld.commune_code.is_not(None)
    )
    points = select(ServicePoint.id).where(ServicePoint.commune_code.in_(communes))
    of_agency = and_(Procedure.handler_role == Role.OFFICER.value, Dossier.service_point_id.in_(points))
    return or_(mine, of_agency)


# -- as a page shows it -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """One of the stages on the way, for a timeline: done, now, next or stop (ended badly)."""

    title: Text
    state: str
    at: datetime | None = None
    note: str = ""


def stages(dossier: Dossier) -> list[Stage]:
    """Handed in, received, appraised, approved, returned: where the dossier stands, and what stopped it."""
    state = dossier.state
    way = [
        (_("Nộp hồ sơ"), dossier.submitted_at),
        (_("Tiếp nhận"), dossier.received_at),
        (_("Thẩm định"), dossier.appraised_at),
        (_("Phê duyệt"), dossier.approved_at),
        (_("Trả kết quả"), dossier.returned_at),
    ]
    reached = {
        DossierState.DRAFTING: 0,
        DossierState.SUBMITTED: 1,
        DossierState.RECEIVED: 2,
        DossierState.APPRAISED: 3,
        DossierState.APPROVED: 4,
    }.get(state)
    if state is DossierState.RETURNED and dossier.approved_at is not None:
        reached = 5
    if reached is not None:
        return [
            Stage(
                title,
                "done" if i < reached else "now" if i == reached else "next",
                at if i < reached else None,
            )
            for i, (title, at) in enumerate(way)
        ]
    ended = {
        DossierState.NEEDS_PAPERS: Stage(_("Chờ bổ sung"), "now", dossier.paused_at, dossier.reason or ""),
        DossierState.WITHDRAWN: Stage(_("Đã rút hồ sơ"), "stop", dossier.withdrawn_at),
        DossierState.STOPPED: Stage(_("Dừng giải quyết"), "stop", dossier.stopped_at, dossier.reason or ""),
    }.get(state, Stage(_("Không duyệt"), "stop", dossier.refused_at, dossier.reason or ""))
    passed = [Stage(title, "done", at) for title, at in way[:3] if at is not None]
    if state is DossierState.NEEDS_PAPERS:
        return [*passed[:2], ended, *(Stage(title, "next") for title, _at in way[2:])]
    return [*passed, ended]


@dataclass(frozen=True)
class Fact:
    """A fact of a dossier as its procedure names it. `form`: text, prose, day, phone, end (only its last digits)."""

    key: str
    name: str
    value: str
    form: str

    @property
    def day(self) -> date:
        return date.fromisoformat(self.value)


@dataclass(frozen=True)
class Section:
    """A part of a dossier: what is stated, and which papers belong to it (the specification, and the paper or none)."""

    key: str
    name: str
    facts: Sequence[Fact]
    papers: Sequence[tuple[Any, DossierPaper | None]]


def sections(dossier: Dossier) -> list[Section]:
    """Facts and papers of a dossier, in the order of its procedure."""
    procedure, facts = dossier.procedure, dossier.facts
    return [
        Section(
            section["key"],
            said(section),
            [_fact(field, facts) for field in section["fields"] if is_asked(field, facts)],
            [
                (paper, dossier.current_paper(paper["key"]))
                for paper in procedure.papers
                if paper.get("section") == section["key"] and is_asked(paper, facts)
            ],
        )
        for section in procedure.sections
    ]


def _fact(field: Any, facts: Any) -> Fact:
    found = facts.get(field["key"]) or ""
    value = said(found) if isinstance(found, Mapping) else str(found)
    form = field.get("form", "text")
    if form == "choice":
        value = next((said(choice) for choice in field["choices"] if choice["value"] == value), value)
    return Fact(field["key"], said(field), value, form)


def missing_names(dossier: Dossier) -> list[str]:
    """The sections and papers the handler asked to be mended, in words."""
    found = []
    for key in dossier.missing or ():
        item = dossier.procedure.section(key) or dossier.procedure.paper(key)
        if item is not None:
            found.append(said(item))
    return found


DEEDS: dict[str, Text] = {
    "dossier.open": _("Mở hồ sơ"),
    "dossier.brought_to_counter": _("Làm tiếp tại quầy"),
    "dossier.describe": _("Sửa thông tin"),
    "dossier.add_paper": _("Gửi giấy tờ"),
    "dossier.submitted": _("Nộp hồ sơ"),
    "dossier.received": _("Tiếp nhận"),
    "dossier.appraised": _("Thẩm định xong"),
    "dossier.needs_papers": _("Yêu cầu bổ sung"),
    "dossier.approved": _("Duyệt"),
    "dossier.refused": _("Không duyệt"),
    "dossier.returned": _("Trả kết quả"),
    "dossier.stopped": _("Dừng giải quyết"),
    "dossier.extended": _("Xin lỗi và hẹn lại"),
    "dossier.reassigned": _("Giao người khác xử lý"),
    "dossier.choose_return": _("Chọn cách nhận kết quả"),
    "dossier.fee_taken": _("Thu lệ phí"),
    "dossier.handed_to_agency": _("Bàn giao cho cơ quan giải quyết"),
    "dossier.back_from_agency": _("Nhận lại từ cơ quan giải quyết"),
    "dossier.withdrawn": _("Rút hồ sơ"),
    "dossier.view_paper": _("Xem giấy tờ"),
    "dossier.yes_asked": _("Gửi mã hỏi ý người nộp"),
    "dossier.yes_typed": _("Nhập mã đồng ý người nộp đọc"),
    "dossier.result_numbered": _("Ghi số bưu gửi của kết quả"),
}


def trail(dossier: Dossier) -> list[Deed]:
    """Who did what to the dossier, for whom, when and why, oldest first; looks at its papers too."""
    return people.deeds_of(dossier, DEEDS)
