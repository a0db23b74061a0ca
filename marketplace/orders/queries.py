"""What can be seen of orders, always through the person, the guest's secret or the farm."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import Person
from marketplace.catalog.models import Product, ProductPhoto, Variant
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.rules import rule_held
from marketplace.foundation.words import Text, _
from marketplace.orders.models import (
    CALLED_OFF,
    AnswerRule,
    AppealState,
    DoorAppeal,
    DoorRule,
    EndedBy,
    FarmOrder,
    FarmOrderState,
    Order,
    OrderLine,
    SupplyChange,
    TaxClass,
)

NO_SUCH_ORDER = _(
    "Không tìm thấy đơn hàng này. Hãy mở lại liên kết trong tin nhắn, hoặc đăng nhập để xem đơn."
)

# What a page shows of a line: the pack, its product and the first picture.
_GOODS = selectinload(FarmOrder.lines).joinedload(OrderLine.variant).joinedload(Variant.product)
_PICTURES = (
    selectinload(FarmOrder.lines)
    .joinedload(OrderLine.variant)
    .joinedload(Variant.product)
    .selectinload(Product.photos)
    .joinedload(ProductPhoto.photo)
)


# -- the buyer's ---------------------------------------------------------------------------------------------------


def orders_of(person: Person) -> Select[Order]:
    """All orders of a buyer, newest first."""
    return (
        select(Order)
        .where(Order.buyer_id == person.id)
        .order_by(Order.id.desc())
        .options(selectinload(Order.farm_orders).options(_PICTURES))
    )


def count_orders_of(person: Person) -> int:
    return db.session.scalar(select(func.count(Order.id)).where(Order.buyer_id == person.id)) or 0


def order_for(person: Person, code: str) -> Order:
    """The buyer's own order; anybody else's is Missing."""
    return _found(
        db.session.scalars(_whole().where(Order.code == code, Order.buyer_id == person.id)).one_or_none()
    )


def order_by_secret(code: str, key: str) -> Order:
    """A guest's order by its code and the secret that was sent along."""
    found = db.session.scalars(_by_code(), {"code": code}).unique().one_or_none()
    if found is None or not secrets.compare_digest(found.secret.encode(), key.encode()):
        raise Missing(NO_SUCH_ORDER)
    return found


@cache
def _by_code() -> Select[Order]:
    """One order has few lines: all of it comes in one statement."""
    lines = joinedload(Order.farm_orders).joinedload(FarmOrder.lines)
    return (
        select(Order)
        .where(Order.code == bindparam("code"))
        .options(lines.joinedload(OrderLine.variant).joinedload(Variant.product))
    )


@cache
def _whole() -> Select[Order]:
    return select(Order).options(selectinload(Order.farm_orders).options(_GOODS))


def _found(order: Order | None) -> Order:
    if order is None:
        raise Missing(NO_SUCH_ORDER)
    return order


def order_of_once(once: str) -> Order | None:
    """The order a checkout made already."""
    return db.session.scalars(_by_once(), {"once": once}).one_or_none()


@cache
def _by_once() -> Select[Order]:
    return select(Order).where(Order.once == bindparam("once"))


# -- the farm's ----------------------------------------------------------------------------------------------------


def farm_orders_of(farm: Farm, states: Collection[FarmOrderState] | None = None) -> Select[FarmOrder]:
    """The farm's orders, newest first; unpaid ones are not the farm's business yet."""
    wanted = states if states is not None else set(FarmOrderState) - {FarmOrderState.PLACED}
    return (
        select(FarmOrder)
        .where(FarmOrder.farm_id == farm.id, FarmOrder.state.in_(wanted), FarmOrder.confirmed_at.is_not(None))
        .order_by(FarmOrder.id.desc())
        .options(_PICTURES)
    )


def farm_order_for(farm: Farm, code: str) -> FarmOrder:
    """One of the farm's own orders; another farm's is Missing."""
    found = db.session.scalars(farm_orders_of(farm).where(FarmOrder.code == code)).one_or_none()
    if found is None:
        raise Missing(_("Không tìm thấy đơn này trong gian hàng của bạn."))
    return found


def waiting_for_a_call(farm: Farm) -> Sequence[FarmOrder]:
    """Orders somebody new will pay at the door and has not confirmed yet: the farm may call and ask."""
    return list(
        db.session.scalars(
            select(FarmOrder)
            .join(Order, Order.id == FarmOrder.order_id)
            .where(
                FarmOrder.farm_id == farm.id,
                FarmOrder.state == FarmOrderState.PLACED,
                Order.confirm_by > clock.now(),
            )
            .order_by(Order.confirm_by)
            .options(_PICTURES)
        )
    )


def supply_changes_of(farm_order: FarmOrder) -> Sequence[SupplyChange]:
    """Every time the farm supplied less, oldest first."""
    return list(
        db.session.scalars(
            select(SupplyChange).where(SupplyChange.farm_order_id == farm_order.id).order_by(SupplyChange.id)
        )
    )


def counts_of(farm: Farm) -> Mapping[FarmOrderState, int]:
    """How many of the farm's orders are in each state."""
    rows = db.session.execute(
        select(FarmOrder.state, func.count(FarmOrder.id))
        .where(FarmOrder.farm_id == farm.id, FarmOrder.confirmed_at.is_not(None))
        .group_by(FarmOrder.state)
    )
    return {state: int(count) for state, count in rows}


def sold_between(farm: Farm, first: date, last: date) -> tuple[int, int]:
    """What the farm delivered from the first to the last day: goods in đồng, and how many orders."""
    dong, count = db.session.execute(
        select(func.coalesce(func.sum(FarmOrder.goods_dong), 0), func.count(FarmOrder.id)).where(
            FarmOrder.farm_id == farm.id,
            FarmOrder.state == FarmOrderState.DELIVERED,
            FarmOrder.delivered_at >= clock.start_of_day(first),
            FarmOrder.delivered_at < clock.start_of_day(last + timedelta(days=1)),
        )
    ).one()
    return int(dong), int(count)


# -- waiting for an answer, waiting for money ----------------------------------------------------------------------


def answer_rule(day: date) -> AnswerRule:
    """The rule in force on a day: how long a farm may take, how long an unpaid order waits."""
    rule = rule_held(AnswerRule, day)
    if rule is None:
        raise LookupError("no AnswerRule: orders.service.load_rules was not run")
    return rule


def door_rule(day: date) -> DoorRule:
    """The rule in force on a day for who pays at the door."""
    rule = rule_held(DoorRule, day)
    if rule is None:
        raise LookupError("no DoorRule: orders.service.load_rules was not run")
    return rule


def unpaid_until(order: Order) -> datetime:
    """When an order nobody paid, or gave their word for, is given up: as payments says, or by the rule of the day it
    was placed."""
    if order.confirm_by is not None:
        return order.confirm_by
    if order.pay_until is not None:
        return order.pay_until
    rule = answer_rule(clock.local(order.created_at).date())
    return order.created_at + timedelta(minutes=rule.unpaid_minutes)


def waiting_for_answer(now: datetime) -> Sequence[int]:
    """Ids of the orders no farm has answered for so long that a rule may have something to say, oldest first."""
    shortest = db.session.scalar(select(func.min(AnswerRule.first_reminder_hours)))
    return list(
        db.session.scalars(
            select(FarmOrder.id)
            .where(
                FarmOrder.state == FarmOrderState.CONFIRMED,
                FarmOrder.confirmed_at <= now - timedelta(hours=shortest or 0),
            )
            .order_by(FarmOrder.id)
        )
    )


def waiting_for_money(now: datetime) -> Sequence[int]:
    """Ids of the orders that wait for their transfer for so long that they may be over their time."""
    shortest = db.session.scalar(select(func.min(AnswerRule.unpaid_minutes)))
    return list(
        db.session.scalars(
            select(FarmOrder.order_id)
            .join(Order, Order.id == FarmOrder.order_id)
            .where(
                FarmOrder.state == FarmOrderState.PLACED,
                or_(
                    Order.confirm_by <= now,
                    and_(Order.confirm_by.is_(None), Order.pay_until <= now),
                    and_(
                        Order.confirm_by.is_(None),
                        Order.pay_until.is_(None),
                        Order.created_at <= now - timedelta(minutes=shortest or 0),
                    ),
                ),
            )
            .distinct()
            .order_by(FarmOrder.order_id)
        )
    )


POINT_CALLS_AFTER = 3
"""The third reminder goes to the service point, which calls."""


def to_be_called(commune_codes: Collection[str]) -> Sequence[FarmOrder]:
    """Orders whose farm in one of these communes was reminded twice and still says nothing: the point calls."""
    return list(
        db.session.scalars(
            select(FarmOrder)
            .join(Farm, Farm.id == FarmOrder.farm_id)
            .where(
                FarmOrder.state == FarmOrderState.CONFIRMED,
                FarmOrder.reminded_count >= POINT_CALLS_AFTER,
                Farm.commune_code.in_(commune_codes),
            )
            .order_by(FarmOrder.answer_by)
            .options(selectinload(FarmOrder.lines))
        )
    )


# -- paying at the door --------------------------------------------------------------------------------------------


def appeals() -> Sequence[DoorAppeal]:
    """What waits for an answer first, the soonest due on top; then what was answered lately."""
    waiting = select(DoorAppeal).where(DoorAppeal.state == AppealState.ASKED)
    waiting = waiting.order_by(DoorAppeal.answer_by, DoorAppeal.id)
    answered = select(DoorAppeal).where(DoorAppeal.state != AppealState.ASKED)
    return [
        *db.session.scalars(waiting),
        *db.session.scalars(answered.order_by(DoorAppeal.id.desc()).limit(50)),
    ]


def count_appeals_waiting() -> int:
    """How many asked a person to look and wait."""
    waiting = select(func.count(DoorAppeal.id)).where(DoorAppeal.state == AppealState.ASKED)
    return db.session.scalar(waiting) or 0


def appeal(code: str) -> DoorAppeal:
    """Somebody's question, or Missing."""
    found = db.session.scalars(select(DoorAppeal).where(DoorAppeal.code == code)).one_or_none()
    if found is None:
        raise Missing()
    return found


@dataclass(frozen=True)
class AtTheDoor:
    """How it went with a telephone that pays at the door: parts ordered, taken, left with the postman."""

    all: int
    taken: int
    left: int


def at_the_door_of(phone: str) -> AtTheDoor:
    row = db.session.execute(
        select(
            func.count(FarmOrder.id),
            func.count(FarmOrder.delivered_at),
            func.count(FarmOrder.refused_at_door_at),
        )
        .join(Order, Order.id == FarmOrder.order_id)
        .where(Order.phone == phone, Order.payment_method == "cod")
    ).one()
    return AtTheDoor(*map(int, row))


# -- lines ---------------------------------------------------------------------------------------------------------


def tax_class(product: Product) -> TaxClass:
    """How the tax law sees this product when its own farm sells it."""
    if product.is_service:
        return TaxClass.SERVICE
    return TaxClass.FARM_OWN_UNPROCESSED if product.is_own_unprocessed else TaxClass.PROCESSED


# -- the way of an order -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One point of the timeline: what, when it happened (or none), and whether it is done, now, next or a stop."""

    title: Text
    at: datetime | None
    state: Literal["done", "now", "next", "stop"]
    note: Text | str = ""


def timeline(farm_order: FarmOrder) -> list[Step]:
    """The way of one farm's part: what happened, what is happening now, what comes next."""
    order, state = farm_order.order, farm_order.state
    is_cod = order.payment_method == "cod"
    at_once = is_cod and order.confirm_by is None
    way: list[tuple[Text, datetime | None]] = [] if at_once else [(_("Đã đặt hàng"), order.created_at)]
    asked = _("Đã đặt hàng") if at_once else _("Đã xác nhận") if is_cod else _("Đã trả tiền")
    way.append((asked, farm_order.confirmed_at))
    way.append((_("Nhà vườn nhận đơn"), farm_order.accepted_at))
    if farm_order.packed_at is not None or farm_order.handed_over_at is None:
        way.append((_("Gói xong"), farm_order.packed_at))
    way.append((_("Đã gửi bưu điện"), farm_order.handed_over_at))
    way.append((_("Giao tới người nhận"), farm_order.delivered_at))
    steps = [Step(title, at, "done") for title, at in way if at is not None]
    if state in CALLED_OFF or state in _STOPS:
        return [
            *steps,
            Step(_stop_title(farm_order), _stopped_at(farm_order), "stop", farm_order.reason or ""),
        ]
    coming = [title for title, at in way if at is None]
    for place, title in enumerate(coming):
        steps.append(
            Step(_now(farm_order, title) if place == 0 else title, None, "now" if place == 0 else "next")
        )
    return steps


def _now(farm_order: FarmOrder, coming: Text) -> Text:
    if farm_order.order.is_waiting_for_word:
        return _("Chờ bạn xác nhận đơn")
    if farm_order.state is FarmOrderState.ACCEPTED and farm_order.packed_at is not None:
        return _("Đã gói xong, chờ gửi bưu điện")
    return _NOW.get(farm_order.state, coming)


_NOW: Mapping[FarmOrderState, Text] = {
    FarmOrderState.PLACED: _("Chờ bạn trả tiền"),
    FarmOrderState.CONFIRMED: _("Chờ nhà vườn nhận đơn"),
    FarmOrderState.ACCEPTED: _("Nhà vườn đang gói hàng"),
    FarmOrderState.HANDED_OVER: _("Đang trên đường tới người nhận"),
}
_STOPS = frozenset(
    {FarmOrderState.REFUSED_AT_DOOR, FarmOrderState.RETURNING, FarmOrderState.RETURNED, FarmOrderState.LOST}
)


def _stop_title(farm_order: FarmOrder) -> Text:
    if farm_order.state is FarmOrderState.CANCELLED:
        return {
            EndedBy.BUYER: _("Người mua đã hủy"),
            EndedBy.UNPAID: _("Hết hạn trả tiền nên đơn đã hủy"),
            EndedBy.UNCONFIRMED: _("Không ai xác nhận nên đơn đã hủy"),
        }.get(farm_order.ended_by or EndedBy.MARKET, _("Đơn đã hủy"))
    return farm_order.state.label


def _stopped_at(farm_order: FarmOrder) -> datetime | None:
    found: datetime | None = getattr(farm_order, f"{farm_order.state.value}_at")
    return found
