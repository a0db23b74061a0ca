"""Money in the order of its life: asked for, paid, collected, given back, paid out; every step in the books."""

from datetime import date

import pytest
from sqlalchemy import func, select

from marketplace.farmers import service as farms
from marketplace.farmers.events import BankAccountChanged
from marketplace.farmers.models import BankAccount, FarmKind, PayBy
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import OutboxJob
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.sealing import seal
from marketplace.notifications.models import Message
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.payments import jobs, ledger, queries, service
from marketplace.payments.models import (
    BankNotice,
    HoldReason,
    LedgerEntry,
    LineTax,
    NoticeProblem,
    PaymentState,
    Payout,
    PayoutState,
    Refund,
    RefundState,
)
from tests import cast, make

S, P, N = PaymentState, PayoutState, NoticeProblem


@pytest.fixture(autouse=True)
def _books_add_up(app):
    """After every story here the auditor finds nothing."""
    yield
    db.session.rollback()
    assert service.check_ledger() == []


def do(deed, *arguments):
    with transaction():
        return deed(*arguments, SYSTEM)


def one(kind, **facts):
    return db.session.scalars(select(kind).filter_by(**facts)).one()


def written() -> tuple[int, ...]:
    kinds = (LedgerEntry, Refund, Payout, Message, OutboxJob)
    return tuple(db.session.scalar(select(func.count(kind.id))) for kind in kinds)


def two_farms(**how):
    tea = make.product(make.farm(kind=FarmKind.HOUSEHOLD))
    honey = make.product(make.farm("Ong rừng", kind=FarmKind.COOPERATIVE), "Mật ong", 300_000)
    return make.order((tea, 2), (honey, 1), **how)


def with_account(farm, method=PayBy.BANK):
    with transaction():
        db.session.add(
            BankAccount(farm_id=farm.id, method=method, bank_bin="970405", number_sealed=seal("8500205123456"),
                        number_end="3456", holder="TRAN VAN HAO")
        )  # fmt: skip
    db.session.expire_all()
    return farm


# -- transfers -----------------------------------------------------------------------------------------------------


def test_the_right_transfer_pays_and_asks_the_farms(app):
    order = two_farms(state="placed", payment_method="vietqr")
    (payment,) = queries.payments_of(order)
    assert (payment.state, payment.amount_dong) == (S.EXPECTED, order.total_dong)
    make.pay(order)
    assert payment.state is S.PAID
    assert {part.state for part in order.farm_orders} == {FarmOrderState.CONFIRMED}
    assert ledger.balance(ledger.BANK) == order.total_dong
    assert ledger.balance(ledger.buyer(order.id)) == -order.total_dong


@pytest.mark.parametrize(
    "content", ["{}", "MBVCB.123.456.{} CT tu 001 toi 002", "{:.4} {:.2}", "chuyen khoan {} nhe"]
)
def test_the_code_is_found_however_a_bank_writes_it(app, content):
    order = make.order(state="placed", payment_method="vietqr")
    code = queries.payments_of(order)[0].code
    mangled = f"IBFT {code[:4]} {code[4:9]}.{code[9:]}" if ":." in content else content.format(code.lower())
    make.pay(order, content=mangled)
    assert queries.payments_of(order)[0].state is S.PAID


@pytest.mark.parametrize(("difference", "problem"), [(-1, N.UNDER), (500_001, N.OVER)])
def test_a_wrong_sum_moves_nothing_and_waits_for_a_person(app, difference, problem):
    cast.cashier()
    order = make.order(state="placed", payment_method="vietqr", buyer=cast.buyer())
    payment = queries.payments_of(order)[0]
    make.pay(order, payment.amount_dong + difference)
    notice = one(BankNotice)
    assert (notice.problem, notice.payment_id, notice.handled_at) == (problem, payment.id, None)
    assert payment.state is S.EXPECTED
    assert order.farm_orders[0].state is FarmOrderState.PLACED
    assert ledger.balance(ledger.buyer(order.id)) == 0
    assert ledger.balance(ledger.UNMATCHED) == -(payment.amount_dong + difference)
    # Both sides are told.
    assert one(Message, template="payments/transfer_kept").person_id == cast.buyer().id
    assert one(Message, template="payments/transfer_waiting").person_id == cast.cashier().id


def test_a_transfer_without_a_code_or_with_two_waits_for_a_person(app):
    first = make.order(state="placed", payment_method="vietqr")
    second = make.order(state="placed", payment_method="vietqr")
    make.pay(first, content="tien hang")
    make.pay(first, content=" ".join(queries.payments_of(order)[0].code for order in (first, second)))
    assert [notice.problem for notice in queries.notices_waiting()] == [N.NO_CODE, N.SEVERAL]
    assert queries.payments_of(first)[0].state is S.EXPECTED


def test_paying_twice_and_paying_too_late_goes_back(app, clock):
    from marketplace.orders import jobs as orders_jobs

    clock.set("2026-11-25 08:00")
    paid = make.order(state="confirmed", payment_method="vietqr")
    make.pay(paid)
    late = make.order(state="placed", payment_method="vietqr")
    clock.forward(minutes=31)
    orders_jobs.expire_unpaid()
    assert queries.payments_of(late)[0].state is S.EXPIRED
    make.pay(late)
    kept = db.session.scalars(
        select(BankNotice).where(BankNotice.problem.is_not(None)).order_by(BankNotice.id)
    ).all()
    assert [notice.problem for notice in kept] == [N.AGAIN, N.LATE]
    assert late.farm_orders[0].state is FarmOrderState.CANCELLED
    # The money is not ours: by the rule it goes back, when two people have looked.
    assert queries.notices_waiting() == []
    for refund in queries.refunds_due():
        with transaction():
            service.send_refund(refund, "FT26", SYSTEM)
    assert ledger.balance(ledger.UNMATCHED) == 0
    assert ledger.balance(ledger.BANK) == paid.total_dong


def test_a_cashier_puts_two_halves_together_and_the_surplus_goes_back(app):
    order = make.order(state="placed", payment_method="vietqr")
    payment = queries.payments_of(order)[0]
    make.pay(order, 100_000)
    with pytest.raises(Refusal, match="còn thiếu"):
        do(service.accept_transfers, payment)
    assert payment.state is S.EXPECTED
    make.pay(order, payment.amount_dong)  # the rest, and the first half once more
    assert payment.state is S.PAID  # it is the right sum on its own, and the half goes back
    assert queries.notices_waiting() == []
    assert one(Refund, payment_id=payment.id).amount_dong == 100_000
    with pytest.raises(Conflict):
        do(service.accept_transfers, payment)

    other = make.order(state="placed", payment_method="vietqr")
    theirs = queries.payments_of(other)[0]
    make.pay(other, 400_000)
    make.pay(other, 100_000)
    assert (theirs.state, theirs.received_dong) == (S.PAID, 500_000)
    assert other.farm_orders[0].state is FarmOrderState.CONFIRMED
    surplus = one(Refund, payment_id=theirs.id)
    assert surplus.amount_dong == 500_000 - other.total_dong
    with transaction():
        service.send_refund(surplus, "FT1", SYSTEM)
    assert theirs.state is S.PARTLY_REFUNDED
    assert ledger.balance(ledger.buyer(other.id)) == -other.total_dong


def test_a_cashier_says_what_a_nameless_transfer_is_for(app):
    order = make.order(state="placed", payment_method="vietqr")
    payment = queries.payments_of(order)[0]
    make.pay(order, content="tien mua che")
    (notice,) = queries.notices_waiting()
    with pytest.raises(Refusal) as no, transaction():
        service.attach_notice(notice, "CQNOTHING", SYSTEM)
    assert no.value.field == "code"
    with transaction():
        service.attach_notice(notice, f" {payment.code.lower()} ", SYSTEM)
    assert payment.state is S.PAID
    assert queries.notices_waiting() == []
    with pytest.raises(Conflict):
        do(service.send_back, notice)


def test_the_same_notice_twice_is_one_entry(app):
    order = make.order(state="placed", payment_method="vietqr")
    make.pay(order, external_id="77")
    before = written()
    make.pay(order, external_id="77")
    jobs.settle_notice(one(BankNotice).id)
    assert written() == before


# -- cash at the door ----------------------------------------------------------------------------------------------


def test_cash_goes_from_the_postman_to_the_post_to_us_to_the_farm(app):
    order = two_farms(state="handed_over")
    first, second = order.farm_orders
    assert [payment.state for payment in queries.payments_of(order)] == [S.EXPECTED, S.EXPECTED]
    do(orders.deliver, first)
    payment = one(queries.Payment, farm_order_id=first.id)
    assert payment.state is S.COLLECTED
    assert ledger.balance(ledger.POST_COD) == first.total_dong
    assert ledger.balance(ledger.farm(first.farm_id)) == -(900_000 - 13_500)
    assert ledger.balance(ledger.TAX_WITHHELD) == -13_500
    assert ledger.balance(ledger.CARRIER) == -40_000
    do(orders.refuse_at_door, second)
    do(orders.start_return, second)
    do(orders.finish_return, second)
    assert one(queries.Payment, farm_order_id=second.id).state is S.CANCELLED
    with transaction():
        assert service.remit_cod([payment], SYSTEM, "FT9") == first.total_dong
    with transaction():
        assert service.remit_cod([payment], SYSTEM, "FT9") == 0
    assert (ledger.balance(ledger.POST_COD), ledger.balance(ledger.BANK)) == (0, first.total_dong)


# -- back to the buyer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["refused", "unanswered", "cancelled", "lost"])
def test_what_was_paid_for_a_part_that_will_not_be_goes_back(app, state):
    order = two_farms(state="confirmed", payment_method="vietqr")
    first, second = order.farm_orders
    with transaction():
        orders.accept(second, SYSTEM)
    ways = {"refused": [("refuse", "hết hàng")], "unanswered": [("leave_unanswered",)],
            "cancelled": [("cancel", "đổi ý")], "lost": [("accept",), ("hand_over",), ("lose",)]}  # fmt: skip
    for deed, *rest in ways[state]:
        do(getattr(orders, deed), first, *rest)
    refund = one(Refund)
    assert (refund.amount_dong, refund.state) == (first.total_dong, RefundState.DUE)
    payment = queries.payments_of(order)[0]
    assert payment.state is S.PAID
    with pytest.raises(Refusal) as no, transaction():
        service.send_refund(refund, "  ", SYSTEM)
    assert no.value.field == "reference"
    for _twice in range(2):
        with transaction():
            service.send_refund(refund, "FT5", SYSTEM)
    assert (payment.state, payment.refunded_dong) == (S.PARTLY_REFUNDED, first.total_dong)
    assert ledger.balance(ledger.BANK) == second.total_dong
    # The other part too: now all of it went back.
    do(orders.cancel, second, "")
    with transaction():
        service.send_refund(one(Refund, farm_order_id=second.id), "FT6", SYSTEM)
    assert payment.state is S.REFUNDED
    assert ledger.balance(ledger.buyer(order.id)) == ledger.balance(ledger.BANK) == 0


def test_a_paid_parcel_refused_at_the_door_costs_the_freight(app):
    order = make.order(state="returned", payment_method="vietqr")
    part = order.farm_orders[0]
    assert one(Refund).amount_dong == part.goods_dong
    # There, and half as much back: the way back is the market's by its rule.
    assert ledger.balance(ledger.CARRIER) == -part.shipping_dong * 3 // 2
    assert ledger.balance(ledger.LOSSES) == part.shipping_dong // 2


def test_an_unpaid_transfer_is_cancelled_with_its_order(app):
    order = two_farms(state="placed", payment_method="vietqr")
    do(orders.cancel_order, order, "")
    assert queries.payments_of(order)[0].state is S.CANCELLED
    assert db.session.scalars(select(Refund)).all() == []
    make.pay(order)
    notice = one(BankNotice)
    assert (notice.problem, notice.handled_at is not None) == (N.CANCELLED, True)
    assert one(Refund, notice_id=notice.id).amount_dong == order.total_dong


# -- to the farm ---------------------------------------------------------------------------------------------------


def test_tax_follows_who_sells_and_what_and_is_written_on_every_line(app):
    household = make.farm("Hộ ông An", kind=FarmKind.HOUSEHOLD)
    cooked = make.product(household, "Trà ướp sen", 100_000)
    own = make.product(household, "Rau cải", 100_000, is_own_unprocessed=True)
    coop = make.product(make.farm("HTX"), "Chè búp", 100_000)
    make.order((cooked, 1), (own, 1), (coop, 1), state="delivered")
    taxes = {tax.order_line_id: tax for tax in db.session.scalars(select(LineTax))}
    lines = {line.product_name: taxes[line.id] for line in db.session.scalars(select(orders.OrderLine))}
    assert (lines["Trà ướp sen"].vat_dong, lines["Trà ướp sen"].pit_dong) == (1_000, 500)
    assert (lines["Rau cải"].vat_dong, lines["Rau cải"].pit_dong) == (0, 0)
    assert "Điều 5" in lines["Rau cải"].legal_basis
    assert (lines["Chè búp"].vat_dong, lines["Chè búp"].pit_dong) == (0, 0)
    assert {payout.amount_dong for payout in db.session.scalars(select(Payout))} == {198_500, 100_000}


def test_the_split_of_a_price_and_the_earning_agree(app):
    make.rules()
    product = make.product(make.farm(kind=FarmKind.HOUSEHOLD), price_dong=900_000)
    split = queries.split_of(product, 900_000)
    assert (split.tax_dong, split.commission_dong, split.net_dong) == (13_500, 0, 886_500)
    assert not split.is_confirmed
    order = make.order((product, 1))
    guess = queries.earning_of(order.farm_orders[0])
    make.bring_to(order, FarmOrderState.DELIVERED)
    real = queries.earning_of(order.farm_orders[0])
    assert (guess.net_dong, guess.is_certain) == (886_500, False)
    assert (real.net_dong, real.is_certain) == (886_500, True)


@pytest.mark.parametrize("sort", ["other", "own", "service"])
def test_what_is_reckoned_while_a_price_is_typed_is_the_split_to_the_dong(app, sort):
    make.rules()
    product = make.product(make.farm(kind=FarmKind.HOUSEHOLD))
    with transaction():
        product.is_own_unprocessed = sort == "own"
        product.set_no = 26 if sort == "service" else 11
    rates = queries.rates_of(product)
    assert (rates.tax > 0) == (sort != "own")
    # Odd prices are where one rounding of the sum is another đồng than a rounding of each: 1.150 is one.
    for price in (1_000, 1_150, 1_250, 2_450, 33_333, 145_050, 999_999, 10_000_000_000):
        typed = price - sum((price * rate + 5_000) // 10_000 for rate in rates.each)
        assert typed == queries.split_of(product, price).net_dong


def test_what_the_rules_do_not_know_pays_the_highest_rate(app):
    make.rules()
    assert queries.net_split(100_000, None, "processed").tax_dong == 7_000
    assert queries.net_split(100_000, "household", "moonshine").tax_dong == 7_000


def test_a_farm_is_paid_two_working_days_after_delivery(app, clock):
    clock.set("2026-11-20 10:00")  # a Friday; Tuesday the 24th is a holiday
    product = make.product()
    with_account(product.farm)
    make.order((product, 1), state="delivered", payment_method="vietqr")
    payout = one(Payout)
    assert payout.due_on == date(2026, 11, 25)
    clock.set("2026-11-23 07:00")
    jobs.batch_due()
    assert payout.state is P.DUE
    clock.set("2026-11-25 07:00")
    jobs.batch_due()
    jobs.batch_due()
    (batch,) = queries.batches_waiting()
    assert (payout.state, batch.total_dong, batch.method) == (P.BATCHED, payout.amount_dong, "bank")
    with pytest.raises(Conflict), transaction():
        service.hold(payout, HoldReason.BY_HAND, "xem lại", SYSTEM)
    with pytest.raises(Conflict, match="chưa được quản trị duyệt"), transaction():
        service.send_batch(batch, "FT2511", SYSTEM)
    make.approve(batch)
    for _twice in range(2):
        with transaction():
            service.send_batch(batch, "FT2511", SYSTEM)
    assert (payout.state, payout.paid_reference) == (P.SENT, "FT2511")
    assert ledger.balance(ledger.farm(product.farm_id)) == 0
    money = queries.farm_money(product.farm)
    assert (money.coming, money.paid_this_month_dong) == ([], payout.amount_dong)
    assert len(money.paid) == 1


def test_money_of_the_post_is_waited_for(app, clock):
    clock.set("2026-11-20 10:00")
    product = make.product()
    with_account(product.farm)
    order = make.order((product, 1), state="delivered")
    clock.set("2026-11-25 07:00")
    jobs.batch_due()
    payout = one(Payout)
    assert (payout.state, payout.held_because) == (P.HELD, HoldReason.COD_NOT_REMITTED)
    assert "Bưu điện đã thu" in str(queries.farm_money(product.farm).held[0].why)
    with transaction():
        service.remit_cod(queries.payments_of(order), SYSTEM, "FT3")
    assert payout.state is P.DUE
    jobs.batch_due()
    assert payout.state is P.BATCHED


def test_without_an_account_with_a_new_one_or_suspended_money_is_held_and_let_go(app, clock):
    clock.set("2026-11-20 10:00")
    product = make.product()
    farm = product.farm
    make.order((product, 1), state="delivered", payment_method="vietqr")
    payout = one(Payout)
    assert payout.held_because is HoldReason.NO_ACCOUNT
    with_account(farm)
    clock.set("2026-11-25 07:00")
    jobs.batch_due()
    assert payout.state is P.BATCHED
    make.order((product, 1), state="delivered", payment_method="vietqr")
    second = db.session.scalars(select(Payout).order_by(Payout.id.desc())).first()
    assert second.state is P.DUE
    with transaction():
        farms.suspend(farm, "kiểm tra hàng", SYSTEM)
    assert second.held_because is HoldReason.FARM_SUSPENDED
    # A list made before the suspension does not go out either.
    assert (payout.state, payout.held_because) == (P.HELD, HoldReason.FARM_SUSPENDED)
    assert queries.batches_waiting() == []
    with transaction():
        farms.resume(farm, SYSTEM)
    assert second.state is P.DUE
    with transaction():
        farm.bank_account.payouts_held_until = clock.set("2026-11-25 08:00").replace(day=28)
        service.when_farm_changed(BankAccountChanged(farm.id))
    assert second.held_because is HoldReason.ACCOUNT_CHANGED


def test_what_a_person_holds_only_a_person_lets_go(app, clock):
    clock.set("2026-11-20 10:00")
    product = make.product()
    with_account(product.farm)
    make.order((product, 1), state="delivered", payment_method="vietqr")
    payout = one(Payout)
    with pytest.raises(Refusal) as no, transaction():
        service.hold(payout, HoldReason.BY_HAND, " ", SYSTEM)
    assert no.value.field == "reason"
    with transaction():
        service.hold(payout, HoldReason.BY_HAND, "Khách báo hàng hỏng", SYSTEM)
    clock.set("2026-11-26 07:00")
    jobs.batch_due()
    assert payout.state is P.HELD
    assert queries.farm_money(product.farm).held[0].why == "Khách báo hàng hỏng"
    do(service.release, payout)
    with pytest.raises(Conflict):
        do(service.release, payout)
    jobs.batch_due()
    (batch,) = queries.batches_waiting()
    with transaction():
        service.take_out(payout, "lại báo hỏng", SYSTEM)
    assert (payout.state, payout.batch_id, batch.total_dong) == (P.HELD, None, 0)


def test_what_the_bank_sends_back_is_owed_again_and_goes_out_anew(app, clock):
    clock.set("2026-11-20 10:00")
    product = make.product()
    with_account(product.farm)
    make.order((product, 1), state="delivered", payment_method="vietqr")
    payout = one(Payout)
    clock.set("2026-11-25 07:00")
    for reference in ("FT1", "FT2"):
        jobs.batch_due()
        make.approve(batch := queries.batches_waiting()[0])
        with transaction():
            service.send_batch(batch, reference, SYSTEM)
        assert payout.state is P.SENT
        assert ledger.balance(ledger.farm(product.farm_id)) == 0
        if reference == "FT1":
            with transaction():
                service.bounce(payout.slip, "sai tên người nhận", SYSTEM)
            assert (payout.state, payout.held_reason) == (P.HELD, "sai tên người nhận")
            assert ledger.balance(ledger.farm(product.farm_id)) == -payout.amount_dong
            do(service.release, payout)
    kinds = [line.kind for line in queries.statement(product.farm, date(2026, 11, 1), date(2026, 11, 30))]
    assert kinds == ["delivered", "payout", "payout_bounced", "payout"]


def test_goods_that_come_back_after_delivery_hold_the_farms_money(app):
    product = make.product()
    with_account(product.farm)
    order = make.order((product, 1), state="delivered", payment_method="vietqr")
    do(orders.finish_return, order.farm_orders[0])
    assert one(Payout).held_because is HoldReason.RETURNED
