"""How a new rule of answering comes in: a row from a day to come. Orders placed before keep theirs."""

from datetime import date

from marketplace.foundation import rules
from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.orders.models import AnswerRule

LONGEST_HOURS = 7 * 24
UNPAID_MINUTES = range(5, 3 * 24 * 60 + 1)


def adopt_answer_rule(
    *,
    first_reminder_hours: int,
    second_reminder_hours: int,
    point_calls_hours: int,
    cancel_hours: int,
    unpaid_minutes: int,
    valid_from: date,
    legal_basis: str,
    by: Actor,
) -> AnswerRule:
    """How long farms may take to answer and buyers to pay, from a day to come.

    Hours count from when the farm was asked: it is reminded, reminded again, the point calls, the order is called off.
    """
    steps = {
        "first_reminder_hours": first_reminder_hours,
        "second_reminder_hours": second_reminder_hours,
        "point_calls_hours": point_calls_hours,
        "cancel_hours": cancel_hours,
    }
    before = 0
    for field, hours in steps.items():
        if not before < hours <= LONGEST_HOURS:
            raise Refusal(
                _(
                    "Các mốc giờ phải tăng dần: nhắc, nhắc lại, bưu điện gọi, rồi mới hủy đơn (tối đa 7 ngày)."
                ),
                field,
            )
        before = hours
    if unpaid_minutes not in UNPAID_MINUTES:
        raise Refusal(_("Đơn chờ chuyển khoản từ 5 phút đến 3 ngày."), "unpaid_minutes")
    rule = AnswerRule(valid_from=valid_from, legal_basis=legal_basis, unpaid_minutes=unpaid_minutes, **steps)
    return rules.adopt(rule, by)
