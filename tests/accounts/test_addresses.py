"""Saved addresses: add, change, the usual one, remove."""

import pytest

from marketplace.accounts import queries, service
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from tests import cast

HOME = {"name": "Trần Thị Lan", "phone": "0912 000 001", "province": "19", "commune": "05503",
        "street": "Xóm Hồng Thái 2"}  # fmt: skip


@pytest.fixture
def lan(app):
    return cast.buyer()


def save(person, street="Xóm Hồng Thái 2", **options):
    with transaction():
        return service.save_address(
            queries.person(person.code), "Lan", "0912000001", "05503", street, cast.by(person), **options
        )


def streets(person):
    db.session.rollback()
    return [(saved.street, saved.is_default) for saved in queries.addresses_of(person)]


def add(visit, status=200, **changes):
    # The list of communes comes with the province, as it does without JavaScript.
    page = visit("/account/new-address").form("/account/new-address")
    page = page.submit(button=("pick_province", "1"), province=(HOME | changes)["province"])
    return page.form("/account/new-address").submit(status=status, **(HOME | changes))


def test_the_first_one_is_the_usual_one(visit, lan):
    page = add(visit.sign_in(lan))
    assert "Đã lưu địa chỉ." in page
    assert "Xã Tân Cương, Thái Nguyên" in page
    assert streets(lan) == [("Xóm Hồng Thái 2", True)]
    assert queries.usual_address(lan).commune_code == "05503"


def test_another_may_become_the_usual_one(visit, lan):
    save(lan)
    add(visit.sign_in(lan), street="Số 8, đường Láng", is_default="y")
    assert streets(lan) == [("Số 8, đường Láng", True), ("Xóm Hồng Thái 2", False)]


def test_changing_one(visit, lan):
    code = save(lan).code
    path = f"/account/addresses/{code}"
    form = visit.sign_in(lan)(path).form(path)
    assert form.fields["commune"] == "05503"
    form.submit(street="Xóm Nam Đồng")
    assert streets(lan) == [("Xóm Nam Đồng", True)]


def test_removing_the_usual_one_makes_the_oldest_the_usual_one(visit, lan):
    code = save(lan, "một").code
    save(lan, "hai")
    save(lan, "ba")
    visit.sign_in(lan)("/account/addresses").form(f"/account/addresses/{code}/removal").submit()
    assert streets(lan) == [("hai", True), ("ba", False)]


def test_an_address_of_another_person_is_not_there(visit, lan):
    an = cast.farmer_an()
    code = save(an).code
    visit.sign_in(lan)(f"/account/addresses/{code}", status=404)
    visit.post(f"/account/addresses/{code}", status=404, **HOME)
    visit.post(f"/account/addresses/{code}/removal", status=404)
    assert streets(an) == [("Xóm Hồng Thái 2", True)]
    assert "Xóm Hồng Thái 2" not in visit("/account/addresses")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"commune": "32244"}, "không thuộc tỉnh đã chọn"),
        ({"province": "96"}, "không thuộc tỉnh đã chọn"),
        ({"province": "00"}, "Hãy chọn"),
        ({"commune": "99999"}, "Hãy chọn lại"),
        ({"commune": ""}, "Hãy chọn xã"),
        ({"street": ""}, "Hãy ghi số nhà"),
        ({"street": "x" * 10_000}, "Dài quá"),
        ({"phone": "x"}, "Số điện thoại chưa đúng"),
        ({"name": ""}, "Hãy ghi tên người nhận"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(visit, lan, changes, says):
    visit.sign_in(lan)
    page = visit.post("/account/new-address", status=422, **(HOME | changes))
    assert says in page
    assert streets(lan) == []


def test_markup_is_shown_as_typed(visit, lan):
    add(visit.sign_in(lan), street="<b>ngõ</b> & 'hẻm'")
    assert "<b>ngõ</b> & 'hẻm'" in visit("/account/addresses")


def test_twenty_at_most(app, lan):
    for n in range(20):
        save(lan, f"số {n}")
    with pytest.raises(Refusal, match="tối đa 20"):
        save(lan, "số 20")
    assert len(streets(lan)) == 20


def test_rules_hold_without_the_form(app, lan):
    for wrong in ({"commune": "99999"}, {"street": " "}, {"phone": "1"}, {"name": ""}):
        fields = {"name": "Lan", "phone": "0912000001", "commune": "05503", "street": "x"} | wrong
        with pytest.raises(Refusal), transaction():
            service.save_address(
                queries.person(lan.code), fields["name"], fields["phone"], fields["commune"], fields["street"],
                cast.by(lan),
            )  # fmt: skip
    assert streets(lan) == []
