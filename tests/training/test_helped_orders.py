"""A helper does a farmer's orders: only with consent, taken only by the farmer's own yes, without the buyer or money."""

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Consent, HelpScope
from marketplace.farmers.models import Farm
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Conflict, Missing
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.training import assisted, helped_orders, slips
from marketplace.training.models import AgreedBy, HelpedOrder, HelpedState, Learner
from tests import cast, classes, make, parcels
from tests.training.test_assisted import digits, here

S = FarmOrderState


@pytest.fixture
def lesson(app, clock):
    """An's farm is open, she is in Hà's class, and Lan ordered two packs of her tea."""
    clock.set("2026-11-20 08:00")
    farmer = cast.farmer_an()
    parcels.order((make.product(make.farm(owner=farmer)), 2))
    made = classes.plan()
    classes.join(made, farmer)
    return made


def order() -> FarmOrder:
    db.session.rollback()
    return db.session.query(FarmOrder).one()


def work() -> HelpedOrder:
    db.session.rollback()
    return db.session.query(HelpedOrder).one()


def allow(helper=None, scope=HelpScope.ORDERS) -> None:
    helper = helper or classes.trainer()
    with transaction():
        consent = assisted.ask_consent(
            classes.again(helper), classes.again(cast.farmer_an()), scope, cast.by(helper)
        )
        accounts.give_consent(consent, cast.by(cast.farmer_an()))


def answer() -> None:
    with transaction():
        helped_orders.answer(classes.again(classes.trainer()), classes.again(cast.farmer_an()), order())


def both(verb: str) -> list[tuple[int | None, int | None]]:
    rows = db.session.query(AuditEntry).filter_by(verb=verb).order_by(AuditEntry.id)
    return [(row.actor_id, row.for_id) for row in rows]


# -- the whole way ------------------------------------------------------------------------------------------------


def test_from_consent_to_the_postman_in_class(visit, lesson, sent):
    path, farmer, helper = here(lesson), cast.farmer_an(), classes.trainer()
    code = order().code
    visit.sign_in(helper)
    visit(path).form(f"{path}/consents/orders").submit(status=303)
    visit(path).form(f"{path}/consents/orders/code").submit(status=303, code=digits(sent, farmer.phone))

    page = visit(path)
    assert "2 × Trà đinh Tân Cương" in page and "Cầu Giấy" in page
    buyer = order().order
    for kept_back in (buyer.name, buyer.phone[-4:], buyer.street, "₫"):
        assert kept_back not in page.text, "neither the buyer nor money is a helper's business"
    page.form(f"{path}/orders/{code}/answer").submit(status=303)
    assert order().state is S.CONFIRMED, "it binds nobody before the farmer's own yes"
    assert work().state is HelpedState.ASKED
    assert sent.inbox(farmer.id)[-1].template == "training/order_waits"
    visit.post(f"{path}/orders/{code}/packing", status=409)

    visit(path).form(f"{path}/work/{work().code}/code").submit(status=303)
    visit(path).form(f"{path}/work/{work().code}/agreement").submit(
        status=303, code=digits(sent, farmer.phone)
    )
    assert (order().state, work().agreed_by) == (S.ACCEPTED, AgreedBy.CODE)
    assert both("farm_order.accepted") == [(farmer.id, None)]
    assert both("helped_order.yes_typed") == [(helper.id, farmer.id)]

    visit.post(f"{path}/orders/{code}/handover", status=409)
    visit(path).form(f"{path}/orders/{code}/packing").submit(status=303)
    assert both("farm_order.packed") == [(helper.id, farmer.id)]
    visit(path).form(f"{path}/orders/{code}/handover").submit(status=303)
    assert order().state is S.HANDED_OVER
    assert both("farm_order.handed_over") == [(helper.id, farmer.id)]
    said = [one.subject for one in sent.inbox(farmer.id) if one.template == "training/order_done"]
    assert len(said) == 2 and "đã gói xong" in said[0] and "bưu tá" in said[1]
    assert f"/orders/{code}" not in visit(path), "nothing is left to do"


def test_at_the_counter_by_the_next_number_of_the_slip(visit, lesson, sent):
    farmer, clerk = cast.farmer_an(), cast.clerk(parcels.point())
    with transaction():
        (slip,) = slips.hand_out(
            classes.again(lesson), [db.session.query(Learner).one()], cast.by(classes.trainer())
        )
    path, code = f"/post/helped-farms/{farmer.code}", order().code
    visit.sign_in(clerk)
    visit(path).form(f"{path}/consents/orders").submit(status=303)
    assert "số thứ 1 trên tờ mã" in visit(path)
    visit(path).form(f"{path}/consents/orders/code").submit(status=303, code=slip.numbers[0])
    visit(path).form(f"{path}/orders/{code}/answer").submit(status=303)
    agreement = f"{path}/work/{work().code}/agreement"
    refused = visit(path).form(agreement).submit(status=422, code=slip.numbers[2])
    assert "không phải số đến lượt" in refused
    assert order().state is S.CONFIRMED
    visit(path).form(agreement).submit(status=303, code=slip.numbers[1])
    assert (order().state, work().agreed_by) == (S.ACCEPTED, AgreedBy.SLIP)
    assert both("helped_order.yes_typed") == [(clerk.id, farmer.id)]


# -- the farmer's own hand ----------------------------------------------------------------------------------------


def test_on_the_own_telephone_and_taken_back_within_a_day(visit, lesson, sent):
    allow()
    answer()
    hers = visit.sign_in(cast.farmer_an())
    hers("/learn").form(says="Đồng ý nhận đơn").submit(status=303)
    assert (order().state, work().agreed_by) == (S.ACCEPTED, AgreedBy.PHONE)
    held = order().lines[0].variant.held
    hers("/learn").form(says="Không nhận nữa").submit(status=303)
    assert (order().state, work().state) == (S.REFUSED, HelpedState.UNDONE)
    assert (held, order().lines[0].variant.held) == (2, 0), "the goods are free again"


def test_saying_no_leaves_the_order_to_the_farmer(visit, lesson):
    allow()
    answer()
    visit.sign_in(cast.farmer_an())("/learn").form(says="Không đồng ý").submit(status=303)
    assert (order().state, work().state) == (S.CONFIRMED, HelpedState.UNDONE)


@pytest.mark.parametrize("then", ["a day later", "on its way"])
def test_too_late_to_take_back(lesson, clock, then):
    allow()
    answer()
    with transaction():
        assisted.agree(work())
    if then == "a day later":
        clock.forward(hours=25)
    else:
        with transaction():
            helped_orders.pack(classes.again(classes.trainer()), cast.farmer_an(), order())
        with transaction():
            helped_orders.hand_over(classes.again(classes.trainer()), cast.farmer_an(), order())
    before = order().state
    with pytest.raises(Conflict, match="24 giờ"), transaction():
        assisted.undo(work())
    assert (order().state, work().state) == (before, HelpedState.AGREED)


# -- what is not allowed ------------------------------------------------------------------------------------------

DEEDS = ("answer", "packing", "handover")


@pytest.mark.parametrize("scope", [None, HelpScope.LIST, HelpScope.PAPERS])
def test_without_consent_to_orders_nothing_is_seen_or_done(visit, lesson, scope):
    if scope is not None:
        allow(scope=scope)
    path, code = here(lesson), order().code
    page = visit.sign_in(classes.trainer())(path)
    assert code not in page.text and "Trà đinh" not in page.text
    for deed in DEEDS:
        visit.post(f"{path}/orders/{code}/{deed}", status=403)
    assert order().state is S.CONFIRMED and order().packed_at is None
    assert db.session.query(HelpedOrder).count() == 0


def test_withdrawn_midway_everything_stops(visit, lesson, sent):
    allow()
    answer()
    path, code = here(lesson), order().code
    agreement = visit.sign_in(classes.trainer())(path).form(f"{path}/work/{work().code}/agreement")
    visit(path).form(f"{path}/work/{work().code}/code").submit(status=303)
    with transaction():
        accounts.withdraw_consent(db.session.query(Consent).one(), cast.by(cast.farmer_an()))
    agreement.submit(status=403, code=digits(sent, cast.farmer_an().phone))
    for deed in DEEDS:
        visit.post(f"{path}/orders/{code}/{deed}", status=403)
    assert (order().state, work().state) == (S.CONFIRMED, HelpedState.ASKED)


def test_a_code_for_another_order_is_no_yes(visit, lesson, sent):
    allow()
    answer()
    first = work()
    with transaction():
        assisted.send_code(first)
    code = digits(sent, cast.farmer_an().phone)
    farm = db.session.query(Farm).one()
    other = parcels.order((make.product(farm, "Trà búp"), 1)).farm_orders[0]
    with transaction():
        second = helped_orders.answer(
            classes.again(classes.trainer()), classes.again(cast.farmer_an()), classes.again(other)
        )
    with transaction():
        assert not assisted.agree_by_code(classes.again(second), classes.again(classes.trainer()), code)
    assert classes.again(other).state is S.CONFIRMED
    with transaction():
        assert assisted.agree_by_code(classes.again(first), classes.again(classes.trainer()), code)


def test_another_farms_order_is_not_there(visit, lesson):
    allow()
    path = here(lesson)
    theirs = parcels.order((make.product(make.farm(owner=cast.farmer_binh())), 1)).farm_orders[0]
    visit.sign_in(classes.trainer())
    for deed in DEEDS:
        visit.post(f"{path}/orders/{theirs.code}/{deed}", status=404)
    assert classes.again(theirs).state is S.CONFIRMED
    with pytest.raises(Missing):
        helped_orders.order_of(cast.buyer(), theirs.code)


@pytest.mark.parametrize("what", ["bank-account", "payment", "money", "payouts"])
def test_money_is_in_no_scope_at_the_counter_either(visit, lesson, what):
    clerk = cast.clerk(parcels.point())
    allow(clerk)
    visit.sign_in(clerk)
    visit(f"/post/helped-farms/{cast.farmer_an().code}/{what}", status=404)
    visit.post(f"/post/helped-farms/{cast.farmer_an().code}/listings", status=404, bank_bin="970436")
    assert both("person.money_refused") == [(clerk.id, cast.farmer_an().id)] * 2


def test_asked_twice_it_is_one_and_an_answered_one_is_refused(lesson):
    allow()
    answer()
    answer()
    assert db.session.query(HelpedOrder).count() == 1
    with transaction():
        assisted.agree(work())
    with pytest.raises(Conflict, match="không còn chờ"):
        answer()
