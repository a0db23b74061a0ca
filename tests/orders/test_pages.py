"""The pages of an order: the farmer's desk, the buyer's page, and who may not see them."""

import pytest

from marketplace.farmers import service as farms
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.orders.models import FarmOrder, FarmOrderState
from marketplace.shipping import queries as shipping
from tests import cast, make

F = FarmOrderState
NASTY = "<script>alert('x')</script> \"quoted\" & 'so'"


def farm_of(person, **facts):
    return make.farm(owner=person, **facts)


@pytest.fixture
def an(app):
    return farm_of(cast.farmer_an())


def state_of(part) -> FarmOrderState:
    db.session.expire_all()
    return db.session.get_one(FarmOrder, part.id).state


# -- the farmer's desk ---------------------------------------------------------------------------------------------


def test_the_day_begins_with_what_must_be_answered(visit, an):
    tea = make.product(an)
    part = make.order((tea, 2)).farm_orders[0]
    packed = make.order((tea, 1), state="accepted").farm_orders[0]
    visit.sign_in(cast.farmer_an())
    page = visit("/sell")
    assert "hôm nay có 2 việc" in page
    assert "Có đơn mới" in page
    assert "2 × Trà đinh Tân Cương 100 g" in page
    assert "Bạn sẽ nhận 900.000 ₫ vào" in page
    page = page.form(f"/sell/orders/{part.code}/acceptance").submit()
    assert "Đã nhận đơn" in page
    assert state_of(part) is F.ACCEPTED
    page = visit("/sell").form(f"/sell/orders/{packed.code}/packing").submit()
    assert "Đã ghi gói xong" in page
    page = page.form(f"/sell/orders/{packed.code}/handover").submit()
    assert state_of(packed) is F.HANDED_OVER
    # The parcel went with it: what the postman would have scanned.
    assert {parcel.state.value for parcel in shipping.parcels_of(packed)} == {"picked_up"}
    assert "Mã bưu gửi" in page


def test_the_desk_of_somebody_without_a_farm_says_how_to_begin(visit):
    visit.sign_in(cast.buyer())
    page = visit("/sell")
    assert page.follow("Mở gian hàng").status == 200


def test_an_empty_desk_says_what_comes_first(visit, an):
    visit.sign_in(cast.farmer_an())
    assert "Đăng nông sản đầu tiên" in visit("/sell")
    for view in ("", "new", "packing", "sent", "done", "off", "<x>"):
        visit("/sell/orders", view=view)
    assert "Chưa có khoản nào" in visit("/sell/money")


def test_orders_stand_under_what_is_to_be_done(visit, an):
    tea = make.product(an, stock=99)
    parts = {state: make.order((tea, 1), state=state).farm_orders[0] for state in F if state is not F.PLACED}
    visit.sign_in(cast.farmer_an())
    shown = {
        "new": {F.CONFIRMED}, "packing": {F.ACCEPTED}, "sent": {F.HANDED_OVER, F.REFUSED_AT_DOOR, F.RETURNING},
        "done": {F.DELIVERED}, "off": {F.REFUSED, F.UNANSWERED, F.CANCELLED, F.RETURNED, F.LOST},
    }  # fmt: skip
    for view, states in shown.items():
        page = visit("/sell/orders", view=view)
        for state, part in parts.items():
            assert (part.code in page) is (state in states), (view, state)
    for part in parts.values():
        visit(f"/sell/orders/{part.code}")


def test_a_refusal_needs_a_reason_and_the_buyer_reads_it(visit, an):
    order = make.order((make.product(an), 1), buyer=cast.buyer())
    part = order.farm_orders[0]
    visit.sign_in(cast.farmer_an())
    page = (
        visit(f"/sell/orders/{part.code}").form(f"/sell/orders/{part.code}/refusal").submit(422, reason=" ")
    )
    assert "Hãy ghi lý do" in page
    assert state_of(part) is F.CONFIRMED
    page.form(f"/sell/orders/{part.code}/refusal").submit(reason=NASTY)
    assert state_of(part) is F.REFUSED
    somebody_else = visit.another()
    somebody_else.sign_in(cast.buyer())
    page = somebody_else(f"/account/orders/{order.code}")
    assert NASTY in page
    assert "<script>alert" not in page.html


def test_the_buyers_name_shows_once_the_farm_said_yes(visit, an):
    part = make.order((make.product(an), 1), street="12 Hàng Bông", name="Bà Sáu Mến").farm_orders[0]
    visit.sign_in(cast.farmer_an())
    page = visit(f"/sell/orders/{part.code}")
    assert "Bà Sáu Mến" not in page
    assert "12 Hàng Bông" not in page
    visit(f"/sell/orders/{part.code}/slip", status=404)
    page = page.form(f"/sell/orders/{part.code}/acceptance").submit()
    assert "Bà Sáu Mến" in page
    slip = visit(f"/sell/orders/{part.code}/slip")
    assert "12 Hàng Bông" in slip


def test_a_deed_from_an_old_page_is_refused_and_changes_nothing(visit, an):
    part = make.order((make.product(an), 1)).farm_orders[0]
    visit.sign_in(cast.farmer_an())
    page = visit(f"/sell/orders/{part.code}")
    with transaction():
        from marketplace.orders import service

        service.cancel(part, "", SYSTEM)
    answer = page.form(f"/sell/orders/{part.code}/acceptance").submit(409)
    assert "Đã hủy" in answer
    assert state_of(part) is F.CANCELLED


def test_goods_that_came_back_are_looked_at(visit, an):
    part = make.order((make.product(an), 1), state="returned").farm_orders[0]
    visit.sign_in(cast.farmer_an())
    page = visit("/sell").follow("Xem và nhập lại kho")
    page.form(f"/sell/orders/{part.code}/restocking", says="Còn tốt").submit()
    db.session.expire_all()
    assert db.session.get_one(FarmOrder, part.id).restocked_at is not None


def test_another_farmer_sees_and_does_nothing(visit, an):
    part = make.order((make.product(an), 1)).farm_orders[0]
    farm_of(cast.farmer_binh())
    visit.sign_in(cast.farmer_binh())
    visit(f"/sell/orders/{part.code}", status=404)
    visit(f"/sell/orders/{part.code}/slip", status=404)
    for deed in ("acceptance", "refusal", "packing", "handover", "restocking"):
        visit.post(f"/sell/orders/{part.code}/{deed}", status=404, reason="x")
    assert state_of(part) is F.CONFIRMED


def test_a_visitor_is_asked_to_sign_in(visit, an):
    part = make.order((make.product(an), 1)).farm_orders[0]
    for path in ("/sell", "/sell/orders", f"/sell/orders/{part.code}", "/sell/money", "/account/orders"):
        assert "/login" in visit(path).path
    visit.post(f"/sell/orders/{part.code}/acceptance", status=303)
    assert state_of(part) is F.CONFIRMED


def test_a_suspended_farm_still_sends_what_it_took(visit, an):
    part = make.order((make.product(an), 1)).farm_orders[0]
    with transaction():
        farms.suspend(an, "kiểm tra", SYSTEM)
    visit.sign_in(cast.farmer_an())
    page = visit("/sell")
    assert "tạm dừng" in page
    page.form(f"/sell/orders/{part.code}/acceptance").submit()
    assert state_of(part) is F.ACCEPTED


# -- the buyer's page ----------------------------------------------------------------------------------------------


def test_the_buyer_sees_their_orders_and_nobody_elses(visit, an):
    tea = make.product(an)
    mine = make.order((tea, 1), buyer=cast.buyer())
    other = make.order((tea, 1), buyer=make.person())
    guests = make.order((tea, 1))
    visit.sign_in(cast.buyer())
    page = visit("/account/orders")
    assert mine.code in page
    assert other.code not in page
    assert visit(f"/account/orders/{mine.code}").h1 == f"Đơn {mine.code}"
    for strange in (other, guests):
        visit(f"/account/orders/{strange.code}", status=404)
        visit(f"/account/orders/{strange.code}", status=404, key="guess")
        visit.post(f"/account/orders/{strange.code}/cancellation", status=404, part="", key="")
    assert visit.another()(f"/account/orders/{mine.code}").path.startswith("/login")


def test_a_guest_opens_the_order_with_its_key(visit, an):
    order = make.order((make.product(an), 1))
    page = visit(f"/account/orders/{order.code}", key=order.secret)
    assert "Giữ lại địa chỉ trang này" in page
    visit(f"/account/orders/{order.code}", status=404, key=order.secret[::-1])
    visit(f"/account/orders/{order.code}", status=404, key="é\x00")
    page.form(f"/account/orders/{order.code}/cancellation").submit()
    assert state_of(order.farm_orders[0]) is F.CANCELLED


@pytest.mark.parametrize(
    ("method", "state"),
    # An order paid at the door is confirmed when it is placed.
    [(method, state) for method in ("cod", "vietqr") for state in F if (method, state) != ("cod", F.PLACED)],
)
def test_every_state_has_its_page_in_both_languages(visit, an, method, state):
    honey = make.product(make.farm("Ong rừng"), "Mật ong", 300_000)
    order = make.order((make.product(an), 1), (honey, 1), state=state, payment_method=method, note=NASTY)
    page = visit(f"/account/orders/{order.code}", key=order.secret)
    assert NASTY in page
    may_cancel = state in (F.PLACED, F.CONFIRMED, F.ACCEPTED)
    cancel = f"/account/orders/{order.code}/cancellation"
    assert any(form.get("action") == cancel for form in page.all("form")) is may_cancel
    visit.speak("en")(f"/account/orders/{order.code}", key=order.secret)
    visit.sign_in(cast.farmer_an())
    if state is not F.PLACED:
        visit(f"/sell/orders/{order.farm_orders[0].code}")


def test_one_part_is_cancelled_and_the_other_goes_on(visit, an):
    honey = make.product(make.farm("Ong rừng"), "Mật ong", 300_000)
    order = make.order((make.product(an), 1), (honey, 1), buyer=cast.buyer())
    first, second = order.farm_orders
    visit.sign_in(cast.buyer())
    forms = visit(f"/account/orders/{order.code}").all(
        "form", action=f"/account/orders/{order.code}/cancellation"
    )
    assert len(forms) == 3
    visit.post(f"/account/orders/{order.code}/cancellation", part=second.code, key="", reason="Đổi ý")
    assert (state_of(first), state_of(second)) == (F.CONFIRMED, F.CANCELLED)
    visit.post(f"/account/orders/{order.code}/cancellation", status=404, part="DHNOTHERE", key="")
    visit.post(f"/account/orders/{order.code}/cancellation", status=422, part="", key="", reason="x" * 301)
    assert state_of(first) is F.CONFIRMED


def test_what_left_the_farm_cannot_be_cancelled(visit, an):
    order = make.order((make.product(an), 1), state="handed_over", buyer=cast.buyer())
    visit.sign_in(cast.buyer())
    answer = visit.post(
        f"/account/orders/{order.code}/cancellation", status=409, part=order.farm_orders[0].code, key=""
    )
    assert "từ chối khi bưu tá tới" in answer
    visit.post(f"/account/orders/{order.code}/cancellation", status=409, part="", key="")
    assert state_of(order.farm_orders[0]) is F.HANDED_OVER


def test_a_forged_form_is_refused(visit, an):
    part = make.order((make.product(an), 1)).farm_orders[0]
    visit.sign_in(cast.farmer_an())
    visit.post(f"/sell/orders/{part.code}/acceptance", status=400, token=False)
    visit.post(f"/sell/orders/{part.code}/acceptance", status=400, csrf_token="wrong")
    assert state_of(part) is F.CONFIRMED
