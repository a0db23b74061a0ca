"""What was promised about claims, complaints, appeals and card money: reminded before, said when it is late."""

from collections import Counter

import pytest
from sqlalchemy import select

from marketplace.claims import jobs, queries, service
from marketplace.claims.models import ClaimRule, Complaint, ComplaintAbout, DeadlineNotice
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db, transaction
from marketplace.notifications.models import Message
from marketplace.orders import service as orders
from marketplace.orders.models import DoorRule
from marketplace.payments import service as payments
from marketplace.payments.models import CardDispute, HoldReason, Payment, Payout, PayoutState, Refund
from tests import cast, make
from tests.claims.test_claims import answered, claim, decide, delivered


@pytest.fixture
def told():
    """What was told since this was asked last: template → how many messages."""
    seen = set()

    def since():
        db.session.rollback()
        rows = db.session.execute(select(Message.id, Message.template).order_by(Message.id)).all()
        fresh = [template for number, template in rows if number not in seen]
        seen.update(number for number, _template in rows)
        return Counter(fresh)

    return since


def sweep():
    db.session.rollback()
    jobs.keep_deadlines()
    db.session.rollback()


def complain(about=ComplaintAbout.SHOP):
    with transaction():
        return service.complain(about, "Chè", "Quảng cáo sai", "Lan", "+84912345678", Actor.guest())


def test_an_appeal_comes_near_and_passes(visit, clock, told):
    boss = cast.admin()
    part = delivered(clock)
    made = answered(part)
    decide(made, dong=100_000)
    with transaction():
        service.appeal(made, "Còn thiếu một nửa", Actor.guest())
    payout = db.session.query(Payout).one()
    assert (payout.state, payout.held_because) == (PayoutState.HELD, HoldReason.CLAIM), "it waits again"
    told()
    sweep()
    assert not told() and not queries.promised_by_us(), "days are left"
    due = made.decide_by
    clock.set(due.astimezone(wall.ZONE).replace(hour=6))
    sweep()
    assert told() == {"claims/deadline_near": 1}
    assert "còn 17 giờ" in visit.another().sign_in(boss)("/admin/claims")
    clock.forward(days=3)
    sweep()
    sweep()
    said = told()
    assert said["claims/deadline_late"] == 1, "the desk, once"
    assert said["claims/decision_late"] == 2, "the buyer and the farm, once each"
    page = visit.another().sign_in(boss)("/admin/claims")
    assert "quá hạn 3 ngày" in page and page.text.index("quá hạn 3 ngày") < page.text.index(
        "Chờ chợ quyết định"
    )
    assert "Lời hứa quá hạn" in visit.another().sign_in(boss)("/admin")
    order = part.order
    path = f"/account/orders/{order.code}/claims/{made.code}"
    assert "đang trễ hẹn" in visit(path, key=order.secret)
    decide(made, dong=100_000, by=cast.by(cast.another("Đinh Thị Hạnh", "0912000077", cast.Role.ADMIN)))
    assert not queries.promised_by_us()


def test_the_farm_is_reminded_to_answer_and_the_buyer_to_send_back(app, clock, told):
    made = claim(delivered(clock))
    told()
    clock.set(made.answer_by.astimezone(wall.ZONE).replace(hour=1))
    sweep()
    assert told() == {"claims/answer_soon": 1}
    clock.forward(days=2)
    sweep()
    assert told()["claims/unanswered_for_farm"] == 1
    decide(made, is_return=True)
    told()
    clock.forward(days=6, hours=5)
    sweep()
    assert told() == {"claims/return_soon": 1}


def test_a_complaint_is_late_and_a_new_promise_is_another(visit, clock, told):
    cast.admin()
    clock.set("2026-11-20 10:00")
    made = complain()
    told()
    clock.set("2026-12-03 08:00")
    sweep()
    assert told() == {"claims/deadline_late": 1, "claims/complaint_late": 1}
    with transaction():
        service.answer_complaint(made, "Đã nhắc gian hàng", cast.by(cast.admin()))
        service.ask_again(made, "Vẫn còn", Actor.guest())
    told()
    sweep()
    assert not told()
    clock.set("2026-12-20 08:00")
    sweep()
    assert told() == {"claims/deadline_late": 1, "claims/complaint_late": 1}
    assert db.session.query(DeadlineNotice).count() == 2


def test_personal_data_is_answered_sooner(app, clock):
    clock.set("2026-11-20 10:00")
    assert wall.local(complain(ComplaintAbout.PRIVACY).answer_by).day == 25, "the 24th is a holiday"
    assert wall.local(complain().answer_by).month == 12
    assert db.session.query(Complaint).count() == 2


def test_who_asks_about_paying_at_the_door_is_told_when_it_is_late(visit, clock, told):
    cast.admin()
    clock.set("2026-11-20 10:00")
    rule = db.session.scalars(select(DoorRule)).one()
    with transaction():
        rule.appeal_days = 1
        orders.appeal("+84912345678", "Lan", "Tôi mua cho cả xóm", Actor.guest())
    told()
    clock.set("2026-11-23 20:00")
    sweep()
    assert told() == {"claims/deadline_near": 1}
    clock.set("2026-11-24 08:00")
    sweep()
    assert told() == {"claims/deadline_late": 1, "orders/appeal_late": 1}
    assert "quá hạn hôm nay" in visit.sign_in(cast.admin())("/admin/appeals")


def test_evidence_for_the_card_company_and_money_decided_on(app, clock, told):
    cast.admin(), cast.cashier()
    part = delivered(clock)
    payment = db.session.scalars(select(Payment).where(Payment.order_id == part.order_id)).one()
    with transaction():
        db.session.add(
            CardDispute(
                dispute_id="dp_1",
                payment_id=payment.id,
                amount_dong=1,
                answer_by=wall.at(wall.today(), wall.time(20)),
            )
        )
    told()
    sweep()
    assert told() == {"claims/deadline_near": 2}
    made = claim(part, asked=100_000)
    with transaction():
        service.answer(made, True, "", [], Actor.guest())
    clock.forward(days=8)
    told()
    sweep()
    assert told()["claims/refund_late"] == 0, "nobody knows yet where it should go"
    with transaction():
        payments.tell_refund_account(part.order, "970436", "0011004412345", "LAN", Actor.guest())
    clock.forward(days=9)
    told()
    sweep()
    assert told() == {"claims/refund_late": 1, "claims/deadline_late": 2}
    assert db.session.query(Refund).one().amount_dong == 100_000


def test_how_long_before_is_a_dated_rule(visit):
    rule = db.session.scalars(select(ClaimRule)).one()
    assert (rule.remind_hours, rule.privacy_days, rule.refund_days) == (24, 2, 3)
    boss = visit.sign_in(cast.admin())
    form = boss("/admin/rules/claims").form(says="Thêm quy định mới")
    day = (wall.today() + wall.timedelta(days=3)).isoformat()
    page = form.submit(422, remind_hours="100", valid_from=day, legal_basis="QĐ 1")
    assert "72" in page and db.session.query(ClaimRule).count() == 1
    assert "phản ánh 7 ngày làm việc, về dữ liệu cá nhân 2" in boss("/admin/rules/claims")
    assert "trả lời trong 2 ngày làm việc" in visit.another()("/about/complaints")
    make.rules()
