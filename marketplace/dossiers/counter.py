"""What happens at a counter on behalf of an agency: numbered hand-over lists there and back, the agency's decision as
its paper says it, fees. Whoever stands at the counter decides nothing: they write down what was decided, with its scan.
"""

import re
from collections.abc import Sequence
from datetime import date

from marketplace.dossiers import books
from marketplace.dossiers.events import (
    DossierApproved,
    DossierFeePaid,
    DossierNeedsPapers,
    DossierRefused,
    DossierResultByPost,
)
from marketplace.dossiers.models import (
    AGENCY_PAPER,
    Direction,
    Dossier,
    DossierPaper,
    DossierState,
    FeeReceipt,
    HandOver,
    HandOverLine,
    ReturnWay,
)
from marketplace.dossiers.telling import tell
from marketplace.foundation import audit, clock, files
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.files import ReadyPaper
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.states import move
from marketplace.foundation.words import _
from marketplace.places.models import ServicePoint

OUTCOMES = ("approved", "refused", "needs_papers")


def take_fee(dossier: Dossier, by: Actor, point: ServicePoint | None = None) -> FeeReceipt:
    """Take the dossier's fee in cash, once, with a receipt. Pressed twice it is the same receipt."""
    _claim(dossier)
    if dossier.fee_receipt is not None:
        return dossier.fee_receipt
    if dossier.fee_dong <= 0:
        raise Refusal(_("Thủ tục này không mất phí."))
    if dossier.state in (DossierState.DRAFTING, DossierState.WITHDRAWN):
        raise Conflict(_("Hồ sơ chưa nộp hoặc đã rút nên chưa thu phí."))
    year = books.year_now()
    receipt = FeeReceipt(
        dossier=dossier,
        number=f"LP-{year}-{books.next_number(f'fee:{year}'):06d}",
        amount_dong=dossier.fee_dong,
        taken_by_id=by.person_id,
        service_point_id=point.id if point is not None else None,
    )
    db.session.add(receipt)
    db.session.flush()
    audit.record(by, "dossier.fee_taken", dossier, receipt=receipt.code, dong=receipt.amount_dong)
    publish(DossierFeePaid(dossier.id, receipt.id, receipt.amount_dong))
    return receipt


def hand_to_agency(
    dossiers: Sequence[Dossier], point: ServicePoint, by: Actor, contact: str = ""
) -> HandOver:
    """Put received dossiers of one agency on a numbered list and give them away with it."""
    claimed = _all(dossiers)
    for dossier in claimed:
        if not (
            dossier.procedure.is_public
            and dossier.state in (DossierState.RECEIVED, DossierState.APPRAISED)
            and not dossier.is_at_agency
        ):
            raise Conflict(
                _("Hồ sơ %(code)s không ở quầy để bàn giao. Hãy tải lại trang.", code=dossier.code)
            )
        _must_be_here(dossier, point)
    made = _list(claimed, Direction.TO_AGENCY, point, by, contact)
    for dossier in claimed:
        dossier.sent_to_agency_at, dossier.back_from_agency_at = clock.now(), None
        audit.record(by, "dossier.handed_to_agency", dossier, why=made.number)
    return made


def take_from_agency(
    dossiers: Sequence[Dossier], point: ServicePoint, by: Actor, contact: str = ""
) -> HandOver:
    """Take dossiers back from their agency, on a numbered list of its own. What was decided is written down after."""
    claimed = _all(dossiers)
    for dossier in claimed:
        if dossier.sent_to_agency_at is None or dossier.back_from_agency_at is not None:
            raise Conflict(
                _("Hồ sơ %(code)s không ở chỗ cơ quan giải quyết. Hãy tải lại trang.", code=dossier.code)
            )
        _must_be_here(dossier, point)
    made = _list(claimed, Direction.FROM_AGENCY, point, by, contact)
    for dossier in claimed:
        dossier.back_from_agency_at = clock.now()
        audit.record(by, "dossier.back_from_agency", dossier, why=made.number)
    return made


def record_decision(
    dossier: Dossier,
    outcome: str,
    number: str,
    signed_on: date,
    scan: ReadyPaper,
    by: Actor,
    reason: str = "",
) -> None:
    """Write down what the agency decided, from its paper: number, day and scan must be there.

    It is the agency's decision and the trail says so; the post has only carried it.
    """
    _claim(dossier)
    if not dossier.procedure.is_public:
        raise Conflict(_("Hồ sơ này do chợ quyết định, không có văn bản của cơ quan khác."))
    if dossier.sent_to_agency_at is None:
        raise Conflict(_("Hồ sơ chưa bàn giao cho cơ quan giải quyết nên chưa có kết quả."))
    if outcome not in OUTCOMES:
        raise Refusal(_("Hãy chọn cơ quan đã quyết định thế nào."), "outcome")
    number, reason = number.strip(), reason.strip()
    if not re.search(r"\d", number):
        raise Refusal(_("Hãy ghi số văn bản của cơ quan, ví dụ 125/UBND-TP."), "number")
    if not clock.local(dossier.sent_to_agency_at).date() <= signed_on <= clock.today():
        raise Refusal(_("Ngày ký phải từ hôm bàn giao hồ sơ tới hôm nay."), "signed_on")
    if outcome != "approved" and not reason:
        raise Refusal(_("Hãy ghi lý do như trong văn bản để người nộp biết cần làm gì."), "reason")
    stored = files.keep_paper(scan, scan.filename, by, purpose=AGENCY_PAPER)
    dossier.papers.append(DossierPaper(kind=AGENCY_PAPER, paper=stored))
    dossier.agency_no, dossier.agency_on = number, signed_on
    if dossier.back_from_agency_at is None:
        dossier.back_from_agency_at = clock.now()
    # The trail is read in any language: the number and whose it is, in no words of ours.
    why = f"{number} · {dossier.procedure.agency}"
    if outcome == "needs_papers":
        move(dossier, DossierState.NEEDS_PAPERS, by, f"{why}: {reason}")
        dossier.reason, dossier.missing, dossier.paused_at = reason, [], clock.now()
        dossier.sent_to_agency_at = dossier.back_from_agency_at = None
        publish(DossierNeedsPapers(dossier.id))
        tell(dossier, "needs_papers")
        return
    if outcome == "refused":
        move(dossier, DossierState.REFUSED, by, f"{why}: {reason}")
        dossier.reason = reason
        publish(DossierRefused(dossier.id))
        tell(dossier, "refused")
    else:
        if dossier.state is DossierState.RECEIVED:
            move(dossier, DossierState.APPRAISED, by, why)
        move(dossier, DossierState.APPROVED, by, why)
        publish(DossierApproved(dossier.id))
        tell(dossier, "approved")
    if dossier.return_way is ReturnWay.POST:
        publish(DossierResultByPost(dossier.id))


def _list(
    dossiers: Sequence[Dossier], direction: Direction, point: ServicePoint, by: Actor, contact: str
) -> HandOver:
    if not dossiers:
        raise Refusal(_("Hãy chọn ít nhất một hồ sơ."))
    agencies = {dossier.procedure.agency for dossier in dossiers}
    if len(agencies) > 1:
        raise Refusal(_("Mỗi danh sách chỉ gồm hồ sơ của một cơ quan. Hãy lập từng danh sách."))
    year = books.year_now()
    sign = "BG" if direction is Direction.TO_AGENCY else "NL"
    number = books.next_number(f"{direction.value}:{point.id}:{year}")
    made = HandOver(
        number=f"{sign}-{point.code}-{year}-{number:04d}",
        point=point,
        direction=direction,
        agency=agencies.pop(),
        contact=contact.strip()[:120],
        made_by_id=by.person_id,
        lines=[HandOverLine(dossier=dossier, position=i) for i, dossier in enumerate(dossiers, 1)],
    )
    db.session.add(made)
    audit.record(by, f"hand_over.{direction.value}", made, number=made.number, count=len(dossiers))
    return made


def _must_be_here(dossier: Dossier, point: ServicePoint) -> None:
    if dossier.service_point_id != point.id:
        raise Conflict(_("Hồ sơ %(code)s không nộp ở điểm này.", code=dossier.code))


def _all(dossiers: Sequence[Dossier]) -> list[Dossier]:
    db.session.flush()
    return claim(Dossier, [dossier.id for dossier in dossiers])


def _claim(dossier: Dossier) -> None:
    db.session.flush()
    claim(Dossier, [dossier.id])
