"""The `flask …` commands."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from flask import Flask, current_app

from config import ROOT
from marketplace import bulk, demo, illustrate, rulebook
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Role
from marketplace.catalog import service as catalog_service
from marketplace.foundation import market, worker
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.payments import service as payments_service
from marketplace.places import queries as places
from marketplace.search import service as search_service
from marketplace.search.port import SearchUnavailable

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy


def attach(app: Flask) -> None:
    _migrations(app)
    app.cli.add_command(lessons)
    app.cli.add_command(people)
    app.cli.add_command(work)
    app.cli.add_command(rules)
    app.cli.add_command(search)
    app.cli.add_command(seed)
    app.cli.add_command(stock)
    app.cli.add_command(ledger)


def _migrations(app: Flask) -> None:
    """`flask db`, for the command and for tests. A server has no use for it, and starts a third of a second sooner."""
    if click.get_current_context(silent=True) is not None or "flask_migrate" in sys.modules:
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(ROOT / "migrations"))


def _this_app() -> Flask:
    """The app a command was started in, itself, for what outlives the command's own context."""
    return cast("LocalProxy[Flask]", current_app)._get_current_object()


@click.command("work")
def work() -> None:
    """Run the worker with its schedule until it is stopped."""
    worker.work(_this_app())


@click.group("ledger")
def ledger() -> None:
    """The books: every entry adds up to zero, every order's money adds up."""


@ledger.command("check")
def ledger_check() -> None:
    """Look for anything that does not add up; ends with 1 where something does not."""
    found = payments_service.check_ledger()
    for line in found[:200]:
        print(line)
    if found:
        sys.exit(f"{len(found)} things in the books do not add up.")
    print("The books add up.")


@click.group("search")
def search() -> None:
    """The search index: built from the database, beside the one in use."""


@search.command("rebuild")
def search_rebuild() -> None:
    """Build a new index and swap it in."""
    try:
        count = search_service.rebuild()
    except SearchUnavailable as error:
        sys.exit(f"Nothing was changed: {error}.")
    print(f"The index holds {count} products.")


@search.command("check")
def search_check() -> None:
    """Compare the index with the database; ends with 1 where they differ."""
    try:
        drift = search_service.check()
    except SearchUnavailable as error:
        sys.exit(f"There is no index to read ({error}). Build one with: flask search rebuild")
    print(f"The index holds {drift.documents} products; {drift.waiting} touched ones wait for the worker.")
    for what, ids in (
        ("missing from the index", drift.missing),
        ("no longer on sale", drift.left_over),
        ("out of date", drift.outdated),
    ):
        if ids:
            print(f"{len(ids)} {what}, by id: {', '.join(map(str, ids[:20]))}{' …' if len(ids) > 20 else ''}")
    if drift:
        sys.exit("The index differs from the database. Build it anew with: flask search rebuild")


@click.group("stock")
def stock() -> None:
    """What is on hand and what is held."""


@stock.command("check")
def stock_check() -> None:
    """Compare every pack with its moves and holds; ends with 1 where they differ."""
    drifts = catalog_service.check_stock()
    for drift in drifts:
        print(f"{drift.variant_code}: {drift.what} is {drift.is_now}, should be {drift.should_be}")
    if drifts:
        sys.exit(f"{len(drifts)} numbers do not agree.")
    print("Stock agrees: holds, sales and on-hand add up.")


@click.group("rules")
def rules() -> None:
    """The dated rules a market works by."""


@rules.command("load")
def rules_load() -> None:
    """Put the rules that ship with the house in place; run again it adds what is missing."""
    with transaction():
        rulebook.load(SYSTEM)
    if market.settings().app_env == "production":
        print("Rules loaded. The price list of freight is yours to import under /admin/rules.")


@click.group("seed")
def seed() -> None:
    """Markets to look round in: never in production."""


@seed.command("demo")
def seed_demo() -> None:
    """The believable small market; run again it adds what is missing."""
    try:
        demo.seed()
    except Refusal as refusal:
        sys.exit(str(refusal))


@seed.command("catalog")
@click.option("--products", type=click.IntRange(1, 2_000_000), default=1_000, show_default=True)
@click.option("--shops", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--buyers", type=click.IntRange(0, 1_000_000), default=100, show_default=True)
@click.option("--orders", type=click.IntRange(0, 100_000), default=50, show_default=True)
@click.option("--seed", "number", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--words",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another list of goods to generate from (demo/catalog_words.tsv says how).",
)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines to load instead of generating.",
)
def seed_catalog(
    products: int,
    shops: int,
    buyers: int,
    orders: int,
    number: int,
    words: Path | None,
    file: Path | None,
) -> None:
    """Goods by the thousand, generated from a number, or read from JSON lines (--from)."""
    try:
        if file is not None:
            added, known = bulk.load(file)
            print(f"{added} products added, {known} were there.")
        else:
            made = bulk.generate(products, shops, buyers, orders, number, words)
            print(", ".join(f"{count} {what}" for what, count in made.items()))
    except Refusal as refusal:
        sys.exit(str(refusal))


@click.group("lessons")
def lessons() -> None:
    """The lessons for new sellers."""


@lessons.command("illustrate")
def lessons_illustrate() -> None:
    """Take the lessons' pictures anew from this demo market, with the control each speaks of marked."""
    try:
        count = illustrate.illustrate(_this_app())
    except Refusal as refusal:
        sys.exit(str(refusal))
    print(f"{count} pictures in static/lessons.")


@click.group("people")
def people() -> None:
    """People and what they may do."""


@people.command("add")
@click.option("--name", required=True, help="The person's name.")
@click.option("--phone", required=True, help="The number they sign in with.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="May be repeated.",
)
@click.option("--post", help="Code of the service point a clerk works at (BC…).")
@click.option("--commune", help="Code of a commune a trainer works in.")
def people_add(name: str, phone: str, roles: tuple[str, ...], post: str | None, commune: str | None) -> None:
    """Make a person (the first admin too) and print a link that signs them in once, within 24 hours."""
    try:
        with transaction():
            person = accounts.add_person(name, phone, [Role(role) for role in roles], SYSTEM)
            if post:
                accounts.hold_post(person, SYSTEM, service_point_id=places.service_point(post).id)
            if commune:
                accounts.hold_post(person, SYSTEM, commune_code=commune)
            link = market.settings().site_url + accounts.make_link(person, SYSTEM)
            held = ", ".join(sorted(person.roles))
    except Refusal as refusal:
        sys.exit(str(refusal))
    print(f"{person.code}  {name}  {phone}  ({held})")
    print("Opens once, within 24 hours:")
    print(link)
