"""What it costs to carry papers of the market's own: by the tariff of the day, for the lightest letter it takes."""

from marketplace.catalog.models import Handling
from marketplace.foundation import clock
from marketplace.places import queries as places
from marketplace.places.models import ServicePoint
from marketplace.shipping import fees, port
from marketplace.shipping.port import Goods, Place, QuoteRequest

SIDES_MM = (330, 240, 20)
"""A stiff envelope of A4."""


def of_papers(point: ServicePoint, commune_code: str, grams: int) -> int | None:
    """The cheapest way from a counter to a commune, VAT included, in đồng; None without a tariff, or where it does not
    reach."""
    commune = places.commune(commune_code)
    if commune is None or fees.tariff_on(clock.today()) is None:
        return None
    asked = QuoteRequest(
        origin=Place(point.province_code, point.commune_code),
        destination=Place(commune.province_code, commune.code),
        parcels=[Goods(grams, *SIDES_MM)],
        value_dong=0,
        is_cod=False,
        handling=frozenset({Handling.DRY.value}),
        at=clock.now(),
        ready_on=clock.today(),
    )
    return min((service.fee_dong for service in port.tariff().quote(asked).services), default=None)
