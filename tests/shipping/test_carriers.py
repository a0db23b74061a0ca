"""Parcels a carrier outside takes, and its word about them: signed, kept once, in whatever order it comes."""

import base64
import itertools
import json
import random
from datetime import date, datetime, time, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy import func, select

from marketplace.foundation import clock as wall_clock
from marketplace.foundation import jobs as outbox
from marketplace.foundation import market as plugs
from marketplace.foundation.db import db, transaction
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.payments.models import LedgerEntry, LedgerLine
from marketplace.payments.service import check_ledger
from marketplace.shipping import jobs, queries, service, way
from marketplace.shipping.adapters.vnpost import Vnpost
from marketplace.shipping.models import CarrierCall, ParcelState, ScanKind
from tests import make, parcels
from tests.doubles import carrier as double_of

F, P = FarmOrderState, ParcelState
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def word(*rows, sent="2026-11-27 09:00:00", key=KEY) -> dict:
    said = f"MYVNP{sent}{rows[0]['itemCode']}{rows[0]['status']}".encode()
    signature = base64.b64encode(key.sign(said, padding.PKCS1v15(), hashes.SHA256())).decode()
    return {"data": list(rows), "sendDate": sent, "signature": signature}


def row(parcel, status, at="2026-11-26 10:00:00") -> dict:
    return {"itemCode": parcel.tracking, "status": status, "statusDate": at}


@pytest.fixture
def told(app, visit, monkeypatch):
    """Post a word to the webhook: the status it is answered with."""
    with_key = app.extensions["settings"].model_copy(update={"vnpost_webhook_public_key": PUBLIC.decode()})
    monkeypatch.setitem(app.extensions, "settings", with_key)

    def tell(body, status=200):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = app.test_client().post("/webhooks/vnpost", data=data, content_type="application/json")
        assert answer.status_code == status, answer.text
        db.session.rollback()
        return answer

    return tell


@pytest.fixture
def story(app, clock):
    clock.set("2026-11-25 09:00")
    made = parcels.Story()
    clock.set("2026-11-28 09:00")
    return made


def calls() -> list[CarrierCall]:
    return list(db.session.scalars(select(CarrierCall)))


# -- the webhook --------------------------------------------------------------------------------------------------


def test_a_signed_word_moves_the_parcel_and_its_order(story, told, run_jobs):
    told(word(row(story.parcel, 10)))
    assert story.states == (P.BOOKED, F.ACCEPTED)  # only kept so far
    run_jobs()
    assert story.states == (P.IN_TRANSIT, F.HANDED_OVER)
    told(word(row(story.parcel, 14, "2026-11-27 08:00:00"), sent="2026-11-27 08:01:00"))
    run_jobs()
    assert story.states[0] is P.DELIVERED
    assert story.parcel.scans[-1].at == wall_clock.at(date(2026, 11, 27), time(8))


def test_the_same_word_fifty_times_counts_once(story, told, run_jobs):
    body = word(row(story.parcel, 10))
    for _time in range(50):
        told(body)
    run_jobs()
    assert len(calls()) == 1
    assert len(story.parcel.scans) == 1
    # told again under another signature date: the same scan still
    told(word(row(story.parcel, 10), sent="2026-11-27 10:00:00"))
    run_jobs()
    db.session.expire_all()
    assert len(story.parcel.scans) == 1


def test_a_wrong_signature_changes_nothing(story, told):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = word(row(story.parcel, 14))
    for body in (
        word(row(story.parcel, 14), key=stranger),
        {**good, "signature": ""},
        {**good, "signature": "không phải base64"},
        {**good, "sendDate": "2026-11-27 09:00:01"},
        {**good, "data": [row(story.parcel, 10)]},
        {key: value for key, value in good.items() if key != "signature"},
    ):
        told(body, status=401)
    assert not calls()
    assert story.states == (P.BOOKED, F.ACCEPTED)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"data": 1}', b"\xff\xfe", b"[" * 100_000, b"x" * 300_000]
)
def test_what_cannot_be_read_is_answered_so(told, body):
    told(body, status=400)
    assert not calls()


def test_without_a_key_nothing_is_believed(app, story):
    body = json.dumps(word(row(story.parcel, 14)))
    answer = app.test_client().post("/webhooks/vnpost", data=body, content_type="application/json")
    assert answer.status_code == 401


def test_an_unknown_parcel_is_kept_for_a_person_and_breaks_nothing(story, told, run_jobs):
    told(word({"itemCode": "EV999999990VN", "status": 14, "statusDate": "2026-11-26 10:00:00"}))
    run_jobs()
    (call,) = calls()
    assert call.handled_at is not None
    assert call.problem == "unknown parcel EV999999990VN"


def test_a_status_from_the_future_counts_as_now(story, told, run_jobs):
    told(word(row(story.parcel, 10, "2031-01-01 00:00:00")))
    run_jobs()
    assert story.states[0] is P.IN_TRANSIT
    assert story.parcel.scans[0].at <= wall_clock.now()


def test_statuses_that_move_no_parcel_are_passed_over(story, told, run_jobs):
    for status in (0, 1, 2, 3, 4, 21, 28, 777, "", None):
        told(word(row(story.parcel, status)))
    run_jobs()
    assert story.states == (P.BOOKED, F.ACCEPTED)
    assert not story.parcel.scans


def test_rows_the_signature_does_not_cover_are_not_believed(story, told, run_jobs):
    told(word(row(story.parcel, 10), row(story.parcel, 14)))
    run_jobs()
    assert story.states == (P.IN_TRANSIT, F.HANDED_OVER)


LIVES = {
    "delivered": ["dropped_off", "in_transit", "at_point", "out_for_delivery", "delivered"],
    "on_the_third_try": ["at_point", "failed", "out_for_delivery", "failed", "out_for_delivery", "delivered"],
    "back": ["in_transit", "at_point", "failed", "returning", "returned"],
    "three_times": ["failed", "out_for_delivery", "failed", "out_for_delivery", "failed", "returned"],
    "lost": ["picked_up", "in_transit", "lost"],
    "damaged_on_the_way_back": ["at_point", "failed", "returning", "damaged"],
}


def seen(life: str) -> list[tuple[datetime, ScanKind]]:
    begin = datetime(2026, 11, 25, 18, tzinfo=wall_clock.ZONE)
    return [(begin + timedelta(hours=hour), ScanKind(kind)) for hour, kind in enumerate(LIVES[life])]


def subsets(whole):
    return (some_ for count in range(1, len(whole) + 1) for some_ in itertools.combinations(whole, count))


@pytest.mark.parametrize("life", LIVES)
def test_every_order_of_every_subset_leads_to_one_place(life):
    """All of them, without a database: what was told so far decides, never in which order it was told."""
    for told in subsets(seen(life)):
        last = way.read(told)
        for order in itertools.permutations(told):
            state, failed = P.BOOKED, 0
            for count in range(1, len(order) + 1):
                leads_to, now = way.read(order[:count])
                for step in way.steps(state, leads_to):
                    state = step
                failed = max(failed, now)
            assert (state, failed) == last, (told, order)


def test_every_order_of_every_subset_ends_in_one_state_and_one_ledger(app, clock, full):
    """Through the verb, with order and money: a few drawn here, all of them in make test-all."""
    clock.set("2026-11-25 09:00")
    goods = make.product(stock=100_000)
    drawn = random.Random(5)
    ends: dict[object, object] = {}
    for life, whole in LIVES.items():
        lots = [(told, order) for told in subsets(seen(life)) for order in itertools.permutations(told)]
        for told, order in lots if full and len(whole) < 6 else drawn.sample(lots, 2):
            for shuffled in (told, order):
                clock.set("2026-11-25 09:00")
                farm_order = parcels.accept(parcels.order((goods, 1)))
                (parcel,) = queries.parcels_of(farm_order)
                clock.set("2026-11-28 09:00")
                for at, kind in shuffled:
                    with transaction():
                        service.record_scan(parcel.tracking, kind, parcels.CARRIER, at=at)
                end = (parcel.state, farm_order.state, money_of(farm_order))
                assert ends.setdefault((life, told), end) == end, (told, shuffled)
    assert check_ledger() == []


def money_of(farm_order) -> list[tuple[str, int]]:
    """What stands in the books for one order, account by account, its own names left out."""
    rows = db.session.execute(
        select(LedgerLine.account, func.sum(LedgerLine.amount_dong))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.order_id == farm_order.order_id)
        .group_by(LedgerLine.account)
    )
    own = {f"buyer:{farm_order.order_id}": "buyer", f"farm:{farm_order.farm_id}": "farm"}
    return sorted((own.get(account, account), dong) for account, dong in rows if dong)


# -- parcels given to it ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def post():
    with double_of.running() as double:
        yield double


@pytest.fixture
def outside(app, post, monkeypatch):
    post.fail(None)
    carrier = Vnpost(post.url, "cho-que", "mat-khau", "C0001")
    monkeypatch.setitem(app.extensions["ports"], "shipping.outside", carrier)
    assert plugs.plugged("shipping.outside") is carrier
    return carrier


@pytest.mark.network_double
def test_an_accepted_order_is_given_to_the_carrier(outside, post, run_jobs, visit):
    story = parcels.Story()
    assert story.parcel.state is P.ASKED
    run_jobs()
    db.session.expire_all()
    assert story.parcel.state is P.BOOKED
    assert story.parcel.tracking.startswith("EV")
    assert story.parcel.carrier == "vnpost"
    assert story.parcel.carrier_fee_dong == 27_000
    assert post.told["orders"][story.parcel.code]["receiverCommuneCode"] == "00166"
    with transaction():
        orders.cancel(story.farm_order, "đổi ý", make.actor_of(story.farm_order.farm))
    run_jobs()
    assert story.parcel.tracking in post.told["cancelled"]


@pytest.mark.network_double
def test_a_carrier_that_is_away_is_asked_again_and_the_counter_works_on(outside, post, app):
    post.fail("error")
    story = parcels.Story()
    outbox.run_due()
    db.session.expire_all()
    assert story.parcel.state is P.ASKED
    (waiting,) = [
        one for one in db.session.scalars(select(outbox.OutboxJob)) if one.name == "shipping.book_outside"
    ]
    assert waiting.last_error
    # The farmer stands at the counter: the code written by hand is enough.
    story.scan("dropped_off", point=story.here)
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)
    post.fail(None)
    jobs.book_outside(story.parcel.id)
    assert story.states[0] is P.DROPPED_OFF


@pytest.mark.network_double
def test_a_silent_parcel_is_asked_after(outside, post, clock, run_jobs):
    clock.set("2026-11-25 09:00")
    story = parcels.Story()
    run_jobs()
    db.session.expire_all()
    story.scan("dropped_off", point=story.here)
    post.say(story.parcel.tracking, {"status": 11, "statusDate": "2026-11-30 08:00:00"})
    clock.set("2026-11-27 06:15")
    assert not queries.silent_parcels(wall_clock.now())
    clock.set("2026-12-02 06:15")
    assert [one.id for one in queries.silent_parcels(wall_clock.now())] == [story.parcel.id]
    jobs.chase_silent()
    assert story.states[0] is P.AT_POINT
    assert not queries.silent_parcels(wall_clock.now() + timedelta(hours=1))
