"""A parcel split in two, and one that gets a new number: what stays, who pays, which door is shut."""

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.orders.models import FarmOrderState
from marketplace.payments import service as payments
from marketplace.payments.models import FarmDebt
from marketplace.shipping import queries, service
from marketplace.shipping.models import FreightDifference, Parcel, ParcelState
from tests import make
from tests.parcels import Story

P = ParcelState


@pytest.fixture
def story(app):
    return Story((make.product(packs=[make.PackDetails(450_000, grams=3_000)]), 1))


def split(story: Story, grams: int) -> Parcel:
    with transaction():
        return service.split(story.parcel, grams, story.clerk)


def test_two_boxes_weigh_what_one_did_and_the_cash_is_taken_once(story):
    before, cash = story.parcel.weight_grams, story.parcel.cod_dong
    made = split(story, 1_000)

    first, second = queries.parcels_of(story.farm_order)
    assert (first.weight_grams, second.weight_grams) == (before - 1_000, 1_000)
    assert (first.cod_dong, second.cod_dong) == (cash, 0)
    assert (made.state, made.tracking != first.tracking) == (P.BOOKED, True)


def test_the_order_is_delivered_when_both_are_and_the_farm_owes_the_second_box(story):
    split(story, 1_000)
    asked = story.farm_order.total_dong
    for parcel in queries.parcels_of(story.farm_order):
        story.scan("dropped_off", story.here, parcel=parcel)
        story.scan("in_transit", story.here, parcel=parcel)
        story.machine("delivered", parcel=parcel)

    (difference,) = db.session.scalars(select(FreightDifference))
    assert (difference.cause, difference.borne_by) == ("split", "farm")
    assert [debt.amount_dong for debt in db.session.scalars(select(FarmDebt))] == [difference.difference_dong]
    assert (story.states[1], story.farm_order.total_dong) == (FarmOrderState.DELIVERED, asked)
    assert payments.check_ledger() == []


@pytest.mark.parametrize("grams", [0, -1, 100_000])
def test_a_piece_of_nothing_or_of_more_than_all_is_refused(story, grams):
    before = story.parcel.weight_grams
    with pytest.raises(Refusal, match="nhẹ hơn cả gói"):
        split(story, grams)

    assert [one.weight_grams for one in queries.parcels_of(story.farm_order)] == [before]


def test_what_has_left_is_neither_split_nor_numbered_anew(story):
    story.scan("dropped_off", story.here)
    number = story.parcel.tracking
    with pytest.raises(Conflict, match="không đổi được nữa"):
        split(story, 500)
    with pytest.raises(Conflict, match="không đổi được nữa"), transaction():
        service.rebook(story.parcel, story.clerk)

    assert [one.tracking for one in queries.parcels_of(story.farm_order)] == [number]


def test_with_a_new_number_the_old_label_is_worth_nothing(story):
    old, cash = story.parcel.tracking, story.parcel.cod_dong
    with transaction():
        made = service.rebook(story.parcel, story.clerk)

    assert [one.tracking for one in queries.parcels_of(story.farm_order)] == [made.tracking]
    assert (made.cod_dong, made.state) == (cash, P.BOOKED)
    with pytest.raises(Conflict, match="thuộc đơn đã hủy"):
        story.scan("dropped_off", story.here)
    story.scan("dropped_off", story.here, parcel=made)
    assert (queries.find_parcel(old).state, story.farm_order.state) == (
        P.CANCELLED,
        FarmOrderState.HANDED_OVER,
    )


def test_the_farmer_does_both_on_the_page_of_labels(story, visit):
    visit.sign_in(db.session.get_one(Person, story.farm_order.farm.members[0].person_id))
    path = f"/sell/orders/{story.farm_order.code}"
    page = visit(f"{path}/label").form(f"{path}/parcels/{story.parcel.tracking}/pieces").submit(grams="1000")
    assert "2 gói hàng" in page
    wrong = page.form(f"{path}/parcels/{story.parcel.tracking}/pieces").submit(422, grams="99999")
    assert "nhẹ hơn cả gói" in wrong
    wrong.form(f"{path}/parcels/{story.parcel.tracking}/renewal").submit()
    db.session.expire_all()
    assert story.parcel.state is P.CANCELLED
    assert len(queries.parcels_of(story.farm_order)) == 2
