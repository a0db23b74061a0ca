"""Parcels come into being: booked with their numbers when a farm accepts, split in two, numbered anew."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.places import queries as places
from marketplace.shipping import carriers, contents, differences, fees, packing, queries, s10
from marketplace.shipping.models import Parcel, ParcelLine, ParcelState, ServiceNumber

NUMBER_RESTS = timedelta(days=366)
"""UPU S10: no number again within twelve months."""

P = ParcelState


def book(farm_order: FarmOrder, by: Actor) -> list[Parcel]:
    """Make the parcels of an accepted order, with their numbers, to be brought to the farm's service point.

    Safe to call twice: an order that has parcels keeps them. Cash at the door is taken once, with the first parcel.
    """
    lock(farm_order)
    if existing := queries.parcels_of(farm_order):
        return list(existing)
    if farm_order.state is not FarmOrderState.ACCEPTED:
        raise Conflict(_("Chỉ đặt chuyển phát cho đơn đã nhận. Hãy nhận đơn trước."))
    farm, order = farm_order.farm, farm_order.order
    assert farm.commune_code is not None, "a farm that sells has an address"
    origin = places.service_point_for(farm.commune_code)
    destination = order.pickup_point or places.service_point_for(order.commune_code)
    parcels: list[Parcel] = []
    lines = {line.variant_id: line for line in farm_order.lines if line.quantity}
    wanted = [(line.variant, line.quantity) for line in lines.values()]
    for goods, packs in packing.pack(wanted, fees.cartons_on(clock.today())):
        is_first = not parcels
        parcel = Parcel(
            farm_order=farm_order,
            tracking=next_number(farm_order.service_code),
            service_code=farm_order.service_code,
            weight_grams=goods.grams,
            length_mm=goods.length_mm,
            width_mm=goods.width_mm,
            height_mm=goods.height_mm,
            signs=sorted(goods.signs),
            cod_dong=farm_order.total_dong if is_first and order.payment_method == "cod" else 0,
            origin_point_id=origin.id if origin else None,
            destination_point_id=destination.id if destination else None,
            state=P.ASKED,
            lines=[
                ParcelLine(order_line=lines[variant_id], quantity=quantity)
                for variant_id, quantity in sorted(packs.items())
            ],
        )
        db.session.add(parcel)
        parcels.append(parcel)
        carriers.take(parcel, by)
    return parcels


def split(parcel: Parcel, grams: int, by: Actor, packs: Mapping[int, int] | None = None) -> Parcel:
    """So many grams of a parcel that has not left travel in a box of their own, with a number of their own: these packs
    (line id → packs), or part of the one pack there is. The cash at the door stays with the first; what two boxes cost
    more is the farm's, by the dated rule."""
    parcel, farm_order = claim_parcel(parcel)
    _must_wait(parcel)
    contents.check_split(parcel, packs or {})
    grams = grams or contents.grams_of(parcel, packs or {})
    if not 1 <= grams < parcel.weight_grams:
        raise Refusal(
            _("Gói thứ hai phải nặng từ 1 g và nhẹ hơn cả gói (%(whole)s g).", whole=parcel.weight_grams),
            field="grams",
        )
    whole = differences.fee(parcel, farm_order, parcel.weight_grams)
    parts = [differences.fee(parcel, farm_order, one) for one in (parcel.weight_grams - grams, grams)]
    if whole is None or None in parts:
        raise Conflict(_("Dịch vụ của đơn này không còn trong biểu cước. Hãy báo bưu cục."))
    parcel.weight_grams -= grams
    made = _like(parcel, weight_grams=grams, cod_dong=0)
    contents.move(parcel, made, packs or {})
    made.split_from_id = parcel.id
    made.split_more_dong = sum(part for part in parts if part is not None) - whole
    carriers.take(made, by)
    audit.record(by, "parcel.split", parcel, into=made.tracking, grams=grams)
    return made


def rebook(parcel: Parcel, by: Actor) -> Parcel:
    """The label is lost or stuck on the wrong box: the parcel gets a new number, the old one is worth nothing."""
    parcel, _farm_order = claim_parcel(parcel)
    _must_wait(parcel)
    made = _like(parcel, weight_grams=parcel.weight_grams, cod_dong=parcel.cod_dong)
    made.split_from_id, made.split_more_dong = parcel.split_from_id, parcel.split_more_dong
    contents.move_all(parcel, made)
    carriers.let_go(parcel, by)
    carriers.take(made, by)
    audit.record(by, "parcel.rebooked", made, before=parcel.tracking)
    return made


def _must_wait(parcel: Parcel) -> None:
    if parcel.state is not P.BOOKED:
        raise Conflict(
            _(
                "Gói %(number)s đang ở bước “%(state)s” nên không đổi được nữa. Hãy tải lại trang.",
                number=parcel.number_in_groups,
                state=parcel.state.label,
            )
        )


def _like(parcel: Parcel, weight_grams: int, cod_dong: int) -> Parcel:
    """Another parcel of the same order, the same way, not booked yet."""
    made = Parcel(
        farm_order=parcel.farm_order,
        tracking=next_number(parcel.service_code),
        service_code=parcel.service_code,
        weight_grams=weight_grams,
        length_mm=parcel.length_mm,
        width_mm=parcel.width_mm,
        height_mm=parcel.height_mm,
        signs=list(parcel.signs),
        cod_dong=cod_dong,
        origin_point_id=parcel.origin_point_id,
        destination_point_id=parcel.destination_point_id,
        collection_point_id=parcel.collection_point_id,
        collect_on=parcel.collect_on,
        state=P.ASKED,
    )
    db.session.add(made)
    db.session.flush()
    return made


def next_number(service_code: str) -> str:
    """The next S10 number of a service."""
    return number_of(fees.number_prefix(service_code, clock.today()))


def number_of(indicator: str) -> str:
    """The next S10 number that begins with these letters; the row is taken by one UPDATE, so two parcels never share
    one."""
    serial = _take_serial(indicator)
    if serial is None:
        try:
            with db.session.begin_nested():
                db.session.add(ServiceNumber(indicator=indicator, next_serial=1, begun_on=clock.today()))
        except IntegrityError:
            pass  # Somebody else's parcel was the first of this service.
        serial = _take_serial(indicator)
    assert serial is not None
    return s10.item_number(indicator, serial)


def _take_serial(indicator: str) -> int | None:
    after: int | None = db.session.scalar(
        update(ServiceNumber)
        .where(ServiceNumber.indicator == indicator)
        .values(next_serial=ServiceNumber.next_serial + 1)
        .returning(ServiceNumber.next_serial)
        .execution_options(synchronize_session=False)
    )
    if after is None or after - 1 <= s10.LAST_SERIAL:
        return None if after is None else after - 1
    begun_on = db.session.scalar(select(ServiceNumber.begun_on).where(ServiceNumber.indicator == indicator))
    assert begun_on is not None
    if clock.today() - begun_on < NUMBER_RESTS:
        raise Conflict(_("Dãy số bưu gửi đã hết. Hãy báo quản trị cấp dãy số mới."))
    db.session.execute(
        update(ServiceNumber)
        .where(ServiceNumber.indicator == indicator)
        .values(next_serial=2, begun_on=clock.today())
        .execution_options(synchronize_session=False)
    )
    return 1


def lock(farm_order: FarmOrder) -> None:
    db.session.flush()
    claim(FarmOrder, [farm_order.id])


def claim_parcel(parcel: Parcel) -> tuple[Parcel, FarmOrder]:
    """The parcel and its order as they are now, locked: the order first, as everywhere."""
    db.session.flush()
    (farm_order,) = claim(FarmOrder, [parcel.farm_order_id])
    (parcel,) = claim(Parcel, [parcel.id])
    db.session.refresh(parcel, ["scans"])
    return parcel, farm_order
