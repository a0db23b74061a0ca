"""What the shop window does without a person."""

from typing import Any

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person
from marketplace.foundation.db import db, transaction
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient
from marketplace.search import searched, wishes
from marketplace.search.models import Wish
from marketplace.storefront import queries


def grant_wishes() -> None:
    """Whoever looked for something in vain is told once when such goods are there. Safe to run twice."""
    last = 0
    while numbers := wishes.waiting_ids(last):
        last = numbers[-1]
        for number in numbers:
            _grant(number)


def _grant(number: int) -> None:
    wish = db.session.get(Wish, number)
    found = queries.granted(wish.asked) if wish is not None and wish.told_at is None else None
    db.session.rollback()
    if found is None:
        return
    with transaction():
        wish = db.session.get(Wish, number, with_for_update=True)
        if wish is None or wish.told_at is not None or wish.stopped_at is not None:
            return
        facts: dict[str, Any] = {"words": wish.words, "name": found.first.name, "price": found.first.price_dong,
                 "farm": found.first.farm_name, "count": found.total}  # fmt: skip
        person = db.session.get(Person, wish.person_id) if wish.person_id is not None else None
        if person is not None:
            notifications.send(
                accounts.recipient_of(person), "storefront/wish_granted", path=found.path, **facts
            )
        elif wish.key is not None:
            to = Recipient(phone=wish.phone, email=wish.email, language=wish.language or "vi")
            path = f"/wishes/{wish.code}?key={wish.key}"
            notifications.send(to, "storefront/wish_granted_visitor", path=path, **facts)
        wishes.mark_told(wish)


def forget_old_words() -> None:
    """Every week: numbers of searches older than two years go, and what visitors waited for in vain."""
    with transaction():
        searched.forget_old()
        wishes.forget_old()
