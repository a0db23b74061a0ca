"""Paying at the door: whom the market knows, who gives their word first, how much may stand open, how to ask a person.

Somebody with a delivered order and a proven telephone is known: their order is confirmed when it is placed. Anybody
else's is placed with its stock held, and confirmed by the code sent to the telephone, or by the farm that called it;
when the time of the dated rule is over, it lapses and the stock is free again.
"""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.foundation import audit, clock, rules, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db, new_code
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import Text, _
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient
from marketplace.orders import queries, telling
from marketplace.orders.models import (
    AppealState,
    ConfirmedBy,
    DoorAppeal,
    DoorPhone,
    DoorRule,
    FarmOrder,
    FarmOrderState,
    Order,
)

F = FarmOrderState
CODE_FIRST = timedelta(minutes=15)
"""So long the buyer has to type the code before farms are asked to call: most do, and no farm is called for nothing."""


def word_until(buyer_id: int | None, phone: str, total_dong: int) -> "tuple[bool, int]":
    """Must somebody who pays so much at the door give their word first, and within how many hours?

    Raises Refusal, with a way out, when they have too much open already or left too many parcels at the door.
    """
    rule = queries.door_rule(clock.today())
    if is_known(buyer_id, rule):
        return False, 0
    _lock_phone(phone)
    if (total_dong > rule.most_open_dong or _was_here(buyer_id, phone)) and not is_let_be(phone):
        _not_too_much(buyer_id, phone, total_dong, rule)
    return True, rule.confirm_hours


def _was_here(buyer_id: int | None, phone: str) -> bool:
    facts = {"phone": phone} if buyer_id is None else {"phone": phone, "buyer": buyer_id}
    return db.session.scalar(_first_of(is_guest=buyer_id is None), facts) is not None


@cache
def _first_of(is_guest: bool) -> Select[int]:
    mine: ColumnElement[bool] = Order.phone == bindparam("phone")
    if not is_guest:
        mine |= Order.buyer_id == bindparam("buyer")
    return select(Order.id).where(mine).limit(1)


def is_known(buyer_id: int | None, rule: DoorRule) -> bool:
    """Signed in, with a telephone they proved and orders they took."""
    if buyer_id is None:
        return False
    proven = db.session.scalar(select(Person.phone_verified_at).where(Person.id == buyer_id))
    if proven is None:
        return False
    taken = select(func.count(FarmOrder.id)).join(Order, Order.id == FarmOrder.order_id)
    taken = taken.where(Order.buyer_id == buyer_id, FarmOrder.delivered_at.is_not(None))
    return (db.session.scalar(taken) or 0) >= rule.known_after


def _lock_phone(phone: str) -> None:
    """One order after the other for one telephone, so that two at once do not both find room: the row is made, or
    locked, by one statement."""
    made = {"phone": phone, "code": new_code(), "created_at": clock.now(), "version": 1}
    db.session.execute(_locking(db.session.connection().dialect.name), made)


@cache
def _locking(dialect: str) -> Any:
    made = (sqlite_insert if dialect == "sqlite" else postgresql_insert)(DoorPhone.__table__)
    again: Any = DoorPhone.__table__.c.version + 1
    return made.on_conflict_do_update(index_elements=["phone"], set_={"version": again})


def _whose(buyer_id: int | None, phone: str) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = Order.phone == phone
    return mine | (Order.buyer_id == buyer_id) if buyer_id is not None else mine


def _not_too_much(buyer_id: int | None, phone: str, total_dong: int, rule: DoorRule) -> None:
    whose = _whose(buyer_id, phone)
    waiting = (
        select(Order.id, Order.total_dong)
        .join(FarmOrder, FarmOrder.order_id == Order.id)
        .where(whose, Order.confirm_by.is_not(None), FarmOrder.state == F.PLACED)
        .distinct()
        .subquery()
    )
    count, open_dong = db.session.execute(
        select(func.count(waiting.c.id), func.coalesce(func.sum(waiting.c.total_dong), 0))
    ).one()
    way_out = _(
        "Hãy xác nhận đơn trước bằng mã trong tin nhắn, chọn chuyển khoản, hoặc nhờ người của chợ xem lại."
    )
    if count >= rule.most_open:
        raise TooMuchAtTheDoor(
            _(
                "Số điện thoại này có %(count)s đơn trả khi nhận chưa xác nhận. %(way_out)s",
                count=count,
                way_out=way_out,
            )
        )
    if int(open_dong) + total_dong > rule.most_open_dong:
        raise TooMuchAtTheDoor(
            _(
                "Người mua mới đặt trả khi nhận tối đa %(most)s. %(way_out)s",
                most=dong(rule.most_open_dong),
                way_out=way_out,
            )
        )
    since = clock.now() - timedelta(days=rule.refused_days)
    left = select(func.count(FarmOrder.id)).join(Order, Order.id == FarmOrder.order_id)
    refused = db.session.scalar(left.where(whose, FarmOrder.refused_at_door_at >= since)) or 0
    if refused >= rule.most_refused:
        raise TooMuchAtTheDoor(
            _(
                "Số này đã không nhận %(count)s gói hàng trong %(days)s ngày. Hãy chuyển khoản, hoặc nhờ chợ xem lại.",
                count=refused,
                days=rule.refused_days,
            )
        )


class TooMuchAtTheDoor(Refusal):
    """The rule for paying at the door said no; a person may be asked to look again."""

    def __init__(self, sentence: Text | str) -> None:
        super().__init__(sentence, field="payment_method")


# -- the word ------------------------------------------------------------------------------------------------------


def send_code(order: Order, is_throttled: bool = True) -> None:
    """Send the code that confirms an order paid at the door, to the telephone it goes to. Raises Refusal (429) after
    five in an hour."""
    _still_waiting(order)
    assert order.confirm_by is not None
    digits = accounts.new_code_for(order.phone, _purpose(order), is_throttled)
    notifications.send(
        Recipient(phone=order.phone, language=order.language),
        "orders/confirm_code",
        path=order.path,
        is_secret=True,
        use_until=clock.now() + accounts.CODE_LIFE,
        digits=digits,
        code=order.code,
        total=dong(order.total_dong),
        until=telling.moment_in_words(order.confirm_by),
    )


def send_first_code(order: Order) -> bool:
    """Send it unless one was sent already, or the word was given meanwhile."""
    if not order.is_waiting_for_word or accounts.has_code_for(order.phone, _purpose(order)):
        return False
    send_code(order, is_throttled=False)
    return True


def ask_farms_to_call(order: Order) -> None:
    """The code was not typed for a while: the farms are asked to call. Nothing when the word was given meanwhile."""
    if order.is_waiting_for_word:
        for part in order.farm_orders:
            telling.tell_farm(part, "orders/call_buyer", phone=order.phone, name=order.name)


def is_code_right(order: Order, typed: str) -> bool:
    """Is this the code that was sent? A wrong one counts, and after five none is right until a new one is sent."""
    return accounts.is_code_for(order.phone, _purpose(order), typed)


def note_word(order: Order, how: ConfirmedBy, by: Actor) -> None:
    """Write down who gave the word for an order, before it is confirmed."""
    _still_waiting(order)
    order.confirmed_by = how
    audit.record(by, "order.word_given", order, how=how.value)


def _still_waiting(order: Order) -> None:
    if not order.is_waiting_for_word:
        raise Conflict(_("Đơn này không còn chờ xác nhận. Hãy tải lại trang để xem tình trạng mới."))


def _purpose(order: Order) -> str:
    return f"order {order.code}"


# -- asking a person -----------------------------------------------------------------------------------------------


def is_let_be(phone: str) -> bool:
    """Did a person of the market look and let this telephone be?"""
    return (
        db.session.scalar(
            select(DoorAppeal.id)
            .where(
                DoorAppeal.phone == phone,
                DoorAppeal.state == AppealState.GRANTED,
                DoorAppeal.until >= clock.today(),
            )
            .limit(1)
        )
        is not None
    )


def appeal(phone: str, name: str, words: str, by: Actor, language: str = "vi") -> DoorAppeal:
    """Somebody asks a person to look again. One question at a time for a telephone; the answer comes in the language it
    was asked in."""
    if not words.strip():
        raise Refusal(_("Hãy viết vài lời để người của chợ hiểu."), field="words")
    _lock_phone(phone)
    asked = db.session.scalars(
        select(DoorAppeal).where(DoorAppeal.phone == phone, DoorAppeal.state == AppealState.ASKED)
    ).first()
    if asked is not None:
        return asked
    made = DoorAppeal(
        person_id=by.person_id,
        phone=phone,
        name=name,
        words=words.strip()[:1000],
        language=language,
        answer_by=_end_of_working_day(queries.door_rule(clock.today()).appeal_days),
    )
    db.session.add(made)
    audit.record(by, "door_appeal.asked", made)
    return made


def _end_of_working_day(days: int) -> datetime:
    return clock.start_of_day(clock.add_working_days(clock.today(), days) + timedelta(days=1))


def grant(appeal: DoorAppeal, until: date, answer: str, by: Actor) -> None:
    """A person looked and lets the telephone be until a day."""
    (appeal,) = claim(DoorAppeal, [appeal.id])
    if not clock.today() <= until <= clock.today() + timedelta(days=366):
        raise Refusal(_("Chọn ngày từ hôm nay tới một năm sau."), field="until")
    states.move(appeal, AppealState.GRANTED, by, answer or None)
    appeal.until, appeal.answer = until, answer.strip()[:500]
    _tell_asker(appeal)


def decline(appeal: DoorAppeal, answer: str, by: Actor) -> None:
    """A person looked and says no, with the reason."""
    (appeal,) = claim(DoorAppeal, [appeal.id])
    if not answer.strip():
        raise Refusal(_("Hãy ghi lý do: người hỏi sẽ đọc được."), field="answer")
    states.move(appeal, AppealState.DECLINED, by, answer)
    appeal.answer = answer.strip()[:500]
    _tell_asker(appeal)


def tell_appeal_is_late(appeal: DoorAppeal) -> None:
    """The promised time is over and nobody answered: who asked is told that the market is late."""
    notifications.send(_asker(appeal), "orders/appeal_late", path="/cart")


def _asker(appeal: DoorAppeal) -> Recipient:
    return Recipient(phone=appeal.phone, person_id=appeal.person_id, language=appeal.language)


def _tell_asker(appeal: DoorAppeal) -> None:
    notifications.send(
        _asker(appeal),
        "orders/appeal_answered",
        path="/cart",
        is_granted=appeal.state is AppealState.GRANTED,
        answer=appeal.answer or "",
        until=appeal.until.strftime("%d/%m/%Y") if appeal.until else "",
    )


# -- the rule ------------------------------------------------------------------------------------------------------


def adopt_door_rule(
    *,
    known_after: int,
    confirm_hours: int,
    most_open: int,
    most_open_dong: int,
    most_refused: int,
    refused_days: int,
    appeal_days: int,
    valid_from: date,
    legal_basis: str,
    by: Actor,
) -> DoorRule:
    """How much trust newcomers who pay at the door get, from a day to come."""
    if not 1 <= confirm_hours <= 7 * 24:
        raise Refusal(_("Đơn chờ xác nhận từ 1 giờ đến 7 ngày."), "confirm_hours")
    if not 1 <= most_open <= 50:
        raise Refusal(_("Số đơn chờ xác nhận từ 1 đến 50."), "most_open")
    if not 10_000 <= most_open_dong <= 100_000_000:
        raise Refusal(_("Tổng tiền từ 10.000 đến 100.000.000 đồng."), "most_open_dong")
    if not 1 <= appeal_days <= 30:
        raise Refusal(_("Trả lời người xin xem lại trong 1 đến 30 ngày làm việc."), "appeal_days")
    rule = DoorRule(
        known_after=known_after,
        confirm_hours=confirm_hours,
        most_open=most_open,
        most_open_dong=most_open_dong,
        most_refused=most_refused,
        refused_days=refused_days,
        appeal_days=appeal_days,
        valid_from=valid_from,
        legal_basis=legal_basis,
    )
    return rules.adopt(rule, by)
