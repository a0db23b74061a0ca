"""Cash at a counter goes through the drawer: parcels handed out, what postmen bring in, fees of dossiers."""

import pytest

from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import FeeReceipt
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict
from marketplace.payments import ledger, queries, service
from marketplace.payments.models import FeePayment, Payment, PaymentState, Till, TillCause, TillMove
from tests import cast, make, parcels
from tests.dossiers.test_counter import received
from tests.payments.test_service import one
from tests.payments.test_till import second_clerk, start

pytestmark = pytest.mark.database("sqlite")


@pytest.fixture
def story(app):
    """A parcel with cash that waits at the counter it goes to."""
    told = parcels.Story()
    for kind in ("dropped_off", "in_transit"):
        told.machine(kind)
    cast.clerk(told.there)
    told.scan("at_point", told.there)
    return told


def payment():
    return one(Payment)


def hand_out(visit, story, status=200):
    number = story.parcel.tracking
    clerk = visit.sign_in(cast.clerk(story.there))
    clerk.post("/post/point", point=story.there.code)
    page = clerk(f"/post/parcels/{number}/handout")
    return page.form(f"/post/parcels/{number}/handout").submit(status, proof="4321")


def test_what_is_paid_over_the_counter_lies_in_the_drawer(visit, story):
    start(story.there, story.clerk, 500_000)
    hand_out(visit, story)
    move = one(TillMove)
    assert (move.cause, move.amount_dong) == (TillCause.COD, payment().amount_dong)
    assert queries.in_drawer(queries.till_at(story.there)) == 500_000 + payment().amount_dong
    assert queries.bags(story.there) == []
    assert service.check_ledger() == []


def test_without_an_open_drawer_the_cash_opens_it(visit, story):
    hand_out(visit, story)
    till = queries.till_at(story.there)
    assert till is not None and till.float_dong == 0
    assert queries.in_drawer(till) == payment().amount_dong


def test_a_drawer_of_somebody_else_takes_no_cash_and_nothing_is_handed_out(visit, story):
    start(story.there, cast.by(second_clerk(story.there)), 500_000)
    page = hand_out(visit, story, 409)
    assert "do Mai Thị Hoa giữ" in page
    db.session.expire_all()
    assert story.parcel.state.value == "at_point" and payment().state is PaymentState.EXPECTED
    assert db.session.query(TillMove).count() == 0


def test_a_delivered_scan_without_its_cash_is_no_scan(visit, story):
    start(story.there, cast.by(second_clerk(story.there)), 500_000)
    clerk = visit.sign_in(cast.clerk(story.there))
    clerk.post("/post/point", point=story.there.code)
    scans = len(story.parcel.scans)
    page = clerk.post("/post/scans", 409, tracking=story.parcel.tracking, event="delivered")
    assert "do Mai Thị Hoa giữ" in page
    db.session.expire_all()
    assert story.parcel.state.value == "at_point" and len(story.parcel.scans) == scans
    assert payment().state is PaymentState.EXPECTED and db.session.query(TillMove).count() == 0
    assert service.check_ledger() == []


def test_a_postman_brings_in_what_he_took_without_a_line(visit, story):
    for kind in ("out_for_delivery", "delivered"):
        story.scan(kind, story.there)
    with transaction():
        service.collect_cod(story.farm_order, story.clerk)
    (bag,) = queries.bags(story.there)
    assert bag.total_dong == payment().amount_dong
    clerk = visit.sign_in(cast.clerk(story.there))
    clerk.post("/post/point", point=story.there.code)
    page = clerk("/post/till").form("/post/till/opening").submit(float="0")
    assert "Tiền thu hộ chưa vào quỹ" in page
    page = page.form("/post/till/door-cash").submit()
    assert queries.in_drawer(queries.till_at(story.there)) == payment().amount_dong
    assert queries.bags(story.there) == []
    assert "đã vào quỹ rồi" in clerk.post("/post/till/door-cash", 409, postman=bag.postman.code)
    with pytest.raises(Conflict, match="đã vào quỹ rồi"), transaction():
        service.hand_in([payment()], story.there, story.clerk)
    assert db.session.query(TillMove).count() == 1


# -- fees of dossiers ----------------------------------------------------------------------------------------------


def with_fee(point, fee_dong=8_000):
    """A dossier that was received at this counter and owes its fee."""
    make.procedures()
    found = received(point)
    with transaction():
        found.fee_dong = fee_dong
    return found


def test_a_fee_goes_through_the_drawer_into_the_books_and_to_us(app):
    point = parcels.point()
    by = cast.by(cast.clerk(point))
    for number in (1, 2):
        found = with_fee(point)
        for _twice in range(2):
            with transaction():
                receipt = dossiers.take_fee(found, by, point)
        assert receipt.number == f"LP-{receipt.created_at.year}-{number:06d}"
    assert queries.in_drawer(queries.till_at(point)) == 16_000
    assert (ledger.balance(ledger.COUNTER_CASH), ledger.balance(ledger.AGENCY_FEES)) == (16_000, -16_000)
    assert service.check_ledger() == []
    (at,) = queries.fees_to_remit()
    assert at.total_dong == 16_000
    with transaction():
        assert service.remit_fees(at.fees, "FT-LP", cast.by(cast.cashier())) == 16_000
    assert (ledger.balance(ledger.BANK), ledger.balance(ledger.COUNTER_CASH)) == (16_000, 0)
    with pytest.raises(Conflict, match="đã nộp rồi"), transaction():
        service.remit_fees(at.fees, "FT-LP", cast.by(cast.cashier()))
    assert service.check_ledger() == []


def test_a_fee_that_was_not_taken_leaves_no_gap(app):
    point = parcels.point()
    other = cast.by(second_clerk(point))
    start(point, other, 0)
    found, by = with_fee(point), cast.by(cast.clerk(point))
    with pytest.raises(Conflict, match="do Mai Thị Hoa giữ"), transaction():
        dossiers.take_fee(found, by, point)
    assert db.session.query(FeeReceipt).count() == db.session.query(FeePayment).count() == 0
    with transaction():
        service.count_till(one(Till), {}, other)
    with transaction():
        service.close_till(one(Till), other)
    with transaction():
        assert dossiers.take_fee(found, by, point).number.endswith("-000001")


def test_the_cashier_writes_down_the_fees_a_point_paid_in(visit):
    point = parcels.point()
    found = with_fee(point)
    with transaction():
        dossiers.take_fee(found, cast.by(cast.clerk(point)), point)
    cashier = visit.sign_in(cast.cashier())
    page = cashier("/admin/money/cod")
    assert "Lệ phí hồ sơ ở" in page and "8.000 ₫" in page
    fee = one(FeePayment)
    cashier.post("/admin/money/fee-remittances", 422, fees=fee.code, reference="")
    assert ledger.balance(ledger.BANK) == 0
    page.form("/admin/money/fee-remittances").submit(fees=fee.code, reference="FT-LP")
    assert ledger.balance(ledger.BANK) == 8_000
