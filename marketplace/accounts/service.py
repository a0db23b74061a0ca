"""What can be done: come in, prove who one is, be given work, agree and take it back, and go."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from marketplace.accounts import codes, passwords, queries, throttle
from marketplace.accounts.addresses import remove_address, save_address
from marketplace.accounts.events import SignedIn
from marketplace.accounts.models import (
    HELP_WORDS,
    ROLE_WORDS,
    Consent,
    ConsentState,
    HelpScope,
    Invitation,
    Person,
    Role,
    SignIn,
)
from marketplace.accounts.sessions import end_sign_in, end_sign_ins, seen, sign_out
from marketplace.accounts.typed import read_name, read_phone
from marketplace.accounts.work import (
    block,
    give_role,
    hold_post,
    keep_an_admin,
    leave_post,
    take_role,
    unblock,
)
from marketplace.accounts.yes import said_yes, send_deed_code
from marketplace.foundation import audit, clock, personal, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, clean_text, db
from marketplace.foundation.events import publish
from marketplace.foundation.fingerprint import fingerprint, new_secret
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.words import LANGUAGES, _, in_language
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Channel, Recipient
from marketplace.notifications.port import zalo

__all__ = [
    "Confirmed", "accept_invitation", "add_person", "ask_to_help", "block", "choose_channel", "claim_email",
    "claim_phone", "clear_tries", "come_by_phone", "confirm_email", "confirm_phone", "count_try", "end_sign_in",
    "end_sign_ins",
    "forget_person", "give_consent", "give_role", "help_sign_in", "hold_post", "invite", "leave_post", "make_link",
    "register", "remove_address", "remove_email", "rename", "said_yes", "save_address", "seen", "send_code",
    "send_deed_code",
    "send_phone_code", "set_password", "sign_in", "sign_out", "speak", "take_role", "unblock", "use_code",
    "use_link", "withdraw_consent", "withdraw_invitation",
]  # fmt: skip

INVITATION_LIFE = timedelta(days=7)
LINK_LIFE = timedelta(hours=24)
CODE_WORDS = {
    "sign_in": "accounts/sign_in_code",
    "reset": "accounts/reset_code",
    "bank": "accounts/bank_code",
}
"""What a code proves → the message it comes in."""


# -- coming in ----------------------------------------------------------------------------------------------------


def register(name: str, phone: str, password: str, agree: bool, by: Actor, language: str = "vi") -> Person:
    """Make an account with a name, a telephone number and a password; a code goes to the number.

    The same registration sent twice finds the same account. When the number is somebody's already, the visitor notices
    nothing: they get an account of their own whose number is only claimed, and the owner is told by SMS. Who then
    proves to hold the telephone is told how two people share one (`confirm_phone`).
    """
    name, phone = read_name(name), read_phone(phone)
    if not agree:
        raise Refusal(_("Hãy đọc và đồng ý để chợ được giữ thông tin của bạn."), field="agree")
    _check_password(password, name, phone)
    throttle.count(phone, "register")
    known = queries.person_by_password(phone, password)
    password_hash = passwords.make(password)
    if known is not None:
        return known
    holder = queries.person_by_login(phone)
    person = Person(
        name=name,
        phone=phone if holder is None else None,
        claimed_phone=None if holder is None else phone,
        password_hash=password_hash,
        language=language if language in LANGUAGES else "vi",
        data_consent_at=clock.now(),
    )
    db.session.add(person)
    audit.record(by, "person.registered", person)
    send_phone_code(person, is_throttled=False)
    return person


def come_by_phone(name: str, phone: str, agree: bool, by: Actor, language: str = "vi") -> str:
    """Open the door with a name and a telephone number alone: a code to sign in goes to the number, and the account is
    there when the code is typed. Where there is one already, its owner gets the code and nothing else happens, and
    nobody can tell. The number in the form it is kept in.

    Raises Refusal beside `name`, `phone` or `agree`, and (429) after five codes in an hour.
    """
    name, phone = read_name(name), read_phone(phone)
    if not agree:
        raise Refusal(_("Hãy đọc và đồng ý để chợ được giữ thông tin của bạn."), field="agree")
    if queries.person_by_login(phone) is None:
        person = Person(
            name=name,
            phone=phone,
            language=language if language in LANGUAGES else "vi",
            data_consent_at=clock.now(),
        )
        db.session.add(person)
        db.session.flush()
        audit.record(by, "person.registered", person)
    send_code(phone, "sign_in")
    return phone


def count_try(login: str) -> None:
    """Count one try to sign in, before the password is looked at. Raises Refusal (429) after ten in 15 minutes."""
    throttle.count(login, "sign_in")


def clear_tries(login: str) -> None:
    """The password was right: wrong tries before it no longer count."""
    throttle.clear(login, "sign_in")


def sign_in(
    person: Person, device: str, visit: str = "", login: str | None = None, password: str | None = None
) -> str:
    """Begin a session for a person who proved who they are; the token for their browser.

    `visit` is the cart token they held as a guest. With `login`, the wrong tries counted for it are cleared; with
    `password`, what is kept of it is made again when its cost has changed.
    """
    if not person.is_active:
        raise Missing()
    if login is not None:
        throttle.clear(login, "sign_in")
    if password is not None and person.password_hash and passwords.is_stale(person.password_hash):
        person.password_hash = passwords.make(password)
    token = new_secret()
    entry = SignIn(
        person_id=person.id,
        token_hash=fingerprint(token, "session"),
        device=clean_text(device)[:200],
        last_seen_at=clock.now(),
    )
    db.session.add(entry)
    audit.record(Actor.of(person.id), "person.signed_in", person)
    publish(SignedIn(person.id, visit))
    return token


CODE_LIFE = codes.CODE_LIFE

# -- codes --------------------------------------------------------------------------------------------------------


def send_code(login: str, purpose: str) -> None:
    """Send a code to a phone or an e-mail: to sign in with (`sign_in`), to set a new password (`reset`), to change the
    account one is paid on (`bank`).

    Where there is no account nothing is sent, and nobody can tell. Raises Refusal (429) after five in an hour.
    """
    person = queries.person_by_login(login)
    is_known = person is not None and person.is_active
    digits = codes.issue(login, purpose, person.id if person is not None and is_known else None)
    if person is not None and is_known:
        _tell_code(_only(login, person.language), CODE_WORDS[purpose], digits)


def use_code(login: str, purpose: str, typed: str, by: Actor) -> Person | None:
    """Who proved with the code that the phone or e-mail is theirs; None: wrong, stale or tried too often."""
    code = codes.use(login, purpose, typed)
    if code is None or code.person_id is None:
        return None
    person = db.session.get_one(Person, code.person_id)
    if not person.is_active:
        return None
    if person.phone == login and person.phone_verified_at is None:
        person.phone_verified_at = clock.now()
        audit.record(by, "person.phone_verified", person)
    return person


def send_phone_code(person: Person, is_throttled: bool = True) -> None:
    """Send the code that proves the number is the person's. Whoever holds the number already is told what happened."""
    phone = person.phone_to_confirm
    if phone is None:
        return
    db.session.flush()
    digits = codes.issue(phone, codes.own("phone", person), person.id, is_throttled)
    holder = queries.person_by_login(phone)
    is_theirs = holder is not None and holder.id != person.id and holder.phone_verified_at is not None
    template = "accounts/phone_code_taken" if is_theirs else "accounts/phone_code"
    language = holder.language if is_theirs and holder is not None else person.language
    _tell_code(Recipient(phone=phone, language=language), template, digits)


def new_code_for(phone: str, purpose: str, is_throttled: bool = True) -> str:
    """A code that proves only that whoever types it holds this telephone (an order's word, a guest's). The caller sends
    it. Raises Refusal (429) after five in an hour."""
    return codes.issue(phone, purpose, None, is_throttled)


def has_code_for(phone: str, purpose: str) -> bool:
    """Was a code sent to this telephone for this purpose before?"""
    return codes.was_issued(phone, purpose)


def is_code_for(phone: str, purpose: str, typed: str) -> bool:
    """Does whoever types this hold the telephone? A wrong try counts, and after five the code is void."""
    return codes.use(phone, purpose, typed, needs_person=False) is not None


class Confirmed(StrEnum):
    """How a proof of a phone or an e-mail ended."""

    DONE = "done"
    WRONG = "wrong"
    TAKEN = "taken"


def confirm_phone(person: Person, typed: str, by: Actor) -> Confirmed:
    """The person proves by the code that they hold the number: from now on they sign in with it.

    TAKEN: they do hold it, but another account proved it before. An account that never proved it gives it up.
    """
    phone = person.phone_to_confirm
    if phone is None:
        return Confirmed.DONE
    if codes.use(phone, codes.own("phone", person), typed) is None:
        return Confirmed.WRONG
    holder = queries.person_by_login(phone)
    if holder is not None and holder.id != person.id:
        claim(Person, [holder.id, person.id])
        if holder.phone_verified_at is not None:
            return Confirmed.TAKEN
        holder.phone, holder.claimed_phone = None, phone
        audit.record(by, "person.phone_lost", holder)
        # The number is one person's at any moment: let go before it is taken.
        db.session.flush()
    person.phone, person.claimed_phone = phone, None
    person.phone_verified_at = clock.now()
    audit.record(by, "person.phone_verified", person)
    return Confirmed.DONE


def claim_phone(person: Person, phone: str, by: Actor) -> None:
    """The person says a (new) number is theirs: a code goes to it; the old one stays theirs until it is proved."""
    phone = read_phone(phone)
    if phone == person.phone:
        person.claimed_phone = None
        if person.phone_verified_at is not None:
            raise Refusal(_("Số này đã là số của bạn."), field="phone")
    else:
        person.claimed_phone = phone
    audit.record(by, "person.phone_claimed", person)
    send_phone_code(person)


def claim_email(person: Person, email: str, by: Actor) -> None:
    """The person says an e-mail address is theirs: a code goes to it."""
    address = queries.read_email(email)
    if address is None:
        raise Refusal(_("Địa chỉ e-mail chưa đúng. Ví dụ: lan@example.vn."), field="email")
    if address == person.email:
        raise Refusal(_("Địa chỉ này đã là e-mail của bạn."), field="email")
    person.claimed_email = address
    audit.record(by, "person.email_claimed", person)
    digits = codes.issue(address, codes.own("email", person), person.id)
    is_taken = queries.person_by_login(address) is not None
    template = "accounts/email_code_taken" if is_taken else "accounts/email_code"
    _tell_code(Recipient(email=address, language=person.language), template, digits)


def confirm_email(person: Person, typed: str, by: Actor) -> Confirmed:
    """The person proves by the code that the e-mail is theirs: from now on they sign in with it too."""
    address = person.claimed_email
    if address is None:
        return Confirmed.DONE
    if codes.use(address, codes.own("email", person), typed) is None:
        return Confirmed.WRONG
    if queries.person_by_login(address) is not None:
        return Confirmed.TAKEN
    person.email, person.claimed_email = address, None
    person.email_verified_at = clock.now()
    audit.record(by, "person.email_verified", person)
    return Confirmed.DONE


def remove_email(person: Person, by: Actor) -> None:
    """The person no longer signs in with this e-mail."""
    if person.phone is None:
        raise Refusal(
            _("Bạn đang đăng nhập bằng e-mail này. Hãy xác nhận một số điện thoại trước khi bỏ e-mail.")
        )
    person.email = person.claimed_email = person.email_verified_at = None
    audit.record(by, "person.email_removed", person)


def _only(login: str, language: str) -> Recipient:
    """A code goes where it was asked for, nowhere else."""
    if "@" in login:
        return Recipient(email=login, language=language)
    return Recipient(phone=login, language=language)


def _tell_code(to: Recipient, template: str, digits: str) -> None:
    notifications.send(to, template, is_secret=True, use_until=clock.now() + codes.CODE_LIFE, code=digits)


# -- passwords and links ------------------------------------------------------------------------------------------


def set_password(person: Person, password: str, by: Actor, keep: str | None = None) -> None:
    """A new password; every other session ends (`keep` is the token of the one that stays), and the person is told."""
    _check_password(password, person.name, person.phone, person.email, person.claimed_phone)
    person.password_hash = passwords.make(password)
    audit.record(by, "person.password_set", person)
    end_sign_ins(person, by, but=keep)
    notifications.send(queries.recipient_of(person), "accounts/password_changed", path="/account/security")


def _check_password(password: str, *about: str | None) -> None:
    wrong = passwords.problem(password, about)
    if wrong is not None:
        raise Refusal(wrong, field="password")


def make_link(person: Person, by: Actor) -> str:
    """The path of a link that signs the person in once, within 24 hours."""
    audit.record(by, "person.link_made", person)
    return f"/login/links/{codes.issue_link(person.id, 'link', LINK_LIFE)}"


def use_link(secret: str, by: Actor) -> Person | None:
    """Who the one-time link is for, used up now; None: used, stale or unknown."""
    link = codes.find_link(secret, "link", lock=True)
    if link is None or link.person_id is None:
        return None
    link.used_at = clock.now()
    person = db.session.get_one(Person, link.person_id)
    if not person.is_active:
        return None
    audit.record(by, "person.link_used", person)
    return person


def help_sign_in(person: Person, by: Actor) -> str:
    """After looking at the person's identity paper, a clerk gives them a code to sign in with their number, now."""
    login = person.phone or person.email
    if login is None or not person.is_active:
        raise Refusal(_("Tài khoản này không đăng nhập bằng số điện thoại hay e-mail được."))
    if person.roles - {Role.BUYER, Role.FARMER}:
        raise Refusal(_("Đây là tài khoản làm việc. Hãy nhờ quản trị cấp đường dẫn đăng nhập."))
    audit.record(by, "person.helped_to_sign_in", person)
    notifications.send(queries.recipient_of(person), "accounts/helped_to_sign_in", path="/account/security")
    return codes.issue(login, "sign_in", person.id, is_throttled=False)


# -- whom an admin lets in ----------------------------------------------------------------------------------------


def add_person(name: str, phone: str, roles: list[Role], by: Actor) -> Person:
    """An admin (or the command line) makes a person whose number they vouch for; one with this number is found again
    and given the roles."""
    name, phone = read_name(name), read_phone(phone)
    person = queries.person_by_login(phone)
    if person is None:
        person = Person(name=name, phone=phone, phone_verified_at=clock.now())
        db.session.add(person)
        audit.record(by, "person.added", person)
    for role in roles:
        give_role(person, role, by)
    return person


def invite(
    name: str,
    phone: str,
    role: Role,
    by: Actor,
    service_point_id: int | None = None,
    commune_code: str | None = None,
) -> tuple[Invitation, str]:
    """Ask somebody to work here: an SMS with a link that holds for seven days and opens once. Returns the link's path
    too, for an admin who stands beside the person."""
    name, phone = read_name(name), read_phone(phone)
    if service_point_id is not None and commune_code is not None:
        raise Refusal(_("Hãy chọn một điểm bưu điện hoặc một xã, phường."), field="post")
    secret = new_secret()
    invitation = Invitation(
        name=name,
        phone=phone,
        role=role,
        service_point_id=service_point_id,
        commune_code=commune_code,
        invited_by_id=by.person_id,
        secret_hash=fingerprint(secret, "invitation"),
        expires_at=clock.now() + INVITATION_LIFE,
    )
    db.session.add(invitation)
    audit.record(by, "invitation.sent", invitation, role=role.value)
    path = f"/invitations/{secret}"
    known = queries.person_by_login(phone)
    language = known.language if known is not None else "vi"
    with in_language(language):
        role_words = str(ROLE_WORDS[role]).lower()
    notifications.send(
        Recipient(phone=phone, language=language),
        "accounts/invitation",
        path,
        is_secret=True,
        use_until=invitation.expires_at,
        name=name,
        role=role_words,
    )
    return invitation, path


def withdraw_invitation(invitation: Invitation, by: Actor) -> None:
    """The link opens nothing any more."""
    if invitation.accepted_at is None and invitation.withdrawn_at is None:
        invitation.withdrawn_at = clock.now()
        audit.record(by, "invitation.withdrawn", invitation)


def accept_invitation(
    secret: str, by: Actor, person: Person | None = None, password: str = "", agree: bool = False
) -> Person:
    """Take the work one was invited to, once.

    Somebody new chooses a password and has an account; the number is proved, for the link came to it. Whoever has an
    account is signed in with it (`person`), and it must be the one with the invited number.
    """
    invitation = queries.open_invitation(secret)
    (invitation,) = claim(Invitation, [invitation.id])
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise Missing()
    known = queries.person_by_login(invitation.phone)
    if known is not None:
        if person is None or person.id != known.id:
            raise Conflict(
                _("Số được mời đã có tài khoản. Hãy đăng nhập tài khoản đó rồi mở lại đường dẫn này.")
            )
        accepted = known
    else:
        accepted = _newcomer(invitation, password, agree, by)
    accepted.phone_verified_at = accepted.phone_verified_at or clock.now()
    give_role(accepted, invitation.role, by)
    if invitation.service_point_id is not None or invitation.commune_code is not None:
        hold_post(accepted, by, invitation.service_point_id, invitation.commune_code)
    invitation.accepted_at = clock.now()
    audit.record(by, "invitation.accepted", invitation, person=accepted.code)
    return accepted


def _newcomer(invitation: Invitation, password: str, agree: bool, by: Actor) -> Person:
    if not agree:
        raise Refusal(_("Hãy đọc và đồng ý để chợ được giữ thông tin của bạn."), field="agree")
    _check_password(password, invitation.name, invitation.phone)
    person = Person(
        name=invitation.name,
        phone=invitation.phone,
        password_hash=passwords.make(password),
        data_consent_at=clock.now(),
    )
    db.session.add(person)
    audit.record(by, "person.registered", person)
    return person


# -- one's own things ---------------------------------------------------------------------------------------------


def rename(person: Person, name: str, by: Actor) -> None:
    """The person is called differently."""
    name = read_name(name)
    if name != person.name:
        person.name = name
        audit.record(by, "person.renamed", person)


def speak(person: Person, language: str) -> None:
    """The language the person reads, on pages and in messages."""
    if language in LANGUAGES:
        person.language = language


def choose_channel(person: Person, channel: Channel, by: Actor) -> None:
    """By SMS, or by Zalo where the market offers it. Codes, and what Zalo does not take, come by SMS still."""
    if channel is Channel.EMAIL or (channel is Channel.ZALO and zalo() is None):
        raise Refusal(_("Chợ chưa nhắn được qua kênh này. Hãy chọn tin nhắn SMS."), field="channel")
    if channel is not (person.letters_by or Channel.SMS):
        person.letters_by = channel
        audit.record(by, "person.channel_chosen", person, channel=channel.value)


# -- consent to be helped -----------------------------------------------------------------------------------------


def ask_to_help(helper: Person, person: Person, scope: HelpScope, by: Actor, days: int = 90) -> Consent:
    """A helper asks to act for the person in one scope, for so many days; the person is told and decides.

    Asked again while it waits or holds, it is the same consent.
    """
    if helper.id == person.id or not helper.has_role(Role.TRAINER, Role.CLERK):
        raise Refusal(_("Chỉ cán bộ hướng dẫn hoặc giao dịch viên mới xin làm giúp người khác được."))
    claim(Person, [person.id])
    asked = db.session.scalars(
        select(Consent).where(
            Consent.helper_id == helper.id,
            Consent.person_id == person.id,
            Consent.scope == scope,
            Consent.state.in_([ConsentState.ASKED, ConsentState.GIVEN]),
            Consent.until > clock.now(),
        )
    ).first()
    if asked is not None:
        return asked
    consent = Consent(
        helper_id=helper.id, person_id=person.id, scope=scope, until=clock.now() + timedelta(days=days)
    )
    db.session.add(consent)
    audit.record(replace(by, for_id=person.id), "consent.asked", consent, scope=scope.value)
    with in_language(person.language):
        what = str(HELP_WORDS[scope])
    notifications.send(
        queries.recipient_of(person),
        "accounts/help_asked",
        "/account/consents",
        helper=helper.name,
        what=what,
    )
    return consent


def give_consent(consent: Consent, by: Actor) -> None:
    """The person agrees that the helper acts for them."""
    if consent.until <= clock.now():
        raise Conflict(_("Lời xin này đã quá hạn. Hãy nhờ người giúp xin lại."))
    states.move(consent, ConsentState.GIVEN, by)


def withdraw_consent(consent: Consent, by: Actor) -> None:
    """The person says no, or takes their yes back: from this moment the helper may do nothing for them."""
    if consent.state is not ConsentState.WITHDRAWN:
        states.move(consent, ConsentState.WITHDRAWN, by)


# -- personal data ------------------------------------------------------------------------------------------------


def forget_person(person: Person, by: Actor) -> None:
    """Erase what the house knows of a person who asks for it; what the law obliges us to keep stays, nameless here.

    A room with something under way (an open order, money due) refuses, and nothing is erased.
    """
    (person,) = claim(Person, [person.id])
    if person.forgotten_at is not None:
        return
    if person.has_role(Role.ADMIN):
        keep_an_admin(person)
    farewell = Recipient(phone=person.phone, email=person.email, language=person.language)
    audit.record(by, "person.forgotten", person)
    personal.forget(person.id)
    # No person id: the word goes out once and is in no inbox.
    notifications.send(farewell, "accounts/forgotten", is_secret=True)
