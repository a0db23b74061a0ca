"""The drawer of cash at the counter: open it, put in and take out, count it, explain, close, hand it on."""

from typing import Any

from flask import Blueprint, request, session
from werkzeug.wrappers import Response

from marketplace.desks import counter
from marketplace.desks.forms import (
    CashForm,
    CloseTillForm,
    CountForm,
    ExplanationForm,
    FindCashForm,
    FindPayInForm,
    OpenTillForm,
    TillMoveForm,
)
from marketplace.foundation.access import current_actor, limiter, person
from marketplace.foundation.db import transaction
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Forbidden, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.payments import queries, service
from marketplace.payments.models import BANKNOTES, TILL_WORDS, Till, TillCause
from marketplace.places.models import ServicePoint

bp = Blueprint("desks_till", __name__)

NO_POINT = _(
    "Bạn chưa được phân về bưu cục nào. Quản trị phân điểm cho bạn ở trang Người dùng, mục Điểm phục vụ."
)


def _here() -> ServicePoint:
    """The point the clerk stands at; the first of theirs when they did not choose."""
    points = counter.points_of(person())
    if not points:
        raise Forbidden(NO_POINT)
    return next((one for one in points if one.code == session.get("post_point")), points[0])


def _mine() -> Till:
    till = queries.till_at(_here())
    if till is None or till.clerk_id != person().id:
        raise Missing(_("Bạn không giữ quỹ nào ở đây. Hãy mở quỹ trước."))
    return till


# -- the page ------------------------------------------------------------------------------------------------------


@bp.get("", endpoint="till")
def till_page() -> tuple[str, int]:
    if not counter.points_of(person()):
        return page("desks/post/no_point.html", points=[], sentence=NO_POINT)
    return _page()


def _page(status: int = 200, **forms: Any) -> tuple[str, int]:
    here, clerk = _here(), person()
    standing = queries.till_at(here)
    facts: dict[str, Any] = {
        "point": here,
        "till": standing,
        "is_mine": standing is not None and standing.clerk_id == clerk.id,
        "before": queries.till_to_take_over(here) if standing is None else None,
        "there": queries.in_drawer(standing) if standing is not None else 0,
        "past": queries.tills_of(here),
        "bags": queries.bags(here),
        "words": TILL_WORDS,
        "open_form": OpenTillForm(formdata=None),
        "move_form": TillMoveForm(formdata=None),
        "count_form": CountForm(formdata=None),
        "explanation_form": ExplanationForm(formdata=None),
        "close_form": _close_form(here, formdata=None),
    }
    return page("desks/post/till.html", status, **{**facts, **forms})


def _close_form(here: ServicePoint, **how: Any) -> CloseTillForm:
    form = CloseTillForm(**how)
    form.hand_to.choices = [
        ("", _("Chưa có ai, để người sau nhận")),
        *((one.code, one.name) for one in counter.colleagues(here, person())),
    ]
    return form


# -- the deeds -----------------------------------------------------------------------------------------------------


@bp.post("/opening")
def opening() -> Response | tuple[str, int]:
    form = OpenTillForm()
    if form.validate_on_submit():
        assert form.float.data is not None
        try:
            with transaction():
                service.start_till(_here(), form.float.data, current_actor(), form.reason.data or "")
            notice(_("Đã mở quỹ. Chúc một ca suôn sẻ."))
            return redirect_to("desks_till.till")
        except Conflict:
            # Somebody's drawer stands open: this page has no such form any more.
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(422, open_form=form)


@bp.post("/moves")
def moves() -> Response | tuple[str, int]:
    """Cash between the drawer and the safe."""
    form = TillMoveForm()
    if form.validate_on_submit():
        assert form.amount.data is not None
        try:
            with transaction():
                cause = TillCause(form.cause.data)
                deed = service.take if cause is TillCause.FROM_SAFE else service.give
                deed(_here(), form.amount.data, cause, current_actor(), note=form.note.data or "")
            notice(_("Đã ghi vào quỹ."))
            return redirect_to("desks_till.till")
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(422, move_form=form)


@bp.post("/door-cash")
def door_cash() -> Response:
    """A postman is back with the cash they took at doors: all of it into the drawer."""
    postman = request.form.get("postman", "")
    with transaction():
        here = _here()
        bag = next((one for one in queries.bags(here) if one.postman.code == postman), None)
        if bag is None:
            raise Conflict(_("Tiền này đã vào quỹ rồi. Hãy tải lại trang."))
        total, name = service.hand_in(bag.payments, here, current_actor()), bag.postman.name
    notice(_("Đã nhận %(total)s của %(name)s vào quỹ.", total=dong(total), name=name))
    return redirect_to("desks_till.till")


@bp.post("/count")
def count() -> Response | tuple[str, int]:
    form = CountForm()
    if form.validate_on_submit():
        with transaction():
            service.count_till(_mine(), form.notes, current_actor())
        return redirect_to("desks_till.till")
    return _page(422, count_form=form)


@bp.post("/reopening")
def reopening() -> Response:
    with transaction():
        service.reopen_till(_mine(), current_actor())
    notice(_("Ngăn quỹ mở lại: hãy đếm lại khi xong."))
    return redirect_to("desks_till.till")


@bp.post("/explanation")
def explanation() -> Response | tuple[str, int]:
    form = ExplanationForm()
    if form.validate_on_submit():
        with transaction():
            service.explain_till(_mine(), form.reason.data, current_actor())
        return redirect_to("desks_till.till")
    return _page(422, explanation_form=form)


@bp.post("/closing")
def closing() -> Response | tuple[str, int]:
    here = _here()
    form = _close_form(here)
    if not form.validate_on_submit():
        return _page(422, close_form=form)
    with transaction():
        till, here = _mine(), _here()
        wanted = form.hand_to.data or ""
        to = next((one for one in counter.colleagues(here, person()) if one.code == wanted), None)
        service.close_till(till, current_actor(), hand_to=to)
        code = till.code
    notice(_("Đã đóng quỹ. In phiếu để hai người ký."))
    return redirect_to("desks_till.slip", code=code)


@bp.get("/<code:code>/slip")
def slip(code: str) -> tuple[str, int]:
    """What the drawer had and has, for the printer and two signatures."""
    till = queries.till_of(counter.points_of(person()), code)
    return page(
        "desks/post/till_slip.html",
        till=till,
        there=queries.in_drawer(till),
        words=TILL_WORDS,
        banknotes=[note for note in BANKNOTES if str(note) in (till.counted_notes or {})],
    )


# -- cash for a farm -----------------------------------------------------------------------------------------------


@bp.get("/payouts")
def payouts() -> tuple[str, int]:
    """Find the cash a farmer comes for."""
    asked = bool(request.args.get("q"))
    form = FindCashForm(request.args if asked else None)
    found = queries.cash_for(form.q.data) if asked and form.validate() else []
    return page("desks/post/cash_out.html", form=form, found=found, asked=asked, slip=None)


@bp.route("/payouts/<code:code>", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
def payout(code: str) -> Response | tuple[str, int]:
    """Who is it: the code they say, the paper they show. Then the money out of the drawer."""
    slip, form = queries.slip(code), CashForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        with transaction():
            slip = queries.slip(code)
            is_right = service.hand_out(slip, form.digits.data, form.id_end.data, _here(), current_actor())
            amount, farm = slip.net_dong, slip.farm.name
        if is_right:
            notice(_("Đưa %(amount)s cho %(farm)s. Đã ghi vào quỹ.", amount=dong(amount), farm=farm))
            return redirect_to("desks_till.till")
        form.refuse(
            Refusal(_("Mã hoặc số căn cước không khớp. Chưa đưa tiền; hãy hỏi lại.")),
        )
        slip = queries.slip(code)
    return page("desks/post/cash_out.html", status, form=form, found=[], asked=False, slip=slip)


# -- a buyer pays an order -----------------------------------------------------------------------------------------


@bp.get("/pay-ins")
def pay_ins() -> Response | tuple[str, int]:
    """Find the order a buyer wants to pay."""
    asked = bool(request.args.get("q"))
    form = FindPayInForm(request.args if asked else None)
    found = queries.pay_in(form.q.data) if asked and form.validate() else None
    if found is not None:
        return redirect_to("desks_till.pay_in", code=found.code)
    return page("desks/post/pay_in.html", form=form, asked=asked, payment=None)


@bp.route("/pay-ins/<code:code>", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["POST"])
def pay_in(code: str) -> Response | tuple[str, int]:
    """The buyer's cash goes into the drawer, the farms are asked, the buyer gets a receipt."""
    found = queries.pay_in(code)
    if found is None:
        raise Missing(_("Không có đơn nào trả tại quầy với mã này."))
    if request.method == "POST":
        with transaction():
            found = queries.pay_in(code)
            assert found is not None
            service.pay_in(found, _here(), current_actor())
        notice(_("Đã thu tiền. In biên nhận cho khách."))
        return redirect_to("desks_till.pay_in_receipt", code=code)
    return page("desks/post/pay_in.html", form=None, asked=False, payment=found)


@bp.get("/pay-ins/<code:code>/receipt")
def pay_in_receipt(code: str) -> tuple[str, int]:
    """What the buyer takes home."""
    found = queries.pay_in(code)
    if found is None or found.paid_in_at_id not in {one.id for one in counter.points_of(person())}:
        raise Missing(_("Biên nhận này không phải của điểm bạn làm."))
    return page("desks/post/pay_in_receipt.html", payment=found, **queries.paid_in_by(found))
