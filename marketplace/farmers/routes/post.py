"""At the counter: a clerk brings a farm on board with the person before them, and takes the dossier in."""

from typing import Any

from flask import Blueprint, request, session

from marketplace.accounts import queries as people
from marketplace.dossiers import points as counters
from marketplace.dossiers import queries as dossiers
from marketplace.dossiers import service as dossier_service
from marketplace.farmers import onboarding, queries, service
from marketplace.farmers.models import Farm
from marketplace.farmers.routes import steps
from marketplace.farmers.routes.steps import Way
from marketplace.foundation.access import current_actor, person
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import transaction
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.web import notice, page, redirect_to
from marketplace.foundation.words import _

bp = Blueprint("farmers_post", __name__)


@bp.before_request
def stands_somewhere() -> Any:
    """Who has no counter yet is told so at the counter's own page."""
    return None if counters.points_of(person()) else redirect_to("desks_post.counter")


@bp.get("/farms/new")
def new() -> Any:
    """What is needed, before the person at the counter begins; or on with the farm of a dossier."""
    code = request.args.get("dossier", "")[:40]
    if code:
        found = _way(queries.farm_of_dossier(code).code)
        return found.go("start")
    walk_in = session.get("walk_in")
    if walk_in is None:
        return redirect_to("dossiers_post.new", procedure=service.PROCEDURE)
    return page(
        "farmers/post/new.html",
        customer=people.person(walk_in),
        steps=onboarding.STEPS,
        procedure=dossiers.procedure(service.PROCEDURE),
    )


@bp.post("/farms")
def begin() -> Any:
    """Begin, or go on with what the person began alone; their identity paper was seen just now."""
    walk_in = session.get("walk_in")
    if walk_in is None:
        return redirect_to("dossiers_post.new", procedure=service.PROCEDURE)
    with transaction():
        customer = people.person(walk_in)
        by = Actor.of(person().id, for_id=customer.id)
        code = service.start_at_counter(customer, _point_id(), by).code
    session.pop("walk_in", None)
    return _way(code).go_on()


@bp.get("/farms/<code>")
def start(code: str) -> Any:
    """The steps of this farm, or its dossier once it was handed in."""
    way = _way(code)
    dossier = queries.dossier_of(way.farm)
    if dossier is not None and not dossier.is_with_applicant:
        return redirect_to("dossiers_post.dossier", code=dossier.code)
    return steps.show_list(way)


@bp.route("/farms/<code>/steps/<key>", methods=["GET", "POST"])
def step(code: str, key: str) -> Any:
    return steps.show_step(_way(code), key)


@bp.post("/farms/<code>/submission")
def submit(code: str) -> Any:
    """Handed in and received in one press, and the slip is ready to print."""
    way = _way(code)

    def take_in() -> None:
        dossier_service.receive(service.submit(way.farm, way.by, is_vouched=True), current_actor())

    refused = steps.hand_in(way, take_in)
    if refused is not None:
        return refused
    notice(_("Đã tiếp nhận. In giấy hẹn cho khách."))
    dossier = queries.dossier_of(way.farm)
    assert dossier is not None
    return redirect_to("dossiers_post.dossier", code=dossier.code)


def _way(code: str) -> Way:
    farm: Farm = queries.farm_at_counter([point.id for point in counters.points_of(person())], code)
    owner = queries.owner_of(farm)
    by = Actor.of(person().id, for_id=owner.id)
    return Way(farm, by, "farmers_post", {"code": farm.code}, helped=owner)


def _point_id() -> int:
    """Where the clerk stands: the point chosen at the counter, else the first they hold."""
    points = counters.points_of(person())
    if not points:
        raise Conflict(_("Bạn chưa được phân về bưu cục nào. Hãy nhờ quản trị phân điểm cho bạn."))
    chosen = next((point for point in points if point.code == session.get("post_point")), None)
    return (chosen or points[0]).id
