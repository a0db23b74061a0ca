"""What people looked for in the demo market, so that the association's desk has something to show."""

from datetime import timedelta

from marketplace.foundation import clock
from marketplace.foundation.db import transaction
from marketplace.search import searched
from marketplace.search.vietnamese import fold

SEARCHED = (
    ("chè tân cương", "01", 64, 0, 41), ("mật ong u minh", "79", 52, 0, 33), ("tôm khô rạch gốc", "79", 47, 0, 29),
    ("sầu riêng musang king", "79", 38, 38, 0), ("sâm ngọc linh", "01", 21, 21, 0), ("dâu tây", "31", 18, 18, 0),
    ("cua cà mau", "01", 33, 0, 18), ("nhót chua", "25", 12, 12, 0), ("vải thiều", "46", 26, 0, 15),
)  # fmt: skip


def searches() -> None:
    """Of this week and the last."""
    this_week = searched.week_of(clock.today())
    with transaction():
        for week, part in ((this_week, 1), (this_week - timedelta(weeks=1), 2)):
            searched.write(
                {
                    searched.Key(week, province, fold(words)): searched.Count(
                        words, asked // part, nothing // part, led // part
                    )
                    for words, province, asked, nothing, led in SEARCHED
                }
            )
