"""A clerk draws up a product for a farmer at the counter: nothing is sold before the farmer's own yes."""

import pytest

from marketplace.accounts import queries as people
from marketplace.accounts.models import Consent, ConsentState, HelpScope
from marketplace.catalog.models import ProductState
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db
from marketplace.training.models import HelpedListing
from tests import cast, make, parcels
from tests.training.test_assisted import digits, draw, products


@pytest.fixture
def farmer(app, clock):
    clock.set("2026-11-20 08:00")
    make.procedures()
    found = cast.farmer_an()
    make.approved_farm(owner=found)
    return found


@pytest.fixture
def at_counter(farmer, visit):
    return visit.sign_in(cast.clerk(parcels.point()))


def test_the_farmers_codes_put_it_on_sale(at_counter, farmer, sent):
    page = at_counter("/post/helped-farms").form("/post/helped-farms").submit(phone=farmer.phone)
    here = page.path
    at_counter(here).form(f"{here}/consents/list").submit(status=303)
    at_counter(here).form(f"{here}/consents/list/code").submit(status=303, code=digits(sent, farmer.phone))
    draw(at_counter(here), here)
    (product,) = products()
    assert product.state is ProductState.WAITING
    helped = db.session.query(HelpedListing).one()
    wrong = at_counter(here).form(f"{here}/work/{helped.code}/agreement").submit(status=422, code="123456")
    assert "Mã chưa đúng" in wrong and products()[0].state is ProductState.WAITING
    at_counter(here).form(f"{here}/work/{helped.code}/code").submit(status=303)
    at_counter(here).form(f"{here}/work/{helped.code}/agreement").submit(
        status=303, code=digits(sent, farmer.phone)
    )
    assert products()[0].state in (ProductState.ON_SALE, ProductState.CHECKING)
    drawn = db.session.query(AuditEntry).filter_by(verb="helped_listing.drawn_up").one()
    assert (drawn.actor_id, drawn.for_id) == (cast.clerk().id, farmer.id)


def test_without_consent_nothing_is_drawn_up(at_counter, farmer):
    here = f"/post/helped-farms/{farmer.code}"
    assert "Gửi mã xin đồng ý" in at_counter(here)
    sent = at_counter.raw("POST", f"{here}/listings", data={"csrf_token": at_counter.token(), "name": "x"})
    assert sent.status_code == 422 and not products()
    assert not people.may_act(cast.clerk(), farmer, HelpScope.LIST)
    assert not db.session.query(Consent).filter_by(state=ConsentState.GIVEN).count()


def test_who_has_no_farm_is_told_so(at_counter):
    page = at_counter("/post/helped-farms").form("/post/helped-farms").submit(phone="0987000111", status=422)
    assert "Không có nhà vườn nào dùng số này" in page
