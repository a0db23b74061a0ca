"""What a voucher takes off: pure sums, by largest remainder, apart by who bears it. Nothing is read or written."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.campaigns.models import Voucher, VoucherKind
from marketplace.foundation.money import percent, share_out

HALF_PER_10_000 = 5_000
"""No promotion takes more than half of the price of goods (Decree 81/2018/NĐ-CP, Art. 7)."""


@dataclass(frozen=True)
class Part:
    """One farm's part as the till has it: what each line comes to, and its freight."""

    farm_id: int
    line_dong: Sequence[int]
    shipping_dong: int

    @property
    def goods_dong(self) -> int:
        return sum(self.line_dong)


@dataclass(frozen=True)
class Share:
    """What one part gets: off each line, and off its freight."""

    line_dong: Sequence[int]
    freight_dong: int

    @property
    def total_dong(self) -> int:
        return sum(self.line_dong) + self.freight_dong


def in_scope(voucher: Voucher, parts: Sequence[Part]) -> list[Part]:
    """The parts a voucher speaks of: a farm's own, or all."""
    return [part for part in parts if voucher.farm_id is None or part.farm_id == voucher.farm_id]


def shares(voucher: Voucher, parts: Sequence[Part]) -> list[Share]:
    """What the voucher takes off each part, in their order. The shares add up to the discount to the đồng."""
    scope = [voucher.farm_id is None or part.farm_id == voucher.farm_id for part in parts]
    if voucher.kind is VoucherKind.FREIGHT:
        return _off_freight(voucher, parts, scope)
    weights = [
        dong if there else 0 for part, there in zip(parts, scope, strict=True) for dong in part.line_dong
    ]
    total = _off_goods(voucher, sum(weights))
    by_line = iter(share_out(total, weights) if sum(weights) else [0] * len(weights))
    return [Share([next(by_line) for _line in part.line_dong], 0) for part in parts]


def _off_goods(voucher: Voucher, goods_dong: int) -> int:
    half = percent(goods_dong, HALF_PER_10_000)
    if voucher.kind is VoucherKind.DONG:
        return min(voucher.amount_dong, half)
    most = voucher.most_dong if voucher.most_dong is not None else half
    return min(percent(goods_dong, voucher.per_10_000), most, half)


def _off_freight(voucher: Voucher, parts: Sequence[Part], scope: Sequence[bool]) -> list[Share]:
    freight = [part.shipping_dong if there else 0 for part, there in zip(parts, scope, strict=True)]
    if voucher.farm_id is not None:
        # A farm never gives away more than half of what it sells.
        freight = [min(dong, part.goods_dong // 2) for dong, part in zip(freight, parts, strict=True)]
    total = min(voucher.amount_dong, sum(freight))
    given = share_out(total, freight) if sum(freight) else [0] * len(freight)
    return [Share([0] * len(part.line_dong), dong) for part, dong in zip(parts, given, strict=True)]
