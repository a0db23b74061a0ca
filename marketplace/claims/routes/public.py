"""The buyer's claims (a guest's open with the order's key) and anybody's complaints."""

import secrets
from typing import Any

from flask import Blueprint, request, session
from werkzeug.wrappers import Response

from marketplace.claims import queries, service
from marketplace.claims.forms import ClaimForm, ComplaintForm, KeyForm, LookUpForm, PhotosForm, WordsForm
from marketplace.claims.models import ABOUT_WORDS, Claim, ClaimReason, ComplaintAbout, ComplaintState, Shown
from marketplace.foundation.access import current_actor, current_person, limiter
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _, language
from marketplace.orders import queries as orders
from marketplace.orders.models import FarmOrder, Order
from marketplace.payments import queries as money

bp = Blueprint("claims", __name__)
bp.add_app_template_filter(queries.sent_back, "sent_back")


def _order(code: str, key: str) -> Order:
    """The buyer's own order, or the one the key opens; anybody else's is Missing."""
    person = current_person()
    if person is not None:
        try:
            return orders.order_for(person, code)
        except Missing:
            if not key:
                raise
    return orders.order_by_secret(code, key)


def _key() -> str:
    return request.form.get("key", "") or request.args.get("key", "")


def _with_key(key: str) -> dict[str, str]:
    return {"key": key} if key else {}


# -- a claim -------------------------------------------------------------------------------------------------------


@bp.get("/account/orders/<code:order>/claims/new")
def new(order: str) -> Any:
    key = _key()
    if current_person() is None and not key:
        return redirect_to("accounts.sign_in", next=request.full_path)
    part = _part(_order(order, key), request.args.get("part", ""))
    if (standing := queries.open_claim(part)) is not None:
        return redirect_to("claims.claim", order=order, code=standing.code, **_with_key(key))
    return _new_page(part, key, ClaimForm(formdata=None, asked=money.refundable(part)))


def _part(order: Order, code: str) -> FarmOrder:
    part = next((one for one in order.farm_orders if one.code == code), None)
    if part is None:
        raise Missing()
    return part


def _new_page(part: FarmOrder, key: str, form: ClaimForm, status: int = 200) -> tuple[str, int]:
    reasons = queries.reasons_open(part)
    form.offer(reasons)
    return page(
        "claims/public/new.html",
        status,
        part=part,
        order=part.order,
        key=key,
        form=form,
        most=money.refundable(part),
        untils=[(one, queries.claim_until(part, one)) for one in reasons],
    )


@bp.post("/account/orders/<code:order>/claims/new")
@limiter.limit("20 per hour")
def open_claim(order: str) -> Response | tuple[str, int]:
    key, form = _key(), ClaimForm()
    part = _part(_order(order, key), form.part.data or "")
    if form.validate_on_submit():
        assert form.asked.data is not None
        try:
            with transaction():
                part = _part(_order(order, key), part.code)
                made = service.open(
                    part,
                    ClaimReason(form.reason.data),
                    form.words.data or "",
                    form.asked.data,
                    form.photos.data or [],
                    current_actor(),
                    wants_return=bool(form.wants_return.data),
                )
                code = made.code
            notice(_("Đã gửi khiếu nại %(code)s. Nhà vườn trả lời trước, rồi tới chợ.", code=code))
            return redirect_to("claims.claim", order=order, code=code, **_with_key(key))
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        part = _part(_order(order, key), part.code)
    return _new_page(part, key, form, 422)


@bp.get("/account/orders/<code:order>/claims/<code:code>")
def claim(order: str, code: str) -> Any:
    key = _key()
    if current_person() is None and not key:
        return redirect_to("accounts.sign_in", next=request.path)
    return _claim_page(queries.claim_of_order(_order(order, key), code), key)


def _claim_page(claim: Claim, key: str, status: int = 200, **forms: Any) -> tuple[str, int]:
    return page(
        "claims/public/claim.html",
        status,
        claim=claim,
        order=claim.farm_order.order,
        key=key,
        facts=queries.evidence(claim.farm_order),
        **{"photos_form": PhotosForm(formdata=None), "words_form": WordsForm(formdata=None), **forms},
    )


@bp.post("/account/orders/<code:order>/claims/<code:code>/photos")
def photos(order: str, code: str) -> Response | tuple[str, int]:
    key, form = _key(), PhotosForm()
    found = queries.claim_of_order(_order(order, key), code)
    if not form.validate_on_submit():
        return _claim_page(found, key, 422, photos_form=form)
    with transaction():
        found = queries.claim_of_order(_order(order, key), code)
        service.show(found.farm_order, Shown.OPENING, form.photos.data, current_actor(), found)
    notice(_("Đã thêm hình."))
    return redirect_to("claims.claim", order=order, code=code, **_with_key(key))


@bp.post("/account/orders/<code:order>/claims/<code:code>/appeal")
def appeal(order: str, code: str) -> Response | tuple[str, int]:
    key, form = _key(), WordsForm()
    found = queries.claim_of_order(_order(order, key), code)
    if not form.validate_on_submit():
        return _claim_page(found, key, 422, words_form=form)
    with transaction():
        service.appeal(
            queries.claim_of_order(_order(order, key), code), form.words.data or "", current_actor()
        )
    notice(_("Đã gửi. Người khác của chợ sẽ xem lại."))
    return redirect_to("claims.claim", order=order, code=code, **_with_key(key))


@bp.post("/account/orders/<code:order>/claims/<code:code>/withdrawal")
def withdrawal(order: str, code: str) -> Response:
    key = _key()
    KeyForm()
    with transaction():
        service.withdraw(queries.claim_of_order(_order(order, key), code), current_actor())
    notice(_("Đã rút khiếu nại."))
    return redirect_to("claims.claim", order=order, code=code, **_with_key(key))


# -- complaints ----------------------------------------------------------------------------------------------------


@bp.get("/complaints")
def complaints() -> tuple[str, int]:
    return _complaints_page(_own_details(ComplaintForm(formdata=None)), LookUpForm(formdata=None))


def _own_details(form: ComplaintForm) -> ComplaintForm:
    person = current_person()
    if person is not None:
        form.name.data, form.phone.data = person.name, person.phone
    return form


def _complaints_page(form: ComplaintForm, look_up: LookUpForm, status: int = 200) -> tuple[str, int]:
    times = queries.rule_now()
    return page(
        "claims/public/complaints.html",
        status,
        form=form,
        look_up=look_up,
        days=times.complaint_days if times is not None else 7,
    )


@bp.post("/complaints")
@limiter.limit("10 per hour")
def complain() -> Response | tuple[str, int]:
    form = ComplaintForm()
    if not form.validate_on_submit():
        return _complaints_page(form, LookUpForm(formdata=None), 422)
    with transaction():
        made = service.complain(
            ComplaintAbout(form.about.data),
            form.subject.data or "",
            form.words.data or "",
            form.name.data or "",
            form.phone.data or "",
            current_actor(),
            language(),
        )
        code, end = made.code, made.phone[-4:]
    session["complaint"] = f"{code} {end}"
    notice(_("Chợ đã nhận phản ánh. Hãy ghi lại mã %(code)s để tra cứu.", code=code))
    return redirect_to("claims.complaint", code=code)


@bp.get("/complaints/look-up")
@limiter.limit("30 per minute")
def look_up() -> Response | tuple[str, int]:
    form = LookUpForm(request.args)
    if not form.validate():
        return _complaints_page(_own_details(ComplaintForm(formdata=None)), form, 422)
    found = queries.complaint_by(form.code.data, form.phone_end.data)
    if found is None:
        form.refuse(
            Refusal(_("Không có phản ánh nào khớp mã và số này. Hãy xem lại tin nhắn của chợ."), field="code")
        )
        return _complaints_page(_own_details(ComplaintForm(formdata=None)), form, 422)
    session["complaint"] = f"{found.code} {found.phone[-4:]}"
    return redirect_to("claims.complaint", code=found.code)


def _complaint(code: str) -> Any:
    """The complaint this visitor looked up or made, or one of their own."""
    found = queries.complaint(code)
    person = current_person()
    known = f"{found.code} {found.phone[-4:]}"
    if person is not None and found.person_id == person.id:
        return found
    if secrets.compare_digest(session.get("complaint", "").encode(), known.encode()):
        return found
    return None


@bp.get("/complaints/<code:code>")
def complaint(code: str) -> Any:
    found = _complaint(code)
    if found is None:
        return _complaints_page(
            _own_details(ComplaintForm(formdata=None)), LookUpForm(formdata=None, code=code)
        )
    return page(
        "claims/public/complaint.html", complaint=found, about=ABOUT_WORDS, form=WordsForm(formdata=None)
    )


@bp.post("/complaints/<code:code>/again")
def ask_again(code: str) -> Response | tuple[str, int]:
    form = WordsForm()
    if (found := _complaint(code)) is None:
        raise Missing()
    if not form.validate_on_submit():
        return page("claims/public/complaint.html", 422, complaint=found, about=ABOUT_WORDS, form=form)
    with transaction():
        found = _complaint(code)
        if found.state is not ComplaintState.ANSWERED:
            raise Conflict(_("Phản ánh này đang chờ chợ trả lời."))
        service.ask_again(found, form.words.data or "", current_actor())
    notice(_("Đã gửi lại cho chợ."))
    return redirect_to("claims.complaint", code=code)
