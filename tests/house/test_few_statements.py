"""The pages that thousands look at ask the database a small, fixed number of questions, however much is on them."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from marketplace import rulebook
from marketplace.catalog.models import Product
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.search import service as search
from tests import cast, make
from tests.visit import Visitor

pytestmark = pytest.mark.database("sqlite")

PAGES: dict[str, tuple[Callable[[Product], str], int]] = {
    "home": (lambda product: "/", 5),
    "shelf": (lambda product: "/products", 3),
    "search": (lambda product: "/products?q=trà&sort=price_asc", 3),
    "product": (lambda product: f"/products/{product.code}", 13),
    "farm": (lambda product: f"/shops/{product.farm.code}", 8),
}
"""The page, and how many statements it may take once what is the same for everybody is chosen."""
OF_A_PERSON = 5
"""Who it is, where goods go to, what is in the cart, what is new."""


def statements(visit: Visitor, path: str) -> list[str]:
    """What is said to the database to make this page (redirects to the right slug not counted)."""
    said: list[str] = []

    def listen(connection, cursor, statement, parameters, context, executemany) -> None:
        said.append(" ".join(statement.split())[:160])

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        answer = visit.raw("GET", path)
        while answer.status_code in (301, 302):
            said.clear()
            answer = visit.raw("GET", answer.headers["Location"])
        assert answer.status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    return [one for one in said if not one.startswith(("BEGIN", "ROLLBACK", "PRAGMA"))]


@pytest.fixture
def goods(app) -> Callable[[int], list[Product]]:
    with transaction():
        rulebook.load(SYSTEM)

    def grow(count: int) -> list[Product]:
        farm = make.farm()
        made = [make.product(farm, name=f"Trà xanh {number}") for number in range(count)]
        search.rebuild()
        return made

    return grow


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "signed in"])
def test_a_page_asks_little_and_no_more_when_there_is_more(visit, goods, name, signed_in):
    if signed_in:
        visit.sign_in(cast.buyer())
    address, ceiling = PAGES[name]
    path = address(goods(2)[0])
    # The first look at a product is noted once in its life; counted is every look after it.
    statements(visit, path)
    few = statements(visit, path)
    goods(5)
    visit.raw("GET", path)
    many = statements(visit, path)
    assert len(few) <= ceiling + (OF_A_PERSON if signed_in else 0), "\n" + "\n".join(few)
    assert len(many) <= len(few), "\n" + "\n".join(many)
