"""The pages of money: paying by transfer, the farmer's money, the cashier's desk."""

import csv
import io

import pytest
from sqlalchemy import select

from marketplace.foundation.db import db
from marketplace.orders.models import FarmOrderState
from marketplace.payments import jobs, ledger, queries, service
from marketplace.payments.models import Payment, PaymentState, Payout, PayoutState
from tests import cast, make
from tests.payments.test_service import one, with_account


def waiting(**how):
    order = make.order(state="placed", payment_method="vietqr", **how)
    return order, queries.payments_of(order)[0]


# -- the buyer pays ------------------------------------------------------------------------------------------------


def test_the_pay_page_shows_what_to_scan_and_what_to_type(visit):
    order, payment = waiting()
    page = visit(f"/pay/{payment.code}", key=order.secret)
    assert "480.000 ₫" in page
    assert payment.code in page
    assert page.html.count("<svg xmlns=") == 1
    assert "tài khoản thử" in page
    assert visit.raw("GET", f"/pay/{payment.code}/state").text == "expected 0"
    picture = visit.raw("GET", f"/pay/{payment.code}/qr.png")
    assert picture.data.startswith(b"\x89PNG")
    assert page.follow("Xem đơn hàng").h1 == f"Đơn {order.code}"


def test_the_order_opens_from_the_pay_page_only_for_who_may_see_it(visit):
    order, payment = waiting(street="12 Hàng Bông")
    page = visit(f"/pay/{payment.code}")
    assert "Xem đơn hàng" not in page
    assert order.secret not in page.html
    assert order.phone not in page.html
    visit("/pay/CQNOTHERE123", status=404)
    visit("/pay/CQNOTHERE123/state", status=404)


def test_a_developer_plays_the_bank(visit, run_jobs):
    order, payment = waiting()
    page = visit(f"/pay/{payment.code}", key=order.secret)
    for _twice in range(2):
        page.form(f"/pay/{payment.code}/simulation?key={order.secret}").submit()
    run_jobs()
    page = visit(f"/pay/{payment.code}", key=order.secret)
    assert "Chợ đã nhận tiền" in page
    assert page.follow("Xem đơn hàng").status == 200
    assert ledger.balance(ledger.BANK) == payment.amount_dong
    visit(f"/pay/{payment.code}/qr.png", status=404)


def test_nobody_plays_the_bank_in_a_real_market(app, visit):
    _order, payment = waiting()
    real = app.extensions["settings"]
    app.extensions["settings"] = real.model_copy(
        update={"bank_bin": "970436", "bank_account": "0011001234567"}
    )
    try:
        assert "tài khoản thử" not in visit(f"/pay/{payment.code}")
        visit.post(f"/pay/{payment.code}/simulation", status=404)
        assert queries.methods() == ["cod", "vietqr", "counter"]
        app.extensions["settings"] = real.model_copy(update={"app_env": "production"})
        assert queries.methods() == ["cod", "counter"]
        visit.post(f"/pay/{payment.code}/simulation", status=404)
    finally:
        app.extensions["settings"] = real
    assert payment.state is PaymentState.EXPECTED


@pytest.mark.parametrize("difference", [-1_000, 1_000_000])
def test_a_wrong_sum_is_said_on_the_pay_page(visit, difference):
    order, payment = waiting()
    make.pay(order, payment.amount_dong + difference)
    page = visit(f"/pay/{payment.code}")
    assert "chưa ghép được vào đơn" in page
    assert visit.raw("GET", f"/pay/{payment.code}/state").text == "expected 1"


def test_the_pay_page_of_an_order_that_is_no_more(visit, clock):
    from marketplace.orders import jobs as orders_jobs

    clock.set("2026-11-25 08:00")
    _order, payment = waiting()
    clock.forward(minutes=31)
    orders_jobs.expire_unpaid()
    page = visit(f"/pay/{payment.code}")
    assert "đừng chuyển tiền nữa" in page


# -- the farmer's money --------------------------------------------------------------------------------------------


def test_the_farmer_reads_what_comes_what_is_held_and_what_was_paid(visit, clock):
    clock.set("2026-11-20 10:00")
    farm = make.farm(owner=cast.farmer_an())
    tea = make.product(farm)
    make.order((tea, 1), state="delivered")
    make.order((tea, 2), state="accepted")
    visit.sign_in(cast.farmer_an())
    page = visit("/sell/money")
    assert "Chợ chưa biết trả tiền vào đâu" in page
    assert "Khi giao xong" in page
    with_account(farm)
    clock.set("2026-11-25 07:00")
    jobs.batch_due()
    assert "Bưu điện đã thu tiền" in visit("/sell/money")
    service_remit(visit)
    jobs.batch_due()
    (batch,) = queries.batches_waiting()
    cashier = visit.another()
    cashier.sign_in(cast.cashier())
    assert "Chờ quản trị duyệt" in cashier("/admin/money/payouts")
    boss = visit.another().sign_in(cast.admin())
    boss("/admin/money/payouts").form(f"/admin/money/batches/{batch.code}/approval").submit()
    cashier("/admin/money/payouts").form(f"/admin/money/batches/{batch.code}/sending").submit(
        reference="FT2511"
    )
    page = visit("/sell/money")
    assert "mã giao dịch FT2511" in page
    assert "•••• 3456" in page
    assert "8500205123456" not in page.html
    sheet = visit.raw("GET", "/sell/money/statement.csv?month=2026-11").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert [row[3] for row in rows[1:]] == ["450000", "-450000"]
    for month in ("", "2026-13", "x", "2026-11-11", "-1"):
        assert visit.raw("GET", f"/sell/money/statement.csv?month={month}").status_code == 200


def service_remit(visit) -> None:
    """The post pays its cash in, through the cashier's page."""
    cashier = visit.another()
    cashier.sign_in(cast.cashier())
    page = cashier("/admin/money/cod")
    page.form("/admin/money/cod-remittances").submit(422, reference=" ")
    assert one(Payment, state=PaymentState.COLLECTED).remitted_at is None
    page.form("/admin/money/cod-remittances").submit(reference="NOP 25/11")
    assert one(Payment, state=PaymentState.REMITTED).remitted_at is not None
    assert "đã nộp hết" in cashier("/admin/money/cod")


def test_another_farm_sees_its_own_money_only(visit):
    make.order((make.product(make.farm(owner=cast.farmer_an())), 1), state="delivered")
    make.farm("Vựa tôm", owner=cast.farmer_binh())
    visit.sign_in(cast.farmer_binh())
    assert "Chưa có khoản nào" in visit("/sell/money")
    sheet = visit.raw("GET", "/sell/money/statement.csv").get_data(as_text=True)
    assert len(sheet.strip().splitlines()) == 1
    visit.sign_in(cast.buyer())
    assert visit.raw("GET", "/sell/money/statement.csv").status_code == 404


# -- the cashier's desk --------------------------------------------------------------------------------------------


def test_the_desk_is_for_cashiers(visit):
    for person in (cast.buyer(), cast.farmer_an(), cast.clerk(), cast.trainer(), cast.reviewer()):
        somebody = visit.another()
        somebody.sign_in(person)
        for path in ("/admin/money", "/admin/money/cod", "/admin/money/payouts"):
            somebody(path, status=403)
        somebody.post("/admin/money/batches", status=403)
    assert "/login" in visit("/admin/money").path


def test_a_cashier_settles_what_no_rule_can(visit):
    visit.sign_in(cast.cashier())
    order, payment = waiting(name="<b>Bà Sáu</b>")
    make.pay(order, content="tien che <script>")
    (notice,) = queries.notices_waiting()
    page = visit("/admin/money")
    attach = f"/admin/money/transfers/{notice.code}/attachment"
    page = page.form(attach).submit(422, code="CQNOTHING")
    assert "Hãy xem lại mã" in page
    page.form(attach).submit(code=payment.code)
    assert payment.state is PaymentState.PAID

    other, theirs = waiting()
    make.pay(other, 100_000)
    make.pay(other, 4_000_000)
    page = visit("/admin/money")
    first = queries.notices_waiting()[0]
    page.form(f"/admin/money/transfers/{first.code}/acceptance").submit()
    assert theirs.state is PaymentState.PAID
    refund = queries.refunds_due()[0]
    # One approves, another sends.
    sending = f"/admin/money/refunds/{refund.code}/sending"
    page = (
        visit("/admin/money")
        .form(f"/admin/money/refunds/{refund.code}/approval")
        .submit(account="VCB 00112233")
    )
    assert "00112233" not in page.html
    assert "Hãy để người khác chuyển" in visit.post(sending, status=422, reference="FT77")
    other_person = visit.another()
    other_person.sign_in(cast.admin())
    page = other_person("/admin/money").form(sending).submit(422, reference=" ")
    page.form(sending).submit(reference="FT77")
    assert queries.refunds_due() == []
    assert service.check_ledger() == []


def test_a_cashier_sends_a_stray_transfer_back(visit):
    visit.sign_in(cast.cashier())
    order, _payment = waiting()
    make.pay(order, content="?")
    (notice,) = queries.notices_waiting()
    visit.post(f"/admin/money/transfers/{notice.code}/acceptance", status=422)
    visit("/admin/money").form(f"/admin/money/transfers/{notice.code}/return").submit()
    visit.post(f"/admin/money/transfers/{notice.code}/return", status=409)
    assert [refund.amount_dong for refund in queries.refunds_due()] == [order.total_dong]
    visit.post("/admin/money/transfers/NOTHING/return", status=404)


def test_the_list_for_the_bank_has_whole_numbers_and_no_formulas(visit, clock):
    clock.set("2026-11-20 10:00")
    farm = make.farm("=cmd|' /C calc'!A0", owner=cast.farmer_an())
    with_account(farm)
    tea = make.product(farm)
    for _two in range(2):
        make.order((tea, 1), state="delivered", payment_method="vietqr")
    clock.set("2026-11-25 07:00")
    visit.sign_in(cast.cashier())
    page = visit("/admin/money/payouts").form("/admin/money/batches").submit()
    assert "Đã lập 1 danh sách" in page
    (batch,) = queries.batches_waiting()
    assert visit.raw("GET", f"/admin/money/batches/{batch.code}.csv").status_code == 409
    make.approve(batch)
    answer = visit.raw("GET", f"/admin/money/batches/{batch.code}.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    # One line for the farm, both orders together.
    assert [row[1:6] for row in rows[1:]] == [
        ["8500205123456", "TRAN VAN HAO", "970405", "Agribank", "900000"]
    ]
    payout = db.session.scalars(select(Payout).order_by(Payout.id)).first()
    out = f"/admin/money/payouts/{payout.code}/removal"
    visit("/admin/money/payouts").form(out).submit(422, reason=" ")
    visit("/admin/money/payouts").form(out).submit(reason="Khách báo hàng hỏng")
    page = visit("/admin/money/payouts")
    assert "Khách báo hàng hỏng" in page
    make.approve(batch)
    page = visit("/admin/money/payouts")
    page.form(f"/admin/money/batches/{batch.code}/sending").submit(reference="FT1")
    page = visit("/admin/money/payouts").form(f"/admin/money/payouts/{payout.code}/release").submit()
    page.form(f"/admin/money/payouts/{payout.code}/hold").submit(reason="xem lại")
    db.session.expire_all()
    assert payout.state is PayoutState.HELD
    sent = db.session.scalars(select(Payout).where(Payout.state == PayoutState.SENT)).one()
    visit("/admin/money/payouts").form(f"/admin/money/slips/{sent.slip.code}/bounce").submit(reason="sai số")
    assert service.check_ledger() == []


def test_the_english_reader_is_served_too(visit):
    order, payment = waiting()
    make.pay(order, 1_000)
    make.order(state="delivered", payment_method="vietqr")
    make.order(state="refused", payment_method="vietqr")
    visit.speak("en").sign_in(cast.cashier())
    for path in ("/admin/money", "/admin/money/cod", "/admin/money/payouts", f"/pay/{payment.code}"):
        visit(path)
    assert order.farm_orders[0].state is FarmOrderState.PLACED
