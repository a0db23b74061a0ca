"""The lessons show the product as it is: every control they mark is on its page, every picture in the house."""

import re

import pytest
from sqlalchemy import select

from config import ROOT
from marketplace import illustrate
from marketplace.accounts.models import Person
from marketplace.farmers import service as farmers
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
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
    taken = {path.name: path.stat().st_size for path in (ROOT / "static/lessons").glob("*.webp")}
    shown = {f"{picture.key}.webp" for lesson in LESSONS for picture in lesson.pictures}
    assert set(taken) == shown, "flask lessons illustrate"
    assert max(taken.values()) <= illustrate.MOST_BYTES
    assert {picture.who for lesson in LESSONS for picture in lesson.pictures} <= {
        *illustrate.PEOPLE,
        "anybody",
    }


def test_without_a_demo_market_no_picture_is_taken(app, monkeypatch):
    with pytest.raises(Refusal, match="seed demo"):
        illustrate._link_for("0900000002")
    for_good = app.extensions["settings"].model_copy(update={"app_env": "production"})
    monkeypatch.setitem(app.extensions, "settings", for_good)
    with pytest.raises(Refusal, match="never put into production"):
        illustrate.illustrate(app, print)
    assert db.session.scalars(select(Person)).all() == []
