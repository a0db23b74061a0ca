"""Papers: written once, the same whenever they are asked for, numbered without gaps; tax as it was stamped."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import FarmKind
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict
from marketplace.foundation.words import in_language
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState, IfShort
from marketplace.orders.supply import Supplied
from marketplace.payments import documents, queries, service, tax
from marketplace.payments.models import (
    Document,
    DocumentSeries,
    LineTax,
    Payout,
    RefundCause,
    TaxReturned,
    TaxRule,
)
from marketplace.payments.routes.farmer import KIND_WORDS
from tests import cast, make
from tests.payments.test_service import with_account

CONTENT = {
    "title": "X",
    "facts": [],
    "heads": [],
    "rows": [],
    "sums": [],
    "notes": [],
    "widths": [],
    "signatures": [],
}


def numbers(series=DocumentSeries.CONFIRMATION):
    return [
        one.number for one in db.session.query(Document).filter_by(series=series).order_by(Document.number)
    ]


def test_numbers_have_no_gaps_even_when_a_paper_is_not_written(app):
    for key in ("a", "b"):
        with transaction():
            documents.write(DocumentSeries.CONFIRMATION, key, CONTENT, SYSTEM)
    with pytest.raises(ZeroDivisionError), transaction():
        documents.write(DocumentSeries.CONFIRMATION, "c", CONTENT, SYSTEM)
        raise ZeroDivisionError
    for key in ("d", "b"):
        with transaction():
            documents.write(DocumentSeries.CONFIRMATION, key, CONTENT, SYSTEM)
    with transaction():
        documents.write(DocumentSeries.RECEIPT, "a", CONTENT, SYSTEM)
    assert numbers() == [1, 2, 3] and numbers(DocumentSeries.RECEIPT) == [1]
    assert documents.gaps() == []


def test_every_year_begins_anew(app, clock):
    clock.set("2026-12-31 23:00")
    with transaction():
        documents.write(DocumentSeries.STATEMENT, "a", CONTENT, SYSTEM)
    clock.set("2027-01-01 00:30")
    with transaction():
        second = documents.write(DocumentSeries.STATEMENT, "b", CONTENT, SYSTEM)
    assert second.title_number == "SK/2027/000001"


def test_many_at_once_get_one_number_each(app):
    def one(key):
        with app.app_context(), transaction():
            documents.write(DocumentSeries.CONFIRMATION, key, CONTENT, SYSTEM)

    with ThreadPoolExecutor(6) as pool:
        # Twelve papers, each asked for twice.
        list(pool.map(one, [str(number % 12) for number in range(24)]))
    db.session.rollback()
    assert numbers() == list(range(1, 13))


# -- what stands on them -------------------------------------------------------------------------------------------


def pdf_of(visit, path, status=200):
    answer = visit.raw("GET", path)
    assert answer.status_code == status, answer.status_code
    return answer.get_data()


def test_the_buyers_papers(visit):
    lan = cast.buyer()
    order = make.order(buyer=lan, state="delivered", payment_method="vietqr")
    (part,), (payment,) = order.farm_orders, queries.payments_of(order)
    visit.sign_in(lan)
    page = visit(f"/account/orders/{order.code}")
    assert "Xác nhận đơn hàng, hợp đồng" in page and "Phiếu giao hàng" in page and "Biên nhận" in page
    base = f"/account/orders/{order.code}"
    for path in ("confirmation.pdf", f"delivery-notes/{part.code}.pdf", f"receipts/{payment.code}.pdf"):
        for _twice in range(2):
            assert pdf_of(visit, f"{base}/{path}").startswith(b"%PDF")
        pdf_of(visit.another().sign_in(cast.farmer_binh()), f"{base}/{path}", 404)
    assert db.session.query(Document).count() == 3
    text = str(db.session.query(Document).filter_by(series=DocumentSeries.CONFIRMATION).one().content)
    assert "Hợp tác xã chè Tân Cương" in text and "Trà đinh" in text and "480.000" in text


def test_a_paper_that_cannot_be_yet_is_none(app):
    order = make.order(state="accepted")
    (part,), (payment,) = order.farm_orders, queries.payments_of(order)
    for deed, about in ((service.delivery_note, part), (service.receipt, payment)):
        with pytest.raises(Conflict), transaction():
            deed(about, SYSTEM)
    assert db.session.query(Document).count() == 0


def test_what_was_written_stays_though_the_farm_is_called_otherwise(app):
    order = make.order()
    with transaction():
        first = service.confirmation(order, SYSTEM).content
    with transaction():
        order.farm_orders[0].farm.name = "Tên mới"
    with transaction():
        assert service.confirmation(order, SYSTEM).content == first


def test_papers_of_two_farms_with_less_sent_say_whose_and_how_much(app):
    """The contract names each line's seller; the note what lies in the parcel; the receipt what was paid for."""
    make.rules()
    crab = make.product(
        of=make.farm("Vuông cua Năm Căn", commune_code="32191", province_code="96"),
        name="Cua gạch",
        packs=[PackDetails(400_000, grams=500)],
        stock=9,
    )
    tea = make.product(name="Trà đinh", stock=9)
    honey = make.product(of=tea.farm, name="Mật ong", stock=9)
    order = make.order(
        (crab, 4), (tea, 2), (honey, 1), state="accepted", payment_method="vietqr", if_short=IfShort.LESS
    )
    for part, gone, left in ((0, "", Supplied(3, 1_480)), (1, "Mật ong", Supplied(0))):
        farm_order = order.farm_orders[part]
        with transaction():
            line = next(one for one in farm_order.lines if gone in one.product_name)
            orders.supply_less(farm_order, {line.id: left}, "bão", SYSTEM, is_agreed=True)
            orders.hand_over(farm_order, SYSTEM)
    (payment,) = queries.payments_of(order)
    with transaction():
        contract, receipt = (
            deed.content for deed in (service.confirmation(order, SYSTEM), service.receipt(payment, SYSTEM))
        )
        notes = [service.delivery_note(part, SYSTEM).content["rows"] for part in order.farm_orders]
    assert [(row[0], row[1], row[3]) for row in contract["rows"]] == [
        ("1", "Cua gạch", "4"), ("2", "Trà đinh", "2"), ("2", "Mật ong", "1"),
    ]  # fmt: skip
    assert [[(row[0], row[3]) for row in rows] for rows in notes] == [
        [("Cua gạch", "3 (1.480 g)")], [("Trà đinh", "2")],
    ]  # fmt: skip
    paid = sum(int(re.sub(r"\D", "", row[2])) for row in receipt["rows"])
    assert paid == order.total_dong == payment.received_dong
    assert "4 × Cua gạch" in receipt["rows"][0][1] and "1 × Mật ong" in receipt["rows"][1][1]


# -- tax -----------------------------------------------------------------------------------------------------------


def household(clock, day="2026-10-05 10:00"):
    clock.set(day)
    make.rules()
    farm = make.farm(owner=cast.farmer_an(), kind=FarmKind.HOUSEHOLD)
    with_account(farm)
    product = make.product(farm, price_dong=333_333, stock=50)
    return farm, product


def sell(product, quantity=1):
    return make.order((product, quantity), state="delivered", payment_method="vietqr").farm_orders[0]


def test_the_month_and_the_year_as_they_were_stamped(visit, clock):
    farm, product = household(clock)
    sell(product, 3)
    taxed = db.session.query(LineTax).one()
    assert (taxed.base_dong, taxed.vat_dong, taxed.pit_dong) == (999_999, 10_000, 5_000)
    visit.sign_in(cast.farmer_an())
    assert pdf_of(visit, "/sell/money/tax.pdf?month=2026-10", 409)
    clock.set("2026-11-02 09:00")
    visit.sign_in(cast.farmer_an())
    # A new rate changes nothing that was sold.
    with transaction():
        rule = (
            db.session.query(TaxRule)
            .filter_by(farm_kind="household", tax_class="processed", valid_to=None)
            .one()
        )
        rule.vat_per_10_000 = 900
    assert pdf_of(visit, "/sell/money/tax.pdf?month=2026-10").startswith(b"%PDF")
    assert pdf_of(visit, "/sell/money/statement.pdf?month=2026-10").startswith(b"%PDF")
    october = db.session.query(Document).filter_by(series=DocumentSeries.STATEMENT).one().content
    closing = october["sums"][-1]
    assert october["sums"][0] == ["Số dư đầu tháng", "0\u00a0₫"] and closing[1] != "0\u00a0₫"
    clock.set("2026-12-02 09:00")
    visit.sign_in(cast.farmer_an())
    assert pdf_of(visit, "/sell/money/statement.pdf?month=2026-11").startswith(b"%PDF")
    november = db.session.query(Document).filter_by(series=DocumentSeries.STATEMENT, number=2).one().content
    assert [row[1] for row in november["sums"]] == [closing[1], closing[1]], "nothing moved, it still stands"
    sheet = load_workbook(io.BytesIO(pdf_of(visit, "/sell/money/tax.xlsx?year=2026"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][4:9] == (999_999, 1, 10_000, 0.5, 5_000)
    assert "chưa được xác nhận" in rows[1][9]
    pdf_of(visit, "/sell/money/tax.pdf?year=2026", 409)
    clock.set("2027-01-02 09:00")
    visit.sign_in(cast.farmer_an())
    pdf_of(visit, "/sell/money/tax.pdf?year=2026")
    (paper,) = db.session.query(Document).filter_by(series=DocumentSeries.TAX_YEAR)
    assert paper.content["rows"] == [["10/2026", "999.999\xa0₫", "10.000\xa0₫", "5.000\xa0₫"]]
    assert farm.name


def test_a_farmer_who_reads_english_gets_the_same_vietnamese_papers(app, clock):
    """What is kept and numbered is in Vietnamese to its last cell; a row of what was paid adds up."""
    farm, product = household(clock)
    parts = make.part_details(((product, 3),), is_cod=False)
    parts[0].lines[0] = replace(parts[0].lines[0], farm_discount_dong=99_999)
    with transaction():
        order = orders.place(make.place_details(payment_method="vietqr"), parts, SYSTEM)
        service.open(order, SYSTEM)
    make.bring_to(order, FarmOrderState.DELIVERED)
    with in_language("en"):
        give_back(order.farm_orders[0], 100_000, "a")
    assert queries.debts_of(farm)[0].words == "Hoàn tiền cho khách: hỏng"
    clock.set("2026-11-02 09:00")
    first = date(2026, 10, 1)
    with transaction():
        (batch,) = service.batch_due(date(2026, 11, 2), SYSTEM)
    make.approve(batch)
    with transaction():
        service.send_batch(batch, "FT1", SYSTEM)
    (slip,) = batch.slips
    lines, opening = queries.statement(farm, first, date(2026, 10, 31)), queries.balance_before(farm, first)
    with in_language("en"), transaction():
        account = service.statement_paper(farm, first, opening, lines, KIND_WORDS, SYSTEM).content
        taxed = service.tax_month(farm, first, SYSTEM).content
        paid = service.payout_paper(slip, SYSTEM).content
        order_paper = service.confirmation(order, SYSTEM).content
    assert ["Cách trả tiền", "Chuyển khoản"] in order_paper["sums"]
    assert [row[1] for row in account["rows"]][:1] == ["Tiền hàng đã giao"]
    assert [row[2] for row in taxed["rows"]] == [product.name, "Hoàn tiền cho khách"]
    assert "chưa được xác nhận" in taxed["rows"][0][-1]
    goods, given, tax, fee, left = (int(re.sub(r"[^-0-9]", "", cell)) for cell in paid["rows"][0][2:])
    assert (goods, given) == (999_999, -99_999) and goods + given + tax + fee == left
    assert service.check_ledger() == []


def give_back(part, dong, key):
    with transaction():
        return service.refund(
            part, dong, RefundCause.CLAIM, SYSTEM, key=key, borne={"farm": dong}, why="hỏng"
        )


def test_tax_of_what_went_back_is_the_farms_again(app, clock):
    _farm, product = household(clock)
    part = sell(product, 3)
    give_back(part, 333_333, "a")
    returned = db.session.query(TaxReturned).one()
    assert (returned.base_dong, returned.vat_dong, returned.pit_dong) == (333_333, 3_333, 1_666)
    assert service.check_ledger() == []
    rest = give_back(part, 666_666, "b")
    assert sum(one.vat_dong + one.pit_dong for one in db.session.query(TaxReturned)) == 15_000
    assert service.check_ledger() == []
    with transaction():
        service.withdraw_refund(rest, SYSTEM, is_appealed=True)
    assert sum(one.vat_dong + one.pit_dong for one in db.session.query(TaxReturned)) == 4_999
    assert service.check_ledger() == []
    rows = queries.tax_rows(product.farm, date(2026, 10, 1), date(2026, 10, 31))
    assert documents.tax_sums(rows) == (666_666, 6_667, 3_334)
    # Too little for a đồng of tax, and what is taxed at nothing: the turnover is smaller all the same.
    give_back(part, 6, "c")
    free = sell(make.product(make.farm("Tôm Năm Căn"), price_dong=200_000))
    db.session.query(LineTax).filter_by(base_dong=200_000).update({"vat_dong": 0, "pit_dong": 0})
    give_back(free, 50_000, "d")
    rows = queries.tax_rows(product.farm, date(2026, 10, 1), date(2026, 10, 31))
    assert documents.tax_sums(rows) == (666_660, 6_667, 3_334)
    rows = queries.tax_rows(free.farm, date(2026, 10, 1), date(2026, 10, 31))
    assert documents.tax_sums(rows) == (150_000, 0, 0)
    assert service.check_ledger() == []


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=5),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=6),
)
def test_what_goes_back_in_steps_is_never_more_than_was_taken(taken, steps):
    whole = max(1, sum(steps))
    so_far, given_back = 0, [0] * len(taken)
    for step in steps:
        so_far = min(so_far + step, whole)
        now = tax.part_of(taken, so_far, whole)
        assert all(new >= old for new, old in zip(now, given_back, strict=True))
        given_back = now
    assert all(back <= was for back, was in zip(given_back, taken, strict=True))
    if so_far == whole:
        assert given_back == taken


@given(st.integers(0, 10**10), st.integers(0, 5_000))
def test_a_rate_takes_its_share_to_half_a_dong(amount, rate):
    from marketplace.foundation.money import percent

    taken = percent(amount, rate)
    assert abs(taken * 10_000 - amount * rate) <= 5_000 and 0 <= taken <= amount


# -- switched by two -----------------------------------------------------------------------------------------------


def test_a_rate_nobody_is_sure_of_is_switched_off_by_two(visit, clock):
    _farm, product = household(clock)
    rule = tax.rule_of("household", "processed", date(2026, 10, 5))
    first, second = cast.admin(), cast.another("Quản trị hai", "0912000098", cast.Role.ADMIN)
    visit.sign_in(first)
    visit("/admin/rules/taxes").form(f"/admin/rules/taxes/{rule.code}/switch").submit()
    (asked,) = db.session.query(TaxRule).filter_by(is_off=True)
    visit.post(f"/admin/rules/taxes/{asked.code}/approval", 409)
    assert "chờ quản trị khác duyệt" in visit("/admin/rules/taxes")
    clock.set("2026-10-06 08:00")
    assert tax.on("household", "processed", 100_000, date(2026, 10, 6)).dong == 1_500
    clock.set("2026-10-05 11:00")
    other = visit.another().sign_in(second)
    other("/admin/rules/taxes").form(f"/admin/rules/taxes/{asked.code}/approval").submit()
    clock.set("2026-10-06 08:00")
    sell(product)
    assert db.session.query(Payout).one().tax_dong == 0
    assert tax.on("household", "processed", 100_000, date(2026, 10, 5)).dong == 1_500
