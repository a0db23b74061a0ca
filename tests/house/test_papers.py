"""No page of the house shows a private paper without a trace: every address is asked for, its gaps filled with what is
there, by somebody who holds every role and by the person the papers are of."""

import io
import re

import pytest

from marketplace import wiring
from marketplace.accounts import service as accounts
from marketplace.accounts.models import HelpScope
from marketplace.catalog import service as catalog
from marketplace.catalog.models import CertificateKind
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Intake
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM, Actor, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPaper, keep_paper, paper_token, read_paper
from marketplace.training import assisted
from tests import cast, classes, make, parcels

pytestmark = pytest.mark.database("sqlite")

SHOWN_BY = {
    "catalog_admin.paper",
    "dossiers_admin.paper",
    "dossiers_buyer.paper",
    "dossiers_post.paper",
    "training_buyer.consent_paper",
    "training_help.consent_paper",
}
"""Every page that may show one. A new one belongs here once its look is in the trail."""


def paper(what: str):
    return read_paper(io.BytesIO(f"%PDF-1.4\n{what} of Mo\n%%EOF".encode()), f"{what}.pdf")


@pytest.fixture
def kept(app, clock) -> dict[str, list[str]]:
    """What stands in an address, by the word before it: codes of records that have papers."""
    clock.set("2026-11-20 08:00")
    make.procedures()
    make.rules()
    lesson, mo, point = classes.plan(), cast.farmer_an(), parcels.point()
    learner = classes.join(lesson, mo)
    helper = classes.trainer()
    with transaction():
        for role in cast.ALL_ROLES:
            accounts.give_role(helper, role, SYSTEM)
        accounts.hold_post(helper, SYSTEM, service_point_id=point.id)
    farm = make.farm(owner=mo)
    by = Actor.of(helper.id, for_id=mo.id)
    with transaction():
        consent = accounts.ask_to_help(helper, mo, HelpScope.PAPERS, cast.by(helper))
        signed = assisted.give_consent_on_paper(consent, paper("consent"))
        made = dossiers.open_for("civil_status_copy", mo, by, Intake.COUNTER, point.id)
        dossiers.add_paper(made, "id_photo", paper("card"), by)
        stored = keep_paper(paper("proof"), "proof.pdf", cast.by(mo), "certificate")
        proof = catalog.send_certificate(
            farm, CertificateKind.VIETGAP, "VG-1", "Trung tâm", wall.today(), cast.by(mo), stored,
            valid_until=wall.today().replace(year=2027),
        )  # fmt: skip
        return {
            "dossiers": [made.code, proof.dossier.code],
            "certificates": [proof.code],
            "consents": [signed.code],
            "farms": [farm.code],
            "classes": [lesson.code],
            "learners": [learner.code],
            "scope": ["papers"],
        }


HERS = {"public", "buyer", "farmer"}
"""Pages the person the papers are of can come to; the helper who holds every role goes through all the others."""
HELPERS = {"buyer", "trainer", "post", "admin"}


def addresses(app, kept, tokens, audiences) -> list[tuple[str, str]]:
    """(endpoint, address) of everything one can look at there, its gaps filled."""
    found, audience_of = [], {one.blueprint.name: one.audience for one in wiring.ROOMS}
    for rule in app.url_map.iter_rules():
        audience = audience_of.get(rule.endpoint.rpartition(".")[0])
        if "GET" not in (rule.methods or ()) or audience not in audiences:
            continue
        ways = [""]
        for part in re.split(r"(<[^>]+>)", rule.rule):
            ways = [way + said for way in ways for said in _said(part, way, kept, tokens)]
        found += [(rule.endpoint, way) for way in ways]
    return sorted(found)


def _said(part: str, before: str, kept, tokens) -> list[str]:
    if not part.startswith("<"):
        return [part]
    if "token" in part:
        return tokens
    if choice := re.search(r"any\(([^)]+)\)", part):
        return [one.strip(" '") for one in choice[1].split(",")]
    return ["1"] if "int:" in part else kept.get(before.rstrip("/").rpartition("/")[2], ["NOBODY99"])


def test_every_page_belongs_to_one_of_the_two(app):
    """So that none is left out above: what a machine asks for shows no papers."""
    assert {one.audience for one in wiring.ROOMS} == HERS | HELPERS | {"partner", "webhook"}


def test_nobody_is_shown_a_paper_without_a_trace(visit, app, kept):
    papers = db.session.query(StoredPaper).order_by(StoredPaper.id).all()
    codes = {
        f"{what} of Mo".encode(): paper.code
        for what, paper in zip(("consent", "card", "proof"), papers, strict=True)
    }
    showed = set()
    for person, audiences in ((classes.trainer(), HELPERS), (cast.farmer_an(), HERS)):
        browser = visit.another().sign_in(person)
        tokens = [paper_token(paper, person.id) for paper in papers]
        for endpoint, address in addresses(app, kept, tokens, audiences):
            last = db.session.query(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1).scalar()
            answer = browser.raw("GET", address)
            seen = [code for mark, code in codes.items() if mark in answer.data]
            if not seen:
                continue
            showed.add(endpoint)
            looks = db.session.query(AuditEntry).filter(AuditEntry.id > last).all()
            traced = [
                look.details["paper"]
                for look in looks
                if look.actor_id == person.id and "paper" in look.details
            ]
            assert traced == seen, f"{endpoint} showed {seen} at {address}, the trail says {traced}"
            assert answer.headers["Cache-Control"] == "no-store", address
            db.session.rollback()
    assert showed == SHOWN_BY
