"""What can be done when something is wrong, in the order of life. Money and stock follow a decision by themselves."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.claims import queries, telling
from marketplace.claims.deadlines import Due
from marketplace.claims.models import (
    CANCEL_WORDS,
    VERDICTS,
    WITH_PHOTO,
    CancelReason,
    Claim,
    ClaimReason,
    ClaimRule,
    ClaimState,
    Complaint,
    ComplaintAbout,
    ComplaintState,
    DeadlineNotice,
    DecisionCode,
    EvidencePhoto,
    Payer,
    Shown,
)
from marketplace.foundation import audit, clock, rules, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim as lock
from marketplace.foundation.db import db
from marketplace.foundation.files import keep_photo
from marketplace.foundation.money import dong
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _, in_language
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order
from marketplace.payments import queries as money
from marketplace.payments import service as payments
from marketplace.payments.models import RefundCause, RefundState
from marketplace.shipping import compensation, dispatches

C = ClaimState
DATA = Path(__file__).parent / "data"
MOST_PHOTOS = 12
BY_THE_POSTS_RULE = frozenset({DecisionCode.DAMAGED_ON_THE_WAY, DecisionCode.LOST_ON_THE_WAY})


def load_rules(by: Actor) -> None:
    """Put the market's own times for claims and complaints in place, once."""
    rules.put_in_place(ClaimRule, json.loads((DATA / "claim_rules.json").read_text("utf8")), by)


MOST_TIMES = {
    "fresh_hours": (12, 336),
    "dry_days": (2, 60),
    "not_as_described_days": (7, 366),
    "answer_hours": (12, 240),
    "decide_days": (1, 30),
    "appeal_days": (3, 60),
    "return_days": (3, 60),
    "complaint_days": (1, 30),
    "privacy_days": (1, 30),
    "refund_days": (1, 30),
    "remind_hours": (1, 72),
}
"""From and to of each time of a claim rule: beyond it somebody mistyped."""


def propose_claim_rule(
    *, valid_from: date, legal_basis: str, times: Mapping[str, int], by: Actor
) -> ClaimRule:
    """Other times for claims and complaints from a day to come, once another admin approves them. What was delivered,
    claimed or complained of before keeps the times it was promised. Raises Refusal beside the time that cannot be."""
    for name, (least, most) in MOST_TIMES.items():
        if not least <= times[name] <= most:
            raise Refusal(_("Từ %(least)s đến %(most)s.", least=least, most=most), name)
    rule = ClaimRule(
        valid_from=valid_from, legal_basis=legal_basis, **{name: times[name] for name in MOST_TIMES}
    )
    return rules.propose(rule, by)


# -- called off before it leaves -----------------------------------------------------------------------------------


def cancel(order: Order, reason: CancelReason, words: str, by: Actor, part: FarmOrder | None = None) -> None:
    """The buyer calls off one farm's part, or everything that has not left its farm; what was paid goes back."""
    said = str(CANCEL_WORDS[reason])
    why = f"{said}: {words.strip()}" if words.strip() else said
    if part is not None:
        orders.cancel(part, why[:300], by)
    else:
        orders.cancel_order(order, why[:300], by)


# -- claimed -------------------------------------------------------------------------------------------------------


def open(  # noqa: A001  the word people use
    farm_order: FarmOrder,
    reason: ClaimReason,
    words: str,
    asked_dong: int,
    photos: Sequence[ReadyPhoto],
    by: Actor,
    wants_return: bool = False,
) -> Claim:
    """A buyer says what was wrong with a delivery, shows it, and asks for so much back. The farm's money for it waits.

    Refused after the dated time for the reason, without a picture where one is needed, for more than was paid, and
    while another claim of the same part is under way.
    """
    lock(FarmOrder, [farm_order.id])
    if farm_order.state is not FarmOrderState.DELIVERED:
        raise Conflict(_("Chỉ khiếu nại được hàng đã giao. Hàng chưa gửi thì bạn hủy đơn được."))
    if queries.open_claim(farm_order) is not None:
        raise Conflict(_("Phần hàng này đang có khiếu nại. Hãy xem và thêm ảnh vào khiếu nại đó."))
    until = queries.claim_until(farm_order, reason)
    if until is None or clock.now() > until:
        raise Refusal(
            _(
                "Đã quá hạn khiếu nại vì lý do này (tới %(until)s). Hàng không đúng mô tả thì hạn dài hơn.",
                until=telling.moment(until),
            ),
            field="reason",
        )
    if not words.strip():
        raise Refusal(_("Hãy kể chuyện gì đã xảy ra."), field="words")
    if reason in WITH_PHOTO and not photos:
        raise Refusal(_("Hãy chụp ít nhất một tấm hình cho thấy hàng bị sao."), field="photos")
    most = money.refundable(farm_order)
    if not 0 < asked_dong <= most:
        raise Refusal(_("Số tiền xin hoàn từ 1 đồng tới %(most)s.", most=dong(most)), field="asked")
    times, now = queries.rule(clock.today()), clock.now()
    made = Claim(
        farm_order=farm_order,
        state=C.OPENED,
        reason=reason,
        complaint=words.strip()[:4000],
        asked_dong=asked_dong,
        wants_return=wants_return,
        answer_by=now + timedelta(hours=times.answer_hours),
        decide_by=_end_of(clock.add_working_days(clock.today(), times.decide_days)),
    )
    db.session.add(made)
    db.session.flush()
    _keep(farm_order, made, Shown.OPENING, photos, by)
    payments.dispute(farm_order.id, SYSTEM)
    audit.record(by, "claim.opened", made, reason=reason.value, asked_dong=asked_dong)
    telling.farm(made, "claims/opened_for_farm", answer_by=telling.moment(made.answer_by))
    return made


def show(
    farm_order: FarmOrder, shown: Shown, photos: Sequence[ReadyPhoto], by: Actor, claim: Claim | None = None
) -> None:
    """Pictures beside the story: how it was packed, handed over, opened, what the farm answers with."""
    if not photos:
        raise Refusal(_("Hãy chọn ít nhất một tấm hình."), field="photos")
    if claim is not None and claim.state is C.CLOSED:
        raise Conflict(_("Khiếu nại này đã khép, không thêm hình được nữa."))
    _keep(farm_order, claim, shown, photos, by)


def _keep(
    farm_order: FarmOrder, claim: Claim | None, shown: Shown, photos: Sequence[ReadyPhoto], by: Actor
) -> None:
    if len(queries.photos_of(farm_order)) + len(photos) > MOST_PHOTOS * 2:
        raise Refusal(_("Phần hàng này đã có đủ hình."), field="photos")
    for photo in photos[:MOST_PHOTOS]:
        stored = keep_photo(photo, "", by, "evidence")
        db.session.flush()
        db.session.add(
            EvidencePhoto(
                farm_order_id=farm_order.id,
                claim_id=claim.id if claim else None,
                photo_id=stored.id,
                shown=shown,
            )
        )


def withdraw(claim: Claim, by: Actor) -> None:
    """The buyer takes the claim back: all is well, or settled between neighbours."""
    (claim,) = lock(Claim, [claim.id])
    if claim.state is C.CLOSED:
        return
    if claim.state not in (C.OPENED, C.ANSWERED):
        raise Conflict(_("Khiếu nại đã có quyết định nên không rút lại được."))
    states.move(claim, C.CLOSED, by, "withdrawn")
    payments.end_dispute(claim.farm_order_id, SYSTEM)
    telling.farm(claim, "claims/closed_for_farm")


# -- the farm answers ----------------------------------------------------------------------------------------------


def answer(claim: Claim, agrees: bool, words: str, photos: Sequence[ReadyPhoto], by: Actor) -> None:
    """The farm agrees, and what was asked for goes back at once; or says why not, and the market decides."""
    (claim,) = lock(Claim, [claim.id])
    if claim.state is not C.OPENED:
        raise Conflict(_("Khiếu nại này không còn chờ bạn trả lời. Hãy tải lại trang."))
    if not agrees and not words.strip():
        raise Refusal(_("Hãy ghi vì sao bạn không đồng ý; chợ đọc để quyết định."), field="words")
    claim.agrees, claim.answer = agrees, words.strip()[:4000]
    _keep(claim.farm_order, claim, Shown.ANSWER, photos, by)
    if agrees:
        claim.answered_at = clock.now()
        _decide(claim, DecisionCode.FARM_AGREES, claim.asked_dong, claim.wants_return, claim.answer, by)
    else:
        states.move(claim, C.ANSWERED, by)
        telling.buyer(claim, "claims/answered")


def leave_unanswered(claim: Claim) -> None:
    """The farm's time is over: the market decides without its word. Safe to run twice."""
    (claim,) = lock(Claim, [claim.id])
    if claim.state is C.OPENED and claim.answer_by <= clock.now():
        states.move(claim, C.ANSWERED, SYSTEM, "unanswered")
        telling.farm(claim, "claims/unanswered_for_farm")
        telling.staff(claim, "claims/to_decide")


# -- decided -------------------------------------------------------------------------------------------------------


def decide(
    claim: Claim, code: DecisionCode, refund_dong: int, is_return: bool, words: str, by: Actor
) -> None:
    """The market decides by a code that says who pays, and why in words both sides read. An appeal is decided by
    somebody else than the first decision."""
    (claim,) = lock(Claim, [claim.id])
    is_late = claim.state is C.OPENED and claim.answer_by <= clock.now()
    if claim.state not in (C.ANSWERED, C.APPEALED) and not is_late:
        raise Conflict(_("Khiếu nại này chưa tới lượt quyết định, hoặc đã có người quyết định."))
    if code is DecisionCode.FARM_AGREES:
        raise Refusal(_("Chỉ nhà vườn mới đồng ý thay mình được. Hãy chọn mã khác."), field="code")
    if claim.state is C.APPEALED and claim.decided_by_id is not None and claim.decided_by_id == by.person_id:
        raise Conflict(_("Bạn đã quyết định lần đầu. Người khác phải xem lại."))
    if not words.strip():
        raise Refusal(_("Hãy ghi vì sao quyết định như vậy; hai bên đều đọc."), field="words")
    if VERDICTS[code].payer is Payer.NOBODY:
        refund_dong, is_return = 0, False
    elif refund_dong <= 0:
        raise Refusal(_("Quyết định này phải hoàn tiền. Hãy ghi số tiền."), field="refund")
    _decide(claim, code, refund_dong, is_return, words.strip()[:4000], by)
    claim.decided_by_id = by.person_id


def _decide(
    claim: Claim, code: DecisionCode, refund_dong: int, is_return: bool, words: str, by: Actor
) -> None:
    given = _given(claim)
    most = money.refundable(claim.farm_order) + given
    if refund_dong > most:
        raise Refusal(
            _("Khách chỉ còn được hoàn nhiều nhất %(left)s cho phần hàng này.", left=dong(most)),
            field="refund",
        )
    if refund_dong < given:
        raise Conflict(_("Đã hoàn %(given)s cho khách, không quyết định ít hơn được.", given=dong(given)))
    times = queries.rule(clock.today())
    states.move(claim, C.DECIDED, by, code.value)
    claim.round += 1
    claim.decision_code, claim.refund_dong, claim.decision = code, refund_dong, words
    claim.is_return = is_return and claim.came_back_at is None
    claim.appeal_by = clock.now() + timedelta(days=times.appeal_days)
    if claim.is_return:
        claim.return_by = clock.now() + timedelta(days=times.return_days)
        dispatches.send_back(claim.farm_order, by)
    else:
        _pay(claim, by)
    for tell in (telling.buyer, telling.farm):
        tell(
            claim,
            "claims/decided",
            refund=dong(refund_dong) if refund_dong else "",
            verdict=VERDICTS[code].words,
            return_by=telling.moment(claim.return_by) if claim.is_return else "",
            appeal_by=telling.moment(claim.appeal_by),
        )


def receive_back(claim: Claim, is_good: bool, by: Actor) -> None:
    """The goods are back at the farm, good or spoilt: the stock says so, and the buyer's money follows."""
    (claim,) = lock(Claim, [claim.id])
    if claim.came_back_at is not None:
        return
    if claim.state is not C.DECIDED or not claim.is_return:
        raise Conflict(_("Khiếu nại này không chờ hàng trả về."))
    claim.came_back_at, claim.came_back_good, claim.is_return = clock.now(), is_good, False
    orders.finish_return(claim.farm_order, by)
    orders.restock(claim.farm_order, is_good, by)
    audit.record(by, "claim.came_back", claim, is_good=is_good)
    _pay(claim, by)
    telling.buyer(claim, "claims/came_back", refund=dong(claim.refund_dong))


def _pay(claim: Claim, by: Actor) -> None:
    """What was decided goes back to the buyer, borne by who pays; then the farm's money waits no longer."""
    verdict = claim.verdict
    assert verdict is not None
    extra = claim.refund_dong - _given(claim)
    if extra > 0:
        with in_language("vi"):  # kept: it stands in the books and on the farm's papers
            why = f"{claim.code}: {verdict.words}"
        payments.refund(
            claim.farm_order,
            extra,
            RefundCause.CLAIM,
            by,
            key=f"claim:{claim.code}:{claim.round}",
            borne=_borne(claim, verdict.payer, extra),
            why=why,
        )
    payments.end_dispute(claim.farm_order_id, SYSTEM)


def _borne(claim: Claim, payer: Payer, extra_dong: int) -> dict[str, int]:
    """Who bears it: the payer; what was lost or broken on the way the post bears only as far as its rule goes."""
    if claim.decision_code not in BY_THE_POSTS_RULE:
        return {payer.value: extra_dong}
    borne = compensation.share(claim.farm_order, extra_dong, money.carrier_bore(claim.farm_order))
    return {"carrier": borne.carrier_dong, "market": borne.market_dong, "farm": borne.farm_dong}


def _given(claim: Claim) -> int:
    """What was promised or sent back for this claim before, in đồng."""
    return sum(refund.amount_dong for refund in queries.refunds_of(claim))


# -- appealed, closed ----------------------------------------------------------------------------------------------


def appeal(claim: Claim, words: str, by: Actor) -> None:
    """The buyer or the farm asks for another look, once, while there is time. Money that was promised and not sent
    waits for it, and so does what the farm was still to get."""
    (claim,) = lock(Claim, [claim.id])
    if claim.state is not C.DECIDED or claim.appeal_by is None:
        raise Conflict(_("Khiếu nại này không ở bước xin xem lại được."))
    if claim.round > 1:
        raise Conflict(_("Quyết định này đã được xem lại một lần, là quyết định cuối của chợ."))
    if claim.appeal_by < clock.now():
        raise Conflict(_("Đã quá hạn xin xem lại (tới %(until)s).", until=telling.moment(claim.appeal_by)))
    if not words.strip():
        raise Refusal(_("Hãy ghi điều gì chưa đúng trong quyết định."), field="words")
    states.move(claim, C.APPEALED, by)
    claim.appeal = words.strip()[:4000]
    claim.is_return = False
    claim.decide_by = _end_of(clock.add_working_days(clock.today(), queries.rule(clock.today()).decide_days))
    _take_promise_back(claim, by)
    payments.dispute(claim.farm_order_id, SYSTEM)
    telling.staff(claim, "claims/to_decide")


def _take_promise_back(claim: Claim, by: Actor) -> None:
    for refund in money.refunds_of(claim.farm_order.order):
        if not (refund.key or "").startswith(f"claim:{claim.code}:"):
            continue
        try:
            with db.session.begin_nested():
                if refund.state is RefundState.APPROVED:
                    payments.unapprove_refund(refund, by)
                if refund.state is RefundState.DUE:
                    payments.withdraw_refund(refund, by, is_appealed=True)
        except Conflict:
            # It was netted against the farm's money already: the next decision begins from there.
            continue


def close(claim: Claim, by: Actor = SYSTEM) -> None:
    """Nobody appealed in time, or the goods never came back: the claim is closed. Safe to run twice."""
    (claim,) = lock(Claim, [claim.id])
    if claim.state is not C.DECIDED:
        return
    if claim.is_return and claim.return_by is not None and claim.return_by > clock.now():
        return
    never_came = claim.is_return
    states.move(claim, C.CLOSED, by, "goods did not come back" if never_came else None)
    payments.end_dispute(claim.farm_order_id, SYSTEM)
    if never_came:
        claim.is_return = False
        telling.buyer(claim, "claims/not_returned")


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), clock.ZONE)


# -- complaints ----------------------------------------------------------------------------------------------------


def complain(
    about: ComplaintAbout, subject: str, words: str, name: str, phone: str, by: Actor, language: str = "vi"
) -> Complaint:
    """Anybody complains of anything: it gets a code to look it up by, and a day by which it is answered."""
    made = Complaint(
        about=about,
        subject=subject.strip()[:200],
        words=words.strip()[:4000],
        name=name.strip(),
        phone=phone,
        person_id=by.person_id,
        language=language,
        state=ComplaintState.RECEIVED,
        answer_by=_answered_by(about),
    )
    db.session.add(made)
    audit.record(by, "complaint.received", made, about=about.value)
    telling.complainant(made, "claims/complaint_received")
    return made


def answer_complaint(complaint: Complaint, words: str, by: Actor) -> None:
    """The market answers; who complained is told."""
    (complaint,) = lock(Complaint, [complaint.id])
    if not words.strip():
        raise Refusal(_("Hãy ghi câu trả lời."), field="words")
    states.move(complaint, ComplaintState.ANSWERED, by)
    complaint.answer, complaint.answered_by_id = words.strip()[:4000], by.person_id
    telling.complainant(complaint, "claims/complaint_answered")


def ask_again(complaint: Complaint, words: str, by: Actor) -> None:
    """The answer did not help: the complaint is open again, with a new promised day."""
    (complaint,) = lock(Complaint, [complaint.id])
    if not words.strip():
        raise Refusal(_("Hãy ghi điều bạn còn chưa hài lòng."), field="words")
    states.move(complaint, ComplaintState.RECEIVED, by)
    complaint.words = f"{complaint.words}\n\n{words.strip()}"[:8000]
    complaint.answer_by = _answered_by(complaint.about)


def _answered_by(about: ComplaintAbout) -> datetime:
    """By when a complaint of today is answered: sooner when it is about personal data."""
    times = queries.rule(clock.today())
    days = times.privacy_days if about is ComplaintAbout.PRIVACY else times.complaint_days
    return _end_of(clock.add_working_days(clock.today(), days))


def speak_of(due: Due) -> bool:
    """A promised time comes near, or has passed: whoever must act is told, and when it has passed whoever waits is told
    that it is late. Each once, however often asked; False when it was spoken of before."""
    told = (DeadlineNotice.about == due.about, DeadlineNotice.due_at == due.at)
    if db.session.scalar(select(DeadlineNotice.id).where(*told, DeadlineNotice.is_late == due.is_late)):
        return False
    db.session.add(DeadlineNotice(about=due.about, due_at=due.at, is_late=due.is_late))
    telling.deadline(due)
    return True


def close_complaint(complaint: Complaint, by: Actor = SYSTEM) -> None:
    """An answered complaint nobody came back to is closed; one that is open or asked again stays."""
    (complaint,) = lock(Complaint, [complaint.id])
    if complaint.state is ComplaintState.ANSWERED:
        states.move(complaint, ComplaintState.CLOSED, by)


def staff_of(claim: Claim) -> Person | None:
    """Who decided it first."""
    return db.session.get(Person, claim.decided_by_id) if claim.decided_by_id else None
