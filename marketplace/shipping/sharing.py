"""Neighbours send together: one trip of the postman for the farms of a commune, and what it saves, split openly.

The rule: what a trip saves is a share of its orders' freight, by how many farms ride along (SharingRule). It is split
by the weight the parcels have on the scales, by largest remainder; nobody is given more than they pay for freight, and
what one cannot take the others share. It lowers what the buyer pays: less cash at the door, or money back.

A trip opens with the first parcel picked up and is closed by the clerk, when one of its parcels goes on, or at night.
Whoever changes a trip holds its row first and the orders after it, so two counters never wait for each other.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.money import dong, percent, share_out
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.orders import service as orders
from marketplace.orders import telling
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import queries
from marketplace.shipping.models import (
    CollectionPoint,
    Parcel,
    ParcelState,
    PickupRun,
    RunShare,
    RunState,
    SharingRule,
)
from marketplace.shipping.policies import LEAST_FARMS

P = ParcelState


# -- the arithmetic -----------------------------------------------------------------------------------------------


class Load(NamedTuple):
    """One order's part of a trip: what it weighs, and the freight its buyer pays."""

    grams: int
    freight_dong: int


def split(saved_dong: int, loads: Sequence[Load]) -> list[int]:
    """What each order is given of what was saved: by weight, by largest remainder, never more than its freight. The
    shares add up to what was saved, or to all the freight when that is less."""
    given = [0] * len(loads)
    left = min(saved_dong, sum(load.freight_dong for load in loads))
    while left:
        open_ = [place for place, load in enumerate(loads) if given[place] < load.freight_dong]
        for place, more in zip(open_, share_out(left, [loads[p].grams for p in open_]), strict=True):
            given[place] += min(more, loads[place].freight_dong - given[place])
        left = min(saved_dong, sum(load.freight_dong for load in loads)) - sum(given)
    return given


# -- a trip -------------------------------------------------------------------------------------------------------


def open_run(point: ServicePoint, parcel: Parcel) -> PickupRun:
    """The trip a parcel that is picked up now rides along with, locked: today's open one to its commune, or a new
    one. One left open on another day is closed first."""
    commune_code = _commune_of(parcel)
    run = _claim_open(point, commune_code)
    if run is not None and run.on_day != clock.today():
        close(run, SYSTEM)
        run = None
    if run is None:
        try:
            with db.session.begin_nested():
                db.session.add(
                    PickupRun(
                        service_point_id=point.id,
                        commune_code=commune_code,
                        on_day=clock.today(),
                        state=RunState.OPEN,
                    )
                )
        except IntegrityError:
            pass  # Another postman opened it in the same moment.
        run = _claim_open(point, commune_code)
    assert run is not None
    return run


def _commune_of(parcel: Parcel) -> str:
    if parcel.collection_point is not None:
        return parcel.collection_point.commune_code
    return parcel.farm_order.farm.commune_code or ""


def _claim_open(point: ServicePoint, commune_code: str) -> PickupRun | None:
    ids = db.session.scalars(
        select(PickupRun.id).where(
            PickupRun.service_point_id == point.id,
            PickupRun.commune_code == commune_code,
            PickupRun.state == RunState.OPEN,
        )
    )
    return next((run for run in claim(PickupRun, list(ids)) if run.state is RunState.OPEN), None)


def close(run: PickupRun, by: Actor) -> PickupRun:
    """The trip is over: what it saved is reckoned by the day's rule and split; each order's buyer pays so much less.
    Closed again it does nothing."""
    (run,) = claim(PickupRun, [run.id])
    if run.state is RunState.CLOSED:
        return run
    parcels = list(db.session.scalars(select(Parcel).where(Parcel.run_id == run.id).order_by(Parcel.id)))
    loads = _loads(run, parcels)
    run.farm_count = len({farm_order.farm_id for farm_order in loads})
    run.grams = sum(load.grams for load in loads.values())
    run.freight_dong = sum(load.freight_dong for load in loads.values())
    run.rule = rule_on(SharingRule, run.on_day)
    states.move(run, RunState.CLOSED, by)
    rate = run.rule.per_10_000(run.farm_count) if run.rule and run.farm_count >= LEAST_FARMS else 0
    shares = split(percent(run.freight_dong, rate), list(loads.values()))
    run.saved_dong = sum(shares)
    for (farm_order, load), saved in zip(loads.items(), shares, strict=True):
        share = RunShare(
            run=run, farm_order=farm_order, grams=load.grams, freight_dong=load.freight_dong, saved_dong=saved
        )
        db.session.add(share)
        if saved:
            lower_freight(farm_order, saved, f"shared run {run.code}", by)
            _tell(share)
    return run


def _loads(run: PickupRun, parcels: Sequence[Parcel]) -> Mapping[FarmOrder, Load]:
    """What each order brings to a trip: only orders on their way with all of their parcels on it, and that shared no
    other one. They are locked in id order."""
    ids = sorted({parcel.farm_order_id for parcel in parcels})
    shared = set(db.session.scalars(select(RunShare.farm_order_id).where(RunShare.farm_order_id.in_(ids))))
    loads: dict[FarmOrder, Load] = {}
    for farm_order in claim(FarmOrder, [one for one in ids if one not in shared]):
        all_of_it = db.session.scalars(
            select(Parcel).where(Parcel.farm_order_id == farm_order.id, Parcel.state != P.CANCELLED)
        ).all()
        is_whole = all(parcel.run_id == run.id for parcel in all_of_it)
        if is_whole and farm_order.state is FarmOrderState.HANDED_OVER:
            freight = farm_order.shipping_dong - farm_order.freight_discount_dong
            loads[farm_order] = Load(sum(parcel.grams_now for parcel in all_of_it), freight)
    return loads


def lower_freight(farm_order: FarmOrder, less_dong: int, why: str, by: Actor) -> None:
    """The order's freight came to less: so does the cash its parcel takes at the door."""
    orders.lower_freight(farm_order, less_dong, why, by)
    for parcel in db.session.scalars(select(Parcel).where(Parcel.farm_order_id == farm_order.id)):
        if parcel.cod_dong:
            parcel.cod_dong = farm_order.total_dong


def _tell(share: RunShare) -> None:
    """The buyer and the farm read what the trip saved and how it was split."""
    farm_order, run = share.farm_order, share.run
    facts: dict[str, Any] = {
        "run": run.code,
        "farms": run.farm_count,
        "commune": places.commune_words(run.commune_code),
        "saved": dong(share.saved_dong),
        "whole": dong(run.saved_dong),
        "cod": dong(farm_order.total_dong) if farm_order.order.payment_method == "cod" else "",
    }
    notifications.send(
        orders.buyer_recipient(farm_order.order),
        "shipping/shared",
        path=farm_order.order.path,
        code=farm_order.order.code,
        farm=farm_order.farm.name,
        **facts,
    )
    telling.tell_farm(farm_order, "shipping/shared_farm", **facts)


# -- where neighbours bring parcels together ----------------------------------------------------------------------


def open_collection_point(
    *,
    name: str,
    commune_code: str,
    street: str,
    weekday: int,
    opens: str,
    closes: str,
    service_point: ServicePoint,
    farm: Farm | None,
    by: Actor,
) -> CollectionPoint:
    """From now on parcels may be brought to this place on this weekday; the postmen of the service point come there.
    `farm` is the association that opens it (none: the post does)."""
    if not name.strip():
        raise Refusal(_("Hãy ghi tên nơi gom hàng, ví dụ “Nhà văn hóa xóm Hồng Thái”."), "name")
    if places.commune(commune_code) is None:
        raise Refusal(_("Hãy chọn xã, phường của nơi gom hàng."), "commune")
    if not opens < closes:
        raise Refusal(_("Giờ kết thúc phải sau giờ bắt đầu."), "closes")
    same = select(CollectionPoint.id).where(
        CollectionPoint.commune_code == commune_code,
        CollectionPoint.weekday == weekday,
        CollectionPoint.name == name.strip(),
        CollectionPoint.ended_on.is_(None),
    )
    if db.session.scalar(same) is not None:
        raise Conflict(_("Nơi gom hàng này đã mở vào ngày ấy rồi."))
    made = CollectionPoint(
        name=name.strip(),
        commune_code=commune_code,
        street=street.strip(),
        weekday=weekday,
        opens=opens,
        closes=closes,
        service_point=service_point,
        farm=farm,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(by, "collection_point.opened", made, name=made.name)
    return made


def end_collection_point(place: CollectionPoint, by: Actor) -> None:
    """Nobody comes there after today: parcels that were to be brought later are picked up at the farm again."""
    (place,) = claim(CollectionPoint, [place.id])
    if place.ended_on is not None:
        return
    place.ended_on = clock.today()
    audit.record(by, "collection_point.ended", place)
    waiting = select(Parcel.id).where(
        Parcel.collection_point_id == place.id, Parcel.state.in_((P.ASKED, P.BOOKED))
    )
    for parcel in claim(Parcel, list(db.session.scalars(waiting))):
        if parcel.collect_on is not None and parcel.collect_on > place.ended_on:
            parcel.collection_point_id = parcel.collect_on = None
            telling.tell_farm(
                parcel.farm_order,
                "shipping/collection_ended",
                place=place.name,
                number=parcel.number_in_groups,
            )


def bring_to(farm_order: FarmOrder, place: CollectionPoint | None, by: Actor) -> None:
    """The farmer will bring the order's parcels to a place where neighbours bring theirs, on its next day (none: the
    postman comes to the farm)."""
    claim(FarmOrder, [farm_order.id])
    waiting = select(Parcel.id).where(
        Parcel.farm_order_id == farm_order.id, Parcel.state.in_((P.ASKED, P.BOOKED))
    )
    parcels = claim(Parcel, list(db.session.scalars(waiting)))
    if not parcels:
        raise Conflict(_("Đơn này không còn gói nào chờ gửi. Hãy tải lại trang."))
    day = None
    if place is not None:
        day = place.next_day(clock.now())
        if day is None or place not in queries.collection_points_near(farm_order.farm):
            raise Conflict(_("Nơi gom hàng này không còn nhận. Hãy chọn nơi khác hoặc chờ bưu tá tới lấy."))
        if not queries.is_in_time(farm_order, day):
            raise Conflict(
                _(
                    "Tới %(day)s mới gom, khi ấy đã trễ hẹn với khách. Hãy chờ bưu tá tới lấy hoặc mang ra bưu cục.",
                    day=day.strftime("%d/%m/%Y"),
                )
            )
    for parcel in parcels:
        parcel.collection_point = place
        parcel.collect_on = day
        audit.record(by, "parcel.brought_to", parcel, place=place.code if place else None)
