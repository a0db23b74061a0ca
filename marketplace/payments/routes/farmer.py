"""The farmer's money: what comes, what is held and why, what was paid."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request

from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation import clock, sheets
from marketplace.foundation.access import person
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page
from marketplace.foundation.words import _
from marketplace.payments import queries

bp = Blueprint("payments_farmer", __name__)

KIND_WORDS = {
    "delivered": _("Tiền hàng đã giao"),
    "payout": _("Chợ trả"),
    "payout_bounced": _("Ngân hàng trả lại"),
    "farm_charged": _("Bạn nợ chợ"),
    "compensated": _("Hoàn tiền cho khách"),
    "compensation_withdrawn": _("Rút lại khoản hoàn cho khách"),
    "loss_made_good": _("Bưu điện bồi thường"),
}


@bp.get("")
def money() -> tuple[str, int]:
    farm = farmers.my_farm(person())
    return page(
        "payments/farmer/money.html",
        farm=farm,
        money=queries.farm_money(farm) if farm is not None else None,
        bank=farmers.bank_of(farm) if farm is not None else None,
        months=_months(),
        cash_code=queries.cash_code,
    )


@bp.get("/statement.csv")
def statement() -> Response:
    """The account of a month as a sheet; a month is `2026-11`."""
    farm = _farm()
    first, last = _month(request.args.get("month", ""))
    rows: list[list[Any]] = [
        [_("Ngày giờ"), _("Việc"), _("Đơn"), _("Số tiền (đồng)"), _("Còn lại (đồng)"), _("Ghi chú")]
    ]
    rows += [
        [
            clock.local(line.at).strftime("%d/%m/%Y %H:%M"),
            KIND_WORDS.get(line.kind, line.kind),
            line.order_code,
            line.amount_dong,
            line.balance_dong,
            line.note,
        ]
        for line in queries.statement(farm, first, last)
    ]
    return Response(
        sheets.as_csv(rows),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="sao-ke-{farm.code}-{first:%Y-%m}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _farm() -> Farm:
    farm = farmers.my_farm(person())
    if farm is None:
        raise Missing()
    return farm


def _month(typed: str) -> tuple[date, date]:
    today = clock.today()
    try:
        year, month = (int(part) for part in typed.split("-"))
        first = date(year, month, 1)
    except ValueError:
        first = today.replace(day=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first, following - timedelta(days=1)


def _months() -> list[date]:
    """The last six months, this one first."""
    first = clock.today().replace(day=1)
    months = [first]
    while len(months) < 6:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
