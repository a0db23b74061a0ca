"""Something is wrong with a delivery: claimed in time, answered, decided by who pays, appealed, closed."""

import pytest

from marketplace.catalog.models import Handling
from marketplace.claims import jobs, queries, service
from marketplace.claims.models import Claim, ClaimReason, ClaimState, DecisionCode, Shown
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.orders.models import FarmOrderState
from marketplace.payments import ledger
from marketplace.payments import queries as money
from marketplace.payments import service as payments
from marketplace.payments.models import (
    BatchState,
    FarmDebt,
    HoldReason,
    Payout,
    PayoutState,
    Refund,
    RefundState,
)
from tests import cast, make
from tests.payments.test_payouts import listed
from tests.payments.test_service import with_account

C, D = ClaimState, DecisionCode


def delivered(clock, handling=Handling.DRY, method="vietqr", **more):
    clock.set("2026-11-20 10:00")
    product = make.product(handling=handling)
    with_account(product.farm)
    (part,) = make.order((product, 1), state="delivered", payment_method=method, **more).farm_orders
    return part


def claim(part, reason=ClaimReason.SPOILED, asked=450_000, photos=True, **more):
    with transaction():
        return service.open(
            part, reason, "Mở gói ra đã mốc", asked, [make.photo()] if photos else [], SYSTEM, **more
        )


def answered(part, **more):
    made = claim(part, **more)
    with transaction():
        service.answer(made, False, "Lúc gói hàng còn tốt", [], SYSTEM)
    return made


def decide(
    made, code=D.BAD_FROM_FARM, dong=450_000, by=None, is_return=False, words="Ảnh cho thấy mốc từ trong"
):
    with transaction():
        service.decide(made, code, dong, is_return, words, by or cast.by(cast.admin()))


def farm_balance(part):
    return ledger.balance(ledger.farm(part.farm_id))


# -- in time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handling", "reason", "last", "late"),
    [
        (Handling.FRESH, ClaimReason.SPOILED, "2026-11-22 09:50", "2026-11-22 10:10"),
        (Handling.DRY, ClaimReason.SPOILED, "2026-11-27 09:50", "2026-11-27 10:10"),
        (Handling.FRESH, ClaimReason.NOT_AS_DESCRIBED, "2026-12-20 09:50", "2026-12-20 10:10"),
    ],
)
def test_fresh_goods_two_days_dry_ones_seven_and_what_was_not_described_by_law(
    app, clock, handling, reason, last, late
):
    part = delivered(clock, handling)
    clock.set(late)
    with pytest.raises(Refusal, match="quá hạn") as no:
        claim(part, reason)
    assert no.value.field == "reason" and db.session.query(Claim).count() == 0
    clock.set(last)
    assert claim(part, reason).state is C.OPENED


@pytest.mark.parametrize(
    ("how", "field"),
    [({"photos": False}, "photos"), ({"asked": 0}, "asked"), ({"asked": 480_001}, "asked")],
)
def test_what_cannot_be_claimed_is_said(app, clock, how, field):
    part = delivered(clock)
    with pytest.raises(Refusal) as no:
        claim(part, **how)
    assert no.value.field == field
    assert db.session.query(Claim).count() == 0
    assert db.session.query(Payout).one().state is PayoutState.DUE


def test_what_was_not_delivered_and_what_is_claimed_already(app, clock):
    (part,) = make.order(state="accepted").farm_orders
    with pytest.raises(Conflict, match="hủy đơn"):
        claim(part)
    part = delivered(clock)
    claim(part)
    with pytest.raises(Conflict, match="đang có khiếu nại"):
        claim(part)


# -- money follows -------------------------------------------------------------------------------------------------


def test_the_farms_money_waits_and_what_it_agrees_to_goes_back(app, clock):
    part = delivered(clock)
    made = claim(part, asked=100_000)
    payout = db.session.query(Payout).one()
    assert payout.held_because is HoldReason.CLAIM
    with transaction():
        service.answer(made, True, "", [], SYSTEM)
    assert (made.state, made.decision_code) == (C.DECIDED, D.FARM_AGREES)
    refund = db.session.query(Refund).one()
    assert (refund.amount_dong, refund.farm_bears_dong) == (100_000, 100_000)
    assert db.session.query(FarmDebt).one().left_dong == 100_000
    assert payout.state is PayoutState.DUE
    assert farm_balance(part) == -(payout.amount_dong - 100_000)
    assert payments.check_ledger() == []


@pytest.mark.parametrize(
    ("code", "account"),
    [(D.DAMAGED_ON_THE_WAY, ledger.CARRIER), (D.GOODWILL, ledger.LOSSES), (D.NOT_AS_DESCRIBED, "farm")],
)
def test_the_code_says_who_pays(app, clock, code, account):
    part = delivered(clock)
    made = answered(part)
    account = ledger.farm(part.farm_id) if account == "farm" else account
    before = ledger.balance(account)
    decide(made, code, 200_000)
    assert ledger.balance(account) - before == 200_000
    assert payments.check_ledger() == []


def test_nothing_shown_nothing_paid(app, clock):
    part = delivered(clock)
    made = answered(part)
    decide(made, D.NOT_SHOWN, 300_000)
    assert (made.refund_dong, db.session.query(Refund).count()) == (0, 0)
    assert db.session.query(Payout).one().state is PayoutState.DUE


def test_cash_at_the_door_goes_back_too(app, clock):
    part = delivered(clock, method="cod")
    made = answered(part)
    decide(made, D.LOST_ON_THE_WAY, 450_000)
    assert db.session.query(Refund).one().carrier_bears_dong == 450_000
    assert payments.check_ledger() == []


@pytest.mark.parametrize("is_good", [True, False])
def test_goods_come_back_then_the_money_and_the_stock_says_how(app, clock, is_good):
    part = delivered(clock)
    variant = part.lines[0].variant
    before = variant.on_hand
    made = answered(part, wants_return=True)
    decide(made, is_return=True)
    assert db.session.query(Refund).count() == 0
    for _twice in range(2):
        with transaction():
            service.receive_back(made, is_good, SYSTEM)
    assert part.state is FarmOrderState.RETURNED
    assert variant.on_hand == before + (1 if is_good else 0)
    assert db.session.query(Refund).one().amount_dong == 450_000
    assert db.session.query(Payout).one().state is PayoutState.DUE
    assert payments.check_ledger() == []


def test_goods_that_never_come_back_close_the_claim(app, clock):
    part = delivered(clock)
    made = answered(part)
    decide(made, is_return=True)
    clock.forward(days=8)
    jobs.keep_deadlines()
    db.session.expire_all()
    assert made.state is C.CLOSED and db.session.query(Refund).count() == 0
    assert db.session.query(Payout).one().state is PayoutState.DUE


# -- deciding ------------------------------------------------------------------------------------------------------


def test_a_decision_gives_reasons_and_no_more_than_was_paid(app, clock):
    made = answered(delivered(clock))
    for how, field in (
        ({"words": " "}, "words"),
        ({"dong": 0}, "refund"),
        ({"dong": 480_001}, "refund"),
        ({"code": D.FARM_AGREES}, "code"),
    ):
        with pytest.raises(Refusal) as no:
            decide(made, **how)
        assert no.value.field == field
    assert made.state is C.ANSWERED and db.session.query(Refund).count() == 0


def test_two_decide_at_once_and_the_second_hears_it(app, clock):
    made = answered(delivered(clock))
    decide(made)
    with pytest.raises(Conflict):
        decide(made, D.NOT_SHOWN, 0, by=cast.by(cast.another()))
    assert db.session.query(Refund).count() == 1


def test_a_farm_that_says_nothing_is_decided_without(app, clock):
    made = claim(delivered(clock))
    with pytest.raises(Conflict, match="chưa tới lượt"):
        decide(made)
    clock.forward(hours=73)
    for _twice in range(2):
        jobs.keep_deadlines()
    db.session.expire_all()
    assert made.state is C.ANSWERED and made.agrees is None
    decide(made)
    assert made.state is C.DECIDED


def test_an_appeal_is_looked_at_by_somebody_else_and_only_once(app, clock):
    part = delivered(clock)
    made = answered(part)
    first, second = (
        cast.by(cast.admin()),
        cast.by(cast.another("Quản trị hai", "0912000098", cast.Role.ADMIN)),
    )
    decide(made, by=first)
    with transaction():
        service.appeal(made, "Ảnh là của gói khác", SYSTEM)
    assert db.session.query(Refund).one().state is RefundState.WITHDRAWN
    assert payments.check_ledger() == []
    with pytest.raises(Conflict, match="lần đầu"):
        decide(made, by=first)
    decide(made, D.DAMAGED_ON_THE_WAY, 150_000, by=second)
    assert (
        sum(one.amount_dong for one in db.session.query(Refund).filter_by(state=RefundState.DUE)) == 150_000
    )
    assert payments.check_ledger() == []
    with pytest.raises(Conflict, match="một lần"), transaction():
        service.appeal(made, "nữa", SYSTEM)


def test_money_that_went_out_is_not_decided_away(app, clock):
    made = answered(delivered(clock))
    decide(made, dong=200_000)
    refund = db.session.query(Refund).one()
    with transaction():
        payments.approve_refund(refund, cast.by(cast.another("Thủ quỹ hai", "0912000097")))
    with transaction():
        payments.send_refund(refund, "FT9", cast.by(cast.cashier()))
    with transaction():
        service.appeal(made, "Hoàn thiếu", SYSTEM)
    other = cast.by(cast.another("Quản trị hai", "0912000098", cast.Role.ADMIN))
    with pytest.raises(Conflict, match="không quyết định ít hơn"):
        decide(made, D.NOT_SHOWN, 0, by=other)
    decide(made, D.NOT_AS_DESCRIBED, 300_000, by=other)
    assert [one.amount_dong for one in db.session.query(Refund).order_by(Refund.id)] == [200_000, 100_000]
    assert payments.check_ledger() == []


def test_too_late_to_appeal_and_then_closed(app, clock):
    made = answered(delivered(clock))
    decide(made)
    clock.forward(days=7, hours=1)
    with pytest.raises(Conflict, match="quá hạn"), transaction():
        service.appeal(made, "x", SYSTEM)
    jobs.keep_deadlines()
    db.session.expire_all()
    assert made.state is C.CLOSED


def test_withdrawn_lets_the_money_go(app, clock):
    made = claim(delivered(clock))
    with transaction():
        service.withdraw(made, SYSTEM)
    assert made.state is C.CLOSED and db.session.query(Payout).one().state is PayoutState.DUE


# -- one timeline --------------------------------------------------------------------------------------------------


def test_packing_handing_over_opening_and_answers_on_one_line(app, clock):
    part = delivered(clock)
    with transaction():
        service.show(part, Shown.PACKING, [make.photo(90)], SYSTEM)
    made = answered(part)
    decide(made)
    titles = [str(fact.title) for fact in queries.evidence(part)]
    for wanted in (
        "Đã gửi bưu điện",
        "Ảnh lúc gói",
        "Ảnh lúc mở gói",
        "Nhà vườn không đồng ý",
        "Hàng hỏng từ lúc gói",
    ):
        assert wanted in titles


# -- pages ---------------------------------------------------------------------------------------------------------


def send_claim(visit, part, key=""):
    page = visit(f"/account/orders/{part.order.code}" + (f"?key={key}" if key else ""))
    page = page.follow("Hàng có vấn đề? Khiếu nại")
    form = page.form(f"/account/orders/{part.order.code}/claims/new")
    return form.submit(
        reason="spoiled", words="Chè bị mốc", asked="100.000", photos=(make.picture(), "a.jpg")
    )


def test_a_guest_claims_by_the_secret_link_the_farm_answers_the_market_decides(visit, clock):
    clock.set("2026-11-20 10:00")
    farm = make.farm(owner=cast.farmer_an())
    with_account(farm)
    (part,) = make.order((make.product(farm), 1), state="delivered", payment_method="vietqr").farm_orders
    secret = part.order.secret
    page = send_claim(visit, part, secret)
    assert "Chè bị mốc" in page
    made = db.session.query(Claim).one()
    address = f"/account/orders/{part.order.code}/claims/{made.code}"
    visit.another()(address, 303)
    visit.another()(f"{address}?key=wrong", 404)

    an = visit.another().sign_in(cast.farmer_an())
    assert "100.000" in an("/sell/claims")
    wrong = an(f"/sell/claims/{made.code}").form(f"/sell/claims/{made.code}/answer").submit(422, agrees="no")
    assert "vì sao bạn không đồng ý" in wrong
    an(f"/sell/claims/{made.code}").form(f"/sell/claims/{made.code}/answer").submit(
        agrees="no", words="Gói kỹ rồi", photos=(make.picture(80), "b.jpg")
    )
    visit.another().sign_in(cast.farmer_binh())(f"/sell/claims/{made.code}", 404)

    boss = visit.another().sign_in(cast.admin())
    assert made.code in boss("/admin/claims")
    page = boss(f"/admin/claims/{made.code}")
    page.form(f"/admin/claims/{made.code}/decision").submit(
        422, code="bad_from_farm", words="", refund="100.000"
    )
    page = page.form(f"/admin/claims/{made.code}/decision").submit(
        code="bad_from_farm", words="Ảnh rõ ràng", refund="100.000"
    )
    assert "Nhà vườn trả 100.000" in page
    assert "Nhà vườn trả 100.000" in an(f"/sell/claims/{made.code}")
    page = visit(f"{address}?key={secret}")
    assert "hoàn 100.000" in page and "Ảnh rõ ràng" in page
    page = page.form(f"{address}/appeal").submit(words="Muốn hoàn hết")
    assert "Xin xem lại" in page
    # Whoever decided first is told that somebody else looks at it, and is shown no form.
    page = boss(f"/admin/claims/{made.code}")
    assert "Bạn đã quyết định lần đầu" in page and "/decision" not in str(page)
    assert payments.check_ledger() == []


def test_a_buyer_calls_off_and_says_why(visit):
    lan = cast.buyer()
    order = make.order(buyer=lan)
    visit.sign_in(lan)
    page = visit(f"/account/orders/{order.code}")
    page.form(f"/account/orders/{order.code}/cancellation").submit(why="too_slow", reason="mai đi xa")
    (part,) = order.farm_orders
    db.session.refresh(part)
    assert (part.state, part.reason) == (FarmOrderState.CANCELLED, "Chờ lâu quá: mai đi xa")


def test_a_farm_keeps_pictures_of_its_packing(visit):
    farm = make.farm(owner=cast.farmer_an())
    (part,) = make.order((make.product(farm), 1), state="accepted").farm_orders
    visit.sign_in(cast.farmer_an())
    address = f"/sell/orders/{part.code}/photos"
    assert "Hãy chọn ít nhất một" in visit(address).form(address).submit(422)
    visit(address).form(address).submit(photos=(make.picture(), "a.jpg"))
    assert [one.shown for one in queries.photos_of(part)] == [Shown.PACKING]
    assert money.refundable(part) == part.total_dong


def test_what_waits_for_a_claim_is_let_go_by_its_decision_never_by_the_desk(app, clock):
    part = delivered(clock)
    payout = db.session.query(Payout).one()
    by = cast.by(cast.cashier())
    with transaction():
        payments.hold(payout, HoldReason.BY_HAND, "hỏi lại tài khoản", by)
    made = answered(part)
    assert payout.held_because is HoldReason.BY_HAND, "the farm reads what the person wrote"
    with transaction():
        payments.release(payout, by)
    assert (payout.state, payout.held_because) == (PayoutState.HELD, HoldReason.CLAIM)
    with pytest.raises(Conflict, match="chờ khiếu nại"), transaction():
        payments.release(payout, by)
    clock.forward(days=20)
    with transaction():
        assert payments.batch_due(wall.today(), by) == []
    decide(made, D.NOT_SHOWN, 0)
    assert payout.state is PayoutState.DUE and payments.check_ledger() == []


def test_money_a_decision_promised_is_not_taken_back_at_the_desk(app, clock):
    made = answered(delivered(clock))
    decide(made, dong=100_000)
    refund = db.session.query(Refund).one()
    with pytest.raises(Refusal, match="quyết định khiếu nại"), transaction():
        payments.withdraw_refund(refund, cast.by(cast.cashier()))
    assert refund.state is RefundState.DUE


def test_a_claim_takes_its_goods_off_a_list_that_was_not_sent(app, clock):
    """Approved already: the rest of the farm's money stays on the list, which is approved again and then sent."""
    part = delivered(clock)
    make.order((part.lines[0].variant.product, 1), state="delivered", payment_method="vietqr")
    (batch,) = listed(clock)
    make.approve(batch)
    made = claim(part)
    waits, goes = db.session.query(Payout).order_by(Payout.id)
    assert (waits.state, waits.held_because, waits.slip_id) == (PayoutState.HELD, HoldReason.CLAIM, None)
    assert (batch.state, batch.approved_by_id, batch.total_dong) == (
        BatchState.PREPARED,
        None,
        goes.amount_dong,
    )
    with pytest.raises(Conflict, match="duyệt lại"), transaction():
        payments.send_batch(batch, "FT1", SYSTEM)
    make.approve(batch)
    with transaction():
        payments.send_batch(batch, "FT1", SYSTEM)
    assert goes.state is PayoutState.SENT and farm_balance(part) == -waits.amount_dong
    # What comes after the money went out is no reason to call it back: what must come back is a debt.
    claim(goes.farm_order)
    assert goes.state is PayoutState.SENT and goes.is_disputed
    with transaction():
        service.withdraw(made, SYSTEM)
    assert waits.state is PayoutState.DUE and payments.check_ledger() == []


def test_the_only_line_of_a_list_is_claimed(app, clock):
    part = delivered(clock)
    (batch,) = listed(clock)
    claim(part)
    assert money.batches_waiting() == [] and batch.total_dong == 0
    with pytest.raises(Conflict, match="không còn khoản nào"):
        make.approve(batch)


def test_a_claim_the_list_did_not_see_stops_its_sending(app, clock):
    """Claimed in the very moment the list was written: nothing goes out until a person keeps it back."""
    part = delivered(clock)
    (batch,) = listed(clock)
    make.approve(batch)
    with transaction():
        payout = db.session.query(Payout).one()
        payout.is_disputed = True
    with pytest.raises(Conflict, match="vừa khiếu nại"), transaction():
        payments.send_batch(batch, "FT1", SYSTEM)
    assert (batch.state, payout.state, batch.sent_reference) == (
        BatchState.APPROVED,
        PayoutState.BATCHED,
        None,
    )
    assert farm_balance(part) == -payout.amount_dong
    with transaction():
        payments.take_out(payout, "Khách khiếu nại", SYSTEM)
    assert payout.state is PayoutState.HELD and money.batches_waiting() == []
