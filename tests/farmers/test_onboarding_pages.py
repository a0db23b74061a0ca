"""Coming on board through the pages, as a browser without JavaScript sees them."""

import io
import re
import unicodedata
from datetime import date

import pytest

from marketplace.accounts.models import Person, Role
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Dossier
from marketplace.farmers import queries
from marketplace.farmers.models import Farm, FarmState, Identity
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPaper, StoredPhoto
from tests import cast, make

STEPS = ("who", "farm", "address", "payment")


@pytest.fixture
def lan(app):
    make.procedures()
    return cast.buyer()


@pytest.fixture
def newcomer(visit, lan):
    return visit.sign_in(lan)


@pytest.fixture
def begun(newcomer, lan) -> Farm:
    newcomer("/sell/start").form("/sell/start").submit()
    return queries.applying_farm(lan)


def who(page, **said):
    said = {
        "kind": "household",
        "full_name": "Trần Thị Lan",
        "born_on": "1985-03-12",
        "personal_id": make.personal_id(date(1985, 3, 12)),
        **said,
    }
    return page.form("/sell/start/who").submit(**said)


def reviewer() -> Actor:
    return Actor.of(cast.reviewer().id)


def test_a_visitor_is_asked_to_sign_in_first(visit):
    page = visit("/sell/start", status=303)
    assert "/login" in page.answer.headers["Location"]


def test_from_nothing_to_handed_in(newcomer, lan):
    page = newcomer("/sell/start")
    assert "Thẻ căn cước" in page and "3 ngày làm việc" in page
    page = page.form("/sell/start").submit()
    assert page.h1 == "Bạn là ai?"
    page = who(page, id_photo=(make.picture(), "cccd.jpg"))
    assert page.h1 == "Nông trại của bạn"
    page = page.form("/sell/start/farm").submit(
        name="Vườn chè cô Lan",
        phone="0912 345 678",
        story="Ba đời làm chè.",
        photo=(make.picture(40), "vuon.jpg"),
    )
    assert page.h1 == "Lấy hàng ở đâu?"
    page = page.form("/sell/start/address").submit(province="19", button=("pick_province", "1"))
    assert "05503" in page.form("/sell/start/address").choices("commune")
    page = page.form("/sell/start/address").submit(
        commune="05503", street="Xóm Hồng Thái 2", pin="7PH7GQJ7+6C"
    )
    assert page.h1 == "Nhận tiền thế nào?"
    page = page.form("/sell/start/payment").submit(
        method="bank", bank="970405", number="1234 5678 90", holder="TRAN THI LAN"
    )
    assert "Mọi mục đã xong" in page and "•••• 7890" in page and "Vườn chè cô Lan" in page
    page = page.form("/sell/start/submission").submit()
    assert page.h1 == "Hồ sơ đã nộp" and "Trả lời chậm nhất" in page
    farm = queries.applying_farm(lan)
    assert queries.plus_code_of(farm) == "7PH7GQJ7+6C" and farm.photo is not None
    dossier = queries.dossier_of(farm)
    assert dossier.current_paper("id_photo") is not None
    page = page.follow("Trang theo dõi")
    assert dossier.code in page


def test_whoever_does_it_alone_proves_their_telephone_first(newcomer, begun, lan, sent):
    with transaction():
        db.session.get_one(Person, lan.id).phone_verified_at = None
    who(newcomer("/sell/start/who"))
    newcomer("/sell/start/farm").form("/sell/start/farm").submit(name="Vườn Lan", phone="0912 345 678")
    page = (
        newcomer("/sell/start/address")
        .form("/sell/start/address")
        .submit(province="19", button=("pick_province", "1"))
    )
    page.form("/sell/start/address").submit(commune="05503", street="Xóm 2")
    page = newcomer("/sell/start/payment").form("/sell/start/payment").submit(method="cash")
    assert "Bốn mục đã xong" in page and "còn xác nhận số điện thoại" in page
    page = newcomer.post("/sell/start/submission", status=422)
    assert "xác nhận số điện thoại" in page and db.session.query(Dossier).count() == 0
    assert not sent(template="dossiers/submitted")
    page = page.follow("Xác nhận số điện thoại")
    page = page.form("/account/phone?next=/sell/start", says="Gửi lại mã").submit()
    code = re.search(r"\b\d{6}\b", sent.text(template="accounts/phone_code"))[0]
    page = page.form("/account/phone/confirmation").submit(code=code)
    assert page.path == "/sell/start"
    page = page.form("/sell/start/submission").submit()
    assert page.h1 == "Hồ sơ đã nộp"
    assert db.session.query(Dossier).one().facts["phone_is"] == "proved"


def test_stop_and_go_on_on_another_phone(visit, newcomer, begun, lan):
    who(newcomer("/sell/start/who"))
    page = visit.another().sign_in(lan)("/sell/start")
    assert "Đã xong 1 trên 4 mục" in page and "Trần Thị Lan" in page
    page = page.follow("Bạn là ai?")
    assert page.form("/sell/start/who").fields["full_name"] == "Trần Thị Lan"
    assert page.form("/sell/start/who").fields["personal_id"] == ""
    assert make.personal_id(date(1985, 3, 12)) not in page.html


def test_steps_may_be_done_in_any_order_and_gone_back_to(newcomer, begun):
    page = newcomer("/sell/start/payment").form("/sell/start/payment").submit(method="cash")
    assert page.h1 == "Bạn là ai?"
    page = who(page).follow("Người bán")
    assert page.h1 == "Bạn là ai?"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": None}, "Hãy chọn ai bán hàng."),
        ({"kind": "pirate"}, "Hãy chọn một mục có trong danh sách."),
        ({"full_name": ""}, "Hãy ghi họ tên"),
        ({"full_name": "x" * 10_000}, "Dài quá"),
        ({"born_on": "2020-01-01"}, "đủ 18 tuổi"),
        ({"born_on": "31/02/1985"}, "Ngày chưa đúng"),
        ({"personal_id": "123"}, "đúng 12 chữ số"),
        ({"personal_id": ""}, "Hãy ghi số định danh"),
        ({"kind": "company", "tax_code": "0100109107"}, "Mã số thuế chưa đúng"),
        ({"id_photo": (make.picture(kind="PNG"), "x.png")}, None),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(newcomer, begun, said, sentence):
    form = newcomer("/sell/start/who").form("/sell/start/who")
    typed = {
        "kind": "household",
        "full_name": "Trần Thị Lan",
        "born_on": "1985-03-12",
        "personal_id": make.personal_id(date(1985, 3, 12)),
        **said,
    }
    if sentence is None:
        assert form.submit(**typed).h1 == "Nông trại của bạn"
        return
    page = form.submit(status=422, **typed)
    assert sentence in page
    kept = page.form("/sell/start/who").fields
    for name in ("full_name", "born_on", "personal_id"):
        assert kept[name] == typed[name]
    assert db.session.query(Identity).count() == 0


def test_what_a_co_operative_must_show_is_not_called_optional(newcomer, begun):
    page = newcomer("/sell/start/who")
    for field in ("registration", "tax_code", "personal_id"):
        assert "không bắt buộc" not in "".join(page.one("label", **{"for": field}).itertext())
    assert "không bắt buộc" in "".join(page.one("label", **{"for": "id_photo"}).itertext())
    who(page, kind="cooperative", tax_code="0100233488", registration=(make.picture(), "dk.jpg"))
    again = "".join(newcomer("/sell/start/who").one("label", **{"for": "registration"}).itertext())
    assert "không bắt buộc" in again, "there is one already"


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        ((b"x" * 3000, "the.jpg"), "Giấy tờ cần là tệp PDF hoặc ảnh"),
        ((b"<svg onload=alert(1)>", "the.svg"), "Giấy tờ cần là tệp PDF hoặc ảnh"),
        ((b"%PDF-1.4 broken", "the.pdf"), "Tệp PDF bị hỏng"),
    ],
)
def test_a_paper_that_is_none_stores_nothing(newcomer, begun, upload, sentence):
    form = newcomer("/sell/start/who").form("/sell/start/who")
    page = form.submit(
        status=422,
        kind="household",
        full_name="Trần Thị Lan",
        born_on="1985-03-12",
        personal_id=make.personal_id(date(1985, 3, 12)),
        id_photo=(io.BytesIO(upload[0]), upload[1]),
    )
    assert sentence in page
    assert db.session.query(Identity).count() == db.session.query(StoredPaper).count() == 0


def test_a_photo_that_is_none_stores_nothing(newcomer, begun):
    form = newcomer("/sell/start/farm").form("/sell/start/farm")
    page = form.submit(
        status=422, name="Vườn", phone="0912345678", photo=(io.BytesIO(b"text" * 999), "a.jpg")
    )
    assert page.form("/sell/start/farm").fields["name"] == "Vườn"
    assert db.session.query(StoredPhoto).count() == 0 and begun.name == ""


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"province": "96"}, "không thuộc tỉnh đã chọn"),
        ({"commune": ""}, "Hãy chọn xã"),
        ({"street": ""}, "Hãy ghi số nhà"),
        ({"pin": "ở nhà tôi"}, "Vị trí chưa đúng"),
        ({"pin": "48.85, 2.35"}, "Vị trí chưa đúng"),
        ({"pin": "9.1769, 105.1524"}, "quá xa"),
    ],
)
def test_an_address_that_does_not_fit(newcomer, begun, said, sentence):
    typed = {"province": "19", "commune": "05503", "street": "Xóm 2", **said}
    page = newcomer("/sell/start/address").form("/sell/start/address").submit(status=422, **typed)
    assert sentence in page
    if said.get("street") is None:
        assert page.form("/sell/start/address").fields["street"] == "Xóm 2"
    assert queries.applying_farm(cast.buyer()).commune_code is None


@pytest.mark.parametrize(
    "pin", ["21.5305, 105.7636", "21.5305 105.7636", "7PH7GQJ7+6C", "gqj7+6c", "GQJ7+6C Tân Cương"]
)
def test_a_pin_may_be_written_in_several_ways(newcomer, begun, pin):
    newcomer("/sell/start/address").form("/sell/start/address").submit(
        province="19", commune="05503", street="Xóm 2", pin=pin, vpostcode="24129 abc1234"
    )
    farm = queries.applying_farm(cast.buyer())
    assert farm.vpostcode == "24129ABC1234"
    assert farm.pin_is_own and queries.plus_code_of(farm) == "7PH7GQJ7+6C"


def test_words_are_shown_as_typed_and_kept_nfc(newcomer, begun):
    typed = unicodedata.normalize("NFD", "Chè <script>alert('x')</script> “Đạt”")
    page = newcomer("/sell/start/farm").form("/sell/start/farm").submit(name=typed, phone="0912345678")
    name = unicodedata.normalize("NFC", typed)
    assert queries.applying_farm(cast.buyer()).name == name
    page = newcomer("/sell/start")
    assert name in page and "<script>alert" not in page.html


def test_a_file_that_must_be_chosen_again_is_spoken_of(newcomer, begun):
    form = newcomer("/sell/start/farm").form("/sell/start/farm")
    page = form.submit(status=422, name="", phone="0912345678", photo=(make.picture(), "vuon.jpg"))
    assert "Hãy chọn lại hình" in page
    assert "Hãy chọn lại hình" not in form.submit(status=422, name="")


def test_no_step_of_nothing(newcomer):
    assert newcomer("/sell/start/who").h1 == "Mở gian hàng của bạn"
    newcomer("/sell/start/nonsense", status=404)
    for deed in ("submission", "withdrawal", "closure"):
        newcomer.post(f"/sell/start/{deed}", status=404)


def test_begun_twice_is_begun_once(newcomer, begun):
    newcomer.post("/sell/start")
    assert db.session.query(Farm).count() == 1


def test_handing_in_too_early_says_what_is_left(newcomer, begun):
    page = newcomer.post("/sell/start/submission", status=422)
    assert "Còn mục “Người bán” chưa xong" in page
    assert queries.dossier_of(begun) is None


def test_needs_papers_leads_back_to_the_right_step(visit):
    owner = cast.farmer_an()
    farm = make.application(owner)
    dossier = queries.dossier_of(farm)
    with transaction():
        dossiers.receive(dossier, reviewer())
        dossiers.ask_for_papers(dossier, "Địa chỉ chưa rõ thôn.", reviewer(), missing=["address", "id_photo"])
    page = visit.sign_in(owner)("/sell/start")
    assert page.h1 == "Hồ sơ cần bổ sung" and "Địa chỉ chưa rõ thôn." in page
    assert page.text.count("Cần xem lại") == 2
    page = page.follow("Lấy hàng ở đâu?")
    assert "Địa chỉ chưa rõ thôn." in page
    page = page.form("/sell/start/address").submit(street="Xóm Nam Đồng")
    page = page.form("/sell/start/submission").submit()
    assert page.h1 == "Hồ sơ đã nộp"


def test_refused_mended_and_handed_in_anew(visit):
    owner = cast.farmer_an()
    farm = make.application(owner)
    with transaction():
        dossiers.refuse(queries.dossier_of(farm), "Tên gian hàng trùng.", reviewer())
    page = visit.sign_in(owner)("/sell/start")
    assert page.h1 == "Hồ sơ chưa được duyệt" and "Tên gian hàng trùng." in page
    page.follow("Nông trại của bạn").form("/sell/start/farm").submit(name="Chè An")
    assert visit("/sell/start").form("/sell/start/submission").submit().h1 == "Hồ sơ đã nộp"


def test_taken_back_and_locked_while_it_is_looked_at(visit):
    owner = cast.farmer_an()
    make.application(owner)
    page = visit.sign_in(owner)("/sell/start/farm")
    assert page.h1 == "Hồ sơ đã nộp" and "chưa sửa được" in page
    visit.post("/sell/start/farm", name="Khác", phone="0912345678")
    assert queries.applying_farm(owner).name == "Chè Hảo Đạt"
    page = page.form("/sell/start/withdrawal").submit()
    assert "Mọi mục đã xong" in page


def test_given_up(newcomer, begun, lan):
    page = newcomer("/sell/start").form("/sell/start/closure").submit()
    assert page.h1 == "Mở gian hàng của bạn" and queries.my_farm(lan) is None


def test_approved_the_person_is_a_farmer(visit):
    owner = cast.buyer()
    farm = make.approved_farm(owner)
    assert owner.has_role(Role.FARMER) and farm.state is FarmState.OPEN
    page = visit.sign_in(owner)("/sell/start")
    assert "Vào gian hàng" in page and "Chè Hảo Đạt" in page


def test_one_persons_steps_are_not_anothers(visit, newcomer, begun):
    page = visit.another().sign_in(cast.farmer_binh())("/sell/start/who")
    assert page.h1 == "Mở gian hàng của bạn"


@pytest.mark.parametrize("step", STEPS)
def test_no_step_without_a_token(newcomer, begun, step):
    newcomer.post(f"/sell/start/{step}", status=400, token=False)


@pytest.mark.parametrize("path", ["/sell/start", *(f"/sell/start/{step}" for step in STEPS)])
def test_in_english_too(newcomer, begun, path):
    newcomer.speak("en")(path)
