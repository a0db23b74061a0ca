"""A farm comes on board, sells, rests, is stopped: each verb, who is told, and what is refused with nothing changed."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from marketplace.accounts.models import HelpScope, Role
from marketplace.dossiers import queries as dossier_queries
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.models import Dossier, DossierState
from marketplace.farmers import events, onboarding, paying, queries, service
from marketplace.farmers.models import BankAccount, Farm, FarmKind, FarmState, Identity, PayBy
from marketplace.foundation import audit, clock, sealing
from marketplace.foundation import events as bus
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPaper, StoredPhoto, read_paper
from marketplace.foundation.refusal import Conflict, Forbidden, Missing, Refusal
from marketplace.notifications.models import Message
from tests import cast, make

BORN = date(1980, 5, 20)
ID = make.personal_id(BORN)


@pytest.fixture
def owner(app):
    make.procedures()
    return make.person("Trần Văn Hảo")


@pytest.fixture
def by(owner) -> Actor:
    return Actor.of(owner.id)


@pytest.fixture
def farm(owner, by) -> Farm:
    with transaction():
        return service.start(owner, by)


@pytest.fixture
def open_farm(app) -> Farm:
    return make.approved_farm()


@pytest.fixture
def heard(monkeypatch) -> list:
    """What was told upstairs."""
    told: list = []
    for room in (service, paying):
        monkeypatch.setattr(room, "publish", lambda event: (told.append(event), bus.publish(event)))
    return told


def do(verb, *arguments, **facts):
    with transaction():
        return verb(*arguments, **facts)


def refused(verb, *arguments, by_a: type[Refusal] = Refusal, **facts) -> Refusal:
    """The verb says no, and nothing happened: no trace, no notice, no file, no row."""
    models = (audit.AuditEntry, Message, StoredPaper, StoredPhoto, Farm, Identity, BankAccount, Dossier)

    def marks():
        return [db.session.scalar(select(func.count()).select_from(model)) for model in models]

    before = marks()
    with pytest.raises(by_a) as refusal, transaction():
        verb(*arguments, **facts)
    assert marks() == before
    return refusal.value


def who(**said):
    return {
        "kind": FarmKind.HOUSEHOLD,
        "full_name": "Trần Văn Hảo",
        "born_on": BORN,
        "personal_id": ID,
        **said,
    }


def bank(**said):
    return {
        "method": PayBy.BANK,
        "bank_bin": "970405",
        "number": "1234567890",
        "holder": "TRAN VAN HAO",
        **said,
    }


def paper(text: bytes = b"x"):
    return read_paper(io.BytesIO(b"%PDF-1.4\n" + text + b"\n%%EOF"), "Căn cước.pdf")


# -- coming on board ----------------------------------------------------------------------------------------------


def test_who_begins_owns_the_farm(owner, farm):
    assert farm.state is FarmState.APPLYING and not farm.may_sell
    assert queries.owner_of(farm).id == owner.id
    assert queries.my_farm(owner).id == queries.applying_farm(owner).id == farm.id
    assert not owner.has_role(Role.FARMER)


def test_one_farm_comes_on_board_at_a_time(owner, by, farm):
    refused(service.start, owner, by, by_a=Conflict)
    do(service.close, farm, by)
    second = do(service.start, owner, by)
    assert queries.applying_farm(owner).id == second.id


def test_a_second_farm_beside_an_open_one(open_farm):
    owner = queries.owner_of(open_farm)
    second = do(service.start, owner, Actor.of(owner.id))
    assert [one.id for one in queries.farms_of(owner)] == [open_farm.id, second.id]
    assert queries.my_farm(owner).id == open_farm.id


def test_steps_are_saved_one_by_one_in_any_order(farm, by):
    assert onboarding.next_step(farm).key == "who" and onboarding.done_count(farm) == 0
    do(service.save_payment, farm, by=by, **bank())
    do(service.save_farm, farm, "Chè Hảo Đạt", "0912 345 678", by)
    assert onboarding.done_count(farm) == 2 and onboarding.next_step(farm).key == "who"
    do(service.save_who, farm, by=by, **who())
    assert onboarding.next_step(farm, after="who").key == "address"
    do(service.save_address, farm, "19", "05503", "Xóm Hồng Thái 2", by)
    assert onboarding.next_step(farm) is None


def test_numbers_are_sealed_and_only_their_ends_are_known(farm, by):
    do(service.save_who, farm, by=by, **who())
    do(service.save_payment, farm, by=by, **bank())
    identity, account = farm.identity, farm.bank_account
    assert (
        sealing.unseal(identity.personal_id_sealed) == ID and ID.encode() not in identity.personal_id_sealed
    )
    assert identity.personal_id_shown == f"•••• •••• {ID[-4:]}"
    assert sealing.unseal(account.number_sealed) == "1234567890" and account.number_shown == "•••• 7890"
    trail = [str(entry.details) for entry in audit.trail(farm)]
    assert not any(ID in line or "1234567890" in line for line in trail)


def test_a_number_left_out_keeps_the_one_given_before(farm, by):
    do(service.save_who, farm, by=by, **who())
    do(service.save_who, farm, by=by, **who(personal_id=None, full_name="Trần Hảo"))
    assert farm.identity.personal_id_end == ID[-4:] and farm.identity.full_name == "Trần Hảo"
    do(service.save_payment, farm, by=by, **bank(holder="TRAN HAO"))
    do(service.save_payment, farm, by=by, **bank(number=None, holder="Tran Hao"))
    assert farm.bank_account.number_end == "7890" and farm.bank_account.holder == "Tran Hao"
    # Another bank is another account: its number must be given.
    assert (
        refused(service.save_payment, farm, by=by, **bank(number=None, bank_bin="970436")).field == "number"
    )


def test_a_number_that_was_kept_must_fit_a_new_date_of_birth(farm, by):
    do(service.save_who, farm, by=by, **who())
    changed = who(personal_id=None, born_on=date(1981, 1, 1))
    assert refused(service.save_who, farm, by=by, **changed).field == "personal_id"


def test_a_company_gives_its_tax_code_and_no_personal_id_stays(farm, by):
    do(service.save_who, farm, by=by, **who())
    company = who(kind=FarmKind.COMPANY, personal_id=None, tax_code="0100233488")
    without = refused(service.save_who, farm, by=by, **company)
    assert without.field == "registration" and "giấy đăng ký" in str(without.sentence)
    assert farm.kind is FarmKind.HOUSEHOLD and farm.identity.tax_code is None
    do(service.save_who, farm, by=by, registration=paper(), **company)
    # The paper is kept: what is typed may be mended without photographing it again.
    do(service.save_who, farm, by=by, **company)
    assert farm.identity.tax_code == "0100233488"
    assert farm.identity.personal_id_sealed is None and farm.identity.personal_id_shown == ""


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"full_name": "  "}, "full_name"),
        ({"full_name": "x" * 121}, "full_name"),
        ({"full_name": "x" * 10_000}, "full_name"),
        ({"born_on": date(2020, 1, 1)}, "born_on"),
        ({"personal_id": ""}, "personal_id"),
        ({"personal_id": "123"}, "personal_id"),
        ({"kind": FarmKind.COMPANY, "tax_code": ""}, "tax_code"),
        ({"kind": FarmKind.COOPERATIVE, "tax_code": "0100109107"}, "tax_code"),
    ],
)
def test_who_is_refused_beside_its_field(farm, by, said, field):
    assert refused(service.save_who, farm, by=by, id_photo=paper(), **who(**said)).field == field
    assert farm.identity is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"bank_bin": "000000"}, "bank"),
        ({"bank_bin": None}, "bank"),
        ({"number": ""}, "number"),
        ({"number": "12345"}, "number"),
        ({"number": "1" * 20}, "number"),
        ({"number": "12AB5678"}, "number"),
        ({"holder": ""}, "holder"),
    ],
)
def test_an_account_is_refused_beside_its_field(farm, by, said, field):
    assert refused(service.save_payment, farm, by=by, **bank(**said)).field == field
    assert farm.bank_account is None


def test_cash_needs_no_number_and_forgets_the_one_there_was(farm, by):
    do(service.save_payment, farm, by=by, **bank())
    do(service.save_payment, farm, PayBy.CASH, by)
    account = farm.bank_account
    assert (account.method, account.bank_bin, account.number_sealed, account.holder) == (
        PayBy.CASH,
        None,
        None,
        "",
    )


def test_the_pin_is_the_middle_of_the_commune_until_somebody_sets_it(farm, by):
    do(service.save_address, farm, "19", "05503", "Xóm Hồng Thái 2", by)
    assert not farm.pin_is_own and farm.lat == pytest.approx(21.5, abs=0.3)
    do(service.save_address, farm, "19", "05503", "Xóm Hồng Thái 2", by, lat=21.5305, lon=105.7636)
    assert farm.pin_is_own and queries.plus_code_of(farm) == "7PH7GQJ7+6C"
    assert queries.address_of(farm) == "Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129"


@pytest.mark.parametrize(
    ("arguments", "pin", "field"),
    [
        (("96", "05503", "Xóm 2"), {}, "commune"),
        (("19", "99999", "Xóm 2"), {}, "commune"),
        (("19", "05503", " "), {}, "street"),
        (("19", "05503", "x" * 201), {}, "street"),
        (("19", "05503", "Xóm 2"), {"lat": 9.17, "lon": 105.15}, "pin"),
        (("19", "05503", "Xóm 2"), {"lat": float("nan"), "lon": 105.15}, "pin"),
    ],
)
def test_an_address_is_refused_beside_its_field(farm, by, arguments, pin, field):
    assert refused(service.save_address, farm, *arguments, by, **pin).field == field
    assert farm.commune_code is None


def test_words_are_kept_as_typed(farm, by):
    name = "Chè <b>Hảo</b> & “Đạt”"
    do(service.save_farm, farm, f"  {name}\x00 ", "0912345678", by, story="e\u0302\n<script>")
    assert farm.name == name and farm.story == "ê\n<script>"


def test_handing_in_names_what_is_not_done(farm, by):
    assert "Người bán" in str(refused(service.submit, farm, by))


def test_handing_in_opens_a_dossier_without_secrets(owner, app):
    farm = make.application(owner)
    dossier = queries.dossier_of(farm)
    assert dossier.state is DossierState.SUBMITTED and dossier.applicant_id == owner.id
    assert dossier.facts["name"] == "Chè Hảo Đạt" and dossier.facts["account"] == "•••• 7890"
    assert ID not in str(dossier.facts) and "1234567890" not in str(dossier.facts)
    shown = {fact.key: fact.value for part in dossier_queries.sections(dossier) for fact in part.facts}
    assert shown["kind"] == "Hộ gia đình, hộ kinh doanh" and "tax_code" not in shown


def test_handed_in_twice_is_handed_in_once(owner, by):
    farm = make.application(owner)
    first = queries.dossier_of(farm)
    assert do(service.submit, farm, by).id == first.id
    assert db.session.query(Dossier).count() == 1
    assert [m.template for m in db.session.scalars(select(Message))] == ["dossiers/submitted"]


def test_nothing_is_changed_while_it_is_looked_at(owner, by):
    farm = make.application(owner)
    refused(service.save_farm, farm, "Khác", "0912345678", by, by_a=Conflict)
    refused(service.save_who, farm, by=by, by_a=Conflict, **who(full_name="Khác"))
    refused(service.save_address, farm, "19", "05503", "Khác", by, by_a=Conflict)
    refused(service.save_payment, farm, PayBy.CASH, by, by_a=Conflict)
    assert farm.name == "Chè Hảo Đạt" and farm.bank_account.method is PayBy.BANK


def test_taken_back_changed_and_handed_in_anew(owner, by):
    farm = make.application(owner)
    first = queries.dossier_of(farm)
    do(service.take_back, farm, by)
    do(service.save_farm, farm, "Chè An", "0912345678", by)
    second = do(service.submit, farm, by)
    assert (
        second.id != first.id and first.state is DossierState.WITHDRAWN and second.facts["name"] == "Chè An"
    )
    refused(service.take_back, make.approved_farm(), by, by_a=Conflict)


def test_papers_go_into_the_dossier_and_stay_after_a_refusal(owner, by):
    farm = make.application(owner, submitted=False, id_photo=paper())
    dossier = queries.dossier_of(farm)
    assert dossier.state is DossierState.DRAFTING and dossier.current_paper("id_photo") is not None
    do(service.submit, farm, by)
    assert queries.dossier_of(farm).id == dossier.id
    do(dossiers.refuse, dossier, "Ảnh mờ.", Actor.of(cast.reviewer().id))
    assert farm.state is FarmState.APPLYING
    again = do(service.submit, farm, by)
    assert again.id != dossier.id and again.current_paper("id_photo") is not None


def test_needs_papers_leads_back_and_goes_on(owner, by):
    farm = make.application(owner)
    dossier, reviewer = queries.dossier_of(farm), Actor.of(cast.reviewer().id)
    do(dossiers.receive, dossier, reviewer)
    do(dossiers.ask_for_papers, dossier, "Địa chỉ chưa rõ thôn.", reviewer, missing=["address"])
    do(service.save_address, farm, "19", "05503", "Xóm Nam Đồng", by)
    assert do(service.submit, farm, by).id == dossier.id
    assert "Xóm Nam Đồng" in dossier.facts["address"] and dossier.state is DossierState.SUBMITTED


def test_approved_the_farm_opens_in_the_same_breath(owner, heard):
    farm = make.approved_farm(owner)
    assert farm.state is FarmState.OPEN and farm.may_sell and farm.open_at is not None
    assert owner.has_role(Role.FARMER)
    assert heard == [events.FarmOpened(farm.id), events.FarmChanged(farm.id)]
    assert queries.dossier_of(farm).state is DossierState.RETURNED
    last = [m.template for m in db.session.scalars(select(Message).order_by(Message.id))][-2:]
    assert set(last) == {"dossiers/approved", "farmers/opened"}


def test_a_farm_that_cannot_open_is_not_approved(owner, by):
    farm = make.application(owner)
    dossier, reviewer = queries.dossier_of(farm), Actor.of(cast.reviewer().id)
    do(dossiers.receive, dossier, reviewer)
    do(dossiers.appraise, dossier, reviewer)
    with transaction():
        farm.state = FarmState.CLOSED
    refused(dossiers.approve, dossier, reviewer, by_a=Conflict)
    assert dossier.state is DossierState.APPRAISED and not owner.has_role(Role.FARMER)


def test_given_up_the_dossier_is_withdrawn(owner, by):
    farm = make.application(owner)
    do(service.close, farm, by)
    assert farm.state is FarmState.CLOSED and queries.dossier_of(farm).state is DossierState.WITHDRAWN
    assert queries.my_farm(owner) is None


# -- a farm at work -----------------------------------------------------------------------------------------------


def test_a_farm_describes_itself(open_farm, heard):
    by = make.actor_of(open_farm)
    do(
        service.describe,
        open_farm,
        by,
        story="Mới.",
        phone="0987654321",
        handling_days=2,
        photos=[make.photo()],
    )
    assert (open_farm.story, open_farm.phone, open_farm.handling_days) == ("Mới.", "+84987654321", 2)
    assert open_farm.photo is not None and heard == [events.FarmChanged(open_farm.id)]
    do(
        service.describe,
        open_farm,
        by,
        story="",
        phone="0987654321",
        handling_days=2,
        drop=[open_farm.photo.code],
    )
    assert open_farm.photo is None and db.session.query(StoredPhoto).count() == 0


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"handling_days": -1}, "handling_days"),
        ({"handling_days": 11}, "handling_days"),
        ({"phone": "123"}, "phone"),
        ({"story": "x" * 3001}, "story"),
    ],
)
def test_what_a_farm_may_not_say(open_farm, said, field):
    facts = {"story": "", "phone": "0987654321", "handling_days": 1, **said}
    assert refused(service.describe, open_farm, make.actor_of(open_farm), **facts).field == field
    assert open_farm.story == "Ba đời làm chè."


def test_an_applying_farm_has_no_settings(owner, by):
    farm = make.application(owner)
    refused(service.describe, farm, by, story="", phone="0987654321", handling_days=1, by_a=Conflict)
    refused(service.change_bank_account, farm, by=by, by_a=Conflict, **bank(number="999999999"))
    refused(service.take_holiday, farm, by, by_a=Conflict)


def test_rest_and_come_back(open_farm, heard):
    by = make.actor_of(open_farm)
    do(service.take_holiday, open_farm, by)
    assert open_farm.state is FarmState.ON_HOLIDAY and not open_farm.may_sell
    do(service.back_from_holiday, open_farm, by)
    assert open_farm.may_sell and heard == [events.FarmChanged(open_farm.id)] * 2
    refused(service.back_from_holiday, open_farm, by, by_a=Conflict)


def test_a_changed_account_is_told_and_holds_payouts_three_days(open_farm, heard, clock):
    clock.set("2026-11-21 10:00")
    by = make.actor_of(open_farm)
    do(service.change_bank_account, open_farm, by=by, **bank(number="55556666777"))
    until = queries.payouts_held_until(open_farm)
    assert until - open_farm.bank_account.changed_at == pytest.approx(
        timedelta(days=3), abs=timedelta(seconds=1)
    )
    assert heard == [events.BankAccountChanged(open_farm.id)]
    notice = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert (
        notice.template == "farmers/bank_changed"
        and "6777" in notice.body
        and "55556666777" not in notice.body
    )
    clock.set("2026-11-24 10:01")
    assert queries.payouts_held_until(open_farm) is None


def test_the_same_account_again_changes_nothing(open_farm, heard):
    do(service.change_bank_account, open_farm, by=make.actor_of(open_farm), **bank())
    do(service.change_bank_account, open_farm, by=make.actor_of(open_farm), **bank(number=None))
    assert heard == [] and queries.payouts_held_until(open_farm) is None


def test_somebody_elses_account_needs_a_paper_and_a_reviewer(open_farm):
    owner = queries.owner_of(open_farm)
    by, wife = Actor.of(owner.id), bank(number="55556666777", holder="NGUYEN THI LAN")
    without = refused(service.change_bank_account, open_farm, by=by, **wife)
    assert without.field == "holder_paper" and "đăng ký kết hôn" in str(without.sentence)
    assert open_farm.bank_account.number_end == "7890" and not queries.holds_payouts(open_farm)
    assert do(service.change_bank_account, open_farm, by=by, holder_paper=paper(), **wife)
    asked = queries.account_dossier(open_farm)
    assert asked.state is DossierState.SUBMITTED and asked.facts["holder"] == "NGUYEN THI LAN"
    assert asked.facts["account"] == "•••• 6777" and asked.due_at is not None
    # Three days later nobody has agreed: still nothing is paid out.
    with transaction():
        open_farm.bank_account.payouts_held_until = clock.now()
    assert queries.payouts_held_until(open_farm) is None and queries.holds_payouts(open_farm)
    reviewer = Actor.of(cast.reviewer().id)
    do(dossiers.receive, asked, reviewer)
    do(dossiers.appraise, asked, reviewer)
    do(dossiers.approve, asked, reviewer)
    assert not queries.holds_payouts(open_farm) and open_farm.state is FarmState.OPEN


def test_a_refused_paper_holds_on_until_another_or_the_own_account(open_farm):
    by, reviewer = make.actor_of(open_farm), Actor.of(cast.reviewer().id)
    wife = bank(number="55556666777", holder="NGUYEN THI LAN")
    do(service.change_bank_account, open_farm, by=by, holder_paper=paper(), **wife)
    first = queries.account_dossier(open_farm)
    do(dossiers.receive, first, reviewer)
    do(dossiers.refuse, first, "Giấy không đọc được.", reviewer)
    assert queries.holds_payouts(open_farm)
    assert do(service.change_bank_account, open_farm, by=by, holder_paper=paper(), **wife)
    second = queries.account_dossier(open_farm)
    assert second.id != first.id and second.state is DossierState.SUBMITTED
    do(service.change_bank_account, open_farm, by=by, **bank(number="99998888777"))
    assert second.state is DossierState.WITHDRAWN and open_farm.bank_account.holder_asked_at is None


def test_only_the_owner_changes_the_account(open_farm):
    owner, helper = queries.owner_of(open_farm), cast.trainer()
    for by in (
        Actor.of(helper.id),
        Actor.of(helper.id, for_id=owner.id),
        Actor.of(owner.id, for_id=owner.id),
    ):
        refused(service.change_bank_account, open_farm, by=by, by_a=Forbidden, **bank(number="55556666777"))
    assert open_farm.bank_account.number_end == "7890"
    assert "bank" not in {scope.value for scope in HelpScope}


def test_a_password_or_a_code_proves_the_owner(app):
    owner = cast.farmer_an()
    by = Actor.of(owner.id)
    assert do(service.prove, owner, cast.PASSWORD, "", by)
    assert not do(service.prove, owner, "wrong", "", by)
    assert not do(service.prove, owner, "", "000000", by)
    assert not do(service.prove, cast.farmer_binh(), "", "", Actor.of(cast.farmer_binh().id))


# -- the market's say ---------------------------------------------------------------------------------------------


def test_stopped_with_a_reason_and_started_again(open_farm, heard):
    by = Actor.of(cast.admin().id)
    do(service.suspend, open_farm, "Hàng không đúng mô tả.", by)
    assert open_farm.state is FarmState.SUSPENDED and not open_farm.may_sell
    assert open_farm.suspended_because == "Hàng không đúng mô tả."
    assert heard == [events.FarmSuspended(open_farm.id), events.FarmChanged(open_farm.id)]
    notice = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert notice.template == "farmers/suspended" and "Hàng không đúng mô tả." in notice.body
    heard.clear()
    do(service.resume, open_farm, by)
    assert open_farm.may_sell and open_farm.suspended_because is None
    assert heard == [events.FarmResumed(open_farm.id), events.FarmChanged(open_farm.id)]


def test_not_stopped_without_a_reason_and_not_twice(open_farm):
    by = Actor.of(cast.admin().id)
    assert refused(service.suspend, open_farm, " ", by).field == "reason"
    refused(service.resume, open_farm, by, by_a=Conflict)
    do(service.suspend, open_farm, "Vì thế.", by)
    refused(service.suspend, open_farm, "Lại nữa.", by, by_a=Conflict)
    refused(service.take_holiday, open_farm, by, by_a=Conflict)
    assert open_farm.suspended_because == "Vì thế."


# -- who sees what ------------------------------------------------------------------------------------------------


def test_anothers_farm_does_not_exist(open_farm):
    assert queries.farm_for(queries.owner_of(open_farm), open_farm.code).id == open_farm.id
    for code, person in ((open_farm.code, cast.buyer()), ("NVNOTHING", queries.owner_of(open_farm))):
        with pytest.raises(Missing):
            queries.farm_for(person, code)


def test_everybody_at_the_farm_is_told(open_farm):
    assert [to.person_id for to in queries.members_recipients(open_farm)] == [queries.owner_of(open_farm).id]


def test_what_is_known_is_told_and_forgotten(owner, by):
    farm = make.application(owner, id_photo=paper())
    known = service.gather(owner.id)
    assert known[0]["full_name"] == "Trần Văn Hảo" and ID not in str(known)
    assert dossiers.gather(owner.id)[0]["papers"]
    with transaction():
        service.forget(owner.id)
        dossiers.forget(owner.id)
    assert farm.state is FarmState.CLOSED and farm.identity is None and farm.bank_account is None
    dossier = queries.dossier_of(farm)
    assert dossier.facts == {} and not dossier.papers and dossier.state is DossierState.WITHDRAWN
    assert db.session.query(StoredPaper).count() == 0


def test_who_still_sells_is_not_forgotten(open_farm):
    refused(service.forget, queries.owner_of(open_farm).id)
    assert open_farm.identity is not None


def test_banks_are_known_by_number():
    assert len(queries.banks()) == len({bank.bin for bank in queries.banks()}) > 50
    assert queries.banks()[0].short_name == "Agribank"
    assert queries.bank("970449").short_name == "LPBank"


def test_time_is_the_clocks(open_farm):
    assert open_farm.open_at <= clock.now()
