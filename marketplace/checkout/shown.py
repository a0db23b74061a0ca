"""What the page of the till showed of a farm's part, brought back by its form, so that a refusal can say what changed.

It is compared with what holds now, and never believed: prices, freight and days come from the house alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from marketplace.foundation.money import dong
from marketplace.foundation.show import day
from marketplace.foundation.words import Text, _
from marketplace.shipping.port import Service

_SERVICE = re.compile(r"([0-9A-Za-z_-]{1,32})=([0-9]{1,15})=([0-9]{4}-[0-9]{2}-[0-9]{2})")
MOST_LETTERS = 2_000


@dataclass(frozen=True)
class Shown:
    """What the goods came to, and each service's freight and last day by its code."""

    goods_dong: int
    services: Mapping[str, tuple[int, date]]


def write(goods_dong: int, services: Iterable[Service]) -> str:
    """`480000 EMS=35000=2026-11-25 …`"""
    said = (f"{one.code}={one.fee_dong}={one.arrives_to.isoformat()}" for one in services)
    return " ".join([str(goods_dong), *said])


def read(typed: str) -> Shown | None:
    """None when it is nothing a page of ours wrote."""
    goods, _space, rest = typed[:MOST_LETTERS].partition(" ")
    if re.fullmatch(r"[0-9]{1,15}", goods) is None:
        return None
    try:
        services = {code: (int(fee), date.fromisoformat(last)) for code, fee, last in _SERVICE.findall(rest)}
    except ValueError:  # a day that never was
        return None
    return Shown(int(goods), services)


def changes(was: Shown, farm: str, goods_dong: int, chosen: Service) -> list[Text]:
    """What is otherwise now, one sentence each. That goods come sooner than was promised is no change."""
    found = []
    if goods_dong != was.goods_dong:
        found.append(
            _("Tiền hàng của %(farm)s nay là %(now)s (trang cũ: %(was)s).",
              farm=farm, now=dong(goods_dong), was=dong(was.goods_dong))
        )  # fmt: skip
    fee_dong, last_day = was.services.get(chosen.code, (chosen.fee_dong, chosen.arrives_to))
    if chosen.fee_dong != fee_dong:
        found.append(
            _("Cước gửi từ %(farm)s nay là %(now)s (trang cũ: %(was)s).",
              farm=farm, now=dong(chosen.fee_dong), was=dong(fee_dong))
        )  # fmt: skip
    if chosen.arrives_to > last_day:
        found.append(
            _("Hàng của %(farm)s nay tới %(now)s (trang cũ: %(was)s).",
              farm=farm, now=day(chosen.arrives_to), was=day(last_day))
        )  # fmt: skip
    return found
