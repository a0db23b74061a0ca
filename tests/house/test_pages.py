"""Every page hangs in the switchboard with an audience, has an address one can read out, and takes no form without a
token."""

import importlib
import re
from pathlib import Path

import pytest
from flask import Blueprint

from marketplace import wiring
from marketplace.foundation import access, web
from marketplace.foundation.db import db

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.database("sqlite")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?")
WITHOUT_TOKEN = {"checkout.add_line", "speak", "storefront.choose_province", "storefront.of_age"}
"""What a visitor without a session may do is guarded by its origin, so that public pages are the same for all of them."""
VERBS = {"add", "edit", "delete", "remove", "create", "update", "get", "list", "show", "save"}


def blueprints() -> dict[str, Blueprint]:
    """Every blueprint written in a room, by the name of its module."""
    found = {}
    for path in sorted([*ROOT.glob("marketplace/*/routes.py"), *ROOT.glob("marketplace/*/routes/*.py")]):
        module = importlib.import_module(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        own = [one for one in vars(module).values() if isinstance(one, Blueprint)]
        found |= {f"{one.import_name}:{one.name}": one for one in own if one.import_name == module.__name__}
    return found


def is_plugged_in(blueprint: Blueprint) -> bool:
    hung = [pages.blueprint for pages in wiring.ROOMS]
    nested = [child for parent in hung for child, _ in parent._blueprints]
    return blueprint in hung or blueprint in nested


def test_every_blueprint_hangs_in_the_switchboard():
    found = [name for name, blueprint in blueprints().items() if not is_plugged_in(blueprint)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("pages", wiring.ROOMS, ids=lambda pages: pages.blueprint.name)
def test_every_blueprint_has_an_audience(pages):
    assert pages.audience in access.AUDIENCES


def test_a_file_of_pages_has_one_audience_and_its_name():
    """routes/<audience>.py holds pages of that audience; what would crowd it stands beside it as <audience>_<what>.py."""
    wrong = []
    for pages in wiring.ROOMS:
        module = pages.blueprint.import_name.split(".")
        if len(module) == 4 and module[2] == "routes" and module[3].partition("_")[0] != pages.audience:
            wrong.append(f"{'.'.join(module)} is hung for {pages.audience}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_addresses_are_nouns_in_kebab_case(market):
    wrong = []
    for rule in market.url_map.iter_rules():
        parts = [part for part in rule.rule.split("/") if part and "<" not in part]
        if rule.endpoint != "static":
            wrong += [rule.rule for part in parts if not KEBAB.fullmatch(part) or part in VERBS]
    assert not wrong, "\n" + "\n".join(wrong)


def test_such_addresses_are_found():
    assert not KEBAB.fullmatch("Service_Points")
    assert KEBAB.fullmatch("service-points")
    assert KEBAB.fullmatch("sitemap.xml")


def test_only_signed_webhooks_and_the_partner_api_are_exempt_from_the_token(market):
    audiences = {pages.blueprint.name: pages.audience for pages in wiring.ROOMS}
    wrong = [
        name
        for name in (getattr(blueprint, "name", blueprint) for blueprint in web.csrf._exempt_blueprints)
        if audiences.get(name) not in ("webhook", "partner")
    ]
    for endpoint, view in market.view_functions.items():
        if f"{view.__module__}.{view.__name__}" in web.csrf._exempt_views and endpoint not in WITHOUT_TOKEN:
            wrong.append(endpoint)
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_form_without_a_token_is_refused(app):
    """Asked of every address that takes a form."""
    audiences = {pages.blueprint.name: pages.audience for pages in wiring.ROOMS}
    let_in = []
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in WITHOUT_TOKEN:
            continue
        if audiences.get(rule.endpoint.rpartition(".")[0]) in ("webhook", "partner"):
            continue
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(
                rule.endpoint, dict.fromkeys(rule.arguments, _sample(rule))
            )
        db.session.rollback()
        status = app.test_client().post(path, data={}).status_code
        if status != 400:
            let_in.append(f"POST {rule.rule}: {status}")
    assert not let_in, "\n" + "\n".join(let_in)


def _sample(rule) -> str:
    """Something that fits the address: the first of a choice, else a 1."""
    choice = re.search(r"<any\(['\"]?([\w-]+)", rule.rule)
    return choice[1] if choice else "1"


@pytest.mark.parametrize("pages", wiring.ROOMS, ids=lambda pages: pages.blueprint.name)
def test_endpoints_and_templates_share_their_names(pages):
    """The page `orders.buyer.show` is drawn by templates/orders/…: a page's template lies in its own room."""
    module = importlib.import_module(pages.blueprint.import_name)
    room = pages.blueprint.import_name.split(".")[1]
    drawn = re.findall(r'\bpage\(\s*"([^"]+)"', Path(str(module.__file__)).read_text())
    found = [name for name in drawn if not name.startswith((f"{room}/", "errors/"))]
    assert not found, "\n" + "\n".join(found)
