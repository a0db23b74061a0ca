"""A drawer of cash: opened, used, counted, explained, closed, handed on."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.payments import queries, service
from marketplace.payments.models import Till, TillCause, TillMove, TillState
from tests import cast, parcels


def second_clerk(point) -> Person:
    found = cast.another("Mai Thị Hoa", "0912000055", Role.CLERK)
    with transaction():
        accounts.hold_post(db.session.get_one(Person, found.id), SYSTEM, service_point_id=point.id)
    return found


@pytest.fixture
def point(app):
    return parcels.point()


@pytest.fixture
def by(point):
    return cast.by(cast.clerk(point))


def start(point, by, float_dong=500_000, reason=""):
    with transaction():
        return service.start_till(point, float_dong, by, reason)


def test_a_day_of_a_drawer(point, by):
    till = start(point, by)
    with transaction():
        service.take(point, 390_000, TillCause.COD, by, reference="P1")
        service.give(point, 240_000, TillCause.PAYOUT, by, reference="CT1")
    with transaction():
        service.count_till(till, {500_000: 1, 100_000: 1, 50_000: 1}, by)
    assert till.state is TillState.BALANCED
    assert till.expected_dong == till.counted_dong == 650_000
    with transaction():
        service.close_till(till, by)
    assert till.state is TillState.CLOSED
    assert service.check_ledger() == []


def test_the_same_cash_counts_once(point, by):
    start(point, by)
    for _time in range(2):
        with transaction():
            service.take(point, 390_000, TillCause.COD, by, reference="P1")
    assert db.session.query(TillMove).count() == 1
    with pytest.raises(Conflict), transaction():
        service.take(point, 400_000, TillCause.COD, by, reference="P1")


def test_no_more_goes_out_than_lies_in_it(point, by):
    start(point, by, 100_000)
    with pytest.raises(Refusal, match="không đủ"), transaction():
        service.give(point, 100_001, TillCause.PAYOUT, by)
    assert db.session.query(TillMove).count() == 0


def test_without_an_open_drawer_nothing_is_taken(point, by):
    with pytest.raises(Refusal, match="Chưa mở quỹ"), transaction():
        service.take(point, 1_000, TillCause.PAY_IN, by)


def test_short_is_counted_again_or_explained(point, by):
    till = start(point, by, 100_000)
    with transaction():
        service.count_till(till, {50_000: 1}, by)
    assert till.state is TillState.COUNTED and till.difference_dong == -50_000
    with pytest.raises(Conflict, match="lệch sổ"), transaction():
        service.close_till(till, by)
    with pytest.raises(Refusal, match="vì sao lệch"), transaction():
        service.explain_till(till, " ", by)
    with transaction():
        service.count_till(till, {50_000: 1, 20_000: 2}, by)
    assert till.difference_dong == -10_000
    with transaction():
        service.explain_till(till, "Trả nhầm tiền thừa cho khách", by)
        service.close_till(till, by)
    assert till.difference_dong == -10_000 and "nhầm" in till.explanation
    # The next shift begins with what was really there.
    with pytest.raises(Refusal, match="để lại"):
        start(point, by, 100_000)
    assert start(point, by, 90_000).taken_from_id == till.id


def test_too_much_is_over(point, by):
    till = start(point, by, 0)
    with transaction():
        service.count_till(till, {500: 3}, by)
        service.explain_till(till, "Khách để lại tiền lẻ", by)
    assert till.state is TillState.OVER


@pytest.mark.parametrize("notes", [{3_000: 1}, {1_000: -1}, {1_000: 10**7}])
def test_notes_that_are_none(point, by, notes):
    till = start(point, by)
    with pytest.raises(Refusal), transaction():
        service.count_till(till, notes, by)
    assert db.session.get(Till, till.id).counted_dong is None


def test_a_counted_drawer_takes_nothing_until_opened_again(point, by):
    till = start(point, by, 0)
    with transaction():
        service.count_till(till, {}, by)
    with pytest.raises(Conflict, match="đã đếm xong"), transaction():
        service.take(point, 1_000, TillCause.COD, by)
    with transaction():
        service.reopen_till(till, by)
        service.take(point, 1_000, TillCause.COD, by)
    assert queries.in_drawer(till) == 1_000


def test_a_shift_does_not_change_while_the_drawer_is_open(point, by):
    till, other = start(point, by), second_clerk(point)
    with pytest.raises(Conflict, match="phải đếm và đóng quỹ thì bạn mới nhận ca được"):
        start(point, cast.by(other), 500_000)
    with pytest.raises(Conflict, match="đếm tiền trước"), transaction():
        service.close_till(till, by, hand_to=db.session.get_one(Person, other.id))
    with pytest.raises(Conflict, match="do Đỗ Minh Châu giữ"), transaction():
        service.take(point, 1_000, TillCause.COD, cast.by(other))
    with pytest.raises(Forbidden), transaction():
        service.count_till(till, {500_000: 1}, cast.by(other))
    assert db.session.query(Till).count() == 1 and till.state is TillState.OPENED


def test_a_drawer_goes_from_one_clerk_to_the_next(point, by):
    till, other = start(point, by), second_clerk(point)
    with transaction():
        service.count_till(till, {500_000: 1}, by)
        service.close_till(till, by, hand_to=db.session.get_one(Person, other.id))
    with pytest.raises(Conflict, match="đã giao ngăn quỹ này cho Mai Thị Hoa"):
        start(point, by, 500_000)
    with pytest.raises(Refusal, match="để lại"):
        start(point, cast.by(other), 400_000)
    taken = start(point, cast.by(other), 400_000, "Đếm lại trước mặt hai người: thiếu 100.000")
    assert (taken.taken_from.clerk.name, taken.clerk.name) == ("Đỗ Minh Châu", "Mai Thị Hoa")


def test_only_who_works_there_keeps_the_drawer(point, by):
    with pytest.raises(Forbidden):
        start(point, cast.by(cast.buyer()))


def test_two_clerks_open_at_once_and_one_drawer_is_open(app, point, by):
    other = second_clerk(point)
    point_id, people = point.id, [by, cast.by(other)]
    db.session.rollback()

    def open_one(who):
        with app.app_context():
            try:
                from marketplace.places.models import ServicePoint

                with transaction():
                    service.start_till(db.session.get_one(ServicePoint, point_id), 0, who)
                return "opened"
            except Conflict:
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(open_one, people)) == ["opened", "refused"]
    assert db.session.query(Till).count() == 1


def test_a_drawer_whose_clerk_does_not_come_back_is_given_to_another(visit, point, by):
    till, other = start(point, by), second_clerk(point)
    boss = visit.sign_in(cast.admin())
    path = f"/admin/money/drawers/{till.code}/clerk"
    form = boss("/admin/money/drawers").form(path)
    assert "chọn người nhận" in form.submit(422, clerk="", reason="ốm")
    assert "vì sao" in form.submit(422, clerk=other.code, reason=" ")
    visit.another().sign_in(cast.cashier()).post(path, 403, clerk=other.code, reason="ốm")
    db.session.refresh(till)
    assert till.clerk_id == by.person_id
    assert "Đã giao ngăn quỹ" in form.submit(clerk=other.code, reason="Ốm, nằm viện")
    with pytest.raises(Forbidden), transaction():
        service.count_till(till, {500_000: 1}, by)
    theirs = cast.by(other)
    with transaction():
        service.count_till(till, {500_000: 1}, theirs)
        service.close_till(till, theirs, cast.clerk())
    assert till.state is TillState.CLOSED and "Ốm, nằm viện" in till.explanation
    # Given to somebody who does not take it: it goes to whoever is there.
    boss("/admin/money/drawers").form(path).submit(clerk=other.code, reason="Vẫn ốm")
    assert start(point, theirs).clerk_id == other.id
    with pytest.raises(Conflict, match="không còn chờ ai"), transaction():
        service.pass_till_on(till, cast.clerk(), "lần nữa", cast.by(cast.admin()))
