"""What this room keeps about people, for how long, and how it lets go (Law 91/2025/QH15, Decree 356/2025)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from marketplace.accounts import queries
from marketplace.accounts.models import (
    Consent,
    ConsentState,
    Invitation,
    OneTimeCode,
    Person,
    SavedAddress,
    SignIn,
    Throttle,
)
from marketplace.foundation import clock, states
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.words import _
from marketplace.notifications.models import Channel


def gather(person_id: int) -> dict[str, Any]:
    """What this room knows of a person."""
    person = db.session.get_one(Person, person_id)
    sessions = db.session.scalars(select(SignIn).where(SignIn.person_id == person_id).order_by(SignIn.id))
    return {
        "code": person.code,
        "name": person.name,
        "phone": person.contact_phone,
        "email": person.email or person.claimed_email,
        "language": person.language,
        "letters_by": (person.letters_by or Channel.SMS).value,
        "since": person.created_at.isoformat(),
        "data_consent_at": person.data_consent_at and person.data_consent_at.isoformat(),
        "roles": sorted(role.value for role in person.roles),
        "addresses": [
            {"name": saved.name, "phone": saved.phone, "street": saved.street, "commune": saved.commune_code}
            for saved in queries.addresses_of(person)
        ],
        "sessions": [
            {"device": entry.device, "from": entry.created_at.isoformat(), "seen": entry.last_seen_at.isoformat()}
            for entry in sessions
        ],
        "consents": [
            {"helper": consent.helper.name, "scope": consent.scope.value, "state": consent.state.value}
            for consent in queries.consents_of(person)
        ],
    }  # fmt: skip


def forget(person_id: int) -> None:
    """Name, number, e-mail, addresses, sessions and codes go; the row stays, for orders and books point at it."""
    person = db.session.get_one(Person, person_id)
    logins = [
        login for login in (person.phone, person.email, person.claimed_phone, person.claimed_email) if login
    ]
    db.session.execute(
        delete(OneTimeCode).where((OneTimeCode.person_id == person_id) | OneTimeCode.account.in_(logins))
    )
    db.session.execute(
        delete(Throttle).where(Throttle.account.in_([fingerprint(login, "throttle") for login in logins]))
    )
    db.session.execute(delete(SignIn).where(SignIn.person_id == person_id))
    db.session.execute(delete(SavedAddress).where(SavedAddress.person_id == person_id))
    for consent in db.session.scalars(
        select(Consent).where((Consent.person_id == person_id) | (Consent.helper_id == person_id))
    ):
        if consent.state in (ConsentState.ASKED, ConsentState.GIVEN):
            states.move(consent, ConsentState.WITHDRAWN, SYSTEM)
    for invitation in db.session.scalars(select(Invitation).where(Invitation.phone.in_(logins))):
        invitation.name, invitation.phone = "", ""
        invitation.withdrawn_at = invitation.withdrawn_at or clock.now()
    for held in [*person.roles_held, *person.posts]:
        db.session.delete(held)
    # Its words are the market's, not a person's: they are shown where the name stood.
    person.name = str(_("Người đã rời chợ"))
    person.phone = person.email = person.claimed_phone = person.claimed_email = person.password_hash = None
    person.letters_by = None
    person.phone_verified_at = person.email_verified_at = person.data_consent_at = None
    person.forgotten_at = clock.now()


def clear_stale() -> None:
    """What is over is forgotten: codes and tries after a day, ended sessions after three months, old consents lapse."""
    now = clock.now()
    yesterday, season = now - timedelta(days=1), now - timedelta(days=90)
    db.session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < yesterday))
    db.session.execute(delete(Throttle).where(Throttle.window_began_at < yesterday))
    db.session.execute(delete(SignIn).where(func.coalesce(SignIn.ended_at, SignIn.last_seen_at) < season))
    lapsed = db.session.scalars(
        select(Consent).where(
            Consent.state.in_([ConsentState.ASKED, ConsentState.GIVEN]), Consent.until <= now
        )
    )
    for consent in lapsed:
        states.move(consent, ConsentState.EXPIRED, SYSTEM)
