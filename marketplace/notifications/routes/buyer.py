"""A person's notices."""

from typing import Any

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from marketplace.foundation.access import person
from marketplace.foundation.db import transaction
from marketplace.foundation.web import Pager, page, redirect_to, safe_path
from marketplace.notifications import queries, service

bp = Blueprint("notifications_buyer", __name__)


@bp.get("/notices")
def notices() -> Any:
    reader = person().id
    pager = Pager(queries.inbox_count(reader), per_page=20)
    return page(
        "notifications/buyer/notices.html",
        pager=pager,
        messages=queries.inbox(reader, pager.limit, pager.offset),
        unread=queries.unread_count(reader),
    )


@bp.post("/notices/<code>/reading")
def read(code: str) -> Response:
    """The notice is read; on to the page it speaks of."""
    reader = person().id
    with transaction():
        message = queries.message_of(reader, code)
        service.mark_read(message)
    path = safe_path(message.path)
    return redirect(path, 303) if path else redirect_to("notifications_buyer.notices")


@bp.post("/notices/reading")
def read_all() -> Response:
    reader = person().id
    with transaction():
        service.mark_all_read(reader)
    return redirect_to("notifications_buyer.notices")
