"""What became of classes: how far their farmers came, and what they sold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from marketplace.catalog.models import Product
from marketplace.farmers.models import FarmMember
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.places import queries as places
from marketplace.training import queries
from marketplace.training.models import Learner, LearnerState, TrainingClass
from marketplace.training.steps import FIRST_SALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a group of learners became. Farmers who are in two classes count once in a total."""

    name: str
    key: str
    classes: int
    learners: int
    attended: int
    steps: Mapping[str, int]
    active_30: int
    active_90: int
    listings: int
    orders: int
    value_dong: int


@dataclass(frozen=True, slots=True)
class _Sales:
    """What one farmer sold: (when delivered, worth) of each order, and how many goods were ever put on sale."""

    listings: int = 0
    orders: tuple[tuple[datetime, int], ...] = ()


def of(classes: Sequence[TrainingClass], by: str) -> tuple[list[Results], Results]:
    """Results per class (`class`), trainer (`trainer`), commune (`commune`) or province (`province`), the best first;
    and of all together, where a farmer of two rows counts once. A fixed number of SQL statements."""
    learners = [one for one in queries.learners_of(*classes) if one.state is LearnerState.JOINED]
    reached = queries.steps_reached({one.person_id for one in learners if one.person_id})
    sales = _sales({one.person_id for one in learners if one.person_id})
    rows: dict[str, tuple[str, list[TrainingClass]]] = {}
    for one in classes:
        key, name = _group(one, by)
        rows.setdefault(key, (name, []))[1].append(one)
    found = []
    for key, (name, group) in rows.items():
        ids = {one.id for one in group}
        found.append(
            _results(key, name, group, [one for one in learners if one.class_id in ids], reached, sales)
        )
    found.sort(key=lambda row: (-row.value_dong, -row.steps.get(FIRST_SALE, 0), row.name))
    return found, _results("", str(_("Tất cả")), classes, learners, reached, sales)


def _group(one: TrainingClass, by: str) -> tuple[str, str]:
    if by == "trainer":
        return one.trainer.code, one.trainer.name
    if by == "commune":
        return one.commune_code, places.commune_words(one.commune_code)
    if by == "province":
        province = places.province(one.province_code)
        return one.province_code, province.name if province is not None else one.province_code
    # Many classes are held under one title: the day tells them apart.
    return one.code, f"{one.title} · {clock.local(one.begins_at):%d/%m/%Y}"


def _results(
    key: str,
    name: str,
    classes: Sequence[TrainingClass],
    learners: Sequence[Learner],
    reached: Mapping[int, Mapping[str, datetime]],
    sales: Mapping[int, _Sales],
) -> Results:
    # One farmer in two classes is one farmer; their time counts from the first class they joined.
    began: dict[int, datetime] = {}
    nameless = 0
    for one in learners:
        if one.person_id is None:
            nameless += 1
            continue
        at = one.joined_at or one.created_at
        began[one.person_id] = min(at, began.get(one.person_id, at))
    steps = Counter(step for person_id in began for step in reached.get(person_id, {}))
    sold = {person_id: sales.get(person_id, _Sales()) for person_id in began}

    def active(days: int) -> int:
        return sum(
            any(
                began[person_id] <= at <= began[person_id] + timedelta(days=days) for at, _worth in one.orders
            )
            for person_id, one in sold.items()
        )

    return Results(
        key=key,
        name=name,
        classes=len(classes),
        learners=len(began) + nameless,
        attended=len({one.person_id or -one.id for one in learners if one.attended_at is not None}),
        steps=dict(steps),
        active_30=active(30),
        active_90=active(90),
        listings=sum(one.listings for one in sold.values()),
        orders=sum(len(one.orders) for one in sold.values()),
        value_dong=sum(worth for one in sold.values() for _at, worth in one.orders),
    )


def _sales(person_ids: Iterable[int]) -> dict[int, _Sales]:
    ids = list(person_ids)
    listings: dict[int, int] = dict(
        db.session.execute(
            select(FarmMember.person_id, func.count(Product.id))
            .join(Product, Product.farm_id == FarmMember.farm_id)
            .where(FarmMember.person_id.in_(ids), FarmMember.is_owner, Product.published_at.is_not(None))
            .group_by(FarmMember.person_id)
        ).all()
    )
    orders: dict[int, list[tuple[datetime, int]]] = {}
    asked = (
        select(FarmMember.person_id, FarmOrder.delivered_at, FarmOrder.goods_dong)
        .join(FarmOrder, FarmOrder.farm_id == FarmMember.farm_id)
        .where(FarmMember.person_id.in_(ids), FarmMember.is_owner, FarmOrder.delivered_at.is_not(None))
    )
    for person_id, at, worth in db.session.execute(asked):
        if at is not None:
            orders.setdefault(person_id, []).append((at, worth))
    return {
        person_id: _Sales(listings.get(person_id, 0), tuple(orders.get(person_id, ())))
        for person_id in {*listings, *orders}
    }
