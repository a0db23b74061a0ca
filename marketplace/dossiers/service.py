"""What can be done with a dossier, in the order of its life. Every step tells the applicant and leaves a trace.

What only happens at a counter (hand-over lists, an agency's decision on paper, fees) is in counter.py, how procedures
come into force in procedures.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marketplace.accounts import queries as people
from marketplace.accounts.models import HelpScope, Person, Role
from marketplace.dossiers import books, due, queries
from marketplace.dossiers.counter import hand_to_agency, record_decision, take_fee, take_from_agency
from marketplace.dossiers.due import OfficeHours
from marketplace.dossiers.events import (
    DossierApproved,
    DossierNeedsPapers,
    DossierReceived,
    DossierRefused,
    DossierResultByPost,
    DossierResultKept,
    DossierReturned,
    DossierSubmitted,
)
from marketplace.dossiers.models import (
    WITH_APPLICANT,
    Dossier,
    DossierExtension,
    DossierPaper,
    DossierState,
    Intake,
    Procedure,
    ReturnWay,
    is_asked,
    said,
)
from marketplace.dossiers.procedures import adopt_procedure, load_procedures
from marketplace.dossiers.telling import tell as _tell
from marketplace.foundation import audit, clock, files
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, db, new_code
from marketplace.foundation.events import publish
from marketplace.foundation.files import ReadyPaper, StoredPaper
from marketplace.foundation.refusal import Conflict, Forbidden, Missing, Refusal
from marketplace.foundation.states import move
from marketplace.foundation.words import _

__all__ = [
    "adopt_procedure",
    "hand_to_agency",
    "load_procedures",
    "record_decision",
    "take_fee",
    "take_from_agency",
]
"""What counter.py and procedures.py do, for whoever calls verbs; all of this room's own are here."""

PERSON = Person.__tablename__
LONGEST_REASON = 2000
SECRET_LENGTH = 10


# -- the applicant's turn -----------------------------------------------------------------------------------------


def open(  # noqa: A001
    procedure_key: str,
    applicant: Person,
    subject_type: str,
    subject_id: int,
    facts: Mapping[str, Any],
    by: Actor,
    intake: Intake = Intake.WEB,
    service_point_id: int | None = None,
) -> Dossier:
    """Begin a dossier about a subject (a farm) by today's form of the procedure.

    Papers of the applicant's earlier dossier about the same subject are taken over, and of any other dossier those that
    prove the same for ever (an identity card), so that nothing is photographed twice. Raises Conflict while another
    dossier about the subject is on its way.
    """
    procedure = queries.procedure(procedure_key, clock.today())
    earlier = queries.dossier_of(subject_type, subject_id)
    if earlier is not None and not earlier.is_over:
        raise Conflict(_("Đã có hồ sơ %(code)s đang làm. Hãy tiếp tục hồ sơ đó.", code=earlier.code))
    return _begin(
        procedure, applicant, subject_type, subject_id, dict(facts), by, intake, service_point_id, earlier
    )


def open_for(
    procedure_key: str,
    applicant: Person,
    by: Actor,
    intake: Intake = Intake.WEB,
    service_point_id: int | None = None,
) -> Dossier:
    """Begin a dossier about the person themselves: by the person, by a clerk at a counter, by a helper with consent.

    The same procedure begun and not handed in yet is gone on with, under the version it was begun. Raises Refusal when
    it does not come in this way.
    """
    procedure = queries.procedure(procedure_key, clock.today())
    if not procedure.takes(intake) or procedure.counter_starts_at:
        raise Refusal(_("Thủ tục này không nhận theo cách này. Hãy xem trang của thủ tục."))
    if intake is Intake.HELPER:
        must_be_helper(applicant, by)
    claim(Person, [applicant.id])
    begun = queries.begun(procedure, applicant, intake)
    if begun is not None:
        return begun
    return _begin(procedure, applicant, PERSON, applicant.id, {}, by, intake, service_point_id, None)


def bring_to_counter(dossier: Dossier, service_point_id: int, by: Actor) -> None:
    """What somebody began on their own telephone is gone on with over the counter; both may fill it in from here."""
    _claim(dossier)
    _must_be_with_applicant(dossier)
    if dossier.intake is Intake.COUNTER and dossier.service_point_id == service_point_id:
        return
    dossier.intake, dossier.service_point_id = Intake.COUNTER, service_point_id
    dossier.brought_by_id = by.person_id
    audit.record(by, "dossier.brought_to_counter", dossier)


def must_be_helper(applicant: Person, by: Actor) -> None:
    """Raises Refusal unless the applicant agreed that this helper does their papers."""
    helper = db.session.get(Person, by.person_id) if by.person_id is not None else None
    if helper is None or not people.may_act(helper, applicant, HelpScope.PAPERS):
        raise Forbidden(_("Người này chưa đồng ý cho bạn làm giấy tờ giúp, hoặc đã rút lại."))


def _begin(
    procedure: Procedure,
    applicant: Person,
    subject_type: str,
    subject_id: int,
    facts: dict[str, Any],
    by: Actor,
    intake: Intake,
    service_point_id: int | None,
    earlier: Dossier | None,
) -> Dossier:
    dossier = Dossier(
        procedure=procedure,
        applicant=applicant,
        subject_type=subject_type,
        subject_id=subject_id,
        facts=facts,
        secret=new_code(length=SECRET_LENGTH),
        intake=intake,
        service_point_id=service_point_id,
        brought_by_id=by.person_id if by.person_id != applicant.id else None,
        fee_dong=procedure.fee_dong,
        return_way=procedure.ways[0],
    )
    db.session.add(dossier)
    kept = {paper.kind: paper for paper in queries.papers_to_reuse(applicant, procedure)}
    if earlier is not None and earlier.applicant_id == applicant.id:
        kept |= {paper.kind: paper for paper in earlier.papers if paper.replaced_at is None}
    for kind, paper in kept.items():
        if procedure.paper(kind) is not None:
            dossier.papers.append(DossierPaper(kind=kind, paper=paper.paper))
    audit.record(by, "dossier.open", dossier, procedure=procedure.key, intake=intake.value)
    return dossier


def describe(dossier: Dossier, facts: Mapping[str, Any], by: Actor) -> None:
    """State the facts of a dossier that is not handed in, or came back for something missing."""
    _must_be_with_applicant(dossier)
    _must_be_theirs(dossier, by)
    if dossier.facts != dict(facts):
        dossier.facts = dict(facts)
        audit.record(by, "dossier.describe", dossier)


def add_paper(dossier: Dossier, kind: str, ready: ReadyPaper, by: Actor) -> DossierPaper:
    """Put a paper into the dossier; one of the same kind is replaced (kept for the trail once it was handed in)."""
    _must_be_with_applicant(dossier)
    _must_be_theirs(dossier, by)
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


def attach_paper(dossier: Dossier, kind: str, stored: StoredPaper, by: Actor) -> DossierPaper:
    """Put a paper that is kept already into the dossier."""
    _must_be_with_applicant(dossier)
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
    if dossier.is_with_applicant:
        _must_be_theirs(dossier, by)
        _must_be_own_yes(dossier, by)
    _must_be_whole(dossier)
    now, office = clock.now(), _office(dossier.procedure)
    move(dossier, DossierState.SUBMITTED, by)
    if dossier.paused_at is not None and dossier.due_at is not None:
        dossier.due_at = due.moved_on(dossier.due_at, dossier.paused_at, now, office)
    else:
        dossier.due_at = dossier.promised_at = due.due_moment(now, dossier.procedure.working_days, office)
        dossier.book_no = books.next_number(f"register:{dossier.service_point_id or 0}:{books.year_now()}")
    dossier.paused_at, dossier.reason, dossier.missing = None, None, []
    publish(DossierSubmitted(dossier.id))
    _tell(dossier, "submitted")


def withdraw(dossier: Dossier, by: Actor, why: str | None = None) -> None:
    """Take the dossier back before anybody decided."""
    _claim(dossier)
    move(dossier, DossierState.WITHDRAWN, by, why)
    dossier.paused_at = None
    _tell(dossier, "withdrawn")


def choose_return(
    dossier: Dossier,
    way: ReturnWay,
    by: Actor,
    address: str = "",
    service_point_id: int | None = None,
    street: str = "",
    commune_code: str | None = None,
) -> None:
    """Say how the result is wanted: on the page, at a counter, or by post to the home (the address as it is printed,
    and its street and commune). Until it was given."""
    _claim(dossier)
    _must_be_theirs(dossier, by)
    if dossier.returned_at is not None or dossier.state is DossierState.WITHDRAWN:
        raise Conflict(_("Kết quả đã trả rồi nên không đổi cách nhận được nữa."))
    if way not in dossier.procedure.ways:
        raise Refusal(_("Thủ tục này không trả kết quả theo cách đó."), "way")
    if way is ReturnWay.POST and not address.strip():
        raise Refusal(_("Hãy ghi nơi nhận để bưu tá tìm được."), "street")
    dossier.return_way, dossier.return_address = way, address.strip()
    dossier.return_street, dossier.return_commune_code = street.strip(), commune_code
    if service_point_id is not None and dossier.intake is not Intake.COUNTER:
        dossier.service_point_id = service_point_id
    audit.record(by, "dossier.choose_return", dossier, way=way.value)
    if way is ReturnWay.POST and dossier.state in (DossierState.APPROVED, DossierState.REFUSED):
        publish(DossierResultByPost(dossier.id))
    else:
        publish(DossierResultKept(dossier.id))


def note_number(dossier: Dossier, number: str | None, by: Actor) -> None:
    """Its result travels under this number of the post, or under none: it stands on the dossier's pages."""
    dossier.result_number = number
    audit.record(by, "dossier.result_numbered", dossier, number=number)


# -- the handler's turn -------------------------------------------------------------------------------------------


def receive(dossier: Dossier, by: Actor) -> None:
    """Take the dossier in: whoever receives it handles it from here. A clerk only takes in what others decide."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    move(dossier, DossierState.RECEIVED, by)
    if dossier.procedure.is_public or _handles(by, dossier):
        dossier.handler_id = by.person_id
    publish(DossierReceived(dossier.id))
    _tell(dossier, "received")


def appraise(dossier: Dossier, by: Actor, finding: str | None = None) -> None:
    """Say that facts and papers were compared and agree; `finding` stays in the trail."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    _must_decide(dossier, by)
    move(dossier, DossierState.APPRAISED, by, finding or None)
    if dossier.handler_id is None:
        dossier.handler_id = by.person_id
    _tell(dossier, "appraised")


def ask_for_papers(dossier: Dossier, reason: str, by: Actor, missing: Sequence[str] = ()) -> None:
    """Send the dossier back for something that is missing; the clock stands still until it is handed in again.

    `missing` names sections and papers of the procedure, so that the applicant is led to the right place.
    """
    _claim(dossier)
    _must_not_be_own(dossier, by)
    if dossier.is_at_agency:
        _must_decide(dossier, by)
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
    _must_decide(dossier, by)
    move(dossier, DossierState.APPROVED, by)
    publish(DossierApproved(dossier.id))
    _tell(dossier, "approved")
    if dossier.return_way is ReturnWay.PAGE:
        return_result(dossier, by)
    elif dossier.return_way is ReturnWay.POST:
        publish(DossierResultByPost(dossier.id))


def refuse(dossier: Dossier, reason: str, by: Actor) -> None:
    """Say no, with the reason: at reception (form 03) or after the appraisal. The person may begin a new dossier."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    if dossier.state is not DossierState.SUBMITTED:
        _must_decide(dossier, by)
    why = _reason(reason)
    move(dossier, DossierState.REFUSED, by, why)
    dossier.reason = why
    publish(DossierRefused(dossier.id))
    _tell(dossier, "refused")
    if dossier.return_way is ReturnWay.POST:
        publish(DossierResultByPost(dossier.id))


def return_result(dossier: Dossier, by: Actor, to: str = "") -> None:
    """The result is in the applicant's hands: on the page, at a counter (`to`: whose paper was seen), or at home."""
    if dossier.owes_fee:
        raise Refusal(_("Hồ sơ còn lệ phí chưa thu. Hãy thu và in biên lai trước khi trả kết quả."))
    move(dossier, DossierState.RETURNED, by, to or None)
    publish(DossierReturned(dossier.id))
    if dossier.return_way is not ReturnWay.PAGE:
        _tell(dossier, "returned")


def hand_over_result(dossier: Dossier, by: Actor, to: str) -> None:
    """The result is handed over at a counter to whose paper was seen (`to`). Conflict while the post carries it."""
    publish(DossierResultKept(dossier.id))
    return_result(dossier, by, to)


def extend(dossier: Dossier, new_due_at: datetime, reason: str, by: Actor) -> DossierExtension:
    """Apologise and promise another moment, with the reason (form 04). The only way a promise moves but a pause.

    The new moment lies after the old one and after now, in the hours the office works.
    """
    _claim(dossier)
    _must_not_be_own(dossier, by)
    if not dossier.is_with_us or dossier.due_at is None:
        raise Conflict(_("Hồ sơ không chờ trả kết quả nên không hẹn lại được."))
    why = _reason(reason)
    office = _office(dossier.procedure)
    if new_due_at <= max(clock.now(), dossier.due_at):
        raise Refusal(_("Ngày giờ hẹn mới phải sau bây giờ và sau giờ đã hẹn."), "day")
    if due.counts_from(new_due_at, office) != clock.local(new_due_at):
        raise Refusal(
            _(
                "Hẹn vào giờ làm việc, từ %(opens)s đến trước %(closes)s, không vào ngày nghỉ.",
                opens=office.opens.strftime("%H:%M"),
                closes=office.closes.strftime("%H:%M"),
            ),
            "day",
        )
    slip = DossierExtension(
        dossier=dossier, old_due_at=dossier.due_at, new_due_at=new_due_at, reason=why, by_id=by.person_id
    )
    db.session.add(slip)
    dossier.due_at, dossier.reason = new_due_at, why
    audit.record(by, "dossier.extended", dossier, why=why, until=new_due_at.isoformat())
    _tell(dossier, "extended")
    return slip


def reassign(dossier: Dossier, to: Person, by: Actor, why: str = "") -> None:
    """Give the dossier to another handler (leave, illness); who had it stays in the trail."""
    _claim(dossier)
    if not dossier.is_with_us and dossier.state is not DossierState.NEEDS_PAPERS:
        raise Conflict(_("Hồ sơ này đã xong nên không cần giao lại."))
    if to.id == dossier.applicant_id:
        raise Refusal(_("Không giao hồ sơ cho chính người nộp."), "handler")
    if to.id not in {person.id for person in queries.handlers_of(dossier.procedure)}:
        raise Refusal(_("Người này không xử lý thủ tục này. Hãy chọn người khác."), "handler")
    former = dossier.handler.name if dossier.handler is not None else "–"
    dossier.handler_id = to.id
    words = f"{former} → {to.name}" + (f": {why.strip()}" if why.strip() else "")
    audit.record(by, "dossier.reassigned", dossier, why=words[:500])


def stop(dossier: Dossier, reason: str, by: Actor) -> None:
    """End the work on a dossier that cannot go on (form 05), with the reason."""
    _claim(dossier)
    _must_not_be_own(dossier, by)
    why = _reason(reason)
    move(dossier, DossierState.STOPPED, by, why)
    dossier.reason = why
    _tell(dossier, "stopped")


def view_paper(paper: DossierPaper, by: Actor) -> bytes:
    """The paper itself. Nobody looks at one without leaving a trace."""
    return files.open_paper(paper.paper, by, paper.dossier, "dossier.view_paper", kind=paper.kind)


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
        dossier.facts, dossier.return_address, dossier.return_street = {}, "", ""
        for paper in list(dossier.papers):
            stored = paper.paper
            # What a dossier decided elsewhere was about (a certificate) keeps its paper: that room lets it go.
            is_shared = bool(dossier.procedure.decided_at) or queries.is_shared(paper)
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


def _must_be_theirs(dossier: Dossier, by: Actor) -> None:
    """Papers and facts come from the applicant, from a helper they agreed to, or over the counter it is put together
    at. Somebody else's dossier is not there (404), and nothing is changed."""
    if by.person_id is None or by.person_id == dossier.applicant_id:
        return
    if dossier.intake is Intake.COUNTER and by.person_id is not None:
        clerk = db.session.get(Person, by.person_id)
        held = {post.service_point_id for post in people.posts_of(clerk)} if clerk is not None else set()
        if dossier.service_point_id in held:
            return
        raise Missing()
    if by.for_id == dossier.applicant_id:
        must_be_helper(dossier.applicant, by)
        return
    raise Missing(_("Không tìm thấy hồ sơ này. Hãy xem lại mã hồ sơ."))


def _handles(by: Actor, dossier: Dossier) -> bool:
    person = db.session.get(Person, by.person_id) if by.person_id is not None else None
    roles = [Role(role) for role in dossier.procedure.roles_for("appraise")]
    return person is not None and person.has_role(*roles, Role.ADMIN)


def _must_decide(dossier: Dossier, by: Actor) -> None:
    """A public procedure is decided by its agency: by an officer, never by anybody at the post."""
    officer = db.session.get(Person, by.person_id) if by.person_id is not None else None
    if dossier.procedure.is_public and (officer is None or not queries.may_decide(officer, dossier)):
        raise Forbidden(
            _(
                "Thủ tục này do %(agency)s quyết định. Bưu điện chỉ nhận và trả; hãy nhập quyết định theo văn bản "
                "của cơ quan đó, kèm bản quét.",
                agency=said(dossier.procedure, "agency"),
            )
        )


def _must_be_own_yes(dossier: Dossier, by: Actor) -> None:
    """A helper puts it together; only the applicant hands it in (helped.py). At a counter they stand there."""
    if by.for_id is None or by.person_id == dossier.applicant_id or dossier.intake is Intake.COUNTER:
        return
    raise Forbidden(
        _(
            "Hồ sơ chỉ nộp khi chính %(name)s đồng ý: họ bấm Nộp trên điện thoại của mình, hoặc đọc mã cho bạn.",
            name=dossier.applicant.name,
        )
    )


def must_be_ready(dossier: Dossier) -> None:
    """Raises Refusal while something is missing that the applicant still has to say or to hand in."""
    _must_be_with_applicant(dossier)
    if dossier.procedure.is_public and dossier.service_point_id is None:
        raise Refusal(_("Hãy chọn cách nhận kết quả và xã của bạn trước khi nộp."))
    _must_be_whole(dossier)


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
