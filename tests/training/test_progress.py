"""Where everybody stands on the way to the first sale, in a fixed number of statements; what became of the classes."""

import io
import subprocess

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from marketplace.accounts.models import Role
from marketplace.dossiers.models import DossierState
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.orders.models import FarmOrder
from marketplace.training import charts, lessons, outcomes, queries, service, steps
from marketplace.training.models import Nudge
from tests import cast, classes, machine, make


@pytest.fixture
def lesson(app, clock):
    clock.set("2026-11-20 08:00")
    return classes.plan()


def standing(lesson):
    db.session.rollback()
    return queries.progress(queries.learners_of(lesson))


def test_the_board_follows_a_farmer_to_the_first_sale(lesson, clock, visit):
    farmer = cast.farmer_an()
    classes.join(lesson, farmer)
    (one,) = standing(lesson)
    assert (one.next.key, one.has_sold) == ("papers", False)
    make.procedures()
    farm = make.approved_farm(owner=farmer)
    assert standing(lesson)[0].next.key == "listing"
    tea = make.product(of=farm)
    assert standing(lesson)[0].next.key == "seen"
    visit.sign_in(farmer)(f"/products/{tea.code}")
    assert standing(lesson)[0].next.key == "seen", "one's own look does not count"
    visit.another()(f"/products/{tea.code}")
    assert standing(lesson)[0].next.key == "order"
    order = make.order((tea, 1))
    (one,) = standing(lesson)
    assert one.next.key in ("order", "delivered")
    make.bring_to(order, db.session.query(FarmOrder).first().state.__class__.DELIVERED)
    (one,) = standing(lesson)
    assert one.has_sold
    assert one.next.key == "paid"
    _rows, row = outcomes.of([classes.again(lesson)], "class")
    assert (row.learners, row.active_30, row.orders, row.listings) == (1, 1, 1, 1)
    assert row.value_dong == db.session.query(FarmOrder).first().goods_dong


def test_who_stands_still_longest_comes_first(lesson, clock):
    classes.join(lesson, cast.farmer_an())
    clock.set("2026-11-27 08:00")
    classes.join(lesson, cast.farmer_binh())
    clock.set("2026-11-28 08:05")
    assert [one.learner.name for one in standing(lesson)] == ["Nguyễn Văn An", "Lê Thanh Bình"]
    # Cast accounts are as old as the test's clock when first asked for; joining is the last thing that moved.
    assert [one.days for one in standing(lesson)] == [8, 1]
    day = queries.today(classes.trainer())
    assert [one.learner.name for one in day.stuck] == ["Nguyễn Văn An"]


def test_the_number_of_statements_is_fixed(lesson):
    said = []
    for n in range(12):
        classes.join(lesson, cast.another(f"Nông dân {n}", f"09130000{n:02d}"))

    def hear(*args):
        said.append(args[2])

    def statements(found):
        db.session.rollback()
        learners = queries.learners_of(lesson)[:found]
        said.clear()
        queries.progress(learners)
        return len(said)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        assert statements(2) == statements(12) <= 8
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def test_a_nudge_says_the_next_deed_and_not_twice(visit, lesson, sent, clock):
    farmer = cast.farmer_an()
    classes.join(lesson, farmer)
    board = visit.sign_in(classes.trainer())(f"/train/classes/{lesson.code}")
    board.form(says="Nhắc").submit(status=303)
    assert "Gui ho so" in sent.text(farmer.phone, "sms")
    assert "đã nhắc" in visit(f"/train/classes/{lesson.code}")
    with pytest.raises(Refusal, match="Ba ngày"), transaction():
        service.nudge(standing(lesson)[0], classes.trainer(), cast.by(classes.trainer()))
    assert db.session.query(Nudge).count() == 1
    clock.set("2026-11-23 08:01")
    with transaction():
        service.nudge(standing(lesson)[0], classes.trainer(), cast.by(classes.trainer()))
    db.session.rollback()
    assert db.session.query(Nudge).count() == 2


def test_a_farmer_in_two_classes_is_nudged_once_and_counted_once(lesson, sent):
    other, farmer = classes.plan(day="2026-11-26"), cast.farmer_an()
    for held in (lesson, other):
        classes.join(held, farmer)
    day = queries.today(classes.trainer())
    assert (day.learners, [one.learner.class_id for one, step in day.moved if step.key == "phone"]) == (
        1,
        [other.id],
    )
    with transaction():
        service.nudge(standing(lesson)[0], classes.trainer(), cast.by(classes.trainer()))
    with pytest.raises(Refusal, match="Ba ngày"), transaction():
        service.nudge(standing(other)[0], classes.trainer(), cast.by(classes.trainer()))
    assert len(sent(template="training/nudge")) == db.session.query(Nudge).count() == 1


@pytest.mark.parametrize(
    ("papers", "is_received", "key", "is_ours", "said"),
    [
        (DossierState.DRAFTING, False, "papers", False, "chưa nộp"),
        (DossierState.SUBMITTED, False, "papers", True, "chưa tiếp nhận"),
        (DossierState.WITHDRAWN, False, "papers", False, "không được duyệt hoặc đã rút"),
        (DossierState.RECEIVED, True, "approved", True, "đang chờ duyệt"),
        (DossierState.NEEDS_PAPERS, True, "approved", False, "cần thêm giấy tờ"),
        (DossierState.REFUSED, True, "approved", False, "không được duyệt hoặc đã rút"),
    ],
)
def test_the_board_says_whose_move_the_papers_are(papers, is_received, key, is_ours, said):
    reached = frozenset({"registered", "phone", *(["papers"] if is_received else [])})
    step = steps.as_the_papers_stand(steps.after(reached), papers)
    assert (step.key, step.is_ours) == (key, is_ours)
    assert said in str(step.waits)


def test_an_application_on_its_way_is_not_asked_for_again(lesson, clock, sent, visit):
    make.procedures()
    farmer = cast.farmer_an()
    classes.join(lesson, farmer)
    clock.set("2026-11-24 08:00")
    make.application(farmer)
    clock.set("2026-11-26 09:00")
    (one,) = standing(lesson)
    assert (one.next.key, one.next.is_ours, one.days, one.may_be_helped) == ("papers", True, 2, False)
    board = visit.sign_in(classes.trainer())(f"/train/classes/{lesson.code}")
    assert "bưu điện chưa tiếp nhận" in board
    with pytest.raises(Refusal, match="đang chờ bưu điện"), transaction():
        service.nudge(one, classes.trainer(), cast.by(classes.trainer()))
    assert sent(template="training/nudge") == []
    assert db.session.query(Nudge).count() == 0


def test_who_has_not_said_yes_is_not_written_to(lesson, sent):
    with transaction():
        service.write_down(
            classes.again(lesson), "Bác An", cast.farmer_an().phone, cast.by(classes.trainer())
        )
    with pytest.raises(Refusal, match="chưa xác nhận"), transaction():
        service.nudge(standing(lesson)[0], classes.trainer(), cast.by(classes.trainer()))
    assert sent(template="training/nudge") == []
    assert db.session.query(Nudge).count() == 0


def test_results_as_page_and_files_agree(visit, lesson):
    classes.join(lesson, cast.farmer_an())
    visit.sign_in(classes.trainer())
    for by in ("class", "commune", "province", "trainer", "nonsense"):
        assert "1" in visit(f"/train/results?by={by}")
    text = visit.raw("GET", "/train/results.csv").text
    assert "Bán chè trên chợ quê · 25/11/2026,1,1," in text
    book = load_workbook(io.BytesIO(visit.raw("GET", "/train/results.xlsx").data)).active
    assert [cell.value for cell in book[2]][:3] == ["Bán chè trên chợ quê · 25/11/2026", 1, 1]
    assert [cell.value for cell in book[1]] == [str(head) for head in charts.RESULT_HEADS]


def test_the_report_of_a_class_is_one_sheet_without_names(visit, lesson):
    """However many are in it; in Vietnamese type; for the association and the post office, who need no names."""
    pdftotext = machine.program("pdftotext", "poppler-utils")
    classes.join(lesson, cast.farmer_an())
    for n in range(25):
        with transaction():
            service.write_down(
                classes.again(lesson), f"Nông dân {n}", f"09130000{n:02d}", cast.by(classes.trainer())
            )
    answer = visit.sign_in(classes.trainer()).raw("GET", f"/train/classes/{lesson.code}/report.pdf")
    assert answer.mimetype == "application/pdf"
    done = subprocess.run([pdftotext, "-", "-"], input=answer.data, capture_output=True, check=True)
    text = done.stdout.decode()
    assert text.count("\f") == 1, "one sheet"
    for said in (
        "BÁO CÁO LỚP HỌC BÁN HÀNG",
        lesson.title,
        "Đường tới đơn hàng đầu tiên",
        "1/1",
        "Hội Nông dân",
    ):
        assert said in text
    assert cast.farmer_an().name not in text
    assert "Nông dân 3" not in text
    other = cast.another("Cán bộ khác", "0912000071", Role.TRAINER)
    assert (
        visit.another().sign_in(other).raw("GET", f"/train/classes/{lesson.code}/report.pdf").status_code
        == 404
    )


# -- steps and lessons --


def test_a_step_learnt_of_late_stops_nobody():
    assert steps.after(frozenset({"registered", "listing"})).key == "seen"
    assert steps.after(frozenset(step.key for step in steps.STEPS)) is None
    assert steps.after(frozenset()).key == "registered"


def test_each_step_has_its_lesson_and_each_lesson_its_check(app):
    keys = [one.key for one in lessons.lessons()]
    assert len(keys) == len(set(keys)) >= 12
    assert {step.lesson for step in steps.STEPS} <= set(keys)
    assert set(lessons._deeds(cast.buyer())) == set(keys)
