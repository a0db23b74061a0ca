"""An order's life: what each verb does, what it refuses, and that a refusal changes nothing."""

import pytest
from sqlalchemy import func, select

from marketplace.catalog import service as catalog
from marketplace.catalog.models import HoldState, StockHold, Variant
from marketplace.farmers import service as farms
from marketplace.foundation.audit import SYSTEM, Actor, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.jobs import OutboxJob
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.notifications.models import Message
from marketplace.orders import details as order_details
from marketplace.orders import keeping, queries, service
from marketplace.orders.models import EndedBy, FarmOrder, FarmOrderState, Order
from tests import cast, make

F = FarmOrderState


def stock(product) -> tuple[int, int]:
    """(on hand, held) of the product's one pack."""
    db.session.expire_all()
    variant = db.session.get_one(Variant, product.variants[0].id)
    return variant.on_hand, variant.held


def do(deed, *arguments):
    with transaction():
        return deed(*arguments, SYSTEM)


def written() -> tuple[int, ...]:
    """How much is written: a refusal adds nothing to any of it."""
    kinds = (Order, FarmOrder, StockHold, Message, AuditEntry, OutboxJob)
    return tuple(db.session.scalar(select(func.count(kind.id))) for kind in kinds)


def said(template: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.template == template)))


# -- placing -------------------------------------------------------------------------------------------------------


def test_an_order_over_two_farms_holds_the_stock_and_writes_down_what_was_agreed(app):
    tea, shrimp = make.product(), make.product(make.farm("Tôm khô Rạch Gốc"), "Tôm khô", 1_500_000)
    order = make.order((tea, 2), (shrimp, 1), payment_method="vietqr", state="placed")
    assert [part.state for part in order.farm_orders] == [F.PLACED, F.PLACED]
    assert order.goods_dong == 2 * 450_000 + 1_500_000
    assert order.total_dong == order.goods_dong + 2 * 30_000
    assert stock(tea) == (10, 2)
    assert stock(shrimp) == (10, 1)
    line = order.farm_orders[0].lines[0]
    assert (line.product_name, line.variant_name, line.quantity, line.total_dong) == (
        "Trà đinh Tân Cương", "100 g", 2, 900_000,
    )  # fmt: skip
    # Yesterday's order stays right when the price changes.
    with transaction():
        catalog.set_price(db.session.get_one(Variant, line.variant_id), 500_000, SYSTEM)
    assert db.session.get_one(Order, order.id).goods_dong == 2_400_000


def test_the_same_form_twice_makes_one_order(app):
    make.rules()
    product = make.product()
    details, parts = make.place_details(), make.part_details(((product, 1),))
    first = do(service.place, details, parts)
    again = do(service.place, details, parts)
    assert first.id == again.id
    assert stock(product) == (10, 1)


def test_somebody_elses_form_token_opens_nothing(app):
    make.rules()
    product = make.product()
    do(service.place, make.place_details(once="same"), make.part_details(((product, 1),)))
    stranger = make.place_details(make.person(), once="same")
    with pytest.raises(Conflict):
        do(service.place, stranger, make.part_details(((product, 1),)))
    assert db.session.scalar(select(func.count(Order.id))) == 1


def test_what_cannot_be_bought_is_refused_and_nothing_is_written(app):
    make.rules()
    product, other = make.product(stock=3), make.product(name="Chè búp", stock=5)
    good = make.part_details(((product, 1),))
    before = written()

    def refused(parts, details=None):
        with pytest.raises(Refusal) as no:
            do(service.place, details or make.place_details(), parts)
        assert written() == before
        assert stock(product) == (3, 0)
        assert stock(other) == (5, 0)
        return str(no.value)

    assert "chỉ còn 3" in refused(make.part_details(((other, 1), (product, 4))))
    refused([])
    refused([order_details.PartDetails(**{**vars(good[0]), "lines": []})])
    for quantity, price in ((0, 450_000), (-1, 450_000), (1, 0)):
        line = order_details.LineDetails(product.variants[0].id, quantity, price)
        refused([order_details.PartDetails(**{**vars(good[0]), "lines": [line]})])
    line = order_details.LineDetails(product.variants[0].id, 1, 449_999)
    assert "vừa thay đổi" in refused([order_details.PartDetails(**{**vars(good[0]), "lines": [line]})])
    # A pack of another farm slipped into the form.
    line = order_details.LineDetails(other.variants[0].id, 1, 450_000)
    refused([order_details.PartDetails(**{**vars(good[0]), "lines": [line]})])


def test_what_left_the_shelf_or_whose_farm_rests_cannot_be_ordered(app):
    make.rules()
    product = make.product()
    with transaction():
        catalog.pause(product, SYSTEM)
    with pytest.raises(Conflict):
        do(service.place, make.place_details(), make.part_details(((product, 1),)))
    with transaction():
        catalog.resume(product, SYSTEM)
        farms.take_holiday(product.farm, SYSTEM)
    with pytest.raises(Conflict):
        do(service.place, make.place_details(), make.part_details(((product, 1),)))
    assert stock(product) == (10, 0)


# -- answering -----------------------------------------------------------------------------------------------------


def test_one_farm_may_refuse_while_another_accepts(app):
    tea, shrimp = make.product(), make.product(make.farm("Tôm khô Rạch Gốc"), "Tôm khô", 1_500_000)
    order = make.order((tea, 2), (shrimp, 1))
    first, second = order.farm_orders
    do(service.accept, first)
    do(service.refuse, second, "Mẻ này hết hàng")
    assert (first.state, second.state) == (F.ACCEPTED, F.REFUSED)
    assert (second.reason, second.ended_by) == ("Mẻ này hết hàng", EndedBy.FARM)
    assert stock(tea) == (10, 2)
    assert stock(shrimp) == (10, 0)
    (told,) = said("orders/refused")
    assert "Mẻ này hết hàng" in told.body


def test_a_refusal_needs_a_reason(app):
    order = make.order()
    before = written()
    with pytest.raises(Refusal) as no:
        do(service.refuse, order.farm_orders[0], "   ")
    assert no.value.field == "reason"
    assert written() == before


def test_handing_over_sells_what_was_held(app):
    product = make.product()
    order = make.order((product, 3), state="handed_over")
    assert stock(product) == (7, 0)
    assert order.farm_orders[0].lines[0].hold.state is HoldState.USED
    with pytest.raises(Conflict, match="Không hủy được nữa"):
        do(service.cancel, order.farm_orders[0], "")
    assert stock(product) == (7, 0)


@pytest.mark.parametrize("deed", ["accept", "hand_over", "deliver", "leave_unanswered", "lose"])
def test_a_deed_done_twice_is_done_once(app, deed):
    before = {"accept": "confirmed", "hand_over": "accepted", "deliver": "handed_over",
              "leave_unanswered": "confirmed", "lose": "handed_over"}  # fmt: skip
    product = make.product()
    part = make.order((product, 2), state=before[deed]).farm_orders[0]
    do(getattr(service, deed), part)
    once, shelf = written(), stock(product)
    do(getattr(service, deed), part)
    assert (written(), stock(product)) == (once, shelf)


@pytest.mark.parametrize("state", ["placed", "confirmed", "accepted"])
def test_cancelling_frees_the_stock_once(app, state):
    product = make.product()
    order = make.order((product, 2), state=state, payment_method="vietqr")
    part = order.farm_orders[0]
    do(service.cancel, part, "Đổi ý")
    do(service.cancel, part, "Đổi ý")
    assert part.state is F.CANCELLED
    assert part.ended_by is EndedBy.BUYER
    assert stock(product) == (10, 0)


def test_one_part_of_an_unpaid_transfer_cannot_be_taken_out_but_all_of_it_can(app):
    tea, honey = make.product(), make.product(make.farm("Ong rừng"), "Mật ong", 300_000)
    order = make.order((tea, 1), (honey, 1), state="placed", payment_method="vietqr")
    before = written()
    with pytest.raises(Refusal, match="hủy cả đơn"):
        do(service.cancel, order.farm_orders[0], "")
    assert written() == before
    do(service.cancel_order, order, "")
    assert {part.state for part in order.farm_orders} == {F.CANCELLED}
    assert stock(tea) == stock(honey) == (10, 0)
    with pytest.raises(Conflict):
        do(service.cancel_order, order, "")


def test_what_comes_back_is_looked_at_before_it_is_sold_again(app):
    good, spoilt = make.product(), make.product(name="Rau rừng")
    for product, is_good in ((good, True), (spoilt, False)):
        part = make.order((product, 2), state="returned").farm_orders[0]
        assert stock(product) == (8, 0)
        with transaction():
            service.restock(part, is_good, SYSTEM)
        with transaction():
            service.restock(part, is_good, SYSTEM)
    assert stock(good) == (10, 0)
    assert stock(spoilt) == (8, 0)
    assert catalog.check_stock() == []


def test_too_late_is_refused_with_the_state_and_changes_nothing(app):
    part = make.order(state="delivered").farm_orders[0]
    before = written()
    for deed, rest in (
        ("accept", ()),
        ("refuse", ("x",)),
        ("hand_over", ()),
        ("lose", ()),
        ("mark_packed", ()),
    ):
        with pytest.raises(Conflict):
            do(getattr(service, deed), part, *rest)
    assert written() == before


# -- time passes ---------------------------------------------------------------------------------------------------


def test_a_farm_is_reminded_then_the_point_calls_then_the_order_is_called_off(app, run_jobs, clock):
    from marketplace.orders import jobs

    clock.set("2026-11-25 08:00")
    product = make.product()
    part = make.order((product, 1)).farm_orders[0]

    def told(template):
        jobs.remind_farms()
        jobs.remind_farms()
        return len(said(template))

    assert told("orders/reminder") == 0
    clock.forward(hours=3, minutes=59)
    assert told("orders/reminder") == 0
    clock.forward(minutes=1)
    assert told("orders/reminder") == 1
    clock.forward(hours=8)
    assert told("orders/reminder") == 2
    assert queries.to_be_called([part.farm.commune_code]) == []
    clock.forward(hours=6)
    assert told("orders/reminder") == 3
    assert [one.id for one in queries.to_be_called([part.farm.commune_code])] == [part.id]
    assert stock(product) == (10, 1)
    clock.forward(hours=6)
    assert told("orders/unanswered") == 1
    db.session.expire_all()
    assert part.state is F.UNANSWERED
    assert stock(product) == (10, 0)
    assert queries.to_be_called([part.farm.commune_code]) == []


def test_an_unpaid_order_is_given_up_after_its_time_and_its_stock_is_free(app, clock):
    from marketplace.orders import jobs

    clock.set("2026-11-25 08:00")
    product = make.product()
    order = make.order((product, 4), state="placed", payment_method="vietqr")
    clock.forward(minutes=29)
    jobs.expire_unpaid()
    assert stock(product) == (10, 4)
    clock.forward(minutes=1, seconds=5)
    jobs.expire_unpaid()
    jobs.expire_unpaid()
    assert stock(product) == (10, 0)
    assert order.farm_orders[0].ended_by is EndedBy.UNPAID
    assert len(said("orders/expired")) == 1
    assert do(service.expire, order) is False


def test_an_order_waiting_at_the_door_never_expires(app, clock):
    from marketplace.orders import jobs

    clock.set("2026-11-25 08:00")
    part = make.order().farm_orders[0]
    clock.forward(hours=2)
    jobs.expire_unpaid()
    assert part.state is F.CONFIRMED


# -- who sees what -------------------------------------------------------------------------------------------------


def test_an_order_opens_for_its_buyer_and_for_who_has_the_key(app):
    order = make.order(buyer=cast.buyer())
    assert queries.order_for(cast.buyer(), order.code).id == order.id
    assert queries.order_by_secret(order.code, order.secret).id == order.id
    for refused in (
        lambda: queries.order_for(cast.farmer_an(), order.code),
        lambda: queries.order_by_secret(order.code, ""),
        lambda: queries.order_by_secret(order.code, order.secret[:-1] + "é"),
        lambda: queries.order_by_secret("CQNOTHING", order.secret),
    ):
        with pytest.raises(Refusal) as no:
            refused()
        assert no.value.status == 404


def test_a_farm_sees_its_own_part_once_it_is_paid(app):
    tea, honey = make.product(), make.product(make.farm("Ong rừng"), "Mật ong", 300_000)
    order = make.order((tea, 1), (honey, 1), state="placed", payment_method="vietqr")
    part = order.farm_orders[0]
    with pytest.raises(Refusal):
        queries.farm_order_for(tea.farm, part.code)
    make.pay(order)
    assert queries.farm_order_for(tea.farm, part.code).id == part.id
    with pytest.raises(Refusal):
        queries.farm_order_for(honey.farm, part.code)


def test_the_timeline_says_what_happened_what_is_now_and_what_comes(app):
    order = make.order(state="accepted")
    steps = queries.timeline(order.farm_orders[0])
    assert [step.state for step in steps] == ["done", "done", "now", "next", "next"]
    assert str(steps[2].title) == "Nhà vườn đang gói hàng"
    with transaction():
        service.mark_packed(order.farm_orders[0], make.actor_of(order.farm_orders[0].farm))
    steps = queries.timeline(order.farm_orders[0])
    assert [step.state for step in steps] == ["done", "done", "done", "now", "next"]
    assert str(steps[3].title) == "Đã gói xong, chờ gửi bưu điện"
    off = make.order(state="refused")
    assert queries.timeline(off.farm_orders[0])[-1].state == "stop"


# -- what is said --------------------------------------------------------------------------------------------------


def test_a_new_order_is_told_to_the_farm_by_sms_in_plain_words(app):
    product = make.product()
    make.order((product, 2))
    (message,) = said("orders/new_for_farm")
    (sms,) = [letter for letter in message.deliveries if letter.channel == "sms"]
    assert sms.text.startswith("Co don moi: 2 x Tra dinh Tan Cuong 100 g, 900.000")
    assert message.path == f"/sell/orders/{db.session.scalars(select(FarmOrder.code)).one()}"


def test_every_notice_can_be_written_in_both_languages(app):
    """Each way an order can go, for a guest and for a person who reads English."""
    reader = make.person()
    with transaction():
        reader.language = "en"
    for state in F:
        for buyer in (None, reader):
            make.order(state=state, buyer=buyer, payment_method="vietqr" if state is F.PLACED else "cod")


# -- forgetting ----------------------------------------------------------------------------------------------------


def test_nobody_is_forgotten_with_an_order_under_way(app):
    buyer = make.person()
    order = make.order(buyer=buyer, note="Gọi trước khi giao")
    with pytest.raises(Refusal), transaction():
        keeping.forget(buyer.id)
    assert order.note == "Gọi trước khi giao"
    make.bring_to(order, F.DELIVERED)
    with transaction():
        keeping.forget(buyer.id)
    assert (order.note, order.phone) == ("", buyer.phone)
    assert keeping.gather(buyer.id)[0]["code"] == order.code


def test_a_contracts_names_go_when_the_law_no_longer_asks_for_them(app, clock):
    clock.set("2026-11-25 08:00")
    buyer = make.person()
    order = make.order(buyer=buyer, state="delivered")
    clock.forward(days=3 * 366)
    with transaction():
        keeping.forget(buyer.id)
    assert (order.name, order.phone, order.street) == ("", "", "")


def test_a_deed_is_written_to_the_trail_with_who_did_it(app):
    part = make.order().farm_orders[0]
    farmer = make.actor_of(part.farm)
    with transaction():
        service.accept(part, farmer)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "farm_order.accepted")).one()
    assert (entry.actor_id, entry.record_code) == (farmer.person_id, part.code)
    assert Actor.of(farmer.person_id) == farmer
