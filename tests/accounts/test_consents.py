"""Consent to be helped: asked, given, withdrawn, lapsed; and who may act for whom."""

import pytest

from marketplace.accounts import keeping, queries, service
from marketplace.accounts.models import Consent, ConsentState, HelpScope, Role
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from tests import cast


@pytest.fixture
def ha(app):
    return cast.trainer()


@pytest.fixture
def an(app):
    return cast.farmer_an()


def ask(helper, person, scope=HelpScope.LIST, **options):
    with transaction():
        helper, person = queries.person(helper.code), queries.person(person.code)
        return service.ask_to_help(helper, person, scope, cast.by(helper), **options)


def may(helper, person, scope=HelpScope.LIST):
    db.session.rollback()
    return queries.may_act(queries.person(helper.code), queries.person(person.code), scope)


def test_asked_is_not_yet_given(ha, an, sent):
    ask(ha, an)
    assert not may(ha, an)
    assert sent.inbox(an.id)[0].subject == "Phạm Thu Hà xin được giúp bạn"
    assert "Pham Thu Ha xin giup ban" in sent.text(an.phone, "sms")


def test_given_and_taken_back_by_one_tap(visit, ha, an):
    code = ask(ha, an).code
    page = visit.sign_in(an)("/account/consents")
    assert "Đăng và sửa nông sản" in page
    page = page.form(f"/account/consents/{code}/giving").submit()
    assert may(ha, an)
    assert not may(ha, an, HelpScope.PAPERS)
    assert not may(an, ha)
    page.form(f"/account/consents/{code}/withdrawal").submit()
    assert not may(ha, an)
    visit.post(f"/account/consents/{code}/giving", status=409)
    assert not may(ha, an)


def test_refused(visit, ha, an):
    code = ask(ha, an).code
    visit.sign_in(an)("/account/consents").form(f"/account/consents/{code}/withdrawal").submit()
    assert queries.consents_of(an)[0].state is ConsentState.WITHDRAWN


def test_asked_again_it_is_the_same(ha, an, sent):
    assert ask(ha, an).id == ask(ha, an).id
    assert len(sent.inbox(an.id)) == 1
    ask(ha, an, HelpScope.ORDERS)
    assert db.session.query(Consent).count() == 2


def test_it_lapses(ha, an, clock):
    clock.set("2026-11-01 08:00")
    consent = ask(ha, an, days=30)
    with transaction():
        service.give_consent(db.session.get_one(Consent, consent.id), cast.by(an))
    assert may(ha, an)
    clock.set("2026-12-01 08:01")
    assert not may(ha, an)
    with transaction():
        keeping.clear_stale()
    assert queries.consents_of(an)[0].state is ConsentState.EXPIRED


def test_too_late_to_agree(ha, an, clock):
    clock.set("2026-11-01 08:00")
    consent = ask(ha, an, days=1)
    clock.set("2026-11-03 08:00")
    with pytest.raises(Refusal), transaction():
        service.give_consent(db.session.get_one(Consent, consent.id), cast.by(an))
    assert not may(ha, an)


def test_a_helper_who_lost_the_role_or_is_blocked_may_no_longer(ha, an):
    consent = ask(ha, an)
    with transaction():
        service.give_consent(db.session.get_one(Consent, consent.id), cast.by(an))
    with transaction():
        service.take_role(queries.person(ha.code), Role.TRAINER, cast.by(an))
    assert not may(ha, an)
    with transaction():
        service.give_role(queries.person(ha.code), Role.TRAINER, cast.by(an))
        service.block(queries.person(ha.code), "x", cast.by(an))
    assert not may(ha, an)


def test_only_trainers_and_clerks_ask(an):
    lan = cast.buyer()
    with pytest.raises(Refusal):
        ask(lan, an)
    with pytest.raises(Refusal):
        ask(cast.trainer(), cast.trainer())
    assert db.session.query(Consent).count() == 0


def test_nobody_answers_for_another(visit, ha, an):
    code = ask(ha, an).code
    for who in (ha, cast.buyer(), cast.farmer_binh()):
        visit.sign_in(who).post(f"/account/consents/{code}/giving", status=404)
    assert not may(ha, an)
