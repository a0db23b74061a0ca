"""Fingerprints of secrets. A table holds these, so that who reads the table can open nothing with it."""

import hashlib
import hmac
import secrets

from marketplace.foundation import market


def fingerprint(secret: str, purpose: str) -> str:
    """HMAC-SHA256 under the market's own key: even a six-digit code cannot be guessed back from it."""
    key = market.settings().secret_key.encode()
    return hmac.new(key, f"{purpose}\n{secret}".encode(), hashlib.sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_secret() -> str:
    """256 bits for a session or a link."""
    return secrets.token_urlsafe(32)


def new_digits(length: int = 6) -> str:
    """A code a person types."""
    return f"{secrets.randbelow(10**length):0{length}d}"
