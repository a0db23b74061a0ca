"""One-time codes and links: for one purpose, used once, soon stale; only their fingerprint is kept."""

from datetime import timedelta

from sqlalchemy import select, update

from marketplace.accounts import throttle
from marketplace.accounts.models import OneTimeCode, Person
from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.fingerprint import fingerprint, is_same, new_digits, new_secret

CODE_LIFE = timedelta(minutes=10)
WRONG_TRIES = 5
LONGEST_PURPOSE = 32


def own(purpose: str, person: Person) -> str:
    """A code proves something for the person who asked for it, for nobody else. A deed's long name is kept as its
    fingerprint: the column holds no more."""
    whole = f"{purpose} {person.code}"
    return whole if len(whole) <= LONGEST_PURPOSE else fingerprint(whole, "deed")[:LONGEST_PURPOSE]


def issue(account: str, purpose: str, person_id: int | None, is_throttled: bool = True) -> str:
    """A new six-digit code for the account; older ones of the same purpose are void. Raises Refusal (429) when too many
    were asked for. Without a person there is nothing to open with it, and nobody can tell."""
    if is_throttled:
        throttle.count(account, "code")
    _void(account, purpose)
    digits = new_digits()
    db.session.add(
        OneTimeCode(
            account=account,
            purpose=purpose,
            secret_hash=fingerprint(digits, f"{purpose} {account}"),
            person_id=person_id,
            expires_at=clock.now() + CODE_LIFE,
        )
    )
    return digits


def was_issued(account: str, purpose: str) -> bool:
    """Was a code ever made for this account and purpose, whatever became of it?"""
    asked = select(OneTimeCode.id).where(OneTimeCode.account == account, OneTimeCode.purpose == purpose)
    return db.session.scalar(asked.limit(1)) is not None


def use(account: str, purpose: str, typed: str, needs_person: bool = True) -> OneTimeCode | None:
    """The code if it is right, used up now; None counts as a wrong try, and after five the code is void. A code issued
    for nobody opens nothing, unless all it has to prove is that somebody holds the telephone (`needs_person` off).

    Never raises for a wrong code, so that the count is written.
    """
    code = db.session.scalars(
        select(OneTimeCode)
        .where(
            OneTimeCode.account == account,
            OneTimeCode.purpose == purpose,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > clock.now(),
            OneTimeCode.wrong_count < WRONG_TRIES,
        )
        .order_by(OneTimeCode.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if code is None:
        return None
    is_right = is_same(code.secret_hash, fingerprint(clean(typed), f"{purpose} {account}"))
    if not is_right or (needs_person and code.person_id is None):
        code.wrong_count += 1
        return None
    code.used_at = clock.now()
    return code


def clean(typed: str) -> str:
    """`123 456`, `123-456` and `123456` are one code."""
    return "".join(letter for letter in typed if letter not in " -.\u00a0")


def issue_link(person_id: int, purpose: str, life: timedelta) -> str:
    """A secret for a link that opens once."""
    secret = new_secret()
    db.session.add(
        OneTimeCode(
            account=str(person_id),
            purpose=purpose,
            secret_hash=fingerprint(secret, purpose),
            person_id=person_id,
            expires_at=clock.now() + life,
        )
    )
    return secret


def find_link(secret: str, purpose: str, lock: bool = False) -> OneTimeCode | None:
    """The link's row while it may still be used."""
    query = select(OneTimeCode).where(
        OneTimeCode.secret_hash == fingerprint(secret, purpose),
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > clock.now(),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).first()


def _void(account: str, purpose: str) -> None:
    db.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.account == account, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None))
        .values(used_at=clock.now(), version=OneTimeCode.version + 1)
    )
