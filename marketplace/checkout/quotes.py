"""The quotes a cart was shown, kept as rows: asked for before an order is written, read while it is."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from marketplace.catalog.models import Variant
from marketplace.checkout.models import Cart, Quote
from marketplace.farmers.models import Farm
from marketplace.foundation import clock
from marketplace.foundation.db import db, new_code
from marketplace.foundation.words import language
from marketplace.shipping import quotes as shipping_quotes
from marketplace.shipping.port import FeePart, Quotes, RefusedService, Service

KEPT = timedelta(days=2)
HOLDS = timedelta(hours=2)
"""A quote nobody said the end of is asked for again after so long."""


@dataclass(frozen=True)
class Asked:
    """A farm's quotes for these goods and this place: as they are kept, or (`is_new`) as the carrier just said."""

    farm_id: int
    is_cod: bool
    basis: str
    quotes: Quotes
    is_new: bool


class KeptQuote(NamedTuple):
    """What is kept of a quote, as far as it decides."""

    basis: str
    answer: Any
    valid_until: datetime


def known(cart: Cart, is_cod: bool) -> Mapping[int, KeptQuote]:
    """What is kept for a cart, by farm."""
    rows = db.session.execute(_kept(is_cod), {"cart": cart.code})
    return {farm_id: KeptQuote(*facts) for farm_id, *facts in rows}


@cache
def _kept(is_cod: bool) -> Select[Any]:
    return select(Quote.farm_id, Quote.basis, Quote.answer, Quote.valid_until).where(
        Quote.cart_code == bindparam("cart"), Quote.is_cod.is_(is_cod)
    )


def asked(
    row: KeptQuote | None, farm: Farm, lines: Sequence[tuple[Variant, int]], commune_code: str, is_cod: bool
) -> Asked | None:
    """The kept quote, if it is still about these goods and this place and its time is not over."""
    if row is None or row.valid_until <= clock.now() or row.basis != basis(farm, lines, commune_code, is_cod):
        return None
    return Asked(farm.id, is_cod, row.basis, _read(row.answer), False)


def ask(
    parts: Sequence[tuple[Farm, Sequence[tuple[Variant, int]]]], commune_code: str, is_cod: bool
) -> list[Asked]:
    """Ask the carrier about several farms' goods in one go. Outside calls happen here: never inside a transaction."""
    if not parts:
        return []
    found = shipping_quotes.quote_cart(parts, commune_code, is_cod)
    return [
        Asked(farm.id, is_cod, basis(farm, lines, commune_code, is_cod), one, True)
        for (farm, lines), one in zip(parts, found, strict=True)
    ]


def keep(cart_code: str, found: Sequence[Asked]) -> None:
    """Write down what was just asked, in the place of what was kept: one statement, so that two windows of a cart that
    are shown at once write one after the other."""
    if not found:
        return
    now = clock.now()
    rows = [
        {
            "cart_code": cart_code,
            "farm_id": one.farm_id,
            "is_cod": one.is_cod,
            "basis": one.basis,
            "answer": _write(one.quotes),
            "made_at": now,
            "valid_until": _until(one.quotes),
            "code": new_code(Quote.CODE_PREFIX),
            "created_at": now,
            "version": 1,
        }
        for one in sorted(found, key=lambda one: one.farm_id)
    ]
    db.session.execute(_keeping(db.session.connection().dialect.name), rows)


@cache
def _keeping(dialect: str) -> Any:
    asked = (sqlite_insert if dialect == "sqlite" else postgresql_insert)(Quote.__table__)
    new = {name: asked.excluded[name] for name in ("basis", "answer", "made_at", "valid_until")}
    again: Any = Quote.__table__.c.version + 1
    return asked.on_conflict_do_update(
        index_elements=["cart_code", "farm_id", "is_cod"], set_={**new, "version": again}
    )


def forget_old() -> None:
    """Quotes of two days ago are of no use to anybody."""
    db.session.execute(delete(Quote).where(Quote.made_at < clock.now() - KEPT))


def basis(farm: Farm, lines: Sequence[tuple[Variant, int]], commune_code: str, is_cod: bool) -> str:
    """A fingerprint of everything a quote depends on here: goods, their price and weight, where from, where to, when
    the farm can hand over."""
    goods = sorted(
        (
            variant.id,
            quantity,
            variant.price_dong,
            variant.weight_grams,
            variant.length_mm,
            variant.width_mm,
            variant.height_mm,
            variant.product.handling.value,
        )
        for variant, quantity in lines
    )
    making_days = shipping_quotes.days_to_make(lines)
    ready_on = shipping_quotes.hand_over_day(farm, clock.now(), making_days).isoformat()
    facts = [goods, farm.commune_code, commune_code, ready_on, is_cod, language()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _until(found: Quotes) -> datetime:
    ends = [service.valid_until for service in found.services]
    return min([*ends, clock.now() + HOLDS])


def _write(found: Quotes) -> dict[str, Any]:
    return {
        "services": [service.facts() for service in found.services],
        "refused": [[each.code, each.name, str(each.reason)] for each in found.refused],
    }


def _read(answer: Mapping[str, Any]) -> Quotes:
    return Quotes(
        [_service(facts) for facts in answer["services"]],
        [RefusedService(code, name, reason) for code, name, reason in answer["refused"]],
    )


def _service(facts: Mapping[str, Any]) -> Service:
    days = {key: date.fromisoformat(facts[key]) for key in ("ready_on", "arrives_from", "arrives_to")}
    return Service(
        **{
            **facts,
            **days,
            "valid_until": datetime.fromisoformat(facts["valid_until"]),
            **{key: [FeePart(**part) for part in facts[key]] for key in ("parts", "cod_parts")},
        }
    )
