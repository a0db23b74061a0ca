"""/media: the public photos. Each address shows the same bytes for ever, so browsers may keep them for ever."""

import re

from flask import Blueprint, Response, request

from marketplace.foundation.access import limiter
from marketplace.foundation.files import photo_srcset, photo_url, storage
from marketplace.foundation.photos import FORMATS
from marketplace.foundation.storage import NothingStored

bp = Blueprint("media", __name__)
limiter.exempt(bp)
bp.add_app_template_global(photo_url)
bp.add_app_template_global(photo_srcset)

NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}/[0-9]{3,4}\.(avif|webp|jpg)")


@bp.get("/<path:name>")
def photo(name: str) -> Response:
    """One size of one photo."""
    found = NAME.fullmatch(name)
    if found is None:
        return nothing()
    answer = Response(mimetype=FORMATS[found[1]])
    answer.set_etag(name.replace("/", "-"))
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    # A browser shows a bare picture on a page of its own making, with styles of its own.
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    )
    if request.if_none_match.contains(answer.get_etag()[0] or ""):
        answer.status_code = 304
        return answer
    try:
        answer.set_data(storage().get(f"photos/{name}"))
    except NothingStored:
        return nothing()
    return answer


def nothing() -> Response:
    return Response(status=404, mimetype="text/plain", headers={"Cache-Control": "no-store"})
