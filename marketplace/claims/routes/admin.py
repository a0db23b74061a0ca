"""The market's desk of claims and complaints: look at both sides on one timeline, decide, answer."""

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from marketplace.claims import queries, service
from marketplace.claims.forms import BackForm, DecisionForm, WordsForm
from marketplace.claims.models import (
    ABOUT_WORDS,
    PAYER_WORDS,
    REASON_WORDS,
    VERDICTS,
    Claim,
    ComplaintState,
    DecisionCode,
)
from marketplace.foundation.access import current_actor, require_role
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.payments import queries as money

bp = Blueprint("claims_admin", __name__)


@bp.before_request
def staff_only() -> None:
    require_role("admin")


@bp.get("/claims")
def claims() -> tuple[str, int]:
    return page(
        "claims/admin/claims.html",
        promised=queries.promised_by_us(),
        to_decide=queries.to_decide(),
        waiting=queries.waiting_elsewhere(),
        closed=queries.closed_lately(),
        complaints=queries.complaints_in(ComplaintState.RECEIVED),
        answered=queries.complaints_in(ComplaintState.ANSWERED, ComplaintState.CLOSED, limit=30),
        reason_words=REASON_WORDS,
        about=ABOUT_WORDS,
    )


@bp.get("/claims/<code:code>")
def claim(code: str) -> tuple[str, int]:
    return _page(queries.claim(code))


def _page(claim: Claim, status: int = 200, **forms: Any) -> tuple[str, int]:
    return page(
        "claims/admin/claim.html",
        status,
        claim=claim,
        due=next((one for one in queries.promised_by_us() if one.record is claim), None),
        facts=queries.evidence(claim.farm_order),
        most=money.refundable(claim.farm_order),
        borne=queries.borne_by(claim),
        verdicts=VERDICTS,
        payer_words=PAYER_WORDS,
        reason_words=REASON_WORDS,
        **{
            "form": DecisionForm(formdata=None, refund=claim.asked_dong),
            "back_form": BackForm(formdata=None),
            **forms,
        },
    )


@bp.post("/claims/<code:code>/decision")
def decision(code: str) -> Response | tuple[str, int]:
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.decide(
                    queries.claim(code),
                    DecisionCode(form.code.data),
                    form.refund.data or 0,
                    bool(form.is_return.data),
                    form.words.data or "",
                    current_actor(),
                )
            notice(_("Đã quyết định. Tiền và hàng tự theo quyết định."))
            return redirect_to("claims_admin.claim", code=code)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.refuse(refusal)
    return _page(queries.claim(code), 422, form=form)


@bp.post("/claims/<code:code>/receipt")
def receipt(code: str) -> Response | tuple[str, int]:
    form = BackForm()
    if not form.validate_on_submit():
        return _page(queries.claim(code), 422, back_form=form)
    with transaction():
        service.receive_back(queries.claim(code), form.state.data == "good", current_actor())
    notice(_("Đã ghi hàng trả về. Kho và tiền đã theo."))
    return redirect_to("claims_admin.claim", code=code)


@bp.get("/complaints/<code:code>")
def complaint(code: str) -> tuple[str, int]:
    return page(
        "claims/admin/complaint.html",
        complaint=queries.complaint(code),
        about=ABOUT_WORDS,
        form=WordsForm(formdata=None),
    )


@bp.post("/complaints/<code:code>/answer")
def answer_complaint(code: str) -> Response | tuple[str, int]:
    form = WordsForm()
    if not form.validate_on_submit():
        return page(
            "claims/admin/complaint.html",
            422,
            complaint=queries.complaint(code),
            about=ABOUT_WORDS,
            form=form,
        )
    with transaction():
        service.answer_complaint(queries.complaint(code), form.words.data or "", current_actor())
    notice(_("Đã trả lời."))
    return redirect_to("claims_admin.complaint", code=code)
