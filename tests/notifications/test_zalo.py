"""Notices by Zalo for who chose it, against Zalo's double over real HTTP; what Zalo cannot deliver goes by SMS."""

from pathlib import Path

import pytest
from jinja2 import meta

from config import Settings
from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person
from marketplace.foundation import market
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import run_due
from marketplace.foundation.refusal import Refusal
from marketplace.notifications import service, wording
from marketplace.notifications.adapters.zalo import ZaloNotices
from marketplace.notifications.models import Channel, Delivery, DeliveryState, Recipient
from marketplace.notifications.port import Away, Letter, Undeliverable
from tests import cast
from tests.doubles import zalo as double

pytestmark = pytest.mark.network_double
NUDGE, CONSENT = "training/nudge", "training/consent_given"
TEXT = "trainer: Phạm Thu Hà\ndeed: Chụp một tấm ảnh: rõ, sáng.\nlink: http://127.0.0.1:8000/learn"
LAN = Recipient(phone="+84912000001", is_on_zalo=True)


@pytest.fixture(scope="module")
def gateway():
    with double.running() as running:
        yield running


@pytest.fixture
def zalo(app, gateway):
    """Zalo, plugged in with a form for two notices, one of them unknown to Zalo."""
    made = ZaloNotices(gateway.url, gateway.secret, {NUDGE: "301", CONSENT: "999"}, timeout=1.5)
    market.plug(app, "notifications.zalo", made)
    yield made
    market.plug(app, "notifications.zalo", None)


def letter(name: str) -> Letter:
    return Letter(name, "+84912000001", TEXT, template=NUDGE)


def taken(gateway, name: str) -> list[dict]:
    return [message for message in gateway.messages if message["tracking_id"] == name]


def tell(to: Recipient = LAN, template: str = NUDGE, path: str | None = "/learn", **facts) -> int:
    facts = facts or {"trainer": "Phạm Thu Hà", "deed": "Chụp một tấm ảnh rồi bấm Đăng bán."}
    with transaction():
        return service.send(to, template, path, **facts).id


def deliveries(message_id: int) -> list[tuple[Channel, DeliveryState]]:
    rows = db.session.query(Delivery).filter_by(message_id=message_id).order_by(Delivery.id)
    return [(row.channel, row.state) for row in rows]


def test_a_form_goes_with_its_parameters(gateway, zalo):
    zalo.send(letter("Z1"))
    assert taken(gateway, "Z1") == [
        {
            "phone": "84912000001",
            "template_id": "301",
            "template_data": {
                "trainer": "Phạm Thu Hà",
                "deed": "Chụp một tấm ảnh: rõ, sáng.",
                "link": "http://127.0.0.1:8000/learn",
            },
            "tracking_id": "Z1",
        }
    ]


@pytest.mark.parametrize("fault", ["error", "busy", "hang_up", "no_token", "garbled"])
def test_what_passes_is_waited_for(gateway, zalo, fault):
    gateway.fail(fault)
    with pytest.raises(Away):
        zalo.send(letter(f"W-{fault}"))
    assert taken(gateway, f"W-{fault}") == []
    zalo.send(letter(f"W-{fault}"))
    assert len(taken(gateway, f"W-{fault}")) == 1


@pytest.mark.parametrize("fault", ["no_account", "refuse"])
def test_what_does_not_pass_is_said_at_once(gateway, zalo, fault):
    gateway.fail(fault)
    with pytest.raises(Undeliverable):
        zalo.send(letter(f"U-{fault}"))
    assert taken(gateway, f"U-{fault}") == []


def test_a_wrong_token_delivers_nothing(gateway, app):
    with pytest.raises(Away, match="access token"):
        ZaloNotices(gateway.url, "another", {NUDGE: "301"}).send(letter("T1"))
    assert taken(gateway, "T1") == []


@pytest.mark.parametrize("url", ["", "ftp://x/", "localhost:80"])
def test_an_address_that_is_none_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="ZALO_GATEWAY_URL"):
        ZaloNotices(url, "t", {})


# -- with the worker --


def test_who_chose_zalo_gets_it_there_and_no_sms(gateway, zalo):
    sent = tell()
    run_due()
    assert deliveries(sent) == [(Channel.ZALO, DeliveryState.SENT)]
    said = gateway.messages[-1]["template_data"]
    assert said["deed"] == "Chụp một tấm ảnh rồi bấm Đăng bán."


@pytest.mark.parametrize(
    ("to", "template", "facts"),
    [
        (Recipient(phone="+84912000001"), NUDGE, {}),
        (LAN, "accounts/help_asked", {"helper": "Hà", "what": "Đăng nông sản"}),
        (LAN, "accounts/sign_in_code", {"code": "123456", "is_secret": True}),
    ],
    ids=["who chose SMS", "a notice without a form", "a code"],
)
def test_the_rest_goes_by_sms(gateway, zalo, to, template, facts):
    calls = gateway.calls
    sent = tell(to, template, **facts)
    run_due()
    assert deliveries(sent) == [(Channel.SMS, DeliveryState.SENT)]
    assert gateway.calls == calls


def test_a_number_without_zalo_gets_the_sms(gateway, zalo):
    gateway.fail("no_account")
    sent = tell()
    run_due()
    assert deliveries(sent) == [(Channel.ZALO, DeliveryState.FAILED), (Channel.SMS, DeliveryState.SENT)]
    by_zalo, by_sms = db.session.query(Delivery).filter_by(message_id=sent).order_by(Delivery.id)
    assert "-118" in by_zalo.problem
    assert by_sms.text.startswith("Pham Thu Ha nhac: Chup mot tam anh")


def test_a_form_zalo_does_not_know_goes_by_sms(zalo):
    from marketplace.foundation import clock

    sent = tell(template=CONSENT, helper="Hà", what="Đăng nông sản", until=clock.now())
    run_due()
    assert deliveries(sent) == [(Channel.ZALO, DeliveryState.FAILED), (Channel.SMS, DeliveryState.SENT)]


def test_while_zalo_is_away_it_waits_three_tries_and_goes_by_sms(gateway, zalo, clock):
    gateway.fail("error", 3)
    sent = tell()
    for state in (DeliveryState.WAITING, DeliveryState.WAITING, DeliveryState.FAILED):
        run_due(rounds=1)
        assert deliveries(sent)[0] == (Channel.ZALO, state)
        clock.forward(minutes=5)
    run_due()
    assert deliveries(sent) == [(Channel.ZALO, DeliveryState.FAILED), (Channel.SMS, DeliveryState.SENT)]


# -- the person's choice --


def test_it_is_offered_chosen_and_kept(zalo, visit):
    me = cast.buyer()
    visit.sign_in(me)
    assert "/account/channel" in visit("/account").links.values()
    visit.post("/account/channel", channel="zalo")
    assert people.recipient_of(db.session.get_one(Person, me.id)).is_on_zalo
    assert "checked" in visit("/account/channel").one("input", value="zalo").attrib
    visit.post("/account/channel", channel="sms")
    assert not people.recipient_of(db.session.get_one(Person, me.id)).is_on_zalo


@pytest.mark.parametrize("typed", ["", "email", "pigeon"])
def test_another_channel_is_refused_and_nothing_changes(zalo, visit, typed):
    me = cast.buyer()
    visit.sign_in(me)
    visit.post("/account/channel", status=422, channel=typed)
    assert db.session.get_one(Person, me.id).letters_by is None


def test_without_keys_it_is_not_offered_and_cannot_be_chosen(app, visit):
    me = cast.buyer()
    visit.sign_in(me)
    assert "/account/channel" not in visit("/account").links.values()
    visit("/account/channel", status=404)
    with pytest.raises(Refusal), transaction():
        accounts.choose_channel(db.session.get_one(Person, me.id), Channel.ZALO, Actor.of(me.id))
    assert db.session.get_one(Person, me.id).letters_by is None


def test_who_chose_it_in_a_market_that_lost_its_keys_gets_the_sms(app):
    sent = tell()
    run_due()
    assert deliveries(sent) == [(Channel.SMS, DeliveryState.SENT)]


def test_the_practice_market_has_no_zalo():
    settings = Settings(zalo_token="t", zalo_templates="training/nudge=301, orders/reminder = 302")
    assert settings.zalo_forms == {"training/nudge": "301", "orders/reminder": "302"}
    assert settings.for_practice().zalo_token == ""
    assert settings.for_practice().zalo_forms == {}


FORMS = sorted((wording.FOLDER / "messages").glob("*/*.zalo.txt"), key=str)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_form_asks_for_nothing_its_notice_does_not_know(form: Path):
    """Whoever sends the notice gives every fact its e-mail or SMS names, so the form may name no others."""

    def named(path: Path) -> set[str]:
        return meta.find_undeclared_variables(wording.environment().parse(path.read_text()))

    stem = form.name.removesuffix(".zalo.txt")
    known = named(form.with_name(f"{stem}.sms.txt")) | named(form.with_name(f"{stem}.txt"))
    assert named(form) <= known | {"link", "site_name", "site_url"}
    assert all(": {{ " in line for line in form.read_text().splitlines())
