"""Money and quarrels of the demo market: payouts due today, an open drawer, a claim to decide, a complaint to answer,
vouchers, refunds on a list, a carrier's list that is short, a farm that owes. Built by calling services; asked for
twice it adds nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import current_app
from PIL import Image, ImageDraw
from sqlalchemy import select

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Person
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Voucher, VoucherKind
from marketplace.claims import service as claims
from marketplace.claims.models import Claim, ClaimReason, Complaint, ComplaintAbout, DecisionCode
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from marketplace.foundation import clock, market
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.photos import ReadyPhoto, read_photo
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrder, FarmOrderState, Order, SupplyChange
from marketplace.orders.supply import Supplied
from marketplace.payments import queries as money
from marketplace.payments import service as payments
from marketplace.payments.models import (
    CardDispute,
    FarmDebt,
    Payment,
    PaymentState,
    Payout,
    PayoutState,
    Refund,
    RefundAccount,
    RefundCause,
    RefundState,
)
from marketplace.payments.port import CardNews
from marketplace.payments.service import Told
from marketplace.shipping.models import Parcel


def money_and_quarrels(people: Mapping[str, Person]) -> None:
    """Something to do for the cashier, the clerk and whoever decides claims."""
    _due_payouts()
    _short_supply()
    _drawer(people["0900000005"])
    _claims(Actor.of(people["0900000008"].id))
    _complaints()
    _vouchers(farmers.my_farm(people["0900000002"]))
    _money_back(Actor.of(people["0900000007"].id))
    _carriers_list(Actor.of(people["0900000007"].id))
    _cards(Actor.of(people["0900000007"].id), Actor.of(people["0900000008"].id))
    _debt(Actor.of(people["0900000007"].id))


def _due_payouts() -> None:
    """What was paid by transfer and delivered is due today, so that there is a list to approve and send."""
    with transaction():
        if db.session.scalar(select(Payout.id).where(Payout.slip_id.is_not(None)).limit(1)) is not None:
            return
        due = db.session.scalars(select(Payout).where(Payout.state == PayoutState.DUE).order_by(Payout.id))
        for payout in due:
            payout.due_on = clock.today()
        payments.batch_due(clock.today(), SYSTEM)


def _short_supply() -> None:
    """A buyer's parcel turned out lighter than its pack says; they were called."""
    with transaction():
        if db.session.scalar(select(SupplyChange.id).limit(1)) is not None:
            return
        part = db.session.scalars(
            select(FarmOrder)
            .join(FarmOrder.order)
            .where(FarmOrder.state == FarmOrderState.CONFIRMED, Order.buyer_id.is_not(None))
            .order_by(FarmOrder.id)
        ).first()
        line = part.lines[0] if part is not None else None
        if part is None or line is None or not line.variant.grams:
            return
        truly = line.variant.grams * line.quantity * 94 // 100
        supplied = {line.id: Supplied(line.quantity, truly)}
        farmer = Actor.of(farmers.owner_of(part.farm).id)
        orders.supply_less(part, supplied, "Hàng khô thêm nên cân nhẹ hơn", farmer, is_agreed=True)


def _drawer(clerk: Person) -> None:
    held = [post.point for post in accounts.posts_of(clerk) if post.point is not None]
    points = sorted(held, key=lambda point: point.name)
    with transaction():
        if points and not money.tills_of(points[0]):
            payments.start_till(points[0], 2_000_000, Actor.of(clerk.id))


def _claims(admin: Actor) -> None:
    """One to answer by its farm, one to decide by the market, one that another admin must look at again."""
    with transaction():
        if db.session.scalar(select(Claim.id).limit(1)) is not None:
            return
        parts = db.session.scalars(
            select(FarmOrder)
            .where(FarmOrder.state == FarmOrderState.DELIVERED)
            .order_by(FarmOrder.id)
            .limit(3)
        )
        stories = (
            (ClaimReason.DAMAGED, "Hộp bị móp một góc, một gói rách nên chè ẩm."),
            (ClaimReason.MISSING, "Đặt hai gói mà trong hộp chỉ có một."),
            (ClaimReason.SPOILED, "Mở gói ra có mùi lạ, pha không uống được."),
        )
        for number, (part, (reason, words)) in enumerate(zip(parts, stories, strict=False)):
            order = part.order
            by = Actor.of(order.buyer_id) if order.buyer_id else Actor.guest()
            made = claims.open(
                part, reason, words, min(100_000, part.paid_for_goods_dong), [_photo(number)], by
            )
            farmer = Actor.of(farmers.owner_of(part.farm).id)
            if number > 0:
                claims.answer(made, False, "Nhà tôi gói đủ và còn mới, có cân ở bưu cục.", [], farmer)
            if number > 1:
                claims.decide(made, DecisionCode.NOT_SHOWN, 0, False, "Hình chưa cho thấy hàng hỏng.", admin)
                claims.appeal(made, "Tôi chụp thêm được, xin xem lại.", by)


def _complaints() -> None:
    """One to answer in time, and one the market is late with."""
    with transaction():
        if db.session.scalar(select(Complaint.id).limit(1)) is None:
            with clock.looking_back(timedelta(days=14)):
                claims.complain(
                    ComplaintAbout.SHOP,
                    "Gian hàng không nghe máy",
                    "Tôi gọi bốn lần không ai nghe, nhờ chợ hỏi giúp.",
                    "Đinh Thị Ngân",
                    "+84912345603",
                    Actor.guest(),
                )
            claims.complain(
                ComplaintAbout.PRODUCT,
                "Mật ong",
                "Trang ghi mật ong chữa được bệnh. Tôi thấy không đúng, nhờ chợ xem lại.",
                "Phạm Thu Hà",
                "+84912345601",
                Actor.guest(),
            )


def _vouchers(farm: Farm | None) -> None:
    """One the market bears, for freight; one the tea farm bears, in percent."""
    first = clock.today()
    shared: dict[str, Any] = {"starts_on": first, "ends_on": first + timedelta(days=60), "most_uses": 200}
    with transaction():
        if db.session.scalar(select(Voucher.id).limit(1)) is not None:
            return
        campaigns.make(
            campaigns.Terms("CHOQUE", VoucherKind.FREIGHT, amount_dong=20_000, least_dong=150_000, **shared),
            SYSTEM,
        )
        if farm is not None:
            ours = campaigns.Terms(
                "CHEMOI", VoucherKind.PERCENT, per_10_000=1_000, most_dong=50_000, **shared
            )
            campaigns.make(ours, Actor.of(farmers.owner_of(farm).id), farm)


def _money_back(cashier: Actor) -> None:
    """Buyers whose farm could not send wrote where they want their money back; one list waits for a second person."""
    with transaction():
        if db.session.scalar(select(RefundAccount.id).limit(1)) is not None:
            return
        due = db.session.scalars(
            select(Refund).where(Refund.state == RefundState.DUE).order_by(Refund.id).limit(2)
        )
        for number, refund in enumerate(due):
            if refund.payment is not None:
                order = refund.payment.order
                by = Actor.of(order.buyer_id) if order.buyer_id else Actor.guest()
                payments.tell_refund_account(order, "970436", f"00110044{number:05d}", order.name, by)
        payments.prepare_refund_batch(cashier)


def _carriers_list(cashier: Actor) -> None:
    """What the carrier pays in: a parcel right, one 20.000 short, and one nobody knows."""
    with transaction():
        if money.remittances_lately(1):
            return
        rows = db.session.execute(
            select(Parcel.tracking, Payment)
            .join(Payment, Payment.farm_order_id == Parcel.farm_order_id)
            .where(Payment.state == PaymentState.COLLECTED, Parcel.cod_dong > 0)
            .order_by(Parcel.id)
            .limit(2)
        ).all()
        if len(rows) < 2:
            return
        (right, whole), (short, less) = rows
        told = [
            Told(right, whole.at_the_post_dong),
            Told(short, less.at_the_post_dong - 20_000),
            Told("EA999999999VN", 35_000),
        ]
        made, _is_new = payments.keep_remittance(told, "file", "nop-tien-minh-hoa.csv", cashier)
        payments.settle_remittance(made, cashier, received_dong=made.total_dong, reference="FT-MINH-HOA")
        payments.ask_carrier(made.lines[-1], cashier)


@contextmanager
def cards_offered() -> Iterator[None]:
    """Cards are offered while the demo's own orders are placed, also without keys; nobody outside is asked."""
    before = market.plugged("payments.cards")
    market.plug(current_app, "payments.cards", before or object())
    try:
        yield
    finally:
        market.plug(current_app, "payments.cards", before)


def card_says(kind: str, payment: Payment, amount_dong: int, **facts: Any) -> None:
    """What the card company would tell of a payment; nobody outside is asked."""
    mark = f"{kind}-{payment.order.once}"
    news = CardNews(
        event_id=f"evt_minh_hoa_{mark}",
        kind=kind,
        at=clock.now(),
        intent=f"pi_minh_hoa_{payment.order.once}",
        payment_code=payment.code,
        amount_dong=amount_dong,
        currency="vnd",
        raw={"type": "minh hoa", "object": f"minh_hoa_{mark}"},
        **facts,
    )
    event, _is_new = payments.keep_card_news(news)
    payments.settle_card_event(event)


def _cards(cashier: Actor, admin: Actor) -> None:
    """Two orders were paid by card: of one a little went back, of the other the buyer's bank asks all of it back; and
    one word of the card company is a đồng off."""
    with transaction():
        if db.session.scalar(select(CardDispute.id).limit(1)) is not None:
            return
        paid = db.session.scalars(
            select(Payment).where(Payment.card_intent.is_not(None)).order_by(Payment.id).limit(2)
        ).all()
        if len(paid) < 2:
            return
        first, second = paid
        part = first.order.farm_orders[0]
        back = payments.refund(
            part, 30_000, RefundCause.GOODWILL, cashier, key="demo-card", borne={"market": 30_000},
            why="Giao trễ hai ngày",
        )  # fmt: skip
        payments.approve_refund(back, admin)
        card_says("refund", first, 30_000, reference=back.code, status="succeeded")
        card_says(
            "dispute", second, second.received_dong, reference="dp_minh_hoa", why="product_not_received",
            due_at=clock.now() + timedelta(days=7),
        )  # fmt: skip
        waiting = db.session.scalar(
            select(Payment).where(Payment.state == PaymentState.EXPECTED, Payment.farm_order_id.is_(None))
        )
        if waiting is not None:
            card_says("paid", waiting, waiting.amount_dong - 1)


def _debt(cashier: Actor) -> None:
    """A farm whose money stands on a list bears a refund: it owes the market until its next sale."""
    with transaction():
        if db.session.scalar(select(FarmDebt.id).limit(1)) is not None:
            return
        listed = db.session.scalars(
            select(Payout).where(Payout.state == PayoutState.BATCHED).order_by(Payout.id).limit(1)
        ).first()
        if listed is not None:
            payments.refund(
                listed.farm_order, 40_000, RefundCause.GOODWILL, cashier, key="demo-debt", borne={"farm": 40_000},
                why="Hũ thiếu tem chống hàng giả",
            )  # fmt: skip


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
