"""A learner goes over to the practice market, sells, is paid, and comes back: the real market learns the steps, no more."""

from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from config import Settings
from marketplace.accounts.models import Person
from marketplace.app import create_app, make_ready
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.practice import service
from marketplace.training import bridge, lessons
from marketplace.training import queries as training
from marketplace.training.bridge import HandOff, Report
from marketplace.training.models import PracticeReport
from tests import cast, make
from tests import visit as visiting

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def practice(app, tmp_path: Path):
    """The practice market on its own database."""
    made = create_app(Settings(app_env="test", instance_path=tmp_path / "practice").for_practice())
    make_ready(made)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def everything() -> dict[str, list[tuple]]:
    """Every row of every table."""
    db.session.rollback()
    tables = MetaData()
    tables.reflect(db.engine)
    return {
        name: sorted(map(tuple, db.session.execute(select(table))), key=str)
        for name, table in tables.tables.items()
    }


def test_from_the_first_listing_to_the_money_and_nothing_of_it_is_real(app, practice, visit):
    farmer = cast.farmer_an()
    here = visit.sign_in(farmer)
    word = here("/learn").form(says="Vào chợ tập").submit(status=303).answer.headers["Location"]
    assert word.startswith("http://127.0.0.1:8000/practice/enter?word=")
    before = everything()

    with practice.app_context():
        browser = visiting.Visitor(practice)
        link = browser(word.partition("/practice")[2], status=303).answer.headers["Location"]
        came = browser(link).form(says="Đăng nhập").submit(status=303)
        assert came.answer.headers["Location"] == "/rehearsal", (
            "no password is asked for where none is needed"
        )
        desk = browser("/rehearsal")
        assert "Tập bán hàng" in desk
        with transaction():
            with pytest.raises(Refusal, match="Chưa có món nào"):
                service.bring_order(person())
            db.session.rollback()
        farm = service._farm(person())
        # As a new farm puts it up itself: it waits until somebody of the market has looked, and in practice somebody has.
        make.product(of=farm, name="Chè tập", is_looked_at=False)
        browser("/rehearsal").form(says="Cho khách tập đặt đơn").submit(status=303)
        order = db.session.scalars(select(FarmOrder).where(FarmOrder.farm_id == farm.id)).one()
        assert order.state is FarmOrderState.CONFIRMED
        browser(f"/sell/orders/{order.code}").form(f"/sell/orders/{order.code}/acceptance").submit(status=303)
        for _stage in range(3):
            browser("/rehearsal").form(says="Bưu điện đi một chặng").submit(status=303)
        browser("/rehearsal").form(says="Cho tiền về").submit(status=303)
        assert set(training.steps_of(person())) >= {"listing", "order", "delivered", "paid"}
        assert "Bạn đã làm xong việc này" in browser("/lessons/gui-hang")
        # Their number and where they are paid were made up for them: that is no deed of theirs.
        for of_the_real_market in ("tai-khoan", "tien-thu-ho", "thue", "an-toan"):
            page = browser(f"/lessons/{of_the_real_market}")
            assert "Việc này làm ở chợ thật" in page and "Bạn đã làm xong" not in page
        back = browser("/rehearsal/way-back", status=303).answer.headers["Location"]
        db.session.rollback()

    after = everything()
    assert after == before
    assert back.startswith("http://127.0.0.1:8000/learn/practice?word=")
    here(back.removeprefix("http://127.0.0.1:8000"), status=303)
    told = {one.step for one in training.practised_by(farmer)}
    steps = {"listing", "order", "delivered", "paid"}
    taught = {"chup-anh", "gia-tien", "ocop-nhan", "tra-loi-khach", "gui-hang"}
    assert told == steps | taught
    assert lessons.practised_by(farmer) == taught
    assert not taught & lessons.done_by(farmer), "practised is not done"
    assert "Bạn đã tập xong việc này ở chợ tập" in here("/lessons/gui-hang")
    after = everything()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"practice_report"}
    # Again: the same word, the same rows.
    here(back.removeprefix("http://127.0.0.1:8000"), status=303)
    assert everything() == after


def person() -> Person:
    """The learner's practice self."""
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.name == "Nguyễn Văn An")).one()


def test_begin_again_is_one_tap(practice):
    with practice.app_context():
        with transaction():
            service.come_in(HandOff(person="NTEST0001", name="Lan"))
        learner = db.session.scalars(select(Person).where(Person.code == "NTEST0001")).one()
        first = service._farm(learner)
        make.product(of=first)
        with transaction():
            service.begin_again(db.session.get_one(Person, learner.id))
        db.session.rollback()
        assert service._farm(learner).id != first.id
        # Coming in once more finds the same person and the same farm.
        with transaction():
            again = service.come_in(HandOff(person="NTEST0001", name="Lan", language="en"))
        assert again.id == learner.id and again.language == "en"


def test_the_real_market_has_no_rehearsal(visit):
    visit("/enter?word=x", status=404)
    visit.sign_in(cast.farmer_an())("/rehearsal", status=404)
    visit.post("/rehearsal/orders", status=404)
    assert db.session.query(FarmOrder).count() == 0


def test_a_word_that_is_not_ours_opens_nothing(app, visit, clock):
    farmer = cast.farmer_an()
    clock.set("2026-11-20 08:00")
    good = bridge.report(Report(person=farmer.code, deeds=("listing",)))
    there = bridge.hand_off(HandOff(person=farmer.code, name=farmer.name))
    here = visit.sign_in(farmer)
    for word in ("", "x", good[:-2] + "AA", there):
        here(f"/learn/practice?word={word}", status=410)
    visit.another().sign_in(cast.farmer_binh())(f"/learn/practice?word={good}", status=404)
    clock.set("2026-11-20 08:11")
    here(f"/learn/practice?word={good}", status=410)
    db.session.rollback()
    assert db.session.query(PracticeReport).count() == 0
