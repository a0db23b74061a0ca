"""Addresses a person has things sent to."""

from sqlalchemy import select

from marketplace.accounts import queries
from marketplace.accounts.models import Person, SavedAddress
from marketplace.accounts.typed import read_name, read_phone
from marketplace.foundation import audit
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, clean_text, db
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.places import queries as places
from marketplace.places.queries import Position

MOST_ADDRESSES = 20


def save_address(
    person: Person,
    name: str,
    phone: str,
    commune_code: str,
    street: str,
    by: Actor,
    address: SavedAddress | None = None,
    is_default: bool = False,
    position: Position | None = None,
    vpostcode: str = "",
) -> SavedAddress:
    """Keep an address to send things to, new or changed; the first one is the usual one."""
    name, phone, street = read_name(name), read_phone(phone), clean_text(street).strip()
    commune = places.commune(commune_code)
    if commune is None:
        raise Refusal(_("Hãy chọn xã, phường hoặc đặc khu."), field="commune")
    if not street or len(street) > 200:
        raise Refusal(_("Hãy ghi số nhà, đường hoặc thôn, ấp để bưu tá tìm được."), field="street")
    claim(Person, [person.id])
    others = [other for other in queries.addresses_of(person) if address is None or other.id != address.id]
    if address is None:
        if len(others) >= MOST_ADDRESSES:
            raise Refusal(
                _("Mỗi người lưu tối đa %(most)s địa chỉ. Hãy xóa một địa chỉ cũ.", most=MOST_ADDRESSES)
            )
        address = SavedAddress(person_id=person.id)
        db.session.add(address)
    address.name, address.phone, address.street = name, phone, street
    address.commune_code, address.province_code = commune.code, commune.province_code
    address.lat, address.lon = position if position is not None else (None, None)
    address.vpostcode = vpostcode or None
    address.is_default = is_default or not any(other.is_default for other in others)
    if address.is_default:
        for other in others:
            other.is_default = False
    audit.record(by, "saved_address.saved", address)
    return address


def remove_address(address: SavedAddress, by: Actor) -> None:
    """Forget an address; where it was the usual one, the oldest takes its place."""
    audit.record(by, "saved_address.removed", address)
    db.session.delete(address)
    db.session.flush()
    if address.is_default:
        rest = db.session.scalars(
            select(SavedAddress)
            .where(SavedAddress.person_id == address.person_id)
            .order_by(SavedAddress.id)
            .limit(1)
        ).first()
        if rest is not None:
            rest.is_default = True
