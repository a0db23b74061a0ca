"""For the association: what people look for and do not find, and words that should be one."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request

from marketplace.foundation import clock
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.sheets import CSV, as_csv
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.search import own_words, searched, wishes
from marketplace.storefront.cards import cards

bp = Blueprint("storefront_admin", __name__)
bp.before_request(lambda: require_role("reviewer", "admin"))

MOST_ROWS = 200


@bp.get("/searches")
def searches() -> Any:
    """What people look for, and in vain, by week and province."""
    since, until, province, only_nothing = _asked()
    return page(
        "storefront/admin/searches.html",
        rows=searched.rows(since, until, province, only_nothing, MOST_ROWS),
        weeks=searched.weeks(),
        week=request.args.get("week", "") if since else "",
        province=province,
        provinces=places.provinces(),
        only_nothing=only_nothing,
        wish_count=wishes.waiting_count(),
        least=searched.LEAST_SHOWN,
    )


@bp.get("/searches.csv")
def searches_sheet() -> Any:
    since, until, province, only_nothing = _asked()
    head = [str(_("Từ khóa")), str(_("Số lần tìm")), str(_("Không thấy gì")), str(_("Mở món hàng"))]
    rows: Sequence[Any] = [
        (row.written, row.asked, row.found_nothing, row.led_on)
        for row in searched.rows(since, until, province, only_nothing, 10_000)
    ]
    headers = {"Content-Disposition": 'attachment; filename="searches.csv"', "Cache-Control": "no-store"}
    return Response(as_csv([head, *rows]), content_type=CSV, headers=headers)


def _asked() -> tuple[date | None, date | None, str | None, bool]:
    """Which weeks, which province, only what was not found."""
    try:
        week = searched.week_of(date.fromisoformat(request.args.get("week", "")))
    except ValueError:
        week = None
    province = places.province(request.args.get("province", ""))
    since = week or searched.week_of(clock.today()) - timedelta(weeks=12)
    until = week
    return since, until, province.code if province else None, request.args.get("only") == "nothing"


@bp.get("/search-words")
def words() -> Any:
    """The association's own words; with `word` and `same` in the address, what they would change."""
    typed = {name: request.args.get(name, "").strip()[:500] for name in ("word", "same", "but_not")}
    return (
        _words(typed)
        if any(typed.values())
        else page(
            "storefront/admin/words.html",
            own=own_words.added(),
            typed=typed,
            changes=None,
            problem=None,
            shown={},
        )
    )


def _words(typed: dict[str, str], status: int = 200, problem: Any = None) -> Any:
    changes = None
    if problem is None:
        try:
            changes = own_words.preview(own_words.read(**typed)) if own_words.may_preview() else ()
        except Refusal as refusal:
            status, problem = 422, refusal.sentence
    wanted = [number for change in changes or () for number in change.examples]
    return page(
        "storefront/admin/words.html",
        status,
        own=own_words.added(),
        typed=typed,
        changes=changes,
        problem=problem,
        shown={card.id: card for card in cards(list(dict.fromkeys(wanted)))},
    )


@bp.post("/search-words")
def add_words() -> Any:
    typed = {name: request.form.get(name, "").strip()[:500] for name in ("word", "same", "but_not")}
    try:
        with transaction():
            own_words.add(own_words.read(**typed), current_actor())
    except Refusal as refusal:
        return _words(typed, 422, refusal.sentence)
    notice(_("Đã thêm. Bộ tìm kiếm đang được dựng lại, vài phút nữa là tìm được."))
    return redirect_to("storefront_admin.words")


@bp.post("/search-words/<code>/removal")
def take_off_words(code: str) -> Any:
    with transaction():
        own_words.take_off(code.upper(), current_actor())
    notice(_("Đã bỏ. Bộ tìm kiếm đang được dựng lại."))
    return redirect_to("storefront_admin.words")
