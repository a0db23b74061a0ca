"""What can be done with goods on their way, in the order of life."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from marketplace.foundation import audit, clock, rules, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.orders.events import FarmOrderAccepted, FarmOrderCancelled, FarmOrderRefused
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import fees, packing, price_list, queries, s10
from marketplace.shipping.events import ParcelScanned
from marketplace.shipping.models import (
    Parcel,
    ParcelState,
    RemoteCommune,
    Scan,
    ScanKind,
    ServiceNumber,
    Tariff,
)

MAX_FAILED = 3
"""After the third failed attempt the parcel goes back (postal rule, DOMAIN §5)."""


def load_tables(by: Actor) -> None:
    """Put the illustrative tariff and the remote communes (the special zones: islands) in place, once."""
    if fees.has_tariff():
        return
    table = fees.shipped_tariff()
    tariff = Tariff(
        name="Biểu cước minh họa",
        valid_from=date(2026, 1, 1),
        legal_basis="Minh họa: chưa có bảng giá hợp đồng với bưu điện; mọi con số chỉ để xem thử",
        table=table,
        is_illustration=True,
    )
    db.session.add(tariff)
    for province in places.provinces():
        for commune in places.communes(province.code):
            if places.is_special_zone(commune.code):
                db.session.add(
                    RemoteCommune(
                        commune_code=commune.code,
                        valid_from=date(2026, 1, 1),
                        legal_basis="13 đặc khu, Nghị quyết 202/2025/QH15; danh sách vùng xa minh họa",
                    )
                )
    audit.record(by, "tariff.loaded", tariff)


def adopt_tariff(
    *,
    name: str,
    table: Mapping[str, Any],
    valid_from: date,
    legal_basis: str,
    is_illustration: bool,
    by: Actor,
) -> Tariff:
    """A price list of the embedded carrier, from a day to come. Quotes given before keep their own."""
    price_list.check(table)
    if not name.strip():
        raise Refusal(_("Hãy đặt tên cho biểu cước."), "name")
    tariff = Tariff(
        name=name,
        table=dict(table),
        valid_from=valid_from,
        legal_basis=legal_basis,
        is_illustration=is_illustration,
    )
    return rules.adopt(tariff, by)


def adopt_remote_commune(
    *, commune_code: str, valid_from: date, legal_basis: str, by: Actor
) -> RemoteCommune:
    """The commune pays the remote surcharge from a day to come."""
    commune = places.commune(commune_code)
    if commune is None:
        raise Refusal(_("Không có xã, phường nào mang mã này. Hãy chọn lại xã, phường."), "commune")
    if rules.rule_on(RemoteCommune, valid_from, RemoteCommune.commune_code == commune_code) is not None:
        raise Refusal(_("%(commune)s đã có trong danh sách vùng xa.", commune=commune.name), "commune")
    rule = RemoteCommune(commune_code=commune_code, valid_from=valid_from, legal_basis=legal_basis)
    return rules.adopt(rule, by, same={"commune_code": commune_code})


def end_remote_commune(rule: RemoteCommune, last_day: date, by: Actor) -> None:
    """The commune pays the remote surcharge up to and including this day."""
    rules.end(rule, last_day, by)


# -- parcels ------------------------------------------------------------------------------------------------------


def book(farm_order: FarmOrder, by: Actor) -> list[Parcel]:
    """Make the parcels of an accepted order, with their numbers, to be brought to the farm's service point.

    Safe to call twice: an order that has parcels keeps them.
    """
    if existing := queries.parcels_of(farm_order):
        return list(existing)
    if farm_order.state is not FarmOrderState.ACCEPTED:
        raise Conflict(_("Chỉ đặt chuyển phát cho đơn đã nhận."))
    farm, order = farm_order.farm, farm_order.order
    assert farm.commune_code is not None
    goods = packing.parcels([(line.variant, line.quantity) for line in farm_order.lines])
    origin = places.service_point_for(farm.commune_code)
    destination = places.service_point_for(order.commune_code)
    parcels = []
    for number, box in enumerate(goods):
        parcel = Parcel(
            farm_order=farm_order,
            tracking=_next_number(farm_order.service_code),
            service_code=farm_order.service_code,
            weight_grams=box.grams,
            length_mm=box.length_mm,
            width_mm=box.width_mm,
            height_mm=box.height_mm,
            # Cash is taken once, with the first parcel.
            cod_dong=farm_order.total_dong if order.payment_method == "cod" and number == 0 else 0,
            origin_point_id=origin.id if origin else None,
            destination_point_id=destination.id if destination else None,
            state=ParcelState.ASKED,
        )
        db.session.add(parcel)
        states.move(parcel, ParcelState.BOOKED, by)
        parcels.append(parcel)
    return parcels


def when_accepted(event: FarmOrderAccepted) -> None:
    """The farm said yes: book its parcels."""
    book(db.session.get_one(FarmOrder, event.farm_order_id), SYSTEM)


def when_called_off(event: FarmOrderCancelled | FarmOrderRefused) -> None:
    """The order will not be sent: its parcels that have not left are cancelled."""
    farm_order = db.session.get_one(FarmOrder, event.farm_order_id)
    for parcel in queries.parcels_of(farm_order):
        if parcel.state in (ParcelState.ASKED, ParcelState.BOOKED):
            states.move(parcel, ParcelState.CANCELLED, SYSTEM)


def _next_number(service_code: str) -> str:
    """The next S10 number of a service; the row is taken by one UPDATE, so two parcels never share one."""
    rows = fees.shipped_tariff()["services"]
    indicator = next((row["number_prefix"] for row in rows if row["code"] == service_code), "CA")
    db.session.flush()
    taken = update(ServiceNumber).where(ServiceNumber.indicator == indicator)
    if db.session.execute(taken.values(next_serial=ServiceNumber.next_serial + 1)).rowcount == 0:  # type: ignore[attr-defined]
        db.session.add(ServiceNumber(indicator=indicator, next_serial=2, begun_on=clock.today()))
        db.session.flush()
    after = db.session.scalar(select(ServiceNumber.next_serial).where(ServiceNumber.indicator == indicator))
    assert after is not None
    return s10.item_number(indicator, after - 1)


# -- scans --------------------------------------------------------------------------------------------------------

K = ScanKind
LEAVES_FARM = frozenset({ParcelState.PICKED_UP, ParcelState.DROPPED_OFF})


def record_scan(
    tracking: str,
    kind: ScanKind,
    by: Actor,
    point: ServicePoint | None = None,
    weight_grams: int | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Scan:
    """Somebody saw the parcel: keep the scan, move the parcel, and with it the farm's order.

    A scan that was made already, or that comes late and contradicts what is known, is kept and moves nothing when a
    machine sends it; a clerk is told why. `weight_grams` is what the scales say.
    """
    parcel = queries.parcel_by_tracking(tracking)
    (parcel,) = claim(Parcel, [parcel.id])
    (farm_order,) = claim(FarmOrder, [parcel.farm_order_id])
    if kind in (K.DROPPED_OFF, K.PICKED_UP) and farm_order.state is FarmOrderState.CONFIRMED:
        # Dropped off before the farm pressed "accept": bringing it is the answer.
        orders.accept(farm_order, by)
        parcel = queries.parcels_of(farm_order)[0]
    moved = _move(parcel, farm_order, kind, by)
    scan = Scan(
        parcel=parcel,
        kind=kind,
        at=at or clock.now(),
        service_point_id=point.id if point else None,
        person_id=by.person_id,
        weight_grams=weight_grams,
        note=note,
        moved=moved,
    )
    db.session.add(scan)
    if weight_grams is not None:
        parcel.weighed_grams = weight_grams
    audit.record(by, f"parcel.scan.{kind.value}", parcel, point=point.code if point else None, moved=moved)
    publish(ParcelScanned(parcel.id, kind.value))
    return scan


def drop_off_without_booking(farm_order: FarmOrder, by: Actor) -> list[Parcel]:
    """A farmer brings a parcel whose order was not answered yet: accept it and make its number at the counter."""
    if farm_order.state is FarmOrderState.CONFIRMED:
        orders.accept(farm_order, by)
    return book(farm_order, by)


def _move(parcel: Parcel, farm_order: FarmOrder, kind: ScanKind, by: Actor) -> bool:
    to = ParcelState(kind.value)
    if parcel.state is to and kind is not K.FAILED:
        return _repeated(parcel, by)
    if to not in parcel.MOVES.get(parcel.state, frozenset()):
        if parcel.state is ParcelState.BOOKED and to in Parcel.MOVES[ParcelState.PICKED_UP]:
            # The first scan was missed; the goods have left the farm all the same.
            states.move(parcel, ParcelState.PICKED_UP, by)
            _follow(parcel, farm_order, ParcelState.PICKED_UP, by)
        elif by.kind == "person":
            raise Conflict(
                _(
                    "Bưu gửi %(number)s đang ở tình trạng “%(state)s”, không ghi “%(to)s” được.",
                    number=parcel.tracking,
                    state=parcel.state.label,
                    to=to.label,
                )
            )
        else:
            return False
    states.move(parcel, to, by)
    _follow(parcel, farm_order, to, by)
    return True


def _repeated(parcel: Parcel, by: Actor) -> bool:
    if by.kind == "person":
        raise Conflict(
            _(
                "Bưu gửi %(number)s đã được ghi “%(state)s” rồi.",
                number=parcel.tracking,
                state=parcel.state.label,
            )
        )
    return False


def _follow(parcel: Parcel, farm_order: FarmOrder, to: ParcelState, by: Actor) -> None:
    """What a parcel's new state means for the farm's order."""
    whole = queries.parcels_of(farm_order)
    if to in LEAVES_FARM and farm_order.state is FarmOrderState.ACCEPTED:
        orders.hand_over(farm_order, by)
    elif to is ParcelState.DELIVERED and all(p.state is ParcelState.DELIVERED for p in whole):
        orders.deliver(farm_order, by)
    elif to is ParcelState.FAILED:
        parcel.failed_count += 1
        if parcel.failed_count >= MAX_FAILED:
            states.move(parcel, ParcelState.RETURNING, by, why="third failed attempt")
            orders.refuse_at_door(farm_order, by)
            orders.start_return(farm_order, by)
    elif to is ParcelState.RETURNING:
        if farm_order.state is FarmOrderState.HANDED_OVER:
            orders.refuse_at_door(farm_order, by)
        orders.start_return(farm_order, by)
    elif to is ParcelState.RETURNED:
        orders.finish_return(farm_order, by)
    elif to in (ParcelState.LOST, ParcelState.DAMAGED):
        orders.lose(farm_order, by)
