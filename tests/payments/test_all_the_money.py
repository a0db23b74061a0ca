"""All the money of a market, once round, through its pages: two farms, three ways to pay, less supplied than ordered, a
part given back, a parcel refused at the door, a remittance that is short, a payout that bounced and went again, cash at
a counter, the month's tax. At the end every page says what the books say, and the books are empty of debts."""

import io
from datetime import date

from openpyxl import load_workbook

from marketplace.claims.models import Claim
from marketplace.farmers.models import FarmKind, Identity, PayBy
from marketplace.foundation.db import db, transaction
from marketplace.foundation.money import dong
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.payments import documents, ledger, queries, service
from marketplace.payments.models import (
    LedgerLine,
    Payment,
    PaymentState,
    Payout,
    PayoutSlip,
    Refund,
    SlipState,
    TillCause,
)
from marketplace.shipping import queries as shipping_seen
from marketplace.shipping import service as shipping
from marketplace.shipping.models import ScanKind
from tests import cast, make, parcels
from tests.payments.test_service import with_account

F, K = FarmOrderState, ScanKind
DELIVERED = (K.DROPPED_OFF, K.IN_TRANSIT, K.OUT_FOR_DELIVERY, K.DELIVERED)
CAME_BACK = (K.DROPPED_OFF, K.IN_TRANSIT, K.OUT_FOR_DELIVERY, K.FAILED, K.RETURNING, K.RETURNED)


def farm_of(name, owner, commune, province):
    farm = make.farm(name, owner=owner, kind=FarmKind.HOUSEHOLD, commune_code=commune, province_code=province)
    with_account(farm)
    return farm


def carry(part, kinds):
    for parcel in shipping_seen.parcels_of(part):
        for kind in kinds:
            with transaction():
                shipping.record_scan(parcel.tracking, kind, parcels.CARRIER)


def accept(visitor, part):
    visitor(f"/sell/orders/{part.code}").form(f"/sell/orders/{part.code}/acceptance").submit()


def balances():
    rows = db.session.query(LedgerLine.account, db.func.sum(LedgerLine.amount_dong)).group_by(
        LedgerLine.account
    )
    return {account: int(total) for account, total in rows if total}


def send_refunds(boss, cashier):
    """What has to go back: one approves, another sends."""
    for refund in list(queries.refunds_due()):
        boss("/admin/money").form(f"/admin/money/refunds/{refund.code}/approval").submit()
        cashier("/admin/money").form(f"/admin/money/refunds/{refund.code}/sending").submit(
            reference="FT-HOAN"
        )


def test_all_the_money_once_round(visit, clock):
    clock.set("2026-10-05 08:00")
    parcels.rules()
    an_person, binh_person, lan = cast.farmer_an(), cast.farmer_binh(), cast.buyer()
    tea_farm = farm_of("Chè Hảo Đạt", an_person, "05503", "19")
    shrimp_farm = farm_of("Tôm Năm Căn", binh_person, "32191", "96")
    with transaction():
        shrimp_farm.bank_account.method = PayBy.CASH
        db.session.add(Identity(farm_id=shrimp_farm.id, full_name="Lê Thanh Bình", personal_id_end="4321"))
    tea = make.product(tea_farm, stock=30)
    shrimp = make.product(shrimp_farm, "Tôm khô", price_dong=300_000, stock=30)
    point = parcels.point()
    clerk, by_clerk = visit.another().sign_in(cast.clerk(point)), cast.by(cast.clerk(point))
    cashier, boss = visit.another().sign_in(cast.cashier()), visit.another().sign_in(cast.admin())
    an, binh = visit.another().sign_in(an_person), visit.another().sign_in(binh_person)

    # Three orders: by transfer, at the door, at a counter.
    by_transfer = parcels.order((tea, 2), (shrimp, 1), payment_method="vietqr", buyer=lan, is_paid=True)
    at_door = parcels.order((tea, 1), (shrimp, 1))
    at_counter = parcels.order((tea, 1), payment_method="counter", buyer=lan)
    clerk("/post/till").form("/post/till/opening").submit(float="1.000.000")
    (to_pay,) = queries.payments_of(at_counter)
    page = clerk("/post/till/pay-ins").form("/post/till/pay-ins").submit(q=to_pay.code)
    page.form(f"/post/till/pay-ins/{to_pay.code}").submit()

    # An has one box of tea less than was ordered.
    paid_tea, paid_shrimp = by_transfer.farm_orders
    for farmer, order in ((an, by_transfer), (an, at_door), (an, at_counter)):
        accept(farmer, order.farm_orders[0])
    for order in (by_transfer, at_door):
        accept(binh, order.farm_orders[1])
    (line,) = paid_tea.lines
    supply = f"/sell/orders/{paid_tea.code}/supply"
    an(f"/sell/orders/{paid_tea.code}").form(supply).submit(
        **{f"quantity-{line.code}": "1", "why": "Mẻ mới chưa sao xong", "is_agreed": "y"}
    )
    assert service.check_ledger() == []

    # Delivered, but for the shrimp at the door, which nobody takes.
    clock.set("2026-10-06 09:00")
    for part in (paid_tea, paid_shrimp, at_door.farm_orders[0], at_counter.farm_orders[0]):
        carry(part, DELIVERED)
    refused = at_door.farm_orders[1]
    carry(refused, CAME_BACK)
    db.session.expire_all()
    assert refused.state is F.RETURNED and refused.order.farm_orders[0].state is F.DELIVERED
    assert service.check_ledger() == []

    # Lan's shrimp is damp: Bình agrees to give 60.000 back.
    visit.sign_in(lan)
    page = visit(f"/account/orders/{by_transfer.code}/claims/new?part={paid_shrimp.code}")
    page = page.form(f"/account/orders/{by_transfer.code}/claims/new").submit(
        reason="spoiled", words="Tôm bị ẩm", asked="60.000", photos=(make.picture(), "tom.jpg")
    )
    (claim,) = db.session.query(Claim)
    binh(f"/sell/claims/{claim.code}").form(f"/sell/claims/{claim.code}/answer").submit(agrees="yes")
    send_refunds(boss, cashier)
    assert queries.refunds_due() == []
    assert service.check_ledger() == []

    # The post pays in, a thousand short; then the rest.
    clock.set("2026-10-07 09:00")
    (collected,) = db.session.query(Payment).filter_by(state=PaymentState.COLLECTED)
    (parcel,) = [one for one in shipping_seen.parcels_of(at_door.farm_orders[0]) if one.cod_dong]
    for name, amount in (("ngay-7.csv", collected.amount_dong - 1_000), ("ngay-8.csv", 1_000)):
        sheet = io.BytesIO(f"so hieu buu gui;tien thu ho\n{parcel.tracking};{amount}\n".encode())
        page = cashier("/admin/money/cod").form("/admin/money/remittances").submit(file=(sheet, name))
        (made,) = queries.remittances_lately()[:1]
        page.form(f"/admin/money/remittances/{made.code}/settlement").submit(
            received=str(amount), reference=f"FT-{name}"
        )
        assert service.check_ledger() == []

    # Paid out: one list for the bank, one for the counters; the bank's bounces and goes again.
    clock.set("2026-10-09 07:00")
    cashier("/admin/money/payouts").form("/admin/money/batches").submit()
    send_lists(boss, cashier, "FT-1")
    (bank,) = db.session.query(PayoutSlip).filter_by(state=SlipState.SENT)
    cashier("/admin/money/payouts").form(f"/admin/money/slips/{bank.code}/bounce").submit(reason="Sai tên")
    for payout in db.session.query(Payout).filter_by(farm_id=tea_farm.id):
        cashier("/admin/money/payouts").form(f"/admin/money/payouts/{payout.code}/release").submit()
    cashier("/admin/money/payouts").form("/admin/money/batches").submit()
    send_lists(boss, cashier, "FT-2")
    again = db.session.query(PayoutSlip).filter_by(state=SlipState.SENT).one()
    cashier("/admin/money/payouts").form("/admin/money/sent-statement").submit(
        lines=f"08/10 MBVCB {again.code} CT; -{again.net_dong}"
    )
    cash = db.session.query(PayoutSlip).filter_by(state=SlipState.READY).one()
    assert cash.deducted_dong > 0 and dong(cash.net_dong) in binh("/sell/money")
    clerk.sign_in(cast.clerk(point))  # a counter left alone for days is locked
    page = clerk("/post/till/payouts").form("/post/till/payouts").submit(q=cash.code).follow("Trả khoản này")
    page.form(f"/post/till/payouts/{cash.code}").submit(digits=queries.cash_code(cash), id_end="4321")

    # The drawer is counted and right.
    till = queries.till_at(point)
    there = queries.in_drawer(till)
    assert there == 1_000_000 + to_pay.amount_dong - cash.net_dong
    notes, rest = {}, there
    for note in (500_000, 1_000):
        notes[f"n{note}"], rest = str(rest // note), rest % note
    if rest:
        with transaction():
            service.give(point, rest, TillCause.TO_SAFE, by_clerk, reference="tien-le")
    page = clerk("/post/till").form("/post/till/count").submit(**notes)
    assert "Khớp sổ" in page
    page.form("/post/till/closing").submit()

    # Nobody is owed anything: not a buyer, not a farm.
    left = balances()
    assert not [account for account in left if account.startswith(("buyer:", "farm:"))], left
    assert left.get(ledger.POST_COD, 0) == 0 and left.get(ledger.UNMATCHED, 0) == 0
    assert sum(left.values()) == 0
    assert service.check_ledger() == []

    # Every page agrees with the books.
    for visitor, slip in ((an, again), (binh, cash)):
        assert dong(slip.net_dong) in visitor("/sell/money")
        assert queries.paid_since(slip.farm, date(2026, 10, 1)) == slip.net_dong
    clock.set("2026-11-02 09:00")
    taxed = 0
    for person, farm in ((an_person, tea_farm), (binh_person, shrimp_farm)):
        visitor = visit.another().sign_in(person)
        assert visitor.raw("GET", "/sell/money/tax.pdf?month=2026-10").get_data().startswith(b"%PDF")
        assert visitor.raw("GET", "/sell/money/statement.pdf?month=2026-10").get_data().startswith(b"%PDF")
        data = visitor.raw("GET", "/sell/money/tax.xlsx?month=2026-10").get_data()
        rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2, values_only=True))
        sums = documents.tax_sums(queries.tax_rows(farm, date(2026, 10, 1), date(2026, 10, 31)))
        assert (sum(row[4] for row in rows), sum(row[6] for row in rows), sum(row[8] for row in rows)) == sums
        taxed += sums[1] + sums[2]
        assert queries.statement(farm, date(2026, 10, 1), date(2026, 10, 31))[-1].balance_dong == 0
    assert -left[ledger.TAX_WITHHELD] == taxed > 0
    assert sum(one.amount_dong for one in db.session.query(Refund)) > 60_000
    assert db.session.query(FarmOrder).count() == 5


def send_lists(boss, cashier, reference):
    for batch in queries.batches_waiting():
        boss("/admin/money/payouts").form(f"/admin/money/batches/{batch.code}/approval").submit()
        cashier("/admin/money/payouts").form(f"/admin/money/batches/{batch.code}/sending").submit(
            reference=reference
        )
