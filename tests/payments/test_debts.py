"""What a farm owes and no sale will pay: paid in by a transfer, or written off by two people."""

import pytest

from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict
from marketplace.payments import ledger, service
from marketplace.payments.models import BankNotice, FarmDebt, Payout, RefundCause
from tests import cast, make
from tests.payments.test_service import with_account


@pytest.fixture
def debt(app, clock):
    """A farm was paid, then bears a refund of 100.000 đồng."""
    clock.set("2026-11-20 10:00")
    product = make.product()
    with_account(product.farm)
    (part,) = make.order((product, 1), state="delivered", payment_method="vietqr").farm_orders
    with transaction():
        service.refund(
            part, 100_000, RefundCause.GOODWILL, cast.by(cast.cashier()), key="x", borne={"farm": 100_000}
        )
    return db.session.query(FarmDebt).one()


def transfer(amount):
    with transaction():
        made, _new = service.keep_bank_notice("sepay", f"t{amount}", amount, "tra no cho que", "", {})
        service.settle_bank_notice(made)
    return db.session.query(BankNotice).filter_by(external_id=f"t{amount}").one()


def test_a_farm_pays_what_it_owes_by_transfer(visit, debt):
    owed = debt.left_dong
    more, part, rest = transfer(owed + 1), transfer(40_000), transfer(owed - 40_000)
    desk = visit.sign_in(cast.cashier())
    path = f"/admin/money/debts/{debt.code}/transfer"
    form = desk("/admin/money/debts").form(path)
    assert "nhiều hơn số còn nợ" in form.submit(422, transfer=more.code)
    assert "chọn khoản" in form.submit(422, transfer="")
    db.session.refresh(debt)
    assert debt.left_dong == owed and service.check_ledger() == []
    form.submit(transfer=part.code)
    db.session.refresh(debt)
    assert debt.left_dong == owed - 40_000 and service.check_ledger() == []
    form.submit(422, transfer=part.code)
    desk("/admin/money/debts").form(path).submit(transfer=rest.code)
    db.session.refresh(debt)
    assert (debt.left_dong, debt.settled_dong) == (0, owed)
    assert "Không nhà vườn nào còn nợ" in desk("/admin/money/debts")
    assert ledger.balance(ledger.farm(debt.farm_id)) == -db.session.query(Payout).one().amount_dong
    assert service.check_ledger() == []


def test_what_no_farm_will_pay_is_written_off_by_two(visit, debt):
    desk = visit.sign_in(cast.cashier())
    path = f"/admin/money/debts/{debt.code}"
    form = desk("/admin/money/debts").form(f"{path}/write-off-request")
    assert "không trả được" in form.submit(422, reason=" ")
    form.submit(reason="Nhà vườn đã thôi bán, dọn đi nơi khác")
    assert "người đề nghị" in desk.post(f"{path}/write-off", 422)
    db.session.refresh(debt)
    assert debt.left_dong and service.check_ledger() == []
    boss = visit.another().sign_in(cast.admin())
    owed, losses = debt.left_dong, ledger.balance(ledger.LOSSES)
    boss("/admin/money/debts").form(f"{path}/write-off").submit()
    db.session.refresh(debt)
    assert debt.left_dong == 0 and ledger.balance(ledger.LOSSES) == losses + owed
    assert service.check_ledger() == []
    with pytest.raises(Conflict), transaction():
        service.write_debt_off(debt, cast.by(cast.admin()))
