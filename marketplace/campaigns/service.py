"""What can be done with vouchers: made, paused, closed; used by an order, given back when it never came to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from marketplace.campaigns import queries
from marketplace.campaigns.models import Voucher, VoucherKind, VoucherShare, VoucherState, VoucherUse
from marketplace.campaigns.queries import Applied, VoucherRefused
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, clock, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import change, claim, db
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.foundation.words import _
from marketplace.orders.events import (
    FarmOrderCancelled,
    FarmOrderRefused,
    FarmOrderUnanswered,
    OrderExpired,
)
from marketplace.orders.models import CALLED_OFF, FarmOrder, Order

LONGEST_DAYS = 366
MOST_USES = 1_000_000
SHORTEST_WORD = 4


@dataclass(frozen=True)
class Terms:
    """What a voucher promises. Days are whole: from the morning of the first to the end of the last."""

    word: str
    kind: VoucherKind
    starts_on: date
    ends_on: date
    most_uses: int
    most_per_person: int = 1
    per_10_000: int = 0
    amount_dong: int = 0
    most_dong: int | None = None
    least_dong: int = 0
    budget_dong: int | None = None


def make(terms: Terms, by: Actor, farm: Farm | None = None) -> Voucher:
    """A voucher borne by a farm, or by the market. Raises Refusal beside the field that is wrong."""
    word = queries.clean_word(terms.word)
    _check(terms, word, farm)
    most_each = terms.amount_dong or terms.most_dong or 0
    voucher = Voucher(
        word=word,
        farm=farm,
        kind=terms.kind,
        per_10_000=terms.per_10_000 if terms.kind is VoucherKind.PERCENT else 0,
        amount_dong=terms.amount_dong if terms.kind is not VoucherKind.PERCENT else 0,
        most_dong=terms.most_dong if terms.kind is VoucherKind.PERCENT else None,
        least_dong=terms.least_dong,
        starts_at=clock.start_of_day(terms.starts_on),
        ends_at=clock.start_of_day(terms.ends_on + timedelta(days=1)),
        most_uses=terms.most_uses,
        most_per_person=terms.most_per_person,
        budget_dong=terms.budget_dong if terms.budget_dong is not None else most_each * terms.most_uses,
    )
    try:
        with db.session.begin_nested():
            db.session.add(voucher)
    except IntegrityError as taken:
        raise Refusal(_("Đã có mã này. Hãy chọn chữ khác."), "word") from taken
    audit.record(by, "voucher.made", voucher, farm=farm.code if farm else None, word=word)
    return voucher


def _check(terms: Terms, word: str, farm: Farm | None) -> None:
    if len(word) < SHORTEST_WORD:
        raise Refusal(_("Mã cần ít nhất 4 chữ cái hoặc chữ số, không dấu. Ví dụ: CHETET2027."), "word")
    if terms.kind is VoucherKind.PERCENT:
        if not 100 <= terms.per_10_000 <= 5_000:
            raise Refusal(_("Giảm từ 1% đến 50%: luật không cho giảm quá nửa giá."), "percent")
        if not terms.most_dong or terms.most_dong < 1_000:
            raise Refusal(_("Hãy ghi số tiền giảm nhiều nhất cho một đơn, từ 1.000 đồng."), "most_dong")
    elif not 1_000 <= terms.amount_dong <= 10_000_000:
        raise Refusal(_("Số tiền giảm từ 1.000 đến 10.000.000 đồng."), "amount_dong")
    if terms.kind is VoucherKind.DONG and terms.least_dong < 2 * terms.amount_dong:
        raise Refusal(
            _("Đơn tối thiểu phải từ gấp đôi số tiền giảm: luật không cho giảm quá nửa giá."), "least_dong"
        )
    if terms.ends_on < max(terms.starts_on, clock.today()):
        raise Refusal(_("Ngày cuối phải từ hôm nay và không trước ngày bắt đầu."), "ends_on")
    if (terms.ends_on - terms.starts_on).days > LONGEST_DAYS:
        raise Refusal(_("Mã dùng được nhiều nhất một năm."), "ends_on")
    if not 1 <= terms.most_uses <= MOST_USES:
        raise Refusal(_("Số lượt dùng từ 1 đến 1.000.000."), "most_uses")
    if not 1 <= terms.most_per_person <= min(terms.most_uses, 100):
        raise Refusal(_("Mỗi người dùng từ 1 lượt, và không quá tổng số lượt."), "most_per_person")
    if farm is not None and not farm.may_sell:
        raise Refusal(_("Gian hàng chưa mở bán nên chưa tặng mã được."), "word")


def pause(voucher: Voucher, by: Actor) -> None:
    """Nobody can use it for now; orders placed with it keep it."""
    _move(voucher, VoucherState.PAUSED, by)


def resume(voucher: Voucher, by: Actor) -> None:
    """It can be used again."""
    _move(voucher, VoucherState.OPEN, by)


def close(voucher: Voucher, by: Actor) -> None:
    """It is over for good; orders placed with it keep it."""
    _move(voucher, VoucherState.CLOSED, by)


def _move(voucher: Voucher, to: VoucherState, by: Actor) -> None:
    (voucher,) = claim(Voucher, [voucher.id])
    if voucher.state is not to:
        states.move(voucher, to, by)


# -- used by an order ----------------------------------------------------------------------------------------------


def use(applied: Applied, order: Order, people: Sequence[str], by: Actor) -> VoucherUse:
    """The order takes a use of the voucher, and each of its people theirs: by conditional UPDATEs, or not at all.

    The terms must still be those the discount was worked out by. Raises Conflict when somebody took the last use.
    """
    voucher, discount = applied.voucher, applied.total_dong
    db.session.flush()
    table = Voucher.__table__
    taken = change(
        update(table)
        .where(
            table.c.id == voucher.id,
            table.c.version == voucher.version,
            table.c.state == VoucherState.OPEN.value,
            table.c.used_count < table.c.most_uses,
            table.c.used_dong + discount <= table.c.budget_dong,
        )
        .values(used_count=table.c.used_count + 1, used_dong=table.c.used_dong + discount)
    )
    if taken != 1:
        raise Conflict(_("Mã %(word)s vừa hết lượt dùng. Hãy xem lại tổng mới.", word=voucher.word))
    for who in sorted(people):
        _take_share(voucher, who)
    made = VoucherUse(voucher=voucher, order=order, people=" ".join(sorted(people)), discount_dong=discount)
    db.session.add(made)
    db.session.flush()
    db.session.expire(voucher, ["used_count", "used_dong"])
    audit.record(by, "voucher.used", made, word=voucher.word, discount_dong=discount)
    return made


def _take_share(voucher: Voucher, who: str) -> None:
    known = select(VoucherShare.id).where(VoucherShare.voucher_id == voucher.id, VoucherShare.who == who)
    if db.session.scalar(known) is None:
        try:
            with db.session.begin_nested():
                db.session.add(VoucherShare(voucher_id=voucher.id, who=who))
        except IntegrityError:
            pass  # their other order was first; the count below decides
    table = VoucherShare.__table__
    taken = change(
        update(table)
        .where(
            table.c.voucher_id == voucher.id,
            table.c.who == who,
            table.c.used_count < voucher.most_per_person,
        )
        .values(used_count=table.c.used_count + 1)
    )
    if taken != 1:
        raise Conflict(_("Bạn đã dùng hết lượt của mã %(word)s. Hãy xem lại tổng mới.", word=voucher.word))


def when_called_off(
    event: FarmOrderCancelled | FarmOrderRefused | FarmOrderUnanswered | OrderExpired,
) -> None:
    """Nothing of an order will be: its voucher may be used again. Given back once, however often this is said."""
    if isinstance(event, OrderExpired):
        order = db.session.get_one(Order, event.order_id)
    else:
        order = db.session.get_one(FarmOrder, event.farm_order_id).order
    if order.voucher_code is None or any(part.state not in CALLED_OFF for part in order.farm_orders):
        return
    used = queries.use_of(order)
    if used is None:
        return
    table = VoucherUse.__table__
    freed = change(
        update(table)
        .where(table.c.id == used.id, table.c.freed_at.is_(None))
        .values(freed_at=clock.now(), version=table.c.version + 1)
    )
    if freed != 1:
        return
    vouchers, shares = Voucher.__table__, VoucherShare.__table__
    db.session.execute(
        update(vouchers)
        .where(vouchers.c.id == used.voucher_id)
        .values(used_count=vouchers.c.used_count - 1, used_dong=vouchers.c.used_dong - used.discount_dong)
    )
    for who in used.people.split():
        db.session.execute(
            update(shares)
            .where(shares.c.voucher_id == used.voucher_id, shares.c.who == who)
            .values(used_count=shares.c.used_count - 1)
        )
    db.session.expire(used)


# -- the auditor ---------------------------------------------------------------------------------------------------


def check() -> list[str]:
    """Vouchers whose counts are not the sum of their uses; empty when all is well."""
    wrong: list[str] = []
    for voucher in db.session.scalars(select(Voucher).execution_options(populate_existing=True)):
        standing = [
            (used.discount_dong, used.people.split())
            for used in db.session.scalars(
                select(VoucherUse).where(VoucherUse.voucher_id == voucher.id, VoucherUse.freed_at.is_(None))
            )
        ]
        if (voucher.used_count, voucher.used_dong) != (
            len(standing),
            sum(dong for dong, _people in standing),
        ):
            wrong.append(f"voucher {voucher.word}: counts are not its uses")
        shares = {
            share.who: share.used_count
            for share in db.session.scalars(select(VoucherShare).where(VoucherShare.voucher_id == voucher.id))
            if share.used_count
        }
        people: dict[str, int] = {}
        for _dong, whos in standing:
            for who in whos:
                people[who] = people.get(who, 0) + 1
        if shares != people:
            wrong.append(f"voucher {voucher.word}: people's counts are not its uses")
    return wrong


__all__ = ["Terms", "VoucherRefused", "check", "close", "make", "pause", "resume", "use", "when_called_off"]
