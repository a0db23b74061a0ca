"""The cast of every story: the same few people, made by services the first time they are asked for.

    cast.buyer()        Lan buys tea in Hà Nội
    cast.farmer_an()    An grows tea in Thái Nguyên; sees nothing of Bình's
    cast.farmer_binh()  Bình dries shrimp in Cà Mau; sees nothing of An's
    cast.trainer()  cast.clerk(point)  cast.reviewer()  cast.cashier()  cast.admin()

Each may be called inside a transaction or outside one. `visit.sign_in(cast.buyer())` puts one of them at a browser.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from marketplace.accounts import passwords, queries, service
from marketplace.accounts.models import Person, Role
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, in_transaction, transaction

PASSWORD = "tra-xanh-sau-mua"
ALL_ROLES = tuple(role for role in Role if role is not Role.BUYER)
T = TypeVar("T")


def buyer() -> Person:
    return _person("Trần Thị Lan", "0912000001")


def farmer_an() -> Person:
    return _person("Nguyễn Văn An", "0912000002", Role.FARMER)


def farmer_binh() -> Person:
    return _person("Lê Thanh Bình", "0912000003", Role.FARMER)


def trainer() -> Person:
    return _person("Phạm Thu Hà", "0912000004", Role.TRAINER)


def clerk(point: Any = None) -> Person:
    """A clerk; with a service point (places.models.ServicePoint) she works there."""
    found = _person("Đỗ Minh Châu", "0912000005", Role.CLERK)
    if point is not None:
        _do(lambda: service.hold_post(_again(found), SYSTEM, service_point_id=point.id))
    return found


def reviewer() -> Person:
    return _person("Vũ Quốc Dũng", "0912000006", Role.REVIEWER)


def cashier() -> Person:
    return _person("Hoàng Kim Ngân", "0912000007", Role.CASHIER)


def admin() -> Person:
    return _person("Bùi Gia Minh", "0912000008", Role.ADMIN)


EVERYBODY = (buyer, farmer_an, farmer_binh, trainer, clerk, reviewer, cashier, admin)


def another(name: str = "Người khác", phone: str = "0912000099", *roles: Role) -> Person:
    """Somebody who is not of the cast."""
    return _person(name, phone, *roles)


def by(person: Person) -> Actor:
    """The person as the one who does a deed."""
    return Actor.of(person.id)


def _person(name: str, phone: str, *roles: Role) -> Person:
    found = queries.person_by_login(phone)
    return found if found is not None else _do(lambda: _make(name, phone, list(roles)))


def _make(name: str, phone: str, roles: list[Role]) -> Person:
    person = service.add_person(name, phone, roles, SYSTEM)
    person.data_consent_at = clock.now()
    # Straight into the row: a story begins with nothing said to anybody.
    person.password_hash = passwords.make(PASSWORD)
    db.session.flush()
    return person


def _again(person: Person) -> Person:
    return db.session.get_one(Person, person.id)


def _do(deed: Callable[[], T]) -> T:
    if in_transaction():
        return deed()
    with transaction():
        return deed()
