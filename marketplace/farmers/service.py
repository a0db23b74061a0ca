"""What can be done with a farm, in the order of its life: come on board step by step, sell, rest, stop."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.events import DossierApproved
from marketplace.dossiers.models import Dossier, Intake, in_every_language
from marketplace.dossiers.queries import dossier as dossier_by_id
from marketplace.farmers import identity, onboarding, queries
from marketplace.farmers.events import (
    FarmChanged,
    FarmClosed,
    FarmOpened,
    FarmResumed,
    FarmSuspended,
)
from marketplace.farmers.models import (
    BankAccount,
    Farm,
    FarmKind,
    FarmMember,
    FarmState,
    Identity,
    PayBy,
)
from marketplace.farmers.paying import (
    HOLDER_PAPER,
    change_bank_account,
    holder_needs_paper,
    prove,
    send_proof_code,
    when_holder_agreed,
    write_account,
)
from marketplace.farmers.pictures import add_photos, drop_photos
from marketplace.farmers.team import add_member, remove_member, set_rights
from marketplace.farmers.telling import read_line, tell
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import claim, clean_text, db
from marketplace.foundation.events import publish
from marketplace.foundation.files import ReadyPaper, StoredPhoto
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.sealing import seal, unseal
from marketplace.foundation.states import move
from marketplace.foundation.words import _
from marketplace.places import queries as places

__all__ = [
    "HOLDER_PAPER",
    "add_member",
    "change_bank_account",
    "prove",
    "remove_member",
    "send_proof_code",
    "set_rights",
]
"""What paying.py and team.py do, for whoever calls verbs; all of this room's own are here."""

PROCEDURE = "open_farm_shop"
PAPERS = ("id_photo", "registration")
FARTHEST_PIN_KM = 60
MOST_HANDLING_DAYS = 10
LONGEST_HOLIDAY = timedelta(days=365)
LONGEST_STORY = 3000


# -- coming on board ----------------------------------------------------------------------------------------------


def start(person: Person, by: Actor) -> Farm:
    """Begin to bring a farm on board; the person who begins owns it. One at a time: raises Conflict for a second."""
    claim(Person, [person.id])
    if queries.applying_farm(person) is not None:
        raise Conflict(_("Bạn đang có một gian hàng làm thủ tục. Hãy làm xong gian hàng đó trước."))
    farm = Farm(phone=person.contact_phone)
    farm.members.append(FarmMember(person=person, is_owner=True))
    db.session.add(farm)
    audit.record(by, "farm.start", farm)
    return farm


def start_at_counter(person: Person, service_point_id: int, by: Actor) -> Farm:
    """A clerk brings a farm on board with the person before the counter; what that person began alone is gone on with.
    Raises Conflict while the dossier is with the reviewers."""
    farm = queries.applying_farm(person) or start(person, by)
    db.session.flush()
    begun = queries.dossier_of(farm)
    if begun is not None and begun.is_with_applicant:
        dossiers.bring_to_counter(begun, service_point_id, by)
    else:
        dossiers.open(
            PROCEDURE, person, Farm.__tablename__, farm.id, {}, by, Intake.COUNTER, service_point_id
        )
    return farm


def save_who(
    farm: Farm,
    kind: FarmKind,
    full_name: str,
    born_on: date,
    by: Actor,
    personal_id: str | None = None,
    tax_code: str | None = None,
    id_photo: ReadyPaper | None = None,
    registration: ReadyPaper | None = None,
) -> None:
    """Who stands behind the farm. A household gives the personal id, a co-operative or company its tax code and the
    paper it is registered by.

    A personal id left out keeps the one given before. Raises Refusal beside the field that is wrong.
    """
    _must_be_editable(farm)
    full_name = read_line(full_name, 120, "full_name", _("Hãy ghi họ tên như trên thẻ căn cước."))
    identity.check_born_on(born_on)
    who = farm.identity or Identity()
    number = code = None
    if kind is FarmKind.HOUSEHOLD:
        kept = unseal(who.personal_id_sealed) if who.personal_id_sealed else ""
        if not (personal_id or kept):
            raise Refusal(_("Hãy ghi số định danh, 12 chữ số trên thẻ căn cước."), "personal_id")
        number = identity.read_personal_id(personal_id or kept, born_on)
    else:
        if not tax_code:
            raise Refusal(_("Hãy ghi mã số thuế của hợp tác xã hoặc công ty."), "tax_code")
        code = identity.read_tax_code(tax_code)
        if registration is None and not _has_paper(farm, "registration"):
            raise Refusal(
                _("Hãy chụp giấy đăng ký hợp tác xã hoặc doanh nghiệp, thấy rõ mã số thuế."), "registration"
            )
    who.full_name, who.born_on, who.tax_code = full_name, born_on, code
    if number is None:
        who.personal_id_sealed, who.personal_id_end, who.personal_id_print = None, "", None
    elif who.personal_id_sealed is None or unseal(who.personal_id_sealed) != number:
        who.personal_id_sealed, who.personal_id_end = seal(number), number[-4:]
        who.personal_id_print = fingerprint(number, "personal_id")
    farm.kind, farm.identity = kind, who
    for paper_kind, ready in zip(PAPERS, (id_photo, registration), strict=True):
        if ready is not None:
            dossiers.add_paper(_dossier_to_fill(farm, by), paper_kind, ready, by)
    audit.record(by, "farm.save_who", farm, kind=kind.value)


def save_farm(
    farm: Farm,
    name: str,
    phone: str,
    by: Actor,
    story: str = "",
    photos: Sequence[ReadyPhoto | StoredPhoto] = (),
) -> None:
    """What the farm is called, where it is telephoned, what it says of itself."""
    _must_be_editable(farm)
    farm.name = read_line(name, 120, "name", _("Hãy đặt tên cho gian hàng."))
    farm.phone = _phone(phone)
    farm.story = _story(story)
    add_photos(farm, photos, by)
    audit.record(by, "farm.save_farm", farm)


def save_address(
    farm: Farm,
    province_code: str,
    commune_code: str,
    street: str,
    by: Actor,
    lat: float | None = None,
    lon: float | None = None,
    vpostcode: str = "",
) -> None:
    """Where parcels are picked up. Without a pin (degrees) it is the middle of the commune."""
    _must_be_editable(farm)
    commune = places.commune(commune_code)
    if commune is None or commune.province_code != province_code:
        raise Refusal(_("Xã, phường này không thuộc tỉnh đã chọn. Hãy chọn lại."), "commune")
    street = read_line(street, 200, "street", _("Hãy ghi số nhà, đường hoặc thôn, ấp để bưu tá tìm được."))
    is_own = lat is not None and lon is not None
    pin = places.Position(lat, lon) if lat is not None and lon is not None else commune
    if not commune.is_special_zone and not places.distance_km(pin, commune) <= FARTHEST_PIN_KM:
        raise Refusal(
            _("Vị trí này cách %(commune)s quá xa. Hãy chấm lại, hoặc để trống.", commune=commune.name), "pin"
        )
    farm.province_code, farm.commune_code, farm.street = province_code, commune_code, street
    farm.lat, farm.lon, farm.pin_is_own = pin.lat, pin.lon, is_own
    farm.vpostcode = vpostcode or None
    audit.record(by, "farm.save_address", farm, commune=commune_code)


def save_payment(
    farm: Farm,
    method: PayBy,
    by: Actor,
    bank_bin: str | None = None,
    number: str | None = None,
    holder: str = "",
    holder_paper: ReadyPaper | None = None,
) -> None:
    """How the farm is paid, before it is open. An account number left out keeps the one given before.

    An account of somebody else (a spouse, the co-operative) needs a paper that says so.
    """
    _must_be_editable(farm)
    write_account(farm, method, bank_bin, number, holder)
    if holder_paper is not None:
        dossiers.add_paper(_dossier_to_fill(farm, by), HOLDER_PAPER, holder_paper, by)
    elif queries.holder_is_other(farm) and not _has_paper(farm, HOLDER_PAPER):
        raise holder_needs_paper(farm)
    audit.record(by, "farm.save_payment", farm, method=method.value)


def submit(farm: Farm, by: Actor, is_vouched: bool = False) -> Dossier:
    """Hand the application in as a dossier; pressed twice it is handed in once. Raises Refusal for what is missing.

    Whoever does it alone has proved their telephone; with a clerk or trainer beside them (`is_vouched`) they need not.
    """
    claim(Farm, [farm.id])
    earlier = queries.dossier_of(farm)
    if earlier is not None and earlier.is_with_us:
        return earlier
    _must_be_editable(farm)
    undone = onboarding.next_step(farm)
    if undone is not None:
        raise Refusal(_("Còn mục “%(step)s” chưa xong. Hãy làm nốt rồi nộp.", step=undone.short))
    if not (is_vouched or queries.has_proved_phone(farm)):
        raise Refusal(_("Hãy xác nhận số điện thoại của bạn bằng mã rồi nộp. Chợ báo tin vào số đó."))
    dossier = _dossier_to_fill(farm, by)
    dossiers.describe(dossier, facts_of(farm), by)
    dossiers.submit(dossier, by)
    return dossier


def take_back(farm: Farm, by: Actor) -> None:
    """Withdraw the application to change it; what was filled in stays."""
    dossier = queries.dossier_of(farm)
    if dossier is None or dossier.is_over:
        raise Conflict(_("Hồ sơ này đã có kết quả nên không rút được nữa."))
    dossiers.withdraw(dossier, by)


def facts_of(farm: Farm) -> dict[str, Any]:
    """The application as its procedure asks for it. Numbers only by their last four digits; what the market found out
    itself in the words of whoever reads it."""
    who, account = farm.identity, farm.bank_account
    assert who is not None and account is not None and farm.kind is not None and who.born_on is not None
    bank = queries.bank_of(farm)
    return {
        "kind": farm.kind.value,
        "full_name": who.full_name,
        "born_on": who.born_on.isoformat(),
        "personal_id": who.personal_id_shown,
        "tax_code": who.tax_code or "",
        "name": farm.name,
        "phone": farm.phone or "",
        "story": farm.story,
        "address": queries.address_of(farm),
        "plus_code": queries.plus_code_of(farm),
        "pin_is_own": "own" if farm.pin_is_own else "commune",
        "method": account.method.value,
        "bank": bank.label if bank is not None else "",
        "account": account.number_shown,
        "holder": account.holder,
        "holder_is": "other" if queries.holder_is_other(farm) else "self",
        "phone_is": "proved" if queries.has_proved_phone(farm) else "said",
        "id_says": in_every_language(lambda: _id_says(farm)),
        "same_as": in_every_language(lambda: _same_as(farm)),
    }


def _same_as(farm: Farm) -> str:
    """Which shops it shares a number with. It is what was seen then: the shop's own page looks again."""
    return "\n".join(queries.duplicates(farm)) or str(_("Không trùng khi nộp hồ sơ"))


def _id_says(farm: Farm) -> str:
    """What the sealed number itself says, for whoever compares it with the card: never the number."""
    who = farm.identity
    if who is None or who.personal_id_sealed is None:
        return ""
    province, is_woman, year = identity.describe_personal_id(unseal(who.personal_id_sealed))
    return str(
        _(
            "mã tỉnh khai sinh %(province)s, %(sex)s, sinh %(year)s",
            province=province,
            sex=_("nữ") if is_woman else _("nam"),
            year=year,
        )
    )


def reveal(farm: Farm, why: str, by: Actor) -> dict[str, str]:
    """The sealed numbers in full, once, for a reviewer who must compare them with a paper. The look and its reason stay
    in the trail; the numbers do not."""
    if len(why.strip()) < 5:
        raise Refusal(_("Hãy ghi vì sao cần xem, ví dụ: so với ảnh căn cước."), "why")
    if any(member.person_id == by.person_id for member in farm.members):
        raise Refusal(_("Đây là gian hàng của chính bạn. Hãy nhờ người thẩm định khác."), "why")
    audit.record(by, "farm.revealed", farm, why=why.strip()[:300])
    who, account = farm.identity, farm.bank_account
    return {
        "personal_id": unseal(who.personal_id_sealed) if who and who.personal_id_sealed else "",
        "account": unseal(account.number_sealed) if account and account.number_sealed else "",
    }


def when_dossier_approved(event: DossierApproved) -> None:
    """The application was approved: the farm opens, in the same breath. Or a reviewer agreed to an account that is
    somebody else's."""
    dossier = dossier_by_id(event.dossier_id)
    if dossier.subject_type == Farm.__tablename__:
        open_farm(queries.farm(dossier.subject_id), SYSTEM)
    elif dossier.subject_type == BankAccount.__tablename__:
        when_holder_agreed(dossier)


def open_farm(farm: Farm, by: Actor) -> None:
    """The farm may sell from now on, and its owner is a farmer."""
    claim(Farm, [farm.id])
    move(farm, FarmState.OPEN, by)
    accounts.give_role(queries.owner_of(farm), Role.FARMER, by)
    publish(FarmOpened(farm.id))
    publish(FarmChanged(farm.id))
    tell(farm, "opened", "/sell")


# -- a farm at work -----------------------------------------------------------------------------------------------


def describe(
    farm: Farm,
    by: Actor,
    story: str,
    phone: str,
    handling_days: int,
    photos: Sequence[ReadyPhoto | StoredPhoto] = (),
    drop: Sequence[str] = (),
) -> None:
    """Change what the farm says of itself, where it is telephoned, and how many working days it takes to pack."""
    _must_be_working(farm)
    if not 0 <= handling_days <= MOST_HANDLING_DAYS:
        raise Refusal(
            _("Chuẩn bị hàng từ 0 đến %(most)s ngày làm việc.", most=MOST_HANDLING_DAYS), "handling_days"
        )
    farm.story, farm.phone, farm.handling_days = _story(story), _phone(phone), handling_days
    drop_photos(farm, drop)
    add_photos(farm, photos, by)
    audit.record(by, "farm.describe", farm)
    publish(FarmChanged(farm.id))


def take_holiday(farm: Farm, by: Actor, back_on: date | None = None) -> None:
    """Rest: nothing new can be bought; open orders go on. With a day it sells again by itself that morning."""
    if back_on is not None and not clock.today() < back_on <= clock.today() + LONGEST_HOLIDAY:
        raise Refusal(_("Ngày bán lại phải sau hôm nay và trong vòng một năm."), "back_on")
    claim(Farm, [farm.id])
    move(farm, FarmState.ON_HOLIDAY, by)
    farm.back_on = back_on
    publish(FarmChanged(farm.id))


def back_from_holiday(farm: Farm, by: Actor) -> None:
    """Sell again."""
    claim(Farm, [farm.id])
    if farm.state is not FarmState.ON_HOLIDAY:
        raise Conflict(_("Gian hàng không trong kỳ nghỉ. Hãy tải lại trang để xem tình trạng mới."))
    move(farm, FarmState.OPEN, by)
    farm.back_on = None
    publish(FarmChanged(farm.id))


def end_holidays() -> int:
    """Farms whose rest is over sell again. Returns how many."""
    rested = queries.back_by(clock.today())
    for farm in rested:
        back_from_holiday(farm, SYSTEM)
        tell(farm, "back", "/sell")
    return len(rested)


# -- the market's say ---------------------------------------------------------------------------------------------


def suspend(farm: Farm, reason: str, by: Actor) -> None:
    """Stop a farm from selling: its goods leave the window at once, open orders go on, the reason is told."""
    claim(Farm, [farm.id])
    why = _reason(reason)
    move(farm, FarmState.SUSPENDED, by, why)
    farm.suspended_because = why
    publish(FarmSuspended(farm.id))
    publish(FarmChanged(farm.id))
    tell(farm, "suspended", "/sell/farm", reason=why)


def resume(farm: Farm, by: Actor, reason: str = "") -> None:
    """Let a suspended farm sell again."""
    claim(Farm, [farm.id])
    if farm.state is not FarmState.SUSPENDED:
        raise Conflict(_("Gian hàng không bị tạm dừng. Hãy tải lại trang để xem tình trạng mới."))
    move(farm, FarmState.OPEN, by, reason.strip() or None)
    farm.suspended_because = None
    publish(FarmResumed(farm.id))
    publish(FarmChanged(farm.id))
    tell(farm, "resumed", "/sell")


def close(farm: Farm, by: Actor, why: str | None = None) -> None:
    """End a farm, or give up bringing it on board. Its records stay."""
    claim(Farm, [farm.id])
    dossier = queries.dossier_of(farm)
    if dossier is not None and not dossier.is_over:
        dossiers.withdraw(dossier, by, why)
    move(farm, FarmState.CLOSED, by, why)
    publish(FarmClosed(farm.id))
    publish(FarmChanged(farm.id))


# -- a person's own data ------------------------------------------------------------------------------------------


def gather(person_id: int) -> list[dict[str, Any]]:
    """The farms of a person, with who stands behind them. Sealed numbers are told by their end, as everywhere."""
    return [
        {
            "code": farm.code,
            "name": farm.name,
            "state": farm.state.value,
            "story": farm.story,
            "phone": farm.phone,
            "address": queries.address_of(farm),
            "full_name": farm.identity.full_name if farm.identity else "",
            "born_on": farm.identity.born_on.isoformat() if farm.identity and farm.identity.born_on else "",
            "personal_id": farm.identity.personal_id_shown if farm.identity else "",
            "tax_code": farm.identity.tax_code if farm.identity else "",
            "bank_account": farm.bank_account.number_shown if farm.bank_account else "",
        }
        for farm in queries.farms_of(db.session.get_one(Person, person_id))
    ]


def forget(person_id: int) -> None:
    """A farm that still sells must be closed first; one that applies is given up. Identity, account and story go."""
    for farm in queries.farms_of(db.session.get_one(Person, person_id)):
        if farm.state is FarmState.APPLYING:
            move(farm, FarmState.CLOSED, SYSTEM)
        if farm.state is not FarmState.CLOSED:
            raise Refusal(
                _("Bạn còn gian hàng %(farm)s. Hãy đóng gian hàng trước khi xoá tài khoản.", farm=farm.name)
            )
        for record in (farm.identity, farm.bank_account):
            if record is not None:
                db.session.delete(record)
        farm.story, farm.phone, farm.street = "", None, ""
        farm.lat = farm.lon = farm.vpostcode = None
        drop_photos(farm, [photo.code for photo in farm.photos])


# -- what several verbs ask ---------------------------------------------------------------------------------------


def _must_be_editable(farm: Farm) -> None:
    """The steps are open while the farm applies and its dossier is not in the post's hands."""
    if farm.state is not FarmState.APPLYING:
        raise Conflict(_("Gian hàng đã mở. Hãy sửa ở trang cài đặt gian hàng."))
    dossier = queries.dossier_of(farm)
    if dossier is not None and dossier.is_with_us:
        raise Conflict(_("Hồ sơ đã nộp và đang được xem nên chưa sửa được. Cần sửa, hãy rút hồ sơ trước."))


def _must_be_working(farm: Farm) -> None:
    if farm.state not in (FarmState.OPEN, FarmState.ON_HOLIDAY, FarmState.SUSPENDED):
        raise Conflict(_("Gian hàng chưa mở hoặc đã đóng nên chưa sửa được ở đây."))


def _dossier_to_fill(farm: Farm, by: Actor) -> Dossier:
    """The dossier that is open for papers and facts; a new one after a refusal or a withdrawal, where the last one was
    filled in: at home, or at its counter."""
    found, owner = queries.dossier_of(farm), queries.owner_of(farm)
    if found is not None and found.is_with_applicant:
        return found
    db.session.flush()
    at_counter = found is not None and by.for_id == owner.id
    intake, point = (found.intake, found.service_point_id) if found and at_counter else (Intake.WEB, None)
    return dossiers.open(PROCEDURE, owner, Farm.__tablename__, farm.id, {}, by, intake, point)


def _has_paper(farm: Farm, kind: str) -> bool:
    dossier = queries.dossier_of(farm)
    return dossier is not None and dossier.current_paper(kind) is not None


def _story(typed: str) -> str:
    text = clean_text(typed).strip()
    if len(text) > LONGEST_STORY:
        raise Refusal(_("Dài quá: tối đa %(max)s ký tự.", max=LONGEST_STORY), "story")
    return text


def _phone(typed: str) -> str:
    found = parse_phone(typed)
    if found is None:
        raise Refusal(_("Số điện thoại chưa đúng. Số di động có 10 chữ số, ví dụ 0912 345 678."), "phone")
    return found


def _reason(typed: str) -> str:
    text = clean_text(typed).strip()
    if not text:
        raise Refusal(_("Hãy ghi lý do để người bán biết vì sao và cần làm gì."), "reason")
    if len(text) > 2000:
        raise Refusal(_("Dài quá: tối đa %(max)s ký tự.", max=2000), "reason")
    return text
