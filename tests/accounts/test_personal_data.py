"""What the house knows of a person: downloaded, and forgotten."""

import json

import pytest
from sqlalchemy import text

from marketplace.accounts import keeping, queries, service
from marketplace.accounts.models import HelpScope, OneTimeCode, Person, SavedAddress, SignIn, Throttle
from marketplace.foundation import personal
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from tests import cast


@pytest.fixture
def lan(app):
    lan, trainer = cast.buyer(), cast.trainer()
    with transaction():
        person = queries.person(lan.code)
        person.email = "lan@example.vn"
        service.save_address(person, "Bà ngoại", "0912000077", "05503", "Xóm Hồng Thái 2", cast.by(person))
        service.ask_to_help(queries.person(trainer.code), person, HelpScope.LIST, cast.by(trainer))
    return lan


def test_a_file_of_everything(visit, lan):
    answer = visit.sign_in(lan).raw("GET", "/account/data/file")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.text)
    assert set(told) == set(personal._rooms)
    assert told["accounts"]["phone"] == "+84912000001"
    assert told["accounts"]["addresses"][0]["street"] == "Xóm Hồng Thái 2"
    assert told["notifications"][0]["subject"].startswith("Phạm Thu Hà")
    assert "$argon2" not in answer.text


def erase(visit, status=303, **changes):
    fields = {"password": cast.PASSWORD, "sure": "y"} | changes
    return visit("/account/data").form("/account/data/erasure").submit(status=status, **fields)


def test_erased_nothing_of_the_person_is_left(visit, lan, sent, run_jobs):
    other = visit.another().sign_in(lan)
    erase(visit.sign_in(lan))
    db.session.rollback()
    person = queries.person(lan.code)
    assert (person.phone, person.email, person.password_hash) == (None, None, None)
    assert person.name == "Người đã rời chợ"
    assert person.forgotten_at is not None
    assert queries.person_by_password("0912000001", cast.PASSWORD) is None
    other("/account", status=303)
    visit("/account", status=303)
    for table in (SavedAddress, SignIn, OneTimeCode):
        assert db.session.query(table).count() == 0
    assert "da xoa ten" in sent.text("+84912000001", "sms")
    run_jobs()
    # Whatever table: neither number, e-mail, name nor street, but for the farewell itself.
    with transaction():
        db.session.execute(text("DELETE FROM delivery"))
    tables = db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all() if (
        db.engine.dialect.name == "sqlite"
    ) else db.session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()  # fmt: skip
    for table in tables:
        rows = str(db.session.execute(text(f'SELECT * FROM "{table}"')).all())
        for trace in ("912000001", "lan@example.vn", "Trần Thị Lan", "Hồng Thái"):
            assert trace not in rows, f"{table} still knows {trace}"


def test_the_number_is_free_again(visit, lan):
    erase(visit.sign_in(lan))
    page = visit("/register").form("/register")
    page.submit(name="Chủ mới", phone="0912000001", password="nương chè sau nhà", agree="y", status=303)
    assert queries.person_by_login("0912000001").name == "Chủ mới"


@pytest.mark.parametrize("changes", [{"password": "không phải"}, {"password": ""}, {"sure": None}])
def test_not_by_mistake(visit, lan, changes):
    erase(visit.sign_in(lan), status=422, **changes)
    db.session.rollback()
    assert queries.person(lan.code).phone == "+84912000001"
    assert db.session.query(SavedAddress).count() == 1


def test_without_the_token_nothing_is_erased(visit, lan):
    visit.sign_in(lan).post(
        "/account/data/erasure", token=False, status=400, password=cast.PASSWORD, sure="y"
    )
    assert queries.person(lan.code).forgotten_at is None


def test_a_room_with_something_under_way_refuses_and_nothing_is_forgotten(visit, lan, monkeypatch):
    def not_yet(person_id):
        raise Refusal("Bạn còn một đơn hàng đang giao.")

    rooms = dict(personal._rooms) | {"orders": (lambda person_id: [], not_yet)}
    monkeypatch.setattr(personal, "_rooms", rooms)
    assert "Bạn còn một đơn hàng đang giao." in erase(visit.sign_in(lan), status=422)
    db.session.rollback()
    assert queries.person(lan.code).phone == "+84912000001"
    assert db.session.query(SavedAddress).count() == 1


def test_upper_rooms_forget_first(app, monkeypatch):
    order = []
    rooms = {
        name: (lambda person_id: None, lambda person_id, name=name: order.append(name)) for name in "abc"
    }
    monkeypatch.setattr(personal, "_rooms", rooms)
    personal.forget(1)
    assert order == ["c", "b", "a"]


def test_others_stay_as_they_are(visit, lan):
    an = cast.farmer_an()
    with transaction():
        person = queries.person(an.code)
        service.save_address(person, "An", "0912000002", "05503", "Xóm khác", cast.by(person))
    erase(visit.sign_in(lan))
    db.session.rollback()
    assert queries.person(an.code).name == "Nguyễn Văn An"
    assert len(queries.addresses_of(an)) == 1


# -- what is over --


def test_stale_things_are_cleared_at_night(app, clock):
    clock.set("2026-06-01 08:00")
    lan = cast.buyer()
    with transaction():
        service.send_code("+84912000001", "sign_in")
        service.count_try("+84912000001")
        service.sign_in(queries.person(lan.code), "Firefox")
    clock.set("2026-06-02 02:40")
    with transaction():
        keeping.clear_stale()
    assert db.session.query(OneTimeCode).count() == 1
    clock.set("2026-06-03 02:40")
    with transaction():
        keeping.clear_stale()
    assert db.session.query(OneTimeCode).count() == 0
    assert db.session.query(Throttle).count() == 0
    assert db.session.query(SignIn).count() == 1
    clock.set("2026-09-03 02:40")
    with transaction():
        keeping.clear_stale()
    assert db.session.query(SignIn).count() == 0
    assert db.session.query(Person).count() == 1
