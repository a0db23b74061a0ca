"""The life of a dossier: who may do what when, when it is due, who is told; what is refused changes nothing."""

import io
import json
from datetime import date

import pytest
from sqlalchemy import func, select

from marketplace.accounts.models import Role
from marketplace.dossiers import procedures, queries, service
from marketplace.dossiers.models import Dossier, DossierPaper, DossierState, Procedure, in_every_language
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPaper, read_paper
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.rules import DayOverride
from marketplace.foundation.words import _, in_language
from marketplace.notifications.models import Message
from tests import make

FACTS = {"name": "Trần Văn Hảo", "kind": "household"}


@pytest.fixture
def procedure(app) -> Procedure:
    """A small procedure of our own, so that no test leans on a law."""
    with transaction():
        made = Procedure(
            key="tea_stamp",
            name="Xin dấu chè",
            name_en="Tea stamp",
            valid_from=date(2025, 1, 1),
            working_days=3,
            sections=[
                {
                    "key": "who",
                    "name": "Người nộp",
                    "name_en": "Applicant",
                    "fields": [
                        {"key": "name", "name": "Họ tên", "name_en": "Name", "required": True},
                        {
                            "key": "tax",
                            "name": "Mã số thuế",
                            "required": True,
                            "only_for": {"kind": ["company"]},
                        },
                    ],
                }
            ],
            papers=[
                {"key": "photo", "name": "Ảnh chè", "name_en": "Photo", "section": "who"},
                {
                    "key": "deed",
                    "name": "Sổ đỏ",
                    "section": "who",
                    "required": True,
                    "only_for": {"kind": ["company"]},
                },
            ],
        )
        db.session.add(made)
    return made


@pytest.fixture
def applicant(app):
    return make.person("Trần Văn Hảo")


@pytest.fixture
def by(applicant) -> Actor:
    return Actor.of(applicant.id)


@pytest.fixture
def reviewer(app) -> Actor:
    return Actor.of(make.person("Lê Thị Thẩm", Role.REVIEWER).id)


def opened(applicant, by, subject: int = 1, **facts) -> Dossier:
    with transaction():
        return service.open("tea_stamp", applicant, "tea", subject, {**FACTS, **facts}, by)


def do(verb, *arguments, **facts):
    with transaction():
        return verb(*arguments, **facts)


def handed_in(applicant, by, **facts) -> Dossier:
    dossier = opened(applicant, by, **facts)
    do(service.submit, dossier, by)
    return dossier


def refused(verb, *arguments, by_a: type[Refusal] = Refusal, **facts) -> Refusal:
    """The verb says no, and nothing happened: no trace, no notice."""

    def marks():
        return [
            db.session.scalar(select(func.count()).select_from(model))
            for model in (audit.AuditEntry, Message, StoredPaper)
        ]

    before = marks()
    with pytest.raises(by_a) as refusal, transaction():
        verb(*arguments, **facts)
    assert marks() == before
    return refusal.value


def told(applicant) -> list[str]:
    return [message.template for message in db.session.scalars(select(Message).order_by(Message.id))]


def paper(text: bytes = b"one"):
    return read_paper(io.BytesIO(b"%PDF-1.4\n" + text + b"\n%%EOF"), "Sổ đỏ.pdf")


# -- procedures ---------------------------------------------------------------------------------------------------


def test_procedures_are_loaded_once_and_never_overwritten(app):
    with transaction():
        assert service.load_procedures(SYSTEM) == 9
    found = queries.procedure("open_farm_shop")
    with transaction():
        found.fee_dong = 50_000
        assert service.load_procedures(SYSTEM) == 0
    assert queries.procedure("open_farm_shop").fee_dong == 50_000
    assert found.legal_basis and found.steps and found.papers and found.working_days == 3


def put_differently(monkeypatch, tmp_path, key, **changes):
    """The file the procedures are shipped in, with one of them said otherwise."""
    rows = json.loads(procedures.PROCEDURES.read_text(encoding="utf-8"))
    file = tmp_path / "procedures.json"
    file.write_text(json.dumps([row | changes if row["key"] == key else row for row in rows]), "utf-8")
    monkeypatch.setattr(procedures, "PROCEDURES", file)


def test_a_procedure_put_differently_is_a_new_version_from_tomorrow(app, clock, monkeypatch, tmp_path):
    clock.set("2026-11-20 09:00")
    with transaction():
        service.load_procedures(SYSTEM)
        old = queries.procedure("open_farm_shop")
        later = service.adopt_procedure(
            old, valid_from=date(2027, 1, 1), legal_basis="QĐ 9", fee_dong=20_000, working_days=2, by=SYSTEM
        )
        # The market asks another fee than was shipped, by a word of its own.
        old.fee_dong, old.legal_basis = 10_000, "QĐ 7"
    said = old.name
    changes = {"name": "Mở gian hàng", "working_days": 9, "legal_basis": "Luật mới"}
    put_differently(monkeypatch, tmp_path, "open_farm_shop", **changes)
    with transaction():
        assert service.load_procedures(SYSTEM) == 1
    # Today's is as it was, also for whatever was begun under it.
    assert queries.procedure("open_farm_shop") is old and (old.name, old.working_days) == (said, 3)
    new = queries.procedure_to_come("open_farm_shop")
    assert (new.valid_from, new.name, new.fee_dong, new.working_days, new.legal_basis) == (
        date(2026, 11, 21), "Mở gian hàng", 10_000, 3, "QĐ 7",
    )  # fmt: skip
    # What was to hold later has not begun: it is said anew, with its own fee and time.
    assert (later.name, later.fee_dong, later.working_days) == ("Mở gian hàng", 20_000, 2)
    assert audit.trail(later)[-1].verb == "procedure.reworded"
    before = db.session.scalar(select(func.count()).select_from(Procedure))
    clock.set("2026-11-23 09:00")
    with transaction():
        assert service.load_procedures(SYSTEM) == 0
    assert db.session.scalar(select(func.count()).select_from(Procedure)) == before
    assert queries.procedure("open_farm_shop") is new


def test_what_was_begun_keeps_its_version(app, applicant, by, clock, monkeypatch, tmp_path):
    clock.set("2026-11-20 09:00")
    with transaction():
        service.load_procedures(SYSTEM)
        begun = service.open_for("civil_status_copy", applicant, by)
    old = begun.procedure
    put_differently(monkeypatch, tmp_path, "civil_status_copy", name="Tên mới")
    with transaction():
        assert service.load_procedures(SYSTEM) == 1
    clock.set("2026-11-23 09:00")
    with transaction():
        assert service.open_for("civil_status_copy", applicant, by) is begun
    assert begun.procedure is old and old.name != "Tên mới"
    assert queries.procedure("civil_status_copy").name == "Tên mới"


def test_what_the_market_found_out_is_read_in_the_readers_language(procedure, applicant, by):
    with in_language("en"):
        found = in_every_language(lambda: str(_("Chưa có")))
    assert found["name"] == "Chưa có" and found["name_en"] != "Chưa có"
    assert in_every_language(lambda: "") == ""
    dossier = opened(applicant, by, name=found)
    shown = [fact.value for section in queries.sections(dossier) for fact in section.facts]
    assert "Chưa có" in shown
    with in_language("en"):
        shown = [fact.value for section in queries.sections(dossier) for fact in section.facts]
        assert found["name_en"] in shown and "Chưa có" not in shown


def test_a_procedure_is_the_one_in_force_on_the_day(procedure, clock):
    with transaction():
        db.session.add(
            Procedure(key="tea_stamp", name="Xin dấu chè", valid_from=date(2027, 1, 1), working_days=5)
        )
    assert queries.procedure("tea_stamp", date(2026, 12, 31)).working_days == 3
    assert queries.procedure("tea_stamp", date(2027, 1, 1)).working_days == 5
    assert [row.key for row in queries.procedures(date(2027, 1, 1))] == ["tea_stamp"]
    with pytest.raises(Missing):
        queries.procedure("tea_stamp", date(2024, 12, 31))


# -- the applicant's turn -----------------------------------------------------------------------------------------


def test_handing_in_promises_a_day_and_an_hour(procedure, applicant, by, clock):
    clock.set("2026-11-23 09:15")
    dossier = handed_in(applicant, by)
    assert dossier.state is DossierState.SUBMITTED
    assert f"{clock_of(dossier.due_at)}" == "2026-11-27 09:15"
    assert told(applicant) == ["dossiers/submitted"]
    notice = db.session.scalars(select(Message)).one()
    assert "09:15" in notice.subject
    assert notice.path == f"/dossiers/{dossier.code}?key={dossier.secret}"


def clock_of(moment) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M")


def test_swapped_days_of_the_table_count(procedure, applicant, by, clock):
    with transaction():
        db.session.add(DayOverride(valid_from=date(2026, 11, 25), is_working=False, name="Nghỉ bù"))
        db.session.add(DayOverride(valid_from=date(2026, 11, 28), is_working=True, name="Làm bù"))
    clock.set("2026-11-23 09:15")
    assert clock_of(handed_in(applicant, by).due_at) == "2026-11-28 09:15"


def test_what_is_required_must_be_there(procedure, applicant, by):
    dossier = opened(applicant, by, name="")
    assert "Họ tên" in str(refused(service.submit, dossier, by))
    assert dossier.state is DossierState.DRAFTING and dossier.due_at is None
    company = opened(applicant, by, subject=2, kind="company", tax="0100233488")
    assert "Sổ đỏ" in str(refused(service.submit, company, by))
    do(service.add_paper, company, "deed", paper(), by)
    do(service.submit, company, by)
    assert company.state is DossierState.SUBMITTED


def test_one_dossier_about_a_thing_at_a_time(procedure, applicant, by):
    dossier = opened(applicant, by)
    assert dossier.code in str(
        refused(service.open, "tea_stamp", applicant, "tea", 1, FACTS, by, by_a=Conflict)
    )
    assert db.session.query(Dossier).count() == 1
    do(service.withdraw, dossier, by)
    assert opened(applicant, by).id != dossier.id


def test_a_procedure_that_is_not_in_force_opens_nothing(procedure, applicant, by):
    refused(service.open, "no_such", applicant, "tea", 1, FACTS, by, by_a=Missing)
    assert db.session.query(Dossier).count() == 0


def test_papers_are_replaced_and_the_old_one_stays_for_the_trail(procedure, applicant, by):
    dossier = opened(applicant, by)
    first = do(service.add_paper, dossier, "photo", paper(b"one"), by)
    assert do(service.add_paper, dossier, "photo", paper(b"one"), by).id == first.id
    second = do(service.add_paper, dossier, "photo", paper(b"two"), by)
    assert dossier.current_paper("photo").id == second.id
    assert first.replaced_at is not None
    assert db.session.query(DossierPaper).count() == 2
    refused(service.add_paper, dossier, "passport", paper(b"three"), by)


def test_nothing_is_changed_while_the_post_has_it(procedure, applicant, by):
    dossier = handed_in(applicant, by)
    refused(service.describe, dossier, {"name": "Khác"}, by, by_a=Conflict)
    refused(service.add_paper, dossier, "photo", paper(), by, by_a=Conflict)
    refused(service.submit, dossier, by, by_a=Conflict)
    assert dossier.facts == FACTS and not dossier.papers


def test_papers_of_a_refused_dossier_are_taken_over(procedure, applicant, by, reviewer):
    dossier = opened(applicant, by)
    given = do(service.add_paper, dossier, "photo", paper(), by)
    do(service.submit, dossier, by)
    do(service.refuse, dossier, "Ảnh mờ, không đọc được.", reviewer)
    again = opened(applicant, by)
    assert again.current_paper("photo").paper_id == given.paper_id
    assert db.session.query(StoredPaper).count() == 1


# -- the handler's turn -------------------------------------------------------------------------------------------


def test_received_appraised_approved_returned(procedure, applicant, by, reviewer):
    dossier = handed_in(applicant, by)
    due_at = dossier.due_at
    do(service.receive, dossier, reviewer)
    assert dossier.handler_id == reviewer.person_id and dossier.due_at == due_at
    do(service.appraise, dossier, reviewer, "khớp thẻ")
    do(service.approve, dossier, reviewer)
    assert dossier.state is DossierState.RETURNED and dossier.approved_at and dossier.returned_at
    assert told(applicant) == [
        f"dossiers/{what}" for what in ("submitted", "received", "appraised", "approved")
    ]
    assert [entry.verb.partition(".")[2] for entry in audit.trail(dossier)] == [
        "open", "submitted", "received", "appraised", "approved", "returned",
    ]  # fmt: skip


def test_a_result_for_the_counter_waits_to_be_returned(procedure, applicant, by, reviewer):
    with transaction():
        procedure.returned_by = "counter"
    dossier = handed_in(applicant, by)
    for verb in (service.receive, service.appraise, service.approve):
        do(verb, dossier, reviewer)
    assert dossier.state is DossierState.APPROVED
    do(service.return_result, dossier, reviewer)
    assert dossier.state is DossierState.RETURNED


def test_the_clock_stands_still_while_papers_are_missing(procedure, applicant, by, reviewer, clock):
    clock.set("2026-11-23 09:15")
    dossier = handed_in(applicant, by)
    do(service.receive, dossier, reviewer)
    clock.set("2026-11-23 16:00")
    do(
        service.ask_for_papers,
        dossier,
        "Ảnh mờ, chụp lại giúp.",
        reviewer,
        missing=["photo", "nonsense", "who"],
    )
    assert dossier.state is DossierState.NEEDS_PAPERS
    assert dossier.missing == ["photo", "who"] and queries.missing_names(dossier) == ["Ảnh chè", "Người nộp"]
    assert not dossier.is_late and not dossier.is_with_us
    do(service.describe, dossier, {**FACTS, "name": "Trần Hảo"}, by)
    clock.set("2026-11-25 08:30")
    do(service.submit, dossier, by)
    # One hour on Monday before closing, 24 November off, one hour on Wednesday after opening.
    assert clock_of(dossier.due_at) == "2026-11-27 11:15"
    assert dossier.reason is None and dossier.missing == [] and dossier.paused_at is None
    assert told(applicant)[-2:] == ["dossiers/needs_papers", "dossiers/submitted"]


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_no_refusal_and_no_request_without_a_reason(procedure, applicant, by, reviewer, reason):
    dossier = handed_in(applicant, by)
    do(service.receive, dossier, reviewer)
    assert refused(service.ask_for_papers, dossier, reason, reviewer).field == "reason"
    assert refused(service.refuse, dossier, reason, reviewer).field == "reason"
    assert dossier.state is DossierState.RECEIVED


def test_nobody_handles_their_own_dossier(procedure, applicant, by):
    dossier = handed_in(applicant, by)
    refused(service.receive, dossier, by)
    refused(service.refuse, dossier, "Vì thế.", by)
    assert dossier.state is DossierState.SUBMITTED and dossier.handler_id is None


def test_two_at_one_dossier_the_second_hears_it_is_done(procedure, applicant, by, reviewer):
    dossier = handed_in(applicant, by)
    do(service.receive, dossier, reviewer)
    other = Actor.of(make.person("Người thẩm định khác", Role.REVIEWER).id)
    refused(service.receive, dossier, other, by_a=Conflict)
    assert dossier.handler_id == reviewer.person_id
    do(service.refuse, dossier, "Không đúng đối tượng.", reviewer)
    refused(service.approve, dossier, other, by_a=Conflict)
    assert dossier.state is DossierState.REFUSED and dossier.approved_at is None


FORBIDDEN = [
    (state, verb)
    for state, verbs in {
        "drafting": ("receive", "appraise", "approve", "ask_for_papers", "refuse", "return_result"),
        "submitted": ("submit", "appraise", "approve", "ask_for_papers", "return_result"),
        "received": ("submit", "receive", "approve", "return_result"),
        "needs_papers": ("receive", "appraise", "approve", "ask_for_papers", "refuse", "return_result"),
        "appraised": ("submit", "receive", "appraise", "return_result"),
        "returned": ("submit", "receive", "appraise", "approve", "ask_for_papers", "refuse", "withdraw"),
        "refused": ("submit", "receive", "appraise", "approve", "ask_for_papers", "refuse", "withdraw"),
        "withdrawn": ("submit", "receive", "appraise", "approve", "ask_for_papers", "refuse", "withdraw"),
    }.items()
    for verb in verbs
]


@pytest.mark.parametrize(("state", "verb"), FORBIDDEN)
def test_no_step_out_of_its_turn(procedure, applicant, by, reviewer, state, verb):
    dossier = opened(applicant, by)
    with transaction():
        dossier.state = DossierState(state)
    more = ("Vì thế.", reviewer) if verb in ("ask_for_papers", "refuse") else (reviewer,)
    refused(getattr(service, verb), dossier, *more, by_a=Conflict)
    assert dossier.state is DossierState(state)


def test_a_paper_is_seen_only_with_a_trace(procedure, applicant, by, reviewer):
    dossier = opened(applicant, by)
    given = do(service.add_paper, dossier, "photo", paper(), by)
    assert do(service.view_paper, given, reviewer).startswith(b"%PDF")
    last = audit.trail(dossier)[-1]
    assert (last.verb, last.actor_id) == ("dossier.view_paper", reviewer.person_id)


# -- who sees what ------------------------------------------------------------------------------------------------


def test_a_dossier_is_its_applicants_and_the_handlers(procedure, applicant, by):
    dossier = handed_in(applicant, by)
    assert queries.dossier_for(applicant, dossier.code).id == dossier.id
    assert queries.dossier_by_secret(dossier.code, dossier.secret).id == dossier.id
    assert queries.dossier_to_handle(make.person("A", Role.REVIEWER), dossier.code).id == dossier.id
    assert queries.dossier_to_handle(make.person("B", Role.ADMIN), dossier.code).id == dossier.id
    for asked in (
        lambda: queries.dossier_for(make.person("Người khác"), dossier.code),
        lambda: queries.dossier_by_secret(dossier.code, "WRONG"),
        lambda: queries.dossier_by_secret(dossier.code, ""),
        lambda: queries.dossier_by_secret(dossier.code, "ữ"),
        lambda: queries.dossier_to_handle(applicant, dossier.code),
        lambda: queries.dossier_to_handle(make.person("C", Role.CASHIER), dossier.code),
    ):
        with pytest.raises(Missing):
            asked()


def test_the_late_come_first_and_paused_ones_wait_elsewhere(procedure, applicant, by, reviewer, clock):
    clock.set("2026-11-16 09:00")
    late = handed_in(applicant, by, subject=1)
    clock.set("2026-11-20 09:00")
    soon = handed_in(applicant, by, subject=2)
    paused = handed_in(applicant, by, subject=3)
    do(service.receive, paused, reviewer)
    do(service.ask_for_papers, paused, "Thiếu ảnh.", reviewer)
    someone = db.session.get(type(applicant), reviewer.person_id)
    assert [d.id for d in queries.waiting_for("reviewer")] == [late.id, soon.id]
    assert [d.id for d in queries.to_handle(someone)] == [late.id, soon.id]
    assert [d.id for d in queries.with_applicants(someone)] == [paused.id]
    assert queries.waiting_count(someone) == 2 and queries.waiting_count(applicant) == 0
    assert late.is_late and not soon.is_late
    assert not queries.waiting_for("cashier")


def test_the_register_is_searched(procedure, applicant, by):
    dossier = handed_in(applicant, by)
    opened(applicant, by, subject=2)
    someone = make.person("Lê Thị Thẩm", Role.REVIEWER)

    def codes(**asked):
        return [row.code for row in queries.rows(queries.register(someone, **asked), 0, 10)]

    assert codes() == [dossier.code]
    assert (
        codes(text=dossier.code.lower())
        == codes(text="Hảo")
        == codes(text="0" + applicant.phone[3:])
        == [dossier.code]
    )
    assert codes(state=DossierState.SUBMITTED, procedure_key="tea_stamp") == [dossier.code]
    assert codes(state=DossierState.REFUSED) == codes(text="%") == codes(procedure_key="x") == []
    assert queries.count(queries.register(someone)) == 1


def test_stages_say_where_it_stands(procedure, applicant, by, reviewer):
    dossier = handed_in(applicant, by)
    assert [stage.state for stage in queries.stages(dossier)] == ["done", "now", "next", "next", "next"]
    do(service.receive, dossier, reviewer)
    do(service.ask_for_papers, dossier, "Thiếu ảnh.", reviewer)
    stages = queries.stages(dossier)
    assert [stage.state for stage in stages] == ["done", "done", "now", "next", "next", "next"]
    assert stages[2].note == "Thiếu ảnh."
    do(service.submit, dossier, by)
    do(service.refuse, dossier, "Không đúng.", reviewer)
    assert [stage.state for stage in queries.stages(dossier)][-1] == "stop"
