"""The cash drawer of a service point: opened with a float, cash in and out with a cause, counted note by note, balanced
or explained, closed, and given to the next clerk.

    opened → counted (it differs: count again, or explain) → short | over → closed
    opened → balanced → closed

The drawer is the post's and the books are the market's: what goes through a drawer for the market (`cod`, `pay_in`,
`payout`, `refund`, `fee`) is written in the ledger by the deed that causes it; a drawer that is short is between the
post and its clerk. Whoever locks several things locks the drawer last.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person, PostHeld
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db, new_code
from marketplace.foundation.money import MAX_PRICE_DONG, dong
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.payments.models import BANKNOTES, Till, TillCause, TillMove, TillState
from marketplace.places.models import ServicePoint

T = TillState
BY_HAND = frozenset({TillCause.FROM_SAFE, TillCause.TO_SAFE})
"""What a clerk may write down without a deed behind it."""
MOST_NOTES = 100_000


# -- beginning -----------------------------------------------------------------------------------------------------


def start(point: ServicePoint, float_dong: int, by: Actor, reason: str = "") -> Till:
    """A clerk takes the drawer of a point over, with so much in it. Where it was closed before, so much must lie in it
    as was left, or the clerk says why not. Refused while somebody else's drawer is open there."""
    clerk = _works_at(point, by)
    if not 0 <= float_dong <= MAX_PRICE_DONG:
        raise Refusal(_("Tiền đầu ca từ 0 đồng trở lên."), field="float")
    if (standing := open_at(point.id)) is not None:
        raise Conflict(_not_closed(standing, clerk))
    before = waiting_at(point.id)
    reason = reason.strip()[:500]
    if before is not None:
        if before.handed_to_id not in (None, clerk.id):
            assert before.handed_to is not None
            raise Conflict(
                _(
                    "%(from)s đã giao ngăn quỹ này cho %(to)s. Chỉ %(to)s nhận được.",
                    **{"from": before.clerk.name, "to": before.handed_to.name},
                )
            )
        left = left_in(before)
        if float_dong != left and not reason:
            raise Refusal(
                _(
                    "Ca trước (%(clerk)s) để lại %(left)s. Hãy đếm lại, hoặc ghi lý do lệch.",
                    clerk=before.clerk.name,
                    left=dong(left),
                ),
                field="float",
            )
    made = Till(
        point=point,
        clerk=clerk,
        opened_on=clock.today(),
        state=T.OPENED,
        float_dong=float_dong,
        taken_from=before,
        explanation=reason,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        standing = open_at(point.id)
        if standing is None:
            raise
        raise Conflict(_not_closed(standing, clerk)) from None
    audit.record(
        by,
        "till.opened",
        made,
        float_dong=float_dong,
        taken_from=before.code if before else None,
        why=reason or None,
    )
    return made


def _not_closed(standing: Till, clerk: Person) -> Any:
    if standing.clerk_id == clerk.id:
        return _("Ngăn quỹ của bạn ở điểm này đang mở. Hãy đếm và đóng rồi mới mở ca mới.")
    return _(
        "Ngăn quỹ ở điểm này còn mở, do %(clerk)s giữ từ %(at)s. "
        "%(clerk)s phải đếm và đóng quỹ thì bạn mới nhận ca được.",
        clerk=standing.clerk.name,
        at=clock.local(standing.created_at).strftime("%H:%M %d/%m"),
    )


def _works_at(point: ServicePoint, by: Actor) -> Person:
    clerk = db.session.get(Person, by.person_id) if by.person_id else None
    holds = clerk is not None and db.session.scalar(
        select(PostHeld.id).where(PostHeld.person_id == clerk.id, PostHeld.service_point_id == point.id)
    )
    if clerk is None or not holds:
        raise Forbidden(_("Bạn không làm ở điểm bưu điện này nên không giữ quỹ ở đây được."))
    return clerk


def open_at(point_id: int) -> Till | None:
    """The drawer that is not closed at a point; there is at most one."""
    return db.session.scalars(
        select(Till).where(Till.service_point_id == point_id, Till.closed_at.is_(None))
    ).one_or_none()


def waiting_at(point_id: int) -> Till | None:
    """The last drawer closed at a point, when nobody went on from it yet."""
    last = db.session.scalars(
        select(Till).where(Till.service_point_id == point_id).order_by(Till.id.desc()).limit(1)
    ).first()
    return last if last is not None and last.closed_at is not None else None


def left_in(till: Till) -> int:
    """What lies in a closed drawer: what was counted."""
    return till.counted_dong or 0


# -- cash in and out -----------------------------------------------------------------------------------------------


def take(
    point: ServicePoint, amount_dong: int, cause: TillCause, by: Actor, reference: str = "", note: str = ""
) -> TillMove:
    """Cash comes into the point's open drawer, for a cause. The same cause and reference again is the same cash."""
    return _put(point, amount_dong, cause, by, reference, note)


def give(
    point: ServicePoint, amount_dong: int, cause: TillCause, by: Actor, reference: str = "", note: str = ""
) -> TillMove:
    """Cash goes out of the point's open drawer, for a cause: never more than lies in it."""
    return _put(point, -amount_dong, cause, by, reference, note)


def cash_in(
    point: ServicePoint, amount_dong: int, cause: TillCause, by: Actor, reference: str, note: str = ""
) -> TillMove | None:
    """Cash that comes with a deed which cannot wait (a parcel handed out, a dossier's fee). Where no drawer is open one
    is, with what the last shift left in it; it is counted at the end like any other. Nothing to take is no cash."""
    if not amount_dong:
        return None
    if open_at(point.id) is None:
        before = waiting_at(point.id)
        start(point, left_in(before) if before is not None else 0, by)
        db.session.flush()
    return take(point, amount_dong, cause, by, reference, note)


def took(cause: TillCause, reference: str) -> bool:
    """Did the cash of this fact go through a drawer?"""
    return (
        db.session.scalar(select(TillMove.id).where(TillMove.cause == cause, TillMove.reference == reference))
        is not None
    )


def _put(
    point: ServicePoint, amount_dong: int, cause: TillCause, by: Actor, reference: str, note: str
) -> TillMove:
    if amount_dong == 0 or abs(amount_dong) > MAX_PRICE_DONG:
        raise Refusal(_("Số tiền phải lớn hơn 0."), field="amount")
    reference = reference.strip()[:80] or new_code("KC")
    db.session.flush()
    known = db.session.scalars(
        select(TillMove).where(TillMove.cause == cause, TillMove.reference == reference)
    ).one_or_none()
    if known is not None:
        if known.amount_dong != amount_dong:
            raise Conflict(_("Mã này đã ghi vào quỹ với số tiền khác. Hãy xem lại."))
        return known
    till = _held(point, by)
    if amount_dong < 0 and in_drawer(till) + amount_dong < 0:
        raise Refusal(
            _(
                "Trong ngăn quỹ chỉ có %(there)s, không đủ %(wanted)s. Hãy lấy thêm từ két.",
                there=dong(in_drawer(till)),
                wanted=dong(-amount_dong),
            ),
            field="amount",
        )
    move = TillMove(
        till=till,
        cause=cause,
        amount_dong=amount_dong,
        reference=reference,
        note=note[:200],
        by_id=by.person_id,
    )
    db.session.add(move)
    audit.record(by, f"till.{cause.value}", till, amount_dong=amount_dong, reference=reference)
    return move


def _held(point: ServicePoint, by: Actor) -> Till:
    """The point's drawer, locked: open, and in the hands of the clerk who does the deed."""
    standing = open_at(point.id)
    if standing is None:
        raise Refusal(
            _("Chưa mở quỹ ở %(point)s. Hãy mở quỹ ở trang Quỹ rồi thu, trả tiền.", point=point.name)
        )
    (till,) = claim(Till, [standing.id])
    if till.state is not T.OPENED:
        raise Conflict(
            _("Ngăn quỹ đã đếm xong, không thu trả được nữa. Hãy đóng rồi mở ca mới, hoặc đếm lại.")
        )
    if till.clerk_id != by.person_id:
        raise Conflict(
            _(
                "Ngăn quỹ ở điểm này do %(clerk)s giữ. Nhờ %(clerk)s thu, trả tiền, hoặc bàn giao ca cho bạn.",
                clerk=till.clerk.name,
            )
        )
    return till


def in_drawer(till: Till) -> int:
    """What should lie in a drawer now: the float and everything since."""
    moved = db.session.scalar(select(func.sum(TillMove.amount_dong)).where(TillMove.till_id == till.id))
    return till.float_dong + int(moved or 0)


# -- the end of a shift --------------------------------------------------------------------------------------------


def count(till: Till, notes: Mapping[int, int], by: Actor) -> Till:
    """The clerk counts the drawer, so many of each note, without being told what should be there. Right at once: it
    is balanced. Otherwise it is counted again, or explained."""
    till = _mine(till, by)
    if till.state is T.COUNTED:
        _again(till, by)
    if till.state is not T.OPENED:
        raise Conflict(_("Ngăn quỹ này đã đếm xong. Hãy tải lại trang."))
    if any(note not in BANKNOTES or not 0 <= number <= MOST_NOTES for note, number in notes.items()):
        raise Refusal(_("Số tờ từ 0 trở lên."), field="notes")
    till.counted_notes = {str(note): notes[note] for note in BANKNOTES if notes.get(note)}
    till.counted_dong = sum(note * number for note, number in notes.items())
    till.expected_dong = in_drawer(till)
    till.counted_at = clock.now()
    states.move(till, T.BALANCED if till.difference_dong == 0 else T.COUNTED, by)
    return till


def _again(till: Till, by: Actor) -> None:
    states.move(till, T.OPENED, by, "counted again")
    till.counted_dong = till.expected_dong = till.counted_notes = till.counted_at = None


def reopen(till: Till, by: Actor) -> None:
    """Not the end of the shift after all, or the count was wrong: the drawer is open again."""
    till = _mine(till, by)
    if till.state is not T.OPENED:
        _again(till, by)


def explain(till: Till, reason: str, by: Actor) -> None:
    """What is missing, or too much, is explained in the clerk's own words; the difference stays written."""
    till = _mine(till, by)
    if till.state in (T.SHORT, T.OVER):
        return
    if till.state is not T.COUNTED or till.difference_dong is None:
        raise Conflict(_("Chỉ giải trình khi đã đếm và lệch sổ. Hãy tải lại trang."))
    reason = reason.strip()[:1000]
    if not reason:
        raise Refusal(_("Hãy ghi vì sao lệch, hoặc đếm lại."), field="reason")
    till.explanation = f"{till.explanation}\n{reason}".strip()
    states.move(till, T.SHORT if till.difference_dong < 0 else T.OVER, by, reason)


def close(till: Till, by: Actor, hand_to: Person | None = None) -> None:
    """The shift is over: the drawer is closed, and given to a clerk of the same point or left for the next one."""
    till = _mine(till, by)
    if till.state is T.CLOSED:
        return
    if till.state is T.OPENED:
        raise Conflict(_("Ngăn quỹ còn đang mở: hãy đếm tiền trước rồi mới giao ca hoặc đóng quỹ."))
    if till.state is T.COUNTED:
        raise Conflict(_("Ngăn quỹ đang lệch sổ: hãy đếm lại hoặc ghi lý do rồi mới đóng."))
    if hand_to is not None:
        if hand_to.id == till.clerk_id:
            raise Refusal(_("Giao ca là giao cho người khác. Để trống nếu chưa có ai nhận."), field="hand_to")
        _works_at(till.point, Actor.of(hand_to.id))
    till.handed_to = hand_to
    states.move(till, T.CLOSED, by, f"to {hand_to.code}" if hand_to else None)


def pass_on(till: Till, to: Person, reason: str, by: Actor) -> None:
    """The clerk who holds a drawer, or whom it was given to, does not come back: an admin gives it to another clerk of
    the point, who counts it. Who held it, who took it and why stay written; both are told."""
    (till,) = claim(Till, [till.id])
    clerk = _works_at(till.point, Actor.of(to.id))
    before = till.handed_to if till.state is T.CLOSED else till.clerk
    if before is None or (till.state is T.CLOSED and waiting_at(till.service_point_id) is not till):
        raise Conflict(_("Ngăn quỹ này không còn chờ ai. Hãy tải lại trang."))
    if by.person_id in (before.id, clerk.id):
        raise Conflict(_("Người giữ quỹ không tự chuyển ngăn quỹ. Hãy nhờ quản trị khác."))
    if clerk.id == before.id:
        raise Refusal(_("Ngăn quỹ đang ở người này rồi. Hãy chọn người khác."), field="clerk")
    reason = reason.strip()[:300]
    if not reason:
        raise Refusal(_("Hãy ghi vì sao phải chuyển ngăn quỹ cho người khác."), field="reason")
    if till.state is T.CLOSED:
        till.handed_to = clerk
    else:
        if till.state in (T.COUNTED, T.BALANCED):
            _again(till, by)
        till.clerk = clerk
    till.explanation = f"{till.explanation}\n{before.name} → {clerk.name}: {reason}".strip()
    audit.record(by, "till.passed_on", till, **{"from": before.code, "to": clerk.code, "why": reason})
    for person in (before, clerk):
        notifications.send(
            accounts.recipient_of(person),
            "payments/till_passed_on",
            path="/post/till",
            point=till.point.name,
            before=before.name,
            after=clerk.name,
            why=reason,
        )


def _mine(till: Till, by: Actor) -> Till:
    (till,) = claim(Till, [till.id])
    if till.clerk_id != by.person_id:
        raise Forbidden(_("Ngăn quỹ này do %(clerk)s giữ.", clerk=till.clerk.name))
    return till


# -- the auditor ---------------------------------------------------------------------------------------------------


def check() -> list[str]:
    """What does not add up in drawers that were counted, one sentence each."""
    moved = (
        select(TillMove.till_id, func.sum(TillMove.amount_dong).label("dong"))
        .group_by(TillMove.till_id)
        .subquery()
    )
    wrong = db.session.scalars(
        select(Till.code)
        .outerjoin(moved, moved.c.till_id == Till.id)
        .where(
            Till.expected_dong.is_not(None),
            Till.expected_dong != Till.float_dong + func.coalesce(moved.c.dong, 0),
        )
    )
    return [f"till {code}: what was expected is not its float and its moves" for code in wrong]
