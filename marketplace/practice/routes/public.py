"""The door of the practice market: a learner comes with the signed word of the real one."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for

from marketplace.accounts import service as accounts
from marketplace.foundation import market
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Missing
from marketplace.practice import service
from marketplace.training import bridge

bp = Blueprint("practice", __name__)


@bp.get("/enter")
def enter() -> Any:
    if not market.settings().practice:
        raise Missing()
    word = bridge.read_hand_off(request.args.get("word", ""))
    with transaction():
        path = accounts.make_link(service.come_in(word), SYSTEM)
    onward = urlencode({"next": url_for("practice_farmer.home")})
    return redirect(f"{request.script_root}{path}?{onward}", 303)
