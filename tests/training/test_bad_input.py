"""Who guesses codes, many behind one address, a trainer who goes: a sentence, and nothing happened."""

import re

import pytest

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import HelpScope, Role
from marketplace.foundation import access
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Forbidden
from marketplace.training import assisted, service
from marketplace.training.models import Learner, LearnerState
from marketplace.training.routes.public import WRONG_CODES
from tests import cast, classes
from tests.training.test_assisted import allow, listing


@pytest.fixture
def lesson(app, clock):
    clock.set("2026-11-25 08:00")
    return classes.plan(day="2026-11-25")


@pytest.fixture
def limited(app):
    """As on a real market: addresses are counted."""
    access.limiter.enabled = True
    yield
    access.limiter.enabled = app.config["RATELIMIT_ENABLED"]
    access.limiter.reset()


def test_a_thousand_guesses_find_nothing(visit, lesson, limited, full):
    """Sixty wrong ones an hour and the address waits, even with the right digits in the end."""
    allowed = int(WRONG_CODES.split()[0])
    wrong = [f"{n:06d}" for n in range(1000 if full else allowed + 5) if f"{n:06d}" != lesson.join_code]
    answers = [visit.client.get(f"/join?code={digits}").status_code for digits in wrong]
    assert answers[:allowed] == [404] * allowed
    assert set(answers[allowed:]) == {429}
    last = visit.client.get(f"/join?code={lesson.join_code}")
    assert last.status_code == 429
    assert lesson.title not in last.text
    db.session.rollback()
    assert db.session.query(Learner).count() == 0


def test_guesses_of_the_signed_in_are_counted_with_the_others(visit, lesson, limited):
    """The page behind the sign-in takes digits too: it is no second door."""
    allowed = int(WRONG_CODES.split()[0])
    visit.sign_in(cast.farmer_an())
    wrong = [f"{n:06d}" for n in range(allowed + 3) if f"{n:06d}" != lesson.join_code]
    for digits in wrong[:20]:
        visit.client.get(f"/join?code={digits}")

    def guess(digits):
        return visit.raw("POST", f"/learn/classes/{digits}", data={"csrf_token": visit.token()}).status_code

    answers = [guess(digits) for digits in wrong[20:]]
    assert answers[: allowed - 20] == [404] * (allowed - 20)
    assert set(answers[allowed - 20 :]) == {429}
    assert guess(lesson.join_code) == 429
    db.session.rollback()
    assert db.session.query(Learner).count() == 0


def test_forty_learners_behind_one_address_all_come_in(visit, lesson, limited, sent, full):
    """One Wi-Fi in the hall: right codes are not counted as guesses, a few slips of the finger neither shut the door."""
    many = 40 if full else 12
    with transaction():
        classes.again(lesson).seats = 60
    for n in range(many):
        phone = f"09121000{n:02d}"
        somebody = visit.another()
        somebody(f"/join?code={'000000' if lesson.join_code != '000000' else '111111'}", status=404)
        page = somebody(f"/join?code={lesson.join_code}")
        page = page.form("/join").submit(status=303, name=f"Nông dân {n}", phone=phone, agree="y")
        entry = somebody(page.answer.headers["Location"])
        digits = re.search(r"\d{6}", sent.text(f"+84{phone[1:]}", "sms")).group()
        page = entry.form("/login/code/entry").submit(status=303, code=digits)
        somebody(page.answer.headers["Location"]).form(says="Đồng ý và vào lớp").submit(status=303)
    db.session.rollback()
    assert [one.state for one in db.session.query(Learner)] == [LearnerState.JOINED] * many


def test_a_trainer_who_leaves_sees_and_does_nothing_more_and_another_takes_the_class(visit, lesson):
    from tests import make

    make.procedures()
    make.approved_farm(owner=cast.farmer_an())
    classes.join(lesson, cast.farmer_an())
    allow(lesson)
    with transaction():
        work = listing(cast.farmer_an(), classes.trainer())
    gone = visit.sign_in(classes.trainer())
    gone(f"/train/classes/{lesson.code}")
    with transaction():
        accounts.take_role(classes.again(classes.trainer()), Role.TRAINER, cast.by(cast.admin()))
    gone("/train", status=403)
    gone(f"/train/classes/{lesson.code}", status=403)
    assert not people.may_act(classes.trainer_gone(), cast.farmer_an(), HelpScope.LIST)
    with pytest.raises(Forbidden), transaction():
        assisted.agree_by_code(classes.again(work), classes.trainer_gone(), "000000")
    other = cast.another("Cán bộ khác", "0912000071", Role.TRAINER)
    with transaction():
        service.hand_over(classes.again(lesson), classes.again(other), cast.by(cast.admin()))
    assert cast.farmer_an().name in visit.another().sign_in(other)(f"/train/classes/{lesson.code}")
