"""The lessons show the product as it is: every control they mark is on its page, every picture in the house."""

import re
from datetime import date

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

from config import ROOT
from marketplace import illustrate
from marketplace.accounts.models import Person, Role
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Handling
from marketplace.catalog.service import PackDetails
from marketplace.farmers import service as farmers
from marketplace.farmers.models import FarmKind, PayBy
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import LANGUAGES, in_language
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.training import lessons
from tests import cast, make

LESSONS = lessons.lessons()


# -- what a lesson shows is there --


STEP = re.compile(r"(?P<tag>\w*)(?:\[(?P<name>[\w-]+)(?P<how>[\^$*]?)=\"(?P<value>[^\"]*)\"\])?$")
FITS = {
    "": str.__eq__,
    "^": str.startswith,
    "$": str.endswith,
    "*": str.__contains__,
}


def controls(page, selector):
    """What a picture's selector finds on a page: tags and one attribute each, inside one another."""
    inside = page.all("main")
    for part in selector.split():
        wanted = STEP.match(part)
        assert wanted, f"a lesson says only tags and attributes, not {part!r}"
        tag, name, how, value = wanted.group("tag", "name", "how", "value")
        inside = [
            found
            for around in inside
            for found in around.iter(tag or None)
            if found is not around
            and (name is None or (name in found.attrib and FITS[how](found.get(name), value)))
        ]
    return inside


@pytest.fixture
def seen(visit):
    """Somebody of the lessons at a browser: a farm with an order to answer and one to pack, and newcomers."""
    make.procedures()
    farm = make.approved_farm(owner=cast.farmer_an())
    tea = make.product(of=farm)
    make.order((tea, 1), state=FarmOrderState.CONFIRMED)
    make.order((tea, 1), state=FarmOrderState.ACCEPTED)
    newcomer, unproved = cast.another("Mơ", "0912000061"), cast.another("Páo", "0912000062")
    with transaction():
        farmers.start(db.session.get_one(Person, newcomer.id), cast.by(newcomer))
        db.session.get_one(Person, unproved.id).phone_verified_at = None
    people = {"farmer": cast.farmer_an(), "newcomer": newcomer, "unproved": unproved}

    def as_whom(who):
        browser = visit.another()
        return browser.sign_in(people[who]) if who in people else browser

    return as_whom


def test_each_control_a_lesson_shows_is_there(seen):
    """Whoever takes a control away is told here which lesson still speaks of it (then: flask lessons illustrate)."""
    looking = {}
    for lesson in LESSONS:
        assert lesson.pictures, f"{lesson.key} shows nothing"
        for picture in lesson.pictures:
            look = looking.setdefault(picture.who, seen(picture.who))
            page = look(picture.way[0])
            for press in picture.way[1:]:
                links = controls(page, press)
                assert links, f"{picture.key}: no {press} on {page.path}"
                page = look(links[0].get("href"))
            assert controls(page, picture.control), (
                f"{lesson.key} shows {picture.control}, gone from {page.path}"
            )


def test_a_control_that_is_gone_is_noticed(visit):
    page = visit("/join")
    assert controls(page, 'form [name="code"]')
    assert not controls(page, '[name="password"]')
    assert not controls(page, 'a[href$="/label"]')
    with pytest.raises(AssertionError, match="only tags"):
        controls(page, "form > input")


def test_each_picture_is_in_the_house_and_light(app):
    static, pictures = ROOT / "static", illustrate.pictures()
    taken = {
        path.relative_to(static).as_posix(): path.stat().st_size
        for path in (static / "lessons").rglob("*.webp")
    }
    assert set(taken) == {picture.path for picture in pictures}, "flask lessons illustrate"
    assert max(taken.values()) <= illustrate.MOST_BYTES
    assert {picture.who for picture in pictures} <= {*illustrate.PEOPLE, "anybody"}
    assert {picture.language for picture in pictures} == set(LANGUAGES)


# -- in each language --


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_lesson_is_a_light_page_that_leads_somewhere(visit, spoken):
    me = visit.another().sign_in(cast.farmer_an())
    visit.speak(spoken)
    with in_language(spoken):
        told = lessons.lessons()
    assert [one.key for one in told] == [one.key for one in LESSONS]
    for one in told:
        page = visit(f"/lessons/{one.key}")
        assert one.title in page and one.deed in page
        assert len(page.answer.data) < 60_000
        assert 90 <= len(one.html.striptags().split()) <= 320, f"{one.key}: three minutes"
        assert me.raw("GET", one.path).status_code in (200, 303)


def test_a_lesson_speaks_of_the_product_in_the_products_own_words():
    """Between backticks stands what a page says; in English the same in the page's English."""
    with (ROOT / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    with in_language("en"):
        english = lessons.lessons()
    assert sum(len(one.controls) for one in LESSONS) >= 15
    for one, same in zip(LESSONS, english, strict=True):
        gone = [said for said in one.controls if catalogue.get(said) is None]
        assert not gone, f"{one.key} speaks of {gone}, which no page says"
        assert [catalogue[said].string for said in one.controls] == list(same.controls), one.key
        assert [p.key for p in one.pictures] == [p.key for p in same.pictures], one.key


def test_a_lesson_nobody_put_into_english_is_a_fault_of_ours(monkeypatch, tmp_path):
    for path in lessons.FOLDER.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text("utf8"), "utf8")
    monkeypatch.setattr(lessons, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError):
        lessons._lessons.__wrapped__("en")


# -- done is what was done --


def test_each_lesson_is_done_by_its_deed_and_by_nothing_else(visit, sent):
    """All twelve, one deed after another: each adds its own lesson; what is undone is not done any more."""
    make.rules()
    make.procedures()
    me, born_on = cast.another("Mơ", "0912000061", Role.FARMER), date(1980, 5, 20)
    with transaction():
        again(me).phone_verified_at, again(me).password_hash = None, None
    by, browser = Actor.of(me.id), visit.sign_in(me)
    done: set[str] = set()

    def now_done(*new: str, gone: str = "") -> None:
        nonlocal done
        db.session.rollback()
        done = done - {gone} | {*new}
        assert lessons.done_by(me) == done

    now_done()
    assert "Bạn đã làm xong việc này" not in browser("/lessons/tai-khoan")
    with transaction():
        again(me).phone_verified_at = clock.now()
    now_done("tai-khoan")
    assert "Bạn đã làm xong việc này" in browser("/lessons/tai-khoan")
    browser("/account/password").form("/account/password").submit(status=303, password="mưa rào tháng sáu")
    now_done("an-toan")

    with transaction():
        farm = farmers.start(again(me), by)
    now_done()
    with transaction():
        farmers.save_who(
            farm, FarmKind.HOUSEHOLD, me.name, born_on, by, personal_id=make.personal_id(born_on)
        )
    now_done("thue")
    with transaction():
        farmers.save_payment(again(farm), PayBy.CASH, by)
    now_done("tien-thu-ho")
    with transaction():
        farmers.save_farm(again(farm), "Vườn chè", me.phone, by)
        farmers.save_address(again(farm), "19", "05503", "Xóm 3", by)
        farmers.open_farm(again(farm), SYSTEM)

    with transaction():
        tea = catalog.draft(again(farm), by)
    now_done()
    with transaction():
        (photo,) = catalog.add_photos(again(tea), [make.photo()], by)
    now_done("chup-anh")
    with transaction():
        catalog.remove_photo(again(photo), by)
    now_done(gone="chup-anh")
    with transaction():
        catalog.add_photos(again(tea), [make.photo(90)], by)
        catalog.describe(again(tea), by, name="Chè búp nhà Mơ", description="Chè ngon.")
    now_done("chup-anh")
    with transaction():
        catalog.describe(again(tea), by, set_no=11, handling=Handling.DRY)
    now_done("ocop-nhan")
    with transaction():
        catalog.describe(again(tea), by, description="Hái tay, sao củi, nước xanh. " * 4)
    now_done("mo-ta")
    with transaction():
        catalog.describe(again(tea), by, description="Chè ngon.")
    now_done(gone="mo-ta")
    with transaction():
        catalog.describe(again(tea), by, description="Hái tay, sao củi, nước xanh. " * 4)
        (pack,) = catalog.set_variants(again(tea), [PackDetails(145_000, grams=100)], by)
    now_done("mo-ta", "gia-tien")
    with transaction():
        lot = catalog.add_lot(again(tea), clock.today(), by)
        catalog.receive_stock(again(pack), 20, by, lot=lot)
    now_done("ton-kho-lo")

    with transaction():
        catalog.publish(again(tea), SYSTEM)
    order = make.order((again(tea), 1)).farm_orders[0]
    now_done()
    for deed, lesson in (
        (orders.accept, "tra-loi-khach"), (orders.mark_packed, "goi-hang-tuoi"), (orders.hand_over, "gui-hang"),
    ):  # fmt: skip
        with transaction():
            deed(again(order), by)
        now_done(lesson)
    assert done == {one.key for one in LESSONS}
    # Nobody else has done any of it.
    assert not lessons.done_by(cast.farmer_binh()) & {"gui-hang", "thue", "chup-anh"}


def again(row):
    """The row in this transaction."""
    return db.session.get_one(type(row), row.id)


def test_without_a_demo_market_no_picture_is_taken(app, monkeypatch):
    with pytest.raises(Refusal, match="seed demo"):
        illustrate._link_for("0900000002")
    for_good = app.extensions["settings"].model_copy(update={"app_env": "production"})
    monkeypatch.setitem(app.extensions, "settings", for_good)
    with pytest.raises(Refusal, match="never put into production"):
        illustrate.illustrate(app, print)
    assert db.session.scalars(select(Person)).all() == []
