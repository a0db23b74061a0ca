"""What can be seen of parcels and their way."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder
from marketplace.shipping import s10
from marketplace.shipping.models import Parcel, ParcelState, Scan

OPEN = frozenset(ParcelState) - {
    ParcelState.DELIVERED,
    ParcelState.RETURNED,
    ParcelState.LOST,
    ParcelState.CANCELLED,
}
"""States in which somebody still has to do something with the parcel."""


def parcel_by_tracking(typed: str) -> Parcel:
    """The parcel with this number, as scanned or typed with spaces; also by the code written by hand."""
    number = s10.tidy(typed)
    found = db.session.scalars(
        select(Parcel)
        .where((Parcel.tracking == number) | (Parcel.code == number))
        .options(selectinload(Parcel.scans), selectinload(Parcel.farm_order))
    ).one_or_none()
    if found is None:
        raise Missing(_("Không có bưu gửi mang mã này. Hãy xem lại mã trên nhãn."))
    return found


def find_parcel(typed: str) -> Parcel | None:
    try:
        return parcel_by_tracking(typed)
    except Missing:
        return None


def parcels_of(farm_order: FarmOrder) -> Sequence[Parcel]:
    """The parcels of a farm's order, cancelled ones left out, with their scans."""
    return list(
        db.session.scalars(
            select(Parcel)
            .where(Parcel.farm_order_id == farm_order.id, Parcel.state != ParcelState.CANCELLED)
            .options(selectinload(Parcel.scans))
            .order_by(Parcel.id)
        )
    )


def point_parcels(point_id: int, states: Collection[ParcelState] = OPEN) -> Sequence[Parcel]:
    """Parcels a service point has to do with: sent from it or to be handed out at it, oldest first."""
    return list(
        db.session.scalars(
            select(Parcel)
            .where(
                (Parcel.origin_point_id == point_id) | (Parcel.destination_point_id == point_id),
                Parcel.state.in_(states),
            )
            .options(selectinload(Parcel.farm_order).selectinload(FarmOrder.lines))
            .order_by(Parcel.id)
        )
    )


def scans_at(point_id: int, limit: int = 20) -> Sequence[Scan]:
    """The last scans made at a service point, newest first."""
    return list(
        db.session.scalars(
            select(Scan)
            .where(Scan.service_point_id == point_id)
            .options(selectinload(Scan.parcel))
            .order_by(Scan.id.desc())
            .limit(limit)
        )
    )
