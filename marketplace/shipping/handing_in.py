"""A parcel handed in at another counter than it was to be brought to. Where the dated rule lets it be taken, its way
begins there and farm and buyer are told; else one sentence says where to bring it."""

from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import _
from marketplace.orders import telling
from marketplace.orders.models import FarmOrder
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping.models import ONLY_THERE, HandInRule, Parcel


def chosen_for(parcel: Parcel) -> int | None:
    """The counter it is to be handed in at: whose postmen come to the place the farm chose, else its commune's."""
    if parcel.collection_point is not None:
        return parcel.collection_point.service_point_id
    return parcel.origin_point_id


def check(parcel: Parcel, point: ServicePoint) -> None:
    """May this counter take it in? Freight is reckoned from the farm's province, so another province's never may; the
    rule of the day says whether any counter of the province may. Raises Conflict."""
    chosen = chosen_for(parcel)
    if chosen is None or chosen == point.id:
        return
    there = db.session.get_one(ServicePoint, chosen)
    rule = rule_on(HandInRule, clock.today())
    from_province = parcel.farm_order.farm.province_code
    if point.province_code != from_province:
        raise Conflict(
            _(
                "Cước gói %(number)s tính từ %(province)s nên không nhận ở đây được. Hãy gửi tại %(point)s.",
                number=parcel.number_in_groups,
                province=_name_of(from_province),
                point=there.name,
            )
        )
    if rule is not None and rule.within == ONLY_THERE:
        raise Conflict(
            _(
                "Gói %(number)s phải gửi tại %(point)s như đã chọn. Hãy mang tới đó hoặc chờ bưu tá tới lấy.",
                number=parcel.number_in_groups,
                point=there.name,
            )
        )


def _name_of(province_code: str | None) -> str:
    province = places.province(province_code or "")
    return province.name if province else ""


def begin_at(parcel: Parcel, farm_order: FarmOrder, point: ServicePoint, by: Actor) -> None:
    """It was taken in here: its way begins here, and here it would come back to. Both sides are told when this is not
    the counter that was chosen."""
    chosen = chosen_for(parcel)
    if parcel.origin_point_id == point.id and chosen == point.id:
        return
    parcel.origin_point_id = point.id
    if chosen is None or chosen == point.id:
        return
    before = db.session.get_one(ServicePoint, chosen)
    parcel.collection_point_id = parcel.collect_on = None
    audit.record(by, "parcel.handed_in_elsewhere", parcel, before=before.code, point=point.code)
    facts = {"number": parcel.number_in_groups, "before": before.name, "point": point.name}
    telling.tell_farm(farm_order, "shipping/handed_in_elsewhere_farm", **facts)
    telling.tell_buyer(
        farm_order.order,
        "shipping/handed_in_elsewhere",
        farm=farm_order.farm.name,
        day=farm_order.promised_to.strftime("%d/%m/%Y"),
        **facts,
    )
