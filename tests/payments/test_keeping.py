"""Nobody is forgotten whom the market still owes money: their account would go with them."""

import pytest

from marketplace.accounts import service as accounts
from marketplace.farmers import queries as farmers
from marketplace.farmers import service as farms
from marketplace.foundation import personal
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.payments.models import Payout, PayoutState
from tests import make


@pytest.mark.parametrize(
    ("state", "says"), [("accepted", "còn đơn chưa xong"), ("delivered", "còn tiền chưa nhận")]
)
def test_a_farmer_with_orders_or_money_to_come_is_not_forgotten(app, state, says):
    part = make.order(state=state).farm_orders[0]
    owner = farmers.owner_of(part.farm)
    by = Actor.of(owner.id)
    with transaction():
        farms.close(farmers.farm(part.farm_id), by)
    with pytest.raises(Refusal, match=says), transaction():
        accounts.forget_person(farmers.owner_of(farmers.farm(part.farm_id)), by)
    assert farmers.farm(part.farm_id).phone is not None


def test_when_all_is_paid_the_farmer_may_go(app):
    part = make.order(state="delivered").farm_orders[0]
    owner = farmers.owner_of(part.farm)
    owner_id, farm_id = owner.id, part.farm_id
    assert personal.gather(owner_id)["payments"][0]["order"] == part.code
    with transaction():
        farms.close(farmers.farm(farm_id), Actor.of(owner_id))
        db.session.query(Payout).one().state = PayoutState.SENT
    with transaction():
        accounts.forget_person(farmers.owner_of(farmers.farm(farm_id)), Actor.of(owner_id))
    assert farmers.farm(farm_id).phone is None
