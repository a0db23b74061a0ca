"""The SMS gateway's adapter against the gateway's double, over real HTTP."""

import pytest

from marketplace.foundation import market
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import OutboxJob, run_due
from marketplace.notifications import service
from marketplace.notifications.adapters.sms_gateway import SmsGateway
from marketplace.notifications.models import Delivery, DeliveryState, Recipient
from marketplace.notifications.port import Away, Letter, Undeliverable
from tests.doubles import sms_gateway

pytestmark = pytest.mark.network_double
LETTER = Letter("GT7K2M9A", "+84912000001", "123456 la ma dang nhap")


@pytest.fixture(scope="module")
def gateway():
    with sms_gateway.running() as double:
        yield double


@pytest.fixture
def sms(gateway):
    return SmsGateway(gateway.url, gateway.secret, timeout=1.5)


def test_it_takes_a_signed_letter_once(gateway, sms):
    sms.send(LETTER)
    sms.send(LETTER)
    taken = [message for message in gateway.messages if message["id"] == LETTER.id]
    assert taken == [{"id": LETTER.id, "to": LETTER.to, "text": LETTER.text}]


def test_a_wrong_secret_is_refused(gateway):
    before = gateway.messages
    with pytest.raises(Undeliverable):
        SmsGateway(gateway.url, "another secret").send(Letter("X1", "+84912000001", "x"))
    assert gateway.messages == before


def test_an_old_call_is_worth_nothing(gateway, sms, clock):
    clock.forward(hours=-1)
    with pytest.raises(Undeliverable):
        sms.send(Letter("X2", "+84912000001", "x"))


@pytest.mark.parametrize("fault", ["error", "busy", "hang_up", "slow"])
def test_when_it_is_away_the_letter_waits(gateway, sms, fault):
    gateway.fail(fault)
    with pytest.raises(Away):
        sms.send(Letter(f"A-{fault}", "+84912000001", "x"))
    sms.send(Letter(f"A-{fault}", "+84912000001", "x"))
    assert [message["id"] for message in gateway.messages].count(f"A-{fault}") == 1


def test_what_it_refuses_will_never_go(gateway, sms):
    gateway.fail("refuse")
    with pytest.raises(Undeliverable):
        sms.send(Letter("R1", "+84912000001", "x"))


def test_nobody_there():
    with pytest.raises(Away):
        SmsGateway("http://127.0.0.1:9/sms", "s").send(LETTER)


@pytest.mark.parametrize("url", ["", "ftp://x/", "localhost:80", "http:///sms"])
def test_an_address_that_is_none_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="SMS_GATEWAY_URL"):
        SmsGateway(url, "s")


# -- with the worker --


@pytest.fixture
def plugged(app, sms):
    before = market.plugged("notifications.sms")
    market.plug(app, "notifications.sms", sms)
    yield
    market.plug(app, "notifications.sms", before)


def tell(**options) -> int:
    with transaction():
        message = service.send(
            Recipient(phone="+84912000001"), "accounts/sign_in_code", is_secret=True, code="123456", **options
        )
        return message.deliveries[0].id


def test_the_worker_tries_again_until_it_goes(plugged, gateway, clock):
    gateway.fail("error", 2)
    letter_id = tell()
    calls = gateway.calls
    for _ in range(3):
        run_due(rounds=1)
        clock.forward(seconds=31)
    letter = db.session.get(Delivery, letter_id)
    assert letter.state is DeliveryState.SENT
    assert letter.attempts == 3
    assert gateway.calls - calls == 3
    assert [message["id"] for message in gateway.messages].count(letter.code) == 1


def test_after_the_last_try_it_has_failed_and_its_secret_is_gone(plugged, gateway, clock):
    gateway.fail("busy", 8)
    letter_id = tell()
    for _ in range(8):
        run_due(rounds=1)
        clock.forward(hours=12)
    letter = db.session.get(Delivery, letter_id)
    assert letter.state is DeliveryState.FAILED
    assert letter.text == ""
    assert "429" in letter.problem
    # The job is done, not given up: somebody looks at failed letters, not at jobs.
    assert all(job.done_at and not job.given_up_at for job in db.session.query(OutboxJob))


def test_a_code_that_is_too_late_does_not_go(plugged, gateway, clock):
    from marketplace.foundation import clock as wall

    letter_id = tell(use_until=wall.now())
    clock.forward(minutes=1)
    before = gateway.calls
    run_due()
    assert db.session.get(Delivery, letter_id).state is DeliveryState.FAILED
    assert gateway.calls == before


def test_the_same_letter_handed_over_twice_goes_once(plugged, gateway):
    from marketplace.notifications.jobs import deliver

    letter_id = tell()
    deliver(letter_id)
    deliver(letter_id)
    code = db.session.get(Delivery, letter_id).code
    assert [message["id"] for message in gateway.messages].count(code) == 1
