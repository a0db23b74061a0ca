"""Where the clerk stands: at one of the points they hold."""

from flask import session

from marketplace.desks import counter
from marketplace.foundation.access import person
from marketplace.foundation.refusal import Forbidden
from marketplace.foundation.words import _
from marketplace.places.models import ServicePoint
from marketplace.shipping.models import Parcel, ScanKind

NO_POINT = _(
    "Bạn chưa được phân về bưu cục nào. Quản trị phân điểm cho bạn ở trang Người dùng, mục Điểm phục vụ."
)


def chosen() -> ServicePoint | None:
    """The point the clerk stands at: the only one they hold, or the one they chose."""
    points = counter.points_of(person())
    if len(points) == 1:
        return points[0]
    return next((point for point in points if point.code == session.get("post_point")), None)


def point(parcel: Parcel | None = None, kind: ScanKind | None = None) -> ServicePoint:
    """The same; a clerk of several who did not choose stands where the parcel is."""
    points = counter.points_of(person())
    if not points:
        raise Forbidden(NO_POINT)
    here = chosen()
    if here is not None:
        return here
    return counter.point_for(points, parcel, kind) if parcel is not None else points[0]


def stood_at(code: str) -> ServicePoint | None:
    """The counter a scan was made at, while this clerk still works there."""
    return next((one for one in counter.points_of(person()) if one.code == code), None)
