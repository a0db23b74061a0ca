"""The people of a farm: each with their own sign-in, each doing what the owner gave them."""

from collections.abc import Sequence

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Person, Role
from marketplace.farmers import queries
from marketplace.farmers.models import Farm, FarmMember, FarmRight, FarmState
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Conflict, Forbidden, Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notices


def add_member(farm: Farm, phone: str, rights: Sequence[FarmRight], by: Actor) -> FarmMember:
    """Somebody joins the farm's team with their own sign-in, and may do what the owner says.

    One farm at a time: whoever has a farm, or works for another, is refused. Only the owner, in person.
    """
    _must_be_owner(farm, by)
    if farm.state not in (FarmState.OPEN, FarmState.ON_HOLIDAY, FarmState.SUSPENDED):
        raise Conflict(_("Gian hàng chưa mở hoặc đã đóng nên chưa thêm người được."))
    person = people.person_by_login(phone)
    if person is None or not person.is_active:
        raise Refusal(_("Không có tài khoản nào với số này. Người ấy đăng ký trước, rồi bạn thêm."), "phone")
    claim(Person, [person.id])
    if any(member.person_id == person.id for member in farm.members):
        raise Refusal(_("Người này đã ở trong nhóm rồi."), "phone")
    if any(one.state is not FarmState.CLOSED for one in queries.farms_of(person)):
        raise Refusal(_("Người này đang có gian hàng hoặc làm cho gian hàng khác."), "phone")
    if not rights:
        raise Refusal(_("Hãy chọn ít nhất một việc giao cho người này."), "rights")
    member = FarmMember(farm=farm, person=person, rights=[right.value for right in rights])
    db.session.add(member)
    accounts.give_role(person, Role.FARMER, by)
    audit.record(by, "farm.member_added", farm, who=person.code, rights=",".join(member.rights))
    notices.send(people.recipient_of(person), "farmers/joined", path="/sell", farm=farm.name)
    return member


def set_rights(member: FarmMember, rights: Sequence[FarmRight], by: Actor) -> None:
    """Say anew what a member may do."""
    _must_be_owner(member.farm, by)
    if member.is_owner:
        raise Refusal(_("Chủ gian hàng làm được mọi việc."))
    if not rights:
        raise Refusal(_("Hãy chọn ít nhất một việc, hoặc cho người này ra khỏi nhóm."), "rights")
    member.rights = [right.value for right in rights]
    audit.record(
        by, "farm.member_rights", member.farm, who=member.person.code, rights=",".join(member.rights)
    )


def remove_member(member: FarmMember, by: Actor) -> None:
    """Somebody leaves the team: from this moment they reach nothing of the farm."""
    farm = member.farm
    if by.person_id != member.person_id:
        _must_be_owner(farm, by)
    if member.is_owner:
        raise Refusal(_("Chủ gian hàng không rời nhóm được."))
    audit.record(by, "farm.member_removed", farm, who=member.person.code)
    accounts.take_role(member.person, Role.FARMER, by)
    farm.members.remove(member)
    db.session.delete(member)


def _must_be_owner(farm: Farm, by: Actor) -> None:
    if by.for_id is not None or by.person_id != queries.owner_of(farm).id:
        raise Forbidden(_("Chỉ chủ gian hàng làm được việc này."))
