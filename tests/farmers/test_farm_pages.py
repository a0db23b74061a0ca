"""The settings of a farm at work, the change of its account, and the staff's pages."""

import pytest

from marketplace.farmers import queries, service
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.notifications.models import Delivery
from tests import cast, make


@pytest.fixture
def farm(app) -> Farm:
    return make.approved_farm(cast.farmer_an(), cast.reviewer())


@pytest.fixture
def an(visit, farm):
    return visit.sign_in(cast.farmer_an())


def again(farm: Farm) -> Farm:
    db.session.rollback()
    return db.session.get_one(Farm, farm.id)


# -- settings -----------------------------------------------------------------------------------------------------


def test_a_farm_is_described(an, farm):
    form = an("/sell/farm").form(f"/sell/farms/{farm.code}")
    page = form.submit(story="Chè sạch.", handling_days="2", photo=(make.picture(), "vuon.jpg"))
    assert "Đã lưu." in page and "Chè sạch." in page
    assert again(farm).handling_days == 2 and farm.photo is not None
    form = page.form(f"/sell/farms/{farm.code}")
    page = form.submit(photo=[(make.picture(60), "ao.jpg"), (make.picture(90), "che.jpg")])
    first, second, third = again(farm).photos
    assert farm.photo == first
    shop = an.another()(f"/shops/{farm.code}", status=200)
    assert len(list(shop.one("ul", class_="story-photos").iter("img"))) == 3
    page = page.form(f"/sell/farms/{farm.code}").submit(drop=first.code)
    assert again(farm).photos == [second, third] and farm.photo == second
    too_many = [(make.picture(21 * n), f"{n}.jpg") for n in range(1, 8)]
    page = page.form(f"/sell/farms/{farm.code}").submit(status=422, photo=too_many)
    assert "Tối đa 8 tấm hình" in page and len(again(farm).photos) == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"handling_days": "-1"}, "Phải từ 0 đến 10"),
        ({"handling_days": "1.5"}, "số nguyên"),
        ({"handling_days": "1000000000"}, "Phải từ 0 đến 10"),
        ({"handling_days": ""}, "Hãy ghi số ngày"),
        ({"phone": "abc"}, "Số điện thoại chưa đúng"),
        ({"story": "x" * 3001}, "Dài quá"),
    ],
)
def test_what_is_wrong_is_said_and_kept(an, farm, said, sentence):
    form = an("/sell/farm").form(f"/sell/farms/{farm.code}")
    page = form.submit(status=422, **{"story": "Mới.", **said})
    assert sentence in page
    kept = page.form(f"/sell/farms/{farm.code}").fields
    assert kept["story"] == said.get("story", "Mới.")
    assert again(farm).story == "Ba đời làm chè."


def test_rest_and_sell_again(an, farm):
    page = an("/sell/farm").form(f"/sell/farms/{farm.code}/holiday").submit()
    assert "Tạm nghỉ" in page and again(farm).state is FarmState.ON_HOLIDAY
    an.post(f"/sell/farms/{farm.code}/holiday", status=409)
    page.form(f"/sell/farms/{farm.code}/return").submit()
    assert again(farm).state is FarmState.OPEN


def test_a_refused_rest_leaves_the_other_form_as_the_farm_is(an, farm):
    page = an("/sell/farm").form(f"/sell/farms/{farm.code}/holiday").submit(status=422, back_on="2020-01-01")
    assert "Ngày bán lại phải sau hôm nay" in "".join(page.one("div", class_="errors").itertext())
    kept = page.form(f"/sell/farms/{farm.code}").fields
    assert kept["phone"] and kept["handling_days"] == str(farm.handling_days)
    assert again(farm).state is FarmState.OPEN


def test_closed_for_good(an, farm):
    an("/sell/farm").form(f"/sell/farms/{farm.code}/closure").submit()
    assert again(farm).state is FarmState.CLOSED
    an.post(f"/sell/farms/{farm.code}/return", status=409)


def test_without_a_farm_one_begins(visit):
    make.procedures()
    assert visit.sign_in(cast.buyer())("/sell/farm").h1 == "Mở gian hàng của bạn"


def test_another_farmers_farm_does_not_exist(visit, farm):
    binh = visit.sign_in(cast.farmer_binh())
    for path in ("", "/bank"):
        binh(f"/sell/farms/{farm.code}{path}", status=404)
    for deed in ("", "/holiday", "/return", "/closure", "/bank", "/bank/code"):
        binh.post(
            f"/sell/farms/{farm.code}{deed}",
            status=404,
            story="Của tôi",
            method="cash",
            password=cast.PASSWORD,
        )
    assert again(farm).story == "Ba đời làm chè." and farm.state is FarmState.OPEN


# -- the account --------------------------------------------------------------------------------------------------

NEW = {"method": "bank", "bank": "970436", "number": "55556666777", "holder": "NGUYEN VAN AN"}


def test_an_account_is_changed_with_the_password_again(an, farm):
    page = an("/sell/farm").follow("Đổi cách nhận tiền").form(f"/sell/farms/{farm.code}/bank")
    assert page.fields["number"] == "" and "1234567890" not in page.page.html
    page = page.submit(**NEW, password=cast.PASSWORD)
    assert "chưa trả khoản nào trước" in page and "Vietcombank •••• 6777" in page
    assert again(farm).bank_account.number_end == "6777"


def test_or_with_a_code_by_sms(an, farm):
    page = an(f"/sell/farms/{farm.code}/bank").form(f"/sell/farms/{farm.code}/bank/code").submit()
    assert "Đã gửi mã" in page
    text = db.session.query(Delivery).order_by(Delivery.id.desc()).first().text
    code = next(word for word in text.split() if word.isdigit())
    page.form(f"/sell/farms/{farm.code}/bank").submit(**NEW, code=code)
    assert again(farm).bank_account.number_end == "6777"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"password": ""}, "Hãy nhập lại mật khẩu"),
        ({"password": "wrong"}, "chưa đúng"),
        ({"password": "", "code": "000000"}, "chưa đúng"),
        ({"number": "12"}, "từ 6 đến 19 số"),
        ({"bank": "x"}, "Hãy chọn một mục có trong danh sách"),
        ({"method": ""}, "Hãy chọn cách nhận tiền"),
    ],
)
def test_an_account_is_not_changed(an, farm, said, sentence):
    form = an(f"/sell/farms/{farm.code}/bank").form(f"/sell/farms/{farm.code}/bank")
    page = form.submit(status=422, **{**NEW, "password": cast.PASSWORD, **said})
    assert sentence in page
    assert page.form(f"/sell/farms/{farm.code}/bank").fields["holder"] == "NGUYEN VAN AN"
    assert again(farm).bank_account.number_end == "7890" and queries.payouts_held_until(farm) is None


def test_guessing_the_password_is_slowed_down(an, farm):
    form = an(f"/sell/farms/{farm.code}/bank").form(f"/sell/farms/{farm.code}/bank")
    said = [form.submit(status=status, **NEW, password="wrong").text for status in [422] * 11]
    assert said[-1] != said[0]
    form.submit(status=422, **NEW, password=cast.PASSWORD)
    assert again(farm).bank_account.number_end == "7890"


# -- the staff ----------------------------------------------------------------------------------------------------


def test_staff_find_a_farm_and_stop_it(visit, farm):
    admin = visit.sign_in(cast.admin())
    page = admin("/admin/farms", q="Hảo Đạt").follow("Chè Hảo Đạt")
    assert "•••• 7890" in page and "1234567890" not in page.html and "Nguyễn Văn An" in page
    form = page.form(f"/admin/farms/{farm.code}/suspension")
    assert "Hãy ghi lý do" in form.submit(status=422, reason=" ")
    assert again(farm).state is FarmState.OPEN
    page = form.submit(reason="Hàng <b>không</b> đúng mô tả.")
    assert again(farm).state is FarmState.SUSPENDED and "Hàng <b>không</b> đúng mô tả." in page
    form.submit(status=409, reason="Lại nữa.")
    assert "Hàng <b>không</b> đúng mô tả." in visit.another().sign_in(cast.farmer_an())("/sell/farm")
    page.form(f"/admin/farms/{farm.code}/resumption").submit()
    assert again(farm).state is FarmState.OPEN and farm.suspended_because is None


def test_only_staff_stop_farms(visit, farm):
    visit.another()("/admin/farms", status=303)
    for person in (cast.farmer_an(), cast.farmer_binh(), cast.clerk(), cast.cashier(), cast.buyer()):
        somebody = visit.another().sign_in(person)
        somebody("/admin/farms", status=403)
        somebody(f"/admin/farms/{farm.code}", status=403)
        somebody.post(f"/admin/farms/{farm.code}/suspension", status=403, reason="Vì thế.")
    assert again(farm).state is FarmState.OPEN
    visit.another().sign_in(cast.admin())("/admin/farms/NVNOTHING", status=404)


def test_farms_are_found_by_code_name_telephone_and_state(visit, farm):
    admin = visit.sign_in(cast.admin())
    for asked in (farm.code.lower(), "hảo", "0912345678", "912345"):
        assert farm.code in admin("/admin/farms", q=asked)
    assert farm.code not in admin("/admin/farms", state="suspended")
    assert "Không có gian hàng nào" in admin("/admin/farms", q="%' OR 1=1")


def test_a_suspended_farm_cannot_rest(visit, farm):
    with transaction():
        service.suspend(farm, "Vì thế.", Actor.of(cast.admin().id))
    an = visit.sign_in(cast.farmer_an())
    assert "Vì thế." in an("/sell/farm")
    an.post(f"/sell/farms/{farm.code}/holiday", status=409)
    an.post(f"/sell/farms/{farm.code}/return", status=409)
    assert again(farm).state is FarmState.SUSPENDED
