"""What can be seen of farms: by the people who work for them, by other rooms, by the market's staff."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person
from marketplace.accounts.queries import Deed
from marketplace.dossiers import queries as dossiers
from marketplace.dossiers.models import Dossier, Intake
from marketplace.farmers import banks as bank_list
from marketplace.farmers import identity
from marketplace.farmers.banks import Bank
from marketplace.farmers.models import (
    RIGHT_WORDS,
    BankAccount,
    Farm,
    FarmKind,
    FarmMember,
    FarmRight,
    FarmState,
    Identity,
    PayBy,
)
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Forbidden, Missing
from marketplace.foundation.words import Text, _
from marketplace.notifications.models import Recipient
from marketplace.places import queries as places

NOT_YOURS = _(
    "Không tìm thấy gian hàng này. Có thể địa chỉ đã gõ sai, hoặc đây không phải gian hàng của bạn."
)


# -- through the person -------------------------------------------------------------------------------------------


def farms_of(person: Person) -> list[Farm]:
    """The farms this person works for: those that sell first, closed ones last."""
    order = case(
        {FarmState.OPEN: 0, FarmState.ON_HOLIDAY: 0, FarmState.SUSPENDED: 1, FarmState.APPLYING: 2},
        value=Farm.state,
        else_=3,
    )
    return list(
        db.session.scalars(
            select(Farm)
            .join(FarmMember, FarmMember.farm_id == Farm.id)
            .where(FarmMember.person_id == person.id)
            .order_by(order, Farm.id)
        )
    )


def my_farm(person: Person) -> Farm | None:
    """The farm whose desk this person sees first; none before they begin one."""
    return next((farm for farm in farms_of(person) if farm.state is not FarmState.CLOSED), None)


def farm_for(person: Person, code: str) -> Farm:
    """A farm this person works for; raises Missing for anybody else's."""
    found: Farm | None = db.session.scalar(
        select(Farm)
        .join(FarmMember, FarmMember.farm_id == Farm.id)
        .where(Farm.code == code, FarmMember.person_id == person.id)
    )
    if found is None:
        raise Missing(NOT_YOURS)
    return found


def must_have_right(person: Person, right: FarmRight) -> None:
    """Raises Forbidden when somebody of a farm's team opens what the owner did not give them. A person works for one
    farm at a time, so their desk is that farm's; whoever has no farm is asked elsewhere."""
    if not has_right(person, right):
        raise Forbidden(
            _(
                "Chủ gian hàng chưa giao cho bạn việc “%(right)s”. Hãy nhờ chủ gian hàng.",
                right=RIGHT_WORDS[right],
            )
        )


def has_right(person: Person, right: FarmRight) -> bool:
    """Did the owner give them this? The owner has every right; whoever has no farm lacks none."""
    rows = list(
        db.session.scalars(
            select(FarmMember)
            .join(Farm, Farm.id == FarmMember.farm_id)
            .where(FarmMember.person_id == person.id, Farm.state != FarmState.CLOSED)
        )
    )
    return not rows or any(row.is_owner or right.value in (row.rights or ()) for row in rows)


def must_be_owner(person: Person) -> None:
    """Raises Forbidden for a member of a team on pages that are the owner's own."""
    member = db.session.scalar(
        select(FarmMember.id)
        .join(Farm, Farm.id == FarmMember.farm_id)
        .where(
            FarmMember.person_id == person.id, FarmMember.is_owner.is_(False), Farm.state != FarmState.CLOSED
        )
    )
    if member is not None:
        raise Forbidden(_("Trang này chỉ dành cho chủ gian hàng."))


def member_of(farm: Farm, code: str) -> FarmMember:
    """Somebody of the farm's team; raises Missing."""
    found = next((member for member in farm.members if member.code == code), None)
    if found is None:
        raise Missing()
    return found


def applying_farm(person: Person) -> Farm | None:
    """The farm this person is bringing on board now, if any."""
    return next((farm for farm in farms_of(person) if farm.state is FarmState.APPLYING), None)


# -- for other rooms ----------------------------------------------------------------------------------------------


def farm(farm_id: int) -> Farm:
    return db.session.get_one(Farm, farm_id)


def owner_of(farm: Farm) -> Person:
    """The person who answers for the farm."""
    return next(member.person for member in farm.members if member.is_owner)


def members_recipients(farm: Farm) -> list[Recipient]:
    """Everybody who works for the farm, to be told something."""
    return [people.recipient_of(member.person) for member in farm.members]


def holder_is_other(farm: Farm) -> bool:
    """Is the bank account somebody else's: neither the person's who stands for the farm nor the organisation's own?"""
    who, account = farm.identity, farm.bank_account
    if who is None or account is None or account.method is not PayBy.BANK:
        return False
    own = [who.full_name] if farm.kind is FarmKind.HOUSEHOLD else [who.full_name, farm.name]
    return not any(identity.is_same_name(account.holder, name) for name in own)


def rest_said(farm: Farm, goods: str) -> Text:
    """Why something of a resting farm cannot be bought today, and from when it can."""
    if farm.back_on is None:
        return _("“%(name)s” tạm chưa bán vì nhà vườn đang nghỉ.", name=goods)
    day = f"{farm.back_on:%d/%m/%Y}"
    return _("“%(name)s” tạm chưa bán vì nhà vườn đang nghỉ, bán lại từ %(day)s.", name=goods, day=day)


def has_proved_phone(farm: Farm) -> bool:
    """Did its owner prove, by a code, that they hold the telephone they sign in with?"""
    return owner_of(farm).phone_verified_at is not None


def duplicates(farm: Farm) -> list[str]:
    """Other farms, not closed, with the same personal id, tax code, telephone or bank account: what, and which."""
    who, account = farm.identity, farm.bank_account
    asked: list[tuple[Text, Any]] = (
        [(_("Trùng số điện thoại"), Farm.phone == farm.phone)] if farm.phone else []
    )
    if who is not None and who.personal_id_print:
        asked.append((_("Trùng số định danh"), Identity.personal_id_print == who.personal_id_print))
    if who is not None and who.tax_code:
        asked.append((_("Trùng mã số thuế"), Identity.tax_code == who.tax_code))
    if account is not None and account.number_print:
        asked.append((_("Trùng tài khoản ngân hàng"), BankAccount.number_print == account.number_print))
    found: list[str] = []
    for words, condition in asked:
        rows = db.session.scalars(
            select(Farm)
            .outerjoin(Identity, Identity.farm_id == Farm.id)
            .outerjoin(BankAccount, BankAccount.farm_id == Farm.id)
            .where(condition, Farm.id != farm.id, Farm.state != FarmState.CLOSED)
            .order_by(Farm.id)
            .limit(5)
        )
        found.extend(f"{words}: {other.code} {other.name}".strip() for other in rows)
    return found


def back_by(day: date) -> list[Farm]:
    """Resting farms that said they sell again by this day."""
    return list(
        db.session.scalars(
            select(Farm)
            .where(Farm.state == FarmState.ON_HOLIDAY, Farm.back_on.is_not(None), Farm.back_on <= day)
            .order_by(Farm.id)
        )
    )


def farm_at_counter(point_ids: Sequence[int], code: str) -> Farm:
    """A farm that comes on board at one of these counters; raises Missing."""
    found: Farm | None = db.session.scalar(select(Farm).where(Farm.code == code))
    dossier = dossier_of(found) if found is not None else None
    is_here = (
        dossier is not None and dossier.intake is Intake.COUNTER and dossier.service_point_id in point_ids
    )
    if found is None or not is_here:
        raise Missing(_("Không tìm thấy gian hàng này ở quầy của bạn."))
    return found


def farm_of_dossier(code: str) -> Farm:
    """The farm a dossier is about, for its reviewer; raises Missing."""
    found = db.session.scalar(
        select(Farm)
        .join(Dossier, Dossier.subject_id == Farm.id)
        .where(Dossier.code == code, Dossier.subject_type == Farm.__tablename__)
    )
    if found is None:
        raise Missing()
    return found


def address_of(farm: Farm) -> str:
    """`Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên 24129`; empty before the address step."""
    place = places.commune(farm.commune_code or "")
    return places.print_address(farm.street, place) if place is not None else ""


def plus_code_of(farm: Farm) -> str:
    """The Open Location Code of the farm's pin; empty before the address step."""
    return places.plus_code(farm.lat, farm.lon) if farm.lat is not None and farm.lon is not None else ""


def banks() -> list[Bank]:
    """The banks a farm can be paid at, the common ones first."""
    return list(bank_list.banks().values())


def bank(bin: str) -> Bank | None:
    return bank_list.banks().get(bin)


def bank_of(farm: Farm) -> Bank | None:
    """The bank a farm is paid at; none for cash."""
    account = farm.bank_account
    return bank(account.bank_bin or "") if account is not None else None


def payouts_held_until(farm: Farm) -> datetime | None:
    """Until when nothing is paid out because the bank account changed; none when nothing is held."""
    account = farm.bank_account
    until = account.payouts_held_until if account is not None else None
    return until if until is not None and until > clock.now() else None


def holds_payouts(farm: Farm) -> bool:
    """Is nothing paid out for now: the account changed lately, or is somebody else's and nobody agreed to it yet?"""
    account = farm.bank_account
    is_asked = account is not None and account.holder_asked_at is not None
    return is_asked or payouts_held_until(farm) is not None


def account_dossier(farm: Farm) -> Dossier | None:
    """The latest dossier about the farm's account being somebody else's."""
    account = farm.bank_account
    if account is None or account.id is None:
        return None
    return dossiers.dossier_of(BankAccount.__tablename__, account.id)


def dossier_of(farm: Farm) -> Dossier | None:
    """The farm's latest dossier."""
    return dossiers.dossier_of(Farm.__tablename__, farm.id)


# -- for the market's staff ---------------------------------------------------------------------------------------


def farm_by_code(code: str) -> Farm:
    """Any farm; raises Missing. For desks that look after all of them."""
    found: Farm | None = db.session.scalar(select(Farm).where(Farm.code == code))
    if found is None:
        raise Missing(_("Không tìm thấy gian hàng này. Hãy xem lại mã."))
    return found


def farms(text: str = "", state: FarmState | None = None, province_code: str = "") -> Select[Farm]:
    """All farms but those never handed in by name; `text` is a code, part of a name, or a telephone."""
    asked = select(Farm).options(joinedload(Farm.photo))
    if state is not None:
        asked = asked.where(Farm.state == state)
    if province_code:
        asked = asked.where(Farm.province_code == province_code)
    if text:
        asked = asked.where(
            or_(
                Farm.code == text.upper(),
                Farm.name.icontains(text, autoescape=True),
                Farm.phone.contains(text.removeprefix("0"), autoescape=True),
            )
        )
    return asked.order_by(Farm.name, Farm.id)


def count(asked: Select[Farm]) -> int:
    ids = asked.with_only_columns(Farm.id).order_by(None)
    return db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def rows(asked: Select[Farm], offset: int, limit: int) -> Sequence[Farm]:
    return db.session.scalars(asked.offset(offset).limit(limit)).all()


DEEDS: dict[str, Text] = {
    "farm.start": _("Bắt đầu đăng ký"),
    "farm.save_who": _("Lưu mục người bán"),
    "farm.save_farm": _("Lưu mục nông trại"),
    "farm.save_address": _("Lưu mục địa chỉ"),
    "farm.save_payment": _("Lưu mục nhận tiền"),
    "farm.open": _("Bán hàng"),
    "farm.describe": _("Sửa giới thiệu"),
    "farm.on_holiday": _("Tạm nghỉ"),
    "farm.change_bank_account": _("Đổi cách nhận tiền"),
    "farm.suspended": _("Tạm dừng bán"),
    "farm.closed": _("Đóng gian hàng"),
    "farm.revealed": _("Xem số đầy đủ để so giấy tờ"),
    "farm.member_added": _("Thêm người vào nhóm"),
    "farm.member_rights": _("Đổi việc của người trong nhóm"),
    "farm.member_removed": _("Cho người ra khỏi nhóm"),
}


def trail(farm: Farm) -> list[Deed]:
    """Who did what to the farm, for whom, when and why, newest first."""
    return people.deeds_of(farm, DEEDS)[::-1]
