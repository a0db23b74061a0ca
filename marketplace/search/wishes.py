"""Wishes: somebody found nothing and wants to be told when such goods appear. One notice, then the wish is done.

Who has no account leaves a phone or an e-mail: it is kept until the notice went, half a year at most, and the notice
has a link that stops them all.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from marketplace.foundation import clock
from marketplace.foundation.db import db, new_code
from marketplace.foundation.fingerprint import fingerprint, is_same
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.rules import kept_for
from marketplace.foundation.words import _, language
from marketplace.search.models import Wish

MOST_OPEN = 20
MOST_OF_VISITOR = 5
KEEP_VISITORS = timedelta(days=180)
KEY_LETTERS = 12


def keep(person_id: int, asked: Mapping[str, str], words: str) -> Wish:
    """Remember what somebody looked for in vain; the same wish twice is one. Refusal when there are too many."""
    _need_words(asked, words)
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


def keep_for_visitor(contact: str, asked: Mapping[str, str], words: str) -> Wish:
    """The same for who has no account: `contact` is a phone (E.164) or an e-mail. Refusal when there are too many, or
    when its owner wants no such messages."""
    _need_words(asked, words)
    mark = fingerprint(contact, "wish")
    theirs = db.session.scalars(select(Wish).where(Wish.contact_print == mark)).all()
    if any(known.stopped_at for known in theirs):
        raise Refusal(
            _("Chủ số hoặc e-mail này đã nhờ chợ thôi nhắn. Nếu là bạn, hãy đăng nhập rồi nhờ lại."),
            field="contact",
        )
    waiting = [known for known in theirs if known.told_at is None]
    for known in waiting:
        if known.asked == dict(asked):
            return known
    if len(waiting) >= MOST_OF_VISITOR:
        raise Refusal(
            _("Số hoặc e-mail này đã nhờ nhắn %(n)s món. Đăng nhập để nhờ thêm.", n=MOST_OF_VISITOR),
            field="contact",
        )
    at = {"email": contact} if "@" in contact else {"phone": contact}
    made = Wish(
        asked=dict(asked),
        words=words[:300],
        contact_print=mark,
        key=new_code("", KEY_LETTERS),
        language=language(),
        **at,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _need_words(asked: Mapping[str, str], words: str) -> None:
    if not asked or not words.strip():
        raise Refusal(_("Hãy gõ tên món cần tìm trước, rồi nhờ chợ nhắn khi có."))


def by_key(code: str, key: str) -> Wish:
    """A visitor's wish by the link in their message, or Missing."""
    found = db.session.scalar(select(Wish).where(Wish.code == code))
    if found is None or found.key is None or not is_same(found.key, key):
        raise Missing()
    return found


def stop(code: str, key: str) -> None:
    """This visitor is told of nothing any more: their wishes go, and nobody can ask for that phone or e-mail again."""
    known = by_key(code, key)
    if known.stopped_at is None:
        known.stopped_at = clock.now()
        known.phone = known.email = None
        others = Wish.contact_print == known.contact_print, Wish.id != known.id
        db.session.execute(delete(Wish).where(*others))


def forget_old() -> None:
    """What visitors without an account waited for in vain, or were told of, goes after half a year. That somebody
    wants no messages stays: a fingerprint, and nothing else of theirs."""
    old = clock.now() - kept_for("wishes", KEEP_VISITORS)
    db.session.execute(
        delete(Wish).where(Wish.person_id.is_(None), Wish.stopped_at.is_(None), Wish.created_at < old)
    )


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
    open_ = Wish.told_at.is_(None), Wish.stopped_at.is_(None)
    wanted = select(Wish.id).where(*open_, Wish.id > after).order_by(Wish.id).limit(limit)
    return list(db.session.scalars(wanted))


def mark_told(wish: Wish) -> None:
    """Its person was told. Of a visitor the phone and the e-mail are forgotten."""
    wish.told_at = clock.now()
    wish.phone = wish.email = None


def waiting_count() -> int:
    """How many wishes are open, of everybody."""
    open_ = Wish.told_at.is_(None), Wish.stopped_at.is_(None)
    return db.session.scalar(select(func.count(Wish.id)).where(*open_)) or 0


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
