"""For farmers: the steps by which a farm comes on board, and the settings of a farm at work."""

from typing import Any

from flask import Blueprint, request, url_for

from marketplace.dossiers import queries as dossiers
from marketplace.farmers import forms, onboarding, queries, service
from marketplace.farmers.forms import BankForm
from marketplace.farmers.models import RIGHT_WORDS, Farm, FarmRight, FarmState
from marketplace.farmers.routes import steps
from marketplace.farmers.routes.steps import Way
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("farmers_farmer", __name__)
bp.before_request(lambda: queries.must_be_owner(person()))


# -- coming on board ----------------------------------------------------------------------------------------------


@bp.get("/start")
def start() -> Any:
    """Where one stands: what is needed, which steps are done, how far the dossier is."""
    farm = queries.applying_farm(person())
    if farm is None:
        return page(
            "farmers/farmer/welcome.html",
            steps=onboarding.STEPS,
            farms=[farm for farm in queries.farms_of(person()) if farm.state is not FarmState.CLOSED],
            procedure=next((p for p in dossiers.procedures() if p.key == service.PROCEDURE), None),
        )
    return _show_start(farm)


@bp.post("/start")
def begin() -> Any:
    if queries.applying_farm(person()) is None:
        with transaction():
            service.start(person(), current_actor())
    return _way(_applying()).go_on()


@bp.route("/start/<key>", methods=["GET", "POST"])
def step(key: str) -> Any:
    farm = queries.applying_farm(person())
    if onboarding.step(key) is None:
        raise Missing()
    return redirect_to("farmers_farmer.start") if farm is None else steps.show_step(_way(farm), key)


@bp.post("/start/submission")
def submit() -> Any:
    """Hand the application in."""
    way = _way(_applying())
    refused = steps.hand_in(way, lambda: service.submit(way.farm, way.by))
    if refused is not None:
        return refused
    notice(_("Đã nộp hồ sơ. Chúng tôi sẽ báo khi có tin mới."))
    return redirect_to("farmers_farmer.start")


@bp.post("/start/withdrawal")
def take_back() -> Any:
    """Take the application back to change it."""
    farm = _applying()
    with transaction():
        service.take_back(farm, current_actor())
    notice(_("Đã rút hồ sơ. Sửa xong, bạn nộp lại."))
    return redirect_to("farmers_farmer.start")


@bp.post("/start/closure")
def give_up() -> Any:
    """Give up bringing this farm on board."""
    farm = _applying()
    with transaction():
        service.close(farm, current_actor())
    notice(_("Đã bỏ đăng ký gian hàng này. Khi nào muốn, bạn bắt đầu lại."))
    return redirect_to("farmers_farmer.start")


def _applying() -> Farm:
    farm = queries.applying_farm(person())
    if farm is None:
        raise Missing(_("Bạn không có gian hàng nào đang làm thủ tục. Hãy tải lại trang."))
    return farm


def _way(farm: Farm) -> Way:
    return Way(farm, current_actor(), "farmers_farmer")


def _show_start(farm: Farm) -> Any:
    dossier = queries.dossier_of(farm)
    if dossier is not None and dossier.is_with_us:
        return page(
            "farmers/farmer/waiting.html", farm=farm, dossier=dossier, stages=dossiers.stages(dossier)
        )
    return steps.show_list(_way(farm))


# -- a farm at work -----------------------------------------------------------------------------------------------


@bp.get("/farm")
@bp.get("/farms/<code>")
def farm(code: str | None = None) -> Any:
    """The settings of a farm: mine, or the one with this code."""
    found = queries.farm_for(person(), code) if code else queries.my_farm(person())
    if found is None or found.state is FarmState.APPLYING:
        return redirect_to("farmers_farmer.start")
    return _show_farm(found)


@bp.post("/farms/<code>")
def describe(code: str) -> Any:
    found = queries.farm_for(person(), code)
    form = forms.settings_form(found)
    if form.validate():
        assert form.phone.data is not None and form.handling_days.data is not None
        try:
            with transaction():
                service.describe(
                    found,
                    current_actor(),
                    story=form.story.data or "",
                    phone=form.phone.data,
                    handling_days=form.handling_days.data,
                    photos=form.photo.data or (),
                    drop=form.drop.data or (),
                )
            notice(_("Đã lưu."))
            return redirect_to("farmers_farmer.farm")
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    return _show_farm(queries.farm_for(person(), code), 422, form)


@bp.post("/farms/<code>/holiday")
def take_holiday(code: str) -> Any:
    found, form = queries.farm_for(person(), code), forms.HolidayForm()
    if not form.validate():
        return _show_farm(found, 422, holiday=form)
    try:
        with transaction():
            service.take_holiday(found, current_actor(), form.back_on.data)
    except Conflict:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _show_farm(queries.farm_for(person(), code), 422, holiday=form)
    notice(_("Gian hàng tạm nghỉ: khách không đặt thêm được. Đơn đang làm vẫn giao như thường."))
    return redirect_to("farmers_farmer.farm")


@bp.post("/farms/<code>/return")
def back_from_holiday(code: str) -> Any:
    found = queries.farm_for(person(), code)
    with transaction():
        service.back_from_holiday(found, current_actor())
    notice(_("Gian hàng bán lại rồi."))
    return redirect_to("farmers_farmer.farm")


@bp.post("/farms/<code>/closure")
def close(code: str) -> Any:
    found = queries.farm_for(person(), code)
    with transaction():
        service.close(found, current_actor())
    notice(_("Đã đóng gian hàng. Đơn đang làm vẫn cần giao xong."))
    return redirect_to("farmers_farmer.start")


@bp.route("/farms/<code>/bank", methods=["GET", "POST"])
def bank(code: str) -> Any:
    """Change where the farm is paid, with the password or a code once more."""
    found = queries.farm_for(person(), code)
    form: BankForm = forms.payment_form(found, BankForm)
    if form.is_submitted():
        try:
            is_new = form.validate() and _change(code, form)
        except Conflict:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        if not form.problems:
            _say_changed(queries.farm_for(person(), code), is_new)
            return redirect_to("farmers_farmer.farm")
    found = queries.farm_for(person(), code)
    return page(
        "farmers/farmer/bank.html",
        422 if form.problems else 200,
        farm=found,
        form=form,
        bank=queries.bank_of(found),
    )


def _change(code: str, form: BankForm) -> bool:
    _prove(form)
    with transaction():
        return service.change_bank_account(
            queries.farm_for(person(), code),
            by=current_actor(),
            holder_paper=form.holder_paper.data,
            **form.chosen,
        )


def _say_changed(farm: Farm, is_new: bool) -> None:
    if not is_new:
        notice(_("Vẫn là tài khoản cũ, không có gì thay đổi."), "warn")
    elif queries.holder_is_other(farm):
        notice(
            _("Đã đổi. Tài khoản này của người khác, nên chờ người thẩm định xem giấy rồi mới trả tiền vào.")
        )
    else:
        notice(_("Đã đổi cách nhận tiền. Chúng tôi vừa báo cho bạn bằng tin nhắn."))


@bp.post("/farms/<code>/bank/code")
def send_code(code: str) -> Any:
    """Send a code for those who sign in without a password."""
    queries.farm_for(person(), code)
    with transaction():
        service.send_proof_code(person())
    notice(_("Đã gửi mã vào điện thoại của bạn."))
    return redirect_to("farmers_farmer.bank", code=code)


def _prove(form: BankForm) -> None:
    """Ask whether it is really the owner. Counts the try even when it was wrong."""
    if not (form.password.data or form.code.data):
        raise Refusal(_("Hãy nhập lại mật khẩu, hoặc mã trong tin nhắn."), "password")
    with transaction():
        is_proved = service.prove(person(), form.password.data or "", form.code.data or "", current_actor())
    if not is_proved:
        raise Refusal(_("Mật khẩu hoặc mã chưa đúng. Hãy thử lại."), "code" if form.code.data else "password")


# -- the farm's team ----------------------------------------------------------------------------------------------


@bp.route("/team", methods=["GET", "POST"])
def team() -> Any:
    """Who works for the farm, and what each may do."""
    found = queries.my_farm(person())
    if found is None or found.state is FarmState.APPLYING:
        return redirect_to("farmers_farmer.start")
    form, status = forms.MemberForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with transaction():
                    mine = queries.farm_for(person(), found.code)
                    service.add_member(mine, form.phone.data or "", _rights(form), current_actor())
                notice(_("Đã thêm vào nhóm và báo cho người ấy."))
                return redirect_to("farmers_farmer.team")
            except Conflict:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
    found = queries.farm_for(person(), found.code)
    return page(
        "farmers/farmer/team.html",
        status,
        farm=found,
        form=form,
        right_words={right.value: words for right, words in RIGHT_WORDS.items()},
    )


@bp.post("/team/<code>/rights")
def set_rights(code: str) -> Any:
    form = forms.RightsForm()
    if form.validate():
        with transaction():
            service.set_rights(_member(code), _rights(form), current_actor())
        notice(_("Đã lưu."))
    return redirect_to("farmers_farmer.team")


@bp.post("/team/<code>/removal")
def remove_member(code: str) -> Any:
    with transaction():
        service.remove_member(_member(code), current_actor())
    notice(_("Đã cho ra khỏi nhóm."))
    return redirect_to("farmers_farmer.team")


def _member(code: str) -> Any:
    found = queries.my_farm(person())
    if found is None:
        raise Missing()
    return queries.member_of(found, code)


def _rights(form: Any) -> list[FarmRight]:
    return [FarmRight(value) for value in form.rights.data or ()]


def _show_farm(found: Farm, status: int = 200, form: Any = None, holiday: Any = None) -> Any:
    return page(
        "farmers/farmer/farm.html",
        status,
        farm=found,
        farms=queries.farms_of(person()),
        form=form or forms.settings_form(found, formdata=None),
        holiday=holiday or forms.HolidayForm(formdata=None),
        bank=queries.bank_of(found),
        address=queries.address_of(found),
        plus_code=queries.plus_code_of(found),
        held_until=queries.payouts_held_until(found),
        account_dossier=queries.account_dossier(found),
        here=url_for("farmers_farmer.farm", code=found.code),
    )
