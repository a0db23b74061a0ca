"""Money to farms: netted, approved by a second person, sent once, in cash out of a drawer, bounced, settled."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.farmers import service as farms
from marketplace.farmers.models import Identity, PayBy
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.orders.models import FarmOrder
from marketplace.payments import debts, jobs, ledger, queries, service
from marketplace.payments.models import (
    BatchState,
    HoldReason,
    Payout,
    PayoutBatch,
    PayoutState,
    SlipState,
    TillCause,
    TillMove,
)
from tests import cast, make, parcels
from tests.payments.test_service import with_account

P = PayoutState


def delivered(product, times=1):
    return [
        make.order((product, 1), state="delivered", payment_method="vietqr").farm_orders[0]
        for _time in range(times)
    ]


def owes(farm_order, dong, words="Hoàn tiền khách vì hàng hỏng"):
    with transaction():
        return debts.charge(
            db.session.get_one(FarmOrder, farm_order.id), dong, words, f"T{dong}", ledger.COMMISSION, SYSTEM
        )


def listed(clock, day="2026-11-25 07:00"):
    clock.set(day)
    jobs.batch_due()
    return queries.batches_waiting()


def send(batch, reference="FT1", by=SYSTEM):
    with transaction():
        service.send_batch(batch, reference, by)


@pytest.fixture
def product(app, clock):
    clock.set("2026-11-20 10:00")
    made = make.product(stock=50)
    with_account(made.farm)
    return made


def balance(product):
    return ledger.balance(ledger.farm(product.farm_id))


# -- netting -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**9), max_size=8))
def test_netting_takes_no_more_than_there_is_and_the_oldest_first(gross, owed):
    taken = debts.net(gross, owed)
    assert len(taken) == len(owed)
    assert sum(taken) == min(gross, sum(owed))
    assert all(0 <= part <= debt for part, debt in zip(taken, owed, strict=True))
    # Nothing of a later debt before an earlier one is whole.
    for part, debt, later in zip(taken, owed, taken[1:], strict=False):
        assert part == debt or later == 0


def test_what_a_farm_owes_is_taken_off_what_it_gets(product, clock):
    first, _second = delivered(product, 2)
    debt = owes(first, 100_000)
    (batch,) = listed(clock)
    (slip,) = batch.slips
    assert (slip.gross_dong, slip.deducted_dong, slip.net_dong) == (900_000, 100_000, 800_000)
    assert batch.total_dong == 800_000 and debt.left_dong == 0
    assert service.check_ledger() == []
    make.approve(batch)
    send(batch)
    assert balance(product) == 0
    assert service.check_ledger() == []
    assert {payout.state for payout in db.session.query(Payout)} == {P.SENT}
    # The bank sends it back: the farm is owed again, and owes again.
    with transaction():
        service.bounce(slip, "sai tên", SYSTEM)
    assert (balance(product), debt.left_dong) == (-800_000, 100_000)
    assert service.check_ledger() == []


def test_a_farm_that_owes_more_than_it_earns_is_sent_nothing(product, clock):
    (part,) = delivered(product)
    debt = owes(part, 500_000)
    (batch,) = listed(clock)
    (slip,) = batch.slips
    assert (slip.net_dong, debt.left_dong) == (0, 50_000)
    make.approve(batch)
    send(batch)
    assert slip.state is SlipState.NETTED
    assert db.session.query(Payout).one().state is P.SETTLED
    assert balance(product) == 50_000
    assert service.check_ledger() == []
    money = queries.farm_money(product.farm)
    assert [(one.left_dong, one.words) for one in money.debts] == [(50_000, "Hoàn tiền khách vì hàng hỏng")]


# -- two people ----------------------------------------------------------------------------------------------------


def test_nobody_approves_their_own_list_or_sends_what_they_approved(product, clock):
    delivered(product)
    clock.set("2026-11-25 07:00")
    boss, cashier = cast.by(cast.admin()), cast.by(cast.cashier())
    with transaction():
        (batch,) = service.batch_due(date(2026, 11, 25), boss)
    for who, kind, says in ((cashier, Forbidden, "quản trị duyệt"), (boss, Conflict, "quản trị khác")):
        with pytest.raises(kind, match=says), transaction():
            service.approve_batch(batch, who)
    assert batch.state is BatchState.PREPARED
    other = cast.by(cast.another("Quản trị hai", "0912000098", cast.Role.ADMIN))
    with transaction():
        service.approve_batch(batch, other)
    with pytest.raises(Conflict, match="người khác"):
        send(batch, by=other)
    send(batch, by=cashier)
    assert batch.state is BatchState.SENT


def test_a_list_that_changes_is_approved_again(product, clock):
    delivered(product)
    other = make.product(of=make.farm("Tôm Năm Căn"), name="Tôm khô")
    with_account(other.farm)
    delivered(other)
    (batch,) = listed(clock)
    make.approve(batch)
    before = batch.total_dong
    with transaction():
        service.take_out(db.session.query(Payout).first(), "Khách báo hỏng", SYSTEM)
    assert (batch.state, batch.total_dong) == (BatchState.PREPARED, before - 450_000)
    with pytest.raises(Conflict, match="duyệt lại"):
        send(batch)


def test_a_farm_suspended_a_second_ago_is_not_paid(product, clock):
    delivered(product)
    (batch,) = listed(clock)
    make.approve(batch)
    with transaction():
        farms.suspend(product.farm, "kiểm tra hàng", SYSTEM)
    with pytest.raises(Conflict):
        send(batch)
    payout = db.session.query(Payout).one()
    assert (payout.state, payout.held_because) == (P.HELD, HoldReason.FARM_SUSPENDED)
    assert balance(product) == -payout.amount_dong
    assert service.check_ledger() == []


def test_two_cashiers_at_once_pay_once(app, product, clock):
    delivered(product)
    (batch,) = listed(clock)
    make.approve(batch)
    batch_id, cashiers = batch.id, [cast.by(cast.cashier()), cast.by(cast.another())]
    db.session.rollback()

    def go(by):
        with app.app_context(), transaction():
            service.send_batch(db.session.get_one(PayoutBatch, batch_id), "FT", by)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(go, cashiers))
    assert balance(product) == 0
    assert db.session.query(ledger.LedgerEntry).filter_by(kind="payout").count() == 1


# -- cash ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cash(app, clock, product):
    """A farm's cash that waits at a counter, and the clerk with an open drawer there."""
    with transaction():
        product.farm.bank_account.method = PayBy.CASH
        db.session.add(Identity(farm_id=product.farm_id, full_name="Trần Văn Hảo", personal_id_end="4321"))
    delivered(product)
    (batch,) = listed(clock)
    make.approve(batch)
    send(batch, "PC1")
    (slip,) = batch.slips
    point = parcels.point()
    by = cast.by(cast.clerk(point))
    with transaction():
        service.start_till(point, 1_000_000, by)
    return slip, point, by


def test_cash_for_a_code_and_a_paper_out_of_the_drawer(cash, product, sent, run_jobs):
    slip, point, by = cash
    digits = queries.cash_code(slip)
    run_jobs()
    assert digits in sent.text(template="payments/cash_ready", channel="sms")
    with transaction():
        assert service.hand_out(slip, digits, "4321", point, by)
    assert slip.state is SlipState.SETTLED and slip.handed_by_id == by.person_id
    assert db.session.query(TillMove).one().amount_dong == -450_000
    assert ledger.balance(ledger.POST_CASH) == -450_000
    with pytest.raises(Conflict, match="đã được nhận"), transaction():
        service.hand_out(slip, digits, "4321", point, by)
    assert service.check_ledger() == []


def test_a_wrong_code_gives_nothing_and_after_five_the_right_one_neither(cash, product):
    slip, point, by = cash
    digits = queries.cash_code(slip)
    for said, paper in ((digits, "0000"), ("abc", "4321"), ("", ""), ("000000x", "4321"), (digits, "")):
        with transaction():
            assert not service.hand_out(slip, said, paper, point, by)
    with pytest.raises(Conflict, match="bị khóa"), transaction():
        service.hand_out(slip, digits, "4321", point, by)
    with transaction():
        fresh = service.new_cash_code(slip, SYSTEM)
        assert service.hand_out(slip, fresh, "4321", point, by)


def test_an_empty_drawer_gives_nothing(cash, product):
    slip, point, by = cash
    with transaction():
        service.give(point, 900_000, TillCause.TO_SAFE, by)
    with pytest.raises(Refusal, match="không đủ"), transaction():
        service.hand_out(slip, queries.cash_code(slip), "4321", point, by)
    assert slip.state is SlipState.READY and balance(product) == -450_000


def test_a_suspended_farm_finds_no_cash_at_the_counter(cash, product):
    slip, point, by = cash
    digits = queries.cash_code(slip)
    with transaction():
        farms.suspend(product.farm, "kiểm tra hàng", SYSTEM)
    with pytest.raises(Conflict), transaction():
        service.hand_out(slip, digits, "4321", point, by)
    assert slip.state is SlipState.TAKEN_OUT
    assert db.session.query(Payout).one().held_because is HoldReason.FARM_SUSPENDED


def test_the_clerk_pays_through_the_pages(cash, visit, product):
    slip, point, _by = cash
    visit.sign_in(cast.clerk(point))
    page = visit("/post/till/payouts").form("/post/till/payouts").submit(q=slip.code.lower())
    page = page.follow("Trả khoản này")
    assert "Trần Văn Hảo" in page
    wrong = page.form(f"/post/till/payouts/{slip.code}").submit(422, digits="1", id_end="1")
    assert "không khớp" in wrong
    page = wrong.form(f"/post/till/payouts/{slip.code}").submit(digits=queries.cash_code(slip), id_end="4321")
    assert "Đưa 450.000" in page and "550.000" in page
    assert "Không có khoản nào chờ nhận" in visit("/post/till/payouts", q=slip.code)


# -- what the bank says --------------------------------------------------------------------------------------------


def test_the_statement_settles_and_bounces(product, clock):
    delivered(product)
    (batch,) = listed(clock)
    make.approve(batch)
    send(batch)
    (slip,) = batch.slips
    rows = [
        ("chuyen di khac", -450_000),
        (f"MBVCB.1.{slip.code[:6]} {slip.code[6:]} CT", -450_001),
        (f"MBVCB.1.{slip.code[:6]} {slip.code[6:]} CT", -450_000),
    ]
    with transaction():
        assert service.settle_by_statement(rows, SYSTEM) == (1, 0)
    assert slip.state is SlipState.SETTLED
    with transaction():
        assert service.settle_by_statement([(f"HOAN {slip.code}", 450_000)], SYSTEM) == (0, 1)
    assert slip.state is SlipState.BOUNCED and balance(product) == -450_000
    assert service.check_ledger() == []


def test_the_statement_on_the_page(product, clock, visit):
    delivered(product)
    (batch,) = listed(clock)
    make.approve(batch)
    send(batch)
    (slip,) = batch.slips
    visit.sign_in(cast.cashier())
    address = "/admin/money/sent-statement"
    assert "Không đọc được dòng nào" in visit("/admin/money/payouts").form(address).submit(422, lines="abc")
    page = visit("/admin/money/payouts").form(address).submit(lines="25/11 tien dien; -90.000")
    assert "Không có gì thay đổi" in page
    page = visit("/admin/money/payouts").form(address).submit(lines=f"25/11 {slip.code} X; -450.000")
    assert "1 khoản đã tới" in page


# -- lost by the post ----------------------------------------------------------------------------------------------


def test_the_post_makes_good_what_it_lost(app, clock, visit):
    clock.set("2026-11-20 10:00")
    product = make.product()
    with_account(product.farm)
    order = make.order((product, 1), state="lost", payment_method="vietqr")
    (part,) = queries.lost_without_compensation()
    visit.sign_in(cast.cashier())
    visit("/admin/money/payouts").form(f"/admin/money/lost/{part.code}/compensation").submit()
    visit.post(f"/admin/money/lost/{part.code}/compensation", 404)
    payout = db.session.query(Payout).one()
    assert (payout.amount_dong, payout.tax_dong, balance(product)) == (450_000, 0, -450_000)
    assert service.check_ledger() == []
    make.order((product, 1), state="accepted")
    with pytest.raises(Conflict), transaction():
        service.compensate(db.session.query(FarmOrder).order_by(FarmOrder.id.desc()).first(), SYSTEM)
    assert order.code
