"""Money back by bank: the buyer writes where to, two people send it; what the bank returns asks for another account."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from marketplace.foundation import audit
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.notifications.models import Message
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder
from marketplace.payments import ledger, queries, service
from marketplace.payments.models import Refund, RefundAccount, RefundBatch, RefundCause, RefundState
from tests import cast, make
from tests.payments.test_service import one

SMALL = pytest.mark.database("sqlite")
NUMBER = "0123 456 789"
WRITTEN = {"bank": "970436", "number": NUMBER, "holder": "tran  thi lan"}


def called_off(**how):
    """A paid order whose buyer called it off: all of it goes back."""
    order = make.order(payment_method="vietqr", **how)
    with transaction():
        orders.cancel_order(order, "Không cần nữa", cast.by(cast.buyer()))
    return order, one(Refund)


def address(order):
    return f"/account/orders/{order.code}/refund-account"


@SMALL
def test_a_guest_writes_an_account_and_two_people_send_the_list(visit):
    order, refund = called_off()
    page = visit(f"/account/orders/{order.code}?key={order.secret}").follow("Ghi tài khoản nhận tiền")
    page = page.form(address(order)).submit(**WRITTEN)
    assert "Tiền hoàn về tài khoản •••• 6789" in page
    assert "0123456789" not in page.html.replace(" ", "")
    told = audit.trail(one(RefundAccount))[-1]
    assert told.verb == "refund_account.told" and "0123456789" not in str(told.details)
    assert "6789" in db.session.query(Message).filter_by(template="payments/refund_account").one().body

    cashier = visit.another().sign_in(cast.cashier())
    page = cashier("/admin/money")
    assert "•••• 6789" in page and "0123456789" not in page.html
    page = page.form("/admin/money/refund-lists").submit()
    batch = one(RefundBatch)
    at = f"/admin/money/refund-lists/{batch.code}"
    assert "Bạn lập danh sách này" in page
    assert "Hãy nhờ người khác duyệt" in cashier.post(f"{at}/approval", 422)
    cashier(f"{at}.csv", status=409)
    # What stands on a list goes with the list.
    assert "trong một danh sách" in cashier.post(f"/admin/money/refunds/{refund.code}/approval", 409)
    boss = visit.another().sign_in(cast.admin())
    page = boss("/admin/money").form(f"{at}/approval").submit()
    assert "Đã duyệt danh sách" in page
    assert "Bạn đã duyệt khoản này" in boss.post(f"{at}/sending", 422, reference="FT1")
    sheet = list(csv.reader(io.StringIO(cashier.raw("GET", f"{at}.csv").text.lstrip("\ufeff"))))
    assert sheet[1][1:6] == ["0123456789", "TRAN THI LAN", "970436", "Vietcombank", str(refund.amount_dong)]
    cashier("/admin/money").form(f"{at}/sending").submit(reference="FT1")
    db.session.expire_all()
    assert refund.state is RefundState.SENT and refund.sent_reference == "FT1"
    assert ledger.balance(ledger.buyer(order.id)) == 0
    assert service.check_ledger() == []
    with transaction():
        assert service.send_refund_batch(batch, "FT2", cast.by(cast.cashier())) == 0


@SMALL
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"bank": ""}, "Hãy chọn ngân hàng"),
        ({"number": "12-34"}, "từ 6 đến 19 số"),
        ({"number": "12a4567890"}, "từ 6 đến 19 số"),
        ({"holder": " "}, "tên chủ tài khoản"),
    ],
)
def test_an_account_that_cannot_be_is_refused(visit, wrong, says):
    order, _refund = called_off(buyer=cast.buyer())
    visit.sign_in(cast.buyer())
    page = visit(address(order)).form(address(order)).submit(422, **{**WRITTEN, **wrong})
    assert says in page
    assert db.session.query(RefundAccount).count() == 0


@SMALL
def test_only_whose_order_it_is_and_only_while_money_waits(visit):
    order, refund = called_off(buyer=cast.buyer())
    visit(f"{address(order)}?key=falsch", status=404)
    stranger = visit.another().sign_in(cast.farmer_an())
    stranger(address(order), status=404)
    stranger.post(address(order), 404, **WRITTEN)
    with transaction():
        service.approve_refund(refund, cast.by(cast.admin()), "VCB 111222333")
    visit.sign_in(cast.buyer())
    assert "không có khoản nào đang chờ" in visit.post(address(order), 409, **WRITTEN)
    assert db.session.query(RefundAccount).count() == 0


@SMALL
def test_a_returned_refund_forgets_the_account_and_asks_again(app):
    order, refund = called_off()
    cashier, boss = cast.by(cast.cashier()), cast.by(cast.admin())
    with transaction():
        service.tell_refund_account(order, "970436", NUMBER, "TRAN THI LAN", cast.by(cast.buyer()))
    with transaction():
        service.approve_refund(refund, boss)
    assert (refund.account_bin, refund.account_end) == ("970436", "6789")
    with transaction():
        service.send_refund(refund, "FT1", cashier)
    with transaction():
        service.refund_bounced(refund, "Sai tên", cashier)
    assert refund.state is RefundState.DUE and refund.account_sealed is None
    assert db.session.query(RefundAccount).count() == 0
    with transaction():
        assert service.prepare_refund_batch(cashier) is None
    assert db.session.query(Message).filter_by(template="payments/refund_bounced").count() == 1
    assert service.check_ledger() == []


@SMALL
def test_a_list_that_is_dropped_lets_its_refunds_go(app):
    order, refund = called_off()
    cashier, boss = cast.by(cast.cashier()), cast.by(cast.admin())
    with transaction():
        service.tell_refund_account(order, "970436", NUMBER, "TRAN THI LAN", cast.by(cast.buyer()))
    with transaction():
        batch = service.prepare_refund_batch(cashier)
    with pytest.raises(Conflict, match="chưa có người thứ hai duyệt"), transaction():
        service.send_refund_batch(batch, "FT1", cashier)
    with transaction():
        service.approve_refund_batch(batch, boss)
    with pytest.raises(Refusal, match="mã giao dịch"), transaction():
        service.send_refund_batch(batch, " ", cashier)
    with transaction():
        service.drop_refund_batch(batch, cashier)
    db.session.expire_all()
    assert refund.state is RefundState.DUE and refund.batch_id is None
    with transaction():
        service.approve_refund(refund, boss)
        service.send_refund(refund, "FT1", cashier)
    assert queries.refund_batches_waiting() == []


# -- at once -------------------------------------------------------------------------------------------------------


def test_two_admins_who_refund_at_once_give_back_no_more_than_was_paid(app):
    part = make.order(state="delivered", payment_method="vietqr").farm_orders[0]
    part_id, most = part.id, part.total_dong
    db.session.rollback()

    def give(number):
        with app.app_context():
            try:
                with transaction():
                    service.refund(
                        db.session.get_one(FarmOrder, part_id),
                        most,
                        RefundCause.GOODWILL,
                        SYSTEM,
                        key=f"goodwill:{number}",
                        borne={"market": most},
                    )
            except Refusal as refusal:
                return str(refusal.sentence)
            return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(give, range(2)))
    assert said[0] == "" and "Khách chỉ còn được hoàn nhiều nhất 0" in said[1]
    assert one(Refund).amount_dong == most
    assert service.check_ledger() == []


def test_a_list_sent_twice_at_once_is_sent_once(app):
    order, refund = called_off()
    cashiers = [cast.by(cast.cashier()), cast.by(cast.another())]
    with transaction():
        service.tell_refund_account(order, "970436", NUMBER, "TRAN THI LAN", cast.by(cast.buyer()))
        batch = service.prepare_refund_batch(cashiers[0])
    with transaction():
        service.approve_refund_batch(batch, cast.by(cast.admin()))
    batch_id = batch.id
    db.session.rollback()

    def go(by):
        with app.app_context(), transaction():
            return service.send_refund_batch(db.session.get_one(RefundBatch, batch_id), "FT1", by)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, cashiers)) == [0, refund.amount_dong]
    assert db.session.query(ledger.LedgerEntry).filter_by(kind="refund").count() == 1
    assert service.check_ledger() == []
