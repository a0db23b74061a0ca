"""What the post makes good of goods it lost or broke, by the dated rule: the declared value, else so many times the
freight or so much a kilogram, whichever is more. The rest is the market's or the farm's. While the rule is switched
off nothing is asked of the post."""

from dataclasses import dataclass

from marketplace.foundation import clock
from marketplace.foundation.money import percent
from marketplace.foundation.rules import rule_on
from marketplace.foundation.words import _
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.shipping import queries
from marketplace.shipping.models import CompensationRule, ParcelState

LOST = frozenset({ParcelState.LOST, ParcelState.DAMAGED})


@dataclass(frozen=True)
class Share:
    """Who bears a sum the post lost, in đồng; `basis` is the rule's."""

    carrier_dong: int
    market_dong: int = 0
    farm_dong: int = 0
    basis: str = ""

    @property
    def made_good_dong(self) -> int:
        """What the farm is paid of it."""
        return self.carrier_dong + self.market_dong


def share(farm_order: FarmOrder, amount_dong: int, borne_dong: int = 0) -> Share:
    """How a loss of so much is borne, by the rule of the day it is reckoned; `borne_dong` of it the post bears already.
    Without a rule the post bears it all."""
    rule = rule_on(CompensationRule, clock.today())
    if rule is None:
        return Share(amount_dong)
    carrier = 0 if rule.is_off else min(amount_dong, max(0, _most(farm_order, rule) - borne_dong))
    rest, basis = amount_dong - carrier, _basis(rule)
    if rule.rest_by == "farm":
        return Share(carrier, farm_dong=rest, basis=basis)
    return Share(carrier, market_dong=rest, basis=basis)


def _basis(rule: CompensationRule) -> str:
    """The rule's basis, with what is in doubt about it: it stands in the ledger beside the sum."""
    doubts = [_("đang tắt")] if rule.is_off else []
    doubts += [] if rule.is_confirmed else [_("chưa xác nhận")]
    return f"{rule.legal_basis} ({', '.join(map(str, doubts))})" if doubts else rule.legal_basis


def _most(farm_order: FarmOrder, rule: CompensationRule) -> int:
    """The most the post owes for this order's parcels that it lost or broke; for all of them while none is known."""
    parcels = queries.parcels_of(farm_order)
    grams = sum(one.grams_now for one in parcels if one.state in LOST) or sum(
        one.grams_now for one in parcels
    )
    if is_declared(farm_order):
        return percent(farm_order.goods_dong, rule.declared_per_10_000)
    by_freight = rule.freight_times * farm_order.shipping_dong - _freight_given_back(farm_order, rule)
    return max(by_freight, rule.per_kg_dong * grams // 1000)


def _freight_given_back(farm_order: FarmOrder, rule: CompensationRule) -> int:
    """What counts towards it already: a buyer whose goods are all lost gets the freight back, and the post none."""
    is_back = rule.is_freight_within and farm_order.state is FarmOrderState.LOST
    return farm_order.shipping_dong if is_back else 0


def is_declared(farm_order: FarmOrder) -> bool:
    """Did the buyer's freight include declaring the goods' value?"""
    return any(part.get("code") == "declared" for part in farm_order.quote.get("parts", ()))
