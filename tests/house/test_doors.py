"""Every address, asked for by every member of the cast: who is let in where follows from the audience, what does not
exist is a 404, nothing is ever a 500, and whatever is shown is a good page."""

import re

import pytest
from flask import Flask

from marketplace import wiring
from marketplace.foundation.access import ROLES_OF
from tests import cast
from tests.visit import Page, Visitor

pytestmark = pytest.mark.database("sqlite")

OPEN = {200, 204, 301, 302, 303, 308, 404, 410}
"""What a page may answer to somebody who may be there: itself, the way on, or that there is no such thing."""
OF_MACHINES = {"partner", "webhook"}
HAVE_SECRET = {403}
"""A public page may want the secret that goes with its code."""


def pages(app: Flask) -> list[tuple[str, str]]:
    """(address with something in its gaps, audience) of everything one can look at."""
    audiences = {one.blueprint.name: one.audience for one in wiring.ROOMS}
    found = []
    for rule in app.url_map.iter_rules():
        audience = audiences.get(rule.endpoint.rpartition(".")[0])
        if "GET" not in (rule.methods or ()) or audience is None or audience in OF_MACHINES:
            continue
        found.append((re.sub(r"<[^>]+>", _fill, rule.rule), audience))
    return sorted(found)


def _fill(gap: re.Match[str]) -> str:
    """A code nobody has, a number, or the first of a choice."""
    choice = re.search(r"any\(['\"]?([\w-]+)", gap[0])
    return choice[1] if choice else "1" if "int:" in gap[0] else "NOBODY99"


def look(visit: Visitor, path: str) -> Page:
    answer = visit.raw("GET", path)
    page = Page(visit, path, answer)
    if page.is_html and answer.status_code not in (301, 302, 303, 308):
        assert not page.faults(), f"{path}:\n" + "\n".join(page.faults())
    return page


def faults(visit: Visitor, who: str, may: set[str]) -> list[str]:
    found = []
    for path, audience in pages(visit.app):
        page = look(visit, path)
        said = f"{who} at {path} ({audience}): {page.status}"
        if audience != "public" and who == "a visitor":
            if page.status != 303 or "/login" not in page.answer.headers["Location"]:
                found.append(f"{said}, not the way to /login")
        elif audience in ROLES_OF and not may & set(ROLES_OF[audience]):
            if page.status != 403:
                found.append(f"{said}, not 403")
        elif page.status not in OPEN | HAVE_SECRET | ({422} if audience == "public" else set()):
            found.append(said)
    return found


def test_a_visitor(visit):
    found = faults(visit, "a visitor", set())
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("who", cast.EVERYBODY, ids=lambda who: who.__name__)
def test_the_cast(visit, who):
    person = who()
    roles = {held.role.value for held in person.roles_held}
    found = faults(visit.sign_in(person), who.__name__, roles)
    assert not found, "\n" + "\n".join(found)


def test_there_are_pages_for_every_audience_with_a_desk(market):
    assert {audience for _, audience in pages(market)} >= {"public", "buyer", "farmer", "admin"}
