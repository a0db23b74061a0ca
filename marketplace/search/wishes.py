"""Wishes: somebody found nothing and wants to be told when such goods appear. One notice, then the wish is done."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select

from marketplace.foundation import clock
from marketplace.foundation.db import db
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.words import _
from marketplace.search.models import Wish

MOST_OPEN = 20


def keep(person_id: int, asked: Mapping[str, str], words: str) -> Wish:
    """Remember what somebody looked for in vain; the same wish twice is one. Refusal when there are too many."""
    if not asked or not words.strip():
        raise Refusal(_("Hãy gõ tên món cần tìm trước, rồi nhờ chợ nhắn khi có."))
    mine = open_of(person_id)
    for known in mine:
        if known.asked == dict(asked):
            return known
    if len(mine) >= MOST_OPEN:
        raise Refusal(
            _("Bạn đã nhờ nhắn %(n)s món. Hãy bỏ bớt món không cần nữa rồi thêm món mới.", n=MOST_OPEN)
        )
    made = Wish(person_id=person_id, asked=dict(asked), words=words[:300])
    db.session.add(made)
    db.session.flush()
    return made


def withdraw(person_id: int, code: str) -> None:
    """The wish is taken back: nothing of it is kept."""
    found = db.session.scalar(select(Wish).where(Wish.code == code, Wish.person_id == person_id))
    if found is None:
        raise Missing()
    db.session.delete(found)


def open_of(person_id: int) -> Sequence[Wish]:
    """What a person waits for, newest first."""
    return list(
        db.session.scalars(
            select(Wish).where(Wish.person_id == person_id, Wish.told_at.is_(None)).order_by(Wish.id.desc())
        )
    )


def told_of(person_id: int) -> Sequence[Wish]:
    """What a person was told of lately."""
    return list(
        db.session.scalars(
            select(Wish)
            .where(Wish.person_id == person_id, Wish.told_at.is_not(None))
            .order_by(Wish.told_at.desc())
            .limit(10)
        )
    )


def waiting_ids(after: int = 0, limit: int = 500) -> Sequence[int]:
    """Open wishes, oldest first."""
    wanted = select(Wish.id).where(Wish.told_at.is_(None), Wish.id > after).order_by(Wish.id).limit(limit)
    return list(db.session.scalars(wanted))


def mark_told(wish: Wish) -> None:
    """Its person was told."""
    wish.told_at = clock.now()


def waiting_count() -> int:
    """How many wishes are open, of everybody."""
    return db.session.scalar(select(func.count(Wish.id)).where(Wish.told_at.is_(None))) or 0


# -- what is known of a person ------------------------------------------------------------------------------------


def gather(person_id: int) -> Any:
    """A person's wishes, for their copy of their data."""
    return [
        {"words": wish.words, "at": wish.created_at.isoformat(),
         "told_at": wish.told_at.isoformat() if wish.told_at else None}
        for wish in db.session.scalars(select(Wish).where(Wish.person_id == person_id).order_by(Wish.id))
    ]  # fmt: skip


def forget(person_id: int) -> None:
    """Nothing of them is kept."""
    db.session.execute(delete(Wish).where(Wish.person_id == person_id))
