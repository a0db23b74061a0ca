"""Sealed texts and files: encrypted with PAPERS_KEY (Fernet), readable again only here.

PAPERS_KEY holds one key or several, separated by commas: the first seals, each of them opens. A developer's machine
without one uses a key made from SECRET_KEY; production insists on PAPERS_KEY.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app


def seal(text: str) -> bytes:
    """A short secret (a personal id, an account number) as it may lie in the database."""
    return cipher().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """The secret again. Whoever calls has asked whether it may be known, and keeps it out of pages and logs."""
    return cipher().decrypt(sealed).decode()


def cipher() -> MultiFernet:
    settings = current_app.extensions["settings"]
    keys = [key.strip() for key in settings.papers_key.split(",") if key.strip()]
    if not keys:  # never in production: there config.py insists on PAPERS_KEY
        made = hashlib.sha256(b"papers" + settings.secret_key.encode()).digest()
        keys = [base64.urlsafe_b64encode(made).decode()]
    return MultiFernet([Fernet(key) for key in keys])
