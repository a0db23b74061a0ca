"""The one page: everything at once, its pictures in pieces, its draft, a copy, many prices at once, looked at first."""

import json

import pytest
from sqlalchemy import func, select

from marketplace.catalog import kinds, listing, service
from marketplace.catalog.models import (
    Handling,
    Product,
    ProductState,
    StockBy,
    StockMove,
    Variant,
)
from marketplace.catalog.service import PackDetails
from marketplace.farmers.models import FarmKind
from marketplace.foundation import uploads
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import storage
from marketplace.foundation.uploads import Upload
from tests import cast, make
from tests.catalog.listed import GOOD, new, owner, photo, the_product, trusted

ONCE = "a-page-of-mine-1234"


# -- one page --------------------------------------------------------------------------------------------------------


def test_one_page_from_the_photo_to_the_shelf(farmer):
    page = new(farmer, photos=photo(), **GOOD)
    product = the_product()
    assert page.path == f"/sell/products/{product.code}"
    assert "Đã đăng bán" in page
    pack = product.packs[0]
    assert (product.state, product.set_no, product.handling) == (ProductState.ON_SALE, 11, Handling.DRY)
    assert (pack.grams, pack.price_dong, pack.on_hand, product.shelf_life_days) == (100, 145_000, 20, 540)
    assert service.check_stock() == []


def test_sent_twice_it_is_one_product_with_its_goods_once(farmer):
    form = farmer("/sell/products/new").form("/sell/products/new")
    for _ in range(2):
        form.submit(photos=photo(), **GOOD)
    product = the_product()
    assert product.packs[0].on_hand == 20
    assert db.session.scalar(select(func.count(StockMove.id))) == 1


def test_what_i_receive_follows_what_the_goods_are(app, visit):
    make.rules()
    visit.sign_in(cast.farmer_binh())
    make.farm(owner=cast.farmer_binh(), kind=FarmKind.HOUSEHOLD)
    form = visit("/sell/products/new").form("/sell/products/new")
    for ticked, sort, net in ((None, "other", "1.132 ₫"), ("y", "own", "1.150 ₫")):
        page = form.submit(**{"try": "1", "price_dong": "1150", "name": "Chè", "is_own_unprocessed": ticked})
        assert f"Bạn sẽ nhận {net}" in page
        assert [
            words.get("data-when")
            for words in page.all("p")
            if words.get("data-when") and words.get("hidden") is None
        ] == [sort]
    (output,) = [one for one in page.all("output") if one.get("data-net")]
    assert (output.get("data-net"), output.get("data-own"), output.get("data-service")) == (
        "100 50 0", "0 0 0", "500 200 0",
    )  # fmt: skip
    assert db.session.scalars(select(Product)).all() == []


def test_what_i_receive_is_said_without_a_script(farmer):
    page = new(farmer, **GOOD, **{"try": "1"})
    assert page.status == 200
    assert "Bạn sẽ nhận" in page
    assert "145.000" in page or "145k" in page
    assert db.session.scalar(select(func.count(Product.id))) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Hãy ghi tên món"),
        ({"amount": "nửa cân"}, "Hãy ghi một số"),
        ({"price_dong": "rẻ"}, "Hãy ghi"),
        ({"price_dong": "500"}, "1.000"),
        ({"quantity": "-5"}, "số"),
        ({"quantity": ""}, "chưa có thì ghi 0"),
        ({"name": "Đồ linh tinh"}, "Chọn loại hàng"),
        ({"amount": "0,0005", "unit": "kg"}, "Hãy ghi một số"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_kept(farmer, wrong, said):
    form = farmer("/sell/products/new").form("/sell/products/new")
    page = form.submit(status=422, photos=photo(), **{**GOOD, **wrong})
    assert said in page
    assert db.session.scalar(select(func.count(Product.id))) == 0


def test_a_farm_that_waits_leaves_a_draft(farmer, farm):
    with transaction():
        farm.state = "applying"
    page = new(farmer, photos=photo(), **GOOD)
    assert "chưa được duyệt" in page
    assert the_product().state is ProductState.DRAFT


def test_goods_to_start_from_fill_in_what_is_usual(farmer):
    page = farmer("/sell/products/new?from=mat-ong")
    assert 'value="500"' in page.html
    assert farmer("/sell/products/new?from=khong-co").status == 200


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Chè búp Tân Cương", "tra"),
        ("tra tan cuong", "tra"),
        ("Trà hoa vàng Ba Chẽ", "tra-thao-moc"),
        ("Mật ong rừng U Minh", "mat-ong"),
        ("Gạo ST25", "gao"),
        ("Bánh gạo lứt", "banh"),
        ("Tôm khô Rạch Gốc", "tom-kho"),
        ("Xoài sấy dẻo", "say-mut"),
        ("Xoài cát Hòa Lộc", "trai-cay"),
        ("Rượu nếp cái hoa vàng", "ruou"),
        ("Đồ linh tinh", None),
    ],
)
def test_a_name_suggests_its_kind(name, key):
    found = kinds.suggest(name)
    assert (found.key if found else None) == key


# -- pictures in pieces ------------------------------------------------------------------------------------------------


def begin(farmer, data: bytes, status: int = 201, **fields):
    token = farmer("/sell/products/new").form("/sell/products/new").fields["csrf_token"]
    farmer.token = token
    answer = farmer.raw(
        "POST", "/sell/uploads",
        data={"size": len(data), "name": "anh.jpg", "once": ONCE, "key": "k1", "csrf_token": token, **fields},
    )  # fmt: skip
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def piece(farmer, code: str, offset, data: bytes, status: int = 200):
    answer = farmer.raw(
        "POST", f"/sell/uploads/{code}/pieces?offset={offset}", data=data,
        headers={"X-CSRFToken": farmer.token, "Content-Type": "application/octet-stream"},
    )  # fmt: skip
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json(silent=True)


def test_a_photo_comes_in_pieces_and_is_on_the_draft(farmer):
    data = make.picture().read()
    half = len(data) // 2
    begun = begin(farmer, data)
    assert piece(farmer, begun["code"], 0, data[:half])["offset"] == half
    # The line broke and nobody knows what came: asking says where to go on, and so does beginning again.
    assert farmer.raw("GET", f"/sell/uploads/{begun['code']}").get_json()["offset"] == half
    assert begin(farmer, data)["offset"] == half
    # A piece that came already, or one that leaves a gap, is answered with the right place.
    for offset in (0, half + 1):
        assert piece(farmer, begun["code"], offset, data[:half], 409)["offset"] == half
    told = piece(farmer, begun["code"], half, data[half:])
    assert told["photo"]
    product = the_product()
    assert (product.once, len(product.photos), product.state) == (ONCE, 1, ProductState.DRAFT)
    # The answer was lost: the last piece again changes nothing.
    piece(farmer, begun["code"], half, data[half:], 409)
    assert len(the_product().photos) == 1
    draft = farmer.raw("GET", f"/sell/products/new/draft?once={ONCE}").get_json()
    assert draft["photos"] == [told["photo"]]


def test_the_page_is_sent_without_files_when_its_pictures_came_before(farmer):
    data = make.picture().read()
    code = begin(farmer, data)["code"]
    piece(farmer, code, 0, data)
    page = new(farmer, once=ONCE, **GOOD)
    assert "Đã đăng bán" in page
    assert the_product().state is ProductState.ON_SALE


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"size": "0"}, "trống"),
        ({"size": str(21 * 1024 * 1024)}, "20 MB"),
        ({"size": "nhiều"}, "Không đọc được"),
    ],
)
def test_a_size_that_cannot_be(farmer, fields, said):
    assert said in begin(farmer, b"x", 422, **fields)["message"]


def test_more_bytes_than_were_said_an_empty_piece_and_one_that_is_too_large(farmer):
    code = begin(farmer, b"x" * 100)["code"]
    assert "quá số byte" in piece(farmer, code, 0, b"x" * 101, 422)["message"]
    assert "1 MB" in piece(farmer, code, 0, b"", 422)["message"]
    assert "1 MB" in piece(farmer, code, 0, b"x" * (uploads.MOST_PIECE_BYTES + 1), 422)["message"]
    piece(farmer, code, "giữa", b"x", 422)
    assert db.session.scalars(select(Upload)).one().received_bytes == 0


def test_what_is_no_photo_is_refused_and_forgotten(farmer):
    code = begin(farmer, b"x" * 100)["code"]
    assert "không phải là ảnh" in piece(farmer, code, 0, b"x" * 100, 422)["message"]
    assert db.session.scalar(select(func.count(Upload.id))) == 0
    assert not storage().exists(f"uploads/{code.lower()}/000000")


def test_somebody_elses_upload_is_not_there(farmer, visit, app):
    code = begin(farmer, b"x" * 100)["code"]
    other = type(visit)(app)
    other.sign_in(cast.farmer_binh())
    make.farm(owner=cast.farmer_binh())
    other.token = other("/sell/products/new").form("/sell/products/new").fields["csrf_token"]
    assert other.raw("GET", f"/sell/uploads/{code}").status_code == 404
    piece(other, code, 0, b"x", 404)
    assert db.session.scalars(select(Upload)).one().received_bytes == 0


def test_what_is_not_finished_in_a_day_is_cleared_away(farmer, clock):
    code = begin(farmer, b"x" * 100)["code"]
    piece(farmer, code, 0, b"x" * 50)
    clock.forward(hours=25)
    assert farmer.raw("GET", f"/sell/uploads/{code}").status_code in (303, 404)
    uploads.clear_old()
    assert db.session.scalar(select(func.count(Upload.id))) == 0
    assert not storage().exists(f"uploads/{code.lower()}/000000")


def test_what_is_typed_is_kept_on_the_server(farmer, farm):
    token = farmer("/sell/products/new").form("/sell/products/new").fields["csrf_token"]
    answer = farmer.raw(
        "POST",
        "/sell/products/new/draft",
        data={
            "once": ONCE,
            "name": "Mật ong hoa cà phê",
            "price_dong": "180k",
            "unit": "ml",
            "csrf_token": token,
        },
    )
    assert answer.get_json()["code"] == the_product().code
    assert (the_product().name, the_product().set_no) == ("Mật ong hoa cà phê", 4)
    assert "Mật ong hoa cà phê" in farmer("/sell/products")
    # Gone on with on another phone: the same page, as it was left.
    page = farmer("/sell/products").follow("Làm tiếp")
    form = page.form("/sell/products/new")
    assert {name: form.fields[name] for name in ("once", "name", "price_dong", "unit", "quantity")} == {
        "once": ONCE, "name": "Mật ong hoa cà phê", "price_dong": "180k", "unit": "ml", "quantity": "",
    }  # fmt: skip
    form.submit(422, amount="500", quantity="6")  # no photo yet
    assert the_product().typed
    begin_and_send(farmer)
    form.submit(amount="500", quantity="6")
    assert (the_product().state, the_product().typed) == (ProductState.ON_SALE, None)
    # Whoever still has the page open is led to what became of it.
    told = farmer.raw("GET", f"/sell/products/new/draft?once={ONCE}").get_json()
    assert told == {"photos": [], "done": f"/sell/products/{the_product().code}"}
    page = farmer(f"/sell/products/new?draft={the_product().code}")
    assert page.path == f"/sell/products/{the_product().code}"


def begin_and_send(farmer, **fields):
    data = make.picture().read()
    return piece(farmer, begin(farmer, data, **fields)["code"], 0, data)


def test_nothing_typed_makes_no_draft(farmer):
    token = farmer("/sell/products/new").form("/sell/products/new").fields["csrf_token"]
    fields = {"once": ONCE, "unit": "g", "csrf_token": token}
    assert farmer.raw("POST", "/sell/products/new/draft", data=fields).get_json() == {"code": None}
    assert db.session.scalar(select(func.count(Product.id))) == 0


def test_another_farms_draft_is_not_there(farmer, farm, visit, app):
    with transaction():
        kept = listing.keep_draft(farm, ONCE, {"name": "Chè búp"}, make.actor_of(farm)).code
    other = type(visit)(app)
    other.sign_in(cast.farmer_binh())
    make.farm(owner=cast.farmer_binh())
    other(f"/sell/products/new?draft={kept}", 404)


def test_the_same_photo_is_on_the_next_listing_too(farmer):
    begin_and_send(farmer)
    told = begin_and_send(farmer, once="another-page-5678")
    assert told["photo"]
    counts = [len(product.photos) for product in db.session.scalars(select(Product))]
    assert counts == [1, 1]


def test_a_photo_that_comes_after_the_listing_was_sent_says_where_to_add_it(farmer):
    begin_and_send(farmer)
    new(farmer, once=ONCE, **GOOD)
    data = make.picture(7).read()
    code = begin(farmer, data, key="late")["code"]
    assert "Món này đã đăng rồi" in piece(farmer, code, 0, data, 409)["message"]
    assert len(the_product().photos) == 1


# -- a copy, a grid ------------------------------------------------------------------------------------------------


def test_another_like_it(farmer, farm):
    product = make.product(farm, name="Chè nõn tôm", storage="Nơi khô mát", stock=7)
    page = farmer(f"/sell/products/{product.code}").form(f"/sell/products/{product.code}/copy")
    for _ in range(2):
        page.submit()
    made = db.session.scalars(select(Product).where(Product.id != product.id)).one()
    assert (made.name, made.storage, made.state) == ("Chè nõn tôm (2)", "Nơi khô mát", ProductState.DRAFT)
    assert [(pack.price_dong, pack.on_hand) for pack in made.packs] == [(450_000, 0)]
    assert len(made.photos) == 1


def test_prices_and_counts_of_many_packs_at_once(farmer, farm):
    first, second = make.product(farm, name="Chè một"), make.product(farm, name="Chè hai")
    one, two = first.packs[0], second.packs[0]
    page = (
        farmer("/sell/products/grid")
        .form("/sell/products/grid")
        .submit(**{f"price-{one.code}": "500k", f"quantity-{two.code}": "3"})
    )
    assert "Đã lưu 2 gói" in page
    db.session.expire_all()
    assert (one.price_dong, one.on_hand, two.price_dong, two.on_hand) == (500_000, 10, 450_000, 3)
    form = farmer("/sell/products/grid").form("/sell/products/grid")
    with transaction():
        service.correct_stock(two, 2, SYSTEM)
    page = form.submit(status=409, **{f"price-{one.code}": "600k", f"quantity-{two.code}": "9"})
    assert "vừa đổi" in page
    db.session.expire_all()
    assert (one.price_dong, two.on_hand) == (500_000, 2)
    page = (
        farmer("/sell/products/grid")
        .form("/sell/products/grid")
        .submit(status=422, **{f"price-{one.code}": "5"})
    )
    assert "1.000" in page


@pytest.fixture
def many(farm) -> list[Product]:
    """More goods than a page of a phone holds, as a list brings them."""
    goods = [
        service.NewGoods(f"Chè vườn số {n}", 11, Handling.DRY, "", PackDetails(100_000, grams=100), 3)
        for n in range(45)
    ]
    with transaction():
        return service.draft_many(farm, goods, owner(farm))


def test_many_goods_are_listed_a_page_at_a_time_and_found_by_name(farmer, many):
    page = farmer("/sell/products")
    assert "45 món" in page
    assert len(page.all("h2")) == 24
    assert "Chè vườn số 20" in farmer("/sell/products", page=2)
    found = page.form("/sell/products").submit(q="vuon so 7")
    assert ["".join(words.itertext()).strip() for words in found.all("h2")] == ["Chè vườn số 7"]
    assert "Không có món nào tên như vậy" in farmer("/sell/products", q="sầu riêng")


def test_a_page_of_the_grid_changes_what_it_showed_and_nothing_else(farmer, farm, many):
    last = many[0].packs[0]
    form = farmer("/sell/products/grid", page=2).form("/sell/products/grid?page=2")
    # Something listed meanwhile pushes every pack one place on.
    with transaction():
        service.draft_many(
            farm,
            [service.NewGoods("Chè mới", 11, Handling.DRY, "", PackDetails(90_000, grams=100), 1)],
            owner(farm),
        )
    page = form.submit(**{f"price-{last.code}": "120k"})
    assert "Đã lưu 1 gói" in page
    assert page.path.endswith("/sell/products/grid?page=2")
    db.session.expire_all()
    assert sorted({pack.price_dong for pack in db.session.scalars(select(Variant))}) == [
        90_000,
        100_000,
        120_000,
    ]
    assert last.price_dong == 120_000


def test_the_grid_takes_no_pack_of_another_farm(farmer, farm, many):
    other = make.product(make.farm(name="Vườn nhà Bình", owner=cast.farmer_binh())).packs[0]
    form = farmer("/sell/products/grid").form("/sell/products/grid")
    code = other.code
    farmer.post(
        "/sell/products/grid", **form.fields, **{f"price-{code}": "1000", f"seen-price-{code}": "450000"}
    )
    db.session.expire_all()
    assert other.price_dong == 450_000


def test_stock_by_heap_is_not_in_the_grid(looked_at, farmer):
    product = trusted(looked_at, packs=[PackDetails(60_000, grams=500)], stock=0)
    with transaction():
        service.count_by(product, StockBy.HEAP, SYSTEM)
    page = farmer("/sell/products/grid")
    assert f"price-{product.packs[0].code}" in page.html
    assert f"quantity-{product.packs[0].code}" not in page.html
    assert listing.begun(looked_at, "khong-co-dau") is None


# -- a price, a kind, a page of somebody else's -----------------------------------------------------------------------


def test_the_once_of_another_farms_page_lists_nothing(looked_at, farmer, visit):
    new(farmer, photos=photo(), **GOOD)
    once = the_product().once
    other = visit.another().sign_in(cast.farmer_binh())
    make.farm(name="Vườn nhà Bình", owner=cast.farmer_binh())
    form = other("/sell/products/new").form("/sell/products/new")
    page = form.submit(status=422, photos=photo(), **{**GOOD, "once": once})
    assert "Trang này đã cũ" in page
    assert db.session.scalars(select(Product)).one().farm_id == looked_at.id


def test_a_price_far_from_its_set_asks_first(looked_at, farmer):
    usual = (20_000, 25_000, 30_000, 35_000, 40_000, 28_000)
    trusted(
        make.farm(name="Vườn chè khác", owner=make.person()), name="Chè vườn khác",
        packs=[PackDetails(price, grams=100, name=f"Gói {price}") for price in usual],
    )  # fmt: skip
    odd = service.odd_price(11, PackDetails(50_000_000, grams=500))
    assert odd is not None
    assert "cho gói 500 g?" in str(odd.sentence)
    assert service.odd_price(11, PackDetails(145_000, grams=500)) is None
    assert service.odd_price(None, PackDetails(50_000_000, grams=500)) is None
    form = farmer("/sell/products/new").form("/sell/products/new")
    fields = {**GOOD, "amount": "500", "price_dong": "50000000"}
    page = form.submit(status=422, photos=photo(), **fields)
    assert "Có phải bạn muốn ghi" in page
    page = page.form("/sell/products/new").submit(photos=photo(), **fields, is_sure="y")
    assert page.status == 200
    assert (
        db.session.scalars(select(Product).where(Product.name == GOOD["name"])).one().packs[0].price_dong
        == 50_000_000
    )
    # A slip in the grid or on a pack's own page is asked about too, and nothing is changed before the answer.
    mine = trusted(looked_at, name="Chè nhà", price_dong=30_000)
    (pack,) = mine.packs
    for path, field in (
        ("/sell/products/grid", f"price-{pack.code}"),
        (f"/sell/products/{mine.code}/packs/{pack.code}", "price_dong"),
    ):
        asked = farmer(path).form(path).submit(status=422, **{field: "30tr"})
        assert "Có phải bạn muốn ghi" in asked
        db.session.expire_all()
        assert pack.price_dong < 1_000_000
    asked.form(path).submit(is_sure="y")
    db.session.expire_all()
    assert pack.price_dong == 30_000_000


def test_kinds_are_sets_and_units_that_exist():
    rows = json.loads(kinds.FILE.read_text("utf8"))["kinds"]
    assert len({row["key"] for row in rows}) == len(rows)
    for kind in kinds.kinds():
        assert 1 <= kind.set_no <= 26
        assert kind.unit in {"g", "kg", "ml", "l", "piece"}
        assert Handling(kind.handling)
