"""A carrier's word about parcels: verified, kept once, queued, answered. Nothing is decided here."""

import json

import structlog
from flask import Blueprint, jsonify, request
from werkzeug.exceptions import BadRequest, Unauthorized
from werkzeug.wrappers import Response

from marketplace.foundation import market
from marketplace.foundation.db import transaction
from marketplace.foundation.jobs import enqueue
from marketplace.shipping import carriers, post_words

bp = Blueprint("shipping_webhook", __name__)
log = structlog.get_logger(__name__)

LARGEST = 256 * 1024
MOST_ROWS = 500


@bp.post("/vnpost")
def vnpost() -> Response:
    """MyVNPost tells of parcels."""
    if (request.content_length or 0) > LARGEST:
        raise BadRequest()
    request.max_content_length = LARGEST
    try:
        raw = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        raise BadRequest() from None
    if not isinstance(raw, dict) or not isinstance(raw.get("data"), list) or len(raw["data"]) > MOST_ROWS:
        raise BadRequest()
    if not post_words.is_signed(raw, market.settings().vnpost_webhook_public_key):
        log.warning("carrier's word with a wrong signature")
        raise Unauthorized()
    with transaction():
        call, is_new = carriers.keep_word("vnpost", raw, str(raw.get("signature", "")))
        if is_new:
            enqueue("shipping.take_word", call.id)
    answer: Response = jsonify(success=True, message="")
    return answer
