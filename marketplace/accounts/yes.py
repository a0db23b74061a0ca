"""A person's own yes to one deed a helper prepared, given at the helper's device: they read out a code of an SMS, or
the next number of their paper slip. Either stands for that deed and for nothing else.

Verbs: send_deed_code, said_yes; next_number, is_number and why_not for pages.
"""

from enum import StrEnum

from marketplace.accounts import codes
from marketplace.accounts.models import Person
from marketplace.accounts.port import NextNumber, slips
from marketplace.foundation import clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient

WRONG_CODE = _("Mã chưa đúng, đã quá 10 phút, hoặc là mã cho việc khác. Hãy xin mã mới cho đúng việc này.")
WRONG_NUMBER = _(
    "Số này không phải số đến lượt trên tờ mã, hoặc đã dùng rồi. Hãy đọc đúng số thứ tự ghi ở trên; sai 5 lần thì "
    "tờ mã "
    "hết hiệu lực."
)


class YesBy(StrEnum):
    """How a person said yes at somebody else's device."""

    CODE = "code"
    SLIP = "slip"


def send_deed_code(person: Person, deed: str, what: str) -> None:
    """Send the person a code that stands for their yes to one deed of a helper and to nothing else: they read it out,
    the helper types it. `deed` names it ("consent DY…"), `what` says it in the person's language.

    Raises Refusal without a proved number, and (429) after five codes in an hour.
    """
    if person.phone is None or person.phone_verified_at is None:
        raise Refusal(_("%(name)s chưa xác nhận số điện thoại nên chưa nhận được mã.", name=person.name))
    digits = codes.issue(person.phone, codes.own(deed, person), person.id)
    notifications.send(
        Recipient(phone=person.phone, language=person.language), "accounts/deed_code",
        is_secret=True, use_until=clock.now() + codes.CODE_LIFE, code=digits, what=what,
    )  # fmt: skip


def said_yes(person: Person, deed: str, typed: str, by: Actor) -> YesBy | None:
    """How the person said yes to this deed by what was typed; None for a number out of its turn, and for a code of
    another deed, a wrong, stale or used one. Never raises, so that a wrong try is counted."""
    if is_number(typed):
        return YesBy.SLIP if slips().use(person, deed, typed, by) else None
    is_theirs = (
        person.phone is not None and codes.use(person.phone, codes.own(deed, person), typed) is not None
    )
    return YesBy.CODE if is_theirs else None


def is_number(typed: str) -> bool:
    """As long as a number of a slip, not a code?"""
    return slips().is_number(typed)


def why_not(typed: str) -> Text:
    """What to tell a helper whose typing was no yes."""
    return WRONG_NUMBER if is_number(typed) else WRONG_CODE


def next_number(person: Person) -> NextNumber | None:
    """The number the person would read out from their slip now, if they have one."""
    return slips().next_number(person)
