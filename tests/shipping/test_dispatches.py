"""Parcels that carry no sale: a dossier's result into its applicant's hands, goods back to their farm."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Role
from marketplace.dossiers import service as dossiers
from marketplace.dossiers.events import DossierResultByPost
from marketplace.dossiers.models import DossierState, ReturnWay
from marketplace.farmers import queries as farm_queries
from marketplace.foundation import clock as wall
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.events import publish
from marketplace.foundation.money import dong
from marketplace.foundation.refusal import Conflict, Refusal
from marketplace.notifications.models import Message
from marketplace.payments import ledger
from marketplace.payments import service as payments
from marketplace.places import queries as places
from marketplace.shipping import dispatches, labels, s10
from marketplace.shipping.dispatch_models import Dispatch
from marketplace.shipping.models import ParcelState, ScanKind
from tests import cast, make, parcels
from tests.shipping.test_labels import read

K, P = ScanKind, ParcelState
HOME = "Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên"
CARRIER = Actor("carrier", label="VNPost")


class Result:
    """A farm's dossier, approved, its result wanted at home; the counter it leaves from and its clerk."""

    def __init__(self) -> None:
        self.here = parcels.point()
        farm = make.application()
        reviewer = Actor.of(make.person("Lê Thị Thẩm", Role.REVIEWER).id)
        with transaction():
            self.dossier = farm_queries.dossier_of(farm)
            self.dossier.procedure.return_ways = ["page", "counter", "post"]
            self.dossier.return_way, self.dossier.return_address = ReturnWay.POST, HOME
            self.dossier.service_point_id = self.here.id
            dossiers.receive(self.dossier, reviewer)
            dossiers.appraise(self.dossier, reviewer)
            dossiers.approve(self.dossier, reviewer)
        self.parcel = dispatches.of_dossier(self.dossier)
        self.person = cast.clerk(self.here)
        self.clerk = cast.by(self.person)

    def scan(self, kind: str, by: Actor | None = None, **more) -> None:
        with transaction():
            dispatches.record(self.parcel.tracking, ScanKind(kind), by or self.clerk, self.here, **more)


@pytest.fixture
def result(app):
    return Result()


def told() -> list[str]:
    asked = select(Message.template).where(Message.template.startswith("shipping/")).order_by(Message.id)
    return list(db.session.scalars(asked))


def test_an_approved_dossier_has_its_parcel_and_its_applicant_knows_the_number(result):
    found = result.parcel
    assert (found.state, found.recipient_address) == (P.BOOKED, HOME)
    assert s10.is_item_number(found.tracking)
    assert found.tracking.startswith("RA")
    assert told() == ["shipping/result_sent"]
    with transaction():
        publish(DossierResultByPost(result.dossier.id))
    assert db.session.query(Dispatch).count() == 1


def test_handed_out_to_who_shows_a_paper_the_dossier_is_returned(result):
    for kind in ("dropped_off", "in_transit", "at_point"):
        result.scan(kind)
    with transaction():
        dispatches.hand_out(result.parcel.tracking, "1234", result.clerk, result.here)

    assert (result.parcel.state, result.dossier.state) == (P.DELIVERED, DossierState.RETURNED)
    assert result.parcel.scans[-1].note.endswith("1234")


def test_who_comes_for_the_result_before_it_left_gets_it_and_the_parcel_is_called_off(result):
    with transaction():
        dossiers.hand_over_result(result.dossier, result.clerk, "Đào Thị Mai, xem căn cước")
    db.session.expire_all()

    assert (result.parcel.state, result.dossier.state) == (P.CANCELLED, DossierState.RETURNED)
    assert result.dossier.result_number is None


def test_what_is_on_its_way_is_not_handed_over_at_a_counter_nor_sent_elsewhere(result):
    result.scan("dropped_off")
    number = result.dossier.result_number
    with pytest.raises(Conflict, match="đang trên đường"), transaction():
        dossiers.hand_over_result(result.dossier, result.clerk, "Đào Thị Mai, xem căn cước")
    for way, more in ((ReturnWay.COUNTER, {}), (ReturnWay.POST, {"address": "Số 9 Hàng Bạc, Hà Nội"})):
        with pytest.raises(Conflict, match="đang trên đường"), transaction():
            dossiers.choose_return(result.dossier, way, Actor.of(result.dossier.applicant_id), **more)
    db.session.expire_all()

    assert (result.parcel.state, result.dossier.state) == (P.DROPPED_OFF, DossierState.APPROVED)
    assert (result.dossier.return_way, result.dossier.return_address) == (ReturnWay.POST, HOME)
    assert result.dossier.result_number == number


def test_what_came_back_is_fetched_or_sent_once_more_under_another_number(result):
    for _time in range(3):
        result.scan("out_for_delivery")
        result.scan("failed")
    result.scan("returned")
    with transaction():
        dossiers.choose_return(
            result.dossier,
            ReturnWay.POST,
            Actor.of(result.dossier.applicant_id),
            address="Số 9 Hàng Bạc, Hà Nội",
        )
    again = dispatches.of_dossier(result.dossier)

    assert (again.state, again.recipient_address) == (P.BOOKED, "Số 9 Hàng Bạc, Hà Nội")
    assert again.tracking == result.dossier.result_number != result.parcel.tracking
    with transaction():
        dossiers.hand_over_result(result.dossier, result.clerk, "Đào Thị Mai, xem căn cước")
    assert (again.state, result.dossier.state) == (P.CANCELLED, DossierState.RETURNED)


@pytest.mark.parametrize("digits", ["", "12", "12345", "abcd"])
def test_without_a_look_at_a_paper_it_is_not_handed_out(result, digits):
    result.scan("at_point")
    with pytest.raises(Refusal, match="4 số cuối"), transaction():
        dispatches.hand_out(result.parcel.tracking, digits, result.clerk, result.here)
    with pytest.raises(Refusal, match="giao tận tay"):
        result.scan("delivered")
    db.session.expire_all()

    assert (result.parcel.state, result.dossier.state) == (P.AT_POINT, DossierState.APPROVED)


def test_scans_of_a_machine_in_any_order_return_it_once(result):
    start = wall.now() - timedelta(hours=9)
    seen = [("delivered", 3), ("picked_up", 1), ("in_transit", 2), ("delivered", 3)]
    for kind, hour in seen:
        result.scan(kind, CARRIER, at=start + timedelta(hours=hour))

    assert (result.parcel.state, result.dossier.state) == (P.DELIVERED, DossierState.RETURNED)
    assert len(result.parcel.scans) == 3


def test_three_times_nobody_at_home_it_comes_back_and_the_applicant_is_told(result):
    for _time in range(3):
        result.scan("out_for_delivery")
        result.scan("failed")
    assert result.parcel.state is P.RETURNING
    result.scan("returned")

    assert (result.parcel.state, result.dossier.state) == (P.RETURNED, DossierState.APPROVED)
    assert told() == ["shipping/result_sent", *["shipping/result_failed"] * 2, "shipping/result_back"]


def test_a_scan_that_cannot_be_is_refused_and_not_kept(result):
    with pytest.raises(Conflict, match="không ghi “Đã hoàn” được"):
        result.scan("returned")
    db.session.expire_all()

    assert (result.parcel.state, list(result.parcel.scans)) == (P.BOOKED, [])


def test_its_label_is_read_and_asks_for_no_cash(result, tmp_path):
    codes, words = read(labels.pdf([labels.label_of_dispatch(result.parcel)]), tmp_path)

    assert {s10.tidy(code) for code in codes} == {result.parcel.tracking}
    assert "Không thu tiền" in words
    assert "GIAO TẬN TAY, XEM CĂN CƯỚC" in words
    assert f"Hồ sơ {result.dossier.code} ·" in words
    assert f"{result.parcel.sender_name} ·" not in words, "a counter has no telephone"


def test_its_label_is_routed_to_the_home_it_goes_to_not_by_the_counter_it_leaves(result):
    result.dossier.return_commune_code = "00166"
    label = labels.label_of_dispatch(result.parcel)

    assert (label.province, label.postcode) == ("Hà Nội", places.postcode("00166") or "")


def test_the_applicant_follows_it_and_the_counter_hands_it_out(result, visit):
    number = result.parcel.tracking
    page = visit(f"/tracking/{number}")
    assert "Kết quả hồ sơ" in page
    assert result.parcel.recipient_name not in page, "nothing of a person"
    visit.sign_in(result.person)
    base = f"/post/other-parcels/{number}"
    assert result.parcel.number_in_groups in visit("/post/other-parcels")
    visit("/post/other-parcels", number=number)
    visit.post(f"{base}/scans", event="at_point")
    assert "Hãy xem căn cước" in visit(base).form(f"{base}/handout").submit(422, proof="12")
    assert "Đã giao tận tay" in visit(base).form(f"{base}/handout").submit(proof="1234")
    db.session.expire_all()
    assert result.dossier.state is DossierState.RETURNED


def test_goods_a_claim_sends_back_travel_to_the_farm_and_the_way_is_booked(app):
    story = parcels.Story()
    for kind, point in (("dropped_off", story.here), ("in_transit", story.here), ("at_point", story.there)):
        story.scan(kind, point)
    story.machine("delivered")
    with transaction():
        back = dispatches.send_back(story.farm_order, SYSTEM)
        assert dispatches.send_back(story.farm_order, SYSTEM) is back
    label, farm = labels.label_of_dispatch(back), story.farm_order.farm
    assert (label.province, label.postcode) == ("Thái Nguyên", places.postcode(farm.commune_code or ""))
    assert label.signs == labels.label_of(story.parcel).signs
    owed = ledger.balance("carrier")
    for kind in (K.DROPPED_OFF, K.IN_TRANSIT, K.DELIVERED):
        with transaction():
            dispatches.record(back.tracking, kind, story.clerk, story.there)

    assert (back.state, back.recipient_name) == (P.DELIVERED, story.farm_order.farm.name)
    assert ledger.balance("carrier") - owed == -(story.farm_order.shipping_dong // 2)
    assert {"shipping/send_back", "shipping/goods_back"} <= set(told())
    assert payments.check_ledger() == []


def test_what_carrying_a_result_costs_is_the_markets_and_stands_on_the_pages(app, visit):
    parcels.rules()
    result = Result()
    fee = result.parcel.fee_dong
    assert fee and result.dossier.result_number == result.parcel.tracking
    owed = ledger.balance("carrier")
    for kind in ("dropped_off", "in_transit", "at_point"):
        result.scan(kind)
    assert ledger.balance("carrier") - owed == -fee
    assert ledger.balance("losses") == fee
    assert payments.check_ledger() == []
    visit.sign_in(result.person)
    assert f"Cước {dong(fee)}, chợ trả bưu điện" in visit(f"/post/other-parcels/{result.parcel.tracking}")
    assert result.parcel.tracking in visit(f"/post/dossiers/{result.dossier.code}")


def test_the_counters_one_box_takes_them_too(result, visit):
    visit.sign_in(result.person)
    number = result.parcel.tracking
    page = visit("/post").form("/post/scans").submit(tracking=number)
    assert page.path == f"/post/other-parcels/{number}"
    page = visit("/post").form("/post/scans").submit(tracking=number, event="dropped_off")
    assert "Đã gửi tại bưu cục" in page
    page = visit("/post").form("/post/scans").submit(tracking=number, event="dropped_off", status=409)
    assert "không ghi “Đã gửi tại bưu cục” được" in page
    for kind in ("in_transit", "at_point", "out_for_delivery"):
        result.scan(kind)
    page = visit("/post").form("/post/scans").submit(tracking=number, event="delivered", status=409)
    assert "cần hỏi người nhận" in page
    db.session.expire_all()
    assert result.parcel.state is P.OUT_FOR_DELIVERY


def test_scanned_without_a_line_it_counts_once(result, visit):
    visit.sign_in(result.person)
    kept = {"tracking": result.parcel.tracking, "event": "", "once": "a-mark-1", "at": wall.now().isoformat()}
    for _again in range(2):
        answer = visit.raw("POST", "/post/kept-scans", data={"csrf_token": visit.token(), **kept})
        assert answer.get_json()["done"], answer.get_json()
    db.session.expire_all()
    assert result.parcel.state is P.DROPPED_OFF
    assert len(result.parcel.scans) == 1
