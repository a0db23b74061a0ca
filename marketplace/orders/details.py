"""What a checkout hands over when an order is placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from marketplace.orders.models import IfShort


@dataclass(frozen=True)
class LineDetails:
    """So many of a pack, at the price the buyer saw."""

    variant_id: int
    quantity: int
    unit_price_dong: int
    farm_discount_dong: int = 0
    market_discount_dong: int = 0


@dataclass(frozen=True)
class PartDetails:
    """One farm's part: its lines and the delivery the buyer chose, as it was quoted."""

    farm_id: int
    lines: Sequence[LineDetails]
    service_code: str
    service_name: str
    shipping_dong: int
    cod_fee_dong: int
    promised_from: date
    promised_to: date
    quote: Mapping[str, Any] = field(default_factory=dict)
    farm_freight_discount_dong: int = 0
    market_freight_discount_dong: int = 0

    @property
    def goods_dong(self) -> int:
        return sum(line.quantity * line.unit_price_dong for line in self.lines)

    @property
    def discount_dong(self) -> int:
        on_goods = sum(line.farm_discount_dong + line.market_discount_dong for line in self.lines)
        return on_goods + self.farm_freight_discount_dong + self.market_freight_discount_dong

    @property
    def total_dong(self) -> int:
        return self.goods_dong + self.shipping_dong + self.cod_fee_dong - self.discount_dong


@dataclass(frozen=True)
class PlaceDetails:
    """Who buys, where it goes, how it is paid (`cod`, `vietqr`), and the token that makes it count once.

    `confirm_by`: somebody the market does not know yet pays at the door, and gives their word until then. `helper_id`:
    a clerk orders for somebody who telephoned and said yes with a code. `is_once_new`: the caller looked in this deed
    and found no order of this token."""

    once: str
    buyer_id: int | None
    name: str
    phone: str
    province_code: str
    commune_code: str
    street: str
    payment_method: str
    note: str = ""
    language: str = "vi"
    if_short: IfShort = IfShort.CALL
    voucher_code: str | None = None
    voucher_least_dong: int = 0
    confirm_by: datetime | None = None
    helper_id: int | None = None
    pickup_point_id: int | None = None
    is_once_new: bool = False
