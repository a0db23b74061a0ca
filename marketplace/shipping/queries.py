"""What can be seen of parcels and their way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from marketplace.farmers.models import Farm
from marketplace.foundation import clock, show
from marketplace.foundation.db import db
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import Text, _
from marketplace.orders.models import FarmOrder, Order
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import fees, s10
from marketplace.shipping.models import (
    ENDED,
    CollectionPoint,
    Parcel,
    ParcelState,
    PickupRun,
    RemoteCommune,
    RunShare,
    RunState,
    Scan,
    ScanKind,
)

P = ParcelState
OPEN = frozenset(ParcelState) - ENDED
"""States in which somebody still has to do something with the parcel."""
NO_SUCH_PARCEL = _("Không có bưu gửi mang mã này. Hãy xem lại mã trên nhãn.")
HALF_A_NUMBER = _("Mới đọc được một phần mã. Hãy quét lại cả hàng vạch, hoặc gõ đủ 13 ký tự.")


# -- one parcel ---------------------------------------------------------------------------------------------------


def parcel_by_tracking(typed: str) -> Parcel:
    """The parcel with this number, as scanned or typed with spaces; also by the code written by hand."""
    found = find_parcel(typed)
    if found is None:
        raise Missing(NO_SUCH_PARCEL)
    return found


def find_parcel(typed: str) -> Parcel | None:
    """The same, or None."""
    number = s10.tidy(typed)
    return db.session.scalars(
        select(Parcel)
        .where((Parcel.tracking == number) | (Parcel.code == number))
        .options(selectinload(Parcel.scans), selectinload(Parcel.farm_order))
    ).one_or_none()


def why_no_parcel(typed: str) -> Text:
    """What whoever scanned is told when there is none of this number."""
    return HALF_A_NUMBER if s10.is_part(s10.tidy(typed)) else NO_SUCH_PARCEL


def parcel_at(point: ServicePoint, typed: str) -> Parcel:
    """A parcel a clerk of this point may look at: sent from it, going to it, or last seen at it; any other is
    Missing."""
    found = find_parcel(typed)
    if found is None or not concerns(found, point):
        raise Missing(NO_SUCH_PARCEL)
    return found


def concerns(parcel: Parcel, point: ServicePoint) -> bool:
    """Has this point to do with the parcel?"""
    return point.id in (parcel.origin_point_id, parcel.destination_point_id, parcel.last_point_id)


def service_name(sent: Parcel | FarmOrder) -> str:
    """The service it travels by, in the reader's language."""
    return fees.service_name(sent.service_code, clock.today())


def is_scanned(once: str) -> bool:
    """Was the scan with this mark taken already?"""
    return db.session.scalar(select(Scan.id).where(Scan.once == once)) is not None


def scan_of(parcel: Parcel, code: str) -> Scan:
    """One of the parcel's scans, or Missing."""
    found = next((scan for scan in parcel.scans if scan.code == code), None)
    if found is None:
        raise Missing()
    return found


def parcels_of(farm_order: FarmOrder) -> Sequence[Parcel]:
    """The parcels of a farm's order, cancelled ones left out, with their scans."""
    return list(
        db.session.scalars(
            select(Parcel)
            .where(Parcel.farm_order_id == farm_order.id, Parcel.state != P.CANCELLED)
            .options(selectinload(Parcel.scans))
            .order_by(Parcel.id)
        )
    )


# -- what anybody with the number may see -------------------------------------------------------------------------


@dataclass(frozen=True)
class TrackingEvent:
    """A point of a parcel's way: when, what, and at which counter of the post. Nothing of a person."""

    at: datetime
    kind: str
    title: Text
    place: str = ""

    @property
    def is_booking(self) -> bool:
        """Nobody has seen the parcel yet: its number was given out."""
        return self.kind == P.BOOKED.value


@dataclass(frozen=True)
class Tracking:
    """A parcel as anybody with its number sees it."""

    number: str
    state: ParcelState
    service: str
    events: Sequence[TrackingEvent]
    next: Text | str = ""
    """What comes now, where that is not plain."""

    @property
    def number_in_groups(self) -> str:
        return s10.grouped(self.number)

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def went_wrong(self) -> bool:
        """Did it end, or does it stand, otherwise than in its recipient's hands?"""
        return self.state in (P.FAILED, P.UNCLAIMED, P.RETURNING, P.RETURNED, P.LOST, P.DAMAGED, P.CANCELLED)


def tracking(number: str) -> Tracking:
    """The way of the parcel with this number, for its public page and the partner API; Missing when there is none."""
    parcel = parcel_by_tracking(number)
    return Tracking(
        number=parcel.tracking,
        state=parcel.state,
        service=service_name(parcel),
        events=_events_of(parcel),
        next=_what_comes(parcel),
    )


def _what_comes(parcel: Parcel) -> Text | str:
    if parcel.state is P.AT_POINT and parcel.last_point_id == parcel.destination_point_id:
        last = kept_until(parcel)
        return _("Bưu cục giữ tới hết %(day)s.", day=show.day(last)) if last else ""
    if parcel.state is P.FAILED:
        return _("Phát chưa được, lần %(count)s trên 3", count=parcel.failed_count)
    return COMES.get(parcel.state, "")


COMES: Mapping[ParcelState, Text] = {
    P.UNCLAIMED: _("Đã hết ngày giữ ở bưu cục: hàng sắp quay về nhà vườn."),
    P.RETURNING: _("Hàng đang quay về nhà vườn. Nhà vườn nhận lại rồi thì chợ tính lại tiền cho người mua."),
    P.LOST: _("Bưu điện làm mất bưu gửi này. Người mua không mất tiền; xem trang đơn hàng."),
    P.DAMAGED: _("Bưu gửi này bị hỏng trên đường. Người mua không mất tiền; xem trang đơn hàng."),
}


def tracking_events(number: str) -> Sequence[TrackingEvent]:
    """The same, its events only, oldest first."""
    return tracking(number).events


def _events_of(parcel: Parcel) -> list[TrackingEvent]:
    events: list[TrackingEvent] = []
    if parcel.booked_at is not None:
        events.append(TrackingEvent(parcel.booked_at, P.BOOKED.value, _("Nhà vườn đã đặt chuyển phát")))
    for scan in parcel.scans:
        if scan.counts:
            place = place_in_words(scan.service_point) if scan.service_point else ""
            events.append(TrackingEvent(scan.at, scan.kind.value, P(scan.kind.value).label, place))
    if parcel.state in (P.CANCELLED, P.UNCLAIMED, P.RETURNING):
        events += _without_scan(parcel, events)
    return sorted(events, key=lambda event: event.at)


def _without_scan(parcel: Parcel, events: Sequence[TrackingEvent]) -> list[TrackingEvent]:
    """What happened to it without anybody scanning: cancelled, left lying, sent back after the third attempt."""
    if any(event.kind == parcel.state.value for event in events):
        return []
    at = parcel.cancelled_at or max((event.at for event in events), default=parcel.created_at)
    return [TrackingEvent(at, parcel.state.value, parcel.state.label)]


def place_in_words(point: ServicePoint) -> str:
    """`Bưu cục Tân Cương, Thái Nguyên`."""
    province = places.province(point.province_code)
    return f"{point.name}, {province.name}" if province else point.name


def address_of_point(point: ServicePoint) -> str:
    """Where the counter is, as written on an envelope."""
    commune = places.commune(point.commune_code)
    return places.print_address(point.street, commune, point.postcode) if commune else point.street


# -- sharing a way ------------------------------------------------------------------------------------------------


def run_at(point: ServicePoint, code: str) -> PickupRun:
    """A trip of this point's postmen, or Missing."""
    found = db.session.scalars(
        select(PickupRun).where(PickupRun.code == code, PickupRun.service_point_id == point.id)
    ).one_or_none()
    if found is None:
        raise Missing()
    return found


def parcels_on(run: PickupRun) -> Sequence[Parcel]:
    """The parcels that ride on a trip, by farm."""
    found = db.session.scalars(
        select(Parcel).where(Parcel.run_id == run.id).options(selectinload(Parcel.farm_order))
    )
    return sorted(found, key=lambda parcel: (parcel.farm_order.farm.name, parcel.id))


def runs_of(point: ServicePoint, since: date) -> Sequence[PickupRun]:
    """The point's trips since a day, open ones first, then the latest."""
    found = db.session.scalars(
        select(PickupRun)
        .where(PickupRun.service_point_id == point.id, PickupRun.on_day >= since)
        .options(selectinload(PickupRun.shares))
        .order_by(PickupRun.on_day.desc(), PickupRun.id.desc())
    )
    return sorted(found, key=lambda run: run.state is not RunState.OPEN)


def open_runs(before: date) -> Sequence[int]:
    """Ids of the trips of days gone by that nobody closed."""
    return list(
        db.session.scalars(
            select(PickupRun.id)
            .where(PickupRun.state == RunState.OPEN, PickupRun.on_day < before)
            .order_by(PickupRun.id)
        )
    )


def share_of(farm_order: FarmOrder) -> RunShare | None:
    """What an order shared with its neighbours, once its trip is closed."""
    return db.session.scalars(select(RunShare).where(RunShare.farm_order_id == farm_order.id)).one_or_none()


def neighbours(farm_order: FarmOrder) -> int:
    """How many other farms of its commune wait for the same postmen, so would share the trip."""
    mine = select(Parcel.origin_point_id).where(Parcel.farm_order_id == farm_order.id)
    return int(
        db.session.scalar(
            select(func.count(func.distinct(FarmOrder.farm_id)))
            .join(Parcel, Parcel.farm_order_id == FarmOrder.id)
            .join(Farm, Farm.id == FarmOrder.farm_id)
            .where(
                Parcel.state.in_((P.ASKED, P.BOOKED)),
                Parcel.origin_point_id.in_(mine),
                FarmOrder.farm_id != farm_order.farm_id,
                Farm.commune_code == farm_order.farm.commune_code,
            )
        )
        or 0
    )


def collection_points(point: ServicePoint) -> Sequence[CollectionPoint]:
    """Where this point's postmen come for parcels of neighbours, by weekday."""
    return list(
        db.session.scalars(
            select(CollectionPoint)
            .where(CollectionPoint.service_point_id == point.id, CollectionPoint.ended_on.is_(None))
            .order_by(CollectionPoint.weekday, CollectionPoint.opens, CollectionPoint.id)
        )
    )


def is_in_time(farm_order: FarmOrder, day: date) -> bool:
    """Handed to the post on this day, can the goods still be there when the buyer was promised them?"""
    return clock.add_working_days(day, int(farm_order.quote.get("days_min", 1))) <= farm_order.promised_to


def collection_points_near(farm: Farm) -> Sequence[CollectionPoint]:
    """Where a farm may bring its parcels: the open places of its own commune, by weekday."""
    return list(
        db.session.scalars(
            select(CollectionPoint)
            .where(
                CollectionPoint.commune_code == (farm.commune_code or ""), CollectionPoint.ended_on.is_(None)
            )
            .order_by(CollectionPoint.weekday, CollectionPoint.opens, CollectionPoint.id)
        )
    )


# -- dated lists --------------------------------------------------------------------------------------------------


def remote_communes() -> Sequence[RemoteCommune]:
    """Every rule about a far commune, of whatever day, in the order in which they begin."""
    return list(
        db.session.scalars(select(RemoteCommune).order_by(RemoteCommune.valid_from, RemoteCommune.id))
    )


# -- a service point's day ----------------------------------------------------------------------------------------


def point_parcels(point_id: int, states: Collection[ParcelState] = OPEN) -> Sequence[Parcel]:
    """Parcels a service point has to do with (sent from it, going to it, last seen at it), oldest first."""
    return list(
        db.session.scalars(
            select(Parcel)
            .where(
                or_(
                    Parcel.origin_point_id == point_id,
                    Parcel.destination_point_id == point_id,
                    Parcel.last_point_id == point_id,
                ),
                Parcel.state.in_(states),
            )
            .options(selectinload(Parcel.farm_order))
            .order_by(Parcel.id)
        )
    )


def cod_taken_today(point_id: int) -> tuple[int, int]:
    """What the point took from recipients today: đồng, and from how many of them."""
    dong, count = db.session.execute(
        select(func.coalesce(func.sum(Parcel.cod_dong), 0), func.count(Parcel.id))
        .join(Scan, Scan.parcel_id == Parcel.id)
        .where(
            Scan.service_point_id == point_id,
            Scan.kind == ScanKind.DELIVERED,
            Scan.moved,
            Scan.at >= clock.start_of_day(clock.today()),
            Parcel.cod_dong > 0,
        )
    ).one()
    return int(dong), int(count)


SILENT_WORKING_DAYS = 3
"""Nobody saw it for so many working days: somebody asks."""
_MOVING = (P.DROPPED_OFF, P.PICKED_UP, P.IN_TRANSIT, P.OUT_FOR_DELIVERY, P.FAILED, P.RETURNING)


def silent_parcels(now: datetime, point_id: int | None = None) -> Sequence[Parcel]:
    """Parcels on their way that nobody has seen for days, of a point that has to do with them (none: of all)."""
    day = clock.local(now).date()
    for _step in range(SILENT_WORKING_DAYS):
        day -= timedelta(days=1)
        while not clock.is_working_day(day):
            day -= timedelta(days=1)
    last = select(func.max(Scan.at)).where(Scan.parcel_id == Parcel.id).scalar_subquery()
    asked = (
        select(Parcel).where(Parcel.state.in_(_MOVING), last < clock.start_of_day(day)).order_by(Parcel.id)
    )
    if point_id is not None:
        asked = asked.where(
            or_(
                Parcel.last_point_id == point_id,
                (Parcel.last_point_id.is_(None)) & (Parcel.origin_point_id == point_id),
            )
        )
    return list(db.session.scalars(asked.options(selectinload(Parcel.farm_order))))


def pickup_code(parcel: Parcel) -> str:
    """The six digits that stand for coming to fetch this parcel: told to its buyer alone, kept nowhere."""
    return f"{int(fingerprint(parcel.tracking, 'pickup')[:12], 16) % 1_000_000:06d}"


def kept_until(parcel: Parcel) -> date | None:
    """The last day the post keeps it at the counter where it lies, a day on which people can come; None while it does
    not lie there."""
    if parcel.at_point_at is None or parcel.state is not P.AT_POINT:
        return None
    arrived = clock.local(parcel.at_point_at).date()
    last = arrived + timedelta(days=fees.keeps_at_point_days(arrived))
    if parcel.last_point is None:
        return last
    return counters.first_day_open(parcel.last_point, last) or last


def to_be_fetched_soon(now: datetime) -> Sequence[int]:
    """Ids of the parcels that wait to be picked up, go back in a few days, and whose buyer was not reminded yet."""
    day = clock.local(now).date()
    since = now - timedelta(days=fees.keeps_at_point_days(day) - fees.reminds_days_before(day))
    return list(
        db.session.scalars(
            select(Parcel.id)
            .join(FarmOrder, FarmOrder.id == Parcel.farm_order_id)
            .join(Order, Order.id == FarmOrder.order_id)
            .where(
                Parcel.state == P.AT_POINT,
                Parcel.at_point_at < since,
                Parcel.reminded_at.is_(None),
                Order.pickup_point_id == Parcel.last_point_id,
            )
            .order_by(Parcel.id)
        )
    )


def waiting_too_long(now: datetime) -> Sequence[int]:
    """Ids of the parcels whose last day at a point (`kept_until`) is over."""
    day = clock.local(now).date()
    first_kept = clock.start_of_day(day - timedelta(days=fees.keeps_at_point_days(day)))
    waiting = db.session.scalars(
        select(Parcel).where(Parcel.state == P.AT_POINT, Parcel.at_point_at < first_kept).order_by(Parcel.id)
    )
    return [parcel.id for parcel in waiting if (last := kept_until(parcel)) is not None and last < day]
