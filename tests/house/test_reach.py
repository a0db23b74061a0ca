"""What is one person's own, asked for by every member of the cast: one table says who sees it."""

from collections.abc import Callable
from datetime import date

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.farmers import service as farmers
from marketplace.farmers.models import FarmKind, PayBy
from marketplace.foundation.db import db, transaction
from marketplace.payments import queries as payments
from marketplace.shipping.models import Parcel
from tests import cast, make, parcels, shopping

pytestmark = pytest.mark.database("sqlite")

SEES, SIGN_IN, CLOSED, NOTHING = 200, 303, 403, 404
CAST = ("visitor", "buyer", "farmer_an", "farmer_binh", "trainer", "clerk", "reviewer", "cashier", "admin")

# fmt: off
#                         visitor  buyer    an       bình     trainer  clerk    reviewer cashier  admin
TABLE = {
    "her order":           (SIGN_IN, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "a guest's order":     (SIGN_IN, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "with its key":        (SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES),
    "with a wrong key":    (NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "her address":         (SIGN_IN, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "the pay page":        (SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES),
    "the farm's order":    (SIGN_IN, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "its packing slip":    (SIGN_IN, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "its label":           (SIGN_IN, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "the farm's product":  (SIGN_IN, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "the farm's settings": (SIGN_IN, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "the farm's account":  (SIGN_IN, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "his dossier":         (NOTHING, NOTHING, NOTHING, SEES,    NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "with its secret":     (SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES),
    "at the reviewer's":   (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  SEES,    CLOSED,  SEES),
    "the farm's papers":   (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  SEES,    CLOSED,  SEES),
    "somebody's account":  (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  SEES),
    "the parcel":          (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  SEES,    CLOSED,  CLOSED,  CLOSED),
    "another's parcel":    (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  NOTHING, CLOSED,  CLOSED,  CLOSED),
    "payouts":             (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  SEES,    SEES),
    "the trail":           (SIGN_IN, CLOSED,  CLOSED,  CLOSED,  CLOSED,  CLOSED,  SEES,    CLOSED,  SEES),
    "how it travels":      (SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES,    SEES),
}
# fmt: on


@pytest.fixture
def paths(app) -> dict[str, str]:
    """The addresses of the table."""
    shopping.rules()
    lan, binh = cast.buyer(), cast.farmer_binh()
    farm = make.farm(owner=cast.farmer_an())
    tea = make.product(of=farm, stock=20)
    story = parcels.Story((tea, 1), buyer=lan)
    guests = parcels.order((tea, 1))
    to_pay = make.order((tea, 1), state="placed", payment_method="vietqr")
    shrimp_farm = make.farm("Tôm Năm Căn", commune_code="32191", province_code="96")
    shrimp = make.product(of=shrimp_farm, name="Tôm khô")
    far = parcels.accept(parcels.order((shrimp, 1), commune_code="32191"))
    with transaction():
        me = db.session.get_one(Person, lan.id)
        home = accounts.save_address(me, "Lan", "0912000001", "00166", "Số 12", cast.by(lan))
        code = home.code
    order, part = story.order, story.farm_order
    dossier = handed_in(binh)
    far_parcel = db.session.query(Parcel).filter_by(farm_order_id=far.id).first()
    return {
        "her order": f"/account/orders/{order.code}",
        "a guest's order": f"/account/orders/{guests.code}",
        "with its key": f"/account/orders/{guests.code}?key={guests.secret}",
        "with a wrong key": f"/account/orders/{guests.code}?key={order.secret}",
        "her address": f"/account/addresses/{code}",
        "the pay page": f"/pay/{payments.payments_of(to_pay)[0].code}",
        "the farm's order": f"/sell/orders/{part.code}",
        "its packing slip": f"/sell/orders/{part.code}/slip",
        "its label": f"/sell/orders/{part.code}/label",
        "the farm's product": f"/sell/products/{tea.code}",
        "the farm's settings": f"/sell/farms/{farm.code}",
        "the farm's account": f"/sell/farms/{farm.code}/bank",
        "his dossier": f"/dossiers/{dossier.code}",
        "with its secret": f"/dossiers/{dossier.code}?key={dossier.secret}",
        "at the reviewer's": f"/admin/dossiers/{dossier.code}",
        "the farm's papers": f"/admin/farms/{farm.code}",
        "somebody's account": f"/admin/people/{lan.code}",
        "the parcel": f"/post/parcels/{story.parcel.tracking}",
        "another's parcel": f"/post/parcels/{far_parcel.tracking}",
        "payouts": "/admin/money/payouts",
        "the trail": "/admin/audit",
        "how it travels": f"/tracking/{story.parcel.tracking}",
    }


def handed_in(person):
    """Bình's application, on its way to the reviewer."""
    with transaction():
        farm = farmers.start(person, cast.by(person))
        born_on, number = date(1980, 5, 19), "096080123456"
        farmers.save_who(farm, FarmKind.HOUSEHOLD, person.name, born_on, cast.by(person), personal_id=number)
        farmers.save_farm(farm, "Vườn của Bình", person.phone, cast.by(person))
        farmers.save_address(farm, "96", "32191", "Ấp 3", cast.by(person))
        farmers.save_payment(farm, PayBy.CASH, cast.by(person))
        return farmers.submit(farm, cast.by(person))


def browser(visit, who: str):
    if who == "visitor":
        return visit
    make_person: Callable = getattr(cast, who)
    return visit.sign_in(make_person(parcels.point()) if who == "clerk" else make_person())


@pytest.mark.parametrize("who", CAST)
def test_who_sees_what(visit, paths, who):
    assert set(paths) == set(TABLE)
    visitor, at = browser(visit, who), CAST.index(who)
    found = []
    for what, path in paths.items():
        status = visitor.raw("GET", path).status_code
        if status != TABLE[what][at]:
            found.append(f"{who} at {what} ({path}): {status}, not {TABLE[what][at]}")
    assert not found, "\n" + "\n".join(found)
