"""Classes and learners: who may open one, who comes in and how, who sees what, who was here."""

import io
import re
from datetime import datetime

import pytest

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Consent, Role
from marketplace.foundation import sheets
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.training import outcomes, queries, service
from marketplace.training.models import ClassState, Learner, LearnerState, TrainingClass
from tests import cast, classes


@pytest.fixture
def lesson(app, clock):
    clock.set("2026-11-20 08:00")
    return classes.plan()


def count(model=Learner):
    db.session.rollback()
    return db.session.query(model).count()


def onward(visit, page):
    """To where the answer leads."""
    return visit(page.answer.headers["Location"])


# -- the class --


def test_a_trainer_opens_a_class_in_her_commune(visit, clock):
    clock.set("2026-11-20 08:00")
    visit.sign_in(classes.trainer())
    sent = visit("/train/classes/new").form("/train/classes/new").submit(
        status=303, title="Bán chè, lớp 1", street="Nhà văn hóa xóm Hồng Thái 2", day="2026-11-25", seats="20"
    )  # fmt: skip
    board = onward(visit, sent)
    assert "Bán chè, lớp 1" in board
    made = db.session.query(TrainingClass).one()
    assert made.commune_code == "05503"
    assert made.join_code_shown in board
    assert "0/20" in visit("/train")


def test_the_picked_place_is_on_the_map_of_both_pages_and_a_wrong_one_is_nowhere(visit, clock):
    clock.set("2026-11-20 08:00")
    visit.sign_in(classes.trainer())
    page = visit("/train/classes/new")
    told = {"title": "Bán chè", "street": "Nhà văn hóa", "day": "2026-11-25", "seats": "20"}
    refused = page.form("/train/classes/new").submit(status=422, pin="chỗ cây đa", **told)
    assert "Vị trí chưa đúng" in refused and not db.session.query(TrainingClass).count()
    page.form("/train/classes/new").submit(status=303, pin="21.5305, 105.7636", **told)
    made = db.session.query(TrainingClass).one()
    assert (made.lat, made.lon) == (21.5305, 105.7636)
    for seen in (visit(f"/train/classes/{made.code}"), visit.another()(f"/join?code={made.join_code}")):
        assert "7PH7GQJ7+6C" in seen
        assert "data-map" in seen.html and "destination=21.53050,105.76360" in seen.html
    assert "21.530500, 105.763600" in visit(f"/train/classes/{made.code}/details").html


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"commune_code": "32191"}, "chưa được giao xã"),
        ({"commune_code": "99999"}, "Hãy chọn xã"),
        ({"day": "2026-11-19"}, "đã qua"),
        ({"seats": 0}, "Số chỗ"),
        ({"seats": 201}, "Số chỗ"),
        ({"ends": "07:00"}, "Giờ tan lớp"),
        ({"title": "  "}, "tên lớp"),
    ],
)
def test_a_class_that_cannot_be_is_not(app, clock, wrong, said):
    clock.set("2026-11-20 08:00")
    with pytest.raises(Refusal, match=said):
        classes.plan(**wrong)
    assert count(TrainingClass) == 0


def test_nobody_sees_the_class_of_another(visit, lesson):
    other = cast.another("Cán bộ khác", "0912000071", Role.TRAINER)
    visit.sign_in(other)
    learner = classes.join(lesson, cast.farmer_an()).code
    place = f"/learners/{learner}"
    for path in (
        "", "/details", "/attendance", "/poster", "/roster", "/imports", "/slips", "/report.pdf",
        f"{place}/certificate", f"{place}/help", f"{place}/help/shop",
    ):  # fmt: skip
        visit(f"/train/classes/{lesson.code}{path}", status=404)
    for deed in (
        "/learners", "/assistants", "/handing-over", "/closing", "/attendance", "/attendance/taps", "/slips",
        f"{place}/nudge", f"{place}/departure", f"{place}/help/consents/list",
    ):  # fmt: skip
        visit.post(
            f"/train/classes/{lesson.code}{deed}", status=404, name="A", phone="0912000071", learner=learner, here="1",
        )  # fmt: skip
    assert lesson.title not in visit("/train/results")
    assert lesson.title not in visit.raw("GET", "/train/results.csv").text
    db.session.rollback()
    (held,), (one,) = db.session.query(TrainingClass), db.session.query(Learner)
    assert (held.trainer_id, held.state, held.assistants) == (classes.trainer().id, ClassState.OPEN, [])
    assert (one.state, one.attended_at) == (LearnerState.JOINED, None)
    assert db.session.query(Consent).count() == 0
    visit.another().sign_in(cast.buyer())("/train", status=403)


def test_an_assistant_sees_it_and_one_who_takes_it_over(visit, lesson):
    other = cast.another("Cán bộ khác", "0912000071", Role.TRAINER)
    with transaction():
        service.add_assistant(classes.again(lesson), "0912 000 071", cast.by(classes.trainer()))
    assert lesson.title in visit.sign_in(other)(f"/train/classes/{lesson.code}")
    with transaction():
        service.hand_over(
            classes.again(lesson), people.person_by_login("+84912000071"), cast.by(cast.admin())
        )
    with pytest.raises(Missing):
        queries.class_for(classes.trainer(), lesson.code)
    assert queries.class_for(other, lesson.code).assistants == []


def test_a_cancelled_class_tells_everybody_and_takes_nobody(visit, lesson, sent):
    farmer = cast.farmer_an()
    classes.join(lesson, farmer)
    with transaction():
        service.cancel(classes.again(lesson), "mưa bão", cast.by(classes.trainer()))
    assert "mua bao" in sent.text(farmer.phone, "sms")
    visit(f"/join?code={lesson.join_code}", status=404)
    with pytest.raises(Conflict):
        classes.join(lesson, cast.farmer_binh())
    assert count() == 1


# -- coming in --


def test_a_newcomer_joins_with_six_digits_and_a_code_by_sms(visit, lesson, sent):
    page = visit("/join", code=lesson.join_code_shown)
    assert lesson.title in page
    entry = onward(
        visit, page.form("/join").submit(status=303, name="Hoàng Văn Tư", phone="0912 000 061", agree="y")
    )
    digits = re.search(r"\d{6}", sent.text("+84912000061", "sms")).group()
    page = onward(visit, entry.form("/login/code/entry").submit(status=303, code=digits))
    page = onward(visit, page.form(says="Đồng ý và vào lớp").submit(status=303))
    assert "Việc tiếp theo" in page
    learner = db.session.query(Learner).one()
    assert (learner.state, learner.name) == (LearnerState.JOINED, "Hoàng Văn Tư")
    person = people.person_by_login("+84912000061")
    assert person.phone_verified_at is not None
    assert person.password_hash is None
    # Again with the same code: the same place, no second one.
    classes.join(lesson, person)
    assert count() == 1


def test_a_number_somebody_has_looks_the_same_and_changes_nothing(visit, lesson, sent):
    owner = cast.farmer_an()
    before = (owner.name, owner.password_hash)
    page = visit(f"/join?code={lesson.join_code}")
    page.form("/join").submit(status=303, name="Kẻ Lạ", phone=owner.phone, agree="y")
    db.session.rollback()
    owner = people.person_by_login(owner.phone)
    assert (owner.name, owner.password_hash) == before
    assert re.search(r"\d{6}", sent.text(owner.phone, "sms"))
    assert count() == 0


def test_without_a_yes_nobody_is_made(visit, lesson):
    page = (
        visit(f"/join?code={lesson.join_code}")
        .form("/join")
        .submit(status=422, name="Tư", phone="0912000061")
    )
    assert "đồng ý" in page
    assert people.person_by_login("+84912000061") is None


def test_the_last_seat_is_one(app, clock):
    clock.set("2026-11-20 08:00")
    small = classes.plan(seats=1)
    classes.join(small, cast.farmer_an())
    with pytest.raises(Conflict, match="đủ 1 chỗ"):
        classes.join(small, cast.farmer_binh())
    assert count() == 1


def test_a_farmer_in_two_classes_counts_once(app, clock):
    clock.set("2026-11-20 08:00")
    one, two = classes.plan(), classes.plan(day="2026-11-27", title="Lớp hai")
    classes.join(one, cast.farmer_an())
    classes.join(two, cast.farmer_an())
    (row,), _whole = outcomes.of([classes.again(one), classes.again(two)], "commune")
    assert (row.classes, row.learners) == (2, 1)
    rows, whole = outcomes.of([classes.again(one), classes.again(two)], "class")
    assert ([each.learners for each in rows], whole.learners) == ([1, 1], 1)


# -- written down --


def test_whoever_was_written_down_says_yes_themselves(visit, lesson):
    farmer = cast.farmer_an()
    board = visit.sign_in(classes.trainer())(f"/train/classes/{lesson.code}")
    board.form(f"/train/classes/{lesson.code}/learners").submit(
        status=303, name="Bác An", phone="0912 000 002"
    )
    board = visit(f"/train/classes/{lesson.code}")
    assert "chưa xác nhận vào lớp" in board
    assert queries.progress(queries.learners_of(lesson))[0].reached == {}
    page = visit.another().sign_in(farmer)("/learn")
    assert "Có phải bạn học lớp này?" in page
    page.form(says="Đúng, tôi vào lớp").submit(status=303)
    db.session.rollback()
    assert db.session.query(Learner).one().state is LearnerState.JOINED
    assert "registered" in queries.progress(queries.learners_of(lesson))[0].reached


def test_not_me_ends_it(visit, lesson):
    with transaction():
        service.write_down(
            classes.again(lesson), "Bác An", cast.farmer_an().phone, cast.by(classes.trainer())
        )
    visit.sign_in(cast.farmer_an())("/learn").form(says="Không phải tôi").submit(status=303)
    db.session.rollback()
    assert db.session.query(Learner).one().state is LearnerState.LEFT


def test_who_was_written_down_before_having_an_account_finds_the_class(visit, lesson, sent):
    with transaction():
        service.write_down(classes.again(lesson), "Bác Sáu", "0912000062", cast.by(classes.trainer()))
    late = cast.another("Lò Văn Sáu", "0912000062")
    assert db.session.query(Learner).one().person_id is None
    page = visit.sign_in(late)("/learn")
    assert "Bác Sáu" in page


def test_a_list_is_shown_before_it_is_written(visit, lesson):
    rows = [
        ["STT", "Họ tên", "SĐT"], [1, "Lò Văn Sáu", 912000091], [2, "Lò Thị Bảy", "+84 912 000 092"],
        [3, "Trùng", "0912-000-091"], [4, "", "0912000093"], [5, "Sai số", "12"], [6, "=HYPERLINK(1)", "0912000094"],
        [7, "Hà", classes.trainer().phone], [8, "Tên\nhai dòng", "0912 000 095"],
    ]  # fmt: skip
    visit.sign_in(classes.trainer())
    here = f"/train/classes/{lesson.code}/imports"
    sheet = sheets.as_xlsx("lop", rows[0], rows[1:])
    shown = visit(here).form(here).submit(sheet=(io.BytesIO(sheet), "lop.xlsx"))
    assert count() == 0
    for said in (
        "3 người sẽ được ghi", "5 dòng bị bỏ qua", "trùng số với dòng 2", "thiếu họ tên", "chưa đúng", "công thức",
        "là cán bộ của lớp", "0912 000 091",
    ):  # fmt: skip
        assert said in shown
    shown.form(says="Ghi 3 người vào lớp").submit(status=303)
    assert count() == 3
    assert {one.name: one.phone for one in db.session.query(Learner)} == {
        "Lò Văn Sáu": "+84912000091", "Lò Thị Bảy": "+84912000092", "Tên hai dòng": "+84912000095"
    }  # fmt: skip
    with transaction():
        listed = "Lò Văn Sáu\t+84912000091\nLò Thị Bảy\t+84912000092"
        assert service.write_down_all(classes.again(lesson), listed, cast.by(classes.trainer())) == 0


def test_who_left_is_not_written_down_again_by_others(visit, lesson):
    """Neither by hand nor from a sheet: they come back by themselves, with the class's digits."""
    farmer = cast.farmer_an()
    learner = classes.join(lesson, farmer)
    with transaction():
        service.leave(classes.again(learner), cast.by(farmer))
    board = visit.sign_in(classes.trainer())(f"/train/classes/{lesson.code}")
    refused = board.form(f"/train/classes/{lesson.code}/learners").submit(
        status=422, name="An", phone=farmer.phone
    )
    assert "đã rời lớp" in refused
    here = f"/train/classes/{lesson.code}/imports"
    sheet = sheets.as_csv([["Họ tên", "Điện thoại"], ["An", farmer.phone]])
    shown = visit(here).form(here).submit(sheet=(io.BytesIO(sheet), "lop.csv"))
    assert "đã rời lớp" in shown and "0 người sẽ được ghi" in shown
    db.session.rollback()
    assert [one.state for one in db.session.query(Learner)] == [LearnerState.LEFT]
    classes.join(lesson, farmer)
    assert [one.state for one in db.session.query(Learner)] == [LearnerState.JOINED]


def test_who_has_a_new_number_or_teaches_is_not_written_down_a_second_time(app, lesson):
    farmer, by = cast.farmer_an(), cast.by(classes.trainer())
    classes.join(lesson, farmer)
    with transaction():
        db.session.query(Learner).one().phone = "+84912000099"
    with transaction():
        assert service.write_down(classes.again(lesson), "An", farmer.phone, by).person_id == farmer.id
    with pytest.raises(Refusal, match="của cán bộ"), transaction():
        service.write_down(classes.again(lesson), "Hà", classes.trainer().phone, by)
    assert count() == 1


@pytest.mark.parametrize("data", [b"", b"\x89PNG\x00", b"a,b\n1,2\n"])
def test_what_is_no_list_gets_a_sentence(visit, lesson, data):
    here = f"/train/classes/{lesson.code}/imports"
    visit.sign_in(classes.trainer())(here).form(here).submit(status=422, sheet=(io.BytesIO(data), "a.csv"))
    assert count() == 0


# -- here --


def test_attendance_from_two_hours_before_and_once(visit, lesson, clock):
    classes.join(lesson, cast.farmer_an())
    learner = db.session.query(Learner).one()
    with pytest.raises(Refusal, match="hai tiếng"), transaction():
        service.attend(classes.again(learner), cast.by(classes.trainer()))
    clock.set("2026-11-25 07:30")
    visit.sign_in(cast.farmer_an())("/learn").form(says="Tôi có mặt").submit(status=303)
    db.session.rollback()
    first = db.session.query(Learner).one().attended_at
    assert first is not None
    trainer = visit.another().sign_in(classes.trainer())
    clock.set("2026-11-25 08:30")
    for _again in range(2):
        answer = trainer.raw(
            "POST",
            f"/train/classes/{lesson.code}/attendance/taps",
            data={
                "learner": learner.code,
                "here": "1",
                "at": "2026-11-25T01:00:00Z",
                "csrf_token": trainer.token(),
            },
        )
        assert answer.json == {"learner": learner.code, "here": True}
    db.session.rollback()
    assert db.session.query(Learner).one().attended_at == first


@pytest.mark.parametrize("first", ["here", "not here"])
def test_two_assistants_without_a_line_the_later_tap_counts_whoever_is_sent_first(app, lesson, clock, first):
    """One ticks An at half past eight by mistake, the other takes it back at nine; their lines come back in any
    order, and each list is sent twice."""
    classes.join(lesson, cast.farmer_an())
    by = cast.by(classes.trainer())
    clock.set("2026-11-25 12:00")
    tapped = {"here": (service.attend, "08:30"), "not here": (service.miss, "09:00")}
    for said in [first, *tapped] * 2:
        note, at = tapped[said]
        with transaction():
            note(
                classes.again(db.session.query(Learner).one()),
                by,
                datetime.fromisoformat(f"2026-11-25T{at}:00+07:00"),
            )
    db.session.rollback()
    assert db.session.query(Learner).one().attended_at is None


def test_what_one_trainer_tapped_is_not_sent_as_anothers(visit, lesson, clock):
    """Her session ended in the hall and her assistant signed in on the same telephone: her taps wait for her."""
    classes.join(lesson, cast.farmer_an())
    learner = db.session.query(Learner).one().code
    other = cast.another("Trần Phụ Giảng", "0912000072", Role.TRAINER)
    with transaction():
        service.add_assistant(classes.again(lesson), "0912000072", cast.by(classes.trainer()))
    clock.set("2026-11-25 08:30")
    taps, mine = f"/train/classes/{lesson.code}/attendance/taps", classes.trainer().code

    def send(somebody, owner):
        data = {"learner": learner, "here": "1", "owner": owner, "csrf_token": somebody.token()}
        status = somebody.raw("POST", taps, data=data).status_code
        db.session.rollback()
        return status, db.session.query(Learner).one().attended_at is not None

    assistant = visit.another().sign_in(other)
    assert f'data-owner="{other.code}"' in assistant(f"/train/classes/{lesson.code}/attendance").answer.text
    assert send(assistant, mine) == (403, False)
    assert send(visit.sign_in(classes.trainer()), mine) == (200, True)


def test_the_certificate_is_for_who_was_here_and_anybody_may_check_it(visit, lesson, clock):
    classes.join(lesson, cast.farmer_an())
    learner = db.session.query(Learner).one()
    visit(f"/completions/{learner.code}", status=404)
    clock.set("2026-11-25 08:30")
    with transaction():
        service.take_attendance(classes.again(lesson), [learner.code], cast.by(classes.trainer()))
    page = visit(f"/completions/{learner.code}")
    assert learner.name in page
    assert "0912" not in page.text
    assert lesson.title in visit.sign_in(cast.farmer_an())(f"/learn/places/{learner.code}/certificate")
    visit.another().sign_in(cast.buyer())(f"/learn/places/{learner.code}/certificate", status=404)


def test_paper_has_all_of_it(visit, lesson):
    classes.join(lesson, cast.farmer_an())
    visit.sign_in(classes.trainer())
    poster = visit(f"/train/classes/{lesson.code}/poster")
    assert lesson.join_code_shown in poster
    assert poster.one("figure", class_="qr")
    assert "Nguyễn Văn An" in visit(f"/train/classes/{lesson.code}/roster")


# -- the farmer goes --


def test_who_leaves_is_no_longer_seen_and_who_is_forgotten_has_no_name(app, lesson):
    farmer = cast.buyer()
    classes.join(lesson, farmer)
    with transaction():
        service.leave(db.session.query(Learner).one(), cast.by(farmer))
    assert queries.learners_of(lesson) == []
    assert service.gather(farmer.id)["classes"][0]["class"] == lesson.title
    with transaction():
        accounts.forget_person(classes.again(farmer), cast.by(farmer))
    learner = db.session.query(Learner).one()
    assert (learner.name, learner.person_id) == ("—", None)
    assert "0912" not in learner.phone


def test_closed_takes_nobody_until_it_opens_again(app, lesson):
    by = cast.by(classes.trainer())
    with transaction():
        service.close(classes.again(lesson), by)
    with pytest.raises(Conflict):
        classes.join(lesson, cast.farmer_an())
    with transaction():
        service.reopen(classes.again(lesson), by)
    classes.join(lesson, cast.farmer_an())
    assert classes.again(lesson).state is ClassState.OPEN
