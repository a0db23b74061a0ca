"""A farm brought on board at a counter: the clerk asks, the person answers, the slip is printed."""

import io
from datetime import date

import pytest

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Role
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Dossier, DossierState, Intake
from marketplace.farmers import queries, service
from marketplace.farmers.models import Farm, FarmState
from marketplace.foundation import audit
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from tests import cast, make, parcels

PHONE = "0912000088"


@pytest.fixture
def point(app):
    make.procedures()
    return parcels.point()


@pytest.fixture
def clerk(visit, point):
    return visit.sign_in(cast.clerk(point))


def picture():
    return (io.BytesIO(make.picture().getvalue()), "giay.jpg")


def walk_in(clerk, **said):
    said = {
        "procedure": "open_farm_shop", "name": "Hoàng Thị Mận", "phone": PHONE, "seen": "y", **said,
    }  # fmt: skip
    return clerk("/post/dossiers/new").form("/post/dossiers/new").submit(**said)


def the_farm() -> Farm:
    db.session.rollback()
    return db.session.query(Farm).one()


def the_dossier() -> Dossier:
    db.session.rollback()
    return db.session.query(Dossier).one()


def fill_in(clerk, at: str, **who) -> None:
    said = {"kind": "household", "full_name": "Hoàng Thị Mận", "born_on": "1975-03-02"}
    said |= {"personal_id": make.personal_id(date(1975, 3, 2)), "id_photo": picture(), **who}
    clerk.post(f"{at}/steps/who", **said)
    clerk.post(f"{at}/steps/farm", name="Vườn na bà Mận", phone=PHONE, story="Na dai Võ Nhai.")
    clerk.post(f"{at}/steps/address", province="19", commune="05503", street="Xóm 3")
    clerk.post(f"{at}/steps/payment", method="cash")


def test_from_the_door_to_the_slip_and_the_shop_opens(clerk, point, visit):
    page = walk_in(clerk)
    assert "Bạn cần có sẵn" in page and "Hoàng Thị Mận" in page and "3 ngày làm việc" in page
    page = page.form("/post/farms").submit()
    at = f"/post/farms/{the_farm().code}"
    assert "Bạn đang ghi cho khách" in page and "Vì sao hỏi?" in page and "Xem ví dụ" in page
    assert page.form(f"{at}/steps/who")
    fill_in(clerk, at)
    page = clerk(at)
    assert "xong cả 4 mục" in page
    page = page.form(f"{at}/submission").submit()
    found = the_dossier()
    assert page.h1 == f"Hồ sơ {found.code}" and "Giấy tiếp nhận" in page
    assert found.state is DossierState.RECEIVED and found.intake is Intake.COUNTER and found.book_no == 1
    assert found.service_point_id == point.id and found.brought_by_id == cast.clerk().id
    # Whoever takes it in over the counter does not decide it: it waits for a reviewer.
    assert found.handler_id is None
    woman = people.person_by_login(PHONE)
    assert found.applicant_id == woman.id and queries.owner_of(the_farm()).id == woman.id
    deeds = [
        (entry.actor_id, entry.for_id) for entry in audit.trail(the_farm()) if entry.verb != "farm.start"
    ]
    assert deeds and set(deeds) == {(cast.clerk().id, woman.id)}
    reviewer = Actor.of(cast.reviewer().id)
    with transaction():
        dossiers.appraise(found, reviewer)
        dossiers.approve(found, reviewer)
    assert the_farm().state is FarmState.OPEN and the_dossier().handler_id == reviewer.person_id
    assert "Vườn na bà Mận" in visit.another()(f"/shops/{the_farm().code}-vuon-na-ba-man")


def test_begun_alone_and_gone_on_with_at_the_counter_then_at_home_again(clerk, point, visit):
    with transaction():
        woman = cast.another("Hoàng Thị Mận", PHONE)
        farm = service.start(woman, cast.by(woman))
        service.save_farm(farm, "Vườn na", PHONE, cast.by(woman))
    page = walk_in(clerk).form("/post/farms").submit()
    at = f"/post/farms/{the_farm().code}"
    assert "Bạn là ai?" in page and the_farm().name == "Vườn na"
    clerk.post(
        f"{at}/steps/who",
        kind="household",
        full_name="Hoàng Thị Mận",
        born_on="1975-03-02",
        personal_id=make.personal_id(date(1975, 3, 2)),
        id_photo=picture(),
    )
    assert the_dossier().intake is Intake.COUNTER
    home = visit.another().sign_in(cast.another("Hoàng Thị Mận", PHONE))
    page = home("/sell/start")
    assert "xong 2 trên 4 mục, đang ở mục" in page and "•••• 0001" in page
    home.post("/sell/start/payment", method="cash")
    assert "xong 3 trên 4 mục" in clerk(at)


def test_a_co_operative_without_its_paper_is_told_beside_the_field(clerk):
    walk_in(clerk).form("/post/farms").submit()
    at = f"/post/farms/{the_farm().code}"
    said = {"kind": "cooperative", "full_name": "Hoàng Thị Mận", "born_on": "1975-03-02"}
    said["tax_code"] = "0100233488"
    page = clerk.post(f"{at}/steps/who", status=422, **said)
    assert "Hãy chụp giấy đăng ký" in page and the_farm().kind is None and not the_dossier().papers
    clerk.post(f"{at}/steps/who", registration=picture(), **said)
    assert [one.kind for one in the_dossier().papers] == ["registration"]


def test_nothing_is_handed_in_while_something_is_missing(clerk):
    walk_in(clerk).form("/post/farms").submit()
    at = f"/post/farms/{the_farm().code}"
    assert "Còn mục" in clerk.post(f"{at}/submission", status=422)
    code = the_dossier().code
    assert "Ghi tiếp cùng khách" in clerk(f"/post/dossiers/{code}")
    clerk.post(f"/post/dossiers/{code}/reception", status=409)
    clerk.post(f"/post/dossiers/{code}/facts", status=409, fact_full_name="Khác")
    assert the_dossier().state is DossierState.DRAFTING and the_dossier().facts == {}


def test_only_this_counter_and_only_after_the_paper_was_seen(clerk, visit, point):
    assert "Hãy xem căn cước" in clerk("/post/dossiers/new").form("/post/dossiers/new").submit(
        status=422, procedure="open_farm_shop", name="Hoàng Thị Mận", phone=PHONE
    )
    clerk("/post/farms/new", status=303)
    clerk.post("/post/farms")
    assert not db.session.query(Farm).count()
    walk_in(clerk).form("/post/farms").submit()
    at = f"/post/farms/{the_farm().code}"
    elsewhere = cast.another("Giao dịch viên xa", "0912000055", Role.CLERK)
    far = parcels.point("32191", "Bưu điện Năm Căn")
    with transaction():
        accounts.hold_post(people.person_by_login("0912000055"), SYSTEM, service_point_id=far.id)
    other = visit.another().sign_in(elsewhere)
    other(at, status=404)
    other.post(f"{at}/steps/payment", status=404, method="cash")
    assert the_farm().bank_account is None


def test_what_is_with_the_reviewers_is_not_begun_again(clerk, point):
    make.application(cast.another("Hoàng Thị Mận", PHONE))
    walk_in(clerk)
    page = clerk.post("/post/farms", status=409)
    assert "Hãy tiếp tục hồ sơ đó" in page and db.session.query(Farm).count() == 1
