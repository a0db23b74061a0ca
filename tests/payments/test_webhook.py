"""The bank's word by SePay: believed only when signed, kept once, and never the one that decides."""

import hashlib
import hmac
import json

import pytest
from sqlalchemy import func, select

from marketplace.foundation import clock as wall_clock
from marketplace.foundation.db import db
from marketplace.foundation.jobs import OutboxJob
from marketplace.orders.models import FarmOrderState
from marketplace.payments import queries, service
from marketplace.payments.models import BankNotice, LedgerEntry, NoticeProblem, PaymentState
from tests import make

KEY = "a-key-from-sepay"


@pytest.fixture
def bank(app, visit):
    """Sends what SePay sends; returns the status."""
    real = app.extensions["settings"]
    app.extensions["settings"] = real.model_copy(
        update={"sepay_webhook_key": KEY, "bank_bin": "970436", "bank_account": "0011001234567"}
    )

    def send(headers=None, body=None, **said):
        facts = {
            "id": 92704, "gateway": "Vietcombank", "transactionDate": "2026-11-25 14:02:37",
            "accountNumber": "0011001234567", "code": None, "content": "", "transferType": "in",
            "transferAmount": 1, "accumulated": 0, "subAccount": None, "referenceCode": "MBVCB.3278907687",
            "description": "",
        }  # fmt: skip
        data = body if body is not None else json.dumps({**facts, **said}).encode()
        headers = {"Authorization": f"Apikey {KEY}"} if headers is None else headers
        answer = visit.raw(
            "POST", "/webhooks/sepay", data=data, headers=headers, content_type="application/json"
        )
        return answer.status_code, answer.get_json(silent=True)

    yield send
    app.extensions["settings"] = real


def waiting():
    order = make.order(state="placed", payment_method="vietqr")
    return order, queries.payments_of(order)[0]


def nothing_kept() -> bool:
    return db.session.scalar(select(func.count(BankNotice.id))) == 0


def test_a_transfer_confirms_the_order(bank, run_jobs):
    order, payment = waiting()
    assert bank(content=f"{payment.code} thanh toan", transferAmount=payment.amount_dong) == (
        200,
        {"success": True},
    )
    # Stored and queued, not yet decided: the answer does not wait for us.
    assert payment.state is PaymentState.EXPECTED
    run_jobs()
    assert payment.state is PaymentState.PAID
    assert order.farm_orders[0].state is FarmOrderState.CONFIRMED
    assert service.check_ledger() == []


def test_the_same_notice_ten_times_is_one(bank, run_jobs):
    _order, payment = waiting()
    for _time in range(10):
        assert bank(content=payment.code, transferAmount=payment.amount_dong)[0] == 200
    run_jobs()
    assert db.session.scalar(select(func.count(BankNotice.id))) == 1
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1
    assert bank(content=payment.code, transferAmount=payment.amount_dong)[0] == 200
    run_jobs()
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1


def test_the_code_may_stand_in_sepays_own_field_and_a_virtual_account_is_ours(bank, run_jobs):
    _order, payment = waiting()
    bank(code=payment.code, content="khong ghi gi", transferAmount=payment.amount_dong,
         accountNumber="9999", subAccount="0011001234567")  # fmt: skip
    run_jobs()
    assert payment.state is PaymentState.PAID


def test_money_to_another_account_waits_for_a_person(bank, run_jobs):
    _order, payment = waiting()
    bank(content=payment.code, transferAmount=payment.amount_dong, accountNumber="123")
    run_jobs()
    assert payment.state is PaymentState.EXPECTED
    assert queries.notices_waiting()[0].problem is NoticeProblem.OTHER_ACCOUNT


def test_money_that_goes_out_is_none_of_ours(bank, run_jobs):
    _order, payment = waiting()
    assert bank(content=payment.code, transferAmount=payment.amount_dong, transferType="out")[0] == 200
    assert nothing_kept()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Apikey wrong"}, {"Authorization": KEY}, {"Authorization": f"Bearer {KEY}"},
     {"Authorization": "Apikey "}, {"Authorization": "Apikey ké"}, {"X-SePay-Signature": "sha256=00"},
     {"X-SePay-Timestamp": "٣٤", "X-SePay-Signature": "sha256=00"}],
)  # fmt: skip
def test_an_unsigned_word_is_not_believed(bank, headers):
    _order, payment = waiting()
    jobs = db.session.scalar(select(func.count(OutboxJob.id)))
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert bank(headers=headers, content=payment.code, transferAmount=payment.amount_dong)[0] == 401
    assert nothing_kept()
    assert db.session.scalar(select(func.count(OutboxJob.id))) == jobs


def signed(body: bytes, at: int, key: str = KEY) -> dict[str, str]:
    made = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-SePay-Timestamp": str(at), "X-SePay-Signature": f"sha256={made}"}


def test_an_hmac_over_time_and_body_is_believed_while_it_is_fresh(bank, run_jobs):
    _order, payment = waiting()
    said = {"id": 5, "transferType": "in", "transferAmount": payment.amount_dong, "content": payment.code}
    body, now = json.dumps(said).encode(), int(wall_clock.now().timestamp())
    assert bank(headers=signed(body, now - 3700), body=body)[0] == 401
    assert bank(headers=signed(body, now, "another key"), body=body)[0] == 401
    assert bank(headers=signed(body + b" ", now), body=body)[0] == 401
    assert nothing_kept()
    assert bank(headers=signed(body, now), body=body)[0] == 200
    run_jobs()
    assert payment.state is PaymentState.PAID


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff\xfe", b'{"id":1,"transferType":"in","transferAmount":-5}',
     b'{"id":1,"transferType":"in","transferAmount":1.5}', b'{"id":1,"transferType":"in","transferAmount":1e400}',
     b'{"id":"","transferType":"in","transferAmount":5}', b'{"id":1,"transferType":"in","transferAmount":"5 USD"}',
     b"[" * 50_000],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_not_kept(bank, body):
    assert bank(body=body)[0] == 400
    assert nothing_kept()


def test_without_a_key_nothing_is_believed(app, visit):
    body = json.dumps({"id": 1, "transferType": "in", "transferAmount": 5}).encode()
    for headers in ({"Authorization": "Apikey "}, {"Authorization": "Apikey"}, {}):
        answer = visit.raw(
            "POST", "/webhooks/sepay", data=body, headers=headers, content_type="application/json"
        )
        assert answer.status_code == 401
