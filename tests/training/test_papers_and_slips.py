"""A farmer without a telephone at hand: numbers of a paper slip, a consent signed on paper, an application filled in at
their side."""

import io
import re

import pytest

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Consent, ConsentState, HelpScope
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Dossier, DossierState, Intake, ReturnWay
from marketplace.farmers import queries as farms
from marketplace.farmers import service as farmers
from marketplace.farmers.models import Farm, PayBy
from marketplace.foundation.audit import Actor, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPaper, storage
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.storage import NothingStored
from marketplace.training import assisted, service, slips
from marketplace.training.models import (
    AgreedBy,
    CodeSlip,
    ConsentPaper,
    HelpedDossier,
    HelpedState,
    Learner,
    SlipNumber,
)
from tests import cast, classes, make, parcels


@pytest.fixture
def lesson(app, clock):
    """Mơ has an account and a number not yet proved; she is in Hà's class."""
    clock.set("2026-11-20 08:00")
    make.procedures()
    made = classes.plan()
    classes.join(made, mo())
    return made


def mo():
    return cast.another("Hoàng Thị Mơ", "0912000061")


def unproved():
    with transaction():
        classes.again(mo()).phone_verified_at = None


def here(lesson):
    learner = db.session.query(Learner).filter_by(class_id=lesson.id).one()
    return f"/train/classes/{lesson.code}/learners/{learner.code}/help"


def printed(visit, lesson):
    """The numbers of the slip the trainer prints for Mơ, in their order."""
    visit(f"/train/classes/{lesson.code}/slips")
    sheet = visit.post(f"/train/classes/{lesson.code}/slips", learner=db.session.query(Learner).one().code)
    return re.findall(r"\d{4} \d{4}", sheet.text)


SHOP = {
    "kind": "household", "full_name": "Hoàng Thị Mơ", "born_on": "1988-03-08", "personal_id": "019188000061",
    "name": "Vườn chè chị Mơ", "phone": "0912 000 061", "province": "19", "commune": "05503", "street": "Xóm 3",
}  # fmt: skip


def allow(scope=HelpScope.PAPERS):
    with transaction():
        consent = assisted.ask_consent(
            classes.again(classes.trainer()), classes.again(mo()), scope, cast.by(classes.trainer())
        )
        accounts.give_consent(consent, cast.by(mo()))


def choose_cash():
    with transaction():
        farmers.save_payment(farms.applying_farm(classes.again(mo())), PayBy.CASH, cast.by(mo()))


def one(model):
    db.session.rollback()
    return db.session.query(model).one()


# -- the whole way ------------------------------------------------------------------------------------------------


def test_without_a_telephone_from_consent_to_a_dossier_handed_in_and_back(visit, lesson, sent, clock):
    unproved()
    path = here(lesson)
    visit.sign_in(classes.trainer())
    numbers = printed(visit, lesson)
    assert len(numbers) == slips.NUMBERS
    visit(path).form(f"{path}/consents/papers").submit(status=303)
    page = visit(path)
    assert "Số thứ 1 trên tờ mã" in page
    page.form(f"{path}/consents/papers/code").submit(status=303, code=numbers[0])
    visit(f"{path}/shop").form().submit(status=303, **SHOP)
    work = one(HelpedDossier)
    assert "chưa nộp" in sent.inbox(mo().id)[-1].body

    # How she is paid is hers alone: until she chose it, not even her yes hands it in.
    refused = visit(path).form(f"{path}/work/{work.code}/agreement").submit(status=422, code=numbers[1])
    assert "Nhận tiền" in refused
    assert one(HelpedDossier).state is HelpedState.ASKED
    assert db.session.query(Dossier).count() == 0
    assert one(CodeSlip).next_place == 2, "what was refused used no number"
    choose_cash()
    visit(path).form(f"{path}/work/{work.code}/agreement").submit(status=303, code=numbers[1])
    work = one(HelpedDossier)
    assert (work.state, work.agreed_by) == (HelpedState.AGREED, AgreedBy.SLIP)
    assert one(Dossier).state is DossierState.SUBMITTED
    assert "nộp" in sent.inbox(mo().id)[-1].subject

    # The trail names both; the number is bound to this deed.
    typed = db.session.query(AuditEntry).filter_by(verb="helped_dossier.yes_typed").one()
    assert (typed.actor_id, typed.for_id) == (classes.trainer().id, mo().id)
    filled = db.session.query(AuditEntry).filter_by(verb="farm.save_who").one()
    assert (filled.actor_id, filled.for_id) == (classes.trainer().id, mo().id)
    used = db.session.query(SlipNumber).filter(SlipNumber.used_at.is_not(None)).order_by(SlipNumber.place)
    assert [(number.place, number.deed.split()[0]) for number in used] == [
        (1, "consent"),
        (2, "helped_dossier"),
    ]

    visit.another().sign_in(mo())("/learn").form(says="Rút hồ sơ").submit(status=303)
    assert one(Dossier).state is DossierState.WITHDRAWN
    assert one(HelpedDossier).state is HelpedState.UNDONE


def test_after_a_day_it_is_not_taken_back_here(lesson, clock):
    allow()
    with transaction():
        work = fill_in()
    choose_cash()
    with transaction():
        assisted.agree(classes.again(work))
    clock.set("2026-11-21 08:30")
    with pytest.raises(Conflict, match="24 giờ"), transaction():
        assisted.undo(one(HelpedDossier))
    assert one(Dossier).state is DossierState.SUBMITTED


def fill_in():
    from datetime import date

    facts = assisted.ShopFacts(
        kind=assisted.FarmKind.HOUSEHOLD, full_name="Hoàng Thị Mơ", born_on=date(1988, 3, 8),
        personal_id="019188000061", name="Vườn chè chị Mơ", phone="0912000061", province_code="19",
        commune_code="05503", street="Xóm 3",
    )  # fmt: skip
    return assisted.fill_in(classes.again(classes.trainer()), classes.again(mo()), facts)


def test_filled_in_twice_it_is_one_and_withdrawn_consent_ends_it(visit, lesson):
    allow()
    for _again in range(2):
        with transaction():
            fill_in()
    assert db.session.query(HelpedDossier).count() == db.session.query(Farm).count() == 1
    path = here(lesson)
    form = visit.sign_in(classes.trainer())(f"{path}/shop").form()
    with transaction():
        accounts.withdraw_consent(one(Consent), cast.by(mo()))
    form.submit(status=403, **(SHOP | {"name": "Tên khác"}))
    assert one(Farm).name == "Vườn chè chị Mơ"
    with pytest.raises(Forbidden), transaction():
        assisted.agree_by_code(one(HelpedDossier), classes.again(classes.trainer()), "000000")
    assert one(HelpedDossier).state is HelpedState.ASKED


def test_what_is_wrong_in_the_application_is_said_and_nothing_kept(visit, lesson):
    allow()
    path = here(lesson)
    page = visit.sign_in(classes.trainer())(f"{path}/shop")
    assert "12 chữ số" in page.form().submit(status=422, **(SHOP | {"personal_id": "12"}))
    assert db.session.query(Farm).count() == db.session.query(HelpedDossier).count() == 0


# -- slips --------------------------------------------------------------------------------------------------------


def slip_numbers(lesson):
    with transaction():
        (made,) = slips.hand_out(
            classes.again(lesson), [db.session.query(Learner).one()], cast.by(classes.trainer())
        )
        return made.numbers


def use(deed, digits):
    with transaction():
        return slips.use(classes.again(mo()), deed, digits, cast.by(classes.trainer()))


def test_numbers_are_used_in_order_once_and_each_for_one_deed(lesson, sent):
    numbers = slip_numbers(lesson)
    assert sent.inbox(mo().id)[-1].template == "training/slip_handed_out"
    assert not use("one", numbers[1]), "it is not the second's turn"
    assert use("one", numbers[0])
    assert not use("one", numbers[0]), "used"
    assert not use("two", numbers[2])
    assert use("two", numbers[1])
    bound = [(number.place, number.deed) for number in db.session.query(SlipNumber) if number.used_at]
    assert bound == [(1, "one"), (2, "two")]


def test_numbers_are_kept_as_fingerprints_only(lesson):
    numbers = slip_numbers(lesson)
    kept = " ".join(number.number_hash for number in db.session.query(SlipNumber))
    assert not any(digits in kept for digits in numbers)


def test_five_wrong_tries_and_the_slip_is_void(lesson):
    numbers = slip_numbers(lesson)
    wrong = "00000000" if numbers[0] != "00000000" else "11111111"
    for _try in range(slips.WRONG_TRIES):
        assert not use("one", wrong)
    assert not use("one", numbers[0])
    assert one(CodeSlip).voided_at is not None
    assert not [number for number in db.session.query(SlipNumber) if number.used_at]


def test_a_new_slip_makes_the_old_one_void_and_its_owner_may_void_it(visit, lesson):
    old = slip_numbers(lesson)
    new = slip_numbers(lesson)
    assert not use("one", old[0]) or old[0] == new[0]
    visit.sign_in(mo())("/learn").form(says="Hủy tờ mã").submit(status=303)
    assert not use("one", new[0])
    db.session.rollback()
    assert all(slip.voided_at for slip in db.session.query(CodeSlip))


def test_a_slip_is_for_those_who_said_yes_to_the_class(visit, lesson):
    here = f"/train/classes/{lesson.code}/slips"
    visit.sign_in(classes.trainer())
    visit.post(here, status=422)
    visit.another().sign_in(cast.another("Cán bộ khác", "0912000071", cast.Role.TRAINER))(here, status=404)
    with transaction():
        learner = db.session.query(Learner).one()
        learner.person_id = None
    with pytest.raises(Refusal, match="chưa xác nhận"):
        slip_numbers(lesson)
    db.session.rollback()
    assert db.session.query(CodeSlip).count() == 0


# -- signed on paper ----------------------------------------------------------------------------------------------


def test_a_signed_paper_is_a_consent_kept_private_and_taken_back_by_one_tap(visit, lesson, sent):
    path = here(lesson)
    visit.sign_in(classes.trainer())
    visit(path).form(f"{path}/consents/papers").submit(status=303)
    assert "Giấy đồng ý cho cán bộ giúp" in visit(f"{path}/consents/papers/form")
    visit(path).form(f"{path}/consents/papers/paper").submit(status=303, signed=(make.picture(), "giay.jpg"))
    consent = one(Consent)
    assert consent.state is ConsentState.GIVEN
    kept = one(StoredPaper)
    assert b"JFIF" not in storage().get(kept.key)[:64], "it lies there encrypted"
    signed = db.session.query(AuditEntry).filter_by(verb="consent.signed_on_paper").one()
    assert (signed.actor_id, signed.for_id) == (classes.trainer().id, mo().id)
    assert sent.inbox(mo().id)[-1].template == "training/consent_given"

    assert visit.raw("GET", f"{path}/consents/papers/paper").data[:2] == b"\xff\xd8"
    stranger = visit.another().sign_in(cast.another("Cán bộ khác", "0912000071", cast.Role.TRAINER))
    stranger(f"{path}/consents/papers/paper", status=404)
    hers = visit.another().sign_in(mo())
    link = hers("/learn").links["Giấy tôi ký cho Phạm Thu Hà"]
    assert hers.raw("GET", link).status_code == 200
    visit.another().sign_in(cast.buyer())(link, status=404)
    looks = db.session.query(AuditEntry).filter_by(verb="consent.paper_viewed").order_by(AuditEntry.id).all()
    assert [look.actor_id for look in looks] == [classes.trainer().id, mo().id]

    hers("/account/consents").form(f"/account/consents/{consent.code}/withdrawal").submit(status=303)
    visit(f"{path}/consents/papers/paper", status=404)
    visit.post(f"{path}/shop", status=403, **SHOP)
    assert db.session.query(Farm).count() == 0


def test_no_picture_is_no_consent(visit, lesson):
    path = here(lesson)
    visit.sign_in(classes.trainer())(path).form(f"{path}/consents/papers").submit(status=303)
    form = visit(path).form(f"{path}/consents/papers/paper")
    assert "Hãy chụp tờ giấy" in form.submit(status=422)
    form.submit(status=422, signed=(io.BytesIO(b"x"), "a.txt"))
    assert one(Consent).state is ConsentState.ASKED
    assert db.session.query(StoredPaper).count() == 0


# -- a public procedure -------------------------------------------------------------------------------------------


def test_the_next_number_hands_in_a_public_procedure_of_who_has_no_telephone(visit, lesson, sent):
    """A trainer put it together; the number stands for this dossier and is used with it."""
    made = put_together()
    unproved()
    numbers = slip_numbers(lesson)
    page, path = visit.sign_in(classes.trainer()), f"/account/dossiers/{made.code}"
    form = page(path).form(f"{path}/submission/agreement")
    assert "Số thứ 1 trên tờ mã" in page(path)
    assert "không phải số đến lượt" in form.submit(status=422, code=numbers[1])
    assert one(Dossier).state is DossierState.DRAFTING
    page(path).form(f"{path}/submission/agreement").submit(status=303, code=numbers[0])
    assert one(Dossier).state is DossierState.SUBMITTED
    assert one(CodeSlip).next_place == 2
    bound = db.session.query(SlipNumber).filter(SlipNumber.used_at.is_not(None)).one()
    assert bound.deed.startswith(f"dossier {made.code} ")
    typed = db.session.query(AuditEntry).filter_by(verb="dossier.yes_typed").one()
    assert (typed.actor_id, typed.for_id, typed.details) == (
        classes.trainer().id,
        mo().id,
        {"how": "slip"},
    )


def put_together():
    """A public procedure for Mơ, with nothing missing but her own yes."""
    from tests.dossiers.test_counter import FACTS, KEY, paper

    allow()
    point = parcels.point()
    by = Actor.of(classes.trainer().id, for_id=mo().id)
    with transaction():
        made = dossiers.open_for(KEY, classes.again(mo()), by, Intake.HELPER)
        dossiers.describe(made, FACTS, by)
        for kind in ("id_photo", "form"):
            dossiers.add_paper(made, kind, paper(), by)
        dossiers.choose_return(made, ReturnWay.COUNTER, by, service_point_id=point.id)
    return made


# -- one's own data -----------------------------------------------------------------------------------------------


def test_who_goes_takes_the_signed_paper_and_the_slip_along(visit, lesson, run_jobs):
    path = here(lesson)
    visit.sign_in(classes.trainer())
    numbers = slip_numbers(lesson)
    visit(path).form(f"{path}/consents/papers").submit(status=303)
    visit(path).form(f"{path}/consents/papers/paper").submit(status=303, signed=(make.picture(), "giay.jpg"))
    with transaction():
        fill_in()
    key, code = one(StoredPaper).key, one(ConsentPaper).code
    told = service.gather(mo().id)
    assert told["signed_papers"] == [code]
    assert [(row["what"], row["helper"]) for row in told["done_for_me"]] == [("dossier", "Phạm Thu Hà")]

    gone = mo()
    with transaction():
        service.forget(gone.id)
    run_jobs()
    assert db.session.query(StoredPaper).count() == db.session.query(ConsentPaper).count() == 0
    with pytest.raises(NothingStored):
        storage().get(key)
    assert not slips.use(gone, "one", numbers[0], cast.by(classes.trainer()))
    db.session.rollback()
