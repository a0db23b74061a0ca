"""What can be done with a dossier, in the order of its life. Every step tells the applicant and leaves a trace."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person
from marketplace.dossiers import due, queries
from marketplace.dossiers.due import OfficeHours
from marketplace.dossiers.events import (
    DossierApproved,
    DossierNeedsPapers,
    DossierReceived,
    DossierRefused,
    DossierReturned,
    DossierSubmitted,
)
from marketplace.dossiers.models import (
    WITH_APPLICANT,
    Dossier,
    DossierPaper,
    DossierState,
    Procedure,
    is_asked,
    said,
)
from marketplace.foundation import audit, clock, files, rules
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, db, new_code
from marketplace.foundation.events import publish
from marketplace.foundation.files import ReadyPaper
from marketplace.foundation.money import MAX_PRICE_DONG
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.states import move
from marketplace.foundation.words import _, in_language
from marketplace.notifications import service as notices

PROCEDURES = Path(__file__).with_name("data") / "procedures.json"
LONGEST_REASON = 2000
MOST_WORKING_DAYS = 250
SECRET_LENGTH = 10


# -- procedures ---------------------------------------------------------------------------------------------------


def load_procedures(by: Actor) -> int:
    """Add the procedures of data/procedures.json that are not there yet; returns how many.

    A row that is there is left alone: it may have been edited since, and dossiers stand on it. A change of law is a new
    row with its own `valid_from`.
    """
    known = {(row.key, row.valid_from) for row in db.session.scalars(select(Procedure))}
    added = 0
    for row in json.loads(PROCEDURES.read_text(encoding="utf-8")):
        values = {
            **row,
            "valid_from": date.fromisoformat(row["valid_from"]),
            "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            "opens": time.fromisoformat(row["opens"]),
            "closes": time.fromisoformat(row["closes"]),
        }
        if (values["key"], values["valid_from"]) not in known:
            procedure = Procedure(**values)
            db.session.add(procedure)
            audit.record(by, "procedure.load", procedure, key=procedure.key)
            added += 1
    return added


def adopt_procedure(
    old: Procedure, *, valid_from: date, legal_basis: str, fee_dong: int, working_days: int, by: Actor
) -> Procedure:
    """A procedure with another fee or time limit from a day to come; steps and papers stay as they are."""
    if not 0 <= fee_dong <= MAX_PRICE_DONG:
        raise Refusal(_("Lệ phí không thể là số âm hay quá lớn."), "fee_dong")
    if not 1 <= working_days <= MOST_WORKING_DAYS:
        raise Refusal(_("Thời hạn từ 1 đến %(most)s ngày làm việc.", most=MOST_WORKING_DAYS), "working_days")
    kept = {
        column.key: getattr(old, column.key)
        for column in Procedure.__table__.columns
        if column.key not in ("id", "code", "created_at", "version", "valid_to")
    }
    kept |= {
        "valid_from": valid_from,
        "legal_basis": legal_basis,
        "fee_dong": fee_dong,
        "working_days": working_days,
    }
    return rules.adopt(Procedure(**kept), by, same={"key": old.key})


# -- the applicant's turn -----------------------------------------------------------------------------------------


def open(  # noqa: A001
    procedure_key: str,
    applicant: Person,
    subject_type: str,
    subject_id: int,
    facts: Mapping[str, Any],
    by: Actor,
) -> Dossier:
    """Begin a dossier about a subject (a farm) by today's form of the procedure.

    Papers of the applicant's earlier dossier about the same subject are taken over, so that nothing is photographed
    twice. Raises Conflict while another dossier about the subject is on its way.
    """
    procedure = queries.procedure(procedure_key, clock.today())
    earlier = queries.dossier_of(subject_type, subject_id)
    if earlier is not None and not earlier.is_over:
        raise Conflict(_("Đã có hồ sơ %(code)s đang làm. Hãy tiếp tục hồ sơ đó.", code=earlier.code))
    dossier = Dossier(
        procedure=procedure,
        applicant=applicant,
        subject_type=subject_type,
        subject_id=subject_id,
        facts=dict(facts),
        secret=new_code(length=SECRET_LENGTH),
    )
    db.session.add(dossier)
    if earlier is not None and earlier.applicant_id == applicant.id:
        for paper in earlier.papers:
            if paper.replaced_at is None and procedure.paper(paper.kind) is not None:
                dossier.papers.append(DossierPaper(kind=paper.kind, paper=paper.paper))
    audit.record(by, "dossier.open", dossier, procedure=procedure.key)
    return dossier


def describe(dossier: Dossier, facts: Mapping[str, Any], by: Actor) -> None:
    """State the facts of a dossier that is not handed in, or came back for something missing."""
    _must_be_with_applicant(dossier)
    if dossier.facts != dict(facts):
        dossier.facts = dict(facts)
        audit.record(by, "dossier.describe", dossier)


def add_paper(dossier: Dossier, kind: str, ready: ReadyPaper, by: Actor) -> DossierPaper:
    """Put a paper into the dossier; one of the same kind is replaced (kept for the trail once it was handed in)."""
    _must_be_with_applicant(dossier)
    if dossier.procedure.paper(kind) is None:
        raise Refusal(_("Thủ tục này không cần loại giấy tờ đó."))
    earlier = dossier.current_paper(kind)
    if earlier is not None and earlier.paper.sha256 == ready.sha256:
        return earlier
    if earlier is not None:
        earlier.replaced_at = clock.now()
    stored = files.keep_paper(ready, ready.filename, by, purpose=kind)
    paper = DossierPaper(kind=kind, paper=stored)
    dossier.papers.append(paper)
    audit.record(by, "dossier.add_paper", dossier, kind=kind, paper=stored.code)
    return paper


def submit(dossier: Dossier, by: Actor) -> None:
    """Hand the dossier in, for the first time or again with what was missing.

    The due moment counts from here, not from reception: a slow counter costs the applicant nothing. After a pause it
    moves on by the office time that passed. Raises Refusal while a required fact or paper is missing.
    """
    _claim(dossier)
    _must_be_whole(dossier)
    now, office = clock.now(), _office(dossier.procedure)
    move(dossier, DossierState.SUBMITTED, by)
    if dossier.paused_at is not None and dossier.due_at is not None:
        dossier.due_at = due.moved_on(dossier.due_at, dossier.paused_at, now, office)
    else:
        dossier.due_at = due.due_moment(now, dossier.procedure.working_days, office)
    dossier.paused_at, dossier.reason, dossier.missing = None, None, []
    publish(DossierSubmitted(dossier.id))
    _tell(dossier, "submitted")


def withdraw(dossier: Dossier, by: Actor, why: str | None = None) -> None:
    """Take the dossier back before anybody decided."""
    _claim(dossier)
    move(dossier, DossierState.WITHDRAWN, by, why)
    dossier.paused_at = None
    _tell(dossier, "withdrawn")


# -- the handler's turn -------------------------------------------------------------------------------------------


def receive(dossier: Dossier, by: Actor) -> None:
    """Take the dossier in: whoever receives it handles it from here."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    move(dossier, DossierState.RECEIVED, by)
    dossier.handler_id = by.person_id
    publish(DossierReceived(dossier.id))
    _tell(dossier, "received")


def appraise(dossier: Dossier, by: Actor, finding: str | None = None) -> None:
    """Say that facts and papers were compared and agree; `finding` stays in the trail."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    move(dossier, DossierState.APPRAISED, by, finding or None)
    _tell(dossier, "appraised")


def ask_for_papers(dossier: Dossier, reason: str, by: Actor, missing: Sequence[str] = ()) -> None:
    """Send the dossier back for something that is missing; the clock stands still until it is handed in again.

    `missing` names sections and papers of the procedure, so that the applicant is led to the right place.
    """
    _claim(dossier)
    _must_not_be_own(dossier, by)
    why = _reason(reason)
    known = [key for key in missing if dossier.procedure.section(key) or dossier.procedure.paper(key)]
    move(dossier, DossierState.NEEDS_PAPERS, by, why)
    dossier.reason, dossier.missing, dossier.paused_at = why, known, clock.now()
    publish(DossierNeedsPapers(dossier.id))
    _tell(dossier, "needs_papers")


def approve(dossier: Dossier, by: Actor) -> None:
    """Say yes. What comes of it (a farm opens) is the reaction's work; a result on the page is returned at once."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    move(dossier, DossierState.APPROVED, by)
    publish(DossierApproved(dossier.id))
    _tell(dossier, "approved")
    if dossier.procedure.returned_by == "page":
        return_result(dossier, by)


def refuse(dossier: Dossier, reason: str, by: Actor) -> None:
    """Say no, with the reason. The person may mend it and begin a new dossier."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    why = _reason(reason)
    move(dossier, DossierState.REFUSED, by, why)
    dossier.reason = why
    publish(DossierRefused(dossier.id))
    _tell(dossier, "refused")


def return_result(dossier: Dossier, by: Actor) -> None:
    """The result is in the applicant's hands: on the page, at a counter, or at home."""
    move(dossier, DossierState.RETURNED, by, dossier.procedure.returned_by)
    publish(DossierReturned(dossier.id))


def view_paper(paper: DossierPaper, by: Actor) -> bytes:
    """The paper itself. Nobody looks at one without leaving a trace."""
    audit.record(by, "dossier.view_paper", paper.dossier, kind=paper.kind, paper=paper.paper.code)
    return files.open_paper(paper.paper)


# -- a person's own data ------------------------------------------------------------------------------------------


def gather(person_id: int) -> list[dict[str, Any]]:
    """The dossiers of a person, with what they state and which papers are in them."""
    return [
        {
            "code": dossier.code,
            "procedure": dossier.procedure.name,
            "state": dossier.state.value,
            "submitted_at": dossier.submitted_at and dossier.submitted_at.isoformat(),
            "facts": dossier.facts,
            "papers": [{"kind": paper.kind, "file": paper.paper.filename} for paper in dossier.papers],
        }
        for dossier in queries.dossiers_of(person_id)
    ]


def forget(person_id: int) -> None:
    """What nobody decided is withdrawn; facts and papers go. That there was a dossier, and how it ended, stays."""
    for dossier in queries.dossiers_of(person_id):
        if not dossier.is_over:
            move(dossier, DossierState.WITHDRAWN, SYSTEM)
        dossier.facts = {}
        for paper in list(dossier.papers):
            stored, is_shared = paper.paper, queries.is_shared(paper)
            dossier.papers.remove(paper)
            db.session.delete(paper)
            # The row that names the file goes before the file's.
            db.session.flush()
            if not is_shared:
                files.drop_paper(stored)


# -- what all verbs ask -------------------------------------------------------------------------------------------


def _claim(dossier: Dossier) -> None:
    """Two people at one dossier come one after the other, and the second sees what the first did."""
    db.session.flush()
    claim(Dossier, [dossier.id])


def _must_be_with_applicant(dossier: Dossier) -> None:
    if dossier.state not in WITH_APPLICANT:
        raise Conflict(
            _("Hồ sơ %(code)s đã nộp nên chưa sửa được. Hãy rút hồ sơ nếu cần sửa.", code=dossier.code)
        )


def _must_be_whole(dossier: Dossier) -> None:
    facts = dossier.facts
    for section in dossier.procedure.sections:
        for field in section["fields"]:
            if field.get("required") and is_asked(field, facts) and not facts.get(field["key"]):
                raise Refusal(
                    _("Còn thiếu “%(field)s” ở mục “%(section)s”.", field=said(field), section=said(section))
                )
    for paper in dossier.procedure.papers:
        if paper.get("required") and is_asked(paper, facts) and dossier.current_paper(paper["key"]) is None:
            raise Refusal(_("Còn thiếu giấy tờ: %(paper)s.", paper=said(paper)))


def _must_not_be_own(dossier: Dossier, by: Actor) -> None:
    if by.person_id is not None and by.person_id == dossier.applicant_id:
        raise Refusal(_("Đây là hồ sơ của chính bạn. Hãy nhờ người thẩm định khác xử lý."))


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal(_("Hãy ghi lý do để người nộp biết cần làm gì."), "reason")
    if len(text) > LONGEST_REASON:
        raise Refusal(_("Lý do dài quá: tối đa %(max)s ký tự.", max=LONGEST_REASON), "reason")
    return text


def _office(procedure: Procedure) -> OfficeHours:
    return OfficeHours(procedure.opens, procedure.closes)


def _tell(dossier: Dossier, what: str) -> None:
    """A notice to the applicant, in the applicant's words: what happened, and what happens next."""
    to = people.recipient_of(dossier.applicant)
    with in_language(to.language):
        procedure, missing = dossier.procedure.title, ", ".join(queries.missing_names(dossier))
    notices.send(
        to,
        f"dossiers/{what}",
        path=f"/dossiers/{dossier.code}?key={dossier.secret}",
        code=dossier.code,
        procedure=procedure,
        due_at=dossier.due_at,
        reason=dossier.reason or "",
        missing=missing,
    )
