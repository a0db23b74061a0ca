"""Public procedures at a counter: papers taken, the slip, lists to the agency and back, what the agency decided, the
result. Nobody at the post can decide, and nobody reads a paper without a trace."""

import csv
import io
import re
from datetime import time, timedelta

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import HelpScope, Role
from marketplace.dossiers import fetching, queries, register, service, slips
from marketplace.dossiers.events import DossierResultByPost
from marketplace.dossiers.models import Dossier, DossierState, HandOver, Intake, ReturnWay
from marketplace.foundation import audit
from marketplace.foundation import clock as wall
from marketplace.foundation import events as bus
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import paper_token, read_paper
from marketplace.foundation.refusal import Conflict, Forbidden, Missing, Refusal
from marketplace.places import service as places
from tests import cast, make, parcels

KEY = "civil_status_copy"
FACTS = {
    "full_name": "Hoàng Thị Mận",
    "born_on": "1975-03-02",
    "personal_id": "•••• •••• 3456",
    "address": "Xóm 3",
    "kind": "birth",
    "of_whom": "Hoàng Văn Sơn",
    "copies": "2",
}


@pytest.fixture
def point(app):
    make.procedures()
    return parcels.point()


@pytest.fixture
def at_counter(visit, point):
    return visit.sign_in(cast.clerk(point))


@pytest.fixture
def officer(point):
    """An officer of the commune the counter stands in."""
    found = cast.another("Mai Văn Đức", "0912000066", Role.OFFICER)
    with transaction():
        accounts.hold_post(cast.another("Mai Văn Đức", "0912000066"), SYSTEM, commune_code=point.commune_code)
    return found


def paper():
    return read_paper(make.picture(), "giay.jpg")


def received(point, way=ReturnWay.COUNTER) -> Dossier:
    """A walk-in's dossier, taken in."""
    clerk, man = cast.clerk(point), cast.another("Hoàng Thị Mận", "0912000088")
    by = Actor.of(clerk.id, for_id=man.id)
    with transaction():
        made = service.open_for(KEY, man, by, Intake.COUNTER, point.id)
        service.describe(made, FACTS, by)
        for kind in ("id_photo", "form"):
            service.add_paper(made, kind, paper(), by)
        service.choose_return(made, way, by, address="Xóm 3")
        service.submit(made, by)
        service.receive(made, Actor.of(clerk.id))
    return made


def state(dossier) -> DossierState:
    db.session.rollback()
    return db.session.get_one(Dossier, dossier.id).state


def again(dossier) -> Dossier:
    return db.session.get_one(Dossier, dossier.id)


def test_a_walk_in_from_the_door_to_the_slip(at_counter, point):
    page = at_counter("/post/dossiers").follow("Nhận hồ sơ mới")
    form = page.form("/post/dossiers/new")
    assert "Hãy xem căn cước" in form.submit(
        status=422, procedure=KEY, name="Hoàng Thị Mận", phone="0912 000 088"
    )
    page = form.submit(procedure=KEY, name="Hoàng Thị Mận", phone="0912 000 088", seen="y")
    code = db.session.query(Dossier).one().code
    at = f"/post/dossiers/{code}"
    page = page.form(f"{at}/facts").submit(
        fact_full_name="Hoàng Thị Mận",
        fact_born_on="1975-03-02",
        fact_personal_id="019175123456",
        fact_address="Xóm 3",
        fact_kind="birth",
        fact_of_whom="Hoàng Văn Sơn",
        fact_copies="2",
    )
    assert "019175123456" not in page.html and "•••• 3456" in page
    at_counter.post(f"{at}/reception", status=422)
    for kind in ("id_photo", "form"):
        at_counter.post(f"{at}/papers/{kind}", file=(io.BytesIO(make.picture().getvalue()), "a.jpg"))
    page = at_counter.post(f"{at}/reception")
    found = db.session.query(Dossier).one()
    assert found.state is DossierState.RECEIVED and found.intake is Intake.COUNTER and found.book_no == 1
    assert found.service_point_id == point.id and found.applicant.name == "Hoàng Thị Mận"
    slip = at_counter(f"/dossiers/{code}/slips/receipt", key=found.secret)
    assert slips.promise(found.due_at) in slip and "TNHS" in slip and "8.000" in slip and KEY not in slip
    found = db.session.query(Dossier).one()
    sheet = at_counter.raw("GET", f"/dossiers/{code}/slips/receipt.pdf?key={found.secret}")
    assert sheet.mimetype == "application/pdf" and sheet.data.startswith(b"%PDF-")
    assert sheet.headers["Cache-Control"] == "no-store"


def test_slip_page_pdf_and_notice_agree_to_the_minute(visit, point, sent, run_jobs, clock):
    clock.set("2027-02-03 16:59")
    found = received(point)
    run_jobs()
    due = again(found).due_at
    assert f"{wall.local(due):%H:%M %d/%m/%Y}" == "16:59 11/02/2027"
    words = dict(slips.slip(again(found)).facts)["Hẹn trả kết quả lúc"]
    assert words.startswith("16:59 Thứ Năm, 11/2/2027")
    assert words in visit(f"/dossiers/{found.code}/slips/receipt", key=found.secret)
    assert "16:59 11/02/2027" in sent.text(template="dossiers/submitted")
    assert "Thứ Năm, 11/2 lúc 16:59" in visit(f"/dossiers/{found.code}", key=found.secret)


def test_nobody_at_the_post_decides_a_public_procedure(point):
    found = received(point)
    everything = cast.another("Người của chợ", "0912000077", *cast.ALL_ROLES)
    for person in (cast.clerk(point), cast.reviewer(), cast.admin(), cast.cashier(), everything):
        for verb in (service.appraise, service.approve, lambda one, by: service.refuse(one, "Vì thế.", by)):
            with pytest.raises(Forbidden, match="chỉ nhận và trả"), transaction():
                verb(again(found), Actor.of(person.id))
    assert state(found) is DossierState.RECEIVED


def test_an_officer_decides_and_sees_only_the_own_commune(visit, point, officer):
    found = received(point)
    page = visit.sign_in(officer)("/admin/dossiers").follow(found.code)
    page = page.form(f"/admin/dossiers/{found.code}/appraisal").submit()
    page = page.form(f"/admin/dossiers/{found.code}/approval").submit()
    assert state(found) is DossierState.APPROVED
    assert "Kết quả được trả theo cách người nộp đã chọn" in page and "Đã duyệt và trả kết quả" not in page
    other = cast.another("Cán bộ xã khác", "0912000067", Role.OFFICER)
    visit.another().sign_in(other)(f"/admin/dossiers/{found.code}", status=404)
    visit.another().sign_in(officer)("/admin/certificates", status=403)


def test_lists_to_the_agency_and_back_and_what_its_paper_says(at_counter, point):
    found = received(point)
    clerk = Actor.of(cast.clerk(point).id)
    with pytest.raises(Conflict, match="chưa bàn giao"), transaction():
        service.record_decision(again(found), "approved", "12/UBND", wall.today(), paper(), clerk)
    page = at_counter("/post/hand-overs")
    page = page.form("/post/hand-overs/to_agency").submit(dossiers=found.code)
    there = db.session.query(HandOver).one()
    assert there.number == f"BG-{point.code}-{wall.today().year}-0001" and found.code in page
    assert at_counter.raw("GET", f"/post/hand-overs/{there.code}.pdf").data.startswith(b"%PDF-")
    at = f"/post/dossiers/{found.code}"
    version = again(found).version
    for wrong in ({"number": ""}, {"signed_on": ""}, {"scan": None}, {"outcome": ""}):
        fields = {
            "outcome": "approved",
            "number": "125/UBND-TP",
            "signed_on": wall.today().isoformat(),
            "scan": (io.BytesIO(make.picture().getvalue()), "qd.jpg"),
            "seen": version,
            **wrong,
        }
        at_counter.post(
            f"{at}/agency-decision", status=422, **{key: value for key, value in fields.items() if value}
        )
    assert state(found) is DossierState.RECEIVED
    at_counter("/post/hand-overs").form("/post/hand-overs/from_agency").submit(dossiers=found.code)
    fields = fields | {"outcome": "approved", "seen": again(found).version}
    fields["scan"] = (io.BytesIO(make.picture().getvalue()), "qd.jpg")
    at_counter.post(f"{at}/agency-decision", **fields)
    assert state(found) is DossierState.APPROVED and again(found).agency_no == "125/UBND-TP"
    assert any("125/UBND-TP" in deed.why for deed in queries.trail(again(found)))
    # The fee, then the result: to whom, and which paper was seen.
    page = at_counter(at)
    assert "Còn lệ phí" in page
    page.form(f"{at}/result").submit(status=422, taker="Mận, căn cước")
    at_counter(at).form(f"{at}/fee").submit()
    at_counter.post(f"{at}/fee")
    assert len(db.session.query(type(again(found).fee_receipt)).all()) == 1
    assert "Biên lai" in at_counter(at)
    at_counter(at).form(f"{at}/result").submit(taker="Mận, căn cước")
    assert state(found) is DossierState.RETURNED


def test_the_agency_wants_papers_and_the_clock_stands(point, clock):
    clock.set("2026-11-25 09:00")
    found = received(point)
    by, before = Actor.of(cast.clerk(point).id), found.due_at
    with transaction():
        service.hand_to_agency([again(found)], point, by)
        service.record_decision(
            again(found), "needs_papers", "9/UBND", wall.today(), paper(), by, "Thiếu tờ khai."
        )
    assert state(found) is DossierState.NEEDS_PAPERS and again(found).due_at == before
    clock.set("2026-11-26 09:00")
    with transaction():
        service.submit(again(found), Actor.of(by.person_id, for_id=found.applicant_id))
    moved = again(found).due_at - before
    assert abs(moved - timedelta(days=1)) < timedelta(seconds=5) and again(found).promised_at == before


def test_late_is_said_with_an_apology_and_never_moved_silently(visit, point, sent, run_jobs, clock):
    clock.set("2026-11-25 09:00")
    found = received(point)
    first, by = found.due_at, Actor.of(cast.reviewer().id)
    clock.set("2026-11-30 09:00")
    assert again(found).is_late
    for until in (first, wall.now() - timedelta(hours=1)):
        with pytest.raises(Refusal) as refused, transaction():
            service.extend(again(found), until, "Chậm.", by)
        assert refused.value.field == "day"
    sunday = wall.local(first).replace(day=6, month=12).astimezone(first.tzinfo)
    with pytest.raises(Refusal, match="không vào ngày nghỉ"), transaction():
        service.extend(again(found), sunday, "Chậm.", by)
    new = wall.local(first).replace(day=4, month=12)
    with transaction():
        service.extend(again(found), new, "Chờ xác minh ở nơi cũ.", by)
    run_jobs()
    assert again(found).due_at == new and again(found).promised_at == first
    assert "xin loi" in sent.text(template="dossiers/extended")
    page = visit(f"/dossiers/{found.code}", key=found.secret)
    assert "xin lỗi" in page and "Chờ xác minh" in page
    slip = visit(f"/dossiers/{found.code}/slips/extension", key=found.secret)
    assert slips.promise(first) in slip and slips.promise(new) in slip


def test_the_counter_apologises_too_and_keeps_its_own_register(visit, point, clock):
    clock.set("2026-11-23 08:00")
    found, elsewhere = received(point), parcels.point("32191", "Bưu điện Năm Căn")
    at_counter = visit.sign_in(cast.clerk(point))
    clock.set("2026-11-26 09:00")
    page = at_counter("/post/dossiers")
    assert "1 hồ sơ quá hẹn" in page
    page = page.follow("Danh sách quá hẹn")
    assert found.code in page and page.path.startswith("/post/dossiers/register?when=late")
    page = page.follow(found.code)
    path = f"/post/dossiers/{found.code}/extension"
    before = len(audit.trail(again(found)))
    for wrong in ({"day": "2026-11-24"}, {"day": "2026-11-28"}, {"reason": ""}):
        said = {"day": "2026-11-30", "hour": "16:00", "reason": "Cơ quan nghỉ."} | wrong
        page.form(path).submit(status=422, **said)
    assert len(audit.trail(again(found))) == before and not again(found).extensions
    page = page.form(path).submit(day="2026-11-30", hour="16:00", reason="Cơ quan nghỉ.")
    assert "Phiếu xin lỗi và hẹn lại" in page and "16:00 30/11/2026" in page
    assert found.code not in at_counter("/post/dossiers/register", when="late")
    rows = at_counter.raw("GET", "/post/dossiers/register.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2 and found.code in rows[1]
    theirs = cast.another("Người quầy khác", "0912000077", Role.CLERK)
    with transaction():
        accounts.hold_post(
            cast.another("Người quầy khác", "0912000077"), SYSTEM, service_point_id=elsewhere.id
        )
    other = visit.another().sign_in(theirs)
    assert found.code not in other("/post/dossiers/register")
    assert found.code.encode() not in other.raw("GET", "/post/dossiers/register.xlsx").data
    other.post(path, status=404, day="2026-12-01", hour="16:00", reason="Không phải của tôi.")
    assert len(again(found).extensions) == 1


def test_somebody_on_leave_gives_it_away_with_the_trail(reviewer_two, point):
    farm = make.application(cast.farmer_an())
    found = queries.dossier_of("farm", farm.id)
    with transaction():
        service.receive(again(found), Actor.of(cast.reviewer().id))
        service.reassign(again(found), reviewer_two, Actor.of(cast.admin().id), "nghỉ phép")
    assert again(found).handler_id == reviewer_two.id
    assert any("nghỉ phép" in deed.why and "Vũ Quốc Dũng" in deed.why for deed in queries.trail(found))
    with pytest.raises(Refusal, match="không xử lý"), transaction():
        service.reassign(again(found), cast.buyer(), Actor.of(cast.admin().id))


@pytest.fixture
def reviewer_two(app):
    return cast.another("Người thẩm định hai", "0912000044", Role.REVIEWER)


def test_alone_on_the_web_with_papers_used_again(visit, point):
    first = received(point)
    me = visit.sign_in(cast.another("Hoàng Thị Mận", "0912000088"))
    page = me.post("/account/dossiers", procedure="marital_status")
    made = db.session.query(Dossier).filter(Dossier.id != first.id).one()
    assert made.current_paper("id_photo") is not None and made.current_paper("form") is None
    assert page.h1 == "Cấp giấy xác nhận tình trạng hôn nhân"
    at = f"/account/dossiers/{made.code}"
    page = (
        me(at)
        .form(f"{at}/facts")
        .submit(
            fact_full_name="Hoàng Thị Mận",
            fact_born_on="1975-03-02",
            fact_personal_id="019175123456",
            fact_address="Xóm 3",
            fact_purpose="marry",
        )
    )
    me.post(f"{at}/papers/form", file=(io.BytesIO(make.picture().getvalue()), "a.jpg"))
    page = me.post(f"{at}/submission", status=422)
    assert "chọn cách nhận kết quả" in page
    me(f"{at}/return").form(f"{at}/return").submit(
        way="post", province=point.province_code, commune=point.commune_code, street="Xóm 3"
    )
    me.post(f"{at}/submission")
    made = again(made)
    assert made.state is DossierState.SUBMITTED and made.service_point_id == point.id
    assert made.return_way is ReturnWay.POST and "Xóm 3" in made.return_address


def test_a_counter_that_is_shut_on_the_day_is_asked_about_before_it_is_chosen(visit, point):
    """Nothing is written until the applicant said which: one open nearby, or the usual one later."""
    man = cast.another("Hoàng Thị Mận", "0912000088")
    with transaction():
        made = service.open_for(KEY, man, Actor.of(man.id), Intake.WEB)
    near = parcels.point("05500")
    day = fetching.day_promised(made)
    with transaction():
        places.make_exception(db.session.merge(point), day, None, "Sửa chữa", SYSTEM)
    me, at = visit.sign_in(man), f"/account/dossiers/{made.code}/return"
    asked = {"way": "counter", "province": point.province_code, "commune": point.commune_code, "street": "X"}
    page = me(at).form(at).submit(**asked, status=422)
    assert "Sửa chữa" in page and "mở lại" in page and near.name in page
    assert again(made).service_point_id is None
    page.form(at).submit(**asked, point="BCxxxx", status=422)
    assert again(made).service_point_id is None
    page = page.form(at).submit(**asked, point=near.code)
    assert again(made).service_point_id == near.id and near.name in page
    me(at).form(at).submit(**asked, status=422).form(at).submit(**asked, point=point.code)
    made = again(made)
    assert made.service_point_id == point.id
    made.due_at = wall.at(day, time(16))
    assert fetching.fetched_from(made) > day and "quầy nghỉ, lấy từ" in slips._way(made)


def test_a_helper_needs_consent_and_is_named(visit, point):
    trainer, lan = cast.trainer(), cast.buyer()
    helper = visit.sign_in(trainer)
    helper.post("/account/dossiers", status=403, procedure=KEY, **{"for": lan.code})
    helper.post("/account/dossiers/help", phone="0912000001")
    with transaction():
        consent = accounts.ask_to_help(
            cast.trainer(), cast.buyer(), HelpScope.PAPERS, Actor.of(cast.trainer().id)
        )
        accounts.give_consent(consent, Actor.of(lan.id))
    helper.post("/account/dossiers", procedure=KEY, **{"for": lan.code})
    made = db.session.query(Dossier).one()
    assert made.intake is Intake.HELPER and made.applicant_id == lan.id and made.brought_by_id == trainer.id
    helper.post(
        f"/account/dossiers/{made.code}/papers/form", file=(io.BytesIO(make.picture().getvalue()), "a.jpg")
    )
    assert [(entry.actor_id, entry.for_id) for entry in audit.trail(made)][-1] == (trainer.id, lan.id)
    with transaction():
        accounts.withdraw_consent(consent, Actor.of(lan.id))
    helper(f"/account/dossiers/{made.code}", status=404)


def helped_dossier(point) -> tuple[Dossier, Actor]:
    """What a trainer put together for Lan, who agreed to be helped; nothing is missing but her own yes."""
    trainer, lan = cast.trainer(), cast.buyer()
    by = Actor.of(trainer.id, for_id=lan.id)
    with transaction():
        consent = accounts.ask_to_help(trainer, lan, HelpScope.PAPERS, by)
        accounts.give_consent(consent, Actor.of(lan.id))
        made = service.open_for(KEY, lan, by, Intake.HELPER)
        service.describe(made, FACTS, by)
        for kind in ("id_photo", "form"):
            service.add_paper(made, kind, paper(), by)
        service.choose_return(made, ReturnWay.COUNTER, by, service_point_id=point.id)
    return made, by


def test_what_a_helper_put_together_is_not_handed_in_by_the_helper(visit, point):
    made, by = helped_dossier(point)
    with pytest.raises(Forbidden, match="chính"), transaction():
        service.submit(again(made), by)
    page = visit.sign_in(cast.trainer())
    page.post(f"/account/dossiers/{made.code}/submission", status=403)
    assert again(made).state is DossierState.DRAFTING and again(made).due_at is None
    visit.another().sign_in(cast.buyer()).post(f"/account/dossiers/{made.code}/submission", status=303)
    assert again(made).state is DossierState.SUBMITTED


def test_the_applicants_code_hands_in_this_dossier_as_it_is(visit, point, sent):
    made, by = helped_dossier(point)
    here = f"/account/dossiers/{made.code}"
    page = visit.sign_in(cast.trainer())

    def code() -> str:
        page(here).form(f"{here}/submission/code").submit(status=303)
        return re.search(r"\d{6}", sent.text(cast.buyer().phone, "sms")).group()

    old = code()
    with transaction():
        service.describe(again(made), FACTS | {"copies": "9"}, by)
    refused = page(here).form(f"{here}/submission/agreement").submit(status=422, code=old)
    assert "đã sửa sau khi xin mã" in refused
    assert again(made).state is DossierState.DRAFTING
    page(here).form(f"{here}/submission/agreement").submit(status=303, code=code())
    assert again(made).state is DossierState.SUBMITTED
    trail = {(entry.verb, entry.actor_id, entry.for_id) for entry in audit.trail(made)}
    lan, trainer = cast.buyer(), cast.trainer()
    assert {("dossier.submitted", lan.id, None), ("dossier.yes_typed", trainer.id, lan.id)} <= trail


def test_half_a_dossier_asks_nobody_for_a_yes(visit, point, sent):
    made, by = helped_dossier(point)
    with transaction():
        service.describe(again(made), {}, by)
    visit.sign_in(cast.trainer()).post(f"/account/dossiers/{made.code}/submission/code", status=422)
    assert not sent(cast.buyer().phone, template="accounts/deed_code")
    own = visit.another().sign_in(cast.buyer())
    own.post(f"/account/dossiers/{made.code}/submission/agreement", status=404, code="123456")


def test_a_paper_for_somebody_elses_dossier_changes_nothing(visit, point):
    found = received(point)
    stranger = visit.another().sign_in(cast.farmer_binh())
    file = (io.BytesIO(make.picture().getvalue()), "a.jpg")
    stranger.post(f"/account/dossiers/{found.code}/papers/form", status=404, file=file)
    with pytest.raises(Missing), transaction():
        made = service.open_for(KEY, cast.buyer(), Actor.of(cast.buyer().id))
        service.add_paper(made, "form", paper(), Actor.of(cast.farmer_binh().id))
    assert len(again(found).papers) == 2


def test_every_look_at_a_paper_leaves_a_trace(visit, app, point, officer):
    """Over every address that shows a paper: whoever is shown one is in the trail, and nobody else is shown one."""
    found = received(point)
    routes = [rule.rule for rule in app.url_map.iter_rules() if "/papers/<token>" in rule.rule]
    assert len(routes) >= 4
    stored = again(found).papers[0].paper
    everybody = [*(who() for who in cast.EVERYBODY), officer, found.applicant, cast.clerk(point)]
    shown = 0
    for person in everybody:
        browser = visit.another().sign_in(person)
        for rule in routes:
            db.session.rollback()
            before = len(audit.trail(again(found)))
            token = paper_token(stored, person.id)
            answer = browser.raw("GET", rule.replace("<token>", token))
            db.session.rollback()
            looked = list(audit.trail(again(found))[before:])
            if answer.status_code == 200:
                shown += 1
                assert [(entry.verb, entry.actor_id) for entry in looked] == [
                    ("dossier.view_paper", person.id)
                ]
                assert answer.headers["Cache-Control"] == "no-store"
            else:
                assert answer.status_code in (303, 403, 404) and not looked
    assert shown >= 4
    # A link is for one person and five minutes.
    theirs = paper_token(stored, found.applicant_id)
    assert visit.another().sign_in(cast.reviewer()).raw(
        "GET", f"/admin/dossiers/papers/{theirs}"
    ).status_code == 404  # fmt: skip


def test_papers_lie_encrypted(point, app):
    from marketplace.foundation import files

    found = received(point)
    stored = again(found).papers[0].paper
    assert files.storage().get(stored.key)[:2] not in (b"\xff\xd8", b"%P")


def test_the_register_as_a_file_runs_nothing(visit, point):
    found = received(point)
    with transaction():
        again(found).applicant.name = '=HYPERLINK("http://x")'
    browser = visit.sign_in(cast.admin())
    page = browser("/admin/dossiers/register", point=point.code, state="received")
    assert found.code in page and "CSV" in page
    text = browser.raw("GET", "/admin/dossiers/register.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][4] == '\'=HYPERLINK("http://x")' and len(rows) == 2
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(browser.raw("GET", "/admin/dossiers/register.xlsx").data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_registers_numbers_run_on_without_a_gap_for_each_point_and_year(point, clock):
    clock.set("2026-12-30 09:00")
    other = parcels.point("32191", "Bưu điện Năm Căn")
    by, numbers = Actor.of(cast.clerk(point).id), []

    def taken(at, phone, fails=False):
        man = cast.another("Người nộp", phone)
        with transaction():
            made = service.open_for(KEY, man, SYSTEM, Intake.COUNTER, at.id)
            service.describe(made, FACTS, SYSTEM)
            for kind in ("id_photo", "form"):
                service.add_paper(made, kind, paper(), SYSTEM)
            service.submit(made, SYSTEM)
            if fails:
                raise Refusal("Không ghi.")
        numbers.append((at.id, made.book_no))
        return made

    first = taken(point, "0912000301")
    with pytest.raises(Refusal):
        taken(point, "0912000302", fails=True)
    taken(other, "0912000303")
    taken(point, "0912000304")
    clock.set("2027-01-04 09:00")
    taken(point, "0912000305")
    assert numbers == [(point.id, 1), (other.id, 1), (point.id, 2), (point.id, 1)]
    # Sent back and handed in again it keeps its line.
    with transaction():
        service.receive(again(first), by)
        service.ask_for_papers(again(first), "Mờ.", by)
        service.submit(again(first), SYSTEM)
    assert again(first).book_no == 1
    rows = [row[:2] for row in csv.reader(io.StringIO(register.as_csv([again(first)]).decode("utf-8-sig")))]
    assert rows[1] == ["1", first.code]


def test_a_result_wanted_at_home_is_told_with_all_a_carrier_needs(point, officer, monkeypatch):
    told = []
    monkeypatch.setattr(service, "publish", lambda event: (told.append(event), bus.publish(event)))
    found, person = received(point, ReturnWay.POST), cast.another("Hoàng Thị Mận", "0912000088")
    with transaction():
        service.choose_return(
            again(found), ReturnWay.POST, Actor.of(person.id), "Xóm 3, Tân Cương", None, "Xóm 3", "05503"
        )
    assert DossierResultByPost(found.id) not in told
    with transaction():
        service.refuse(again(found), "Sổ gốc không có.", Actor.of(officer.id))
    assert told.count(DossierResultByPost(found.id)) == 1
    parcel = queries.result_by_post(again(found))
    assert (parcel.code, parcel.name, parcel.street) == (found.code, "Hoàng Thị Mận", "Xóm 3")
    assert (parcel.commune_code, parcel.service_point_id) == ("05503", point.id)
    assert parcel.phone.endswith("912000088") and parcel.needs_identity and parcel.fee_due_dong == 8_000


def test_a_clerk_without_this_counter_does_not_see_it(visit, point):
    found = received(point)
    other = cast.another("Giao dịch viên xa", "0912000055", Role.CLERK)
    assert found.code not in visit.another().sign_in(other)(f"/post/dossiers/{found.code}").text


def test_a_paper_some_hand_in_says_who(visit, point):
    page = visit("/procedures/open_farm_shop")
    assert "Chỉ khi Ai bán: Hợp tác xã, tổ hợp tác, Công ty, doanh nghiệp." in page
    old = visit("/procedures/open_farm_shop", on="2026-07-15")
    assert "Làm thủ tục này" in old and "không phải bản đang áp dụng" not in old
    visit("/procedures/open_farm_shop", on="2020-01-01", status=404)
    assert visit("/procedures/open_farm_shop", on="hôm qua").h1 == page.h1


def test_every_procedure_says_its_law_and_what_is_uncertain(visit, point):
    listed = queries.procedures()
    assert len(listed) == 9 and sum(one.is_public for one in listed) >= 4
    for one in listed:
        assert one.legal_basis and one.note and one.name_en and one.working_days and one.steps
        page = visit(f"/procedures/{one.key}")
        assert one.legal_basis in page and "ngày làm việc" in page
        for spec in one.papers:
            assert spec["name"] in page and spec["copies"] and spec["forms"]
