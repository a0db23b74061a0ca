"""Telling somebody something: the inbox at once, letters by the worker, each in the reader's language."""

import jinja2
import pytest

from marketplace.foundation import market
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import OutboxJob
from marketplace.notifications import queries, service, wording
from marketplace.notifications.adapters.outbox import NoCarrier
from marketplace.notifications.jobs import deliver
from marketplace.notifications.models import Channel, Delivery, DeliveryState, Message, Recipient

LAN = Recipient(person_id=7, phone="+84912000001", email="lan@example.vn")
HELP = {"helper": "Phạm Thu Hà", "what": "Đăng và sửa nông sản"}


def tell(to=LAN, template="accounts/help_asked", path="/account/consents", **facts):
    with transaction():
        return service.send(to, template, path, **(facts or HELP))


def test_a_person_finds_it_in_the_inbox_and_gets_both_letters(app, sent, run_jobs):
    tell()
    (notice,) = sent.inbox(7)
    assert notice.subject == "Phạm Thu Hà xin được giúp bạn"
    assert notice.body.startswith("Việc xin giúp: Đăng và sửa nông sản.")
    assert notice.path == "/account/consents"
    run_jobs()
    assert [(letter.channel, letter.address, letter.state) for letter in sent()] == [
        (Channel.SMS, "+84912000001", DeliveryState.SENT),
        (Channel.EMAIL, "lan@example.vn", DeliveryState.SENT),
    ]
    assert "http://127.0.0.1:8000/account/consents" in sent.text(channel="email")


def test_an_sms_has_no_accents_and_fits_one_message(app, sent):
    tell()
    text = sent.text(channel="sms")
    assert (
        text
        == "Pham Thu Ha xin giup ban: Dang va sua nong san. Tra loi o http://127.0.0.1:8000/account/consents"
    )


def test_a_long_fact_is_cut_not_the_end_of_the_sentence(app, sent):
    tell(helper="Hợp tác xã chè " * 20, what="Đăng và sửa nông sản")
    text = sent.text(channel="sms")
    assert len(text) <= wording.SMS_LENGTH
    assert text.endswith("Tra loi o http://127.0.0.1:8000/account/consents")


def test_a_guest_gets_an_sms_and_has_no_inbox(app, sent):
    tell(to=Recipient(phone="+84912000009"))
    assert [letter.address for letter in sent()] == ["+84912000009"]
    assert db.session.query(Message).one().person_id is None


def test_a_secret_is_in_no_inbox(app, sent):
    with transaction():
        service.send(LAN, "accounts/sign_in_code", is_secret=True, code="123456")
    assert sent.inbox(7) == []
    message = db.session.query(Message).one()
    assert "123456" not in message.body
    assert "123456" in sent.text(channel="sms")


def test_a_template_without_sms_sends_none(app, sent):
    with transaction():
        service.send(LAN, "accounts/email_code", code="123456")
    assert [letter.channel for letter in sent()] == [Channel.EMAIL]


def test_what_was_rolled_back_was_never_said(app, sent):
    with pytest.raises(RuntimeError, match="no"), transaction():
        service.send(LAN, "accounts/help_asked", None, **HELP)
        raise RuntimeError("no")
    assert sent() == []
    assert db.session.query(OutboxJob).count() == 0


def test_a_forgotten_fact_is_an_error_not_a_gap(app, sent):
    with pytest.raises(jinja2.UndefinedError):
        tell(helper="Hà")
    assert sent() == []


def test_markup_and_percent_signs_stay_as_typed(app, sent):
    tell(helper="<b>100%</b> %(x)s {{ 7*7 }}", what="a & b")
    (notice,) = sent.inbox(7)
    assert "<b>100%</b> %(x)s {{ 7*7 }}" in notice.subject


def test_a_line_break_in_a_fact_makes_no_second_subject(app, sent, run_jobs):
    tell(helper="Hà\r\nBcc: all@example.vn", what="x")
    run_jobs()
    (notice,) = sent.inbox(7)
    assert "Bcc" not in notice.subject
    assert all(letter.state is DeliveryState.SENT for letter in sent())


def test_production_without_a_gateway_says_so_on_the_letter(app, sent):
    before = market.plugged("notifications.sms")
    market.plug(app, "notifications.sms", NoCarrier("SMS_GATEWAY_URL"))
    try:
        tell()
        (sms,) = sent(channel="sms")
        deliver(sms.id)
        (sms,) = sent(channel="sms")
        assert sms.state is DeliveryState.FAILED
        assert sms.problem == "SMS_GATEWAY_URL is not set"
        assert queries.failed_count() == 1
    finally:
        market.plug(app, "notifications.sms", before)


def test_old_letters_and_notices_are_cleared_away(app, sent, clock, run_jobs):
    clock.set("2024-01-10 08:00")
    tell()
    clock.set("2024-06-10 08:00")
    tell()
    clock.set("2024-06-11 02:50")
    with transaction():
        service.clear_old()
    assert len(sent()) == 2
    assert len(sent.inbox(7)) == 2
    clock.set("2026-06-11 02:50")
    with transaction():
        service.clear_old()
    assert sent.inbox(7) == []


def test_deleted_meanwhile(app):
    message = tell()
    letter = message.deliveries[0].id
    with transaction():
        service.forget(7)
    deliver(letter)
    assert db.session.query(Delivery).count() == 0


def test_a_person_is_forgotten_and_another_is_not(app, sent):
    tell()
    tell(to=Recipient(person_id=8, phone="+84912000002"))
    assert service.gather(7)[0]["subject"] == "Phạm Thu Hà xin được giúp bạn"
    with transaction():
        service.forget(7)
    assert service.gather(7) == []
    assert [letter.address for letter in sent()] == ["+84912000002"]
