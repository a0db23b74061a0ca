"""The clerk's counter: scanned, asked, weighed, handed out; what is another point's is not there."""

import io

import pytest
import segno
from PIL import Image

from marketplace.accounts import service as accounts
from marketplace.accounts.models import Role
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.orders import service as orders
from marketplace.orders.models import FarmOrderState
from marketplace.payments.models import Payment, PaymentState
from marketplace.places import service as points
from marketplace.shipping import labels
from marketplace.shipping.models import Parcel, ParcelState, Scan
from tests import cast, make, parcels
from tests.parcels import Story

P, F = ParcelState, FarmOrderState


@pytest.fixture
def story(app):
    return Story()


@pytest.fixture
def at_counter(visit, story):
    """The clerk of Tân Cương at her browser."""
    visit.sign_in(cast.clerk(story.here))
    return visit


@pytest.fixture
def at_the_end(visit, story):
    """The clerk of Cầu Giấy at his browser."""
    visit.sign_in(clerk_at(story.there, "0912000077"))
    return visit


def clerk_at(point, phone):
    found = cast.another("Ngô Văn Bưu", phone, Role.CLERK)
    with transaction():
        accounts.hold_post(db.session.get_one(type(found), found.id), SYSTEM, service_point_id=point.id)
    return found


def scan(visit, story, status=200, **fields):
    return visit("/post").form("/post/scans").submit(status, tracking=story.parcel.tracking, **fields)


def printed(*texts, bars=""):
    """A photo of labels that lie beside each other: the square of each text, or bars."""
    photo = Image.new("RGB", (600 * max(1, len(texts)), 900), "#ddd")
    for place, text in enumerate(texts):
        square = io.BytesIO()
        segno.make_qr(text, error="m").save(square, kind="png", scale=8)
        photo.paste(Image.open(square), (600 * place + 60, 60))
    if bars:
        drawn = Image.new("RGB", (labels.barcode_width(bars) * 2 + 20, 200), "white")
        for where, wide in labels.bars(bars):
            drawn.paste("black", (where * 2, 20, (where + wide) * 2, 180))
        photo.paste(drawn, (20, 500))
    sent = io.BytesIO()
    photo.rotate(4, fillcolor="#bbb").save(sent, "JPEG", quality=80)
    sent.seek(0)
    return (sent, "nhan.jpg")


# -- the box ------------------------------------------------------------------------------------------------------


def test_a_first_scan_asks_and_a_second_says_yes(at_counter, story):
    page = scan(at_counter, story)
    assert "Chờ gửi" in page
    assert "Nhận gửi tại quầy" in page
    assert story.states == (P.BOOKED, F.ACCEPTED)
    page = page.form("/post/scans", says="Quét hoặc gõ mã").submit(tracking=story.parcel.tracking)
    assert "Đã gửi tại bưu cục" in page
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)


def test_the_box_has_the_focus_and_sends_with_enter(at_counter):
    box = at_counter("/post").one("input", id="tracking")
    assert "autofocus" in box.attrib
    assert box.get("autocomplete") == "off"


def test_another_parcel_is_asked_about_first(at_counter, story):
    other = Story(phone="+84987654322")
    page = scan(at_counter, story)
    page = page.form("/post/scans", says="Quét hoặc gõ mã").submit(tracking=other.parcel.tracking)
    assert other.states[0] is P.BOOKED
    assert story.states[0] is P.BOOKED
    assert other.parcel.number_in_groups in page


def test_a_pile_of_drop_offs(at_counter, story):
    others = [Story(phone=f"+8498765433{n}") for n in range(3)]
    page = at_counter("/post")
    for one in [story, *others]:
        form = page.form("/post/scans", says="Quét hoặc gõ mã")
        page = form.submit(tracking=one.parcel.number_in_groups, event="dropped_off", weight_grams="")
        assert page.form("/post/scans", says="Quét hoặc gõ mã").fields["event"] == "dropped_off"
        assert page.one("input", id="tracking").get("value") == ""
    assert all(one.states == (P.DROPPED_OFF, F.HANDED_OVER) for one in [story, *others])
    assert "Chờ cân · 4" in page


def test_by_the_contract_in_one_post(at_counter, story):
    at_counter.post(
        "/post/scans", 303, tracking=story.parcel.tracking, event="dropped_off", weight_grams="120"
    )
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)
    assert story.parcel.weighed_grams == 120


def test_a_weight_typed_in_the_box_goes_with_the_button_beside_the_parcel(at_counter, story):
    page = scan(at_counter, story)
    assert page.one("button", name="deed", value="dropped_off").get("form") == "scan"
    at_counter.post(
        "/post/scans", 303, shown=story.parcel.tracking, tracking="", weight_grams="610", deed="dropped_off"
    )
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)
    assert story.parcel.weighed_grams == 610


@pytest.mark.parametrize("sort", ["bars", "square", "both"])
def test_a_photo_of_the_label_is_as_good_as_a_scan(at_counter, story, sort):
    number = story.parcel.tracking
    link = [f"http://127.0.0.1:8000/tracking/{number}"] if sort != "bars" else []
    photo = printed(*link, bars=number if sort != "square" else "")
    page = at_counter.post("/post/scans", picture=photo, event="dropped_off")
    assert "Đã gửi tại bưu cục" in page
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)
    assert db.session.query(Scan).count() == 1


@pytest.mark.parametrize(
    ("photo", "sentence"),
    [
        (lambda: printed("EA999999990VN", "EA999999986VN"), "Trong hình có mã của nhiều kiện"),
        (lambda: printed("EA99999"), "Mới đọc được một phần mã"),
        (lambda: printed(), "Không đọc được mã nào trong hình"),
        (lambda: (io.BytesIO(b"%PDF-1.7"), "nhan.pdf"), "Tệp này không phải là ảnh"),
    ],
)
def test_a_photo_that_says_nothing_is_one_sentence_and_nothing_happens(at_counter, story, photo, sentence):
    page = at_counter.raw(
        "POST", "/post/scans",
        data={"csrf_token": at_counter.token(), "picture": photo(), "event": "dropped_off"},
    )  # fmt: skip
    assert page.status_code in (404, 422)
    assert sentence in page.get_data(as_text=True)
    assert story.states == (P.BOOKED, F.ACCEPTED)
    assert db.session.query(Scan).count() == 0


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"tracking": ""}, 422, "Hãy quét hoặc gõ mã bưu gửi"),
        ({"tracking": "EA999999999VN"}, 404, "Không có bưu gửi mang mã này"),
        ({"tracking": "EA0000"}, 404, "Mới đọc được một phần mã"),
        ({"tracking": "00014VN"}, 404, "Mới đọc được một phần mã"),
        ({"tracking": "<script>alert(1)</script>"}, 404, "Không có bưu gửi mang mã này"),
        ({"tracking": "\x00"}, 422, "Hãy quét hoặc gõ mã bưu gửi"),
        ({"tracking": "x" * 10_000}, 422, "Dài quá"),
        ({"event": "eaten"}, 422, "Hãy chọn một mục có trong danh sách"),
        ({"event": "dropped_off", "weight_grams": "0"}, 422, "Phải từ"),
        ({"event": "dropped_off", "weight_grams": "-5"}, 422, "Phải từ"),
        ({"event": "dropped_off", "weight_grams": "1,5"}, 422, "Hãy ghi một số nguyên"),
        ({"event": "dropped_off", "weight_grams": "nặng"}, 422, "Hãy ghi một số nguyên"),
        ({"event": "dropped_off", "weight_grams": "80000"}, 422, "Cân nặng phải từ"),
        ({"event": "delivered"}, 409, "chưa tới điểm của bạn"),
        ({"event": "returned"}, 409, "đang ở bước “Chờ gửi”"),
    ],
)
def test_refused_and_nothing_happened(at_counter, story, fields, status, sentence):
    page = at_counter.post("/post/scans", status, **{"tracking": story.parcel.tracking, **fields})
    assert sentence in page
    assert story.states == (P.BOOKED, F.ACCEPTED)
    assert db.session.query(Scan).count() == 0
    assert story.parcel.weighed_grams is None
    assert page.one("input", id="tracking").get("value") == ""


def test_a_scanner_that_reads_twice_is_no_mistake(at_counter, story, clock):
    for _time in range(2):
        page = at_counter.post("/post/scans", tracking=story.parcel.tracking, event="dropped_off")
        assert "Đã gửi tại bưu cục" in page
    assert db.session.query(Scan).count() == 1
    clock.forward(minutes=2)
    page = at_counter.post("/post/scans", 409, tracking=story.parcel.tracking, event="dropped_off")
    assert "đã được ghi “Đã gửi tại bưu cục” rồi" in page


def test_an_orders_slip_leads_to_taking_it_in(at_counter, story):
    order = parcels.order()
    page = at_counter.post("/post/scans", tracking=order.farm_orders[0].code)
    assert page.h1 == "Nhận hàng chưa đặt"
    assert "Nhận gửi đơn này" in page


def test_without_a_token_nothing_is_scanned(at_counter, story):
    at_counter.post("/post/scans", 400, token=False, tracking=story.parcel.tracking, event="dropped_off")
    assert story.states[0] is P.BOOKED


# -- whose parcel it is -------------------------------------------------------------------------------------------


def test_another_points_parcel_is_not_there(visit, story):
    visit.sign_in(clerk_at(story.elsewhere, "0912000078"))
    number = story.parcel.tracking
    for path in ("", "/handout", "/label", "/label.pdf"):
        visit(f"/post/parcels/{number}{path}", 404)
    for path in ("weight", "handout", "failure", "scans/X/withdrawal"):
        visit.post(f"/post/parcels/{number}/{path}", 404, weight_grams="100", proof="4321", reason="0")
    assert story.states == (P.BOOKED, F.ACCEPTED)
    page = visit("/post")
    assert story.parcel.number_in_groups not in page


def test_but_whoever_holds_it_says_so_and_then_looks_after_it(visit, story):
    visit.sign_in(clerk_at(story.elsewhere, "0912000078"))
    page = visit.post("/post/scans", tracking=story.parcel.tracking)
    assert "chưa qua bưu cục của bạn" in page
    assert story.order.name not in page
    visit.post("/post/scans", tracking=story.parcel.tracking, event="at_point")
    assert story.order.name in visit(f"/post/parcels/{story.parcel.tracking}")


def test_only_clerks_come_in(visit, story):
    assert visit("/post", 303)
    for somebody in (cast.buyer(), cast.farmer_an(), cast.reviewer()):
        other = visit.another()
        other.sign_in(somebody)
        other("/post", 403)
        other.post("/post/scans", 403, tracking=story.parcel.tracking, event="dropped_off")
    assert story.states[0] is P.BOOKED


def test_a_clerk_without_a_point_is_told_who_gives_one(visit, story):
    visit.sign_in(cast.another("Clerk mới", "0912000079", Role.CLERK))
    assert "Quản trị phân điểm cho bạn" in visit("/post")
    assert "Quản trị phân điểm cho bạn" in visit.post("/post/scans", 403, tracking=story.parcel.tracking)
    visit(f"/post/parcels/{story.parcel.tracking}", 403)


def test_a_clerk_of_two_points_chooses(visit, story):
    clerk = cast.clerk(story.here)
    with transaction():
        accounts.hold_post(db.session.get_one(type(clerk), clerk.id), SYSTEM, service_point_id=story.there.id)
    visit.sign_in(clerk)
    page = visit("/post")
    assert page.h1 == "Hôm nay bạn đứng ở bưu cục nào?"
    page = page.form("/post/point", says=story.there.name).submit()
    assert story.there.name in page.title
    page = page.form("/post/point").submit(point=story.here.code)
    assert story.here.name in page.title
    visit.post("/post/point", 404, point=story.elsewhere.code)


def test_a_clerk_of_two_points_who_did_not_choose_stands_where_the_parcel_is(visit, story):
    clerk = cast.clerk(story.there)
    with transaction():
        accounts.hold_post(db.session.get_one(type(clerk), clerk.id), SYSTEM, service_point_id=story.here.id)
    visit.sign_in(clerk)
    for event in ("dropped_off", "in_transit", "at_point", "delivered"):
        visit.post("/post/scans", 303, tracking=story.parcel.tracking, event=event)
    assert story.states == (P.DELIVERED, F.DELIVERED)
    seen = [scan.service_point_id for scan in story.parcel.scans]
    assert seen[0] == story.here.id
    assert story.parcel.last_point_id in (story.here.id, story.there.id)


# -- weighed ------------------------------------------------------------------------------------------------------


def test_weighed_with_the_difference_shown(at_counter, story):
    at_counter.post("/post/scans", tracking=story.parcel.tracking, event="dropped_off")
    page = at_counter(f"/post/parcels/{story.parcel.tracking}")
    page = page.form(f"/post/parcels/{story.parcel.tracking}/weight").submit(weight_grams="500")
    assert "lệch hơn 10%" in page
    assert "Chờ chuyển đi · 1" in page
    page = at_counter(f"/post/parcels/{story.parcel.tracking}")
    page = page.form(f"/post/parcels/{story.parcel.tracking}/weight").submit(
        weight_grams=str(story.parcel.weight_grams)
    )
    assert "lệch" not in page


@pytest.mark.parametrize("weight", ["", "0", "nhẹ", "60000"])
def test_a_weight_that_cannot_be(at_counter, story, weight):
    at_counter.post(f"/post/parcels/{story.parcel.tracking}/weight", 422, weight_grams=weight)
    assert story.parcel.weighed_grams is None


def test_the_van_leaves_with_what_was_weighed(at_counter, story):
    at_counter.post("/post/scans", tracking=story.parcel.tracking, event="dropped_off", weight_grams="150")
    page = at_counter("/post").form("/post/departures").submit()
    assert "Đã chốt chuyến: 1 bưu gửi" in page
    assert story.states[0] is P.IN_TRANSIT
    assert "Không có bưu gửi nào chờ chuyển đi" in at_counter.post("/post/departures")


# -- handed out ---------------------------------------------------------------------------------------------------


def test_handed_out_for_cash(at_the_end, story):
    story.scan("at_point", point=story.there)
    page = at_the_end("/post")
    assert "Chờ người nhận tới lấy · 1" in page
    assert "0987 654 321" not in page
    page = page.follow("Phát")
    assert "Thu của người nhận" in page
    form = page.form(f"/post/parcels/{story.parcel.tracking}/handout")
    page = form.submit(422, proof="1111")
    assert "Không khớp" in page
    assert story.states[0] is P.AT_POINT
    page = page.form(f"/post/parcels/{story.parcel.tracking}/handout").submit(proof="4321")
    assert "đã phát, đã thu" in page
    assert story.states == (P.DELIVERED, F.DELIVERED)
    assert db.session.query(Payment).one().state is PaymentState.COLLECTED
    assert "từ 1 người nhận" in page


def test_scanning_again_at_the_point_asks_who_is_there(at_the_end, story):
    story.scan("at_point", point=story.there)
    page = scan(at_the_end, story)
    page = page.form("/post/scans", says="Quét hoặc gõ mã").submit(tracking=story.parcel.tracking)
    assert page.h1.startswith("Phát cho")
    assert story.states[0] is P.AT_POINT


def test_the_postman_brought_the_cash(at_the_end, story):
    story.scan("at_point", point=story.there)
    story.scan("out_for_delivery", point=story.there)
    page = at_the_end(f"/post/parcels/{story.parcel.tracking}/handout")
    page.form("/post/scans").submit()
    assert story.states == (P.DELIVERED, F.DELIVERED)
    assert db.session.query(Payment).one().state is PaymentState.COLLECTED


def test_cash_of_an_order_in_two_parcels_is_taken_with_the_first(app, visit):
    heavy = make.product(packs=[make.PackDetails(500_000, grams=12_000)])
    story = Story((heavy, 2))
    visit.sign_in(clerk_at(story.there, "0912000077"))
    for parcel in story.parcels:
        story.scan("at_point", point=story.there, parcel=parcel)
    visit.post(f"/post/parcels/{story.parcel.tracking}/handout", proof="4321")
    assert story.states == (P.DELIVERED, F.HANDED_OVER)
    assert db.session.query(Payment).one().state is PaymentState.COLLECTED


def test_it_could_not_be_handed_out(at_the_end, story):
    story.scan("at_point", point=story.there)
    page = at_the_end(f"/post/parcels/{story.parcel.tracking}")
    failure = f"/post/parcels/{story.parcel.tracking}/failure"
    page = page.form(failure).submit(422, reason=None, note="")
    assert "Hãy chọn lý do" in page
    page = page.form(failure).submit(reason="0", note="chó dữ")
    assert "Chưa phát được · 1" in page
    assert story.parcel.scans[-1].note == "Không ai ở nhà: chó dữ"
    assert story.states == (P.FAILED, F.HANDED_OVER)


# -- taken back ---------------------------------------------------------------------------------------------------


def test_a_wrong_scan_is_taken_back(at_counter, story):
    at_counter.post("/post/scans", tracking=story.parcel.tracking, event="dropped_off")
    page = at_counter.post("/post/scans", tracking=story.parcel.tracking, event="at_point")
    code = story.parcel.last_scan.code
    page = page.form(f"/post/parcels/{story.parcel.tracking}/scans/{code}/withdrawal").submit()
    assert "Đã lùi lại" in page
    assert story.states[0] is P.DROPPED_OFF
    assert "Quét nhầm" not in page


def test_too_late_or_not_safe(at_counter, story, clock):
    at_counter.post("/post/scans", tracking=story.parcel.tracking, event="dropped_off")
    path = f"/post/parcels/{story.parcel.tracking}/scans/{story.parcel.last_scan.code}/withdrawal"
    assert "không lùi lại được" in at_counter.post(path, 409)
    at_counter.post("/post/scans", tracking=story.parcel.tracking, event="at_point")
    path = f"/post/parcels/{story.parcel.tracking}/scans/{story.parcel.last_scan.code}/withdrawal"
    clock.forward(minutes=6)
    assert "trong vòng 5 phút" in at_counter.post(path, 409)
    assert story.states[0] is P.AT_POINT


# -- brought without a booking, farms that do not answer ----------------------------------------------------------


@pytest.mark.parametrize("by", ["code", "phone"])
def test_goods_nobody_booked(at_counter, story, by):
    farm_order = parcels.order().farm_orders[0]
    said = farm_order.code.lower() if by == "code" else farm_order.farm.phone.replace("+84", "0")
    page = at_counter("/post/drop-offs").form("/post/drop-offs").submit(q=said)
    page = page.form("/post/drop-offs", says="Nhận gửi đơn này").submit()
    assert "Đã nhận gửi" in page
    db.session.expire_all()
    assert farm_order.state is F.HANDED_OVER
    (parcel,) = db.session.query(Parcel).filter_by(farm_order_id=farm_order.id)
    assert parcel.state is P.DROPPED_OFF
    at_counter.post("/post/drop-offs", order=farm_order.code)
    assert db.session.query(Parcel).filter_by(farm_order_id=farm_order.id).count() == 1


def test_an_order_that_ended_is_not_taken_in(at_counter, story):
    farm_order = parcels.order().farm_orders[0]
    with transaction():
        orders.cancel(farm_order, "", SYSTEM)
    page = at_counter.post("/post/drop-offs", 409, order=farm_order.code)
    assert "đã khép lại" in page
    assert page.one("input", name="q").get("value") == farm_order.code
    at_counter.post("/post/drop-offs", 404, order="DHKHONGCO")
    assert "Không có đơn nào chờ gửi" in at_counter("/post/drop-offs", q=farm_order.code)


def test_an_order_nobody_paid_yet_is_not_taken_in(at_counter, story):
    farm_order = parcels.order(payment_method="vietqr").farm_orders[0]
    assert "chưa trả tiền" in at_counter.post("/post/drop-offs", 409, order=farm_order.code)
    db.session.expire_all()
    assert farm_order.state is F.PLACED
    assert not db.session.query(Parcel).filter_by(farm_order_id=farm_order.id).count()


def test_a_label_on_the_wrong_box_is_not_handed_out(at_the_end, story):
    """The number says one buyer, the box is another's: who stands there is asked, and neither parcel leaves."""
    other = Story(phone="+84987650002")
    for one in (story, other):
        one.scan("dropped_off", point=one.here)
        one.scan("at_point", point=one.there)
    path = f"/post/parcels/{story.parcel.tracking}/handout"
    page = at_the_end(path).form(path).submit(422, proof="0002")
    assert "Không khớp" in page
    assert (story.states[0], other.states[0]) == (P.AT_POINT, P.AT_POINT)
    assert "đã thu" not in at_the_end("/post/till").text


def test_a_label_stuck_on_a_second_box_counts_once(at_counter, story, clock):
    scan(at_counter, story, event="dropped_off")
    clock.forward(minutes=2)
    assert "đã được ghi" in scan(at_counter, story, 409, event="dropped_off")
    assert db.session.query(Scan).count() == 1


def test_a_point_closed_for_good_takes_nothing_in(at_counter, story):
    with transaction():
        points.close_point(db.session.merge(story.here), SYSTEM)
    page = at_counter.post(
        "/post/scans", 409, tracking=story.parcel.tracking, event="dropped_off", weight_grams=""
    )
    assert "đã đóng" in page
    assert story.states == (P.BOOKED, F.ACCEPTED)


def test_the_point_calls_farms_that_do_not_answer(at_counter, story, clock, run_jobs):
    farm_order = parcels.order().farm_orders[0]
    clock.forward(hours=23)
    from marketplace.orders import jobs

    jobs.remind_farms()
    visit = at_counter
    visit.sign_in(cast.clerk(story.here))
    page = visit("/post")
    assert "Gọi giúp nhà vườn" in page
    assert page.all("a", href=f"tel:{farm_order.farm.phone}")
    page = page.form("/post/calls").submit()
    assert "bạn vừa gọi" in page
    assert "đã gọi" in page
    visit.post("/post/calls", 404, order=story.farm_order.code)


# -- labels -------------------------------------------------------------------------------------------------------


def test_the_label_on_the_page(at_counter, story):
    page = at_counter(f"/post/parcels/{story.parcel.tracking}/label")
    for said in (
        story.parcel.number_in_groups,
        story.order.name,
        "Thu hộ",
        "Phường Cầu Giấy",
        "Xã Tân Cương",
    ):
        assert said in page


def test_no_label_for_a_cancelled_order(at_counter, story):
    with transaction():
        orders.cancel(story.farm_order, "", SYSTEM)
    for path in ("label", "label.pdf"):
        assert at_counter.raw("GET", f"/post/parcels/{story.parcel.tracking}/{path}").status_code == 409


def test_the_counter_asks_the_database_as_much_for_many_parcels(at_counter, story):
    def statements():
        found = []
        from sqlalchemy import event

        def note(*facts):
            found.append(facts[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            at_counter("/post")
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(found)

    few = statements()
    for n in range(5):
        Story(phone=f"+8498765434{n}")
    assert statements() <= few


def test_the_weight_goes_to_the_parcel_on_the_page(at_counter, story):
    page = at_counter.post("/post/scans", tracking=story.parcel.tracking, event="dropped_off")
    page = page.form("/post/scans", says="Quét hoặc gõ mã").submit(weight_grams="150", event="dropped_off")
    assert "Cân được 150 g" in page
    assert story.states == (P.DROPPED_OFF, F.HANDED_OVER)
    assert story.parcel.weighed_grams == 150
    assert db.session.query(Scan).count() == 1
    page = page.form("/post/scans", says="Quét hoặc gõ mã").submit(422, weight_grams="90000")
    assert "Cân nặng phải từ" in page
    assert story.parcel.weighed_grams == 150
