"""What a carrier outside takes on and tells: parcels given to it, its word about them. Called by `service` and `jobs`,
which make the calls themselves between transactions.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.jobs import enqueue
from marketplace.places import queries as places
from marketplace.shipping import port
from marketplace.shipping.models import CarrierCall, Parcel, ParcelState
from marketplace.shipping.port import Booked, Goods, Order, Place, Sender

P = ParcelState


def take(parcel: Parcel, by: Actor) -> None:
    """The parcel is booked: with the carrier outside by a job, else by our own number at once."""
    outside = port.outside()
    if outside is None or not outside.takes_orders:
        states.move(parcel, P.BOOKED, by)
        return
    parcel.carrier = outside.source
    db.session.flush()
    enqueue("shipping.book_outside", parcel.id)


def waits_for_number(parcel: Parcel) -> bool:
    """Has the carrier not yet given it the number its label needs?"""
    return parcel.state is P.ASKED and parcel.carrier != "tariff"


def let_go(parcel: Parcel, by: Actor) -> None:
    """The parcel will not be sent: it is cancelled here, and with the carrier that has it."""
    was_booked = parcel.state is P.BOOKED
    states.move(parcel, P.CANCELLED, by)
    if was_booked and parcel.carrier != "tariff":
        enqueue("shipping.cancel_outside", parcel.id)


def order_for(parcel: Parcel) -> Order:
    """The parcel as its carrier is asked to take it."""
    farm_order = parcel.farm_order
    farm, order = farm_order.farm, farm_order.order
    assert farm.province_code is not None and farm.commune_code is not None
    return Order(
        code=parcel.code,
        service_code=parcel.service_code,
        sender=Sender(
            farm.name, farm.phone or "", farm.street or "", Place(farm.province_code, farm.commune_code)
        ),
        recipient=Sender(
            order.name, order.phone, order.street, Place(order.province_code, order.commune_code)
        ),
        goods=Goods(
            parcel.grams_now,
            parcel.length_mm or 1,
            parcel.width_mm or 1,
            parcel.height_mm or 1,
            signs=frozenset(parcel.signs),
        ),
        value_dong=farm_order.goods_dong,
        cod_dong=parcel.cod_dong,
        note=f"{farm_order.code} · {places.commune_words(order.commune_code)}",
    )


def was_booked(parcel: Parcel, booked: Booked, by: Actor) -> bool:
    """The carrier gave its number: it is the parcel's from now on. False when the parcel was cancelled meanwhile."""
    if parcel.state is not P.ASKED:
        return False
    before = parcel.tracking
    parcel.tracking, parcel.carrier_fee_dong = booked.number, booked.fee_dong
    states.move(parcel, P.BOOKED, by)
    audit.record(by, "parcel.numbered", parcel, before=before, number=booked.number)
    return True


def keep_word(source: str, raw: Mapping[str, Any], signature: str) -> tuple[CarrierCall, bool]:
    """A carrier's signed word, kept once: the call, and whether it is new."""
    mark = hashlib.sha256(f"{source}:{signature}:{json.dumps(raw, sort_keys=True)}".encode()).hexdigest()
    known = db.session.scalar(select(CarrierCall).where(CarrierCall.mark == mark))
    if known is not None:
        return known, False
    call = CarrierCall(source=source, mark=mark, raw=dict(raw))
    db.session.add(call)
    db.session.flush()
    return call, True


def close_word(call: CarrierCall, problem: str) -> None:
    call.handled_at, call.problem = clock.now(), problem[:200]
