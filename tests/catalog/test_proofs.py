"""Certificates: sent in as a dossier, graded by a named reviewer, watched, gone the day they lapse, looked up by number."""

import io
from datetime import date, timedelta

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Role
from marketplace.catalog import jobs, queries, service
from marketplace.catalog.models import Certificate, CertificateKind, CertificateState, Evidence
from marketplace.dossiers.models import DossierState
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import keep_paper, read_paper
from marketplace.foundation.refusal import Conflict, Refusal
from tests import cast, make


@pytest.fixture
def farm(app):
    make.procedures()
    make.rules()
    return make.farm(owner=cast.farmer_an())


@pytest.fixture
def reviewer(app) -> Actor:
    return Actor.of(cast.reviewer().id)


def sent(subject, kind=CertificateKind.VIETGAP, number="VG-19-0007", issuer="Trung tâm chứng nhận", **more):
    by = Actor.of(cast.farmer_an().id)
    more.setdefault("issued_on", wall.today() - timedelta(days=100))
    if kind is CertificateKind.OCOP:
        more.setdefault("stars", 4)
    else:
        more.setdefault("valid_until", wall.today() + timedelta(days=60))
    with transaction():
        paper = keep_paper(read_paper(make.picture(), "giay.jpg"), "", by, "certificate")
        return service.send_certificate(subject, kind, number, issuer, by=by, paper=paper, **more)


def again(row):
    db.session.rollback()
    return db.session.get_one(type(row), row.id)


def verified(certificate, reviewer, grade=Evidence.A, evidence=""):
    with transaction():
        service.verify_certificate(again_in(certificate), reviewer, grade, evidence)
    return again(certificate)


def again_in(row):
    return db.session.get_one(type(row), row.id)


def test_it_comes_in_as_a_dossier_and_one_decision_answers_both(farm, reviewer):
    made = sent(farm)
    dossier = again(made).dossier
    assert dossier.state is DossierState.SUBMITTED and dossier.due_at is not None
    assert dossier.facts["number"] == "VG-19-0007" and dossier.current_paper("certificate") is not None
    made = verified(made, reviewer)
    assert made.state is CertificateState.VERIFIED and made.dossier.state is DossierState.RETURNED
    assert made.decided_by.name == "Vũ Quốc Dũng" and made.grade is Evidence.A


def test_two_reviewers_at_once_make_one_decision(farm, reviewer):
    made = sent(farm)
    verified(made, reviewer)
    other = Actor.of(cast.another("Người thẩm định hai", "0912000044", Role.REVIEWER).id)
    with pytest.raises(Conflict), transaction():
        service.verify_certificate(again_in(made), other)
    assert again(made).decided_by_id == reviewer.person_id


def test_refused_with_its_dossier_and_its_reason(farm, reviewer):
    made = sent(farm)
    with transaction():
        service.withdraw_certificate(again_in(made), reviewer, "Ảnh mờ, hãy chụp lại.")
    made = again(made)
    assert made.dossier.approved_at is None and made.dossier.reason == "Ảnh mờ, hãy chụp lại."


def test_grade_c_never_shows(visit, farm, reviewer):
    tea = make.product(of=farm)
    made = verified(sent(tea, CertificateKind.OCOP, "12/QĐ-UBND", "UBND tỉnh"), reviewer, Evidence.C)
    assert made.state is CertificateState.NOTED and not made.proves_now
    assert queries.stars_now(again(tea)) is None and not queries.certificates_now(again(tea))
    visit(f"/certificates/{made.code}", status=404)
    assert "12/QĐ-UBND · " not in visit("/certificates", number="12/QĐ-UBND").html.partition("<ul")[2]


def test_grade_b_needs_its_source(farm, reviewer):
    made = sent(farm)
    with pytest.raises(Refusal, match="cần nguồn"), transaction():
        service.verify_certificate(again_in(made), reviewer, Evidence.B)
    assert verified(made, reviewer, Evidence.B, "baothainguyen.vn").evidence == "baothainguyen.vn"


def test_the_badge_leads_to_the_proof_and_the_number_is_found(visit, farm, reviewer):
    tea = make.product(of=farm)
    made = verified(sent(tea, CertificateKind.OCOP, "3981/QĐ-UBND", "UBND tỉnh", score=85), reviewer)
    page = visit(f"/products/{tea.code}-tra-dinh-tan-cuong").follow("Ai kiểm tra, bằng chứng nào")
    for said in ("3981/QĐ-UBND", "Vũ Quốc Dũng", "A: quyết định", "85/100", "Còn hiệu lực"):
        assert said in page
    for typed in ("3981/QĐ-UBND", " 3981 / qđ-ubnd ", "3981"):
        assert made.number in visit("/certificates", number=typed)
    for nothing in ("%", "_", "", "x" * 500, "0/QĐ", "\x00"):
        visit("/certificates", number=nothing)


def test_anothers_number_is_refused_and_a_decision_of_many_is_not(farm, reviewer):
    sent(farm)
    other = make.farm("Trại khác", owner=cast.farmer_binh())
    with pytest.raises(Refusal) as refused:
        sent(other)
    assert refused.value.field == "number" and db.session.query(Certificate).count() == 1
    sent(make.product(of=farm), CertificateKind.OCOP, "77/QĐ-UBND", "UBND tỉnh")
    sent(make.product(of=other, name="Mật ong"), CertificateKind.OCOP, "77/QĐ-UBND", "UBND tỉnh")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"issued_on": date(2100, 1, 1)}, "issued_on"),
        ({"number": "không số"}, "number"),
        ({"score": 95, "stars": 4}, "score"),
        ({"stars": 2}, "stars"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(farm, wrong, field):
    tea = make.product(of=farm)
    with pytest.raises(Refusal) as refused:
        sent(tea, **{"kind": CertificateKind.OCOP, "number": "5/QĐ-UBND", **wrong})
    assert refused.value.field == field and db.session.query(Certificate).count() == 0


def test_told_90_30_and_7_days_before_once_each_to_farm_and_trainer(farm, reviewer, sent_to, clock):
    trainer = cast.trainer()
    with transaction():
        accounts.hold_post(cast.trainer(), SYSTEM, commune_code=farm.commune_code)
    verified(sent(farm, valid_until=wall.today() + timedelta(days=95)), reviewer)
    told = []
    for days in range(97):
        clock.set(f"{(wall.today() + timedelta(days=1)).isoformat()} 07:00")
        with transaction():
            if service.watch_certificates():
                told.append(94 - days)
    assert told == [90, 30, 7]
    assert len(sent_to(trainer.id)) == 3 and len(sent_to(cast.farmer_an().id)) >= 3


@pytest.fixture
def sent_to(sent_messages):
    def read(person_id: int):
        return [one for one in sent_messages.inbox(person_id) if one.template.endswith("running_out")]

    return read


@pytest.fixture
def sent_messages(request):
    return request.getfixturevalue("sent")


def test_renewed_the_old_stays_and_is_not_called_in(farm, reviewer, clock):
    old = verified(sent(farm, valid_until=wall.today() + timedelta(days=20)), reviewer)
    new = sent(farm, number="VG-19-0099", valid_until=wall.today() + timedelta(days=700), renews=old)
    verified(new, reviewer)
    assert {one.id for one in queries.farm_certificates_now(again(farm))} == {old.id, new.id}
    with transaction():
        assert service.watch_certificates() == 0
    clock.forward(days=25)
    jobs.lapse_certificates()
    assert again(old).state is CertificateState.LAPSED
    assert [one.id for one in queries.farm_certificates_now(again(farm))] == [new.id]


def test_gone_overnight_from_page_search_and_api(visit, farm, reviewer, clock, run_jobs):
    clock.set("2026-11-20 09:00")
    tea = make.product(of=farm)
    made = sent(tea, CertificateKind.OCOP, "1/QĐ-UBND", "UBND tỉnh", issued_on=date(2023, 11, 21), stars=5)
    made = verified(made, reviewer)
    run_jobs()
    path = f"/products/{tea.code}-tra-dinh-tan-cuong"
    clock.set("2026-11-21 23:50")
    assert "5 sao" in visit(path) and visit.raw("GET", "/api/v1/products?stars=5").json["total"] == 1
    assert visit.raw("GET", f"/api/v1/products/{tea.code}").json["stars"] == 5
    # Midnight, before any job ran: pages and the API already say nothing.
    clock.set("2026-11-22 00:00")
    assert "5 sao" not in visit(path)
    assert visit.raw("GET", f"/api/v1/products/{tea.code}").json["stars"] is None
    jobs.lapse_certificates()
    run_jobs()
    assert visit.raw("GET", "/api/v1/products?stars=5").json["total"] == 0
    assert "Chưa tìm thấy" in visit("/products?stars=5")
    assert "Đã hết hạn" in visit(f"/certificates/{made.code}")


def test_the_farms_own_page(visit, farm, reviewer):
    an = visit.sign_in(cast.farmer_an())
    page = an("/sell/certificates").follow("VietGAP")
    form = page.form("/sell/certificates/new")
    fields = {
        "number": "VG-1",
        "issuer": "Trung tâm chứng nhận",
        "issued_on": (wall.today() - timedelta(days=9)).isoformat(),
    }
    form.submit(status=422, **fields)
    photo = (io.BytesIO(make.picture().getvalue()), "giay.jpg")
    until = (wall.today() + timedelta(days=99)).isoformat()
    an.post("/sell/certificates/new", kind="vietgap", paper=photo, valid_until=until, **fields)
    made = db.session.query(Certificate).one()
    assert made.farm_id == farm.id and made.dossier is not None
    page = visit.another().sign_in(cast.reviewer())("/admin/certificates").follow("VietGAP · VG-1")
    page = page.form(f"/admin/certificates/{made.code}/verification").submit(grade="B", evidence="trang tỉnh")
    assert again(made).grade is Evidence.B
    # Somebody else's certificate cannot be followed.
    make.farm("Trại khác", owner=cast.farmer_binh())
    visit.another().sign_in(cast.farmer_binh())(f"/sell/certificates/new?renews={made.code}", status=404)


def test_a_look_at_its_paper_leaves_a_trace(visit, farm):
    from marketplace.foundation import audit
    from marketplace.foundation.files import paper_token

    made = sent(farm)
    person = cast.reviewer()
    token = paper_token(again(made).paper, person.id)
    visit.sign_in(person).raw("GET", f"/admin/certificates/papers/{token}")
    assert audit.trail(again(made))[-1].verb == "certificate.looked_at"
    # In its dossier it is the same paper, and the look is written there.
    visit.raw("GET", f"/admin/dossiers/papers/{token}")
    assert audit.trail(again(made).dossier)[-1].verb == "dossier.view_paper"


def test_a_person_who_is_forgotten_leaves_the_certificates_paper(farm, reviewer):
    from marketplace.dossiers import service as dossiers

    made = verified(sent(farm), reviewer)
    with transaction():
        dossiers.forget(cast.farmer_an().id)
    made = again(made)
    assert made.paper is not None and made.dossier.facts == {} and not made.dossier.papers
