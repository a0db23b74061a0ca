"""Sessions: a row per browser; the cookie holds the token, the row its fingerprint, so a session can be ended."""

from sqlalchemy import select, update

from marketplace.accounts.models import Person, SignIn
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.fingerprint import fingerprint


def seen(token: str) -> None:
    """The person was here just now."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.token_hash == fingerprint(token, "session"))
        .values(last_seen_at=clock.now(), version=SignIn.version + 1)
    )


def sign_out(token: str) -> None:
    """End the session of this browser."""
    entry = db.session.scalar(select(SignIn).where(SignIn.token_hash == fingerprint(token, "session")))
    if entry is not None and entry.ended_at is None:
        entry.ended_at = clock.now()


def end_sign_in(entry: SignIn, by: Actor) -> None:
    """End one session, perhaps on a telephone that was lost."""
    if entry.ended_at is None:
        entry.ended_at = clock.now()
        audit.record(by, "person.session_ended", entry.person)


def end_sign_ins(person: Person, by: Actor, but: str | None = None) -> None:
    """End all sessions of the person, but the one with this token."""
    db.session.execute(
        update(SignIn)
        .where(
            SignIn.person_id == person.id,
            SignIn.ended_at.is_(None),
            SignIn.token_hash != (fingerprint(but, "session") if but else ""),
        )
        .values(ended_at=clock.now(), version=SignIn.version + 1)
    )
    audit.record(by, "person.sessions_ended", person)
