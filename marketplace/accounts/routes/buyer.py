"""One's own account: name, number, e-mail, password, sessions, addresses, consents, and one's data."""

import json
from typing import Any

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_login import logout_user

from marketplace.accounts import queries, service
from marketplace.accounts.forms import (
    ChannelForm,
    CodeForm,
    EmailForm,
    EraseForm,
    NameForm,
    PasswordForm,
    PhoneForm,
    SavedAddressForm,
)
from marketplace.accounts.models import HELP_WORDS, Person, SavedAddress
from marketplace.accounts.service import Confirmed
from marketplace.foundation import clock, market, personal
from marketplace.foundation.access import current_actor, limiter, person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.form import Form
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to, safe_path
from marketplace.foundation.words import _
from marketplace.notifications.models import Channel
from marketplace.notifications.port import carrier, zalo
from marketplace.places import queries as places

bp = Blueprint("accounts_buyer", __name__)

WRONG_CODE = _("Mã chưa đúng hoặc đã quá 10 phút. Hãy xem lại tin nhắn mới nhất, hoặc xin mã mới.")
PHONE_TAKEN = _(
    "Số này đã gắn với một tài khoản khác. Nếu đó là tài khoản của bạn, hãy đăng xuất rồi đăng nhập bằng mã. Nếu hai "
    "người dùng chung một số, hãy thêm e-mail để đăng nhập tài khoản này, hoặc nhờ điểm bưu điện giúp."
)
EMAIL_TAKEN = _("E-mail này đã gắn với một tài khoản khác. Hãy ghi một e-mail khác.")


@bp.get("")
def home() -> Any:
    return page("accounts/buyer/home.html", chooses_channel=zalo() is not None)


def _me() -> Person:
    """The person, as they are inside the deed."""
    return db.session.get_one(Person, person().id)


def _status(form: Form, ours: bool = True) -> int:
    return getattr(form, "status", 422) if form.is_submitted() and ours else 200


def _refused(form: Any, refusal: Refusal) -> None:
    form.refuse(refusal)
    form.status = refusal.status


# -- name, number, e-mail, password -------------------------------------------------------------------------------


@bp.route("/name", methods=["GET", "POST"])
def name() -> Any:
    form = NameForm(name=person().name)
    if form.validate_on_submit():
        with transaction():
            service.rename(_me(), form.name.data, current_actor())
        notice(_("Đã lưu tên."))
        return redirect_to("accounts_buyer.home")
    return page("accounts/buyer/name.html", _status(form), form=form)


@bp.route("/channel", methods=["GET", "POST"])
def channel() -> Any:
    """By SMS or by Zalo; there is nothing to choose where the market has no Zalo."""
    if zalo() is None:
        raise Missing()
    form = ChannelForm(channel=(person().letters_by or Channel.SMS).value)
    if form.validate_on_submit():
        try:
            with transaction():
                service.choose_channel(_me(), _channel(form.channel.data), current_actor())
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            notice(_("Đã lưu. Mã đăng nhập và mã đồng ý vẫn tới bằng tin nhắn SMS."))
            return redirect_to("accounts_buyer.home")
    return page("accounts/buyer/channel.html", _status(form), form=form)


def _channel(typed: str) -> Channel:
    try:
        return Channel(typed)
    except ValueError:
        raise Refusal(_("Hãy chọn một cách nhắn."), field="channel") from None


@bp.get("/phone")
def phone() -> Any:
    return _phone_page(CodeForm(formdata=None, next=request.args.get("next", "")), PhoneForm(formdata=None))


@bp.post("/phone")
@limiter.limit("60 per minute")
def claim_phone() -> Any:
    """A code goes to the number: a new one, or the one that waits for its proof."""
    form, code = PhoneForm(), CodeForm(formdata=None, next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            with transaction():
                service.claim_phone(_me(), form.phone.data or "", current_actor())
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            notice(_("Đã gửi mã. Mã dùng trong 10 phút."))
            return redirect_to("accounts_buyer.phone", next=safe_path(request.args.get("next")))
    return _phone_page(code, form, _status(form))


@bp.post("/phone/confirmation")
@limiter.limit("60 per minute")
def confirm_phone() -> Any:
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            done = service.confirm_phone(_me(), form.code.data, current_actor())
        if done is Confirmed.DONE:
            notice(_("Số điện thoại đã được xác nhận."))
            return redirect(safe_path(form.next.data) or url_for("accounts_buyer.home"), 303)
        form.refuse(Refusal(PHONE_TAKEN if done is Confirmed.TAKEN else WRONG_CODE, field="code"))
    return _phone_page(form, PhoneForm(formdata=None), 422)


def _phone_page(code: CodeForm, form: PhoneForm, status: int = 200) -> Any:
    return page(
        "accounts/buyer/phone.html",
        status,
        code=code,
        form=form,
        me=person(),
        next=safe_path(code.next.data),
        shows_outbox=_shows_outbox(Channel.SMS),
        is_sent=carrier(Channel.SMS).is_real or _shows_outbox(Channel.SMS),
    )


@bp.get("/email")
def email() -> Any:
    return _email_page(EmailForm(formdata=None), CodeForm(formdata=None))


@bp.post("/email")
@limiter.limit("60 per minute")
def claim_email() -> Any:
    form = EmailForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.claim_email(_me(), form.email.data, current_actor())
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            notice(_("Đã gửi mã tới e-mail. Mã dùng trong 10 phút."))
            return redirect_to("accounts_buyer.email")
    return _email_page(form, CodeForm(formdata=None), _status(form))


@bp.post("/email/confirmation")
@limiter.limit("60 per minute")
def confirm_email() -> Any:
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            done = service.confirm_email(_me(), form.code.data, current_actor())
        if done is Confirmed.DONE:
            notice(_("E-mail đã được xác nhận. Bạn đăng nhập được bằng e-mail này."))
            return redirect_to("accounts_buyer.security")
        form.refuse(Refusal(EMAIL_TAKEN if done is Confirmed.TAKEN else WRONG_CODE, field="code"))
    return _email_page(EmailForm(formdata=None), form, 422)


@bp.post("/email/removal")
def remove_email() -> Any:
    with transaction():
        service.remove_email(_me(), current_actor())
    notice(_("Đã bỏ e-mail."))
    return redirect_to("accounts_buyer.security")


def _email_page(form: EmailForm, code: CodeForm, status: int = 200) -> Any:
    return page(
        "accounts/buyer/email.html",
        status,
        form=form,
        code=code,
        me=person(),
        shows_outbox=_shows_outbox(Channel.EMAIL),
    )


def _shows_outbox(channel: Channel) -> bool:
    return market.settings().app_env != "production" and not carrier(channel).is_real


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["POST"])
def password() -> Any:
    me, form = person(), PasswordForm()
    has_one = me.password_hash is not None
    if form.validate_on_submit() and (not has_one or _knows(me, form, form.old)):
        try:
            with transaction():
                service.set_password(_me(), form.password.data, current_actor(), keep=me.sign_in_token)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            notice(_("Đã đổi mật khẩu. Các máy khác đã được đăng xuất."))
            return redirect_to("accounts_buyer.security")
    return page("accounts/buyer/password.html", _status(form), form=form, has_one=has_one)


def _knows(me: Person, form: Any, field: Any) -> bool:
    """Does the person know their password? Tries are counted as at the door."""
    try:
        with transaction():
            service.count_try(me.code)
    except Refusal as refusal:
        _refused(form, refusal)
        return False
    if queries.is_password_of(me, field.data or ""):
        with transaction():
            service.clear_tries(me.code)
        return True
    field.errors = [_("Mật khẩu đang dùng chưa đúng.")]
    return False


# -- sessions -----------------------------------------------------------------------------------------------------


@bp.get("/security")
def security() -> Any:
    me = person()
    entries = [(entry, queries.is_this_session(entry, me)) for entry in queries.sign_ins_of(me)]
    return page("accounts/buyer/security.html", me=me, entries=entries)


@bp.post("/sign-ins/<code>/ending")
def end_sign_in(code: str) -> Any:
    with transaction():
        service.end_sign_in(queries.sign_in_of(_me(), code), current_actor())
    notice(_("Đã đăng xuất máy đó."))
    return redirect_to("accounts_buyer.security")


@bp.post("/sign-ins/ending")
def end_other_sign_ins() -> Any:
    token = person().sign_in_token
    with transaction():
        service.end_sign_ins(_me(), current_actor(), but=token)
    notice(_("Đã đăng xuất mọi máy khác."))
    return redirect_to("accounts_buyer.security")


# -- addresses ----------------------------------------------------------------------------------------------------


@bp.get("/addresses")
def addresses() -> Any:
    saved = [(address, _lines(address)) for address in queries.addresses_of(person())]
    return page("accounts/buyer/addresses.html", saved=saved)


def _lines(address: SavedAddress) -> list[str]:
    commune = places.commune(address.commune_code)
    lines = [address.street, places.print_address("", commune) if commune else ""]
    if address.lat is not None and address.lon is not None:
        lines.append(str(_("Mã vị trí: %(code)s", code=places.plus_code(address.lat, address.lon))))
    if address.vpostcode:
        lines.append(f"Vpostcode {address.vpostcode}")
    return lines


@bp.route("/new-address", methods=["GET", "POST"])
def new_address() -> Any:
    me = person()
    return _address_page(SavedAddressForm(name=me.name, phone=me.contact_phone), None)


@bp.route("/addresses/<code>", methods=["GET", "POST"])
def address(code: str) -> Any:
    saved = queries.address_of(person(), code)
    form = SavedAddressForm(
        name=saved.name,
        phone=saved.phone,
        province=saved.province_code,
        commune=saved.commune_code,
        street=saved.street,
        is_default=saved.is_default,
        pin=f"{saved.lat:.6f}, {saved.lon:.6f}" if saved.lat is not None and saved.lon is not None else "",
        vpostcode=saved.vpostcode or "",
    )
    return _address_page(form, saved)


def _address_page(form: SavedAddressForm, saved: SavedAddress | None) -> Any:
    code = saved.code if saved is not None else None
    if form.is_submitted() and form.asks_for_communes:
        if request.form.get("pick_province") == "whole":
            form.read_whole()
        return page("accounts/buyer/address.html", form=form, saved=saved)
    if form.validate_on_submit():
        try:
            with transaction():
                me = _me()
                service.save_address(
                    me,
                    form.name.data,
                    form.phone.data or "",
                    form.commune.data,
                    form.street.data,
                    current_actor(),
                    address=queries.address_of(me, code) if code else None,
                    is_default=form.is_default.data,
                    position=form.position,
                    vpostcode=form.vpostcode.data or "",
                )
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            notice(_("Đã lưu địa chỉ."))
            return redirect_to("accounts_buyer.addresses")
    return page("accounts/buyer/address.html", _status(form), form=form, saved=saved)


@bp.post("/addresses/<code>/removal")
def remove_address(code: str) -> Any:
    with transaction():
        service.remove_address(queries.address_of(_me(), code), current_actor())
    notice(_("Đã xóa địa chỉ."))
    return redirect_to("accounts_buyer.addresses")


# -- consents and data --------------------------------------------------------------------------------------------


@bp.get("/consents")
def consents() -> Any:
    me, now = person(), clock.now()
    asked = [(consent, HELP_WORDS[consent.scope], consent.until > now) for consent in queries.consents_of(me)]
    return page("accounts/buyer/consents.html", me=me, consents=asked)


@bp.post("/consents/<code>/giving")
def give_consent(code: str) -> Any:
    with transaction():
        service.give_consent(queries.consent_of(_me(), code), current_actor())
    notice(_("Bạn đã đồng ý. Bạn rút lại được bất cứ lúc nào."))
    return redirect_to("accounts_buyer.consents")


@bp.post("/consents/<code>/withdrawal")
def withdraw_consent(code: str) -> Any:
    with transaction():
        service.withdraw_consent(queries.consent_of(_me(), code), current_actor())
    notice(_("Đã rút lại. Người đó không còn làm thay bạn được."))
    return redirect_to("accounts_buyer.consents")


@bp.get("/data")
def data() -> Any:
    return page("accounts/buyer/data.html", me=person(), form=EraseForm(formdata=None))


@bp.get("/data/file")
@limiter.limit("20 per minute")
def data_file() -> Response:
    """Everything the house knows of the person, as one JSON file."""
    told = json.dumps(personal.gather(person().id), ensure_ascii=False, indent=2, default=str)
    answer = Response(told, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{person().code}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/data/erasure")
@limiter.limit("20 per minute")
def erase() -> Any:
    me, form = person(), EraseForm()
    if form.validate_on_submit() and (me.password_hash is None or _knows(me, form, form.password)):
        try:
            with transaction():
                service.forget_person(_me(), current_actor())
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            logout_user()
            session.clear()
            notice(_("Đã xóa thông tin của bạn. Cảm ơn bạn đã ở chợ."))
            return redirect(request.script_root + "/", 303)
    return page("accounts/buyer/data.html", _status(form), me=person(), form=form)
