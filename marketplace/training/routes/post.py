"""At the counter of the post: a clerk draws up a product for a farmer who telephones or walks in. The farmer's own yes,
to the help and to the product, comes by codes to their telephone, as in class."""

from typing import Any

from flask import Blueprint

from marketplace.accounts import queries as people
from marketplace.accounts.models import HelpScope, Person
from marketplace.farmers import queries as farms
from marketplace.foundation.access import current_actor, limiter, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _
from marketplace.training import assisted, queries
from marketplace.training.forms import CodeForm, FarmerForm, HelpedListingForm
from marketplace.training.models import HelpedListing

bp = Blueprint("training_post", __name__)


@bp.route("", methods=["GET", "POST"], endpoint="farms")
@limiter.limit("60 per minute", methods=["POST"])
def farms_page() -> Any:
    """Whose farm is it?"""
    form = FarmerForm()
    if form.validate_on_submit():
        found = people.person_by_login(form.phone.data or "")
        if found is not None and found.is_active and farms.my_farm(found) is not None:
            return redirect_to("training_post.help_farmer", code=found.code)
        form.refuse(
            Refusal(_("Không có nhà vườn nào dùng số này. Hãy giúp họ mở gian hàng trước."), field="phone")
        )
    return page("training/post/farms.html", 422 if form.is_submitted() else 200, form=form)


def _farmer(code: str) -> Person:
    found = people.person(code)
    if farms.my_farm(found) is None:
        raise Missing(_("Người này chưa có gian hàng."))
    return found


def _me() -> Person:
    return db.session.get_one(Person, person().id)


def _page(
    code: str, status: int = 200, form: HelpedListingForm | None = None, typed: CodeForm | None = None
) -> Any:
    farmer = _farmer(code)
    return page(
        "training/post/help.html",
        status,
        farmer=farmer,
        farm=farms.my_farm(farmer),
        consent=queries.consent_between(person(), farmer, HelpScope.LIST),
        is_allowed=people.may_act(person(), farmer, HelpScope.LIST),
        drawn=[one for one in queries.helped_by(person(), farmer) if isinstance(one, HelpedListing)],
        form=form or HelpedListingForm(formdata=None),
        typed=typed or CodeForm(formdata=None),
    )


@bp.get("/<code>")
def help_farmer(code: str) -> Any:
    return _page(code)


def _back(code: str, said: Any) -> Any:
    notice(said)
    return redirect_to("training_post.help_farmer", code=code)


@bp.post("/<code>/consents")
def ask_consent(code: str) -> Any:
    with transaction():
        assisted.ask_consent(_me(), _farmer(code), HelpScope.LIST, current_actor())
    return _back(
        code, _("Đã gửi mã về điện thoại của họ. Nhờ họ đọc mã, hoặc tự bấm Đồng ý trên máy của họ.")
    )


@bp.post("/<code>/consents/code")
def give_consent(code: str) -> Any:
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            consent = queries.consent_between(person(), _farmer(code), HelpScope.LIST)
            is_given = consent is not None and assisted.give_consent(consent, form.code.data or "")
        if is_given:
            return _back(code, _("Họ đã đồng ý. Họ xem và rút lại được ở trang Những điều tôi đã đồng ý."))
        form.refuse(Refusal(assisted.WRONG_CODE, field="code"))
    return _page(code, 422, typed=form)


@bp.post("/<code>/listings")
def draw_up(code: str) -> Any:
    form = HelpedListingForm()
    if not form.validate_on_submit():
        return _page(code, 422, form=form)
    try:
        with transaction():
            assisted.draw_up(_me(), _farmer(code), form.listing(), form.photos.data, form.once.data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(code, refusal.status, form=form)
    return _back(code, _("Đã soạn xong. Chưa ai thấy cho tới khi chủ hàng đồng ý."))


def _drawn(code: str, listing_code: str) -> HelpedListing:
    found = queries.helped_of(_farmer(code), listing_code)
    if not isinstance(found, HelpedListing) or found.helper_id != person().id:
        raise Missing()
    return found


@bp.post("/<code>/listings/<listing_code>/code")
def send_listing_code(code: str, listing_code: str) -> Any:
    with transaction():
        assisted.send_code(_drawn(code, listing_code))
    return _back(code, _("Đã gửi mã về điện thoại của họ. Mã này chỉ dùng cho đúng món này."))


@bp.post("/<code>/listings/<listing_code>/agreement")
def agree_by_code(code: str, listing_code: str) -> Any:
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            is_agreed = assisted.agree_by_code(_drawn(code, listing_code), _me(), form.code.data or "")
        if is_agreed:
            return _back(code, _("Chủ hàng đã đồng ý, món hàng đã gửi đăng bán."))
        form.refuse(Refusal(assisted.WRONG_CODE, field="code"))
    return _page(code, 422, typed=form)
