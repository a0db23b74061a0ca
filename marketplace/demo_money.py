"""Money and quarrels of the demo market: payouts due today, an open drawer, a claim to decide, a complaint
to answer. Built by calling services; asked for twice it adds nothing."""

from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import select

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person
from marketplace.claims import service as claims
from marketplace.claims.models import Claim, ClaimReason, Complaint, ComplaintAbout
from marketplace.farmers import queries as farmers
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.photos import ReadyPhoto, read_photo
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.payments import queries as money
from marketplace.payments import service as payments
from marketplace.payments.models import Payout, PayoutState


def money_and_quarrels(people: Mapping[str, Person]) -> None:
    """Something to do for the cashier, the clerk and whoever decides claims."""
    _due_payouts()
    _drawer(people["0900000005"])
    _claims()
    _complaint()


def _due_payouts() -> None:
    """What was paid by transfer and delivered is due today, so that there is a list to approve and send."""
    with transaction():
        if db.session.scalar(select(Payout.id).where(Payout.slip_id.is_not(None)).limit(1)) is not None:
            return
        due = db.session.scalars(select(Payout).where(Payout.state == PayoutState.DUE).order_by(Payout.id))
        for payout in due:
            payout.due_on = clock.today()
        payments.batch_due(clock.today(), SYSTEM)


def _drawer(clerk: Person) -> None:
    held = [post.point for post in accounts.posts_of(clerk) if post.point is not None]
    points = sorted(held, key=lambda point: point.name)
    with transaction():
        if points and not money.tills_of(points[0]):
            payments.start_till(points[0], 2_000_000, Actor.of(clerk.id))


def _claims() -> None:
    """One to answer by its farm, one to decide by the market."""
    with transaction():
        if db.session.scalar(select(Claim.id).limit(1)) is not None:
            return
        parts = db.session.scalars(
            select(FarmOrder)
            .where(FarmOrder.state == FarmOrderState.DELIVERED)
            .order_by(FarmOrder.id)
            .limit(2)
        )
        stories = (
            (ClaimReason.DAMAGED, "Hộp bị móp một góc, một gói rách nên chè ẩm."),
            (ClaimReason.MISSING, "Đặt hai gói mà trong hộp chỉ có một."),
        )
        for number, (part, (reason, words)) in enumerate(zip(parts, stories, strict=False)):
            order = part.order
            by = Actor.of(order.buyer_id) if order.buyer_id else Actor.guest()
            made = claims.open(
                part, reason, words, min(100_000, part.paid_for_goods_dong), [_photo(number)], by
            )
            if number == 1:
                farmer = Actor.of(farmers.owner_of(part.farm).id)
                claims.answer(made, False, "Nhà tôi gói đủ hai gói, có cân ở bưu cục.", [], farmer)


def _complaint() -> None:
    with transaction():
        if db.session.scalar(select(Complaint.id).limit(1)) is None:
            claims.complain(
                ComplaintAbout.PRODUCT,
                "Mật ong",
                "Trang ghi mật ong chữa được bệnh. Tôi thấy không đúng, nhờ chợ xem lại.",
                "Phạm Thu Hà",
                "+84912345601",
                Actor.guest(),
            )


def _photo(number: int) -> ReadyPhoto:
    """A drawn box, plainly no photograph."""
    picture = Image.new("RGB", (640, 480), (228, 214, 190))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((140, 140 + 10 * number, 500, 380), fill=(176, 134, 84), outline=(96, 66, 32), width=6)
    pen.line((140, 260, 500, 250), fill=(96, 66, 32), width=4)
    out = BytesIO()
    picture.save(out, "JPEG")
    out.seek(0)
    return read_photo(out, "minh-hoa.jpg")
