"""Ways to send goods the buyer fetches at a counter: what arrives while it is shut waits for it, so the day promised is
one on which people can come, and goods that do not keep so long go another way."""

from collections.abc import Sequence
from dataclasses import replace

from marketplace.catalog.models import Variant
from marketplace.foundation.show import day
from marketplace.foundation.words import _
from marketplace.places import counters
from marketplace.places.models import ServicePoint
from marketplace.shipping import quotes
from marketplace.shipping.port import Quotes, RefusedService, Service


def at_counter(found: Quotes, point: ServicePoint, lines: Sequence[tuple[Variant, int]]) -> Quotes:
    """The answers for a farm's goods, with the days on which they can be fetched at this counter."""
    if not found.services:
        return found
    keeps = quotes.keeps_for(lines, found.services[0].ready_on)
    seen = [_fetched(service, point, keeps) for service in found.services]
    services = [one for one in seen if isinstance(one, Service)]
    refused = [one for one in seen if isinstance(one, RefusedService)]
    return Quotes(services, [*refused, *found.refused])


def _fetched(service: Service, point: ServicePoint, keeps: int | None) -> Service | RefusedService:
    first = counters.first_day_open(point, service.arrives_from)
    last = counters.first_day_open(point, service.arrives_to)
    if first is None or last is None:
        shut = _("%(point)s chưa có ngày mở lại. Hãy chọn bưu cục khác.", point=point.name)
        return RefusedService(service.code, service.name, shut)
    if keeps is not None and last > service.arrives_to and (last - service.ready_on).days > keeps:
        late = _(
            "Tới nơi lúc %(point)s đóng cửa, %(day)s mới lấy được: quá hạn giữ của hàng (%(within)s ngày).",
            point=point.name,
            day=day(last),
            within=keeps,
        )
        return RefusedService(service.code, service.name, late)
    return replace(service, arrives_from=first, arrives_to=last)
