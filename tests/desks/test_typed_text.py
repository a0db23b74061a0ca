"""Markup and quotes typed into every field of a sale, by everybody who writes something: shown as typed to everybody who
reads it, run by nobody."""

import pytest

from marketplace.catalog import service as catalog
from marketplace.farmers import service as farmers
from marketplace.foundation.db import db, transaction
from marketplace.orders.models import FarmOrder
from marketplace.shipping.models import Parcel
from tests import cast, make, parcels, shopping

NASTY = """<script>alert("1")</script> 'Ba' & "Má" <img src=x onerror=alert(1)>"""
DECOMPOSED, COMPOSED = "Tra\u0300 sen", "Trà sen"
"""What some keyboards send, and what is kept."""


def typed(what: str) -> str:
    return f"{what} {DECOMPOSED} {NASTY}"


def shown(what: str) -> str:
    return f"{what} {COMPOSED} {NASTY}"


def assert_shown(page, *whats: str) -> None:
    for what in whats:
        assert shown(what) in page, f"{what} is not shown as typed on {page.path}"
    assert "<img src=x" not in page.html and "alert(&#34;1&#34;)" in page.html


@pytest.fixture
def tea(app):
    shopping.rules()
    farm = make.farm(owner=cast.farmer_an())
    by = make.actor_of(farm)
    tea = make.product(of=farm, stock=20)
    with transaction():
        farm.name = shown("Vườn")[:120]
        farmers.describe(farm, by, typed("Kể"), farm.phone, farm.handling_days)
        catalog.describe(tea, by, description=typed("Mô tả"), storage=typed("Cất"), ingredients=typed("Từ"))
    return tea


def test_everything_written_on_the_way_of_an_order(visit, tea, run_jobs):
    buyer, farmer = visit.another(), visit.another().sign_in(cast.farmer_an())
    window = buyer(f"/products/{tea.code}")
    assert_shown(window, "Mô tả", "Cất", "Từ")
    assert shown("Kể") in buyer(f"/shops/{tea.farm.code}")

    shopping.put_in(buyer, tea, 2)
    till = shopping.till(buyer)
    kept = till.submit(422, phone="12", name=typed("Tên"), street=typed("Phố"), note=typed("Dặn")).form(
        "/checkout"
    )
    assert [kept.fields[one] for one in ("name", "street", "note")] == [
        shown("Tên"),
        shown("Phố"),
        shown("Dặn"),
    ]
    order_page = till.submit(name=typed("Tên"), street=typed("Phố"), note=typed("Dặn"))
    assert_shown(order_page, "Tên", "Phố", "Dặn")

    part = db.session.query(FarmOrder).one()
    waiting = farmer("/sell/orders")
    assert_shown(waiting, "Tên")
    waiting.form(f"/sell/orders/{part.code}/word", says="Khách đã xác nhận").submit()
    address = f"/sell/orders/{part.code}"
    assert_shown(farmer(address).form(f"{address}/acceptance").submit(), "Tên", "Phố", "Dặn")
    assert_shown(farmer(f"{address}/slip"), "Tên", "Phố")
    clerk = visit.another().sign_in(cast.clerk(parcels.point()))
    parcel = db.session.query(Parcel).one()
    clerk.post("/post/scans", tracking=parcel.tracking, event="dropped_off")
    assert_shown(clerk(f"/post/parcels/{parcel.tracking}"), "Tên", "Phố")
    assert_shown(clerk(f"/post/parcels/{parcel.tracking}/label"), "Tên", "Phố")
    assert clerk.raw("GET", f"/post/parcels/{parcel.tracking}/label.pdf").data.startswith(b"%PDF")
    farmer("/sell")
    farmer("/sell/money")
    run_jobs()
    visit.sign_in(cast.admin())("/dev/outbox")


def test_why_a_farm_cannot_and_why_a_buyer_will_not(visit, tea, run_jobs):
    lan, farmer = visit.another().sign_in(cast.buyer()), visit.another().sign_in(cast.farmer_an())
    refused, cancelled = (shopping.place(lan, tea) for _ in range(2))
    part = refused.farm_orders[0]
    page = (
        farmer(f"/sell/orders/{part.code}")
        .form(f"/sell/orders/{part.code}/refusal")
        .submit(reason=typed("Vì"))
    )
    assert shown("Vì") in lan(f"/account/orders/{refused.code}")
    run_jobs()
    assert shown("Vì") in lan("/account/notices")

    page = lan(f"/account/orders/{cancelled.code}").form(f"/account/orders/{cancelled.code}/cancellation")
    page = page.submit(reason=typed("Thôi"))
    part = cancelled.farm_orders[0]
    assert shown("Thôi") in farmer(f"/sell/orders/{part.code}")
    run_jobs()
    farmer("/account/notices")
    visit.sign_in(cast.admin())("/admin/audit")


def test_what_is_looked_for(visit, tea):
    page = visit("/products", q=typed("Tìm"))
    assert page.one("input", type="search", name="q").get("value") == shown("Tìm")
    visit("/service-points", q=typed("Tìm"))
    visit("/dossiers", code=typed("Tìm"))
