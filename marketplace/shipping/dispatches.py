"""Parcels that carry no sale: a dossier's result to its applicant, goods a claim sends back to their farm. No cash is
taken at the door; a result is handed out to whoever shows their paper, and its last scan returns the dossier."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from marketplace.accounts import queries as accounts
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.events import DossierResultByPost, DossierResultKept
from marketplace.dossiers.models import Dossier
from marketplace.farmers import queries as farmers
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.events import publish
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.orders import service as orders
from marketplace.orders import telling
from marketplace.orders.models import FarmOrder
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import booking, postage, queries, s10, way
from marketplace.shipping.dispatch_models import Dispatch, DispatchPurpose, DispatchScan
from marketplace.shipping.events import GoodsSentBack, ResultPosted
from marketplace.shipping.models import ENDED, SCANS_LEAD, ParcelState, ScanKind

K, P = ScanKind, ParcelState
RESULT_GRAMS = 100
"""A few sheets in a stiff envelope."""
REGISTERED, PARCEL = "RA", "CA"
"""UPU S10: results travel as registered letters, goods as parcels."""


# -- how they come into being -------------------------------------------------------------------------------------


def when_result_by_post(event: DossierResultByPost) -> None:
    """A dossier is decided and its result is wanted at home: its parcel waits at the counter that handled it. Said
    again (another address) the one that has not left is written anew; Conflict when it has."""
    dossier = db.session.get_one(Dossier, event.dossier_id)
    if known := _still_here(dossier):
        known.recipient_address = dossier.return_address
        known.fee_dong = _postage(dossier)
        return
    person, point = dossier.applicant, dossier.point
    made = Dispatch(
        tracking=booking.number_of(REGISTERED),
        purpose=DispatchPurpose.RESULT,
        dossier_id=dossier.id,
        weight_grams=RESULT_GRAMS,
        fee_dong=_postage(dossier),
        sender_name=point.name if point is not None else str(_("Chợ Quê, bộ phận một cửa")),
        sender_address=queries.address_of_point(point) if point is not None else "",
        recipient_name=person.name,
        recipient_phone=person.phone or "",
        recipient_address=dossier.return_address,
        origin_point_id=point.id if point is not None else None,
        state=P.ASKED,
    )
    db.session.add(made)
    db.session.flush()
    states.move(made, P.BOOKED, SYSTEM)
    dossiers.note_number(dossier, made.tracking, SYSTEM)
    _tell_applicant(made, "shipping/result_sent")


def when_result_kept(event: DossierResultKept) -> None:
    """The result stays, or is fetched: its parcel is called off; Conflict when it has left."""
    dossier = db.session.get_one(Dossier, event.dossier_id)
    if known := _still_here(dossier):
        states.move(known, P.CANCELLED, SYSTEM, why="the result is not to go by post")
        dossiers.note_number(dossier, None, SYSTEM)


def _still_here(dossier: Dossier) -> Dispatch | None:
    """The parcel of its result that waits at the counter."""
    known = db.session.scalars(
        select(Dispatch).where(Dispatch.dossier_id == dossier.id, Dispatch.state.not_in(ENDED))
    ).one_or_none()
    if known is not None and known.state is not P.BOOKED:
        raise Conflict(
            _(
                "Kết quả đang trên đường tới người nộp, mã %(number)s. Khi bưu điện phát xong hoặc chuyển hoàn mới "
                "đổi được.",
                number=known.number_in_groups,
            )
        )
    return known


def _postage(dossier: Dossier) -> int | None:
    point = dossier.point
    if point is None:
        return None
    return postage.of_papers(point, dossier.return_commune_code or point.commune_code, RESULT_GRAMS)


def send_back(farm_order: FarmOrder, by: Actor) -> Dispatch:
    """A decision says that the buyer sends the goods back first: their parcel to the farm gets its number, which the
    buyer says at any counter. Asked twice it is one."""
    known = db.session.scalars(select(Dispatch).where(Dispatch.farm_order_id == farm_order.id)).one_or_none()
    if known is not None:
        return known
    order, farm = farm_order.order, farm_order.farm
    commune = places.commune(order.commune_code)
    origin = places.service_point_for(order.commune_code)
    made = Dispatch(
        tracking=booking.number_of(PARCEL),
        purpose=DispatchPurpose.RETURN,
        farm_order_id=farm_order.id,
        weight_grams=max(1, sum(one.grams_now for one in queries.parcels_of(farm_order))),
        sender_name=order.name,
        sender_phone=order.phone,
        sender_address=places.print_address(order.street, commune) if commune else order.street,
        recipient_name=farm.name,
        recipient_phone=farm.phone or "",
        recipient_address=farmers.address_of(farm),
        origin_point_id=origin.id if origin is not None else None,
        state=P.ASKED,
    )
    db.session.add(made)
    db.session.flush()
    states.move(made, P.BOOKED, by)
    notifications.send(
        orders.buyer_recipient(order),
        "shipping/send_back",
        path=f"/tracking/{made.tracking}",
        code=order.code,
        farm=farm.name,
        number=made.number_in_groups,
        point=origin.name if origin is not None else "",
    )
    return made


# -- what can be seen ---------------------------------------------------------------------------------------------


def find(typed: str) -> Dispatch | None:
    """The one with this number, as scanned or typed with spaces; also by the code written by hand."""
    number = s10.tidy(typed)
    return db.session.scalars(
        select(Dispatch).where((Dispatch.tracking == number) | (Dispatch.code == number))
    ).one_or_none()


def get(typed: str) -> Dispatch:
    """The same, or Missing."""
    found = find(typed)
    if found is None:
        raise Missing(queries.NO_SUCH_PARCEL)
    return found


def at_point(point: ServicePoint) -> Sequence[Dispatch]:
    """What a point has to do with and is not ended, oldest first."""
    return list(
        db.session.scalars(
            select(Dispatch)
            .where(
                or_(Dispatch.origin_point_id == point.id, Dispatch.last_point_id == point.id),
                Dispatch.state.not_in((P.DELIVERED, P.RETURNED, P.LOST, P.DAMAGED, P.CANCELLED)),
            )
            .order_by(Dispatch.id)
        )
    )


def tracking(number: str) -> queries.Tracking:
    """Its way, for its public page; Missing when there is none. Nothing of a person."""
    found = get(number)
    return queries.Tracking(
        number=found.tracking,
        state=found.state,
        service=str(found.purpose_in_words),
        events=[
            queries.TrackingEvent(found.created_at, P.BOOKED.value, P.BOOKED.label),
            *(
                queries.TrackingEvent(
                    scan.at,
                    scan.kind.value,
                    ParcelState(scan.kind.value).label,
                    queries.place_in_words(scan.service_point) if scan.service_point else "",
                )
                for scan in found.scans
                if scan.moved
            ),
        ],
    )


def of_dossier(dossier: Dossier) -> Dispatch | None:
    """The last that carried its result, or is to."""
    return db.session.scalar(
        select(Dispatch).where(Dispatch.dossier_id == dossier.id).order_by(Dispatch.id.desc()).limit(1)
    )


def of_farm_order(farm_order: FarmOrder) -> Dispatch | None:
    return db.session.scalars(select(Dispatch).where(Dispatch.farm_order_id == farm_order.id)).one_or_none()


USUAL = {
    P.BOOKED: K.DROPPED_OFF,
    P.PICKED_UP: K.DROPPED_OFF,
    P.DROPPED_OFF: K.IN_TRANSIT,
    P.IN_TRANSIT: K.AT_POINT,
    P.AT_POINT: K.OUT_FOR_DELIVERY,
    P.OUT_FOR_DELIVERY: K.DELIVERED,
    P.FAILED: K.OUT_FOR_DELIVERY,
    P.RETURNING: K.RETURNED,
}
"""The next step a clerk usually takes with it."""


def asks_who(found: Dispatch, kind: ScanKind) -> bool:
    """Is the recipient's paper looked at first?"""
    return kind is K.DELIVERED and found.purpose is DispatchPurpose.RESULT


def is_scanned(once: str) -> bool:
    """Was the scan with this mark taken already?"""
    return db.session.scalar(select(DispatchScan.id).where(DispatchScan.once == once)) is not None


# -- its way ------------------------------------------------------------------------------------------------------


def record(
    tracking: str, kind: ScanKind, by: Actor, point: ServicePoint | None = None, at: datetime | None = None,
    note: str = "", once: str | None = None,
) -> DispatchScan:  # fmt: skip
    """Somebody saw it. A clerk's scan that does not fit is refused and not kept; a machine's is put where it belongs in
    time. Handing out a result over a counter goes through `hand_out`."""
    (found,) = claim(Dispatch, [get(tracking).id])
    db.session.refresh(found, ["scans"])
    if by.kind == "person" and kind is K.DELIVERED and found.purpose is DispatchPurpose.RESULT and not note:
        raise Refusal(_("Kết quả hồ sơ chỉ giao tận tay: hãy xem giấy tờ của người nhận."), field="proof")
    at = min(at or clock.now(), clock.now())
    to = ParcelState(kind.value)
    if by.kind == "person":
        if to not in SCANS_LEAD.get(found.state, frozenset()) and not way.was_missed(found.state, to):
            raise Conflict(
                _(
                    "Bưu gửi %(number)s đang ở bước “%(state)s”, không ghi “%(to)s” được.",
                    number=found.number_in_groups,
                    state=found.state.label,
                    to=to.label,
                )
            )
        steps: Sequence[ParcelState] = [to]
    else:
        seen = [(scan.at, scan.kind) for scan in found.scans]
        if (at, kind) in seen:
            return next(scan for scan in found.scans if (scan.at, scan.kind) == (at, kind))
        steps = way.steps(found.state, way.read([*seen, (at, kind)])[0])
    scan = DispatchScan(
        dispatch=found,
        kind=kind,
        at=at,
        service_point_id=point.id if point is not None else None,
        person_id=by.person_id,
        note=note,
        moved=bool(steps),
        once=once,
    )
    db.session.add(scan)
    was_with_the_post = found.state is not P.BOOKED
    for step in steps:
        _move(found, step, by)
    if found.state is not P.BOOKED and not was_with_the_post and found.fee_dong:
        publish(ResultPosted(found.id))
    if point is not None:
        found.last_point_id = point.id
    audit.record(by, f"dispatch.scan.{kind.value}", found, point=point.code if point else None)
    return scan


def _move(found: Dispatch, to: ParcelState, by: Actor) -> None:
    if to not in SCANS_LEAD.get(found.state, frozenset()):
        states.move(found, P.PICKED_UP, by, why="first scan missed")
    states.move(found, to, by)
    if to is P.FAILED:
        found.failed_count += 1
        if found.failed_count >= way.MAX_FAILED:
            states.move(found, P.RETURNING, by, why="third failed attempt")
        elif found.purpose is DispatchPurpose.RESULT:
            _tell_applicant(found, "shipping/result_failed", left=way.MAX_FAILED - found.failed_count)
    if to is P.DELIVERED:
        _arrived(found, by)
    elif to is P.RETURNED and found.purpose is DispatchPurpose.RESULT:
        _tell_applicant(found, "shipping/result_back")


def _arrived(found: Dispatch, by: Actor) -> None:
    if found.dossier is not None:
        dossiers.return_result(found.dossier, by, to=f"{found.recipient_name} · {found.tracking}")
    if found.farm_order is not None:
        publish(GoodsSentBack(found.farm_order.id))
        telling.tell_farm(found.farm_order, "shipping/goods_back", number=found.number_in_groups)


def hand_out(tracking: str, last_digits: str, by: Actor, point: ServicePoint) -> DispatchScan:
    """The applicant, or whoever they sent, shows an identity paper: its last four digits are written down, and the
    result is theirs."""
    digits = last_digits.strip()
    if len(digits) != 4 or not digits.isdigit():
        raise Refusal(_("Hãy xem căn cước của người nhận và ghi 4 số cuối."), field="proof")
    return record(tracking, K.DELIVERED, by, point, note=f"{_('Đã xem căn cước, 4 số cuối')} {digits}")


def _tell_applicant(found: Dispatch, template: str, **facts: Any) -> None:
    assert found.dossier is not None
    notifications.send(
        accounts.recipient_of(found.dossier.applicant),
        template,
        path=f"/tracking/{found.tracking}",
        code=found.dossier.code,
        number=found.number_in_groups,
        address=found.recipient_address,
        point=found.origin_point.name if found.origin_point else "",
        **facts,
    )
