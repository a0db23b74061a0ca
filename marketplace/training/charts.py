"""What boards and results draw: a funnel, bars beside their table. Plain SVG, no script, no other host."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.foundation.words import Text, _
from marketplace.training.outcomes import Results
from marketplace.training.queries import Progress
from marketplace.training.steps import STEPS


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, how many of how many, and its length in hundredths."""

    name: str | Text
    count: int
    of: int
    percent: int


def bars(rows: Sequence[tuple[str | Text, int, int]]) -> list[Bar]:
    """Bars as long as their share of the whole they stand for."""
    return [Bar(name, count, of, round(100 * count / of) if of else 0) for name, count, of in rows]


def funnel(rows: Sequence[Progress]) -> list[Bar]:
    """How many of the class have come to each step. Who came further has come here too."""
    seen = [one for one in rows if one.is_seen]
    order = [step.key for step in STEPS]
    furthest = [max((order.index(key) for key in one.reached), default=-1) for one in seen]
    return bars([(step.done, sum(at >= i for at in furthest), len(seen)) for i, step in enumerate(STEPS)])


RESULT_HEADS = (
    _("Nhóm"),
    _("Số lớp"),
    _("Học viên"),
    _("Có mặt"),
    _("Gian hàng được duyệt"),
    _("Đã đăng hàng"),
    _("Đã giao đơn đầu"),
    _("Bán được trong 30 ngày"),
    _("Bán được trong 90 ngày"),
    _("Số món đã đăng"),
    _("Số đơn đã giao"),
    _("Tiền hàng (đồng)"),
)


def result_cells(row: Results) -> list[str | int]:
    """A row of results as cells, in the order of RESULT_HEADS."""
    return [
        row.name, row.classes, row.learners, row.attended, row.steps.get("approved", 0), row.steps.get("listing", 0),
        row.steps.get("delivered", 0), row.active_30, row.active_90, row.listings, row.orders, row.value_dong,
    ]  # fmt: skip
