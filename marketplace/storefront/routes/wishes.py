"""Tell me when it appears, for visitors without an account: asked for with a phone or an e-mail, stopped by a link."""

from typing import Any

from flask import Blueprint, request

from marketplace.foundation.access import current_person, limiter
from marketplace.foundation.db import transaction
from marketplace.foundation.web import notice, page, redirect_to, with_query
from marketplace.foundation.words import _
from marketplace.search import wishes
from marketplace.storefront import asking, filters, queries
from marketplace.storefront.forms import WishForm

bp = Blueprint("wishes", __name__)


@bp.route("/wishes", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def wish() -> Any:
    """What the shelf's address asked is sent along."""
    asked = asking.read(request.values)
    wanted = {name: value for name, value in asked.given.items() if name not in ("sort", "literal")}
    if current_person() is not None or not wanted:
        return redirect_to("storefront.shelf", **wanted)
    words = filters.words_of_wish(asked)
    if queries.granted(wanted) is not None:
        notice(_("Món này đang có bán rồi, mời bạn xem."), "good")
        return redirect_to("storefront.shelf", **wanted)
    form = WishForm(request.form)
    if form.does(lambda: wishes.keep_for_visitor(form.login, wanted, words)):
        notice(_("Đã ghi lại. Khi có “%(words)s”, chợ sẽ nhắn cho bạn một lần.", words=words))
        return redirect_to("storefront.shelf", **wanted)
    status = 422 if request.method == "POST" else 200
    return page("storefront/public/wish.html", status, form=form, words=words, wanted=wanted)


@bp.get("/wishes/<code:code>")
def told(code: str) -> Any:
    """Where the message leads: to the goods, or to the end of messages."""
    key = request.args.get("key", "")
    found = wishes.by_key(code, key)
    return page(
        "storefront/public/wish_told.html", wish=found, key=key, shelf=with_query("/products", found.asked)
    )


@bp.post("/wishes/<code:code>/stop")
def stop(code: str) -> Any:
    key = request.form.get("key", "")
    with transaction():
        wishes.stop(code, key)
    notice(_("Xong. Chợ sẽ không nhắn cho bạn về hàng mới nữa."))
    return redirect_to("storefront.wishes.told", code=code, key=key)
