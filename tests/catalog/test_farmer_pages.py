"""A farmer at the pages: a product from the first photo to the shelf, later changes, and everything typed wrong."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace.catalog import queries, service
from marketplace.catalog.models import (
    Certificate,
    CertificateKind,
    CertificateState,
    Handling,
    Lot,
    Product,
    ProductState,
    StockMove,
)
from marketplace.farmers.models import FarmState
from marketplace.foundation import clock
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.payments import service as payments
from tests import cast, make


@pytest.fixture
def farm(app):
    with transaction():
        payments.load_rules(SYSTEM)
    return make.farm(owner=cast.farmer_an())


@pytest.fixture
def farmer(visit, farm):
    """An at a browser."""
    return visit.sign_in(cast.farmer_an())


@pytest.fixture
def goods(farm) -> Product:
    return make.product(farm)


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def sent(page, **fields):
    """The page's own form, the one in the middle of it."""
    return page.form(page.path.partition("?")[0]).submit(**fields)


def test_a_product_from_the_first_photo_to_the_shelf(farmer, farm):
    page = farmer("/sell/products")
    assert "Chưa có món nào" in page
    page = page.follow("Đăng món đầu tiên")
    page = page.form("/sell/products/new").submit(
        photos=[(make.picture(), "chè.jpg"), (make.picture(9), "2.jpg")]
    )
    product = db.session.scalars(select(Product)).one()
    assert page.path == f"/sell/products/{product.code}/details"
    assert len(product.photos) == 2
    page = sent(page, name="  Chè búp Tân Cương ", set_no="11", is_own_unprocessed="y")
    assert page.path.endswith("/packs")
    page = sent(page, amount="0,5", unit="kg", price_dong="145k")
    assert "500 g" in page
    assert "290.000 ₫/kg" in page
    page = page.follow("Tiếp tục")
    pack = product.packs[0]
    today = clock.today()
    page = sent(page, **{f"quantity-{pack.code}": "12", "harvested_on": today.isoformat()})
    assert page.path.endswith("/story")
    page = sent(page, description="Hái tay.\nSao củi.", season_months=["3", "4"], shelf_life_days="365")
    assert page.path.endswith("/preview")
    assert "Chè búp Tân Cương" in page
    page = page.form(f"/sell/products/{product.code}/publication").submit()
    assert "Đã đăng bán" in page
    assert product.state is ProductState.ON_SALE
    assert (product.name, product.set_no, product.is_own_unprocessed) == ("Chè búp Tân Cương", 11, True)
    assert (pack.price_dong, pack.grams, pack.weight_grams, pack.on_hand) == (145_000, 500, 550, 12)
    assert queries.current_lot(product).harvested_on == today
    assert product.season_months == [3, 4]
    assert queries.product_on_sale(product.code) is product


def test_a_draft_waits_where_it_was_left(farmer, farm):
    farmer("/sell/products/new").form("/sell/products/new").submit(photos=(make.picture(), "a.jpg"))
    page = farmer("/sell/products").follow("Làm tiếp")
    assert "còn thiếu" in page
    assert page.follow("Làm tiếp").path.endswith("/details")


def test_the_same_form_sent_twice_makes_one_product(farmer, farm):
    form = farmer("/sell/products/new").form("/sell/products/new")
    for _ in range(2):
        form.submit(photos=(make.picture(), "a.jpg"))
    assert count(Product) == 1
    assert len(db.session.scalars(select(Product)).one().photos) == 1


def test_the_category_suggests_how_it_travels(farmer, farm):
    product = make.product(farm, published=False)
    sent(farmer(f"/sell/products/{product.code}/details"), name="Rượu Mẫu Sơn", set_no="14")
    assert product.handling is Handling.LIQUID
    sent(farmer(f"/sell/products/{product.code}/details"), name="Khoai lang tím", set_no="other")
    assert product.set_no is None


def test_without_a_farm_one_is_led_to_begin_it(visit, app):
    visit.sign_in(cast.farmer_binh())
    for path in ("/sell/products", "/sell/products/new"):
        assert visit(path, status=303).answer.headers["Location"] == "/sell/start"


def test_a_farm_that_waits_may_prepare_but_not_sell(farmer, farm):
    product = make.product(farm, published=False)
    with transaction():
        farm.state = FarmState.APPLYING
    assert "chưa được duyệt" in farmer("/sell/products")
    page = farmer.post(f"/sell/products/{product.code}/publication")
    assert "chưa được duyệt" in page
    assert product.state is ProductState.DRAFT


# -- another farmer's ------------------------------------------------------------------------------------------------

PAGES = (
    "",
    "/photos",
    "/details",
    "/packs",
    "/packs/{pack}",
    "/supply",
    "/stock",
    "/story",
    "/preview",
    "/withdrawal",
)
DEEDS = (
    "/photos", "/details", "/packs", "/packs/{pack}", "/supply", "/stock", "/story", "/withdrawal",
    "/photos/{photo}/first", "/photos/{photo}/removal", "/photos/{photo}/return", "/packs/{pack}/removal",
    "/packs/{pack}/return", "/publication", "/pause", "/certificates/new", "/counting", "/copy",
)  # fmt: skip


def test_nobody_else_sees_or_touches_it(visit, goods):
    make.farm(owner=cast.farmer_binh(), name="Tôm khô Rạch Gốc")
    before = goods.version, goods.name, goods.state, len(goods.photos), goods.packs[0].version
    address = f"/sell/products/{goods.code}"
    names = {"pack": goods.packs[0].code, "photo": goods.photos[0].code}
    pages = (*PAGES, "/certificates", "/certificates/new", "/counting", "/lots", "/history")
    # Who sells other goods, and who may nearly everything, try every door; the rest knock at one of each.
    for person, doors in (
        (cast.farmer_binh(), 100),
        (cast.admin(), 100),
        (cast.buyer(), 1),
        (cast.clerk(), 1),
    ):
        visit.sign_in(person)
        for path in pages[:doors]:
            visit(address + path.format(**names), status=404)
        for path in DEEDS[:doors]:
            visit.post(address + path.format(**names), status=404)
    assert (goods.version, goods.name, goods.state, len(goods.photos), goods.packs[0].version) == before


def test_anothers_photo_or_pack_under_ones_own_product(farmer, goods):
    other = make.product()
    farmer(f"/sell/products/{goods.code}/packs/{other.packs[0].code}", status=404)
    farmer.post(f"/sell/products/{goods.code}/photos/{other.photos[0].code}/removal", status=404)
    farmer.post(f"/sell/products/{goods.code}/photos/{other.photos[0].code}/first", status=404)
    assert len(other.photos) == 1


def test_visitors_are_asked_to_sign_in(visit, goods):
    assert "/login" in visit("/sell/products", status=303).answer.headers["Location"]


# -- typed wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"price_dong": "0"}, "Phải từ 1.000 ₫ đến 10.000.000.000 ₫"),
        ({"price_dong": "1000000000000"}, "Phải từ 1.000 ₫"),
        ({"price_dong": "-5000"}, "Phải từ 1.000 ₫"),
        ({"price_dong": "rẻ lắm"}, "Hãy ghi số tiền bằng đồng"),
        ({"price_dong": ""}, "Hãy ghi giá bán"),
        ({"amount": "nhiều"}, "Hãy ghi một số"),
        ({"amount": "0"}, "Mỗi gói từ 1 g"),
        ({"amount": "1,2345"}, "Hãy ghi một số"),
        ({"amount": "0,5", "unit": "g"}, "Hãy ghi số chẵn"),
        ({"amount": "2", "unit": "piece"}, "Hàng bán theo cái cần ghi cân nặng"),
        ({"amount": "5000", "unit": "kg"}, "Mỗi gói từ 1 g"),
        ({"unit": "giạ"}, "Hãy chọn một mục"),
        ({"weight_grams": "100"}, "không thể nhẹ hơn"),
        ({"length_cm": "20"}, "Ghi đủ dài, rộng, cao"),
        ({"name": "x" * 10_000}, "tối đa 80 ký tự"),
        ({"price_dong": "9" * 5000}, "Hãy ghi số tiền"),
    ],
)  # fmt: skip
def test_packs_typed_wrong(farmer, goods, typed, said):
    form = farmer(f"/sell/products/{goods.code}/packs").form(f"/sell/products/{goods.code}/packs")
    fields = {"amount": "500", "unit": "g", "price_dong": "200.000", **typed}
    page = form.submit(status=422, **fields)
    assert said in page
    assert len(goods.packs) == 1
    kept = page.form(f"/sell/products/{goods.code}/packs").fields
    for name, value in fields.items():
        if name != "unit" or value != "giạ":
            assert kept[name] == value


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "x" * 10_000}, "tối đa 120 ký tự"),
        ({"name": "a\x00"}, "ít nhất 3 chữ cái"),
        ({"name": "hai\ndòng chữ"}, "Chỉ ghi một dòng"),
        ({"name": ""}, "Hãy ghi tên món"),
        ({"set_no": "27"}, "Hãy chọn một mục có trong danh sách"),
        ({"set_no": "26"}, "Món đang bán không đổi thành dịch vụ được"),
    ],
)
def test_names_typed_wrong(farmer, goods, typed, said):
    page = farmer(f"/sell/products/{goods.code}/details")
    page = page.form(f"/sell/products/{goods.code}/details").submit(
        status=422, **{"name": "Chè ngon", **typed}
    )
    assert said in page
    assert (goods.name, goods.set_no) == ("Trà đinh Tân Cương", 11)


def test_words_are_shown_as_typed_and_stored_nfc(farmer, goods):
    typed = "<b>Chè</b> \"ngon\" & 'rẻ' <script>alert(1)</script>"
    decomposed = "Che\u0300 Ta\u0302n Cu\u031bo\u031bng"
    sent(farmer(f"/sell/products/{goods.code}/details"), name=typed)
    page = sent(farmer(f"/sell/products/{goods.code}/story"), description=f"{typed}\x00{decomposed}")
    assert goods.name == typed
    assert goods.description == f"{typed}Chè Tân Cương"
    for path in ("/sell/products", f"/sell/products/{goods.code}", f"/sell/products/{goods.code}/preview"):
        page = farmer(path)
        assert typed in page
        assert "<script>alert" not in page.answer.text


def svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "file",
    [
        (lambda: io.BytesIO(b"day la van ban " * 9_999), "anh.jpg"),
        (lambda: io.BytesIO(make.picture().read()[:-2000]), "cut.jpg"),
        (lambda: io.BytesIO(svg()), "anh.svg"),
        (lambda: io.BytesIO(b""), "rong.png"),
    ],
)
def test_files_that_are_no_photos(farmer, farm, file):
    make_stream, name = file
    page = (
        farmer("/sell/products/new")
        .form("/sell/products/new")
        .submit(status=422, photos=(make_stream(), name))
    )
    assert page.all("div", role="alert")
    assert count(Product) == 0


def test_no_photo_chosen(farmer, farm):
    page = farmer("/sell/products/new").form("/sell/products/new").submit(status=422)
    assert "Hãy chụp hoặc chọn ít nhất một tấm hình" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"quantity": "1,5"}, "Hãy ghi một số nguyên"),
        ({"quantity": "-1"}, "Phải từ 0"),
        ({"quantity": "1000000000"}, "Phải từ 0"),
        ({"quantity": "vài"}, "Hãy ghi một số nguyên"),
        ({"harvested_on": "2999-01-01"}, "không thể ở tương lai"),
        ({"harvested_on": "31/02/2026"}, "Ngày chưa đúng"),
        ({"harvested_on": "2026-01-10", "use_by": "2026-01-09"}, "Hạn dùng phải sau ngày thu hoạch"),
        ({}, "Ghi số lượng của ít nhất một gói"),
    ],
)
def test_supplies_typed_wrong(farmer, goods, clock, typed, said):
    clock.set("2026-11-22 08:00")
    farmer.sign_in(cast.farmer_an())
    fields = {
        name if name != "quantity" else f"quantity-{goods.packs[0].code}": value
        for name, value in typed.items()
    }
    page = farmer(f"/sell/products/{goods.code}/supply")
    page = page.form(f"/sell/products/{goods.code}/supply").submit(status=422, **fields)
    assert said in page
    assert (goods.packs[0].on_hand, count(Lot)) == (10, 0)


# -- later changes ---------------------------------------------------------------------------------------------------


def test_a_supply_sent_twice_counts_once(farmer, goods):
    form = farmer(f"/sell/products/{goods.code}/supply").form(f"/sell/products/{goods.code}/supply")
    for _ in range(2):
        form.submit(**{f"quantity-{goods.packs[0].code}": "5", "harvested_on": clock.today().isoformat()})
    assert (goods.packs[0].on_hand, count(Lot), count(StockMove)) == (15, 1, 2)


def test_counting_again(farmer, goods):
    page = sent(farmer(f"/sell/products/{goods.code}/stock"), **{f"quantity-{goods.packs[0].code}": "7"})
    assert "Đã ghi số mới" in page
    assert goods.packs[0].on_hand == 7


def test_counting_while_somebody_buys_keeps_what_was_typed(farmer, goods):
    pack = goods.packs[0]
    form = farmer(f"/sell/products/{goods.code}/stock").form(f"/sell/products/{goods.code}/stock")
    with transaction():
        service.use_hold(service.hold_stock({pack.id: 3}, Actor.guest())[pack.id], Actor.guest())
    page = form.submit(status=409, **{f"quantity-{pack.code}": "20"})
    assert "vừa đổi từ 10 thành 7" in page
    assert pack.on_hand == 7
    again = page.form(f"/sell/products/{goods.code}/stock")
    assert again.fields[f"quantity-{pack.code}"] == "20"
    again.submit()
    assert pack.on_hand == 20
    assert service.check_stock() == []


def test_an_untouched_number_is_no_correction(farmer, goods):
    pack = goods.packs[0]
    form = farmer(f"/sell/products/{goods.code}/stock").form(f"/sell/products/{goods.code}/stock")
    with transaction():
        service.use_hold(service.hold_stock({pack.id: 3}, Actor.guest())[pack.id], Actor.guest())
    form.submit()
    assert pack.on_hand == 7


def test_a_new_price(farmer, goods):
    pack = goods.packs[0]
    page = farmer(f"/sell/products/{goods.code}/packs").follow("100 g")
    page = sent(page, price_dong="480.000")
    assert "480.000 ₫" in page
    assert pack.price_dong == 480_000


def test_what_would_i_get_saves_nothing(farmer, goods):
    form = farmer(f"/sell/products/{goods.code}/packs").form(f"/sell/products/{goods.code}/packs")
    page = form.submit(button=("try", "1"), amount="250", unit="g", price_dong="100.000")
    assert "400.000 ₫/kg" in page
    assert "Bạn sẽ nhận 100.000 ₫" in page
    assert len(goods.packs) == 1
    form.submit(status=422, button=("try", "1"), amount="x", unit="g", price_dong="100.000")


def test_a_pack_taken_away_comes_back(farmer, goods):
    with transaction():
        extra = service.save_pack(goods, service.PackDetails(90_000, grams=20), make.actor_of(goods.farm))
    page = farmer.post(f"/sell/products/{goods.code}/packs/{extra.code}/removal")
    assert "Đã bỏ gói 20 g" in page
    assert len(goods.packs) == 1
    farmer(f"/sell/products/{goods.code}/packs/{extra.code}", status=404)
    page = page.form(f"/sell/products/{goods.code}/packs/{extra.code}/return").submit()
    assert "Gói đã trở lại" in page
    assert len(goods.packs) == 2


def test_photos_are_ordered_taken_away_and_come_back(farmer, goods):
    address = f"/sell/products/{goods.code}/photos"
    page = (
        farmer(address).form(address).submit(photos=[(make.picture(1), "1.jpg"), (make.picture(2), "2.jpg")])
    )
    first, second, third = (photo.code for photo in goods.photos)
    for photo, where, order in (
        (third, "first", [third, first, second]),
        (third, "later", [first, third, second]),
        (second, "earlier", [first, second, third]),
        (first, "earlier", [first, second, third]),
    ):
        page = farmer.post(f"{address}/{photo}/{where}")
        assert [shown.code for shown in goods.photos] == order
    page = farmer.post(f"{address}/{first}/removal")
    assert "Đã bỏ một tấm hình" in page
    assert [shown.code for shown in goods.photos] == [second, third]
    page.form(f"{address}/{first}/return").submit()
    assert [shown.code for shown in goods.photos] == [first, second, third]


def test_the_last_photo_stays(farmer, goods):
    page = farmer.post(f"/sell/products/{goods.code}/photos/{goods.photos[0].code}/removal")
    assert "cần ít nhất một tấm hình" in page
    assert len(goods.photos) == 1


def test_paused_and_sold_again_from_the_list(farmer, goods):
    page = farmer("/sell/products").form(f"/sell/products/{goods.code}/pause").submit()
    assert page.path == "/sell/products"
    assert goods.state is ProductState.PAUSED
    page.form(f"/sell/products/{goods.code}/publication").submit()
    assert goods.state is ProductState.ON_SALE
    farmer.post(f"/sell/products/{goods.code}/pause")
    farmer.post(f"/sell/products/{goods.code}/pause", status=409)


def test_withdrawn_after_a_question(farmer, goods):
    with transaction():
        service.hold_stock({goods.packs[0].id: 1}, Actor.guest())
    page = farmer(f"/sell/products/{goods.code}/withdrawal")
    assert "Còn 1 đơn đang chờ" in page
    page = sent(page, why="hết mùa")
    assert "Đã gỡ" in page
    assert goods.state is ProductState.WITHDRAWN
    assert "đã gỡ khỏi chợ" in farmer(f"/sell/products/{goods.code}")
    page = farmer(f"/sell/products/{goods.code}/details")
    page.form(f"/sell/products/{goods.code}/details").submit(status=422, name="Tên mới")
    assert goods.name == "Trà đinh Tân Cương"


def test_a_helpers_draft_is_agreed_to(farmer, farm):
    product = make.product(farm, published=False)
    with transaction():
        service.publish(product, Actor.of(cast.trainer().id, for_id=cast.farmer_an().id))
    page = farmer("/sell/products").follow("Xem và đồng ý")
    page.form(f"/sell/products/{product.code}/publication").submit()
    assert product.state is ProductState.ON_SALE


def test_pages_in_english(farmer, goods):
    farmer.speak("en")
    page = farmer(f"/sell/products/{goods.code}/details")
    assert "Fresh and processed tea" in page
    for path in PAGES[:-1]:
        farmer(f"/sell/products/{goods.code}" + path.format(pack=goods.packs[0].code))


# -- proofs ----------------------------------------------------------------------------------------------------------

PAPER = {"number": "3981/QĐ-UBND", "issuer": "UBND tỉnh Thái Nguyên", "stars": "4"}


def paper_page(farmer, goods, kind="ocop"):
    return farmer(f"/sell/products/{goods.code}/certificates/new?kind={kind}")


def test_a_proof_from_the_farmers_phone_to_the_shelf(farmer, goods):
    issued = clock.today() - timedelta(days=20)
    page = paper_page(farmer, goods)
    page = sent(page, issued_on=issued.isoformat(), paper=(make.picture(), "giấy OCOP.jpg"), **PAPER)
    assert "Chờ kiểm tra" in page
    proof = db.session.scalars(select(Certificate)).one()
    assert queries.stars_now(goods) is None

    reviewer = farmer.another().sign_in(cast.reviewer())
    page = reviewer("/admin/certificates").follow("3981/QĐ-UBND")
    assert "UBND cấp tỉnh" in page
    address = re.search(r"/admin/certificates/papers/[^\"]+", page.answer.text)[0]
    answer = reviewer.raw("GET", address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "no-store" in answer.headers["Cache-Control"]
    assert farmer.raw("GET", address).status_code in (403, 404)
    page = reviewer(f"/admin/certificates/{proof.code}")
    assert "Xem tờ giấy" in page
    page = page.form(f"/admin/certificates/{proof.code}/verification").submit()
    assert "Đã xác nhận" in page
    assert queries.stars_now(goods) == 4
    assert "5 sao" not in farmer("/sell/products")
    assert "4 sao" in farmer("/sell/products")
    assert "đã được xác nhận" in farmer("/account/notices")


def test_a_proof_is_sent_back_with_a_reason(farmer, goods):
    issued = clock.today() - timedelta(days=20)
    sent(paper_page(farmer, goods), issued_on=issued.isoformat(), paper=(make.picture(), "a.jpg"), **PAPER)
    proof = db.session.scalars(select(Certificate)).one()
    reviewer = farmer.another().sign_in(cast.reviewer())
    page = reviewer(f"/admin/certificates/{proof.code}")
    page = page.form(f"/admin/certificates/{proof.code}/withdrawal").submit(status=422, reason="")
    assert "Hãy ghi lý do" in page
    assert proof.state is CertificateState.SUBMITTED
    page.form(f"/admin/certificates/{proof.code}/withdrawal").submit(reason="Ảnh mờ, không đọc được số.")
    assert proof.state is CertificateState.WITHDRAWN
    assert "Ảnh mờ, không đọc được số." in farmer(f"/sell/products/{goods.code}/certificates")


def test_two_reviewers_decide_and_the_second_hears_of_it(farmer, goods):
    issued = clock.today() - timedelta(days=20)
    sent(paper_page(farmer, goods), issued_on=issued.isoformat(), paper=(make.picture(), "a.jpg"), **PAPER)
    proof = db.session.scalars(select(Certificate)).one()
    reviewer = farmer.another().sign_in(cast.reviewer())
    page = reviewer(f"/admin/certificates/{proof.code}")
    with transaction():
        service.verify_certificate(proof, Actor.of(cast.admin().id))
    page.form(f"/admin/certificates/{proof.code}/withdrawal").submit(status=409, reason="Không khớp tờ giấy.")
    assert proof.state is CertificateState.VERIFIED


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("ocop", {"stars": ""}, "Chọn số sao"),
        ("ocop", {"issued_on": "2999-01-01"}, "không thể ở tương lai"),
        ("ocop", {"number": "abc"}, "Ghi số của giấy"),
        ("ocop", {"paper": None}, "Hãy chụp hoặc chọn tờ giấy"),
        ("vietgap", {}, "Ghi ngày hết hạn"),
    ],
)
def test_proofs_typed_wrong(farmer, goods, kind, typed, said):
    fields = {
        "issued_on": (clock.today() - timedelta(days=9)).isoformat(),
        "paper": (make.picture(), "a.jpg"),
        **PAPER,
    }
    if kind != "ocop":
        fields.pop("stars")
    page = paper_page(farmer, goods, kind)
    page = page.form(page.path.partition("?")[0]).submit(status=422, **{**fields, **typed})
    assert said in page
    assert count(Certificate) == 0


def test_only_reviewers_look_at_papers(visit, app):
    for person, status in (
        (cast.buyer(), 403),
        (cast.clerk(), 403),
        (cast.cashier(), 403),
        (cast.reviewer(), 200),
    ):
        visit.sign_in(person)("/admin/certificates", status=status)


def test_a_reviewer_who_farms_does_not_judge_their_own(visit, app):
    goods = make.product(make.farm(owner=cast.reviewer()))
    with transaction():
        proof = service.add_certificate(
            goods, CertificateKind.OCOP, "12/QĐ", "UBND tỉnh", clock.today(), SYSTEM, stars=3, source_note="báo",
        )  # fmt: skip
    page = visit.sign_in(cast.reviewer())(f"/admin/certificates/{proof.code}")
    assert "Hãy để người khác thẩm định" in page
    visit.post(f"/admin/certificates/{proof.code}/verification", status=409, seen=proof.version)
    assert proof.state is CertificateState.SUBMITTED
