"""Money that comes in by other ways: payOS, the bank's statement, cash at a counter, the carrier's lists."""

import hashlib
import hmac
import io
import json
import time

import pytest
from sqlalchemy import func, select

from marketplace.foundation import clock as wall_clock
from marketplace.foundation import sheets
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.payments import ledger, queries, remittance, service
from marketplace.payments.models import (
    BankNotice,
    ClosedMonth,
    FarmDebt,
    LedgerEntry,
    LineOutcome,
    NoticeProblem,
    PaymentState,
    Refund,
    RefundCause,
    RefundState,
    TillCause,
)
from marketplace.payments.routes.webhook import payos_facts
from marketplace.shipping.models import Parcel
from tests import cast, make, parcels
from tests.payments.test_service import one

S, L = PaymentState, LineOutcome
PAYOS = "a-checksum-key"
ACCOUNT = "0011001234567"


@pytest.fixture(autouse=True)
def _settings(app):
    real = app.extensions["settings"]
    app.extensions["settings"] = real.model_copy(
        update={"payos_checksum_key": PAYOS, "bank_bin": "970436", "bank_account": ACCOUNT, "remittance_key": "rk",
                "sepay_webhook_key": "sk"}
    )  # fmt: skip
    yield
    app.extensions["settings"] = real
    db.session.rollback()
    assert service.check_ledger() == []


def waiting(method="vietqr"):
    order = make.order(state="placed", payment_method=method)
    return order, queries.payments_of(order)[0]


def rows_of(kind=LedgerEntry) -> int:
    return db.session.scalar(select(func.count(kind.id)))


# -- payOS ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def payos(visit):
    def send(key=PAYOS, signature=None, **said):
        now = wall_clock.local(wall_clock.now()).strftime("%Y-%m-%d %H:%M:%S")
        data = {"orderCode": 7, "amount": 1, "description": "", "accountNumber": ACCOUNT, "reference": "TF230204212323",
                "transactionDateTime": now, "currency": "VND", "paymentLinkId": "x", "code": "00", "desc": "success",
                "counterAccountBankId": None, "virtualAccountName": "", **said}  # fmt: skip
        made = hmac.new(key.encode(), payos_facts(data).encode(), hashlib.sha256).hexdigest()
        body = {"code": "00", "desc": "success", "success": True, "data": data,
                "signature": made if signature is None else signature}  # fmt: skip
        return visit.raw("POST", "/webhooks/payos", json=body).status_code

    return send


def test_payos_confirms_an_order_once(payos, run_jobs):
    order, payment = waiting()
    for _time in range(3):
        assert payos(amount=payment.amount_dong, description=f"CS {payment.code}") == 200
    run_jobs()
    assert payment.state is S.PAID
    assert rows_of() == 1
    assert payos(amount=payment.amount_dong + 1, description=payment.code) == 409
    assert order.farm_orders[0].state is FarmOrderState.CONFIRMED


@pytest.mark.parametrize(
    ("how", "status"),
    [({"signature": ""}, 401), ({"signature": "00"}, 401), ({"key": "other"}, 401), ({"signature": "é"}, 401),
     ({"currency": "USD"}, 400), ({"amount": -5}, 400), ({"reference": ""}, 400),
     ({"transactionDateTime": "2020-01-01 00:00:00"}, 401)],
)  # fmt: skip
def test_payos_is_believed_only_when_it_is_signed_fresh_and_in_dong(payos, how, status):
    assert payos(**how) == status
    assert rows_of(BankNotice) == 0


def test_payos_signs_sorted_facts_with_nothing_for_null():
    assert payos_facts({"b": None, "a": 3000, "c": [{"y": 1, "x": "é"}]}) == 'a=3000&b=&c=[{"x":"é","y":1}]'


def test_two_messengers_and_the_statement_tell_of_one_transfer(payos, visit, run_jobs):
    _order, payment = waiting()
    said = {"id": 5, "transferType": "in", "transferAmount": payment.amount_dong, "content": f"MBVCB.1 {payment.code} CT",
            "accountNumber": ACCOUNT, "referenceCode": "FT23020421"}  # fmt: skip
    assert (
        visit.raw("POST", "/webhooks/sepay", json=said, headers={"Authorization": "Apikey sk"}).status_code
        == 200
    )
    assert payos(amount=payment.amount_dong, description=payment.code) == 200
    statement, _new = upload([("25/11/2026", "FT23020421", "x", payment.amount_dong)])
    settle(statement, run_jobs)
    assert rows_of(BankNotice) == 1
    assert (payment.state, rows_of()) == (S.PAID, 1)


def test_the_same_number_with_another_sum_waits_for_a_person(visit, run_jobs):
    _order, payment = waiting()
    for number, amount in ((1, payment.amount_dong), (2, payment.amount_dong + 1)):
        said = {"id": number, "transferType": "in", "transferAmount": amount, "content": payment.code,
                "accountNumber": ACCOUNT, "referenceCode": "FT23020421"}  # fmt: skip
        assert (
            visit.raw(
                "POST", "/webhooks/sepay", json=said, headers={"Authorization": "Apikey sk"}
            ).status_code
            == 200
        )
    run_jobs()
    assert [notice.problem for notice in queries.notices_waiting()] == [NoticeProblem.SAME_REFERENCE]


# -- rules ---------------------------------------------------------------------------------------------------------


def test_halves_add_up_and_a_little_too_much_goes_back(app):
    order, payment = waiting()
    make.pay(order, 200_000)
    make.pay(order, payment.amount_dong - 200_000)
    assert payment.state is S.PAID
    assert queries.notices_waiting() == []
    other, theirs = waiting()
    make.pay(other, theirs.amount_dong + 1)
    assert theirs.state is S.PAID
    assert one(Refund, payment_id=theirs.id).amount_dong == 1


def test_one_dong_too_little_is_not_taken_and_the_rest_may_be_asked_for(app, clock):
    from marketplace.orders import jobs as orders_jobs

    clock.set("2026-11-25 08:00")
    order, payment = waiting()
    make.pay(order, payment.amount_dong - 1)
    assert payment.state is S.EXPECTED
    with transaction():
        service.ask_for_rest(payment, SYSTEM)
    clock.forward(minutes=31)
    orders_jobs.expire_unpaid()
    assert payment.state is S.EXPECTED  # the goods are kept for a day more
    make.pay(order, 1)
    assert payment.state is S.PAID


def test_a_wrong_attachment_is_undone(app):
    first, theirs = waiting()
    make.pay(first, 5_000, content="tien che")
    (notice,) = queries.notices_waiting()
    with transaction():
        service.attach_notice(notice, theirs.code, SYSTEM)
    with transaction():
        service.detach_notice(notice, SYSTEM)
    assert (notice.problem, notice.payment_id) == (NoticeProblem.NO_CODE, None)
    with transaction():
        refund = service.send_back(notice, SYSTEM)
    with transaction():
        service.withdraw_refund(refund, SYSTEM)
    assert queries.notices_waiting() == [notice]


# -- the bank's statement ------------------------------------------------------------------------------------------


def sheet(rows, account=ACCOUNT, heads=("Ngày giao dịch", "Số tham chiếu", "Nội dung", "Phát sinh nợ", "Phát sinh có", "Số dư")):  # fmt: skip
    lines = [["SAO KÊ TÀI KHOẢN", ""], ["Số tài khoản:", account], [], list(heads)]
    for day, reference, content, amount in rows:
        debit, credit = ("", f"{amount:,}") if amount > 0 else (f"{-amount:,}", "")
        lines.append([day, reference, content, debit, credit, "1,000,000.00"])
    return lines


def upload(rows, name="sao-ke.csv", **how):
    data = (
        sheets.as_csv(sheet(rows, **how))
        if name.endswith("csv")
        else sheets.as_xlsx("SK", *xlsx(sheet(rows, **how)))
    )
    with transaction():
        return service.read_statement(io.BytesIO(data), name, Actor.of(cast.cashier().id))


def xlsx(lines):
    return lines[0], lines[1:]


def settle(statement, run_jobs):
    with transaction():
        for notice in service.settle_statement(statement, SYSTEM):
            service.settle_bank_notice(notice)
    run_jobs()


@pytest.mark.parametrize("name", ["sao-ke.csv", "sao-ke.xlsx"])
def test_a_statement_pays_orders_and_the_same_file_twice_changes_nothing(app, run_jobs, name):
    first, paid = waiting()
    _second, unpaid = waiting()
    today = wall_clock.today().strftime("%d/%m/%Y")
    rows = [(today, "FT1000001", f"MBVCB.9 {paid.code[:6]} {paid.code[6:]} CT tu 1 toi 2", paid.amount_dong),
            (today, "FT1000002", "khong ro", 77_000), (today, "FT1000003", "phi", -11_000)]  # fmt: skip
    statement, is_new = upload(rows, name)
    assert is_new
    assert [str(one.tone) for one in service.preview_statement(statement)] == ["good", "warm", "calm"]
    assert paid.state is S.EXPECTED
    settle(statement, run_jobs)
    assert (paid.state, unpaid.state) == (S.PAID, S.EXPECTED)
    assert [notice.amount_dong for notice in queries.notices_waiting()] == [77_000]
    before = rows_of()
    again, is_new = upload(rows, name)
    assert (again.id, is_new) == (statement.id, False)
    settle(again, run_jobs)
    # A statement of a longer time has the same days in it.
    longer, is_new = upload([*rows, (today, "FT1000004", unpaid.code, unpaid.amount_dong)], name)
    assert is_new
    settle(longer, run_jobs)
    assert rows_of() == before + 1
    assert unpaid.state is S.PAID
    assert first.farm_orders[0].state is FarmOrderState.CONFIRMED


@pytest.mark.parametrize(
    ("how", "says"),
    [({"account": "9998887776665"}, "không phải tài khoản"), ({"account": ""}, "Không thấy số tài khoản"),
     ({"heads": ("Ngày", "Mã", "Chi tiết", "x", "y", "z")}, "Không tìm thấy cột")],
)  # fmt: skip
def test_a_statement_of_another_bank_is_refused_with_a_sentence(app, how, says):
    with pytest.raises(Refusal, match=says):
        upload([("25/11/2026", "FT1", "x", 5_000)], **how)
    assert rows_of() == 0


@pytest.mark.parametrize("bad", ["5 USD", "12,5", "5.000.00", "mot trieu"])
def test_a_line_that_cannot_be_read_is_named(app, bad):
    lines = sheet([("25/11/2026", "FT1", "x", 5_000)])
    lines[-1][4] = bad
    with pytest.raises(Refusal, match="Dòng 5"), transaction():
        service.read_statement(io.BytesIO(sheets.as_csv(lines)), "a.csv", SYSTEM)


# -- at a counter --------------------------------------------------------------------------------------------------


@pytest.fixture
def counter(app):
    point = parcels.point()
    clerk = cast.clerk(point)
    return point, Actor.of(clerk.id)


def test_a_buyer_pays_in_at_a_counter_and_gets_a_receipt(counter, visit):
    point, clerk = counter
    order, payment = waiting("counter")
    page = visit(f"/pay/{payment.code}", key=order.secret)
    assert "Đọc mã này ở quầy" in page
    with pytest.raises(Refusal, match="Chưa mở quỹ"), transaction():
        service.pay_in(payment, point, clerk)
    assert payment.state is S.EXPECTED
    with transaction():
        service.start_till(point, 0, clerk)
    visit.sign_in(cast.clerk())
    found = visit("/post/till/pay-ins", q=f" {payment.code.lower()} ")
    receipt = found.form(f"/post/till/pay-ins/{payment.code}").submit()
    assert "Biên nhận tiền mặt" in receipt
    assert (payment.state, order.farm_orders[0].state) == (S.PAID, FarmOrderState.CONFIRMED)
    assert ledger.balance(ledger.COUNTER_CASH) == payment.amount_dong
    assert queries.till_at(point).moves[0].cause is TillCause.PAY_IN
    visit.post(f"/post/till/pay-ins/{payment.code}", status=409)
    with transaction():
        assert service.remit_cod([payment], SYSTEM, "NOP 1") == payment.amount_dong
    assert (ledger.balance(ledger.COUNTER_CASH), ledger.balance(ledger.BANK)) == (0, payment.amount_dong)


def test_a_counter_takes_nothing_for_an_order_that_is_no_more(counter):
    point, clerk = counter
    order, payment = waiting("counter")
    with transaction():
        orders.cancel_order(order, "", SYSTEM)
    with pytest.raises(Conflict, match="Đừng thu tiền"), transaction():
        service.pay_in(payment, point, clerk)


# -- cash at the door ----------------------------------------------------------------------------------------------


def collected(tracking):
    order = make.order(state="delivered")
    part = order.farm_orders[0]
    with transaction():
        parcel = db.session.scalars(select(Parcel).where(Parcel.farm_order_id == part.id)).one_or_none()
        if parcel is None:
            parcel = Parcel(farm_order_id=part.id, cod_dong=part.total_dong, weight_grams=500, length_mm=1, width_mm=1,
                            height_mm=1, service_code="x")  # fmt: skip
            db.session.add(parcel)
        parcel.tracking = tracking
    return queries.payments_of(order)[0]


def told(*lines):
    return [remittance.Told(tracking, amount) for tracking, amount in lines]


def kept(lines, name="l1"):
    with transaction():
        return service.keep_remittance(told(*lines), "api", name, SYSTEM)[0]


def test_a_carriers_list_with_a_shortage_a_surplus_a_double_and_a_stranger(app):
    right, short, over = collected("EA000000001VN"), collected("EA000000002VN"), collected("EA000000003VN")
    full = right.amount_dong
    lines = [("EA000000001VN", full), ("EA000000002VN", full - 20_000), ("EA000000003VN", full + 5_000),
             ("EA000000001VN", full), ("EA999999999VN", 1_000)]  # fmt: skip
    made = kept(lines)
    assert [line.outcome for line in made.lines] == [L.MATCHED, L.SHORT, L.OVER, L.TWICE, L.UNKNOWN]
    with pytest.raises(Refusal, match="tiền nhận được là"), transaction():
        service.settle_remittance(made, SYSTEM, received_dong=made.total_dong - 1, reference="FT1")
    assert right.state is S.COLLECTED
    with transaction():
        service.settle_remittance(made, SYSTEM, received_dong=made.total_dong - full, reference="FT1")
    assert (right.state, short.state, over.state) == (S.REMITTED, S.COLLECTED, S.REMITTED)
    assert (short.at_the_post_dong, ledger.balance(ledger.POST_COD)) == (20_000, 20_000)
    assert ledger.balance(ledger.COD_SURPLUS) == -6_000
    assert ledger.balance(ledger.BANK) == made.total_dong - full
    with transaction():
        service.settle_remittance(made, SYSTEM, received_dong=1, reference="FT1")
    assert ledger.balance(ledger.BANK) == made.total_dong - full
    # The missing part comes with the next list; a parcel paid in already is only told of.
    rest = kept([("EA000000002VN", 20_000), ("EA000000001VN", full)], "l2")
    assert [line.outcome for line in rest.lines] == [L.MATCHED, L.ALREADY]
    with transaction():
        service.settle_remittance(rest, SYSTEM, received_dong=rest.total_dong, reference="FT2")
    assert (short.state, ledger.balance(ledger.POST_COD)) == (S.REMITTED, 0)


def surplus():
    """What a carrier paid for a parcel nobody knows, in the books as nobody's."""
    made = kept([("EA999999999VN", 6_000)])
    with transaction():
        service.settle_remittance(made, SYSTEM, received_dong=6_000, reference="FT1")
    (line,) = queries.surpluses()
    return line


def test_a_carriers_surplus_is_asked_about_and_sent_back_by_two_people(visit):
    line = surplus()
    cashier, boss = visit.sign_in(cast.cashier()), visit.another().sign_in(cast.admin())
    at = f"/admin/money/surpluses/{line.code}"
    assert "Đã hỏi bưu điện lúc" in cashier("/admin/money/cod").form(f"{at}/question").submit()
    assert "Hãy ghi vì sao" in cashier.post(f"{at}/return-request", 422, reason="")
    assert "Chưa có ai đề nghị" in boss.post(f"{at}/return", 409, reference="FT9")
    page = cashier("/admin/money/cod").form(f"{at}/return-request").submit(reason="Bưu điện nộp nhầm")
    assert "Chờ người khác chuyển tiền" in page
    assert "cần hai người" in cashier.post(f"{at}/return", 422, reference="FT9")
    assert (ledger.balance(ledger.COD_SURPLUS), ledger.balance(ledger.BANK)) == (-6_000, 6_000)
    boss("/admin/money/cod").form(f"{at}/return").submit(reference="FT9")
    assert (ledger.balance(ledger.COD_SURPLUS), ledger.balance(ledger.BANK)) == (0, 0)
    assert queries.surpluses() == [] and service.check_ledger() == []
    assert "ghép hoặc trả lại rồi" in boss.post(f"{at}/return", 409, reference="FT9")
    assert ledger.balance(ledger.BANK) == 0


def test_a_surplus_that_is_to_go_back_is_not_placed_meanwhile(app):
    line, by = surplus(), cast.by(cast.cashier())
    with transaction():
        service.ask_return(line, "Nộp nhầm", by)
    payment = collected("EA999999999VN")
    with pytest.raises(Conflict, match="chờ chuyển trả"), transaction():
        service.place_surplus(line, by)
    with transaction():
        service.keep_surplus(line, by)
        assert service.place_surplus(line, by) == 6_000
    assert payment.remitted_dong == 6_000


def test_the_money_of_a_list_is_a_transfer_the_bank_told_of(app):
    payment = collected("EA000000001VN")
    made = kept([("EA000000001VN", payment.amount_dong)])
    make.pay(waiting()[0], payment.amount_dong, content="VNPOST NOP COD")
    (notice,) = queries.notices_for_list(made)
    with transaction():
        service.settle_remittance(made, SYSTEM, notice=notice)
    assert (payment.state, ledger.balance(ledger.UNMATCHED)) == (S.REMITTED, 0)
    assert ledger.balance(ledger.BANK) == payment.amount_dong


def test_money_for_a_parcel_not_scanned_yet_is_placed_later(app):
    order = make.order(state="handed_over")
    part = order.farm_orders[0]
    with transaction():
        parcel = db.session.scalars(select(Parcel).where(Parcel.farm_order_id == part.id)).one_or_none()
        if parcel is None:
            parcel = Parcel(farm_order_id=part.id, cod_dong=part.total_dong, weight_grams=500, length_mm=1, width_mm=1,
                            height_mm=1, service_code="x")  # fmt: skip
            db.session.add(parcel)
        parcel.tracking = "EA000000007VN"
    made = kept([("EA000000007VN", part.total_dong)])
    assert made.lines[0].outcome is L.NOT_COLLECTED
    with transaction():
        service.settle_remittance(made, SYSTEM, received_dong=made.total_dong, reference="FT1")
    with transaction():
        orders.deliver(part, SYSTEM)
    (line,) = queries.surpluses()
    with transaction():
        assert service.place_surplus(line, SYSTEM) == part.total_dong
    assert queries.payments_of(order)[0].state is S.REMITTED
    assert queries.surpluses() == []


@pytest.mark.parametrize("name", ["nop.csv", "nop.xlsx"])
def test_a_list_is_read_from_a_sheet_once(app, visit, name):
    payment = collected("EA000000001VN")
    lines = [["Danh sách nộp tiền", ""], ["STT", "Số hiệu bưu gửi", "Tiền thu hộ"], ["1", "EA 000 000 001 VN", f"{payment.amount_dong:,}".replace(",", ".")],
             ["", "Tổng cộng", "1"]]  # fmt: skip
    data = sheets.as_csv(lines) if name.endswith("csv") else sheets.as_xlsx("N", *xlsx(lines))
    visit.sign_in(cast.cashier())
    for _twice in range(2):
        form = visit("/admin/money/cod").form("/admin/money/remittances")
        page = form.submit(file=(io.BytesIO(data), name))
        assert "Khớp" in page
    made = one(remittance.Remittance)
    page.form(f"/admin/money/remittances/{made.code}/settlement").submit(
        422, received="1.000", reference="FT9"
    )
    page.form(f"/admin/money/remittances/{made.code}/settlement").submit(
        received=str(payment.amount_dong), reference="FT9"
    )
    assert payment.state is S.REMITTED
    assert "đã nộp hết" in visit("/admin/money/cod")


def test_a_signed_list_by_the_api(app, visit):
    collected("EA000000001VN")
    body = json.dumps({"id": "L1", "lines": [{"tracking": "EA000000001VN", "amount": 5_000}]}).encode()
    at = str(int(time.time()))
    made = hmac.new(b"rk", at.encode() + b"." + body, hashlib.sha256).hexdigest()
    signed = {"X-Remittance-Timestamp": at, "X-Remittance-Signature": f"sha256={made}"}
    for headers, status in (
        ({}, 401),
        ({**signed, "X-Remittance-Signature": "sha256=0"}, 401),
        (signed, 200),
        (signed, 200),
    ):
        answer = visit.raw(
            "POST", "/webhooks/remittances", data=body, headers=headers, content_type="application/json"
        )
        assert answer.status_code == status
    assert rows_of(remittance.Remittance) == 1


def test_what_the_post_never_pays_in_is_written_off_by_two(app, visit):
    payment = collected("EA000000001VN")
    with pytest.raises(Conflict), transaction():
        service.write_off(payment, SYSTEM)
    visit.sign_in(cast.cashier())
    visit.post(f"/admin/money/payments/{payment.code}/write-off-request", status=303, reason="Bưu tá bỏ trốn")
    assert "nhờ người khác duyệt" in visit.post(f"/admin/money/payments/{payment.code}/write-off", status=422)
    other = visit.another()
    other.sign_in(cast.admin())
    other("/admin/money/cod").form(f"/admin/money/payments/{payment.code}/write-off").submit()
    assert payment.state is S.WRITTEN_OFF
    assert (ledger.balance(ledger.POST_COD), ledger.balance(ledger.LOSSES)) == (0, payment.amount_dong)


def test_old_cash_is_seen_by_its_age(app, clock):
    clock.set("2026-11-05 10:00")
    payment = collected("EA000000001VN")
    clock.set("2026-11-15 10:00")
    (row,) = queries.cod_ages()
    assert row.columns == [0, 0, payment.amount_dong, 0]


def test_who_bears_a_parcel_refused_at_the_door_is_a_dated_rule(app):
    from marketplace.payments.models import CarriageRule

    make.order(state="returned")
    assert ledger.balance(ledger.LOSSES) == 30_000 + 10_000 + 15_000
    with transaction():
        rule = db.session.scalars(select(CarriageRule)).one()
        rule.cod_back = "farm"
    make.order(state="returned")
    assert one(FarmDebt).amount_dong == 15_000


# -- refunds -------------------------------------------------------------------------------------------------------


def claimed(part, amount, key="claim:1", **borne):
    with transaction():
        return service.refund(
            part, amount, RefundCause.CLAIM, SYSTEM, key=key, borne=borne or {"market": amount}
        )


def test_a_refund_is_never_larger_than_what_was_paid(app):
    part = make.order(state="delivered", payment_method="vietqr").farm_orders[0]
    with pytest.raises(Refusal, match="nhiều nhất"):
        claimed(part, part.total_dong + 1)
    with pytest.raises(Refusal, match="cộng lại"):
        claimed(part, 10_000, farm=5_000)
    first = claimed(part, 100_000, farm=60_000, carrier=30_000, market=10_000)
    assert claimed(part, 100_000, farm=60_000, carrier=30_000, market=10_000).id == first.id
    with pytest.raises(Conflict):
        claimed(part, 90_000)
    with pytest.raises(Refusal):
        claimed(part, part.total_dong - 99_999, key="claim:2")
    assert one(FarmDebt).amount_dong == 60_000
    with transaction():
        service.send_refund(first, "FT1", SYSTEM)
    assert one(Refund).state is RefundState.SENT
    assert ledger.balance(ledger.buyer(part.order_id)) == 0
    with transaction():
        service.refund_bounced(first, "sai số tài khoản", SYSTEM)
    assert queries.payments_of(part.order)[0].refunded_dong == 0


def test_before_delivery_money_goes_back_by_the_order_only(app):
    part = make.order(state="accepted", payment_method="vietqr").farm_orders[0]
    with pytest.raises(Conflict, match="chưa giao"):
        claimed(part, 1_000)


# -- months and corrections ----------------------------------------------------------------------------------------


def test_a_month_is_closed_and_corrections_go_into_the_next(visit, clock):
    clock.set("2026-10-20 10:00")
    make.order(state="delivered", payment_method="vietqr")
    visit.sign_in(cast.cashier())
    visit.post("/admin/money/months", status=409, month="2026-10")
    clock.set("2026-11-02 10:00")
    visit("/admin/money/books").form("/admin/money/months").submit()
    visit.post("/admin/money/months", status=409, month="2026-10")
    visit.post("/admin/money/months", status=422, month="tháng mười")
    assert one(ClosedMonth).month == "2026-10"
    page = visit("/admin/money/books", month="2026-10")
    assert "đã khóa sổ" in page
    form = page.form("/admin/money/corrections")
    form.submit(422, from_account="bank", to_account="bank", amount="11.000", reason="x")
    page = form.submit(from_account="bank", to_account="fees", amount="11.000", reason="Phí SMS tháng 10")
    correction = queries.corrections_proposed()[0]
    assert "nhờ người khác" in visit.post(f"/admin/money/corrections/{correction.code}/approval", status=422)
    other = visit.another()
    other.sign_in(cast.admin())
    other("/admin/money/books").form(f"/admin/money/corrections/{correction.code}/approval").submit()
    assert one(LedgerEntry, reference=correction.code).month == "2026-11"
    assert ledger.balance(ledger.FEES) == 11_000
    clock.forward(days=1)
    assert service.check_ledger() == []
