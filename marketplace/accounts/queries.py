"""What can be seen: people, their sessions, addresses and consents, and who may act for whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from marketplace.accounts import codes, passwords
from marketplace.accounts.models import (
    Consent,
    ConsentState,
    HelpScope,
    Invitation,
    OneTimeCode,
    Person,
    PostHeld,
    Role,
    RoleHeld,
    SavedAddress,
    SignIn,
)
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import AuditEntry
from marketplace.foundation.db import Record, clean_text, db
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Missing
from marketplace.foundation.words import Text
from marketplace.notifications.models import Channel, Recipient
from marketplace.places import queries as places

SESSION_LIFE = timedelta(days=31)
"""A session nobody used for so long has ended."""


# -- who is it ----------------------------------------------------------------------------------------------------


def person(code: str) -> Person:
    """The person with this code, or Missing."""
    found = db.session.scalar(select(Person).where(Person.code == code))
    if found is None:
        raise Missing()
    return found


def read_login(typed: str) -> str | None:
    """What a person signs in with, in one form: E.164, or an e-mail in small letters. None: neither of the two."""
    typed = clean_text(typed).strip()
    return read_email(typed) if "@" in typed else parse_phone(typed)


def read_email(typed: str) -> str | None:
    """An e-mail address in small letters, or None."""
    try:
        return validate_email(typed, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def person_by_login(typed: str) -> Person | None:
    """The person who signs in with this phone or e-mail."""
    login = read_login(typed)
    if login is None:
        return None
    column = Person.email if "@" in login else Person.phone
    return db.session.scalar(select(Person).where(column == login))


def person_by_password(typed: str, password: str) -> Person | None:
    """Who this is, or None: unknown, wrong, blocked and forgotten look the same and take the same time.

    A number may be said to be theirs by a second person who has not proved it (two people, one phone): their password
    opens their own account.
    """
    login = read_login(typed)
    holder = person_by_login(typed)
    second = _who_claims(login)
    is_holder = passwords.matches(holder.password_hash if holder else None, password)
    is_second = passwords.matches(second.password_hash if second else None, password)
    found = holder if is_holder else second if is_second else None
    return found if found is not None and found.is_active else None


def is_password_of(person: Person, password: str) -> bool:
    """Is it the person's own password?"""
    return passwords.matches(person.password_hash, password)


def _who_claims(phone: str | None) -> Person | None:
    if phone is None:
        return None
    return db.session.scalars(
        select(Person)
        .where(Person.claimed_phone == phone, Person.phone.is_(None))
        .order_by(Person.id.desc())
        .limit(1)
    ).first()


def sign_in_person(token: str) -> Person | None:
    """The person of a session, for the loader: none when it was ended, is too old, or the person is blocked."""
    sign_in = db.session.scalars(
        _open_sign_ins()
        .where(SignIn.token_hash == fingerprint(token, "session"))
        .options(joinedload(SignIn.person).joinedload(Person.roles_held))
    ).unique().first()  # fmt: skip
    if sign_in is None or not sign_in.person.is_active:
        return None
    found = sign_in.person
    found.sign_in_token = token
    found.sign_in_seen_at = sign_in.last_seen_at
    return found


def sign_ins_of(person: Person) -> Sequence[SignIn]:
    """Where the person is signed in now, last seen first."""
    return db.session.scalars(
        _open_sign_ins().where(SignIn.person_id == person.id).order_by(SignIn.last_seen_at.desc())
    ).all()


def sign_in_of(person: Person, code: str) -> SignIn:
    """One of the person's sessions, or Missing."""
    found = db.session.scalar(_open_sign_ins().where(SignIn.person_id == person.id, SignIn.code == code))
    if found is None:
        raise Missing()
    return found


def is_this_session(sign_in: SignIn, person: Person) -> bool:
    """Is it the session the person is using?"""
    return person.sign_in_token is not None and sign_in.token_hash == fingerprint(
        person.sign_in_token, "session"
    )


def _open_sign_ins() -> Select[SignIn]:
    return select(SignIn).where(SignIn.ended_at.is_(None), SignIn.last_seen_at > clock.now() - SESSION_LIFE)


def recipient_of(person: Person) -> Recipient:
    """How to tell this person something."""
    is_on_zalo = person.letters_by is Channel.ZALO
    return Recipient(person.id, person.phone, person.email, person.language, is_on_zalo)


# -- what may they do ---------------------------------------------------------------------------------------------


def posts_of(person: Person) -> Sequence[PostHeld]:
    """Where the person works."""
    return person.posts


def place_of(held: PostHeld | Invitation) -> str:
    """Where it is, in words: the service point's or the commune's name; empty for work without a place."""
    if held.point is not None:
        return held.point.name
    commune = places.commune(held.commune_code) if held.commune_code else None
    return f"{commune.name}, {commune.province.name}" if commune is not None else ""


def people_with_role(role: Role) -> Sequence[Person]:
    """Who holds the role and may act."""
    return db.session.scalars(
        select(Person)
        .join(RoleHeld)
        .where(RoleHeld.role == role, Person.blocked_at.is_(None), Person.forgotten_at.is_(None))
        .order_by(Person.id)
    ).all()


def people_at(service_point_id: int) -> Sequence[Person]:
    """Who works at the service point."""
    return db.session.scalars(
        select(Person)
        .join(PostHeld)
        .where(
            PostHeld.service_point_id == service_point_id,
            Person.blocked_at.is_(None),
            Person.forgotten_at.is_(None),
        )
        .order_by(Person.id)
    ).all()


def trainers_in(commune_code: str) -> Sequence[Person]:
    """Who teaches in the commune."""
    return db.session.scalars(
        select(Person)
        .join(RoleHeld, RoleHeld.person_id == Person.id)
        .join(PostHeld, PostHeld.person_id == Person.id)
        .where(
            RoleHeld.role == Role.TRAINER,
            PostHeld.commune_code == commune_code,
            Person.blocked_at.is_(None),
            Person.forgotten_at.is_(None),
        )
        .order_by(Person.id)
    ).all()


def may_act(helper: Person, person: Person, scope: HelpScope) -> bool:
    """Did the person agree that this helper does such things for them, and does it still hold?"""
    return helper.is_active and helper.has_role(Role.TRAINER, Role.CLERK) and db.session.scalar(
        select(Consent.id).where(
            Consent.helper_id == helper.id,
            Consent.person_id == person.id,
            Consent.scope == scope,
            Consent.state == ConsentState.GIVEN,
            Consent.until > clock.now(),
        )
    ) is not None  # fmt: skip


def consents_of(person: Person) -> Sequence[Consent]:
    """What the person was asked and agreed to, newest first."""
    return db.session.scalars(
        select(Consent)
        .options(joinedload(Consent.helper))
        .where(Consent.person_id == person.id)
        .order_by(Consent.id.desc())
    ).all()


def consent_of(person: Person, code: str) -> Consent:
    """One of the person's consents, or Missing."""
    found = db.session.scalar(select(Consent).where(Consent.person_id == person.id, Consent.code == code))
    if found is None:
        raise Missing()
    return found


# -- addresses ----------------------------------------------------------------------------------------------------


def addresses_of(person: Person) -> Sequence[SavedAddress]:
    """The person's addresses, the usual one first."""
    return db.session.scalars(
        select(SavedAddress)
        .where(SavedAddress.person_id == person.id)
        .order_by(SavedAddress.is_default.desc(), SavedAddress.id)
    ).all()


def usual_address(person: Person) -> SavedAddress | None:
    """Where the person usually has things sent."""
    found = addresses_of(person)
    return found[0] if found else None


def address_of(person: Person, code: str) -> SavedAddress:
    """One of the person's addresses, or Missing."""
    found = db.session.scalar(
        select(SavedAddress).where(SavedAddress.person_id == person.id, SavedAddress.code == code)
    )
    if found is None:
        raise Missing()
    return found


# -- invitations and links ----------------------------------------------------------------------------------------


def open_invitation(secret: str) -> Invitation:
    """The invitation behind a link while it may be accepted, or Missing."""
    found = db.session.scalar(
        select(Invitation).where(
            Invitation.secret_hash == fingerprint(secret, "invitation"),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
    )
    if found is None:
        raise Missing()
    return found


def sign_in_link(secret: str) -> OneTimeCode | None:
    """The one-time sign-in link while it may be used."""
    return codes.find_link(secret, "link")


# -- for the desks ------------------------------------------------------------------------------------------------


def people(text: str = "", role: Role | None = None, limit: int = 50, offset: int = 0) -> Sequence[Person]:
    """People by name, code, phone or e-mail; newest first."""
    return db.session.scalars(
        _people(text, role).order_by(Person.id.desc()).limit(limit).offset(offset)
    ).all()


def people_count(text: str = "", role: Role | None = None) -> int:
    return db.session.scalar(select(func.count()).select_from(_people(text, role).subquery())) or 0


def _people(text: str, role: Role | None) -> Select[Person]:
    query = select(Person).where(Person.forgotten_at.is_(None))
    text = clean_text(text).strip()
    if text:
        login = read_login(text)
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        wanted = [Person.name.ilike(like, escape="\\"), Person.code == text.upper()]
        if login is not None:
            wanted += [Person.phone == login, Person.email == login]
        query = query.where(or_(*wanted))
    if role is not None and role is not Role.BUYER:
        query = query.where(Person.roles_held.any(RoleHeld.role == role))
    return query


def invitations() -> Sequence[Invitation]:
    """Invitations nobody has accepted yet, newest first."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.id.desc())
        .limit(100)
    ).all()


def invitation(code: str) -> Invitation:
    found = db.session.scalar(select(Invitation).where(Invitation.code == code))
    if found is None:
        raise Missing()
    return found


# -- who did what -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """A line of a record's trail: what was done, when, by whom (none: the market itself), for whom, why."""

    what: Text | str
    at: datetime
    who: str | None
    for_whom: str | None
    why: str


def deeds_of(record: Record, words: Mapping[str, Text]) -> list[Deed]:
    """Who did what to a record, for whom, when and why, oldest first; `words` says the verbs as its room does."""
    entries = audit.trail(record)
    known = people_in(entries)
    return [
        Deed(
            words.get(entry.verb, entry.verb),
            entry.at,
            known[entry.actor_id].name if entry.actor_id in known else None,
            known[entry.for_id].name if entry.for_id in known and entry.for_id != entry.actor_id else None,
            str(entry.details.get("why") or ""),
        )
        for entry in entries
    ]


def people_in(entries: Iterable[AuditEntry]) -> dict[int | None, Person]:
    """Whoever stands in these lines of a trail, by id, in one statement."""
    ids = {number for entry in entries for number in (entry.actor_id, entry.for_id) if number is not None}
    return {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}
