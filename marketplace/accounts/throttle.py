"""How often something may be tried for one account: a row per account and purpose, so that forty farmers on one Wi-Fi
do not lock each other out, and the count outlives a restart."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite

from marketplace.accounts.models import Throttle
from marketplace.foundation import clock
from marketplace.foundation.db import db, new_code
from marketplace.foundation.fingerprint import fingerprint
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import Text, _, ngettext


class Limit(NamedTuple):
    most: int
    window: timedelta
    sentence: Text


LIMITS: dict[str, Limit] = {
    "sign_in": Limit(
        10,
        timedelta(minutes=15),
        _("Đã thử sai nhiều lần. Hãy chờ %(wait)s rồi thử lại, hoặc đăng nhập bằng mã gửi về điện thoại."),
    ),
    "code": Limit(
        5,
        timedelta(hours=1),
        _("Đã gửi nhiều mã cho số này. Hãy chờ %(wait)s rồi xin mã mới, hoặc nhờ điểm bưu điện giúp."),
    ),
    "register": Limit(
        10, timedelta(hours=1), _("Số này vừa được dùng đăng ký nhiều lần. Hãy chờ %(wait)s rồi thử lại.")
    ),
}


def count(account: str, purpose: str) -> None:
    """Count one try, before it is made. Raises Refusal (429) with the time to wait when there were too many.

    The row stays locked until the end of the deed, so two tries for one account follow one another.
    """
    limit, now = LIMITS[purpose], clock.now()
    row = _row(account, purpose)
    if row.window_began_at + limit.window <= now:
        row.count, row.window_began_at = 0, now
    if row.count >= limit.most:
        wait = row.window_began_at + limit.window - now
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        sentence = Text(limit.sentence.text, {"wait": ngettext("%(num)s phút", "%(num)s phút", minutes)})
        raise Refusal(sentence, status=429)
    row.count += 1


def clear(account: str, purpose: str) -> None:
    """It went well: what was tried before no longer counts."""
    _row(account, purpose).count = 0


def _row(account: str, purpose: str) -> Throttle:
    key, now = fingerprint(account, "throttle"), clock.now()
    is_postgresql = db.session.connection().dialect.name == "postgresql"
    insert: Insert = (postgresql if is_postgresql else sqlite).insert(Throttle).values(
        code=new_code(), created_at=now, version=1, account=key, purpose=purpose, count=0, window_began_at=now
    ).on_conflict_do_nothing()  # fmt: skip
    db.session.execute(insert)
    return db.session.scalars(
        select(Throttle)
        .where(Throttle.account == key, Throttle.purpose == purpose)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
