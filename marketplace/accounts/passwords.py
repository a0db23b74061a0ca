"""Passwords: Argon2id, made again when its cost changes; the same time is spent on accounts that are not there."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.foundation.words import Text, _

SHORTEST = 8
COMMON = frozenset((Path(__file__).parent / "data" / "easy_passwords.txt").read_text("utf-8").split())

# OWASP's floor for Argon2id: 19 MiB, two passes. A registration hashes three times, a class of forty registers at once.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def be_quick() -> None:
    """The lowest cost there is, for tests: they sign people in hundreds of times."""
    global _hasher
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _nobodys.cache_clear()


def make(password: str) -> str:
    """What is kept of a password. Takes some tens of milliseconds on purpose."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Is this the password? Without one the same work is done, so that time tells nothing."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_stale(kept: str) -> bool:
    """Was it made at another cost than today's?"""
    return _hasher.check_needs_rehash(kept)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def problem(password: str, about: Iterable[str | None] = ()) -> Text | None:
    """What is wrong with a new password, as a sentence: too short, or the first thing anybody would try."""
    if len(password) < SHORTEST:
        return _("Mật khẩu cần ít nhất %(count)s ký tự. Một câu ngắn bạn dễ nhớ là tốt nhất.", count=SHORTEST)
    plain = password.casefold().replace(" ", "")
    digits = plain.lstrip("+")
    known = {fact.casefold().replace(" ", "").lstrip("+") for fact in about if fact}
    known |= {"0" + number.removeprefix("84") for number in known if number.startswith("84")}
    if plain in COMMON or digits in known or len(set(plain)) < 3:
        return _("Mật khẩu này dễ đoán. Hãy chọn một câu khác, ví dụ ba từ không liên quan.")
    return None
