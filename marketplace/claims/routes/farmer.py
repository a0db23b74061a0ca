"""The farm's side: what buyers claim, its answer, goods that come back, pictures of how a parcel was packed."""

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from marketplace.claims import queries, service
from marketplace.claims.forms import AnswerForm, BackForm, PhotosForm, WordsForm
from marketplace.claims.models import Claim, Shown
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm, FarmRight
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.orders import queries as orders

bp = Blueprint("claims_farmer", __name__)
bp.before_request(lambda: farmers.must_have_right(person(), FarmRight.PACK))


def _farm() -> Farm:
    farm = farmers.my_farm(person())
    if farm is None:
        raise Missing()
    return farm


@bp.get("/claims")
def claims() -> tuple[str, int]:
    return page("claims/farmer/claims.html", claims=queries.claims_of_farm(_farm()))


@bp.get("/claims/<code:code>")
def claim(code: str) -> tuple[str, int]:
    return _page(queries.claim_of_farm(_farm(), code))


def _page(claim: Claim, status: int = 200, **forms: Any) -> tuple[str, int]:
    return page(
        "claims/farmer/claim.html",
        status,
        claim=claim,
        facts=queries.evidence(claim.farm_order),
        borne=queries.borne_by(claim),
        **{
            "answer_form": AnswerForm(formdata=None),
            "back_form": BackForm(formdata=None),
            "words_form": WordsForm(formdata=None),
            **forms,
        },
    )


@bp.post("/claims/<code:code>/answer")
def answer(code: str) -> Response | tuple[str, int]:
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with transaction():
                found = queries.claim_of_farm(_farm(), code)
                is_yes = form.agrees.data == "yes"
                service.answer(found, is_yes, form.words.data or "", form.photos.data or [], current_actor())
            notice(_("Đã gửi câu trả lời."))
            return redirect_to("claims_farmer.claim", code=code)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.refuse(refusal)
    return _page(queries.claim_of_farm(_farm(), code), 422, answer_form=form)


@bp.post("/claims/<code:code>/receipt")
def receipt(code: str) -> Response | tuple[str, int]:
    form = BackForm()
    if not form.validate_on_submit():
        return _page(queries.claim_of_farm(_farm(), code), 422, back_form=form)
    with transaction():
        service.receive_back(queries.claim_of_farm(_farm(), code), form.state.data == "good", current_actor())
    notice(_("Đã ghi hàng trả về. Kho và tiền đã theo."))
    return redirect_to("claims_farmer.claim", code=code)


@bp.post("/claims/<code:code>/appeal")
def appeal(code: str) -> Response | tuple[str, int]:
    form = WordsForm()
    if not form.validate_on_submit():
        return _page(queries.claim_of_farm(_farm(), code), 422, words_form=form)
    with transaction():
        service.appeal(queries.claim_of_farm(_farm(), code), form.words.data or "", current_actor())
    notice(_("Đã gửi. Người khác của chợ sẽ xem lại."))
    return redirect_to("claims_farmer.claim", code=code)


@bp.route("/orders/<code:code>/photos", methods=["GET", "POST"])
def packing(code: str) -> Response | tuple[str, int]:
    """Pictures of the parcel while it is packed: the farm's best word in a dispute."""
    form = PhotosForm()
    part = orders.farm_order_for(_farm(), code)
    if form.validate_on_submit():
        with transaction():
            part = orders.farm_order_for(_farm(), code)
            shown = Shown.PACKING if part.handed_over_at is None else Shown.ANSWER
            service.show(part, shown, form.photos.data, current_actor())
        notice(_("Đã lưu hình."))
        return redirect_to("claims_farmer.packing", code=code)
    return page(
        "claims/farmer/packing.html",
        422 if form.is_submitted() else 200,
        form=form,
        part=part,
        photos=queries.photos_of(part),
    )
