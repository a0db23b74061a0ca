"""The farmer's money: what comes, what is held and why, what was paid."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request

from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmRight
from marketplace.foundation import clock, sheets
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page
from marketplace.foundation.words import _
from marketplace.payments import queries, service
from marketplace.payments.models import Document
from marketplace.places import counters
from marketplace.places import queries as places
from marketplace.places.counters import Going

bp = Blueprint("payments_farmer", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.MONEY))

KIND_WORDS = {
    "delivered": _("Tiền hàng đã giao"),
    "payout": _("Chợ trả"),
    "payout_bounced": _("Ngân hàng trả lại"),
    "farm_charged": _("Bạn nợ chợ"),
    "debt_paid_in": _("Bạn trả khoản nợ chợ"),
    "debt_written_off": _("Chợ xóa khoản nợ của bạn"),
    "carried_in_vain": _("Cước hàng khách không nhận"),
    "carried_back": _("Cước hàng khách không nhận"),
    "compensated": _("Hoàn tiền cho khách"),
    "compensation_withdrawn": _("Rút lại khoản hoàn cho khách"),
    "tax_returned": _("Thuế trả lại theo khoản hoàn"),
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
        slips=queries.slips_of(farm) if farm is not None else [],
        this_year=clock.today().year,
        counter=_counter_of(farm),
    )


def _counter_of(farm: Farm | None) -> Going | None:
    """The counter of the farm's commune today, for money that waits there."""
    point = places.service_point_for(farm.commune_code) if farm is not None and farm.commune_code else None
    return counters.going_to(point) if point is not None else None


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


@bp.get("/statement.pdf")
def statement_paper() -> Response:
    """A month that is over, as a numbered paper."""
    first, last = _month(request.args.get("month", ""))
    with transaction():
        farm = _farm()
        lines = queries.statement(farm, first, last)
        opening = queries.balance_before(farm, first)
        return _paper(service.statement_paper(farm, first, opening, lines, KIND_WORDS, current_actor()))


@bp.get("/slips/<code:code>.pdf")
def slip(code: str) -> Response:
    with transaction():
        return _paper(service.payout_paper(queries.slip_of(_farm(), code), current_actor()))


@bp.get("/tax.xlsx")
def tax_sheet() -> Response:
    """What was withheld in a month, or in a year (`?year=2026`), line by line."""
    farm, (first, last) = _farm(), _period()
    name = f"{first:%Y}" if last.month != first.month else f"{first:%Y-%m}"
    return Response(
        sheets.as_xlsx(str(_("Thuế khấu trừ")), queries.TAX_HEADS, queries.tax_rows(farm, first, last)),
        mimetype=sheets.XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="thue-{farm.code}-{name}.xlsx"',
            "Cache-Control": "private, no-store",
        },
    )


@bp.get("/tax.pdf")
def tax_paper() -> Response:
    """The month's statement, or the year's certificate, numbered."""
    (first, last), by = _period(), current_actor()
    with transaction():
        farm = _farm()
        if last.month != first.month:
            return _paper(service.tax_year(farm, first.year, by))
        return _paper(service.tax_month(farm, first, by))


def _period() -> tuple[date, date]:
    year = request.args.get("year", "")
    if year.isascii() and year.isdigit() and 2000 <= int(year) <= 2100:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    return _month(request.args.get("month", ""))


def _paper(document: Document) -> Response:
    name = document.title_number.replace("/", "-")
    return Response(
        service.document_pdf(document),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.pdf"',
            "Cache-Control": "private, no-store",
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
