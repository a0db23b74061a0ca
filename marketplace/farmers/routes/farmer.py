"""For farmers: the steps by which a farm comes on board, and the settings of a farm at work."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for

from marketplace.dossiers import queries as dossiers
from marketplace.farmers import forms, onboarding, queries, service
from marketplace.farmers.forms import KINDS, BankForm, StartForm
from marketplace.farmers.models import RIGHT_WORDS, Farm, FarmRight, FarmState
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
    farm = queries.applying_farm(person())
    undone = onboarding.next_step(farm) if farm is not None else None
    return (
        redirect_to("farmers_farmer.step", key=undone.key) if undone else redirect_to("farmers_farmer.start")
    )


@bp.route("/start/<key>", methods=["GET", "POST"])
def step(key: str) -> Any:
    """One step; what was typed is kept when something is wrong with it."""
    shown = onboarding.step(key)
    if shown is None:
        raise Missing()
    farm = queries.applying_farm(person())
    if farm is None:
        return redirect_to("farmers_farmer.start")
    dossier = queries.dossier_of(farm)
    if dossier is not None and dossier.is_with_us:
        notice(_("Hồ sơ đã nộp và đang được xem nên chưa sửa được. Cần sửa, hãy rút hồ sơ trước."), "warn")
        return redirect_to("farmers_farmer.start")
    form = FORMS[key](farm)
    status = 200
    if request.method == "POST" and not ("pick_province" in request.form and key == "address"):
        status = 422
        if form.validate():
            try:
                with transaction():
                    SAVES[key](farm, form)
                return _onwards(farm, key)
            except Conflict:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
    # A browser gives a chosen file once: it must be chosen again, and is told so.
    choose_again = status == 422 and any(
        field.data for field in form if field.type in ("PaperField", "PhotosField")
    )
    return page(
        f"farmers/farmer/steps/{key}.html",
        status,
        step=shown,
        form=form,
        choose_again=choose_again,
        **_facts(farm),
    )


def _onwards(farm: Farm, key: str) -> Any:
    """On to the next step that is not done; back to the list when all are, or when the dossier came back."""
    undone = onboarding.next_step(farm, after=key)
    if undone is None:
        notice(_("Đã lưu. Mọi mục đã xong, bạn có thể nộp hồ sơ."))
        return redirect_to("farmers_farmer.start")
    notice(_("Đã lưu."))
    return redirect_to("farmers_farmer.step", key=undone.key)


@bp.post("/start/submission")
def submit() -> Any:
    """Hand the application in."""
    farm = _applying()
    try:
        with transaction():
            service.submit(farm, current_actor())
    except Conflict:
        raise
    except Refusal as refusal:
        return _show_start(_applying(), 422, refusal.sentence)
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


def _show_start(farm: Farm, status: int = 200, refusal: Any = None) -> Any:
    dossier = queries.dossier_of(farm)
    if dossier is not None and dossier.is_with_us:
        return page(
            "farmers/farmer/waiting.html", farm=farm, dossier=dossier, stages=dossiers.stages(dossier)
        )
    return page("farmers/farmer/start.html", status, refusal=refusal, form=StartForm(), **_facts(farm))


def _facts(farm: Farm) -> dict[str, Any]:
    """What the list of steps and each step show of the farm."""
    dossier = queries.dossier_of(farm)
    missing = dossier.missing if dossier is not None and dossier.is_with_applicant else []
    steps_of_papers = (
        {paper["key"]: paper["section"] for paper in dossier.procedure.papers} if dossier else {}
    )
    return {
        "farm": farm,
        "dossier": dossier,
        "steps": onboarding.STEPS,
        "to_mend": {steps_of_papers.get(key, key) for key in missing or ()},
        "papers": {
            kind: dossier.current_paper(kind) if dossier else None
            for kind in (*service.PAPERS, service.HOLDER_PAPER)
        },
        "next_step": onboarding.next_step(farm),
        "done_count": onboarding.done_count(farm),
        "is_complete": onboarding.next_step(farm) is None,
        "bank": queries.bank_of(farm),
        "address": queries.address_of(farm),
        "plus_code": queries.plus_code_of(farm),
    }


def _save_who(farm: Farm, form: forms.WhoForm) -> None:
    assert form.born_on.data is not None
    service.save_who(
        farm,
        KINDS[form.kind.data],
        form.full_name.data,
        form.born_on.data,
        current_actor(),
        personal_id=form.personal_id.data,
        tax_code=form.tax_code.data,
        id_photo=form.id_photo.data,
        registration=form.registration.data,
    )


def _save_farm(farm: Farm, form: forms.FarmForm) -> None:
    assert form.phone.data is not None
    photo = form.photo.data[0] if form.photo.data else None
    service.save_farm(
        farm, form.name.data, form.phone.data, current_actor(), story=form.story.data or "", photo=photo
    )


def _save_address(farm: Farm, form: forms.AddressForm) -> None:
    lat, lon = form.position or (None, None)
    service.save_address(
        farm, form.province.data, form.commune.data, form.street.data, current_actor(), lat=lat, lon=lon
    )


def _save_payment(farm: Farm, form: forms.PaymentForm) -> None:
    service.save_payment(farm, by=current_actor(), holder_paper=form.holder_paper.data, **form.chosen)


FORMS: dict[str, Callable[[Farm], Any]] = {
    "who": forms.who_form,
    "farm": forms.farm_form,
    "address": forms.address_form,
    "payment": forms.payment_form,
}
SAVES: dict[str, Callable[[Farm, Any], None]] = {
    "who": _save_who,
    "farm": _save_farm,
    "address": _save_address,
    "payment": _save_payment,
}


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
                    photo=form.photo.data[0] if form.photo.data else None,
                    drop_photo=form.drop_photo.data,
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
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                _prove(form)
                with transaction():
                    is_new = service.change_bank_account(found, by=current_actor(), **form.chosen)
                if is_new:
                    notice(_("Đã đổi cách nhận tiền. Chúng tôi vừa báo cho bạn bằng tin nhắn."))
                else:
                    notice(_("Vẫn là tài khoản cũ, không có gì thay đổi."), "warn")
                return redirect_to("farmers_farmer.farm")
            except Conflict:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
    found = queries.farm_for(person(), code)
    return page("farmers/farmer/bank.html", status, farm=found, form=form, bank=queries.bank_of(found))


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
        form=form or forms.settings_form(found),
        holiday=holiday or forms.HolidayForm(formdata=None),
        bank=queries.bank_of(found),
        address=queries.address_of(found),
        plus_code=queries.plus_code_of(found),
        held_until=queries.payouts_held_until(found),
        here=url_for("farmers_farmer.farm", code=found.code),
    )
