"""For reviewers and admins: a lot called back when its farm does not, or cannot."""

from typing import Any

from flask import Blueprint

from marketplace.admin.forms import RecallForm
from marketplace.catalog import queries as catalog
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import recall as recalls

bp = Blueprint("admin_recalls", __name__)
bp.before_request(lambda: require_role("reviewer", "admin"))


@bp.route("/lots/<code>/recall", methods=["GET", "POST"])
def recall(code: str) -> Any:
    """Who bought of the lot; and calling it back."""
    lot = catalog.lot_of(code)
    form = RecallForm()
    if form.validate_on_submit():
        try:
            with transaction():
                done = recalls.recall(lot, form.reason.data or "", current_actor())
            notice(
                _("Đã thu hồi: %(warned)s dòng đã báo, %(replaced)s dòng đổi lô, %(off)s dòng hủy.",
                  warned=done.warned, replaced=done.replaced, off=done.called_off)
            )  # fmt: skip
            return redirect_to("admin_recalls.recall", code=code)
        except (Missing, Conflict):
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    status = 422 if form.is_submitted() else 200
    return page(
        "admin/admin/recall.html",
        status,
        lot=lot,
        lines=recalls.lines_of(lot),
        done=recalls.outcome(lot),
        form=form,
    )
