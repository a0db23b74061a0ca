"""A lot called back: the farm's page and the market's are one page at two doors."""

from typing import Any, Literal

from marketplace.catalog.models import Lot
from marketplace.desks.forms import RecallForm
from marketplace.foundation.access import current_actor
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import recall as recalls

SHEETS = {"farmer": "desks/farmer/recall.html", "admin": "desks/admin/recall.html"}


def recall_page(lot: Lot, audience: Literal["farmer", "admin"]) -> Any:
    """Who bought of the lot; and calling it back."""
    form = RecallForm()
    if form.does(lambda: recalls.recall(lot, form.reason.data or "", current_actor())):
        if (done := recalls.outcome(lot)) is not None:
            notice(
                _("Đã thu hồi: %(warned)s dòng đã báo, %(replaced)s dòng đổi lô, %(off)s dòng hủy.",
                  warned=done.warned, replaced=done.replaced, off=done.called_off)
            )  # fmt: skip
        return redirect_to(f"desks_{audience}.recall", code=lot.code)
    return page(
        SHEETS[audience],
        422 if form.is_submitted() else 200,
        lot=lot,
        lines=recalls.lines_of(lot),
        done=recalls.outcome(lot),
        form=form,
    )
