"""The developer's outbox: what the market would have said by SMS and e-mail. There is no such page in production."""

import re
from typing import Any

from flask import Blueprint
from markupsafe import Markup, escape

from marketplace.foundation import market
from marketplace.foundation.refusal import Missing
from marketplace.foundation.web import page
from marketplace.notifications import queries

bp = Blueprint("notifications", __name__)

TO_MARK = re.compile(r"(?P<link>https?://\S+[\w/])|(?<!\w)(?P<code>\d{6})(?!\w)")


@bp.before_request
def _not_in_production() -> None:
    if market.settings().app_env == "production":
        raise Missing()


@bp.get("/outbox")
def outbox() -> Any:
    letters = [(letter, marked(letter.text)) for letter in queries.outbox()]
    return page("notifications/public/outbox.html", letters=letters)


def marked(text: str) -> Markup:
    """The text with its codes in large letters and its links to press."""
    parts, end = [], 0
    for found in TO_MARK.finditer(text):
        parts.append(escape(text[end : found.start()]))
        if link := found["link"]:
            parts.append(Markup('<a href="{0}">{0}</a>').format(link))
        else:
            parts.append(Markup('<strong class="code">{}</strong>').format(found["code"]))
        end = found.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)
