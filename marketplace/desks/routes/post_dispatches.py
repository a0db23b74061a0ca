"""Parcels that carry no sale, at the counter: results of dossiers and goods that go back to their farm."""

from typing import Any

from flask import Blueprint, request, session
from werkzeug.wrappers import Response

from marketplace.desks import counter
from marketplace.desks.forms import IdentityForm
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Forbidden, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.payments import queries as payments
from marketplace.places.models import ServicePoint
from marketplace.shipping import dispatches, labels
from marketplace.shipping.dispatch_models import Dispatch, DispatchPurpose
from marketplace.shipping.models import SCAN_WORDS, SCANS_LEAD, ParcelState, ScanKind

bp = Blueprint("desks_dispatches", __name__)


def _here() -> ServicePoint:
    points = counter.points_of(person())
    if not points:
        raise Forbidden(_("Bạn chưa được phân về bưu cục nào. Hãy nhờ quản trị phân điểm cho bạn."))
    return next((one for one in points if one.code == session.get("post_point")), points[0])


@bp.get("")
def waiting() -> Any:
    """What waits here; a number typed leads to its parcel, wherever it comes from."""
    typed = request.args.get("number", "")[:100]
    if typed.strip():
        return redirect_to("desks_dispatches.dispatch", tracking=dispatches.get(typed).tracking)
    here = _here()
    return page("desks/post/dispatches.html", point=here, found=dispatches.at_point(here))


@bp.get("/<tracking>")
def dispatch(tracking: str) -> tuple[str, int]:
    return _page(dispatches.get(tracking[:100]), IdentityForm(formdata=None))


def _page(found: Dispatch, form: IdentityForm, status: int = 200) -> tuple[str, int]:
    leads = {*SCANS_LEAD.get(found.state, frozenset())}
    if found.state is ParcelState.BOOKED:
        leads -= {ParcelState.PICKED_UP}
    is_result = found.purpose is DispatchPurpose.RESULT
    kinds = [
        kind
        for kind in ScanKind
        if ParcelState(kind.value) in leads and not (is_result and kind is ScanKind.DELIVERED)
    ]
    may_hand_out = is_result and ParcelState.DELIVERED in leads
    asked = payments.way_back(found.farm_order) if found.farm_order is not None else None
    return page(
        "desks/post/dispatch.html",
        status,
        dispatch=found,
        kinds=kinds,
        scan_words=SCAN_WORDS,
        fee_dong=asked[0] if asked is not None else found.fee_dong,
        is_by_farm=asked is not None and asked[1].prepaid_back == "farm",
        form=form if may_hand_out else None,
    )


@bp.post("/<tracking>/scans")
def scans(tracking: str) -> Response:
    try:
        kind = ScanKind(request.form.get("event", ""))
    except ValueError:
        raise Refusal(_("Hãy tải lại trang rồi chọn lại.")) from None
    here = _here()
    with transaction():
        number = dispatches.record(tracking[:100], kind, current_actor(), here).dispatch.tracking
    notice(_("Đã ghi “%(deed)s”.", deed=SCAN_WORDS[kind]))
    return redirect_to("desks_dispatches.dispatch", tracking=number)


@bp.post("/<tracking>/handout")
def handout(tracking: str) -> Any:
    """The applicant's paper was looked at: the result is theirs, and the dossier is returned."""
    form, here = IdentityForm(), _here()
    if form.validate_on_submit():
        try:
            with transaction():
                dispatches.hand_out(tracking[:100], form.proof.data or "", current_actor(), here)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            notice(_("Đã giao tận tay. Hồ sơ được ghi là đã trả kết quả."))
            return redirect_to("desks_dispatches.dispatch", tracking=tracking)
    return _page(dispatches.get(tracking[:100]), form, 422)


@bp.get("/<tracking>/label.pdf")
def label(tracking: str) -> Response:
    found = dispatches.get(tracking[:100])
    made = Response(labels.pdf([labels.label_of_dispatch(found)]), mimetype="application/pdf")
    made.headers["Content-Disposition"] = f'inline; filename="nhan-{found.code}.pdf"'
    return made
