"""A farm's team, its rest, whose account it is, who is already there, and a look at sealed numbers."""

import io
from datetime import date

import pytest

from marketplace.accounts.models import Role
from marketplace.catalog.models import Product
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import DossierState
from marketplace.farmers import identity, jobs, queries, service
from marketplace.farmers.models import Farm, FarmRight, FarmState, PayBy
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import read_paper
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from tests import cast, make


@pytest.fixture
def farm(app):
    make.rules()
    return make.farm(owner=cast.farmer_an())


def an() -> Actor:
    return Actor.of(cast.farmer_an().id)


def joined(farm, *rights):
    helper = cast.another("Cháu Tí", "0912000031")
    with transaction():
        service.add_member(db.session.get_one(Farm, farm.id), "0912000031", rights, an())
    return cast.another("Cháu Tí", "0912000031") or helper


def status(visit, person, path):
    return visit.another().sign_in(person).raw("GET", path).status_code


@pytest.mark.parametrize(
    ("right", "opens"),
    [(FarmRight.LIST, "/sell/products"), (FarmRight.PACK, "/sell/orders"), (FarmRight.MONEY, "/sell/money")],
)
def test_a_member_opens_what_they_were_given_and_nothing_else(visit, farm, right, opens):
    helper = joined(farm, right)
    for path in ("/sell/products", "/sell/orders", "/sell/money"):
        assert status(visit, helper, path) == (200 if path == opens else 403)
    assert status(visit, helper, "/sell") == 200
    for own in ("/sell/farm", "/sell/team", f"/sell/farms/{farm.code}/bank", "/sell/start"):
        assert status(visit, helper, own) == 403


OF_RIGHT = {
    FarmRight.LIST: (
        "/sell/products/new",
        "/sell/products/grid",
        "/sell/products/import",
        "/sell/certificates",
    ),
    FarmRight.PACK: ("/sell/claims",),
    FarmRight.MONEY: ("/sell/vouchers",),
}


@pytest.mark.parametrize("right", FarmRight)
def test_no_side_door_leads_to_what_was_not_given(visit, farm, right):
    """Listing on one page, prices in a grid, a list of goods, claims, vouchers: each belongs to a right too."""
    helper = joined(farm, right)
    for owner, paths in OF_RIGHT.items():
        for path in paths:
            assert status(visit, helper, path) == (200 if owner is right else 403), path
    as_helper = visit.another().sign_in(helper)
    if right is not FarmRight.LIST:
        as_helper.post("/sell/products/new", status=403, name="Chè", amount="100", unit="g")
        as_helper.post("/sell/products/grid", status=403)
    assert db.session.query(Product).count() == 0
    today = as_helper("/sell")
    assert ("Sắp nhận" in today) == (right is FarmRight.MONEY)
    assert ("Đăng nông sản đầu tiên" in today) == (right is FarmRight.LIST)


def test_out_of_the_team_is_out_at_once(visit, farm):
    helper = joined(farm, FarmRight.LIST)
    member = next(one for one in db.session.get_one(Farm, farm.id).members if not one.is_owner)
    page = visit.sign_in(cast.farmer_an())("/sell/team")
    page.form(f"/sell/team/{member.code}/removal").submit()
    assert status(visit, helper, "/sell/products") == 303
    assert not cast.another("Cháu Tí", "0912000031").has_role(Role.FARMER)


@pytest.mark.parametrize(
    ("phone", "rights", "field"),
    [
        ("0912999999", [FarmRight.LIST], "phone"),
        ("0912000003", [FarmRight.LIST], "phone"),
        ("0912000002", [FarmRight.LIST], "phone"),
        ("0912000001", [], "rights"),
    ],
)
def test_who_cannot_join_is_refused_and_nothing_changes(farm, phone, rights, field):
    make.farm("Trại Bình", owner=cast.farmer_binh())
    cast.buyer()
    with pytest.raises(Refusal) as refused, transaction():
        service.add_member(db.session.get_one(Farm, farm.id), phone, rights, an())
    assert refused.value.field == field and len(db.session.get_one(Farm, farm.id).members) == 1


def test_only_the_owner_in_person_changes_the_team(farm):
    cast.buyer()
    for by in (Actor.of(cast.reviewer().id), Actor.of(cast.trainer().id, for_id=an().person_id)):
        with pytest.raises(Forbidden), transaction():
            service.add_member(db.session.get_one(Farm, farm.id), "0912000001", [FarmRight.LIST], by)


def test_a_rest_with_a_day_ends_by_itself(visit, farm, clock):
    clock.set("2026-11-20 09:00")
    page = visit.sign_in(cast.farmer_an())("/sell/farm")
    for wrong in ("2026-11-20", "2020-01-01", "2099-01-01"):
        page.form(f"/sell/farms/{farm.code}/holiday").submit(status=422, back_on=wrong)
    page.form(f"/sell/farms/{farm.code}/holiday").submit(back_on="2026-11-25")
    clock.set("2026-11-24 23:59")
    jobs.end_holidays()
    assert db.session.get_one(Farm, farm.id).state is FarmState.ON_HOLIDAY
    clock.set("2026-11-25 00:05")
    jobs.end_holidays()
    db.session.rollback()
    assert db.session.get_one(Farm, farm.id).state is FarmState.OPEN


def test_whoever_comes_for_goods_of_a_resting_farm_is_told_until_when(visit, farm, clock):
    clock.set("2026-11-23 09:00")
    tea = make.product(of=farm, stock=20)
    buyer = visit.another().sign_in(cast.buyer())
    buyer(f"/products/{tea.code}").form("/cart/lines").submit()
    with transaction():
        service.take_holiday(db.session.get_one(Farm, farm.id), an(), back_on=date(2026, 12, 1))
    shop = visit.another()(f"/shops/{farm.code}")
    assert "bán lại từ Thứ Ba, 1/12/2026" in shop and tea.name not in shop
    assert "bán lại từ 01/12/2026" in visit.another()(f"/products/{tea.code}", status=404)
    assert "bán lại từ 01/12/2026" in buyer("/cart")
    assert tea.name not in visit.another()("/products")
    clock.set("2026-12-01 00:10")
    jobs.end_holidays()
    assert tea.name in visit.another()(f"/shops/{farm.code}")
    assert "đang nghỉ" not in buyer("/cart")


def test_an_account_of_the_spouse_needs_a_paper(app):
    made = make.application(cast.farmer_an(), submitted=False)
    account = {"method": PayBy.BANK, "bank_bin": "970405", "number": "77778888", "holder": "LE THI HOA"}
    with pytest.raises(Refusal) as refused, transaction():
        service.save_payment(db.session.get_one(Farm, made.id), by=an(), **account)
    assert refused.value.field == "holder_paper"
    assert db.session.get_one(Farm, made.id).bank_account.holder == "NGUYEN VAN AN"
    with transaction():
        paper = read_paper(make.picture(), "ket-hon.jpg")
        service.save_payment(db.session.get_one(Farm, made.id), by=an(), holder_paper=paper, **account)
        dossier = service.submit(db.session.get_one(Farm, made.id), an())
    assert dossier.facts["holder_is"] == "other" and dossier.current_paper("holder_paper") is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Trần Văn Hảo", "TRAN VAN HAO", True),
        ("Đỗ Đình Hòa", "DO DINH HOA", True),
        ("Trần Văn Hảo", "TRAN VAN HAI", False),
        ("", "", False),
    ],
)
def test_names_as_banks_print_them(one, other, same):
    assert identity.is_same_name(one, other) is same


def test_the_same_person_twice_is_seen_by_the_reviewer(visit, app):
    first = make.application(cast.farmer_an())
    second = make.application(cast.farmer_binh())
    with transaction():
        service.close(db.session.get_one(Farm, first.id), an())
    assert not queries.duplicates(db.session.get_one(Farm, second.id))
    third = make.application(cast.another("Người thứ ba", "0912000041"))
    found = queries.duplicates(db.session.get_one(Farm, third.id))
    said = ["Trùng số điện thoại", "Trùng số định danh", "Trùng tài khoản ngân hàng"]
    assert [one.partition(":")[0] for one in found] == said
    assert all(second.code in one for one in found)
    page = visit.sign_in(cast.reviewer())(f"/admin/farms/{third.code}")
    assert all(words in page for words in said)


def test_sealed_numbers_are_seen_once_with_a_reason_and_a_trace(visit, app):
    made = make.application(cast.farmer_an())
    reviewer = visit.sign_in(cast.reviewer())
    page = reviewer(f"/admin/farms/{made.code}")
    assert "1234567890" not in page.html
    form = page.form(f"/admin/farms/{made.code}/reveal")
    form.submit(status=422, why="")
    assert not [
        entry for entry in audit.trail(db.session.get_one(Farm, made.id)) if entry.verb == "farm.revealed"
    ]
    page = form.submit(why="so với ảnh căn cước")
    assert "1234567890" in page.html
    entry = audit.trail(db.session.get_one(Farm, made.id))[-1]
    assert entry.verb == "farm.revealed" and "1234567890" not in str(entry.details)
    assert "1234567890" not in reviewer(f"/admin/farms/{made.code}").html
    visit.another().sign_in(cast.cashier()).post(
        f"/admin/farms/{made.code}/reveal", status=403, why="tò mò quá"
    )


def test_two_reviewers_at_one_dossier_make_one_decision(app):
    made = make.application(cast.farmer_an())
    dossier = queries.dossier_of(made)
    first = Actor.of(cast.reviewer().id)
    second = Actor.of(cast.another("Người thẩm định hai", "0912000044", Role.REVIEWER).id)
    with transaction():
        dossiers.receive(dossier, first)
        dossiers.appraise(dossier, first)
        dossiers.approve(dossier, first)
    for verb in (
        lambda: dossiers.approve(dossier, second),
        lambda: dossiers.refuse(dossier, "Muộn.", second),
    ):
        with pytest.raises(Conflict), transaction():
            verb()
    assert queries.dossier_of(made).state is DossierState.RETURNED


def test_stopped_on_one_phone_and_gone_on_with_on_another(visit, app):
    make.procedures()
    lan = cast.buyer()
    one = visit.sign_in(lan)
    one.post("/sell/start")
    one("/sell/start/who").form("/sell/start/who").submit(
        kind="household", full_name="Trần Thị Lan", born_on="1980-05-20", personal_id="019180000001"
    )
    other = visit.another().sign_in(lan)
    page = other("/sell/start")
    assert "xong 1 trên 4 mục, đang ở mục “Nông trại”" in page and "•••• 0001" in page
    photo = (io.BytesIO(b"not a picture"), "ho-chieu.txt")
    page = other.post("/sell/start/who", status=422, id_photo=photo, kind="household", full_name="Lan")
    assert "tệp PDF hoặc ảnh" in page or "chọn tệp khác" in page


def test_a_suspended_farms_goods_are_gone_at_once(visit, farm):
    tea = make.product(of=farm)
    path = f"/products/{tea.code}-tra-dinh-tan-cuong"
    visit(path)
    with transaction():
        service.suspend(db.session.get_one(Farm, farm.id), "Giấy tờ giả.", Actor.of(cast.reviewer().id))
    assert visit.raw("GET", path).status_code in (200, 404, 410)
    assert "Thêm vào giỏ" not in visit.raw("GET", path).text
