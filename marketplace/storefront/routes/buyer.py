"""What a signed-in person waits for: wishes."""

from typing import Any

from flask import Blueprint, request, url_for

from marketplace.foundation.access import limiter, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import notice, page, redirect_to, with_query
from marketplace.foundation.words import _
from marketplace.search import wishes
from marketplace.storefront import asking, filters, queries

bp = Blueprint("storefront_buyer", __name__)


@bp.get("/wishes")
def wish_list() -> Any:
    me = person().id
    shelf = url_for("storefront.shelf")
    return page(
        "storefront/buyer/wishes.html",
        waiting=[(wish, with_query(shelf, wish.asked)) for wish in wishes.open_of(me)],
        told=[(wish, with_query(shelf, wish.asked)) for wish in wishes.told_of(me)],
    )


@bp.post("/wishes")
@limiter.limit("60 per hour")
def keep_wish() -> Any:
    """Tell me when such goods appear: what the shelf's address asked is sent along."""
    asked = asking.read(request.form)
    wanted = {name: value for name, value in asked.given.items() if name not in ("sort", "literal")}
    words = filters.words_of_wish(asked)
    if queries.granted(wanted) is not None:
        notice(_("Món này đang có bán rồi, mời bạn xem."), "good")
        return redirect_to("storefront.shelf", **wanted)
    try:
        with transaction():
            wishes.keep(person().id, wanted, words)
    except Refusal as refusal:
        notice(refusal.sentence, "warn")
    else:
        notice(_("Đã ghi lại. Khi có “%(words)s”, chợ sẽ nhắn cho bạn một lần.", words=words))
    return redirect_to("storefront_buyer.wish_list")


@bp.post("/wishes/<code>/withdrawal")
def withdraw_wish(code: str) -> Any:
    with transaction():
        wishes.withdraw(person().id, code.upper())
    notice(_("Đã bỏ lời nhắn này."))
    return redirect_to("storefront_buyer.wish_list")
