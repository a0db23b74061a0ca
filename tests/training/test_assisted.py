"""A helper lists for a farmer: only with consent, shown only after the farmer's own yes, undone within a day."""

import re
from datetime import timedelta

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Consent, ConsentState, HelpScope, OneTimeCode
from marketplace.catalog.listing import Listing
from marketplace.catalog.models import Product, ProductState
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import BankAccount
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Forbidden, Refusal
from marketplace.training import assisted, queries
from marketplace.training.models import HelpedListing, HelpedState, Learner
from tests import cast, classes, make


@pytest.fixture
def lesson(app, clock):
    """An opened her farm and is in Hà's class."""
    clock.set("2026-11-20 08:00")
    farmer = cast.farmer_an()
    make.procedures()
    make.approved_farm(owner=farmer)
    made = classes.plan()
    classes.join(made, farmer)
    return made


def here(lesson) -> str:
    learner = db.session.query(Learner).filter_by(class_id=lesson.id).one()
    return f"/train/classes/{lesson.code}/learners/{learner.code}/help"


def digits(sent, to) -> str:
    return re.search(r"\d{6}", sent.text(to, "sms")).group()


def allow(lesson, scope=HelpScope.LIST) -> None:
    with transaction():
        consent = assisted.ask_consent(
            classes.again(classes.trainer()),
            classes.again(cast.farmer_an()),
            scope,
            cast.by(classes.trainer()),
        )
        accounts.give_consent(consent, cast.by(cast.farmer_an()))


def draw(page, path, **changes):
    fields = {
        "photos": (make.picture(), "che.jpg"), "name": "Chè Tân Cương", "grams": "200", "price_dong": "90.000",
        "quantity": "12",
    }  # fmt: skip
    return page.form(f"{path}/listings").submit(**({"status": 303} | fields | changes))


def products():
    db.session.rollback()
    return db.session.query(Product).all()


def test_the_whole_way_at_the_trainers_device(visit, lesson, sent):
    path, farmer = here(lesson), cast.farmer_an()
    visit.sign_in(classes.trainer())
    visit(path).form(f"{path}/consents/list").submit(status=303)
    visit(path).form(f"{path}/consents/list/code").submit(status=303, code=digits(sent, farmer.phone))
    draw(visit(path), path)
    (product,) = products()
    assert product.state is ProductState.WAITING
    assert "Chè Tân Cương" not in visit.another()("/products")
    helped = db.session.query(HelpedListing).one()
    visit(path).form(f"{path}/work/{helped.code}/code").submit(status=303)
    visit(path).form(f"{path}/work/{helped.code}/agreement").submit(
        status=303, code=digits(sent, farmer.phone)
    )
    (product,) = products()
    assert product.state in (ProductState.ON_SALE, ProductState.CHECKING)
    assert all(len(one.purpose) <= 32 for one in db.session.query(OneTimeCode)), (
        "what PostgreSQL has room for"
    )
    drawn = db.session.query(AuditEntry).filter_by(verb="helped_listing.drawn_up").one()
    assert (drawn.actor_id, drawn.for_id) == (classes.trainer().id, farmer.id)
    said_yes = db.session.query(AuditEntry).filter_by(verb="helped_listing.agreed").one()
    assert said_yes.actor_id == farmer.id


def test_on_the_farmers_own_phone_and_taken_away_within_a_day(visit, lesson, sent, clock):
    allow(lesson)
    path = here(lesson)
    draw(visit.sign_in(classes.trainer())(path), path)
    hers = visit.another().sign_in(cast.farmer_an())
    page = hers("/learn")
    assert "Chưa ai thấy" in page
    page.form(says="Đồng ý đăng bán").submit(status=303)
    assert "Chè Tân Cương" in sent.inbox(cast.farmer_an().id)[-1].subject
    hers("/learn").form(says="Gỡ xuống").submit(status=303)
    (product,) = products()
    assert product.state is ProductState.WITHDRAWN
    assert db.session.query(HelpedListing).one().state is HelpedState.UNDONE


@pytest.mark.parametrize(("minutes", "is_taken_back"), [(24 * 60 - 1, True), (24 * 60 + 1, False)])
def test_for_a_day_one_tap_takes_it_back_then_the_shops_own_pages_do(
    visit, lesson, clock, minutes, is_taken_back
):
    allow(lesson)
    path = here(lesson)
    draw(visit.sign_in(classes.trainer())(path), path)
    with transaction():
        work = db.session.query(HelpedListing).one()
        assisted.agree(work)
        agreed_at, code = work.agreed_at, work.code
    clock.set(agreed_at + timedelta(minutes=minutes))
    hers = visit.another().sign_in(cast.farmer_an())
    assert ("Gỡ xuống" in hers("/learn")) is is_taken_back
    answer = hers.post(f"/learn/helped/{code}/undoing", status=303 if is_taken_back else 409)
    assert is_taken_back or "24 giờ" in answer
    db.session.rollback()
    assert (products()[0].state is ProductState.WITHDRAWN) is is_taken_back
    assert (db.session.query(HelpedListing).one().state is HelpedState.UNDONE) is is_taken_back


def test_without_consent_nothing_is_drawn_up(visit, lesson):
    path = here(lesson)
    page = visit.sign_in(classes.trainer())(path)
    assert "Soạn một món" not in page
    visit.raw("POST", f"{path}/listings", data={"csrf_token": visit.token(), "name": "x"})
    assert products() == []


def test_consent_withdrawn_while_a_draft_is_open(visit, lesson, sent):
    allow(lesson)
    path, farmer = here(lesson), cast.farmer_an()
    page = visit.sign_in(classes.trainer())(path)
    with transaction():
        accounts.withdraw_consent(db.session.query(Consent).one(), cast.by(farmer))
    draw(page, path, status=403)
    assert products() == []
    assert db.session.query(HelpedListing).count() == 0


def test_withdrawn_before_the_code_is_typed_the_code_is_worth_nothing(lesson, sent):
    allow(lesson)
    farmer, trainer = cast.farmer_an(), classes.trainer()
    with transaction():
        helped = listing(farmer, trainer)
        assisted.send_code(helped)
    with transaction():
        accounts.withdraw_consent(db.session.query(Consent).one(), cast.by(farmer))
    with pytest.raises(Forbidden), transaction():
        assisted.agree_by_code(
            db.session.query(HelpedListing).one(), classes.again(trainer), digits(sent, farmer.phone)
        )
    assert products()[0].state is ProductState.WAITING


def test_no_more_codes_once_it_is_withdrawn_or_answered(visit, lesson, sent):
    """Nobody's telephone rings for a helper who may do nothing any more, nor for what was answered."""
    allow(lesson)
    farmer, path = cast.farmer_an(), here(lesson)
    with transaction():
        code = listing(farmer, classes.trainer()).code
    trainer = visit.sign_in(classes.trainer())
    assert "Gửi mã đồng ý đăng bán" in trainer(path)
    with transaction():
        accounts.withdraw_consent(db.session.query(Consent).one(), cast.by(farmer))
    page = trainer(path)
    assert "Gửi mã đồng ý đăng bán" not in page and "chỉ chủ hàng tự trả lời được" in page
    trainer.post(f"{path}/work/{code}/code", status=403)
    with transaction():
        assisted.agree(db.session.query(HelpedListing).one())
    allow(lesson)
    trainer.post(f"{path}/work/{code}/code", status=409)
    assert len(sent(template="accounts/deed_code")) == 2, "of the two consents that were asked"
    asked = db.session.query(AuditEntry).filter_by(verb="consent.asked").first()
    assert (asked.actor_id, asked.for_id) == (classes.trainer().id, farmer.id)


def listing(farmer, trainer):
    said = Listing(name="Chè Tân Cương", pack=PackDetails(price_dong=90_000, grams=200), quantity=5)
    return assisted.draw_up(
        classes.again(trainer), classes.again(farmer), said, [make.photo()], "once-0001-abcd"
    )


def test_a_code_for_one_deed_opens_no_other(visit, lesson, sent):
    """The code of the consent is not the yes to a product, nor that of one product to another."""
    farmer, trainer = cast.farmer_an(), classes.trainer()
    with transaction():
        consent = assisted.ask_consent(
            classes.again(trainer), classes.again(farmer), HelpScope.LIST, cast.by(trainer)
        )
    for_consent = digits(sent, farmer.phone)
    with transaction():
        assert not assisted.give_consent(
            classes.again(consent), "000000" if for_consent != "000000" else "111111"
        )
    db.session.rollback()
    assert db.session.query(Consent).one().state is ConsentState.ASKED
    with transaction():
        accounts.give_consent(db.session.query(Consent).one(), cast.by(farmer))
        helped = listing(farmer, trainer)
        assisted.send_code(helped)
    with transaction():
        assert not assisted.agree_by_code(
            db.session.query(HelpedListing).one(), classes.again(trainer), for_consent
        )
    assert products()[0].state is ProductState.WAITING
    path = here(lesson)
    visit.sign_in(trainer)
    helped = db.session.query(HelpedListing).one()
    page = visit(path).form(f"{path}/work/{helped.code}/agreement").submit(status=422, code="123")
    assert "mã cho việc khác" in page


def test_sent_twice_it_is_one(lesson):
    allow(lesson)
    with transaction():
        first = listing(cast.farmer_an(), classes.trainer()).id
    with transaction():
        assert listing(cast.farmer_an(), classes.trainer()).id == first
    assert len(products()) == 1


def test_helpers_reach_no_money_and_who_tries_is_written_down(visit, lesson):
    allow(lesson)
    path, farmer = here(lesson), cast.farmer_an()
    page = visit.sign_in(classes.trainer())(path)
    for address in ("/sell/money", "/sell/start"):
        assert farmer.name not in visit.raw("GET", address).text
    before = bank_accounts()
    visit(f"{path}/bank-account", status=404)
    visit.post(f"{path}/payment", status=404, method="bank", bank_bin="970405", number="123456789")
    assert not page.all("input", name="number")
    visit.post(f"{path}/listings", status=404, name="Chè", number="123456789")
    visit.post(f"{path}/shop", status=404, bank_bin="970405")
    assert bank_accounts() == before
    assert products() == []
    tried = db.session.query(AuditEntry).filter_by(verb="person.money_refused").all()
    assert [(one.actor_id, one.for_id) for one in tried] == [(classes.trainer().id, farmer.id)] * 4


def bank_accounts():
    db.session.rollback()
    return [(one.farm_id, one.method, one.number_end, one.version) for one in db.session.query(BankAccount)]


def test_of_another_class_nobody_is_helped(visit, lesson):
    from marketplace.accounts.models import Role

    path = here(lesson)
    visit.sign_in(cast.another("Cán bộ khác", "0912000071", Role.TRAINER))
    visit(path, status=404)
    with pytest.raises(Refusal), transaction():
        queries.class_for(cast.another("Cán bộ khác", "0912000071", Role.TRAINER), lesson.code)
    assert products() == []
