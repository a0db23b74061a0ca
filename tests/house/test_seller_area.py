"""Every page of the seller's area says its own language and forbids the browser to translate it: automatic translation
has overwritten farmers' names and stock elsewhere."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.catalog import importing, service
from marketplace.catalog.models import Lot
from marketplace.foundation import clock
from marketplace.foundation.db import db, transaction
from marketplace.foundation.sheets import Row, Sheet
from tests import cast, make, shopping
from tests.visit import Page

pytestmark = pytest.mark.database("sqlite")

NOT_A_PAGE = re.compile(r"\.(pdf|csv|xlsx)$|\.<any|/progress$|/uploads/|/new/draft$|/slips/|/label$")
"""Papers, files and what scripts ask for."""
LEADS_ON = {
    "/sell/start",
    "/sell/start/<key>",
    "/sell/claims/<code:code>",
    "/rehearsal",
    "/rehearsal/way-back",
}
"""For a farm that is open these lead elsewhere, or there is nothing of the kind in this market."""


@pytest.fixture
def codes(app) -> Mapping[str, str]:
    """Something real for every gap in an address of the seller's."""
    shopping.rules()
    farm = make.farm(owner=cast.farmer_an())
    tea = make.product(farm, stock=20)
    by = make.actor_of(farm)
    with transaction():
        service.supply(tea, {tea.packs[0]: 5}, by, clock.today())
        heads = tuple(importing.heads()[:4])
        kept = importing.keep(
            farm, Sheet(heads, (Row(2, ("Chè búp", "100", "g", "145000")),)), "hang.csv", by
        )
        sheet = kept.code
    order = make.order((tea, 1), state="accepted")
    lot = db.session.scalars(select(Lot)).one()
    return {
        "/sell/products/import/": sheet, "/sell/lots/": lot.code, "/sell/orders/": order.farm_orders[0].code,
        "/sell/farms/": farm.code, "/sell/products/": tea.code, "pack": tea.packs[0].code, "key": "who",
    }  # fmt: skip


def pages(app: Flask) -> list[str]:
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return sorted(
        rule for rule in rules if re.match("/(sell|rehearsal)(/|$)", rule) and not NOT_A_PAGE.search(rule)
    )


def filled(rule: str, codes: Mapping[str, str]) -> str:
    def fill(gap: re.Match[str]) -> str:
        name = gap[1].rpartition(":")[2]
        start = rule[: gap.start()]
        return codes.get(name) or codes.get(start) or "NOBODY99"

    return re.sub(r"<([^>]+)>", fill, rule)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_browser_translates_a_page_of_the_sellers(visit, app, codes, language):
    visit.sign_in(cast.farmer_an())
    visit.speak(language)
    wrong, seen = [], 0
    for rule in pages(app):
        path = filled(rule, codes)
        answer = visit.raw("GET", path)
        page = Page(visit, path, answer)
        if answer.status_code != 200:
            if rule not in LEADS_ON:
                wrong.append(f"{path}: {answer.status_code}")
            continue
        seen += 1
        if (page.tree.get("translate"), page.tree.get("lang")) != ("no", language):
            wrong.append(f"{path}: translate={page.tree.get('translate')} lang={page.tree.get('lang')}")
    assert not wrong, "\n".join(wrong)
    assert seen >= 30
