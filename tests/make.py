"""What tests need to stand on, made the way people make it: plain functions that call services.

Each opens its own transaction and gives back the record, to be read by the test.
"""

import io
from functools import lru_cache
from itertools import count
from typing import Any

from PIL import Image

from marketplace.accounts.models import Person, Role, RoleHeld
from marketplace.catalog import service as catalog
from marketplace.catalog.models import Handling, Product
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import Farm, FarmKind, FarmMember, FarmState
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.photos import ReadyPhoto, read_photo

_numbers = count(1)


def person(name: str = "Nguyễn Thị Lan", *roles: Role) -> Person:
    """Somebody with a phone of their own."""
    with transaction():
        made = Person(name=name, phone=f"+8490{next(_numbers):07d}")
        made.roles_held = [RoleHeld(role=role) for role in roles]
        db.session.add(made)
    return made


def farm(
    name: str = "Hợp tác xã chè Tân Cương",
    owner: Person | None = None,
    state: FarmState = FarmState.OPEN,
    commune_code: str = "05503",
    province_code: str = "19",
    **facts: Any,
) -> Farm:
    """A farm that may sell, with its owner."""
    owner = owner or person("Trần Văn Hảo", Role.FARMER)
    with transaction():
        made = Farm(
            name=name,
            kind=facts.pop("kind", FarmKind.COOPERATIVE),
            state=state,
            phone=owner.phone,
            province_code=province_code,
            commune_code=commune_code,
            street=facts.pop("street", "Xóm Hồng Thái 2"),
            lat=facts.pop("lat", 21.55),
            lon=facts.pop("lon", 105.75),
            **facts,
        )
        db.session.add(made)
        db.session.flush()
        db.session.add(FarmMember(farm_id=made.id, person_id=owner.id, is_owner=True))
    return made


def actor_of(farm: Farm) -> Actor:
    """The owner of a farm at work."""
    return Actor.of(farm.members[0].person_id)


def product(
    of: Farm | None = None,
    name: str = "Trà đinh Tân Cương",
    price_dong: int = 450_000,
    stock: int = 10,
    packs: list[PackDetails] | None = None,
    published: bool = True,
    **said: Any,
) -> Product:
    """A product with one photo and one pack of 100 g (or `packs`), so many of each there; on sale unless told."""
    of = of or farm()
    by = actor_of(of)
    said.setdefault("set_no", 11)
    said.setdefault("handling", Handling.DRY)
    with transaction():
        made = catalog.draft(of, by)
        catalog.describe(made, by, name=name, **said)
        catalog.add_photos(made, [photo()], by)
        for variant in catalog.set_variants(made, packs or [PackDetails(price_dong, grams=100)], by):
            if stock:
                catalog.receive_stock(variant, stock, by)
        if published:
            catalog.publish(made, by)
    return made


@lru_cache(maxsize=8)
def photo(colour: int = 160) -> ReadyPhoto:
    """A small picture as a phone sends it, read and judged."""
    return read_photo(picture(colour), "hinh.jpg")


def picture(colour: int = 160, width: int = 900, height: int = 700, kind: str = "JPEG") -> io.BytesIO:
    """The bytes of a picture, to be uploaded."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (20, colour % 256, 40)).save(out, kind)
    out.seek(0)
    return out
