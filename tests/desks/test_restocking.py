"""What came back is counted as the farm says, and only when it says something."""

from marketplace.farmers import queries as farmers
from tests import make


def test_saying_nothing_writes_nothing_off(visit):
    part = make.order(state="returned").farm_orders[0]
    code, variant = part.code, part.lines[0].variant
    before = variant.on_hand
    visit.sign_in(farmers.owner_of(part.farm))
    for said in ({}, {"goods": ""}, {"goods": "perhaps"}):
        visit.post(f"/sell/orders/{code}/restocking", 422, **said)
    assert part.restocked_at is None and variant.on_hand == before
    visit.post(f"/sell/orders/{code}/restocking", goods="good")
    assert part.restocked_at is not None and variant.on_hand == before + part.lines[0].quantity
