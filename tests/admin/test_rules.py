"""Dated rules on the desk: what holds, what comes, a new one from a day to come; the tariff from a file."""

import copy
import io
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from marketplace import rulebook
from marketplace.accounts.models import Role
from marketplace.claims.models import ClaimRule
from marketplace.dossiers.models import Procedure
from marketplace.foundation import clock as wall_clock
from marketplace.foundation.audit import SYSTEM, AuditEntry
from marketplace.foundation.db import db, transaction
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.rules import DayOverride, KeepingRule, rule_on
from marketplace.orders.models import AnswerRule
from marketplace.payments.models import FeeRule, TaxRule
from marketplace.places import queries as places
from marketplace.shipping import fees, price_list
from marketplace.shipping.models import (
    CompensationRule,
    DifferenceRule,
    HandInRule,
    PerishableRule,
    RemoteCommune,
    SharingRule,
    Tariff,
)
from tests import cast


@pytest.fixture
def admin(visit):
    with transaction():
        rulebook.load(SYSTEM)
    visit.sign_in(cast.admin())
    return visit


def day(ahead: int) -> str:
    return (wall_clock.today() + timedelta(days=ahead)).isoformat()


def on(kind, ahead: int, *about):
    return rule_on(kind, wall_clock.today() + timedelta(days=ahead), *about)


def count(kind) -> int:
    return db.session.scalar(select(func.count(kind.id))) or 0


def verbs(ending: str) -> int:
    return (
        db.session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.verb.like(f"%.{ending}"))) or 0
    )


BASIS = {"legal_basis": "Quyết định 12/QĐ-CQ"}
HOURS = {
    "first_reminder_hours": "2",
    "second_reminder_hours": "6",
    "point_calls_hours": "9",
    "cancel_hours": "12",
}
TAX = {
    "farm_kind": "household",
    "tax_class": "processed",
    "vat": "2",
    "pit": "1",
    "note": "",
    "is_confirmed": "y",
}
FREIGHT = ("sharing", "differences", "perishables", "hand-in", "compensation")
COMPENSATION = {
    "declared": "90",
    "freight_times": "5",
    "per_kg_dong": "50.000",
    "rest_by": "farm",
    "source": "Công văn 5/BĐ",
}
DIFFERS = {"cause": "weight", "more_by": "market", "less_to": "buyer", "least_dong": "2.000"}
FORMS = {
    "/admin/rules/fees": (FeeRule, {"commission": "1,5", "holding_days": "3"}),
    "/admin/rules/answers": (AnswerRule, {**HOURS, "unpaid_minutes": "60"}),
    "/admin/rules/days": (DayOverride, {"kind": "work", "name": "Làm bù Tết"}),
    "/admin/rules/taxes": (TaxRule, TAX),
    "/admin/rules/remote-communes": (RemoteCommune, {"province": "96", "commune": "32002"}),
    "/admin/rules/sharing": (SharingRule, {"levels": "2: 4\r\n4: 7,5 %\r\n"}),
    "/admin/rules/differences": (DifferenceRule, DIFFERS),
    "/admin/rules/perishables": (PerishableRule, {"call_after_hours": "3", "give_up_after_hours": "30"}),
    "/admin/rules/hand-in": (HandInRule, {"within": "point"}),
    "/admin/rules/compensation": (CompensationRule, COMPENSATION),
    "/admin/rules/procedures/open_farm_shop": (Procedure, {"fee_dong": "50.000", "working_days": "5"}),
}


@pytest.fixture
def forms(admin):
    """The pages, once somebody may open them."""
    return FORMS


def test_all_rules_stand_in_one_list(admin):
    page = admin("/admin/rules")
    for words in (
        "Biểu cước vận chuyển",
        "phụ phí vùng xa 20 %",
        "13 xã, đặc khu",
        "Phí 0 % tiền hàng",
        "15 mức",
        "Nhắc sau 4 và 12 giờ",
        "9 thủ tục",
        "Từ 2 nhà vườn giảm 5 %",
        "3 trường hợp",
        "Gọi người nhận sau 4 giờ, được hủy sau 24 giờ",
    ):
        assert words in page
    for words in (
        "Biểu cước vận chuyển",
        "Phí bán hàng",
        "Thuế khấu trừ",
        "Thời gian trả lời đơn",
        "Ngày nghỉ",
        "Thủ tục",
        "vùng xa",
        "Gửi chung",
        "Cước khác báo giá",
        "Hàng tươi chờ",
    ):
        page.follow(words)


def test_in_production_the_markets_own_policies_hold_and_nothing_illustrative(app, visit, monkeypatch):
    monkeypatch.setattr(
        rulebook.market, "settings", lambda: SimpleNamespace(practice=False, app_env="production")
    )
    for _again in range(2):
        with transaction():
            rulebook.load(SYSTEM)
        assert (count(DifferenceRule), count(PerishableRule)) == (3, 1)
        assert count(SharingRule) == count(Tariff) == 0


def test_a_rule_of_freight_to_come_is_taken_back(admin):
    admin.post("/admin/rules/perishables", valid_from=day(2), **BASIS, **FORMS["/admin/rules/perishables"][1])
    coming = on(PerishableRule, 2)
    page = (
        admin("/admin/rules/perishables").form(f"/admin/rules/perishables/{coming.code}/withdrawal").submit()
    )
    assert "Đã bỏ quy định" in page and on(PerishableRule, 2).give_up_after_hours == 24


def test_a_market_without_rules_says_so(visit):
    visit.sign_in(cast.admin())
    assert "Chưa có quy định nào có hiệu lực." in visit("/admin/rules")
    for path in ("tariff", "fees", "answers", "taxes", "days", "remote-communes", "procedures", *FREIGHT):
        visit(f"/admin/rules/{path}")


def test_a_new_rule_comes_in_on_its_day_and_the_past_stays(admin, forms, clock):
    for path, (kind, typed) in forms.items():
        before = count(kind)
        page = admin(path).form(path if "taxes" not in path else "/admin/rules/taxes", says="Căn cứ")
        page = page.submit(valid_from=day(2), **BASIS, **typed)
        assert ("Đã thêm" in page or "Đã ghi" in page) and "Quyết định 12/QĐ-CQ" in page, path
        assert count(kind) == before + 1, path
    assert verbs("adopted") == len(forms)
    assert on(FeeRule, 1).commission_per_10_000 == 0 and on(FeeRule, 2).commission_per_10_000 == 150
    assert on(AnswerRule, 1).cancel_hours == 24 and on(AnswerRule, 2).cancel_hours == 12
    about = (TaxRule.farm_kind == "household", TaxRule.tax_class == "processed")
    assert on(TaxRule, 1, *about).vat_per_10_000 == 100
    assert (on(TaxRule, 2, *about).vat_per_10_000, on(TaxRule, 2, *about).is_confirmed) == (200, True)
    assert not fees.is_remote("32002", wall_clock.today()) and fees.is_remote(
        "32002", wall_clock.today() + timedelta(2)
    )
    assert [on(SharingRule, 2).per_10_000(farms) for farms in (1, 2, 3, 4)] == [0, 400, 400, 750]
    assert on(SharingRule, 1).per_10_000(2) == 500
    by_weight = DifferenceRule.cause == "weight"
    assert (on(DifferenceRule, 1, by_weight).more_by, on(DifferenceRule, 2, by_weight).more_by) == (
        "farm",
        "market",
    )
    assert on(DifferenceRule, 2, DifferenceRule.cause == "split").more_by == "farm"
    assert (on(PerishableRule, 1).give_up_after_hours, on(PerishableRule, 2).give_up_after_hours) == (24, 30)
    assert (on(HandInRule, 1).within, on(HandInRule, 2).within) == ("province", "point")
    assert on(CompensationRule, 2).freight_times == 4, "nobody approved it yet"
    is_it = Procedure.key == "open_farm_shop"
    old, new = on(Procedure, 1, is_it), on(Procedure, 2, is_it)
    assert (new.fee_dong, new.working_days, new.key, new.steps) == (50_000, 5, old.key, old.steps)
    assert old.fee_dong == 0 and "Sắp đổi" in admin("/admin/rules")


def test_nothing_is_adopted_into_the_past_without_a_basis_or_twice(admin, forms):
    for path, (kind, typed) in forms.items():
        before = count(kind), verbs("adopted")
        for wrong in (
            {"valid_from": day(0)},
            {"valid_from": day(-400)},
            {"valid_from": ""},
            {"legal_basis": ""},
            {"valid_from": "31/02/2027"},
        ):
            page = admin.post(path, status=422, **{"valid_from": day(2), **BASIS, **typed, **wrong})
            assert page.all(class_="errors"), path
        assert (count(kind), verbs("adopted")) == before, path
        admin.post(path, **{"valid_from": day(2), **BASIS, **typed})
        admin.post(path, status=422, **{"valid_from": day(2), **BASIS, **typed})
        assert count(kind) == before[0] + 1, path


@pytest.mark.parametrize(("path", "typed"), [
    ("fees", {"commission": "-1", "holding_days": "2"}), ("fees", {"commission": "51", "holding_days": "2"}),
    ("fees", {"commission": "1", "holding_days": "31"}), ("fees", {"commission": "một", "holding_days": "2"}),
    ("answers", {**HOURS, "second_reminder_hours": "1", "unpaid_minutes": "30"}),
    ("answers", {**HOURS, "cancel_hours": "9", "unpaid_minutes": "30"}), ("answers", {**HOURS, "unpaid_minutes": "1"}),
    ("days", {"kind": "party", "name": "x"}), ("days", {"kind": "work", "name": ""}),
    ("taxes", {"farm_kind": "king", "tax_class": "processed", "vat": "1", "pit": "1"}),
    ("taxes", {"farm_kind": "household", "tax_class": "processed", "vat": "99", "pit": "1"}),
    ("remote-communes", {"province": "96", "commune": "05503"}), ("remote-communes", {"province": "96", "commune": ""}),
    *(("sharing", {"levels": levels}) for levels in ("", "hai: năm", "1: 5", "2: 0", "2: 51", "2: 5\n2: 6", "3: 8\n5: 8")),
    ("differences", {**DIFFERS, "cause": "weather"}), ("differences", {**DIFFERS, "more_by": "buyer"}),
    ("differences", {**DIFFERS, "less_to": "farm"}), ("differences", {**DIFFERS, "least_dong": "-1"}),
    ("perishables", {"call_after_hours": "24", "give_up_after_hours": "24"}),
    ("perishables", {"call_after_hours": "0", "give_up_after_hours": "24"}),
    ("perishables", {"call_after_hours": "4", "give_up_after_hours": "999"}),
])  # fmt: skip
def test_odd_values_change_nothing(admin, path, typed):
    admin.post(f"/admin/rules/{path}", status=422, valid_from=day(2), **BASIS, **typed)
    assert verbs("adopted") == 0


def test_a_commune_that_is_far_already_is_not_far_twice_and_ends(admin):
    far = db.session.scalars(select(RemoteCommune)).first()
    where = places.commune(far.commune_code)
    admin.post(
        "/admin/rules/remote-communes",
        status=422,
        province=where.province_code,
        commune=where.code,
        valid_from=day(2),
        **BASIS,
    )
    assert count(RemoteCommune) == 13
    admin.post(f"/admin/rules/remote-communes/{far.code}/end", status=422, last_day=day(-1))
    admin.post(f"/admin/rules/remote-communes/{far.code}/end", last_day=day(1))
    assert fees.is_remote(where.code, wall_clock.today() + timedelta(1)) and not fees.is_remote(
        where.code, wall_clock.today() + timedelta(2)
    )
    assert verbs("ended") == 1


def test_a_rule_to_come_is_taken_back_one_that_holds_not(admin):
    admin.post("/admin/rules/fees", valid_from=day(2), commission="1", holding_days="2", **BASIS)
    coming = on(FeeRule, 2)
    page = admin("/admin/rules/fees").form(f"/admin/rules/fees/{coming.code}/withdrawal").submit()
    assert "Đã bỏ quy định" in page and count(FeeRule) == 1
    holds = on(FeeRule, 0)
    admin.post(f"/admin/rules/fees/{holds.code}/withdrawal", status=409)
    admin.post(f"/admin/rules/taxes/{holds.code}/withdrawal", status=404)
    admin.post(f"/admin/rules/people/{holds.code}/withdrawal", status=404)
    assert count(FeeRule) == 1 and verbs("dropped") == 1


# -- the tariff ---------------------------------------------------------------------------------------------------


def send(admin, data: bytes, name: str = "bieu-cuoc.json", status: int = 200):
    return admin.post("/admin/rules/tariff/preview", status=status, file=(io.BytesIO(data), name))


def changed(**places) -> dict:
    table = copy.deepcopy(fees.shipped_tariff())
    table["services"][0]["table"]["noi_tinh"]["2000"] = 21_000
    return table


def test_the_tariff_is_a_readable_table_and_two_files(admin):
    page = admin("/admin/rules/tariff")
    for words in (
        "Chuyển phát tiêu chuẩn",
        "Nội tỉnh",
        "20.000 ₫",
        "Phụ phí vùng xa",
        "20 %",
        "chỉ là minh họa",
    ):
        assert words in page
    code = on(Tariff, 0).code
    assert admin.json(f"/admin/rules/tariff/{code}.json") == fees.shipped_tariff()
    sheet = admin.raw("GET", f"/admin/rules/tariff/{code}.csv").text
    assert "TIEU_CHUAN,noi_tinh,2000,20000" in sheet and "TIEU_CHUAN,noi_tinh,'+500,2500" in sheet
    admin("/admin/rules/tariff/BCKHONGCO", status=404)


def test_a_file_is_shown_beside_what_holds_and_kept_only_then(admin):
    page = send(admin, json.dumps(changed()).encode())
    assert "1 chỗ khác biểu đang dùng" in page and "20.000 ₫" in page and "21.000 ₫" in page
    assert count(Tariff) == 1
    form = page.form("/admin/rules/tariff")
    again = form.submit(status=422, name="", valid_from=day(0), **BASIS)
    assert "21.000 ₫" in again and count(Tariff) == 1
    page = again.form("/admin/rules/tariff").submit(name="Hợp đồng 2027", valid_from=day(2), **BASIS)
    assert "Hợp đồng 2027" in page
    new = on(Tariff, 2)
    assert (new.name, new.is_illustration) == ("Hợp đồng 2027", False) and on(Tariff, 1).is_illustration
    assert new.table["services"][0]["table"]["noi_tinh"]["2000"] == 21_000
    assert "21.000 ₫" in admin(f"/admin/rules/tariff/{new.code}")


def test_a_sheet_of_main_fees_is_laid_over_what_holds(admin):
    page = send(
        admin,
        "\ufeffservice;zone;grams;fee_dong\nHOA_TOC;noi_tinh;2000;61000\nHOA_TOC;noi_tinh;+500;6100\n".encode(),
        "cuoc.csv",
    )
    assert "2 chỗ khác" in page and "61.000 ₫" in page and "6.100 ₫" in page
    same = send(admin, admin.raw("GET", f"/admin/rules/tariff/{on(Tariff, 0).code}.csv").data, "cuoc.csv")
    assert "giống hệt biểu cước đang dùng" in same


def wrong_tables():
    def mended(change) -> bytes:
        table = copy.deepcopy(fees.shipped_tariff())
        change(table)
        return json.dumps(table).encode()

    service = lambda table: table["services"][0]  # noqa: E731
    yield "not json", b"{oops"
    yield "not text", b"\xff\xfe\x00\x01"
    yield "a list", b"[]"
    yield "nothing", b" "
    yield "no services", mended(lambda table: table.pop("services"))
    yield "a fee below zero", mended(lambda table: service(table)["table"]["noi_tinh"].update({"2000": -1}))
    yield "a fee of text", mended(lambda table: service(table)["table"]["noi_tinh"].update({"2000": "20000"}))
    yield "heavier is cheaper", mended(lambda table: service(table)["table"]["noi_tinh"].update({"3000": 1}))
    yield "no step", mended(lambda table: service(table)["table"]["noi_tinh"].pop("step"))
    yield (
        "a strange zone",
        mended(
            lambda table: service(table)["table"].update({"sao_hoa": {"2000": 1, "step": 1, "step_fee": 1}})
        ),
    )
    yield "no days", mended(lambda table: service(table)["sla_days"].pop("noi_tinh"))
    yield "twice", mended(lambda table: table["services"].append(service(table)))
    yield "no remote surcharge", mended(lambda table: table["surcharges"].pop(1))
    yield "remote over 200 %", mended(lambda table: table["surcharges"][1].update(value=201))
    yield "no COD", mended(lambda table: table["addons"].pop(0))
    yield "tiers fall", mended(lambda table: table["addons"][0]["tiers"].reverse())
    yield "VAT of 80 %", mended(lambda table: table["vat"].update(rate=0.8))
    yield "a sheet without its head", b"a,b,c\n1,2,3\n"
    yield "a sheet of an unknown service", b"service,zone,grams,fee_dong\nBAY,noi_tinh,500,1\n"
    yield "a sheet with words", b"service,zone,grams,fee_dong\nEMS,noi_tinh,nua kg,1\n"
    yield "a short row", b"service,zone,grams,fee_dong\nEMS,noi_tinh\n"


def test_a_file_that_is_too_large_is_not_even_looked_at(app):
    with pytest.raises(Refusal, match="quá lớn"):
        price_list.read(b"{" + b" " * price_list.LONGEST_FILE, None)


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in wrong_tables()])
def test_a_file_that_is_not_right_is_refused_with_a_sentence(admin, data):
    page = send(admin, data, status=422)
    assert page.all(class_="errors") and count(Tariff) == 1
    admin.post(
        "/admin/rules/tariff",
        status=422,
        table=data.decode("latin-1")[:2000],
        name="x",
        valid_from=day(2),
        **BASIS,
    )
    assert count(Tariff) == 1 and verbs("adopted") == 0


def test_no_file_is_asked_for(admin):
    assert "Hãy chọn tệp." in admin.post("/admin/rules/tariff/preview", status=422)


def test_the_price_of_remote_freight_is_changed_by_one_form(admin):
    page = admin("/admin/rules/tariff").form("/admin/rules/tariff/surcharges")
    assert page.fields["remote"] == "20"
    page = page.submit(remote="25,5")
    assert "Phụ phí vùng xa" in page and "25,5" in page and "1 chỗ khác" in page
    page = page.form("/admin/rules/tariff").submit(valid_from=day(3), **BASIS)
    remote = [row["value"] for row in on(Tariff, 3).table["surcharges"] if row["code"] == "remote"]
    assert remote == [25.5] and on(Tariff, 3).is_illustration
    admin.post("/admin/rules/tariff/surcharges", status=422, remote="201", fuel="15", cold="15000")
    admin.post("/admin/rules/tariff/surcharges", status=422, remote="nhiều", fuel="15", cold="15000")


def test_deeds_are_refused_to_everybody_else(visit, forms):
    for somebody in (cast.reviewer(), cast.cashier(), cast.farmer_an()):
        browser = visit.another()
        browser.sign_in(somebody)
        for path, (_kind, typed) in forms.items():
            browser.post(path, status=403, **{"valid_from": day(2), **BASIS, **typed})
        browser.post(
            "/admin/rules/tariff",
            status=403,
            table=json.dumps(changed()),
            name="x",
            valid_from=day(2),
            **BASIS,
        )
    assert verbs("adopted") == 0


# -- two people: claims and keeping --------------------------------------------------------------------------------


def test_times_for_claims_are_shown_proposed_by_one_and_approved_by_another(admin):
    now = on(ClaimRule, 0)
    typed = {"fresh_hours": "72", "valid_from": day(3), "legal_basis": "QĐ 12/QĐ-CQ"}
    page = admin("/admin/rules/claims").form(says="Thêm quy định mới").submit(**typed)
    assert "Sẽ đổi như sau" in page and "48 → 72" in page
    assert db.session.query(ClaimRule).count() == 1
    page = page.form(says="Thêm quy định mới").submit()
    made = db.session.scalars(select(ClaimRule).where(ClaimRule.fresh_hours == 72)).one()
    assert "Chờ quản trị khác duyệt" in page and on(ClaimRule, 3).id == now.id
    approval = f"/admin/rules/claims/{made.code}/approval"
    assert "cần hai người" in admin.post(approval, 409)
    boss = admin.another().sign_in(cast.another("Đinh Thị Hạnh", "0912000077", Role.ADMIN))
    page = boss("/admin/rules/claims").form(approval).submit()
    assert "Hai người đã duyệt" in page
    assert (on(ClaimRule, 2).fresh_hours, on(ClaimRule, 3).fresh_hours) == (48, 72)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"fresh_hours": "5"}, "Từ 12 đến 336"),
        ({"valid_from": day(0)}, "từ ngày mai trở đi"),
        ({"legal_basis": ""}, "Hãy ghi căn cứ"),
        ({"dry_days": "bảy"}, "số"),
    ],
)
def test_times_that_cannot_be_are_refused_before_anything_is_shown(admin, typed, says):
    whole = {"fresh_hours": "72", "valid_from": day(3), "legal_basis": "QĐ 12", **typed}
    page = admin("/admin/rules/claims").form(says="Thêm quy định mới").submit(422, **whole)
    assert says in page and "Sẽ đổi như sau" not in page
    assert db.session.query(ClaimRule).count() == 1


def test_how_long_something_is_kept_changes_for_two_and_never_for_the_past(admin):
    kept = on(KeepingRule, 0, KeepingRule.what == "complaints")
    typed = {"what": "complaints", "days": "500", "valid_from": day(1), "legal_basis": "QĐ 13"}
    page = admin("/admin/rules/keeping").form(says="Thêm quy định mới").submit(**typed)
    assert f"{kept.days} → 500" in page and db.session.query(KeepingRule).filter_by(days=500).count() == 0
    page.form(says="Thêm quy định mới").submit()
    made = db.session.query(KeepingRule).filter_by(days=500).one()
    assert "Số ngày giữ từ" in admin("/admin/rules/keeping").form(says="Thêm quy định mới").submit(
        422, **{**typed, "days": "3"}
    )
    boss = admin.another().sign_in(cast.another("Đinh Thị Hạnh", "0912000077", Role.ADMIN))
    boss("/admin/rules/keeping").form(f"/admin/rules/keeping/{made.code}/approval").submit()
    db.session.expire_all()
    assert on(KeepingRule, 0, KeepingRule.what == "complaints").id == kept.id
    assert on(KeepingRule, 1, KeepingRule.what == "complaints").id == made.id
    assert "500 ngày" not in admin("/about/duties")


def test_what_the_post_makes_good_is_put_in_place_and_switched_off_by_two(admin, visit):
    """A rule that nobody confirmed says so with its source; who wrote it cannot approve it."""
    at = "/admin/rules/compensation"
    page = admin(at)
    assert "chưa xác nhận" in page and "lawnet.vn" in page and "mỗi kg</b>" not in page
    for wrong in ({"source": ""}, {"freight_times": "0"}, {"rest_by": "buyer"}, {"declared": "101"}):
        admin.post(at, status=422, **{"valid_from": day(2), **BASIS, **COMPENSATION, **wrong})
    assert count(CompensationRule) == 1
    page.form(f"{at}/{on(CompensationRule, 0).code}/switch").submit()
    coming = db.session.scalars(select(CompensationRule).where(CompensationRule.is_waiting)).one()
    assert coming.is_off and on(CompensationRule, 1).code != coming.code
    admin.post(f"{at}/{coming.code}/switch", status=409)
    admin.post(f"{at}/{coming.code}/approval", status=409)
    other = cast.another("Vũ Thị Hà", "0912000099", Role.ADMIN)
    visit.sign_in(other)(at).form(f"{at}/{coming.code}/approval").submit()
    assert on(CompensationRule, 1).is_off and not on(CompensationRule, 0).is_off
    assert "hai người đã duyệt" in visit(at).text.lower()


FEES = "service,zone,grams,fee_dong\n"
WHOLE = "EMS,noi_tinh,500,10000\nEMS,noi_tinh,1000,12000\nEMS,noi_tinh,+500,2000\n"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("EMS,noi_tinh,500,-1\n", "Dòng 2, cột “fee_dong”: “-1” phải là số đồng, không âm"),
        ("EMS,noi_tinh,500,1.5\n", "Dòng 2, cột “fee_dong”"),
        ("EMS,noi_tinh,500,\n", "Dòng 2, cột “fee_dong”"),
        ("EMS,noi_tinh,0,1\n", "Dòng 2, cột “grams”"),
        ("\n\nEMS,noi_tinh,nửa kg,1\n", "Dòng 4, cột “grams”: “nửa kg” phải là số gam"),
        ("BAY,noi_tinh,500,1\n", "Dòng 2, cột “service”: dịch vụ “BAY” không có"),
        ("EMS,sao_hoa,500,1\n", "Dòng 2, cột “zone”: vùng “sao_hoa” phải là một trong"),
        ("HOA_TOC,noi_vung,500,1\n", "Dòng 2, cột “zone”: dịch vụ này chưa có thời gian giao"),
        (WHOLE + "EMS,noi_tinh,1000,11000\n", "Dòng 5, cột “grams”: nấc 1000 g của vùng này đã có ở dòng 3"),
        (WHOLE + "EMS,noi_tinh,+500,1\n", "Dòng 5, cột “grams”: bước cân thêm của vùng này đã có ở dòng 4"),
        (WHOLE.replace("12000", "9000"), "Dòng 3, cột “fee_dong”: 9.000 ₫ thấp hơn nấc nhẹ hơn ở dòng 2"),
        (WHOLE.rsplit("EMS", 1)[0], "Dòng 3, cột “grams”: EMS, noi_tinh thiếu dòng “+”"),
        ("EMS,noi_tinh,+500,1\n", "Dòng 2, cột “grams”: EMS, noi_tinh chưa có nấc cân nào"),
        (
            WHOLE + "EMS,noi_vung,1000,15000\nEMS,noi_vung,+500,1\n",
            "Dòng 5, cột “grams”: EMS, noi_vung thiếu nấc 500 g mà vùng noi_tinh có",
        ),
        ("".join(f"EMS,noi_tinh,{grams},1\n" for grams in range(1, 20_001)), "hơn 5.000 dòng"),
    ],
)
def test_what_is_wrong_with_a_sheet_of_fees_is_named_by_row_and_column(admin, rows, sentence):
    assert sentence in send(admin, (FEES + rows).encode(), "cuoc.csv", status=422)
    assert count(Tariff) == 1


@pytest.mark.parametrize("heads", ["service,zone,grams", "service,zone,grams,fee_dong,grams", "a,b,c,d"])
def test_a_sheet_of_fees_with_other_columns_is_refused(admin, heads):
    assert "phải có các cột" in send(admin, f"{heads}\nEMS,noi_tinh,1,1,1\n".encode(), "cuoc.csv", status=422)


def test_columns_in_another_order_and_a_note_are_read(admin):
    rows = "note,fee_dong,grams,zone,service\nx,61000,2000,noi_tinh,HOA_TOC\n,6100,'+500,noi_tinh,HOA_TOC\n"
    assert "61.000 ₫" in send(admin, rows.encode(), "cuoc.csv")


def test_what_is_wrong_with_a_whole_list_is_said_in_the_readers_words(app):
    table = copy.deepcopy(fees.shipped_tariff())
    table["services"][0]["table"]["noi_tinh"]["2000"] = -1
    with pytest.raises(Refusal, match="kiện nặng hơn không được rẻ hơn"):
        price_list.check(table)
    table = copy.deepcopy(fees.shipped_tariff())
    table["vat"]["rate"] = 0.8
    with pytest.raises(Refusal, match=r"không được quá 0\.3"):
        price_list.check(table)
