"""The switchboard, on one page: which pages there are and for whom, which vendors are plugged in, who reacts to what,
which jobs there are and when they run, what every page shows, and which room knows what about a person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, Flask

from marketplace.catalog import jobs as catalog_jobs
from marketplace.catalog.events import ProductChanged, StockFlipped
from marketplace.foundation import clock, files, form, market, media, rules
from marketplace.foundation.events import Event
from marketplace.places import queries as places
from marketplace.places import routes as places_pages
from marketplace.search import jobs as search_jobs
from marketplace.search import port as search_port
from marketplace.search import service as search_service
from marketplace.search.adapters.whoosh import WhooshEngine


class Pages(NamedTuple):
    """A blueprint, where it hangs, and its audience (one of access.AUDIENCES)."""

    blueprint: Blueprint
    prefix: str
    audience: str


ROOMS: Sequence[Pages] = (
    Pages(media.bp, "/media", "public"),
    Pages(places_pages.bp, "", "public"),
)

REACTIONS_NOW: Mapping[type[Event], Sequence[Callable[[Any], None]]] = {
    ProductChanged: [lambda event: search_service.touch("product", event.product_id)],
    StockFlipped: [lambda event: search_service.touch("product", event.product_id)],
}
"""Event → functions called at once, in the same transaction, on the database only."""

REACTIONS_LATER: Mapping[type[Event], Sequence[str]] = {}
"""Event → names of jobs, run by the worker after the commit with the event's facts."""

JOBS: Mapping[str, Callable[..., None]] = {
    "catalog.clear_removed_photos": catalog_jobs.clear_removed_photos,
    "catalog.count_sales": catalog_jobs.count_sales,
    "catalog.lapse_certificates": catalog_jobs.lapse_certificates,
    "files.make_sizes": files.make_sizes,
    "files.remove_photo": files.remove_photo,
    "files.remove_paper": files.remove_paper,
    "search.follow": search_jobs.follow,
    "search.rebuild": search_jobs.rebuild,
}
"""Every job by the name it is enqueued under."""

SCHEDULE: Mapping[str, Mapping[str, str]] = {
    "catalog.clear_removed_photos": {"minute": "20", "hour": "2"},
    "catalog.count_sales": {"minute": "10"},
    "catalog.lapse_certificates": {"minute": "0", "hour": "0"},
    "search.follow": {"minute": "*/5"},
    "search.rebuild": {"minute": "30", "hour": "2"},
}
"""What happens by the clock: job → crontab fields, by Vietnamese clocks."""

PAGE_FACTS: Mapping[str, Callable[[], Any]] = {}
"""What every page shows: name in the templates → function."""

PERSONAL_DATA: Mapping[str, Any] = {}
"""Per room: gather(person_id) what it knows of a person, forget(person_id) what the law lets it."""


def plug_in(app: Flask) -> None:
    """Vendors and readers into the ports of the rooms."""
    clock.use_overrides(rules.day_overrides)
    form.use_gazetteer(places)
    settings = app.extensions["settings"]
    folder = settings.instance_path / ("practice-search" if settings.practice else "search")
    market.plug(app, "search", WhooshEngine(folder))
    market.plug(app, "search.documents", search_port.NothingOnSale())
