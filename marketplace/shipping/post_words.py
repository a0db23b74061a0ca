"""MyVNPost's words in ours: services, add-ons, statuses (data/vnpost.json), and whether the post signed what it sent.

Webhook: `{data: [...], sendDate, signature}`, RSA-SHA256 over "MYVNP" + sendDate + itemCode + status of the first row.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from marketplace.foundation import clock
from marketplace.shipping.port import Seen

DATES = ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M")


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The post's words and ours."""
    table: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "vnpost.json").read_text("utf-8"))
    return table


def seen(row: Mapping[str, Any]) -> Seen:
    """One row of a webhook or a history in our words. Statuses that move no parcel, and unknown ones, say nothing."""
    number = str(row.get("itemCode", "")).strip().upper()
    status = str(row.get("status", row.get("statusCode", ""))).strip()
    note = str(row.get("statusName", row.get("note", "")) or "")[:300]
    return Seen(number, words()["statuses"].get(status), _moment(row), note)


def _moment(row: Mapping[str, Any]) -> datetime:
    written = str(row.get("statusDate", row.get("sendDate", row.get("date", ""))) or "").strip()
    for shape in DATES:
        try:
            return datetime.strptime(written[:19], shape).replace(tzinfo=clock.ZONE).astimezone(UTC)
        except ValueError:
            continue
    return clock.now()


def is_signed(body: Mapping[str, Any], public_key_pem: str) -> bool:
    """Did the post sign it? Its signature covers the first row alone."""
    rows = body.get("data")
    if not public_key_pem or not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return False
    said = f"MYVNP{body.get('sendDate', '')}{rows[0].get('itemCode', '')}{rows[0].get('status', '')}"
    try:
        key = load_pem_public_key(public_key_pem.replace("\\n", "\n").encode())
        assert isinstance(key, rsa.RSAPublicKey)
        signature = base64.b64decode(str(body.get("signature", "")), validate=True)
        key.verify(signature, said.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, AssertionError, binascii.Error, InvalidSignature):
        return False
    return True
